/* Working sets: Denning's definition, on the reference string that Silberschatz prints for it
 * (Operating System Concepts, 10.6.2, figure "Working-set model", window 10); and the thrashing
 * cliff, which follows by hand: 12 pages loop in 12 frames without a fault after the first
 * touches, 16 pages that loop in 12 frames under LRU always miss. */
#include "vmscope/sim/machine.h"
#include "vmscope/sim/workset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const vpn_t figure[] = {2, 6, 1, 5, 7, 7, 7, 7, 5, 1, 6, 2, 3, 4, 1, 2, 3, 4, 4, 4, 3, 4, 3, 4, 4, 4, 1, 3, 2, 3, 4, 4, 4, 3, 4, 4, 4};

static uint32_t size_after(size_t references) {
    struct workset w;
    assert_true(workset_begin(&w, 10));
    for (size_t i = 0; i < references; i++) assert_true(workset_touch(&w, figure[i]));
    uint32_t size = w.size;
    workset_end(&w);
    return size;
}

static void the_figure_of_silberschatz_holds(void **state) {
    (void)state;
    assert_int_equal(size_after(10), 5); /* WS(t1) = {1, 2, 5, 6, 7} */
    assert_int_equal(size_after(26), 2); /* WS(t2) = {3, 4} */
}

static void a_copy_goes_on_by_itself(void **state) {
    (void)state;
    struct workset w, copy;
    assert_true(workset_begin(&w, 4));
    for (vpn_t p = 0; p < 9; p++) assert_true(workset_touch(&w, p % 3));
    assert_true(workset_copy(&copy, &w));
    assert_true(workset_equal(&w, &copy));
    for (unsigned i = 0; i < 4; i++) assert_true(workset_touch(&w, 7));
    assert_int_equal(w.size, 1);
    assert_int_equal(copy.size, 3);
    assert_false(workset_equal(&w, &copy));
    workset_end(&w);
    workset_end(&copy);
}

/* ---- the cliff ---- */

enum { LOOP = 4, FRAMES = 12, REFERENCES = 600, MOST = 4 };

struct cliff {
    struct machine_config config;
    struct region_config region[MOST];
    struct process_config process[MOST];
    struct step step[REFERENCES + 1];
    struct step_source *source;
    struct machine *m;
};

/* `count` processes take turns, a reference each, round and round in four pages of their own. */
static void build(struct cliff *c, unsigned count, uint32_t window, bool control) {
    memset(c, 0, sizeof *c);
    machine_config_default(&c->config);
    c->config.frames = c->config.policy.frames = FRAMES;
    c->config.working_set_window = window;
    c->config.load_control = control;
    for (unsigned p = 0; p < count; p++) {
        c->region[p] = (struct region_config){.kind = VMA_HEAP, .perms = PERM_R | PERM_W, .first = 0x1000, .pages = LOOP, .limit = LOOP, .name = "heap"};
        c->process[p] = (struct process_config){.regions = &c->region[p], .region_count = 1};
        c->process[p].name[0] = (char)('A' + p);
    }
    c->config.processes = c->process;
    c->config.process_count = count;
    for (unsigned i = 0; i < REFERENCES; i++)
        c->step[i] = (struct step){.kind = STEP_ACCESS, .op = ACCESS_READ, .size = 4, .proc = (proc_t)(i % count),
                                   .va = (vaddr_t)(0x1000 + i / count % LOOP) << 12};
}

static uint64_t faults(struct cliff *c, size_t steps) {
    struct diag why;
    c->source = step_source_array(c->step, steps);
    assert_int_equal(machine_create(&c->config, c->source, &c->m, &why), VS_OK);
    while (machine_micro_step(c->m, NULL)) assert_null(kernel_inconsistency(machine_kernel(c->m)));
    assert_int_equal(machine_status(c->m), VS_OK);
    assert_int_equal(machine_counters(c->m)->accesses, steps == REFERENCES ? REFERENCES : machine_counters(c->m)->accesses);
    return machine_counters(c->m)->page_faults;
}

static void end(struct cliff *c) {
    machine_free(c->m);
    step_source_free(c->source);
}

static void three_processes_fit_and_four_thrash(void **state) {
    (void)state;
    static struct cliff c;
    build(&c, 3, 0, false);
    assert_int_equal(faults(&c, REFERENCES), 12);
    end(&c);
    build(&c, 4, 0, false);
    assert_int_equal(faults(&c, REFERENCES), 600);
    end(&c);
}

static unsigned count_events(struct cliff *c, enum event_kind kind) {
    unsigned n = 0;
    struct event e;
    struct diag why;
    c->source = step_source_array(c->step, REFERENCES);
    assert_int_equal(machine_create(&c->config, c->source, &c->m, &why), VS_OK);
    while (machine_micro_step(c->m, &e)) n += e.kind == kind;
    return n;
}

static void thrashing_is_told_once_when_it_begins(void **state) {
    (void)state;
    static struct cliff c;
    build(&c, 4, 4, false);
    assert_int_equal(count_events(&c, EV_THRASHING), 1);
    assert_int_equal(machine_demand(c.m), 16);
    end(&c);
    build(&c, 3, 4, false);
    assert_int_equal(count_events(&c, EV_THRASHING), 0);
    end(&c);
}

/* The one that leaves has made at least 3 references when the sets do not fit any more (13 pages), at most 4; the
 * three others go on in the frames that they have; then the fourth does its steps, alone. So: 16 first
 * touches, and the pages that were taken from somebody before, or swapped out: a page each, once. */
static void load_control_heals_it_and_loses_no_step(void **state) {
    (void)state;
    static struct cliff c;
    build(&c, 4, 4, true);
    uint64_t n = faults(&c, REFERENCES);
    assert_true(n >= 16 && n <= 16 + 16);
    assert_int_equal(machine_counters(c.m)->accesses, REFERENCES);
    assert_int_equal(machine_steps_done(c.m), REFERENCES);
    end(&c);
}

static void steps_of_a_suspended_process_wait(void **state) {
    (void)state;
    static struct cliff c;
    build(&c, 2, 0, false);
    c.step[0] = (struct step){.kind = STEP_SUSPEND, .proc = 0};
    c.step[5] = (struct step){.kind = STEP_RESUME, .proc = 0};
    struct diag why;
    struct event e;
    proc_t who[9];
    size_t n = 0;
    c.source = step_source_array(c.step, 9); /* suspend A; B A B A, resume A, A B A */
    assert_int_equal(machine_create(&c.config, c.source, &c.m, &why), VS_OK);
    while (machine_micro_step(c.m, &e))
        if (e.kind == EV_ACCESS) who[n++] = e.proc;
    const proc_t wanted[] = {1, 1, 0, 0, 0, 1, 0};
    assert_int_equal(n, 7);
    for (size_t i = 0; i < n; i++) assert_int_equal(who[i], wanted[i]);
    end(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figure_of_silberschatz_holds),
        cmocka_unit_test(a_copy_goes_on_by_itself),
        cmocka_unit_test(three_processes_fit_and_four_thrash),
        cmocka_unit_test(thrashing_is_told_once_when_it_begins),
        cmocka_unit_test(load_control_heals_it_and_loses_no_step),
        cmocka_unit_test(steps_of_a_suspended_process_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
