/* sweep_run.c - filling the cells, on as many threads as there are processors.
 *
 * A task is a cell; or a series of LRU, whose cells come from one pass over the steps (lru_curve.h), of a shard from
 * two: one of the warm-up and the shard, one of the warm-up, of which the difference is taken.
 * Where that pass finds that it would not be exact, its cells become tasks of their own. A machine
 * belongs to its thread, the library keeps no global state, and every cell has its own place: what
 * comes out does not depend on the number of threads. One lock guards the list of tasks. */
#include "cli/cli.h"
#include "cli/output.h"
#include "vmscope/base/memory.h"
#include "vmscope/sim/lru_curve.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STRETCH (UINT64_C(1) << 18) /* steps between two looks at Ctrl-C */

struct task {
    size_t first, count; /* cells */
    bool curve;
};

struct crew {
    struct sweep *sweep;
    const struct scenario *from;
    double rate; /* of the samples; 1: all */
    struct sweep_sampling sampling;
    struct sweep_sharding sharding;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* guarded by the lock: */
    struct task *task;
    size_t tasks, cap, next;
    size_t curves; /* under way */
    size_t workers;
    uint64_t done, total; /* steps */
    size_t cells;
    char failed[300];
};

/* ---- shared state ---- */

static void fail(struct crew *w, const struct sweep_cell *cell, const char *why) {
    pthread_mutex_lock(&w->lock);
    struct text t = text_in(w->failed, sizeof w->failed);
    text_addf(&t, "%s with %u frames: %s", policy_table[cell->policy]->name, cell->frames, why);
    pthread_mutex_unlock(&w->lock);
}

static bool over(struct crew *w) {
    pthread_mutex_lock(&w->lock);
    bool failed = w->failed[0];
    pthread_mutex_unlock(&w->lock);
    return failed || output_stopped();
}

static const struct sweep_part *part_of(const struct crew *w, const struct sweep_cell *cell) { return &w->sharding.part[cell->shard]; }

/* That one machine runs for a cell. */
static uint64_t steps_of(const struct crew *w, const struct sweep_cell *cell) {
    return part_of(w, cell)->to - part_of(w, cell)->begin;
}

static void note_steps(struct crew *w, uint64_t steps) {
    pthread_mutex_lock(&w->lock);
    w->done += steps;
    pthread_mutex_unlock(&w->lock);
}

static bool add_task(struct crew *w, size_t first, size_t count, bool curve) {
    if (!mem_grow((void **)&w->task, &w->cap, w->tasks + 1, sizeof *w->task)) return false;
    w->task[w->tasks++] = (struct task){first, count, curve};
    return true;
}

/* ---- counts into cells ---- */

static unsigned samples(const struct crew *w) { return w->rate < 1 ? SWEEP_SAMPLES : 1; }

/* What one machine runs: its steps, and how many of them come before those that are counted. */
struct stretch {
    const struct step_source *source;
    struct step_source *owned; /* or NULL */
    uint64_t uncounted, count;
};

/* A machine that begins at the first step may look at the future (OPT) as far as that of the whole trace does. */
static bool stretch_begin(const struct crew *w, const struct sweep_cell *cell, unsigned sample, struct stretch *t) {
    const struct sweep_part *p = part_of(w, cell);
    *t = (struct stretch){.source = w->from->steps, .uncounted = p->from, .count = p->to};
    if (w->rate < 1) *t = (struct stretch){.source = w->sampling.source[sample], .count = w->sampling.source[sample]->count};
    if (p->begin == 0) return true;
    t->source = t->owned = sweep_window(w->from->steps, p, p->to);
    if (!t->owned) return false;
    t->count = t->owned->count;
    t->uncounted = t->count - (p->to - p->from);
    return true;
}

static struct machine_config config_of(const struct crew *w, const struct sweep_cell *cell) {
    struct machine_config c = sweep_config(w->from, cell);
    if (w->rate < 1) sweep_scale(&c, w->rate);
    return c;
}

static uint64_t column_of(const struct crew *w, const struct counters *n, unsigned i) {
    return counter_value(n, i == SWEEP_METRIC ? w->sweep->metric : counter_by_name(sweep_column[i]));
}

