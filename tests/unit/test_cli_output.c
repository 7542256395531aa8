/* test_cli_output.c - rows that are built by hand, number by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/output.h"

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static char row[64];

/* The C library prints the same numbers, more slowly: an independent judge. */
static char expected[64];

static const uint64_t corners[] = {0, 1, 9, 10, 99, 100, 4095, 4096, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
#define CORNERS (sizeof corners / sizeof *corners)

static void decimal_numbers_are_those_of_printf(void **state) {
    (void)state;
    for (size_t i = 0; i < CORNERS; i++) {
        *put_decimal(row, corners[i]) = '\0';
        snprintf(expected, sizeof expected, "%llu", (unsigned long long)corners[i]);
        assert_string_equal(row, expected);
    }
}

static void hex_numbers_have_at_least_the_digits_asked_for(void **state) {
    (void)state;
    for (size_t i = 0; i < CORNERS; i++) {
        *put_hex(row, corners[i], 8) = '\0';
        snprintf(expected, sizeof expected, "0x%08llx", (unsigned long long)corners[i]);
        assert_string_equal(row, expected);
    }
}

static void hex_numbers_grow_beyond_the_digits_asked_for(void **state) {
    (void)state;
    *put_hex(row, UINT64_C(0x123456789), 4) = '\0';
    assert_string_equal(row, "0x123456789");
    *put_hex(row, UINT64_MAX, 16) = '\0';
    assert_string_equal(row, "0xffffffffffffffff");
}

static void text_is_put_without_its_end(void **state) {
    (void)state;
    memset(row, 'x', sizeof row);
    assert_ptr_equal(put_text(row, "miss"), row + 4);
    assert_memory_equal(row, "missx", 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_numbers_are_those_of_printf),
        cmocka_unit_test(hex_numbers_have_at_least_the_digits_asked_for),
        cmocka_unit_test(hex_numbers_grow_beyond_the_digits_asked_for),
        cmocka_unit_test(text_is_put_without_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
