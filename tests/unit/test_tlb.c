/* The TLB by itself: where an entry goes, which one leaves, what a flush takes with it. */
#include "vmscope/hw/tlb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct tlb *make(uint32_t entries, uint32_t ways, enum tlb_replacement replacement) {
    struct tlb_config c = {
        .entries = entries, .ways = ways, .replacement = replacement, .asid = true, .seed = 7};
    struct tlb *t = tlb_create(&c);
    assert_non_null(t);
    return t;
}

static struct tlb_entry entry(vpn_t vpn, asid_t asid) {
    return (struct tlb_entry){.valid = true, .vpn = vpn, .asid = asid, .pfn = vpn + 100, .perms = PERM_R};
}

/* Insert and return the way; the entry that stood there goes to *old. */
static uint16_t put(struct tlb *t, vpn_t vpn, asid_t asid, struct tlb_entry *old) {
    struct tlb_entry e = entry(vpn, asid), ignored;
    return tlb_insert(t, &e, old ? old : &ignored).way;
}

static uint16_t way_of(const struct tlb *t, vpn_t vpn, asid_t asid) { return tlb_find(t, vpn, asid).way; }
static bool has(const struct tlb *t, vpn_t vpn, asid_t asid) { return way_of(t, vpn, asid) != TLB_NO_WAY; }

static void an_empty_tlb_finds_nothing(void **state) {
    (void)state;
    struct tlb *t = make(8, 2, TLB_LRU);
    assert_int_equal(tlb_used(t), 0);
    for (vpn_t vpn = 0; vpn < 16; vpn++) assert_false(has(t, vpn, 1));
    tlb_free(t);
}

static void a_machine_without_a_tlb_still_has_a_handle(void **state) {
    (void)state;
    struct tlb *t = make(0, 1, TLB_LRU), *copy = tlb_clone(t);
    struct tlb_entry e = entry(5, 1), old = e;
    assert_non_null(copy);
    assert_int_equal(tlb_ways(t), 0);
    assert_int_equal(way_of(t, 5, 1), TLB_NO_WAY);
    assert_int_equal(tlb_insert(t, &e, &old).way, TLB_NO_WAY);
    assert_false(old.valid);
    assert_int_equal(tlb_reach(t), 0);
    assert_int_equal(tlb_next_victim(t, 0), TLB_NO_WAY);
    assert_int_equal(tlb_used(t), 0);
    assert_int_equal(tlb_flush(t, true), 0);
    assert_int_equal(tlb_flush_asid(t, 1), 0);
    assert_int_equal(tlb_flush_page(t, 5, 1), 0);
    assert_true(tlb_equal(t, copy));
    tlb_free(t);
    tlb_free(copy);
}

static void the_set_is_the_vpn_modulo_the_number_of_sets(void **state) {
    (void)state;
    struct tlb *t = make(12, 4, TLB_LRU);
    assert_int_equal(tlb_sets(t), 3);
    assert_int_equal(tlb_ways(t), 4);
    for (vpn_t vpn = 0; vpn < 30; vpn++) assert_int_equal(tlb_set_of(t, vpn, 0), vpn % 3);
    assert_int_equal(tlb_set_of(t, UINT64_C(0xfffffffffffff), 0), UINT64_C(0xfffffffffffff) % 3);
    tlb_free(t);
}

static void free_ways_are_filled_first_from_the_lowest(void **state) {
    (void)state;
    for (int r = 0; r < TLB_REPLACEMENTS; r++) {
        struct tlb *t = make(4, 4, (enum tlb_replacement)r);
        struct tlb_entry old;
        for (uint16_t way = 0; way < 4; way++) {
            assert_int_equal(put(t, way, 1, &old), way);
            assert_false(old.valid);
        }
        tlb_flush_page(t, 1, 1);
        assert_int_equal(put(t, 9, 1, &old), 1);
        assert_false(old.valid);
        tlb_free(t);
    }
}

