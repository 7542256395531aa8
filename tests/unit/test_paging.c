/* Paging formats: where the bits of a PTE and of a virtual address are. */
#include "vmscope/base/rng.h"
#include "vmscope/hw/paging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* OSTEP chapter 20: 32-byte pages, 5 + 5 index bits, PTE of one byte, valid bit 7, PFN 0..6. */
static struct paging_format ostep(void) {
    struct paging_format f = *paging_by_name("custom");
    f.levels = 2;
    f.page_shift = 5;
    f.pte_bytes = 1;
    f.index_bits[0] = f.index_bits[1] = 5;
    for (int i = 0; i < PTE_FLAGS; i++) f.flag_bit[i] = -1;
    f.flag_bit[PTE_V] = 7;
    f.pfn_bit = 0;
    f.pfn_bits = 7;
    return f;
}

static void every_named_format_is_found_and_possible(void **state) {
    (void)state;
    static const char *const names[] = {"linear", "custom", "sv32"};
    for (unsigned i = 0; i < 3; i++) assert_non_null(paging_by_name(names[i]));
    assert_null(paging_by_name("sv31"));
    for (size_t i = 0; paging_formats[i]; i++) {
        assert_int_equal(paging_check(paging_formats[i], NULL), VS_OK);
        assert_ptr_equal(paging_by_name(paging_formats[i]->name), paging_formats[i]);
    }
    assert_string_equal(paging_formats[0]->name, "linear");
    assert_string_equal(paging_formats[1]->name, "custom");
}

/* RISC-V Privileged Architecture, "Sv32: Page-Based 32-bit Virtual-Memory Systems". */
static void sv32_cuts_a_virtual_address_10_10_12(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("sv32");
    assert_int_equal(f->levels, 2);
    assert_int_equal(f->page_shift, 12);
    assert_int_equal(f->pte_bytes, 4);
    assert_int_equal(paging_va_bits(f), 32);
    assert_int_equal(paging_pa_bits(f), 34);
    assert_int_equal(paging_index_shift(f, 0), 12);
    assert_int_equal(paging_index_shift(f, 1), 22);
    assert_int_equal(paging_index(f, 0x0804c010, 1), 32);
    assert_int_equal(paging_index(f, 0x0804c010, 0), 76);
    assert_int_equal(paging_index(f, 0xffffffff, 1), 1023);
    assert_int_equal(paging_index(f, 0xffc00fff, 0), 0);
    assert_int_equal(paging_table_bytes(f, 0), 4096);
    assert_int_equal(paging_table_bytes(f, 1), 4096);
}

/* The same: PTE bits V R W X U G A D are 0..7, RSW 8..9, PPN 10..31. */
static void sv32_has_its_flags_where_the_manual_puts_them(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("sv32");
    for (int flag = 0; flag < PTE_FLAGS; flag++) {
        assert_int_equal(f->flag_bit[flag], flag);
        assert_int_equal(paging_encode(f, (struct pte){PTE_BIT(flag), 0}), 1u << flag);
        assert_int_equal(paging_decode(f, 1u << flag).flags, PTE_BIT(flag));
    }
    assert_int_equal(paging_decode(f, 0x300).flags, 0);
    assert_int_equal(paging_decode(f, 0x300).pfn, 0);
    assert_int_equal(paging_encode(f, (struct pte){0, 1}), 0x400);
    assert_int_equal(paging_encode(f, (struct pte){0, 0x3fffff}), 0xfffffc00);
    assert_int_equal(paging_decode(f, 0xfffffc00).pfn, 0x3fffff);
    assert_int_equal(paging_flags(f), 0xff);
    assert_int_equal(f->leaf_levels, 3);
    assert_true(f->write_needs_read);
}

/* xv6 (riscv.h): PA2PTE(pa) is (pa >> 12) << 10. */
static void an_sv32_pte_of_a_frame_is_its_address_shifted_right_by_two(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("sv32");
    uint64_t word = paging_encode(f, (struct pte){PTE_BIT(PTE_V) | PTE_BIT(PTE_R), pa_to_pfn(0x3f1000, 12)});
    assert_int_equal(word, (0x3f1000 >> 2) | 3);
}

