/*
 * upper-half.c: a refusal that compares 64 bits of an int: the kernel looks at 32 of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "shorthand.h"

#if __SIZEOF_LONG__ != 8
#error "an argument has an upper half on 64-bit architectures only"
#endif

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* The family is an int. */
        SKIP_UNLESS(__NR_socket, 5),
        LOAD_HIGH_HALF(0),
        SKIP_UNLESS(0, 3),
        LOAD_LOW_HALF(0),
        SKIP_UNLESS(AF_INET, 1),
        REFUSE(EACCES),
        ALLOW,
    };

    INSTALL(filter);
}

static void try_family(const char *name, long family)
{
    long result = syscall(SYS_socket, family, SOCK_STREAM, 0);

    say("socket(%s): %s\n", name, result < 0 ? strerror(errno) : "opened");
}

int main(void)
{
    install_filter();
    try_family("AF_INET", AF_INET);
    try_family("AF_INET + 2^32", AF_INET + (1L << 32));
    return 0;
}
