/* tlb_state.h - the TLB's state, and the look-up that every reference makes.
 *
 * Entries stay in their way (a student watches ways, not a sorted list); what
 * LRU and FIFO need is a stamp an entry, what PLRU needs a word of bits a set.
 * Beside the entries stands an array of tags, so that a look-up compares `ways`
 * words that lie together. A tag tells VPN and size of the page in one word:
 * ones are shifted in from the left, as many as the page's order (a VPN has
 * fewer than 64 bits, so its topmost bit is 0).
 *
 *   order 0    0 vvvvvvvvvvvvvvvvvvv     the VPN itself
 *   order 2    11 0 vvvvvvvvvvvvvvvv     the last two bits are inside the page
 *   nothing    11111111111111111111
 *
 * Invariant: tag[i] is TAG_EMPTY exactly where entry[i] is not valid, and of_order
 * counts the valid entries. All lies in one block of memory, so that a clone
 * is one copy.
 *
 * For tlb.c, and for the sequencer's fast path, which cannot afford a call.
 */
#ifndef VMSCOPE_HW_TLB_STATE_H
#define VMSCOPE_HW_TLB_STATE_H

#include "vmscope/base/rng.h"
#include "vmscope/hw/tlb.h"

#define TAG_EMPTY  UINT64_MAX
#define TLB_ORDERS 64
#define TLB_NO_PFN UINT64_MAX

/* Part of the loop that uses it, however often the compiler finds it there already: a call would need
 * the loop's own copy of struct tlb in memory, not in registers (a tenth slower). */
#define TLB_INLINE static inline __attribute__((always_inline))

struct tlb {
    uint32_t sets, ways;
    enum tlb_replacement replacement;
    bool by_mask;           /* sets is a power of two: mod is a mask */
    const struct tlb *self; /* the TLB itself, also in a copy of this struct */
    uint64_t large;         /* bit o: there are valid entries of order o, o > 0 */
    uint64_t clock;         /* stamps given so far */
    struct rng rng;
    struct tlb_entry *entry; /* [sets * ways], a set's ways together */
    vpn_t *tag;              /* of each */
    uint64_t *tree;          /* [sets], PLRU alone */
    uint32_t *of_order;      /* [TLB_ORDERS] valid entries of each order */
};

static inline uint32_t tlb_index(const struct tlb *t, vpn_t vpn) {
    return t->by_mask ? (uint32_t)vpn & (t->sets - 1) : (uint32_t)(vpn % t->sets);
}

static inline vpn_t tlb_tag(vpn_t vpn, unsigned order) { return ~(~vpn >> order); }

static inline size_t tlb_slot(const struct tlb *t, uint32_t set, uint32_t way) {
    return (size_t)set * t->ways + way;
}

/* ---- PLRU: a tree of bits that points away from what was used ----
 *
 * As in the Intel 486's cache (Al-Zoubi et al., "Performance evaluation of cache replacement policies
 * for the SPEC CPU2000 benchmark suite", 2004). The ways are the leaves of a binary tree; each
 * inner node is one bit: 0, the victim is to be sought on the left; 1, on the right. Node n has the
 * children 2n and 2n + 1; bit n of the set's word is node n, bit 0 is not used.
 *
 *                1                   A use turns every bit on its path away from the way used:
 *           0 /     \ 1              way 2 sets node 1 to 0 (left) and node 3 to 1 (right).
 *          2           3             The victim is where the bits lead: 1, then 2 or 3, to a way.
 *       0 / \ 1     0 / \ 1
 *        4   5       6   7           Four ways need three bits where the exact order (LRU)
 *      way 0 way 1 way 2 way 3       needs five. */
static inline uint64_t plru_used(uint64_t tree, uint32_t ways, uint32_t way) {
    for (uint32_t node = ways + way; node > 1; node /= 2) {
        uint64_t bit = (uint64_t)1 << node / 2;
        tree = node % 2 ? tree & ~bit : tree | bit;
    }
    return tree;
}

static inline uint32_t plru_victim(uint64_t tree, uint32_t ways) {
    uint32_t node = 1;
    while (node < ways) node = 2 * node + (uint32_t)(tree >> node & 1);
    return node - ways;
}

/* e was used: its set's tree turns away from it. */
static inline void tlb_turn_away(struct tlb *t, const struct tlb_entry *e) {
    uint32_t slot = (uint32_t)(e - t->entry), set = slot / t->ways;
    t->tree[set] = plru_used(t->tree[set], t->ways, slot - set * t->ways);
}

/* ---- looking up ---- */

/* Note a use of e. A second one in a row changes nothing: only their order counts. */
static inline void tlb_note_use(struct tlb *t, struct tlb_entry *e) {
    if (t->replacement == TLB_LRU && e->stamp != t->clock) e->stamp = ++t->clock;
    if (t->replacement == TLB_PLRU) tlb_turn_away(t, e);
}

static inline bool tlb_permits(const struct tlb_entry *e, unsigned need, bool write) {
    return (e->perms & need) == need && (!write || e->dirty);
}

/* The lowest order in a word of them that is not 0. */
static inline unsigned tlb_lowest(uint64_t orders) { return (unsigned)__builtin_ctzll(orders); }

