/* tlb.h - the translation look-aside buffer: sets x ways of recent translations.
 *
 * Set index = VPN mod sets, of the page's own size: an entry for a page of
 * 2^order base pages stands in set (VPN >> order) mod sets. A free way is
 * filled first, the lowest; then LRU, FIFO, PLRU or RANDOM choose within the
 * set. An entry matches when it is valid, covers the VPN, and is global or its
 * ASID is the one asked for. hw/tlbs.h puts several of them together.
 */
#ifndef VMSCOPE_HW_TLB_H
#define VMSCOPE_HW_TLB_H

#include "vmscope/base/status.h"
#include "vmscope/base/types.h"

enum tlb_replacement { TLB_LRU, TLB_FIFO, TLB_PLRU, TLB_RANDOM, TLB_REPLACEMENTS };
extern const char *const tlb_replacement_name[TLB_REPLACEMENTS + 1]; /* "lru"... NULL */

#define TLB_WAYS_MAX 32768u
#define TLB_PLRU_WAYS_MAX 64 /* a tree of 63 bits a set; ways must be a power of two */

struct tlb_config {
    uint32_t entries; /* 0: there is no such TLB */
    uint32_t ways;    /* divides entries; entries / ways sets */
    enum tlb_replacement replacement;
    bool asid;        /* entries carry ASIDs; without, a switch flushes */
    uint64_t seed;
};

struct tlb_entry {
    bool valid, global, dirty;
    uint8_t perms; /* enum perms */
    uint8_t order; /* covers 2^order base pages */
    asid_t asid;
    vpn_t vpn;     /* of the first base page that it covers */
    pfn_t pfn;     /* of that page's frame */
    uint64_t stamp; /* LRU: last use; FIFO: when filled. Larger is later. */
};

struct tlb;
#define TLB_NO_WAY UINT16_MAX

/* Where an entry stands, or where it would: way TLB_NO_WAY. */
struct tlb_place {
    uint32_t set;
    uint16_t way;
};

struct tlb *tlb_create(const struct tlb_config *c); /* NULL: no memory (a valid handle also for entries 0) */
struct tlb *tlb_clone(const struct tlb *t);
void tlb_free(struct tlb *t);

uint32_t tlb_sets(const struct tlb *t);
uint32_t tlb_ways(const struct tlb *t);
uint32_t tlb_set_of(const struct tlb *t, vpn_t vpn, unsigned order);
const struct tlb_entry *tlb_at(const struct tlb *t, uint32_t set, uint32_t way);
/* Order within the set, 0 the most recent (LRU: used; FIFO: filled); for the pane. */
unsigned tlb_rank(const struct tlb *t, uint32_t set, uint32_t way);
/* The way that replacement would take now if the set were full; RANDOM: TLB_NO_WAY. For the pane. */
uint16_t tlb_next_victim(const struct tlb *t, uint32_t set);
uint32_t tlb_used(const struct tlb *t); /* valid entries */
uint64_t tlb_reach(const struct tlb *t); /* base pages that the valid entries cover */

/* Where this translation is; way TLB_NO_WAY and the base page's set: nowhere. Changes nothing. */
struct tlb_place tlb_find(const struct tlb *t, vpn_t vpn, asid_t asid);
/* Note a use (LRU, PLRU); a second use of the most recent entry changes nothing. */
void tlb_touch(struct tlb *t, uint32_t set, uint32_t way);
/* Insert; returns where, and the entry that stood there in *old (valid or not; may be NULL). */
struct tlb_place tlb_insert(struct tlb *t, const struct tlb_entry *e, struct tlb_entry *old);
/* Place an entry by hand (a scenario's `tlb:` table). */
void tlb_put(struct tlb *t, uint32_t set, uint32_t way, const struct tlb_entry *e);
void tlb_set_dirty(struct tlb *t, uint32_t set, uint32_t way);

/* Drop what matches; return how many went. */
uint32_t tlb_flush(struct tlb *t, bool globals_too);
uint32_t tlb_flush_asid(struct tlb *t, asid_t asid);            /* not the global ones */
uint32_t tlb_flush_page(struct tlb *t, vpn_t vpn, asid_t asid); /* what covers it; globals too */

bool tlb_equal(const struct tlb *a, const struct tlb *b);

#endif
