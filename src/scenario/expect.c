/* expect.c - does what happened agree with what the scenario says?
 *
 * A step that crosses a page is two translations. It is a hit when both are; a
 * miss, a fault, a victim, a frame or an address counts when either part has it
 * (the address expected is that of the first byte). */
#include "scenario/value_rule.h"
#include "vmscope/scenario/scenario.h"

static bool any_fault(const struct translation *t, unsigned n, enum fault_class fault) {
    bool some = false, all = true;
    for (unsigned i = 0; i < n; i++) {
        some = some || t[i].fault == fault;
        all = all && t[i].fault == fault;
    }
    return fault == FAULT_NONE ? all : some;
}

static bool missed_tlb(const struct translation *t, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        if (t[i].tlb == TLB_OUT_MISS) return true;
    return false;
}

/* "hit", "tlb-miss" or the class of the fault. */
static const char *outcome_name(const struct translation *t, unsigned n) {
    if (n == 0) return "nothing: its process has ended";
    for (unsigned i = 0; i < n; i++)
        if (t[i].fault != FAULT_NONE) return fault_name((enum fault_class)t[i].fault);
    return missed_tlb(t, n) ? "tlb-miss" : "hit";
}

static bool fail(const struct scenario *s, const struct step_expect *e, struct diag *d, const char *expected,
                 const char *got) {
    diag_set(d, s->file, e->line, e->col, "expected %s, got %s", expected, got);
    return false;
}

static bool check_outcome(const struct scenario *s, const struct step_expect *e, const struct translation *t,
                          unsigned n, struct diag *d) {
    const char *got = outcome_name(t, n);
    if ((e->flags & EXPECT_HIT) && strcmp(got, "hit") != 0) return fail(s, e, d, "hit", got);
    if ((e->flags & EXPECT_TLB_MISS) && strcmp(got, "tlb-miss") != 0) return fail(s, e, d, "tlb-miss", got);
    if ((e->flags & EXPECT_FAULT) && (n == 0 || !any_fault(t, n, e->fault)))
        return fail(s, e, d, e->fault == FAULT_NONE ? "no fault" : fault_name(e->fault), got);
    return true;
}

static bool check_frame(const struct scenario *s, const struct step_expect *e, const struct translation *t,
                        unsigned n, struct diag *d) {
    char expected[40], got[40];
    struct text a = text_in(expected, sizeof expected), b = text_in(got, sizeof got);
    if (!(e->flags & EXPECT_FRAME)) return true;
    for (unsigned i = 0; i < n; i++)
        if (t[i].frame == e->frame) return true;
    text_addf(&a, "frame %u", e->frame);
    if (n && t[0].frame != FRAME_NONE)
        text_addf(&b, "frame %u", t[0].frame);
    else
        text_add(&b, "no frame");
    return fail(s, e, d, expected, got);
}

/* Small page numbers as reference strings write them, large ones as addresses. */
static void page_name(struct text *t, vpn_t vpn) {
    if (vpn == UINT64_MAX)
        text_add(t, "nothing");
    else if (vpn < 1000)
        text_addf(t, "page %llu", (unsigned long long)vpn);
    else
        text_addf(t, "page 0x%llx", (unsigned long long)vpn);
}

static bool check_victim(const struct scenario *s, const struct step_expect *e, const struct translation *t,
                         unsigned n, struct diag *d) {
    char expected[48], got[48];
    struct text a = text_in(expected, sizeof expected), b = text_in(got, sizeof got);
    const struct translation *evicting = NULL;
    if (!(e->flags & EXPECT_VICTIM)) return true;
    for (unsigned i = 0; i < n; i++) {
        if (!t[i].evicted || t[i].victim_proc == PROC_NONE) continue; /* what nobody mapped has no number */
        if (t[i].victim_vpn == e->victim) return true;
        evicting = &t[i];
    }
    text_add(&a, "victim ");
    page_name(&a, e->victim);
    text_add(&b, evicting ? "victim " : "no victim");
    if (evicting) page_name(&b, evicting->victim_vpn);
    return fail(s, e, d, expected, got);
}

static bool check_pa(const struct scenario *s, const struct step_expect *e, const struct translation *t,
                     unsigned n, struct diag *d) {
    char expected[40], got[40];
    struct text a = text_in(expected, sizeof expected), b = text_in(got, sizeof got);
    if (!(e->flags & EXPECT_PA) || (n && t[0].done && t[0].pa == e->pa)) return true;
    text_addf(&a, "pa 0x%llx", (unsigned long long)e->pa);
    if (n && t[0].done)
        text_addf(&b, "pa 0x%llx", (unsigned long long)t[0].pa);
    else
        text_add(&b, "no physical address");
    return fail(s, e, d, expected, got);
}

