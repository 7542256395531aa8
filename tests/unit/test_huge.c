/* Huge pages by hand: one leaf PTE above the last level maps frames that lie side by side; where there are
 * none, a page of the usual size; and when one of its frames must leave, the leaf is split.
 *
 * The machine (unless a test says otherwise): pages of 256 bytes, 8 root entries (L1), tables of 4 entries
 * (L0), so a leaf in the root maps 4 pages:
 *
 *    12     10 9    8 7        0         31        8 7 6 5 4 3 2 1 0
 *   +---------+------+----------+       +-----------+-+-+-+-+-+-+-+-+
 *   |   L1    |  L0  |  offset  |       |    PFN    |D|A|G|U|X|W|R|V|
 *   +---------+------+----------+       +-----------+-+-+-+-+-+-+-+-+ */
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct rig r;

#define PAGE 0x100u
#define HUGE (4 * PAGE) /* where the region of huge pages begins */
#define HEAP (16 * PAGE)

static void format(unsigned levels, unsigned l0, unsigned l1, unsigned l2, unsigned pfn_bits) {
    struct paging_format *f = &r.config.format;
    const uint8_t bits[3] = {(uint8_t)l0, (uint8_t)l1, (uint8_t)l2};
    *f = *paging_by_name("custom");
    f->levels = levels;
    f->page_shift = 8;
    f->pfn_bit = 8;
    f->pfn_bits = pfn_bits;
    f->leaf_levels = (uint8_t)low_bits(levels);
    memcpy(f->index_bits, bits, sizeof bits);
}

/* Huge pages of 4 pages at page 4, and 4 usual pages at page 16. */
static void machine(uint32_t frames) {
    rig_begin(&r, frames);
    format(2, 2, 3, 0, 24);
    rig_region(&r, 0, VMA_MMAP, HUGE / PAGE, 8, PERM_RW)->order = 2;
    rig_region(&r, 0, VMA_HEAP, HEAP / PAGE, 4, PERM_RW);
}

static struct pte_at pte_of(vaddr_t va) { return pagetable_at(machine_kernel(r.m), 0, va / PAGE); }

static struct translation last_translation(void) {
    unsigned count;
    return machine_translations(r.m, &count)[0];
}

/* ---- the fault ---- */

static void one_fault_maps_a_whole_huge_page(void **state) {
    (void)state;
    machine(8);
    rig_read(&r, HUGE + PAGE + 3);
    rig_start(&r);
    const struct story *s =
        STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_INVALID, EV_TRAP, EV_VMA_FOUND, EV_FRAMES_RUN, EV_ZERO_FILL,
              EV_PTE_WRITE, EV_RETRY, EV_TLB_MISS, EV_WALK_LEAF, EV_BITS_SET, EV_TLB_FILL, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_FRAMES_RUN, 0)->frame, 0);
    assert_int_equal(story_event(s, EV_FRAMES_RUN, 0)->count, 4);
    assert_int_equal(story_event(s, EV_PTE_WRITE, 0)->pte, 0x17); /* PFN 0, V R W U */
    assert_int_equal(story_event(s, EV_TLB_FILL, 0)->vpn, HUGE / PAGE);
    assert_int_equal(story_event(s, EV_TLB_FILL, 0)->order, 2);
    assert_int_equal(last_translation().pa, PAGE + 3); /* the second of its pages: frame 1 */
    rig_end(&r);
}

static void it_counts_as_one_fault_and_as_many_zero_fills_as_it_has_frames(void **state) {
    (void)state;
    machine(8);
    rig_read(&r, HUGE);
    rig_start(&r);
    rig_run(&r, 1);
    const struct counters *c = rig_counters(&r);
    assert_int_equal(c->page_faults, 1);
    assert_int_equal(c->minor_zero, 1);
    assert_int_equal(c->zero_fills, 4);
    assert_int_equal(c->huge_pages, 1);
    assert_int_equal(c->walk_reads, 2); /* the root's entry, twice */
    assert_int_equal(machine_kernel(r.m)->process[0].resident, 4);
    assert_int_equal(machine_kernel(r.m)->frames_free, 4);
    rig_end(&r);
}

static void every_page_of_it_is_reached_by_one_tlb_entry(void **state) {
    (void)state;
    machine(8);
    rig_read(&r, HUGE);
    for (unsigned i = 1; i < 4; i++) rig_read(&r, HUGE + i * PAGE);
    rig_start(&r);
    rig_run(&r, 1);
    for (unsigned i = 1; i < 4; i++) {
        STORY(&r, EV_ACCESS, EV_TLB_HIT, EV_MEM_READ);
        assert_int_equal(last_translation().frame, i);
    }
    assert_int_equal(tlb_reach(machine_hw(r.m)->tlbs.unit[TLB_DATA]), 4);
    rig_end(&r);
}

