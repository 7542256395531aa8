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
        layout_default(&f, wish);
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
    layout_default(&f, wish);
    struct made m = place(&f, wish);
    assert_true(of_kind(&m, VMA_TEXT)->first == 0x400);
    assert_true(of_kind(&m, VMA_STACK)->first + 2 == 0x7ffffffff);
    assert_null(of_kind(&m, VMA_KERNEL));
}

/* What an architecture's programs and kernel look like, from its documents. */
struct landmarks {
    const char *format;
    vaddr_t text, stack_top, kernel;
};

/* Text: GNU ld's start for RISC-V, 0x10000; System V ABI, AMD64 supplement, 0x400000.
 * RISC-V: Linux, Documentation/arch/riscv/vm-layout.rst: user space ends at 0x3fffffffff (sv39),
 * 0x7fffffffffff (sv48); with sv57 the kernel hands out the 48-bit range by default.
 * x86: Linux, Documentation/arch/x86/x86_64/mm.rst: user space ends at 0x7fffffffffff, its last
 * page is a guard; 5level-paging.rst: above it only on request. */
static const struct landmarks wide[] = {
    {"sv39", 0x10000, 0x4000000000, 0xffffffc000000000},
    {"sv48", 0x10000, 0x800000000000, 0xffff800000000000},
    {"sv57", 0x10000, 0x800000000000, 0xff00000000000000},
    {"x86-64", 0x400000, 0x7ffffffff000, 0xffff800000000000},
    {"x86-64-la57", 0x400000, 0x7ffffffff000, 0xff00000000000000},
    {"aarch64", 0x400000, 0x800000000000, 0xffff800000000000},
};

static void wide_formats_are_laid_out_as_linux_does(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        const struct paging_format *f = paging_by_name(wide[i].format);
        struct layout_wish wish[VMA_KINDS];
        layout_default(f, wish);
        struct made m = place(f, wish);
        const struct region_config *stack = of_kind(&m, VMA_STACK), *kernel = of_kind(&m, VMA_KERNEL);
        assert_true(of_kind(&m, VMA_TEXT)->first << 12 == wide[i].text);
        assert_true((stack->first + stack->pages) << 12 == wide[i].stack_top);
        assert_true(kernel->first << 12 == wide[i].kernel);
        assert_true(kernel->first + kernel->pages - 1 == UINT64_MAX >> 12);
    }
}

/* System V ABI, Intel386 supplement. */
static void x86_32_has_the_layout_of_its_abi(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("x86-32");
    struct layout_wish wish[VMA_KINDS];
    layout_default(f, wish);
    struct made m = place(f, wish);
    assert_int_equal(of_kind(&m, VMA_TEXT)->first, 0x8048);
    assert_int_equal(of_kind(&m, VMA_KERNEL)->first, 0xc0000);
}

static void a_kernel_of_a_given_size_stands_at_the_top_of_the_upper_half(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("x86-64");
    struct layout_wish wish[VMA_KINDS] = {
        [VMA_STACK] = pages(1), [VMA_KERNEL] = {.given = true, .bytes = UINT64_C(2) << 30}};
    struct made m = place(f, wish);
    assert_true(m.good);
    assert_true(of_kind(&m, VMA_KERNEL)->first << 12 == 0xffffffff80000000); /* mm.rst: kernel text */
    assert_true(of_kind(&m, VMA_STACK)->first << 12 == 0x7fffffffe000);
    wish[VMA_KERNEL] =
        (struct layout_wish){.given = true, .bytes = 4096, .placed = true, .at = 0xffff800000000000};
    m = place(f, wish);
    assert_true(of_kind(&m, VMA_KERNEL)->first << 12 == 0xffff800000000000);
    wish[VMA_KERNEL] = (struct layout_wish){.given = true};
    m = place(f, wish);
    assert_null(of_kind(&m, VMA_KERNEL));
}

static void nothing_lies_in_the_hole_of_addresses(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("sv39");
    static const vaddr_t at[] = {0x4000000000, 0x3fffffe000, 0xffffffbfffffe000, 0x8000000000000000};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        struct layout_wish wish[VMA_KINDS] = {[VMA_HEAP] = pages(3)};
        wish[VMA_HEAP].placed = true;
        wish[VMA_HEAP].at = at[i];
        struct made m = place(f, wish);
        assert_false(m.good);
        assert_non_null(
            strstr(m.why.text, "no address from 0x4000000000 to 0xffffffbfffffffff is canonical"));
    }
}

