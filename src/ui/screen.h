/* screen.h - the whole screen put together, on a canvas and with no terminal. */
#ifndef VMSCOPE_UI_SCREEN_H
#define VMSCOPE_UI_SCREEN_H

#include "ui/keymap.h"
#include "ui/layout.h"
#include "ui/line.h"
#include "ui/theme.h"

enum overlay { OVERLAY_NONE, OVERLAY_HELP, OVERLAY_CARD, OVERLAY_DETAIL, OVERLAY_QUESTION };

/* What is asked before a step's outcome shows. */
struct question_box {
    char text[512];    /* the question */
    char choices[512]; /* the keys that answer it */
    char verdict[512]; /* what became of it; empty while it is open */
};

/* All that decides the picture besides the machine. */
struct screen_state {
    struct pane_state pane[PANES];
    int focus; /* pane that has the keys */
    int zoom;  /* pane that has the middle of the screen, or -1 */
    bool zoom_for_room; /* ...because there is no other place for it: the zoom ends when there is */
    bool zoom_for_two;  /* ...because two address spaces side by side need it: it ends with them */
    enum overlay overlay;
    int scroll;       /* first line of the overlay's text; kept in range by drawing */
    bool scroll_end;  /* its last line was in sight (set by drawing) */
    const char *find; /* help: the word to scroll to at the next drawing, or NULL */
    const struct keymap *keymap;
    unsigned contexts; /* who has the keys, for the footer */
    enum theme theme;
    char message[256]; /* in place of the footer; empty: none */
    enum role message_role;
    struct line line;  /* being typed, in place of the footer */
    struct question_box question;
    struct layout layout; /* of the last drawing */
};

/* Pane cursors at their start, focus on the translation, nothing over it. */
void screen_init(struct screen_state *st, const struct keymap *keymap);
/* Where all would go on a screen of that size, with `focus` having the keys and nothing zoomed. */
void screen_layout(const struct view *v, int width, int height, int focus, struct layout *out);
/* Draw everything. */
void screen_draw(struct canvas *c, const struct view *v, struct screen_state *st);
/* "too small: have AxB, need 40x10" */
void screen_too_small(struct canvas *c);
/* A pane by its name ("tlb"), its title or digit: its index, or -1. */
int pane_by_name(const char *name);

/* ---- parts, each in its own file ---- */
/* A framed box in the middle of the screen, as large as the text needs; returns its inside. */
struct area draw_box(const struct area *screen, int width, int height, const char *title);
void draw_help(const struct area *screen, struct screen_state *st);
void draw_card(const struct area *screen, const struct scenario *s, struct screen_state *st);
void draw_detail(const struct area *screen, const struct view *v, struct screen_state *st);
void draw_question(const struct area *screen, const struct screen_state *st);
/* Message, typed line or keys in the lower of two rows; the upper one only takes a
 * message that comes while a line is typed. */
void draw_footer(const struct area *rows, const struct screen_state *st);

#endif
