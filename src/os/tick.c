/* tick.c - what the policy does between references, without a fault.
 *
 * The clock ticks before the references numbered tick, 2 * tick..., the first
 * reference being 0. Where the process of such a reference has ended, the tick
 * comes before the next one that is made.
 */
#include "os/internal.h"

static const struct policy_ops *ops_of(const struct kernel *k) { return policy_ops(k->policy[0]); }

static bool has_clock(const struct kernel *k) { return ops_of(k)->on_tick && k->config->policy.tick; }

bool policy_tick_due(const struct kernel *k) { return has_clock(k) && k->now / k->config->policy.tick > k->ticks; }

bool kernel_policy_wanted(struct kernel *k) {
    proc_t of;
    return policy_tick_due(k) || evict_leaver(k, &of);
}

uint64_t kernel_policy_next(const struct kernel *k) {
    uint64_t next = has_clock(k) ? (k->ticks + 1) * k->config->policy.tick : UINT64_MAX;
    for (uint32_t i = 0; ops_of(k)->leaves_next && i < k->policy_count; i++) {
        uint64_t leaves = ops_of(k)->leaves_next(k->policy[i]);
        if (leaves < next) next = leaves;
    }
    return next;
}

/* The tick before the reference that comes next is still to be. */
void policy_clock_set(struct kernel *k) {
    k->ticks = has_clock(k) && k->now ? (k->now - 1) / k->config->policy.tick : 0;
}

/* One clock for all: under scope local it ticks for every process's policy. */
enum vs_status policy_tick(struct kernel *k, struct event *e) {
    const char *told = NULL;
    struct policy_env env = evict_env(k, &told);
    os_event(k, e, EV_TICK);
    for (uint32_t i = 0; i < k->policy_count; i++) e->count += ops_of(k)->on_tick(k->policy[i], &env);
    e->rule = told;
    k->ticks++;
    k->latch.phase = OS_IDLE;
    return VS_OK;
}
