/* canvas.c - the screen as plain data: rows of cells, each a sign and a role.
 *
 * Invariant: every write is clipped to its area, and every area to its canvas;
 * so a pane may draw at any size and can never hurt a neighbour. No terminal is
 * involved, which is why whole screens can be drawn and compared in a test.
 */
#include "ui/glyph.h"
#include "vmscope/base/memory.h"
#include <stdarg.h>

static const struct cell blank = {' ', ROLE_NORMAL};

bool canvas_resize(struct canvas *c, int width, int height) {
    if (width < 1 || height < 1) return false;
    struct cell *cell = mem_zalloc((size_t)width * (size_t)height, sizeof *cell);
    if (!cell) return false;
    free(c->cell);
    c->cell = cell;
    c->width = width;
    c->height = height;
    canvas_clear(c);
    return true;
}

void canvas_free(struct canvas *c) {
    free(c->cell);
    c->cell = NULL;
    c->width = c->height = 0;
}

void canvas_clear(struct canvas *c) {
    size_t row = (size_t)c->width;
    for (size_t x = 0; x < row; x++) c->cell[x] = blank;
    for (int y = 1; y < c->height; y++) memcpy(c->cell + (size_t)y * row, c->cell, row * sizeof *c->cell);
    c->cursor_x = c->cursor_y = -1;
}

bool canvas_equal(const struct canvas *a, const struct canvas *b) {
    if (a->width != b->width || a->height != b->height) return false;
    for (int i = 0; i < a->width * a->height; i++)
        if (a->cell[i].ch != b->cell[i].ch || a->cell[i].role != b->cell[i].role) return false;
    return true;
}

void canvas_row_text(const struct canvas *c, int y, struct text *out) {
    if (y < 0 || y >= c->height) return;
    const struct cell *row = c->cell + (size_t)y * (size_t)c->width;
    int end = c->width;
    while (end > 0 && row[end - 1].ch == ' ') end--;
    for (int x = 0; x < end; x++) {
        char buf[5];
        text_add(out, glyph_encode(row[x].ch, buf));
    }
}

struct area area_of(struct canvas *c) { return (struct area){c, 0, 0, c->width, c->height}; }

static int clamp(int v, int low, int high) { return v < low ? low : v > high ? high : v; }

struct area area_sub(const struct area *a, int x, int y, int width, int height) {
    int left = clamp(x, 0, a->width), top = clamp(y, 0, a->height);
    int right = clamp(x + width, left, a->width), bottom = clamp(y + height, top, a->height);
    return (struct area){a->canvas, a->x + left, a->y + top, right - left, bottom - top};
}

/* The cell at x,y of the area, or NULL where that is outside. */
static inline struct cell *cell_at(const struct area *a, int x, int y) {
    if (x < 0 || y < 0 || x >= a->width || y >= a->height) return NULL;
    int cx = a->x + x, cy = a->y + y;
    if (cx < 0 || cy < 0 || cx >= a->canvas->width || cy >= a->canvas->height) return NULL;
    return a->canvas->cell + (size_t)cy * (size_t)a->canvas->width + cx;
}

static inline void put(const struct area *a, int x, int y, enum role role, uint32_t ch) {
    struct cell *cell = cell_at(a, x, y);
    if (cell) *cell = (struct cell){a->canvas->ascii ? glyph_ascii(ch) : ch, (uint8_t)role};
}

/* The next sign of *s that takes one column ('?' for wide ones), passing over combining ones; 0 at the end. */
static inline uint32_t next_sign(const char **s) {
    unsigned char plain = (unsigned char)**s;
    if (plain >= ' ' && plain < 0x7f) return ++*s, plain; /* nearly always */
    while (**s) {
        uint32_t ch = glyph_decode(s);
        int width = glyph_width(ch);
        if (width) return width == 1 ? ch : '?';
    }
    return 0;
}

int area_text(const struct area *a, int x, int y, enum role role, const char *s) {
    for (uint32_t ch; (ch = next_sign(&s)) != 0; x++) put(a, x, y, role, ch);
    return x;
}

