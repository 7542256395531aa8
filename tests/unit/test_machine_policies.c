/* test_machine_policies.c - the published runs of page replacement through the whole machine.
 *
 * A reference string is a list of accesses to pages that are mapped on the
 * spot. The walker sets A bits, the kernel asks the policy, pages travel to
 * swap and back: in the end the frames must hold what the books print. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "policy_facts.h"
#include "vmscope/sim/machine.h"

#define FRAMES_MAX 16

static struct json_file *facts;

static int open_facts(void **state) {
    (void)state;
    facts = policy_facts_load();
    return 0;
}

static int close_facts(void **state) {
    (void)state;
    json_free(facts);
    return 0;
}

/* ---- machines ---- */

/* What must make no difference to who is evicted. */
struct shape {
    const char *format;
    uint32_t tlb_entries, tlb_ways;
    enum access_kind op;
    bool bits_with_frame; /* PTEs without A and D: the kernel keeps R and D itself */
};

static const struct shape plain = {.format = "linear", .tlb_entries = 4, .tlb_ways = 4, .op = ACCESS_READ};

struct rig {
    struct machine_config config;
    struct process_config process;
    struct step step[FACT_REFS_MAX];
    struct step_source *source;
};

static void rig_make(struct rig *r, const struct policy_fact *fact, const struct shape *shape) {
    *r = (struct rig){.process = {.name = "A", .program = "A"}};
    machine_config_default(&r->config);
    r->config.format = *paging_by_name(shape->format);
    if (shape->bits_with_frame) r->config.format.flag_bit[PTE_A] = r->config.format.flag_bit[PTE_D] = -1;
    r->config.frames = r->config.policy.frames = fact->frames;
    r->config.policy.name = fact->ops->name;
    r->config.policy.load_referenced = fact->load_referenced;
    r->config.tlb.entries = shape->tlb_entries;
    r->config.tlb.ways = shape->tlb_ways;
    r->config.processes = &r->process;
    r->config.process_count = 1;
    for (size_t i = 0; i < fact->count; i++)
        r->step[i] = (struct step){.va = vpn_to_va(fact->refs[i], r->config.format.page_shift),
                                   .proc = PROC_NONE,
                                   .kind = STEP_ACCESS,
                                   .op = (uint8_t)shape->op,
                                   .size = 1,
                                   .flags = STEP_AUTOMAP};
    r->source = step_source_array(r->step, fact->count);
    assert_non_null(r->source);
}

static struct machine *rig_start(const struct rig *r) {
    struct machine *m = NULL;
    struct diag why = {0};
    if (machine_create(&r->config, r->source, &m, &why) != VS_OK) fail_msg("no machine: %s", why.text);
    return m;
}

static void rig_free(struct rig *r) { step_source_free(r->source); }

/* ---- checks ---- */

static void read_frames(const struct machine *m, uint32_t page[FRAMES_MAX]) {
    const struct kernel *k = machine_kernel(m);
    for (frame_t f = 0; f < machine_config(m)->frames; f++)
        page[f] = k->frame[f].shares ? (uint32_t)k->frame[f].owner.vpn : FACT_NO_PAGE;
}

static void check_counts(const struct machine *m, const struct policy_fact *fact) {
    const struct counters *c = machine_counters(m);
    if (c->page_faults != fact->faults || c->accesses - c->page_faults != fact->hits)
        fail_msg("%s: %zu faults, published are %zu", fact->id, (size_t)c->page_faults, (size_t)fact->faults);
    assert_int_equal(c->accesses, fact->count);
    assert_int_equal(c->minor_faults + c->major_faults, c->page_faults);
    assert_int_equal(c->evictions, c->page_faults_after_full);
    assert_int_equal(c->invalid, 0);
}

