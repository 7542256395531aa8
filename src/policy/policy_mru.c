/* policy_mru.c - most recently used.
 *
 * The opposite of LRU, on the same order. It is right where LRU is wrong: in a
 * loop over one page more than there are frames, the page just used is the one
 * that is needed last.
 * Chou, DeWitt, An Evaluation of Buffer Management Strategies for Relational
 * Database Systems, VLDB 1985.
 */
#include "policy/list_policy.h"

#include "policy/policies.h"

static struct policy *create(const struct policy_config *c) { return list_policy_create(&policy_mru, c); }

static enum policy_verdict pick(struct policy *p, const struct policy_env *env, frame_t *out) {
    return frame_list_pick_newest(&list_policy(p)->list, env, out);
}

const struct policy_ops policy_mru = {
    .name = "mru",
    .title = "MRU",
    .rule = "It was used most recently of all.",
    .source = "Chou, DeWitt, An Evaluation of Buffer Management Strategies for Relational DBS, VLDB 1985",
    .create = create,
    .clone = list_policy_clone,
    .free = list_policy_free,
    .on_load = list_policy_on_load,
    .on_access = list_policy_on_access,
    .on_free = list_policy_on_free,
    .pick = pick,
    .describe = list_policy_describe_age,
    .equal = list_policy_equal,
};
