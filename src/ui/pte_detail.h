/* pte_detail.h - words of page tables, bit by bit: for details. */
#ifndef VMSCOPE_UI_PTE_DETAIL_H
#define VMSCOPE_UI_PTE_DETAIL_H

#include "ui/pane_util.h"

/* A ruler over the word's bits with its fields marked, then a line a field: bits, name, value, meaning. */
void write_word(struct page_writer *w, const struct paging_format *f, uint64_t word, unsigned level);
/* One entry: its name and address, the word, where it leads, and its bits. */
void write_entry(struct page_writer *w, const struct sight *s, paddr_t addr, uint64_t word, unsigned level,
                 uint32_t index);
/* All words that the walk under way has read. */
void write_walk(struct page_writer *w, const struct sight *s);

#endif
