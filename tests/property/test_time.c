/* Time: micro-step, step and run leave the same state; clones go their own way; history comes back
 * to exactly the state that a fresh run has at that place. */
#include "random_scenario.h"
#include "vmscope/sim/history.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#ifndef MACHINES
#define MACHINES 120 /* seeds 0..; raise it to hunt: CPPFLAGS=-DMACHINES=20000 */
#endif
#define MOVES 500

static struct random_scenario s;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) fail_msg("%s: %s", random_scenario_text(&s), #condition);                          \
    } while (0)

/* A fresh machine brought to a position by micro-steps. */
static struct machine *fresh_at(struct position at) {
    struct machine *m = random_scenario_machine(&s);
    while (machine_steps_done(m) < at.step) CHECK(machine_micro_step(m, NULL));
    for (uint32_t i = 0; i < at.micro; i++) CHECK(machine_micro_step(m, NULL));
    return m;
}

static void finish_step(struct machine *m) {
    do CHECK(machine_micro_step(m, NULL));
    while (!machine_between_steps(m));
}

static void micro_steps_steps_and_runs_leave_the_same_state(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        random_scenario(&s, seed, seed % 3 ? 0 : RS_WILD, NULL);
        struct machine *a = random_scenario_machine(&s), *b = random_scenario_machine(&s),
                       *c = random_scenario_machine(&s);
        for (size_t i = 0; i < s.count; i++) {
            finish_step(a);
            CHECK(machine_step(b));
            CHECK(machine_run(c, 1, NULL) == 1);
            CHECK(machine_equal(a, b) && machine_equal(a, c));
        }
        struct machine *d = random_scenario_machine(&s);
        CHECK(machine_run(d, s.count + 5, NULL) == s.count);
        CHECK(machine_equal(a, d));
        machine_free(a), machine_free(b), machine_free(c), machine_free(d);
        random_scenario_free(&s);
    }
}

/* Inside a run, translations and whole steps go ways of their own that tell nobody; wherever it stops, nothing shows it. */
static void runs_of_any_length_leave_the_state_of_their_micro_steps(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        random_scenario(&s, seed, seed % 3 ? 0 : RS_WILD, NULL);
        struct machine *a = random_scenario_machine(&s), *b = random_scenario_machine(&s);
        struct rng r = {seed};
        while (machine_steps_done(a) < s.count) {
            uint64_t n = 2 + rng_below(&r, 40), left = s.count - machine_steps_done(a);
            uint64_t stop = machine_steps_done(a) + (n < left ? n : left);
            while (machine_steps_done(a) < stop) finish_step(a);
            CHECK(machine_run(b, n, NULL) == (n < left ? n : left));
            CHECK(machine_equal(a, b));
        }
        CHECK(kernel_inconsistency(machine_kernel(b)) == NULL);
        machine_free(a), machine_free(b);
        random_scenario_free(&s);
    }
}

static void step_and_run_finish_a_step_that_micro_steps_began(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        random_scenario(&s, seed, 0, NULL);
        struct machine *a = random_scenario_machine(&s);
        struct rng r = {seed};
        for (unsigned i = 0; i < 20 && machine_steps_done(a) < s.count; i++) {
            for (uint32_t k = rng_below(&r, 9); k > 0; k--) machine_micro_step(a, NULL);
            uint64_t before = machine_steps_done(a);
            struct machine *b = machine_clone(a), *c = machine_clone(a);
            bool resting = machine_between_steps(a);
            if (before == s.count) {
                machine_free(b), machine_free(c);
                break;
            }
            finish_step(a);
            CHECK(machine_step(b));
            CHECK(machine_run(c, resting ? 1 : 0, NULL) == 1);
            CHECK(machine_equal(a, b) && machine_equal(a, c));
            machine_free(b), machine_free(c);
        }
        machine_free(a);
        random_scenario_free(&s);
    }
}

/* ---- sources that hand out a few steps at a time, as traces do ---- */

struct short_source {
    struct step_source base;
    const struct random_scenario *of;
};

static const struct step *short_span(const struct step_source *source, uint64_t at, struct step *buf,
                                     size_t *count) {
    const struct random_scenario *of = ((const struct short_source *)(const void *)source)->of;
    if (at >= of->count) return NULL;
    *count = 1 + at % 5;
    if (*count > of->count - at) *count = of->count - at;
    memcpy(buf, &of->step[at], *count * sizeof *buf);
    return buf;
}

static const struct step_source_ops short_ops = {.span = short_span};

static void a_source_of_short_spans_leads_to_the_same_states(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        random_scenario(&s, seed, seed % 3 ? 0 : RS_WILD, NULL);
        struct short_source source = {{&short_ops, s.count}, &s};
        struct machine *a = random_scenario_machine(&s), *b = NULL;
        struct rng r = {seed};
        CHECK(machine_create(&s.config, &source.base, &b, NULL) == VS_OK);
        while (machine_steps_done(b) < s.count) {
            uint32_t n = rng_below(&r, 20);
            CHECK(machine_run(a, n, NULL) == machine_run(b, n, NULL));
            machine_micro_step(a, NULL);
            machine_micro_step(b, NULL);
            CHECK(machine_equal(a, b));
        }
        machine_free(a), machine_free(b);
        random_scenario_free(&s);
    }
}

