/*
 * live.h: asks this kernel what filters say to calls, without a call happening.
 */
#ifndef LIVE_H
#define LIVE_H

#include "filter.h"
#include "names.h"

/* What is tried: the numbers 0 to 1023 of each ABI, and these that lie at an edge. */
#define LIVE_SEQUENCE 1024
#define LIVE_EDGES 6
#define LIVE_NUMBERS (LIVE_SEQUENCE + LIVE_EDGES)
#define LIVE_DOORS 3
#define LIVE_ARGUMENTS 2 /* each once with all arguments 0, once with all their bits set */

enum live_state {
    LIVE_UNTRIED,
    LIVE_TRYING,     /* the child is at it, or has died of it */
    LIVE_ANSWERED,   /* value is what the filter returned */
    LIVE_UNFILTERED, /* the kernel did not ask the filter */
    LIVE_CLOSED      /* this kernel has no such door */
};

struct live_answer {
    unsigned char state;
    uint32_t value;
};

struct live_door {
    const struct abi *abi;
    uint64_t instruction_pointer; /* at the calls of this door */
    struct live_answer answer[LIVE_NUMBERS][LIVE_ARGUMENTS];
};

struct live_trial {
    int finished;
    int doors;
    struct live_door door[LIVE_DOORS];
};

/* The number that is tried at a place of the list, for an ABI. */
uint32_t live_number(const struct abi *abi, int place);

/* What the arguments of a try are in seccomp_data: 0, or all bits set, as wide as the ABI's are. */
uint64_t live_argument(const struct abi *abi, int which);

/*
 * Tries a filter and those that are older on every number, through every ABI that this program can
 * enter. Returns the answers, for live_free, or NULL after it has said on standard error why not.
 * A child does it: nothing that was installed stays. Not async-signal-safe.
 */
struct live_trial *live_try(const struct filter *newest);

void live_free(struct live_trial *trial);

#endif
