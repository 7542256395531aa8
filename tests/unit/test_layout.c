/* test_layout.c - every screen size from 40x10 to 250x80: nothing overlaps,
 * nothing is cut off, and what SCREEN.md asks for is there. */
#include "ui/layout.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define WIDTH_MAX 250
#define HEIGHT_MAX 80

/* Visit every size, with each pane zoomed and none. */
static void each_size(void (*check)(const struct layout *l, int width, int height, int zoom, int focus)) {
    for (int height = 10; height <= HEIGHT_MAX; height++)
        for (int width = 40; width <= WIDTH_MAX; width++)
            for (int zoom = -1; zoom < PANES; zoom++) {
                struct layout l;
                int focus = zoom >= 0 ? zoom : (width + height) % PANES;
                layout_compute(width, height, zoom, focus, &l);
                check(&l, width, height, zoom, focus);
            }
}

static void a_pane_that_is_not_needed_leaves_its_place(void **state) {
    const struct layout_wish alone = {.rows = {[PANE_PROCESSES] = -1}}, several = {.rows = {[PANE_PROCESSES] = 3}};
    struct layout one, more;
    (void)state;
    for (int width = 80; width <= WIDTH_MAX; width += 10) {
        layout_compute_wish(width, 24, -1, PANE_TLB, &alone, &one);
        layout_compute_wish(width, 24, -1, PANE_TLB, &several, &more);
        assert_int_equal(one.pane[PANE_PROCESSES].width, 0);
        assert_int_equal(more.pane[PANE_PROCESSES].height, 3);
        assert_int_equal(one.pane[PANE_ADDRESS_SPACE].height, more.pane[PANE_ADDRESS_SPACE].height + 4);
    }
}

static unsigned char taken[HEIGHT_MAX][WIDTH_MAX];

static void take(const struct box *b, int width, int height) {
    if (b->width == 0) return;
    assert_true(b->x >= 0 && b->y >= 0 && b->width > 0 && b->height > 0);
    assert_true(b->x + b->width <= width && b->y + b->height <= height);
    for (int y = b->y; y < b->y + b->height; y++)
        for (int x = b->x; x < b->x + b->width; x++) assert_int_equal(taken[y][x]++, 0);
}

static void check_overlap(const struct layout *l, int width, int height, int zoom, int focus) {
    (void)zoom, (void)focus;
    memset(taken, 0, sizeof taken);
    const struct box *lines[] = {&l->title, &l->path, &l->timeline, &l->counters, &l->footer};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) take(lines[i], width, height);
    for (int id = 0; id < PANES; id++) take(&l->pane[id], width, height);
}

static void nothing_overlaps_and_all_is_inside_the_screen(void **state) {
    (void)state;
    each_size(check_overlap);
}

/* Each framed pane has its border around it, within the frame and on no other pane or line. */
static void check_borders(const struct layout *l, int width, int height, int zoom, int focus) {
    check_overlap(l, width, height, zoom, focus);
    for (int id = 0; id < PANES; id++) {
        const struct box *b = &l->pane[id];
        if (!b->width || !l->framed[id]) continue;
        assert_true(b->x - 1 >= l->frame.x && b->y - 1 >= l->frame.y);
        assert_true(b->x + b->width < l->frame.x + l->frame.width && b->y + b->height < l->frame.y + l->frame.height);
        for (int x = b->x - 1; x <= b->x + b->width; x++) {
            assert_int_equal(taken[b->y - 1][x], 0);
            assert_int_equal(taken[b->y + b->height][x], 0);
        }
        for (int y = b->y - 1; y <= b->y + b->height; y++) {
            assert_int_equal(taken[y][b->x - 1], 0);
            assert_int_equal(taken[y][b->x + b->width], 0);
        }
    }
}

static void borders_lie_on_no_pane(void **state) {
    (void)state;
    each_size(check_borders);
}

/* The columns fill the frame: every cell inside it is a pane's or a border's. */
static void check_filled(const struct layout *l, int width, int height, int zoom, int focus) {
    (void)width, (void)height, (void)zoom, (void)focus;
    int covered = 0;
    for (int id = 0; id < PANES; id++)
        if (l->framed[id]) covered += (l->pane[id].width + 1) * (l->pane[id].height + 1);
    assert_int_equal(covered, (l->frame.width - 1) * (l->frame.height - 1));
}

static void panes_fill_the_frame_without_holes(void **state) {
    (void)state;
    each_size(check_filled);
}

static void check_always(const struct layout *l, int width, int height, int zoom, int focus) {
    (void)width, (void)height, (void)zoom;
    assert_false(l->too_small);
    assert_true(l->title.width > 0 && l->path.width > 0 && l->footer.width > 0);
    assert_true(l->pane[PANE_NARRATION].width > 0 || (zoom >= 0 && zoom != PANE_NARRATION));
    if (zoom >= 0) assert_true(l->pane[focus].width > 0);
}

static void title_path_narration_and_footer_are_always_there(void **state) {
    (void)state;
    each_size(check_always);
}