/* Samples know nothing of the TLB, and what they count stands for more. */
static void fill_estimate(const struct crew *w, struct sweep_cell *cell, const struct counters n[SWEEP_SAMPLES]) {
    for (unsigned i = 0; i <= SWEEP_METRIC; i++) {
        uint64_t count[SWEEP_SAMPLES], error;
        for (unsigned s = 0; s < SWEEP_SAMPLES; s++) count[s] = column_of(w, &n[s], i);
        cell->value[i] = sweep_estimate(count, w->rate, &error);
        if (i == sweep_metric_at(w->sweep)) cell->error = error;
    }
    cell->value[0] = w->sampling.accesses;
    cell->value[1] = w->sampling.translations;
    cell->value[SWEEP_COLUMNS - 1] = SWEEP_ABSENT;
}

/* Counters have nothing but numbers. */
static struct counters less(const struct counters *n, const struct counters *before) {
    struct counters out = *n;
    for (const struct counter_info *i = counter_table; i->name; i++) {
        uint64_t value = counter_value(n, i) - counter_value(before, i);
        memcpy((char *)&out + i->offset, &value, sizeof value);
    }
    return out;
}

static void fill(struct crew *w, struct sweep_cell *cell, const struct counters *n) {
    for (unsigned i = 0; w->rate == 1 && i <= SWEEP_METRIC; i++) cell->value[i] = column_of(w, n, i);
    if (w->rate < 1) fill_estimate(w, cell, n);
    pthread_mutex_lock(&w->lock);
    cell->done = true;
    w->cells++;
    pthread_mutex_unlock(&w->lock);
}

/* ---- one cell ---- */

/* Up to that many steps in all. False: the work is over. */
static bool run_to(struct crew *w, struct machine *m, uint64_t end) {
    for (uint64_t done = machine_steps_done(m); done < end && !over(w); done = machine_steps_done(m)) {
        uint64_t n = machine_run(m, end - done < STRETCH ? end - done : STRETCH, NULL);
        note_steps(w, n);
        if (n == 0) break;
    }
    return !over(w);
}

static bool count_machine(struct crew *w, struct sweep_cell *cell, const struct stretch *t, struct machine *m, struct counters *out) {
    struct counters before = {0};
    if (!run_to(w, m, t->uncounted)) return false;
    if (t->uncounted) before = machine_summary(m);
    if (!run_to(w, m, t->count) || machine_status(m) != VS_OK) return false;
    struct counters n = machine_summary(m);
    if (cell->shard) cell->error = sweep_shard_error(part_of(w, cell), machine_config(m), &n);
    *out = less(&n, &before);
    return true;
}

static bool run_machine(struct crew *w, struct sweep_cell *cell, unsigned sample, struct counters *out) {
    struct machine_config c = config_of(w, cell);
    struct stretch t;
    struct machine *m = NULL;
    struct diag why = {.text = ""};
    enum vs_status s = stretch_begin(w, cell, sample, &t) ? machine_create(&c, t.source, &m, &why) : VS_NOMEM;
    bool whole = s == VS_OK && count_machine(w, cell, &t, m, out);
    if (s == VS_OK) s = machine_status(m);
    if (s != VS_OK) fail(w, cell, why.text[0] ? why.text : status_name(s));
    machine_free(m);
    step_source_free(t.owned);
    return whole;
}

static void do_cell(struct crew *w, struct sweep_cell *cell) {
    struct counters n[SWEEP_SAMPLES];
    bool whole = true;
    for (unsigned s = 0; whole && s < samples(w); s++) whole = run_machine(w, cell, s, &n[s]);
    if (whole) fill(w, cell, n);
}

/* ---- a series of LRU ---- */

/* Its cells one by one, then. */
static void split(struct crew *w, const struct task *t) {
    bool added = true;
    pthread_mutex_lock(&w->lock);
    w->total += steps_of(w, &w->sweep->cell[t->first]) * t->count;
    for (size_t i = 0; added && i < t->count; i++) added = add_task(w, t->first + i, 1, false);
    pthread_mutex_unlock(&w->lock);
    if (!added) fail(w, &w->sweep->cell[t->first], "out of memory");
}

