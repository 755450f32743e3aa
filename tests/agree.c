/*
 * agree.c: makes filters at random, and compares what the kernel and the inspector think of them.
 *
 * agree SEED COUNT. First whether each filter is accepted at all, then what it returns for calls
 * with random arguments. All returns but the one that ends the child are errnos, so that the kernel
 * tells the value: what is in the accumulator comes out twelve bits at a time.
 */
#define _GNU_SOURCE
#include "seccomp-bpf.h"
#include "simulate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK 0x0dd
#define LENGTH_MAX 60
#define CALLS 24
#define PENDING (-1)

static const uint16_t codes[] = {
    BPF_LD | BPF_W | BPF_ABS,
    BPF_LD | BPF_W | BPF_ABS,
    BPF_LD | BPF_W | BPF_ABS,
    BPF_LD | BPF_W | BPF_LEN,
    BPF_LDX | BPF_W | BPF_LEN,
    BPF_LD | BPF_IMM,
    BPF_LDX | BPF_IMM,
    BPF_MISC | BPF_TAX,
    BPF_MISC | BPF_TXA,
    BPF_LD | BPF_MEM,
    BPF_LDX | BPF_MEM,
    BPF_ST,
    BPF_STX,
    BPF_ALU | BPF_ADD | BPF_K,
    BPF_ALU | BPF_ADD | BPF_X,
    BPF_ALU | BPF_SUB | BPF_K,
    BPF_ALU | BPF_SUB | BPF_X,
    BPF_ALU | BPF_MUL | BPF_K,
    BPF_ALU | BPF_MUL | BPF_X,
    BPF_ALU | BPF_DIV | BPF_K,
    BPF_ALU | BPF_DIV | BPF_X,
    BPF_ALU | BPF_AND | BPF_K,
    BPF_ALU | BPF_AND | BPF_X,
    BPF_ALU | BPF_OR | BPF_K,
    BPF_ALU | BPF_OR | BPF_X,
    BPF_ALU | BPF_XOR | BPF_K,
    BPF_ALU | BPF_XOR | BPF_X,
    BPF_ALU | BPF_LSH | BPF_K,
    BPF_ALU | BPF_LSH | BPF_X,
    BPF_ALU | BPF_RSH | BPF_K,
    BPF_ALU | BPF_RSH | BPF_X,
    BPF_ALU | BPF_NEG,
    BPF_JMP | BPF_JA,
    BPF_JMP | BPF_JEQ | BPF_K,
    BPF_JMP | BPF_JEQ | BPF_X,
    BPF_JMP | BPF_JGE | BPF_K,
    BPF_JMP | BPF_JGE | BPF_X,
    BPF_JMP | BPF_JGT | BPF_K,
    BPF_JMP | BPF_JGT | BPF_X,
    BPF_JMP | BPF_JSET | BPF_K,
    BPF_JMP | BPF_JSET | BPF_X,
    BPF_RET | BPF_K,
};

/* What a child found out, in memory that it shares. */
struct report {
    int installed;
    int install_errno;
    int result[CALLS]; /* the errno, or PENDING: it did not come back from that call */
};

static uint64_t state;

/* A small generator of random numbers, the same everywhere (xorshift64*). */
static uint32_t pick(uint32_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 2685821657736338717ULL) >> 33) % below;
}

/* A value as filters have them: small, one bit, at an edge, or anything. */
static uint32_t pick_value(void)
{
    switch (pick(4)) {
    case 0:
        return pick(40);
    case 1:
        return 1U << pick(32);
    case 2:
        return UINT32_MAX - pick(3);
    default:
        return pick(0x7fffffff) * 2 + pick(2);
    }
}

/* An instruction that is right most of the time; left is how many come after it. */
static struct sock_filter pick_instruction(unsigned int left)
{
    struct sock_filter instruction = {0};
    int wrong = pick(400) == 0;

    instruction.code =
        wrong ? (uint16_t)pick(0x200) : codes[pick(sizeof(codes) / sizeof(codes[0]))];
    instruction.k = pick_value();
    if (BPF_CLASS(instruction.code) == BPF_JMP) {
        instruction.jt = (uint8_t)pick(left > 0 && pick(300) != 0 ? left : 256);
        instruction.jf = (uint8_t)pick(left > 0 && pick(300) != 0 ? left : 256);
        if (instruction.code == (BPF_JMP | BPF_JA))
            instruction.k = instruction.jt;
    } else if (instruction.code == (BPF_LD | BPF_W | BPF_ABS)) {
        instruction.k = pick(300) == 0 ? pick(80) : 4 * pick(16);
    } else if (BPF_MODE(instruction.code) == BPF_MEM || BPF_CLASS(instruction.code) == BPF_ST ||
               BPF_CLASS(instruction.code) == BPF_STX) {
        instruction.k = pick(500) == 0 ? 16 : pick(3);
    } else if (BPF_CLASS(instruction.code) == BPF_ALU && pick(20) != 0) {
        if (BPF_OP(instruction.code) == BPF_LSH || BPF_OP(instruction.code) == BPF_RSH)
            instruction.k %= 32;
        else if (BPF_OP(instruction.code) == BPF_DIV && instruction.k == 0)
            instruction.k = 3;
    }
    if (BPF_CLASS(instruction.code) == BPF_RET)
        instruction.k = SECCOMP_RET_ERRNO | pick(4096);
    return instruction;
}

