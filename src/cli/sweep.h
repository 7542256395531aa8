/* sweep.h - vmscope sweep: counts over policies, numbers of frames, TLBs and seeds.
 *
 *   lists of the command line --> cells --> run, on all cores --> sorted --> a format
 *                                   |                                ^
 *                                   +--> a plan of commands ... their CSV, merged
 *
 * A cell is one machine run from start to end, or over a shard of the steps; a series is the cells that differ in
 * frames alone, a line of the chart. Cells stand in one order, whoever filled them: policy, TLB, seed, shard, frames.
 */
#ifndef VMSCOPE_CLI_SWEEP_H
#define VMSCOPE_CLI_SWEEP_H

#include "vmscope/scenario/scenario.h"

#define SWEEP_POLICIES_MAX 64
#define SWEEP_RANGES_MAX   256      /* between the commas of a list */
#define SWEEP_TLBS_MAX     32
#define SWEEP_JOBS_MAX     1024
#define SWEEP_CELLS_MAX    1000000u
#define SWEEP_SHARDS_MAX   100000u
#define SWEEP_WARM_ALL     UINT64_MAX /* a warm-up from the first step on */

struct sweep_range {
    uint64_t first, last;
};

struct sweep_list {
    struct sweep_range range[SWEEP_RANGES_MAX];
    size_t count;
    uint64_t total; /* numbers in all ranges, before what is there twice is left out */
};

/* A TLB's shape. ways 0: none; sets SHAPE_OWN: what the file says is more than a shape. */
struct sweep_shape {
    uint32_t sets, ways;
};
#define SHAPE_OWN UINT32_MAX

struct sweep_options {
    bool policy[SWEEP_POLICIES_MAX]; /* of policy_table; none: all */
    struct sweep_list frames, seeds; /* count 0: not given */
    struct sweep_shape tlb[SWEEP_TLBS_MAX];
    size_t tlbs; /* 0: the file's */
    const struct counter_info *metric;
    const char *sample_text; /* as given; NULL: everything is run */
    double sample;
    uint32_t shards, shard; /* 0: not cut; the one of them that is run, 0: all */
    uint64_t warmup;        /* steps, or SWEEP_WARM_ALL */
    uint32_t jobs; /* 0: as many as there are processors */
    bool plan, merge;
};

/* ---- cells ---- */

/* The counters that every cell has, and the metric where it is none of them. */
#define SWEEP_COLUMNS 7
#define SWEEP_METRIC  SWEEP_COLUMNS
#define SWEEP_ABSENT  UINT64_MAX /* not measured */
extern const char *const sweep_column[SWEEP_COLUMNS + 1]; /* NULL ends */

struct sweep_cell {
    unsigned policy; /* index of policy_table */
    struct sweep_shape tlb;
    uint64_t seed;
    uint32_t frames;
    uint32_t shard; /* 1 to sweep.shards; 0: all steps */
    bool done;
    uint64_t value[SWEEP_COLUMNS + 1];
    uint64_t error; /* of a sampled metric: it is within +- this, 19 times in 20. Of page_faults in shards: within
                       +- this, always; SWEEP_ABSENT: nobody knows */
    uint32_t better; /* frames, fewer than here, with fewer faults than here: Belady's anomaly; 0: it is none */
    uint64_t better_faults;
};

struct sweep {
    const char *file; /* NULL: merged */
    struct sweep_cell *cell; /* in order: see sweep_sort */
    size_t count, cap;
    const struct counter_info *metric;
    bool with_seed;   /* seeds are told apart */
    char sample[24];  /* "0.01"; "": not sampled */
    uint32_t shards;  /* that the steps are cut into, each run alone; 0, 1: they are not */
    uint64_t warmup;  /* steps that run before a shard, uncounted, or SWEEP_WARM_ALL */
    bool warmup_given; /* by a line that was merged */
    bool in_shards;   /* the cells are shards that were not added up */
};
/* Shards that did not all run from the first step on: what they add up to may be off. */
static inline bool sweep_is_cut(const struct sweep *s) { return s->shards > 1 && s->warmup != SWEEP_WARM_ALL; }

void sweep_free(struct sweep *s);
/* Room for one more cell, zero; NULL: no memory. */
struct sweep_cell *sweep_add(struct sweep *s);
int sweep_compare(const void *a, const void *b); /* of two cells' places, for qsort */
bool sweep_same_series(const struct sweep_cell *a, const struct sweep_cell *b);
/* Where the metric stands in `value`. */
unsigned sweep_metric_at(const struct sweep *s);
/* Once all cells are there: find where faults exceed those with fewer frames, and fill `better`. */
void sweep_mark_anomalies(struct sweep *s);
void sweep_shape_text(struct text *t, struct sweep_shape shape); /* "16x4", "none", "own" */
bool sweep_shape_read(const char *s, struct sweep_shape *out);
bool sweep_shard_read(const char *s, uint32_t *shard, uint32_t *shards); /* "2/8" */
bool sweep_warmup_read(const char *s, uint64_t *out);                     /* "1000", "all" */

/* ---- what is to be measured ---- */

struct cli;

