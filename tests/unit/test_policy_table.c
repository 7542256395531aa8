/* test_policy_table.c - the table of policies, and what every entry of it must do. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "policy_driver.h"
#include "vmscope/base/memory.h"

#define FOR_EACH_POLICY(ops) for (const struct policy_ops *const *ops = policy_table; *ops; ops++)

/* Pages 0, 1, 2 in frames 0, 1, 2 of three; 0 used again. */
static const uint32_t filled[] = {0, 1, 2, 0, 3, 1, 0};
#define FILL 4

static struct policy_driver filled_driver(const struct policy_ops *ops) {
    struct policy_driver d;
    policy_driver_start(&d, ops, 3, filled, sizeof filled / sizeof filled[0]);
    while (d.now < FILL) policy_driver_step(&d);
    return d;
}

/* ---- the table ---- */

static void a_policy_is_found_by_its_name_however_it_is_spelt(void **state) {
    (void)state;
    assert_string_equal(policy_by_name("lru")->name, "lru");
    assert_ptr_equal(policy_by_name("LRU"), policy_by_name("lru"));
    assert_ptr_equal(policy_by_name("Second-Chance"), policy_by_name("second_chance"));
    FOR_EACH_POLICY(ops) assert_ptr_equal(policy_by_name((*ops)->name), *ops);
}

static void an_unknown_name_finds_nothing(void **state) {
    (void)state;
    static const char *const words[] = {"", "lr", "lru2", "second chance", "clocks", " lru", NULL};
    for (size_t i = 0; words[i]; i++) assert_null(policy_by_name(words[i]));
    assert_null(policy_by_name(NULL));
}

static void the_policies_of_the_design_are_there(void **state) {
    (void)state;
    static const char *const names[] = {"fifo",  "lru",           "opt", "mru",            "random",
                                        "clock", "second_chance", "lfu", "enhanced_clock",
                                        "nru", "aging", "mfu", "wsclock", "working_set", "pff",
                                        "sieve", "s3_fifo", "two_q", "lru_k", "arc",
                                        "car", "clock_pro", "linux", "mglru", NULL};
    for (size_t i = 0; names[i]; i++) assert_non_null(policy_by_name(names[i]));
}

static void every_policy_says_who_it_is_and_where_it_comes_from(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        assert_in_range(strlen((*ops)->title), 1, 16);
        assert_in_range(strlen((*ops)->rule), 10, 100);
        assert_int_equal((*ops)->rule[strlen((*ops)->rule) - 1], '.');
        assert_in_range(strlen((*ops)->source), 10, 200);
    }
}

static bool reads_reference_bit(const struct policy_ops *ops) {
    static const char *const names[] = {"clock", "second_chance", "enhanced_clock", "nru", "aging", "wsclock", "pff", "sieve", "car", "clock_pro",
                                        "linux", "mglru", NULL};
    for (size_t i = 0; names[i]; i++)
        if (ops == policy_by_name(names[i])) return true;
    return false;
}

static void only_opt_needs_the_future_and_only_some_read_the_reference_bit(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        assert_int_equal((*ops)->needs_future, *ops == policy_by_name("opt"));
        assert_int_equal((*ops)->uses_reference_bit, reads_reference_bit(*ops));
    }
}

/* ---- who may leave ---- */

static void nothing_leaves_where_nothing_may(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        struct policy_driver d = filled_driver(*ops);
        frame_t f = FRAME_NONE;
        for (frame_t i = 0; i < 3; i++) d.pinned[i] = true;
        assert_int_equal(policy_driver_pick(&d, &f), POLICY_NONE);
        assert_int_equal(d.passes, 0);
        d.pinned[1] = false;
        assert_int_equal(policy_driver_pick(&d, &f), POLICY_VICTIM);
        assert_int_equal(f, 1);
        policy_driver_end(&d);
    }
}

static void nothing_leaves_an_empty_machine(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        struct policy_driver d;
        frame_t f = FRAME_NONE;
        policy_driver_start(&d, *ops, 3, filled, 1);
        assert_int_equal(policy_driver_pick(&d, &f), POLICY_NONE);
        policy_driver_end(&d);
    }
}

static void to_find_nobody_changes_no_later_choice(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        if (*ops == policy_by_name("random")) continue; /* its dice have rolled */
        struct policy_driver asked = filled_driver(*ops), other = filled_driver(*ops);
        frame_t a = FRAME_NONE, b = FRAME_NONE;
        for (frame_t i = 0; i < 3; i++) asked.pinned[i] = true;
        assert_int_equal(policy_driver_pick(&asked, &a), POLICY_NONE);
        for (frame_t i = 0; i < 3; i++) asked.pinned[i] = false;
        assert_int_equal(policy_driver_pick(&asked, &a), policy_driver_pick(&other, &b));
        assert_int_equal(a, b);
        assert_int_equal(policy_driver_run(&asked), policy_driver_run(&other));
        policy_driver_end(&asked);
        policy_driver_end(&other);
    }
}

