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

#define NAME_SIZE 16 /* of processes, programs, files and regions, with the NUL */

/* Which system's counts the kernel gives: the textbooks', or those of Linux (design 3, OS). */
enum profile { PROFILE_TEXTBOOK, PROFILE_LINUX };

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
    uint16_t origin; /* machine_image: what it is a copy of when it begins */
};

/* What a process asks the kernel for, besides fork and exit (os/call.c). */
#define CALL_KINDS_TABLE(X) \
    X(BRK, "brk") \
    X(MMAP, "mmap") \
    X(MUNMAP, "munmap") \
    X(MPROTECT, "mprotect") \
    X(MADVISE, "madvise") \
    X(MREMAP, "mremap") \
    X(MLOCK, "mlock") \
    X(MUNLOCK, "munlock") \
    X(EXEC, "exec")
#define X(id, name) CALL_##id,
enum call_kind { CALL_KINDS_TABLE(X) CALL_KINDS };
#undef X
extern const char *const call_name[CALL_KINDS + 1]; /* "brk"... NULL */

enum advice { ADVICE_DONTNEED, ADVICE_FREE, ADVICE_WILLNEED, ADVICE_POPULATE_READ, ADVICE_POPULATE_WRITE, ADVICES };
extern const char *const advice_name[ADVICES + 1]; /* "dontneed"... NULL */

enum call_flag {
    CALL_FIXED = 1,    /* mmap: exactly at the step's address, and whatever is there goes */
    CALL_POPULATE = 2, /* mmap: a frame for every page at once */
    CALL_SHARED = 4,   /* mmap: writes are seen by all who map it; else private */
    CALL_CACHED = 8,   /* mmap of a file: it was read or written before, so its pages are in memory already */
    CALL_DOWN = 16     /* brk: the break goes down by `length`; else up */
};

/* The arguments of one call. Its address is the step's va. */
struct call_config {
    uint8_t kind;       /* enum call_kind */
    uint8_t flags;      /* enum call_flag */
    uint8_t perms;      /* mmap, mprotect: enum perms without PERM_U */
    uint8_t advice;     /* enum advice */
    uint16_t name;      /* mmap: the program calls the region names[name - 1]; >= 1 */
    uint16_t image;     /* exec: which program, see machine_image */
    uint32_t file_page; /* mmap of a file: its first page */
    uint64_t length;    /* bytes; mremap: the new length; 0 (munmap, mprotect, madvise, mlock, munlock): the
                           whole region (of a named one: all that its mmap made) */
    char file[NAME_SIZE]; /* mmap: the file's name, "": anonymous memory */
};

struct tlb_preload {
    uint32_t set, way;
    vpn_t tag; /* VPN / sets */
    pfn_t pfn;
};

enum replacement_scope { SCOPE_GLOBAL, SCOPE_LOCAL };
enum frame_allocation { ALLOCATION_EQUAL, ALLOCATION_PROPORTIONAL }; /* scope local: by number, or by size */

#define PROCESSES_MAX 4096            /* of a machine, forked ones included */
#define REGIONS_MAX 65530u            /* of a process, as Linux's vm.max_map_count */
#define REGION_PAGES_MAX (1u << 24)   /* pages that all regions of all processes may have together */

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
    enum frame_allocation allocation;
    enum profile profile;
    uint32_t guard_pages;         /* that stay empty below a stack that may still grow */
    uint32_t regions_max;         /* regions that a process may have, 1..REGIONS_MAX */
    uint32_t free_low, free_high; /* watermarks: with fewer than free_low frames free, kswapd works until
                                     free_high are; 0, 0: there is no kswapd */
    bool tables_in_frames;        /* page tables take frames that user pages compete for */
    uint32_t working_set_window;  /* references of a process that its working set looks back; 0: not kept */
    bool load_control;            /* while the working sets do not fit, a process is suspended */
    struct timing_config timing;
    bool lazy_clear; /* clearing A or D leaves the TLB entry stale */
    bool never_invalidates; /* a kernel with a bug: changed PTEs leave the TLB as it is */
    uint64_t seed;
    struct process_config *processes; /* at least one; the first runs first */
    size_t process_count;
    struct fork_config *forks; /* may grow while machines live: typed steps fork too */
    size_t fork_count;
    struct process_config *images; /* programs that no process runs at the start, for exec */
    size_t image_count;
    char (*names)[NAME_SIZE];     /* what programs call their mappings; may grow, as forks */
    size_t name_count;
    struct call_config *calls;    /* of the steps of kind STEP_CALL; may grow */
    size_t call_count;
    struct tlb_preload *tlb_preload;
    size_t tlb_preload_count;
};

/* 8 frames, sv32, TLB 4 x 1 LRU with ASIDs, CLOCK..., no process yet: SCENARIOS' defaults. */
void machine_config_default(struct machine_config *c);

/* RAM pages that a machine of this configuration may need at most, or 0 with *why
 * when it cannot be built (PFN bits, memory): nothing is allocated. */
uint64_t machine_config_check(const struct machine_config *c, struct diag *why);

/* A program with its layout: those of the processes first, then the images. NULL: no such number. */
const struct process_config *machine_image(const struct machine_config *c, size_t image);
size_t machine_image_count(const struct machine_config *c);

/* What process p began as: itself, or for a forked one its origin. NULL: no such process. */
const struct process_config *machine_process_config(const struct machine_config *c, proc_t p);

const char *config_process_name(const struct machine_config *c, proc_t p); /* "?": no such process */

/* First PFN of the kernel's own region: page tables and the kernel image live
 * above the user frames. */
pfn_t kernel_base_pfn(const struct machine_config *c);

#endif
