/* config.h - what a machine is built from. Plain data, filled by the scenario
 * loader (or by a test), constant afterwards; it must outlive its machines. */
#ifndef VMSCOPE_OS_CONFIG_H
#define VMSCOPE_OS_CONFIG_H

#include "vmscope/hw/paging.h"
#include "vmscope/hw/mmu.h"
#include "vmscope/hw/tlbs.h"
#include "vmscope/policy/policy.h"

enum vma_kind { VMA_TEXT, VMA_RODATA, VMA_DATA, VMA_BSS, VMA_HEAP, VMA_MMAP, VMA_STACK, VMA_KERNEL, VMA_KINDS };
extern const char *const vma_kind_name[VMA_KINDS + 1]; /* "text"... NULL */

enum backing { BACKING_ANON, BACKING_FILE };

#define NAME_SIZE 16 /* of processes, programs and regions, with the NUL */

struct region_config {
    enum vma_kind kind;
    enum backing backing;
    unsigned perms;      /* enum perms without PERM_U */
    vpn_t first, pages;  /* pages mapped at the start, >= 1 */
    vpn_t limit;         /* stack: pages it may grow to (>= pages); others: = pages */
    uint32_t file_page;  /* BACKING_FILE: first page in the program's file */
    uint8_t order;       /* log2 of the pages of its huge pages; 0: the usual ones. Anonymous only */
    char name[NAME_SIZE];
};

struct map_config { /* a page-table entry present at the start */
    vpn_t vpn;
    pfn_t pfn;      /* < frames */
    bool raw;       /* the PTE is `word`, whatever it means; the kernel gives it no frame. Trees only */
    uint8_t level;  /* raw: where it stands */
    uint64_t word;
};

struct process_config {
    char name[NAME_SIZE];
    char program[NAME_SIZE];       /* processes of one program share its text; default: the name */
    struct region_config *regions; /* ascending, not overlapping */
    size_t region_count;
    struct map_config *maps;
    size_t map_count;
    uint32_t frames; /* scope local: its fixed number; 0: an equal share */
};

/* A process that a step of the scenario will fork; its number is process_count + its index. */
struct fork_config {
    char name[NAME_SIZE];
    proc_t origin; /* the process of the scenario that it, its parent, or an earlier one began as */
};

struct tlb_preload {
    uint32_t set, way;
    vpn_t tag; /* VPN / sets */
    pfn_t pfn;
};

enum replacement_scope { SCOPE_GLOBAL, SCOPE_LOCAL };

struct timing_config {
    nanos_t tlb, memory, trap, disk_read, disk_write;
};

#define SWAP_UNLIMITED UINT32_MAX

struct machine_config {
    struct paging_format format; /* by value: custom ones are made by the loader */
    uint32_t frames;             /* for user pages, 1.. */
    uint32_t swap_slots;         /* 0: no swap; SWAP_UNLIMITED: as many as needed */
    struct tlb_config tlb;        /* for data, and for everything where nothing is split */
    struct tlb_config tlb_fetch;  /* for instructions; entries 0: not split */
    struct tlb_config tlb_second; /* second level; entries 0: none */
    bool tlb_inclusive;           /* the second level holds whatever the first holds */
    bool software_refill;         /* a TLB miss traps; the kernel walks and writes the TLB, A and D */
    uint8_t mode;                 /* enum mmu_mode */
    struct policy_config policy;
    enum replacement_scope scope;
    struct timing_config timing;
    bool lazy_clear; /* clearing A or D leaves the TLB entry stale */
    bool never_invalidates; /* a kernel with a bug: changed PTEs leave the TLB as it is */
    uint64_t seed;
    struct process_config *processes; /* at least one; the first runs first */
    size_t process_count;
    struct fork_config *forks; /* may grow while machines live: typed steps fork too */
    size_t fork_count;
    struct tlb_preload *tlb_preload;
    size_t tlb_preload_count;
};

/* 8 frames, sv32, TLB 4 x 1 LRU with ASIDs, CLOCK..., no process yet: SCENARIOS' defaults. */
void machine_config_default(struct machine_config *c);

/* RAM pages that a machine of this configuration may need at most, or 0 with *why
 * when it cannot be built (PFN bits, memory): nothing is allocated. */
uint64_t machine_config_check(const struct machine_config *c, struct diag *why);

/* What process p began as: itself, or for a forked one its origin. NULL: no such process. */
const struct process_config *machine_process_config(const struct machine_config *c, proc_t p);

const char *config_process_name(const struct machine_config *c, proc_t p); /* "?": no such process */

/* First PFN of the kernel's own region: page tables and the kernel image live
 * above the user frames. */
pfn_t kernel_base_pfn(const struct machine_config *c);

#endif
