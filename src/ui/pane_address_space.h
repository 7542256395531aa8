/* pane_address_space.h - the address space as lines, for the two files that make
 * it: what the lines are (pane_address_lines.c) and which of them fit
 * (pane_address_space.c). */
#ifndef VMSCOPE_UI_PANE_ADDRESS_SPACE_H
#define VMSCOPE_UI_PANE_ADDRESS_SPACE_H

#include "ui/pane_util.h"

/* Kinds of lines that may be left out, in the order in which room is given to them. */
enum extra { X_BOTTOM, X_HOLE, X_BREAK, X_SUMMARY, X_ARROWS, X_LEGEND, X_TOP, X_HOLE_BORDERS, X_GAP, X_LEGEND_2, EXTRAS };

/* For want of room: page numbers, or addresses of 8 digits with ".." in the long ones. */
enum address_style { ADDRESS_WHOLE, ADDRESS_PAGE, ADDRESS_SHORT };
#define SHORT_ADDRESS 8

/* How the pane is filled. */
struct plan {
    unsigned extras;             /* bit per enum extra */
    int region_rows;             /* lines that a region may have */
    int gap_rows;                /* lines more for a gap, where there is room */
    int addr, name, cells, note; /* widths; addr 0: no addresses */
    int full_width;              /* of the pane */
    enum address_style style;
    bool boxed;                  /* lines at both sides */
};

struct painter {
    struct sight s;
    struct plan plan;
    const struct area *a; /* NULL: only count */
    proc_t beside;        /* whose frames count as shared; PROC_NONE: anybody's */
    struct by_hand entry[BY_HAND_MAX]; /* outside the regions */
    size_t entries;
    int y, scroll;
    int cursor;          /* region selected, or -1 */
    int hot_y, select_y; /* lines of the access and of the selection, found while emitting */
};
static inline bool has(const struct painter *p, enum extra x) { return p->plan.extras >> x & 1; }

/* A region as rows of cells. */
struct shape {
    int rows;
    vpn_t scale; /* pages a cell stands for: a power of two */
};
struct shape shape_of(const struct vma *r, const struct plan *plan);

/* Does this page lie in the upper half of a space with a canonical hole? */
bool in_upper_half(const struct sight *s, vpn_t vpn);

/* What a cell of the region stands for, in a word. */
void say_scale(const struct painter *p, const struct vma *r, vpn_t scale, char *buf, size_t size);

/* Is the page under access among first..end-1? */
bool access_in(const struct sight *s, vpn_t first, vpn_t end);

/* Two address spaces side by side need so many columns. */
#define TWO_SPACES_WIDTH 37
/* The address space of process p; what `beside` maps too is lit as shared (PROC_NONE: what anybody does). */
void draw_space(const struct view *v, proc_t p, proc_t beside, const struct area *a, struct pane_state *st, bool focused);
/* Those of both that the reader chose, and below them their pages in pairs (pane_two_spaces.c). */
void draw_two_spaces(const struct view *v, const struct area *a, struct pane_state *st, bool focused);
/* Are there two to be drawn? */
bool two_spaces(const struct view *v);

/* All lines, from the highest address to the lowest; counts them in p->y and
 * finds hot_y and select_y. Draws those in sight where there is an area. */
void emit_all(struct painter *p);

#endif
