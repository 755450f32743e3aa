/*
 * example.c, step 4: the same, behind a finished filter, with the reporter only if configured so.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "config.h"
#include "seccomp-bpf.h"
#ifdef ENABLE_REPORTER
#include "syscall-reporter.h"
#endif

static int install_syscall_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* The allowlist. */
        ALLOW_SYSCALL(rt_sigreturn),
#ifdef __NR_sigreturn
        ALLOW_SYSCALL(sigreturn),
#endif
        ALLOW_SYSCALL(exit_group),
        ALLOW_SYSCALL(exit),
        ALLOW_SYSCALL(read),
        ALLOW_SYSCALL(write),
    /* stdio, at the first use of a stream. */
#ifdef __NR_fstat
        ALLOW_SYSCALL(fstat), /* glibc to 2.32 and since 2.39 */
#endif
#ifdef __NR_newfstatat
        ALLOW_SYSCALL(newfstatat), /* glibc 2.33 to 2.38 */
#endif
#ifdef __NR_fstat64
        ALLOW_SYSCALL(fstat64), /* glibc to 2.32, 32 bits */
#endif
        ALLOW_SYSCALL(statx),     /* glibc since 2.33, 32 bits and loongarch64 */
        ALLOW_SYSCALL(ioctl),     /* musl: is it a terminal? */
        ALLOW_SYSCALL(brk),       /* glibc: malloc, for the stream's buffer */
        ALLOW_SYSCALL(getrandom), /* glibc 2.34 to 2.42: malloc, once */
        /* printf, beside write. */
        ALLOW_SYSCALL(writev), /* musl */
        /* sleep. */
        ALLOW_SYSCALL(clock_nanosleep), /* glibc since 2.31 */
#ifdef __NR_clock_nanosleep_time64
        ALLOW_SYSCALL(clock_nanosleep_time64), /* glibc 2.31 to 2.33, 32 bits */
#endif
        ALLOW_SYSCALL(nanosleep),       /* musl */
        ALLOW_SYSCALL(restart_syscall), /* the kernel: Ctrl-Z, then fg */
        /* fork. */
        ALLOW_SYSCALL(clone), /* glibc; musl where there is no fork */
#ifdef __NR_fork
        ALLOW_SYSCALL(fork), /* musl */
#endif
        ALLOW_SYSCALL(rt_sigprocmask),  /* glibc since 2.41 and musl: no signals meanwhile */
        ALLOW_SYSCALL(set_robust_list), /* glibc since 2.36, in the child */
        ALLOW_SYSCALL(gettid),          /* musl to 1.2.3, in the child */
        ALLOW_SYSCALL(set_tid_address), /* musl since 1.2.5, in the child */
        /* exit, if a stream has unread input. */
        ALLOW_SYSCALL(lseek),
#ifdef __NR__llseek
        ALLOW_SYSCALL(_llseek), /* 32 bits, and ppc64le */
#endif
        KILL_PROCESS,
    };
    struct sock_fprog program = {
        .len = sizeof(filter) / sizeof(filter[0]),
        .filter = filter,
    };
    const char *failed = NULL;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        failed = "prctl(NO_NEW_PRIVS)";
    else if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        failed = "prctl(SECCOMP)";
    if (failed != NULL) {
        int unavailable = errno == EINVAL;

        perror(failed);
        if (unavailable)
            fprintf(stderr, "SECCOMP_FILTER is not available. :(\n");
        return -1;
    }
    return 0;
}

int main(void)
{
    char buf[1024] = "";

#ifdef ENABLE_REPORTER
    if (install_syscall_reporter() != 0)
        return 1;
#endif
    if (install_syscall_filter() != 0)
        return 1;

    printf("Type stuff here: ");
    fflush(stdout);
    if (fgets(buf, sizeof(buf), stdin) == NULL || feof(stdin))
        printf("\n"); /* nobody pressed Enter: the prompt's line is still open */
    buf[strcspn(buf, "\n")] = '\0';
    printf("You typed: %s\n", buf);

    printf("And now we fork, which should do quite opposite...\n");
    fflush(stdout);
    sleep(1);

    fork();
    printf("You should not see this, because I am dead\n");

    return 0;
}
