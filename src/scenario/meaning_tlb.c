/* meaning_tlb.c - the machine's TLBs, and what stands in the first of them at the start.
 *
 *   tlb: {entries: 16, ways: 4}                       one for everything
 *   tlb: {entries: 16, split: true}                   two of this shape
 *   tlb: {entries: 16, instruction: {entries: 8}}     two, each of its own shape
 *   tlb: {entries: 16, second: {entries: 64}}         and a larger one behind
 *
 * Entries, ways and sets are three words for one shape: any two give the third. */
#include "scenario/meaning.h"

#include "vmscope/base/memory.h"

#define TLB_ENTRIES_MAX 65536

/* ---- one TLB ---- */

/* What a mapping says of one. */
struct unit_words {
    const char *entries, *ways, *sets, *replacement;
};
#define WORDS_OF(t) ((struct unit_words){(t)->entries, (t)->ways, (t)->sets, (t)->replacement})

static struct value unit_at(const struct unit_words *t) {
    return value_of(t->ways ? t->ways : t->sets ? t->sets : t->entries ? t->entries : t->replacement);
}

/* Without ways and sets it is fully associative; without any of the three it stays as it is. */
static void unit_shape(struct load *l, const struct unit_words *t, struct tlb_config *c) {
    uint64_t ways = read_number(l, t->ways, "ways", 1, TLB_WAYS_MAX, 0);
    uint64_t sets = read_number(l, t->sets, "sets", 1, TLB_ENTRIES_MAX, 0);
    uint64_t both = ways && sets ? ways * sets : c->entries;
    uint64_t entries = read_number(l, t->entries, "entries", 0, TLB_ENTRIES_MAX, both);
    if (!load_ok(l) || !(t->entries || t->ways || t->sets)) return;
    struct value at = unit_at(t);
    if (entries > TLB_ENTRIES_MAX) {
        load_error(l, at, "%llu sets of %llu ways are too many entries: a TLB has at most %d",
                   (unsigned long long)sets, (unsigned long long)ways, TLB_ENTRIES_MAX);
        return;
    }
    if (ways == 0) ways = sets ? entries / sets : entries;
    bool fits = entries == 0 || (ways > 0 && entries % ways == 0 && (sets == 0 || sets * ways == entries));
    if (entries && ways > TLB_WAYS_MAX)
        load_error(l, at,
                   "%llu entries in one set are too many: a set has at most %u ways; give ways or sets, too",
                   (unsigned long long)ways, TLB_WAYS_MAX);
    else if (!fits)
        load_error(l, at, "%llu entries cannot stand in %llu %s: a TLB has sets x ways entries",
                   (unsigned long long)entries, (unsigned long long)(t->ways ? ways : sets),
                   t->ways ? "ways" : "sets");
    c->entries = (uint32_t)entries;
    c->ways = (uint32_t)(entries ? ways : 0);
}

/* PLRU is a binary tree over the ways of a set. */
static void check_tree(struct load *l, struct value at, const struct tlb_config *c) {
    bool fits = c->ways <= TLB_PLRU_WAYS_MAX && (c->ways & (c->ways - 1)) == 0;
    if (c->replacement != TLB_PLRU || fits) return;
    load_error(
        l, at,
        "plru is a tree over the ways of a set, so it needs 1, 2, 4... or %d of them, and this TLB has %u",
        TLB_PLRU_WAYS_MAX, c->ways);
}

static void read_unit(struct load *l, struct unit_words t, struct tlb_config *c) {
    unit_shape(l, &t, c);
    c->replacement = (enum tlb_replacement)read_choice(RULE_TLB_REPLACEMENT, t.replacement, c->replacement);
    if (load_ok(l)) check_tree(l, t.replacement ? value_of(t.replacement) : unit_at(&t), c);
}

/* ---- all of them ---- */

/* The first value of the mapping, or of those inside it. */
static struct value first_of_tlb(const struct tree_tlb *t) {
    const char *own[] = {t->entries, t->ways, t->sets, t->replacement, t->asid, t->refill, t->split};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i]) return value_of(own[i]);
    struct unit_words none = {NULL, NULL, NULL, NULL};
    struct unit_words inner = t->instruction ? WORDS_OF(t->instruction)
                              : t->second    ? WORDS_OF(t->second)
                                             : none;
    return unit_at(&inner);
}

/* The TLB for instructions: as the other one, where nothing else is said. */
static void read_split(struct load *l, const struct tree_tlb *t, struct machine_config *c) {
    bool split = read_bool(t->split, t->instruction != NULL);
    if (t->instruction && !split)
        load_error(l, value_of(t->split),
                   "split: false, but 'instruction' describes a TLB of its own: leave one of them out");
    if (!split || !load_ok(l)) return;
    c->tlb_fetch = c->tlb;
    struct unit_words words = {.entries = t->split};
    if (t->instruction) {
        words = WORDS_OF(t->instruction);
        read_unit(l, words, &c->tlb_fetch);
    }
    struct value at = unit_at(&words);
    if (load_ok(l) && (c->tlb.entries == 0 || c->tlb_fetch.entries == 0))
        load_error(l, at.text ? at : first_of_tlb(t),
                   "a split TLB has entries on both sides: here %u for data, %u for instructions",
                   c->tlb.entries, c->tlb_fetch.entries);
}

