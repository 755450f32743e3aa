/*
 * kill-thread.c: SECCOMP_RET_KILL kills a thread; the rest of the process reports success.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "shorthand.h"

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* The author forgot that saving needs it. */
        SKIP_UNLESS(__NR_fsync, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL),
        ALLOW,
    };

    INSTALL(filter);
}

static atomic_long worker;

static void *save(void *unused)
{
    worker = syscall(SYS_gettid);
    say("saving\n");
    fsync(STDOUT_FILENO);
    say("saved\n");
    return unused;
}

int main(void)
{
    pthread_t thread;

    install_filter();
    if (pthread_create(&thread, NULL, save, NULL) != 0)
        return 2;
    /* Until the thread is gone. musl's pthread_join would wait for a killed one forever. */
    while (worker == 0 || syscall(SYS_tgkill, getpid(), (long)worker, 0) == 0)
        sched_yield();
    say("all done\n");
    return 0;
}