static void what_was_inserted_is_found_with_all_its_fields(void **state) {
    (void)state;
    struct tlb *t = make(8, 2, TLB_LRU);
    struct tlb_entry e = {.valid = true,
                          .global = false,
                          .dirty = true,
                          .perms = PERM_RW | PERM_U,
                          .asid = 3,
                          .vpn = 6,
                          .pfn = 77},
                     old;
    struct tlb_place p = tlb_insert(t, &e, &old);
    const struct tlb_entry *got = tlb_at(t, p.set, p.way);
    assert_int_equal(p.set, 6 % 4);
    assert_int_equal(tlb_find(t, 6, 3).set, p.set);
    assert_int_equal(tlb_find(t, 6, 3).way, p.way);
    assert_true(got->valid && got->dirty && !got->global);
    assert_int_equal(got->perms, PERM_RW | PERM_U);
    assert_int_equal(got->asid, 3);
    assert_int_equal(got->vpn, 6);
    assert_int_equal(got->pfn, 77);
    tlb_free(t);
}

static void an_entry_of_another_asid_does_not_match(void **state) {
    (void)state;
    struct tlb *t = make(4, 4, TLB_LRU);
    put(t, 10, 1, NULL);
    assert_true(has(t, 10, 1));
    assert_false(has(t, 10, 2));
    put(t, 10, 2, NULL);
    assert_true(has(t, 10, 1));
    assert_true(has(t, 10, 2));
    assert_int_not_equal(way_of(t, 10, 1), way_of(t, 10, 2));
    tlb_free(t);
}

static void a_global_entry_matches_every_asid(void **state) {
    (void)state;
    struct tlb *t = make(4, 4, TLB_LRU);
    struct tlb_entry e = entry(10, 1), old;
    e.global = true;
    tlb_insert(t, &e, &old);
    assert_true(has(t, 10, 1));
    assert_true(has(t, 10, 2));
    assert_false(has(t, 11, 1));
    tlb_free(t);
}

static void vpns_that_share_a_set_are_told_apart(void **state) {
    (void)state;
    struct tlb *t = make(8, 2, TLB_LRU);
    put(t, 1, 1, NULL);
    assert_false(has(t, 5, 1));
    assert_false(has(t, 1 + (UINT64_C(1) << 32), 1));
    assert_false(has(t, 1 + (UINT64_C(1) << 48), 1));
    tlb_free(t);
}

static void lru_replaces_the_way_used_longest_ago(void **state) {
    (void)state;
    struct tlb *t = make(3, 3, TLB_LRU);
    struct tlb_entry old;
    put(t, 0, 1, NULL), put(t, 1, 1, NULL), put(t, 2, 1, NULL);
    tlb_touch(t, 0, 0);
    assert_int_equal(put(t, 3, 1, &old), 1);
    assert_int_equal(old.vpn, 1);
    put(t, 4, 1, &old);
    assert_int_equal(old.vpn, 2);
    tlb_free(t);
}

static void fifo_replaces_the_oldest_way_however_often_it_was_used(void **state) {
    (void)state;
    struct tlb *t = make(3, 3, TLB_FIFO);
    struct tlb_entry old;
    put(t, 0, 1, NULL), put(t, 1, 1, NULL), put(t, 2, 1, NULL);
    tlb_touch(t, 0, 0);
    assert_int_equal(put(t, 3, 1, &old), 0);
    assert_int_equal(old.vpn, 0);
    tlb_free(t);
}

static void random_replacement_repeats_with_its_seed_and_reaches_every_way(void **state) {
    (void)state;
    struct tlb *a = make(4, 4, TLB_RANDOM), *b = make(4, 4, TLB_RANDOM);
    unsigned seen = 0;
    for (vpn_t vpn = 0; vpn < 200; vpn++) {
        uint16_t way = put(a, vpn, 1, NULL);
        assert_int_equal(put(b, vpn, 1, NULL), way);
        seen |= vpn >= 4 ? 1u << way : 0;
    }
    assert_int_equal(seen, 15);
    tlb_free(a);
    tlb_free(b);
}