static void its_frames_share_one_dirty_bit(void **state) {
    (void)state;
    machine(8);
    rig_write(&r, HUGE + 2 * PAGE, 5);
    rig_start(&r);
    rig_run(&r, 1);
    for (frame_t f = 0; f < 4; f++) {
        assert_true(frame_dirty(machine_kernel(r.m), f));
        assert_true(frame_referenced(machine_kernel(r.m), f));
        assert_int_equal(machine_kernel(r.m)->frame[f].owner.vpn, HUGE / PAGE + f);
    }
    rig_end(&r);
}

/* Frame 0 is taken: frames 1 to 4 lie side by side, but only 4 to 7 are aligned. */
static void its_frames_begin_at_a_multiple_of_their_number(void **state) {
    (void)state;
    machine(8);
    rig_read(&r, HEAP);
    rig_read(&r, HUGE);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(last_translation().frame, 4);
    rig_end(&r);
}

static void two_mebibytes_of_sv39_are_one_fault(void **state) {
    (void)state;
    rig_begin(&r, 600);
    r.config.format = *paging_by_name("sv39");
    rig_region(&r, 0, VMA_HEAP, 0x400, 512, PERM_RW)->order = 9;
    rig_read(&r, 0x400000 + 0x12345);
    rig_start(&r);
    struct translation t = rig_do(&r);
    assert_int_equal(t.fault, FAULT_MINOR_ZERO);
    assert_int_equal(t.pa, 0x12345);
    assert_int_equal(rig_counters(&r)->zero_fills, 512);
    assert_int_equal(tlb_reach(machine_hw(r.m)->tlbs.unit[TLB_DATA]), 512);
    rig_end(&r);
}

/* ---- falling back ---- */

static void without_frames_side_by_side_a_usual_page_must_do(void **state) {
    (void)state;
    machine(3);
    rig_read(&r, HUGE);
    rig_start(&r);
    const struct story *s =
        STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_INVALID, EV_TRAP, EV_VMA_FOUND, EV_NO_RUN, EV_FRAME_FREE,
              EV_ZERO_FILL, EV_TABLE_NEW, EV_PTE_WRITE, EV_RETRY, EV_TLB_MISS, EV_WALK_TABLE, EV_WALK_LEAF,
              EV_BITS_SET, EV_TLB_FILL, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_NO_RUN, 0)->count, 4);
    assert_int_equal(rig_counters(&r)->huge_pages, 0);
    assert_int_equal(rig_counters(&r)->zero_fills, 1);
    rig_end(&r);
}

/* Two usual pages in frames 0 and 1, a huge one in 4 to 7: 2 and 3 are left. */
static void too_few_free_frames_are_no_huge_page(void **state) {
    (void)state;
    machine(8);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    rig_read(&r, HUGE);
    rig_read(&r, HUGE + 4 * PAGE);
    rig_start(&r);
    rig_run(&r, 4);
    assert_int_equal(last_translation().frame, 2);
    assert_int_equal(rig_counters(&r)->huge_pages, 1);
    rig_end(&r);
}

static void a_fixed_share_of_frames_limits_huge_pages(void **state) {
    (void)state;
    machine(8);
    r.config.scope = SCOPE_LOCAL;
    r.process[0].frames = 3;
    rig_read(&r, HUGE);
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(rig_counters(&r)->huge_pages, 0);
    assert_int_equal(machine_kernel(r.m)->process[0].held, 1);
    rig_end(&r);
}

/* ---- splitting ---- */

static void a_victim_in_a_huge_page_is_split_off_first(void **state) {
    (void)state;
    machine(4);
    rig_read(&r, HUGE);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 1);
    const struct story *s =
        STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_INVALID, EV_TRAP, EV_VMA_FOUND, EV_VICTIM, EV_HUGE_SPLIT,
              EV_UNMAP, EV_VICTIM_DROP, EV_ZERO_FILL, EV_TABLE_NEW, EV_PTE_WRITE, EV_RETRY, EV_TLB_MISS,
              EV_WALK_TABLE, EV_WALK_LEAF, EV_BITS_SET, EV_TLB_FILL, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_VICTIM, 0)->old_vpn, HUGE / PAGE);
    assert_int_equal(story_event(s, EV_HUGE_SPLIT, 0)->pte_old, 0x57); /* PFN 0, V R W U A */
    assert_int_equal(story_event(s, EV_HUGE_SPLIT, 0)->count, 4);
    assert_int_equal(rig_counters(&r)->evictions, 1);
    rig_end(&r);
}

static void the_other_pages_stay_where_they_are_with_the_same_flags(void **state) {
    (void)state;
    machine(4);
    rig_write(&r, HUGE + 2 * PAGE, 0xabcd);
    rig_read(&r, HEAP);
    rig_read(&r, HUGE + 2 * PAGE);
    rig_start(&r);
    rig_run(&r, 2);
    assert_false(pte_of(HUGE).valid);
    for (unsigned i = 1; i < 4; i++) {
        struct pte_at at = pte_of(HUGE + i * PAGE);
        assert_int_equal(at.level, 0);
        assert_int_equal(at.pfn, i);
        assert_int_equal(at.word, i << 8 | 0xd7); /* V R W U A D */
    }
    const struct story *s =
        STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_TABLE, EV_WALK_LEAF, EV_TLB_FILL, EV_MEM_READ);
    assert_int_equal(story_event(s, EV_MEM_READ, 0)->value, 0xabcd);
    rig_end(&r);
}

