/* call_map.c - calls that make address space: mmap, brk, mremap; and populate.
 *
 * None of them takes a frame: a region is a promise, kept page by page when it
 * is touched. Only populate keeps it at once, through the fault handler, as if
 * each page had been touched.
 */
#include "os/call.h"

#include "vmscope/base/text.h"

static bool is_fixed(const struct kernel *k) { return call_now(k)->flags & CALL_FIXED; }

/* ---- is there room? ---- */

/* Why so many pages more, in `regions` regions then, cannot be had; NULL: they can. */
static const char *no_room(const struct kernel *k, uint64_t pages, uint32_t regions) {
    if (table_shape(k)->eager) return "this machine has segments, and nothing can be mapped besides them";
    if (regions > k->config->regions_max) return TOO_MANY_REGIONS;
    return pages > REGION_PAGES_MAX || region_pages(k) + pages > REGION_PAGES_MAX ? LIST_TOO_LONG : NULL;
}

/* Why a file (FILE_NONE: a new one) cannot have so many pages; NULL: it can. */
static const char *file_too_long(const struct kernel *k, uint16_t file, uint64_t pages) {
    uint64_t have = file == FILE_NONE ? 0 : k->file[file].pages;
    if (pages > FILE_PAGES_MAX) return "no file is that long";
    if (file == FILE_NONE && !file_possible(k)) return "the kernel knows as many files as it can";
    return pages > have && file_pages(k) + (pages - have) > REGION_PAGES_MAX ? LIST_TOO_LONG : NULL;
}

/* ---- mmap ---- */

static const char *cannot_map(const struct kernel *k) {
    const struct call_config *c = call_now(k);
    const struct os_call *o = &k->call;
    uint64_t pages = o->end - o->first;
    if (pages == 0) return "a region of 0 bytes is none";
    if ((c->flags & CALL_SHARED) && !table_shape(k)->shares) return "this paging format cannot map one frame twice";
    if (is_fixed(k) && (o->va & low_bits(k->hw->format->page_shift))) return "the address is not the beginning of a page";
    if (is_fixed(k) && (o->end > region_user_end(k, &k->process[o->proc]) || o->end < o->first))
        return "it would not lie in the program's addresses";
    if (is_fixed(k) && region_raw(k, o->proc, o->first, o->end)) return "a PTE that was given bit by bit stands there";
    const struct process *p = &k->process[o->proc];
    const char *why = NULL;
    if (c->file[0]) why = file_too_long(k, file_find(k, c->file), c->file_page + pages);
    else if (c->flags & CALL_SHARED) why = file_too_long(k, FILE_NONE, pages);
    return why ? why : no_room(k, pages, 1 + (is_fixed(k) ? region_left(p, o->first, o->end) : p->vma_count));
}

/* Where: as the program wants it, or in the highest hole that is large enough. */
enum stage_result stage_place(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    const char *why = cannot_map(k);
    if (why) return call_fails(k, e, why);
    if (is_fixed(k)) return STAGE_OVER;
    uint64_t pages = o->end - o->first;
    vpn_t hole = region_hole(k, call_process(k), pages);
    if (hole == 0) return call_fails(k, e, "no hole in the address space is large enough");
    if (region_raw(k, o->proc, hole, hole + pages)) return call_fails(k, e, "a PTE that was given bit by bit stands there");
    o->first = hole;
    o->end = hole + pages;
    return STAGE_OVER;
}

/* What is behind the new region: its own zeros, a file, or memory that others can share. */
static enum vs_status back_with(struct kernel *k, struct vma *v) {
    const struct call_config *c = call_now(k);
    enum vs_status s = VS_OK;
    v->file = c->file[0] ? file_find(k, c->file) : FILE_NONE;
    v->backing = c->file[0] ? BACKING_FILE : BACKING_ANON;
    v->file_page = c->file[0] ? c->file_page : 0;
    bool make = v->file == FILE_NONE && (c->file[0] || v->shared);
    if (make) s = file_make(k, c->file[0] ? c->file : v->name, !c->file[0], &v->file);
    if (s == VS_OK && v->file != FILE_NONE) s = file_reach(k, v->file, v->file_page + (v->end - v->first));
    return s;
}

