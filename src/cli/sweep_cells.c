/* sweep_cells.c - cells, their order, and how they look beside each other. */
#include "cli/cli.h"
#include "vmscope/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *const sweep_column[SWEEP_COLUMNS + 1] = {
    "accesses", "translations", "page_faults", "page_faults_after_full", "evictions", "swap_writes", "tlb_misses", NULL};

void sweep_free(struct sweep *s) {
    free(s->cell);
    s->cell = NULL;
    s->count = s->cap = 0;
}

struct sweep_cell *sweep_add(struct sweep *s) {
    if (!mem_grow((void **)&s->cell, &s->cap, s->count + 1, sizeof *s->cell)) return NULL;
    return &s->cell[s->count++];
}

/* ---- order ---- */

static int by_number(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

/* No TLB, then the smaller ones; the file's own, which has no shape, last. */
static int by_shape(struct sweep_shape a, struct sweep_shape b) {
    bool own_a = a.sets == SHAPE_OWN, own_b = b.sets == SHAPE_OWN;
    if (own_a || own_b) return by_number(own_a, own_b);
    int size = by_number((uint64_t)a.sets * a.ways, (uint64_t)b.sets * b.ways);
    return size ? size : by_number(a.sets, b.sets);
}

static int by_series(const struct sweep_cell *a, const struct sweep_cell *b) {
    int order = by_number(a->policy, b->policy);
    if (!order) order = by_shape(a->tlb, b->tlb);
    if (!order) order = by_number(a->seed, b->seed);
    return order ? order : by_number(a->shard, b->shard);
}

int sweep_compare(const void *a, const void *b) {
    const struct sweep_cell *x = a, *y = b;
    int order = by_series(x, y);
    return order ? order : by_number(x->frames, y->frames);
}

bool sweep_same_series(const struct sweep_cell *a, const struct sweep_cell *b) { return by_series(a, b) == 0; }

/* ---- what they hold ---- */

unsigned sweep_metric_at(const struct sweep *s) {
    unsigned i = 0;
    while (sweep_column[i] && strcmp(sweep_column[i], s->metric->name) != 0) i++;
    return i;
}

/* Not where chance may have done it: a sample's faults are an estimate, as are those of shards, and RANDOM throws dice. */
static bool by_chance(const struct sweep *s, const struct sweep_cell *c) {
    return s->sample[0] || sweep_is_cut(s) || policy_table[c->policy] == policy_by_name("random");
}

/* Only the same references can show one: a process that memory was too short for has made fewer. */
void sweep_mark_anomalies(struct sweep *s) {
    static const unsigned accesses = 0, page_faults = 2;
    const struct sweep_cell *least = NULL; /* of the series, up to here */
    if (sweep_metric_at(s) != page_faults) return;
    for (size_t i = 0; i < s->count; i++) {
        struct sweep_cell *c = &s->cell[i];
        if (least && !sweep_same_series(least, c)) least = NULL;
        if (!c->done || by_chance(s, c)) continue;
        if (least && least->value[accesses] != c->value[accesses]) least = NULL;
        if (least && least->value[page_faults] < c->value[page_faults]) {
            c->better = least->frames;
            c->better_faults = least->value[page_faults];
        } else {
            least = c;
        }
    }
}

void sweep_shape_text(struct text *t, struct sweep_shape shape) {
    if (shape.sets == SHAPE_OWN) text_add(t, "own");
    else if (shape.ways == 0) text_add(t, "none");
    else text_addf(t, "%ux%u", shape.sets, shape.ways);
}

/* ---- a view: series and numbers of frames ---- */

static int by_frames(const void *a, const void *b) { return by_number(*(const uint32_t *)a, *(const uint32_t *)b); }

bool sweep_view_begin(struct sweep_view *v, const struct sweep *s) {
    *v = (struct sweep_view){.sweep = s, .first = mem_zalloc(s->count + 1, sizeof *v->first),
                             .frames = mem_zalloc(s->count + 1, sizeof *v->frames)};
    if (!v->first || !v->frames) {
        sweep_view_end(v);
        complain("out of memory");
        return false;
    }
    for (size_t i = 0; i < s->count; i++) {
        if (i == 0 || !sweep_same_series(&s->cell[i - 1], &s->cell[i])) v->first[v->series++] = i;
        v->frames[i] = s->cell[i].frames;
    }
    v->first[v->series] = s->count;
    qsort(v->frames, s->count, sizeof *v->frames, by_frames);
    for (size_t i = 0; i < s->count; i++)
        if (i == 0 || v->frames[i] != v->frames[v->frames_count - 1]) v->frames[v->frames_count++] = v->frames[i];
    return true;
}

void sweep_view_end(struct sweep_view *v) {
    free(v->first);
    free(v->frames);
    *v = (struct sweep_view){.sweep = NULL};
}

const struct sweep_cell *sweep_view_at(const struct sweep_view *v, size_t series, uint32_t frames) {
    size_t low = v->first[series], high = v->first[series + 1];
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (v->sweep->cell[mid].frames < frames) low = mid + 1;
        else high = mid;
    }
    const struct sweep_cell *c = &v->sweep->cell[low];
    return low < v->first[series + 1] && c->frames == frames && c->done ? c : NULL;
}

