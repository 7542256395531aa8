/* What a run does without micro-steps against the micro-steps: walks, first writes, and faults that the kernel
 * serves at once. Machines and steps are drawn at random (support/random_calls.h: programs of calls, on machines
 * of every kind; support/random_scenario.h: more accesses, for each policy). Runs of a few steps stop anywhere
 * between them, copies go on by themselves, and every outcome that is logged is compared. At the end, each
 * kind of machine that has such shortcuts must have taken them. */
#include "random_calls.h"
#include "random_scenario.h"
#include "sim/state.h"
#include "vmscope/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#ifndef PROGRAMS
#define PROGRAMS 8000 /* seeds 0..; raise it to hunt: CPPFLAGS=-DPROGRAMS=100000 */
#endif

static struct call_program p;
static struct random_scenario s;
static struct rng rng;
static uint64_t seed;

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) fail_msg("seed %llu: %s", (unsigned long long)seed, #condition); \
    } while (0)

/* ---- what was taken ---- */

static struct shortcuts by_class[DIMS][CALL_CLASSES], by_policy[CALL_CLASSES];
static bool logged[OUT_COUNT]; /* outcomes of steps in runs */

static void add(struct shortcuts *to, const struct shortcuts *more) {
    to->walked += more->walked;
    to->quick += more->quick;
    to->written += more->written;
    to->served += more->served;
    to->left += more->left;
}

/* ---- two ways through one program ---- */

static struct machine *new_machine(const struct machine_config *c, const struct step_source *source) {
    struct machine *m = NULL;
    assert_int_equal(machine_create(c, source, &m, NULL), VS_OK);
    return m;
}

/* To the end of step number `until`, by micro-steps; their outcomes are those logged. */
static void follow(struct machine *m, uint64_t until, const uint8_t *log) {
    while (machine_steps_done(m) < until) {
        do CHECK(machine_micro_step(m, NULL));
        while (!machine_between_steps(m));
        logged[*log] = true;
        CHECK(*log++ == machine_outcome(m));
    }
}

/* A copy made now goes on alone, and leaves its original as it was. */
static void let_copy_run(const struct machine *m) {
    struct machine *copy = machine_clone(m), *still = machine_clone(m);
    CHECK(copy && still);
    machine_run(copy, UINT64_MAX, NULL);
    CHECK(machine_equal(m, still));
    machine_free(copy);
    machine_free(still);
}

static struct shortcuts go_both_ways(const struct machine_config *c, const struct step_source *source) {
    struct machine *slow = new_machine(c, source), *fast = new_machine(c, source);
    uint8_t log[16];
    for (uint64_t done = 0; done < source->count;) {
        uint64_t n = machine_run(fast, 1 + rng_below(&rng, sizeof log), log);
        CHECK(n > 0);
        follow(slow, done += n, log);
        CHECK(machine_equal(slow, fast));
        if (rng_below(&rng, 8) == 0) let_copy_run(fast);
    }
    CHECK(!kernel_inconsistency(machine_kernel(fast)));
    struct shortcuts taken = fast->shortcuts;
    machine_free(slow);
    machine_free(fast);
    return taken;
}

/* The steps, with writes as traces have them: without values. */
static struct step_source *without_values(struct step *step, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (step[i].kind == STEP_ACCESS) step[i].flags = (uint8_t)(step[i].flags & ~STEP_HAS_VALUE);
    struct step_source *source = step_source_array(step, count);
    assert_non_null(source);
    return source;
}

static void programs_of_calls_run_as_their_micro_steps_do(void **state) {
    (void)state;
    for (seed = 0; seed < PROGRAMS; seed++) {
        call_program(&p, seed);
        rng.state = seed;
        struct step_source *source = without_values(p.step, p.count);
        struct shortcuts taken = go_both_ways(&p.config, source);
        for (unsigned d = 0; d < DIM_SEEN; d++) add(&by_class[d][p.class[d]], &taken);
        step_source_free(source);
    }
}

static void accesses_under_every_policy_run_as_their_micro_steps_do(void **state) {
    (void)state;
    for (unsigned i = 0; policy_table[i]; i++)
        for (seed = 0; seed < PROGRAMS / 100; seed++) {
            random_scenario(&s, seed, seed % 3 == 0 ? RS_WILD : seed % 3 == 1 ? RS_REFERENCES : 0, policy_table[i]->name);
            rng.state = seed;
            struct step_source *source = without_values(s.step, s.count);
            struct shortcuts taken = go_both_ways(&s.config, source);
            add(&by_policy[i], &taken);
            step_source_free(source);
            random_scenario_free(&s);
        }
}

