/* Random programs of calls and accesses by several processes, beside the simplest model of what
 * they see (support/flat.h): every byte read, every access refused; and after every micro-step
 * the accounts hold. Design 3, "Bytes", "OS", "Swap". What the machines are is in
 * support/random_calls.h; each kind of them must be met with each other one.
 *
 * FLAT_PROGRAMS in the environment asks for more programs, FLAT_FIRST for other ones, FLAT_SEED for
 * one of them, told step by step. */
#include "flat.h"
#include "random_calls.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"
#include "vmscope/sim/narrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PROGRAMS = 10000 };

static struct call_program p;
static uint64_t seed;

#define FAIL(...)                                                                      \
    do {                                                                               \
        print_error("seed %llu (FLAT_SEED tells it): ", (unsigned long long)seed);     \
        fail_msg(__VA_ARGS__);                                                         \
    } while (0)

static unsigned long number_of(const char *name, unsigned long otherwise) {
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : otherwise;
}

/* ---- what happened ---- */

static bool happened[EV_COUNT];
/* Programs whose machine was of one class and of another. */
static uint32_t met[DIMS][CALL_CLASSES][DIMS][CALL_CLASSES];
/* The policy, what swap there was and whose frames were taken, where one had to leave. */
static uint32_t chosen[CALL_CLASSES][CALL_CLASSES][CALL_CLASSES];

static void note(const struct machine *m, const struct event *e) {
    static const struct {
        uint8_t kind, dim;
    } seen[] = {{EV_FORK_DONE, DIM_FORKED}, {EV_LOCKED, DIM_LOCKED}, {EV_VICTIM, DIM_EVICTED}, {EV_OOM, DIM_ENDED}, {EV_FILE_READ, DIM_FILED}};
    happened[e->kind] = true;
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        if (seen[i].kind == e->kind) p.class[seen[i].dim] = 1;
    if (e->kind == EV_MAPPED && (machine_config(m)->calls[e->index].flags & CALL_SHARED)) p.class[DIM_SHARED] = 1;
}

static void count_classes(void) {
    for (unsigned d = 0; d < DIMS; d++)
        for (unsigned o = 0; o < DIMS; o++) met[d][p.class[d]][o][p.class[o]]++;
    if (p.class[DIM_EVICTED]) chosen[p.class[DIM_POLICY]][p.class[DIM_SWAP]][p.class[DIM_SCOPE]]++;
}

/* ---- one program ---- */

static void tell(const struct machine *m, const struct event *e) {
    char buf[600] = "";
    struct text t = text_in(buf, sizeof buf);
    narrate_event(&t, m, e, TERM_DEFAULT);
    print_message("%3llu.%-2u %s\n", (unsigned long long)e->step, e->micro, buf);
}

/* Tables of kernel space stay, one a level below the root: all processes shared them. */
static void no_leaks(const struct machine *m) {
    const struct kernel *k = machine_kernel(m);
    uint32_t kept = k->config->profile == PROFILE_LINUX ? k->idle_frames : 0, tables = p.class[DIM_KERNEL] ? p.config.format.levels - 1 : 0;
    if (k->config->format.shape == SHAPE_HASHED) tables = k->tables; /* one table for all, which stays */
    for (uint32_t i = 0; i < k->process_count; i++)
        if (k->process[i].alive) return;
    if (k->config->tables_in_frames) kept += tables;
    if (k->frames_free + kept != k->config->frames || k->slots_used || k->tables != tables)
        FAIL("%u frames of %u are free, %u slots and %u tables are left", k->frames_free, k->config->frames, k->slots_used, k->tables);
}

static void play(struct machine *m, bool told) {
    static struct flat flat;
    struct event e;
    flat_begin(&flat, &p.config);
    while (machine_micro_step(m, &e)) {
        if (told) tell(m, &e);
        note(m, &e);
        const char *wrong = kernel_inconsistency(machine_kernel(m));
        if (!wrong) wrong = flat_follow(&flat, m, &e);
        if (wrong) FAIL("step %llu event %s: %s", (unsigned long long)e.step, event_table[e.kind].name, wrong);
    }
    assert_int_equal(machine_status(m), VS_OK);
    const char *wrong = flat_compare(&flat, m);
    if (wrong) FAIL("%s", wrong);
}

