/* meaning_steps.h - what the files that read `steps:` share. */
#ifndef VMSCOPE_SCENARIO_MEANING_STEPS_H
#define VMSCOPE_SCENARIO_MEANING_STEPS_H

#include "scenario/meaning.h"

struct stepped {
    bool ended, suspended;
    uint16_t image; /* the program that it runs: machine_image */
};

struct stepper {
    struct load *l;
    struct segments *out;
    proc_t running; /* after the entries read so far */
    struct {
        uint64_t step;
        proc_t running;
    } * start; /* of each entry, and after the last */
    size_t extra_cap;
    struct stepped *known; /* [known_count]: each process, after the entries read so far */
    size_t known_count, known_cap;
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
bool op_call(struct stepper *st, const struct tree_step *t); /* false: the step is no call */
void op_suspend(struct stepper *st, const struct tree_step *t); /* or resume */
size_t stepper_image(struct stepper *st, proc_t p); /* what p runs, after the entries read so far */
/* May the entries from..to-1 be done again? False: told, at `at`. */
bool calls_repeatable(struct stepper *st, size_t from, size_t to, struct value at);

#endif
