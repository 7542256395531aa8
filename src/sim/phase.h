/* phase.h - the phases of a step, for sequence.c (which runs them), translate.c and miss.c. */
#ifndef VMSCOPE_SIM_PHASE_H
#define VMSCOPE_SIM_PHASE_H

#include "sim/state.h"

/* Does its part of the step, tells one event, and says by m->phase what comes next. */
typedef void phase_action(struct machine *m, struct event *e);

/* An event of that kind about the access under way. */
struct event phase_tell(const struct machine *m, enum event_kind kind);
/* The translation under way. */
struct translation *phase_part(struct machine *m);

/* Has this machine one level of TLB, and hardware that walks? Then phase_translate does in one go what the phases
 * from PH_LOOKUP to PH_MEMORY or PH_TRAP do, and tells nobody; what is latched for the telling alone it leaves out. */
bool phase_walks_straight(const struct machine *m);
void phase_translate(struct machine *m);

/* What every way of doing an access has in common: it is counted, ... */
void phase_count_access(struct machine *m, enum access_kind op);
/* ...a fault of this class has put the page into a frame, ... */
bool phase_fault_loads(enum fault_class fault);
/* ...and a page that was put into a frame is to be as if nobody had touched it. */
bool phase_clears_reference(const struct machine *m);
/* Step s, the next one, was not begun by micro-steps: its access was counted and trapped, and the kernel has served
 * it. Latch what they would have, so that they can go on. */
void phase_after_fault(struct machine *m, const struct step *s);

phase_action phase_look_up, phase_look_up_second, phase_clean_hit, phase_walk, phase_set_bits, phase_fill_second,
    phase_fill, phase_trap;

#endif