static void a_full_set_evicts_while_another_has_room(void **state) {
    (void)state;
    struct tlb *t = make(4, 2, TLB_LRU);
    struct tlb_entry old;
    put(t, 0, 1, NULL), put(t, 2, 1, NULL), put(t, 4, 1, &old);
    assert_true(old.valid);
    assert_int_equal(old.vpn, 0);
    assert_int_equal(tlb_used(t), 2);
    tlb_free(t);
}

static void finding_changes_nothing(void **state) {
    (void)state;
    struct tlb *a = make(2, 2, TLB_LRU);
    put(a, 0, 1, NULL), put(a, 1, 1, NULL);
    struct tlb *b = tlb_clone(a);
    tlb_find(a, 0, 1);
    assert_true(tlb_equal(a, b));
    struct tlb_entry old;
    put(a, 2, 1, &old);
    assert_int_equal(old.vpn, 0);
    tlb_free(a);
    tlb_free(b);
}

static void ranks_order_a_set_from_the_most_recent(void **state) {
    (void)state;
    struct tlb *t = make(3, 3, TLB_LRU);
    put(t, 0, 1, NULL), put(t, 1, 1, NULL), put(t, 2, 1, NULL);
    tlb_touch(t, 0, 0);
    assert_int_equal(tlb_rank(t, 0, 0), 0);
    assert_int_equal(tlb_rank(t, 0, 2), 1);
    assert_int_equal(tlb_rank(t, 0, 1), 2);
    tlb_free(t);
}

static void setting_dirty_marks_that_entry_alone(void **state) {
    (void)state;
    struct tlb *t = make(4, 2, TLB_LRU);
    put(t, 0, 1, NULL), put(t, 2, 1, NULL);
    tlb_set_dirty(t, 0, 1);
    assert_false(tlb_at(t, 0, 0)->dirty);
    assert_true(tlb_at(t, 0, 1)->dirty);
    tlb_free(t);
}

static void flushing_one_page_leaves_the_others(void **state) {
    (void)state;
    struct tlb *t = make(4, 4, TLB_LRU);
    put(t, 1, 1, NULL), put(t, 1, 2, NULL), put(t, 2, 1, NULL);
    assert_int_equal(tlb_flush_page(t, 1, 1), 1);
    assert_false(has(t, 1, 1));
    assert_true(has(t, 1, 2));
    assert_true(has(t, 2, 1));
    tlb_free(t);
}

static void flushing_a_page_drops_a_global_entry_with_that_vpn(void **state) {
    (void)state;
    struct tlb *t = make(4, 4, TLB_LRU);
    struct tlb_entry e = entry(1, 1), old;
    e.global = true;
    tlb_insert(t, &e, &old);
    assert_int_equal(tlb_flush_page(t, 1, 2), 1);
    assert_false(has(t, 1, 1));
    tlb_free(t);
}

static void flushing_an_asid_leaves_others_and_globals(void **state) {
    (void)state;
    struct tlb *t = make(8, 8, TLB_LRU);
    struct tlb_entry e = entry(9, 1), old;
    e.global = true;
    tlb_insert(t, &e, &old);
    put(t, 1, 1, NULL), put(t, 2, 1, NULL), put(t, 1, 2, NULL);
    assert_int_equal(tlb_flush_asid(t, 1), 2);
    assert_false(has(t, 1, 1));
    assert_false(has(t, 2, 1));
    assert_true(has(t, 1, 2));
    assert_true(has(t, 9, 1));
    tlb_free(t);
}

static void a_full_flush_spares_globals_unless_told(void **state) {
    (void)state;
    struct tlb *t = make(4, 4, TLB_LRU);
    struct tlb_entry e = entry(9, 1), old;
    e.global = true;
    tlb_insert(t, &e, &old);
    put(t, 1, 1, NULL), put(t, 1, 2, NULL);
    assert_int_equal(tlb_flush(t, false), 2);
    assert_int_equal(tlb_used(t), 1);
    assert_true(has(t, 9, 5));
    assert_int_equal(tlb_flush(t, true), 1);
    assert_int_equal(tlb_used(t), 0);
    tlb_free(t);
}

