/*
 * tracer.c: ptrace(2) and its ways: starting, stopping and ending a program with all its tasks.
 *
 * PTRACE_SEIZE is used because only it tells a stop by job control (Ctrl-Z) from a signal. Signals
 * are blocked and fetched by sigtimedwait(2), so that none comes between a test and a wait.
 */
#define _GNU_SOURCE
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                              \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
     PTRACE_O_TRACECLONE | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)

/* By the system call, because linux/ptrace.h and the libc's sys/ptrace.h exclude each other. */
static long request(long what, pid_t id, uintptr_t address, uintptr_t data)
{
    return syscall(SYS_ptrace, what, (long)id, address, data);
}

int tracer_read(const struct task *task, uint64_t address, void *bytes, size_t size)
{
    for (size_t done = 0; done < size; done += sizeof(long)) {
        long word;

        if (address + done > UINTPTR_MAX) {
            errno = EFAULT;
            return -1;
        }
        if (request(PTRACE_PEEKDATA, task->id, (uintptr_t)(address + done), (uintptr_t)&word) != 0)
            return -1;
        memcpy((char *)bytes + done, &word, sizeof(word));
    }
    return 0;
}

int tracer_write(const struct task *task, uint64_t address, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size; done += sizeof(long)) {
        uintptr_t word;

        memcpy(&word, (const char *)bytes + done, sizeof(word));
        if (request(PTRACE_POKEDATA, task->id, (uintptr_t)(address + done), word) != 0)
            return -1;
    }
    return 0;
}

static struct task *find_task(struct tracer *tracer, pid_t id)
{
    for (struct task *task = tracer->tasks; task != NULL; task = task->next)
        if (task->id == id)
            return task;
    return NULL;
}

static struct task *add_task(struct tracer *tracer, pid_t id)
{
    struct task *task = calloc(1, sizeof(*task));

    if (task == NULL)
        return NULL;
    task->id = id;
    task->group = id;
    task->next = tracer->tasks;
    tracer->tasks = task;
    return task;
}

static void remove_task(struct tracer *tracer, struct task *task)
{
    struct task **link = &tracer->tasks;

    while (*link != task)
        link = &(*link)->next;
    *link = task->next;
    free(task->pending);
    free(task);
}

/* Runs in the child: waits until it is traced, then becomes the program. */
static void become_program(char **argv, int quiet, const int go[2], int failure,
                           const sigset_t *mask)
{
    int why, output = quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : STDERR_FILENO;
    char byte;

    close(go[1]);
    if (read(go[0], &byte, 1) != 1)
        _exit(127);
    dup2(output, STDOUT_FILENO);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(argv[0], argv);
    why = errno;
    if (write(failure, &why, sizeof(why)) != (ssize_t)sizeof(why))
        _exit(126);
    _exit(127);
}

static void explain_seize(int why)
{
    fprintf(stderr, "seccomp-inspect: ptrace is not permitted here: %s\n", strerror(why));
    if (why == ENOSYS || why == EIO)
        fprintf(stderr,
                "This looks like qemu-user or another system that only resembles Linux: use a "
                "virtual machine.\n");
    else
        fprintf(stderr, "Look at /proc/sys/kernel/yama/ptrace_scope (0 or 1 is needed), or, in a "
                        "container, start it with --cap-add=SYS_PTRACE. A filter's bytes can be "
                        "read without ptrace: seccomp-inspect show -f FILE\n");
}

static void explain_exec(const char *program, int why)
{
    fprintf(stderr, "seccomp-inspect: cannot run %s: %s\n", program, strerror(why));
    if (why == ENOENT)
        fprintf(stderr,
                "Is it built, and typed as the shell needs it, such as ./step-2/example?\n");
    else if (why == EACCES || why == ENOEXEC)
        fprintf(stderr, "It has to be a program; the bytes of a filter are read by -f FILE\n");
}

/* Attaches to the child and lets it become the program. */
static int seize(struct tracer *tracer, char **argv, int go, int failure)
{
    int why, status;

    if (request(PTRACE_SEIZE, tracer->program, 0, OPTIONS) != 0) {
        explain_seize(errno);
        return -1;
    }
    if (write(go, "", 1) != 1)
        return -1;
    close(go);
    /* A signal may stop it before it has become the program: it gets that, and goes on. */
    while (poll(&(struct pollfd){.fd = failure, .events = POLLIN}, 1, 10) == 0)
        if (waitpid(tracer->program, &status, WNOHANG | __WALL) > 0 && WIFSTOPPED(status))
            request(PTRACE_SYSCALL, tracer->program, 0,
                    status >> 16 ? 0 : (uintptr_t)WSTOPSIG(status));
    if (read(failure, &why, sizeof(why)) == (ssize_t)sizeof(why)) {
        explain_exec(argv[0], why);
        return -1;
    }
    return 0;
}

