/* Broken scenarios: each file of tests/broken gives exactly the first line that
 * tests/broken/EXPECTED says, and the status of bad input. Runs in the project's folder. */
#include "test_scenario.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "tests/broken/"

static struct said load_file(const char *path) {
    struct scenario *s = NULL;
    struct diag_list errors = {.count = 0};
    struct said said = {.first = ""};
    said.status = scenario_load_file(path, NULL, &s, &errors);
    said.count = errors.count;
    if (errors.count) diag_format(&errors.item[0], said.first, sizeof said.first);
    for (size_t i = 0; i < errors.count; i++)
        assert_true(text_is_clean(errors.item[i].text, strlen(errors.item[i].text)));
    scenario_free(s);
    return said;
}

static void every_broken_file_gives_its_exact_error(void **state) {
    (void)state;
    char line[1024], path[1200];
    unsigned files = 0;
    FILE *f = fopen(FOLDER "EXPECTED", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        struct text t = text_in(path, sizeof path);
        text_addf(&t, FOLDER "%.*s", (int)strcspn(line, ":"), line);
        struct said said = load_file(path);
        assert_int_equal(said.status, VS_BAD_INPUT);
        assert_string_equal(said.first + strlen(FOLDER), line);
        files++;
    }
    fclose(f);
    assert_true(files >= 25);
}

static void several_errors_are_told_in_one_run(void **state) {
    (void)state;
    assert_int_equal(load_file(FOLDER "many-errors.yaml").count, 4);
}

static void a_missing_file_is_named(void **state) {
    (void)state;
    struct said said = load_file(FOLDER "none.yaml");
    assert_int_equal(said.status, VS_IO);
    assert_string_equal(said.first, FOLDER "none.yaml: error: cannot be read: there is no such file");
}

static void a_directory_is_no_scenario(void **state) {
    (void)state;
    struct said said = load_file("tests/broken");
    assert_int_equal(said.status, VS_IO);
    assert_string_equal(said.first,
                        "tests/broken: error: cannot be read: it is a directory: name a scenario file in it");
}

/* ---- files made for the test ---- */

static char folder[] = "/tmp/vmscope-test-XXXXXX";

static const char *in_folder(char path[256], const char *name) {
    struct text t = text_in(path, 256);
    text_addf(&t, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *path, const char *head, size_t filler) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(head, f);
    for (size_t i = 0; i < filler; i++)
        fputs("# filler filler filler filler filler filler filler filler filler\n", f);
    fclose(f);
}

static void a_file_above_16_mib_is_refused(void **state) {
    (void)state;
    char path[256];
    write_file(in_folder(path, "long.yaml"), HEAD "steps: [{read: heap}]\n", 300000);
    struct said said = load_file(path);
    unlink(path);
    assert_int_equal(said.status, VS_BAD_INPUT);
    assert_non_null(strstr(said.first, "larger than 16 MiB"));
}

static void a_link_out_of_the_folder_is_not_followed(void **state) {
    (void)state;
    char path[256], link[256], sub[256];
    in_folder(sub, "sub");
    in_folder(path, "sub/s.yaml");
    in_folder(link, "sub/t.lackey");
    char outside[256];
    assert_int_equal(mkdir(sub, 0700), 0);
    write_file(in_folder(outside, "out.lackey"), "I  1000,4\n", 0);
    assert_int_equal(symlink("../out.lackey", link), 0);
    write_file(path, HEAD "steps: [{trace: t.lackey}]\n", 0);
    struct said said = load_file(path);
    assert_int_equal(said.status, VS_BAD_INPUT);
    assert_non_null(strstr(said.first, ":3:17: error: trace: 't.lackey' is a link that leads outside"));
    struct scenario_options allowed = {.any_path = true};
    struct scenario *s = NULL;
    assert_int_equal(scenario_load_file(path, &allowed, &s, NULL), VS_OK);
    scenario_free(s);
}

static void a_trace_beside_the_scenario_is_found(void **state) {
    (void)state;
    char path[256], trace[256];
    write_file(in_folder(trace, "near.lackey"), "I  1000,4\n S 2000,4\n", 0);
    write_file(in_folder(path, "near.yaml"), HEAD "steps: [{trace: near.lackey}]\n", 0);
    assert_int_equal(load_file(path).status, VS_OK);
}

/* Opening a pipe that nobody writes to would wait for ever. */
static void a_pipe_is_no_trace(void **state) {
    (void)state;
    char path[256], pipe_path[256];
    assert_int_equal(mkfifo(in_folder(pipe_path, "pipe.lackey"), 0600), 0);
    write_file(in_folder(path, "pipe.yaml"), HEAD "steps: [{trace: pipe.lackey}]\n", 0);
    struct said said = load_file(path);
    assert_int_equal(said.status, VS_BAD_INPUT);
    assert_non_null(strstr(said.first, ":3:17: error: trace: 'pipe.lackey' is no file of references"));
}

