/*
 * verdicts.c: asks the kernel what a stage's filter says to every system call, and compares.
 *
 * verdicts NAME... runs the filter of EXAMPLE, a stage's example.c, on the numbers 0 to 1023 and on
 * edge numbers, through every ABI of the machine. The calls named, and no others, must be allowed.
 *
 * The refusing returns of the filter become traps; a second filter on top answers each call with
 * an errno of its own. A trap outranks that: a refused call traps, an allowed one does nothing.
 * (The second filter is installed first; it lets the call through that installs the other one.) The
 * kernel's own exemptions can't be tried: rt_sigreturn, which ends the trap's handler, and on
 * x86_64 uretprobe (335) and uprobe (336), which kernels since 6.14 never show to a filter.
 */
#define _GNU_SOURCE
#define main example_main
#define prctl capture_prctl
#include EXAMPLE // NOLINT(bugprone-suspicious-include)
#undef main
#undef prctl

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>

int prctl(int option, ...);
int install_syscall_reporter(void);

#define ANSWER 999 /* an errno that no call returns */
#define X32_SYSCALL_BIT 0x40000000
#define MARK 0x5eed5eed /* on the one call that the second filter must let through: see below */

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif

enum verdict { UNTRIED, ALLOWED, REFUSED, STRANGE };

static const struct {
    int number;
    const char *name;
} names[] = {
#include "syscall-names.h"
};

static int edge_numbers[] = {-1, 1024, 4096, 0x0fffffff, 0x3fffffff, 0x7fffffff, (int)0x80000000};

#define SEQUENCE 1024
#define EDGES ((int)(sizeof(edge_numbers) / sizeof(edge_numbers[0])))
#define NUMBERS (SEQUENCE + EDGES)

static struct sock_filter captured[4096];
static struct sock_fprog captured_program = {0, captured};
static volatile int trapped, emulated;

/* Stands in for prctl in the stage: keeps the filter instead of installing it. */
int capture_prctl(int option, ...)
{
    struct sock_fprog *program;
    va_list arguments;

    if (option != PR_SET_SECCOMP)
        return 0;
    va_start(arguments, option);
    va_arg(arguments, int); // NOLINT(clang-analyzer-valist.Uninitialized): it is initialized
    program = va_arg(arguments, struct sock_fprog *);
    va_end(arguments);
    captured_program.len = program->len;
    memcpy(captured, program->filter, program->len * sizeof(captured[0]));
    return 0;
}

/* Stands in for the reporter in step 3. */
int install_syscall_reporter(void)
{
    return 0;
}

static void note_trap(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    trapped = 1;
    emulated = info->si_errno != 0;
    SYSCALL_SET_RESULT(SYSCALL_REGISTERS((ucontext_t *)context), 0);
}

static void install_filters(void)
{
    struct sock_filter answer[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_AUDIT_ARCH, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_rt_sigreturn, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4]) + LOW_HALF),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ANSWER),
    };
    struct sock_fprog answer_program = {sizeof(answer) / sizeof(answer[0]), answer};
    struct sigaction action = {0};

    for (int i = 0; i < captured_program.len; i++) {
        struct sock_filter *instruction = &captured[i];

        if (instruction->code == (BPF_RET | BPF_K) && instruction->k != SECCOMP_RET_ALLOW &&
            (instruction->k & 0x7fff0000) != SECCOMP_RET_TRAP)
            instruction->k = SECCOMP_RET_TRAP;
    }
    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = note_trap;
    if (sigaction(SIGSYS, &action, NULL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &answer_program) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &captured_program, 0L, (long)MARK) != 0) {
        perror("verdicts: installing filters");
        _exit(2);
    }
}

static long call_native(int number)
{
    return syscall(number, -1L, -1L, -1L, -1L, -1L, 0L) == -1 ? -errno : 0;
}

#ifdef __x86_64__
static long call_x32(int number)
{
    return call_native(number | X32_SYSCALL_BIT);
}

static long call_i386(int number)
{
    long result = number;

    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"(-1L), "c"(-1L), "d"(-1L), "S"(-1L), "D"(-1L)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}
#endif

static const struct abi {
    const char *name;
    long (*call)(int number);
} abis[] = {
    {"native", call_native},
#ifdef __x86_64__
    {"x32", call_x32},
    {"i386", call_i386},
#endif
};

#define ABIS ((int)(sizeof(abis) / sizeof(abis[0])))

typedef unsigned char verdicts_table[ABIS][NUMBERS];

static int number_at(int i)
{
    return i < SEQUENCE ? i : edge_numbers[i - SEQUENCE];
}

static int exempt(int abi, int number)
{
#ifdef __x86_64__
    if (abi != 2 && (number == 335 || number == 336))
        return 1;
#endif
    return abi == 0 && number == __NR_rt_sigreturn;
}

/* Runs in a child, which ends by a trap instruction: by then no system call is left to it. */
static void try_all(verdicts_table verdicts)
{
    install_filters();
    for (int abi = 0; abi < ABIS; abi++)
        for (int i = 0; i < NUMBERS; i++) {
            long result;

            if (exempt(abi, number_at(i)))
                continue;
            trapped = emulated = 0;
            result = abis[abi].call(number_at(i));
            verdicts[abi][i] = trapped             ? (emulated ? ALLOWED : REFUSED)
                               : result == -ANSWER ? ALLOWED
                                                   : STRANGE;
        }
    __builtin_trap();
}

static int number_of(const char *name)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].number;
    return -2;
}

static int listed(int abi, int number, char **allowlist)
{
    for (; abi == 0 && *allowlist != NULL; allowlist++)
        if (number_of(*allowlist) == number)
            return 1;
    return 0;
}

/* Prints what is not as the list says; returns how much that is. */
static int compare(verdicts_table verdicts, int abi, char **allowlist)
{
    static const char *const words[] = {"not tried", "allowed", "refused", "answered strangely"};
    int tried = 0, allowed = 0, wrong = 0;

    for (int i = 0; i < NUMBERS; i++) {
        enum verdict verdict = verdicts[abi][i];

        if (exempt(abi, number_at(i)))
            continue;
        tried++;
        allowed += verdict == ALLOWED;
        if (verdict == (listed(abi, number_at(i), allowlist) ? ALLOWED : REFUSED))
            continue;
        wrong++;
        printf("%s %d: %s\n", abis[abi].name, number_at(i), words[verdict]);
    }
    printf("%s: %d tried, %d allowed, %d not as listed\n", abis[abi].name, tried, allowed, wrong);
    return wrong;
}

int main(int argc, char **argv)
{
    verdicts_table *verdicts =
        mmap(NULL, sizeof(*verdicts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status, wrong = 0;

    (void)argc;
    if (verdicts == MAP_FAILED || install_syscall_filter() != 0) {
        perror("verdicts");
        return 2;
    }
    if (fork() == 0)
        try_all(*verdicts);
    if (wait(&status) < 0 || !WIFSIGNALED(status) ||
        (WTERMSIG(status) != SIGILL && WTERMSIG(status) != SIGTRAP)) {
        printf("the trial ended too soon, with status %#x\n", (unsigned int)status);
        return 2;
    }
    for (int abi = 0; abi < ABIS; abi++)
        wrong += compare(*verdicts, abi, argv + 1);
    return wrong != 0;
}
