/* lru_exact.h - for which machines and steps is LRU nothing but the order of last use?
 *
 * Only there is a page fault the same as a stack distance above the number of frames. */
#ifndef VMSCOPE_SIM_LRU_EXACT_H
#define VMSCOPE_SIM_LRU_EXACT_H

#include "vmscope/base/memory.h"
#include "vmscope/os/config.h"
#include "vmscope/sim/step.h"

struct lru_exact {
    const struct machine_config *config;
    struct map64 *table;   /* [process_count * levels] tables that exist, by the part of the VPN that leads there */
    uint64_t *mapped;      /* [process_count] pages mapped on the spot */
    uint64_t tables, room; /* pages of page tables: needed so far, and how many there may be */
};

bool lru_exact_begin(struct lru_exact *x, const struct machine_config *c, uint32_t max_frames); /* false: no memory */
void lru_exact_end(struct lru_exact *x);

/* NULL: the machine is one of those. Else why not, as a phrase. */
const char *lru_exact_machine(const struct machine_config *c);
/* Likewise of a step. */
const char *lru_exact_step(const struct machine_config *c, const struct step *s);
/* The first use, by a step with such flags, of the page with this address in process p: what may be done to the page (enum perms),
 * or 0 with *why. */
unsigned lru_exact_page(struct lru_exact *x, proc_t p, vaddr_t va, enum access_kind op, unsigned flags,
                        const char **why);

#endif
