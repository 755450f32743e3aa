/*
 * doctor.c: says whether the lesson will work on this machine, and if not, why.
 *
 * One line for each finding: ok, note (something is missing, the stages work without) or FAIL.
 * Below a note or FAIL, indented, is what to do. The exit status is 0 if there is no FAIL.
 */
#define _GNU_SOURCE
#include "cause.h"
#include "seccomp-bpf.h"
#include "trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

/* Headers before Linux 4.14 and 5.0 lack these. */
#ifndef SECCOMP_RET_KILL_THREAD
#define SECCOMP_RET_KILL_THREAD 0x00000000U
#endif
#ifndef SECCOMP_RET_LOG
#define SECCOMP_RET_LOG 0x7ffc0000U
#endif
#ifndef SECCOMP_RET_USER_NOTIF
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U
#endif

/* Prints lines below a finding. */
static void advise(const char *lines)
{
    while (*lines != '\0') {
        int length = (int)strcspn(lines, "\n");

        printf("       %.*s\n", length, lines);
        lines += length + (lines[length] == '\n');
    }
}

/* A 32-bit program on a 64-bit kernel has filters too: for its own calls. */
static void report_system(void)
{
    struct utsname name;

    if (uname(&name) != 0) {
        printf("note uname: %s\n", strerror(errno));
        return;
    }
    printf("ok   architecture: %s%s%s\n", SECCOMP_ARCH_NAME,
           strcmp(name.machine, SECCOMP_ARCH_NAME) == 0 ? "" : ", on a machine that is called ",
           strcmp(name.machine, SECCOMP_ARCH_NAME) == 0 ? "" : name.machine);
    printf("ok   kernel: %s %s\n", name.sysname, name.release);
}

#ifdef __GLIBC__
static void report_libc(void)
{
    printf("ok   C library: glibc %s\n", gnu_get_libc_version());
}
#else
/* musl tells its version nowhere but in what its loader prints. */
static void report_libc(void)
{
    FILE *loader = popen("for loader in /lib/ld-musl-*.so.1; do $loader; break; done 2>&1", "r");
    char line[256], version[32] = "of unknown version";

    while (loader != NULL && fgets(line, sizeof(line), loader) != NULL)
        if (sscanf(line, "Version %31s", version) == 1)
            break;
    if (loader != NULL)
        pclose(loader);
    printf("ok   C library: musl %s\n", version);
}
#endif

static void report_process(void)
{
    int mode = status_number("Seccomp"), filters = status_number("Seccomp_filters");

    if (status_number("NoNewPrivs") == 1) {
        printf("note no-new-privileges is set already, by a container or a service\n");
        if (geteuid() != 0)
            advise("sudo does not work here: let ./bootstrap install outside, or as root.");
    }
    if (mode <= 0)
        printf("ok   no filter is on this process so far\n");
    else if (filters > 0)
        printf("note filters are on this process already, of a container, service or WSL: %d\n",
               filters);
    else
        printf("note filters are on this process already, of a container, service or WSL\n");
    if (mode > 0)
        advise("What they refuse, no filter of the lesson can allow.");
}

/* The trials without which no stage works. Stops at the first that fails: its cause is all. */
static int report_trials(void)
{
    static const struct {
        int (*trial)(void);
        const char *works, *fails;
    } trials[] = {
        {try_no_new_privs, "no-new-privileges can be set", "no-new-privileges can't be set"},
        {try_errno, "a trial filter can be installed, and refuses a call",
         "no filter can be installed that refuses a call"},
        {try_trap, "a trap tells the call's number and architecture",
         "no trap tells the call's number and architecture"},
        {try_kill, "a filter kills a process", "no filter kills a process"},
    };

    for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        int answer = in_child(trials[i].trial);
        const struct cause *cause;

        if (answer == 0) {
            printf("ok   %s\n", trials[i].works);
            continue;
        }
        cause = cause_of(answer);
        printf("FAIL %s: %s\n", trials[i].fails, answer_words(answer));
        advise(cause->words);
        advise(cause->advice);
        return 1;
    }
    return 0;
}

