/*
 * fuzz.c: gives bytes to everything in the inspector that reads a filter: libFuzzer's target.
 *
 * With FUZZING it is for clang -fsanitize=fuzzer; without, replay FILE... runs it on files.
 */
#define _GNU_SOURCE
#include "describe.h"
#include "output.h"
#include "seccomp-bpf.h"
#include "simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

static void ask(const struct filter *filter, uint32_t number, uint64_t argument)
{
    struct seccomp_data data = {.nr = (int)number, .arch = filter->audit_arch};
    struct outcomes outcomes;
    uint32_t verdict;
    int possible;

    for (int i = 0; i < 6; i++)
        data.args[i] = argument * (uint64_t)(i + 1);
    verdict = simulate_all(filter, &data);
    if (find_outcomes(filter, data.arch, number, &outcomes) != 0)
        abort();
    possible = outcomes.any;
    for (int i = 0; i < outcomes.count; i++)
        possible |= outcomes.value[i] == verdict;
    if (!possible) /* it may find more than happens, never less */
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    FILE *stream = size > 0 ? fmemopen((void *)bytes, size, "rb") : NULL;
    struct request request = {.source = "fuzz"};
    struct filters filters = {0};
    struct filter *filter;
    unsigned int index;
    const char *why;

    if (stream == NULL)
        return 0;
    filter = filter_read(stream, &why);
    fclose(stream);
    if (filter == NULL || filter_check(filter, &index) != NULL) {
        free(filter);
        return 0;
    }
    filter->audit_arch = guess_audit_arch(filter);
    for (uint32_t number = 0; number < 4; number++)
        ask(filter, number, number * 0x100000001ULL);
    ask(filter, 0xffffffff, UINT64_MAX);
    if (filters_add(&filters, filter) != 0)
        abort();
    for (int format = FORMAT_TEXT; format <= FORMAT_DOT; format++) {
        request.format = (enum format)format;
        show(&request, &filters);
    }
    filters_free(&filters);
    return 0;
}

#ifdef FUZZING
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return freopen("/dev/null", "w", stdout) == NULL;
}
#else
int main(int argc, char **argv)
{
    static unsigned char bytes[100000];

    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        size_t size;

        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        size = fread(bytes, 1, sizeof(bytes), file);
        fclose(file);
        LLVMFuzzerTestOneInput(bytes, size);
    }
    fprintf(stderr, "%d files replayed\n", argc - 1);
    return 0;
}
#endif
