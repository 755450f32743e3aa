/*
 * verdicts.c: seccomp-inspect verdicts: what the filters say to every call of every ABI.
 */
#include "describe.h"
#include "live.h"
#include "output.h"
#include "simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_SIZE (OUTCOMES_MAX * (ACTION_SIZE + 4) + 12)

/* A call's line of the table: its name, and what it is in each ABI. */
struct row {
    char name[48];
    int present[ABIS_MAX];
    uint32_t number[ABIS_MAX];
    struct outcomes outcomes[ABIS_MAX];
};

struct table {
    const struct abi *abi[ABIS_MAX];
    int abis;
    struct row *row;
    int rows, room;
};

/* The name that leads a number: the first of aliases is the call's, the others are left out. */
static int is_alias(const struct abi *abi, const struct call *call)
{
    return call_name(abi, (uint32_t)call->number) != call->name;
}

static struct row *find_row(struct table *table, const char *name)
{
    for (int i = 0; i < table->rows; i++)
        if (strcmp(table->row[i].name, name) == 0)
            return &table->row[i];
    if (table->rows == table->room) {
        size_t room = 2 * (size_t)table->room + 1024;
        struct row *row = realloc(table->row, room * sizeof(*row));

        if (row == NULL)
            return NULL;
        table->row = row;
        table->room = (int)room;
    }
    memset(&table->row[table->rows], 0, sizeof(table->row[0]));
    snprintf(table->row[table->rows].name, sizeof(table->row[0].name), "%s", name);
    return &table->row[table->rows++];
}

/* Puts a call into the table, under a name, with what the filters may answer. */
static int add_call(struct table *table, int column, const char *name, uint32_t number,
                    const struct filter *newest)
{
    struct row *row = find_row(table, name);

    if (row == NULL)
        return -1;
    if (row->present[column])
        return 0;
    row->present[column] = 1;
    row->number[column] = number;
    return find_outcomes(newest, table->abi[column]->audit_arch, number, &row->outcomes[column]);
}

/* Calls that the headers do not name, but a filter does by its number. */
static int add_unnamed(struct table *table, const struct filter *newest)
{
    static struct context contexts[BPF_MAXINSNS];
    char name[48];

    for (const struct filter *filter = newest; filter != NULL; filter = filter->older) {
        find_contexts(filter, contexts);
        for (unsigned int i = 0; i < filter->length; i++) {
            uint32_t k = filter->code[i].k;
            uint32_t arch =
                contexts[i].audit_arch != 0 ? contexts[i].audit_arch : filter->audit_arch;

            if (!contexts[i].reached || contexts[i].field != offsetof(struct seccomp_data, nr) ||
                filter->code[i].code != (BPF_JMP | BPF_JEQ | BPF_K))
                continue;
            snprintf(name, sizeof(name), "(%u)", k);
            for (int column = 0; column < table->abis; column++)
                if (table->abi[column] == abi_of(arch, k) &&
                    call_name(table->abi[column], k) == NULL &&
                    add_call(table, column, name, k, newest) != 0)
                    return -1;
        }
    }
    return 0;
}

/* In the order of the first ABI's numbers; what it lacks comes after that, in the next one's. */
static int compare_rows(const void *first, const void *second)
{
    const struct row *a = first, *b = second;

    for (int i = 0; i < ABIS_MAX; i++) {
        if (a->present[i] != b->present[i])
            return b->present[i] - a->present[i];
        if (a->present[i])
            return a->number[i] < b->number[i] ? -1 : a->number[i] > b->number[i];
    }
    return 0;
}

/* An ABI of which nothing is known, neither by headers nor by a filter, needs no column. */
static void drop_empty_columns(struct table *table)
{
    int last = table->abis - 1;

    while (last > 0) {
        for (int i = 0; i < table->rows; i++)
            if (table->row[i].present[last])
                return;
        table->abis = last--;
    }
}

/* Makes the table of a filter's ABIs. Returns 0, or -1 without memory. */
static int make_table(struct table *table, const struct filter *newest)
{
    memset(table, 0, sizeof(*table));
    table->abis = abis_entered_from(newest->audit_arch, table->abi);
    for (int i = 0; i < table->abis; i++)
        for (const struct call *call = table->abi[i]->calls; call->name != NULL; call++) {
            if (!is_alias(table->abi[i], call) &&
                add_call(table, i, call->name, (uint32_t)call->number, newest) != 0)
                return -1;
        }
    if (add_unnamed(table, newest) != 0)
        return -1;
    drop_empty_columns(table);
    qsort(table->row, (size_t)table->rows, sizeof(table->row[0]), compare_rows);
    return 0;
}

