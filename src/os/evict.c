/* evict.c - making room: a free frame, or a victim that leaves its own.
 *
 *   find a frame --- one is free --------------------------------> fill
 *        |--- an idle one: a cache keeps what nobody maps --+
 *        |  (the policy's hand may pass several frames first)
 *        +--- victim --> unmap (PTE, TLB) ------------------+-> save or drop --> fill
 *        +--- nobody can leave: out of memory
 *
 * What becomes of a victim (design 3): dirty: written to a slot, or back to the
 * file that it is shared through; clean with a valid slot, from a file, or never
 * written: dropped. kswapd and a suspension go the same way, and leave the frame free.
 */
#include "os/internal.h"

void os_event_whole(const struct kernel *k, struct event *e, enum event_kind kind) {
    *e = (struct event){.kind = (uint8_t)kind,
                        .op = (uint8_t)k->latch.op,
                        .fault = (uint8_t)k->latch.fault,
                        .proc = k->latch.proc,
                        .old_proc = PROC_NONE,
                        .asid = k->process[k->latch.proc].asid,
                        .frame = k->latch.frame,
                        .slot = SLOT_NONE,
                        .kernel_mode = k->latch.kernel_mode,
                        .kswapd = k->latch.reclaim && !k->latch.suspend && !k->latch.leaving,
                        .order = k->latch.order,
                        .va = k->latch.va,
                        .vpn = k->latch.vpn};
}

uint64_t os_tell_word(const struct kernel *k, paddr_t addr) {
    return k->unheard ? 0 : pte_load(k, addr);
}

/* ---- what a policy may ask ---- */

/* A slot that nobody else reads: it may be written again. */
bool frame_has_own_slot(const struct kernel *k, frame_t f) {
    slot_t s = k->frame[f].slot;
    return s != SLOT_NONE && k->slot[s].refs == 1;
}

/* A page of a file, which may always go back to it. */
bool frame_is_of_file(const struct kernel *k, frame_t f) {
    return (k->frame[f].flags & FRAME_FILE) && !k->file[k->frame[f].file].memory;
}

/* A dirty page needs somewhere to go. */
static bool has_somewhere(const struct kernel *k, frame_t f) {
    return swap_has_room(k) || frame_is_of_file(k, f) || frame_has_own_slot(k, f) || !frame_dirty(k, f);
}

/* May frame f leave, as far as it depends on the frame? Not without an owner, or pinned, or as a part of a
 * huge page for whose split there is no memory. */
bool evict_can_leave(void *os, frame_t f) {
    const struct kernel *k = os;
    const struct frame *frame = &k->frame[f];
    if (frame->shares == 0 || (frame->flags & FRAME_PINNED) || table_shape(k)->eager) return false;
    return has_somewhere(k, f) && (!frame->owner.order || huge_can_split(k, frame->owner.order));
}

/* May it leave for what is latched? Not while it is being copied, or another process's under scope local. */
static bool may_evict(void *os, frame_t f) {
    const struct kernel *k = os;
    if (f == k->latch.cow_from || f == k->latch.keep) return false;
    if (k->policy_count > 1 && k->frame[f].owner.proc != k->latch.gives) return false;
    return evict_can_leave(os, f);
}

/* The lowest idle frame that may leave; FRAME_NONE: none. */
static frame_t find_idle(struct kernel *k) {
    if (k->idle_frames == 0) return FRAME_NONE;
    while (!(k->frame[k->idle_hint].flags & FRAME_IDLE)) k->idle_hint++;
    for (frame_t f = k->idle_hint; f < k->config->frames; f++)
        if ((k->frame[f].flags & FRAME_IDLE) && f != k->latch.cow_from && f != k->latch.keep && has_somewhere(k, f)) return f;
    return FRAME_NONE;
}

static bool env_referenced(void *os, frame_t f) { return frame_referenced(os, f); }
static bool env_dirty(void *os, frame_t f) { return frame_dirty(os, f); }
static void env_clear(void *os, frame_t f) { frame_clear_referenced(os, f); }

struct policy_env evict_env(struct kernel *k, const char **told) {
    return (struct policy_env){.os = k, .may_evict = may_evict, .referenced = env_referenced, .clear_referenced = env_clear,
                               .dirty = env_dirty, .now = k->now, .told = told};
}

