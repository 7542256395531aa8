/* outcomes.h - how each step of the known past came out, and sums over any part of it.
 *
 *   steps  0        256      512      768
 *   block  | . . . .| m . T .| . . . .|      four bits a step; a block of nothing but hits, as
 *   sums   0        0        1 fault  1      most are in a real program, is not stored at all
 *                            1 miss
 *
 * A block knows what all steps before it add up to, so that a sum over any part of the past
 * looks at two blocks, however long the part is.
 */
#ifndef VMSCOPE_SIM_OUTCOMES_H
#define VMSCOPE_SIM_OUTCOMES_H

#include "vmscope/sim/history.h"

#define OUTCOME_BLOCK 256u
#define OUTCOME_BLOCK_BYTES (OUTCOME_BLOCK / 2)

struct outcome_block {
    uint32_t stored; /* which of the stored ones it is, from 1; 0: all hits */
    struct outcome_sums before; /* of all steps before the block */
};

struct outcomes {
    size_t known;                          /* steps 0..known-1 */
    struct outcome_sums sums;              /* of all of them */
    struct outcome_block *block;           /* of the known steps; further ones are zero */
    size_t block_cap;
    uint8_t (*stored)[OUTCOME_BLOCK_BYTES]; /* two outcomes a byte, the even step's in the low half; in the order of steps */
    size_t stored_count, stored_cap;
};

void outcomes_free(struct outcomes *o);
/* Room for that many more steps, whatever comes of them. False: no memory. */
bool outcomes_reserve(struct outcomes *o, size_t more);
/* The next n steps came out as log[0..n-1] says; room for them is reserved. Returns the work
 * that they were, in about nanoseconds. */
uint64_t outcomes_learn(struct outcomes *o, const uint8_t *log, size_t n);
/* Only the first `known` steps, no more than there are, are known from now on. */
void outcomes_forget(struct outcomes *o, size_t known);

enum outcome outcomes_at(const struct outcomes *o, uint64_t step); /* OUT_UNKNOWN beyond the known ones */
/* Of the steps before `step`, of those known. */
struct outcome_sums outcomes_before(const struct outcomes *o, uint64_t step);
/* The first faulting step from `step` on, or the last one before it; false: none is known. */
bool outcomes_next_fault(const struct outcomes *o, uint64_t step, uint64_t *at);
bool outcomes_fault_before(const struct outcomes *o, uint64_t step, uint64_t *at);
uint64_t outcomes_bytes(const struct outcomes *o); /* memory held */

#endif
