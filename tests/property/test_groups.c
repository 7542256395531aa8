/* Groups of hits: a machine that is told what its next steps come to leaves the state of their micro-steps. */
#include "naive_group.h"
#include "random_scenario.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#ifndef MACHINES
#define MACHINES 400
#endif
#define GROUPS 3

static struct random_scenario s;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) fail_msg("%s: %s", random_scenario_text(&s), #condition);                          \
    } while (0)

/* The random scenario's steps, groups of which can be had anywhere. */
struct grouped {
    struct step_source base;
    struct step_group group[GROUPS];
    struct step_use use[GROUPS * STEP_GROUP_PAGES];
};

static const struct step *grouped_span(const struct step_source *source, uint64_t at, struct step *buf, size_t *count) {
    (void)source;
    return step_span(s.source, at, buf, count);
}

/* Can one group hold both? */
static bool alike(const struct step *a, const struct step *b) {
    return b->kind == STEP_ACCESS && !b->name && a->proc == b->proc && a->flags == b->flags;
}

/* Up to GROUPS groups, each of up to 8 steps. */
static uint64_t grouped_groups(const struct step_source *source, uint64_t at, unsigned page_shift, struct step_groups *out) {
    struct grouped *g = (struct grouped *)(void *)(uintptr_t)source;
    const struct step *first = &s.step[at < s.count ? at : 0];
    uint64_t i = at;
    size_t count = 0;
    if (at % 11 == 0) return 1 + at % 3; /* groups need not begin everywhere */
    for (; count < GROUPS; count++) {
        size_t most = 1 + (at + count) % 8, n = 0;
        while (n < most && i + n < s.count && alike(first, &s.step[i + n])) n++;
        if (n == 0) break;
        naive_group(&s.step[i], n, page_shift, &g->group[count], &g->use[count * STEP_GROUP_PAGES]);
        g->group[count].first = (uint32_t)(count * STEP_GROUP_PAGES);
        i += n;
    }
    *out = (struct step_groups){g->group, g->use, count, first->proc, first->flags};
    return count ? 0 : 1;
}

static const struct step_source_ops grouped_ops = {.span = grouped_span, .groups = grouped_groups};

static void runs_in_groups_leave_the_state_of_their_micro_steps(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        uint8_t log[RS_STEPS_MAX];
        struct grouped source = {.base.ops = &grouped_ops};
        random_scenario(&s, seed, seed % 4 == 0 ? RS_WILD : seed % 4 == 1 ? 0 : RS_CALM | RS_REFERENCES, NULL);
        source.base.count = s.count;
        struct machine *a = random_scenario_machine(&s), *b = NULL;
        struct rng r = {seed};
        CHECK(machine_create(&s.config, &source.base, &b, NULL) == VS_OK);
        while (machine_steps_done(a) < s.count) {
            uint64_t before = machine_steps_done(a), n = 2 + rng_below(&r, 60);
            uint64_t ran = machine_run(b, n, log);
            for (uint64_t i = 0; i < ran; i++) {
                CHECK(machine_step(a));
                CHECK(log[i] == machine_outcome(a));
            }
            CHECK(machine_steps_done(a) == before + ran && machine_equal(a, b));
        }
        machine_free(a), machine_free(b);
        random_scenario_free(&s);
    }
}

/* Every policy, on strings whose pages mostly stay: many groups are hits throughout. */
static void every_policy_takes_groups_as_it_takes_single_steps(void **state) {
    (void)state;
    for (size_t p = 0; policy_table[p]; p++)
        for (uint64_t seed = 0; seed < 40; seed++) {
            struct grouped source = {.base.ops = &grouped_ops};
            random_scenario(&s, seed, RS_CALM | RS_REFERENCES, policy_table[p]->name);
            source.base.count = s.count;
            struct machine *a = random_scenario_machine(&s), *b = NULL;
            CHECK(machine_create(&s.config, &source.base, &b, NULL) == VS_OK);
            while (machine_step(a)) {}
            CHECK(machine_run(b, s.count, NULL) == s.count);
            CHECK(machine_equal(a, b));
            machine_free(a), machine_free(b);
            random_scenario_free(&s);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_in_groups_leave_the_state_of_their_micro_steps),
        cmocka_unit_test(every_policy_takes_groups_as_it_takes_single_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
