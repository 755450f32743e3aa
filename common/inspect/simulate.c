/*
 * simulate.c: the machine of classic BPF as seccomp has it: two registers, 16 words of memory,
 * jumps forward only.
 */
#include "simulate.h"
#include "machine.h"

#include <linux/audit.h>

/* A word of seccomp_data. Of a field of 64 bits the byte order says which half comes first. */
static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
    int high = ((offset & 4) != 0) == ((data->arch & __AUDIT_ARCH_LE) != 0);
    uint64_t field;

    if (offset == offsetof(struct seccomp_data, nr))
        return (uint32_t)data->nr;
    if (offset == offsetof(struct seccomp_data, arch))
        return data->arch;
    if (offset < offsetof(struct seccomp_data, args))
        field = data->instruction_pointer;
    else
        field = data->args[(offset - offsetof(struct seccomp_data, args)) / 8];
    return (uint32_t)(high ? field >> 32 : field);
}

int calculate(uint16_t code, uint32_t a, uint32_t operand, uint32_t *result)
{
    switch (BPF_OP(code)) {
    case BPF_ADD:
        *result = a + operand;
        break;
    case BPF_SUB:
        *result = a - operand;
        break;
    case BPF_MUL:
        *result = a * operand;
        break;
    case BPF_DIV:
        if (operand == 0)
            return -1;
        *result = a / operand;
        break;
    case BPF_OR:
        *result = a | operand;
        break;
    case BPF_AND:
        *result = a & operand;
        break;
    case BPF_XOR:
        *result = a ^ operand;
        break;
    case BPF_LSH:
        *result = a << (operand & 31);
        break;
    case BPF_RSH:
        *result = a >> (operand & 31);
        break;
    default: /* BPF_NEG */
        *result = -a;
    }
    return 0;
}

int condition_holds(uint16_t code, uint32_t a, uint32_t operand)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ:
        return a == operand;
    case BPF_JGT:
        return a > operand;
    case BPF_JGE:
        return a >= operand;
    default: /* BPF_JSET */
        return (a & operand) != 0;
    }
}

/* Executes what loads or stores. */
static void move(struct machine *machine, const struct sock_filter *instruction,
                 const struct seccomp_data *data)
{
    uint32_t k = instruction->k, *to;

    if (instruction->code == BPF_ST) {
        machine->memory[k] = machine->a;
        return;
    }
    if (instruction->code == BPF_STX) {
        machine->memory[k] = machine->x;
        return;
    }
    to = BPF_CLASS(instruction->code) == BPF_LD ? &machine->a : &machine->x;
    switch (BPF_MODE(instruction->code)) {
    case BPF_ABS:
        *to = load(data, k);
        break;
    case BPF_MEM:
        *to = machine->memory[k];
        break;
    case BPF_LEN:
        *to = sizeof(struct seccomp_data);
        break;
    default: /* BPF_IMM */
        *to = k;
    }
}

/* Executes the next instruction; returns 1 when it returned, with the value in machine->a. */
static int execute(struct machine *machine, const struct sock_filter *instruction,
                   const struct seccomp_data *data)
{
    uint32_t operand = BPF_SRC(instruction->code) == BPF_X ? machine->x : instruction->k;

    machine->next++;
    switch (BPF_CLASS(instruction->code)) {
    case BPF_ALU:
        if (calculate(instruction->code, machine->a, operand, &machine->a) == 0)
            return 0;
        machine->a = 0; /* a division by X, which is 0, ends the filter with 0: kill the thread */
        return 1;
    case BPF_JMP:
        if (BPF_OP(instruction->code) == BPF_JA)
            machine->next += instruction->k;
        else if (condition_holds(instruction->code, machine->a, operand))
            machine->next += instruction->jt;
        else
            machine->next += instruction->jf;
        return 0;
    case BPF_MISC:
        if (BPF_MISCOP(instruction->code) == BPF_TAX)
            machine->x = machine->a;
        else
            machine->a = machine->x;
        return 0;
    case BPF_RET:
        if (BPF_RVAL(instruction->code) == BPF_K)
            machine->a = instruction->k;
        return 1;
    default: /* BPF_LD, BPF_LDX, BPF_ST, BPF_STX */
        move(machine, instruction, data);
        return 0;
    }
}

uint32_t simulate(const struct filter *filter, const struct seccomp_data *data, observer *observe,
                  void *context, unsigned int *executed)
{
    struct machine machine = {0};
    unsigned int index, count = 0;
    int returned;

    do {
        index = machine.next;
        returned = execute(&machine, &filter->code[index], data);
        count++;
        if (observe != NULL)
            observe(context, index, &machine);
    } while (!returned);
    if (executed != NULL)
        *executed = count;
    return machine.a;
}

uint32_t simulate_all(const struct filter *newest, const struct seccomp_data *data)
{
    uint32_t verdict = simulate(newest, data, NULL, NULL, NULL);

    for (const struct filter *filter = newest->older; filter != NULL; filter = filter->older) {
        uint32_t value = simulate(filter, data, NULL, NULL, NULL);

        if (outranks(value, verdict))
            verdict = value;
    }
    return verdict;
}
