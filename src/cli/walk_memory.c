/* walk_memory.c - the memory file of vmscope walk: words of physical memory as text.
 *
 *   # the root table
 *   0x80300000: 0x0000000020040401
 *   80300008:   20040801 0 0         <- words that follow one another
 *
 * Numbers are hex, with 0x or without. A word is as wide as a PTE; one that does
 * not fit a PTE, in a dump made of wider words, fills as many bytes as it has
 * digits. Where a place is given twice, the later word counts, as a later store
 * would. Debuggers' dumps pass: a name in <> after the address is skipped.
 *
 * A line with an error is left out and the reading goes on, so that one run
 * tells several.
 */
#include "cli/walk.h"

#include <string.h>

#define SHAPE     "write ADDRESS: WORD, both in hex, as in 0x80300000: 0x200c0401"
#define QUOTE_MAX 40

struct reader {
    const char *at, *end; /* what is left of the line */
    const char *start;    /* of the line */
    const char *file;
    unsigned line, word_bytes;
    struct ram *ram;
    struct diag_list *errors;
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == ','; }

static void skip_blanks(struct reader *r) {
    while (r->at < r->end && is_blank(*r->at)) r->at++;
}

static bool line_is_over(struct reader *r) {
    skip_blanks(r);
    return r->at == r->end || *r->at == '#';
}

/* An error at `at`; false, for `return refuse(...)`. */
static bool refuse(struct reader *r, const char *at, const char *what) {
    diag_add(r->errors, r->file, r->line, (unsigned)(at - r->start) + 1, "%s", what);
    return false;
}

/* The same with what stands there, cut short. */
static bool refuse_here(struct reader *r, const char *what) {
    char phrase[200];
    struct text t = text_in(phrase, sizeof phrase);
    size_t n = 0, left = (size_t)(r->end - r->at);
    while (n < left && n < QUOTE_MAX && !is_blank(r->at[n]) && !strchr("#:<", r->at[n])) n++;
    if (n == 0 && left) n = 1;
    text_add(&t, "'");
    text_addn(&t, r->at, n);
    text_addf(&t, "%s' %s", n == QUOTE_MAX ? "..." : "", what);
    return refuse(r, r->at, phrase);
}

static int hex_digit(char c) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *d = c ? strchr(digits, c) : NULL;
    return d ? (int)((d - digits) & 15) : -1;
}

/* A hex number with 0x or without, and how many digits it has. */
static bool take_hex(struct reader *r, uint64_t *out, unsigned *digits, const char *what) {
    const char *p = r->at;
    uint64_t v = 0;
    if (r->end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) p += 2;
    const char *first = p;
    for (; p < r->end && hex_digit(*p) >= 0; p++) {
        if (v >> 60) return refuse_here(r, "is too large: a number has at most 64 bits, 16 hex digits");
        v = v << 4 | (unsigned)hex_digit(*p);
    }
    bool clean = p == r->end || is_blank(*p) || *p == ':' || *p == '#' || *p == '<';
    if (p == first || !clean) return refuse_here(r, what);
    *out = v;
    *digits = (unsigned)(p - first < 64 ? p - first : 64);
    r->at = p;
    return true;
}

/* "0x80300000 <kernel_pagetable+8>:" - the name that gdb adds, and the colon. */
static bool take_colon(struct reader *r) {
    skip_blanks(r);
    const char *name_end =
        r->at < r->end && *r->at == '<' ? memchr(r->at, '>', (size_t)(r->end - r->at)) : NULL;
    if (name_end) r->at = name_end + 1;
    skip_blanks(r);
    if (r->at == r->end || *r->at != ':') return refuse(r, r->at, "':' is missing after the address: " SHAPE);
    r->at++;
    return true;
}

/* Bytes that a word takes: a PTE's, or more when it does not fit or is one of a dump of wider words. */
static unsigned width_of(const struct reader *r, uint64_t word) {
    unsigned bytes = r->word_bytes;
    while (bytes < 8 && word >> (8 * bytes)) bytes *= 2;
    return bytes;
}

static enum vs_status store(struct reader *r, paddr_t pa, uint64_t word) {
    unsigned bytes = width_of(r, word);
    for (unsigned i = 0; i < bytes; i += r->word_bytes) {
        enum vs_status s = ram_write(r->ram, pa + i, r->word_bytes, word >> (8 * i));
        if (s == VS_NOMEM) return s; /* VS_LIMIT: not RAM, nobody will read it */
    }
    return VS_OK;
}

static bool address_suits(struct reader *r, const char *at, paddr_t pa) {
    char phrase[160];
    struct text t = text_in(phrase, sizeof phrase);
    if (pa % r->word_bytes == 0) return true;
    text_addf(&t, "0x%llx is no multiple of %u: a word is a PTE, and PTEs have %u bytes in this format",
              (unsigned long long)pa, r->word_bytes, r->word_bytes);
    return refuse(r, at, phrase);
}

/* The words after the colon, at least one. */
static bool take_words(struct reader *r, paddr_t pa, enum vs_status *status) {
    if (line_is_over(r)) return refuse(r, r->at, "the word is missing after the address: " SHAPE);
    for (bool past = false; !line_is_over(r);) {
        uint64_t word = 0;
        unsigned digits = 0, bytes = r->word_bytes;
        if (past) return refuse_here(r, "would lie beyond the last address");
        const char *at = r->at;
        if (!take_hex(r, &word, &digits, "is no word: " SHAPE)) return false;
        if (pa > UINT64_MAX - (width_of(r, word) - 1))
            return refuse(r, at, "the word reaches beyond the last address");
        *status = store(r, pa, word);
        if (*status != VS_OK) return false;
        while (bytes < 8 && bytes * 2 < digits) bytes *= 2; /* a dump of wider words */
        past = pa > UINT64_MAX - bytes;
        pa += bytes;
    }
    return true;
}

static enum vs_status take_line(struct reader *r) {
    enum vs_status status = VS_OK;
    uint64_t pa = 0;
    unsigned digits = 0;
    if (line_is_over(r)) return VS_OK;
    const char *at = r->at;
    if (take_hex(r, &pa, &digits, "is no address: " SHAPE) && take_colon(r) && address_suits(r, at, pa))
        take_words(r, pa, &status);
    return status;
}

/* Terminals obey control characters, and a file that has them is none of ours. */
static bool line_is_text(struct reader *r) {
    for (const char *p = r->start; p < r->end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == 0) return refuse(r, p, "this is a binary file: a memory file is text; " SHAPE);
        if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7f)
            return refuse(r, p, "control character: a memory file is text; remove it");
    }
    return true;
}

enum vs_status walk_memory_parse(const char *data, size_t size, const char *file, unsigned word_bytes,
                                 struct ram *ram, struct diag_list *errors) {
    struct reader r = {.file = file, .word_bytes = word_bytes, .ram = ram, .errors = errors};
    size_t before = errors->count;
    const char *p = data, *end = data + size;
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) p += 3; /* the mark of some editors */
    while (p < end) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        r.start = r.at = p;
        r.end = eol ? eol : end;
        r.line++;
        if (!line_is_text(&r)) return VS_BAD_INPUT;
        enum vs_status status = take_line(&r);
        if (status != VS_OK) return status;
        p = eol ? eol + 1 : end;
    }
    return errors->count > before ? VS_BAD_INPUT : VS_OK;
}
