/*
 * report.c: situations in which the syscall reporter has to name a refused call.
 *
 * report all       refuses each number in turn, and prints the numbers that are reported wrongly
 * report SITUATION makes one refused call in that situation; its report goes to standard error
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall-reporter.h"

static const struct {
    int number;
    const char *name;
} names[] = {
#include "syscall-names.h"
};

static int install(struct sock_filter *filter, size_t length)
{
    struct sock_fprog program = {(unsigned short)length, filter};

    if (install_syscall_reporter() == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        return 0;
    perror("report: installing the filter");
    exit(2);
}

#define INSTALL(filter) install(filter, sizeof(filter) / sizeof((filter)[0]))

/* Refuses one number, and every other ABI; rt_sigprocmask is emulated as in a stage. */
static void refuse(int number)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 1),
        KILL_PROCESS,
        ALLOW_SYSCALL(rt_sigprocmask),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };

    INSTALL(filter);
}

/* What the header promises for a number. */
static void expected_report(int number, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].number == number) {
            snprintf(text, size,
                     "Looks like you also need syscall: %s(%d)\n    ALLOW_SYSCALL(%s),\n",
                     names[i].name, number, names[i].name);
            return;
        }
#ifdef __x86_64__
    if (number >= 0x40000000) {
        snprintf(text, size,
                 "Refused: syscall %d through the x32 ABI, which this filter does not know\n",
                 number - 0x40000000);
        return;
    }
#endif
    snprintf(text, size, "Looks like you also need syscall: %d\n", number);
}

/*
 * Starts a child that makes the call, refused, its standard error given. That is done a thousand
 * times, on emulated machines too: by vfork the child gets no copy of the memory.
 */
static void start_refused(int number, int standard_error)
{
    if (vfork() == 0) {                      // NOLINT(clang-analyzer-*)
        dup2(standard_error, STDERR_FILENO); // NOLINT(clang-analyzer-*)
        refuse(number);
        syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
        _exit(0);
    }
}

/* Whether a child that makes the call, refused, says so in the right words and exits with 1. */
static int reported_rightly(int number)
{
    char expected[256], got[256];
    ssize_t length, total = 0;
    int ends[2], status;

    if (pipe(ends) != 0)
        return 0;
    start_refused(number, ends[1]);
    close(ends[1]);
    while ((length = read(ends[0], got + total, sizeof(got) - 1 - (size_t)total)) > 0)
        total += length;
    got[total] = '\0';
    close(ends[0]);
    wait(&status);
    expected_report(number, expected, sizeof(expected));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 1 && strcmp(got, expected) == 0)
        return 1;
    printf("%d: status %#x, report: %s\n", number, (unsigned int)status, got);
    return 0;
}

static int report_all(void)
{
#ifdef __s390x__ /* whose kernel takes only the lower 16 bits for the number */
    static const int edges[] = {1024, 4096, 0x7fff, 0x8000, 0xffff};
#else
    static const int edges[] = {-1,         1024,       4096,           0x3fffffff,
                                0x40000000, 0x7fffffff, (int)0x80000000};
#endif
    int right = 0, exempt = 0;

    for (int number = 0; number < 1024; number++) {
#ifdef __x86_64__
        if (number == 335 || number == 336) { /* kernels since 6.14 never filter them */
            exempt++;
            continue;
        }
#endif
        right += reported_rightly(number);
    }
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
        right += reported_rightly(edges[i]);
    printf("%d reported rightly\n", right + exempt);
    return right + exempt != 1024 + (int)(sizeof(edges) / sizeof(edges[0]));
}

static void *call_getppid(void *unused)
{
    (void)unused;
    syscall(__NR_getppid);
    return NULL;
}

static void run_thread(size_t stack_size)
{
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    if (stack_size != 0)
        pthread_attr_setstacksize(&attributes, stack_size);
    errno = pthread_create(&thread, &attributes, call_getppid, NULL);
    if (errno != 0)
        perror("pthread_create");
    else
        pthread_join(thread, NULL);
}

/* On standard error, since the reporter ends the process without flushing standard output. */
static void complain(const char *what)
{
    fprintf(stderr, "%s\n", what);
}

