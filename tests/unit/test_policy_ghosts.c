/* test_policy_ghosts.c - pages that left, against a plain list of them. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "policy/ghosts.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

#define ROOM 9

/* Oldest first. */
struct plain {
    struct page_id id[ROOM];
    uint64_t value[ROOM];
    uint32_t count;
};

static int place(const struct plain *p, struct page_id id) {
    for (uint32_t i = 0; i < p->count; i++)
        if (p->id[i].page == id.page && p->id[i].space == id.space) return (int)i;
    return -1;
}

static void drop(struct plain *p, uint32_t at) {
    p->count--;
    for (uint32_t i = at; i < p->count; i++) {
        p->id[i] = p->id[i + 1];
        p->value[i] = p->value[i + 1];
    }
}

static void add(struct plain *p, struct page_id id, uint64_t value) {
    int at = place(p, id);
    if (at >= 0) drop(p, (uint32_t)at);
    if (p->count == ROOM) drop(p, 0);
    p->id[p->count] = id;
    p->value[p->count++] = value;
}

static void compare(const struct ghosts *g, const struct plain *p) {
    uint32_t node = g->oldest;
    assert_int_equal(g->count, p->count);
    for (uint32_t i = 0; i < p->count; i++, node = g->node[node].newer) {
        assert_true(page_same(g->node[node].id, p->id[i]));
        assert_int_equal(g->node[node].value, p->value[i]);
        assert_int_equal(ghosts_find(g, p->id[i]), node);
    }
    assert_int_equal(node, GHOST_NONE);
}

/* Few pages of few processes and files, so that the same ones come again; pages apart by 2^32 and 2^48 too. */
static struct page_id draw(struct rng *r) {
    static const uint64_t pages[] = {0, 1, 2, (uint64_t)1 << 32, (uint64_t)1 << 48};
    static const uint32_t spaces[] = {0, 1, PAGE_OF_FILE, PAGE_OF_FILE + 1};
    return (struct page_id){.page = pages[rng_below(r, 5)], .space = spaces[rng_below(r, 4)]};
}

static void ghosts_are_found_and_forgotten_in_the_order_in_which_they_came(void **state) {
    struct rng r = {1};
    struct plain plain = {0};
    struct ghosts g;
    (void)state;
    assert_true(ghosts_init(&g, ROOM));
    for (unsigned i = 0; i < 20000; i++) {
        struct page_id id = draw(&r);
        int at = place(&plain, id);
        uint64_t value = 99;
        if (rng_below(&r, 3) == 0) {
            assert_int_equal(ghosts_take(&g, id, &value), at >= 0);
            if (at >= 0) assert_int_equal(value, plain.value[at]);
            if (at >= 0) drop(&plain, (uint32_t)at);
        } else {
            ghosts_add(&g, id, i);
            add(&plain, id, i);
        }
        compare(&g, &plain);
    }
    ghosts_free(&g);
}

static void a_copy_is_equal_until_one_of_them_changes(void **state) {
    struct ghosts g, copy;
    (void)state;
    assert_true(ghosts_init(&g, ROOM));
    for (uint64_t i = 0; i < 5; i++) ghosts_add(&g, (struct page_id){.page = i}, i);
    assert_true(ghosts_copy(&copy, &g));
    assert_true(ghosts_equal(&g, &copy));
    ghosts_add(&copy, (struct page_id){.page = 0}, 0); /* the same pages, in another order */
    assert_false(ghosts_equal(&g, &copy));
    ghosts_free(&g);
    ghosts_free(&copy);
}

static void where_there_is_no_room_there_are_no_ghosts(void **state) {
    struct ghosts g;
    (void)state;
    assert_true(ghosts_init(&g, 0));
    assert_int_equal(ghosts_add(&g, (struct page_id){.page = 1}, 0), GHOST_NONE);
    assert_int_equal(ghosts_find(&g, (struct page_id){.page = 1}), GHOST_NONE);
    ghosts_free(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ghosts_are_found_and_forgotten_in_the_order_in_which_they_came),
        cmocka_unit_test(a_copy_is_equal_until_one_of_them_changes),
        cmocka_unit_test(where_there_is_no_room_there_are_no_ghosts),
    };
    return cmocka_run_group_tests_name("ghosts", tests, NULL, NULL);
}
