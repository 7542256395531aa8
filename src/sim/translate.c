/* translate.c - the hardware's way from a virtual address to a frame, a micro-step each:
 *
 *   TLB --miss--> second level --miss--> walk, level by level --> A and D --> fill --> memory
 *    | hit            | hit                   | fault
 *    +--> memory      +--> fill               +--> trap
 */
#include "sim/phase.h"

/* ---- TLBs ---- */

static struct tlb *unit_of(const struct machine *m, unsigned unit) { return m->hw.tlbs.unit[unit]; }
static bool has_tlb(const struct machine *m) { return tlbs_has(&m->hw.tlbs, TLB_DATA); }
static bool has_second(const struct machine *m) { return tlbs_has(&m->hw.tlbs, TLB_SECOND); }

static bool permits(const struct machine *m, unsigned perms) {
    const struct access_latch *a = &m->access;
    return mmu_permits(m->hw.format, m->hw.regs.mode, perms, (enum access_kind)a->op, !a->kernel_mode);
}

/* The hardware cannot go on: what the trap will report. */
static void stop_for(struct machine *m, enum hw_fault fault) {
    struct access_latch *a = &m->access;
    a->walk = (struct walk){.va = a->va, .op = a->op, .user = !a->kernel_mode, .mode = m->hw.regs.mode,
                            .fault = (uint8_t)fault, .done = true};
    m->phase = PH_TRAP;
}

static void start_walk(struct machine *m, bool dirty_walk) {
    struct access_latch *a = &m->access;
    walk_begin(&a->walk, m->hw.format, &m->hw.regs, a->va, (enum access_kind)a->op, !a->kernel_mode);
    a->dirty_walk = dirty_walk;
    /* ARM has one root here, and two halves of addresses: */
    if (!paging_va_exists(m->hw.format, a->va)) walk_stop(&a->walk, HW_FAULT_RANGE, a->walk.failed);
    m->phase = a->walk.done ? PH_TRAP : PH_WALK;
}

/* No TLB knows the page: walk, or let the kernel's handler do it. */
static void after_miss(struct machine *m) {
    if (m->config->software_refill) stop_for(m, HW_FAULT_TLB_MISS);
    else start_walk(m, false);
}

/* A first write through a clean entry sets D on its way; everything else can go to memory. */
static enum machine_phase after_translation(const struct machine *m) {
    return m->access.op == ACCESS_WRITE && !m->access.entry.dirty ? PH_CLEAN : PH_MEMORY;
}

/* Which rule of the architecture forbids what the TLB entry does not allow; NULL: none by name. */
static const char *rule_broken(const struct machine *m) {
    static const struct { unsigned perm; enum pte_flag flag; } map[] = {
        {PERM_R, PTE_R}, {PERM_W, PTE_W}, {PERM_X, PTE_X}, {PERM_U, PTE_U}};
    const struct access_latch *a = &m->access;
    struct walk w = {.op = a->op, .user = !a->kernel_mode, .mode = m->hw.regs.mode, .perms = a->perms};
    w.pte.flags = PTE_BIT(PTE_V) | PTE_BIT(PTE_A) | PTE_BIT(PTE_D);
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (a->perms & map[i].perm) w.pte.flags |= PTE_BIT(map[i].flag);
    w.word = paging_encode(m->hw.format, w.pte);
    walk_checks(&w, m->hw.format, STAGE_LEAF);
    return w.fault == HW_FAULT_DENIED ? w.failed->why : NULL;
}

/* The unit's entry at set and way holds the page. */
static void hit(struct machine *m, struct event *e, bool second) {
    struct access_latch *a = &m->access;
    struct tlb *tlb = unit_of(m, second ? TLB_SECOND : a->unit);
    tlb_touch(tlb, a->set, a->way);
    a->entry = *tlb_at(tlb, a->set, a->way);
    a->pfn = a->entry.pfn + (a->vpn - a->entry.vpn);
    a->perms = a->entry.perms;
    a->from_second = second;
    bool allowed = permits(m, a->perms);
    *e = phase_tell(m, !allowed ? EV_TLB_DENIED : second ? EV_TLB2_HIT : EV_TLB_HIT);
    e->unit = second ? TLB_SECOND : a->unit;
    e->pfn = a->pfn;
    e->perms = a->perms;
    e->order = a->entry.order;
    if (!allowed) e->rule = rule_broken(m);
    if (!allowed) stop_for(m, HW_FAULT_DENIED);
    else m->phase = second ? PH_FILL : after_translation(m);
}

/* Look into one unit; set and way are latched. */
static bool find(struct machine *m, unsigned unit) {
    struct access_latch *a = &m->access;
    struct tlb_place at = tlb_find(unit_of(m, unit), a->vpn, m->hw.regs.asid);
    a->set = (uint16_t)at.set;
    a->way = at.way;
    m->counters.time_ns += m->config->timing.tlb;
    return at.way != TLB_NO_WAY;
}

