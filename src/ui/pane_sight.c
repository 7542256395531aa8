/* pane_sight.c - what the panes look at: the machine, the access under way as its
 * events tell it, and what the last event touches. See pane_util.h.
 *
 * Two tables know the kinds of events: note_table what each adds to the access,
 * touch_table what each lights up.
 */
#include "ui/pane_util.h"

/* ---- the access under way ---- */

static void restart_flight(struct flight *f) {
    f->walked = f->by_handler = f->translated = f->trapped = f->denied = false;
    f->tlb = TLB_OUT_NONE;
    f->unit = TLB_DATA;
    f->order = 0;
    f->set = 0;
    f->way = TLB_NO_WAY;
    for (int u = 0; u < TLB_UNITS; u++) f->look[u] = (struct tlb_look){.way = TLB_NO_WAY};
}

static void note_access(struct flight *f, const struct event *e) {
    *f = (struct flight){.active = true, .proc = e->proc, .op = (enum access_kind)e->op, .va = e->va, .kernel = e->kernel_mode};
    restart_flight(f);
}

static void note_restart(struct flight *f, const struct event *e) {
    (void)e;
    restart_flight(f);
}

static void note_look(struct flight *f, const struct event *e, enum tlb_outcome out) {
    f->look[e->unit] = (struct tlb_look){out, e->set, out == TLB_OUT_HIT ? e->way : TLB_NO_WAY};
    if (e->unit == TLB_SECOND) return;
    f->unit = (enum tlb_unit)e->unit;
    f->tlb = out;
    f->set = e->set;
    f->way = f->look[e->unit].way;
}

static void note_pfn(struct flight *f, const struct event *e) {
    f->translated = true;
    f->pfn = e->pfn;
    f->order = e->order;
}

static void note_hit(struct flight *f, const struct event *e) {
    note_look(f, e, TLB_OUT_HIT);
    note_pfn(f, e);
}

static void note_denied(struct flight *f, const struct event *e) {
    note_look(f, e, TLB_OUT_HIT);
    f->denied = true;
}

static void note_miss(struct flight *f, const struct event *e) { note_look(f, e, TLB_OUT_MISS); }

static void note_fill(struct flight *f, const struct event *e) {
    f->look[e->unit].set = e->set; /* of a huge page: another set than the one searched */
    f->look[e->unit].way = e->way;
    if (e->unit == TLB_SECOND) return;
    f->set = e->set;
    f->way = e->way;
}

static void note_level(struct flight *f, const struct event *e) {
    (void)e;
    f->walked = true;
}

static void note_leaf(struct flight *f, const struct event *e) {
    note_pfn(f, e);
    f->walked = true;
}

static void note_segment(struct flight *f, const struct event *e) {
    f->translated = f->walked = true;
    f->pfn = e->pfn;
}

static void note_handler(struct flight *f, const struct event *e) {
    (void)e;
    f->walked = f->by_handler = true;
}

static void note_trap(struct flight *f, const struct event *e) {
    (void)e;
    f->trapped = true;
}

static void note_end(struct flight *f, const struct event *e) {
    (void)e;
    f->refused = true;
}

/* What each event adds to what is known of the access; NULL: nothing. */
/* clang-format off */
static void (*const note_table[EV_COUNT])(struct flight *f, const struct event *e) = {
    [EV_ACCESS] = note_access,      [EV_SPLIT] = note_access,       [EV_RETRY] = note_restart,
    [EV_TLB_HIT] = note_hit,        [EV_TLB_DENIED] = note_denied,  [EV_TLB_MISS] = note_miss,
    [EV_TLB2_HIT] = note_hit,       [EV_TLB2_MISS] = note_miss,     [EV_TLB2_FILL] = note_fill,
    [EV_TLB_FILL] = note_fill,      [EV_TLB_REPLACE] = note_fill,   [EV_REFILL_TLB] = note_fill,
    [EV_WALK_TABLE] = note_level,   [EV_WALK_LEAF] = note_leaf,     [EV_WALK_INVALID] = note_level,
    [EV_WALK_DENIED] = note_level,  [EV_WALK_BAD] = note_level,     [EV_WALK_CLEAR] = note_level,
    [EV_WALK_ANCHOR] = note_level,  [EV_WALK_CHAIN] = note_level,   [EV_WALK_BOUNDS] = note_level,
    [EV_WALK_SEGMENT] = note_segment, [EV_REFILL_READ] = note_handler, [EV_REFILL_FAULT] = note_handler,
    [EV_TRAP] = note_trap,          [EV_SIGSEGV] = note_end,        [EV_OOM] = note_end,
};
/* clang-format on */

static void follow_event(struct flight *f, const struct event *e, unsigned page_shift) {
    if (note_table[e->kind]) note_table[e->kind](f, e);
    f->vpn = va_to_vpn(f->va, page_shift);
}