enum stage_result stage_map(struct kernel *k, struct event *e) {
    const struct call_config *c = call_now(k);
    struct os_call *o = &k->call;
    struct process *p = call_process(k);
    uint32_t joined = 0;
    if (o->next == o->end) return STAGE_OVER;
    struct vma v = {.first = o->first, .end = o->end, .floor = o->first, .kind = VMA_MMAP, .perms = c->perms,
                    .shared = c->flags & CALL_SHARED};
    memcpy(v.name, k->config->names[c->name - 1], sizeof v.name);
    enum vs_status s = back_with(k, &v);
    if (s == VS_OK) s = region_insert(p, region_after(p, v.first), &v);
    if (s == VS_OK) s = process_remember(p, c->name, v.first, v.end - v.first);
    if (s == VS_OK) s = region_join(p, v.first, v.end, &joined);
    if (s != VS_OK) return call_nomem(k, e);
    call_tell(k, e, EV_MAPPED, &v, v.first, v.end);
    e->count = joined;
    e->index = o->config;
    o->next = o->end;
    return STAGE_TOLD;
}

/* The program has just read or written the file: its pages are in the page cache, as far as frames are free. */
enum stage_result stage_cached(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    const struct vma *v = vma_find(call_process(k), o->first);
    uint32_t pages = 0;
    if (o->next == o->end || !(call_now(k)->flags & CALL_CACHED) || !v || !cache_serves(k, v)) return STAGE_OVER;
    for (vpn_t vpn = o->first; vpn < o->end && k->frames_free > 0; vpn++) {
        if (cache_frame(k, v, vpn) != FRAME_NONE) continue;
        frame_t f = frame_lowest_free(k);
        frame_take(k, f);
        cache_put(k, f, v->file, vma_file_page(v, vpn));
        frame_idle(k, f);
        if (ram_put(k->hw->ram, f, page_first_content(k, v, vpn)) != VS_OK) return call_nomem(k, e);
        pages++;
    }
    o->next = o->end;
    if (pages == 0) return STAGE_OVER;
    call_tell(k, e, EV_FILE_CACHED, v, o->first, o->end);
    e->count = pages;
    return STAGE_TOLD;
}

/* ---- populate ---- */

static bool populates(const struct kernel *k) {
    const struct call_config *c = call_now(k);
    return c->kind == CALL_MLOCK || c->kind == CALL_MREMAP || (c->kind == CALL_MMAP && (c->flags & CALL_POPULATE)) ||
           (c->kind == CALL_MADVISE && c->advice >= ADVICE_POPULATE_READ);
}

/* As if by which access: one that leaves a private page ready to be written, where it may be. */
static enum access_kind populates_by(const struct kernel *k, const struct vma *v) {
    const struct call_config *c = call_now(k);
    bool write = (v->perms & PERM_W) && !v->shared;
    if (c->kind == CALL_MADVISE) write = c->advice == ADVICE_POPULATE_WRITE;
    return write ? ACCESS_WRITE : v->perms & PERM_R ? ACCESS_READ : ACCESS_FETCH;
}

/* What an access of that kind would trap with; HW_FAULT_NONE: it would not. */
static enum hw_fault would_trap(const struct kernel *k, const struct vma *v, vpn_t vpn, enum access_kind op) {
    enum page_state state = vma_page_state(v, vpn);
    if (!(v->perms & access_needs(op))) return HW_FAULT_NONE;
    if (state != PAGE_RESIDENT && state != PAGE_ZERO) return HW_FAULT_NOT_VALID;
    if (op != ACCESS_WRITE || !paging_has(k->hw->format, PTE_W)) return HW_FAULT_NONE;
    uint64_t word = pagetable_at(k, k->call.proc, vpn).word;
    return paging_decode(k->hw->format, word).flags & PTE_BIT(PTE_W) ? HW_FAULT_NONE : HW_FAULT_DENIED;
}

