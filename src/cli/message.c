/* message.c - messages to the person at the terminal, on standard error. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

void complain(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fflush(stdout); /* what was said before stands before it */
    fputs("vmscope: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
}

void complain_diag(const struct diag *d) {
    char line[sizeof *d + 64];
    fflush(stdout);
    fprintf(stderr, "%s\n", diag_format(d, line, sizeof line));
}

void complain_list(const struct diag_list *list) {
    for (size_t i = 0; i < list->count; i++) complain_diag(&list->item[i]);
    if (list->dropped) complain("and %zu more", list->dropped);
}
