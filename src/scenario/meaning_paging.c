/* meaning_paging.c - the paging format: a named one, or one of the scenario's own.
 *
 *   paging: sv32                            named
 *   paging: {custom: {levels: [5, 5], ...}} or `custom:` beside it
 *   paging: {linear: {va_bits: 14, ...}}    or `linear:` beside it
 *
 * Where the file leaves the PTE's bits open, words of 4 and 8 bytes are laid out
 * as RISC-V's (V R W X U G A D in bits 0-7, PFN from bit 10), and smaller ones
 * as the toy machines of textbooks: the valid bit on top, the PFN below. */
#include "scenario/meaning.h"

#include "scenario/address.h"

#define INDEX_BITS_MAX 26

void wide_format(struct paging_format *f) {
    *f = *paging_by_name("custom");
    f->title = "4 levels of 9 bits";
    f->levels = 4;
    f->pte_bytes = 8;
    f->pfn_bits = 44;
    for (unsigned i = 0; i < f->levels; i++) f->index_bits[i] = 9;
}

/* ---- what was asked for ---- */

struct choice_made {
    const char *name;              /* "sv32", "linear", "custom" */
    const struct tree_format *own; /* its description; NULL: as the table has it */
    struct value at;               /* for errors */
};

/* Where a description stands: its first value. */
static struct value format_at(const struct tree_format *t) {
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
                           t->dirty_bit};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        if (first[i]) return value_of(first[i]);
    return (struct value){0};
}

static struct choice_made choose(struct load *l) {
    static const struct tree_paging nothing;
    const struct tree_machine *m = l->tree->machine;
    const struct tree_paging *p = m && m->paging ? m->paging : &nothing;
    const struct tree_format *custom = p->custom ? p->custom : m ? m->custom : NULL;
    const struct tree_format *linear = p->linear ? p->linear : m ? m->linear : NULL;
    struct choice_made c = {.own = custom ? custom : linear, .at = value_of(p->format)};
    c.name = p->format ? c.at.text : custom ? "custom" : linear ? "linear" : NULL;
    if (c.own && !p->format) c.at = format_at(c.own);
    const char *owner = custom ? "custom" : "linear";
    if (custom && linear)
        load_error(l, c.at, "paging is described twice, as custom and as linear: one machine has one format");
    else if (c.own && strcmp(c.name, owner) != 0)
        load_error(l, c.at, "paging is %s, so '%s' has no use: write paging: %s, or leave it out", c.name,
                   owner, owner);
    return c;
}

/* ---- pages and levels ---- */

