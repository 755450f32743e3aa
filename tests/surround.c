/*
 * surround.c: runs a program as on a system where filters don't work, or not as they should.
 *
 * surround SITUATION PROGRAM [ARG...]; the situations are in the table below. A filter around the
 * program answers calls with that system's errnos. Where the system has other names, other lines in
 * /proc or does less than a filter says, ptrace(2) changes what the program reads, or the filter
 * that it installs. Exit status 77 if this machine can't do that.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "seccomp-bpf.h"

#define NO_ERRNO 0 /* the call does nothing, and says that it worked */
#define TASKS 64
#define SKIPPED 77

/* A call whose argument has that value returns an errno, or does something else. */
struct answer {
    unsigned int call, argument, value, returns;
};

/* What a call gives the program: at an offset, or where "from" is, there is "to" instead. */
struct edit {
    long call;
    size_t offset;
    const char *from, *to;
};

#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))
#define PRCTL(returns)                         \
    {                                          \
        __NR_prctl, 0, PR_SET_SECCOMP, returns \
    }
#define SECCOMP(returns)                                  \
    {                                                     \
        __NR_seccomp, 0, SECCOMP_SET_MODE_FILTER, returns \
    }
#define LISTENER(returns)                                          \
    {                                                              \
        __NR_seccomp, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, returns \
    }
#define ACTIONS(returns)                                   \
    {                                                      \
        __NR_seccomp, 0, SECCOMP_GET_ACTION_AVAIL, returns \
    }

#define RELEASE(text)                                             \
    {                                                             \
        __NR_uname, offsetof(struct utsname, release), NULL, text \
    }
#define VERSION(text)                                             \
    {                                                             \
        __NR_uname, offsetof(struct utsname, version), NULL, text \
    }
#define READS(from, to)        \
    {                          \
        __NR_read, 0, from, to \
    } /* of the same length */

static const struct situation {
    const char *name;
    struct answer answers[4];
    struct edit edits[3];
    uint32_t action, becomes; /* in the filters that the program installs */
} situations[] = {
    {"qemu-user",
     {PRCTL(ERRNO(EINVAL)), SECCOMP(ERRNO(ENOSYS)), ACTIONS(ERRNO(ENOSYS))},
     {{0}},
     0,
     0},
    {"rosetta",
     {PRCTL(ERRNO(EINVAL)), SECCOMP(ERRNO(EINVAL)), ACTIONS(ERRNO(EINVAL))},
     {READS("GenuineIntel", "VirtualApple"), READS("AuthenticAMD", "VirtualApple")},
     0,
     0},
    {"wsl1",
     {PRCTL(ERRNO(EINVAL)), SECCOMP(ERRNO(ENOSYS)), ACTIONS(ERRNO(ENOSYS))},
     {RELEASE("4.4.0-19041-Microsoft"), READS("Seccomp", "Xeccomp")},
     0,
     0},
    {"gvisor",
     {LISTENER(ERRNO(EINVAL)), ACTIONS(ERRNO(EINVAL))},
     {RELEASE("4.4.0"), VERSION("#1 SMP Sun Jan 10 15:06:54 PST 2016")},
     SECCOMP_RET_KILL_PROCESS,
     SECCOMP_RET_KILL_THREAD},
    {"profile", {PRCTL(ERRNO(EPERM)), SECCOMP(ERRNO(EPERM)), ACTIONS(ERRNO(EPERM))}, {{0}}, 0, 0},
    {"killing-profile", {PRCTL(SECCOMP_RET_KILL_PROCESS)}, {{0}}, 0, 0},
    {"no-config",
     {PRCTL(ERRNO(EINVAL)), SECCOMP(ERRNO(EINVAL)), ACTIONS(ERRNO(EINVAL))},
     {READS("Seccomp_filters", "Xeccomp_filters"), READS("Seccomp:\t2", "Seccomp:\t0")},
     0,
     0},
    {"no-seccomp",
     {PRCTL(ERRNO(EINVAL)), SECCOMP(ERRNO(ENOSYS)), ACTIONS(ERRNO(ENOSYS))},
     {READS("Seccomp", "Xeccomp")},
     0,
     0},
    {"hidden", {PRCTL(ERRNO(EINVAL)), SECCOMP(ERRNO(EINVAL))}, {{0}}, 0, 0},
    {"mirrored", {LISTENER(ERRNO(EBUSY))}, {{0}}, 0, 0},
    {"before-4.14",
     {LISTENER(ERRNO(EINVAL)), ACTIONS(ERRNO(EINVAL))},
     {{0}},
     SECCOMP_RET_KILL_PROCESS,
     SECCOMP_RET_KILL_THREAD},
    {"pretended", {PRCTL(ERRNO(NO_ERRNO))}, {{0}}, 0, 0},
    {"no-traps", {{0}}, {{0}}, SECCOMP_RET_TRAP, SECCOMP_RET_ALLOW},
    {"no-kills", {{0}}, {{0}}, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW},
};

/* A process under the tracer, and the call that it is in. */
static struct task {
    pid_t id;
    int inside;
    long call;
    uint64_t arguments[6];
} tasks[TASKS];

static void fail(const char *what, int status)
{
    fprintf(stderr, "surround: %s: %s\n", what, strerror(errno));
    exit(status);
}

/* The low half of an argument. */
#define ARGUMENT(number)                                                \
    ((unsigned int)offsetof(struct seccomp_data, args) + 8 * (number) + \
     (SECCOMP_AUDIT_ARCH & __AUDIT_ARCH_LE ? 0 : 4))

