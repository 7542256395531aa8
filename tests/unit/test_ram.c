/* Physical memory: pages made when written, shared between clones, moved whole. */
#include "vmscope/hw/ram.h"
#include "vmscope/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SHIFT 6
#define PAGE  (1u << SHIFT)

static struct ram *make(void) {
    struct ram *r = ram_create(SHIFT, 8);
    assert_non_null(r);
    return r;
}

static void put(struct ram *r, paddr_t pa, unsigned bytes, uint64_t value) {
    assert_int_equal(ram_write(r, pa, bytes, value), VS_OK);
}

static void fresh_ram_reads_zero_and_has_made_no_page(void **state) {
    (void)state;
    struct ram *r = make();
    for (paddr_t pa = 0; pa < 8 * PAGE; pa++) assert_int_equal(ram_read(r, pa, 1), 0);
    assert_int_equal(ram_pages(r), 8);
    assert_int_equal(ram_page_shift(r), SHIFT);
    assert_int_equal(ram_pages_made(r), 0);
    ram_free(r);
}

static void words_are_little_endian_at_every_size(void **state) {
    (void)state;
    struct ram *r = make();
    put(r, 8, 8, UINT64_C(0x0807060504030201));
    for (unsigned i = 0; i < 8; i++) assert_int_equal(ram_read(r, 8 + i, 1), i + 1);
    assert_int_equal(ram_read(r, 10, 2), 0x0403);
    assert_int_equal(ram_read(r, 12, 4), 0x08070605);
    put(r, 9, 2, 0xbbaa);
    assert_true(ram_read(r, 8, 8) == UINT64_C(0x0807060504bbaa01));
    put(r, 8, 4, UINT64_C(0xffffffff11223344)); /* only 4 bytes of the value go in */
    assert_true(ram_read(r, 8, 8) == UINT64_C(0x0807060511223344));
    ram_free(r);
}

static void writing_makes_only_the_page_written(void **state) {
    (void)state;
    struct ram *r = make();
    put(r, 3 * PAGE + 5, 1, 9);
    put(r, 3 * PAGE + 6, 1, 9);
    assert_int_equal(ram_pages_made(r), 1);
    put(r, 4 * PAGE - 1, 1, 9);
    assert_int_equal(ram_pages_made(r), 1);
    put(r, 4 * PAGE, 1, 9);
    assert_int_equal(ram_pages_made(r), 2);
    ram_free(r);
}

static void ram_holds_what_lies_inside_it(void **state) {
    (void)state;
    struct ram *r = make();
    assert_true(ram_holds(r, 0, 8));
    assert_true(ram_holds(r, 8 * PAGE - 1, 1));
    assert_true(ram_holds(r, 8 * PAGE - 8, 8));
    assert_false(ram_holds(r, 8 * PAGE - 7, 8));
    assert_false(ram_holds(r, 8 * PAGE, 1));
    assert_false(ram_holds(r, UINT64_MAX, 1));
    assert_false(ram_holds(r, UINT64_MAX - 3, 8));
    assert_int_equal(ram_read(r, 8 * PAGE, 1), 0);
    assert_int_equal(ram_read(r, UINT64_MAX - 7, 8), 0);
    ram_free(r);
}

static void sizes_beyond_all_memory_are_refused(void **state) {
    (void)state;
    assert_null(ram_create(12, UINT64_MAX));
    assert_null(ram_create(30, UINT64_MAX / 2));
    assert_null(ram_create(12, UINT64_MAX / sizeof(void *) + 2));
}

static void a_clone_reads_the_same_bytes(void **state) {
    (void)state;
    struct ram *a = make();
    put(a, 70, 4, 0x12345678);
    struct ram *b = ram_clone(a);
    assert_non_null(b);
    assert_int_equal(ram_read(b, 70, 4), 0x12345678);
    assert_true(ram_equal(a, b));
    ram_free(a);
    assert_int_equal(ram_read(b, 70, 4), 0x12345678);
    ram_free(b);
}

static void a_write_to_a_clone_does_not_reach_the_original(void **state) {
    (void)state;
    struct ram *a = make();
    put(a, 70, 1, 1);
    struct ram *b = ram_clone(a);
    put(b, 70, 1, 2);
    put(b, 200, 1, 3);
    assert_int_equal(ram_read(a, 70, 1), 1);
    assert_int_equal(ram_read(a, 200, 1), 0);
    assert_false(ram_equal(a, b));
    ram_free(a);
    ram_free(b);
}

