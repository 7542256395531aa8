/* layout.h - which panes stand where on a screen of a given size.
 *
 * Panes share their border lines: a box is the inside of a frame, and the frame
 * is the box widened by one cell on each side. So boxes never overlap, and two
 * neighbours are one line apart.
 */
#ifndef VMSCOPE_UI_LAYOUT_H
#define VMSCOPE_UI_LAYOUT_H

#include <stdbool.h>

/* Panes by index: the order of pane_table; digits '1'..'9', then '0'. */
enum pane_id {
    PANE_ADDRESS_SPACE, PANE_TRANSLATION, PANE_PAGE_TABLE, PANE_TLB, PANE_FRAMES, PANE_SWAP, PANE_NARRATION,
    PANE_COUNTERS, PANE_TIMELINE, PANE_PROCESSES, PANES
};

#define SCREEN_MIN_WIDTH 40
#define SCREEN_MIN_HEIGHT 10

struct box {
    int x, y, width, height; /* width 0: not on this screen */
};
struct layout {
    bool too_small;
    struct box title, path, timeline, counters, footer; /* lines without a frame */
    struct box frame;       /* all framed panes with their outer border */
    struct box pane[PANES]; /* the inside of each */
    bool framed[PANES];     /* narration may stand unframed below the others */
};

/* Rows inside that panes would like to have, where their neighbours can spare them; 0: as it comes;
 * negative: the pane is not needed, its neighbours have its place (unless it has the keys and is zoomed). */
struct layout_wish {
    int rows[PANES];
};

/* Where all goes on a screen of width x height. `zoom`: a pane to have the whole
 * middle of the screen, or -1. `focus`: the one to show where there is room for one only. */
void layout_compute(int width, int height, int zoom, int focus, struct layout *out);
/* The same, heeding wishes. */
void layout_compute_wish(int width, int height, int zoom, int focus, const struct layout_wish *wish, struct layout *out);

#endif
