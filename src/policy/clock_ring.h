/* clock_ring.h - a clock with three hands for pages in frames and pages that left; for CLOCK_PRO.
 * Private to src/policy.
 *
 * A node is a frame, or frames + the index of a ghost. Hands move along `newer`.
 * HAND_HOT stands at the oldest node; the newest is just behind it, and there
 * new ones come in. A hand whose node goes moves on.
 */
#ifndef VMSCOPE_POLICY_CLOCK_RING_H
#define VMSCOPE_POLICY_CLOCK_RING_H

#include "policy/frame_list.h"
#include "policy/ghosts.h"

enum { HAND_HOT, HAND_COLD, HAND_TEST, HANDS };

struct clock_ring {
    uint32_t frames, nodes, count; /* of the machine; there can be; on the clock */
    uint32_t hand[HANDS];          /* FRAME_NONE: the clock is empty */
    struct frame_link *link;       /* [nodes]; FRAME_NONE where the node is not on the clock */
    uint8_t *state;                /* [nodes] the policy's; 0 where the node is not on the clock */
    struct ghosts gone;
};

bool clock_ring_init(struct clock_ring *r, uint32_t frames, uint32_t ghosts); /* empty; false: no memory */
bool clock_ring_copy(struct clock_ring *to, const struct clock_ring *from);
void clock_ring_free(struct clock_ring *r);
bool clock_ring_equal(const struct clock_ring *a, const struct clock_ring *b);

void clock_ring_put(struct clock_ring *r, uint32_t n, uint8_t state); /* as the newest */
void clock_ring_drop(struct clock_ring *r, uint32_t n);               /* a ghost is forgotten */
/* The page in frame f becomes a ghost: in the very place, under the same hands, with the same state. */
void clock_ring_leave(struct clock_ring *r, frame_t f, struct page_id page);
uint32_t clock_ring_ghost(const struct clock_ring *r, struct page_id page); /* its node, or FRAME_NONE */
bool clock_ring_may_leave(const struct clock_ring *r, const struct policy_env *env); /* may any page? */
/* The node under that hand, which moves on. The clock is not empty. */
uint32_t clock_ring_advance(struct clock_ring *r, unsigned hand);
static inline bool clock_ring_has(const struct clock_ring *r, uint32_t n) { return r->link[n].newer != FRAME_NONE; }

#endif
