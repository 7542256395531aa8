/* list_policy.h - what the policies share whose whole state is one order of
 * frames: FIFO and SECOND_CHANCE (order of loading), LRU and MRU (order of use).
 * Private to src/policy. */
#ifndef VMSCOPE_POLICY_LIST_POLICY_H
#define VMSCOPE_POLICY_LIST_POLICY_H

#include "policy/frame_list.h"

struct list_policy {
    struct policy_base base;
    struct frame_list list;
};

static inline struct list_policy *list_policy(struct policy *p) { return (struct list_policy *)(void *)p; }
static inline const struct list_policy *list_policy_const(const struct policy *p) {
    return (const struct list_policy *)(const void *)p;
}

struct policy *list_policy_create(const struct policy_ops *ops, const struct policy_config *c);

/* Entries of the tables of functions. */
struct policy *list_policy_clone(const struct policy *p);
void list_policy_free(struct policy *p);
void list_policy_on_load(struct policy *p, frame_t f, struct page_id page, uint64_t now); /* f becomes the newest */
void list_policy_on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use); /* likewise */
void list_policy_on_free(struct policy *p, frame_t f, const struct page_id *evicted);
bool list_policy_equal(const struct policy *a, const struct policy *b);
void list_policy_describe_queue(const struct policy *p, struct policy_picture *out); /* 1: loaded first */
void list_policy_describe_age(const struct policy *p, struct policy_picture *out);   /* 0: used last */

#endif
