/* clones.h - copies of the machine along its way, to go back to.
 *
 *   milestones  |         |         |         |         |        evenly, over the whole known past
 *   footprints                            |    |  | |||          near the present, denser towards it
 *                                                      ^ now
 *
 * Milestones bound how far any place of the past is from a copy. They are spaced by the work it
 * takes to run between them, and when they take more memory than they may, every second one
 * goes. Where that leaves long ways, footprints bring it about that only the first jump to a
 * place takes its time: steps back from there find a copy close by.
 */
#ifndef VMSCOPE_SIM_CLONES_H
#define VMSCOPE_SIM_CLONES_H

#include "vmscope/sim/machine.h"

/* Work between two copies, in about nanoseconds: a step back shall take no more than some ten milliseconds. */
#define WORK_APART 8000000u

struct milestone {
    struct machine *machine;
    uint64_t bytes; /* that it holds alone, about */
};

#define FOOTPRINTS_MOST  8u
#define FOOTPRINTS_LEAST 3u /* of machines so large that more would take more than a quarter of the memory */

struct clones {
    struct milestone *milestone; /* ascending; the first stands at the very start */
    size_t count, cap, max;
    uint64_t bytes;              /* of all milestones */
    uint64_t apart;              /* work between two of them */
    uint64_t work;               /* done since the newest */
    struct machine *footprint[FOOTPRINTS_MOST]; /* ascending */
    size_t footprints;
    uint64_t budget;             /* bytes that all copies may take, about */
    uint64_t trod;               /* work done since the newest footprint */
};

/* The first milestone is a copy of `start`; at most `max` are kept. False: no memory. */
bool clones_begin(struct clones *c, const struct machine *start, size_t max);
uint64_t clones_bytes(const struct clones *c); /* memory held, about */
void clones_free(struct clones *c);
/* `now`, between steps and farther than time ever was, did that much work since it was last told:
 * keep a copy if one is due. All copies may take `budget` bytes. False: no memory. */
bool clones_follow(struct clones *c, const struct machine *now, uint64_t work, uint64_t budget);
/* The latest copy at or before `step`. */
const struct machine *clones_before(const struct clones *c, uint64_t step);
/* Run `m` on to the start of `step`, leaving footprints. False: no memory. */
bool clones_run_to(struct clones *c, struct machine *m, uint64_t step);
/* Nothing after `step` happened: its copies go. The others follow `source` from there on. */
enum vs_status clones_branch(struct clones *c, uint64_t step, const struct step_source *source);

#endif
