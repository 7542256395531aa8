/* meaning.h - from the loaded tree to a scenario: what each part of it means.
 *
 * The files meaning_*.c each read one part. They check what needs more than one
 * value to be seen (does the region fit, is there such a process?), report at
 * the position of the value that is wrong, and go on, so that several errors
 * show per run. */
#ifndef VMSCOPE_SCENARIO_MEANING_H
#define VMSCOPE_SCENARIO_MEANING_H

#include "scenario/arena.h"
#include "scenario/layout.h"
#include "scenario/schema.h"
#include "scenario/source_segments.h"
#include "vmscope/scenario/scenario.h"

/* Memory that lives as long as the scenario; scenario.owned. */
struct owned {
    struct arena arena;
    struct trace **trace; /* in the order of the trace steps */
    size_t trace_count, trace_cap;
};

struct load {
    const char *file;   /* for messages */
    const char *folder; /* where traces are; NULL: none may be named */
    bool built_in;      /* traces are those built into the program */
    const struct scenario_options *options;
    struct diag_list *errors;
    const struct tree_scenario *tree;
    struct scenario *s; /* being filled */
    struct owned *owned;
    enum vs_status status;  /* the first failure */
    struct value frames_at; /* where `frames` stands, for limits */
    size_t traces_used;     /* trace steps met so far */
};

/* Report at v's position; l->status becomes VS_BAD_INPUT. */
void load_error(struct load *l, struct value v, const char *fmt, ...) VS_PRINTF(3, 4);
/* No memory: the load fails with VS_NOMEM. Returns false. */
bool load_nomem(struct load *l);
static inline bool load_ok(const struct load *l) { return l->status == VS_OK; }
/* A copy in the scenario's arena; NULL for NULL. */
char *load_text(struct load *l, const char *raw);

/* Strict values; `otherwise` where the key is absent. Numbers outside least..most are errors. */
uint64_t read_number(struct load *l, const char *raw, const char *name, uint64_t least, uint64_t most,
                     uint64_t otherwise);
/* The same for a size: "4KiB". */
uint64_t read_bytes(struct load *l, const char *raw, const char *name, uint64_t least, uint64_t most, uint64_t otherwise);
uint64_t read_size(struct load *l, const char *raw, uint64_t otherwise);
uint64_t read_duration(struct load *l, const char *raw, uint64_t otherwise);
bool read_bool(const char *raw, bool otherwise);
unsigned read_choice(enum value_rule r, const char *raw, unsigned otherwise);

/* The parts, in the order in which they are read. */
void read_machine(struct load *l);   /* meaning_machine.c */
void open_traces(struct load *l);    /* meaning_trace.c: the files of all trace steps */
void read_paging(struct load *l);    /* meaning_paging.c: needs the traces' addresses */
void settle_tlb(struct load *l);     /* meaning_tlb.c: some formats have none */
void read_processes(struct load *l); /* meaning_process.c */
void read_programs(struct load *l);  /* meaning_process.c: what only exec runs */
void read_kernel(struct load *l, const struct tree_machine *t, struct machine_config *c); /* meaning_kernel.c */
void settle_kernel(struct load *l);  /* meaning_kernel.c: its guard, where nothing is said */
void settle_frames(struct load *l); /* meaning_frames.c: as many as the regions need, where nothing is said */
void read_steps(struct load *l);    /* meaning_steps.c */
void read_tlb_entries(struct load *l);                          /* meaning_tlb.c */
void read_result(struct load *l);                               /* meaning.c: the last `expect` */
void read_meaning(struct load *l);                              /* meaning.c: all of it */
void read_trace_meaning(struct load *l, struct trace *t); /* from_trace.c: a trace alone */

/* The `tlb` mapping of the machine. */
void machine_tlb(struct load *l, const struct tree_tlb *t, struct machine_config *c);
/* A process's `map`: page-table entries at the start, and regions where none holds them; each frame once
 * in all processes. meaning_map.c. */
struct map64;
void process_maps(struct load *l, const struct tree_process *t, struct process_config *p,
                  struct map64 *frames);
/* Add those of `more` (ascending) where process p has no region yet. False: no memory. */
bool add_regions(struct load *l, struct process_config *p, const struct region_config *more, size_t count);
void set_name(char to[NAME_SIZE], const char *name);
/* A frame that the file names; the machine has only so many. */
pfn_t read_pfn(struct load *l, const char *raw);
/* What `tlb_flush` says: everything, an address space, or (an address) one page. */
enum flush_scope flush_scope_of(const char *s);

/* The i-th trace step's trace; NULL: it could not be read. */
struct trace *load_trace(const struct load *l, size_t i);
/* Add regions found in the trace to the program of that number (machine_image), where none is yet: whoever runs it,
 * by fork or exec as well, has them from its start. What is fetched lies behind all that the program's file has already. */
bool add_trace_regions(struct load *l, struct trace *t, size_t image, struct value at);
/* The highest address that trace i touches (rounded up to its page's last byte). */
bool trace_last_page(struct load *l, struct trace *t, unsigned page_shift, vpn_t *last);
/* What each process asks for; the default program where nothing is said. */
void process_wishes(struct load *l, const struct tree_process *p, struct layout_wish wish[VMA_KINDS]);
/* Do the steps need a program's regions, or do they bring their own pages? */
bool steps_need_layout(const struct tree_scenario *t);
/* The process of that name, or PROC_NONE. */
proc_t process_find_name(const struct machine_config *c, const char *name);
/* Any trace in this format: 4 levels of 9 bits. */
void wide_format(struct paging_format *f);

#endif
