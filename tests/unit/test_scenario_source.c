/* The step source made of segments, against the same steps written out one by one. */
#include "scenario/source_segments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Steps are told apart by their address. */
static void add(struct segments *s, uint64_t first, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        struct step step = {.kind = STEP_ACCESS, .size = 1, .va = first + i, .proc = PROC_NONE};
        assert_int_equal(segments_step(s, &step), VS_OK);
    }
}

/* Every span from every position must tell these addresses. */
static void holds(struct segments *s, const uint64_t *va, size_t count) {
    static struct step buf[STEP_SPAN];
    const struct step_source *source = segments_source(s);
    assert_int_equal(source->count, count);
    for (uint64_t at = 0; at < count; at++) {
        size_t n;
        const struct step *p = step_span(source, at, buf, &n);
        assert_non_null(p);
        assert_true(n >= 1 && n <= count - at);
        for (size_t i = 0; i < n; i++) assert_true(p[i].va == va[at + i]);
    }
    size_t n;
    assert_null(step_span(source, count, buf, &n));
    assert_null(step_span(source, UINT64_MAX, buf, &n));
}

static void an_empty_source_has_no_span(void **state) {
    (void)state;
    struct segments *s = segments_create();
    holds(s, NULL, 0);
    segments_free(s);
}

static void written_steps_come_in_their_order(void **state) {
    (void)state;
    static const uint64_t va[] = {1, 2, 3, 10, 11};
    struct segments *s = segments_create();
    add(s, 1, 3);
    add(s, 10, 2);
    holds(s, va, 5);
    segments_free(s);
}

static void a_repeated_run_comes_again(void **state) {
    (void)state;
    static const uint64_t va[] = {1, 2, 3, 2, 3, 2, 3, 9};
    struct segments *s = segments_create();
    add(s, 1, 3);
    assert_int_equal(segments_repeat(s, 1, 2), VS_OK);
    add(s, 9, 1);
    holds(s, va, 8);
    segments_free(s);
}

static void repetitions_nest(void **state) {
    (void)state;
    /* a b | b b | c -> from b on, once more */
    static const uint64_t va[] = {1, 2, 2, 2, 3, 2, 2, 2, 3};
    struct segments *s = segments_create();
    add(s, 1, 2);
    assert_int_equal(segments_repeat(s, 1, 2), VS_OK);
    add(s, 3, 1);
    assert_int_equal(segments_repeat(s, 1, 1), VS_OK);
    holds(s, va, 9);
    segments_free(s);
}

static void a_repetition_may_begin_inside_a_repetition(void **state) {
    (void)state;
    /* 1 2 | 1 2 1 2 -> the last 3 (2 1 2), twice more */
    static const uint64_t va[] = {1, 2, 1, 2, 1, 2, 2, 1, 2, 2, 1, 2};
    struct segments *s = segments_create();
    add(s, 1, 2);
    assert_int_equal(segments_repeat(s, 0, 2), VS_OK);
    assert_int_equal(segments_repeat(s, 3, 2), VS_OK);
    holds(s, va, 12);
    segments_free(s);
}

static void long_repetitions_come_in_full_spans(void **state) {
    (void)state;
    static struct step buf[STEP_SPAN];
    struct segments *s = segments_create();
    size_t n;
    add(s, 0, 3);
    assert_int_equal(segments_repeat(s, 0, 1000000000), VS_OK);
    const struct step *p = step_span(segments_source(s), 2999999999u, buf, &n);
    assert_int_equal(p->va, 2999999999u % 3);
    assert_non_null(step_span(segments_source(s), 5, buf, &n));
    assert_int_equal(n, STEP_SPAN);
    segments_free(s);
}

