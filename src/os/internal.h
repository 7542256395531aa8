/* internal.h - what the files of src/os share among themselves.
 *
 *   config.c     is such a machine possible?           pagetable.c  tables as words in RAM
 *   process.c    regions of an address space           fault.c      the page-fault handler
 *   frame.c      frames, owners, reverse map           refill.c     the TLB-refill handler
 *   swap.c       slots                                 evict.c      making room
 *   fork.c       a copy of a process                   exit.c       the end of one
 *   shape_*.c    trees, hashed, segments               huge.c       huge pages
 *   fill.c       a page's bytes                        map.c        and its PTE
 *   cache.c      files, the page cache                 region.c     cutting and joining regions
 *   call*.c      mmap, brk, mprotect...                exec.c       another program
 *   check.c      the invariants, for tests             equal.c      are two kernels the same?
 *   kernel.c     life, switch, exit                    unasked.c    what policies do besides finding victims
 */
#ifndef VMSCOPE_OS_INTERNAL_H
#define VMSCOPE_OS_INTERNAL_H

#include "hw/ram_state.h"
#include "vmscope/os/kernel.h"

#define TABLE_PAGES_MAX 65536u    /* RAM reserved for page tables, at most */
#define FILE_PAGES_MAX (1u << 26) /* pages of a program's file */
#define RMAP_END UINT32_MAX
#define SEGMENT_TABLE_BYTES 64u  /* descriptors of one process: 4 of 16 bytes */

/* A function of the table that kernel_step works through. */
typedef enum vs_status os_action(struct kernel *k, struct event *e);

/* config.c */
asid_t config_asids(const struct machine_config *c);         /* how many processes they can tell apart */
bool config_has_kernel(const struct machine_config *c); /* has any layout kernel space? */

/* process.c */
enum vs_status process_build(struct kernel *k, proc_t p);
enum vs_status process_regions(struct kernel *k, proc_t p); /* those of its image */
void process_forget(struct process *p);                     /* regions and names */
void process_first_shares(struct kernel *k);
void process_shares(struct kernel *k);                      /* scope local: in proportion to size, as it is now */
proc_t process_next(const struct kernel *k, proc_t p);      /* that may run after p; PROC_NONE: none */
enum vs_status process_remember(struct process *p, uint16_t name, vpn_t first, vpn_t pages);
void process_renamed(struct process *p, vpn_t from, vpn_t first, vpn_t pages);
size_t vma_pages(const struct vma *v); /* places that it keeps */
bool vma_alloc(struct vma *v);
void vma_release(struct vma *v);
struct process *process_copy_all(const struct process *from, uint32_t count);
void process_free_all(struct process *p, uint32_t count);
static inline struct vma *process_find(struct process *p, vpn_t vpn) {
    uint32_t i = region_after(p, vpn);
    return i < p->vma_count && p->vma[i].first <= vpn ? &p->vma[i] : NULL;
}
/* The stack whose growth room holds vpn, or NULL. */
struct vma *process_growable(struct process *p, vpn_t vpn);
/* A copy of a process with the same regions, none of whose pages is anywhere yet. */
enum vs_status process_fork(struct process *to, const struct process *from);
static inline void vma_set(struct vma *v, vpn_t vpn, enum page_state state, uint32_t where) {
    v->state[vpn - v->floor] = (uint8_t)state;
    v->where[vpn - v->floor] = where;
}

/* Drop a page's TLB entries, if the TLB can hold any of that process. Returns how many. */
uint32_t tlb_forget(struct kernel *k, proc_t p, vpn_t vpn);

/* region.c */
enum vs_status region_insert(struct process *p, uint32_t at, const struct vma *v); /* its pages are nowhere yet */
void region_remove(struct process *p, uint32_t at);
bool region_resize(struct vma *v, vpn_t floor, vpn_t first, vpn_t end); /* false: no memory */
uint32_t region_cuts(const struct process *p, vpn_t first, vpn_t end);
uint32_t region_left(const struct process *p, vpn_t first, vpn_t end);
enum vs_status region_cut(struct process *p, vpn_t at, bool *cut);      /* the region that holds at-1 and at */
enum vs_status region_join(struct process *p, vpn_t first, vpn_t end, uint32_t *joined); /* those in and next to first..end */
vpn_t region_user_end(const struct kernel *k, const struct process *p);
vpn_t region_hole(const struct kernel *k, const struct process *p, uint64_t pages); /* 0: there is none */
bool region_raw(const struct kernel *k, proc_t p, vpn_t first, vpn_t end);
bool region_free(const struct kernel *k, const struct process *p, vpn_t first, vpn_t end, const struct vma *but);
uint64_t region_pages(const struct kernel *k); /* of all processes */
/* A one-page anonymous region for vpn, joined to a neighbour of the same name. */
enum vs_status process_map_page(struct process *p, vpn_t vpn, const char *name, struct vma **out);

