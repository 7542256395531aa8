/* test_manual_keys.c - vmscope(1) knows every key and action of the screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "page.h"
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_in_the_page_with_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