static void more_than_32_bits_of_steps_are_refused(void **state) {
    (void)state;
    struct segments *s = segments_create();
    add(s, 0, 2);
    assert_int_equal(segments_repeat(s, 0, UINT64_MAX), VS_LIMIT);
    assert_int_equal(segments_repeat(s, 0, 0x80000000u), VS_LIMIT);
    assert_int_equal(segments_repeat(s, 0, 0x7ffffffeu), VS_OK);
    assert_true(segments_count(s) == 0xfffffffeu);
    assert_int_equal(segments_repeat(s, 0, 1), VS_LIMIT);
    assert_int_equal(segments_room(s, STEPS_WRITTEN_MAX), VS_LIMIT);
    segments_free(s);
}

static void a_trace_is_decoded_in_place(void **state) {
    (void)state;
    static const char text[] = "I  1000,4\n S 2000,8\n L 3000,1\n";
    static const uint64_t va[] = {7, 0x1000, 0x2000, 0x3000, 0x1000, 0x2000, 0x3000};
    struct trace_options o = {.name = "t"};
    struct trace *t = NULL;
    assert_int_equal(trace_read_memory(text, sizeof text - 1, &o, &t, NULL), VS_OK);
    struct segments *s = segments_create();
    struct step like = {.kind = STEP_ACCESS, .line = 5, .extra = 3, .proc = 1, .flags = STEP_NO_SPLIT},
                buf[STEP_SPAN];
    add(s, 7, 1);
    assert_int_equal(segments_trace(s, t, UINT64_MAX, &like), VS_OK);
    assert_int_equal(segments_repeat(s, 1, 1), VS_OK);
    holds(s, va, 7);
    size_t n;
    const struct step *p = step_span(segments_source(s), 1, buf, &n);
    assert_int_equal(p->line, 5);
    assert_int_equal(p->extra, 3); /* the note is the first reference's */
    assert_int_equal(p->proc, 1);
    assert_int_equal(p->flags, STEP_NO_SPLIT);
    assert_int_equal(p[1].extra, 0);
    assert_int_equal(p[1].op, ACCESS_WRITE);
    segments_free(s);
    trace_free(t);
}

/* Random building against a plain array. */
static void random_sources_equal_their_expansion(void **state) {
    (void)state;
    uint64_t rng = 12345;
    for (int round = 0; round < 200; round++) {
        static uint64_t va[20000];
        size_t count = 0;
        struct segments *s = segments_create();
        while (count < 3000) {
            rng = rng * 6364136223846793005u + 1442695040888963407u;
            uint64_t r = rng >> 33;
            if (r % 3 || count == 0) {
                size_t n = 1 + r / 3 % 5;
                add(s, count, n);
                for (size_t i = 0; i < n; i++) va[count + i] = count + i;
                count += n;
            } else {
                size_t from = count - 1 - (r / 3 % count), length = count - from, times = 1 + r / 7 % 3;
                if (count + length * times > 20000) break;
                assert_int_equal(segments_repeat(s, from, times), VS_OK);
                for (size_t i = 0; i < length * times; i++) va[count + i] = va[from + i % length];
                count += length * times;
            }
        }
        static struct step buf[STEP_SPAN];
        assert_int_equal(segments_count(s), count);
        for (uint64_t at = 0; at < count;) {
            size_t n;
            const struct step *p = step_span(segments_source(s), at, buf, &n);
            for (size_t i = 0; i < n; i++) assert_true(p[i].va == va[at + i]);
            at += 1 + n / 2;
        }
        segments_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_source_has_no_span),
        cmocka_unit_test(written_steps_come_in_their_order),
        cmocka_unit_test(a_repeated_run_comes_again),
        cmocka_unit_test(repetitions_nest),
        cmocka_unit_test(a_repetition_may_begin_inside_a_repetition),
        cmocka_unit_test(long_repetitions_come_in_full_spans),
        cmocka_unit_test(more_than_32_bits_of_steps_are_refused),
        cmocka_unit_test(a_trace_is_decoded_in_place),
        cmocka_unit_test(random_sources_equal_their_expansion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
