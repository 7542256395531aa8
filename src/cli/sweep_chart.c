/* sweep_chart.c - the metric as curves over the numbers of frames, a letter a series.
 *
 *   12 |FL
 *   10 |       F!        where several fall together they stand side by side,
 *    9 | F  L            as far as there is room; + : and more
 *      +------------
 *        3  4
 *
 * The scale is logarithmic where the largest value is a hundred times the smallest. */
#include "cli/cli.h"
#include "vmscope/base/memory.h"

#include <ctype.h>
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS       16u
#define STEP_MAX   7u   /* columns that a number of frames gets at most */
#define SERIES_MAX 200u /* in one chart */
#define LOG_FROM   100u
enum { MARK_NONE = 0, MARK_ANOMALY = 255, MARK_MORE = 254 }; /* else: series + 1 */

struct chart {
    struct sweep_view view;
    unsigned series;       /* drawn */
    char letter[SERIES_MAX];
    uint64_t least, most;  /* values; least above 0 */
    bool logarithmic, utf8, colour;
    unsigned rows, step, columns, label; /* step: columns of a number of frames; label: of the scale */
    size_t points;         /* numbers of frames that are drawn */
    unsigned char *mark;   /* [(rows + 1) * columns] row 0 at the bottom */
};

/* ---- letters ---- */

static bool is_free(const struct chart *c, unsigned n, char letter) {
    return letter && letter != ' ' && !memchr(c->letter, letter, n);
}

