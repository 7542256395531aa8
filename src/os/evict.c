/* evict.c - making room: a free frame, or a victim that leaves its own.
 *
 *   find a frame --- one is free --------------------------------> fill
 *        |  (the policy's hand may pass several frames first)
 *        +--- victim --> unmap (PTE, TLB) --> save or drop --> fill
 *        +--- nobody can leave: out of memory
 *
 * What becomes of a victim (design 3): dirty: written to a slot; clean with a
 * valid slot, from a file, or never written: dropped.
 */
#include "os/internal.h"

void os_event(const struct kernel *k, struct event *e, enum event_kind kind) {
    *e = (struct event){.kind = (uint8_t)kind,
                        .op = (uint8_t)k->latch.op,
                        .fault = (uint8_t)k->latch.fault,
                        .proc = k->latch.proc,
                        .old_proc = PROC_NONE,
                        .asid = k->process[k->latch.proc].asid,
                        .frame = k->latch.frame,
                        .slot = SLOT_NONE,
                        .kernel_mode = k->latch.kernel_mode,
                        .order = k->latch.order,
                        .va = k->latch.va,
                        .vpn = k->latch.vpn};
}

/* ---- what a policy may ask ---- */

/* A slot that nobody else reads: it may be written again. */
static bool has_own_slot(const struct kernel *k, frame_t f) {
    slot_t s = k->frame[f].slot;
    return s != SLOT_NONE && k->slot[s].refs == 1;
}

/* May frame f leave? It needs an owner, and a dirty page somewhere to go. */
static bool may_evict(void *os, frame_t f) {
    const struct kernel *k = os;
    const struct frame *frame = &k->frame[f];
    if (frame->shares == 0 || f == k->latch.cow_from || (frame->flags & FRAME_PINNED) || table_shape(k)->eager) return false;
    if (k->policy_count > 1 && frame->owner.proc != k->latch.proc) return false;
    return has_own_slot(k, f) || swap_has_room(k) || !frame_dirty(k, f);
}

static bool env_referenced(void *os, frame_t f) { return frame_referenced(os, f); }
static bool env_dirty(void *os, frame_t f) { return frame_dirty(os, f); }
static void env_clear(void *os, frame_t f) { frame_clear_referenced(os, f); }

/* ---- choosing ---- */

static void tell_owner(const struct kernel *k, struct event *e, frame_t f) {
    e->frame = f;
    e->old_proc = k->frame[f].owner.proc;
    e->old_vpn = k->frame[f].owner.vpn;
}

static enum vs_status take_free(struct kernel *k, struct event *e) {
    k->latch.frame = frame_lowest_free(k);
    os_event(k, e, EV_FRAME_FREE);
    e->count = k->frames_free;
    frame_take(k, k->latch.frame);
    k->latch.phase = OS_FILL;
    return VS_OK;
}

enum vs_status evict_out_of_memory(struct kernel *k, struct event *e) {
    k->latch.fault = FAULT_OOM;
    os_event(k, e, EV_OOM);
    k->latch.phase = OS_END_PROCESS;
    return VS_OK;
}

static enum vs_status latch_victim(struct kernel *k, struct event *e, frame_t f) {
    struct os_latch *l = &k->latch;
    os_event(k, e, EV_VICTIM);
    tell_owner(k, e, f);
    l->frame = f;
    l->victim_proc = e->old_proc;
    l->victim_vpn = e->old_vpn;
    l->victim_dirty = e->dirty = frame_dirty(k, f);
    l->evicted = true;
    l->slot = k->frame[f].slot;
    l->phase = k->frame[f].owner.order ? OS_SPLIT : OS_UNMAP_VICTIM;
    return VS_OK;
}

