/* region.c - the list of a process's regions (VMAs): cut, joined, put in, taken out.
 *
 *   cut at v     | heap          |        ->  | heap    | heap    |
 *                         ^v
 *   joined       | buf rw | buf rw |      ->  | buf rw          |
 *
 * mprotect and munmap of a part cut a region; neighbours that agree in
 * everything are one again. Invariant: ascending, not overlapping. Nothing here
 * touches frames or PTEs: the pages keep their places, in whichever region.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"

/* ---- the list ---- */

enum vs_status region_insert(struct process *p, uint32_t at, const struct vma *v) {
    size_t cap = p->vma_cap;
    struct vma made = *v; /* v may stand in the list itself */
    if (!mem_grow((void **)&p->vma, &cap, (size_t)p->vma_count + 1, sizeof *p->vma)) return VS_NOMEM;
    p->vma_cap = (uint32_t)cap;
    if (!vma_alloc(&made)) return VS_NOMEM;
    memmove(p->vma + at + 1, p->vma + at, (p->vma_count - at) * sizeof *p->vma);
    p->vma[at] = made;
    p->vma_count++;
    return VS_OK;
}

void region_remove(struct process *p, uint32_t at) {
    vma_release(&p->vma[at]);
    memmove(p->vma + at, p->vma + at + 1, (p->vma_count - at - 1) * sizeof *p->vma);
    p->vma_count--;
}

/* Pages first..end-1 of the region, with a room to grow from floor on; what both have keeps its places. */
bool region_resize(struct vma *v, vpn_t floor, vpn_t first, vpn_t end) {
    struct vma made = *v;
    made.floor = floor;
    made.first = first;
    made.end = end;
    if (!vma_alloc(&made)) return false;
    vpn_t low = floor > v->floor ? floor : v->floor, high = end < v->end ? end : v->end;
    if (low < high) {
        memcpy(made.where + (low - floor), v->where + (low - v->floor), (high - low) * sizeof *v->where);
        memcpy(made.state + (low - floor), v->state + (low - v->floor), high - low);
    }
    if (v->file != FILE_NONE && first > v->first) made.file_page += (uint32_t)(first - v->first);
    vma_release(v);
    *v = made;
    return true;
}

/* ---- cutting and joining ---- */

static bool is_cut(const struct process *p, vpn_t at) {
    const struct vma *v = vma_find(p, at);
    return v && v->first < at;
}

/* How many more regions there are when pages first..end-1 have become regions of their own. */
uint32_t region_cuts(const struct process *p, vpn_t first, vpn_t end) { return is_cut(p, first) + is_cut(p, end); }

/* How many are left when pages first..end-1 have gone. */
uint32_t region_left(const struct process *p, vpn_t first, vpn_t end) {
    uint32_t left = p->vma_count + region_cuts(p, first, end);
    for (uint32_t i = region_after(p, first); first < end && i < p->vma_count && p->vma[i].first < end; i++) left--;
    return left;
}

enum vs_status region_cut(struct process *p, vpn_t at, bool *cut) {
    uint32_t i = region_after(p, at);
    *cut = i < p->vma_count && p->vma[i].first < at;
    if (!*cut) return VS_OK;
    struct vma high = p->vma[i];
    high.floor = high.first = at;
    if (high.file != FILE_NONE) high.file_page += (uint32_t)(at - p->vma[i].first);
    enum vs_status s = region_insert(p, i + 1, &high);
    if (s != VS_OK) return s;
    struct vma *low = &p->vma[i], *to = &p->vma[i + 1];
    memcpy(to->where, low->where + (at - low->floor), vma_pages(to) * sizeof *to->where);
    memcpy(to->state, low->state + (at - low->floor), vma_pages(to));
    return region_resize(low, low->floor, low->first, at) ? VS_OK : VS_NOMEM;
}

static bool same_backing(const struct vma *low, const struct vma *high) {
    if (low->backing != high->backing || low->file != high->file || low->shared != high->shared) return false;
    return low->file == FILE_NONE || low->file_page + (low->end - low->first) == high->file_page;
}

/* May the two be one region? */
static bool agree(const struct vma *low, const struct vma *high) {
    return low->end == high->first && high->floor == high->first && low->kind == high->kind && low->perms == high->perms &&
           low->order == high->order && low->locked == high->locked && low->kind != VMA_KERNEL &&
           strcmp(low->name, high->name) == 0 && same_backing(low, high);
}

static enum vs_status join(struct process *p, uint32_t i) {
    struct vma *low = &p->vma[i], *high = &p->vma[i + 1];
    vpn_t seam = low->end;
    if (!region_resize(low, low->floor, low->first, high->end)) return VS_NOMEM;
    low->own_pages |= high->own_pages;
    memcpy(low->where + (seam - low->floor), high->where, vma_pages(high) * sizeof *high->where);
    memcpy(low->state + (seam - low->floor), high->state, vma_pages(high));
    region_remove(p, i + 1);
    return VS_OK;
}

