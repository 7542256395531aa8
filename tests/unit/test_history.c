/* Moving through time on a small lesson: where one lands, and what is known there. That every place
 * equals a fresh run is tests/property/test_time.c's subject. */
#include "rig.h"
#include "vmscope/base/memory.h"
#include "vmscope/sim/history.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HEAP 0x10000
#define PAGE 0x1000

static struct rig r;
static struct history *h;

/* Steps: 0 minor, 1 hit, 2 hit, 3 minor, 4 segv, 5 hit, 6 hit, 7 minor. */
static int begin(void **state) {
    static const vaddr_t va[] = {HEAP, HEAP, HEAP, HEAP + PAGE, 0x5000, HEAP, HEAP + PAGE, HEAP + 2 * PAGE};
    (void)state;
    rig_begin(&r, 4);
    rig_region(&r, 0, VMA_HEAP, 0x10, 4, PERM_RW);
    for (unsigned i = 0; i < sizeof va / sizeof *va; i++) rig_read(&r, va[i]);
    rig_start(&r);
    h = history_create(r.m, 0);
    r.m = NULL; /* history owns it */
    return h ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    history_free(h);
    rig_end(&r);
    return 0;
}

static void at(uint64_t step, uint32_t micro) {
    struct position p = history_position(h);
    if (p.step != step || p.micro != micro)
        fail_msg("expected to be at %llu.%u, is at %llu.%u", (unsigned long long)step, micro,
                 (unsigned long long)p.step, p.micro);
}

static void history_begins_before_the_first_step(void **state) {
    (void)state;
    at(0, 0);
    assert_int_equal(history_step_count(h), 8);
    assert_int_equal(history_known_steps(h), 0);
    assert_int_equal(history_outcome(h, 0), OUT_UNKNOWN);
    assert_false(history_micro_back(h));
    assert_false(history_step_back(h));
    assert_false(history_previous_fault(h));
    at(0, 0);
}

static void a_step_forward_ends_the_step_under_way(void **state) {
    (void)state;
    assert_true(history_micro_forward(h));
    assert_true(history_micro_forward(h));
    at(0, 2);
    assert_true(history_step_forward(h));
    at(1, 0);
    assert_true(history_step_forward(h));
    at(2, 0);
}

static void a_step_back_returns_to_the_start_of_the_step_under_way_or_of_the_last(void **state) {
    (void)state;
    history_goto(h, (struct position){3, 2});
    at(3, 2);
    assert_true(history_step_back(h));
    at(3, 0);
    assert_true(history_step_back(h));
    at(2, 0);
}

static void a_micro_step_back_from_the_start_of_a_step_lands_within_the_one_before(void **state) {
    (void)state;
    history_goto(h, (struct position){2, 0});
    assert_true(history_micro_back(h)); /* step 1 is a hit: access, hit, memory */
    at(1, 2);
    assert_true(history_micro_back(h));
    at(1, 1);
    assert_true(history_micro_back(h));
    at(1, 0);
}

static void the_search_for_faults_stops_at_page_faults_and_invalid_accesses(void **state) {
    (void)state;
    static const uint64_t ends[] = {1, 4, 5, 8};
    for (unsigned i = 0; i < 4; i++) {
        assert_true(history_next_fault(h, 0));
        at(ends[i], 0);
    }
    assert_false(history_next_fault(h, 0));
    for (unsigned i = 3; i-- > 0;) {
        assert_true(history_previous_fault(h));
        at(ends[i], 0);
    }
}

static void a_search_gives_up_after_its_limit(void **state) {
    (void)state;
    history_goto(h, (struct position){1, 0});
    assert_false(history_next_fault(h, 2));
    at(3, 0);
    assert_true(history_next_fault(h, 2));
    at(4, 0);
}

static void at_the_end_there_is_no_way_forward(void **state) {
    (void)state;
    assert_int_equal(history_run(h, 100), 8);
    at(8, 0);
    assert_false(history_micro_forward(h));
    assert_false(history_step_forward(h));
    assert_int_equal(history_run(h, 1), 0);
    assert_int_equal(history_status(h), VS_OK);
}

static void going_beyond_the_end_is_going_to_the_end(void **state) {
    (void)state;
    history_goto(h, (struct position){1000, 0});
    at(8, 0);
}

