/* recency.c - see recency.h. */
#include "sim/recency.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- the tree: node i (from 1) holds the pages of the blocks i - lowbit(i) .. i - 1 ---- */

static void tree_change(struct recency *r, uint32_t block, uint32_t by) {
    uint32_t blocks = r->slots / RECENCY_BLOCK;
    for (uint32_t i = block + 1; i <= blocks; i += i & -i) r->tree[i] += by;
}

/* Pages in the blocks before `block`. */
static uint32_t tree_before(const struct recency *r, uint32_t block) {
    uint32_t sum = 0;
    for (uint32_t i = block; i > 0; i -= i & -i) sum += r->tree[i];
    return sum;
}

static uint32_t count_upto(const struct recency *r, uint32_t slot) {
    uint32_t block = slot / RECENCY_BLOCK, word = slot / 64, sum = tree_before(r, block);
    for (uint32_t w = block * RECENCY_WORDS; w < word; w++) sum += (uint32_t)__builtin_popcountll(r->bit[w]);
    return sum + (uint32_t)__builtin_popcountll(r->bit[word] << (63 - slot % 64));
}

/* ---- slots ---- */

static bool grow(struct recency *r, uint32_t slots) {
    struct recency to = {.bit = mem_zalloc(slots / 64, sizeof *to.bit),
                         .tree = mem_zalloc(slots / RECENCY_BLOCK + 1, sizeof *to.tree),
                         .page = mem_zalloc(slots, sizeof *to.page),
                         .slots = slots};
    if (!to.bit || !to.tree || !to.page) {
        recency_free(&to);
        return false;
    }
    for (uint32_t s = 0; s < r->next; s++)
        if (r->bit[s / 64] >> s % 64 & 1) to.page[to.next++] = r->page[s];
    to.count = to.next;
    struct recency old = *r;
    *r = to;
    recency_free(&old);
    return true;
}

/* The tree and the bits of slots 0..next-1, all in use. */
static void fill(struct recency *r, uint32_t *slot_of) {
    for (uint32_t s = 0; s < r->next; s++) {
        r->bit[s / 64] |= (uint64_t)1 << s % 64;
        slot_of[r->page[s]] = s;
        tree_change(r, s / RECENCY_BLOCK, 1);
    }
}

/* Twice as many slots as pages, so that moving together costs each use a constant. */
static bool make_room(struct recency *r, uint32_t *slot_of) {
    uint64_t slots = 2 * RECENCY_BLOCK;
    while (slots < 2 * ((uint64_t)r->count + 1)) slots *= 2;
    if (slots > UINT32_MAX || !grow(r, (uint32_t)slots)) return false;
    fill(r, slot_of);
    return true;
}

bool recency_add(struct recency *r, uint32_t page, uint32_t *slot_of) {
    if (r->next == r->slots && !make_room(r, slot_of)) return false;
    uint32_t s = r->next++;
    r->bit[s / 64] |= (uint64_t)1 << s % 64;
    r->page[s] = page;
    r->count++;
    slot_of[page] = s;
    tree_change(r, s / RECENCY_BLOCK, 1);
    return true;
}

uint32_t recency_take(struct recency *r, uint32_t slot) {
    uint32_t after = r->count - count_upto(r, slot);
    r->bit[slot / 64] &= ~((uint64_t)1 << slot % 64);
    r->count--;
    tree_change(r, slot / RECENCY_BLOCK, UINT32_MAX); /* less 1, modulo 2^32 */
    return after;
}

void recency_free(struct recency *r) {
    free(r->bit);
    free(r->tree);
    free(r->page);
    *r = (struct recency){0};
}
