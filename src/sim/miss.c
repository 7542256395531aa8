/* miss.c - steps that the TLB alone cannot do: a walk, a first write, a page fault.
 *
 *   not in the TLB --> walk --> A and D --> fill the TLB --> memory
 *                        | fault
 *                        +--> the kernel's micro-steps --> walk again...
 *   in the TLB, but a first write: walk --> D --> memory
 *
 * Each changes the state as its micro-steps would, and tells nobody. The kernel's own
 * micro-steps are made one after the other; whatever does not end with the access made again
 * (a signal, a second fault, a huge page, kswapd) is left to the sequencer, latched as it would be.
 */
#include "sim/miss.h"

#include "sim/watch.h"

void misses_begin(struct misses *x, const struct machine *m) {
    x->straight = phase_walks_straight(m);
    memset(x->ops, 0, sizeof x->ops);
    x->missed = 0;
    x->rough = 0;
    count_kinds(x->counted);
    quick_walk_begin(&x->quick, &m->hw, m->config->frames);
}

void misses_forget(struct misses *x) {
    x->rough = 0;
    quick_walk_forget(&x->quick);
}

#define ROUGH 16 /* after a fault, many of the next steps will need walks, or the kernel */

/* ---- walking ---- */

/* Level by level. */
static enum hw_fault walk_way(const struct machine *m, struct misses *x, const struct step *s, struct way *way) {
    struct walk *w = &way->walk;
    walk_begin(w, m->hw.format, &m->hw.regs, s->va, (enum access_kind)s->op, true);
    if (!paging_va_exists(m->hw.format, s->va)) walk_stop(w, HW_FAULT_RANGE, w->failed);
    while (!w->done) walk_level(w, m->hw.format, m->hw.ram);
    quick_walk_learn(&x->quick, m->hw.format, w);
    return (enum hw_fault)w->fault;
}

/* From the access to a leaf that permits it; else why not. Nothing is changed. */
TLB_INLINE enum hw_fault find_way(const struct machine *m, struct misses *x, const struct step *s, struct way *way) {
    enum quick_result r = quick_walk(&x->quick, m->hw.ram, s->va, (enum access_kind)s->op, &way->leaf);
    way->quick = r != QUICK_UNKNOWN;
    if (!way->quick) return walk_way(m, x, s, way);
    return r == QUICK_FINE ? HW_FAULT_NONE : HW_FAULT_NOT_VALID;
}

/* Words read on the way. */
static uint64_t way_reads(const struct misses *x, const struct way *way) {
    return way->quick ? x->quick.levels : way->walk.reads;
}

/* A and D at every level; returns how many words were written. */
static unsigned set_bits_walked(struct machine *m, struct misses *x, struct way *way) {
    struct walk_write due;
    unsigned n = 0;
    for (; m->status == VS_OK && walk_next_write(&way->walk, m->hw.format, &due); n++)
        m->status = walk_write(&way->walk, m->hw.format, m->hw.ram, &due);
    quick_walk_learn(&x->quick, m->hw.format, &way->walk);
    return n;
}

/* A and D of the way's PTEs. */
TLB_INLINE void set_bits(struct machine *m, struct misses *x, struct way *way) {
    unsigned n = 1;
    if (!way->quick) n = set_bits_walked(m, x, way);
    else if (way->leaf.changes) m->status = quick_write(&x->quick, m->hw.ram, &way->leaf);
    else n = 0;
    m->counters.time_ns += n * m->config->timing.memory;
}

static void count_reads(struct machine *m, uint64_t reads) {
    m->counters.walk_reads += reads;
    m->counters.time_ns += reads * m->config->timing.memory;
}

/* ---- what hardware does alone ---- */

/* The access is made to page pfn, as reference `now`. */
TLB_INLINE void touch(struct machine *m, pfn_t pfn, const struct step *s, uint64_t now) {
    struct kernel *k = m->kernel;
    if (pfn >= m->config->frames || !k->frame[pfn].shares) return;
    k->now = now;
    uint32_t next_use = m->future && now < m->future->count ? m->future->next[now] : NEXT_NEVER;
    kernel_referenced(k, (frame_t)pfn, (enum access_kind)s->op, next_use);
}

