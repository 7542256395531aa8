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

static void begin_with(struct play *p, const char *policy, uint32_t frames, const char *text,
                       const struct policy_config *more) {
    size_t count = policy_driver_parse(text, p->refs, p->writes);
    policy_driver_begin(&p->d, policy_by_name(policy), frames, p->refs, count, more);
    p->d.writes = p->writes;
}

static void begin(struct play *p, const char *policy, uint32_t frames, const char *text) {
    begin_with(p, policy, frames, text, NULL);
}

static void end(struct play *p) {
    assert_int_equal(p->d.now, p->d.count);
    policy_driver_end(&p->d);
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


static uint64_t rank_of(const struct play *p, frame_t f) {
    uint64_t rank[DRIVER_FRAMES_MAX];
    struct policy_picture picture = {.rank = rank};
    p->d.ops->describe(p->d.policy, &picture);
    return rank[f];
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
    end(&p);
}

/* Tanenbaum, Modern Operating Systems, 3.4.2, by hand; a tick before references 4, 8...
 *   1w 2 3 1 fill three frames. The tick before reference 4 clears R. Reference 4 (page 2) sets R of frame 1:
 *   classes are 1 (R=0, D=1), 2 (R=1, D=0) and 0. Page 4 takes class 0, frame 2, and is in class 2.
 *   Page 5: classes 1, 2, 2: frame 0, though its page is dirty. Page 6: all in class 2: the lowest frame, 0.
 *   The tick before reference 8 clears R again; page 2 is used, page 7 takes the lowest frame of class 0. */
static void nru_takes_the_lowest_class_and_then_the_lowest_frame(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "*1 2 3", "1 2 3",  "1 2 3",
                                       "*1 2 4", "*5 2 4", "*6 2 4", "6 2 4", "*7 2 4", NULL};
    struct play p;
    begin_with(&p, "nru", 3, "1w 2 3 1 2 4 5 6 2 7", &(struct policy_config){.tick = 4});
    expect_rows(&p, rows);
    end(&p);
}

/* Tanenbaum, 3.4.7, by hand, 4 bits, a tick before references 3, 6, 9:
 *   1 2 3 are loaded with counter 0000. Tick: R=1 for all: 1000 1000 1000. References 3 to 5 are 1 1 2.
 *   Tick: 1100 1100 0100. References 6 to 8 are 1 3 1. Tick: 1110 0110 1010.
 *   Reference 9, page 4: the lowest counter is 0110, page 2 in frame 1. Page 4 starts with 0000 and, with no
 *   tick in between, is the next to leave, though its R is 1. */
static void aging_takes_the_lowest_counter(void **state) {
    (void)state;
    static const char *const fill[] = {"*1 - -", "*1 2 -", "*1 2 3", "1 2 3", "1 2 3", "1 2 3", "1 2 3", "1 2 3", "1 2 3", NULL},
                             *const rest[] = {"*1 4 3", NULL}, *const last[] = {"*1 5 3", NULL};
    struct play p;
    begin_with(&p, "aging", 3, "1 2 3 1 1 2 1 3 1 4 5", &(struct policy_config){.tick = 3, .bits = 4});
    expect_rows(&p, fill);
    expect_rows(&p, rest);
    assert_int_equal(rank_of(&p, 0), 14); /* 1110 */
    assert_int_equal(rank_of(&p, 1), 0);
    assert_int_equal(rank_of(&p, 2), 10); /* 1010 */
    expect_rows(&p, last);
    end(&p);
}

/* Silberschatz et al., 10.4.6, by hand. Counts after 1 2 3 1 1 2: 3, 2, 1.
 *   Page 4: MFU takes page 1, LFU page 3. MFU goes on with counts 1 (page 4), 2, 1: page 5 takes page 2.
 *   LFU goes on with 3, 2, 1 (page 4): page 5 takes page 4, and page 6 page 5, the only ones with count 1.
 *   Page 6: MFU has 4, 5 and 3, each used once: of equal counts the least recently used leaves, page 3. */
static void mfu_takes_the_largest_count_where_lfu_takes_the_smallest(void **state) {
    (void)state;
    static const char *const most[] = {"*1 - -", "*1 2 -", "*1 2 3", "1 2 3", "1 2 3", "1 2 3", "*4 2 3", "*4 5 3", "*4 5 6", NULL},
                             *const least[] = {"*1 - -", "*1 2 -", "*1 2 3", "1 2 3", "1 2 3", "1 2 3", "*1 2 4", "*1 2 5", "*1 2 6", NULL};
    struct play p;
    begin(&p, "mfu", 3, "1 2 3 1 1 2 4 5 6");
    expect_rows(&p, most);
    end(&p);
    begin(&p, "lfu", 3, "1 2 3 1 1 2 4 5 6");
    expect_rows(&p, least);
    end(&p);
}

