/*
 * output.h: how the inspector prints: formats, colours, JSON's strings.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdint.h>

#include "filter.h"
#include "names.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_RAW, FORMAT_DOT };

/* Everything that was asked for on the command line. */
struct request {
    enum format format;
    const struct abi *abi; /* --abi, or NULL */
    const char *source;    /* the program's or the file's name */
    char **argv;           /* the program and its arguments; empty with -f */
    char **call;           /* for trace: the call and its arguments */
    int live;
    int limit; /* --filters, or 0 */
    int only;  /* --only, or 0 */
};

/* Turns colours on if standard output is a terminal and NO_COLOR is not set (no-color.org). */
void choose_colours(void);

/* Escape sequences for what lets through and for what refuses; empty without colours. */
const char *verdict_colour(uint32_t value);
const char *end_colour(void);

/* Prints text as a JSON string, with its quotes. */
void print_json_string(const char *text);

/*
 * The commands. Each prints its report to standard output and returns 0, or -1 after it has said on
 * standard error what is wrong. newest is the filter of which a call is asked, and what is older.
 */
int show(const struct request *request, const struct filters *filters);
int trace(const struct request *request, const struct filter *newest);
int verdicts(const struct request *request, const struct filter *newest);
int missing(const struct request *request);

/*
 * Prints a filter as a part of a graph for dot(1), between begin_graph and end_graph. next may be
 * NULL; if not, the way through is drawn bold: next[i] is the index that ran after i, 0 if i did
 * not. title is the part's heading.
 */
void print_graph(const struct filter *filter, const unsigned int *next, const char *title);
void begin_graph(void);
void end_graph(void);

#endif
