/* Where regions go when a scenario gives only their sizes. */
#include "scenario/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct made {
    struct region_config region[VMA_KINDS];
    size_t count;
    bool good;
    struct layout_problem why;
};

/* One level of `index` bits (or two halves when that is many), pages of 1 << shift bytes. */
static struct paging_format format(unsigned va_bits, unsigned shift) {
    struct paging_format f = *paging_by_name("custom");
    unsigned index = va_bits - shift;
    f.page_shift = shift;
    f.levels = index > 20 ? 3 : 1;
    f.pte_bytes = 8;
    f.pfn_bits = 40;
    for (unsigned i = 0; i < f.levels; i++) f.index_bits[i] = (uint8_t)(index / f.levels);
    f.index_bits[0] = (uint8_t)(index - (f.levels - 1) * (index / f.levels));
    return f;
}

static struct made place(const struct paging_format *f, const struct layout_wish wish[VMA_KINDS]) {
    struct made m = {.count = 0};
    m.good = layout_place(f, wish, m.region, &m.count, &m.why);
    return m;
}

static const struct region_config *of_kind(const struct made *m, enum vma_kind kind) {
    for (size_t i = 0; i < m->count; i++)
        if (m->region[i].kind == kind) return &m->region[i];
    return NULL;
}

static struct layout_wish pages(unsigned n) {
    return (struct layout_wish){.given = true, .bytes = (uint64_t)n << 12};
}

static void nothing_wished_is_an_empty_space(void **state) {
    (void)state;
    struct paging_format f = format(32, 12);
    struct layout_wish wish[VMA_KINDS] = {{.given = false}};
    struct made m = place(&f, wish);
    assert_true(m.good);
    assert_int_equal(m.count, 0);
}

static void regions_ascend_and_do_not_touch_page_0(void **state) {
    (void)state;
    static const struct {
        unsigned va_bits, shift;
    } space[] = {{32, 12}, {48, 12}, {39, 12}, {30, 12}, {24, 12}, {20, 8},
                 {32, 14}, {16, 5},  {14, 6},  {32, 20}, {40, 21}};
    for (size_t i = 0; i < sizeof space / sizeof space[0]; i++) {
        struct paging_format f = format(space[i].va_bits, space[i].shift);
        struct layout_wish wish[VMA_KINDS];
        layout_default(f.page_shift, wish);
        struct made m = place(&f, wish);
        if (!m.good) fail_msg("%u bits: %s", space[i].va_bits, m.why.text);
        assert_true(m.region[0].first > 0);
        for (size_t k = 1; k < m.count; k++)
            assert_true(m.region[k - 1].first + m.region[k - 1].pages <= m.region[k].first);
        assert_true(m.region[m.count - 1].first + m.region[m.count - 1].pages <=
                    (uint64_t)1 << (space[i].va_bits - space[i].shift));
        assert_true(of_kind(&m, VMA_STACK)->limit >= 2);
    }
}

/* System V ABI, AMD64 supplement: text at 0x400000, stack below 0x7ffffffff000. */
static void spaces_of_48_bits_are_laid_out_as_x86_64(void **state) {
    (void)state;
    struct paging_format f = format(48, 12);
    struct layout_wish wish[VMA_KINDS];
    layout_default(12, wish);
    struct made m = place(&f, wish);
    assert_true(of_kind(&m, VMA_TEXT)->first == 0x400);
    assert_true(of_kind(&m, VMA_STACK)->first + 2 == 0x7ffffffff);
    assert_null(of_kind(&m, VMA_KERNEL));
}

static void medium_spaces_have_their_kernel_in_the_top_quarter(void **state) {
    (void)state;
    struct paging_format f = format(24, 12);
    struct layout_wish wish[VMA_KINDS];
    layout_default(12, wish);
    struct made m = place(&f, wish);
    assert_int_equal(of_kind(&m, VMA_TEXT)->first, 1);
    assert_int_equal(of_kind(&m, VMA_KERNEL)->first, 0xc00);
    assert_int_equal(of_kind(&m, VMA_KERNEL)->pages, 0x400);
    assert_int_equal(of_kind(&m, VMA_STACK)->first + 2, 0xc00);
}

static void toy_spaces_have_no_kernel_and_the_stack_on_top(void **state) {
    (void)state;
    struct paging_format f = format(14, 6);
    struct layout_wish wish[VMA_KINDS];
    layout_default(6, wish);
    struct made m = place(&f, wish);
    assert_null(of_kind(&m, VMA_KERNEL));
    assert_int_equal(of_kind(&m, VMA_STACK)->first + 2, 256);
}