/* The outcomes as words, such as "allow", or "kill process or allow" where arguments decide. */
static const char *outcome_words(const struct outcomes *outcomes, char text[CELL_SIZE])
{
    char action[ACTION_SIZE];
    size_t length = 0;

    *text = '\0';
    for (int i = 0; i < outcomes->count && length < CELL_SIZE; i++)
        length += (size_t)snprintf(text + length, CELL_SIZE - length, "%s%s", i > 0 ? " or " : "",
                                   action_words(outcomes->value[i], action));
    if (outcomes->any && length < CELL_SIZE)
        snprintf(text + length, CELL_SIZE - length, "%sanything",
                 outcomes->count > 0 ? " or " : "");
    return text;
}

/* A column is as wide as its widest cell. */
static int column_width(const struct table *table, int column)
{
    char text[CELL_SIZE];
    size_t width = strlen("verdict");

    for (int i = 0; i < table->rows; i++) {
        size_t length = strlen(outcome_words(&table->row[i].outcomes[column], text));

        if (table->row[i].present[column] && length > width)
            width = length;
    }
    return (int)width;
}

static void print_cell(const struct row *row, int column, int width, uint32_t base)
{
    const struct outcomes *outcomes = &row->outcomes[column];
    int sure = outcomes->count == 1 && !outcomes->any;
    char text[CELL_SIZE];

    if (!row->present[column]) {
        printf(width > 0 ? "  %4s %-*s" : "  %4s", "-", width, "");
        return;
    }
    printf("  %4u %s%-*s%s", row->number[column] - base,
           sure ? verdict_colour(outcomes->value[0]) : "", width, outcome_words(outcomes, text),
           sure ? end_colour() : "");
}

/* How many calls of an ABI are let through, refused, or decided by arguments. */
static void print_summary(const struct table *table, int column)
{
    int through = 0, refused = 0, decided = 0;

    for (int i = 0; i < table->rows; i++) {
        const struct outcomes *outcomes = &table->row[i].outcomes[column];
        int good = 0;

        if (!table->row[i].present[column])
            continue;
        for (int j = 0; j < outcomes->count; j++)
            good += lets_through(outcomes->value[j]);
        if (outcomes->any || (good > 0 && good < outcomes->count))
            decided++;
        else if (good > 0)
            through++;
        else
            refused++;
    }
    printf("%s: %d calls, %d let through, %d refused", table->abi[column]->name,
           through + refused + decided, through, refused);
    printf(decided > 0 ? ", %d by their arguments\n" : "\n", decided);
}

static void print_text(const struct table *table)
{
    int width[ABIS_MAX];

    printf("%-28s", "call");
    for (int column = 0; column < table->abis; column++) {
        width[column] = column_width(table, column);
        printf("  %-*s", column + 1 < table->abis ? width[column] + 5 : 0,
               table->abi[column]->name);
    }
    printf("\n");
    for (int i = 0; i < table->rows; i++) {
        printf("%-28s", table->row[i].name);
        for (int column = 0; column < table->abis; column++)
            print_cell(&table->row[i], column, column + 1 < table->abis ? width[column] : 0,
                       abi_base(table->abi[column]));
        printf("\n");
    }
    for (int column = 0; column < table->abis; column++)
        print_summary(table, column);
}

static void print_json(const struct table *table)
{
    char text[CELL_SIZE];

    for (int column = 0; column < table->abis; column++) {
        int first = 1;

        printf("%s{\"abi\": \"%s\", \"audit_arch\": %u, \"calls\": [", column > 0 ? ",\n" : "",
               table->abi[column]->name, table->abi[column]->audit_arch);
        for (int i = 0; i < table->rows; i++) {
            const struct row *row = &table->row[i];

            if (!row->present[column])
                continue;
            printf("%s\n  {\"number\": %u, \"name\": \"%s\", \"verdict\": ", first ? "" : ",",
                   row->number[column], row->name);
            print_json_string(outcome_words(&row->outcomes[column], text));
            printf(", \"values\": [");
            for (int j = 0; j < row->outcomes[column].count; j++)
                printf("%s%u", j > 0 ? ", " : "", row->outcomes[column].value[j]);
            printf("]%s}", row->outcomes[column].any ? ", \"any\": true" : "");
            first = 0;
        }
        printf("\n]}");
    }
}

