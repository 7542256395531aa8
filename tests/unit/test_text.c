/* test_text.c - strict numbers, text in fixed buffers, diagnostics, suggestions, event tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vmscope/base/event.h"
#include "vmscope/base/text.h"

typedef bool reader(const char *s, uint64_t *out, const char **why);

static void reads(reader *read, const char *s, uint64_t value) {
    uint64_t got = 0;
    const char *why = NULL;
    if (!read(s, &got, &why)) fail_msg("\"%s\" was refused: %s", s, why);
    assert_int_equal(got, value);
}

/* Refused, and the reason names the form that was meant. */
static void refuses(reader *read, const char *s, const char *meant) {
    uint64_t got = 12345;
    const char *why = NULL;
    if (read(s, &got, &why)) fail_msg("\"%s\" was read as %llu", s, (unsigned long long)got);
    assert_non_null(why);
    if (!strstr(why, meant)) fail_msg("\"%s\": \"%s\" does not say \"%s\"", s, why, meant);
    assert_int_equal(got, 12345);
}

static void a_plain_number_is_read(void **state) {
    (void)state;
    reads(parse_number, "0", 0);
    reads(parse_number, "4096", 4096);
    reads(parse_number, "0x0804c010", 0x0804c010);
    reads(parse_number, "0xFFffFFffFFffFFff", UINT64_MAX);
    reads(parse_number, "18446744073709551615", UINT64_MAX);
}

/* The list of SCENARIOS: 4K, 010, 4_096, 0x10zz, -1 are errors with the form that was meant. */
static void a_loose_number_is_refused_with_the_form_that_was_meant(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"4K", "write 4096"},
        {"4 KiB", "write 4096"},
        {"010", "write 10 (or 8, if octal"},
        {"007", "write 7"},
        {"00", "write 0"},
        {"09", "write 9"},
        {"4_096", "write 4096"},
        {"4,096", "write 4096"},
        {"0x10_00", "write 0x1000"},
        {"0x10zz", "write 0x10"},
        {"-1", "write 0 or more"},
        {"+5", "write 5"},
        {"", "missing"},
        {" 5", "write 5"},
        {"5 ", "write 5"},
        {"0x", "hex digits must follow"},
        {"0X1F", "write 0x1F"},
        {"ff", "write 0xff"},
        {"10ff", "write 0x10ff"},
        {"0b101", "no binary"},
        {"0o17", "no binary or octal"},
        {"1.5", "whole number"},
        {"1e6", "whole number"},
        {"5x", "write 5 alone"},
        {"seven", "not a number"},
        {"_", "not a number"},
        {"18446744073709551616", "too large"},
        {"0x10000000000000000", "too large"},
        {"99999999999999999999999999999999999999999999999999999999999999999999999999999", "too large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) refuses(parse_number, cases[i][0], cases[i][1]);
}

static void a_reason_is_not_required(void **state) {
    (void)state;
    uint64_t n;
    assert_false(parse_number("010", &n, NULL));
    assert_false(parse_size("4K", &n, NULL));
    assert_false(parse_duration("5", &n, NULL));
}

static void a_size_may_carry_a_binary_unit(void **state) {
    (void)state;
    reads(parse_size, "4096", 4096);
    reads(parse_size, "4KiB", 4096);
    reads(parse_size, "0x10KiB", 16384);
    reads(parse_size, "2MiB", 2097152);
    reads(parse_size, "1GiB", 1073741824);
}

