/* policy_random.c - any page, with equal chances.
 *
 * The generator is the policy's own and seeded, so that a run repeats on every
 * machine and a clone goes on exactly as its original would.
 * Belady, A Study of Replacement Algorithms for a Virtual-Storage Computer, IBM
 * Systems Journal 1966.
 *
 * Invariant: bag[0..used-1] are the loaded frames, each once, and
 * place[bag[i]] == i; place is NOWHERE for all others.
 */
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

#include "policy/policies.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

struct random_policy {
    struct policy_base base;
    struct rng rng;
    uint32_t frames, used;
    frame_t *bag;    /* [frames] */
    uint32_t *place; /* [frames] */
};

static struct random_policy *self(struct policy *p) { return (struct random_policy *)(void *)p; }

static void destroy(struct policy *p) {
    if (!p) return;
    free(self(p)->bag);
    free(self(p)->place);
    free(p);
}

static struct policy *whole_or_nothing(struct random_policy *p) {
    if (p->bag && p->place) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct random_policy *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_random;
    p->rng.state = c->seed;
    p->frames = c->frames;
    p->bag = mem_zalloc(c->frames, sizeof *p->bag);
    p->place = mem_zalloc(c->frames, sizeof *p->place);
    for (frame_t f = 0; p->place && f < c->frames; f++) p->place[f] = NOWHERE;
    return whole_or_nothing(p);
}

static struct policy *clone(const struct policy *from) {
    struct random_policy *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->bag = mem_copy(p->bag, p->frames, sizeof *p->bag);
    p->place = mem_copy(p->place, p->frames, sizeof *p->place);
    return whole_or_nothing(p);
}

static void put(struct random_policy *p, uint32_t i, frame_t f) {
    p->bag[i] = f;
    p->place[f] = i;
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    struct random_policy *p = self(policy);
    (void)now;
    if (p->place[f] == NOWHERE) put(p, p->used++, f);
}

/* The last one of the bag takes f's place. */
static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    struct random_policy *p = self(policy);
    if (p->place[f] == NOWHERE) return;
    p->used--;
    put(p, p->place[f], p->bag[p->used]);
    p->place[f] = NOWHERE;
    p->bag[p->used] = 0;
}

/* Draw; what may not leave is swapped behind those still to be drawn from, so
 * that all that may leave have the same chance. */
static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct random_policy *p = self(policy);
    for (uint32_t left = p->used; left > 0; left--) {
        uint32_t i = rng_below(&p->rng, left);
        frame_t f = *out = p->bag[i];
        if (env->may_evict(env->os, f)) return POLICY_VICTIM;
        put(p, i, p->bag[left - 1]);
        put(p, left - 1, f);
    }
    return POLICY_NONE;
}

static void describe(const struct policy *p, struct policy_picture *out) {
    (void)p;
    out->hand = FRAME_NONE;
    out->rank_name = NULL;
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct random_policy *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->frames == y->frames && x->used == y->used &&
           x->rng.state == y->rng.state && memcmp(x->bag, y->bag, x->frames * sizeof *x->bag) == 0 &&
           memcmp(x->place, y->place, x->frames * sizeof *x->place) == 0;
}

const struct policy_ops policy_random = {
    .name = "random",
    .title = "RANDOM",
    .rule = "It was drawn by lot: every page has the same chance.",
    .source = "Belady, A Study of Replacement Algorithms for a Virtual-Storage Computer, IBM Syst. J., 1966",
    .create = create,
    .clone = clone,
    .free = destroy,
    .on_load = on_load,
    .on_free = on_free,
    .pick = pick,
    .describe = describe,
    .equal = equal,
};
