/* trace_text.c - the simple formats: lines of words, read one after the other.
 *
 *   din        2 0401ab70           Dinero: 0 read, 1 write, 2 instruction fetch; 3 is an unknown kind of
 *                                   access (a read here), 4 flushes the cache (passed over); address in
 *                                   hex; the rest of the line is comment. (Dinero's page on the format.)
 *   moss       READ hex 10000       the MOSS simulator's `commands`: bin, oct(al), hex or nothing (decimal),
 *                                   or `random`; // begins a comment. ("MOSS User Guide": The Command File)
 *   addresses  0041f7a0 R           one address a line, R or W behind it, before it, or nowhere (a read)
 *   pages      7 0 1 2 0 3          page numbers, any number of them on a line; reads
 *
 * None of them says how long an access is: 1 byte, so that none crosses a page.
 */
#include "scenario/trace_reader.h"

#define WORDS_MAX 5

/* MOSS's own machine: 64 pages of 16 KiB; a random address lies in it. */
#define MOSS_BYTES (UINT32_C(64) << 14)

struct word {
    const char *s;
    size_t n;
};

static bool is_gap(char c) { return c == ' ' || c == '\t' || c == ',' || c == '\r'; }

/* The line's words up to a comment; returns how many, those beyond WORDS_MAX counted as one. */
static size_t words_of(const char *s, const char *end, struct word w[WORDS_MAX + 1]) {
    size_t n = 0;
    while (n <= WORDS_MAX) {
        while (s < end && is_gap(*s)) s++;
        if (s == end || *s == '#' || (end - s >= 2 && s[0] == '/' && s[1] == '/')) return n;
        w[n].s = s;
        while (s < end && !is_gap(*s)) s++;
        w[n].n = (size_t)(s - w[n].s);
        n++;
    }
    return n;
}

/* ---- numbers ---- */

/* Value of a digit, 36 for what is none. */
static unsigned digit(char c) {
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 36;
}

static bool has_0x(struct word w) { return w.n > 2 && w.s[0] == '0' && (w.s[1] | 0x20) == 'x'; }

/* A number of that radix, or with 0x in hex; false: it is none, or has more than 64 bits. */
static bool number(struct word w, unsigned radix, uint64_t *out) {
    uint64_t v = 0;
    size_t i = has_0x(w) ? 2 : 0;
    if (i) radix = 16;
    if (w.n == i) return false;
    for (; i < w.n; i++) {
        unsigned d = digit(w.s[i]);
        if (d >= radix || v > (UINT64_MAX - d) / radix) return false;
        v = v * radix + d;
    }
    *out = v;
    return true;
}

static bool all_decimal(const struct word *w, size_t n) {
    uint64_t v;
    for (size_t i = 0; i < n; i++)
        if (!number(w[i], 10, &v)) return false;
    return true;
}

/* ---- kinds of access, in words ---- */

static const struct {
    const char *name;
    enum access_kind op;
} kinds[] = {
    {"r", ACCESS_READ},  {"read", ACCESS_READ},   {"l", ACCESS_READ},       {"load", ACCESS_READ},
    {"w", ACCESS_WRITE}, {"write", ACCESS_WRITE}, {"s", ACCESS_WRITE},      {"store", ACCESS_WRITE},
    {"i", ACCESS_FETCH}, {"fetch", ACCESS_FETCH}, {"ifetch", ACCESS_FETCH},
};

static bool is_word(struct word w, const char *name) {
    size_t i = 0;
    for (; i < w.n && name[i]; i++)
        if ((w.s[i] | 0x20) != name[i]) return false;
    return i == w.n && !name[i];
}

static bool kind(struct word w, uint8_t *op) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!is_word(w, kinds[i].name)) continue;
        *op = (uint8_t)kinds[i].op;
        return true;
    }
    return false;
}

static enum trace_line is_ref(struct step_ref *out, uint64_t va, uint8_t op) {
    *out = (struct step_ref){va, op, 1};
    return LINE_IS;
}

/* ---- din ---- */

