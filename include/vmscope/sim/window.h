/* window.h - the steps that were fetched from a source last: a trace unpacks many at a time.
 *
 * A machine has one of its own (it is not state), and so has whoever else looks at steps. */
#ifndef VMSCOPE_SIM_WINDOW_H
#define VMSCOPE_SIM_WINDOW_H

#include "vmscope/sim/step.h"

struct window { /* all 0 to begin with: nothing was fetched */
    struct step *step_buffer;    /* [STEP_SPAN] */
    struct step_ref *ref_buffer; /* [STEP_REFS] */
    const struct step *span;
    uint64_t span_at;
    size_t span_count;
    struct step_refs refs;
    uint64_t refs_at;
    bool refs_of_span; /* that is where they are from */
    struct step one;   /* a reference as a step */
};

/* Take its memory now rather than when it is needed; false: there is none. */
bool window_begin(struct window *w);
/* The step with index i, until the next call; NULL: beyond the end or no memory. */
const struct step *window_step(struct window *w, const struct step_source *source, uint64_t i);
/* Steps from index i on as references into *out, at most n, until the next call. False: the first is none, beyond the
 * end, or no memory. Of out->like, line, note and expectation are not to be trusted. */
bool window_refs(struct window *w, const struct step_source *source, uint64_t i, uint64_t n, struct step_refs *out);
void window_forget(struct window *w); /* the source is another one now */
void window_free(struct window *w);

#endif
