/*
 * inspect.c: seccomp-inspect's command line: what is asked for, and the filters it is asked about.
 */
#define _GNU_SOURCE
#include "describe.h"
#include "output.h"
#include "watch.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: seccomp-inspect show [OPTION...] PROGRAM [ARG...]     print the filters it installs\n"
    "       seccomp-inspect trace [OPTION...] PROGRAM CALL [ARG...]  walk one call through them\n"
    "       seccomp-inspect missing [OPTION...] PROGRAM [ARG...]  list all calls that they refuse\n"
    "       seccomp-inspect verdicts [OPTION...] PROGRAM          say what they answer to each "
    "call\n"
    "  -f, --file=FILE      the raw bytes of a filter instead of PROGRAM, - for standard input;\n"
    "                       several are stacked, the oldest first\n"
    "  --format=FORMAT      text, json; raw and dot for show, dot for trace\n"
    "  --abi=ABI            the call comes through this ABI, such as i386 or x32; a file's filter\n"
    "                       is for this one\n"
    "  --live               verdicts: ask this kernel as well, and say where it differs\n"
    "  --only=N             show: only the N-th filter\n"
    "  --filters=N          let PROGRAM run until it has installed N filters\n"
    "  --help               this text; the manual page is common/inspect/seccomp-inspect.1\n";

/* The kernel takes 32768 instructions, and counts four more for each filter. */
#define FILTERS_MAX 6553

enum command { SHOW, TRACE, MISSING, VERDICTS };

static const char *const commands[] = {"show", "trace", "missing", "verdicts", NULL};

struct arguments {
    enum command command;
    char **word; /* the command, and what follows that is no option */
    int words;
    const char **file;
    int files;
    struct request request;
    char *alone[2]; /* trace and verdicts: the program, without arguments */
};

static int fail(const char *what, const char *word)
{
    fprintf(stderr, "seccomp-inspect: %s %s. Type: seccomp-inspect --help\n", what, word);
    return -1;
}

static int find_word(const char *const *list, const char *word)
{
    for (int i = 0; list[i] != NULL; i++)
        if (strcmp(list[i], word) == 0)
            return i;
    return -1;
}

static int take_option(struct arguments *arguments, int option)
{
    static const char *const formats[] = {"text", "json", "raw", "dot", NULL};
    char *end;
    long number;
    int format;

    switch (option) {
    case 'f':
        arguments->file[arguments->files++] = optarg;
        return 0;
    case 'F':
        format = find_word(formats, optarg);
        arguments->request.format = (enum format)format;
        return format < 0 ? fail("no such format:", optarg) : 0;
    case 'a':
        arguments->request.abi = abi_named(optarg);
        return arguments->request.abi == NULL ? fail("no such ABI:", optarg) : 0;
    case 'l':
        arguments->request.live = 1;
        return 0;
    case 'n':
    case 'o':
        number = strtol(optarg, &end, 10);
        *(option == 'n' ? &arguments->request.limit : &arguments->request.only) = (int)number;
        return number < 1 || number > FILTERS_MAX || *end != '\0'
                   ? fail("no number of filters:", optarg)
                   : 0;
    case 'h':
        fputs(usage, stdout);
        exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    default:
        fputs(usage, stderr);
        return -1;
    }
}

/* Whether the words from here on are not ours: the program's own, or a call's negative argument. */
static int options_end(const struct arguments *arguments, char *const *word)
{
    int runs = arguments->words > 0 && (strcmp(arguments->word[0], "show") == 0 ||
                                        strcmp(arguments->word[0], "missing") == 0);

    return (runs && arguments->words > 1) ||
           (*word != NULL && (*word)[0] == '-' && isdigit((unsigned char)(*word)[1]));
}

