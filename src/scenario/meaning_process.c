/* meaning_process.c - processes: their regions, and what is mapped at the start.
 *
 * Invariant: a process's regions are ascending and do not overlap; whatever is
 * added later (pages of `map`, regions of a trace) goes only where none is yet. */
#include "scenario/meaning.h"

#include "vmscope/base/memory.h"

#define PROCESSES_MAX 4096 /* as many as os/config.c allows */

static void set_name(char to[NAME_SIZE], const char *name) {
    struct text t = text_in(to, NAME_SIZE);
    text_add(&t, name);
}

proc_t process_find_name(const struct machine_config *c, const char *name) {
    for (size_t i = 0; i < c->process_count; i++)
        if (strcmp(c->processes[i].name, name) == 0) return (proc_t)i;
    return PROC_NONE;
}

/* ---- layout ---- */

bool steps_need_layout(const struct tree_scenario *t) {
    for (unsigned i = 0; i < t->steps_count; i++) {
        const struct tree_step *s = &t->steps[i];
        if (s->read || s->write || s->fetch || s->scan) return true;
    }
    return false;
}

static const struct tree_region *layout_region(const struct tree_layout *t, int kind) {
    const struct tree_region *region[VMA_KINDS] = {t->text, t->rodata, t->data,  t->bss,
                                                   t->heap, t->mmap,   t->stack, t->kernel};
    return region[kind];
}

static struct layout_wish region_wish(struct load *l, const struct tree_region *r) {
    struct layout_wish w = {.given = r != NULL};
    if (!r) return w;
    w.bytes = read_size(l, r->size, 0);
    w.limit = read_size(l, r->limit, 0);
    w.placed = r->at != NULL;
    w.at = read_number(l, r->at, "at", 0, UINT64_MAX, 0);
    if (r->perms) perms_parse(value_of(r->perms).text, &w.perms);
    return w;
}

void process_wishes(struct load *l, const struct tree_process *p, unsigned page_shift,
                    struct layout_wish wish[VMA_KINDS]) {
    memset(wish, 0, VMA_KINDS * sizeof *wish);
    bool own_pages = p && p->map_count > 0;
    if (p && p->layout)
        for (int kind = 0; kind < VMA_KINDS; kind++)
            wish[kind] = region_wish(l, layout_region(p->layout, kind));
    else if (!own_pages && steps_need_layout(l->tree))
        layout_default(page_shift, wish);
}

static struct value region_at(const struct tree_region *r) {
    return r ? value_of(r->at ? r->at : r->limit ? r->limit : r->size) : (struct value){0};
}

static void check_limits(struct load *l, const struct tree_layout *t) {
    for (int kind = 0; t && kind < VMA_KINDS; kind++) {
        const struct tree_region *r = layout_region(t, kind);
        if (r && r->limit && kind != VMA_STACK)
            load_error(l, value_of(r->limit), "%s takes no limit: only the stack grows by itself",
                       vma_kind_name[kind]);
    }
}

static void process_layout(struct load *l, const struct tree_process *t, struct process_config *p) {
    struct layout_wish wish[VMA_KINDS];
    struct region_config region[VMA_KINDS];
    struct layout_problem why = {.text = ""};
    check_limits(l, t ? t->layout : NULL);
    process_wishes(l, t, l->s->config.format.page_shift, wish);
    if (!layout_place(&l->s->config.format, wish, region, &p->region_count, &why)) {
        struct value at =
            t && t->layout ? region_at(layout_region(t->layout, (int)why.kind)) : (struct value){0};
        if (!at.text) at = value_of(t ? t->name : l->tree->title);
        load_error(l, at, "%s: %s", p->name, why.text);
        p->region_count = 0;
        return;
    }
    p->regions = mem_copy(region, p->region_count, sizeof *region);
    if (!p->regions) load_nomem(l);
}

/* ---- regions that come later ---- */

static vpn_t floor_of(const struct region_config *r) {
    return r->first + r->pages - (r->limit > r->pages ? r->limit : r->pages);
}

/* Append [first, end) of `like` to out[*n], if it is not empty. */
static void append_piece(struct region_config *out, size_t *n, const struct region_config *like, vpn_t first,
                         vpn_t end) {
    if (first >= end) return;
    struct region_config *r = &out[(*n)++];
    *r = *like;
    r->first = first;
    r->pages = r->limit = end - first;
    r->file_page += (uint32_t)(first - like->first);
}

