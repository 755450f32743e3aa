/*
 * outlive.c: runs a program and waits for all its descendants, orphans too.
 *
 * outlive FILE PROGRAM [ARG...] writes to FILE a line for each that ended: "program exited 0",
 * "orphan killed 31". The lesson's parent does not wait for its child: this does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int status, result = 1;
    pid_t program, ended;
    int file;

    if (argc < 3) {
        fprintf(stderr, "usage: outlive FILE PROGRAM [ARG...]\n");
        return 2;
    }
    file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
        perror(argv[1]);
        return 2;
    }
    program = fork();
    if (program == 0) {
        execv(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    while ((ended = wait(&status)) > 0) {
        int killed = WIFSIGNALED(status);

        dprintf(file, "%s %s %d\n", ended == program ? "program" : "orphan",
                killed ? "killed" : "exited", killed ? WTERMSIG(status) : WEXITSTATUS(status));
        if (ended == program)
            result = killed ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    return result;
}
