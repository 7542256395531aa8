/* test_session.c - a reader at the keys: the real program in a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pty_session.h"

#include <cmocka.h>
#include <string.h>
#include <sys/wait.h>

#define SESSION "tests/data/session.yaml"

static struct pty *open_with(const char *word, const struct pty_options *o) {
    const char *argv[] = {vmscope_path(), word, NULL};
    return pty_start(argv, o);
}

/* A session whose card has been closed, before its first step. */
static struct pty *open_session(void) {
    struct pty *p = open_with(SESSION, &(struct pty_options){.rows = 24, .cols = 80});
    assert_true(pty_wait_text(p, "This card is closed by one key."));
    pty_type(p, " ");
    assert_true(pty_wait_no_text(p, "This card is closed by one key."));
    assert_true(pty_wait_text(p, "step 0/12"));
    return p;
}

static void quit(struct pty *p) {
    pty_type(p, "q");
    int status = pty_wait_end(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(pty_line_as_before(p));
    assert_false(pty_alternate_screen(p));
    assert_true(pty_cursor_visible(p));
    assert_false(pty_mouse_on(p));
    pty_free(p);
}

static void a_scenario_opens_with_its_card_on_a_screen_of_its_own(void **state) {
    (void)state;
    struct pty *p = open_with(SESSION, &(struct pty_options){.rows = 24, .cols = 80});
    assert_true(pty_wait_text(p, "This card is closed by one key."));
    assert_true(pty_alternate_screen(p));
    pty_type(p, "q"); /* closes the card */
    assert_true(pty_wait_no_text(p, "This card"));
    quit(p);
}

static void space_does_one_micro_step(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, " ");
    assert_true(pty_wait_text(p, "step 1/12  micro 1/"));
    pty_type(p, " ");
    assert_true(pty_wait_text(p, "step 1/12  micro 2/"));
    quit(p);
}

static void u_goes_back_to_the_very_same_screen(void **state) {
    (void)state;
    struct pty *p = open_session();
    static char before[64 * 1024];
    pty_type(p, "s");
    assert_true(pty_wait_text(p, "step 1/12"));
    pty_type(p, " ");
    assert_true(pty_wait_text(p, "step 2/12  micro 1/"));
    assert_true(pty_settle(p, "? help"));
    const char *now = pty_screen(p);
    memcpy(before, now, strlen(now) + 1);
    pty_type(p, " ");
    assert_true(pty_wait_text(p, "step 2/12  micro 2/"));
    pty_type(p, "u");
    assert_true(pty_wait_text(p, "step 2/12  micro 1/"));
    assert_true(pty_settle(p, "? help"));
    assert_string_equal(pty_screen(p), before);
    quit(p);
}

static void s_and_capital_u_go_by_whole_steps(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, "ss");
    assert_true(pty_wait_text(p, "step 2/12"));
    pty_type(p, "U");
    assert_true(pty_wait_text(p, "step 1/12"));
    quit(p);
}

static void capital_g_goes_to_the_end_and_g_to_the_start(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, "G");
    assert_true(pty_wait_text(p, "step 12/12"));
    pty_type(p, "g");
    assert_true(pty_wait_text(p, "step 0/12"));
    quit(p);
}

/* Step 1 fetches from the file (major), step 2 writes the heap's first page (minor),
 * step 3 hits, step 4 faults again. */
static void f_goes_from_fault_to_fault(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, "f");
    assert_true(pty_wait_text(p, "step 1/12"));
    pty_type(p, "f");
    assert_true(pty_wait_text(p, "step 2/12"));
    pty_type(p, "f");
    assert_true(pty_wait_text(p, "step 4/12"));
    pty_type(p, "F");
    assert_true(pty_wait_text(p, "step 2/12"));
    quit(p);
}

static void r_runs_by_itself(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, "+++++++++r");
    assert_true(pty_wait_text(p, "step 12/12"));
    quit(p);
}

static void the_arrow_keys_step_too(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, "\033OC");
    assert_true(pty_wait_text(p, "step 1/12  micro 1/"));
    pty_type(p, "\033OD");
    assert_true(pty_wait_text(p, "step 0/12"));
    quit(p);
}

