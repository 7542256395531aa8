/* run.c - many steps, fast.
 *
 * Nearly all accesses of a real program hit the TLB: rows of them are done in a loop
 * of their own. Most of the others need a walk, or the kernel for a page: miss.c. All
 * this does exactly what the micro-steps would do to the state, and tells nobody. Any
 * other step goes through its micro-steps. The last step of a run goes the long way,
 * so that what is latched and told is that of a real step. That all ways leave the same
 * state is a test.
 */
#include "sim/miss.h"

#include "hw/tlb_state.h"
#include "policy/list_policy.h"

/* What a policy does on a hit: the loop is compiled once for each, from one source. */
enum hot_policy { HOT_NOTHING, HOT_LIST, HOT_CALL, HOT_KERNEL, HOT_SPLIT };

/* What the straight path looks at again and again. */
struct hot {
    struct kernel *kernel;
    struct tlb *tlb;
    struct tlb *fetch;          /* of a split machine; NULL: not split */
    struct policy *policy;
    const struct future *future;
    unsigned page_shift;
    uint32_t frames;
    proc_t running;
    asid_t asid;
    bool plain;                 /* one policy, A and D in the PTE, no entry that the tables do not know */
    bool repeats;               /* a second reference in a row to one page changes something */
    uint64_t ops[ACCESS_KINDS]; /* accesses by kind so far */
};

static struct hot hot_begin(struct machine *m) {
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

static inline uint32_t hot_next_use(const struct hot *h, uint64_t now) {
    return h->future && now < h->future->count ? h->future->next[now] : NEXT_NEVER;
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
#define COUNT_BITS 21 /* a span has at most that many steps */
#define COUNT_MASK (((uint64_t)1 << COUNT_BITS) - 1)

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

/* ---- and what they cannot do: miss.c ---- */

/* What `done` steps add up to that needed no kernel. */
static void count_straight(struct machine *m, struct hot *h, struct misses *x, uint64_t done) {
    struct counters *c = &m->counters;
    c->reads += h->ops[ACCESS_READ] + x->ops[ACCESS_READ];
    c->writes += h->ops[ACCESS_WRITE] + x->ops[ACCESS_WRITE];
    c->fetches += h->ops[ACCESS_FETCH] + x->ops[ACCESS_FETCH];
    c->accesses += done;
    c->translations += done;
    c->tlb_hits += done - x->missed;
    c->tlb_misses += x->missed;
    c->steps += done;
    c->time_ns += done * (m->config->timing.tlb + m->config->timing.memory);
    m->steps_done += done;
    m->cursor += done;
    m->references += done;
    m->kernel->now = m->references;
    memset(h->ops, 0, sizeof h->ops);
    memset(x->ops, 0, sizeof x->ops);
    x->missed = 0;
}

/* Steps in a row that need no operating system, at most `limit`; returns how many, and counts them. Each is one
 * reference. *fault: the one that comes next needs it for its page alone; NULL: whatever it is. */
static uint64_t run_unserved(struct machine *m, struct hot *h, span_loop *loop, struct misses *x, uint64_t limit,
                             uint8_t *log, const struct step **fault) {
    uint64_t done = 0;
    x->end = MISS_DONE;
    *fault = NULL;
    while (x->end == MISS_DONE && done < limit && m->status == VS_OK) {
        const struct step *s = machine_fetch_step(m, m->cursor + done);
        if (!s) break;
        uint64_t in_span = m->span_count - (uint64_t)(s - m->span), n = limit - done < in_span ? limit - done : in_span;
        if (n > COUNT_MASK) n = COUNT_MASK;
        uint64_t ran = x->rough ? 0 : loop(h, s, n, m->references + done);
        if (log) memset(log + done, OUT_HIT, ran);
        if (ran < n) ran += miss_row(m, x, s + ran, n - ran, m->references + done + ran, log ? log + done + ran : NULL);
        done += ran;
        if (x->end == MISS_FAULT) *fault = s + ran;
    }
    count_straight(m, h, x, done);
    return done;
}

/* Steps before the policy has something to do by itself. */
static uint64_t before_policy(const struct machine *m) {
    uint64_t next = kernel_policy_next(m->kernel);
    return next > m->references ? next - m->references : 0;
}

/* Steps in a row, at most `limit`, those that need the operating system for a page included; returns how many were
 * done. One more may be under way. */
static uint64_t run_straight(struct machine *m, struct misses *x, uint64_t limit, uint8_t *log) {
    struct hot h = hot_begin(m);
    span_loop *loop = loop_for(&h);
    bool calm = m->kernel->suspended == 0 && m->waiting_count == 0 && !m->strayed && m->config->working_set_window == 0;
    bool going = m->kernel->process[h.running].alive && calm && tlb_ways(h.tlb) > 0;
    uint64_t done = 0;
    while (going && done < limit) {
        uint64_t left = limit - done, quiet = before_policy(m);
        const struct step *fault;
        uint64_t n = run_unserved(m, &h, loop, x, left < quiet ? left : quiet, log ? log + done : NULL, &fault);
        done += n;
        enum miss_result r = fault ? miss_fault(m, x, fault) : MISS_OTHER;
        going = r == MISS_DONE;
        if (r != MISS_DONE && r != MISS_ENDED) continue;
        if (log) log[done] = x->outcome;
        done++;
    }
    return done;
}

/* ---- a step that needs all its micro-steps ---- */

/* To its end. Nobody sees its translations: they go the straight way, if there is one; and nobody hears the kernel. */
static bool step_unseen(struct machine *m) {
    bool straight = phase_walks_straight(m);
    m->kernel->unheard = true;
    do {
        if (straight && m->in_step && m->phase == PH_LOOKUP) phase_translate(m);
        if (!machine_micro_step(m, NULL)) break;
    } while (m->in_step);
    m->kernel->unheard = false;
    return m->status == VS_OK && !m->in_step;
}

/* The step under way, or the next one, which is number `at` of this run. */
static bool run_one(struct machine *m, uint8_t *log, uint64_t at, bool told) {
    if (!(told ? machine_step(m) : step_unseen(m))) return false;
    if (log) log[at] = (uint8_t)machine_outcome(m);
    return true;
}

uint64_t machine_run(struct machine *m, uint64_t n, uint8_t *log) {
    struct misses x;
    uint64_t done = 0;
    if (m->in_step && !run_one(m, log, done++, true)) return 0;
    misses_begin(&x, m);
    uint64_t left = m->source->count - m->steps_done, end = done + (n < left ? n : left);
    while (done < end && m->status == VS_OK) {
        if (end - done > 1) done += run_straight(m, &x, end - done - 1, log ? log + done : NULL);
        if (!run_one(m, log, done, end - done == 1)) break;
        done++;
        misses_forget(&x);
    }
    return done;
}
