/* exit.c - a process ends: frames, slots and page tables come back.
 *
 * A frame that others map too only loses one mapping, a slot that others use
 * only one user. Invariant: afterwards nothing in the kernel names the process.
 */
#include "os/internal.h"

/* One resident page leaves its frame. Returns frames freed: 0 or 1. */
uint32_t page_drop(struct kernel *k, proc_t p, struct vma *v, vpn_t vpn) {
    frame_t f = v->where[vpn - v->floor];
    struct pte_at at = pagetable_at(k, p, vpn);
    if (paging_has(k->hw->format, PTE_D) && (paging_decode(k->hw->format, at.word).flags & PTE_BIT(PTE_D)) && at.valid)
        k->frame[f].flags |= FRAME_D; /* the others' PTEs do not know */
    if (at.valid) table_shape(k)->remove(k, p, vpn, at.addr);
    tlb_forget(k, p, vpn);
    struct policy *policy = policy_of(k, k->frame[f].owner.proc);
    frame_remove_owner(k, f, p, vpn);
    k->process[p].resident--;
    if (k->frame[f].shares > 0) {
        frame_pin(k, f);
        return 0;
    }
    policy_ops(policy)->on_free(policy, f, NULL);
    return cache_release(k, f);
}

/* The page of zeros is mapped no more. */
static void zero_drop(struct kernel *k, proc_t p, vpn_t vpn) {
    struct pte_at at = pagetable_at(k, p, vpn);
    if (at.valid) table_shape(k)->remove(k, p, vpn, at.addr);
    tlb_forget(k, p, vpn);
}

/* A page in slot s is gone. If only a frame that was read ahead is left of it, that goes too. */
static uint32_t slot_forget(struct kernel *k, slot_t s) {
    frame_t f = k->slot[s].frame;
    swap_drop(k, s);
    if (f == FRAME_NONE || !(k->frame[f].flags & FRAME_IDLE) || k->slot[s].refs > 1) return 0;
    return cache_release(k, f);
}

/* A page that is not in memory is gone for good: its policy need not remember it. */
void page_ghost_forget(struct kernel *k, proc_t p, vpn_t vpn, enum page_state state) {
    struct policy *policy = policy_of(k, p);
    bool away = state == PAGE_SWAPPED || state == PAGE_DROPPED;
    if (away && policy_ops(policy)->on_forget) policy_ops(policy)->on_forget(policy, page_of_process(p, vpn));
}

uint32_t page_forget(struct kernel *k, proc_t p, struct vma *v, vpn_t vpn) {
    enum page_state state = vma_page_state(v, vpn);
    uint32_t freed = state == PAGE_RESIDENT ? page_drop(k, p, v, vpn) : 0;
    if (state == PAGE_SWAPPED) freed += slot_forget(k, v->where[vpn - v->floor]);
    if (state == PAGE_ZERO) zero_drop(k, p, vpn);
    page_ghost_forget(k, p, vpn, state);
    vma_set(v, vpn, PAGE_UNTOUCHED, 0);
    return freed;
}

static uint32_t drop_region(struct kernel *k, proc_t p, struct vma *v) {
    uint32_t freed = 0;
    for (vpn_t vpn = v->first; v->kind != VMA_KERNEL && vpn < v->end; vpn++) freed += page_forget(k, p, v, vpn);
    return freed;
}

uint32_t process_end(struct kernel *k, proc_t p) {
    struct process *process = &k->process[p];
    uint32_t freed = 0;
    for (uint32_t i = 0; i < process->vma_count; i++) freed += drop_region(k, p, &process->vma[i]);
    if (k->config->tlb.asid || p == k->running) tlbs_flush_asid(&k->hw->tlbs, process->asid); /* kernel space too */
    if (table_shape(k)->destroy) table_shape(k)->destroy(k, p);
    process->alive = false;
    if (process->suspended) k->suspended--;
    process->suspended = process->raw = false;
    for (uint32_t i = 0; i < process->vma_count; i++) freed += cache_forget(k, process->vma[i].file);
    if (k->config->scope == SCOPE_LOCAL && k->config->allocation == ALLOCATION_PROPORTIONAL) process_shares(k);
    return freed;
}

/* The next process that lives and may run, after p; PROC_NONE: none. */
proc_t process_next(const struct kernel *k, proc_t p) {
    for (uint32_t i = 1; i < k->process_count; i++) {
        proc_t q = (proc_t)((p + i) % k->process_count);
        if (k->process[q].alive && !k->process[q].suspended) return q;
    }
    return PROC_NONE;
}

enum vs_status exit_process(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    uint64_t tables = k->process[l->proc].table_bytes;
    uint32_t freed = process_end(k, l->proc);
    proc_t next = l->by_call && l->proc == k->running ? process_next(k, l->proc) : PROC_NONE;
    l->frame = FRAME_NONE;
    os_event(k, e, EV_FRAMES_FREED);
    e->count = freed;
    e->value = tables - k->process[l->proc].table_bytes;
    e->written = l->written;
    l->switch_to = next;
    l->phase = next == PROC_NONE ? OS_IDLE : OS_SWITCH;
    return VS_OK;
}
