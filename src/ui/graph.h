/* graph.h - numbers over time as bars, one column a bucket of struct pace (see vmscope/sim/pace.h). */
#ifndef VMSCOPE_UI_GRAPH_H
#define VMSCOPE_UI_GRAPH_H

#include "ui/pane_util.h"

#define GRAPH_BARS PACE_BUCKETS
#define GRAPH_UNKNOWN PACE_UNKNOWN

/* What a graph shows of each bucket. */
enum graph_of { GRAPH_FAULTS, GRAPH_RESIDENT, GRAPH_SET, GRAPHS };
struct graph {
    uint32_t bar[GRAPH_BARS]; /* GRAPH_UNKNOWN: nothing is known */
    unsigned count;           /* up to the present */
    uint32_t most;            /* the highest of them */
    uint64_t references;      /* that a bar stands for */
};

/* Of a process, up to now. `count` is 0 where nothing was noted of it. */
struct graph graph_of(const struct machine *m, proc_t p, enum graph_of what);
/* The latest bars that fit, `height` rows high at x,y; a bar of `most` reaches to the top. */
void graph_draw(const struct graph *g, const struct area *a, int x, int y, int width, int height, enum role role, uint32_t most);

/* One bar of that many eighths of a cell, in `rows` rows at x,y. */
void graph_draw_bar(const struct area *a, int x, int y, int rows, enum role role, int eighths);

#endif
