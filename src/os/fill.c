/* fill.c - what a page finds in its frame: zeros, its file's bytes, those it had
 * when it went to swap, or a copy of what it shared.
 *
 * A page that is in some frame already is mapped there and not read again.
 */
#include "os/internal.h"

/* The page comes into the cache, where others find it. */
static void enter_cache(struct kernel *k, const struct vma *v) {
    const struct os_latch *l = &k->latch;
    if (cache_serves(k, v) && (v->shared || l->op != ACCESS_WRITE)) cache_put(k, l->frame, v->file, vma_file_page(v, l->vpn));
}

static enum vs_status fill_zero(struct kernel *k, struct event *e, struct vma *v) {
    enum vs_status s = VS_OK;
    os_event(k, e, EV_ZERO_FILL);
    for (uint32_t i = 0; s == VS_OK && i < 1u << k->latch.order; i++)
        s = ram_clear(k->hw->ram, k->latch.frame + i);
    if (v->shared) enter_cache(k, v);
    return s;
}

static enum vs_status fill_zero_page(struct kernel *k, struct event *e) {
    k->latch.frame = FRAME_NONE;
    os_event(k, e, EV_ZERO_SHARE);
    e->pfn = k->zero_page;
    return VS_OK;
}

/* From the page's own slot, or the one where shared memory has it. */
static enum vs_status fill_from_swap(struct kernel *k, struct event *e, struct vma *v) {
    const struct os_latch *l = &k->latch;
    bool own = vma_page_state(v, l->vpn) == PAGE_SWAPPED;
    slot_t s = own ? vma_page_where(v, l->vpn) : cache_slot(k, v, l->vpn);
    os_event(k, e, EV_SWAP_READ);
    e->slot = s;
    frame_keep_slot(k, l->frame, s); /* valid until the page is dirtied */
    if (!own) {
        k->file[v->file].slot[vma_file_page(v, l->vpn)] = SLOT_NONE;
        swap_drop(k, s);
        enter_cache(k, v);
    }
    return ram_share(k->hw->ram, l->frame, &k->slot[s].content);
}

struct content page_first_content(const struct kernel *k, const struct vma *v, vpn_t vpn) {
    if (v->file == FILE_NONE) return (struct content){0};
    return file_content(k, v->file, vma_file_page(v, vpn));
}

static enum vs_status fill_from_file(struct kernel *k, struct event *e, struct vma *v) {
    const struct os_latch *l = &k->latch;
    os_event(k, e, EV_FILE_READ);
    e->count = vma_file_page(v, l->vpn);
    e->index = v->file;
    memcpy(e->region, v->name, sizeof e->region);
    enter_cache(k, v);
    return ram_put(k->hw->ram, l->frame, page_first_content(k, v, l->vpn));
}

static enum vs_status fill_copy(struct kernel *k, struct event *e, struct vma *v) {
    const struct os_latch *l = &k->latch;
    (void)v;
    if (l->cow_from == FRAME_NONE) {
        os_event(k, e, EV_ZERO_COPY);
        return ram_put(k->hw->ram, l->frame, (struct content){0});
    }
    os_event(k, e, EV_COW_COPY);
    e->pfn = l->cow_from;
    e->count = k->frame[l->cow_from].shares;
    const struct frame *from = &k->frame[l->cow_from];
    bool unsaved = frame_dirty(k, l->cow_from) || from->slot != SLOT_NONE; /* the copy has no slot yet */
    if (!(from->flags & FRAME_FILE) && unsaved) k->frame[l->frame].flags |= FRAME_D;
    return ram_put(k->hw->ram, l->frame, ram_take(k->hw->ram, l->cow_from));
}

/* In memory already: in the cache, or as the swap cache's frame of the page's slot. */
static enum vs_status fill_shared(struct kernel *k, struct event *e, struct vma *v) {
    struct os_latch *l = &k->latch;
    bool swapped = vma_page_state(v, l->vpn) == PAGE_SWAPPED;
    slot_t slot = swapped ? vma_page_where(v, l->vpn) : SLOT_NONE;
    l->frame = swapped ? swap_cached(k, slot) : cache_frame(k, v, l->vpn);
    if (swapped) frame_write_protect(k, l->frame); /* its sharers' next write must be noticed */
    os_event(k, e, swapped ? EV_SHARE_SWAP : EV_SHARE);
    e->slot = slot;
    e->count = k->frame[l->frame].shares + 1;
    return VS_OK;
}

enum vs_status fault_fill(struct kernel *k, struct event *e) {
    typedef enum vs_status filler(struct kernel *, struct event *, struct vma *);
    static filler *const fill[FAULT_COUNT] = {
        [FAULT_MINOR_ZERO] = fill_zero,       [FAULT_MINOR_GROWTH] = fill_zero, [FAULT_MINOR_MAP] = fill_shared,
        [FAULT_MINOR_COW] = fill_copy,
        [FAULT_MAJOR_SWAP] = fill_from_swap, [FAULT_MAJOR_FILE] = fill_from_file};
    struct os_latch *l = &k->latch;
    enum vs_status s = l->zero_page ? fill_zero_page(k, e) : fill[l->fault](k, e, process_find(&k->process[l->proc], l->vpn));
    l->phase = map_tables_missing(k) ? OS_TABLES : OS_WRITE_PTE;
    return s;
}
