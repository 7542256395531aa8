/* naive_fault.c - what the operating system does about a fault. */
#include "naive_parts.h"

/* Policies whose choice hangs on nothing but the pages that are there: no hand, no queue, no ghosts. */
static bool chooses_by_pages_alone(const struct naive *n) {
    static const char *const simple[] = {"fifo", "lru", "mru", "lfu", "mfu", "random", "nru", "aging", "working_set"};
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (nv_policy_is(n, simple[i])) return true;
    return false;
}

static void end_process(struct naive *n, proc_t p) {
    for (size_t i = 0; i < n->pages; i++) {
        struct page *g = &n->page[i];
        if (g->proc != p) continue;
        frame_t f = g->frame;
        if (g->where == PAGE_RESIDENT) nv_page_leaves(n, g);
        if (f != FRAME_NONE && !nv_first_mapping(n, f)) n->frame[f].used = false;
        n->slots_used -= g->has_slot;
        g->has_slot = false;
        g->where = PAGE_UNTOUCHED;
    }
    if (n->config->tlb.asid || p == n->running) nv_tlb_drop_process(n, p);
    n->process[p].alive = false;
    if (nv_local(n) || !chooses_by_pages_alone(n)) n->undefined = true;
}

/* ---- frames ---- */

static frame_t frame_with_file_page(const struct naive *n, proc_t p, const struct region *r, vpn_t vpn) {
    struct ref wanted = {p, vpn, 0};
    for (frame_t f = 0; nv_is_shared(n, r) && f < n->config->frames; f++)
        if (n->frame[f].used && nv_refers_to(n, &wanted, f)) return f;
    return FRAME_NONE;
}

/* Side by side, for a huge page of process p; FRAME_NONE: not so many. */
static frame_t find_run(const struct naive *n, proc_t p, unsigned order) {
    uint32_t count = 1u << order, unused = 0;
    for (frame_t f = 0; f < n->config->frames; f++) unused += !n->frame[f].used;
    bool too_many = nv_local(n) && nv_held_by(n, p) + count > n->process[p].quota;
    return too_many || unused < count ? FRAME_NONE : nv_lowest_run(n, count);
}

/* A frame for process p: free, or a victim's. FRAME_NONE: out of memory. */
static frame_t find_frame(struct naive *n, proc_t p, struct naive_translation *t) {
    bool over = nv_local(n) && nv_held_by(n, p) >= n->process[p].quota;
    frame_t f = over ? FRAME_NONE : nv_lowest_free(n);
    if (f != FRAME_NONE) return f;
    f = nv_choose_victim(n, p);
    if (f != FRAME_NONE) nv_evict(n, f, t);
    return f;
}

/* 2^order frames from f on get pages. */
static void load(struct naive *n, frame_t f, unsigned order) {
    for (frame_t i = f; i < f + (1u << order); i++) {
        n->frame[i] = (struct frame_view){.used = true, .loaded = n->clock, .last = n->clock, .ref = n->ref_now, .stamp = n->ref_now};
        n->clock++;
    }
}

/* ---- classes ---- */

static enum fault_class no_region(struct naive *n, const struct attempt *a) {
    struct process_view *v = &n->process[a->t->proc];
    struct region *r = nv_find_growing(n, a->t->proc, a->vpn);
    if (r && !(r->perms & access_needs((enum access_kind)a->t->op))) return FAULT_SEGV_ACCESS;
    if (r) {
        r->first = a->vpn;
        return FAULT_MINOR_GROWTH;
    }
    if (!nv_exists(n, a->t->va) && nv_format(n)->sign_extended) return FAULT_SEGV_NONCANONICAL;
    if (!(a->step->flags & STEP_AUTOMAP) || !nv_exists(n, a->t->va)) return FAULT_SEGV_MAP;
    if (v->regions < NV_REGIONS)
        v->region[v->regions++] =
            (struct region){.first = a->vpn, .end = a->vpn + 1, .floor = a->vpn, .perms = 7};
    return FAULT_MINOR_ZERO;
}

/* What kind of fault is it, by where the page is? */
static enum fault_class classify(struct naive *n, const struct attempt *a, enum nv_cause cause) {
    proc_t p = a->t->proc;
    struct region *r = nv_find_region(n, p, a->vpn);
    if (!r) return no_region(n, a);
    if (r->kernel || !(r->perms & access_needs((enum access_kind)a->t->op))) return FAULT_SEGV_ACCESS;
    const struct page *g = nv_find_page(n, p, a->vpn);
    if (g && g->where == PAGE_RESIDENT) return cause == NV_BITS ? FAULT_MINOR_BIT : FAULT_SEGV_ACCESS;
    if (g && g->where == PAGE_SWAPPED) return FAULT_MAJOR_SWAP;
    if (frame_with_file_page(n, p, r, a->vpn) != FRAME_NONE) return FAULT_MINOR_MAP;
    return r->file ? FAULT_MAJOR_FILE : FAULT_MINOR_ZERO;
}