int area_printf(const struct area *a, int x, int y, enum role role, const char *fmt, ...) {
    char buf[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    return area_text(a, x, y, role, buf);
}

int area_glyph(const struct area *a, int x, int y, enum role role, enum glyph g) {
    struct cell *cell = cell_at(a, x, y);
    if (cell) *cell = (struct cell){glyph_char(g, a->canvas->ascii), (uint8_t)role};
    return x + 1;
}

void area_fill(const struct area *a, int x, int y, int width, int height, enum role role, uint32_t ch) {
    struct area part = area_sub(a, x, y, width, height);
    if (a->canvas->ascii) ch = glyph_ascii(ch);
    for (int row = 0; row < part.height; row++)
        for (int col = 0; col < part.width; col++) {
            struct cell *cell = cell_at(&part, col, row);
            if (cell) *cell = (struct cell){ch, (uint8_t)role};
        }
}

void area_role(const struct area *a, int x, int y, int width, int height, enum role role) {
    struct area part = area_sub(a, x, y, width, height);
    for (int row = 0; row < part.height; row++)
        for (int col = 0; col < part.width; col++) {
            struct cell *cell = cell_at(&part, col, row);
            if (cell) cell->role = (uint8_t)role;
        }
}

/* ---- wrapped text ---- */

static int columns_of(const char *s, const char *end) {
    int n = 0;
    while (s < end && *s && next_sign(&s)) n++;
    return n;
}

static bool row_shows(const struct area *a, int y) { return y >= 0 && y < a->height; }

/* Is the line break at s one that the writer meant: before a blank line, or a
 * line that is indented or a list's item? Others are where a file's line ended. */
static bool hard_break(const char *s) { return s[1] == '\n' || s[1] == ' ' || s[1] == '-' || s[1] == '*'; }

/* Where a wrapped text stands while it is written. */
struct flow {
    const struct area *a;
    enum role role;
    int x, y;
    int last; /* where the last word of the row ended */
};

static void flow_break(struct flow *f) {
    f->x = f->last = 0;
    f->y++;
}

/* One word; what is longer than a row is cut into rows. The blanks before it get
 * the role as well, so that a lit sentence is one bar. */
static void flow_word(struct flow *f, const char *s, const char *end) {
    int columns = columns_of(s, end);
    if (f->x > 0 && f->x + columns > f->a->width) flow_break(f);
    if (!row_shows(f->a, f->y) && f->x + columns <= f->a->width) { /* only measured */
        f->last = f->x += columns;
        return;
    }
    area_fill(f->a, f->last, f->y, f->x - f->last, 1, f->role, ' ');
    while (s < end) {
        uint32_t ch = next_sign(&s);
        if (!ch) break;
        if (f->x >= f->a->width && f->a->width > 0) flow_break(f);
        put(f->a, f->x++, f->y, f->role, ch);
    }
    f->last = f->x;
}

int area_wrap(const struct area *a, int y, enum role role, const char *s) {
    struct flow f = {.a = a, .role = role, .y = y};
    bool hard = true; /* at the start of a line that the writer meant */
    while (*s) {
        if (*s == '\n') {
            hard = hard_break(s) || f.x == 0;
            if (hard) flow_break(&f);
            else if (f.x > 0) f.x++;
            s++;
        } else if (*s == ' ') {
            if (f.x > 0 || hard) f.x++;
            s++;
        } else {
            const char *end = s + strcspn(s, " \n");
            flow_word(&f, s, end);
            s = end;
            hard = false;
        }
    }
    return f.x > 0 ? f.y + 1 : f.y;
}

/* ---- frames ---- */

struct area area_frame(const struct area *a, enum role role, const char *title) {
    int right = a->width - 1, bottom = a->height - 1;
    for (int x = 1; x < right; x++) {
        area_glyph(a, x, 0, role, GLYPH_HLINE);
        area_glyph(a, x, bottom, role, GLYPH_HLINE);
    }
    for (int y = 1; y < bottom; y++) {
        area_glyph(a, 0, y, role, GLYPH_VLINE);
        area_glyph(a, right, y, role, GLYPH_VLINE);
    }
    area_glyph(a, 0, 0, role, GLYPH_TOP_LEFT);
    area_glyph(a, right, 0, role, GLYPH_TOP_RIGHT);
    area_glyph(a, 0, bottom, role, GLYPH_BOTTOM_LEFT);
    area_glyph(a, right, bottom, role, GLYPH_BOTTOM_RIGHT);
    struct area top = area_sub(a, 1, 0, a->width - 2, 1);
    if (title) area_text(&top, 0, 0, role, title);
    return area_sub(a, 1, 1, a->width - 2, a->height - 2);
}

void area_cursor(const struct area *a, int x, int y) {
    if (!cell_at(a, x, y)) return;
    a->canvas->cursor_x = a->x + x;
    a->canvas->cursor_y = a->y + y;
}
