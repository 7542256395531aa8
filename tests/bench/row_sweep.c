/* row_sweep.c - B8: LRU for every number of frames, against one run for one number. */
#include "bench.h"

#include "vmscope/sim/lru_curve.h"

static double curve_seconds(struct workload *w) {
    double start = cpu_seconds();
    struct lru_curve *c = lru_curve_create(&w->config, w->again, w->config.frames);
    while (c && lru_curve_run(c, 1u << 20) > 0) {}
    double time = c && !lru_curve_why(c) ? cpu_seconds() - start : UNKNOWN;
    lru_curve_free(c);
    return time;
}

/* Time of the one pass in times of one run. `rate` has set the policy. */
static double ratio(struct workload *w, double rate) { return curve_seconds(w) * rate * 1e6 / (double)w->again->count; }

double curve_program(struct bench *b) { return ratio(&b->real, lru_rate(b)); }
double curve_groups(struct bench *b) { return ratio(&b->real, lru_groups(b)); }
double curve_zipf(struct bench *b) { return ratio(&b->zipf, zipf_rate(b)); }