/* The first look-up of a translation counts; after a fault it is made again. */
static void count_look_up(struct machine *m, bool found) {
    if (m->access.retry) return;
    phase_part(m)->tlb = found ? TLB_OUT_HIT : TLB_OUT_MISS;
    m->counters.tlb_hits += found;
    m->counters.tlb_misses += !found;
}

void phase_look_up(struct machine *m, struct event *e) {
    const struct access_latch *a = &m->access;
    if (!has_tlb(m)) { /* a machine without a TLB */
        start_walk(m, false);
        if (m->phase == PH_WALK) phase_walk(m, e);
        else phase_trap(m, e);
        return;
    }
    bool found = find(m, a->unit);
    count_look_up(m, found);
    if (found) {
        hit(m, e, false);
        return;
    }
    *e = phase_tell(m, EV_TLB_MISS);
    if (has_second(m)) m->phase = PH_LOOKUP2;
    else after_miss(m);
}

void phase_look_up_second(struct machine *m, struct event *e) {
    const struct access_latch *a = &m->access;
    bool found = find(m, TLB_SECOND);
    m->counters.tlb2_hits += found && !a->retry;
    m->counters.tlb2_misses += !found && !a->retry;
    if (found) {
        hit(m, e, true);
        return;
    }
    *e = phase_tell(m, EV_TLB2_MISS);
    e->unit = TLB_SECOND;
    after_miss(m);
}

void phase_clean_hit(struct machine *m, struct event *e) {
    *e = phase_tell(m, EV_TLB_CLEAN);
    if (m->config->software_refill) stop_for(m, HW_FAULT_BITS);
    else start_walk(m, true);
}

/* ---- the walk ---- */

static enum event_kind walk_event(const struct walk *w, const struct paging_format *f) {
    static const enum event_kind stopped[HW_FAULTS] = {
        [HW_FAULT_NONE] = EV_WALK_LEAF,     [HW_FAULT_NOT_VALID] = EV_WALK_INVALID, [HW_FAULT_DENIED] = EV_WALK_DENIED,
        [HW_FAULT_MALFORMED] = EV_WALK_BAD, [HW_FAULT_RANGE] = EV_WALK_BAD,         [HW_FAULT_BUS] = EV_WALK_BAD,
        [HW_FAULT_BITS] = EV_WALK_CLEAR,    [HW_FAULT_BOUNDS] = EV_WALK_BOUNDS,     [HW_FAULT_TLB_MISS] = EV_WALK_BAD};
    if (w->done && !w->fault && f->shape == SHAPE_SEGMENTS) return EV_WALK_SEGMENT;
    if (w->done) return stopped[w->fault];
    if (f->shape == SHAPE_HASHED) return w->reads == 1 ? EV_WALK_ANCHOR : EV_WALK_CHAIN;
    return EV_WALK_TABLE;
}

/* What must still happen after the leaf: bits to set, TLBs to fill, memory. */
static enum machine_phase after_leaf(const struct machine *m) {
    struct walk_write due;
    if (walk_next_write(&m->access.walk, m->hw.format, &due)) return PH_BITS;
    if (!has_tlb(m)) return PH_MEMORY;
    return has_second(m) && !m->access.dirty_walk ? PH_FILL2 : PH_FILL;
}

/* What the walk's last read brought. Nothing, if the PTE lay outside RAM: then only where it was to be. */
static void tell_read(struct event *e, const struct walk *w, const struct paging_format *f, bool was_read) {
    const struct walk_read *r = walk_last_read(w);
    if (!was_read && f->shape == SHAPE_TREE) {
        e->index = paging_index(f, w->va, w->level);
        e->table = w->table;
        return;
    }
    if (!r) return;
    e->index = r->index;
    e->table = r->table;
    e->pte = r->word;
    e->level = r->level;
}

static void count_read(struct machine *m) {
    if (m->hw.format->shape == SHAPE_SEGMENTS) return; /* its descriptors are in registers */
    m->counters.walk_reads++;
    m->counters.time_ns += m->config->timing.memory;
}

static unsigned bits_missing(const struct walk *w, const struct paging_format *f) {
    struct walk_write due;
    return walk_next_write(w, f, &due) ? due.bits : 0;
}

void phase_walk(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct walk *w = &a->walk;
    unsigned level = w->level;
    uint32_t before = w->reads;
    walk_level(w, m->hw.format, m->hw.ram);
    if (w->reads > before) count_read(m);
    *e = phase_tell(m, walk_event(w, m->hw.format));
    e->level = (uint8_t)level;
    tell_read(e, w, m->hw.format, w->reads > before);
    e->pte_addr = w->pte_addr;
    e->perms = w->perms;
    e->rule = w->failed ? w->failed->why : NULL;
    e->pa = w->pa;
    if (e->kind == EV_WALK_BAD) e->cause = w->fault;
    if (e->kind == EV_WALK_CLEAR) e->bits = (uint8_t)bits_missing(w, m->hw.format);
    if (!w->done) {
        e->next = w->table;
        e->pfn = w->index;
    } else if (w->fault) {
        m->phase = PH_TRAP;
    } else {
        e->pfn = a->pfn = w->pfn;
        e->order = (uint8_t)paging_leaf_order(m->hw.format, w->level);
        a->perms = w->perms;
        m->phase = after_leaf(m);
    }
}