static void a_loose_size_is_refused(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"4K", "write 4KiB"},
        {"4k", "write 4KiB"},
        {"4KB", "write 4KiB"},
        {"4 KiB", "write 4KiB"},
        {"4kib", "write 4KiB"},
        {"2M", "write 2MiB"},
        {"1gb", "write 1GiB"},
        {"64B", "write 64"},
        {"64 bytes", "write 64"},
        {"010KiB", "write 10"},
        {"-4KiB", "write 0 or more"},
        {"KiB", "not a number"},
        {"4_096", "write 4096"},
        {"1.5KiB", "whole number"},
        {"", "missing"},
        {"17179869184GiB", "too large"}, /* 2^34 x 2^30 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) refuses(parse_size, cases[i][0], cases[i][1]);
}

static void a_duration_needs_its_unit(void **state) {
    (void)state;
    reads(parse_duration, "0ns", 0);
    reads(parse_duration, "100ns", 100);
    reads(parse_duration, "1us", 1000);
    reads(parse_duration, "8ms", 8000000);
    reads(parse_duration, "2s", 2000000000);
    static const char *const cases[][2] = {
        {"100", "write 100ns"},    {"8 ms", "write 8ms"}, {"8MS", "write 8ms"},
        {"1.5us", "no fractions"}, {"5 sec", "write 5s"}, {"10\xc2\xb5s", "write 10us"},
        {"-1ns", "0 or more"},     {"010ms", "write 10"}, {"", "missing"},
        {"ms", "not a number"},    {"0x10ns", "0x"},      {"18446744074s", "too large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuses(parse_duration, cases[i][0], cases[i][1]);
}

static void text_that_does_not_fit_is_cut_and_says_so(void **state) {
    (void)state;
    char buf[8];
    struct text t = text_in(buf, sizeof buf);
    text_addf(&t, "%d-%s", 12, "abc");
    assert_string_equal(buf, "12-abc");
    assert_false(t.cut);
    text_add(&t, "xyz");
    assert_string_equal(buf, "12-abcx");
    assert_true(t.cut);
    text_addc(&t, '!');
    assert_string_equal(buf, "12-abcx");
    assert_int_equal(t.len, 7);
}

static void formatted_text_is_cut_likewise(void **state) {
    (void)state;
    char buf[5];
    struct text t = text_in(buf, sizeof buf);
    text_addf(&t, "%s", "123456");
    assert_string_equal(buf, "1234");
    assert_true(t.cut);
}

static void a_cut_never_halves_a_character(void **state) {
    (void)state;
    char buf[5];
    struct text t = text_in(buf, sizeof buf);
    text_add(&t, "abc\xe2\x86\x92"); /* an arrow, three bytes */
    assert_string_equal(buf, "abc");
    t = text_in(buf, sizeof buf);
    text_addf(&t, "%s", "abc\xe2\x86\x92");
    assert_string_equal(buf, "abc");
    t = text_in(buf, sizeof buf);
    text_addf(&t, "%s", "a\xe2\x86\x92z");
    assert_string_equal(buf, "a\xe2\x86\x92");
    assert_true(t.cut);
}

static void padding_counts_characters_of_the_last_line(void **state) {
    (void)state;
    char buf[32];
    struct text t = text_in(buf, sizeof buf);
    text_add(&t, "first line\n\xe2\x86\x92");
    text_pad(&t, 4);
    text_add(&t, "|");
    text_pad(&t, 2);
    assert_string_equal(buf, "first line\n\xe2\x86\x92   |");
}

static void durations_read_well(void **state) {
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {{0, "0 ns"},           {350, "350 ns"},
                 {1000, "1 us"},        {1500, "1.5 us"},
                 {1204000, "1.204 ms"}, {8000000, "8 ms"},
                 {1040000, "1.04 ms"},  {2000000000, "2 s"},
                 {1001, "1.001 us"},    {UINT64_MAX, "18446744073.709 s"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char buf[40];
        struct text t = text_in(buf, sizeof buf);
        format_duration(&t, cases[i].ns);
        assert_string_equal(buf, cases[i].text);
    }
}

static void sizes_read_well(void **state) {
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},          {1, "1 byte"},      {96, "96 bytes"},     {4096, "4 KiB"},
        {1536, "1.5 KiB"},       {2097152, "2 MiB"}, {1048577, "1.0 MiB"}, {UINT64_C(1) << 40, "1 TiB"},
        {UINT64_MAX, "15.9 EiB"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char buf[40];
        struct text t = text_in(buf, sizeof buf);
        format_size(&t, cases[i].bytes);
        assert_string_equal(buf, cases[i].text);
    }
}

