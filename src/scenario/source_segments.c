/* source_segments.c - a step source made of segments.
 *
 * Steps that the scenario writes out stand in one pool. A segment is a run of
 * the pool, gone through once or again and again (so `repeat` costs no memory),
 * or the references of a trace, which are decoded when they are asked for.
 * Segments stand in the order of their first step's number, so the one that
 * holds a step is found by halving. Immutable once it is a source. */
#include "scenario/source_segments.h"

#include "scenario/trace_index.h"
#include "vmscope/base/memory.h"

struct segment {
    uint64_t first, count;     /* steps first..first+count-1 of the source */
    uint64_t base;             /* in the pool, or in the trace */
    uint64_t period, phase;    /* pool: step i is pool[base + (phase + i) % period] */
    const struct trace *trace; /* NULL: pool */
    struct step like;          /* trace: what every step has */
};

struct segments {
    struct step_source source; /* must be first */
    struct step *pool;
    size_t pool_count, pool_cap;
    struct segment *item;
    size_t count, cap;
};

/* ---- the source ---- */

static const struct segment *segment_at(const struct segments *s, uint64_t at) {
    size_t low = 0, high = s->count;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (s->item[mid].first <= at)
            low = mid;
        else
            high = mid;
    }
    return &s->item[low];
}

static const struct step *span_trace(const struct segment *g, uint64_t i, struct step *buf, size_t *count) {
    uint64_t left = g->count - i;
    size_t n = trace_steps(g->trace, g->base + i, buf, left < STEP_SPAN ? (size_t)left : STEP_SPAN);
    for (size_t k = 0; k < n; k++) {
        buf[k].flags |= g->like.flags;
        buf[k].proc = g->like.proc;
        buf[k].line = g->like.line;
        buf[k].extra = g->base + i + k == 0 ? g->like.extra : 0;
    }
    *count = n;
    return n ? buf : NULL;
}

/* Short periods are unrolled into the buffer, so that a span is worth its call. */
static const struct step *span_pool(const struct segments *s, const struct segment *g, uint64_t i,
                                    struct step *buf, size_t *count) {
    uint64_t left = g->count - i, at = (g->phase + i) % g->period, run = g->period - at;
    const struct step *pool = s->pool + g->base;
    if (run >= left || g->period >= STEP_SPAN) {
        *count = (size_t)(run < left ? run : left);
        return pool + at;
    }
    size_t n = left < STEP_SPAN ? (size_t)left : STEP_SPAN;
    for (size_t k = 0; k < n; k++) {
        buf[k] = pool[at];
        if (++at == g->period) at = 0;
    }
    *count = n;
    return buf;
}

static const struct step *segments_span(const struct step_source *source, uint64_t at, struct step *buf,
                                        size_t *count) {
    const struct segments *s = (const struct segments *)(const void *)source;
    if (at >= source->count) return NULL;
    const struct segment *g = segment_at(s, at);
    return g->trace ? span_trace(g, at - g->first, buf, count) : span_pool(s, g, at - g->first, buf, count);
}

static bool segments_refs(const struct step_source *source, uint64_t at, size_t n, struct step_ref *buf,
                          struct step_refs *out) {
    const struct segments *s = (const struct segments *)(const void *)source;
    const struct segment *g = at < source->count ? segment_at(s, at) : NULL;
    if (!g || !g->trace) return false;
    uint64_t i = at - g->first, left = g->count - i;
    if (g->base + i == 0 && g->like.extra) return false; /* the note is the first reference's alone */
    *out =
        (struct step_refs){buf, trace_refs(g->trace, g->base + i, n < left ? n : (size_t)left, buf), g->like};
    out->like.extra = 0;
    return out->count > 0;
}

static uint64_t segments_groups(const struct step_source *source, uint64_t at, unsigned page_shift,
                                struct step_groups *out) {
    const struct segments *s = (const struct segments *)(const void *)source;
    if (at >= source->count) return UINT64_MAX;
    const struct segment *g = segment_at(s, at);
    uint64_t i = at - g->first;
    if (!g->trace) return g->count - i;
    out->proc = g->like.proc;
    out->flags = g->like.flags;
    return step_groups_cut(trace_groups(g->trace, g->base + i, page_shift, out), out, g->count - i);
}

