/* Machines side by side: the counts are those that the books print for these strings.
 *   Silberschatz, Operating System Concepts, 10.4: 3 frames: FIFO 15, OPT 9, LRU 12
 *   Belady, Nelson, Shedler, CACM 12(6), 1969: FIFO, 9 faults in 3 frames and 10 in 4 */
#include "vmscope/base/rng.h"
#include "vmscope/sim/lockstep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const vpn_t silberschatz[] = {7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1};
static const vpn_t belady[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};

struct table {
    struct machine_config config;
    struct process_config process;
    struct step step[512];
    struct step_source *source;
    struct lockstep *lanes;
};

static void lay_out(struct table *t, const vpn_t *pages, size_t count) {
    memset(t, 0, sizeof *t);
    machine_config_default(&t->config);
    t->config.frames = t->config.policy.frames = 3;
    t->process.name[0] = 'A';
    t->config.processes = &t->process;
    t->config.process_count = 1;
    for (size_t i = 0; i < count; i++)
        t->step[i] = (struct step){.kind = STEP_ACCESS, .op = ACCESS_READ, .size = 1, .proc = PROC_NONE, .va = pages[i] << 12, .flags = STEP_AUTOMAP};
    t->source = step_source_array(t->step, count);
    assert_non_null(t->source);
}

static void set_up(struct table *t, const struct lane_config *lanes, unsigned count) {
    struct diag why = {0};
    if (lockstep_create(&t->config, t->source, lanes, count, &t->lanes, &why) != VS_OK) fail_msg("%s", why.text);
}

static void put_away(struct table *t) {
    lockstep_free(t->lanes);
    step_source_free(t->source);
}

static struct lane_config policy(const char *name) { return (struct lane_config){.policy = policy_by_name(name)}; }

static void each_policy_has_the_faults_that_the_book_prints(void **state) {
    const struct lane_config lanes[] = {policy("fifo"), policy("opt"), policy("lru")};
    const uint64_t faults[] = {15, 9, 12};
    struct table t;
    (void)state;
    lay_out(&t, silberschatz, 20);
    set_up(&t, lanes, 3);
    for (unsigned i = 0; i < 3; i++) assert_int_equal(lockstep_cell(t.lanes, i, 19)->page_faults, faults[i]);
    assert_null(lockstep_cell(t.lanes, 0, 20));
    put_away(&t);
}

/* 10.4: after 7 0 1 2 0 3 FIFO has thrown 0 out, which comes next; LRU and OPT have not. */
static void the_first_difference_is_found_from_both_sides(void **state) {
    const struct lane_config lanes[] = {policy("fifo"), policy("lru")};
    struct table t;
    (void)state;
    lay_out(&t, silberschatz, 20);
    set_up(&t, lanes, 2);
    assert_int_equal(lockstep_next_difference(t.lanes, 0, UINT64_MAX), 6);
    assert_int_equal(lockstep_previous_difference(t.lanes, 6), UINT64_MAX);
    assert_int_equal(lockstep_previous_difference(t.lanes, 7), 6);
    assert_int_equal(lockstep_next_fault(t.lanes, 4, UINT64_MAX), 5); /* step 4 is a hit in both */
    assert_int_equal(lockstep_previous_fault(t.lanes, 5), 3);
    put_away(&t);
}

static void each_victim_has_its_reason(void **state) {
    const struct lane_config lanes[] = {policy("fifo"), policy("lru")};
    struct table t;
    (void)state;
    lay_out(&t, silberschatz, 20);
    set_up(&t, lanes, 2);
    char buf[400] = "";
    struct text why = text_in(buf, sizeof buf);
    assert_true(lockstep_reason(t.lanes, 0, 3, &why)); /* 2 comes, 7 goes */
    assert_non_null(strstr(buf, "FIFO picks frame 0: page 00007"));
    why = text_in(buf, sizeof buf);
    assert_false(lockstep_reason(t.lanes, 1, 4, &why)); /* a hit */
    assert_int_equal(lockstep_cell(t.lanes, 0, 3)->victim.vpn, 7);
    put_away(&t);
}

