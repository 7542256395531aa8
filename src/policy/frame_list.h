/* frame_list.h - frames in an order, newest to oldest; private to src/policy.
 *
 * A circular, doubly linked list whose links are frame numbers, so that a copy
 * of the array is a copy of the list:
 *
 *      newest --older--> ... --older--> oldest
 *        ^                                 |
 *        +-------------older---------------+     (newer runs the other way)
 *
 * Invariant: link[f].newer is FRAME_NONE exactly where f is not in the list;
 * following `older` from `newest` meets each of its frames once.
 */
#ifndef VMSCOPE_POLICY_FRAME_LIST_H
#define VMSCOPE_POLICY_FRAME_LIST_H

#include "vmscope/policy/policy.h"

struct frame_link {
    frame_t newer, older;
};

struct frame_list {
    frame_t newest; /* FRAME_NONE: the list is empty */
    uint32_t frames; /* of the machine */
    struct frame_link *link; /* [frames] */
    uint32_t count; /* in the list. It stands last: before `link` it slowed the loop of sim/hot.c by a tenth (measured) */
};

bool frame_list_init(struct frame_list *l, uint32_t frames); /* empty; false: no memory */
bool frame_list_copy(struct frame_list *to, const struct frame_list *from);
void frame_list_free(struct frame_list *l);
bool frame_list_equal(const struct frame_list *a, const struct frame_list *b);

void frame_list_add(struct frame_list *l, frame_t f); /* as the newest */
void frame_list_remove(struct frame_list *l, frame_t f);

/* The frame nearest to that end which may be evicted. */
enum policy_verdict frame_list_pick_oldest(const struct frame_list *l, const struct policy_env *env,
                                           frame_t *out);
enum policy_verdict frame_list_pick_newest(const struct frame_list *l, const struct policy_env *env,
                                           frame_t *out);

/* Each frame's place, 1 for the oldest, and which list of the policy it is. */
void frame_list_draw(const struct frame_list *l, uint8_t list, struct policy_picture *out);

static inline bool frame_list_has(const struct frame_list *l, frame_t f) {
    return l->link[f].newer != FRAME_NONE;
}

static inline frame_t frame_list_oldest(const struct frame_list *l) {
    return l->newest == FRAME_NONE ? FRAME_NONE : l->link[l->newest].newer;
}

/* Take f, which is not alone, out of the ring. */
static inline void frame_list_unhook(struct frame_list *l, frame_t f) {
    struct frame_link *link = l->link;
    link[link[f].newer].older = link[f].older;
    link[link[f].older].newer = link[f].newer;
}

/* Put f into the ring, which is not empty, between the oldest and the newest. */
static inline void frame_list_hook(struct frame_list *l, frame_t f) {
    struct frame_link *link = l->link;
    frame_t head = l->newest, tail = link[head].newer;
    link[f].newer = tail;
    link[f].older = head;
    link[tail].older = f;
    link[head].newer = f;
    l->newest = f;
}

/* Make f the newest. The hottest code of the whole program: LRU runs it for
 * every reference, and most references meet the page of the one before. */
static inline void frame_list_touch(struct frame_list *l, frame_t f) {
    if (l->newest == f || !frame_list_has(l, f)) return;
    frame_list_unhook(l, f);
    frame_list_hook(l, f);
}

#endif
