/* window.c - steps as they are wanted: whole, or as references in a row.
 *
 * Whole steps come from a span of the source, references from the source too where it has
 * them; a single one of these is made a step without asking again. Where the source has none, they
 * are made from the span.
 */
#include "vmscope/sim/window.h"

#include "vmscope/base/memory.h"

bool window_begin(struct window *w) {
    if (!w->step_buffer) w->step_buffer = mem_zalloc(STEP_SPAN, sizeof *w->step_buffer);
    if (!w->ref_buffer) w->ref_buffer = mem_zalloc(STEP_REFS, sizeof *w->ref_buffer);
    return w->step_buffer && w->ref_buffer;
}

void window_forget(struct window *w) {
    w->span_count = 0;
    w->refs.count = 0;
}

void window_free(struct window *w) {
    free(w->step_buffer);
    free(w->ref_buffer);
    *w = (struct window){0};
}

/* ---- whole steps ---- */

static const struct step *fetch_span(struct window *w, const struct step_source *source, uint64_t i) {
    w->span_count = 0;
    w->span_at = i;
    w->span = window_begin(w) ? step_span(source, i, w->step_buffer, &w->span_count) : NULL;
    return w->span;
}

const struct step *window_step(struct window *w, const struct step_source *source, uint64_t i) {
    if (i - w->span_at < w->span_count) return &w->span[i - w->span_at];
    if (w->refs_of_span || i - w->refs_at >= w->refs.count) return fetch_span(w, source, i);
    w->one = step_of_ref(&w->refs, (size_t)(i - w->refs_at));
    return &w->one;
}

/* ---- references ---- */

/* Is b like a reference, and may it follow a? */
static bool is_ref(const struct step *a, const struct step *b) {
    return b->kind == STEP_ACCESS && !b->name && !(b->flags & STEP_HAS_VALUE) && a->proc == b->proc && a->flags == b->flags;
}

/* The span's steps from index i on, up to the first that is no reference. */
static bool refs_from_span(struct window *w, const struct step_source *source, uint64_t i) {
    bool there = i - w->span_at < w->span_count || fetch_span(w, source, i);
    const struct step *s = there ? &w->span[i - w->span_at] : NULL;
    size_t most = there ? w->span_count - (size_t)(i - w->span_at) : 0, n = 0;
    if (most > STEP_REFS) most = STEP_REFS;
    for (; n < most && is_ref(s, &s[n]); n++) w->ref_buffer[n] = (struct step_ref){s[n].va, s[n].op, s[n].size};
    if (n > 0) w->refs = (struct step_refs){w->ref_buffer, n, *s};
    w->refs_of_span = true;
    return n > 0;
}

static bool fetch_refs(struct window *w, const struct step_source *source, uint64_t i, uint64_t n) {
    w->refs.count = 0;
    w->refs_at = i;
    w->refs_of_span = false;
    if (!window_begin(w)) return false;
    return step_refs(source, i, n < STEP_REFS ? (size_t)n : STEP_REFS, w->ref_buffer, &w->refs) || refs_from_span(w, source, i);
}

bool window_refs(struct window *w, const struct step_source *source, uint64_t i, uint64_t n, struct step_refs *out) {
    if (i - w->refs_at >= w->refs.count && !fetch_refs(w, source, i, n)) return false;
    size_t passed = (size_t)(i - w->refs_at), rest = w->refs.count - passed;
    *out = (struct step_refs){w->refs.ref + passed, n < rest ? (size_t)n : rest, w->refs.like};
    return true;
}
