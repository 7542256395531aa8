/* naive_parts.h - what the files of the second machine share; see naive.h.
 *
 *   naive.c            steps, life, looking at it
 *   naive_translate.c  what the hardware does: TLB, walk, permissions, A and D
 *   naive_fault.c      what the operating system does about a fault
 *   naive_memory.c     pages and their bytes, page tables, huge pages
 *   naive_tlb.c        the TLBs as lists
 *   naive_victims.c    frames, and who leaves
 *   naive_lists.c      policies with lists of pages, and ghosts
 *   naive_clock_pro.c  likewise CLOCK_PRO, LINUX and MGLRU
 *
 * Invariant: a page is in a frame exactly when its `where` says so, and what a
 * frame holds is found by looking for pages that name it. Pages that one leaf
 * PTE maps (a huge page) have the same order and agree in A and D.
 */
#ifndef VMSCOPE_TESTS_NAIVE_PARTS_H
#define VMSCOPE_TESTS_NAIVE_PARTS_H

#include "naive.h"

#define NV_REGIONS     256
#define NV_PROCESSES   8
#define NV_IMAGE_PAGES 4 /* of the kernel itself, mapped where kernel space begins */

struct region {
    vpn_t first, end, floor;
    unsigned perms;
    bool stack, file, kernel;
    uint32_t file_page;
    unsigned order; /* huge pages of 2^order pages are wanted; 0: none */
};

struct process_view {
    struct region region[NV_REGIONS];
    unsigned regions;
    const char *program;
    asid_t asid;
    uint32_t quota;
    bool alive;
};

struct cell { /* the bytes of a page, and which of them are known */
    uint8_t *bytes, *known;
};

struct file_page {
    const char *program;
    uint32_t page;
    struct cell cell;
};

struct page {
    proc_t proc;
    vpn_t vpn;
    enum page_state where;
    frame_t frame;
    unsigned order;       /* its leaf PTE maps 2^order pages */
    uint64_t mapped;      /* when it got its frame: the first mapping names the frame */
    bool has_slot;        /* a slot is set aside for it; valid while the page is clean */
    bool accessed, dirty; /* A and D of its PTE (dirty also where the format has no D) */
    bool own;             /* has bytes of its own: no longer the file's */
    struct cell cell;
};

struct frame_view {
    bool used;
    bool referenced; /* for formats whose PTE has no A */
    uint64_t loaded, last, count;
    uint64_t ticks; /* AGING's counter */
    uint64_t freq;  /* S3-FIFO's count */
    uint64_t hist[POLICY_K_MAX]; /* LRU-K: 1 + numbers of the last references, the last one first */
    uint64_t ref;   /* number of its last reference */
    uint64_t stamp; /* WSCLOCK: the reference at which it was last seen in use */
};

#define NV_FRAMES 64

struct nv_key { /* a page, wherever it is */
    const char *program; /* NULL: of a process */
    proc_t proc;
    uint64_t page;
    uint64_t value; /* a ghost's */
    uint64_t hist[POLICY_K_MAX]; /* likewise: LRU-K's last references */
};

#define NV_CLOCK (2 * NV_FRAMES + 2)

struct nv_clock_page {
    frame_t frame; /* FRAME_NONE: it left */
    int state;
    struct nv_key key; /* of one that left */
};

struct nv_clock { /* CLOCK-Pro's */
    struct nv_clock_page page[NV_CLOCK];
    unsigned count, hand[3];
    uint32_t mc;
};

struct nv_order { /* what a policy with lists knows: the oldest first */
    frame_t frame[2][NV_FRAMES];
    unsigned count[2];
    struct nv_key ghost[2][2 * NV_FRAMES + 1];
    unsigned ghosts[2];
    struct nv_clock clock;
    uint64_t age; /* LINUX: evictions and activations; MGLRU: generations begun */
    uint32_t p; /* ARC's and CAR's target for the first list */
    bool chosen; /* ARC: a victim was chosen for the wanted page */
    bool known; /* the wanted page was a ghost when its victim was chosen */
};

struct tlb_line {
    bool valid, dirty, global;
    asid_t asid;
    vpn_t vpn; /* of the first page that it covers */
    unsigned order, perms;
    uint64_t stamp;
};

struct tlb_view {
    const struct tlb_config *config;
    struct tlb_line *line; /* [entries], set by set */
    bool *right;           /* PLRU: [sets][ways], is the right half of node i the next to leave? */
};

struct table { /* a page table below the root that exists */
    proc_t proc;
    unsigned level;
    vpn_t prefix;
};

struct ref {
    proc_t proc;
    vpn_t vpn;
    size_t step;
};

struct naive {
    const struct machine_config *config;
    const struct step *steps;
    size_t step_count, at;
    struct process_view process[NV_PROCESSES];
    proc_t running;
    struct page *page;
    size_t pages, page_cap;
    struct file_page *file;
    size_t files, file_cap;
    struct cell image[NV_IMAGE_PAGES]; /* bytes of the kernel itself */
    pfn_t image_at;
    struct frame_view *frame;
    struct tlb_view tlb[TLB_UNITS];
    struct table *table;
    size_t tables, table_cap;
    struct ref *ref; /* all translations of all steps, for OPT */
    size_t refs, ref_cap, ref_now;
    uint32_t slots_used;
    uint64_t clock; /* one tick for whatever needs an order */
    frame_t hand[NV_PROCESSES];
    struct nv_key wanted;                /* the page that a frame is looked for */
    struct nv_order order[NV_PROCESSES]; /* [0] under scope global */
    uint64_t ticks; /* of the clock, so far */
    uint64_t sieve[NV_PROCESSES]; /* SIEVE: its hand stands at the first page loaded then or later; 0: at the oldest */
    uint64_t fault[NV_PROCESSES]; /* PFF: 1 + number of the reference that faulted last */
    struct counters count;
    bool undefined;
    const struct naive_seen *seen;
    unsigned victims_seen, ways_seen;
    const char *impossible;
};