/* Without the step's events (a run at full speed) the machine's latch has to do. */
static void flight_from_latch(struct flight *f, const struct sight *s) {
    const struct access_latch *a = machine_access(s->m);
    struct step step;
    if (!machine_step_now(s->m, &step) || step.kind != STEP_ACCESS) return;
    *f = (struct flight){.active = true,
                         .proc = s->proc,
                         .op = (enum access_kind)a->op,
                         .va = a->va,
                         .vpn = a->vpn,
                         .kernel = a->kernel_mode};
    restart_flight(f);
}

const struct walk *walk_of(const struct sight *s) {
    return s->flight.by_handler ? &s->k->latch.walk : &machine_access(s->m)->walk;
}

bool in_kernel_mode(const struct sight *s) {
    return s->flight.kernel || kernel_busy(s->k) || (s->last->kind != EV_NONE && event_table[s->last->kind].actor == ACTOR_OS);
}

struct sight sight_of(const struct view *v) {
    static const struct event nothing;
    struct sight s = {.m = v->machine, .hw = machine_hw(v->machine), .k = machine_kernel(v->machine)};
    s.f = s.hw->format;
    s.proc = s.k->running;
    s.p = &s.k->process[s.proc];
    s.last = v->last ? v->last : &nothing;
    for (size_t i = 0; v->events && i < v->events_done; i++)
        follow_event(&s.flight, &v->events[i], s.f->page_shift);
    if (!v->events || v->events_done == 0) flight_from_latch(&s.flight, &s);
    return s;
}

bool process_seen(const struct kernel *k, proc_t p) { return p < k->process_count && k->process[p].born; }

struct sight sight_at(const struct view *v, proc_t p) {
    struct sight s = sight_of(v);
    if (!process_seen(s.k, p)) return s;
    s.proc = p;
    s.p = &s.k->process[p];
    return s;
}

struct sight sight_shown(const struct view *v) { return sight_at(v, v->looking ? v->looking->shown : PROC_NONE); }

/* ---- what an event touches ---- */

/* clang-format off */
static const struct {
    unsigned what;
    char mark;
} touch_table[EV_COUNT] = {
    [EV_TLB_HIT] = {TOUCH_WAY, '>'},
    [EV_TLB_MISS] = {TOUCH_SET, '?'},
    [EV_TLB_DENIED] = {TOUCH_WAY, '!'},
    [EV_TLB_CLEAN] = {TOUCH_WAY, '>'},
    [EV_TLB2_HIT] = {TOUCH_WAY, '>'},
    [EV_TLB2_MISS] = {TOUCH_SET, '?'},
    [EV_TLB2_FILL] = {TOUCH_WAY, '*'},
    [EV_REFILL_BITS] = {TOUCH_PAGE, '*'},
    [EV_REFILL_TLB] = {TOUCH_WAY, '*'},
    [EV_FRAMES_RUN] = {TOUCH_FRAME, '*'},
    [EV_HUGE_SPLIT] = {TOUCH_FRAME | TOUCH_OLD_PAGE, '~'},
    [EV_BITS_BY_OS] = {TOUCH_FRAME | TOUCH_PAGE, '*'},
    [EV_BITS_SET] = {TOUCH_PAGE, '*'},
    [EV_TLB_FILL] = {TOUCH_WAY, '*'},
    [EV_TLB_REPLACE] = {TOUCH_WAY, '*'},
    [EV_TLB_DIRTY] = {TOUCH_WAY, '*'},
    [EV_MEM_READ] = {TOUCH_FRAME, '<'},
    [EV_MEM_WRITE] = {TOUCH_FRAME, '<'},
    [EV_MEM_TOUCH] = {TOUCH_FRAME, '<'},
    [EV_MEM_FETCH] = {TOUCH_FRAME, '<'},
    [EV_FRAME_FREE] = {TOUCH_FRAME, '*'},
    [EV_POLICY_PASS] = {TOUCH_FRAME, '~'},
    [EV_POLICY_LEAVE] = {TOUCH_FRAME, 'x'},
    [EV_WRITE_AHEAD] = {TOUCH_FRAME | TOUCH_SLOT, '~'},
    [EV_POLICY_MOVE] = {TOUCH_FRAME, '~'},
    [EV_VICTIM] = {TOUCH_FRAME, 'x'},
    [EV_UNMAP] = {TOUCH_FRAME | TOUCH_OLD_PAGE, 'x'},
    [EV_SWAP_WRITE] = {TOUCH_FRAME | TOUCH_SLOT, 'x'},
    [EV_VICTIM_DROP] = {TOUCH_FRAME, 'x'},
    [EV_ZERO_FILL] = {TOUCH_FRAME, '*'},
    [EV_SWAP_READ] = {TOUCH_FRAME | TOUCH_SLOT, '*'},
    [EV_FILE_READ] = {TOUCH_FRAME, '*'},
    [EV_SHARE] = {TOUCH_FRAME, '*'},
    [EV_PTE_WRITE] = {TOUCH_FRAME | TOUCH_PAGE, '*'},
    [EV_REF_CLEAR] = {TOUCH_FRAME | TOUCH_PAGE, '~'},
    [EV_COW_COPY] = {TOUCH_FRAME | TOUCH_FROM, '*'},
    [EV_COW_REUSE] = {TOUCH_FRAME | TOUCH_PAGE, '*'},
    [EV_ZERO_COPY] = {TOUCH_FRAME, '*'},
    [EV_SHARE_SWAP] = {TOUCH_FRAME | TOUCH_SLOT, '*'},
    [EV_IDLE_VICTIM] = {TOUCH_FRAME, 'x'},
    [EV_FILE_WRITE] = {TOUCH_FRAME, 'x'},
    [EV_FORK_REGION] = {TOUCH_PAGES | TOUCH_OLD_PAGES, '='},
    [EV_MAPPED] = {TOUCH_PAGES, '*'},
    [EV_REGION_GROWN] = {TOUCH_PAGES, '*'},
    [EV_REGION_MOVED] = {TOUCH_PAGES, '*'},
    [EV_UNMAPPED] = {TOUCH_PAGES, 'x'},
    [EV_PROTECTED] = {TOUCH_PAGES, '*'},
    [EV_ADVISED_AWAY] = {TOUCH_PAGES, 'x'},
    [EV_ADVISED_FREE] = {TOUCH_PAGES, '~'},
    [EV_LOCKED] = {TOUCH_PAGES, '*'},
    [EV_UNLOCKED] = {TOUCH_PAGES, '~'},
};
/* clang-format on */

