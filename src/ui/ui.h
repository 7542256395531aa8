/* ui.h - how the screen is made.
 *
 *   keys -> keymap -> action -> history moves -> view -> panes draw -> canvas -> terminal
 *
 * A pane reads the machine's real state (through a struct view, all const) and
 * writes cells with *roles* into its part of a canvas. Only terminal.c turns
 * roles into colours and talks to curses, whole rows at a time; so a canvas can
 * be drawn and compared in a test with no terminal at all. Panes never change
 * anything but their own cursor and scroll (struct pane_state).
 */
#ifndef VMSCOPE_UI_UI_H
#define VMSCOPE_UI_UI_H

#include "vmscope/scenario/scenario.h"
#include "vmscope/sim/history.h"
#include "vmscope/sim/narrate.h"
#include "vmscope/sim/page_use.h"
#include "vmscope/sim/window.h"

/* ---- roles: what a cell means; theme.c says how it looks ---- */
#define ROLES(X) \
    X(NORMAL, "plain text") \
    X(DIM, "not now: ahead, free, unused") \
    X(TITLE, "the title line") \
    X(BORDER, "a pane's frame") \
    X(BORDER_FOCUS, "the frame of the pane that has the keys") \
    X(HEADING, "column headings, labels") \
    X(NOW, "what the last micro-step touched") \
    X(CURRENT, "the stage or line under way") \
    X(SELECT, "the thing under the cursor") \
    X(ADDRESS, "an address or number of the access under way") \
    X(HW, "done by the hardware") \
    X(OS, "done by the operating system") \
    X(HIT, "TLB hit; page resident") \
    X(MISS, "TLB miss") \
    X(MINOR, "minor fault; untouched page") \
    X(MAJOR, "major fault; page on disk") \
    X(COW, "copy-on-write") \
    X(INVALID, "invalid access") \
    X(KERNEL, "kernel space and kernel frames") \
    X(TEXT_SEG, "text and read-only data") \
    X(DATA_SEG, "data and bss") \
    X(HEAP_SEG, "heap and mapped regions") \
    X(STACK_SEG, "stack") \
    X(KEY, "a key's name in the footer and help") \
    X(MESSAGE, "a message to the reader") \
    X(ERROR, "something that did not work")
#define X(id, what) ROLE_##id,
enum role { ROLES(X) ROLE_COUNT };
#undef X

/* ---- glyphs: each with a UTF-8 and an ASCII form, one column wide (glyph.c) ---- */
#define GLYPHS(X) \
    X(HLINE, 0x2500, '-') X(VLINE, 0x2502, '|') \
    X(TOP_LEFT, 0x250c, '+') X(TOP_RIGHT, 0x2510, '+') X(BOTTOM_LEFT, 0x2514, '+') X(BOTTOM_RIGHT, 0x2518, '+') \
    X(TEE_LEFT, 0x251c, '+') X(TEE_RIGHT, 0x2524, '+') X(TEE_DOWN, 0x252c, '+') X(TEE_UP, 0x2534, '+') X(CROSS, 0x253c, '+') \
    X(RESIDENT, 0x2593, '#') X(SWAPPED, 0x2591, 's') X(IN_FILE, 0x2592, 'f') X(UNTOUCHED, 0x00b7, '.') \
    X(SHARED, 0x2261, '=') X(ZEROS, 0x0030, '0') X(THIS, 0x25c6, '@') X(UP, 0x2191, '^') X(DOWN, 0x2193, 'v') X(RIGHT, 0x2192, '>') X(LEFT, 0x2190, '<') \
    X(POINTER, 0x25b6, '>') X(GAP, 0x2236, ':') X(HAND, 0x25b2, '^') X(PAUSE, 0x2016, '"') X(RUN, 0x25b6, '>') \
    X(BAR_1, 0x2581, '_') X(BAR_2, 0x2582, '_') X(BAR_3, 0x2583, '.') X(BAR_4, 0x2584, '-') \
    X(BAR_5, 0x2585, '=') X(BAR_6, 0x2586, '+') X(BAR_7, 0x2587, '*') X(BAR_8, 0x2588, '#') \
    X(DOT_HIT, 0x00b7, '.') X(DIFFERS, 0x2260, '#')
#define X(id, utf8, ascii) GLYPH_##id,
enum glyph { GLYPHS(X) GLYPH_COUNT };
#undef X

/* ---- canvas ---- */
struct cell {
    uint32_t ch;  /* a code point, one column */
    uint8_t role; /* enum role */
};
struct canvas {
    int width, height;
    struct cell *cell;     /* height rows of width */
    bool ascii;            /* glyphs in ASCII */
    int cursor_x, cursor_y; /* where the hardware cursor rests; -1: nowhere */
};
/* Make or resize; all blanks. False: no memory (canvas as before). */
bool canvas_resize(struct canvas *c, int width, int height);
void canvas_free(struct canvas *c);
void canvas_clear(struct canvas *c);
bool canvas_equal(const struct canvas *a, const struct canvas *b);
/* Row y as UTF-8 text, trailing blanks removed; for tests and plain output. */
void canvas_row_text(const struct canvas *c, int y, struct text *out);

