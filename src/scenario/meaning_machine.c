/* meaning_machine.c - the `machine` mapping, its paging format apart. */
#include "scenario/meaning.h"

#define TLB_ENTRIES_MAX 65536

/* entries, ways and sets: any two give the third; without ways and sets the TLB is fully associative. */
static void tlb_shape(struct load *l, const struct tree_tlb *t, struct tlb_config *c) {
    uint64_t ways = read_number(l, t->ways, "ways", 1, TLB_ENTRIES_MAX, 0);
    uint64_t sets = read_number(l, t->sets, "sets", 1, TLB_ENTRIES_MAX, 0);
    uint64_t both = ways && sets ? ways * sets : c->entries;
    uint64_t entries = read_number(l, t->entries, "entries", 0, TLB_ENTRIES_MAX, both);
    if (!load_ok(l)) return;
    struct value at = value_of(t->ways ? t->ways : t->sets ? t->sets : t->entries);
    if (entries > TLB_ENTRIES_MAX) {
        load_error(l, at, "%llu sets of %llu ways are too many entries: a TLB has at most %d",
                   (unsigned long long)sets, (unsigned long long)ways, TLB_ENTRIES_MAX);
        return;
    }
    if (ways == 0) ways = sets ? entries / sets : entries;
    bool fits = entries == 0 || (ways > 0 && entries % ways == 0 && (sets == 0 || sets * ways == entries));
    if (!fits)
        load_error(l, at, "%llu entries cannot stand in %llu %s: a TLB has sets x ways entries",
                   (unsigned long long)entries, (unsigned long long)(t->ways ? ways : sets),
                   t->ways ? "ways" : "sets");
    c->entries = (uint32_t)entries;
    c->ways = (uint32_t)(entries ? ways : 0);
}

static void machine_tlb(struct load *l, const struct tree_tlb *t, struct tlb_config *c) {
    if (!t) return;
    tlb_shape(l, t, c);
    c->replacement = (enum tlb_replacement)read_choice(RULE_TLB_REPLACEMENT, t->replacement, c->replacement);
    c->asid = read_bool(t->asid, c->asid);
}

static void machine_replacement(struct load *l, const struct tree_replacement *t, struct machine_config *c) {
    if (!t) return;
    struct policy_config *p = &c->policy;
    if (t->policy) p->name = policy_table[read_choice(RULE_POLICY, t->policy, 0)]->name;
    c->scope = (enum replacement_scope)read_choice(RULE_SCOPE, t->scope, SCOPE_GLOBAL);
    p->load_referenced = read_bool(t->load_referenced, p->load_referenced);
    p->tick = (uint32_t)read_number(l, t->tick, "tick", 1, UINT32_MAX, p->tick);
    p->bits = (uint32_t)read_number(l, t->bits, "bits", 1, 64, p->bits);
    p->tau = (uint32_t)read_number(l, t->tau, "tau", 1, UINT32_MAX, p->tau);
}

static void machine_timing(struct load *l, const struct tree_timing *t, struct timing_config *c) {
    if (!t) return;
    c->tlb = read_duration(l, t->tlb, c->tlb);
    c->memory = read_duration(l, t->memory, c->memory);
    c->trap = read_duration(l, t->trap, c->trap);
    c->disk_read = read_duration(l, t->disk_read, c->disk_read);
    c->disk_write = read_duration(l, t->disk_write, c->disk_write);
}

/* What the command line puts in place of the file's. */
static void machine_overrides(struct load *l, struct machine_config *c) {
    const struct scenario_options *o = l->options;
    const struct policy_ops *policy = o->policy ? policy_by_name(o->policy) : NULL;
    char word[QUOTE_SIZE];
    if (o->frames) c->frames = o->frames;
    if (policy) c->policy.name = policy->name;
    if (o->policy && !policy)
        load_error(l, (struct value){0}, "there is no policy %s", quoted(word, o->policy));
}

/* Frames where nothing is said: the usual number, or as many as the initial tables name. */
static uint32_t default_frames(const struct load *l, uint32_t usual) {
    uint64_t need = usual, pfn;
    const char *why;
    const struct tree_scenario *t = l->tree;
    for (unsigned p = 0; t && p < t->processes_count; p++)
        for (unsigned i = 0; i < t->processes[p].map_count; i++)
            if (parse_number(value_of(t->processes[p].map[i].pfn).text, &pfn, &why) && pfn < UINT32_MAX && pfn >= need)
                need = pfn + 1;
    for (unsigned i = 0; t && i < t->tlb_count; i++)
        if (parse_number(value_of(t->tlb[i].pfn).text, &pfn, &why) && pfn < UINT32_MAX && pfn >= need) need = pfn + 1;
    return (uint32_t)need;
}

void read_machine(struct load *l) {
    struct machine_config *c = &l->s->config;
    const struct tree_machine *t = l->tree ? l->tree->machine : NULL;
    if (t) {
        l->frames_at = value_of(t->frames);
    }
    c->frames = default_frames(l, c->frames);
    if (t) {
        c->frames = (uint32_t)read_number(l, t->frames, "frames", 1, UINT32_MAX - 1, c->frames);
        c->swap_slots = (uint32_t)read_number(l, t->swap, "swap", 0, UINT32_MAX - 1, c->swap_slots);
        c->seed = read_number(l, t->seed, "seed", 0, UINT64_MAX, c->seed);
        c->lazy_clear = t->kernel && read_bool(t->kernel->lazy_clear, false);
        machine_tlb(l, t->tlb, &c->tlb);
        machine_replacement(l, t->replacement, c);
        machine_timing(l, t->timing, &c->timing);
    }
    machine_overrides(l, c);
    c->tlb.seed = c->policy.seed = c->seed;
    c->policy.frames = c->frames;
}