static void outcomes_of_the_past_stay_known_after_going_back(void **state) {
    (void)state;
    static const enum outcome expected[] = {OUT_MINOR,   OUT_HIT, OUT_HIT,     OUT_MINOR,
                                            OUT_INVALID, OUT_HIT, OUT_UNKNOWN, OUT_UNKNOWN};
    history_run(h, 6);
    history_goto(h, (struct position){0, 0});
    assert_int_equal(history_known_steps(h), 6);
    for (uint64_t i = 0; i < 8; i++) assert_int_equal(history_outcome(h, i), expected[i]);
    assert_int_equal(history_sums(h, 0, 6).faults, 3);
    assert_int_equal(history_sums(h, 1, 4).faults, 1);
    assert_int_equal(history_sums(h, 1, 3).faults, 0);
}

static void the_events_of_a_step_are_known_before_it_is_over(void **state) {
    (void)state;
    history_goto(h, (struct position){1, 1});
    size_t done, total;
    const struct event *e = history_events(h, &done, &total);
    assert_int_equal(done, 1);
    assert_int_equal(total, 3);
    assert_int_equal(e[0].kind, EV_ACCESS);
    assert_int_equal(e[1].kind, EV_TLB_HIT);
    assert_int_equal(e[2].kind, EV_MEM_READ);
    at(1, 1);
}

static void between_steps_the_events_are_those_of_the_last(void **state) {
    (void)state;
    history_goto(h, (struct position){2, 0});
    size_t done, total;
    const struct event *e = history_events(h, &done, &total);
    assert_int_equal(done, 3);
    assert_int_equal(total, 3);
    assert_int_equal(e[0].step, 1);
}

static void a_branch_forgets_what_was_known_of_the_future(void **state) {
    (void)state;
    struct step added = {
        .va = HEAP + 3 * PAGE, .kind = STEP_ACCESS, .op = ACCESS_READ, .size = 1, .proc = PROC_NONE};
    history_run(h, 8);
    history_goto(h, (struct position){2, 0});
    struct step_source *branch = step_source_branch(r.source, 2, &added, 1);
    assert_non_null(branch);
    assert_int_equal(history_branch(h, branch), VS_OK);
    assert_int_equal(history_known_steps(h), 2);
    assert_int_equal(history_step_count(h), 9);
    assert_true(history_step_forward(h));
    assert_int_equal(history_outcome(h, 2), OUT_MINOR);
    assert_int_equal(history_run(h, 100), 6);
    assert_true(history_step_back(h)); /* and the way back goes through the branch */
    assert_true(history_goto(h, (struct position){2, 0}));
    history_free(h);
    step_source_free(branch);
    h = NULL;
}

/* Many steps, now and then one of another page: 16 pages, each met first by a fault, in 2 frames. */
static vaddr_t long_va(unsigned i) { return HEAP + (i % 97 == 5 || i % 300 > 290 ? i * 7 % 16 : 0) * PAGE; }

static struct history *long_history(struct rig *big, unsigned steps) {
    rig_begin(big, 2);
    rig_region(big, 0, VMA_HEAP, 0x10, 16, PERM_RW);
    for (unsigned i = 0; i < steps; i++) rig_read(big, long_va(i));
    rig_start(big);
    struct history *of = history_create(big->m, 0);
    big->m = NULL;
    assert_non_null(of);
    return of;
}

/* What is known is what the machine says after each step, after a branch at any place as well. */
static void outcomes_and_faults_are_those_of_the_machine(void **state) {
    enum { STEPS = 1500 };
    static struct rig big, other;
    static const uint64_t places[] = {1400, 1024, 767, 513, 512, 511, 300, 256, 255, 1, 0};
    (void)state;
    struct history *run = long_history(&big, STEPS), *slow = long_history(&other, STEPS);
    uint64_t faults = 0;
    while (history_micro_forward(slow)) {}
    assert_int_equal(history_run(run, STEPS), STEPS);
    for (unsigned turn = 0; turn <= sizeof places / sizeof *places; turn++) {
        faults = 0;
        for (uint64_t i = 0; i < STEPS; i++) {
            enum outcome o = history_outcome(slow, i);
            faults += o == OUT_MINOR || o == OUT_MAJOR;
            assert_int_equal(history_outcome(run, i), o);
            assert_int_equal(history_sums(run, 0, i + 1).faults, faults);
        }
        if (turn == sizeof places / sizeof *places) break;
        assert_true(history_goto(run, (struct position){places[turn], 0}));
        assert_int_equal(history_branch(run, big.source), VS_OK);
        assert_int_equal(history_known_steps(run), places[turn]);
        assert_int_equal(history_sums(run, 0, STEPS).faults, history_sums(slow, 0, places[turn]).faults);
        assert_int_equal(history_run(run, STEPS), STEPS - places[turn]);
    }
    assert_true(faults > 16); /* each page's first touch, and more */
    history_free(run);
    history_free(slow);
    rig_end(&big);
    rig_end(&other);
}