/* One translation under way. */
struct attempt {
    const struct step *step;
    struct naive_translation *t;
    vpn_t vpn;
    bool kernel; /* the kernel's own access */
    bool again;  /* restarted after a trap */
    bool loaded; /* the page was put into a frame for it */
};

/* Why the hardware stopped. */
enum nv_cause { NV_DONE, NV_NOT_THERE, NV_DENIED, NV_BITS };

static inline const struct paging_format *nv_format(const struct naive *n) { return &n->config->format; }
static inline unsigned nv_page_bytes(const struct naive *n) { return 1u << nv_format(n)->page_shift; }
static inline bool nv_has(const struct naive *n, enum pte_flag flag) {
    return nv_format(n)->flag_bit[flag] >= 0;
}
static inline bool nv_hardware_sets_bits(const struct naive *n) { return nv_format(n)->hardware_ad; }
static inline bool nv_policy_is(const struct naive *n, const char *name) {
    return !strcmp(n->config->policy.name, name);
}
static inline bool nv_format_is(const struct naive *n, const char *name) {
    return !strncmp(nv_format(n)->name, name, strlen(name));
}
static inline bool nv_local(const struct naive *n) { return n->config->scope == SCOPE_LOCAL; }
static inline bool nv_has_tlb(const struct naive *n, enum tlb_unit u) {
    return n->tlb[u].config->entries > 0;
}

void *nv_more(void *array, size_t used, size_t *cap, size_t size);
struct cell nv_cell_new(const struct naive *n, bool zeros);
void nv_cell_free(struct cell *c);
struct region *nv_find_region(const struct naive *n, proc_t p, vpn_t vpn);
struct region *nv_find_growing(struct naive *n, proc_t p, vpn_t vpn);
struct page *nv_find_page(const struct naive *n, proc_t p, vpn_t vpn);
bool nv_is_shared(const struct naive *n, const struct region *r);
uint32_t nv_file_page_of(const struct region *r, vpn_t vpn);
struct page *nv_page_make(struct naive *n, proc_t p, vpn_t vpn);
struct cell *nv_page_cell(struct naive *n, struct page *g);
/* The kernel image's page that stands at vpn: 0.., or -1. */
int nv_image_page(const struct naive *n, proc_t p, vpn_t vpn);
void nv_touch_leaf(struct naive *n, struct page *g, bool dirty);
void nv_forget_leaf(struct naive *n, struct page *g); /* A=0 */
bool nv_huge_wanted(const struct naive *n, proc_t p, vpn_t vpn);
void nv_split(struct naive *n, struct page *g);
void nv_make_tables(struct naive *n, proc_t p, vpn_t vpn, unsigned order);
void nv_count_walk(struct naive *n, proc_t p, vpn_t vpn);

struct tlb_line *nv_tlb_find(const struct naive *n, enum tlb_unit u, vpn_t vpn, asid_t asid);
void nv_tlb_use(struct naive *n, enum tlb_unit u, struct tlb_line *l);
void nv_tlb_fill(struct naive *n, enum tlb_unit u, struct tlb_line entry);
void nv_tlb_drop_page(struct naive *n, proc_t p, vpn_t vpn);
void nv_tlb_drop_process(struct naive *n, proc_t p);
void nv_tlb_drop_all(struct naive *n, bool globals_too);

struct page *nv_first_mapping(const struct naive *n, frame_t f);
uint32_t nv_held_by(const struct naive *n, proc_t p);
frame_t nv_lowest_free(const struct naive *n);
frame_t nv_lowest_run(const struct naive *n, uint32_t count);
bool nv_refers_to(const struct naive *n, const struct ref *r, frame_t f);
void nv_clear_referenced(struct naive *n, frame_t f);
frame_t nv_choose_victim(struct naive *n, proc_t p);
bool nv_loads_unreferenced(const struct naive *n);
bool nv_is_referenced(const struct naive *n, frame_t f);
bool nv_may_leave(const struct naive *n, frame_t f, proc_t p);
bool nv_has_lists(const struct naive *n);
struct nv_key nv_key(const struct naive *n, proc_t p, vpn_t vpn);
void nv_lists_loaded(struct naive *n, frame_t f);
void nv_lists_used(struct naive *n, frame_t f);
void nv_lists_left(struct naive *n, frame_t f);
frame_t nv_lists_victim(struct naive *n, proc_t p);
void nv_tick(struct naive *n);
void nv_let_old_go(struct naive *n);            /* WORKING_SET */
void nv_let_unused_go(struct naive *n, proc_t p); /* PFF, at a fault of p */
void nv_evict(struct naive *n, frame_t f, struct naive_translation *t);
void nv_page_leaves(struct naive *n, struct page *g);

/* True when the access got through. */
bool nv_translate(struct naive *n, struct attempt *a);
/* True when the access is to be restarted. */
bool nv_handle_fault(struct naive *n, struct attempt *a, enum nv_cause cause);
bool nv_exists(const struct naive *n, vaddr_t va);

#endif