static void a_kernel_of_a_given_size_moves_the_stack(void **state) {
    (void)state;
    struct paging_format f = format(32, 12);
    struct layout_wish wish[VMA_KINDS] = {[VMA_STACK] = {.given = true, .bytes = 4096},
                                          [VMA_KERNEL] = {.given = true, .bytes = UINT64_C(2) << 30}};
    struct made m = place(&f, wish);
    assert_true(m.good);
    assert_int_equal(of_kind(&m, VMA_KERNEL)->first, 0x80000);
    assert_int_equal(of_kind(&m, VMA_STACK)->first, 0x7ffff);
    wish[VMA_KERNEL].bytes = 0;
    m = place(&f, wish);
    assert_null(of_kind(&m, VMA_KERNEL));
    assert_int_equal(of_kind(&m, VMA_STACK)->first, 0xfffff);
}

static void mmap_lies_below_the_room_of_the_stack(void **state) {
    (void)state;
    struct paging_format f = format(32, 12);
    struct layout_wish wish[VMA_KINDS] = {[VMA_MMAP] = pages(4), [VMA_STACK] = pages(2)};
    wish[VMA_STACK].limit = 8 << 12;
    struct made m = place(&f, wish);
    assert_true(m.good);
    assert_true(of_kind(&m, VMA_MMAP)->first + 4 <= 0xc0000 - 8);
}

static void sizes_are_rounded_up_to_pages(void **state) {
    (void)state;
    struct paging_format f = format(32, 12);
    struct layout_wish wish[VMA_KINDS] = {[VMA_HEAP] = {.given = true, .bytes = 4097}};
    struct made m = place(&f, wish);
    assert_int_equal(of_kind(&m, VMA_HEAP)->pages, 2);
}

static void the_stack_keeps_its_limit_free(void **state) {
    (void)state;
    struct paging_format f = format(32, 12);
    struct layout_wish wish[VMA_KINDS] = {[VMA_HEAP] = pages(1), [VMA_STACK] = pages(1)};
    wish[VMA_STACK].limit = 64 << 12;
    wish[VMA_HEAP].placed = true;
    wish[VMA_HEAP].at = 0xbfff0000;
    struct made m = place(&f, wish);
    assert_false(m.good);
    assert_int_equal(m.why.kind, VMA_STACK);
    assert_non_null(strstr(m.why.text, "with its limit) overlaps heap"));
}

static void what_does_not_fit_is_said(void **state) {
    (void)state;
    struct paging_format f = format(16, 12); /* 16 pages */
    struct layout_wish heap[VMA_KINDS] = {[VMA_HEAP] = pages(16)};
    struct layout_wish both[VMA_KINDS] = {[VMA_HEAP] = pages(10), [VMA_STACK] = pages(8)};
    struct layout_wish odd[VMA_KINDS] = {
        [VMA_DATA] = {.given = true, .bytes = 1, .placed = true, .at = 0x10}};
    struct layout_wish none[VMA_KINDS] = {[VMA_DATA] = {.given = true}};
    struct layout_wish huge[VMA_KINDS] = {
        [VMA_STACK] = {.given = true, .bytes = UINT64_MAX, .limit = UINT64_MAX}};
    struct layout_wish far[VMA_KINDS] = {
        [VMA_HEAP] = {.given = true, .bytes = 1, .placed = true, .at = UINT64_C(0xfffffffffffff000)}};
    assert_non_null(strstr(place(&f, heap).why.text, "heap does not fit"));
    assert_non_null(strstr(place(&f, both).why.text, "stack"));
    assert_non_null(strstr(place(&f, odd).why.text, "not a multiple of the page size"));
    assert_non_null(strstr(place(&f, none).why.text, "data has size 0"));
    assert_non_null(strstr(place(&f, huge).why.text, "stack does not fit"));
    assert_non_null(strstr(place(&f, far).why.text, "heap does not fit"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_wished_is_an_empty_space),
        cmocka_unit_test(regions_ascend_and_do_not_touch_page_0),
        cmocka_unit_test(spaces_of_48_bits_are_laid_out_as_x86_64),
        cmocka_unit_test(medium_spaces_have_their_kernel_in_the_top_quarter),
        cmocka_unit_test(toy_spaces_have_no_kernel_and_the_stack_on_top),
        cmocka_unit_test(a_kernel_of_a_given_size_moves_the_stack),
        cmocka_unit_test(mmap_lies_below_the_room_of_the_stack),
        cmocka_unit_test(sizes_are_rounded_up_to_pages),
        cmocka_unit_test(the_stack_keeps_its_limit_free),
        cmocka_unit_test(what_does_not_fit_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
