/* clock_ring.h - a clock with three hands, whose nodes are frames and ghosts; for CLOCK_PRO.
 * Private to src/policy.
 *
 * Hands move along `newer`. HAND_HOT stands at the oldest node; the newest is
 * just behind it, and there new ones come in. A hand whose node goes moves on.
 */
#ifndef VMSCOPE_POLICY_CLOCK_RING_H
#define VMSCOPE_POLICY_CLOCK_RING_H

#include "policy/frame_list.h"

enum { HAND_HOT, HAND_COLD, HAND_TEST, HANDS };

struct clock_ring {
    uint32_t nodes, count;
    uint32_t hand[HANDS]; /* FRAME_NONE: the clock is empty */
    struct frame_link *link; /* [nodes]; FRAME_NONE where the node is not on the clock */
};

bool clock_ring_init(struct clock_ring *r, uint32_t nodes); /* empty; false: no memory */
bool clock_ring_copy(struct clock_ring *to, const struct clock_ring *from);
void clock_ring_free(struct clock_ring *r);
bool clock_ring_equal(const struct clock_ring *a, const struct clock_ring *b);

void clock_ring_put(struct clock_ring *r, uint32_t n); /* as the newest */
void clock_ring_remove(struct clock_ring *r, uint32_t n);
void clock_ring_replace(struct clock_ring *r, uint32_t n, uint32_t by); /* in the very place, under the same hands */
/* The node under that hand, which moves on. The clock is not empty. */
uint32_t clock_ring_advance(struct clock_ring *r, unsigned hand);
static inline bool clock_ring_has(const struct clock_ring *r, uint32_t n) { return r->link[n].newer != FRAME_NONE; }

#endif
