/*
 * describe.h: says in words what each instruction of a filter means.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "filter.h"

/* What is known before an instruction runs, whichever way it is reached. */
struct context {
    int reached;         /* 0: no call ever gets here */
    uint32_t audit_arch; /* the architecture that was tested for, 0 if it is open */
    int field;           /* the offset in seccomp_data that the accumulator holds, or NO_FIELD */
};

#define NO_FIELD (-1)

/*
 * Finds the context of each instruction of a filter that filter_check accepts. contexts has room
 * for filter->length of them. Async-signal-safe.
 */
void find_contexts(const struct filter *filter, struct context *contexts);

/*
 * Writes the meaning of instruction index, in its context, to text; returns text. Names of calls
 * are those of the architecture tested for or, where that is open, of filter->audit_arch.
 * Not async-signal-safe.
 */
#define MEANING_SIZE 160
const char *describe(const struct filter *filter, unsigned int index, const struct context *context,
                     char text[MEANING_SIZE]);

/*
 * The architecture that the filter's first test of one asks for, if it is a known one; otherwise
 * that of this program. What a filter from a file is for.
 */
uint32_t guess_audit_arch(const struct filter *filter);

#endif
