/* trace_input.h - the bytes of a trace, chunk by chunk, unpacked where they are packed. */
#ifndef VMSCOPE_SCENARIO_TRACE_INPUT_H
#define VMSCOPE_SCENARIO_TRACE_INPUT_H

#include "vmscope/base/status.h"
#include <stdint.h>

#define TRACE_CHUNK ((size_t)128 << 10)

struct trace_input;

/* Open `path` ("-": standard input), or `size` bytes at `data` where path is
 * NULL (borrowed until close). Messages name it `name`. */
enum vs_status trace_input_open(const char *path, const void *data, size_t size, const char *name,
                                struct trace_input **out, struct diag *why);
/* Up to `room` bytes of text into buf; *got 0 is the end. */
enum vs_status trace_input_read(struct trace_input *in, char *buf, size_t room, size_t *got,
                                struct diag *why);
void trace_input_close(struct trace_input *in); /* NULL is fine */

/* The first bytes, as they lie in the file, without taking them: `want` or more, fewer only where
 * there are no more. Before the first read alone, and at most TRACE_CHUNK. */
enum vs_status trace_input_peek(struct trace_input *in, size_t want, const char **data, size_t *size,
                                struct diag *why);
bool trace_input_packed(const struct trace_input *in); /* with zstd */
/* How many of the file's bytes were taken, and how many there are (0: that is not known). */
void trace_input_progress(const struct trace_input *in, uint64_t *done, uint64_t *total);

#endif
