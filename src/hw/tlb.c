/* tlb.c - sets x ways of translations; the state and its fast path: tlb_state.h. */
#include "hw/tlb_state.h"

#include "vmscope/base/memory.h"

const char *const tlb_replacement_name[TLB_REPLACEMENTS + 1] = {"lru", "fifo", "random", NULL};

static size_t count(const struct tlb *t) { return (size_t)t->sets * t->ways; }

struct tlb *tlb_create(const struct tlb_config *c) {
    struct tlb *t = mem_zalloc(1, sizeof *t);
    if (!t) return NULL;
    t->ways = c->entries ? c->ways : 0;
    t->sets = c->entries ? c->entries / c->ways : 0;
    t->by_mask = t->sets && (t->sets & (t->sets - 1)) == 0;
    t->replacement = c->replacement;
    t->rng.state = c->seed;
    t->entry = mem_zalloc(count(t), sizeof *t->entry);
    t->tag = mem_zalloc(count(t), sizeof *t->tag);
    if (!t->entry || !t->tag) {
        tlb_free(t);
        return NULL;
    }
    for (size_t i = 0; i < count(t); i++) t->tag[i] = TAG_EMPTY;
    return t;
}

struct tlb *tlb_clone(const struct tlb *from) {
    struct tlb *t = mem_copy(from, 1, sizeof *from);
    if (!t) return NULL;
    t->entry = mem_copy(from->entry, count(from), sizeof *t->entry);
    t->tag = mem_copy(from->tag, count(from), sizeof *t->tag);
    if (t->entry && t->tag) return t;
    tlb_free(t);
    return NULL;
}

void tlb_free(struct tlb *t) {
    if (!t) return;
    free(t->entry);
    free(t->tag);
    free(t);
}

uint32_t tlb_sets(const struct tlb *t) { return t->sets; }
uint32_t tlb_ways(const struct tlb *t) { return t->ways; }

uint32_t tlb_set_of(const struct tlb *t, vpn_t vpn) { return t->sets ? tlb_index(t, vpn) : 0; }

static size_t place(const struct tlb *t, uint32_t set, uint32_t way) { return (size_t)set * t->ways + way; }

const struct tlb_entry *tlb_at(const struct tlb *t, uint32_t set, uint32_t way) {
    return &t->entry[place(t, set, way)];
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
    for (size_t i = 0; i < count(t); i++) n += t->entry[i].valid;
    return n;
}

uint16_t tlb_find(const struct tlb *t, vpn_t vpn, asid_t asid) {
    size_t base = place(t, tlb_set_of(t, vpn), 0);
    for (uint32_t w = 0; w < t->ways; w++) {
        if (t->tag[base + w] != vpn) continue;
        const struct tlb_entry *e = &t->entry[base + w];
        if (e->asid == asid || e->global) return (uint16_t)w;
    }
    return TLB_NO_WAY;
}

void tlb_touch(struct tlb *t, uint32_t set, uint32_t way) { tlb_touch_entry(t, &t->entry[place(t, set, way)]); }

/* The way to fill: the lowest free one, else by the rule. */
static uint32_t choose(struct tlb *t, uint32_t set) {
    uint32_t oldest = 0;
    for (uint32_t w = 0; w < t->ways; w++) {
        if (t->tag[place(t, set, w)] == TAG_EMPTY) return w;
        if (tlb_at(t, set, w)->stamp < tlb_at(t, set, oldest)->stamp) oldest = w;
    }
    return t->replacement == TLB_RANDOM ? rng_below(&t->rng, t->ways) : oldest;
}

void tlb_place(struct tlb *t, uint32_t set, uint32_t way, const struct tlb_entry *e) {
    size_t i = place(t, set, way);
    t->globals -= t->entry[i].valid && t->entry[i].global;
    t->globals += e->valid && e->global;
    t->entry[i] = *e;
    t->entry[i].stamp = ++t->clock;
    t->tag[i] = e->valid ? e->vpn : TAG_EMPTY;
}

uint16_t tlb_insert(struct tlb *t, const struct tlb_entry *e, struct tlb_entry *old) {
    if (!t->ways) return TLB_NO_WAY;
    uint32_t set = tlb_set_of(t, e->vpn), way = choose(t, set);
    if (old) *old = *tlb_at(t, set, way);
    tlb_place(t, set, way, e);
    return (uint16_t)way;
}

void tlb_set_dirty(struct tlb *t, uint32_t set, uint32_t way) { t->entry[place(t, set, way)].dirty = true; }

/* ---- invalidation ---- */

static uint32_t drop(struct tlb *t, size_t i) {
    if (!t->entry[i].valid) return 0;
    t->globals -= t->entry[i].global;
    t->entry[i] = (struct tlb_entry){0};
    t->tag[i] = TAG_EMPTY;
    return 1;
}

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
    uint32_t set = tlb_set_of(t, vpn), n = 0;
    for (uint32_t w = 0; w < t->ways; w++) {
        const struct tlb_entry *e = tlb_at(t, set, w);
        if (e->valid && e->vpn == vpn && (e->asid == asid || e->global)) n += drop(t, place(t, set, w));
    }
    return n;
}

/* ---- comparing ---- */

static bool entry_equal(const struct tlb_entry *a, const struct tlb_entry *b) {
    return a->valid == b->valid && a->global == b->global && a->dirty == b->dirty && a->perms == b->perms &&
           a->asid == b->asid && a->vpn == b->vpn && a->pfn == b->pfn && a->stamp == b->stamp;
}

bool tlb_equal(const struct tlb *a, const struct tlb *b) {
    if (a->sets != b->sets || a->ways != b->ways || a->clock != b->clock || a->rng.state != b->rng.state ||
        a->replacement != b->replacement)
        return false;
    for (size_t i = 0; i < count(a); i++)
        if (!entry_equal(&a->entry[i], &b->entry[i])) return false;
    return true;
}
