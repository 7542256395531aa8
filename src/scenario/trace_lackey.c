/* trace_lackey.c - lackey's lines to references.
 *
 *   I  0401ab70,3      an instruction of 3 bytes is fetched
 *    L 1fff0006d8,8    8 bytes are loaded
 *    S 1fff0006d8,8    stored
 *    M 04033e06,1      loaded, changed and stored: one access, a write
 *
 * (valgrind --tool=lackey --trace-mem=yes; "Valgrind User Manual", 15.)
 *
 * The parser is one function without calls, and takes the eight digits that
 * every address has in one word: a trace has a hundred million lines.
 * Invariant: the text it is given ends in a line break, so that it needs no
 * other bound.
 */
#include "scenario/trace_reader.h"

#define SIZE_MAX_REF 4096 /* no instruction touches more; larger than 255 is kept as 255 */

/* Value of a hex digit plus 1; 0: no hex digit. */
static const uint8_t hex[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* A line's first three characters, and the access that they mean. */
struct kind {
    char start[3];
    uint8_t op;
};
/* By first character xor second, which tells the four apart. */
static const struct kind kinds[128] = {
    [0] = {{'=', '-', '.'}, 0}, /* two equal characters: never */
    ['I' ^ ' '] = {{'I', ' ', ' '}, ACCESS_FETCH},
    [' ' ^ 'L'] = {{' ', 'L', ' '}, ACCESS_READ},
    [' ' ^ 'S'] = {{' ', 'S', ' '}, ACCESS_WRITE},
    [' ' ^ 'M'] = {{' ', 'M', ' '}, ACCESS_WRITE},
};

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte)) /* in each byte of a word */

/* The 8 hex digits at s, all at once, each a byte of one word; false where one is none.
 * '0'-'9' are 0x30-0x39, 'A'-'F' 0x41-0x46, 'a'-'f' 0x61-0x66: bit 6 tells a letter, and the value is
 * the low half, plus 9 for a letter. A digit is good when its value, written again, gives it back. */
static inline bool hex8(const unsigned char *s, uint64_t *out) {
    uint64_t x = (uint64_t)s[0] | (uint64_t)s[1] << 8 | (uint64_t)s[2] << 16 | (uint64_t)s[3] << 24 |
                 (uint64_t)s[4] << 32 | (uint64_t)s[5] << 40 | (uint64_t)s[6] << 48 | (uint64_t)s[7] << 56;
    uint64_t letter = x >> 6 & EACH(1);
    uint64_t v = (x & EACH(15)) + letter * 9;
    uint64_t above9 = (v + EACH(6)) >> 4 & EACH(1);
    uint64_t again = v + EACH('0') + above9 * ('a' - '0' - 10);
    uint64_t small = x | letter << 5; /* 'A' as 'a' */
    if ((again ^ small) | (v & EACH(0xf0))) return false;
    v = (v << 4 | v >> 8) &
        UINT64_C(0x00ff00ff00ff00ff); /* neighbours join: the first digit is the highest */
    v = (v << 8 | v >> 16) & UINT64_C(0x0000ffff0000ffff);
    *out = (v << 16 | v >> 32) & 0xffffffff;
    return true;
}

/* The reference on the line at p: the start of the next line, or NULL where it is something else. */
static inline const char *parse_line(const char *p, struct trace_ref *out) {
    const unsigned char *s = (const unsigned char *)p;
    const struct kind *k = &kinds[(s[0] ^ s[1]) & 127];
    if (p[0] != k->start[0] || p[1] != k->start[1] || p[2] != k->start[2]) return NULL;
    const unsigned char *digits = s += 3;
    uint64_t va = 0;
    if (hex8(s, &va)) s += 8;
    for (unsigned d; (d = hex[*s]) != 0; s++) va = (va << 4) + d - 1;
    size_t n = (size_t)(s - digits);
    if (n - 1 > 15 || *s++ != ',') return NULL;
    unsigned size = *s++ - (unsigned)'0';
    if (size > 9) return NULL;
    for (unsigned d; (d = *s - (unsigned)'0') <= 9; s++)
        if ((size = size * 10 + d) > SIZE_MAX_REF) return NULL;
    s += *s == '\r';
    if (*s != '\n' || size == 0) return NULL;
    *out = (struct trace_ref){va, k->op, (uint8_t)(size < 255 ? size : 255)};
    return (const char *)s + 1;
}

/* ---- lines that are no references ---- */

/* Valgrind's own lines ("==123== ...", "--123-- ..."), and empty ones. */
static bool is_chatter(const char *p, size_t n) {
    return n == 0 || (n >= 2 && (memcmp(p, "==", 2) == 0 || memcmp(p, "--", 2) == 0));
}

/* Pass over the line at *p. */
static enum vs_status odd_line(struct trace_reader *r, const char **p, const char *end) {
    const char *line = *p;
    size_t n = (size_t)((const char *)memchr(line, '\n', (size_t)(end - line)) - line);
    *p = line + n + 1;
    if (n > 0 && line[n - 1] == '\r') n--;
    return is_chatter(line, n) ? VS_OK : trace_reader_damaged(r, line, n);
}

static enum vs_status parse_lines(struct trace_reader *r, const char *p, const char *end) {
    enum vs_status status = VS_OK;
    while (p < end && r->left > 0 && status == VS_OK) {
        const char *next = parse_line(p, &r->ref[r->pending]);
        r->line++;
        if (!next) {
            status = odd_line(r, &p, end);
            continue;
        }
        p = next;
        r->left--;
        if (++r->pending == STEP_SPAN) status = trace_reader_flush(r);
    }
    return status;
}

/* ---- is it one? ---- */

/* Only the line's begin is looked at: a damaged one is told as such later. */
static enum trace_line looks(const char *s, const char *end) {
    if (is_chatter(s, (size_t)(end - s))) return LINE_PASS;
    if (end - s < 5) return LINE_NOT;
    const struct kind *k = &kinds[(s[0] ^ s[1]) & 127];
    if (memcmp(s, k->start, 2) != 0) return LINE_NOT;
    for (s += 2; s < end && *s == ' '; s++) continue;
    const char *digits = s;
    while (s < end && hex[(unsigned char)*s]) s++;
    return s > digits && s + 1 < end && s[0] == ',' && s[1] >= '0' && s[1] <= '9' ? LINE_IS : LINE_NOT;
}

const struct trace_reading trace_reading_lackey = {.breaks = "\n", .looks = looks, .parse = parse_lines};
