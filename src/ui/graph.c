/* graph.c - see graph.h. A cell has eight heights, so a graph of two rows has sixteen: what
 * is not nothing is always one high at least. */
#include "ui/graph.h"

static uint32_t value_of(const struct pace_bucket *b, enum graph_of what) {
    const uint32_t values[GRAPHS] = {[GRAPH_FAULTS] = b->faults, [GRAPH_RESIDENT] = b->resident, [GRAPH_SET] = b->set};
    return values[what];
}

struct graph graph_of(const struct machine *m, proc_t p, enum graph_of what) {
    const struct pace *pace = machine_pace(m);
    const struct pace_bucket *b = pace_of(pace, p);
    struct graph g = {.references = (uint64_t)1 << pace->shift};
    uint64_t now = machine_references(m) >> pace->shift;
    uint32_t last = GRAPH_UNKNOWN;
    if (!b) return g;
    g.count = now < GRAPH_BARS ? (unsigned)now + 1 : GRAPH_BARS;
    for (unsigned i = 0; i < g.count; i++) {
        uint32_t value = value_of(&b[i], what);
        if (value != GRAPH_UNKNOWN) last = value; /* else it is as it was */
        g.bar[i] = last;
        if (last != GRAPH_UNKNOWN && last > g.most) g.most = last;
    }
    return g;
}

/* Eighths of a cell that a bar fills in all rows together. */
static int height_of(uint32_t value, uint32_t most, int rows) {
    uint64_t eighths = (uint64_t)rows * 8;
    return most ? (int)(((uint64_t)value * eighths + most - 1) / most) : 0;
}

void graph_draw_bar(const struct area *a, int x, int y, int rows, enum role role, int eighths) {
    for (int row = rows - 1; row >= 0; row--, eighths -= 8) {
        if (eighths <= 0 && row < rows - 1) return;
        enum glyph g = eighths <= 0 ? GLYPH_DOT_HIT : (enum glyph)(GLYPH_BAR_1 + (eighths > 8 ? 8 : eighths) - 1);
        area_glyph(a, x, y + row, eighths > 0 ? role : ROLE_DIM, g);
    }
}

void graph_draw(const struct graph *g, const struct area *a, int x, int y, int width, int height, enum role role, uint32_t most) {
    unsigned bars = width < 0 ? 0 : g->count < (unsigned)width ? g->count : (unsigned)width, first = g->count - bars;
    for (unsigned i = 0; i < bars && height > 0; i++)
        if (g->bar[first + i] != GRAPH_UNKNOWN)
            graph_draw_bar(a, x + (int)i, y, height, role, height_of(g->bar[first + i], most, height));
}
