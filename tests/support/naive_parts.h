/* naive_parts.h - what the files of the second machine share; see naive.h.
 *
 *   naive.c          steps, translations, the fault handler
 *   naive_memory.c   pages and their bytes, page tables, TLB
 *   naive_victims.c  frames, and who leaves
 *
 * Invariant: a page is in a frame exactly when its `where` says so, and what a
 * frame holds is found by looking for pages that name it.
 */
#ifndef VMSCOPE_TESTS_NAIVE_PARTS_H
#define VMSCOPE_TESTS_NAIVE_PARTS_H

#include "naive.h"

#define NV_REGIONS   256
#define NV_PROCESSES 8

struct region {
    vpn_t first, end, floor;
    unsigned perms;
    bool stack, file, kernel;
    uint32_t file_page;
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
    uint64_t mapped; /* when it got its frame: the first mapping names the frame */
    bool has_slot;   /* a slot is set aside for it; valid while the page is clean */
    bool dirty;
    bool own; /* has bytes of its own: no longer the file's */
    struct cell cell;
};

struct frame_view {
    bool used, referenced;
    uint64_t loaded, last, count;
};

struct tlb_line {
    bool valid, dirty;
    asid_t asid;
    vpn_t vpn;
    unsigned perms;
    uint64_t stamp;
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
    struct frame_view *frame;
    struct tlb_line *tlb;
    struct table *table;
    size_t tables, table_cap;
    struct ref *ref; /* all translations of all steps, for OPT */
    size_t refs, ref_cap, ref_now;
    uint32_t slots_used;
    uint64_t clock; /* one tick for whatever needs an order */
    frame_t hand[NV_PROCESSES];
    struct counters count;
    bool undefined;
    const struct naive_seen *seen;
    unsigned victims_seen, ways_seen;
    const char *impossible;
};

static inline unsigned nv_page_bytes(const struct naive *n) { return 1u << n->config->format.page_shift; }
static inline bool nv_has_perms(const struct naive *n) { return n->config->format.flag_bit[PTE_R] >= 0; }
static inline bool nv_has_dirty(const struct naive *n) { return n->config->format.flag_bit[PTE_D] >= 0; }
static inline bool nv_has_asids(const struct naive *n) { return n->config->tlb.asid; }
static inline bool nv_policy_is(const struct naive *n, const char *name) {
    return !strcmp(n->config->policy.name, name);
}
static inline bool nv_local(const struct naive *n) { return n->config->scope == SCOPE_LOCAL; }

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
void nv_make_tables(struct naive *n, proc_t p, vpn_t vpn);
void nv_count_walk(struct naive *n, proc_t p, vpn_t vpn);
asid_t nv_tlb_asid(const struct naive *n, proc_t p);
struct tlb_line *nv_tlb_line_of(const struct naive *n, vpn_t vpn, asid_t asid);
void nv_tlb_drop_page(struct naive *n, proc_t p, vpn_t vpn);
void nv_tlb_fill(struct naive *n, proc_t p, vpn_t vpn, unsigned perms, bool dirty);
struct page *nv_first_mapping(const struct naive *n, frame_t f);
uint32_t nv_held_by(const struct naive *n, proc_t p);
frame_t nv_lowest_free(const struct naive *n);
bool nv_refers_to(const struct naive *n, const struct ref *r, frame_t f);
void nv_clear_referenced(struct naive *n, frame_t f);
frame_t nv_choose_victim(struct naive *n, proc_t p);
void nv_evict(struct naive *n, frame_t f, struct naive_translation *t);
void nv_page_leaves(struct naive *n, struct page *g);

#endif
