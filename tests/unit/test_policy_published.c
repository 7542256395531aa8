/* test_policy_published.c - what books and lecture notes print about page
 * replacement: faults, hits and the frames' contents after each reference.
 * Each record of tests/data/policies.jsonl names its source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy_driver.h"
#include "policy_facts.h"

static struct json_file *facts;

static int open_facts(void **state) {
    (void)state;
    facts = policy_facts_load();
    return 0;
}

static int close_facts(void **state) {
    (void)state;
    json_free(facts);
    return 0;
}

static void check(const struct policy_fact *fact, const struct policy_ops *ops) {
    struct policy_driver d;
    policy_driver_start(&d, ops, fact->frames, fact->refs, fact->count);
    d.load_referenced = fact->load_referenced;
    while (d.now < fact->count) {
        policy_driver_step(&d);
        if (!policy_fact_frames_agree(fact, d.now, d.page))
            fail_msg("%s: other pages in the frames after reference %zu", fact->id, d.now);
    }
    if (d.faults != fact->faults || fact->count - d.faults != fact->hits)
        fail_msg("%s: %zu faults, published are %zu", fact->id, (size_t)d.faults, (size_t)fact->faults);
    policy_driver_end(&d);
}

static void every_published_string_gives_the_published_faults_and_frames(void **state) {
    (void)state;
    struct policy_fact fact;
    size_t done = 0;
    for (size_t at = 0; policy_facts_next(facts, &at, &fact); done++) check(&fact, fact.ops);
    assert_in_range(done, 38, json_count(facts)); /* as many as the data holds today, or more */
}

/* Up to a frame for each page, and one more. */
static void opt_is_the_least_for_every_published_string_at_every_size(void **state) {
    (void)state;
    struct policy_fact fact;
    for (size_t at = 0; policy_facts_next(facts, &at, &fact);) {
        const struct policy_ops *opt = policy_by_name("opt");
        uint64_t pages = policy_driver_faults(opt, DRIVER_FRAMES_MAX, fact.refs, fact.count), before = UINT64_MAX;
        assert_in_range(pages, 1, DRIVER_FRAMES_MAX - 1);
        for (uint32_t frames = 1; frames <= pages + 1; frames++) {
            uint64_t best = policy_driver_faults(opt, frames, fact.refs, fact.count);
            assert_true(best <= before); /* a stack algorithm (Mattson et al. 1970) */
            for (const struct policy_ops *const *ops = policy_table; *ops; ops++)
                assert_true(best <= policy_driver_faults(*ops, frames, fact.refs, fact.count));
            before = best;
        }
    }
}

/* SECOND_CHANCE is CLOCK told otherwise: the tables of CLOCK hold for it. */
static void second_chance_gives_the_published_tables_of_clock(void **state) {
    (void)state;
    struct policy_fact fact;
    for (size_t at = 0; policy_facts_next(facts, &at, &fact);)
        if (fact.ops == policy_by_name("clock")) check(&fact, policy_by_name("second_chance"));
}

/* Stallings, Operating Systems, fig. 8.14 (record stallings-clock-3): a star is R=1, in frame order. */
static void clock_shows_the_use_bits_that_stallings_prints(void **state) {
    (void)state;
    static const char *const printed[] = {"1",   "11",  "11",  "111", "100", "110",
                                          "111", "111", "100", "110", "101", "111"};
    uint32_t refs[FACT_REFS_MAX];
    size_t count = policy_facts_refs(policy_facts_find(facts, "stallings-clock-3"), refs);
    assert_int_equal(count, 12);
    struct policy_driver d;
    policy_driver_start(&d, policy_by_name("clock"), 3, refs, count);
    for (size_t i = 0; i < count; i++) {
        char bits[4] = "";
        policy_driver_step(&d);
        for (frame_t f = 0; f < 3 && d.page[f] != DRIVER_NO_PAGE; f++) bits[f] = d.r[f] ? '1' : '0';
        assert_string_equal(bits, printed[i]);
    }
    policy_driver_end(&d);
}

/* An RPI homework sample (record rpi-clock-interval4): all R bits cleared before every fourth reference. */
static void clock_with_bits_cleared_by_a_timer_gives_the_published_faults(void **state) {
    (void)state;
    struct json record = policy_facts_find(facts, "rpi-clock-interval4");
    struct json expected = json_get(record, "frames_faults");
    uint32_t refs[FACT_REFS_MAX];
    size_t count = policy_facts_refs(record, refs);
    for (size_t i = 0; i < json_length(expected); i++) {
        const char *frames = NULL;
        uint64_t faults = json_number(json_pair(expected, i, &frames), 0);
        struct policy_driver d;
        policy_driver_start(&d, policy_by_name("clock"), (uint32_t)strtoul(frames, NULL, 10), refs, count);
        while (d.now < count) {
            for (frame_t f = 0; d.now % 4 == 0 && f < d.frames; f++) d.r[f] = false;
            policy_driver_step(&d);
        }
        assert_int_equal(d.faults, faults);
        policy_driver_end(&d);
    }
}

