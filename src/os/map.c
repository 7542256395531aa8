/* map.c - the page's PTE: tables on the way to it, the word itself, and the return.
 *
 * A private page gets W only when nobody else can see its frame: not the page of
 * zeros, not the page cache's, not one that several map.
 */
#include "os/internal.h"

static unsigned leaf_level(const struct kernel *k) { return level_of_order(k->hw->format, k->latch.order); }

bool map_tables_missing(const struct kernel *k) {
    const struct os_latch *l = &k->latch;
    return l->pte_addr == PTE_NOWHERE && table_shape(k)->missing(k, l->proc, l->vpn, leaf_level(k));
}

/* Where its PTE is to stand. */
static paddr_t leaf_addr(const struct kernel *k) {
    const struct os_latch *l = &k->latch;
    return l->pte_addr != PTE_NOWHERE ? l->pte_addr : table_shape(k)->leaf_addr(k, l->proc, l->vpn, l->frame, leaf_level(k));
}

/* ---- tables ---- */

/* The frame that the page was to have goes back; or stays in a cache, if it holds what others may need. */
static void give_up_frame(struct kernel *k) {
    struct os_latch *l = &k->latch;
    if (l->frame == FRAME_NONE || k->frame[l->frame].shares > 0 || (k->frame[l->frame].flags & FRAME_IDLE)) return;
    for (uint32_t i = 0; i < 1u << l->order; i++) cache_release(k, l->frame + i);
}

/* Page tables ran out of RAM: give the frame back, end the process. */
static enum vs_status no_table(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    give_up_frame(k);
    l->fault = FAULT_OOM;
    os_event(k, e, EV_OOM);
    e->why = WHY_TABLE;
    l->phase = OS_END_PROCESS;
    return VS_OK;
}

enum vs_status fault_tables(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    os_event(k, e, EV_TABLE_NEW);
    enum vs_status s = table_shape(k)->make_next(k, l->proc, l->vpn, e);
    if (s == VS_LIMIT) return no_table(k, e);
    if (l->for_table) fault_needs(k); /* the page's own frame comes after its tables' */
    else if (!map_tables_missing(k)) l->phase = OS_WRITE_PTE;
    return s;
}

/* ---- the PTE ---- */

/* The page that was shared has its own frame now: it leaves the other, if it was mapped there. */
static void leave_shared(struct kernel *k, const struct vma *v) {
    struct os_latch *l = &k->latch;
    frame_t from = l->cow_from;
    l->cow_from = FRAME_NONE;
    if (vma_page_state(v, l->vpn) == PAGE_ZERO) tlb_forget(k, l->proc, l->vpn);
    if (from == FRAME_NONE || vma_page_state(v, l->vpn) != PAGE_RESIDENT || vma_page_where(v, l->vpn) != from) return;
    struct policy *policy = policy_of(k, k->frame[from].owner.proc);
    frame_remove_owner(k, from, l->proc, l->vpn);
    k->process[l->proc].resident--;
    tlb_forget(k, l->proc, l->vpn);
    frame_pin(k, from);
    if (k->frame[from].shares > 0) return;
    policy_ops(policy)->on_free(policy, from, NULL); /* only the page cache had it besides */
    cache_release(k, from);
}

/* Bits for the access that waits: hardware will set them itself; where it does not, they come
 * with the PTE, which saves the second fault. */
static unsigned bits_for_access(const struct kernel *k) {
    unsigned bits = PTE_BIT(PTE_A) | (k->latch.op == ACCESS_WRITE ? PTE_BIT(PTE_D) : 0);
    return k->hw->format->hardware_ad ? 0 : bits & paging_flags(k->hw->format);
}

/* Page vpn is in frame f from now on, by the PTE at addr. */
static enum vs_status own_frame(struct kernel *k, struct vma *v, vpn_t vpn, frame_t f, paddr_t addr) {
    const struct os_latch *l = &k->latch;
    const struct frame *frame = &k->frame[f];
    bool first_mapping = frame->shares == 0;
    enum vs_status s = frame_add_owner(k, f, l->proc, vpn, addr, l->order);
    if (s != VS_OK) return s;
    if (vma_page_state(v, vpn) == PAGE_SWAPPED) swap_drop(k, vma_page_where(v, vpn));
    vma_set(v, vpn, PAGE_RESIDENT, f);
    k->process[l->proc].resident++;
    if (first_mapping) frame_loaded(k, f);
    if (v->locked) frame_pin(k, f);
    if (v->file != FILE_NONE && !(frame->flags & FRAME_FILE)) v->own_pages = true;
    return VS_OK;
}

/* Linux wants to know which pages of a shared file are dirty: each gets its W with its first write. */
bool map_watches_writes(const struct kernel *k, const struct vma *v) {
    return k->config->profile == PROFILE_LINUX && v->shared && !k->file[v->file].memory;
}

