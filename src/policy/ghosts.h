/* ghosts.h - pages that left memory and are remembered by name; private to src/policy.
 *
 * A ghost has no frame: it is the identity of a page, a number that a policy
 * may keep with it, and a place in the order in which ghosts came. There is
 * room for a fixed number; the oldest makes way. A table of chains, in which a
 * page's number says where it is, finds a ghost at once.
 * Invariant: the nodes in use hang in the order newest..oldest, and each in the
 * chain of its bucket; the others hang in the list `unused` by `older`.
 */
#ifndef VMSCOPE_POLICY_GHOSTS_H
#define VMSCOPE_POLICY_GHOSTS_H

#include "vmscope/policy/policy.h"

#define GHOST_NONE UINT32_MAX

struct ghost {
    uint64_t value;
    struct page_id id;
    uint32_t newer, older, chain;
};

struct ghosts {
    uint32_t room, count, newest, oldest, unused;
    uint32_t mask;        /* buckets - 1, a power of two - 1 */
    struct ghost *node;   /* [room] */
    uint32_t *bucket;     /* first of its chain, or GHOST_NONE */
};

bool ghosts_init(struct ghosts *g, uint32_t room); /* false: no memory; then it can still be freed */
bool ghosts_copy(struct ghosts *to, const struct ghosts *from);
void ghosts_free(struct ghosts *g);
bool ghosts_equal(const struct ghosts *a, const struct ghosts *b); /* same pages, numbers and order */

/* As the newest; where there is no room, the oldest goes. Returns its index, GHOST_NONE where room is 0. */
uint32_t ghosts_add(struct ghosts *g, struct page_id id, uint64_t value);
uint32_t ghosts_find(const struct ghosts *g, struct page_id id); /* GHOST_NONE: it is none */
void ghosts_remove(struct ghosts *g, uint32_t i);                /* GHOST_NONE: nothing happens */
/* It is no ghost any more; was it one? Its number goes to *value, which may be NULL. */
bool ghosts_take(struct ghosts *g, struct page_id id, uint64_t *value);

#endif
