/* Laws that hold of page replacement whatever the reference string: OPT is never worse than any
 * other policy (Belady 1966), LRU's pages with n frames are among those with n + 1 (Mattson 1970),
 * SECOND_CHANCE equals CLOCK (design 3). */
#include "random_scenario.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define STRINGS 60

static struct random_scenario s;

/* Pages put into frames: faults without those that found their page there, or only lacked a bit of its PTE. */
static uint64_t loads_of(const struct machine *m) {
    const struct counters *c = machine_counters(m);
    return c->page_faults - c->minor_map - c->minor_bit;
}

static uint64_t faults_of(const char *policy, uint64_t seed, unsigned flags) {
    random_scenario(&s, seed, flags, "fifo");
    s.config.policy.name = policy;
    s.config.policy.load_referenced = true;
    struct machine *m = random_scenario_machine(&s);
    machine_run(m, s.count, NULL);
    assert_int_equal(machine_steps_done(m), s.count);
    uint64_t loads = loads_of(m);
    machine_free(m);
    random_scenario_free(&s);
    return loads;
}

static void no_policy_is_better_than_opt(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < STRINGS; seed++) {
        uint64_t best = faults_of("opt", seed, RS_REFERENCES | RS_CALM);
        for (size_t i = 0; policy_table[i]; i++) {
            uint64_t got = faults_of(policy_table[i]->name, seed, RS_REFERENCES | RS_CALM);
            if (got < best)
                fail_msg("seed %llu: opt %llu, %s %llu", (unsigned long long)seed, (unsigned long long)best,
                         policy_table[i]->name, (unsigned long long)got);
        }
    }
}

/* Where huge pages need frames side by side, the lower ones are not always filled first: no circle is a queue then. */
static bool has_huge_pages(uint64_t seed, unsigned flags) {
    random_scenario(&s, seed, flags, "fifo");
    bool huge = s.config.format.leaf_levels > 1;
    random_scenario_free(&s);
    return huge;
}

static void second_chance_has_the_faults_of_clock(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < STRINGS; seed++) {
        unsigned flags = seed % 2 ? RS_CALM : RS_CALM | RS_REFERENCES;
        if (has_huge_pages(seed, flags)) continue;
        assert_int_equal(faults_of("clock", seed, flags), faults_of("second_chance", seed, flags));
    }
}

/* Under scope global and without kswapd; pages that a policy lets go by itself are no victims. */
static void nobody_is_a_victim_while_a_frame_is_free(void **state) {
    (void)state;
    for (size_t i = 0; policy_table[i]; i++)
        for (uint64_t seed = 0; seed < 12; seed++) {
            random_scenario(&s, seed, seed % 2 ? RS_REFERENCES | RS_CALM : 0, policy_table[i]->name);
            struct machine *m = random_scenario_machine(&s);
            struct event e;
            while (machine_micro_step(m, &e))
                if (e.kind == EV_VICTIM && s.config.scope == SCOPE_GLOBAL) assert_int_equal(machine_kernel(m)->frames_free, 0);
            machine_free(m);
            random_scenario_free(&s);
        }
}

/* One frame leaves nothing to choose. */
static void with_one_frame_all_policies_are_the_same(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        uint64_t first = 0;
        for (size_t i = 0; policy_table[i]; i++) {
            random_scenario(&s, seed, RS_REFERENCES | RS_CALM, "fifo");
            s.config.frames = s.config.policy.frames = 1;
            s.config.policy.name = policy_table[i]->name;
            struct machine *m = random_scenario_machine(&s);
            machine_run(m, s.count, NULL);
            uint64_t got = loads_of(m);
            first = i ? first : got;
            assert_int_equal(got, first);
            machine_free(m);
            random_scenario_free(&s);
        }
    }
}

static bool holds_page(const struct machine *m, vpn_t vpn) {
    for (frame_t f = 0; f < machine_config(m)->frames; f++) {
        const struct frame *frame = &machine_kernel(m)->frame[f];
        if ((frame->flags & FRAME_USED) && frame->owner.vpn == vpn) return true;
    }
    return false;
}

static void is_among(const struct machine *few, const struct machine *many) {
    for (frame_t f = 0; f < machine_config(few)->frames; f++) {
        const struct frame *frame = &machine_kernel(few)->frame[f];
        if ((frame->flags & FRAME_USED) && !holds_page(many, frame->owner.vpn))
            fail_msg("%s: page %llu is in fewer frames but not in more", random_scenario_text(&s),
                     (unsigned long long)frame->owner.vpn);
    }
}

static void stack_policies_keep_with_more_frames_what_they_keep_with_fewer(void **state) {
    static const char *const stack_policy[] = {"lru", "opt"};
    (void)state;
    for (uint64_t seed = 0; seed < 2 * STRINGS; seed++) {
        random_scenario(&s, seed, RS_REFERENCES | RS_CALM, stack_policy[seed % 2]);
        struct machine_config more = s.config;
        more.frames = more.policy.frames = s.config.frames + 1;
        if (machine_config_check(&more, NULL)) {
            struct machine *a = random_scenario_machine(&s), *b = NULL;
            assert_int_equal(machine_create(&more, s.source, &b, NULL), VS_OK);
            while (machine_step(a) && machine_step(b))
                if (seed % 2 == 0) is_among(a, b);
            assert_true(machine_counters(a)->page_faults >= machine_counters(b)->page_faults);
            machine_free(a);
            machine_free(b);
        }
        random_scenario_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_policy_is_better_than_opt),
        cmocka_unit_test(second_chance_has_the_faults_of_clock),
        cmocka_unit_test(nobody_is_a_victim_while_a_frame_is_free),
        cmocka_unit_test(with_one_frame_all_policies_are_the_same),
        cmocka_unit_test(stack_policies_keep_with_more_frames_what_they_keep_with_fewer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
