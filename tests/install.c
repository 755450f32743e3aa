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

static pthread_mutex_t installed = PTHREAD_MUTEX_INITIALIZER;

static void *call_when_installed(void *unused)
{
    pthread_mutex_lock(&installed);
    return call_twice(unused);
}

/* A thread that was there before the filter gets it by SECCOMP_FILTER_FLAG_TSYNC only. */
static void install_for_all(void)
{
    pthread_t thread;

    pthread_mutex_lock(&installed);
    if (pthread_create(&thread, NULL, call_when_installed, NULL) != 0)
        return;
    install_by(1, refusing, LENGTH(refusing), SECCOMP_FILTER_FLAG_TSYNC);
    pthread_mutex_unlock(&installed);
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

/* The ways that only install a filter: by prctl(2) or seccomp(2), with flags. */
static const struct way {
    const char *name;
    const struct sock_filter *filter;
    size_t length;
    int by_seccomp;
    unsigned int flags;
} ways[] = {
    {"prctl", refusing, LENGTH(refusing), 0, 0},
    {"without-no-new-privs", refusing, LENGTH(refusing), 0, 0},
    {"seccomp", refusing, LENGTH(refusing), 1, 0},
    {"constant", constant, LENGTH(constant), 1, 0},
    {"log", logging, LENGTH(logging), 0, 0},
    {"broken", broken, LENGTH(broken), 0, 0},
    {"accumulator", accumulator, LENGTH(accumulator), 0, 0},
    {"launch", refusing, LENGTH(refusing), 0, 0},
    {"two", refusing, LENGTH(refusing), 0, 0},
    {"print-between", refusing, LENGTH(refusing), 0, 0},
    {"wait", refusing, LENGTH(refusing), 0, 0},
};

/* What else a way does. Returns whether the program then makes its calls itself. */
static int do_more(const char *way, char **program)
{
    if (strcmp(way, "strict") == 0)
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0;
    if (strcmp(way, "fork") == 0)
        return run_child(), 0;
    if (strcmp(way, "thread") == 0)
        return run_thread(install_in_thread), 0;
    if (strcmp(way, "wait") == 0)
        return pause(), 0;
    if (strcmp(way, "kill") == 0)
        install_and_compare();
    if (strcmp(way, "print-between") == 0) {
        puts("one filter is in place");
        fflush(stdout);
    }
    if (strcmp(way, "two") == 0 || strcmp(way, "print-between") == 0)
        install_by(1, killing, LENGTH(killing), 0);
    if (strcmp(way, "all-threads") == 0)
        install_for_all();
    if (strcmp(way, "spin") == 0) {
        puts("spinning");
        fflush(stdout);
        for (;;)
            getppid();
    }
    if (*program != NULL) {
        execv(program[0], program);
        perror(program[0]);
        exit(1);
    }
    return 1;
}

int main(int argc, char **argv)
{
    const char *way = argc > 1 ? argv[1] : "";

    if (strcmp(way, "without-no-new-privs") != 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    for (size_t i = 0; i < LENGTH(ways); i++)
        if (strcmp(way, ways[i].name) == 0)
            install_by(ways[i].by_seccomp, ways[i].filter, ways[i].length, ways[i].flags);
    if (do_more(way, argc > 2 ? argv + 2 : argv + argc))
        call_twice(NULL);
    syscall(__NR_exit_group, 0L);
}
