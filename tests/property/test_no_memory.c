/* Every allocation made to fail in turn: the call says VS_NOMEM, nothing crashes, nothing leaks
 * (the sanitizer build looks for that), and the objects that were there can still be freed. */
#include "random_scenario.h"
#include "vmscope/base/memory.h"
#include "vmscope/sim/history.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MACHINES 60
#define TRIES    100000

static struct random_scenario s;

static void building_a_machine_survives_every_failed_allocation(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        random_scenario(&s, seed, 0, NULL);
        struct machine *m = NULL;
        enum vs_status status = VS_NOMEM;
        for (unsigned long n = 1; status == VS_NOMEM && n < TRIES; n++) {
            struct diag why = {0};
            mem_fail_at(n);
            status = machine_create(&s.config, s.source, &m, &why);
            mem_fail_at(0);
            assert_true(status == VS_NOMEM || status == VS_OK);
            assert_true((m != NULL) == (status == VS_OK));
        }
        assert_int_equal(status, VS_OK);
        assert_null(machine_trouble(m));
        machine_free(m);
        random_scenario_free(&s);
    }
}

/* From `start` on (a clone of it, so that every page must be copied before it is written) with the n-th
 * allocation failing. True when the machine noticed nothing; then it must be where `goal` is. */
static bool run_with_failure(const struct machine *start, const struct machine *goal, unsigned long n,
                             bool fast) {
    struct machine *m = machine_clone(start);
    assert_non_null(m);
    mem_fail_at(n);
    if (fast)
        machine_run(m, s.count, NULL);
    else
        while (machine_micro_step(m, NULL))
            ;
    mem_fail_at(0);
    enum vs_status status = machine_status(m);
    if (status == VS_OK && !machine_equal(m, goal))
        fail_msg("%s: allocation %lu failed unnoticed", random_scenario_text(&s), n);
    assert_true(status == VS_OK || status == VS_NOMEM);
    assert_true(status == VS_OK || !machine_micro_step(m, NULL)); /* it stopped, and stays so */
    machine_free(m);
    return status == VS_OK;
}

static void stepping_survives_every_failed_allocation(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 2 * MACHINES; seed++) {
        random_scenario(&s, seed, seed % 2 ? 0 : RS_REFERENCES, NULL);
        struct machine *start = random_scenario_machine(&s), *goal = machine_clone(start);
        machine_run(start, seed % 3 * 20, NULL);
        machine_run(goal, s.count, NULL);
        for (int fast = 0; fast < 2; fast++) {
            unsigned unnoticed = 0; /* many in a row: there was no n-th allocation any more */
            for (unsigned long n = 1; unnoticed < 20 && n < TRIES; n++)
                unnoticed = run_with_failure(start, goal, n, fast) ? unnoticed + 1 : 0;
            assert_int_equal(unnoticed, 20);
        }
        machine_free(start), machine_free(goal);
        random_scenario_free(&s);
    }
}

static void cloning_survives_every_failed_allocation(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        random_scenario(&s, seed, 0, NULL);
        struct machine *m = random_scenario_machine(&s), *copy = NULL, *whole;
        machine_run(m, 30, NULL);
        whole = machine_clone(m);
        for (unsigned long n = 1; !copy && n < TRIES; n++) {
            mem_fail_at(n);
            copy = machine_clone(m);
            mem_fail_at(0);
        }
        assert_non_null(copy);
        assert_true(machine_equal(m, copy));
        assert_true(machine_equal(m, whole));
        machine_free(m), machine_free(copy), machine_free(whole);
        random_scenario_free(&s);
    }
}

static void moving_through_time_survives_every_failed_allocation(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        bool failed = true;
        random_scenario(&s, seed, 0, NULL);
        for (unsigned long n = 1; failed && n < TRIES; n++) {
            struct machine *m = random_scenario_machine(&s);
            mem_fail_at(n);
            struct history *h = history_create(m, 4);
            failed = h == NULL;
            if (h) {
                history_run(h, 40);
                history_goto(h, (struct position){10, 2});
                history_micro_back(h);
                history_next_fault(h, 10);
                failed = history_status(h) != VS_OK;
            }
            mem_fail_at(0);
            history_free(h);
        }
        assert_false(failed);
        random_scenario_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(building_a_machine_survives_every_failed_allocation),
        cmocka_unit_test(stepping_survives_every_failed_allocation),
        cmocka_unit_test(cloning_survives_every_failed_allocation),
        cmocka_unit_test(moving_through_time_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