static void a_write_to_the_original_does_not_reach_the_clone(void **state) {
    (void)state;
    struct ram *a = make();
    put(a, 70, 1, 1);
    struct ram *b = ram_clone(a), *c = ram_clone(b);
    put(a, 70, 1, 2);
    put(a, 71, 1, 2);
    assert_int_equal(ram_read(b, 70, 2), 1);
    assert_int_equal(ram_read(c, 70, 2), 1);
    assert_true(ram_equal(b, c));
    ram_free(a), ram_free(b), ram_free(c);
}

static void clones_share_a_page_until_one_of_them_writes(void **state) {
    (void)state;
    struct ram *a = make();
    put(a, 70, 1, 1);
    struct ram *b = ram_clone(a);
    struct content in_a = ram_take(a, 1), in_b = ram_take(b, 1);
    assert_non_null(in_a.made);
    assert_ptr_equal(in_a.made, in_b.made);
    content_drop(&in_a);
    content_drop(&in_b);
    put(b, 71, 1, 1);
    in_a = ram_take(a, 1), in_b = ram_take(b, 1);
    assert_ptr_not_equal(in_a.made, in_b.made);
    content_drop(&in_a);
    content_drop(&in_b);
    ram_free(a);
    ram_free(b);
}

static void equality_is_of_bytes_not_of_how_they_came(void **state) {
    (void)state;
    struct ram *a = make(), *b = make();
    put(a, 9, 1, 5);
    assert_false(ram_equal(a, b));
    put(a, 9, 1, 0); /* a page made of zeros equals one never made */
    assert_true(ram_equal(a, b));
    ram_free(a);
    ram_free(b);
}

static void memories_of_other_sizes_are_not_equal(void **state) {
    (void)state;
    struct ram *a = make(), *more = ram_create(SHIFT, 9), *wider = ram_create(SHIFT + 1, 8);
    assert_false(ram_equal(a, more));
    assert_false(ram_equal(a, wider));
    ram_free(a), ram_free(more), ram_free(wider);
}

static void a_seeded_page_has_the_same_bytes_wherever_it_lies(void **state) {
    (void)state;
    struct ram *r = make();
    struct content c = {NULL, 42}, other = {NULL, 43};
    assert_int_equal(ram_put(r, 2, c), VS_OK);
    assert_int_equal(ram_put(r, 5, c), VS_OK);
    assert_int_equal(ram_put(r, 6, other), VS_OK);
    unsigned differ = 0, nonzero = 0;
    for (unsigned i = 0; i < PAGE; i++) {
        assert_int_equal(ram_read(r, 2 * PAGE + i, 1), content_byte(&c, i));
        assert_int_equal(ram_read(r, 2 * PAGE + i, 1), ram_read(r, 5 * PAGE + i, 1));
        differ += ram_read(r, 6 * PAGE + i, 1) != ram_read(r, 2 * PAGE + i, 1);
        nonzero += ram_read(r, 2 * PAGE + i, 1) != 0;
    }
    assert_true(differ > PAGE / 2 && nonzero > PAGE / 2);
    assert_true(content_equal(&c, &c, PAGE));
    assert_false(content_equal(&c, &other, PAGE));
    ram_free(r);
}

static void words_of_a_seeded_page_agree_with_its_bytes(void **state) {
    (void)state;
    struct ram *r = make();
    ram_put(r, 0, (struct content){NULL, 99});
    for (unsigned bytes = 1; bytes <= 8; bytes *= 2)
        for (paddr_t pa = 0; pa + bytes <= PAGE; pa++) {
            uint64_t word = 0;
            for (unsigned i = 0; i < bytes; i++) word |= ram_read(r, pa + i, 1) << (8 * i);
            assert_true(ram_read(r, pa, bytes) == word);
        }
    ram_free(r);
}

static void writing_into_a_seeded_page_keeps_its_other_bytes(void **state) {
    (void)state;
    struct ram *r = make();
    struct content c = {NULL, 42};
    ram_put(r, 2, c);
    put(r, 2 * PAGE + 10, 2, 0xbeef);
    for (unsigned i = 0; i < PAGE; i++)
        if (i != 10 && i != 11) assert_int_equal(ram_read(r, 2 * PAGE + i, 1), content_byte(&c, i));
    assert_int_equal(ram_read(r, 2 * PAGE + 10, 2), 0xbeef);
    ram_free(r);
}

