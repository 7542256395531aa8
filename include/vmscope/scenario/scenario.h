/* scenario.h - a lesson that checks itself: from YAML to a machine and its steps.
 *
 *   bytes -> lint (libyaml events against the schema tables) -> libcyaml -> meaning -> steps
 *
 * Everything that the file says ends here in plain data: a machine_config, a
 * step source, extras (notes, questions, expectations) and what must come out.
 */
#ifndef VMSCOPE_SCENARIO_SCENARIO_H
#define VMSCOPE_SCENARIO_SCENARIO_H

#include "vmscope/os/config.h"
#include "vmscope/scenario/trace.h"
#include "vmscope/sim/machine.h"
#include "vmscope/sim/narrate.h"

#define SCENARIO_BYTES_MAX (16u << 20)

/* What a step must come out as; members are checked where their flag is set. */
enum expect_flag { EXPECT_HIT = 1, EXPECT_TLB_MISS = 2, EXPECT_FAULT = 4, EXPECT_FRAME = 8, EXPECT_VICTIM = 16, EXPECT_PA = 32, EXPECT_VALUE = 64 };
struct step_expect {
    unsigned flags;
    enum fault_class fault;
    frame_t frame;
    vpn_t victim;
    paddr_t pa;
    uint64_t value; /* read or written; little-endian over both parts of a crossing access */
    unsigned line, col;
};

struct question {
    const char *text, *answer;
    const char *const *choices; /* NULL ends; may be NULL */
};

/* What hangs on a step besides what the machine does; index = step.extra, 0 unused. */
struct step_extra {
    const char *note;           /* or NULL */
    struct question ask;        /* text NULL: none */
    struct step_expect expect;  /* flags 0: none */
};

struct counter_expect { /* a line of the last `expect` */
    const struct counter_info *counter;
    uint64_t min, max;
    unsigned line, col;
};

struct scenario {
    char *file; /* as named by the user, for messages */
    char *title, *summary, *about, *level, *source; /* NULL where absent */
    char **topics;
    size_t topic_count;
    enum terminology terminology;
    struct machine_config config;
    struct step_source *steps;
    struct step_extra *extra;
    size_t extra_count;
    struct counter_expect *expect;
    size_t expect_count;
    vpn_t *expect_frames;       /* page that each frame must hold at the end; UINT64_MAX: free */
    size_t expect_frames_count;
    unsigned expect_frames_line, expect_frames_col;
    uint64_t entries;           /* entries of `steps:` in the file */
    size_t call_cap;            /* of config.calls */
    void *owned;                /* the loader's memory (arena, traces) */
};

struct scenario_options {
    bool any_path;       /* traces may lie outside the scenario's folder */
    const char *policy;  /* override, or NULL */
    uint32_t frames;     /* override, or 0 */
    /* Of trace files opened directly: */
    bool no_split;       /* the first byte's page only */
    bool once;           /* they will be run once, from begin to end, by one machine: they need not be kept */
    const struct trace_format *trace_format; /* the file is a trace, of this format; NULL: told by content */
    uint64_t bad_lines;        /* damaged lines that are skipped before giving up */
    struct diag_list *skipped; /* gets a message for each damaged line that was skipped; may be NULL */
    /* Of all traces: */
    struct trace_watch watch;
};

/* Load a scenario file; "-" is standard input. A trace file (told by content) becomes a scenario
 * with a default machine and its regions. All errors found go to `errors`. */
enum vs_status scenario_load_file(const char *path, const struct scenario_options *o,
                                  struct scenario **out, struct diag_list *errors);
/* From memory; `file` names it in messages and its folder holds traces (NULL folder: none allowed). */
enum vs_status scenario_load_memory(const void *data, size_t size, const char *file, const char *folder,
                                    const struct scenario_options *o, struct scenario **out,
                                    struct diag_list *errors);
void scenario_free(struct scenario *s);
/* Why a trace that is not kept could not be read again, if that ended the steps early; else NULL. */
const struct diag *scenario_trouble(const struct scenario *s);

/* The number that a process of this name has or, if it is new, gets: it can be forked from then on,
 * as a copy of one that runs `image`. PROC_NONE with *why (a phrase): not possible. For the `:` line. */
proc_t scenario_fork_number(struct scenario *s, const char *name, size_t image, const char **why);

/* A machine at its start. */
enum vs_status scenario_machine(const struct scenario *s, struct machine **out, struct diag *why);

const struct step_extra *scenario_extra(const struct scenario *s, const struct step *step); /* NULL: none */
/* Does the step that `m` has just finished meet its expectation? False: *d says line, expected, got. */
bool scenario_check_step(const struct scenario *s, const struct machine *m, struct diag *d);
/* Do the final counts and frames hold? Failures are added to `errors`; true when all hold. Or only the counts (how
 * many do not?), or only the frames. */
bool scenario_check_end(const struct scenario *s, const struct machine *m, struct diag_list *errors);
size_t scenario_check_counters(const struct scenario *s, const struct machine *m, struct diag_list *errors);
bool scenario_check_frames(const struct scenario *s, const struct machine *m, struct diag_list *errors);

/* A place in memory, as a program knows it. */
struct address {
    vaddr_t va;    /* with a name: counted from where that mapping begins, modulo 2^64 */
    uint16_t name; /* of a mapping, in config.names from 1; 0: none */
};
/* An address such as "heap+0x10", "stack-8", "page(5)+0x10", "0x1000" in the regions of a program
 * (machine_image), or "buf+8" in a mapping of that name. False with *why (a phrase) when it cannot
 * be read. For the `:` line too. */
bool address_parse(const char *s, const struct machine_config *c, size_t image, struct address *out, char *why, size_t why_size);

/* The paging format and control bits of `c` as the value of a scenario's `paging:`, on one line of
 * at most SCENARIO_PAGING_SIZE characters. */
#define SCENARIO_PAGING_SIZE 600
void scenario_paging_text(struct text *t, const struct machine_config *c);

/* ---- lessons built into the program ---- */
struct lesson {
    const char *name;     /* file name without .yaml: "01-first-touch" */
    const char *yaml;
    size_t size;
};
extern const struct lesson lesson_table[]; /* name NULL ends; in the order of the menu */
const struct lesson *lesson_by_name(const char *name); /* also without its number, or "NN" alone */
enum vs_status lesson_load(const struct lesson *l, const struct scenario_options *o,
                           struct scenario **out, struct diag_list *errors);

#endif
