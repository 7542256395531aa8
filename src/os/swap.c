/* swap.c - swap slots: the lowest free one first, real bytes in each.
 *
 * A slot keeps its page's bytes until the page is dirtied again, so that a
 * clean page can leave memory without being written a second time. Its users
 * are counted: every page that is swapped out to it (a fork makes several of
 * one), and the frame whose bytes still equal it.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"

static bool swap_grow(struct kernel *k) {
    size_t cap = k->slot_cap;
    if (!mem_grow((void **)&k->slot, &cap, (size_t)k->slot_cap + 1, sizeof *k->slot) || cap > UINT32_MAX) return false;
    for (size_t i = k->slot_cap; i < cap; i++) k->slot[i] = (struct swap_slot){.proc = PROC_NONE, .frame = FRAME_NONE};
    k->slot_cap = (uint32_t)cap;
    return true;
}

enum vs_status swap_take(struct kernel *k, proc_t p, vpn_t vpn, slot_t *out) {
    slot_t s = k->slot_hint;
    while (s < k->slot_high && k->slot[s].proc != PROC_NONE) s++;
    if (s == k->slot_cap && !swap_grow(k)) return VS_NOMEM;
    if (s == k->slot_high) k->slot_high++;
    k->slot_hint = s + 1;
    k->slot[s].proc = p;
    k->slot[s].vpn = vpn;
    k->slot[s].refs = 0;
    k->slot[s].frame = FRAME_NONE;
    k->slots_used++;
    *out = s;
    return VS_OK;
}

void swap_free(struct kernel *k, slot_t s) {
    content_drop(&k->slot[s].content);
    k->slot[s].proc = PROC_NONE;
    k->slot[s].vpn = 0;
    k->slots_used--;
    if (s < k->slot_hint) k->slot_hint = s;
}
