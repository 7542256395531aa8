/* The sequencer on machines built by hand: the order of an access, restarts, the TLB's part in it,
 * time. Design 3, "Access", "Reference bits", "TLB", "Cost". */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct rig r;

#define HEAP 0x10000
#define PAGE 0x1000

static void heap(uint32_t frames, vpn_t pages) {
    rig_begin(&r, frames);
    rig_region(&r, 0, VMA_HEAP, HEAP / PAGE, pages, PERM_RW);
}

/* ---- the order of things ---- */

static void expect_events(const enum event_kind *kind, unsigned count) {
    struct event e;
    for (unsigned i = 0; i < count; i++) {
        assert_true(machine_micro_step(r.m, &e));
        if (e.kind != kind[i])
            fail_msg("micro-step %u: expected %s, got %s", i, event_table[kind[i]].name,
                     event_table[e.kind].name);
        assert_int_equal(e.micro, i);
    }
    assert_true(machine_between_steps(r.m));
}

static void a_first_write_happens_in_the_order_of_the_design(void **state) {
    static const enum event_kind first_write[] = {EV_ACCESS,    EV_TLB_MISS,   EV_WALK_INVALID, EV_TRAP,
                                                  EV_VMA_FOUND, EV_FRAME_FREE, EV_ZERO_FILL,    EV_TABLE_NEW,
                                                  EV_PTE_WRITE, EV_RETRY,      EV_TLB_MISS,     EV_WALK_TABLE,
                                                  EV_WALK_LEAF, EV_BITS_SET,   EV_TLB_FILL,     EV_MEM_WRITE};
    (void)state;
    heap(4, 1);
    rig_write(&r, HEAP, 1);
    rig_start(&r);
    expect_events(first_write, sizeof first_write / sizeof *first_write);
    rig_end(&r);
}

/* Sv32, address 0x00010004: VPN[1] = 0, VPN[0] = 0x10, offset 4; the numbers of the events must fit together.
 */
static void the_events_of_a_first_write_carry_its_numbers(void **state) {
    (void)state;
    struct event e, of[EV_COUNT] = {{0}};
    heap(4, 1);
    rig_write(&r, HEAP + 4, 0xabcd);
    rig_start(&r);
    while (machine_micro_step(r.m, &e)) of[e.kind] = e;
    paddr_t root = machine_kernel(r.m)->process[0].root, table = of[EV_TABLE_NEW].table;
    assert_int_equal(of[EV_ACCESS].vpn, 0x10);
    assert_int_equal(of[EV_ACCESS].value, 0xabcd);
    assert_true(of[EV_ACCESS].has_value);
    assert_int_equal(of[EV_WALK_INVALID].level, 1);
    assert_int_equal(of[EV_WALK_INVALID].pte_addr, root);
    assert_int_equal(of[EV_TRAP].cause, HW_FAULT_NOT_VALID);
    assert_int_equal(of[EV_VMA_FOUND].first, 0x10);
    assert_int_equal(of[EV_VMA_FOUND].last, 0x10);
    assert_int_equal(of[EV_VMA_FOUND].perms, PERM_RW);
    assert_string_equal(of[EV_VMA_FOUND].region, "heap");
    assert_int_equal(of[EV_FRAME_FREE].frame, 0);
    assert_int_equal(of[EV_FRAME_FREE].count, 4);
    assert_int_equal(of[EV_TABLE_NEW].level, 0);
    assert_int_equal(of[EV_TABLE_NEW].pte_addr, root);
    assert_int_equal(of[EV_TABLE_NEW].pte, table >> 2 | 1);
    assert_int_equal(of[EV_PTE_WRITE].pte_addr, table + 0x10 * 4);
    assert_int_equal(of[EV_WALK_TABLE].next, table);
    assert_int_equal(of[EV_WALK_TABLE].table, root);
    assert_int_equal(of[EV_WALK_LEAF].level, 0);
    assert_int_equal(of[EV_WALK_LEAF].index, 0x10);
    assert_int_equal(of[EV_WALK_LEAF].pte, of[EV_PTE_WRITE].pte);
    assert_int_equal(of[EV_BITS_SET].bits, PTE_BIT(PTE_A) | PTE_BIT(PTE_D));
    assert_int_equal(of[EV_BITS_SET].pte, of[EV_BITS_SET].pte_old | 0xc0);
    assert_int_equal(of[EV_MEM_WRITE].pa, 4);
    assert_int_equal(of[EV_MEM_WRITE].frame, 0);
    assert_int_equal(of[EV_MEM_WRITE].value, 0xabcd);
    rig_end(&r);
}