/* ---- Tanenbaum's table of four pages: who is the victim? ---- */

/* The page whose `what` is the smallest not below *at; *at becomes one more than it. */
static frame_t next_in_time(struct json pages, const char *what, uint64_t *at) {
    frame_t best = FRAME_NONE;
    uint64_t when = UINT64_MAX;
    for (size_t i = 0; i < json_length(pages); i++) {
        uint64_t t = json_number(json_get(json_at(pages, i), what), 0);
        if (t >= *at && t < when) when = t, best = (frame_t)i;
    }
    *at = when + 1;
    return best;
}

static void play_table(struct policy_driver *d, struct json pages) {
    size_t count = json_length(pages);
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        frame_t f = next_in_time(pages, "loaded", &at);
        d->ops->on_load(d->policy, f, (struct page_id){.page = f}, at - 1);
    }
    at = 0;
    for (size_t i = 0; d->ops->on_access && i < count; i++) {
        frame_t f = next_in_time(pages, "last_ref", &at);
        d->ops->on_access(d->policy, f, at - 1, NEXT_NEVER);
    }
    for (frame_t f = 0; f < count; f++) {
        d->page[f] = f;
        d->r[f] = json_number(json_get(json_at(pages, f), "R"), 0) == 1;
        d->d[f] = json_number(json_get(json_at(pages, f), "M"), 0) == 1;
    }
}

static void tanenbaums_table_of_four_pages_names_the_victims(void **state) {
    (void)state;
    struct json record = policy_facts_find(facts, "tanenbaum-nru-etc-ex36-variant");
    struct json victims = json_get(record, "victims");
    size_t done = 0;
    for (size_t i = 0; i < json_length(victims); i++) {
        const char *name = NULL;
        struct json expected = json_pair(victims, i, &name);
        assert_non_null(policy_by_name(name));
        struct policy_driver d;
        frame_t victim = FRAME_NONE;
        policy_driver_start(&d, policy_by_name(name), 4, NULL, 0);
        play_table(&d, json_get(record, "pages"));
        assert_int_equal(policy_driver_pick(&d, &victim), POLICY_VICTIM);
        assert_int_equal(victim, json_number(expected, 99));
        policy_driver_end(&d);
        done++;
    }
    assert_int_equal(done, 4);
}

/* ---- Tanenbaum's counters of aging (tanenbaum-aging-...): one row of R bits a tick, page i in frame i ---- */

static const char *counters_row(const struct policy_driver *d, uint32_t pages) {
    static char row[8][65];
    uint64_t rank[DRIVER_FRAMES_MAX];
    struct policy_picture picture = {.rank = rank};
    d->ops->describe(d->policy, &picture);
    for (uint32_t f = 0; f < pages; f++)
        for (unsigned b = 0; b < picture.rank_digits; b++)
            row[f][b] = rank[f] >> (picture.rank_digits - 1 - b) & 1 ? '1' : '0';
    return row[0];
}

static void tick_once(struct policy_driver *d, const char *bits) {
    for (frame_t f = 0; bits[f]; f++) d->r[f] = bits[f] == '1';
    d->now += d->tick;
    policy_driver_tick(d);
}

static void check_counters(struct policy_driver *d, struct json expected) {
    for (uint32_t f = 0; f < json_length(expected); f++)
        assert_string_equal(counters_row(d, (uint32_t)json_length(expected)) + f * 65, json_text(json_at(expected, f)));
}

static void check_aging(struct json record) {
    struct json ticks = json_get(record, "ticks"), after = json_get(record, "after_each_tick");
    uint32_t pages = (uint32_t)strlen(json_text(json_at(ticks, 0)));
    struct policy_config c = {.tick = 1, .bits = (uint32_t)json_number(json_get(record, "bits"), 0)};
    struct policy_driver d;
    policy_driver_begin(&d, policy_by_name("aging"), pages, NULL, 0, &c);
    for (frame_t f = 0; f < pages; f++) {
        d.page[f] = f;
        d.ops->on_load(d.policy, f, (struct page_id){.page = f}, 0);
    }
    for (size_t t = 0; t < json_length(ticks); t++) {
        tick_once(&d, json_text(json_at(ticks, t)));
        if (json_length(after)) check_counters(&d, json_at(after, t));
    }
    if (!json_length(after)) check_counters(&d, json_get(record, "final"));
    policy_driver_end(&d);
}

static void aging_has_the_counters_that_tanenbaum_prints(void **state) {
    (void)state;
    size_t done = 0;
    for (size_t i = 0; i < json_count(facts); i++) {
        if (!json_is(json_get(json_record(facts, i), "kind"), "aging_counters")) continue;
        check_aging(json_record(facts, i));
        done++;
    }
    assert_int_equal(done, 2);
}

