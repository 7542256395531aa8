/* policy_aging.c - aging: how often, and how long ago, in one small counter.
 *
 * At every clock tick each page's counter shifts right by one bit, the page's R
 * enters at the left, and R is cleared:
 *
 *      R                  counter
 *      1   -->   1 0 1 1 0 0 1 0   -->  the oldest tick falls out
 *
 * A bit tells whether the page was used in that tick, the leftmost in the last
 * one. The lowest counter is that of the page which was not used for the most
 * ticks; two pages that were not used for `bits` ticks look the same, however
 * much longer one of them was. A new page starts with 0.
 * Tanenbaum, Bos, Modern Operating Systems, 3.4.7 (simulating LRU in software).
 */
#include "vmscope/base/memory.h"

#include "policy/policies.h"

#include <stdlib.h>
#include <string.h>

struct aging {
    struct policy_base base;
    uint32_t frames, bits;
    bool *holds;       /* [frames]: a page, of this policy's */
    uint64_t *counter; /* [frames]; 0 where none is held */
};

static struct aging *self(struct policy *p) { return (struct aging *)(void *)p; }

static void destroy(struct policy *p) {
    if (!p) return;
    free(self(p)->holds);
    free(self(p)->counter);
    free(p);
}

static struct policy *whole_or_nothing(struct aging *p) {
    if (p->holds && p->counter) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct aging *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_aging;
    p->frames = c->frames;
    p->bits = c->bits ? c->bits : 8;
    p->holds = mem_zalloc(c->frames, sizeof *p->holds);
    p->counter = mem_zalloc(c->frames, sizeof *p->counter);
    return whole_or_nothing(p);
}

static struct policy *clone(const struct policy *original) {
    const struct aging *from = (const void *)original;
    struct aging *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->holds = mem_copy(from->holds, from->frames, sizeof *p->holds);
    p->counter = mem_copy(from->counter, from->frames, sizeof *p->counter);
    return whole_or_nothing(p);
}

static void on_load(struct policy *p, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    (void)now;
    self(p)->holds[f] = true;
    self(p)->counter[f] = 0;
}

static void on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    self(p)->holds[f] = false;
    self(p)->counter[f] = 0;
}

static uint32_t on_tick(struct policy *policy, const struct policy_env *env) {
    struct aging *p = self(policy);
    uint32_t used = 0;
    for (frame_t f = 0; f < p->frames; f++) {
        if (!p->holds[f]) continue;
        uint64_t r = env->referenced(env->os, f);
        p->counter[f] = p->counter[f] >> 1 | r << (p->bits - 1);
        if (r) env->clear_referenced(env->os, f);
        used += r != 0;
    }
    *env->told = "every page's counter shifts right, its R enters at the left and is cleared.";
    return used;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    const struct aging *p = self(policy);
    enum policy_verdict verdict = POLICY_NONE;
    for (frame_t f = 0; f < p->frames; f++) {
        if (!p->holds[f] || !env->may_evict(env->os, f)) continue;
        if (verdict == POLICY_VICTIM && p->counter[f] >= p->counter[*out]) continue;
        *out = f;
        verdict = POLICY_VICTIM;
    }
    return verdict;
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct aging *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = "counter";
    out->rank_digits = (uint8_t)p->bits;
    memcpy(out->rank, p->counter, p->frames * sizeof *p->counter);
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct aging *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->frames == y->frames && x->bits == y->bits &&
           memcmp(x->holds, y->holds, x->frames * sizeof *x->holds) == 0 &&
           memcmp(x->counter, y->counter, x->frames * sizeof *x->counter) == 0;
}

const struct policy_ops policy_aging = {
    .name = "aging",
    .title = "AGING",
    .rule = "Its counter is the lowest: it was not used for the most clock ticks.",
    .source = "Tanenbaum, Bos, Modern Operating Systems, 3.4.7",
    .create = create,
    .clone = clone,
    .free = destroy,
    .on_load = on_load,
    .on_free = on_free,
    .on_tick = on_tick,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .uses_reference_bit = true,
};
