/* page_items.c - the pages of a process as items, ascending: see pane_util.h.
 *
 *    region of usual pages    an item a page
 *    region of huge pages     an item a huge page, as long as its pages are alike: all
 *                             untouched, or mapped by one entry; else an item a page
 *    kernel space             its pages that are mapped
 *    outside all regions      an item an entry that the scenario gives as a word
 *                             (map: {pte: ...}): the kernel wrote it and knows nothing of it
 */
#include "ui/pane_util.h"

#include <limits.h>

/* Pages of the region that count. */
static vpn_t end_of(const struct vma *r) {
    vpn_t vpn = r->first;
    if (r->kind != VMA_KERNEL) return r->end;
    while (vpn < r->end && vma_page_state(r, vpn) == PAGE_RESIDENT) vpn++;
    return vpn;
}

static bool mapped_huge(const struct sight *s, const struct vma *r, vpn_t vpn) {
    if (vma_page_state(r, vpn) != PAGE_RESIDENT) return false;
    uint32_t frame = vma_page_where(r, vpn);
    return frame < s->k->config->frames && s->k->frame[frame].owner.order == r->order;
}

/* Pages of the item that begins at vpn. */
static vpn_t pages_of(const struct sight *s, const struct vma *r, vpn_t vpn) {
    vpn_t size = (vpn_t)1 << r->order;
    if (r->order == 0 || r->kind == VMA_KERNEL || vpn % size || r->end - vpn < size) return 1;
    bool huge = mapped_huge(s, r, vpn);
    for (vpn_t i = 0; i < size; i++)
        if (huge ? !mapped_huge(s, r, vpn + i) : vma_page_state(r, vpn + i) != PAGE_UNTOUCHED) return 1;
    return size;
}

static vpn_t items_of(const struct sight *s, const struct vma *r) {
    vpn_t end = end_of(r), n = 0;
    if (r->order == 0) return end - r->first;
    for (vpn_t vpn = r->first; vpn < end; vpn += pages_of(s, r, vpn)) n++;
    return n;
}

/* ---- entries outside the regions ---- */

/* Into the array of n, where it is ascending; equal ones once. */
static size_t insert_by_hand(struct by_hand *out, size_t n, struct by_hand new) {
    size_t at = n;
    while (at > 0 && out[at - 1].first > new.first) at--;
    if (at > 0 && out[at - 1].first == new.first) return n;
    for (size_t i = n; i > at; i--) out[i] = out[i - 1];
    out[at] = new;
    return n + 1;
}

size_t pages_by_hand(const struct sight *s, struct by_hand out[BY_HAND_MAX]) {
    const struct machine_config *c = s->k->config;
    size_t n = 0, maps = s->p->alive && s->proc < c->process_count ? c->processes[s->proc].map_count : 0;
    for (size_t i = 0; i < maps && n < BY_HAND_MAX; i++) {
        const struct map_config *m = &c->processes[s->proc].maps[i];
        if (!m->raw || !pagetable_at(s->k, s->proc, m->vpn).found) continue;
        vpn_t covered = low_bits(paging_leaf_order(s->f, m->level));
        n = insert_by_hand(out, n, (struct by_hand){m->vpn & ~covered, covered + 1});
    }
    return n;
}

/* ---- all of them, ascending ---- */

/* A region, or an entry outside of them. */
struct stretch {
    const struct vma *region; /* NULL: an entry */
    vpn_t first, end, items;
};
struct stretches {
    const struct sight *s;
    struct by_hand entry[BY_HAND_MAX];
    size_t entries, next_entry;
    uint32_t next_region;
};

static struct stretches stretches_of(const struct sight *s) {
    struct stretches all = {.s = s};
    all.entries = pages_by_hand(s, all.entry);
    return all;
}

static bool next_stretch(struct stretches *all, struct stretch *out) {
    const struct process *p = all->s->p;
    const struct vma *r = all->next_region < p->vma_count ? &p->vma[all->next_region] : NULL;
    const struct by_hand *e = all->next_entry < all->entries ? &all->entry[all->next_entry] : NULL;
    if (e && (!r || e->first < r->first)) {
        *out = (struct stretch){NULL, e->first, e->first + e->pages, 1};
        all->next_entry++;
        return true;
    }
    if (!r) return false;
    *out = (struct stretch){r, r->first, end_of(r), items_of(all->s, r)};
    all->next_region++;
    return true;
}

int page_items(const struct sight *s) {
    struct stretches all = stretches_of(s);
    struct stretch at;
    vpn_t n = 0;
    while (next_stretch(&all, &at)) n += at.items;
    return n > INT_MAX ? INT_MAX : (int)n;
}

/* The item `left` of a stretch that has so many. */
static struct page_item item_in(const struct sight *s, const struct stretch *at, vpn_t left) {
    const struct vma *r = at->region;
    if (!r) return (struct page_item){NULL, at->first, at->end - at->first};
    vpn_t vpn = r->order ? r->first : r->first + left;
    for (; r->order && left > 0; left--) vpn += pages_of(s, r, vpn);
    return (struct page_item){r, vpn, pages_of(s, r, vpn)};
}

bool page_of_item(const struct sight *s, int item, struct page_item *out) {
    struct stretches all = stretches_of(s);
    struct stretch at;
    vpn_t left = item < 0 ? 0 : (vpn_t)item;
    while (item >= 0 && next_stretch(&all, &at)) {
        if (left < at.items) {
            *out = item_in(s, &at, left);
            return true;
        }
        left -= at.items;
    }
    return false;
}

/* Items of the region before page `to`'s own. */
static vpn_t items_before(const struct sight *s, const struct vma *r, vpn_t to) {
    vpn_t n = 0;
    if (r->order == 0) return to - r->first;
    for (vpn_t vpn = r->first; vpn + pages_of(s, r, vpn) <= to; vpn += pages_of(s, r, vpn)) n++;
    return n;
}

int item_of_page(const struct sight *s, vpn_t vpn) {
    struct stretches all = stretches_of(s);
    struct stretch at;
    vpn_t before = 0;
    while (next_stretch(&all, &at)) {
        if (vpn >= at.first && vpn < at.end) {
            before += at.region ? items_before(s, at.region, vpn) : 0;
            return before <= INT_MAX ? (int)before : -1;
        }
        before += at.items;
    }
    return -1;
}
