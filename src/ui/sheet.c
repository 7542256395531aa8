/* sheet.c - help, cards and details are sheets: drawn whole on a canvas of their
 * own, of which a box shows the part that st->scroll says. So a text never has
 * to know how much of it is in sight. */
#include "ui/sheet.h"

bool sheet_open(struct sheet *s, const struct area *screen, int most) {
    int width = screen->width - 6 < most ? screen->width - 6 : most;
    *s = (struct sheet){0};
    s->canvas.ascii = screen->canvas->ascii;
    if (!canvas_resize(&s->canvas, width < 1 ? 1 : width, SHEET_ROWS)) return false;
    s->area = area_of(&s->canvas);
    return true;
}

void sheet_wrap(struct sheet *s, int indent, enum role role, const char *text) {
    struct area part = area_sub(&s->area, indent, 0, s->area.width - indent, s->area.height);
    s->y = area_wrap(&part, s->y, role, text);
}

void sheet_pair(struct sheet *s, int at, enum role role, const char *left, const char *right) {
    int end = area_text(&s->area, 0, s->y, role, left);
    if (end >= at) s->y++;
    struct area part = area_sub(&s->area, at, 0, s->area.width - at, s->area.height);
    int next = area_wrap(&part, s->y, ROLE_NORMAL, right);
    s->y = next > s->y ? next : s->y + 1;
}

void sheet_gap(struct sheet *s) {
    if (s->y > 0) s->y++;
}

struct area draw_box(const struct area *screen, int width, int height, const char *title) {
    if (width > screen->width) width = screen->width;
    if (height > screen->height) height = screen->height;
    struct area box = area_sub(screen, (screen->width - width) / 2, (screen->height - height) / 2, width, height);
    area_fill(&box, 0, 0, width, height, ROLE_NORMAL, ' ');
    struct area inside = area_frame(&box, ROLE_BORDER_FOCUS, NULL);
    area_printf(&box, 2, 0, ROLE_BORDER_FOCUS, " %s ", title);
    return area_sub(&inside, 1, 0, inside.width - 2, inside.height);
}

/* Copy the rows in sight. */
static void copy_rows(const struct sheet *s, const struct area *to, int first) {
    for (int y = 0; y < to->height && first + y < s->y; y++) {
        const struct cell *from = s->canvas.cell + (size_t)(first + y) * (size_t)s->canvas.width;
        for (int x = 0; x < to->width && x < s->canvas.width; x++)
            area_fill(to, x, y, 1, 1, (enum role)from[x].role, from[x].ch);
    }
}

void sheet_show(struct sheet *s, const struct area *screen, const char *title, const char *hint,
                struct screen_state *st) {
    if (s->y > SHEET_ROWS) s->y = SHEET_ROWS;
    struct area inside = draw_box(screen, s->canvas.width + 4, s->y + 2, title);
    int last = s->y > inside.height ? s->y - inside.height : 0;
    st->scroll = st->scroll < 0 ? 0 : st->scroll > last ? last : st->scroll;
    st->scroll_end = st->scroll == last;
    copy_rows(s, &inside, st->scroll);
    struct area bottom = area_sub(screen, inside.x - screen->x, inside.y - screen->y + inside.height, inside.width, 1);
    int x = area_printf(&bottom, 0, 0, ROLE_KEY, " %s ", st->scroll_end ? hint : "Space reads on");
    if (last > 0)
        area_printf(&bottom, x + 1, 0, ROLE_BORDER_FOCUS, " %d-%d of %d ", st->scroll + 1,
                    st->scroll + inside.height, s->y);
    canvas_free(&s->canvas);
}
