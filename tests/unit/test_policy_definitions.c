/* test_policy_definitions.c - each policy's choice against its definition.
 *
 * The definition is written as a search through all frames for the one that
 * comes first by a comparison (design 3). Loads, references, frees and pins are
 * drawn by lot, so that the policies' lists and heaps meet every order of them. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "vmscope/base/rng.h"
#include "vmscope/policy/policy.h"

#define FRAMES 13
#define EVENTS 4000

/* What there is to know of a frame's page. */
struct page {
    bool loaded, pinned;
    uint64_t load, last, count; /* order of loading and of use; references */
    uint32_t next;
};

struct world {
    struct page page[FRAMES];
    struct rng rng;
    uint64_t now;
    const struct policy_ops *ops;
    struct policy *policy;
};

/* ---- definitions: does a leave rather than b? ---- */

static bool fifo(const struct page *a, const struct page *b) { return a->load < b->load; }
static bool lru(const struct page *a, const struct page *b) { return a->last < b->last; }
static bool mru(const struct page *a, const struct page *b) { return a->last > b->last; }
static bool opt(const struct page *a, const struct page *b) {
    return a->next != b->next ? a->next > b->next : a->load > b->load; /* ties: the most recently loaded */
}
static bool lfu(const struct page *a, const struct page *b) {
    return a->count != b->count ? a->count < b->count : a->last < b->last; /* ties: the least recently used */
}

static bool mfu(const struct page *a, const struct page *b) {
    return a->count != b->count ? a->count > b->count : a->last < b->last; /* ties: likewise */
}

static const struct definition {
    const char *name;
    bool (*first)(const struct page *a, const struct page *b); /* NULL: any may */
} definitions[] = {{"fifo", fifo}, {"lru", lru}, {"mru", mru}, {"opt", opt}, {"lfu", lfu}, {"mfu", mfu}, {"random", NULL}};

static bool can_leave(const struct page *p) { return p->loaded && !p->pinned; }

/* These policies know which frames hold a page, and ask about no other. */
static bool may_evict(void *os, frame_t f) {
    const struct page *p = &((const struct world *)os)->page[f];
    assert_true(p->loaded);
    return can_leave(p);
}

static frame_t by_definition(struct world *w, bool (*first)(const struct page *, const struct page *)) {
    frame_t best = FRAME_NONE;
    for (frame_t f = 0; f < FRAMES; f++)
        if (can_leave(&w->page[f]))
            if (best == FRAME_NONE || (first && first(&w->page[f], &w->page[best]))) best = f;
    return best;
}

/* ---- events ---- */

static void use(struct world *w, frame_t f) {
    struct page *p = &w->page[f];
    uint32_t distance = 1 + rng_below(&w->rng, 6); /* small, so that next uses tie now and then */
    p->last = ++w->now;
    p->count++;
    p->next = distance == 6 ? NEXT_NEVER : (uint32_t)w->now + distance;
    if (w->ops->on_access) w->ops->on_access(w->policy, f, w->now, p->next);
}

static void load(struct world *w, frame_t f) {
    w->now++;
    w->page[f] = (struct page){.loaded = true, .load = w->now, .last = w->now, .next = NEXT_NEVER};
    w->ops->on_load(w->policy, f, (struct page_id){.page = w->now}, w->now);
    if (rng_below(&w->rng, 4)) use(w, f); /* not always: it may be evicted before */
}

static void release(struct world *w, frame_t f) {
    w->page[f].loaded = false;
    w->ops->on_free(w->policy, f, NULL);
}

static void evict(struct world *w, const struct definition *d) {
    const struct policy_env env = {.os = w, .may_evict = may_evict, .now = w->now};
    frame_t expected = by_definition(w, d->first), got = FRAME_NONE;
    enum policy_verdict v = w->ops->pick(w->policy, &env, &got);
    if (expected == FRAME_NONE) {
        assert_int_equal(v, POLICY_NONE);
        return;
    }
    assert_int_equal(v, POLICY_VICTIM);
    assert_true(can_leave(&w->page[got]));
    if (d->first) assert_int_equal(got, expected);
    if (rng_below(&w->rng, 8)) release(w, got);
}

static void anything(struct world *w, const struct definition *d) {
    frame_t f = rng_below(&w->rng, FRAMES);
    switch (rng_below(&w->rng, 8)) {
    case 0: evict(w, d); break;
    case 1: w->page[f].pinned = !w->page[f].pinned; break;
    case 2: if (w->page[f].loaded && rng_below(&w->rng, 4) == 0) release(w, f); break;
    default: (w->page[f].loaded ? use : load)(w, f);
    }
}

static void the_victim_is_the_one_that_the_definition_names(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++)
        for (unsigned seed = 0; seed < 10; seed++) {
            struct world w = {.rng = {seed}, .ops = policy_by_name(definitions[i].name)};
            struct policy_config c = {.name = definitions[i].name, .frames = FRAMES};
            w.policy = w.ops->create(&c);
            assert_non_null(w.policy);
            for (unsigned e = 0; e < EVENTS; e++) anything(&w, &definitions[i]);
            w.ops->free(w.policy);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_victim_is_the_one_that_the_definition_names)};
    return cmocka_run_group_tests_name("policies against their definitions", tests, NULL, NULL);
}
