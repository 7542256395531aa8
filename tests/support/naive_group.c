/* naive_group.c - see naive_group.h. */
#include "naive_group.h"

static vpn_t page_of(const struct step *s, unsigned shift) { return s->va >> shift; }

static bool used_later(const struct step *s, size_t n, size_t i, unsigned shift) {
    for (size_t k = i + 1; k < n; k++)
        if (page_of(&s[k], shift) == page_of(&s[i], shift)) return true;
    return false;
}

static uint8_t changes_up_to(const struct step *s, size_t i, unsigned shift) {
    unsigned changes = 1;
    for (size_t k = 1; k <= i; k++) changes += page_of(&s[k], shift) != page_of(&s[k - 1], shift);
    return (uint8_t)changes;
}

static struct step_use use_of_page(const struct step *s, size_t last, unsigned shift) {
    struct step_use u = {.vpn = page_of(&s[last], shift), .last = (uint8_t)last, .turn = changes_up_to(s, last, shift)};
    for (size_t k = 0; k <= last; k++) {
        if (page_of(&s[k], shift) != u.vpn) continue;
        u.times++;
        u.ops |= (uint8_t)(1u << s[k].op);
    }
    return u;
}

void naive_group(const struct step *s, size_t n, unsigned page_shift, struct step_group *g, struct step_use *use) {
    unsigned pages = 0;
    *g = (struct step_group){.steps = (uint8_t)n, .turns = changes_up_to(s, n - 1, page_shift)};
    for (size_t i = 0; i < n; i++) {
        uint64_t bytes = (uint64_t)1 << page_shift;
        g->by_kind[s[i].op]++;
        if (s[i].va % bytes + s[i].size > bytes) g->crosses = true;
        if (used_later(s, n, i, page_shift)) continue;
        if (pages < STEP_GROUP_PAGES) use[pages] = use_of_page(s, i, page_shift);
        if (page_of(&s[i], page_shift) == page_of(&s[0], page_shift)) g->opens = (uint8_t)pages;
        pages++;
    }
    g->pages = pages <= STEP_GROUP_PAGES ? (uint8_t)pages : 0;
}