static void contents_taken_from_ram_stay_when_ram_changes(void **state) {
    (void)state;
    struct ram *r = make();
    put(r, PAGE + 3, 1, 7);
    struct content c = ram_take(r, 1);
    put(r, PAGE + 3, 1, 8);
    assert_int_equal(content_byte(&c, 3), 7);
    assert_int_equal(ram_read(r, PAGE + 3, 1), 8);
    ram_free(r);
    assert_int_equal(content_byte(&c, 3), 7);
    content_drop(&c);
    assert_int_equal(content_byte(&c, 3), 0);
}

static void contents_put_elsewhere_bring_their_bytes(void **state) {
    (void)state;
    struct ram *r = make();
    put(r, PAGE + 3, 4, 0xcafe);
    assert_int_equal(ram_put(r, 6, ram_take(r, 1)), VS_OK);
    assert_int_equal(ram_read(r, 6 * PAGE + 3, 4), 0xcafe);
    put(r, 6 * PAGE + 3, 4, 1); /* now the two pages are two */
    assert_int_equal(ram_read(r, PAGE + 3, 4), 0xcafe);
    assert_int_equal(ram_put(r, 1, (struct content){NULL, 0}), VS_OK);
    assert_int_equal(ram_read(r, PAGE + 3, 4), 0);
    assert_int_equal(ram_read(r, 6 * PAGE + 3, 4), 1);
    ram_free(r);
}

static void a_second_owner_outlives_the_first(void **state) {
    (void)state;
    struct ram *r = make();
    put(r, 0, 1, 77);
    struct content a = ram_take(r, 0), b = content_ref(a);
    content_drop(&a);
    ram_free(r);
    assert_int_equal(content_byte(&b, 0), 77);
    content_drop(&b);
}

static void made_and_seeded_contents_compare_by_bytes(void **state) {
    (void)state;
    struct ram *r = make();
    struct content seeded = {NULL, 5};
    ram_put(r, 0, seeded);
    uint64_t byte = ram_read(r, 0, 1);
    put(r, 0, 1, byte); /* makes the page without changing it */
    struct content made = ram_take(r, 0);
    assert_true(content_equal(&made, &seeded, PAGE));
    assert_true(content_equal(&seeded, &made, PAGE));
    put(r, 0, 1, byte ^ 1);
    struct content changed = ram_take(r, 0);
    assert_false(content_equal(&changed, &seeded, PAGE));
    content_drop(&made);
    content_drop(&changed);
    ram_free(r);
}

/* ---- sparse ---- */

static struct ram *make_sparse(paddr_t low, paddr_t high) {
    struct ram *r = ram_create_sparse(SHIFT, low, high);
    assert_non_null(r);
    return r;
}

static void a_sparse_ram_spans_every_address(void **state) {
    (void)state;
    struct ram *r = make_sparse(0, UINT64_MAX);
    put(r, UINT64_MAX - 7, 8, 1);
    put(r, 0, 8, 2);
    put(r, UINT64_C(1) << 55, 8, 3);
    assert_int_equal(ram_read(r, UINT64_MAX - 7, 8), 1);
    assert_int_equal(ram_read(r, 0, 8), 2);
    assert_int_equal(ram_read(r, UINT64_C(1) << 55, 8), 3);
    assert_int_equal(ram_read(r, UINT64_C(1) << 54, 8), 0);
    assert_int_equal(ram_pages_made(r), 3);
    ram_free(r);
}

static void a_sparse_ram_ends_at_its_bounds_to_the_byte(void **state) {
    (void)state;
    struct ram *r = make_sparse(0x1004, 0x2003);
    assert_false(ram_holds(r, 0x1003, 1));
    assert_true(ram_holds(r, 0x1004, 4));
    assert_true(ram_holds(r, 0x2000, 4));
    assert_false(ram_holds(r, 0x2000, 8));
    assert_false(ram_holds(r, 0x2004, 1));
    assert_false(ram_holds(r, 0x1000 + PAGE - 4, 8)); /* crosses a page */
    assert_int_equal(ram_write(r, 0x2004, 4, 1), VS_LIMIT);
    assert_int_equal(ram_pages(r), 0x2004 / PAGE + 1);
    assert_int_equal(ram_put(r, UINT64_MAX >> 1, (struct content){NULL, 5}), VS_LIMIT);
    ram_free(r);
}

