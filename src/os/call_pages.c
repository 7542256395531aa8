/* call_pages.c - what calls do to the pages of a range: unmap, protect, advise, lock.
 *
 * One region, or the part of one, a micro-step. Invariant: a page that goes
 * gives back its frame's or slot's use at once; a PTE that changes leaves no
 * older translation in the TLB.
 */
#include "os/call.h"

/* ---- unmapping ---- */

/* Pages first..end-1 of region v are its no more. The region goes, shrinks, or is cut in two. */
static enum vs_status take_out(struct process *p, vpn_t first, vpn_t end) {
    bool cut;
    enum vs_status s = region_cut(p, first, &cut);
    if (s == VS_OK) s = region_cut(p, end, &cut);
    if (s == VS_OK) region_remove(p, region_after(p, first));
    return s;
}

/* With a stack's lowest page goes its room to grow. */
enum stage_result stage_unmap(struct kernel *k, struct event *e) {
    struct os_call *c = &k->call;
    vpn_t first, end;
    uint32_t freed = 0, pages = 0;
    struct vma *v = call_next_region(k, &first, &end);
    if (!v) return STAGE_OVER;
    for (vpn_t vpn = first; vpn < end; vpn++) {
        pages += vma_page_state(v, vpn) == PAGE_RESIDENT;
        freed += page_forget(k, c->proc, v, vpn);
    }
    call_tell(k, e, EV_UNMAPPED, v, first, end);
    uint16_t file = v->file;
    if (take_out(call_process(k), first, end) != VS_OK) return call_nomem(k, e);
    freed += cache_forget(k, file);
    e->count = freed;
    e->value = pages;
    e->written = k->latch.written;
    k->latch.written = 0;
    c->next = end;
    c->count += freed;
    return STAGE_TOLD;
}

/* ---- protecting ---- */

/* Can the hardware tell these permissions apart from the old ones? */
const char *cannot_protect(const struct kernel *k, unsigned perms) {
    const struct paging_format *f = k->hw->format;
    if (table_shape(k)->eager) return "segments are as they were loaded";
    if (!(perms & PERM_W) && !paging_has(f, PTE_W)) return "this paging format has no bit for write permission";
    return perms || paging_has(f, PTE_U) ? NULL : "this paging format has no bit that would forbid every access";
}

/* May the page have its W at once? Not while its frame is the zero page, the cache's, others' too or (Linux) was so
 * since its last write; nor, where writes are watched for, before the first one. */
static bool may_have_w(const struct kernel *k, const struct vma *v, vpn_t vpn, uint64_t word) {
    if (vma_page_state(v, vpn) == PAGE_ZERO) return false;
    const struct frame *frame = &k->frame[vma_page_where(v, vpn)];
    if (map_watches_writes(k, v)) return paging_decode(k->hw->format, word).flags & PTE_BIT(PTE_D);
    return v->shared || (frame->shares == 1 && !(frame->flags & (FRAME_FILE | FRAME_FORKED)));
}

static void protect_page(struct kernel *k, const struct vma *v, vpn_t vpn) {
    const struct paging_format *f = k->hw->format;
    const unsigned all = PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_X) | PTE_BIT(PTE_U);
    struct pte_at at = pagetable_at(k, k->call.proc, vpn);
    unsigned give = pte_perm_flags(v->perms) & paging_flags(f), take = all & paging_flags(f);
    if (!may_have_w(k, v, vpn, at.word)) give &= ~(unsigned)PTE_BIT(PTE_W);
    pte_store(k, at.addr, paging_with_flags(f, at.word, give, take & ~give));
    tlb_forget(k, k->call.proc, vpn);
}

enum stage_result stage_protect(struct kernel *k, struct event *e) {
    struct os_call *c = &k->call;
    vpn_t first, end;
    struct vma *v = call_next_region(k, &first, &end);
    if (v && c->next < c->fill_end && call_fill(k, e, v, c->fill_end) != STAGE_OVER) return STAGE_TOLD;
    v = call_next_region(k, &first, &end);
    if (!v) return STAGE_OVER;
    unsigned before = v->perms, perms = call_now(k)->perms;
    bool writable_now = v->locked && !v->shared && !(before & PERM_W) && (perms & PERM_W);
    uint32_t changed = 0;
    v->perms = perms;
    for (vpn_t vpn = first; vpn < end; vpn++) {
        enum page_state state = vma_page_state(v, vpn);
        if (state != PAGE_RESIDENT && state != PAGE_ZERO) continue;
        protect_page(k, v, vpn);
        changed++;
    }
    call_tell(k, e, EV_PROTECTED, v, first, end);
    e->bits = (uint8_t)before;
    e->count = changed;
    c->count += changed;
    c->next = writable_now ? first : end;
    c->fill_end = writable_now ? end : c->fill_end;
    return STAGE_TOLD;
}

/* ---- advice ---- */

/* A page in slot s may have none of its bytes kept: it becomes as if never written. */
static bool free_page(struct kernel *k, struct vma *v, vpn_t vpn) {
    frame_t f = vma_page_where(v, vpn);
    if (vma_page_state(v, vpn) == PAGE_SWAPPED) {
        page_forget(k, k->call.proc, v, vpn);
        return true;
    }
    if (vma_page_state(v, vpn) != PAGE_RESIDENT || k->frame[f].shares > 1 || (k->frame[f].flags & FRAME_FILE)) return false;
    frame_clear_dirty(k, f);
    frame_forget_slot(k, f);
    k->frame[f].flags |= FRAME_LAZY;
    return true;
}

