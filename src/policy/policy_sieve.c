/* policy_sieve.c - SIEVE: a queue that nobody moves in, and a hand that walks along it.
 *
 *      newest  [7]  [3]  [9]  [2]  [5]  oldest
 *                         ^
 *                <------ hand           from the oldest to the newest, then again
 *
 * A hit only marks the page as visited; that mark is its R here. For a victim
 * the hand goes on from where it stopped: a visited page loses its mark and
 * keeps its place, the first one without a mark leaves. CLOCK puts the new page
 * where the victim was, behind the hand; here it comes to the queue's new end,
 * so that the hand meets it soon, and pages that are used once go quickly.
 * Zhang, Yang, Yue, Vigfusson, Rashmi, SIEVE is Simpler than LRU, NSDI 2024,
 * section 3 and algorithm 1. A new page starts unvisited.
 */
#include "policy/list_policy.h"

#include "vmscope/base/memory.h"

#include "policy/policies.h"

#include <stdlib.h>

struct sieve {
    struct list_policy queue; /* in the order of loading */
    frame_t hand;             /* FRAME_NONE: at the oldest */
};

static struct sieve *self(struct policy *p) { return (struct sieve *)(void *)p; }

static struct policy *create(const struct policy_config *c) {
    struct sieve *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->queue.base.ops = &policy_sieve;
    p->hand = FRAME_NONE;
    if (frame_list_init(&p->queue.list, c->frames)) return (struct policy *)p;
    free(p);
    return NULL;
}

static struct policy *clone(const struct policy *from) {
    struct sieve *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    if (frame_list_copy(&p->queue.list, &list_policy_const(from)->list)) return (struct policy *)p;
    free(p);
    return NULL;
}

/* The next one towards the newest; behind that, the oldest, whoever it will be then. */
static frame_t after(const struct frame_list *l, frame_t f) { return f == l->newest ? FRAME_NONE : l->link[f].newer; }

static void on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    if (self(p)->hand == f) self(p)->hand = after(&list_policy(p)->list, f);
    list_policy_on_free(p, f, evicted);
}

/* Once round at most: a pass tells its frame, and who may not leave is not looked at. */
static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    const struct frame_list *l = &list_policy(policy)->list;
    const frame_t start = self(policy)->hand == FRAME_NONE ? frame_list_oldest(l) : self(policy)->hand;
    frame_t f = start;
    if (f == FRAME_NONE) return POLICY_NONE;
    do {
        *out = f;
        bool candidate = env->may_evict(env->os, f), visited = candidate && env->referenced(env->os, f);
        if (candidate) self(policy)->hand = after(l, f);
        if (candidate && !visited) return POLICY_VICTIM;
        if (visited) {
            env->clear_referenced(env->os, f);
            *env->told = "It was visited: R is cleared, it keeps its place, and the hand goes on.";
            return POLICY_PASS;
        }
        f = l->link[f].newer;
    } while (f != start);
    return POLICY_NONE;
}

static void describe(const struct policy *p, struct policy_picture *out) {
    const struct sieve *x = (const void *)p;
    list_policy_describe_queue(p, out);
    out->hand = x->hand == FRAME_NONE ? frame_list_oldest(&x->queue.list) : x->hand;
}

static bool equal(const struct policy *a, const struct policy *b) {
    if (!list_policy_equal(a, b)) return false;
    const struct sieve *x = (const void *)a, *y = (const void *)b;
    return x->hand == y->hand;
}

const struct policy_ops policy_sieve = {
    .name = "sieve",
    .title = "SIEVE",
    .rule = "It is the first from the hand on that was not visited (R=0).",
    .source = "Zhang, Yang, Yue, Vigfusson, Rashmi, SIEVE is Simpler than LRU, NSDI, 2024",
    .create = create,
    .clone = clone,
    .free = list_policy_free,
    .on_load = list_policy_on_load,
    .on_free = on_free,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .uses_reference_bit = true,
    .loads_unreferenced = true,
};
