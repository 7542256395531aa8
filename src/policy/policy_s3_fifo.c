/* policy_s3_fifo.c - S3-FIFO: a small queue keeps pages out that are used once.
 *
 *   new page --> S (a tenth) --> used twice or more since --> M (the rest) --+
 *                     |                                       ^  used: back,  |
 *                     v                                       |  count - 1    |
 *                 evicted, its name goes to G                 +--------------+
 *                 and if it comes back soon: to M             not used: evicted
 *
 * All three are FIFO queues; a hit only counts, up to 3. Who is to give a frame:
 * S when it has its tenth or more, else M. From S a page moves on to M when its
 * count is above 1, with the count 0 again, and leaves otherwise; G remembers as
 * many of these as M has pages. The loading reference does not count.
 * Yang, Zhang, Qiu, Yue, Rashmi, FIFO Queues are All You Need for Cache Eviction,
 * SOSP 2023, section 4 and algorithm 1. Where S gives pages to M until M is
 * larger than its share, M gives the frame.
 */
#include "policy/policies.h"
#include "policy/two_lists.h"

#include <stdio.h>

#define COUNT_MAX 3
#define FRESH 0x80 /* in the mark: its loading reference is still to come */

enum { SMALL, MAIN };

static uint32_t small_share(uint32_t share) { return share < 20 ? 1 : share / 10; }

static struct policy *create(const struct policy_config *c) {
    uint32_t share = policy_share(c);
    return two_lists_create(sizeof(struct two_lists), &policy_s3_fifo, c, share - small_share(share), 0);
}

static struct policy *clone(const struct policy *p) { return two_lists_clone_of(p, sizeof(struct two_lists)); }

static void on_load(struct policy *p, frame_t f, struct page_id page, uint64_t now) {
    struct two_lists *t = two_lists(p);
    (void)now;
    two_lists_put(t, ghosts_take(&t->ghost[SMALL], page, NULL) ? MAIN : SMALL, f);
    t->mark[f] = FRESH;
}

static void on_uses(struct policy *p, frame_t f, uint32_t times, uint64_t now, uint32_t next_use) {
    struct two_lists *t = two_lists(p);
    (void)now;
    (void)next_use;
    if (t->mark[f] & FRESH) {
        t->mark[f] = 0;
        times--;
    }
    uint32_t count = t->mark[f] + times;
    if (two_lists_has(t, f)) t->mark[f] = (uint8_t)(count < COUNT_MAX ? count : COUNT_MAX);
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    on_uses(p, f, 1, now, next_use);
}

static unsigned count_of(const struct two_lists *t, frame_t f) { return t->mark[f] & ~(unsigned)FRESH; }

/* The oldest of S: on to M, or out. */
static enum policy_verdict from_small(struct two_lists *t, const struct policy_env *env, frame_t f) {
    if (count_of(t, f) <= 1) {
        *env->told = "It is the first in S and was used at most once since it came: its name goes to G.";
        return POLICY_VICTIM;
    }
    two_lists_put(t, MAIN, f);
    t->mark[f] = 0;
    *env->told = "It was used more than once while it was in S: it moves on to M.";
    return POLICY_MOVE;
}

/* The oldest of M: once more round, or out. */
static enum policy_verdict from_main(struct two_lists *t, const struct policy_env *env, frame_t f) {
    if (count_of(t, f) == 0) {
        *env->told = "It is the first in M and was not used since it came there, or came by.";
        return POLICY_VICTIM;
    }
    two_lists_put(t, MAIN, f);
    t->mark[f]--;
    *env->told = "It is the first in M, but was used: it goes to the end of M, and its count sinks by one.";
    return POLICY_MOVE;
}

static enum policy_verdict pick(struct policy *p, const struct policy_env *env, frame_t *out) {
    struct two_lists *t = two_lists(p);
    frame_t small = two_lists_oldest(t, SMALL, env), main = two_lists_oldest(t, MAIN, env);
    bool full = t->list[SMALL].count >= small_share(t->share);
    *out = main == FRAME_NONE || (full && small != FRAME_NONE) ? small : main;
    if (*out == FRAME_NONE) return POLICY_NONE;
    return *out == small ? from_small(t, env, small) : from_main(t, env, main);
}

static void describe(const struct policy *p, struct policy_picture *out) {
    static const char *const names[] = {"S", "M"};
    two_lists_draw(p, names, out);
    snprintf(out->note, sizeof out->note, "G %u", two_lists_const(p)->ghost[SMALL].count);
}

const struct policy_ops policy_s3_fifo = {
    .name = "s3_fifo",
    .title = "S3-FIFO",
    .rule = "It was used too little to stay in the small queue S, or not at all in the main queue M.",
    .source = "Yang, Zhang, Qiu, Yue, Rashmi, FIFO Queues are All You Need for Cache Eviction, SOSP, 2023",
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
    .equal = two_lists_equal,
    .counts_repeats = true,
};
