/* status.h - errors are values.
 *
 * A function that can fail returns an enum vs_status; where a person will read
 * why, it also fills a struct diag (or adds to a list of them). Nothing in the
 * library prints or ends the process.
 */
#ifndef VMSCOPE_BASE_STATUS_H
#define VMSCOPE_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

enum vs_status {
    VS_OK,
    VS_NOMEM,     /* an allocation failed; the caller's object is as before */
    VS_IO,        /* a file could not be opened or read */
    VS_BAD_INPUT, /* a file's text is wrong: see the diagnostics */
    VS_LIMIT,     /* a size beyond what the machine (or memory) can hold */
    VS_USAGE      /* a call's words are off */
};

/* One message to a person. line and col count from 1; 0 means "no position". */
struct diag {
    char file[256];
    unsigned line, col;
    char text[512]; /* one line, printable, no trailing stop needed */
};

/* Several per run, in the order found; at most DIAGS_MAX are kept, the rest counted. */
#define DIAGS_MAX 20
struct diag_list {
    struct diag item[DIAGS_MAX];
    size_t count;   /* kept */
    size_t dropped; /* found beyond DIAGS_MAX */
};

#if defined(__GNUC__)
#define VS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define VS_PRINTF(fmt, args)
#endif

/* Fill `d` (may be NULL). Control characters in the result become '?'. */
void diag_set(struct diag *d, const char *file, unsigned line, unsigned col, const char *fmt, ...)
    VS_PRINTF(5, 6);

/* Add a message to `list` (may be NULL). */
void diag_add(struct diag_list *list, const char *file, unsigned line, unsigned col,
              const char *fmt, ...) VS_PRINTF(5, 6);

/* "file:line:col: error: text" (without a position: "file: error: text") into buf; returns buf. */
const char *diag_format(const struct diag *d, char *buf, size_t size);

/* The status in a word or two, for messages. */
const char *status_name(enum vs_status s);

#endif
