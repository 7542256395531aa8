/* timeline_graphs.c - what happened in each cell of a strip, as bars: the highest reaches to the top. */
#include "ui/graph.h"
#include "ui/timeline.h"

#define UNKNOWN (-1.0)

/* A share of the cell's steps, as far as they are past; UNKNOWN: none is. */
static double share(const struct strip *s, int cell, uint64_t (*of)(struct outcome_sums)) {
    uint64_t first = strip_first(s, cell), end = strip_end(s, cell);
    if (end > s->known) end = s->known;
    return first < end ? (double)of(history_sums(s->h, first, end)) / (double)(end - first) : UNKNOWN;
}

static uint64_t faults_of(struct outcome_sums sums) { return sums.faults; }
static uint64_t misses_of(struct outcome_sums sums) { return sums.tlb_misses; }

static double faults(const struct view *v, const struct strip *s, int cell) {
    (void)v;
    return share(s, cell, faults_of);
}

static double misses(const struct view *v, const struct strip *s, int cell) {
    (void)v;
    return share(s, cell, misses_of);
}

/* A cell that the present stands in is shown when just its past was counted. */
static double pages(const struct view *v, const struct strip *s, int cell) {
    const struct page_use *u = v->use;
    uint64_t counted = u ? page_use_counted(u) : 0, end = strip_end(s, cell);
    bool same = u && u->from == s->from && u->scale == s->scale && (unsigned)cell < u->cells;
    bool whole = end <= s->known && end <= counted, now = counted == s->known && counted > strip_first(s, cell);
    return same && (whole || now) ? u->pages[cell] : UNKNOWN;
}

static void say_percent(struct text *out, double most) { text_addf(out, "%.*f %%", most >= 0.1 || most == 0 ? 0 : most >= 0.01 ? 1 : 3, most * 100); }
static void say_count(struct text *out, double most) { text_addf(out, "%.0f", most); }

static const struct time_graph {
    const char *name;
    enum role role;
    double (*value)(const struct view *v, const struct strip *s, int cell);
    void (*say)(struct text *out, double most);
} graphs[TIMELINE_GRAPHS] = {
    {"faults", ROLE_MAJOR, faults, say_percent},
    {"TLB misses", ROLE_MISS, misses, say_percent},
    {"pages used", ROLE_HIT, pages, say_count},
};

static void draw_label(const struct area *a, const struct time_graph *g, double most) {
    char words[32];
    struct text t = text_in(words, sizeof words);
    int x = area_text(a, 0, 0, ROLE_HEADING, g->name);
    if (a->height > 1) text_add(&t, "up to ");
    if (most == UNKNOWN) text_add(&t, "...");
    else g->say(&t, most);
    area_text(a, a->height > 1 ? 0 : x + 1, a->height > 1, ROLE_DIM, words);
}

static void draw_one(const struct view *v, const struct area *a, const struct strip *s, int x, const struct time_graph *g) {
    double value[PAGE_USE_CELLS], most = UNKNOWN;
    int cells = strip_used(s) < (int)PAGE_USE_CELLS ? strip_used(s) : (int)PAGE_USE_CELLS;
    for (int i = 0; i < cells; i++) {
        value[i] = g->value(v, s, i);
        if (value[i] > most) most = value[i];
    }
    draw_label(a, g, most);
    for (int i = 0; i < cells; i++) {
        if (value[i] == UNKNOWN) continue;
        double eighths = most > 0 ? value[i] / most * 8 * a->height : 0;
        int whole = (int)eighths;
        graph_draw_bar(a, x + i, 0, a->height, g->role, whole + (eighths > whole));
    }
}

void draw_time_graphs(const struct view *v, const struct area *a, const struct strip *s, int x) {
    int height = a->height / TIMELINE_GRAPHS;
    for (int i = 0; i < TIMELINE_GRAPHS; i++) {
        struct area part = area_sub(a, 0, i * height, a->width, height);
        draw_one(v, &part, s, x, &graphs[i]);
    }
}
