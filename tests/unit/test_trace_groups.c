/* What traces say of their groups, against the definition; and through sources that are made of traces. */
#include "naive_group.h"
#include "scenario/source_segments.h"
#include "scenario/trace_pack.h"
#include "vmscope/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REFS (2 * STEP_SPAN + 1000)

/* Mostly a few pages, for a while hundreds; near the end of a page a reference crosses. */
static struct trace *draw_trace(uint64_t seed, size_t n) {
    struct trace *t = trace_create();
    struct step_ref ref[STEP_SPAN];
    struct rng r = {seed};
    assert_non_null(t);
    for (size_t done = 0, k; done < n; done += k) {
        k = n - done < STEP_SPAN ? n - done : STEP_SPAN;
        for (size_t i = 0; i < k; i++) {
            uint64_t pages = (done + i) / 500 % 4 == 3 ? 300 : 1 + i / 100 % 20, page = rng_below(&r, (uint32_t)pages);
            ref[i] = (struct step_ref){0x400000 + page * 0x1000 + rng_below(&r, 0x1000), (uint8_t)rng_below(&r, 3),
                                        (uint8_t)(1 + rng_below(&r, rng_below(&r, 50) ? 8 : 255))};
        }
        assert_int_equal(trace_append(t, ref, k), VS_OK);
    }
    return t;
}

/* Step `at`, whatever spans the source has. */
static struct step step_of(const struct step_source *s, uint64_t at) {
    static struct step buf[STEP_SPAN];
    size_t n;
    const struct step *p = step_span(s, at, buf, &n);
    assert_non_null(p);
    return *p;
}

static void group_is(const struct step_source *s, uint64_t at, unsigned shift, const struct step_groups *all, size_t i) {
    struct step step[STEP_GROUP];
    struct step_use use[STEP_GROUP_PAGES];
    struct step_group want, got = all->group[i];
    assert_in_range(got.steps, 1, STEP_GROUP);
    for (unsigned k = 0; k < got.steps; k++) {
        step[k] = step_of(s, at + k);
        assert_int_equal(step[k].proc, all->proc);
        assert_int_equal(step[k].flags, all->flags);
    }
    naive_group(step, got.steps, shift, &want, use);
    assert_int_equal(got.pages, want.pages);
    assert_memory_equal(got.by_kind, want.by_kind, sizeof want.by_kind);
    if (want.pages == 0) return;
    assert_int_equal(got.crosses, want.crosses);
    assert_int_equal(got.opens, want.opens);
    assert_int_equal(got.turns, want.turns);
    for (unsigned k = 0; k < want.pages; k++) {
        const struct step_use *a = &all->use[got.first + k], *b = &use[k];
        assert_true(a->vpn == b->vpn && a->ops == b->ops && a->times == b->times && a->last == b->last && a->turn == b->turn);
    }
}

/* Groups from `at` on are true, and end before the source does. Returns how many steps they hold. */
static uint64_t groups_are_true(const struct step_source *s, uint64_t at, unsigned shift) {
    struct step_groups all;
    uint64_t steps = 0;
    if (step_groups(s, at, shift, &all) != 0) return 0;
    assert_true(all.count > 0);
    for (size_t i = 0; i < all.count; i++) {
        if (at % 7 == 0) group_is(s, at + steps, shift, &all, i);
        steps += all.group[i].steps;
    }
    assert_true(at + steps <= s->count);
    return steps;
}

/* Asked as a machine asks: how many steps can be had in groups. */
static uint64_t steps_in_groups(const struct step_source *s, unsigned shift) {
    uint64_t found = 0;
    struct step_groups all;
    for (uint64_t at = 0, wait; at < s->count; at += wait) {
        wait = step_groups(s, at, shift, &all);
        if (wait) continue;
        for (size_t i = 0; i < all.count; i++) wait += all.group[i].steps;
        found += wait;
    }
    return found;
}

static void a_trace_tells_what_its_groups_come_to(void **state) {
    (void)state;
    static const unsigned shifts[] = {12, 8, 1, 16, 63};
    struct trace *t = draw_trace(1, REFS);
    struct step_source *s = trace_source(t, STEP_NO_SPLIT);
    for (size_t i = 0; i < sizeof shifts / sizeof *shifts; i++) {
        assert_int_equal(trace_index(t, shifts[i]), VS_OK);
        for (uint64_t at = 0; at < REFS; at++) groups_are_true(s, at, shifts[i]);
        assert_int_equal(steps_in_groups(s, shifts[i]), REFS);
    }
    step_source_free(s);
    trace_free(t);
}

