/* outcomes.c - see outcomes.h.
 *
 * Invariant: block[i] is set for every block that has a known step; stored blocks stand in the
 * order of their steps, so that forgetting the newest steps only shortens the store; in a stored
 * block, steps that are not known yet stand as hits. */
#include "sim/outcomes.h"

#include "vmscope/base/memory.h"

#define ALL_HITS (OUT_HIT * 0x11) /* in a byte of a stored block */

static void count(struct outcome_sums *s, uint8_t outcome) {
    s->faults += outcome_is_fault((enum outcome)outcome);
    s->tlb_misses += outcome == OUT_TLB_MISS;
}

void outcomes_free(struct outcomes *o) {
    free(o->block);
    free(o->stored);
    *o = (struct outcomes){0};
}

uint64_t outcomes_bytes(const struct outcomes *o) {
    return o->block_cap * sizeof *o->block + o->stored_cap * sizeof *o->stored;
}

/* ---- one step ---- */

/* Of a known step. */
static uint8_t outcome_of(const struct outcomes *o, uint64_t step) {
    uint32_t stored = o->block[step / OUTCOME_BLOCK].stored;
    return stored ? o->stored[stored - 1][step % OUTCOME_BLOCK / 2] >> (step % 2 * 4) & 15 : OUT_HIT;
}

static void set_outcome(uint8_t stored[OUTCOME_BLOCK_BYTES], uint64_t step, uint8_t outcome) {
    uint8_t *both = &stored[step % OUTCOME_BLOCK / 2];
    *both = (uint8_t)(step % 2 ? (*both & 0x0f) | outcome << 4 : (*both & 0xf0) | outcome);
}

enum outcome outcomes_at(const struct outcomes *o, uint64_t step) {
    return step < o->known ? (enum outcome)outcome_of(o, step) : OUT_UNKNOWN;
}

/* ---- learning ---- */

bool outcomes_reserve(struct outcomes *o, size_t more) {
    size_t blocks = (o->known + more) / OUTCOME_BLOCK + 2, stored = o->stored_count + more / OUTCOME_BLOCK + 2;
    return mem_grow((void **)&o->block, &o->block_cap, blocks, sizeof *o->block) &&
           mem_grow((void **)&o->stored, &o->stored_cap, stored, sizeof *o->stored);
}

/* About how many nanoseconds they take: between those of the short ways and those of machines that cannot go them. */
#define WORK_OF_HIT 2u
static const uint16_t work_of[OUT_COUNT] = {
    [OUT_TLB_MISS] = 80, [OUT_MINOR] = 500, [OUT_MAJOR] = 500, [OUT_COW] = 500, [OUT_INVALID] = 500, [OUT_OTHER] = 500};

/* Steps at a glance, all of them hits (nearly always so in a real program). */
#define GLANCE 64u

/* The first is one, and each is like the one before it. */
static bool all_hits(const uint8_t *log, size_t n) { return log[0] == OUT_HIT && memcmp(log, log + 1, n - 1) == 0; }

/* Step `step`, the first that is not known, is no hit. */
static void learn_one(struct outcomes *o, size_t step, uint8_t outcome) {
    struct outcome_block *b = &o->block[step / OUTCOME_BLOCK];
    if (!b->stored) {
        memset(o->stored[o->stored_count], ALL_HITS, OUTCOME_BLOCK_BYTES);
        b->stored = (uint32_t)++o->stored_count;
    }
    set_outcome(o->stored[b->stored - 1], step, outcome);
    count(&o->sums, outcome);
}

/* The next n steps, all in one block; returns the work beyond that of hits. */
static uint64_t learn_within(struct outcomes *o, const uint8_t *log, size_t n) {
    uint64_t work = 0;
    for (size_t i = all_hits(log, n) ? n : 0; i < n;) {
        if (n - i >= GLANCE && all_hits(log + i, GLANCE)) {
            i += GLANCE;
            continue;
        }
        for (size_t end = n - i < GLANCE ? n : i + GLANCE; i < end; i++) {
            if (log[i] == OUT_HIT) continue;
            learn_one(o, o->known + i, log[i]);
            work += work_of[log[i]];
        }
    }
    o->known += n;
    return work;
}

uint64_t outcomes_learn(struct outcomes *o, const uint8_t *log, size_t n) {
    uint64_t work = n * WORK_OF_HIT;
    while (n > 0) {
        size_t within = o->known % OUTCOME_BLOCK, room = OUTCOME_BLOCK - within, part = n < room ? n : room;
        if (within == 0) o->block[o->known / OUTCOME_BLOCK] = (struct outcome_block){.before = o->sums};
        work += learn_within(o, log, part);
        log += part;
        n -= part;
    }
    return work;
}

void outcomes_forget(struct outcomes *o, size_t known) {
    struct outcome_sums sums = outcomes_before(o, known);
    size_t kept = (known + OUTCOME_BLOCK - 1) / OUTCOME_BLOCK, end = (o->known + OUTCOME_BLOCK - 1) / OUTCOME_BLOCK;
    for (; end > kept; end--) {
        if (o->block[end - 1].stored) o->stored_count--;
        o->block[end - 1] = (struct outcome_block){0};
    }
    uint32_t last = known % OUTCOME_BLOCK ? o->block[known / OUTCOME_BLOCK].stored : 0;
    for (size_t i = known; last && i < kept * OUTCOME_BLOCK; i++) set_outcome(o->stored[last - 1], i, OUT_HIT);
    o->known = known;
    o->sums = sums;
}

/* ---- asking ---- */

struct outcome_sums outcomes_before(const struct outcomes *o, uint64_t step) {
    if (step >= o->known) return o->sums;
    const struct outcome_block *b = &o->block[step / OUTCOME_BLOCK];
    struct outcome_sums s = b->before;
    for (uint64_t i = step - step % OUTCOME_BLOCK; b->stored && i < step; i++) count(&s, outcome_of(o, i));
    return s;
}

bool outcomes_next_fault(const struct outcomes *o, uint64_t step, uint64_t *at) {
    while (step < o->known) {
        bool none = !o->block[step / OUTCOME_BLOCK].stored;
        if (!none && outcome_is_fault((enum outcome)outcome_of(o, step))) {
            *at = step;
            return true;
        }
        step = none ? (step / OUTCOME_BLOCK + 1) * OUTCOME_BLOCK : step + 1;
    }
    return false;
}

bool outcomes_fault_before(const struct outcomes *o, uint64_t step, uint64_t *at) {
    if (step > o->known) step = o->known;
    while (step > 0) {
        bool none = !o->block[(step - 1) / OUTCOME_BLOCK].stored;
        if (!none && outcome_is_fault((enum outcome)outcome_of(o, step - 1))) {
            *at = step - 1;
            return true;
        }
        step = none ? (step - 1) / OUTCOME_BLOCK * OUTCOME_BLOCK : step - 1;
    }
    return false;
}
