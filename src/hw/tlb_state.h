/* tlb_state.h - the TLB's state, and the look-up that every reference makes.
 *
 * Entries stay in their way (a student watches ways, not a sorted list); what
 * replacement needs is a stamp an entry. Beside the entries stands an array of
 * VPNs, so that a look-up compares `ways` words that lie together.
 * Invariant: tag[i] is TAG_EMPTY exactly where entry[i] is not valid.
 *
 * For tlb.c, and for the sequencer's fast path, which cannot afford a call.
 */
#ifndef VMSCOPE_HW_TLB_STATE_H
#define VMSCOPE_HW_TLB_STATE_H

#include "vmscope/base/rng.h"
#include "vmscope/hw/tlb.h"

#define TAG_EMPTY UINT64_MAX

struct tlb {
    uint32_t sets, ways;
    enum tlb_replacement replacement;
    bool by_mask;       /* sets is a power of two: mod is a mask */
    uint32_t globals;   /* valid global entries */
    uint64_t clock;     /* stamps given so far */
    struct rng rng;
    struct tlb_entry *entry; /* [sets * ways], a set's ways together */
    vpn_t *tag;              /* VPN of each, or TAG_EMPTY */
};

static inline uint32_t tlb_index(const struct tlb *t, vpn_t vpn) {
    return t->by_mask ? (uint32_t)vpn & (t->sets - 1) : (uint32_t)(vpn % t->sets);
}

/* A second use in a row changes nothing: only the order of uses counts. */
static inline void tlb_touch_entry(struct tlb *t, struct tlb_entry *e) {
    if (t->replacement == TLB_LRU && e->stamp != t->clock) e->stamp = ++t->clock;
}

/* Find and note the use in one go: the PFN when an entry holds this translation, permits
 * all of `need`, and is dirty already where `write`; else TLB_NO_PFN, and nothing has changed. */
#define TLB_NO_PFN UINT64_MAX
static inline pfn_t tlb_use(struct tlb *t, vpn_t vpn, asid_t asid, unsigned need, bool write) {
    size_t base = (size_t)tlb_index(t, vpn) * t->ways;
    for (uint32_t w = 0; w < t->ways; w++) {
        struct tlb_entry *e = &t->entry[base + w];
        if (t->tag[base + w] != vpn || (e->asid != asid && !e->global)) continue;
        if ((e->perms & need) != need || (write && !e->dirty)) return TLB_NO_PFN;
        tlb_touch_entry(t, e);
        return e->pfn;
    }
    return TLB_NO_PFN;
}

#endif