static struct tlb *first_unit(const struct machine *m, const struct step *s) {
    return m->hw.tlbs.unit[tlbs_first(&m->hw.tlbs, (enum access_kind)s->op)];
}

/* Into whichever way of the TLB; there is no second level. */
static void fill_any(const struct machine *m, struct misses *x, const struct step *s, const struct way *way) {
    vpn_t vpn = va_to_vpn(s->va, x->quick.page_shift);
    struct tlb_entry e = way->quick ? quick_entry(&x->quick, way->leaf.word, vpn, m->hw.regs.asid)
                                    : walk_tlb_entry(&way->walk, m->hw.format);
    tlb_insert(first_unit(m, s), &e, NULL);
}

/* To the end of a way without a fault: the TLB is filled, the access made. */
TLB_INLINE pfn_t go(struct machine *m, struct misses *x, const struct step *s, struct way *way, uint64_t now) {
    vpn_t vpn = va_to_vpn(s->va, x->quick.page_shift);
    set_bits(m, x, way);
    pfn_t pfn = way->quick ? quick_pfn(&x->quick, way->leaf.word) : way->walk.pfn;
    bool filled = way->quick && tlb_replace(first_unit(m, s), quick_entry(&x->quick, way->leaf.word, vpn, m->hw.regs.asid));
    if (!filled) fill_any(m, x, s, way);
    touch(m, pfn, s, now);
    return pfn;
}

/* A first write to a page that is in the TLB: D is set in its PTE, then in the entry. */
static enum miss_result first_write(struct machine *m, struct misses *x, const struct step *s, struct tlb *tlb,
                                    struct tlb_place at, uint64_t now) {
    const struct tlb_entry *e = tlb_at(tlb, at.set, at.way);
    struct way way;
    if (e->order || find_way(m, x, s, &way) || !way.quick || quick_pfn(&x->quick, way.leaf.word) != e->pfn) return MISS_OTHER;
    tlb_touch(tlb, at.set, at.way);
    count_reads(m, x->quick.levels);
    set_bits(m, x, &way);
    tlb_set_dirty(tlb, at.set, at.way);
    touch(m, e->pfn, s, now);
    m->shortcuts.written++;
    return MISS_DONE;
}

/* The page is in the TLB. */
TLB_INLINE enum miss_result hit(struct machine *m, struct misses *x, const struct step *s, struct tlb *tlb,
                            struct tlb_place at, uint64_t now) {
    const struct tlb_entry *e = tlb_at(tlb, at.set, at.way);
    const unsigned need = PERM_U | access_needs((enum access_kind)s->op);
    x->outcome = OUT_HIT;
    if ((e->perms & need) != need) return MISS_OTHER;
    if (s->op == ACCESS_WRITE && !e->dirty) return first_write(m, x, s, tlb, at, now);
    tlb_touch(tlb, at.set, at.way);
    touch(m, e->pfn + (va_to_vpn(s->va, x->quick.page_shift) - e->vpn), s, now);
    return MISS_DONE;
}

/* One page, by the process that runs, in user mode, and no byte of it matters. */
static bool is_plain(const struct machine *m, const struct step *s) {
    return s->kind == STEP_ACCESS && !s->name && !(s->flags & (STEP_HAS_VALUE | STEP_KERNEL)) &&
           !step_crosses(s, m->hw.format->page_shift) && (s->proc == PROC_NONE || s->proc == m->kernel->running);
}

