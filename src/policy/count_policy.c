/* count_policy.c - see count_policy.h. */
#include "policy/count_policy.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>
#include <string.h>

void count_policy_free(struct policy *policy) {
    if (!policy) return;
    struct count_policy *p = count_policy(policy);
    free(p->use);
    frame_heap_free(&p->heap);
    free(p);
}

static struct policy *whole_or_nothing(struct count_policy *p, bool heap_made) {
    if (heap_made && p->use) return (struct policy *)p;
    count_policy_free((struct policy *)p);
    return NULL;
}

struct policy *count_policy_create(const struct policy_ops *ops, const struct policy_config *c) {
    struct count_policy *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = ops;
    p->use = mem_zalloc(c->frames, sizeof *p->use);
    return whole_or_nothing(p, frame_heap_init(&p->heap, c->frames));
}

struct policy *count_policy_clone(const struct policy *original) {
    const struct count_policy *from = (const void *)original;
    struct count_policy *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->use = mem_copy(from->use, from->heap.frames, sizeof *p->use);
    return whole_or_nothing(p, frame_heap_copy(&p->heap, &from->heap));
}

void count_policy_on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    struct count_policy *p = count_policy(policy);
    p->use[f] = (struct page_use){0, 0};
    frame_heap_remove(&p->heap, f);
}

void count_policy_describe(const struct policy *policy, struct policy_picture *out) {
    const struct count_policy *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = "count";
    for (frame_t f = 0; f < p->heap.frames; f++) out->rank[f] = p->use[f].count;
}

bool count_policy_equal(const struct policy *a, const struct policy *b) {
    const struct count_policy *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && frame_heap_equal(&x->heap, &y->heap) &&
           memcmp(x->use, y->use, x->heap.frames * sizeof *x->use) == 0;
}
