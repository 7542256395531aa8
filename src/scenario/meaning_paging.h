/* meaning_paging.h - what the files that read the paging format share. */
#ifndef VMSCOPE_SCENARIO_MEANING_PAGING_H
#define VMSCOPE_SCENARIO_MEANING_PAGING_H

#include "scenario/meaning.h"

#define INDEX_BITS_MAX 26 /* of one level that the file describes */

struct choice_made {
    const char *name;              /* "sv32", "linear", "custom" */
    const struct tree_format *own; /* its description; NULL: as the table has it */
    struct value at;               /* for errors */
};

/* Where a description stands: its first value. */
struct value format_at(const struct tree_format *t);
/* The page's size into f->page_shift: a power of two, 8 bytes to 1 GiB. */
void read_page_size(struct load *l, const char *raw, struct paging_format *f);
void own_format(struct load *l, const struct choice_made *c, struct paging_format *f); /* custom, linear */
/* A linear table just large enough for all that the file speaks of. */
void size_by_steps(struct load *l, struct paging_format *f, struct value at);
/* Who sets A and D, control bits, and the widths that a named format leaves open. */
void read_controls(struct load *l, struct paging_format *f);

#endif