/* Carr and Hennessy's rules as Tanenbaum tells them (3.4.9), by hand; tau is 3, the stamp is in brackets.
 *   1w 2 3 come at times 0, 1, 2: 1[0] 2[1] 3[2], R=1. Time 3, page 4: R of all is cleared and they are stamped
 *   3; in the second round their age is 0. No one is older than 3: the oldest stamp is 3 for all, clean before
 *   dirty, and from the hand (frame 0) page 2 is the nearest. The hand stands at frame 2: 1[3] 4[3] 3[3].
 *   Times 4 to 6 use page 4. Time 7, page 5, from frame 2: page 3 has R=0 and age 4 > 3, and is clean: victim.
 *   The hand is at frame 0: 1[3] 4[3] 5[7]. Time 8, page 6: page 1 is older than 3 but dirty: its write is
 *   scheduled. 4 and 5 have R=1: cleared, stamped 8. In the second round page 1 is clean: victim. */
static void wsclock_writes_old_dirty_pages_and_takes_them_when_it_comes_by_again(void **state) {
    (void)state;
    static const char *const first[] = {"*1 - -", "*1 2 -", "*1 2 3", "*1 4 3", "1 4 3", "1 4 3", "1 4 3", "*1 4 5", NULL},
                             *const last[] = {"*6 4 5", NULL};
    struct play p;
    begin_with(&p, "wsclock", 3, "1w 2 3 4 4 4 4 5 6", &(struct policy_config){.tau = 3});
    expect_rows(&p, first);
    assert_int_equal(p.d.passes, 3);
    assert_int_equal(p.d.writes_ahead, 0);
    assert_int_equal(hand_of(&p), 0);
    expect_rows(&p, last);
    assert_int_equal(p.d.passes, 5);
    assert_int_equal(p.d.writes_ahead, 1);
    assert_int_equal(hand_of(&p), 1);
    assert_int_equal(rank_of(&p, 0), 8);
    end(&p);
}

/* Denning's working set, by hand; tau is 3. Before each reference t, pages whose last reference is below t - 3 leave.
 *   t:    0 1 2 3 4 5 6 7
 *   page: 1 2 1 3 1 1 1 2     page 2, last used at 1, leaves before t = 5, page 3, last used at 3, before t = 7. */
static void working_set_lets_pages_go_that_were_not_used_for_tau_references(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - - -", "*1 2 - -", "1 2 - -", "*1 2 3 -", "1 2 3 -", "1 - 3 -", "1 - 3 -", "*1 2 - -", NULL},
                             *const edge[] = {"*1 -", "*1 2", "1 2", "1 2", "1 2", "1 2", "1 2", "*1 2", NULL};
    struct play p;
    begin_with(&p, "working_set", 4, "1 2 1 3 1 1 1 2", &(struct policy_config){.tau = 3});
    expect_rows(&p, rows);
    assert_int_equal(p.d.leavers, 2);
    end(&p);
    /* Three references after its last one page 1 is still there (t = 3); four after it has just left (t = 7). */
    begin_with(&p, "working_set", 2, "1 2 2 1 2 2 2 1", &(struct policy_config){.tau = 3});
    expect_rows(&p, edge);
    end(&p);
}

/* Chu and Opderbeck's rule as Stallings tells it (8.2), by hand; tau is 3.
 *   1 2 3 fault at times 0, 1, 2, each soon after the one before: each gets a frame. Time 6, page 4: four
 *   references since the last fault, but every R is 1: all stay, R is cleared. Time 8, page 5: two references
 *   since, so a frame is due, but none is left: of R=0 (2 and 3) page 2 was loaded first. Time 12, page 6: four
 *   references since: 1, 4 and 5 have R=1, page 3 has R=0 and leaves. */
