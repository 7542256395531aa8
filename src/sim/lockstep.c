/* lockstep.c - see lockstep.h. Each lane keeps a window of cells: those of WINDOW steps, made by
 * stepping a copy of its machine through them. Outcomes beyond the window come from the lane's
 * history, which runs at full speed. */
#include "vmscope/sim/lockstep.h"

#include "vmscope/base/memory.h"
#include "vmscope/sim/narrate.h"
#include "vmscope/sim/window.h"

#define WINDOW 256u
#define CHUNK 65536u /* steps that a search runs ahead at a time */

struct lane {
    struct machine_config config;
    struct history *history;
    struct lane_cell *cell; /* [WINDOW] */
    uint64_t first;         /* step of cell[0] */
    unsigned filled;
};

struct lockstep {
    const struct step_source *source;
    struct window window; /* to read steps with */
    unsigned count;
    struct lane lane[LANES_MAX];
};

/* ---- life ---- */

static void configure(struct lane *lane, const struct machine_config *base, const struct lane_config *differs) {
    lane->config = *base;
    if (differs->policy) lane->config.policy.name = differs->policy->name;
    if (differs->frames) lane->config.frames = lane->config.policy.frames = differs->frames;
    if (differs->own_tlb) lane->config.tlb = differs->tlb;
}

static enum vs_status create_lane(struct lane *lane, const struct step_source *source, struct diag *why) {
    struct machine *m = NULL;
    enum vs_status s = machine_create(&lane->config, source, &m, why);
    if (s != VS_OK) return s;
    lane->cell = mem_zalloc(WINDOW, sizeof *lane->cell);
    lane->history = history_create(m, 0);
    return lane->cell && lane->history ? VS_OK : VS_NOMEM;
}

enum vs_status lockstep_create(const struct machine_config *config, const struct step_source *source,
                               const struct lane_config *lanes, unsigned count, struct lockstep **out, struct diag *why) {
    struct lockstep *l = mem_zalloc(1, sizeof *l);
    enum vs_status s = l ? VS_OK : VS_NOMEM;
    *out = NULL;
    if (l && !window_begin(&l->window)) s = VS_NOMEM;
    for (unsigned i = 0; s == VS_OK && i < count && i < LANES_MAX; i++) {
        l->source = source;
        l->count = i + 1;
        configure(&l->lane[i], config, &lanes[i]);
        s = create_lane(&l->lane[i], source, why);
    }
    if (s == VS_OK) *out = l;
    else lockstep_free(l);
    return s;
}

void lockstep_free(struct lockstep *l) {
    for (unsigned i = 0; l && i < l->count; i++) {
        history_free(l->lane[i].history);
        free(l->lane[i].cell);
    }
    if (l) window_free(&l->window);
    free(l);
}

unsigned lockstep_lanes(const struct lockstep *l) { return l->count; }
uint64_t lockstep_count(const struct lockstep *l) { return l->source->count; }
const struct machine_config *lockstep_config(const struct lockstep *l, unsigned lane) { return &l->lane[lane].config; }

static bool tlbs_differ(const struct lockstep *l) {
    for (unsigned i = 1; i < l->count; i++)
        if (l->lane[i].config.tlb.entries != l->lane[0].config.tlb.entries || l->lane[i].config.tlb.ways != l->lane[0].config.tlb.ways)
            return true;
    return false;
}

void lockstep_name(const struct lockstep *l, unsigned lane, struct text *out) {
    const struct machine_config *c = &l->lane[lane].config;
    const struct policy_ops *ops = policy_by_name(c->policy.name);
    text_addf(out, "%s, %u frame%s", ops ? ops->title : c->policy.name, c->frames, c->frames == 1 ? "" : "s");
    if (!tlbs_differ(l)) return;
    if (c->tlb.entries) text_addf(out, ", TLB %ux%u", c->tlb.entries / c->tlb.ways, c->tlb.ways);
    else text_add(out, ", no TLB");
}

/* ---- in words ---- */

static bool several_processes(const struct lockstep *l) {
    return l->lane[0].config.process_count + l->lane[0].config.fork_count > 1;
}

void lockstep_say_page(const struct lockstep *l, struct lane_page page, struct text *out) {
    const struct machine_config *c = &l->lane[0].config;
    char owner[8];
    struct text t = text_in(owner, 4); /* its first letters */
    if (page.proc != PROC_NONE && several_processes(l)) text_add(&t, config_process_name(c, page.proc));
    text_addf(out, "%s%llx", t.len ? owner : "", (unsigned long long)format_vpn_bits(&c->format, page.vpn));
}

