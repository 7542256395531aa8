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
#include <string.h>

enum { COLD, TEST, HOT };

struct clock_pro {
    struct policy_base base;
    uint32_t frames, share, mc, hot; /* hot: pages that are */
    uint8_t *state;                  /* by node: a frame, or frames + a ghost */
    struct clock_ring ring;
    struct ghosts gone;
};

static struct clock_pro *self(struct policy *p) { return (struct clock_pro *)(void *)p; }

static void destroy(struct policy *policy) {
    if (!policy) return;
    struct clock_pro *p = self(policy);
    free(p->state);
    clock_ring_free(&p->ring);
    ghosts_free(&p->gone);
    free(p);
}

static struct policy *whole_or_nothing(struct clock_pro *p, bool made) {
    if (made && p->state) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct clock_pro *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_clock_pro;
    p->frames = c->frames;
    p->share = policy_share(c);
    p->mc = p->share < 200 ? 1 : p->share / 100;
    p->state = mem_zalloc((size_t)p->frames + p->share + 1, sizeof *p->state);
    bool made = clock_ring_init(&p->ring, p->frames + p->share + 1);
    return whole_or_nothing(p, ghosts_init(&p->gone, p->share + 1) && made);
}

static struct policy *clone(const struct policy *original) {
    const struct clock_pro *from = (const void *)original;
    struct clock_pro *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->state = mem_copy(from->state, (size_t)from->frames + from->share + 1, sizeof *p->state);
    bool made = clock_ring_copy(&p->ring, &from->ring);
    return whole_or_nothing(p, ghosts_copy(&p->gone, &from->gone) && made);
}

/* ---- the test period ---- */

static void more_cold(struct clock_pro *p) { p->mc += p->mc + 1 < p->share; }

/* Node n was not used in time: one that left memory is forgotten. */
static void end_test(struct clock_pro *p, uint32_t n) {
    p->mc -= p->mc > 1;
    p->state[n] = COLD;
    if (n < p->frames) return;
    clock_ring_remove(&p->ring, n);
    ghosts_remove(&p->gone, n - p->frames);
}

static void run_hand_test(struct clock_pro *p) {
    while (p->gone.count > p->share) {
        uint32_t n = clock_ring_advance(&p->ring, HAND_TEST);
        if (p->state[n] == TEST) end_test(p, n);
    }
}

/* ---- pages come and go ---- */

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    struct clock_pro *p = self(policy);
    uint32_t ghost = ghosts_find(&p->gone, page);
    (void)now;
    p->state[f] = ghost == GHOST_NONE ? TEST : HOT;
    if (ghost != GHOST_NONE) {
        clock_ring_remove(&p->ring, p->frames + ghost);
        ghosts_remove(&p->gone, ghost);
        more_cold(p);
        p->hot++;
    }
    clock_ring_put(&p->ring, f);
}

static void on_forget(struct policy *policy, struct page_id page) {
    struct clock_pro *p = self(policy);
    uint32_t ghost = ghosts_find(&p->gone, page);
    if (ghost == GHOST_NONE) return;
    clock_ring_remove(&p->ring, p->frames + ghost);
    ghosts_remove(&p->gone, ghost);
}

static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    struct clock_pro *p = self(policy);
    if (!clock_ring_has(&p->ring, f)) return;
    p->hot -= p->state[f] == HOT;
    if (evicted && p->state[f] == TEST) {
        on_forget(policy, *evicted);
        uint32_t ghost = p->frames + ghosts_add(&p->gone, *evicted, 0);
        p->state[ghost] = TEST;
        clock_ring_replace(&p->ring, f, ghost);
    } else {
        clock_ring_remove(&p->ring, f);
    }
    p->state[f] = COLD;
    run_hand_test(p);
}

/* ---- victims ---- */

/* HAND_cold at page f, which is cold and may leave. */
static enum policy_verdict try_cold(struct clock_pro *p, const struct policy_env *env, frame_t f) {
    if (!env->referenced(env->os, f)) return POLICY_VICTIM;
    env->clear_referenced(env->os, f);
    bool tested = p->state[f] == TEST;
    if (tested) more_cold(p);
    p->hot += tested;
    p->state[f] = tested ? HOT : TEST;
    clock_ring_remove(&p->ring, f);
    clock_ring_put(&p->ring, f);
    *env->told = tested ? "It is cold, but was used in its test period: it becomes hot, R is cleared."
                        : "It is cold, but was used: it goes to the head of the clock with a test period, R is cleared.";
    return POLICY_PASS;
}

static enum policy_verdict run_hand_cold(struct clock_pro *p, const struct policy_env *env, frame_t *out) {
    for (uint32_t i = p->ring.count; i > 0; i--) {
        uint32_t n = clock_ring_advance(&p->ring, HAND_COLD);
        if (n >= p->frames || p->state[n] == HOT || !env->may_evict(env->os, *out = n)) continue;
        return try_cold(p, env, n);
    }
    return POLICY_NONE;
}

/* HAND_hot: as far as the next hot page. */
static enum policy_verdict run_hand_hot(struct clock_pro *p, const struct policy_env *env, frame_t *out) {
    while (p->hot > 0) {
        uint32_t n = *out = clock_ring_advance(&p->ring, HAND_HOT);
        if (p->state[n] == TEST) end_test(p, n);
        if (p->state[n] != HOT) continue;
        bool used = env->referenced(env->os, n);
        if (used) env->clear_referenced(env->os, n);
        else p->state[n] = COLD;
        p->hot -= !used;
        *env->told = used ? "It is hot, and was used: it stays hot, R is cleared." : "There are more hot pages than their share: with R=0 it becomes cold.";
        return used ? POLICY_PASS : POLICY_MOVE;
    }
    return POLICY_NONE;
}

static bool anybody(const struct clock_pro *p, const struct policy_env *env) {
    for (frame_t f = 0; f < p->frames; f++)
        if (clock_ring_has(&p->ring, f) && env->may_evict(env->os, f)) return true;
    return false;
}

/* Where no cold page may leave, hot ones must become cold. */
static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct clock_pro *p = self(policy);
    if (!anybody(p, env)) return POLICY_NONE;
    enum policy_verdict verdict = p->hot > p->share - p->mc ? run_hand_hot(p, env, out) : run_hand_cold(p, env, out);
    return verdict == POLICY_NONE ? run_hand_hot(p, env, out) : verdict;
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    static const char *const names[] = {[COLD] = "cold", [TEST] = "test", [HOT] = "hot"};
    const struct clock_pro *p = (const void *)policy;
    uint32_t n = p->ring.hand[HAND_HOT], cold = p->ring.hand[HAND_COLD];
    for (uint32_t i = 0; i < p->ring.count; i++, n = p->ring.link[n].newer) {
        if (n >= p->frames) continue;
        out->rank[n] = i + 1;
        if (out->list) out->list[n] = p->state[n];
    }
    for (uint32_t i = 0; i < p->ring.count && (cold >= p->frames || p->state[cold] == HOT); i++) cold = p->ring.link[cold].newer;
    out->hand = p->ring.count && cold < p->frames ? cold : FRAME_NONE;
    out->rank_name = "clock";
    out->list_name = names;
    snprintf(out->note, sizeof out->note, "mc=%u  %u gone", p->mc, p->gone.count);
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct clock_pro *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->frames == y->frames && x->share == y->share && x->mc == y->mc && x->hot == y->hot &&
           memcmp(x->state, y->state, (size_t)x->frames + x->share + 1) == 0 && clock_ring_equal(&x->ring, &y->ring) &&
           ghosts_equal(&x->gone, &y->gone);
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