static void pff_lets_unused_pages_go_when_faults_are_rare(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - - -", "*1 2 - -", "*1 2 3 -", "1 2 3 -", "1 2 3 -", "1 2 3 -", "*1 2 3 4",
                                       "1 2 3 4", "*1 5 3 4", "1 5 3 4", "1 5 3 4", "1 5 3 4", "*1 5 6 4", NULL};
    struct play p;
    begin_with(&p, "pff", 4, "1 2 3 1 1 1 4 1 5 1 1 1 6", &(struct policy_config){.tau = 3});
    expect_rows(&p, rows);
    assert_int_equal(p.d.leavers, 1);
    assert_int_equal(p.d.passes, 6);
    end(&p);
}

/* SIEVE's algorithm 1 (NSDI 2024), by hand. The queue from the oldest on, ' for visited, > before the hand:
 *   1 2 3 1 3: >1' 2 3'. Page 4: 1 loses its mark, 2 leaves: 1 >3' 4. Page 5: 3 loses its mark, 4 leaves, and the
 *   hand, behind the newest, is at the oldest again: >1 3 5. Pages 1 and 5: >1' 3 5'. Page 6: 1 loses its mark,
 *   3 leaves: 1 >5' 6. Page 7: 5 loses its mark, 6 leaves: 1 5 7, and CLOCK would have taken 1. */
static void sieve_walks_along_the_queue_and_leaves_survivors_where_they_are(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "*1 2 3", "1 2 3", "1 2 3", "*1 4 3", "*1 5 3",
                                       "1 5 3", "1 5 3", "*1 5 6", "*1 5 7", NULL};
    struct play p;
    begin(&p, "sieve", 3, "1 2 3 1 3 4 5 1 5 6 7");
    expect_rows(&p, rows);
    assert_int_equal(p.d.passes, 4);
    assert_int_equal(hand_of(&p), 0);
    end(&p);
}

static const char *note_of(const struct play *p) {
    static struct policy_picture picture;
    uint64_t rank[DRIVER_FRAMES_MAX];
    picture = (struct policy_picture){.rank = rank};
    p->d.ops->describe(p->d.policy, &picture);
    return picture.note;
}

/* S3-FIFO's algorithm 1 (SOSP 2023), by hand, with 4 frames: S has 1 of them, M and G 3. Counts are in brackets.
 *   1 2 3 4 fill S: 1[0] 2[0] 3[0] 4[0]; then 1 1 and 2: 1[2] 2[1] 3[0] 4[0].
 *   Page 5: S has its share and more, and gives the frame: 1[2] moves on to M as 1[0], 2[1] leaves for G.
 *     S: 3 4 5  M: 1  G: 2.
 *   Page 6: 3 leaves: S: 4 5 6  M: 1  G: 2 3.  Page 2 comes back and is in G: 4 leaves (G: 3 4), 2 goes to M:
 *     S: 5 6  M: 1 2.  Page 3 likewise: 5 leaves, S: 6  M: 1 2 3  G: 4 5.
 *   Page 1 is used: 1[1]. Page 4: S still has its share: 6 leaves, and 4, from G, goes to M. S: -  M: 1 2 3 4  G: 5 6.
 *   Page 7: S has less than its share, so M gives: 1[1] goes round as 1[0], 2[0] leaves, not to G.
 *     S: 7  M: 3 4 1  G: 5 6.  Page 2, no ghost, is new: 7 leaves for G. S: 2. */
static void s3_fifo_filters_pages_through_its_small_queue(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - - -", "*1 2 - -", "*1 2 3 -", "*1 2 3 4", "1 2 3 4", "1 2 3 4", "1 2 3 4",
                                       "*1 5 3 4", "*1 5 6 4", "*1 5 6 2", "*1 3 6 2", "1 3 6 2", "*1 3 4 2", "*1 3 4 7",
                                       "*1 3 4 2", NULL};
    struct play p;
    begin(&p, "s3_fifo", 4, "1 2 3 4 1 1 2 5 6 2 3 1 4 7 2");
    expect_rows(&p, rows);
    assert_int_equal(p.d.moves, 2);
    assert_string_equal(note_of(&p), "G 3");
    end(&p);
}

/* 2Q's full version (VLDB 1994, 2.2), by hand, with 4 frames: Kin 1, Kout 2.
 *   1 2 3 4 fill A1in; 1 1 change nothing. Page 5: A1in is longer than Kin, its oldest, 1, leaves: A1out: 1.
 *   Page 1 comes back: 2 leaves A1in (A1out: 2), 1 goes to Am. A1in: 3 4 5  Am: 1.
 *   Page 2 likewise: 3 leaves, A1in: 4 5  Am: 1 2  A1out: 3.  Page 6: 4 leaves, A1in: 5 6  A1out: 3 4.
 *   Page 7: 5 leaves; A1out has room for 2 and forgets 3: A1in: 6 7  A1out: 4 5.
 *   Page 1 is used: Am: 2 1. Page 4 was in A1out when it was asked for: 6 leaves (and takes
 *   its place there), A1in: 7  Am: 2 1 4  A1out: 5 6.
 *   Page 3, forgotten: A1in is not longer than Kin, so Am's oldest, 2, leaves and is not remembered. */
