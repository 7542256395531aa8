/* policy_second_chance.c - FIFO with a second chance.
 *
 * The queue of FIFO, but a page whose R is 1 when its turn comes goes to the
 * end of the queue as if it were new, with R cleared. CLOCK is the same queue
 * bent into a circle, where the hand moves instead of the pages: both evict the
 * same pages. So that this stays true, a page that may not be evicted goes to
 * the end too, as a hand would pass it.
 * Tanenbaum, Bos, Modern Operating Systems, 3.4.4.
 */
#include "policy/list_policy.h"

#include "policy/policies.h"

static struct policy *create(const struct policy_config *c) {
    return list_policy_create(&policy_second_chance, c);
}

/* At most once round the queue: then it stands as before and nothing can leave. */
static enum policy_verdict pick(struct policy *p, const struct policy_env *env, frame_t *out) {
    struct frame_list *queue = &list_policy(p)->list;
    const frame_t first = frame_list_oldest(queue);
    if (first == FRAME_NONE) return POLICY_NONE;
    do {
        frame_t f = *out = frame_list_oldest(queue);
        bool candidate = env->may_evict(env->os, f);
        if (candidate && !env->referenced(env->os, f)) return POLICY_VICTIM;
        frame_list_touch(queue, f);
        if (candidate) {
            env->clear_referenced(env->os, f);
            return POLICY_PASS;
        }
    } while (frame_list_oldest(queue) != first);
    return POLICY_NONE;
}

const struct policy_ops policy_second_chance = {
    .name = "second_chance",
    .title = "SECOND CHANCE",
    .rule = "It is the first in the queue, and with R=0 it gets no second chance.",
    .source = "Tanenbaum, Bos, Modern Operating Systems, 3.4.4",
    .create = create,
    .clone = list_policy_clone,
    .free = list_policy_free,
    .on_load = list_policy_on_load,
    .on_free = list_policy_on_free,
    .pick = pick,
    .describe = list_policy_describe_queue,
    .equal = list_policy_equal,
    .uses_reference_bit = true,
};