/* A copy taken in mid-call goes on as the original does. */
static void play_copy(struct machine *m, struct machine *end) {
    for (uint32_t n = rng_below(&p.rng, 300); n > 0 && machine_micro_step(m, NULL);) n--;
    struct machine *copy = machine_clone(m);
    assert_non_null(copy);
    if (!machine_equal(m, copy)) FAIL("a copy differs from its original");
    machine_run(copy, UINT64_MAX, NULL);
    if (!machine_equal(copy, end)) FAIL("micro-steps, and a run from a copy, differ");
    machine_free(copy);
}

static void run_program(bool told) {
    struct machine *m = NULL, *again = NULL;
    struct diag why;
    call_program(&p, seed);
    struct step_source *source = step_source_array(p.step, p.count);
    assert_non_null(source);
    if (machine_create(&p.config, source, &m, &why) != VS_OK) FAIL("%s", why.text);
    assert_int_equal(machine_create(&p.config, source, &again, &why), VS_OK);
    play(m, told);
    no_leaks(m);
    count_classes();
    play_copy(again, m);
    machine_free(m);
    machine_free(again);
    step_source_free(source);
}

static void each_process_sees_what_its_calls_made(void **state) {
    unsigned long first = number_of("FLAT_FIRST", 1), count = number_of("FLAT_PROGRAMS", PROGRAMS);
    (void)state;
    seed = number_of("FLAT_SEED", 0);
    if (seed) run_program(true);
    for (unsigned long i = 0; !getenv("FLAT_SEED") && i < count; i++) {
        seed = first + i;
        run_program(false);
    }
}

/* ---- no memory ---- */

/* From `start` on, with the n-th allocation failing. True: it was noticed, and the machine stopped for good; else it
 * comes to `goal`. */
static bool stops_without_memory(const struct machine *start, const struct machine *goal, unsigned long n) {
    struct machine *m = machine_clone(start);
    assert_non_null(m);
    mem_fail_at(n);
    while (machine_micro_step(m, NULL)) continue;
    mem_fail_at(0);
    enum vs_status status = machine_status(m);
    if (status != VS_OK && status != VS_NOMEM) FAIL("allocation %lu failed: %s", n, status_name(status));
    assert_true(status == VS_OK || !machine_micro_step(m, NULL));
    if (status == VS_OK && !machine_equal(m, goal)) FAIL("allocation %lu failed unnoticed", n);
    machine_free(m); /* whatever was half done: nothing is lost, nothing freed twice (the sanitizers look) */
    return status == VS_NOMEM;
}

static void calls_survive_every_failed_allocation(void **state) {
    (void)state;
    for (seed = 1; seed <= 200; seed++) {
        struct machine *m = NULL;
        struct diag why;
        call_program(&p, seed);
        struct step_source *source = step_source_array(p.step, p.count);
        assert_int_equal(machine_create(&p.config, source, &m, &why), VS_OK);
        struct machine *goal = machine_clone(m);
        machine_run(goal, UINT64_MAX, NULL);
        unsigned long unnoticed = 0;
        for (unsigned long n = 1; unnoticed < 20; n++) unnoticed = stops_without_memory(m, goal, n) ? 0 : unnoticed + 1;
        machine_free(m), machine_free(goal);
        step_source_free(source);
    }
}

/* ---- was everything met? A comparison is of no use that never meets what it compares ---- */

static void skip_if_few(void) {
    if (getenv("FLAT_SEED") || number_of("FLAT_PROGRAMS", PROGRAMS) < PROGRAMS) skip();
}

