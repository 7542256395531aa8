/* act_pane.c - actions within panes, lists and texts: moving, zooming, searching. */
#include "ui/app_state.h"
#include "ui/page_tree.h"

static struct pane_state *focused(struct app *a) { return &a->screen.pane[a->screen.focus]; }

static int pane_items(struct app *a, int pane) {
    struct view v = session_view(&a->session);
    return pane_table[pane]->items ? pane_table[pane]->items(&v) : 0;
}

/* How many items a key moves the cursor of the pane that has the keys by. */
static int stride_of(struct app *a) {
    const struct pane *p = pane_table[a->screen.focus];
    const struct box *b = &a->screen.layout.pane[a->screen.focus];
    struct view v = session_view(&a->session);
    return p->stride ? p->stride(&v, b->width, b->height) : 1;
}

static unsigned move_cursor(struct app *a, int by) {
    struct pane_state *st = focused(a);
    int items = pane_items(a, a->screen.focus);
    int64_t to = st->cursor + (int64_t)by * stride_of(a);
    st->follow = false;
    st->cursor = to >= items ? items - 1 : to < 0 ? 0 : (int)to;
    return REACT_DRAW;
}

static unsigned move_menu(struct app *a, int to) {
    struct menu *m = &a->menu;
    m->cursor = to >= m->count ? m->count - 1 : to;
    if (m->cursor < 0) m->cursor = 0;
    return REACT_DRAW;
}

static unsigned move(struct app *a, int by) {
    if (a->screen.overlay != OVERLAY_NONE) {
        a->screen.scroll += by; /* drawing keeps it in range */
        return REACT_DRAW;
    }
    return a->in_session ? move_cursor(a, by) : move_menu(a, a->menu.cursor + by);
}

unsigned action_down(struct app *a, int key) {
    (void)key;
    return move(a, 1);
}

unsigned action_up(struct app *a, int key) {
    (void)key;
    return move(a, -1);
}

static int page_of(const struct app *a) { return a->canvas.height > 8 ? a->canvas.height - 6 : 2; }

unsigned action_page_down(struct app *a, int key) {
    (void)key;
    return move(a, page_of(a));
}

unsigned action_read_on(struct app *a, int key) {
    return a->screen.scroll_end ? action_close(a, key) : move(a, page_of(a));
}

unsigned action_page_up(struct app *a, int key) {
    (void)key;
    return move(a, -page_of(a));
}

unsigned action_top(struct app *a, int key) {
    (void)key;
    return move(a, -1000000);
}

unsigned action_bottom(struct app *a, int key) {
    (void)key;
    return move(a, 1000000);
}

/* ---- which pane ---- */

unsigned app_focus(struct app *a, int pane) {
    struct screen_state *st = &a->screen;
    st->focus = pane;
    if (st->zoom >= 0) st->zoom = pane;
    app_find_room(a);
    return REACT_DRAW;
}

static bool has_room(struct app *a, int pane) {
    struct layout l;
    struct view v = session_view(&a->session);
    screen_layout(&v, a->canvas.width, a->canvas.height, pane, &l);
    return l.too_small || l.pane[pane].width;
}

void app_find_room(struct app *a) {
    struct screen_state *st = &a->screen;
    bool room = has_room(a, st->focus);
    if (room && st->zoom_for_room) st->zoom = -1;
    if (room) st->zoom_for_room = false;
    if (room || st->zoom >= 0) return;
    st->zoom = st->focus;
    st->zoom_for_room = true;
}

unsigned action_focus(struct app *a, int key) { return app_focus(a, key == '0' ? PANE_PROCESSES : key - '1'); }

/* The next pane in sight, in either direction. */
static unsigned cycle(struct app *a, int by) {
    struct layout l;
    struct view v = session_view(&a->session);
    screen_layout(&v, a->canvas.width, a->canvas.height, a->screen.focus, &l);
    int pane = a->screen.focus;
    for (int i = 0; i < PANES; i++) {
        pane = (pane + by + PANES) % PANES;
        if (l.pane[pane].width || a->screen.zoom >= 0) break;
    }
    return app_focus(a, pane);
}

unsigned action_next_pane(struct app *a, int key) {
    (void)key;
    return cycle(a, 1);
}

unsigned action_previous_pane(struct app *a, int key) {
    (void)key;
    return cycle(a, -1);
}

unsigned app_unzoom(struct app *a) {
    a->screen.zoom = -1;
    a->screen.zoom_for_room = a->screen.zoom_for_two = false;
    if (!has_room(a, a->screen.focus)) a->screen.focus = PANE_TRANSLATION; /* most screens have it */
    app_find_room(a);
    return REACT_DRAW;
}

/* Of a pane that is zoomed only because there is no other place for it: it was wished, so it stays. */
unsigned action_zoom(struct app *a, int key) {
    (void)key;
    bool wished = a->screen.zoom >= 0 && !a->screen.zoom_for_room;
    if (wished) return app_unzoom(a);
    a->screen.zoom = a->screen.focus;
    a->screen.zoom_for_room = false;
    return REACT_DRAW;
}

unsigned action_detail(struct app *a, int key) {
    (void)key;
    if (!pane_table[a->screen.focus]->detail)
        return app_say(a, ROLE_MESSAGE, "%s has no further detail.", pane_table[a->screen.focus]->title);
    return app_overlay(a, OVERLAY_DETAIL);
}

unsigned action_follow(struct app *a, int key) {
    (void)key;
    for (int id = 0; id < PANES; id++) a->screen.pane[id].follow = true;
    if (a->session.looking.beside == PROC_NONE) a->session.looking.shown = PROC_NONE;
    return REACT_DRAW;
}