static enum trace_line din_line(const char *s, const char *end, struct step_ref *out) {
    static const uint8_t op[] = {ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH, ACCESS_READ};
    struct word w[WORDS_MAX + 1];
    size_t n = words_of(s, end, w);
    uint64_t va;
    if (n == 0) return LINE_PASS;
    if (n < 2 || w[0].n != 1 || w[0].s[0] < '0' || w[0].s[0] > '4' || !number(w[1], 16, &va)) return LINE_NOT;
    return w[0].s[0] == '4' ? LINE_PASS : is_ref(out, va, op[w[0].s[0] - '0']);
}

static enum trace_line din_item(struct trace_reader *r, const char *s, const char *end,
                                struct step_ref *out) {
    (void)r;
    return din_line(s, end, out);
}

/* Many numbers on a line are a reference string, not an address and a comment. */
static enum trace_line din_looks(const char *s, const char *end) {
    struct word w[WORDS_MAX + 1];
    struct step_ref ref;
    size_t n = words_of(s, end, w);
    return n > 3 && all_decimal(w, n) ? LINE_NOT : din_line(s, end, &ref);
}

const struct trace_reading trace_reading_din = {
    .breaks = "\n", .looks = din_looks, .parse = trace_text_parse, .item = din_item};

/* ---- moss ---- */

static const struct {
    const char *name;
    unsigned radix;
} radixes[] = {{"bin", 2}, {"oct", 8}, {"octal", 8}, {"hex", 16}, {"", 10}};

/* READ or WRITE, [radix], address. `rng` NULL: a random address is 0. */
static enum trace_line moss_line(const char *s, const char *end, struct rng *rng, struct step_ref *out) {
    struct word w[WORDS_MAX + 1];
    size_t n = words_of(s, end, w), at = 0;
    uint64_t va = 0;
    if (n == 0) return LINE_PASS;
    bool write = w[0].n == 5 && memcmp(w[0].s, "WRITE", 5) == 0;
    if (!write && (w[0].n != 4 || memcmp(w[0].s, "READ", 4) != 0)) return LINE_NOT;
    uint8_t op = write ? ACCESS_WRITE : ACCESS_READ;
    if (n == 2 && is_word(w[1], "random")) return is_ref(out, rng ? rng_below(rng, MOSS_BYTES) : 0, op);
    while (n == 3 && radixes[at].name[0] && !is_word(w[1], radixes[at].name)) at++;
    unsigned radix = n == 3 ? radixes[at].radix : 10;
    if (n < 2 || n > 3 || (n == 3 && !radixes[at].name[0]) || !number(w[n - 1], radix, &va)) return LINE_NOT;
    return is_ref(out, va, op);
}

static enum trace_line moss_item(struct trace_reader *r, const char *s, const char *end,
                                 struct step_ref *out) {
    return moss_line(s, end, &r->rng, out);
}

static enum trace_line moss_looks(const char *s, const char *end) {
    struct step_ref ref;
    return moss_line(s, end, NULL, &ref);
}

const struct trace_reading trace_reading_moss = {
    .breaks = "\n", .looks = moss_looks, .parse = trace_text_parse, .item = moss_item};

/* ---- addresses ---- */

static enum trace_line address_line(const char *s, const char *end, unsigned radix, struct step_ref *out) {
    struct word w[WORDS_MAX + 1];
    size_t n = words_of(s, end, w);
    uint8_t op = ACCESS_READ;
    uint64_t va;
    if (n == 0) return LINE_PASS;
    if (n > 2) return LINE_NOT;
    size_t at = n == 2 && kind(w[0], &op); /* the address: behind the kind, or before it */
    if (n == 2 && at == 0 && !kind(w[1], &op)) return LINE_NOT;
    return number(w[at], radix, &va) ? is_ref(out, va, op) : LINE_NOT;
}

static enum trace_line address_item(struct trace_reader *r, const char *s, const char *end,
                                    struct step_ref *out) {
    return address_line(s, end, r->hex ? 16 : 10, out);
}
static enum trace_line hex_item(struct trace_reader *r, const char *s, const char *end,
                                struct step_ref *out) {
    (void)r;
    return address_line(s, end, 16, out);
}
static enum trace_line decimal_item(struct trace_reader *r, const char *s, const char *end,
                                    struct step_ref *out) {
    (void)r;
    return address_line(s, end, 10, out);
}

