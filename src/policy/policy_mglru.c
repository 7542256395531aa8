/* policy_mglru.c - multi-generational LRU: pages that are about as old are one generation.
 *
 *   generation   5       6        7           8 youngest: where new pages come
 *                oldest: leaves   |___________|
 *                first            the two youngest are safe
 *
 * Two clocks run. Aging: the page tables are walked, each page with R=1 moves to
 * the youngest generation and its R is cleared; then a new, still empty one
 * begins. Eviction: the oldest page of the oldest generation leaves, unless its
 * R is 1 by now: then it moves to the youngest one. When only the two youngest
 * generations have pages, aging must come first; when there are three, it comes
 * where more than half of the pages are in the youngest, or less than a quarter
 * in the oldest, so that generations are about equally large.
 * Zhao, Multi-Gen LRU; Linux 6: Documentation/mm/multigen_lru.rst and mm/vmscan.c
 * (should_run_aging, try_to_inc_max_seq, walk_mm, evict_folios); MIN_NR_GENS is 2.
 * Left out: tiers and the balance of refaults, which weigh pages that are read
 * through files, and the Bloom filters that shorten the walks.
 */
#include "policy/list_policy.h"

#include "vmscope/base/memory.h"

#include "policy/policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAFE_GENERATIONS 2

/* Invariant: in the list, from oldest to newest, generations never sink. */
struct mglru {
    struct list_policy order;
    uint64_t youngest;    /* number of the generation */
    uint64_t *generation; /* [frames] */
    bool walking;         /* aging is under way... */
    frame_t next;         /* ...and comes to this frame next */
};

static struct mglru *self(struct policy *p) { return (struct mglru *)(void *)p; }

static void destroy(struct policy *p) {
    if (p) free(self(p)->generation);
    list_policy_free(p);
}

static struct policy *whole_or_nothing(struct mglru *p, bool list_made) {
    if (list_made && p->generation) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct mglru *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->order.base.ops = &policy_mglru;
    p->youngest = SAFE_GENERATIONS + 1;
    p->generation = mem_zalloc(c->frames, sizeof *p->generation);
    return whole_or_nothing(p, frame_list_init(&p->order.list, c->frames));
}

static struct policy *clone(const struct policy *original) {
    const struct mglru *from = (const void *)original;
    struct mglru *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->generation = mem_copy(from->generation, from->order.list.frames, sizeof *p->generation);
    return whole_or_nothing(p, frame_list_copy(&p->order.list, &from->order.list));
}

/* Frame f joins the youngest generation, as its last. */
static void rejuvenate(struct mglru *p, frame_t f) {
    p->generation[f] = p->youngest;
    frame_list_add(&p->order.list, f);
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    (void)now;
    rejuvenate(self(policy), f);
}

static void on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    self(p)->generation[f] = 0;
    list_policy_on_free(p, f, evicted);
}

/* Aging: the next page that was used; NONE: the walk is over, and a new generation begins. */
static enum policy_verdict walk(struct mglru *p, const struct policy_env *env, frame_t *out) {
    for (p->walking = true; p->next < p->order.list.frames; p->next++) {
        frame_t f = *out = p->next;
        if (!frame_list_has(&p->order.list, f) || !env->referenced(env->os, f)) continue;
        env->clear_referenced(env->os, f);
        rejuvenate(p, f);
        *env->told = "Aging walks the page tables: it moves to the youngest generation, R is cleared.";
        return POLICY_PASS;
    }
    p->walking = false;
    p->next = 0;
    p->youngest++;
    return POLICY_NONE;
}

static uint32_t pages_of(const struct mglru *p, uint64_t generation) {
    uint32_t pages = 0;
    for (frame_t f = 0; f < p->order.list.frames; f++)
        pages += frame_list_has(&p->order.list, f) && p->generation[f] == generation;
    return pages;
}

/* Must the page tables be walked before page f, the oldest that may leave, does? */
static bool must_age(const struct mglru *p, frame_t f) {
    uint64_t others = p->youngest - p->generation[f], pages = p->order.list.count;
    if (others != SAFE_GENERATIONS) return others < SAFE_GENERATIONS;
    return (uint64_t)pages_of(p, p->youngest) * SAFE_GENERATIONS > pages ||
           (uint64_t)pages_of(p, p->generation[f]) * (SAFE_GENERATIONS + 2) < pages;
}

/* Eviction, for the oldest page that may leave. */
static enum policy_verdict evict(struct mglru *p, const struct policy_env *env, frame_t f) {
    if (!env->referenced(env->os, f)) return POLICY_VICTIM;
    env->clear_referenced(env->os, f);
    rejuvenate(p, f);
    *env->told = "It is in the oldest generation, but moves to the youngest: R is cleared.";
    return POLICY_PASS;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct mglru *p = self(policy);
    frame_t f;
    if (frame_list_pick_oldest(&p->order.list, env, &f) != POLICY_VICTIM) return POLICY_NONE;
    while (p->walking || must_age(p, f)) {
        if (walk(p, env, out) == POLICY_PASS) return POLICY_PASS;
        frame_list_pick_oldest(&p->order.list, env, &f);
    }
    *out = f;
    return evict(p, env, f);
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct mglru *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = "gen";
    memcpy(out->rank, p->generation, p->order.list.frames * sizeof *p->generation);
    snprintf(out->note, sizeof out->note, "youngest %llu", (unsigned long long)p->youngest);
}

static bool equal(const struct policy *a, const struct policy *b) {
    if (!list_policy_equal(a, b)) return false;
    const struct mglru *x = (const void *)a, *y = (const void *)b;
    return x->youngest == y->youngest && x->walking == y->walking && x->next == y->next &&
           memcmp(x->generation, y->generation, x->order.list.frames * sizeof *x->generation) == 0;
}

const struct policy_ops policy_mglru = {
    .name = "mglru",
    .title = "MGLRU",
    .rule = "It is the oldest of the oldest generation, and was not used since it came there (R=0).",
    .source = "Linux 6, Documentation/mm/multigen_lru.rst and mm/vmscan.c (Yu Zhao)",
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
