/* clones.c - see clones.h.
 *
 * Invariant: milestones and footprints ascend strictly; milestone[0] is the start and never goes. */
#include "sim/clones.h"

#include "vmscope/base/memory.h"

static uint64_t at_step(const struct machine *m) { return machine_steps_done(m); }

/* ---- milestones ---- */

static void drop_milestone(struct clones *c, size_t i) {
    machine_free(c->milestone[i].machine);
    c->bytes -= c->milestone[i].bytes;
}

static bool add_milestone(struct clones *c, const struct machine *now) {
    void *list = c->milestone;
    bool room = mem_grow(&list, &c->cap, c->count + 1, sizeof *c->milestone);
    c->milestone = list;
    struct machine *copy = room ? machine_clone(now) : NULL;
    if (!copy) return false;
    const struct machine *last = c->count ? c->milestone[c->count - 1].machine : NULL;
    uint64_t bytes = machine_bytes_since(copy, last);
    c->milestone[c->count++] = (struct milestone){copy, bytes};
    c->bytes += bytes;
    c->work = 0;
    return true;
}

/* Every second one goes; from now on they stand twice as far apart. */
static void thin_milestones(struct clones *c) {
    size_t kept = 0;
    if (c->count % 2 == 0) c->work += c->apart; /* the newest goes */
    for (size_t i = 0; i < c->count; i++) {
        if (i % 2) drop_milestone(c, i);
        else c->milestone[kept++] = c->milestone[i];
    }
    c->count = kept;
    c->apart *= 2;
}

/* ---- footprints ---- */

/* Remove footprint i from the list. */
static void drop_footprint(struct clones *c, size_t i) {
    machine_free(c->footprint[i]);
    c->footprints--;
    for (; i < c->footprints; i++) c->footprint[i] = c->footprint[i + 1];
}

static void drop_footprints_after(struct clones *c, uint64_t step) {
    while (c->footprints > 0 && at_step(c->footprint[c->footprints - 1]) > step) drop_footprint(c, c->footprints - 1);
}

static uint64_t footprint_bytes(const struct clones *c) { return c->milestone[c->count - 1].bytes; }

/* How many may be kept. */
static size_t footprints_most(const struct clones *c) {
    uint64_t n = c->budget / 4 / footprint_bytes(c);
    return n < FOOTPRINTS_LEAST ? FOOTPRINTS_LEAST : n > FOOTPRINTS_MOST ? FOOTPRINTS_MOST : (size_t)n;
}

/* Make room for one at `step`, beyond all others: the one goes that is missed least, since the gap
 * that it leaves is small beside its distance from there. */
static void thin_footprints(struct clones *c, uint64_t step) {
    size_t least = 0;
    double least_gap = 0;
    for (size_t i = 0; i + 1 < c->footprints; i++) {
        uint64_t below = i ? at_step(c->footprint[i - 1]) : at_step(clones_before(c, at_step(c->footprint[0]) - 1));
        double gap = (double)(at_step(c->footprint[i + 1]) - below) / (double)(step - at_step(c->footprint[i]));
        if (i && gap >= least_gap) continue;
        least = i;
        least_gap = gap;
    }
    drop_footprint(c, least);
}

/* Keep a copy of `now`, which is farther than all other footprints. */
static bool add_footprint(struct clones *c, const struct machine *now) {
    if (at_step(clones_before(c, at_step(now))) == at_step(now)) return true; /* there is one */
    while (c->footprints >= footprints_most(c)) thin_footprints(c, at_step(now));
    struct machine *copy = machine_clone(now);
    if (!copy) return false;
    c->footprint[c->footprints++] = copy;
    c->trod = 0;
    return true;
}

/* ---- life ---- */

bool clones_begin(struct clones *c, const struct machine *start, size_t max) {
    *c = (struct clones){.max = max, .apart = WORK_APART};
    return add_milestone(c, start);
}

void clones_free(struct clones *c) {
    for (size_t i = 0; i < c->count; i++) machine_free(c->milestone[i].machine);
    for (size_t i = 0; i < c->footprints; i++) machine_free(c->footprint[i]);
    free(c->milestone);
    *c = (struct clones){0};
}

uint64_t clones_bytes(const struct clones *c) { return c->bytes + c->footprints * footprint_bytes(c); }

bool clones_follow(struct clones *c, const struct machine *now, uint64_t work, uint64_t budget) {
    c->budget = budget;
    c->work += work;
    c->trod += work;
    if (c->work >= c->apart) {
        while (c->count > 2 && (c->count >= c->max || clones_bytes(c) >= budget)) thin_milestones(c);
        return c->work < c->apart || add_milestone(c, now);
    }
    if (c->apart == WORK_APART || c->trod < 2 * WORK_APART) return true;
    drop_footprints_after(c, at_step(now) - 1);
    return add_footprint(c, now);
}

/* ---- finding and running ---- */

/* The last of a list of copies at or before `step`; NULL: none. */
static const struct machine *last_milestone(const struct clones *c, uint64_t step) {
    size_t low = 0, high = c->count;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (at_step(c->milestone[mid].machine) <= step) low = mid;
        else high = mid;
    }
    return c->milestone[low].machine;
}

const struct machine *clones_before(const struct clones *c, uint64_t step) {
    const struct machine *best = last_milestone(c, step);
    for (size_t i = c->footprints; i-- > 0;) {
        uint64_t at = at_step(c->footprint[i]);
        if (at <= step) return at > at_step(best) ? c->footprint[i] : best;
    }
    return best;
}

bool clones_run_to(struct clones *c, struct machine *m, uint64_t step) {
    drop_footprints_after(c, at_step(m));
    for (uint64_t distance = 1u << 20; distance > 1; distance >>= 4) {
        uint64_t from = at_step(m), left = step - from;
        if (left <= distance) continue;
        machine_run(m, left - distance, NULL);
        if (machine_status(m) != VS_OK || !add_footprint(c, m)) return false;
    }
    if (at_step(m) < step) machine_run(m, step - at_step(m), NULL);
    return machine_status(m) == VS_OK;
}

enum vs_status clones_branch(struct clones *c, uint64_t step, const struct step_source *source) {
    enum vs_status s = VS_OK;
    while (c->count > 1 && at_step(c->milestone[c->count - 1].machine) > step) drop_milestone(c, --c->count);
    drop_footprints_after(c, step);
    for (size_t i = 0; s == VS_OK && i < c->count; i++) s = machine_set_source(c->milestone[i].machine, source);
    for (size_t i = 0; s == VS_OK && i < c->footprints; i++) s = machine_set_source(c->footprint[i], source);
    c->work = c->trod = 0;
    return s;
}
