/* run.c - many steps, fast.
 *
 * Nearly all accesses of a real program hit the TLB: rows of them are done in a loop
 * of their own. Most of the others need a walk, or the kernel for a page: miss.c. All
 * this does exactly what the micro-steps would do to the state, and tells nobody. Any
 * other step goes through its micro-steps. The last step of a run goes the long way,
 * so that what is latched and told is that of a real step. That all ways leave the same
 * state is a test.
 */
#include "sim/hot.h"
#include "sim/miss.h"

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
static uint64_t run_unserved(struct machine *m, struct hot *h, struct misses *x, uint64_t limit, uint8_t *log,
                             const struct step **fault) {
    uint64_t done = 0;
    x->end = MISS_DONE;
    *fault = NULL;
    while (x->end == MISS_DONE && done < limit && m->status == VS_OK) {
        uint64_t at = m->cursor + done, now = m->references + done, n = limit - done, ran = 0;
        struct step_refs refs;
        if (h->singly == 0) {
            ran = hot_run_groups(h, m->source, at, n, now);
            if (log) memset(log + done, OUT_HIT, ran);
            done += ran;
            continue;
        }
        if (!window_refs(&m->window, m->source, at, n < h->singly ? n : h->singly, &refs) || !hot_takes(h, &refs.like)) break;
        if (!x->rough) ran = hot_run(h, &refs, now);
        if (log) memset(log + done, OUT_HIT, ran);
        if (ran < refs.count) ran += miss_row(m, x, &refs, ran, now, log ? log + done : NULL);
        done += ran;
        h->singly -= ran;
        if (x->end == MISS_FAULT) *fault = machine_fetch_step(m, at + ran);
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
    bool calm = m->kernel->suspended == 0 && m->waiting_count == 0 && !m->strayed && m->config->working_set_window == 0;
    bool going = m->kernel->process[h.running].alive && calm && tlb_ways(h.tlb) > 0;
    uint64_t done = 0;
    while (going && done < limit) {
        uint64_t left = limit - done, quiet = before_policy(m);
        const struct step *fault;
        uint64_t n = run_unserved(m, &h, x, left < quiet ? left : quiet, log ? log + done : NULL, &fault);
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
