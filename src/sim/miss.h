/* miss.h - steps of a run that the TLB alone cannot do, without their micro-steps. */
#ifndef VMSCOPE_SIM_MISS_H
#define VMSCOPE_SIM_MISS_H

#include "sim/phase.h"

#include "hw/quick_walk.h"
#include "hw/tlb_state.h"

enum miss_result {
    MISS_OTHER, /* it is for the micro-steps; nothing was changed */
    MISS_FAULT, /* its walk ends in a fault; nothing was changed */
    MISS_DONE,
    MISS_LEFT,  /* the step is under way, and micro-steps must go on with it */
    MISS_ENDED  /* the step is done, but not as usual: a process may be gone */
};

/* A walk to its end, quick or not. */
struct way {
    struct quick_leaf leaf;
    bool quick;       /* *leaf is all that it found; else: */
    struct walk walk;
};

/* What such steps look at again and again; of one run, and no state of the machine. */
struct misses {
    struct quick_walk quick;
    uint8_t rough;   /* for so many steps more it is not worth looking for a row of hits */
    enum miss_result end;
    uint64_t ops[ACCESS_KINDS], missed; /* accesses by kind, and those not in the TLB, that the caller has not counted yet */
    bool straight;   /* the machine has what they can do */
    bool counted[EV_COUNT]; /* what the kernel does that must be counted */
    struct way way;  /* of the step under way, and why it does not lead to a page */
    enum hw_fault fault;
    uint8_t outcome; /* enum outcome, of the step done last */
};

void misses_begin(struct misses *x, const struct machine *m);
/* Micro-steps have been made: tables may be gone, and another process may run. */
void misses_forget(struct misses *x);
/* The references r[from], r[from + 1]... come next; r[0] was reference `now`, and has its outcome in log[0]. Do them as
 * long as hardware alone can and they are no row of hits. Returns how many were done; x->end tells why no more. They add
 * to x->ops and x->missed, and what misses cost to the counters; the rest of the counting is the caller's. */
uint64_t miss_row(struct machine *m, struct misses *x, const struct step_refs *r, size_t from, uint64_t now, uint8_t *log);
/* Directly after MISS_FAULT for s, but with all counts up to date: the kernel serves the fault, and the step is done, and counted. */
enum miss_result miss_fault(struct machine *m, struct misses *x, const struct step *s);

#endif
