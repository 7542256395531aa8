/* fault.c - the page-fault handler: finding the region, and why the page is not there.
 *
 *   trap --> find the region --> classify --> a frame --> its bytes --> tables
 *        --> PTE --> return: the hardware restarts the access
 *
 * Where its bytes come from is in fill.c, how it is mapped in map.c. Nothing is fetched before the
 * first touch: that is demand paging. An address that no region holds, or that its region does not
 * permit, ends in SIGSEGV.
 */
#include "os/internal.h"

#include "vmscope/base/text.h"

/* ---- finding and classifying ---- */

void fault_tell_region(const struct kernel *k, struct event *e, enum event_kind kind, const struct vma *v) {
    os_event(k, e, kind);
    if (k->unheard) return;
    e->first = v->first;
    e->last = v->end - 1;
    e->perms = (uint8_t)v->perms;
    memcpy(e->region, v->name, sizeof e->region);
}

frame_t kernel_frame_of(const struct kernel *k, proc_t p, vpn_t vpn) {
    const struct vma *v = k->process[p].alive ? vma_find(&k->process[p], vpn) : NULL;
    if (!v || v->kind == VMA_KERNEL) return FRAME_NONE;
    return vma_page_state(v, vpn) == PAGE_RESIDENT ? vma_page_where(v, vpn) : cache_frame(k, v, vpn);
}

/* A write to a page of this region that others must not see. */
static bool writes_privately(const struct kernel *k, const struct vma *v) {
    return !v->shared && k->latch.op == ACCESS_WRITE;
}

/* Linux maps one page of zeros for all reads of anonymous memory that nobody wrote. */
static bool wants_zero_page(const struct kernel *k, const struct vma *v) {
    return k->zero_page && !v->shared && v->file == FILE_NONE && v->kind != VMA_KERNEL && k->latch.op != ACCESS_WRITE &&
           !huge_wanted(k, v);
}

/* A page that must come from the cache, or into it. */
static enum fault_class classify_cached(const struct kernel *k, const struct vma *v, frame_t *from) {
    frame_t f = cache_frame(k, v, k->latch.vpn);
    *from = f;
    if (f != FRAME_NONE) return writes_privately(k, v) ? FAULT_MINOR_COW : FAULT_MINOR_MAP;
    if (!k->file[v->file].memory) return FAULT_MAJOR_FILE;
    return cache_slot(k, v, k->latch.vpn) != SLOT_NONE ? FAULT_MAJOR_SWAP : FAULT_MINOR_ZERO;
}

/* A page in a slot: its bytes may still be in a frame, of a sharer or of nobody. */
static enum fault_class classify_swapped(const struct kernel *k, const struct vma *v, frame_t *from) {
    frame_t f = swap_cached(k, vma_page_where(v, k->latch.vpn));
    *from = f;
    if (f == FRAME_NONE) return FAULT_MAJOR_SWAP;
    return k->frame[f].shares > 0 && writes_privately(k, v) ? FAULT_MINOR_COW : FAULT_MINOR_MAP;
}

/* Why is the page not there? *from: the frame where it is, to be mapped or copied. */
static enum fault_class classify(const struct kernel *k, const struct vma *v, frame_t *from) {
    if (vma_page_state(v, k->latch.vpn) == PAGE_SWAPPED) return classify_swapped(k, v, from);
    if (cache_serves(k, v)) return classify_cached(k, v, from);
    return v->backing == BACKING_FILE ? FAULT_MAJOR_FILE : FAULT_MINOR_ZERO;
}

static enum vs_status refuse(struct kernel *k, struct event *e, enum fault_class fault, const struct vma *v) {
    k->latch.fault = fault;
    if (v) fault_tell_region(k, e, EV_VMA_DENIED, v);
    else os_event(k, e, EV_VMA_NONE);
    k->latch.phase = OS_SIGNAL;
    return VS_OK;
}

/* What comes next: a frame for a page table that must be there first, if tables take frames;
 * else one for the page itself, unless it is somewhere already. */
void fault_needs(struct kernel *k) {
    struct os_latch *l = &k->latch;
    l->for_table = k->config->tables_in_frames && table_shape(k)->missing(k, l->proc, l->vpn, 0);
    bool there = l->fault == FAULT_MINOR_MAP || l->zero_page;
    l->phase = there && !l->for_table ? OS_FILL : OS_FIND_FRAME;
}

/* Whose frame f is that the page cannot simply be written in; FRAME_NONE: the page of zeros is meant. */
static enum reason whose_frame(const struct kernel *k, frame_t f, bool shared) {
    if (f == FRAME_NONE) return WHY_ZERO_PAGE;
    if (!shared) return WHY_ALONE;
    return k->frame[f].flags & FRAME_FILE ? WHY_CACHED : WHY_SHARED;
}

static enum vs_status accept(struct kernel *k, struct event *e, enum fault_class fault, enum event_kind kind,
                             const struct vma *v) {
    struct os_latch *l = &k->latch;
    l->fault = fault;
    l->zero_page = (fault == FAULT_MINOR_ZERO || fault == FAULT_MINOR_GROWTH) && wants_zero_page(k, v);
    fault_tell_region(k, e, kind, v);
    if (l->zero_page) e->why = WHY_ZERO_PAGE;
    if (fault == FAULT_MINOR_COW) e->why = (uint8_t)whose_frame(k, l->keep, true);
    fault_needs(k);
    return VS_OK;
}

