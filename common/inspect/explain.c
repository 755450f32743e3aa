/*
 * explain.c: says why there is no filter to look at.
 */
#define _GNU_SOURCE
#include "watch.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

void explain_check(const struct filter *filter, const char *source, const char *reason,
                   unsigned int index)
{
    fprintf(stderr, "seccomp-inspect: %s: the kernel would say EINVAL. ", source);
    if (index < filter->length)
        fprintf(stderr, "Instruction %u, %04x %02x %02x %08x, %s\n", index,
                filter->code[index].code, filter->code[index].jt, filter->code[index].jf,
                filter->code[index].k, reason);
    else
        fprintf(stderr, "The filter has %u instructions; %s\n", filter->length, reason);
}

void explain_no_filter(const struct watch *watch, const char *program)
{
    unsigned int index;
    const char *reason = watch->failed != NULL ? filter_check(watch->failed, &index) : NULL;

    if (watch->interrupted)
        fprintf(stderr, "seccomp-inspect: interrupted before %s installed a filter\n", program);
    else if (reason != NULL)
        explain_check(watch->failed, program, reason, index);
    else if (watch->failed_install != 0)
        fprintf(stderr,
                "seccomp-inspect: %s tried to install a filter, and the kernel said: %s. %s\n",
                program, strerror(watch->failed_install),
                watch->failed_install == EACCES
                    ? "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) has to come before"
                    : "Type: seccomp-inspect --help");
    else if (watch->unread)
        fprintf(stderr,
                "seccomp-inspect: %s installed a filter, but its memory can't be read. Is it a "
                "program that you may not read, or one with 64 bits, and this tool with 32?\n",
                program);
    else if (watch->strict)
        fprintf(stderr, "seccomp-inspect: %s entered strict mode, which has no filter\n", program);
    else if (WIFSIGNALED(watch->status))
        fprintf(stderr,
                "seccomp-inspect: %s was killed by signal %d (%s) before it installed a filter\n",
                program, WTERMSIG(watch->status), strsignal(WTERMSIG(watch->status)));
    else
        fprintf(
            stderr,
            "seccomp-inspect: %s ended, with exit status %d, without installing a filter. Does it "
            "need arguments or input to come that far?\n",
            program, WEXITSTATUS(watch->status));
}
