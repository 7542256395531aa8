/* The built-in lessons: each loads, is complete and clean, runs to its end with
 * what it expects, and can be gone through forward and back. */
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/scenario/scenario.h"
#include "vmscope/sim/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define LESSONS_LEAST 85
#define MOVES 500          /* random micro-steps a lesson */
#define PATH_LENGTH 160    /* micro-steps that they stay within */
#define TOLD_STEPS 500     /* of a long lesson, narrated in tests */
#define LINE_LENGTH 78     /* of a title card at 80 columns */
#define NOTE_LENGTH 120

/* ---- one lesson after the other ---- */

struct visit {
    const struct lesson *lesson;
    const struct scenario *s;
};
typedef void visitor(const struct visit *v);

#define CHECK(v, condition) \
    do { \
        if (!(condition)) fail_msg("%s: %s", (v)->lesson->name, #condition); \
    } while (0)

static void visit_lesson(const struct lesson *l, visitor *visit) {
    const struct scenario_options options = {.policy = NULL};
    struct diag_list errors = {.count = 0};
    struct scenario *s = NULL;
    char text[1024];
    if (lesson_load(l, &options, &s, &errors) != VS_OK)
        fail_msg("%s: %s", l->name, errors.count ? diag_format(&errors.item[0], text, sizeof text) : "not loaded");
    visit(&(struct visit){l, s});
    scenario_free(s);
}

static void visit_all(visitor *visit) {
    for (const struct lesson *l = lesson_table; l->name; l++) visit_lesson(l, visit);
}

static struct machine *start(const struct visit *v) {
    struct machine *m = NULL;
    CHECK(v, scenario_machine(v->s, &m, NULL) == VS_OK);
    return m;
}

/* ---- their text ---- */

/* Printable lines of at most `width` columns without blanks at their ends; returns how many. */
static unsigned check_lines(const struct visit *v, const char *text, size_t width) {
    unsigned lines = 0;
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (n > width || !text_is_clean(text, n) || (n && text[n - 1] == ' '))
            fail_msg("%s: a line is not clean, or longer than %zu: %.*s", v->lesson->name, width, (int)n, text);
        text += n + (text[n] == '\n');
        lines++;
    }
    return lines;
}

static void check_head(const struct visit *v) {
    const struct scenario *s = v->s;
    CHECK(v, s->title && s->summary && s->about && s->source && s->level);
    CHECK(v, s->topic_count >= 1);
    CHECK(v, s->expect_count >= 1);
    CHECK(v, check_lines(v, s->title, 40) == 1);
    CHECK(v, check_lines(v, s->summary, LINE_LENGTH + 10) == 1);
    unsigned lines = check_lines(v, s->about, LINE_LENGTH);
    CHECK(v, lines >= 3 && lines <= 8);
    check_lines(v, s->source, 400);
    for (size_t i = 0; i < s->topic_count; i++) CHECK(v, check_lines(v, s->topics[i], 40) == 1);
}

static bool is_choice(const struct question *ask) {
    for (size_t i = 0; ask->choices[i]; i++)
        if (strcmp(ask->choices[i], ask->answer) == 0) return true;
    return false;
}

static void check_extras(const struct visit *v) {
    unsigned notes = 0, expects = 0;
    for (size_t i = 1; i < v->s->extra_count; i++) {
        const struct step_extra *extra = &v->s->extra[i];
        notes += extra->note != NULL;
        expects += extra->expect.flags != 0;
        if (extra->note) check_lines(v, extra->note, NOTE_LENGTH);
        if (!extra->ask.text) continue;
        check_lines(v, extra->ask.text, 200);
        CHECK(v, extra->ask.answer && (!extra->ask.choices || is_choice(&extra->ask)));
    }
    CHECK(v, notes >= 1);
    CHECK(v, expects >= 1 || v->s->steps->count > 1000);
}

static void a_lesson_is_numbered_in_its_place(void **state) {
    (void)state;
    unsigned n = 0;
    for (const struct lesson *l = lesson_table; l->name; l++, n++) {
        char number[8];
        struct text t = text_in(number, sizeof number);
        text_addf(&t, "%02u-", n + 1);
        if (strncmp(l->name, number, t.len) != 0) fail_msg("%s: not number %u", l->name, n + 1);
        assert_ptr_equal(lesson_by_name(l->name), l);
        assert_ptr_equal(lesson_by_name(l->name + t.len), l);
    }
    assert_true(n >= LESSONS_LEAST);
}

