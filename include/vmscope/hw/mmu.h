/* mmu.h - the page walk: from a virtual address to a frame, a level at a time.
 *
 * A struct walk is what the walker has latched between two micro-steps. It
 * reads PTEs from RAM and nothing else; a fault is a value in it. hw never
 * calls the operating system: the sequencer hands the fault over.
 */
#ifndef VMSCOPE_HW_MMU_H
#define VMSCOPE_HW_MMU_H

#include "vmscope/hw/paging.h"
#include "vmscope/hw/ram.h"

/* Why the hardware could not finish. */
enum hw_fault {
    HW_FAULT_NONE,
    HW_FAULT_NOT_VALID,    /* a PTE is not valid */
    HW_FAULT_DENIED,       /* permission bits forbid this access */
    HW_FAULT_MALFORMED,    /* reserved form: W without R, misaligned superpage, no leaf at L0 */
    HW_FAULT_RANGE,        /* the VA has more bits than the format translates */
    HW_FAULT_BUS           /* a PTE or a frame lies outside RAM */
};
const char *hw_fault_name(enum hw_fault f); /* "page fault (not valid)"... */

/* One PTE read of the walk, for the pane. */
struct walk_read {
    paddr_t table, addr; /* the table's address; the PTE's */
    uint64_t word;
    uint32_t index;
    uint8_t level;
};

struct walk {
    vaddr_t va;
    paddr_t table;       /* to be read next */
    pfn_t pfn;           /* when done: frame of this very page (superpages resolved) */
    uint64_t word;       /* the leaf PTE */
    paddr_t pte_addr;    /* where it stands */
    struct walk_read read[PAGING_LEVELS_MAX];
    uint8_t op;          /* enum access_kind */
    uint8_t level;       /* the level to be read next; when stopped: where */
    uint8_t reads;       /* how many of read[] are filled */
    uint8_t perms;       /* of the leaf */
    uint8_t fault;       /* enum hw_fault */
    bool user;           /* made in user mode */
    bool done;           /* leaf found and permitted, or faulted */
    bool global;
};

/* Start a walk at the root table. */
void walk_begin(struct walk *w, const struct paging_format *f, paddr_t root, vaddr_t va,
                enum access_kind op, bool user);
/* Read one level and check it in the architecture's order; w->done tells the end. */
void walk_level(struct walk *w, const struct paging_format *f, const struct ram *ram);
/* Bits that this access must still set in the leaf: PTE_BIT(PTE_A), PTE_BIT(PTE_D) or 0. */
unsigned walk_bits_due(const struct walk *w, const struct paging_format *f);
/* Write them to the PTE in RAM; w->word follows. */
enum vs_status walk_set_bits(struct walk *w, const struct paging_format *f, struct ram *ram, unsigned bits);

#endif