enum stage_result call_fill(struct kernel *k, struct event *e, const struct vma *v, vpn_t end) {
    struct os_call *o = &k->call;
    while (o->next < end) {
        vpn_t vpn = o->next++;
        enum access_kind op = populates_by(k, v);
        enum hw_fault cause = would_trap(k, v, vpn, op);
        if (cause == HW_FAULT_NONE) continue;
        o->count++;
        call_page_latch(k, vpn, op);
        k->latch.cause = (uint8_t)cause;
        k->latch.populate = true;
        return fault_find_region(k, e) == VS_OK ? STAGE_TOLD : call_nomem(k, e);
    }
    return STAGE_OVER;
}

/* mlock gives up at the first region that nobody may access; of what mremap made longer, only a locked region's new part. */
static bool fills(const struct kernel *k, const struct vma *v) {
    if (call_now(k)->kind == CALL_MREMAP) return v->locked && v->kind != VMA_KERNEL;
    return v->kind != VMA_KERNEL;
}

enum stage_result stage_populate(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    vpn_t first, end;
    enum call_kind kind = (enum call_kind)call_now(k)->kind;
    if (!populates(k) || table_shape(k)->eager) return STAGE_OVER;
    if (kind == CALL_MREMAP && o->next < o->first + o->old) o->next = o->first + o->old;
    for (struct vma *v; (v = call_next_region(k, &first, &end)); o->next = end) {
        if (kind == CALL_MLOCK && !v->perms) return STAGE_OVER;
        if (!fills(k, v)) continue;
        if (o->next < first) o->next = first;
        enum stage_result r = call_fill(k, e, v, end);
        if (r != STAGE_OVER) return r;
    }
    return STAGE_OVER;
}

/* ---- brk ---- */

static const struct region_config *heap_of_image(const struct kernel *k, const struct process *p) {
    const struct process_config *c = machine_image(k->config, p->image);
    for (size_t i = 0; i < c->region_count; i++)
        if (c->regions[i].kind == VMA_HEAP) return &c->regions[i];
    return NULL;
}

/* The break moves by `length`, up or down (sbrk), or to an address (brk). */
static vaddr_t new_break(const struct kernel *k, const struct process *p) {
    const struct call_config *c = call_now(k);
    if (c->length == 0) return k->call.va;
    if (c->flags & CALL_DOWN) return c->length <= p->brk ? p->brk - c->length : 0;
    return c->length <= UINT64_MAX - p->brk ? p->brk + c->length : UINT64_MAX;
}

static vpn_t pages_up(const struct kernel *k, vaddr_t va) {
    unsigned shift = k->hw->format->page_shift;
    return va_to_vpn(va, shift) + ((va & low_bits(shift)) != 0);
}

/* The region that grows with the break, which is at page `from`; NULL: a new one must be made (mprotect or mlock
 * may have cut it). */
static struct vma *growing_heap(const struct kernel *k, struct process *p, vpn_t from) {
    const struct region_config *heap = heap_of_image(k, p);
    struct vma *v = from > heap->first ? process_find(p, from - 1) : NULL;
    bool same = v && v->kind == VMA_HEAP && v->end == from && v->perms == heap->perms && !v->locked;
    return same ? v : NULL;
}

/* The heap's pages are those below the break, the last one perhaps in part. */
enum stage_result stage_break(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    struct process *p = call_process(k);
    const struct region_config *heap = heap_of_image(k, p);
    if (!heap) return call_fails(k, e, "this program has no heap");
    vaddr_t to = new_break(k, p);
    vpn_t was = pages_up(k, p->brk), is = pages_up(k, to);
    if (to < vpn_to_va(heap->first, k->hw->format->page_shift)) return call_fails(k, e, "the break cannot go below the heap's beginning");
    const struct vma *v = was > heap->first ? vma_find(p, was - 1) : NULL;
    if (v && v->end != was) v = NULL; /* mremap made it longer: then it is in the way itself */
    uint32_t regions = is > was ? p->vma_count + !growing_heap(k, p, was) : region_left(p, is, was);
    const char *why = no_room(k, is > was ? is - was : 0, regions);
    if (!why && is > was && !region_free(k, p, was, is, v)) why = "another region, or the guard below the stack, is in the way";
    if (why) return call_fails(k, e, why);
    o->va = to;
    o->from = is > was ? was : is;
    o->first = is;
    o->end = is < was ? was : is; /* what is to be unmapped */
    return STAGE_OVER;
}

