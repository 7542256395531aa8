/* Several TLBs together: split for instructions and data, and with a second level behind them. */
#include "vmscope/base/memory.h"
#include "vmscope/hw/tlbs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Fully associative LRU units of so many entries. */
static struct tlbs make(uint32_t data, uint32_t fetch, uint32_t second, bool inclusive) {
    struct tlbs_config c = {.unit[TLB_DATA] = {.entries = data, .ways = data, .asid = true},
                            .unit[TLB_FETCH] = {.entries = fetch, .ways = fetch, .asid = true},
                            .unit[TLB_SECOND] = {.entries = second, .ways = second, .asid = true},
                            .inclusive = inclusive};
    struct tlbs t;
    assert_int_equal(tlbs_create(&t, &c), VS_OK);
    return t;
}

static struct tlb_entry entry(vpn_t vpn, asid_t asid) {
    return (struct tlb_entry){.valid = true, .vpn = vpn, .asid = asid, .pfn = vpn + 100, .perms = PERM_R};
}

/* Put VPN into a unit; returns how many copies left the first level for it. */
static uint32_t put(struct tlbs *t, enum tlb_unit u, vpn_t vpn) {
    struct tlb_entry e = entry(vpn, 1);
    uint32_t dropped = 99;
    tlbs_insert(t, u, &e, NULL, &dropped);
    return dropped;
}

static bool has(const struct tlbs *t, enum tlb_unit u, vpn_t vpn, asid_t asid) {
    return tlb_find(t->unit[u], vpn, asid).way != TLB_NO_WAY;
}

static void every_unit_has_a_handle_also_where_it_is_absent(void **state) {
    (void)state;
    struct tlbs t = make(4, 0, 0, false);
    for (unsigned u = 0; u < TLB_UNITS; u++) assert_non_null(t.unit[u]);
    assert_true(tlbs_has(&t, TLB_DATA));
    assert_false(tlbs_has(&t, TLB_FETCH));
    assert_false(tlbs_has(&t, TLB_SECOND));
    assert_int_equal(put(&t, TLB_SECOND, 1), 0);
    assert_int_equal(tlbs_used(&t), 0);
    tlbs_free(&t);
}

static void one_tlb_serves_all_accesses_unless_it_is_split(void **state) {
    (void)state;
    struct tlbs whole = make(4, 0, 0, false), split = make(4, 4, 0, false);
    assert_int_equal(tlbs_first(&whole, ACCESS_FETCH), TLB_DATA);
    assert_int_equal(tlbs_first(&whole, ACCESS_READ), TLB_DATA);
    assert_int_equal(tlbs_first(&split, ACCESS_FETCH), TLB_FETCH);
    assert_int_equal(tlbs_first(&split, ACCESS_READ), TLB_DATA);
    assert_int_equal(tlbs_first(&split, ACCESS_WRITE), TLB_DATA);
    tlbs_free(&whole);
    tlbs_free(&split);
}

static void split_tlbs_hold_a_page_apart(void **state) {
    (void)state;
    struct tlbs t = make(4, 4, 0, false);
    put(&t, TLB_FETCH, 7);
    assert_true(has(&t, TLB_FETCH, 7, 1));
    assert_false(has(&t, TLB_DATA, 7, 1));
    put(&t, TLB_DATA, 7);
    assert_int_equal(tlbs_used(&t), 2);
    tlbs_free(&t);
}

/* Data references do not push instructions out: the reason to split. */
static void data_leaves_the_instruction_tlb_alone(void **state) {
    (void)state;
    struct tlbs t = make(2, 2, 0, false);
    put(&t, TLB_FETCH, 7);
    for (vpn_t vpn = 100; vpn < 110; vpn++) put(&t, TLB_DATA, vpn);
    assert_true(has(&t, TLB_FETCH, 7, 1));
    tlbs_free(&t);
}

