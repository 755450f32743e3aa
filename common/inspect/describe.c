/*
 * describe.c: turns instructions into words, with names where a number is known to be one.
 */
#include "describe.h"
#include "names.h"
#include "seccomp-bpf.h"

#include <string.h>

#define ARCH_FIELD ((int)offsetof(struct seccomp_data, arch))
#define NUMBER_FIELD ((int)offsetof(struct seccomp_data, nr))

static void flow_to(struct context *target, const struct context *context)
{
    if (!target->reached) {
        *target = *context;
        return;
    }
    if (target->audit_arch != context->audit_arch)
        target->audit_arch = 0;
    if (target->field != context->field)
        target->field = NO_FIELD;
}

/* Where the flow goes after a conditional jump: a test for an architecture teaches which one. */
static void branch(const struct filter *filter, struct context *contexts, unsigned int index)
{
    const struct sock_filter *instruction = &filter->code[index];
    struct context yes = contexts[index];

    if (yes.field == ARCH_FIELD && instruction->code == (BPF_JMP | BPF_JEQ | BPF_K))
        yes.audit_arch = instruction->k;
    flow_to(&contexts[index + 1 + instruction->jt], &yes);
    flow_to(&contexts[index + 1 + instruction->jf], &contexts[index]);
}

void find_contexts(const struct filter *filter, struct context *contexts)
{
    memset(contexts, 0, filter->length * sizeof(contexts[0]));
    contexts[0].reached = 1;
    contexts[0].field = NO_FIELD;
    for (unsigned int i = 0; i < filter->length; i++) {
        const struct sock_filter *instruction = &filter->code[i];
        struct context after = contexts[i];

        if (!after.reached || BPF_CLASS(instruction->code) == BPF_RET)
            continue;
        switch (BPF_CLASS(instruction->code)) {
        case BPF_JMP:
            if (BPF_OP(instruction->code) == BPF_JA)
                flow_to(&contexts[i + 1 + instruction->k], &after);
            else
                branch(filter, contexts, i);
            continue;
        case BPF_LD:
        case BPF_ALU:
            after.field = NO_FIELD;
            if (instruction->code == (BPF_LD | BPF_W | BPF_ABS))
                after.field = (int)instruction->k;
            break;
        case BPF_MISC:
            if (BPF_MISCOP(instruction->code) == BPF_TXA)
                after.field = NO_FIELD;
            break;
        default:
            break;
        }
        flow_to(&contexts[i + 1], &after);
    }
}

