/* policy_fifo.c - first in, first out.
 *
 * Pages stand in a queue in the order in which they were loaded. A reference
 * changes nothing, so a page that is used all the time leaves just as early;
 * more frames can even mean more faults (Belady's anomaly).
 * Belady, Nelson, Shedler, An Anomaly in Space-Time Characteristics of Certain
 * Programs Running in a Paging Machine, CACM 1969.
 */
#include "policy/list_policy.h"

#include "policy/policies.h"

static struct policy *create(const struct policy_config *c) { return list_policy_create(&policy_fifo, c); }

static enum policy_verdict pick(struct policy *p, const struct policy_env *env, frame_t *out) {
    return frame_list_pick_oldest(&list_policy(p)->list, env, out);
}

const struct policy_ops policy_fifo = {
    .name = "fifo",
    .title = "FIFO",
    .rule = "It has been in memory for the longest time.",
    .source = "Belady, Nelson, Shedler, An Anomaly in Space-Time Characteristics of..., CACM, 1969",
    .create = create,
    .clone = list_policy_clone,
    .free = list_policy_free,
    .on_load = list_policy_on_load,
    .on_free = list_policy_on_free,
    .pick = pick,
    .describe = list_policy_describe_queue,
    .equal = list_policy_equal,
};
