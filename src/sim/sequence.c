/* sequence.c - one micro-step: the state machine drawn in machine.h.
 *
 * Each phase is one function: it does its part, tells one event and says by
 * m->phase what comes next. Hardware phases call src/hw, PH_OS lets the kernel
 * do one micro-step of its own; nothing else connects the two.
 */
#include "sim/state.h"

#include "vmscope/base/memory.h"

typedef void phase_action(struct machine *m, struct event *e);

static struct event tell(const struct machine *m, enum event_kind kind) {
    const struct access_latch *a = &m->access;
    return (struct event){.kind = (uint8_t)kind, .op = a->op, .size = a->size, .va = a->va, .vpn = a->vpn,
                          .proc = m->kernel->running, .old_proc = PROC_NONE, .asid = m->hw.asid, .set = a->set,
                          .way = a->way, .frame = FRAME_NONE, .slot = SLOT_NONE};
}

static struct translation *part_now(struct machine *m) { return &m->part[m->parts - 1]; }

/* `n` translations have ended (or will not be made): the policies' clock. */
static void end_references(struct machine *m, unsigned n) {
    m->references += n;
    m->kernel->now = m->references;
}

static bool crosses(const struct machine *m) { return step_crosses(&m->step, m->hw.format->page_shift); }

/* ---- beginning ---- */

/* Latch the part of the access that starts at va and has `size` bytes. */
static void begin_part(struct machine *m, vaddr_t va, unsigned size, unsigned part) {
    const struct step *s = &m->step;
    m->access = (struct access_latch){.va = va, .vpn = va_to_vpn(va, m->hw.format->page_shift), .op = s->op,
                                      .size = (uint8_t)size, .way = TLB_NO_WAY, .part = (uint8_t)part,
                                      .has_value = s->flags & STEP_HAS_VALUE, .automap = s->flags & STEP_AUTOMAP};
    unsigned skipped = part ? s->size - size : 0; /* bytes of the value that the first part holds */
    m->access.value = skipped < 8 ? s->value >> (8 * skipped) : 0;
    m->part[part] = (struct translation){.va = va, .op = s->op, .frame = FRAME_NONE, .proc = m->kernel->running,
                                         .victim_proc = PROC_NONE};
    m->parts = part + 1;
    m->phase = PH_LOOKUP;
    m->counters.translations++;
}

static void issue(struct machine *m, struct event *e) {
    const struct step *s = &m->step;
    uint64_t in_page = low_bits(m->hw.format->page_shift), room = in_page + 1 - (s->va & in_page);
    begin_part(m, s->va, room < s->size ? (unsigned)room : s->size, 0);
    *e = tell(m, EV_ACCESS);
    e->size = s->size;
    e->value = s->value;
    e->has_value = s->flags & STEP_HAS_VALUE;
    m->counters.accesses++;
    m->counters.reads += s->op == ACCESS_READ;
    m->counters.writes += s->op == ACCESS_WRITE;
    m->counters.fetches += s->op == ACCESS_FETCH;
}

static void second_part(struct machine *m, struct event *e) {
    unsigned first = m->access.size;
    begin_part(m, m->step.va + first, m->step.size - first, 1);
    *e = tell(m, EV_SPLIT);
}

static void run_kernel(struct machine *m, struct event *e);

static void begin_switch(struct machine *m, struct event *e, proc_t to, enum os_purpose why) {
    m->purpose = why;
    m->phase = PH_OS;
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    kernel_switch_begin(m->kernel, to);
    run_kernel(m, e);
}

static void set_policy(struct machine *m, struct event *e) {
    const struct policy_ops *ops = policy_of_number(m->step.value);
    if (ops) m->status = kernel_set_policy(m->kernel, ops);
    if (ops && m->status == VS_OK) m->status = future_plan(m);
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    *e = tell(m, EV_SET_POLICY);
    machine_finish_step(m);
}

/* Nothing to do for this step: tell why, and finish it. */
static void pass_over(struct machine *m, struct event *e, enum event_kind why, proc_t p) {
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    *e = tell(m, why);
    e->proc = p;
    if (m->step.kind == STEP_ACCESS) end_references(m, crosses(m) ? 2 : 1);
    if (why == EV_EXITED) m->outcome = OUT_INVALID;
    machine_finish_step(m);
}

