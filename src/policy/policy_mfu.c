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
#include "vmscope/base/memory.h"

#include "policy/frame_heap.h"
#include "policy/policies.h"

#include <stdlib.h>
#include <string.h>

struct mfu {
    struct policy_base base;
    uint64_t *count; /* [heap.frames] references since the page was loaded; 0 in a free frame */
    struct frame_heap heap;
};

static struct mfu *self(struct policy *p) { return (struct mfu *)(void *)p; }

static void destroy(struct policy *policy) {
    if (!policy) return;
    struct mfu *p = self(policy);
    free(p->count);
    frame_heap_free(&p->heap);
    free(p);
}

static struct policy *whole_or_nothing(struct mfu *p, bool heap_made) {
    if (heap_made && p->count) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct mfu *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_mfu;
    p->count = mem_zalloc(c->frames, sizeof *p->count);
    return whole_or_nothing(p, frame_heap_init(&p->heap, c->frames));
}

static struct policy *clone(const struct policy *original) {
    const struct mfu *from = (const void *)original;
    struct mfu *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->count = mem_copy(from->count, from->heap.frames, sizeof *p->count);
    return whole_or_nothing(p, frame_heap_copy(&p->heap, &from->heap));
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    struct mfu *p = self(policy);
    p->count[f] = 0;
    frame_heap_put(&p->heap, f, UINT64_MAX, now);
}

static void on_access(struct policy *policy, frame_t f, uint64_t now, uint32_t next_use) {
    struct mfu *p = self(policy);
    (void)next_use;
    if (frame_heap_has(&p->heap, f)) frame_heap_put(&p->heap, f, UINT64_MAX - ++p->count[f], now);
}

static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    struct mfu *p = self(policy);
    frame_heap_remove(&p->heap, f);
    p->count[f] = 0;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    return frame_heap_pick(&self(policy)->heap, env, NULL, NULL, out);
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct mfu *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = "count";
    memcpy(out->rank, p->count, p->heap.frames * sizeof *p->count);
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct mfu *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && frame_heap_equal(&x->heap, &y->heap) &&
           memcmp(x->count, y->count, x->heap.frames * sizeof *x->count) == 0;
}

const struct policy_ops policy_mfu = {
    .name = "mfu",
    .title = "MFU",
    .rule = "It was used the most times since it was loaded.",
    .source = "Silberschatz, Galvin, Gagne, Operating System Concepts, 10.4.6 (counting-based)",
    .create = create,
    .clone = clone,
    .free = destroy,
    .on_load = on_load,
    .on_access = on_access,
    .on_free = on_free,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .counts_repeats = true,
};
