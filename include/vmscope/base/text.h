/* text.h - building text in a buffer of fixed size, and reading numbers strictly.
 *
 * A struct text never overflows: what does not fit is left out and `cut` is
 * set; the buffer always ends in NUL.
 */
#ifndef VMSCOPE_BASE_TEXT_H
#define VMSCOPE_BASE_TEXT_H

#include "vmscope/base/status.h"
#include <stdint.h>

struct text {
    char *buf;
    size_t size; /* of buf, at least 1 */
    size_t len;  /* without the NUL */
    bool cut;
};

/* Start an empty text in `buf`. */
struct text text_in(char *buf, size_t size);
void text_add(struct text *t, const char *s);
void text_addn(struct text *t, const char *s, size_t n);
void text_addc(struct text *t, char c);
void text_addf(struct text *t, const char *fmt, ...) VS_PRINTF(2, 3);
/* Blanks up to column `col` (no-op when already there). */
void text_pad(struct text *t, size_t col);

/* Strict numbers: decimal without leading zeros, or 0x and hex digits; nothing
 * before or after. False (and *why a phrase such as "leading zero: write 8 or 0x8")
 * when the text is anything else or does not fit 64 bits. */
bool parse_number(const char *s, uint64_t *out, const char **why);

/* A size in bytes: a strict number, optionally followed by KiB, MiB or GiB. */
bool parse_size(const char *s, uint64_t *out, const char **why);

/* A duration in nanoseconds: a strict decimal number followed by ns, us, ms or s. */
bool parse_duration(const char *s, uint64_t *out, const char **why);

/* The one of `names` (NULL ends them) that `word` was probably meant to be, or
 * NULL when none is near: edit distance at most a third of the word's length, at least 1. */
const char *suggest(const char *word, const char *const *names);

/* "1.204 ms", "350 ns": a duration for people. */
void format_duration(struct text *t, uint64_t ns);
/* "4 KiB", "96 bytes". */
void format_size(struct text *t, uint64_t bytes);
/* True where every byte is printable or the start/part of valid UTF-8 without control characters. */
bool text_is_clean(const char *s, size_t n);

#endif
