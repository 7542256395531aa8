/* command.h - commands of the `:` line, for command.c (the table) and command_calls.c. */
#ifndef VMSCOPE_UI_COMMAND_H
#define VMSCOPE_UI_COMMAND_H

#include "ui/app_state.h"

struct command {
    const char *name, *args, *help;
    /* `rest`: the words after the name. */
    unsigned (*run)(struct app *a, const struct command *c, const char *rest);
    const char *(*candidate)(const struct app *a, size_t i); /* the i-th word that can follow; NULL ends */
};

const struct machine *command_machine(const struct app *a);
unsigned command_usage(struct app *a, const struct command *c); /* says how it is written */
/* Split "A V": the first word into `word`, the rest returned. */
const char *command_word(const char *s, char *word, size_t size);
/* Put the step in and take its first micro-step, so that it is seen to begin. */
unsigned command_insert(struct app *a, const struct step *step);
/* The live process of that name; PROC_NONE: there is none, and it was said. */
proc_t command_process(struct app *a, const char *name);

/* command_calls.c: what the running process asks the kernel for */
unsigned run_call(struct app *a, const struct command *c, const char *rest);
unsigned run_fork(struct app *a, const struct command *c, const char *rest);
unsigned run_exit(struct app *a, const struct command *c, const char *rest);
unsigned run_suspend(struct app *a, const struct command *c, const char *rest); /* and resume */

/* command_machine.c: the same steps on another machine; the screen as text */
unsigned run_frames(struct app *a, const struct command *c, const char *rest);
unsigned run_tlb(struct app *a, const struct command *c, const char *rest);
unsigned run_snapshot(struct app *a, const struct command *c, const char *rest);

#endif
