/* policy_lru_k.c - LRU-K: the K-th last reference counts, not the last one.
 *
 *      page a   ...... a .... a ........ | now     HIST(a,1), HIST(a,2): two known
 *      page b   ................ b ..... |         HIST(b,1) alone: once may be by chance
 *
 * The victim is the page whose K-th last reference lies farthest back; one that
 * was referenced fewer than K times has none, which is farther than any. Among
 * those the least recently used leaves. K is 2, as the paper advises: two
 * references tell how often a page is used, one tells nothing.
 * What is known of a page outlives its stay in memory (the paper's retained
 * information): here for as many pages as there are frames, those that left
 * last. The correlated reference period is 0: every reference counts.
 * O'Neil, O'Neil, Weikum, The LRU-K Page Replacement Algorithm for Database Disk
 * Buffering, SIGMOD 1993, sections 2.1 to 2.2.
 *
 * Times only grow: as LFU's do, they wait for pick to go into the heap.
 */
#include "vmscope/base/memory.h"

#include "policy/frame_heap.h"
#include "policy/ghosts.h"
#include "policy/policies.h"
#include "policy/two_lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct history {
    uint64_t last, before; /* 1 + the numbers of the last reference and the one before it; 0: there is none */
};

struct lru_k {
    struct policy_base base;
    struct history *hist; /* [heap.frames] */
    struct frame_heap heap;
    struct ghosts gone; /* value: of the last reference, which alone matters for the next two */
};

static struct lru_k *self(struct policy *p) { return (struct lru_k *)(void *)p; }

static void destroy(struct policy *policy) {
    if (!policy) return;
    struct lru_k *p = self(policy);
    free(p->hist);
    frame_heap_free(&p->heap);
    ghosts_free(&p->gone);
    free(p);
}

static struct policy *whole_or_nothing(struct lru_k *p, bool made) {
    if (made && p->hist) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct lru_k *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = &policy_lru_k;
    p->hist = mem_zalloc(c->frames, sizeof *p->hist);
    bool made = frame_heap_init(&p->heap, c->frames);
    return whole_or_nothing(p, ghosts_init(&p->gone, policy_share(c)) && made);
}

static struct policy *clone(const struct policy *original) {
    const struct lru_k *from = (const void *)original;
    struct lru_k *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->hist = mem_copy(from->hist, from->heap.frames, sizeof *p->hist);
    bool made = frame_heap_copy(&p->heap, &from->heap);
    return whole_or_nothing(p, ghosts_copy(&p->gone, &from->gone) && made);
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    struct lru_k *p = self(policy);
    (void)now;
    p->hist[f] = (struct history){0};
    ghosts_take(&p->gone, page, &p->hist[f].last);
    frame_heap_put(&p->heap, f, p->hist[f].before, p->hist[f].last);
}

static void on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    struct history *h = &self(p)->hist[f];
    (void)next_use;
    h->before = h->last;
    h->last = now + 1;
}

static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    struct lru_k *p = self(policy);
    if (evicted && frame_heap_has(&p->heap, f)) ghosts_add(&p->gone, *evicted, p->hist[f].last);
    frame_heap_remove(&p->heap, f);
    p->hist[f] = (struct history){0};
}

static void on_forget(struct policy *p, struct page_id page) { ghosts_take(&self(p)->gone, page, NULL); }

/* Bring the top up to date until it is the true smallest: keys never lie above the truth. */
static void refresh(void *policy) {
    struct lru_k *p = policy;
    for (;;) {
        const struct heap_node *top = &p->heap.node[0];
        const struct history *h = &p->hist[top->frame];
        if (top->key == h->before && top->tie == h->last) return;
        frame_heap_put(&p->heap, top->frame, h->before, h->last);
    }
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct lru_k *p = self(policy);
    enum policy_verdict verdict = frame_heap_pick(&p->heap, env, refresh, p, out);
    if (verdict == POLICY_VICTIM && p->hist[*out].before == 0)
        *env->told = "It was used only once, as far as is known; of such pages it was not used for the longest time.";
    return verdict;
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct lru_k *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = "2nd last";
    for (frame_t f = 0; f < p->heap.frames; f++) out->rank[f] = p->hist[f].before ? p->hist[f].before - 1 : NEXT_NEVER;
    snprintf(out->note, sizeof out->note, "%u remembered", p->gone.count);
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct lru_k *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && frame_heap_equal(&x->heap, &y->heap) && ghosts_equal(&x->gone, &y->gone) &&
           memcmp(x->hist, y->hist, x->heap.frames * sizeof *x->hist) == 0;
}

const struct policy_ops policy_lru_k = {
    .name = "lru_k",
    .title = "LRU-K",
    .rule = "Its last reference but one (K = 2) lies the farthest back.",
    .source = "O'Neil, O'Neil, Weikum, The LRU-K Page Replacement Algorithm for Database Disk..., SIGMOD, 1993",
    .create = create,
    .clone = clone,
    .free = destroy,
    .on_load = on_load,
    .on_access = on_access,
    .on_free = on_free,
    .on_forget = on_forget,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .counts_repeats = true,
};
