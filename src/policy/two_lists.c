/* two_lists.c - policies with two lists and ghosts; see two_lists.h. */
#include "policy/two_lists.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>
#include <string.h>

uint32_t policy_share(const struct policy_config *c) { return c->share && c->share < c->frames ? c->share : c->frames; }

void two_lists_free(struct policy *p) {
    if (!p) return;
    for (unsigned i = 0; i < 2; i++) {
        frame_list_free(&two_lists(p)->list[i]);
        ghosts_free(&two_lists(p)->ghost[i]);
    }
    free(two_lists(p)->mark);
    free(p);
}

static struct policy *whole_or_nothing(struct two_lists *t, bool made) {
    if (made && t->mark) return (struct policy *)t;
    two_lists_free((struct policy *)t);
    return NULL;
}

struct policy *two_lists_create(size_t size, const struct policy_ops *ops, const struct policy_config *c, uint32_t room_0,
                                uint32_t room_1) {
    struct two_lists *t = mem_zalloc(1, size);
    if (!t) return NULL;
    t->base.ops = ops;
    t->share = policy_share(c);
    t->mark = mem_zalloc(c->frames, sizeof *t->mark);
    bool made = frame_list_init(&t->list[0], c->frames);
    made = frame_list_init(&t->list[1], c->frames) && made;
    made = ghosts_init(&t->ghost[0], room_0) && made;
    made = ghosts_init(&t->ghost[1], room_1) && made;
    return whole_or_nothing(t, made);
}

struct policy *two_lists_clone_of(const struct policy *original, size_t size) {
    const struct two_lists *from = two_lists_const(original);
    struct two_lists *t = mem_copy(original, 1, size);
    if (!t) return NULL;
    t->mark = mem_copy(from->mark, from->list[0].frames, sizeof *t->mark);
    bool made = true;
    for (unsigned i = 0; i < 2; i++) {
        made = frame_list_copy(&t->list[i], &from->list[i]) && made;
        made = ghosts_copy(&t->ghost[i], &from->ghost[i]) && made;
    }
    return whole_or_nothing(t, made);
}

void two_lists_put(struct two_lists *t, unsigned which, frame_t f) {
    frame_list_remove(&t->list[!which], f);
    frame_list_add(&t->list[which], f);
}

frame_t two_lists_oldest(const struct two_lists *t, unsigned which, const struct policy_env *env) {
    frame_t f;
    return frame_list_pick_oldest(&t->list[which], env, &f) == POLICY_VICTIM ? f : FRAME_NONE;
}

enum policy_verdict two_lists_pick(const struct two_lists *t, unsigned which, const struct policy_env *env, frame_t *out) {
    if (frame_list_pick_oldest(&t->list[which], env, out) == POLICY_VICTIM) return POLICY_VICTIM;
    return frame_list_pick_oldest(&t->list[!which], env, out);
}

void two_lists_on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    struct two_lists *t = two_lists(p);
    for (unsigned i = 0; i < 2; i++) {
        if (evicted && frame_list_has(&t->list[i], f)) ghosts_add(&t->ghost[i], *evicted, 0);
        frame_list_remove(&t->list[i], f);
    }
    t->mark[f] = 0;
}

void two_lists_on_forget(struct policy *p, struct page_id page) {
    for (unsigned i = 0; i < 2; i++) ghosts_take(&two_lists(p)->ghost[i], page, NULL);
}

bool two_lists_equal(const struct policy *a, const struct policy *b) {
    const struct two_lists *x = two_lists_const(a), *y = two_lists_const(b);
    bool same = x->base.ops == y->base.ops && x->share == y->share;
    for (unsigned i = 0; same && i < 2; i++)
        same = frame_list_equal(&x->list[i], &y->list[i]) && ghosts_equal(&x->ghost[i], &y->ghost[i]);
    return same && memcmp(x->mark, y->mark, x->list[0].frames * sizeof *x->mark) == 0;
}

void two_lists_draw(const struct policy *p, const char *const *names, struct policy_picture *out) {
    out->hand = FRAME_NONE;
    out->rank_name = "list";
    out->list_name = names;
    for (unsigned i = 0; i < 2; i++) frame_list_draw(&two_lists_const(p)->list[i], (uint8_t)i, out);
}