static void assert_visible(int width, int height, const int *panes, size_t count) {
    struct layout l;
    layout_compute(width, height, -1, PANE_TRANSLATION, &l);
    for (size_t i = 0; i < count; i++) assert_true(l.pane[panes[i]].width > 0);
}

/* SCREEN.md: "at 80x24 ... the address space, the translation, the TLB, the frames
 * and the narration are visible together". */
static void the_main_panes_are_visible_together_from_80x24_on(void **state) {
    static const int main_panes[] = {PANE_ADDRESS_SPACE, PANE_TRANSLATION, PANE_TLB, PANE_FRAMES, PANE_NARRATION};
    (void)state;
    for (int height = 24; height <= HEIGHT_MAX; height++)
        for (int width = 80; width <= WIDTH_MAX; width++) assert_visible(width, height, main_panes, 5);
}

static void the_main_panes_are_visible_at_60x20_too(void **state) {
    static const int main_panes[] = {PANE_ADDRESS_SPACE, PANE_TRANSLATION, PANE_TLB, PANE_FRAMES, PANE_NARRATION};
    (void)state;
    assert_visible(60, 20, main_panes, 5);
}

static void page_table_swap_and_counters_join_at_120x36(void **state) {
    static const int more[] = {PANE_PAGE_TABLE, PANE_SWAP};
    struct layout l;
    (void)state;
    assert_visible(120, 36, more, 2);
    layout_compute(120, 36, -1, PANE_TLB, &l);
    assert_true(l.timeline.width > 0 && l.counters.width > 0);
}

static void all_is_visible_at_200x60_the_timeline_as_a_strip(void **state) {
    static const int all[] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct layout l;
    (void)state;
    assert_visible(200, 60, all, 8);
    layout_compute(200, 60, -1, PANE_TLB, &l);
    assert_int_equal(l.timeline.width, 200);
}

static void timeline_and_counters_have_their_lines_at_80x24(void **state) {
    struct layout l;
    (void)state;
    layout_compute(80, 24, -1, PANE_TLB, &l);
    assert_true(l.timeline.height == 2 && l.counters.height == 2);
}

static void below_40x10_is_too_small_and_nothing_else_is(void **state) {
    struct layout l;
    (void)state;
    for (int height = 1; height <= 12; height++)
        for (int width = 1; width <= 45; width++) {
            layout_compute(width, height, -1, 0, &l);
            assert_int_equal(l.too_small, width < 40 || height < 10);
        }
}

static void a_zoomed_pane_has_the_whole_frame(void **state) {
    struct layout l;
    (void)state;
    layout_compute(80, 24, PANE_FRAMES, PANE_FRAMES, &l);
    assert_int_equal(l.pane[PANE_FRAMES].width, 78);
    assert_int_equal(l.pane[PANE_TLB].width, 0);
}

static void where_there_is_room_for_one_pane_it_is_the_one_with_the_keys(void **state) {
    struct layout l;
    (void)state;
    layout_compute(40, 10, -1, PANE_SWAP, &l);
    assert_true(l.pane[PANE_SWAP].width > 0);
}

static void rows_that_a_pane_wishes_for_come_from_its_neighbours_spare_ones(void **state) {
    const struct layout_wish wish = {.rows = {[PANE_TRANSLATION] = 8, [PANE_TLB] = 99}};
    struct layout usual, heeded;
    (void)state;
    layout_compute(80, 24, -1, PANE_TLB, &usual);
    layout_compute_wish(80, 24, -1, PANE_TLB, &wish, &heeded);
    assert_int_equal(heeded.pane[PANE_TRANSLATION].height, 8);
    assert_int_equal(heeded.pane[PANE_PAGE_TABLE].height + 8,
                     usual.pane[PANE_PAGE_TABLE].height + usual.pane[PANE_TRANSLATION].height);
    assert_true(heeded.pane[PANE_TLB].height > usual.pane[PANE_TLB].height);
    assert_true(heeded.pane[PANE_FRAMES].height >= 3 && heeded.pane[PANE_SWAP].height >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_overlaps_and_all_is_inside_the_screen),
        cmocka_unit_test(a_pane_that_is_not_needed_leaves_its_place),
        cmocka_unit_test(rows_that_a_pane_wishes_for_come_from_its_neighbours_spare_ones),
        cmocka_unit_test(borders_lie_on_no_pane),
        cmocka_unit_test(panes_fill_the_frame_without_holes),
        cmocka_unit_test(title_path_narration_and_footer_are_always_there),
        cmocka_unit_test(the_main_panes_are_visible_together_from_80x24_on),
        cmocka_unit_test(the_main_panes_are_visible_at_60x20_too),
        cmocka_unit_test(page_table_swap_and_counters_join_at_120x36),
        cmocka_unit_test(all_is_visible_at_200x60_the_timeline_as_a_strip),
        cmocka_unit_test(timeline_and_counters_have_their_lines_at_80x24),
        cmocka_unit_test(below_40x10_is_too_small_and_nothing_else_is),
        cmocka_unit_test(a_zoomed_pane_has_the_whole_frame),
        cmocka_unit_test(where_there_is_room_for_one_pane_it_is_the_one_with_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
