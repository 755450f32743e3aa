/*
 * silent-child-mended.c: the filter kills a child, and its parent passes it on.
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
    int status;

    install_filter();
    if (fork() == 0)
        return save();
    if (wait(&status) < 0 || status != 0) {
        say("parent: not done: the child ended by signal %d\n", WTERMSIG(status));
        return 1;
    }
    say("parent: all done\n");
    return 0;
}
