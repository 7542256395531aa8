/* policy_enhanced_clock.c - the clock that also looks at D: clean pages first.
 *
 * A dirty page costs a write before its frame can be used, a clean one nothing.
 * So the hand goes round looking for the cheapest pair of bits:
 *
 *   round 1   (R,D) = (0,0): not used lately and clean. Nothing is cleared.
 *   round 2   (0,1): not used lately, but dirty. R is cleared as the hand passes.
 *   3 and 4   as 1 and 2: every R is 0 now, so one of them finds a victim.
 *
 * The hand then stands behind the victim.
 * Stallings, Operating Systems, 8.2 (replacement policy, clock with use and modify bit);
 * Silberschatz, Galvin, Gagne, Operating System Concepts, 10.4.5.3.
 */
#include "vmscope/base/memory.h"

#include "policy/policies.h"

#include <stdlib.h>

#define ROUNDS 4

struct enhanced_clock {
    struct policy_base base;
    uint32_t frames;
    frame_t hand;    /* below frames */
    uint64_t looked; /* frames that this search has looked at; 0 between searches */
};

static struct policy *create(const struct policy_config *c) {
    struct enhanced_clock *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_enhanced_clock;
    p->frames = c->frames;
    return (struct policy *)p;
}

static struct policy *clone(const struct policy *from) { return mem_copy(from, 1, sizeof(struct enhanced_clock)); }

static void destroy(struct policy *p) { free(p); }

static void on_load(struct policy *p, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    (void)p;
    (void)f;
    (void)now;
}

static void on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    (void)p;
    (void)f;
}

/* The frame under the hand, which moves on. */
static frame_t advance(struct enhanced_clock *p) {
    frame_t f = p->hand;
    p->hand = f + 1 < p->frames ? f + 1 : 0;
    p->looked++;
    return f;
}

/* What the hand does about frame f, which may leave; NONE: it just passes. */
static enum policy_verdict look_at(const struct policy_env *env, frame_t f, bool second_kind) {
    bool used = env->referenced(env->os, f);
    if (!used && env->dirty(env->os, f) == second_kind) return POLICY_VICTIM;
    if (!second_kind || !used) return POLICY_NONE;
    env->clear_referenced(env->os, f);
    return POLICY_PASS;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct enhanced_clock *p = (struct enhanced_clock *)(void *)policy;
    enum policy_verdict verdict = POLICY_NONE;
    while (verdict == POLICY_NONE && p->looked < (uint64_t)ROUNDS * p->frames) {
        bool second_kind = p->looked / p->frames % 2;
        frame_t f = *out = advance(p);
        if (env->may_evict(env->os, f)) verdict = look_at(env, f, second_kind);
    }
    if (verdict != POLICY_PASS) p->looked = 0;
    return verdict;
}

static void describe(const struct policy *p, struct policy_picture *out) {
    out->hand = ((const struct enhanced_clock *)(const void *)p)->hand;
    out->rank_name = NULL;
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct enhanced_clock *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->frames == y->frames && x->hand == y->hand && x->looked == y->looked;
}

const struct policy_ops policy_enhanced_clock = {
    .name = "enhanced_clock",
    .title = "ENHANCED CLOCK",
    .rule = "The hand found no better pair of bits: R=0 comes before R=1, and of those D=0 before D=1.",
    .source = "Stallings, Operating Systems, 8.2; Silberschatz et al., Operating System Concepts, 10.4.5.3",
    .create = create,
    .clone = clone,
    .free = destroy,
    .on_load = on_load,
    .on_free = on_free,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .uses_reference_bit = true,
};
