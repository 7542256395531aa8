/* two_lists.h - what the policies share that keep their pages in two lists, and
 * remember some that left as ghosts: TWO_Q, S3_FIFO, ARC, CAR, LINUX. Private to src/policy.
 *
 *      list[0]   new pages                 ghost[0]   pages that left it
 *      list[1]   pages that proved useful  ghost[1]   likewise, where the policy wants it
 *
 * Invariant: a frame is in one of the lists when it holds a page of this policy's, else in none.
 */
#ifndef VMSCOPE_POLICY_TWO_LISTS_H
#define VMSCOPE_POLICY_TWO_LISTS_H

#include "policy/frame_list.h"
#include "policy/ghosts.h"

struct two_lists {
    struct policy_base base;
    uint32_t share; /* frames that the policy may fill: the c of the papers */
    struct frame_list list[2];
    struct ghosts ghost[2];
    uint8_t *mark; /* [frames] a small number a page; 0 when it is loaded, and in free frames */
};

static inline struct two_lists *two_lists(struct policy *p) { return (struct two_lists *)(void *)p; }
static inline const struct two_lists *two_lists_const(const struct policy *p) {
    return (const struct two_lists *)(const void *)p;
}

/* Frames that a policy of this configuration may fill. */
uint32_t policy_share(const struct policy_config *c);

/* `size` bytes that begin with a struct two_lists, the others 0; room for so many ghosts of each kind. */
struct policy *two_lists_create(size_t size, const struct policy_ops *ops, const struct policy_config *c, uint32_t room_0,
                                uint32_t room_1);
struct policy *two_lists_clone_of(const struct policy *p, size_t size);
void two_lists_draw(const struct policy *p, const char *const *names, struct policy_picture *out);

void two_lists_put(struct two_lists *t, unsigned which, frame_t f); /* as the newest of that list, out of the other */
static inline bool two_lists_has(const struct two_lists *t, frame_t f) {
    return frame_list_has(&t->list[0], f) || frame_list_has(&t->list[1], f);
}
/* The oldest that may leave; FRAME_NONE: none. */
frame_t two_lists_oldest(const struct two_lists *t, unsigned which, const struct policy_env *env);
/* The victim is the oldest of list `which` that may leave, or else of the other one. */
enum policy_verdict two_lists_pick(const struct two_lists *t, unsigned which, const struct policy_env *env, frame_t *out);

/* Entries of the tables of functions. */
void two_lists_free(struct policy *p);
void two_lists_on_free(struct policy *p, frame_t f, const struct page_id *evicted); /* evicted ones become ghosts of their list */
void two_lists_on_forget(struct policy *p, struct page_id page);
bool two_lists_equal(const struct policy *a, const struct policy *b);

#endif
