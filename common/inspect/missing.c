/*
 * missing.c: seccomp-inspect missing: every call that a program's filters refuse, in one run.
 */
#define _GNU_SOURCE
#include "output.h"
#include "simulate.h"
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A call that was refused at least once; one through another ABI is another call. */
struct refusal {
    struct seccomp_data first; /* with the arguments of the first time */
    const struct abi *abi;     /* NULL if unknown */
    const char *name;          /* NULL if it has none */
    uint32_t verdict;
    int count;
    int processes; /* how many different ones; last is the latest */
    int last;
};

struct refusals {
    struct refusal *item;
    int count;
    int lost;
};

static void note_refusal(void *context, const struct task *task, const struct seccomp_data *data,
                         uint32_t verdict)
{
    struct refusals *refusals = context;
    struct refusal *item = refusals->item;
    int i = 0;

    while (i < refusals->count &&
           (item[i].first.nr != data->nr || item[i].first.arch != data->arch))
        i++;
    if (i == refusals->count) {
        item = realloc(item, ((size_t)i + 1) * sizeof(*item));
        if (item == NULL) {
            refusals->lost++;
            return;
        }
        refusals->item = item;
        refusals->count++;
        item[i] = (struct refusal){.first = *data, .verdict = verdict};
        item[i].abi = abi_of(data->arch, (uint32_t)data->nr);
        item[i].name = call_name(item[i].abi, (uint32_t)data->nr);
    }
    item[i].count++;
    if (item[i].last != task->process) {
        item[i].last = task->process;
        item[i].processes++;
    }
}

static void print_json(const struct request *request, const struct refusals *refusals)
{
    char action[ACTION_SIZE];

    printf("{\"source\": ");
    print_json_string(request->source);
    printf(", \"missing\": [");
    for (int i = 0; i < refusals->count; i++) {
        const struct refusal *refusal = &refusals->item[i];

        printf("%s\n  {\"name\": \"%s\", \"number\": %u, \"abi\": \"%s\", \"count\": %d, "
               "\"verdict\": ",
               i > 0 ? "," : "", refusal->name != NULL ? refusal->name : "",
               (uint32_t)refusal->first.nr, refusal->abi != NULL ? refusal->abi->name : "unknown",
               refusal->count);
        print_json_string(action_words(refusal->verdict, action));
        printf(", \"args\": [");
        for (int j = 0; j < 6; j++)
            printf("%s\"%#llx\"", j > 0 ? ", " : "", (unsigned long long)refusal->first.args[j]);
        printf("]}");
    }
    printf("\n]}\n");
}

static void print_row(const struct refusal *refusal, uint32_t own_arch)
{
    const struct abi *abi = refusal->abi;
    char label[60], action[ACTION_SIZE];

    snprintf(label, sizeof(label), "%.40s(%u)", refusal->name != NULL ? refusal->name : "",
             (uint32_t)refusal->first.nr);
    printf("%5d  %-24s  %s%-14s%s ", refusal->count, label, verdict_colour(refusal->verdict),
           action_words(refusal->verdict, action), end_colour());
    for (int i = 0; i < 6; i++)
        printf(" %#llx", (unsigned long long)refusal->first.args[i]);
    if (refusal->first.arch != own_arch || (abi != NULL && abi_base(abi) != 0))
        printf("  through %s", abi != NULL ? abi->name : "an unknown ABI");
    printf("\n");
}

/* The lines to paste, for calls of the architecture that the filter is made for. */
static void print_lines(const struct refusals *refusals, uint32_t own_arch)
{
    printf("Add to the allowlist:\n");
    for (int i = 0; i < refusals->count; i++) {
        const struct refusal *refusal = &refusals->item[i];

        if (refusal->name != NULL && refusal->first.arch == own_arch && abi_base(refusal->abi) == 0)
            printf("        ALLOW_SYSCALL(%s),\n", refusal->name);
    }
}

static void print_text(const struct request *request, const struct watch *watch,
                       const struct refusals *refusals)
{
    uint32_t own_arch = watch->last->audit_arch;

    if (refusals->count == 0) {
        printf("%s: no call is missing\n", request->source);
        return;
    }
    printf("times  call                      verdict         arguments, the first time\n");
    for (int i = 0; i < refusals->count; i++)
        print_row(&refusals->item[i], own_arch);
    print_lines(refusals, own_arch);
}

/* What the reader has to know about how the run ended. Returns -1 if the list is not whole. */
static int explain_end(const struct watch *watch, const struct refusals *refusals,
                       const char *program)
{
    if (watch->interrupted)
        fprintf(stderr, "seccomp-inspect: interrupted; the list ends there\n");
    else if (refusals->lost > 0)
        fprintf(stderr, "seccomp-inspect: no memory for %d of the refused calls\n", refusals->lost);
    else if (WIFSIGNALED(watch->status))
        fprintf(stderr,
                "seccomp-inspect: %s was killed by signal %d (%s); what it would have called "
                "later is not known\n",
                program, WTERMSIG(watch->status), strsignal(WTERMSIG(watch->status)));
    else
        return 0;
    return -1;
}

int missing(const struct request *request)
{
    struct refusals refusals = {0};
    struct watch w = {.refused = note_refusal, .context = &refusals};
    int result = watch(&w, request->argv);

    if (result == 0 && w.last == NULL) {
        explain_no_filter(&w, request->source);
        result = -1;
    } else if (result == 0) {
        if (request->format == FORMAT_JSON)
            print_json(request, &refusals);
        else
            print_text(request, &w, &refusals);
        result = explain_end(&w, &refusals, request->source);
    }
    free(refusals.item);
    free(w.failed);
    filters_free(&w.filters);
    return result;
}
