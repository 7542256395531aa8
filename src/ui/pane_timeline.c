/* pane_timeline.c - all of time, from the whole of it to the single steps around the present.
 *
 *   A few steps stand there one by one, in several rows. Of more, a row of cells shows all of
 *   them, and each row below it looks closer at the place where the one above has its mark:
 *
 *     2M a cell    .._.._.....^......------------       graphs of faults, TLB misses and pages
 *     100k a cell     .._.......^..........             used belong to the row that is zoomed
 *     1 a cell           ..T..m..T..^                   to (< and >), as the strip below the
 *                                                       panes does
 */
#include "ui/timeline.h"

#include <limits.h>

#define LABEL_WIDTH   19
#define GRAPH_HIGHEST 8

static uint64_t step_count(const struct view *v) { return v->history ? history_step_count(v->history) : 0; }

static uint64_t present(const struct view *v) {
    uint64_t now = machine_step_index(v->machine);
    return now == UINT64_MAX ? 0 : now;
}

static unsigned zoom_within(const struct view *v, int cells) {
    unsigned closest = strip_closest(v, cells);
    return v->zoom < closest ? v->zoom : closest;
}

/* ---- outside panes: a strip, and ticks below it ---- */

void draw_timeline(const struct view *v, const struct area *a) {
    if (step_count(v) == 0) return;
    struct strip s = strip_of(v, a->width - 2, zoom_within(v, a->width - 2), present(v));
    int shown = strip_used(&s), after = shown + 4;
    strip_draw_row(&s, a, 1, 0, 0, shown);
    if (a->height < 2) return;
    strip_draw_ticks(&s, a, 1, 1, 0, shown);
    char words[40];
    struct text t = text_in(words, sizeof words);
    say_steps(&t, s.scale);
    text_add(&t, " steps a cell");
    if (s.scale > 1 && text_fits(a, after, 0, ROLE_DIM, words)) after += (int)t.len + 3;
    if (s.scale <= CELL_EXACT && after + strip_legend_width(&s) <= a->width) strip_draw_legend(&s, a, after, 0);
    else strip_draw_legend(&s, a, shown + 4, 1);
}

/* ---- the pane ---- */

static int items(const struct view *v) {
    uint64_t n = step_count(v);
    return n > INT_MAX ? INT_MAX : (int)n;
}

static int hot_item(const struct view *v) {
    uint64_t now = machine_step_index(v->machine);
    return now < (uint64_t)items(v) ? (int)now : -1;
}

/* Where the parts of the pane are, from the top down. */
struct plan {
    int rows;          /* of single steps, each with its ticks; 0: there are too many */
    int graph_height;  /* of each graph; 0: there is no room for them */
    unsigned levels;   /* rows of cells, each with its ticks */
    bool bare;         /* the first of them has ticks alone: the graph of faults shows what it would */
    bool legend;
    int width;         /* of a row of cells, and of a graph */
    unsigned zoom;     /* of the first row of cells, and of the graphs */
};

/* Rows that the levels take. */
static int level_rows(const struct plan *p) { return 2 * (int)p->levels - p->bare; }

/* Graphs as high as leaves room for all levels; if there is none for these, as low as they can be. */
static void plan_graphs(struct plan *p, int room) {
    int left = (room - level_rows(p) + p->bare) / TIMELINE_GRAPHS;
    p->graph_height = left > GRAPH_HIGHEST ? GRAPH_HIGHEST : left > 0 ? left : room >= TIMELINE_GRAPHS + 4;
    p->bare = p->bare && p->graph_height;
    room -= TIMELINE_GRAPHS * p->graph_height;
    while (p->levels > 1 && level_rows(p) > room) p->levels--;
}

static struct plan plan_for(const struct view *v, int width, int height) {
    struct plan p = {.width = width > 3 * LABEL_WIDTH ? width - LABEL_WIDTH : width, .legend = height >= 3};
    int room = height - p.legend;
    uint64_t steps = step_count(v);
    bool single = width > 0 && steps <= (uint64_t)width * (uint64_t)((room + 1) / 2);
    if (single) p.rows = (int)((steps + (uint64_t)width - 1) / (uint64_t)width);
    p.zoom = zoom_within(v, p.width);
    p.levels = single ? 1 : 1 + strip_closest(v, p.width) - p.zoom;
    uint64_t scale = strip_of(v, p.width, p.zoom, 0).scale;
    p.bare = scale > CELL_EXACT;
    if (p.width < width && scale > 1) plan_graphs(&p, room - 2 * p.rows);
    if (single && !p.graph_height) p.levels = 0; /* only the graphs would stand on it */
    while (p.levels > 1 && level_rows(&p) > room) p.levels--;
    return p;
}

static struct strip level_of(const struct view *v, const struct plan *p, unsigned level, uint64_t around) {
    return strip_of(v, p->width, p->zoom + level, around);
}

/* The step that the closer rows are of: the one under the cursor, which follows the present until it is moved. */
static uint64_t looked_at(const struct pane_state *st) { return st->cursor < 0 ? 0 : (uint64_t)st->cursor; }

static void select_cell(const struct strip *s, const struct area *a, const struct pane_state *st, int x, int y) {
    int cell = strip_cell(s, (uint64_t)st->cursor);
    if (cell >= 0) row_select(a, x + cell, y, 1);
}

