/* menu.c - the lessons: a list at the top, what the chosen one is about below. */
#include "ui/menu.h"
#include "vmscope/base/memory.h"

static void copy(char *to, size_t size, const char *from) {
    struct text t = text_in(to, size);
    text_add(&t, from ? from : "");
}

/* A lesson that does not load shows its error in place of a summary. */
static void load_item(struct menu_item *item, const struct lesson *l) {
    struct scenario_options options = {0};
    struct diag_list errors = {0};
    struct scenario *s = NULL;
    if (lesson_load(l, &options, &s, &errors) != VS_OK) {
        copy(item->title, sizeof item->title, l->name);
        copy(item->summary, sizeof item->summary, errors.count ? errors.item[0].text : "cannot be loaded");
        return;
    }
    copy(item->title, sizeof item->title, s->title);
    copy(item->summary, sizeof item->summary, s->summary);
    copy(item->level, sizeof item->level, s->level);
    struct text topics = text_in(item->topics, sizeof item->topics);
    for (size_t i = 0; i < s->topic_count; i++) text_addf(&topics, "%s%s", i ? ", " : "", s->topics[i]);
    scenario_free(s);
}

bool menu_load(struct menu *m) {
    size_t count = 0;
    while (lesson_table[count].name) count++;
    m->item = mem_zalloc(count ? count : 1, sizeof *m->item);
    if (!m->item) return false;
    for (size_t i = 0; i < count; i++) load_item(&m->item[i], &lesson_table[i]);
    m->count = (int)count;
    m->cursor = m->scroll = 0;
    return true;
}

void menu_free(struct menu *m) {
    free(m->item);
    *m = (struct menu){0};
}

static void draw_list(const struct area *a, struct menu *m) {
    if (m->cursor < m->scroll) m->scroll = m->cursor;
    if (m->cursor >= m->scroll + a->height) m->scroll = m->cursor - a->height + 1;
    int level = a->width - 14;
    for (int y = 0; y < a->height && m->scroll + y < m->count; y++) {
        int i = m->scroll + y;
        const struct menu_item *item = &m->item[i];
        area_printf(a, 1, y, ROLE_DIM, "%2d", i + 1);
        struct area title = area_sub(a, 4, y, level > 30 ? level - 5 : a->width - 4, 1);
        area_text(&title, 0, 0, ROLE_NORMAL, item->title);
        if (level > 30) area_text(a, level, y, ROLE_DIM, item->level);
        if (i != m->cursor) continue;
        area_role(a, 0, y, a->width, 1, ROLE_SELECT);
        area_glyph(a, 0, y, ROLE_SELECT, GLYPH_POINTER);
        area_cursor(a, 0, y);
    }
}

static void draw_chosen(const struct area *a, const struct menu *m) {
    if (m->cursor >= m->count) return;
    const struct menu_item *item = &m->item[m->cursor];
    int y = area_wrap(a, 0, ROLE_NORMAL, item->summary);
    if (item->topics[0]) area_wrap(a, y, ROLE_DIM, item->topics);
}

void menu_draw(struct canvas *c, struct menu *m, struct screen_state *st) {
    canvas_clear(c);
    if (c->width < SCREEN_MIN_WIDTH || c->height < SCREEN_MIN_HEIGHT) {
        screen_too_small(c);
        return;
    }
    struct area screen = area_of(c);
    int about = c->height >= 20 ? 5 : 3;
    area_fill(&screen, 0, 0, c->width, 1, ROLE_TITLE, ' ');
    area_text(&screen, 1, 0, ROLE_TITLE, "vmscope");
    int x = c->width >= 60 ? 10 : c->width;
    area_text(&screen, x, 0, ROLE_TITLE, "see virtual memory happening");
    int left = c->width > 100 ? (c->width - 96) / 2 : 1, width = c->width - 2 * left;
    area_text(&screen, left, 2, ROLE_HEADING, "Lessons");
    struct area list = area_sub(&screen, left, 3, width, c->height - about - 5);
    draw_list(&list, m);
    for (int i = 0; i < width; i++) area_glyph(&screen, left + i, c->height - about - 2, ROLE_BORDER, GLYPH_HLINE);
    struct area chosen = area_sub(&screen, left + 1, c->height - about - 1, width - 2, about);
    draw_chosen(&chosen, m);
    if (st->overlay == OVERLAY_HELP) {
        struct area above = area_sub(&screen, 0, 0, c->width, c->height - 1);
        draw_help(&above, st);
    }
    struct area footer = area_sub(&screen, 0, c->height - 2, c->width, 2);
    draw_footer(&footer, st);
}
