/* What a scenario expects, and the words in which it is disappointed. */
#include "test_scenario.h"

/* The first complaint of a run: of a step, else of the end. "" when all holds. */
static void complains(const char *yaml, const char *wanted) {
    struct scenario *s = load(yaml);
    struct machine *m = NULL;
    struct diag why = {.text = ""};
    struct diag_list errors = {.count = 0};
    char said[600] = "";
    struct text t = text_in(said, sizeof said);
    assert_int_equal(scenario_machine(s, &m, &why), VS_OK);
    while (t.len == 0 && machine_step(m))
        if (!scenario_check_step(s, m, &why)) text_addf(&t, "%u:%u %s", why.line, why.col, why.text);
    if (t.len == 0 && !scenario_check_end(s, m, &errors))
        text_addf(&t, "%u:%u %s", errors.item[0].line, errors.item[0].col, errors.item[0].text);
    assert_string_equal(said, wanted);
    machine_free(m);
    scenario_free(s);
}

static void a_step_may_expect_a_hit_a_miss_or_a_fault(void **state) {
    (void)state;
    complains(HEAD "machine: {tlb: {entries: 1}}\nsteps:\n  - {read: heap, expect: minor-zero}\n  - {read: "
                   "heap, expect: hit}\n"
                   "  - {read: heap+4KiB, expect: {fault: minor-zero}}\n  - {read: heap, expect: tlb-miss}\n "
                   " - {read: heap, expect: none}\n",
              "");
    complains(HEAD "steps:\n  - {read: heap, expect: hit}\n", "4:26 step 1: expected hit, got minor-zero");
    complains(HEAD "steps:\n  - {read: heap}\n  - {read: heap, expect: minor-zero}\n",
              "5:26 step 2: expected minor-zero, got hit");
    complains(HEAD "steps:\n  - {read: heap}\n  - {read: heap, expect: tlb-miss}\n",
              "5:26 step 2: expected tlb-miss, got hit");
    complains(HEAD "steps:\n  - {read: 0x10, expect: none}\n",
              "4:26 step 1: expected no fault, got segv-map");
}

static void a_step_may_expect_a_frame_and_an_address(void **state) {
    (void)state;
    complains(HEAD "steps:\n  - {read: heap+4, expect: {frame: 0, pa: 4}}\n", "");
    complains(HEAD "steps:\n  - {read: heap, expect: {frame: 3}}\n",
              "4:34 step 1: expected frame 3, got frame 0");
    complains(HEAD "steps:\n  - {read: heap+4, expect: {pa: 8}}\n",
              "4:33 step 1: expected pa 0x8, got pa 0x4");
    complains(HEAD "steps:\n  - {read: 0x10, expect: {pa: 8}}\n",
              "4:31 step 1: expected pa 0x8, got no physical address");
}

static void a_step_may_expect_a_victim(void **state) {
    (void)state;
    static const char head[] = HEAD "machine: {frames: 1}\n";
    char yaml[400];
    struct text t = text_in(yaml, sizeof yaml);
    text_addf(&t, "%ssteps:\n  - {pages: 7}\n  - {pages: 8, expect: {victim: 7}}\n", head);
    complains(yaml, "");
    t = text_in(yaml, sizeof yaml);
    text_addf(&t, "%ssteps:\n  - {pages: 7}\n  - {pages: 8, expect: {victim: 6}}\n", head);
    complains(yaml, "6:33 step 2: expected victim page 6, got victim page 7");
    t = text_in(yaml, sizeof yaml);
    text_addf(&t, "%ssteps:\n  - {pages: 7, expect: {victim: 6}}\n", head);
    complains(yaml, "5:33 step 1: expected victim page 6, got no victim");
}

static void a_fault_in_either_half_of_a_crossing_access_counts(void **state) {
    (void)state;
    complains(HEAD "steps:\n  - {read: heap}\n  - {read: heap+0xffe, expect: minor-zero}\n", "");
    complains(HEAD "steps:\n  - {read: heap+4KiB}\n  - {read: heap+0xffe, expect: minor-zero}\n", "");
    complains(HEAD "steps:\n  - {read: heap}\n  - {read: heap+0xffe, expect: none}\n",
              "5:32 step 2: expected no fault, got minor-zero");
}

/* SCENARIOS: "the last 4 steps, three times more": with what they expect. */
static void a_repeated_step_expects_the_same_each_time_and_names_the_step(void **state) {
    (void)state;
    complains(HEAD "steps:\n  - {read: heap}\n  - {read: heap, expect: hit}\n  - {repeat: 3, steps: 1}\n",
              "");
    complains(HEAD "steps:\n  - {read: heap, expect: minor-zero}\n  - {repeat: 3, steps: 1}\n",
              "4:26 step 2: expected minor-zero, got hit");
    complains(HEAD "steps:\n  - {pages: 1 2 3 2, expect: minor-zero}\n",
              "4:30 step 4: expected minor-zero, got hit");
}

/* One frame, no swap: A's page is dirty and cannot leave, so its second page ends A (DESIGN 3,
 * Swap). What A does afterwards is passed over: it is neither a hit nor free of faults. */
