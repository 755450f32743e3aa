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
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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

/* The number in an environment variable, or value without one; 0, with a message, if it is none. */
static int environment_number(const char *name, int value, int most)
{
    const char *text = getenv(name);
    char *end;
    long given;

    if (text == NULL)
        return value;
    given = strtol(text, &end, 10);
    if (*text != '\0' && *end == '\0' && given >= 1 && given <= most)
        return (int)given;
    fprintf(stderr, "bench: %s=%s is no number from 1 to %d\n", name, text, most);
    return 0;
}

/* The verdict on a call, and how many instructions that takes. */
static uint32_t ask(const struct filter *filter, int number, unsigned int *executed)
{
    struct seccomp_data data = {.nr = number, .arch = SECCOMP_AUDIT_ARCH};

    return simulate(filter, &data, NULL, NULL, executed);
}

/* Adds a configuration, whose filter then is its own. Returns 0, or -1 with a message. */
static int add(struct bench *bench, const char *name, int entries, const char *position,
               int reads_argument, struct filter *filter)
{
    struct configuration *configuration = &bench->configuration[bench->count];

    if (filter == NULL && bench->count > 0) { /* only the first one is without */
        fprintf(stderr, "bench: %s: there is no memory\n", name);
        return -1;
    }
    snprintf(configuration->name, sizeof(configuration->name), "%s", name);
    configuration->entries = entries;
    configuration->position = position;
    configuration->reads_argument = reads_argument;
    configuration->filter = filter;
    if (filter != NULL && (ask(filter, MEASURED, &configuration->executed) != SECCOMP_RET_ALLOW ||
                           ask(filter, __NR_exit_group, NULL) != SECCOMP_RET_ALLOW)) {
        fprintf(stderr,
                "bench: %s does not allow gettid and exit_group, which a measurement makes\n",
                name);
        return -1;
    }
    bench->count++;
    return 0;
}

/* A call that the child makes, or a number that no call has. */
static unsigned int number_at(int i, int entries, int place)
{
    if (i == place)
        return MEASURED;
    return i == entries - 2 ? __NR_exit_group : FIRST_UNUSED + (unsigned int)i;
}

/*
 * An allowlist as a learner writes one, with the measured call at one place of it. exit_group is
 * the last but one: never the first, the middle or the last of ten or more.
 */
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
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                      number_at(i, entries, place), 0, 1);
        code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    code[length++] = (struct sock_filter)KILL_PROCESS;
    return filter_make(code, length);
}

/* Adds a filter with a load of an argument before it: enough to leave the kernel's bitmap. */
static int add_with_argument(struct bench *bench, const char *name, int entries,
                             const struct filter *filter)
{
    struct sock_filter code[BPF_MAXINSNS] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]))};

    if (filter->length == BPF_MAXINSNS) {
        fprintf(stderr, "bench: %s: it is too long\n", name);
        return -1;
    }
    memcpy(code + 1, filter->code, filter->length * sizeof(code[0]));
    return add(bench, name, entries, "", 1, filter_make(code, filter->length + 1));
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

/*
 * The policy of a filter, what it allows and nothing else, as libseccomp builds it: as it is by
 * default, or as a binary tree (since libseccomp 2.5). NULL, with a message, if it can't.
 */
static struct filter *build_by_libseccomp(const struct filter *policy, int tree)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
    FILE *file = tmpfile();
    int error = file == NULL ? errno : context == NULL ? EINVAL : 0;
    struct filter *filter = NULL;
    const char *why = NULL;

    if (error == 0) /* for other ABIs as well: by default it would kill the thread only */
        error = -seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (error == 0 && tree)
        error = -seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (int number = 0; error == 0 && number < FIRST_UNUSED; number++)
        if (ask(policy, number, NULL) == SECCOMP_RET_ALLOW)
            error = -seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0);
    if (error == 0)
        error = -seccomp_export_bpf(context, fileno(file));
    if (error == 0) {
        rewind(file);
        filter = filter_read(file, &why);
    }
    if (filter == NULL)
        fprintf(stderr, "bench: the row of libseccomp%s is left out: %s\n", tree ? ", tree" : "",
                why != NULL ? why : strerror(error));
    if (file != NULL)
        fclose(file);
    seccomp_release(context);
    return filter;
}

