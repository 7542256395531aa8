/* trace.h - references of real programs: read as a stream, kept packed.
 *
 * A trace file is text in one of several formats (trace_format_table) or a binary
 * of vmscope's own (docs/trace-format.md); any of them plain or compressed with
 * zstd. It is read once, in chunks; what is kept is about two bytes a reference, in
 * blocks of STEP_SPAN that decode on their own, so that any step can be reached, and
 * as much again for an index of them. The text is never held as a whole.
 */
#ifndef VMSCOPE_SCENARIO_TRACE_H
#define VMSCOPE_SCENARIO_TRACE_H

#include "vmscope/base/status.h"
#include "vmscope/os/config.h"
#include "vmscope/sim/step.h"

struct trace; /* packed references; these are immutable once read */

/* ---- formats ---- */

struct trace_reading; /* how it is read: src/scenario/trace_reader.h */
struct trace_format {
    const char *name; /* "lackey" */
    const char *help; /* what it is, a phrase */
    const char *line; /* what a line looks like, for messages */
    const struct trace_reading *how;
};
extern const struct trace_format trace_format_table[]; /* name NULL ends */
const struct trace_format *trace_format_by_name(const char *name); /* NULL: none */
/* Which format do a file's first bytes (unpacked) have? `sure`: no line before the first
 * reference may be strange. NULL: none that could be told. */
const struct trace_format *trace_format_of(const char *data, size_t size, bool sure);

/* ---- reading ---- */

/* Told now and then how far reading is: bytes of the file; total 0: not known. False: stop. */
struct trace_watch {
    bool (*tell)(void *own, uint64_t done, uint64_t total); /* NULL: nobody watches */
    void *own;
};

#define TRACE_BAD_LINES 100 /* a good number for bad_lines: where a person reads what was skipped */

struct trace_options {
    uint64_t limit;                    /* references to read at most; 0: all */
    uint64_t bad_lines;                /* damaged lines skipped before giving up; never more than are good */
    const char *name;                  /* shown in messages */
    const struct trace_format *format; /* NULL: told by content */
    unsigned page_shift;               /* page numbers become addresses in pages of 1 << this; 0: 12 */
    struct diag_list *skipped;         /* gets a message for each damaged line; may be NULL */
    struct trace_watch watch;
};

/* Read `path` ("-": standard input; compression told by content).
 * VS_BAD_INPUT names the line. Lines that are not references (valgrind's
 * "==pid==" chatter) are passed over. VS_IO: cannot be read, or the watcher said stop. */
enum vs_status trace_read_file(const char *path, const struct trace_options *o,
                               struct trace **out, struct diag *why);
/* The same from memory (fuzzing, built-in lessons). */
enum vs_status trace_read_memory(const void *data, size_t size, const struct trace_options *o,
                                 struct trace **out, struct diag *why);
void trace_free(struct trace *t);

/* ---- what is in it ---- */

uint64_t trace_count(const struct trace *t);
uint64_t trace_bytes(const struct trace *t); /* memory held */

/* Find out what the references come to in groups (see step.h), so that a machine with pages of 1 << page_shift bytes
 * is fast. It replaces what was known for pages of another size, so no machine may be running the trace.
 * VS_NOMEM; VS_LIMIT: an impossible page size. */
enum vs_status trace_index(struct trace *t, unsigned page_shift);

struct trace_facts {
    const struct trace_format *format; /* that it was read in */
    bool packed;                       /* zstd around it */
    uint64_t bad_lines;                /* skipped */
    uint64_t refs;
    uint64_t by_kind[ACCESS_KINDS];
    vaddr_t lowest, highest; /* first byte of the lowest, last byte of the highest reference */
    uint64_t pages;          /* distinct, of 1 << page_shift bytes */
    uint64_t packed_bytes;   /* as vmscope's own binary */
};
/* Does trace_index first, and fails as it does. */
enum vs_status trace_facts(struct trace *t, unsigned page_shift, struct trace_facts *out);

/* Decode references at..at+n-1 of one block into buf: as steps with kind, op
 * (M is a write), va, size, line 0. Returns how many (at most to the block's end; 0 at the end). */
size_t trace_steps(const struct trace *t, uint64_t at, struct step *buf, size_t n);

/* A step source over the whole trace: every step gets `flags` (STEP_NO_SPLIT...) and PROC_NONE.
 * Borrows the trace. */
struct step_source *trace_source(const struct trace *t, uint8_t flags);

/* Regions found from addresses and kinds (pages of 1 << page_shift bytes), ascending,
 * named text, data, heap, stack...: pages near each other are one region; fetched from:
 * text (file-backed, r-x; rwx if also written); others anonymous, rw. *out is malloc'ed.
 * Does trace_index first, and fails as it does. */
enum vs_status trace_regions(struct trace *t, unsigned page_shift,
                             struct region_config **out, size_t *count);

/* ---- vmscope's own binary ---- */

struct trace_import {
    uint64_t refs, bad_lines; /* of all files */
    uint64_t bytes;           /* written */
};
/* Read `files` one after the other and write all their references as one binary to `to`
 * ("-": standard output). It is written beside `to` under another name first: `to` is there
 * whole or, if anything goes wrong, as it was. Memory does not grow with the length. */
enum vs_status trace_import(const char *const *files, size_t count, const char *to,
                            const struct trace_options *o, struct trace_import *done, struct diag *why);

#endif
