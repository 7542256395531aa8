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

/* ---- references ----
 *
 * Of nearly all steps of a long run only this differs from the step before: a quarter of a step's bytes, and nothing
 * else to look at. */
struct step_ref {
    vaddr_t va;
    uint8_t op; /* enum access_kind */
    uint8_t size;
};

struct step_refs { /* in a row, from some step on */
    const struct step_ref *ref;
    size_t count;
    struct step like; /* each of these steps, but for va, op and size: an access without a name or a value */
};
#define STEP_REFS 256 /* that a buffer holds: it stays in a processor's first cache */

static inline struct step step_of_ref(const struct step_refs *r, size_t i) {
    struct step s = r->like;
    s.va = r->ref[i].va;
    s.op = r->ref[i].op;
    s.size = r->ref[i].size;
    return s;
}

/* ---- groups ----
 *
 * Where a few accesses in a row are all TLB hits, nothing leaves the TLB or memory among them, so that what they
 * leave behind follows from a summary: each page once, in the order of the last uses, and how often it
 * was used. Real programs touch some 6 pages in 64 accesses. A source that can be asked for such groups saves a
 * machine nine tenths of the work. */
#define STEP_GROUP       64 /* steps of one, at most */
#define STEP_GROUP_PAGES 16 /* of one; a group of more pages would save nothing */

struct step_use { /* of one page, in one group */
    vpn_t vpn;
    uint8_t ops;   /* 1 << enum access_kind, of all accesses to it */
    uint8_t times; /* accesses to it */
    uint8_t last;  /* its last one: number within the group, from 0 */
    uint8_t turn;  /* how often the page had changed by then, counted from 1 for the first one */
};

struct step_group {
    uint32_t first; /* its uses are use[first..first + pages - 1], in the order of `last` */
    uint8_t steps;  /* plain accesses, all of them */
    uint8_t pages;  /* 0: too many to tell */
    uint8_t opens;  /* which of its uses has the group's first access */
    uint8_t turns;  /* `turn` at its end */
    uint8_t by_kind[ACCESS_KINDS];
    bool crosses;   /* an access goes beyond the end of its page */
};

struct step_groups { /* in a row, from some step on */
    const struct step_group *group;
    const struct step_use *use;
    size_t count;
    proc_t proc;   /* as in each of the steps */
    uint8_t flags; /* likewise */
};

struct step_source;
struct step_source_ops {
    /* Steps from `at` on: a pointer (into the source or into buf[STEP_SPAN]) and
     * how many (>= 1), or NULL at or beyond the end. Thread-safe: changes nothing. */
    const struct step *(*span)(const struct step_source *s, uint64_t at, struct step *buf, size_t *count);
    void (*free)(struct step_source *s);
    /* May be NULL. One step or more from `at` on as references, at most n, into *out and buf[STEP_REFS];
     * false: not even one. Thread-safe. */
    bool (*refs)(const struct step_source *s, uint64_t at, size_t n, struct step_ref *buf, struct step_refs *out);
    /* May be NULL. Groups, for pages of 1 << page_shift bytes, from step `at` on into *out; returns 0. Or, where none
     * begins there: after how many steps one might (UINT64_MAX: never). Thread-safe as well. */
    uint64_t (*groups)(const struct step_source *s, uint64_t at, unsigned page_shift, struct step_groups *out);
};
struct step_source { /* implementations begin with it */
    const struct step_source_ops *ops;
    uint64_t count; /* of all steps */
};

static inline const struct step *step_span(const struct step_source *s, uint64_t at, struct step *buf, size_t *count) {
    return s->ops->span(s, at, buf, count);
}
static inline bool step_refs(const struct step_source *s, uint64_t at, size_t n, struct step_ref *buf, struct step_refs *out) {
    return s->ops->refs && s->ops->refs(s, at, n, buf, out);
}
static inline uint64_t step_groups(const struct step_source *s, uint64_t at, unsigned page_shift, struct step_groups *out) {
    return s->ops->groups ? s->ops->groups(s, at, page_shift, out) : UINT64_MAX;
}
/* What step_groups found (it returned `wait`), of the n steps alone from where it looked: the same, cut. */
uint64_t step_groups_cut(uint64_t wait, struct step_groups *g, uint64_t n);
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
