/* sequence.c - one micro-step: the state machine drawn in machine.h.
 *
 * Each phase is one function: it does its part, tells one event and says by
 * m->phase what comes next. Hardware phases call src/hw, PH_OS lets the kernel
 * do one micro-step of its own; nothing else connects the two. The hardware's
 * way from the TLB to the frame is in translate.c.
 */
#include "sim/watch.h"

#include "vmscope/base/memory.h"

struct event phase_tell(const struct machine *m, enum event_kind kind) {
    const struct access_latch *a = &m->access;
    return (struct event){.kind = (uint8_t)kind, .op = a->op, .size = a->size, .va = a->va, .vpn = a->vpn,
                          .proc = m->kernel->running, .old_proc = PROC_NONE, .asid = m->hw.regs.asid, .set = a->set,
                          .way = a->way, .unit = a->unit, .kernel_mode = a->kernel_mode, .frame = FRAME_NONE,
                          .slot = SLOT_NONE};
}

struct translation *phase_part(struct machine *m) { return &m->part[m->parts - 1]; }

/* `n` translations have ended (or will not be made): the policies' clock. */
static void end_references(struct machine *m, unsigned n) {
    m->references += n;
    m->kernel->now = m->references;
}

static bool crosses(const struct machine *m) { return step_crosses(&m->step, m->hw.format->page_shift); }

/* ---- beginning ---- */

/* Latch the part of the access that starts at va and has `size` bytes. */
static void latch_part(struct machine *m, vaddr_t va, unsigned size, unsigned part) {
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
}

static void begin_part(struct machine *m, vaddr_t va, unsigned size, unsigned part) {
    latch_part(m, va, size, part);
    m->phase = PH_LOOKUP;
    m->counters.translations++;
}

/* Bytes of the access that lie in its first page. */
static unsigned first_size(const struct machine *m) {
    uint64_t in_page = low_bits(m->hw.format->page_shift), room = in_page + 1 - (m->step.va & in_page);
    return room < m->step.size ? (unsigned)room : m->step.size;
}

void phase_count_access(struct machine *m, enum access_kind op) {
    m->counters.accesses++;
    m->counters.reads += op == ACCESS_READ;
    m->counters.writes += op == ACCESS_WRITE;
    m->counters.fetches += op == ACCESS_FETCH;
}

/* An address that the program knows by the name of a mapping: what mmap gave it. A name that
 * nothing was mapped under is a null pointer. Returns the pages that were mapped then, from there on. */
static vpn_t resolve_name(struct machine *m, proc_t whose) {
    struct symbol at = {0};
    vpn_t skipped = va_to_vpn(m->step.va, m->hw.format->page_shift);
    if (m->step.name == 0) return 0;
    kernel_symbol(m->kernel, whose, m->step.name, &at);
    m->step.va += vpn_to_va(at.first, m->hw.format->page_shift);
    m->step.name = 0;
    return skipped < at.pages ? at.pages - skipped : 0;
}

static bool is_call(const struct step *s) { return s->kind == STEP_FORK || s->kind == STEP_EXIT || s->kind == STEP_CALL; }

static void call(struct machine *m, struct event *e);
static void run_kernel(struct machine *m, struct event *e);

/* Does the policy act before this reference? Then it does so now. */
static bool policy_first(struct machine *m, struct event *e) {
    if (!kernel_policy_wanted(m->kernel)) return false;
    if (m->parts == 0) m->access = (struct access_latch){.way = TLB_NO_WAY};
    m->purpose = FOR_POLICY_FIRST;
    m->phase = PH_OS;
    kernel_policy_begin(m->kernel);
    run_kernel(m, e);
    return true;
}

/* What the step asks for, now that its process runs. */
static void issue(struct machine *m, struct event *e) {
    const struct step *s = &m->step;
    if (is_call(s)) {
        call(m, e);
        return;
    }
    if (policy_first(m, e)) return;
    resolve_name(m, m->kernel->running);
    begin_part(m, s->va, first_size(m), 0);
    *e = phase_tell(m, EV_ACCESS);
    e->size = s->size;
    e->value = s->value;
    e->has_value = s->flags & STEP_HAS_VALUE;
    phase_count_access(m, (enum access_kind)s->op);
}

static void second_part(struct machine *m, struct event *e) {
    if (policy_first(m, e)) return;
    unsigned first = m->access.size, rest = m->step.size - first;
    uint64_t page = low_bits(m->hw.format->page_shift) + 1;
    begin_part(m, m->step.va + first, rest < page ? rest : (unsigned)page, 1); /* two pages at most, however small */
    *e = phase_tell(m, EV_SPLIT);
}

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
    *e = phase_tell(m, EV_SET_POLICY);
    machine_finish_step(m);
}

static const char *name_of_call(const struct machine *m) {
    if (m->step.kind == STEP_FORK) return "fork";
    return m->step.kind == STEP_EXIT ? "exit" : call_name[m->config->calls[m->step.value].kind];
}