static void a_tlb_hit_goes_straight_to_memory(void **state) {
    static const enum event_kind hit[] = {EV_ACCESS, EV_TLB_HIT, EV_MEM_READ};
    (void)state;
    heap(4, 1);
    rig_write(&r, HEAP, 1);
    rig_read(&r, HEAP + 4);
    rig_start(&r);
    rig_run(&r, 1);
    expect_events(hit, 3);
    rig_end(&r);
}

static void a_victim_is_unmapped_and_saved_before_its_frame_is_filled(void **state) {
    static const enum event_kind evict[] = {
        EV_ACCESS,   EV_TLB_MISS,   EV_WALK_TABLE, EV_WALK_INVALID, EV_TRAP,      EV_VMA_FOUND,
        EV_VICTIM,   EV_UNMAP,      EV_SWAP_WRITE, EV_ZERO_FILL,    EV_PTE_WRITE, EV_RETRY,
        EV_TLB_MISS, EV_WALK_TABLE, EV_WALK_LEAF,  EV_BITS_SET,     EV_TLB_FILL,  EV_MEM_READ};
    (void)state;
    heap(1, 2);
    rig_write(&r, HEAP, 1);
    rig_read(&r, HEAP + PAGE);
    rig_start(&r);
    rig_run(&r, 1);
    expect_events(evict, sizeof evict / sizeof *evict);
    rig_end(&r);
}

/* ---- restarts ---- */

static void a_restarted_access_counts_neither_as_access_nor_as_tlb_miss(void **state) {
    (void)state;
    heap(4, 1);
    rig_write(&r, HEAP, 1);
    rig_start(&r);
    rig_run(&r, 1);
    const struct counters *c = rig_counters(&r);
    assert_int_equal(c->steps, 1);
    assert_int_equal(c->accesses, 1);
    assert_int_equal(c->writes, 1);
    assert_int_equal(c->translations, 1);
    assert_int_equal(c->tlb_misses, 1);
    assert_int_equal(c->tlb_hits, 0);
    assert_int_equal(c->walk_reads, 3); /* L1 not valid; then L1 and L0 */
    rig_end(&r);
}