/* The D of the one leaf counts for all its frames. */
static void a_victim_that_was_never_written_is_saved_when_its_huge_page_is_dirty(void **state) {
    (void)state;
    machine(4);
    rig_write(&r, HUGE + 2 * PAGE, 0xabcd);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(rig_counters(&r)->swap_writes, 1);
    assert_true(last_translation().victim_dirty);
    assert_int_equal(last_translation().victim_vpn, HUGE / PAGE);
    rig_end(&r);
}

/* Three levels, 2 + 2 + 8 entries: a leaf in the root maps 4 pages, one of L1 2 pages. */
static void a_leaf_two_levels_up_is_split_twice(void **state) {
    (void)state;
    machine(4);
    format(3, 1, 1, 3, 24);
    rig_read(&r, HUGE);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 1);
    const struct story *s =
        STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_INVALID, EV_TRAP, EV_VMA_FOUND, EV_VICTIM, EV_HUGE_SPLIT,
              EV_HUGE_SPLIT, EV_UNMAP, EV_VICTIM_DROP, EV_ZERO_FILL, EV_TABLE_NEW, EV_TABLE_NEW, EV_PTE_WRITE,
              EV_RETRY, EV_TLB_MISS, EV_WALK_TABLE, EV_WALK_TABLE, EV_WALK_LEAF, EV_BITS_SET, EV_TLB_FILL,
              EV_MEM_READ);
    assert_int_equal(story_event(s, EV_HUGE_SPLIT, 0)->level, 1);
    assert_int_equal(story_event(s, EV_HUGE_SPLIT, 1)->level, 0);
    assert_int_equal(pte_of(HUGE + PAGE).level, 0);
    assert_int_equal(pte_of(HUGE + 2 * PAGE).level, 1); /* the other half is a huge page of 2 pages still */
    rig_end(&r);
}

/* PFNs of 5 bits: 32 pages of RAM, 16 of them for page tables. A holds a huge page, B has used up the
 * tables (a root each, and 14 tables for 14 x 4 pages). A's next page would need a victim, its huge page's
 * split, and for that a table. */
static void a_split_for_which_no_table_is_left_is_out_of_memory(void **state) {
    (void)state;
    rig_begin(&r, 8);
    format(2, 2, 5, 0, 5);
    r.config.scope = SCOPE_LOCAL;
    rig_process(&r, "B", "B");
    r.process[0].frames = r.process[1].frames = 4;
    rig_region(&r, 0, VMA_MMAP, HUGE / PAGE, 4, PERM_RW)->order = 2;
    rig_region(&r, 0, VMA_HEAP, HEAP / PAGE, 1, PERM_RW);
    rig_region(&r, 1, VMA_HEAP, 0, 56, PERM_RW);
    rig_read(&r, HUGE);
    rig_switch(&r, 1);
    for (unsigned i = 0; i < 14; i++) rig_read(&r, i * 4 * PAGE);
    rig_switch(&r, 0);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 17);
    STORY(&r, EV_ACCESS, EV_TLB_MISS, EV_WALK_INVALID, EV_TRAP, EV_VMA_FOUND, EV_OOM, EV_FRAMES_FREED);
    assert_int_equal(last_translation().fault, FAULT_OOM);
    assert_false(machine_kernel(r.m)->process[0].alive);
    assert_int_equal(machine_kernel(r.m)->frames_free, 4);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_fault_maps_a_whole_huge_page),
        cmocka_unit_test(it_counts_as_one_fault_and_as_many_zero_fills_as_it_has_frames),
        cmocka_unit_test(every_page_of_it_is_reached_by_one_tlb_entry),
        cmocka_unit_test(its_frames_share_one_dirty_bit),
        cmocka_unit_test(its_frames_begin_at_a_multiple_of_their_number),
        cmocka_unit_test(two_mebibytes_of_sv39_are_one_fault),
        cmocka_unit_test(without_frames_side_by_side_a_usual_page_must_do),
        cmocka_unit_test(too_few_free_frames_are_no_huge_page),
        cmocka_unit_test(a_fixed_share_of_frames_limits_huge_pages),
        cmocka_unit_test(a_victim_in_a_huge_page_is_split_off_first),
        cmocka_unit_test(the_other_pages_stay_where_they_are_with_the_same_flags),
        cmocka_unit_test(a_victim_that_was_never_written_is_saved_when_its_huge_page_is_dirty),
        cmocka_unit_test(a_leaf_two_levels_up_is_split_twice),
        cmocka_unit_test(a_split_for_which_no_table_is_left_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
