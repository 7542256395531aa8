/* huge.c - huge pages: one PTE above the last level maps many frames.
 *
 *   L1 leaf --> frame f, f+1, ... f+2^order-1, side by side and aligned
 *
 * Each of these frames has an owner of its own, as if small pages mapped it;
 * only the PTE that they name is the same. So everything else (policies, the
 * reverse map, counts) knows no huge pages. When one of the frames must leave,
 * the leaf is split into a table of smaller ones first. Where no frames lie
 * side by side, a small page is mapped instead.
 */
#include "os/internal.h"

static vpn_t first_of(vpn_t vpn, unsigned order) { return vpn & ~low_bits(order); }

/* Has none of the huge page's pages been touched, and are they all of this region? A part may have been
 * unmapped, or lie in a slot that a fork shares with the parent. */
static bool whole_and_new(const struct vma *v, vpn_t first, vpn_t end) {
    if (first < v->first || end > v->end) return false;
    for (vpn_t vpn = first; vpn < end; vpn++)
        if (vma_page_state(v, vpn) != PAGE_UNTOUCHED && vma_page_state(v, vpn) != PAGE_DROPPED) return false;
    return true;
}

bool huge_possible(const struct kernel *k, const struct vma *v) {
    const struct os_latch *l = &k->latch;
    if (l->order || l->no_huge) return false;
    struct pte_at at = pagetable_at(k, l->proc, l->vpn);
    if (at.valid || at.level < level_of_order(k->hw->format, v->order)) return false;
    vpn_t first = first_of(l->vpn, v->order);
    return whole_and_new(v, first, first + ((vpn_t)1 << v->order));
}

enum vs_status huge_find_frames(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    const struct process *p = &k->process[l->proc];
    unsigned order = process_find(&k->process[l->proc], l->vpn)->order;
    uint64_t count = (uint64_t)1 << order;
    bool fits = count <= k->frames_free && p->held + count <= p->quota;
    frame_t f = fits ? frame_lowest_run(k, (uint32_t)count, (uint32_t)count) : FRAME_NONE;
    l->no_huge = f == FRAME_NONE;
    l->frame = f;
    os_event(k, e, l->no_huge ? EV_NO_RUN : EV_FRAMES_RUN);
    e->count = (uint32_t)count;
    if (l->no_huge) return VS_OK;
    e->order = l->order = (uint8_t)order;
    for (uint32_t i = 0; i < count; i++) frame_take(k, f + i);
    l->phase = OS_FILL;
    return VS_OK;
}

/* ---- splitting ---- */

bool huge_can_split(const struct kernel *k, unsigned order) {
    const struct paging_format *f = k->hw->format;
    uint64_t bytes = 0;
    for (unsigned level = order ? level_of_order(f, order) : 0; level-- > 0;) bytes += paging_table_bytes(f, level);
    return bytes == 0 || table_possible(k, bytes);
}

/* The victim's huge leaf becomes a table of leaves one level down. */
static enum vs_status write_parts(struct kernel *k, const struct pte_at *leaf, paddr_t table) {
    const struct paging_format *f = k->hw->format;
    unsigned level = leaf->level - 1, order = paging_leaf_order(f, level);
    struct pte pte = paging_decode(f, leaf->word);
    pfn_t base = pa_to_pfn(paging_leaf_base(f, leaf->word, leaf->level), f->page_shift);
    enum vs_status s = VS_OK;
    for (uint64_t i = 0; s == VS_OK && i < (uint64_t)1 << f->index_bits[level]; i++) {
        pte.pfn = base + (i << order);
        s = pte_store(k, table + i * f->pte_bytes, paging_encode_leaf(f, pte, level));
    }
    for (pfn_t i = 0; i < (pfn_t)1 << paging_leaf_order(f, leaf->level); i++) {
        struct rmap *owner = &k->frame[base + i].owner;
        owner->pte_addr = table + (i >> order) * f->pte_bytes;
        owner->order = (uint8_t)order;
    }
    return s;
}

static void tell_split(const struct kernel *k, struct event *e, proc_t p, vpn_t vpn, const struct pte_at *leaf, paddr_t table) {
    const struct paging_format *f = k->hw->format;
    os_event(k, e, EV_HUGE_SPLIT);
    e->old_proc = p;
    e->old_vpn = first_of(vpn, paging_leaf_order(f, leaf->level));
    e->level = (uint8_t)(leaf->level - 1);
    e->table = table;
    e->pte_addr = leaf->addr;
    e->pte_old = leaf->word;
    e->pte = paging_encode_pointer(f, pa_to_pfn(table, f->page_shift));
    e->count = 1u << f->index_bits[leaf->level - 1];
}

enum vs_status huge_split_page(struct kernel *k, proc_t p, vpn_t vpn, struct event *e) {
    const struct paging_format *f = k->hw->format;
    struct pte_at leaf = pagetable_at(k, p, vpn);
    uint64_t bytes = paging_table_bytes(f, leaf.level - 1);
    paddr_t table;
    enum vs_status s = table_take(k, bytes, &table);
    if (s != VS_OK) return s;
    k->process[p].table_bytes += bytes;
    s = write_parts(k, &leaf, table);
    if (e) tell_split(k, e, p, vpn, &leaf, table);
    if (s == VS_OK) s = pte_store(k, leaf.addr, paging_encode_pointer(f, pa_to_pfn(table, f->page_shift)));
    tlb_forget(k, p, vpn);
    return s;
}

enum vs_status huge_split(struct kernel *k, struct event *e) {
    struct rmap owner = k->frame[k->latch.frame].owner;
    enum vs_status s = huge_split_page(k, owner.proc, owner.vpn, e);
    if (s == VS_LIMIT) return evict_out_of_memory(k, e);
    if (pagetable_at(k, owner.proc, owner.vpn).level == 0) k->latch.phase = OS_UNMAP_VICTIM;
    return s;
}
