/*
 * watch.c: sees filters on their way into the kernel, and can change their minds on that way.
 */
#define _GNU_SOURCE
#include "watch.h"
#include "names.h"
#include "simulate.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <linux/audit.h>

#define REWRITTEN (SECCOMP_RET_TRACE | 0x5ec)

/* The name of the call that a task enters, "" if it has none. */
static const char *called_name(const struct ptrace_syscall_info *info)
{
    uint32_t number = (uint32_t)info->entry.nr;
    const char *name = call_name(abi_of(info->arch, number), number);

    return name != NULL ? name : "";
}

/* A read of a file, which never waits: execve(2) and the dynamic loader make some. */
static int reads_file(const struct task *task, const struct ptrace_syscall_info *info)
{
    struct stat about;
    char name[64];

    snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)task->id, (int)info->entry.args[0]);
    return stat(name, &about) == 0 && S_ISREG(about.st_mode);
}

/* Waiting, unlike waking, by the operation of futex(2): WAIT, LOCK_PI and their variants. */
static int futex_waits(uint64_t operation)
{
    int command = (int)(operation & 127);

    return command == 0 || command == 6 || command == 9 || command == 11 || command == 13;
}

/* Whether a call may wait for something from outside, whatever its variant for times is called. */
static int may_wait(const struct task *task, const struct ptrace_syscall_info *info,
                    const char *called)
{
    static const char *const waiting[] = {
        "select",      "_newselect",   "pselect6",     "poll",       "ppoll",
        "accept",      "accept4",      "recv",         "recvfrom",   "recvmsg",
        "recvmmsg",    "pause",        "nanosleep",    "wait4",      "clock_nanosleep",
        "waitpid",     "waitid",       "futex_wait",   "socketcall", "rt_sigtimedwait",
        "epoll_wait",  "epoll_pwait",  "epoll_pwait2", "sigsuspend", "rt_sigsuspend",
        "futex_waitv", "io_getevents", "msgrcv",       "semop",      "semtimedop"};
    size_t length = strlen(called);

    if (strstr(called, "_time64") != NULL)
        length -= strlen("_time64");
    if (length == strlen("futex") && strncmp(called, "futex", length) == 0)
        return futex_waits(info->entry.args[1]);
    if (strcmp(called, "ioctl") == 0)
        return (uint32_t)info->entry.args[1] == SECCOMP_IOCTL_NOTIF_RECV;
    if (strcmp(called, "read") == 0 || strcmp(called, "readv") == 0 ||
        strncmp(called, "pread", 5) == 0)
        return !reads_file(task, info);
    for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++)
        if (strlen(waiting[i]) == length && strncmp(called, waiting[i], length) == 0)
            return 1;
    return 0;
}

/* Reads the struct sock_fprog of a task, whose pointer has 32 bits or 64, and its instructions. */
static struct filter *fetch_filter(const struct task *task, const struct ptrace_syscall_info *info,
                                   uint64_t program, uint64_t *address)
{
    int wide = (info->arch & __AUDIT_ARCH_64BIT) != 0 && !(info->entry.nr & X32_BIT);
    unsigned char bytes[16];
    struct sock_filter code[BPF_MAXINSNS];
    struct filter *filter;
    uint16_t length;
    uint32_t narrow;

    if (!wide)
        program = (uint32_t)program;
    if (tracer_read(task, program, bytes, wide ? 16 : 8) != 0)
        return NULL;
    memcpy(&length, bytes, sizeof(length));
    memcpy(&narrow, bytes + 4, sizeof(narrow));
    *address = narrow;
    if (wide)
        memcpy(address, bytes + 8, sizeof(*address));
    if (length > BPF_MAXINSNS || tracer_read(task, *address, code, length * sizeof(code[0])) != 0)
        return NULL;
    filter = filter_make(code, length);
    if (filter != NULL) {
        filter->audit_arch = info->arch;
        filter->process = task->process;
    }
    return filter;
}

/* Turns returns that refuse into SECCOMP_RET_TRACE, in the task's memory. Returns -1 if it can't.
 */
static int rewrite(const struct task *task, const struct filter *filter, uint64_t address)
{
    struct sock_filter code[BPF_MAXINSNS];

    for (unsigned int i = 0; i < filter->length; i++) {
        code[i] = filter->code[i];
        if (code[i].code == (BPF_RET | BPF_A)) {
            fprintf(
                stderr,
                "seccomp-inspect: instruction %u of the filter returns the accumulator: what it "
                "refuses can't be rewritten. Look at it by: seccomp-inspect show\n",
                i);
            return -1;
        }
        if (code[i].code == (BPF_RET | BPF_K) && !lets_through(code[i].k))
            code[i].k = REWRITTEN;
    }
    if (tracer_write(task, address, code, filter->length * sizeof(code[0])) == 0)
        return 0;
    fprintf(stderr, "seccomp-inspect: the filter's memory can't be written: %s\n", strerror(errno));
    return -1;
}

/* Another thread that is about to install a filter from the same memory, which is rewritten. */
static const struct task *find_sharer(const struct tracer *tracer, const struct task *task)
{
    for (const struct task *other = tracer->tasks; other != NULL; other = other->next)
        if (other != task && other->pending != NULL && other->group == task->group &&
            other->pending_address == task->pending_address)
            return other;
    return NULL;
}

