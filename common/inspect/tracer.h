/*
 * tracer.h: runs a program under ptrace(2), with all its threads and children, one event at a time.
 */
#ifndef TRACER_H
#define TRACER_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ptrace.h>

#include "filter.h"

/* A thread of the program or of one of its children. */
struct task {
    struct task *next;
    pid_t id;
    pid_t group; /* the process it belongs to */
    int process; /* which process that is: 1 is the program, 2 its first child ... */
    int known;   /* its parent's event has come */
    int stopped; /* it waits for us, and goes on with the next tracer_next */
    int held;    /* unless the caller sets this */
    int pass_on; /* the signal it gets when it goes on, or 0 */
    int listens; /* job control has stopped it: it goes on by SIGCONT only */
    const struct filter *newest; /* the filter it installed last, or inherited */
    int waits;                   /* the watcher's: it is inside a call that may wait */
    int installs;                /* the watcher's: it is inside a call that installs a filter */
    struct filter *pending;      /* the watcher's: what it is about to install, the task's own */
    uint64_t pending_address;    /* where that lies in its memory */
    uint64_t pending_flags;      /* SECCOMP_FILTER_FLAG_... */
};

enum event_kind {
    CALL_ENTRY,   /* task is about to make a system call: see info.entry */
    CALL_EXIT,    /* its call has ended: see info.exit */
    TASK_GONE,    /* a task has ended; task is NULL, info says nothing */
    ALL_GONE,     /* the last one has: see status in struct tracer */
    IDLE,         /* nothing has happened for a second */
    INTERRUPTED,  /* SIGINT, SIGTERM or SIGHUP came, see interrupted in struct tracer */
    TRACER_FAILED /* an error, which was printed */
};

struct event {
    enum event_kind kind;
    struct task *task;
    struct ptrace_syscall_info info;
};

struct tracer {
    struct task *tasks;
    pid_t program; /* the process that was started */
    int status;    /* how it ended, as wait(2) says; only after ALL_GONE */
    int processes; /* how many there have been */
    int interrupted;
    int stop_wanted;  /* SIGTSTP came: we stop as well, after all tasks have */
    sigset_t awaited; /* SIGCHLD, SIGTSTP and the signals that interrupt */
    sigset_t before;  /* the signals blocked before */
};

/*
 * Starts a program, found along PATH, with argv as its arguments. Ours has nothing but the report:
 * its standard output goes to our standard error or, if quiet, nowhere. Returns 0, or -1 after it
 * has said on standard error why, and what to do. There can be one tracer at a time; until
 * its end signals are blocked. Not async-signal-safe, like all functions here.
 */
int tracer_start(struct tracer *tracer, char **argv, int quiet);

/* Lets all tasks go on but those that are held, and waits for the next event. */
void tracer_next(struct tracer *tracer, struct event *event);

/* Whether a task runs or could run, by /proc; one that is held or waits in a call does not. */
int tracer_runs(const struct task *task);

/* Ends everything that is left of the program, and gives its tasks back. */
void tracer_end(struct tracer *tracer);

/*
 * Reads, or writes, size bytes of a task's memory, size a multiple of sizeof(long). Writing goes
 * through read-only pages too. Returns 0, or -1 with errno from ptrace(2).
 */
int tracer_read(const struct task *task, uint64_t address, void *bytes, size_t size);
int tracer_write(const struct task *task, uint64_t address, const void *bytes, size_t size);

#endif
