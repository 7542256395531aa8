/* policy.h - page replacement policies as plug-ins.
 *
 * A policy is a table of functions over its own state. The kernel tells it of
 * loads, references and frees, and asks it for a victim when no frame is free.
 * Adding one is one file and one line in policy_table (src/policy/policy.c).
 *
 * Calls: on_load when a page is put into a frame (not itself a reference);
 * on_access once for every completed reference to a page in a frame, the
 * loading one included; on_free when the frame loses its page. pick may be
 * called again and again for one victim: a policy whose hand moves returns
 * POLICY_PASS for each frame it passes by changing something, so that each
 * move is a micro-step that can be seen. on_tick comes before the references
 * numbered tick, 2 * tick...
 */
#ifndef VMSCOPE_POLICY_POLICY_H
#define VMSCOPE_POLICY_POLICY_H

#include "vmscope/base/status.h"
#include "vmscope/base/types.h"

/* Which page it is, whatever frame it is in: no two pages have the same. */
struct page_id {
    uint64_t page;  /* its VPN, or its number in a file that processes share */
    uint32_t space; /* the process; or PAGE_OF_FILE + the file */
};
#define PAGE_OF_FILE 0x10000u
static inline bool page_same(struct page_id a, struct page_id b) { return a.page == b.page && a.space == b.space; }

#define POLICY_K_MAX 8

struct policy_config {
    const char *name;       /* "lru"; a name of policy_table */
    bool load_referenced;   /* a new page starts with R=1 (CLOCK...) */
    uint32_t tick;          /* references from one clock tick to the next; 0: the clock stands */
    uint32_t bits, tau;
    uint32_t k;             /* of LRU-K, at most POLICY_K_MAX; 0: 2 */
    uint64_t seed;
    uint32_t frames;        /* of the machine */
    uint32_t share;         /* of these, those that the policy may fill (scope local); 0: all */
};

/* What a policy may ask and do while it picks. */
struct policy_env {
    void *os;
    bool (*may_evict)(void *os, frame_t f);        /* in use, not pinned, of the right process, has somewhere to go */
    bool (*referenced)(void *os, frame_t f);       /* R of the page's PTE */
    void (*clear_referenced)(void *os, frame_t f); /* and drop its TLB entry */
    bool (*dirty)(void *os, frame_t f);
    uint64_t now;                                  /* number of the reference, from 0 */
    const struct page_id *wanted; /* where asks_wanted: the page that a frame is needed for; NULL: none in particular */
    const char **told; /* what the policy did, in a constant sentence for the narration */
};

enum policy_verdict {
    POLICY_VICTIM, /* *out is to leave */
    POLICY_PASS,   /* *out was passed over (its R cleared); call again */
    POLICY_MOVE,   /* *out went to another place in the policy's order, as told; call again */
    POLICY_WRITE,  /* *out is dirty: write it to disk, so that it is clean; call again */
    POLICY_NONE    /* nothing can be evicted */
};

/* What a pane draws. The caller gives rank[frames]; a policy fills what it has. */
struct policy_picture {
    frame_t hand;          /* FRAME_NONE: no hand */
    const char *rank_name; /* "queue", "age", "count", "next use"; NULL: no ranks */
    uint64_t *rank;        /* per frame; meaningless where the frame is free */
    uint8_t rank_digits;   /* ranks are read bit by bit, so many of them; 0: as a number */
    uint8_t *list;         /* per frame, given by the caller or NULL: index into list_name */
    const char *const *list_name; /* of a policy with several lists: "T1"...; NULL: there is one order */
    char note[40];         /* whatever else there is: a target, how many ghosts */
};

struct policy; /* each file's own state begins with struct policy_base */

struct policy_ops {
    const char *name;   /* in scenarios: "lru" */
    const char *title;  /* on the screen: "LRU" */
    const char *rule;   /* one sentence: who is the victim, e.g. "It was not used for the longest time." */
    const char *source; /* book or paper */
    struct policy *(*create)(const struct policy_config *c); /* NULL: no memory */
    struct policy *(*clone)(const struct policy *p);         /* NULL: no memory */
    void (*free)(struct policy *p);
    void (*on_load)(struct policy *p, frame_t f, struct page_id page, uint64_t now);
    /* NULL when hits leave no trace. next_use: number of the reference that comes to this
     * page next, or NEXT_NEVER; only given when needs_future. */
    void (*on_access)(struct policy *p, frame_t f, uint64_t now, uint32_t next_use);
    /* What `times` calls of on_access come to, the last one as given, where between them only pages were used that stay.
     * Pages of one while are told in the order of their last uses. NULL: they must be told one by one, in their own order. */
    void (*on_uses)(struct policy *p, frame_t f, uint32_t times, uint64_t now, uint32_t next_use);
    /* evicted: the page that left, which may come back; NULL: it is gone (unmapped, its process ended). */
    void (*on_free)(struct policy *p, frame_t f, const struct page_id *evicted);
    /* A page that is not in memory is gone: its ghost too. NULL: the policy keeps none. */
    void (*on_forget)(struct policy *p, struct page_id page);
    /* A clock tick, told in env->told; returns in how many frames R was 1. NULL: the clock means nothing to it. */
    uint32_t (*on_tick)(struct policy *p, const struct policy_env *env);
    /* A page that leaves though its frame is not asked for: VICTIM, or PASS as pick does; NONE: no more. Asked before
     * each reference (then it must not change the policy), or at each fault that needs a frame. NULL: none ever does. */
    enum policy_verdict (*leave)(struct policy *p, const struct policy_env *env, frame_t *out);
    bool leaves_at_faults;
    uint64_t (*leaves_next)(const struct policy *p); /* not at faults: no page leaves before this reference */
    enum policy_verdict (*pick)(struct policy *p, const struct policy_env *env, frame_t *out);
    void (*describe)(const struct policy *p, struct policy_picture *out);
    bool (*equal)(const struct policy *a, const struct policy *b); /* same state, for tests */
    bool needs_future;   /* OPT */
    bool asks_wanted;    /* pick looks at env->wanted */
    bool counts_repeats; /* on_access twice in a row for one frame is not as once */
    bool uses_reference_bit; /* the pane shows R */
    bool loads_unreferenced; /* a new page starts with R=0, whatever load_referenced says */
};

struct policy_base {
    const struct policy_ops *ops;
};
static inline const struct policy_ops *policy_ops(const struct policy *p) {
    return ((const struct policy_base *)(const void *)p)->ops;
}

extern const struct policy_ops *const policy_table[]; /* NULL ends */
/* Names compare without regard to case; '-' and '_' are equal. NULL: none. */
const struct policy_ops *policy_by_name(const char *name);
/* The policy with that index of policy_table, or NULL. */
const struct policy_ops *policy_of_number(uint64_t index);

#endif
