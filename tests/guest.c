/*
 * guest.c: runs programs by a plan, all at once, and reports: the first process of a machine in
 * qemu, or an ordinary program on this one.
 *
 * guest PLAN, or as process 1 of a guest the file /plan. A line of the plan is a way, a label, and
 * a command with its words, separated by blanks. In a guest each runs as an ordinary user, and its
 * orphans are waited for. The ways: pipe and terminal, on which "hello" is typed at the prompt;
 * lines, a pipe with two lines; stopped, like pipe, and the program is stopped and continued while
 * it sleeps; plain, no input. The report has for each line
 *
 *     RUN label
 *     > a line that it printed
 *     = program exited 0
 *     = orphan killed 31
 *
 * and in the end a line END.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 400
#define WORDS_MAX 100
#define NOBODY 65534
#define SECONDS_MAX 90

static int is_first; /* process 1 of a guest */

struct run {
    char *line; /* of the plan, which the others point into */
    const char *way, *label;
    char *word[WORDS_MAX + 1];
    FILE *report;
};

static void prepare_machine(void)
{
    mkdir("/dev", 0755);
    mkdir("/proc", 0755);
    mkdir("/tmp", 0777);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    mkdir("/dev/pts", 0755);
    mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666");
    mount("proc", "/proc", "proc", 0, NULL);
    for (int fd = 0; fd < 3; fd++)
        if (open("/dev/console", O_RDWR) < 0)
            break;
    chmod("/dev/null", 0666);
    chmod("/dev/ptmx", 0666);
}

/* Becomes the program of a run, an ordinary user's, with in and out for its three streams. */
static void become(const struct run *run, int in, int out)
{
    struct rlimit none = {0, 0};

    dup2(in, 0);
    dup2(out, 1);
    dup2(out, 2);
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    setrlimit(RLIMIT_CORE, &none);
    if (is_first && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        _exit(126);
    execv(run->word[0], run->word);
    perror(run->word[0]);
    _exit(127);
}

/* Starts a run; what it prints can be read from *output. Returns its process, or -1. */
static pid_t start(const struct run *run, int *output)
{
    int in[2], out[2], terminal = strcmp(run->way, "terminal") == 0;
    int plain = strcmp(run->way, "plain") == 0;
    pid_t child;

    if (terminal) {
        *output = in[1] = posix_openpt(O_RDWR | O_NOCTTY);
        if (*output < 0 || grantpt(*output) != 0 || unlockpt(*output) != 0)
            return -1;
        in[0] = out[1] = open(ptsname(*output), O_RDWR); /* ours too: we lead its session */
    } else if (pipe(in) != 0 || pipe(out) != 0) {
        return -1;
    }
    child = fork();
    if (child == 0)
        become(run, in[0], out[1]);
    if (!plain && !terminal &&
        dprintf(in[1], strcmp(run->way, "lines") == 0 ? "hello\nagain\n" : "hello\n") < 0)
        return -1;
    close(in[0]);
    if (!terminal) {
        close(in[1]);
        close(out[1]);
        *output = out[0];
    }
    return child;
}

/* The state of a process, such as S for sleeping (proc(5)), or 0 if there is none. */
static char state_of(pid_t id)
{
    char name[40], state = 0;
    FILE *stat;

    snprintf(name, sizeof(name), "/proc/%d/stat", (int)id);
    stat = fopen(name, "r");
    if (stat != NULL && fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    if (stat != NULL)
        fclose(stat);
    return state;
}

static void wait_for_state(pid_t id, char wanted)
{
    const struct timespec moment = {0, 1000000};

    for (char state = state_of(id); state != 0 && state != 'Z' && state != wanted;
         state = state_of(id))
        nanosleep(&moment, NULL);
}

/* What Ctrl-Z and fg do, while the program sleeps. */
static void stop_and_continue(pid_t program)
{
    wait_for_state(program, 'S');
    kill(program, SIGSTOP);
    wait_for_state(program, 'T');
    kill(program, SIGCONT);
}

/* Whether what has come so far ends with a text; *matched is how much of it has come before. */
static int ends_with(const char *text, char byte, size_t *matched)
{
    *matched = byte == text[*matched] ? *matched + 1 : byte == text[0];
    if (text[*matched] != '\0')
        return 0;
    *matched = 0;
    return 1;
}

/* Copies what comes, answers at the prompt on a terminal, and stops a program that is to sleep. */
static void copy_output(int output, FILE *report, const struct run *run, pid_t program)
{
    size_t prompt = 0, sleep = 0;
    int at_start = 1;
    char byte;

    while (read(output, &byte, 1) == 1) {
        if (ends_with("Type stuff here: ", byte, &prompt) && strcmp(run->way, "terminal") == 0)
            dprintf(output, "hello\n");
        if (ends_with("quite opposite...\n", byte, &sleep) && strcmp(run->way, "stopped") == 0)
            stop_and_continue(program);
        if (byte == '\r')
            continue;
        if (at_start)
            fputs("> ", report);
        fputc(byte, report);
        at_start = byte == '\n';
    }
    if (!at_start)
        fputc('\n', report);
}

/* In a process of its own, which inherits the orphans of the run and waits for them. */
static void do_run(const struct run *run)
{
    int output = -1, status;
    pid_t program, ended;

    alarm(SECONDS_MAX);
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    program = start(run, &output);
    if (program > 0)
        copy_output(output, run->report, run, program);
    while ((ended = wait(&status)) > 0)
        fprintf(run->report, "= %s %s %d\n", ended == program ? "program" : "orphan",
                WIFSIGNALED(status) ? "killed" : "exited",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    fclose(run->report);
    _exit(0);
}

static int read_plan(FILE *plan, struct run *runs)
{
    static char line[8192];
    int count = 0;

    while (count < RUNS_MAX && fgets(line, sizeof(line), plan) != NULL) {
        char *text = strdup(line), *rest = NULL, *word;
        int words = 0;

        runs[count].way = text != NULL ? strtok_r(text, " \n", &rest) : NULL;
        runs[count].label = strtok_r(NULL, " \n", &rest);
        while (words < WORDS_MAX && (word = strtok_r(NULL, " \n", &rest)) != NULL)
            runs[count].word[words++] = word;
        runs[count].line = text;
        if (words > 0 && runs[count].way != NULL && runs[count].label != NULL)
            count++;
        else
            free(text);
    }
    return count;
}

static void print_report(const struct run *run)
{
    int byte;

    printf("RUN %s\n", run->label);
    rewind(run->report);
    while ((byte = fgetc(run->report)) != EOF)
        putchar(byte);
}

int main(int argc, char **argv)
{
    static struct run runs[RUNS_MAX];
    struct utsname system;
    FILE *plan;
    int count;

    is_first = getpid() == 1;
    if (is_first)
        prepare_machine();
    plan = fopen(is_first || argc < 2 ? "/plan" : argv[1], "r");
    if (plan == NULL || uname(&system) != 0) {
        perror("guest: plan");
        return 1;
    }
    printf("SYSTEM %s %s\n", system.release, system.machine);
    fflush(stdout);
    count = read_plan(plan, runs);
    for (int i = 0; i < count; i++) {
        runs[i].report = tmpfile();
        if (runs[i].report == NULL || fork() == 0)
            do_run(&runs[i]);
    }
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    for (int i = 0; i < count; i++)
        print_report(&runs[i]);
    printf("END\n");
    fflush(stdout);
    if (is_first) {
        sync();
        reboot(RB_POWER_OFF);
    }
    return 0;
}
