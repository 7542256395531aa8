/* watch.h - working sets, thrashing, load control, and steps that wait; for src/sim. */
#ifndef VMSCOPE_SIM_WATCH_H
#define VMSCOPE_SIM_WATCH_H

#include "sim/phase.h"

/* A completed reference of process p. */
void watch_touch(struct machine *m, proc_t p, vpn_t vpn);
/* A process that ends, or becomes another program, needs none of its old pages any more. */
void watch_note(struct machine *m, proc_t p);
/* Is there anything to tell or to do between this step and the next? Then phase_watch does it. */
bool watch_wanted(const struct machine *m);
phase_action phase_watch;
/* The next step that can be done into m->step. False: none is left, or no memory. */
bool watch_take_step(struct machine *m);
bool watch_copy(struct machine *to, const struct machine *from);
void watch_free(struct machine *m);
bool watch_equal(const struct machine *a, const struct machine *b);

#endif
