/* policy_opt.c - the optimal policy (MIN): the page whose next use is farthest away.
 *
 * No real system can know the future; a simulator that has all steps can. OPT
 * is the measure for the others: none has fewer faults. Among pages that are
 * never used again, any choice is optimal; the most recently loaded one leaves,
 * which fits the tables printed in books.
 * Belady, A Study of Replacement Algorithms for a Virtual-Storage Computer, IBM
 * Systems Journal 1966.
 *
 * A heap has the page to leave on top. A reference must be cheap, and only pick
 * needs the heap: so a reference just notes the page's next use and puts its
 * frame on the list of those that the heap has to catch up with.
 * Invariant: a loaded frame that is not on that list is in the heap under its
 * next use.
 */
#include "vmscope/base/memory.h"

#include "policy/frame_heap.h"
#include "policy/policies.h"

#include <stdlib.h>

struct opt_frame {
    uint64_t load;     /* number of its loading */
    uint32_t next_use; /* number of a reference, or NEXT_NEVER */
    bool loaded;
    bool behind; /* stands on the list `behind` */
};

struct opt {
    struct policy_base base;
    uint32_t frames, behind_count;
    uint64_t loads;          /* so far */
    struct opt_frame *frame; /* [frames] */
    frame_t *behind;         /* [frames] */
    struct frame_heap heap;
};

static struct opt *self(struct policy *p) { return (struct opt *)(void *)p; }

static void destroy(struct policy *policy) {
    if (!policy) return;
    struct opt *p = self(policy);
    free(p->frame);
    free(p->behind);
    frame_heap_free(&p->heap);
    free(p);
}

static struct policy *whole_or_nothing(struct opt *p, bool heap_made) {
    if (heap_made && p->frame && p->behind) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct opt *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_opt;
    p->frames = c->frames;
    p->frame = mem_zalloc(c->frames, sizeof *p->frame);
    p->behind = mem_zalloc(c->frames, sizeof *p->behind);
    return whole_or_nothing(p, frame_heap_init(&p->heap, c->frames));
}

static struct policy *clone(const struct policy *original) {
    const struct opt *from = (const void *)original;
    struct opt *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->frame = mem_copy(from->frame, from->frames, sizeof *p->frame);
    p->behind = mem_copy(from->behind, from->frames, sizeof *p->behind);
    return whole_or_nothing(p, frame_heap_copy(&p->heap, &from->heap));
}

static void note(struct opt *p, frame_t f, uint32_t next_use) {
    struct opt_frame *x = &p->frame[f];
    x->next_use = next_use;
    if (x->behind) return;
    x->behind = true;
    p->behind[p->behind_count++] = f;
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    struct opt *p = self(policy);
    (void)now;
    p->frame[f].loaded = true;
    p->frame[f].load = ++p->loads;
    note(p, f, NEXT_NEVER);
}

static void on_uses(struct policy *p, frame_t f, uint32_t times, uint64_t now, uint32_t next_use) {
    (void)times;
    (void)now;
    note(self(p), f, next_use);
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    on_uses(p, f, 1, now, next_use);
}

static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    struct opt *p = self(policy);
    p->frame[f].loaded = false;
    frame_heap_remove(&p->heap, f);
}

/* Smallest key: farthest next use; smallest tie: latest load. */
static void catch_up(struct opt *p) {
    for (uint32_t i = 0; i < p->behind_count; i++) {
        struct opt_frame *x = &p->frame[p->behind[i]];
        x->behind = false;
        if (x->loaded) frame_heap_put(&p->heap, p->behind[i], NEXT_NEVER - x->next_use, UINT64_MAX - x->load);
    }
    p->behind_count = 0;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct opt *p = self(policy);
    catch_up(p);
    return frame_heap_pick(&p->heap, env, NULL, NULL, out);
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct opt *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = "next use";
    for (frame_t f = 0; f < p->frames; f++) out->rank[f] = p->frame[f].next_use;
}

static bool same_frame(const struct opt_frame *a, const struct opt_frame *b) {
    return a->load == b->load && a->next_use == b->next_use && a->loaded == b->loaded &&
           a->behind == b->behind;
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct opt *x = (const void *)a, *y = (const void *)b;
    if (x->base.ops != y->base.ops || x->frames != y->frames || x->loads != y->loads) return false;
    for (frame_t f = 0; f < x->frames; f++)
        if (!same_frame(&x->frame[f], &y->frame[f])) return false;
    return frame_heap_equal(&x->heap, &y->heap); /* in which order the heap catches up does not matter */
}

const struct policy_ops policy_opt = {
    .name = "opt",
    .title = "OPT",
    .rule = "Its next use is the farthest away, or never comes.",
    .source = "Belady, A Study of Replacement Algorithms for a Virtual-Storage Computer, IBM Syst. J., 1966",
    .create = create,
    .clone = clone,
    .free = destroy,
    .on_load = on_load,
    .on_access = on_access,
    .on_uses = on_uses,
    .on_free = on_free,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .counts_repeats = true,
    .needs_future = true,
};
