/* act_program.c - actions of the program itself, and of a line being typed. */
#include "ui/app_state.h"

unsigned action_command(struct app *a, int key) {
    (void)key;
    app_stop(a);
    line_start(&a->screen.line, ':', "");
    return REACT_DRAW;
}

unsigned action_break(struct app *a, int key) {
    (void)key;
    app_stop(a);
    line_start(&a->screen.line, ':', "break ");
    return REACT_DRAW;
}

unsigned action_theme(struct app *a, int key) {
    (void)key;
    struct screen_state *st = &a->screen;
    st->theme = (enum theme)((st->theme + 1) % THEMES);
    if (a->terminal) terminal_set_theme(a->terminal, st->theme);
    return app_say(a, ROLE_MESSAGE, "Theme %s: %s.", theme_name[st->theme], theme_what[st->theme]);
}

unsigned action_help(struct app *a, int key) {
    (void)key;
    app_stop(a);
    a->screen.find = NULL;
    return app_overlay(a, a->screen.overlay == OVERLAY_HELP ? OVERLAY_NONE : OVERLAY_HELP);
}

unsigned action_about(struct app *a, int key) {
    (void)key;
    return app_overlay(a, OVERLAY_CARD);
}

unsigned action_redraw(struct app *a, int key) {
    (void)key;
    if (a->terminal) terminal_redraw(a->terminal);
    return REACT_DRAW;
}

unsigned action_suspend(struct app *a, int key) {
    (void)key;
    a->suspend = true;
    return REACT_DRAW;
}

unsigned action_exit(struct app *a, int key) {
    (void)a, (void)key;
    return REACT_QUIT;
}

/* Leaving: nothing is asked unless something that was typed would be lost. */
static unsigned leave(struct app *a) {
    if (a->in_session && a->session.branch_count > 0 && !a->leave_asked) {
        a->leave_asked = true;
        return app_say(a, ROLE_MESSAGE, "What you typed is not saved: q again leaves, `:save FILE` keeps it.");
    }
    return REACT_CLOSE;
}

unsigned action_close(struct app *a, int key) {
    (void)key;
    if (a->screen.overlay != OVERLAY_NONE) return app_overlay(a, OVERLAY_NONE);
    if (a->in_session && a->screen.zoom >= 0) return app_unzoom(a);
    return leave(a);
}

unsigned action_escape(struct app *a, int key) {
    if (a->session.running) return app_stop(a);
    if (a->needle[0]) {
        a->needle[0] = '\0';
        return action_follow(a, key);
    }
    return a->screen.zoom >= 0 ? app_unzoom(a) : action_follow(a, key);
}

static void open_failed(struct app *a, struct scenario *s, const char *why) {
    scenario_free(s);
    app_say(a, ROLE_ERROR, "%s", why);
}

unsigned action_open(struct app *a, int key) {
    (void)key;
    struct scenario_options options = {0};
    struct diag_list errors = {0};
    struct diag why = {0};
    struct scenario *s = NULL;
    if (a->menu.cursor >= a->menu.count) return REACT_NONE;
    if (lesson_load(&lesson_table[a->menu.cursor], &options, &s, &errors) != VS_OK)
        open_failed(a, s, errors.count ? errors.item[0].text : "This lesson cannot be loaded.");
    else if (!app_open(a, s, &why)) open_failed(a, s, why.text);
    return REACT_DRAW;
}

/* ---- the line being typed ---- */

unsigned action_accept(struct app *a, int key) {
    (void)key;
    struct line *l = &a->screen.line;
    char words[LINE_SIZE], lead = l->lead;
    struct text t = text_in(words, sizeof words);
    text_add(&t, l->text);
    line_done(l);
    return REACT_DRAW | (lead == '/' ? app_search(a, words) : command_run(a, words));
}

unsigned action_cancel(struct app *a, int key) {
    (void)key;
    a->screen.line.active = false;
    return REACT_DRAW;
}

unsigned action_complete(struct app *a, int key) {
    (void)key;
    if (a->screen.line.lead == ':') command_complete(a);
    return REACT_DRAW;
}

unsigned action_erase(struct app *a, int key) {
    struct line *l = &a->screen.line;
    return l->length == 0 ? action_cancel(a, key) : line_erase(l) ? REACT_DRAW : REACT_NONE;
}

#define EDIT(name, function) \
    unsigned action_##name(struct app *a, int key) { \
        (void)key; \
        return function(&a->screen.line) ? REACT_DRAW : REACT_NONE; \
    }
EDIT(delete, line_delete)
EDIT(left, line_left)
EDIT(right, line_right)
EDIT(home, line_home)
EDIT(end, line_end)
EDIT(erase_word, line_erase_word)
EDIT(erase_all, line_erase_all)
EDIT(cut, line_cut)
EDIT(older, line_older)
EDIT(newer, line_newer)
