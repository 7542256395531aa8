/* kernel.h - the operating system: processes and their regions, frames, swap,
 * page tables, and the handler of page faults.
 *
 * Plain structs that anyone may read; only the functions of src/os change them.
 * The kernel works in micro-steps: kernel_fault_begin latches a fault, and each
 * kernel_step does one thing and tells one event.
 *
 *   a page of a process is      and its PTE
 *   PAGE_UNTOUCHED  nowhere     not valid     (zeros or file when first touched)
 *   PAGE_RESIDENT   in a frame  valid
 *   PAGE_SWAPPED    in a slot   not valid
 *   PAGE_DROPPED    nowhere     not valid     (was clean: zeros or file again)
 */
#ifndef VMSCOPE_OS_KERNEL_H
#define VMSCOPE_OS_KERNEL_H

#include "vmscope/base/event.h"
#include "vmscope/hw/cpu.h"
#include "vmscope/os/config.h"

enum page_state { PAGE_UNTOUCHED, PAGE_RESIDENT, PAGE_SWAPPED, PAGE_DROPPED };

/* Why a clean victim may simply be dropped (event field `drop`). */
enum drop_reason { DROP_SLOT_VALID, DROP_FILE, DROP_NEVER_WRITTEN };

/* A region of a process's address space (VMA): pages first..end-1. */
struct vma {
    vpn_t first, end;
    vpn_t floor;        /* stack: lowest page it may grow down to; else = first */
    enum vma_kind kind;
    enum backing backing;
    unsigned perms;     /* enum perms without PERM_U */
    uint32_t file_page;
    uint8_t order;      /* huge pages of 2^order pages, where frames lie side by side; 0: none */
    char name[NAME_SIZE];
    /* Per page, index vpn - floor: */
    uint32_t *where;    /* the frame (resident) or slot (swapped) */
    uint8_t *state;     /* enum page_state */
};

struct process {
    char name[NAME_SIZE];
    bool alive;         /* false: it has ended, or is still to be forked */
    bool born;          /* false: still to be forked */
    uint16_t program;   /* index into kernel.programs */
    asid_t asid;
    paddr_t root;       /* its root page table */
    uint64_t table_bytes; /* of the tables that were made for it */
    struct vma *vma;    /* ascending */
    uint32_t vma_count;
    uint32_t resident;  /* pages in frames */
    uint32_t held;      /* frames that it owns: mapped first, and charged for; shared ones count once */
    uint32_t quota;     /* scope local: frames it may hold; global: UINT32_MAX */
    uint64_t faults, minor, major;
};

enum frame_flag {
    FRAME_USED = 1,
    FRAME_PINNED = 2,
    FRAME_FILE = 4,    /* holds a page of a program's file that several may map */
    FRAME_R = 8,       /* reference and change bits kept with the frame, as the storage keys */
    FRAME_D = 16       /* of IBM z/Architecture do, for formats whose PTE has no A or D */
};

/* One mapping of a frame. */
struct rmap {
    vpn_t vpn;
    paddr_t pte_addr; /* where its leaf PTE stands: tables never move */
    proc_t proc;
    uint8_t order; /* the PTE maps 2^order pages, this being one of them */
    uint32_t next; /* index into kernel.rmap_pool, or UINT32_MAX */
};

struct frame {
    struct rmap owner; /* first mapping, and the list of the others */
    slot_t slot;       /* a slot that still holds this page's bytes, or SLOT_NONE */
    uint32_t shares;   /* mappings */
    uint8_t flags;     /* enum frame_flag */
};

struct swap_slot {
    struct content content;
    vpn_t vpn;      /* whose page it was when it was written */
    proc_t proc;    /* PROC_NONE: free */
    uint32_t refs;  /* pages that are in it (several after a fork), and the frame that still equals it */
};

struct program { /* a program's file, and which of its pages are in frames */
    char name[NAME_SIZE];
    uint64_t seed;   /* its bytes follow from it */
    uint32_t pages;
    frame_t *cache;  /* [pages], FRAME_NONE where absent */
};

