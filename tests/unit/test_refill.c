/* A TLB that the operating system refills, as on MIPS: a miss is a trap, and the handler walks, sets A and
 * D, and writes the TLB (MIPS32 Architecture For Programmers, volume III, TLB refill exception). Sequences
 * worked out by hand; Sv32: two levels, so two PTEs a walk. */
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct rig r;

#define HEAP 0x10000
#define PAGE 0x1000

/* A heap of three pages, a TLB with so many entries. */
static void heap(uint32_t tlb_entries) {
    rig_begin(&r, 4);
    rig_tlb(&r, tlb_entries, tlb_entries, true);
    r.config.software_refill = true;
    rig_region(&r, 0, VMA_HEAP, HEAP / PAGE, 3, PERM_RW);
}

static enum fault_class fault_of_last(void) {
    unsigned count;
    const struct translation *t = machine_translations(r.m, &count);
    return (enum fault_class)t[0].fault;
}

static void a_first_touch_is_a_miss_whose_handler_finds_a_page_fault(void **state) {
    (void)state;
    heap(4);
    rig_read(&r, HEAP);
    rig_start(&r);
    const struct story *s =
        STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_TRAP, EV_REFILL_READ, EV_REFILL_FAULT, EV_VMA_FOUND,
              EV_FRAME_FREE, EV_ZERO_FILL, EV_TABLE_NEW, EV_PTE_WRITE, EV_RETRY, EV_TLB_MISS, EV_TRAP,
              EV_REFILL_READ, EV_REFILL_READ, EV_REFILL_BITS, EV_REFILL_TLB, EV_TLB_HIT, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_TRAP, 0)->cause, HW_FAULT_TLB_MISS);
    assert_int_equal(story_event(s, EV_TRAP, 1)->cause, HW_FAULT_TLB_MISS);
    assert_int_equal(story_event(s, EV_REFILL_FAULT, 0)->cause, HW_FAULT_NOT_VALID);
    assert_int_equal(story_event(s, EV_REFILL_READ, 1)->level, 1);
    assert_int_equal(story_event(s, EV_REFILL_READ, 2)->level, 0);
    assert_int_equal(story_event(s, EV_REFILL_BITS, 0)->bits, PTE_BIT(PTE_A));
    assert_int_equal(fault_of_last(), FAULT_MINOR_ZERO);
    rig_end(&r);
}

static void the_restarted_access_is_counted_once_and_the_hardware_walks_nothing(void **state) {
    (void)state;
    heap(4);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 1);
    const struct counters *c = rig_counters(&r);
    assert_int_equal(c->accesses, 1);
    assert_int_equal(c->tlb_misses, 1);
    assert_int_equal(c->tlb_hits, 0);
    assert_int_equal(c->tlb_refills, 1);
    assert_int_equal(c->page_faults, 1);
    assert_int_equal(c->walk_reads, 0);
    rig_end(&r);
}

static void a_page_in_the_tlb_needs_no_handler(void **state) {
    (void)state;
    heap(4);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + 4);
    rig_start(&r);
    rig_run(&r, 1);
    STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_MEM_READ);
    assert_int_equal(rig_counters(&r)->tlb_hits, 1);
    rig_end(&r);
}

/* A TLB of one entry: page 1 pushes page 0 out. */
static void a_miss_on_a_page_in_memory_is_no_page_fault(void **state) {
    (void)state;
    heap(1);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    const struct story *s = STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_TRAP, EV_REFILL_READ, EV_REFILL_READ,
                                  EV_REFILL_TLB, EV_TLB_HIT, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_REFILL_TLB, 0)->old_vpn, HEAP / PAGE + 1);
    assert_int_equal(fault_of_last(), FAULT_NONE);
    assert_int_equal(rig_counters(&r)->page_faults, 2);
    assert_int_equal(rig_counters(&r)->tlb_misses, 3);
    assert_int_equal(rig_counters(&r)->tlb_refills, 3);
    rig_end(&r);
}

static void the_handler_sets_d_itself_for_a_write_that_misses(void **state) {
    (void)state;
    heap(1);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    rig_write(&r, HEAP, 7);
    rig_start(&r);
    rig_run(&r, 2);
    const struct story *s = STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_TRAP, EV_REFILL_READ, EV_REFILL_READ,
                                  EV_REFILL_BITS, EV_REFILL_TLB, EV_TLB_HIT, EV_MEM_WRITE);
    assert_int_equal(story_event(s, EV_REFILL_BITS, 0)->bits, PTE_BIT(PTE_D));
    assert_int_equal(rig_counters(&r)->minor_bit, 0);
    rig_end(&r);
}

static void a_first_write_through_a_clean_entry_traps_for_d(void **state) {
    (void)state;
    heap(4);
    rig_read(&r, HEAP);
    rig_write(&r, HEAP, 7);
    rig_start(&r);
    rig_run(&r, 1);
    const struct story *s =
        STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_TLB_CLEAN, EV_TRAP, EV_VMA_FOUND, EV_BITS_BY_OS, EV_RETRY,
              EV_TLB_MISS, EV_TRAP, EV_REFILL_READ, EV_REFILL_READ, EV_REFILL_TLB, EV_TLB_HIT, EV_MEM_WRITE);
    assert_int_equal(story_event(s, EV_TRAP, 0)->cause, HW_FAULT_BITS);
    assert_int_equal(story_event(s, EV_BITS_BY_OS, 0)->bits, PTE_BIT(PTE_D));
    assert_int_equal(fault_of_last(), FAULT_MINOR_BIT);
    assert_int_equal(rig_counters(&r)->minor_bit, 1);
    assert_int_equal(rig_counters(&r)->page_faults, 2);
    assert_int_equal(rig_counters(&r)->tlb_hits, 1);
    assert_int_equal(rig_counters(&r)->tlb_misses, 1);
    assert_int_equal(rig_counters(&r)->tlb_refills, 2);
    rig_end(&r);
}

static void an_address_that_nothing_maps_goes_from_the_handler_to_the_signal(void **state) {
    (void)state;
    heap(4);
    rig_read(&r, 0x80000000);
    rig_start(&r);
    STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_TRAP, EV_REFILL_READ, EV_REFILL_FAULT, EV_VMA_NONE, EV_SIGSEGV);
    assert_int_equal(fault_of_last(), FAULT_SEGV_MAP);
    assert_int_equal(rig_counters(&r)->tlb_refills, 0);
    rig_end(&r);
}

static void the_handler_fills_the_second_level_too(void **state) {
    (void)state;
    heap(1);
    r.config.tlb_second = (struct tlb_config){.entries = 4, .ways = 4, .replacement = TLB_LRU, .asid = true};
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_TLB2_HIT, EV_TLB_REPLACE, EV_MEM_READ);
    assert_int_equal(rig_counters(&r)->tlb_refills, 2);
    assert_int_equal(rig_counters(&r)->tlb2_hits, 1);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_touch_is_a_miss_whose_handler_finds_a_page_fault),
        cmocka_unit_test(the_restarted_access_is_counted_once_and_the_hardware_walks_nothing),
        cmocka_unit_test(a_page_in_the_tlb_needs_no_handler),
        cmocka_unit_test(a_miss_on_a_page_in_memory_is_no_page_fault),
        cmocka_unit_test(the_handler_sets_d_itself_for_a_write_that_misses),
        cmocka_unit_test(a_first_write_through_a_clean_entry_traps_for_d),
        cmocka_unit_test(an_address_that_nothing_maps_goes_from_the_handler_to_the_signal),
        cmocka_unit_test(the_handler_fills_the_second_level_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
