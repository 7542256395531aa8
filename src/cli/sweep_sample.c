/* sweep_sample.c - a part of the pages in place of all: sweeps over very long traces.
 *
 *   pages that a hash chooses, one in a hundred         10 KB of steps in place of 1 MB
 *   a machine with one frame in a hundred, these alone  its faults times a hundred: an estimate
 *
 * Source: C. Waldspurger, N. Park, A. Garthwaite and I. Ahmad, Efficient MRC Construction with SHARDS,
 * FAST 2015; for policies other than LRU: C. Waldspurger, T. Saemundsson, I. Ahmad and N. Park, Cache
 * Modeling and Optimization using Miniature Simulations, USENIX ATC 2017. The error is measured, not
 * derived: it is that of the mean of SWEEP_SAMPLES samples that know nothing of each other. */
#include "cli/cli.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

#include <math.h>
#include <stdlib.h>

/* An access to one page, packed. */
struct sampled {
    vaddr_t va;
    proc_t proc;
    uint8_t op, flags;
};

struct sampled_source {
    struct step_source base;
    struct sampled *access;
    size_t cap;
};

static const struct step *sampled_span(const struct step_source *base, uint64_t at, struct step *buf, size_t *count) {
    const struct sampled_source *s = (const struct sampled_source *)(const void *)base;
    size_t n = 0;
    for (; n < STEP_SPAN && at + n < base->count; n++) {
        const struct sampled *a = &s->access[at + n];
        buf[n] = (struct step){.va = a->va, .proc = a->proc, .op = a->op, .size = 1, .flags = a->flags};
    }
    *count = n;
    return n ? buf : NULL;
}

static void sampled_free(struct step_source *base) {
    struct sampled_source *s = (struct sampled_source *)(void *)base;
    free(s->access);
    free(s);
}

static const struct step_source_ops sampled_ops = {.span = sampled_span, .free = sampled_free};

/* ---- choosing ---- */

struct picker {
    struct sampled_source *to[SWEEP_SAMPLES];
    uint64_t below; /* of 2^64: a page with a smaller hash is chosen */
    unsigned page_shift;
    proc_t running;
    uint64_t budget; /* accesses that may still be kept */
    const char *why;
};

static void keep(struct picker *p, struct sampled_source *to, const struct step *s, vaddr_t va) {
    if (p->budget == 0 || !mem_grow((void **)&to->access, &to->cap, to->base.count + 1, sizeof *to->access)) {
        p->why = "the sample does not fit the memory of this computer: take a smaller one";
        return;
    }
    p->budget--;
    to->access[to->base.count++] =
        (struct sampled){va, p->running, s->op, (uint8_t)((s->flags & STEP_AUTOMAP) | STEP_NO_SPLIT)};
}

/* One seed a sample: the same page is in one by a chance of its own. */
static void pick(struct picker *p, const struct step *s, vaddr_t va) {
    uint64_t page = rng_mix(va_to_vpn(va, p->page_shift) + UINT64_C(0x9e3779b97f4a7c15) * (p->running + 1u));
    for (unsigned i = 0; i < SWEEP_SAMPLES && !p->why; i++)
        if (rng_mix(page + UINT64_C(0x9e3779b97f4a7c15) * (i + 1)) < p->below) keep(p, p->to[i], s, va);
}

static bool crosses(const struct step *s, unsigned shift) {
    return !(s->flags & STEP_NO_SPLIT) && (s->va & low_bits(shift)) + s->size > low_bits(shift) + 1;
}

static void pick_step(struct picker *p, struct sweep_sampling *g, const struct step *s) {
    bool plain = (s->kind == STEP_ACCESS && !s->name && !(s->flags & STEP_KERNEL)) || s->kind == STEP_SWITCH;
    if (!plain) {
        p->why = "a sample of pages needs a file of accesses and switches alone";
        return;
    }
    if (s->proc != PROC_NONE) p->running = s->proc;
    if (s->kind != STEP_ACCESS) return;
    g->accesses++;
    g->translations++;
    pick(p, s, s->va);
    if (!crosses(s, p->page_shift)) return;
    g->translations++;
    pick(p, s, (s->va | low_bits(p->page_shift)) + 1);
}

