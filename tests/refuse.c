/*
 * refuse.c: runs a program where installing a filter fails, as it does on some systems.
 *
 * refuse OPTION ERRNO PROGRAM [ARG...] makes prctl(OPTION, ...) fail with ERRNO, both numbers; with
 * the word ptrace for an option, it is ptrace(PTRACE_SEIZE, ...) that fails.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "seccomp-bpf.h"

int main(int argc, char **argv)
{
    int seize = argc > 1 && strcmp(argv[1], "ptrace") == 0;
    unsigned int call = seize ? __NR_ptrace : __NR_prctl;
    unsigned int option = seize ? PTRACE_SEIZE : argc > 1 ? (unsigned int)atoi(argv[1]) : 0;
    struct sock_filter filter[] = {
        EXAMINE_SYSCALL,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, option, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (argc > 2 ? (unsigned int)atoi(argv[2]) : 0)),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    if (argc < 4) {
        fprintf(stderr, "usage: refuse OPTION ERRNO PROGRAM [ARG...]\n");
        return 2;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("prctl");
        return 2;
    }
    execv(argv[3], argv + 3);
    perror(argv[3]);
    return 127;
}
