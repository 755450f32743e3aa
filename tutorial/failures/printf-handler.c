/*
 * printf-handler.c: printf in a handler of SIGSYS: it needs a call that is refused itself.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>

#include "shorthand.h"

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* For the report, and for the end. */
        ALLOW_SYSCALL(write),
        ALLOW_SYSCALL(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };

    INSTALL(filter);
}

static void report(int unused)
{
    (void)unused;
    printf("a system call was refused\n"); /* NOLINT: clang-tidy knows that it is wrong */
    fflush(stdout);                        /* NOLINT */
    _exit(1);
}

int main(void)
{
    signal(SIGSYS, report);
    say("before\n");
    install_filter();
    syscall(SYS_getppid);
    return 0;
}
