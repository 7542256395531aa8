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
                          .proc = m->kernel->running, .old_proc = PROC_NONE, .asid = m->hw.regs.asid, .set = a->set,
                          .way = a->way, .unit = a->unit, .kernel_mode = a->kernel_mode, .frame = FRAME_NONE,
                          .slot = SLOT_NONE};
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
                                      .unit = (uint8_t)tlbs_first(&m->hw.tlbs, (enum access_kind)s->op),
                                      .has_value = s->flags & STEP_HAS_VALUE, .automap = s->flags & STEP_AUTOMAP,
                                      .kernel_mode = s->flags & STEP_KERNEL};
    unsigned skipped = part ? s->size - size : 0; /* bytes of the value that the first part holds */
    m->access.value = skipped < 8 ? s->value >> (8 * skipped) : 0;
    m->part[part] = (struct translation){.va = va, .op = s->op, .frame = FRAME_NONE, .proc = m->kernel->running,
                                         .victim_proc = PROC_NONE};
    m->parts = part + 1;
    m->phase = PH_LOOKUP;
    m->counters.translations++;
}

static bool is_call(const struct step *s) { return s->kind == STEP_FORK || s->kind == STEP_EXIT; }

static void call(struct machine *m, struct event *e);

/* What the step asks for, now that its process runs. */
static void issue(struct machine *m, struct event *e) {
    const struct step *s = &m->step;
    if (is_call(s)) {
        call(m, e);
        return;
    }
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
    unsigned first = m->access.size, rest = m->step.size - first;
    uint64_t page = low_bits(m->hw.format->page_shift) + 1;
    begin_part(m, m->step.va + first, rest < page ? rest : (unsigned)page, 1); /* two pages at most, however small */
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

/* The running process asks the kernel for something. */
static void call(struct machine *m, struct event *e) {
    static const char *const name[STEP_KINDS] = {[STEP_FORK] = "fork", [STEP_EXIT] = "exit"};
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    *e = tell(m, EV_CALL);
    memcpy(e->region, name[m->step.kind], strlen(name[m->step.kind]) + 1);
    m->counters.calls++;
    m->counters.time_ns += m->config->timing.trap;
    if (m->step.kind == STEP_FORK) kernel_fork_begin(m->kernel, m->kernel->running, (proc_t)m->step.value);
    else kernel_exit_begin(m->kernel, m->kernel->running);
    m->purpose = FOR_REQUEST;
    m->phase = PH_OS;
}

static void begin_flush(struct machine *m, struct event *e, proc_t whose) {
    m->purpose = FOR_REQUEST;
    m->phase = PH_OS;
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    kernel_flush_begin(m->kernel, (enum flush_scope)m->step.value, whose, m->step.va);
    run_kernel(m, e);
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
    else if (s->kind == STEP_TLB_FLUSH) begin_flush(m, e, who);
    else if (who != m->kernel->running)
        begin_switch(m, e, who, s->kind == STEP_SWITCH ? FOR_REQUEST : FOR_SWITCH_FIRST);
    else if (s->kind == STEP_SWITCH) pass_over(m, e, EV_SWITCH_NONE, who);
    else issue(m, e);
}

/* ---- translation ---- */

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
    if (!paging_va_exists(m->hw.format, a->va)) walk_stop(&a->walk, HW_FAULT_RANGE, a->walk.failed); /* ARM: one root, two halves */
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
    *e = tell(m, !allowed ? EV_TLB_DENIED : second ? EV_TLB2_HIT : EV_TLB_HIT);
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

static void look_up(struct machine *m, struct event *e);
static phase_action walk, trap;

static void look_up(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    if (!has_tlb(m)) { /* a machine without a TLB */
        start_walk(m, false);
        if (m->phase == PH_WALK) walk(m, e);
        else trap(m, e);
        return;
    }
    bool found = find(m, a->unit);
    if (!a->retry) {
        part_now(m)->tlb = found ? TLB_OUT_HIT : TLB_OUT_MISS;
        m->counters.tlb_hits += found;
        m->counters.tlb_misses += !found;
    }
    if (found) {
        hit(m, e, false);
        return;
    }
    *e = tell(m, EV_TLB_MISS);
    if (has_second(m)) m->phase = PH_LOOKUP2;
    else after_miss(m);
}

static void look_up_second(struct machine *m, struct event *e) {
    const struct access_latch *a = &m->access;
    bool found = find(m, TLB_SECOND);
    m->counters.tlb2_hits += found && !a->retry;
    m->counters.tlb2_misses += !found && !a->retry;
    if (found) {
        hit(m, e, true);
        return;
    }
    *e = tell(m, EV_TLB2_MISS);
    e->unit = TLB_SECOND;
    after_miss(m);
}

static void clean_hit(struct machine *m, struct event *e) {
    *e = tell(m, EV_TLB_CLEAN);
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

static void walk(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct walk *w = &a->walk;
    unsigned level = w->level;
    uint32_t before = w->reads;
    walk_level(w, m->hw.format, m->hw.ram);
    if (w->reads > before) count_read(m);
    *e = tell(m, walk_event(w, m->hw.format));
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

static void set_bits(struct machine *m, struct event *e) {
    struct walk *w = &m->access.walk;
    struct walk_write due;
    *e = tell(m, EV_BITS_SET);
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

static void fill_second(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct tlb_entry old;
    a->entry = walk_tlb_entry(&a->walk, m->hw.format);
    struct tlb_place at = tlbs_insert(&m->hw.tlbs, TLB_SECOND, &a->entry, &old, NULL);
    *e = tell(m, EV_TLB2_FILL);
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
    *e = tell(m, EV_TLB_DIRTY);
    if (!has_second(m)) return;
    at = tlb_find(unit_of(m, TLB_SECOND), a->vpn, m->hw.regs.asid);
    if (at.way != TLB_NO_WAY) tlb_set_dirty(unit_of(m, TLB_SECOND), at.set, at.way);
}

static void fill(struct machine *m, struct event *e) {
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
    *e = tell(m, old.valid ? EV_TLB_REPLACE : EV_TLB_FILL);
    tell_entry(e, &a->entry, at);
    e->old_vpn = old.vpn;
    m->phase = a->from_second ? after_translation(m) : PH_MEMORY;
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
    struct hw_report report = walk_report(&a->walk, m->hw.format);
    *e = tell(m, EV_TRAP);
    e->cause = a->walk.fault;
    e->class = report.class;
    e->code_name = report.code_name;
    e->code = report.code;
    m->counters.time_ns += m->config->timing.trap;
    kernel_fault_begin(m->kernel, &(struct fault_request){a->va, (enum access_kind)a->op, (enum hw_fault)a->walk.fault,
                                                          a->automap, a->kernel_mode});
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
    if (l->fault != FAULT_NONE) t->fault = (uint8_t)l->fault; /* a refill of the TLB is none */
    t->evicted |= l->evicted;
    if (l->evicted) {
        t->victim_dirty = l->victim_dirty;
        t->victim_proc = l->victim_proc;
        t->victim_vpn = l->victim_vpn;
    }
    if (l->resumed) {
        m->access.retry = true;
        m->access.loaded |= l->fault != FAULT_NONE && l->fault != FAULT_MINOR_MAP && l->fault != FAULT_MINOR_BIT;
        m->access.way = TLB_NO_WAY;
        m->phase = PH_LOOKUP;
        if (l->order && m->future) m->status = future_plan(m); /* when do the other pages of a huge one come next? */
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
        [PH_SECOND] = second_part, [PH_LOOKUP2] = look_up_second, [PH_FILL2] = fill_second};
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
