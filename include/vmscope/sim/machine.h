/* machine.h - the sequencer: hardware and operating system, one micro-step at a time.
 *
 *            +--------------------------------------------------+
 *   step --> | ACCESS > TLB look-up > hit -----------> memory   | --> done
 *            |                |                          ^      |
 *            |              miss > walk L1 > L0 > A/D > fill    |     hw
 *            |                          | fault                 |
 *            |  - - - - - - - - - - - TRAP - - - - - - - - - -  |
 *            |      again <-- PTE <-- fill <-- frame <-- region |     os
 *            +--------------------------------------------------+
 *
 * The machine can rest between any two micro-steps: its phase and what it has
 * latched are state like any other. machine_micro_step, machine_step and
 * machine_run leave exactly the same state.
 */
#ifndef VMSCOPE_SIM_MACHINE_H
#define VMSCOPE_SIM_MACHINE_H

#include "vmscope/os/kernel.h"
#include "vmscope/sim/counters.h"
#include "vmscope/sim/pace.h"
#include "vmscope/sim/step.h"

struct machine; /* one handle; any number live in one process */

enum machine_phase { /* what the next micro-step does */
    PH_NEXT,       /* take the next step */
    PH_ISSUE,      /* start its access, once the right process runs */
    PH_LOOKUP,     /* TLB */
    PH_LOOKUP2,    /* second-level TLB */
    PH_CLEAN,      /* hit for a first write: D must be set */
    PH_WALK,       /* read one level */
    PH_BITS,       /* set A and D in the PTE */
    PH_FILL2,      /* second-level TLB entry */
    PH_FILL,       /* TLB entry */
    PH_MEMORY,     /* the access itself */
    PH_TRAP,
    PH_OS,         /* the kernel's micro-steps */
    PH_BEGIN,      /* the step's process was resumed: now the step itself */
    PH_WATCH,      /* thrashing, load control */
    PH_SECOND,     /* the second page of a crossing access */
    PH_PHASES
};

/* How a translation (or step) came out; the timeline's letters. */
#define OUTCOMES(X) \
    X(UNKNOWN, ' ', "not reached yet") \
    X(HIT, '.', "TLB hit (or no TLB): no fault") \
    X(TLB_MISS, 'T', "TLB miss, page in memory") \
    X(MINOR, 'm', "minor fault") \
    X(MAJOR, 'M', "major fault") \
    X(COW, 'C', "copy-on-write") \
    X(INVALID, '!', "invalid access") \
    X(OTHER, 's', "switch or another request")
#define X(id, letter, what) OUT_##id,
enum outcome { OUTCOMES(X) OUT_COUNT };
#undef X
/* A page fault, or an access that was refused. */
static inline bool outcome_is_fault(enum outcome o) { return o >= OUT_MINOR && o <= OUT_INVALID; }
extern const char outcome_letter[OUT_COUNT];
extern const char *const outcome_text[OUT_COUNT];

enum tlb_outcome { TLB_OUT_NONE, TLB_OUT_HIT, TLB_OUT_MISS };

/* One translation's result: a row of the CSV. */
struct translation {
    vaddr_t va;
    paddr_t pa;        /* valid when frame or done */
    bool done;         /* reached memory */
    uint8_t op;        /* enum access_kind */
    uint8_t tlb;       /* enum tlb_outcome */
    uint8_t fault;     /* enum fault_class */
    bool evicted, victim_dirty;
    frame_t frame;     /* FRAME_NONE: not a user frame, or not reached */
    proc_t proc;
    proc_t victim_proc;
    vpn_t victim_vpn;
    uint64_t value;    /* read or written */
    bool has_value;
};

