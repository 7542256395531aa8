/* test_trace_formats.c - the simple formats of traces, and how they are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vmscope/base/text.h"
#include "vmscope/scenario/trace.h"

/* ---- helpers ---- */

static struct trace *read_as(const char *text, const char *format, const struct trace_options *plus) {
    struct trace_options o = plus ? *plus : (struct trace_options){0};
    struct trace *t = NULL;
    struct diag d = {.text = ""};
    if (format) {
        o.format = trace_format_by_name(format);
        assert_non_null(o.format);
    }
    if (trace_read_memory(text, strlen(text), &o, &t, &d) != VS_OK) fail_msg("%u: %s", d.line, d.text);
    return t;
}

static void refused(const char *text, const char *format, unsigned line, const char *phrase) {
    struct trace_options o = {.format = format ? trace_format_by_name(format) : NULL};
    struct trace *t = NULL;
    struct diag d = {.text = ""};
    assert_int_equal(trace_read_memory(text, strlen(text), &o, &t, &d), VS_BAD_INPUT);
    assert_null(t);
    assert_int_equal(d.line, line);
    if (!strstr(d.text, phrase)) fail_msg("\"%s\" does not say \"%s\"", d.text, phrase);
}

struct want {
    enum access_kind op;
    vaddr_t va;
};

static void holds(struct trace *t, const char *format, const struct want *want, size_t n) {
    struct trace_facts f;
    assert_int_equal(trace_facts(t, 12, &f), VS_OK);
    assert_string_equal(f.format->name, format);
    assert_int_equal(trace_count(t), n);
    for (size_t i = 0; i < n; i++) {
        struct step s;
        assert_int_equal(trace_steps(t, i, &s, 1), 1);
        if (s.op != want[i].op || s.va != want[i].va || s.size != 1)
            fail_msg("reference %zu: op %u at 0x%llx, size %u", i, s.op, (unsigned long long)s.va, s.size);
    }
    trace_free(t);
}
#define HOLDS(trace, format, ...)                                                                            \
    do {                                                                                                     \
        const struct want want[] = {__VA_ARGS__};                                                            \
        holds(trace, format, want, sizeof want / sizeof *want);                                              \
    } while (0)

#define R ACCESS_READ
#define W ACCESS_WRITE
#define F ACCESS_FETCH

/* ---- din ---- */

/* The example of the page "Dinero File Format" (R. Peel, University of Surrey, cs250). */
static void dineros_own_example_is_read(void **state) {
    (void)state;
    HOLDS(read_as("2 0 \n0 1000 \n0 70f60888 \n2 2cb5 \n1 70f60890 \n1 70f6088c \n", NULL, NULL), "din",
          {F, 0}, {R, 0x1000}, {R, 0x70f60888}, {F, 0x2cb5}, {W, 0x70f60890}, {W, 0x70f6088c});
}

/* The same page: 3 is an unknown access type, 4 flushes the cache, and the rest of a line is comment. */
static void dineros_escapes_and_comments_are_obeyed(void **state) {
    (void)state;
    HOLDS(read_as("2 400000 the first\r\n3 10\n4 0\n\n1 ffff0000 4 0 0\n", NULL, NULL), "din", {F, 0x400000},
          {R, 0x10}, {W, 0xffff0000});
}

static void a_damaged_din_line_is_named(void **state) {
    (void)state;
    static const char *const bad[] = {"5 1000", "2",    "02 1000", "2 xyz", "2 10000000000000000",
                                      "r 1000", "hello"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[100];
        struct text t = text_in(text, sizeof text);
        text_addf(&t, "2 1000\n0 2000\n%s\n2 1004\n", bad[i]);
        refused(text, "din", 3, bad[i]);
        refused(text, "din", 3, "2 0401ab70"); /* what was meant */
    }
}

/* ---- moss ---- */

/* "MOSS User Guide" (R. Ontko), The Command File: bin 01010101 is address 85, bin 10101010 is 170. */
static void mosss_commands_are_read(void **state) {
    (void)state;
    HOLDS(
        read_as("// Enter READ/WRITE commands into this file\nREAD bin 01010101\nWRITE bin 10101010\n\n"
                "READ 19\nWRITE hex CC32\n//READ bin 100\nREAD oct 17\nREAD octal 20\nWRITE 7 // the last\n",
                NULL, NULL),
        "moss", {R, 85}, {W, 170}, {R, 19}, {W, 0xcc32}, {R, 15}, {R, 16}, {W, 7});
}

