/* quick_walk.h - the walk of a user's access, where tables and page are as nearly always.
 *
 * Two things are known beforehand. Of a format: which bits of a leaf must have which value, so that every check
 * passes. Of the walks made so far: where the last table on the way to a page is, as a real processor's
 * paging-structure caches know it. What is left is one word to read and to compare:
 *
 *   word & looked == fine   permitted; A and D may have to be set
 *   word & V    == 0        not valid
 *   else                    the walk level by level (mmu.h), which alone knows about faults
 *
 * Invariant: `known` holds only tables that pointers lead to which restrict nothing, are not global and need
 * no A. It must be forgotten when tables go or another process runs; a new table leaves what is known true.
 */
#ifndef VMSCOPE_HW_QUICK_WALK_H
#define VMSCOPE_HW_QUICK_WALK_H

#include "hw/ram_state.h"
#include "vmscope/hw/cpu.h"

#define QUICK_TABLES 256 /* a power of two */

struct quick_walk {
    bool works;                /* false: this format's leaves cannot be told by a mask, or the mode changes what they permit */
    bool sets_bits;            /* the walker sets A and D */
    bool learnt;               /* anything is known */
    uint8_t levels, pte_bytes, page_shift, pfn_bit;
    uint8_t table_shift;       /* bits of an address below the table's */
    uint8_t flag_shift[5];     /* of R, W, X, U, G */
    uint8_t flags_flip, flags_has, flags_always;
    uint8_t seen_flags;        /* what they were in the word seen last, of which only these bits count: */
    uint64_t flag_bits, seen;
    uint64_t index_mask, pfn_mask, frames;
    uint64_t valid, dirty;     /* the bits; dirty 0: the format has none */
    uint64_t looked[ACCESS_KINDS], fine[ACCESS_KINDS]; /* bits of a leaf that count, and their values where all is permitted */
    uint64_t sets[ACCESS_KINDS]; /* A, and D for a write */
    struct {
        uint64_t key; /* the address's bits above table_shift; UINT64_MAX: none */
        paddr_t table;
    } known[QUICK_TABLES];
};

/* For accesses in user mode, as the registers are. Frames up to `frames` can be mapped. */
void quick_walk_begin(struct quick_walk *q, const struct hw *hw, uint64_t frames);
void quick_walk_forget(struct quick_walk *q);
/* w, a walk that has ended, may have found a table. */
void quick_walk_learn(struct quick_walk *q, const struct paging_format *f, const struct walk *w);

enum quick_result { QUICK_UNKNOWN, QUICK_FINE, QUICK_ABSENT };

struct quick_leaf {
    paddr_t addr;  /* of the PTE */
    uint64_t word; /* as it must be when the access is made */
    bool changes;  /* A or D must be set for that */
    uint8_t *here; /* its bytes, if they may be written at once; else NULL */
};

static inline pfn_t quick_pfn(const struct quick_walk *q, uint64_t word) { return word >> q->pfn_bit & q->pfn_mask; }

/* FINE: the walk reads `levels` words and ends with *leaf. ABSENT: likewise, with HW_FAULT_NOT_VALID. */
static inline enum quick_result quick_walk(const struct quick_walk *q, const struct ram *ram, vaddr_t va,
                                           enum access_kind op, struct quick_leaf *leaf) {
    uint64_t key = va >> q->table_shift;
    size_t at = key & (QUICK_TABLES - 1);
    if (q->known[at].key != key) return QUICK_UNKNOWN;
    leaf->addr = q->known[at].table + (va >> q->page_shift & q->index_mask) * q->pte_bytes;
    struct ram_chunk *c = ram_chunk_at(ram, leaf->addr, q->pte_bytes);
    struct ram_page *p = c ? ram_page_at(ram, c, leaf->addr) : NULL;
    if (!p) return QUICK_UNKNOWN;
    uint8_t *here = &p->byte[leaf->addr & ram->offset_mask];
    uint64_t word = ram_load(here, q->pte_bytes);
    leaf->here = c->owners == 1 && p->owners == 1 ? here : NULL;
    if (!(word & q->valid)) return QUICK_ABSENT;
    leaf->word = word | q->sets[op];
    leaf->changes = leaf->word != word;
    bool fine = (word & q->looked[op]) == q->fine[op] && quick_pfn(q, word) < q->frames;
    return fine && (q->sets_bits || !leaf->changes) ? QUICK_FINE : QUICK_UNKNOWN;
}

/* Set what must be set. */
static inline enum vs_status quick_write(const struct quick_walk *q, struct ram *ram, const struct quick_leaf *leaf) {
    if (!leaf->here) return ram_write(ram, leaf->addr, q->pte_bytes, leaf->word);
    ram_store(leaf->here, q->pte_bytes, leaf->word);
    return VS_OK;
}

/* R, W, X, U as in `enum perms`, and G above them. */
uint8_t quick_flags(const struct quick_walk *q, uint64_t word);

/* What it puts into a TLB. */
static inline struct tlb_entry quick_entry(struct quick_walk *q, uint64_t word, vpn_t vpn, asid_t asid) {
    if ((word & q->flag_bits) != q->seen) {
        q->seen = word & q->flag_bits;
        q->seen_flags = quick_flags(q, word);
    }
    return (struct tlb_entry){.valid = true, .global = q->seen_flags >> 4 & 1, .dirty = !q->dirty || (word & q->dirty),
                              .perms = q->seen_flags & 15, .asid = asid, .vpn = vpn, .pfn = quick_pfn(q, word)};
}

#endif
