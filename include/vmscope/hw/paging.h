/* paging.h - paging formats: what the bits of a page-table entry mean.
 *
 * A format is a description: levels and their index widths, the PTE's size,
 * and where each field sits. What a description cannot say - which checks the
 * architecture makes, and in which order - stands beside it in a struct
 * paging_arch, one file an architecture (src/hw/format_*.c). Table words live
 * in the simulated RAM; these functions cut addresses and words into fields
 * and join them. docs/formats.md says how to add one.
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

/* How translations are kept. */
enum paging_shape {
    SHAPE_TREE,     /* tables of tables: one root a process */
    SHAPE_HASHED,   /* one inverted table for the machine, an entry a frame, found by hashing */
    SHAPE_SEGMENTS  /* base and bounds: descriptors, no pages */
};

struct paging_arch;

struct paging_format {
    const char *name;     /* "sv32" */
    const char *title;    /* "RISC-V Sv32" */
    const char *source;   /* manual and chapter */
    const char *root;     /* name of the root register: "satp", "CR3", "PTBR" */
    uint16_t asids;       /* address spaces that it can tell apart, numbered from 1; 0: 65535 */
    const struct paging_arch *arch; /* checks and encodings, constant; never NULL */
    enum paging_shape shape;
    unsigned levels;      /* 1..5 */
    unsigned page_shift;  /* log2 of the page's bytes */
    unsigned pte_bytes;   /* 1, 2, 4 or 8 */
    unsigned pfn_bit;     /* lowest bit of the PFN field */
    unsigned pfn_bits;    /* its width; x86: as many as MAXPHYADDR leaves */
    uint8_t index_bits[PAGING_LEVELS_MAX];  /* [0] is the last level (L0) */
    int8_t flag_bit[PTE_FLAGS];             /* position, or -1: the format has no such flag */
    uint16_t inverted;    /* PTE_BITs whose flag stands where the bit is 0 (x86 XD, ARM nG) */
    uint8_t leaf_levels;  /* bit l: a leaf may stand at level l; bit 0 always */
    bool write_needs_read;/* W without R is reserved */
    bool sign_extended;   /* VA bits above the translated ones must repeat the topmost of them */
    bool hardware_ad;     /* the walker sets A and D; false: it faults and the OS sets them */
    const char *level_name[PAGING_LEVELS_MAX]; /* "PT", "PD"...; NULL: "L0", "L1"... */
};

/* A PTE cut into fields. */
struct pte {
    unsigned flags; /* PTE_BIT(...) */
    pfn_t pfn;
};

/* One field of a PTE's word, for the detail view: bits high..low. */
struct pte_field {
    uint8_t high, low;
    const char *name;     /* "PPN[1]", "XD" */
    const char *meaning;  /* a short phrase: "execute disable: 1 forbids fetches" */
};
#define PTE_FIELDS_MAX 32

/* What an architecture does that a description cannot say. NULL members: the plain way. */
struct walk;
struct ram;
struct walk_check;
struct hw_report;
struct paging_arch {
    /* Checks in the architecture's order, stage by stage; fails == NULL ends (see mmu.h). */
    const struct walk_check *checks;
    /* Is this valid word at `level` a leaf? Plain: at level 0; above it, where leaf_levels
     * allows, when R, W or X stands in it. */
    bool (*is_leaf)(const struct paging_format *f, uint64_t word, unsigned level);
    /* Physical address where the page of that leaf begins. Plain: the PFN field. */
    paddr_t (*leaf_base)(const struct paging_format *f, uint64_t word, unsigned level);
    /* Flags as the walk and the kernel see them, and back. Plain: flag_bit and inverted. */
    unsigned (*flags_of)(const struct paging_format *f, uint64_t word);
    uint64_t (*flags_to)(const struct paging_format *f, unsigned flags);
    /* Bits that make a word a leaf at `level`, or a pointer, besides flags and PFN. Plain: none
     * for a leaf, V for a pointer. */
    uint64_t (*leaf_marks)(const struct paging_format *f, unsigned level);
    uint64_t (*pointer_marks)(const struct paging_format *f);
    /* May the supervisor use a translation with these perms (enum perms)? Plain: R, W, X count, U
     * does not. mode: enum mmu_mode. */
    bool (*supervisor_permits)(uint8_t mode, unsigned perms, enum access_kind op);
    /* One micro-step of a walk that is not over a tree. Plain: mmu.c's. */
    void (*step)(struct walk *w, const struct paging_format *f, const struct ram *ram);
    /* Name and number of the fault that stopped w (w->fault is not HW_FAULT_NONE). */
    struct hw_report (*report)(const struct paging_format *f, const struct walk *w);
    /* Fields of a word at `level`; returns how many (0..PTE_FIELDS_MAX). Plain: from flag_bit. */
    unsigned (*fields)(const struct paging_format *f, uint64_t word, unsigned level,
                       struct pte_field out[PTE_FIELDS_MAX]);
    bool pointers_restrict;  /* R, W, X, U of every level are combined (x86, ARM) */
    bool pointers_accessed;  /* the walker sets A in pointers too (x86) */
};