static void two_q_lets_pages_into_am_only_when_they_come_back(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - - -", "*1 2 - -", "*1 2 3 -", "*1 2 3 4", "1 2 3 4",  "1 2 3 4", "*5 2 3 4",
                                       "*5 1 3 4", "*5 1 2 4", "*5 1 2 6", "*7 1 2 6", "7 1 2 6", "*7 1 2 4", "*7 1 3 4", NULL};
    struct play p;
    begin(&p, "two_q", 4, "1 2 3 4 1 1 5 1 2 6 7 1 4 3");
    expect_rows(&p, rows);
    assert_string_equal(note_of(&p), "A1out 2");
    end(&p);
}

/* LRU-K with K = 2 (SIGMOD 1993, definitions 2.1 and 2.2), by hand; the two last times are in brackets.
 *   1 2 1 2 3 at times 0 to 4: 1[2,0] 2[3,1] 3[4]. Time 5, page 4: 3 has no second time and leaves, its 4 is
 *   remembered. Time 6, page 3: 4[5] leaves; 3 comes back as 3[6,4]. Time 7, page 5: second times are 0, 1, 4:
 *   page 1 leaves, though LRU would take 2. Time 8, page 4: 5[7] leaves, 4[8,5]. Time 9, page 6: second times are
 *   5, 1, 4: page 2 leaves. */
static void lru_k_looks_at_the_last_reference_but_one_and_remembers_it(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "1 2 -", "1 2 -", "*1 2 3", "*1 2 4", "*1 2 3", "*5 2 3", "*4 2 3", "*4 6 3", NULL};
    struct play p;
    begin(&p, "lru_k", 3, "1 2 1 2 3 4 3 5 4 6");
    expect_rows(&p, rows);
    assert_int_equal(rank_of(&p, 0), 5);
    assert_int_equal(rank_of(&p, 1), NEXT_NEVER);
    assert_int_equal(rank_of(&p, 2), 4);
    assert_string_equal(note_of(&p), "K=2  3 remembered");
    end(&p);
}

/* The first references of that string with K = 3, by hand; the three last times are in brackets.
 *   1 2 1 2 3 at times 0 to 4: 1[2,0] 2[3,1] 3[4]. Time 5, page 4: nobody has a third time: 1, used least recently,
 *   leaves. Time 6: 3[6,4]. Time 7, page 5: 2 leaves. Time 8: 4[8,5]. Time 9, page 1: 3 leaves; 1 was remembered:
 *   1[9,2,0]. Time 10, page 3: of 4 and 5[7], which have no third time, 5 leaves; 3[10,6,4]. Time 11, page 6: 4 has
 *   no third time and leaves; remembered are 2, 5, 4. Time 12: 6[12,11]. Time 13, page 4: 6 leaves, though it was
 *   used last of all, and takes 2's place among the three that are remembered; 4[13,8,5]. Time 14, page 7: third
 *   times are 5, 4 and 0: 1 leaves. Time 15, page 2: 7 leaves; of 2 nothing is known any more. */
static void lru_k_looks_as_far_back_as_k_says(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "1 2 -", "1 2 -", "*1 2 3", "*4 2 3", "4 2 3", "*4 5 3", "4 5 3",
                                       "*4 5 1", "*4 3 1", "*6 3 1", "6 3 1", "*4 3 1", NULL},
                             *const last[] = {"*4 3 7", "*4 3 2", NULL};
    struct play p;
    begin_with(&p, "lru_k", 3, "1 2 1 2 3 4 3 5 4 1 3 6 6 4 7 2", &(struct policy_config){.k = 3});
    expect_rows(&p, rows);
    assert_int_equal(rank_of(&p, 0), 5);
    assert_int_equal(rank_of(&p, 1), 4);
    assert_int_equal(rank_of(&p, 2), 0);
    expect_rows(&p, last);
    assert_int_equal(rank_of(&p, 2), NEXT_NEVER);
    assert_string_equal(note_of(&p), "K=3  3 remembered");
    end(&p);
}

