/* count_policy.h - what LFU and MFU share: a count and a time of last use a page, and a heap of frames
 * that is ordered by them. They differ in who is told when, and in who stands on top.
 * Private to src/policy. */
#ifndef VMSCOPE_POLICY_COUNT_POLICY_H
#define VMSCOPE_POLICY_COUNT_POLICY_H

#include "policy/frame_heap.h"
#include "policy/policies.h"

struct page_use {
    uint64_t count; /* references since the page was loaded; 0 in a free frame */
    uint64_t last;  /* number of the last one */
};

struct count_policy {
    struct policy_base base;
    struct page_use *use; /* [heap.frames] */
    struct frame_heap heap;
};

static inline struct count_policy *count_policy(struct policy *p) { return (struct count_policy *)(void *)p; }

struct policy *count_policy_create(const struct policy_ops *ops, const struct policy_config *c);

/* Entries of the tables of functions. */
struct policy *count_policy_clone(const struct policy *p);
void count_policy_free(struct policy *p);
void count_policy_on_free(struct policy *p, frame_t f, const struct page_id *evicted);
void count_policy_describe(const struct policy *p, struct policy_picture *out);
bool count_policy_equal(const struct policy *a, const struct policy *b);

#endif
