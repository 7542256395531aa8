/* list_policy.c - policies whose whole state is one order of frames; see list_policy.h. */
#include "policy/list_policy.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>

struct policy *list_policy_create(const struct policy_ops *ops, const struct policy_config *c) {
    struct list_policy *p = mem_zalloc(1, sizeof *p);
    if (!p) return NULL;
    p->base.ops = ops;
    if (frame_list_init(&p->list, c->frames)) return (struct policy *)p;
    free(p);
    return NULL;
}

struct policy *list_policy_clone(const struct policy *from) {
    struct list_policy *p = mem_copy(from, 1, sizeof *p);
    if (!p) return NULL;
    if (frame_list_copy(&p->list, &list_policy_const(from)->list)) return (struct policy *)p;
    free(p);
    return NULL;
}

void list_policy_free(struct policy *p) {
    if (!p) return;
    frame_list_free(&list_policy(p)->list);
    free(p);
}

void list_policy_on_load(struct policy *p, frame_t f, struct page_id page, uint64_t now) {
    (void)page;
    (void)now;
    frame_list_add(&list_policy(p)->list, f);
}

void list_policy_on_access(struct policy *p, frame_t f, uint64_t now, uint32_t next_use) {
    (void)now;
    (void)next_use;
    frame_list_touch(&list_policy(p)->list, f);
}

void list_policy_on_free(struct policy *p, frame_t f, const struct page_id *evicted) {
    (void)evicted;
    frame_list_remove(&list_policy(p)->list, f);
}

bool list_policy_equal(const struct policy *a, const struct policy *b) {
    return policy_ops(a) == policy_ops(b) &&
           frame_list_equal(&list_policy_const(a)->list, &list_policy_const(b)->list);
}

void list_policy_describe_queue(const struct policy *p, struct policy_picture *out) {
    out->hand = FRAME_NONE;
    out->rank_name = "queue";
    frame_list_draw(&list_policy_const(p)->list, 0, out);
}

void list_policy_describe_age(const struct policy *p, struct policy_picture *out) {
    const struct frame_list *l = &list_policy_const(p)->list;
    frame_t f = l->newest;
    out->hand = FRAME_NONE;
    out->rank_name = "age";
    if (f == FRAME_NONE) return;
    uint64_t age = 0;
    do {
        out->rank[f] = age++;
        f = l->link[f].older;
    } while (f != l->newest);
}
