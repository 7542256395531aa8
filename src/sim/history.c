/* history.c - time in both directions.
 *
 * Clones stand at whole steps, in order, the first at the very start. To reach
 * a position in the past, the nearest clone before it is cloned again and runs
 * forward: since the machine is deterministic, that is the past itself.
 * Invariant: clone[0] is the start; clones ascend; known outcomes are those of
 * steps 0..known-1.
 *
 * Outcomes are packed by blocks of steps, and a block of nothing but hits, as most
 * are in a real program, is not stored at all. Blocks are stored in the order of
 * their steps, so that forgetting the newest steps only shortens the store.
 *
 * Cost: a clone about every WORK_APART units of work, so a step back runs at
 * most that much, some ten milliseconds; a unit is a TLB hit, and other
 * outcomes weigh as much as they take longer. Beyond max_clones every second
 * old one goes.
 */
#include "vmscope/sim/history.h"

#include "vmscope/base/memory.h"

#define WORK_APART 1500000u
#define CLONES_DEFAULT 256u
#define SEARCH_CHUNK 65536u
#define BLOCK 256u /* steps whose outcomes are stored, and faults counted, together */
#define BLOCK_BYTES (BLOCK / 2)

struct block {
    uint32_t stored; /* which of the stored ones it is, from 1; 0: all hits */
    uint32_t faults;
};

struct history {
    struct machine *now;
    struct machine *before; /* at the start of the step under way or last done; may be NULL */
    struct machine **clone;
    size_t clones, clone_cap, max_clones;
    uint64_t work; /* since the last clone */
    size_t known;     /* steps whose outcome is known */
    struct block *block; /* of the known steps; further ones are zero */
    size_t block_cap;
    uint8_t (*stored)[BLOCK_BYTES]; /* two outcomes a byte, the even step's in the low half */
    size_t stored_count, stored_cap;
    uint8_t *log;     /* [SEARCH_CHUNK]: outcomes fresh from a run */
    struct event *event; /* of the step events_of */
    size_t events, event_cap;
    uint64_t events_of;
    enum vs_status status;
};

static bool out_of_memory(struct history *h) {
    h->status = VS_NOMEM;
    return false;
}

static bool is_fault(uint8_t o) { return o >= OUT_MINOR && o <= OUT_INVALID; }

/* ---- clones ---- */

static void thin_clones(struct history *h) {
    size_t kept = 1;
    for (size_t i = 1; i < h->clones; i++) {
        bool old = i < h->clones / 2;
        if (old && i % 2) machine_free(h->clone[i]);
        else h->clone[kept++] = h->clone[i];
    }
    h->clones = kept;
}

/* Keep a clone of the present, which rests between steps. */
static bool keep_clone(struct history *h) {
    if (h->clones >= h->max_clones) thin_clones(h);
    if (!mem_grow((void **)&h->clone, &h->clone_cap, h->clones + 1, sizeof(struct machine *))) return out_of_memory(h);
    struct machine *copy = machine_clone(h->now);
    if (!copy) return out_of_memory(h);
    h->clone[h->clones++] = copy;
    h->work = 0;
    return true;
}

static void maybe_keep_clone(struct history *h) {
    bool newest = machine_steps_done(h->now) > machine_steps_done(h->clone[h->clones - 1]);
    if (newest && h->work >= WORK_APART && machine_between_steps(h->now)) keep_clone(h);
}

/* The last clone at or before `step`. */
static const struct machine *clone_before(const struct history *h, uint64_t step) {
    size_t low = 0, high = h->clones;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (machine_steps_done(h->clone[mid]) <= step) low = mid;
        else high = mid;
    }
    return h->clone[low];
}

static void set_before(struct history *h, struct machine *m) {
    machine_free(h->before);
    h->before = m;
}

/* ---- outcomes ---- */

#define ALL_HITS (OUT_HIT * 0x11) /* in a byte of a stored block: also where nothing is known yet */

static uint8_t outcome_at(const struct history *h, uint64_t step) {
    uint32_t stored = h->block[step / BLOCK].stored;
    return stored ? h->stored[stored - 1][step % BLOCK / 2] >> (step % 2 * 4) & 15 : OUT_HIT;
}

static void set_outcome(uint8_t stored[BLOCK_BYTES], uint64_t step, uint8_t outcome) {
    uint8_t *both = &stored[step % BLOCK / 2];
    *both = (uint8_t)(step % 2 ? (*both & 0x0f) | outcome << 4 : (*both & 0xf0) | outcome);
}

/* The stored outcomes of a block that has others than hits; room is reserved. */
static uint8_t *stored_block(struct history *h, struct block *b) {
    if (!b->stored) {
        memset(h->stored[h->stored_count], ALL_HITS, BLOCK_BYTES);
        b->stored = (uint32_t)++h->stored_count;
    }
    return h->stored[b->stored - 1];
}