/* Puts what the kernel offers, or does not offer, into a list. Returns how many. */
static int list_actions(char *list, size_t size, int offered)
{
    static const struct {
        uint32_t value;
        const char *name;
    } actions[] = {
        {SECCOMP_RET_KILL_PROCESS, "KILL_PROCESS"},
        {SECCOMP_RET_KILL_THREAD, "KILL_THREAD"},
        {SECCOMP_RET_TRAP, "TRAP"},
        {SECCOMP_RET_ERRNO, "ERRNO"},
        {SECCOMP_RET_USER_NOTIF, "USER_NOTIF"},
        {SECCOMP_RET_TRACE, "TRACE"},
        {SECCOMP_RET_LOG, "LOG"},
        {SECCOMP_RET_ALLOW, "ALLOW"},
    };
    int count = 0;

    list[0] = '\0';
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        size_t length = strlen(list);

        if ((try_action(actions[i].value) == 0) != offered)
            continue;
        snprintf(list + length, size - length, " %s", actions[i].name);
        count++;
    }
    return count;
}

static void report_actions(void)
{
    char list[128];

    if (list_actions(list, sizeof(list), 1) == 0) {
        printf("note the system does not list its actions: %s\n",
               answer_words(try_action(SECCOMP_RET_ALLOW)));
        advise("Kernels before 4.14 and gVisor don't. The stages need none but those tried above.");
        return;
    }
    printf("ok   actions:%s\n", list);
    if (list_actions(list, sizeof(list), 0) > 0) {
        printf("note actions that this kernel lacks:%s\n", list);
        advise("The stages do without. All are in kernels since 5.0.");
    }
}

static void report_threads(void)
{
    int answer = in_child(try_kill_threads);

    if (answer == 0) {
        printf("ok   and a process with threads as a whole\n");
        return;
    }
    printf("note a process with threads (the stages have none): %s\n", answer_words(answer));
    if (answer == THREAD_ONLY)
        advise(is_gvisor() ? "This looks like gVisor, which does that. Such a program can hang."
                           : "Kernels before 4.14 do that. Such a program can hang.");
}

static void report_listener(void)
{
    int answer = in_child(try_listener);

    if (answer == 0) {
        printf("ok   user notification\n");
        return;
    }
    printf("note no user notification (the stages do without): %s\n", answer_words(answer));
    if (answer == EBUSY)
        advise(
            "Something listens to this process already, as WSL 2 does with mirrored networking.\n"
            "In Windows, set networkingMode=nat in .wslconfig, then type: wsl --shutdown");
    else if (is_gvisor())
        advise("This looks like gVisor, which has none.");
    else
        advise("Kernels before 5.0 have none; a container's profile can forbid it.");
}

static void report_ptrace(void)
{
    char scope[16];
    int answer = try_ptrace();

    if (answer == 0) {
        printf("ok   ptrace: strace and seccomp-inspect can watch programs\n");
        return;
    }
    printf("note no ptrace for strace and seccomp-inspect (the stages do without): %s\n",
           answer_words(answer));
    read_text("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof(scope));
    if (status_number("TracerPid") > 0)
        advise("This program is traced itself: run it without strace or debugger.");
    else if (scope[0] == '2' || scope[0] == '3')
        advise("Type: sudo sysctl kernel.yama.ptrace_scope=1 (if it is 3, after a reboot only).");
    else
        advise("Emulators lack it, containers can forbid it. In docker or podman:\n"
               "run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined");
}

int main(void)
{
    int failed;

    report_system();
    report_libc();
    report_process();
    failed = report_trials();
    if (!failed) {
        report_threads();
        report_actions();
        report_listener();
    }
    report_ptrace();
    return failed;
}
