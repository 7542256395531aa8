/* The AArch64 walk, worked out by hand from the Arm Architecture Reference Manual (DDI 0487), chapter
 * D8: the cases stand in tests/support/walk_manual.c. Here also how flags become descriptor bits. */
#include "walk_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BIT(n) ((uint64_t)1 << (n))
#define V      PTE_BIT(PTE_V)
#define W      PTE_BIT(PTE_W)
#define X      PTE_BIT(PTE_X)
#define U      PTE_BIT(PTE_U)
#define G      PTE_BIT(PTE_G)
#define A      PTE_BIT(PTE_A)
#define D      PTE_BIT(PTE_D)

static const struct paging_format *arm;

static int find(void **state) {
    (void)state;
    arm = paging_by_name("aarch64");
    return arm ? 0 : -1;
}

static void walks_agree_with_the_manual(void **state) {
    (void)state;
    struct walk_case c;
    size_t seen = 0;
    for (size_t i = 0; i < walk_manual_count(); i++)
        for (size_t n = 0; walk_manual_case(&c, i, n); n++) {
            if (strcmp(c.format.name, "aarch64") == 0) {
                walk_case_check(&c);
                seen++;
            }
            walk_case_free(&c);
        }
    assert_true(seen > 40);
}

/* D8, "VMSAv8-64 descriptor formats": bits 1:0 = 11 is a page at the last level and a table above,
 * 01 a block. nG is bit 11, AF 10, AP[2:1] 7:6, DBM 51, PXN 53, UXN 54. */
static void a_user_page_is_a_page_descriptor(void **state) {
    (void)state;
    struct pte pte = {V | W | U | A | D, 0x7};
    assert_int_equal(paging_encode(arm, pte),
                     BIT(54) | BIT(53) | BIT(51) | 0x7000 | BIT(11) | BIT(10) | BIT(6) | 3);
}

static void a_huge_page_is_a_block_descriptor(void **state) {
    (void)state;
    struct pte pte = {V | X | U | A, 0x400};
    uint64_t word = paging_encode_leaf(arm, pte, 1);
    assert_int_equal(word, BIT(53) | 0x400000 | BIT(11) | BIT(10) | BIT(7) | BIT(6) | 1);
    assert_true(paging_is_leaf(arm, word, 1));
}

static void a_table_descriptor_restricts_nothing(void **state) {
    (void)state;
    assert_int_equal(paging_encode_pointer(arm, 5), 0x5003);
    assert_false(paging_is_leaf(arm, 0x5003, 1));
}

static void a_kernel_page_is_global_and_never_run_by_el0(void **state) {
    (void)state;
    uint64_t word = paging_encode(arm, (struct pte){V | W | X | G | A | D, 5});
    assert_int_equal(word & BIT(54), BIT(54));
    assert_int_equal(word & (BIT(53) | BIT(11) | BIT(6)), 0);
}

/* AP[2] = 1 with DBM = 1: writable, not yet dirty (D8, "Hardware management of the dirty state"). */
static void dirt_is_ap2_cleared(void **state) {
    (void)state;
    uint64_t clean = paging_encode(arm, (struct pte){V | W | U | A, 5});
    assert_int_equal(clean & (BIT(51) | BIT(7)), BIT(51) | BIT(7));
    assert_int_equal(paging_with_flags(arm, clean, D, 0), clean & ~BIT(7));
}

static void dirt_survives_becoming_read_only(void **state) {
    (void)state;
    uint64_t dirty = paging_encode(arm, (struct pte){V | W | U | A | D, 5});
    uint64_t protected = paging_with_flags(arm, dirty, 0, W);
    assert_int_equal(protected & (BIT(55) | BIT(51) | BIT(7)),
                     BIT(55) | BIT(7)); /* bits 58 to 55 are software's */
    assert_int_equal(paging_decode(arm, protected).flags & (W | D), D);
    assert_int_equal(paging_with_flags(arm, protected, W, 0), dirty);
}

/* A page as Armv8.0 has it, without DBM: AP[2] = 0 is writable, and dirty by that. */
static void a_writable_page_without_dbm_counts_as_dirty(void **state) {
    (void)state;
    assert_int_equal(paging_decode(arm, 0x7443).flags & (W | D), W | D);
    assert_int_equal(paging_decode(arm, 0x74c3).flags & (W | D), 0);
}

