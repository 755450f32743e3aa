/*
 * cause.h: why filters don't work here, as far as one can tell from inside.
 */
#ifndef CAUSE_H
#define CAUSE_H

#include <stddef.h>

struct cause {
    const char *words;  /* what this system looks like */
    const char *advice; /* what to do; more than one line if need be */
};

/* The cause of a trial's answer, see trial.h: of the first that failed. */
const struct cause *cause_of(int answer);

int is_gvisor(void);

/* Reads the start of a file, or "" if there is none. */
void read_text(const char *path, char *text, size_t size);

/* A number in /proc/self/status, or -1. The name is that of the line: "Seccomp" */
int status_number(const char *name);

#endif