static void without_an_index_for_this_page_size_there_are_none(void **state) {
    (void)state;
    struct step_groups all;
    struct trace *t = draw_trace(2, 100);
    struct step_source *s = trace_source(t, 0);
    assert_true(step_groups(s, 0, 12, &all) == UINT64_MAX);
    assert_int_equal(trace_index(t, 12), VS_OK);
    assert_true(step_groups(s, 0, 13, &all) == UINT64_MAX);
    assert_int_equal(step_groups(s, 0, 12, &all), 0);
    assert_true(step_groups(s, 100, 12, &all) == UINT64_MAX);
    assert_int_equal(trace_index(t, 0), VS_LIMIT);
    assert_int_equal(trace_index(t, 64), VS_LIMIT);
    step_source_free(s);
    trace_free(t);
}

static void an_index_changes_no_step(void **state) {
    (void)state;
    struct trace *plain = draw_trace(3, REFS), *indexed = draw_trace(3, REFS);
    struct step_source *a = trace_source(plain, STEP_AUTOMAP), *b = trace_source(indexed, STEP_AUTOMAP);
    assert_int_equal(trace_index(indexed, 12), VS_OK);
    for (uint64_t at = 0; at < REFS; at++) {
        struct step x = step_of(a, at), y = step_of(b, at);
        assert_true(x.va == y.va && x.op == y.op && x.size == y.size && x.flags == y.flags && x.kind == y.kind);
    }
    step_source_free(a);
    step_source_free(b);
    trace_free(plain);
    trace_free(indexed);
}

static void a_branch_keeps_the_groups_that_it_does_not_cut(void **state) {
    (void)state;
    struct trace *t = draw_trace(4, 1000);
    struct step_source *trunk = trace_source(t, 0);
    const struct step added[3] = {{.kind = STEP_ACCESS, .size = 1, .proc = PROC_NONE}};
    assert_int_equal(trace_index(t, 12), VS_OK);
    for (uint64_t cut = 0; cut <= 1000; cut += 50) {
        struct step_source *branch = step_source_branch(trunk, cut, added, 3);
        bool cuts = cut % STEP_GROUP && cut < 1000; /* in two: its tail is no group's begin */
        uint64_t lost = !cuts ? 0 : cut < 1000 / STEP_GROUP * STEP_GROUP ? STEP_GROUP : 1000 % STEP_GROUP;
        for (uint64_t at = 0; at < 1003; at++)
            if (at < cut || at >= cut + 3) groups_are_true(branch, at, 12);
        assert_int_equal(steps_in_groups(branch, 12), 1000 - lost);
        step_source_free(branch);
    }
    step_source_free(trunk);
    trace_free(t);
}

static void segments_hand_on_the_groups_of_their_traces(void **state) {
    (void)state;
    struct trace *t = draw_trace(5, 1000);
    struct segments *s = segments_create();
    struct step like = {.kind = STEP_ACCESS, .proc = 1, .flags = STEP_NO_SPLIT}, one = {.kind = STEP_SWITCH};
    assert_int_equal(trace_index(t, 12), VS_OK);
    assert_int_equal(segments_step(s, &one), VS_OK);
    assert_int_equal(segments_trace(s, t, 600, &like), VS_OK); /* groups 0..8 */
    assert_int_equal(segments_step(s, &one), VS_OK);
    assert_int_equal(segments_repeat(s, 101, 1), VS_OK); /* the trace from its reference 100 on: groups 2..8 */
    const struct step_source *source = segments_source(s);
    for (uint64_t at = 0; at < source->count; at++) groups_are_true(source, at, 12);
    assert_int_equal(steps_in_groups(source, 12), (9 + 7) * STEP_GROUP);
    segments_free(s);
    trace_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_tells_what_its_groups_come_to),
        cmocka_unit_test(without_an_index_for_this_page_size_there_are_none),
        cmocka_unit_test(an_index_changes_no_step),
        cmocka_unit_test(a_branch_keeps_the_groups_that_it_does_not_cut),
        cmocka_unit_test(segments_hand_on_the_groups_of_their_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
