/* bench.c - one table of how fast it is, next to how fast it should be.
 *
 *   bench [--rounds=N] [--only=B7] PROGRAM [TRACE]
 *
 * PROGRAM is the vmscope to start ("-": none). TRACE, lackey text or .zst, is
 * repeated; without one a synthetic program is made. Each figure is the median
 * of at least five rounds, and all rows take turns in each round, so that
 * a machine that gets busier or slower meets them alike. It never fails: what
 * is short of its goal says so.
 */
#include "bench.h"

#include "vmscope/base/text.h"
#include <ctype.h>

#define ROUNDS_MAX 99

enum better { HIGHER, LOWER };

struct row {
    const char *id, *what, *reach, *unit;
    double goal;
    enum better better;
    measure *run;
};

/* clang-format off */
static const struct row rows[] = {
    {"B1",  "whole machine, LRU",                "3 x 90 [a]",    "Mref/s", 270,   HIGHER, lru_rate},
    {"B1",  "the same, in groups of hits [h]",   "5 x 90 [a]",    "Mref/s", 450,   HIGHER, lru_groups},
    {"B2",  "whole machine, FIFO",               "3 x 96 [a]",    "Mref/s", 288,   HIGHER, fifo_rate},
    {"B2",  "the same, in groups of hits [h]",   "5 x 96 [a]",    "Mref/s", 480,   HIGHER, fifo_groups},
    {"B2",  "whole machine, CLOCK",              "3 x 96 [a]",    "Mref/s", 288,   HIGHER, clock_rate},
    {"B2",  "the same, in groups of hits [h]",   "5 x 96 [a]",    "Mref/s", 480,   HIGHER, clock_groups},
    {"B3",  "whole machine, OPT",                "3 x 50 [a]",    "Mref/s", 150,   HIGHER, opt_rate},
    {"B3",  "the same, in groups of hits [h]",   "3 x 50 [a]",    "Mref/s", 150,   HIGHER, opt_groups},
    {"B4",  "zipf, 100,000 pages, 10,000 frames","1.5 x 34 [a]",  "Mref/s", 51,    HIGHER, zipf_rate},
    {"W1",  "hits, Sv48, LRU",                   "B1 [f]",        "Mref/s", 200,   HIGHER, hits_sv48},
    {"W1",  "hits, x86-64, LRU",                 "B1 [f]",        "Mref/s", 200,   HIGHER, hits_x86},
    {"W2",  "a walk each, Sv39",                 "2.7 [f]",       "Mref/s", 2.7,   HIGHER, walks_sv39},
    {"W2",  "a walk each, x86-64",               "2.7 [f]",       "Mref/s", 2.7,   HIGHER, walks_x86},
    {"B5",  "lackey file to counts, process",    "15 x 5 [b]",    "Mref/s", 75,    HIGHER, whole_rate},
    {"B5",  "the same, memory",                  "16",            "MiB",    16,    LOWER,  whole_memory},
    {"B6",  "LFU, in groups of hits [h]",        "10 x 11 [a]",   "Mref/s", 110,   HIGHER, lfu_rate},
    {"B6",  "ARC likewise",                      "2 x 85 [a]",    "Mref/s", 170,   HIGHER, arc_rate},
    {"B6",  "TWO_Q likewise",                    "2 x 91 [a]",    "Mref/s", 182,   HIGHER, two_q_rate},
    {"B6",  "S3_FIFO likewise",                  "2 x 72 [a]",    "Mref/s", 144,   HIGHER, s3_fifo_rate},
    {"B6",  "SIEVE likewise",                    "2 x 100 [a]",   "Mref/s", 200,   HIGHER, sieve_rate},
    {"B7",  "lackey text, read and packed",      "100",           "Mref/s", 100,   HIGHER, parse_rate},
    {"B7",  "against fgets and sscanf",          "12 [c]",        "times",  12,    HIGHER, parse_ratio},
    {"B8",  "LRU for all sizes, against one run",  "1.3",         "times",  1.3,   LOWER,  curve_program},
    {"B8",  "the same, against one in groups",     "1.3",         "times",  1.3,   LOWER,  curve_groups},
    {"B8",  "the same, zipf",                    "1.3",           "times",  1.3,   LOWER,  curve_zipf},
    {"B9",  "history on, slower by",             "3",             "%",      3,     LOWER,  history_slowdown},
    {"B9",  "the same, in groups",               "3",             "%",      3,     LOWER,  history_in_groups},
    {"B9",  "history, memory",                   "1",             "B/ref",  1,     LOWER,  history_memory},
    {"B9",  "slowest step back of 30",           "20",            "ms",     20,    LOWER,  history_back},
    {"B10", "events made for nobody",            "5 [d]",         "%",      5,     LOWER,  event_share},
    {"B11", "memory of a frame, LRU",            "32",            "bytes",  32,    LOWER,  frame_bytes},
    {"B11", "and of a page, with its tables",    "9",             "bytes",  9,     LOWER,  page_bytes},
    {"B11", "a trace in memory, with its index", "8",             "B/ref",  8,     LOWER,  ref_bytes},
    {"B12", "start to first frame, 200x50",      "10",            "ms",     10,    LOWER,  first_frame},
    {"B13", "a micro-step, 80x24, own time [g]", "100",           "us",     100,   LOWER,  step_own_usual},
    {"B13", "the same, key to last byte [e]",    "100",           "us",     100,   LOWER,  step_wall_usual},
    {"B13", "the same, bytes",                   "400",           "bytes",  400,   LOWER,  step_bytes_usual},
    {"B13", "a micro-step, 200x50, own time [g]","100",           "us",     100,   LOWER,  step_own},
    {"B13", "the same, key to last byte [e]",    "100",           "us",     100,   LOWER,  step_wall},
    {"B13", "the same, bytes",                   "400",           "bytes",  400,   LOWER,  step_bytes},
    {"B13", "all of 200x50, own time [g]",       "2000",          "us",     2000,  LOWER,  redraw_own},
    {"B13", "the same, key to last byte [e]",    "2000",          "us",     2000,  LOWER,  redraw_wall},
    {"B13", "the same, bytes",                   "20000",         "bytes",  20000, LOWER,  redraw_bytes},
    {"B14", "100,000 steps of YAML, loaded",     "0.3",           "s",      0.3,   LOWER,  yaml_seconds},
};
/* clang-format on */
#define ROWS (sizeof rows / sizeof *rows)

