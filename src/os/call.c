/* call.c - what processes ask the kernel for, besides fork and exit.
 *
 * Each kind of call is a row of stages in one table; a micro-step is one event
 * of one stage. Between two pages that a call populates, the latch is that of
 * the page's fault, and the fault handler does its usual work. Invariant: a call
 * that fails has changed nothing (it says so before its first change).
 */
#include "os/call.h"

#define STAGES_MAX 7

static call_stage *const stages[CALL_KINDS][STAGES_MAX] = {
    [CALL_BRK] = {stage_break, stage_split, stage_unmap, stage_resize, stage_done},
    [CALL_MMAP] = {stage_place, stage_split, stage_unmap, stage_map, stage_cached, stage_populate, stage_done},
    [CALL_MUNMAP] = {stage_check_range, stage_split, stage_cut_first, stage_cut_end, stage_unmap, stage_done},
    [CALL_MPROTECT] = {stage_check_range, stage_split, stage_cut_first, stage_cut_end, stage_protect, stage_join, stage_done},
    [CALL_MADVISE] = {stage_check_range, stage_split, stage_advise, stage_populate, stage_done},
    [CALL_MREMAP] = {stage_move, stage_split, stage_unmap, stage_resize, stage_moved, stage_populate, stage_done},
    [CALL_MLOCK] = {stage_check_range, stage_cut_first, stage_cut_end, stage_lock, stage_populate, stage_done},
    [CALL_MUNLOCK] = {stage_check_range, stage_cut_first, stage_cut_end, stage_lock, stage_join, stage_done},
    [CALL_EXEC] = {stage_leave, stage_load, stage_done}};

const struct call_config *call_now(const struct kernel *k) { return &k->config->calls[k->call.config]; }
struct process *call_process(struct kernel *k) { return &k->process[k->call.proc]; }

/* ---- the engine ---- */

void kernel_call_begin(struct kernel *k, proc_t p, uint32_t call, vaddr_t va, vpn_t pages) {
    const struct call_config *c = &k->config->calls[call];
    unsigned shift = k->hw->format->page_shift;
    vpn_t first = va_to_vpn(va, shift), given = (c->length >> shift) + ((c->length & low_bits(shift)) != 0);
    const struct vma *v = vma_find(&k->process[p], first);
    vpn_t whole = pages ? pages : v ? v->end - first : 0;
    vpn_t count = c->length ? given : whole;
    k->call = (struct os_call){.config = call, .proc = p, .va = va, .first = first, .next = first, .from = first, .to = first,
                               .end = count <= UINT64_MAX - first ? first + count : first, .old = pages};
    call_page_latch(k, 0, ACCESS_READ);
    k->latch.va = va;
}

void call_page_latch(struct kernel *k, vpn_t vpn, enum access_kind op) {
    uint32_t written = k->latch.phase == OS_CALL ? k->latch.written : 0;
    os_latch_begin(k, OS_CALL, k->call.proc, vpn_to_va(vpn, k->hw->format->page_shift));
    k->latch.op = op;
    k->latch.written = written;
    k->latch.switch_to = PROC_NONE;
}

enum vs_status call_step(struct kernel *k, struct event *e) {
    k->latch.phase = OS_CALL;
    for (;;) {
        enum stage_result r = stages[call_now(k)->kind][k->call.stage](k, e);
        if (k->status != VS_OK) return k->status;
        if (r == STAGE_END) k->latch.phase = OS_IDLE;
        if (r != STAGE_OVER) return VS_OK;
        k->call.stage++;
        k->call.next = k->call.first;
    }
}

/* ---- telling ---- */

void call_tell(struct kernel *k, struct event *e, enum event_kind kind, const struct vma *v, vpn_t first, vpn_t end) {
    os_event(k, e, kind);
    e->proc = k->call.proc;
    e->va = vpn_to_va(first, k->hw->format->page_shift);
    e->first = first;
    e->last = end - 1;
    if (!v) return;
    e->perms = (uint8_t)v->perms;
    memcpy(e->region, v->name, sizeof e->region);
}

enum stage_result call_fails(struct kernel *k, struct event *e, const char *why) {
    os_event(k, e, EV_CALL_FAILED);
    e->proc = k->call.proc;
    e->rule = why;
    return STAGE_END;
}

enum stage_result call_nomem(struct kernel *k, struct event *e) {
    os_event(k, e, EV_CALL_FAILED);
    k->status = VS_NOMEM;
    return STAGE_END;
}

enum stage_result stage_done(struct kernel *k, struct event *e) {
    const struct os_call *c = &k->call;
    os_event(k, e, EV_CALL_DONE);
    e->proc = c->proc;
    e->va = call_now(k)->kind == CALL_BRK ? c->va : vpn_to_va(c->first, k->hw->format->page_shift);
    e->count = c->count;
    e->index = c->config;
    return STAGE_END;
}

/* ---- ranges ---- */

struct vma *call_next_region(struct kernel *k, vpn_t *first, vpn_t *end) {
    struct os_call *c = &k->call;
    struct process *p = call_process(k);
    uint32_t i = region_after(p, c->next);
    if (c->next >= c->end || i >= p->vma_count || p->vma[i].first >= c->end) return NULL;
    struct vma *v = &p->vma[i];
    *first = v->first > c->next ? v->first : c->next;
    *end = v->end < c->end ? v->end : c->end;
    return v;
}

