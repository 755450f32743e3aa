/*
 * filter.c: reads filters from files, and says what the kernel would have against one.
 */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

struct filter *filter_make(const struct sock_filter *code, unsigned int length)
{
    struct filter *filter = calloc(1, sizeof(*filter) + length * sizeof(code[0]));

    if (filter == NULL)
        return NULL;
    filter->number = 1;
    filter->process = 1;
    filter->length = length;
    memcpy(filter->code, code, length * sizeof(code[0]));
    return filter;
}

/* Turns the instructions to the other byte order, in which other machines have them. */
static void swap_bytes(struct filter *filter)
{
    for (unsigned int i = 0; i < filter->length; i++) {
        struct sock_filter *instruction = &filter->code[i];

        instruction->code = (uint16_t)(instruction->code << 8 | instruction->code >> 8);
        instruction->k = instruction->k << 24 | (instruction->k & 0xff00) << 8 |
                         (instruction->k >> 8 & 0xff00) | instruction->k >> 24;
    }
}

struct filter *filter_read(FILE *stream, const char **why)
{
    static struct sock_filter code[BPF_MAXINSNS + 1];
    size_t size = fread(code, 1, sizeof(code), stream);
    struct filter *filter;
    unsigned int index;

    *why = NULL;
    if (ferror(stream))
        *why = "it can't be read";
    else if (size == 0)
        *why = "it is empty; seccomp-inspect show --format=raw PROGRAM prints a filter's bytes";
    else if (size > BPF_MAXINSNS * sizeof(code[0]))
        *why = "it is longer than 4096 instructions of 8 bytes, more than the kernel accepts";
    else if (size % sizeof(code[0]) != 0)
        *why = "its size is no multiple of 8 bytes, so these are not the raw bytes of instructions";
    if (*why != NULL)
        return NULL;
    filter = filter_make(code, (unsigned int)(size / sizeof(code[0])));
    if (filter == NULL) {
        *why = "there is no memory";
    } else if (filter_check(filter, &index) != NULL) {
        swap_bytes(filter);
        if (filter_check(filter, &index) != NULL)
            swap_bytes(filter);
    }
    return filter;
}

/* What is wrong with an instruction in itself, wherever it stands. */
static const char *check_instruction(const struct sock_filter *instruction)
{
    switch (instruction->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        if (instruction->k >= sizeof(struct seccomp_data) || instruction->k % 4 != 0)
            return "loads from an offset that is not 0, 4, 8 ... 60, the words of seccomp_data";
        return NULL;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
        if (instruction->k >= SCRATCH_WORDS)
            return "uses scratch memory beyond M[15]";
        return NULL;
    case BPF_ALU | BPF_DIV | BPF_K:
        return instruction->k == 0 ? "divides by 0" : NULL;
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K:
        return instruction->k >= 32 ? "shifts by more than 31 bits" : NULL;
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_ALU | BPF_ADD | BPF_K:
    case BPF_ALU | BPF_ADD | BPF_X:
    case BPF_ALU | BPF_SUB | BPF_K:
    case BPF_ALU | BPF_SUB | BPF_X:
    case BPF_ALU | BPF_MUL | BPF_K:
    case BPF_ALU | BPF_MUL | BPF_X:
    case BPF_ALU | BPF_DIV | BPF_X:
    case BPF_ALU | BPF_AND | BPF_K:
    case BPF_ALU | BPF_AND | BPF_X:
    case BPF_ALU | BPF_OR | BPF_K:
    case BPF_ALU | BPF_OR | BPF_X:
    case BPF_ALU | BPF_XOR | BPF_K:
    case BPF_ALU | BPF_XOR | BPF_X:
    case BPF_ALU | BPF_LSH | BPF_X:
    case BPF_ALU | BPF_RSH | BPF_X:
    case BPF_ALU | BPF_NEG:
    case BPF_JMP | BPF_JA:
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X:
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
        return NULL;
    default:
        return "has a code that no instruction of seccomp has";
    }
}

/* Whether a jump stays inside: there are only jumps forward, and none of them ends the filter. */
static int jumps_out(const struct filter *filter, unsigned int index)
{
    const struct sock_filter *instruction = &filter->code[index];
    unsigned int room = filter->length - index - 1;

    if (BPF_CLASS(instruction->code) != BPF_JMP)
        return 0;
    if (BPF_OP(instruction->code) == BPF_JA)
        return instruction->k >= room;
    return instruction->jt >= room || instruction->jf >= room;
}

/*
 * Finds a load from scratch memory that some way there has not stored to; returns its index, or the
 * filter's length. To the kernel even a return goes on to the next instruction here.
 */
static unsigned int find_unwritten_load(const struct filter *filter)
{
    uint16_t written_at[BPF_MAXINSNS]; /* on every way there; bit n is M[n] */
    uint16_t written = 0;

    memset(written_at, 0xff, sizeof(written_at));
    for (unsigned int i = 0; i < filter->length; i++) {
        const struct sock_filter *instruction = &filter->code[i];
        uint16_t bit = (uint16_t)(1U << (instruction->k % SCRATCH_WORDS));

        written &= written_at[i];
        if (instruction->code == BPF_ST || instruction->code == BPF_STX) {
            written |= bit;
        } else if (instruction->code == (BPF_LD | BPF_MEM) ||
                   instruction->code == (BPF_LDX | BPF_MEM)) {
            if (!(written & bit))
                return i;
        } else if (instruction->code == (BPF_JMP | BPF_JA)) {
            written_at[i + 1 + instruction->k] &= written;
            written = 0xffff;
        } else if (BPF_CLASS(instruction->code) == BPF_JMP) {
            written_at[i + 1 + instruction->jt] &= written;
            written_at[i + 1 + instruction->jf] &= written;
            written = 0xffff;
        }
    }
    return filter->length;
}

const char *filter_check(const struct filter *filter, unsigned int *index)
{
    *index = 0;
    if (filter->length == 0 || filter->length > BPF_MAXINSNS)
        return "a filter has 1 to 4096 instructions";
    for (unsigned int i = 0; i < filter->length; i++) {
        const char *reason = check_instruction(&filter->code[i]);

        if (reason == NULL && jumps_out(filter, i))
            reason = "jumps out of the filter";
        if (reason != NULL) {
            *index = i;
            return reason;
        }
    }
    *index = filter->length - 1;
    if (BPF_CLASS(filter->code[*index].code) != BPF_RET)
        return "is the last one, and no return";
    *index = find_unwritten_load(filter);
    if (*index < filter->length)
        return "reads scratch memory that nothing may have written before";
    return NULL;
}

int filters_add(struct filters *filters, struct filter *filter)
{
    size_t size = ((size_t)filters->count + 1) * sizeof(struct filter *);
    struct filter **item = realloc(filters->item, size);

    if (item == NULL)
        return -1;
    item[filters->count++] = filter;
    filters->item = item;
    filter->number = filters->count;
    return 0;
}

void filters_free(struct filters *filters)
{
    for (int i = 0; i < filters->count; i++)
        free(filters->item[i]);
    free(filters->item);
    filters->item = NULL;
    filters->count = 0;
}