static void a_freed_frame_is_forgotten_and_can_be_used_again(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        struct policy_driver d = filled_driver(*ops);
        frame_t f = FRAME_NONE;
        policy_driver_release(&d, 1);
        policy_driver_step(&d); /* page 3 comes to frame 1 without an eviction */
        assert_int_equal(d.victim, DRIVER_NO_PAGE);
        assert_int_equal(d.page[1], 3);
        d.pinned[0] = d.pinned[2] = true;
        assert_int_equal(policy_driver_pick(&d, &f), POLICY_VICTIM);
        assert_int_equal(f, 1);
        policy_driver_end(&d);
    }
}

static void to_free_a_frame_that_holds_nothing_does_no_harm(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        struct policy_driver d = filled_driver(*ops);
        for (frame_t f = 0; f < 3; f++) {
            policy_driver_release(&d, f);
            policy_driver_release(&d, f);
        }
        frame_t f = FRAME_NONE;
        assert_int_equal(policy_driver_pick(&d, &f), POLICY_NONE);
        assert_int_equal(policy_driver_run(&d), 3 + 3); /* 0 1 2, then 3 1 0 again */
        policy_driver_end(&d);
    }
}

/* Under local replacement each process has a policy of its own: frames of others must not disturb it. */
static void a_reference_to_a_frame_that_it_was_not_told_of_does_no_harm(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        struct policy_driver d;
        policy_driver_start(&d, *ops, 3, filled, 2);
        if ((*ops)->on_access) (*ops)->on_access(d.policy, 2, 0, 5);
        assert_int_equal(policy_driver_run(&d), 2);
        if ((*ops)->on_access) (*ops)->on_access(d.policy, 2, 2, 5);
        for (unsigned left = 2; left > 0; left--) {
            frame_t f = FRAME_NONE;
            assert_int_equal(policy_driver_pick(&d, &f), POLICY_VICTIM);
            assert_in_range(f, 0, 1);
            policy_driver_release(&d, f);
        }
        policy_driver_end(&d);
    }
}

/* ---- particular ones ---- */

static void random_gives_every_page_the_same_chance(void **state) {
    (void)state;
    struct policy_driver d = filled_driver(policy_by_name("random"));
    unsigned times[3] = {0};
    for (unsigned i = 0; i < 6000; i++) {
        frame_t f = FRAME_NONE;
        assert_int_equal(policy_driver_pick(&d, &f), POLICY_VICTIM);
        times[f]++;
    }
    for (frame_t f = 0; f < 3; f++) assert_in_range(times[f], 1850, 2150); /* 2000 +- four deviations */
    policy_driver_end(&d);
}

static void random_shares_the_chances_among_those_that_may_leave(void **state) {
    (void)state;
    struct policy_driver d = filled_driver(policy_by_name("random"));
    unsigned times[3] = {0};
    d.pinned[0] = true;
    for (unsigned i = 0; i < 4000; i++) {
        frame_t f = FRAME_NONE;
        assert_int_equal(policy_driver_pick(&d, &f), POLICY_VICTIM);
        times[f]++;
    }
    assert_int_equal(times[0], 0);
    assert_in_range(times[1], 1850, 2150);
    policy_driver_end(&d);
}

static void random_draws_by_its_seed(void **state) {
    (void)state;
    const struct policy_ops *ops = policy_by_name("random");
    struct policy_config one = {.name = "random", .seed = 1, .frames = 3}, two = one;
    two.seed = 2;
    struct policy *a = ops->create(&one), *b = ops->create(&two), *c = ops->create(&one);
    assert_false(ops->equal(a, b));
    assert_true(ops->equal(a, c));
    ops->free(a);
    ops->free(b);
    ops->free(c);
}

/* A loop over one page more than there are frames (the looping workload of OSTEP ch. 22; LRU 20 and
 * OPT 8 of 20 are the numbers that it leads to). MRU gives up the page that is needed last, as OPT does. */
static void mru_is_right_in_a_loop_that_lru_loses(void **state) {
    (void)state;
    uint32_t refs[20];
    for (uint32_t i = 0; i < 20; i++) refs[i] = i % 5;
    assert_int_equal(policy_driver_faults(policy_by_name("lru"), 4, refs, 20), 20);
    assert_int_equal(policy_driver_faults(policy_by_name("opt"), 4, refs, 20), 8);
    assert_int_equal(policy_driver_faults(policy_by_name("mru"), 4, refs, 20), 8);
}

/* ---- pictures ---- */

static struct policy_picture picture_of(const char *name, uint64_t rank[3]) {
    struct policy_driver d = filled_driver(policy_by_name(name));
    struct policy_picture picture = {.hand = 99, .rank_name = "?", .rank = rank};
    d.ops->describe(d.policy, &picture);
    policy_driver_end(&d);
    return picture;
}