/* A page faults first on its first touch; the frames fill up before anything is evicted. */
static uint64_t faults_until_full(const struct policy_fact *fact) {
    bool seen[256] = {false};
    uint64_t pages = 0;
    for (size_t i = 0; i < fact->count; i++) {
        assert_in_range(fact->refs[i], 0, 255);
        pages += !seen[fact->refs[i]];
        seen[fact->refs[i]] = true;
    }
    return pages < fact->frames ? pages : fact->frames;
}

static void check(const struct policy_fact *fact, const struct shape *shape) {
    struct rig rig;
    uint32_t page[FRAMES_MAX];
    assert_in_range(fact->frames, 1, FRAMES_MAX);
    rig_make(&rig, fact, shape);
    struct machine *m = rig_start(&rig);
    for (size_t done = 1; machine_step(m); done++) {
        read_frames(m, page);
        if (!policy_fact_frames_agree(fact, done, page))
            fail_msg("%s: other pages in the frames after reference %zu", fact->id, done);
        const char *wrong = kernel_inconsistency(machine_kernel(m));
        if (wrong) fail_msg("%s: after reference %zu: %s", fact->id, done, wrong);
    }
    check_counts(m, fact);
    assert_int_equal(machine_counters(m)->page_faults_after_full, fact->faults - faults_until_full(fact));
    machine_free(m);
    rig_free(&rig);
}

static void check_all(const struct shape *shape) {
    struct policy_fact fact;
    size_t done = 0;
    for (size_t at = 0; policy_facts_next(facts, &at, &fact); done++) check(&fact, shape);
    assert_in_range(done, 38, json_count(facts));
}

/* ---- tests ---- */

static void the_machine_gives_the_published_faults_and_frames(void **state) {
    (void)state;
    check_all(&plain);
}

static void a_machine_without_tlb_evicts_the_same_pages(void **state) {
    (void)state;
    struct shape s = plain;
    s.tlb_entries = s.tlb_ways = 0;
    check_all(&s);
}

static void a_large_tlb_hides_no_reference_from_the_policy(void **state) {
    (void)state;
    struct shape s = plain;
    s.tlb_entries = 64;
    s.tlb_ways = 8;
    check_all(&s);
}

static void writes_that_make_pages_dirty_evict_the_same_pages(void **state) {
    (void)state;
    struct shape s = plain;
    s.op = ACCESS_WRITE;
    check_all(&s);
}

static void two_levels_of_page_tables_evict_the_same_pages(void **state) {
    (void)state;
    struct shape s = plain;
    s.format = "sv32";
    check_all(&s);
}

static void reference_bits_kept_by_the_kernel_evict_the_same_pages(void **state) {
    (void)state;
    struct shape s = plain;
    s.bits_with_frame = true;
    check_all(&s);
}

/* Record by record: one run in one go, one micro-step by micro-step. */
static void to_run_and_to_step_leave_the_same_machine(void **state) {
    (void)state;
    struct policy_fact fact;
    for (size_t at = 0; policy_facts_next(facts, &at, &fact);) {
        struct rig rig;
        rig_make(&rig, &fact, &plain);
        struct machine *run = rig_start(&rig), *step = rig_start(&rig);
        assert_int_equal(machine_run(run, fact.count, NULL), fact.count);
        while (machine_micro_step(step, NULL)) continue;
        check_counts(run, &fact);
        assert_true(machine_equal(run, step));
        machine_free(run);
        machine_free(step);
        rig_free(&rig);
    }
}

/* The fact whose id is given, as a machine that has done all its steps. */
static struct machine *finished(struct rig *rig, struct policy_fact *fact, const char *id) {
    size_t at = 0;
    while (policy_facts_next(facts, &at, fact))
        if (strcmp(fact->id, id) == 0) {
            rig_make(rig, fact, &plain);
            struct machine *m = rig_start(rig);
            machine_run(m, fact->count, NULL);
            return m;
        }
    fail_msg("no record '%s'", id);
    return NULL;
}

