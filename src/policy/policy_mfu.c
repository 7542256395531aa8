/* policy_mfu.c - most frequently used: LFU's mirror.
 *
 * The thought behind it: a page with a small count was just brought in and has
 * its use still before it. The loading reference counts 1, counts are dropped
 * on eviction, and of equal counts the least recently used page leaves.
 * Silberschatz, Galvin, Gagne, Operating System Concepts, 10.4.6.
 *
 * The largest count has the smallest key, so that the heap has it on top. Keys
 * sink with each reference, and so the heap is told of each.
 */
#include "policy/count_policy.h"

static struct policy *create(const struct policy_config *c) { return count_policy_create(&policy_mfu, c); }

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    struct count_policy *p = count_policy(policy);
    p->use[f] = (struct page_use){.count = 0, .last = now};
    frame_heap_put(&p->heap, f, UINT64_MAX, now);
}

static void on_uses(struct policy *policy, frame_t f, uint32_t times, uint64_t now, uint32_t next_use) {
    struct count_policy *p = count_policy(policy);
    (void)next_use;
    if (!frame_heap_has(&p->heap, f)) return;
    p->use[f].last = now;
    p->use[f].count += times;
    frame_heap_put(&p->heap, f, UINT64_MAX - p->use[f].count, now);
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    on_uses(p, f, 1, now, next_use);
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    return frame_heap_pick(&count_policy(policy)->heap, env, NULL, NULL, out);
}

const struct policy_ops policy_mfu = {
    .name = "mfu",
    .title = "MFU",
    .rule = "It was used the most times since it was loaded.",
    .source = "Silberschatz, Galvin, Gagne, Operating System Concepts, 10.4.6 (counting-based)",
    .create = create,
    .clone = count_policy_clone,
    .free = count_policy_free,
    .on_load = on_load,
    .on_access = on_access,
    .on_uses = on_uses,
    .on_free = count_policy_on_free,
    .pick = pick,
    .describe = count_policy_describe,
    .equal = count_policy_equal,
    .counts_repeats = true,
};
