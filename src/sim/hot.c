/* hot.c - plain hits: accesses whose translation the TLB holds, as nearly all of a real program's are.
 *
 * The loop does exactly what their micro-steps would do to the state, and tells nobody.
 */
#include "sim/hot.h"

#include "hw/tlb_state.h"
#include "policy/list_policy.h"

/* What a policy does on a hit: the loop is compiled once for each, from one source. */
enum hot_policy { HOT_NOTHING, HOT_LIST, HOT_CALL, HOT_KERNEL, HOT_SPLIT };

struct hot hot_begin(const struct machine *m) {
    struct kernel *k = m->kernel;
    const struct paging_format *f = m->hw.format;
    struct hot h = {.kernel = k, .tlb = m->hw.tlbs.unit[TLB_DATA],
                    .fetch = tlbs_has(&m->hw.tlbs, TLB_FETCH) ? m->hw.tlbs.unit[TLB_FETCH] : NULL,
                    .policy = k->policy[0], .future = m->future,
                    .page_shift = f->page_shift, .frames = m->config->frames, .running = k->running,
                    .asid = m->hw.regs.asid};
    h.plain = paging_has(f, PTE_A) && paging_has(f, PTE_D) && k->policy_count == 1 && !m->config->tlb_preload_count &&
              !m->config->never_invalidates;
    h.repeats = !h.plain || h.fetch || policy_ops(h.policy)->counts_repeats;
    return h;
}

/* The loop's own copies: the compiler keeps them in registers, since nobody else can see them. */
struct lane {
    struct tlb tlb, fetch;
    struct frame_list list;
    vpn_t last_vpn;     /* page of the reference before... */
    unsigned last_need; /* ...and what it was found to permit */
    uint64_t counts;    /* accesses by kind, COUNT_BITS each */
};

#define NO_VPN UINT64_MAX
#define COUNT_BITS 21
#define COUNT_MASK HOT_MOST

/* The reference to the page in frame f, as kernel_referenced does it. */
static inline void hot_reference(const struct hot *h, struct lane *lane, frame_t f, enum access_kind op, uint64_t now,
                                 enum hot_policy kind) {
    if (kind == HOT_LIST) {
        frame_list_touch(&lane->list, f);
    } else if (kind == HOT_CALL) {
        policy_ops(h->policy)->on_access(h->policy, f, now, hot_next_use(h, now));
    } else if (kind >= HOT_KERNEL && h->kernel->frame[f].shares) {
        h->kernel->now = now;
        kernel_referenced(h->kernel, f, op, hot_next_use(h, now));
    }
}

/* Permissions that an access needs of its translation; PERM_D: it must be dirty already. */
#define PERM_D 16u
static const uint8_t hot_need[ACCESS_KINDS] = {
    [ACCESS_READ] = PERM_U | PERM_R, [ACCESS_WRITE] = PERM_U | PERM_W | PERM_D, [ACCESS_FETCH] = PERM_U | PERM_X};

/* Do step s if it is a plain hit; false: nothing was changed. */
TLB_INLINE bool hot_step(const struct hot *h, struct lane *lane, const struct step *s, uint64_t now, enum hot_policy kind) {
    if (s->kind != STEP_ACCESS || s->name || (s->flags & (STEP_HAS_VALUE | STEP_KERNEL))) return false;
    if (step_crosses(s, h->page_shift)) return false;
    if (s->proc != PROC_NONE && s->proc != h->running) return false;
    enum access_kind op = (enum access_kind)s->op;
    unsigned need = hot_need[op];
    vpn_t vpn = va_to_vpn(s->va, h->page_shift);
    bool again = vpn == lane->last_vpn && (lane->last_need & need) == need && !h->repeats;
    if (!again) {
        struct tlb *tlb = kind == HOT_SPLIT && op == ACCESS_FETCH ? &lane->fetch : &lane->tlb;
        pfn_t pfn = tlb_use(tlb, vpn, h->asid, need & ~PERM_D, op == ACCESS_WRITE);
        if (pfn == TLB_NO_PFN) return false;
        if (pfn < h->frames) hot_reference(h, lane, (frame_t)pfn, op, now, kind);
        lane->last_need = vpn == lane->last_vpn ? lane->last_need | need : need;
        lane->last_vpn = vpn;
    }
    lane->counts += (uint64_t)1 << (COUNT_BITS * op);
    return true;
}

/* Plain hits from s[0] on, at most n; returns how many. */
TLB_INLINE uint64_t hot_span(struct hot *hot, const struct step *s, uint64_t n, uint64_t now, enum hot_policy kind) {
    const struct hot h = *hot;
    struct lane lane = {.tlb = *h.tlb, .last_vpn = NO_VPN};
    if (kind == HOT_LIST) lane.list = list_policy(h.policy)->list;
    if (kind == HOT_SPLIT) lane.fetch = *h.fetch;
    uint64_t i = 0;
    while (i < n && hot_step(&h, &lane, &s[i], now + i, kind)) i++;
    h.tlb->clock = lane.tlb.clock;
    if (kind == HOT_SPLIT) h.fetch->clock = lane.fetch.clock;
    if (kind == HOT_LIST) list_policy(h.policy)->list = lane.list;
    for (unsigned op = 0; op < ACCESS_KINDS; op++) hot->ops[op] += lane.counts >> (COUNT_BITS * op) & COUNT_MASK;
    return i;
}

static uint64_t span_nothing(struct hot *h, const struct step *s, uint64_t n, uint64_t now) {
    return hot_span(h, s, n, now, HOT_NOTHING);
}
static uint64_t span_list(struct hot *h, const struct step *s, uint64_t n, uint64_t now) {
    return hot_span(h, s, n, now, HOT_LIST);
}
static uint64_t span_call(struct hot *h, const struct step *s, uint64_t n, uint64_t now) {
    return hot_span(h, s, n, now, HOT_CALL);
}

static uint64_t span_kernel(struct hot *h, const struct step *s, uint64_t n, uint64_t now) {
    return hot_span(h, s, n, now, HOT_KERNEL);
}

/* Instructions and data in TLBs of their own: each kind of access has seen its own last page. */
static uint64_t span_split(struct hot *h, const struct step *s, uint64_t n, uint64_t now) {
    return hot_span(h, s, n, now, HOT_SPLIT);
}

typedef uint64_t span_loop(struct hot *, const struct step *, uint64_t, uint64_t);

static span_loop *loop_for(const struct hot *h) {
    const struct policy_ops *ops = policy_ops(h->policy);
    if (h->fetch) return span_split;
    if (!h->plain) return span_kernel;
    if (!ops->on_access) return span_nothing;
    return ops->on_access == list_policy_on_access ? span_list : span_call;
}

uint64_t hot_run(struct hot *h, const struct step *s, uint64_t n, uint64_t now) {
    return loop_for(h)(h, s, n, now);
}