enum flush_scope { FLUSH_EVERYTHING, FLUSH_ADDRESS_SPACE, FLUSH_ONE_PAGE, FLUSH_SCOPES };

enum os_phase { /* what kernel_step does next */
    OS_IDLE,
    OS_FIND_REGION, OS_SIGNAL,
    OS_FIND_FRAME, OS_UNMAP_VICTIM, OS_SAVE_VICTIM,
    OS_FILL, OS_TABLES, OS_WRITE_PTE, OS_RETURN,
    OS_CLEAR_REFERENCE, OS_END_PROCESS,
    OS_SWITCH, OS_SWITCH_TLB,
    OS_SET_BITS, OS_SPLIT,
    OS_REFILL_WALK, OS_REFILL_BITS, OS_REFILL_TLB,
    OS_FLUSH,
    OS_COW_REUSE,
    OS_FORK, OS_FORK_REGION,
    OS_PHASES
};

/* What the handler has latched between micro-steps. */
struct os_latch {
    enum os_phase phase;
    enum fault_class fault;
    enum access_kind op;
    vaddr_t va;
    vpn_t vpn;
    proc_t proc;
    bool automap;      /* map a page that no region holds */
    bool resumed;      /* the access is to be restarted */
    frame_t frame;     /* where the page goes */
    proc_t victim_proc;
    vpn_t victim_vpn;
    bool victim_dirty, evicted;
    bool rest_chosen;  /* where the victim's bytes go is settled: at the first of its mappings */
    frame_t cow_from;  /* the shared frame that is being copied; it stays. FRAME_NONE: none */
    bool was_full;     /* no frame was free when the fault came */
    proc_t switch_to;
    slot_t slot;       /* where the victim's bytes go, or SLOT_NONE */
    enum drop_reason drop;
    uint32_t passes;   /* frames that the hand has passed for this victim */
    uint8_t cause;     /* enum hw_fault that trapped */
    bool kernel_mode;  /* the access was the kernel's own */
    uint8_t order;     /* the page being mapped has 2^order pages of the usual size */
    bool no_huge;      /* no frames lie side by side: it must be a small one */
    uint8_t scope;     /* OS_FLUSH: enum flush_scope */
    struct walk walk;  /* the refill handler's */
    proc_t child;      /* fork: the number of the process that is being made */
    uint32_t region;   /* fork: which of the parent's regions comes next */
    bool by_call;      /* the process ends because it asked to: another one runs next */
};

struct kernel {
    const struct machine_config *config; /* borrowed */
    struct hw *hw;                       /* borrowed: the machine's */
    struct process *process;
    uint32_t process_count;
    proc_t running;
    struct frame *frame; /* [config->frames] */
    uint32_t frames_free;
    uint32_t free_hint;  /* no frame below it is free */
    struct rmap *rmap_pool;
    size_t rmap_cap;
    uint32_t rmap_free;  /* list of unused pool entries */
    struct swap_slot *slot;
    uint32_t slot_cap, slots_used;
    uint32_t slot_high;  /* slots ever used: 0..slot_high-1 */
    uint32_t slot_hint;  /* no slot below it is free */
    struct program *program;
    uint32_t program_count;
    struct policy **policy; /* one (global), or one a process (local) */
    uint32_t policy_count;
    pfn_t table_next;    /* next kernel page never used */
    uint64_t *table_free; /* a bit for each kernel page below it: given back */
    uint32_t table_words; /* of that map */
    uint32_t tables;     /* page-table pages in use */
    struct os_latch latch;
    uint64_t now;        /* number of the reference under way (for policies) */
    enum vs_status status; /* VS_NOMEM once a page-table word could not be written */
};

/* ---- life ---- */
enum vs_status kernel_create(const struct machine_config *c, struct hw *hw, struct kernel **out);
struct kernel *kernel_clone(const struct kernel *k, struct hw *hw);
void kernel_free(struct kernel *k);
bool kernel_equal(const struct kernel *a, const struct kernel *b);

