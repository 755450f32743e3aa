/*
 * trace.c: seccomp-inspect trace: walks one call through the filters, instruction by instruction.
 */
#include "describe.h"
#include "output.h"
#include "simulate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS 6

/* What the printing of a step needs, beside the step. */
struct walk {
    const struct filter *filter;
    enum format format;
    const struct context *contexts;
    int shows_x;
    int steps;
    unsigned int next[BPF_MAXINSNS]; /* see print_graph */
};

/* A number as C writes it, negative ones too. Returns 0, or -1 if the text is none. */
static int parse_number(const char *text, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = *text == '-' ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
    return *text == '\0' || *end != '\0' || errno != 0 ? -1 : 0;
}

/* The call that was asked for, through the ABI asked for or, if none was, the filter's own. */
static int parse_call(const struct request *request, const struct abi *abi,
                      struct seccomp_data *data)
{
    uint64_t number = 0;
    uint32_t named;

    data->arch = abi->audit_arch;
    if (call_number(abi, request->call[0], &named) == 0) {
        data->nr = (int)named;
    } else if (parse_number(request->call[0], &number) == 0 && (int64_t)number >= INT32_MIN &&
               (int64_t)number <= UINT32_MAX) {
        data->nr = (int)((uint32_t)number | abi_base(abi));
    } else {
        fprintf(stderr,
                "seccomp-inspect: %s has no call %s. Its names are listed by: seccomp-inspect "
                "verdicts %s; numbers do as well\n",
                abi->name, request->call[0], request->source);
        return -1;
    }
    for (int i = 0; request->call[i + 1] != NULL; i++) {
        if (i == ARGUMENTS) {
            fprintf(stderr, "seccomp-inspect: a call has no more than six arguments\n");
            return -1;
        }
        if (parse_number(request->call[i + 1], &number) != 0) {
            fprintf(stderr,
                    "seccomp-inspect: argument %s is not a number such as 1, -1 or 0x80000\n",
                    request->call[i + 1]);
            return -1;
        }
        if (!(abi->audit_arch & 0x80000000) || abi_base(abi) != 0)
            number = (uint32_t)number;
        data->args[i] = number;
    }
    return 0;
}

static int uses_x(const struct filter *filter)
{
    for (unsigned int i = 0; i < filter->length; i++)
        if (filter->code[i].code == (BPF_MISC | BPF_TAX) ||
            BPF_CLASS(filter->code[i].code) == BPF_LDX)
            return 1;
    return 0;
}

static void print_step_text(const struct walk *walk, unsigned int index,
                            const struct machine *machine)
{
    const struct sock_filter *instruction = &walk->filter->code[index];
    char meaning[MEANING_SIZE];

    printf("%4u  %-48s  A = %#x", index,
           describe(walk->filter, index, &walk->contexts[index], meaning), machine->a);
    if (walk->shows_x)
        printf("  X = %#x", machine->x);
    if (BPF_CLASS(instruction->code) == BPF_JMP && BPF_OP(instruction->code) != BPF_JA)
        printf("  -> %u", machine->next);
    printf("\n");
}

static void print_step(void *context, unsigned int index, const struct machine *machine)
{
    struct walk *walk = context;

    walk->next[index] = machine->next;
    if (walk->format == FORMAT_TEXT)
        print_step_text(walk, index, machine);
    else if (walk->format == FORMAT_JSON)
        printf("%s{\"index\": %u, \"a\": %u, \"x\": %u}", walk->steps == 0 ? "" : ", ", index,
               machine->a, machine->x);
    walk->steps++;
}

/* Walks one filter. Returns its value. */
static uint32_t walk_filter(const struct request *request, const struct filter *filter,
                            const struct seccomp_data *data)
{
    static struct context contexts[BPF_MAXINSNS];
    static struct walk walk;
    char title[200], action[ACTION_SIZE];
    unsigned int count;
    uint32_t value;

    find_contexts(filter, contexts);
    memset(&walk, 0, sizeof(walk));
    walk.filter = filter;
    walk.format = request->format;
    walk.contexts = contexts;
    walk.shows_x = uses_x(filter);
    if (request->format == FORMAT_TEXT)
        printf("filter %d\n", filter->number);
    else if (request->format == FORMAT_JSON)
        printf("  {\"number\": %d, \"steps\": [", filter->number);
    value = simulate(filter, data, print_step, &walk, &count);
    if (request->format == FORMAT_JSON) {
        printf("], \"value\": %u, \"verdict\": ", value);
        print_json_string(action_words(value, action));
        printf("}%s\n", filter->older != NULL ? "," : "");
    } else if (request->format == FORMAT_DOT) {
        snprintf(title, sizeof(title), "filter %d of %.80s: %.50s", filter->number, request->source,
                 request->call[0]);
        print_graph(filter, walk.next, title);
    } else {
        printf("%u instruction%s: %s%s%s\n", count, count == 1 ? "" : "s", verdict_colour(value),
               action_words(value, action), end_colour());
    }
    return value;
}

static void print_heading(const struct request *request, const struct abi *abi,
                          const struct seccomp_data *data)
{
    const char *name = call_name(abi, (uint32_t)data->nr);
    int json = request->format == FORMAT_JSON;

    if (json) {
        printf("{\"call\": ");
        print_json_string(name != NULL ? name : "");
        printf(", \"number\": %d, \"abi\": \"%s\", \"arch\": %u, \"args\": [", data->nr, abi->name,
               data->arch);
    } else {
        printf("%s (%u) through %s, args", name != NULL ? name : "unnamed call",
               (unsigned int)data->nr, abi->name);
    }
    for (int i = 0; i < ARGUMENTS; i++) /* strings in JSON, whose numbers end at 53 bits */
        printf("%s%s%#llx%s", json && i > 0 ? ", " : "", json ? "\"" : " ",
               (unsigned long long)data->args[i], json ? "\"" : "");
    printf("%s\n", json ? "], \"filters\": [" : "");
}

int trace(const struct request *request, const struct filter *newest)
{
    const struct abi *abi = request->abi != NULL ? request->abi : abi_of(newest->audit_arch, 0);
    struct seccomp_data data = {0};
    char action[ACTION_SIZE];
    uint32_t verdict;

    if (abi == NULL) {
        fprintf(stderr, "seccomp-inspect: an unknown architecture, %#x: choose one by --abi=NAME\n",
                newest->audit_arch);
        return -1;
    }
    if (parse_call(request, abi, &data) != 0)
        return -1;
    if (request->format == FORMAT_DOT)
        begin_graph();
    else
        print_heading(request, abi, &data);
    for (const struct filter *filter = newest; filter != NULL; filter = filter->older)
        walk_filter(request, filter, &data);
    verdict = simulate_all(newest, &data);
    if (request->format == FORMAT_TEXT) {
        printf("verdict: %s%s%s\n", verdict_colour(verdict), action_words(verdict, action),
               end_colour());
    } else if (request->format == FORMAT_JSON) {
        printf("], \"value\": %u, \"lets_through\": %s, \"verdict\": ", verdict,
               lets_through(verdict) ? "true" : "false");
        print_json_string(action_words(verdict, action));
        printf("}\n");
    } else {
        end_graph();
    }
    return 0;
}
