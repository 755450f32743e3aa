/*
 * example.c, step 1: reads a line, prints it, sleeps and forks.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    char buf[1024] = "";

    printf("Type stuff here: ");
    fflush(stdout);
    if (fgets(buf, sizeof(buf), stdin) == NULL || feof(stdin))
        printf("\n"); /* nobody pressed Enter: the prompt's line is still open */
    buf[strcspn(buf, "\n")] = '\0';
    printf("You typed: %s\n", buf);

    printf("And now we fork, which should do quite opposite...\n");
    fflush(stdout);
    sleep(1);

    fork();
    printf("You should not see this, because I am dead\n");

    return 0;
}
