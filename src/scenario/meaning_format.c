/* meaning_format.c - a paging format of the scenario's own: the mappings `custom` and `linear`.
 *
 * Where the file leaves the PTE's bits open, words of 4 and 8 bytes are laid out
 * as RISC-V's (V R W X U G A D in bits 0-7, PFN from bit 10), and smaller ones
 * as the toy machines of textbooks: the valid bit on top, the PFN below. */
#include "scenario/meaning_paging.h"

struct value format_at(const struct tree_format *t) {
    const char *first[] = {t->levels_count ? t->levels[0] : NULL,
                           t->va_bits,
                           t->page_size,
                           t->pte_bytes,
                           t->pfn_bits,
                           t->valid_bit,
                           t->readable_bit,
                           t->writable_bit,
                           t->executable_bit,
                           t->user_bit,
                           t->global_bit,
                           t->accessed_bit,
                           t->dirty_bit,
                           t->superpages};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        if (first[i]) return value_of(first[i]);
    return (struct value){0};
}

/* ---- pages and levels ---- */

void read_page_size(struct load *l, const char *raw, struct paging_format *f) {
    struct value v = value_of(raw);
    uint64_t size = read_size(l, raw, (uint64_t)1 << f->page_shift);
    unsigned shift = 0;
    while (shift < 63 && (uint64_t)1 << shift < size) shift++;
    if (shift < 2 || shift > 30)
        load_error(l, v, "page_size: %llu is not possible: a page has 4 bytes to 1GiB",
                   (unsigned long long)size);
    else if ((uint64_t)1 << shift != size)
        load_error(l, v, "page_size: %llu is not a power of two: write %llu or %llu",
                   (unsigned long long)size, 1ull << (shift - 1), 1ull << shift);
    else
        f->page_shift = shift;
}

/* The file names the root's index first; index_bits[0] is the last level's. */
static void read_levels(struct load *l, const struct tree_format *t, struct paging_format *f, bool linear) {
    unsigned most = linear ? 1 : PAGING_LEVELS_MAX;
    if (t->levels_count > most) {
        load_error(l, value_of(t->levels[0]), "levels: %u are given, but %s has at most %u", t->levels_count,
                   f->name, most);
        return;
    }
    f->levels = t->levels_count;
    for (unsigned i = 0; i < f->levels; i++)
        f->index_bits[f->levels - 1 - i] =
            (uint8_t)read_number(l, t->levels[i], "levels", 1, INDEX_BITS_MAX, 1);
}

static void read_va_bits(struct load *l, const struct tree_format *t, struct paging_format *f, bool linear) {
    unsigned bits = (unsigned)read_number(l, t->va_bits, "va_bits", f->page_shift + 1,
                                          f->page_shift + INDEX_BITS_MAX * 2, 0);
    struct value v = value_of(t->va_bits);
    if (!bits) return;
    if (linear && t->levels_count == 0) {
        f->index_bits[0] = (uint8_t)(bits - f->page_shift);
        if (bits - f->page_shift > INDEX_BITS_MAX)
            load_error(l, v, "va_bits: one table of 2^%u entries is too large: use custom levels",
                       bits - f->page_shift);
    } else if (bits != paging_va_bits(f)) {
        load_error(l, v, "va_bits: %u, but levels and page size make %u: leave it out", bits,
                   paging_va_bits(f));
    }
}

/* ---- the bits of a PTE ---- */

static void riscv_bits(struct paging_format *f) {
    for (int flag = 0; flag < PTE_FLAGS; flag++) f->flag_bit[flag] = (int8_t)flag;
    f->pfn_bit = 10;
    f->pfn_bits = f->pte_bytes == 8 ? 44 : 22;
}

/* Bytes that hold the highest bit that the file names; 0: it names none. */
static unsigned bytes_for(unsigned highest) {
    unsigned bytes = 1;
    while (bytes * 8 <= highest) bytes *= 2;
    return bytes;
}

