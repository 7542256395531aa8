/* strip.c - see strip.h. */
#include "ui/strip.h"

static uint64_t step_count(const struct view *v) { return v->history ? history_step_count(v->history) : 0; }

#define TICKS_APART 10u /* cells of several steps, from a tick to the next */

/* ---- scales ---- */

/* The next of 1 2 5 10 20 50...: scales whose ticks are round numbers. */
static uint64_t rounder(uint64_t n) {
    uint64_t ten = 1;
    while (ten * 10 <= n) ten *= 10;
    return n < 2 * ten ? 2 * ten : n < 5 * ten ? 5 * ten : 10 * ten;
}

/* The least round scale at which so many steps take no more than so many cells. */
static uint64_t scale_for(uint64_t steps, uint64_t cells) {
    uint64_t scale = 1;
    while ((steps + scale - 1) / scale > cells) scale = rounder(scale);
    return scale;
}

/* Closer than `scale`: about two of its cells fill the row; two steps a cell are as well single ones. */
static uint64_t closer(uint64_t scale, uint64_t cells) {
    uint64_t next = scale_for(2 * scale, cells);
    if (next >= scale) next = scale_for(scale, 3);
    return next > 2 ? next : 1;
}

unsigned strip_closest(const struct view *v, int cells) {
    unsigned zoom = 0;
    uint64_t row = cells < 1 ? 1 : (uint64_t)cells;
    for (uint64_t scale = scale_for(step_count(v), row); scale > 1; scale = closer(scale, row)) zoom++;
    return zoom;
}

/* Where a row must begin to have a step in its middle half. It stands still while the step stays there, so that
 * only the mark moves. */
static uint64_t first_around(uint64_t steps, uint64_t scale, uint64_t cells, uint64_t step) {
    uint64_t half = cells / 2 ? cells / 2 : 1, cell = step / scale, all = (steps + scale - 1) / scale;
    uint64_t page = cell / half * half, from = page > half / 2 ? page - half / 2 : 0, last = all > cells ? all - cells : 0;
    return (from < last ? from : last) * scale;
}

int strip_used(const struct strip *s) {
    uint64_t n = s->from < s->steps ? (s->steps - s->from + s->scale - 1) / s->scale : 0;
    return n < (uint64_t)s->cells ? (int)n : s->cells;
}

int strip_cell(const struct strip *s, uint64_t step) {
    uint64_t cell = step < s->from ? UINT64_MAX : (step - s->from) / s->scale;
    return cell < (uint64_t)s->cells ? (int)cell : -1;
}

uint64_t strip_first(const struct strip *s, int cell) { return s->from + (uint64_t)cell * s->scale; }

uint64_t strip_end(const struct strip *s, int cell) {
    uint64_t end = strip_first(s, cell) + s->scale;
    return end < s->steps ? end : s->steps;
}

/* ---- what a cell is like ---- */

static enum outcome worst_of(const struct strip *s, uint64_t first, uint64_t end) {
    enum outcome worst = OUT_UNKNOWN;
    for (; first < end && first < s->known; first++) {
        enum outcome o = history_outcome(s->h, first);
        if (o == OUT_OTHER ? worst == OUT_UNKNOWN : worst == OUT_OTHER || o > worst) worst = o;
    }
    return worst;
}

#define ALL_STEPS UINT64_C(1000000000) /* shares are parts of that */

/* Which part of the steps first..end-1 faulted. */
static uint64_t share_of(const struct strip *s, uint64_t first, uint64_t end) {
    if (end > s->known) end = s->known;
    return first < end ? history_sums(s->h, first, end).faults * ALL_STEPS / (end - first) : 0;
}

/* What all cells together are like: the heights are parts of the worst one's. */
static void survey(struct strip *s) {
    for (int cell = 0; cell < s->cells; cell++) {
        uint64_t first = strip_first(s, cell);
        if (first >= s->known) return;
        if (s->scale <= CELL_EXACT) {
            s->seen |= 1u << worst_of(s, first, strip_end(s, cell));
        } else {
            uint64_t share = share_of(s, first, strip_end(s, cell));
            if (share > s->most) s->most = share;
        }
    }
}

struct strip strip_of(const struct view *v, int cells, unsigned zoom, uint64_t around) {
    struct strip s = {.h = v->history, .steps = step_count(v), .now = machine_step_index(v->machine),
                      .known = machine_steps_done(v->machine), .cells = cells < 1 ? 1 : cells};
    uint64_t row = (uint64_t)s.cells;
    s.scale = scale_for(s.steps, row);
    for (; zoom > 0 && s.scale > 1; zoom--) s.scale = closer(s.scale, row);
    s.from = first_around(s.steps, s.scale, row, around < s.steps ? around : s.steps ? s.steps - 1 : 0);
    survey(&s);
    return s;
}