static void install(const struct answer *answers, size_t count)
{
    struct sock_filter filter[32];
    struct sock_fprog program = {0, filter};

    for (size_t i = 0; i < count && answers[i].call != 0; i++) {
        const struct answer *answer = &answers[i];
        struct sock_filter piece[] = {
            EXAMINE_SYSCALL,
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, answer->call, 0, 3),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(answer->argument)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, answer->value, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, answer->returns),
        };

        memcpy(filter + program.len, piece, sizeof(piece));
        program.len += sizeof(piece) / sizeof(piece[0]);
    }
    filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        fail("prctl", SKIPPED);
}

/* Copies memory from a task, or to it. Returns how much. */
static ssize_t copy(pid_t task, uint64_t address, void *memory, size_t size, int back)
{
    struct iovec here = {memory, size}, there = {(void *)(uintptr_t)address, size}; // NOLINT

    return back ? process_vm_writev(task, &here, 1, &there, 1, 0)
                : process_vm_readv(task, &here, 1, &there, 1, 0);
}

/* The program installs a filter: another action takes the place of one. */
static void edit_filter(const struct situation *situation, pid_t task, uint64_t address)
{
    struct sock_filter filter[BPF_MAXINSNS];
    struct sock_fprog program = {0, NULL};
    size_t size;

    if (copy(task, address, &program, sizeof(program), 0) != sizeof(program) ||
        program.len > BPF_MAXINSNS)
        return;
    size = program.len * sizeof(filter[0]);
    if (copy(task, (uintptr_t)program.filter, filter, size, 0) != (ssize_t)size)
        return;
    for (int i = 0; i < program.len; i++)
        if (filter[i].code == (BPF_RET | BPF_K) && filter[i].k == situation->action)
            filter[i].k = situation->becomes;
    copy(task, (uintptr_t)program.filter, filter, size, 1);
}

/* The program gets its answer from a call: changes it. */
static void edit_answer(const struct edit *edit, const struct task *task, int64_t result)
{
    char text[16384] = "", *found = text;
    uint64_t address = task->arguments[task->call == __NR_read ? 1 : 0];
    size_t length = task->call == __NR_read ? (size_t)result : sizeof(struct utsname);

    if (result < 0 || length >= sizeof(text) || copy(task->id, address, text, length, 0) == -1)
        return;
    if (edit->from == NULL)
        memcpy(text + edit->offset, edit->to, strlen(edit->to) + 1);
    else
        while ((found = strstr(found, edit->from)) != NULL)
            memcpy(found, edit->to, strlen(edit->to));
    copy(task->id, address, text, length, 1);
}

static struct task *task_of(pid_t id)
{
    struct task *task = tasks;

    while (task->id != 0 && task->id != id)
        if (++task == tasks + TASKS)
            fail("too many processes", 2);
    task->id = id;
    return task;
}

/* A task stands at the entry or exit of a call. */
static void look_at_call(const struct situation *situation, pid_t id)
{
    struct ptrace_syscall_info info;
    struct task *task = task_of(id);

    if (syscall(__NR_ptrace, PTRACE_GET_SYSCALL_INFO, id, sizeof(info), &info) <= 0)
        fail("PTRACE_GET_SYSCALL_INFO", SKIPPED);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        task->call = (long)info.entry.nr;
        memcpy(task->arguments, info.entry.args, sizeof(task->arguments));
        if (task->call == __NR_prctl && task->arguments[0] == PR_SET_SECCOMP)
            edit_filter(situation, id, task->arguments[2]);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        for (size_t i = 0; i < sizeof(situation->edits) / sizeof(situation->edits[0]); i++)
            if (situation->edits[i].to != NULL && situation->edits[i].call == task->call)
                edit_answer(&situation->edits[i], task, info.exit.rval);
    }
}

/* Follows the program and its children; returns how the program ended. */
static int trace(const struct situation *situation, pid_t program)
{
    int status, ended = 0;
    pid_t id;

    if (waitpid(program, &status, 0) != program || !WIFSTOPPED(status) ||
        syscall(__NR_ptrace, PTRACE_SETOPTIONS, program, 0,
                PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
                    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) == -1)
        fail("ptrace", SKIPPED);
    syscall(__NR_ptrace, PTRACE_SYSCALL, program, 0, 0);
    while ((id = waitpid(-1, &status, __WALL)) > 0) {
        int pass_on = 0;

        if (!WIFSTOPPED(status)) {
            if (id == program)
                ended = status;
            continue;
        }
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            look_at_call(situation, id);
        else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP)
            pass_on = WSTOPSIG(status);
        syscall(__NR_ptrace, PTRACE_SYSCALL, id, 0, pass_on);
    }
    return ended;
}

int main(int argc, char **argv)
{
    const struct situation *situation = situations;
    size_t count = sizeof(situations) / sizeof(situations[0]);
    int traced, status;
    pid_t child;

    while (argc > 2 && count > 0 && strcmp(situation->name, argv[1]) != 0)
        situation++, count--;
    if (argc < 3 || count == 0) {
        fprintf(stderr,
                "usage: surround SITUATION PROGRAM [ARG...]; see the table in surround.c\n");
        return 2;
    }
    traced = situation->edits[0].to != NULL || situation->action != situation->becomes;
    child = traced ? fork() : 0;
    if (child == -1)
        fail("fork", 2);
    if (child > 0) {
        status = trace(situation, child);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (traced && syscall(__NR_ptrace, PTRACE_TRACEME, 0, 0, 0) == -1)
        fail("PTRACE_TRACEME", SKIPPED);
    if (traced)
        raise(SIGSTOP);
    install(situation->answers, sizeof(situation->answers) / sizeof(situation->answers[0]));
    execv(argv[2], argv + 2);
    perror(argv[2]);
    return 127;
}
