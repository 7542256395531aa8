/* test_terminal.c - what terminals do to programs: sizes, signals, hang-ups, kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pty_session.h"

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define SESSION "tests/data/session.yaml"
#define CPU_LIMIT_MS 2000 /* far above what a session needs, far below what spinning takes */

static const struct pty_options usual = {.rows = 24, .cols = 80};

/* A session at its second micro-step. */
static struct pty *open_session(const struct pty_options *o) {
    const char *argv[] = {vmscope_path(), SESSION, NULL};
    struct pty *p = pty_start(argv, o);
    assert_true(pty_wait_text(p, "This card"));
    pty_type(p, " ");
    assert_true(pty_wait_no_text(p, "This card"));
    pty_type(p, "  ");
    assert_true(pty_wait_text(p, "step 1/12  micro 2/"));
    return p;
}

static void assert_terminal_sane(struct pty *p) {
    assert_true(pty_line_as_before(p));
    assert_false(pty_alternate_screen(p));
    assert_true(pty_cursor_visible(p));
    assert_false(pty_mouse_on(p));
}

static void quit(struct pty *p) {
    pty_type(p, "q");
    int status = pty_wait_end(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_terminal_sane(p);
    pty_free(p);
}

/* ---- sizes ---- */

static void a_larger_terminal_is_used(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    pty_resize(p, 36, 120);
    assert_true(pty_wait_text(p, "7 What happens"));
    assert_true(pty_wait_text(p, "step 1/12"));
    quit(p);
}

/* Has the screen become what it was? */
static bool is_like(struct pty *p, const void *before) { return strcmp(pty_screen(p), before) == 0; }

static void a_storm_of_resizes_ends_in_the_same_screen(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    static char before[64 * 1024];
    assert_true(pty_settle(p, "? help"));
    const char *now = pty_screen(p);
    memcpy(before, now, strlen(now) + 1);
    for (unsigned i = 0, x = 1; i < 200; i++) {
        x = x * 1103515245u + 12345u; /* any sizes will do, if they are the same in every run */
        pty_resize(p, 1 + (int)(x >> 16) % 60, 1 + (int)(x >> 8 & 0xff) % 200);
    }
    pty_resize(p, usual.rows, usual.cols);
    assert_true(pty_wait(p, is_like, before));
    pty_type(p, " ");
    assert_true(pty_wait_text(p, "step 1/12  micro 3/"));
    quit(p);
}

static void a_terminal_too_small_is_told_and_recovers(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    pty_resize(p, 8, 30);
    assert_true(pty_wait_text(p, "too small: have 30x8"));
    pty_resize(p, 24, 80);
    assert_true(pty_wait_text(p, "step 1/12  micro 2/"));
    quit(p);
}

static void a_terminal_of_one_cell_is_survived(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    pty_resize(p, 1, 1);
    pty_type(p, " ");
    assert_true(pty_wait_read(p));
    pty_resize(p, 24, 80);
    assert_true(pty_wait_text(p, "step 1/12"));
    quit(p);
}

/* ---- signals ---- */

static void ctrl_z_gives_the_terminal_back_and_fg_comes_back(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    pty_type(p, "\032");
    assert_true(pty_wait_stopped(p));
    assert_terminal_sane(p);
    pty_continue(p);
    assert_true(pty_wait_text(p, "step 1/12  micro 2/"));
    pty_type(p, " ");
    assert_true(pty_wait_text(p, "step 1/12  micro 3/"));
    assert_true(pty_alternate_screen(p));
    quit(p);
}

static void a_resize_while_stopped_is_noticed(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    pty_type(p, "\032");
    assert_true(pty_wait_stopped(p));
    pty_resize(p, 8, 30);
    pty_continue(p);
    assert_true(pty_wait_text(p, "too small: have 30x8"));
    quit(p);
}

static void sigterm_ends_it_in_good_order(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    pty_signal(p, SIGTERM);
    int status = pty_wait_end(p);
    assert_true(WIFEXITED(status) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
    assert_terminal_sane(p);
    pty_free(p);
}

static void ctrl_c_ends_it_in_good_order(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    pty_type(p, "\003");
    assert_true(WIFEXITED(pty_wait_end(p)));
    assert_terminal_sane(p);
    pty_free(p);
}

static void a_hang_up_ends_it_without_spinning(void **state) {
    (void)state;
    struct pty *p = open_session(&usual);
    pty_hang_up(p);
    assert_int_not_equal(pty_wait_end(p), -1);
    assert_true(pty_cpu_milliseconds(p) < CPU_LIMIT_MS);
    pty_free(p);
}

static void a_vanished_terminal_ends_it_even_when_sighup_is_ignored(void **state) {
    (void)state;
    struct pty_options o = usual;
    o.ignore_hangup = true;
    struct pty *p = open_session(&o);
    pty_hang_up(p);
    assert_int_not_equal(pty_wait_end(p), -1);
    assert_true(pty_cpu_milliseconds(p) < CPU_LIMIT_MS);
    pty_free(p);
}

/* What a crash of the program itself would send. The sanitizers have handlers of
 * their own for it, which would hide how the program ends. */
static void crash_with(int sig) {
    static const char *const env[] = {"ASAN_OPTIONS=handle_segv=0:handle_abort=0:detect_leaks=0", NULL};
    struct pty_options o = usual;
    o.env = env;
    struct pty *p = open_session(&o);
    pty_signal(p, sig);
    int status = pty_wait_end(p);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), sig);
    assert_terminal_sane(p);
    pty_free(p);
}

