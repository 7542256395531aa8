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
 *   PAGE_ZERO       zero page   valid, not W  (the one page of zeros that all share; Linux)
 */
#ifndef VMSCOPE_OS_KERNEL_H
#define VMSCOPE_OS_KERNEL_H

#include "vmscope/base/event.h"
#include "vmscope/hw/cpu.h"
#include "vmscope/os/config.h"

enum page_state { PAGE_UNTOUCHED, PAGE_RESIDENT, PAGE_SWAPPED, PAGE_DROPPED, PAGE_ZERO };

/* Why a clean victim may simply be dropped (event field `drop`). */
enum drop_reason { DROP_SLOT_VALID, DROP_FILE, DROP_NEVER_WRITTEN, DROP_NOT_NEEDED };

/* Why the kernel does what its event tells (event field `why`). */
enum reason {
    WHY_USUAL,
    WHY_SHARED, WHY_CACHED, WHY_ZERO_PAGE, WHY_ALONE, /* VMA_FOUND: whose the frame is that lacks W; zeros will do. FORK_REGION: shared memory; PTEs left to faults (CACHED) */
    WHY_TABLE,                                        /* FRAME_FREE, OOM: it is about a page table */
    WHY_QUOTA, WHY_EXCESS, WHY_WATERMARK, WHY_SUSPENDED /* VICTIM, IDLE_VICTIM: why a frame must become free */
};

/* A region of a process's address space (VMA): pages first..end-1. */
struct vma {
    vpn_t first, end;
    vpn_t floor;        /* stack: lowest page it may grow down to; else = first */
    enum vma_kind kind;
    enum backing backing;
    unsigned perms;     /* enum perms without PERM_U */
    uint32_t file_page;
    uint8_t order;      /* huge pages of 2^order pages, where frames lie side by side; 0: none */
    bool shared;        /* writes go to the file (or memory object) that all who map it see; else private */
    bool locked;        /* its pages stay in memory (mlock) */
    bool own_pages;     /* private, of a file: some page of it has, or had, a frame of its own */
    uint16_t file;      /* index into kernel.file of what is behind it; FILE_NONE: zeros of its own */
    char name[NAME_SIZE];
    /* Per page, index vpn - floor: */
    uint32_t *where;    /* the frame (resident) or slot (swapped) */
    uint8_t *state;     /* enum page_state */
};

/* A name that a program gave to a mapping: where it was when mmap (or mremap) returned. As a
 * pointer variable, it stays as it is when the region goes. */
struct symbol {
    uint16_t name; /* index into config->names, from 1 */
    vpn_t first, pages;
};

struct process {
    char name[NAME_SIZE];
    bool alive;         /* false: it has ended, or is still to be forked */
    bool born;          /* false: still to be forked */
    bool suspended;     /* by load control: it does not run, and its pages leave memory */
    bool raw;           /* PTEs that the scenario gave bit by bit stand in its tables */
    uint16_t program;   /* index into kernel.file: its program's file */
    uint16_t image;     /* machine_image: its layout at the start, or since exec */
    vaddr_t brk;        /* the break: end of the heap, to the byte; 0: there is no heap */
    struct symbol *symbol; /* [symbol_count], in the order of their first mmap */
    uint32_t symbol_count;
    asid_t asid;
    paddr_t root;       /* its root page table */
    uint64_t table_bytes; /* of the tables that were made for it */
    struct vma *vma;    /* ascending */
    uint32_t vma_count, vma_cap;
    uint32_t resident;  /* pages in frames */
    uint32_t held;      /* frames that it owns: mapped first, and charged for; shared ones count once */
    uint32_t quota;     /* scope local: frames it may hold; global: UINT32_MAX */
    uint64_t faults, minor, major;
};

