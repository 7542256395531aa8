/* policy_wsclock.c - WSCLOCK: the working set, found by the hand of a clock.
 *
 * Each page has a time stamp: the reference at which it was last seen in use.
 * The hand looks at one page after another:
 *
 *   R=1                       in use: R is cleared, the stamp becomes now
 *   R=0, age <= tau           in the working set: it stays
 *   R=0, age > tau, clean     the victim
 *   R=0, age > tau, dirty     its write to disk is scheduled, so that it is clean
 *                             when the hand comes by again; the hand goes on
 *
 * where age = now - stamp. After two rounds without a victim there is no page
 * outside the working set: the one with the oldest stamp leaves, a clean one
 * before a dirty one, then the one nearest to the hand. The hand then stands
 * behind the victim. Time is counted in references.
 * Carr, Hennessy, WSCLOCK - A Simple and Effective Algorithm for Virtual Memory
 * Management, SOSP 1981; as told in Tanenbaum, Bos, Modern Operating Systems, 3.4.9.
 */
#include "vmscope/base/memory.h"

#include "policy/policies.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 2

struct wsclock {
    struct policy_base base;
    uint32_t frames, tau;
    frame_t hand;    /* below frames */
    uint64_t looked; /* frames that this search has looked at; 0 between searches */
    uint64_t *stamp; /* [frames] */
};

static struct wsclock *self(struct policy *p) { return (struct wsclock *)(void *)p; }

static void destroy(struct policy *p) {
    if (!p) return;
    free(self(p)->stamp);
    free(p);
}

static struct policy *whole_or_nothing(struct wsclock *p) {
    if (p->stamp) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct wsclock *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_wsclock;
    p->frames = c->frames;
    p->tau = c->tau;
    p->stamp = mem_zalloc(c->frames, sizeof *p->stamp);
    return whole_or_nothing(p);
}

static struct policy *clone(const struct policy *original) {
    const struct wsclock *from = (const void *)original;
    struct wsclock *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->stamp = mem_copy(from->stamp, from->frames, sizeof *p->stamp);
    return whole_or_nothing(p);
}

static void on_load(struct policy *p, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    self(p)->stamp[f] = now;
}

static void on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    self(p)->stamp[f] = 0;
}

static frame_t after(const struct wsclock *p, frame_t f) { return f + 1 < p->frames ? f + 1 : 0; }

/* What the hand does about frame f, which may leave; NONE: it just passes. */
static enum policy_verdict look_at(struct wsclock *p, const struct policy_env *env, frame_t f) {
    if (env->referenced(env->os, f)) {
        env->clear_referenced(env->os, f);
        p->stamp[f] = env->now;
        *env->told = "R is cleared, and its time of last use becomes now.";
        return POLICY_PASS;
    }
    if (env->now - p->stamp[f] <= p->tau) return POLICY_NONE;
    return env->dirty(env->os, f) ? POLICY_WRITE : POLICY_VICTIM;
}

static enum policy_verdict search(struct wsclock *p, const struct policy_env *env, frame_t *out) {
    enum policy_verdict verdict = POLICY_NONE;
    while (verdict == POLICY_NONE && p->looked < (uint64_t)ROUNDS * p->frames) {
        *out = p->hand;
        p->hand = after(p, p->hand);
        p->looked++;
        if (env->may_evict(env->os, *out)) verdict = look_at(p, env, *out);
    }
    return verdict;
}

/* Does a leave rather than b? */
static bool older(const struct wsclock *p, const struct policy_env *env, frame_t a, frame_t b) {
    if (p->stamp[a] != p->stamp[b]) return p->stamp[a] < p->stamp[b];
    return !env->dirty(env->os, a) && env->dirty(env->os, b);
}

/* Everything is in the working set: the oldest, of equal ones the nearest to the hand. */
static enum policy_verdict oldest(struct wsclock *p, const struct policy_env *env, frame_t *out) {
    frame_t best = FRAME_NONE, f = p->hand;
    for (uint32_t i = 0; i < p->frames; i++, f = after(p, f))
        if (env->may_evict(env->os, f) && (best == FRAME_NONE || older(p, env, f, best))) best = f;
    if (best == FRAME_NONE) return POLICY_NONE;
    *out = best;
    p->hand = after(p, best);
    *env->told = "In two rounds no page was old enough: of all it has the oldest time of last use.";
    return POLICY_VICTIM;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct wsclock *p = self(policy);
    enum policy_verdict verdict = search(p, env, out);
    if (verdict == POLICY_NONE) verdict = oldest(p, env, out);
    if (verdict == POLICY_VICTIM || verdict == POLICY_NONE) p->looked = 0;
    return verdict;
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct wsclock *p = (const void *)policy;
    out->hand = p->hand;
    out->rank_name = "time";
    memcpy(out->rank, p->stamp, p->frames * sizeof *p->stamp);
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct wsclock *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->frames == y->frames && x->tau == y->tau && x->hand == y->hand &&
           x->looked == y->looked && memcmp(x->stamp, y->stamp, x->frames * sizeof *x->stamp) == 0;
}

const struct policy_ops policy_wsclock = {
    .name = "wsclock",
    .title = "WSCLOCK",
    .rule = "It was not used for more than tau references, and it is clean.",
    .source = "Carr, Hennessy, WSCLOCK, SOSP 1981; Tanenbaum, Bos, Modern Operating Systems, 3.4.9",
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