static void the_picture_shows_what_the_policy_decides_by(void **state) {
    (void)state;
    static const struct {
        const char *policy, *rank_name;
        frame_t hand;
        uint64_t rank[3]; /* pages 0 1 2 0 were used; 3 1 0 come next */
    } expected[] = {
        {"fifo", "queue", FRAME_NONE, {1, 2, 3}},
        {"second_chance", "queue", FRAME_NONE, {1, 2, 3}},
        {"lru", "age", FRAME_NONE, {0, 2, 1}},
        {"mru", "age", FRAME_NONE, {0, 2, 1}},
        {"lfu", "count", FRAME_NONE, {2, 1, 1}},
        {"opt", "next use", FRAME_NONE, {6, 5, NEXT_NEVER}},
        {"clock", "none", 0, {0, 0, 0}},
        {"random", "none", FRAME_NONE, {0, 0, 0}},
        {"enhanced_clock", "none", 0, {0, 0, 0}},
        {"nru", "none", FRAME_NONE, {0, 0, 0}},
        {"aging", "counter", FRAME_NONE, {0, 0, 0}},
        {"mfu", "count", FRAME_NONE, {2, 1, 1}},
        {"wsclock", "time", 0, {0, 1, 2}},
        {"working_set", "time", FRAME_NONE, {3, 1, 2}},
        {"pff", "queue", FRAME_NONE, {1, 2, 3}},
        {"sieve", "queue", 0, {1, 2, 3}},
        {"s3_fifo", "list", FRAME_NONE, {1, 2, 3}},
        {"two_q", "list", FRAME_NONE, {1, 2, 3}},
        {"lru_k", "2nd last", FRAME_NONE, {0, NEXT_NEVER, NEXT_NEVER}},
        {"arc", "list", FRAME_NONE, {1, 1, 2}}, /* 0 is in T2, 1 and 2 are in T1 */
        {"car", "list", FRAME_NONE, {1, 2, 3}},
        {"clock_pro", "clock", 0, {1, 2, 3}},
        {"linux", "list", FRAME_NONE, {1, 2, 3}},
        {"mglru", "gen", FRAME_NONE, {3, 3, 3}},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        uint64_t rank[3] = {0};
        struct policy_picture p = picture_of(expected[i].policy, rank);
        assert_int_equal(p.hand, expected[i].hand);
        assert_memory_equal(rank, expected[i].rank, sizeof rank);
        assert_string_equal(p.rank_name ? p.rank_name : "none", expected[i].rank_name);
    }
}

static void the_hand_stands_just_past_the_victim_and_wraps(void **state) {
    (void)state;
    static const uint32_t all_new[] = {0, 1, 2, 3, 4, 5, 6};
    struct policy_driver d;
    struct policy_picture picture = {0};
    policy_driver_start(&d, policy_by_name("clock"), 3, all_new, 7);
    while (d.now < 4) policy_driver_step(&d); /* one round of passes, then frame 0 */
    static const frame_t hand[] = {1, 2, 0, 1};
    for (size_t i = 0; i < 4; i++) {
        d.ops->describe(d.policy, &picture);
        assert_int_equal(picture.hand, hand[i]);
        if (d.now < d.count) policy_driver_step(&d);
    }
    policy_driver_end(&d);
}

/* ---- memory ---- */

static void without_memory_there_is_no_policy_and_nothing_leaks(void **state) {
    (void)state;
    FOR_EACH_POLICY(ops) {
        struct policy_config c = {.name = (*ops)->name, .frames = 8};
        struct policy *p = NULL;
        for (unsigned long n = 1; !p; n++) {
            mem_fail_at(n);
            p = (*ops)->create(&c);
            assert_in_range(n, 1, 10);
        }
        struct policy *copy = NULL;
        for (unsigned long n = 1; !copy; n++) {
            mem_fail_at(n);
            copy = (*ops)->clone(p);
            assert_in_range(n, 1, 10);
        }
        mem_fail_at(0);
        assert_true((*ops)->equal(p, copy));
        (*ops)->free(p);
        (*ops)->free(copy);
        (*ops)->free(NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_found_by_its_name_however_it_is_spelt),
        cmocka_unit_test(an_unknown_name_finds_nothing),
        cmocka_unit_test(the_policies_of_the_design_are_there),
        cmocka_unit_test(every_policy_says_who_it_is_and_where_it_comes_from),
        cmocka_unit_test(only_opt_needs_the_future_and_only_some_read_the_reference_bit),
        cmocka_unit_test(nothing_leaves_where_nothing_may),
        cmocka_unit_test(nothing_leaves_an_empty_machine),
        cmocka_unit_test(to_find_nobody_changes_no_later_choice),
        cmocka_unit_test(a_freed_frame_is_forgotten_and_can_be_used_again),
        cmocka_unit_test(to_free_a_frame_that_holds_nothing_does_no_harm),
        cmocka_unit_test(a_reference_to_a_frame_that_it_was_not_told_of_does_no_harm),
        cmocka_unit_test(random_gives_every_page_the_same_chance),
        cmocka_unit_test(random_shares_the_chances_among_those_that_may_leave),
        cmocka_unit_test(random_draws_by_its_seed),
        cmocka_unit_test(mru_is_right_in_a_loop_that_lru_loses),
        cmocka_unit_test(the_picture_shows_what_the_policy_decides_by),
        cmocka_unit_test(the_hand_stands_just_past_the_victim_and_wraps),
        cmocka_unit_test(without_memory_there_is_no_policy_and_nothing_leaks),
    };
    return cmocka_run_group_tests_name("the table of policies", tests, NULL, NULL);
}