/* Its machine: 64 pages of 16 KiB. */
static void mosss_random_addresses_are_its_own_and_the_same_each_time(void **state) {
    (void)state;
    char text[3000];
    struct text x = text_in(text, sizeof text);
    for (int i = 0; i < 100; i++) text_add(&x, i % 2 ? "READ random\n" : "WRITE random\n");
    struct trace *a = read_as(text, NULL, NULL), *b = read_as(text, NULL, NULL);
    struct trace_facts f;
    assert_int_equal(trace_facts(a, 14, &f), VS_OK);
    assert_true(f.highest < 64 * 16384);
    assert_true(f.pages > 32); /* 100 of 64: 51 are expected to be hit */
    assert_int_equal(f.by_kind[W], 50);
    for (uint64_t i = 0; i < 100; i++) {
        struct step s, again;
        assert_int_equal(trace_steps(a, i, &s, 1) + trace_steps(b, i, &again, 1), 2);
        assert_true(s.va == again.va);
    }
    trace_free(a);
    trace_free(b);
}

static void a_damaged_command_of_moss_is_named(void **state) {
    (void)state;
    static const char *const bad[] = {"READ",        "READ bin 102", "read 5",    "READ oct 8",
                                      "WRITE dec 5", "READ cc32",    "WRITE hex", "READ 1 2 3 4",
                                      "READ bin",    "PRINT 5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[100];
        struct text t = text_in(text, sizeof text);
        text_addf(&t, "READ 1\nREAD 2\n%s\n", bad[i]);
        refused(text, "moss", 3, bad[i]);
    }
}

/* ---- addresses ---- */

/* The first of `addresses.txt` of Silberschatz, Galvin, Gagne, "Operating System Concepts", project
 * "Designing a Virtual Memory Manager": 16-bit addresses, pages of 256 bytes. 16916 = 66 x 256 + 20. */
static void decimal_addresses_of_the_textbook_are_read(void **state) {
    (void)state;
    HOLDS(read_as("16916\n62493\n30198\n", NULL, NULL), "addresses", {R, 66 * 256 + 20}, {R, 62493},
          {R, 30198});
}

static void hex_is_told_by_its_digits_wherever_they_come(void **state) {
    (void)state;
    HOLDS(read_as("1000\n7fe0\n", NULL, NULL), "addresses", {R, 0x1000}, {R, 0x7fe0});
    HOLDS(read_as("10\n00401000\n", NULL, NULL), "addresses", {R, 0x10}, {R, 0x401000});
    HOLDS(read_as("0x1000\n0X2F\n100\n", NULL, NULL), "addresses", {R, 0x1000}, {R, 0x2f}, {R, 100});
    HOLDS(read_as("10\n0\n", NULL, NULL), "addresses", {R, 10}, {R, 0});
}

static void a_kind_stands_before_or_behind_or_nowhere(void **state) {
    (void)state;
    HOLDS(read_as("0041f7a0 R\n13f5e2c0 W\nW 05e78900\n# no reference\nr,10 # nor this\n20\nwrite 30\n"
                  "40 READ\nI 50\nfetch 60\n70 S\n l 80\n",
                  NULL, NULL),
          "addresses", {R, 0x41f7a0}, {W, 0x13f5e2c0}, {W, 0x5e78900}, {R, 0x10}, {R, 0x20}, {W, 0x30},
          {R, 0x40}, {F, 0x50}, {F, 0x60}, {W, 0x70}, {R, 0x80});
}

static void hex_and_decimal_can_be_said(void **state) {
    (void)state;
    HOLDS(read_as("1000\n2000 w\n", "hex", NULL), "hex", {R, 0x1000}, {W, 0x2000});
    HOLDS(read_as("0010\n0x10\n", "decimal", NULL), "decimal", {R, 10}, {R, 0x10});
    refused("10\n20\n7f\n", "decimal", 3, "7f");
}

static void a_damaged_address_is_named(void **state) {
    (void)state;
    static const char *const bad[] = {"x",  "R",  "10 q", "10 20", "R 10 W", "0x", "10000000000000000",
                                      "-5", "1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[100];
        struct text t = text_in(text, sizeof text);
        text_addf(&t, "0x1000\n7f00\n%s\n", bad[i]);
        refused(text, "addresses", 3, bad[i]);
    }
}

static void the_largest_address_fits_and_one_more_does_not(void **state) {
    (void)state;
    HOLDS(read_as("18446744073709551615\n", "decimal", NULL), "decimal", {R, UINT64_MAX});
    refused("1\n18446744073709551616\n", "decimal", 2, "18446744073709551616");
}

/* ---- pages ---- */