/* At the entry of a call: is it an installation? Returns -1 if the watch has to end. */
static int note_entry(struct watch *watch, const struct tracer *tracer, struct task *task,
                      const struct ptrace_syscall_info *info, const char *called)
{
    const struct task *sharer;
    uint32_t first = (uint32_t)info->entry.args[0];
    uint64_t second = info->entry.args[1];
    int by_prctl = strcmp(called, "prctl") == 0 && first == PR_SET_SECCOMP;
    int by_seccomp = strcmp(called, "seccomp") == 0;
    unsigned int index;

    if ((by_prctl && second == SECCOMP_MODE_STRICT) ||
        (by_seccomp && first == SECCOMP_SET_MODE_STRICT))
        watch->strict = 1;
    if (!(by_prctl && second == SECCOMP_MODE_FILTER) &&
        !(by_seccomp && first == SECCOMP_SET_MODE_FILTER))
        return 0;
    task->installs = 1;
    task->pending = fetch_filter(task, info, info->entry.args[2], &task->pending_address);
    task->pending_flags = by_seccomp ? second : 0;
    if (task->pending == NULL || watch->refused == NULL ||
        filter_check(task->pending, &index) != NULL)
        return 0; /* nothing to rewrite, or nothing that the kernel will take */
    sharer = find_sharer(tracer, task);
    if (sharer != NULL && sharer->pending->length == task->pending->length)
        memcpy(task->pending->code, sharer->pending->code,
               task->pending->length * sizeof(task->pending->code[0]));
    return rewrite(task, task->pending, task->pending_address);
}

/* A filter is in force: for the task, and with SECCOMP_FILTER_FLAG_TSYNC for its siblings. */
static int keep_filter(struct watch *watch, struct tracer *tracer, struct task *task,
                       struct filter *filter)
{
    filter->older = task->newest;
    if (filters_add(&watch->filters, filter) != 0) {
        free(filter);
        return -1;
    }
    watch->last = filter;
    for (struct task *other = tracer->tasks; other != NULL; other = other->next)
        if (other == task ||
            (task->pending_flags & SECCOMP_FILTER_FLAG_TSYNC && other->group == task->group))
            other->newest = filter;
    return 0;
}

/* At the end of a call: was a filter installed? Puts its memory back as it was. */
static int note_exit(struct watch *watch, struct tracer *tracer, struct task *task,
                     const struct ptrace_syscall_info *info)
{
    struct filter *filter = task->pending;

    if (!task->installs)
        return 0;
    task->installs = 0;
    task->pending = NULL;
    if (filter == NULL) {
        watch->unread |= !info->exit.is_error;
        if (info->exit.is_error)
            watch->failed_install = (int)-info->exit.rval;
        return 0;
    }
    if (watch->refused != NULL && find_sharer(tracer, task) == NULL)
        tracer_write(task, task->pending_address, filter->code,
                     filter->length * sizeof(filter->code[0]));
    if (info->exit.is_error) {
        free(watch->failed);
        watch->failed = filter;
        watch->failed_install = (int)-info->exit.rval;
        return 0;
    }
    if (info->exit.rval != 0 && !(task->pending_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)) {
        free(filter); /* SECCOMP_FILTER_FLAG_TSYNC, and a thread that disagrees */
        return 0;
    }
    return keep_filter(watch, tracer, task, filter);
}

/* Reports a call that the filters refuse, as they are. That they were rewritten lets it happen. */
static void note_refusal(const struct watch *watch, const struct task *task,
                         const struct ptrace_syscall_info *info)
{
    struct seccomp_data data = {
        .nr = (int)info->entry.nr,
        .arch = info->arch,
        .instruction_pointer = info->instruction_pointer,
    };
    uint32_t verdict;

    memcpy(data.args, info->entry.args, sizeof(data.args));
    if (task->newest == NULL || watch->refused == NULL)
        return;
    verdict = simulate_all(task->newest, &data);
    if (!lets_through(verdict))
        watch->refused(watch->context, task, &data, verdict);
}

/* Whether no task does anything but wait, so that no more filters are to be expected. */
static int start_is_over(const struct watch *watch, const struct tracer *tracer, int idle)
{
    if (watch->refused != NULL || watch->filters.count == 0 || watch->limit != 0)
        return 0;
    for (const struct task *task = tracer->tasks; task != NULL; task = task->next)
        if (!task->waits && (!idle || tracer_runs(task)))
            return 0;
    return 1;
}

static int handle(struct watch *watch, struct tracer *tracer, const struct event *event)
{
    struct task *task = event->task;
    const char *called;

    switch (event->kind) {
    case CALL_ENTRY:
        called = called_name(&event->info);
        task->waits = may_wait(task, &event->info, called);
        task->held =
            task->waits && watch->refused == NULL && watch->filters.count > 0 && watch->limit == 0;
        note_refusal(watch, task, &event->info);
        return note_entry(watch, tracer, task, &event->info, called);
    case CALL_EXIT:
        task->waits = 0;
        return note_exit(watch, tracer, task, &event->info);
    case TRACER_FAILED:
        return -1;
    default:
        return 0;
    }
}

int watch(struct watch *watch, char **argv)
{
    struct tracer tracer;
    struct event event;
    int result = 0;

    if (tracer_start(&tracer, argv, watch->refused == NULL) != 0)
        return -1;
    do {
        tracer_next(&tracer, &event);
        result = handle(watch, &tracer, &event);
    } while (result == 0 && event.kind != ALL_GONE && event.kind != INTERRUPTED &&
             !start_is_over(watch, &tracer, event.kind == IDLE) &&
             (watch->limit == 0 || watch->filters.count < watch->limit));
    watch->status = tracer.status;
    watch->interrupted = tracer.interrupted;
    tracer_end(&tracer);
    return result;
}
