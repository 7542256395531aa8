/* test_screens.c - panes and whole screens at all sizes, with no terminal.
 *
 * Laws: a pane writes inside its area only; drawing twice gives the same
 * picture; ASCII mode has nothing but ASCII; a number is whole or absent; what
 * is shown depends on where we are in time and not on how we came there.
 */
#include "stage.h"
#include "ui/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define GUARD   0xe000u /* a code point that nothing draws */
#define WIDEST  100
#define HIGHEST 40

static int begin(void **state) {
    static struct stage stage;
    stage_open(&stage, stage_yaml);
    *state = &stage;
    return 0;
}

static int end(void **state) {
    stage_close(*state);
    return 0;
}

/* Go forward by micro-steps; false at the end. */
static bool forward(struct stage *t, int micros) {
    for (int i = 0; i < micros; i++)
        if (!stage_micro(t)) return false;
    return true;
}

/* ---- one pane ---- */

static struct area guarded(struct canvas *c, int width, int height) {
    struct area all = area_of(c);
    area_fill(&all, 0, 0, c->width, c->height, ROLE_NORMAL, GUARD);
    struct area inside = area_sub(&all, 3, 2, width, height);
    area_fill(&inside, 0, 0, width, height, ROLE_NORMAL, ' ');
    return inside;
}

static void assert_guard_stands(const struct canvas *c, int width, int height) {
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++) {
            bool inside = x >= 3 && x < 3 + width && y >= 2 && y < 2 + height;
            if (inside == (c->cell[y * c->width + x].ch == GUARD))
                fail_msg("cell %d,%d of %dx%d", x, y, width, height);
        }
}

/* Draw a pane at a size; true when drawing it again changes nothing. */
static void draw_guarded(struct stage *t, const struct pane *p, int width, int height, bool focused) {
    struct pane_state st = {.follow = !focused, .cursor = focused ? 7 : 0};
    struct area a = guarded(&t->c, width, height);
    p->draw(&t->v, &a, &st, focused);
    assert_guard_stands(&t->c, width, height);
    int items = p->items(&t->v);
    assert_true(st.cursor >= 0 && (st.cursor < items || st.cursor == 0));
    assert_true(st.scroll >= 0);
}

static void every_pane_stays_inside_its_area_at_every_size(void **state) {
    struct stage *t = *state;
    assert_true(canvas_resize(&t->c, WIDEST + 6, HIGHEST + 4));
    while (forward(t, 17))
        for (const struct pane *const *p = pane_table; *p; p++)
            for (int width = 1; width <= WIDEST; width += width < 40 ? 1 : 7)
                for (int height = 1; height <= HIGHEST; height += height < 8 ? 1 : 8)
                    draw_guarded(t, *p, width, height, (width + height) % 2);
}

static void lines_stay_inside_their_area(void **state) {
    void (*const lines[])(const struct view *, const struct area *) = {draw_title, draw_path, draw_timeline,
                                                                       draw_counters};
    struct stage *t = *state;
    assert_true(canvas_resize(&t->c, 206, 6));
    while (forward(t, 7))
        for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
            for (int width = 1; width <= 200; width += 3)
                for (int height = 1; height <= 2; height++) {
                    struct area a = guarded(&t->c, width, height);
                    lines[i](&t->v, &a);
                    assert_guard_stands(&t->c, width, height);
                }
}

static void drawing_twice_gives_the_same_picture(void **state) {
    struct stage *t = *state;
    char first[sizeof t->text];
    while (forward(t, 5))
        for (const struct pane *const *p = pane_table; *p; p++) {
            struct pane_state st = {.follow = true};
            memcpy(first, stage_pane(t, *p, 37, 9), sizeof first);
            st = t->st;
            canvas_clear(&t->c);
            struct area a = area_of(&t->c);
            (*p)->draw(&t->v, &a, &st, false);
            assert_string_equal(stage_canvas(t), first);
            assert_memory_equal(&st, &t->st, sizeof st);
        }
}