static void segments_source_free(struct step_source *source) {
    segments_free((struct segments *)(void *)source);
}

static const struct step_source_ops segments_ops = {
    .span = segments_span, .free = segments_source_free, .refs = segments_refs, .groups = segments_groups};

struct step_source *segments_source(struct segments *s) {
    return &s->source;
}

/* ---- building ---- */

struct segments *segments_create(void) {
    struct segments *s = mem_zalloc(1, sizeof *s);
    if (s) s->source.ops = &segments_ops;
    return s;
}

void segments_free(struct segments *s) {
    if (!s) return;
    free(s->pool);
    free(s->item);
    free(s);
}

uint64_t segments_count(const struct segments *s) { return s->source.count; }

static enum vs_status add_segment(struct segments *s, struct segment g) {
    void *items = s->item;
    if (g.count > STEPS_MAX - s->source.count || s->count >= SEGMENTS_MAX) return VS_LIMIT;
    if (!mem_grow(&items, &s->cap, s->count + 1, sizeof g)) return VS_NOMEM;
    s->item = items;
    g.first = s->source.count;
    s->item[s->count++] = g;
    s->source.count += g.count;
    return VS_OK;
}

enum vs_status segments_room(struct segments *s, uint64_t more) {
    if (more > STEPS_WRITTEN_MAX - s->pool_count || more > STEPS_MAX - s->source.count) return VS_LIMIT;
    if (more < 100000) return VS_OK;
    return more > mem_available() / 2 / sizeof(struct step) ? VS_LIMIT : VS_OK;
}

/* A run of the pool that ends where the pool ends can simply become longer. */
static bool extend_last(struct segments *s) {
    struct segment *g = s->count ? &s->item[s->count - 1] : NULL;
    if (!g || g->trace || g->phase || g->period != g->count || g->base + g->count != s->pool_count)
        return false;
    g->count++;
    g->period++;
    s->source.count++;
    return true;
}

enum vs_status segments_step(struct segments *s, const struct step *step) {
    void *pool = s->pool;
    if (s->pool_count >= STEPS_WRITTEN_MAX || s->source.count >= STEPS_MAX) return VS_LIMIT;
    if (!mem_grow(&pool, &s->pool_cap, s->pool_count + 1, sizeof *step)) return VS_NOMEM;
    s->pool = pool;
    s->pool[s->pool_count] = *step;
    if (!extend_last(s)) {
        enum vs_status status =
            add_segment(s, (struct segment){.count = 1, .base = s->pool_count, .period = 1});
        if (status != VS_OK) return status;
    }
    s->pool_count++;
    return VS_OK;
}

enum vs_status segments_trace(struct segments *s, const struct trace *t, uint64_t count,
                              const struct step *like) {
    if (count > trace_count(t)) count = trace_count(t);
    return count ? add_segment(s, (struct segment){.count = count, .period = 1, .trace = t, .like = *like})
                 : VS_OK;
}

/* The part of segment g from its step number i on. */
static struct segment segment_tail(const struct segment *g, uint64_t i) {
    struct segment tail = *g;
    tail.count -= i;
    if (g->trace)
        tail.base += i;
    else
        tail.phase = (g->phase + i) % g->period;
    return tail;
}

/* Steps that are one plain run of the pool repeat as one segment. */
static bool is_plain_run(const struct segment *g) { return !g->trace && g->phase + g->count <= g->period; }

enum vs_status segments_repeat(struct segments *s, uint64_t from, uint64_t times) {
    uint64_t length = s->source.count - from;
    if (length == 0 || times == 0) return VS_OK;
    if (times > STEPS_MAX / length) return VS_LIMIT;
    size_t index = (size_t)(segment_at(s, from) - s->item), last = s->count - 1;
    struct segment tail = segment_tail(&s->item[index], from - s->item[index].first);
    if (index == last && is_plain_run(&tail))
        return add_segment(
            s, (struct segment){.count = length * times, .base = tail.base + tail.phase, .period = length});
    for (uint64_t n = 0; n < times; n++)
        for (size_t i = index; i <= last; i++) {
            enum vs_status status = add_segment(s, i == index ? tail : s->item[i]);
            if (status != VS_OK) return status;
        }
    return VS_OK;
}