enum frame_flag {
    FRAME_USED = 1,
    FRAME_PINNED = 2,
    FRAME_FILE = 4,    /* holds page file_page of kernel.file[file]: the page cache's, whoever maps it */
    FRAME_R = 8,       /* reference and change bits kept with the frame, as the storage keys */
    FRAME_D = 16,      /* of IBM z/Architecture do, for formats whose PTE has no A or D; D also for the
                          others, once a mapping that had set it is gone */
    FRAME_TABLE = 64,  /* holds a page table of owner.proc, of level owner.vpn; nothing maps it */
    FRAME_IDLE = 32,   /* nobody maps it: the page cache, shared memory or the swap cache keeps it */
    FRAME_LAZY = 128,  /* its bytes are not needed (madvise free): while it is clean it may be dropped */
    FRAME_FORKED = 256 /* profile linux: a fork shared it, and no write has found it alone since: W comes with that only */
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
    uint32_t shares;   /* mappings; 0 in a used frame: idle, kept by the page cache or the swap cache alone */
    uint32_t file_page;
    uint16_t file;     /* FRAME_FILE: whose page it is */
    uint16_t flags;    /* enum frame_flag */
};

struct swap_slot {
    struct content content;
    vpn_t vpn;      /* whose page it was when it was written */
    proc_t proc;    /* PROC_NONE: free */
    uint32_t refs;  /* pages that are in it (several after a fork), and the frame that still equals it */
    frame_t frame;  /* the swap cache: that frame, or FRAME_NONE */
};

#define FILE_NONE UINT16_MAX

/* A file, or the memory that processes share without one (bytes zero at first, and at
 * home in swap); and the page cache: which of its pages are in frames. */
struct file {
    char name[NAME_SIZE];
    bool memory;     /* no file on disk: shared memory */
    uint64_t seed;   /* the bytes of a page that was never written follow from it */
    uint32_t pages;
    frame_t *cache;  /* [pages], FRAME_NONE where absent */
    slot_t *slot;    /* memory: [pages], where a page that had to leave is, or SLOT_NONE; NULL: none ever did */
    struct content *written; /* file: [pages], what was written back to disk; NULL: nothing yet */
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
    OS_CALL, OS_RECLAIM, OS_SUSPEND, OS_RESUME,
    OS_TICK, OS_WRITE_AHEAD, OS_LEAVE,
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
    proc_t gives;      /* scope local: whose frames are looked at for a victim */
    proc_t victim_proc;
    vpn_t victim_vpn;
    bool victim_dirty, evicted;
    uint32_t written;  /* pages that a call, or an exit, wrote back to their files */
    bool rest_chosen;  /* where the victim's bytes go is settled: at the first of its mappings */
    frame_t cow_from;  /* the shared frame that is being copied; it stays. FRAME_NONE: none */
    frame_t keep;      /* where the page is already: it must not leave before it is mapped. FRAME_NONE: nowhere */
    bool was_full;     /* no frame was free when the fault came */
    proc_t switch_to;
    slot_t slot;       /* where the victim's bytes go, or SLOT_NONE */
    enum drop_reason drop;
    enum os_phase back; /* what goes on after a page was written ahead, or left by itself */
    bool leaving;      /* the policy lets a page go; nobody waits for its frame */
    bool asked;        /* the policy was asked which pages leave at this fault */
    uint32_t passes;   /* frames that the hand has passed for this victim */
    uint8_t cause;     /* enum hw_fault that trapped */
    paddr_t pte_addr;  /* where the page's PTE stands, as the walk that trapped found it; PTE_NOWHERE: to be searched */
    bool kernel_mode;  /* the access was the kernel's own */
    uint8_t order;     /* the page being mapped has 2^order pages of the usual size */
    bool no_huge;      /* no frames lie side by side: it must be a small one */
    uint8_t scope;     /* OS_FLUSH: enum flush_scope */
    proc_t child;      /* fork: the number of the process that is being made */
    uint32_t region;   /* fork: which of the parent's regions comes next */
    bool by_call;      /* the process ends because it asked to: another one runs next */
    bool populate;     /* a call wants this page now: no access waits for it */
    bool zero_page;    /* the page of zeros is to be mapped, no frame taken */
    bool idle;         /* the victim is mapped by nobody: a cache kept it */
    bool reclaim;      /* kswapd, or a suspension, makes frames free: nobody waits for one */
    bool suspend;      /* it is a suspension: of the process whose frames below `looked` have left or stay */
    frame_t looked;
    bool started;      /* and its beginning was told */
    bool for_table;    /* the frame is for a page table (tables_in_frames) */
    uint32_t freed;    /* frames made free so far; fork: TLB entries dropped */
    struct walk walk;  /* the refill handler's; the last member, as most tasks need none */
};

