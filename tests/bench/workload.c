/* workload.c - what the benchmarks run: a program's trace, or one like it, and a zipf string.
 *
 * The synthetic program has the shape of real ones (BENCH.md): three quarters
 * fetches, in loops that now and then call another function; a stack, an array
 * that is walked, and a heap. Functions and heap pages are used by a zipf law.
 */
#include "bench.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"
#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <time.h>
#include <unistd.h>

#define SYNTHETIC_REFS 1000000
#define ZIPF_REFS      2000000
#define ZIPF_PAGES     100000
#define ZIPF_FRAMES    10000
#define RUN_REFS       20000000
#define TEXT_REFS      1000000
#define LONG_REFS      10000000
#define YAML_STEPS     100000
#define FRAMES         256
#define TLB_ENTRIES    256
#define TLB_WAYS       4

static double clock_seconds(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double now_seconds(void) { return clock_seconds(CLOCK_MONOTONIC); }
double cpu_seconds(void) { return clock_seconds(CLOCK_THREAD_CPUTIME_ID); }

double resident_bytes(void) {
    unsigned long all, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f) return UNKNOWN;
    bool good = fscanf(f, "%lu %lu", &all, &resident) == 2;
    fclose(f);
    return good ? (double)resident * (double)sysconf(_SC_PAGESIZE) : UNKNOWN;
}

