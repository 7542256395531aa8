/* compare.h - the screen of a comparison: several machines on the same steps, in the tables that
 * books draw (see vmscope/sim/lockstep.h). It has the whole screen, and keys of its own. */
#ifndef VMSCOPE_UI_COMPARE_H
#define VMSCOPE_UI_COMPARE_H

#include "ui/screen.h"
#include "vmscope/sim/lockstep.h"

#define REASON_SIZE 400

/* What the cursor is on its way to, where it cannot be at once. */
enum compare_goal { GOAL_NONE, GOAL_STEP, GOAL_DIFFERENCE, GOAL_FAULT };

struct compare {
    struct lockstep *lanes; /* owned; NULL: no comparison is on */
    uint64_t at;            /* steps done, in all lanes alike */
    enum compare_goal goal;
    uint64_t target;        /* GOAL_STEP: where to; the others: the first step that was not looked at */
    uint64_t burst;         /* steps that fit into a tick */
    bool found;             /* the last goal was reached */
    struct {
        uint64_t of;        /* step + 1 that the text is about; 0: none */
        char text[REASON_SIZE];
    } reason[LANES_MAX];
};

/* Start one over the machine of `config`, at step `at`. `words` name policies, numbers of frames and TLB shapes
 * ("fifo lru", "3 4", "8x2"): each with each, at most LANES_MAX; none: some policies beside the present one.
 * False with a sentence in `why`. */
bool compare_open(struct compare *c, const struct machine_config *config, const struct step_source *steps, uint64_t at,
                  const char *words, struct text *why);
void compare_close(struct compare *c);
/* Set out for a step, or for the end of the next one that differs or faults; true: the way is over. What a tick
 * cannot do goes on in compare_tick. */
bool compare_go(struct compare *c, uint64_t step);
bool compare_seek(struct compare *c, enum compare_goal goal);
bool compare_tick(struct compare *c);
void compare_say_way(const struct compare *c, struct text *out); /* how far it has come */
void compare_draw(struct canvas *canvas, struct compare *c, const struct view *v, struct screen_state *st);

#endif
