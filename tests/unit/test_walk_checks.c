/* Every check of every format counts. Each is taken out of its table in turn, and some case must then
 * come out differently: the shared records of Spike and QEMU, and the cases worked out by hand. A check
 * that no case would miss fails the test. Then: do words that the encoders write mean, to the decoders
 * and to the walk, what went in? */
#include "walk_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

#define CASES_MAX  2048
#define CHECKS_MAX 32

static struct walk_case cases[CASES_MAX];
static struct walk_outcome outcomes[CASES_MAX]; /* with all checks */
static size_t count;
static struct json_file *riscv_records, *x86_records; /* the cases' names lie in them */

static struct walk_case *next_case(void) {
    assert_true(count < CASES_MAX);
    return &cases[count];
}

static void add_records(void) {
    riscv_records = json_load(TEST_DATA "/riscv.jsonl");
    for (size_t i = 0; i < json_count(riscv_records); i++)
        for (int ad = 0; ad < 2; ad++) {
            walk_case_from_riscv(next_case(), json_record(riscv_records, i), ad);
            count++;
        }
    x86_records = json_load(TEST_DATA "/x86.jsonl");
    for (size_t i = 0; i < json_count(x86_records); i++) {
        walk_case_from_x86(next_case(), json_record(x86_records, i));
        count++;
    }
}

static int collect(void **state) {
    (void)state;
    add_records();
    for (size_t i = 0; i < walk_manual_count(); i++)
        for (size_t n = 0; walk_manual_case(next_case(), i, n); n++) count++;
    for (size_t i = 0; i < count; i++) outcomes[i] = walk_case_run(&cases[i], NULL);
    return 0;
}

static int discard(void **state) {
    (void)state;
    while (count > 0) walk_case_free(&cases[--count]);
    json_free(riscv_records);
    json_free(x86_records);
    return 0;
}

/* ---- mutations ---- */

/* The table without its entry `gone`. */
static void without(const struct walk_check *checks, size_t gone, struct walk_check out[CHECKS_MAX]) {
    size_t n = 0;
    for (size_t i = 0; checks[i].fails; i++) {
        assert_true(i + 1 < CHECKS_MAX);
        if (i != gone) out[n++] = checks[i];
    }
    out[n] = (struct walk_check){.fails = NULL};
}

/* Does any case of this format come out differently? */
static bool missed(const struct paging_format *f, const struct walk_check *checks) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cases[i].format.name, f->name) != 0) continue;
        struct walk_outcome now = walk_case_run(&cases[i], checks);
        if (!walk_outcome_equal(&now, &outcomes[i])) return true;
    }
    return false;
}

static void every_check_of_every_format_is_missed_when_it_is_gone(void **state) {
    (void)state;
    struct walk_check left[CHECKS_MAX];
    size_t unmissed = 0, all = 0;
    for (const struct paging_format *const *f = paging_formats; *f; f++)
        for (size_t gone = 0; (*f)->arch->checks[gone].fails; gone++, all++) {
            without((*f)->arch->checks, gone, left);
            if (missed(*f, left)) continue;
            const char *why = (*f)->arch->checks[gone].why;
            print_error("%s: nothing misses check %zu: %s\n", (*f)->name, gone, why ? why : "(no words)");
            unmissed++;
        }
    assert_int_equal(unmissed, 0);
    assert_true(all > 100);
}

static void the_cases_worked_out_by_hand_hold_in_every_format(void **state) {
    (void)state;
    for (size_t i = 0; i < count; i++) walk_case_check(&cases[i]);
}

/* ---- words ---- */

/* A leaf of the kernel's making: all flags that the format has out of `flags`, W never without R. */
static struct pte leaf(const struct paging_format *f, unsigned flags, pfn_t pfn) {
    if (flags & PTE_BIT(PTE_W)) flags |= PTE_BIT(PTE_R);
    return (struct pte){(flags | PTE_BIT(PTE_V)) & paging_flags(f), pfn};
}

