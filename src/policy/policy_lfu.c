/* policy_lfu.c - least frequently used.
 *
 * Each page counts its references since it was loaded, the loading one
 * included; the count is dropped when it leaves. The smallest count leaves, of
 * equal ones the least recently used. A page that was busy long ago keeps its
 * count and stays: LFU's weakness, which AGING mends.
 *
 * A reference only counts; the heap is not told. Counts and times only grow,
 * so a key in the heap is never above the page's true one, and a page on top
 * whose key is true is the smallest of all. pick brings the top's key up to
 * date until it is.
 */
#include "vmscope/base/memory.h"

#include "policy/frame_heap.h"
#include "policy/policies.h"

#include <stdlib.h>
#include <string.h>

struct lfu_use {
    uint64_t count; /* references since the page was loaded; 0 in a free frame */
    uint64_t last;  /* number of the last one */
};

struct lfu {
    struct policy_base base;
    struct lfu_use *use; /* [heap.frames] */
    struct frame_heap heap;
};

static struct lfu *self(struct policy *p) { return (struct lfu *)(void *)p; }

static void destroy(struct policy *policy) {
    if (!policy) return;
    struct lfu *p = self(policy);
    free(p->use);
    frame_heap_free(&p->heap);
    free(p);
}

static struct policy *whole_or_nothing(struct lfu *p, bool heap_made) {
    if (heap_made && p->use) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct lfu *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_lfu;
    p->use = mem_zalloc(c->frames, sizeof *p->use);
    return whole_or_nothing(p, frame_heap_init(&p->heap, c->frames));
}

static struct policy *clone(const struct policy *original) {
    const struct lfu *from = (const void *)original;
    struct lfu *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->use = mem_copy(from->use, from->heap.frames, sizeof *p->use);
    return whole_or_nothing(p, frame_heap_copy(&p->heap, &from->heap));
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    struct lfu *p = self(policy);
    p->use[f] = (struct lfu_use){.count = 0, .last = now};
    frame_heap_put(&p->heap, f, 0, now);
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    struct lfu_use *use = &self(p)->use[f];
    (void)next_use;
    use->count++;
    use->last = now;
}

static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    struct lfu *p = self(policy);
    p->use[f] = (struct lfu_use){0, 0};
    frame_heap_remove(&p->heap, f);
}

/* Bring keys up to date until the one on top is true; the heap is not empty. */
static void refresh(void *policy) {
    struct lfu *p = policy;
    for (;;) {
        const struct heap_node *top = &p->heap.node[0];
        const struct lfu_use *use = &p->use[top->frame];
        if (top->key == use->count && top->tie == use->last) return;
        frame_heap_put(&p->heap, top->frame, use->count, use->last);
    }
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct lfu *p = self(policy);
    return frame_heap_pick(&p->heap, env, refresh, p, out);
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct lfu *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = "count";
    for (frame_t f = 0; f < p->heap.frames; f++) out->rank[f] = p->use[f].count;
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct lfu *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && frame_heap_equal(&x->heap, &y->heap) &&
           memcmp(x->use, y->use, x->heap.frames * sizeof *x->use) == 0;
}

const struct policy_ops policy_lfu = {
    .name = "lfu",
    .title = "LFU",
    .rule = "It was used the fewest times since it was loaded.",
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