/* One string, two conventions (records gate-clock-*): 7 faults where a new page has R=1, 8 where R=0. */
static void load_referenced_decides_whether_a_new_page_gets_its_chance(void **state) {
    (void)state;
    struct rig rig;
    struct policy_fact fact;
    struct machine *m = finished(&rig, &fact, "gate-clock-initref1");
    assert_int_equal(machine_counters(m)->page_faults, 7);
    machine_free(m);
    rig_free(&rig);
    m = finished(&rig, &fact, "gate-clock-initref0");
    assert_int_equal(machine_counters(m)->page_faults, 8);
    machine_free(m);
    rig_free(&rig);
}

/* Stallings' table of CLOCK (stallings-clock-3): its first replacement, of page 2 by page 5, comes
 * after the hand has passed all three frames. */
static void every_move_of_the_hand_is_a_micro_step(void **state) {
    (void)state;
    struct rig rig;
    struct policy_fact fact;
    struct machine *m = finished(&rig, &fact, "stallings-clock-3");
    struct event e;
    machine_free(m);
    m = rig_start(&rig);
    unsigned passes = 0;
    do assert_true(machine_micro_step(m, &e));
    while (e.kind != EV_POLICY_PASS);
    for (; e.kind == EV_POLICY_PASS; passes++) {
        assert_int_equal(e.frame, passes);
        assert_true(machine_micro_step(m, &e));
    }
    assert_int_equal(passes, 3);
    assert_int_equal(e.kind, EV_VICTIM);
    assert_int_equal(e.frame, 0);
    assert_int_equal(e.old_vpn, 2);
    machine_free(m);
    rig_free(&rig);
}

/* ---- ticks ---- */

/* Accesses to pages 0, 1, 0, 1... with a clock that ticks before references 2, 4... */
static struct machine *ticking(struct rig *rig, const char *policy, size_t count) {
    struct policy_fact fact = {.ops = policy_by_name(policy), .frames = 2, .count = count, .load_referenced = true};
    for (size_t i = 0; i < count; i++) fact.refs[i] = i % 2;
    rig_make(rig, &fact, &plain);
    rig->config.policy.tick = 2;
    return rig_start(rig);
}

/* The machine anew, with another step in one place. */
static struct machine *with_step(struct rig *rig, struct machine *m, size_t at, const struct step *step) {
    size_t count = rig->source->count;
    machine_free(m);
    step_source_free(rig->source);
    rig->step[at] = *step;
    rig->source = step_source_array(rig->step, count);
    assert_non_null(rig->source);
    return rig_start(rig);
}

static void a_tick_is_told_before_its_reference_and_clears_what_the_tlb_holds(void **state) {
    (void)state;
    struct rig rig;
    struct machine *m = ticking(&rig, "aging", 5);
    struct event e, before = {0};
    uint64_t at[8], ticks = 0;
    while (machine_micro_step(m, &e)) {
        if (before.kind == EV_TICK) assert_int_equal(e.kind, EV_ACCESS);
        if (e.kind == EV_TICK) {
            assert_int_equal(e.count, 2);
            assert_int_equal(tlb_used(machine_hw(m)->tlbs.unit[TLB_DATA]), 0);
            assert_false(frame_referenced(machine_kernel(m), 0) || frame_referenced(machine_kernel(m), 1));
            at[ticks++] = e.step;
        }
        before = e;
    }
    assert_int_equal(ticks, 2);
    assert_int_equal(at[0], 2);
    assert_int_equal(at[1], 4);
    machine_free(m);
    rig_free(&rig);
}

/* The second page of reference 1 is reference 2: the tick comes between the two. */
static void a_tick_can_come_between_the_two_pages_of_one_access(void **state) {
    (void)state;
    struct rig rig;
    struct machine *m = ticking(&rig, "nru", 3);
    struct event e;
    struct step across = rig.step[1];
    across.va -= 1;
    across.size = 2;
    m = with_step(&rig, m, 1, &across);
    do assert_true(machine_micro_step(m, &e));
    while (e.kind != EV_TICK);
    assert_int_equal(e.step, 1);
    assert_true(machine_micro_step(m, &e));
    assert_int_equal(e.kind, EV_SPLIT);
    machine_free(m);
    rig_free(&rig);
}