void sweep_view_name(const struct sweep_view *v, size_t series, struct text *out) {
    const struct sweep *s = v->sweep;
    const struct sweep_cell *c = &s->cell[v->first[series]];
    bool tlbs = false, seeds = false;
    for (size_t i = 0; i < v->series; i++) {
        const struct sweep_cell *other = &s->cell[v->first[i]];
        tlbs |= by_shape(other->tlb, c->tlb) != 0;
        seeds |= other->seed != c->seed;
    }
    text_add(out, policy_table[c->policy]->name);
    if (tlbs) text_addc(out, ' ');
    if (tlbs) sweep_shape_text(out, c->tlb);
    if (seeds) text_addf(out, " #%llu", (unsigned long long)c->seed);
}

/* ---- words below and above ---- */

void sweep_print_wrapped(const char *words, unsigned width) {
    unsigned at = 0;
    while (*words) {
        unsigned n = (unsigned)strcspn(words, " ");
        if (at > 2 && at + 1 + n > width) at = (unsigned)printf("\n ") - 1;
        at += (unsigned)printf("%s%.*s", at ? " " : "", (int)n, words);
        words += n + (words[n] != '\0');
    }
    putchar('\n');
}

static void note_anomalies(const struct sweep_view *v, unsigned width) {
    char words[1200];
    struct text t = text_in(words, sizeof words);
    unsigned told = 0;
    for (size_t series = 0; series < v->series; series++)
        for (size_t i = v->first[series]; i < v->first[series + 1]; i++) {
            const struct sweep_cell *c = &v->sweep->cell[i];
            if (!c->better || ++told > 6) continue;
            text_add(&t, told == 1 ? "! more faults with more frames (Belady's anomaly): " : "; ");
            sweep_view_name(v, series, &t);
            text_addf(&t, " %llu with %u, %llu with %u", (unsigned long long)c->better_faults, c->better,
                      (unsigned long long)c->value[2], c->frames);
        }
    if (told > 6) text_addf(&t, "; and %u more", told - 6);
    if (told) sweep_print_wrapped(words, width);
}

static void note_sample(const struct sweep_view *v, unsigned width) {
    const struct sweep *s = v->sweep;
    unsigned at = sweep_metric_at(s);
    double part = 0;
    char words[200];
    struct text t = text_in(words, sizeof words);
    for (size_t i = 0; i < s->count; i++) {
        const struct sweep_cell *c = &s->cell[i];
        double now = c->done && c->value[at] ? (double)c->error / (double)c->value[at] : 0;
        if (now > part) part = now;
    }
    text_addf(&t, "estimates from %d samples of %s of the pages: off by up to %.1f %%, 19 times in 20", SWEEP_SAMPLES, s->sample,
              part * 100);
    if (s->sample[0]) sweep_print_wrapped(words, width);
}

/* Of which policies somebody knows how far off they are. */
static void add_known(struct text *t, const struct sweep *s) {
    bool any = false;
    for (size_t i = 0; i < s->count; i++) {
        const struct sweep_cell *c = &s->cell[i];
        bool again = i > 0 && c[-1].policy == c->policy;
        if (!c->done || c->error == SWEEP_ABSENT || again) continue;
        text_addf(t, "%s%s", any ? ", " : " of ", policy_table[c->policy]->name);
        any = true;
    }
}

static void add_error(struct text *t, const struct sweep *s) {
    uint64_t most = 0;
    bool known = false, unknown = false;
    for (size_t i = 0; i < s->count; i++) {
        const struct sweep_cell *c = &s->cell[i];
        known |= c->done && c->error != SWEEP_ABSENT;
        unknown |= c->done && c->error == SWEEP_ABSENT;
        if (c->done && c->error != SWEEP_ABSENT && c->error > most) most = c->error;
    }
    if (!known) {
        text_add(t, "nobody knows how far page_faults are off");
        return;
    }
    text_add(t, "page_faults");
    if (unknown) add_known(t, s);
    if (most) text_addf(t, " are off by at most %llu", (unsigned long long)most);
    else text_add(t, " are exact");
    if (unknown) text_add(t, "; of the others nobody knows how far they are off");
}

static void note_shards(const struct sweep_view *v, unsigned width) {
    const struct sweep *s = v->sweep;
    char words[600];
    struct text t = text_in(words, sizeof words);
    if (!sweep_is_cut(s)) return;
    text_addf(&t, "added up from %u shards that began with nothing in memory", s->shards);
    if (s->warmup) text_addf(&t, ", %llu steps before they were counted", (unsigned long long)s->warmup);
    text_add(&t, ": ");
    add_error(&t, s);
    sweep_print_wrapped(words, width);
}

void sweep_view_notes(const struct sweep_view *v, unsigned width) {
    note_anomalies(v, width);
    note_sample(v, width);
    note_shards(v, width);
}

void sweep_print_heading(const struct sweep *s, const char *more) {
    char words[600];
    struct text t = text_in(words, sizeof words);
    text_addf(&t, "%s%s%s%s", s->metric->name, s->file ? " of " : "", s->file ? s->file : "", more);
    sweep_print_wrapped(words, sweep_width());
}

unsigned sweep_width(void) {
    struct winsize size;
    const char *columns = getenv("COLUMNS"), *phrase;
    uint64_t n = 0;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    if (columns && parse_number(columns, &n, &phrase) && n >= 20 && n <= 1000) return (unsigned)n;
    return 80;
}