/* The whole curve of some steps; NULL: it is not exact, or the work is over. */
static struct lru_curve *run_curve(struct crew *w, const struct machine_config *c, const struct step_source *steps, bool *exact) {
    struct lru_curve *curve = lru_curve_create(c, steps, c->frames);
    uint64_t n = 1;
    while (curve && n > 0 && !over(w)) {
        n = lru_curve_run(curve, STRETCH);
        note_steps(w, n);
    }
    *exact = curve && !lru_curve_why(curve);
    if (*exact && n == 0) return curve;
    lru_curve_free(curve);
    return NULL;
}

/* What curves are run over: each sample, or all steps; or of a shard what ends with it, and its warm-up. */
struct curves {
    unsigned count;
    const struct step_source *source[SWEEP_SAMPLES];
    struct step_source *owned[2];
    struct lru_curve *curve[SWEEP_SAMPLES];
};
enum { WITH_SHARD, WARM_UP };

static bool curves_begin(const struct crew *w, const struct sweep_cell *cell, struct curves *g) {
    const struct sweep_part *p = part_of(w, cell);
    *g = (struct curves){.count = samples(w), .source = {w->from->steps}};
    for (unsigned i = 0; w->rate < 1 && i < g->count; i++) g->source[i] = w->sampling.source[i];
    if (!cell->shard) return true;
    g->count = p->from > p->begin ? 2 : 1;
    for (unsigned i = 0; i < g->count; i++)
        g->source[i] = g->owned[i] = sweep_window(w->from->steps, p, i == WITH_SHARD ? p->to : p->from);
    return g->owned[WITH_SHARD] && (g->count == 1 || g->owned[WARM_UP]);
}

static void curves_end(struct curves *g) {
    for (unsigned i = 0; i < g->count; i++) lru_curve_free(g->curve[i]);
    for (unsigned i = 0; i < 2; i++) step_source_free(g->owned[i]);
}

/* The pages of the warm-up that are in memory when the shard begins are those that were used last. */
static void fill_from_curves(struct crew *w, const struct curves *g, struct sweep_cell *cell) {
    struct machine_config c = config_of(w, cell);
    struct counters n[SWEEP_SAMPLES] = {{0}};
    for (unsigned i = 0; i < g->count; i++) lru_curve_at(g->curve[i], c.frames, &n[i]);
    if (cell->shard) {
        n[0] = less(&n[WITH_SHARD], &n[WARM_UP]);
        cell->error = sweep_lru_excess(part_of(w, cell), c.frames, g->count == 2 ? lru_curve_pages(g->curve[WARM_UP]) : 0, n[0].page_faults);
    }
    fill(w, cell, n);
}

static void do_curve(struct crew *w, const struct task *t) {
    struct curves g;
    struct machine_config largest = config_of(w, &w->sweep->cell[t->first + t->count - 1]);
    bool exact = true, whole = curves_begin(w, &w->sweep->cell[t->first], &g);
    if (!whole) fail(w, &w->sweep->cell[t->first], "out of memory");
    for (unsigned i = 0; exact && whole && i < g.count; i++) {
        g.curve[i] = run_curve(w, &largest, g.source[i], &exact);
        whole = g.curve[i] != NULL;
    }
    for (size_t i = 0; whole && i < t->count; i++) fill_from_curves(w, &g, &w->sweep->cell[t->first + i]);
    curves_end(&g);
    if (!exact) split(w, t);
}

/* ---- threads ---- */

/* The next task; false: there is none left, nor can one come. */
static bool take_task(struct crew *w, struct task *out) {
    pthread_mutex_lock(&w->lock);
    while (w->next == w->tasks && w->curves > 0) pthread_cond_wait(&w->changed, &w->lock);
    bool some = w->next < w->tasks;
    if (some) *out = w->task[w->next++];
    if (some && out->curve) w->curves++;
    pthread_mutex_unlock(&w->lock);
    return some;
}