static void ascii_mode_has_only_ascii(void **state) {
    struct stage *t = *state;
    t->ascii = true;
    while (forward(t, 3))
        for (const struct pane *const *p = pane_table; *p; p++)
            for (const char *s = stage_pane(t, *p, 60, 20); *s; s++) assert_true((unsigned char)*s < 0x80);
}

/* VPNs of the stage's low regions are 0804X and addresses begin with them: five digits at least, or none at
 * all. */
static void assert_numbers_whole(const char *name, int width, const char *picture) {
    static const char hex[] = "0123456789abcdef";
    for (const char *s = picture; (s = strstr(s, "080")); s++) {
        bool starts = s == picture || !strchr(hex, s[-1]);
        if (starts && strspn(s, hex) < 5) fail_msg("%s is cut at width %d:\n%s", name, width, picture);
    }
}

static void a_number_is_shown_whole_or_not_at_all(void **state) {
    const struct pane *const panes[] = {&pane_page_table, &pane_tlb,           &pane_frames,
                                        &pane_swap,       &pane_address_space, &pane_translation};
    struct stage *t = *state;
    while (forward(t, 11))
        for (size_t i = 0; i < sizeof panes / sizeof panes[0]; i++)
            for (int width = 1; width <= 60; width++)
                assert_numbers_whole(panes[i]->name, width, stage_pane(t, panes[i], width, 9));
}

static void a_state_out_of_range_is_brought_back(void **state) {
    struct stage *t = *state;
    struct canvas c = {0};
    forward(t, 60);
    canvas_resize(&c, 20, 3);
    struct area a = area_of(&c);
    for (const struct pane *const *p = pane_table; *p; p++) {
        struct pane_state wild[] = {{1 << 30, 1 << 30, false}, {-(1 << 30), -(1 << 30), false}};
        for (size_t i = 0; i < 2; i++) {
            (*p)->draw(&t->v, &a, &wild[i], true);
            assert_true(wild[i].cursor >= 0 && wild[i].cursor <= (*p)->items(&t->v));
            assert_true(wild[i].scroll >= 0 && wild[i].scroll <= (*p)->items(&t->v) + 40);
        }
    }
    canvas_free(&c);
}

static void every_item_has_a_detail_and_can_be_searched(void **state) {
    struct stage *t = *state;
    struct canvas c = {0};
    canvas_resize(&c, 50, 30);
    struct area a = area_of(&c);
    while (forward(t, 9))
        for (const struct pane *const *p = pane_table; *p; p++) {
            assert_in_range((uintmax_t)((*p)->hot_item(&t->v) + 1), 0, (uintmax_t)(*p)->items(&t->v));
            for (int i = -1; i <= (*p)->items(&t->v); i++) {
                if ((*p)->detail) (*p)->detail(&t->v, i, &a);
                if ((*p)->matches) (*p)->matches(&t->v, i, "heap");
            }
        }
    canvas_free(&c);
}

static void long_lists_say_that_there_is_more(void **state) {
    struct stage *t = *state;
    t->ascii = true;
    stage_until(t, EV_VMA_FOUND);
    const char *p = stage_pane(t, &pane_page_table, 40, 4);
    assert_shows(p, "v\n"); /* more below at the last row's right edge */
    stage_until(t, EV_VMA_NONE);
    stage_until(t, EV_TLB_MISS);
    struct pane_state st = {.cursor = 99};
    struct area a = area_of(&t->c);
    canvas_clear(&t->c);
    pane_page_table.draw(&t->v, &a, &st, true);
    assert_shows(stage_canvas(t), "^\n");
}

/* ---- whole screens ---- */

static void draw_screen(struct stage *t, struct screen_state *st, int width, int height) {
    t->c.ascii = t->ascii;
    assert_true(canvas_resize(&t->c, width, height));
    screen_draw(&t->c, &t->v, st);
}

static struct screen_state fresh_screen(void) {
    static struct keymap keys;
    struct screen_state st;
    screen_init(&st, &keys);
    return st;
}

static void five_panes_are_visible_together_at_80x24(void **state) {
    const char *const titles[] = {"Address space", "Translation", "TLB", "Frames", "What happens"};
    struct stage *t = *state;
    struct screen_state st = fresh_screen();
    forward(t, 20);
    draw_screen(t, &st, 80, 24);
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) assert_shows(stage_canvas(t), titles[i]);
}

