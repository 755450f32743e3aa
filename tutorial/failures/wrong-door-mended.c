/*
 * wrong-door-mended.c: the architecture comes first: int 0x80 is the process's end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "shorthand.h"

#ifndef __x86_64__
#error "int 0x80 is a door of x86_64"
#endif

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* fstat is number 5. */
        ALLOW_SYSCALL(fstat),
        ALLOW_SYSCALL(write),
        ALLOW_SYSCALL(exit_group),
        REFUSE(EPERM),
    };

    INSTALL(filter);
}

/* A system call of i386: other numbers, other registers, addresses of 32 bits. */
static long call_i386(long number, unsigned long first, long second)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first), "c"(second), "d"(0)
                     : "memory", "r8", "r9", "r10", "r11");
    return result;
}

int main(void)
{
    char *path =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

    if (path == MAP_FAILED)
        return 2;
    snprintf(path, 4096, "/proc/self/maps");
    install_filter();

    if (syscall(SYS_openat, AT_FDCWD, path, O_RDONLY) < 0)
        say("openat %s: %s\n", path, strerror(errno));
    if (call_i386(5, (unsigned long)path, O_RDONLY) >= 0)
        say("int 0x80, number 5, %s: opened\n", path);
    return 0;
}
