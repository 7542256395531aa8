/* policy_driver.c - a reference string over a policy; see policy_driver.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy_driver.h"

/* ---- what the policy may ask ---- */

static bool may_evict(void *os, frame_t f) {
    const struct policy_driver *d = os;
    return d->page[f] != DRIVER_NO_PAGE && !d->pinned[f];
}

static bool referenced(void *os, frame_t f) { return ((const struct policy_driver *)os)->r[f]; }

static void clear_referenced(void *os, frame_t f) { ((struct policy_driver *)os)->r[f] = false; }

static bool dirty(void *os, frame_t f) { return ((const struct policy_driver *)os)->d[f]; }

/* ---- life ---- */

void policy_driver_begin(struct policy_driver *d, const struct policy_ops *ops, uint32_t frames,
                         const uint32_t *refs, size_t count, const struct policy_config *more) {
    assert_non_null(ops);
    assert_in_range(frames, 1, DRIVER_FRAMES_MAX);
    *d = (struct policy_driver){.ops = ops, .refs = refs, .count = count, .frames = frames,
                                .load_referenced = true, .victim = DRIVER_NO_PAGE};
    for (frame_t f = 0; f < DRIVER_FRAMES_MAX; f++) d->page[f] = DRIVER_NO_PAGE;
    struct policy_config c = more ? *more : (struct policy_config){.tick = 8, .bits = 8, .tau = 8};
    c.name = ops->name;
    c.load_referenced = true;
    c.seed = 1;
    c.frames = frames;
    d->tick = c.tick;
    d->policy = ops->create(&c);
    assert_non_null(d->policy);
}

void policy_driver_start(struct policy_driver *d, const struct policy_ops *ops, uint32_t frames,
                         const uint32_t *refs, size_t count) {
    policy_driver_begin(d, ops, frames, refs, count, NULL);
}

void policy_driver_copy(struct policy_driver *to, const struct policy_driver *from) {
    *to = *from;
    to->policy = from->ops->clone(from->policy);
    assert_non_null(to->policy);
}

void policy_driver_end(struct policy_driver *d) {
    d->ops->free(d->policy);
    d->policy = NULL;
}

/* ---- references ---- */

frame_t policy_driver_frame_of(const struct policy_driver *d, uint32_t page) {
    for (frame_t f = 0; f < d->frames; f++)
        if (d->page[f] == page) return f;
    return FRAME_NONE;
}

static uint32_t next_use(const struct policy_driver *d) {
    for (size_t i = d->now + 1; i < d->count; i++)
        if (d->refs[i] == d->refs[d->now]) return (uint32_t)i;
    return NEXT_NEVER;
}

static struct policy_env env_of(struct policy_driver *d) {
    return (struct policy_env){.os = d, .may_evict = may_evict, .referenced = referenced, .clear_referenced = clear_referenced,
                               .dirty = dirty, .now = d->now, .told = &d->told};
}

void policy_driver_tick(struct policy_driver *d) {
    const struct policy_env env = env_of(d);
    for (; d->ops->on_tick && d->tick && d->ticks < d->now / d->tick; d->ticks++) d->ops->on_tick(d->policy, &env);
}

static void write_ahead(struct policy_driver *d, frame_t f) {
    assert_true(d->d[f]);
    d->d[f] = false;
    d->writes_ahead++;
}

enum policy_verdict policy_driver_pick(struct policy_driver *d, frame_t *out) {
    struct policy_env env = env_of(d);
    const struct page_id wanted = {.page = d->now < d->count ? d->refs[d->now] : 0};
    if (d->wanting) env.wanted = &wanted;
    for (unsigned passes = 0;; passes++) {
        enum policy_verdict v = d->ops->pick(d->policy, &env, out);
        if (v == POLICY_VICTIM || v == POLICY_NONE) return v;
        d->passes += v == POLICY_PASS;
        d->moves += v == POLICY_MOVE;
        if (v == POLICY_WRITE) write_ahead(d, *out);
        if (passes > 8 * d->frames) fail_msg("%s passes by frames without end", d->ops->name);
    }
}

