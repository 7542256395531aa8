/* The TLBs against a model that takes DESIGN 3 word for word: it looks at every slot, keeps the times of
 * filling and use beside each, and finds PLRU's victim by halving the set. And laws that hold
 * whatever the references: LRU's inclusion (Mattson 1970), that of the two levels, and that the
 * straight path of a look-up is the long one. */
#include "hw/tlb_state.h"
#include "vmscope/hw/tlbs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SETS_MAX   4
#define WAYS_MAX   8
#define RUNS       300
#define OPERATIONS 400

struct slot {
    struct tlb_entry e;
    uint64_t filled, used;
};

struct model {
    uint32_t sets, ways;
    enum tlb_replacement rule;
    uint64_t now;
    struct slot slot[SETS_MAX][WAYS_MAX];
    bool go_right[SETS_MAX][WAYS_MAX]
                 [WAYS_MAX + 1]; /* of the ways lo..hi-1: is the victim in the upper half? */
};

static bool covers(const struct tlb_entry *e, vpn_t vpn, asid_t asid) {
    vpn_t pages = (vpn_t)1 << e->order;
    return e->valid && vpn >= e->vpn && vpn < e->vpn + pages && (e->global || e->asid == asid);
}

/* The smallest page that covers it, in the lowest way. */
static struct slot *model_find(struct model *m, vpn_t vpn, asid_t asid) {
    struct slot *best = NULL;
    for (uint32_t set = 0; set < m->sets; set++)
        for (uint32_t way = 0; way < m->ways; way++) {
            struct slot *s = &m->slot[set][way];
            if (covers(&s->e, vpn, asid) && (!best || s->e.order < best->e.order)) best = s;
        }
    return best;
}

static void halves_used(struct model *m, uint32_t set, uint32_t lo, uint32_t hi, uint32_t way) {
    if (hi - lo == 1) return;
    uint32_t mid = (lo + hi) / 2;
    bool lower = way < mid;
    m->go_right[set][lo][hi] = lower;
    halves_used(m, set, lower ? lo : mid, lower ? mid : hi, way);
}

static uint32_t halves_victim(const struct model *m, uint32_t set, uint32_t lo, uint32_t hi) {
    if (hi - lo == 1) return lo;
    uint32_t mid = (lo + hi) / 2;
    bool right = m->go_right[set][lo][hi];
    return halves_victim(m, set, right ? mid : lo, right ? hi : mid);
}

static void model_touch(struct model *m, uint32_t set, uint32_t way) {
    m->slot[set][way].used = ++m->now;
    halves_used(m, set, 0, m->ways, way);
}

/* WAYS_MAX: whichever it likes. */
static uint32_t model_victim(const struct model *m, uint32_t set) {
    uint32_t oldest = 0;
    for (uint32_t way = 0; way < m->ways; way++)
        if (!m->slot[set][way].e.valid) return way;
    if (m->rule == TLB_RANDOM) return WAYS_MAX;
    if (m->rule == TLB_PLRU) return halves_victim(m, set, 0, m->ways);
    for (uint32_t way = 1; way < m->ways; way++) {
        const struct slot *s = &m->slot[set][way], *o = &m->slot[set][oldest];
        if (m->rule == TLB_LRU ? s->used < o->used : s->filled < o->filled) oldest = way;
    }
    return oldest;
}

/* What a flush drops: whatever `which` says of (entry, vpn, asid). */
typedef bool chooses(const struct tlb_entry *e, vpn_t vpn, asid_t asid);
static bool all(const struct tlb_entry *e, vpn_t vpn, asid_t asid) { return (void)vpn, (void)asid, e->valid; }
static bool not_global(const struct tlb_entry *e, vpn_t vpn, asid_t asid) {
    return (void)vpn, (void)asid, e->valid && !e->global;
}
static bool of_asid(const struct tlb_entry *e, vpn_t vpn, asid_t asid) {
    return (void)vpn, e->valid && !e->global && e->asid == asid;
}

static uint32_t model_flush(struct model *m, chooses *which, vpn_t vpn, asid_t asid) {
    uint32_t n = 0;
    for (uint32_t set = 0; set < m->sets; set++)
        for (uint32_t way = 0; way < m->ways; way++)
            if (which(&m->slot[set][way].e, vpn, asid)) {
                m->slot[set][way].e.valid = false;
                n++;
            }
    return n;
}