static void page_numbers_stand_in_any_number_on_a_line(void **state) {
    (void)state;
    HOLDS(read_as("7 0 1\n2,0\t3 # and so on\n# 9 9\n4", "pages", NULL), "pages", {R, 0x7000}, {R, 0},
          {R, 0x1000}, {R, 0x2000}, {R, 0}, {R, 0x3000}, {R, 0x4000});
}

static void a_reference_string_is_told_by_its_many_numbers(void **state) {
    (void)state;
    HOLDS(read_as("1 2 3 4 1 2 5 1 2 3 4 5", NULL, NULL), "pages", {R, 0x1000}, {R, 0x2000}, {R, 0x3000},
          {R, 0x4000}, {R, 0x1000}, {R, 0x2000}, {R, 0x5000}, {R, 0x1000}, {R, 0x2000}, {R, 0x3000},
          {R, 0x4000}, {R, 0x5000});
}

static void page_numbers_are_those_of_the_page_size(void **state) {
    (void)state;
    struct trace_options small = {.page_shift = 8};
    HOLDS(read_as("66 0x10\n", "pages", &small), "pages", {R, 66 * 256}, {R, 16 * 256});
    refused("1\n2\n3 4 4503599627370496\n", "pages", 3, "4503599627370496"); /* 2^52 pages of 4 KiB: 2^64 */
}

static void a_damaged_page_number_is_named_by_its_line(void **state) {
    (void)state;
    refused("1 2 3 4\n5 6 7 8\n9 x 9 9\n", "pages", 3, "\"x\"");
}

/* A line of a million numbers is longer than any line of the other formats may be. */
static void a_long_reference_string_is_one_line(void **state) {
    (void)state;
    size_t n = 200000, at = 0;
    char *text = malloc(n * 2 + 1);
    for (size_t i = 0; i < n; i++) {
        text[at++] = (char)('0' + i % 10);
        text[at++] = ' ';
    }
    text[at] = '\0';
    struct trace *t = read_as(text, NULL, NULL);
    assert_int_equal(trace_count(t), n);
    struct step s;
    for (size_t i = 0; i < n; i += 997) {
        trace_steps(t, i, &s, 1);
        assert_int_equal(s.va, i % 10 * 4096);
    }
    trace_free(t);
    free(text);
}

/* A comment that a chunk's end cuts stays one. */
static void a_long_comment_is_passed_over(void **state) {
    (void)state;
    size_t n = 300000;
    char *text = malloc(n + 20);
    memcpy(text, "1 2 3 4\n#", 9);
    memset(text + 9, ' ', n);
    for (size_t i = 9; i < n; i += 2) text[i] = 'x';
    memcpy(text + n, "\n5 6\n", 6);
    struct trace *t = read_as(text, NULL, NULL);
    assert_int_equal(trace_count(t), 6);
    trace_free(t);
    free(text);
}

/* ---- telling, skipping ---- */

static void what_is_no_trace_has_no_format(void **state) {
    (void)state;
    static const char *const other[] = {"",
                                        "\n\n",
                                        "hello\n",
                                        "version: 1\ntitle: x\n",
                                        "# only a comment\n",
                                        "dead\nbeef\n",
                                        "- 5\n- 6\n",
                                        "a b\n",
                                        "==1== chatter\n",
                                        "0x\n",
                                        "{}\n"};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (trace_format_of(other[i], strlen(other[i]), true))
            fail_msg("\"%s\" is told to be a trace", other[i]);
    refused("hello\n", NULL, 1, "no format of traces fits; there are lackey, din, moss");
}

static void a_strange_first_line_makes_it_unsure(void **state) {
    (void)state;
    const char *text = "hello\nI  1000,4\nI  1004,4\n";
    assert_null(trace_format_of(text, strlen(text), true));
    assert_string_equal(trace_format_of(text, strlen(text), false)->name, "lackey");
}

static void every_skipped_line_is_told_with_its_number(void **state) {
    (void)state;
    struct diag_list skipped = {.count = 0};
    struct trace_options o = {.bad_lines = 2, .skipped = &skipped, .name = "x.din"};
    struct trace *t = read_as("2 1000\nwhat\n2 1004\n# no\nwho\n2 1008\n2 100c\n", NULL, &o);
    struct trace_facts f;
    assert_int_equal(trace_facts(t, 12, &f), VS_OK);
    assert_int_equal(f.bad_lines, 2);
    assert_int_equal(trace_count(t), 4);
    assert_int_equal(skipped.count, 2);
    assert_int_equal(skipped.item[0].line, 2);
    assert_int_equal(skipped.item[1].line, 5);
    assert_string_equal(skipped.item[1].file, "x.din");
    assert_non_null(strstr(skipped.item[1].text, "who"));
    trace_free(t);
}

