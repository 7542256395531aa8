/* pane_timeline.c - all steps as one strip, a letter for how each came out.
 *
 *    ..T..m..T..M..C...-----------     - not reached yet
 *    1    5    ^    15   20            ticks; ^ the present
 *
 * A cell is one step, or several when they don't fit; then the worst outcome
 * wins, up to CELL_EXACT steps a cell. Beyond, looking at each step would take
 * too long and every cell would be its worst: the cell's height shows instead
 * which part of its steps faulted.
 */
#include "ui/pane_util.h"

#include <limits.h>

#define CELL_EXACT 100u

struct strip {
    const struct history *h;
    uint64_t steps, now, scale; /* of all; index of the present (UINT64_MAX: none); steps a cell */
    uint64_t known;             /* steps done: only the past is shown, wherever time has been */
    uint64_t from;              /* first step shown */
    int cells;
    uint64_t most;              /* faults per million steps of the worst cell, where cells are summed up */
    unsigned seen;              /* bit per enum outcome that the strip shows */
};

static uint64_t step_count(const struct view *v) { return v->history ? history_step_count(v->history) : 0; }

/* The next of 1 2 5 10 20 50...: scales whose ticks are round numbers. */
static uint64_t rounder(uint64_t n) {
    uint64_t ten = 1;
    while (ten * 10 <= n) ten *= 10;
    return n < 2 * ten ? 2 * ten : n < 5 * ten ? 5 * ten : 10 * ten;
}

static struct strip strip_of(const struct view *v, int cells) {
    struct strip s = {
        .h = v->history, .steps = step_count(v), .now = machine_step_index(v->machine),
        .known = machine_steps_done(v->machine), .scale = 1};
    s.cells = cells < 1 ? 1 : cells;
    while ((s.steps + s.scale - 1) / s.scale > (uint64_t)s.cells) s.scale = rounder(s.scale);
    return s;
}

static int cell_of(const struct strip *s, uint64_t step) {
    uint64_t cell = step < s->from ? UINT64_MAX : (step - s->from) / s->scale;
    return cell < (uint64_t)s->cells ? (int)cell : -1;
}

static enum outcome worst_of(const struct strip *s, uint64_t first, uint64_t end) {
    enum outcome worst = OUT_UNKNOWN;
    for (; first < end && first < s->known; first++) {
        enum outcome o = history_outcome(s->h, first);
        if (o == OUT_OTHER ? worst == OUT_UNKNOWN : worst == OUT_OTHER || o > worst) worst = o;
    }
    return worst;
}

static void draw_letter(const struct area *a, int x, int y, enum outcome o) {
    char letter[2] = {outcome_letter[o], '\0'};
    if (o == OUT_UNKNOWN)
        area_glyph(a, x, y, ROLE_DIM, GLYPH_HLINE);
    else if (o == OUT_HIT)
        area_glyph(a, x, y, outcome_role(o), GLYPH_DOT_HIT);
    else
        area_text(a, x, y, outcome_role(o), letter);
}

/* Where very many steps are one cell, its border is moved to a border of history's blocks, which are summed
 * up already. */
static uint64_t near_block(const struct strip *s, uint64_t step) {
    return s->scale >= 8 * (uint64_t)STEP_SPAN ? step / STEP_SPAN * STEP_SPAN : step;
}

/* Faults per million steps among first..end-1. */
static uint64_t share_of(const struct strip *s, uint64_t first, uint64_t end) {
    if (end > s->known) end = s->known;
    if (first >= end) return 0;
    return history_sums(s->h, near_block(s, first), near_block(s, end)).faults * 1000000 / (end - first);
}

/* What all cells together are like: the heights are parts of the worst one's. */
static void survey(struct strip *s) {
    for (int cell = 0; cell < s->cells; cell++) {
        uint64_t first = s->from + (uint64_t)cell * s->scale, end = first + s->scale;
        if (first >= s->known) return;
        if (s->scale <= CELL_EXACT) {
            s->seen |= 1u << worst_of(s, first, end > s->steps ? s->steps : end);
        } else {
            uint64_t share = share_of(s, first, end);
            if (share > s->most) s->most = share;
        }
    }
}

