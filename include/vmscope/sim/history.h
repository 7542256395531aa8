/* history.h - time: every state of the past, exactly, at micro-step grain.
 *
 * History keeps clones of the machine and goes back by cloning the nearest one and
 * running forward. Clones are spaced by the work it takes to run between them; a
 * budget bounds their memory, and when it is used up every second one goes. What is
 * kept, with the outcomes of all steps, takes 64 MiB or, in long histories, a byte a step.
 *
 * A position is (whole steps done, micro-steps done in the step after them).
 */
#ifndef VMSCOPE_SIM_HISTORY_H
#define VMSCOPE_SIM_HISTORY_H

#include "vmscope/sim/machine.h"

struct history;
struct position {
    uint64_t step;  /* whole steps done */
    uint32_t micro; /* micro-steps done in step number `step`; 0: between steps */
};

/* Owns `m` from here (also on failure: NULL, no memory). max_clones: 0 for the default. */
struct history *history_create(struct machine *m, size_t max_clones);
void history_free(struct history *h);

const struct machine *history_machine(const struct history *h); /* the present; valid until the next move */
struct position history_position(const struct history *h);
uint64_t history_step_count(const struct history *h); /* of the source */

/* Moves; false when there was nowhere to go (or no memory: history_status). */
bool history_micro_forward(struct history *h);
bool history_micro_back(struct history *h);
bool history_step_forward(struct history *h); /* to the end of the step under way, or of the next */
bool history_step_back(struct history *h);    /* to the start of the step under way, or of the last */
bool history_goto(struct history *h, struct position to); /* micro beyond the step's end: its end */
/* Up to n whole steps forward. Returns how many were done. */
uint64_t history_run(struct history *h, uint64_t n);
/* As near before the start of `step` as can be without running: the rest of the way can be gone in
 * pieces (history_run). False: no memory. */
bool history_approach(struct history *h, uint64_t step);
/* To the end of the next / previous step whose outcome is a fault or invalid.
 * A search gives up after `limit` steps (0: none), having moved there. */
bool history_next_fault(struct history *h, uint64_t limit);
bool history_previous_fault(struct history *h);

/* All events of the step under way (or of the last one, between steps): *total of
 * them, of which *done have happened; those ahead are found by running a clone.
 * Valid until the next move. */
const struct event *history_events(struct history *h, size_t *done, size_t *total);

/* Outcome of step i; OUT_UNKNOWN where time has not yet been. */
enum outcome history_outcome(const struct history *h, uint64_t step);
uint64_t history_known_steps(const struct history *h); /* outcomes known: 0..n-1 */
/* Sums over steps a..b-1, of those known. Takes the same time for any part. */
struct outcome_sums {
    uint64_t faults;     /* steps that faulted, the invalid ones among them */
    uint64_t tlb_misses; /* others, whose page was not in the TLB */
};
struct outcome_sums history_sums(const struct history *h, uint64_t a, uint64_t b);
/* The first faulting step from `step` on, or the last one before it, as far as outcomes are known. */
bool history_fault_from(const struct history *h, uint64_t step, uint64_t *at);
bool history_fault_before(const struct history *h, uint64_t step, uint64_t *at);

/* From the present step on, follow `source` (equal before it): what was known of
 * the future is forgotten here. Borrowed. The machine must rest between steps. */
enum vs_status history_branch(struct history *h, const struct step_source *source);

enum vs_status history_status(const struct history *h);
size_t history_clones(const struct history *h);
uint64_t history_bytes(const struct history *h); /* memory that the past takes, about */

#endif