/* The running process asks the kernel for something. */
static void call(struct machine *m, struct event *e) {
    proc_t p = m->kernel->running;
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    vpn_t pages = m->step.kind == STEP_CALL ? resolve_name(m, p) : 0;
    *e = phase_tell(m, EV_CALL);
    memcpy(e->region, name_of_call(m), strlen(name_of_call(m)) + 1);
    e->va = m->step.va;
    e->has_value = m->step.kind == STEP_CALL; /* with arguments: */
    e->index = e->has_value ? (uint32_t)m->step.value : 0;
    m->counters.calls++;
    m->counters.time_ns += m->config->timing.trap;
    if (m->step.kind == STEP_FORK) kernel_fork_begin(m->kernel, p, (proc_t)m->step.value);
    else if (m->step.kind == STEP_EXIT) kernel_exit_begin(m->kernel, p);
    else kernel_call_begin(m->kernel, p, (uint32_t)m->step.value, m->step.va, pages);
    m->purpose = FOR_REQUEST;
    m->phase = PH_OS;
}

static void begin_flush(struct machine *m, struct event *e, proc_t whose) {
    m->purpose = FOR_REQUEST;
    m->phase = PH_OS;
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    resolve_name(m, whose);
    kernel_flush_begin(m->kernel, (enum flush_scope)m->step.value, whose, m->step.va);
    run_kernel(m, e);
}

/* By load control: a process leaves memory, or may come back. */
static void begin_suspension(struct machine *m, struct event *e, proc_t whom) {
    m->purpose = FOR_REQUEST;
    m->phase = PH_OS;
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    if (m->step.kind == STEP_SUSPEND) kernel_suspend_begin(m->kernel, whom);
    else kernel_resume_begin(m->kernel, whom);
    run_kernel(m, e);
}

/* Nothing to do for this step: tell why, and finish it. */
static void pass_over(struct machine *m, struct event *e, enum event_kind why, proc_t p) {
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    *e = phase_tell(m, why);
    e->proc = p;
    if (m->step.kind == STEP_ACCESS) end_references(m, crosses(m) ? 2 : 1);
    if (why == EV_EXITED) m->outcome = OUT_INVALID;
    machine_finish_step(m);
}

/* Nobody else has steps left: the suspended process may run again. */
static void resume_first(struct machine *m, struct event *e, proc_t p) {
    m->purpose = FOR_RESUME_FIRST;
    m->phase = PH_OS;
    m->access = (struct access_latch){.way = TLB_NO_WAY};
    if (p < m->watch_count) m->watch[p].held = false;
    kernel_resume_begin(m->kernel, p);
    run_kernel(m, e);
}

/* The first micro-step of what the step is about. */
static void begin_step(struct machine *m, struct event *e) {
    const struct step *s = &m->step;
    proc_t who = s->proc == PROC_NONE ? m->kernel->running : s->proc;
    if (s->kind == STEP_SET_POLICY) set_policy(m, e);
    else if (who >= m->kernel->process_count || !m->kernel->process[who].alive) pass_over(m, e, EV_EXITED, who);
    else if (s->kind == STEP_SUSPEND || s->kind == STEP_RESUME) begin_suspension(m, e, who);
    else if (m->kernel->process[who].suspended) resume_first(m, e, who);
    else if (s->kind == STEP_TLB_FLUSH) begin_flush(m, e, who);
    else if (who != m->kernel->running)
        begin_switch(m, e, who, s->kind == STEP_SWITCH ? FOR_REQUEST : FOR_SWITCH_FIRST);
    else if (s->kind == STEP_SWITCH) pass_over(m, e, EV_SWITCH_NONE, who);
    else issue(m, e);
}

/* Take the next step and do its first micro-step. */
static void next(struct machine *m, struct event *e) {
    m->in_step = m->started = true;
    m->parts = 0;
    m->micro = 0;
    m->outcome = OUT_OTHER;
    begin_step(m, e);
}

/* ---- memory ---- */

static void read_or_write(struct machine *m, struct event *e, paddr_t pa) {
    static const enum event_kind kind[ACCESS_KINDS] = {
        [ACCESS_READ] = EV_MEM_READ, [ACCESS_WRITE] = EV_MEM_WRITE, [ACCESS_FETCH] = EV_MEM_FETCH};
    struct access_latch *a = &m->access;
    struct translation *t = phase_part(m);
    bool carries = a->size <= 8;
    *e = phase_tell(m, a->op == ACCESS_WRITE && !a->has_value ? EV_MEM_TOUCH : kind[a->op]);
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
    watch_touch(m, m->kernel->running, m->access.vpn);
    end_references(m, 1);
    if (m->parts == 1 && crosses(m)) m->phase = PH_SECOND;
    else machine_finish_step(m);
}

bool phase_clears_reference(const struct machine *m) {
    const struct policy_ops *ops = policy_ops(m->kernel->policy[0]);
    bool referenced = m->config->policy.load_referenced && !ops->loads_unreferenced;
    return !referenced && ops->uses_reference_bit;
}