/* A call under way; its latch above is that of the page it is at. */
struct os_call {
    uint32_t config;   /* index into config->calls */
    proc_t proc;
    uint8_t stage;     /* of the list of stages that this kind goes through (call.c) */
    bool moved;        /* mremap: to another place */
    vaddr_t va;        /* its address argument; brk: the new break */
    vpn_t first, end;  /* the pages it is about */
    vpn_t next;        /* where it stands */
    bool resized;      /* mremap, brk: the new end was set */
    vpn_t from, to;    /* mremap: where the region was, and will be; brk: from which page it changes */
    vpn_t old, grown;  /* mremap: its pages before and after */
    vpn_t fill_end;    /* mprotect: up to here, pages of a locked region that may be written now come in */
    uint32_t count;    /* what it tells at its end: pages, or frames made free */
};

struct kernel {
    const struct machine_config *config; /* borrowed */
    struct hw *hw;                       /* borrowed: the machine's */
    struct process *process;
    uint32_t process_count;
    proc_t running;
    uint32_t suspended;  /* processes that live and are */
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
    struct file *file;
    uint32_t file_count;
    uint32_t idle_frames; /* with FRAME_IDLE */
    uint32_t idle_hint;   /* no frame below it is idle */
    uint32_t pinned_frames; /* with FRAME_PINNED */
    bool reclaim_hopeless; /* kswapd found nobody who could leave; it waits for another fault */
    pfn_t zero_page;     /* profile linux: the page of zeros that all share; else 0 */
    struct policy **policy; /* one (global), or one a process (local) */
    uint32_t policy_count;
    pfn_t table_next;    /* next kernel page never used */
    uint64_t *table_free; /* a bit for each kernel page below it: given back */
    uint32_t table_words; /* of that map */
    uint32_t tables;     /* page-table pages in use */
    vpn_t image_first;   /* where kernel space begins that processes share */
    uint64_t image_entry[4]; /* root entries of the tables of kernel space that processes share, a page of its
                                image each; 0: none yet */
    struct os_latch latch;
    struct os_call call;
    uint64_t now;        /* number of the reference under way (for policies) */
    uint64_t ticks;      /* clock ticks so far; 0 where the policy has no use for them */
    enum vs_status status; /* VS_NOMEM once a page-table word could not be written */
    bool unheard;        /* of events, only what is counted need be told (see os_event); no state */
};

/* ---- life ---- */
enum vs_status kernel_create(const struct machine_config *c, struct hw *hw, struct kernel **out);
struct kernel *kernel_clone(const struct kernel *k, struct hw *hw);
void kernel_free(struct kernel *k);
/* About how many bytes a clone takes (a policy is counted as 24 bytes a frame). */
uint64_t kernel_bytes(const struct kernel *k);
bool kernel_equal(const struct kernel *a, const struct kernel *b);

