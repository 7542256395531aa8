/* theme.h - how each role looks: one matrix of roles x themes. No curses here. */
#ifndef VMSCOPE_UI_THEME_H
#define VMSCOPE_UI_THEME_H

#include "ui/ui.h"

enum theme { THEME_DEFAULT, THEME_LIGHT, THEME_CONTRAST, THEME_OKABE_ITO, THEME_MONO, THEMES };
extern const char *const theme_name[THEMES + 1]; /* "default"..., NULL */
extern const char *const theme_what[THEMES];     /* one phrase each */
bool theme_by_name(const char *name, enum theme *out);

extern const char *const role_name[ROLE_COUNT]; /* "NORMAL" */
extern const char *const role_what[ROLE_COUNT]; /* "plain text" */

/* Attributes; combinations of these three are all that `mono` has. */
enum look_attr { LOOK_BOLD = 1, LOOK_UNDERLINE = 2, LOOK_REVERSE = 4 };

#define COLOR_TERMINAL (-1) /* the terminal's own foreground or background */
struct look {
    int16_t fg, bg; /* COLOR_TERMINAL, or an index into the terminal's palette */
    uint8_t attr;   /* enum look_attr */
};
/* The look of a role with so many colours: 256 and more, 8 and more, or fewer (then
 * the attributes of `mono`). */
struct look theme_look(enum theme theme, enum role role, int colors);
/* Is this cell of the matrix filled in? (A test asks for all.) */
bool theme_has(enum theme theme, enum role role);

#endif