static void the_story_of_a_fault_is_on_the_screen_at_every_size(void **state) {
    static const struct { int width, height; } sizes[] = {{60, 20}, {80, 24}, {120, 36}, {200, 60}};
    struct stage *t = *state;
    struct screen_state st = fresh_screen();
    stage_until(t, EV_VICTIM);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        draw_screen(t, &st, sizes[i].width, sizes[i].height);
        const char *p = stage_canvas(t);
        assert_shows(p, "[victim]");    /* the path */
        assert_shows(p, "CLOCK picks"); /* the narration */
        assert_shows(p, "08048");       /* the page that must go */
        assert_shows(p, "x0");          /* its mark in the frames (or 0x at a box) */
    }
}

static void every_screen_of_every_size_can_be_drawn(void **state) {
    struct stage *t = *state;
    struct screen_state st = fresh_screen();
    for (int round = 0; round < 3; round++) {
        forward(t, 25);
        t->ascii = round == 1;
        for (int width = 1; width <= 220; width += 9)
            for (int height = 1; height <= 70; height += 4) draw_screen(t, &st, width, height);
        for (st.zoom = 8; st.zoom >= 0; st.zoom--) draw_screen(t, &st, 80, 24);
    }
}

/* ---- time ---- */

static void remember(struct stage *t, char *picture, size_t size) {
    struct screen_state st = fresh_screen();
    draw_screen(t, &st, 120, 36);
    struct text out = text_in(picture, size);
    text_add(&out, stage_canvas(t));
}

/* The same place in time looks the same when it is reached backwards: the timeline, which
 * knows more by then, is left out by looking below the title and above the last three rows. */
static const char *without_timeline(char *picture) {
    char *end = picture + strlen(picture);
    for (int lines = 0; end > picture && lines < 4; end--) lines += end[-1] == '\n';
    *end = '\0';
    return picture;
}

static void going_back_shows_the_same_screens(void **state) {
    struct stage *t = *state;
    enum { COUNT = 40, SIZE = 24000 };
    char(*seen)[SIZE] = calloc(COUNT, SIZE), now[SIZE];
    for (int i = 0; i < COUNT; i++) {
        remember(t, seen[i], SIZE);
        stage_micro(t);
    }
    for (int i = COUNT - 1; i >= 0; i--) {
        history_micro_back(t->h);
        t->v.machine = history_machine(t->h);
        t->v.events = history_events(t->h, &t->v.events_done, &t->v.events_total);
        t->v.last = machine_last_event(t->v.machine);
        remember(t, now, SIZE);
        assert_string_equal(without_timeline(now), without_timeline(seen[i]));
    }
    free(seen);
}

static void every_lesson_can_be_shown(void **state) {
    (void)state;
    struct stage *t = calloc(1, sizeof *t);
    for (const struct lesson *l = lesson_table; l->name; l++) {
        struct diag_list errors = {.count = 0};
        struct scenario *s = NULL;
        lesson_load(l, NULL, &s, &errors);
        assert_non_null(s);
        stage_take(t, s);
        struct screen_state st = fresh_screen();
        for (int i = 0; i < 60 && stage_micro(t); i++)
            if (i % 6 == 0) draw_screen(t, &st, i % 12 ? 80 : 120, 30);
        stage_close(t);
    }
    free(t);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(every_pane_stays_inside_its_area_at_every_size),
        T(lines_stay_inside_their_area),
        T(drawing_twice_gives_the_same_picture),
        T(ascii_mode_has_only_ascii),
        T(a_number_is_shown_whole_or_not_at_all),
        T(a_state_out_of_range_is_brought_back),
        T(every_item_has_a_detail_and_can_be_searched),
        T(long_lists_say_that_there_is_more),
        T(five_panes_are_visible_together_at_80x24),
        T(the_story_of_a_fault_is_on_the_screen_at_every_size),
        T(every_screen_of_every_size_can_be_drawn),
        T(going_back_shows_the_same_screens),
        cmocka_unit_test(every_lesson_can_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
