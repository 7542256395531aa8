/* row_walk.c - what the formats of real processors cost: hits and walks in each. */
#include "bench.h"

/* The program's trace on a machine with that format; UNKNOWN where its addresses do not fit. */
static double hit_rate(struct bench *b, const char *format) {
    struct paging_format before = b->real.config.format;
    b->real.config.format = *paging_by_name(format);
    double rate = singly_rate(&b->real, "lru", b->refs);
    b->real.config.format = before;
    return rate;
}

double hits_sv48(struct bench *b) { return hit_rate(b, "sv48"); }
double hits_x86(struct bench *b) { return hit_rate(b, "x86-64"); }

enum { PAGES = 8, WALKS = 400000 };

/* Eight pages in turn through a TLB of four entries: every reference walks, none faults but the first. */
static double walk_rate(const char *format) {
    struct region_config region = {.kind = VMA_HEAP, .perms = PERM_RW, .first = 0x1000, .pages = PAGES, .limit = PAGES,
                                   .name = "heap"};
    struct process_config process = {.name = "A", .regions = &region, .region_count = 1};
    struct workload w = {.process = process};
    struct step step[PAGES] = {{0}};
    for (unsigned i = 0; i < PAGES; i++)
        step[i] = (struct step){.va = vpn_to_va(region.first + i, 12), .proc = PROC_NONE, .kind = STEP_ACCESS,
                                .op = ACCESS_READ, .size = 4};
    machine_config_default(&w.config);
    w.config.format = *paging_by_name(format);
    w.config.frames = PAGES;
    w.config.processes = &w.process;
    w.config.process_count = 1;
    w.once = step_source_array(step, PAGES);
    w.again = w.once ? source_again(w.once, WALKS / PAGES, false) : NULL;
    double rate = w.again ? machine_rate(&w, "lru", WALKS) : UNKNOWN;
    step_source_free(w.again);
    step_source_free(w.once);
    return rate;
}

double walks_sv39(struct bench *b) {
    (void)b;
    return walk_rate("sv39");
}

double walks_x86(struct bench *b) {
    (void)b;
    return walk_rate("x86-64");
}