/* Where the entry of a page larger than the base size is, the smallest first; way TLB_NO_WAY: nowhere. */
struct tlb_place tlb_find_large(const struct tlb *t, vpn_t vpn, asid_t asid);

/* Is e this address space's? */
static inline bool tlb_seen_by(const struct tlb_entry *e, asid_t asid) { return e->global || e->asid == asid; }

/* Where the page of this order is, or would be. */
static inline struct tlb_place tlb_probe(const struct tlb *t, vpn_t vpn, unsigned order, asid_t asid) {
    struct tlb_place p = {t->sets ? tlb_index(t, vpn >> order) : 0, TLB_NO_WAY};
    size_t base = tlb_slot(t, p.set, 0);
    vpn_t tag = tlb_tag(vpn, order);
    for (uint32_t w = 0; w < t->ways; w++) {
        if (t->tag[base + w] != tag || !tlb_seen_by(&t->entry[base + w], asid)) continue;
        p.way = (uint16_t)w;
        break;
    }
    return p;
}

/* False: it has no entry of that page, whoever's. */
static inline bool tlb_may_hold(const struct tlb *t, vpn_t vpn) {
    bool may = t->large != 0;
    if (!t->ways) return false;
    const vpn_t *tag = &t->tag[tlb_slot(t, tlb_index(t, vpn), 0)];
    for (uint32_t w = 0; w < t->ways; w++) may |= tag[w] == vpn;
    return may;
}

/* tlb_find. Base pages first; larger ones only where there are any. */
static inline struct tlb_place tlb_look(const struct tlb *t, vpn_t vpn, asid_t asid) {
    struct tlb_place base = tlb_probe(t, vpn, 0, asid);
    if (base.way != TLB_NO_WAY || !t->large) return base;
    struct tlb_place p = tlb_find_large(t, vpn, asid);
    return p.way == TLB_NO_WAY ? base : p;
}

/* tlb_use, where no base page's entry holds the translation. */
static inline pfn_t tlb_use_large(struct tlb *t, vpn_t vpn, asid_t asid, unsigned need, bool write) {
    struct tlb_place p = tlb_find_large(t->self, vpn, asid);
    if (p.way == TLB_NO_WAY) return TLB_NO_PFN;
    struct tlb_entry *e = &t->entry[tlb_slot(t, p.set, p.way)];
    if (!tlb_permits(e, need, write)) return TLB_NO_PFN;
    tlb_note_use(t, e);
    return e->pfn + (vpn - e->vpn);
}

/* The entry of this very base page; NULL: there is none. */
TLB_INLINE struct tlb_entry *tlb_entry_of(const struct tlb *t, vpn_t vpn, asid_t asid) {
    size_t base = tlb_slot(t, tlb_index(t, vpn), 0);
    for (uint32_t w = 0; w < t->ways; w++) {
        struct tlb_entry *e = &t->entry[base + w];
        if (t->tag[base + w] == vpn && (e->asid == asid || e->global)) return e;
    }
    return NULL;
}

/* Find and note the use in one go: the PFN of this very base page when an entry holds the translation,
 * permits all of `need`, and is dirty already where `write`; else TLB_NO_PFN, and nothing has changed. */
TLB_INLINE pfn_t tlb_use(struct tlb *t, vpn_t vpn, asid_t asid, unsigned need, bool write) {
    struct tlb_entry *e = tlb_entry_of(t, vpn, asid);
    if (!e) return t->large ? tlb_use_large(t, vpn, asid, need, write) : TLB_NO_PFN;
    if (!tlb_permits(e, need, write)) return TLB_NO_PFN;
    tlb_note_use(t, e);
    return e->pfn;
}

/* ---- filling ---- */

/* Of a set's entries the one with the lowest stamp, the first of equals. What is not valid has 0, and so comes before all others. */
static inline uint32_t tlb_lowest_stamp(const struct tlb_entry *e, uint32_t ways) {
    uint64_t least = e[0].stamp;
    uint32_t way = 0;
    for (uint32_t w = 1; w < ways; w++) {
        bool less = e[w].stamp < least;
        least = less ? e[w].stamp : least;
        way = less ? w : way;
    }
    return way;
}

/* tlb_insert, of a base page's entry that takes the place of another one by order of use alone. False: it does not,
 * and nothing has changed. (No pointer to e, which is made field by field: read as a whole it would have to wait for them.) */
TLB_INLINE bool tlb_replace(struct tlb *t, struct tlb_entry e) {
    size_t i = tlb_slot(t, tlb_index(t, e.vpn), 0);
    i += tlb_lowest_stamp(&t->entry[i], t->ways);
    bool in_order = t->replacement == TLB_LRU || t->replacement == TLB_FIFO;
    if (!in_order || !t->entry[i].valid || t->entry[i].order || e.order) return false;
    e.stamp = ++t->clock;
    t->tag[i] = e.vpn;
    t->entry[i] = e;
    return true;
}

/* Drop the copies of e, an entry of another TLB: same page, same address space. Returns how many. */
uint32_t tlb_drop_copies(struct tlb *t, const struct tlb_entry *e);

#endif
