/* policy_lfu.c - least frequently used.
 *
 * Each page counts its references since it was loaded, the loading one
 * included; the count is dropped when it leaves. The smallest count leaves, of
 * equal ones the least recently used. A page that was busy long ago keeps its
 * count and stays: LFU's weakness, which AGING mends.
 * Silberschatz, Galvin, Gagne, Operating System Concepts, 10.4.6.
 *
 * A reference only counts; the heap is not told. Counts and times only grow,
 * so a key in the heap is never above the page's true one, and a page on top
 * whose key is true is the smallest of all. pick brings the top's key up to
 * date until it is.
 */
#include "policy/count_policy.h"

static struct policy *create(const struct policy_config *c) { return count_policy_create(&policy_lfu, c); }

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    struct count_policy *p = count_policy(policy);
    p->use[f] = (struct page_use){.count = 0, .last = now};
    frame_heap_put(&p->heap, f, 0, now);
}

static void on_uses(struct policy *p, frame_t f, uint32_t times, uint64_t now, uint32_t next_use) {
    struct page_use *use = &count_policy(p)->use[f];
    (void)next_use;
    use->count += times;
    use->last = now;
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    on_uses(p, f, 1, now, next_use);
}

/* Bring keys up to date until the one on top is true; the heap is not empty. */
static void refresh(void *policy) {
    struct count_policy *p = policy;
    for (;;) {
        const struct heap_node *top = &p->heap.node[0];
        const struct page_use *use = &p->use[top->frame];
        if (top->key == use->count && top->tie == use->last) return;
        frame_heap_put(&p->heap, top->frame, use->count, use->last);
    }
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct count_policy *p = count_policy(policy);
    return frame_heap_pick(&p->heap, env, refresh, p, out);
}

const struct policy_ops policy_lfu = {
    .name = "lfu",
    .title = "LFU",
    .rule = "It was used the fewest times since it was loaded.",
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
