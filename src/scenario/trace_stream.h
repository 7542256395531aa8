/* trace_stream.h - a trace that is not kept: its file is read anew by each who goes over it. */
#ifndef VMSCOPE_SCENARIO_TRACE_STREAM_H
#define VMSCOPE_SCENARIO_TRACE_STREAM_H

#include "scenario/trace_pack.h"
#include "vmscope/base/memory.h"

struct trace_stream;

/* Open `path`, a plain file of text, packed or not, and go over it once: how many references, which pages.
 * *out is a trace for trace_count, trace_regions (of this page size alone) and one trace_source at a time,
 * which goes forward fast and back slowly, and is for one thread. *out NULL, VS_OK: no such file; it is to be
 * read as others are. */
enum vs_status trace_open_stream(const char *path, const struct trace_options *o, unsigned page_shift,
                                 struct trace **out, struct diag *why);

void trace_stream_free(struct trace_stream *x); /* may be NULL */
/* A copy of its pages, by number: enum use. VS_LIMIT: it has pages of another size. */
enum vs_status trace_stream_pages(const struct trace_stream *x, unsigned page_shift, struct map64 *out);
struct step_source *trace_stream_source(struct trace_stream *x, uint64_t count, uint8_t flags);
/* Why references could not be had any more; NULL: they could, or memory is out. */
const struct diag *trace_stream_trouble(const struct trace_stream *x);

#endif