/* The bytes that were read or written, both parts of a crossing access together. */
static uint64_t whole_value(const struct machine *m, const struct translation *t, unsigned n) {
    uint64_t page = low_bits(machine_config(m)->format.page_shift) + 1, first = page - (t[0].va & (page - 1));
    return n > 1 && first < 8 ? t[0].value | t[1].value << (8 * first) : t[0].value;
}

static bool check_value(const struct scenario *s, const struct machine *m, const struct step_expect *e,
                        const struct translation *t, unsigned n, struct diag *d) {
    char expected[40], got[40];
    struct text a = text_in(expected, sizeof expected), b = text_in(got, sizeof got);
    if (!(e->flags & EXPECT_VALUE)) return true;
    bool known = n > 0 && t[n - 1].done && t[0].has_value;
    if (known && whole_value(m, t, n) == e->value) return true;
    text_addf(&a, "value %llu", (unsigned long long)e->value);
    if (known)
        text_addf(&b, "value %llu", (unsigned long long)whole_value(m, t, n));
    else
        text_add(&b, "no value");
    return fail(s, e, d, expected, got);
}

/* One entry may be many steps: say which of them it was. */
static bool fail_step(const struct scenario *s, const struct machine *m, struct diag *d) {
    char text[sizeof d->text];
    memcpy(text, d->text, sizeof text);
    diag_set(d, s->file, d->line, d->col, "step %llu: %s", (unsigned long long)machine_step_index(m) + 1,
             text);
    return false;
}

bool scenario_check_step(const struct scenario *s, const struct machine *m, struct diag *d) {
    struct step step;
    const struct step_extra *extra = machine_step_now(m, &step) ? scenario_extra(s, &step) : NULL;
    if (!extra || !extra->expect.flags) return true;
    unsigned n;
    const struct translation *t = machine_translations(m, &n);
    const struct step_expect *e = &extra->expect;
    bool good = check_outcome(s, e, t, n, d) && check_frame(s, e, t, n, d) && check_victim(s, e, t, n, d) &&
                check_pa(s, e, t, n, d) && check_value(s, m, e, t, n, d);
    return good || fail_step(s, m, d);
}

/* ---- at the end ---- */

static bool check_counter(const struct scenario *s, const struct counter_expect *e, const struct counters *c,
                          struct diag_list *errors) {
    uint64_t got = counter_value(c, e->counter);
    if (got >= e->min && got <= e->max) return true;
    char range[64];
    struct text t = text_in(range, sizeof range);
    if (e->min == e->max)
        text_addf(&t, "%llu", (unsigned long long)e->min);
    else if (e->max == UINT64_MAX)
        text_addf(&t, "at least %llu", (unsigned long long)e->min);
    else
        text_addf(&t, "%llu to %llu", (unsigned long long)e->min, (unsigned long long)e->max);
    diag_add(errors, s->file, e->line, e->col, "expected %s %s, got %llu", e->counter->name, range,
             (unsigned long long)got);
    return false;
}

static bool check_frame_page(const struct scenario *s, size_t f, const struct kernel *k,
                             struct diag_list *errors) {
    char expected[40], found[40];
    struct text a = text_in(expected, sizeof expected), b = text_in(found, sizeof found);
    bool used = f < k->config->frames && k->frame[f].shares; /* not a page table's, nor the page cache's alone */
    vpn_t got = used ? k->frame[f].owner.vpn : UINT64_MAX;
    if (got == s->expect_frames[f]) return true;
    page_name(&a, s->expect_frames[f]);
    page_name(&b, got);
    diag_add(errors, s->file, s->expect_frames_line, s->expect_frames_col,
             "expected frame %zu to hold %s, got %s", f, expected, found);
    return false;
}

size_t scenario_check_counters(const struct scenario *s, const struct machine *m, struct diag_list *errors) {
    size_t failed = 0;
    const struct counters total = machine_summary(m);
    for (size_t i = 0; i < s->expect_count; i++) failed += !check_counter(s, &s->expect[i], &total, errors);
    return failed;
}

bool scenario_check_frames(const struct scenario *s, const struct machine *m, struct diag_list *errors) {
    bool good = true;
    for (size_t f = 0; f < s->expect_frames_count; f++)
        if (!check_frame_page(s, f, machine_kernel(m), errors)) good = false;
    return good;
}

bool scenario_check_end(const struct scenario *s, const struct machine *m, struct diag_list *errors) {
    bool counters = scenario_check_counters(s, m, errors) == 0;
    return scenario_check_frames(s, m, errors) && counters;
}
