/* terminal.h - the one door to curses: a canvas goes out, keys come in. */
#ifndef VMSCOPE_UI_TERMINAL_H
#define VMSCOPE_UI_TERMINAL_H

#include "ui/keymap.h"
#include "ui/theme.h"
#include <stdio.h>

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER }; /* auto: unless NO_COLOR is set and not empty */

struct terminal_options {
    const char *term; /* NULL: $TERM */
    FILE *in, *out;   /* both stay the caller's */
    enum theme theme;
    enum color_mode color;
    bool ascii;       /* ASCII signs even in a UTF-8 locale */
    bool mouse;
};

struct terminal;

/* Take over the terminal; NULL when it is unknown or memory is out. One at a time. */
struct terminal *terminal_start(const struct terminal_options *o);
void terminal_stop(struct terminal *t); /* give it back as it was */

void terminal_size(const struct terminal *t, int *width, int *height);
bool terminal_ascii(const struct terminal *t); /* are ASCII signs to be drawn? */
int terminal_fd(const struct terminal *t);     /* where keys come from */
/* Ask the kernel for the size again, after SIGWINCH. */
void terminal_resized(struct terminal *t);
/* Set the size by hand (tests). */
void terminal_set_size(struct terminal *t, int width, int height);
void terminal_set_theme(struct terminal *t, enum theme theme);

/* Show a canvas: only rows that differ from the last one shown are handed to
 * curses, and curses sends only cells that changed. */
void terminal_show(struct terminal *t, const struct canvas *c, bool cursor);
void terminal_redraw(struct terminal *t); /* the next show repaints everything (^L) */

struct input {
    int key;  /* K_NOTHING: none is waiting */
    int x, y; /* of the mouse */
};
/* The next key that is waiting. */
struct input terminal_key(struct terminal *t);

/* Leave the screen for the shell and stop, until continued; then come back. */
void terminal_suspend(struct terminal *t);

/* Could a terminal of this name (NULL: $TERM) show the screen? */
bool terminal_fits(const char *term, int fd);

#endif
