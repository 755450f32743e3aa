/*
 * cause.c: tells the systems apart where filters don't work.
 *
 * Some name themselves; others are known by the errnos with which they refuse a filter.
 */
#define _GNU_SOURCE
#include "cause.h"
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const struct cause qemu_user = {
    "This looks like qemu-user: it runs programs of another architecture, and knows no filters.",
    "In a container, use an image of the machine's own architecture: docker run without\n"
    "--platform. Otherwise use a virtual machine: qemu-system instead of qemu-user."};

static const struct cause rosetta = {
    "This looks like Rosetta: it runs x86_64 programs on Apple silicon, and knows no filters.",
    "Use an arm64 image, docker run --platform linux/arm64, or a virtual machine for arm64."};

static const struct cause wsl1 = {
    "This looks like WSL 1: it has no Linux kernel, and no filters.",
    "Use WSL 2. In Windows, type: wsl --list, then: wsl --set-version DISTRIBUTION 2"};

static const struct cause gvisor = {
    "This looks like gVisor: it has a kernel of its own, with fewer filters.",
    "Use another runtime, docker run --runtime=runc, or a virtual machine."};

static const struct cause profile = {
    "This looks like the profile of a container or a service: it forbids filters.",
    "In docker or podman: run --security-opt seccomp=unconfined. In a systemd service: see its\n"
    "SystemCallFilter=. Otherwise use a virtual machine."};

static const struct cause no_config = {
    "This looks like a kernel built without CONFIG_SECCOMP_FILTER.",
    "Use the kernel of a Linux distribution, or a virtual machine that has one.\n"
    "What yours was built with, if it tells: zgrep SECCOMP /proc/config.gz"};

static const struct cause in_between = {
    "Something between the kernel and this program hides filters, or fakes them: an emulator, or\n"
    "the profile of a container.",
    "In docker or podman: run --security-opt seccomp=unconfined. Otherwise use a virtual machine."};

static const struct cause unknown = {"The cause is unknown.", "Use a virtual machine."};

void read_text(const char *path, char *text, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t got;

    while (file != -1 && length + 1 < size &&
           (got = read(file, text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    if (file != -1)
        close(file);
    text[length] = '\0';
}

int status_number(const char *name)
{
    char text[8192], line[64];
    const char *found;

    text[0] = '\n';
    read_text("/proc/self/status", text + 1, sizeof(text) - 1);
    snprintf(line, sizeof(line), "\n%s:\t", name);
    found = strstr(text, line);
    return found == NULL ? -1 : (int)strtol(found + strlen(line), NULL, 10);
}

/*
 * Whether this program runs inside another, whose name starts like that. An emulator answers for
 * /proc/self/exe, but not for a child's.
 */
static int runs_inside(const char *name)
{
    char link[64], path[4096];
    const char *base;
    int child = start_child();
    ssize_t length;

    if (child == -1)
        return 0;
    snprintf(link, sizeof(link), "/proc/%d/exe", child);
    length = readlink(link, path, sizeof(path) - 1);
    end_child(child);
    path[length > 0 ? length : 0] = '\0';
    base = strrchr(path, '/');
    return base != NULL && strncmp(base + 1, name, strlen(name)) == 0;
}

static int is_rosetta(void)
{
    char cpus[4096];

    read_text("/proc/cpuinfo", cpus, sizeof(cpus));
    return strstr(cpus, "VirtualApple") != NULL || runs_inside("rosetta");
}

/* WSL 2 has a small m there: 6.6.87.2-microsoft-standard-WSL2 */
static int is_wsl1(void)
{
    struct utsname name;

    return uname(&name) == 0 && strstr(name.release, "-Microsoft") != NULL;
}

/* gVisor's kernel is always that of the same day, 4.4.0 or 4.19.0-gvisor. */
int is_gvisor(void)
{
    struct utsname name;

    return uname(&name) == 0 && (strstr(name.release, "gvisor") != NULL ||
                                 strcmp(name.version, "#1 SMP Sun Jan 10 15:06:54 PST 2016") == 0);
}

/* What prctl's "Invalid argument" means: seccomp(2) and /proc tell more. */
static const struct cause *cause_of_einval(void)
{
    int other = in_child(try_seccomp_call);

    /* An emulator without the call; the kernel below it shows through in /proc. */
    if (other == ENOSYS && status_number("Seccomp") != -1)
        return &qemu_user;
    if (other == 0 || status_number("Seccomp_filters") != -1 || status_number("Seccomp") > 0)
        return &in_between;
    return &no_config;
}

const struct cause *cause_of(int answer)
{
    if (runs_inside("qemu-"))
        return &qemu_user;
    if (is_rosetta())
        return &rosetta;
    if (is_wsl1())
        return &wsl1;
    if (is_gvisor())
        return &gvisor;
    switch (answer) {
    case NOT_FILTERED:
    case WRONG_NUMBERS:
        return &in_between;
    case EPERM:
    case EACCES:
    case ENOSYS:
    case -SIGSYS:
    case -SIGKILL:
        return &profile;
    case EINVAL:
        return cause_of_einval();
    default:
        return &unknown;
    }
}