static void memory(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct translation *t = phase_part(m);
    unsigned shift = m->hw.format->page_shift;
    t->pa = pfn_to_pa(a->pfn, shift) | (a->va & low_bits(shift));
    t->done = true;
    t->frame = a->pfn < m->config->frames ? (frame_t)a->pfn : FRAME_NONE;
    m->counters.time_ns += m->config->timing.memory;
    read_or_write(m, e, t->pa);
    e->frame = t->frame;
    if (t->frame != FRAME_NONE && m->kernel->frame[t->frame].shares)
        kernel_referenced(m->kernel, t->frame, (enum access_kind)a->op, machine_next_use(m));
    if (t->frame != FRAME_NONE && a->loaded && phase_clears_reference(m)) {
        kernel_clear_reference_begin(m->kernel, t->frame);
        m->purpose = FOR_CLEAR;
        m->phase = PH_OS;
    } else {
        after_memory(m);
    }
}

/* ---- faults ---- */

void phase_trap(struct machine *m, struct event *e) {
    struct access_latch *a = &m->access;
    struct hw_report report = walk_report(&a->walk, m->hw.format);
    *e = phase_tell(m, EV_TRAP);
    e->cause = a->walk.fault;
    e->class = report.class;
    e->code_name = report.code_name;
    e->code = report.code;
    m->counters.time_ns += m->config->timing.trap;
    kernel_fault_begin(m->kernel, &(struct fault_request){a->va, (enum access_kind)a->op, (enum hw_fault)a->walk.fault,
                                                          a->automap, a->kernel_mode, walk_last_entry(&a->walk, m->hw.format)});
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

bool phase_fault_loads(enum fault_class fault) {
    return fault != FAULT_NONE && fault != FAULT_MINOR_MAP && fault != FAULT_MINOR_BIT;
}

static void fault_served(struct machine *m) {
    const struct os_latch *l = &m->kernel->latch;
    struct translation *t = phase_part(m);
    if (l->fault != FAULT_NONE) t->fault = (uint8_t)l->fault; /* a refill of the TLB is none */
    t->evicted |= l->evicted;
    if (l->evicted) {
        t->victim_dirty = l->victim_dirty;
        t->victim_proc = l->victim_proc;
        t->victim_vpn = l->victim_vpn;
    }
    if (l->resumed) {
        m->access.retry = true;
        m->access.loaded |= phase_fault_loads(l->fault);
        m->access.way = TLB_NO_WAY;
        m->phase = PH_LOOKUP;
        if (l->order && m->future) m->status = future_plan(m); /* when do the other pages of a huge one come next? */
    } else {
        give_up(m);
        machine_finish_step(m);
    }
}

void phase_after_fault(struct machine *m, const struct step *s) {
    m->step = *s;
    m->cursor++;
    m->in_step = m->started = true;
    m->micro = 0;
    m->outcome = OUT_OTHER;
    latch_part(m, s->va, first_size(m), 0);
    phase_part(m)->tlb = TLB_OUT_MISS;
    m->phase = PH_OS;
    if (m->status == VS_OK) fault_served(m);
}

static void end_step(struct machine *m) {
    m->phase = PH_NEXT;
    m->in_step = false;
    m->steps_done++;
    m->counters.steps++;
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
    else if (why == FOR_RECLAIM) end_step(m);
    else if (why == FOR_RESUME_FIRST) m->phase = PH_BEGIN;
    else if (why == FOR_POLICY_FIRST) m->phase = m->parts ? PH_SECOND : PH_ISSUE;
    else machine_finish_step(m);
}

/* ---- the engine ---- */

/* The step is done; but what it did to memory may need somebody's attention before the next one:
 * the watch over working sets, or kswapd where too few frames are free. */
void machine_finish_step(struct machine *m) {
    if (watch_wanted(m)) {
        m->phase = PH_WATCH;
        return;
    }
    if (!kernel_reclaim_wanted(m->kernel)) {
        end_step(m);
        return;
    }
    kernel_reclaim_begin(m->kernel);
    m->purpose = FOR_RECLAIM;
    m->phase = PH_OS;
}

bool machine_micro_step(struct machine *m, struct event *out) {
    static phase_action *const action[PH_PHASES] = {
        [PH_NEXT] = next,            [PH_BEGIN] = begin_step,             [PH_WATCH] = phase_watch,
        [PH_ISSUE] = issue,          [PH_LOOKUP] = phase_look_up,         [PH_CLEAN] = phase_clean_hit,
        [PH_WALK] = phase_walk,      [PH_BITS] = phase_set_bits,          [PH_FILL] = phase_fill,
        [PH_MEMORY] = memory,        [PH_TRAP] = phase_trap,              [PH_OS] = run_kernel,
        [PH_SECOND] = second_part,   [PH_LOOKUP2] = phase_look_up_second, [PH_FILL2] = phase_fill_second};
    if (m->status != VS_OK || (m->phase == PH_NEXT && !watch_take_step(m))) return false;
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
