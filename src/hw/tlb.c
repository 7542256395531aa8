/* tlb.c - sets x ways of translations; the state and its fast path: tlb_state.h. */
#include "hw/tlb_state.h"

#include "vmscope/base/memory.h"

const char *const tlb_replacement_name[TLB_REPLACEMENTS + 1] = {"lru", "fifo", "plru", "random", NULL};

static size_t count(const struct tlb *t) { return (size_t)t->sets * t->ways; }

/* ---- one block: the struct, entries, tags, trees, counts by order ---- */

static size_t trees(const struct tlb *t) { return t->replacement == TLB_PLRU ? t->sets : 0; }

/* Of the whole block; 0: more than there can be. */
static size_t block_bytes(const struct tlb *t) {
    uint64_t bytes = sizeof *t + (uint64_t)count(t) * (sizeof *t->entry + sizeof *t->tag) +
                     (uint64_t)trees(t) * sizeof *t->tree + TLB_ORDERS * sizeof *t->of_order;
    return bytes > PTRDIFF_MAX ? 0 : (size_t)bytes;
}

/* The parts begin on multiples of 8 bytes; of_order, with the smallest elements, is the last. */
static void find_parts(struct tlb *t) {
    t->self = t;
    t->entry = (void *)(t + 1);
    t->tag = (void *)(t->entry + count(t));
    t->tree = t->tag + count(t);
    t->of_order = (void *)(t->tree + trees(t));
}

static bool power_of_two(uint32_t n) { return n && (n & (n - 1)) == 0; }

struct tlb *tlb_create(const struct tlb_config *c) {
    struct tlb head = {.replacement = c->replacement, .rng = {c->seed}};
    if (c->entries) {
        head.ways = c->ways;
        head.sets = c->entries / c->ways;
        if (c->replacement == TLB_PLRU && (c->ways > TLB_PLRU_WAYS_MAX || !power_of_two(c->ways)))
            return NULL;
    }
    head.by_mask = !head.sets || power_of_two(head.sets);
    size_t bytes = block_bytes(&head);
    struct tlb *t = bytes ? mem_zalloc(1, bytes) : NULL;
    if (!t) return NULL;
    *t = head;
    find_parts(t);
    for (size_t i = 0; i < count(t); i++) t->tag[i] = TAG_EMPTY;
    return t;
}

struct tlb *tlb_clone(const struct tlb *from) {
    struct tlb *t = mem_copy(from, 1, block_bytes(from));
    if (t) find_parts(t);
    return t;
}

void tlb_free(struct tlb *t) { free(t); }

/* ---- looking at it ---- */

uint32_t tlb_sets(const struct tlb *t) { return t->sets; }
uint32_t tlb_ways(const struct tlb *t) { return t->ways; }

uint32_t tlb_set_of(const struct tlb *t, vpn_t vpn, unsigned order) {
    return t->sets ? tlb_index(t, vpn >> order) : 0;
}

const struct tlb_entry *tlb_at(const struct tlb *t, uint32_t set, uint32_t way) {
    return &t->entry[tlb_slot(t, set, way)];
}

unsigned tlb_rank(const struct tlb *t, uint32_t set, uint32_t way) {
    unsigned rank = 0;
    for (uint32_t w = 0; w < t->ways; w++) {
        const struct tlb_entry *e = tlb_at(t, set, w);
        rank += e->valid && e->stamp > tlb_at(t, set, way)->stamp;
    }
    return rank;
}

uint32_t tlb_used(const struct tlb *t) {
    uint32_t n = 0;
    for (unsigned order = 0; order < TLB_ORDERS; order++) n += t->of_order[order];
    return n;
}

uint64_t tlb_reach(const struct tlb *t) {
    uint64_t pages = 0;
    for (unsigned order = 0; order < TLB_ORDERS; order++) pages += (uint64_t)t->of_order[order] << order;
    return pages;
}

struct tlb_place tlb_find_large(const struct tlb *t, vpn_t vpn, asid_t asid) {
    struct tlb_place p = {0, TLB_NO_WAY};
    for (uint64_t left = t->large; p.way == TLB_NO_WAY && left; left &= left - 1)
        p = tlb_probe(t, vpn, tlb_lowest(left), asid);
    return p;
}

struct tlb_place tlb_find(const struct tlb *t, vpn_t vpn, asid_t asid) { return tlb_look(t, vpn, asid); }

void tlb_touch(struct tlb *t, uint32_t set, uint32_t way) {
    tlb_note_use(t, &t->entry[tlb_slot(t, set, way)]);
}

/* ---- replacing ---- */

/* LRU, FIFO: the valid way with the lowest stamp, or TLB_NO_WAY. */
static uint16_t oldest(const struct tlb *t, uint32_t set) {
    uint32_t way = TLB_NO_WAY;
    for (uint32_t w = 0; w < t->ways; w++) {
        const struct tlb_entry *e = tlb_at(t, set, w);
        if (e->valid && (way == TLB_NO_WAY || e->stamp < tlb_at(t, set, way)->stamp)) way = w;
    }
    return (uint16_t)way;
}

