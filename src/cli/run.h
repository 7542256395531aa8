/* run.h - running a scenario to its end, and the formats that tell of it.
 *
 * A format says at which grain it listens by the functions that it has: at
 * micro-steps, at steps, or only at the end; the machine then runs as fast as
 * that grain allows. Expectations are checked on the way in every format.
 */
#ifndef VMSCOPE_CLI_RUN_H
#define VMSCOPE_CLI_RUN_H

#include "cli/cli.h"

struct run {
    const struct cli *cli;
    const struct scenario *scenario;
    struct machine *machine;
    enum terminology terminology;
    struct step *span;        /* scratch for step_span */
    uint64_t end;             /* the run stops before this step */
    bool checking;            /* expectations count: the machine is the one that the file describes */
    uint64_t checked;         /* expectations looked at */
    uint64_t failed;
    struct diag_list failures;
};

struct run_format {
    const char *name, *help;
    void (*begin)(struct run *r);                       /* may be NULL, as all of these */
    void (*micro)(struct run *r, const struct event *e); /* after each micro-step */
    void (*step)(struct run *r);                        /* after each step */
    void (*end)(struct run *r);
    bool can_show_frames; /* --frames-after */
};

#define RUN_FORMATS 4
extern const struct run_format *const run_format_table[RUN_FORMATS + 1]; /* the first is the default */
extern const struct run_format run_format_text, run_format_jsonl, run_format_csv, run_format_summary;

/* Build the machine. EXIT_GOOD, or a status after its messages; run_free in any case. */
int run_begin(struct run *r, const struct cli *c, const struct scenario *s);
/* Run to the end (or --limit, or Ctrl-C) and check. format NULL: silent. Failures are
 * kept, not told. EXIT_GOOD, EXIT_EXPECTATION or EXIT_INPUT (out of memory, told). */
int run_all(struct run *r, const struct run_format *format);
void run_free(struct run *r);

/* ---- for formats ---- */

/* Whose page is in frame f, of sharers the first; NULL: nobody's (it is free, or holds a page table, or a
 * page that only the page cache or the swap cache knows). */
const struct rmap *frame_holder(const struct machine *m, frame_t f);
/* Are there several processes, at the start or by fork, so that a page must say whose it is? */
bool run_has_several(const struct machine *m);

#endif
