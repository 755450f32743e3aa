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

/* The length of the UTF-8 sequence that text begins with, 0 if it is none. */
static int sequence_length(const char *text)
{
    unsigned char first = (unsigned char)*text;
    int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if (first > 0xf4)
        return 0;
    for (int i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

void print_json_string(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        int length = sequence_length(text);

        if (length != 1) { /* a file's name can have any bytes */
            printf(length == 0 ? "\\ufffd" : "%.*s", length, text);
            text += length == 0 ? 0 : length - 1;
            continue;
        }
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}
