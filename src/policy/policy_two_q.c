/* policy_two_q.c - 2Q: a page must come back before it is taken for hot.
 *
 *   new page --> A1in, a FIFO queue --> A1out, names only, FIFO --> forgotten
 *                                          |
 *                        comes back while its name is there
 *                                          v
 *                                    Am, an LRU list --> forgotten
 *
 * References soon after the first one are taken for one use and change nothing:
 * pages in A1in stay where they are. A page that comes back after it left A1in
 * is in use for longer, and goes to Am. A1in has a quarter of the frames (Kin),
 * A1out as many names as half of them (Kout): the paper's advice. When a frame
 * is needed, A1in gives it if it has more than Kin pages, else Am does.
 * Johnson, Shasha, 2Q: A Low Overhead High Performance Buffer Management
 * Replacement Algorithm, VLDB 1994, section 2.2 (the full version).
 */
#include "policy/policies.h"
#include "policy/two_lists.h"

#include <stdio.h>

enum { A1, AM };

struct two_q {
    struct two_lists two;
    struct page_id returning; /* it was in A1out when a frame for it was looked for; the victim may have... */
    bool returns;             /* ...taken its place there since. False: nobody was */
};

static struct two_q *self(struct policy *p) { return (struct two_q *)(void *)p; }

static uint32_t k_in(uint32_t share) { return share < 8 ? 1 : share / 4; }
static uint32_t k_out(uint32_t share) { return share < 4 ? 1 : share / 2; }

static struct policy *create(const struct policy_config *c) {
    return two_lists_create(sizeof(struct two_q), &policy_two_q, c, k_out(policy_share(c)), 0);
}

static struct policy *clone(const struct policy *p) { return two_lists_clone_of(p, sizeof(struct two_q)); }

static void on_load(struct policy *p, frame_t f, struct page_id page, uint64_t now) {
    struct two_lists *t = two_lists(p);
    (void)now;
    bool known = self(p)->returns && page_same(self(p)->returning, page);
    self(p)->returns = false;
    known |= ghosts_take(&t->ghost[A1], page, NULL);
    two_lists_put(t, known ? AM : A1, f);
}

static void on_uses(struct policy *p, frame_t f, uint32_t times, uint64_t now, uint32_t next_use) {
    (void)times;
    (void)now;
    (void)next_use;
    frame_list_touch(&two_lists(p)->list[AM], f);
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    on_uses(p, f, 1, now, next_use);
}

static enum policy_verdict pick(struct policy *p, const struct policy_env *env, frame_t *out) {
    struct two_lists *t = two_lists(p);
    enum policy_verdict verdict = two_lists_pick(t, t->list[A1].count > k_in(t->share) ? A1 : AM, env, out);
    if (verdict == POLICY_VICTIM && env->wanted) {
        self(p)->returning = *env->wanted;
        self(p)->returns = ghosts_find(&t->ghost[A1], *env->wanted) != GHOST_NONE;
    }
    if (verdict == POLICY_VICTIM)
        *env->told = frame_list_has(&t->list[A1], *out) ? "It came to A1in first of all; its name goes to A1out."
                                                        : "A1in is small enough, and of Am it was not used for the longest time.";
    return verdict;
}

static void describe(const struct policy *p, struct policy_picture *out) {
    static const char *const names[] = {"A1", "Am"};
    two_lists_draw(p, names, out);
    snprintf(out->note, sizeof out->note, "A1out %u", two_lists_const(p)->ghost[A1].count);
}

static bool equal(const struct policy *a, const struct policy *b) {
    if (!two_lists_equal(a, b)) return false;
    const struct two_q *x = (const void *)a, *y = (const void *)b;
    return x->returns == y->returns && (!x->returns || page_same(x->returning, y->returning));
}

const struct policy_ops policy_two_q = {
    .name = "two_q",
    .title = "2Q",
    .rule = "It came to A1in first, if that is too long; else it was not used in Am for the longest time.",
    .source = "Johnson, Shasha, 2Q: A Low Overhead High Performance Buffer Management..., VLDB, 1994",
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
    .asks_wanted = true,
};
