/* meaning_map.c - `map`: what stands in a process's page table before the first step.
 *
 *   {vpn: 0x5, pfn: 0x3}                page 5 is in frame 3, and belongs to a region
 *   {vpn: 0x200, level: 1, pte: 0x...}  a PTE bit by bit, whatever it means, where no region is
 *
 * Invariant: pages of the first sort lie in a region, of the layout or one made
 * here; words of the second sort lie in none, so that the kernel lets them be. */
#include "scenario/meaning.h"

#include "vmscope/base/memory.h"

#define RAW_MAX 256

static int by_vpn(const void *a, const void *b) {
    const struct map_config *x = a, *y = b;
    return x->vpn < y->vpn ? -1 : x->vpn > y->vpn;
}

/* A region for each run of mapped pages; those inside a region of the layout fall away. */
static void map_regions(struct load *l, struct process_config *p) {
    struct map_config *map = mem_copy(p->maps, p->map_count, sizeof *map);
    struct region_config *run = mem_zalloc(p->map_count, sizeof *run);
    size_t runs = 0;
    if (map && run) {
        qsort(map, p->map_count, sizeof *map, by_vpn);
        for (size_t i = 0; i < p->map_count; i++) {
            if (map[i].raw) continue;
            struct region_config *last = runs ? &run[runs - 1] : NULL;
            if (last && last->first + last->pages == map[i].vpn) {
                last->limit = ++last->pages;
                continue;
            }
            struct region_config *r = &run[runs++];
            *r = (struct region_config){.kind = VMA_MMAP,
                                        .backing = BACKING_ANON,
                                        .perms = PERM_RW | PERM_X,
                                        .first = map[i].vpn,
                                        .pages = 1,
                                        .limit = 1};
            set_name(r->name, "mapped");
        }
        add_regions(l, p, run, runs);
    } else {
        load_nomem(l);
    }
    free(map);
    free(run);
}

pfn_t read_pfn(struct load *l, const char *raw) {
    uint32_t frames = l->s->config.frames;
    pfn_t pfn = read_number(l, raw, "pfn", 0, UINT64_MAX, 0);
    if (pfn < frames) return pfn;
    load_error(l, value_of(raw),
               "pfn: there is no frame 0x%llx: this machine has %u, 0 to 0x%x; give it more with 'frames'",
               (unsigned long long)pfn, frames, frames - 1);
    return pfn;
}

static vpn_t read_vpn(struct load *l, const char *raw) {
    const struct paging_format *f = &l->s->config.format;
    vpn_t vpn = read_number(l, raw, "vpn", 0, paging_last_vpn(f), 0);
    if (!paging_vpn_exists(f, vpn))
        load_error(l, value_of(raw), "vpn: page 0x%llx lies in the hole of %s, where no address is canonical",
                   (unsigned long long)vpn, f->name);
    return vpn;
}

/* Kernel space has page-table entries of its own. */
static void check_map_place(struct load *l, const struct tree_map_entry *t, vpn_t vpn,
                            const struct process_config *p) {
    for (size_t i = 0; i < p->region_count; i++) {
        const struct region_config *r = &p->regions[i];
        if (r->kind == VMA_KERNEL && vpn >= r->first && vpn - r->first < r->pages)
            load_error(l, value_of(t->vpn),
                       "page 0x%llx lies in kernel space, which begins at page 0x%llx: map pages below",
                       (unsigned long long)vpn, (unsigned long long)r->first);
    }
}

/* Each page once a process, each frame once in all. */
static void check_map(struct load *l, const struct tree_map_entry *t, struct map_config m,
                      struct map64 *pages, struct map64 *frames) {
    if (map64_get(pages, m.vpn))
        load_error(l, value_of(t->vpn), "page 0x%llx is mapped twice", (unsigned long long)m.vpn);
    if (map64_get(frames, m.pfn))
        load_error(l, value_of(t->pfn),
                   "frame 0x%llx is given to two pages: shared frames arrive in a later version",
                   (unsigned long long)m.pfn);
    if (!map64_put(pages, m.vpn, 1) || !map64_put(frames, m.pfn, 1)) load_nomem(l);
}

/* ---- entries given as words ---- */