#define GUARD 0x600df00dUL

/* Blocks every signal, and checks that the emulation tells the truth about all but SIGSYS. */
static void block_all(void)
{
    struct {
        unsigned long words[_NSIG / 8 / sizeof(unsigned long)];
        unsigned long guard;
    } raw_mask = {.guard = GUARD};
    sigset_t all, before;

    sigfillset(&all);
    if (sigprocmask(SIG_BLOCK, &all, &before) != 0 || sigismember(&before, SIGUSR1) ||
        sigprocmask(SIG_BLOCK, NULL, &before) != 0 || !sigismember(&before, SIGUSR1) ||
        sigprocmask(SIG_UNBLOCK, &all, NULL) != 0 || sigprocmask(SIG_SETMASK, NULL, &before) != 0 ||
        sigismember(&before, SIGUSR1) || sigprocmask(SIG_BLOCK, &all, NULL) != 0)
        complain("the signal mask is wrong");
    if (raw_mask.guard != GUARD ||
        syscall(__NR_rt_sigprocmask, SIG_BLOCK, &all, raw_mask.words, sizeof(raw_mask.words)) !=
            0 ||
        raw_mask.guard != GUARD)
        complain("more was written than the kernel's sigset");
    if (syscall(__NR_rt_sigprocmask, SIG_BLOCK, &all, NULL, sizeof(sigset_t)) != -1 ||
        errno != EINVAL)
        complain("a sigset of a wrong size was not refused");
    if (sigprocmask(12345, &all, NULL) != -1 || errno != EINVAL)
        complain("a bad request was not refused");
}

static int fork_child(void)
{
    int status;

    if (fork() == 0) {
        call_getppid(NULL);
        _exit(0);
    }
    wait(&status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The filter of a stage: a blocked SIGSYS can't hide that rt_sigprocmask itself is missing. */
static void miss_rt_sigprocmask(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE, EXAMINE_SYSCALL, ALLOW_SYSCALL(exit_group),
        ALLOW_SYSCALL(write),  KILL_PROCESS,
    };
    sigset_t all;

    sigfillset(&all);
    INSTALL(filter);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

/* A filter that does not begin with EXAMINE_SYSCALL, and so refuses the reporter's own calls. */
static void refuse_everything(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW_SYSCALL(rt_sigreturn),
        KILL_PROCESS,
    };

    INSTALL(filter);
    call_getppid(NULL);
}

static int run(const char *situation)
{
    static char stack[65536];
    stack_t other_stack = {.ss_sp = stack, .ss_size = sizeof(stack)};
    sigset_t sigsys;

    sigemptyset(&sigsys);
    sigaddset(&sigsys, SIGSYS);
    if (strcmp(situation, "blocked-before") == 0)
        sigprocmask(SIG_BLOCK, &sigsys, NULL);
    if (strcmp(situation, "other-stack") == 0)
        sigaltstack(&other_stack, NULL);
    if (strcmp(situation, "no-stderr") == 0)
        close(STDERR_FILENO);
    if (strcmp(situation, "miss-rt_sigprocmask") == 0)
        miss_rt_sigprocmask();
    if (strcmp(situation, "nothing-allowed") == 0)
        refuse_everything();
    refuse(strcmp(situation, "x32") == 0 ? 0x40000000 + 520 : __NR_getppid);
    if (strcmp(situation, "blocked") == 0)
        block_all();
    if (strcmp(situation, "thread") == 0)
        run_thread(0);
    if (strcmp(situation, "small-stack") == 0)
        run_thread(16384);
    if (strcmp(situation, "child") == 0)
        return fork_child();
    if (strcmp(situation, "raised") == 0)
        raise(SIGSYS);
#ifdef __x86_64__
    if (strcmp(situation, "i386") == 0)
        __asm__ volatile("int $0x80" : : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    if (strcmp(situation, "x32") == 0)
        syscall(0x40000000 + 520);
#endif
    call_getppid(NULL);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: report all | report SITUATION\n");
        return 2;
    }
    return strcmp(argv[1], "all") == 0 ? report_all() : run(argv[1]);
}
