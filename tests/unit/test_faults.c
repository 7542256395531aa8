/* Page faults one class at a time, on machines built by hand; design 3, "Fault classes", "Frames",
 * "Swap" and "OS". Sv32 pages of 4 KiB: page 0x10 begins at 0x10000. */
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

/* ---- minor faults ---- */

static void the_first_touch_of_anonymous_memory_is_minor_zero(void **state) {
    (void)state;
    heap(4, 2);
    rig_read(&r, HEAP + 8);
    rig_start(&r);
    struct translation t = rig_do(&r);
    assert_int_equal(t.fault, FAULT_MINOR_ZERO);
    assert_int_equal(t.value, 0);
    assert_int_equal(t.frame, 0);
    assert_int_equal(t.pa, 8);
    assert_int_equal(rig_counters(&r)->minor_zero, 1);
    assert_int_equal(rig_counters(&r)->zero_fills, 1);
    assert_int_equal(rig_counters(&r)->page_faults, 1);
    rig_end(&r);
}

static void a_frame_that_held_another_page_is_zeroed_for_the_new_one(void **state) {
    (void)state;
    heap(1, 2);
    rig_write(&r, HEAP, 0xdeadbeef);
    rig_read(&r, HEAP + PAGE);
    rig_start(&r);
    rig_run(&r, 1);
    struct translation t = rig_do(&r);
    assert_int_equal(t.frame, 0);
    assert_int_equal(t.value, 0);
    rig_end(&r);
}

static void two_processes_of_one_program(unsigned perms, enum vma_kind kind) {
    rig_begin(&r, 4);
    rig_process(&r, "B", "A");
    rig_region(&r, 0, kind, 0x10, 1, perms);
    rig_region(&r, 1, kind, 0x10, 1, perms);
}

static void text_that_another_process_has_in_memory_is_minor_map(void **state) {
    (void)state;
    two_processes_of_one_program(PERM_RX, VMA_TEXT);
    rig_fetch(&r, HEAP);
    rig_switch(&r, 1);
    rig_fetch(&r, HEAP);
    rig_start(&r);
    struct translation a = rig_do(&r);
    rig_run(&r, 1);
    struct translation b = rig_do(&r);
    assert_int_equal(a.fault, FAULT_MAJOR_FILE);
    assert_int_equal(b.fault, FAULT_MINOR_MAP);
    assert_int_equal(a.frame, b.frame);
    assert_true(a.value == b.value);
    assert_int_equal(rig_counters(&r)->file_reads, 1);
    assert_int_equal(machine_kernel(r.m)->frame[a.frame].shares, 2);
    rig_end(&r);
}

static void text_of_another_program_is_not_shared(void **state) {
    (void)state;
    two_processes_of_one_program(PERM_RX, VMA_TEXT);
    r.process[1].program[0] = 'B';
    rig_fetch(&r, HEAP);
    rig_switch(&r, 1);
    rig_fetch(&r, HEAP);
    rig_start(&r);
    struct translation a = rig_do(&r);
    rig_run(&r, 1);
    struct translation b = rig_do(&r);
    assert_int_equal(b.fault, FAULT_MAJOR_FILE);
    assert_int_not_equal(a.frame, b.frame);
    assert_true(a.value != b.value);
    rig_end(&r);
}

static void writable_data_of_one_program_is_each_processs_own(void **state) {
    (void)state;
    two_processes_of_one_program(PERM_RW, VMA_DATA);
    rig_write(&r, HEAP, 1);
    rig_switch(&r, 1);
    rig_write(&r, HEAP, 2);
    rig_switch(&r, 0);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(rig_fault(&r), FAULT_MAJOR_FILE);
    rig_run(&r, 1);
    assert_int_equal(rig_do(&r).value, 1);
    rig_end(&r);
}