static void a_walk_that_faults_fills_no_tlb_entry(void **state) {
    (void)state;
    heap(4, 1);
    rig_read(&r, 0x5000);
    rig_fetch(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(tlbs_used(&machine_hw(r.m)->tlbs), 0);
    rig_end(&r);
}

static void a_denied_access_to_a_page_in_the_tlb_counts_as_a_hit(void **state) {
    (void)state;
    rig_begin(&r, 4);
    rig_region(&r, 0, VMA_TEXT, 0x10, 1, PERM_RX);
    rig_fetch(&r, HEAP);
    rig_write(&r, HEAP, 1);
    rig_start(&r);
    rig_run(&r, 1);
    struct translation t = rig_do(&r);
    assert_int_equal(t.tlb, TLB_OUT_HIT);
    assert_int_equal(t.fault, FAULT_SEGV_ACCESS);
    assert_false(t.done);
    assert_int_equal(machine_outcome(r.m), OUT_INVALID);
    rig_end(&r);
}

/* ---- crossing a page boundary ---- */

static void an_access_across_two_pages_is_two_translations_in_one_step(void **state) {
    (void)state;
    heap(4, 2);
    struct step *s = rig_access(&r, ACCESS_WRITE, HEAP + PAGE - 3, 8);
    s->value = UINT64_C(0x8877665544332211);
    s->flags = STEP_HAS_VALUE;
    for (unsigned i = 0; i < 8; i++) rig_access(&r, ACCESS_READ, HEAP + PAGE - 3 + i, 1);
    rig_start(&r);
    struct event e, of[EV_COUNT] = {{0}};
    do {
        assert_true(machine_micro_step(r.m, &e));
        of[e.kind] = e;
    } while (!machine_between_steps(r.m));
    assert_int_equal(of[EV_ACCESS].size, 8);
    assert_int_equal(of[EV_SPLIT].size, 5);
    assert_int_equal(of[EV_SPLIT].va, HEAP + PAGE);
    assert_int_equal(of[EV_MEM_WRITE].value, UINT64_C(0x8877665544));
    unsigned count;
    const struct translation *t = machine_translations(r.m, &count);
    assert_int_equal(count, 2);
    assert_int_equal(t[0].va, HEAP + PAGE - 3);
    assert_int_equal(t[1].va, HEAP + PAGE);
    assert_int_equal(t[0].fault, FAULT_MINOR_ZERO);
    assert_int_equal(t[1].fault, FAULT_MINOR_ZERO);
    assert_int_not_equal(t[0].frame, t[1].frame);
    assert_int_equal(rig_counters(&r)->accesses, 1);
    assert_int_equal(rig_counters(&r)->translations, 2);
    assert_int_equal(rig_counters(&r)->tlb_misses, 2);
    assert_int_equal(rig_counters(&r)->page_faults, 2);
    for (unsigned i = 0; i < 8; i++) assert_int_equal(rig_do(&r).value, 0x11 * (i + 1));
    rig_end(&r);
}

static void an_access_that_ends_at_the_page_boundary_does_not_cross_it(void **state) {
    (void)state;
    heap(4, 2);
    rig_access(&r, ACCESS_READ, HEAP + PAGE - 8, 8);
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(rig_counters(&r)->translations, 1);
    rig_end(&r);
}

static void told_not_to_split_only_the_first_bytes_page_is_touched(void **state) {
    (void)state;
    heap(4, 2);
    rig_access(&r, ACCESS_READ, HEAP + PAGE - 1, 8)->flags = STEP_NO_SPLIT;
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(rig_counters(&r)->translations, 1);
    assert_int_equal(rig_counters(&r)->page_faults, 1);
    assert_int_equal(machine_kernel(r.m)->frames_free, 3);
    rig_end(&r);
}

static void a_crossing_access_whose_second_page_is_invalid_faults_there(void **state) {
    (void)state;
    heap(4, 1);
    rig_access(&r, ACCESS_READ, HEAP + PAGE - 2, 4);
    rig_start(&r);
    rig_run(&r, 1);
    unsigned count;
    const struct translation *t = machine_translations(r.m, &count);
    assert_int_equal(count, 2);
    assert_int_equal(t[0].fault, FAULT_MINOR_ZERO);
    assert_int_equal(t[1].fault, FAULT_SEGV_MAP);
    rig_end(&r);
}

/* ---- A and D ---- */

static unsigned flags_of(vpn_t vpn) {
    paddr_t at;
    uint64_t word;
    assert_true(pagetable_find(machine_kernel(r.m), 0, vpn, &at, &word));
    assert_true(word == ram_read(machine_hw(r.m)->ram, at, 4));
    return paging_decode(&r.config.format, word).flags;
}

static void a_store_that_hits_a_clean_entry_walks_once_more_and_counts_no_second_miss(void **state) {
    (void)state;
    heap(4, 1);
    rig_read(&r, HEAP);
    rig_write(&r, HEAP, 1);
    rig_write(&r, HEAP, 2);
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(flags_of(0x10) & PTE_BIT(PTE_D), 0);
    uint64_t reads = rig_counters(&r)->walk_reads;
    assert_int_equal(rig_events(&r, EV_TLB_CLEAN), 1);
    assert_int_equal(flags_of(0x10) & PTE_BIT(PTE_D), PTE_BIT(PTE_D));
    assert_int_equal(rig_counters(&r)->walk_reads, reads + 2);
    assert_int_equal(rig_counters(&r)->tlb_misses, 1);
    assert_int_equal(rig_counters(&r)->tlb_hits, 1);
    assert_int_equal(rig_events(&r, EV_TLB_CLEAN), 0); /* the entry knows now */
    assert_int_equal(rig_counters(&r)->walk_reads, reads + 2);
    assert_int_equal(rig_counters(&r)->tlb_hits, 2);
    rig_end(&r);
}

static void the_ptes_in_ram_are_those_of_the_manual(void **state) {
    (void)state;
    rig_begin(&r, 4);
    rig_region(&r, 0, VMA_TEXT, 0x10, 1, PERM_RX);
    rig_region(&r, 0, VMA_HEAP, 0x20, 1, PERM_RW);
    rig_fetch(&r, HEAP);
    rig_write(&r, 0x20000, 1);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(flags_of(0x10),
                     PTE_BIT(PTE_V) | PTE_BIT(PTE_R) | PTE_BIT(PTE_X) | PTE_BIT(PTE_U) | PTE_BIT(PTE_A));
    assert_int_equal(flags_of(0x20), PTE_BIT(PTE_V) | PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_U) |
                                         PTE_BIT(PTE_A) | PTE_BIT(PTE_D));
    rig_end(&r);
}

