/* row_memory.c - B11, what things weigh; B14, how long many written steps take to load. */
#include "bench.h"

#include "vmscope/base/memory.h"
#include "vmscope/scenario/scenario.h"

/* ---- B11 ---- */

#define PAGES 400000u

/* Bytes that a machine with so many frames takes when it has read each of PAGES pages once. */
static double weigh(uint32_t frames) {
    struct region_config region = {.kind = VMA_HEAP, .perms = PERM_RW, .first = 0x1000, .pages = PAGES, .limit = PAGES,
                                   .name = "heap"};
    struct process_config process = {.name = "A", .regions = &region, .region_count = 1};
    struct workload w = {.process = process};
    struct step *step = mem_zalloc(PAGES, sizeof *step);
    struct machine *m = NULL;
    for (unsigned i = 0; step && i < PAGES; i++)
        step[i] = (struct step){.va = vpn_to_va(region.first + i, 12), .proc = PROC_NONE, .op = ACCESS_READ, .size = 1};
    w.once = step ? step_source_array(step, PAGES) : NULL;
    free(step);
    machine_config_default(&w.config);
    w.config.format = *paging_by_name("x86-64");
    w.config.frames = w.config.policy.frames = frames;
    w.config.policy.name = "lru";
    w.config.processes = &w.process;
    w.config.process_count = 1;
    forget_freed();
    double before = resident_bytes();
    bool ran = w.once && machine_create(&w.config, w.once, &m, NULL) == VS_OK && machine_run(m, PAGES, NULL) == PAGES;
    double bytes = ran ? resident_bytes() - before : UNKNOWN;
    machine_free(m);
    step_source_free(w.once);
    return bytes;
}

/* As many pages, fewer frames: the difference is frames alone. */
double frame_bytes(struct bench *b) {
    (void)b;
    return (weigh(PAGES) - weigh(PAGES / 4)) / (PAGES - PAGES / 4);
}

double page_bytes(struct bench *b) { return weigh(PAGES) / PAGES - frame_bytes(b); }

double ref_bytes(struct bench *b) { return (double)trace_bytes(b->real.trace) / (double)trace_count(b->real.trace); }

/* ---- B14 ---- */

double yaml_seconds(struct bench *b) {
    struct scenario *s = NULL;
    struct diag_list errors = {0};
    double start = cpu_seconds();
    bool good = scenario_load_file(b->yaml_path, NULL, &s, &errors) == VS_OK;
    double time = cpu_seconds() - start;
    scenario_free(s);
    return good ? time : UNKNOWN;
}