void forget_freed(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/* ---- a zipf law: page i is wanted in proportion to 1 / (i + 1) ---- */

struct zipf {
    double *below; /* probability of a page up to i, ascending to 1 */
    uint32_t pages;
};

static bool zipf_make(struct zipf *z, uint32_t pages) {
    *z = (struct zipf){mem_zalloc(pages, sizeof *z->below), pages};
    if (!z->below) return false;
    double sum = 0;
    for (uint32_t i = 0; i < pages; i++) z->below[i] = sum += 1.0 / (i + 1.0);
    for (uint32_t i = 0; i < pages; i++) z->below[i] /= sum;
    return true;
}

static uint32_t zipf_draw(const struct zipf *z, struct rng *r) {
    double at = (double)(rng_next(r) >> 11) * 0x1p-53;
    uint32_t low = 0, high = z->pages - 1;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (z->below[mid] < at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* ---- a program that never was ---- */

struct fake {
    struct rng rng;
    struct zipf code, heap;
    uint64_t pc, loop_start, loop_end, stack, array;
    unsigned turns; /* of the loop, still to go */
};

#define TEXT_AT     UINT64_C(0x00401000)
#define TEXT_PAGES  120
#define HEAP_PAGES  150
#define ARRAY_BYTES (UINT64_C(64) << 12)
#define ARRAY_AT    UINT64_C(0x04a00000)
#define HEAP_AT     UINT64_C(0x05000000)
#define STACK_AT    UINT64_C(0x1fff000000)

static void next_function(struct fake *p) {
    p->loop_start = TEXT_AT + ((uint64_t)zipf_draw(&p->code, &p->rng) << 12) + rng_below(&p->rng, 3000);
    p->loop_end = p->loop_start + 40 + rng_below(&p->rng, 400);
    p->turns = 1 + rng_below(&p->rng, 60);
    p->stack = STACK_AT - rng_below(&p->rng, 8000);
    p->pc = p->loop_start;
}

static void program_line(struct fake *p, FILE *to) {
    unsigned what = rng_below(&p->rng, 100);
    if (what < 72) {
        unsigned size = 2 + rng_below(&p->rng, 6);
        fprintf(to, "I  %08" PRIx64 ",%u\n", p->pc, size);
        p->pc += size;
        if (p->pc < p->loop_end) return;
        p->pc = p->loop_start;
        if (p->turns-- == 0) next_function(p);
    } else if (what < 88) {
        fprintf(to, " %c %08" PRIx64 ",8\n", what % 3 ? 'L' : 'S', p->stack - rng_below(&p->rng, 16) * 8);
    } else if (what < 96) {
        fprintf(to, " L %08" PRIx64 ",4\n", ARRAY_AT + p->array);
        p->array = (p->array + 4) % ARRAY_BYTES;
    } else {
        uint64_t page = zipf_draw(&p->heap, &p->rng);
        fprintf(to, " %c %08" PRIx64 ",8\n", "LSM"[what % 3],
                HEAP_AT + (page << 12) + rng_below(&p->rng, 511) * 8);
    }
}

static bool write_program(const char *path) {
    struct fake p = {.rng = {1}};
    FILE *to = fopen(path, "w");
    bool good = to && zipf_make(&p.code, TEXT_PAGES) && zipf_make(&p.heap, HEAP_PAGES);
    if (good) next_function(&p);
    for (unsigned i = 0; good && i < SYNTHETIC_REFS; i++) program_line(&p, to);
    free(p.code.below);
    free(p.heap.below);
    return (to && fclose(to) == 0) && good;
}

/* One in four is a store. Neighbours in rank lie far from each other in memory. */
static bool write_zipf(const char *path) {
    struct rng r = {2};
    struct zipf z;
    FILE *to = fopen(path, "w");
    bool good = to && zipf_make(&z, ZIPF_PAGES);
    for (unsigned i = 0; good && i < ZIPF_REFS; i++) {
        uint64_t page = (uint64_t)zipf_draw(&z, &r) * 7919 % ZIPF_PAGES;
        fprintf(to, " %c %08" PRIx64 ",8\n", rng_below(&r, 4) ? 'L' : 'S', HEAP_AT + (page << 12));
    }
    if (good) free(z.below);
    return (to && fclose(to) == 0) && good;
}

/* Text of a trace, `times` over. */
static bool write_text(const struct trace *t, const char *path, uint64_t times) {
    static const char *const start[ACCESS_KINDS] = {" L ", " S ", "I  "};
    static struct step steps[STEP_SPAN];
    FILE *to = fopen(path, "w");
    size_t n;
    for (; to && times > 0; times--)
        for (uint64_t at = 0; (n = trace_steps(t, at, steps, STEP_SPAN)) > 0; at += n)
            for (size_t i = 0; i < n; i++)
                fprintf(to, "%s%08" PRIx64 ",%u\n", start[steps[i].op], steps[i].va, steps[i].size);
    return to && fclose(to) == 0;
}

static bool write_scenario(const char *path, unsigned steps) {
    FILE *to = fopen(path, "w");
    if (!to) return false;
    fputs("version: 1\ntitle: Many steps\nprocesses:\n  - name: A\n    layout:\n      text: {size: 8KiB}\n"
          "      heap: {size: 64KiB}\n      stack: {size: 8KiB}\nsteps:\n",
          to);
    for (unsigned i = 0; i < steps / 2; i++)
        fprintf(to, "  - {fetch: text+0x%x}\n  - {write: heap+0x%x, value: %u}\n", i % 1024 * 4, i % 16 * 4096, i % 256);
    return fclose(to) == 0;
}

/* ---- a source without end ---- */

struct again {
    struct step_source source;
    const struct step_source *base;
};

static const struct step *again_span(const struct step_source *s, uint64_t at, struct step *buf,
                                     size_t *count) {
    const struct again *a = (const struct again *)(const void *)s;
    return at < s->count ? step_span(a->base, at % a->base->count, buf, count) : NULL;
}

static bool again_refs(const struct step_source *s, uint64_t at, size_t n, struct step_ref *buf, struct step_refs *out) {
    const struct again *a = (const struct again *)(const void *)s;
    return at < s->count && step_refs(a->base, at % a->base->count, n, buf, out);
}

static uint64_t again_groups(const struct step_source *s, uint64_t at, unsigned page_shift, struct step_groups *out) {
    const struct again *a = (const struct again *)(const void *)s;
    uint64_t i = at % a->base->count, left = a->base->count - i;
    return at < s->count ? step_groups_cut(step_groups(a->base, i, page_shift, out), out, left) : UINT64_MAX;
}

static void again_free(struct step_source *s) { free(s); }

struct step_source *source_again(const struct step_source *base, uint64_t times, bool groups) {
    static const struct step_source_ops singly = {.span = again_span, .free = again_free, .refs = again_refs},
                                        in_groups = {.span = again_span, .free = again_free, .refs = again_refs, .groups = again_groups};
    struct again *a = mem_zalloc(1, sizeof *a);
    if (!a) return NULL;
    *a = (struct again){{groups ? &in_groups : &singly, base->count * times}, base};
    return &a->source;
}

/* ---- workloads ---- */

static void make_config(struct workload *w, uint32_t frames) {
    struct machine_config *c = &w->config;
    machine_config_default(c);
    c->format = *paging_by_name("custom");
    c->format.levels = 4;
    c->format.pte_bytes = 8;
    c->format.pfn_bits = 44;
    for (unsigned i = 0; i < 4; i++) c->format.index_bits[i] = 9;
    c->frames = c->policy.frames = frames;
    c->tlb.entries = TLB_ENTRIES;
    c->tlb.ways = TLB_WAYS;
    c->processes = &w->process;
    c->process_count = 1;
}

/* How often a trace makes up `refs` references, about. */
static uint64_t times_for(const struct trace *t, uint64_t refs) {
    return refs > trace_count(t) ? refs / trace_count(t) : 1;
}

/* Runs are `refs` long, about. */
static bool workload_open(struct workload *w, const char *path, uint32_t frames, uint64_t refs) {
    struct diag why = {.text = "out of memory"};
    char line[900];
    bool good = trace_read_file(path, NULL, &w->trace, &why) == VS_OK &&
                trace_regions(w->trace, 12, &w->regions, &w->process.region_count) == VS_OK &&
                (w->once = trace_source(w->trace, STEP_NO_SPLIT)) &&
                (w->again = source_again(w->once, times_for(w->trace, refs), true)) &&
                (w->singly = source_again(w->once, times_for(w->trace, refs), false));
    if (!good) {
        fprintf(stderr, "bench: %s\n", diag_format(&why, line, sizeof line));
        return false;
    }
    memcpy(w->process.name, "A", 2);
    memcpy(w->process.program, "A", 2);
    w->process.regions = w->regions;
    make_config(w, frames);
    return true;
}

static void workload_close(struct workload *w) {
    step_source_free(w->singly);
    step_source_free(w->again);
    step_source_free(w->once);
    free(w->regions);
    trace_free(w->trace);
}

static double rate_of(struct workload *w, const struct step_source *source, const char *policy, uint64_t refs) {
    struct machine *m = NULL;
    struct diag why = {.text = ""};
    w->config.policy.name = policy;
    if (machine_create(&w->config, source, &m, &why) != VS_OK) {
        fprintf(stderr, "bench: %s\n", why.text);
        return UNKNOWN;
    }
    double start = cpu_seconds();
    uint64_t done = machine_run(m, refs, NULL);
    double time = cpu_seconds() - start;
    machine_free(m);
    return done == refs ? (double)refs / time / 1e6 : UNKNOWN;
}

double machine_rate(struct workload *w, const char *policy, uint64_t refs) {
    return rate_of(w, w->again, policy, refs);
}

double singly_rate(struct workload *w, const char *policy, uint64_t refs) {
    return rate_of(w, w->singly, policy, refs);
}

static void path_in(char *path, size_t size, const struct bench *b, const char *name) {
    struct text t = text_in(path, size);
    text_addf(&t, "%s/%s", b->folder, name);
}

bool bench_open(struct bench *b, const char *program, const char *trace) {
    char zipf_path[96];
    *b = (struct bench){.program = program, .folder = "/tmp/vmscope-bench-XXXXXX"};
    if (!mkdtemp(b->folder)) {
        perror("bench: a folder in /tmp");
        b->folder[0] = '\0';
        return false;
    }
    path_in(b->text_path, sizeof b->text_path, b, "one.lackey");
    path_in(b->long_path, sizeof b->long_path, b, "long.lackey");
    path_in(b->scenario_path, sizeof b->scenario_path, b, "twenty.yaml");
    path_in(b->yaml_path, sizeof b->yaml_path, b, "many.yaml");
    path_in(zipf_path, sizeof zipf_path, b, "zipf.lackey");
    bool good = (trace || write_program(b->text_path)) && write_zipf(zipf_path) &&
                write_scenario(b->scenario_path, 20) && write_scenario(b->yaml_path, YAML_STEPS) &&
                workload_open(&b->zipf, zipf_path, ZIPF_FRAMES, ZIPF_REFS) &&
                workload_open(&b->real, trace ? trace : b->text_path, FRAMES, RUN_REFS);
    unlink(zipf_path);
    if (!good) return false;
    const struct trace *t = b->real.trace;
    b->refs = b->real.again->count;
    b->long_refs = trace_count(t) * times_for(t, LONG_REFS);
    return write_text(t, b->text_path, times_for(t, TEXT_REFS)) &&
           write_text(t, b->long_path, times_for(t, LONG_REFS));
}

void bench_close(struct bench *b) {
    if (!b->folder[0]) return;
    unlink(b->text_path);
    unlink(b->long_path);
    unlink(b->scenario_path);
    unlink(b->yaml_path);
    rmdir(b->folder);
    workload_close(&b->real);
    workload_close(&b->zipf);
}
