/*
 * x32.c: a list of refused numbers: each call of x86_64 has a second number, which isn't on it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "shorthand.h"

#ifndef __x86_64__
#error "x32 is a second ABI of x86_64"
#endif

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* The list of what is refused. */
        SKIP_UNLESS(__NR_openat, 1),
        REFUSE(EPERM),
        SKIP_UNLESS(__NR_open, 1),
        REFUSE(EPERM),
        ALLOW,
    };

    INSTALL(filter);
}

static void try_to_open(const char *name, long number)
{
    long result = syscall(number, AT_FDCWD, "/", O_RDONLY);

    say("%s: %s\n", name, result < 0 ? strerror(errno) : "opened");
}

int main(void)
{
    install_filter();
    try_to_open("openat", __NR_openat);
    try_to_open("openat by its x32 number", __X32_SYSCALL_BIT | __NR_openat);
    return 0;
}
