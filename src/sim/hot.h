/* hot.h - the part of a run that is fast: plain hits, for run.c. */
#ifndef VMSCOPE_SIM_HOT_H
#define VMSCOPE_SIM_HOT_H

#include "sim/phase.h"

/* What the straight path looks at again and again. */
struct hot {
    struct kernel *kernel;
    struct tlb *tlb;
    struct tlb *fetch;          /* of a split machine; NULL: not split */
    struct policy *policy;
    const struct future *future;
    unsigned page_shift;
    uint32_t frames;
    proc_t running;
    asid_t asid;
    bool plain;                 /* one policy, A and D in the PTE, no entry that the tables do not know */
    bool repeats;               /* a second reference in a row to one page changes something */
    bool in_groups;             /* hits can be taken a group at a time */
    uint64_t singly;            /* so many steps are to be done one at a time before it is worth asking for groups */
    uint64_t ops[ACCESS_KINDS]; /* accesses by kind so far */
};

struct hot hot_begin(const struct machine *m);
/* Do plain hits from r's first reference on; returns how many. `now`: its number. */
uint64_t hot_run(struct hot *h, const struct step_refs *r, uint64_t now);
/* Are these steps something for hot_run at all? */
bool hot_takes(const struct hot *h, const struct step *like);
/* The same with whole groups of hits, from the source's step `at` on, at most n steps. Sets h->singly. */
uint64_t hot_run_groups(struct hot *h, const struct step_source *source, uint64_t at, uint64_t n, uint64_t now);

static inline uint32_t hot_next_use(const struct hot *h, uint64_t now) {
    return h->future && now < h->future->count ? h->future->next[now] : NEXT_NEVER;
}

#endif