/* Not for the page that is about to be mapped there. */
static bool others_use(const struct frame *f) { return f->shares > 0 || (f->flags & FRAME_FILE); }

/* The leaf: the region's permissions, less W where a write would be seen by others, or is watched for. */
static uint64_t leaf_word(const struct kernel *k, const struct vma *v) {
    const struct os_latch *l = &k->latch;
    bool guarded = l->zero_page || (!v->shared && others_use(&k->frame[l->frame])) ||
                   (v->shared && l->op != ACCESS_WRITE && map_watches_writes(k, v));
    uint64_t word = pte_for(k, v, l->zero_page ? k->zero_page : l->frame, leaf_level(k), bits_for_access(k));
    return guarded && paging_has(k->hw->format, PTE_W) ? paging_with_flags(k->hw->format, word, 0, PTE_BIT(PTE_W)) : word;
}

static void count_fault(struct kernel *k) {
    struct process *p = &k->process[k->latch.proc];
    p->faults++;
    if (fault_is_major(k->latch.fault)) p->major++;
    else p->minor++;
}

/* The access is restarted; or, where a call wanted the page, the call goes on. */
static void resolved(struct kernel *k) { k->latch.phase = k->latch.populate ? OS_CALL : OS_RETURN; }

enum vs_status fault_write_pte(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    struct vma *v = process_find(&k->process[l->proc], l->vpn);
    vpn_t first = l->vpn & ~low_bits(l->order);
    enum vs_status s = VS_OK;
    leave_shared(k, v);
    os_event(k, e, EV_PTE_WRITE);
    e->pte_addr = leaf_addr(k);
    e->pte_old = os_tell_word(k, e->pte_addr);
    e->pte = leaf_word(k, v);
    e->pfn = l->zero_page ? k->zero_page : l->frame;
    if (l->zero_page) vma_set(v, l->vpn, PAGE_ZERO, 0);
    for (uint32_t i = 0; !l->zero_page && s == VS_OK && i < 1u << l->order; i++)
        s = own_frame(k, v, first + i, l->frame + i, e->pte_addr);
    count_fault(k);
    resolved(k);
    if (s == VS_OK) s = table_shape(k)->install(k, l->proc, l->vpn, e->pte_addr, e->pte);
    e->pte = os_tell_word(k, e->pte_addr); /* an inverted table adds its tag */
    return s;
}

enum vs_status fault_set_bits(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    const struct paging_format *f = k->hw->format;
    struct pte_at at = pagetable_at(k, l->proc, l->vpn);
    const struct vma *v = vma_find(&k->process[l->proc], l->vpn);
    unsigned wanted = PTE_BIT(PTE_A);
    if (l->op == ACCESS_WRITE) wanted |= PTE_BIT(PTE_D) | (v->shared ? PTE_BIT(PTE_W) : 0u);
    unsigned due = wanted & paging_flags(f) & ~paging_decode(f, at.word).flags;
    os_event(k, e, EV_BITS_BY_OS);
    e->bits = (uint8_t)due;
    e->pte_addr = at.addr;
    e->pte_old = at.word;
    e->pte = paging_with_flags(f, at.word, due, 0);
    count_fault(k);
    /* Whatever the kernel forgets otherwise: else the access would trap again and again. */
    tlbs_flush_page(&k->hw->tlbs, l->vpn, k->process[l->proc].asid);
    resolved(k);
    return pte_store(k, at.addr, e->pte);
}

/* The other sharers are gone: nobody needs the old bytes, and W may come back. */
enum vs_status fault_cow_reuse(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    struct pte_at at = pagetable_at(k, l->proc, l->vpn);
    os_event(k, e, EV_COW_REUSE);
    k->frame[l->frame].flags = (uint16_t)(k->frame[l->frame].flags & ~FRAME_FORKED);
    e->pte_addr = at.addr;
    e->pte_old = at.word;
    e->pte = paging_with_flags(k->hw->format, at.word, PTE_BIT(PTE_W) | bits_for_access(k), 0);
    count_fault(k);
    tlb_forget(k, l->proc, l->vpn);
    resolved(k);
    return pte_store(k, at.addr, e->pte);
}

enum vs_status fault_return(struct kernel *k, struct event *e) {
    os_event(k, e, EV_RETRY);
    k->latch.resumed = true;
    k->latch.phase = OS_IDLE;
    return VS_OK;
}

enum vs_status fault_clear_reference(struct kernel *k, struct event *e) {
    os_event(k, e, EV_REF_CLEAR);
    frame_clear_referenced(k, k->latch.frame);
    e->pte_addr = k->frame[k->latch.frame].owner.pte_addr;
    e->pte = os_tell_word(k, e->pte_addr);
    k->latch.phase = OS_IDLE;
    return VS_OK;
}
