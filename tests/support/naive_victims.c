/* naive_victims.c - frames, and who leaves: each policy as its definition says it, O(n) and more. */
#include "naive_parts.h"

struct page *nv_first_mapping(const struct naive *n, frame_t f) {
    struct page *first = NULL;
    for (size_t i = 0; i < n->pages; i++) {
        struct page *g = &n->page[i];
        if (g->where == PAGE_RESIDENT && g->frame == f && (!first || g->mapped < first->mapped)) first = g;
    }
    return first;
}

/* Frames that count against a process's fixed share: those that it was the first to map. */
uint32_t nv_held_by(const struct naive *n, proc_t p) {
    uint32_t count = 0;
    for (frame_t f = 0; f < n->config->frames; f++) {
        const struct page *g = nv_first_mapping(n, f);
        count += g && g->proc == p;
    }
    return count;
}

frame_t nv_lowest_free(const struct naive *n) {
    for (frame_t f = 0; f < n->config->frames; f++)
        if (!n->frame[f].used) return f;
    return FRAME_NONE;
}

/* The lowest `count` free frames that lie side by side, beginning at a multiple of their number. */
frame_t nv_lowest_run(const struct naive *n, uint32_t count) {
    for (frame_t f = 0; f + count <= n->config->frames; f += count) {
        uint32_t unused = 0;
        for (frame_t i = f; i < f + count; i++) unused += !n->frame[i].used;
        if (unused == count) return f;
    }
    return FRAME_NONE;
}

static bool in_frame(const struct page *g, frame_t f) { return g->where == PAGE_RESIDENT && g->frame == f; }

static bool is_dirty(const struct naive *n, frame_t f) {
    bool dirty = false;
    for (size_t i = 0; i < n->pages; i++) dirty = dirty || (in_frame(&n->page[i], f) && n->page[i].dirty);
    return dirty;
}

bool nv_is_referenced(const struct naive *n, frame_t f) {
    bool accessed = n->frame[f].referenced;
    for (size_t i = 0; i < n->pages; i++)
        accessed = accessed || (in_frame(&n->page[i], f) && n->page[i].accessed);
    return accessed;
}

bool nv_may_leave(const struct naive *n, frame_t f, proc_t p) {
    const struct page *g = nv_first_mapping(n, f);
    if (!g || (nv_local(n) && g->proc != p)) return false;
    return !is_dirty(n, f) || g->has_slot || n->slots_used < n->config->swap_slots;
}

bool nv_refers_to(const struct naive *n, const struct ref *r, frame_t f) {
    const struct page *g = nv_first_mapping(n, f);
    const struct region *held = nv_find_region(n, g->proc, g->vpn),
                        *wanted = nv_find_region(n, r->proc, r->vpn);
    if (nv_is_shared(n, held) && nv_is_shared(n, wanted))
        return nv_file_page_of(held, g->vpn) == nv_file_page_of(wanted, r->vpn) &&
               !strcmp(n->process[g->proc].program, n->process[r->proc].program);
    return g->proc == r->proc && g->vpn == r->vpn;
}

static size_t next_use(const struct naive *n, frame_t f) {
    for (size_t i = n->ref_now + 1; i < n->refs; i++)
        if (nv_refers_to(n, &n->ref[i], f)) return i;
    return SIZE_MAX;
}

/* Is `a` to leave rather than `b`? */
static bool fifo_prefers(const struct naive *n, frame_t a, frame_t b) {
    return n->frame[a].loaded < n->frame[b].loaded;
}
static bool lru_prefers(const struct naive *n, frame_t a, frame_t b) {
    return n->frame[a].last < n->frame[b].last;
}
static bool mru_prefers(const struct naive *n, frame_t a, frame_t b) {
    return n->frame[a].last > n->frame[b].last;
}

static bool lfu_prefers(const struct naive *n, frame_t a, frame_t b) {
    if (n->frame[a].count != n->frame[b].count) return n->frame[a].count < n->frame[b].count;
    return lru_prefers(n, a, b);
}

