/* history.c - time in both directions.
 *
 * To reach a position in the past, the nearest copy of the machine before it (clones.h) is copied
 * again and runs forward: since the machine is deterministic, that is the past itself.
 * Invariant: the known outcomes (outcomes.h) are those of steps 0..known-1, and no step after
 * `known` was ever reached; `before`, if any, is a copy from the past: where it was kept in time, from
 * the start of the step under way or last done, whose events will be asked for.
 *
 * Memory: what is kept of the past may take a byte a step, and MEMORY_LEAST in any case.
 */
#include "vmscope/sim/history.h"

#include "sim/clones.h"
#include "sim/outcomes.h"
#include "vmscope/base/memory.h"

#define CLONES_DEFAULT 4096u
#define RUN_MOST     262144u
#define RUN_LEAST    256u
#define MEMORY_LEAST ((uint64_t)64 << 20)

struct history {
    struct machine *now;
    struct machine *before;
    struct clones clones;
    struct outcomes outcomes;
    uint8_t *log;     /* [RUN_MOST]: outcomes fresh from a run */
    size_t run;       /* steps that are run in one go, so many that copies can stand close enough */
    struct event *event; /* of the step events_of */
    size_t events, event_cap;
    uint64_t events_of;
    enum vs_status status;
};

static bool out_of_memory(struct history *h) {
    h->status = VS_NOMEM;
    return false;
}

static void set_before(struct history *h, struct machine *m) {
    machine_free(h->before);
    h->before = m;
}

/* ---- what is known ---- */

static uint64_t budget(const struct history *h) {
    uint64_t all = h->outcomes.known > MEMORY_LEAST ? h->outcomes.known : MEMORY_LEAST, taken = outcomes_bytes(&h->outcomes);
    return all > taken + MEMORY_LEAST / 2 ? all - taken : MEMORY_LEAST / 2;
}

/* The next n steps after the known ones came out as `log` says; room for them is reserved. The present is behind them. */
static void learn(struct history *h, const uint8_t *log, size_t n) {
    uint64_t work = outcomes_learn(&h->outcomes, log, n);
    if (work > WORK_APART / 4 && h->run > RUN_LEAST) h->run /= 2;
    else if (work < WORK_APART / 16 && n == h->run && h->run < RUN_MOST) h->run *= 2;
    if (machine_between_steps(h->now) && !clones_follow(&h->clones, h->now, work, budget(h))) out_of_memory(h);
}

/* The present has just finished the step before steps_done. */
static void learn_last(struct history *h) {
    if (machine_steps_done(h->now) != h->outcomes.known + 1) return;
    if (!outcomes_reserve(&h->outcomes, 1)) {
        out_of_memory(h);
        return;
    }
    uint8_t outcome = (uint8_t)machine_outcome(h->now);
    learn(h, &outcome, 1);
}

enum outcome history_outcome(const struct history *h, uint64_t step) { return outcomes_at(&h->outcomes, step); }

uint64_t history_known_steps(const struct history *h) { return h->outcomes.known; }

bool history_fault_from(const struct history *h, uint64_t step, uint64_t *at) {
    return outcomes_next_fault(&h->outcomes, step, at);
}

bool history_fault_before(const struct history *h, uint64_t step, uint64_t *at) {
    return outcomes_fault_before(&h->outcomes, step, at);
}

struct outcome_sums history_sums(const struct history *h, uint64_t a, uint64_t b) {
    struct outcome_sums from = outcomes_before(&h->outcomes, a), to = outcomes_before(&h->outcomes, b);
    if (b <= a) return (struct outcome_sums){0};
    return (struct outcome_sums){to.faults - from.faults, to.tlb_misses - from.tlb_misses};
}

/* ---- life ---- */

struct history *history_create(struct machine *m, size_t max_clones) {
    struct history *h = mem_zalloc(1, sizeof *h);
    if (!h) {
        machine_free(m);
        return NULL;
    }
    h->now = m;
    h->events_of = UINT64_MAX;
    h->log = mem_zalloc(RUN_MOST, 1);
    h->run = RUN_LEAST;
    size_t max = max_clones >= 4 ? max_clones : max_clones ? 4 : CLONES_DEFAULT;
    if (h->log && clones_begin(&h->clones, m, max)) return h;
    history_free(h);
    return NULL;
}

