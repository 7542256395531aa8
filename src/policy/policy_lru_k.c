/* policy_lru_k.c - LRU-K: the K-th last reference counts, not the last one.
 *
 *      page a   ...... a .... a ........ | now     HIST(a,1), HIST(a,2): two known
 *      page b   ................ b ..... |         HIST(b,1) alone: once may be by chance
 *
 * The victim is the page whose K-th last reference lies farthest back; one that
 * was referenced fewer than K times has none, which is farther than any. Among
 * those the least recently used leaves. K is 2 unless the machine says another:
 * two references tell how often a page is used, as the paper advises; with 1 it
 * is LRU, and more than 2 follow a program's changes more slowly.
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

struct lru_k {
    struct policy_base base;
    uint32_t k;
    uint64_t *hist; /* [heap.frames][k] 1 + the numbers of the last references, the last one first; 0: there is none */
    struct frame_heap heap;
    struct ghosts gone;
    uint64_t *kept; /* [gone.room][k - 1] of a ghost: its last references, the k-th will not matter any more */
};

static struct lru_k *self(struct policy *p) { return (struct lru_k *)(void *)p; }

static uint64_t *hist_of(const struct lru_k *p, frame_t f) { return p->hist + (size_t)f * p->k; }
static uint64_t *kept_of(const struct lru_k *p, uint32_t ghost) { return p->kept + (size_t)ghost * (p->k - 1); }
static size_t kept_size(const struct lru_k *p) { return (p->k - 1) * sizeof *p->kept; }

static void destroy(struct policy *policy) {
    if (!policy) return;
    struct lru_k *p = self(policy);
    free(p->hist);
    free(p->kept);
    frame_heap_free(&p->heap);
    ghosts_free(&p->gone);
    free(p);
}

static struct policy *whole_or_nothing(struct lru_k *p, bool made) {
    if (made && p->hist && p->kept) return (struct policy *)p;
    destroy((struct policy *)p);
    return NULL;
}

static struct policy *create(const struct policy_config *c) {
    struct lru_k *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    uint32_t room = policy_share(c);
    p->base.ops = &policy_lru_k;
    p->k = c->k ? c->k : 2;
    p->hist = mem_zalloc(c->frames, p->k * sizeof *p->hist);
    p->kept = mem_zalloc(room, kept_size(p));
    bool made = frame_heap_init(&p->heap, c->frames);
    return whole_or_nothing(p, ghosts_init(&p->gone, room) && made);
}

static struct policy *clone(const struct policy *original) {
    const struct lru_k *from = (const void *)original;
    struct lru_k *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    p->hist = mem_copy(from->hist, from->heap.frames, p->k * sizeof *p->hist);
    p->kept = mem_copy(from->kept, from->gone.room, kept_size(p));
    bool made = frame_heap_copy(&p->heap, &from->heap);
    return whole_or_nothing(p, ghosts_copy(&p->gone, &from->gone) && made);
}

static uint64_t last(const struct lru_k *p, frame_t f) { return hist_of(p, f)[0]; }
static uint64_t kth_last(const struct lru_k *p, frame_t f) { return hist_of(p, f)[p->k - 1]; }

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    struct lru_k *p = self(policy);
    uint32_t ghost = ghosts_find(&p->gone, page);
    (void)now;
    memset(hist_of(p, f), 0, p->k * sizeof *p->hist);
    if (ghost != GHOST_NONE) memcpy(hist_of(p, f), kept_of(p, ghost), kept_size(p));
    ghosts_remove(&p->gone, ghost);
    frame_heap_put(&p->heap, f, kth_last(p, f), last(p, f));
}

static void on_access(struct policy *policy, frame_t f, uint64_t now, uint32_t next_use) {
    struct lru_k *p = self(policy);
    uint64_t *h = hist_of(p, f);
    (void)next_use;
    memmove(h + 1, h, kept_size(p));
    h[0] = now + 1;
}

static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    struct lru_k *p = self(policy);
    if (evicted && frame_heap_has(&p->heap, f)) memcpy(kept_of(p, ghosts_add(&p->gone, *evicted, 0)), hist_of(p, f), kept_size(p));
    frame_heap_remove(&p->heap, f);
    memset(hist_of(p, f), 0, p->k * sizeof *p->hist);
}

static void on_forget(struct policy *p, struct page_id page) { ghosts_take(&self(p)->gone, page, NULL); }

/* Bring the top up to date until it is the true smallest: keys never lie above the truth. */
static void refresh(void *policy) {
    struct lru_k *p = policy;
    for (;;) {
        const struct heap_node *top = &p->heap.node[0];
        if (top->key == kth_last(p, top->frame) && top->tie == last(p, top->frame)) return;
        frame_heap_put(&p->heap, top->frame, kth_last(p, top->frame), last(p, top->frame));
    }
}

/* By K. */
static const struct {
    const char *rank, *rule;
} words[POLICY_K_MAX + 1] = {
    [1] = {"last", "Its last reference lies the farthest back (K=1: that is LRU)."},
    [2] = {"2nd last", "Its last reference but one (K=2) lies the farthest back."},
    [3] = {"3rd last", "Its 3rd last reference (K=3) lies the farthest back."},
    [4] = {"4th last", "Its 4th last reference (K=4) lies the farthest back."},
    [5] = {"5th last", "Its 5th last reference (K=5) lies the farthest back."},
    [6] = {"6th last", "Its 6th last reference (K=6) lies the farthest back."},
    [7] = {"7th last", "Its 7th last reference (K=7) lies the farthest back."},
    [8] = {"8th last", "Its 8th last reference (K=8) lies the farthest back."},
};

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct lru_k *p = self(policy);
    enum policy_verdict verdict = frame_heap_pick(&p->heap, env, refresh, p, out);
    if (verdict != POLICY_VICTIM) return verdict;
    if (kth_last(p, *out)) *env->told = words[p->k].rule;
    else if (p->k == 2) *env->told = "It was used only once, as far as is known; of such pages it was not used for the longest time.";
    else *env->told = "It was used fewer than K times, as far as is known; of such pages it was not used for the longest time.";
    return verdict;
}

static void describe(const struct policy *policy, struct policy_picture *out) {
    const struct lru_k *p = (const void *)policy;
    out->hand = FRAME_NONE;
    out->rank_name = words[p->k].rank;
    for (frame_t f = 0; f < p->heap.frames; f++) out->rank[f] = kth_last(p, f) ? kth_last(p, f) - 1 : NEXT_NEVER;
    snprintf(out->note, sizeof out->note, "K=%u  %u remembered", p->k, p->gone.count);
}

static bool kept_equal(const struct lru_k *x, const struct lru_k *y) {
    uint32_t i = x->gone.newest, j = y->gone.newest;
    for (; i != GHOST_NONE; i = x->gone.node[i].older, j = y->gone.node[j].older)
        if (memcmp(kept_of(x, i), kept_of(y, j), kept_size(x)) != 0) return false;
    return true;
}

static bool equal(const struct policy *a, const struct policy *b) {
    const struct lru_k *x = (const void *)a, *y = (const void *)b;
    return x->base.ops == y->base.ops && x->k == y->k && frame_heap_equal(&x->heap, &y->heap) &&
           ghosts_equal(&x->gone, &y->gone) && kept_equal(x, y) &&
           memcmp(x->hist, y->hist, x->heap.frames * x->k * sizeof *x->hist) == 0;
}

const struct policy_ops policy_lru_k = {
    .name = "lru_k",
    .title = "LRU-K",
    .rule = "Its K-th last reference lies the farthest back.",
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