static void the_programs_met_everything_that_calls_can_do(void **state) {
    static const enum event_kind must[] = {
        EV_CALL_DONE,     EV_CALL_FAILED, EV_MAPPED,       EV_REGION_CUT,  EV_REGION_JOINED,  EV_REGION_GROWN,  EV_REGION_MOVED,
        EV_UNMAPPED,      EV_PROTECTED,   EV_ADVISED_AWAY, EV_ADVISED_FREE, EV_LOCKED,        EV_UNLOCKED,      EV_FILE_CACHED,
        EV_EXEC_LEAVE,    EV_EXEC,        EV_ZERO_SHARE,   EV_ZERO_COPY,   EV_SHARE,          EV_SHARE_SWAP,    EV_IDLE_VICTIM,
        EV_FILE_WRITE,    EV_KSWAPD_WAKES, EV_KSWAPD_SLEEPS, EV_KSWAPD_STUCK, EV_SUSPEND,     EV_SUSPENDED,     EV_RESUME,
        EV_FORK_DONE,     EV_COW_COPY,    EV_COW_REUSE,    EV_SWAP_READ,   EV_SWAP_WRITE,     EV_FILE_READ,     EV_OOM,
        EV_TABLE_NEW,     EV_SIGSEGV,     EV_THRASHING,    EV_THRASHING_OVER, EV_CONTROL_OUT, EV_CONTROL_IN,    EV_FRAMES_RUN,
        EV_NO_RUN,        EV_HUGE_SPLIT,  EV_VMA_GROW,     EV_VMA_MAPPED,  EV_SPLIT,          EV_REFILL_TLB,    EV_BITS_BY_OS,
        EV_TLB2_HIT,      EV_POLICY_PASS, EV_REF_CLEAR,    EV_SET_POLICY,  EV_FLUSH_ALL,      EV_FLUSH_ASID,    EV_FLUSH_PAGE,
        EV_MEM_FETCH,     EV_EXITED,      EV_TLB_FLUSH,    EV_TLB_KEEP,    EV_VICTIM_DROP,    EV_ZERO_FILL};
    (void)state;
    skip_if_few();
    for (size_t i = 0; i < sizeof must / sizeof must[0]; i++)
        if (!happened[must[i]]) fail_msg("event %s never came", event_table[must[i]].name);
}

static void must_meet(enum call_dim d, unsigned c, enum call_dim other, unsigned o) {
    if (call_classes_meet(d, c, other, o) && met[d][c][other][o] == 0)
        fail_msg("no machine had %s: %s with %s: %s", call_dimension[d].name, call_class_name(d, c), call_dimension[other].name,
                 call_class_name(other, o));
}

static void every_kind_of_machine_was_met_with_every_other(void **state) {
    (void)state;
    skip_if_few();
    for (enum call_dim d = (enum call_dim)0; d < DIMS; d++)
        for (enum call_dim other = (enum call_dim)0; other < d; other++)
            for (unsigned c = 0; call_class_name(d, c); c++)
                for (unsigned o = 0; call_class_name(other, o); o++) must_meet(d, c, other, o);
}

static void every_policy_chose_victims_with_every_swap_area_and_scope(void **state) {
    (void)state;
    skip_if_few();
    for (unsigned policy = 0; call_class_name(DIM_POLICY, policy); policy++)
        for (unsigned swap = 0; call_class_name(DIM_SWAP, swap); swap++)
            for (unsigned scope = 0; call_class_name(DIM_SCOPE, scope); scope++)
                if (chosen[policy][swap][scope] == 0)
                    fail_msg("%s never chose a victim with swap: %s, scope: %s", call_class_name(DIM_POLICY, policy),
                             call_class_name(DIM_SWAP, swap), call_class_name(DIM_SCOPE, scope));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_process_sees_what_its_calls_made),
                                       cmocka_unit_test(calls_survive_every_failed_allocation),
                                       cmocka_unit_test(the_programs_met_everything_that_calls_can_do),
                                       cmocka_unit_test(every_kind_of_machine_was_met_with_every_other),
                                       cmocka_unit_test(every_policy_chose_victims_with_every_swap_area_and_scope)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
