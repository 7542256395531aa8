/* Watching over memory: whose working set is counted, and in which order steps are done while a
 * process is suspended. The sizes of working sets are in test_workset.c. */
#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct play p;

#define HEAD "version: 1\ntitle: t\n"
#define PAIR "processes: [{name: A, layout: {heap: {size: 32KiB, at: 0x10000}}}, {name: B, layout: {heap: {size: 32KiB, at: 0x10000}}}]\n"

static void play(const char *yaml) {
    play_begin(&p, yaml);
    play_to_end(&p);
}

/* ---- working sets ---- */

/* Denning 1968: the set belongs to a program in execution. A second life of B touched one page: 1, not 4. */
static void a_process_that_is_forked_again_has_no_working_set_of_its_earlier_life(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 16, kernel: {working_set: 8}}\n" PAIR
              "steps:\n"
              "  - {fork: C}\n"
              "  - {scan: heap, count: 4, stride: 4096, as: C}\n"
              "  - {exit: C}\n"
              "  - {fork: C, as: A}\n"
              "  - {read: heap, as: C}\n");
    assert_int_equal(machine_working_set(p.m, 2), 1);
    play_end(&p);
}

static void another_program_begins_with_an_empty_working_set(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 16, kernel: {working_set: 8}}\n" PAIR
              "steps:\n"
              "  - {scan: heap, count: 4, stride: 4096}\n"
              "  - {exec: B}\n"
              "  - {read: heap}\n");
    assert_int_equal(machine_working_set(p.m, 0), 1);
    play_end(&p);
}

/* ---- load control ---- */

/* 4 frames, windows of 4: A needs 2 pages and B 3, one too many, so A leaves. B's window then holds pages
 * 0 1 2 2 (3 of them), and after one more reference 1 2 2 2: two, beside which A fits again. */
static void load_control_acts_when_the_sets_are_one_page_too_many_and_when_they_just_fit(void **state) {
    (void)state;
    play_begin(&p, HEAD "machine: {paging: sv39, frames: 4, kernel: {working_set: 4, load_control: true}}\n" PAIR
                        "steps:\n"
                        "  - {scan: heap, count: 2, stride: 4096}\n"
                        "  - {scan: heap, count: 3, stride: 4096, as: B}\n"
                        "  - {read: heap+0x2000, as: B}\n"
                        "  - {read: heap+0x2000, as: B}\n");
    for (unsigned i = 0; i < 4; i++) assert_true(play_step(&p));
    assert_int_equal(p.count[EV_CONTROL_OUT], 0);
    assert_int_equal(machine_demand(p.m), 4);
    assert_true(play_step(&p));
    assert_int_equal(p.count[EV_CONTROL_OUT], 1);
    assert_int_equal(p.last[EV_CONTROL_OUT].proc, 0);
    assert_true(play_step(&p));
    assert_int_equal(p.count[EV_CONTROL_IN], 0);
    assert_true(play_step(&p));
    assert_int_equal(p.count[EV_CONTROL_IN], 1);
    assert_false(machine_kernel(p.m)->process[0].suspended);
    play_end(&p);
}

/* ---- the order of steps ---- */

/* A's step waits while A is suspended and is made up for after its resumption. The step behind that one is
 * B's, as it stands in the file. */
static void a_step_is_done_by_whom_the_file_means_after_others_had_waited(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 16}\n" PAIR
              "steps:\n"
              "  - {write: heap, value: 1, as: A}\n"
              "  - {write: heap, value: 2, as: B}\n"
              "  - {suspend: A}\n"
              "  - {read: heap, as: A, expect: {value: 1}}\n"
              "  - {read: heap, as: B, expect: {value: 2}}\n"
              "  - {resume: A}\n"
              "  - {read: heap, expect: {value: 2}}\n"
              "  - {read: heap, expect: {value: 2}}\n");
    play_end(&p);
}

/* B ends while A is suspended: whoever runs then does what follows, as it would without a suspension. */
static void the_next_process_runs_on_when_one_ends_while_another_is_suspended(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 16}\n" PAIR
              "steps:\n"
              "  - {write: heap, value: 2, as: A}\n"
              "  - {fork: C, as: A}\n"
              "  - {suspend: A}\n"
              "  - {exit: B}\n"
              "  - {read: heap, expect: {value: 2}}\n");
    assert_int_equal(machine_kernel(p.m)->running, 2);
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_that_is_forked_again_has_no_working_set_of_its_earlier_life),
        cmocka_unit_test(another_program_begins_with_an_empty_working_set),
        cmocka_unit_test(load_control_acts_when_the_sets_are_one_page_too_many_and_when_they_just_fit),
        cmocka_unit_test(a_step_is_done_by_whom_the_file_means_after_others_had_waited),
        cmocka_unit_test(the_next_process_runs_on_when_one_ends_while_another_is_suspended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