/* ---- choosing ---- */

void evict_tell_owner(const struct kernel *k, struct event *e, frame_t f) {
    e->frame = f;
    e->old_proc = k->frame[f].owner.proc;
    e->old_vpn = k->frame[f].owner.vpn;
}

static enum vs_status take_free(struct kernel *k, struct event *e) {
    k->latch.frame = frame_lowest_free(k);
    os_event(k, e, EV_FRAME_FREE);
    e->count = k->frames_free;
    e->why = k->latch.for_table ? WHY_TABLE : WHY_USUAL;
    frame_take(k, k->latch.frame);
    k->latch.phase = k->latch.for_table ? OS_TABLES : OS_FILL;
    return VS_OK;
}

/* Why somebody must leave, and who could not: pages that are pinned, and dirty ones where no slot is left. */
static void tell_shortage(const struct kernel *k, struct event *e) {
    const struct os_latch *l = &k->latch;
    const struct process *p = &k->process[l->proc];
    e->why = l->suspend ? WHY_SUSPENDED : l->reclaim ? WHY_WATERMARK : l->for_table ? WHY_TABLE : p->held >= p->quota ? WHY_QUOTA
             : l->gives != l->proc ? WHY_EXCESS : WHY_USUAL;
    e->pinned = k->pinned_frames;
    e->swap_full = !swap_has_room(k);
}

/* What keeps the pages where they are, as a phrase; NULL: there are none (tables have taken the frames). */
static const char *nobody_leaves(const struct kernel *k) {
    uint32_t pinned = 0, dirty = 0;
    for (frame_t f = 0; f < k->config->frames; f++) {
        const struct frame *frame = &k->frame[f];
        if (frame->shares == 0 || (k->policy_count > 1 && frame->owner.proc != k->latch.proc)) continue;
        if (frame->flags & FRAME_PINNED) pinned++;
        else dirty += frame_dirty(k, f);
    }
    if (dirty == 0) return pinned ? "the pages in memory are pinned" : NULL;
    if (pinned) return "the pages in memory are pinned, or dirty without a swap slot to go to";
    return k->config->swap_slots ? "the pages in memory are dirty, and no swap slot is free" : "the pages in memory are dirty, and there is no swap area";
}

enum vs_status evict_out_of_memory(struct kernel *k, struct event *e) {
    k->latch.fault = FAULT_OOM;
    os_event(k, e, EV_OOM);
    tell_shortage(k, e);
    e->rule = nobody_leaves(k);
    k->latch.phase = OS_END_PROCESS;
    return VS_OK;
}

enum vs_status evict_latch_victim(struct kernel *k, struct event *e, frame_t f) {
    struct os_latch *l = &k->latch;
    os_event(k, e, EV_VICTIM);
    evict_tell_owner(k, e, f);
    if (!k->unheard) tell_shortage(k, e);
    l->frame = f;
    l->victim_proc = e->old_proc;
    l->victim_vpn = e->old_vpn;
    l->victim_dirty = e->dirty = frame_dirty(k, f);
    l->evicted = true;
    l->rest_chosen = false;
    l->slot = k->frame[f].slot;
    l->phase = k->frame[f].owner.order ? OS_SPLIT : OS_UNMAP_VICTIM;
    return VS_OK;
}

enum vs_status evict_pass(struct kernel *k, struct event *e, frame_t f, const char *told) {
    os_event(k, e, EV_POLICY_PASS);
    evict_tell_owner(k, e, f);
    e->rule = told;
    k->latch.passes++;
    return VS_OK;
}

/* What nobody maps needs no unmapping. */
static enum vs_status latch_idle(struct kernel *k, struct event *e, frame_t f) {
    struct os_latch *l = &k->latch;
    l->frame = f;
    l->idle = l->evicted = true;
    l->rest_chosen = false;
    l->victim_proc = PROC_NONE;
    l->victim_vpn = 0;
    l->victim_dirty = frame_dirty(k, f);
    l->slot = k->frame[f].slot;
    os_event(k, e, EV_IDLE_VICTIM);
    tell_shortage(k, e);
    e->dirty = l->victim_dirty;
    if (k->frame[f].flags & FRAME_FILE) memcpy(e->region, k->file[k->frame[f].file].name, sizeof e->region);
    e->count = k->frame[f].file_page;
    l->phase = OS_SAVE_VICTIM;
    return VS_OK;
}