/* ---- random operations on both ---- */

static struct tlb_config random_config(struct rng *r) {
    static const uint32_t ways[] = {1, 2, 4, 8};
    struct tlb_config c = {.asid = true, .seed = rng_next(r)};
    c.ways = ways[rng_below(r, 4)];
    c.entries = c.ways * (1 + rng_below(r, SETS_MAX));
    c.replacement = (enum tlb_replacement)rng_below(r, TLB_REPLACEMENTS);
    return c;
}

static struct tlb_entry random_entry(struct rng *r) {
    static const uint8_t orders[] = {0, 0, 0, 1, 3, 5};
    struct tlb_entry e = {
        .valid = true, .order = orders[rng_below(r, 6)], .asid = (asid_t)(1 + rng_below(r, 3))};
    vpn_t inside = ((vpn_t)1 << e.order) - 1;
    e.vpn = rng_below(r, 96) & ~inside;
    e.pfn = (rng_next(r) >> 40) & ~inside;
    e.global = rng_below(r, 6) == 0;
    e.dirty = rng_below(r, 2);
    e.perms = (uint8_t)rng_below(r, 16);
    return e;
}

static void check_insert(struct model *m, struct tlb *t, const struct tlb_entry *e) {
    uint32_t set = (uint32_t)((e->vpn / ((vpn_t)1 << e->order)) % m->sets), way = model_victim(m, set);
    struct tlb_entry old;
    struct tlb_place p = tlb_insert(t, e, &old);
    assert_int_equal(p.set, set);
    if (way == WAYS_MAX) way = p.way;
    assert_int_equal(p.way, way);
    struct slot *s = &m->slot[set][way];
    assert_int_equal(old.valid, s->e.valid);
    if (old.valid) assert_int_equal(old.vpn, s->e.vpn);
    s->e = *e;
    s->filled = m->now + 1;
    model_touch(m, set, way);
}

static void check_find(struct model *m, struct tlb *t, vpn_t vpn, asid_t asid, bool touch) {
    struct slot *s = model_find(m, vpn, asid);
    struct tlb_place p = tlb_find(t, vpn, asid);
    assert_int_equal(p.way != TLB_NO_WAY, s != NULL);
    if (!s) {
        assert_int_equal(p.set, vpn % m->sets);
        return;
    }
    assert_ptr_equal(s, &m->slot[p.set][p.way]);
    if (!touch) return;
    model_touch(m, p.set, p.way);
    tlb_touch(t, p.set, p.way);
}

static void check_contents(const struct model *m, const struct tlb *t) {
    uint32_t used = 0;
    uint64_t reach = 0;
    for (uint32_t set = 0; set < m->sets; set++)
        for (uint32_t way = 0; way < m->ways; way++) {
            const struct tlb_entry *got = tlb_at(t, set, way), *e = &m->slot[set][way].e;
            assert_int_equal(got->valid, e->valid);
            if (!e->valid) continue;
            used++;
            reach += (uint64_t)1 << e->order;
            assert_true(got->vpn == e->vpn && got->pfn == e->pfn && got->asid == e->asid &&
                        got->order == e->order && got->global == e->global && got->dirty == e->dirty &&
                        got->perms == e->perms);
        }
    assert_int_equal(tlb_used(t), used);
    assert_int_equal(tlb_reach(t), reach);
}

static void one_operation(struct model *m, struct tlb *t, struct rng *r) {
    struct tlb_entry e = random_entry(r);
    vpn_t vpn = rng_below(r, 100);
    uint32_t what = rng_below(r, 40);
    if (what == 0)
        assert_int_equal(tlb_flush(t, true), model_flush(m, all, 0, 0));
    else if (what == 1)
        assert_int_equal(tlb_flush(t, false), model_flush(m, not_global, 0, 0));
    else if (what == 2)
        assert_int_equal(tlb_flush_asid(t, e.asid), model_flush(m, of_asid, 0, e.asid));
    else if (what < 7)
        assert_int_equal(tlb_flush_page(t, vpn, e.asid), model_flush(m, covers, vpn, e.asid));
    else if (what < 20)
        check_insert(m, t, &e);
    else
        check_find(m, t, vpn, e.asid, what < 35);
}