static void what_leaves_an_inclusive_second_level_leaves_the_first(void **state) {
    (void)state;
    struct tlbs t = make(2, 2, 2, true);
    put(&t, TLB_SECOND, 1), put(&t, TLB_DATA, 1), put(&t, TLB_FETCH, 1);
    assert_int_equal(put(&t, TLB_SECOND, 2), 0);
    struct tlb_entry e = entry(3, 1), old;
    uint32_t dropped;
    struct tlb_place p = tlbs_insert(&t, TLB_SECOND, &e, &old, &dropped);
    assert_int_equal(p.way, 0);
    assert_int_equal(old.vpn, 1);
    assert_int_equal(dropped, 2);
    assert_false(has(&t, TLB_DATA, 1, 1));
    assert_false(has(&t, TLB_FETCH, 1, 1));
    tlbs_free(&t);
}

static void without_inclusion_each_level_replaces_on_its_own(void **state) {
    (void)state;
    struct tlbs t = make(2, 0, 1, false);
    put(&t, TLB_SECOND, 1), put(&t, TLB_DATA, 1);
    assert_int_equal(put(&t, TLB_SECOND, 2), 0);
    assert_true(has(&t, TLB_DATA, 1, 1));
    assert_false(has(&t, TLB_SECOND, 1, 1));
    tlbs_free(&t);
}

static void what_leaves_the_first_level_stays_in_the_second(void **state) {
    (void)state;
    struct tlbs t = make(1, 0, 4, true);
    put(&t, TLB_SECOND, 1), put(&t, TLB_DATA, 1);
    put(&t, TLB_SECOND, 2), put(&t, TLB_DATA, 2);
    assert_false(has(&t, TLB_DATA, 1, 1));
    assert_true(has(&t, TLB_SECOND, 1, 1));
    tlbs_free(&t);
}

static void what_leaves_one_first_level_stays_in_the_other(void **state) {
    (void)state;
    struct tlbs t = make(1, 1, 4, true);
    put(&t, TLB_SECOND, 1), put(&t, TLB_SECOND, 2);
    put(&t, TLB_DATA, 1), put(&t, TLB_FETCH, 1);
    assert_int_equal(put(&t, TLB_DATA, 2), 0);
    assert_true(has(&t, TLB_FETCH, 1, 1));
    tlbs_free(&t);
}

static void inclusion_drops_only_the_same_translation(void **state) {
    (void)state;
    struct tlbs t = make(4, 0, 1, true);
    struct tlb_entry other_space = entry(1, 2), shared = entry(1, 3), larger = entry(0, 1);
    shared.global = true;
    larger.order = 2;
    put(&t, TLB_SECOND, 1), put(&t, TLB_DATA, 1);
    tlbs_insert(&t, TLB_DATA, &other_space, NULL, NULL);
    tlbs_insert(&t, TLB_DATA, &shared, NULL, NULL);
    tlbs_insert(&t, TLB_DATA, &larger, NULL, NULL);
    assert_int_equal(put(&t, TLB_SECOND, 9), 1);
    assert_int_equal(tlb_used(t.unit[TLB_DATA]), 3);
    assert_true(has(&t, TLB_DATA, 1, 2));
    assert_true(has(&t, TLB_DATA, 1, 3));
    assert_true(has(&t, TLB_DATA, 2, 1)); /* by the larger page */
    tlbs_free(&t);
}

static void inclusion_drops_a_global_copy_whatever_its_asid(void **state) {
    (void)state;
    struct tlbs t = make(4, 0, 1, true);
    struct tlb_entry below = entry(1, 2), above = entry(1, 3);
    below.global = above.global = true;
    tlbs_insert(&t, TLB_SECOND, &below, NULL, NULL);
    tlbs_insert(&t, TLB_DATA, &above, NULL, NULL);
    assert_int_equal(put(&t, TLB_SECOND, 9), 1);
    assert_int_equal(tlb_used(t.unit[TLB_DATA]), 0);
    tlbs_free(&t);
}

static void inclusion_drops_larger_pages_whole(void **state) {
    (void)state;
    struct tlbs t = make(4, 0, 1, true);
    struct tlb_entry e = entry(0x200, 1);
    e.order = 9;
    tlbs_insert(&t, TLB_SECOND, &e, NULL, NULL);
    tlbs_insert(&t, TLB_DATA, &e, NULL, NULL);
    assert_int_equal(put(&t, TLB_SECOND, 1), 1);
    assert_false(has(&t, TLB_DATA, 0x3ff, 1));
    tlbs_free(&t);
}

