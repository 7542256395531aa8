/* test_policy_properties.c - what must hold of policies on any reference string. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "policy_driver.h"

#define STRINGS 60
#define LENGTH 200
#define PAGES 12

/* The i-th random string; each test sees the same ones. */
static void draw(unsigned i, uint32_t refs[LENGTH]) {
    struct rng rng = {i};
    policy_driver_random_string(&rng, 3 + i % (PAGES - 2), refs, LENGTH);
}

static void opt_is_never_worse_than_any_other(void **state) {
    (void)state;
    uint32_t refs[LENGTH];
    for (unsigned i = 0; i < STRINGS; i++) {
        draw(i, refs);
        for (uint32_t frames = 1; frames <= 8; frames += 1 + i % 3) {
            uint64_t best = policy_driver_faults(policy_by_name("opt"), frames, refs, LENGTH);
            for (const struct policy_ops *const *ops = policy_table; *ops; ops++)
                assert_true(best <= policy_driver_faults(*ops, frames, refs, LENGTH));
        }
    }
}

/* With enough frames every page faults once; with one frame every change of page faults. */
static void all_agree_where_there_is_nothing_to_choose(void **state) {
    (void)state;
    uint32_t refs[LENGTH];
    for (unsigned i = 0; i < STRINGS; i++) {
        draw(i, refs);
        bool seen[PAGES + 1] = {false};
        uint64_t pages = 0, changes = 0;
        for (size_t r = 0; r < LENGTH; r++) {
            pages += !seen[refs[r]];
            changes += r == 0 || refs[r] != refs[r - 1];
            seen[refs[r]] = true;
        }
        for (const struct policy_ops *const *ops = policy_table; *ops; ops++) {
            if (!(*ops)->leave) /* else pages leave though there are frames */
                assert_int_equal(policy_driver_faults(*ops, PAGES, refs, LENGTH), pages);
            assert_int_equal(policy_driver_faults(*ops, 1, refs, LENGTH), changes);
        }
    }
}

/* Every page of a is in b. */
static bool included(const struct policy_driver *a, const struct policy_driver *b) {
    for (frame_t f = 0; f < a->frames; f++)
        if (a->page[f] != DRIVER_NO_PAGE && policy_driver_frame_of(b, a->page[f]) == FRAME_NONE) return false;
    return true;
}

/* Mattson et al. 1970: a stack algorithm. */
static void the_pages_of_lru_are_among_those_of_lru_with_one_frame_more(void **state) {
    (void)state;
    uint32_t refs[LENGTH];
    for (unsigned i = 0; i < STRINGS; i++) {
        draw(i, refs);
        struct policy_driver less, more;
        policy_driver_start(&less, policy_by_name("lru"), 1 + i % 7, refs, LENGTH);
        policy_driver_start(&more, policy_by_name("lru"), 2 + i % 7, refs, LENGTH);
        while (less.now < LENGTH) {
            policy_driver_step(&less);
            policy_driver_step(&more);
            assert_true(included(&less, &more));
        }
        policy_driver_end(&less);
        policy_driver_end(&more);
    }
}

/* Two drivers, step by step: same faults, same victims in the same frames. */
static void go_together(struct policy_driver *a, struct policy_driver *b) {
    while (a->now < a->count) {
        assert_int_equal(policy_driver_step(a), policy_driver_step(b));
        assert_int_equal(a->victim, b->victim);
        assert_memory_equal(a->page, b->page, sizeof a->page);
        assert_memory_equal(a->r, b->r, sizeof a->r);
    }
    assert_int_equal(a->passes, b->passes);
}

static void second_chance_evicts_the_same_pages_as_clock(void **state) {
    (void)state;
    uint32_t refs[LENGTH];
    for (unsigned i = 0; i < STRINGS; i++) {
        draw(i, refs);
        struct policy_driver clock, queue;
        policy_driver_start(&clock, policy_by_name("clock"), 1 + i % 8, refs, LENGTH);
        policy_driver_start(&queue, policy_by_name("second_chance"), 1 + i % 8, refs, LENGTH);
        clock.load_referenced = queue.load_referenced = i % 2 == 0;
        clock.pinned[0] = queue.pinned[0] = clock.frames > 1 && i % 5 == 0;
        go_together(&clock, &queue);
        policy_driver_end(&clock);
        policy_driver_end(&queue);
    }
}