/* Both lists ascend: the old regions whole, and what of the new ones lies between them. */
static size_t merge_regions(struct region_config *out, const struct region_config *old, size_t old_count,
                            const struct region_config *more, size_t more_count) {
    size_t n = 0, i = 0;
    vpn_t taken = 0; /* pages below belong to old regions, or to none */
    for (size_t k = 0; k < more_count; k++) {
        vpn_t at = more[k].first > taken ? more[k].first : taken, end = more[k].first + more[k].pages;
        for (; i < old_count && floor_of(&old[i]) < end; i++) {
            append_piece(out, &n, &more[k], at, floor_of(&old[i]));
            out[n++] = old[i];
            taken = old[i].first + old[i].pages;
            if (taken > at) at = taken;
        }
        append_piece(out, &n, &more[k], at, end);
    }
    for (; i < old_count; i++) out[n++] = old[i];
    return n;
}

static bool add_regions(struct load *l, struct process_config *p, const struct region_config *more,
                        size_t count) {
    struct region_config *all = mem_zalloc(p->region_count * 2 + count, sizeof *all);
    if (!all) return load_nomem(l);
    p->region_count = merge_regions(all, p->regions, p->region_count, more, count);
    free(p->regions);
    p->regions = all;
    return true;
}

bool trace_last_page(struct load *l, const struct trace *t, unsigned page_shift, vpn_t *last) {
    struct region_config *region;
    size_t count;
    if (!t) return false;
    if (trace_regions(t, page_shift, &region, &count) != VS_OK) return load_nomem(l);
    *last = count ? region[count - 1].first + region[count - 1].pages - 1 : 0;
    free(region);
    return count > 0;
}

bool add_trace_regions(struct load *l, const struct trace *t, proc_t p, struct value at) {
    const struct paging_format *f = &l->s->config.format;
    struct region_config *region;
    size_t count;
    if (trace_regions(t, f->page_shift, &region, &count) != VS_OK) return load_nomem(l);
    vpn_t last = count ? region[count - 1].first + region[count - 1].pages - 1 : 0;
    bool fits = last <= low_bits(paging_va_bits(f)) >> f->page_shift;
    if (!fits)
        load_error(l, at, "the trace goes up to address 0x%llx, but %s has addresses of %u bits: %s",
                   (unsigned long long)(last << f->page_shift | low_bits(f->page_shift)), f->name,
                   paging_va_bits(f),
                   last >> 36 ? "no format of this version is so wide"
                              : "choose a wider one, as in paging: {custom: {levels: [9, 9, 9, 9]}}");
    bool done = fits && add_regions(l, &l->s->config.processes[p], region, count);
    free(region);
    return done;
}

/* ---- map: page-table entries at the start ---- */

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

