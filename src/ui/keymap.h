/* keymap.h - from a key to an action.
 *
 * action_table (actions.c) is the one list of what can be done: its names, default
 * keys, words for the footer and help, and functions. Bindings, footer, help
 * screen, `:` completion and the manual page's list all follow from it.
 */
#ifndef VMSCOPE_UI_KEYMAP_H
#define VMSCOPE_UI_KEYMAP_H

#include "vmscope/base/text.h"

/* A key is a code point, a control character, or one of these. */
enum key {
    K_NOTHING = 0,
    K_TAB = 9,
    K_RETURN = 13,
    K_ESCAPE = 27,
    K_SPACE = 32,
    K_BACKSPACE = 127, /* Backspace */
    K_SPECIAL = 0x200000,
    K_UP = K_SPECIAL, K_DOWN, K_LEFT, K_RIGHT,
    K_HOME, K_END, K_PAGE_UP, K_PAGE_DOWN, K_BACK_TAB, K_DELETE, K_INSERT,
    K_FUNCTION, /* F1; F2 is the next... */
    K_WHEEL_UP = K_FUNCTION + 12, K_WHEEL_DOWN, K_CLICK,
    K_LAST
};

/* Who has the keys: each is a bit, so that an action can work in several. */
enum context {
    CTX_PANES = 1,    /* the session: panes and time */
    CTX_FOUND = 2,    /* while a search is on: its keys come before those of CTX_PANES */
    CTX_TEXT = 4,     /* help, detail, a lesson's card: text that scrolls */
    CTX_QUESTION = 8, /* a prediction is asked for */
    CTX_MENU = 16,    /* the list of lessons */
    CTX_LINE = 32,    /* typing a line */
    CTX_TABLE = 64,   /* the page table's pane has the keys: these come before those of CTX_PANES */
    CTX_TREE = 128,   /* ...and shows the tree: likewise */
    CTX_PROCESSES = 256, /* the pane of processes has the keys: likewise */
    CTX_SEVERAL = 512, /* there are several processes, or will be */
    CTX_COMPARE = 1024, /* a comparison has the screen */
    CTX_TIMELINE = 2048 /* the timeline's pane has the keys: these come before those of CTX_PANES */
};
#define CTX_COUNT 12
#define CTX_ALL 4095
#define CTX_FIRST (CTX_FOUND | CTX_TABLE | CTX_TREE | CTX_PROCESSES | CTX_TIMELINE) /* what is special comes before the usual */

struct app;

/* What an action did; bits. */
enum reaction {
    REACT_NONE = 0,
    REACT_DRAW = 1,  /* something that shows has changed */
    REACT_CLOSE = 2, /* leave the session (to the menu, or the program) */
    REACT_QUIT = 4   /* leave the program */
};

enum action_group { ACTS_TIME, ACTS_WATCH, ACTS_COMPARE, ACTS_PANES, ACTS_DO, ACTS_PROGRAM, ACTS_READING, ACTS_TYPING, ACTS_GROUPS };
extern const char *const action_group_title[ACTS_GROUPS];

struct action {
    const char *name;   /* "step": in the keys file, and after `:` */
    const char *keys;   /* default keys, blank-separated */
    const char *label;  /* word for the footer; NULL: not shown there */
    const char *help;   /* what it does: a sentence without its stop */
    unsigned where;     /* enum context, or'ed */
    enum action_group group;
    unsigned (*run)(struct app *app, int key); /* returns enum reaction, or'ed */
};
extern const struct action action_table[]; /* name NULL ends */
const struct action *action_by_name(const char *name); /* NULL: none */

#define BINDINGS_MAX 256
struct binding {
    int key;
    unsigned where;
    const struct action *action;
};
struct keymap {
    struct binding item[BINDINGS_MAX];
    size_t count;
};

/* "Space", "^L", "S-Tab", "F1", "x": the key's code, or K_NOTHING. Names are read without regard to case. */
int key_by_name(const char *name);
/* The name of a key into buf; returns buf. */
const char *key_text(int key, char buf[16]);

/* The default bindings of action_table. False: a key name is wrong, a key is bound
 * twice in one context, or there are too many (a test asks). */
bool keymap_default(struct keymap *k, struct diag *why);
/* Apply the text of a keys file: lines `action key...`, '#' starts a comment. An action
 * named there has these keys and no others. Errors go to `errors`; good lines count. */
bool keymap_read(struct keymap *k, char *text, const char *file, struct diag_list *errors);
/* Apply $XDG_CONFIG_HOME/vmscope/keys or ~/.config/vmscope/keys where there is one. */
bool keymap_load(struct keymap *k, struct diag_list *errors);
/* The action of a key where `contexts` (or'ed) hold; the lowest bit set comes last except
 * those of CTX_FIRST, which come before the others. NULL: none. */
const struct action *keymap_find(const struct keymap *k, unsigned contexts, int key);
/* "Space l Right", "1-9": the keys of an action, at most `max` of them. */
void keymap_keys(const struct keymap *k, const struct action *a, unsigned max, struct text *out);

#endif
