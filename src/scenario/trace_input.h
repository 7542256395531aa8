/* trace_input.h - the bytes of a trace, chunk by chunk, unpacked where they are packed. */
#ifndef VMSCOPE_SCENARIO_TRACE_INPUT_H
#define VMSCOPE_SCENARIO_TRACE_INPUT_H

#include "vmscope/base/status.h"

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

#endif
