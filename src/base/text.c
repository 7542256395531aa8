/* text.c - building text in a fixed buffer.
 *
 * Invariant: buf[len] is NUL and len < size. Once something was cut nothing
 * more is added, so that what stands there is a true beginning of the whole;
 * a UTF-8 character is never cut in half.
 */
#include "vmscope/base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text text_in(char *buf, size_t size) {
    buf[0] = '\0';
    return (struct text){.buf = buf, .size = size};
}

static bool is_continuation(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

void text_addn(struct text *t, const char *s, size_t n) {
    if (t->cut) return;
    size_t room = t->size - 1 - t->len;
    if (n > room) {
        t->cut = true;
        for (n = room; n > 0 && is_continuation(s[n]);) n--;
    }
    memcpy(t->buf + t->len, s, n);
    t->len += n;
    t->buf[t->len] = '\0';
}

void text_add(struct text *t, const char *s) { text_addn(t, s, strlen(s)); }

void text_addc(struct text *t, char c) { text_addn(t, &c, 1); }

/* vsnprintf has filled the buffer to its last byte: drop a character that it cut in half. */
static void drop_half_char(struct text *t) {
    size_t start = t->len;
    while (start > 0 && is_continuation(t->buf[start - 1])) start--;
    if (start == 0) return;
    unsigned char lead = (unsigned char)t->buf[start - 1];
    size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (want > t->len - start + 1) t->len = start - 1;
    t->buf[t->len] = '\0';
}

void text_addf(struct text *t, const char *fmt, ...) {
    if (t->cut) return;
    size_t room = t->size - t->len;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(t->buf + t->len, room, fmt, args);
    va_end(args);
    if (n < 0) {
        t->buf[t->len] = '\0';
    } else if ((size_t)n < room) {
        t->len += (size_t)n;
    } else {
        t->cut = true;
        t->len = t->size - 1;
        drop_half_char(t);
    }
}

/* Characters since the last line break. */
static size_t column(const struct text *t) {
    size_t col = 0;
    for (size_t i = t->len; i > 0 && t->buf[i - 1] != '\n'; i--)
        if (!is_continuation(t->buf[i - 1])) col++;
    return col;
}

void text_pad(struct text *t, size_t col) {
    for (size_t at = column(t); at < col && !t->cut; at++) text_addc(t, ' ');
}

void format_duration(struct text *t, uint64_t ns) {
    static const struct {
        uint64_t ns;
        const char *name;
    } unit[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    size_t u = 0;
    while (unit[u].ns > ns && unit[u].ns > 1) u++;
    text_addf(t, "%llu", (unsigned long long)(ns / unit[u].ns));
    unsigned thousandths = (unsigned)(ns % unit[u].ns * 1000 / unit[u].ns);
    int digits = 3;
    while (thousandths && thousandths % 10 == 0) thousandths /= 10, digits--;
    if (thousandths) text_addf(t, ".%0*u", digits, thousandths);
    text_addf(t, " %s", unit[u].name);
}

void format_size(struct text *t, uint64_t bytes) {
    static const char *const unit[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        text_addf(t, "%u byte%s", (unsigned)bytes, bytes == 1 ? "" : "s");
        return;
    }
    unsigned u = 0;
    while (u < 5 && bytes >> (10 * (u + 2))) u++;
    unsigned shift = 10 * (u + 1);
    uint64_t rest = bytes & (((uint64_t)1 << shift) - 1);
    text_addf(t, "%llu", (unsigned long long)(bytes >> shift));
    if (rest) text_addf(t, ".%u", (unsigned)((rest >> (shift - 10)) * 10 >> 10));
    text_addf(t, " %s", unit[u]);
}

/* Bytes of the UTF-8 character at s (Unicode 15, table 3-7), or 0 when it is malformed or a control.
 * Overlong forms, surrogates and what lies above U+10FFFF are malformed. */
static size_t clean_utf8(const unsigned char *s, size_t left) {
    unsigned c = s[0];
    if (c < 0x80) return c >= 0x20 && c != 0x7f;
    size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || n > left) return 0;
    uint32_t code = c & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    static const uint32_t lowest[] = {[2] = 0xa0, [3] = 0x800, [4] = 0x10000}; /* 0x80..0x9f are controls */
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code >= lowest[n] && !surrogate && code <= 0x10ffff ? n : 0;
}

bool text_is_clean(const char *s, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t len = clean_utf8((const unsigned char *)s + i, n - i);
        if (len == 0) return false;
        i += len;
    }
    return true;
}