/* Take the next step and do its first micro-step. */
static void next(struct machine *m, struct event *e) {
    const struct step *s = &m->step;
    proc_t who = s->proc == PROC_NONE ? m->kernel->running : s->proc;
    m->in_step = m->started = true;
    m->parts = 0;
    m->micro = 0;
    m->outcome = OUT_OTHER;
    if (s->kind == STEP_SET_POLICY) set_policy(m, e);
    else if (who >= m->kernel->process_count || !m->kernel->process[who].alive) pass_over(m, e, EV_EXITED, who);
    else if (who != m->kernel->running)
        begin_switch(m, e, who, s->kind == STEP_SWITCH ? FOR_SWITCH_STEP : FOR_SWITCH_FIRST);
    else if (s->kind == STEP_SWITCH) pass_over(m, e, EV_SWITCH_NONE, who);
    else issue(m, e);
}

/* ---- translation ---- */

static unsigned bits_needed(const struct machine *m) {
    return access_needs((enum access_kind)m->access.op) | PERM_U;
}

static void start_walk(struct machine *m, bool dirty_walk) {
    struct access_latch *a = &m->access;
    walk_begin(&a->walk, m->hw.format, m->hw.root, a->va, (enum access_kind)a->op, true);
    a->dirty_walk = dirty_walk;
    m->phase = a->walk.done ? PH_TRAP : PH_WALK;
}

static void hit(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    const struct tlb_entry *entry = tlb_at(m->hw.tlb, a->set, a->way);
    bool allowed = (entry->perms & bits_needed(m)) == bits_needed(m);
    a->pfn = entry->pfn;
    a->perms = entry->perms;
    tlb_touch(m->hw.tlb, a->set, a->way);
    *e = tell(m, allowed ? EV_TLB_HIT : EV_TLB_DENIED);
    e->pfn = entry->pfn;
    e->perms = entry->perms;
    if (!allowed) {
        a->walk = (struct walk){.va = a->va, .op = a->op, .fault = HW_FAULT_DENIED, .done = true};
        m->phase = PH_TRAP;
    } else {
        m->phase = a->op == ACCESS_WRITE && !entry->dirty ? PH_CLEAN : PH_MEMORY;
    }
}

static void look_up(struct machine *m, struct event *e);
static phase_action walk, trap;

static void look_up(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    if (!tlb_ways(m->hw.tlb)) { /* a machine without a TLB */
        start_walk(m, false);
        if (m->phase == PH_WALK) walk(m, e);
        else trap(m, e);
        return;
    }
    a->set = (uint16_t)tlb_set_of(m->hw.tlb, a->vpn);
    a->way = tlb_find(m->hw.tlb, a->vpn, m->hw.asid);
    bool found = a->way != TLB_NO_WAY;
    m->counters.time_ns += m->config->timing.tlb;
    if (!a->retry) {
        part_now(m)->tlb = found ? TLB_OUT_HIT : TLB_OUT_MISS;
        m->counters.tlb_hits += found;
        m->counters.tlb_misses += !found;
    }
    if (found) {
        hit(m, e);
        return;
    }
    *e = tell(m, EV_TLB_MISS);
    start_walk(m, false);
}

static void clean_hit(struct machine *m, struct event *e) {
    *e = tell(m, EV_TLB_CLEAN);
    start_walk(m, true);
}

static enum event_kind walk_event(const struct walk *w) {
    static const enum event_kind stopped[] = {
        [HW_FAULT_NONE] = EV_WALK_LEAF,     [HW_FAULT_NOT_VALID] = EV_WALK_INVALID, [HW_FAULT_DENIED] = EV_WALK_DENIED,
        [HW_FAULT_MALFORMED] = EV_WALK_BAD, [HW_FAULT_RANGE] = EV_WALK_BAD,         [HW_FAULT_BUS] = EV_WALK_BAD};
    return w->done ? stopped[w->fault] : EV_WALK_TABLE;
}

/* After the leaf: bits to set, the TLB to fill, or straight to memory. */
static enum machine_phase after_leaf(const struct machine *m, bool bits_done) {
    if (!bits_done && walk_bits_due(&m->access.walk, m->hw.format)) return PH_BITS;
    return tlb_ways(m->hw.tlb) ? PH_FILL : PH_MEMORY;
}