static void a_lesson_has_title_summary_about_source_level_topics_and_expect(void **state) {
    (void)state;
    visit_all(check_head);
}

static void notes_and_questions_are_clean_and_an_answer_is_among_its_choices(void **state) {
    (void)state;
    visit_all(check_extras);
}

/* ---- running ---- */

static void check_run(const struct visit *v) {
    struct machine *m = start(v);
    struct diag d = {.text = ""};
    struct diag_list errors = {.count = 0};
    uint64_t checked = 0;
    while (machine_step(m)) {
        if (!scenario_check_step(v->s, m, &d)) fail_msg("%s:%u: %s", v->lesson->name, d.line, d.text);
        if (machine_steps_done(m) % 500 < 30) {
            const char *wrong = kernel_inconsistency(machine_kernel(m));
            if (wrong) fail_msg("%s: step %llu: %s", v->lesson->name, (unsigned long long)machine_steps_done(m), wrong);
        }
        checked++;
    }
    CHECK(v, machine_status(m) == VS_OK && checked == v->s->steps->count);
    if (!scenario_check_end(v->s, m, &errors)) fail_msg("%s:%u: %s", v->lesson->name, errors.item[0].line, errors.item[0].text);
    struct machine *fast = start(v);
    CHECK(v, machine_run(fast, UINT64_MAX, NULL) == v->s->steps->count);
    CHECK(v, machine_equal(m, fast));
    machine_free(m);
    machine_free(fast);
}

static void a_lesson_runs_to_its_end_and_what_it_expects_holds(void **state) {
    (void)state;
    visit_all(check_run);
}

static void check_sentence(const struct visit *v, const struct machine *m, const struct event *e) {
    char buf[1024];
    for (int t = 0; t < TERMINOLOGIES; t++) {
        struct text sentence = text_in(buf, sizeof buf);
        narrate_event(&sentence, m, e, (enum terminology)t);
        if (sentence.cut || !sentence.len || strpbrk(buf, "{}?") || buf[sentence.len - 1] != '.' || !text_is_clean(buf, sentence.len))
            fail_msg("%s: step %llu: not a sentence: %s", v->lesson->name, (unsigned long long)e->step + 1, buf);
    }
}

static void check_narration(const struct visit *v) {
    struct machine *m = start(v);
    struct event e;
    while (machine_steps_done(m) < TOLD_STEPS && machine_micro_step(m, &e)) check_sentence(v, m, &e);
    machine_free(m);
}

static void every_event_of_a_lesson_is_told_in_a_whole_sentence(void **state) {
    (void)state;
    visit_all(check_narration);
}

/* ---- forward and back ---- */

/* Clones of the machine at each micro-step of a stretch that begins anywhere. */
struct stretch {
    struct machine *at[PATH_LENGTH + 1];
    size_t last;
};

static struct stretch lay_stretch(struct history *h, struct rng *r) {
    struct stretch path = {.last = 0};
    uint64_t steps = history_step_count(h);
    uint64_t from = steps > 8 ? rng_below(r, (uint32_t)(steps - 8)) : 0;
    assert_true(from == 0 || history_goto(h, (struct position){from, 0}));
    path.at[0] = machine_clone(history_machine(h));
    while (path.last < PATH_LENGTH && history_micro_forward(h)) path.at[++path.last] = machine_clone(history_machine(h));
    return path;
}

static void check_moves(const struct visit *v) {
    struct rng r = {hash_bytes(HASH_START, v->lesson->name, strlen(v->lesson->name))};
    struct history *h = history_create(start(v), 0);
    assert_non_null(h);
    struct stretch path = lay_stretch(h, &r);
    size_t now = path.last;
    bool forward = false;
    for (unsigned i = 0; i < MOVES; i++) {
        if (rng_below(&r, 12) == 0 || now == 0 || now == path.last) forward = now == 0 || (now < path.last && rng_below(&r, 2));
        CHECK(v, forward ? history_micro_forward(h) : history_micro_back(h));
        if (forward) now++;
        else now--;
        CHECK(v, machine_equal(history_machine(h), path.at[now]));
    }
    for (size_t i = 0; i <= path.last; i++) machine_free(path.at[i]);
    history_free(h);
}