/* cache.c */
uint16_t file_find(const struct kernel *k, const char *name); /* FILE_NONE: none of that name */
bool file_possible(const struct kernel *k); /* one more */
uint64_t file_pages(const struct kernel *k); /* of all of them */
enum vs_status file_make(struct kernel *k, const char *name, bool memory, uint16_t *out);
enum vs_status file_reach(struct kernel *k, uint16_t file, uint64_t pages); /* it has at least so many */
struct content file_content(const struct kernel *k, uint16_t file, uint32_t page); /* on disk; one more owner */
void files_free(struct kernel *k);
bool files_copy(struct kernel *to, const struct kernel *from);
bool files_equal(const struct kernel *a, const struct kernel *b);
uint32_t vma_file_page(const struct vma *v, vpn_t vpn);
bool cache_serves(const struct kernel *k, const struct vma *v); /* do its pages come through the cache? */
frame_t cache_frame(const struct kernel *k, const struct vma *v, vpn_t vpn); /* FRAME_NONE: not there */
slot_t cache_slot(const struct kernel *k, const struct vma *v, vpn_t vpn);   /* of shared memory */
void cache_put(struct kernel *k, frame_t f, uint16_t file, uint32_t page);
void cache_drop(struct kernel *k, frame_t f);
static inline void cache_leave(struct kernel *k, frame_t f) {
    if (k->frame[f].flags & FRAME_FILE) cache_drop(k, f);
}
enum vs_status cache_write_back(struct kernel *k, frame_t f);
enum vs_status cache_swap_out(struct kernel *k, frame_t f, slot_t s);
proc_t cache_user(const struct kernel *k, frame_t f, vpn_t *vpn); /* one whose region has the page in frame f */
uint32_t cache_release(struct kernel *k, frame_t f);
uint32_t cache_forget(struct kernel *k, uint16_t file);

/* frame.c */
void frame_idle(struct kernel *k, frame_t f); /* a cache keeps it */
void frame_busy(struct kernel *k, frame_t f); /* it does no longer */
void frame_write_protect(struct kernel *k, frame_t f);
void frame_clear_dirty(struct kernel *k, frame_t f);
void frame_keep_slot(struct kernel *k, frame_t f, slot_t s); /* its bytes are those of slot s */
void frame_forget_slot(struct kernel *k, frame_t f);
void frame_pin(struct kernel *k, frame_t f); /* or unpin: as the regions that map it say */
void frame_moved(struct kernel *k, frame_t f, proc_t p, vpn_t from, vpn_t to, paddr_t pte_addr);
frame_t frame_lowest_free(struct kernel *k); /* FRAME_NONE: none */
frame_t frame_lowest_run(const struct kernel *k, uint32_t count, uint32_t align); /* free, side by side; FRAME_NONE */
static inline void frame_take(struct kernel *k, frame_t f) { /* mark used */
    struct frame *frame = &k->frame[f];
    if (frame->flags & FRAME_IDLE) frame_busy(k, f);
    if (!(frame->flags & FRAME_USED)) k->frames_free--;
    *frame = (struct frame){.owner = {.proc = PROC_NONE, .next = RMAP_END}, .slot = SLOT_NONE, .flags = FRAME_USED};
}
void frame_release(struct kernel *k, frame_t f);
enum vs_status frame_add_owner(struct kernel *k, frame_t f, proc_t p, vpn_t vpn, paddr_t pte_addr, unsigned order);
void frame_remove_owner(struct kernel *k, frame_t f, proc_t p, vpn_t vpn);
void frame_clear_referenced(struct kernel *k, frame_t f);
static inline struct page_id page_of_process(proc_t p, vpn_t vpn) { return (struct page_id){.page = vpn, .space = p}; }
struct page_id frame_page(const struct kernel *k, frame_t f); /* who is in it: a page of a shared file, or the owner's */
void frame_loaded(struct kernel *k, frame_t f);               /* its owner's policy is told */

