/* screen.c - the layout filled: title, path, panes with their frames, narration,
 * timeline, counters, footer, and what lies over them.
 *
 * Invariant: the picture depends on the view and the screen state alone; drawing
 * changes nothing but cursors and scrolls that were out of range.
 */
#include "ui/screen.h"
#include "ui/glyph.h"
#include <strings.h>

/* ---- frames that share their lines ---- */

enum line_bits { GO_UP = 1, GO_DOWN = 2, GO_LEFT = 4, GO_RIGHT = 8 };

static const enum glyph joint[16] = {
    [GO_LEFT | GO_RIGHT] = GLYPH_HLINE,
    [GO_UP | GO_DOWN] = GLYPH_VLINE,
    [GO_DOWN | GO_RIGHT] = GLYPH_TOP_LEFT,
    [GO_DOWN | GO_LEFT] = GLYPH_TOP_RIGHT,
    [GO_UP | GO_RIGHT] = GLYPH_BOTTOM_LEFT,
    [GO_UP | GO_LEFT] = GLYPH_BOTTOM_RIGHT,
    [GO_UP | GO_DOWN | GO_RIGHT] = GLYPH_TEE_LEFT,
    [GO_UP | GO_DOWN | GO_LEFT] = GLYPH_TEE_RIGHT,
    [GO_DOWN | GO_LEFT | GO_RIGHT] = GLYPH_TEE_DOWN,
    [GO_UP | GO_LEFT | GO_RIGHT] = GLYPH_TEE_UP,
    [GO_UP | GO_DOWN | GO_LEFT | GO_RIGHT] = GLYPH_CROSS,
};

/* The directions in which the line sign of a cell goes; 0 where there is none. In
 * ASCII all corners look alike and count as crosses, which draws the same '+'. */
static unsigned bits_of(uint32_t ch, bool ascii) {
    if (ch == ' ') return 0;
    if (ascii && ch == '+') return 15;
    if (ch == glyph_char(GLYPH_HLINE, ascii)) return GO_LEFT | GO_RIGHT; /* nearly all of a frame */
    if (ch == glyph_char(GLYPH_VLINE, ascii)) return GO_UP | GO_DOWN;
    for (unsigned bits = 3; bits < 16; bits++)
        if (joint[bits] != GLYPH_HLINE && glyph_char(joint[bits], ascii) == ch) return bits;
    return 0;
}

static void add_line(const struct area *a, int x, int y, enum role role, unsigned bits) {
    const struct canvas *c = a->canvas;
    bits |= bits_of(c->cell[(size_t)y * (size_t)c->width + (size_t)x].ch, c->ascii);
    area_glyph(a, x, y, role, joint[bits]);
}

/* The frame around a box, joined with the lines that stand there already. */
static void draw_ring(const struct area *a, const struct box *b, enum role role) {
    int left = b->x - 1, right = b->x + b->width, top = b->y - 1, bottom = b->y + b->height;
    for (int x = b->x; x < right; x++) {
        add_line(a, x, top, role, GO_LEFT | GO_RIGHT);
        add_line(a, x, bottom, role, GO_LEFT | GO_RIGHT);
    }
    for (int y = b->y; y < bottom; y++) {
        add_line(a, left, y, role, GO_UP | GO_DOWN);
        add_line(a, right, y, role, GO_UP | GO_DOWN);
    }
    add_line(a, left, top, role, GO_DOWN | GO_RIGHT);
    add_line(a, right, top, role, GO_DOWN | GO_LEFT);
    add_line(a, left, bottom, role, GO_UP | GO_RIGHT);
    add_line(a, right, bottom, role, GO_UP | GO_LEFT);
}

/* ---- panes ---- */

/* "1 Address space  A  pid 1", as many of the heading's parts as fit; two blanks part them. */
static void draw_pane_title(const struct area *screen, const struct view *v, int id, const struct box *b, bool focus) {
    struct area line = area_sub(screen, b->x, b->y - 1, b->width, 1);
    char buf[128] = "";
    struct text heading = text_in(buf, sizeof buf);
    if (pane_table[id]->heading) pane_table[id]->heading(v, &heading);
    enum role role = focus ? ROLE_BORDER_FOCUS : ROLE_HEADING;
    int x = focus ? area_glyph(&line, 0, 0, role, GLYPH_POINTER) : 0;
    x = area_printf(&line, x, 0, role, "%c %s", pane_table[id]->digit, pane_table[id]->title);
    int gap = 2;
    while (buf[0] && x + gap + (int)strlen(buf) > line.width) {
        char *part = buf;
        for (char *s = buf; (s = strstr(s, "  ")) != NULL; s += 2) part = s;
        if (part == buf && gap-- > 1) continue; /* the first part stands closer rather than not at all */
        *part = '\0';
    }
    if (!buf[0]) return;
    area_fill(&line, x, 0, gap, 1, ROLE_NORMAL, ' ');
    area_text(&line, x + gap, 0, ROLE_NORMAL, buf);
}

