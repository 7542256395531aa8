/* page_use.h - how many pages the steps use, part by part of a stretch of time.
 *
 *   steps   from      + scale   + 2 scale
 *   cell    | 0       | 1       | 2       |
 *   pages   | 12      | 11      | 40      |
 *
 * A cell's number is that of the distinct pages which its steps touch: Denning's working set
 * W(t, scale) where the cell ends. It follows from the steps alone, whatever machine does them.
 * It is counted in pieces, since a stretch may be a hundred million steps long.
 * Source: P. Denning, The Working Set Model for Program Behavior, CACM 11(5), 1968.
 */
#ifndef VMSCOPE_SIM_PAGE_USE_H
#define VMSCOPE_SIM_PAGE_USE_H

#include "vmscope/base/memory.h"
#include "vmscope/sim/step.h"

#define PAGE_USE_CELLS 512u

struct page_use {
    uint64_t from, scale; /* the first step, and how many make a cell; scale 0: nothing is counted */
    unsigned cells;
    uint32_t pages[PAGE_USE_CELLS];
    uint64_t done;        /* steps counted so far */
    proc_t running;       /* whose the steps are that do not say it */
    uint64_t last[2];     /* pages of the last fetch and the last other access of this cell: there already */
    struct map64 seen;    /* page -> the cell that it was last used in, from 1 */
    struct step *buffer;
};

/* Begin again, with `cells` cells, at most PAGE_USE_CELLS. What was counted is forgotten. */
void page_use_begin(struct page_use *u, uint64_t from, uint64_t scale, unsigned cells);
void page_use_end(struct page_use *u);
/* Count on, at most `most` steps and not beyond step `end`. False: no memory. */
bool page_use_more(struct page_use *u, const struct step_source *steps, unsigned page_shift, uint64_t end, uint64_t most);
/* The step behind the last one counted. */
static inline uint64_t page_use_counted(const struct page_use *u) { return u->from + u->done; }

#endif