static void end_task(struct crew *w, const struct task *t) {
    pthread_mutex_lock(&w->lock);
    if (t->curve) w->curves--;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void *work(void *arg) {
    struct crew *w = arg;
    struct task t;
    while (take_task(w, &t)) {
        if (over(w)) {}
        else if (t.curve) do_curve(w, &t);
        else do_cell(w, &w->sweep->cell[t.first]);
        end_task(w, &t);
    }
    pthread_mutex_lock(&w->lock);
    w->workers--;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Until all threads have ended: tell how far they are, five times a second. */
static void watch(struct crew *w, struct sweep_progress *p) {
    pthread_mutex_lock(&w->lock);
    while (w->workers > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 200000000;
        if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
        pthread_cond_timedwait(&w->changed, &w->lock, &until);
        sweep_progress_tell(p, w->done, w->total, w->cells, w->sweep->count);
    }
    pthread_mutex_unlock(&w->lock);
    sweep_progress_end(p);
}

/* ---- all of it ---- */

/* Bytes that one machine may take: frames, OPT's knowledge of all steps, and what little else there is. */
static uint64_t machine_bytes(const struct crew *w) {
    uint64_t frames = 1, steps = w->from->steps->count;
    for (size_t i = 0; i < w->sweep->count; i++)
        if (w->sweep->cell[i].frames > frames) frames = w->sweep->cell[i].frames;
    return (uint64_t)((double)frames * w->rate) * 256 + (uint64_t)((double)steps * w->rate) * 8 + ((uint64_t)16 << 20);
}

static size_t job_count(const struct crew *w, const struct sweep_options *o) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t fit = mem_available() / 2 / machine_bytes(w);
    size_t jobs = o->jobs ? o->jobs : online > 0 ? (size_t)online : 1;
    if (jobs > SWEEP_JOBS_MAX) jobs = SWEEP_JOBS_MAX;
    if (jobs > w->tasks) jobs = w->tasks;
    if (jobs > fit) jobs = (size_t)fit;
    return jobs ? jobs : 1;
}

/* LRU's cells come from one pass, where the metric is one that it counts. */
static bool wants_curve(const struct crew *w, const struct sweep_cell *c) {
    return policy_table[c->policy] == policy_by_name("lru") && sweep_metric_at(w->sweep) < SWEEP_COLUMNS;
}

/* One pass for each series; series in which nothing but a seed differs are not told apart here: they are few. */
static bool make_tasks(struct crew *w) {
    const struct sweep *s = w->sweep;
    bool good = true;
    for (size_t i = 0, n = 1; good && i < s->count; i += n) {
        const struct sweep_cell *first = &s->cell[i];
        const struct sweep_part *part = part_of(w, first);
        bool curve = wants_curve(w, first);
        n = 1;
        while (curve && i + n < s->count && sweep_same_series(first, &s->cell[i + n])) n++;
        good = add_task(w, i, n, curve);
        w->total += steps_of(w, first);
        if (curve) w->total += part->from - part->begin; /* the warm-up's own pass */
    }
    if (w->rate < 1) w->total = (uint64_t)((double)w->total * w->rate * SWEEP_SAMPLES);
    return good;
}

static void run_crew(struct crew *w, size_t jobs) {
    pthread_t thread[SWEEP_JOBS_MAX];
    struct sweep_progress progress;
    size_t begun = 0;
    sweep_progress_begin(&progress);
    w->workers = jobs;
    while (begun < jobs && pthread_create(&thread[begun], NULL, work, w) == 0) begun++;
    pthread_mutex_lock(&w->lock);
    w->workers -= jobs - begun;
    pthread_mutex_unlock(&w->lock);
    if (begun == 0) {
        w->workers = 1;
        work(w);
    }
    watch(w, &progress);
    for (size_t i = 0; i < begun; i++) pthread_join(thread[i], NULL);
}

static int begin_parts(struct crew *w, const struct sweep_options *o) {
    const char *why = sweep_shards_begin(&w->sharding, w->sweep, w->from);
    w->rate = o->sample_text ? o->sample : 1;
    if (!why && o->sample_text) why = sweep_sampling_begin(&w->sampling, w->from, w->rate);
    if (why) complain("%s: %s", w->sweep->file, why);
    return why ? EXIT_INPUT : EXIT_GOOD;
}

int sweep_run(struct sweep *s, const struct cli *c, const struct scenario *from) {
    struct crew w = {.sweep = s, .from = from, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    int status = begin_parts(&w, &c->sweep);
    if (status == EXIT_GOOD && make_tasks(&w)) run_crew(&w, job_count(&w, &c->sweep));
    else if (status == EXIT_GOOD) complain("out of memory"), status = EXIT_INPUT;
    if (w.failed[0]) {
        complain("%s: %s", s->file, w.failed);
        status = EXIT_INPUT;
    }
    sweep_sampling_end(&w.sampling);
    sweep_shards_end(&w.sharding);
    free(w.task);
    return status;
}