static void count_fault(struct naive *n, enum fault_class f, bool was_full, unsigned order) {
    struct counters *c = &n->count;
    uint64_t *one[FAULT_COUNT] = {[FAULT_MINOR_ZERO] = &c->minor_zero,
                                  [FAULT_MINOR_MAP] = &c->minor_map,
                                  [FAULT_MINOR_GROWTH] = &c->minor_growth,
                                  [FAULT_MINOR_BIT] = &c->minor_bit,
                                  [FAULT_MAJOR_SWAP] = &c->major_swap,
                                  [FAULT_MAJOR_FILE] = &c->major_file,
                                  [FAULT_SEGV_MAP] = &c->segv_map,
                                  [FAULT_SEGV_ACCESS] = &c->segv_access,
                                  [FAULT_OOM] = &c->oom,
                                  [FAULT_SEGV_NONCANONICAL] = &c->segv_noncanonical};
    ++*one[f];
    c->swap_reads += f == FAULT_MAJOR_SWAP;
    c->file_reads += f == FAULT_MAJOR_FILE;
    if (f == FAULT_MINOR_ZERO || f == FAULT_MINOR_GROWTH) c->zero_fills += 1u << order;
    c->huge_pages += order > 0;
    if (f >= FAULT_SEGV_MAP) {
        c->invalid++;
        return;
    }
    c->page_faults++;
    c->page_faults_after_full += was_full;
    c->minor_faults += f < FAULT_MAJOR_SWAP;
    c->major_faults += f >= FAULT_MAJOR_SWAP;
}

/* ---- the answer ---- */

/* The pages from vpn on are in the frames from f on; A and D come along where no hardware sets them. */
static void map(struct naive *n, const struct attempt *a, frame_t f, unsigned order) {
    vpn_t first = a->vpn >> order << order;
    for (uint32_t i = 0; i < 1u << order; i++) {
        struct page *g = nv_page_make(n, a->t->proc, first + i);
        g->where = PAGE_RESIDENT;
        g->frame = f + i;
        g->order = order;
        g->mapped = n->clock++;
        g->accessed = g->dirty = false;
    }
    nv_make_tables(n, a->t->proc, a->vpn, order);
    if (!nv_hardware_sets_bits(n))
        nv_touch_leaf(n, nv_find_page(n, a->t->proc, a->vpn), a->t->op == ACCESS_WRITE);
}

static bool set_bits(struct naive *n, const struct attempt *a, bool was_full) {
    a->t->fault = FAULT_MINOR_BIT;
    count_fault(n, FAULT_MINOR_BIT, was_full, 0);
    nv_touch_leaf(n, nv_find_page(n, a->t->proc, a->vpn), a->t->op == ACCESS_WRITE);
    nv_tlb_drop_page(n, a->t->proc, a->vpn);
    return true;
}

/* Where the page goes; *order: how large it is. FRAME_NONE: out of memory. */
static frame_t place(struct naive *n, const struct attempt *a, enum fault_class fault, unsigned *order) {
    proc_t p = a->t->proc;
    struct region *r = nv_find_region(n, p, a->vpn);
    frame_t f = FRAME_NONE;
    *order = 0;
    if (fault == FAULT_MINOR_MAP) return frame_with_file_page(n, p, r, a->vpn);
    n->wanted = nv_key(n, p, a->vpn);
    nv_let_unused_go(n, p);
    if (nv_huge_wanted(n, p, a->vpn)) f = find_run(n, p, r->order);
    if (f != FRAME_NONE)
        *order = r->order;
    else
        f = find_frame(n, p, a->t);
    if (f != FRAME_NONE) load(n, f, *order);
    return f;
}

bool nv_handle_fault(struct naive *n, struct attempt *a, enum nv_cause cause) {
    bool was_full = nv_lowest_free(n) == FRAME_NONE;
    enum fault_class fault = classify(n, a, cause);
    frame_t f = FRAME_NONE;
    unsigned order = 0;
    if (fault == FAULT_MINOR_BIT) return set_bits(n, a, was_full);
    if (fault < FAULT_SEGV_MAP) {
        f = place(n, a, fault, &order);
        if (f == FRAME_NONE) fault = FAULT_OOM;
    }
    a->t->fault = (uint8_t)fault;
    count_fault(n, fault, was_full, order);
    if (fault == FAULT_OOM) end_process(n, a->t->proc);
    if (fault >= FAULT_SEGV_MAP) return false;
    a->loaded = a->loaded || fault != FAULT_MINOR_MAP;
    map(n, a, f, order);
    for (frame_t i = f; fault != FAULT_MINOR_MAP && i < f + (1u << order); i++) nv_lists_loaded(n, i);
    return true;
}