/* swap.c */
static inline bool swap_has_room(const struct kernel *k) { return k->slots_used < k->config->swap_slots; }
enum vs_status swap_take(struct kernel *k, proc_t p, vpn_t vpn, slot_t *out); /* the lowest free slot, without a user yet */
/* The swap cache: a frame in memory that still equals the slot; FRAME_NONE: none. */
static inline frame_t swap_cached(const struct kernel *k, slot_t s) {
    frame_t f = k->slot[s].frame;
    return f != FRAME_NONE && !frame_dirty(k, f) ? f : FRAME_NONE;
}
static inline void swap_ref(struct kernel *k, slot_t s) { k->slot[s].refs++; } /* one user more */
void swap_free(struct kernel *k, slot_t s);
static inline void swap_drop(struct kernel *k, slot_t s) { /* one less; the last one frees it */
    if (--k->slot[s].refs == 0) swap_free(k, s);
}

/* How the kernel keeps its translations in one shape of paging: a file a shape, one table of
 * them in pagetable.c. Leaf words are made by pte_for, the same for every shape. */
struct shape_ops {
    /* Once, before the processes: what the machine has one of. May be NULL. */
    enum vs_status (*begin)(struct kernel *k);
    /* A process's root and whatever is mapped before its first step (kernel space; segments). */
    enum vs_status (*create)(struct kernel *k, proc_t p);
    struct pte_at (*at)(const struct kernel *k, proc_t p, vpn_t vpn);
    /* Must a table be made before a leaf at `level` can be written? */
    bool (*missing)(const struct kernel *k, proc_t p, vpn_t vpn, unsigned level);
    /* Make the next one of them; *e (may be NULL) tells it. VS_LIMIT: no RAM is left for it. */
    enum vs_status (*make_next)(struct kernel *k, proc_t p, vpn_t vpn, struct event *e);
    /* Where a leaf at `level` for vpn in frame f will stand (no table is missing). */
    paddr_t (*leaf_addr)(const struct kernel *k, proc_t p, vpn_t vpn, frame_t f, unsigned level);
    enum vs_status (*install)(struct kernel *k, proc_t p, vpn_t vpn, paddr_t addr, uint64_t word);
    /* The leaf at addr maps nothing any more. */
    enum vs_status (*remove)(struct kernel *k, proc_t p, vpn_t vpn, paddr_t addr);
    /* Give back the tables of a process that has ended. NULL: it had none of its own. */
    void (*destroy)(struct kernel *k, proc_t p);
    uint64_t (*table_bytes)(const struct kernel *k, proc_t p); /* in RAM now, for this process */
    bool shares;   /* two processes may map one frame */
    bool eager;    /* everything is mapped at the start, and nothing ever leaves */
};
extern const struct shape_ops shape_tree, shape_hashed, shape_segments;
static inline const struct shape_ops *table_shape(const struct kernel *k) {
    static const struct shape_ops *const shape[] = {
        [SHAPE_TREE] = &shape_tree, [SHAPE_HASHED] = &shape_hashed, [SHAPE_SEGMENTS] = &shape_segments};
    return shape[k->hw->format->shape];
}
/* RAM pages that this shape needs for its tables: at least, and at most. Before anything is built. */
uint64_t shape_pages_least(const struct machine_config *c);
uint64_t shape_pages_most(const struct machine_config *c);
/* shape_segments.c: do the segments fit the address space and, whole, the frames? */
bool segments_possible(const struct machine_config *c, struct diag *why);

/* pagetable.c: what all shapes share */
enum vs_status table_take(struct kernel *k, uint64_t bytes, paddr_t *out); /* whole pages; VS_LIMIT: none left */
bool table_possible(const struct kernel *k, uint64_t bytes); /* of the kernel's own pages */
void table_give(struct kernel *k, paddr_t table, uint64_t bytes); /* zeroed, to be taken again */
unsigned pte_perm_flags(unsigned perms);
uint64_t pte_for(const struct kernel *k, const struct vma *v, pfn_t f, unsigned level, unsigned more_flags);
static inline enum vs_status pte_store(struct kernel *k, paddr_t addr, uint64_t word) {
    enum vs_status s = ram_set_word(k->hw->ram, addr, k->hw->format->pte_bytes, word);
    if (s != VS_OK) k->status = s; /* also where the caller cannot say so: kernel_step reports it */
    return s;
}
static inline uint64_t pte_load(const struct kernel *k, paddr_t addr) {
    return ram_word(k->hw->ram, addr, k->hw->format->pte_bytes);
}
unsigned level_of_huge(const struct paging_format *f, unsigned order);
static inline unsigned level_of_order(const struct paging_format *f, unsigned order) { /* its leaves map 2^order pages */
    return order ? level_of_huge(f, order) : 0;
}

/* map.c */
bool map_tables_missing(const struct kernel *k); /* for the page of the fault under way */
bool map_watches_writes(const struct kernel *k, const struct vma *v); /* is a clean page of it mapped without W? */