/* Why the range cannot be worked on; NULL: it can. Holes in it are allowed only for munmap. */
static const char *range_wrong(struct kernel *k) {
    const struct os_call *c = &k->call;
    bool holes = call_now(k)->kind == CALL_MUNMAP;
    vpn_t first, end, reached = c->first;
    unsigned regions = 0;
    if (c->end == c->first) return "nothing is mapped at that address";
    for (struct vma *v; (v = call_next_region(k, &first, &end)); k->call.next = reached = end, regions++) {
        if (v->kind == VMA_KERNEL) return "kernel space is not the program's to change";
        if (first > reached && !holes) break;
    }
    k->call.next = c->first;
    if (c->end > region_user_end(k, call_process(k)) && !regions) return "the range does not lie in the program's addresses";
    return reached < c->end && !holes ? "a part of the range is not mapped" : NULL;
}

/* Each end of the range may cut a region in two. */
static const char *too_many_cuts(struct kernel *k) {
    const struct os_call *c = &k->call;
    const struct process *p = call_process(k);
    return p->vma_count + region_cuts(p, c->first, c->end) > k->config->regions_max ? TOO_MANY_REGIONS : NULL;
}

/* A hole in a region makes two of it. */
static const char *too_many_left(struct kernel *k) {
    return region_left(call_process(k), k->call.first, k->call.end) > k->config->regions_max ? TOO_MANY_REGIONS : NULL;
}

static const char *protect_wrong(struct kernel *k) {
    const char *why = cannot_protect(k, call_now(k)->perms);
    return why ? why : too_many_cuts(k);
}

/* Whatever can fail does so here, before anything has changed. */
enum stage_result stage_check_range(struct kernel *k, struct event *e) {
    static const char *(*const wrong[CALL_KINDS])(struct kernel *) = {
        [CALL_MUNMAP] = too_many_left, [CALL_MPROTECT] = protect_wrong, [CALL_MADVISE] = advice_wrong,
        [CALL_MLOCK] = too_many_cuts,  [CALL_MUNLOCK] = too_many_cuts};
    const char *why = range_wrong(k);
    if (!why && table_shape(k)->eager && call_now(k)->kind == CALL_MUNMAP) why = "segments are as they were loaded";
    if (!why && (k->call.va & low_bits(k->hw->format->page_shift))) why = "the address is not the beginning of a page";
    if (!why) why = wrong[call_now(k)->kind](k);
    return why ? call_fails(k, e, why) : STAGE_OVER;
}

/* Does a region of the range need cutting at `at`? (Not where the call changes nothing in it.) */
static enum stage_result cut(struct kernel *k, struct event *e, vpn_t at) {
    bool done = false;
    if (region_cut(call_process(k), at, &done) != VS_OK) return call_nomem(k, e);
    if (!done) return STAGE_OVER;
    const struct vma *low = vma_find(call_process(k), at - 1);
    call_tell(k, e, EV_REGION_CUT, low, low->first, vma_find(call_process(k), at)->end);
    e->va = vpn_to_va(at, k->hw->format->page_shift);
    return STAGE_TOLD;
}

enum stage_result stage_cut_first(struct kernel *k, struct event *e) { return cut(k, e, k->call.first); }
enum stage_result stage_cut_end(struct kernel *k, struct event *e) { return cut(k, e, k->call.end); }

enum stage_result stage_join(struct kernel *k, struct event *e) {
    struct process *p = call_process(k);
    uint32_t joined = 0;
    if (region_join(p, k->call.first, k->call.end, &joined) != VS_OK) return call_nomem(k, e);
    if (joined == 0) return STAGE_OVER;
    const struct vma *v = vma_find(p, k->call.first);
    call_tell(k, e, EV_REGION_JOINED, v, v->first, v->end);
    e->count = joined + 1;
    return STAGE_TOLD;
}

/* Pages of a huge page that are to go, or to differ from the others, stand alone from now on. */
static bool split_huge(struct kernel *k, const struct vma *v, vpn_t first, vpn_t end) {
    for (vpn_t vpn = first; v->order && vpn < end; vpn++)
        while (vma_page_state(v, vpn) == PAGE_RESIDENT && pagetable_at(k, k->call.proc, vpn).level > 0)
            if (huge_split_page(k, k->call.proc, vpn, NULL) != VS_OK) return false;
    return true;
}

/* First of all, because there may be no RAM for the tables that it takes. */
enum stage_result stage_split(struct kernel *k, struct event *e) {
    const struct call_config *c = call_now(k);
    vpn_t first, end;
    if (c->kind == CALL_MADVISE && c->advice != ADVICE_DONTNEED && c->advice != ADVICE_FREE) return STAGE_OVER;
    for (const struct vma *v; (v = call_next_region(k, &first, &end)); k->call.next = end)
        if (!split_huge(k, v, first, end)) return call_fails(k, e, "no memory is left for page tables");
    return STAGE_OVER;
}
