/*
 * graph.c: draws a filter as a flow graph, for dot(1): a node is what runs without a branch.
 */
#include "describe.h"
#include "output.h"
#include "simulate.h"

#include <stdio.h>
#include <string.h>

/* Where instruction i may go: returns how many ways, with the targets in to; the first is "yes". */
static int successors(const struct filter *filter, unsigned int i, unsigned int to[2])
{
    const struct sock_filter *instruction = &filter->code[i];

    to[0] = to[1] = i + 1;
    if (BPF_CLASS(instruction->code) == BPF_RET)
        return 0;
    if (BPF_CLASS(instruction->code) != BPF_JMP)
        return 1;
    if (BPF_OP(instruction->code) == BPF_JA) {
        to[0] += instruction->k;
        return 1;
    }
    to[0] += instruction->jt;
    to[1] += instruction->jf;
    return 2;
}

static void print_escaped(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar((unsigned char)*text < ' ' ? ' ' : *text);
    }
}

/* Marks the instructions that begin a node: the first, and whatever a jump leads to. */
static void find_leaders(const struct filter *filter, unsigned char *leads)
{
    unsigned int to[2];

    memset(leads, 0, BPF_MAXINSNS + 1);
    leads[0] = 1;
    for (unsigned int i = 0; i < filter->length; i++)
        if (BPF_CLASS(filter->code[i].code) == BPF_JMP ||
            BPF_CLASS(filter->code[i].code) == BPF_RET) {
            leads[i + 1] = 1;
            if (successors(filter, i, to) > 0)
                leads[to[0]] = leads[to[1]] = 1;
        }
}

/* The edges that leave the node, whose last instruction is i. */
static void print_edges(const struct filter *filter, unsigned int node, unsigned int i,
                        const unsigned int *next)
{
    unsigned int to[2];
    int ways = successors(filter, i, to);

    for (int way = 0; way < ways; way++) {
        int bold = next != NULL && next[i] == to[way];

        printf("    f%d_%u -> f%d_%u [label=\"%s\"%s];\n", filter->number, node, filter->number,
               to[way],
               ways < 2   ? ""
               : way == 0 ? " yes"
                          : " no",
               bold ? " penwidth=3" : "");
    }
}

/* One node: its instructions in words, then its edges. Returns the index after it. */
static unsigned int print_node(const struct filter *filter, unsigned int first,
                               const struct context *contexts, const unsigned char *leads,
                               const unsigned int *next)
{
    char meaning[MEANING_SIZE];
    unsigned int i = first;
    const char *class = "";

    printf("    f%d_%u [label=\"", filter->number, first);
    for (;;) {
        const char *words = describe(filter, i, &contexts[i], meaning);
        char *targets = words == meaning ? strstr(meaning, "?  yes: ") : NULL;

        if (targets != NULL)
            targets[1] = '\0'; /* the edges say where it goes */
        printf("%u: ", i);
        print_escaped(words);
        printf("\\l");
        if (leads[i + 1] || i + 1 == filter->length)
            break;
        i++;
    }
    if (filter->code[i].code == (BPF_RET | BPF_K))
        class = lets_through(filter->code[i].k) ? " class=\"allow\" color=\"#2e7d32\""
                                                : " class=\"refuse\" color=\"#c62828\"";
    printf("\"%s%s];\n", class, next != NULL && next[first] != 0 ? " penwidth=3" : "");
    print_edges(filter, first, i, next);
    return i + 1;
}

void print_graph(const struct filter *filter, const unsigned int *next, const char *title)
{
    static struct context contexts[BPF_MAXINSNS];
    unsigned char leads[BPF_MAXINSNS + 1];

    find_contexts(filter, contexts);
    find_leaders(filter, leads);
    printf("  subgraph cluster_%d {\n    label=\"", filter->number);
    print_escaped(title);
    printf("\"\n");
    for (unsigned int i = 0; i < filter->length;)
        if (contexts[i].reached)
            i = print_node(filter, i, contexts, leads, next);
        else
            i++;
    printf("  }\n");
}

void begin_graph(void)
{
    printf("digraph filters {\n  labelloc=t\n  node [shape=box fontname=\"monospace\"]\n"
           "  edge [fontname=\"sans-serif\"]\n");
}

void end_graph(void)
{
    printf("}\n");
}
