/* clock_ring.c - a clock with three hands; see clock_ring.h. */
#include "policy/clock_ring.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>
#include <string.h>

static const struct frame_link nowhere = {FRAME_NONE, FRAME_NONE};

bool clock_ring_init(struct clock_ring *r, uint32_t frames, uint32_t ghosts) {
    uint32_t nodes = frames + ghosts;
    *r = (struct clock_ring){.frames = frames, .nodes = nodes, .hand = {FRAME_NONE, FRAME_NONE, FRAME_NONE}};
    r->link = mem_zalloc(nodes, sizeof *r->link);
    r->state = mem_zalloc(nodes, sizeof *r->state);
    for (uint32_t n = 0; r->link && n < nodes; n++) r->link[n] = nowhere;
    return ghosts_init(&r->gone, ghosts) && r->link && r->state;
}

bool clock_ring_copy(struct clock_ring *to, const struct clock_ring *from) {
    *to = *from;
    to->link = mem_copy(from->link, from->nodes, sizeof *to->link);
    to->state = mem_copy(from->state, from->nodes, sizeof *to->state);
    return ghosts_copy(&to->gone, &from->gone) && to->link && to->state;
}

void clock_ring_free(struct clock_ring *r) {
    free(r->link);
    free(r->state);
    ghosts_free(&r->gone);
}

bool clock_ring_equal(const struct clock_ring *a, const struct clock_ring *b) {
    return a->frames == b->frames && a->nodes == b->nodes && a->count == b->count &&
           memcmp(a->hand, b->hand, sizeof a->hand) == 0 && memcmp(a->link, b->link, a->nodes * sizeof *a->link) == 0 &&
           memcmp(a->state, b->state, a->nodes * sizeof *a->state) == 0 && ghosts_equal(&a->gone, &b->gone);
}

/* Hands at node n stand at another one from now on. */
static void move_hands(struct clock_ring *r, uint32_t n, uint32_t to) {
    for (unsigned h = 0; h < HANDS; h++)
        if (r->hand[h] == n) r->hand[h] = to;
}

void clock_ring_put(struct clock_ring *r, uint32_t n, uint8_t state) {
    uint32_t oldest = r->hand[HAND_HOT];
    r->count++;
    r->state[n] = state;
    if (oldest == FRAME_NONE) {
        r->link[n] = (struct frame_link){n, n};
        move_hands(r, FRAME_NONE, n);
        return;
    }
    uint32_t newest = r->link[oldest].older;
    r->link[n] = (struct frame_link){.newer = oldest, .older = newest};
    r->link[newest].newer = r->link[oldest].older = n;
}

void clock_ring_drop(struct clock_ring *r, uint32_t n) {
    struct frame_link at = r->link[n];
    r->count--;
    move_hands(r, n, r->count ? at.newer : FRAME_NONE);
    r->link[at.newer].older = at.older;
    r->link[at.older].newer = at.newer;
    r->link[n] = nowhere;
    r->state[n] = 0;
    if (n >= r->frames) ghosts_remove(&r->gone, n - r->frames);
}

void clock_ring_leave(struct clock_ring *r, frame_t f, struct page_id page) {
    uint32_t old = clock_ring_ghost(r, page);
    if (old != FRAME_NONE) clock_ring_drop(r, old);
    uint32_t n = r->frames + ghosts_add(&r->gone, page, 0);
    struct frame_link at = r->link[f];
    r->link[n] = r->count == 1 ? (struct frame_link){n, n} : at;
    if (r->count > 1) r->link[at.newer].older = r->link[at.older].newer = n;
    r->state[n] = r->state[f];
    r->link[f] = nowhere;
    r->state[f] = 0;
    move_hands(r, f, n);
}

uint32_t clock_ring_ghost(const struct clock_ring *r, struct page_id page) {
    uint32_t i = ghosts_find(&r->gone, page);
    return i == GHOST_NONE ? FRAME_NONE : r->frames + i;
}

bool clock_ring_may_leave(const struct clock_ring *r, const struct policy_env *env) {
    for (frame_t f = 0; f < r->frames; f++)
        if (clock_ring_has(r, f) && env->may_evict(env->os, f)) return true;
    return false;
}

uint32_t clock_ring_advance(struct clock_ring *r, unsigned hand) {
    uint32_t n = r->hand[hand];
    r->hand[hand] = r->link[n].newer;
    return n;
}
