/* frame_heap.h - frames by a key, the smallest on top; private to src/policy.
 *
 * A heap with four children a node (fewer levels to climb than with two) that
 * knows each frame's place, so that any frame's key can change in O(log n).
 * Invariant: place[f] is 1 + f's index in node[], 0 where f is not in the heap;
 * no node's (key, tie) is below its parent's.
 */
#ifndef VMSCOPE_POLICY_FRAME_HEAP_H
#define VMSCOPE_POLICY_FRAME_HEAP_H

#include "vmscope/policy/policy.h"

struct heap_node {
    uint64_t key, tie; /* smaller key first; of equal keys smaller tie first, then the lower frame */
    frame_t frame;
};

struct frame_heap {
    uint32_t frames, used;
    struct heap_node *node; /* [frames] */
    uint32_t *place;        /* [frames] */
};

bool frame_heap_init(struct frame_heap *h, uint32_t frames); /* empty; false: no memory */
bool frame_heap_copy(struct frame_heap *to, const struct frame_heap *from);
void frame_heap_free(struct frame_heap *h);
bool frame_heap_equal(const struct frame_heap *a, const struct frame_heap *b);

/* Insert f, or change its key. */
void frame_heap_put(struct frame_heap *h, frame_t f, uint64_t key, uint64_t tie);
void frame_heap_remove(struct frame_heap *h, frame_t f);

/* The frame of the smallest key that may be evicted. `refresh` (may be NULL) is called with `policy`
 * before each look at the top, for keys that are brought up to date only then. */
enum policy_verdict frame_heap_pick(struct frame_heap *h, const struct policy_env *env, void (*refresh)(void *policy),
                                    void *policy, frame_t *out);

static inline bool frame_heap_has(const struct frame_heap *h, frame_t f) { return h->place[f] != 0; }

#endif