/* One of the name's own, capital for the first; else any. */
static char letter_for(const struct chart *c, unsigned n, const char *name) {
    static const char any[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (is_free(c, n, (char)toupper((unsigned char)name[0]))) return (char)toupper((unsigned char)name[0]);
    for (const char *s = name; *s; s++)
        if (isalnum((unsigned char)*s) && is_free(c, n, (char)toupper((unsigned char)*s))) return (char)toupper((unsigned char)*s);
    for (const char *s = any; *s; s++)
        if (is_free(c, n, *s)) return *s;
    return '?';
}

static void give_letters(struct chart *c) {
    for (unsigned i = 0; i < c->series; i++) {
        char name[80];
        struct text t = text_in(name, sizeof name);
        sweep_view_name(&c->view, i, &t);
        c->letter[i] = letter_for(c, i, name);
    }
}

/* ---- scales ---- */

static uint64_t value_of(const struct chart *c, const struct sweep_cell *cell) {
    return cell && cell->done ? cell->value[sweep_metric_at(c->view.sweep)] : SWEEP_ABSENT;
}

static void find_extent(struct chart *c) {
    c->least = UINT64_MAX;
    for (size_t i = 0; i < c->view.first[c->series]; i++) {
        uint64_t v = value_of(c, &c->view.sweep->cell[i]);
        if (v == SWEEP_ABSENT) continue;
        if (v > c->most) c->most = v;
        if (v && v < c->least) c->least = v;
    }
    c->logarithmic = c->most / LOG_FROM >= c->least;
    c->rows = c->most < ROWS && c->most > 0 ? (unsigned)c->most : ROWS;
}

static unsigned row_of(const struct chart *c, uint64_t v) {
    if (c->most == 0 || v == 0) return 0;
    double part = (double)v / (double)c->most;
    if (c->logarithmic) part = log((double)v / (double)c->least) / log((double)c->most / (double)c->least);
    return (unsigned)(part * c->rows + 0.5);
}

static uint64_t value_at(const struct chart *c, unsigned row) {
    double part = (double)row / c->rows;
    if (c->logarithmic) return (uint64_t)((double)c->least * pow((double)c->most / (double)c->least, part) + 0.5);
    return (uint64_t)(part * (double)c->most + 0.5);
}

/* Frames of the i-th point: all of them, or as many, evenly, as there is room for. */
static uint32_t frames_of(const struct chart *c, size_t i) {
    size_t n = c->view.frames_count;
    return c->view.frames[c->points < n ? i * (n - 1) / (c->points - 1) : i];
}

static unsigned digits(uint64_t n) { return n < 10 ? 1 : 1 + digits(n / 10); }

static void lay_out(struct chart *c) {
    unsigned width = sweep_width(), room;
    size_t n = c->view.frames_count;
    c->label = digits(c->most) + 1;
    unsigned beside = c->label + 2 + (unsigned)sizeof " frames" + (n ? digits(c->view.frames[n - 1]) : 0);
    room = width > beside + 10 ? width - beside : 10;
    c->step = n && room / n ? (unsigned)(room / n) : 1;
    if (c->step > STEP_MAX) c->step = STEP_MAX;
    c->points = n < room ? n : room;
    c->columns = (unsigned)c->points * c->step;
}

/* ---- drawing ---- */

/* One more series at this point: beside those that are there. The last column of a point stays empty. */
static void put_mark(struct chart *c, unsigned row, unsigned column, unsigned char mark) {
    unsigned char *at = c->mark + (size_t)row * c->columns + column;
    unsigned room = c->step > 2 ? c->step - 1 : c->step, n = 0;
    while (n < room && at[n]) n++;
    if (n < room) at[n] = mark;
    else if (room > 1) at[room - 1] = MARK_MORE;
}

static void draw(struct chart *c) {
    for (size_t p = 0; p < c->points; p++)
        for (unsigned i = 0; i < c->series; i++) {
            const struct sweep_cell *cell = sweep_view_at(&c->view, i, frames_of(c, p));
            uint64_t v = value_of(c, cell);
            if (v == SWEEP_ABSENT) continue;
            put_mark(c, row_of(c, v), (unsigned)p * c->step, (unsigned char)(i + 1));
            if (c->step > 1 && cell->better) put_mark(c, row_of(c, v), (unsigned)p * c->step, MARK_ANOMALY);
        }
}

static void put_letter(const struct chart *c, unsigned char mark) {
    if (mark == MARK_NONE || mark == MARK_MORE) {
        putchar(mark ? '+' : ' ');
        return;
    }
    char letter = mark == MARK_ANOMALY ? '!' : c->letter[mark - 1];
    if (c->colour) printf("\033[%sm%c\033[m", mark == MARK_ANOMALY ? "1;31" : (const char *[]){"32", "33", "34", "35", "36", "31"}[(mark - 1) % 6], letter);
    else putchar(letter);
}

static void put_row(const struct chart *c, unsigned row) {
    const unsigned char *at = c->mark + (size_t)row * c->columns;
    unsigned end = c->columns;
    bool told = c->rows < ROWS || row % 4 == 0;
    if (told) printf("%*llu", (int)c->label, (unsigned long long)value_at(c, row));
    else printf("%*s", (int)c->label, "");
    fputs(c->utf8 ? " │" : " |", stdout);
    while (end > 0 && !at[end - 1]) end--;
    for (unsigned i = 0; i < end; i++) put_letter(c, at[i]);
    putchar('\n');
}

static void put_axis(const struct chart *c) {
    unsigned at = 0;
    printf("%*s%s", (int)c->label, "", c->utf8 ? " └" : " +");
    for (unsigned i = 0; i < c->columns; i++) fputs(c->utf8 ? "─" : "-", stdout);
    printf("\n%*s  ", (int)c->label, "");
    for (size_t p = 0; p < c->points; p++) {
        unsigned column = (unsigned)p * c->step;
        if (column < at) continue;
        printf("%*s", (int)(column - at), "");
        at = column + (unsigned)printf("%u", frames_of(c, p)) + 1;
        putchar(' ');
    }
    puts("frames");
}

/* Which letter is which, as many on a line as fit. */
static void put_legend(const struct chart *c) {
    unsigned at = 0, width = sweep_width();
    for (unsigned i = 0; i < c->series; i++) {
        char name[80];
        struct text t = text_in(name, sizeof name);
        sweep_view_name(&c->view, i, &t);
        if (at > 0 && at + 4 + strlen(name) > width) at = 0, putchar('\n');
        if (at > 0) at += (unsigned)printf("  ");
        put_letter(c, (unsigned char)(i + 1));
        at += 1 + (unsigned)printf(" %s", name);
    }
    if (at) putchar('\n');
    if (c->view.series > c->series) printf("(and %zu more: choose fewer, or --format=table)\n", c->view.series - c->series);
}

static bool colour_wanted(void) {
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && (!no || !no[0]) && term && strcmp(term, "dumb") != 0;
}

static void print_chart(const struct sweep *s) {
    struct chart c = {.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0, .colour = colour_wanted()};
    if (!sweep_view_begin(&c.view, s)) return;
    c.series = c.view.series < SERIES_MAX ? (unsigned)c.view.series : SERIES_MAX;
    give_letters(&c);
    find_extent(&c);
    lay_out(&c);
    c.mark = mem_zalloc((size_t)(c.rows + 1) * c.columns, 1);
    if (!c.mark) complain("out of memory");
    else draw(&c);
    sweep_print_heading(s, c.logarithmic ? " (logarithmic)" : "");
    for (unsigned row = c.rows + 1; c.mark && row-- > 0;) put_row(&c, row);
    put_axis(&c);
    put_legend(&c);
    sweep_view_notes(&c.view, sweep_width());
    free(c.mark);
    sweep_view_end(&c.view);
}

const struct sweep_format sweep_chart = {.name = "chart", .help = "curves over the numbers of frames, a letter a policy", .print = print_chart};
