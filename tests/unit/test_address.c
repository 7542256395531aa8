/* Address expressions: what they mean, and what is said of those that mean nothing. */
#include "vmscope/scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* sv32, one process with a heap of 4 pages at 0x10000 and a stack of 2 below 0x20000. */
static struct region_config regions[] = {
    {.kind = VMA_HEAP, .perms = PERM_RW, .first = 0x10, .pages = 4, .limit = 4, .name = "heap"},
    {.kind = VMA_STACK, .perms = PERM_RW, .first = 0x1e, .pages = 2, .limit = 4, .name = "stack"},
};
static struct process_config processes[] = {
    {.name = "A", .regions = regions, .region_count = 2},
    {.name = "B", .regions = regions, .region_count = 0},
};

static void means(const char *s, vaddr_t wanted) {
    struct machine_config c;
    char why[320] = "";
    struct address at = {.va = 1};
    machine_config_default(&c);
    c.processes = processes;
    c.process_count = 2;
    if (!address_parse(s, &c, 0, &at, why, sizeof why)) fail_msg("'%s': %s", s, why);
    assert_true(at.va == wanted && at.name == 0);
}

static void refuses(const char *s, proc_t p, const char *wanted) {
    struct machine_config c;
    char why[320] = "";
    struct address at;
    machine_config_default(&c);
    c.processes = processes;
    c.process_count = 2;
    assert_false(address_parse(s, &c, p, &at, why, sizeof why));
    if (!strstr(why, wanted)) fail_msg("'%s' said: %s", s, why);
}

static void a_number_is_itself(void **state) {
    (void)state;
    means("0", 0);
    means("4096", 4096);
    means("0x0804c010", 0x0804c010);
    means("0xffffffff", 0xffffffff);
}

static void a_region_is_its_lowest_address(void **state) {
    (void)state;
    means("heap", 0x10000);
    means("heap+0x10", 0x10010);
    means("heap + 16", 0x10010);
    means("heap+4KiB", 0x11000);
    means("heap-1", 0xffff);
}

static void the_stack_is_its_top(void **state) {
    (void)state;
    means("stack", 0x20000);
    means("stack-8", 0x1fff8);
}

static void a_page_is_its_first_byte(void **state) {
    (void)state;
    means("page(5)", 0x5000);
    means("page(0x10)+0x10", 0x10010);
    means("page( 5 ) - 1", 0x4fff);
}

static void an_unknown_region_gets_a_suggestion(void **state) {
    (void)state;
    refuses("haep+0x10", 0, "A has no region 'haep': did you mean 'heap'?");
    refuses("bottom", 0, "it has heap, stack");
    refuses("heap", 1, "B has no region 'heap': it has no regions at all");
}

static void a_mapping_is_known_by_its_name(void **state) {
    (void)state;
    char names[1][NAME_SIZE] = {"buf"}, why[64];
    struct machine_config c;
    struct address at;
    machine_config_default(&c);
    c.processes = processes;
    c.process_count = 2;
    c.names = names;
    c.name_count = 1;
    assert_true(address_parse("buf+0x10", &c, 0, &at, why, sizeof why));
    assert_true(at.name == 1 && at.va == 0x10);
    assert_true(address_parse("buf-8", &c, 0, &at, why, sizeof why));
    assert_true(at.name == 1 && at.va == UINT64_MAX - 7);
}

static void addresses_outside_the_format_are_refused(void **state) {
    (void)state;
    refuses("0x100000000", 0, "32 bits: 0 to 0xffffffff");
    refuses("heap-0x10001", 0, "below 0");
    refuses("heap+0xffffffffffffffff", 0, "64 bits");
    refuses("page(0x100000)", 0, "outside the virtual addresses of sv32");
    refuses("page(0xfffffffffffffff)", 0, "there is no page");
}

static void half_expressions_are_refused_with_the_form_that_was_meant(void **state) {
    (void)state;
    refuses("", 0, "not an address");
    refuses("+4", 0, "not an address");
    refuses("heap+", 0, "the offset '' is not a number");
    refuses("heap+4+4", 0, "nothing more is expected");
    refuses("heap+x", 0, "the offset 'x' is not a number");
    refuses("page(5", 0, "closing ')'");
    refuses("page()", 0, "not a number");
    refuses("010", 0, "leading zero");
    refuses("1_000", 0, "1000");
    refuses("0x10zz", 0, "0x10");
    refuses("heap!", 0, "not an address");
}

static void words_of_any_length_are_safe(void **state) {
    (void)state;
    char s[5000], why[64];
    struct machine_config c;
    struct address at;
    memset(s, 'h', sizeof s - 1);
    s[sizeof s - 1] = '\0';
    machine_config_default(&c);
    c.processes = processes;
    c.process_count = 2;
    assert_false(address_parse(s, &c, 0, &at, why, sizeof why));
    assert_true(strlen(why) < sizeof why);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_itself),
        cmocka_unit_test(a_region_is_its_lowest_address),
        cmocka_unit_test(the_stack_is_its_top),
        cmocka_unit_test(a_page_is_its_first_byte),
        cmocka_unit_test(an_unknown_region_gets_a_suggestion),
        cmocka_unit_test(a_mapping_is_known_by_its_name),
        cmocka_unit_test(addresses_outside_the_format_are_refused),
        cmocka_unit_test(half_expressions_are_refused_with_the_form_that_was_meant),
        cmocka_unit_test(words_of_any_length_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