/* Its PTE is `pte`, bit by bit, at `level`. */
static void read_raw(struct load *l, const struct tree_map_entry *t, struct map_config *m) {
    const struct paging_format *f = &l->s->config.format;
    if (f->shape != SHAPE_TREE) {
        load_error(l, value_of(t->pte), "pte: %s has no tables of PTEs: give a pfn", f->name);
        return;
    }
    m->raw = true;
    m->word = read_number(l, t->pte, "pte", 0, low_bits(8 * f->pte_bytes), 0);
    m->level = (uint8_t)read_number(l, t->level, "level", 0, f->levels - 1, 0);
}

static vpn_t span_of(const struct paging_format *f, const struct map_config *m) {
    return low_bits(paging_leaf_order(f, m->level));
}

/* The kernel would write into the same tables for the pages of a region. */
static void check_raw(struct load *l, const struct tree_map_entry *t, const struct map_config *m,
                      const struct process_config *p) {
    vpn_t span = span_of(&l->s->config.format, m), first = m->vpn & ~span, last = m->vpn | span;
    for (size_t i = 0; i < p->region_count; i++) {
        const struct region_config *r = &p->regions[i];
        uint64_t growth = r->limit > r->pages ? r->limit - r->pages : 0;
        if (last < r->first - growth || first >= r->first + r->pages) continue;
        load_error(
            l, value_of(t->vpn),
            "this entry is for pages 0x%llx to 0x%llx, where region '%s' lies: its PTEs are the kernel's",
            (unsigned long long)first, (unsigned long long)last, r->name);
        return;
    }
}

/* Two of them must not be about the same pages. */
static void check_raw_pairs(struct load *l, const struct tree_process *t, const struct process_config *p,
                            size_t i) {
    const struct paging_format *f = &l->s->config.format;
    for (size_t k = 0; k < i; k++) {
        const struct map_config *a = &p->maps[k], *b = &p->maps[i];
        vpn_t span = span_of(f, a) > span_of(f, b) ? span_of(f, a) : span_of(f, b);
        if (!a->raw || (a->vpn & ~span) != (b->vpn & ~span)) continue;
        load_error(l, value_of(t->map[i].vpn), "this entry and that of line %u are for the same pages",
                   value_of(t->map[k].vpn).line);
        return;
    }
}

static void check_all_raw(struct load *l, const struct tree_process *t, const struct process_config *p) {
    unsigned count = 0;
    for (size_t i = 0; i < p->map_count && load_ok(l); i++) {
        if (!p->maps[i].raw) continue;
        if (++count > RAW_MAX)
            load_error(l, value_of(t->map[i].pte), "pte: at most %d entries are words", RAW_MAX);
        check_raw(l, &t->map[i], &p->maps[i], p);
        check_raw_pairs(l, t, p, i);
    }
}

/* ---- all of a process ---- */

static void read_entry(struct load *l, const struct tree_map_entry *t, struct process_config *p,
                       struct map_config *m, struct map64 *pages, struct map64 *frames) {
    m->vpn = read_vpn(l, t->vpn);
    if ((t->pfn != NULL) == (t->pte != NULL))
        load_error(l, value_of(t->vpn),
                   "an entry of map has a pfn (a frame of the machine), or a pte (a word, bit by bit)");
    else if (t->level && !t->pte)
        load_error(l, value_of(t->level),
                   "level: an entry with a pfn is for one page, at level 0: leave it out");
    else if (t->pte)
        read_raw(l, t, m);
    else
        m->pfn = read_pfn(l, t->pfn);
    if (!load_ok(l) || m->raw) return;
    check_map_place(l, t, m->vpn, p);
    check_map(l, t, *m, pages, frames);
}

void process_maps(struct load *l, const struct tree_process *t, struct process_config *p,
                  struct map64 *frames) {
    const struct paging_format *f = &l->s->config.format;
    struct map64 pages = {0};
    if (f->shape == SHAPE_SEGMENTS) {
        load_error(l, value_of(t->map[0].vpn), "map: %s has no page table that could hold an entry", f->name);
        return;
    }
    p->maps = mem_zalloc(t->map_count, sizeof *p->maps);
    if (!p->maps) {
        load_nomem(l);
        return;
    }
    p->map_count = t->map_count;
    for (unsigned i = 0; i < t->map_count; i++) read_entry(l, &t->map[i], p, &p->maps[i], &pages, frames);
    map64_free(&pages);
    if (load_ok(l)) map_regions(l, p);
    if (load_ok(l)) check_all_raw(l, t, p);
}
