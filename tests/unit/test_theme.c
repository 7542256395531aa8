/* test_theme.c - the matrix of roles x themes is whole, legible and tells states apart. */
#include "ui/theme.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void every_role_of_every_theme_is_set(void **state) {
    (void)state;
    for (int t = 0; t < THEMES; t++)
        for (int r = 0; r < ROLE_COUNT; r++) assert_true(theme_has((enum theme)t, (enum role)r));
}

static void every_role_has_words_for_the_legend(void **state) {
    (void)state;
    for (int r = 0; r < ROLE_COUNT; r++) assert_true(role_what[r][0] && role_name[r][0]);
}

static void themes_are_found_by_their_names(void **state) {
    enum theme theme;
    (void)state;
    for (int t = 0; t < THEMES; t++) {
        assert_true(theme_by_name(theme_name[t], &theme));
        assert_int_equal(theme, t);
    }
    assert_false(theme_by_name("purple", &theme));
    assert_false(theme_by_name(NULL, &theme));
}

static bool same(struct look a, struct look b) { return a.fg == b.fg && a.bg == b.bg && a.attr == b.attr; }

/* Roles that a reader must tell apart because they say how something came out, or where the action is. */
static const enum role outcomes[] = {ROLE_HIT, ROLE_MISS, ROLE_MINOR, ROLE_MAJOR, ROLE_COW, ROLE_INVALID};
static const enum role attention[] = {ROLE_NORMAL, ROLE_NOW, ROLE_CURRENT, ROLE_SELECT, ROLE_ADDRESS};
static const enum role actors[] = {ROLE_HW, ROLE_OS};
static const enum role segments[] = {ROLE_TEXT_SEG, ROLE_DATA_SEG, ROLE_HEAP_SEG, ROLE_STACK_SEG};
static const enum role frames[] = {ROLE_BORDER, ROLE_BORDER_FOCUS};
static const enum role messages[] = {ROLE_MESSAGE, ROLE_ERROR};

static void assert_apart(enum theme theme, int colors, const enum role *role, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            assert_false(same(theme_look(theme, role[i], colors), theme_look(theme, role[j], colors)));
}

static void assert_all_apart(enum theme theme, int colors) {
    assert_apart(theme, colors, outcomes, COUNT(outcomes));
    assert_apart(theme, colors, attention, COUNT(attention));
    assert_apart(theme, colors, actors, COUNT(actors));
    assert_apart(theme, colors, segments, COUNT(segments));
    assert_apart(theme, colors, frames, COUNT(frames));
    assert_apart(theme, colors, messages, COUNT(messages));
}

static void mono_tells_states_apart_without_colour(void **state) {
    (void)state;
    for (int r = 0; r < ROLE_COUNT; r++) {
        struct look look = theme_look(THEME_MONO, (enum role)r, 256);
        assert_int_equal(look.fg, COLOR_TERMINAL);
        assert_int_equal(look.bg, COLOR_TERMINAL);
    }
    assert_all_apart(THEME_MONO, 256);
}

static void every_theme_tells_states_apart_with_256_and_with_8_colours(void **state) {
    (void)state;
    for (int t = 0; t < THEMES; t++) {
        assert_all_apart((enum theme)t, 256);
        assert_all_apart((enum theme)t, 8);
    }
}

static void without_colours_every_theme_looks_like_mono(void **state) {
    (void)state;
    for (int t = 0; t < THEMES; t++)
        for (int r = 0; r < ROLE_COUNT; r++)
            assert_true(same(theme_look((enum theme)t, (enum role)r, 0), theme_look(THEME_MONO, (enum role)r, 0)));
}

static void eight_colours_are_enough_where_there_are_only_eight(void **state) {
    (void)state;
    for (int t = 0; t < THEMES; t++)
        for (int r = 0; r < ROLE_COUNT; r++) {
            struct look look = theme_look((enum theme)t, (enum role)r, 8);
            assert_true(look.fg < 8 && look.bg < 8);
        }
}

static void attributes_are_bold_underline_and_reverse_alone(void **state) {
    (void)state;
    for (int t = 0; t < THEMES; t++)
        for (int r = 0; r < ROLE_COUNT; r++)
            assert_true(theme_look((enum theme)t, (enum role)r, 256).attr <= (LOOK_BOLD | LOOK_UNDERLINE | LOOK_REVERSE));
}

/* ---- legibility: contrast as WCAG 2.1 defines it ("relative luminance", "contrast ratio") ---- */

/* The 6x6x6 cube and the grey ramp of 256-colour terminals, as xterm has them. */
static double channel(int index, int which) {
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    int value = index >= 232 ? 8 + 10 * (index - 232)
                             : level[(index - 16) / (which == 0 ? 36 : which == 1 ? 6 : 1) % 6];
    double c = value / 255.0;
    return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(int index) {
    return 0.2126 * channel(index, 0) + 0.7152 * channel(index, 1) + 0.0722 * channel(index, 2);
}

static double contrast(int a, int b) {
    double la = luminance(a), lb = luminance(b);
    return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

static void assert_contrast(enum theme theme, double least) {
    for (int r = 0; r < ROLE_COUNT; r++) {
        struct look look = theme_look(theme, (enum role)r, 256);
        if (look.fg == COLOR_TERMINAL) continue;
        bool own = look.bg == COLOR_TERMINAL; /* then the background may be black (16) or white (231) */
        assert_true(contrast(look.fg, own ? 16 : look.bg) >= least);
        assert_true(contrast(look.fg, own ? 231 : look.bg) >= least);
    }
}

static void default_is_legible_on_black_and_on_white(void **state) {
    (void)state;
    assert_contrast(THEME_DEFAULT, 4.0);
}

static void light_and_okabe_ito_reach_the_contrast_for_text(void **state) {
    (void)state;
    assert_contrast(THEME_LIGHT, 4.5); /* WCAG 2.1, 1.4.3 */
    assert_contrast(THEME_OKABE_ITO, 4.5);
}

static void contrast_reaches_the_enhanced_contrast(void **state) {
    (void)state;
    assert_contrast(THEME_CONTRAST, 7.0); /* WCAG 2.1, 1.4.6 */
}

static void themes_with_a_background_of_their_own_give_it_to_every_role(void **state) {
    (void)state;
    for (int t = THEME_LIGHT; t <= THEME_OKABE_ITO; t++)
        for (int r = 0; r < ROLE_COUNT; r++) {
            assert_true(theme_look((enum theme)t, (enum role)r, 256).bg != COLOR_TERMINAL);
            assert_true(theme_look((enum theme)t, (enum role)r, 8).bg != COLOR_TERMINAL);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_of_every_theme_is_set),
        cmocka_unit_test(every_role_has_words_for_the_legend),
        cmocka_unit_test(themes_are_found_by_their_names),
        cmocka_unit_test(mono_tells_states_apart_without_colour),
        cmocka_unit_test(every_theme_tells_states_apart_with_256_and_with_8_colours),
        cmocka_unit_test(without_colours_every_theme_looks_like_mono),
        cmocka_unit_test(eight_colours_are_enough_where_there_are_only_eight),
        cmocka_unit_test(attributes_are_bold_underline_and_reverse_alone),
        cmocka_unit_test(default_is_legible_on_black_and_on_white),
        cmocka_unit_test(light_and_okabe_ito_reach_the_contrast_for_text),
        cmocka_unit_test(contrast_reaches_the_enhanced_contrast),
        cmocka_unit_test(themes_with_a_background_of_their_own_give_it_to_every_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
