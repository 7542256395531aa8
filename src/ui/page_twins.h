/* page_twins.h - a page and what other processes have at its place, or in its frame: for details. */
#ifndef VMSCOPE_UI_PAGE_TWINS_H
#define VMSCOPE_UI_PAGE_TWINS_H

#include "ui/pane_util.h"

/* The PTEs of other processes for this page of the process looked at (the same page number after a
 * fork, or another page in the same frame), and where its bytes and theirs differ. Nothing where
 * nobody has such a page. */
void write_twins(struct page_writer *w, const struct sight *s, const struct vma *r, vpn_t vpn);

#endif