static void the_letters_of_the_flags_are_in_the_order_of_the_enum(void **state) {
    (void)state;
    assert_string_equal(pte_letter, "VRWXUGAD");
}

/* OSTEP, "Multi-level page tables" homework: PDE 0xa1 is valid and names page 33. */
static void the_ostep_toy_decodes_as_the_book_prints_it(void **state) {
    (void)state;
    struct paging_format f = ostep();
    assert_int_equal(paging_check(&f, NULL), VS_OK);
    assert_int_equal(paging_va_bits(&f), 15);
    assert_int_equal(paging_pa_bits(&f), 12);
    assert_int_equal(paging_decode(&f, 161).flags, PTE_BIT(PTE_V));
    assert_int_equal(paging_decode(&f, 161).pfn, 33);
    assert_int_equal(paging_decode(&f, 127).flags, 0);
    assert_int_equal(paging_decode(&f, 127).pfn, 127);
    assert_int_equal(paging_index(&f, 24860, 1), 24);
    assert_int_equal(paging_index(&f, 24860, 0), 8);
    assert_int_equal(paging_table_bytes(&f, 0), 32);
}

static void encoding_and_decoding_undo_each_other_in_any_format(void **state) {
    (void)state;
    struct rng r = {1};
    static const unsigned widths[] = {1, 2, 4, 8};
    for (unsigned i = 0; i < 500; i++) {
        struct paging_format f = ostep();
        f.pte_bytes = widths[rng_below(&r, 4)];
        unsigned bits = f.pte_bytes * 8, low = rng_below(&r, bits / 4);
        f.pfn_bit = low + 1;
        f.pfn_bits = 1 + rng_below(&r, bits - f.pfn_bit - 1);
        f.flag_bit[PTE_V] = (int8_t)(low > 0 ? rng_below(&r, low) : 0);
        if (f.pfn_bit + f.pfn_bits < bits) f.flag_bit[PTE_D] = (int8_t)(f.pfn_bit + f.pfn_bits);
        if (paging_check(&f, NULL) != VS_OK) continue; /* more physical bits than a machine has */
        struct pte p = {rng_next(&r) & paging_flags(&f) & 0xff, rng_next(&r) & low_bits(f.pfn_bits)};
        uint64_t word = paging_encode(&f, p);
        assert_int_equal(word & ~low_bits(bits), 0);
        assert_int_equal(paging_decode(&f, word).flags, p.flags);
        assert_true(paging_decode(&f, word).pfn == p.pfn);
    }
}

static void indices_and_offset_join_to_the_address_again(void **state) {
    (void)state;
    struct rng r = {2};
    for (unsigned i = 0; i < 300; i++) {
        struct paging_format f = ostep();
        f.levels = 1 + rng_below(&r, PAGING_LEVELS_MAX);
        f.page_shift = 4 + rng_below(&r, 9);
        for (unsigned l = 0; l < f.levels; l++) f.index_bits[l] = (uint8_t)(1 + rng_below(&r, 9));
        vaddr_t va = rng_next(&r) & low_bits(paging_va_bits(&f)), joined = va & low_bits(f.page_shift);
        for (unsigned l = 0; l < f.levels; l++)
            joined |= (vaddr_t)paging_index(&f, va, l) << paging_index_shift(&f, l);
        assert_true(joined == va);
    }
}

static void a_leaf_above_the_last_level_needs_superpages_and_a_permission(void **state) {
    (void)state;
    struct paging_format f = *paging_by_name("sv32");
    uint64_t pointer = 5 << 10 | 1, leaf = 5 << 10 | 1 << 3 | 1;
    assert_false(paging_is_leaf(&f, pointer, 1));
    assert_true(paging_is_leaf(&f, leaf, 1));
    assert_true(paging_is_leaf(&f, leaf, 0));
    f = *paging_by_name("custom");
    assert_false(paging_is_leaf(&f, leaf, 1));
    assert_true(paging_is_leaf(&f, leaf, 0));
    f.leaf_levels = 3;
    assert_true(paging_is_leaf(&f, leaf, 1));
}

static void permissions_are_those_of_the_bits(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("sv32");
    assert_int_equal(paging_perms(f, PTE_BIT(PTE_V) | PTE_BIT(PTE_R)), PERM_R);
    assert_int_equal(
        paging_perms(f, PTE_BIT(PTE_V) | PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_U)),
        PERM_RW | PERM_U);
    assert_int_equal(paging_perms(f, PTE_BIT(PTE_V) | PTE_BIT(PTE_X)), PERM_X);
}

