/* pace.h - how processes fare over time: faults, pages in memory and working sets, for graphs.
 *
 *   references  0        w       2w            63w
 *   bucket      | 0      | 1     | 2     ...   | 63     |
 *
 * Time is the machine's count of references, the same for all processes, so that their graphs
 * stand one above the other. When the last bucket is full, neighbours are joined and `w` doubles:
 * so the whole past is always there, in PACE_BUCKETS parts at most. Kept for the first
 * PACE_PROCESSES processes, from their first event on.
 */
#ifndef VMSCOPE_SIM_PACE_H
#define VMSCOPE_SIM_PACE_H

#include "vmscope/base/memory.h"
#include "vmscope/base/types.h"

#define PACE_BUCKETS 64u
#define PACE_PROCESSES 64u
#define PACE_UNKNOWN UINT32_MAX /* nothing was noted: as in the bucket before */

struct pace_bucket {
    uint32_t faults;   /* page faults among the bucket's references */
    uint32_t resident; /* pages in memory at its end, or PACE_UNKNOWN */
    uint32_t set;      /* pages of the working set at its end, or PACE_UNKNOWN */
};

struct pace {
    struct pace_bucket (*of)[PACE_BUCKETS]; /* [count], by process */
    uint32_t count;
    uint8_t shift; /* a bucket is 2^shift references */
};

/* pace_at, where buckets may have to be made or joined first. */
struct pace_bucket *pace_reach(struct pace *all, proc_t p, uint64_t now, bool *ok);
/* The bucket of process p at reference `now`, to note something in; NULL: not kept (or no memory: *ok is false). */
static inline struct pace_bucket *pace_at(struct pace *all, proc_t p, uint64_t now, bool *ok) {
    *ok = true;
    return p < all->count && now >> all->shift < PACE_BUCKETS ? &all->of[p][now >> all->shift] : pace_reach(all, p, now, ok);
}
/* Its buckets, PACE_BUCKETS of them; NULL: nothing was noted of it. */
const struct pace_bucket *pace_of(const struct pace *all, proc_t p);
bool pace_copy(struct pace *to, const struct pace *from); /* false: no memory */
void pace_free(struct pace *all);
bool pace_equal(const struct pace *a, const struct pace *b);

#endif
