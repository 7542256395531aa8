/* policy_clock_pro.c - CLOCK-Pro: hot and cold pages on one clock with three hands.
 *
 *   hot          used again soon after its last use; stays
 *   cold         leaves when HAND_cold meets it with R=0
 *   cold, test   likewise, but being tried: if it is used before its test period
 *                ends it becomes hot. It stays on the clock when it has left memory
 *
 *                    head | HAND_hot
 *                 newest .-+-. oldest        HAND_hot   makes hot pages cold again
 *                      /       \             HAND_cold  finds victims
 *                      \       /             HAND_test  ends test periods
 *                       '-----'
 * New pages come to the head, just behind HAND_hot, as cold ones in their test
 * period. mc of the m frames are meant for cold pages; a page that is used in
 * its test period adds one to mc, one that is not takes one away. Of pages that
 * left, the clock keeps m at most. A new page starts with R=0.
 * Jiang, Chen, Zhang, CLOCK-Pro: An Effective Improvement of the CLOCK
 * Replacement, USENIX 2005, section 4. Two things are ours: mc begins at m/100,
 * at least 1, LIRS's share; and HAND_hot moves when the next frame is needed, as
 * a policy may look at R only then.
 */
#include "policy/clock_ring.h"

#include "vmscope/base/memory.h"

#include "policy/policies.h"
#include "policy/two_lists.h"

#include <stdio.h>
#include <stdlib.h>

enum { COLD, TEST, HOT };

struct clock_pro {
    struct policy_base base;
    uint32_t share, mc, hot; /* m; mc; hot pages there are */
    struct clock_ring ring;
};

static struct clock_pro *self(struct policy *p) { return (struct clock_pro *)(void *)p; }

static void destroy(struct policy *p) {
    if (p) clock_ring_free(&self(p)->ring);
    free(p);
}

static struct policy *whole_or_nothing(struct clock_pro *p, bool made) {
    if (made) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct clock_pro *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_clock_pro;
    p->share = policy_share(c);
    p->mc = p->share < 200 ? 1 : p->share / 100;
    return whole_or_nothing(p, clock_ring_init(&p->ring, c->frames, p->share + 1));
}

static struct policy *clone(const struct policy *from) {
    struct clock_pro *p = mem_copy(from, 1, sizeof *p);
    return p ? whole_or_nothing(p, clock_ring_copy(&p->ring, &((const struct clock_pro *)(const void *)from)->ring)) : NULL;
}

/* ---- the test period ---- */

static void more_cold(struct clock_pro *p) { p->mc += p->mc + 1 < p->share; }

/* Node n was not used in time: one that left memory is forgotten. */
static void end_test(struct clock_pro *p, uint32_t n) {
    p->mc -= p->mc > 1;
    if (n < p->ring.frames) p->ring.state[n] = COLD;
    else clock_ring_drop(&p->ring, n);
}

static void run_hand_test(struct clock_pro *p) {
    while (p->ring.gone.count > p->share) {
        uint32_t n = clock_ring_advance(&p->ring, HAND_TEST);
        if (p->ring.state[n] == TEST) end_test(p, n);
    }
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    struct clock_pro *p = self(policy);
    uint32_t ghost = clock_ring_ghost(&p->ring, page);
    (void)now;
    if (ghost != FRAME_NONE) {
        clock_ring_drop(&p->ring, ghost);
        more_cold(p);
        p->hot++;
    }
    clock_ring_put(&p->ring, f, ghost == FRAME_NONE ? TEST : HOT);
}

static void on_forget(struct policy *policy, struct page_id page) {
    uint32_t ghost = clock_ring_ghost(&self(policy)->ring, page);
    if (ghost != FRAME_NONE) clock_ring_drop(&self(policy)->ring, ghost);
}

static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    struct clock_pro *p = self(policy);
    if (!clock_ring_has(&p->ring, f)) return;
    p->hot -= p->ring.state[f] == HOT;
    if (evicted && p->ring.state[f] == TEST) clock_ring_leave(&p->ring, f, *evicted);
    else clock_ring_drop(&p->ring, f);
    run_hand_test(p);
}

/* ---- victims ---- */