static void a_format_without_permission_bits_permits_everything(void **state) {
    (void)state;
    struct paging_format f = ostep();
    unsigned perms = paging_perms(&f, PTE_BIT(PTE_V));
    assert_int_equal(perms & (PERM_R | PERM_W | PERM_X | PERM_U), PERM_R | PERM_W | PERM_X | PERM_U);
}

/* ---- descriptions that cannot be ---- */

static void refuse(const struct paging_format *f, const char *what) {
    struct diag why = {0};
    if (paging_check(f, &why) == VS_OK) fail_msg("accepted: %s", what);
    if (!why.text[0]) fail_msg("no reason given: %s", what);
}

static void impossible_descriptions_are_refused_with_a_reason(void **state) {
    (void)state;
    struct paging_format f = ostep();
    f.levels = 0, refuse(&f, "no level");
    f = ostep(), f.levels = PAGING_LEVELS_MAX + 1, refuse(&f, "six levels");
    f = ostep(), f.pte_bytes = 3, refuse(&f, "PTE of 3 bytes");
    f = ostep(), f.pte_bytes = 0, refuse(&f, "PTE of 0 bytes");
    f = ostep(), f.pte_bytes = 16, refuse(&f, "PTE of 16 bytes");
    f = ostep(), f.flag_bit[PTE_V] = 8, refuse(&f, "valid bit outside the PTE");
    f = ostep(), f.flag_bit[PTE_V] = -1, refuse(&f, "no valid bit");
    f = ostep(), f.flag_bit[PTE_V] = 3, refuse(&f, "valid bit inside the PFN");
    f = ostep(), f.pfn_bits = 6, f.flag_bit[PTE_D] = 7, refuse(&f, "two flags on one bit");
    f = ostep(), f.pfn_bits = 9, refuse(&f, "PFN wider than the PTE");
    f = ostep(), f.pfn_bits = 0, refuse(&f, "no PFN");
    f = ostep(), f.index_bits[1] = 0, refuse(&f, "a level without index");
    f = ostep(), f.index_bits[0] = 200, refuse(&f, "200 index bits");
    f = ostep(), f.page_shift = 60, refuse(&f, "more than 64 address bits");
    f = ostep(), f.page_shift = 0, refuse(&f, "pages of one byte");
}

static void the_largest_and_smallest_shapes_are_possible(void **state) {
    (void)state;
    struct paging_format f = ostep();
    f.page_shift = 30, f.pte_bytes = 8, f.flag_bit[PTE_V] = 63, f.pfn_bits = 30;
    assert_int_equal(paging_check(&f, NULL), VS_OK); /* pages of 1 GiB */
    f = ostep(), f.levels = 1, f.index_bits[0] = 26;
    assert_int_equal(paging_check(&f, NULL), VS_OK);
    f = ostep(), f.levels = 1, f.index_bits[0] = 1, f.page_shift = 3;
    assert_int_equal(paging_check(&f, NULL), VS_OK); /* two pages of 8 bytes */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_named_format_is_found_and_possible),
        cmocka_unit_test(sv32_cuts_a_virtual_address_10_10_12),
        cmocka_unit_test(sv32_has_its_flags_where_the_manual_puts_them),
        cmocka_unit_test(an_sv32_pte_of_a_frame_is_its_address_shifted_right_by_two),
        cmocka_unit_test(the_letters_of_the_flags_are_in_the_order_of_the_enum),
        cmocka_unit_test(the_ostep_toy_decodes_as_the_book_prints_it),
        cmocka_unit_test(encoding_and_decoding_undo_each_other_in_any_format),
        cmocka_unit_test(indices_and_offset_join_to_the_address_again),
        cmocka_unit_test(a_leaf_above_the_last_level_needs_superpages_and_a_permission),
        cmocka_unit_test(permissions_are_those_of_the_bits),
        cmocka_unit_test(a_format_without_permission_bits_permits_everything),
        cmocka_unit_test(the_largest_and_smallest_shapes_are_possible),
        cmocka_unit_test(impossible_descriptions_are_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
