/* operations.h - what a step can do, and which modifiers each operation takes. */
#ifndef VMSCOPE_SCENARIO_OPERATIONS_H
#define VMSCOPE_SCENARIO_OPERATIONS_H

#include "vmscope/base/text.h"

struct operation {
    const char *name;
    const char *takes; /* modifiers, blank-separated */
    const char *needs; /* of these, the one that must be there; NULL: none */
};
extern const struct operation operation_table[]; /* name NULL ends */

const struct operation *operation_by_name(const char *name); /* or NULL */
bool operation_takes(const struct operation *op, const char *modifier);
/* "read, write ... or tlb_flush" */
void operation_list(struct text *t);
/* "size, as, mode, note, ask and expect" */
void operation_takes_list(struct text *t, const struct operation *op);

#endif
