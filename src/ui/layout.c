/* layout.c - one table of arrangements, a size class each, and how they stretch.
 *
 * A screen from top to bottom: title, path, the framed panes in columns, the
 * narration below the frame's bottom line, timeline and counters, footer. The
 * first arrangement of the table that fits the screen is taken; what is left over
 * is shared out by the `grow` weights.
 */
#include "ui/layout.h"
#include <stddef.h>

enum { NONE = -1, FOCUS = PANES }; /* FOCUS: whichever pane has the keys */

struct stacked {       /* one place in a column, or two side by side */
    signed char pane, beside; /* beside: a second pane at its right, or NONE */
    unsigned char rows, grow; /* inside; weight for spare rows */
    unsigned char share;      /* of the width that goes to `beside`, in percent */
};
struct column {
    unsigned char width, grow, most; /* inside; weight for spare columns; never wider (0: no limit) */
    unsigned char count;
    struct stacked place[4];
};
struct arrangement {
    int min_width, min_height;
    int narration; /* rows of narration below the frame; 0: it is one of the panes */
    int timeline;  /* rows */
    int counters;  /* rows of their own; NONE: at the right of the timeline */
    int columns;
    struct column column[4];
};

#define PANE(id, rows, grow) {PANE_##id, NONE, rows, grow, 0}
#define PAIR(id, right, rows, grow, share) {PANE_##id, PANE_##right, rows, grow, share}

/* clang-format off */
static const struct arrangement arrangements[] = {
    {170, 44, 9, 2, 0, 4, {
        {34, 3, 46, 2, {PANE(ADDRESS_SPACE, 20, 4), PANE(PROCESSES, 4, 1)}},
        {50, 4, 70, 2, {PANE(TRANSLATION, 13, 1), PANE(PAGE_TABLE, 10, 2)}},
        {44, 4, 64, 2, {PANE(TLB, 7, 1), PANE(FRAMES, 12, 4)}},
        {32, 3, 0,  2, {PANE(COUNTERS, 18, 1), PANE(SWAP, 6, 2)}}}},
    {150, 24, 5, 2, NONE, 4, {
        {24, 3, 40, 2, {PANE(ADDRESS_SPACE, 8, 1), PANE(PROCESSES, 2, 0)}},
        {48, 3, 60, 1, {PANE(TRANSLATION, 9, 1)}},
        {36, 3, 60, 2, {PANE(PAGE_TABLE, 5, 2), PANE(SWAP, 2, 1)}},
        {34, 3, 0,  2, {PANE(TLB, 4, 1), PANE(FRAMES, 4, 2)}}}},
    {112, 30, 5, 2, NONE, 3, {
        {26, 2, 40, 2, {PANE(ADDRESS_SPACE, 13, 1), PANE(PROCESSES, 3, 0)}},
        {46, 3, 70, 2, {PANE(TRANSLATION, 9, 2), PANE(PAGE_TABLE, 5, 3)}},
        {36, 3, 0,  3, {PANE(TLB, 5, 2), PANE(FRAMES, 5, 3), PANE(SWAP, 2, 1)}}}},
    {78, 36, 6, 2, 2, 3, {
        {18, 2, 40, 2, {PANE(ADDRESS_SPACE, 14, 1), PANE(PROCESSES, 3, 0)}},
        {32, 3, 60, 2, {PANE(TRANSLATION, 9, 2), PANE(PAGE_TABLE, 6, 3)}},
        {24, 3, 0,  3, {PANE(TLB, 6, 2), PANE(FRAMES, 5, 3), PANE(SWAP, 2, 1)}}}},
    {78, 22, 4, 2, NONE, 3, {
        {18, 2, 30, 2, {PANE(ADDRESS_SPACE, 8, 1), PANE(PROCESSES, 2, 0)}},
        {32, 3, 60, 2, {PANE(TRANSLATION, 6, 3), PANE(PAGE_TABLE, 3, 2)}},
        {24, 3, 0,  3, {PANE(TLB, 4, 2), PANE(FRAMES, 3, 2), PANE(SWAP, 1, 1)}}}},
    {56, 36, 6, 2, 1, 2, {
        {18, 1, 30, 3, {PANE(ADDRESS_SPACE, 12, 3), PANE(PROCESSES, 2, 0), PANE(SWAP, 2, 1)}},
        {32, 3, 0,  4, {PANE(TRANSLATION, 6, 2), PANE(PAGE_TABLE, 3, 2), PANE(TLB, 4, 2), PANE(FRAMES, 4, 2)}}}},
    {56, 18, 3, 1, 0, 2, {
        {17, 1, 30, 1, {PANE(ADDRESS_SPACE, 8, 1)}},
        {34, 3, 0,  2, {PANE(TRANSLATION, 5, 2), PAIR(TLB, FRAMES, 3, 1, 40)}}}},
    {40, 20, 4, 1, 0, 1, {
        {36, 1, 0,  2, {PANE(TRANSLATION, 5, 1), {FOCUS, NONE, 4, 2, 0}}}}},
    {0, 0, 2, 0, 0, 1, {
        {36, 1, 0,  1, {{FOCUS, NONE, 2, 1, 0}}}}},
};
/* clang-format on */