/* A budget of clones is kept however long the run. */
static void no_more_clones_are_kept_than_allowed(void **state) {
    (void)state;
    static struct rig big;
    rig_begin(&big, 2);
    rig_region(&big, 0, VMA_HEAP, 0x10, 4, PERM_RW);
    for (unsigned i = 0; i < 400; i++) rig_write(&big, HEAP + (i * 7 % 4) * PAGE, i);
    rig_start(&big);
    struct history *long_one = history_create(big.m, 4);
    big.m = NULL;
    for (unsigned i = 0; i < 400; i++) {
        history_step_forward(long_one);
        assert_true(history_clones(long_one) <= 4);
    }
    for (unsigned i = 0; i < 400; i += 37) {
        assert_true(history_goto(long_one, (struct position){(i * 211) % 399, 1}));
        assert_true(history_clones(long_one) <= 4);
    }
    history_free(long_one);
    rig_end(&big);
}

/* `steps` steps, each to the page after the one before, around and around; the first round writes. */
static struct step_source *rounds(vpn_t pages, size_t steps) {
    struct step *step = mem_zalloc(steps, sizeof *step);
    assert_non_null(step);
    for (size_t i = 0; i < steps; i++)
        step[i] = (struct step){.va = HEAP + i % pages * PAGE, .kind = STEP_ACCESS, .size = 4, .proc = PROC_NONE,
                                .op = i < pages ? ACCESS_WRITE : ACCESS_READ};
    struct step_source *source = step_source_array(step, steps);
    free(step);
    return source;
}

/* Each step is a fault, and each copy of the machine holds the state of every page. */
static void the_past_takes_no_more_memory_than_it_may(void **state) {
    enum { PAGES = 60000, STEPS = 400000, LEAST = 64 << 20, CLONE = 16 << 20 };
    static struct rig big;
    struct machine *m = NULL;
    uint64_t most = 0;
    (void)state;
    rig_begin(&big, 4);
    rig_region(&big, 0, VMA_HEAP, 0x10, PAGES, PERM_RW);
    rig_start(&big);
    struct step_source *source = rounds(PAGES, STEPS);
    assert_int_equal(machine_create(&big.config, source, &m, NULL), VS_OK);
    struct history *past = history_create(m, 0);
    while (history_run(past, 10000) == 10000)
        if (history_bytes(past) > most) most = history_bytes(past);
    assert_true(most > LEAST / 2); /* or this shows nothing */
    assert_true(most < LEAST + CLONE);
    assert_int_equal(history_sums(past, 0, STEPS).faults, STEPS);
    assert_true(history_goto(past, (struct position){STEPS / 3, 2}));
    assert_int_equal(history_position(past).step, STEPS / 3);
    history_free(past);
    step_source_free(source);
    rig_end(&big);
}

#define IN_TIME(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_TIME(history_begins_before_the_first_step),
        IN_TIME(a_step_forward_ends_the_step_under_way),
        IN_TIME(a_step_back_returns_to_the_start_of_the_step_under_way_or_of_the_last),
        IN_TIME(a_micro_step_back_from_the_start_of_a_step_lands_within_the_one_before),
        IN_TIME(the_search_for_faults_stops_at_page_faults_and_invalid_accesses),
        IN_TIME(a_search_gives_up_after_its_limit),
        IN_TIME(at_the_end_there_is_no_way_forward),
        IN_TIME(going_beyond_the_end_is_going_to_the_end),
        IN_TIME(outcomes_of_the_past_stay_known_after_going_back),
        IN_TIME(the_events_of_a_step_are_known_before_it_is_over),
        IN_TIME(between_steps_the_events_are_those_of_the_last),
        IN_TIME(a_branch_forgets_what_was_known_of_the_future),
        cmocka_unit_test(outcomes_and_faults_are_those_of_the_machine),
        cmocka_unit_test(no_more_clones_are_kept_than_allowed),
        cmocka_unit_test(the_past_takes_no_more_memory_than_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