/* The page in f leaves; it may come back. */
static void evict(struct policy_driver *d, frame_t f) {
    struct page_id page = {.page = d->page[f]};
    d->ops->on_free(d->policy, f, &page);
    d->page[f] = DRIVER_NO_PAGE;
    d->r[f] = d->d[f] = false;
}

void policy_driver_release(struct policy_driver *d, frame_t f) {
    d->ops->on_free(d->policy, f, NULL);
    d->page[f] = DRIVER_NO_PAGE;
    d->r[f] = d->d[f] = false;
}

/* Pages that the policy lets go now. */
static void let_go(struct policy_driver *d) {
    const struct policy_env env = env_of(d);
    frame_t f = FRAME_NONE;
    for (enum policy_verdict v; (v = d->ops->leave(d->policy, &env, &f)) != POLICY_NONE;) {
        d->passes += v == POLICY_PASS;
        d->leavers += v == POLICY_VICTIM;
        if (v == POLICY_VICTIM) evict(d, f);
    }
}

/* A frame for a new page: the lowest free one, or the victim's. */
static frame_t make_room(struct policy_driver *d) {
    frame_t f = policy_driver_frame_of(d, DRIVER_NO_PAGE);
    if (f != FRAME_NONE) return f;
    d->wanting = true;
    assert_int_equal(policy_driver_pick(d, &f), POLICY_VICTIM);
    d->wanting = false;
    assert_true(may_evict(d, f));
    d->victim = d->page[f];
    evict(d, f);
    return f;
}

static frame_t load(struct policy_driver *d, uint32_t page) {
    if (d->ops->leaves_at_faults) let_go(d);
    frame_t f = make_room(d);
    d->faults++;
    d->page[f] = page;
    d->ops->on_load(d->policy, f, (struct page_id){.page = page}, d->now);
    return f;
}

bool policy_driver_step(struct policy_driver *d) {
    const uint32_t page = d->refs[d->now];
    policy_driver_tick(d);
    if (d->ops->leave && !d->ops->leaves_at_faults) let_go(d);
    frame_t f = policy_driver_frame_of(d, page);
    const bool fault = f == FRAME_NONE;
    d->victim = DRIVER_NO_PAGE;
    if (fault) f = load(d, page);
    d->r[f] = !fault || (d->load_referenced && !d->ops->loads_unreferenced);
    d->d[f] |= d->writes && d->writes[d->now];
    const uint32_t next = d->ops->needs_future ? next_use(d) : NEXT_NEVER;
    if (d->ops->on_access) d->ops->on_access(d->policy, f, d->now, next);
    d->now++;
    return fault;
}

uint64_t policy_driver_run(struct policy_driver *d) {
    while (d->now < d->count) policy_driver_step(d);
    return d->faults;
}

uint64_t policy_driver_faults(const struct policy_ops *ops, uint32_t frames, const uint32_t *refs,
                              size_t count) {
    struct policy_driver d;
    policy_driver_start(&d, ops, frames, refs, count);
    uint64_t faults = policy_driver_run(&d);
    policy_driver_end(&d);
    return faults;
}

size_t policy_driver_parse(const char *text, uint32_t *refs, bool *writes) {
    size_t count = 0;
    while (*text) {
        char *end;
        refs[count] = (uint32_t)strtoul(text, &end, 10);
        assert_true(end > text);
        writes[count++] = *end == 'w';
        text = end + (*end == 'w');
        while (*text == ' ') text++;
    }
    return count;
}

void policy_driver_random_string(struct rng *rng, uint32_t pages, uint32_t *refs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && rng_below(rng, 2) == 0;
        refs[i] = again ? refs[i - 1 - rng_below(rng, i < 4 ? (uint32_t)i : 4)] : rng_below(rng, pages);
    }
}