static void a_damaged_trace_is_shown_with_line_and_column(void **state) {
    (void)state;
    char path[256];
    write_file(in_folder(path, "bad.lackey"), "I  1000,4\nI  zzzz,4\n", 0);
    struct said said = load_file(path);
    assert_int_equal(said.status, VS_BAD_INPUT);
    assert_non_null(strstr(said.first, "bad.lackey:2:1: error: damaged line"));
}

/* ---- texts made for the test ---- */

/* From a buffer without a byte to spare, so that a sanitizer sees one read too many. */
static void survives(const char *text, size_t n) {
    char *exact = malloc(n ? n : 1);
    struct scenario *s = NULL;
    struct diag_list errors = {.count = 0};
    assert_non_null(exact);
    memcpy(exact, text, n);
    enum vs_status status = scenario_load_memory(exact, n, "t.yaml", NULL, NULL, &s, &errors);
    assert_true(status == VS_OK || (status == VS_BAD_INPUT && errors.count > 0));
    scenario_free(s);
    free(exact);
}

static void short_files_are_survived(void **state) {
    (void)state;
    static const char *const text[] = {
        "",         "=",  "==", "I", "I ", "I  1", "I  1,", " L", " L 1,1", "\x28\xb5\x2f",
        "\xef\xbb", "\n", "-",  "?", "%",  "\"",   "'"};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) survives(text[i], strlen(text[i]));
}

static void every_beginning_of_a_scenario_is_survived(void **state) {
    (void)state;
    static const char whole[] = HEAD
        "machine: {frames: 8, tlb: {entries: 4}}\nprocesses:\n  - name: A\n    layout: {heap: {size: 4KiB}}\n"
        "steps:\n  - {write: heap, value: 1, expect: {fault: minor-zero}}\n  - {pages: 1 2}\nexpect: "
        "{page_faults: 3}\n";
    for (size_t n = 0; n < sizeof whole; n++) survives(whole, n);
}

/* Each allocation of a load made to fail in turn: it fails whole, or did not need it. */
static void a_load_survives_every_failed_allocation(void **state) {
    (void)state;
    unsigned failed = 0;
    for (unsigned long n = 1; n < 100; n++) {
        struct scenario *s = NULL;
        mem_fail_at(n);
        enum vs_status status =
            scenario_load_file("tests/fuzz/fuzz_scenario.seeds/every-key.yaml", NULL, &s, NULL);
        mem_fail_at(0);
        assert_true(status == VS_OK || status == VS_NOMEM);
        assert_true((status == VS_OK) == (s != NULL));
        failed += status == VS_NOMEM;
        scenario_free(s);
    }
    assert_true(failed > 10);
}

static void twenty_errors_are_kept_and_the_rest_counted(void **state) {
    (void)state;
    char yaml[4000];
    struct text t = text_in(yaml, sizeof yaml);
    struct scenario *s = NULL;
    struct diag_list errors = {.count = 0, .dropped = 0};
    text_add(&t, HEAD "steps:\n");
    for (int i = 0; i < 50; i++) text_add(&t, "  - {raed: heap}\n");
    assert_int_equal(scenario_load_memory(yaml, t.len, "t.yaml", NULL, NULL, &s, &errors), VS_BAD_INPUT);
    assert_int_equal(errors.count, DIAGS_MAX);
    assert_int_equal(errors.dropped, 50 - DIAGS_MAX);
}

static void errors_need_no_list(void **state) {
    (void)state;
    struct scenario *s = NULL;
    assert_int_equal(scenario_load_memory("a", 1, "t.yaml", NULL, NULL, &s, NULL), VS_BAD_INPUT);
    assert_null(s);
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[100];
    struct text t = text_in(command, sizeof command);
    text_addf(&t, "rm -rf %s", folder);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broken_file_gives_its_exact_error),
        cmocka_unit_test(several_errors_are_told_in_one_run),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_directory_is_no_scenario),
        cmocka_unit_test(a_file_above_16_mib_is_refused),
        cmocka_unit_test(a_link_out_of_the_folder_is_not_followed),
        cmocka_unit_test(a_trace_beside_the_scenario_is_found),
        cmocka_unit_test(a_pipe_is_no_trace),
        cmocka_unit_test(a_damaged_trace_is_shown_with_line_and_column),
        cmocka_unit_test(short_files_are_survived),
        cmocka_unit_test(every_beginning_of_a_scenario_is_survived),
        cmocka_unit_test(a_load_survives_every_failed_allocation),
        cmocka_unit_test(twenty_errors_are_kept_and_the_rest_counted),
        cmocka_unit_test(errors_need_no_list),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
