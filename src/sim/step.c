/* step.c - step sources over an array, and branches of history; groups cut to measure. */
#include "vmscope/sim/step.h"

#include "vmscope/base/memory.h"

struct array_source {
    struct step_source base;
    struct step step[];
};

static const struct step *array_span(const struct step_source *s, uint64_t at, struct step *buf, size_t *count) {
    const struct array_source *a = (const struct array_source *)(const void *)s;
    (void)buf;
    *count = at < s->count ? (size_t)(s->count - at) : 0;
    return at < s->count ? &a->step[at] : NULL;
}

static void plain_free(struct step_source *s) { free(s); }

struct step_source *step_source_array(const struct step *steps, size_t count) {
    static const struct step_source_ops ops = {.span = array_span, .free = plain_free};
    if (count > (SIZE_MAX - sizeof(struct array_source)) / sizeof *steps) return NULL;
    struct array_source *a = mem_zalloc(1, sizeof *a + count * sizeof *steps);
    if (!a) return NULL;
    a->base = (struct step_source){&ops, count};
    if (count) memcpy(a->step, steps, count * sizeof *steps);
    return &a->base;
}

uint64_t step_groups_cut(uint64_t wait, struct step_groups *g, uint64_t n) {
    if (wait) return wait < n ? wait : n;
    uint64_t steps = 0;
    size_t whole = 0;
    while (whole < g->count && steps + g->group[whole].steps <= n) steps += g->group[whole++].steps;
    g->count = whole;
    return whole ? 0 : n;
}

/*  base   0 ........ at-1 | at ........ n-1
 *  branch 0 ........ at-1 | added ... | at ........ n-1   */
struct branch_source {
    struct step_source base;
    const struct step_source *trunk;
    uint64_t at;
    size_t added;
    struct step step[];
};

static const struct step *branch_span(const struct step_source *s, uint64_t at, struct step *buf, size_t *count) {
    const struct branch_source *b = (const struct branch_source *)(const void *)s;
    if (at >= b->at && at < b->at + b->added) {
        *count = (size_t)(b->at + b->added - at);
        return &b->step[at - b->at];
    }
    uint64_t in_trunk = at < b->at ? at : at - b->added;
    const struct step *span = step_span(b->trunk, in_trunk, buf, count);
    if (span && at < b->at && *count > b->at - at) *count = (size_t)(b->at - at);
    return span;
}

static bool branch_refs(const struct step_source *s, uint64_t at, size_t n, struct step_ref *buf, struct step_refs *out) {
    const struct branch_source *b = (const struct branch_source *)(const void *)s;
    if (at >= b->at + b->added) return step_refs(b->trunk, at - b->added, n, buf, out);
    return at < b->at && step_refs(b->trunk, at, n < b->at - at ? n : (size_t)(b->at - at), buf, out);
}

static uint64_t branch_groups(const struct step_source *s, uint64_t at, unsigned page_shift, struct step_groups *out) {
    const struct branch_source *b = (const struct branch_source *)(const void *)s;
    if (at >= b->at + b->added) return step_groups(b->trunk, at - b->added, page_shift, out);
    if (at >= b->at) return b->at + b->added - at;
    return step_groups_cut(step_groups(b->trunk, at, page_shift, out), out, b->at - at);
}

struct step_source *step_source_branch(const struct step_source *base, uint64_t at, const struct step *added, size_t count) {
    static const struct step_source_ops ops = {
        .span = branch_span, .free = plain_free, .refs = branch_refs, .groups = branch_groups};
    if (at > base->count || count > (SIZE_MAX - sizeof(struct branch_source)) / sizeof *added) return NULL;
    struct branch_source *b = mem_zalloc(1, sizeof *b + count * sizeof *added);
    if (!b) return NULL;
    b->base = (struct step_source){&ops, base->count + count};
    b->trunk = base;
    b->at = at;
    b->added = count;
    if (count) memcpy(b->step, added, count * sizeof *added);
    return &b->base;
}
