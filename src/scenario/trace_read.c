/* trace_read.c - lackey's lines to references.
 *
 *   I  0401ab70,3      an instruction of 3 bytes is fetched
 *    L 1fff0006d8,8    8 bytes are loaded
 *    S 1fff0006d8,8    stored
 *    M 04033e06,1      loaded, changed and stored: one access, a write
 *
 * (valgrind --tool=lackey --trace-mem=yes; "Valgrind User Manual", 15.) The
 * text is looked at once, in chunks; a line that a chunk cuts is moved to the
 * front of the next. Invariant of the parser: the text it is given ends in a
 * line break, so that it needs no other bound.
 *
 * The parser is one function without calls, and takes the eight digits that
 * every address has in one word: a trace has a hundred million lines.
 */
#include "scenario/trace_input.h"
#include "scenario/trace_pack.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"

#define SIZE_MAX_REF 4096               /* no instruction touches more; larger than 255 is kept as 255 */
#define LINE_LONGEST ((size_t)64 << 10) /* of any line, chatter included */
#define SLACK        8
#define HINT         "meant is a line such as \"I  0401ab70,3\" or \" L 1fff0006d8,8\" (L, S or M)"

struct reader {
    const struct trace_options *options;
    const char *name;
    struct trace *trace;
    struct trace_input *input;
    struct diag *why;
    char *text;     /* the rest of a line, then a chunk, then SLACK */
    uint64_t line;  /* number of the line before the next */
    uint64_t bad;   /* damaged lines so far */
    uint64_t left;  /* references still wanted */
    size_t pending; /* references in ref[] */
    struct trace_ref ref[STEP_SPAN];
};

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

static unsigned line_number(const struct reader *r) {
    return r->line < UINT32_MAX ? (unsigned)r->line : UINT32_MAX;
}

static enum vs_status not_a_trace(struct reader *r, const char *what) {
    diag_set(r->why, r->name, line_number(r), 1, "%s: this is not a trace; " HINT, what);
    return VS_BAD_INPUT;
}

/* No byte of a text is 0. */
static enum vs_status damaged(struct reader *r, const char *p, size_t n) {
    if (memchr(p, 0, n)) return not_a_trace(r, "binary data");
    if (++r->bad <= r->options->bad_lines) return VS_OK;
    int shown = n < 40 ? (int)n : 40;
    diag_set(r->why, r->name, line_number(r), 1, "damaged line \"%.*s%s\": " HINT, shown, p,
             n > 40 ? "..." : "");
    return VS_BAD_INPUT;
}

/* Pass over the line at *p. */
static enum vs_status odd_line(struct reader *r, const char **p, const char *end) {
    const char *line = *p;
    size_t n = (size_t)((const char *)memchr(line, '\n', (size_t)(end - line)) - line);
    *p = line + n + 1;
    if (n > 0 && line[n - 1] == '\r') n--;
    return is_chatter(line, n) ? VS_OK : damaged(r, line, n);
}

/* ---- text ---- */

static enum vs_status flush(struct reader *r) {
    size_t n = r->pending;
    r->pending = 0;
    enum vs_status status = n ? trace_append(r->trace, r->ref, n) : VS_OK;
    if (status == VS_LIMIT)
        diag_set(r->why, r->name, line_number(r), 1,
                 "there is no memory for more than %llu references: set a limit",
                 (unsigned long long)trace_count(r->trace));
    return status;
}

/* Whole lines from p to end, where the last one's line break is. */
static enum vs_status parse_lines(struct reader *r, const char *p, const char *end) {
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
        if (++r->pending == STEP_SPAN) status = flush(r);
    }
    return status;
}

/* Length of the whole lines in text[0..n). */
static size_t whole_lines(const char *text, size_t n) {
    while (n > 0 && text[n - 1] != '\n') n--;
    return n;
}

static enum vs_status read_text(struct reader *r) {
    size_t rest = 0, got = 1; /* bytes of a line that is not complete yet */
    while (got > 0 && r->left > 0) {
        enum vs_status status = trace_input_read(r->input, r->text + rest, TRACE_CHUNK, &got, r->why);
        if (status != VS_OK) return status;
        size_t have = rest + got;
        if (got == 0 && rest > 0) r->text[have++] = '\n'; /* the last line has no line break */
        size_t whole = whole_lines(r->text, have);
        rest = have - whole;
        status = parse_lines(r, r->text, r->text + whole);
        if (status != VS_OK) return status;
        memmove(r->text, r->text + whole, rest);
        r->line += rest > LINE_LONGEST;
        if (rest > LINE_LONGEST)
            return not_a_trace(r, memchr(r->text, 0, rest) ? "binary data" : "an endless line");
    }
    return flush(r);
}

static enum vs_status read_all(struct reader *r) {
    r->trace = trace_create();
    r->text = mem_zalloc(LINE_LONGEST + TRACE_CHUNK + SLACK, 1);
    if (!r->trace || !r->text) return VS_NOMEM;
    enum vs_status status = read_text(r);
    if (status == VS_OK && trace_count(r->trace) == 0) {
        r->line = 0;
        return not_a_trace(r, "no reference in it");
    }
    return status;
}

static enum vs_status no_memory(struct diag *why, const char *name) {
    diag_set(why, name, 0, 0, "out of memory while reading the trace");
    return VS_NOMEM;
}

/* `path`, or memory where it is NULL. */
static enum vs_status read_trace(const char *path, const void *data, size_t size,
                                 const struct trace_options *o, struct trace **out, struct diag *why) {
    static const struct trace_options plain = {0};
    if (!o) o = &plain;
    const char *name = o->name ? o->name : path ? path : "trace";
    struct reader *r = mem_zalloc(1, sizeof *r);
    if (!r) return no_memory(why, name);
    r->options = o;
    r->name = name;
    r->left = o->limit ? o->limit : UINT64_MAX;
    r->why = why;
    enum vs_status status = trace_input_open(path, data, size, name, &r->input, why);
    if (status == VS_OK) status = read_all(r);
    if (status == VS_NOMEM) no_memory(why, name);
    if (status == VS_OK)
        *out = r->trace;
    else
        trace_free(r->trace);
    trace_input_close(r->input);
    free(r->text);
    free(r);
    return status;
}

enum vs_status trace_read_file(const char *path, const struct trace_options *o, struct trace **out,
                               struct diag *why) {
    return read_trace(path, NULL, 0, o, out, why);
}

enum vs_status trace_read_memory(const void *data, size_t size, const struct trace_options *o,
                                 struct trace **out, struct diag *why) {
    return read_trace(NULL, data, size, o, out, why);
}