static void a_clone_of_a_sparse_ram_is_equal_until_one_writes(void **state) {
    (void)state;
    struct ram *r = make_sparse(0, UINT64_MAX);
    for (paddr_t pa = 0; pa < 100; pa++) put(r, pa << 40, 8, pa + 1);
    struct ram *c = ram_clone(r);
    assert_non_null(c);
    assert_true(ram_equal(r, c));
    for (paddr_t pa = 0; pa < 100; pa++) assert_int_equal(ram_read(c, pa << 40, 8), pa + 1);
    put(c, (paddr_t)7 << 40, 8, 0);
    assert_int_equal(ram_read(r, (paddr_t)7 << 40, 8), 8);
    assert_false(ram_equal(r, c));
    put(c, (paddr_t)7 << 40, 8, 8);
    put(c, 12345, 1, 0); /* a page of zeros is as good as none */
    assert_true(ram_equal(r, c));
    ram_free(r);
    ram_free(c);
}

static void contents_pass_through_a_sparse_ram(void **state) {
    (void)state;
    struct ram *dense = make(), *r = make_sparse(0, UINT64_MAX);
    put(dense, 2 * PAGE + 1, 1, 9);
    assert_int_equal(ram_put(r, UINT64_C(1) << 50, ram_take(dense, 2)), VS_OK);
    assert_int_equal(ram_read(r, (UINT64_C(1) << 50) * PAGE + 1, 1), 9);
    put(r, (UINT64_C(1) << 50) * PAGE + 1, 1, 8);
    assert_int_equal(ram_read(dense, 2 * PAGE + 1, 1), 9);
    ram_free(dense);
    ram_free(r);
}

static bool build_and_clone(void) {
    struct ram *r = ram_create_sparse(SHIFT, 0, UINT64_MAX), *c = NULL;
    bool good = r != NULL;
    for (paddr_t pa = 0; good && pa < 20; pa++) good = ram_write(r, pa << 40, 8, pa) == VS_OK;
    if (good) c = ram_clone(r);
    good = good && c != NULL && ram_equal(r, c);
    ram_free(r);
    ram_free(c);
    return good;
}

static void a_sparse_ram_survives_every_failing_allocation(void **state) {
    (void)state;
    unsigned long n = 1;
    for (bool done = false; !done; n++) {
        mem_fail_at(n);
        done = build_and_clone();
        mem_fail_at(0);
    }
    assert_true(n > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_ram_reads_zero_and_has_made_no_page),
        cmocka_unit_test(words_are_little_endian_at_every_size),
        cmocka_unit_test(writing_makes_only_the_page_written),
        cmocka_unit_test(ram_holds_what_lies_inside_it),
        cmocka_unit_test(sizes_beyond_all_memory_are_refused),
        cmocka_unit_test(a_clone_reads_the_same_bytes),
        cmocka_unit_test(a_write_to_a_clone_does_not_reach_the_original),
        cmocka_unit_test(a_write_to_the_original_does_not_reach_the_clone),
        cmocka_unit_test(clones_share_a_page_until_one_of_them_writes),
        cmocka_unit_test(equality_is_of_bytes_not_of_how_they_came),
        cmocka_unit_test(memories_of_other_sizes_are_not_equal),
        cmocka_unit_test(a_seeded_page_has_the_same_bytes_wherever_it_lies),
        cmocka_unit_test(words_of_a_seeded_page_agree_with_its_bytes),
        cmocka_unit_test(writing_into_a_seeded_page_keeps_its_other_bytes),
        cmocka_unit_test(contents_taken_from_ram_stay_when_ram_changes),
        cmocka_unit_test(contents_put_elsewhere_bring_their_bytes),
        cmocka_unit_test(a_second_owner_outlives_the_first),
        cmocka_unit_test(made_and_seeded_contents_compare_by_bytes),
        cmocka_unit_test(a_sparse_ram_spans_every_address),
        cmocka_unit_test(a_sparse_ram_ends_at_its_bounds_to_the_byte),
        cmocka_unit_test(a_clone_of_a_sparse_ram_is_equal_until_one_writes),
        cmocka_unit_test(contents_pass_through_a_sparse_ram),
        cmocka_unit_test(a_sparse_ram_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
