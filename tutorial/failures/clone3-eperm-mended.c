/*
 * clone3-eperm-mended.c: clone3 refused with ENOSYS: glibc takes clone, as on an old kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "shorthand.h"

#ifndef __NR_clone3
#define __NR_clone3 435 /* everywhere, since Linux 5.3 */
#endif

static void install_filter(void)
{
    struct sock_filter filter[] = {
        VALIDATE_ARCHITECTURE,
        EXAMINE_SYSCALL,
        /* Its flags are in memory, where no filter can see them. */
        SKIP_UNLESS(__NR_clone3, 1),
        REFUSE(ENOSYS),
        ALLOW,
    };

    INSTALL(filter);
}

static void *run(void *unused)
{
    say("the thread runs\n");
    return unused;
}

int main(void)
{
    pthread_t thread;
    int error;

    install_filter();
    error = pthread_create(&thread, NULL, run, NULL);
    if (error != 0) {
        say("pthread_create: %s\n", strerror(error));
        return 1;
    }
    return pthread_join(thread, NULL) != 0;
}