/* A clipped part of a canvas; (0,0) is its own top left corner. */
struct area {
    struct canvas *canvas;
    int x, y, width, height;
};
struct area area_of(struct canvas *c);
struct area area_sub(const struct area *a, int x, int y, int width, int height);
/* Text at x,y; clipped; returns the column after it (also when clipped). UTF-8 in, control characters shown as '?'. */
int area_text(const struct area *a, int x, int y, enum role role, const char *s);
int area_printf(const struct area *a, int x, int y, enum role role, const char *fmt, ...) VS_PRINTF(5, 6);
int area_glyph(const struct area *a, int x, int y, enum role role, enum glyph g);
void area_fill(const struct area *a, int x, int y, int width, int height, enum role role, uint32_t ch);
/* Change the role of cells that stand already (highlight a whole row or field). */
void area_role(const struct area *a, int x, int y, int width, int height, enum role role);
/* Text wrapped to the area's width from row y on; returns the row after it. */
int area_wrap(const struct area *a, int y, enum role role, const char *s);
/* A frame with a title in its top line; returns the area inside. */
struct area area_frame(const struct area *a, enum role role, const char *title);
void area_cursor(const struct area *a, int x, int y); /* rest the hardware cursor here */

/* ---- what panes read ---- */

/* The page table as it is laid out, instead of a list of pages: which of its tables are open.
 * Those on the way of the access under way are open by themselves, unless the reader folds them. */
#define TREE_CHOICES_MAX 256
struct tree_state {
    bool shown;
    unsigned count;
    struct {
        uint64_t addr; /* of the entry that points to the table: tables never move */
        bool open;
    } choice[TREE_CHOICES_MAX]; /* the reader's; the latest last */
};

/* Whose address space and page table are shown. */
struct looking {
    proc_t shown;  /* PROC_NONE: whoever runs */
    proc_t beside; /* a second one at its side; PROC_NONE: none */
};

struct view {
    const struct scenario *scenario;
    const struct machine *machine;  /* the present */
    const struct history *history;
    const struct event *events;     /* of the step under way: all of them... */
    size_t events_done, events_total; /* ...of which so many have happened */
    const struct event *last;       /* the last micro-step's event, or one of kind EV_NONE */
    enum terminology terminology;
    bool running;                   /* auto-run */
    bool predict;                   /* hide what lies ahead */
    const struct tree_state *tree;  /* NULL: not shown */
    const struct looking *looking;  /* NULL: at whoever runs */
    struct window *steps;           /* to look at steps with; NULL: not to be had */
    unsigned zoom;                  /* of the timeline: 0 all of time */
    const struct page_use *use;     /* pages used over time, as far as they were counted; may be NULL */
};

/* A pane's own cursor; kept by the framework between draws. */
struct pane_state {
    int cursor;  /* selected item: 0..items-1 */
    int scroll;  /* first item shown */
    bool follow; /* cursor follows the action until the reader moves it */
};

#define PANE_NOT_NEEDED (-1)

/* One pane: a line a member. */
struct pane {
    const char *name;   /* "tlb": for `:` and tests */
    const char *title;  /* "TLB" */
    char digit;         /* '1'..'9', '0': the key that focuses it */
    int min_width, min_height; /* inside its frame, to be worth showing */
    /* Words after the title, such as "1 x 4  LRU"; may be NULL. */
    void (*heading)(const struct view *v, struct text *out);
    /* Rows that it would like to have in this scenario, the same at each step; NULL or 0: as it
     * comes; PANE_NOT_NEEDED: its place goes to its neighbours. */
    int (*rows)(const struct view *v);
    /* Draw into `a` (inside the frame), at any size down to 1x1. Keeps st in range. */
    void (*draw)(const struct view *v, const struct area *a, struct pane_state *st, bool focused);
    /* How many items the cursor can stand on. */
    int (*items)(const struct view *v);
    /* How many items a key moves the cursor by, in a pane of that size; NULL: one. */
    int (*stride)(const struct view *v, int width, int height);
    /* The item that the last event touched, or -1; `follow` goes there. */
    int (*hot_item)(const struct view *v);
    /* Everything about one item, line by line, for the detail view (`d`); may be NULL. */
    void (*detail)(const struct view *v, int item, const struct area *a);
    /* Does item match what was searched (case-insensitive)? may be NULL. */
    bool (*matches)(const struct view *v, int item, const char *needle);
};

/* pane_table in the order of their digits; NULL ends. Files: pane_NAME.c */
extern const struct pane pane_address_space, pane_translation, pane_page_table, pane_tlb, pane_frames,
    pane_swap, pane_narration, pane_counters, pane_timeline, pane_processes;
extern const struct pane *const pane_table[];
/* Of the pane of processes (0): which one the cursor stands on; PROC_NONE: none. */
proc_t process_under_cursor(const struct view *v, const struct pane_state *st);

/* Lines drawn outside panes, each into an area one or two rows high. */
void draw_title(const struct view *v, const struct area *a);    /* scenario, process, step, micro-step, policy, time */
void draw_path(const struct view *v, const struct area *a);     /* the instruction and its stages */
void draw_timeline(const struct view *v, const struct area *a); /* outcomes as one strip with the cursor; 1-2 rows */
void draw_counters(const struct view *v, const struct area *a); /* 1-2 rows */

#endif
