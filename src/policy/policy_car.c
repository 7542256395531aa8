/* policy_car.c - CAR: ARC's lists as two clocks.
 *
 *      B1 <--- T1   pages seen once lately      c frames hold T1 and T2;
 *      B2 <--- T2   pages seen twice or more    B1 and B2 remember who left them
 *
 * ARC moves a page at every hit, which no page table can. Here a hit leaves
 * nothing but R=1, and the two lists are clocks: a new page comes to the end of
 * T1 with R=0. For a victim the head of T1 is looked at where T1 has its target
 * p or more, else that of T2. R=0: it leaves, and its ghost is the newest of B1
 * or B2. R=1: R is cleared and it goes to the end of T2. A page that comes back
 * while it is a ghost goes to T2 and sets p as in ARC, but not before the victim
 * is a ghost as well.
 * Bansal, Modha, CAR: Clock with Adaptive Replacement, FAST 2004, figure 2.
 */
#include "policy/policies.h"
#include "policy/two_lists.h"

#include <stdio.h>

enum { T1, T2 };

struct car {
    struct two_lists two;
    uint32_t p;
};

static struct car *self(struct policy *p) { return (struct car *)(void *)p; }

static struct policy *create(const struct policy_config *c) {
    uint32_t share = policy_share(c), room = share < UINT32_MAX / 2 ? 2 * share : share;
    return two_lists_create(sizeof(struct car), &policy_car, c, room, room);
}

static struct policy *clone(const struct policy *p) { return two_lists_clone_of(p, sizeof(struct car)); }

/* The head of T1 or T2: out, or on to the end of T2. */
static enum policy_verdict look_at(struct two_lists *t, const struct policy_env *env, frame_t f) {
    bool in_t1 = frame_list_has(&t->list[T1], f);
    if (!env->referenced(env->os, f)) {
        *env->told = in_t1 ? "It is at the head of T1 with R=0; B1 remembers it." : "It is at the head of T2 with R=0; B2 remembers it.";
        return POLICY_VICTIM;
    }
    env->clear_referenced(env->os, f);
    two_lists_put(t, T2, f);
    *env->told = in_t1 ? "R is cleared, and it moves from T1 to the end of T2." : "R is cleared, and it goes to the end of T2.";
    return POLICY_PASS;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct car *c = self(policy);
    uint32_t least = c->p > 1 ? c->p : 1;
    unsigned which = c->two.list[T1].count >= least ? T1 : T2;
    if (two_lists_pick(&c->two, which, env, out) != POLICY_VICTIM) return POLICY_NONE;
    return look_at(&c->two, env, *out);
}

/* Of a page that is no ghost: B1 and T1 have at most c pages together, all four lists at most 2c. */
static void trim(struct two_lists *t) {
    struct ghosts *b1 = &t->ghost[T1], *b2 = &t->ghost[T2];
    while (b1->count > 0 && t->list[T1].count + b1->count >= t->share) ghosts_remove(b1, b1->oldest);
    while (b2->count > 0 && (uint64_t)t->list[T1].count + b1->count + t->list[T2].count + b2->count >= 2ull * t->share)
        ghosts_remove(b2, b2->oldest);
}

static void adapt(struct car *c, bool in_b1) {
    uint32_t b1 = c->two.ghost[T1].count, b2 = c->two.ghost[T2].count;
    uint32_t step = in_b1 ? b2 / b1 : b1 / b2;
    if (step == 0) step = 1;
    if (in_b1) c->p = step < c->two.share - c->p ? c->p + step : c->two.share;
    else c->p = c->p > step ? c->p - step : 0;
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    struct car *c = self(policy);
    bool in_b1 = ghosts_find(&c->two.ghost[T1], page) != GHOST_NONE, in_b2 = ghosts_find(&c->two.ghost[T2], page) != GHOST_NONE;
    (void)now;
    if (in_b1 || in_b2) adapt(c, in_b1);
    else trim(&c->two);
    two_lists_on_forget(policy, page); /* it is no ghost any more */
    two_lists_put(&c->two, in_b1 || in_b2 ? T2 : T1, f);
}

static void describe(const struct policy *p, struct policy_picture *out) {
    static const char *const names[] = {"T1", "T2"};
    const struct car *c = (const void *)p;
    two_lists_draw(p, names, out);
    snprintf(out->note, sizeof out->note, "p=%u  B1 %u  B2 %u", c->p, c->two.ghost[T1].count, c->two.ghost[T2].count);
}

static bool equal(const struct policy *a, const struct policy *b) {
    if (!two_lists_equal(a, b)) return false;
    const struct car *x = (const void *)a, *y = (const void *)b;
    return x->p == y->p;
}

const struct policy_ops policy_car = {
    .name = "car",
    .title = "CAR",
    .rule = "It is at the head of T1, if T1 has its target p or more, else of T2, and its R is 0.",
    .source = "Bansal, Modha, CAR: Clock with Adaptive Replacement, FAST, 2004",
    .create = create,
    .clone = clone,
    .free = two_lists_free,
    .on_load = on_load,
    .on_free = two_lists_on_free,
    .on_forget = two_lists_on_forget,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .uses_reference_bit = true,
    .loads_unreferenced = true,
};