/* The child's way out first, then stores, anything, and at last a piece of the accumulator. */
static struct filter *make_filter(void)
{
    struct sock_filter code[LENGTH_MAX + 10] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offsetof(struct seccomp_data, args[5])) +
                                               (SECCOMP_AUDIT_ARCH & __AUDIT_ARCH_LE ? 0 : 4)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK, 0, 1),
        KILL_PROCESS,
        BPF_STMT(BPF_ST, 0),
        BPF_STMT(BPF_STX, 1),
    };
    struct sock_filter end[] = {
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 10 * pick(3)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    unsigned int length = 5, random = pick(LENGTH_MAX);

    for (unsigned int i = 0; i < random; i++)
        code[length++] = pick_instruction(random - i);
    memcpy(code + length, end, sizeof(end));
    return filter_make(code, length + sizeof(end) / sizeof(end[0]));
}

/* In the child: installs the filter, makes the calls, and ends by one that the filter kills. */
static void try_filter(const struct filter *filter, uint64_t args[CALLS][6], struct report *report)
{
    struct sock_fprog program = {(unsigned short)filter->length,
                                 (struct sock_filter *)filter->code};
    struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        report->install_errno = errno;
        _exit(0);
    }
    report->installed = 1;
    for (int i = 0; i < CALLS; i++) {
        long result = syscall(__NR_getppid, (long)args[i][0], (long)args[i][1], (long)args[i][2],
                              (long)args[i][3], (long)args[i][4], 0L);

        report->result[i] = result == -1 ? errno : (int)result;
    }
    for (;;)
        syscall(__NR_exit_group, 0L, 0L, 0L, 0L, 0L, (long)MARK);
}

/* Compares the kernel's report with the inspector's opinion; returns how often they disagree. */
static int compare(const struct filter *filter, uint64_t args[CALLS][6],
                   const struct report *report)
{
    unsigned int index;
    const char *reason = filter_check(filter, &index);
    int wrong = 0;

    if (report->installed != (reason == NULL)) {
        printf("the kernel: %s, the inspector: %s, at %u\n",
               report->installed ? "installed" : strerror(report->install_errno),
               reason != NULL ? reason : "accepted", index);
        return 1;
    }
    for (int i = 0; report->installed && i < CALLS; i++) {
        struct seccomp_data data = {.nr = __NR_getppid, .arch = SECCOMP_AUDIT_ARCH};
        uint32_t value;

        memcpy(data.args, args[i], sizeof(data.args));
        value = simulate(filter, &data, NULL, NULL, NULL);
        if (report->result[i] == PENDING
                ? value == 0
                : value == (SECCOMP_RET_ERRNO | (uint32_t)report->result[i])) {
            if (report->result[i] == PENDING)
                break;
            continue;
        }
        printf("call %d: the kernel: %d, the inspector: %#x\n", i, report->result[i], value);
        wrong++;
    }
    return wrong;
}

/* No filter that reads the instruction pointer is compared: it can't be known here. */
static int reads_pointer(const struct filter *filter)
{
    for (unsigned int i = 0; i < filter->length; i++)
        if (filter->code[i].code == (BPF_LD | BPF_W | BPF_ABS) && filter->code[i].k / 8 == 1)
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    struct report *report =
        mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int count = argc == 3 ? atoi(argv[2]) : 0, accepted = 0, killed = 0, wrong = 0;
    uint64_t args[CALLS][6];

    if (count == 0 || report == MAP_FAILED) {
        fprintf(stderr, "usage: agree SEED COUNT\n");
        return 2;
    }
    state = strtoull(argv[1], NULL, 0) * 2 + 1;
    for (int i = 0; i < count; i++) {
        struct filter *filter = make_filter();

        memset(report, 0, sizeof(*report));
        for (int j = 0; j < CALLS; j++) {
            report->result[j] = PENDING;
            for (int k = 0; k < 6; k++)
                args[j][k] =
                    k == 5 ? 0 : (unsigned long)((uint64_t)pick_value() << 32 | pick_value());
        }
        if (filter == NULL)
            return 2;
        if (!reads_pointer(filter)) {
            if (fork() == 0)
                try_filter(filter, args, report);
            wait(NULL);
            accepted += report->installed;
            killed += report->installed && report->result[CALLS - 1] == PENDING;
            wrong += compare(filter, args, report);
        }
        free(filter);
    }
    printf("%d filters: %d accepted, %d of them divide by 0; %d disagreements\n", count, accepted,
           killed, wrong);
    return wrong != 0;
}