/* ---- no memory ---- */

/* A run from `start` on, with the n-th allocation failing. True: it was noticed, and the machine stopped for good; else it
 * comes to `goal`. */
static bool stops_without_memory(const struct machine *start, const struct machine *goal, unsigned long n) {
    struct machine *m = machine_clone(start);
    CHECK(m);
    mem_fail_at(n);
    machine_run(m, UINT64_MAX, NULL);
    mem_fail_at(0);
    enum vs_status status = machine_status(m);
    CHECK(status == VS_OK ? machine_equal(m, goal) : status == VS_NOMEM && !machine_step(m));
    machine_free(m);
    return status == VS_NOMEM;
}

static void a_run_survives_every_failed_allocation(void **state) {
    bool stopped = false;
    (void)state;
    for (seed = 0; seed < PROGRAMS / 40; seed++) {
        call_program(&p, seed);
        struct step_source *source = without_values(p.step, p.count);
        struct machine *start = new_machine(&p.config, source), *goal = machine_clone(start);
        machine_run(goal, UINT64_MAX, NULL);
        for (unsigned long n = 1, unnoticed = 0; unnoticed < 20; n++) {
            bool noticed = stops_without_memory(start, goal, n);
            unnoticed = noticed ? 0 : unnoticed + 1;
            stopped |= noticed;
        }
        machine_free(start);
        machine_free(goal);
        step_source_free(source);
    }
    assert_true(stopped);
}

/* ---- were they taken? A comparison is of no use that never meets what it compares ---- */

/* Machines without one level of TLB that hardware refills have none of them; and the quick walk, which most walks
 * are, wants a tree whose leaves a mask can tell. */
static bool is_one_of(unsigned d, unsigned c, const char *const list[][2]) {
    for (size_t i = 0; list[i][0]; i++)
        if (!strcmp(list[i][0], call_dimension[d].name) && !strcmp(list[i][1], call_class_name((enum call_dim)d, c))) return true;
    return false;
}

static void every_kind_of_machine_took_them(void **state) {
    static const char *const none[][2] = {{"tlb", "none"}, {"tlb units", "second level"}, {"tlb units", "second level, inclusive"},
                                          {"refill", "software"}, {"load control", "working sets"}, {"load control", "yes"}, {NULL, NULL}};
    static const char *const not_quick[][2] = {{"format", "aarch64"}, {"format", "inverted"}, {NULL, NULL}};
    (void)state;
    for (unsigned d = 0; d < DIM_SEEN; d++)
        for (unsigned c = 0; call_class_name((enum call_dim)d, c); c++) {
            const struct shortcuts *t = &by_class[d][c];
            bool all = t->walked && t->served > t->left && t->left && (t->quick || is_one_of(d, c, not_quick));
            if (!all && !is_one_of(d, c, none))
                fail_msg("%s, %s: %llu walked, %llu quick, %llu served, %llu left", call_dimension[d].name,
                         call_class_name((enum call_dim)d, c), (unsigned long long)t->walked, (unsigned long long)t->quick,
                         (unsigned long long)t->served, (unsigned long long)t->left);
        }
}

static void every_policy_and_outcome_was_met(void **state) {
    (void)state;
    for (unsigned i = 0; policy_table[i]; i++) {
        const struct shortcuts *t = &by_policy[i];
        if (!t->quick || !t->written || t->served == t->left)
            fail_msg("%s: %llu quick, %llu written, %llu served, %llu left", policy_table[i]->name, (unsigned long long)t->quick,
                     (unsigned long long)t->written, (unsigned long long)t->served, (unsigned long long)t->left);
    }
    for (unsigned i = OUT_HIT; i < OUT_COUNT; i++) assert_true(logged[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_of_calls_run_as_their_micro_steps_do),
        cmocka_unit_test(accesses_under_every_policy_run_as_their_micro_steps_do),
        cmocka_unit_test(a_run_survives_every_failed_allocation),
        cmocka_unit_test(every_kind_of_machine_took_them),
        cmocka_unit_test(every_policy_and_outcome_was_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
