/* Frames on machines built by hand: which is taken, whose page leaves, and what happens when none can.
 * Design 3, "Frames" and "Swap". Sv32 pages of 4 KiB: page 0x10 begins at 0x10000. */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct rig r;

#define HEAP 0x10000
#define PAGE 0x1000

/* One process with a heap of `pages` pages at HEAP. */
static void heap(uint32_t frames, vpn_t pages) {
    rig_begin(&r, frames);
    rig_region(&r, 0, VMA_HEAP, HEAP / PAGE, pages, PERM_RW);
}

/* ---- frames and victims ---- */

static void frames_are_taken_from_the_lowest_and_a_new_page_gets_the_victims(void **state) {
    (void)state;
    heap(3, 5);
    for (vaddr_t i = 0; i < 5; i++) rig_read(&r, HEAP + i * PAGE);
    rig_start(&r);
    for (frame_t f = 0; f < 3; f++) {
        struct translation t = rig_do(&r);
        assert_int_equal(t.frame, f);
        assert_false(t.evicted);
    }
    for (frame_t f = 0; f < 2; f++) { /* FIFO: page 0x10 in frame 0 first */
        struct translation t = rig_do(&r);
        assert_true(t.evicted);
        assert_int_equal(t.victim_vpn, 0x10 + f);
        assert_int_equal(t.frame, f);
    }
    assert_int_equal(rig_counters(&r)->page_faults, 5);
    assert_int_equal(rig_counters(&r)->page_faults_after_full, 2);
    rig_end(&r);
}

static void with_fixed_shares_a_process_replaces_its_own_page(void **state) {
    (void)state;
    heap(4, 4);
    r.config.scope = SCOPE_LOCAL;
    r.process[0].frames = 2;
    for (vaddr_t i = 0; i < 3; i++) rig_read(&r, HEAP + i * PAGE);
    rig_start(&r);
    rig_run(&r, 2);
    struct translation t = rig_do(&r);
    assert_true(t.evicted);
    assert_int_equal(t.frame, 0);
    assert_int_equal(machine_kernel(r.m)->frames_free, 2);
    rig_end(&r);
}

static void with_fixed_shares_no_process_takes_anothers_frame(void **state) {
    (void)state;
    heap(4, 4);
    rig_process(&r, "B", "B");
    rig_region(&r, 1, VMA_HEAP, 0x10, 4, PERM_RW);
    r.config.scope = SCOPE_LOCAL;
    rig_write(&r, HEAP, 1);
    rig_switch(&r, 1);
    for (vaddr_t i = 0; i < 4; i++) rig_write(&r, HEAP + i * PAGE, 2);
    rig_switch(&r, 0);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 7);
    struct translation t = rig_do(&r);
    assert_int_equal(t.fault, FAULT_NONE);
    assert_int_equal(t.value, 1);
    rig_end(&r);
}

/* ---- out of memory ---- */

static void without_swap_a_clean_page_leaves_before_memory_runs_out(void **state) {
    (void)state;
    heap(2, 3);
    r.config.swap_slots = 0;
    rig_write(&r, HEAP, 1);
    rig_read(&r, HEAP + PAGE);
    rig_read(&r, HEAP + 2 * PAGE);
    rig_start(&r);
    rig_run(&r, 2);
    struct translation t = rig_do(&r);
    assert_int_equal(t.victim_vpn, 0x11); /* not the oldest: that one is dirty and has nowhere to go */
    assert_int_equal(t.fault, FAULT_MINOR_ZERO);
    rig_end(&r);
}

static void the_last_slot_is_used_before_memory_runs_out(void **state) {
    (void)state;
    heap(1, 3);
    r.config.swap_slots = 1;
    rig_write(&r, HEAP, 1);
    rig_write(&r, HEAP + PAGE, 2);
    rig_write(&r, HEAP + 2 * PAGE, 3);
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_ZERO);
    assert_int_equal(rig_fault(&r), FAULT_OOM);
    rig_end(&r);
}