/* Blocks SIGCHLD, SIGTSTP and what interrupts, but for a signal that whoever started us wants
 * ignored. */
static void block_signals(struct tracer *tracer)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP};
    struct sigaction action;

    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&tracer->awaited);
    sigaddset(&tracer->awaited, SIGCHLD);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&tracer->awaited, signals[i]);
    sigprocmask(SIG_BLOCK, &tracer->awaited, &tracer->before);
}

int tracer_start(struct tracer *tracer, char **argv, int quiet)
{
    int go[2], failure[2], result = -1;
    struct task *task;

    memset(tracer, 0, sizeof(*tracer));
    block_signals(tracer);
    fflush(NULL);
    if (pipe2(go, O_CLOEXEC) != 0 || pipe2(failure, O_CLOEXEC) != 0 ||
        (tracer->program = fork()) < 0) {
        perror("seccomp-inspect: starting the program");
        return -1;
    }
    if (tracer->program == 0)
        become_program(argv, quiet, go, failure[1], &tracer->before);
    close(go[0]);
    close(failure[1]);
    task = add_task(tracer, tracer->program);
    if (task != NULL) {
        task->known = 1;
        task->process = tracer->processes = 1;
        result = seize(tracer, argv, go[1], failure[0]);
    }
    close(failure[0]);
    if (result != 0)
        tracer_end(tracer);
    return result;
}

/* Which process a new task belongs to: another one than its parent's only if it is no thread. */
static void place_task(struct tracer *tracer, struct task *task, const struct task *parent)
{
    char name[64];
    int is_thread;

    snprintf(name, sizeof(name), "/proc/%d/task/%d", (int)parent->group, (int)task->id);
    is_thread = access(name, F_OK) == 0;
    task->known = 1;
    task->newest = parent->newest;
    task->group = is_thread ? parent->group : task->id;
    task->process = is_thread ? parent->process : ++tracer->processes;
}

/* The event of a parent names its child, which may have stopped before or will do so. */
static void meet_child(struct tracer *tracer, const struct task *parent)
{
    unsigned long id = 0;
    struct task *task;

    if (request(PTRACE_GETEVENTMSG, parent->id, 0, (uintptr_t)&id) != 0)
        return;
    task = find_task(tracer, (pid_t)id);
    if (task == NULL)
        task = add_task(tracer, (pid_t)id);
    if (task != NULL)
        place_task(tracer, task, parent);
}

/* After an exec by a thread that is not the first, that thread goes on under the first one's id. */
static void follow_exec(struct tracer *tracer, struct task *task)
{
    unsigned long former = 0;
    struct task *other;

    if (request(PTRACE_GETEVENTMSG, task->id, 0, (uintptr_t)&former) == 0 &&
        (pid_t)former != task->id && (other = find_task(tracer, (pid_t)former)) != NULL) {
        task->newest = other->newest;
        remove_task(tracer, other);
    }
    task->waits = task->held = 0;
}

/* Fetches what a stop at a system call is about. Returns 1 if that is an event for the caller. */
static int fetch_call(struct event *event, struct task *task)
{
    long size =
        request(PTRACE_GET_SYSCALL_INFO, task->id, sizeof(event->info), (uintptr_t)&event->info);

    event->task = task;
    if (size < 0 && errno == ESRCH)
        return 0; /* killed meanwhile: its end is reported next */
    if (size < 0) {
        fprintf(stderr,
                "seccomp-inspect: PTRACE_GET_SYSCALL_INFO: %s. Live programs need Linux 5.3; a "
                "filter's bytes can be read anywhere: seccomp-inspect show -f FILE\n",
                strerror(errno));
        event->kind = TRACER_FAILED;
        return 1;
    }
    switch (event->info.op) {
    case PTRACE_SYSCALL_INFO_ENTRY:
        event->kind = CALL_ENTRY;
        return 1;
    case PTRACE_SYSCALL_INFO_EXIT:
        event->kind = CALL_EXIT;
        return 1;
    default:
        return 0;
    }
}

