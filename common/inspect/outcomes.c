/*
 * outcomes.c: return values and their order, and which of them a filter has in store for a call.
 */
#include "machine.h"
#include "simulate.h"

/* For REPORTER_EMULATED alone; this is no program with a reporter in it, and needs no warning. */
#define SYSCALL_REPORTER_SOURCE
#include "syscall-reporter.h"

#include <stdlib.h>
#include <string.h>

#ifndef SECCOMP_RET_ACTION_FULL
#define SECCOMP_RET_ACTION_FULL 0xffff0000U
#endif

uint32_t action_of(uint32_t value)
{
    return value & SECCOMP_RET_ACTION_FULL;
}

int outranks(uint32_t value, uint32_t other)
{
    return (int32_t)action_of(value) < (int32_t)action_of(other);
}

int lets_through(uint32_t value)
{
    switch (action_of(value)) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
    case SECCOMP_RET_USER_NOTIF:
        return 1;
    case SECCOMP_RET_TRAP:
        return (value & SECCOMP_RET_DATA) == REPORTER_EMULATED;
    default:
        return 0;
    }
}

/* A register or word that holds a known value or, depending on arguments, an unknown one. */
struct word {
    uint32_t value;
    int known;
};

/* What is known before an instruction, on all ways there. */
struct state {
    int reached;
    struct word a, x, memory[SCRATCH_WORDS];
};

static void merge_word(struct word *word, const struct word *other)
{
    if (!other->known || word->value != other->value)
        word->known = 0;
}

static void flow_to(struct state *target, const struct state *state)
{
    if (!target->reached) {
        *target = *state;
        return;
    }
    merge_word(&target->a, &state->a);
    merge_word(&target->x, &state->x);
    for (int i = 0; i < SCRATCH_WORDS; i++)
        merge_word(&target->memory[i], &state->memory[i]);
}

/* Keeps a value in order of severity, each value once. */
static void add_outcome(struct outcomes *outcomes, uint32_t value)
{
    int place = 0;

    for (int i = 0; i < outcomes->count; i++)
        if (outcomes->value[i] == value)
            return;
    if (outcomes->count == OUTCOMES_MAX) {
        outcomes->any = 1;
        return;
    }
    while (place < outcomes->count && !outranks(value, outcomes->value[place]))
        place++;
    memmove(&outcomes->value[place + 1], &outcomes->value[place],
            (size_t)(outcomes->count - place) * sizeof(uint32_t));
    outcomes->value[place] = value;
    outcomes->count++;
}

static void add_word(struct outcomes *outcomes, struct word word)
{
    if (word.known)
        add_outcome(outcomes, word.value);
    else
        outcomes->any = 1;
}

static struct word load(uint32_t offset, uint32_t audit_arch, uint32_t number)
{
    if (offset == offsetof(struct seccomp_data, nr))
        return (struct word){number, 1};
    if (offset == offsetof(struct seccomp_data, arch))
        return (struct word){audit_arch, 1};
    return (struct word){0, 0};
}

/* The effect of a load, store or copy; a load from seccomp_data is given as loaded. */
static void move(struct state *state, const struct sock_filter *instruction, struct word loaded)
{
    uint32_t k = instruction->k;
    struct word *to = BPF_CLASS(instruction->code) == BPF_LD ? &state->a : &state->x;

    switch (instruction->code) {
    case BPF_ST:
        state->memory[k] = state->a;
        break;
    case BPF_STX:
        state->memory[k] = state->x;
        break;
    case BPF_MISC | BPF_TAX:
        state->x = state->a;
        break;
    case BPF_MISC | BPF_TXA:
        state->a = state->x;
        break;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
        *to = state->memory[k];
        break;
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
        *to = (struct word){k, 1};
        break;
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
        *to = (struct word){sizeof(struct seccomp_data), 1};
        break;
    default: /* BPF_LD | BPF_W | BPF_ABS */
        *to = loaded;
    }
}

/* The effect of a calculation on what is known; returns 1 if it is sure to end the filter. */
static int compute(struct state *state, uint16_t code, struct word operand,
                   struct outcomes *outcomes)
{
    int divides_by_x = BPF_OP(code) == BPF_DIV && BPF_SRC(code) == BPF_X;

    if (divides_by_x && (!operand.known || operand.value == 0))
        add_outcome(outcomes, 0);
    if (divides_by_x && operand.known && operand.value == 0)
        return 1;
    if (BPF_OP(code) == BPF_NEG)
        operand.known = 1;
    state->a.known = state->a.known && operand.known;
    if (state->a.known)
        calculate(code, state->a.value, operand.value, &state->a.value);
    return 0;
}

/* Follows one instruction from states[index], to the states after it or to an outcome. */
static void follow(struct state *states, unsigned int index, const struct sock_filter *instruction,
                   struct word loaded, struct outcomes *outcomes)
{
    struct state *state = &states[index], after = *state;
    uint16_t code = instruction->code;
    struct word k = {instruction->k, 1};
    struct word operand = BPF_SRC(code) == BPF_X ? state->x : k;
    int sure = state->a.known && operand.known, holds;

    switch (BPF_CLASS(code)) {
    case BPF_RET:
        add_word(outcomes, BPF_RVAL(code) == BPF_K ? k : state->a);
        break;
    case BPF_JMP:
        if (BPF_OP(code) == BPF_JA) {
            flow_to(&states[index + 1 + instruction->k], state);
            break;
        }
        holds = condition_holds(code, state->a.value, operand.value);
        if (!sure || holds)
            flow_to(&states[index + 1 + instruction->jt], state);
        if (!sure || !holds)
            flow_to(&states[index + 1 + instruction->jf], state);
        break;
    case BPF_ALU:
        if (compute(&after, code, operand, outcomes) == 0)
            flow_to(&states[index + 1], &after);
        break;
    default:
        move(&after, instruction, loaded);
        flow_to(&states[index + 1], &after);
    }
}

static void outcomes_of_one(const struct filter *filter, struct state *states, uint32_t audit_arch,
                            uint32_t number, struct outcomes *outcomes)
{
    memset(states, 0, filter->length * sizeof(states[0]));
    memset(outcomes, 0, sizeof(*outcomes));
    states[0].reached = 1;
    states[0].a.known = states[0].x.known = 1; /* the kernel starts both at 0 */
    for (unsigned int i = 0; i < filter->length; i++)
        if (states[i].reached)
            follow(states, i, &filter->code[i], load(filter->code[i].k, audit_arch, number),
                   outcomes);
}

/* What two filters, the newer one first, say together. */
static void combine(struct outcomes *newer, const struct outcomes *older)
{
    struct outcomes both = {.any = newer->any || older->any};

    for (int i = 0; i < newer->count; i++)
        for (int j = 0; j < older->count; j++)
            add_outcome(&both, outranks(older->value[j], newer->value[i]) ? older->value[j]
                                                                          : newer->value[i]);
    *newer = both;
}

int find_outcomes(const struct filter *newest, uint32_t audit_arch, uint32_t number,
                  struct outcomes *outcomes)
{
    struct state *states = malloc((BPF_MAXINSNS + 1) * sizeof(*states));
    struct outcomes older;

    if (states == NULL)
        return -1;
    outcomes_of_one(newest, states, audit_arch, number, outcomes);
    for (const struct filter *filter = newest->older; filter != NULL; filter = filter->older) {
        outcomes_of_one(filter, states, audit_arch, number, &older);
        combine(outcomes, &older);
    }
    free(states);
    return 0;
}
