/* footer.c - the last row: a line being typed, else a message, else the keys that
 * work here and now, which follow from the table of actions. */
#include "ui/screen.h"

/* The typed line; it slides left when the cursor would leave the row. */
static void draw_typed(const struct area *row, const struct line *l) {
    char buf[LINE_SIZE + 2];
    struct text t = text_in(buf, sizeof buf);
    text_addc(&t, l->lead);
    text_addn(&t, l->text, l->at);
    int cursor = area_text(&(struct area){row->canvas, 0, 0, 0, 0}, 0, 0, ROLE_NORMAL, buf);
    text_add(&t, l->text + l->at);
    int slide = cursor >= row->width ? cursor - row->width + 1 : 0;
    area_text(row, -slide, 0, ROLE_NORMAL, buf);
    area_cursor(row, cursor - slide, 0);
}

/* "Space step" at x; returns the column behind it, or x when it does not fit before `end`. */
static int draw_key(const struct area *row, int x, int end, const struct keymap *k, const struct action *a) {
    char keys[32];
    struct text t = text_in(keys, sizeof keys);
    keymap_keys(k, a, 1, &t);
    int width = (int)(t.len + 1 + strlen(a->label));
    if (!t.len || x + width > end) return x;
    x = area_text(row, x, 0, ROLE_KEY, keys);
    return area_text(row, x + 1, 0, ROLE_NORMAL, a->label) + 2;
}

static void draw_keys(const struct area *row, const struct screen_state *st) {
    const struct action *help = action_by_name("help");
    int end = row->width - 1;
    if (help->where & st->contexts) {
        end -= (int)strlen("? help");
        draw_key(row, end, row->width, st->keymap, help);
        end -= 2;
    }
    int x = 1;
    for (int first = 1; first >= 0; first--) /* the keys of a search, of the tree come first */
        for (const struct action *a = action_table; a->name; a++) {
            if (!a->label || a == help || !(a->where & st->contexts)) continue;
            if (!(a->where & st->contexts & CTX_FIRST) == !first) x = draw_key(row, x, end, st->keymap, a);
        }
}

/* A message that is too long for its row takes the one above as well. */
static void draw_message(const struct area *rows, const struct screen_state *st, int y) {
    struct area none = area_sub(rows, 0, 0, rows->width - 2, 0);
    if (y == 1 && area_wrap(&none, 0, ROLE_NORMAL, st->message) > 1) y = 0;
    area_fill(rows, 0, y, rows->width, 1, ROLE_NORMAL, ' ');
    struct area part = area_sub(rows, 1, 0, rows->width - 2, 2);
    area_wrap(&part, y, st->message_role, st->message);
}

void draw_footer(const struct area *rows, const struct screen_state *st) {
    struct area row = area_sub(rows, 0, 1, rows->width, 1);
    area_fill(&row, 0, 0, row.width, 1, ROLE_NORMAL, ' ');
    if (st->message[0]) draw_message(rows, st, st->line.active ? 0 : 1);
    if (st->line.active) draw_typed(&row, &st->line);
    else if (!st->message[0]) draw_keys(&row, st);
}