enum vs_status region_join(struct process *p, vpn_t first, vpn_t end, uint32_t *joined) {
    enum vs_status s = VS_OK;
    *joined = 0;
    uint32_t i = region_after(p, first > 0 ? first - 1 : 0);
    while (s == VS_OK && i + 1 < p->vma_count && p->vma[i].end <= end) {
        if (!agree(&p->vma[i], &p->vma[i + 1])) {
            i++;
            continue;
        }
        s = join(p, i);
        ++*joined;
    }
    return s;
}

/* ---- a page of a reference string ---- */

enum vs_status process_map_page(struct process *p, vpn_t vpn, const char *name, struct vma **out) {
    struct vma v = {.first = vpn, .end = vpn + 1, .floor = vpn, .kind = VMA_MMAP, .backing = BACKING_ANON,
                    .perms = PERM_R | PERM_W | PERM_X, .file = FILE_NONE};
    struct text t = text_in(v.name, sizeof v.name);
    uint32_t joined;
    text_add(&t, name);
    enum vs_status s = region_insert(p, region_after(p, vpn), &v);
    if (s == VS_OK) s = region_join(p, vpn, vpn + 1, &joined);
    *out = s == VS_OK ? process_find(p, vpn) : NULL;
    return s;
}

/* ---- finding room ---- */

/* The first page that a program may not have: of kernel space, or of the half of the
 * addresses that begins with 1 bits, or behind the last page. */
vpn_t region_user_end(const struct kernel *k, const struct process *p) {
    const struct paging_format *f = k->hw->format;
    vpn_t end = f->sign_extended ? (vpn_t)1 << (paging_va_bits(f) - 1 - f->page_shift) : paging_last_vpn(f) + 1;
    for (uint32_t i = 0; i < p->vma_count; i++)
        if (p->vma[i].kind == VMA_KERNEL && p->vma[i].first < end) end = p->vma[i].first;
    return end;
}

/* Where a region's own room begins: a stack's, at the lowest page that it may grow to, and its guard. */
static vpn_t room_begins(const struct kernel *k, const struct vma *v) {
    vpn_t guard = v->floor < v->first ? k->config->guard_pages : 0;
    return v->floor > guard ? v->floor - guard : 0;
}

/* From the top down, as Linux does: below the stack, above the heap. */
vpn_t region_hole(const struct kernel *k, const struct process *p, uint64_t pages) {
    vpn_t end = region_user_end(k, p) - k->hw->format->sign_extended; /* as Linux, it leaves the page before the hole empty */
    bool under_stack = true; /* what lies above the stack is no place for mappings, if there is a stack */
    for (uint32_t i = 0; i < p->vma_count; i++)
        if (p->vma[i].kind == VMA_STACK && room_begins(k, &p->vma[i]) < end) under_stack = false;
    for (uint32_t i = p->vma_count; i-- > 0;) {
        const struct vma *v = &p->vma[i];
        vpn_t begins = room_begins(k, v);
        if (begins >= end) continue;
        if (under_stack && v->end <= end && end - v->end >= pages) return end - pages;
        under_stack |= v->kind == VMA_STACK;
        end = begins;
    }
    return end > pages ? end - pages : 0; /* page 0 is never given: address 0 means nowhere */
}

/* Does a PTE that the scenario gave bit by bit cover one of these pages? */
bool region_raw(const struct kernel *k, proc_t p, vpn_t first, vpn_t end) {
    for (size_t i = 0; k->process[p].raw && i < k->config->processes[p].map_count; i++) {
        const struct map_config *m = &k->config->processes[p].maps[i];
        vpn_t within = low_bits(paging_leaf_order(k->hw->format, m->level));
        if (m->raw && (m->vpn & ~within) < end && first <= (m->vpn | within)) return true;
    }
    return false;
}

bool region_free(const struct kernel *k, const struct process *p, vpn_t first, vpn_t end, const struct vma *but) {
    for (uint32_t i = 0; i < p->vma_count; i++) {
        const struct vma *v = &p->vma[i];
        if (v != but && room_begins(k, v) < end && first < v->end) return false;
    }
    return end <= region_user_end(k, p) && !region_raw(k, (proc_t)(p - k->process), first, end);
}

uint64_t region_pages(const struct kernel *k) {
    uint64_t pages = 0;
    for (uint32_t p = 0; p < k->process_count; p++)
        for (uint32_t i = 0; i < k->process[p].vma_count; i++) pages += vma_pages(&k->process[p].vma[i]);
    return pages;
}
