/* pte_detail.c - see pte_detail.h.
 *
 *    63   59   55   51   47   43   39   35          bit numbers
 *    1000 0000 0000 0000 0000 0000 0000 0000        the word
 *    a--- bbbb bbbb bbbb cccc cccc cccc cccc        its fields, a letter each
 *    31   27   23   19   15   11   7    3
 *    0000 0000 0010 0000 0001 0000 0110 0111
 *    cccc cccc cccc cccc cccc ddd- -efg -hij
 *
 *    a 63     XD   1      execute disable: 1 forbids fetches
 *    b 62..52 ...
 *
 * What the fields are is the format's business (paging_fields); bits in none of
 * them are '-'.
 */
#include "ui/pte_detail.h"

#include "ui/glyph.h"

static char field_letter(unsigned i) { return (char)(i < 26 ? 'a' + i : 'A' + (i - 26)); }

/* The field that holds the bit, or n. */
static unsigned field_of(const struct pte_field *field, unsigned n, unsigned bit) {
    unsigned i = 0;
    while (i < n && (bit > field[i].high || bit < field[i].low)) i++;
    return i;
}

/* Bits from..from-count+1 in groups of four: numbers, bits, letters. */
static void write_bit_row(struct page_writer *w, const struct pte_field *field, unsigned n, uint64_t word, unsigned from,
                          unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        unsigned bit = from - i, of = field_of(field, n, bit);
        int x = 1 + (int)(i + i / 4);
        bool set = word >> bit & 1;
        if (i % 4 == 0) area_printf(w->a, x, w->y, ROLE_HEADING, "%u", bit);
        area_text(w->a, x, w->y + 1, set ? ROLE_ADDRESS : ROLE_NORMAL, set ? "1" : "0");
        area_printf(w->a, x, w->y + 2, ROLE_DIM, "%c", of < n ? field_letter(of) : '-');
    }
    w->y += 3;
}

static void write_ruler(struct page_writer *w, const struct paging_format *f, const struct pte_field *field, unsigned n,
                        uint64_t word) {
    unsigned bits = f->pte_bytes * 8, groups = (unsigned)(w->a->width - 1) / 5;
    unsigned row = groups >= 16 ? 64 : groups >= 8 ? 32 : groups >= 4 ? 16 : 8;
    for (unsigned left = bits; left > 0; left -= left > row ? row : left)
        write_bit_row(w, field, n, word, left - 1, left > row ? row : left);
}

static void say_value(char *buf, size_t size, const struct pte_field *field, uint64_t word) {
    unsigned bits = field->high - field->low + 1u;
    uint64_t value = word >> field->low & low_bits(bits);
    snprintf(buf, size, bits > 4 ? "%llx" : "%llu", (unsigned long long)value);
}

/* Widths of the columns: bits, name, value. */
struct widths {
    int bits, name, value;
};

static struct widths measure(const struct pte_field *field, unsigned n, uint64_t word) {
    struct widths w = {2, 1, 1};
    for (unsigned i = 0; i < n; i++) {
        char value[24];
        say_value(value, sizeof value, &field[i], word);
        int bits = decimal_digits(field[i].high) + (field[i].high > field[i].low ? 2 + decimal_digits(field[i].low) : 0);
        if (bits > w.bits) w.bits = bits;
        w.name = column_width(field[i].name, w.name);
        w.value = column_width(value, w.value);
    }
    return w;
}

static void write_field(struct page_writer *w, const struct pte_field *field, char letter, const struct widths *widths,
                        uint64_t word) {
    char bits[12], value[24];
    say_value(value, sizeof value, field, word);
    if (field->high > field->low) snprintf(bits, sizeof bits, "%u..%u", field->high, field->low);
    else snprintf(bits, sizeof bits, "%u", field->high);
    bool zero = (word >> field->low & low_bits(field->high - field->low + 1u)) == 0;
    enum role role = zero ? ROLE_DIM : ROLE_NORMAL;
    area_printf(w->a, 1, w->y, ROLE_DIM, "%c", letter);
    int x = area_printf(w->a, 3, w->y, role, "%-*s  %-*s  %*s", widths->bits, bits, widths->name, field->name,
                        widths->value, value) + 2;
    int narrow = w->a->width - x < 16 ? 8 : x; /* no room beside: below */
    if (narrow != x) w->y++;
    w->y += wrap_at(w->a, narrow, w->y, w->a->width - narrow, role, field->meaning);
}

void write_word(struct page_writer *w, const struct paging_format *f, uint64_t word, unsigned level) {
    struct pte_field field[PTE_FIELDS_MAX];
    unsigned n = paging_fields(f, word, level, field);
    struct widths widths = measure(field, n, word);
    write_ruler(w, f, field, n, word);
    for (unsigned i = 0; i < n; i++) write_field(w, &field[i], field_letter(i), &widths, word);
}

/* What the word is: a leaf with its size and frame, a pointer, nothing. */
static void say_role(const struct sight *s, uint64_t word, unsigned level, struct text *out) {
    const struct paging_format *f = s->f;
    if (f->shape != SHAPE_TREE) return;
    if (!(paging_decode(f, word).flags & PTE_BIT(PTE_V))) {
        text_add(out, "not valid: an access faults, and the other bits mean nothing to the MMU");
    } else if (paging_is_leaf(f, word, level)) {
        text_add(out, "a leaf: maps a page of ");
        say_page_size(out, f, paging_leaf_order(f, level));
        text_addf(out, " at physical address %0*llx", pa_digits(f), (unsigned long long)paging_leaf_base(f, word, level));
    } else {
        text_addf(out, "a pointer: the %s table is at %0*llx", level ? paging_level_name(f, level - 1) : "next", pa_digits(f),
                  (unsigned long long)pfn_to_pa(paging_decode(f, word).pfn, f->page_shift));
    }
}

void write_entry(struct page_writer *w, const struct sight *s, paddr_t addr, uint64_t word, unsigned level,
                 uint32_t index) {
    char role[96];
    struct text t = text_in(role, sizeof role);
    write_line(w, ROLE_HEADING, "%s[%u] at 0x%llx: %0*llx", paging_level_name(s->f, level), index, (unsigned long long)addr,
               pte_digits(s->f), (unsigned long long)word);
    say_role(s, word, level, &t);
    if (t.len) write_line(w, ROLE_NORMAL, "%s", role);
    write_word(w, s->f, word, level);
}

void write_walk(struct page_writer *w, const struct sight *s) {
    const struct walk *walk = walk_of(s);
    unsigned reads = !s->flight.walked ? 0 : walk->reads < WALK_READS_MAX ? walk->reads : WALK_READS_MAX;
    if (!reads) write_line(w, ROLE_DIM, "No entry was read for this access%s.", s->flight.translated ? ": the TLB had the answer" : " yet");
    if (reads && walk->fault && walk->failed && walk->failed->why)
        write_line(w, ROLE_INVALID, "It stopped there: %s.", walk->failed->why);
    for (unsigned i = reads; i-- > 0;) { /* the last one first: it decides */
        w->y++;
        write_entry(w, s, walk->read[i].addr, walk->read[i].word, walk->read[i].level, walk->read[i].index);
    }
}
