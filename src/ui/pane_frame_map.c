/* pane_frame_map.c - many frames, a sign each, sixteen and more to a row.
 *
 *      0 BRRD-RR-RRBR....     . free     - held, neither used nor written
 *     16 ..*.............     R used     D written     B both     / in a segment's hole
 *                             c cached, mapped by nobody     t page table     L locked
 *
 * The frame that is being worked on carries its mark instead ('x' victim, '*'
 * new...), the one under the policy's hand is '>'.
 */
#include "ui/pane_frames.h"

static char sign_of(const struct sight *s, const struct tenant *t) {
    if (t->is == FRAME_IS_FREE) return '.';
    if (is_hole(s, t->region)) return '/';
    if (t->is == FRAME_IS_CACHED) return 'c';
    if (t->is == FRAME_IS_TABLE) return 't';
    if (t->pinned) return 'L';
    if (t->referenced && t->dirty) return 'B';
    return t->referenced ? 'R' : t->dirty ? 'D' : '-';
}

/* Signs to a row: a round number where one fits. */
static int row_cells(int width, int digits) {
    static const int rounds[] = {128, 64, 50, 32, 20, 16, 10, 8};
    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++)
        if (rounds[i] + digits + 1 <= width) return rounds[i];
    return width > digits + 1 ? width - digits - 1 : 1;
}

static void draw_sign(const struct sight *s, const struct policy_view *p, const struct area *a, int x, int y,
                      frame_t f) {
    struct tenant t = tenant_of(s, f);
    enum role role;
    char mark = frame_mark(s, f, &t, &role), sign = mark != ' '            ? mark
                                                    : p->picture.hand == f ? '>'
                                                                           : sign_of(s, &t);
    if (role == ROLE_NORMAL) role = t.dirty ? ROLE_DATA_SEG : ROLE_HIT;
    area_printf(a, x, y, p->picture.hand == f && mark == ' ' ? ROLE_CURRENT : role, "%c", sign);
}

void draw_frame_map(const struct sight *s, const struct policy_view *p, const struct area *a,
                    struct pane_state *st, bool focused) {
    int n = (int)s->k->config->frames, digits = decimal_digits((uint64_t)n - 1),
        cells = row_cells(a->width - 1, digits);
    struct list l = list_pages(st, n, hot_frame(s), cells * a->height);
    for (int i = 0; i < l.rows && l.first + i < n; i++) {
        int x = digits + 1 + i % cells, y = i / cells;
        if (i % cells == 0) area_printf(a, 0, y, ROLE_HEADING, "%*d", digits, l.first + i);
        draw_sign(s, p, a, x, y, (frame_t)(l.first + i));
        if (focused && l.first + i == st->cursor) row_select(a, x, y, 1);
    }
    list_marks(a, &l, 0);
}