/* OSTEP, figure 15.1: an address space of 16 KB: code from 0, then the heap, the stack up to 16 KB. */
static void base_and_bounds_begin_at_0_and_end_with_the_stack(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("base-bounds");
    struct layout_wish wish[VMA_KINDS] = {[VMA_TEXT] = {.given = true, .bytes = 1024},
                                          [VMA_HEAP] = {.given = true, .bytes = 1024},
                                          [VMA_STACK] = {.given = true, .bytes = 1024}};
    struct made m = place(f, wish);
    assert_int_equal(m.count, 3);
    assert_int_equal(of_kind(&m, VMA_TEXT)->first, 0);
    assert_int_equal(of_kind(&m, VMA_HEAP)->first, 1);
    assert_int_equal(of_kind(&m, VMA_STACK)->first, 15);
    assert_int_equal(of_kind(&m, VMA_STACK)->limit, 1);
    assert_int_equal(layout_segment_pages(f, m.region, m.count), 16);
}

/* OSTEP, chapter 16: the topmost two bits choose the segment: code 0, heap 1 (from 4 KB), stack 3
 * (to 16 KB). The figure's sizes: code 2 KB, heap 3 KB, stack 2 KB. */
static void segments_have_code_heap_and_stack_in_their_quarters(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("segments");
    struct layout_wish wish[VMA_KINDS] = {[VMA_TEXT] = {.given = true, .bytes = 2048},
                                          [VMA_HEAP] = {.given = true, .bytes = 3072},
                                          [VMA_STACK] = {.given = true, .bytes = 2048}};
    struct made m = place(f, wish);
    assert_int_equal(of_kind(&m, VMA_TEXT)->first << 10, 0);
    assert_int_equal(of_kind(&m, VMA_HEAP)->first << 10, 4096);
    assert_int_equal((of_kind(&m, VMA_STACK)->first + 2) << 10, 16384);
    assert_int_equal(layout_segment_pages(f, m.region, m.count), 7);
}

static void the_default_program_fits_small_segments(void **state) {
    (void)state;
    static const char *const name[] = {"base-bounds", "segments"};
    for (size_t i = 0; i < 2; i++)
        for (unsigned bits = 2; bits < 12; bits++) {
            struct paging_format f = *paging_by_name(name[i]);
            struct layout_wish wish[VMA_KINDS];
            f.index_bits[0] = (uint8_t)bits;
            layout_default(&f, wish);
            struct made m = place(&f, wish);
            if (!m.good) fail_msg("%s with %u bits: %s", name[i], bits, m.why.text);
        }
}

/* Intel, volume 3A: a page of 2 MiB begins at a multiple of 2 MiB. */
static void regions_of_huge_pages_begin_at_one(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("x86-64");
    struct layout_wish wish[VMA_KINDS] = {
        [VMA_TEXT] = pages(3), [VMA_HEAP] = pages(1024), [VMA_MMAP] = pages(512), [VMA_STACK] = pages(512)};
    wish[VMA_HEAP].order = wish[VMA_MMAP].order = wish[VMA_STACK].order = 9;
    struct made m = place(f, wish);
    assert_true(m.good);
    for (size_t i = 0; i < m.count; i++)
        if (m.region[i].order) assert_int_equal(m.region[i].first % 512, 0);
    assert_true(of_kind(&m, VMA_HEAP)->first << 12 == 0x600000);
    assert_true(of_kind(&m, VMA_STACK)->first << 12 == 0x7fffffc00000);
    assert_int_equal(of_kind(&m, VMA_STACK)->limit, 512);
    wish[VMA_HEAP].placed = true;
    wish[VMA_HEAP].at = 0x701000;
    assert_non_null(strstr(place(f, wish).why.text, "not a multiple of their size"));
}

static void medium_spaces_have_their_kernel_in_the_top_quarter(void **state) {
    (void)state;
    struct paging_format f = format(24, 12);
    struct layout_wish wish[VMA_KINDS];
    layout_default(&f, wish);
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
    layout_default(&f, wish);
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
        cmocka_unit_test(wide_formats_are_laid_out_as_linux_does),
        cmocka_unit_test(x86_32_has_the_layout_of_its_abi),
        cmocka_unit_test(a_kernel_of_a_given_size_stands_at_the_top_of_the_upper_half),
        cmocka_unit_test(nothing_lies_in_the_hole_of_addresses),
        cmocka_unit_test(base_and_bounds_begin_at_0_and_end_with_the_stack),
        cmocka_unit_test(segments_have_code_heap_and_stack_in_their_quarters),
        cmocka_unit_test(the_default_program_fits_small_segments),
        cmocka_unit_test(regions_of_huge_pages_begin_at_one),
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
