/* pane_frame_boxes.c - frames as boxes, where all of them fit.
 *
 *    +0-----+1*----+2-----+     the number, and the mark of what just happened
 *    |A text|A heap|      |     owner and region
 *    |08049 |0804c |free  |     page
 *    |R     |R D   |      |     referenced, dirty, shared
 *    |age 2 |age 0 |      |     the policy's order or counter, if it has one
 *    |@00000|@01000|@02000|     with more room: the physical address of its first byte,
 *    |slot 3|      |      |     and the swap slot that holds the same bytes
 *    +--^---+------+------+     the policy's hand
 */
#include "ui/pane_frames.h"

struct boxes {
    int inner, rows, columns; /* width inside a box; lines inside; boxes side by side */
    bool more;                /* address and slot too */
};

static int inner_width(const struct sight *s, const struct policy_view *p) {
    int width = vpn_digits(s), number = decimal_digits(s->k->config->frames - 1) + 2;
    if (number > width) width = number;
    if (p->picture.rank_name && (int)strlen(p->picture.rank_name) + 1 + p->rank_width > width)
        width = (int)strlen(p->picture.rank_name) + 1 + p->rank_width;
    return width < 8 ? 8 : width;
}

enum { MORE_LINES = 2 };

/* Lines that all boxes take with `inside` lines in each. */
static int lines_of(const struct boxes *b, uint32_t n, int inside) {
    return ((int)n + b->columns - 1) / b->columns * (inside + 2);
}

/* Do they fit? */
static bool arrange(const struct sight *s, const struct policy_view *p, const struct area *a,
                    struct boxes *b) {
    uint32_t n = s->k->config->frames;
    b->inner = inner_width(s, p);
    b->rows = p->picture.rank_name ? 4 : 3;
    b->columns = (a->width - 1) / (b->inner + 1);
    if (b->columns < 2 || n > 4096) return false;
    if (b->columns > (int)n) b->columns = (int)n;
    int least = b->rows;
    b->more = lines_of(b, n, least + MORE_LINES) <= a->height;
    if (b->more) b->rows += MORE_LINES;
    return lines_of(b, n, least) <= a->height;
}

/* Where the frame is, and what swap has of it: true of an empty frame as well. */
static void draw_more(const struct sight *s, const struct area *in, frame_t f, enum role role) {
    uint32_t slot = s->k->frame[f].slot;
    area_printf(in, 0, in->height - 2, role, "@%0*llx", ram_digits(s), (unsigned long long)pfn_to_pa(f, s->f->page_shift));
    if (slot != SLOT_NONE) area_printf(in, 0, in->height - 1, role, "slot %u", slot);
}

static void draw_edges(const struct boxes *b, const struct area *a, int x, int y, enum role role) {
    int right = x + b->inner + 1, bottom = y + b->rows + 1;
    for (int i = x + 1; i < right; i++) {
        area_glyph(a, i, y, role, GLYPH_HLINE);
        area_glyph(a, i, bottom, role, GLYPH_HLINE);
    }
    for (int i = y + 1; i < bottom; i++) {
        area_glyph(a, x, i, role, GLYPH_VLINE);
        area_glyph(a, right, i, role, GLYPH_VLINE);
    }
    area_glyph(a, x, y, role, x ? GLYPH_TEE_DOWN : GLYPH_TOP_LEFT);
    area_glyph(a, right, y, role, GLYPH_TOP_RIGHT);
    area_glyph(a, x, bottom, role, x ? GLYPH_TEE_UP : GLYPH_BOTTOM_LEFT);
    area_glyph(a, right, bottom, role, GLYPH_BOTTOM_RIGHT);
}

static void draw_tenant(const struct policy_view *p, const struct area *in, frame_t f, const struct tenant *t, enum role role) {
    static const char *const is[] = {[FRAME_IS_FREE] = "free",
                                     [FRAME_IS_HELD] = "",
                                     [FRAME_IS_LEAVING] = "leaving",
                                     [FRAME_IS_FILLING] = "filling",
                                     [FRAME_IS_BY_HAND] = "",
                                     [FRAME_IS_CACHED] = "cached",
                                     [FRAME_IS_TABLE] = ""};
    char rank[72], shares[16];
    if (t->is == FRAME_IS_FREE) {
        area_text(in, 0, 1, role, is[t->is]);
        return;
    }
    say_rank(p, f, t->is == FRAME_IS_HELD, rank, sizeof rank);
    area_printf(in, 0, 0, role, "%s %s", t->owner, t->region);
    area_text(in, 0, 1, role, t->page);
    if (is[t->is][0])
        area_text(in, 0, 2, role, is[t->is]);
    else if (t->is != FRAME_IS_TABLE)
        area_printf(in, 0, 2, role, "%c %c", t->referenced ? 'R' : '-', t->dirty ? 'D' : '-');
    if (t->is == FRAME_IS_HELD) area_text(in, 4, 2, role, share_text(t, shares));
    if (rank[0]) area_printf(in, 0, 3, role, "%s %s", p->picture.rank_name, rank);
}

static void draw_box(const struct sight *s, const struct policy_view *p, const struct boxes *b,
                     const struct area *a, frame_t f, bool selected) {
    int x = (int)f % b->columns * (b->inner + 1), y = (int)f / b->columns * (b->rows + 2);
    struct tenant t = tenant_of(s, f);
    enum role role;
    char mark = frame_mark(s, f, &t, &role);
    struct area in = area_sub(a, x + 1, y + 1, b->inner, b->rows);
    draw_edges(b, a, x, y, ROLE_BORDER);
    int end =
        area_printf(a, x + 1, y, role == ROLE_NORMAL || role == ROLE_DIM ? ROLE_HEADING : role, "%u", f);
    if (mark != ' ') area_printf(a, end, y, role, "%c", mark);
    int lit = b->more ? in.height - MORE_LINES : in.height;
    if (role == ROLE_NOW || role == ROLE_MAJOR) area_role(&in, 0, 0, in.width, lit, role);
    draw_tenant(p, &in, f, &t, role);
    if (b->more) draw_more(s, &in, f, ROLE_DIM);
    if (p->picture.hand == f) {
        int after = area_glyph(a, x + 1, y + b->rows + 1, ROLE_CURRENT, GLYPH_HAND);
        area_text(a, after, y + b->rows + 1, ROLE_CURRENT, "hand");
    }
    if (selected) {
        area_role(a, x + 1, y + 1, b->inner, b->rows, ROLE_SELECT);
        area_cursor(a, x + 1, y + 1);
    }
}

bool draw_frame_boxes(const struct sight *s, const struct policy_view *p, const struct area *a,
                      int selected) {
    struct boxes b;
    if (!arrange(s, p, a, &b)) return false;
    for (frame_t f = 0; f < s->k->config->frames; f++) draw_box(s, p, &b, a, f, selected == (int)f);
    return true;
}
