/* paging.h - paging formats: what the bits of a page-table entry mean.
 *
 * A format is a description, not code: levels and their index widths, the
 * PTE's size, and where each field sits. Table words live in the simulated
 * RAM; these functions cut addresses and words into fields and join them.
 *
 *   custom {levels: [5, 5], page_size: 32, pte_bytes: 1}     (OSTEP's toy)
 *
 *    14      10 9        5 4       0          7 6          0
 *   +----------+----------+---------+        +-+------------+
 *   | index L1 | index L0 | offset  |        |V|    PFN     |
 *   +----------+----------+---------+        +-+------------+
 */
#ifndef VMSCOPE_HW_PAGING_H
#define VMSCOPE_HW_PAGING_H

#include "vmscope/base/status.h"
#include "vmscope/base/types.h"

#define PAGING_LEVELS_MAX 5

/* Flags of a PTE, format-independent. A format places those it has. */
enum pte_flag { PTE_V, PTE_R, PTE_W, PTE_X, PTE_U, PTE_G, PTE_A, PTE_D, PTE_FLAGS };
#define PTE_BIT(flag) (1u << (flag))
extern const char pte_letter[PTE_FLAGS + 1];           /* "VRWXUGAD" */
extern const char *const pte_flag_name[PTE_FLAGS];     /* "valid", "readable"... */

struct paging_format {
    const char *name;     /* "sv32" */
    const char *title;    /* "RISC-V Sv32" */
    const char *source;   /* manual and chapter */
    const char *root;     /* name of the root register: "satp", "PTBR" */
    unsigned levels;      /* 1..5 */
    unsigned page_shift;  /* log2 of the page's bytes */
    unsigned pte_bytes;   /* 1, 2, 4 or 8 */
    unsigned pfn_bit;     /* lowest bit of the PFN field */
    unsigned pfn_bits;    /* its width */
    uint8_t index_bits[PAGING_LEVELS_MAX];  /* [0] is the last level (L0) */
    int8_t flag_bit[PTE_FLAGS];             /* position, or -1: the format has no such flag */
    bool superpages;      /* a leaf may stand above the last level */
    bool write_needs_read;/* W without R is reserved */
};

/* A PTE cut into fields. */
struct pte {
    unsigned flags; /* PTE_BIT(...) */
    pfn_t pfn;
};

/* The named formats, `linear` and `custom` first in their default shapes; NULL name ends. */
extern const struct paging_format paging_formats[];
const struct paging_format *paging_by_name(const char *name); /* or NULL */

/* Is the description possible (widths, positions, overlap, address bits)? */
enum vs_status paging_check(const struct paging_format *f, struct diag *why);

unsigned paging_va_bits(const struct paging_format *f);     /* indices + offset */
unsigned paging_pa_bits(const struct paging_format *f);     /* PFN + offset, at most 64 */
uint32_t paging_index(const struct paging_format *f, vaddr_t va, unsigned level);
unsigned paging_index_shift(const struct paging_format *f, unsigned level); /* lowest VA bit of that index */
uint64_t paging_table_bytes(const struct paging_format *f, unsigned level); /* of one table of that level */
struct pte paging_decode(const struct paging_format *f, uint64_t word);
uint64_t paging_encode(const struct paging_format *f, struct pte pte);
/* Flags that the format has, as PTE_BITs. */
unsigned paging_flags(const struct paging_format *f);
static inline bool paging_has(const struct paging_format *f, enum pte_flag flag) { return f->flag_bit[flag] >= 0; }
/* Is this (valid) entry a leaf? At level 0 always; above it when R, W or X stand and superpages exist. */
bool paging_is_leaf(const struct paging_format *f, struct pte pte, unsigned level);
/* What the entry permits, as enum perms: a format without R, W, X bits permits everything. */
unsigned paging_perms(const struct paging_format *f, struct pte pte);

#endif