/* Every step a cell. */
static void draw_single(const struct view *v, const struct area *a, const struct pane_state *st, int rows, bool focused) {
    struct strip s = strip_of(v, rows * a->width, 0, present(v));
    for (int row = 0; row < rows; row++) {
        strip_draw_row(&s, a, 0, row * 2, row * a->width, a->width);
        strip_draw_ticks(&s, a, 0, row * 2 + 1, row * a->width, a->width);
    }
    int cell = strip_cell(&s, (uint64_t)st->cursor);
    if (focused && cell >= 0) row_select(a, cell % a->width, cell / a->width * 2, 1);
}

static void draw_label(const struct area *a, int y, const struct strip *s, bool chosen) {
    char words[LABEL_WIDTH + 16];
    struct text t = text_in(words, sizeof words);
    say_steps(&t, s->scale);
    text_add(&t, s->scale == 1 ? " step a cell" : " steps a cell");
    area_text(a, 0, y, chosen ? ROLE_HEADING : ROLE_DIM, words);
}

/* Row below row, each closer than the one above. */
static void draw_levels(const struct view *v, const struct area *a, const struct plan *p, const struct pane_state *st,
                        int y, bool focused) {
    int x = a->width - p->width;
    for (unsigned level = 0; level < p->levels; level++, y += 2) {
        struct strip s = level_of(v, p, level, looked_at(st));
        bool bare = p->bare && level == 0;
        if (x > 0) draw_label(a, y, &s, level == 0 && p->levels > 1);
        if (!bare) strip_draw_row(&s, a, x, y, 0, strip_used(&s));
        if (bare) y--;
        strip_draw_ticks(&s, a, x, y + 1, 0, strip_used(&s));
        if (focused && level == 0) select_cell(&s, a, st, x, y + bare);
    }
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    struct plan p = plan_for(v, a->width, a->height);
    cursor_place(st, items(v), hot_item(v));
    st->scroll = 0;
    if (step_count(v) == 0) {
        area_text(a, 0, 0, ROLE_DIM, "no steps");
        return;
    }
    struct area body = area_sub(a, 0, 0, a->width, a->height - p.legend);
    struct strip s = level_of(v, &p, 0, looked_at(st));
    int y = 2 * p.rows;
    if (p.rows) draw_single(v, &body, st, p.rows, focused);
    if (p.graph_height) {
        struct area graphs = area_sub(&body, 0, y, a->width, TIMELINE_GRAPHS * p.graph_height);
        draw_time_graphs(v, &graphs, &s, a->width - p.width);
        y += TIMELINE_GRAPHS * p.graph_height;
    }
    draw_levels(v, &body, &p, st, y, focused && !p.rows);
    if (!p.legend) return;
    struct strip shown = p.rows ? strip_of(v, p.rows * a->width, 0, 0) : level_of(v, &p, p.levels - 1, looked_at(st));
    int x = strip_draw_legend(&shown, a, 0, a->height - 1);
    if (s.scale > CELL_EXACT) text_fits(a, x, a->height - 1, ROLE_DIM, "bars: part that faulted");
}

bool timeline_stretch(const struct view *v, const struct pane_state *st, int width, int height, struct strip *out) {
    struct plan p = plan_for(v, width, height);
    if (step_count(v) == 0 || p.graph_height == 0) return false;
    *out = level_of(v, &p, 0, looked_at(st));
    return true;
}

static void heading(const struct view *v, struct text *out) {
    text_addf(out, "%llu/%llu", (unsigned long long)machine_steps_done(v->machine),
              (unsigned long long)step_count(v));
}

static int stride(const struct view *v, int width, int height) {
    struct plan p = plan_for(v, width, height);
    return p.rows ? 1 : (int)level_of(v, &p, 0, present(v)).scale;
}

static const struct step *step_at(const struct view *v, int item) {
    return v->steps && item >= 0 ? window_step(v->steps, machine_source(v->machine), (uint64_t)item) : NULL;
}

static void detail(const struct view *v, int item, const struct area *a) {
    struct page_writer w = {a, 0};
    char buf[128];
    struct text t = text_in(buf, sizeof buf);
    const struct step *step = step_at(v, item);
    if (!v->history || !step) return;
    bool past = (uint64_t)item < machine_steps_done(v->machine);
    enum outcome o = past ? history_outcome(v->history, (uint64_t)item) : OUT_UNKNOWN;
    narrate_step(&t, v->machine, step);
    write_line(&w, ROLE_HEADING, "Step %d: %s", item + 1, buf);
    if (step->line) write_line(&w, ROLE_NORMAL, "line      %u of the scenario", step->line);
    write_line(&w, outcome_role(o), "outcome   %s", outcome_text[o]);
    const struct step_extra *extra = v->scenario ? scenario_extra(v->scenario, step) : NULL;
    if (extra && extra->note) write_line(&w, ROLE_MESSAGE, "%s", extra->note);
}

static bool matches(const struct view *v, int item, const char *needle) {
    char buf[128];
    struct text t = text_in(buf, sizeof buf);
    const struct step *step = step_at(v, item);
    if (!step) return false;
    narrate_step(&t, v->machine, step);
    return holds_word(buf, needle);
}

const struct pane pane_timeline = {
    .name = "timeline",
    .title = "Timeline",
    .digit = '9',
    .min_width = 10,
    .min_height = 2,
    .heading = heading,
    .draw = draw,
    .items = items,
    .stride = stride,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