static int is_stop_signal(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* Sorts out why a task has stopped. Returns 1 if that is an event for the caller. */
static int sort_stop(struct tracer *tracer, struct task *task, int status, struct event *event)
{
    int signal = WSTOPSIG(status);

    task->stopped = 1;
    task->listens = 0;
    switch (status >> 16) {
    case 0:
        if (signal == (SIGTRAP | 0x80))
            return fetch_call(event, task);
        task->pass_on = signal;
        return 0;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        meet_child(tracer, task);
        return 0;
    case PTRACE_EVENT_EXEC:
        follow_exec(tracer, task);
        return 0;
    case PTRACE_EVENT_STOP:
        task->listens = is_stop_signal(signal);
        return 0;
    default:
        return 0;
    }
}

/*
 * After Ctrl-Z we have to stop too, for the shell to come back; but only after all tasks have: a
 * SIGTSTP that they got from us after the SIGCONT of fg would stop them for good.
 */
static void stop_with_tasks(struct tracer *tracer)
{
    if (!tracer->stop_wanted)
        return;
    for (const struct task *task = tracer->tasks; task != NULL; task = task->next)
        if (!task->listens)
            return;
    tracer->stop_wanted = 0;
    raise(SIGSTOP);
}

/*
 * Waits until something happens to a task, or a signal comes for us: that goes first, since a busy
 * program always has something to report. Returns the task's id, 0 for a signal or after a second
 * without anything, -1 at the end.
 */
static pid_t wait_for_stop(struct tracer *tracer, int *status)
{
    static const struct timespec at_once = {0, 0}, second = {1, 0};
    int signal = sigtimedwait(&tracer->awaited, NULL, &at_once);
    pid_t id = 0;

    for (;;) {
        if (signal == SIGTSTP) {
            tracer->stop_wanted = 1;
            stop_with_tasks(tracer);
        } else if (signal > 0 && signal != SIGCHLD) {
            tracer->interrupted = signal;
            return 0;
        }
        id = waitpid(-1, status, __WALL | WNOHANG);
        if (id != 0)
            return id;
        signal = sigtimedwait(&tracer->awaited, NULL, &second);
        if (signal < 0 && errno == EAGAIN)
            return 0;
    }
}

/* The state of a task and its parent, by proc(5). Returns 0, or -1 if it is gone. */
static int look_up(pid_t id, char *state, int *parent)
{
    char name[64];
    FILE *stat;
    int found;

    snprintf(name, sizeof(name), "/proc/%d/stat", (int)id);
    stat = fopen(name, "r");
    if (stat == NULL)
        return -1;
    found = fscanf(stat, "%*d (%*[^)]) %c %d", state, parent);
    fclose(stat);
    return found == 2 ? 0 : -1;
}

int tracer_runs(const struct task *task)
{
    char state;
    int parent;

    return !task->held && look_up(task->id, &state, &parent) == 0 && state == 'R';
}

/*
 * A child whose parent was killed before it could tell of the child: nobody else will. What filters
 * it has inherited is not known then.
 */
static int is_orphan(const struct tracer *tracer, const struct task *task)
{
    char state;
    int parent;

    if (look_up(task->id, &state, &parent) != 0)
        return 0;
    for (const struct task *other = tracer->tasks; other != NULL; other = other->next)
        if (other->known && other->group == parent)
            return 0;
    return 1;
}

static void go_on(struct tracer *tracer)
{
    for (struct task *task = tracer->tasks; task != NULL; task = task->next)
        if (task->stopped && !task->known && is_orphan(tracer, task)) {
            task->known = 1;
            task->process = ++tracer->processes;
        }
    for (struct task *task = tracer->tasks; task != NULL; task = task->next) {
        if (!task->stopped || !task->known || task->held)
            continue;
        if (task->listens)
            request(PTRACE_LISTEN, task->id, 0, 0);
        else
            request(PTRACE_SYSCALL, task->id, 0, (uintptr_t)task->pass_on);
        task->stopped = task->pass_on = 0;
    }
}

void tracer_next(struct tracer *tracer, struct event *event)
{
    int status;
    pid_t id;

    memset(event, 0, sizeof(*event));
    for (;;) {
        struct task *task;

        go_on(tracer);
        stop_with_tasks(tracer);
        id = tracer->tasks == NULL ? -1 : wait_for_stop(tracer, &status);
        if (id == 0) {
            event->kind = tracer->interrupted ? INTERRUPTED : IDLE;
            return;
        }
        if (id < 0) {
            event->kind = ALL_GONE;
            return;
        }
        task = find_task(tracer, id);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (id == tracer->program)
                tracer->status = status;
            if (task != NULL)
                remove_task(tracer, task);
            event->kind = TASK_GONE;
            return;
        }
        if (task == NULL)
            task = add_task(tracer, id);
        if (task == NULL) {
            event->kind = TRACER_FAILED;
            return;
        }
        if (sort_stop(tracer, task, status, event))
            return;
    }
}

void tracer_end(struct tracer *tracer)
{
    int status;
    pid_t id;

    for (struct task *task = tracer->tasks; task != NULL; task = task->next)
        kill(task->group, SIGKILL);
    /* A child that was just made may come up only now. */
    while (tracer->tasks != NULL && ((id = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)) {
        struct task *task = id > 0 ? find_task(tracer, id) : NULL;

        if (id > 0 && WIFSTOPPED(status))
            kill(id, SIGKILL);
        else if (task != NULL)
            remove_task(tracer, task);
    }
    while (tracer->tasks != NULL)
        remove_task(tracer, tracer->tasks);
    sigprocmask(SIG_SETMASK, &tracer->before, NULL);
}
