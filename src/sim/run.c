/* run.c - many steps, fast.
 *
 * Nearly all accesses of a real program hit the TLB, and most of the others only
 * need a walk. For these a straight path does exactly what their micro-steps
 * would do to the state, and tells nobody. A step that needs the operating system
 * goes through the kernel's own micro-steps; only its translations are made in one
 * go. The last step of a run goes the long way, so that what is latched and told
 * is that of a real step. That all ways leave the same state is a test.
 */
#include "sim/phase.h"

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
    bool straight;              /* a miss that a walk resolves can go the straight way too */
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
    h.straight = phase_walks_straight(m);
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

/* ---- a miss that a walk alone resolves ---- */

/* The walk of a miss, to its end; false: it faults. Nothing but *w is changed. */
static bool walk_straight(const struct machine *m, struct walk *w, const struct step *s) {
    if (!paging_va_exists(m->hw.format, s->va)) return false;
    walk_begin(w, m->hw.format, &m->hw.regs, s->va, (enum access_kind)s->op, true);
    while (!w->done) walk_level(w, m->hw.format, m->hw.ram);
    return w->fault == HW_FAULT_NONE;
}

/* A and D of the walk's PTEs; returns how many words were written. */
static unsigned write_straight(struct machine *m, struct walk *w) {
    struct walk_write due;
    unsigned n = 0;
    for (; m->status == VS_OK && walk_next_write(w, m->hw.format, &due); n++)
        m->status = walk_write(w, m->hw.format, m->hw.ram, &due);
    return n;
}

/* Do step s, which is no plain hit, if its page is not in the TLB but in memory; false: nothing was changed but
 * *w, which is done, with a fault, if it is the step's walk. */
static bool miss_step(struct machine *m, struct hot *h, const struct step *s, uint64_t now, struct walk *w) {
    enum access_kind op = (enum access_kind)s->op;
    w->done = false;
    if (!h->straight || s->kind != STEP_ACCESS || s->name || (s->flags & (STEP_HAS_VALUE | STEP_KERNEL))) return false;
    if (step_crosses(s, h->page_shift) || (s->proc != PROC_NONE && s->proc != h->running)) return false;
    enum tlb_unit unit = tlbs_first(&m->hw.tlbs, op);
    if (tlb_find(m->hw.tlbs.unit[unit], va_to_vpn(s->va, h->page_shift), h->asid).way != TLB_NO_WAY) return false;
    if (!walk_straight(m, w, s)) return false;
    uint64_t in_memory = w->reads + write_straight(m, w);
    struct tlb_entry entry = walk_tlb_entry(w, m->hw.format);
    tlbs_insert(&m->hw.tlbs, unit, &entry, NULL, NULL);
    if (w->pfn < h->frames && h->kernel->frame[w->pfn].shares) {
        h->kernel->now = now;
        kernel_referenced(h->kernel, (frame_t)w->pfn, op, hot_next_use(h, now));
    }
    h->ops[op]++;
    m->counters.tlb_misses++;
    m->counters.walk_reads += w->reads;
    m->counters.time_ns += in_memory * m->config->timing.memory;
    return true;
}

/* What `done` steps add up to, `misses` of them no hits. */
static void count_straight(struct machine *m, const struct hot *h, uint64_t done, uint64_t misses) {
    struct counters *c = &m->counters;
    c->reads += h->ops[ACCESS_READ];
    c->writes += h->ops[ACCESS_WRITE];
    c->fetches += h->ops[ACCESS_FETCH];
    c->accesses += done;
    c->translations += done;
    c->tlb_hits += done - misses;
    c->steps += done;
    c->time_ns += done * (m->config->timing.tlb + m->config->timing.memory);
    m->steps_done += done;
    m->cursor += done;
    m->references += done;
    m->kernel->now = m->references;
}

/* Steps in a row that need no operating system, at most `limit`; returns how many. Each is one reference.
 * *made is done, with a fault, if it is the walk of the step that comes next. */
static uint64_t run_straight(struct machine *m, uint64_t limit, uint8_t *log, struct walk *made) {
    struct hot h = hot_begin(m);
    made->done = false;
    span_loop *loop = loop_for(&h);
    uint64_t done = 0, misses = 0, next = kernel_policy_next(m->kernel);
    if (next < m->references + limit) limit = next > m->references ? next - m->references : 0;
    const struct process *p = &m->kernel->process[h.running];
    bool calm = m->kernel->suspended == 0 && m->waiting_count == 0 && !m->strayed && m->config->working_set_window == 0;
    bool going = p->alive && calm && tlb_ways(h.tlb) > 0;
    while (going && done < limit) {
        const struct step *s = machine_fetch_step(m, m->cursor + done);
        if (!s) break;
        uint64_t in_span = m->span_count - (uint64_t)(s - m->span), n = limit - done < in_span ? limit - done : in_span;
        if (n > COUNT_MASK) n = COUNT_MASK;
        uint64_t ran = loop(&h, s, n, m->references + done);
        if (log) memset(log + done, OUT_HIT, ran);
        done += ran;
        if (ran == n) continue;
        going = miss_step(m, &h, s + ran, m->references + done, made);
        if (going && log) log[done] = OUT_TLB_MISS;
        done += going;
        misses += going;
    }
    count_straight(m, &h, done, misses);
    return done;
}

/* ---- a step that needs the operating system ---- */

/* Nobody sees its translations: they go the straight way. The kernel's micro-steps are those of every step.
 * `made`: the walk of the first translation, if it was made already; else NULL. */
static bool step_unseen(struct machine *m, const struct walk *made) {
    do {
        if (m->phase == PH_LOOKUP) {
            phase_translate(m, made);
            made = NULL;
        }
        if (!machine_micro_step(m, NULL)) return false;
    } while (m->in_step);
    return true;
}

/* The next step, the one numbered `at` of this run. `made`: as above; NULL: it is to be told. */
static bool run_one(struct machine *m, uint8_t *log, uint64_t at, const struct walk *made) {
    bool unseen = made && phase_walks_straight(m);
    if (!(unseen ? step_unseen(m, made->done && made->fault ? made : NULL) : machine_step(m))) return false;
    if (log) log[at] = (uint8_t)machine_outcome(m);
    return true;
}

uint64_t machine_run(struct machine *m, uint64_t n, uint8_t *log) {
    struct walk made = {.done = false};
    uint64_t done = 0;
    if (m->in_step && !run_one(m, log, done++, NULL)) return 0;
    uint64_t left = m->source->count - m->steps_done, end = done + (n < left ? n : left);
    while (done < end && m->status == VS_OK) {
        if (end - done > 1) done += run_straight(m, end - done - 1, log ? log + done : NULL, &made);
        if (!run_one(m, log, done, end - done > 1 ? &made : NULL)) break;
        done++;
    }
    return done;
}
