/* recency.h - pages in the order of their last use, and how many were used after one of them.
 *
 *   slot      0   1   2   3   4   5   6   7  | next
 *   page      a   -   c   -   -   b   d   -  |        a was used the longest ago, d last
 *   used after c: b, d
 *
 * A page that is used again leaves its slot and later takes the next one, so slots only need a
 * bit each; a Fenwick tree over blocks of bits counts those that lie above one. When the slots
 * are all given out, the pages move together. Source of the idea: B. Bennett and V. Kruskal,
 * LRU Stack Processing, IBM Journal of Research and Development 19(4), 1975.
 */
#ifndef VMSCOPE_SIM_RECENCY_H
#define VMSCOPE_SIM_RECENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECENCY_WORDS 8u /* of 64 bits in a block */
#define RECENCY_BLOCK (RECENCY_WORDS * 64u)
#define RECENCY_NONE  UINT32_MAX

struct recency {
    uint64_t *bit;    /* [slots / 64] is there a page? */
    uint32_t *tree;   /* [slots / RECENCY_BLOCK + 1], Fenwick: pages of some blocks together */
    uint32_t *page;   /* [slots] whose slot it is */
    uint32_t slots, next, count;
};

/* The page is the one used last. *slot: its slot; `slot_of[page]` of the others changes when they
 * move together. False: no memory. */
bool recency_add(struct recency *r, uint32_t page, uint32_t *slot_of);
/* The page with that slot is taken out. Returns how many pages that are still in were used after it. */
uint32_t recency_take(struct recency *r, uint32_t slot);
void recency_free(struct recency *r);

#endif