/* ---- drawing ---- */

void say_steps(struct text *out, uint64_t n) {
    if (n >= 1000000 && n % 100000 == 0) text_addf(out, "%.10gM", (double)n / 1e6);
    else if (n >= 1000 && n % 100 == 0) text_addf(out, "%.10gk", (double)n / 1e3);
    else text_addf(out, "%llu", (unsigned long long)n);
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

static void draw_share(const struct strip *s, const struct area *a, int x, int y, uint64_t first, uint64_t end) {
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

void strip_draw_cell(const struct strip *s, const struct area *a, int x, int y, int cell) {
    uint64_t first = strip_first(s, cell), end = strip_end(s, cell);
    if (first >= s->steps) return;
    if (s->scale <= CELL_EXACT) draw_letter(a, x, y, worst_of(s, first, end));
    else draw_share(s, a, x, y, first, end);
}

void strip_draw_row(const struct strip *s, const struct area *a, int x, int y, int first, int count) {
    int here = s->now == UINT64_MAX ? -1 : strip_cell(s, s->now) - first;
    for (int i = 0; i < count; i++) strip_draw_cell(s, a, x + i, y, first + i);
    if (here >= 0 && here < count) area_role(a, x + here, y, 1, 1, ROLE_CURRENT);
}

/* The number that stands below a cell: a step's, counted from 1; of many steps, how many lie before it, all in the
 * unit in which the ticks are round. */
static void say_tick(struct text *out, const struct strip *s, uint64_t first) {
    uint64_t apart = TICKS_APART * s->scale;
    if (s->scale == 1 || first == 0) text_addf(out, "%llu", (unsigned long long)first + 1);
    else if (apart >= 1000000) text_addf(out, "%.10gM", (double)first / 1e6);
    else if (apart >= 1000) text_addf(out, "%.10gk", (double)first / 1e3);
    else text_addf(out, "%llu", (unsigned long long)first);
}

/* Has the cell a round number? */
static bool is_round(const struct strip *s, uint64_t first) {
    return s->scale == 1 ? (first + 1) % 5 == 0 : first / s->scale % TICKS_APART == 0;
}

void strip_draw_ticks(const struct strip *s, const struct area *a, int x, int y, int first, int count) {
    int free_from = 0, here = s->now == UINT64_MAX ? -1 : strip_cell(s, s->now) - first;
    for (int i = 0; i < count && strip_first(s, first + i) < s->steps; i++) {
        char number[24];
        struct text t = text_in(number, sizeof number);
        say_tick(&t, s, strip_first(s, first + i));
        int width = (int)t.len;
        bool clear = i >= free_from && !(here >= i && here < i + width) && i + width <= count;
        bool edge = i == 0 && s->from == 0; /* a row of all of time begins with its number, be it round or not */
        if (!clear || (!edge && !is_round(s, strip_first(s, first + i)))) continue;
        area_text(a, x + i, y, ROLE_DIM, number);
        free_from = i + width + 1;
    }
    if (here >= 0 && here < count) area_glyph(a, x + here, y, ROLE_CURRENT, GLYPH_UP);
}

/* ---- the legend ---- */

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

int strip_legend_width(const struct strip *s) { return s->scale > CELL_EXACT ? 0 : legend_width(s->seen); }

static void draw_heights(const struct strip *s, const struct area *a, int x, int y) {
    char words[64];
    double percent = (double)s->most * 100 / (double)ALL_STEPS;
    if (s->most == 0) return;
    snprintf(words, sizeof words, "height: faults, up to %.*f%% of the steps", percent < 1 ? 3 : 1, percent);
    if (!text_fits(a, x, y, ROLE_DIM, words)) text_fits(a, x, y, ROLE_DIM, "height: faults");
}

int strip_draw_legend(const struct strip *s, const struct area *a, int x, int y) {
    unsigned outcomes = x + legend_width(ALL_OUTCOMES) <= a->width ? ALL_OUTCOMES : s->seen;
    if (s->scale > CELL_EXACT) {
        draw_heights(s, a, x, y);
        return a->width;
    }
    for (size_t i = 0; i < sizeof explained / sizeof explained[0]; i++) {
        enum outcome o = explained[i];
        if (!(outcomes >> o & 1)) continue;
        if (x + 2 + (int)strlen(short_text[o]) > a->width) return a->width;
        draw_letter(a, x, y, o);
        x = area_text(a, x + 2, y, ROLE_DIM, short_text[o]) + 2;
    }
    return x;
}
