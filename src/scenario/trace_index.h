/* trace_index.h - what is known of a trace's groups of STEP_GROUP references, and where each begins.
 *
 * For one size of page. A machine runs a group of hits by it at once (sim/hot.c), and decodes, where it must,
 * from the group's begin on. It takes 2.3 bytes a reference of a real program at the most.
 */
#ifndef VMSCOPE_SCENARIO_TRACE_INDEX_H
#define VMSCOPE_SCENARIO_TRACE_INDEX_H

#include "scenario/trace_pack.h"

#define TRACE_GROUPS (STEP_SPAN / STEP_GROUP)

struct trace_index { /* of one block */
    struct trace_mark mark[TRACE_GROUPS];
    struct step_group group[TRACE_GROUPS];
    struct step_use use[];
};

/* What n references, 1..STEP_GROUP of them, come to, but for out->first; returns how many uses went to
 * use[STEP_GROUP_PAGES]. */
uint32_t trace_sum_up(const struct step_ref *ref, size_t n, unsigned shift, struct step_use *use,
                      struct step_group *out);

void trace_index_free(struct trace *t);
/* As step_groups, but for the steps' process and flags. */
uint64_t trace_groups(const struct trace *t, uint64_t at, unsigned page_shift, struct step_groups *out);

#endif