static void a_tlb_does_what_its_definition_says(void **state) {
    (void)state;
    static struct model m;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        struct rng r = {seed};
        struct tlb_config c = random_config(&r);
        struct tlb *t = tlb_create(&c);
        assert_non_null(t);
        m = (struct model){.sets = c.entries / c.ways, .ways = c.ways, .rule = c.replacement};
        for (unsigned i = 0; i < OPERATIONS; i++) {
            one_operation(&m, t, &r);
            check_contents(&m, t);
        }
        tlb_free(t);
    }
}

/* ---- the straight path ---- */

/* What tlb_use promises, from the functions that do one thing each. */
static pfn_t use_the_long_way(struct tlb *t, vpn_t vpn, asid_t asid, unsigned need, bool write) {
    struct tlb_place p = tlb_find(t, vpn, asid);
    if (p.way == TLB_NO_WAY) return TLB_NO_PFN;
    const struct tlb_entry *e = tlb_at(t, p.set, p.way);
    if ((e->perms & need) != need || (write && !e->dirty)) return TLB_NO_PFN;
    tlb_touch(t, p.set, p.way);
    return e->pfn + (vpn - e->vpn);
}

/* On a copy of the struct, as the sequencer does it, and on a clone of the TLB. */
static void the_straight_path_leaves_the_state_of_the_long_one(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        struct rng r = {seed};
        struct tlb_config c = random_config(&r);
        struct tlb *a = tlb_create(&c), *b;
        assert_non_null(a);
        for (unsigned i = 0; i < c.entries; i++) {
            struct tlb_entry e = random_entry(&r);
            tlb_insert(a, &e, NULL);
        }
        b = tlb_clone(a);
        struct tlb copy = *a;
        for (unsigned i = 0; i < OPERATIONS; i++) {
            vpn_t vpn = rng_below(&r, 100);
            asid_t asid = (asid_t)(1 + rng_below(&r, 3));
            unsigned need = rng_below(&r, 4);
            bool write = rng_below(&r, 2);
            assert_int_equal(tlb_use(&copy, vpn, asid, need, write),
                             use_the_long_way(b, vpn, asid, need, write));
        }
        a->clock = copy.clock;
        assert_true(tlb_equal(a, b));
        tlb_free(a);
        tlb_free(b);
    }
}

/* ---- laws ---- */

/* One reference to a fully associative TLB; returns whether it hit. */
static bool reference(struct tlb *t, vpn_t vpn) {
    struct tlb_place p = tlb_find(t, vpn, 1);
    struct tlb_entry e = {.valid = true, .vpn = vpn, .asid = 1};
    if (p.way == TLB_NO_WAY)
        tlb_insert(t, &e, NULL);
    else
        tlb_touch(t, p.set, p.way);
    return p.way != TLB_NO_WAY;
}

static struct tlb *whole(uint32_t ways, enum tlb_replacement rule) {
    struct tlb_config c = {.entries = ways, .ways = ways, .replacement = rule};
    struct tlb *t = tlb_create(&c);
    assert_non_null(t);
    return t;
}

static void lru_with_one_way_more_holds_what_it_held_with_fewer(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct rng r = {seed};
        struct tlb *t[WAYS_MAX];
        for (uint32_t n = 0; n < WAYS_MAX; n++) t[n] = whole(n + 1, TLB_LRU);
        for (unsigned i = 0; i < OPERATIONS; i++) {
            vpn_t vpn = rng_below(&r, 3 + (uint32_t)(seed % 12));
            bool hit = false;
            for (uint32_t n = 0; n < WAYS_MAX; n++) {
                bool now = reference(t[n], vpn);
                assert_true(now || !hit); /* what hits a smaller one hits a larger */
                hit = now;
            }
            for (uint32_t n = 0; n + 1 < WAYS_MAX; n++)
                for (uint32_t way = 0; way <= n; way++)
                    if (tlb_at(t[n], 0, way)->valid)
                        assert_int_not_equal(tlb_find(t[n + 1], tlb_at(t[n], 0, way)->vpn, 1).way,
                                             TLB_NO_WAY);
        }
        for (uint32_t n = 0; n < WAYS_MAX; n++) tlb_free(t[n]);
    }
}

