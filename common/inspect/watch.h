/*
 * watch.h: runs a program and collects the filters that it installs, or the calls they refuse.
 */
#ifndef WATCH_H
#define WATCH_H

#include "filter.h"
#include "tracer.h"

/* A call that a filter refused: who made it, what it was, and what the filter said. */
typedef void refused_call(void *context, const struct task *task, const struct seccomp_data *data,
                          uint32_t verdict);

struct watch {
    int limit;             /* stop after so many filters; 0: at the end of the program's start */
    refused_call *refused; /* if not NULL: run to the end, let refused calls happen, report each */
    void *context;         /* for refused */

    struct filters filters; /* all that were installed, in order; the caller frees them */
    struct filter *last;    /* of the task that installed one last: its newest filter */
    int status;             /* how the program ended, as wait(2) says, if it came to that */
    int interrupted;        /* the signal that interrupted it, or 0 */
    int failed_install;     /* errno of an installation that failed, or 0 */
    struct filter *failed;  /* and what was to be installed, or NULL; the caller frees it */
    int unread;             /* a filter was installed that could not be read */
    int strict;             /* it entered strict mode instead */
};

/*
 * Runs a program, found along PATH, and watches its processes and threads for filters installed by
 * prctl(2) or seccomp(2).
 *
 * Without refused, the program's start ends when every task of it has ended, or waits or is about
 * to wait for something (input, time, another process) after there was a filter; or when for a
 * second none of them has made a call, nor run. Then all its tasks are killed. With refused, each
 * return of a filter that refuses is turned into SECCOMP_RET_TRACE in the program's memory while
 * the kernel reads it, and put back afterwards.
 *
 * Returns 0, or -1 after it has said what is wrong on standard error. Leaves no process behind.
 * Not async-signal-safe.
 */
int watch(struct watch *watch, char **argv);

/* Says on standard error why a watched program has given no filter. */
void explain_no_filter(const struct watch *watch, const char *program);

/* Says on standard error which instruction of a filter the kernel would refuse, and why. */
void explain_check(const struct filter *filter, const char *source, const char *reason,
                   unsigned int index);

#endif