enum vs_status evict_find_frame(struct kernel *k, struct event *e) {
    if (huge_wanted(k, vma_find(&k->process[k->latch.proc], k->latch.vpn))) return huge_find_frames(k, e);
    const struct process *p = &k->process[k->latch.proc];
    bool at_quota = p->held >= p->quota;
    if (k->frames_free > 0 && !at_quota) return take_free(k, e);
    struct policy *policy = policy_of(k, k->latch.proc);
    struct policy_env env = {k, may_evict, env_referenced, env_clear, env_dirty, k->now};
    frame_t f = FRAME_NONE;
    k->latch.was_full = true;
    switch (policy_ops(policy)->pick(policy, &env, &f)) {
    case POLICY_PASS:
        os_event(k, e, EV_POLICY_PASS);
        tell_owner(k, e, f);
        k->latch.passes++;
        return VS_OK;
    case POLICY_VICTIM: return latch_victim(k, e, f);
    case POLICY_NONE: break;
    }
    return evict_out_of_memory(k, e);
}

/* ---- leaving ---- */

/* Where the bytes of a victim are from now on. */
static enum vs_status choose_rest(struct kernel *k, const struct vma *v) {
    struct os_latch *l = &k->latch;
    if (l->rest_chosen) return VS_OK;
    l->rest_chosen = true;
    if (l->victim_dirty && !has_own_slot(k, l->frame)) return swap_take(k, l->victim_proc, l->victim_vpn, &l->slot);
    l->drop = l->slot != SLOT_NONE ? DROP_SLOT_VALID : v->backing == BACKING_FILE ? DROP_FILE : DROP_NEVER_WRITTEN;
    return VS_OK;
}

static void forget_cached(struct kernel *k, const struct process *p, const struct vma *v, vpn_t vpn) {
    struct program *program = &k->program[p->program];
    uint32_t page = v->file_page + (uint32_t)(vpn - v->first);
    program->cache[page] = FRAME_NONE;
}

/* One mapping of the victim a micro-step. */
enum vs_status evict_unmap(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    struct frame *frame = &k->frame[l->frame];
    proc_t owner = frame->owner.proc;
    vpn_t vpn = frame->owner.vpn;
    struct process *p = &k->process[owner];
    struct vma *v = process_find(p, vpn);
    enum vs_status s = choose_rest(k, v);
    if (s != VS_OK) return s;
    os_event(k, e, EV_UNMAP);
    tell_owner(k, e, l->frame);
    e->pte_addr = frame->owner.pte_addr;
    e->pte_old = ram_read(k->hw->ram, e->pte_addr, k->hw->format->pte_bytes);
    s = table_shape(k)->remove(k, owner, vpn, e->pte_addr);
    tlb_forget(k, owner, vpn);
    if (l->slot != SLOT_NONE) swap_ref(k, l->slot);
    if (l->slot != SLOT_NONE) vma_set(v, vpn, PAGE_SWAPPED, l->slot);
    else vma_set(v, vpn, PAGE_DROPPED, 0);
    if (frame->flags & FRAME_FILE) forget_cached(k, p, v, vpn);
    struct policy *policy = policy_of(k, owner);
    frame_remove_owner(k, l->frame, owner, vpn);
    p->resident--;
    if (frame->shares > 0) return s;
    policy_ops(policy)->on_free(policy, l->frame);
    l->phase = OS_SAVE_VICTIM;
    return s;
}

enum vs_status evict_save(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    os_event(k, e, l->victim_dirty ? EV_SWAP_WRITE : EV_VICTIM_DROP);
    e->slot = l->slot;
    e->drop = (uint8_t)l->drop;
    e->old_proc = l->victim_proc;
    e->old_vpn = l->victim_vpn;
    if (l->victim_dirty) {
        content_drop(&k->slot[l->slot].content);
        k->slot[l->slot].content = ram_take(k->hw->ram, l->frame);
    }
    if (k->frame[l->frame].slot != SLOT_NONE) swap_drop(k, k->frame[l->frame].slot);
    frame_take(k, l->frame);
    l->phase = OS_FILL;
    return VS_OK;
}