static void a_policy_that_comes_later_begins_with_the_tick_that_is_due(void **state) {
    (void)state;
    struct rig rig;
    struct machine *m = ticking(&rig, "lru", 7);
    struct event e;
    unsigned aging = 0, ticks = 0;
    while (policy_table[aging] != policy_by_name("aging")) aging++;
    m = with_step(&rig, m, 4, &(struct step){.kind = STEP_SET_POLICY, .proc = PROC_NONE, .value = aging});
    while (machine_micro_step(m, &e)) ticks += e.kind == EV_TICK;
    assert_int_equal(ticks, 1); /* before reference 4, which is step 5; reference 5 is the last */
    machine_free(m);
    rig_free(&rig);
}

/* ---- pages that leave by themselves ---- */

/* Pages 0 and 1 are written once, page 0 is read on: with tau 2, page 1 leaves before reference 4. */
static void a_page_that_leaves_by_itself_goes_to_swap_and_leaves_its_frame_free(void **state) {
    (void)state;
    struct policy_fact fact = {.ops = policy_by_name("working_set"), .frames = 3, .count = 6, .load_referenced = true,
                               .refs = {0, 1, 0, 0, 0, 0}};
    struct shape writing = plain;
    struct rig rig;
    writing.op = ACCESS_WRITE;
    rig_make(&rig, &fact, &writing);
    rig.config.policy.tau = 2;
    struct machine *m = rig_start(&rig), *fast = rig_start(&rig);
    static const enum event_kind told[] = {EV_POLICY_LEAVE, EV_UNMAP, EV_SWAP_WRITE, EV_ACCESS};
    struct event e;
    do assert_true(machine_micro_step(m, &e));
    while (e.kind != EV_POLICY_LEAVE);
    assert_int_equal(e.step, 4);
    assert_int_equal(e.old_vpn, 1);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++, machine_micro_step(m, &e)) {
        assert_int_equal(e.kind, told[i]);
        assert_int_equal(event_actor(&e), e.kind == EV_ACCESS ? ACTOR_HW : ACTOR_OS);
    }
    assert_int_equal(machine_kernel(m)->frames_free, 2);
    assert_int_equal(machine_counters(m)->evictions, 1);
    while (machine_micro_step(m, &e)) continue;
    assert_int_equal(machine_run(fast, 6, NULL), 6);
    assert_true(machine_equal(m, fast));
    machine_free(m);
    machine_free(fast);
    rig_free(&rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machine_gives_the_published_faults_and_frames),
        cmocka_unit_test(a_machine_without_tlb_evicts_the_same_pages),
        cmocka_unit_test(a_large_tlb_hides_no_reference_from_the_policy),
        cmocka_unit_test(writes_that_make_pages_dirty_evict_the_same_pages),
        cmocka_unit_test(two_levels_of_page_tables_evict_the_same_pages),
        cmocka_unit_test(reference_bits_kept_by_the_kernel_evict_the_same_pages),
        cmocka_unit_test(to_run_and_to_step_leave_the_same_machine),
        cmocka_unit_test(load_referenced_decides_whether_a_new_page_gets_its_chance),
        cmocka_unit_test(every_move_of_the_hand_is_a_micro_step),
        cmocka_unit_test(a_page_that_leaves_by_itself_goes_to_swap_and_leaves_its_frame_free),
        cmocka_unit_test(a_tick_is_told_before_its_reference_and_clears_what_the_tlb_holds),
        cmocka_unit_test(a_tick_can_come_between_the_two_pages_of_one_access),
        cmocka_unit_test(a_policy_that_comes_later_begins_with_the_tick_that_is_due),
    };
    return cmocka_run_group_tests_name("published runs in the machine", tests, open_facts, close_facts);
}
