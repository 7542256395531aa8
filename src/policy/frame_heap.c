/* frame_heap.c - frames by a key; see frame_heap.h. */
#include "policy/frame_heap.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>

#define CHILDREN 4

bool frame_heap_init(struct frame_heap *h, uint32_t frames) {
    h->frames = frames;
    h->used = 0;
    h->node = mem_zalloc(frames, sizeof *h->node);
    h->place = mem_zalloc(frames, sizeof *h->place);
    if (h->node && h->place) return true;
    frame_heap_free(h);
    return false;
}

bool frame_heap_copy(struct frame_heap *to, const struct frame_heap *from) {
    *to = *from;
    to->node = mem_copy(from->node, from->frames, sizeof *from->node);
    to->place = mem_copy(from->place, from->frames, sizeof *from->place);
    if (to->node && to->place) return true;
    frame_heap_free(to);
    return false;
}

void frame_heap_free(struct frame_heap *h) {
    free(h->node);
    free(h->place);
    h->node = NULL;
    h->place = NULL;
}

/* The same frames under the same keys: whatever shape the heap has, the same ones will be picked. */
bool frame_heap_equal(const struct frame_heap *a, const struct frame_heap *b) {
    if (a->frames != b->frames || a->used != b->used) return false;
    for (frame_t f = 0; f < a->frames; f++) {
        if (frame_heap_has(a, f) != frame_heap_has(b, f)) return false;
        if (!frame_heap_has(a, f)) continue;
        const struct heap_node *x = &a->node[a->place[f] - 1], *y = &b->node[b->place[f] - 1];
        if (x->key != y->key || x->tie != y->tie) return false;
    }
    return true;
}

static bool below(const struct heap_node *a, const struct heap_node *b) {
    if (a->key != b->key) return a->key < b->key;
    return a->tie != b->tie ? a->tie < b->tie : a->frame < b->frame;
}

static void set(struct frame_heap *h, uint32_t i, struct heap_node n) {
    h->node[i] = n;
    h->place[n.frame] = i + 1;
}

/* Node n belongs at i or above: move larger parents down. Returns where it came to rest. */
static uint32_t rise(struct frame_heap *h, uint32_t i, struct heap_node n) {
    while (i > 0) {
        uint32_t parent = (i - 1) / CHILDREN;
        if (!below(&n, &h->node[parent])) break;
        set(h, i, h->node[parent]);
        i = parent;
    }
    set(h, i, n);
    return i;
}

/* The smallest child of i, or `used` when it has none. */
static uint32_t smallest_child(const struct frame_heap *h, uint32_t i) {
    uint64_t first = (uint64_t)i * CHILDREN + 1, end = first + CHILDREN;
    if (first >= h->used) return h->used;
    if (end > h->used) end = h->used;
    uint32_t best = (uint32_t)first;
    for (uint32_t c = best + 1; c < end; c++)
        if (below(&h->node[c], &h->node[best])) best = c;
    return best;
}

/* Node n belongs at i or below: move smaller children up. */
static void sink(struct frame_heap *h, uint32_t i, struct heap_node n) {
    for (;;) {
        uint32_t child = smallest_child(h, i);
        if (child == h->used || !below(&h->node[child], &n)) break;
        set(h, i, h->node[child]);
        i = child;
    }
    set(h, i, n);
}

/* Put n where it belongs, starting from the hole at i. */
static void settle(struct frame_heap *h, uint32_t i, struct heap_node n) {
    if (rise(h, i, n) == i) sink(h, i, n);
}

void frame_heap_put(struct frame_heap *h, frame_t f, uint64_t key, uint64_t tie) {
    uint32_t i = frame_heap_has(h, f) ? h->place[f] - 1 : h->used++;
    settle(h, i, (struct heap_node){key, tie, f});
}

void frame_heap_remove(struct frame_heap *h, frame_t f) {
    if (!frame_heap_has(h, f)) return;
    uint32_t i = h->place[f] - 1;
    h->used--;
    h->place[f] = 0;
    if (i != h->used) settle(h, i, h->node[h->used]);
}

/* To look past the top: it goes just behind the heap's end... */
static void put_aside(struct frame_heap *h) {
    struct heap_node top = h->node[0];
    h->used--;
    if (h->used > 0) sink(h, 0, h->node[h->used]);
    set(h, h->used, top);
}

/* ...and all that was put aside since `used` was `full` comes back. */
static void restore(struct frame_heap *h, uint32_t full) {
    while (h->used < full) {
        h->used++;
        rise(h, h->used - 1, h->node[h->used - 1]);
    }
}

enum policy_verdict frame_heap_pick(struct frame_heap *h, const struct policy_env *env, void (*refresh)(void *policy),
                                    void *policy, frame_t *out) {
    enum policy_verdict verdict = POLICY_NONE;
    const uint32_t full = h->used;
    while (verdict == POLICY_NONE && h->used > 0) {
        if (refresh) refresh(policy);
        *out = h->node[0].frame;
        if (env->may_evict(env->os, *out))
            verdict = POLICY_VICTIM;
        else
            put_aside(h);
    }
    restore(h, full);
    return verdict;
}