/* ---- requests; then call kernel_step until kernel_busy is false ---- */
struct fault_request {
    vaddr_t va;
    enum access_kind op;
    enum hw_fault cause;
    bool automap;     /* map a page that no region holds */
    bool kernel_mode; /* the access is the kernel's own */
};
/* A TLB that software refills (cause HW_FAULT_TLB_MISS), or a page fault. */
void kernel_fault_begin(struct kernel *k, const struct fault_request *r);
/* `parent` asks for a copy of itself, which becomes process number `child` of config->forks; and a process asks to end. */
void kernel_fork_begin(struct kernel *k, proc_t parent, proc_t child);
void kernel_exit_begin(struct kernel *k, proc_t p);
/* The OS flushes the TLB: all of it, what it holds for process p, or one page of p. */
void kernel_flush_begin(struct kernel *k, enum flush_scope scope, proc_t p, vaddr_t va);
void kernel_switch_begin(struct kernel *k, proc_t to);
/* After a loading access, where the machine loads pages unreferenced. */
void kernel_clear_reference_begin(struct kernel *k, frame_t f);
static inline bool kernel_busy(const struct kernel *k) { return k->latch.phase != OS_IDLE; }
/* One micro-step; fills *e. */
enum vs_status kernel_step(struct kernel *k, struct event *e);
enum vs_status kernel_set_policy(struct kernel *k, const struct policy_ops *ops);

/* A completed reference to a page in frame f (hit or restarted). */
void kernel_referenced(struct kernel *k, frame_t f, enum access_kind op, uint32_t next_use);
/* The frame that holds this page of a process now, its own or its program's shared text; FRAME_NONE: none. */
frame_t kernel_frame_of(const struct kernel *k, proc_t p, vpn_t vpn);
/* OPT alone: the page in frame f is not used now as foreseen, but next at next_use. */
void kernel_foresee(struct kernel *k, frame_t f, uint32_t next_use);

/* ---- looking ---- */
const struct vma *vma_find(const struct process *p, vpn_t vpn);      /* holding vpn, or NULL */
const struct vma *vma_by_name(const struct process *p, const char *name);
enum page_state vma_page_state(const struct vma *v, vpn_t vpn);      /* vpn in first..end-1 */
uint32_t vma_page_where(const struct vma *v, vpn_t vpn);             /* frame or slot */
bool frame_referenced(const struct kernel *k, frame_t f);            /* from the PTEs that map it */
bool frame_dirty(const struct kernel *k, frame_t f);
/* The PTE that maps a page, or the lowest that exists on the way to it. */
struct pte_at {
    paddr_t addr;   /* where it stands; 0 with found false: nowhere (an inverted table) */
    uint64_t word;
    unsigned level; /* 0, or of a huge page's leaf, or of the entry where the way ends */
    bool found;     /* the word at addr is this page's leaf entry or, at level 0, its place */
    bool valid;     /* and it maps the page */
    pfn_t pfn;      /* valid: the frame of this very page */
};
struct pte_at pagetable_at(const struct kernel *k, proc_t p, vpn_t vpn);
/* The leaf PTE of a page: its address in RAM and word. False: a table is missing on the way. */
bool pagetable_find(const struct kernel *k, proc_t p, vpn_t vpn, paddr_t *addr, uint64_t *word);

/* Bytes that page tables take, for what is mapped now: as they are, and as they would be. */
struct table_bytes {
    uint64_t actual;     /* in this machine's RAM: of this process, or shared by all (inverted) */
    uint64_t linear;     /* one table with an entry a page of the virtual address space */
    uint64_t multilevel; /* tables of one page each, only those that are needed */
    uint64_t inverted;   /* an entry a frame, and the anchors; for the whole machine */
};
struct table_bytes kernel_table_bytes(const struct kernel *k, proc_t p); /* of one process */
struct table_bytes kernel_table_bytes_all(const struct kernel *k);      /* of all that are alive */
const struct policy *kernel_policy(const struct kernel *k);          /* of the process that runs */
/* Every invariant of design 3: owners, counts, slots, reverse maps, TLB within the tables.
 * NULL when all hold, else what is wrong. For tests. */
const char *kernel_inconsistency(const struct kernel *k);

#endif
