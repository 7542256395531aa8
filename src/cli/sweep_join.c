/* sweep_join.c - lines of many commands, and shards of a trace, put together to cells. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static void name_cell(struct text *t, const struct sweep *s, const struct sweep_cell *c) {
    text_addf(t, "%s with %u frames (TLB ", policy_table[c->policy]->name, c->frames);
    sweep_shape_text(t, c->tlb);
    if (s->with_seed) text_addf(t, ", seed %llu", (unsigned long long)c->seed);
    text_addc(t, ')');
}

/* One line a cell, or a shard of it, is enough; two that differ cannot both be right. */
int sweep_join_lines(struct sweep *s) {
    size_t kept = 0;
    qsort(s->cell, s->count, sizeof *s->cell, sweep_compare);
    for (size_t i = 0; i < s->count; i++) {
        struct sweep_cell *last = kept ? &s->cell[kept - 1] : NULL, *c = &s->cell[i];
        if (!last || sweep_compare(last, c) != 0) {
            s->cell[kept++] = *c;
            continue;
        }
        if (memcmp(last->value, c->value, sizeof c->value) == 0) continue;
        complain("two lines differ about %s with %u frames: they are not of one sweep.", policy_table[c->policy]->name, c->frames);
        return EXIT_INPUT;
    }
    s->count = kept;
    return EXIT_GOOD;
}

/* ---- shards ---- */

/* The shards of a cell one after another, where the order of cells has all frames of a shard together. */
static int by_cell(const void *a, const void *b) {
    struct sweep_cell x = *(const struct sweep_cell *)a, y = *(const struct sweep_cell *)b;
    uint32_t shard_x = x.shard, shard_y = y.shard;
    x.shard = y.shard = 0;
    int order = sweep_compare(&x, &y);
    return order ? order : (shard_x > shard_y) - (shard_x < shard_y);
}

static bool same_cell(const struct sweep_cell *a, const struct sweep_cell *b) {
    struct sweep_cell x = *a, y = *b;
    x.shard = y.shard = 0;
    return sweep_compare(&x, &y) == 0;
}

/* "2,5-7": those of 1..n that none of the cells is. */
static void name_missing(struct text *t, const struct sweep_cell *c, size_t cells, uint32_t n) {
    uint32_t expected = 1;
    bool any = false;
    for (size_t i = 0; i <= cells; i++) {
        uint32_t here = i < cells ? c[i].shard : n + 1;
        if (here > expected) text_addf(t, "%s%u", any ? "," : "", expected), any = true;
        if (here > expected + 1) text_addf(t, "-%u", here - 1);
        expected = here + 1;
    }
}

/* The sum of a cell's shards, in the place of the first. */
static struct sweep_cell added_up(const struct sweep_cell *c, size_t cells) {
    struct sweep_cell sum = c[0];
    sum.shard = 0;
    for (size_t i = 1; i < cells; i++) {
        sum.done &= c[i].done;
        for (unsigned v = 0; v <= SWEEP_METRIC; v++)
            sum.value[v] = sum.value[v] == SWEEP_ABSENT || c[i].value[v] == SWEEP_ABSENT ? SWEEP_ABSENT : sum.value[v] + c[i].value[v];
        sum.error = sum.error == SWEEP_ABSENT || c[i].error == SWEEP_ABSENT ? SWEEP_ABSENT : sum.error + c[i].error;
    }
    return sum;
}

static int complain_incomplete(const struct sweep *s, const struct sweep_cell *c, size_t cells, size_t more) {
    char words[600];
    struct text t = text_in(words, sizeof words);
    name_cell(&t, s, c);
    if (c[0].shard == 0) {
        text_add(&t, " is there as a whole, and in shards besides");
    } else {
        text_addf(&t, ": of %u shards there is no ", s->shards);
        name_missing(&t, c, cells, s->shards);
    }
    if (more) text_addf(&t, "; %zu more cells are not whole either", more);
    complain("%s.", words);
    return EXIT_INPUT;
}

int sweep_add_shards(struct sweep *s) {
    const struct sweep_cell *bad = NULL;
    size_t kept = 0, bad_cells = 0, incomplete = 0;
    qsort(s->cell, s->count, sizeof *s->cell, by_cell);
    for (size_t i = 0, n; i < s->count; i += n) {
        for (n = 1; i + n < s->count && same_cell(&s->cell[i], &s->cell[i + n]);) n++;
        bool whole = n == 1 && s->cell[i].shard == 0, all = n == s->shards && s->cell[i].shard != 0;
        if (!whole && !all && incomplete++ == 0) bad = &s->cell[i], bad_cells = n;
        if (!bad) s->cell[kept++] = whole ? s->cell[i] : added_up(&s->cell[i], n);
    }
    if (bad) return complain_incomplete(s, bad, bad_cells, incomplete - 1);
    s->count = kept;
    s->in_shards = false;
    return EXIT_GOOD;
}
