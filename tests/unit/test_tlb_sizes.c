/* Entries for pages larger than the base page, in one TLB with the others. */
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

static uint16_t way_of(const struct tlb *t, vpn_t vpn, asid_t asid) { return tlb_find(t, vpn, asid).way; }
static bool has(const struct tlb *t, vpn_t vpn, asid_t asid) { return way_of(t, vpn, asid) != TLB_NO_WAY; }

/* 2 MiB in base pages of 4 KiB: order 9. */
static struct tlb_entry huge(vpn_t vpn, asid_t asid) {
    struct tlb_entry e = entry(vpn, asid);
    e.order = 9;
    e.pfn = 0x1000;
    return e;
}

static void a_page_of_512_is_hit_by_every_page_that_it_covers(void **state) {
    (void)state;
    struct tlb *t = make(16, 4, TLB_LRU);
    struct tlb_entry e = huge(0x600, 1);
    tlb_insert(t, &e, NULL);
    for (vpn_t vpn = 0x600; vpn < 0x800; vpn++) {
        assert_true(has(t, vpn, 1));
        assert_int_equal(tlb_use(t, vpn, 1, PERM_R, false), 0x1000 + (vpn - 0x600));
    }
    assert_false(has(t, 0x5ff, 1));
    assert_false(has(t, 0x800, 1));
    assert_false(has(t, 0x600, 2));
    assert_int_equal(tlb_use(t, 0x5ff, 1, PERM_R, false), TLB_NO_PFN);
    assert_int_equal(tlb_use(t, 0x800, 1, PERM_R, false), TLB_NO_PFN);
    tlb_free(t);
}

static void a_flush_of_any_page_that_it_covers_drops_it(void **state) {
    (void)state;
    struct tlb *t = make(16, 4, TLB_LRU);
    struct tlb_entry e = huge(0x600, 1);
    for (vpn_t vpn = 0x600; vpn < 0x800; vpn++) {
        tlb_insert(t, &e, NULL);
        assert_int_equal(tlb_flush_page(t, vpn, 1), 1);
        assert_int_equal(tlb_used(t), 0);
    }
    tlb_insert(t, &e, NULL);
    assert_int_equal(tlb_flush_page(t, 0x5ff, 1), 0);
    assert_int_equal(tlb_flush_page(t, 0x800, 1), 0);
    assert_int_equal(tlb_flush_page(t, 0x700, 2), 0);
    assert_int_equal(tlb_used(t), 1);
    tlb_free(t);
}

static void the_set_of_a_larger_page_is_that_of_its_own_page_number(void **state) {
    (void)state;
    struct tlb *t = make(16, 4, TLB_LRU);
    struct tlb_entry e = huge(0x600, 1);
    assert_int_equal(tlb_set_of(t, 0x7ff, 9), 3);
    assert_int_equal(tlb_insert(t, &e, NULL).set, 3); /* 0x600 / 512 = 3 */
    assert_int_equal(tlb_find(t, 0x6aa, 1).set, 3);
    assert_int_equal(tlb_find(t, 0x6aa, 2).set, 0x6aa % 4); /* a miss names the base page's set */
    tlb_free(t);
}

static void a_base_pages_entry_goes_before_a_larger_one(void **state) {
    (void)state;
    struct tlb *t = make(8, 8, TLB_LRU);
    struct tlb_entry e = huge(0x200, 1);
    assert_int_equal(tlb_insert(t, &e, NULL).way, 0);
    assert_int_equal(put(t, 0x200, 1, NULL), 1); /* the same VPN, another size */
    assert_int_equal(way_of(t, 0x200, 1), 1);
    assert_int_equal(tlb_use(t, 0x200, 1, PERM_R, false), 0x200 + 100);
    assert_int_equal(way_of(t, 0x201, 1), 0);
    assert_int_equal(tlb_flush_page(t, 0x200, 1), 2);
    tlb_free(t);
}