/* Both mappings of a shared frame go when it is taken; the next touch of either reads the file again. */
static void evicting_a_shared_page_takes_it_from_everyone(void **state) {
    (void)state;
    two_processes_of_one_program(PERM_RX, VMA_TEXT);
    rig_region(&r, 1, VMA_HEAP, 0x20, 4, PERM_RW);
    rig_fetch(&r, HEAP);
    rig_switch(&r, 1);
    rig_fetch(&r, HEAP);
    for (vaddr_t i = 0; i < 4; i++) rig_write(&r, 0x20000 + i * PAGE, 1);
    rig_fetch(&r, HEAP);
    rig_switch(&r, 0);
    rig_fetch(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 7);
    assert_int_equal(rig_counters(&r)->evictions, 1);
    assert_int_equal(rig_fault(&r), FAULT_MAJOR_FILE);
    rig_run(&r, 1);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_MAP);
    rig_end(&r);
}

/* ---- the stack ---- */

static void stack_of(vpn_t pages, vpn_t limit) {
    rig_begin(&r, 8);
    rig_region(&r, 0, VMA_STACK, 0x100, pages, PERM_RW)->limit = limit;
}

static void a_touch_below_the_stack_within_its_limit_is_minor_growth(void **state) {
    (void)state;
    stack_of(1, 4);
    rig_write(&r, 0xffffc, 5);
    rig_read(&r, 0xffffc);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_GROWTH);
    assert_int_equal(vma_by_name(&machine_kernel(r.m)->process[0], "stack")->first, 0xff);
    struct translation t = rig_do(&r);
    assert_int_equal(t.fault, FAULT_NONE);
    assert_int_equal(t.value, 5);
    assert_int_equal(rig_counters(&r)->minor_growth, 1);
    assert_int_equal(rig_counters(&r)->minor_zero, 0);
    rig_end(&r);
}

static void the_stack_may_grow_by_several_pages_at_once_and_the_skipped_ones_are_touched_later(void **state) {
    (void)state;
    stack_of(1, 4);
    rig_write(&r, 0xfd000, 5);
    rig_write(&r, 0xfe000, 5);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_GROWTH);
    assert_int_equal(vma_by_name(&machine_kernel(r.m)->process[0], "stack")->first, 0xfd);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_ZERO);
    rig_end(&r);
}

static void below_the_limit_of_the_stack_nothing_is_mapped(void **state) {
    (void)state;
    stack_of(1, 4);
    rig_write(&r, 0xfcffc, 5);
    rig_write(&r, 0xfd000, 5);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_MAP);
    assert_int_equal(vma_by_name(&machine_kernel(r.m)->process[0], "stack")->first, 0x100);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_GROWTH);
    rig_end(&r);
}

static void above_the_stack_nothing_is_mapped(void **state) {
    (void)state;
    stack_of(1, 4);
    rig_write(&r, 0x101000, 5);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_MAP);
    rig_end(&r);
}

static void a_stack_that_cannot_be_executed_does_not_grow_for_a_fetch(void **state) {
    (void)state;
    stack_of(1, 4);
    rig_fetch(&r, 0xffffc);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_ACCESS);
    assert_int_equal(rig_counters(&r)->page_faults, 0);
    assert_int_equal(machine_kernel(r.m)->frames_free, 8);
    rig_end(&r);
}

/* ---- major faults ---- */

static void a_page_of_a_file_is_read_at_its_first_touch(void **state) {
    (void)state;
    rig_begin(&r, 4);
    rig_region(&r, 0, VMA_TEXT, 0x10, 2, PERM_RX);
    rig_fetch(&r, HEAP);
    rig_fetch(&r, HEAP + PAGE);
    rig_fetch(&r, HEAP);
    rig_start(&r);
    struct translation first = rig_do(&r), second = rig_do(&r), again = rig_do(&r);
    assert_int_equal(first.fault, FAULT_MAJOR_FILE);
    assert_int_equal(second.fault, FAULT_MAJOR_FILE);
    assert_int_equal(again.fault, FAULT_NONE);
    assert_true(first.value == again.value && first.value != second.value);
    assert_int_equal(rig_counters(&r)->major_faults, 2);
    assert_int_equal(rig_counters(&r)->file_reads, 2);
    rig_end(&r);
}

