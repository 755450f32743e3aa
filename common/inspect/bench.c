/*
 * bench.c: measures what filters cost: the time of one allowed system call, and the instructions.
 *
 * bench STEP-4.RAW CSV. Each configuration runs in a child of its own, since a filter can't be
 * taken off, and all on one CPU. The rounds are interleaved, so that a busy moment hits every
 * configuration alike. It compares within one run; figures of two runs or machines don't compare.
 */
#define _GNU_SOURCE
#include "seccomp-bpf.h"
#include "simulate.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEASURED __NR_gettid /* cheap, and allowed by step 4 */
#define FIRST_UNUSED 2000    /* no call has such a number: what else a long allowlist has */
#define ROUNDS_MAX 101
#define CONFIGURATIONS_MAX 48

struct configuration {
    char name[32];
    int entries;          /* of the allowlist; 0 where that says nothing */
    const char *position; /* of the measured call: first, middle, last, or "" */
    int reads_argument;
    struct filter *filter; /* NULL: none */
    unsigned int executed; /* instructions for one measured call */
    double ns[ROUNDS_MAX];
};

struct bench {
    struct configuration configuration[CONFIGURATIONS_MAX];
    int count;
    int rounds, calls;
    volatile double *result; /* of a child, in memory that it shares */
};

static int environment_number(const char *name, int value, int most)
{
    const char *text = getenv(name);
    int given = text != NULL ? atoi(text) : 0;

    return given < 1 ? value : given > most ? most : given;
}

/* The verdict on a call, and how many instructions that takes. */
static uint32_t ask(const struct filter *filter, int number, unsigned int *executed)
{
    struct seccomp_data data = {.nr = number, .arch = SECCOMP_AUDIT_ARCH};

    return simulate(filter, &data, NULL, NULL, executed);
}

/* Adds a configuration, whose filter then is its own. Returns -1, with a message, if it is unfit.
 */
static int add(struct bench *bench, const char *name, int entries, const char *position,
               int reads_argument, struct filter *filter)
{
    struct configuration *configuration = &bench->configuration[bench->count];

    snprintf(configuration->name, sizeof(configuration->name), "%s", name);
    configuration->entries = entries;
    configuration->position = position;
    configuration->reads_argument = reads_argument;
    configuration->filter = filter;
    if (filter != NULL && ask(filter, MEASURED, &configuration->executed) != SECCOMP_RET_ALLOW) {
        fprintf(stderr, "bench: %s does not allow gettid, which is what is measured\n", name);
        return -1;
    }
    bench->count++;
    return 0;
}

/* An allowlist as a learner writes one, with the measured call at one place of it. */
static struct filter *make_allowlist(int entries, int place, int reads_argument)
{
    struct sock_filter start[] = {VALIDATE_ARCHITECTURE};
    struct sock_filter argument =
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]));
    struct sock_filter code[BPF_MAXINSNS];
    unsigned int length = sizeof(start) / sizeof(start[0]);

    memcpy(code, start, sizeof(start));
    if (reads_argument)
        code[length++] = argument; /* enough for the kernel not to know the answer beforehand */
    code[length++] = (struct sock_filter)EXAMINE_SYSCALL;
    for (int i = 0; i < entries; i++) {
        unsigned int number = i == place ? MEASURED : FIRST_UNUSED + (unsigned int)i;

        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
        code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    code[length++] = (struct sock_filter)KILL_PROCESS;
    return filter_make(code, length);
}