static int install(const struct filter *filter)
{
    struct sock_fprog program = {(unsigned short)filter->length,
                                 (struct sock_filter *)filter->code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/*
 * Finds out, in a child, whether clock_gettime stays in the vDSO; where it is a system call, step
 * 4's filter would kill the child that measures. Returns 0, or -1 with a message.
 */
static int check_clock(void)
{
    static const struct sock_filter code[] = {EXAMINE_SYSCALL, ALLOW_SYSCALL(exit_group),
                                              BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)};
    struct filter *filter = filter_make(code, sizeof(code) / sizeof(code[0]));
    struct timespec time;
    pid_t child = filter != NULL ? fork() : -1;
    int status = 0;

    if (child == 0)
        _exit(install(filter) == 0 && clock_gettime(CLOCK_MONOTONIC, &time) != 0);
    free(filter);
    if (child > 0 && waitpid(child, &status, 0) == child && status == 0)
        return 0;
    if (child < 0)
        perror("bench: fork");
    else
        fprintf(stderr, "bench: clock_gettime is a system call here, which the filters refuse, so "
                        "that there is nothing to measure with. Which clock the kernel has:\n"
                        "cat /sys/devices/system/clocksource/clocksource0/current_clocksource\n");
    return -1;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* In a child: installs the filter and measures. The result goes to shared memory, without a call.
 */
static void measure(const struct bench *bench, const struct filter *filter)
{
    double start;

    if (filter != NULL && install(filter) != 0)
        _exit(errno);
    for (int i = 0; i < bench->calls / 10; i++)
        syscall(MEASURED, 0L);
    start = now();
    for (int i = 0; i < bench->calls; i++)
        syscall(MEASURED, 0L);
    *bench->result = (now() - start) / bench->calls;
    _exit(0);
}

static int run_child(const struct bench *bench, struct configuration *configuration, int round)
{
    pid_t child;
    int status = 0;

    *bench->result = -1;
    child = fork();
    if (child == 0)
        measure(bench, configuration->filter);
    if (child > 0 && waitpid(child, &status, 0) == child && *bench->result >= 0) {
        configuration->ns[round] = *bench->result;
        return 0;
    }
    fprintf(stderr, "bench: %s could not be measured: %s\n", configuration->name,
            child < 0             ? strerror(errno)
            : WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
                                  : strerror(WEXITSTATUS(status)));
    return -1;
}

static int compare(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;

    return a < b ? -1 : a > b;
}

/* A quartile of sorted figures: between two of them, where it falls there. */
static double quartile(const double *sorted, int count, int which)
{
    int below = which * (count - 1) / 4, rest = which * (count - 1) % 4;

    return rest == 0 ? sorted[below]
                     : sorted[below] + rest * (sorted[below + 1] - sorted[below]) / 4;
}

/* Prints the table, and the same as CSV. */
static void print(const struct bench *bench, FILE *csv)
{
    double none = quartile(bench->configuration[0].ns, bench->rounds, 2);

    printf("%-22s %-7s %13s %9s %8s %17s %6s\n", "filter", "hit", "instructions", "executed", "ns",
           "quartiles", "ratio");
    fprintf(csv, "name,entries,position,reads_argument,instructions,executed,ns_median,ns_q1,"
                 "ns_q3,ratio\n");
    for (int i = 0; i < bench->count; i++) {
        const struct configuration *c = &bench->configuration[i];
        double q1 = quartile(c->ns, bench->rounds, 1);
        double median = quartile(c->ns, bench->rounds, 2);
        double q3 = quartile(c->ns, bench->rounds, 3);
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
    int entries = 0;

    for (int number = 0; filter != NULL && number < FIRST_UNUSED; number++)
        entries += ask(filter, number, NULL) == SECCOMP_RET_ALLOW;
    if (filter == NULL || add(bench, "none", 0, "", 0, NULL) != 0 ||
        add(bench, "step 4", entries, "", 0, filter) != 0)
        return -1;
    standard = build_by_libseccomp(filter, 0);
    tree = build_by_libseccomp(filter, 1);
    if (standard != NULL && add(bench, "libseccomp", entries, "", 0, standard) != 0)
        return -1;
    if (tree != NULL && add(bench, "libseccomp, tree", entries, "", 0, tree) != 0)
        return -1;
    if (add_with_argument(bench, "step 4, argument", entries, filter) != 0)
        return -1;
    if (standard != NULL &&
        add_with_argument(bench, "libseccomp, argument", entries, standard) != 0)
        return -1;
    if (tree != NULL && add_with_argument(bench, "tree, argument", entries, tree) != 0)
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
    if (bench.rounds == 0 || bench.calls == 0 || prepare(&bench, argv[1]) != 0 ||
        check_clock() != 0)
        return EXIT_FAILURE;
    print_heading(&bench);
    if (measure_all(&bench) != 0)
        return EXIT_FAILURE;
    csv = fopen(argv[2], "w"); /* only now: what an earlier run wrote is kept until then */
    if (csv != NULL)
        print(&bench, csv);
    for (int i = 0; i < bench.count; i++)
        free(bench.configuration[i].filter);
    if (csv == NULL || fclose(csv) != 0) {
        fprintf(stderr, "bench: cannot write %s: %s\n", argv[2], strerror(errno));
        return EXIT_FAILURE;
    }
    if (fflush(stdout) != 0) {
        perror("bench: standard output");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