/* Well-formed and ill-formed sequences: Unicode 15.0, section 3.9, table 3-7. */
static void only_clean_utf8_is_clean(void **state) {
    (void)state;
    static const char *const good[] = {
        "", "plain", "\xc2\xa0", "\xc3\xa9", "\xe2\x86\x92", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\t",           "a\nb",         "\x1b[31m",         "\x7f", "\x80",     "\xc2\x85", "\xc0\xaf",
        "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xe2\x86", "\xff",     "\xe2\x28\xa1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(text_is_clean(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(text_is_clean(bad[i], strlen(bad[i])));
    assert_false(text_is_clean("a\0b", 3));
}

static void a_near_word_is_suggested_and_a_far_one_is_not(void **state) {
    (void)state;
    static const char *const names[] = {"read", "write", "fetch", "load_referenced", "replacement", NULL};
    assert_string_equal(suggest("raed", names), "read");
    assert_string_equal(suggest("wirte", names), "write");
    assert_string_equal(suggest("Fetch", names), "fetch");
    assert_string_equal(suggest("load-refrenced", names), "load_referenced");
    assert_string_equal(suggest("replacment", names), "replacement");
    assert_null(suggest("banana", names));
    assert_null(suggest("x", names));
    assert_null(suggest("", names));
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(suggest(longest, names));
}

static void a_diagnostic_has_no_control_characters(void **state) {
    (void)state;
    struct diag d;
    char line[900];
    diag_set(&d, "a\x1b.yaml", 3, 7, "key \"%s\" is unknown", "b\x07\xff\xc3\xa9");
    assert_string_equal(diag_format(&d, line, sizeof line),
                        "a?.yaml:3:7: error: key \"b??\xc3\xa9\" is unknown");
}

static void a_diagnostic_without_position_names_the_file(void **state) {
    (void)state;
    struct diag d;
    char line[900];
    diag_set(&d, "x.yaml", 0, 0, "no such file");
    assert_string_equal(diag_format(&d, line, sizeof line), "x.yaml: error: no such file");
    diag_set(&d, NULL, 0, 0, "hello");
    assert_string_equal(diag_format(&d, line, sizeof line), "error: hello");
    diag_set(&d, "x.yaml", 9, 0, "damaged");
    assert_string_equal(diag_format(&d, line, sizeof line), "x.yaml:9: error: damaged");
    diag_set(NULL, "x", 1, 1, "nobody listens");
}

static void a_long_diagnostic_is_cut_at_a_whole_character(void **state) {
    (void)state;
    char text[1024];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text + 510, "\xc3\xa9", 2); /* the last byte that fits is its first half */
    struct diag d;
    diag_set(&d, text, 1, 1, "%s", text);
    assert_int_equal(strlen(d.text), sizeof d.text - 1);
    assert_true(text_is_clean(d.text, strlen(d.text)));
    assert_int_equal(strlen(d.file), sizeof d.file - 1);
}

static void a_list_keeps_twenty_and_counts_the_rest(void **state) {
    (void)state;
    struct diag_list list = {.count = 0};
    for (unsigned i = 1; i <= DIAGS_MAX + 5; i++) diag_add(&list, "f", i, 1, "error %u", i);
    assert_int_equal(list.count, DIAGS_MAX);
    assert_int_equal(list.dropped, 5);
    assert_string_equal(list.item[19].text, "error 20");
    diag_add(NULL, "f", 1, 1, "nobody listens");
}

static void every_event_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int a = 0; a < EV_COUNT; a++) {
        assert_non_null(event_table[a].name);
        assert_non_null(event_table[a].text);
        for (int b = 0; b < a; b++) assert_string_not_equal(event_table[a].name, event_table[b].name);
    }
    assert_int_equal(event_table[EV_TLB_HIT].actor, ACTOR_HW);
    assert_int_equal(event_table[EV_VICTIM].actor, ACTOR_OS);
    assert_string_equal(actor_name(event_table[EV_WALK_LEAF].actor), "HW");
}

static void fault_names_lead_back_to_their_class(void **state) {
    (void)state;
    for (int f = 0; f < FAULT_COUNT; f++) assert_int_equal(fault_by_name(fault_name((enum fault_class)f)), f);
    assert_string_equal(fault_name(FAULT_MAJOR_SWAP), "major-swap");
    assert_int_equal(fault_by_name("no-such-fault"), FAULT_COUNT);
    assert_string_equal(fault_name(FAULT_COUNT), "?");
}

static void accesses_need_their_permission(void **state) {
    (void)state;
    assert_int_equal(access_needs(ACCESS_READ), PERM_R);
    assert_int_equal(access_needs(ACCESS_WRITE), PERM_W);
    assert_int_equal(access_needs(ACCESS_FETCH), PERM_X);
    assert_string_equal(access_name(ACCESS_FETCH), "fetch");
    assert_string_equal(access_name(ACCESS_KINDS), "?");
    assert_string_equal(status_name(VS_LIMIT), "too large");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_number_is_read),
        cmocka_unit_test(a_loose_number_is_refused_with_the_form_that_was_meant),
        cmocka_unit_test(a_reason_is_not_required),
        cmocka_unit_test(a_size_may_carry_a_binary_unit),
        cmocka_unit_test(a_loose_size_is_refused),
        cmocka_unit_test(a_duration_needs_its_unit),
        cmocka_unit_test(text_that_does_not_fit_is_cut_and_says_so),
        cmocka_unit_test(formatted_text_is_cut_likewise),
        cmocka_unit_test(a_cut_never_halves_a_character),
        cmocka_unit_test(padding_counts_characters_of_the_last_line),
        cmocka_unit_test(durations_read_well),
        cmocka_unit_test(sizes_read_well),
        cmocka_unit_test(only_clean_utf8_is_clean),
        cmocka_unit_test(a_near_word_is_suggested_and_a_far_one_is_not),
        cmocka_unit_test(a_diagnostic_has_no_control_characters),
        cmocka_unit_test(a_diagnostic_without_position_names_the_file),
        cmocka_unit_test(a_long_diagnostic_is_cut_at_a_whole_character),
        cmocka_unit_test(a_list_keeps_twenty_and_counts_the_rest),
        cmocka_unit_test(every_event_has_a_name_of_its_own),
        cmocka_unit_test(fault_names_lead_back_to_their_class),
        cmocka_unit_test(accesses_need_their_permission),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
