/* meaning_survey.c - how large a linear page table must be when the file gives no widths.
 *
 * Everything that the file says of addresses is looked at: its steps, regions,
 * entries at the start and traces. The page table becomes just large enough. */
#include "scenario/meaning_paging.h"

#include "scenario/address.h"

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
    uint64_t size = read_bytes(l, t->size, "size", 1, 8, shift < 8 ? 1 : 4);
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
    const char *address[] = {t->read, t->write, t->fetch, t->scan, t->tlb_flush};
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
    process_wishes(l, p, wish);
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

void size_by_steps(struct load *l, struct paging_format *f, struct value at) {
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