static void restrictions_of_tables_reach_the_tlb(void **state) {
    (void)state;
    struct mmu_regs regs = {.root = 0x1000};
    struct ram *ram = ram_create(12, 16);
    struct walk w;
    assert_non_null(ram);
    assert_int_equal(ram_write(ram, 0x1000, 8, 0x2003 | BIT(62)), VS_OK); /* read-only */
    assert_int_equal(ram_write(ram, 0x2000, 8, 0x3003 | BIT(60)), VS_OK); /* EL0 never fetches */
    assert_int_equal(ram_write(ram, 0x3000, 8, 0x4003), VS_OK);
    assert_int_equal(ram_write(ram, 0x4000, 8, 0x7443), VS_OK);
    walk_begin(&w, arm, &regs, 0, ACCESS_READ, true);
    while (!w.done) walk_level(&w, arm, ram);
    assert_int_equal(w.fault, HW_FAULT_NONE);
    assert_int_equal(w.perms, PERM_R | PERM_U);
    assert_true(w.global);
    ram_free(ram);
}

/* AP[2:1] in bits 7 and 6, PXN 53, UXN 54: the TLB keeps what the page's owner may. */
static void the_tlb_keeps_what_a_page_permits(void **state) {
    (void)state;
    static const struct {
        uint64_t word;
        unsigned perms;
    } page[] = {{0x7443, PERM_R | PERM_W | PERM_X | PERM_U},
                {0x74c3, PERM_R | PERM_X | PERM_U},
                {0x7443 | BIT(54), PERM_R | PERM_W | PERM_U},
                {0x7403, PERM_R | PERM_W | PERM_X},
                {0x7483 | BIT(53), PERM_R},
                {0x7403 | BIT(53), PERM_R | PERM_W}};
    struct mmu_regs regs = {.root = 0x1000};
    struct ram *ram = ram_create(12, 16);
    assert_non_null(ram);
    for (paddr_t table = 0x1000; table < 0x4000; table += 0x1000)
        assert_int_equal(ram_write(ram, table, 8, (table + 0x1000) | 3), VS_OK);
    for (size_t i = 0; i < sizeof page / sizeof page[0]; i++) {
        struct walk w;
        assert_int_equal(ram_write(ram, 0x4000, 8, page[i].word), VS_OK);
        walk_begin(&w, arm, &regs, 0, ACCESS_READ, false);
        while (!w.done) walk_level(&w, arm, ram);
        assert_int_equal(w.perms, page[i].perms);
    }
    ram_free(ram);
}

/* One root for both halves: the kernel's addresses have bits 63 to 47 alike. */
static void the_simulated_kernel_keeps_the_halves_apart(void **state) {
    (void)state;
    assert_true(paging_va_exists(arm, UINT64_C(0xffff800000000000)));
    assert_false(paging_va_exists(arm, UINT64_C(0x0000800000000000)));
}

static void el1_fetches_from_its_own_pages_alone(void **state) {
    (void)state;
    assert_true(mmu_permits(arm, 0, PERM_R | PERM_X, ACCESS_FETCH, false));
    assert_false(mmu_permits(arm, 0, PERM_R | PERM_X | PERM_U, ACCESS_FETCH, false));
    assert_true(mmu_permits(arm, 0, PERM_R | PERM_U, ACCESS_READ, false));
    assert_false(mmu_permits(arm, 0, PERM_R | PERM_U, ACCESS_WRITE, false));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(walks_agree_with_the_manual),
                                       cmocka_unit_test(a_user_page_is_a_page_descriptor),
                                       cmocka_unit_test(a_huge_page_is_a_block_descriptor),
                                       cmocka_unit_test(a_table_descriptor_restricts_nothing),
                                       cmocka_unit_test(a_kernel_page_is_global_and_never_run_by_el0),
                                       cmocka_unit_test(dirt_is_ap2_cleared),
                                       cmocka_unit_test(dirt_survives_becoming_read_only),
                                       cmocka_unit_test(a_writable_page_without_dbm_counts_as_dirty),
                                       cmocka_unit_test(restrictions_of_tables_reach_the_tlb),
                                       cmocka_unit_test(the_tlb_keeps_what_a_page_permits),
                                       cmocka_unit_test(the_simulated_kernel_keeps_the_halves_apart),
                                       cmocka_unit_test(el1_fetches_from_its_own_pages_alone)};
    return cmocka_run_group_tests(tests, find, NULL);
}
