/* app_state.h - what the actions work on: the program while its screen is up.
 *
 *   loop.c waits -> app.c finds the action of a key -> actions change struct app
 *   and say by enum reaction what that means -> app.c draws, once, if it must
 *
 * An action never draws and never waits.
 */
#ifndef VMSCOPE_UI_APP_STATE_H
#define VMSCOPE_UI_APP_STATE_H

#include "ui/app.h"
#include "ui/compare.h"
#include "ui/menu.h"
#include "ui/session.h"
#include "ui/terminal.h"

struct app {
    const struct ui_options *options;
    struct terminal *terminal; /* NULL in tests */
    struct canvas canvas;
    struct keymap keymap;
    struct screen_state screen;
    bool in_session;        /* else the menu has the screen */
    struct session session;
    struct menu menu;
    struct compare compare; /* on while it has lanes */
    char needle[LINE_SIZE]; /* what was searched last; empty: no search is on */
    char find[LINE_SIZE];   /* the word that help was asked for */
    struct input input;     /* the key under way, for actions that take the mouse's place */
    bool counting;          /* graphs in sight may not be complete yet */
    bool suspend;           /* the terminal is to be left for the shell */
    bool leave_asked;       /* told that typed steps would be lost */
    unsigned (*asked_for)(struct app *a); /* the move that a question holds up */
};

/* ---- app.c ---- */
/* Who has the keys now: enum context, or'ed. */
unsigned app_contexts(const struct app *a);
/* One key: find its action and do it. Returns enum reaction, or'ed. */
unsigned app_key(struct app *a, struct input in);
/* Draw the screen as it is now onto the canvas. */
void app_draw(struct app *a);
/* Show a message in place of the footer until the next key. */
unsigned app_say(struct app *a, enum role role, const char *fmt, ...) VS_PRINTF(3, 4);
/* Open an overlay (OVERLAY_NONE closes it). */
unsigned app_overlay(struct app *a, enum overlay overlay);
/* Start a session over `scenario`; false after a message in *why. */
bool app_open(struct app *a, struct scenario *scenario, struct diag *why);
void app_close(struct app *a);
/* Do all of a journey under way. */
void app_finish(struct app *a);
/* After any move in time: predictions are settled, the end is told. */
unsigned app_moved(struct app *a);

/* ---- act_time.c, act_pane.c: what several files need ---- */
unsigned app_stop(struct app *a); /* stop running */
/* Set out for another place in time: at once, or piece by piece in the ticks to come. */
unsigned app_go(struct app *a, struct position to);
/* After a piece of a journey of that kind: tell how far it is, or that it is over. */
unsigned app_travelled(struct app *a, enum journey_kind kind);
unsigned app_search(struct app *a, const char *needle); /* from the cursor of the focused pane on */
unsigned app_focus(struct app *a, int pane);
/* After a piece of a comparison's way to that goal: tell how far it is, or what came of it. */
unsigned app_compared(struct app *a, enum compare_goal goal);
/* Compare as the words say (see compare.h). */
unsigned app_compare(struct app *a, const char *words);
/* Show p's address space and page table; PROC_NONE: whoever runs. */
unsigned app_show_process(struct app *a, proc_t p);
/* A pane that has the keys and no place on this screen gets the whole of it, until there is one. */
void app_find_room(struct app *a);
/* All panes again. */
unsigned app_unzoom(struct app *a);

/* ---- act_timeline.c ---- */
/* Some milliseconds' work on what the timeline's graphs show, if they are in sight. False: there was nothing to do. */
bool app_count_pages(struct app *a);

/* ---- command.c ---- */
unsigned command_run(struct app *a, const char *words);
/* Complete the word under the cursor; what can follow is said as a message. */
void command_complete(struct app *a);
struct command_info {
    const char *name, *args, *help;
};
/* The i-th command for the help screen; false behind the last. */
bool command_info(size_t i, struct command_info *out);

/* ---- save.c ---- */
/* Write the machine, its processes and the steps up to the present as a scenario. */
bool save_scenario(struct session *s, const char *path, struct text *why);

/* ---- actions, by file; all are entries of action_table (actions.c) ---- */
#define ACTION_FUNCTIONS(X) \
    /* act_time.c */ \
    X(step) X(step_all) X(back) X(back_all) X(next_fault) X(previous_fault) X(run) X(faster) X(slower) \
    X(first) X(last) X(predict) X(compare) X(answer) X(skip) X(stop_asking) \
    /* act_pane.c */ \
    X(down) X(up) X(focus) X(next_pane) X(previous_pane) X(zoom) X(detail) X(follow) X(click) \
    X(table_view) X(fold) X(unfold) X(fold_up) X(search) X(next_match) X(previous_match) X(top) X(bottom) X(read_on) X(page_down) X(page_up) X(open) \
    /* act_compare.c */ \
    X(compare_step) X(compare_back) X(compare_first) X(compare_last) X(difference) X(difference_back) X(compare_fault) \
    X(compare_fault_back) X(compare_go) X(compare_close) \
    /* act_timeline.c */ \
    X(closer) X(wider) X(go) \
    /* act_process.c */ \
    X(show) X(other) X(two) \
    /* act_program.c */ \
    X(command) X(break) X(theme) X(help) X(about) X(redraw) X(suspend) X(close) X(escape) X(exit) \
    X(accept) X(cancel) X(complete) X(erase) X(delete) X(left) X(right) X(home) X(end) \
    X(erase_word) X(erase_all) X(cut) X(older) X(newer)
#define X(name) unsigned action_##name(struct app *a, int key);
ACTION_FUNCTIONS(X)
#undef X

#endif
