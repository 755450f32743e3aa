/*
 * simulate.h: runs a filter as the kernel does, on one system call or on all arguments at once.
 */
#ifndef SIMULATE_H
#define SIMULATE_H

#include "filter.h"

/* The registers of a filter while it runs. */
struct machine {
    uint32_t a; /* the accumulator */
    uint32_t x; /* the index register */
    uint32_t memory[SCRATCH_WORDS];
    unsigned int next; /* the index of the instruction that comes next */
};

/* Called after each instruction, its index given, with the registers as they are then. */
typedef void observer(void *context, unsigned int index, const struct machine *machine);

/*
 * Runs a filter that filter_check accepts on a call. data is in this machine's byte order; what
 * the filter loads is in that of data->arch. observe may be NULL; executed, if it is not NULL,
 * gets the number of instructions that ran. Returns the filter's return value. Async-signal-safe.
 */
uint32_t simulate(const struct filter *filter, const struct seccomp_data *data, observer *observe,
                  void *context, unsigned int *executed);

/*
 * Runs a filter and those that are older: returns the value of the most severe action, that of the
 * newest filter where several are as severe (seccomp_run_filters in kernel/seccomp.c).
 * Async-signal-safe.
 */
uint32_t simulate_all(const struct filter *newest, const struct seccomp_data *data);

/* The action of a return value, without its data: one of SECCOMP_RET_..., or an unknown one. */
uint32_t action_of(uint32_t value);

/* Whether one return value's action outranks another's: it does if its number, signed, is less. */
int outranks(uint32_t value, uint32_t other);

/*
 * Whether a return value lets the call happen: allowed, logged, left to the program's own
 * supervisor (user notification), or done by the reporter's handler (a trap with the data
 * REPORTER_EMULATED).
 */
int lets_through(uint32_t value);

/* The values that a filter can return; any is set if the value can't be told beforehand. */
#define OUTCOMES_MAX 16
struct outcomes {
    uint32_t value[OUTCOMES_MAX]; /* the most severe first */
    int count;
    int any;
};

/*
 * Finds what a filter and those that are older may answer to one call through one ABI, whatever its
 * arguments and the instruction pointer are. It may find more than is possible, never less.
 * Returns 0, or -1 without memory. Not async-signal-safe.
 */
int find_outcomes(const struct filter *newest, uint32_t audit_arch, uint32_t number,
                  struct outcomes *outcomes);

#endif
