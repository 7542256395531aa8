/* check.c - the invariants of the whole memory system, checked by brute force after any micro-step.
 *
 *   - a frame is free, or has as many mappings as it says, each by a PTE that
 *     points to it and a region page that says it is resident there; or a page
 *     table, or a page that a cache keeps, or the one page that is under way
 *   - a slot is free, or has as many users as it counts: pages that are in it, and
 *     the frame whose bytes still equal it
 *   - what is clean can be had again: from its slot, or from its file
 *   - every count and every hint is right
 *
 * What a process sees of it (regions, PTEs, the TLB) is in check_pages.c.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"

/* ---- frames ---- */

static const char *check_mapping(const struct kernel *k, frame_t f, const struct rmap *r) {
    const struct frame *frame = &k->frame[f];
    const struct vma *v = vma_find(&k->process[r->proc], r->vpn);
    if (!k->process[r->proc].alive) return "a frame's owner has ended";
    if (!v || vma_page_state(v, r->vpn) != PAGE_RESIDENT || vma_page_where(v, r->vpn) != f)
        return "a frame's owner does not say that the page is there";
    if ((frame->flags & FRAME_FILE) && (v->file != frame->file || vma_file_page(v, r->vpn) != frame->file_page))
        return "a page of another file is mapped";
    if (v->shared && !(frame->flags & FRAME_FILE)) return "a shared region maps a frame that others cannot find";
    struct pte_at at = pagetable_at(k, r->proc, r->vpn);
    if (!at.found) return "a mapped frame has no PTE";
    if (!at.valid || at.pfn != f) return "a PTE does not point to the frame that it maps";
    return at.addr == r->pte_addr ? NULL : "a frame's reverse map names another PTE";
}

static const char *check_mappings(const struct kernel *k, frame_t f) {
    uint32_t seen = 0;
    bool locked = false;
    for (const struct rmap *r = &k->frame[f].owner;; r = &k->rmap_pool[r->next]) {
        const char *wrong = check_mapping(k, f, r);
        if (wrong) return wrong;
        locked |= vma_find(&k->process[r->proc], r->vpn)->locked;
        seen++;
        if (r->next == RMAP_END) break;
    }
    if (locked != ((k->frame[f].flags & FRAME_PINNED) != 0)) return "a frame is not pinned as its regions are locked";
    return seen == k->frame[f].shares ? NULL : "a frame's share count is not its number of mappings";
}

/* A frame that nobody maps is one that a cache knows. */
static const char *check_idle(const struct kernel *k, frame_t f) {
    const struct frame *frame = &k->frame[f];
    if (frame->shares) return "an idle frame is mapped";
    return frame->flags & FRAME_FILE || frame->slot != SLOT_NONE ? NULL : "an idle frame is in no cache";
}

/* The page under way is between two owners: its old one has left, its new one has no PTE yet. */
static bool is_under_way(const struct kernel *k, frame_t f) {
    const struct os_latch *l = &k->latch;
    bool between = l->phase == OS_SAVE_VICTIM || l->phase == OS_FILL || l->phase == OS_TABLES || l->phase == OS_WRITE_PTE;
    return between && l->frame != FRAME_NONE && f - l->frame < 1u << l->order;
}

static const char *check_frame(const struct kernel *k, frame_t f) {
    const struct frame *frame = &k->frame[f];
    bool left_alone = frame->shares == 0 && frame->flags == 0 && frame->slot == SLOT_NONE;
    if (!(frame->flags & FRAME_USED)) return left_alone ? NULL : "a free frame is not left alone";
    if (frame->flags & FRAME_IDLE) return check_idle(k, f);
    if (frame->flags & FRAME_TABLE) return frame->shares ? "a page table's frame is mapped" : NULL;
    if (frame->shares == 0) return is_under_way(k, f) ? NULL : "a used frame has no owner";
    return check_mappings(k, f);
}

static const char *check_frames(const struct kernel *k) {
    uint32_t free_frames = 0, idle = 0, tables = 0, pinned = 0;
    const char *wrong = NULL;
    for (frame_t f = 0; !wrong && f < k->config->frames; f++) {
        unsigned flags = k->frame[f].flags;
        wrong = check_frame(k, f);
        free_frames += !(flags & FRAME_USED);
        idle += (flags & FRAME_IDLE) != 0;
        pinned += (flags & FRAME_PINNED) != 0;
        tables += (flags & FRAME_TABLE) != 0;
        if (!(flags & FRAME_USED) && f < k->free_hint) return "a frame is free below the lowest free one";
        if ((flags & FRAME_IDLE) && f < k->idle_hint) return "a frame is idle below the lowest idle one";
    }
    if (wrong) return wrong;
    if (free_frames != k->frames_free) return "the number of free frames is wrong";
    if (pinned != k->pinned_frames) return "the number of pinned frames is wrong";
    if (idle != k->idle_frames) return "the number of idle frames is wrong";
    return k->config->tables_in_frames && tables != k->tables ? "the number of frames with page tables is wrong" : NULL;
}

/* ---- caches ---- */

/* Are the bytes of frame f those of *c? Drops *c. */
static bool holds(const struct kernel *k, frame_t f, struct content c) {
    struct content in_frame = ram_take(k->hw->ram, f);
    bool same = content_equal(&in_frame, &c, 1u << k->hw->format->page_shift);
    content_drop(&in_frame);
    content_drop(&c);
    return same;
}

/* Surely clean? A stale TLB entry, or one that stood there at the start, may write without setting D; and of a
 * victim that loses its mappings one by one, the latch knows. */