static const struct step *step_at(struct lockstep *l, uint64_t i) { return window_step(&l->window, l->source, i); }

void lockstep_say_reference(struct lockstep *l, uint64_t i, bool past, struct text *out) {
    const struct lane_cell *cell = past && several_processes(l) ? lockstep_cell(l, 0, i) : NULL;
    const struct step *step = step_at(l, i);
    const struct paging_format *f = &l->lane[0].config.format;
    if (cell && cell->touched.proc != PROC_NONE) lockstep_say_page(l, cell->touched, out);
    else if (step && step->kind == STEP_ACCESS && !step->name) lockstep_say_page(l, (struct lane_page){PROC_NONE, va_to_vpn(step->va, f->page_shift)}, out);
    else text_add(out, step && step->kind == STEP_ACCESS ? "*" : "-");
}

bool lockstep_say_step(struct lockstep *l, uint64_t i, struct text *out) {
    const struct step *step = step_at(l, i);
    if (step) narrate_step(out, history_machine(l->lane[0].history), step);
    return step;
}

/* ---- cells ---- */

static struct lane_page page_in(const struct kernel *k, frame_t f) {
    const struct frame *frame = &k->frame[f];
    return frame->shares ? (struct lane_page){frame->owner.proc, frame->owner.vpn} : (struct lane_page){PROC_NONE, 0};
}

static void read_cell(const struct machine *m, struct lane_cell *c) {
    const struct kernel *k = machine_kernel(m);
    unsigned parts;
    const struct translation *t = machine_translations(m, &parts);
    const struct counters *counters = machine_counters(m);
    *c = (struct lane_cell){.outcome = machine_outcome(m), .frame = FRAME_NONE, .touched = {PROC_NONE, 0},
                            .out_of_memory = counters->oom > 0, .page_faults = counters->page_faults,
                            .evictions = counters->evictions, .tlb_misses = counters->tlb_misses};
    c->faulted = outcome_is_fault(c->outcome);
    for (unsigned i = 0; i < parts; i++) {
        c->frame = t[i].frame;
        c->touched = (struct lane_page){t[i].proc, va_to_vpn(t[i].va, k->hw->format->page_shift)};
        if (!t[i].evicted || t[i].victim_proc == PROC_NONE) continue;
        c->evicted = true;
        c->victim = (struct lane_page){t[i].victim_proc, t[i].victim_vpn};
    }
    for (frame_t f = 0; f < k->config->frames && f < LANE_FRAMES_MAX; f++) c->page[f] = page_in(k, f);
}

/* A copy of the lane's machine before that step; NULL: no memory. */
static struct machine *machine_before(struct lane *lane, uint64_t step) {
    if (!history_goto(lane->history, (struct position){step, 0})) return NULL;
    return machine_clone(history_machine(lane->history));
}

/* A window that holds the step, a quarter of it before. */
static void fill_window(struct lane *lane, uint64_t step) {
    lane->first = step > WINDOW / 4 ? step - WINDOW / 4 : 0;
    lane->filled = 0;
    struct machine *m = machine_before(lane, lane->first);
    while (m && lane->filled < WINDOW && machine_step(m)) read_cell(m, &lane->cell[lane->filled++]);
    machine_free(m);
}

const struct lane_cell *lockstep_cell(struct lockstep *l, unsigned lane, uint64_t step) {
    struct lane *at = &l->lane[lane];
    if (step >= l->source->count) return NULL;
    if (step < at->first || step - at->first >= at->filled) fill_window(at, step);
    return step >= at->first && step - at->first < at->filled ? &at->cell[step - at->first] : NULL;
}

bool lockstep_reason(struct lockstep *l, unsigned lane, uint64_t step, struct text *out) {
    struct machine *m = machine_before(&l->lane[lane], step);
    struct event e;
    bool found = false;
    while (m && !found && machine_micro_step(m, &e) && e.step == step) {
        found = e.kind == EV_VICTIM || e.kind == EV_IDLE_VICTIM;
        if (found) narrate_event(out, m, &e, TERM_DEFAULT);
        if (machine_between_steps(m)) break;
    }
    machine_free(m);
    return found;
}

/* ---- searching ---- */

uint64_t lockstep_known(const struct lockstep *l) {
    uint64_t known = UINT64_MAX;
    for (unsigned i = 0; i < l->count; i++)
        if (history_known_steps(l->lane[i].history) < known) known = history_known_steps(l->lane[i].history);
    return known;
}