bool touches(const struct sight *s, enum touch what) { return touch_table[s->last->kind].what & what; }

/* Is frame f mapped by one of these pages of process p? Then *vpn is the first that is found. */
static bool mapped_among(const struct kernel *k, frame_t f, proc_t p, vpn_t first, vpn_t last, vpn_t *vpn) {
    const struct rmap *r = &k->frame[f].owner;
    for (uint32_t i = 0; i < k->frame[f].shares; i++, r = &k->rmap_pool[r->next]) {
        if (r->proc == p && r->vpn >= first && r->vpn <= last) return *vpn = r->vpn, true;
        if (r->next == UINT32_MAX) break;
    }
    return false;
}

bool frame_maps(const struct kernel *k, frame_t f, proc_t p, vpn_t *vpn) {
    vpn_t any;
    return mapped_among(k, f, p, 0, UINT64_MAX, vpn ? vpn : &any);
}

/* Frames that the event is about: FRAMES_RUN counts them, other events tell the page's order, calls the pages. */
bool touches_frame(const struct sight *s, frame_t f) {
    const struct event *e = s->last;
    uint64_t count = e->kind == EV_FRAMES_RUN || e->kind == EV_HUGE_SPLIT ? e->count : (uint64_t)1 << e->order;
    uint64_t first = e->kind == EV_FRAMES_RUN ? e->frame : e->frame & ~(count - 1);
    bool one_of_many = e->kind == EV_VICTIM || (e->kind >= EV_MEM_READ && e->kind <= EV_MEM_FETCH);
    vpn_t any;
    if (touches(s, TOUCH_PAGES)) return mapped_among(s->k, f, e->proc, e->first, e->last, &any);
    if (!touches(s, TOUCH_FRAME) || e->frame == FRAME_NONE) return false;
    return f == e->frame || (!one_of_many && f >= first && f - first < count);
}

bool touches_unit(const struct sight *s, enum touch what, enum tlb_unit unit) {
    return touches(s, what) && s->last->unit == unit;
}

char touch_mark(const struct sight *s) {
    char mark = touch_table[s->last->kind].mark;
    return mark ? mark : ' ';
}

bool page_in_use(const struct sight *s, vpn_t vpn) {
    return s->flight.active && s->flight.proc == s->proc && s->flight.vpn == vpn;
}

/* Does the page of 2^order pages around vpn lie among first..end-1, at least in part? */
static bool page_among(vpn_t vpn, unsigned order, vpn_t first, vpn_t end) {
    vpn_t begins = vpn & ~low_bits(order);
    return begins < end && begins + low_bits(order) >= first;
}

bool pages_changed(const struct sight *s, vpn_t first, vpn_t end) {
    const struct event *e = s->last;
    bool new = e->proc == s->proc, old = e->old_proc == s->proc;
    if (touches(s, TOUCH_PAGE) && new && page_among(e->vpn, e->order, first, end)) return true;
    if (touches(s, TOUCH_OLD_PAGE) && old && page_among(e->old_vpn, e->order, first, end)) return true;
    bool pages = (touches(s, TOUCH_PAGES) && new) || (touches(s, TOUCH_OLD_PAGES) && old);
    return pages && e->first < end && e->last >= first;
}
