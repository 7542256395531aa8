/* test_canvas.c - the screen as data: clipping, text, wrapping, frames. */
#include "ui/glyph.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static int setup(void **state) {
    static struct canvas c;
    c = (struct canvas){0};
    *state = &c;
    return canvas_resize(&c, 20, 5) ? 0 : -1;
}

static int teardown(void **state) {
    canvas_free(*state);
    return 0;
}

static void assert_row(const struct canvas *c, int y, const char *expected) {
    char buf[256];
    struct text t = text_in(buf, sizeof buf);
    canvas_row_text(c, y, &t);
    assert_string_equal(buf, expected);
}

static void text_stands_where_it_was_put(void **state) {
    struct canvas *c = *state;
    struct area a = area_of(c);
    assert_int_equal(area_text(&a, 3, 1, ROLE_HW, "abc"), 6);
    assert_row(c, 1, "   abc");
    assert_int_equal(c->cell[20 + 3].role, ROLE_HW);
}

static void text_is_clipped_at_all_four_sides_of_its_area(void **state) {
    struct canvas *c = *state;
    struct area whole = area_of(c), a = area_sub(&whole, 5, 1, 4, 2);
    area_text(&a, -2, 0, ROLE_NORMAL, "abcdefgh");
    area_text(&a, 0, -1, ROLE_NORMAL, "above");
    area_text(&a, 0, 2, ROLE_NORMAL, "below");
    assert_row(c, 0, "");
    assert_row(c, 1, "     cdef");
    assert_row(c, 3, "");
}

static void the_column_after_the_text_is_told_even_when_it_was_clipped(void **state) {
    struct area whole = area_of(*state), a = area_sub(&whole, 0, 0, 3, 1);
    assert_int_equal(area_text(&a, 1, 0, ROLE_NORMAL, "abcdef"), 7);
}

static void a_part_of_an_area_never_leaves_it(void **state) {
    struct area whole = area_of(*state), a = area_sub(&whole, 15, 3, 50, 50);
    assert_int_equal(a.width, 5);
    assert_int_equal(a.height, 2);
    struct area none = area_sub(&a, 100, 100, 5, 5);
    assert_int_equal(none.width, 0);
    area_fill(&none, 0, 0, 10, 10, ROLE_NORMAL, '#');
    assert_row(*state, 4, "");
}

static void control_characters_and_damaged_utf8_become_question_marks(void **state) {
    struct area a = area_of(*state);
    area_text(&a, 0, 0, ROLE_NORMAL, "a\033[2Jb\t\xff" "c\xe2\x94");
    assert_row(*state, 0, "a?[2Jb??c??");
}

static void signs_that_are_not_one_column_wide_never_reach_a_cell(void **state) {
    struct area a = area_of(*state);
    /* e + combining acute, a wide ideograph, an emoji */
    assert_int_equal(area_text(&a, 0, 0, ROLE_NORMAL, "e\xcc\x81 \xe6\xbc\xa2 \xf0\x9f\x98\x80"), 5);
    assert_row(*state, 0, "e ? ?");
}

static void glyphs_have_a_form_for_ascii_screens(void **state) {
    struct canvas *c = *state;
    struct area a = area_of(c);
    c->ascii = true;
    area_glyph(&a, 0, 0, ROLE_NORMAL, GLYPH_TOP_LEFT);
    area_text(&a, 1, 0, ROLE_NORMAL, "\xe2\x94\x80\xe2\x80\x94x");
    assert_row(c, 0, "+--x");
}

static void every_glyph_is_one_column_wide_and_ascii_in_ascii(void **state) {
    (void)state;
    for (int g = 0; g < GLYPH_COUNT; g++) {
        assert_int_equal(glyph_width(glyph_char((enum glyph)g, false)), 1);
        assert_in_range(glyph_char((enum glyph)g, true), 0x20, 0x7e);
    }
}

static void utf8_goes_in_and_comes_out_unchanged(void **state) {
    struct area a = area_of(*state);
    area_text(&a, 0, 0, ROLE_NORMAL, "\xc3\xa9\xe2\x86\x92\xf0\x9d\x84\x9e");
    assert_row(*state, 0, "\xc3\xa9\xe2\x86\x92\xf0\x9d\x84\x9e");
}

