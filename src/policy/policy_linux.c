/* policy_linux.c - two lists, active and inactive, as Linux had them before MGLRU and has them still.
 *
 *   new page --> inactive ----- used twice ----> active
 *                 |     ^                          |
 *    not used     v     '---- when inactive is ----'
 *              evicted             the shorter one
 *
 * Both are scanned from their oldest page, and R is cleared as a page is looked
 * at. Inactive: R=0 leaves. R=1 for the first time: the page is marked as
 * referenced and goes round once more; R=1 and marked: it becomes active.
 * Active: while it is the longer list, its oldest page becomes inactive, used or
 * not; it can come back. A page that left is remembered with the number of
 * evictions and activations so far. When it comes back and there were no more of
 * them since than the active list has pages, it would have stayed had the active
 * pages been its memory: it becomes active at once (a refault).
 * Torvalds and others, Linux 6: mm/vmscan.c (shrink_active_list,
 * shrink_folio_list, folio_check_references, inactive_is_low) and mm/workingset.c;
 * Gorman, Understanding the Linux Virtual Memory Manager, 2004, chapter 10.
 * Left out: that anonymous and file pages have lists of their own, that pages of
 * running programs stay active, and that Linux takes 32 pages at a time.
 */
#include "policy/policies.h"
#include "policy/two_lists.h"

#include <stdio.h>

#define MARKED 1 /* the mark: it was found with R=1 before (PG_referenced) */

enum { INACTIVE, ACTIVE };

struct linux_policy {
    struct two_lists two; /* ghost[INACTIVE]: pages that left, with the age at which they did */
    uint64_t age;         /* evictions and activations so far */
};

static struct linux_policy *self(struct policy *p) { return (struct linux_policy *)(void *)p; }

static struct policy *create(const struct policy_config *c) {
    return two_lists_create(sizeof(struct linux_policy), &policy_linux, c, policy_share(c), 0);
}

static struct policy *clone(const struct policy *p) { return two_lists_clone_of(p, sizeof(struct linux_policy)); }

static void activate(struct linux_policy *l, frame_t f) {
    two_lists_put(&l->two, ACTIVE, f);
    l->age++;
}

static void on_load(struct policy *policy, frame_t f, struct page_id page, uint64_t now) {
    struct linux_policy *l = self(policy);
    uint64_t left_at = 0;
    (void)now;
    bool came_back = ghosts_take(&l->two.ghost[INACTIVE], page, &left_at);
    l->two.mark[f] = 0;
    if (came_back && l->age - left_at <= l->two.list[ACTIVE].count) activate(l, f);
    else two_lists_put(&l->two, INACTIVE, f);
}

static void on_free(struct policy *policy, frame_t f, const struct page_id *evicted) {
    struct linux_policy *l = self(policy);
    if (evicted && two_lists_has(&l->two, f)) ghosts_add(&l->two.ghost[INACTIVE], *evicted, l->age++);
    two_lists_on_free(policy, f, NULL);
}

/* The oldest active page. */
static enum policy_verdict deactivate(struct linux_policy *l, const struct policy_env *env, frame_t f) {
    bool used = env->referenced(env->os, f);
    if (used) env->clear_referenced(env->os, f);
    two_lists_put(&l->two, INACTIVE, f);
    *env->told = "The active list is the longer one: its oldest page becomes inactive, and R is cleared.";
    return POLICY_MOVE;
}

/* The oldest inactive page. */
static enum policy_verdict look_at(struct linux_policy *l, const struct policy_env *env, frame_t f) {
    if (!env->referenced(env->os, f)) return POLICY_VICTIM;
    env->clear_referenced(env->os, f);
    bool again = l->two.mark[f] == MARKED;
    l->two.mark[f] = MARKED;
    if (again) activate(l, f);
    else two_lists_put(&l->two, INACTIVE, f);
    *env->told = again ? "That was found before: it becomes active, and R is cleared."
                       : "That is the first time: it is marked, goes round the inactive list once more, and R is cleared.";
    return POLICY_PASS;
}

static enum policy_verdict pick(struct policy *policy, const struct policy_env *env, frame_t *out) {
    struct linux_policy *l = self(policy);
    frame_t inactive = two_lists_oldest(&l->two, INACTIVE, env), active = two_lists_oldest(&l->two, ACTIVE, env);
    bool low = l->two.list[INACTIVE].count < l->two.list[ACTIVE].count;
    *out = active != FRAME_NONE && (low || inactive == FRAME_NONE) ? active : inactive;
    if (*out == FRAME_NONE) return POLICY_NONE;
    return *out == active ? deactivate(l, env, active) : look_at(l, env, inactive);
}

static void describe(const struct policy *p, struct policy_picture *out) {
    static const char *const names[] = {"in", "act"};
    const struct linux_policy *l = (const void *)p;
    two_lists_draw(p, names, out);
    snprintf(out->note, sizeof out->note, "active %u  inactive %u  gone %u", l->two.list[ACTIVE].count,
             l->two.list[INACTIVE].count, l->two.ghost[INACTIVE].count);
}

static bool equal(const struct policy *a, const struct policy *b) {
    if (!two_lists_equal(a, b)) return false;
    const struct linux_policy *x = (const void *)a, *y = (const void *)b;
    return x->age == y->age;
}

const struct policy_ops policy_linux = {
    .name = "linux",
    .title = "LINUX",
    .rule = "It is the oldest on the inactive list, and was not used since it came, or came by (R=0).",
    .source = "Linux 6, mm/vmscan.c and mm/workingset.c; Gorman, Understanding the Linux VM Manager, 2004, ch. 10",
    .create = create,
    .clone = clone,
    .free = two_lists_free,
    .on_load = on_load,
    .on_free = on_free,
    .on_forget = two_lists_on_forget,
    .pick = pick,
    .describe = describe,
    .equal = equal,
    .uses_reference_bit = true,
};
