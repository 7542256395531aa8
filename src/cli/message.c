/* message.c - messages to the person at the terminal, on standard error. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

/* Words of the command line come back in messages: no control characters with them. */
static void make_printable(char *s) {
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f) *s = '?';
}

void complain(const char *fmt, ...) {
    char line[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    make_printable(line);
    fflush(stdout); /* what was said before stands before it */
    fprintf(stderr, "vmscope: %s\n", line);
}

void complain_diag(const struct diag *d) {
    char line[sizeof *d + 64];
    fflush(stdout);
    fprintf(stderr, "%s\n", diag_format(d, line, sizeof line));
}

void complain_skipped(const struct diag_list *list) {
    size_t all = list->count + list->dropped;
    fflush(stdout);
    for (size_t i = 0; i < list->count; i++)
        fprintf(stderr, "%s:%u: warning: %s\n", list->item[i].file, list->item[i].line, list->item[i].text);
    const char *more = list->dropped ? "; the first ones are shown" : "";
    if (all) complain("%zu damaged line%s skipped%s", all, all > 1 ? "s" : "", more);
}

void complain_list(const struct diag_list *list) {
    for (size_t i = 0; i < list->count; i++) complain_diag(&list->item[i]);
    if (list->dropped) complain("and %zu more", list->dropped);
}
