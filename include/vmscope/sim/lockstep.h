/* lockstep.h - several machines on the same steps, side by side: what would another policy,
 * another number of frames or another TLB have done?
 *
 *            step  0  1  2  3  4 ...
 *   lane 0   FIFO  M  M  M  .  M          each lane is a whole machine with a history of its
 *   lane 1   LRU   M  M  .  .  M          own; a column is one step in all lanes
 *                        ^ the first difference
 */
#ifndef VMSCOPE_SIM_LOCKSTEP_H
#define VMSCOPE_SIM_LOCKSTEP_H

#include "vmscope/base/text.h"
#include "vmscope/sim/history.h"

#define LANES_MAX 4u
#define LANE_FRAMES_MAX 64u /* of a lane with more, the frames' pages are not kept */

/* What is different in a lane; 0 and NULL: as in the machine compared. */
struct lane_config {
    const struct policy_ops *policy;
    uint32_t frames;
    struct tlb_config tlb; /* where own_tlb */
    bool own_tlb;
};

struct lane_page {
    proc_t proc; /* PROC_NONE: the frame is free, or no user page's */
    vpn_t vpn;
};

/* One step in one lane. */
struct lane_cell {
    enum outcome outcome;
    bool faulted;  /* a page fault, an access that was refused, or one of a process that has ended */
    bool evicted;
    bool out_of_memory; /* so far: a process ended */
    struct lane_page touched;           /* the page of its (last) access; PROC_NONE: the step has none */
    struct lane_page victim;            /* the last one of the step */
    frame_t frame;                      /* where its page is; FRAME_NONE: nowhere */
    struct lane_page page[LANE_FRAMES_MAX]; /* of each frame, after the step */
    uint64_t page_faults, evictions, tlb_misses; /* so far, this step included */
};

struct lockstep;
/* config and source are borrowed. VS_LIMIT with *why: one of the machines is not possible. */
enum vs_status lockstep_create(const struct machine_config *config, const struct step_source *source,
                               const struct lane_config *lanes, unsigned count, struct lockstep **out, struct diag *why);
void lockstep_free(struct lockstep *l);

unsigned lockstep_lanes(const struct lockstep *l);
uint64_t lockstep_count(const struct lockstep *l); /* steps */
const struct machine_config *lockstep_config(const struct lockstep *l, unsigned lane);
/* "FIFO, 3 frames", "LRU, 8 frames, TLB 4x2": in what the lane differs from others. */
void lockstep_name(const struct lockstep *l, unsigned lane, struct text *out);

/* "3f", or "A3f" where there are several processes: as tables of pages name one. */
void lockstep_say_page(const struct lockstep *l, struct lane_page page, struct text *out);
/* What step i refers to: its page (with the process once `past`: it is known then who ran), "-" for a step
 * that is no access, "*" for an access by a name. */
void lockstep_say_reference(struct lockstep *l, uint64_t step, bool past, struct text *out);
/* "read 0x1000": the step in words; false: beyond the end. */
bool lockstep_say_step(struct lockstep *l, uint64_t step, struct text *out);
/* The cell of a step; NULL: beyond the end, or no memory. Valid until the next call for the same lane. */
const struct lane_cell *lockstep_cell(struct lockstep *l, unsigned lane, uint64_t step);
/* Why that step's victim, in the words of the narration; false: it has none. */
bool lockstep_reason(struct lockstep *l, unsigned lane, uint64_t step, struct text *out);
/* How many steps all lanes have done already; and do so many. False: they cannot. What is asked of a step beyond
 * does the steps before it first, however many they are. */
uint64_t lockstep_known(const struct lockstep *l);
bool lockstep_learn(struct lockstep *l, uint64_t until);
/* The first step of from..until-1 in which some lanes fault and others don't; UINT64_MAX: none. */
uint64_t lockstep_next_difference(struct lockstep *l, uint64_t from, uint64_t until);
/* The last one before `before`. */
uint64_t lockstep_previous_difference(struct lockstep *l, uint64_t before);
/* Likewise: a step in which any lane faults. */
uint64_t lockstep_next_fault(struct lockstep *l, uint64_t from, uint64_t until);
uint64_t lockstep_previous_fault(struct lockstep *l, uint64_t before);
/* Belady's anomaly up to and with `step`: two lanes alike but for their frames, the one with more
 * of them has more page faults, by no chance (and with less memory no process ended: it would have referred to less). */
bool lockstep_anomaly(struct lockstep *l, uint64_t step, unsigned *fewer, unsigned *more);

#endif