/* Share `spare` out over n places by weight, at most most[i] each (0: no limit). */
static void share_out(int spare, int n, const int *grow, const int *most, int *size) {
    for (int round = 0; round < 3 && spare > 0; round++) {
        int weight = 0, left = spare;
        for (int i = 0; i < n; i++)
            if (!most[i] || size[i] < most[i]) weight += grow[i];
        for (int i = 0; i < n && weight > 0; i++) {
            if (most[i] && size[i] >= most[i]) continue;
            int part = left * grow[i] / weight;
            if (most[i] && size[i] + part > most[i]) part = most[i] - size[i];
            left -= left * grow[i] / weight;
            weight -= grow[i];
            size[i] += part;
            spare -= part;
        }
    }
    if (spare > 0) size[n - 1] += spare;
}

static void place_pane(struct layout *l, int pane, int focus, struct box inside) {
    if (pane == FOCUS) pane = focus >= 0 && !l->pane[focus].width ? focus : PANE_ADDRESS_SPACE;
    if (pane < 0 || pane >= PANES || l->pane[pane].width) return;
    l->pane[pane] = inside;
    l->framed[pane] = true;
}

static void place_stacked(struct layout *l, const struct stacked *s, int focus, struct box at) {
    if (s->beside != NONE) {
        int right = at.width * s->share / 100;
        struct box side = {at.x + at.width - right, at.y, right, at.height};
        at.width -= right + 1;
        place_pane(l, s->beside, focus, side);
    }
    place_pane(l, s->pane, focus, at);
}

static int wished_rows(const struct layout_wish *wish, int pane) {
    return pane >= 0 && pane < PANES ? wish->rows[pane] : 0; /* not NONE, not FOCUS */
}

/* Rows that the table gave as spare go where they are wished for. */
static void heed_wishes(const struct column *c, const struct layout_wish *wish, int *rows) {
    for (int i = 0; i < c->count; i++) {
        int missing = wished_rows(wish, c->place[i].pane) - rows[i];
        for (int j = 0; j < c->count && missing > 0; j++) {
            int spare = j == i ? 0 : rows[j] - c->place[j].rows, part = spare < missing ? spare : missing;
            if (part <= 0) continue;
            rows[j] -= part;
            rows[i] += part;
            missing -= part;
        }
    }
}

/* The places whose panes are needed. */
static struct column needed(const struct column *c, const struct layout_wish *wish) {
    struct column out = *c;
    out.count = 0;
    for (int i = 0; i < c->count; i++)
        if (wished_rows(wish, c->place[i].pane) >= 0) out.place[out.count++] = c->place[i];
    return out;
}

