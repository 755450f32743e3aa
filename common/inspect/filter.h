/*
 * filter.h: a filter as the inspector holds it, and the kernel's rules for its instructions.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

/* The scratch memory of a filter: M[0] to M[15] (linux/filter.h). */
#define SCRATCH_WORDS BPF_MEMWORDS

struct filter {
    const struct filter *older; /* the next one that the same thread runs, NULL for the first */
    int number;                 /* counted from 1, in the order of their installation */
    int process;                /* who installed it: 1 is the program, 2 its first child ... */
    uint32_t audit_arch;        /* of the program that installed it, or that its bytes name */
    unsigned int length;
    struct sock_filter code[];
};

struct filters {
    struct filter **item;
    int count;
};

/*
 * Makes a filter of length instructions (up to BPF_MAXINSNS) from code. Returns it, for free(3) to
 * give back, or NULL when there is no memory. Not async-signal-safe.
 */
struct filter *filter_make(const struct sock_filter *code, unsigned int length);

/*
 * Reads a filter from a stream, as bytes in the byte order of this machine or, if only that makes
 * a filter, the other one. Returns it, or NULL and a reason in *why, a text that stays. Bytes that
 * are instructions, but no filter that the kernel accepts, are read too: filter_check tells.
 * Not async-signal-safe.
 */
struct filter *filter_read(FILE *stream, const char **why);

/*
 * Tells whether the kernel accepts a filter: returns NULL, or the reason why it says EINVAL, with
 * the first instruction that is at fault in *index. These are the rules of bpf_check_classic (the
 * kernel's net/core/filter.c) and seccomp_check_filter (kernel/seccomp.c). Async-signal-safe.
 */
const char *filter_check(const struct filter *filter, unsigned int *index);

/* Adds a filter, which then is the list's. Returns 0, or -1 without memory. */
int filters_add(struct filters *filters, struct filter *filter);

/* Gives back all filters of a list. */
void filters_free(struct filters *filters);

#endif