/* HAND_cold at page f, which is cold and may leave. */
static enum policy_verdict try_cold(struct clock_pro *p, const struct policy_env *env, frame_t f) {
    if (!env->referenced(env->os, f)) return POLICY_VICTIM;
    env->clear_referenced(env->os, f);
    bool tested = p->ring.state[f] == TEST;
    if (tested) more_cold(p);
    p->hot += tested;
    clock_ring_drop(&p->ring, f);
    clock_ring_put(&p->ring, f, tested ? HOT : TEST);
    *env->told = tested ? "It is cold, but was used in its test period: it becomes hot, R is cleared."
                        : "It is cold, but was used: it goes to the head of the clock with a test period, R is cleared.";
    return POLICY_PASS;
}

static enum policy_verdict run_hand_cold(struct clock_pro *p, const struct policy_env *env, frame_t *out) {
    for (uint32_t i = p->ring.count; i > 0; i--) {
        uint32_t n = clock_ring_advance(&p->ring, HAND_COLD);
        if (n >= p->ring.frames || p->ring.state[n] == HOT || !env->may_evict(env->os, *out = n)) continue;
        return try_cold(p, env, n);
    }
    return POLICY_NONE;
}

/* HAND_hot: as far as the next hot page. */
static enum policy_verdict run_hand_hot(struct clock_pro *p, const struct policy_env *env, frame_t *out) {
    while (p->hot > 0) {
        uint32_t n = *out = clock_ring_advance(&p->ring, HAND_HOT);
        if (p->ring.state[n] == TEST) end_test(p, n);
        if (p->ring.state[n] != HOT) continue;
        bool used = env->referenced(env->os, n);
        if (used) env->clear_referenced(env->os, n);
        else p->ring.state[n] = COLD;
        p->hot -= !used;
        *env->told = used ? "It is hot, and was used: it stays hot, R is cleared." : "There are more hot pages than their share: with R=0 it becomes cold.";
        return used ? POLICY_PASS : POLICY_MOVE;
    }
    return POLICY_NONE;
}

/* Where no cold page may leave, hot ones must become cold. */
static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct clock_pro *p = self(policy);
    if (!clock_ring_may_leave(&p->ring, env)) return POLICY_NONE;
    enum policy_verdict verdict = p->hot > p->share - p->mc ? run_hand_hot(p, env, out) : run_hand_cold(p, env, out);
    return verdict == POLICY_NONE ? run_hand_hot(p, env, out) : verdict;
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    static const char *const names[] = {[COLD] = "cold", [TEST] = "test", [HOT] = "hot"};
    const struct clock_pro *p = (const void *)policy;
    uint32_t n = p->ring.hand[HAND_HOT], cold = p->ring.hand[HAND_COLD];
    for (uint32_t i = 0; i < p->ring.count; i++, n = p->ring.link[n].newer) {
        if (n >= p->ring.frames) continue;
        out->rank[n] = i + 1;
        if (out->list) out->list[n] = p->ring.state[n];
    }
    for (uint32_t i = 0; i < p->ring.count && (cold >= p->ring.frames || p->ring.state[cold] == HOT); i++) cold = p->ring.link[cold].newer;
    out->hand = p->ring.count && cold < p->ring.frames ? cold : FRAME_NONE;
    out->rank_name = "clock";
    out->list_name = names;
    snprintf(out->note, sizeof out->note, "mc=%u  %u gone", p->mc, p->ring.gone.count);
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct clock_pro *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->share == y->share && x->mc == y->mc && x->hot == y->hot &&
           clock_ring_equal(&x->ring, &y->ring);
}

const struct policy_ops policy_clock_pro = {
    .name = "clock_pro",
    .title = "CLOCK-PRO",
    .rule = "It is cold, and HAND_cold met it with R=0: nobody used it since it came, or came by.",
    .source = "Jiang, Chen, Zhang, CLOCK-Pro: An Effective Improvement of the CLOCK Replacement, USENIX, 2005",
    .create = create,
    .clone = clone,
    .free = destroy,
    .on_load = on_load,
    .on_free = on_free,
    .on_forget = on_forget,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .uses_reference_bit = true,
    .loads_unreferenced = true,
};
