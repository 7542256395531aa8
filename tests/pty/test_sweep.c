/* test_sweep.c - `vmscope sweep` on a terminal: how far it is, colours, and Ctrl-C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include "pty_session.h"

#include <cmocka.h>

static const struct pty_options usual = {.rows = 50, .cols = 90};
static const char *const no_color[] = {"NO_COLOR=1", NULL};

static void progress_is_told_and_ctrl_c_ends_it_in_good_order(void **state) {
    (void)state;
    const char *argv[] = {vmscope_path(), "sweep", "--policies=lru,fifo,clock", "--frames=3,4", "tests/data/endless.yaml", NULL};
    struct pty *p = pty_start(argv, &usual);
    assert_true(pty_wait_text(p, "left"));
    assert_true(pty_is_on_screen(p, "sweep 0/6 cells"));
    pty_type(p, "\003");
    int status = pty_wait_end(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_true(pty_is_on_screen(p, "interrupted"));
    assert_true(pty_is_on_screen(p, "frames")); /* the table, as far as it is */
    assert_false(pty_is_on_screen(p, "left"));  /* and the progress has gone */
    pty_free(p);
}

static bool chart_has_color(const char *const *env) {
    const char *argv[] = {vmscope_path(), "sweep", "--format=chart", "--frames=1-6", "12", NULL};
    struct pty_options options = usual;
    options.env = env;
    struct pty *p = pty_start(argv, &options);
    assert_int_equal(pty_wait_end(p), 0);
    assert_true(pty_is_on_screen(p, "L lru"));
    assert_true(pty_is_on_screen(p, "Belady"));
    bool color = pty_any_color(p);
    pty_free(p);
    return color;
}

static void a_chart_has_colors_unless_no_color_forbids_them(void **state) {
    (void)state;
    assert_true(chart_has_color(NULL));
    assert_false(chart_has_color(no_color));
}

static void a_table_is_cut_into_blocks_that_fit_the_terminal(void **state) {
    (void)state;
    const char *argv[] = {vmscope_path(), "sweep", "--frames=1-3", "12", NULL};
    struct pty *p = pty_start(argv, &(struct pty_options){.rows = 60, .cols = 40});
    assert_int_equal(pty_wait_end(p), 0);
    assert_true(pty_is_on_screen(p, "frames  fifo   lru   opt   mru"));
    assert_true(pty_is_on_screen(p, "second_chance"));
    pty_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_is_told_and_ctrl_c_ends_it_in_good_order),
        cmocka_unit_test(a_chart_has_colors_unless_no_color_forbids_them),
        cmocka_unit_test(a_table_is_cut_into_blocks_that_fit_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