/* The access under way, as latched. */
struct access_latch {
    vaddr_t va;        /* of the part being translated */
    vpn_t vpn;
    uint64_t value;
    uint16_t set, way; /* of the TLB; way TLB_NO_WAY: none yet */
    uint8_t unit;      /* enum tlb_unit that set and way are of */
    uint8_t op, size;  /* size of this part */
    bool kernel_mode;  /* the kernel's own access */
    bool from_second;  /* the second-level TLB had it: the first level is to be filled */
    struct tlb_entry entry; /* the translation found, as a TLB holds it */
    bool has_value, automap;
    bool retry;        /* restarted after a fault */
    bool dirty_walk;   /* walking once more to set D */
    bool loaded;       /* the OS put this page into a frame during this translation */
    uint8_t part;      /* 0, or 1 for the second page of a crossing access */
    uint8_t perms;     /* of the translation found */
    pfn_t pfn;
    struct walk walk;
};

/* Build a machine at rest before its first step. config and source are
 * borrowed and must outlive it and its clones. */
enum vs_status machine_create(const struct machine_config *config, const struct step_source *source,
                              struct machine **out, struct diag *why);
struct machine *machine_clone(const struct machine *m); /* NULL: no memory */
void machine_free(struct machine *m);
/* About how many bytes m holds that `from`, an earlier copy of it, does not share with it; NULL: all. */
uint64_t machine_bytes_since(const struct machine *m, const struct machine *from);

/* One micro-step; *e (may be NULL) tells it. False: no step is left, or VS_NOMEM (machine_status). */
bool machine_micro_step(struct machine *m, struct event *e);
/* To the end of the step under way, or the whole next one. False: none is left. */
bool machine_step(struct machine *m);
/* Finish the step under way, then up to n whole steps, fast. With `log`, one
 * enum outcome a finished step is written to log[0..]. Returns the steps finished. */
uint64_t machine_run(struct machine *m, uint64_t n, uint8_t *log);

enum vs_status machine_status(const struct machine *m); /* VS_OK, or why it stopped */

/* The same steps before machine_steps_done, other ones after (a branch). The
 * machine must rest between steps. Rebuilds OPT's future. */
enum vs_status machine_set_source(struct machine *m, const struct step_source *source);

/* ---- where it stands ---- */
uint64_t machine_steps_done(const struct machine *m);   /* whole steps */
uint32_t machine_micro(const struct machine *m);        /* micro-steps done in the step under way or, between steps, in the last one */
bool machine_between_steps(const struct machine *m);
/* Index of the step under way or, between steps, the last one done; UINT64_MAX before the first micro-step. */
uint64_t machine_step_index(const struct machine *m);
bool machine_step_now(const struct machine *m, struct step *out); /* that step; false before the first */
enum machine_phase machine_phase(const struct machine *m);
const struct event *machine_last_event(const struct machine *m);  /* kind EV_NONE at the start */

/* ---- what it is; for panes, narration and tests ---- */
const struct machine_config *machine_config(const struct machine *m);
const struct step_source *machine_source(const struct machine *m);
const struct hw *machine_hw(const struct machine *m);
const struct kernel *machine_kernel(const struct machine *m);
const struct counters *machine_counters(const struct machine *m);
/* The same with what is measured rather than counted (bytes of page tables) filled in, as it is now. */
struct counters machine_summary(const struct machine *m);
const struct access_latch *machine_access(const struct machine *m);
/* Translations of the step under way or last done: count 0, 1 or 2. */
const struct translation *machine_translations(const struct machine *m, unsigned *count);
enum outcome machine_outcome(const struct machine *m); /* of that step so far */
bool machine_equal(const struct machine *a, const struct machine *b); /* every bit of state */
uint32_t machine_working_set(const struct machine *m, proc_t p); /* pages; 0 where working sets are not kept */
const struct pace *machine_pace(const struct machine *m); /* how the processes fared over time */
uint64_t machine_demand(const struct machine *m); /* the working sets of all that run, together */
uint64_t machine_cursor(const struct machine *m); /* steps of the source that were taken or put off */
uint64_t machine_references(const struct machine *m); /* completed or abandoned translations: policies' clock */

#endif
