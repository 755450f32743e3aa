/*
 * example.c, step 3: the same, with a reporter that names each call the filter lacks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "seccomp-bpf.h"
#include "syscall-reporter.h"

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
        /* Add more syscalls here */
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

    if (install_syscall_reporter() != 0)
        return 1;
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