static void the_log_of_a_run_holds_each_steps_outcome(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        uint8_t log[RS_STEPS_MAX];
        random_scenario(&s, seed, seed % 3 ? 0 : RS_WILD, NULL);
        struct machine *a = random_scenario_machine(&s), *b = random_scenario_machine(&s);
        CHECK(machine_run(a, s.count, log) == s.count);
        for (size_t i = 0; i < s.count; i++) {
            finish_step(b);
            CHECK(log[i] == machine_outcome(b));
        }
        machine_free(a), machine_free(b);
        random_scenario_free(&s);
    }
}

static void a_clone_goes_the_same_way_and_leaves_the_original_alone(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        random_scenario(&s, seed, seed % 3 ? 0 : RS_WILD, NULL);
        struct rng r = {seed};
        struct machine *a = random_scenario_machine(&s);
        for (uint32_t k = rng_below(&r, 400); k > 0; k--) machine_micro_step(a, NULL);
        struct machine *still = machine_clone(a), *ahead = machine_clone(a);
        CHECK(machine_equal(a, still));
        machine_run(ahead, s.count, NULL);
        CHECK(machine_equal(a, still));
        struct event e, f;
        while (machine_micro_step(a, &e)) {
            CHECK(machine_micro_step(still, &f));
            CHECK(e.kind == f.kind && e.va == f.va && e.frame == f.frame && e.pte == f.pte);
        }
        CHECK(machine_equal(a, ahead) && machine_equal(still, ahead));
        machine_free(a), machine_free(still), machine_free(ahead);
        random_scenario_free(&s);
    }
}

static void machines_of_different_states_are_not_equal(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) {
        random_scenario(&s, seed, 0, NULL);
        struct machine *a = random_scenario_machine(&s), *b = random_scenario_machine(&s);
        for (unsigned i = 0; i < 30 && machine_micro_step(a, NULL); i++) {
            CHECK(!machine_equal(a, b));
            CHECK(machine_micro_step(b, NULL));
        }
        machine_free(a), machine_free(b);
        random_scenario_free(&s);
    }
}

/* ---- history ---- */

static void random_move(struct history *h, struct rng *r) {
    switch (rng_below(r, 9)) {
    case 0: history_micro_back(h); break;
    case 1: history_step_forward(h); break;
    case 2: history_step_back(h); break;
    case 3: history_goto(h, (struct position){rng_below(r, (uint32_t)s.count + 1), rng_below(r, 12)}); break;
    case 4: history_run(h, rng_below(r, 30)); break;
    case 5: history_next_fault(h, rng_below(r, 2) * 20); break;
    case 6: history_previous_fault(h); break;
    case 7:
        for (unsigned i = 0; i < 5; i++) history_micro_back(h);
        break;
    default: history_micro_forward(h); break;
    }
}

static void every_place_in_history_equals_a_fresh_run_to_it(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        random_scenario(&s, seed, seed % 3 ? 0 : RS_WILD, NULL);
        struct history *h = history_create(random_scenario_machine(&s), seed % 2 ? 0 : 5);
        struct rng r = {seed};
        CHECK(h);
        for (unsigned i = 0; i < MOVES; i++) {
            random_move(h, &r);
            struct machine *fresh = fresh_at(history_position(h));
            CHECK(machine_equal(history_machine(h), fresh));
            machine_free(fresh);
        }
        history_free(h);
        random_scenario_free(&s);
    }
}

static bool same(struct position a, struct position b) { return a.step == b.step && a.micro == b.micro; }

static void micro_back_undoes_micro_forward(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        random_scenario(&s, seed, 0, NULL);
        struct history *h = history_create(random_scenario_machine(&s), 0);
        struct position path[201] = {{0, 0}};
        unsigned n = 0;
        while (n < 200 && history_micro_forward(h)) path[++n] = history_position(h);
        for (; n > 0; n--) {
            CHECK(same(history_position(h), path[n]));
            CHECK(history_micro_back(h));
        }
        CHECK(same(history_position(h), path[0]));
        CHECK(!history_micro_back(h));
        CHECK(!history_step_back(h));
        history_free(h);
        random_scenario_free(&s);
    }
}

static void goto_beyond_the_end_of_a_step_stops_at_its_end(void **state) {
    (void)state;
    random_scenario(&s, 3, 0, NULL);
    struct history *h = history_create(random_scenario_machine(&s), 0);
    CHECK(history_goto(h, (struct position){4, 1000}));
    CHECK(same(history_position(h), (struct position){5, 0}));
    CHECK(history_goto(h, (struct position){2, 1}));
    CHECK(same(history_position(h), (struct position){2, 1}));
    history_free(h);
    random_scenario_free(&s);
}

