/* page_items.c - the pages of a process as items, ascending: see pane_util.h.
 *
 *    region of usual pages    an item a page
 *    region of huge pages     an item a huge page, as long as its pages are alike: all
 *                             untouched, or mapped by one entry; else an item a page
 *    kernel space             its pages that are mapped
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

int page_items(const struct sight *s) {
    vpn_t n = 0;
    for (uint32_t i = 0; i < s->p->vma_count; i++) n += items_of(s, &s->p->vma[i]);
    return n > INT_MAX ? INT_MAX : (int)n;
}

const struct vma *page_of_item(const struct sight *s, int item, vpn_t *vpn, vpn_t *pages) {
    vpn_t left = item < 0 ? 0 : (vpn_t)item;
    for (uint32_t i = 0; item >= 0 && i < s->p->vma_count; i++) {
        const struct vma *r = &s->p->vma[i];
        vpn_t n = items_of(s, r);
        if (left >= n) {
            left -= n;
            continue;
        }
        *vpn = r->order ? r->first : r->first + left;
        for (; r->order && left > 0; left--) *vpn += pages_of(s, r, *vpn);
        *pages = pages_of(s, r, *vpn);
        return r;
    }
    return NULL;
}

/* Items of the region before page `to`'s own. */
static vpn_t items_before(const struct sight *s, const struct vma *r, vpn_t to) {
    vpn_t n = 0;
    if (r->order == 0) return to - r->first;
    for (vpn_t vpn = r->first; vpn + pages_of(s, r, vpn) <= to; vpn += pages_of(s, r, vpn)) n++;
    return n;
}

int item_of_page(const struct sight *s, vpn_t vpn) {
    vpn_t before = 0;
    for (uint32_t i = 0; i < s->p->vma_count; i++) {
        const struct vma *r = &s->p->vma[i];
        if (vpn >= r->first && vpn < end_of(r)) {
            before += items_before(s, r, vpn);
            return before <= INT_MAX ? (int)before : -1;
        }
        before += items_of(s, r);
    }
    return -1;
}
