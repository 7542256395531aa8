/* formats.h - the one table of paging formats, and what their files share.
 *
 * A format is a file src/hw/format_*.c, which defines format_NAME, and its line
 * here; docs/formats.md shows how. Messages list them in this order.
 */
#ifndef VMSCOPE_HW_FORMATS_H
#define VMSCOPE_HW_FORMATS_H

#include "vmscope/hw/mmu.h"

#define PAGING_FORMATS(X) /* X(NAME) */                                                                      \
    X(linear)                                                                                                \
    X(custom)                                                                                                \
    X(sv32)                                                                                                  \
    X(sv39)                                                                                                  \
    X(sv48)                                                                                                  \
    X(sv57)                                                                                                  \
    X(x86_32)                                                                                                \
    X(x86_64)                                                                                                \
    X(x86_64_la57)                                                                                           \
    X(aarch64)                                                                                               \
    X(inverted)                                                                                              \
    X(base_bounds)                                                                                           \
    X(segments)

#define X(name) extern const struct paging_format format_##name;
PAGING_FORMATS(X)
#undef X

/* Checks that many architectures make (struct walk_check, `fails`): true when the walk must stop. */
bool check_va_missing(const struct walk *w, const struct paging_format *f); /* the VA cannot exist */
bool check_not_valid(const struct walk *w, const struct paging_format *f);  /* the entry's valid bit is 0 */
bool check_not_permitted(const struct walk *w, const struct paging_format *f); /* R, W, X or U forbid it */
bool check_bits_due(const struct walk *w, const struct paging_format *f); /* A or D is due, and software sets them */

/* Append fields to the first n of `out`; return how many there are now. */
unsigned field_add(struct pte_field out[PTE_FIELDS_MAX], unsigned n, unsigned high, unsigned low,
                   const char *name, const char *meaning);
unsigned fields_add(struct pte_field out[PTE_FIELDS_MAX], unsigned n, const struct pte_field *more,
                    size_t count);
/* The fields of a word whose valid bit is 0: hardware reads no other. `valid` is that bit's name. */
unsigned fields_not_valid(const struct paging_format *f, const char *valid,
                          struct pte_field out[PTE_FIELDS_MAX]);

#endif
