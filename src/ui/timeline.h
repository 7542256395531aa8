/* timeline.h - the timeline's graphs, and the stretch of time that they are of. */
#ifndef VMSCOPE_UI_TIMELINE_H
#define VMSCOPE_UI_TIMELINE_H

#include "ui/strip.h"

#define TIMELINE_GRAPHS 3

/* Page faults, TLB misses and pages used in each cell of s, one graph above the other, with labels in
 * the first x columns. */
void draw_time_graphs(const struct view *v, const struct area *a, const struct strip *s, int x);
/* What the pane's graphs are of, in a pane of that size; false: it has none. Pages used are counted for it
 * (view.use) while nothing else is to be done. */
bool timeline_stretch(const struct view *v, const struct pane_state *st, int width, int height, struct strip *out);

#endif