/* Scope local: the process that holds most frames beyond its number (others shared them and ended, or
 * were forked and now have a share); of equals the first. PROC_NONE: nobody has more than its own. */
static proc_t over_quota(const struct kernel *k) {
    uint32_t most = 0;
    proc_t who = PROC_NONE;
    for (uint32_t p = 0; p < k->process_count; p++) {
        const struct process *process = &k->process[p];
        if (!process->alive || process->held <= process->quota || process->held - process->quota <= most) continue;
        most = process->held - process->quota;
        who = (proc_t)p;
    }
    return who;
}

/* The page of the fault under way, as frame_page will call it once it is there. */
static struct page_id page_wanted(const struct kernel *k) {
    const struct os_latch *l = &k->latch;
    const struct vma *v = vma_find(&k->process[l->proc], l->vpn);
    bool cached = v && cache_serves(k, v) && (v->shared || l->op != ACCESS_WRITE);
    if (!cached || l->fault == FAULT_MINOR_COW) return page_of_process(l->proc, l->vpn);
    return (struct page_id){.page = vma_file_page(v, l->vpn), .space = PAGE_OF_FILE + v->file};
}

/* Whom the policy of process `from` picks, or what it does before. VS_LIMIT: nobody can leave (and nothing is told). */
static enum vs_status pick_from(struct kernel *k, struct event *e, proc_t from) {
    struct policy *policy = policy_of(k, from);
    const char *told = NULL;
    struct policy_env env = evict_env(k, &told);
    struct page_id wanted;
    frame_t f = FRAME_NONE;
    if (policy_ops(policy)->asks_wanted && !k->latch.reclaim && !k->latch.for_table) {
        wanted = page_wanted(k);
        env.wanted = &wanted;
    }
    k->latch.gives = from;
    switch (policy_ops(policy)->pick(policy, &env, &f)) {
    case POLICY_PASS: return evict_pass(k, e, f, told);
    case POLICY_MOVE:
        evict_pass(k, e, f, told);
        e->kind = EV_POLICY_MOVE;
        return VS_OK;
    case POLICY_WRITE: return unasked_write_begin(k, e, f);
    case POLICY_VICTIM:
        evict_latch_victim(k, e, f);
        e->rule = told;
        return VS_OK;
    case POLICY_NONE: break;
    }
    return VS_LIMIT;
}

/* Somebody must leave: an idle page; or one of the process itself, under scope local rather one of a process
 * that has more frames than its number while this one has fewer. VS_LIMIT: nobody can. */
static enum vs_status choose_victim(struct kernel *k, struct event *e) {
    const struct process *p = &k->process[k->latch.proc];
    k->latch.gives = k->latch.proc;
    frame_t f = k->frames_free == 0 || k->latch.reclaim ? find_idle(k) : FRAME_NONE;
    if (f != FRAME_NONE) return latch_idle(k, e, f);
    proc_t from = k->policy_count > 1 && p->held < p->quota ? over_quota(k) : PROC_NONE;
    enum vs_status s = from == PROC_NONE ? VS_LIMIT : pick_from(k, e, from);
    return s == VS_LIMIT ? pick_from(k, e, k->latch.proc) : s;
}

enum vs_status evict_find_frame(struct kernel *k, struct event *e) {
    bool asks = policy_ops(policy_of(k, k->latch.proc))->leaves_at_faults;
    enum vs_status s = asks ? unasked_leave_at_fault(k, e) : VS_LIMIT;
    if (s != VS_LIMIT) return s;
    if (huge_wanted(k, vma_find(&k->process[k->latch.proc], k->latch.vpn))) return huge_find_frames(k, e);
    const struct process *p = &k->process[k->latch.proc];
    bool at_quota = p->held >= p->quota && !k->latch.for_table;
    k->reclaim_hopeless = false; /* another fault: kswapd may try again */
    if (k->frames_free > 0 && !at_quota) return take_free(k, e);
    k->latch.was_full = true;
    s = choose_victim(k, e);
    return s == VS_LIMIT ? evict_out_of_memory(k, e) : s;
}