static void walk(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct walk *w = &a->walk;
    unsigned level = w->level;
    walk_level(w, m->hw.format, m->hw.ram);
    m->counters.walk_reads++;
    m->counters.time_ns += m->config->timing.memory;
    const struct walk_read *r = w->reads ? &w->read[w->reads - 1] : NULL;
    *e = tell(m, walk_event(w));
    e->level = (uint8_t)level;
    e->pte_addr = w->pte_addr;
    e->perms = w->perms;
    if (r) {
        e->index = r->index;
        e->table = r->table;
        e->pte = r->word;
    }
    if (!w->done) {
        e->next = w->table;
    } else if (w->fault) {
        m->phase = PH_TRAP;
    } else {
        e->pfn = a->pfn = w->pfn;
        a->perms = w->perms;
        m->phase = after_leaf(m, false);
    }
}

static void set_bits(struct machine *m, struct event *e) {
    struct walk *w = &m->access.walk;
    unsigned bits = walk_bits_due(w, m->hw.format);
    *e = tell(m, EV_BITS_SET);
    e->bits = (uint8_t)bits;
    e->pte_addr = w->pte_addr;
    e->pte_old = w->word;
    m->status = walk_set_bits(w, m->hw.format, m->hw.ram, bits);
    e->pte = w->word;
    m->counters.time_ns += m->config->timing.memory;
    m->phase = after_leaf(m, true);
}

static void fill(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    const struct paging_format *f = m->hw.format;
    m->phase = PH_MEMORY;
    if (a->dirty_walk) {
        tlb_set_dirty(m->hw.tlb, a->set, a->way);
        *e = tell(m, EV_TLB_DIRTY);
        return;
    }
    bool dirty = !paging_has(f, PTE_D) || (paging_decode(f, a->walk.word).flags & PTE_BIT(PTE_D));
    struct tlb_entry entry = {.valid = true, .global = a->walk.global, .dirty = dirty, .perms = a->walk.perms,
                              .asid = m->hw.asid, .vpn = a->vpn, .pfn = a->walk.pfn}, old;
    a->way = tlb_insert(m->hw.tlb, &entry, &old);
    *e = tell(m, old.valid ? EV_TLB_REPLACE : EV_TLB_FILL);
    e->pfn = entry.pfn;
    e->perms = entry.perms;
    e->old_vpn = old.vpn;
}

/* ---- memory ---- */

static void read_or_write(struct machine *m, struct event *e, paddr_t pa) {
    static const enum event_kind kind[ACCESS_KINDS] = {
        [ACCESS_READ] = EV_MEM_READ, [ACCESS_WRITE] = EV_MEM_WRITE, [ACCESS_FETCH] = EV_MEM_FETCH};
    struct access_latch *a = &m->access;
    struct translation *t = part_now(m);
    bool carries = a->size <= 8;
    *e = tell(m, a->op == ACCESS_WRITE && !a->has_value ? EV_MEM_TOUCH : kind[a->op]);
    if (a->op != ACCESS_WRITE && carries) {
        t->value = ram_read(m->hw.ram, pa, a->size);
        t->has_value = true;
    } else if (a->op == ACCESS_WRITE && a->has_value && carries) {
        t->value = a->value & low_bits(8u * a->size);
        t->has_value = true;
        m->status = ram_write(m->hw.ram, pa, a->size, t->value);
    }
    e->value = t->value;
    e->has_value = t->has_value;
    e->pa = pa;
}


static void after_memory(struct machine *m) {
    end_references(m, 1);
    if (m->parts == 1 && crosses(m)) m->phase = PH_SECOND;
    else machine_finish_step(m);
}

static bool clears_reference(const struct machine *m, frame_t f) {
    const struct policy_ops *ops = policy_ops(m->kernel->policy[0]);
    return f != FRAME_NONE && m->access.loaded && !m->config->policy.load_referenced && ops->uses_reference_bit;
}

static void memory(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct translation *t = part_now(m);
    unsigned shift = m->hw.format->page_shift;
    t->pa = pfn_to_pa(a->pfn, shift) | (a->va & low_bits(shift));
    t->done = true;
    t->frame = a->pfn < m->config->frames ? (frame_t)a->pfn : FRAME_NONE;
    m->counters.time_ns += m->config->timing.memory;
    read_or_write(m, e, t->pa);
    e->frame = t->frame;
    if (t->frame != FRAME_NONE && m->kernel->frame[t->frame].shares)
        kernel_referenced(m->kernel, t->frame, (enum access_kind)a->op, machine_next_use(m));
    if (clears_reference(m, t->frame)) {
        kernel_clear_reference_begin(m->kernel, t->frame);
        m->purpose = FOR_CLEAR;
        m->phase = PH_OS;
    } else {
        after_memory(m);
    }
}

