/*
 * trial.h: what the lesson needs of the kernel, tried out in children.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stdint.h>

/*
 * Runs a trial in a child, where no filter of it stays behind. Returns 0 if it works; an errno; the
 * negated number of the signal that the child died of; or one of the following.
 */
enum { NOT_FILTERED = 200, WRONG_NUMBERS, THREAD_ONLY };
int in_child(int (*trial)(void));

/* The trials: each returns 0 or one of the above. */
int try_no_new_privs(void); /* can no-new-privileges be set? */
int try_errno(void);        /* does a filter, installed by prctl(2), refuse a call? */
int try_trap(void);         /* does a trap tell the call's number and architecture? */
int try_kill(void);         /* does a killing filter end a process? */
int try_kill_threads(void); /* and one with threads? */
int try_seccomp_call(void); /* does seccomp(2) install a filter as well? */
int try_listener(void);     /* and one with user notification? */

/* Whether the kernel offers an action, SECCOMP_RET_...; the same answers. */
int try_action(uint32_t action);

/* Whether the parent may trace its child; the same answers. */
int try_ptrace(void);

/* Starts a child that only waits, until end_child; returns its id, or -1. */
int start_child(void);
void end_child(int child);

/* Says what an answer means, in a few words. */
const char *answer_words(int answer);

#endif