/* ---- leaving ---- */

/* A slot for the victim's page; shared memory that nobody maps just now is noted as one of those who may. */
static enum vs_status take_slot(struct kernel *k) {
    struct os_latch *l = &k->latch;
    vpn_t vpn = l->victim_vpn;
    proc_t p = l->idle ? cache_user(k, l->frame, &vpn) : l->victim_proc;
    return swap_take(k, p, vpn, &l->slot);
}

/* Where the bytes of a victim are from now on. */
static enum vs_status choose_rest(struct kernel *k) {
    struct os_latch *l = &k->latch;
    if (l->rest_chosen) return VS_OK;
    l->rest_chosen = true;
    if (l->victim_dirty && frame_is_of_file(k, l->frame)) return VS_OK;
    if (l->victim_dirty && !frame_has_own_slot(k, l->frame)) return take_slot(k);
    const struct vma *v = l->idle ? NULL : vma_find(&k->process[l->victim_proc], l->victim_vpn);
    bool file = frame_is_of_file(k, l->frame) || (v && v->backing == BACKING_FILE);
    bool lazy = k->frame[l->frame].flags & FRAME_LAZY;
    l->drop = l->slot != SLOT_NONE ? DROP_SLOT_VALID : file ? DROP_FILE : lazy ? DROP_NOT_NEEDED : DROP_NEVER_WRITTEN;
    return VS_OK;
}

/* Where the region will look for its page: in the slot; or where everybody looks, in the file. */
static void page_went(struct kernel *k, struct vma *v, vpn_t vpn) {
    const struct os_latch *l = &k->latch;
    bool to_slot = l->slot != SLOT_NONE && !(k->frame[l->frame].flags & FRAME_FILE);
    if (to_slot) swap_ref(k, l->slot);
    vma_set(v, vpn, to_slot ? PAGE_SWAPPED : PAGE_DROPPED, to_slot ? l->slot : 0);
}

/* At the first of its mappings: whose policy chose the page remembers it, whoever maps it besides. */
static void tell_policy(struct kernel *k, frame_t f) {
    struct policy *policy = policy_of(k, k->frame[f].owner.proc);
    struct page_id page = frame_page(k, f);
    policy_ops(policy)->on_free(policy, f, &page);
}

/* One mapping of the victim a micro-step. */
enum vs_status evict_unmap(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    struct frame *frame = &k->frame[l->frame];
    proc_t owner = frame->owner.proc;
    vpn_t vpn = frame->owner.vpn;
    struct process *p = &k->process[owner];
    if (!l->rest_chosen) tell_policy(k, l->frame);
    enum vs_status s = choose_rest(k);
    if (s != VS_OK) return s;
    os_event(k, e, EV_UNMAP);
    evict_tell_owner(k, e, l->frame);
    e->pte_addr = frame->owner.pte_addr;
    e->pte_old = os_tell_word(k, e->pte_addr);
    s = table_shape(k)->remove(k, owner, vpn, e->pte_addr);
    tlb_forget(k, owner, vpn);
    page_went(k, process_find(p, vpn), vpn);
    frame_remove_owner(k, l->frame, owner, vpn);
    p->resident--;
    if (frame->shares > 0) return s;
    l->phase = OS_SAVE_VICTIM;
    return s;
}

/* The victim's bytes go where they were told to. */
static enum vs_status save_bytes(struct kernel *k, struct event *e) {
    const struct os_latch *l = &k->latch;
    bool dirty = l->victim_dirty, file = frame_is_of_file(k, l->frame);
    os_event(k, e, !dirty ? EV_VICTIM_DROP : file ? EV_FILE_WRITE : EV_SWAP_WRITE);
    e->slot = l->slot;
    e->drop = (uint8_t)l->drop;
    e->old_proc = l->victim_proc;
    e->old_vpn = l->victim_vpn;
    if (k->frame[l->frame].flags & FRAME_FILE) e->count = k->frame[l->frame].file_page;
    if (k->frame[l->frame].flags & FRAME_FILE) memcpy(e->region, k->file[k->frame[l->frame].file].name, sizeof e->region);
    if (dirty && file) return cache_write_back(k, l->frame);
    if (!dirty) return VS_OK;
    content_drop(&k->slot[l->slot].content);
    k->slot[l->slot].content = ram_take(k->hw->ram, l->frame);
    return VS_OK;
}

