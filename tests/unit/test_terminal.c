/* test_terminal.c - the door to curses, on /dev/null: no size, theme or terminal breaks it. */
#include "ui/terminal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static FILE *in, *out;

static int setup(void **state) {
    (void)state;
    in = fopen("/dev/null", "r");
    out = fopen("/dev/null", "w");
    return in && out ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    fclose(in);
    fclose(out);
    return 0;
}

static struct terminal_options options(const char *term, enum theme theme, bool ascii) {
    return (struct terminal_options){.term = term, .in = in, .out = out, .theme = theme, .ascii = ascii, .mouse = true};
}

/* Every role and every glyph somewhere on the canvas, up to its last corner. */
static void fill(struct canvas *c) {
    struct area a = area_of(c);
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++)
            area_glyph(&a, x, y, (enum role)((x + y) % ROLE_COUNT), (enum glyph)((x * 7 + y) % GLYPH_COUNT));
    area_cursor(&a, c->width - 1, c->height - 1);
}

static void show_size(struct terminal *t, int width, int height, bool ascii) {
    struct canvas c = {.ascii = ascii};
    int have_width, have_height;
    terminal_set_size(t, width, height);
    terminal_size(t, &have_width, &have_height);
    assert_int_equal(have_width, width);
    assert_int_equal(have_height, height);
    assert_true(canvas_resize(&c, width, height));
    fill(&c);
    terminal_show(t, &c, false);
    terminal_show(t, &c, true);
    canvas_free(&c);
}

static void every_size_theme_and_glyph_can_be_shown(void **state) {
    static const int sizes[][2] = {{1, 1}, {39, 9}, {40, 10}, {60, 20}, {80, 24}, {120, 36}, {200, 60}, {250, 80}};
    static const char *const terms[] = {"xterm-256color", "xterm", "vt100", "screen", "linux"};
    (void)state;
    for (size_t k = 0; k < sizeof terms / sizeof terms[0]; k++)
        for (int theme = 0; theme < THEMES; theme++)
            for (int ascii = 0; ascii <= 1; ascii++) {
                struct terminal_options o = options(terms[k], (enum theme)theme, ascii);
                struct terminal *t = terminal_start(&o);
                if (!t) continue; /* a terminal that this machine does not know */
                for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
                    show_size(t, sizes[i][0], sizes[i][1], ascii);
                terminal_stop(t);
            }
}

static void themes_can_be_changed_while_it_runs(void **state) {
    struct terminal_options o = options("xterm-256color", THEME_DEFAULT, false);
    struct terminal *t = terminal_start(&o);
    (void)state;
    assert_non_null(t);
    for (int theme = 0; theme < THEMES; theme++) {
        terminal_set_theme(t, (enum theme)theme);
        show_size(t, 80 + theme, 24, false);
    }
    terminal_stop(t);
}

static void ascii_is_kept_to_when_asked_for(void **state) {
    struct terminal_options o = options("xterm", THEME_DEFAULT, true);
    struct terminal *t = terminal_start(&o);
    (void)state;
    assert_non_null(t);
    assert_true(terminal_ascii(t));
    terminal_stop(t);
}

static void without_input_there_is_no_key(void **state) {
    struct terminal_options o = options("xterm", THEME_DEFAULT, false);
    struct terminal *t = terminal_start(&o);
    (void)state;
    assert_non_null(t);
    assert_int_equal(terminal_key(t).key, K_NOTHING);
    terminal_stop(t);
}

static void a_dumb_or_unknown_terminal_does_not_fit(void **state) {
    (void)state;
    assert_false(terminal_fits("dumb", 1));
    assert_false(terminal_fits("unknown", 1));
    assert_false(terminal_fits("", 1));
    assert_false(terminal_fits("no-such-terminal", 1));
    assert_true(terminal_fits("vt100", 1));
    assert_true(terminal_fits("xterm", 1));
}

static void an_unknown_terminal_is_refused(void **state) {
    struct terminal_options o = options("no-such-terminal", THEME_DEFAULT, false);
    (void)state;
    assert_null(terminal_start(&o));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_size_theme_and_glyph_can_be_shown),
        TEST(themes_can_be_changed_while_it_runs),
        TEST(ascii_is_kept_to_when_asked_for),
        TEST(without_input_there_is_no_key),
        TEST(a_dumb_or_unknown_terminal_does_not_fit),
        TEST(an_unknown_terminal_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
