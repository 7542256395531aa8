/* The rules of scalars: what each takes, and what it says of the rest. */
#include "scenario/value_rule.h"
#include "vmscope/hw/paging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void takes(enum value_rule r, const char *s) {
    char buf[400];
    struct text why = text_in(buf, sizeof buf);
    if (!value_check(r, s, &why)) fail_msg("'%s': %s", s, buf);
}

static void refuses(enum value_rule r, const char *s, const char *wanted) {
    char buf[400];
    struct text why = text_in(buf, sizeof buf);
    assert_false(value_check(r, s, &why));
    if (!strstr(buf, wanted)) fail_msg("'%s' said: %s", s, buf);
}

static void numbers_sizes_and_durations_are_strict(void **state) {
    (void)state;
    takes(RULE_NUMBER, "0");
    takes(RULE_NUMBER, "0xff");
    takes(RULE_SIZE, "4KiB");
    takes(RULE_DURATION, "100ns");
    refuses(RULE_NUMBER, "4K", "'4K' is not a number");
    refuses(RULE_SIZE, "4K", "write 4KiB");
    refuses(RULE_DURATION, "100", "'100' is not a duration");
}

static void names_are_short_words(void **state) {
    (void)state;
    takes(RULE_NAME, "A");
    takes(RULE_NAME, "init-2.bin");
    takes(RULE_NAME, "fifteen_letters");
    refuses(RULE_NAME, "sixteen__letters", "1 to 15");
    refuses(RULE_NAME, "2nd", "a letter first");
    refuses(RULE_NAME, "a b", "'a b' is not a name");
    refuses(RULE_NAME, "\xc3\xa9", "is not a name");
}

static void page_strings_are_numbers_with_or_without_w(void **state) {
    (void)state;
    takes(RULE_PAGES, "7");
    takes(RULE_PAGES, "7 0 1 2 0 3w 0x10w");
    takes(RULE_PAGES, "1\n2\t3");
    refuses(RULE_PAGES, "7 0 x", "'x' is not a page number");
    refuses(RULE_PAGES, "7, 0", "'7,' is not a page number");
    refuses(RULE_PAGES, "w", "'w' is not a page number");
    refuses(RULE_PAGES, " \n", "there is no page number");
    refuses(RULE_PAGES, "07", "write 7");
}

static void bits_are_a_range_in_a_word(void **state) {
    (void)state;
    unsigned low, high;
    assert_true(bits_parse("10-31", &low, &high));
    assert_int_equal(low, 10);
    assert_int_equal(high, 31);
    assert_true(bits_parse("5", &low, &high));
    assert_int_equal(high, 5);
    takes(RULE_BITS, "0-63");
    refuses(RULE_BITS, "31-10", "write it as 10-31");
    refuses(RULE_BITS, "0-64", "write it as");
    refuses(RULE_BITS, "-", "write it as");
    refuses(RULE_BITS, "1234567890-3", "write it as");
}

static void permissions_are_letters(void **state) {
    (void)state;
    unsigned perms;
    assert_true(perms_parse("r-x", &perms));
    assert_int_equal(perms, PERM_RX);
    assert_true(perms_parse("wr", &perms));
    assert_int_equal(perms, PERM_RW);
    refuses(RULE_PERMS, "rr", "not permissions");
    refuses(RULE_PERMS, "rwz", "not permissions");
}

static void choices_name_themselves(void **state) {
    (void)state;
    takes(RULE_BOOL, "true");
    takes(RULE_OUTCOME, "hit");
    takes(RULE_OUTCOME, "segv-noncanonical");
    takes(RULE_POLICY, "LRU");
    refuses(RULE_BOOL, "yes", "write true or false");
    refuses(RULE_BOOL, "True", "did you mean 'true'?");
    refuses(RULE_ACCESS, "raed", "did you mean 'read'? (read, write or fetch)");
    refuses(RULE_OUTCOME, "minor-zeor", "did you mean 'minor-zero'?");
    refuses(RULE_PAGING, "x86_64", "did you mean 'x86-64'?");
}

static void every_paging_format_of_the_table_can_be_named(void **state) {
    (void)state;
    for (size_t i = 0; paging_formats[i]; i++) takes(RULE_PAGING, paging_formats[i]->name);
}

static void choices_are_found_by_their_place(void **state) {
    (void)state;
    assert_int_equal(choice_find(RULE_ACCESS, "write"), ACCESS_WRITE);
    assert_int_equal(choice_find(RULE_BOOL, "false"), 1);
    assert_int_equal(choice_find(RULE_BOOL, "no"), -1);
}

static void long_words_are_cut_between_characters(void **state) {
    (void)state;
    char buf[QUOTE_SIZE], word[200];
    for (size_t lead = 0; lead < 4; lead++) {
        memset(word, 'a', lead);
        for (size_t i = lead; i + 3 < sizeof word; i += 3) memcpy(word + i, "\xe2\x82\xac", 4);
        quoted(buf, word);
        assert_true(text_is_clean(buf, strlen(buf)));
        assert_string_equal(buf + strlen(buf) - 4, "...'");
    }
    assert_string_equal(quoted(buf, "short"), "'short'");
}

static void every_rule_has_a_noun_and_an_example(void **state) {
    (void)state;
    for (int r = 0; r < RULE_COUNT; r++) {
        assert_true(strlen(rule_noun((enum value_rule)r)) > 0);
        assert_true(strlen(rule_example((enum value_rule)r)) > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_sizes_and_durations_are_strict),
        cmocka_unit_test(names_are_short_words),
        cmocka_unit_test(page_strings_are_numbers_with_or_without_w),
        cmocka_unit_test(bits_are_a_range_in_a_word),
        cmocka_unit_test(permissions_are_letters),
        cmocka_unit_test(choices_name_themselves),
        cmocka_unit_test(every_paging_format_of_the_table_can_be_named),
        cmocka_unit_test(choices_are_found_by_their_place),
        cmocka_unit_test(long_words_are_cut_between_characters),
        cmocka_unit_test(every_rule_has_a_noun_and_an_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