static void history_knows_the_outcome_of_every_step_it_has_seen(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        uint8_t log[RS_STEPS_MAX];
        random_scenario(&s, seed, 0, NULL);
        struct machine *m = random_scenario_machine(&s);
        machine_run(m, s.count, log);
        machine_free(m);
        struct history *h = history_create(random_scenario_machine(&s), 0);
        uint64_t seen = history_run(h, s.count / 2), faults = 0;
        history_goto(h, (struct position){1, 0});
        CHECK(history_known_steps(h) == seen);
        for (uint64_t i = 0; i < s.count; i++) {
            CHECK(history_outcome(h, i) == (i < seen ? (enum outcome)log[i] : OUT_UNKNOWN));
            faults += i < seen && (log[i] == OUT_MINOR || log[i] == OUT_MAJOR || log[i] == OUT_COW ||
                                   log[i] == OUT_INVALID);
        }
        CHECK(history_sums(h, 0, seen).faults == faults);
        history_free(h);
        random_scenario_free(&s);
    }
}

static void the_events_of_a_step_are_the_same_told_ahead_or_lived_through(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        random_scenario(&s, seed, 0, NULL);
        struct history *h = history_create(random_scenario_machine(&s), 0);
        for (unsigned i = 0; i < 40; i++) {
            CHECK(history_micro_forward(h));
            size_t done, total;
            const struct event *all = history_events(h, &done, &total);
            struct event now = *machine_last_event(history_machine(h));
            CHECK(done >= 1 && done <= total);
            CHECK(all[done - 1].kind == now.kind && all[done - 1].va == now.va &&
                  all[done - 1].pte == now.pte);
            struct event next = done < total ? all[done] : now;
            if (done < total) {
                CHECK(history_micro_forward(h));
                now = *machine_last_event(history_machine(h));
                CHECK(next.kind == now.kind && next.va == now.va && next.frame == now.frame &&
                      next.pte == now.pte);
            }
        }
        history_free(h);
        random_scenario_free(&s);
    }
}

static void a_branch_of_history_equals_a_run_of_its_own_steps(void **state) {
    static const char *const policy[] = {"lru", "fifo", "clock", "lfu", "random"};
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        /* Not OPT: its past was decided with another future in view. */
        random_scenario(&s, seed, 0, policy[seed % 5]);
        struct history *h = history_create(random_scenario_machine(&s), 0);
        history_run(h, 40);
        history_goto(h, (struct position){20, 0});
        struct step added[2] = {s.step[3], s.step[7]};
        struct step_source *branch = step_source_branch(s.source, 20, added, 2);
        CHECK(branch && branch->count == s.count + 2);
        CHECK(history_branch(h, branch) == VS_OK);
        CHECK(history_step_count(h) == s.count + 2);
        CHECK(history_known_steps(h) == 20);
        CHECK(history_run(h, s.count) == s.count - 18);
        struct machine *m = NULL;
        CHECK(machine_create(&s.config, branch, &m, NULL) == VS_OK);
        machine_run(m, s.count + 2, NULL);
        CHECK(machine_equal(m, history_machine(h)));
        machine_free(m);
        history_free(h);
        step_source_free(branch);
        random_scenario_free(&s);
    }
}

static void after_a_branch_opt_looks_into_the_new_future(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        random_scenario(&s, seed, RS_CALM, "opt");
        struct machine *m = random_scenario_machine(&s);
        machine_run(m, 20, NULL);
        struct step_source *branch = step_source_branch(s.source, 20, &s.step[3], 1);
        CHECK(branch && machine_set_source(m, branch) == VS_OK);
        while (machine_micro_step(m, NULL)) CHECK(!machine_trouble(m));
        CHECK(machine_steps_done(m) == s.count + 1);
        machine_free(m);
        step_source_free(branch);
        random_scenario_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(micro_steps_steps_and_runs_leave_the_same_state),
        cmocka_unit_test(runs_of_any_length_leave_the_state_of_their_micro_steps),
        cmocka_unit_test(step_and_run_finish_a_step_that_micro_steps_began),
        cmocka_unit_test(a_source_of_short_spans_leads_to_the_same_states),
        cmocka_unit_test(the_log_of_a_run_holds_each_steps_outcome),
        cmocka_unit_test(a_clone_goes_the_same_way_and_leaves_the_original_alone),
        cmocka_unit_test(machines_of_different_states_are_not_equal),
        cmocka_unit_test(every_place_in_history_equals_a_fresh_run_to_it),
        cmocka_unit_test(micro_back_undoes_micro_forward),
        cmocka_unit_test(goto_beyond_the_end_of_a_step_stops_at_its_end),
        cmocka_unit_test(history_knows_the_outcome_of_every_step_it_has_seen),
        cmocka_unit_test(the_events_of_a_step_are_the_same_told_ahead_or_lived_through),
        cmocka_unit_test(a_branch_of_history_equals_a_run_of_its_own_steps),
        cmocka_unit_test(after_a_branch_opt_looks_into_the_new_future),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