static int add_allowlists(struct bench *bench)
{
    static const int sizes[] = {10, 50, 100, 300, 1000};
    static const char *const positions[] = {"first", "middle", "last"};
    char name[32];

    for (int reads = 0; reads < 2; reads++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
            for (int position = 0; position < 3; position++) {
                int place = position * (sizes[i] - 1) / 2;

                snprintf(name, sizeof(name), "%d entries%s", sizes[i], reads ? ", argument" : "");
                if (add(bench, name, sizes[i], positions[position], reads,
                        make_allowlist(sizes[i], place, reads)) != 0)
                    return -1;
            }
    return 0;
}

/* The policy of a filter, what it allows and nothing else, as libseccomp builds it. */
static struct filter *build_by_libseccomp(const struct filter *policy, unsigned int optimize)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
    FILE *file = tmpfile();
    struct filter *filter = NULL;
    const char *why = "libseccomp can't build it";

    if (context != NULL && file != NULL &&
        (optimize == 1 || seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, optimize) == 0)) {
        for (int number = 0; number < FIRST_UNUSED; number++)
            if (ask(policy, number, NULL) == SECCOMP_RET_ALLOW)
                seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0);
        if (seccomp_export_bpf(context, fileno(file)) == 0) {
            rewind(file);
            filter = filter_read(file, &why);
        }
    }
    if (filter == NULL)
        fprintf(stderr, "bench: libseccomp with optimization %u: %s\n", optimize, why);
    if (file != NULL)
        fclose(file);
    seccomp_release(context);
    return filter;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* In a child: installs the filter and measures. It waits for its end in memory, without a call. */
static void measure(const struct bench *bench, const struct filter *filter)
{
    struct sock_fprog program = {0};
    double start;

    if (filter != NULL) {
        program.len = (unsigned short)filter->length;
        program.filter = (struct sock_filter *)filter->code;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
            _exit(errno);
    }
    for (int i = 0; i < bench->calls / 10; i++)
        syscall(MEASURED, 0L);
    start = now();
    for (int i = 0; i < bench->calls; i++)
        syscall(MEASURED, 0L);
    *bench->result = (now() - start) / bench->calls;
    __builtin_trap(); /* step 4's filter would allow exit_group, the others would not */
}

static int run_child(const struct bench *bench, struct configuration *configuration, int round)
{
    pid_t child;
    int status;

    *bench->result = -1;
    child = fork();
    if (child == 0)
        measure(bench, configuration->filter);
    if (child < 0 || waitpid(child, &status, 0) != child || *bench->result < 0) {
        fprintf(stderr, "bench: %s could not be measured: %s\n", configuration->name,
                child > 0 && WIFEXITED(status) ? strerror(WEXITSTATUS(status))
                                               : "clock_gettime may be a system call here");
        return -1;
    }
    configuration->ns[round] = *bench->result;
    return 0;
}

static int compare(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;

    return a < b ? -1 : a > b;
}

/* Prints the table, and the same as CSV. */
static void print(const struct bench *bench, FILE *csv)
{
    double none = bench->configuration[0].ns[bench->rounds / 2];

    printf("%-22s %-7s %13s %9s %8s %17s %6s\n", "filter", "hit", "instructions", "executed", "ns",
           "quartiles", "ratio");
    fprintf(csv, "name,entries,position,reads_argument,instructions,executed,ns_median,ns_q1,"
                 "ns_q3,ratio\n");
    for (int i = 0; i < bench->count; i++) {
        const struct configuration *c = &bench->configuration[i];
        double q1 = c->ns[bench->rounds / 4], median = c->ns[bench->rounds / 2];
        double q3 = c->ns[bench->rounds * 3 / 4];
        unsigned int length = c->filter != NULL ? c->filter->length : 0;

        printf("%-22s %-7s %13u %9u %8.1f %8.1f %8.1f %6.2f\n", c->name, c->position, length,
               c->executed, median, q1, q3, median / none);
        fprintf(csv, "\"%s\",%d,%s,%d,%u,%u,%.1f,%.1f,%.1f,%.3f\n", c->name, c->entries,
                c->position, c->reads_argument, length, c->executed, median, q1, q3, median / none);
    }
}

