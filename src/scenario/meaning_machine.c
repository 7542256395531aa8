/* meaning_machine.c - the `machine` mapping, its paging format and its TLBs apart. */
#include "scenario/meaning.h"

static void machine_replacement(struct load *l, const struct tree_replacement *t, struct machine_config *c) {
    if (!t) return;
    struct policy_config *p = &c->policy;
    if (t->policy) p->name = policy_table[read_choice(RULE_POLICY, t->policy, 0)]->name;
    c->scope = (enum replacement_scope)read_choice(RULE_SCOPE, t->scope, SCOPE_GLOBAL);
    c->allocation = (enum frame_allocation)read_choice(RULE_ALLOCATION, t->allocation, ALLOCATION_EQUAL);
    if (c->allocation == ALLOCATION_PROPORTIONAL && c->scope != SCOPE_LOCAL)
        load_error(l, value_of(t->allocation), "allocation: frames are shared out only with scope: local");
    p->load_referenced = read_bool(t->load_referenced, p->load_referenced);
    p->tick = (uint32_t)read_number(l, t->tick, "tick", 1, UINT32_MAX, p->tick);
    p->bits = (uint32_t)read_number(l, t->bits, "bits", 1, 64, p->bits);
    p->tau = (uint32_t)read_number(l, t->tau, "tau", 1, UINT32_MAX, p->tau);
    p->k = (uint32_t)read_number(l, t->k, "k", 1, POLICY_K_MAX, p->k);
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

/* So many that the machine has the frame which is named there. */
static void need_frame(const char *raw, uint32_t *frames) {
    uint64_t pfn;
    const char *why;
    if (raw && parse_number(value_of(raw).text, &pfn, &why) && pfn < UINT32_MAX - 1 && pfn >= *frames)
        *frames = (uint32_t)pfn + 1;
}

/* Frames where nothing is said: the usual number, or as many as the initial tables name. */
static uint32_t default_frames(const struct load *l, uint32_t frames) {
    const struct tree_scenario *t = l->tree;
    for (unsigned p = 0; t && p < t->processes_count; p++)
        for (unsigned i = 0; i < t->processes[p].map_count; i++)
            need_frame(t->processes[p].map[i].pfn, &frames);
    for (unsigned i = 0; t && i < t->tlb_count; i++) need_frame(t->tlb[i].pfn, &frames);
    return frames;
}

void read_machine(struct load *l) {
    struct machine_config *c = &l->s->config;
    const struct tree_machine *t = l->tree ? l->tree->machine : NULL;
    if (t) l->frames_at = value_of(t->frames);
    c->frames = default_frames(l, c->frames);
    if (t) {
        c->frames = (uint32_t)read_number(l, t->frames, "frames", 1, UINT32_MAX - 1, c->frames);
        c->swap_slots = (uint32_t)read_number(l, t->swap, "swap", 0, UINT32_MAX - 1, c->swap_slots);
        c->seed = read_number(l, t->seed, "seed", 0, UINT64_MAX, c->seed);
        read_kernel(l, t, c);
        machine_tlb(l, t->tlb, c);
        machine_replacement(l, t->replacement, c);
        machine_timing(l, t->timing, &c->timing);
    }
    machine_overrides(l, c);
    c->tlb.seed = c->tlb_fetch.seed = c->tlb_second.seed = c->policy.seed = c->seed;
    c->policy.frames = c->frames;
}
