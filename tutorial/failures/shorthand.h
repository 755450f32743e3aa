/*
 * shorthand.h: what the programs of this folder share: a filter's usual instructions, its
 * installation, and output that leaves at once.
 */
#ifndef SHORTHAND_H
#define SHORTHAND_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "seccomp-bpf.h"

/* Headers before Linux 5.14 lack this flag. */
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

/* An argument is 64 bits, a load 32: which half comes first is the machine's byte order. */
#define SECOND_IS_HIGH (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#define LOAD_AT(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define LOAD_LOW_HALF(n) LOAD_AT(offsetof(struct seccomp_data, args[n]) + (SECOND_IS_HIGH ? 0 : 4))
#define LOAD_HIGH_HALF(n) LOAD_AT(offsetof(struct seccomp_data, args[n]) + (SECOND_IS_HIGH ? 4 : 0))

/* They skip so many instructions, unless what was loaded is that value, or if it is below it. */
#define SKIP_UNLESS(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped)
#define SKIP_BELOW(value, skipped) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, 0, skipped)

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

/* printf that makes no call but write, and keeps nothing back: filters kill, with all buffers. */
__attribute__((format(printf, 1, 2))) static inline void say(const char *format, ...)
{
    char text[200];
    va_list values;
    int length;

    va_start(values, format);
    length = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (write(STDOUT_FILENO, text, (size_t)length) != length)
        _exit(2);
}

static inline void install(struct sock_filter *filter, size_t length)
{
    struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("no filter: type make doctor");
        exit(2);
    }
}

#define INSTALL(filter) install(filter, sizeof(filter) / sizeof((filter)[0]))

#endif
