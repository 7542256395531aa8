/* row_machine.c - the machine's speed: B1 to B4, B6, B9, B10. */
#include "bench.h"

#include "vmscope/base/rng.h"
#include "vmscope/sim/history.h"

double lru_rate(struct bench *b) { return singly_rate(&b->real, "lru", b->refs); }
double fifo_rate(struct bench *b) { return singly_rate(&b->real, "fifo", b->refs); }
double clock_rate(struct bench *b) { return singly_rate(&b->real, "clock", b->refs); }
double opt_rate(struct bench *b) { return singly_rate(&b->real, "opt", b->refs); }
double lru_groups(struct bench *b) { return machine_rate(&b->real, "lru", b->refs); }
double fifo_groups(struct bench *b) { return machine_rate(&b->real, "fifo", b->refs); }
double clock_groups(struct bench *b) { return machine_rate(&b->real, "clock", b->refs); }
double opt_groups(struct bench *b) { return machine_rate(&b->real, "opt", b->refs); }
double lfu_rate(struct bench *b) { return machine_rate(&b->real, "lfu", b->refs); }
double arc_rate(struct bench *b) { return machine_rate(&b->real, "arc", b->refs); }
double two_q_rate(struct bench *b) { return machine_rate(&b->real, "two_q", b->refs); }
double s3_fifo_rate(struct bench *b) { return machine_rate(&b->real, "s3_fifo", b->refs); }
double sieve_rate(struct bench *b) { return machine_rate(&b->real, "sieve", b->refs); }
double zipf_rate(struct bench *b) { return machine_rate(&b->zipf, "lru", trace_count(b->zipf.trace)); }

/* ---- B9: history ---- */

static struct history *new_history(struct bench *b, const struct step_source *source) {
    struct machine *m = NULL;
    b->real.config.policy.name = "lru";
    return source && machine_create(&b->real.config, source, &m, NULL) == VS_OK ? history_create(m, 0) : NULL;
}

/* Seconds for `refs` steps with history kept; UNKNOWN if it cannot be. */
static double history_seconds(struct history *h, uint64_t refs) {
    double start = cpu_seconds();
    return h && history_run(h, refs) == refs ? cpu_seconds() - start : UNKNOWN;
}

/* In percent of a run without, whose rate is given. */
static double slowdown(struct bench *b, const struct step_source *source, double rate) {
    struct history *h = new_history(b, source);
    double with = history_seconds(h, b->refs);
    history_free(h);
    return (with * rate * 1e6 / (double)b->refs - 1) * 100;
}

double history_slowdown(struct bench *b) { return slowdown(b, b->real.singly, lru_rate(b)); }
double history_in_groups(struct bench *b) { return slowdown(b, b->real.again, lru_groups(b)); }

double history_memory(struct bench *b) {
    forget_freed();
    struct history *h = new_history(b, b->real.again);
    double before = resident_bytes();
    double time = history_seconds(h, b->refs);
    double held = resident_bytes() - before;
    history_free(h);
    return isnan(time) ? UNKNOWN : held / (double)b->refs;
}

/* The slowest of 30 single steps back, from places all over `refs` steps, in ms. */
static double slowest_back(struct history *h, uint64_t refs) {
    struct rng r = {refs};
    double slowest = 0;
    for (unsigned i = 0; i < 30; i++) {
        uint64_t at = 2 + (rng_next(&r) % (refs - 2));
        if (!history_goto(h, (struct position){at, 0})) return UNKNOWN;
        double start = cpu_seconds();
        if (!history_step_back(h)) return UNKNOWN;
        slowest = fmax(slowest, (cpu_seconds() - start) * 1e3);
    }
    return slowest;
}

/* In a trace of a hundred million references. */
double history_back(struct bench *b) {
    uint64_t times = 100000000 / b->real.once->count + 1, refs = times * b->real.once->count;
    struct step_source *source = source_again(b->real.once, times, true);
    struct history *h = new_history(b, source);
    double ms = isnan(history_seconds(h, refs)) ? UNKNOWN : slowest_back(h, refs);
    history_free(h);
    step_source_free(source);
    return ms;
}

/* ---- B10: events that nobody hears ---- */

/* Seconds to fill one event's struct. */
static double event_seconds(void) {
    enum { TIMES = 1000000 };
    static struct event sink[64];
    double start = cpu_seconds();
    for (unsigned i = 0; i < TIMES; i++) {
        volatile uint64_t *last = &sink[i % 64].pte_addr; /* keeps the compiler from leaving it out */
        sink[i % 64] = (struct event){.step = i, .kind = EV_WALK_TABLE, .va = i, .level = 1};
        *last = i;
    }
    return (cpu_seconds() - start) / TIMES;
}

/* Events of the step to come that machine_run makes: none, where hardware alone does it. */
static unsigned step_events(struct machine *m) {
    struct event e;
    unsigned n = 0;
    bool straight = true;
    do {
        if (!machine_micro_step(m, &e)) break;
        straight = straight && e.kind != EV_TRAP && e.kind != EV_TLB_CLEAN && e.kind != EV_SPLIT;
        n++;
    } while (!machine_between_steps(m));
    return straight ? 0 : n;
}

/* There is no build without events to compare with. Hits and plain misses make none; for the
 * other steps this is the time that filling them takes, in percent of a run. */
double event_share(struct bench *b) {
    enum { STEPS = 500000 };
    struct machine *m = NULL;
    double rate = lru_rate(b), events = 0;
    if (isnan(rate) || machine_create(&b->real.config, b->real.again, &m, NULL) != VS_OK) return UNKNOWN;
    for (unsigned i = 0; i < STEPS; i++) events += step_events(m);
    machine_free(m);
    return events / STEPS * event_seconds() * rate * 1e6 * 100;
}
