/* pane_page_table.h - the page table, looked at in one of several ways.
 *
 *   pane_page_list.c      the pages of the process, an entry each
 *   pane_page_tree.c      the tables as they lead to each other (page_tree.c finds the lines)
 *   pane_page_hashed.c    an inverted table: an entry a frame, and its chains
 *   pane_page_segments.c  base and bounds
 */
#ifndef VMSCOPE_UI_PANE_PAGE_TABLE_H
#define VMSCOPE_UI_PANE_PAGE_TABLE_H

#include "ui/pane_util.h"
#include "ui/pte_detail.h"

/* What a way of looking does: as struct pane has it. */
struct table_way {
    const char *name; /* for the heading */
    int (*items)(const struct view *v, const struct sight *s);
    int (*hot)(const struct view *v, const struct sight *s);
    void (*draw)(const struct view *v, const struct sight *s, const struct area *a, struct pane_state *st, bool focused);
    void (*detail)(const struct view *v, const struct sight *s, int item, struct page_writer *w);
    bool (*matches)(const struct view *v, const struct sight *s, int item, const char *needle);
};
extern const struct table_way way_list, way_tree, way_hashed, way_segments;

/* "rwxuad": the letters of the flags that the format has, '-' for those not in `flags`. V and G are left out. */
void flag_letters(const struct paging_format *f, unsigned flags, char out[PTE_FLAGS + 1]);
/* Does the last event write, or read, the entry at addr? */
bool entry_changed(const struct sight *s, paddr_t addr);
bool entry_read(const struct sight *s, paddr_t addr);

#endif
