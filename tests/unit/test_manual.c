/* test_manual.c - vmscope-scenario(5) knows every key that the schema has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "page.h"
#include "scenario/schema.h"
#include "vmscope/policy/policy.h"

#include <cmocka.h>
#include <stdlib.h>

/* Every key of a mapping and of those below it. Counters are left to `help`. */
static unsigned missing_keys(const char *text, const struct mapping *m) {
    unsigned missing = 0;
    for (const struct key *k = m->keys; k->name; k++) {
        if (!page_has_word(text, k->name)) {
            print_message("# not in the page: %s of %s\n", k->name, m->what);
            missing++;
        }
        if (k->map && k->map != &mapping_result) missing += missing_keys(text, k->map);
    }
    return missing;
}

static void every_key_of_a_scenario_is_in_its_page(void **state) {
    (void)state;
    char *text = page_read("docs/vmscope-scenario.5");
    assert_non_null(text);
    assert_int_equal(missing_keys(text, &mapping_scenario), 0);
    free(text);
}

static void every_policy_is_in_both_pages(void **state) {
    (void)state;
    static const char *const pages[] = {"docs/vmscope-scenario.5", "docs/vmscope.1"};
    for (size_t p = 0; p < 2; p++) {
        char *text = page_read(pages[p]);
        assert_non_null(text);
        for (size_t i = 0; policy_table[i]; i++) assert_true(page_has_word(text, policy_table[i]->name));
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_a_scenario_is_in_its_page),
        cmocka_unit_test(every_policy_is_in_both_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