uint32_t guess_audit_arch(const struct filter *filter)
{
    struct context contexts[BPF_MAXINSNS];

    find_contexts(filter, contexts);
    for (unsigned int i = 0; i < filter->length; i++)
        if (contexts[i].reached && contexts[i].field == ARCH_FIELD &&
            filter->code[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
            abi_of(filter->code[i].k, 0) != NULL)
            return filter->code[i].k;
    return SECCOMP_AUDIT_ARCH;
}

/* A number as people read it: small ones decimal, others hexadecimal. */
static const char *plain(uint32_t value, char text[MEANING_SIZE])
{
    snprintf(text, MEANING_SIZE, value < 10 ? "%u" : "%#x", value);
    return text;
}

/* What the accumulator is compared with, by name if it has one. */
static const char *operand_words(const struct filter *filter, const struct sock_filter *instruction,
                                 const struct context *context, char text[MEANING_SIZE])
{
    uint32_t k = instruction->k;
    uint32_t audit_arch = context->audit_arch != 0 ? context->audit_arch : filter->audit_arch;
    const struct abi *abi;
    const char *name = NULL;

    if (BPF_SRC(instruction->code) == BPF_X)
        return "X";
    if (BPF_OP(instruction->code) == BPF_JSET)
        snprintf(text, MEANING_SIZE, "%#x", k);
    else if (context->field == ARCH_FIELD && (abi = abi_of(k, 0)) != NULL)
        return abi->name;
    else if (context->field == NUMBER_FIELD && BPF_OP(instruction->code) == BPF_JEQ)
        name = call_name(abi_of(audit_arch, k), k);
    else
        return plain(k, text);
    if (name != NULL)
        snprintf(text, MEANING_SIZE, "%s (%u)", name, k);
    else if (context->field == NUMBER_FIELD)
        snprintf(text, MEANING_SIZE, k < X32_BIT ? "%u" : "%#x", k);
    return text;
}

static void describe_jump(const struct filter *filter, unsigned int index,
                          const struct context *context, char text[MEANING_SIZE])
{
    static const char *const signs[] = {"", "==", ">", ">=", "&"};
    const struct sock_filter *instruction = &filter->code[index];
    char operand[MEANING_SIZE];

    if (BPF_OP(instruction->code) == BPF_JA)
        snprintf(text, MEANING_SIZE, "go to %u", index + 1 + instruction->k);
    else
        snprintf(text, MEANING_SIZE, "A %s %.60s?  yes: %u  no: %u",
                 signs[BPF_OP(instruction->code) >> 4],
                 operand_words(filter, instruction, context, operand), index + 1 + instruction->jt,
                 index + 1 + instruction->jf);
}

static void describe_alu(const struct sock_filter *instruction, char text[MEANING_SIZE])
{
    static const char *const signs[] = {
        "+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "", "", "^="};
    char operand[MEANING_SIZE] = "X";

    if (BPF_OP(instruction->code) == BPF_NEG) {
        snprintf(text, MEANING_SIZE, "A = -A");
        return;
    }
    if (BPF_SRC(instruction->code) == BPF_K)
        plain(instruction->k, operand);
    snprintf(text, MEANING_SIZE, "A %s %.20s", signs[BPF_OP(instruction->code) >> 4], operand);
}

static void describe_load(const struct filter *filter, const struct sock_filter *instruction,
                          const struct context *context, char text[MEANING_SIZE])
{
    uint32_t audit_arch = context->audit_arch != 0 ? context->audit_arch : filter->audit_arch;
    char what[MEANING_SIZE], field[FIELD_SIZE];
    const char *words = what;

    switch (BPF_MODE(instruction->code)) {
    case BPF_ABS:
        words = field_words(instruction->k, audit_arch, field);
        break;
    case BPF_MEM:
        snprintf(what, sizeof(what), "M[%u]", instruction->k);
        break;
    case BPF_LEN:
        words = "64 (the size of seccomp_data)";
        break;
    default:
        plain(instruction->k, what);
    }
    snprintf(text, MEANING_SIZE, "%c = %.60s", BPF_CLASS(instruction->code) == BPF_LD ? 'A' : 'X',
             words);
}

const char *describe(const struct filter *filter, unsigned int index, const struct context *context,
                     char text[MEANING_SIZE])
{
    const struct sock_filter *instruction = &filter->code[index];
    char action[ACTION_SIZE];

    switch (BPF_CLASS(instruction->code)) {
    case BPF_LD:
    case BPF_LDX:
        describe_load(filter, instruction, context, text);
        break;
    case BPF_ST:
    case BPF_STX:
        snprintf(text, MEANING_SIZE, "M[%u] = %c", instruction->k,
                 BPF_CLASS(instruction->code) == BPF_ST ? 'A' : 'X');
        break;
    case BPF_ALU:
        describe_alu(instruction, text);
        break;
    case BPF_JMP:
        describe_jump(filter, index, context, text);
        break;
    case BPF_RET:
        if (BPF_RVAL(instruction->code) == BPF_A)
            return "return A";
        snprintf(text, MEANING_SIZE, "return: %s", action_words(instruction->k, action));
        break;
    default: /* BPF_MISC */
        return BPF_MISCOP(instruction->code) == BPF_TAX ? "X = A" : "A = X";
    }
    return text;
}
