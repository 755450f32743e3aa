/*
 * syscall-reporter.h: while this header is included, a filter made with seccomp-bpf.h reports the
 * call it refuses, so that the learner can add it and try again, instead of killing the process.
 */
#ifndef SYSCALL_REPORTER_H
#define SYSCALL_REPORTER_H

#include "seccomp-bpf.h"

/*
 * Installs the handler of SIGSYS that reports refused system calls, and unblocks SIGSYS. Call it
 * before the filter is installed, and before there are threads. Not async-signal-safe.
 *
 * The handler writes to standard error, in one write(2),
 *
 *     Looks like you also need syscall: newfstatat(262)
 *         ALLOW_SYSCALL(newfstatat),
 *
 * and ends the process with exit status 1. It works in threads, in forked children, and while
 * libc or the program blocks SIGSYS by rt_sigprocmask. Where the handler is gone, after execve(2)
 * and in a child of posix_spawn(3), the kernel kills the process without a word, at a refused call
 * and at rt_sigprocmask even where the filter allows it. So it does where SIGSYS is blocked in
 * another way: by the sa_mask of a handler, or for the time of a sigsuspend or ppoll.
 *
 * Returns 0, or -1 after perror(3), with errno from sigaction(2) or sigprocmask(2).
 */
int install_syscall_reporter(void);

/* Values of SECCOMP_RET_DATA, which reach the handler in si_errno (kernel/seccomp.c). */
#define REPORTER_REFUSED 0
#define REPORTER_EMULATED 1

/*
 * The reporter's own write and exit_group carry this mark in their sixth argument, which the
 * kernel ignores. They must pass the filter even while they are themselves missing from it.
 */
#define REPORTER_MARK 0x5ec09bf5

/* The half of the sixth argument that holds the mark: arguments are 64 bits wide in seccomp_data.
 */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define REPORTER_MARK_OFFSET (offsetof(struct seccomp_data, args[5]) + 4)
#else
#define REPORTER_MARK_OFFSET offsetof(struct seccomp_data, args[5])
#endif

/*
 * fork and pthread_create of glibc 2.41 and of musl block every signal, and a SIGSYS that is
 * blocked kills instead of reporting. So an allowed rt_sigprocmask traps as well: the handler does
 * its work, and leaves SIGSYS unblocked.
 */
#define REPORTER_ALLOW(number) \
    ((number) == __NR_rt_sigprocmask ? SECCOMP_RET_TRAP | REPORTER_EMULATED : SECCOMP_RET_ALLOW)

#undef EXAMINE_SYSCALL
#undef ALLOW_SYSCALL
#undef KILL_PROCESS

// clang-format off

#define EXAMINE_SYSCALL                                                             \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, REPORTER_MARK_OFFSET),                       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, REPORTER_MARK, 0, 4),                       \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),          \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_write, 1, 0),                          \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_exit_group, 0, 1),                     \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),                                   \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))

#define ALLOW_SYSCALL(name)                                                         \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1),                         \
    BPF_STMT(BPF_RET | BPF_K, REPORTER_ALLOW(__NR_##name))

#define KILL_PROCESS                                                                \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP | REPORTER_REFUSED)

// clang-format on

/* Said once in a build. To the compiler a system header, so that -Wpedantic lets #warning pass. */
#ifndef SYSCALL_REPORTER_SOURCE
#pragma GCC system_header
#warning "the syscall reporter is compiled in: not for production"
#endif

#endif
