/*
 * silent-child.c: the filter kills a child; its parent doesn't look, and reports success.
 */
#define _GNU_SOURCE
#include <sys/wait.h>

#include "shorthand.h"

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* The author forgot that saving needs it. */
        SKIP_UNLESS(__NR_fsync, 1),
        KILL_PROCESS,
        ALLOW,
    };

    INSTALL(filter);
}

static int save(void)
{
    say("child: saving\n");
    fsync(STDOUT_FILENO);
    say("child: saved\n");
    return 0;
}

int main(void)
{
    install_filter();
    if (fork() == 0)
        return save();
    wait(NULL);
    say("parent: all done\n");
    return 0;
}
