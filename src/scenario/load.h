/* load.h - the pipeline's inside, for the lessons that are built in. */
#ifndef VMSCOPE_SCENARIO_LOAD_H
#define VMSCOPE_SCENARIO_LOAD_H

#include "vmscope/scenario/scenario.h"

/* What a scenario is loaded from. */
struct load_source {
    const char *data;
    size_t size;
    const char *file;   /* for messages */
    const char *folder; /* traces are here; NULL: none may be named */
    bool built_in;      /* traces are those of lesson_file_table */
};

enum vs_status load_scenario(const struct load_source *source, const struct scenario_options *o,
                             struct scenario **out, struct diag_list *errors);

#define TRACE_PAGE_SHIFT 12 /* of the machine on which a trace alone is run */

/* Does it begin like a trace (zstd's magic number, or lines of a known format)? */
bool looks_like_trace(const char *data, size_t size);

#endif
