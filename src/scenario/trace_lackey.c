/* trace_lackey.c - lackey's lines to references.
 *
 *   I  0401ab70,3      an instruction of 3 bytes is fetched
 *    L 1fff0006d8,8    8 bytes are loaded
 *    S 1fff0006d8,8    stored
 *    M 04033e06,1      loaded, changed and stored: one access, a write
 *
 * (valgrind --tool=lackey --trace-mem=yes; "Valgrind User Manual", 15.)
 *
 * A trace has a hundred million lines, so the usual line is read without a loop,
 * the eight digits that every address has as one word. Invariant: the text ends
 * in a line break, behind which the buffer has SLACK bytes more; so no line needs
 * another bound.
 */
#include "scenario/trace_reader.h"

#define SIZE_MAX_REF 4096 /* no instruction touches more; larger than 255 is kept as 255 */

/* Value of a hex digit plus 1; 0: no hex digit. */
static const uint8_t hex[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* A line's first two characters (a blank follows them), and above them the access that they mean. */
#define KIND(a, b, op) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(op) << 16)
/* By first character xor second, which tells the four apart. */
static const uint32_t kinds[128] = {
    [0] = KIND('=', '-', 0), /* two equal characters: never */
    ['I' ^ ' '] = KIND('I', ' ', ACCESS_FETCH),
    [' ' ^ 'L'] = KIND(' ', 'L', ACCESS_READ),
    [' ' ^ 'S'] = KIND(' ', 'S', ACCESS_WRITE),
    [' ' ^ 'M'] = KIND(' ', 'M', ACCESS_WRITE),
};

/* The kind that p begins with; false: none. */
static inline bool read_kind(const unsigned char *p, uint8_t *op) {
    uint32_t x = (uint32_t)p[0] | (uint32_t)p[1] << 8;
    uint32_t k = kinds[(x ^ x >> 8) & 127];
    *op = (uint8_t)(k >> 16);
    return (uint16_t)k == x && p[2] == ' ';
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte)) /* in each byte of a word */

/* The 8 hex digits at s, all at once, each a byte of one word, the first the highest; false where one is
 * none. '0'-'9' are 0x30-0x39, 'A'-'F' 0x41-0x46, 'a'-'f' 0x61-0x66: bit 6 tells a letter, and the value is
 * the low half, plus 9 for a letter. It is good when it has 4 bits, is above 9 for a letter and for no
 * other, and the upper half is 3, or, for a letter, 4 or 6. */
static inline bool hex8(const unsigned char *s, uint64_t *out) {
    uint64_t x = (uint64_t)s[0] << 56 | (uint64_t)s[1] << 48 | (uint64_t)s[2] << 40 | (uint64_t)s[3] << 32 |
                 (uint64_t)s[4] << 24 | (uint64_t)s[5] << 16 | (uint64_t)s[6] << 8 | (uint64_t)s[7];
    uint64_t letter = x >> 6 & EACH(1), letter4 = letter << 4, letter5 = letter << 5;
    uint64_t v = (x & EACH(15)) + letter * 9;
    uint64_t low = (((v + EACH(6)) ^ letter4) | v) & EACH(0x10);
    uint64_t high = ((x | letter5) ^ (EACH(0x30) + letter4 + letter5)) & EACH(0xf0);
    if (low | high) return false;
    v = (v | v >> 4) & UINT64_C(0x00ff00ff00ff00ff); /* neighbours join */
    v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
    *out = (v | v >> 16) & 0xffffffff;
    return true;
}

/* The reference on the line at p, of 8 or 10 digits and a size of one, as nearly all are: the start of
 * the next line, or NULL where it is something else. */
static inline const unsigned char *parse_usual(const unsigned char *p, struct step_ref *out) {
    uint64_t va;
    if (!read_kind(p, &out->op) || !hex8(p + 3, &va)) return NULL;
    p += 11;
    if (*p != ',') {
        unsigned a = hex[p[0]] - 1u, b = hex[p[1]] - 1u; /* no digit: above 15 */
        va = va << 8 | a << 4 | b;
        p += 2;
        if ((a | b) > 15 || *p != ',') return NULL;
    }
    unsigned size = p[1] - (unsigned)'0';
    if (size - 1 > 8 || p[2] != '\n') return NULL;
    out->va = va;
    out->size = (uint8_t)size;
    return p + 3;
}

