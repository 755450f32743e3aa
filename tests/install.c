/*
 * install.c: installs filters in the ways that programs do, for the inspector to find them.
 *
 * install WAY [PROGRAM ARG...]. Every filter refuses getppid, in the way's own manner; then the
 * program calls it twice, in all of its processes.
 */
#define _GNU_SOURCE
#include "seccomp-bpf.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#define REFUSE_GETPPID(value)                                                       \
    EXAMINE_SYSCALL,                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getppid, 0, 1),                        \
    BPF_STMT(BPF_RET | BPF_K, value),                                               \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
// clang-format on

#define LENGTH(filter) (sizeof(filter) / sizeof((filter)[0]))
#define REFUSED 123

static const struct sock_filter constant[] = {REFUSE_GETPPID(SECCOMP_RET_ERRNO | REFUSED)};
static struct sock_filter refusing[] = {REFUSE_GETPPID(SECCOMP_RET_ERRNO | REFUSED)};
static struct sock_filter killing[] = {VALIDATE_ARCHITECTURE,
                                       REFUSE_GETPPID(SECCOMP_RET_KILL_PROCESS)};
static struct sock_filter logging[] = {REFUSE_GETPPID(SECCOMP_RET_LOG)};
static struct sock_filter broken[] = {EXAMINE_SYSCALL, BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 0),
                                      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
static struct sock_filter accumulator[] = {BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW),
                                           BPF_STMT(BPF_RET | BPF_A, 0)};

static void install_by(int by_seccomp, const struct sock_filter *filter, size_t length,
                       unsigned int flags)
{
    struct sock_fprog program = {(unsigned short)length, (struct sock_filter *)filter};
    long result;

    if (by_seccomp)
        result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    else
        result = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
    if (result != 0)
        perror("install");
}

/* Refused, the call fails or kills; the exit status tells nothing of it, the inspector does. */
static void *call_twice(void *unused)
{
    (void)unused;
    syscall(__NR_getppid, 1L, 2L, 3L, 4L, 5L, 6L);
    syscall(__NR_getppid, 7L);
    return NULL;
}

static void *install_in_thread(void *unused)
{
    install_by(1, refusing, LENGTH(refusing), 0);
    return call_twice(unused);
}

static void run_thread(void *(*function)(void *))
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, function, NULL) == 0)
        pthread_join(thread, NULL);
}

static void run_child(void)
{
    if (fork() == 0) {
        install_by(0, refusing, LENGTH(refusing), 0);
        call_twice(NULL);
        _exit(0);
    }
    wait(NULL);
}

/* Whether the filter in memory is what it was: prints so. */
static void install_and_compare(void)
{
    struct sock_filter before[LENGTH(killing)];

    memcpy(before, killing, sizeof(killing));
    install_by(0, killing, LENGTH(killing), 0);
    puts(memcmp(before, killing, sizeof(killing)) == 0 ? "as it was" : "changed");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *way = argc > 1 ? argv[1] : "";
    int then_call = 1;

    if (strcmp(way, "without-no-new-privs") != 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (strcmp(way, "prctl") == 0 || strcmp(way, "without-no-new-privs") == 0)
        install_by(0, refusing, LENGTH(refusing), 0);
    else if (strcmp(way, "seccomp") == 0)
        install_by(1, refusing, LENGTH(refusing), 0);
    else if (strcmp(way, "constant") == 0)
        install_by(1, constant, LENGTH(constant), 0);
    else if (strcmp(way, "kill") == 0)
        install_and_compare();
    else if (strcmp(way, "log") == 0)
        install_by(0, logging, LENGTH(logging), 0);
    else if (strcmp(way, "broken") == 0)
        install_by(0, broken, LENGTH(broken), 0);
    else if (strcmp(way, "accumulator") == 0)
        install_by(0, accumulator, LENGTH(accumulator), 0);
    else if (strcmp(way, "strict") == 0)
        then_call = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    else if (strcmp(way, "fork") == 0)
        run_child();
    else if (strcmp(way, "thread") == 0)
        run_thread(install_in_thread);
    else if (strcmp(way, "all-threads") == 0)
        install_by(1, refusing, LENGTH(refusing), SECCOMP_FILTER_FLAG_TSYNC);
    if (strcmp(way, "two") == 0 || strcmp(way, "print-between") == 0) {
        install_by(0, refusing, LENGTH(refusing), 0);
        if (strcmp(way, "two") != 0) {
            puts("one filter is in place");
            fflush(stdout);
        }
        install_by(1, killing, LENGTH(killing), 0);
    }
    if (strcmp(way, "wait") == 0) {
        install_by(0, refusing, LENGTH(refusing), 0);
        then_call = 0;
        pause();
    }
    if (strcmp(way, "spin") == 0) {
        puts("spinning");
        fflush(stdout);
        for (;;)
            getppid();
    }
    if (strcmp(way, "launch") == 0)
        install_by(0, refusing, LENGTH(refusing), 0);
    if ((strcmp(way, "exec") == 0 || strcmp(way, "launch") == 0) && argc > 2) {
        execv(argv[2], argv + 2);
        perror(argv[2]);
        return 1;
    }
    if (then_call && strcmp(way, "fork") != 0 && strcmp(way, "thread") != 0)
        call_twice(NULL);
    if (strcmp(way, "all-threads") == 0)
        run_thread(call_twice);
    syscall(__NR_exit_group, 0L);
}
