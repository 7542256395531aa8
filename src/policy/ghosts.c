/* ghosts.c - pages that left memory; see ghosts.h. */
#include "policy/ghosts.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

#include <stdlib.h>

bool ghosts_init(struct ghosts *g, uint32_t room) {
    uint32_t buckets = 1;
    while (buckets < room && buckets < (uint32_t)1 << 31) buckets *= 2;
    *g = (struct ghosts){.room = room, .newest = GHOST_NONE, .oldest = GHOST_NONE, .unused = GHOST_NONE, .mask = buckets - 1};
    g->node = mem_zalloc(room ? room : 1, sizeof *g->node);
    g->bucket = mem_zalloc(buckets, sizeof *g->bucket);
    if (!g->node || !g->bucket) return false;
    for (uint32_t b = 0; b < buckets; b++) g->bucket[b] = GHOST_NONE;
    for (uint32_t i = room; i-- > 0; g->unused = i) g->node[i].older = g->unused;
    return true;
}

bool ghosts_copy(struct ghosts *to, const struct ghosts *from) {
    *to = *from;
    to->node = mem_copy(from->node, from->room ? from->room : 1, sizeof *to->node);
    to->bucket = mem_copy(from->bucket, (size_t)from->mask + 1, sizeof *to->bucket);
    return to->node && to->bucket;
}

void ghosts_free(struct ghosts *g) {
    free(g->node);
    free(g->bucket);
}

bool ghosts_equal(const struct ghosts *a, const struct ghosts *b) {
    if (a->room != b->room || a->count != b->count) return false;
    for (uint32_t i = a->newest, j = b->newest; i != GHOST_NONE; i = a->node[i].older, j = b->node[j].older)
        if (!page_same(a->node[i].id, b->node[j].id) || a->node[i].value != b->node[j].value) return false;
    return true;
}

static uint32_t *bucket_of(const struct ghosts *g, struct page_id id) {
    return &g->bucket[rng_mix(id.page ^ rng_mix(id.space)) & g->mask];
}

uint32_t ghosts_find(const struct ghosts *g, struct page_id id) {
    uint32_t i = *bucket_of(g, id);
    while (i != GHOST_NONE && !page_same(g->node[i].id, id)) i = g->node[i].chain;
    return i;
}

/* What names node `at` from that side is to name `now`. */
static void relink(struct ghosts *g, uint32_t newer, uint32_t older, uint32_t from_newer, uint32_t from_older) {
    *(newer == GHOST_NONE ? &g->newest : &g->node[newer].older) = from_newer;
    *(older == GHOST_NONE ? &g->oldest : &g->node[older].newer) = from_older;
}

void ghosts_remove(struct ghosts *g, uint32_t i) {
    if (i == GHOST_NONE) return;
    struct ghost *n = &g->node[i];
    uint32_t *link = bucket_of(g, n->id);
    while (*link != i) link = &g->node[*link].chain;
    *link = n->chain;
    relink(g, n->newer, n->older, n->older, n->newer);
    *n = (struct ghost){.older = g->unused};
    g->unused = i;
    g->count--;
}

uint32_t ghosts_add(struct ghosts *g, struct page_id id, uint64_t value) {
    ghosts_remove(g, ghosts_find(g, id));
    if (g->count == g->room) ghosts_remove(g, g->oldest);
    uint32_t i = g->unused, *first = bucket_of(g, id);
    if (i == GHOST_NONE) return GHOST_NONE;
    g->unused = g->node[i].older;
    g->node[i] = (struct ghost){.value = value, .id = id, .newer = GHOST_NONE, .older = g->newest, .chain = *first};
    *first = i;
    relink(g, GHOST_NONE, g->newest, i, i);
    g->count++;
    return i;
}

bool ghosts_take(struct ghosts *g, struct page_id id, uint64_t *value) {
    uint32_t i = ghosts_find(g, id);
    if (i == GHOST_NONE) return false;
    if (value) *value = g->node[i].value;
    ghosts_remove(g, i);
    return true;
}
