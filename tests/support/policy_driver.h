/* policy_driver.h - a reference string over a policy, with no machine around it.
 *
 * The driver plays the kernel on paper: a row of frames, a page number in each,
 * an R and a D bit beside it. The lowest free frame is filled first; a new page takes
 * its victim's frame. It is a plain struct, small enough to copy.
 */
#ifndef VMSCOPE_TESTS_POLICY_DRIVER_H
#define VMSCOPE_TESTS_POLICY_DRIVER_H

#include "vmscope/base/rng.h"
#include "vmscope/policy/policy.h"

#define DRIVER_FRAMES_MAX 32
#define DRIVER_NO_PAGE UINT32_MAX

struct policy_driver {
    const struct policy_ops *ops;
    const uint32_t *refs; /* borrowed */
    const bool *writes;   /* borrowed: which of them write; NULL: none */
    size_t count;
    uint32_t frames;
    bool load_referenced;
    uint32_t tick;        /* references from one clock tick to the next */
    struct policy *policy;
    bool wanting;         /* the page of the reference under way needs a frame */
    size_t now; /* references done */
    uint64_t faults, passes, ticks;
    uint64_t moves;                   /* from list to list */
    uint64_t leavers;                 /* pages that left by themselves */
    uint64_t writes_ahead;            /* dirty pages that were written and stayed */
    const char *told;                 /* by the policy, last */
    uint32_t victim;                  /* of the last reference, or DRIVER_NO_PAGE */
    uint32_t page[DRIVER_FRAMES_MAX]; /* per frame, or DRIVER_NO_PAGE */
    bool r[DRIVER_FRAMES_MAX], d[DRIVER_FRAMES_MAX];
    bool pinned[DRIVER_FRAMES_MAX];
};

/* At the start of refs, all frames free, pages loaded with R=1. `more` may say tick, bits and tau; NULL: 8 each. */
void policy_driver_begin(struct policy_driver *d, const struct policy_ops *ops, uint32_t frames,
                         const uint32_t *refs, size_t count, const struct policy_config *more);
void policy_driver_start(struct policy_driver *d, const struct policy_ops *ops, uint32_t frames,
                         const uint32_t *refs, size_t count);
void policy_driver_copy(struct policy_driver *to, const struct policy_driver *from);
void policy_driver_end(struct policy_driver *d);

/* Do the next reference: true when it was a fault. */
bool policy_driver_step(struct policy_driver *d);
/* Do the rest; returns the faults so far. */
uint64_t policy_driver_run(struct policy_driver *d);
/* All of it in one call: the faults of a whole string. */
uint64_t policy_driver_faults(const struct policy_ops *ops, uint32_t frames, const uint32_t *refs,
                              size_t count);

frame_t policy_driver_frame_of(const struct policy_driver *d, uint32_t page); /* or FRAME_NONE */
/* Ask the policy until it has decided. */
enum policy_verdict policy_driver_pick(struct policy_driver *d, frame_t *out);
/* The clock ticks that are due before the reference under way. */
void policy_driver_tick(struct policy_driver *d);
/* The page in f goes, as when its process unmaps it. */
void policy_driver_release(struct policy_driver *d, frame_t f);

/* A string as books write it, "1 2 3w 1": a w says that the page is written to. Returns how many. */
size_t policy_driver_parse(const char *text, uint32_t *refs, bool *writes);

/* A string with the habits of programs: half of it comes back to the last few pages. */
void policy_driver_random_string(struct rng *rng, uint32_t pages, uint32_t *refs, size_t count);

#endif
