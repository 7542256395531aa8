/* rig.c - see rig.h. */
#include "rig.h"

#include "random_scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

void rig_begin(struct rig *r, uint32_t frames) {
    *r = (struct rig){0};
    machine_config_default(&r->config);
    r->config.frames = r->config.policy.frames = frames;
    r->config.format = *paging_by_name("sv32");
    r->config.policy.name = "fifo";
    r->config.processes = r->process;
    r->config.process_count = 0;
    rig_tlb(r, 4, 4, true);
    rig_process(r, "A", "A");
}

void rig_process(struct rig *r, const char *name, const char *program) {
    size_t p = r->config.process_count++;
    struct process_config *c = &r->process[p];
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(c->program, sizeof c->program, "%s", program);
    c->regions = r->region[p];
    c->maps = r->map[p];
}

struct region_config *rig_region(struct rig *r, proc_t p, enum vma_kind kind, vpn_t first, vpn_t pages,
                                 unsigned perms) {
    struct process_config *c = &r->process[p];
    struct region_config *g = &r->region[p][c->region_count];
    uint32_t file_page = 0;
    for (size_t i = 0; i < c->region_count; i++)
        if (r->region[p][i].backing == BACKING_FILE) file_page += (uint32_t)r->region[p][i].pages;
    bool file = kind == VMA_TEXT || kind == VMA_RODATA || kind == VMA_DATA;
    *g = (struct region_config){.kind = kind,
                                .backing = file ? BACKING_FILE : BACKING_ANON,
                                .perms = perms,
                                .first = first,
                                .pages = pages,
                                .limit = pages,
                                .file_page = file ? file_page : 0};
    snprintf(g->name, sizeof g->name, "%s", vma_kind_name[kind]);
    c->region_count++;
    return g;
}

void rig_map(struct rig *r, proc_t p, vpn_t vpn, pfn_t pfn) {
    r->map[p][r->process[p].map_count++] = (struct map_config){.vpn = vpn, .pfn = pfn};
}

void rig_format(struct rig *r, unsigned levels, const unsigned *bits, unsigned page_shift, unsigned pte_bytes,
                unsigned valid_bit, unsigned pfn_bits) {
    struct paging_format *f = &r->config.format;
    *f = *paging_by_name(levels == 1 ? "linear" : "custom");
    f->levels = levels;
    f->page_shift = page_shift;
    f->pte_bytes = pte_bytes;
    for (unsigned l = 0; l < levels; l++) f->index_bits[l] = (uint8_t)bits[l];
    for (int i = 0; i < PTE_FLAGS; i++) f->flag_bit[i] = -1;
    f->flag_bit[PTE_V] = (int8_t)valid_bit;
    f->pfn_bit = 0;
    f->pfn_bits = pfn_bits;
}

void rig_tlb(struct rig *r, uint32_t entries, uint32_t ways, bool asid) {
    r->config.tlb = (struct tlb_config){
        .entries = entries, .ways = ways, .replacement = TLB_LRU, .asid = asid, .seed = 1};
}

struct step *rig_access(struct rig *r, enum access_kind op, vaddr_t va, unsigned size) {
    struct step *s = &r->step[r->count++];
    *s = (struct step){
        .va = va, .proc = PROC_NONE, .kind = STEP_ACCESS, .op = (uint8_t)op, .size = (uint8_t)size};
    return s;
}

void rig_read(struct rig *r, vaddr_t va) { rig_access(r, ACCESS_READ, va, 4); }
void rig_fetch(struct rig *r, vaddr_t va) { rig_access(r, ACCESS_FETCH, va, 4); }

void rig_write(struct rig *r, vaddr_t va, uint64_t value) {
    struct step *s = rig_access(r, ACCESS_WRITE, va, 4);
    s->value = value;
    s->flags = STEP_HAS_VALUE;
}

void rig_switch(struct rig *r, proc_t to) {
    r->step[r->count++] = (struct step){.kind = STEP_SWITCH, .proc = to};
}

void rig_start(struct rig *r) {
    struct diag why = {0};
    r->source = step_source_array(r->step, r->count);
    assert_non_null(r->source);
    if (machine_create(&r->config, r->source, &r->m, &why) != VS_OK)
        fail_msg("the machine cannot be built: %s", why.text);
}

void rig_end(struct rig *r) {
    machine_free(r->m);
    step_source_free(r->source);
}

unsigned rig_events(struct rig *r, enum event_kind kind) {
    struct event e;
    unsigned count = 0;
    do {
        assert_true(machine_micro_step(r->m, &e));
        const char *trouble = machine_trouble(r->m);
        if (trouble) fail_msg("step %llu, micro-step %u: %s", (unsigned long long)e.step, e.micro, trouble);
        count += e.kind == kind;
    } while (!machine_between_steps(r->m));
    return count;
}

struct translation rig_do(struct rig *r) {
    unsigned count;
    rig_events(r, EV_NONE);
    const struct translation *t = machine_translations(r->m, &count);
    return count ? t[0] : (struct translation){.frame = FRAME_NONE};
}

enum fault_class rig_fault(struct rig *r) { return (enum fault_class)rig_do(r).fault; }

void rig_run(struct rig *r, unsigned steps) {
    for (unsigned i = 0; i < steps; i++) rig_events(r, EV_NONE);
}

const struct counters *rig_counters(const struct rig *r) { return machine_counters(r->m); }