static void random_micro_steps_forward_and_back_return_to_equal_machines(void **state) {
    (void)state;
    visit_all(check_moves);
}

/* ---- what the books say ---- */

/* The file's own expectations may not drift: numbers and where they are printed. */
static const struct {
    const char *lesson, *counter;
    uint64_t number;
} published[] = {
    {"array-walk", "tlb_hits", 7}, /* OSTEP, chapter 19: 70 % of 10 */
    {"array-walk", "tlb_misses", 3},
    {"array-again", "tlb_hits", 17},       /* OSTEP, chapter 19: the second walk hits */
    {"belady-3-frames", "page_faults", 9}, /* Belady, Nelson, Shedler 1969 */
    {"belady-4-frames", "page_faults", 10},
    {"fifo", "page_faults", 15}, /* Silberschatz, chapter 10, figures of the reference string 7 0 1 2 ... */
    {"opt", "page_faults", 9},
    {"lru", "page_faults", 12},
    {"loop-lru", "page_faults", 20}, /* 5 pages in 4 frames, four rounds: by definition */
    {"loop-opt", "page_faults", 8},
    {"clock", "page_faults", 8}, /* Stallings, figure 8.15: 3 + 5 after the frames are full */
    {"clock", "page_faults_after_full", 5},
    {"switch-flush", "tlb_misses", 24}, /* 2 processes x 4 pages x 3 rounds */
    {"switch-asid", "tlb_misses", 8},   /* 2 x 4 */
    {"conflict-1-way", "tlb_misses", 16}, /* set = VPN mod 4: 0 and 4 meet */
    {"conflict-2-ways", "tlb_misses", 2},
    {"tlb-reach", "tlb_misses", 25}, /* OSTEP, chapter 19: n+1 pages, n entries, LRU */
    {"access-time", "time_ns", 1400}, /* Silberschatz: 140 ns on average, of 10 accesses */
    {"a-real-program", "page_faults", 101}, /* a simulation of its own, over the same lines */
    {"a-real-program", "tlb_misses", 215},
    {"three-levels", "walk_reads", 12}, /* four walks of three levels */
    {"what-tables-cost", "page_table_bytes_linear", 4194304}, /* 2^20 PTEs of 4 bytes */
    {"what-tables-cost", "page_table_bytes", 12288},          /* a root and two tables of 4 KiB */
    {"five-levels", "walk_reads", 11}, /* twice five, and one that stops at the root */
    {"superpages", "walk_reads", 4},   /* two levels for each of two */
    {"reach-4kib", "tlb_misses", 16},
    {"reach-2mib", "tlb_misses", 1},
    {"two-tlb-levels", "tlb2_hits", 8},
    {"plru", "tlb_misses", 7}, /* by the tree, by hand */
    {"software-refill", "tlb_refills", 2},
    {"inverted", "page_table_bytes", 208}, /* 2 + 8 anchors + 8 x 2 words of 8 bytes */
    {"tlb-exercise", "tlb_hits", 2},       /* Patterson and Hennessy, exercise 5.11.1 */
    {"tlb-exercise", "page_faults", 3},
    {"fork", "cow_copies", 1}, /* 4 frames and 1, instead of 8 */
    {"fork", "minor_cow", 2},
    {"last-owner", "cow_copies", 1},
    {"fork-and-exec", "cow_copies", 0},
    {"three-sharers", "cow_copies", 2}, /* n sharers who all write: n - 1 */
    {"zero-page", "page_faults", 4},    /* read then write 2, read 1, write 1 */
    {"run-twice", "file_reads", 3},     /* one text, two data */
    {"second-start", "file_reads", 2},
    {"shared-or-private", "file_writes", 1},
    {"global", "page_faults", 27},
    {"local", "page_faults", 21}, /* 3 + 18 */
    {"below-the-cliff", "page_faults", 12}, /* Denning: 3 x 4 pages in 12 frames */
    {"over-the-cliff", "page_faults", 600}, /* a cycle of 16 pages, 12 frames, LRU */
    {"suspended", "page_faults", 168},      /* 160 + 4 + 4 */
    {"load-control", "page_faults", 21},    /* 12 + 4 + 1 + 4 */
    {"watermarks", "page_faults_after_full", 0},
    {"no-swap", "file_reads", 7},
    {"tables-in-frames", "evictions", 3},
};