/* ARC's figure 4 (FAST 2003), by hand, c = 3; lists from the oldest on.
 *   1 2 1 3        T1: 2 3  T2: 1                     p = 0
 *   4, case IV:    T1 is above p, 2 leaves            T1: 3 4  T2: 1    B1: 2
 *   5, case IV A:  T1 + B1 = c, so 2 is forgotten,
 *                  then 3 leaves                      T1: 4 5  T2: 1    B1: 3
 *   3, case II:    p = 1; T1 is above it, 4 leaves    T1: 5    T2: 1 3  B1: 4
 *   6, case IV:    T1 is not above p, 1 leaves        T1: 5 6  T2: 3    B1: 4    B2: 1
 *   1, case III:   p = 0; 5 leaves                    T1: 6    T2: 3 1  B1: 4 5 */
static void arc_shifts_its_target_to_the_list_that_was_too_small(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "1 2 -", "*1 2 3", "*1 4 3", "*1 4 5", "*1 3 5", NULL},
                             *const six[] = {"*6 3 5", NULL}, *const last[] = {"*6 3 1", NULL};
    struct play p;
    begin(&p, "arc", 3, "1 2 1 3 4 5 3 6 1");
    expect_rows(&p, rows);
    assert_string_equal(note_of(&p), "p=1  B1 1  B2 0");
    expect_rows(&p, six);
    assert_string_equal(note_of(&p), "p=1  B1 1  B2 1");
    expect_rows(&p, last);
    assert_string_equal(note_of(&p), "p=0  B1 2  B2 0");
    end(&p);
}

/* CAR's figure 2 (FAST 2004), by hand, c = 3; lists from the head on, ' for R=1.
 *   1 2 1 3   T1: 1' 2 3                                                            p = 0
 *   4         1 goes to T2 with R=0, 2 leaves            T1: 3 4  T2: 1      B1: 2
 *   2         3 leaves; p = 1; 2 goes to T2              T1: 4    T2: 1 2    B1: 3
 *   5         T1 has its target: 4 leaves                T1: 5    T2: 1 2    B1: 3 4
 *   3         5 leaves; p = 2; 3 goes to T2              T1: -    T2: 1 2 3  B1: 4 5
 *   6         T1 is below its target: 1 leaves           T1: 6    T2: 2 3    B1: 4 5  B2: 1 */
static void car_passes_used_pages_on_to_its_second_clock(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "1 2 -", "*1 2 3", "*1 4 3", "*1 4 2", "*1 5 2", "*1 3 2", "*6 3 2", NULL};
    struct play p;
    begin(&p, "car", 3, "1 2 1 3 4 2 5 3 6");
    expect_rows(&p, rows);
    assert_int_equal(p.d.passes, 1);
    assert_string_equal(note_of(&p), "p=2  B1 2  B2 1");
    end(&p);
}

/* CLOCK-Pro's rules (USENIX 2005, section 4), by hand, m = 3, mc = 1; from HAND_hot on, t in its test period,
 * h hot, c cold, () has left memory, ' for R=1.
 *   1 2 3 1    1t' 2t 3t                HAND_cold at 1
 *   4          1 was used in its test period: hot, mc = 2, to the head. 2 leaves: (2t) 3t 1h 4t
 *   2          3 leaves; 2 comes back in its test period: hot, mc stays below m: (3t) 1h 4t 2h
 *   5          two hot pages are more than m - mc = 1: HAND_hot ends the test of 3, which is forgotten, mc = 1,
 *              and makes 1 cold. HAND_cold stands there: 1 leaves: 4t 2h 5t */
static void clock_pro_keeps_pages_hot_that_are_used_in_their_test_period(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "*1 2 3", "1 2 3", "*1 4 3", "*1 4 2", NULL}, *const last[] = {"*5 4 2", NULL};
    struct play p;
    begin(&p, "clock_pro", 3, "1 2 3 1 4 2 5");
    expect_rows(&p, rows);
    assert_string_equal(note_of(&p), "mc=2  1 gone");
    expect_rows(&p, last);
    assert_string_equal(note_of(&p), "mc=1  0 gone");
    assert_int_equal(p.d.passes, 1);
    assert_int_equal(p.d.moves, 1);
    end(&p);
}