/* What the simulator says where the kernel was asked. */
static uint32_t simulate_try(const struct filter *newest, const struct live_door *door, int place,
                             int which)
{
    struct seccomp_data data = {
        .nr = (int)live_number(door->abi, place),
        .arch = door->abi->audit_arch,
        .instruction_pointer = door->instruction_pointer,
    };

    for (int i = 0; i < 6; i++)
        data.args[i] = live_argument(door->abi, which);
    return simulate_all(newest, &data);
}

/* Whether the kernel's answer is another one; the data of SECCOMP_RET_ALLOW mean nothing. */
static int differs(const struct live_answer *answer, uint32_t value)
{
    if (answer->state != LIVE_ANSWERED)
        return 1;
    if (action_of(value) == SECCOMP_RET_ALLOW)
        return action_of(answer->value) != SECCOMP_RET_ALLOW;
    return answer->value != value;
}

static void print_difference(const struct live_door *door, int place,
                             const struct live_answer *answer, uint32_t value, int json, int first)
{
    uint32_t number = live_number(door->abi, place);
    const char *name = call_name(door->abi, number);
    char said[ACTION_SIZE], answered[ACTION_SIZE];
    const char *live = answer->state == LIVE_ANSWERED ? action_words(answer->value, answered)
                                                      : "does not ask the filter";

    if (json)
        printf("%s{\"abi\": \"%s\", \"number\": %u, \"filter\": \"%s\", \"kernel\": \"%s\"}",
               first ? "" : ", ", door->abi->name, number, action_words(value, said), live);
    else
        printf("  %s %u%s%s: the filter: %s, the kernel: %s\n", door->abi->name, number,
               name != NULL ? " " : "", name != NULL ? name : "", action_words(value, said), live);
}

/* Compares one ABI's answers with the simulator's; returns how many numbers differ. */
static int compare_door(const struct filter *newest, const struct live_door *door, int json,
                        int first)
{
    int different = 0;

    for (int place = 0; place < LIVE_NUMBERS; place++)
        for (int which = 0; which < LIVE_ARGUMENTS; which++) {
            const struct live_answer *answer = &door->answer[place][which];
            uint32_t value = simulate_try(newest, door, place, which);

            if (!differs(answer, value))
                continue;
            print_difference(door, place, answer, value, json, first && different == 0);
            different++;
            break;
        }
    return different;
}

/* A door that this kernel has not is said once, not for each number. */
static int is_closed(const struct live_door *door)
{
    return door->answer[0][0].state == LIVE_CLOSED;
}

static void print_live(const struct filter *newest, const struct live_trial *trial, int json)
{
    int different = 0;

    printf(json ? ", \"live\": {\"tried\": %d, \"differ\": [" : "live: %d numbers tried, through",
           LIVE_NUMBERS);
    for (int i = 0; !json && i < trial->doors; i++)
        printf(is_closed(&trial->door[i]) ? " (not %s, which this kernel has not)" : " %s",
               trial->door[i].abi->name);
    printf(json ? "" : "\n");
    for (int i = 0; i < trial->doors; i++)
        if (!is_closed(&trial->door[i]))
            different += compare_door(newest, &trial->door[i], json, different == 0);
    if (json)
        printf("]}");
    else
        printf("live: %d differ from the simulation\n", different);
}

int verdicts(const struct request *request, const struct filter *newest)
{
    int json = request->format == FORMAT_JSON;
    struct live_trial *trial = NULL;
    struct table table;

    if (make_table(&table, newest) != 0) {
        fprintf(stderr, "seccomp-inspect: no memory for the table of calls\n");
        free(table.row);
        return -1;
    }
    if (request->live && (trial = live_try(newest)) == NULL) {
        free(table.row);
        return -1;
    }
    if (json) {
        printf("{\"abis\": [");
        print_json(&table);
        printf("]");
    } else {
        print_text(&table);
    }
    if (trial != NULL)
        print_live(newest, trial, json);
    if (json)
        printf("}\n");
    live_free(trial);
    free(table.row);
    return 0;
}