static void more_damaged_lines_than_good_ones_are_no_trace(void **state) {
    (void)state;
    struct trace_options o = {.bad_lines = 100, .format = trace_format_by_name("din")};
    struct trace *t = NULL;
    struct diag d = {.text = ""};
    const char *text = "2 1000\nx\ny\n";
    assert_int_equal(trace_read_memory(text, strlen(text), &o, &t, &d), VS_BAD_INPUT);
    assert_non_null(strstr(d.text, "2 lines are damaged and only 1 are good"));
}

/* ---- facts ---- */

static void facts_are_counted(void **state) {
    (void)state;
    struct trace *t =
        read_as("I  00400ffe,4\n L 1fff000100,8\n S 00600000,8\n M 00600008,4\nI  00401002,1\n", NULL, NULL);
    struct trace_facts f;
    assert_int_equal(trace_facts(t, 12, &f), VS_OK);
    assert_string_equal(f.format->name, "lackey");
    assert_false(f.packed);
    assert_int_equal(f.refs, 5);
    assert_int_equal(f.by_kind[F], 2);
    assert_int_equal(f.by_kind[R], 1);
    assert_int_equal(f.by_kind[W], 2);
    assert_int_equal(f.pages, 4); /* the first fetch crosses: 0x400 and 0x401, 0x600, the stack */
    assert_true(f.lowest == 0x400ffe && f.highest == UINT64_C(0x1fff000107));
    assert_int_equal(trace_facts(t, 0, &f), VS_LIMIT);
    trace_free(t);
}

/* ---- the watcher ---- */

struct watcher {
    uint64_t calls, last, total;
    uint64_t stop_at; /* call */
};

static bool watch(void *own, uint64_t done, uint64_t total) {
    struct watcher *w = own;
    assert_true(done >= w->last && done <= total);
    w->last = done;
    w->total = total;
    return ++w->calls != w->stop_at;
}

static void a_watcher_is_told_and_can_stop(void **state) {
    (void)state;
    size_t size = 0, room = 1000000;
    char *text = malloc(room + 40);
    while (size < room) size += (size_t)snprintf(text + size, 40, "2 %06zx\n", size);
    struct watcher w = {.calls = 0};
    struct trace_options o = {.watch = {watch, &w}};
    struct trace *t = NULL;
    struct diag d = {.text = ""};
    assert_int_equal(trace_read_memory(text, size, &o, &t, &d), VS_OK);
    assert_true(w.calls >= 5 && w.last == size && w.total == size);
    trace_free(t);
    t = NULL;
    w = (struct watcher){.stop_at = 3};
    assert_int_equal(trace_read_memory(text, size, &o, &t, &d), VS_IO);
    assert_non_null(strstr(d.text, "interrupted"));
    assert_null(t);
    assert_int_equal(w.calls, 3);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dineros_own_example_is_read),
        cmocka_unit_test(dineros_escapes_and_comments_are_obeyed),
        cmocka_unit_test(a_damaged_din_line_is_named),
        cmocka_unit_test(mosss_commands_are_read),
        cmocka_unit_test(mosss_random_addresses_are_its_own_and_the_same_each_time),
        cmocka_unit_test(a_damaged_command_of_moss_is_named),
        cmocka_unit_test(decimal_addresses_of_the_textbook_are_read),
        cmocka_unit_test(hex_is_told_by_its_digits_wherever_they_come),
        cmocka_unit_test(a_kind_stands_before_or_behind_or_nowhere),
        cmocka_unit_test(hex_and_decimal_can_be_said),
        cmocka_unit_test(a_damaged_address_is_named),
        cmocka_unit_test(the_largest_address_fits_and_one_more_does_not),
        cmocka_unit_test(page_numbers_stand_in_any_number_on_a_line),
        cmocka_unit_test(a_reference_string_is_told_by_its_many_numbers),
        cmocka_unit_test(page_numbers_are_those_of_the_page_size),
        cmocka_unit_test(a_damaged_page_number_is_named_by_its_line),
        cmocka_unit_test(a_long_reference_string_is_one_line),
        cmocka_unit_test(a_long_comment_is_passed_over),
        cmocka_unit_test(what_is_no_trace_has_no_format),
        cmocka_unit_test(a_strange_first_line_makes_it_unsure),
        cmocka_unit_test(every_skipped_line_is_told_with_its_number),
        cmocka_unit_test(more_damaged_lines_than_good_ones_are_no_trace),
        cmocka_unit_test(facts_are_counted),
        cmocka_unit_test(a_watcher_is_told_and_can_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