/* Step s is the next one. */
TLB_INLINE enum miss_result one_step(struct machine *m, struct misses *x, const struct step *s, uint64_t now) {
    struct way *way = &x->way;
    if (!is_plain(m, s)) return MISS_OTHER;
    struct tlb *tlb = first_unit(m, s);
    struct tlb_place at = tlb_look(tlb, va_to_vpn(s->va, x->quick.page_shift), m->hw.regs.asid);
    if (at.way != TLB_NO_WAY) return hit(m, x, s, tlb, at, now);
    x->fault = find_way(m, x, s, way);
    if (x->fault != HW_FAULT_NONE) return MISS_FAULT;
    count_reads(m, way_reads(x, way));
    go(m, x, s, way, now);
    m->shortcuts.walked++;
    m->shortcuts.quick += way->quick;
    x->outcome = OUT_TLB_MISS;
    return MISS_DONE;
}

uint64_t miss_row(struct machine *m, struct misses *x, const struct step_refs *r, size_t from, uint64_t now, uint8_t *log) {
    size_t i = from;
    x->end = x->straight ? MISS_DONE : MISS_OTHER;
    while (x->end == MISS_DONE && i < r->count && m->status == VS_OK) {
        const struct step s = step_of_ref(r, i);
        x->end = one_step(m, x, &s, now + i);
        if (x->end != MISS_DONE) break;
        bool missed = x->outcome == OUT_TLB_MISS;
        if (log) log[i] = x->outcome;
        x->ops[s.op]++;
        x->missed += missed;
        i++;
        if (x->rough) x->rough--;
        else if (!missed) break;
    }
    return i - from;
}

/* ---- with the kernel ---- */

static void count_for(void *whose, const struct event *e) { count_event(whose, e); }

/* All of its micro-steps. */
static void serve(struct machine *m, const struct misses *x) {
    enum vs_status s = kernel_serve(m->kernel, &m->last, count_for, m, x->counted);
    if (s != VS_OK) m->status = s;
}

/* The access begins, goes so far, and traps. */
static void trap(struct machine *m, struct misses *x, const struct step *s, const struct way *way, enum hw_fault fault) {
    m->counters.tlb_misses++;
    count_reads(m, way_reads(x, way));
    m->counters.time_ns += m->config->timing.tlb + m->config->timing.trap;
    m->counters.translations++;
    phase_count_access(m, (enum access_kind)s->op);
    paddr_t entry = way->quick ? way->leaf.addr : walk_last_entry(&way->walk, m->hw.format);
    kernel_fault_begin(m->kernel, &(struct fault_request){s->va, (enum access_kind)s->op, fault, s->flags & STEP_AUTOMAP, false, entry});
}

/* What the sequencer need not look at: the access is simply made again, and nothing waits behind it. */
static bool simply_again(const struct machine *m) {
    const struct os_latch *l = &m->kernel->latch;
    return m->status == VS_OK && l->resumed && l->order == 0 && !kernel_reclaim_wanted(m->kernel);
}

/* Made again, the access finds its page. */
static void again(struct machine *m, struct misses *x, const struct step *s, struct way *way) {
    m->counters.time_ns += m->config->timing.tlb + m->config->timing.memory;
    count_reads(m, way_reads(x, way));
    pfn_t pfn = go(m, x, s, way, m->references);
    if (pfn < m->config->frames && phase_fault_loads(m->kernel->latch.fault) && phase_clears_reference(m)) {
        kernel_clear_reference_begin(m->kernel, (frame_t)pfn);
        serve(m, x);
    }
    m->kernel->now = ++m->references;
    m->cursor++;
    m->steps_done++;
    m->counters.steps++;
}

enum miss_result miss_fault(struct machine *m, struct misses *x, const struct step *s) {
    struct way *way = &x->way;
    trap(m, x, s, way, x->fault);
    serve(m, x);
    m->shortcuts.served++;
    x->rough = ROUGH;
    x->outcome = (uint8_t)machine_fault_outcome(m->kernel->latch.fault);
    if (simply_again(m) && find_way(m, x, s, way) == HW_FAULT_NONE) {
        again(m, x, s, way);
        return MISS_DONE;
    }
    m->shortcuts.left++;
    phase_after_fault(m, s);
    x->outcome = (uint8_t)machine_outcome(m);
    return m->in_step || m->status != VS_OK ? MISS_LEFT : MISS_ENDED;
}
