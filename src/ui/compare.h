/* compare.h - the screen of a comparison: several machines on the same steps, in the tables that
 * books draw (see vmscope/sim/lockstep.h). It has the whole screen, and keys of its own. */
#ifndef VMSCOPE_UI_COMPARE_H
#define VMSCOPE_UI_COMPARE_H

#include "ui/screen.h"
#include "vmscope/sim/lockstep.h"

#define REASON_SIZE 400

struct compare {
    struct lockstep *lanes; /* owned; NULL: no comparison is on */
    uint64_t at;            /* steps done, in all lanes alike */
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
void compare_draw(struct canvas *canvas, struct compare *c, const struct view *v, struct screen_state *st);

#endif