static const char *const notes[] = {
    "",
    "Rates are of processor time, B5, B12 and B13 of time on the wall.",
    "[a] The factor of BENCH.md times the upper end of its bracket: libCacheSim's figure, which models",
    "    neither TLB nor page table, on another machine of 2 cores. It was not measured here.",
    "[b] Likewise: a text cache simulator.",
    "[c] Measured here, in the same round.",
    "[d] A bound: how many events the run makes though nobody listens, times what filling one takes.",
    "[e] Median of 60 micro-steps (9 redraws) through a pseudo-terminal: the clock on the wall, with two",
    "    changes of process, the kernel's ways and the waking of a processor that has slept.",
    "[f] What a table of four levels without any checks of a real processor reached before, less 10 %.",
    "[g] Likewise: processor time of the program alone, from the key until it waits again, the system's",
    "    work for its reads and writes included.",
    "[h] As a trace is run (sim/step.h): what 64 references come to was found when it was read. The rows",
    "    above: one by one.",
};

/* What could not be measured comes last. */
static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

static const char *verdict(const struct row *r, double value) {
    return (r->better == HIGHER ? value >= r->goal : value <= r->goal) ? "reached" : "short";
}

static void print_row(const struct row *r, double *sample, unsigned rounds) {
    qsort(sample, rounds, sizeof *sample, by_value);
    double median = sample[rounds / 2];
    if (isnan(median)) {
        printf("%-4s %-36s %13s %10s %-6s  %s\n", r->id, r->what, r->reach, "-", r->unit, "not measured");
        return;
    }
    printf("%-4s %-36s %13s %10.*f %-6s  %-8s %.3g..%.3g\n", r->id, r->what, r->reach,
           median < 10     ? 2
           : median < 1000 ? 1
                           : 0,
           median, r->unit, verdict(r, median), sample[0], sample[rounds - 1]);
}

static bool wanted(const struct row *r, const char *only) { return !only || strcmp(r->id, only) == 0; }

static void run_rounds(struct bench *b, double sample[ROWS][ROUNDS_MAX], unsigned rounds, const char *only) {
    for (unsigned round = 0; round < rounds; round++) {
        fprintf(stderr, "round %u of %u\n", round + 1, rounds);
        for (size_t i = 0; i < ROWS; i++)
            if (wanted(&rows[i], only)) sample[i][round] = rows[i].run(b);
    }
}

static void print_table(double sample[ROWS][ROUNDS_MAX], unsigned rounds, const char *only) {
    printf("%-4s %-36s %13s %10s %-6s  %-8s %s\n", "id", "what", "reach", "measured", "", "verdict",
           "lowest..highest");
    for (size_t i = 0; i < ROWS; i++)
        if (wanted(&rows[i], only)) print_row(&rows[i], sample[i], rounds);
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) puts(notes[i]);
}

int main(int argc, char **argv) {
    static double sample[ROWS][ROUNDS_MAX];
    struct bench b;
    unsigned rounds = 5;
    const char *only = NULL;
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        if (strncmp(argv[at], "--rounds=", 9) == 0)
            rounds = (unsigned)strtoul(argv[at] + 9, NULL, 10);
        else if (strncmp(argv[at], "--only=", 7) == 0)
            only = argv[at] + 7;
        else
            at = argc;
    }
    if (at >= argc || rounds < 1 || rounds > ROUNDS_MAX) {
        fputs("usage: bench [--rounds=1..99] [--only=ID] PROGRAM|- [TRACE]\n", stderr);
        return 2;
    }
    bool ready =
        bench_open(&b, strcmp(argv[at], "-") == 0 ? NULL : argv[at], at + 1 < argc ? argv[at + 1] : NULL);
    if (ready) {
        run_rounds(&b, sample, rounds, only);
        printf("%llu references a run, median of %u interleaved rounds, one thread\n\n",
               (unsigned long long)b.refs, rounds);
        print_table(sample, rounds, only);
    }
    bench_close(&b);
    return ready ? 0 : 1;
}