static enum vs_status grow_heap(struct kernel *k, vpn_t from, vpn_t end) {
    struct process *p = call_process(k);
    const struct region_config *heap = heap_of_image(k, p);
    struct vma *v = growing_heap(k, p, from);
    if (v) return region_resize(v, v->floor, v->first, end) ? VS_OK : VS_NOMEM;
    struct vma made = {.first = from, .end = end, .floor = from, .kind = VMA_HEAP, .backing = BACKING_ANON,
                       .perms = heap->perms, .file = FILE_NONE};
    memcpy(made.name, heap->name, sizeof made.name);
    return region_insert(p, region_after(p, from), &made);
}

/* ---- mremap ---- */

/* Larger: in place if what follows is free, else the region moves. Why it cannot; NULL: it can. */
static const char *cannot_grow(struct kernel *k, const struct vma *v, uint64_t pages) {
    struct os_call *o = &k->call;
    const struct process *p = call_process(k);
    vpn_t old_end = o->first + o->old, new_end = o->first + pages;
    if (old_end < v->end) return "only the end of a region can grow";
    o->moved = !region_free(k, p, old_end, new_end, v);
    o->to = o->moved ? region_hole(k, p, pages) : o->first;
    uint32_t cut = o->moved && o->first > v->first;
    const char *why = no_room(k, o->moved ? pages : pages - o->old, p->vma_count + cut);
    if (!why && v->file != FILE_NONE) why = file_too_long(k, v->file, vma_file_page(v, o->first) + pages);
    if (!why && (o->to == 0 || (o->moved && region_raw(k, o->proc, o->to, o->to + pages))))
        why = "no hole in the address space is large enough";
    return why;
}

enum stage_result stage_move(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    struct process *p = call_process(k);
    const struct vma *v = vma_find(p, o->first);
    uint64_t pages = o->end - o->first;
    vpn_t old_end = o->old ? o->first + o->old : v ? v->end : o->first;
    if (!v || v->kind == VMA_KERNEL || old_end > v->end) return call_fails(k, e, "that range is not one region");
    if (pages == 0) return call_fails(k, e, "a region of 0 bytes is none");
    if (v->kind == VMA_STACK || v->order) return call_fails(k, e, "stacks and huge pages stay where they are");
    o->old = old_end - o->first;
    o->grown = pages;
    bool smaller = pages <= o->old;
    const char *why = smaller ? no_room(k, 0, region_left(p, o->end, old_end)) : cannot_grow(k, v, pages);
    if (why) return call_fails(k, e, why);
    o->first = smaller ? o->end : old_end; /* what is unmapped, if anything: the end that it loses */
    o->end = old_end;
    return STAGE_OVER;
}

/* One page's frame, slot and PTE go along; no byte is touched. */
static enum vs_status move_page(struct kernel *k, struct vma *from, vpn_t vpn, struct vma *to, vpn_t dest) {
    const struct shape_ops *shape = table_shape(k);
    proc_t p = k->call.proc;
    enum page_state state = vma_page_state(from, vpn);
    uint32_t where = vma_page_where(from, vpn);
    enum vs_status s = VS_OK;
    if (state == PAGE_RESIDENT || state == PAGE_ZERO) {
        struct pte_at at = pagetable_at(k, p, vpn);
        s = shape->remove(k, p, vpn, at.addr);
        tlb_forget(k, p, vpn);
        paddr_t addr = shape->leaf_addr(k, p, dest, where, 0);
        if (s == VS_OK && state == PAGE_RESIDENT) frame_moved(k, where, p, vpn, dest, addr);
        if (s == VS_OK) s = shape->install(k, p, dest, addr, at.word);
    }
    page_ghost_forget(k, p, vpn, state);
    vma_set(to, dest, state, where);
    vma_set(from, vpn, PAGE_UNTOUCHED, 0);
    return s;
}

