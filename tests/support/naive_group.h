/* naive_group.h - what a group of steps comes to, by the definition in step.h, word for word and slowly. */
#ifndef VMSCOPE_TESTS_NAIVE_GROUP_H
#define VMSCOPE_TESTS_NAIVE_GROUP_H

#include "vmscope/sim/step.h"

/* Of s[0..n-1], 1 <= n <= STEP_GROUP, all plain accesses. The uses go to use[STEP_GROUP_PAGES]; g->first is left 0. */
void naive_group(const struct step *s, size_t n, unsigned page_shift, struct step_group *g, struct step_use *use);

#endif