/* The frame stays free: nobody waits for it. */
static void reclaimed(struct kernel *k) {
    struct os_latch *l = &k->latch;
    frame_release(k, l->frame);
    l->freed++;
    l->slot = SLOT_NONE;
    l->frame = FRAME_NONE;
    l->phase = l->leaving ? l->back : l->suspend ? OS_SUSPEND : OS_RECLAIM;
    if (l->leaving) l->reclaim = l->leaving = false;
}

enum vs_status evict_save(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    enum vs_status s = choose_rest(k);
    if (s == VS_OK) s = save_bytes(k, e);
    if (s != VS_OK) return s;
    bool memory = (k->frame[l->frame].flags & FRAME_FILE) && !frame_is_of_file(k, l->frame);
    if (memory && l->slot != SLOT_NONE) s = cache_swap_out(k, l->frame, l->slot);
    cache_leave(k, l->frame);
    frame_forget_slot(k, l->frame);
    ram_clear(k->hw->ram, l->frame);
    l->idle = false;
    frame_take(k, l->frame);
    l->phase = l->for_table ? OS_TABLES : OS_FILL;
    if (l->reclaim) reclaimed(k);
    return s;
}

/* ---- frames for nobody in particular: kswapd, and what a suspended process had ---- */

bool kernel_reclaim_wanted(const struct kernel *k) {
    return k->frames_free < k->config->free_low && !k->reclaim_hopeless;
}

/* kswapd sleeps until frames run low, works until enough are free again, and goes back to sleep. */
enum vs_status evict_reclaim(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    bool woken = !l->started, enough = k->frames_free >= k->config->free_high;
    if (!woken && !enough) {
        enum vs_status s = choose_victim(k, e);
        if (s != VS_LIMIT) return s;
    }
    os_event(k, e, woken ? EV_KSWAPD_WAKES : enough ? EV_KSWAPD_SLEEPS : EV_KSWAPD_STUCK);
    e->count = k->frames_free;
    e->value = woken ? 0 : l->freed;
    k->reclaim_hopeless = !woken && !enough; /* until the next fault */
    l->started = true;
    if (!woken) l->phase = OS_IDLE;
    return VS_OK;
}

/* ---- suspension ---- */

/* The next frame that this process alone maps and that may leave; FRAME_NONE: none is left. */
static frame_t find_own(struct kernel *k, proc_t p) {
    for (frame_t *f = &k->latch.looked; *f < k->config->frames; ++*f) {
        const struct frame *frame = &k->frame[*f];
        if (frame->shares == 1 && frame->owner.proc == p && may_evict(k, *f)) return (*f)++;
    }
    return FRAME_NONE;
}

enum vs_status evict_suspend(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    l->gives = l->proc;
    frame_t f = l->started ? find_own(k, l->proc) : FRAME_NONE;
    if (f != FRAME_NONE) return evict_latch_victim(k, e, f);
    os_event(k, e, l->started ? EV_SUSPENDED : EV_SUSPEND);
    e->count = l->started ? l->freed : k->process[l->proc].resident;
    e->value = l->started ? k->process[l->proc].resident : 0;
    if (!k->process[l->proc].suspended) k->suspended++;
    k->process[l->proc].suspended = true;
    proc_t next = l->proc == k->running ? process_next(k, l->proc) : PROC_NONE;
    l->switch_to = next;
    if (l->started) l->phase = next == PROC_NONE ? OS_IDLE : OS_SWITCH;
    l->started = true;
    return VS_OK;
}

enum vs_status evict_resume(struct kernel *k, struct event *e) {
    os_event(k, e, EV_RESUME);
    if (k->process[k->latch.proc].suspended) k->suspended--;
    k->process[k->latch.proc].suspended = false;
    k->latch.phase = OS_IDLE;
    return VS_OK;
}
