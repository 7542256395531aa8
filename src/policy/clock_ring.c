/* clock_ring.c - a clock with three hands; see clock_ring.h. */
#include "policy/clock_ring.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>
#include <string.h>

static const struct frame_link nowhere = {FRAME_NONE, FRAME_NONE};

bool clock_ring_init(struct clock_ring *r, uint32_t nodes) {
    *r = (struct clock_ring){.nodes = nodes, .hand = {FRAME_NONE, FRAME_NONE, FRAME_NONE}};
    r->link = mem_zalloc(nodes, sizeof *r->link);
    for (uint32_t n = 0; r->link && n < nodes; n++) r->link[n] = nowhere;
    return r->link;
}

bool clock_ring_copy(struct clock_ring *to, const struct clock_ring *from) {
    *to = *from;
    to->link = mem_copy(from->link, from->nodes, sizeof *to->link);
    return to->link;
}

void clock_ring_free(struct clock_ring *r) { free(r->link); }

bool clock_ring_equal(const struct clock_ring *a, const struct clock_ring *b) {
    return a->nodes == b->nodes && a->count == b->count && memcmp(a->hand, b->hand, sizeof a->hand) == 0 &&
           memcmp(a->link, b->link, a->nodes * sizeof *a->link) == 0;
}

/* Hands at node n stand at another one from now on. */
static void move_hands(struct clock_ring *r, uint32_t n, uint32_t to) {
    for (unsigned h = 0; h < HANDS; h++)
        if (r->hand[h] == n) r->hand[h] = to;
}

void clock_ring_put(struct clock_ring *r, uint32_t n) {
    uint32_t oldest = r->hand[HAND_HOT];
    r->count++;
    if (oldest == FRAME_NONE) {
        r->link[n] = (struct frame_link){n, n};
        move_hands(r, FRAME_NONE, n);
        return;
    }
    uint32_t newest = r->link[oldest].older;
    r->link[n] = (struct frame_link){.newer = oldest, .older = newest};
    r->link[newest].newer = r->link[oldest].older = n;
}

void clock_ring_remove(struct clock_ring *r, uint32_t n) {
    struct frame_link at = r->link[n];
    r->count--;
    move_hands(r, n, r->count ? at.newer : FRAME_NONE);
    r->link[at.newer].older = at.older;
    r->link[at.older].newer = at.newer;
    r->link[n] = nowhere;
}

void clock_ring_replace(struct clock_ring *r, uint32_t n, uint32_t by) {
    struct frame_link at = r->link[n];
    r->link[by] = r->count == 1 ? (struct frame_link){by, by} : at;
    if (r->count > 1) r->link[at.newer].older = r->link[at.older].newer = by;
    r->link[n] = nowhere;
    move_hands(r, n, by);
}

uint32_t clock_ring_advance(struct clock_ring *r, unsigned hand) {
    uint32_t n = r->hand[hand];
    r->hand[hand] = r->link[n].newer;
    return n;
}