static int parse(struct arguments *arguments, int argc, char **argv)
{
    static const struct option options[] = {
        {"file", required_argument, NULL, 'f'},    {"format", required_argument, NULL, 'F'},
        {"abi", required_argument, NULL, 'a'},     {"live", no_argument, NULL, 'l'},
        {"filters", required_argument, NULL, 'n'}, {"only", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};

    while (optind < argc) {
        int option = options_end(arguments, &argv[optind])
                         ? -1
                         : getopt_long(argc, argv, "+f:h", options, NULL);

        if (option != -1) {
            if (take_option(arguments, option) != 0)
                return -1;
        } else if (optind < argc) {
            arguments->word[arguments->words++] = argv[optind++];
        }
    }
    return 0;
}

/* What can't be asked for, and what is missing. */
static int check(struct arguments *arguments)
{
    struct request *request = &arguments->request;
    int command, words;

    if (arguments->words == 0) {
        fputs(usage, stderr);
        return -1;
    }
    command = find_word(commands, arguments->word[0]);
    if (command < 0)
        return fail("no such command:", arguments->word[0]);
    arguments->command = (enum command)command;
    request->argv = arguments->word + 1;
    words = arguments->words - 1;
    if (arguments->files == 0 && words-- == 0)
        return fail("which program? After", arguments->word[0]);
    request->call = arguments->word + arguments->words - words;
    request->source = arguments->files > 0 ? arguments->file[0] : request->argv[0];
    if (command == TRACE && words == 0)
        return fail("which call? After", request->source);
    if (command == MISSING && arguments->files > 0)
        return fail("a program has to run for", "missing; -f is for the other commands");
    if ((command == VERDICTS || (command == SHOW && arguments->files > 0)) && words > 0)
        return fail("too many words:", request->call[0]);
    if (request->live && command != VERDICTS)
        return fail("--live is for verdicts, not", arguments->word[0]);
    if (request->limit != 0 && (command == MISSING || arguments->files > 0))
        return fail("--filters is for a program's start, not", arguments->word[0]);
    if (request->only != 0 && command != SHOW)
        return fail("--only is for show, not", arguments->word[0]);
    if (request->abi != NULL && command == MISSING)
        return fail("--abi is not for", arguments->word[0]);
    if ((request->format == FORMAT_RAW && command != SHOW) ||
        (request->format == FORMAT_DOT && command != SHOW && command != TRACE))
        return fail("text and json are the formats of", arguments->word[0]);
    if (command == TRACE || command == VERDICTS) {
        arguments->alone[0] = request->argv[0];
        request->argv = arguments->alone;
    }
    return 0;
}

/* Reads the filters of -f; the last file's is the newest. */
static int read_files(const struct arguments *arguments, struct filters *filters)
{
    for (int i = 0; i < arguments->files; i++) {
        const char *name = arguments->file[i], *why;
        FILE *stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
        struct filter *filter;
        unsigned int index;

        if (stream == NULL) {
            fprintf(stderr, "seccomp-inspect: cannot open %s: %s\n", name, strerror(errno));
            return -1;
        }
        filter = filter_read(stream, &why);
        if (stream != stdin)
            fclose(stream);
        if (filter == NULL) {
            fprintf(stderr, "seccomp-inspect: %s: %s\n", name, why);
            return -1;
        }
        if ((why = filter_check(filter, &index)) != NULL) {
            explain_check(filter, name, why, index);
            free(filter);
            return -1;
        }
        filter->audit_arch = arguments->request.abi != NULL ? arguments->request.abi->audit_arch
                                                            : guess_audit_arch(filter);
        filter->older = filters->count > 0 ? filters->item[filters->count - 1] : NULL;
        if (filters_add(filters, filter) != 0)
            return -1;
    }
    return 0;
}

/* Answers show, trace and verdicts, about files or a program. */
static int answer(const struct arguments *arguments)
{
    const struct request *request = &arguments->request;
    struct watch w = {.limit = request->limit};
    const struct filter *newest;
    int result;

    if (arguments->files > 0)
        result = read_files(arguments, &w.filters);
    else
        result = watch(&w, request->argv);
    if (result == 0 && w.filters.count == 0) {
        explain_no_filter(&w, request->source);
        result = -1;
    }
    if (result == 0) {
        newest = w.last != NULL ? w.last : w.filters.item[w.filters.count - 1];
        if (arguments->command == SHOW)
            result = show(request, &w.filters);
        else if (arguments->command == TRACE)
            result = trace(request, newest);
        else
            result = verdicts(request, newest);
    }
    if (result == 0 && w.interrupted) {
        fprintf(stderr, "seccomp-inspect: interrupted; there may be more filters\n");
        result = -1;
    }
    free(w.failed);
    filters_free(&w.filters);
    return result;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    int result = -1;

    arguments.word = calloc((size_t)argc + 2, sizeof(char *));
    arguments.file = calloc((size_t)argc + 2, sizeof(char *));
    choose_colours();
    if (arguments.word != NULL && arguments.file != NULL && parse(&arguments, argc, argv) == 0 &&
        check(&arguments) == 0)
        result = arguments.command == MISSING ? missing(&arguments.request) : answer(&arguments);
    if (fflush(stdout) != 0 && result == 0) {
        perror("seccomp-inspect: standard output");
        result = -1;
    }
    free(arguments.word);
    free(arguments.file);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