static void read_second(struct load *l, const struct tree_tlb *t, struct machine_config *c) {
    if (!t->second) return;
    struct unit_words words = WORDS_OF(t->second);
    c->tlb_second = (struct tlb_config){.replacement = TLB_LRU};
    read_unit(l, words, &c->tlb_second);
    c->tlb_inclusive = read_bool(t->second->inclusive, false);
    struct value at = unit_at(&words).text ? unit_at(&words) : value_of(t->second->inclusive);
    if (load_ok(l) && c->tlb_second.entries == 0)
        load_error(l, at.text ? at : first_of_tlb(t),
                   "second: how many entries? Write second: {entries: 64}, or leave it out");
    else if (load_ok(l) && c->tlb.entries == 0)
        load_error(l, at, "a second-level TLB stands behind a first: give that one entries, too");
}

void machine_tlb(struct load *l, const struct tree_tlb *t, struct machine_config *c) {
    if (!t) return;
    read_unit(l, WORDS_OF(t), &c->tlb);
    c->tlb.asid = read_bool(t->asid, c->tlb.asid);
    read_split(l, t, c);
    read_second(l, t, c);
    c->tlb_fetch.asid = c->tlb_second.asid = c->tlb.asid;
    c->software_refill = read_choice(RULE_REFILL, t->refill, 0) == 1;
    if (load_ok(l) && c->software_refill && c->tlb.entries == 0)
        load_error(l, value_of(t->refill), "refill: there is no TLB to refill: give it entries");
}

void settle_tlb(struct load *l) {
    struct machine_config *c = &l->s->config;
    const struct tree_machine *m = l->tree->machine;
    if (c->format.shape != SHAPE_SEGMENTS) return;
    if (m && m->tlb && c->tlb.entries)
        load_error(l, first_of_tlb(m->tlb),
                   "%s translates with a few registers, and has no TLB: leave 'tlb' out", c->format.name);
    c->tlb.entries = c->tlb.ways = 0;
}

/* ---- entries at the start ---- */

/* Each place once, and each page once. */
static void check_tlb_entries(struct load *l) {
    const struct machine_config *c = &l->s->config;
    uint32_t sets = c->tlb.entries / c->tlb.ways;
    struct map64 places = {0}, pages = {0};
    for (size_t i = 0; i < c->tlb_preload_count && l->status != VS_NOMEM; i++) {
        const struct tlb_preload *e = &c->tlb_preload[i];
        const struct tree_tlb_entry *t = &l->tree->tlb[i];
        uint64_t place = (uint64_t)e->set * c->tlb.ways + e->way;
        vpn_t vpn = e->tag * sets + e->set;
        if (map64_get(&places, place))
            load_error(l, value_of(t->set), "way %u of set %u is filled twice", e->way, e->set);
        else if (map64_get(&pages, vpn))
            load_error(l, value_of(t->tag), "tag 0x%llx stands in set %u already: a page has one entry",
                       (unsigned long long)e->tag, e->set);
        if (!map64_put(&places, place, 1) || !map64_put(&pages, vpn, 1)) load_nomem(l);
    }
    map64_free(&places);
    map64_free(&pages);
}

void read_tlb_entries(struct load *l) {
    const struct tree_scenario *t = l->tree;
    struct machine_config *c = &l->s->config;
    uint32_t sets = c->tlb.entries ? c->tlb.entries / c->tlb.ways : 0;
    if (t->tlb_count == 0) return;
    if (sets == 0) {
        load_error(l, value_of(t->tlb[0].set),
                   "this machine has no TLB (entries: 0), so it can hold no entry");
        return;
    }
    if (c->tlb_inclusive) {
        load_error(l, value_of(t->tlb[0].set),
                   "entries at the start stand in the first level alone, and an inclusive second level would "
                   "have to "
                   "hold them, too: leave 'inclusive' out");
        return;
    }
    c->tlb_preload = mem_zalloc(t->tlb_count, sizeof *c->tlb_preload);
    if (!c->tlb_preload) {
        load_nomem(l);
        return;
    }
    c->tlb_preload_count = t->tlb_count;
    for (unsigned i = 0; i < t->tlb_count; i++) {
        struct tlb_preload *e = &c->tlb_preload[i];
        e->set = (uint32_t)read_number(l, t->tlb[i].set, "set", 0, sets - 1, 0);
        e->way = (uint32_t)read_number(l, t->tlb[i].way, "way", 0, c->tlb.ways - 1, 0);
        e->tag = read_number(l, t->tlb[i].tag, "tag", 0, paging_last_vpn(&c->format) / sets, 0);
        e->pfn = read_pfn(l, t->tlb[i].pfn);
        vpn_t vpn = e->tag * sets + e->set;
        if (!paging_vpn_exists(&c->format, vpn))
            load_error(l, value_of(t->tlb[i].tag), "tag: page 0x%llx does not exist in %s",
                       (unsigned long long)vpn, c->format.name);
    }
    check_tlb_entries(l);
}
