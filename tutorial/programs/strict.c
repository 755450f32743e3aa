/*
 * strict.c: strict mode, seccomp's first: read, write, exit and sigreturn, nothing else.
 */
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void say(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        _exit(1);
}

int main(void)
{
    say("before\n");
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
        return 1;
    say("in strict mode\n");
    syscall(SYS_getpid);
    say("never reached\n");
    return 0;
}