/* Room for that many more steps, whatever comes of them. */
static bool reserve_outcomes(struct history *h, size_t more) {
    size_t blocks = (h->known + more) / BLOCK + 1, stored = h->stored_count + more / BLOCK + 2;
    return (mem_grow((void **)&h->block, &h->block_cap, blocks, sizeof *h->block) &&
            mem_grow((void **)&h->stored, &h->stored_cap, stored, sizeof *h->stored)) || out_of_memory(h);
}

/* Only the first `known` steps, fewer than there are, are known from now on. */
static void forget_outcomes(struct history *h, size_t known) {
    size_t kept = (known + BLOCK - 1) / BLOCK, end = (h->known + BLOCK - 1) / BLOCK;
    struct block *last = &h->block[known / BLOCK];
    for (; end > kept; end--) {
        if (h->block[end - 1].stored) h->stored_count--;
        h->block[end - 1] = (struct block){0};
    }
    for (size_t i = known; i % BLOCK && i < h->known; i++) {
        last->faults -= is_fault(outcome_at(h, i));
        if (last->stored) set_outcome(h->stored[last->stored - 1], i, OUT_HIT);
    }
    h->known = known;
}

/* Work beyond that of a hit. */
static const uint16_t work_of[OUT_COUNT] = {
    [OUT_TLB_MISS] = 100, [OUT_MINOR] = 300, [OUT_MAJOR] = 300, [OUT_COW] = 300, [OUT_INVALID] = 300, [OUT_OTHER] = 100};

/* Steps at a glance, all of them hits (nearly always so in a real program). */
#define GLANCE 64u

static bool all_hits(const uint8_t log[GLANCE]) {
    uint64_t eight, other = 0;
    for (size_t i = 0; i < GLANCE; i += sizeof eight) {
        memcpy(&eight, log + i, sizeof eight);
        other |= eight ^ OUT_HIT * UINT64_C(0x0101010101010101);
    }
    return other == 0;
}

/* Of step `step`, which was none. */
static void learn_one(struct history *h, size_t step, uint8_t outcome) {
    struct block *b = &h->block[step / BLOCK];
    set_outcome(stored_block(h, b), step, outcome);
    b->faults += is_fault(outcome);
    h->work += work_of[outcome];
}

/* The next n steps came out as log[0..n-1] says; room for them is reserved. */
static void learn(struct history *h, const uint8_t *log, size_t n) {
    for (size_t i = 0; i < n;) {
        if (n - i >= GLANCE && all_hits(log + i)) {
            i += GLANCE;
            continue;
        }
        for (size_t end = n - i < GLANCE ? n : i + GLANCE; i < end; i++)
            if (log[i] != OUT_HIT) learn_one(h, h->known + i, log[i]);
    }
    h->known += n;
    h->work += n;
}

/* The present has just finished the step before steps_done. */
static void learn_last(struct history *h) {
    if (machine_steps_done(h->now) != h->known + 1 || !reserve_outcomes(h, 1)) return;
    uint8_t outcome = (uint8_t)machine_outcome(h->now);
    learn(h, &outcome, 1);
    maybe_keep_clone(h);
}

enum outcome history_outcome(const struct history *h, uint64_t step) {
    return step < h->known ? (enum outcome)outcome_at(h, step) : OUT_UNKNOWN;
}

uint64_t history_known_steps(const struct history *h) { return h->known; }

uint64_t history_faults_between(const struct history *h, uint64_t a, uint64_t b) {
    uint64_t n = 0;
    if (b > h->known) b = h->known;
    while (a < b) {
        if (a % BLOCK == 0 && b - a >= BLOCK) {
            n += h->block[a / BLOCK].faults;
            a += BLOCK;
        } else {
            n += is_fault(outcome_at(h, a++));
        }
    }
    return n;
}

/* ---- life ---- */

struct history *history_create(struct machine *m, size_t max_clones) {
    struct history *h = mem_zalloc(1, sizeof *h);
    if (!h) {
        machine_free(m);
        return NULL;
    }
    h->now = m;
    h->max_clones = max_clones >= 4 ? max_clones : max_clones ? 4 : CLONES_DEFAULT;
    h->events_of = UINT64_MAX;
    h->log = mem_zalloc(SEARCH_CHUNK, 1);
    if (h->log && keep_clone(h)) return h;
    history_free(h);
    return NULL;
}

void history_free(struct history *h) {
    if (!h) return;
    machine_free(h->now);
    machine_free(h->before);
    for (size_t i = 0; i < h->clones; i++) machine_free(h->clone[i]);
    free(h->clone);
    free(h->block);
    free(h->stored);
    free(h->log);
    free(h->event);
    free(h);
}

