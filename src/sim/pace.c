/* pace.c - see pace.h. Invariant: `now` never passes the last bucket, for before it does, all
 * buckets are joined in pairs. */
#include "vmscope/sim/pace.h"

#include <string.h>

/* Two neighbours as one: faults add up, the rest is as it was last. */
static struct pace_bucket join(struct pace_bucket a, struct pace_bucket b) {
    return (struct pace_bucket){a.faults + b.faults, b.resident == PACE_UNKNOWN ? a.resident : b.resident,
                                b.set == PACE_UNKNOWN ? a.set : b.set};
}

static void join_pairs(struct pace *all) {
    const struct pace_bucket empty = {0, PACE_UNKNOWN, PACE_UNKNOWN};
    for (uint32_t p = 0; p < all->count; p++)
        for (uint32_t i = 0; i < PACE_BUCKETS; i++)
            all->of[p][i] = i < PACE_BUCKETS / 2 ? join(all->of[p][2 * i], all->of[p][2 * i + 1]) : empty;
    all->shift++;
}

/* Buckets for the processes up to p. */
static bool reach(struct pace *all, proc_t p) {
    const size_t had = all->count;
    size_t cap = had;
    if (p < all->count) return true;
    if (!mem_grow((void **)&all->of, &cap, (size_t)p + 1, sizeof *all->of)) return false;
    all->count = (uint32_t)p + 1;
    for (size_t i = had; i < all->count; i++)
        for (uint32_t b = 0; b < PACE_BUCKETS; b++) all->of[i][b] = (struct pace_bucket){0, PACE_UNKNOWN, PACE_UNKNOWN};
    return true;
}

struct pace_bucket *pace_reach(struct pace *all, proc_t p, uint64_t now, bool *ok) {
    *ok = true;
    if (p >= PACE_PROCESSES) return NULL;
    while (now >> all->shift >= PACE_BUCKETS) join_pairs(all);
    *ok = reach(all, p);
    return *ok ? &all->of[p][now >> all->shift] : NULL;
}

const struct pace_bucket *pace_of(const struct pace *all, proc_t p) { return p < all->count ? all->of[p] : NULL; }

bool pace_copy(struct pace *to, const struct pace *from) {
    *to = *from;
    to->of = from->count ? mem_copy(from->of, from->count, sizeof *from->of) : NULL;
    return to->of || from->count == 0;
}

void pace_free(struct pace *all) {
    free(all->of);
    *all = (struct pace){0};
}

bool pace_equal(const struct pace *a, const struct pace *b) {
    if (a->count != b->count || a->shift != b->shift) return false;
    return a->count == 0 || memcmp(a->of, b->of, a->count * sizeof *a->of) == 0;
}