static bool is_tree(const struct paging_format *f) { return f->shape == SHAPE_TREE; }

static bool may_be_leaf(const struct paging_format *f, unsigned level) { return f->leaf_levels >> level & 1; }

/* Every set of flags with every level. Read and executable stand for a leaf above level 0. */
static void check_words(const struct paging_format *f, unsigned level) {
    pfn_t pfn = (pfn_t)1 << paging_leaf_order(f, level);
    for (unsigned flags = 0; flags < 1u << PTE_FLAGS; flags++) {
        struct pte pte = leaf(f, flags | (level ? PTE_BIT(PTE_R) : 0), pfn);
        uint64_t word = paging_encode_leaf(f, pte, level);
        if (paging_decode(f, word).flags != pte.flags)
            fail_msg("%s level %u: flags %x come back as %x", f->name, level, pte.flags,
                     paging_decode(f, word).flags);
        if (!paging_is_leaf(f, word, level))
            fail_msg("%s level %u: %llx is no leaf", f->name, level, (unsigned long long)word);
        if (paging_leaf_base(f, word, level) != pfn << f->page_shift)
            fail_msg("%s level %u: %llx begins elsewhere", f->name, level, (unsigned long long)word);
    }
}

static void leaves_decode_to_what_was_encoded(void **state) {
    (void)state;
    for (const struct paging_format *const *f = paging_formats; *f; f++)
        for (unsigned level = 0; is_tree(*f) && level < (*f)->levels; level++)
            if (may_be_leaf(*f, level)) check_words(*f, level);
}

static void pointers_are_valid_and_no_leaves(void **state) {
    (void)state;
    for (const struct paging_format *const *f = paging_formats; *f; f++)
        for (unsigned level = 1; is_tree(*f) && level < (*f)->levels; level++) {
            uint64_t word = paging_encode_pointer(*f, 0x55);
            assert_false(paging_is_leaf(*f, word, level));
            assert_int_equal(paging_decode(*f, word).pfn, 0x55);
            assert_true(paging_decode(*f, word).flags & PTE_BIT(PTE_V));
        }
}

static void setting_and_clearing_flags_leaves_the_frame_alone(void **state) {
    (void)state;
    for (const struct paging_format *const *f = paging_formats; *f; f++) {
        uint64_t word = paging_encode(*f, leaf(*f, PTE_BIT(PTE_W) | PTE_BIT(PTE_U), 5));
        for (unsigned flag = PTE_R; is_tree(*f) && flag < PTE_FLAGS; flag++) {
            if (!paging_has(*f, flag)) continue;
            struct pte set = paging_decode(*f, paging_with_flags(*f, word, PTE_BIT(flag), 0));
            struct pte clear = paging_decode(*f, paging_with_flags(*f, word, 0, PTE_BIT(flag)));
            assert_int_equal(set.pfn, 5);
            assert_int_equal(clear.pfn, 5);
            if (!(set.flags & PTE_BIT(flag)) || (clear.flags & PTE_BIT(flag)))
                fail_msg("%s: %s cannot be set or cleared", (*f)->name, pte_flag_name[flag]);
        }
    }
}