/* ---- Tanenbaum's exercises on WSCLOCK ---- */

struct wsclock_page {
    uint64_t time;
    bool r, m;
};

/* Such pages in frames 0, 1..., at that time. */
static void place(struct policy_driver *d, uint32_t tau, const struct wsclock_page *page, uint32_t count, uint64_t now) {
    policy_driver_begin(d, policy_by_name("wsclock"), count, NULL, 0, &(struct policy_config){.tau = tau});
    for (frame_t f = 0; f < count; f++) {
        d->page[f] = f;
        d->r[f] = page[f].r;
        d->d[f] = page[f].m;
        d->ops->on_load(d->policy, f, (struct page_id){.page = f}, page[f].time);
    }
    d->now = now;
}

/* The page of the record is under the hand. Its neighbour is one reference older, so that it is the one to leave
 * where no page is older than tau. */
static void wsclock_removes_by_age_as_tanenbaum_asks(void **state) {
    (void)state;
    struct json record = policy_facts_find(facts, "tanenbaum-wsclock-ex32"), cases = json_get(record, "cases");
    uint64_t last = json_number(json_get(record, "last_use"), 0), now = json_number(json_get(record, "current_virtual_time"), 0);
    const struct wsclock_page pages[] = {{last, json_number(json_get(record, "R"), 1), false}, {last - 1, false, false}};
    for (size_t i = 0; i < json_length(cases); i++) {
        struct json c = json_at(cases, i);
        struct policy_driver d;
        frame_t victim = FRAME_NONE;
        place(&d, (uint32_t)json_number(json_get(c, "tau"), 0), pages, 2, now);
        assert_int_equal(policy_driver_pick(&d, &victim), POLICY_VICTIM);
        assert_int_equal(victim == 0, json_is(json_get(c, "removed"), "true"));
        policy_driver_end(&d);
    }
    assert_int_equal(json_length(cases), 2);
}

/* A row [time, V, R, M] of the record, of a page that is in memory. */
static void check_page(const struct policy_driver *d, struct json row, frame_t f) {
    uint64_t rank[DRIVER_FRAMES_MAX];
    struct policy_picture picture = {.rank = rank};
    d->ops->describe(d->policy, &picture);
    assert_int_equal(rank[f], json_number(json_at(row, 0), 99));
    assert_int_equal(d->r[f], json_number(json_at(row, 2), 99));
    assert_int_equal(d->d[f], json_number(json_at(row, 3), 99));
}

/* The hand is at frame 0. On its way to page 3 it does to pages 1 and 2 what the exercise lets the clock do. */
static void wsclock_finds_the_page_that_tanenbaums_exercise_names(void **state) {
    (void)state;
    struct json record = policy_facts_find(facts, "tanenbaum-wsclock-ex33"), rows = json_get(record, "state");
    struct json interrupt = json_get(record, "clock_interrupt_at_10"), fault = json_get(record, "fault_read_page4_at_10");
    struct wsclock_page page[4];
    for (size_t i = 0; i < 4; i++)
        page[i] = (struct wsclock_page){json_number(json_at(json_at(rows, i), 1), 0), json_number(json_at(json_at(rows, i), 3), 0),
                                        json_number(json_at(json_at(rows, i), 4), 0)};
    struct policy_driver d;
    frame_t victim = FRAME_NONE;
    place(&d, (uint32_t)json_number(json_get(record, "tau"), 0), page, 4, 10);
    assert_int_equal(policy_driver_pick(&d, &victim), POLICY_VICTIM);
    assert_int_equal(victim, json_number(json_get(fault, "evicted"), 99));
    check_page(&d, json_get(interrupt, "1"), 1);
    check_page(&d, json_get(interrupt, "2"), 2);
    check_page(&d, json_get(fault, "3"), 3);
    assert_int_equal(d.writes_ahead, 1); /* page 0: old, but dirty */
    policy_driver_end(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_published_string_gives_the_published_faults_and_frames),
        cmocka_unit_test(opt_is_the_least_for_every_published_string_at_every_size),
        cmocka_unit_test(second_chance_gives_the_published_tables_of_clock),
        cmocka_unit_test(clock_shows_the_use_bits_that_stallings_prints),
        cmocka_unit_test(clock_with_bits_cleared_by_a_timer_gives_the_published_faults),
        cmocka_unit_test(aging_has_the_counters_that_tanenbaum_prints),
        cmocka_unit_test(wsclock_removes_by_age_as_tanenbaum_asks),
        cmocka_unit_test(wsclock_finds_the_page_that_tanenbaums_exercise_names),
        cmocka_unit_test(tanenbaums_table_of_four_pages_names_the_victims),
    };
    return cmocka_run_group_tests_name("published page replacement", tests, open_facts, close_facts);
}
