/* sweep_table.c - the metric as a table: a line for each number of frames, a column a series.
 * What is wider than the terminal comes in several tables, one below the other. */
#include "cli/cli.h"
#include "vmscope/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2

static unsigned digits(uint64_t n) {
    unsigned d = 1;
    while (n >= 10) n /= 10, d++;
    return d;
}

static void name_of(const struct sweep_view *v, size_t series, char *buf, size_t size) {
    struct text t = text_in(buf, size);
    sweep_view_name(v, series, &t);
}

/* A column holds its name and its largest number with the mark behind it. */
static unsigned column_width(const struct sweep_view *v, size_t series) {
    char name[80];
    unsigned at = sweep_metric_at(v->sweep), width;
    name_of(v, series, name, sizeof name);
    width = (unsigned)strlen(name) + 1;
    for (size_t i = v->first[series]; i < v->first[series + 1]; i++) {
        const struct sweep_cell *c = &v->sweep->cell[i];
        unsigned need = c->done && c->value[at] != SWEEP_ABSENT ? digits(c->value[at]) + 1 : 2;
        if (need > width) width = need;
    }
    return width + GAP;
}

/* The number and, behind it, its mark: ! for an anomaly. `owed`: blanks of the line so far that only what
 * follows makes visible; returns those to come. */
static unsigned put_number(const struct sweep_view *v, size_t series, uint32_t frames, unsigned width, unsigned owed) {
    const struct sweep_cell *c = sweep_view_at(v, series, frames);
    uint64_t value = c ? c->value[sweep_metric_at(v->sweep)] : SWEEP_ABSENT;
    bool mark = c && c->better;
    if (value == SWEEP_ABSENT) printf("%*s", (int)(owed + width) - 1, "-");
    else printf("%*llu%s", (int)(owed + width) - 1, (unsigned long long)value, mark ? "!" : "");
    return !mark;
}

static void put_names(const struct sweep_view *v, size_t first, size_t last, const unsigned *width) {
    for (size_t i = first; i < last; i++) {
        char name[80];
        name_of(v, i, name, sizeof name);
        printf("%*s", (int)(width[i] - (i == first)), name);
    }
    putchar('\n');
}

/* Series first..last-1. */
static void put_block(const struct sweep_view *v, size_t first, size_t last, unsigned frames_width, const unsigned *width) {
    printf("%*s", (int)frames_width, "frames");
    put_names(v, first, last, width);
    for (size_t f = 0; f < v->frames_count; f++) {
        unsigned owed = 0;
        printf("%*u", (int)frames_width, v->frames[f]);
        for (size_t i = first; i < last; i++) owed = put_number(v, i, v->frames[f], width[i], owed);
        putchar('\n');
    }
}

static void put_blocks(const struct sweep_view *v, const unsigned *column, unsigned width) {
    unsigned frames_width = (unsigned)sizeof "frames" - 1;
    if (v->frames_count && digits(v->frames[v->frames_count - 1]) > frames_width) frames_width = digits(v->frames[v->frames_count - 1]);
    for (size_t first = 0, last; first < v->series; first = last) {
        unsigned used = frames_width + column[first];
        for (last = first + 1; last < v->series && used + column[last] <= width; last++) used += column[last];
        putchar('\n');
        put_block(v, first, last, frames_width, column);
    }
    if (v->series) putchar('\n');
}

static void print_table(const struct sweep *s) {
    struct sweep_view v;
    unsigned *column;
    if (!sweep_view_begin(&v, s)) return;
    column = mem_zalloc(v.series, sizeof *column);
    sweep_print_heading(s, "");
    for (size_t i = 0; column && i < v.series; i++) column[i] = column_width(&v, i);
    if (column) put_blocks(&v, column, sweep_width());
    else complain("out of memory");
    sweep_view_notes(&v, sweep_width());
    free(column);
    sweep_view_end(&v);
}

const struct sweep_format sweep_table = {.name = "table", .help = "a line for each number of frames, a column a policy", .print = print_table};
