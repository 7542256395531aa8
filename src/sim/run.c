/* run.c - many steps, fast.
 *
 * Nearly all accesses of a real program hit the TLB. For these a straight path
 * does exactly what the micro-steps ACCESS, TLB_HIT and MEMORY would do to the
 * state, and tells nobody. Whatever is not such a hit, and always the last
 * step of a run (so that what is latched and told is that of a real step),
 * goes the long way. That both ways leave the same state is a test.
 */
#include "sim/state.h"

#include "hw/tlb_state.h"
#include "policy/list_policy.h"

/* What a policy does on a hit: the loop is compiled once for each, from one source. */
enum hot_policy { HOT_NOTHING, HOT_LIST, HOT_CALL, HOT_KERNEL };

/* What the straight path looks at again and again. */
struct hot {
    struct kernel *kernel;
    struct tlb *tlb;
    struct policy *policy;
    const struct future *future;
    unsigned page_shift;
    uint32_t frames;
    proc_t running;
    asid_t asid;
    bool plain;                 /* one policy, A and D in the PTE, no entry that was put there by hand */
    bool repeats;               /* a second reference in a row to one page changes something */
    uint64_t ops[ACCESS_KINDS]; /* accesses by kind so far */
};

static struct hot hot_begin(struct machine *m) {
    struct kernel *k = m->kernel;
    const struct paging_format *f = m->hw.format;
    struct hot h = {.kernel = k, .tlb = m->hw.tlb, .policy = k->policy[0], .future = m->future,
                    .page_shift = f->page_shift, .frames = m->config->frames, .running = k->running,
                    .asid = m->hw.asid};
    h.plain = paging_has(f, PTE_A) && paging_has(f, PTE_D) && k->policy_count == 1 && !m->config->tlb_preload_count;
    h.repeats = !h.plain || policy_ops(h.policy)->counts_repeats;
    return h;
}

static inline uint32_t hot_next_use(const struct hot *h, uint64_t now) {
    return h->future && now < h->future->count ? h->future->next[now] : NEXT_NEVER;
}

/* The loop's own copies: the compiler keeps them in registers, since nobody else can see them. */
struct lane {
    struct tlb tlb;
    struct frame_list list;
    vpn_t last_vpn;     /* page of the reference before... */
    unsigned last_need; /* ...and what it was found to permit */
    uint64_t counts;    /* accesses by kind, COUNT_BITS each */
};

#define NO_VPN UINT64_MAX
#define COUNT_BITS 21 /* a span has at most that many steps */
#define COUNT_MASK (((uint64_t)1 << COUNT_BITS) - 1)

/* The reference to the page in frame f, as kernel_referenced does it. */
static inline void hot_reference(const struct hot *h, struct lane *lane, frame_t f, enum access_kind op, uint64_t now,
                                 enum hot_policy kind) {
    if (kind == HOT_LIST) {
        frame_list_touch(&lane->list, f);
    } else if (kind == HOT_CALL) {
        policy_ops(h->policy)->on_access(h->policy, f, now, hot_next_use(h, now));
    } else if (kind == HOT_KERNEL && h->kernel->frame[f].shares) {
        h->kernel->now = now;
        kernel_referenced(h->kernel, f, op, hot_next_use(h, now));
    }
}

/* Permissions that an access needs of its translation; PERM_D: it must be dirty already. */
#define PERM_D 16u
static const uint8_t hot_need[ACCESS_KINDS] = {
    [ACCESS_READ] = PERM_U | PERM_R, [ACCESS_WRITE] = PERM_U | PERM_W | PERM_D, [ACCESS_FETCH] = PERM_U | PERM_X};