static bool is_clean(const struct kernel *k, frame_t f) {
    const struct os_latch *l = &k->latch;
    bool leaving = (l->phase == OS_UNMAP_VICTIM || l->phase == OS_SAVE_VICTIM) && l->frame == f;
    if (k->config->never_invalidates || k->config->tlb_preload_count || is_under_way(k, f)) return false;
    return !frame_dirty(k, f) && !(leaving && l->victim_dirty);
}

/* The page cache and its frames name each other; so do the swap cache and its. Clean pages equal what they came from. */
static const char *check_cached(const struct kernel *k, frame_t f) {
    const struct frame *frame = &k->frame[f];
    const struct file *file = frame->flags & FRAME_FILE ? &k->file[frame->file] : NULL;
    bool clean = is_clean(k, f);
    if (file && file->cache[frame->file_page] != f) return "the page cache does not know a frame of its own";
    if (file && file->slot && file->slot[frame->file_page] != SLOT_NONE) return "a page of shared memory is in two places";
    if (file && !file->memory && clean && !holds(k, f, file_content(k, frame->file, frame->file_page)))
        return "a clean page of a file is not what the file holds";
    if (frame->slot == SLOT_NONE) return NULL;
    if (k->slot[frame->slot].frame != f) return "the swap cache does not know a frame of its own";
    return clean && !holds(k, f, content_ref(k->slot[frame->slot].content)) ? "a clean page is not what its slot holds" : NULL;
}

static const char *check_caches(const struct kernel *k) {
    uint32_t cached = 0, in_files = 0, in_slots = 0, kept = 0;
    for (frame_t f = 0; f < k->config->frames; f++) {
        const char *wrong = check_cached(k, f);
        if (wrong) return wrong;
        cached += (k->frame[f].flags & FRAME_FILE) != 0;
        kept += k->frame[f].slot != SLOT_NONE;
    }
    for (uint32_t i = 0; i < k->file_count; i++)
        for (uint32_t page = 0; page < k->file[i].pages; page++) in_files += k->file[i].cache[page] != FRAME_NONE;
    for (slot_t s = 0; s < k->slot_high; s++) in_slots += k->slot[s].proc != PROC_NONE && k->slot[s].frame != FRAME_NONE;
    if (cached != in_files) return "the page cache names a frame that is not its own";
    return kept == in_slots ? NULL : "the swap cache names a frame that is not its own";
}

/* ---- slots: each has as many users as it counts ---- */

static void count_region(const struct vma *v, uint32_t *users) {
    for (vpn_t vpn = v->first; v->kind != VMA_KERNEL && vpn < v->end; vpn++)
        if (vma_page_state(v, vpn) == PAGE_SWAPPED) users[vma_page_where(v, vpn)]++;
}

/* Chosen for a page of shared memory, whose mappings go one by one before its file says where it is. */
static bool waits_for_user(const struct kernel *k, slot_t s) {
    const struct os_latch *l = &k->latch;
    return (l->phase == OS_UNMAP_VICTIM || l->phase == OS_SAVE_VICTIM) && l->slot == s && (k->frame[l->frame].flags & FRAME_FILE);
}

static const char *compare_users(const struct kernel *k, const uint32_t *users) {
    uint32_t used = 0;
    for (slot_t s = 0; s < k->slot_high; s++) {
        const struct swap_slot *slot = &k->slot[s];
        used += slot->proc != PROC_NONE;
        if (slot->proc == PROC_NONE && users[s]) return "a page is in a free slot";
        if (slot->proc == PROC_NONE && s < k->slot_hint) return "a slot is free below the lowest free one";
        if (slot->proc == PROC_NONE) continue;
        if (users[s] != slot->refs) return "a slot has other users than it counts";
        if (users[s] == 0 && !waits_for_user(k, s)) return "a slot is taken that nobody uses";
    }
    if (used > k->config->swap_slots) return "more slots are in use than there are";
    return used == k->slots_used ? NULL : "the number of used slots is wrong";
}

static const char *check_slots(const struct kernel *k) {
    uint32_t *users = mem_zalloc(k->slot_high + 1, sizeof *users);
    if (!users) return "no memory to count the slots' users";
    for (uint32_t p = 0; p < k->process_count; p++)
        for (uint32_t i = 0; i < k->process[p].vma_count; i++) count_region(&k->process[p].vma[i], users);
    for (frame_t f = 0; f < k->config->frames; f++)
        if (k->frame[f].slot != SLOT_NONE) users[k->frame[f].slot]++;
    for (uint32_t i = 0; i < k->file_count; i++)
        for (uint32_t page = 0; k->file[i].slot && page < k->file[i].pages; page++)
            if (k->file[i].slot[page] != SLOT_NONE) users[k->file[i].slot[page]]++;
    const char *wrong = compare_users(k, users);
    free(users);
    return wrong;
}

/* ---- the kernel's own pages ---- */

/* Each that was ever taken is in use, or was given back. */
static const char *check_tables(const struct kernel *k) {
    const struct machine_config *c = k->config;
    uint64_t taken = k->table_next - kernel_base_pfn(c);
    uint64_t others = (config_has_kernel(c) ? KERNEL_IMAGE_PAGES : 0) + (k->zero_page != 0);
    for (uint64_t word = 0; word * 64 < k->table_next - kernel_base_pfn(c); word++)
        for (uint64_t given = k->table_free[word]; given; given &= given - 1) taken--;
    return taken == others + (c->tables_in_frames ? 0 : k->tables) ? NULL : "the number of page-table pages is wrong";
}

const char *kernel_inconsistency(const struct kernel *k) {
    const char *wrong = check_frames(k);
    if (!wrong) wrong = check_slots(k);
    if (!wrong) wrong = check_caches(k);
    if (!wrong) wrong = check_tables(k);
    return wrong ? wrong : check_pages(k);
}