/* Two policies, step by step: the same pages in the same frames. */
static void are_one(const char *a, const struct policy_config *for_a, const char *b) {
    uint32_t refs[LENGTH];
    for (unsigned i = 0; i < STRINGS; i++) {
        draw(i, refs);
        struct policy_driver x, y;
        policy_driver_begin(&x, policy_by_name(a), 1 + i % 8, refs, LENGTH, for_a);
        policy_driver_start(&y, policy_by_name(b), 1 + i % 8, refs, LENGTH);
        while (x.now < 60) {
            assert_int_equal(policy_driver_step(&x), policy_driver_step(&y));
            assert_memory_equal(x.page, y.page, sizeof x.page);
        }
        policy_driver_end(&x);
        policy_driver_end(&y);
    }
}

/* By their definitions: a tick before each reference writes the time of the last one into a counter of as many bits
 * as there are references, and a window that is never left leaves nothing but the order of use. */
static void aging_with_a_tick_a_reference_and_a_wide_working_set_are_lru(void **state) {
    (void)state;
    are_one("aging", &(struct policy_config){.tick = 1, .bits = 64}, "lru");
    are_one("working_set", &(struct policy_config){.tau = LENGTH}, "lru");
}

/* HIST(p, 1) is the last reference. */
static void lru_k_is_lru_where_k_is_1(void **state) {
    (void)state;
    are_one("lru_k", &(struct policy_config){.k = 1}, "lru");
}

/* From one state, with counts that all differ. */
static void lfu_takes_the_smallest_count_and_mfu_the_largest(void **state) {
    (void)state;
    for (unsigned seed = 0; seed < STRINGS; seed++) {
        struct rng r = {seed};
        uint32_t refs[1 + 2 + 3 + 4 + 5], count = 0, times[5] = {1, 2, 3, 4, 5};
        for (frame_t f = 0; f < 5; f++) refs[count++] = f;
        for (frame_t f = 5; f-- > 1;) { /* shuffled, so that any page may be the most used one */
            uint32_t other = rng_below(&r, f + 1), t = times[f];
            times[f] = times[other];
            times[other] = t;
        }
        for (frame_t f = 0; f < 5; f++)
            for (uint32_t i = 1; i < times[f]; i++) refs[count++] = f;
        struct policy_driver least, most;
        frame_t few = FRAME_NONE, many = FRAME_NONE;
        policy_driver_start(&least, policy_by_name("lfu"), 5, refs, count);
        policy_driver_start(&most, policy_by_name("mfu"), 5, refs, count);
        policy_driver_run(&least);
        policy_driver_run(&most);
        assert_int_equal(policy_driver_pick(&least, &few), POLICY_VICTIM);
        assert_int_equal(policy_driver_pick(&most, &many), POLICY_VICTIM);
        assert_int_equal(times[few], 1);
        assert_int_equal(times[many], 5);
        policy_driver_end(&least);
        policy_driver_end(&most);
    }
}

static void a_clone_goes_on_exactly_as_its_original(void **state) {
    (void)state;
    uint32_t refs[LENGTH];
    for (const struct policy_ops *const *ops = policy_table; *ops; ops++) {
        for (unsigned i = 0; i < 10; i++) {
            draw(i, refs);
            struct policy_driver original, clone;
            policy_driver_start(&original, *ops, 2 + i % 6, refs, LENGTH);
            while (original.now < LENGTH / 2) policy_driver_step(&original);
            policy_driver_copy(&clone, &original);
            assert_true((*ops)->equal(original.policy, clone.policy));
            go_together(&original, &clone);
            assert_true((*ops)->equal(original.policy, clone.policy));
            policy_driver_end(&original);
            policy_driver_end(&clone);
        }
    }
}

