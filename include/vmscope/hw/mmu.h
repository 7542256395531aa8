/* mmu.h - the page walk: from a virtual address to a frame, a level at a time.
 *
 * A struct walk is what the walker has latched between two micro-steps. It
 * reads PTEs from RAM and nothing else; a fault is a value in it. hw never
 * calls the operating system: the sequencer hands the fault over.
 *
 * The checks of an architecture are a table in its own order:
 *
 *   ADDRESS   before anything is read      (canonical?)
 *   ENTRY     each PTE read                (valid? reserved bits?)
 *   POINTER   one that leads to a table    (A, D or U in a pointer?)
 *   LEAF      one that maps a page         (permitted? aligned? A and D?)
 *
 * and the walker itself checks that PTEs and the page lie in RAM.
 */
#ifndef VMSCOPE_HW_MMU_H
#define VMSCOPE_HW_MMU_H

#include "vmscope/hw/paging.h"
#include "vmscope/hw/ram.h"
#include "vmscope/hw/tlb.h"

/* Why the hardware could not finish. */
enum hw_fault {
    HW_FAULT_NONE,
    HW_FAULT_NOT_VALID,    /* a PTE is not valid */
    HW_FAULT_DENIED,       /* permission bits forbid this access */
    HW_FAULT_MALFORMED,    /* reserved form: W without R, misaligned superpage, reserved bits... */
    HW_FAULT_RANGE,        /* the VA cannot exist: not canonical, or more bits than are translated */
    HW_FAULT_BUS,          /* a PTE or a page lies outside RAM */
    HW_FAULT_BITS,         /* A or D must be set, and this machine leaves that to software */
    HW_FAULT_BOUNDS,       /* beyond the bounds of its segment */
    HW_FAULT_TLB_MISS,     /* the TLB is refilled by software, and this page is not in it */
    HW_FAULTS
};
const char *hw_fault_name(enum hw_fault f); /* "page fault (not valid)"... */

/* Control bits of the processor that permissions depend on. */
enum mmu_mode {
    MODE_SUM = 1,   /* RISC-V sstatus.SUM: the supervisor may use user pages */
    MODE_MXR = 2,   /* RISC-V sstatus.MXR: executable pages may be read */
    MODE_WP = 4,    /* x86 CR0.WP: the supervisor obeys read-only too */
    MODE_SMEP = 8,  /* x86 CR4.SMEP: the supervisor may not fetch from user pages */
    MODE_SMAP = 16, /* x86 CR4.SMAP: ...nor read or write them, unless AC */
    MODE_AC = 32    /* x86 EFLAGS.AC */
};

/* Registers of address translation. */
struct mmu_regs {
    paddr_t root; /* page-table root of the process that runs; its descriptors; the inverted table */
    asid_t asid;  /* its ASID; 0 when nothing has any */
    uint8_t mode; /* enum mmu_mode */
};

/* One word read by the walk, for the pane. */
struct walk_read {
    paddr_t table, addr; /* the table's address; the PTE's */
    uint64_t word;
    uint32_t index;
    uint8_t level;
};
#define WALK_READS_MAX 8 /* read[] holds the first ones; a longer chain overwrites the last */

struct walk {
    vaddr_t va;
    paddr_t table;       /* to be read next */
    paddr_t pa;          /* when done without fault: the address itself */
    pfn_t pfn;           /* and the frame of this very page (superpages resolved) */
    uint64_t word;       /* the PTE read last; when done, the leaf */
    paddr_t pte_addr;    /* where it stands */
    const struct walk_check *failed; /* the check that stopped it; NULL: none, or RAM ended */
    struct pte pte;      /* `word` in fields */
    uint32_t reads;      /* words read so far; the first WALK_READS_MAX are kept */
    uint32_t index;      /* hashed: entry of the chain to be looked at next */
    asid_t asid;
    uint8_t op;          /* enum access_kind */
    uint8_t level;       /* the level to be read next; when stopped: where */
    uint8_t perms;       /* allowed so far; when done, of the translation */
    uint8_t fault;       /* enum hw_fault */
    uint8_t mode;        /* enum mmu_mode */
    bool user;           /* made in user mode */
    bool leaf;           /* a leaf was found and permitted (the page may still lie outside RAM) */
    bool done;           /* leaf found, or faulted */
    bool global;
    struct walk_read read[WALK_READS_MAX]; /* the last member: those beyond `reads` are not even zero */
};

/* The word that was read last; NULL before the first. */
const struct walk_read *walk_last_read(const struct walk *w);

/* What a finished walk puts into a TLB; the base page of a huge one. */
struct tlb_entry walk_tlb_entry(const struct walk *w, const struct paging_format *f);

enum walk_stage { STAGE_ADDRESS, STAGE_ENTRY, STAGE_POINTER, STAGE_LEAF };

struct walk_check {
    enum walk_stage stage;
    enum hw_fault fault;
    bool (*fails)(const struct walk *w, const struct paging_format *f); /* NULL ends the table */
    const char *why; /* a phrase with the rule: "W=1 without R=1 is reserved" */
};

/* A fault as the architecture reports it. */
struct hw_report {
    const char *class;     /* "store page fault", "#PF" */
    const char *code_name; /* "cause" (scause, status code) or "error_code"; NULL: no number */
    uint32_t code;
};
struct hw_report walk_report(const struct walk *w, const struct paging_format *f);

/* Where the PTE of the very page stands, if a walk over a tree has come as far as that; PTE_NOWHERE: it has not, or there is no tree. */
#define PTE_NOWHERE UINT64_MAX
paddr_t walk_last_entry(const struct walk *w, const struct paging_format *f);

/* Start a walk. */
void walk_begin(struct walk *w, const struct paging_format *f, const struct mmu_regs *r, vaddr_t va,
                enum access_kind op, bool user);
/* Read one level and check it in the architecture's order; w->done tells the end. */
void walk_level(struct walk *w, const struct paging_format *f, const struct ram *ram);
/* For a format's own step(): read the word at `addr` (table + index), note it in read[], decode
 * it; false: outside RAM, the walk has stopped. Stop it; and go through the checks of a stage:
 * true when all pass. */
bool walk_fetch(struct walk *w, const struct paging_format *f, const struct ram *ram, paddr_t table,
                paddr_t addr, uint32_t index);
void walk_stop(struct walk *w, enum hw_fault fault, const struct walk_check *failed);
bool walk_checks(struct walk *w, const struct paging_format *f, enum walk_stage stage);
/* The leaf is accepted: the page begins at pa - offset. Stops, with a bus fault where RAM ends. */
void walk_finish(struct walk *w, const struct paging_format *f, const struct ram *ram, paddr_t pa);

/* May this access use a translation with these perms, in this mode? For TLB hits; the
 * walk's own checks ask the same. */
bool mmu_permits(const struct paging_format *f, uint8_t mode, unsigned perms, enum access_kind op, bool user);

/* What the walker must still write back: A (and D for a write), in the leaf, and in pointers
 * where the architecture says so; the root's entry first. */
struct walk_write {
    paddr_t addr;
    uint64_t old, word;
    unsigned bits;     /* PTE_BITs that come in */
    uint8_t level;
};
/* The next one, or false: nothing (more) is due. */
bool walk_next_write(const struct walk *w, const struct paging_format *f, struct walk_write *out);
/* Write it to RAM; the walk follows, so that walk_next_write goes on. */
enum vs_status walk_write(struct walk *w, const struct paging_format *f, struct ram *ram,
                          const struct walk_write *write);

#endif