/* Any reference. */
static const unsigned char *parse_line(const unsigned char *s, struct step_ref *out) {
    uint8_t op;
    if (!read_kind(s, &op)) return NULL;
    const unsigned char *digits = s += 3;
    uint64_t va = 0;
    for (unsigned d; (d = hex[*s]) != 0; s++) va = (va << 4) + d - 1;
    size_t n = (size_t)(s - digits);
    if (n - 1 > 15 || *s++ != ',') return NULL;
    unsigned size = *s++ - (unsigned)'0';
    if (size > 9) return NULL;
    for (unsigned d; (d = *s - (unsigned)'0') <= 9; s++)
        if ((size = size * 10 + d) > SIZE_MAX_REF) return NULL;
    s += *s == '\r';
    if (*s != '\n' || size == 0) return NULL;
    *out = (struct step_ref){va, op, (uint8_t)(size < 255 ? size : 255)};
    return s + 1;
}

/* References from *p on, `max` at most, up to `end` or something else; *p is behind them. */
static size_t parse_refs(const unsigned char **p, const unsigned char *end, struct step_ref *ref,
                         size_t max) {
    const unsigned char *s = *p, *next;
    size_t n = 0;
    for (; n < max && s < end; s = next, n++) {
        next = parse_usual(s, &ref[n]);
        if (!next) next = parse_line(s, &ref[n]);
        if (!next) break;
    }
    *p = s;
    return n;
}

/* ---- lines that are no references ---- */

/* Valgrind's own lines ("==123== ...", "--123-- ..."), and empty ones. */
static bool is_chatter(const char *p, size_t n) {
    return n == 0 || (n >= 2 && (memcmp(p, "==", 2) == 0 || memcmp(p, "--", 2) == 0));
}

/* Pass over the line at *p. */
static enum vs_status odd_line(struct trace_reader *r, const unsigned char **p, const unsigned char *end) {
    const char *line = (const char *)*p;
    size_t n = (size_t)((const char *)memchr(line, '\n', (size_t)(end - *p)) - line);
    *p += n + 1;
    r->line++;
    if (n > 0 && line[n - 1] == '\r') n--;
    return is_chatter(line, n) ? VS_OK : trace_reader_damaged(r, line, n);
}

static enum vs_status parse_lines(struct trace_reader *r, const char *text, const char *stop) {
    const unsigned char *p = (const unsigned char *)text, *end = (const unsigned char *)stop;
    enum vs_status status = VS_OK;
    while (p < end && r->left > 0 && status == VS_OK) {
        size_t room = STEP_SPAN - r->pending, max = r->left < room ? (size_t)r->left : room;
        size_t n = parse_refs(&p, end, r->ref + r->pending, max);
        r->line += n;
        r->left -= n;
        r->pending += n;
        if (r->pending == STEP_SPAN)
            status = trace_reader_flush(r);
        else if (n < max && p < end)
            status = odd_line(r, &p, end);
    }
    return status;
}

/* ---- is it one? ---- */

/* Only the line's begin is looked at: a damaged one is told as such later. */
static enum trace_line looks(const char *s, const char *end) {
    if (is_chatter(s, (size_t)(end - s))) return LINE_PASS;
    if (end - s < 5) return LINE_NOT;
    uint8_t op;
    if (!read_kind((const unsigned char *)s, &op)) return LINE_NOT;
    for (s += 2; s < end && *s == ' '; s++) continue;
    const char *digits = s;
    while (s < end && hex[(unsigned char)*s]) s++;
    return s > digits && s + 1 < end && s[0] == ',' && s[1] >= '0' && s[1] <= '9' ? LINE_IS : LINE_NOT;
}

const struct trace_reading trace_reading_lackey = {.breaks = "\n", .looks = looks, .parse = parse_lines};
