/*
 * unseen-call.c: a filter that refuses everything is tried with every number; one gets past it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>

#include "shorthand.h"

#ifndef __x86_64__
#error "the calls that no filter sees are x86_64's"
#endif

#define NUMBERS 1024
#define MARK 999 /* an error that no call has */

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* To say how it goes, and to end. */
        ALLOW_SYSCALL(write),
        ALLOW_SYSCALL(exit_group),
        REFUSE(MARK),
    };

    INSTALL(filter);
}

static int is_left_out(long number)
{
    return number == __NR_write || number == __NR_exit_group;
}

int main(void)
{
    int tried = 0, refused = 0;

    install_filter();
    say("trying\n");
    for (long number = 0; number < NUMBERS; number++) {
        if (is_left_out(number))
            continue;
        tried++;
        if (syscall(number, 0, 0, 0, 0, 0, 0) == -1 && errno == MARK)
            refused++;
        else
            say("number %ld: not refused\n", number);
    }
    say("%d numbers tried, %d refused\n", tried, refused);
    return 0;
}