/* All frames, the one that has the keys last, so that it lies over its neighbours'. */
static void draw_frames(const struct area *screen, const struct layout *l, int focus) {
    for (int id = 0; id < PANES; id++)
        if (l->framed[id] && id != focus) draw_ring(screen, &l->pane[id], ROLE_BORDER);
    if (l->framed[focus]) draw_ring(screen, &l->pane[focus], ROLE_BORDER_FOCUS);
}

static void draw_panes(const struct area *screen, const struct view *v, struct screen_state *st) {
    draw_frames(screen, &st->layout, st->focus);
    for (int id = 0; id < PANES; id++) {
        const struct box *b = &st->layout.pane[id];
        if (!b->width) continue;
        struct area inside = area_sub(screen, b->x, b->y, b->width, b->height);
        draw_pane_title(screen, v, id, b, id == st->focus);
        pane_table[id]->draw(v, &inside, &st->pane[id], id == st->focus);
    }
}

/* ---- the screen ---- */

static void draw_line(const struct area *screen, const struct view *v, const struct box *b,
                      void (*draw)(const struct view *v, const struct area *a)) {
    struct area part = area_sub(screen, b->x, b->y, b->width, b->height);
    if (b->width) draw(v, &part);
}

static void draw_overlay(const struct area *screen, const struct view *v, struct screen_state *st) {
    int top = screen->height > 14 ? 1 : 0; /* title and footer stay */
    struct area above = area_sub(screen, 0, top, screen->width, screen->height - top - 1);
    if (st->overlay == OVERLAY_HELP) draw_help(&above, st);
    if (st->overlay == OVERLAY_CARD) draw_card(&above, v->scenario, st);
    if (st->overlay == OVERLAY_DETAIL) draw_detail(&above, v, st);
    if (st->overlay == OVERLAY_QUESTION) draw_question(&above, st);
}

void screen_too_small(struct canvas *c) {
    struct area a = area_of(c);
    char text[64];
    struct text t = text_in(text, sizeof text);
    text_addf(&t, "too small: have %dx%d, need %dx%d", c->width, c->height, SCREEN_MIN_WIDTH, SCREEN_MIN_HEIGHT);
    int rows = area_wrap(&a, 0, ROLE_MESSAGE, text);
    if (rows < c->height) area_wrap(&a, rows, ROLE_NORMAL, "q quits.");
}

/* The same at each step of a scenario, so that nothing jumps. */
static struct layout_wish wishes_of(const struct view *v) {
    struct layout_wish wish = {{0}};
    for (int id = 0; id < PANES; id++)
        if (pane_table[id]->rows) wish.rows[id] = pane_table[id]->rows(v);
    return wish;
}

void screen_layout(const struct view *v, int width, int height, int focus, struct layout *out) {
    const struct layout_wish wish = wishes_of(v);
    layout_compute_wish(width, height, -1, focus, &wish, out);
}

void screen_draw(struct canvas *c, const struct view *v, struct screen_state *st) {
    canvas_clear(c);
    const struct layout_wish wish = wishes_of(v);
    layout_compute_wish(c->width, c->height, st->zoom, st->focus, &wish, &st->layout);
    if (st->layout.too_small) {
        screen_too_small(c);
        return;
    }
    struct area screen = area_of(c);
    draw_line(&screen, v, &st->layout.title, draw_title);
    draw_line(&screen, v, &st->layout.path, draw_path);
    draw_panes(&screen, v, st);
    draw_line(&screen, v, &st->layout.timeline, draw_timeline);
    draw_line(&screen, v, &st->layout.counters, draw_counters);
    draw_overlay(&screen, v, st);
    struct area footer = area_sub(&screen, 0, st->layout.footer.y - 1, c->width, 2);
    draw_footer(&footer, st);
}

void screen_init(struct screen_state *st, const struct keymap *keymap) {
    *st = (struct screen_state){.focus = PANE_TRANSLATION, .zoom = -1, .keymap = keymap, .contexts = CTX_PANES};
    for (int id = 0; id < PANES; id++) st->pane[id].follow = true;
}

int pane_by_name(const char *name) {
    for (int id = 0; id < PANES; id++) {
        const struct pane *p = pane_table[id];
        if (strcasecmp(p->name, name) == 0 || strcasecmp(p->title, name) == 0) return id;
        if (name[0] == p->digit && !name[1]) return id;
    }
    return -1;
}
