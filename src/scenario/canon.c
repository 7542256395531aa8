/* canon.c - a small YAML writer: only double-quoted scalars in flow style, so
 * that one rule of escaping is enough and 100,000 steps take no time. */
#include "scenario/canon.h"

#include "vmscope/base/memory.h"

static char *room(struct canon *c, size_t n) {
    if (c->nomem || n > SIZE_MAX - c->used || !mem_grow(&c->bytes, &c->cap, c->used + n, 1)) {
        c->nomem = true;
        return NULL;
    }
    return (char *)c->bytes + c->used;
}

void canon_raw(struct canon *c, const char *s, size_t n) {
    char *to = room(c, n);
    if (!to) return;
    memcpy(to, s, n);
    c->used += n;
}

void canon_key(struct canon *c, const char *key, bool first) {
    if (!first) canon_raw(c, ", ", 2);
    canon_raw(c, "\"", 1);
    canon_raw(c, key, strlen(key));
    canon_raw(c, "\": ", 3);
}

static char *put_number(char *to, unsigned n) {
    char digit[12];
    size_t count = 0;
    do digit[count++] = (char)('0' + n % 10);
    while (n /= 10);
    while (count > 0) *to++ = digit[--count];
    *to++ = ' ';
    return to;
}

void canon_scalar(struct canon *c, unsigned line, unsigned col, const char *text, size_t n) {
    if (n > SIZE_MAX / 4) c->nomem = true;
    char *start = room(c, 2 * n + 32), *to = start;
    if (!to) return;
    *to++ = '"';
    to = put_number(to, line);
    to = put_number(to, col);
    for (size_t i = 0; i < n; i++) {
        char ch = text[i];
        if (ch == '"' || ch == '\\' || ch == '\n' || ch == '\t') *to++ = '\\';
        *to++ = ch == '\n' ? 'n' : ch == '\t' ? 't' : ch;
    }
    *to++ = '"';
    c->used += (size_t)(to - start);
}

void canon_free(struct canon *c) {
    free(c->bytes);
    *c = (struct canon){0};
}