static void a_dirty_page_comes_back_from_swap_with_its_bytes(void **state) {
    (void)state;
    heap(1, 2);
    rig_write(&r, HEAP + 100, 0x12345678);
    rig_write(&r, HEAP + PAGE + 100, 0x9abcdef0);
    rig_read(&r, HEAP + 100);
    rig_read(&r, HEAP + PAGE + 100);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(rig_counters(&r)->swap_writes, 1);
    struct translation t = rig_do(&r);
    assert_int_equal(t.fault, FAULT_MAJOR_SWAP);
    assert_true(t.evicted && t.victim_dirty);
    assert_int_equal(t.victim_vpn, 0x11);
    assert_int_equal(t.value, 0x12345678);
    assert_true(rig_do(&r).value == 0x9abcdef0);
    assert_int_equal(rig_counters(&r)->swap_reads, 2);
    rig_end(&r);
}

static void a_slot_stays_valid_until_its_page_is_dirtied(void **state) {
    (void)state;
    heap(1, 2);
    rig_write(&r, HEAP, 1);
    rig_read(&r, HEAP + PAGE); /* out: written to a slot */
    rig_read(&r, HEAP);        /* in */
    rig_read(&r, HEAP + PAGE); /* out: clean, the slot is valid, dropped */
    rig_write(&r, HEAP, 2);    /* in and dirtied */
    rig_read(&r, HEAP + PAGE); /* out: written again */
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 4);
    assert_int_equal(rig_counters(&r)->swap_writes, 1);
    assert_int_equal(rig_counters(&r)->evictions_clean, 2);
    rig_run(&r, 2);
    assert_int_equal(rig_counters(&r)->swap_writes, 2);
    assert_int_equal(rig_do(&r).value, 2);
    rig_end(&r);
}

static void a_page_never_written_is_dropped_and_zero_filled_again(void **state) {
    (void)state;
    heap(1, 2);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    struct translation t = rig_do(&r);
    assert_int_equal(t.fault, FAULT_MINOR_ZERO);
    assert_false(t.victim_dirty);
    assert_int_equal(rig_counters(&r)->swap_writes, 0);
    assert_int_equal(rig_counters(&r)->zero_fills, 3);
    rig_end(&r);
}

static void a_clean_page_of_a_file_is_dropped_and_read_again(void **state) {
    (void)state;
    rig_begin(&r, 1);
    rig_region(&r, 0, VMA_DATA, 0x10, 2, PERM_RW);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    rig_read(&r, HEAP);
    rig_start(&r);
    struct translation before = rig_do(&r);
    rig_run(&r, 1);
    struct translation after = rig_do(&r);
    assert_int_equal(after.fault, FAULT_MAJOR_FILE);
    assert_true(before.value == after.value);
    assert_int_equal(rig_counters(&r)->swap_writes, 0);
    rig_end(&r);
}

static void data_once_written_goes_to_swap_not_to_its_file(void **state) {
    (void)state;
    rig_begin(&r, 1);
    rig_region(&r, 0, VMA_DATA, 0x10, 2, PERM_RW);
    rig_write(&r, HEAP, 77);
    rig_read(&r, HEAP + PAGE);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    struct translation t = rig_do(&r);
    assert_int_equal(t.fault, FAULT_MAJOR_SWAP);
    assert_int_equal(t.value, 77);
    rig_end(&r);
}

/* ---- invalid accesses ---- */

static void an_address_that_no_region_holds_is_segv_map(void **state) {
    (void)state;
    heap(4, 1);
    rig_read(&r, HEAP - 1);
    rig_read(&r, HEAP + PAGE);
    rig_write(&r, 0, 1);
    rig_fetch(&r, 0xfffff000);
    rig_start(&r);
    for (unsigned i = 0; i < 4; i++) assert_int_equal(rig_fault(&r), FAULT_SEGV_MAP);
    assert_int_equal(rig_counters(&r)->segv_map, 4);
    assert_int_equal(rig_counters(&r)->invalid, 4);
    assert_int_equal(rig_counters(&r)->page_faults, 0);
    assert_int_equal(machine_kernel(r.m)->frames_free, 4);
    rig_end(&r);
}

