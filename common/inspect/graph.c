/*
 * graph.c: draws a filter as a flow graph, for dot(1): a node is what runs without a branch, or a
 * list.
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

/*
 * Finds the node of each instruction: the index of the node's first one. A node begins with the
 * filter and with whatever a jump leads to. ways_in says how many ways lead to an instruction.
 */
static void find_nodes(const struct filter *filter, const struct context *contexts,
                       unsigned int *node_of, unsigned int *ways_in)
{
    unsigned char leads[BPF_MAXINSNS + 1] = {1};
    unsigned int to[2];

    memset(ways_in, 0, BPF_MAXINSNS * sizeof(ways_in[0]));
    for (unsigned int i = 0; i < filter->length; i++) {
        int ways = successors(filter, i, to);

        for (int way = 0; way < ways; way++)
            ways_in[to[way]] += contexts[i].reached != 0;
        if (BPF_CLASS(filter->code[i].code) != BPF_JMP && ways > 0)
            continue;
        leads[i + 1] = 1;
        if (ways > 0)
            leads[to[0]] = leads[to[1]] = 1;
    }
    for (unsigned int i = 0; i < filter->length; i++)
        node_of[i] = leads[i] ? i : node_of[i - 1];
}

/* True if instruction i asks, and returns a constant where the answer is yes; to has its ways. */
static int is_entry(const struct filter *filter, unsigned int i, unsigned int to[2])
{
    return successors(filter, i, to) == 2 && to[0] != to[1] &&
           filter->code[to[0]].code == (BPF_RET | BPF_K);
}

/*
 * Makes one node of a list: of tests that each lead to the next one, and return the same otherwise.
 * Their returns become one node too.
 */
static void join_lists(const struct filter *filter, const struct context *contexts,
                       unsigned int *node_of, const unsigned int *ways_in)
{
    unsigned int to[2], after[2];

    for (unsigned int i = 0; i < filter->length; i++) {
        if (!contexts[i].reached || !is_entry(filter, i, to) || ways_in[to[1]] != 1 ||
            !is_entry(filter, to[1], after) || filter->code[to[0]].k != filter->code[after[0]].k ||
            (after[0] != to[0] && ways_in[after[0]] != 1))
            continue;
        node_of[to[1]] = node_of[i];
        node_of[after[0]] = node_of[to[0]];
    }
}

/* The edges that leave the node whose last instruction is last; tests says how many are in it. */
static void print_edges(const struct filter *filter, const unsigned int *node_of, unsigned int last,
                        int tests, const unsigned int *next)
{
    static const char *const one[] = {" yes", " no"}, *const list[] = {" any yes", " all no"};
    unsigned int to[2];
    int ways = successors(filter, last, to);

    for (int way = 0; way < ways; way++)
        printf("    f%d_%u -> f%d_%u [label=\"%s\"%s];\n", filter->number, node_of[last],
               filter->number, node_of[to[way]],
               ways < 2    ? ""
               : tests > 1 ? list[way]
                           : one[way],
               next != NULL && next[last] == to[way] ? " penwidth=3" : "");
}

/* An instruction in words; of a test the question, as the edges say where it leads. */
static void print_meaning(const struct filter *filter, unsigned int i,
                          const struct context *context)
{
    char meaning[MEANING_SIZE];
    const char *words = describe(filter, i, context, meaning);
    char *targets = words == meaning ? strstr(meaning, "?  yes: ") : NULL;

    if (targets != NULL)
        targets[1] = '\0';
    printf(": ");
    print_escaped(words);
    printf("\\l");
}

/* One node: its instructions in words, of returns that are the same one only; then its edges. */
static void print_node(const struct filter *filter, unsigned int node,
                       const struct context *contexts, const unsigned int *node_of,
                       const unsigned int *next)
{
    const struct sock_filter *first = &filter->code[node];
    int returns = first->code == (BPF_RET | BPF_K), tests = 0;
    unsigned int last = node, to[2];

    printf("    f%d_%u [label=\"%u", filter->number, node, node);
    for (unsigned int i = node; i < filter->length; i++) {
        if (node_of[i] != node)
            continue;
        if (!returns && i > node)
            printf("%u", i);
        if (!returns)
            print_meaning(filter, i, &contexts[i]);
        tests += successors(filter, i, to) == 2;
        last = i;
    }
    if (returns && last > node)
        printf(" ... %u", last);
    if (returns)
        print_meaning(filter, node, &contexts[node]);
    printf("\"%s%s];\n",
           !returns                 ? ""
           : lets_through(first->k) ? " class=\"allow\" color=\"#2e7d32\""
                                    : " class=\"refuse\" color=\"#c62828\"",
           next != NULL && next[node] != 0 ? " penwidth=3" : "");
    print_edges(filter, node_of, last, tests, next);
}

void print_graph(const struct filter *filter, const unsigned int *next, const char *title)
{
    static struct context contexts[BPF_MAXINSNS];
    static unsigned int node_of[BPF_MAXINSNS], ways_in[BPF_MAXINSNS];

    find_contexts(filter, contexts);
    find_nodes(filter, contexts, node_of, ways_in);
    if (next == NULL) /* a way through goes from test to test */
        join_lists(filter, contexts, node_of, ways_in);
    printf("  subgraph cluster_%d {\n    label=\"", filter->number);
    print_escaped(title);
    printf("\"\n");
    for (unsigned int i = 0; i < filter->length; i++)
        if (contexts[i].reached && node_of[i] == i)
            print_node(filter, i, contexts, node_of, next);
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
