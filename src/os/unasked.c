/* unasked.c - what a policy has the kernel do besides finding victims: ticks of the clock, pages
 * that leave though nobody waits for their frames, pages written before they have to leave.
 *
 * The clock ticks before the references numbered tick, 2 * tick..., the first
 * reference being 0. Where the process of such a reference has ended, the tick
 * comes before the next one that is made.
 */
#include "os/internal.h"

static const struct policy_ops *ops_of(const struct kernel *k) { return policy_ops(k->policy[0]); }

static bool has_clock(const struct kernel *k) { return ops_of(k)->on_tick && k->config->policy.tick; }

bool unasked_tick_due(const struct kernel *k) { return has_clock(k) && k->now / k->config->policy.tick > k->ticks; }

bool kernel_policy_wanted(struct kernel *k) {
    proc_t of;
    return unasked_tick_due(k) || unasked_leaver(k, &of);
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
void unasked_clock_set(struct kernel *k) {
    k->ticks = has_clock(k) && k->now ? (k->now - 1) / k->config->policy.tick : 0;
}

/* One clock for all: under scope local it ticks for every process's policy. */
enum vs_status unasked_tick(struct kernel *k, struct event *e) {
    const char *told = NULL;
    struct policy_env env = evict_env(k, &told);
    os_event(k, e, EV_TICK);
    for (uint32_t i = 0; i < k->policy_count; i++) e->count += ops_of(k)->on_tick(k->policy[i], &env);
    e->rule = told;
    k->ticks++;
    k->latch.phase = OS_IDLE;
    return VS_OK;
}

/* ---- pages that leave ---- */

/* Nothing is latched yet, so frames are looked at for themselves. */
bool unasked_leaver(struct kernel *k, proc_t *of) {
    const char *told;
    struct policy_env env = evict_env(k, &told);
    const struct policy_ops *ops = policy_ops(k->policy[0]);
    frame_t f;
    env.may_evict = evict_can_leave;
    for (uint32_t i = 0; ops->leave && !ops->leaves_at_faults && i < k->policy_count; i++) {
        if (ops->leave(k->policy[i], &env, &f) != POLICY_VICTIM) continue;
        if (k->policy_count > 1) *of = (proc_t)i;
        return true;
    }
    return false;
}

/* The page leaves as victims do, but its frame stays free. */
static enum vs_status latch_leaver(struct kernel *k, struct event *e, frame_t f, enum os_phase back) {
    struct os_latch *l = &k->latch;
    l->reclaim = l->leaving = true;
    l->back = back;
    evict_latch_victim(k, e, f);
    e->kind = EV_POLICY_LEAVE;
    l->evicted = false; /* not for the access under way */
    return VS_OK;
}

/* What the policy does next about pages that leave. VS_LIMIT: no more (and nothing is told). */
static enum vs_status ask_leaver(struct kernel *k, struct event *e, enum os_phase back) {
    const char *told = NULL;
    struct policy_env env = evict_env(k, &told);
    struct policy *policy = policy_of(k, k->latch.proc);
    frame_t f = FRAME_NONE;
    k->latch.gives = k->latch.proc;
    enum policy_verdict verdict = policy_ops(policy)->leave(policy, &env, &f);
    if (verdict == POLICY_NONE) return VS_LIMIT;
    if (verdict == POLICY_PASS) return evict_pass(k, e, f, told);
    enum vs_status s = latch_leaver(k, e, f, back);
    e->rule = told;
    return s;
}

enum vs_status unasked_leave(struct kernel *k, struct event *e) { return ask_leaver(k, e, OS_IDLE); }

/* At a fault that needs a frame for its page. VS_LIMIT: nothing to tell. */
enum vs_status unasked_leave_at_fault(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    if (l->asked || l->for_table) return VS_LIMIT;
    l->was_full |= k->frames_free == 0;
    enum vs_status s = ask_leaver(k, e, OS_FIND_FRAME);
    l->asked = s == VS_LIMIT;
    return s;
}

/* ---- pages written ahead: they stay, and are clean afterwards ---- */

/* The slot that frame f's bytes go to: one that is its own, or a new one. */
static enum vs_status slot_ahead(struct kernel *k, frame_t f, slot_t *out) {
    *out = k->frame[f].slot;
    if (frame_has_own_slot(k, f)) return VS_OK;
    frame_forget_slot(k, f);
    enum vs_status s = swap_take(k, k->frame[f].owner.proc, k->frame[f].owner.vpn, out);
    if (s == VS_OK) frame_keep_slot(k, f, *out);
    return s;
}

static enum vs_status write_to_slot(struct kernel *k, frame_t f, slot_t *out) {
    enum vs_status s = slot_ahead(k, f, out);
    if (s != VS_OK) return s;
    content_drop(&k->slot[*out].content);
    k->slot[*out].content = ram_take(k->hw->ram, f);
    return VS_OK;
}

/* A part of a huge page becomes a page of its own first, as D is kept for the whole. */
enum vs_status unasked_write(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    frame_t f = l->frame;
    if (k->frame[f].owner.order) {
        enum vs_status s = huge_split_page(k, k->frame[f].owner.proc, k->frame[f].owner.vpn, e);
        return s == VS_LIMIT ? evict_out_of_memory(k, e) : s;
    }
    os_event(k, e, EV_WRITE_AHEAD);
    evict_tell_owner(k, e, f);
    if (frame_is_of_file(k, f)) memcpy(e->region, k->file[k->frame[f].file].name, sizeof e->region);
    e->count = k->frame[f].file_page;
    enum vs_status s = frame_is_of_file(k, f) ? cache_write_back(k, f) : write_to_slot(k, f, &e->slot);
    frame_clear_dirty(k, f);
    l->frame = FRAME_NONE;
    l->phase = l->back;
    return s;
}

enum vs_status unasked_write_begin(struct kernel *k, struct event *e, frame_t f) {
    k->latch.back = k->latch.phase;
    k->latch.frame = f;
    k->latch.phase = OS_WRITE_AHEAD;
    return unasked_write(k, e);
}