/* Do step s if it is a plain hit; false: nothing was changed. */
static inline bool hot_step(const struct hot *h, struct lane *lane, const struct step *s, uint64_t now, enum hot_policy kind) {
    if (s->kind != STEP_ACCESS || (s->flags & STEP_HAS_VALUE) || step_crosses(s, h->page_shift)) return false;
    if (s->proc != PROC_NONE && s->proc != h->running) return false;
    enum access_kind op = (enum access_kind)s->op;
    unsigned need = hot_need[op];
    vpn_t vpn = va_to_vpn(s->va, h->page_shift);
    bool again = vpn == lane->last_vpn && (lane->last_need & need) == need && !h->repeats;
    if (!again) {
        pfn_t pfn = tlb_use(&lane->tlb, vpn, h->asid, need & ~PERM_D, op == ACCESS_WRITE);
        if (pfn == TLB_NO_PFN) return false;
        if (pfn < h->frames) hot_reference(h, lane, (frame_t)pfn, op, now, kind);
        lane->last_need = vpn == lane->last_vpn ? lane->last_need | need : need;
        lane->last_vpn = vpn;
    }
    lane->counts += (uint64_t)1 << (COUNT_BITS * op);
    return true;
}

/* Plain hits from s[0] on, at most n; returns how many. */
static inline uint64_t hot_span(struct hot *hot, const struct step *s, uint64_t n, uint64_t now, enum hot_policy kind) {
    const struct hot h = *hot;
    struct lane lane = {.tlb = *h.tlb, .last_vpn = NO_VPN};
    if (kind == HOT_LIST) lane.list = list_policy(h.policy)->list;
    uint64_t i = 0;
    while (i < n && hot_step(&h, &lane, &s[i], now + i, kind)) i++;
    h.tlb->clock = lane.tlb.clock;
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

typedef uint64_t span_loop(struct hot *, const struct step *, uint64_t, uint64_t);

static span_loop *loop_for(const struct hot *h) {
    const struct policy_ops *ops = policy_ops(h->policy);
    if (!h->plain) return span_kernel;
    if (!ops->on_access) return span_nothing;
    return ops->on_access == list_policy_on_access ? span_list : span_call;
}

/* What `done` hits add up to. */
static void count_hits(struct machine *m, const struct hot *h, uint64_t done) {
    struct counters *c = &m->counters;
    c->reads += h->ops[ACCESS_READ];
    c->writes += h->ops[ACCESS_WRITE];
    c->fetches += h->ops[ACCESS_FETCH];
    c->accesses += done;
    c->translations += done;
    c->tlb_hits += done;
    c->steps += done;
    c->time_ns += done * (m->config->timing.tlb + m->config->timing.memory);
    m->steps_done += done;
    m->references += done;
    m->kernel->now = m->references;
}

/* Hits in a row, at most `limit`; returns how many. */
static uint64_t run_hits(struct machine *m, uint64_t limit, uint8_t *log) {
    struct hot h = hot_begin(m);
    span_loop *loop = loop_for(&h);
    uint64_t done = 0;
    bool going = m->kernel->process[h.running].alive && tlb_ways(h.tlb) > 0;
    while (going && done < limit) {
        const struct step *s = machine_fetch_step(m, m->steps_done + done);
        if (!s) break;
        uint64_t in_span = m->span_count - (uint64_t)(s - m->span), n = limit - done < in_span ? limit - done : in_span;
        if (n > COUNT_MASK) n = COUNT_MASK;
        uint64_t ran = loop(&h, s, n, m->references + done);
        done += ran;
        going = ran == n;
    }
    if (log) memset(log, OUT_HIT, done);
    count_hits(m, &h, done);
    return done;
}

static bool run_one(struct machine *m, uint8_t *log, uint64_t at) {
    if (!machine_step(m)) return false;
    if (log) log[at] = (uint8_t)machine_outcome(m);
    return true;
}

uint64_t machine_run(struct machine *m, uint64_t n, uint8_t *log) {
    uint64_t done = 0;
    if (m->in_step && !run_one(m, log, done++)) return 0;
    uint64_t left = m->source->count - m->steps_done, end = done + (n < left ? n : left);
    while (done < end && m->status == VS_OK) {
        if (!m->in_step && end - done > 1) done += run_hits(m, end - done - 1, log ? log + done : NULL);
        if (!run_one(m, log, done)) break;
        done++;
    }
    return done;
}
