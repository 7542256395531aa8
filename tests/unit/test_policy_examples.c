/* test_policy_examples.c - a small worked example for each policy, done by hand.
 *
 * Where the paper or book prints an example, it is named. Where it gives only
 * rules or pseudo-code, the comment follows them step by step. "1 2w 3" are the
 * pages referenced, a w is a write; a row below is what the frames hold after
 * each reference ('-': free), with * for a fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy_driver.h"

#define REFS_MAX 64

/* A string, and a policy that goes through it. */
struct play {
    uint32_t refs[REFS_MAX];
    bool writes[REFS_MAX];
    struct policy_driver d;
};

static void begin(struct play *p, const char *policy, uint32_t frames, const char *text) {
    size_t count = policy_driver_parse(text, p->refs, p->writes);
    policy_driver_start(&p->d, policy_by_name(policy), frames, p->refs, count);
    p->d.writes = p->writes;
}

/* The frames after the next reference, as "*1 2 -". */
static const char *next(struct play *p) {
    static char row[128];
    bool fault = policy_driver_step(&p->d);
    size_t at = (size_t)snprintf(row, sizeof row, "%s", fault ? "*" : "");
    for (frame_t f = 0; f < p->d.frames; f++) {
        const char *gap = f ? " " : "";
        if (p->d.page[f] == DRIVER_NO_PAGE)
            at += (size_t)snprintf(row + at, sizeof row - at, "%s-", gap);
        else
            at += (size_t)snprintf(row + at, sizeof row - at, "%s%u", gap, p->d.page[f]);
    }
    return row;
}

/* All rows, in order; NULL ends them. */
static void expect_rows(struct play *p, const char *const *row) {
    for (size_t i = 0; row[i]; i++) {
        const char *got = next(p);
        if (strcmp(got, row[i]) != 0) fail_msg("%s, reference %zu: '%s', by hand '%s'", p->d.ops->name, i, got, row[i]);
    }
}


static frame_t hand_of(const struct play *p) {
    uint64_t rank[DRIVER_FRAMES_MAX];
    struct policy_picture picture = {.rank = rank};
    p->d.ops->describe(p->d.policy, &picture);
    return picture.hand;
}

/* Stallings, Operating Systems, 8.2: the steps of the clock with use and modify bit, followed by hand.
 *   1w 2 3w fill frames 0 to 2, all R=1. Page 4: round 1 finds no (0,0); round 2 finds no (0,1) and clears
 *   every R; round 3 finds (0,0) at frame 1, page 2. The hand stands at frame 2.
 *   Page 1 sets R of frame 0. Page 5, from frame 2: round 1 has no (0,0): 3 is (0,1), 1 is (1,1), 4 is (1,0).
 *   Round 2 takes 3 at once. The hand stands at frame 0, and 1 and 4 keep their R.
 *   Page 6, from frame 0: nothing in rounds 1 and 2, which clears 1, 4 and 5; round 3 takes 4, frame 1. */
static void enhanced_clock_prefers_clean_pages_and_clears_only_in_its_second_round(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "*1 2 3", "*1 4 3", "1 4 3", "*1 4 5", NULL},
                             *const last[] = {"*1 6 5", NULL};
    struct play p;
    begin(&p, "enhanced_clock", 3, "1w 2 3w 4 1 5 6");
    expect_rows(&p, rows);
    assert_int_equal(p.d.passes, 3);
    assert_int_equal(hand_of(&p), 0);
    assert_true(p.d.r[0] && p.d.r[1]);
    expect_rows(&p, last);
    assert_int_equal(p.d.passes, 6);
    assert_int_equal(hand_of(&p), 2);
    policy_driver_end(&p.d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enhanced_clock_prefers_clean_pages_and_clears_only_in_its_second_round),
    };
    return cmocka_run_group_tests_name("worked examples of policies", tests, NULL, NULL);
}
