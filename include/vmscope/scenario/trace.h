/* trace.h - references of real programs: read as a stream, kept packed.
 *
 * A trace file is text (Valgrind lackey: "I  addr,size", " L addr,size", " S",
 * " M"), plain or compressed with zstd. It is read once, in chunks; what is kept
 * is about two bytes a reference, in blocks of STEP_SPAN that decode on their
 * own, so that any step can be reached. The text is never held as a whole.
 */
#ifndef VMSCOPE_SCENARIO_TRACE_H
#define VMSCOPE_SCENARIO_TRACE_H

#include "vmscope/base/status.h"
#include "vmscope/os/config.h"
#include "vmscope/sim/step.h"

struct trace; /* packed references; immutable once read */

struct trace_options {
    uint64_t limit;     /* references to read at most; 0: all */
    uint64_t bad_lines; /* damaged lines skipped before giving up */
    const char *name;   /* shown in messages */
};

/* Read `path` ("-": standard input; compression told by content).
 * VS_BAD_INPUT names the line. Lines that are not references (valgrind's
 * "==pid==" chatter) are passed over. */
enum vs_status trace_read_file(const char *path, const struct trace_options *o,
                               struct trace **out, struct diag *why);
/* The same from memory (fuzzing, built-in lessons). */
enum vs_status trace_read_memory(const void *data, size_t size, const struct trace_options *o,
                                 struct trace **out, struct diag *why);
void trace_free(struct trace *t);

uint64_t trace_count(const struct trace *t);
uint64_t trace_bytes(const struct trace *t); /* memory held */

/* Decode references at..at+n-1 of one block into buf: as steps with kind, op
 * (M is a write), va, size, line 0. Returns how many (at most to the block's end; 0 at the end). */
size_t trace_steps(const struct trace *t, uint64_t at, struct step *buf, size_t n);

/* A step source over the whole trace: every step gets `flags` (STEP_NO_SPLIT...) and PROC_NONE.
 * Borrows the trace. */
struct step_source *trace_source(const struct trace *t, uint8_t flags);

/* Regions found from addresses and kinds (pages of 1 << page_shift bytes), ascending,
 * named text, data, heap, stack...: pages near each other are one region; fetched from:
 * text (file-backed, r-x; rwx if also written); others anonymous, rw. *out is malloc'ed. */
enum vs_status trace_regions(const struct trace *t, unsigned page_shift,
                             struct region_config **out, size_t *count);

#endif
