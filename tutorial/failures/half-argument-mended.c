/*
 * half-argument-mended.c: the limit looks at both halves: whatever has an upper half is too long.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "shorthand.h"

#if __SIZEOF_LONG__ != 8
#error "lengths are arguments of 64 bits on 64-bit architectures only"
#endif

#define LONGEST (1L << 20) /* bytes that a file may have */

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* The length has 64 bits. */
        SKIP_UNLESS(__NR_ftruncate, 5),
        LOAD_HIGH_HALF(1),
        SKIP_UNLESS(0, 2),
        LOAD_LOW_HALF(1),
        SKIP_BELOW(LONGEST + 1, 1),
        REFUSE(EFBIG),
        ALLOW,
    };

    INSTALL(filter);
}

static void make_longer(int file, long length)
{
    long result = syscall(SYS_ftruncate, file, length);

    say("to %ld bytes: %s\n", length, result < 0 ? strerror(errno) : "done");
}

int main(void)
{
    int file = (int)syscall(SYS_memfd_create, "file", 0);

    install_filter();
    make_longer(file, LONGEST);
    make_longer(file, LONGEST + 1);
    make_longer(file, 1L << 32);
    say("the file has %ld bytes\n", (long)lseek(file, 0, SEEK_END));
    return 0;
}