static void words_wrap_at_the_edge(void **state) {
    struct area a = area_of(*state);
    assert_int_equal(area_wrap(&a, 0, ROLE_NORMAL, "one two three four five six"), 2);
    assert_row(*state, 0, "one two three four");
    assert_row(*state, 1, "five six");
}

static void a_word_longer_than_the_row_is_cut_into_rows(void **state) {
    struct area whole = area_of(*state), a = area_sub(&whole, 0, 0, 4, 5);
    assert_int_equal(area_wrap(&a, 0, ROLE_NORMAL, "abcdefghij"), 3);
    assert_row(*state, 0, "abcd");
    assert_row(*state, 2, "ij");
}

static void ends_of_lines_in_a_file_are_blanks_and_blank_lines_part_paragraphs(void **state) {
    struct area a = area_of(*state);
    assert_int_equal(area_wrap(&a, 0, ROLE_NORMAL, "one\ntwo\n\nthree\n"), 3);
    assert_row(*state, 0, "one two");
    assert_row(*state, 1, "");
    assert_row(*state, 2, "three");
}

static void a_wrapped_sentence_is_lit_without_gaps(void **state) {
    struct canvas *c = *state;
    struct area a = area_of(c);
    area_wrap(&a, 0, ROLE_CURRENT, "ab cd");
    for (int x = 0; x < 5; x++) assert_int_equal(c->cell[x].role, ROLE_CURRENT);
    assert_int_equal(c->cell[5].role, ROLE_NORMAL);
}

static void wrapped_text_can_be_measured_without_being_drawn(void **state) {
    struct area a = area_of(*state), none = area_sub(&a, 0, 0, 10, 0);
    assert_int_equal(area_wrap(&none, 0, ROLE_NORMAL, "one two three four"), 2);
    assert_row(*state, 0, "");
}

static void a_frame_has_its_title_in_the_top_line(void **state) {
    struct area a = area_of(*state), inside = area_frame(&a, ROLE_BORDER, "1 TLB");
    assert_row(*state, 0, "\xe2\x94\x8c" "1 TLB" "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80"
                          "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x90");
    assert_int_equal(inside.width, 18);
    assert_int_equal(inside.height, 3);
}

static void canvases_are_equal_when_signs_and_roles_are(void **state) {
    struct canvas *c = *state, other = {0};
    assert_true(canvas_resize(&other, 20, 5));
    assert_true(canvas_equal(c, &other));
    struct area a = area_of(&other);
    area_role(&a, 0, 0, 1, 1, ROLE_HIT);
    assert_false(canvas_equal(c, &other));
    canvas_free(&other);
}

static void the_cursor_rests_only_on_the_canvas(void **state) {
    struct canvas *c = *state;
    struct area whole = area_of(c), a = area_sub(&whole, 2, 2, 3, 1);
    area_cursor(&a, 5, 0);
    assert_int_equal(c->cursor_x, -1);
    area_cursor(&a, 1, 0);
    assert_int_equal(c->cursor_x, 3);
    assert_int_equal(c->cursor_y, 2);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(text_stands_where_it_was_put),
        TEST(text_is_clipped_at_all_four_sides_of_its_area),
        TEST(the_column_after_the_text_is_told_even_when_it_was_clipped),
        TEST(a_part_of_an_area_never_leaves_it),
        TEST(control_characters_and_damaged_utf8_become_question_marks),
        TEST(signs_that_are_not_one_column_wide_never_reach_a_cell),
        TEST(glyphs_have_a_form_for_ascii_screens),
        TEST(every_glyph_is_one_column_wide_and_ascii_in_ascii),
        TEST(utf8_goes_in_and_comes_out_unchanged),
        TEST(words_wrap_at_the_edge),
        TEST(a_word_longer_than_the_row_is_cut_into_rows),
        TEST(ends_of_lines_in_a_file_are_blanks_and_blank_lines_part_paragraphs),
        TEST(a_wrapped_sentence_is_lit_without_gaps),
        TEST(wrapped_text_can_be_measured_without_being_drawn),
        TEST(a_frame_has_its_title_in_the_top_line),
        TEST(canvases_are_equal_when_signs_and_roles_are),
        TEST(the_cursor_rests_only_on_the_canvas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
