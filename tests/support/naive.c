/* naive.c - the second machine. Clear before fast: every look-up is a loop. */
#include "naive_parts.h"

/* ---- the operating system's answer to a fault ---- */

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
    n->process[p].alive = false;
    if (nv_policy_is(n, "clock") || nv_policy_is(n, "opt") || nv_policy_is(n, "second_chance") || nv_local(n))
        n->undefined = true;
}

static frame_t frame_with_file_page(const struct naive *n, proc_t p, const struct region *r, vpn_t vpn) {
    struct ref wanted = {p, vpn, 0};
    for (frame_t f = 0; nv_is_shared(n, r) && f < n->config->frames; f++)
        if (n->frame[f].used && nv_refers_to(n, &wanted, f)) return f;
    return FRAME_NONE;
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

static void load(struct naive *n, frame_t f, proc_t p) {
    n->frame[f] = (struct frame_view){.used = true, .loaded = n->clock++};
    n->hand[nv_local(n) ? p : 0] = (f + 1) % n->config->frames; /* the hand moves past the new page */
}

/* What kind of fault is it, by where the page is? */
static enum fault_class classify(struct naive *n, proc_t p, vpn_t vpn, const struct step *s,
                                 enum access_kind op) {
    struct region *r = nv_find_region(n, p, vpn);
    if (!r && (r = nv_find_growing(n, p, vpn))) {
        if (!(r->perms & access_needs(op))) return FAULT_SEGV_ACCESS;
        r->first = vpn;
        return FAULT_MINOR_GROWTH;
    }
    if (!r && (s->flags & STEP_AUTOMAP)) {
        struct process_view *v = &n->process[p];
        if (v->regions < NV_REGIONS)
            v->region[v->regions++] = (struct region){.first = vpn, .end = vpn + 1, .floor = vpn, .perms = 7};
        return FAULT_MINOR_ZERO;
    }
    if (!r) return FAULT_SEGV_MAP;
    if (r->kernel || !(r->perms & access_needs(op))) return FAULT_SEGV_ACCESS;
    const struct page *g = nv_find_page(n, p, vpn);
    if (g && g->where == PAGE_SWAPPED) return FAULT_MAJOR_SWAP;
    if (frame_with_file_page(n, p, r, vpn) != FRAME_NONE) return FAULT_MINOR_MAP;
    return r->file ? FAULT_MAJOR_FILE : FAULT_MINOR_ZERO;
}

static void count_fault(struct naive *n, enum fault_class f, bool was_full) {
    struct counters *c = &n->count;
    uint64_t *one[FAULT_COUNT] = {
        [FAULT_MINOR_ZERO] = &c->minor_zero,     [FAULT_MINOR_MAP] = &c->minor_map,
        [FAULT_MINOR_GROWTH] = &c->minor_growth, [FAULT_MAJOR_SWAP] = &c->major_swap,
        [FAULT_MAJOR_FILE] = &c->major_file,     [FAULT_SEGV_MAP] = &c->segv_map,
        [FAULT_SEGV_ACCESS] = &c->segv_access,   [FAULT_OOM] = &c->oom};
    ++*one[f];
    c->swap_reads += f == FAULT_MAJOR_SWAP;
    c->file_reads += f == FAULT_MAJOR_FILE;
    c->zero_fills += f == FAULT_MINOR_ZERO || f == FAULT_MINOR_GROWTH;
    if (f >= FAULT_SEGV_MAP) {
        c->invalid++;
        return;
    }
    c->page_faults++;
    c->page_faults_after_full += was_full;
    c->minor_faults += f < FAULT_MAJOR_SWAP;
    c->major_faults += f >= FAULT_MAJOR_SWAP;
}

/* Returns true when the access is to be restarted. */
static bool handle_fault(struct naive *n, proc_t p, vpn_t vpn, const struct step *s,
                         struct naive_translation *t) {
    bool was_full = nv_lowest_free(n) == FRAME_NONE;
    enum fault_class fault = classify(n, p, vpn, s, t->op);
    frame_t f =
        fault == FAULT_MINOR_MAP ? frame_with_file_page(n, p, nv_find_region(n, p, vpn), vpn) : FRAME_NONE;
    if (fault < FAULT_SEGV_MAP && f == FRAME_NONE) {
        f = find_frame(n, p, t);
        if (f == FRAME_NONE)
            fault = FAULT_OOM;
        else
            load(n, f, p);
    }
    t->fault = (uint8_t)fault;
    count_fault(n, fault, was_full);
    if (fault == FAULT_OOM) end_process(n, p);
    if (fault >= FAULT_SEGV_MAP) return false;
    struct page *g = nv_page_make(n, p, vpn);
    g->where = PAGE_RESIDENT;
    g->frame = f;
    g->mapped = n->clock++;
    nv_make_tables(n, p, vpn);
    return true;
}

/* ---- one translation ---- */

static void move_bytes(struct naive *n, struct page *g, const struct step *s, vaddr_t va, unsigned size,
                       unsigned done, unsigned part, struct naive_translation *t) {
    unsigned offset = (unsigned)(va & (nv_page_bytes(n) - 1));
    bool carries = s->size == 1 || s->size == 2 || s->size == 4 || s->size == 8;
    if (t->op == ACCESS_WRITE && !g->own) {
        const struct cell *from = nv_page_cell(n, g);
        if (from != &g->cell) {
            memcpy(g->cell.bytes, from->bytes, nv_page_bytes(n));
            memcpy(g->cell.known, from->known, nv_page_bytes(n));
        }
        g->own = true;
    }
    struct cell *c = nv_page_cell(n, g);
    for (unsigned i = 0; carries && i < size; i++) {
        if (t->op == ACCESS_WRITE && (s->flags & STEP_HAS_VALUE)) {
            c->bytes[offset + i] = (uint8_t)(s->value >> (8 * (done + i)));
            c->known[offset + i] = 1;
        } else if (t->op != ACCESS_WRITE && c->known[offset + i]) {
            t->value |= (uint64_t)c->bytes[offset + i] << (8 * i);
            t->known |= (uint64_t)0xff << (8 * i);
        } else if (t->op != ACCESS_WRITE && n->seen->has_value[part]) {
            c->bytes[offset + i] = (uint8_t)(n->seen->value[part] >> (8 * i));
            c->known[offset + i] = 1;
        }
    }
}

/* The walk of a page that is in a frame: bits and TLB. */
static void walk_found(struct naive *n, struct page *g, enum access_kind op) {
    const struct region *r = nv_find_region(n, g->proc, g->vpn);
    n->frame[g->frame].referenced = true;
    g->dirty = g->dirty || op == ACCESS_WRITE;
    nv_tlb_fill(n, g->proc, g->vpn, nv_has_perms(n) ? r->perms : 7, g->dirty || !nv_has_dirty(n));
}

/* Look it up in the TLB: true when it is there and the access may go on (or *denied). */
static bool look_up(struct naive *n, struct naive_translation *t, vpn_t vpn, bool *denied) {
    struct tlb_line *l = nv_tlb_line_of(n, vpn, nv_tlb_asid(n, t->proc));
    t->tlb = !n->config->tlb.entries ? TLB_OUT_NONE : l ? TLB_OUT_HIT : TLB_OUT_MISS;
    n->count.tlb_hits += t->tlb == TLB_OUT_HIT;
    n->count.tlb_misses += t->tlb == TLB_OUT_MISS;
    if (!l) return false;
    *denied = !(l->perms & access_needs(t->op));
    if (n->config->tlb.replacement == TLB_LRU) l->stamp = n->clock++;
    if (!*denied && t->op == ACCESS_WRITE && !l->dirty) {
        nv_count_walk(n, t->proc, vpn);
        l->dirty = true;
    }
    return true;
}

static bool reach_frame(struct naive *n, const struct step *s, struct naive_translation *t, vpn_t vpn,
                        bool *loaded) {
    bool denied = false, hit = look_up(n, t, vpn, &denied);
    if (hit && !denied) return true;
    struct page *g = nv_find_page(n, t->proc, vpn);
    const struct region *r = nv_find_region(n, t->proc, vpn);
    if (!hit) nv_count_walk(n, t->proc, vpn);
    bool there = g && g->where == PAGE_RESIDENT && (!nv_has_perms(n) || (r->perms & access_needs(t->op)));
    if (denied || !there) {
        if (!handle_fault(n, t->proc, vpn, s, t)) return false;
        *loaded = t->fault != FAULT_MINOR_MAP;
        nv_count_walk(n, t->proc, vpn);
    }
    walk_found(n, nv_find_page(n, t->proc, vpn), t->op);
    return true;
}

/* Returns false when the access ended here. */
static bool translate(struct naive *n, const struct step *s, vaddr_t va, unsigned size, unsigned part,
                      struct naive_translation *t) {
    vpn_t vpn = va >> n->config->format.page_shift;
    bool loaded = false;
    *t = (struct naive_translation){
        .va = va, .proc = n->running, .op = s->op, .frame = FRAME_NONE, .victim_proc = PROC_NONE};
    n->count.translations++;
    bool ok = reach_frame(n, s, t, vpn, &loaded);
    if (ok) {
        struct page *g = nv_find_page(n, t->proc, vpn);
        struct frame_view *f = &n->frame[g->frame];
        g->dirty = g->dirty || t->op == ACCESS_WRITE;
        f->referenced = f->referenced || n->config->format.flag_bit[PTE_A] < 0;
        f->last = n->clock++;
        f->count++;
        t->frame = g->frame;
        t->done = true;
        move_bytes(n, g, s, va, size, part ? s->size - size : 0, part, t);
        if (loaded && !n->config->policy.load_referenced) nv_clear_referenced(n, g->frame);
    }
    n->ref_now++;
    return ok;
}

/* ---- steps ---- */

static void switch_to(struct naive *n, proc_t to) {
    if (to == n->running) return;
    n->count.context_switches++;
    n->running = to;
    if (nv_has_asids(n)) return;
    n->count.tlb_flushes++;
    for (uint32_t i = 0; i < n->config->tlb.entries; i++) n->tlb[i].valid = false;
}

/* How much of an access lies in its first page. */
static unsigned first_part(const struct naive *n, const struct step *s) {
    unsigned room = nv_page_bytes(n) - (unsigned)(s->va & (nv_page_bytes(n) - 1));
    return s->size <= room || (s->flags & STEP_NO_SPLIT) ? s->size : room;
}

static void do_access(struct naive *n, const struct step *s, struct naive_result *out) {
    unsigned first = first_part(n, s);
    unsigned room = nv_page_bytes(n) - (unsigned)(s->va & (nv_page_bytes(n) - 1));
    n->count.accesses++;
    n->count.reads += s->op == ACCESS_READ;
    n->count.writes += s->op == ACCESS_WRITE;
    n->count.fetches += s->op == ACCESS_FETCH;
    out->count = 1;
    if (!translate(n, s, s->va, first < room ? first : room, 0, &out->part[0]) || first == s->size) return;
    out->count = 2;
    translate(n, s, s->va + first, s->size - first, 1, &out->part[1]);
}

void naive_step(struct naive *n, const struct naive_seen *seen, struct naive_result *out) {
    const struct step *s = &n->steps[n->at];
    proc_t who = s->proc == PROC_NONE ? n->running : s->proc;
    *out = (struct naive_result){0};
    n->seen = seen;
    n->victims_seen = n->ways_seen = 0;
    while (n->ref_now < n->refs && n->ref[n->ref_now].step < n->at) n->ref_now++;
    n->count.steps++;
    out->passed_over = !n->process[who].alive;
    n->undefined = n->undefined || (out->passed_over && who != n->running);
    if (!out->passed_over) {
        switch_to(n, who);
        if (s->kind == STEP_ACCESS) do_access(n, s, out);
    }
    out->impossible = n->impossible;
    n->at++;
}

/* ---- life ---- */

static void add_ref(struct naive *n, proc_t p, vpn_t vpn, size_t step) {
    n->ref = nv_more(n->ref, n->refs, &n->ref_cap, sizeof *n->ref);
    n->ref[n->refs++] = (struct ref){p, vpn, step};
}

static void collect_refs(struct naive *n) {
    proc_t running = 0;
    unsigned shift = n->config->format.page_shift;
    for (size_t i = 0; i < n->step_count; i++) {
        const struct step *s = &n->steps[i];
        running = s->proc == PROC_NONE ? running : s->proc;
        if (s->kind != STEP_ACCESS) continue;
        add_ref(n, running, s->va >> shift, i);
        if (first_part(n, s) != s->size) add_ref(n, running, (s->va >> shift) + 1, i);
    }
}

static void take_process(struct naive *n, proc_t p, const struct process_config *c) {
    struct process_view *v = &n->process[p];
    v->program = c->program[0] ? c->program : c->name;
    v->asid = (asid_t)(p + 1);
    v->alive = true;
    v->quota = c->frames ? c->frames : n->config->frames / (uint32_t)n->config->process_count;
    for (size_t i = 0; i < c->region_count; i++) {
        const struct region_config *r = &c->regions[i];
        vpn_t grow = r->kind == VMA_STACK && r->limit > r->pages ? r->limit - r->pages : 0;
        v->region[v->regions++] = (struct region){.first = r->first,
                                                  .end = r->first + r->pages,
                                                  .floor = r->first - grow,
                                                  .perms = r->perms,
                                                  .stack = r->kind == VMA_STACK,
                                                  .file = r->backing == BACKING_FILE,
                                                  .kernel = r->kind == VMA_KERNEL,
                                                  .file_page = r->file_page};
    }
}

struct naive *naive_create(const struct machine_config *config, const struct step *steps, size_t count) {
    struct naive *n = calloc(1, sizeof *n);
    if (!n) abort();
    n->config = config;
    n->steps = steps;
    n->step_count = count;
    n->clock = 1;
    n->frame = calloc(config->frames, sizeof *n->frame);
    n->tlb = calloc(config->tlb.entries + 1u, sizeof *n->tlb);
    if (!n->frame || !n->tlb) abort();
    for (size_t p = 0; p < config->process_count && p < NV_PROCESSES; p++)
        take_process(n, (proc_t)p, &config->processes[p]);
    collect_refs(n);
    return n;
}

void naive_free(struct naive *n) {
    for (size_t i = 0; i < n->pages; i++) nv_cell_free(&n->page[i].cell);
    for (size_t i = 0; i < n->files; i++) nv_cell_free(&n->file[i].cell);
    free(n->page);
    free(n->file);
    free(n->frame);
    free(n->tlb);
    free(n->table);
    free(n->ref);
    free(n);
}

/* ---- looking ---- */

bool naive_defined(const struct naive *n) { return !n->undefined; }
const struct counters *naive_counters(const struct naive *n) { return &n->count; }
proc_t naive_running(const struct naive *n) { return n->running; }

bool naive_frame(const struct naive *n, frame_t f, proc_t *proc, vpn_t *vpn) {
    const struct page *g = nv_first_mapping(n, f);
    if (!g) return false;
    *proc = g->proc;
    *vpn = g->vpn;
    return true;
}

bool naive_tlb_holds(const struct naive *n, vpn_t vpn, asid_t asid) {
    return nv_tlb_line_of(n, vpn, asid) != NULL;
}

unsigned naive_tlb_used(const struct naive *n) {
    unsigned used = 0;
    for (uint32_t i = 0; i < n->config->tlb.entries; i++) used += n->tlb[i].valid;
    return used;
}

bool naive_page(const struct naive *n, size_t i, struct naive_page_view *out) {
    if (i >= n->pages) return false;
    struct page *g = &n->page[i];
    const struct cell *c = nv_page_cell((struct naive *)(uintptr_t)n, g);
    *out = (struct naive_page_view){g->proc, g->vpn, g->where, g->frame, c->bytes, c->known};
    return true;
}