/* A tree whose leaf stands at `level`, by the encoders alone. */
static void check_tree(const struct paging_format *f, unsigned level) {
    vaddr_t va = 0;
    for (unsigned l = 0; l < f->levels; l++) va |= (vaddr_t)(l + 1) << paging_index_shift(f, l);
    va |= 5; /* index l + 1 at level l, offset 5 */
    pfn_t pfn = (pfn_t)1 << paging_leaf_order(f, level);
    struct ram *ram = ram_create_sparse(f->page_shift, 0, low_bits(paging_pa_bits(f)));
    struct mmu_regs regs = {.root = (paddr_t)1 << f->page_shift};
    paddr_t table = regs.root;
    assert_non_null(ram);
    for (unsigned l = f->levels - 1; l > level; l--, table += (paddr_t)1 << f->page_shift)
        ram_write(ram, table + (uint64_t)(l + 1) * f->pte_bytes, f->pte_bytes,
                  paging_encode_pointer(f, (table >> f->page_shift) + 1));
    struct pte pte = leaf(f, ~0u, pfn);
    ram_write(ram, table + (uint64_t)(level + 1) * f->pte_bytes, f->pte_bytes,
              paging_encode_leaf(f, pte, level));
    for (unsigned op = 0; op < ACCESS_KINDS; op++) {
        struct walk w;
        walk_begin(&w, f, &regs, va, (enum access_kind)op, true);
        while (!w.done) walk_level(&w, f, ram);
        uint64_t must = (pfn << f->page_shift) | (va & low_bits(paging_index_shift(f, level)));
        if (w.fault != HW_FAULT_NONE || w.pa != must || w.level != level)
            fail_msg("%s level %u %s: PA %llx, %s", f->name, level, access_name((enum access_kind)op),
                     (unsigned long long)w.pa,
                     w.failed && w.failed->why ? w.failed->why : hw_fault_name(w.fault));
    }
    ram_free(ram);
}

static void a_tree_built_by_the_encoders_is_walked_to_its_page(void **state) {
    (void)state;
    for (const struct paging_format *const *f = paging_formats; *f; f++)
        for (unsigned level = 0; is_tree(*f) && level < (*f)->levels; level++)
            if (may_be_leaf(*f, level)) check_tree(*f, level);
}

/* ---- the detail view's fields ---- */

/* Highest bit first, none twice, and for the architectures of real processors none left out. */
static void check_fields(const struct paging_format *f, uint64_t word, unsigned level) {
    struct pte_field field[PTE_FIELDS_MAX];
    unsigned n = paging_fields(f, word, level, field), above = f->pte_bytes * 8;
    bool whole = f->arch->fields && is_tree(f);
    assert_in_range(n, 1, PTE_FIELDS_MAX);
    for (unsigned i = 0; i < n; i++) {
        if (field[i].high < field[i].low || field[i].high >= above || (whole && field[i].high != above - 1))
            fail_msg("%s level %u: field %s (%u-%u) after bit %u", f->name, level, field[i].name,
                     field[i].high, field[i].low, above);
        assert_true(field[i].name[0] && field[i].meaning[0]);
        above = field[i].low;
    }
    if (whole) assert_int_equal(above, 0);
}

static void fields_cover_the_word_from_the_top_down(void **state) {
    (void)state;
    for (const struct paging_format *const *f = paging_formats; *f; f++)
        for (unsigned level = 0; level < (*f)->levels; level++) {
            check_fields(*f, 0, level);
            check_fields(*f, paging_encode_pointer(*f, 1), level);
            check_fields(*f, paging_encode_leaf(*f, leaf(*f, PTE_BIT(PTE_R), 0), level), level);
        }
}

static void every_named_format_is_possible(void **state) {
    (void)state;
    for (const struct paging_format *const *f = paging_formats; *f; f++) {
        struct diag why = {.text = ""};
        if (paging_check(*f, &why) != VS_OK) fail_msg("%s: %s", (*f)->name, why.text);
        assert_true((*f)->leaf_levels & 1);
        assert_ptr_equal(paging_by_name((*f)->name), *f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_of_every_format_is_missed_when_it_is_gone),
        cmocka_unit_test(the_cases_worked_out_by_hand_hold_in_every_format),
        cmocka_unit_test(leaves_decode_to_what_was_encoded),
        cmocka_unit_test(pointers_are_valid_and_no_leaves),
        cmocka_unit_test(setting_and_clearing_flags_leaves_the_frame_alone),
        cmocka_unit_test(a_tree_built_by_the_encoders_is_walked_to_its_page),
        cmocka_unit_test(fields_cover_the_word_from_the_top_down),
        cmocka_unit_test(every_named_format_is_possible)};
    return cmocka_run_group_tests(tests, collect, discard);
}
