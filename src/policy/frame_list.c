/* frame_list.c - frames in an order; see frame_list.h. */
#include "policy/frame_list.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>
#include <string.h>

bool frame_list_init(struct frame_list *l, uint32_t frames) {
    l->newest = FRAME_NONE;
    l->frames = frames;
    l->count = 0;
    l->link = mem_zalloc(frames, sizeof *l->link);
    if (!l->link) return false;
    for (frame_t f = 0; f < frames; f++) l->link[f] = (struct frame_link){FRAME_NONE, FRAME_NONE};
    return true;
}

bool frame_list_copy(struct frame_list *to, const struct frame_list *from) {
    *to = *from;
    to->link = mem_copy(from->link, from->frames, sizeof *from->link);
    return to->link != NULL;
}

void frame_list_free(struct frame_list *l) { free(l->link); }

bool frame_list_equal(const struct frame_list *a, const struct frame_list *b) {
    return a->newest == b->newest && a->frames == b->frames &&
           memcmp(a->link, b->link, a->frames * sizeof *a->link) == 0;
}

void frame_list_add(struct frame_list *l, frame_t f) {
    frame_list_remove(l, f);
    l->count++;
    if (l->newest != FRAME_NONE) {
        frame_list_hook(l, f);
        return;
    }
    l->link[f] = (struct frame_link){f, f};
    l->newest = f;
}

void frame_list_remove(struct frame_list *l, frame_t f) {
    if (!frame_list_has(l, f)) return;
    frame_t older = l->link[f].older;
    l->count--;
    frame_list_unhook(l, f);
    if (l->newest == f) l->newest = older == f ? FRAME_NONE : older;
    l->link[f] = (struct frame_link){FRAME_NONE, FRAME_NONE};
}

/* Once round the ring from `start`; the way is told by `newer`. */
static enum policy_verdict pick_from(const struct frame_list *l, const struct policy_env *env, frame_t start,
                                     bool newer, frame_t *out) {
    frame_t f = start;
    if (f == FRAME_NONE) return POLICY_NONE;
    do {
        if (env->may_evict(env->os, f)) {
            *out = f;
            return POLICY_VICTIM;
        }
        f = newer ? l->link[f].newer : l->link[f].older;
    } while (f != start);
    return POLICY_NONE;
}

enum policy_verdict frame_list_pick_oldest(const struct frame_list *l, const struct policy_env *env,
                                           frame_t *out) {
    return pick_from(l, env, frame_list_oldest(l), true, out);
}

enum policy_verdict frame_list_pick_newest(const struct frame_list *l, const struct policy_env *env,
                                           frame_t *out) {
    return pick_from(l, env, l->newest, false, out);
}

void frame_list_draw(const struct frame_list *l, uint8_t list, struct policy_picture *out) {
    frame_t oldest = frame_list_oldest(l), f = oldest;
    uint64_t place = 1;
    if (f == FRAME_NONE) return;
    do {
        out->rank[f] = place++;
        if (out->list) out->list[f] = list;
        f = l->link[f].newer;
    } while (f != oldest);
}