/* The region that the pages of v, which begins with them, move to: with room for as many as it is to have. */
static enum vs_status make_new_place(struct kernel *k, const struct vma *v) {
    const struct os_call *o = &k->call;
    struct process *p = call_process(k);
    struct vma made = *v;
    made.first = made.floor = o->to;
    made.end = o->to + o->grown;
    return region_insert(p, region_after(p, made.first), &made);
}

/* The tables that the moved pages will need. VS_LIMIT: there is no RAM for one. */
static enum vs_status make_tables(struct kernel *k) {
    const struct os_call *o = &k->call;
    const struct vma *from = vma_find(call_process(k), o->from);
    enum vs_status s = VS_OK;
    for (vpn_t i = 0; s == VS_OK && i < o->old; i++) {
        enum page_state state = vma_page_state(from, o->from + i);
        if (state != PAGE_RESIDENT && state != PAGE_ZERO) continue;
        while (s == VS_OK && table_shape(k)->missing(k, o->proc, o->to + i, 0))
            s = table_shape(k)->make_next(k, o->proc, o->to + i, NULL);
    }
    return s;
}

static enum vs_status move_pages(struct kernel *k) {
    const struct os_call *o = &k->call;
    struct process *p = call_process(k);
    bool cut;
    enum vs_status s = region_cut(p, o->from, &cut);
    if (s == VS_OK) s = make_new_place(k, vma_find(p, o->from));
    struct vma *to = s == VS_OK ? process_find(p, o->to) : NULL;
    if (to && to->file != FILE_NONE) s = file_reach(k, to->file, to->file_page + o->grown);
    for (vpn_t i = 0; s == VS_OK && i < o->old; i++)
        s = move_page(k, process_find(p, o->from + i), o->from + i, to, o->to + i);
    if (s == VS_OK) region_remove(p, region_after(p, o->from));
    return s;
}

static enum stage_result move_region(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    enum vs_status s = make_tables(k);
    if (s == VS_LIMIT) return call_fails(k, e, "no memory is left for page tables");
    if (s == VS_OK) s = move_pages(k);
    if (s != VS_OK) return call_nomem(k, e);
    const struct vma *v = vma_find(call_process(k), o->to);
    call_tell(k, e, EV_REGION_MOVED, v, v->first, v->end);
    e->old_vpn = o->from;
    e->count = (uint32_t)o->old;
    return STAGE_TOLD;
}

/* brk, mremap: the region's end moves (a part that was cut off has gone already). */
enum stage_result stage_resize(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    struct process *p = call_process(k);
    if (o->resized) return STAGE_OVER;
    o->resized = true;
    bool brk = call_now(k)->kind == CALL_BRK;
    vpn_t end = brk ? pages_up(k, o->va) : o->to + o->grown, from = brk ? o->from : o->from + o->old;
    if (brk) p->brk = o->va;
    if (!brk && o->moved) return move_region(k, e);
    if (end <= from || (!brk && o->grown <= o->old)) return STAGE_OVER;
    struct vma *v = brk ? NULL : process_find(p, o->from);
    enum vs_status s = brk ? grow_heap(k, from, end) : region_resize(v, v->floor, v->first, end) ? VS_OK : VS_NOMEM;
    v = s == VS_OK ? process_find(p, end - 1) : NULL;
    if (v && v->file != FILE_NONE) s = file_reach(k, v->file, v->file_page + (v->end - v->first));
    if (s != VS_OK) return call_nomem(k, e);
    call_tell(k, e, EV_REGION_GROWN, v, from, end);
    return STAGE_TOLD;
}

enum stage_result stage_moved(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    (void)e;
    o->first = o->moved ? o->to : o->from;
    o->end = o->first + o->grown;
    process_renamed(call_process(k), o->from, o->first, o->grown);
    return STAGE_OVER;
}
