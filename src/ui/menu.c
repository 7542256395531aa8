/* menu.c - the lessons: a list at the top, what the chosen one is about below. */
#include "ui/menu.h"
#include "vmscope/base/memory.h"

static void copy(char *to, size_t size, const char *from) {
    struct text t = text_in(to, size);
    text_add(&t, from ? from : "");
}

/* Where the first line begins that starts with one of the words of a scenario's body. */
static size_t head_length(const struct lesson *l) {
    static const char *const body[] = {"machine:", "processes:", "steps:", "expect:"};
    const char *line = l->yaml, *end = l->yaml + l->size;
    while (line < end) {
        size_t left = (size_t)(end - line);
        for (size_t i = 0; i < sizeof body / sizeof body[0]; i++)
            if (strlen(body[i]) <= left && memcmp(line, body[i], strlen(body[i])) == 0) return (size_t)(line - l->yaml);
        const char *next = memchr(line, '\n', left);
        line = next ? next + 1 : end;
    }
    return l->size;
}

/* The words at the top of a lesson, as a scenario of one step: a lesson may have
 * 100,000 of them, and the list needs none. NULL: it must be loaded whole. */
static struct scenario *load_head(const struct lesson *l) {
    struct diag_list errors = {0};
    struct scenario *s = NULL;
    char head[8192];
    struct text t = text_in(head, sizeof head);
    text_addn(&t, l->yaml, head_length(l));
    text_add(&t, "\nsteps:\n  - {read: 0}\n");
    if (t.cut || scenario_load_memory(head, t.len, l->name, NULL, NULL, &s, &errors) != VS_OK) return NULL;
    return s;
}

/* A lesson that does not load shows its error in place of a summary. */
static void load_item(struct menu_item *item, const struct lesson *l) {
    struct scenario_options options = {0};
    struct diag_list errors = {0};
    struct scenario *s = load_head(l);
    if (!s && lesson_load(l, &options, &s, &errors) != VS_OK) {
        copy(item->title, sizeof item->title, l->name);
        copy(item->summary, sizeof item->summary, errors.count ? errors.item[0].text : "cannot be loaded");
        return;
    }
    copy(item->title, sizeof item->title, s->title);
    copy(item->summary, sizeof item->summary, s->summary);
    copy(item->level, sizeof item->level, s->level);
    copy(item->source, sizeof item->source, s->source);
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

/* The columns behind the titles, as far as there is room for them. */
enum { TITLE_X = 4, TITLE_WIDTH = 38, LEVEL_WIDTH = 14 };

static void draw_item(const struct area *row, const struct menu_item *item, int number) {
    bool level = row->width >= TITLE_X + TITLE_WIDTH + LEVEL_WIDTH;
    int x = TITLE_X + TITLE_WIDTH;
    struct area title = area_sub(row, TITLE_X, 0, level ? TITLE_WIDTH - 1 : row->width - TITLE_X, 1);
    area_printf(row, 1, 0, ROLE_DIM, "%2d", number);
    area_text(&title, 0, 0, ROLE_NORMAL, item->title);
    if (!level) return;
    area_text(row, x, 0, ROLE_DIM, item->level);
    x += LEVEL_WIDTH;
    if (x + 24 > row->width) return;
    struct area topics = area_sub(row, x, 0, row->width - x, 1);
    if (area_text(&topics, 0, 0, ROLE_DIM, item->topics) > topics.width)
        area_text(&topics, topics.width - 2, 0, ROLE_DIM, "..");
}

static void draw_list(const struct area *a, struct menu *m) {
    if (m->cursor < m->scroll) m->scroll = m->cursor;
    if (m->cursor >= m->scroll + a->height) m->scroll = m->cursor - a->height + 1;
    for (int y = 0; y < a->height && m->scroll + y < m->count; y++) {
        int i = m->scroll + y;
        struct area row = area_sub(a, 0, y, a->width, 1);
        draw_item(&row, &m->item[i], i + 1);
        if (i != m->cursor) continue;
        area_role(&row, 0, 0, row.width, 1, ROLE_SELECT);
        area_glyph(&row, 0, 0, ROLE_SELECT, GLYPH_POINTER);
        area_cursor(&row, 0, 0);
    }
    if (m->scroll > 0) area_glyph(a, a->width - 1, 0, ROLE_HEADING, GLYPH_UP);
    if (m->scroll + a->height < m->count) area_glyph(a, a->width - 1, a->height - 1, ROLE_HEADING, GLYPH_DOWN);
}

static int draw_field(const struct area *a, int y, const char *name, const char *value) {
    if (!value[0] || y >= a->height) return y;
    struct area right = area_sub(a, 8, 0, a->width - 8, a->height);
    struct area none = area_sub(&right, 0, 0, right.width, 0);
    if (y + area_wrap(&none, 0, ROLE_NORMAL, value) > a->height) return y; /* the lesson's title card has it */
    area_text(a, 0, y, ROLE_HEADING, name);
    return area_wrap(&right, y, ROLE_NORMAL, value);
}

static void draw_chosen(const struct area *a, const struct menu *m) {
    if (m->cursor >= m->count) return;
    const struct menu_item *item = &m->item[m->cursor];
    int y = area_wrap(a, 0, ROLE_MESSAGE, item->summary);
    y = draw_field(a, y, "topics", item->topics);
    draw_field(a, y, "source", item->source);
}

void menu_draw(struct canvas *c, struct menu *m, struct screen_state *st) {
    canvas_clear(c);
    if (c->width < SCREEN_MIN_WIDTH || c->height < SCREEN_MIN_HEIGHT) {
        screen_too_small(c);
        return;
    }
    struct area screen = area_of(c);
    int about = c->height >= 30 ? 6 : c->height >= 20 ? 5 : 3;
    area_fill(&screen, 0, 0, c->width, 1, ROLE_TITLE, ' ');
    area_text(&screen, 1, 0, ROLE_TITLE, "vmscope");
    int x = c->width >= 60 ? 10 : c->width;
    area_text(&screen, x, 0, ROLE_TITLE, "see virtual memory happening");
    int left = c->width > 140 ? (c->width - 136) / 2 : 1, width = c->width - 2 * left;
    area_text(&screen, left, 2, ROLE_HEADING, "Lessons");
    int rows = c->height - about - 5 < m->count ? c->height - about - 5 : m->count, line = 3 + rows;
    struct area list = area_sub(&screen, left, 3, width, rows);
    draw_list(&list, m);
    for (int i = 0; i < width; i++) area_glyph(&screen, left + i, line, ROLE_BORDER, GLYPH_HLINE);
    struct area chosen = area_sub(&screen, left + 1, line + 1, width - 2, about);
    draw_chosen(&chosen, m);
    if (st->overlay == OVERLAY_HELP) {
        struct area above = area_sub(&screen, 0, 0, c->width, c->height - 1);
        draw_help(&above, st);
    }
    struct area footer = area_sub(&screen, 0, c->height - 2, c->width, 2);
    draw_footer(&footer, st);
}
