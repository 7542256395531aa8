/* A and D set by the operating system, on processors that leave it to software: RISC-V's Svade extension
 * ("Virtual Address Translation Process", step 9: a leaf with A=0, or a write that meets D=0, raises a page
 * fault). Sequences worked out by hand; Sv39: three levels. */
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct rig r;

#define HEAP 0x10000
#define PAGE 0x1000
/* sv39: V=1 R=2 W=4 U=16 A=64 D=128 */
#define CLEAN 0x57u
#define DIRTY 0xd7u

static void heap(bool svade) {
    rig_begin(&r, 4);
    r.config.format = *paging_by_name("sv39");
    r.config.format.hardware_ad = !svade;
    rig_region(&r, 0, VMA_HEAP, HEAP / PAGE, 2, PERM_RW);
}

static unsigned low_pte_bits(vpn_t vpn) {
    return (unsigned)(pagetable_at(machine_kernel(r.m), 0, vpn).word & 0xff);
}

static void a_first_read_is_mapped_with_a_set(void **state) {
    (void)state;
    heap(true);
    rig_read(&r, HEAP);
    rig_start(&r);
    const struct story *s =
        STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_INVALID, EV_TRAP, EV_VMA_FOUND, EV_FRAME_FREE, EV_ZERO_FILL,
              EV_TABLE_NEW, EV_TABLE_NEW, EV_PTE_WRITE, EV_RETRY, EV_TLB_MISS, EV_WALK_TABLE, EV_WALK_TABLE,
              EV_WALK_LEAF, EV_TLB_FILL, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_PTE_WRITE, 0)->pte & 0xff, CLEAN);
    assert_int_equal(rig_counters(&r)->minor_zero, 1);
    assert_int_equal(rig_counters(&r)->minor_bit, 0);
    rig_end(&r);
}

static void the_first_write_afterwards_is_a_minor_bit_fault(void **state) {
    (void)state;
    heap(true);
    rig_read(&r, HEAP);
    rig_write(&r, HEAP, 42);
    rig_start(&r);
    rig_run(&r, 1);
    const struct story *s = STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_TLB_CLEAN, EV_WALK_TABLE, EV_WALK_TABLE,
                                  EV_WALK_CLEAR, EV_TRAP, EV_VMA_FOUND, EV_BITS_BY_OS, EV_RETRY, EV_TLB_MISS,
                                  EV_WALK_TABLE, EV_WALK_TABLE, EV_WALK_LEAF, EV_TLB_FILL, EV_MEM_WRITE);
    assert_int_equal(story_event(s, EV_WALK_CLEAR, 0)->bits, PTE_BIT(PTE_D));
    assert_int_equal(story_event(s, EV_TRAP, 0)->code, 15); /* scause: store page fault */
    assert_int_equal(story_event(s, EV_BITS_BY_OS, 0)->pte_old & 0xff, CLEAN);
    assert_int_equal(story_event(s, EV_BITS_BY_OS, 0)->pte & 0xff, DIRTY);
    assert_int_equal(rig_counters(&r)->minor_zero, 1);
    assert_int_equal(rig_counters(&r)->minor_bit, 1);
    assert_int_equal(rig_counters(&r)->minor_faults, 2);
    assert_int_equal(rig_counters(&r)->page_faults, 2);
    assert_int_equal(machine_kernel(r.m)->process[0].minor, 2);
    rig_end(&r);
}

static void the_second_write_finds_d_set(void **state) {
    (void)state;
    heap(true);
    rig_read(&r, HEAP);
    rig_write(&r, HEAP, 42);
    rig_write(&r, HEAP, 43);
    rig_start(&r);
    rig_run(&r, 2);
    STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_MEM_WRITE);
    rig_end(&r);
}

static void a_first_touch_that_writes_is_mapped_dirty_at_once(void **state) {
    (void)state;
    heap(true);
    rig_write(&r, HEAP, 42);
    rig_write(&r, HEAP, 43);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_ZERO);
    assert_int_equal(low_pte_bits(HEAP / PAGE), DIRTY);
    assert_int_equal(rig_fault(&r), FAULT_NONE);
    assert_int_equal(rig_counters(&r)->minor_bit, 0);
    rig_end(&r);
}

/* CLOCK with pages that are loaded unreferenced: the OS clears A after the first access. */
static void a_page_whose_a_was_cleared_faults_for_it(void **state) {
    (void)state;
    heap(true);
    r.config.policy.name = "clock";
    r.config.policy.load_referenced = false;
    rig_read(&r, HEAP);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(low_pte_bits(HEAP / PAGE), CLEAN & ~0x40u);
    const struct story *s = STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_TABLE, EV_WALK_TABLE, EV_WALK_CLEAR,
                                  EV_TRAP, EV_VMA_FOUND, EV_BITS_BY_OS, EV_RETRY, EV_TLB_MISS, EV_WALK_TABLE,
                                  EV_WALK_TABLE, EV_WALK_LEAF, EV_TLB_FILL, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_WALK_CLEAR, 0)->bits, PTE_BIT(PTE_A));
    assert_int_equal(story_event(s, EV_TRAP, 0)->code, 13); /* scause: load page fault */
    assert_int_equal(low_pte_bits(HEAP / PAGE), CLEAN);
    rig_end(&r);
}

/* The same two accesses where the walker sets both (Svadu). */
static void hardware_that_sets_the_bits_never_faults_for_them(void **state) {
    (void)state;
    heap(false);
    rig_read(&r, HEAP);
    rig_write(&r, HEAP, 42);
    rig_start(&r);
    rig_run(&r, 1);
    STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_TLB_CLEAN, EV_WALK_TABLE, EV_WALK_TABLE, EV_WALK_LEAF, EV_BITS_SET,
          EV_TLB_DIRTY, EV_MEM_WRITE);
    assert_int_equal(rig_counters(&r)->page_faults, 1);
    assert_int_equal(low_pte_bits(HEAP / PAGE), DIRTY);
    rig_end(&r);
}

static void a_write_that_the_region_forbids_is_no_minor_bit_fault(void **state) {
    (void)state;
    heap(true);
    rig_region(&r, 0, VMA_MMAP, 0x20, 1, PERM_R);
    rig_read(&r, 0x20000);
    rig_write(&r, 0x20000, 1);
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_ACCESS);
    assert_int_equal(rig_counters(&r)->minor_bit, 0);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_read_is_mapped_with_a_set),
        cmocka_unit_test(the_first_write_afterwards_is_a_minor_bit_fault),
        cmocka_unit_test(the_second_write_finds_d_set),
        cmocka_unit_test(a_first_touch_that_writes_is_mapped_dirty_at_once),
        cmocka_unit_test(a_page_whose_a_was_cleared_faults_for_it),
        cmocka_unit_test(hardware_that_sets_the_bits_never_faults_for_them),
        cmocka_unit_test(a_write_that_the_region_forbids_is_no_minor_bit_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
