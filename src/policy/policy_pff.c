/* policy_pff.c - page-fault frequency: faults tell how many frames are needed.
 *
 * At a fault, how many references ago was the one before?
 *
 *   fewer than tau     faults are frequent: the program needs more frames, and
 *                      gets one
 *   tau or more        faults are rare: every page with R=0, which was not used
 *                      since faults were rare before, leaves; the others' R is
 *                      cleared
 *
 * One bit a page does, and nothing is to be done between faults. Where frames
 * are needed and none is free, the page that was loaded first leaves, of those
 * with R=0 if there is one.
 * Chu, Opderbeck, Program Behavior and the Page-Fault-Frequency Replacement
 * Algorithm, IEEE Computer 1976; as told in Stallings, Operating Systems, 8.2.
 */
#include "policy/list_policy.h"

#include "vmscope/base/memory.h"

#include "policy/policies.h"

#include <stdlib.h>

struct pff {
    struct list_policy queue; /* in the order of loading */
    uint32_t tau;
    bool faulted, trimming;   /* was there a fault before? do pages leave just now? */
    uint64_t fault;           /* number of the reference that faulted last */
    frame_t next;             /* trimming: the frame to look at */
};

static struct pff *self(struct policy *p) { return (struct pff *)(void *)p; }

static struct policy *create(const struct policy_config *c) {
    struct pff *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->queue.base.ops = &policy_pff;
    p->tau = c->tau;
    if (frame_list_init(&p->queue.list, c->frames)) return (struct policy *)p;
    free(p);
    return NULL;
}

static struct policy *clone(const struct policy *from) {
    struct pff *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    if (frame_list_copy(&p->queue.list, &list_policy_const(from)->list)) return (struct policy *)p;
    free(p);
    return NULL;
}

/* Frame f: away with it, or a new chance; NONE: nothing to say about it. */
static enum policy_verdict trim(struct pff *p, const struct policy_env *env, frame_t f) {
    if (!frame_list_has(&p->queue.list, f)) return POLICY_NONE;
    if (!env->referenced(env->os, f)) {
        *env->told = "Faults are rare, and it was not used since they were so before (R=0).";
        return env->may_evict(env->os, f) ? POLICY_VICTIM : POLICY_NONE;
    }
    env->clear_referenced(env->os, f);
    *env->told = "Since R was cleared last, that is: it stays, and R is cleared.";
    return POLICY_PASS;
}

/* Called again and again at one fault, until all frames were looked at. */
static enum policy_verdict leave(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct pff *p = self(policy);
    enum policy_verdict verdict = POLICY_NONE;
    if (!p->trimming) p->next = p->faulted && env->now - p->fault >= p->tau ? 0 : p->queue.list.frames;
    while (verdict == POLICY_NONE && p->next < p->queue.list.frames) verdict = trim(p, env, *out = p->next++);
    p->trimming = verdict != POLICY_NONE;
    if (p->trimming) return verdict;
    p->faulted = true;
    p->fault = env->now;
    p->next = 0;
    return POLICY_NONE;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    const struct frame_list *l = &list_policy(policy)->list;
    const frame_t first = frame_list_oldest(l);
    for (frame_t f = first; f != FRAME_NONE; f = l->link[f].newer == first ? FRAME_NONE : l->link[f].newer) {
        *out = f;
        if (env->may_evict(env->os, f) && !env->referenced(env->os, f)) return POLICY_VICTIM;
    }
    return frame_list_pick_oldest(l, env, out);
}

static bool equal(const struct policy *a, const struct policy *b) {
    if (!list_policy_equal(a, b)) return false;
    const struct pff *x = (const void *)a, *y = (const void *)b;
    return x->tau == y->tau && x->faulted == y->faulted && x->trimming == y->trimming && x->fault == y->fault &&
           x->next == y->next;
}

const struct policy_ops policy_pff = {
    .name = "pff",
    .title = "PFF",
    .rule = "Faults are frequent, but no frame is left: it was loaded first, of those with R=0 if any is.",
    .source = "Chu, Opderbeck, ...Page-Fault-Frequency Replacement Algorithm, IEEE Computer, 1976; Stallings, 8.2",
    .create = create,
    .clone = clone,
    .free = list_policy_free,
    .on_load = list_policy_on_load,
    .on_free = list_policy_on_free,
    .leave = leave,
    .leaves_at_faults = true,
    .pick = pick,
    .describe = list_policy_describe_queue,
    .equal = equal,
    .uses_reference_bit = true,
};
