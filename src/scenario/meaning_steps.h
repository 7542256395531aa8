/* meaning_steps.h - what the files that read `steps:` share. */
#ifndef VMSCOPE_SCENARIO_MEANING_STEPS_H
#define VMSCOPE_SCENARIO_MEANING_STEPS_H

#include "scenario/meaning.h"

struct stepper {
    struct load *l;
    struct segments *out;
    proc_t running; /* after the entries read so far */
    struct {
        uint64_t step;
        proc_t running;
    } * start; /* of each entry, and after the last */
    size_t extra_cap;
    size_t ended_cap;
    bool *ended; /* of each process: by `exit`, in the entries read so far */
    size_t ended_count;
};

/* An extra of the step, of which `first` tells whether the note and the question belong to it.
 * Returns its index, 0: it needs none. */
uint32_t add_extra(struct stepper *st, const struct tree_step *t, bool first);
bool add_step(struct stepper *st, const struct step *step, struct value at); /* false: an error was told */
proc_t named_process(struct stepper *st, const char *raw);                   /* PROC_NONE: told */
proc_t step_process(struct stepper *st, const struct tree_step *t);          /* of `as`; PROC_NONE: who runs */

/* meaning_calls.c: requests to the operating system */
void op_fork(struct stepper *st, const struct tree_step *t);
void op_exit(struct stepper *st, const struct tree_step *t);
/* May the entries from..to-1 be done again? False: told, at `at`. */
bool calls_repeatable(struct stepper *st, size_t from, size_t to, struct value at);

#endif