/* FIFO's order, and LRU's, OPT's, LFU's knowledge, CLOCK's hand, the dice: all are compared. */
static void a_clone_keeps_its_state_when_the_original_goes_on(void **state) {
    (void)state;
    uint32_t refs[LENGTH];
    draw(9, refs);
    for (const struct policy_ops *const *ops = policy_table; *ops; ops++) {
        if (*ops == policy_by_name("nru")) continue; /* it keeps only which frames it has */
        struct policy_driver original, clone, again;
        policy_driver_start(&original, *ops, 4, refs, LENGTH);
        policy_driver_start(&again, *ops, 4, refs, LENGTH);
        while (original.now < LENGTH / 2) policy_driver_step(&original);
        policy_driver_copy(&clone, &original);
        policy_driver_run(&original);
        assert_false((*ops)->equal(original.policy, clone.policy));
        while (again.now < LENGTH / 2) policy_driver_step(&again);
        assert_true((*ops)->equal(again.policy, clone.policy));
        policy_driver_end(&original);
        policy_driver_end(&clone);
        policy_driver_end(&again);
    }
}

static void policies_of_different_kinds_are_not_equal(void **state) {
    (void)state;
    for (const struct policy_ops *const *a = policy_table; *a; a++)
        for (const struct policy_ops *const *b = policy_table; *b; b++) {
            struct policy_driver x, y;
            policy_driver_start(&x, *a, 3, NULL, 0);
            policy_driver_start(&y, *b, 3, NULL, 0);
            assert_int_equal((*a)->equal(x.policy, y.policy), a == b);
            policy_driver_end(&x);
            policy_driver_end(&y);
        }
}

/* Uses of loaded frames: one by one to `a`, summed up as on_uses has them to `b`. */
static void use_frames(struct policy_driver *a, struct policy_driver *b, struct rng *rng) {
    enum { USES = 20 };
    frame_t used[USES];
    for (uint32_t i = 0; i < USES; i++) {
        do used[i] = rng_below(rng, a->frames);
        while (a->page[used[i]] == DRIVER_NO_PAGE);
        a->ops->on_access(a->policy, used[i], a->now + i, 1000 + i);
    }
    for (uint32_t i = 0; i < USES; i++) {
        uint32_t times = 0;
        bool again = false;
        for (uint32_t k = 0; k < USES; k++) {
            times += used[k] == used[i];
            again |= k > i && used[k] == used[i];
        }
        if (!again) b->ops->on_uses(b->policy, used[i], times, b->now + i, 1000 + i);
    }
}

static void uses_can_be_told_each_or_summed_up(void **state) {
    (void)state;
    uint32_t refs[LENGTH];
    for (const struct policy_ops *const *ops = policy_table; *ops; ops++)
        for (unsigned i = 0; i < STRINGS && (*ops)->on_uses; i++) {
            struct policy_driver a, b;
            struct rng rng = {i};
            draw(i, refs);
            policy_driver_start(&a, *ops, 3 + i % 6, refs, LENGTH);
            while (a.now < LENGTH / 2 + i) policy_driver_step(&a);
            for (frame_t f = 0; i % 2 && f < a.frames; f += 2) { /* loaded, and not used since */
                if (a.page[f] == DRIVER_NO_PAGE) continue;
                (*ops)->on_free(a.policy, f, NULL);
                (*ops)->on_load(a.policy, f, (struct page_id){.page = PAGES + f}, a.now);
            }
            policy_driver_copy(&b, &a);
            use_frames(&a, &b, &rng);
            assert_true((*ops)->equal(a.policy, b.policy));
            policy_driver_end(&a);
            policy_driver_end(&b);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opt_is_never_worse_than_any_other),
        cmocka_unit_test(all_agree_where_there_is_nothing_to_choose),
        cmocka_unit_test(the_pages_of_lru_are_among_those_of_lru_with_one_frame_more),
        cmocka_unit_test(second_chance_evicts_the_same_pages_as_clock),
        cmocka_unit_test(aging_with_a_tick_a_reference_and_a_wide_working_set_are_lru),
        cmocka_unit_test(lru_k_is_lru_where_k_is_1),
        cmocka_unit_test(lfu_takes_the_smallest_count_and_mfu_the_largest),
        cmocka_unit_test(a_clone_goes_on_exactly_as_its_original),
        cmocka_unit_test(a_clone_keeps_its_state_when_the_original_goes_on),
        cmocka_unit_test(policies_of_different_kinds_are_not_equal),
        cmocka_unit_test(uses_can_be_told_each_or_summed_up),
    };
    return cmocka_run_group_tests_name("properties of policies", tests, NULL, NULL);
}
