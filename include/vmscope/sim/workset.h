/* workset.h - the working set of a process: the pages of its last references.
 *
 *   ... 2 6 1 5 7 7 7 7 5 1 |        window of 10 references: {1, 2, 5, 6, 7}
 *
 * Denning's measure of how much memory a process needs now. The window is counted in
 * the process's own references (its virtual time), so it stands still while others run.
 * Source: P. Denning, The Working Set Model for Program Behavior, CACM 11(5), 1968.
 */
#ifndef VMSCOPE_SIM_WORKSET_H
#define VMSCOPE_SIM_WORKSET_H

#include "vmscope/base/memory.h"
#include "vmscope/base/types.h"

struct workset {
    uint32_t window;   /* references that it looks back */
    uint32_t time;     /* references so far */
    uint32_t size;     /* distinct pages among the last `window` of them */
    vpn_t *recent;     /* [window]: the page of reference t stands at t mod window */
    struct map64 last; /* page -> number of its last reference, from 1 */
};

bool workset_begin(struct workset *w, uint32_t window); /* false: no memory */
bool workset_copy(struct workset *to, const struct workset *from);
void workset_end(struct workset *w);
bool workset_equal(const struct workset *a, const struct workset *b);
/* One more reference. False: no memory. */
bool workset_touch(struct workset *w, vpn_t vpn);

#endif