void history_free(struct history *h) {
    if (!h) return;
    machine_free(h->now);
    machine_free(h->before);
    clones_free(&h->clones);
    outcomes_free(&h->outcomes);
    free(h->log);
    free(h->event);
    free(h);
}

const struct machine *history_machine(const struct history *h) { return h->now; }
uint64_t history_step_count(const struct history *h) { return machine_source(h->now)->count; }
enum vs_status history_status(const struct history *h) { return h->status; }
size_t history_clones(const struct history *h) { return h->clones.count; }
uint64_t history_bytes(const struct history *h) { return clones_bytes(&h->clones) + outcomes_bytes(&h->outcomes); }

struct position history_position(const struct history *h) {
    return (struct position){machine_steps_done(h->now), machine_between_steps(h->now) ? 0 : machine_micro(h->now)};
}

/* ---- forward ---- */

bool history_micro_forward(struct history *h) {
    if (machine_between_steps(h->now)) {
        if (machine_steps_done(h->now) >= history_step_count(h)) return false;
        set_before(h, machine_clone(h->now));
    }
    if (!machine_micro_step(h->now, NULL)) return out_of_memory(h);
    if (machine_between_steps(h->now)) learn_last(h);
    return true;
}

bool history_step_forward(struct history *h) {
    if (!history_micro_forward(h)) return false;
    while (!machine_between_steps(h->now))
        if (!history_micro_forward(h)) return false;
    return true;
}

/* Steps from here, at most n, not beyond the known ones if there are any here. */
static uint64_t run_chunk(struct history *h, uint64_t n) {
    uint64_t at = machine_steps_done(h->now), known = h->outcomes.known;
    if (at < known) {
        uint64_t to = n < known - at ? at + n : known;
        if (!clones_run_to(&h->clones, h->now, to)) h->status = VS_NOMEM;
        return machine_steps_done(h->now) - at;
    }
    if (n > h->run) n = h->run;
    if (!outcomes_reserve(&h->outcomes, (size_t)n)) {
        out_of_memory(h);
        return 0;
    }
    uint64_t done = machine_run(h->now, n, h->log);
    learn(h, h->log, (size_t)done);
    return done;
}

/* Whole steps, all but the last in one go: that one's events will be asked for. */
static uint64_t run_whole(struct history *h, uint64_t n) {
    uint64_t done = 0, chunk, left = history_step_count(h) - machine_steps_done(h->now);
    if (n > left) n = left;
    while (done + 1 < n && h->status == VS_OK && (chunk = run_chunk(h, n - 1 - done)) > 0) done += chunk;
    bool all = done + 1 == n && h->status == VS_OK;
    return all && history_step_forward(h) ? n : done;
}

uint64_t history_run(struct history *h, uint64_t n) {
    uint64_t done = 0;
    if (n > 0 && !machine_between_steps(h->now)) {
        if (!history_step_forward(h)) return 0;
        done = 1;
    }
    if (n > done) done += run_whole(h, n - done);
    if (machine_status(h->now) != VS_OK) h->status = machine_status(h->now);
    return done;
}

/* ---- anywhere ---- */

/* The copy nearest before the start of `step`. */
static const struct machine *nearest(const struct history *h, uint64_t step) {
    const struct machine *best = clones_before(&h->clones, step), *b = h->before;
    return b && machine_steps_done(b) <= step && machine_steps_done(b) > machine_steps_done(best) ? b : best;
}

/* A machine at the start of step `step`, which lies in the known past or at the present. NULL: no memory. */
static struct machine *rewind_to(struct history *h, uint64_t step) {
    struct machine *m = machine_clone(nearest(h, step));
    if (m && clones_run_to(&h->clones, m, step)) return m;
    machine_free(m);
    h->status = VS_NOMEM;
    return NULL;
}

/* Is no copy of the machine nearer to the start of a step than the present is? */
static bool on_the_way(const struct history *h, uint64_t step) {
    uint64_t at = machine_steps_done(h->now);
    return at < step ? machine_steps_done(clones_before(&h->clones, step)) <= at : at == step && machine_between_steps(h->now);
}

/* The present becomes m. */
static bool settle(struct history *h, struct machine *m) {
    if (!m) return out_of_memory(h);
    machine_free(h->now);
    h->now = m;
    set_before(h, NULL);
    return true;
}

bool history_approach(struct history *h, uint64_t step) {
    return on_the_way(h, step) || settle(h, machine_clone(nearest(h, step)));
}

