/* test_memory.c - allocation with overflow checks, failure on demand, and the map. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

static void fresh_memory_is_zero(void **state) {
    (void)state;
    unsigned char *p = mem_zalloc(100, 7);
    assert_non_null(p);
    for (size_t i = 0; i < 700; i++) assert_int_equal(p[i], 0);
    free(p);
}

static void nothing_is_a_valid_amount(void **state) {
    (void)state;
    void *p = mem_zalloc(0, 8), *q = mem_copy(NULL, 0, 8);
    assert_non_null(p);
    assert_non_null(q);
    free(p);
    free(q);
}

static void a_product_that_overflows_is_refused(void **state) {
    (void)state;
    int *array = NULL;
    size_t cap = 0;
    assert_null(mem_zalloc(SIZE_MAX / 2, 3));
    assert_null(mem_zalloc((size_t)1 << 32, (size_t)1 << 32));
    assert_false(mem_grow((void **)&array, &cap, SIZE_MAX / 2, sizeof *array));
    assert_null(array);
    assert_int_equal(cap, 0);
}

static void a_growing_array_keeps_its_elements(void **state) {
    (void)state;
    unsigned *array = NULL;
    size_t cap = 0;
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(mem_grow((void **)&array, &cap, i + 1, sizeof *array));
        assert_int_equal(array[i], 0);
        array[i] = i * 3;
    }
    for (unsigned i = 0; i < 1000; i++) assert_int_equal(array[i], i * 3);
    assert_true(cap >= 1000);
    free(array);
}

static void a_failed_growth_leaves_the_array_whole(void **state) {
    (void)state;
    unsigned *array = NULL;
    size_t cap = 0;
    assert_true(mem_grow((void **)&array, &cap, 1, sizeof *array));
    array[0] = 77;
    size_t before = cap;
    mem_fail_at(1);
    assert_false(mem_grow((void **)&array, &cap, before + 1, sizeof *array));
    assert_int_equal(cap, before);
    assert_int_equal(array[0], 77);
    free(array);
}

static void exactly_the_nth_allocation_fails(void **state) {
    (void)state;
    mem_fail_at(2);
    void *a = mem_zalloc(1, 1);
    assert_null(mem_zalloc(1, 1));
    char *c = mem_strdup("after");
    assert_non_null(a);
    assert_string_equal(c, "after");
    mem_fail_at(1);
    mem_fail_at(0);
    void *d = mem_zalloc(1, 1);
    assert_non_null(d);
    free(a);
    free(c);
    free(d);
}

static void a_copy_is_independent(void **state) {
    (void)state;
    int from[3] = {1, 2, 3}, *to = mem_copy(from, 3, sizeof *from);
    from[1] = 9;
    assert_int_equal(to[1], 2);
    free(to);
}

static void some_memory_is_available(void **state) {
    (void)state;
    assert_true(mem_available() > 1 << 20);
}

static void the_map_finds_what_was_put(void **state) {
    (void)state;
    struct map64 m = {0};
    struct rng r = {1};
    assert_null(map64_get(&m, 5));
    for (uint32_t i = 0; i < 5000; i++) assert_true(map64_put(&m, rng_next(&r), i));
    assert_int_equal(m.used, 5000);
    r.state = 1;
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t *v = map64_get(&m, rng_next(&r));
        assert_non_null(v);
        assert_int_equal(*v, i);
    }
    assert_null(map64_get(&m, 12345));
    map64_free(&m);
    assert_int_equal(m.cap, 0);
}

static void putting_again_replaces(void **state) {
    (void)state;
    struct map64 m = {0};
    assert_true(map64_put(&m, 0, 1));
    assert_true(map64_put(&m, 0, 2));
    assert_int_equal(m.used, 1);
    assert_int_equal(*map64_get(&m, 0), 2);
    map64_free(&m);
}

static void the_forbidden_key_is_refused(void **state) {
    (void)state;
    struct map64 m = {0};
    assert_false(map64_put(&m, UINT64_MAX, 1));
    assert_true(map64_put(&m, 1, 1));
    assert_null(map64_get(&m, UINT64_MAX));
    map64_free(&m);
}

static void a_map_that_cannot_grow_stays_whole(void **state) {
    (void)state;
    for (unsigned long at = 1; at <= 2; at++) {
        struct map64 m = {0};
        for (uint32_t i = 0; i < 12; i++) assert_true(map64_put(&m, i, i)); /* three quarters of 16 */
        mem_fail_at(at);
        assert_false(map64_put(&m, 12, 12));
        mem_fail_at(0);
        for (uint32_t i = 0; i < 12; i++) assert_int_equal(*map64_get(&m, i), i);
        assert_true(map64_put(&m, 12, 12));
        map64_free(&m);
    }
}

/* Test vectors of draft-eastlake-fnv, appendix C: "", "a", "foobar". */
static void the_hash_is_fnv_1a(void **state) {
    (void)state;
    assert_true(hash_bytes(HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(hash_bytes(HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(hash_bytes(HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    assert_true(hash_bytes(hash_bytes(HASH_START, "foo", 3), "bar", 3) == UINT64_C(0x85944171f73967e8));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_memory_is_zero),
        cmocka_unit_test(nothing_is_a_valid_amount),
        cmocka_unit_test(a_product_that_overflows_is_refused),
        cmocka_unit_test(a_growing_array_keeps_its_elements),
        cmocka_unit_test(a_failed_growth_leaves_the_array_whole),
        cmocka_unit_test(exactly_the_nth_allocation_fails),
        cmocka_unit_test(a_copy_is_independent),
        cmocka_unit_test(some_memory_is_available),
        cmocka_unit_test(the_map_finds_what_was_put),
        cmocka_unit_test(putting_again_replaces),
        cmocka_unit_test(the_forbidden_key_is_refused),
        cmocka_unit_test(a_map_that_cannot_grow_stays_whole),
        cmocka_unit_test(the_hash_is_fnv_1a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