/* From where its time has been farthest. */
static bool learn(struct history *h, uint64_t until) {
    uint64_t known = history_known_steps(h);
    if (known < until && history_approach(h, known)) history_run(h, until - history_position(h).step);
    return history_known_steps(h) >= until;
}

bool lockstep_learn(struct lockstep *l, uint64_t until) {
    bool all = true;
    for (unsigned i = 0; i < l->count; i++) all &= learn(l->lane[i].history, until);
    return all;
}

static bool any_faults(const struct lockstep *l, uint64_t step) {
    bool any = false;
    for (unsigned i = 0; i < l->count; i++) any |= outcome_is_fault(history_outcome(l->lane[i].history, step));
    return any;
}

static bool lanes_differ(const struct lockstep *l, uint64_t step) {
    bool first = outcome_is_fault(history_outcome(l->lane[0].history, step));
    for (unsigned i = 1; i < l->count; i++)
        if (outcome_is_fault(history_outcome(l->lane[i].history, step)) != first) return true;
    return false;
}

/* The first step from `from` on in which any lane is known to fault; and the last one before it. */
static uint64_t fault_from(const struct lockstep *l, uint64_t from) {
    uint64_t first = UINT64_MAX, at;
    for (unsigned i = 0; i < l->count; i++)
        if (history_fault_from(l->lane[i].history, from, &at) && at < first) first = at;
    return first;
}

static uint64_t fault_before(const struct lockstep *l, uint64_t before) {
    uint64_t last = UINT64_MAX, at;
    for (unsigned i = 0; i < l->count; i++)
        if (history_fault_before(l->lane[i].history, before, &at) && (last == UINT64_MAX || at > last)) last = at;
    return last;
}

/* A step that something can be found in: somebody faults there. */
typedef bool trait(const struct lockstep *l, uint64_t step);

static uint64_t search_known(const struct lockstep *l, uint64_t from, uint64_t until, trait *has) {
    for (uint64_t step = fault_from(l, from); step < until; step = fault_from(l, step + 1))
        if (has(l, step)) return step;
    return UINT64_MAX;
}

static uint64_t search_forward(struct lockstep *l, uint64_t from, uint64_t until, trait *has) {
    uint64_t end = until < l->source->count ? until : l->source->count, found = UINT64_MAX;
    while (from < end && found == UINT64_MAX) {
        uint64_t known = lockstep_known(l), to = known > from ? known : from + CHUNK;
        if (to > end) to = end;
        if (!lockstep_learn(l, to)) return UINT64_MAX;
        found = search_known(l, from, to, has);
        from = to;
    }
    return found;
}

static uint64_t search_back(struct lockstep *l, uint64_t before, trait *has) {
    if (!lockstep_learn(l, before)) return UINT64_MAX;
    uint64_t step = fault_before(l, before);
    while (step != UINT64_MAX && !has(l, step)) step = fault_before(l, step);
    return step;
}

uint64_t lockstep_next_difference(struct lockstep *l, uint64_t from, uint64_t until) { return search_forward(l, from, until, lanes_differ); }
uint64_t lockstep_previous_difference(struct lockstep *l, uint64_t before) { return search_back(l, before, lanes_differ); }
uint64_t lockstep_next_fault(struct lockstep *l, uint64_t from, uint64_t until) { return search_forward(l, from, until, any_faults); }
uint64_t lockstep_previous_fault(struct lockstep *l, uint64_t before) { return search_back(l, before, any_faults); }

/* ---- Belady ---- */

/* Where a policy throws dice, more faults with more frames are chance. */
static bool alike_but_for_frames(const struct machine_config *a, const struct machine_config *b) {
    const struct policy_ops *ops = policy_by_name(a->policy.name);
    return ops == policy_by_name(b->policy.name) && ops != policy_by_name("random") && a->tlb.entries == b->tlb.entries && a->tlb.ways == b->tlb.ways &&
           a->frames < b->frames;
}

bool lockstep_anomaly(struct lockstep *l, uint64_t step, unsigned *fewer, unsigned *more) {
    for (unsigned i = 0; i < l->count; i++)
        for (unsigned j = 0; j < l->count; j++) {
            if (!alike_but_for_frames(&l->lane[i].config, &l->lane[j].config)) continue;
            const struct lane_cell *a = lockstep_cell(l, i, step), *b = lockstep_cell(l, j, step);
            if (!a || !b || a->out_of_memory || b->page_faults <= a->page_faults) continue;
            *fewer = i;
            *more = j;
            return true;
        }
    return false;
}
