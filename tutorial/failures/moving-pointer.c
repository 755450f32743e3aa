/*
 * moving-pointer.c: a supervisor reads a path and says "continue"; then the path is another one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h> /* only its macros: musl's function takes an int */
#include <sys/syscall.h>
#include <time.h>

#include "shorthand.h"

#define TRIES 1000000

static char path[] = "/dev/null"; /* or /dev/full, by a letter */
static int listener;
static sem_t installed;

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* What files are opened with. */
        SKIP_UNLESS(__NR_openat, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        ALLOW,
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                            &program);
}

/* The supervisor, a thread without the filter. Of all files it allows /dev/null only. */
static void decide(void)
{
    struct seccomp_notif call = {0};
    struct seccomp_notif_resp answer = {0};
    char seen[sizeof(path)];

    if (syscall(SYS_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0)
        return;
    memcpy(seen, (const char *)(uintptr_t)call.data.args[1], sizeof(seen));
    answer.id = call.id;
    if (strcmp(seen, "/dev/null") == 0)
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else
        answer.error = -EACCES;
    syscall(SYS_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

static void *supervise(void *unused)
{
    sem_wait(&installed);
    for (;;)
        decide();
    return unused;
}

/* What is wrong with the program under the filter: one of its threads changes the path. */
static void *move(void *unused)
{
    const struct timespec moment = {0, 1};

    for (;;) {
        ((volatile char *)path)[5] ^= 'n' ^ 'f';
        nanosleep(&moment, NULL);
    }
    return unused;
}

int main(void)
{
    pthread_t thread;
    int opened[2] = {0};

    sem_init(&installed, 0, 0);
    if (pthread_create(&thread, NULL, supervise, NULL) != 0 ||
        pthread_create(&thread, NULL, move, NULL) != 0)
        return 2;
    install_filter();
    if (listener < 0) {
        perror("no listener: type make doctor");
        return 2;
    }
    sem_post(&installed);
    for (int i = 0; i < TRIES && !(opened[0] && opened[1]); i++) {
        int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
        char byte;

        if (file < 0)
            continue;
        opened[read(file, &byte, 1) == 1] = 1; /* /dev/null is empty, /dev/full is full of zeros */
        close(file);
    }
    say("/dev/null: %s\n", opened[0] ? "opened" : "never opened");
    say("/dev/full: %s\n", opened[1] ? "opened" : "never opened");
    return 0;
}
