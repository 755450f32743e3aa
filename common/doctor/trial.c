/*
 * trial.c: the trials: children that install small filters and see what comes of it.
 *
 * All of them filter getppid(2), which always succeeds and does nothing.
 */
#define _GNU_SOURCE
#include "trial.h"
#include "seccomp-bpf.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Headers before Linux 4.14 and 5.0 lack these. */
#ifndef SECCOMP_GET_ACTION_AVAIL
#define SECCOMP_GET_ACTION_AVAIL 2
#endif
#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif

#define ANSWER EDOM      /* an errno that getppid never has */
#define PATIENCE 10      /* seconds that a trial may take */
#define THREAD_WAIT 2000 /* milliseconds that a thread may take to die */

int in_child(int (*trial)(void))
{
    struct rlimit none = {0, 0};
    int status = 0;
    pid_t child = fork();

    if (child == -1)
        return errno;
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &none);
        alarm(PATIENCE);
        _exit(trial());
    }
    while (waitpid(child, &status, 0) == -1)
        if (errno != EINTR)
            return errno;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int set_no_new_privs(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

/* By prctl(2), as the stages do it, or by seccomp(2) with flags. */
enum way { BY_PRCTL, BY_SECCOMP };

/* Installs a filter that returns a value for getppid. */
static int install(uint32_t value, enum way way, unsigned long flags)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, value),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
    int failed = set_no_new_privs();

    if (failed != 0)
        return failed;
    if (way == BY_PRCTL)
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : errno;
    return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) >= 0 ? 0 : errno;
}

int try_no_new_privs(void)
{
    int failed = set_no_new_privs();

    if (failed == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return NOT_FILTERED;
    return failed;
}

/* The installed filter has to give getppid that errno. */
static int is_refused(void)
{
    return syscall(__NR_getppid) == -1 && errno == ANSWER ? 0 : NOT_FILTERED;
}

int try_errno(void)
{
    int failed = install(SECCOMP_RET_ERRNO | ANSWER, BY_PRCTL, 0);

    return failed != 0 ? failed : is_refused();
}

int try_seccomp_call(void)
{
    int failed = install(SECCOMP_RET_ERRNO | ANSWER, BY_SECCOMP, 0);

    return failed != 0 ? failed : is_refused();
}

int try_listener(void)
{
    return install(SECCOMP_RET_ALLOW, BY_SECCOMP, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

static volatile sig_atomic_t trapped, right_numbers;

static void note_trap(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    trapped = 1;
    right_numbers = info->si_syscall == __NR_getppid && info->si_arch == SECCOMP_AUDIT_ARCH;
}

int try_trap(void)
{
    struct sigaction action = {0};
    int failed;

    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = note_trap;
    sigaction(SIGSYS, &action, NULL);
    failed = install(SECCOMP_RET_TRAP, BY_PRCTL, 0);
    if (failed != 0)
        return failed;
    syscall(__NR_getppid);
    if (!trapped)
        return NOT_FILTERED;
    return right_numbers ? 0 : WRONG_NUMBERS;
}

static int make_killed_call(void)
{
    int failed = install(SECCOMP_RET_KILL_PROCESS, BY_PRCTL, 0);

    if (failed != 0)
        return failed;
    syscall(__NR_getppid);
    return NOT_FILTERED;
}

int try_kill(void)
{
    int answer = in_child(make_killed_call);

    return answer == -SIGSYS ? 0 : answer;
}

static volatile pid_t thread_id;

static void *make_call(void *unused)
{
    thread_id = (pid_t)syscall(__NR_gettid);
    syscall(__NR_getppid);
    return unused;
}

/* Outlives its second thread, or not. A thread that was killed can't be joined in every libc. */
static int make_killed_call_in_thread(void)
{
    pthread_t thread;
    int failed = install(SECCOMP_RET_KILL_PROCESS, BY_PRCTL, 0);

    if (failed == 0)
        failed = pthread_create(&thread, NULL, make_call, NULL);
    if (failed != 0)
        return failed;
    for (int i = 0; i < THREAD_WAIT; i++) {
        if (thread_id != 0 && syscall(__NR_tgkill, getpid(), thread_id, 0) == -1)
            return THREAD_ONLY;
        usleep(1000);
    }
    return ETIMEDOUT;
}

int try_kill_threads(void)
{
    int answer = in_child(make_killed_call_in_thread);

    return answer == -SIGSYS ? 0 : answer;
}

static uint32_t wanted_action;

static int ask_for_action(void)
{
    return syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &wanted_action) == 0 ? 0 : errno;
}

int try_action(uint32_t action)
{
    wanted_action = action;
    return in_child(ask_for_action);
}

int start_child(void)
{
    pid_t child = fork();

    if (child == 0)
        for (;;)
            pause();
    return child;
}

void end_child(int child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

int try_ptrace(void)
{
    int child = start_child(), answer;

    if (child == -1)
        return errno;
    answer = ptrace(PTRACE_SEIZE, child, NULL, NULL) == 0 ? 0 : errno;
    end_child(child);
    return answer;
}

const char *answer_words(int answer)
{
    if (answer < 0)
        return strsignal(-answer);
    switch (answer) {
    case NOT_FILTERED:
        return "the system says yes, and then does not do it";
    case WRONG_NUMBERS:
        return "the call's number or architecture is wrong";
    case THREAD_ONLY:
        return "only the thread is killed";
    default:
        return strerror(answer);
    }
}