/* In each unit: VPN 1 of ASID 1, VPN 1 of ASID 2, and VPN 2, global. */
static struct tlbs three_in_each(void) {
    struct tlbs t = make(4, 4, 8, true);
    struct tlb_entry e[] = {entry(1, 1), entry(1, 2), entry(2, 1)};
    e[2].global = true;
    for (unsigned u = 0; u < TLB_UNITS; u++)
        for (unsigned i = 0; i < 3; i++) tlbs_insert(&t, (enum tlb_unit)u, &e[i], NULL, NULL);
    assert_int_equal(tlbs_used(&t), 9);
    return t;
}

static void flushes_reach_every_unit(void **state) {
    (void)state;
    struct tlbs t = three_in_each();
    assert_int_equal(tlbs_flush_page(&t, 1, 1), 3);
    assert_int_equal(tlbs_flush_page(&t, 2, 2), 3); /* global: whoever asks */
    assert_int_equal(tlbs_used(&t), 3);
    tlbs_free(&t);
    t = three_in_each();
    assert_int_equal(tlbs_flush_asid(&t, 1), 3);
    assert_int_equal(tlbs_used(&t), 6);
    tlbs_free(&t);
    t = three_in_each();
    assert_int_equal(tlbs_flush(&t, false), 6);
    assert_int_equal(tlbs_flush(&t, true), 3);
    assert_int_equal(tlbs_used(&t), 0);
    tlbs_free(&t);
}

static void a_clone_is_equal_and_goes_its_own_way(void **state) {
    (void)state;
    struct tlbs a = three_in_each(), b;
    assert_int_equal(tlbs_clone(&b, &a), VS_OK);
    assert_true(tlbs_equal(&a, &b));
    for (unsigned u = 0; u < TLB_UNITS; u++) {
        struct tlbs c;
        assert_int_equal(tlbs_clone(&c, &a), VS_OK);
        put(&c, (enum tlb_unit)u, 50);
        assert_false(tlbs_equal(&a, &c));
        assert_true(tlbs_equal(&a, &b));
        tlbs_free(&c);
    }
    b.inclusive = false;
    assert_false(tlbs_equal(&a, &b));
    tlbs_free(&a);
    tlbs_free(&b);
}

static void without_memory_nothing_is_left_behind(void **state) {
    (void)state;
    struct tlbs_config c = {.unit[TLB_DATA] = {.entries = 4, .ways = 4}};
    struct tlbs t, whole = make(2, 2, 2, false);
    for (unsigned long n = 1; n <= TLB_UNITS; n++) {
        mem_fail_at(n);
        assert_int_equal(tlbs_create(&t, &c), VS_NOMEM);
        for (unsigned u = 0; u < TLB_UNITS; u++) assert_null(t.unit[u]);
        mem_fail_at(n);
        assert_int_equal(tlbs_clone(&t, &whole), VS_NOMEM);
        for (unsigned u = 0; u < TLB_UNITS; u++) assert_null(t.unit[u]);
    }
    mem_fail_at(0);
    tlbs_free(&whole);
    tlbs_free(&whole); /* once more does no harm */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_has_a_handle_also_where_it_is_absent),
        cmocka_unit_test(one_tlb_serves_all_accesses_unless_it_is_split),
        cmocka_unit_test(split_tlbs_hold_a_page_apart),
        cmocka_unit_test(data_leaves_the_instruction_tlb_alone),
        cmocka_unit_test(what_leaves_an_inclusive_second_level_leaves_the_first),
        cmocka_unit_test(without_inclusion_each_level_replaces_on_its_own),
        cmocka_unit_test(what_leaves_the_first_level_stays_in_the_second),
        cmocka_unit_test(what_leaves_one_first_level_stays_in_the_other),
        cmocka_unit_test(inclusion_drops_only_the_same_translation),
        cmocka_unit_test(inclusion_drops_a_global_copy_whatever_its_asid),
        cmocka_unit_test(inclusion_drops_larger_pages_whole),
        cmocka_unit_test(flushes_reach_every_unit),
        cmocka_unit_test(a_clone_is_equal_and_goes_its_own_way),
        cmocka_unit_test(without_memory_nothing_is_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
