/* Several processes on machines built by hand: switches, ASIDs, what they share and what they do not;
 * and a change of the policy in mid-run. Design 3, "TLB" and "OS". */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct rig r;

#define HEAP 0x10000
#define PAGE 0x1000

/* One process with a heap of `pages` pages at HEAP. */
static void heap(uint32_t frames, vpn_t pages) {
    rig_begin(&r, frames);
    rig_region(&r, 0, VMA_HEAP, HEAP / PAGE, pages, PERM_RW);
}

/* ---- several processes ---- */

static void two_processes(uint32_t frames, bool asid) {
    heap(frames, 8);
    rig_process(&r, "B", "B");
    rig_region(&r, 1, VMA_HEAP, HEAP / PAGE, 8, PERM_RW);
    rig_tlb(&r, 16, 16, asid);
}

static void the_same_address_of_two_processes_is_two_frames(void **state) {
    (void)state;
    for (int asid = 0; asid < 2; asid++) {
        two_processes(4, asid);
        rig_write(&r, HEAP, 1);
        rig_switch(&r, 1);
        rig_write(&r, HEAP, 2);
        rig_switch(&r, 0);
        rig_read(&r, HEAP);
        rig_switch(&r, 1);
        rig_read(&r, HEAP);
        rig_start(&r);
        rig_run(&r, 4);
        struct translation a = rig_do(&r);
        rig_run(&r, 1);
        struct translation b = rig_do(&r);
        assert_int_equal(a.value, 1);
        assert_int_equal(b.value, 2);
        assert_int_not_equal(a.pa, b.pa);
        assert_int_equal(a.va, b.va);
        rig_end(&r);
    }
}

/* A and B in turn, three times each, touch the same 4 pages: with a flush at each switch every turn
 * misses 4 times, 6 x 4 = 24; with ASIDs only the first turn of each, 2 x 4 = 8. */
static uint64_t misses_of_six_turns(bool asid) {
    two_processes(8, asid);
    for (unsigned turn = 0; turn < 6; turn++) {
        if (turn) rig_switch(&r, turn % 2);
        for (unsigned i = 0; i < 12; i++) rig_read(&r, HEAP + (i % 4) * PAGE);
    }
    rig_start(&r);
    rig_run(&r, 6 * 12 + 5);
    uint64_t misses = rig_counters(&r)->tlb_misses;
    assert_int_equal(rig_counters(&r)->context_switches, 5);
    assert_int_equal(rig_counters(&r)->tlb_flushes, asid ? 0 : 5);
    rig_end(&r);
    return misses;
}

static void flushing_at_every_switch_misses_24_times_where_asids_miss_8(void **state) {
    (void)state;
    assert_int_equal(misses_of_six_turns(false), 24);
    assert_int_equal(misses_of_six_turns(true), 8);
}

static void an_access_as_another_process_switches_first(void **state) {
    (void)state;
    two_processes(4, true);
    rig_write(&r, HEAP, 1);
    rig_write(&r, HEAP, 2);
    r.step[1].proc = 1;
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(rig_events(&r, EV_SWITCH), 1);
    assert_int_equal(machine_kernel(r.m)->running, 1);
    assert_int_equal(rig_counters(&r)->context_switches, 1);
    assert_int_equal(rig_counters(&r)->steps, 2);
    rig_end(&r);
}

static void a_switch_to_the_process_that_runs_changes_nothing(void **state) {
    (void)state;
    two_processes(4, false);
    rig_write(&r, HEAP, 1);
    rig_switch(&r, 0);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(rig_counters(&r)->context_switches, 0);
    assert_int_equal(rig_counters(&r)->tlb_flushes, 0);
    assert_int_equal(rig_do(&r).tlb, TLB_OUT_HIT);
    rig_end(&r);
}

/* The kernel's page tables may be shared between processes; a user page that lies beside kernel space
 * under the same top-level entry may not. */
static void user_page_beside_kernel(vpn_t user, vpn_t kernel) {
    rig_begin(&r, 4);
    rig_process(&r, "B", "B");
    for (proc_t p = 0; p < 2; p++) {
        if (user > kernel) rig_region(&r, p, VMA_KERNEL, kernel, 2, PERM_RW);
        rig_region(&r, p, VMA_MMAP, user, 1, PERM_RW);
        if (user < kernel) rig_region(&r, p, VMA_KERNEL, kernel, 2, PERM_RW);
    }
    rig_write(&r, user * PAGE, 1);
    rig_switch(&r, 1);
    rig_write(&r, user * PAGE, 2);
    rig_switch(&r, 0);
    rig_read(&r, user * PAGE);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_ZERO);
    rig_run(&r, 1);
    assert_int_equal(rig_do(&r).value, 1);
    rig_end(&r);
}

static void a_user_page_beside_kernel_space_is_each_processs_own(void **state) {
    (void)state;
    user_page_beside_kernel(0xffffd, 0xffffe);
    user_page_beside_kernel(0xffc10, 0xffc00); /* kernel space begins with its table, and ends within it */
    user_page_beside_kernel(0xffc00, 0xffffe);
}

