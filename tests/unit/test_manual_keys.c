/* test_manual_keys.c - vmscope(1) knows every key and action of the screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "page.h"
#include "ui/app_state.h"
#include "ui/keymap.h"

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void every_action_is_in_the_page_with_its_keys(void **state) {
    (void)state;
    char *text = page_read("docs/vmscope.1");
    unsigned missing = 0;
    assert_non_null(text);
    for (const struct action *a = action_table; a->name; a++) {
        if (page_has_word(text, a->name) && strstr(text, a->keys)) continue;
        print_message("# not in the page: %s, with the keys %s\n", a->name, a->keys);
        missing++;
    }
    assert_int_equal(missing, 0);
    free(text);
}

static void every_command_is_in_the_page(void **state) {
    (void)state;
    char *text = page_read("docs/vmscope.1"), line[64];
    struct command_info c;
    unsigned missing = 0;
    assert_non_null(text);
    for (size_t i = 0; command_info(i, &c); i++) {
        struct text t = text_in(line, sizeof line);
        text_addf(&t, c.args[0] ? "\n.BR %s \" " : "\n.B %s\n", c.name);
        if (strstr(text, line)) continue;
        print_message("# not in the page: the command %s\n", c.name);
        missing++;
    }
    assert_int_equal(missing, 0);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_in_the_page_with_its_keys),
        cmocka_unit_test(every_command_is_in_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