/* ---- requests; then call kernel_step until kernel_busy is false ---- */
struct fault_request {
    vaddr_t va;
    enum access_kind op;
    enum hw_fault cause;
    bool automap;     /* map a page that no region holds */
    bool kernel_mode; /* the access is the kernel's own */
    paddr_t pte_addr; /* of the last table's entry that the walk read, or PTE_NOWHERE: it saves a search */
};
/* A TLB that software refills (cause HW_FAULT_TLB_MISS), or a page fault. */
void kernel_fault_begin(struct kernel *k, const struct fault_request *r);
/* `parent` asks for a copy of itself, which becomes process number `child` of config->forks; and a process asks to end. */
void kernel_fork_begin(struct kernel *k, proc_t parent, proc_t child);
void kernel_exit_begin(struct kernel *k, proc_t p);
/* Process p makes config->calls[call]; va is its address, and pages, if not 0, what a length of 0 means. */
void kernel_call_begin(struct kernel *k, proc_t p, uint32_t call, vaddr_t va, vpn_t pages);
/* Where p's mapping of that name (1...) was made; false: it never was. */
bool kernel_symbol(const struct kernel *k, proc_t p, unsigned name, struct symbol *out);
/* Are so few frames free that kswapd must work? Then it does, until enough are. */
bool kernel_reclaim_wanted(const struct kernel *k);
void kernel_reclaim_begin(struct kernel *k);
/* p stops running and its pages leave memory; or it may run again. */
void kernel_suspend_begin(struct kernel *k, proc_t p);
void kernel_resume_begin(struct kernel *k, proc_t p);
/* Before the reference numbered `now`: must the policy act first (a clock tick, a page that leaves)? Then it does. */
bool kernel_policy_wanted(struct kernel *k);
void kernel_policy_begin(struct kernel *k);
/* No reference below this one needs that; UINT64_MAX: none at all. */
uint64_t kernel_policy_next(const struct kernel *k);
/* The OS flushes the TLB: all of it, what it holds for process p, or one page of p. */
void kernel_flush_begin(struct kernel *k, enum flush_scope scope, proc_t p, vaddr_t va);
void kernel_switch_begin(struct kernel *k, proc_t to);
/* After a loading access, where the machine loads pages unreferenced. */
void kernel_clear_reference_begin(struct kernel *k, frame_t f);
static inline bool kernel_busy(const struct kernel *k) { return k->latch.phase != OS_IDLE; }
/* One micro-step; fills *e. */
enum vs_status kernel_step(struct kernel *k, struct event *e);
/* All micro-steps of the request under way, which nobody watches: `count` is called for events whose kind is in `counted`
 * alone, and of these only kind, fault, order, who, slot and `written` are told. *e is where they are made. */
typedef void kernel_counter(void *whose, const struct event *e);
enum vs_status kernel_serve(struct kernel *k, struct event *e, kernel_counter *count, void *whose, const bool counted[EV_COUNT]);
enum vs_status kernel_set_policy(struct kernel *k, const struct policy_ops *ops);

/* The policy that looks after the pages of process p. */
static inline struct policy *policy_of(const struct kernel *k, proc_t p) { return k->policy[k->policy_count > 1 ? p : 0]; }
/* A completed reference to a page in frame f (hit or restarted). */
static inline void kernel_referenced(struct kernel *k, frame_t f, enum access_kind op, uint32_t next_use) {
    struct frame *frame = &k->frame[f];
    if (!paging_has(k->hw->format, PTE_A)) frame->flags |= FRAME_R;
    if (op == ACCESS_WRITE && !paging_has(k->hw->format, PTE_D)) frame->flags |= FRAME_D;
    struct policy *p = policy_of(k, frame->owner.proc);
    if (policy_ops(p)->on_access) policy_ops(p)->on_access(p, f, k->now, next_use);
}
/* The frame that holds this page of a process now, its own or its program's shared text; FRAME_NONE: none. */
frame_t kernel_frame_of(const struct kernel *k, proc_t p, vpn_t vpn);
/* OPT alone: the page in frame f is not used now as foreseen, but next at next_use. */
void kernel_foresee(struct kernel *k, frame_t f, uint32_t next_use);

/* ---- looking ---- */
const struct vma *vma_by_name(const struct process *p, const char *name);

/* Index of the first region that ends beyond vpn. */
static inline uint32_t region_after(const struct process *p, vpn_t vpn) {
    uint32_t low = 0, high = p->vma_count;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (p->vma[mid].end <= vpn) low = mid + 1;
        else high = mid;
    }
    return low;
}

/* The region that holds vpn, or NULL. */
static inline const struct vma *vma_find(const struct process *p, vpn_t vpn) {
    uint32_t i = region_after(p, vpn);
    return i < p->vma_count && p->vma[i].first <= vpn ? &p->vma[i] : NULL;
}

#define KERNEL_IMAGE_PAGES 4u /* of the kernel itself, mapped at the start of kernel space */

/* vpn in first..end-1. */
static inline enum page_state vma_page_state(const struct vma *v, vpn_t vpn) {
    if (v->kind == VMA_KERNEL) return vpn - v->first < KERNEL_IMAGE_PAGES ? PAGE_RESIDENT : PAGE_UNTOUCHED;
    return (enum page_state)v->state[vpn - v->floor];
}

/* Frame or slot. */
static inline uint32_t vma_page_where(const struct vma *v, vpn_t vpn) {
    return v->kind == VMA_KERNEL ? FRAME_NONE : v->where[vpn - v->floor];
}

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