/* The page is there and may be used; only A or D is missing, and no hardware sets it. */
static enum vs_status accept_bits(struct kernel *k, struct event *e, const struct vma *v) {
    k->latch.fault = FAULT_MINOR_BIT;
    k->latch.frame = vma_page_state(v, k->latch.vpn) == PAGE_ZERO ? FRAME_NONE : vma_page_where(v, k->latch.vpn);
    fault_tell_region(k, e, EV_VMA_FOUND, v);
    k->latch.phase = OS_SET_BITS;
    return VS_OK;
}

/* A write that the region permits to a page whose PTE has no W: it is, or was, shared. */
static bool writes_shared(const struct kernel *k, const struct vma *v) {
    const struct os_latch *l = &k->latch;
    if (l->cause != HW_FAULT_DENIED || l->op != ACCESS_WRITE || v->kind == VMA_KERNEL || !(v->perms & PERM_W)) return false;
    enum page_state state = vma_page_state(v, l->vpn);
    struct pte_at at = pagetable_at(k, l->proc, l->vpn);
    return at.valid && (state == PAGE_RESIDENT || state == PAGE_ZERO) &&
           !(paging_decode(k->hw->format, at.word).flags & PTE_BIT(PTE_W));
}

/* Shared, with another page or with the cache: the writer gets a copy. Alone by now: it may simply write again. */
static enum vs_status accept_cow(struct kernel *k, struct event *e, const struct vma *v) {
    struct os_latch *l = &k->latch;
    bool zero = vma_page_state(v, l->vpn) == PAGE_ZERO;
    frame_t f = zero ? FRAME_NONE : vma_page_where(v, l->vpn);
    bool shared = zero || (!v->shared && (k->frame[f].shares > 1 || (k->frame[f].flags & FRAME_FILE)));
    l->fault = FAULT_MINOR_COW;
    l->frame = f;
    l->cow_from = shared ? f : FRAME_NONE;
    fault_tell_region(k, e, EV_VMA_FOUND, v);
    e->why = (uint8_t)whose_frame(k, f, shared);
    l->phase = shared ? OS_FIND_FRAME : OS_COW_REUSE; /* its tables are there */
    return VS_OK;
}

/* Would the stack, grown to vpn, come nearer than its guard gap to a mapping that may be used (put there
 * with `at`)? As Linux has it (mm/mmap.c, expand_downwards). */
static bool too_near(const struct kernel *k, const struct process *p, vpn_t vpn) {
    uint32_t i = region_after(p, vpn);
    return i > 0 && p->vma[i - 1].perms && p->vma[i - 1].kind != VMA_STACK && vpn - p->vma[i - 1].end < k->config->guard_pages;
}

/* No region holds the page: the stack may grow, or a reference string maps it. */
static enum vs_status no_region(struct kernel *k, struct event *e) {
    struct process *p = &k->process[k->latch.proc];
    struct vma *v = process_growable(p, k->latch.vpn);
    if (v && too_near(k, p, k->latch.vpn)) return refuse(k, e, FAULT_SEGV_MAP, NULL);
    if (v) {
        if (!(v->perms & access_needs(k->latch.op))) return refuse(k, e, FAULT_SEGV_ACCESS, v);
        v->first = k->latch.vpn;
        return accept(k, e, FAULT_MINOR_GROWTH, EV_VMA_GROW, v);
    }
    bool exists = paging_va_exists(k->hw->format, k->latch.va);
    if (!exists && k->hw->format->sign_extended) return refuse(k, e, FAULT_SEGV_NONCANONICAL, NULL);
    bool raw = region_raw(k, k->latch.proc, k->latch.vpn, k->latch.vpn + 1);
    if (!k->latch.automap || !exists || raw || table_shape(k)->eager) return refuse(k, e, FAULT_SEGV_MAP, NULL);
    enum vs_status s = process_map_page(p, k->latch.vpn, "pages", &v);
    return s == VS_OK ? accept(k, e, FAULT_MINOR_ZERO, EV_VMA_MAPPED, v) : s;
}

enum vs_status fault_find_region(struct kernel *k, struct event *e) {
    struct process *p = &k->process[k->latch.proc];
    struct vma *v = process_find(p, k->latch.vpn);
    k->latch.was_full = k->frames_free == 0;
    if (!v) return no_region(k, e);
    if (writes_shared(k, v)) return v->shared ? accept_bits(k, e, v) : accept_cow(k, e, v);
    enum page_state state = v->kind == VMA_KERNEL ? PAGE_RESIDENT : vma_page_state(v, k->latch.vpn);
    bool permitted = v->perms & access_needs(k->latch.op), resident = state == PAGE_RESIDENT || state == PAGE_ZERO;
    if (v->kind == VMA_KERNEL || !permitted || (resident && k->latch.cause != HW_FAULT_BITS))
        return refuse(k, e, FAULT_SEGV_ACCESS, v);
    if (resident) return accept_bits(k, e, v);
    enum fault_class fault = classify(k, v, &k->latch.keep);
    k->latch.cow_from = fault == FAULT_MINOR_COW ? k->latch.keep : FRAME_NONE;
    return accept(k, e, fault, EV_VMA_FOUND, v);
}

enum vs_status fault_signal(struct kernel *k, struct event *e) {
    os_event(k, e, EV_SIGSEGV);
    k->latch.phase = OS_IDLE;
    return VS_OK;
}

