/* bench.h - what the rows of the table measure with. */
#ifndef VMSCOPE_BENCH_H
#define VMSCOPE_BENCH_H

#include <math.h>

#include "vmscope/scenario/trace.h"
#include "vmscope/sim/machine.h"

/* A machine with the program whose trace it runs. */
struct workload {
    struct trace *trace;
    struct step_source *once;  /* the trace */
    struct step_source *again; /* the trace, over and over */
    struct step_source *singly; /* the same, without groups */
    struct region_config *regions;
    struct process_config process;
    struct machine_config config; /* any policy; set before use */
};

struct bench {
    const char *program;    /* the vmscope to start; NULL: rows that need it are left out */
    struct workload real;   /* a program's references, repeated */
    struct workload zipf;   /* 100,000 pages in 10,000 frames */
    uint64_t refs;          /* of a run of `real` */
    uint64_t long_refs;     /* of long_path */
    char folder[64];        /* for files, removed at the end */
    char text_path[96];     /* its lackey text, a million lines */
    char long_path[96];     /* ten million */
    char scenario_path[96]; /* of 20 steps */
    char yaml_path[96];     /* of 100,000 */
};

#define UNKNOWN ((double)NAN) /* could not be measured here */

/* Set everything up; `trace` may be NULL (a synthetic program then). False: said on stderr. */
bool bench_open(struct bench *b, const char *program, const char *trace);
void bench_close(struct bench *b);

double now_seconds(void); /* by the clock on the wall */
double cpu_seconds(void); /* that this thread has run: others do not disturb it */
/* Bytes of memory that this process holds. */
double resident_bytes(void);
/* Give back what was freed, so that it is not taken for nothing again. */
void forget_freed(void);
/* References per microsecond (millions a second) of a machine with that policy. */
double machine_rate(struct workload *w, const char *policy, uint64_t refs);
/* The same from a source that knows of no groups: each reference by itself. */
double singly_rate(struct workload *w, const char *policy, uint64_t refs);

/* `base`, `times` over, with its groups or without; borrows it. NULL: no memory. */
struct step_source *source_again(const struct step_source *base, uint64_t times, bool groups);

/* One measurement each, or UNKNOWN. Units are those of the table in bench.c. */
typedef double measure(struct bench *b);
measure lru_rate, fifo_rate, clock_rate, opt_rate, zipf_rate;
measure lru_groups, fifo_groups, clock_groups, opt_groups;
measure lfu_rate, arc_rate, two_q_rate, s3_fifo_rate, sieve_rate;
measure frame_bytes, page_bytes, ref_bytes, yaml_seconds;
measure history_slowdown, history_in_groups, history_memory, history_back, event_share;
measure whole_rate, whole_memory, parse_rate, parse_ratio;
measure hits_sv48, hits_x86, walks_sv39, walks_x86;
measure curve_program, curve_groups, curve_zipf;
measure first_frame, redraw_own, redraw_wall, redraw_bytes;
measure step_own, step_wall, step_bytes, step_own_usual, step_wall_usual, step_bytes_usual;

#endif
