/* exit.c - a process ends: frames, slots and page tables come back.
 *
 * A frame that others map too only loses one mapping, a slot that others use
 * only one user. Invariant: afterwards nothing in the kernel names the process.
 */
#include "os/internal.h"

/* One resident page leaves its frame. Returns frames freed: 0 or 1. */
uint32_t page_drop(struct kernel *k, proc_t p, struct vma *v, vpn_t vpn) {
    frame_t f = v->where[vpn - v->floor];
    slot_t slot = k->frame[f].slot;
    struct pte_at at = pagetable_at(k, p, vpn);
    if (at.valid) table_shape(k)->remove(k, p, vpn, at.addr);
    tlb_forget(k, p, vpn);
    struct policy *policy = policy_of(k, k->frame[f].owner.proc);
    frame_remove_owner(k, f, p, vpn);
    k->process[p].resident--;
    if (k->frame[f].shares > 0) return 0;
    if (slot != SLOT_NONE) swap_drop(k, slot);
    if (k->frame[f].flags & FRAME_FILE)
        k->program[k->process[p].program].cache[v->file_page + (uint32_t)(vpn - v->first)] = FRAME_NONE;
    policy_ops(policy)->on_free(policy, f);
    ram_put(k->hw->ram, f, (struct content){0});
    frame_release(k, f);
    return 1;
}

static uint32_t drop_region(struct kernel *k, proc_t p, struct vma *v) {
    uint32_t freed = 0;
    for (vpn_t vpn = v->first; v->kind != VMA_KERNEL && vpn < v->end; vpn++) {
        enum page_state state = vma_page_state(v, vpn);
        if (state == PAGE_RESIDENT) freed += page_drop(k, p, v, vpn);
        if (state == PAGE_SWAPPED) swap_drop(k, v->where[vpn - v->floor]);
        vma_set(v, vpn, PAGE_UNTOUCHED, 0);
    }
    return freed;
}

uint32_t process_end(struct kernel *k, proc_t p) {
    struct process *process = &k->process[p];
    uint32_t freed = 0;
    for (uint32_t i = 0; i < process->vma_count; i++) freed += drop_region(k, p, &process->vma[i]);
    if (k->config->tlb.asid || p == k->running) tlbs_flush_asid(&k->hw->tlbs, process->asid); /* kernel space too */
    if (table_shape(k)->destroy) table_shape(k)->destroy(k, p);
    process->alive = false;
    return freed;
}

/* The next process that lives, after p; PROC_NONE: none. */
static proc_t next_alive(const struct kernel *k, proc_t p) {
    for (uint32_t i = 1; i < k->process_count; i++) {
        proc_t q = (proc_t)((p + i) % k->process_count);
        if (k->process[q].alive) return q;
    }
    return PROC_NONE;
}

enum vs_status exit_process(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    uint64_t tables = k->process[l->proc].table_bytes;
    uint32_t freed = process_end(k, l->proc);
    proc_t next = l->by_call && l->proc == k->running ? next_alive(k, l->proc) : PROC_NONE;
    l->frame = FRAME_NONE;
    os_event(k, e, EV_FRAMES_FREED);
    e->count = freed;
    e->value = tables - k->process[l->proc].table_bytes;
    l->switch_to = next;
    l->phase = next == PROC_NONE ? OS_IDLE : OS_SWITCH;
    return VS_OK;
}