/* A fills all memory with dirty pages and is ended; B gets the frames. */
static void out_of_memory_ends_the_process_and_the_simulation_goes_on(void **state) {
    (void)state;
    heap(2, 4);
    r.config.swap_slots = 0;
    rig_process(&r, "B", "B");
    rig_region(&r, 1, VMA_HEAP, 0x10, 4, PERM_RW);
    for (vaddr_t i = 0; i < 4; i++) rig_write(&r, HEAP + i * PAGE, 1);
    rig_switch(&r, 1);
    rig_write(&r, HEAP, 9);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    struct translation t;
    unsigned count;
    assert_int_equal(rig_events(&r, EV_OOM), 1);
    t = machine_translations(r.m, &count)[0];
    assert_int_equal(t.fault, FAULT_OOM);
    assert_false(t.done);
    assert_false(machine_kernel(r.m)->process[0].alive);
    assert_int_equal(machine_kernel(r.m)->frames_free, 2);
    assert_int_equal(tlbs_used(&machine_hw(r.m)->tlbs), 0);
    assert_int_equal(rig_events(&r, EV_EXITED), 1); /* A's fourth write */
    assert_int_equal(rig_counters(&r)->accesses, 3);
    assert_int_equal(rig_counters(&r)->oom, 1);
    assert_int_equal(rig_counters(&r)->invalid, 1);
    assert_int_equal(rig_counters(&r)->page_faults, 2);
    rig_run(&r, 2);
    assert_int_equal(rig_do(&r).value, 9);
    assert_false(machine_step(r.m));
    assert_int_equal(machine_status(r.m), VS_OK);
    rig_end(&r);
}

static void an_ended_process_gives_its_slots_back(void **state) {
    (void)state;
    heap(1, 4);
    r.config.swap_slots = 1;
    rig_process(&r, "B", "B");
    rig_region(&r, 1, VMA_HEAP, 0x10, 4, PERM_RW);
    for (vaddr_t i = 0; i < 3; i++) rig_write(&r, HEAP + i * PAGE, 1);
    rig_switch(&r, 1);
    rig_write(&r, HEAP, 9);
    rig_write(&r, HEAP + PAGE, 9);
    rig_start(&r);
    rig_run(&r, 3);
    assert_int_equal(machine_kernel(r.m)->slots_used, 0);
    rig_run(&r, 2);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_ZERO);
    assert_int_equal(machine_kernel(r.m)->slots_used, 1);
    rig_end(&r);
}

static void the_step_of_an_ended_process_does_not_disturb_the_one_that_runs(void **state) {
    (void)state;
    heap(1, 4);
    r.config.swap_slots = 0;
    rig_tlb(&r, 4, 4, false);
    rig_process(&r, "B", "B");
    rig_region(&r, 1, VMA_HEAP, 0x10, 4, PERM_RW);
    rig_write(&r, HEAP, 1);
    rig_write(&r, HEAP + PAGE, 1); /* A is ended */
    rig_switch(&r, 1);
    rig_write(&r, HEAP, 2);
    rig_read(&r, HEAP);
    r.step[r.count - 1].proc = 0; /* as: A */
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 4);
    uint64_t switches = rig_counters(&r)->context_switches;
    assert_int_equal(rig_events(&r, EV_EXITED), 1);
    assert_int_equal(machine_kernel(r.m)->running, 1);
    assert_int_equal(rig_counters(&r)->context_switches, switches);
    struct translation t = rig_do(&r);
    assert_int_equal(t.tlb, TLB_OUT_HIT);
    assert_int_equal(t.value, 2);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_taken_from_the_lowest_and_a_new_page_gets_the_victims),
        cmocka_unit_test(with_fixed_shares_a_process_replaces_its_own_page),
        cmocka_unit_test(with_fixed_shares_no_process_takes_anothers_frame),
        cmocka_unit_test(without_swap_a_clean_page_leaves_before_memory_runs_out),
        cmocka_unit_test(the_last_slot_is_used_before_memory_runs_out),
        cmocka_unit_test(out_of_memory_ends_the_process_and_the_simulation_goes_on),
        cmocka_unit_test(an_ended_process_gives_its_slots_back),
        cmocka_unit_test(the_step_of_an_ended_process_does_not_disturb_the_one_that_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