static void placing_by_hand_puts_the_entry_exactly_there(void **state) {
    (void)state;
    struct tlb *t = make(16, 4, TLB_LRU);
    struct tlb_entry e = entry(0x24, 1); /* VPN 0x24: set 0, CS:APP 9.6.4 has it in way 1 */
    tlb_put(t, 0, 1, &e);
    assert_int_equal(way_of(t, 0x24, 1), 1);
    assert_false(tlb_at(t, 0, 0)->valid);
    assert_int_equal(tlb_used(t), 1);
    tlb_free(t);
}

static void a_clone_goes_its_own_way(void **state) {
    (void)state;
    for (int r = 0; r < TLB_REPLACEMENTS; r++) {
        struct tlb *a = make(4, 2, (enum tlb_replacement)r);
        for (vpn_t vpn = 0; vpn < 9; vpn++) put(a, vpn, 1, NULL);
        struct tlb *b = tlb_clone(a);
        assert_true(tlb_equal(a, b));
        for (vpn_t vpn = 20; vpn < 40; vpn++) assert_int_equal(put(a, vpn, 1, NULL), put(b, vpn, 1, NULL));
        assert_true(tlb_equal(a, b));
        put(b, 50, 1, NULL);
        assert_false(tlb_equal(a, b));
        assert_false(has(a, 50, 1));
        tlb_free(a);
        tlb_free(b);
    }
}

static void equality_sees_every_field(void **state) {
    (void)state;
    struct tlb_entry base = entry(4, 1);
    struct tlb_entry other[7] = {base, base, base, base, base, base, base};
    other[0].global = true;
    other[1].dirty = true;
    other[2].perms = PERM_RX;
    other[3].asid = 2;
    other[4].pfn = 1;
    other[5].valid = false;
    other[6].order = 2;
    for (unsigned i = 0; i < 7; i++) {
        struct tlb *a = make(4, 4, TLB_LRU), *b = make(4, 4, TLB_LRU);
        tlb_put(a, 0, 0, &base);
        tlb_put(b, 0, 0, &other[i]);
        assert_false(tlb_equal(a, b));
        tlb_free(a);
        tlb_free(b);
    }
}

static void a_second_use_in_a_row_changes_nothing(void **state) {
    (void)state;
    for (int r = 0; r < TLB_REPLACEMENTS; r++) {
        struct tlb *a = make(4, 4, (enum tlb_replacement)r);
        for (vpn_t vpn = 0; vpn < 4; vpn++) put(a, vpn, 1, NULL);
        tlb_touch(a, 0, 1);
        struct tlb *b = tlb_clone(a);
        tlb_touch(a, 0, 1);
        assert_true(tlb_equal(a, b));
        tlb_free(a);
        tlb_free(b);
    }
}

/* Both are empty, but the next stamps differ. */
static void equality_sees_how_many_stamps_were_given(void **state) {
    (void)state;
    struct tlb *a = make(4, 4, TLB_LRU), *b = tlb_clone(a);
    put(a, 1, 1, NULL);
    tlb_flush(a, true);
    assert_false(tlb_equal(a, b));
    tlb_free(a);
    tlb_free(b);
}

/* ---- what replacement would take ---- */

static void the_next_victim_of_lru_and_fifo_is_the_oldest_entry(void **state) {
    (void)state;
    for (int r = TLB_LRU; r <= TLB_FIFO; r++) {
        struct tlb *t = make(3, 3, (enum tlb_replacement)r);
        assert_int_equal(tlb_next_victim(t, 0), TLB_NO_WAY);
        put(t, 0, 1, NULL), put(t, 1, 1, NULL), put(t, 2, 1, NULL);
        tlb_touch(t, 0, 0);
        assert_int_equal(tlb_next_victim(t, 0), r == TLB_LRU ? 1 : 0);
        assert_int_equal(put(t, 9, 1, NULL), r == TLB_LRU ? 1 : 0);
        tlb_free(t);
    }
}

