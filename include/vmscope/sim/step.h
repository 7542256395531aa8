/* step.h - what the machine is asked to do, in order: compact and random-access.
 *
 * A step source is immutable and shared by all clones of a machine. It hands
 * out spans of steps; a long trace decodes a block into the caller's buffer.
 */
#ifndef VMSCOPE_SIM_STEP_H
#define VMSCOPE_SIM_STEP_H

#include "vmscope/base/types.h"

enum step_kind { STEP_ACCESS, STEP_SWITCH, STEP_SET_POLICY, STEP_TLB_FLUSH, STEP_FORK, STEP_EXIT, STEP_CALL, STEP_SUSPEND, STEP_RESUME, STEP_KINDS };

enum step_flag {
    STEP_HAS_VALUE = 1, /* a write stores `value` */
    STEP_NO_SPLIT = 2,  /* only the first byte's page is touched */
    STEP_AUTOMAP = 4,   /* a page outside every region is mapped on the spot */
    STEP_KERNEL = 8     /* the kernel makes the access, not the user program */
};

struct step {
    vaddr_t va;      /* with `name`: counted from where that mapping begins */
    uint64_t value;  /* ACCESS: to write; SET_POLICY: index into policy_table;
                        TLB_FLUSH: enum flush_scope (see os/kernel.h); FORK: number of the child;
                        CALL: index into the configuration's calls */
    uint32_t line;   /* of the scenario or trace, 0: none */
    uint32_t extra;  /* note, question and expectation: index into the scenario's extras; 0: none */
    proc_t proc;     /* ACCESS: who (a switch comes first if another runs); PROC_NONE: who runs.
                        SWITCH: to whom; FORK, EXIT, CALL: who calls; SUSPEND, RESUME: whom; TLB_FLUSH: whose entries, PROC_NONE: who runs */
    uint8_t kind;    /* enum step_kind */
    uint8_t op;      /* enum access_kind */
    uint8_t size;    /* 1..255 bytes; 1, 2, 4, 8 carry values */
    uint8_t flags;   /* enum step_flag */
    uint16_t name;   /* va is relative to the process's mapping of this name (config->names, from 1); 0: it is not */
};

#define STEP_SPAN 4096 /* steps that a span buffer holds */

struct step_source;
struct step_source_ops {
    /* Steps from `at` on: a pointer (into the source or into buf[STEP_SPAN]) and
     * how many (>= 1), or NULL at or beyond the end. Thread-safe: changes nothing. */
    const struct step *(*span)(const struct step_source *s, uint64_t at, struct step *buf, size_t *count);
    void (*free)(struct step_source *s);
};
struct step_source { /* implementations begin with it */
    const struct step_source_ops *ops;
    uint64_t count; /* of all steps */
};

static inline const struct step *step_span(const struct step_source *s, uint64_t at, struct step *buf, size_t *count) {
    return s->ops->span(s, at, buf, count);
}
static inline void step_source_free(struct step_source *s) {
    if (s) s->ops->free(s);
}

/* Over an array (copied). NULL: no memory. */
struct step_source *step_source_array(const struct step *steps, size_t count);

/* `base` with `added` put in before step `at`: a branch of history. Borrows base,
 * which must outlive it; copies added. NULL: no memory. */
struct step_source *step_source_branch(const struct step_source *base, uint64_t at,
                                       const struct step *added, size_t count);

#endif