/* The cells of the command line for this scenario, empty. EXIT_GOOD, or a status after its message. */
int sweep_grid(struct sweep *s, const struct cli *c, const struct scenario *from);
/* The configuration of a cell. */
struct machine_config sweep_config(const struct scenario *from, const struct sweep_cell *cell);
/* Fill all cells. EXIT_GOOD also when Ctrl-C ended it: then some are not done. */
int sweep_run(struct sweep *s, const struct cli *c, const struct scenario *from);
/* Print the commands that would fill the cells. */
void sweep_plan(const struct sweep *s, const struct cli *c, const struct scenario *from);
/* Add the cells of CSV files (of c->word). */
int sweep_merge(struct sweep *s, const struct cli *c);
/* Cells in order, each once. EXIT_INPUT after a message: two differ. */
int sweep_join_lines(struct sweep *s);
/* The shards of each cell become their sum. EXIT_INPUT after a message: some are missing. */
int sweep_add_shards(struct sweep *s);

/* ---- shards ---- */

struct sweep_part {
    uint64_t begin, from, to; /* steps: it runs from begin on; from..to-1 are counted */
    proc_t running;           /* at begin */
};
struct sweep_sharding {
    struct sweep_part *part; /* [shards + 1] [0] is all of it */
};
/* Of `count` steps; who runs there is not known. */
struct sweep_part sweep_part_of(const struct sweep *s, uint64_t count, uint32_t shard);
/* Phrase why the steps cannot be cut like this; NULL: they can. */
const char *sweep_shards_begin(struct sweep_sharding *g, const struct sweep *s, const struct scenario *from);
void sweep_shards_end(struct sweep_sharding *g);
/* Steps of `of` from the part's begin to before `to`, after a switch where one is needed. Borrows `of`. NULL: no memory. */
struct step_source *sweep_window(const struct step_source *of, const struct sweep_part *p, uint64_t to);
/* How many page faults too many, at most, LRU has counted; and how far those of a machine may be off, which counted
 * `n` from begin on: SWEEP_ABSENT where nobody knows. */
uint64_t sweep_lru_excess(const struct sweep_part *p, uint32_t frames, uint64_t used, uint64_t faults);
uint64_t sweep_shard_error(const struct sweep_part *p, const struct machine_config *c, const struct counters *n);

/* ---- sampling ---- */

#define SWEEP_SAMPLES 8 /* samples of pages a cell: their spread tells the error */

/* Steps of the pages that a hash chooses, for each of the samples. */
struct sweep_sampling {
    struct step_source *source[SWEEP_SAMPLES];
    uint64_t accesses, translations; /* of all pages */
};
/* Phrase why this scenario cannot be sampled; NULL: it can. */
const char *sweep_sampling_begin(struct sweep_sampling *g, const struct scenario *from, double rate);
void sweep_sampling_end(struct sweep_sampling *g);
/* What the samples' machine is: one of `rate` times the size. */
void sweep_scale(struct machine_config *c, double rate);
/* Their mean, scaled up, and its error: twenty times nineteen. */
uint64_t sweep_estimate(const uint64_t count[SWEEP_SAMPLES], double rate, uint64_t *error);

/* ---- progress on standard error ---- */

struct sweep_progress {
    bool shown; /* standard error is a terminal */
    double begun, last;
    bool drawn;
};
void sweep_progress_begin(struct sweep_progress *p);
/* done and total in any unit; `cells` of `all` are finished. */
void sweep_progress_tell(struct sweep_progress *p, uint64_t done, uint64_t total, size_t cells, size_t all);
void sweep_progress_end(struct sweep_progress *p);

/* ---- formats ---- */

struct sweep_format {
    const char *name, *help;
    void (*print)(const struct sweep *s);
};
extern const struct sweep_format sweep_table, sweep_csv, sweep_json, sweep_chart;
extern const struct sweep_format *const sweep_format_table[]; /* NULL ends; the first is the default */

/* Cells in the order of a table: series by frames. */
struct sweep_view {
    const struct sweep *sweep;
    size_t *first; /* [series + 1] index of each series' first cell */
    size_t series;
    uint32_t *frames; /* [frames_count] ascending */
    size_t frames_count;
};
bool sweep_view_begin(struct sweep_view *v, const struct sweep *s); /* false: no memory (told) */
void sweep_view_end(struct sweep_view *v);
/* The cell, or NULL where it was not measured. */
const struct sweep_cell *sweep_view_at(const struct sweep_view *v, size_t series, uint32_t frames);
/* "fifo", with TLB and seed where the series differ in them. */
void sweep_view_name(const struct sweep_view *v, size_t series, struct text *out);
/* Lines on anomalies, samples and shards, below table and chart. */
void sweep_view_notes(const struct sweep_view *v, unsigned width);
/* What is shown, and of which file; `more` behind it. */
void sweep_print_heading(const struct sweep *s, const char *more);
void sweep_print_wrapped(const char *words, unsigned width); /* a line, or several */
unsigned sweep_width(void); /* columns of standard output: the terminal's, COLUMNS, or 80 */

/* The options' setters; see option_table. */
#define SWEEP_SETTERS(X) X(policies) X(tlb) X(seeds) X(metric) X(sample) X(shards) X(shard) X(warmup) X(jobs) X(plan) X(merge)
#define X(name) bool sweep_set_##name(struct cli *c, const char *value, struct text *why);
SWEEP_SETTERS(X)
#undef X
bool sweep_read_list(const char *value, uint64_t min, uint64_t max, struct sweep_list *out, struct text *why);

#endif