/* 4 KiB, 2 MiB and 1 GiB at once, as x86-64 has them. */
static void three_page_sizes_live_together(void **state) {
    (void)state;
    struct tlb *t = make(12, 4, TLB_LRU); /* 3 sets: no mask */
    struct tlb_entry big = huge(0x40200, 1), giant = entry(0x40000, 1);
    giant.order = 18;
    giant.pfn = 0x80000;
    tlb_insert(t, &giant, NULL), tlb_insert(t, &big, NULL), put(t, 0x40201, 1, NULL);
    assert_int_equal(tlb_use(t, 0x40201, 1, PERM_R, false), 0x40201 + 100);
    assert_int_equal(tlb_use(t, 0x40202, 1, PERM_R, false), 0x1002);
    assert_int_equal(tlb_use(t, 0x40400, 1, PERM_R, false), 0x80400);
    assert_int_equal(tlb_use(t, 0x7ffff, 1, PERM_R, false), 0xbffff);
    assert_int_equal(tlb_flush_page(t, 0x40201, 1), 3);
    tlb_free(t);
}

static void a_global_larger_page_matches_every_asid(void **state) {
    (void)state;
    struct tlb *t = make(4, 4, TLB_LRU);
    struct tlb_entry e = huge(0x600, 1);
    e.global = true;
    tlb_insert(t, &e, NULL);
    assert_true(has(t, 0x7ff, 2));
    assert_int_equal(tlb_flush_asid(t, 1), 0);
    assert_int_equal(tlb_flush(t, false), 0);
    assert_int_equal(tlb_flush_page(t, 0x7ff, 2), 1);
    tlb_free(t);
}

/* Entries x page size (Silberschatz, "TLB reach"): 64 entries, 256 KiB with 4 KiB pages, 128 MiB with 2 MiB.
 */
static void reach_is_entries_times_page_size(void **state) {
    (void)state;
    struct tlb *t = make(64, 4, TLB_LRU);
    for (vpn_t i = 0; i < 64; i++) put(t, i, 1, NULL);
    assert_int_equal(tlb_reach(t) * 4, 256);
    for (vpn_t i = 0; i < 64; i++) {
        struct tlb_entry e = huge(i << 9, 1);
        tlb_insert(t, &e, NULL);
    }
    assert_int_equal(tlb_used(t), 64);
    assert_int_equal(tlb_reach(t) * 4, 128 * 1024);
    tlb_free(t);
}

/* The straight path's promise: it looks for larger pages only while there are any. */
static void sizes_that_have_left_are_not_looked_for(void **state) {
    (void)state;
    struct tlb *t = make(2, 1, TLB_LRU);
    struct tlb_entry a = huge(0x200, 1), b = huge(0x600, 1);
    tlb_insert(t, &a, NULL), tlb_insert(t, &b, NULL); /* set 1 both: the second takes the way */
    assert_true(t->large != 0);
    put(t, 1, 1, NULL);
    assert_true(t->large == 0);
    tlb_insert(t, &a, NULL);
    tlb_flush(t, true);
    assert_true(t->large == 0);
    tlb_free(t);
}

static void a_use_that_is_not_permitted_changes_nothing(void **state) {
    (void)state;
    for (int r = 0; r < TLB_REPLACEMENTS; r++) {
        struct tlb *a = make(8, 4, (enum tlb_replacement)r);
        struct tlb_entry e = huge(0x200, 1);
        put(a, 2, 1, NULL), tlb_insert(a, &e, NULL), put(a, 4, 1, NULL), put(a, 6, 1, NULL),
            put(a, 1, 1, NULL);
        struct tlb *b = tlb_clone(a);
        assert_int_equal(tlb_use(a, 2, 1, PERM_W, false), TLB_NO_PFN);
        assert_int_equal(tlb_use(a, 2, 1, PERM_R, true), TLB_NO_PFN); /* not dirty yet */
        assert_int_equal(tlb_use(a, 0x3ff, 1, PERM_W, false), TLB_NO_PFN);
        assert_int_equal(tlb_use(a, 0x3ff, 1, PERM_R, true), TLB_NO_PFN);
        assert_true(tlb_equal(a, b));
        tlb_free(a);
        tlb_free(b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_of_512_is_hit_by_every_page_that_it_covers),
        cmocka_unit_test(a_flush_of_any_page_that_it_covers_drops_it),
        cmocka_unit_test(the_set_of_a_larger_page_is_that_of_its_own_page_number),
        cmocka_unit_test(a_base_pages_entry_goes_before_a_larger_one),
        cmocka_unit_test(three_page_sizes_live_together),
        cmocka_unit_test(a_global_larger_page_matches_every_asid),
        cmocka_unit_test(reach_is_entries_times_page_size),
        cmocka_unit_test(sizes_that_have_left_are_not_looked_for),
        cmocka_unit_test(a_use_that_is_not_permitted_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