/* ---- faults ---- */

static void trap(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    *e = tell(m, EV_TRAP);
    e->cause = a->walk.fault;
    m->counters.time_ns += m->config->timing.trap;
    kernel_fault_begin(m->kernel, a->va, (enum access_kind)a->op, a->automap);
    m->purpose = FOR_FAULT;
    m->phase = PH_OS;
}

/* A reference that is not made after all (its access was refused) stood in
 * OPT's plan as its page's next use: tell the one after that. */
static void plan_without(struct machine *m, proc_t p, vpn_t vpn) {
    frame_t f = m->future ? kernel_frame_of(m->kernel, p, vpn) : FRAME_NONE;
    if (f != FRAME_NONE && m->kernel->frame[f].shares) kernel_foresee(m->kernel, f, machine_next_use(m));
    end_references(m, 1);
}

/* The translation under way is refused; a second part does not follow. */
static void give_up(struct machine *m) {
    proc_t p = m->kernel->running;
    plan_without(m, p, m->access.vpn);
    if (m->parts == 1 && crosses(m)) plan_without(m, p, m->access.vpn + 1);
}

static void fault_served(struct machine *m) {
    const struct os_latch *l = &m->kernel->latch;
    struct translation *t = part_now(m);
    t->fault = (uint8_t)l->fault;
    t->evicted |= l->evicted;
    if (l->evicted) {
        t->victim_dirty = l->victim_dirty;
        t->victim_proc = l->victim_proc;
        t->victim_vpn = l->victim_vpn;
    }
    if (l->resumed) {
        m->access.retry = true;
        m->access.loaded = l->fault != FAULT_MINOR_MAP;
        m->access.way = TLB_NO_WAY;
        m->phase = PH_LOOKUP;
    } else {
        give_up(m);
        machine_finish_step(m);
    }
}

static void run_kernel(struct machine *m, struct event *e) {
    enum vs_status s = kernel_step(m->kernel, e);
    if (s != VS_OK) m->status = s;
    e->set = m->access.set;
    count_event(m, e);
    if (kernel_busy(m->kernel)) return;
    enum os_purpose why = m->purpose;
    m->purpose = FOR_NOTHING;
    if (why == FOR_FAULT) fault_served(m);
    else if (why == FOR_CLEAR) after_memory(m);
    else if (why == FOR_SWITCH_FIRST) m->phase = PH_ISSUE;
    else machine_finish_step(m);
}

/* ---- the engine ---- */

void machine_finish_step(struct machine *m) {
    m->phase = PH_NEXT;
    m->in_step = false;
    m->steps_done++;
    m->counters.steps++;
}

/* Take step steps_done into m->step. False: there is none. */
static bool take_step(struct machine *m) {
    const struct step *s = machine_fetch_step(m, m->steps_done);
    if (!s) return false;
    m->step = *s;
    return true;
}

bool machine_micro_step(struct machine *m, struct event *out) {
    static phase_action *const action[PH_PHASES] = {
        [PH_NEXT] = next, [PH_ISSUE] = issue,   [PH_LOOKUP] = look_up, [PH_CLEAN] = clean_hit, [PH_WALK] = walk,
        [PH_BITS] = set_bits, [PH_FILL] = fill, [PH_MEMORY] = memory,  [PH_TRAP] = trap,       [PH_OS] = run_kernel,
        [PH_SECOND] = second_part};
    if (m->status != VS_OK || (m->phase == PH_NEXT && !take_step(m))) return false;
    uint64_t step = m->steps_done;
    action[m->phase](m, &m->last);
    m->last.step = step;
    m->last.micro = m->micro++;
    if (out) *out = m->last;
    return m->status == VS_OK;
}

bool machine_step(struct machine *m) {
    if (!machine_micro_step(m, NULL)) return false;
    while (m->in_step)
        if (!machine_micro_step(m, NULL)) return false;
    return true;
}
