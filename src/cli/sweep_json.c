/* sweep_json.c - cells as an array of objects. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>

static void put_number(const char *name, uint64_t value) {
    if (value == SWEEP_ABSENT) printf(", \"%s\": null", name);
    else printf(", \"%s\": %" PRIu64, name, value);
}

static void put_shard(const struct sweep *s, const struct sweep_cell *c) {
    if (c->shard) printf(", \"shard\": \"%" PRIu32 "/%" PRIu32 "\"", c->shard, s->shards);
    else printf(", \"shard\": \"1-%" PRIu32 "/%" PRIu32 "\"", s->shards, s->shards);
    if (s->warmup == SWEEP_WARM_ALL) fputs(", \"warmup\": \"all\"", stdout);
    else put_number("warmup", s->warmup);
    put_number("error", c->error);
}

static void put_cell(const struct sweep *s, const struct sweep_cell *c) {
    char shape[40];
    struct text t = text_in(shape, sizeof shape);
    sweep_shape_text(&t, c->tlb);
    printf("{\"policy\": \"%s\", \"frames\": %" PRIu32 ", \"tlb\": \"%s\", \"seed\": %" PRIu64,
           policy_table[c->policy]->name, c->frames, shape, c->seed);
    for (unsigned i = 0; i < SWEEP_COLUMNS; i++) put_number(sweep_column[i], c->value[i]);
    if (sweep_metric_at(s) == SWEEP_METRIC) put_number(s->metric->name, c->value[SWEEP_METRIC]);
    if (s->sample[0]) printf(", \"sample\": %s, \"error\": %" PRIu64, s->sample, c->error);
    if (s->in_shards || sweep_is_cut(s)) put_shard(s, c);
    if (c->better) printf(", \"more_than_with_frames\": %" PRIu32, c->better);
    putchar('}');
}

static void print_json(const struct sweep *s) {
    bool any = false;
    putchar('[');
    for (size_t i = 0; i < s->count; i++) {
        if (!s->cell[i].done) continue;
        fputs(any ? ",\n " : "\n ", stdout);
        put_cell(s, &s->cell[i]);
        any = true;
    }
    puts(any ? "\n]" : "]");
}

const struct sweep_format sweep_json = {.name = "json", .help = "an array with one object a cell", .print = print_json};
