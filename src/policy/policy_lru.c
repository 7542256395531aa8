/* policy_lru.c - least recently used, exactly.
 *
 * The past is taken as a picture of the future: the page that was not used for
 * the longest time will not be used for the longest time. Every reference
 * moves its page to the front of the order, which no real processor does for
 * pages; CLOCK approximates it with one bit a page.
 *
 * The n most recently used pages are among the n + 1 most recently used ones:
 * LRU is a stack algorithm and knows no Belady's anomaly.
 * Mattson, Gecsei, Slutz, Traiger, Evaluation Techniques for Storage Hierarchies,
 * IBM Systems Journal 1970.
 */
#include "policy/list_policy.h"

#include "policy/policies.h"

static struct policy *create(const struct policy_config *c) { return list_policy_create(&policy_lru, c); }

static enum policy_verdict pick(struct policy *p, const struct policy_env *env, frame_t *out) {
    return frame_list_pick_oldest(&list_policy(p)->list, env, out);
}

const struct policy_ops policy_lru = {
    .name = "lru",
    .title = "LRU",
    .rule = "It was not used for the longest time.",
    .source =
        "Mattson, Gecsei, Slutz, Traiger, Evaluation Techniques for Storage Hierarchies, IBM Syst. J., 1970",
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
