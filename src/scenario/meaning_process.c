/* meaning_process.c - processes: their regions, and what is mapped at the start.
 *
 * Invariant: a process's regions are ascending and do not overlap; whatever is
 * added later (pages of `map`, regions of a trace) goes only where none is yet. */
#include "scenario/meaning.h"

#include "vmscope/base/memory.h"


void set_name(char to[NAME_SIZE], const char *name) {
    struct text t = text_in(to, NAME_SIZE);
    text_add(&t, name);
}

proc_t process_find_name(const struct machine_config *c, const char *name) {
    for (size_t i = 0; i < c->process_count; i++)
        if (strcmp(c->processes[i].name, name) == 0) return (proc_t)i;
    for (size_t i = 0; i < c->fork_count; i++)
        if (strcmp(c->forks[i].name, name) == 0) return (proc_t)(c->process_count + i);
    return PROC_NONE;
}

/* ---- layout ---- */

bool steps_need_layout(const struct tree_scenario *t) {
    for (unsigned i = 0; i < t->steps_count; i++) {
        const struct tree_step *s = &t->steps[i];
        if (s->read || s->write || s->fetch || s->scan || s->brk || s->sbrk || s->exec) return true;
        if (s->tlb_flush && flush_scope_of(value_of(s->tlb_flush).text) == FLUSH_ONE_PAGE) return true;
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

void process_wishes(struct load *l, const struct tree_process *p, struct layout_wish wish[VMA_KINDS]) {
    memset(wish, 0, VMA_KINDS * sizeof *wish);
    bool own_pages = p && p->map_count > 0;
    if (p && p->layout)
        for (int kind = 0; kind < VMA_KINDS; kind++)
            wish[kind] = region_wish(l, layout_region(p->layout, kind));
    else if (!own_pages && steps_need_layout(l->tree))
        layout_default(&l->s->config.format, wish);
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

/* ---- huge pages of a region ---- */

/* "4KiB, 2MiB and 1GiB": what the format's leaves map. */
static void list_page_sizes(struct text *t, const struct paging_format *f) {
    unsigned left = 0;
    for (unsigned level = 0; level < f->levels; level++) left += f->leaf_levels >> level & 1;
    for (unsigned level = 0, told = 0; level < f->levels; level++) {
        if (!(f->leaf_levels >> level & 1)) continue;
        if (told) text_add(t, told + 1 == left ? " and " : ", ");
        size_word(t, (uint64_t)1 << (f->page_shift + paging_leaf_order(f, level)));
        told++;
    }
}

/* The order of pages of this size; false: the format has none. */
static bool find_order(const struct paging_format *f, uint64_t size, unsigned *order) {
    for (unsigned level = 0; level < f->levels; level++) {
        *order = paging_leaf_order(f, level);
        if ((f->leaf_levels >> level & 1) && size == (uint64_t)1 << (f->page_shift + *order)) return true;
    }
    return false;
}

static bool may_be_huge(enum vma_kind kind) {
    return kind == VMA_BSS || kind == VMA_HEAP || kind == VMA_MMAP || kind == VMA_STACK;
}

static void read_region_pages(struct load *l, const struct tree_region *r, enum vma_kind kind,
                              struct layout_wish *w) {
    const struct paging_format *f = &l->s->config.format;
    struct value at = value_of(r->page_size);
    uint64_t size = read_size(l, r->page_size, 0);
    char sizes[120];
    struct text t = text_in(sizes, sizeof sizes);
    list_page_sizes(&t, f);
    if (!find_order(f, size, &w->order))
        load_error(l, at, "page_size: %s has pages of %s", f->name, sizes);
    else if (w->order && !may_be_huge(kind))
        load_error(l, at,
                   "page_size: %s has pages of the usual size: huge ones are for bss, heap, mmap and stack",
                   vma_kind_name[kind]);
    else if (w->order && w->bytes < size)
        load_error(l, at, "page_size: a page of %s is larger than the region, which has %llu bytes", at.text,
                   (unsigned long long)w->bytes);
    else if (w->order && w->bytes % size)
        load_error(l, value_of(r->size), "size: %llu is not a multiple of the region's page_size, %s",
                   (unsigned long long)w->bytes, at.text);
}

static void read_pages(struct load *l, const struct tree_layout *t, struct layout_wish wish[VMA_KINDS]) {
    for (int kind = 0; t && kind < VMA_KINDS; kind++) {
        const struct tree_region *r = layout_region(t, kind);
        if (r && r->page_size) read_region_pages(l, r, (enum vma_kind)kind, &wish[kind]);
    }
}

/* ---- the regions of a process ---- */

static void process_layout(struct load *l, const struct tree_process *t, struct process_config *p) {
    struct layout_wish wish[VMA_KINDS];
    struct region_config region[VMA_KINDS];
    struct layout_problem why = {.text = ""};
    check_limits(l, t ? t->layout : NULL);
    process_wishes(l, t, wish);
    read_pages(l, t ? t->layout : NULL, wish);
    if (!load_ok(l)) return;
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

bool add_regions(struct load *l, struct process_config *p, const struct region_config *more, size_t count) {
    struct region_config *all = mem_zalloc(p->region_count * 2 + count, sizeof *all);
    if (!all) return load_nomem(l);
    p->region_count = merge_regions(all, p->regions, p->region_count, more, count);
    free(p->regions);
    p->regions = all;
    return true;
}

bool trace_last_page(struct load *l, struct trace *t, unsigned page_shift, vpn_t *last) {
    struct region_config *region;
    size_t count;
    if (!t) return false;
    if (trace_regions(t, page_shift, &region, &count) != VS_OK) return load_nomem(l);
    *last = count ? region[count - 1].first + region[count - 1].pages - 1 : 0;
    free(region);
    return count > 0;
}

/* Formats for addresses up to `last`, as a hint. */
static const char *wider_format(vaddr_t last) {
    if (last >> 48 == 0) return "choose a wider one, as in paging: {custom: {levels: [9, 9, 9, 9]}}";
    return last >> 56 == 0 ? "choose a wider one, as in paging: sv57"
                           : "no format of this version is so wide";
}

/* Does each page of these regions exist? False: told. */
static bool check_trace_regions(struct load *l, const struct region_config *region, size_t count,
                                struct value at) {
    const struct paging_format *f = &l->s->config.format;
    for (size_t i = count; i-- > 0;) {
        vpn_t last = region[i].first + region[i].pages - 1;
        if (paging_vpn_exists(f, region[i].first) && paging_vpn_exists(f, last)) continue;
        vaddr_t va = vpn_to_va(last, f->page_shift) | low_bits(f->page_shift);
        load_error(l, at, "the trace goes up to address 0x%llx, but %s has addresses of %u bits: %s",
                   (unsigned long long)va, f->name, paging_va_bits(f), wider_format(va));
        return false;
    }
    return true;
}

/* Behind the last page of its file that the program has. */
static uint32_t file_end(const struct process_config *p) {
    uint32_t end = 0;
    for (size_t i = 0; i < p->region_count; i++) {
        const struct region_config *r = &p->regions[i];
        if (r->backing == BACKING_FILE && r->file_page + r->pages > end) end = (uint32_t)(r->file_page + r->pages);
    }
    return end;
}

static struct process_config *image_of(struct machine_config *c, size_t image) {
    return image < c->process_count ? &c->processes[image] : &c->images[image - c->process_count];
}

bool add_trace_regions(struct load *l, struct trace *t, size_t image, struct value at) {
    struct process_config *p = image_of(&l->s->config, image);
    struct region_config *region;
    size_t count;
    uint32_t behind = file_end(p);
    if (trace_regions(t, l->s->config.format.page_shift, &region, &count) != VS_OK) return load_nomem(l);
    for (size_t i = 0; i < count; i++)
        if (region[i].backing == BACKING_FILE) region[i].file_page += behind;
    bool done = check_trace_regions(l, region, count, at) && add_regions(l, p, region, count);
    free(region);
    return done;
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

/* ---- programs that no process runs at the start ---- */

static bool is_program(const struct machine_config *c, const char *name) {
    for (size_t i = 0; i < machine_image_count(c); i++)
        if (strcmp(machine_image(c, i)->name, name) == 0 || strcmp(machine_image(c, i)->program, name) == 0) return true;
    return false;
}

static void read_program(struct load *l, const struct tree_program *t, struct process_config *p) {
    struct value name = value_of(t->name);
    struct tree_process like = {.name = t->name, .layout = t->layout};
    if (is_program(&l->s->config, name.text))
        load_error(l, name, "there is a process or program '%s' already: exec could not tell them apart", name.text);
    set_name(p->name, name.text);
    set_name(p->program, name.text);
    process_layout(l, &like, p);
}

void read_programs(struct load *l) {
    const struct tree_scenario *t = l->tree;
    struct machine_config *c = &l->s->config;
    if (t->programs_count == 0 || !load_ok(l)) return;
    if (t->programs_count > PROCESSES_MAX) {
        load_error(l, value_of(t->programs[0].name), "%u programs: at most %d", t->programs_count, PROCESSES_MAX);
        return;
    }
    c->images = mem_zalloc(t->programs_count, sizeof *c->images);
    if (!c->images) {
        load_nomem(l);
        return;
    }
    for (unsigned i = 0; i < t->programs_count; i++, c->image_count++) read_program(l, &t->programs[i], &c->images[i]);
}
