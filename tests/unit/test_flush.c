/* tlb_flush: all of the TLB, one address space's part of it, or one page (RISC-V's sfence.vma without and
 * with rs2 and rs1; x86's CR3 load and INVLPG). Sv39; each process has a heap page, and the kernel's first
 * page is global. */
#include "story.h"

#include "vmscope/os/kernel.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct rig r;

#define HEAP   0x10000
#define PAGE   0x1000
#define KERNEL 0xffffffc000000000 /* the upper half's beginning */

static void machine(bool asids) {
    rig_begin(&r, 8);
    r.config.format = *paging_by_name("sv39");
    rig_tlb(&r, 8, 8, asids);
    rig_process(&r, "B", "B");
    for (proc_t p = 0; p < 2; p++) {
        rig_region(&r, p, VMA_HEAP, HEAP / PAGE, 4, PERM_RW);
        rig_region(&r, p, VMA_KERNEL, KERNEL / PAGE, 4, PERM_RW);
    }
}

static void kernel_read(vaddr_t va) { rig_access(&r, ACCESS_READ, va, 4)->flags = STEP_KERNEL; }

static void flush(enum flush_scope scope, proc_t p, vaddr_t va) {
    r.step[r.count++] = (struct step){.kind = STEP_TLB_FLUSH, .value = scope, .proc = p, .va = va};
}

static bool held(vaddr_t va, asid_t asid) {
    return tlb_find(machine_hw(r.m)->tlbs.unit[TLB_DATA], va / PAGE, asid).way != TLB_NO_WAY;
}

/* A's two heap pages and the kernel's page are in the TLB, then this flush: what does it tell? */
static const struct event *flushed(enum flush_scope scope, proc_t p, vaddr_t va, enum event_kind kind) {
    machine(true);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    kernel_read(KERNEL);
    flush(scope, p, va);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 3);
    assert_int_equal(tlbs_used(&machine_hw(r.m)->tlbs), 3);
    return story_event(STORY(&r, kind), kind, 0);
}

static void a_flush_of_everything_takes_global_entries_too(void **state) {
    (void)state;
    assert_int_equal(flushed(FLUSH_EVERYTHING, PROC_NONE, 0, EV_FLUSH_ALL)->count, 3);
    assert_int_equal(tlbs_used(&machine_hw(r.m)->tlbs), 0);
    assert_int_equal(rig_counters(&r)->tlb_flushes, 1);
    rig_end(&r);
}

static void a_flush_of_an_address_space_leaves_global_entries(void **state) {
    (void)state;
    assert_int_equal(flushed(FLUSH_ADDRESS_SPACE, PROC_NONE, 0, EV_FLUSH_ASID)->count, 2);
    assert_true(held(KERNEL, 1));
    assert_int_equal(rig_counters(&r)->tlb_flushes, 0);
    rig_end(&r);
}

static void a_flush_of_another_address_space_leaves_this_one_alone(void **state) {
    (void)state;
    assert_int_equal(flushed(FLUSH_ADDRESS_SPACE, 1, 0, EV_FLUSH_ASID)->count, 0);
    assert_true(held(HEAP, 1) && held(HEAP + PAGE, 1) && held(KERNEL, 1));
    assert_int_equal(machine_kernel(r.m)->running, 0); /* nothing is switched for it */
    rig_end(&r);
}

static void a_flush_of_a_page_takes_its_entry_alone(void **state) {
    (void)state;
    assert_int_equal(flushed(FLUSH_ONE_PAGE, PROC_NONE, HEAP + 0x123, EV_FLUSH_PAGE)->count, 1);
    assert_false(held(HEAP, 1));
    assert_true(held(HEAP + PAGE, 1) && held(KERNEL, 1));
    rig_end(&r);
}

static void a_flush_of_a_page_takes_a_global_entry_too(void **state) {
    (void)state;
    assert_int_equal(flushed(FLUSH_ONE_PAGE, PROC_NONE, KERNEL, EV_FLUSH_PAGE)->count, 1);
    assert_false(held(KERNEL, 1));
    rig_end(&r);
}

