/*
 * syscall-reporter.c: the SIGSYS handler that names the system call a filter refused.
 *
 * All but install_syscall_reporter runs in a signal handler, inside a filter
 * that allows next to nothing: no stdio, no malloc, little stack, and no system call but the two
 * that the filter lets pass by their mark.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define SYSCALL_REPORTER_SOURCE
#include "syscall-reporter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <ucontext.h>
#include <unistd.h>

/* The kernel's sigset, smaller than libc's sigset_t: 64 signals, 128 on mips (_NSIG). */
#define SIGSET_WORDS (_NSIG / 8 / sizeof(unsigned long))

/* Both from the kernel, for libcs whose headers lack them: asm/siginfo.h, asm/unistd.h of x86. */
#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1
#endif
#define X32_SYSCALL_BIT 0x40000000

struct sigset {
    unsigned long word[SIGSET_WORDS];
};

struct message {
    size_t length;
    char text[256];
};

static const struct {
    int number;
    const char *name;
} syscall_names[] = {
#include "syscall-names.h"
};

static const struct {
    unsigned int audit_arch;
    const char *name;
} other_abis[] = {SECCOMP_OTHER_ABIS{0, NULL}};

/* The name of a system call of this architecture, or NULL. */
static const char *syscall_name(int number)
{
    for (size_t i = 0; i < sizeof(syscall_names) / sizeof(syscall_names[0]); i++)
        if (syscall_names[i].number == number)
            return syscall_names[i].name;
    return NULL;
}

/*
 * The name of the ABI through which a call came, NULL if it is this architecture's own. x32 shares
 * its audit architecture with x86_64 and sets bit 30 of the number, which is taken off here.
 */
static const char *other_abi(unsigned int audit_arch, int *number)
{
    if (audit_arch == AUDIT_ARCH_X86_64 && *number >= X32_SYSCALL_BIT) {
        *number -= X32_SYSCALL_BIT;
        return "x32";
    }
    if (audit_arch == SECCOMP_AUDIT_ARCH)
        return NULL;
    for (size_t i = 0; other_abis[i].name != NULL; i++)
        if (other_abis[i].audit_arch == audit_arch)
            return other_abis[i].name;
    return "unknown";
}

/* Appends text, as far as it fits. */
static void append(struct message *message, const char *text)
{
    size_t room = sizeof(message->text) - message->length;
    size_t length = strlen(text) < room ? strlen(text) : room;

    memcpy(message->text + message->length, text, length);
    message->length += length;
}

/* Appends a number; printf is not async-signal-safe. */
static void append_number(struct message *message, int number)
{
    char digits[12];
    char *start = digits + sizeof(digits) - 1;
    unsigned int rest = number < 0 ? -(unsigned int)number : (unsigned int)number;

    *start = '\0';
    do
        *--start = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (number < 0)
        *--start = '-';
    append(message, start);
}

/* A system call of the reporter itself: returns what syscall(2) does. */
static long own_call(long number, long first, const void *second, size_t third)
{
    return syscall(number, first, second, third, 0L, 0L, (long)REPORTER_MARK);
}

/* Argument number which (0 to 5) of the system call that trapped. */
static unsigned long argument(ucontext_t *context, int which)
{
    static const int registers[] = {SYSCALL_ARGUMENTS};

    return (unsigned long)SYSCALL_REGISTERS(context)[registers[which]];
}

/* Does what the kernel would: returns 0 or -EINVAL. A bad pointer crashes, where it says EFAULT. */
static long change_mask(struct sigset *mask, int how, const struct sigset *set)
{
    for (size_t i = 0; i < SIGSET_WORDS; i++) {
        if (how == SIG_BLOCK)
            mask->word[i] |= set->word[i];
        else if (how == SIG_UNBLOCK)
            mask->word[i] &= ~set->word[i];
        else if (how == SIG_SETMASK)
            mask->word[i] = set->word[i];
        else
            return -EINVAL;
    }
    return 0;
}

/* Does an rt_sigprocmask on the mask that comes into force when the handler returns. */
static void emulate_rt_sigprocmask(ucontext_t *context)
{
    const struct sigset *set = (const struct sigset *)argument(context, 1);
    struct sigset *old = (struct sigset *)argument(context, 2);
    const size_t bits = 8 * sizeof(unsigned long);
    struct sigset mask, before;
    long result = 0;

    memcpy(&mask, &context->uc_sigmask, sizeof(mask));
    before = mask;
    if (argument(context, 3) != sizeof(mask))
        result = -EINVAL;
    else if (set != NULL)
        result = change_mask(&mask, (int)argument(context, 0), set);
    if (result == 0) {
        mask.word[(SIGSYS - 1) / bits] &= ~(1UL << (SIGSYS - 1) % bits);
        memcpy(&context->uc_sigmask, &mask, sizeof(mask));
        if (old != NULL)
            *old = before;
    }
    SYSCALL_SET_RESULT(SYSCALL_REGISTERS(context), result);
}

/* Composes the report of a refused call. */
static void describe(struct message *message, int number, unsigned int audit_arch)
{
    const char *abi = other_abi(audit_arch, &number);
    const char *name = syscall_name(number);

    append(message, abi != NULL ? "Refused: syscall " : "Looks like you also need syscall: ");
    if (abi != NULL) {
        append_number(message, number);
        append(message, " through the ");
        append(message, abi);
        append(message, " ABI, which this filter does not know\n");
    } else if (name == NULL) {
        append_number(message, number);
        append(message, "\n");
    } else {
        append(message, name);
        append(message, "(");
        append_number(message, number);
        append(message, ")\n    ALLOW_SYSCALL(");
        append(message, name);
        append(message, "),\n");
    }
}

/* Writes the message to standard error, as far as anybody listens. */
static void say(const struct message *message)
{
    size_t sent = 0;

    while (sent < message->length) {
        long written =
            own_call(__NR_write, STDERR_FILENO, message->text + sent, message->length - sent);

        if (written > 0)
            sent += (size_t)written;
        else if (written == 0 || errno != EINTR)
            break;
    }
}

/* The handler of SIGSYS: answers an emulated call, reports and ends the process for any other. */
static void handle_refused_call(int signal, siginfo_t *info, void *context)
{
    struct message message = {0};

    (void)signal;
    if (info->si_code != SYS_SECCOMP) {
        append(&message, "SIGSYS was sent by a process, not by a filter\n");
    } else if (info->si_errno == REPORTER_EMULATED) {
        emulate_rt_sigprocmask(context);
        return;
    } else if (argument(context, 5) == REPORTER_MARK) {
        /* A filter that EXAMINE_SYSCALL did not begin refuses even the reporter. */
        SYSCALL_SET_RESULT(SYSCALL_REGISTERS((ucontext_t *)context), -ENOSYS);
        return;
    } else {
        describe(&message, info->si_syscall, info->si_arch);
    }
    say(&message);
    own_call(__NR_exit_group, EXIT_FAILURE, NULL, 0);
    __builtin_trap();
}

int install_syscall_reporter(void)
{
    struct sigaction action = {0};
    sigset_t reported;

    /* Also while it runs, or on another stack: a report must come through. */
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    action.sa_sigaction = handle_refused_call;
    sigemptyset(&action.sa_mask);
    sigemptyset(&reported);
    sigaddset(&reported, SIGSYS);
    if (sigaction(SIGSYS, &action, NULL) == 0 && sigprocmask(SIG_UNBLOCK, &reported, NULL) == 0)
        return 0;
    perror("install_syscall_reporter");
    return -1;
}
