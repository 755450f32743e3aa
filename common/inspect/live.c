/*
 * live.c: installs a filter in a child and tries every call there, while a second filter keeps all
 * of them from happening.
 *
 * In the filter under test, every return but SECCOMP_RET_ALLOW becomes a trap whose data say which
 * value it was. The second filter answers every call with an errno that no call has. A trap
 * outranks that: so a call traps, or returns that errno if the filter allowed it. Neither filter
 * lets the child's handler return by rt_sigreturn; it jumps out instead.
 */
#define _GNU_SOURCE
#include "live.h"
#include "seccomp-bpf.h"
#include "simulate.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER 999     /* an errno that no call returns */
#define MARK 0x5ec11fe /* in the fifth argument of the child's own two calls */
#define FIFTH_ARGUMENT \
    (offsetof(struct seccomp_data, args[4]) + (SECCOMP_AUDIT_ARCH & __AUDIT_ARCH_LE ? 0 : 4))

static const uint32_t edges[LIVE_EDGES] = {1024,       4096,       0x3fffffff,
                                           0x7fffffff, 0x80000000, 0xffffffff};

/*
 * Not setjmp(3), where the compiler has something else: sanitizers give theirs a system call, and
 * here none is left.
 */
#if defined(__x86_64__) || defined(__i386__)
static void *place[5];
#define MARK_PLACE() __builtin_setjmp(place)
#define JUMP_TO_PLACE() __builtin_longjmp(place, 1)
#else
#include <setjmp.h>
static jmp_buf place;
#define MARK_PLACE() _setjmp(place)
#define JUMP_TO_PLACE() _longjmp(place, 1)
#endif

/* The values that the traps' data stand for. */
static uint32_t values[BPF_MAXINSNS];
static volatile int trap_signal, trap_data;
static void *volatile trap_address;

uint32_t live_number(const struct abi *abi, int place)
{
    return (place < LIVE_SEQUENCE ? (uint32_t)place : edges[place - LIVE_SEQUENCE]) | abi_base(abi);
}

uint64_t live_argument(const struct abi *abi, int which)
{
    if (which == 0)
        return 0;
    return abi->audit_arch & __AUDIT_ARCH_64BIT ? UINT64_MAX : UINT32_MAX;
}

__attribute__((no_sanitize("address"))) static void note_trap(int signal, siginfo_t *info,
                                                              void *context)
{
    (void)context;
    trap_signal = signal;
    trap_data = info->si_errno;
    trap_address = info->si_addr; /* si_call_addr has the same place */
    JUMP_TO_PLACE();
}

/* Makes a call with all arguments the same; returns its result or a negated errno. */
static long call_native(uint32_t number, long argument)
{
    long result =
        syscall((long)(int)number, argument, argument, argument, argument, argument, argument);

    return result == -1 ? -errno : result;
}

#ifdef __x86_64__
/* The i386 door of a 64-bit program. The sixth argument goes into rbp, which gcc needs itself. */
static long call_i386(uint32_t number, long argument)
{
    long result = (int)number, sixth = argument;

    __asm__ volatile("xchgq %%rbp, %[sixth]\n\t"
                     "int $0x80\n\t"
                     "xchgq %%rbp, %[sixth]"
                     : "+a"(result), [sixth] "+r"(sixth)
                     : "b"(argument), "c"(argument), "d"(argument), "S"(argument), "D"(argument)
                     : "memory", "cc", "r8", "r9", "r10", "r11");
    return (int)result;
}
#endif

/* How this program enters an ABI, or NULL if it can't. */
typedef long door(uint32_t number, long argument);

static door *door_to(const struct abi *abi)
{
#ifdef __x86_64__
    if (abi->audit_arch == AUDIT_ARCH_I386)
        return call_i386;
#endif
    return abi->audit_arch == SECCOMP_AUDIT_ARCH ? call_native : NULL;
}

/* Installs the filter that answers, then a copy of the one under test, which it lets in. */
static int install(const struct filter *filter)
{
    struct sock_filter answer[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIFTH_ARGUMENT),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_prctl, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        KILL_PROCESS,
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ANSWER),
    };
    struct sock_fprog answer_program = {sizeof(answer) / sizeof(answer[0]), answer};
    struct sock_filter code[BPF_MAXINSNS];
    struct sock_fprog program = {(unsigned short)filter->length, code};

    for (unsigned int i = 0; i < filter->length; i++) {
        code[i] = filter->code[i];
        values[i] = code[i].k;
        if (code[i].code == (BPF_RET | BPF_K) && action_of(code[i].k) != SECCOMP_RET_ALLOW)
            code[i].k = SECCOMP_RET_TRAP | i;
    }
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &answer_program) != 0 ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0L, (long)MARK) != 0;
}

static void prepare(void)
{
    struct sigaction action = {0};
    struct rlimit none = {0, 0};
    static const int signals[] = {SIGSYS, SIGILL, SIGSEGV};

    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    action.sa_sigaction = note_trap;
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
    sigemptyset(&action.sa_mask);
    sigprocmask(SIG_SETMASK, &action.sa_mask, NULL);
    setrlimit(RLIMIT_CORE, &none);
}