/* The named formats, `linear` and `custom` first in their default shapes; NULL ends. */
extern const struct paging_format *const paging_formats[];
const struct paging_format *paging_by_name(const char *name); /* or NULL */

/* Is the description possible (widths, positions, overlap, address bits)? */
enum vs_status paging_check(const struct paging_format *f, struct diag *why);

unsigned paging_va_bits(const struct paging_format *f);     /* indices + offset */
unsigned paging_pa_bits(const struct paging_format *f);     /* PFN + offset, at most 64 */
uint32_t paging_index(const struct paging_format *f, vaddr_t va, unsigned level);
unsigned paging_index_shift(const struct paging_format *f, unsigned level); /* lowest VA bit of that index */
uint64_t paging_table_bytes(const struct paging_format *f, unsigned level); /* of one table of that level */
const char *paging_level_name(const struct paging_format *f, unsigned level); /* "PML4", "L1" */
/* Can this VA exist? Sign-extended formats: is it canonical; others: has it at most va_bits bits? */
bool paging_va_exists(const struct paging_format *f, vaddr_t va);
/* The same for a page number; and the largest page number that exists. */
bool paging_vpn_exists(const struct paging_format *f, vpn_t vpn);
vpn_t paging_last_vpn(const struct paging_format *f);

struct pte paging_decode(const struct paging_format *f, uint64_t word);
/* A leaf of level 0 with these flags, as the kernel writes it. */
uint64_t paging_encode(const struct paging_format *f, struct pte pte);
/* A leaf at `level` (leaf_levels allows it), and a pointer to the table in frame pfn. */
uint64_t paging_encode_leaf(const struct paging_format *f, struct pte pte, unsigned level);
uint64_t paging_encode_pointer(const struct paging_format *f, pfn_t pfn);
/* The word with these flags (PTE_BITs) set or cleared, all else as it was. */
uint64_t paging_with_flags(const struct paging_format *f, uint64_t word, unsigned set, unsigned clear);
/* Flags that the format has, as PTE_BITs. */
unsigned paging_flags(const struct paging_format *f);
static inline bool paging_has(const struct paging_format *f, enum pte_flag flag) { return f->flag_bit[flag] >= 0; }
/* paging_decode(f, word).flags & PTE_BIT(flag), of a flag that the format has, without the others. */
static inline bool paging_word_has(const struct paging_format *f, uint64_t word, enum pte_flag flag) {
    if (f->arch->flags_of) return f->arch->flags_of(f, word) & PTE_BIT(flag);
    return (word >> f->flag_bit[flag] & 1) != (f->inverted >> flag & 1u);
}
bool paging_is_leaf(const struct paging_format *f, uint64_t word, unsigned level);
paddr_t paging_leaf_base(const struct paging_format *f, uint64_t word, unsigned level);
/* log2 of the pages that a leaf at `level` maps: 0 at level 0. */
unsigned paging_leaf_order(const struct paging_format *f, unsigned level);
/* What the flags permit, as enum perms: a format without R, W, X bits permits everything. */
unsigned paging_perms(const struct paging_format *f, unsigned flags);
/* Fields of a word for the detail view, highest bit first. Returns how many. */
unsigned paging_fields(const struct paging_format *f, uint64_t word, unsigned level,
                       struct pte_field out[PTE_FIELDS_MAX]);

/* What the control registers of an x86 change in a copy of one of its formats: CR4.PSE (x86-32: 4 MiB
 * pages; 64-bit paging always has huge pages), EFER.NXE (64-bit: XD is a flag, else reserved), and
 * MAXPHYADDR, 32 to 52. x86-32 as it stands has MAXPHYADDR 32. */
void paging_x86_adjust(struct paging_format *f, bool pse, bool nxe, unsigned maxphyaddr);

#endif