static void draw_share(const struct strip *s, const struct area *a, int x, int y, uint64_t first,
                       uint64_t end) {
    if (first >= s->known) {
        draw_letter(a, x, y, OUT_UNKNOWN);
        return;
    }
    uint64_t share = share_of(s, first, end);
    if (share == 0)
        draw_letter(a, x, y, OUT_HIT);
    else
        area_glyph(a, x, y, ROLE_MAJOR, (enum glyph)(GLYPH_BAR_1 + (share * 8 - 1) / s->most));
}

static void draw_cell(const struct strip *s, const struct area *a, int x, int y, int cell) {
    uint64_t first = s->from + (uint64_t)cell * s->scale, end = first + s->scale;
    if (first >= s->steps) return;
    if (end > s->steps) end = s->steps;
    if (s->scale <= CELL_EXACT)
        draw_letter(a, x, y, worst_of(s, first, end));
    else
        draw_share(s, a, x, y, first, end);
}

/* Step numbers under the strip, from 1, with the present marked. */
static void draw_ticks(const struct strip *s, const struct area *a, int x, int y, int cell, int count) {
    int free_from = 0;
    int here = s->now == UINT64_MAX ? -1 : cell_of(s, s->now) - cell;
    for (int i = 0; i < count; i++) {
        uint64_t first = s->from + (uint64_t)(cell + i) * s->scale,
                 number = s->scale > 1 && first ? first : first + 1;
        bool round = i == 0 || (s->scale == 1 ? number % 5 == 0 : (uint64_t)(cell + i) % 10 == 0);
        int width = decimal_digits(number);
        bool clear = i >= free_from && !(here >= i && here < i + width) && i + width <= count;
        if (first >= s->steps || !round || !clear) continue;
        area_printf(a, x + i, y, ROLE_DIM, "%llu", (unsigned long long)number);
        free_from = i + width + 1;
    }
    if (here >= 0 && here < count) area_glyph(a, x + here, y, ROLE_CURRENT, GLYPH_UP);
}

static const enum outcome explained[] = {OUT_HIT, OUT_TLB_MISS, OUT_MINOR, OUT_MAJOR,
                                         OUT_COW, OUT_INVALID,  OUT_OTHER};
static const char *const short_text[OUT_COUNT] = {
    [OUT_HIT] = "hit", [OUT_TLB_MISS] = "TLB miss", [OUT_MINOR] = "minor", [OUT_MAJOR] = "major",
    [OUT_COW] = "cow", [OUT_INVALID] = "invalid",   [OUT_OTHER] = "system"};

#define ALL_OUTCOMES (~0u)

/* Width of the legend of some outcomes, a bit each. */
static int legend_width(unsigned outcomes) {
    int width = 0;
    for (size_t i = 0; i < sizeof explained / sizeof explained[0]; i++)
        if (outcomes >> explained[i] & 1) width += 4 + (int)strlen(short_text[explained[i]]);
    return width > 0 ? width - 2 : 0;
}

static void draw_heights(const struct strip *s, const struct area *a, int x, int y) {
    char words[64];
    double percent = (double)s->most / 1e4;
    if (s->most == 0) return;
    snprintf(words, sizeof words, "height: faults, up to %.*f%% of the steps", percent < 1 ? 3 : 1, percent);
    if (!text_fits(a, x, y, ROLE_DIM, words)) text_fits(a, x, y, ROLE_DIM, "height: faults");
}

/* All outcomes where they fit, else those that the strip shows, as far as they fit. */
static void draw_legend(const struct strip *s, const struct area *a, int x, int y) {
    unsigned outcomes = x + legend_width(ALL_OUTCOMES) <= a->width ? ALL_OUTCOMES : s->seen;
    if (s->scale > CELL_EXACT) {
        draw_heights(s, a, x, y);
        return;
    }
    for (size_t i = 0; i < sizeof explained / sizeof explained[0]; i++) {
        enum outcome o = explained[i];
        if (!(outcomes >> o & 1)) continue;
        if (x + 2 + (int)strlen(short_text[o]) > a->width) return;
        draw_letter(a, x, y, o);
        x = area_text(a, x + 2, y, ROLE_DIM, short_text[o]) + 2;
    }
}

/* ---- outside panes: a strip, and ticks below it ---- */

