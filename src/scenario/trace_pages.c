/* trace_pages.c - see trace_pages.h. Most references, and most groups, use pages that were used lately in the
 * same way: those are not looked up. */
#include "scenario/trace_pages.h"

void noting_begin(struct noting *n, struct map64 *pages, unsigned page_shift) {
    n->pages = pages;
    n->page_shift = page_shift;
    for (size_t i = 0; i < KNOWN_PAGES; i++) n->known[i].vpn = UINT64_MAX; /* no page has this number */
}

static bool look_up_page(struct noting *n, vpn_t vpn, unsigned use) {
    uint32_t *known = map64_get(n->pages, vpn);
    if (known) *known |= use;
    if (!known && !map64_put(n->pages, vpn, use)) return false;
    n->known[vpn % KNOWN_PAGES].vpn = vpn;
    n->known[vpn % KNOWN_PAGES].use = known ? *known : use;
    return true;
}

static inline bool is_known(const struct noting *n, vpn_t vpn, unsigned use) {
    return n->known[vpn % KNOWN_PAGES].vpn == vpn && (n->known[vpn % KNOWN_PAGES].use & use) == use;
}

static inline bool note_page(struct noting *n, vpn_t vpn, unsigned use) {
    return is_known(n, vpn, use) || look_up_page(n, vpn, use);
}

static bool note_ref(struct noting *n, const struct step_ref *r) {
    vaddr_t end = r->va + (r->size - 1u);
    vpn_t past = va_to_vpn(end < r->va ? UINT64_MAX : end, n->page_shift);
    for (vpn_t v = va_to_vpn(r->va, n->page_shift); v <= past; v++)
        if (!note_page(n, v, 1u << r->op)) return false;
    return true;
}

bool noting_refs(struct noting *n, const struct step_ref *ref, size_t count) {
    const unsigned shift = n->page_shift;
    for (size_t i = 0; i < count; i++) {
        vpn_t first = ref[i].va >> shift, last = (ref[i].va + ref[i].size - 1) >> shift;
        if ((first != last || !is_known(n, first, 1u << ref[i].op)) && !note_ref(n, &ref[i])) return false;
    }
    return true;
}

/* A group that was summed up, and in which no reference crosses into another page. */
static bool note_uses(struct noting *n, const struct step_use *use, unsigned pages) {
    for (unsigned i = 0; i < pages; i++)
        if (!note_page(n, use[i].vpn, use[i].ops)) return false;
    return true;
}

bool trace_pages(const struct trace *t, struct map64 *pages) {
    struct noting n;
    struct step_ref ref[STEP_GROUP];
    bool good = true;
    noting_begin(&n, pages, t->index_shift);
    for (uint64_t at = 0; good && at < t->count; at += STEP_GROUP) {
        const struct trace_index *x = t->index[at / STEP_SPAN];
        const struct step_group *g = &x->group[at % STEP_SPAN / STEP_GROUP];
        if (g->pages && !g->crosses)
            good = note_uses(&n, x->use + g->first, g->pages);
        else
            good = noting_refs(&n, ref, trace_refs(t, at, g->steps, ref));
    }
    return good;
}