/* ---- the mouse ---- */

static bool box_holds(const struct box *b, int x, int y) {
    return x >= b->x && x < b->x + b->width && y >= b->y && y < b->y + b->height;
}

/* Click on a pane: it gets the keys. Click again in it: its cursor goes up or down
 * by as many rows as the click lies from it. */
unsigned action_click(struct app *a, int key) {
    (void)key;
    int x = a->input.x, y = a->input.y;
    if (!a->in_session) return move_menu(a, a->menu.scroll + y - 3);
    for (int id = 0; id < PANES; id++) {
        if (!box_holds(&a->screen.layout.pane[id], x, y)) continue;
        if (id != a->screen.focus) return app_focus(a, id);
        return a->canvas.cursor_y >= 0 ? move_cursor(a, y - a->canvas.cursor_y) : REACT_NONE;
    }
    return REACT_NONE;
}

/* ---- searching ---- */

/* Items of one pane that are looked at: nobody shall wait for the rest of a hundred million steps. */
#define SEARCH_MOST 200000

/* The next item of a pane that matches, from `from` on in one direction, without wrapping; or -1. */
static int match_in(const struct view *v, int pane, int from, int by, const char *needle) {
    const struct pane *p = pane_table[pane];
    int items = p->items ? p->items(v) : 0;
    for (int i = from, n = 0; p->matches && i >= 0 && i < items && n < SEARCH_MOST; i += by, n++)
        if (p->matches(v, i, needle)) return i;
    return -1;
}

/* From the focused pane's cursor through all panes and around to it again. */
static unsigned search(struct app *a, int from, int by) {
    struct view v = session_view(&a->session);
    for (int n = 0; n <= PANES; n++) {
        int pane = (a->screen.focus + n * by + PANES * PANES) % PANES;
        int items = pane_table[pane]->items ? pane_table[pane]->items(&v) : 0;
        int at = match_in(&v, pane, n == 0 ? from : by > 0 ? 0 : items - 1, by, a->needle);
        if (at < 0) continue;
        app_focus(a, pane);
        focused(a)->cursor = at;
        focused(a)->follow = false;
        return REACT_DRAW;
    }
    app_say(a, ROLE_ERROR, "'%s' is nowhere on the screen.", a->needle);
    a->needle[0] = '\0';
    return REACT_DRAW;
}

unsigned app_search(struct app *a, const char *needle) {
    struct text t = text_in(a->needle, sizeof a->needle);
    text_add(&t, needle);
    return needle[0] ? search(a, focused(a)->cursor, 1) : REACT_DRAW;
}

unsigned action_search(struct app *a, int key) {
    (void)key;
    line_start(&a->screen.line, '/', "");
    return REACT_DRAW;
}

unsigned action_next_match(struct app *a, int key) {
    (void)key;
    return search(a, focused(a)->cursor + 1, 1);
}

unsigned action_previous_match(struct app *a, int key) {
    (void)key;
    return search(a, focused(a)->cursor - 1, -1);
}

/* ---- the page table, laid out ---- */

unsigned action_table_view(struct app *a, int key) {
    (void)key;
    struct tree_state *tree = &a->session.tree;
    if (session_shape(&a->session) == SHAPE_SEGMENTS)
        return app_say(a, ROLE_MESSAGE, "This machine has no page table, only bases and bounds.");
    tree->shown = !tree->shown;
    tree->count = 0;
    a->screen.pane[PANE_PAGE_TABLE].follow = true;
    return app_focus(a, PANE_PAGE_TABLE);
}

/* What the reader wants of the table under the cursor. */
enum folding { FOLD_TOGGLE, FOLD_OPEN, FOLD_CLOSE };

/* The line of the pointer that leads to the table where line `at` stands; -1: the root. */
static int parent_of(const struct tree *t, int at) {
    int i = at;
    while (--i >= 0)
        if (t->line[i].kind == TREE_POINTER && t->line[i].level > t->line[at].level) return i;
    return -1;
}

static unsigned fold(struct app *a, enum folding want) {
    struct view v = session_view(&a->session);
    const struct sight s = sight_shown(&v);
    struct pane_state *st = &a->screen.pane[PANE_PAGE_TABLE];
    struct tree t;
    tree_build(&t, &v, &s);
    if (st->follow && tree_hot(&t, &s) >= 0) st->cursor = tree_hot(&t, &s);
    int at = st->cursor >= 0 && st->cursor < t.count ? st->cursor : -1;
    bool pointer = at >= 0 && t.line[at].kind == TREE_POINTER;
    if (at >= 0 && !pointer && want == FOLD_TOGGLE) { /* nothing to open: all about it instead */
        tree_free(&t);
        return app_overlay(a, OVERLAY_DETAIL);
    }
    if (at >= 0 && want != FOLD_OPEN && !(pointer && (t.line[at].open || want == FOLD_TOGGLE))) at = parent_of(&t, at);
    if (at >= 0 && t.line[at].kind == TREE_POINTER) {
        tree_choose(&a->session.tree, t.line[at].addr, want == FOLD_OPEN || (want == FOLD_TOGGLE && !t.line[at].open));
        st->cursor = at;
        st->follow = false;
    }
    tree_free(&t);
    return REACT_DRAW;
}

unsigned action_fold(struct app *a, int key) {
    (void)key;
    return fold(a, FOLD_TOGGLE);
}

unsigned action_unfold(struct app *a, int key) {
    (void)key;
    return fold(a, FOLD_OPEN);
}

unsigned action_fold_up(struct app *a, int key) {
    (void)key;
    return fold(a, FOLD_CLOSE);
}