/* Binds this process and its children to the CPU it runs on, and says what else matters. */
static void print_heading(const struct bench *bench)
{
    FILE *status = fopen("/proc/self/status", "r");
    int cpu = sched_getcpu(), filters = 0;
    struct utsname system;
    cpu_set_t set;
    char line[256];

    CPU_ZERO(&set);
    CPU_SET(cpu >= 0 ? (size_t)cpu : 0, &set);
    uname(&system);
    printf("The time of one allowed call, gettid, on Linux %s, %s", system.release, system.machine);
    if (sched_setaffinity(0, sizeof(set), &set) == 0)
        printf(", CPU %d.\n", cpu);
    else
        printf("; it can't be bound to one CPU.\n");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL)
        if (sscanf(line, "Seccomp_filters: %d", &filters) == 1 && filters > 0)
            printf("Filters of this container or service, in every row: %d\n", filters);
    if (status != NULL)
        fclose(status);
    printf("Median of %d interleaved rounds of %d calls, their quartiles, and the ratio to no "
           "filter.\n\n",
           bench->rounds, bench->calls);
    fflush(stdout);
}

static struct filter *read_step_4(const char *name)
{
    FILE *file = fopen(name, "rb");
    struct filter *filter = NULL;
    const char *why = strerror(errno);
    unsigned int index;

    if (file != NULL) {
        filter = filter_read(file, &why);
        fclose(file);
    }
    if (filter != NULL && (why = filter_check(filter, &index)) == NULL)
        return filter;
    free(filter);
    fprintf(stderr, "bench: %s: %s. Type: make bench\n", name, why);
    return NULL;
}

static int prepare(struct bench *bench, const char *step_4)
{
    struct filter *filter = read_step_4(step_4), *standard, *tree;
    struct rlimit no_core = {0, 0};
    int entries = 0;

    for (int number = 0; filter != NULL && number < FIRST_UNUSED; number++)
        entries += ask(filter, number, NULL) == SECCOMP_RET_ALLOW;
    setrlimit(RLIMIT_CORE, &no_core); /* the children end by a trap */
    if (filter == NULL || add(bench, "none", 0, "", 0, NULL) != 0 ||
        add(bench, "step 4", entries, "", 0, filter) != 0)
        return -1;
    standard = build_by_libseccomp(filter, 1);
    tree = build_by_libseccomp(filter, 2);
    if (standard != NULL && add(bench, "libseccomp", entries, "", 0, standard) != 0)
        return -1;
    if (tree != NULL && add(bench, "libseccomp, tree", entries, "", 0, tree) != 0)
        return -1;
    return add_allowlists(bench);
}

static int measure_all(struct bench *bench)
{
    for (int round = 0; round < bench->rounds; round++)
        for (int i = 0; i < bench->count; i++)
            if (run_child(bench, &bench->configuration[i], round) != 0)
                return -1;
    for (int i = 0; i < bench->count; i++)
        qsort(bench->configuration[i].ns, (size_t)bench->rounds, sizeof(double), compare);
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    void *shared =
        mmap(NULL, sizeof(double), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FILE *csv;

    if (argc != 3 || shared == MAP_FAILED) {
        fprintf(stderr, "bench: it needs step 4's filter and a file to write. Type: make bench\n");
        return EXIT_FAILURE;
    }
    bench.result = shared;
    bench.rounds = environment_number("ROUNDS", 15, ROUNDS_MAX);
    bench.calls = environment_number("CALLS", 20000, 100000000);
    if (prepare(&bench, argv[1]) != 0)
        return EXIT_FAILURE;
    print_heading(&bench);
    if (measure_all(&bench) != 0)
        return EXIT_FAILURE;
    csv = fopen(argv[2], "w"); /* only now: what an earlier run wrote is kept until then */
    if (csv == NULL) {
        fprintf(stderr, "bench: cannot write %s: %s\n", argv[2], strerror(errno));
        return EXIT_FAILURE;
    }
    print(&bench, csv);
    for (int i = 0; i < bench.count; i++)
        free(bench.configuration[i].filter);
    return fclose(csv) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
