/* policy_arc.c - ARC: recency and frequency, in shares that adapt themselves.
 *
 *      B1 <--- T1   pages seen once lately      c frames hold T1 and T2;
 *      B2 <--- T2   pages seen twice or more    B1 and B2 remember who left them
 *
 * All four are LRU lists. T1 is to have p of the c frames. A page that comes
 * back and is in B1 says that T1 was too small: p grows; one in B2 says that T2
 * was: p shrinks; by one page, or by more where its list of ghosts is the
 * shorter one: the ratio of both, rounded down, as p counts pages. Either goes
 * to T2, as does a page that is used again in memory.
 * The victim is T1's oldest where T1 has more than p pages, else T2's.
 * Megiddo, Modha, ARC: A Self-Tuning, Low Overhead Replacement Cache, FAST 2003,
 * figure 4. The directory is trimmed when the new page goes into it (cases IV A
 * and B), which leaves the same ghosts.
 */
#include "policy/policies.h"
#include "policy/two_lists.h"

#include <stdio.h>

#define FRESH 1 /* the mark: its loading reference is still to come */

enum { T1, T2 };

struct arc {
    struct two_lists two;
    uint32_t p;
    /* What was found about the page that a victim was chosen for: p is set before that, the page comes after it. */
    bool chosen, known;
    struct page_id wanted;
};

static struct arc *self(struct policy *p) { return (struct arc *)(void *)p; }

static struct policy *create(const struct policy_config *c) {
    uint32_t share = policy_share(c);
    return two_lists_create(sizeof(struct arc), &policy_arc, c, share, share < UINT32_MAX / 2 ? 2 * share : share);
}

static struct policy *clone(const struct policy *p) { return two_lists_clone_of(p, sizeof(struct arc)); }

/* Cases II and III: p grows by |B2| / |B1|, or shrinks by |B1| / |B2|, at least by one. */
static uint32_t adapted(const struct arc *a, bool in_b1) {
    uint32_t b1 = a->two.ghost[T1].count, b2 = a->two.ghost[T2].count;
    uint32_t step = in_b1 ? b2 / b1 : b1 / b2;
    if (step == 0) step = 1;
    if (in_b1) return step < a->two.share - a->p ? a->p + step : a->two.share;
    return a->p > step ? a->p - step : 0;
}

/* Learn from a page that is asked for: a ghost sets p. Was it one? */
static bool learn(struct arc *a, struct page_id page, bool *in_b2) {
    bool in_b1 = ghosts_find(&a->two.ghost[T1], page) != GHOST_NONE;
    *in_b2 = ghosts_find(&a->two.ghost[T2], page) != GHOST_NONE;
    if (in_b1 || *in_b2) a->p = adapted(a, in_b1);
    return in_b1 || *in_b2;
}

/* The figure's REPLACE. */
static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct arc *a = self(policy);
    uint32_t before = a->p, t1 = a->two.list[T1].count;
    bool in_b2 = false, known = env->wanted && learn(a, *env->wanted, &in_b2);
    bool from_t1 = t1 > 0 && (t1 > a->p || (in_b2 && t1 == a->p));
    enum policy_verdict verdict = two_lists_pick(&a->two, from_t1 ? T1 : T2, env, out);
    if (verdict != POLICY_VICTIM) {
        a->p = before;
        return verdict;
    }
    a->chosen = env->wanted;
    a->known = known;
    if (env->wanted) a->wanted = *env->wanted;
    *env->told = frame_list_has(&a->two.list[T1], *out)
                     ? "T1 has more pages than its target: its oldest leaves, and B1 remembers it."
                     : "T1 has no more pages than its target: T2's oldest leaves, and B2 remembers it.";
    return verdict;
}

/* Case IV: L1 = T1 + B1 has at most c pages, all four lists at most 2c, with the new page. */
static void trim(struct two_lists *t) {
    struct ghosts *b1 = &t->ghost[T1], *b2 = &t->ghost[T2];
    while (b1->count > 0 && t->list[T1].count + b1->count >= t->share) ghosts_remove(b1, b1->oldest);
    while (b2->count > 0 && (uint64_t)t->list[T1].count + b1->count + t->list[T2].count + b2->count >= 2ull * t->share)
        ghosts_remove(b2, b2->oldest);
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    struct arc *a = self(policy);
    bool in_b2, looked = a->chosen && page_same(a->wanted, page);
    (void)now;
    bool known = looked ? a->known : learn(a, page, &in_b2);
    a->chosen = false;
    two_lists_on_forget(policy, page); /* it is no ghost any more */
    if (!known) trim(&a->two);
    two_lists_put(&a->two, known ? T2 : T1, f);
    a->two.mark[f] = FRESH;
}

/* Case I: a hit, unless it is the loading reference. */
static void on_uses(struct policy *p, frame_t f, uint32_t times, uint64_t now, uint32_t next_use) {
    struct two_lists *t = two_lists(p);
    (void)now;
    (void)next_use;
    if (t->mark[f] == FRESH) {
        t->mark[f] = 0;
        times--;
    }
    if (times > 0 && two_lists_has(t, f)) two_lists_put(t, T2, f);
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    on_uses(p, f, 1, now, next_use);
}

static void describe(const struct policy *p, struct policy_picture *out) {
    static const char *const names[] = {"T1", "T2"};
    const struct arc *a = (const void *)p;
    two_lists_draw(p, names, out);
    snprintf(out->note, sizeof out->note, "p=%u  B1 %u  B2 %u", a->p, a->two.ghost[T1].count, a->two.ghost[T2].count);
}

static bool equal(const struct policy *a, const struct policy *b) {
    if (!two_lists_equal(a, b)) return false;
    const struct arc *x = (const void *)a, *y = (const void *)b;
    return x->p == y->p && x->chosen == y->chosen &&
           (!x->chosen || (x->known == y->known && page_same(x->wanted, y->wanted)));
}

const struct policy_ops policy_arc = {
    .name = "arc",
    .title = "ARC",
    .rule = "It is the oldest of T1, if T1 is above its target p, else of T2.",
    .source = "Megiddo, Modha, ARC: A Self-Tuning, Low Overhead Replacement Cache, FAST, 2003",
    .create = create,
    .clone = clone,
    .free = two_lists_free,
    .on_load = on_load,
    .on_access = on_access,
    .on_uses = on_uses,
    .on_free = two_lists_on_free,
    .on_forget = two_lists_on_forget,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .counts_repeats = true,
    .asks_wanted = true,
};
