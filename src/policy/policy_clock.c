/* policy_clock.c - the clock: second chance without moving pages.
 *
 * The frames stand in a circle and a hand points at one of them. When a victim
 * is needed, the frame under the hand is looked at: with R=1 the page was used
 * since the hand came by last, so R is cleared and the hand moves on; with R=0
 * it leaves. The new page takes its frame, and the hand stands just past it.
 *
 *           0
 *        5     1       The hand starts at frame 0. R is the A bit of the
 *        4     2 <--   page's PTE; the policy keeps no copy of it.
 *           3
 * Corbato, A Paging Experiment with the Multics System, 1968; as told in Stallings,
 * Operating Systems, 8.2.
 */
#include "vmscope/base/memory.h"

#include "policy/policies.h"

#include <stdlib.h>

struct clock {
    struct policy_base base;
    uint32_t frames;
    frame_t hand; /* below frames */
};

static struct policy *create(const struct policy_config *c) {
    struct clock *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_clock;
    p->frames = c->frames;
    return (struct policy *)p;
}

static struct policy *clone(const struct policy *from) { return mem_copy(from, 1, sizeof(struct clock)); }

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
static frame_t advance(struct clock *p) {
    frame_t f = p->hand;
    p->hand = f + 1 < p->frames ? f + 1 : 0;
    return f;
}

/* One round at most: where it meets no frame that may leave, the hand is back
 * where it was. Each pass clears an R, so a victim comes in the second round at the latest. */
static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct clock *p = (struct clock *)(void *)policy;
    for (uint32_t looked = 0; looked < p->frames; looked++) {
        frame_t f = *out = advance(p);
        if (!env->may_evict(env->os, f)) continue;
        if (!env->referenced(env->os, f)) return POLICY_VICTIM;
        env->clear_referenced(env->os, f);
        return POLICY_PASS;
    }
    return POLICY_NONE;
}

static void describe(const struct policy *p, struct policy_picture *out) {
    out->hand = ((const struct clock *)(const void *)p)->hand;
    out->rank_name = NULL;
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct clock *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->frames == y->frames && x->hand == y->hand;
}

const struct policy_ops policy_clock = {
    .name = "clock",
    .title = "CLOCK",
    .rule = "It stands under the hand with R=0: nobody used it since its R was cleared.",
    .source = "Corbato, A Paging Experiment with the Multics System, 1968; Stallings, Operating Systems, 8.2",
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