/* The rules of Linux 6 (shrink_active_list, folio_check_references, workingset_refault), by hand, with 4 frames;
 * m is marked, ' is R=1, in brackets the age at which a page left.
 *   1 2 3 4  inactive: 1' 2' 3' 4'
 *   5        all are marked and go round; 1 leaves [0]; inactive: 2m 3m 4m 5'; 2 and 3 are used
 *   6        2 and 3, marked and used, become active (age 1, 2, 3); 4 leaves [3]; inactive: 5' 6'  active: 2 3
 *   4        5 and 6 are marked; 5 leaves [4], age 5. 4 left 2 ago, the active list has 2: it becomes active, age 6.
 *            inactive: 6m  active: 2 3 4
 *   7        the active list is longer: 2 becomes inactive; 6 leaves; inactive: 2m 7'  active: 3 4 */
static void linux_activates_what_is_used_twice_or_comes_back_soon(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - - -", "*1 2 - -", "*1 2 3 -", "*1 2 3 4", "*5 2 3 4", "5 2 3 4", "5 2 3 4",
                                       "*5 2 3 6", "*4 2 3 6", "*4 2 3 7", NULL};
    struct play p;
    begin(&p, "linux", 4, "1 2 3 4 5 2 3 6 4 7");
    expect_rows(&p, rows);
    assert_string_equal(note_of(&p), "active 2  inactive 2  gone 3");
    assert_int_equal(p.d.passes, 8);
    assert_int_equal(p.d.moves, 1);
    end(&p);
}

/* The rules of Linux's multi-gen LRU, by hand; the generation is in brackets.
 *   1 2 3    1[3]' 2[3]' 3[3]', generation 3 being the youngest
 *   4        the oldest generation is one of the two youngest, so aging walks: all three have R=1 and stay in 3,
 *            generation 4 begins. It walks once more, R is 0 everywhere, 5 begins. 1 leaves; 4 comes into 5.
 *   2, 5     2 is the oldest of generation 3, but was used: it moves to 5. Now generation 5 has two pages of three:
 *            aging moves 4, the only one with R=1, behind 2; 6 begins. 3 leaves, 5 comes into 6.
 *   6        2[5] 4[5] 5[6]': only the two youngest have pages, so aging walks: 5 stays in 6, 7 begins. 2 leaves,
 *            6 comes into 7. */
static void mglru_evicts_from_the_oldest_generation(void **state) {
    (void)state;
    static const char *const rows[] = {"*1 - -", "*1 2 -", "*1 2 3", "*4 2 3", "4 2 3", "*4 2 5", "*4 6 5", NULL};
    struct play p;
    begin(&p, "mglru", 3, "1 2 3 4 2 5 6");
    expect_rows(&p, rows);
    assert_int_equal(p.d.passes, 6);
    assert_int_equal(rank_of(&p, 0), 5);
    assert_int_equal(rank_of(&p, 1), 7);
    assert_int_equal(rank_of(&p, 2), 6);
    end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enhanced_clock_prefers_clean_pages_and_clears_only_in_its_second_round),
        cmocka_unit_test(nru_takes_the_lowest_class_and_then_the_lowest_frame),
        cmocka_unit_test(aging_takes_the_lowest_counter),
        cmocka_unit_test(wsclock_writes_old_dirty_pages_and_takes_them_when_it_comes_by_again),
        cmocka_unit_test(working_set_lets_pages_go_that_were_not_used_for_tau_references),
        cmocka_unit_test(pff_lets_unused_pages_go_when_faults_are_rare),
        cmocka_unit_test(sieve_walks_along_the_queue_and_leaves_survivors_where_they_are),
        cmocka_unit_test(s3_fifo_filters_pages_through_its_small_queue),
        cmocka_unit_test(two_q_lets_pages_into_am_only_when_they_come_back),
        cmocka_unit_test(lru_k_looks_at_the_last_reference_but_one_and_remembers_it),
        cmocka_unit_test(lru_k_looks_as_far_back_as_k_says),
        cmocka_unit_test(arc_shifts_its_target_to_the_list_that_was_too_small),
        cmocka_unit_test(car_passes_used_pages_on_to_its_second_clock),
        cmocka_unit_test(clock_pro_keeps_pages_hot_that_are_used_in_their_test_period),
        cmocka_unit_test(linux_activates_what_is_used_twice_or_comes_back_soon),
        cmocka_unit_test(mglru_evicts_from_the_oldest_generation),
        cmocka_unit_test(mfu_takes_the_largest_count_where_lfu_takes_the_smallest),
    };
    return cmocka_run_group_tests_name("worked examples of policies", tests, NULL, NULL);
}
