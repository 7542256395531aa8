/* sweep_shard.c - a trace cut into shards, each run on a machine of its own.
 *
 *   steps   0 .......... begin ........ from ============ to ........ count
 *                        | warm-up:     | shard i of n,   |
 *                        | run, not     | run and counted |
 *                        | counted      |
 *
 * from is (i - 1) * count / n, to is i * count / n: no step is in two shards, none in no one. A machine that runs
 * from step 0 on counts between from and to just what the machine of the whole trace does there. One that begins
 * later begins empty; how far its page faults can be off is known for two policies:
 *
 *   LRU   It holds the pages that were used last since begin. What the machine of the whole trace holds besides was
 *         in memory at begin and has not been used since: as many pages, at most, as this one has frames free. Each is
 *         good for one fault too many, when it is used first. With no frame free both hold the same.
 *   OPT   It is the least for what it sees, from begin on. The least with some pages there at the beginning is less
 *         by at most one fault a frame (fetch each when it is first used), and not more. Without a warm-up that is
 *         what is counted; with one, the warm-up's faults are known to be as much too many or less, and what is
 *         counted can be off either way, by no more.
 *
 * Of others nothing is known: two machines with FIFO that began otherwise need never meet. */
#include "cli/cli.h"
#include "cli/progress.h"
#include "vmscope/base/memory.h"
#include "vmscope/sim/lru_curve.h"

#include <stdlib.h>

/* ---- where they begin and end ---- */

/* i * count / n */
static uint64_t cut_at(uint64_t count, uint32_t i, uint32_t n) { return count / n * i + count % n * i / n; }

struct sweep_part sweep_part_of(const struct sweep *s, uint64_t count, uint32_t shard) {
    struct sweep_part p = {.to = count};
    if (shard == 0) return p;
    p.from = cut_at(count, shard - 1, s->shards);
    p.to = cut_at(count, shard, s->shards);
    if (p.from > s->warmup) p.begin = p.from - s->warmup;
    return p;
}

/* ---- from there on ---- */

/* Steps begin..to-1 of another source; where not the first process runs at `begin`, a switch comes before them. */
struct part_source {
    struct step_source base;
    const struct step_source *of;
    uint64_t begin;
    struct step first;
    bool switches;
};

static const struct step *part_span(const struct step_source *base, uint64_t at, struct step *buf, size_t *count) {
    const struct part_source *w = (const struct part_source *)(const void *)base;
    if (at >= base->count) return NULL;
    if (w->switches && at == 0) {
        *buf = w->first;
        *count = 1;
        return buf;
    }
    const struct step *span = step_span(w->of, w->begin + at - w->switches, buf, count);
    if (*count > base->count - at) *count = (size_t)(base->count - at);
    return span;
}

static void part_free(struct step_source *base) { free(base); }

static const struct step_source_ops part_ops = {.span = part_span, .free = part_free};

struct step_source *sweep_window(const struct step_source *of, const struct sweep_part *p, uint64_t to) {
    struct part_source *w = mem_zalloc(1, sizeof *w);
    if (!w) return NULL;
    *w = (struct part_source){.base = {&part_ops, to - p->begin}, .of = of, .begin = p->begin, .switches = p->running != 0};
    w->first = (struct step){.kind = STEP_SWITCH, .proc = p->running};
    w->base.count += w->switches;
    return &w->base;
}

/* ---- may they begin there? ---- */

static const char *refused(const struct machine_config *c) {
    if (c->swap_slots != SWAP_UNLIMITED) return "shards that begin later than the file need swap without end";
    bool empty = c->tlb_preload_count == 0;
    for (size_t p = 0; p < c->process_count; p++) empty &= c->processes[p].map_count == 0;
    if (!empty) return "shards that begin later than the file need a machine that starts empty";
    return c->load_control ? "shards that begin later than the file need a kernel without load control" : NULL;
}

static bool is_plain(const struct step *s) {
    return (s->kind == STEP_ACCESS && !s->name && !(s->flags & STEP_KERNEL)) || s->kind == STEP_SWITCH;
}

/* One look at all steps: are they plain, and who runs where a shard begins? `part` ascends in `begin`. Ctrl-C ends it,
 * and all that would come after. */
static const char *look_through(const struct step_source *steps, struct sweep_part *part, uint32_t parts, struct step *buffer) {
    proc_t running = 0;
    uint32_t next = 0;
    size_t count = 0;
    for (uint64_t at = 0; at < steps->count && progress_tell(at, steps->count); at += count) {
        const struct step *span = step_span(steps, at, buffer, &count);
        for (size_t i = 0; span && i < count; i++) {
            while (next < parts && part[next].begin <= at + i) part[next++].running = running;
            if (!is_plain(&span[i])) return "shards that begin later than the file need accesses and switches alone";
            if (span[i].proc != PROC_NONE) running = span[i].proc;
        }
        if (!span) return "the steps cannot be read";
    }
    while (next < parts) part[next++].running = running;
    return NULL;
}

const char *sweep_shards_begin(struct sweep_sharding *g, const struct sweep *s, const struct scenario *from) {
    uint64_t last = sweep_part_of(s, from->steps->count, s->shards).begin;
    const char *why = last > 0 ? refused(&from->config) : NULL;
    struct step *buffer = mem_zalloc(STEP_SPAN, sizeof *buffer);
    *g = (struct sweep_sharding){.part = mem_zalloc(s->shards + 1, sizeof *g->part)};
    if (!why && (!buffer || !g->part)) why = "memory is out";
    for (uint32_t i = 0; !why && i <= s->shards; i++) g->part[i] = sweep_part_of(s, from->steps->count, i);
    progress_begin("looking at the steps");
    if (!why && last > 0) why = look_through(from->steps, g->part + 1, s->shards, buffer);
    progress_end();
    free(buffer);
    return why;
}

void sweep_shards_end(struct sweep_sharding *g) {
    free(g->part);
    g->part = NULL;
}

/* ---- how far off? ---- */

/* `faults` were counted; `used` of the frames held a page when that began. */
uint64_t sweep_lru_excess(const struct sweep_part *p, uint32_t frames, uint64_t used, uint64_t faults) {
    uint64_t excess = p->begin == 0 || used >= frames ? 0 : frames - used;
    return excess < faults ? excess : faults;
}

uint64_t sweep_shard_error(const struct sweep_part *p, const struct machine_config *c, const struct counters *n) {
    if (p->begin == 0) return 0;
    bool known = policy_by_name(c->policy.name)->needs_future && !lru_curve_obstacle(c) && n->invalid == 0;
    return known ? c->frames : SWEEP_ABSENT;
}
