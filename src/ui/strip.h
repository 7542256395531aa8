/* strip.h - a stretch of time as a row of cells, one or many steps each.
 *
 *    ..T..m..T..M..C...-----------     - not reached yet
 *    1    5    ^    15   20            ticks; ^ the present
 *
 * A cell of several steps shows the worst outcome, up to CELL_EXACT steps a cell. Beyond, every
 * cell would be its worst: the cell's height shows instead which part of its steps faulted.
 *
 * Zoom 0 is all of time; each further one looks closer at the place where the strip is told to
 * look, until a cell is a single step.
 */
#ifndef VMSCOPE_UI_STRIP_H
#define VMSCOPE_UI_STRIP_H

#include "ui/pane_util.h"

#define CELL_EXACT 100u

struct strip {
    const struct history *h;
    uint64_t steps, now, scale; /* of all; index of the present (UINT64_MAX: none); steps a cell */
    uint64_t known;             /* steps done: only the past is shown, wherever time has been */
    uint64_t from;              /* first step shown */
    int cells;
    uint64_t most;              /* faults in 1,000,000,000 steps like those of the worst cell, where cells are summed up */
    unsigned seen;              /* bit per enum outcome that the strip shows */
};

/* So close (or as close as there is) at step `around`, in a row of `cells`. */
struct strip strip_of(const struct view *v, int cells, unsigned zoom, uint64_t around);
/* The closest zoom of a strip of that many cells: a cell is a step. */
unsigned strip_closest(const struct view *v, int cells);
/* Cells that have steps. */
int strip_used(const struct strip *s);
/* Of a step; -1: it is not shown. */
int strip_cell(const struct strip *s, uint64_t step);
/* Of the cell's steps, the first and the one behind the last. */
uint64_t strip_first(const struct strip *s, int cell);
uint64_t strip_end(const struct strip *s, int cell);

/* Draw one cell; those of a row, from cell `first` on; their ticks. */
void strip_draw_cell(const struct strip *s, const struct area *a, int x, int y, int cell);
void strip_draw_row(const struct strip *s, const struct area *a, int x, int y, int first, int count);
void strip_draw_ticks(const struct strip *s, const struct area *a, int x, int y, int first, int count);
/* What the letters mean: of all outcomes where they fit, else of those that the strip shows. Returns where more may stand. */
int strip_draw_legend(const struct strip *s, const struct area *a, int x, int y);
int strip_legend_width(const struct strip *s); /* of those that it shows; 0: it has heights instead of letters */

/* A number of steps in few letters: "20", "5k", "20M". */
void say_steps(struct text *out, uint64_t n);

#endif