static bool mfu_prefers(const struct naive *n, frame_t a, frame_t b) {
    if (n->frame[a].count != n->frame[b].count) return n->frame[a].count > n->frame[b].count;
    return lru_prefers(n, a, b);
}

static unsigned nru_class(const struct naive *n, frame_t f) { return 2u * nv_is_referenced(n, f) + is_dirty(n, f); }
static bool nru_prefers(const struct naive *n, frame_t a, frame_t b) { return nru_class(n, a) < nru_class(n, b); }
static bool aging_prefers(const struct naive *n, frame_t a, frame_t b) {
    return n->frame[a].ticks < n->frame[b].ticks;
}

static bool opt_prefers(const struct naive *n, frame_t a, frame_t b) {
    size_t use_a = next_use(n, a), use_b = next_use(n, b);
    if (use_a != use_b) return use_a > use_b;
    return n->frame[a].loaded > n->frame[b].loaded;
}

static bool pff_prefers(const struct naive *n, frame_t a, frame_t b) {
    if (nv_is_referenced(n, a) != nv_is_referenced(n, b)) return !nv_is_referenced(n, a);
    return fifo_prefers(n, a, b);
}

static const struct {
    const char *name;
    bool (*prefers)(const struct naive *n, frame_t a, frame_t b);
} ordering[] = {{"fifo", fifo_prefers},
                {"lru", lru_prefers},
                {"mru", mru_prefers},
                {"lfu", lfu_prefers},
                {"mfu", mfu_prefers},
                {"working_set", lru_prefers},
                {"pff", pff_prefers},
                {"nru", nru_prefers},
                {"aging", aging_prefers},
                {"opt", opt_prefers}};

static frame_t best_by_order(const struct naive *n, proc_t p) {
    frame_t best = FRAME_NONE;
    for (size_t o = 0; o < sizeof ordering / sizeof *ordering; o++)
        for (frame_t f = 0; nv_policy_is(n, ordering[o].name) && f < n->config->frames; f++)
            if (nv_may_leave(n, f, p) && (best == FRAME_NONE || ordering[o].prefers(n, f, best))) best = f;
    return best;
}

void nv_clear_referenced(struct naive *n, frame_t f) {
    n->frame[f].referenced = false;
    for (size_t i = 0; i < n->pages; i++) {
        struct page *g = &n->page[i];
        if (!in_frame(g, f) || !g->accessed) continue;
        nv_forget_leaf(n, g);
        if (!n->config->lazy_clear) nv_tlb_drop_page(n, g->proc, g->vpn);
    }
}

/* What the clock is for: R goes into AGING's counters, and away. */
void nv_tick(struct naive *n) {
    bool aging = nv_policy_is(n, "aging");
    for (frame_t f = 0; (aging || nv_policy_is(n, "nru")) && f < n->config->frames; f++) {
        if (!nv_first_mapping(n, f)) continue;
        n->frame[f].ticks >>= 1;
        if (nv_is_referenced(n, f)) n->frame[f].ticks |= (uint64_t)1 << (n->config->policy.bits - 1);
        nv_clear_referenced(n, f);
    }
    n->ticks++;
}

static frame_t by_clock(struct naive *n, proc_t p) {
    frame_t *hand = &n->hand[nv_local(n) ? p : 0];
    for (;;) {
        frame_t f = *hand;
        *hand = (f + 1) % n->config->frames; /* also past a victim: the new page comes to sit there */
        if (!nv_may_leave(n, f, p)) continue;
        if (!nv_is_referenced(n, f)) return f;
        nv_clear_referenced(n, f);
    }
}

/* Looks for (R,D) = (0,0), then for (0,1) while clearing R, and both again. */
static frame_t by_enhanced_clock(struct naive *n, proc_t p) {
    frame_t *hand = &n->hand[nv_local(n) ? p : 0], start = *hand;
    for (unsigned round = 0; round < 4; round++)
        for (uint32_t i = 0; i < n->config->frames; i++) {
            frame_t f = (start + i) % n->config->frames;
            if (!nv_may_leave(n, f, p)) continue;
            if (!nv_is_referenced(n, f) && is_dirty(n, f) == (round % 2 == 1)) {
                *hand = (f + 1) % n->config->frames;
                return f;
            }
            if (round % 2 == 1) nv_clear_referenced(n, f);
        }
    return FRAME_NONE;
}