/* One column's panes from the top; each is a border line apart. */
static void place_column(struct layout *l, const struct column *all, const struct layout_wish *wish, int focus, struct box at) {
    struct column here = needed(all, wish), *c = &here;
    int rows[4] = {0}, grow[4] = {0}, most[4] = {0}, spare = at.height - (c->count - 1);
    for (int i = 0; i < c->count; i++) {
        rows[i] = c->place[i].rows;
        grow[i] = c->place[i].grow;
        spare -= rows[i];
    }
    share_out(spare, c->count, grow, most, rows);
    heed_wishes(c, wish, rows);
    for (int i = 0; i < c->count; i++) {
        place_stacked(l, &c->place[i], focus, (struct box){at.x, at.y, at.width, rows[i]});
        at.y += rows[i] + 1;
    }
}

static void place_columns(struct layout *l, const struct arrangement *a, const struct layout_wish *wish, int focus) {
    int width[4] = {0}, grow[4] = {0}, most[4] = {0}, spare = l->frame.width - 2 - (a->columns - 1);
    for (int i = 0; i < a->columns; i++) {
        width[i] = a->column[i].width;
        grow[i] = a->column[i].grow;
        most[i] = a->column[i].most;
        spare -= width[i];
    }
    share_out(spare, a->columns, grow, most, width);
    struct box at = {l->frame.x + 1, l->frame.y + 1, 0, l->frame.height - 2};
    for (int i = 0; i < a->columns; i++) {
        at.width = width[i];
        place_column(l, &a->column[i], wish, focus, at);
        at.x += width[i] + 1;
    }
}

/* The rows below the frame, from the bottom up. Returns the row behind the frame's last. */
static int place_lines(struct layout *l, const struct arrangement *a, int width, int height, int narration) {
    int y = height - 1;
    l->footer = (struct box){0, y, width, 1};
    if (a->counters > 0) l->counters = (struct box){0, y -= a->counters, width, a->counters};
    if (a->timeline > 0) {
        int part = a->counters == NONE ? width / 2 : width;
        y -= a->timeline;
        l->timeline = (struct box){0, y, part, a->timeline};
        if (part < width) l->counters = (struct box){part + 1, y, width - part - 2, a->timeline};
    }
    if (narration > 0) l->pane[PANE_NARRATION] = (struct box){1, y -= narration, width - 2, narration};
    return y;
}

static const struct arrangement *choose(int width, int height) {
    const struct arrangement *a = arrangements;
    while (width < a->min_width || height < a->min_height) a++;
    return a;
}

/* Rows of narration: it gets a third of what a taller screen has to spare. */
static int narration_rows(const struct arrangement *a, int height) {
    int spare = a->min_height ? (height - a->min_height) / 3 : 0;
    return a->narration + (spare > 8 ? 8 : spare);
}

void layout_compute(int width, int height, int zoom, int focus, struct layout *out) {
    static const struct layout_wish none;
    layout_compute_wish(width, height, zoom, focus, &none, out);
}

void layout_compute_wish(int width, int height, int zoom, int focus, const struct layout_wish *wish, struct layout *out) {
    *out = (struct layout){.too_small = width < SCREEN_MIN_WIDTH || height < SCREEN_MIN_HEIGHT};
    if (out->too_small) return;
    const struct arrangement *a = choose(width, height);
    int narration = narration_rows(a, height);
    if (zoom == PANE_NARRATION) narration = 0;
    else if (zoom >= 0 && narration > 3) narration = 3;
    int end = place_lines(out, a, width, height, narration);
    out->title = (struct box){0, 0, width, 1};
    out->path = (struct box){0, 1, width, 1};
    out->frame = (struct box){0, 2, width, end - 2};
    struct box inside = {1, 3, width - 2, end - 4};
    if (zoom >= 0) place_pane(out, zoom, focus, inside);
    else place_columns(out, a, wish, focus);
}