/* A word such as "dead" is more likely one of a language than an address: some digit must be there. */
static enum trace_line address_looks(const char *s, const char *end) {
    struct step_ref ref;
    enum trace_line line = address_line(s, end, 16, &ref);
    bool digits = false;
    for (; s < end; s++) digits |= *s >= '0' && *s <= '9';
    return line == LINE_IS && !digits ? LINE_NOT : line;
}

/* Has the word, without 0x, what no decimal number has: a digit above 9, or a 0 in front? */
static bool only_hex(struct word w) {
    uint64_t v;
    if (has_0x(w) || !number(w, 16, &v)) return false;
    return !number(w, 10, &v) || (w.n > 1 && w.s[0] == '0');
}

bool trace_text_is_hex(const char *p, const char *end) {
    struct word w[WORDS_MAX + 1];
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) stop = end;
        size_t n = words_of(p, stop, w);
        uint8_t op;
        if (n >= 1 && n <= 2 && only_hex(w[n == 2 && kind(w[0], &op)])) return true;
        p = stop + 1;
    }
    return false;
}

const struct trace_reading trace_reading_addresses = {
    .breaks = "\n", .looks = address_looks, .parse = trace_text_parse, .item = address_item};
const struct trace_reading trace_reading_hex = {.breaks = "\n", .parse = trace_text_parse, .item = hex_item};
const struct trace_reading trace_reading_decimal = {
    .breaks = "\n", .parse = trace_text_parse, .item = decimal_item};

/* ---- pages ---- */

static enum trace_line page_item(struct trace_reader *r, const char *s, const char *end,
                                 struct step_ref *out) {
    uint64_t page;
    if (s == end) return LINE_PASS;
    if (!number((struct word){s, (size_t)(end - s)}, 10, &page)) return LINE_NOT;
    if (page > UINT64_MAX >> r->page_shift) return LINE_NOT;
    return is_ref(out, page << r->page_shift, ACCESS_READ);
}

/* Only a line of several is surely none of addresses. */
static enum trace_line page_looks(const char *s, const char *end) {
    struct word w[WORDS_MAX + 1];
    size_t n = words_of(s, end, w);
    if (n == 0) return LINE_PASS;
    if (n > WORDS_MAX) n = WORDS_MAX;
    return n > 1 && all_decimal(w, n) ? LINE_IS : LINE_NOT;
}

const struct trace_reading trace_reading_pages = {
    .breaks = "\n \t,\r", .looks = page_looks, .parse = trace_text_parse, .item = page_item};

/* ---- item by item ---- */

/* The item's line has a number; behind a # everything up to the line's end is comment. */
static bool begin_item(struct trace_reader *r, const char *s, const char *end) {
    if (!r->within_line) {
        r->line++;
        r->comment = false;
    }
    r->within_line = true;
    if (s < end && *s == '#') r->comment = true;
    return !r->comment;
}

static enum vs_status parse_item(struct trace_reader *r, const char *s, const char *end) {
    if (!begin_item(r, s, end)) return VS_OK;
    if (end > s && end[-1] == '\r') end--;
    enum trace_line line = r->format->how->item(r, s, end, &r->ref[r->pending]);
    if (line == LINE_NOT) return trace_reader_damaged(r, s, (size_t)(end - s));
    if (line == LINE_PASS) return VS_OK;
    r->left--;
    return ++r->pending == STEP_SPAN ? trace_reader_flush(r) : VS_OK;
}

enum vs_status trace_text_parse(struct trace_reader *r, const char *p, const char *end) {
    enum vs_status status = VS_OK;
    bool is_break[256] = {false};
    for (const char *b = r->format->how->breaks; *b; b++) is_break[(unsigned char)*b] = true;
    while (p < end && r->left > 0 && status == VS_OK) {
        const char *stop = p;
        while (!is_break[(unsigned char)*stop]) stop++;
        status = parse_item(r, p, stop);
        if (*stop == '\n') r->within_line = false;
        p = stop + 1;
    }
    return status;
}
