/* inverted.h - where the parts of an inverted page table lie in RAM: what the
 * walker reads and the kernel writes. format_inverted.c draws it. */
#ifndef VMSCOPE_HW_INVERTED_H
#define VMSCOPE_HW_INVERTED_H

#include "vmscope/hw/paging.h"
#include "vmscope/hw/ram.h"

#define INVERTED_WORD        8u /* bytes of every word: of an anchor, and of half an entry */
#define INVERTED_LEVEL_ENTRY  0u /* levels as walk_read and the panes name them */
#define INVERTED_LEVEL_ANCHOR 1u

/* A table found in RAM. */
struct inverted {
    paddr_t anchors_at, entries_at;
    uint64_t anchors; /* a power of two */
    uint64_t entries; /* one a frame */
};

/* Read the header at `root`. False: no table can begin there. */
bool inverted_open(const struct ram *ram, paddr_t root, struct inverted *out);

/* Anchors for so many entries, and bytes of the whole table with its header. */
uint64_t inverted_anchors(uint64_t entries);
uint64_t inverted_bytes(uint64_t entries);

/* The anchor where the chain of a page begins. */
uint32_t inverted_hash(const struct inverted *t, vpn_t vpn, asid_t asid);
paddr_t inverted_anchor_addr(const struct inverted *t, uint32_t anchor);
paddr_t inverted_entry_addr(const struct inverted *t, uint32_t entry);

/* The tag (ASID and VPN) of an entry's first word. */
uint64_t inverted_tag(vpn_t vpn, asid_t asid);
uint64_t inverted_tag_of(uint64_t word);

#endif
