/* pane_translation.h - the way from a virtual address to a physical one as lines,
 * for the files that make it:
 *
 *   pane_translation.c         which lines there are, and which of them fit
 *   pane_translation_fields.c  the address cut into its fields
 *   pane_translation_walk.c    what the walk has read, in trees and in chains
 *   pane_translation_sum.c     base and bounds, and the physical address put together
 */
#ifndef VMSCOPE_UI_PANE_TRANSLATION_H
#define VMSCOPE_UI_PANE_TRANSLATION_H

#include "ui/pane_registers.h"

#define FIELDS_MAX (PAGING_LEVELS_MAX + 2) /* sign extension, indices, offset */

/* A part of the virtual address. */
struct field {
    char name[20], value[24];
    unsigned bits, low; /* how many, and the lowest of them */
    uint64_t number;
    bool sign;          /* the upper bits, which must all equal the one below */
    int width, x;
};
struct fields {
    struct field field[FIELDS_MAX]; /* from the left: sign extension, the root's index..., the offset last */
    int count;
    bool binary, fits;
};

enum walk_column { LEVEL, ADDRESS, TAG, WORD, FLAGS, RESULT, WALK_COLUMNS };

struct painter {
    const struct view *v;
    struct sight s;
    const struct walk *walk; /* the one shown */
    struct fields fields;
    struct column c[WALK_COLUMNS];
    int digits;              /* of a physical address, everywhere in the pane */
    unsigned reads;          /* words that the walk has read and that are kept */
};

/* ---- fields ---- */
/* The level where a huge page's leaf was found; 0: none, or it is not known yet. */
unsigned leaf_level(const struct sight *s);
struct fields cut_address(const struct view *v, const struct sight *s, int width);

/* ---- lines: each draws itself into row y; `arg` is its number among its like ---- */
typedef void line_function(const struct painter *p, const struct area *a, int y, unsigned arg);
line_function draw_field_names, draw_field_ruler, draw_field_bits, draw_field_values;
line_function draw_heads, draw_level, draw_level_sum, draw_hash, draw_link;
line_function draw_base, draw_bounds, draw_compare, draw_pa;

/* ---- the walk ---- */
void choose_walk_columns(struct painter *p, int width);
/* Lines that the chain of an inverted table takes: the anchor, entries read, the one to come. */
unsigned chain_lines(const struct painter *p);
/* Which line of the walk the hardware is at: 0 the first. */
unsigned walk_line_now(const struct painter *p);

/* ---- base and bounds ---- */
/* The descriptor's two words, once they were read; false: not yet. */
bool descriptor_read(const struct painter *p, uint64_t *base, uint64_t *bounds);

#endif
