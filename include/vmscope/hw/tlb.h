/* tlb.h - the translation look-aside buffer: sets x ways of recent translations.
 *
 * Set index = VPN mod sets. A free way is filled first, the lowest; then LRU,
 * FIFO or RANDOM choose within the set. An entry matches when it is valid, its
 * VPN is equal, and it is global or its ASID is the one asked for.
 */
#ifndef VMSCOPE_HW_TLB_H
#define VMSCOPE_HW_TLB_H

#include "vmscope/base/status.h"
#include "vmscope/base/types.h"

enum tlb_replacement { TLB_LRU, TLB_FIFO, TLB_RANDOM, TLB_REPLACEMENTS };
extern const char *const tlb_replacement_name[TLB_REPLACEMENTS + 1]; /* "lru"... NULL */

struct tlb_config {
    uint32_t entries; /* 0: the machine has no TLB */
    uint32_t ways;    /* divides entries; entries / ways sets */
    enum tlb_replacement replacement;
    bool asid;        /* entries carry ASIDs; without, a switch flushes */
    uint64_t seed;
};

struct tlb_entry {
    bool valid, global, dirty;
    uint8_t perms; /* enum perms */
    asid_t asid;
    vpn_t vpn;
    pfn_t pfn;
    uint64_t stamp; /* LRU: last use; FIFO: when filled. Larger is later. */
};

struct tlb;
#define TLB_NO_WAY UINT16_MAX

struct tlb *tlb_create(const struct tlb_config *c); /* NULL: no memory (a valid handle also for entries 0) */
struct tlb *tlb_clone(const struct tlb *t);
void tlb_free(struct tlb *t);

uint32_t tlb_sets(const struct tlb *t);
uint32_t tlb_ways(const struct tlb *t);
uint32_t tlb_set_of(const struct tlb *t, vpn_t vpn);
const struct tlb_entry *tlb_at(const struct tlb *t, uint32_t set, uint32_t way);
/* Order within the set, 0 the most recent (LRU: used; FIFO: filled); for the pane. */
unsigned tlb_rank(const struct tlb *t, uint32_t set, uint32_t way);
uint32_t tlb_used(const struct tlb *t); /* valid entries */

/* The way that holds this translation, or TLB_NO_WAY. Changes nothing. */
uint16_t tlb_find(const struct tlb *t, vpn_t vpn, asid_t asid);
/* Note a use (for LRU); a second use of the most recent entry changes nothing. */
void tlb_touch(struct tlb *t, uint32_t set, uint32_t way);
/* Insert; returns the way used, and the entry that stood there in *old (valid or not). */
uint16_t tlb_insert(struct tlb *t, const struct tlb_entry *e, struct tlb_entry *old);
/* Place an entry by hand (a scenario's `tlb:` table). */
void tlb_place(struct tlb *t, uint32_t set, uint32_t way, const struct tlb_entry *e);
void tlb_set_dirty(struct tlb *t, uint32_t set, uint32_t way);

/* Drop what matches; return how many went. */
uint32_t tlb_flush(struct tlb *t, bool globals_too);
uint32_t tlb_flush_asid(struct tlb *t, asid_t asid);            /* not the global ones */
uint32_t tlb_flush_page(struct tlb *t, vpn_t vpn, asid_t asid); /* globals with that VPN too */

bool tlb_equal(const struct tlb *a, const struct tlb *b);

#endif