void draw_timeline(const struct view *v, const struct area *a) {
    struct strip s = strip_of(v, a->width - 2);
    int shown = (int)((s.steps + s.scale - 1) / s.scale), after = shown + 4;
    if (!v->history || s.steps == 0) return;
    survey(&s);
    for (int i = 0; i < shown; i++) draw_cell(&s, a, 1 + i, 0, i);
    int here = s.now == UINT64_MAX ? -1 : cell_of(&s, s.now);
    if (a->height < 2) {
        if (here >= 0) area_role(a, 1 + here, 0, 1, 1, ROLE_CURRENT);
        return;
    }
    draw_ticks(&s, a, 1, 1, 0, shown);
    char words[40];
    snprintf(words, sizeof words, "%llu steps a cell", (unsigned long long)s.scale);
    if (s.scale > 1 && text_fits(a, after, 0, ROLE_DIM, words)) after += (int)strlen(words) + 3;
    if (s.scale <= CELL_EXACT && after + legend_width(s.seen) <= a->width)
        draw_legend(&s, a, after, 0);
    else
        draw_legend(&s, a, shown + 4, 1);
}

/* ---- the pane: the strip in several rows, each with its ticks ---- */

static int items(const struct view *v) {
    uint64_t n = step_count(v);
    return n > INT_MAX ? INT_MAX : (int)n;
}

static int hot_item(const struct view *v) {
    uint64_t now = machine_step_index(v->machine);
    return now < (uint64_t)items(v) ? (int)now : -1;
}

static void select_cell(const struct strip *s, const struct area *a, const struct pane_state *st, int width) {
    int cell = cell_of(s, (uint64_t)st->cursor);
    if (cell >= 0) row_select(a, cell % width, cell / width * 2, 1);
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    int words = a->height >= 3 ? 1 : 0, rows = (a->height - words + 1) / 2, width = a->width;
    struct strip s = strip_of(v, rows * width);
    if (s.scale > CELL_EXACT && rows > 4) s = strip_of(v, (rows = 4) * width); /* a long look costs time */
    cursor_place(st, items(v), hot_item(v));
    st->scroll = 0;
    if (!v->history || s.steps == 0) {
        area_text(a, 0, 0, ROLE_DIM, "no steps");
        return;
    }
    struct area body = area_sub(a, 0, 0, width, a->height - words);
    survey(&s);
    for (int cell = 0; cell < s.cells; cell++) draw_cell(&s, &body, cell % width, cell / width * 2, cell);
    for (int row = 0; row < rows; row++) draw_ticks(&s, &body, 0, row * 2 + 1, row * width, width);
    int here = s.now == UINT64_MAX ? -1 : cell_of(&s, s.now);
    if (here >= 0) area_role(&body, here % width, here / width * 2, 1, 1, ROLE_CURRENT);
    if (focused) select_cell(&s, &body, st, width);
    if (words) draw_legend(&s, a, 0, a->height - 1);
}

static void heading(const struct view *v, struct text *out) {
    text_addf(out, "%llu/%llu", (unsigned long long)machine_steps_done(v->machine),
              (unsigned long long)step_count(v));
}

static bool step_at(const struct view *v, int item, struct step *out) {
    const struct step_source *source = machine_source(v->machine);
    size_t count;
    struct step *buf = malloc(STEP_SPAN * sizeof *buf);
    const struct step *step = buf && item >= 0 ? step_span(source, (uint64_t)item, buf, &count) : NULL;
    if (step) *out = *step;
    free(buf);
    return step != NULL;
}

static void detail(const struct view *v, int item, const struct area *a) {
    struct page_writer w = {a, 0};
    struct step step;
    char buf[128];
    struct text t = text_in(buf, sizeof buf);
    if (!v->history || !step_at(v, item, &step)) return;
    bool past = (uint64_t)item < machine_steps_done(v->machine);
    enum outcome o = past ? history_outcome(v->history, (uint64_t)item) : OUT_UNKNOWN;
    narrate_step(&t, v->machine, &step);
    write_line(&w, ROLE_HEADING, "Step %d: %s", item + 1, buf);
    if (step.line) write_line(&w, ROLE_NORMAL, "line      %u of the scenario", step.line);
    write_line(&w, outcome_role(o), "outcome   %s", outcome_text[o]);
    const struct step_extra *extra = v->scenario ? scenario_extra(v->scenario, &step) : NULL;
    if (extra && extra->note) write_line(&w, ROLE_MESSAGE, "%s", extra->note);
}

static bool matches(const struct view *v, int item, const char *needle) {
    struct step step;
    char buf[128];
    struct text t = text_in(buf, sizeof buf);
    if (!step_at(v, item, &step)) return false;
    narrate_step(&t, v->machine, &step);
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
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