/* The present becomes the start of step `step`. */
static bool reach(struct history *h, uint64_t step) {
    uint64_t known = h->outcomes.known, past = step < known ? step : known;
    if (!on_the_way(h, past) && !settle(h, rewind_to(h, past))) return false;
    uint64_t left = step - machine_steps_done(h->now);
    return left == 0 || history_run(h, left) > 0;
}

/* Between steps, the last one's start is passed on the way, so that its events can be told. */
bool history_goto(struct history *h, struct position to) {
    uint64_t count = history_step_count(h);
    struct position at = history_position(h);
    if (to.step >= count) to = (struct position){count, 0};
    if (at.step == to.step && at.micro == to.micro) return h->status == VS_OK;
    bool whole = to.micro == 0 && to.step > 0;
    uint32_t micro = whole ? UINT32_MAX : to.micro;
    if (!reach(h, to.step - whole)) return false;
    while (micro-- > 0)
        if (!history_micro_forward(h) || machine_between_steps(h->now)) break;
    return h->status == VS_OK;
}

bool history_micro_back(struct history *h) {
    struct position p = history_position(h);
    if (p.micro > 0) return history_goto(h, (struct position){p.step, p.micro - 1});
    if (p.step == 0) return false;
    size_t done, total;
    history_events(h, &done, &total);
    return history_goto(h, (struct position){p.step - 1, total ? (uint32_t)total - 1 : 0});
}

bool history_step_back(struct history *h) {
    struct position p = history_position(h);
    if (p.micro == 0 && p.step == 0) return false;
    return history_goto(h, (struct position){p.micro ? p.step : p.step - 1, 0});
}

/* ---- searching ---- */

static bool go_to_end_of(struct history *h, uint64_t step) { return history_goto(h, (struct position){step + 1, 0}); }

/* Where time has not been yet, it is looked for in pieces that grow: it may be near. */
bool history_next_fault(struct history *h, uint64_t limit) {
    uint64_t from = machine_steps_done(h->now), end = history_step_count(h), piece = RUN_LEAST, at;
    if (limit && limit < end - from) end = from + limit;
    while (!outcomes_next_fault(&h->outcomes, from, &at)) {
        from = h->outcomes.known;
        uint64_t left = from < end ? end - from : 0;
        bool more = left > 0 && reach(h, from) && history_run(h, left < piece ? left : piece) > 0;
        if (!more) return go_to_end_of(h, end - 1), false;
        piece *= 4;
    }
    return go_to_end_of(h, at < end ? at : end - 1) && at < end;
}

bool history_previous_fault(struct history *h) {
    struct position p = history_position(h);
    uint64_t last = p.micro ? p.step : p.step ? p.step - 1 : 0, at; /* the step under way or last done */
    return outcomes_fault_before(&h->outcomes, last, &at) && go_to_end_of(h, at);
}

/* ---- the events of one step ---- */

/* Collect them by running a clone from the step's start. */
static bool collect_events(struct history *h, uint64_t step) {
    bool fresh = h->before && machine_steps_done(h->before) == step;
    struct machine *m = fresh ? machine_clone(h->before) : rewind_to(h, step);
    if (!m) return out_of_memory(h);
    h->events = 0;
    do {
        if (!mem_grow((void **)&h->event, &h->event_cap, h->events + 1, sizeof *h->event)) break;
        if (!machine_micro_step(m, &h->event[h->events])) break;
        h->events++;
    } while (!machine_between_steps(m));
    h->events_of = step;
    machine_free(m);
    return true;
}

const struct event *history_events(struct history *h, size_t *done, size_t *total) {
    *done = *total = 0;
    uint64_t step = machine_step_index(h->now);
    if (step == UINT64_MAX) return NULL;
    if (h->events_of != step && !collect_events(h, step)) return NULL;
    *total = h->events;
    *done = machine_between_steps(h->now) ? h->events : machine_micro(h->now);
    return h->event;
}

/* ---- branches ---- */

enum vs_status history_branch(struct history *h, const struct step_source *source) {
    uint64_t at = machine_steps_done(h->now);
    enum vs_status s = machine_set_source(h->now, source);
    if (s == VS_OK) s = clones_branch(&h->clones, at, source);
    set_before(h, NULL);
    h->events_of = UINT64_MAX;
    if (h->outcomes.known > at) outcomes_forget(&h->outcomes, (size_t)at);
    if (s != VS_OK) h->status = s;
    return s;
}
