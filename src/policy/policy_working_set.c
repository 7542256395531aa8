/* policy_working_set.c - the working set: pages leave when they are not used for long.
 *
 *      references   ... 7 3 7 1 3 3 1 | now
 *                           <- tau ->   the pages in this window stay
 *
 * The working set is the set of pages that the last tau references went to. A
 * page whose last reference lies more than tau references back leaves, whether
 * its frame is needed or not: so the frames that a program holds follow its
 * need. Where a frame is needed and none is free, the page that was not used
 * for the longest time leaves, though it is in the working set.
 * Denning, The Working Set Model for Program Behavior, CACM 1968.
 */
#include "vmscope/base/memory.h"

#include "policy/frame_list.h"
#include "policy/policies.h"

#include <stdlib.h>
#include <string.h>

struct working_set {
    struct policy_base base;
    uint32_t tau;
    uint64_t *last;         /* [list.frames] number of the last reference */
    struct frame_list list; /* in the order of the last reference */
};

static struct working_set *self(struct policy *p) { return (struct working_set *)(void *)p; }

static void destroy(struct policy *policy) {
    if (!policy) return;
    struct working_set *p = self(policy);
    free(p->last);
    frame_list_free(&p->list);
    free(p);
}

static struct policy *whole_or_nothing(struct working_set *p, bool list_made) {
    if (list_made && p->last) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct working_set *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_working_set;
    p->tau = c->tau;
    p->last = mem_zalloc(c->frames, sizeof *p->last);
    return whole_or_nothing(p, frame_list_init(&p->list, c->frames));
}

static struct policy *clone(const struct policy *original) {
    const struct working_set *from = (const void *)original;
    struct working_set *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->last = mem_copy(from->last, from->list.frames, sizeof *p->last);
    return whole_or_nothing(p, frame_list_copy(&p->list, &from->list));
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    struct working_set *p = self(policy);
    p->last[f] = now;
    frame_list_add(&p->list, f);
}

static void on_uses(struct policy *policy, frame_t f, uint32_t times, uint64_t now, uint32_t next_use) {
    struct working_set *p = self(policy);
    (void)times;
    (void)next_use;
    if (!frame_list_has(&p->list, f)) return;
    p->last[f] = now;
    frame_list_touch(&p->list, f);
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    on_uses(p, f, 1, now, next_use);
}

static void on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    frame_list_remove(&self(p)->list, f);
    self(p)->last[f] = 0;
}

/* Outside the window, the oldest first. */
static enum policy_verdict leave(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct working_set *p = self(policy);
    const frame_t first = frame_list_oldest(&p->list);
    for (frame_t f = first; f != FRAME_NONE && env->now - p->last[f] > p->tau;) {
        *out = f;
        *env->told = "It was not used for more than tau references: it is not in the working set any more.";
        if (env->may_evict(env->os, f)) return POLICY_VICTIM;
        f = p->list.link[f].newer;
        if (f == first) break;
    }
    return POLICY_NONE;
}

static uint64_t leaves_next(const struct policy *policy) {
    const struct working_set *p = (const void *)policy;
    frame_t oldest = frame_list_oldest(&p->list);
    return oldest == FRAME_NONE ? UINT64_MAX : p->last[oldest] + p->tau + 1;
}

static enum policy_verdict pick(struct policy *p, const struct policy_env *env, frame_t *out) {
    return frame_list_pick_oldest(&self(p)->list, env, out);
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct working_set *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = "time";
    memcpy(out->rank, p->last, p->list.frames * sizeof *p->last);
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct working_set *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->tau == y->tau && frame_list_equal(&x->list, &y->list) &&
           memcmp(x->last, y->last, x->list.frames * sizeof *x->last) == 0;
}

const struct policy_ops policy_working_set = {
    .name = "working_set",
    .title = "WORKING SET",
    .rule = "The whole working set does not fit: of its pages this one was not used for the longest time.",
    .source = "Denning, The Working Set Model for Program Behavior, CACM, 1968",
    .create = create,
    .clone = clone,
    .free = destroy,
    .on_load = on_load,
    .on_access = on_access,
    .on_uses = on_uses,
    .on_free = on_free,
    .leave = leave,
    .leaves_next = leaves_next,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .counts_repeats = true,
};