static void read_page_size(struct load *l, const char *raw, struct paging_format *f) {
    struct value v = value_of(raw);
    uint64_t size = read_size(l, raw, (uint64_t)1 << f->page_shift);
    unsigned shift = 0;
    while (shift < 63 && (uint64_t)1 << shift < size) shift++;
    if (shift < 3 || shift > 30)
        load_error(l, v, "page_size: %llu is not possible: a page has 8 bytes to 1GiB",
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

/* ---- linear without widths: as large as the steps need ---- */

/* How far the file's addresses reach. */
struct survey {
    vpn_t last;              /* the last page that is spoken of */
    uint64_t end[VMA_KINDS]; /* bytes from a region's start to the end of its farthest access */
    bool layout;             /* some process has regions, and leaves kernel space to us */
};

static void widen(struct survey *to, vpn_t page) {
    if (page > to->last) to->last = page;
}

/* Bytes from a step's address to its end; 0: too many to count. */
static uint64_t step_length(struct load *l, const struct tree_step *t, unsigned shift) {
    uint64_t size = read_number(l, t->size, "size", 1, 8, shift < 8 ? 1 : 4);
    uint64_t stride = read_size(l, t->stride, size),
             count = read_number(l, t->count, "count", 1, UINT32_MAX, 1);
    return stride < UINT32_MAX ? (count - 1) * stride + size : 0;
}

static void survey_address(struct survey *to, const char *s, uint64_t length, unsigned shift) {
    enum vma_kind kind;
    uint64_t offset;
    vaddr_t va;
    if (address_plain(s, shift, &va))
        widen(to, (length && length - 1 <= UINT64_MAX - va ? va + length - 1 : va) >> shift);
    else if (address_behind(s, &kind, &offset) && offset < UINT64_MAX - length &&
             offset + length > to->end[kind])
        to->end[kind] = offset + length;
}

static void survey_step(struct load *l, const struct tree_step *t, unsigned shift, struct survey *to) {
    const char *address[] = {t->read, t->write, t->fetch, t->scan};
    char word[PAGE_WORD_SIZE];
    const char *why;
    struct page_ref ref;
    for (size_t i = 0; i < sizeof address / sizeof address[0]; i++)
        if (address[i]) survey_address(to, value_of(address[i]).text, step_length(l, t, shift), shift);
    if (!t->pages) return;
    for (const char *s = value_of(t->pages).text; page_ref_next(&s, &ref, word, &why);) widen(to, ref.vpn);
}

static void survey_process(struct load *l, const struct tree_process *p, unsigned shift, struct survey *to) {
    struct layout_wish wish[VMA_KINDS];
    bool any = false;
    process_wishes(l, p, shift, wish);
    for (int kind = 0; kind < VMA_KINDS; kind++) {
        any = any || wish[kind].given;
        if (wish[kind].given && to->end[kind] > wish[kind].bytes) wish[kind].bytes = to->end[kind];
    }
    if (any) widen(to, layout_pages(shift, wish) - 1);
    if (any && !wish[VMA_KERNEL].given) to->layout = true;
    for (unsigned i = 0; p && i < p->map_count; i++)
        widen(to, read_number(l, p->map[i].vpn, "vpn", 0, UINT64_MAX, 0));
}

/* What stands in the TLB at the start: VPN = tag x sets + set. */
static void survey_tlb(struct load *l, struct survey *to) {
    const struct tlb_config *c = &l->s->config.tlb;
    uint64_t sets = c->entries ? c->entries / c->ways : 0;
    for (unsigned i = 0; sets && i < l->tree->tlb_count; i++) {
        uint64_t tag = read_number(l, l->tree->tlb[i].tag, "tag", 0, UINT64_MAX / sets - 1, 0);
        widen(to, tag * sets + read_number(l, l->tree->tlb[i].set, "set", 0, sets - 1, 0));
    }
}

static struct survey survey_all(struct load *l, unsigned shift) {
    const struct tree_scenario *t = l->tree;
    struct survey s = {.last = 1};
    for (unsigned i = 0; i < t->steps_count; i++) survey_step(l, &t->steps[i], shift, &s);
    for (unsigned i = 0; i < t->processes_count; i++) survey_process(l, &t->processes[i], shift, &s);
    if (t->processes_count == 0) survey_process(l, NULL, shift, &s);
    survey_tlb(l, &s);
    for (size_t i = 0; i < l->owned->trace_count; i++) {
        vpn_t page = 0;
        if (trace_last_page(l, load_trace(l, i), shift, &page)) widen(&s, page);
    }
    return s;
}

static void size_by_steps(struct load *l, struct paging_format *f, struct value at) {
    struct survey s = survey_all(l, f->page_shift);
    unsigned bits = 1;
    while (bits < 64 && s.last >> bits) bits++;
    if (bits > INDEX_BITS_MAX) {
        load_error(l, at, "linear: page 0x%llx would need a table of 2^%u entries: use custom levels",
                   (unsigned long long)s.last, bits);
        return;
    }
    f->index_bits[0] = (uint8_t)bits;
    /* A large space has kernel space at its top, where no step of a program can go. */
    if (s.layout && bits < INDEX_BITS_MAX && s.last >= layout_user_end(f)) f->index_bits[0]++;
}

/* ---- all of it ---- */

static void own_format(struct load *l, const struct choice_made *c, struct paging_format *f) {
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
}

/* sv32 is the default, unless a trace has wider addresses. */
static void default_format(struct load *l, struct paging_format *f) {
    for (size_t i = 0; i < l->owned->trace_count; i++) {
        vpn_t last;
        if (trace_last_page(l, load_trace(l, i), f->page_shift, &last) && last >> 20) wide_format(f);
    }
}

void read_paging(struct load *l) {
    struct paging_format *f = &l->s->config.format;
    const char *page_size = l->tree->machine ? l->tree->machine->page_size : NULL;
    struct choice_made c = choose(l);
    struct diag why;
    if (!load_ok(l)) return;
    if (!c.name)
        default_format(l, f);
    else
        *f = *paging_by_name(c.name);
    if (c.name && strcmp(c.name, "sv32") != 0)
        own_format(l, &c, f);
    else if (page_size && read_size(l, page_size, 0) != (uint64_t)1 << f->page_shift)
        load_error(l, value_of(page_size),
                   "page_size: %s has pages of 4KiB: choose linear or custom for others", f->name);
    if (load_ok(l) && paging_check(f, &why) != VS_OK) load_error(l, c.at, "paging: %s", why.text);
}
