/* sweep_plan.c - the sweep as commands that know nothing of each other, one a line.
 *
 *   GNU parallel (and its ssh hosts), a Slurm array, make -j: whatever runs lines of a shell. Each prints
 *   CSV; `vmscope sweep --merge` puts it together. LRU stays one command, as one pass does all its cells. */
#include "cli/cli.h"
#include "vmscope/sim/lru_curve.h"

#include <stdio.h>
#include <string.h>

/* A word as a shell takes it. */
static void put_word(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,=:+@%";
    if (word[0] && word[strspn(word, plain)] == '\0') {
        fputs(word, stdout);
        return;
    }
    putchar('\'');
    for (; *word; word++) fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, stdout);
    putchar('\'');
}

/* Frames of cells first..first+n-1: 1-64,128. */
static void put_frames(const struct sweep_cell *c, size_t n) {
    for (size_t i = 0, run; i < n; i += run) {
        run = 1;
        while (i + run < n && c[i + run].frames == c[i].frames + run) run++;
        printf("%s%u", i ? "," : "", c[i].frames);
        if (run > 1) printf("-%u", c[i + run - 1].frames);
    }
}

static void put_command(const struct sweep *s, const struct cli *c, const struct sweep_cell *cell, size_t n) {
    char shape[40];
    struct text t = text_in(shape, sizeof shape);
    put_word(c->program);
    printf(" sweep --jobs=1 --format=csv --policies=%s --frames=", policy_table[cell->policy]->name);
    put_frames(cell, n);
    sweep_shape_text(&t, cell->tlb);
    if (c->sweep.tlbs) printf(" --tlb=%s", shape);
    if (s->with_seed) printf(" --seeds=%llu", (unsigned long long)cell->seed);
    if (cell->shard) printf(" --shard=%u/%u", cell->shard, s->shards);
    if (cell->shard && s->warmup == SWEEP_WARM_ALL) fputs(" --warmup=all", stdout);
    else if (cell->shard && s->warmup) printf(" --warmup=%llu", (unsigned long long)s->warmup);
    if (c->sweep.sample_text) printf(" --sample=%s", s->sample);
    if (strcmp(s->metric->name, "page_faults") != 0) printf(" --metric=%s", s->metric->name);
    if (c->load.no_split) fputs(" --split=false", stdout);
    if (c->load.trace_format) printf(" --trace-format=%s", c->load.trace_format->name);
    if (c->load.any_path) fputs(" --allow-path", stdout);
    fputs(" -- ", stdout);
    put_word(c->word[0]);
    putchar('\n');
}

void sweep_plan(const struct sweep *s, const struct cli *c, const struct scenario *from) {
    for (size_t i = 0, n = 1; i < s->count; i += n) {
        const struct sweep_cell *first = &s->cell[i];
        struct machine_config config = sweep_config(from, first);
        bool together = policy_table[first->policy] == policy_by_name("lru") && !lru_curve_obstacle(&config) &&
                        sweep_metric_at(s) < SWEEP_COLUMNS;
        n = 1;
        while (together && i + n < s->count && sweep_same_series(first, &s->cell[i + n])) n++;
        put_command(s, c, first, n);
    }
}