bool nv_loads_unreferenced(const struct naive *n) {
    return !n->config->policy.load_referenced || nv_policy_is(n, "sieve") || nv_policy_is(n, "car") ||
           nv_policy_is(n, "clock_pro");
}

/* ---- SIEVE ---- */

static bool is_candidate(const struct naive *n, frame_t f, proc_t p) {
    const struct page *g = nv_first_mapping(n, f);
    return g && (!nv_local(n) || g->proc == p);
}

/* The first that was loaded at `from` or later; FRAME_NONE: none was. */
static frame_t loaded_from(const struct naive *n, proc_t p, uint64_t from) {
    frame_t best = FRAME_NONE;
    for (frame_t f = 0; f < n->config->frames; f++)
        if (is_candidate(n, f, p) && n->frame[f].loaded >= from && (best == FRAME_NONE || fifo_prefers(n, f, best))) best = f;
    return best;
}

/* The hand goes towards the newest, and from there to the oldest. */
static frame_t by_sieve(struct naive *n, proc_t p) {
    uint64_t *hand = &n->sieve[nv_local(n) ? p : 0];
    for (;;) {
        frame_t f = loaded_from(n, p, *hand);
        if (f == FRAME_NONE) f = loaded_from(n, p, 0);
        bool newest = loaded_from(n, p, n->frame[f].loaded + 1) == FRAME_NONE;
        *hand = newest ? 0 : n->frame[f].loaded + 1;
        if (!nv_may_leave(n, f, p)) continue;
        if (!nv_is_referenced(n, f)) return f;
        nv_clear_referenced(n, f);
    }
}

/* A page that stays goes to its slot; a part of a huge page is split off first. */
static void write_ahead(struct naive *n, frame_t f) {
    struct page *g = nv_first_mapping(n, f);
    nv_split(n, g);
    if (!g->has_slot) n->slots_used++;
    g->has_slot = true;
    g->dirty = false;
    n->count.swap_writes++;
    if (nv_has(n, PTE_D)) nv_tlb_drop_page(n, g->proc, g->vpn);
}

static bool wsclock_prefers(const struct naive *n, frame_t a, frame_t b) {
    if (n->frame[a].stamp != n->frame[b].stamp) return n->frame[a].stamp < n->frame[b].stamp;
    return !is_dirty(n, a) && is_dirty(n, b);
}

/* Two rounds for a clean page that is older than tau; else the oldest, seen from the hand. */
static frame_t by_wsclock(struct naive *n, proc_t p) {
    frame_t *hand = &n->hand[nv_local(n) ? p : 0], start = *hand, best = FRAME_NONE;
    uint32_t frames = n->config->frames;
    for (uint32_t i = 0; i < 2 * frames; i++) {
        frame_t f = (start + i) % frames;
        if (!nv_may_leave(n, f, p)) continue;
        if (nv_is_referenced(n, f)) {
            nv_clear_referenced(n, f);
            n->frame[f].stamp = n->ref_now;
        } else if (n->ref_now - n->frame[f].stamp > n->config->policy.tau) {
            *hand = (f + 1) % frames;
            if (!is_dirty(n, f)) return f;
            write_ahead(n, f);
        }
    }
    for (uint32_t i = 0; i < frames; i++) {
        frame_t f = (start + i) % frames;
        if (nv_may_leave(n, f, p) && (best == FRAME_NONE || wsclock_prefers(n, f, best))) best = f;
    }
    *hand = (best + 1) % frames;
    return best;
}

/* The oldest in the queue; one that was referenced goes to the queue's end instead. */
static frame_t by_second_chance(struct naive *n, proc_t p) {
    for (;;) {
        frame_t oldest = FRAME_NONE;
        for (frame_t f = 0; f < n->config->frames; f++)
            if (nv_may_leave(n, f, p) && (oldest == FRAME_NONE || fifo_prefers(n, f, oldest))) oldest = f;
        if (!nv_is_referenced(n, oldest)) return oldest;
        nv_clear_referenced(n, oldest);
        n->frame[oldest].loaded = n->clock++;
    }
}