static void help_opens_and_closes(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, "?");
    assert_true(pty_wait_text(p, "Moving in time"));
    pty_type(p, "q");
    assert_true(pty_wait_no_text(p, "Moving in time"));
    quit(p);
}

static void the_command_line_goes_to_a_step(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, ":goto 4\r");
    assert_true(pty_wait_text(p, "step 4/12"));
    quit(p);
}

/* What was typed would be lost: the first q says so, the second leaves. */
static void quit_without_saving(struct pty *p) {
    pty_type(p, "q");
    assert_true(pty_wait_text(p, "not saved"));
    quit(p);
}

static void the_command_line_changes_the_policy(void **state) {
    (void)state;
    struct pty *p = open_session();
    assert_true(pty_wait_text(p, "LRU"));
    pty_type(p, ":policy fifo\r");
    assert_true(pty_wait_text(p, "FIFO"));
    quit_without_saving(p);
}

static void a_wrong_command_is_explained_and_changes_nothing(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, ":gotu 4\r");
    assert_true(pty_wait_text(p, "gotu"));
    assert_true(pty_is_on_screen(p, "step 0/12"));
    quit(p);
}

static void an_access_can_be_typed_in(void **state) {
    (void)state;
    struct pty *p = open_session();
    pty_type(p, ":write heap+0x20 99\r");
    assert_true(pty_wait_text(p, "/13")); /* one step more than the file has */
    quit_without_saving(p);
}

static void a_pane_can_be_zoomed_and_given_back(void **state) {
    (void)state;
    struct pty *p = open_session();
    assert_true(pty_wait_text(p, "4 TLB"));
    pty_type(p, "1z");
    assert_true(pty_wait_no_text(p, "4 TLB"));
    pty_type(p, "z");
    assert_true(pty_wait_text(p, "4 TLB"));
    quit(p);
}

static void the_menu_opens_a_lesson_and_returns(void **state) {
    (void)state;
    const char *argv[] = {vmscope_path(), NULL};
    struct pty *p = pty_start(argv, &(struct pty_options){.rows = 24, .cols = 80});
    assert_true(pty_wait_text(p, "Lessons"));
    pty_type(p, "\r");
    assert_true(pty_wait_text(p, "step 0/"));
    pty_type(p, "qq"); /* the lesson's card, and the lesson */
    assert_true(pty_wait_text(p, "Lessons"));
    quit(p);
}

static void a_scenario_from_standard_input_takes_keys_from_the_terminal(void **state) {
    (void)state;
    struct pty *p = open_with("-", &(struct pty_options){.rows = 24, .cols = 80, .input_file = SESSION});
    assert_true(pty_wait_text(p, "This card is closed by one key."));
    pty_type(p, " ");
    assert_true(pty_wait_no_text(p, "This card"));
    pty_type(p, "s");
    assert_true(pty_wait_text(p, "step 1/12"));
    quit(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scenario_opens_with_its_card_on_a_screen_of_its_own),
        cmocka_unit_test(space_does_one_micro_step),
        cmocka_unit_test(u_goes_back_to_the_very_same_screen),
        cmocka_unit_test(s_and_capital_u_go_by_whole_steps),
        cmocka_unit_test(capital_g_goes_to_the_end_and_g_to_the_start),
        cmocka_unit_test(f_goes_from_fault_to_fault),
        cmocka_unit_test(r_runs_by_itself),
        cmocka_unit_test(the_arrow_keys_step_too),
        cmocka_unit_test(help_opens_and_closes),
        cmocka_unit_test(the_command_line_goes_to_a_step),
        cmocka_unit_test(the_command_line_changes_the_policy),
        cmocka_unit_test(a_wrong_command_is_explained_and_changes_nothing),
        cmocka_unit_test(an_access_can_be_typed_in),
        cmocka_unit_test(a_pane_can_be_zoomed_and_given_back),
        cmocka_unit_test(the_menu_opens_a_lesson_and_returns),
        cmocka_unit_test(a_scenario_from_standard_input_takes_keys_from_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
