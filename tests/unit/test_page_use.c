/* Pages used over time: Denning's working set at the end of each cell, on the reference string that Silberschatz
 * prints for it (Operating System Concepts, 10.6.2, figure "Working-set model", window 10); and against a count
 * that keeps nothing but a list of the pages of one cell. */
#include "vmscope/base/rng.h"
#include "vmscope/sim/page_use.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SHIFT 12
#define STEPS 6000u

static struct step_source *source_of(const struct step *step, size_t n) {
    struct step_source *s = step_source_array(step, n);
    assert_non_null(s);
    return s;
}

static struct step access_to(proc_t proc, vpn_t vpn) {
    return (struct step){.va = vpn << SHIFT, .kind = STEP_ACCESS, .op = ACCESS_READ, .size = 1, .proc = proc};
}

static void a_cell_is_the_working_set_of_the_figure(void **state) {
    static const vpn_t figure[] = {2, 6, 1, 5, 7, 7, 7, 7, 5, 1, 6, 2, 3, 4, 1, 2, 3, 4, 4, 4, 3, 4, 3, 4, 4, 4};
    enum { N = sizeof figure / sizeof *figure };
    struct step step[N];
    struct page_use u = {0};
    (void)state;
    for (size_t i = 0; i < N; i++) step[i] = access_to(PROC_NONE, figure[i]);
    struct step_source *s = source_of(step, N);
    page_use_begin(&u, 0, 10, 1);
    assert_true(page_use_more(&u, s, SHIFT, N, N));
    assert_int_equal(u.pages[0], 5); /* WS(t1) = {1, 2, 5, 6, 7} */
    page_use_begin(&u, 16, 10, 1);
    assert_true(page_use_more(&u, s, SHIFT, N, N));
    assert_int_equal(u.pages[0], 2); /* WS(t2) = {3, 4} */
    page_use_end(&u);
    step_source_free(s);
}

static void a_page_across_a_border_counts_as_two(void **state) {
    struct step step = access_to(0, 5);
    struct page_use u = {0};
    (void)state;
    step.va += (1u << SHIFT) - 2;
    step.size = 4;
    struct step_source *s = source_of(&step, 1);
    page_use_begin(&u, 0, 1, 1);
    assert_true(page_use_more(&u, s, SHIFT, 1, 1));
    assert_int_equal(u.pages[0], 2);
    page_use_end(&u);
    step_source_free(s);
}

/* ---- against a list ---- */

struct list {
    struct { proc_t proc; vpn_t vpn; } page[STEPS];
    size_t count;
};

static void list_add(struct list *l, proc_t proc, vpn_t vpn) {
    for (size_t i = 0; i < l->count; i++)
        if (l->page[i].proc == proc && l->page[i].vpn == vpn) return;
    l->page[l->count].proc = proc;
    l->page[l->count++].vpn = vpn;
}

/* Distinct pages among steps a..b-1. */
static uint32_t naive(const struct step *step, size_t a, size_t b) {
    static struct list l;
    l.count = 0;
    for (size_t i = a; i < b; i++)
        if (step[i].kind == STEP_ACCESS) list_add(&l, step[i].proc, step[i].va >> SHIFT);
    return (uint32_t)l.count;
}

static void random_steps(struct step *step, struct rng *r) {
    for (size_t i = 0; i < STEPS; i++) {
        step[i] = access_to((proc_t)rng_below(r, 3), rng_below(r, 4) ? rng_below(r, 6) : rng_below(r, 300));
        step[i].op = (uint8_t)rng_below(r, 3);
        if (rng_below(r, 20) == 0) step[i].kind = STEP_TLB_FLUSH;
        if (rng_below(r, 50) == 0) step[i].va |= UINT64_C(0xffff800000000000); /* a kernel's */
    }
}

/* In pieces of any length, stopped anywhere, each cell is what the list says. */
static void each_cell_holds_its_distinct_pages(void **state) {
    static struct step step[STEPS];
    struct page_use u = {0};
    (void)state;
    for (uint64_t seed = 1; seed < 30; seed++) {
        struct rng r = {seed};
        random_steps(step, &r);
        struct step_source *s = source_of(step, STEPS);
        uint64_t from = rng_below(&r, STEPS / 2), scale = 1 + rng_below(&r, 400), end = from;
        unsigned cells = 1 + rng_below(&r, 40);
        page_use_begin(&u, from, scale, cells);
        while (end < STEPS) {
            end += 1 + rng_below(&r, 900);
            if (end > STEPS) end = STEPS;
            assert_true(page_use_more(&u, s, SHIFT, end, 1 + rng_below(&r, 700)));
            assert_true(page_use_counted(&u) <= end);
        }
        while (page_use_counted(&u) < STEPS && page_use_counted(&u) < from + scale * cells)
            assert_true(page_use_more(&u, s, SHIFT, STEPS, 700));
        for (unsigned c = 0; c < cells && from + c * scale < STEPS; c++) {
            uint64_t first = from + c * scale, last = first + scale < STEPS ? first + scale : STEPS;
            assert_int_equal(u.pages[c], naive(step, first, last));
        }
        step_source_free(s);
    }
    page_use_end(&u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_the_working_set_of_the_figure),
        cmocka_unit_test(a_page_across_a_border_counts_as_two),
        cmocka_unit_test(each_cell_holds_its_distinct_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
