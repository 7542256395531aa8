/* formats.c - looking a format up, and what the format files share. */
#include "hw/formats.h"

#include <string.h>

#define X(name) &format_##name,
const struct paging_format *const paging_formats[] = {PAGING_FORMATS(X) NULL};
#undef X

const struct paging_format *paging_by_name(const char *name) {
    for (const struct paging_format *const *f = paging_formats; *f; f++)
        if (strcmp((*f)->name, name) == 0) return *f;
    return NULL;
}

/* ---- checks ---- */

bool check_va_missing(const struct walk *w, const struct paging_format *f) {
    return !paging_va_exists(f, w->va);
}

bool check_not_valid(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return !(w->pte.flags & PTE_BIT(PTE_V));
}

/* ---- fields ---- */

bool check_not_permitted(const struct walk *w, const struct paging_format *f) {
    return !mmu_permits(f, w->mode, w->perms, (enum access_kind)w->op, w->user);
}

bool check_bits_due(const struct walk *w, const struct paging_format *f) {
    struct walk_write due;
    return !f->hardware_ad && walk_next_write(w, f, &due);
}

unsigned field_add(struct pte_field out[PTE_FIELDS_MAX], unsigned n, unsigned high, unsigned low,
                   const char *name, const char *meaning) {
    if (n == PTE_FIELDS_MAX) return n;
    out[n] = (struct pte_field){(uint8_t)high, (uint8_t)low, name, meaning};
    return n + 1;
}

unsigned fields_add(struct pte_field out[PTE_FIELDS_MAX], unsigned n, const struct pte_field *more,
                    size_t count) {
    for (size_t i = 0; i < count; i++)
        n = field_add(out, n, more[i].high, more[i].low, more[i].name, more[i].meaning);
    return n;
}

unsigned fields_not_valid(const struct paging_format *f, const char *valid,
                          struct pte_field out[PTE_FIELDS_MAX]) {
    unsigned n = field_add(out, 0, f->pte_bytes * 8 - 1, 1, "software",
                           "the hardware ignores these bits; the operating system may use them");
    return field_add(out, n, 0, 0, valid, "not valid: nothing is mapped here");
}
