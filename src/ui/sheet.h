/* sheet.h - a long text in a box over the screen, with a scroll. */
#ifndef VMSCOPE_UI_SHEET_H
#define VMSCOPE_UI_SHEET_H

#include "ui/screen.h"

#define SHEET_ROWS 600

struct sheet {
    struct canvas canvas; /* SHEET_ROWS high */
    struct area area;     /* all of it, to draw into */
    int y;                /* rows filled */
};

/* A blank sheet as wide as a box on this screen can be, at most `most` columns. False: no memory. */
bool sheet_open(struct sheet *s, const struct area *screen, int most);
/* Text wrapped to the sheet, indented. */
void sheet_wrap(struct sheet *s, int indent, enum role role, const char *text);
/* Words at the left, wrapped explanation at column `at`. */
void sheet_pair(struct sheet *s, int at, enum role role, const char *left, const char *right);
void sheet_gap(struct sheet *s); /* a blank row, unless at the top */
/* Show it from st->scroll on, and close it. `hint` stands in the bottom line
 * when the end is in sight. */
void sheet_show(struct sheet *s, const struct area *screen, const char *title, const char *hint,
                struct screen_state *st);

#endif