static void pick_all(struct picker *p, struct sweep_sampling *g, const struct scenario *from) {
    struct step *buffer = mem_zalloc(STEP_SPAN, sizeof *buffer);
    size_t count = 0;
    if (!buffer) p->why = "memory is out";
    for (uint64_t at = 0; !p->why && at < from->steps->count; at += count) {
        const struct step *span = step_span(from->steps, at, buffer, &count);
        if (!span) break;
        for (size_t i = 0; i < count && !p->why; i++) pick_step(p, g, &span[i]);
    }
    free(buffer);
}

/* A part of the pages in a part of the frames must behave as all in all. */
static const char *refused(const struct machine_config *c) {
    if (c->scope != SCOPE_GLOBAL || c->free_low || c->load_control || c->tables_in_frames)
        return "a sample of pages needs global replacement without kswapd, load control and tables in frames";
    if (c->swap_slots != SWAP_UNLIMITED) return "a sample of pages needs swap without end";
    if (c->format.shape == SHAPE_SEGMENTS) return "a sample of pages needs pages";
    for (size_t p = 0; p < c->process_count; p++) {
        if (c->processes[p].map_count) return "a sample of pages needs a machine that starts empty";
        for (size_t r = 0; r < c->processes[p].region_count; r++)
            if (c->processes[p].regions[r].order) return "a sample of pages needs pages of one size";
    }
    return NULL;
}

const char *sweep_sampling_begin(struct sweep_sampling *g, const struct scenario *from, double rate) {
    struct picker p = {.below = (uint64_t)(rate * 0x1p63) * 2, .page_shift = from->config.format.page_shift,
                       .budget = mem_available() / 2 / sizeof(struct sampled), .why = refused(&from->config)};
    *g = (struct sweep_sampling){.accesses = 0};
    for (unsigned i = 0; i < SWEEP_SAMPLES && !p.why; i++) {
        p.to[i] = mem_zalloc(1, sizeof *p.to[i]);
        if (!p.to[i]) p.why = "memory is out";
        else p.to[i]->base.ops = &sampled_ops, g->source[i] = &p.to[i]->base;
    }
    if (!p.why) pick_all(&p, g, from);
    return p.why;
}

void sweep_sampling_end(struct sweep_sampling *g) {
    for (unsigned i = 0; i < SWEEP_SAMPLES; i++) step_source_free(g->source[i]);
    *g = (struct sweep_sampling){.accesses = 0};
}

/* ---- the small machine, and back ---- */

static uint32_t scaled(uint32_t n, double rate) {
    double small = floor(n * rate + 0.5);
    return small < 1 ? 1 : (uint32_t)small;
}

/* What a policy counts in references goes by fewer of them. */
void sweep_scale(struct machine_config *c, double rate) {
    c->frames = c->policy.frames = scaled(c->frames, rate);
    c->policy.tick = scaled(c->policy.tick, rate);
    c->policy.tau = scaled(c->policy.tau, rate);
}

/* Student's t for 7 degrees of freedom, two-sided 95 %: 2.365 (any table of it). */
uint64_t sweep_estimate(const uint64_t count[SWEEP_SAMPLES], double rate, uint64_t *error) {
    double mean = 0, square = 0;
    for (unsigned i = 0; i < SWEEP_SAMPLES; i++) mean += (double)count[i] / SWEEP_SAMPLES;
    for (unsigned i = 0; i < SWEEP_SAMPLES; i++) square += ((double)count[i] - mean) * ((double)count[i] - mean);
    double deviation = sqrt(square / (SWEEP_SAMPLES - 1)), of_mean = deviation / sqrt(SWEEP_SAMPLES);
    *error = (uint64_t)ceil(2.365 * of_mean / rate);
    return (uint64_t)(mean / rate + 0.5);
}