static void lessons_expect_the_numbers_that_the_books_print(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        const struct lesson *l = lesson_by_name(published[i].lesson);
        const struct scenario_options options = {.policy = NULL};
        struct scenario *s = NULL;
        bool found = false;
        assert_non_null(l);
        assert_int_equal(lesson_load(l, &options, &s, NULL), VS_OK);
        for (size_t k = 0; k < s->expect_count; k++)
            if (strcmp(s->expect[k].counter->name, published[i].counter) == 0)
                found = s->expect[k].min == published[i].number && s->expect[k].max == published[i].number;
        if (!found) fail_msg("%s does not expect %s %llu", l->name, published[i].counter, (unsigned long long)published[i].number);
        scenario_free(s);
    }
}

/* ---- bytes ---- */

/* What each read must find: all reads of the lesson, in order. */
static void check_reads(const char *name, const uint64_t *values, size_t count) {
    const struct scenario_options options = {.policy = NULL};
    struct scenario *s = NULL;
    struct machine *m = NULL;
    struct event e;
    size_t reads = 0;
    assert_int_equal(lesson_load(lesson_by_name(name), &options, &s, NULL), VS_OK);
    assert_int_equal(scenario_machine(s, &m, NULL), VS_OK);
    while (machine_micro_step(m, &e)) {
        if (e.kind != EV_MEM_READ) continue;
        assert_true(reads < count);
        assert_int_equal(e.value, values[reads++]);
    }
    assert_int_equal(reads, count);
    machine_free(m);
    scenario_free(s);
}

static void bytes_survive_the_trip_to_swap_and_back(void **state) {
    (void)state;
    const uint64_t values[] = {0, 0, 42, 42, 43, 0, 0, 44, 43};
    check_reads("swap-and-back", values, sizeof values / sizeof values[0]);
}

static void each_process_reads_what_it_has_written_itself(void **state) {
    (void)state;
    const uint64_t values[] = {1111, 2222};
    check_reads("two-processes", values, sizeof values / sizeof values[0]);
}

static void a_word_on_two_pages_keeps_both_halves(void **state) {
    (void)state;
    const uint64_t values[] = {0x2211, 0x4433, 0x2211, 0x4433};
    check_reads("across-the-border", values, sizeof values / sizeof values[0]);
}

static void writes_to_shared_memory_are_seen_and_private_ones_are_not(void **state) {
    (void)state;
    const uint64_t shared[] = {2, 100, 3}, either[] = {11, 22, 12};
    check_reads("shared-memory", shared, sizeof shared / sizeof shared[0]);
    check_reads("shared-or-private", either, sizeof either / sizeof either[0]);
}

static void pages_given_back_are_zeros_again(void **state) {
    (void)state;
    const uint64_t brk[] = {0}, dontneed[] = {0, 41}, lazy[] = {3, 0}; /* a read that is refused reads nothing */
    check_reads("break", brk, sizeof brk / sizeof brk[0]);
    check_reads("not-needed", dontneed, sizeof dontneed / sizeof dontneed[0]);
    check_reads("free-if-you-must", lazy, sizeof lazy / sizeof lazy[0]);
}

static void a_stale_tlb_entry_shows_another_pages_bytes(void **state) {
    (void)state;
    const uint64_t values[] = {2222, 1111};
    check_reads("stale-entry", values, sizeof values / sizeof values[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lesson_is_numbered_in_its_place),
        cmocka_unit_test(a_lesson_has_title_summary_about_source_level_topics_and_expect),
        cmocka_unit_test(notes_and_questions_are_clean_and_an_answer_is_among_its_choices),
        cmocka_unit_test(a_lesson_runs_to_its_end_and_what_it_expects_holds),
        cmocka_unit_test(every_event_of_a_lesson_is_told_in_a_whole_sentence),
        cmocka_unit_test(random_micro_steps_forward_and_back_return_to_equal_machines),
        cmocka_unit_test(lessons_expect_the_numbers_that_the_books_print),
        cmocka_unit_test(bytes_survive_the_trip_to_swap_and_back),
        cmocka_unit_test(each_process_reads_what_it_has_written_itself),
        cmocka_unit_test(a_word_on_two_pages_keeps_both_halves),
        cmocka_unit_test(writes_to_shared_memory_are_seen_and_private_ones_are_not),
        cmocka_unit_test(pages_given_back_are_zeros_again),
        cmocka_unit_test(a_stale_tlb_entry_shows_another_pages_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
