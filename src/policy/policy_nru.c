/* policy_nru.c - not recently used: four classes by R and D.
 *
 *   class 0   R=0 D=0      not used lately, clean
 *   class 1   R=0 D=1      not used lately, dirty: it was used before the last tick
 *   class 2   R=1 D=0      used lately, clean
 *   class 3   R=1 D=1      used lately, dirty
 *
 * The class is 2R + D. A page of the lowest class leaves, of several the one in
 * the lowest frame. Each clock tick clears all R, so that "lately" means since
 * the last tick. To keep a clean page that is in use is worth more than a dirty
 * one that nobody used for a tick.
 * Tanenbaum, Bos, Modern Operating Systems, 3.4.2.
 */
#include "vmscope/base/memory.h"

#include "policy/policies.h"

#include <stdlib.h>
#include <string.h>

struct nru {
    struct policy_base base;
    uint32_t frames;
    bool *holds; /* [frames]: a page, of this policy's */
};

static struct nru *self(struct policy *p) { return (struct nru *)(void *)p; }

static void destroy(struct policy *p) {
    if (!p) return;
    free(self(p)->holds);
    free(p);
}

static struct policy *whole_or_nothing(struct nru *p) {
    if (p->holds) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct nru *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_nru;
    p->frames = c->frames;
    p->holds = mem_zalloc(c->frames, sizeof *p->holds);
    return whole_or_nothing(p);
}

static struct policy *clone(const struct policy *original) {
    const struct nru *from = (const void *)original;
    struct nru *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->holds = mem_copy(from->holds, from->frames, sizeof *p->holds);
    return whole_or_nothing(p);
}

static void on_load(struct policy *p, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    (void)now;
    self(p)->holds[f] = true;
}

static void on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    self(p)->holds[f] = false;
}

static uint32_t on_tick(struct policy *policy, const struct policy_env *env) {
    struct nru *p = self(policy);
    uint32_t used = 0;
    for (frame_t f = 0; f < p->frames; f++) {
        if (!p->holds[f] || !env->referenced(env->os, f)) continue;
        env->clear_referenced(env->os, f);
        used++;
    }
    *env->told = "R of every page is cleared.";
    return used;
}

static unsigned class_of(const struct policy_env *env, frame_t f) {
    return 2u * env->referenced(env->os, f) + env->dirty(env->os, f);
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    const struct nru *p = self(policy);
    unsigned lowest = 4; /* above every class */
    for (frame_t f = 0; f < p->frames && lowest > 0; f++) {
        if (!p->holds[f] || !env->may_evict(env->os, f) || class_of(env, f) >= lowest) continue;
        lowest = class_of(env, f);
        *out = f;
    }
    return lowest < 4 ? POLICY_VICTIM : POLICY_NONE;
}

static void describe(const struct policy *p, struct policy_picture *out) {
    (void)p;
    out->hand = FRAME_NONE;
    out->rank_name = NULL;
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct nru *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->frames == y->frames &&
           memcmp(x->holds, y->holds, x->frames * sizeof *x->holds) == 0;
}

const struct policy_ops policy_nru = {
    .name = "nru",
    .title = "NRU",
    .rule = "Its class, 2R + D, is the lowest; of that class it is in the lowest frame.",
    .source = "Tanenbaum, Bos, Modern Operating Systems, 3.4.2",
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