/* fault.c */
void fault_needs(struct kernel *k); /* latches what a fault that was classified does next */
/* What a page holds before its first write: its file's bytes, or zeros. */
struct content page_first_content(const struct kernel *k, const struct vma *v, vpn_t vpn);
os_action fault_find_region, fault_signal, fault_fill, fault_tables, fault_write_pte, fault_return,
    fault_clear_reference, fault_set_bits, fault_cow_reuse;

/* evict.c */
os_action evict_find_frame, evict_unmap, evict_save, evict_out_of_memory, evict_reclaim, evict_suspend, evict_resume;

struct policy_env evict_env(struct kernel *k, const char **told); /* what a policy may ask and do */
bool evict_can_leave(void *os, frame_t f); /* as far as it depends on the frame */
bool frame_has_own_slot(const struct kernel *k, frame_t f);
bool frame_is_of_file(const struct kernel *k, frame_t f); /* which may always go back to it */
void evict_tell_owner(const struct kernel *k, struct event *e, frame_t f);
enum vs_status evict_latch_victim(struct kernel *k, struct event *e, frame_t f);
enum vs_status evict_pass(struct kernel *k, struct event *e, frame_t f, const char *told); /* the policy passed it */

/* unasked.c */
os_action unasked_tick, unasked_leave, unasked_write;
bool unasked_tick_due(const struct kernel *k);
void unasked_clock_set(struct kernel *k); /* a policy begins: which ticks are past? */
bool unasked_leaver(struct kernel *k, proc_t *of); /* does a page leave now? By which process's policy? */
enum vs_status unasked_leave_at_fault(struct kernel *k, struct event *e); /* of a policy that does; VS_LIMIT: nothing to tell */
enum vs_status unasked_write_begin(struct kernel *k, struct event *e, frame_t f);

/* Fill *e with region v. */
void fault_tell_region(const struct kernel *k, struct event *e, enum event_kind kind, const struct vma *v);

/* call.c */
os_action call_step;
void call_page_latch(struct kernel *k, vpn_t vpn, enum access_kind op); /* a fresh latch for one page of the call */

/* fork.c */
os_action fork_process, fork_region, fork_tlb, fork_undo;

/* exit.c */
os_action exit_process;
uint32_t page_drop(struct kernel *k, proc_t p, struct vma *v, vpn_t vpn); /* a resident one; frames freed: 0 or 1 */
uint32_t page_forget(struct kernel *k, proc_t p, struct vma *v, vpn_t vpn); /* wherever it is; frames freed */
void page_ghost_forget(struct kernel *k, proc_t p, vpn_t vpn, enum page_state state);
uint32_t process_end(struct kernel *k, proc_t p); /* everything comes back; frames freed */

/* check_pages.c */
const char *check_pages(const struct kernel *k); /* a part of kernel_inconsistency */

/* huge.c */
/* One level of the huge leaf that maps this page becomes a table; *e (may be NULL) tells it. VS_LIMIT: no RAM for it. */
enum vs_status huge_split_page(struct kernel *k, proc_t p, vpn_t vpn, struct event *e);
bool huge_can_split(const struct kernel *k, unsigned order); /* is there RAM for the tables? */
bool huge_possible(const struct kernel *k, const struct vma *v); /* for the page of the fault under way, in a region of huge ones */
static inline bool huge_wanted(const struct kernel *k, const struct vma *v) { return v && v->order && huge_possible(k, v); }
os_action huge_find_frames, huge_split;

/* refill.c */
os_action refill_walk, refill_bits, refill_tlb;

/* A latch for a new task, about address va of process p: nothing is chosen yet. */
void os_latch_begin(struct kernel *k, enum os_phase phase, proc_t p, vaddr_t va);
/* Begin to tell an event of that kind. Where nobody hears it, what counters are made of must do. */
void os_event_whole(const struct kernel *k, struct event *e, enum event_kind kind);
static inline void os_event(const struct kernel *k, struct event *e, enum event_kind kind) {
    if (!k->unheard) {
        os_event_whole(k, e, kind);
        return;
    }
    e->kind = (uint8_t)kind;
    e->fault = (uint8_t)k->latch.fault;
    e->order = k->latch.order;
    e->proc = k->latch.proc;
    e->old_proc = PROC_NONE;
    e->slot = SLOT_NONE;
    e->count = e->written = 0;
}
uint64_t os_tell_word(const struct kernel *k, paddr_t addr); /* the PTE there, for an event; unheard: 0 */

#endif