static enum stage_result advise_free(struct kernel *k, struct event *e, struct vma *v, vpn_t first, vpn_t end) {
    uint32_t pages = 0;
    for (vpn_t vpn = first; vpn < end; vpn++) pages += free_page(k, v, vpn);
    call_tell(k, e, EV_ADVISED_FREE, v, first, end);
    e->count = pages;
    return STAGE_TOLD;
}

static enum stage_result advise_dontneed(struct kernel *k, struct event *e, struct vma *v, vpn_t first, vpn_t end) {
    uint32_t freed = 0, pages = 0;
    for (vpn_t vpn = first; vpn < end; vpn++) {
        pages += vma_page_state(v, vpn) == PAGE_RESIDENT;
        freed += page_forget(k, k->call.proc, v, vpn);
    }
    call_tell(k, e, EV_ADVISED_AWAY, v, first, end);
    e->count = freed;
    e->value = pages;
    e->written = k->latch.written;
    k->latch.written = 0;
    return STAGE_TOLD;
}

/* Reading ahead: a page that is on disk comes into a frame that nobody maps yet. */
static bool read_ahead(struct kernel *k, struct event *e, struct vma *v, vpn_t vpn) {
    bool swapped = vma_page_state(v, vpn) == PAGE_SWAPPED;
    if (k->frames_free == 0 || vma_page_state(v, vpn) == PAGE_RESIDENT) return false;
    if (swapped && k->slot[vma_page_where(v, vpn)].frame != FRAME_NONE) return false;
    if (!swapped && (!cache_serves(k, v) || cache_frame(k, v, vpn) != FRAME_NONE || k->file[v->file].memory)) return false;
    frame_t f = frame_lowest_free(k);
    frame_take(k, f);
    call_tell(k, e, swapped ? EV_SWAP_READ : EV_FILE_READ, v, vpn, vpn + 1);
    e->frame = f;
    e->vpn = vpn;
    e->count = swapped ? 0 : vma_file_page(v, vpn);
    e->index = swapped ? 0 : v->file;
    e->slot = swapped ? vma_page_where(v, vpn) : SLOT_NONE;
    if (swapped) frame_keep_slot(k, f, e->slot);
    else cache_put(k, f, v->file, vma_file_page(v, vpn));
    enum vs_status s = ram_put(k->hw->ram, f, swapped ? content_ref(k->slot[e->slot].content) : page_first_content(k, v, vpn));
    if (s != VS_OK) k->status = s;
    frame_idle(k, f);
    return true;
}

static enum stage_result advise_ahead(struct kernel *k, struct event *e) {
    vpn_t first, end;
    for (struct vma *v; (v = call_next_region(k, &first, &end)); k->call.next = end)
        for (vpn_t vpn = first; vpn < end; vpn++) {
            if (!read_ahead(k, e, v, vpn)) continue;
            k->call.next = vpn + 1;
            k->call.count++;
            return STAGE_TOLD;
        }
    return STAGE_OVER;
}

/* Why the advice cannot be followed in region v; NULL: it can. */
static const char *cannot_advise(const struct vma *v, enum advice advice) {
    if (advice == ADVICE_DONTNEED && v->locked) return "its pages are locked in memory";
    if (advice == ADVICE_FREE && (v->file != FILE_NONE || v->shared)) return "only private anonymous memory can be freed so";
    if (advice == ADVICE_FREE && v->locked) return "its pages are locked in memory";
    if (advice == ADVICE_POPULATE_WRITE && !(v->perms & PERM_W)) return "the region may not be written";
    if (advice == ADVICE_POPULATE_READ && !(v->perms & PERM_R)) return "the region may not be read";
    return NULL;
}

const char *advice_wrong(struct kernel *k) {
    enum advice advice = (enum advice)call_now(k)->advice;
    const char *why = table_shape(k)->eager ? "segments are in memory whole" : NULL;
    vpn_t first, end;
    for (struct vma *v; !why && (v = call_next_region(k, &first, &end)); k->call.next = end) why = cannot_advise(v, advice);
    k->call.next = k->call.first;
    return why;
}

enum stage_result stage_advise(struct kernel *k, struct event *e) {
    struct os_call *c = &k->call;
    enum advice advice = (enum advice)call_now(k)->advice;
    vpn_t first, end;
    if (advice == ADVICE_WILLNEED) return advise_ahead(k, e);
    struct vma *v = call_next_region(k, &first, &end);
    if (!v || advice >= ADVICE_POPULATE_READ) return STAGE_OVER;
    enum stage_result r = advice == ADVICE_FREE ? advise_free(k, e, v, first, end) : advise_dontneed(k, e, v, first, end);
    c->count += e->count;
    c->next = end;
    return r;
}

/* ---- locking ---- */

enum stage_result stage_lock(struct kernel *k, struct event *e) {
    struct os_call *c = &k->call;
    bool lock = call_now(k)->kind == CALL_MLOCK;
    vpn_t first, end;
    uint32_t pages = 0;
    struct vma *v = call_next_region(k, &first, &end);
    if (!v) return STAGE_OVER;
    v->locked = lock;
    for (vpn_t vpn = first; vpn < end; vpn++) {
        if (vma_page_state(v, vpn) != PAGE_RESIDENT) continue;
        frame_pin(k, vma_page_where(v, vpn));
        pages++;
    }
    call_tell(k, e, lock ? EV_LOCKED : EV_UNLOCKED, v, first, end);
    e->count = pages;
    c->next = end;
    return STAGE_TOLD;
}
