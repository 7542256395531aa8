/* format_summary.c - a run as its counters alone, `name: value` a line. */
#include "cli/run.h"

#include <inttypes.h>
#include <stdio.h>

static void summary_end(struct run *r) {
    const struct counters total = machine_summary(r->machine);
    for (const struct counter_info *i = counter_table; i->name; i++)
        printf("%s: %" PRIu64 "\n", i->name, counter_value(&total, i));
}

const struct run_format run_format_summary = {
    .name = "summary",
    .help = "every counter, a line each",
    .end = summary_end,
};