/* flags of a PTE as the file places them, -1 where it does not. Returns the highest bit, or -1. */
static int read_flags(struct load *l, const struct tree_format *t, struct paging_format *f) {
    const char *bit[PTE_FLAGS] = {
        [PTE_V] = t->valid_bit,      [PTE_R] = t->readable_bit, [PTE_W] = t->writable_bit,
        [PTE_X] = t->executable_bit, [PTE_U] = t->user_bit,     [PTE_G] = t->global_bit,
        [PTE_A] = t->accessed_bit,   [PTE_D] = t->dirty_bit};
    int highest = -1;
    for (int flag = 0; flag < PTE_FLAGS; flag++) {
        char key[24];
        struct text name = text_in(key, sizeof key);
        text_addf(&name, "%s_bit", pte_flag_name[flag]);
        int at = bit[flag] ? (int)read_number(l, bit[flag], key, 0, 63, 0) : -1;
        f->flag_bit[flag] = (int8_t)at;
        if (at > highest) highest = at;
    }
    return highest;
}

/* The valid bit is on top, the PFN below it, unless the file says otherwise. */
static void toy_bits(struct load *l, const struct tree_format *t, struct paging_format *f) {
    unsigned top = f->pte_bytes * 8 - 1, low = 0, high = top - 1;
    if (f->flag_bit[PTE_V] < 0) f->flag_bit[PTE_V] = (int8_t)top;
    if (t->pfn_bits) {
        bits_parse(value_of(t->pfn_bits).text, &low, &high);
    } else if (f->flag_bit[PTE_V] == 0) {
        low = 1;
        high = top;
    } else if (f->flag_bit[PTE_V] < (int)top) {
        load_error(l, format_at(t),
                   "pfn_bits is missing: say which bits of the PTE hold the PFN, as in pfn_bits: 10-31");
    }
    f->pfn_bit = low;
    f->pfn_bits = high - low + 1;
}

static void read_pte(struct load *l, const struct tree_format *t, struct paging_format *f) {
    unsigned low, high = 0;
    int highest = read_flags(l, t, f);
    bool toy = highest >= 0 || t->pfn_bits;
    if (t->pfn_bits && bits_parse(value_of(t->pfn_bits).text, &low, &high) && (int)high > highest)
        highest = (int)high;
    unsigned usual = toy ? bytes_for((unsigned)highest) : paging_va_bits(f) > 32 ? 8 : 4;
    f->pte_bytes = (unsigned)read_number(l, t->pte_bytes, "pte_bytes", 1, 8, usual);
    if (!load_ok(l)) return;
    if (toy || f->pte_bytes < 4)
        toy_bits(l, t, f);
    else
        riscv_bits(f);
}

/* ---- superpages ---- */

/* A PTE above the last level maps a superpage when R, W or X stands in it, so one of them must exist. */
static void read_superpages(struct load *l, const struct tree_format *t, struct paging_format *f) {
    if (!read_bool(t->superpages, false)) return;
    struct value at = value_of(t->superpages);
    if (f->levels == 1)
        load_error(l, at, "superpages: a table of one level has none: they are leaves above the last level");
    else if (!paging_has(f, PTE_R) && !paging_has(f, PTE_W) && !paging_has(f, PTE_X))
        load_error(
            l, at,
            "superpages: R, W or X in a PTE tells a superpage from a pointer, and this PTE has none of "
            "them: place readable_bit, writable_bit or executable_bit");
    else
        f->leaf_levels = (uint8_t)low_bits(f->levels);
}

/* ---- all of it ---- */

void own_format(struct load *l, const struct choice_made *c, struct paging_format *f) {
    static const struct tree_format nothing;
    const struct tree_format *t = c->own ? c->own : &nothing;
    const char *page_size = l->tree->machine ? l->tree->machine->page_size : NULL;
    bool linear = strcmp(c->name, "linear") == 0;
    bool widths = t->levels_count > 0 || (linear && t->va_bits);
    read_page_size(l, t->page_size ? t->page_size : page_size, f);
    if (!load_ok(l)) return;
    if (t->levels_count) read_levels(l, t, f, linear);
    if (t->va_bits) read_va_bits(l, t, f, linear);
    if (linear && !widths) size_by_steps(l, f, c->at);
    if (!linear && !widths && format_at(t).text)
        load_error(l, c->at,
                   "custom needs levels: the index bits of each, the root's first, as in levels: [10, 10]");
    if (load_ok(l)) read_pte(l, t, f);
    if (load_ok(l)) read_superpages(l, t, f);
}