uint16_t tlb_next_victim(const struct tlb *t, uint32_t set) {
    if (!t->ways || t->replacement == TLB_RANDOM) return TLB_NO_WAY;
    return t->replacement == TLB_PLRU ? (uint16_t)plru_victim(t->tree[set], t->ways) : oldest(t, set);
}

/* The way to fill: the lowest free one, else by the rule. */
static uint32_t choose(struct tlb *t, uint32_t set) {
    if (t->replacement == TLB_LRU || t->replacement == TLB_FIFO) return tlb_lowest_stamp(&t->entry[tlb_slot(t, set, 0)], t->ways);
    const vpn_t *tag = &t->tag[tlb_slot(t, set, 0)];
    for (uint32_t w = 0; w < t->ways; w++)
        if (tag[w] == TAG_EMPTY) return w;
    return t->replacement == TLB_RANDOM ? rng_below(&t->rng, t->ways) : tlb_next_victim(t, set);
}

/* One valid entry more or less of that order. */
static void count_order(struct tlb *t, unsigned order, bool more) {
    uint64_t bit = order ? (uint64_t)1 << order : 0;
    if (more)
        t->of_order[order]++;
    else
        t->of_order[order]--;
    t->large = t->of_order[order] ? t->large | bit : t->large & ~bit;
}

static uint32_t drop(struct tlb *t, size_t i) {
    if (!t->entry[i].valid) return 0;
    count_order(t, t->entry[i].order, false);
    t->entry[i] = (struct tlb_entry){0};
    t->tag[i] = TAG_EMPTY;
    return 1;
}

void tlb_put(struct tlb *t, uint32_t set, uint32_t way, const struct tlb_entry *e) {
    size_t i = tlb_slot(t, set, way);
    drop(t, i);
    t->entry[i].stamp = 0;
    if (!e->valid) return;
    count_order(t, e->order, true);
    t->tag[i] = tlb_tag(e->vpn, e->order);
    t->entry[i] = *e;
    t->entry[i].stamp = ++t->clock;
    tlb_touch(t, set, way);
}

struct tlb_place tlb_insert(struct tlb *t, const struct tlb_entry *e, struct tlb_entry *old) {
    struct tlb_place p = {0, TLB_NO_WAY};
    if (old) *old = (struct tlb_entry){0};
    if (!t->ways) return p;
    p.set = tlb_index(t, e->vpn >> e->order);
    p.way = (uint16_t)choose(t, p.set);
    if (old) *old = *tlb_at(t, p.set, p.way);
    tlb_put(t, p.set, p.way, e);
    return p;
}

void tlb_set_dirty(struct tlb *t, uint32_t set, uint32_t way) {
    t->entry[tlb_slot(t, set, way)].dirty = true;
}

/* ---- invalidation ---- */

uint32_t tlb_flush(struct tlb *t, bool globals_too) {
    uint32_t n = 0;
    for (size_t i = 0; i < count(t); i++)
        if (globals_too || !t->entry[i].global) n += drop(t, i);
    return n;
}

uint32_t tlb_flush_asid(struct tlb *t, asid_t asid) {
    uint32_t n = 0;
    for (size_t i = 0; i < count(t); i++)
        if (t->entry[i].asid == asid && !t->entry[i].global) n += drop(t, i);
    return n;
}

uint32_t tlb_flush_page(struct tlb *t, vpn_t vpn, asid_t asid) {
    uint32_t n = 0;
    if (!t->ways) return 0;
    for (uint64_t left = t->large | 1; left; left &= left - 1) {
        unsigned order = tlb_lowest(left);
        vpn_t tag = tlb_tag(vpn, order);
        size_t base = tlb_slot(t, tlb_index(t, vpn >> order), 0);
        for (size_t i = base; i < base + t->ways; i++)
            if (t->tag[i] == tag && tlb_seen_by(&t->entry[i], asid)) n += drop(t, i);
    }
    return n;
}

uint32_t tlb_drop_copies(struct tlb *t, const struct tlb_entry *e) {
    uint32_t n = 0;
    if (!t->ways) return 0;
    size_t base = tlb_slot(t, tlb_index(t, e->vpn >> e->order), 0);
    for (size_t i = base; i < base + t->ways; i++)
        if (t->tag[i] == tlb_tag(e->vpn, e->order) && t->entry[i].global == e->global &&
            tlb_seen_by(&t->entry[i], e->asid))
            n += drop(t, i);
    return n;
}

/* ---- comparing ---- */

static bool entry_equal(const struct tlb_entry *a, const struct tlb_entry *b) {
    return a->valid == b->valid && a->global == b->global && a->dirty == b->dirty && a->perms == b->perms &&
           a->order == b->order && a->asid == b->asid && a->vpn == b->vpn && a->pfn == b->pfn &&
           a->stamp == b->stamp;
}

bool tlb_equal(const struct tlb *a, const struct tlb *b) {
    if (a->sets != b->sets || a->ways != b->ways || a->clock != b->clock || a->rng.state != b->rng.state ||
        a->replacement != b->replacement)
        return false;
    for (size_t i = 0; i < count(a); i++)
        if (!entry_equal(&a->entry[i], &b->entry[i])) return false;
    for (size_t set = 0; set < trees(a); set++)
        if (a->tree[set] != b->tree[set]) return false;
    return true;
}