static void the_event_of_a_switch_says_from_whom_to_whom(void **state) {
    (void)state;
    struct event e;
    two_processes(4, true);
    rig_switch(&r, 1);
    rig_start(&r);
    assert_true(machine_micro_step(r.m, &e));
    assert_int_equal(e.kind, EV_SWITCH);
    assert_int_equal(e.old_proc, 0);
    assert_int_equal(e.proc, 1);
    assert_int_equal(e.asid, machine_kernel(r.m)->process[1].asid);
    assert_int_equal(e.table, machine_kernel(r.m)->process[1].root);
    rig_end(&r);
}

/* ---- OPT and shared pages ---- */

/* With 2 frames: A fetches its text T, never again, but B fetches the same T two steps later. The page
 * used again last is A's X, so X leaves for Y, not T: T's second use is then no read of the file. */
static void opt_knows_that_another_process_will_use_a_shared_page(void **state) {
    (void)state;
    rig_begin(&r, 2);
    r.config.policy.name = "opt";
    rig_process(&r, "B", "A");
    for (proc_t p = 0; p < 2; p++) {
        rig_region(&r, p, VMA_TEXT, 0x10, 1, PERM_RX);
        rig_region(&r, p, VMA_HEAP, 0x20, 2, PERM_RW);
    }
    rig_read(&r, 0x20000);
    rig_fetch(&r, HEAP);
    rig_read(&r, 0x21000);
    rig_switch(&r, 1);
    rig_fetch(&r, HEAP);
    rig_switch(&r, 0);
    rig_read(&r, 0x20000);
    rig_start(&r);
    rig_run(&r, 2);
    struct translation t = rig_do(&r);
    assert_true(t.evicted);
    assert_int_equal(t.victim_vpn, 0x20);
    rig_run(&r, 1);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_MAP);
    rig_end(&r);
}

/* Plan: X Y Z X Y in 2 frames: Z takes the place of Y. A branch before Z puts in "Z Y": now Y comes
 * before X, and Z takes the place of X. */
static void opt_sees_the_future_of_a_branch(void **state) {
    (void)state;
    heap(2, 3);
    r.config.policy.name = "opt";
    static const unsigned page[] = {0, 1, 2, 0, 1};
    for (unsigned i = 0; i < 5; i++) rig_read(&r, HEAP + page[i] * PAGE);
    rig_start(&r);
    rig_run(&r, 2);
    struct machine *plan = machine_clone(r.m);
    unsigned count;
    assert_true(machine_step(plan));
    assert_int_equal(machine_translations(plan, &count)[0].victim_vpn, 0x11);
    struct step added[2] = {r.step[2], r.step[1]};
    struct step_source *branch = step_source_branch(r.source, 2, added, 2);
    assert_non_null(branch);
    assert_int_equal(machine_set_source(r.m, branch), VS_OK);
    assert_int_equal(rig_do(&r).victim_vpn, 0x10);
    machine_free(plan);
    rig_end(&r);
    step_source_free(branch);
}

/* ---- changing the policy ---- */

static uint64_t policy_index(const char *name) {
    uint64_t i = 0;
    while (strcmp(policy_table[i]->name, name) != 0) i++;
    return i;
}

static void opt_chosen_in_mid_run_knows_the_future_of_the_pages_that_are_there(void **state) {
    (void)state;
    heap(2, 3);
    r.config.policy.name = "mru";
    static const unsigned page[] = {0, 1, 2, 1, 0}; /* at the third MRU would let 1 leave, OPT 0 */
    for (unsigned i = 0; i < 5; i++) {
        if (i == 2)
            r.step[r.count++] =
                (struct step){.kind = STEP_SET_POLICY, .value = policy_index("opt"), .proc = PROC_NONE};
        rig_read(&r, HEAP + page[i] * PAGE);
    }
    rig_start(&r);
    rig_run(&r, 3);
    assert_int_equal(rig_do(&r).victim_vpn, 0x10);
    rig_end(&r);
}

static void a_new_policy_rules_from_its_step_on(void **state) {
    (void)state;
    heap(2, 3);
    r.config.policy.name = "fifo";
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    uint64_t mru = policy_index("mru");
    r.step[r.count++] = (struct step){.kind = STEP_SET_POLICY, .value = mru, .proc = PROC_NONE};
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + 2 * PAGE);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(rig_events(&r, EV_SET_POLICY), 1);
    assert_string_equal(policy_ops(kernel_policy(machine_kernel(r.m)))->name, "mru");
    rig_run(&r, 1);
    assert_int_equal(rig_do(&r).victim_vpn, 0x10);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_address_of_two_processes_is_two_frames),
        cmocka_unit_test(flushing_at_every_switch_misses_24_times_where_asids_miss_8),
        cmocka_unit_test(an_access_as_another_process_switches_first),
        cmocka_unit_test(a_switch_to_the_process_that_runs_changes_nothing),
        cmocka_unit_test(a_user_page_beside_kernel_space_is_each_processs_own),
        cmocka_unit_test(the_event_of_a_switch_says_from_whom_to_whom),
        cmocka_unit_test(opt_knows_that_another_process_will_use_a_shared_page),
        cmocka_unit_test(opt_sees_the_future_of_a_branch),
        cmocka_unit_test(opt_chosen_in_mid_run_knows_the_future_of_the_pages_that_are_there),
        cmocka_unit_test(a_new_policy_rules_from_its_step_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