/* One bit tells which of two was used last: that is all there is to know. */
static void plru_of_two_ways_is_lru(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct rng r = {seed};
        struct tlb *a = whole(2, TLB_LRU), *b = whole(2, TLB_PLRU);
        for (unsigned i = 0; i < OPERATIONS; i++) {
            vpn_t vpn = rng_below(&r, 4);
            assert_int_equal(reference(a, vpn), reference(b, vpn));
            if (tlb_used(a) == 2) assert_int_equal(tlb_next_victim(a, 0), tlb_next_victim(b, 0));
        }
        tlb_free(a);
        tlb_free(b);
    }
}

static void plru_spares_the_way_used_last(void **state) {
    (void)state;
    struct rng r = {1};
    for (uint32_t ways = 2; ways <= TLB_PLRU_WAYS_MAX; ways *= 2) {
        struct tlb *t = whole(ways, TLB_PLRU);
        for (unsigned i = 0; i < OPERATIONS; i++) {
            vpn_t vpn = rng_below(&r, 2 * ways);
            reference(t, vpn);
            assert_int_not_equal(tlb_next_victim(t, 0), tlb_find(t, vpn, 1).way);
        }
        tlb_free(t);
    }
}

/* ---- two levels ---- */

static struct tlbs random_levels(struct rng *r) {
    struct tlbs_config c = {.inclusive = true};
    for (unsigned u = 0; u < TLB_UNITS; u++) c.unit[u] = random_config(r);
    if (rng_below(r, 2)) c.unit[TLB_FETCH].entries = 0;
    struct tlbs t;
    assert_int_equal(tlbs_create(&t, &c), VS_OK);
    return t;
}

/* An access as hw/tlbs.h tells it: first level, second level, walk (which finds e). */
static void access_levels(struct tlbs *t, enum access_kind op, const struct tlb_entry *e) {
    enum tlb_unit first = tlbs_first(t, op);
    struct tlb_place p = tlb_find(t->unit[first], e->vpn, e->asid);
    if (p.way != TLB_NO_WAY) {
        tlb_touch(t->unit[first], p.set, p.way);
        return;
    }
    p = tlb_find(t->unit[TLB_SECOND], e->vpn, e->asid);
    struct tlb_entry found = *e;
    if (p.way != TLB_NO_WAY) {
        tlb_touch(t->unit[TLB_SECOND], p.set, p.way);
        found = *tlb_at(t->unit[TLB_SECOND], p.set, p.way);
    } else {
        tlbs_insert(t, TLB_SECOND, e, NULL, NULL);
    }
    tlbs_insert(t, first, &found, NULL, NULL);
}

static void check_inclusion(const struct tlbs *t, enum tlb_unit u) {
    const struct tlb *first = t->unit[u];
    for (uint32_t set = 0; set < tlb_sets(first); set++)
        for (uint32_t way = 0; way < tlb_ways(first); way++) {
            const struct tlb_entry *e = tlb_at(first, set, way);
            if (e->valid)
                assert_int_not_equal(tlb_find(t->unit[TLB_SECOND], e->vpn, e->asid).way, TLB_NO_WAY);
        }
}

static void an_inclusive_second_level_holds_whatever_the_first_holds(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        struct rng r = {seed};
        struct tlbs t = random_levels(&r);
        for (unsigned i = 0; i < OPERATIONS; i++) {
            struct tlb_entry e = random_entry(&r);
            uint32_t what = rng_below(&r, 60);
            if (what == 0)
                tlbs_flush(&t, false);
            else if (what == 1)
                tlbs_flush_asid(&t, e.asid);
            else if (what < 5)
                tlbs_flush_page(&t, e.vpn, e.asid);
            else
                access_levels(&t, (enum access_kind)rng_below(&r, ACCESS_KINDS), &e);
            check_inclusion(&t, TLB_DATA);
            check_inclusion(&t, TLB_FETCH);
        }
        tlbs_free(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tlb_does_what_its_definition_says),
        cmocka_unit_test(the_straight_path_leaves_the_state_of_the_long_one),
        cmocka_unit_test(lru_with_one_way_more_holds_what_it_held_with_fewer),
        cmocka_unit_test(plru_of_two_ways_is_lru),
        cmocka_unit_test(plru_spares_the_way_used_last),
        cmocka_unit_test(an_inclusive_second_level_holds_whatever_the_first_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
