/* Traces: opened directly, named by a step, and in the lessons that are built in. */
#include "test_scenario.h"

static const char lackey[] = "==123== Lackey, an example tool\n==123== \nI  04001000,4\n S 1ffeffe7e0,8\n L "
                             "04222cac,8\n M 04222ffe,4\nI  04001004,3\n";

static struct scenario *open_trace(const struct scenario_options *o) {
    struct scenario *s = NULL;
    struct diag_list errors = {.count = 0};
    if (scenario_load_memory(lackey, sizeof lackey - 1, "dir/ls.1M.lackey", NULL, o, &s, &errors) != VS_OK)
        fail_msg("%u: %s", errors.item[0].line, errors.item[0].text);
    return s;
}

static void a_trace_becomes_a_scenario_of_its_own(void **state) {
    (void)state;
    struct scenario *s = open_trace(NULL);
    assert_string_equal(s->title, "ls.1M.lackey");
    assert_int_equal(s->config.process_count, 1);
    assert_string_equal(s->config.processes[0].name, "ls");
    assert_true(s->config.processes[0].region_count >= 3);
    assert_int_equal(s->steps->count, 5);
    assert_int_equal(paging_va_bits(&s->config.format), 48);
    assert_int_equal(s->config.tlb.entries, 64);
    struct counters c = run_and_check(s);
    assert_int_equal(c.accesses, 5);
    assert_int_equal(c.translations, 6); /* the M crosses a page */
    assert_int_equal(c.invalid, 0);
    scenario_free(s);
}

static void without_splitting_only_first_bytes_count(void **state) {
    (void)state;
    struct scenario_options o = {.no_split = true, .frames = 2, .policy = "fifo"};
    struct scenario *s = open_trace(&o);
    assert_int_equal(s->config.frames, 2);
    assert_string_equal(s->config.policy.name, "fifo");
    assert_int_equal(run_and_check(s).translations, 5);
    scenario_free(s);
}

static void an_empty_trace_and_a_damaged_one_are_refused(void **state) {
    (void)state;
    struct scenario *s = NULL;
    struct said said = load_with("\x28\xb5\x2f\xfd rubbish", NULL, &s);
    assert_int_not_equal(said.status, VS_OK);
    assert_true(said.count > 0);
    assert_null(s);
}

static void a_step_without_a_folder_names_no_file(void **state) {
    (void)state;
    refused(HEAD "steps: [{trace: ls.lackey}]\n", "3:17 trace: 'ls.lackey' cannot be opened");
}

/* Two scenarios that differ only in `split`, from files in a folder made for the test. */
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/vmscope-test-XXXXXX";

static struct scenario *load_in_folder(const char *yaml, struct diag_list *errors) {
    struct scenario *s = NULL;
    scenario_load_memory(yaml, strlen(yaml), "t.yaml", folder, NULL, &s, errors);
    return s;
}

static struct scenario *must_load(const char *yaml) {
    struct diag_list errors = {.count = 0};
    struct scenario *s = load_in_folder(yaml, &errors);
    if (!s) fail_msg("%u:%u %s", errors.item[0].line, errors.item[0].col, errors.item[0].text);
    return s;
}

static void a_forked_process_can_do_a_trace(void **state) {
    (void)state;
    struct scenario *s = must_load(HEAD "processes: [{name: A}]\nsteps:\n  - {fork: C}\n  - {trace: t.lackey, as: C}\n");
    struct counters c = run_and_check(s);
    assert_int_equal(c.accesses, 5);
    assert_int_equal(c.invalid, 0);
    scenario_free(s);
}

/* What two traces fetch are different pages of the program's file, though each alone would begin it. */
static void what_two_traces_fetch_is_not_the_same(void **state) {
    (void)state;
    struct scenario *s = must_load(HEAD "steps:\n  - {trace: t.lackey}\n  - {trace: far.lackey}\n");
    struct counters c = run_and_check(s);
    assert_int_equal(c.major_file, 2);
    assert_int_equal(c.minor_map, 0);
    scenario_free(s);
}

static void a_trace_step_brings_its_regions(void **state) {
    (void)state;
    struct scenario *s = must_load(HEAD "steps:\n  - {trace: t.lackey, note: Now a real program.}\n");
    struct step first = step_at(s, 0), second = step_at(s, 1);
    assert_int_equal(s->steps->count, 5);
    assert_int_equal(paging_va_bits(&s->config.format), 48); /* its addresses do not fit sv32 */
    assert_string_equal(scenario_extra(s, &first)->note, "Now a real program.");
    assert_null(scenario_extra(s, &second));
    assert_int_equal(first.line, 4);
    assert_int_equal(run_and_check(s).invalid, 0);
    scenario_free(s);
}

static void limit_and_split_are_obeyed(void **state) {
    (void)state;
    struct scenario *s = must_load(HEAD "steps:\n  - {trace: t.lackey, limit: 2}\n");
    assert_int_equal(s->steps->count, 2);
    scenario_free(s);
    s = must_load(HEAD "steps:\n  - {trace: t.lackey, split: false}\nexpect: {translations: 5}\n");
    run_and_check(s);
    scenario_free(s);
}

