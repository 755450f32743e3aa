/*
 * show.c: seccomp-inspect show: prints filters, each instruction as it is and in words.
 */
#include "describe.h"
#include "output.h"

#include <stdio.h>
#include <stdlib.h>

static const char *arch_name(const struct filter *filter)
{
    const struct abi *abi = abi_of(filter->audit_arch, 0);

    return abi != NULL ? abi->name : "unknown architecture";
}

static void print_text(const struct filter *filter, const struct context *contexts,
                       const char *source)
{
    char meaning[MEANING_SIZE];

    printf("filter %d of %s: %s, %u instruction%s", filter->number, source, arch_name(filter),
           filter->length, filter->length == 1 ? "" : "s");
    if (filter->process > 1)
        printf(", installed by process %d", filter->process);
    printf("\n   i  code jt jf k         meaning\n");
    for (unsigned int i = 0; i < filter->length; i++) {
        const struct sock_filter *instruction = &filter->code[i];
        int returns = instruction->code == (BPF_RET | BPF_K);

        printf("%4u  %04x %02x %02x %08x  %s%s%s%s\n", i, instruction->code, instruction->jt,
               instruction->jf, instruction->k, returns ? verdict_colour(instruction->k) : "",
               describe(filter, i, &contexts[i], meaning), returns ? end_colour() : "",
               contexts[i].reached ? "" : "  (never reached)");
    }
}

static void print_json(const struct filter *filter, const struct context *contexts)
{
    char meaning[MEANING_SIZE];

    printf("{\"number\": %d, \"process\": %d, \"arch\": ", filter->number, filter->process);
    print_json_string(arch_name(filter));
    printf(", \"audit_arch\": %u, \"instructions\": [", filter->audit_arch);
    for (unsigned int i = 0; i < filter->length; i++) {
        const struct sock_filter *instruction = &filter->code[i];

        printf(
            "%s\n  {\"index\": %u, \"code\": %u, \"jt\": %u, \"jf\": %u, \"k\": %u, \"meaning\": ",
            i == 0 ? "" : ",", i, instruction->code, instruction->jt, instruction->jf,
            instruction->k);
        print_json_string(describe(filter, i, &contexts[i], meaning));
        printf("%s}", contexts[i].reached ? "" : ", \"reached\": false");
    }
    printf("\n]}");
}

static void print_one(const struct request *request, const struct filter *filter)
{
    static struct context contexts[BPF_MAXINSNS];
    char title[200];

    find_contexts(filter, contexts);
    switch (request->format) {
    case FORMAT_TEXT:
        print_text(filter, contexts, request->source);
        break;
    case FORMAT_JSON:
        print_json(filter, contexts);
        break;
    case FORMAT_DOT:
        snprintf(title, sizeof(title), "filter %d of %.160s", filter->number, request->source);
        print_graph(filter, NULL, title);
        break;
    default:
        fwrite(filter->code, sizeof(filter->code[0]), filter->length, stdout);
    }
}

/* Whether what was asked for can be shown of so many filters. */
static int check_count(const struct request *request, const struct filters *filters)
{
    if (request->only > filters->count) {
        fprintf(stderr, "seccomp-inspect: there is no filter %d, only %d\n", request->only,
                filters->count);
        return -1;
    }
    if (request->format == FORMAT_RAW && filters->count > 1 && request->only == 0) {
        fprintf(stderr,
                "seccomp-inspect: %s installs %d filters, whose bytes together would be another "
                "one: choose by --only=1 to --only=%d\n",
                request->source, filters->count, filters->count);
        return -1;
    }
    return 0;
}

int show(const struct request *request, const struct filters *filters)
{
    int shown = 0;

    if (check_count(request, filters) != 0)
        return -1;
    if (request->format == FORMAT_JSON) {
        printf("{\"source\": ");
        print_json_string(request->source);
        printf(", \"filters\": [\n");
    } else if (request->format == FORMAT_DOT) {
        begin_graph();
    }
    for (int i = 0; i < filters->count; i++) {
        if (request->only != 0 && request->only != i + 1)
            continue;
        if (shown++ > 0)
            printf("%s", request->format == FORMAT_JSON   ? ",\n"
                         : request->format == FORMAT_TEXT ? "\n"
                                                          : "");
        print_one(request, filters->item[i]);
    }
    if (request->format == FORMAT_JSON)
        printf("\n]}\n");
    else if (request->format == FORMAT_DOT)
        end_graph();
    return 0;
}
