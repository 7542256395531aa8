/* Faults and pages in memory over time: no fault is lost when buckets are joined, and the numbers
 * are those of the processes. The reference string and its 15 faults (FIFO, 3 frames) are from
 * Silberschatz, Operating System Concepts, 10.4.2. */
#include "rig.h"

#include "vmscope/sim/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t faults_of(const struct pace *all, proc_t p) {
    const struct pace_bucket *b = pace_of(all, p);
    uint64_t sum = 0;
    for (unsigned i = 0; b && i < PACE_BUCKETS; i++) sum += b[i].faults;
    return sum;
}

static void joining_neighbours_loses_no_fault(void **state) {
    struct pace all = {0};
    bool ok;
    (void)state;
    for (uint64_t now = 0; now < 1000; now++) {
        struct pace_bucket *b = pace_at(&all, now % 2, now, &ok);
        assert_true(ok);
        b->faults++;
        b->resident = (uint32_t)now;
        b->set = now % 2 ? 7 : PACE_UNKNOWN;
    }
    assert_int_equal(all.shift, 4); /* 64 buckets of 16 hold 1024 references, of 8 only 512 */
    assert_int_equal(faults_of(&all, 0), 500);
    assert_int_equal(faults_of(&all, 1), 500);
    assert_int_equal(pace_of(&all, 0)[0].faults, 8);
    assert_int_equal(pace_of(&all, 0)[0].resident, 14); /* the last of references 0..15 that were its own */
    assert_int_equal(pace_of(&all, 1)[0].resident, 15);
    assert_int_equal(pace_of(&all, 0)[0].set, PACE_UNKNOWN);
    assert_int_equal(pace_of(&all, 1)[61].set, 7);
    assert_int_equal(pace_of(&all, 1)[63].resident, PACE_UNKNOWN); /* not reached: 1000 / 16 is 62 */
    pace_free(&all);
}

static void more_processes_than_are_kept_do_no_harm(void **state) {
    struct pace all = {0};
    bool ok;
    (void)state;
    assert_null(pace_at(&all, PACE_PROCESSES, 0, &ok));
    assert_true(ok);
    assert_null(pace_of(&all, PACE_PROCESSES));
    pace_free(&all);
}

static void a_copy_is_equal_until_one_of_them_goes_on(void **state) {
    struct pace all = {0}, copy = {0};
    bool ok;
    (void)state;
    pace_at(&all, 1, 5, &ok)->faults = 3;
    assert_true(pace_copy(&copy, &all));
    assert_true(pace_equal(&all, &copy));
    pace_at(&copy, 1, 6, &ok)->faults = 1;
    assert_false(pace_equal(&all, &copy));
    assert_int_equal(faults_of(&all, 1), 3);
    pace_free(&all);
    pace_free(&copy);
}

static void the_buckets_hold_the_faults_of_a_run(void **state) {
    static const vpn_t string[] = {7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1};
    struct rig r;
    (void)state;
    rig_begin(&r, 3);
    rig_region(&r, 0, VMA_HEAP, 0, 8, PERM_R | PERM_W);
    for (size_t i = 0; i < sizeof string / sizeof string[0]; i++) rig_read(&r, string[i] << 12);
    rig_start(&r);
    rig_run(&r, 20);
    const struct pace *pace = machine_pace(r.m);
    assert_int_equal(faults_of(pace, 0), 15);
    assert_int_equal(pace->shift, 0);
    assert_int_equal(pace_of(pace, 0)[2].resident, 3);
    assert_int_equal(pace_of(pace, 0)[4].faults, 0); /* the first hit: page 0 again */
    assert_int_equal(pace_of(pace, 0)[17].resident, 3);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joining_neighbours_loses_no_fault),
        cmocka_unit_test(more_processes_than_are_kept_do_no_harm),
        cmocka_unit_test(a_copy_is_equal_until_one_of_them_goes_on),
        cmocka_unit_test(the_buckets_hold_the_faults_of_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
