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
#include <sys/prctl.h>

#include <linux/audit.h>

#define REWRITTEN (SECCOMP_RET_TRACE | 0x5ec)

static int is_call(const struct ptrace_syscall_info *info, const char *name)
{
    const char *called =
        call_name(abi_of(info->arch, (uint32_t)info->entry.nr), (uint32_t)info->entry.nr);

    return called != NULL && strcmp(called, name) == 0;
}

/* Whether a call may wait for something from outside, whatever its variant for times is called. */
static int may_wait(const struct ptrace_syscall_info *info)
{
    static const char *const waiting[] = {
        "read",         "readv",           "pread64",         "preadv",
        "select",       "_newselect",      "pselect6",        "poll",
        "ppoll",        "accept",          "accept4",         "recv",
        "recvfrom",     "recvmsg",         "recvmmsg",        "pause",
        "nanosleep",    "clock_nanosleep", "wait4",           "waitpid",
        "waitid",       "futex",           "rt_sigtimedwait", "rt_sigsuspend",
        "epoll_wait",   "epoll_pwait",     "epoll_pwait2",    "sigsuspend",
        "io_getevents", "msgrcv",          "semop",           "semtimedop",
        "socketcall",   "futex_wait"};
    char name[64];
    char *end;
    const char *called =
        call_name(abi_of(info->arch, (uint32_t)info->entry.nr), (uint32_t)info->entry.nr);

    if (called == NULL)
        return 0;
    snprintf(name, sizeof(name), "%s", called);
    if ((end = strstr(name, "_time64")) != NULL)
        *end = '\0';
    for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++)
        if (strcmp(name, waiting[i]) == 0)
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

/* At the entry of a call: is it an installation? Returns -1 if the watch has to end. */
static int note_entry(struct watch *watch, struct task *task,
                      const struct ptrace_syscall_info *info)
{
    uint64_t first = info->entry.args[0], second = info->entry.args[1];
    int by_prctl = is_call(info, "prctl") && (int)first == PR_SET_SECCOMP;
    int by_seccomp = is_call(info, "seccomp");
    unsigned int index;

    if ((by_prctl && second == SECCOMP_MODE_STRICT) ||
        (by_seccomp && first == SECCOMP_SET_MODE_STRICT))
        watch->strict = 1;
    if (!(by_prctl && second == SECCOMP_MODE_FILTER) &&
        !(by_seccomp && first == SECCOMP_SET_MODE_FILTER))
        return 0;
    task->pending = fetch_filter(task, info, info->entry.args[2], &task->pending_address);
    task->pending_flags = by_seccomp ? second : 0;
    if (task->pending == NULL || watch->refused == NULL ||
        filter_check(task->pending, &index) != NULL)
        return 0; /* nothing to rewrite, or nothing that the kernel will take */
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

    if (filter == NULL)
        return 0;
    task->pending = NULL;
    if (watch->refused != NULL)
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

/* A filter that was rewritten stopped a call. What would the filters have said as they were? */
static void note_refusal(const struct watch *watch, const struct task *task,
                         const struct ptrace_syscall_info *info)
{
    struct seccomp_data data = {
        .nr = (int)info->seccomp.nr,
        .arch = info->arch,
        .instruction_pointer = info->instruction_pointer,
    };
    uint32_t verdict;

    memcpy(data.args, info->seccomp.args, sizeof(data.args));
    if (task->newest == NULL || watch->refused == NULL)
        return;
    verdict = simulate_all(task->newest, &data);
    if (!lets_through(verdict))
        watch->refused(watch->context, task, &data, verdict);
}

/* Holds a task that has a filter and is about to wait; tells whether no task does anything else. */
static int start_is_over(const struct watch *watch, const struct tracer *tracer)
{
    if (watch->refused != NULL || watch->filters.count == 0 || watch->limit != 0)
        return 0;
    for (struct task *task = tracer->tasks; task != NULL; task = task->next)
        if (!task->waits)
            return 0;
    return 1;
}

static int handle(struct watch *watch, struct tracer *tracer, const struct event *event)
{
    struct task *task = event->task;

    switch (event->kind) {
    case CALL_ENTRY:
        task->waits = may_wait(&event->info);
        task->held =
            task->waits && watch->refused == NULL && watch->filters.count > 0 && watch->limit == 0;
        return note_entry(watch, task, &event->info);
    case CALL_EXIT:
        task->waits = 0;
        return note_exit(watch, tracer, task, &event->info);
    case CALL_TRACED:
        note_refusal(watch, task, &event->info);
        return 0;
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
             !start_is_over(watch, &tracer) &&
             (watch->limit == 0 || watch->filters.count < watch->limit));
    watch->status = tracer.status;
    watch->interrupted = tracer.interrupted;
    tracer_end(&tracer);
    return result;
}