/* One try. What the place is marked for comes back to it with trap_signal set. */
__attribute__((no_sanitize("address"), noinline)) static void
try_call(struct live_door *live, door *enter, int index, int which)
{
    struct live_answer *answer = &live->answer[index][which];

    if (answer->state != LIVE_UNTRIED)
        return;
    answer->state = LIVE_TRYING;
    trap_signal = 0;
    if (MARK_PLACE() == 0) {
        long result = enter(live_number(live->abi, index), (long)live_argument(live->abi, which));

        answer->state = result == -ANSWER ? LIVE_ANSWERED : LIVE_UNFILTERED;
        answer->value = SECCOMP_RET_ALLOW;
        return;
    }
    answer = &live->answer[index][which];
    if (trap_signal == SIGSYS) {
        answer->state = LIVE_ANSWERED;
        answer->value = values[trap_data];
        live->instruction_pointer = (uintptr_t)trap_address;
    } else {
        answer->state = trap_signal == SIGSEGV ? LIVE_CLOSED : LIVE_UNFILTERED;
    }
}

/* In the child. It ends by a call that the answering filter kills: no other is left to it. */
static void try_all(struct live_trial *trial, const struct filter *filter)
{
    prepare();
    if (install(filter) != 0)
        _exit(errno);
    for (int i = 0; i < trial->doors; i++)
        for (int index = 0; index < LIVE_NUMBERS; index++)
            for (int which = 0; which < LIVE_ARGUMENTS; which++)
                try_call(&trial->door[i], door_to(trial->door[i].abi), index, which);
    trial->finished = 1;
    for (;;)
        syscall(__NR_exit_group, 0L, 0L, 0L, 0L, (long)MARK);
}

/*
 * A child died of what it tried: of a value that is no return's, which only a division by X can
 * give, when X is 0. That is "kill the thread". Returns 0 if there is nothing that it died of.
 */
static int note_death(struct live_trial *trial)
{
    for (int i = 0; i < trial->doors; i++)
        for (int index = 0; index < LIVE_NUMBERS; index++)
            for (int which = 0; which < LIVE_ARGUMENTS; which++) {
                struct live_answer *answer = &trial->door[i].answer[index][which];

                if (answer->state == LIVE_TRYING) {
                    answer->state = LIVE_ANSWERED;
                    answer->value = SECCOMP_RET_KILL_THREAD;
                    return 1;
                }
            }
    return 0;
}

/* Keeps what outranks the other: the answer of the newer filters, or that of an older one. */
static void combine(struct live_trial *all, const struct live_trial *older)
{
    for (int i = 0; i < all->doors; i++)
        for (int index = 0; index < LIVE_NUMBERS; index++)
            for (int which = 0; which < LIVE_ARGUMENTS; which++) {
                struct live_answer *answer = &all->door[i].answer[index][which];
                const struct live_answer *other = &older->door[i].answer[index][which];

                if (outranks(other->value, answer->value))
                    *answer = *other;
            }
}

static struct live_trial *make_trial(uint32_t audit_arch)
{
    struct live_trial *trial =
        mmap(NULL, sizeof(*trial), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const struct abi *doors[ABIS_MAX];
    int count;

    if (trial == MAP_FAILED)
        return NULL;
    count = abis_entered_from(audit_arch, doors);
    for (int i = 0; i < count && trial->doors < LIVE_DOORS; i++)
        if (door_to(doors[i]) != NULL)
            trial->door[trial->doors++].abi = doors[i];
    return trial;
}

static int try_one(struct live_trial *trial, const struct filter *filter)
{
    int status = 0, died;

    do {
        pid_t child;

        fflush(NULL);
        child = fork();
        if (child == 0)
            try_all(trial, filter);
        died = child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
               WTERMSIG(status) == SIGSYS;
    } while (died && !trial->finished && note_death(trial));
    if (died && trial->finished)
        return 0;
    fprintf(stderr, "seccomp-inspect: trying filter %d in a child: %s\n", filter->number,
            WIFEXITED(status) ? strerror(WEXITSTATUS(status)) : "it ended too soon");
    return -1;
}

/* Whether a filter can be rewritten so that its traps tell what it returned. */
static int can_be_tried(const struct filter *filter)
{
    for (unsigned int i = 0; i < filter->length; i++)
        if (filter->code[i].code == (BPF_RET | BPF_A)) {
            fprintf(
                stderr,
                "seccomp-inspect: instruction %u of filter %d returns the accumulator: it can't "
                "be tried live. Leave --live out to simulate it\n",
                i, filter->number);
            return 0;
        }
    return 1;
}

struct live_trial *live_try(const struct filter *newest)
{
    struct live_trial *all = make_trial(newest->audit_arch);

    if (all == NULL || all->doors == 0) {
        fprintf(stderr, "seccomp-inspect: this machine has no way into the filter's ABIs. Leave "
                        "--live out to simulate it\n");
        live_free(all);
        return NULL;
    }
    for (const struct filter *filter = newest; filter != NULL; filter = filter->older) {
        struct live_trial *trial = filter == newest ? all : make_trial(newest->audit_arch);

        if (trial == NULL || !can_be_tried(filter) || try_one(trial, filter) != 0) {
            live_free(all);
            return NULL;
        }
        if (trial != all) {
            combine(all, trial);
            live_free(trial);
        }
    }
    return all;
}

void live_free(struct live_trial *trial)
{
    if (trial != NULL)
        munmap(trial, sizeof(*trial));
}
