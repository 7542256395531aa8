/* A kernel with a bug: it changes PTEs and forgets the TLB (config.never_invalidates). A page that was
 * evicted is still found in the TLB, in a frame that holds another page by now. Sv32, one frame. */
#include "story.h"

#include "vmscope/os/kernel.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct rig r;

#define FIRST  0x10000
#define SECOND 0x11000

/* Page SECOND takes the one frame, where FIRST was. */
static void machine(bool forgets) {
    rig_begin(&r, 1);
    r.config.never_invalidates = forgets;
    rig_region(&r, 0, VMA_HEAP, FIRST / 0x1000, 2, PERM_RW);
    rig_write(&r, FIRST, 1111);
    rig_write(&r, SECOND, 2222);
}

static uint64_t value_read(void) { return rig_do(&r).value; }

static void a_kernel_that_invalidates_brings_the_page_back(void **state) {
    (void)state;
    machine(false);
    rig_read(&r, FIRST);
    rig_start(&r);
    rig_run(&r, 2);
    struct translation t = rig_do(&r);
    assert_int_equal(t.tlb, TLB_OUT_MISS);
    assert_int_equal(t.fault, FAULT_MAJOR_SWAP);
    assert_int_equal(t.value, 1111);
    rig_end(&r);
}

static void a_stale_entry_reads_another_pages_bytes_without_a_fault(void **state) {
    (void)state;
    machine(true);
    rig_read(&r, FIRST);
    rig_start(&r);
    rig_run(&r, 2);
    assert_false(pagetable_at(machine_kernel(r.m), 0, FIRST / 0x1000).valid);
    const struct story *s = STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_MEM_READ, 0)->value, 2222);
    assert_int_equal(story_event(s, EV_MEM_READ, 0)->frame, 0);
    assert_int_equal(rig_counters(&r)->page_faults, 2);
    rig_end(&r);
}

static void a_stale_entry_lets_a_write_destroy_another_page(void **state) {
    (void)state;
    machine(true);
    rig_write(&r, FIRST, 3333);
    rig_read(&r, SECOND);
    rig_start(&r);
    rig_run(&r, 2);
    STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_MEM_WRITE);
    assert_int_equal(value_read(), 3333);
    rig_end(&r);
}

static void a_flush_cures_it(void **state) {
    (void)state;
    machine(true);
    r.step[r.count++] =
        (struct step){.kind = STEP_TLB_FLUSH, .value = FLUSH_ONE_PAGE, .proc = PROC_NONE, .va = FIRST};
    rig_read(&r, FIRST);
    rig_start(&r);
    rig_run(&r, 3);
    struct translation t = rig_do(&r);
    assert_int_equal(t.fault, FAULT_MAJOR_SWAP);
    assert_int_equal(t.value, 1111);
    rig_end(&r);
}

/* D is set by the kernel here, and the entry that says D=0 must go, or the write would trap for ever. */
static void even_such_a_kernel_renews_an_entry_whose_d_it_sets(void **state) {
    (void)state;
    rig_begin(&r, 2);
    r.config.never_invalidates = r.config.software_refill = true;
    rig_region(&r, 0, VMA_HEAP, FIRST / 0x1000, 1, PERM_RW);
    rig_read(&r, FIRST);
    rig_write(&r, FIRST, 7);
    rig_start(&r);
    rig_run(&r, 1);
    STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_TLB_CLEAN, EV_TRAP, EV_VMA_FOUND, EV_BITS_BY_OS, EV_RETRY,
          EV_TLB_MISS, EV_TRAP, EV_REFILL_READ, EV_REFILL_READ, EV_REFILL_TLB, EV_TLB_HIT, EV_MEM_WRITE);
    rig_end(&r);
}

/* The fast path must not look away from what the slow one sees. */
static void it_is_the_same_bug_at_full_speed(void **state) {
    (void)state;
    machine(true);
    rig_read(&r, FIRST);
    rig_read(&r, FIRST + 4);
    rig_read(&r, SECOND);
    rig_start(&r);
    struct machine *fast = machine_clone(r.m);
    assert_non_null(fast);
    rig_run(&r, 5);
    assert_int_equal(machine_run(fast, 5, NULL), 5);
    assert_true(machine_equal(r.m, fast));
    machine_free(fast);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kernel_that_invalidates_brings_the_page_back),
        cmocka_unit_test(a_stale_entry_reads_another_pages_bytes_without_a_fault),
        cmocka_unit_test(a_stale_entry_lets_a_write_destroy_another_page),
        cmocka_unit_test(a_flush_cures_it),
        cmocka_unit_test(even_such_a_kernel_renews_an_entry_whose_d_it_sets),
        cmocka_unit_test(it_is_the_same_bug_at_full_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