static frame_t by_lot(struct naive *n, proc_t p) {
    frame_t f = n->victims_seen < n->seen->victims ? n->seen->victim[n->victims_seen] : 0;
    if (f < n->config->frames && nv_may_leave(n, f, p)) return f;
    n->impossible = "RANDOM chose a frame that may not leave";
    return FRAME_NONE;
}

frame_t nv_choose_victim(struct naive *n, proc_t p) {
    bool any = false;
    for (frame_t f = 0; f < n->config->frames; f++) any = any || nv_may_leave(n, f, p);
    if (!any) return FRAME_NONE;
    if (nv_policy_is(n, "clock")) return by_clock(n, p);
    if (nv_policy_is(n, "second_chance")) return by_second_chance(n, p);
    if (nv_policy_is(n, "random")) return by_lot(n, p);
    if (nv_policy_is(n, "enhanced_clock")) return by_enhanced_clock(n, p);
    if (nv_policy_is(n, "wsclock")) return by_wsclock(n, p);
    if (nv_policy_is(n, "sieve")) return by_sieve(n, p);
    if (nv_has_lists(n)) return nv_lists_victim(n, p);
    return best_by_order(n, p);
}

void nv_page_leaves(struct naive *n, struct page *g) {
    nv_tlb_drop_page(n, g->proc, g->vpn);
    g->where = g->dirty || g->has_slot ? PAGE_SWAPPED : PAGE_DROPPED;
    g->frame = FRAME_NONE;
    g->order = 0;
    g->accessed = g->dirty = false;
}

void nv_evict(struct naive *n, frame_t f, struct naive_translation *t) {
    struct page *g = nv_first_mapping(n, f);
    nv_split(n, g);
    t->evicted = true;
    t->victim_proc = g->proc;
    t->victim_vpn = g->vpn;
    t->victim_dirty = g->dirty;
    nv_lists_left(n, f);
    n->victims_seen++;
    n->count.evictions++;
    if (!g->dirty)
        n->count.evictions_clean++;
    else
        n->count.swap_writes++;
    if (g->dirty && !g->has_slot) {
        g->has_slot = true;
        n->slots_used++;
    }
    for (; g; g = nv_first_mapping(n, f)) nv_page_leaves(n, g);
    n->frame[f].used = false;
}

/* ---- pages that leave by themselves ---- */

static void let_go(struct naive *n, frame_t f) {
    struct naive_translation nobody;
    nv_evict(n, f, &nobody);
}

/* Of process p's (all under scope global), the oldest that was not used for more than tau references. */
static frame_t too_old(const struct naive *n, proc_t p) {
    frame_t best = FRAME_NONE;
    for (frame_t f = 0; f < n->config->frames; f++)
        if (nv_may_leave(n, f, p) && n->ref_now - n->frame[f].ref > n->config->policy.tau &&
            (best == FRAME_NONE || lru_prefers(n, f, best)))
            best = f;
    return best;
}

void nv_let_old_go(struct naive *n) {
    if (!nv_policy_is(n, "working_set")) return;
    for (proc_t p = 0; p < (nv_local(n) ? n->config->process_count : 1); p++)
        for (frame_t f; (f = too_old(n, p)) != FRAME_NONE;) let_go(n, f);
}

/* Faults that lie tau references apart or more: whoever was not used in between leaves. */
void nv_let_unused_go(struct naive *n, proc_t p) {
    uint64_t *fault = &n->fault[nv_local(n) ? p : 0];
    if (!nv_policy_is(n, "pff")) return;
    for (frame_t f = 0; *fault && n->ref_now + 1 - *fault >= n->config->policy.tau && f < n->config->frames; f++) {
        const struct page *g = nv_first_mapping(n, f);
        if (!g || (nv_local(n) && g->proc != p)) continue;
        if (nv_is_referenced(n, f)) nv_clear_referenced(n, f);
        else if (nv_may_leave(n, f, p)) let_go(n, f);
    }
    *fault = n->ref_now + 1;
}
