/*
 * output.c: colours on a terminal, and strings in JSON.
 */
#include "output.h"
#include "simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int colours;

void choose_colours(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    colours = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') && term != NULL &&
              *term != '\0' && *term != 'd'; /* TERM=dumb */
}

const char *verdict_colour(uint32_t value)
{
    if (!colours)
        return "";
    return lets_through(value) ? "\033[32m" : "\033[31m";
}

const char *end_colour(void)
{
    return colours ? "\033[0m" : "";
}

void print_json_string(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}
