/* test_keymap.c - one table of actions: names, keys, contexts, and the reader's keys file. */
#include "ui/app_state.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct keymap keymap;

static int setup(void **state) {
    (void)state;
    return keymap_default(&keymap, NULL) ? 0 : -1;
}

static const char *action_of(unsigned context, const char *key) {
    const struct action *a = keymap_find(&keymap, context, key_by_name(key));
    return a ? a->name : "none";
}

static bool read_keys(const char *text, struct diag_list *errors) {
    char buf[256];
    struct text t = text_in(buf, sizeof buf);
    text_add(&t, text);
    return keymap_read(&keymap, buf, "keys", errors);
}

static void no_key_is_bound_twice_in_one_context(void **state) {
    struct keymap k;
    struct diag why = {0};
    (void)state;
    if (!keymap_default(&k, &why)) fail_msg("%s", why.text);
}

static void every_action_has_a_name_keys_help_a_place_and_a_function(void **state) {
    (void)state;
    for (const struct action *a = action_table; a->name; a++) {
        assert_true(a->keys[0] && a->help[0] && a->where && a->run);
        assert_true(a->help[strlen(a->help) - 1] != '.'); /* not a sentence with its stop */
        assert_ptr_equal(action_by_name(a->name), a);    /* so no name is given twice */
    }
}

static void every_key_name_reads_back(void **state) {
    (void)state;
    for (size_t i = 0; i < keymap.count; i++) {
        char name[16];
        assert_int_equal(key_by_name(key_text(keymap.item[i].key, name)), keymap.item[i].key);
    }
}

/* The keys that SCREEN.md names. */
static void the_keys_of_the_design_do_what_it_says(void **state) {
    static const char *const pairs[][2] = {
        {"Space", "step"}, {"l", "step"}, {"Right", "step"}, {"n", "step"}, {"s", "whole-step"}, {"u", "back"},
        {"h", "back"}, {"Left", "back"}, {"U", "whole-back"}, {"f", "next-fault"}, {"F", "previous-fault"},
        {"r", "run"}, {"+", "faster"}, {"-", "slower"}, {"g", "first"}, {"G", "last"}, {"b", "break"},
        {"Tab", "next-pane"}, {"S-Tab", "previous-pane"}, {"1", "pane"}, {"9", "pane"}, {"j", "down"}, {"k", "up"},
        {"z", "zoom"}, {"Enter", "zoom"}, {"d", "detail"}, {"/", "search"}, {"p", "predict"}, {"c", "compare"},
        {":", "command"}, {"t", "theme"}, {"?", "help"}, {"F1", "help"}, {"q", "quit"}, {"^L", "redraw"},
        {"^Z", "suspend"}, {"^C", "exit"}, {"PgDn", "step"}, {"PgUp", "back"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_string_equal(action_of(CTX_PANES, pairs[i][0]), pairs[i][1]);
}

static void n_is_the_next_match_only_while_a_search_is_on(void **state) {
    (void)state;
    assert_string_equal(action_of(CTX_PANES, "n"), "step");
    assert_string_equal(action_of(CTX_PANES | CTX_FOUND, "n"), "next-match");
    assert_string_equal(action_of(CTX_PANES | CTX_FOUND, "Space"), "step");
}

static void every_function_key_has_a_twin_that_is_a_letter_or_sign(void **state) {
    (void)state;
    for (size_t i = 0; i < keymap.count; i++) {
        if (keymap.item[i].key < K_FUNCTION || keymap.item[i].key >= K_WHEEL_UP) continue;
        bool twin = false;
        for (size_t j = 0; j < keymap.count; j++)
            if (keymap.item[j].action == keymap.item[i].action && keymap.item[j].key < K_BACKSPACE) twin = true;
        assert_true(twin);
    }
}

static void a_keys_file_rebinds_an_action(void **state) {
    (void)state;
    assert_true(read_keys("# mine\n\nstep x Down\n", NULL));
    assert_string_equal(action_of(CTX_PANES, "x"), "step");
    assert_string_equal(action_of(CTX_PANES, "Down"), "step");
    assert_string_equal(action_of(CTX_PANES, "Space"), "none");
}

static void a_rebound_key_is_taken_from_its_old_action_only_there(void **state) {
    (void)state;
    assert_true(read_keys("theme d\n", NULL));
    assert_string_equal(action_of(CTX_PANES, "d"), "theme");
    assert_string_equal(action_of(CTX_TEXT, "d"), "theme");
    assert_true(read_keys("compare ?\n", NULL));
    assert_string_equal(action_of(CTX_PANES, "?"), "compare");
    assert_string_equal(action_of(CTX_TEXT, "?"), "help");
}

static void errors_in_a_keys_file_name_the_line_and_the_next_word(void **state) {
    struct diag_list errors = {0};
    (void)state;
    assert_false(read_keys("step x\nstpe y\nrun NoSuchKey\n", &errors));
    assert_int_equal(errors.count, 2);
    assert_int_equal(errors.item[0].line, 2);
    assert_non_null(strstr(errors.item[0].text, "did you mean 'step'"));
    assert_int_equal(errors.item[1].line, 3);
    assert_string_equal(action_of(CTX_PANES, "x"), "step"); /* good lines count all the same */
}

static void a_line_without_keys_leaves_an_action_without_any(void **state) {
    (void)state;
    assert_true(read_keys("compare\n", NULL));
    assert_string_equal(action_of(CTX_PANES, "c"), "none");
}

static void keys_in_a_row_are_shown_as_a_range(void **state) {
    char buf[64];
    struct text t = text_in(buf, sizeof buf);
    (void)state;
    keymap_keys(&keymap, action_by_name("pane"), 8, &t);
    assert_string_equal(buf, "0-9");
    t = text_in(buf, sizeof buf);
    keymap_keys(&keymap, action_by_name("step"), 2, &t);
    assert_string_equal(buf, "Space l");
}

static void the_list_of_keys_names_every_action(void **state) {
    char buf[16384];
    struct text t = text_in(buf, sizeof buf);
    (void)state;
    ui_keys_text(&t);
    assert_false(t.cut);
    for (const struct action *a = action_table; a->name; a++)
        if (strcmp(a->keys, "Click") != 0) assert_non_null(strstr(buf, a->help));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(no_key_is_bound_twice_in_one_context),
        TEST(every_action_has_a_name_keys_help_a_place_and_a_function),
        TEST(every_key_name_reads_back),
        TEST(the_keys_of_the_design_do_what_it_says),
        TEST(n_is_the_next_match_only_while_a_search_is_on),
        TEST(every_function_key_has_a_twin_that_is_a_letter_or_sign),
        TEST(a_keys_file_rebinds_an_action),
        TEST(a_rebound_key_is_taken_from_its_old_action_only_there),
        TEST(errors_in_a_keys_file_name_the_line_and_the_next_word),
        TEST(a_line_without_keys_leaves_an_action_without_any),
        TEST(keys_in_a_row_are_shown_as_a_range),
        TEST(the_list_of_keys_names_every_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