const struct machine *history_machine(const struct history *h) { return h->now; }
uint64_t history_step_count(const struct history *h) { return machine_source(h->now)->count; }
enum vs_status history_status(const struct history *h) { return h->status; }
size_t history_clones(const struct history *h) { return h->clones; }

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

/* Steps from here to the next known one or clone, at most n, without the log
 * where the outcomes are known already. */
static uint64_t run_chunk(struct history *h, uint64_t n) {
    uint64_t at = machine_steps_done(h->now);
    if (at < h->known) return machine_run(h->now, n < h->known - at ? n : h->known - at, NULL);
    if (n > SEARCH_CHUNK) n = SEARCH_CHUNK;
    if (!reserve_outcomes(h, (size_t)n)) return 0;
    uint64_t done = machine_run(h->now, n, h->log);
    learn(h, h->log, (size_t)done);
    maybe_keep_clone(h);
    return done;
}

uint64_t history_run(struct history *h, uint64_t n) {
    uint64_t done = 0;
    if (n > 0 && !machine_between_steps(h->now)) {
        if (!history_step_forward(h)) return 0;
        done = 1;
    }
    while (done < n && h->status == VS_OK) {
        uint64_t chunk = run_chunk(h, n - done);
        if (chunk == 0) break;
        done += chunk;
    }
    if (machine_status(h->now) != VS_OK) h->status = machine_status(h->now);
    if (done) set_before(h, NULL);
    return done;
}

/* ---- anywhere ---- */

/* A machine at the start of step `step`, which lies in the known past or at the present. NULL: no memory. */
static struct machine *rewind_to(struct history *h, uint64_t step) {
    const struct machine *from = clone_before(h, step);
    if (h->before && machine_steps_done(h->before) <= step && machine_steps_done(h->before) > machine_steps_done(from))
        from = h->before;
    struct machine *m = machine_clone(from);
    if (m && step > machine_steps_done(m)) machine_run(m, step - machine_steps_done(m), NULL);
    if (m && machine_status(m) == VS_OK) return m;
    machine_free(m);
    h->status = VS_NOMEM;
    return NULL;
}

/* Replace the present by `m`, at the start of a step; `micro` micro-steps follow. */
static bool settle(struct history *h, struct machine *m, uint32_t micro) {
    if (!m) return false;
    machine_free(h->now);
    h->now = m;
    if (micro == 0) return true;
    while (micro-- > 0)
        if (!history_micro_forward(h) || machine_between_steps(h->now)) break;
    return h->status == VS_OK;
}

bool history_goto(struct history *h, struct position to) {
    uint64_t count = history_step_count(h), at = machine_steps_done(h->now);
    if (to.step > count) to = (struct position){count, 0};
    bool forward = to.step > at && (to.step >= h->known || to.step - at < WORK_APART);
    if (forward) {
        history_run(h, to.step - at);
        while (to.micro-- > 0 && h->status == VS_OK)
            if (!history_micro_forward(h) || machine_between_steps(h->now)) break;
        return h->status == VS_OK;
    }
    struct machine *m = rewind_to(h, to.step);
    if (m && h->before && machine_steps_done(h->before) > to.step) set_before(h, NULL);
    return settle(h, m, to.micro);
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

bool history_next_fault(struct history *h, uint64_t limit) {
    uint64_t from = machine_steps_done(h->now), end = history_step_count(h);
    if (limit && limit < end - from) end = from + limit;
    for (uint64_t i = from; i < end; i++) {
        if (i >= h->known) {
            if (machine_steps_done(h->now) < h->known) history_goto(h, (struct position){h->known, 0});
            uint64_t left = end - i;
            if (history_run(h, left < SEARCH_CHUNK ? left : SEARCH_CHUNK) == 0 || h->known <= i) return false;
        }
        if (is_fault(outcome_at(h, i))) return go_to_end_of(h, i);
    }
    return false;
}

bool history_previous_fault(struct history *h) {
    struct position p = history_position(h);
    uint64_t i = p.micro ? p.step : p.step ? p.step - 1 : 0; /* the step under way or last done */
    while (i-- > 0)
        if (i < h->known && is_fault(outcome_at(h, i))) return go_to_end_of(h, i);
    return false;
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
    while (h->clones > 1 && machine_steps_done(h->clone[h->clones - 1]) > at) machine_free(h->clone[--h->clones]);
    enum vs_status s = machine_set_source(h->now, source);
    for (size_t i = 0; s == VS_OK && i < h->clones; i++) s = machine_set_source(h->clone[i], source);
    set_before(h, NULL);
    h->events_of = UINT64_MAX;
    if (h->known > at) forget_outcomes(h, (size_t)at);
    if (s != VS_OK) h->status = s;
    return s;
}