static void a_machine_that_loads_unreferenced_clears_r_and_drops_the_tlb_entry(void **state) {
    (void)state;
    heap(4, 1);
    r.config.policy.name = "clock";
    r.config.policy.load_referenced = false;
    rig_read(&r, HEAP);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP);
    rig_start(&r);
    struct event e;
    do assert_true(machine_micro_step(r.m, &e));
    while (!machine_between_steps(r.m));
    assert_int_equal(e.kind, EV_REF_CLEAR);
    assert_int_equal(e.frame, 0);
    assert_int_equal(paging_decode(&r.config.format, ram_read(machine_hw(r.m)->ram, e.pte_addr, 4)).pfn, 0);
    assert_true(e.pte == ram_read(machine_hw(r.m)->ram, e.pte_addr, 4) && (e.pte & 1));
    assert_false(frame_referenced(machine_kernel(r.m), 0));
    assert_int_equal(rig_do(&r).tlb, TLB_OUT_MISS);
    assert_true(frame_referenced(machine_kernel(r.m), 0));
    assert_int_equal(rig_do(&r).tlb, TLB_OUT_HIT);
    rig_end(&r);
}

static void evicting_a_page_drops_its_tlb_entry(void **state) {
    (void)state;
    heap(1, 2);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP + PAGE);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(tlb_find(machine_hw(r.m)->tlbs.unit[TLB_DATA], 0x10, machine_hw(r.m)->regs.asid).way, TLB_NO_WAY);
    assert_int_equal(rig_do(&r).tlb, TLB_OUT_MISS);
    rig_end(&r);
}

static void without_a_tlb_every_access_walks(void **state) {
    (void)state;
    heap(4, 1);
    rig_tlb(&r, 0, 1, false);
    for (unsigned i = 0; i < 4; i++) rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 1);
    for (unsigned i = 0; i < 3; i++) assert_int_equal(rig_do(&r).tlb, TLB_OUT_NONE);
    assert_int_equal(rig_counters(&r)->tlb_hits + rig_counters(&r)->tlb_misses, 0);
    assert_int_equal(rig_counters(&r)->walk_reads, 1 + 2 + 3 * 2);
    rig_end(&r);
}

/* ---- time ---- */

/* h*(tlb+mem) + (1-h)*(tlb+2*mem), Silberschatz: a one-level table, everything in memory. 8 of 10
 * accesses hit: 0.8*120 + 0.2*220 = 140 ns on average (TLB 20 ns, memory 100 ns). */
static nanos_t ten_accesses_eight_hits(nanos_t tlb, nanos_t memory) {
    static const unsigned bits[] = {8};
    rig_begin(&r, 4);
    rig_format(&r, 1, bits, 4, 2, 15, 12);
    r.config.timing = (struct timing_config){
        .tlb = tlb, .memory = memory, .trap = 7777, .disk_read = 7777, .disk_write = 7777};
    rig_map(&r, 0, 5, 0);
    rig_map(&r, 0, 6, 1);
    for (unsigned i = 0; i < 10; i++) rig_access(&r, ACCESS_READ, (i % 2 ? 0x50 : 0x60) + i, 1);
    rig_start(&r);
    rig_run(&r, 10);
    assert_int_equal(rig_counters(&r)->tlb_hits, 8);
    assert_int_equal(rig_counters(&r)->page_faults, 0);
    nanos_t time = rig_counters(&r)->time_ns;
    rig_end(&r);
    return time;
}

static void the_time_of_hits_and_misses_is_that_of_the_textbook_formula(void **state) {
    (void)state;
    assert_int_equal(ten_accesses_eight_hits(20, 100), 1400); /* eat-silb-80: 140 ns */
    assert_int_equal(ten_accesses_eight_hits(5, 100), 1250);  /* eat-jhu-80: 125 ns */
    assert_int_equal(ten_accesses_eight_hits(0, 85), 1020);   /* eat-brooklyn-80: 102 ns */
    assert_int_equal(ten_accesses_eight_hits(0, 10), 120);    /* eat-silb10-80: 12 ns */
}

static void the_disk_costs_what_the_scenario_says(void **state) {
    (void)state;
    heap(1, 2);
    r.config.timing = (struct timing_config){.disk_read = 8000, .disk_write = 500, .trap = 3};
    rig_write(&r, HEAP, 1);    /* trap */
    rig_read(&r, HEAP + PAGE); /* trap, write */
    rig_read(&r, HEAP);        /* trap, read; the other page was never written */
    rig_start(&r);
    rig_run(&r, 3);
    assert_int_equal(rig_counters(&r)->time_ns, 3 * 3 + 500 + 8000);
    rig_end(&r);
}