/* A frame that the file names; the machine has only so many. */
static pfn_t read_pfn(struct load *l, const char *raw) {
    uint32_t frames = l->s->config.frames;
    pfn_t pfn = read_number(l, raw, "pfn", 0, UINT64_MAX, 0);
    if (pfn < frames) return pfn;
    load_error(l, value_of(raw),
               "pfn: there is no frame 0x%llx: this machine has %u, 0 to 0x%x; give it more with 'frames'",
               (unsigned long long)pfn, frames, frames - 1);
    return pfn;
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

static void process_maps(struct load *l, const struct tree_process *t, struct process_config *p,
                         struct map64 *frames) {
    const struct paging_format *f = &l->s->config.format;
    struct map64 pages = {0};
    p->maps = mem_zalloc(t->map_count, sizeof *p->maps);
    if (!p->maps) {
        load_nomem(l);
        return;
    }
    p->map_count = t->map_count;
    for (unsigned i = 0; i < t->map_count; i++) {
        p->maps[i].vpn =
            read_number(l, t->map[i].vpn, "vpn", 0, low_bits(paging_va_bits(f) - f->page_shift), 0);
        p->maps[i].pfn = read_pfn(l, t->map[i].pfn);
        check_map_place(l, &t->map[i], p->maps[i].vpn, p);
        check_map(l, &t->map[i], p->maps[i], &pages, frames);
    }
    map64_free(&pages);
    if (load_ok(l)) map_regions(l, p);
}

/* ---- all of it ---- */

static void read_process(struct load *l, const struct tree_process *t, struct process_config *p,
                         struct map64 *names, struct map64 *frames) {
    struct value name = value_of(t->name), program = value_of(t->program);
    uint64_t hash = hash_bytes(HASH_START, name.text, strlen(name.text)) >> 1;
    if (map64_get(names, hash))
        load_error(l, name, "there are two processes '%s': each needs a name of its own", name.text);
    if (!map64_put(names, hash, 1)) load_nomem(l);
    set_name(p->name, name.text);
    set_name(p->program, program.text ? program.text : name.text);
    p->frames = (uint32_t)read_number(l, t->frames, "frames", 1, UINT32_MAX, 0);
    process_layout(l, t, p);
    if (load_ok(l) && t->map_count) process_maps(l, t, p, frames);
}

void read_processes(struct load *l) {
    const struct tree_scenario *t = l->tree;
    struct machine_config *c = &l->s->config;
    struct map64 names = {0}, frames = {0};
    size_t count = t->processes_count ? t->processes_count : 1;
    if (count > PROCESSES_MAX) {
        load_error(l, value_of(t->processes[0].name), "%zu processes: at most %d", count, PROCESSES_MAX);
        return;
    }
    c->processes = mem_zalloc(count, sizeof *c->processes);
    if (!c->processes) {
        load_nomem(l);
        return;
    }
    c->process_count = count;
    for (unsigned i = 0; i < t->processes_count; i++)
        read_process(l, &t->processes[i], &c->processes[i], &names, &frames);
    if (t->processes_count == 0) {
        set_name(c->processes[0].name, "A");
        set_name(c->processes[0].program, "A");
        process_layout(l, NULL, &c->processes[0]);
    }
    map64_free(&names);
    map64_free(&frames);
}

/* Each place once, and each page once. */
static void check_tlb_entries(struct load *l) {
    const struct machine_config *c = &l->s->config;
    uint32_t sets = c->tlb.entries / c->tlb.ways;
    struct map64 places = {0}, pages = {0};
    for (size_t i = 0; i < c->tlb_preload_count && l->status != VS_NOMEM; i++) {
        const struct tlb_preload *e = &c->tlb_preload[i];
        const struct tree_tlb_entry *t = &l->tree->tlb[i];
        uint64_t place = (uint64_t)e->set * c->tlb.ways + e->way;
        vpn_t vpn = e->tag * sets + e->set;
        if (map64_get(&places, place))
            load_error(l, value_of(t->set), "way %u of set %u is filled twice", e->way, e->set);
        else if (map64_get(&pages, vpn))
            load_error(l, value_of(t->tag), "tag 0x%llx stands in set %u already: a page has one entry",
                       (unsigned long long)e->tag, e->set);
        if (!map64_put(&places, place, 1) || !map64_put(&pages, vpn, 1)) load_nomem(l);
    }
    map64_free(&places);
    map64_free(&pages);
}

void read_tlb_entries(struct load *l) {
    const struct tree_scenario *t = l->tree;
    struct machine_config *c = &l->s->config;
    uint32_t sets = c->tlb.entries ? c->tlb.entries / c->tlb.ways : 0;
    if (t->tlb_count == 0) return;
    if (sets == 0) {
        load_error(l, value_of(t->tlb[0].set),
                   "this machine has no TLB (entries: 0), so it can hold no entry");
        return;
    }
    c->tlb_preload = mem_zalloc(t->tlb_count, sizeof *c->tlb_preload);
    if (!c->tlb_preload) {
        load_nomem(l);
        return;
    }
    c->tlb_preload_count = t->tlb_count;
    for (unsigned i = 0; i < t->tlb_count; i++) {
        struct tlb_preload *e = &c->tlb_preload[i];
        e->set = (uint32_t)read_number(l, t->tlb[i].set, "set", 0, sets - 1, 0);
        e->way = (uint32_t)read_number(l, t->tlb[i].way, "way", 0, c->tlb.ways - 1, 0);
        e->tag = read_number(l, t->tlb[i].tag, "tag", 0,
                             low_bits(paging_va_bits(&c->format) - c->format.page_shift) / sets, 0);
        e->pfn = read_pfn(l, t->tlb[i].pfn);
    }
    check_tlb_entries(l);
}
