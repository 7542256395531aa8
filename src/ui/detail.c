/* detail.c - `d`: everything about the thing under the cursor of a pane. */
#include "ui/sheet.h"

/* Rows of the sheet that hold something. */
static int rows_used(const struct canvas *c) {
    int y = c->height;
    while (y > 0) {
        char buf[64];
        struct text t = text_in(buf, sizeof buf);
        canvas_row_text(c, y - 1, &t);
        if (t.len > 0) break;
        y--;
    }
    return y;
}

void draw_detail(const struct area *screen, const struct view *v, struct screen_state *st) {
    const struct pane *p = pane_table[st->focus];
    struct sheet s;
    if (!p->detail || !sheet_open(&s, screen, 76)) return;
    p->detail(v, st->pane[st->focus].cursor, &s.area);
    s.y = rows_used(&s.canvas);
    if (s.y == 0) sheet_wrap(&s, 0, ROLE_NORMAL, "There is nothing here yet.");
    sheet_show(&s, screen, p->title, "d back", st);
}
