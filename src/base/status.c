/* status.c - diagnostics: what went wrong, where, in one clean line.
 *
 * File names and quoted input come from outside. Whatever they hold, a message
 * that is shown in a terminal has no control character and no broken UTF-8 in
 * it: such bytes become '?' when the diagnostic is made.
 */
#include "vmscope/base/status.h"
#include "vmscope/base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the clean character at s (1..4), or 0 where there is none. */
static size_t clean_char(const char *s, size_t left) {
    for (size_t n = 1; n <= 4 && n <= left; n++)
        if (text_is_clean(s, n)) return n;
    return 0;
}

static void make_clean(char *s) {
    size_t len = strlen(s);
    for (size_t i = 0; i < len;) {
        size_t n = clean_char(s + i, len - i);
        if (n == 0) s[i] = '?';
        i += n ? n : 1;
    }
}

VS_PRINTF(5, 0)
static void fill(struct diag *d, const char *file, unsigned line, unsigned col, const char *fmt,
                 va_list args) {
    struct text name = text_in(d->file, sizeof d->file);
    text_add(&name, file ? file : "");
    d->line = line;
    d->col = col;
    if (vsnprintf(d->text, sizeof d->text, fmt, args) < 0) d->text[0] = '\0';
    make_clean(d->file);
    make_clean(d->text);
}

void diag_set(struct diag *d, const char *file, unsigned line, unsigned col, const char *fmt, ...) {
    if (!d) return;
    va_list args;
    va_start(args, fmt);
    fill(d, file, line, col, fmt, args);
    va_end(args);
}

void diag_add(struct diag_list *list, const char *file, unsigned line, unsigned col, const char *fmt, ...) {
    if (!list) return;
    if (list->count == DIAGS_MAX) {
        list->dropped++;
        return;
    }
    va_list args;
    va_start(args, fmt);
    fill(&list->item[list->count++], file, line, col, fmt, args);
    va_end(args);
}

const char *diag_format(const struct diag *d, char *buf, size_t size) {
    struct text t = text_in(buf, size);
    if (d->file[0]) text_addf(&t, "%s:", d->file);
    if (d->line) text_addf(&t, "%u:", d->line);
    if (d->line && d->col) text_addf(&t, "%u:", d->col);
    text_addf(&t, "%serror: %s", t.len ? " " : "", d->text);
    return buf;
}

const char *status_name(enum vs_status s) {
    static const char *const name[] = {
        [VS_OK] = "good",         [VS_NOMEM] = "out of memory",
        [VS_IO] = "cannot read",  [VS_BAD_INPUT] = "bad input",
        [VS_LIMIT] = "too large", [VS_USAGE] = "wrong usage",
    };
    return (unsigned)s < sizeof name / sizeof *name ? name[s] : "?";
}