static void more_frames_with_more_faults_is_an_anomaly(void **state) {
    const struct lane_config lanes[] = {{.frames = 3}, {.frames = 4}};
    struct table t;
    unsigned fewer = 9, more = 9;
    (void)state;
    lay_out(&t, belady, 12);
    t.config.policy.name = "fifo";
    set_up(&t, lanes, 2);
    assert_int_equal(lockstep_cell(t.lanes, 0, 11)->page_faults, 9);
    assert_int_equal(lockstep_cell(t.lanes, 1, 11)->page_faults, 10);
    assert_true(lockstep_anomaly(t.lanes, 11, &fewer, &more));
    assert_int_equal(fewer, 0);
    assert_int_equal(more, 1);
    assert_false(lockstep_anomaly(t.lanes, 3, &fewer, &more)); /* so far, four faults each */
    put_away(&t);
}

/* LRU is a stack algorithm (Mattson and others, 1970): never more faults in more frames. */
static void lru_has_no_anomaly(void **state) {
    const struct lane_config lanes[] = {{.frames = 3}, {.frames = 4}};
    struct table t;
    unsigned fewer, more;
    (void)state;
    lay_out(&t, belady, 12);
    t.config.policy.name = "lru";
    set_up(&t, lanes, 2);
    assert_int_equal(lockstep_cell(t.lanes, 0, 11)->page_faults, 10);
    assert_int_equal(lockstep_cell(t.lanes, 1, 11)->page_faults, 8);
    for (uint64_t i = 0; i < 12; i++) assert_false(lockstep_anomaly(t.lanes, i, &fewer, &more));
    put_away(&t);
}

/* Wherever one looks, and in whichever order, a cell is what a plain run has there. */
static void cells_are_those_of_a_plain_run(void **state) {
    const struct lane_config lanes[] = {policy("clock"), {.policy = policy_by_name("lru"), .frames = 7}};
    vpn_t pages[500];
    struct rng rng = {7};
    struct table t;
    struct diag why;
    struct machine *m = NULL;
    (void)state;
    for (size_t i = 0; i < 500; i++) pages[i] = rng_below(&rng, 12);
    lay_out(&t, pages, 500);
    set_up(&t, lanes, 2);
    uint64_t faults[500];
    struct machine_config config = t.config;
    config.policy.name = "lru";
    config.frames = config.policy.frames = 7;
    assert_int_equal(machine_create(&config, t.source, &m, &why), VS_OK);
    for (size_t i = 0; i < 500 && machine_step(m); i++) faults[i] = machine_counters(m)->page_faults;
    machine_free(m);
    for (unsigned n = 0; n < 300; n++) {
        uint64_t at = rng_below(&rng, 500);
        assert_int_equal(lockstep_cell(t.lanes, 1, at)->page_faults, faults[at]);
        bool faulted = faults[at] > (at ? faults[at - 1] : 0);
        assert_int_equal(lockstep_cell(t.lanes, 1, at)->faulted, faulted);
    }
    put_away(&t);
}

static void a_machine_that_is_not_possible_is_refused(void **state) {
    const struct lane_config lanes[] = {{.frames = 3}, {.frames = UINT32_MAX - 1}};
    struct table t;
    struct diag why = {0};
    (void)state;
    lay_out(&t, belady, 12);
    assert_int_not_equal(lockstep_create(&t.config, t.source, lanes, 2, &t.lanes, &why), VS_OK);
    assert_null(t.lanes);
    assert_true(why.text[0]);
    put_away(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_policy_has_the_faults_that_the_book_prints),
        cmocka_unit_test(the_first_difference_is_found_from_both_sides),
        cmocka_unit_test(each_victim_has_its_reason),
        cmocka_unit_test(more_frames_with_more_faults_is_an_anomaly),
        cmocka_unit_test(lru_has_no_anomaly),
        cmocka_unit_test(cells_are_those_of_a_plain_run),
        cmocka_unit_test(a_machine_that_is_not_possible_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
