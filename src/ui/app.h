/* app.h - the interactive screen: what the command line calls. */
#ifndef VMSCOPE_UI_APP_H
#define VMSCOPE_UI_APP_H

#include "ui/theme.h"
#include "vmscope/scenario/scenario.h"

struct ui_options {
    const char *theme; /* a name of theme_name; NULL: "default" */
    const char *color; /* "auto", "always" or "never"; NULL: "auto" */
    bool ascii;        /* ASCII signs even where the locale has UTF-8 */
    bool no_mouse;
    uint64_t start;    /* whole steps to take before the first picture */
};
void ui_options_default(struct ui_options *o);

/* Is there a terminal that a screen can be drawn on (standard output a terminal,
 * TERM known and able to move the cursor, keys from standard input or /dev/tty)? */
bool ui_usable(void);

/* Step through a scenario until the reader quits; borrows `s`. Returns the exit
 * status: 0, 3 when the machine cannot be built (said on standard error). */
int ui_run(struct scenario *s, const struct ui_options *o);
/* The menu of the built-in lessons. */
int ui_menu(const struct ui_options *o);

/* All keys with what they do, one action a line, for `help keys` and the manual page. */
void ui_keys_text(struct text *out);

#endif
