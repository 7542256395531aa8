/* real.h - what real.c (processes, messages, accesses) and real_calls.c share. */
#ifndef VMSCOPE_TESTS_KERNEL_REAL_H
#define VMSCOPE_TESTS_KERNEL_REAL_H

#include "plan.h"

/* Page faults of this process so far, minor and major. */
uint64_t real_faults(void);
void *real_at(const struct plan *p, vaddr_t va); /* where the real process has that address */
int real_file(unsigned file);                    /* its descriptor */

/* Do call i of the plan in this process, and count its page faults. */
void real_call(const struct plan *p, const struct planned *at, struct told *out);
/* The regions that processes have at the start. False: there is one that this test cannot make. */
bool real_layout(const struct plan *p, const struct process_config *c);
void real_heap_begin(const struct plan *p, const struct process_config *c);

#endif
