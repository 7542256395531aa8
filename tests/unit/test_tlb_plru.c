/* PLRU: the tree of bits, worked out by hand from its definition, and as manuals print it. */
#include "hw/tlb_state.h"

#include <setjmp.h>
#include <stdarg.h>

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

static bool has(const struct tlb *t, vpn_t vpn, asid_t asid) {
    return tlb_find(t, vpn, asid).way != TLB_NO_WAY;
}

static struct tlb *full_plru(uint32_t ways) {
    struct tlb *t = make(ways, ways, TLB_PLRU);
    for (vpn_t vpn = 0; vpn < ways; vpn++) put(t, vpn, 1, NULL);
    return t;
}

/* The state table in M. Smotherman's notes (Clemson University) on figure 37 of Intel's "Embedded
 * Pentium Processor Family Developer's Manual", 1998: three bits, an x is any. */
static void four_ways_follow_the_table_of_the_pentium_manual(void **state) {
    (void)state;
    for (unsigned tree = 0; tree < 8; tree++) {
        bool b0 = tree & 4, b1 = tree & 2, b2 = tree & 1;
        uint64_t word = (uint64_t)b0 << 1 | (uint64_t)b1 << 2 | (uint64_t)b2 << 3;
        assert_int_equal(plru_victim(word, 4), b0 ? (b2 ? 3 : 2) : (b1 ? 1 : 0));
        assert_int_equal(plru_used(word, 4, 0), 1 << 1 | 1 << 2 | b2 << 3); /* 11_ */
        assert_int_equal(plru_used(word, 4, 1), 1 << 1 | 0 << 2 | b2 << 3); /* 10_ */
        assert_int_equal(plru_used(word, 4, 2), 0 << 1 | b1 << 2 | 1 << 3); /* 0_1 */
        assert_int_equal(plru_used(word, 4, 3), 0 << 1 | b1 << 2 | 0 << 3); /* 0_0 */
    }
}

/* The well-known example against it: lines A C B D, used in the order C B D A. The victim is B, though
 * C was used longest ago: A's use has turned the root away from the half in which C is. */
static void plru_may_spare_the_way_used_longest_ago(void **state) {
    (void)state;
    struct tlb *t = full_plru(4);
    tlb_touch(t, 0, 1), tlb_touch(t, 0, 2), tlb_touch(t, 0, 3), tlb_touch(t, 0, 0);
    assert_int_equal(tlb_next_victim(t, 0), 2);
    assert_int_equal(put(t, 9, 1, NULL), 2);
    tlb_free(t);
}

/* By hand, eight ways filled in order and no hits: each insertion turns the root, so that halves
 * take turns, within a half the quarters, and so on: 0 4 2 6 1 5 3 7. */
static void plru_goes_round_the_halves_when_nothing_is_used_again(void **state) {
    (void)state;
    static const uint16_t victim[] = {0, 4, 2, 6, 1, 5, 3, 7, 0, 4};
    struct tlb *t = full_plru(8);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(tlb_next_victim(t, 0), victim[i]);
        assert_int_equal(put(t, 100 + i, 1, NULL), victim[i]);
    }
    tlb_free(t);
}

/* The same rule with the most ways that there may be: the victim's number is the turn's, mirrored. */
static void plru_has_up_to_64_ways(void **state) {
    (void)state;
    struct tlb *t = full_plru(64);
    for (unsigned turn = 0; turn < 64; turn++) {
        unsigned mirrored = 0;
        for (unsigned bit = 0; bit < 6; bit++) mirrored |= (turn >> bit & 1) << (5 - bit);
        assert_int_equal(put(t, 100 + turn, 1, NULL), mirrored);
    }
    tlb_free(t);
}

static void plru_of_one_way_takes_that_way(void **state) {
    (void)state;
    struct tlb *t = make(2, 1, TLB_PLRU);
    put(t, 0, 1, NULL);
    tlb_touch(t, 0, 0);
    assert_int_equal(tlb_next_victim(t, 0), 0);
    assert_int_equal(put(t, 2, 1, NULL), 0);
    tlb_free(t);
}

static void plru_fills_a_freed_way_before_it_evicts(void **state) {
    (void)state;
    struct tlb *t = full_plru(4);
    tlb_flush_page(t, 3, 1);
    assert_int_equal(tlb_next_victim(t, 0), 0);
    assert_int_equal(put(t, 9, 1, NULL), 3);
    assert_true(has(t, 0, 1));
    tlb_free(t);
}

static void plru_of_a_number_of_ways_that_makes_no_tree_is_refused(void **state) {
    (void)state;
    static const uint32_t ways[] = {3, 6, 65, 128};
    for (unsigned i = 0; i < 4; i++) {
        struct tlb_config c = {.entries = ways[i], .ways = ways[i], .replacement = TLB_PLRU};
        assert_null(tlb_create(&c));
    }
}

static void equality_sees_the_bits_of_plru(void **state) {
    (void)state;
    struct tlb *a = full_plru(4), *b = tlb_clone(a);
    tlb_touch(b, 0, 3); /* used last: its bits point away already */
    assert_true(tlb_equal(a, b));
    tlb_touch(b, 0, 2);
    assert_false(tlb_equal(a, b));
    assert_int_equal(tlb_next_victim(a, 0), 0);
    tlb_free(a);
    tlb_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_ways_follow_the_table_of_the_pentium_manual),
        cmocka_unit_test(plru_may_spare_the_way_used_longest_ago),
        cmocka_unit_test(plru_goes_round_the_halves_when_nothing_is_used_again),
        cmocka_unit_test(plru_has_up_to_64_ways),
        cmocka_unit_test(plru_of_one_way_takes_that_way),
        cmocka_unit_test(plru_fills_a_freed_way_before_it_evicts),
        cmocka_unit_test(plru_of_a_number_of_ways_that_makes_no_tree_is_refused),
        cmocka_unit_test(equality_sees_the_bits_of_plru),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