/* ---- the ends ---- */

static void a_machine_at_its_start_has_done_nothing(void **state) {
    (void)state;
    struct step s;
    heap(4, 1);
    rig_read(&r, HEAP);
    rig_start(&r);
    assert_int_equal(machine_steps_done(r.m), 0);
    assert_true(machine_step_index(r.m) == UINT64_MAX);
    assert_false(machine_step_now(r.m, &s));
    assert_true(machine_between_steps(r.m));
    assert_int_equal(machine_last_event(r.m)->kind, EV_NONE);
    assert_int_equal(machine_phase(r.m), PH_NEXT);
    unsigned count;
    machine_translations(r.m, &count);
    assert_int_equal(count, 0);
    rig_end(&r);
}

static void after_the_last_step_nothing_happens_any_more(void **state) {
    (void)state;
    heap(4, 1);
    rig_read(&r, HEAP);
    rig_start(&r);
    assert_true(machine_step(r.m));
    struct machine *end = machine_clone(r.m);
    assert_false(machine_micro_step(r.m, NULL));
    assert_false(machine_step(r.m));
    assert_int_equal(machine_run(r.m, 10, NULL), 0);
    assert_true(machine_equal(r.m, end));
    assert_int_equal(machine_status(r.m), VS_OK);
    machine_free(end);
    rig_end(&r);
}

static void a_machine_without_steps_is_at_its_end(void **state) {
    (void)state;
    heap(4, 1);
    rig_start(&r);
    assert_false(machine_step(r.m));
    rig_end(&r);
}

static void micro_steps_are_counted_within_their_step(void **state) {
    (void)state;
    heap(4, 1);
    rig_read(&r, HEAP);
    rig_read(&r, HEAP);
    rig_start(&r);
    rig_run(&r, 1);
    assert_int_equal(machine_steps_done(r.m), 1);
    assert_int_equal(machine_step_index(r.m), 0);
    assert_true(machine_micro_step(r.m, NULL));
    assert_int_equal(machine_step_index(r.m), 1);
    assert_int_equal(machine_micro(r.m), 1);
    assert_false(machine_between_steps(r.m));
    assert_true(machine_micro_step(r.m, NULL));
    assert_true(machine_micro_step(r.m, NULL));
    assert_int_equal(machine_micro(r.m), 3);
    assert_true(machine_between_steps(r.m));
    assert_int_equal(machine_outcome(r.m), OUT_HIT);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_write_happens_in_the_order_of_the_design),
        cmocka_unit_test(the_events_of_a_first_write_carry_its_numbers),
        cmocka_unit_test(a_tlb_hit_goes_straight_to_memory),
        cmocka_unit_test(a_victim_is_unmapped_and_saved_before_its_frame_is_filled),
        cmocka_unit_test(a_restarted_access_counts_neither_as_access_nor_as_tlb_miss),
        cmocka_unit_test(a_walk_that_faults_fills_no_tlb_entry),
        cmocka_unit_test(a_denied_access_to_a_page_in_the_tlb_counts_as_a_hit),
        cmocka_unit_test(an_access_across_two_pages_is_two_translations_in_one_step),
        cmocka_unit_test(an_access_that_ends_at_the_page_boundary_does_not_cross_it),
        cmocka_unit_test(told_not_to_split_only_the_first_bytes_page_is_touched),
        cmocka_unit_test(a_crossing_access_whose_second_page_is_invalid_faults_there),
        cmocka_unit_test(a_store_that_hits_a_clean_entry_walks_once_more_and_counts_no_second_miss),
        cmocka_unit_test(the_ptes_in_ram_are_those_of_the_manual),
        cmocka_unit_test(a_machine_that_loads_unreferenced_clears_r_and_drops_the_tlb_entry),
        cmocka_unit_test(evicting_a_page_drops_its_tlb_entry),
        cmocka_unit_test(without_a_tlb_every_access_walks),
        cmocka_unit_test(the_time_of_hits_and_misses_is_that_of_the_textbook_formula),
        cmocka_unit_test(the_disk_costs_what_the_scenario_says),
        cmocka_unit_test(a_machine_at_its_start_has_done_nothing),
        cmocka_unit_test(after_the_last_step_nothing_happens_any_more),
        cmocka_unit_test(a_machine_without_steps_is_at_its_end),
        cmocka_unit_test(micro_steps_are_counted_within_their_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