static void nobody_can_tell_the_next_victim_of_random(void **state) {
    (void)state;
    struct tlb *t = make(2, 2, TLB_RANDOM);
    put(t, 0, 1, NULL), put(t, 1, 1, NULL);
    assert_int_equal(tlb_next_victim(t, 0), TLB_NO_WAY);
    tlb_free(t);
}

/* ---- conflict misses ---- */

/* VPN 0 and 4 in turns, 16 references: the misses. */
static unsigned misses_of_two_in_turns(uint32_t entries, uint32_t ways) {
    struct tlb *t = make(entries, ways, TLB_LRU);
    unsigned misses = 0;
    for (unsigned i = 0; i < 16; i++) {
        struct tlb_place p = tlb_find(t, i % 2 ? 4 : 0, 1);
        misses += p.way == TLB_NO_WAY;
        if (p.way == TLB_NO_WAY)
            put(t, i % 2 ? 4 : 0, 1, NULL);
        else
            tlb_touch(t, p.set, p.way);
    }
    tlb_free(t);
    return misses;
}

/* By definition: 0 mod 4 = 4 mod 4, one way between them; 0 mod 2 = 4 mod 2, a way for each. */
static void two_pages_of_one_set_conflict_unless_it_has_two_ways(void **state) {
    (void)state;
    assert_int_equal(misses_of_two_in_turns(4, 1), 16);
    assert_int_equal(misses_of_two_in_turns(4, 2), 2);
    assert_int_equal(misses_of_two_in_turns(4, 4), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_tlb_finds_nothing),
        cmocka_unit_test(a_machine_without_a_tlb_still_has_a_handle),
        cmocka_unit_test(the_set_is_the_vpn_modulo_the_number_of_sets),
        cmocka_unit_test(free_ways_are_filled_first_from_the_lowest),
        cmocka_unit_test(what_was_inserted_is_found_with_all_its_fields),
        cmocka_unit_test(an_entry_of_another_asid_does_not_match),
        cmocka_unit_test(a_global_entry_matches_every_asid),
        cmocka_unit_test(vpns_that_share_a_set_are_told_apart),
        cmocka_unit_test(lru_replaces_the_way_used_longest_ago),
        cmocka_unit_test(fifo_replaces_the_oldest_way_however_often_it_was_used),
        cmocka_unit_test(random_replacement_repeats_with_its_seed_and_reaches_every_way),
        cmocka_unit_test(a_full_set_evicts_while_another_has_room),
        cmocka_unit_test(finding_changes_nothing),
        cmocka_unit_test(ranks_order_a_set_from_the_most_recent),
        cmocka_unit_test(setting_dirty_marks_that_entry_alone),
        cmocka_unit_test(flushing_one_page_leaves_the_others),
        cmocka_unit_test(flushing_a_page_drops_a_global_entry_with_that_vpn),
        cmocka_unit_test(flushing_an_asid_leaves_others_and_globals),
        cmocka_unit_test(a_full_flush_spares_globals_unless_told),
        cmocka_unit_test(placing_by_hand_puts_the_entry_exactly_there),
        cmocka_unit_test(a_clone_goes_its_own_way),
        cmocka_unit_test(equality_sees_every_field),
        cmocka_unit_test(a_second_use_in_a_row_changes_nothing),
        cmocka_unit_test(equality_sees_how_many_stamps_were_given),
        cmocka_unit_test(the_next_victim_of_lru_and_fifo_is_the_oldest_entry),
        cmocka_unit_test(nobody_can_tell_the_next_victim_of_random),
        cmocka_unit_test(two_pages_of_one_set_conflict_unless_it_has_two_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
