/* state.h - the machine's whole state, for the files of src/sim only.
 *
 *   machine.c   life, copies, looking           count.c    events into counters
 *   sequence.c  one micro-step                  future.c   OPT's knowledge
 *   run.c       many steps, fast                history.c  time
 *   hot.c       plain hits, of these            watch.c    working sets, load control
 *   miss.c      misses and faults, of these     translate.c TLB and walk
 */
#ifndef VMSCOPE_SIM_STATE_H
#define VMSCOPE_SIM_STATE_H

#include "vmscope/sim/machine.h"
#include "vmscope/sim/pace.h"
#include "vmscope/sim/window.h"
#include "vmscope/sim/workset.h"

/* Next use of every reference, for OPT; immutable and shared by clones. */
struct future {
    uint32_t owners;
    uint64_t count;
    uint32_t next[]; /* reference i: number of the next one to its page, or NEXT_NEVER */
};
struct future *future_ref(struct future *f);
void future_drop(struct future *f);

/* Why the kernel is at work, so that the sequencer knows how to go on. */
enum os_purpose { FOR_NOTHING, FOR_FAULT, FOR_REQUEST, FOR_SWITCH_FIRST, FOR_CLEAR, FOR_RECLAIM, FOR_CONTROL, FOR_RESUME_FIRST, FOR_POLICY_FIRST };

/* What is known of a process's need for memory (watch.c). */
struct watch {
    struct workset set;
    bool held; /* load control suspended it */
};

/* A step of a suspended process. */
struct waiting {
    uint64_t index; /* in the source */
    proc_t proc;
};

/* Steps that runs did in ways of their own: so that tests can see that they did. */
struct shortcuts {
    uint64_t walked, quick, written; /* a walk that found its page, of these the quick ones; a first write */
    uint64_t served, left;    /* faults that the kernel served at once; and of these, those that micro-steps ended */
};

struct machine {
    const struct machine_config *config;
    const struct step_source *source;
    struct hw hw;
    struct kernel *kernel;
    struct future *future;
    enum vs_status status;

    uint64_t steps_done;
    uint64_t cursor;     /* steps of the source that were taken, or wait */
    proc_t intended;     /* who runs as the source has it, while steps are done in another order */
    bool strayed;        /* steps that had waited came between: `intended` does the next one */
    struct waiting *waiting; /* in the order of the source */
    size_t waiting_count, waiting_cap;
    struct watch *watch; /* [watch_count], by process; none where working sets are not kept */
    size_t watch_count;
    bool thrashing;      /* the working sets did not fit when it was last told */
    struct pace pace;    /* faults, resident pages, working sets over time */
    uint64_t references; /* translations finished or given up */
    uint32_t micro;      /* micro-steps of the step under way, or of the last one */
    bool in_step;
    bool started;
    enum machine_phase phase;
    enum os_purpose purpose;
    struct step step;
    struct access_latch access;
    struct translation part[2];
    unsigned parts;
    uint8_t outcome; /* of a step that is no access, or passed over */
    struct counters counters;
    struct event last;
    struct shortcuts shortcuts; /* not state */

    struct window window;
};

/* Give the machine's policy what it may know of its steps from here on: the future if it asks
 * for it (and, for the pages in frames now, their next use), else nothing. */
enum vs_status future_plan(struct machine *m);
/* The step with index i, through the window; NULL: beyond the end or no memory. */
const struct step *machine_fetch_step(struct machine *m, uint64_t i);
/* A step's last micro-step is done. */
void machine_finish_step(struct machine *m);
/* Note what event e means for the counters and the clock. */
void count_event(struct machine *m, const struct event *e);
void count_kinds(bool counted[EV_COUNT]); /* events that mean something for them */
/* The bucket of process p for now; NULL: none is kept. */
static inline struct pace_bucket *machine_pace_bucket(struct machine *m, proc_t p) {
    bool ok;
    struct pace_bucket *b = pace_at(&m->pace, p, m->references, &ok);
    if (!ok) m->status = VS_NOMEM;
    return b;
}
/* Of a translation that met this fault, which is not FAULT_NONE. */
enum outcome machine_fault_outcome(enum fault_class fault);
/* What OPT may know of the reference under way. */
static inline uint32_t machine_next_use(const struct machine *m) {
    return m->future && m->references < m->future->count ? m->future->next[m->references] : NEXT_NEVER;
}
/* An access whose first byte's page is not its last byte's. */
static inline bool step_crosses(const struct step *s, unsigned page_shift) {
    uint64_t in_page = low_bits(page_shift);
    return !(s->flags & STEP_NO_SPLIT) && (s->va & in_page) + s->size > in_page + 1;
}

#endif