static void traces_and_written_steps_mix_and_repeat(void **state) {
    (void)state;
    struct scenario *s = must_load(
        HEAD
        "machine: {custom: {levels: [9, 9, 9, 9]}}\nprocesses: [{name: A, layout: {heap: 4KiB}}, {name: B}]\n"
        "steps:\n  - {read: heap}\n  - {trace: t.lackey, as: B}\n  - {switch: A}\n  - {repeat: 2, steps: "
        "3}\n");
    assert_int_equal(s->steps->count, 21);
    assert_int_equal(step_at(s, 1).proc, 1);
    assert_int_equal(s->config.processes[0].region_count, 1);
    assert_int_equal(run_and_check(s).invalid, 0);
    scenario_free(s);
}

static void linear_is_made_large_enough_for_a_trace(void **state) {
    (void)state;
    struct diag_list errors = {.count = 0};
    struct scenario *s = must_load(HEAD "machine: {paging: linear}\nsteps: [{trace: low.lackey}]\n");
    assert_int_equal(s->config.format.index_bits[0], 3); /* page 5 */
    scenario_free(s);
    s = load_in_folder(
        HEAD "machine: {paging: linear, page_size: 4KiB, frames: 4}\nsteps: [{trace: t.lackey}]\n", &errors);
    if (s) assert_int_equal(s->config.format.index_bits[0], 25); /* page 0x1ffeffe */
    scenario_free(s);
}

static void a_format_too_narrow_for_the_trace_is_refused(void **state) {
    (void)state;
    struct diag_list errors = {.count = 0};
    assert_null(load_in_folder(HEAD "machine: {paging: sv32}\nsteps: [{trace: t.lackey}]\n", &errors));
    assert_int_equal(errors.item[0].line, 4);
    assert_non_null(strstr(errors.item[0].text, "sv32 has addresses of 32 bits"));
}

static void a_damaged_trace_is_named_with_its_line(void **state) {
    (void)state;
    struct diag_list errors = {.count = 0};
    assert_null(load_in_folder(HEAD "steps: [{trace: bad.lackey}]\n", &errors));
    assert_int_equal(errors.item[0].line, 3);
    assert_non_null(strstr(errors.item[0].text, "bad.lackey', line 2"));
}

static void the_lessons_that_are_built_in_load(void **state) {
    (void)state;
    for (const struct lesson *l = lesson_table; l->name; l++) {
        struct scenario *s = NULL;
        struct diag_list errors = {.count = 0};
        if (lesson_load(l, NULL, &s, &errors) != VS_OK)
            fail_msg("%s: %u:%u %s", l->name, errors.item[0].line, errors.item[0].col, errors.item[0].text);
        assert_ptr_equal(lesson_by_name(l->name), l);
        scenario_free(s);
    }
    assert_null(lesson_by_name("no-such-lesson"));
    assert_null(lesson_by_name(""));
}

static void lessons_are_found_by_number_and_by_name(void **state) {
    (void)state;
    const struct lesson *first = &lesson_table[0];
    if (!first->name || strncmp(first->name, "01-", 3) != 0) skip();
    assert_ptr_equal(lesson_by_name("01"), first);
    assert_ptr_equal(lesson_by_name("1"), first);
    assert_ptr_equal(lesson_by_name(first->name + 3), first);
}

static void put(const char *name, const char *text) {
    char path[200];
    struct text t = text_in(path, sizeof path);
    text_addf(&t, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (f) {
        fputs(text, f);
        fclose(f);
    }
}

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    put("t.lackey", lackey);
    put("far.lackey", "I  08001000,4\n S 1ffeffe7e0,8\n");
    put("low.lackey", "I  1000,4\n S 5000,4\n");
    put("bad.lackey", "I  1000,4\nI  zzzz,4\nI  1004,4\n");
    return 0;
}

static int remove_folder(void **state) {
    static const char *const name[] = {"t.lackey", "far.lackey", "low.lackey", "bad.lackey"};
    char path[200];
    (void)state;
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        struct text t = text_in(path, sizeof path);
        text_addf(&t, "%s/%s", folder, name[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_becomes_a_scenario_of_its_own),
        cmocka_unit_test(without_splitting_only_first_bytes_count),
        cmocka_unit_test(an_empty_trace_and_a_damaged_one_are_refused),
        cmocka_unit_test(a_step_without_a_folder_names_no_file),
        cmocka_unit_test(a_trace_step_brings_its_regions),
        cmocka_unit_test(a_forked_process_can_do_a_trace),
        cmocka_unit_test(what_two_traces_fetch_is_not_the_same),
        cmocka_unit_test(limit_and_split_are_obeyed),
        cmocka_unit_test(traces_and_written_steps_mix_and_repeat),
        cmocka_unit_test(linear_is_made_large_enough_for_a_trace),
        cmocka_unit_test(a_format_too_narrow_for_the_trace_is_refused),
        cmocka_unit_test(a_damaged_trace_is_named_with_its_line),
        cmocka_unit_test(the_lessons_that_are_built_in_load),
        cmocka_unit_test(lessons_are_found_by_number_and_by_name),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