static void a_step_of_a_process_that_has_ended_is_no_hit(void **state) {
    (void)state;
    static const char head[] =
        HEAD "machine: {frames: 1, swap: 0}\nsteps:\n  - {pages: 1w}\n  - {pages: 2, expect: oom}\n";
    static const char *const wish[] = {"hit", "none"};
    for (size_t i = 0; i < sizeof wish / sizeof wish[0]; i++) {
        char yaml[400], wanted[200];
        struct text t = text_in(yaml, sizeof yaml), w = text_in(wanted, sizeof wanted);
        text_addf(&t, "%s  - {pages: 1, expect: %s}\n", head, wish[i]);
        text_addf(&w, "7:24 step 3: expected %s, got nothing: its process has ended", i ? "no fault" : "hit");
        complains(yaml, wanted);
    }
}

/* Belady, Nelson and Shedler 1969: FIFO takes 9 faults with 3 frames and 10 with 4. */
static void the_last_expect_counts(void **state) {
    (void)state;
    static const char steps[] = "steps: [{pages: 1 2 3 4 1 2 5 1 2 3 4 5}]\n";
    char yaml[400];
    static const struct {
        unsigned frames;
        const char *expect, *wanted;
    } line[] = {
        {3, "{page_faults: 9}", ""},
        {4, "{page_faults: 10, evictions: {min: 6, max: 6}}", ""},
        {4, "{page_faults: 9}", "5:23 expected page_faults 9, got 10"},
        {4, "{page_faults: {min: 1, max: 9}}", "5:29 expected page_faults 1 to 9, got 10"},
        {4, "{page_faults: {min: 11}}", "5:29 expected page_faults at least 11, got 10"},
        {4, "{page_faults: {max: 9}}", "5:29 expected page_faults 0 to 9, got 10"},
    };
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        struct text t = text_in(yaml, sizeof yaml);
        text_addf(&t, HEAD "machine: {frames: %u, replacement: fifo}\n%sexpect: %s\n", line[i].frames, steps,
                  line[i].expect);
        complains(yaml, line[i].wanted);
    }
}

/* Silberschatz, figure 10.12: after the string FIFO holds 7, 0, 1. */
static void the_last_expect_names_the_pages_in_the_frames(void **state) {
    (void)state;
    static const char start[] = HEAD "machine: {frames: 3, replacement: fifo}\nsteps: [{pages: 7 0 1 2 0 3 0 "
                                     "4 2 3 0 3 2 1 2 0 1 7 0 1}]\n";
    char yaml[400];
    struct text t = text_in(yaml, sizeof yaml);
    text_addf(&t, "%sexpect: {page_faults: 15, frames: [7, 0, 1]}\n", start);
    complains(yaml, "");
    t = text_in(yaml, sizeof yaml);
    text_addf(&t, "%sexpect: {frames: [7, 1, null]}\n", start);
    complains(yaml, "5:19 expected frame 1 to hold page 1, got page 0");
    complains(HEAD "steps: [{pages: 5}]\nexpect: {frames: [5, free, null, ~]}\n", "");
    complains(HEAD "steps: [{pages: 5}]\nexpect: {frames: [free]}\n",
              "4:19 expected frame 0 to hold nothing, got page 5");
}

static void failures_come_in_the_order_of_the_file(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "steps: [{pages: 1}]\nexpect:\n  tlb_misses: 7\n  accesses: 7\n  page_faults: 7\n");
    struct machine *m = NULL;
    struct diag_list errors = {.count = 0};
    assert_int_equal(scenario_machine(s, &m, NULL), VS_OK);
    machine_run(m, UINT64_MAX, NULL);
    assert_false(scenario_check_end(s, m, &errors));
    assert_int_equal(errors.count, 3);
    for (unsigned i = 0; i < 3; i++) assert_int_equal(errors.item[i].line, 5 + i);
    machine_free(m);
    scenario_free(s);
}

static void contradictions_are_refused(void **state) {
    (void)state;
    refused(HEAD "steps: [{read: heap, expect: {outcome: hit, fault: none}}]\n",
            "3:52 expect: give an outcome or a fault");
    refused(HEAD "steps: [{read: heap}]\nexpect: {page_faults: {exactly: 1, min: 1}}\n",
            "4:33 page_faults: give one number, or min and max");
    refused(HEAD "steps: [{read: heap}]\nexpect: {page_faults: {min: 2, max: 1}}\n",
            "4:29 page_faults: min is above max");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_may_expect_a_hit_a_miss_or_a_fault),
        cmocka_unit_test(a_step_may_expect_a_frame_and_an_address),
        cmocka_unit_test(a_step_may_expect_a_victim),
        cmocka_unit_test(a_fault_in_either_half_of_a_crossing_access_counts),
        cmocka_unit_test(a_repeated_step_expects_the_same_each_time_and_names_the_step),
        cmocka_unit_test(a_step_of_a_process_that_has_ended_is_no_hit),
        cmocka_unit_test(the_last_expect_counts),
        cmocka_unit_test(the_last_expect_names_the_pages_in_the_frames),
        cmocka_unit_test(failures_come_in_the_order_of_the_file),
        cmocka_unit_test(contradictions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