static void what_the_region_does_not_permit_is_segv_access(void **state) {
    (void)state;
    rig_begin(&r, 4);
    rig_region(&r, 0, VMA_TEXT, 0x10, 1, PERM_RX);
    rig_region(&r, 0, VMA_HEAP, 0x20, 1, PERM_RW);
    rig_write(&r, HEAP, 1); /* untouched text */
    rig_fetch(&r, HEAP);
    rig_write(&r, HEAP, 1); /* text in memory and in the TLB */
    rig_fetch(&r, 0x20000);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_ACCESS);
    assert_int_equal(rig_fault(&r), FAULT_MAJOR_FILE);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_ACCESS);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_ACCESS);
    assert_int_equal(rig_counters(&r)->segv_access, 3);
    assert_int_equal(rig_counters(&r)->page_faults, 1);
    rig_end(&r);
}

static void kernel_space_is_mapped_but_not_for_the_user(void **state) {
    (void)state;
    heap(4, 1);
    rig_region(&r, 0, VMA_KERNEL, 0xc0000, 4, PERM_RW);
    rig_read(&r, 0xc0000000);
    rig_write(&r, 0xc0003ffc, 1);
    rig_read(&r, HEAP);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_ACCESS);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_ACCESS);
    assert_int_equal(rig_fault(&r), FAULT_MINOR_ZERO);
    rig_end(&r);
}

static void an_invalid_access_is_not_made_and_the_process_goes_on(void **state) {
    (void)state;
    rig_begin(&r, 4);
    rig_region(&r, 0, VMA_TEXT, 0x10, 1, PERM_RX);
    rig_fetch(&r, HEAP);
    rig_write(&r, HEAP, 0x55555555);
    rig_fetch(&r, HEAP);
    rig_start(&r);
    uint64_t before = rig_do(&r).value;
    assert_int_equal(rig_events(&r, EV_SIGSEGV), 1);
    assert_true(machine_kernel(r.m)->process[0].alive);
    assert_true(rig_do(&r).value == before);
    rig_end(&r);
}

static void an_address_with_more_bits_than_the_format_is_invalid(void **state) {
    (void)state;
    heap(4, 1);
    rig_read(&r, UINT64_C(0x100000000) + HEAP);
    rig_read(&r, UINT64_MAX);
    rig_access(&r, ACCESS_WRITE, UINT64_MAX - 2, 8);
    rig_read(&r, HEAP);
    rig_start(&r);
    for (unsigned i = 0; i < 3; i++) assert_true(fault_is_invalid(rig_fault(&r)));
    assert_int_equal(rig_fault(&r), FAULT_MINOR_ZERO);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_touch_of_anonymous_memory_is_minor_zero),
        cmocka_unit_test(a_frame_that_held_another_page_is_zeroed_for_the_new_one),
        cmocka_unit_test(text_that_another_process_has_in_memory_is_minor_map),
        cmocka_unit_test(text_of_another_program_is_not_shared),
        cmocka_unit_test(writable_data_of_one_program_is_each_processs_own),
        cmocka_unit_test(evicting_a_shared_page_takes_it_from_everyone),
        cmocka_unit_test(a_touch_below_the_stack_within_its_limit_is_minor_growth),
        cmocka_unit_test(the_stack_may_grow_by_several_pages_at_once_and_the_skipped_ones_are_touched_later),
        cmocka_unit_test(below_the_limit_of_the_stack_nothing_is_mapped),
        cmocka_unit_test(above_the_stack_nothing_is_mapped),
        cmocka_unit_test(a_stack_that_cannot_be_executed_does_not_grow_for_a_fetch),
        cmocka_unit_test(a_page_of_a_file_is_read_at_its_first_touch),
        cmocka_unit_test(a_dirty_page_comes_back_from_swap_with_its_bytes),
        cmocka_unit_test(a_slot_stays_valid_until_its_page_is_dirtied),
        cmocka_unit_test(a_page_never_written_is_dropped_and_zero_filled_again),
        cmocka_unit_test(a_clean_page_of_a_file_is_dropped_and_read_again),
        cmocka_unit_test(data_once_written_goes_to_swap_not_to_its_file),
        cmocka_unit_test(an_address_that_no_region_holds_is_segv_map),
        cmocka_unit_test(what_the_region_does_not_permit_is_segv_access),
        cmocka_unit_test(kernel_space_is_mapped_but_not_for_the_user),
        cmocka_unit_test(an_invalid_access_is_not_made_and_the_process_goes_on),
        cmocka_unit_test(an_address_with_more_bits_than_the_format_is_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