static void after_a_flush_the_page_is_walked_again_without_a_fault(void **state) {
    (void)state;
    flushed(FLUSH_EVERYTHING, PROC_NONE, 0, EV_FLUSH_ALL);
    STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_TABLE, EV_WALK_TABLE, EV_WALK_LEAF, EV_TLB_FILL, EV_MEM_READ);
    assert_int_equal(rig_counters(&r)->page_faults, 2);
    rig_end(&r);
}

/* Both processes' entries are in a TLB with ASIDs. */
static void an_address_space_is_flushed_by_its_asid_while_another_runs(void **state) {
    (void)state;
    machine(true);
    rig_read(&r, HEAP);
    rig_switch(&r, 1);
    rig_read(&r, HEAP);
    flush(FLUSH_ADDRESS_SPACE, 0, 0);
    rig_start(&r);
    rig_run(&r, 4);
    assert_false(held(HEAP, 1));
    assert_true(held(HEAP, 2));
    rig_end(&r);
}

/* The TLB holds B's page; whose entries it holds, it cannot tell. */
static void without_asids_the_tlb_holds_nothing_of_a_process_that_does_not_run(void **state) {
    (void)state;
    machine(false);
    rig_read(&r, HEAP);
    rig_switch(&r, 1);
    rig_read(&r, HEAP);
    flush(FLUSH_ADDRESS_SPACE, 0, 0);
    flush(FLUSH_ONE_PAGE, 0, HEAP);
    flush(FLUSH_ADDRESS_SPACE, 1, 0);
    rig_start(&r);
    rig_run(&r, 3);
    assert_int_equal(story_event(STORY(&r, EV_FLUSH_ASID), EV_FLUSH_ASID, 0)->count, 0);
    assert_int_equal(story_event(STORY(&r, EV_FLUSH_PAGE), EV_FLUSH_PAGE, 0)->count, 0);
    assert_int_equal(story_event(STORY(&r, EV_FLUSH_ASID), EV_FLUSH_ASID, 0)->count, 1);
    rig_end(&r);
}

static void every_tlb_of_the_processor_is_flushed(void **state) {
    (void)state;
    struct tlb_config small = {.entries = 2, .ways = 2, .replacement = TLB_LRU, .asid = true};
    machine(true);
    r.config.tlb_fetch = r.config.tlb_second = small;
    rig_region(&r, 0, VMA_TEXT, 0x20, 1, PERM_RX);
    r.region[0][1] = r.region[0][2]; /* ascending: the text between heap and kernel */
    r.region[0][2] = r.region[1][1];
    rig_read(&r, HEAP);
    rig_fetch(&r, 0x20000);
    flush(FLUSH_EVERYTHING, PROC_NONE, 0);
    rig_start(&r);
    rig_run(&r, 2);
    /* One entry in each first-level TLB, both in the second level. */
    assert_int_equal(story_event(STORY(&r, EV_FLUSH_ALL), EV_FLUSH_ALL, 0)->count, 4);
    rig_end(&r);
}

static void a_flush_counts_no_access(void **state) {
    (void)state;
    flushed(FLUSH_EVERYTHING, PROC_NONE, 0, EV_FLUSH_ALL);
    assert_int_equal(rig_counters(&r)->accesses, 3);
    assert_int_equal(rig_counters(&r)->steps, 4);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flush_of_everything_takes_global_entries_too),
        cmocka_unit_test(a_flush_of_an_address_space_leaves_global_entries),
        cmocka_unit_test(a_flush_of_another_address_space_leaves_this_one_alone),
        cmocka_unit_test(a_flush_of_a_page_takes_its_entry_alone),
        cmocka_unit_test(a_flush_of_a_page_takes_a_global_entry_too),
        cmocka_unit_test(after_a_flush_the_page_is_walked_again_without_a_fault),
        cmocka_unit_test(an_address_space_is_flushed_by_its_asid_while_another_runs),
        cmocka_unit_test(without_asids_the_tlb_holds_nothing_of_a_process_that_does_not_run),
        cmocka_unit_test(every_tlb_of_the_processor_is_flushed),
        cmocka_unit_test(a_flush_counts_no_access),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