static void a_crash_leaves_a_sane_terminal(void **state) { (void)state, crash_with(SIGSEGV); }
static void a_failed_assertion_leaves_a_sane_terminal(void **state) { (void)state, crash_with(SIGABRT); }

/* ---- kinds of terminals ---- */

static void colors_are_used_where_there_are_some(void **state) {
    (void)state;
    static const char *const env[] = {"NO_COLOR=", NULL}; /* empty: as if it were not set */
    struct pty_options o = usual;
    o.env = env;
    struct pty *p = open_session(&o);
    assert_true(pty_any_color(p));
    quit(p);
}

static void no_color_is_obeyed(void **state) {
    (void)state;
    static const char *const env[] = {"NO_COLOR=1", NULL};
    struct pty_options o = usual;
    o.env = env;
    struct pty *p = open_session(&o);
    assert_false(pty_any_color(p));
    quit(p);
}

static void a_vt100_shows_it_without_colors(void **state) {
    (void)state;
    struct pty_options o = usual;
    o.term = "vt100";
    struct pty *p = open_session(&o);
    assert_true(pty_is_on_screen(p, "4 TLB"));
    assert_false(pty_any_color(p));
    quit(p);
}

static void a_locale_without_utf_8_gets_ascii(void **state) {
    (void)state;
    static const char *const env[] = {"LC_ALL=C", NULL};
    struct pty_options o = usual;
    o.env = env;
    struct pty *p = open_session(&o);
    for (const char *c = pty_screen(p); *c; c++) assert_true((unsigned char)*c < 0x80);
    quit(p);
}

static void a_dumb_terminal_gets_lines_of_text(void **state) {
    (void)state;
    const char *argv[] = {vmscope_path(), SESSION, NULL};
    struct pty *p = pty_start(argv, &(struct pty_options){.rows = 60, .cols = 200, .term = "dumb"});
    int status = pty_wait_end(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(pty_is_on_screen(p, "expectations hold"));
    assert_true(pty_line_as_before(p));
    pty_free(p);
}

static void an_unknown_terminal_gets_lines_of_text(void **state) {
    (void)state;
    const char *argv[] = {vmscope_path(), SESSION, NULL};
    struct pty *p =
        pty_start(argv, &(struct pty_options){.rows = 60, .cols = 200, .term = "no-such-terminal"});
    assert_int_equal(pty_wait_end(p), 0);
    assert_true(pty_is_on_screen(p, "expectations hold"));
    pty_free(p);
}

/* ---- without the screen ---- */

static void ctrl_c_ends_a_run_in_good_order(void **state) {
    (void)state;
    const char *argv[] = {vmscope_path(), "run", "--format=csv", "tests/data/endless.yaml", NULL};
    struct pty *p = pty_start(argv, &usual);
    assert_true(pty_wait_text(p, ",read,0x"));
    pty_type(p, "\003");
    int status = pty_wait_end(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_true(pty_is_on_screen(p, "interrupted"));
    pty_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_larger_terminal_is_used),
        cmocka_unit_test(a_storm_of_resizes_ends_in_the_same_screen),
        cmocka_unit_test(a_terminal_too_small_is_told_and_recovers),
        cmocka_unit_test(a_terminal_of_one_cell_is_survived),
        cmocka_unit_test(ctrl_z_gives_the_terminal_back_and_fg_comes_back),
        cmocka_unit_test(a_resize_while_stopped_is_noticed),
        cmocka_unit_test(sigterm_ends_it_in_good_order),
        cmocka_unit_test(ctrl_c_ends_it_in_good_order),
        cmocka_unit_test(a_hang_up_ends_it_without_spinning),
        cmocka_unit_test(a_vanished_terminal_ends_it_even_when_sighup_is_ignored),
        cmocka_unit_test(a_crash_leaves_a_sane_terminal),
        cmocka_unit_test(a_failed_assertion_leaves_a_sane_terminal),
        cmocka_unit_test(colors_are_used_where_there_are_some),
        cmocka_unit_test(no_color_is_obeyed),
        cmocka_unit_test(a_vt100_shows_it_without_colors),
        cmocka_unit_test(a_locale_without_utf_8_gets_ascii),
        cmocka_unit_test(a_dumb_terminal_gets_lines_of_text),
        cmocka_unit_test(an_unknown_terminal_gets_lines_of_text),
        cmocka_unit_test(ctrl_c_ends_a_run_in_good_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