void phase_set_bits(struct machine *m, struct event *e) {
    struct walk *w = &m->access.walk;
    struct walk_write due;
    *e = phase_tell(m, EV_BITS_SET);
    if (walk_next_write(w, m->hw.format, &due)) {
        e->bits = (uint8_t)due.bits;
        e->level = due.level;
        e->pte_addr = due.addr;
        e->pte_old = due.old;
        e->pte = due.word;
        m->status = walk_write(w, m->hw.format, m->hw.ram, &due);
    }
    m->counters.time_ns += m->config->timing.memory;
    m->phase = after_leaf(m);
}

/* ---- filling the TLBs ---- */

static void tell_entry(struct event *e, const struct tlb_entry *entry, struct tlb_place at) {
    e->set = (uint16_t)at.set;
    e->way = at.way;
    e->pfn = entry->pfn;
    e->perms = entry->perms;
    e->order = entry->order;
    e->vpn = entry->vpn;
}

void phase_fill_second(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct tlb_entry old;
    a->entry = walk_tlb_entry(&a->walk, m->hw.format);
    struct tlb_place at = tlbs_insert(&m->hw.tlbs, TLB_SECOND, &a->entry, &old, NULL);
    *e = phase_tell(m, EV_TLB2_FILL);
    e->unit = TLB_SECOND;
    tell_entry(e, &a->entry, at);
    e->old_vpn = old.vpn;
    m->phase = PH_FILL;
}

/* The page was clean, and its D has been set: the TLBs' entries learn it. */
static void learn_dirty(struct machine *m, struct event *e) {
    const struct access_latch *a = &m->access;
    struct tlb_place at = tlb_find(unit_of(m, a->unit), a->vpn, m->hw.regs.asid);
    if (at.way != TLB_NO_WAY) tlb_set_dirty(unit_of(m, a->unit), at.set, at.way);
    *e = phase_tell(m, EV_TLB_DIRTY);
    if (!has_second(m)) return;
    at = tlb_find(unit_of(m, TLB_SECOND), a->vpn, m->hw.regs.asid);
    if (at.way != TLB_NO_WAY) tlb_set_dirty(unit_of(m, TLB_SECOND), at.set, at.way);
}

void phase_fill(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct tlb_entry old;
    if (a->dirty_walk) {
        m->phase = PH_MEMORY;
        learn_dirty(m, e);
        return;
    }
    if (!a->from_second) a->entry = walk_tlb_entry(&a->walk, m->hw.format);
    struct tlb_place at = tlbs_insert(&m->hw.tlbs, (enum tlb_unit)a->unit, &a->entry, &old, NULL);
    a->set = (uint16_t)at.set;
    a->way = at.way;
    *e = phase_tell(m, old.valid ? EV_TLB_REPLACE : EV_TLB_FILL);
    tell_entry(e, &a->entry, at);
    e->old_vpn = old.vpn;
    m->phase = a->from_second ? after_translation(m) : PH_MEMORY;
}

/* ---- all of it at once ---- */

bool phase_walks_straight(const struct machine *m) {
    return !m->config->software_refill && has_tlb(m) && !has_second(m) && m->hw.format->shape != SHAPE_SEGMENTS;
}

/* Read every level, and set the bits that are due; false: a fault. */
static bool walk_at_once(struct machine *m, struct walk *w) {
    struct walk_write due;
    while (!w->done) walk_level(w, m->hw.format, m->hw.ram);
    m->counters.walk_reads += w->reads;
    m->counters.time_ns += w->reads * m->config->timing.memory;
    if (w->fault) return false;
    while (m->status == VS_OK && walk_next_write(w, m->hw.format, &due)) {
        m->status = walk_write(w, m->hw.format, m->hw.ram, &due);
        m->counters.time_ns += m->config->timing.memory;
    }
    return true;
}

void phase_translate(struct machine *m) {
    struct access_latch *a = &m->access;
    struct event nobody_hears;
    bool found = find(m, a->unit);
    count_look_up(m, found);
    if (found) {
        hit(m, &nobody_hears, false);
        return;
    }
    start_walk(m, false);
    m->phase = PH_TRAP;
    if (!walk_at_once(m, &a->walk)) return;
    a->pfn = a->walk.pfn;
    a->perms = a->walk.perms;
    a->entry = walk_tlb_entry(&a->walk, m->hw.format);
    tlbs_insert(&m->hw.tlbs, (enum tlb_unit)a->unit, &a->entry, NULL, NULL);
    m->phase = PH_MEMORY;
}
