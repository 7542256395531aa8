/* LRU for every number of frames in one pass: equal, count by count, to a run of the machine for each. */
#include "policy_facts.h"
#include "random_scenario.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/sim/lru_curve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- both ways of counting ---- */

static struct counters run_machine(struct machine_config config, const struct step_source *source, uint32_t frames) {
    struct machine *m = NULL;
    config.frames = config.policy.frames = frames;
    config.policy.name = "lru";
    assert_int_equal(machine_create(&config, source, &m, NULL), VS_OK);
    while (machine_run(m, UINT64_MAX / 2, NULL) > 0) {}
    assert_int_equal(machine_status(m), VS_OK);
    struct counters out = *machine_counters(m);
    machine_free(m);
    return out;
}

/* In stretches of a few steps, to see that it can rest anywhere. */
static struct lru_curve *curve_of(const struct machine_config *config, const struct step_source *source, uint32_t max,
                                  uint64_t stretch) {
    struct lru_curve *c = lru_curve_create(config, source, max);
    assert_non_null(c);
    while (lru_curve_run(c, stretch) > 0) {}
    return c;
}

#define SAME(name) \
    if (want.name != got.name) \
    fail_msg("%s, %u frames: " #name " %llu in one pass, the machine counts %llu", text, frames, \
             (unsigned long long)got.name, (unsigned long long)want.name)

static void compare(const char *text, const struct machine_config *config, const struct step_source *source,
                    const struct lru_curve *c, uint32_t frames) {
    struct counters want = run_machine(*config, source, frames), got = {0};
    lru_curve_at(c, frames, &got);
    SAME(accesses);
    SAME(translations);
    SAME(page_faults);
    SAME(page_faults_after_full);
    SAME(evictions);
    SAME(swap_writes);
    SAME(tlb_misses);
}

/* ---- reference strings ---- */

static struct step_source *string_source(const uint32_t *refs, size_t count, unsigned page_shift) {
    struct step *s = mem_zalloc(count, sizeof *s);
    assert_non_null(s);
    for (size_t i = 0; i < count; i++)
        s[i] = (struct step){.va = (vaddr_t)refs[i] << page_shift, .proc = PROC_NONE, .size = 1, .flags = STEP_AUTOMAP};
    struct step_source *source = step_source_array(s, count);
    free(s);
    assert_non_null(source);
    return source;
}

static void string_config(struct machine_config *c, struct process_config *p) {
    machine_config_default(c);
    *p = (struct process_config){.name = "A"};
    c->processes = p;
    c->process_count = 1;
}

/* tests/data/policies.jsonl names the book of each. */
static void the_published_strings_have_the_published_faults(void **state) {
    (void)state;
    struct json_file *facts = policy_facts_load();
    struct policy_fact fact;
    struct machine_config config;
    struct process_config process;
    unsigned done = 0;
    string_config(&config, &process);
    for (size_t at = 0; policy_facts_next(facts, &at, &fact);) {
        if (strcmp(fact.ops->name, "lru") != 0) continue;
        struct step_source *source = string_source(fact.refs, fact.count, config.format.page_shift);
        struct lru_curve *c = curve_of(&config, source, 64, 3);
        struct counters got = {0};
        assert_null(lru_curve_why(c));
        lru_curve_at(c, fact.frames, &got);
        if (got.page_faults != fact.faults) fail_msg("%s: %llu faults", fact.id, (unsigned long long)got.page_faults);
        lru_curve_free(c);
        step_source_free(source);
        done++;
    }
    assert_in_range(done, 5, 100);
    json_free(facts);
}

static void every_published_string_is_counted_as_the_machine_does_at_every_size(void **state) {
    (void)state;
    struct json_file *facts = policy_facts_load();
    struct policy_fact fact;
    struct machine_config config;
    struct process_config process;
    string_config(&config, &process);
    for (size_t at = 0; policy_facts_next(facts, &at, &fact);) {
        struct step_source *source = string_source(fact.refs, fact.count, config.format.page_shift);
        struct lru_curve *c = curve_of(&config, source, 64, 5);
        assert_null(lru_curve_why(c));
        for (uint32_t frames = 1; frames <= lru_curve_pages(c) + 1; frames++) compare(fact.id, &config, source, c, frames);
        lru_curve_free(c);
        step_source_free(source);
    }
    json_free(facts);
}

/* By hand: a a b a, a written first. With 1 frame: faults on a, b, a; a leaves dirty and is written once. With 2: two. */
static void a_string_small_enough_for_a_hand_is_counted_as_by_hand(void **state) {
    (void)state;
    static const struct { uint32_t page; uint8_t op; } ref[] = {{1, ACCESS_WRITE}, {1, ACCESS_READ}, {2, ACCESS_READ}, {1, ACCESS_READ}};
    struct step s[4];
    struct machine_config config;
    struct process_config process;
    string_config(&config, &process);
    for (size_t i = 0; i < 4; i++)
        s[i] = (struct step){.va = (vaddr_t)ref[i].page << 12, .proc = PROC_NONE, .op = ref[i].op, .size = 1, .flags = STEP_AUTOMAP};
    struct step_source *source = step_source_array(s, 4);
    struct lru_curve *c = curve_of(&config, source, 2, 1);
    struct counters one = {0}, two = {0};
    lru_curve_at(c, 1, &one);
    lru_curve_at(c, 2, &two);
    assert_int_equal(one.page_faults, 3);
    assert_int_equal(one.evictions, 2);
    assert_int_equal(one.swap_writes, 1);
    assert_int_equal(two.page_faults, 2);
    assert_int_equal(two.evictions, 0);
    assert_int_equal(two.swap_writes, 0);
    assert_int_equal(lru_curve_pages(c), 2);
    lru_curve_free(c);
    step_source_free(source);
}

/* ---- random machines ---- */

/* Longer than what the front holds, with switches: many pages, few of them again and again. */
static void many_pages_are_counted_as_the_machine_does(void **state) {
    (void)state;
    enum { STEPS = 6000, PAGES = 700 };
    static struct step s[STEPS];
    static const struct tlb_config tlb[] = {{.entries = 0, .ways = 1}, {.entries = 64, .ways = 4}, {.entries = 24, .ways = 2}, {.entries = 64, .ways = 64}, {.entries = 16, .ways = 1}};
    for (unsigned round = 0; round < 10; round++) {
        struct machine_config config;
        struct process_config process[2] = {{.name = "A"}, {.name = "B"}};
        struct rng r = {round};
        string_config(&config, process);
        config.process_count = 2;
        config.tlb = tlb[round % 5];
        config.tlb.asid = round < 5;
        for (size_t i = 0; i < STEPS; i++) {
            uint32_t page = rng_below(&r, 1 + rng_below(&r, 1 + rng_below(&r, PAGES))), size = 1u << rng_below(&r, 4);
            s[i] = (struct step){.va = ((vaddr_t)page << 12) + (rng_below(&r, 30) ? 0 : 4092u), .proc = PROC_NONE, .size = (uint8_t)size,
                                 .op = rng_below(&r, 4) == 0, .flags = STEP_AUTOMAP};
            if (rng_below(&r, 50) == 0) s[i] = (struct step){.kind = STEP_SWITCH, .proc = (proc_t)rng_below(&r, 2)};
            if (rng_below(&r, 80) == 0) s[i].proc = (proc_t)rng_below(&r, 2);
        }
        struct step_source *source = step_source_array(s, STEPS);
        struct lru_curve *c = curve_of(&config, source, 2048, 1000);
        assert_null(lru_curve_why(c));
        static const uint32_t frames[] = {1, 2, 3, 5, 8, 15, 16, 17, 18, 33, 64, 127, 300, 600, 900, 1200, 2048};
        for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) compare("many pages", &config, source, c, frames[i]);
        lru_curve_free(c);
        step_source_free(source);
    }
}

/* Does the machine exist with so many frames? Small formats limit them. */
static bool can_have(const struct machine_config *config, uint32_t frames) {
    struct machine_config c = *config;
    c.frames = c.policy.frames = frames;
    return machine_config_check(&c, NULL) != 0;
}

/* What is drawn, with those things made plain that the one pass refuses most often. */
static void make_plain(struct random_scenario *s) {
    struct machine_config *c = &s->config;
    size_t count = 0;
    c->scope = SCOPE_GLOBAL;
    c->swap_slots = SWAP_UNLIMITED;
    c->format.hardware_ad = true;
    c->tlb.replacement = TLB_LRU;
    c->tlb_fetch.entries = c->tlb_second.entries = 0;
    c->software_refill = c->never_invalidates = false;
    for (size_t p = 0; p < c->process_count; p++) memcpy(s->process[p].program, s->process[p].name, NAME_SIZE);
    for (size_t i = 0; i < s->count; i++) {
        if (s->step[i].kind != STEP_ACCESS && s->step[i].kind != STEP_SWITCH) continue;
        s->step[count] = s->step[i];
        s->step[count++].flags &= (uint8_t)~STEP_KERNEL;
    }
    step_source_free(s->source);
    s->source = step_source_array(s->step, count);
    assert_non_null(s->source);
}

/* 1: counted in one pass, and so as the machine counts. 0: refused. */
static unsigned compare_random(uint64_t seed, unsigned flags, bool plain) {
    static struct random_scenario s;
    random_scenario(&s, seed, flags, "lru");
    if (plain) make_plain(&s);
    uint32_t max = 24;
    while (max > 1 && !can_have(&s.config, max)) max--;
    struct lru_curve *c = curve_of(&s.config, s.source, max, 7);
    bool exact = lru_curve_why(c) == NULL;
    for (uint32_t frames = 1; exact && frames <= max; frames++)
        if (can_have(&s.config, frames)) compare(random_scenario_text(&s), &s.config, s.source, c, frames);
    lru_curve_free(c);
    random_scenario_free(&s);
    return exact;
}

static void random_machines_are_counted_as_they_count_or_refused(void **state) {
    (void)state;
    unsigned exact = 0;
    for (uint64_t seed = 0; seed < 900; seed++) exact += compare_random(seed, seed % 2 ? RS_CALM : seed % 6 == 4 ? RS_WILD : 0, false);
    assert_in_range(exact, 1, 200); /* nearly all have something that the order of use does not know */
}

static void plain_random_machines_are_counted_as_they_count(void **state) {
    (void)state;
    unsigned exact = 0;
    for (uint64_t seed = 0; seed < 400; seed++) exact += compare_random(seed, seed % 4 ? RS_CALM : 0, true);
    assert_in_range(exact, 150, 400);
}

static void random_reference_strings_are_counted_as_the_machine_does(void **state) {
    (void)state;
    unsigned exact = 0;
    for (uint64_t seed = 0; seed < 200; seed++) exact += compare_random(seed, RS_REFERENCES | RS_CALM, true);
    assert_in_range(exact, 150, 200);
}

/* ---- what it must refuse, a thing at a time ---- */

static struct process_config two[2];
static struct region_config heap_and_stack[2] = {
    {.kind = VMA_HEAP, .perms = PERM_RW, .first = 16, .pages = 4, .limit = 4, .name = "heap"},
    {.kind = VMA_STACK, .perms = PERM_RW, .first = 60, .pages = 2, .limit = 44, .name = "stack"}};
static struct region_config code = {.kind = VMA_TEXT, .backing = BACKING_FILE, .perms = PERM_RX, .first = 1, .pages = 4, .limit = 4, .name = "text"};
static struct map_config at_start = {.vpn = 3, .pfn = 1};
static struct tlb_preload in_tlb = {.set = 0, .way = 0, .tag = 3, .pfn = 1};

#define STRING 10 /* references */
typedef void spoil(struct machine_config *c, struct step *s);
static void not_at_all(struct machine_config *c, struct step *s) { (void)c, (void)s; }
static void local(struct machine_config *c, struct step *s) { (void)s; c->scope = SCOPE_LOCAL; }
static void kswapd(struct machine_config *c, struct step *s) { (void)s; c->free_low = 1, c->free_high = 2; }
static void load_control(struct machine_config *c, struct step *s) { (void)s; c->load_control = true, c->working_set_window = 9; }
static void little_swap(struct machine_config *c, struct step *s) { (void)s; c->swap_slots = 1; }
static void linux_kernel(struct machine_config *c, struct step *s) { (void)s; c->profile = PROFILE_LINUX; }
static void software_bits(struct machine_config *c, struct step *s) { (void)s; c->format.hardware_ad = false; }
static void tables(struct machine_config *c, struct step *s) { (void)s; c->tables_in_frames = true; }
static void software_refill(struct machine_config *c, struct step *s) { (void)s; c->software_refill = true; }
static void split_tlb(struct machine_config *c, struct step *s) { (void)s; c->tlb_fetch = c->tlb; }
static void second_tlb(struct machine_config *c, struct step *s) { (void)s; c->tlb_second = c->tlb; }
static void random_tlb(struct machine_config *c, struct step *s) { (void)s; c->tlb.replacement = TLB_RANDOM; }
static void stale_tlb(struct machine_config *c, struct step *s) { (void)s; c->never_invalidates = true; }
static void full_tlb(struct machine_config *c, struct step *s) { (void)s; c->tlb_preload = &in_tlb, c->tlb_preload_count = 1; }
static void segments(struct machine_config *c, struct step *s) { (void)s; c->format = *paging_by_name("segments"), c->tlb.entries = 0; }
static void mapped(struct machine_config *c, struct step *s) { (void)s; two[0].maps = &at_start, two[0].map_count = 1; (void)c; }
static void shared_text(struct machine_config *c, struct step *s) {
    (void)s;
    for (size_t p = 0; p < 2; p++) two[p].regions = &code, two[p].region_count = 1, memcpy(two[p].program, "p", 2);
    c->process_count = 2;
}
static void kernel_access(struct machine_config *c, struct step *s) { (void)c; s[2].flags |= STEP_KERNEL; }
static void a_call(struct machine_config *c, struct step *s) { (void)c; s[2] = (struct step){.kind = STEP_EXIT, .proc = PROC_NONE}; }
static void another_policy(struct machine_config *c, struct step *s) { (void)c; s[2] = (struct step){.kind = STEP_SET_POLICY, .proc = PROC_NONE}; }
static void a_flush(struct machine_config *c, struct step *s) { (void)c; s[2] = (struct step){.kind = STEP_TLB_FLUSH, .proc = PROC_NONE}; }
static void nobody(struct machine_config *c, struct step *s) { (void)c; s[2].proc = 7; }
static void unmapped(struct machine_config *c, struct step *s) { (void)c; s[2].flags = 0; }
static void no_such_address(struct machine_config *c, struct step *s) { (void)c; s[2].va = UINT64_MAX - 99; }
static void forbidden(struct machine_config *c, struct step *s) {
    (void)c;
    two[0].regions = &code, two[0].region_count = 1;
    s[2].op = ACCESS_WRITE;
}
/* All in the heap, but one access, on which the stack is to grow. */
static void grow_to(struct machine_config *c, struct step *s, vpn_t page) {
    for (size_t i = 0; i < STRING; i++) s[i].va += 15 << 12;
    s[2].va = page << 12;
    c->guard_pages = 8;
    two[0].regions = heap_and_stack, two[0].region_count = 2;
}
static void stack_below_guard(struct machine_config *c, struct step *s) { grow_to(c, s, 25); } /* 5 pages above the heap's end */
static void stack_over_heap(struct machine_config *c, struct step *s) { grow_to(c, s, 40); }   /* room enough */

/* The machine with 3 frames, made worse; returns why the one pass refuses it, or NULL after both counted the same. */
static const char *spoilt(const char *name, spoil *how) {
    static const uint8_t page[STRING] = {1, 2, 3, 1, 4, 1, 2, 3, 4, 1};
    struct machine_config config;
    struct step s[STRING];
    string_config(&config, two);
    two[1] = (struct process_config){.name = "B"};
    config.tlb = (struct tlb_config){.entries = 4, .ways = 2};
    for (size_t i = 0; i < STRING; i++)
        s[i] = (struct step){.va = (vaddr_t)page[i] << 12, .proc = PROC_NONE, .size = 1, .op = ACCESS_READ, .flags = STEP_AUTOMAP};
    how(&config, s);
    struct step_source *source = step_source_array(s, STRING);
    struct lru_curve *c = curve_of(&config, source, 3, 100);
    const char *why = lru_curve_why(c); /* a phrase that outlives the curve */
    if (!why) compare(name, &config, source, c, 3);
    lru_curve_free(c);
    step_source_free(source);
    return why;
}

static void whatever_is_more_than_the_order_of_use_is_refused(void **state) {
    (void)state;
#define HOW(name) {#name, name}
    static const struct { const char *name; spoil *how; } bad[] = {
        HOW(local), HOW(kswapd), HOW(load_control), HOW(little_swap), HOW(linux_kernel), HOW(software_bits), HOW(tables), HOW(software_refill),
        HOW(split_tlb), HOW(second_tlb), HOW(random_tlb), HOW(stale_tlb), HOW(full_tlb), HOW(segments), HOW(mapped), HOW(shared_text),
        HOW(kernel_access), HOW(a_call), HOW(another_policy), HOW(a_flush), HOW(nobody), HOW(unmapped), HOW(no_such_address), HOW(forbidden),
        HOW(stack_below_guard)};
    assert_null(spoilt("as it is", not_at_all));
    assert_null(spoilt("a stack that may grow", stack_over_heap));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!spoilt(bad[i].name, bad[i].how)) fail_msg("%s: not refused", bad[i].name);
}

/* Tables of 8 PTEs for pages of 64 bytes and PFNs of 6 bits: three levels for 512 pages do not fit beside 8 frames. */
static void page_tables_that_may_not_fit_are_refused(void **state) {
    (void)state;
    struct machine_config config;
    struct process_config process;
    uint32_t refs[64];
    string_config(&config, &process);
    config.format = *paging_by_name("custom");
    config.format.levels = 3;
    config.format.page_shift = 6;
    config.format.pte_bytes = 8;
    config.format.pfn_bits = 6;
    for (unsigned l = 0; l < 3; l++) config.format.index_bits[l] = 3;
    for (uint32_t i = 0; i < 64; i++) refs[i] = i * 8;
    struct step_source *few = string_source(refs, 8, 6), *many = string_source(refs, 64, 6);
    struct lru_curve *fits = curve_of(&config, few, 8, 100), *not = curve_of(&config, many, 8, 100);
    assert_null(lru_curve_why(fits));
    assert_string_equal(lru_curve_why(not), "page tables may run out of memory");
    lru_curve_free(fits);
    lru_curve_free(not);
    step_source_free(few);
    step_source_free(many);
}

/* Every allocation fails in turn: no curve, or one that says so; never a wrong one. */
static void without_memory_there_is_no_curve(void **state) {
    (void)state;
    struct machine_config config;
    struct process_config process;
    uint32_t refs[600];
    string_config(&config, &process);
    config.tlb = (struct tlb_config){.entries = 8, .ways = 2};
    for (uint32_t i = 0; i < 600; i++) refs[i] = i * 7 % 61 + i / 100 * 3;
    struct step_source *source = string_source(refs, 600, config.format.page_shift);
    unsigned failed = 0;
    for (unsigned long n = 1; failed + 1 == n; n++) {
        mem_fail_at(n);
        struct lru_curve *c = lru_curve_create(&config, source, 64);
        while (c && lru_curve_run(c, 100) > 0) {}
        mem_fail_at(0);
        failed += !c || lru_curve_why(c);
        if (c && !lru_curve_why(c)) compare("memory at last", &config, source, c, 9);
        lru_curve_free(c);
    }
    assert_in_range(failed, 10, 1000);
    step_source_free(source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_strings_have_the_published_faults),
        cmocka_unit_test(every_published_string_is_counted_as_the_machine_does_at_every_size),
        cmocka_unit_test(a_string_small_enough_for_a_hand_is_counted_as_by_hand),
        cmocka_unit_test(whatever_is_more_than_the_order_of_use_is_refused),
        cmocka_unit_test(page_tables_that_may_not_fit_are_refused),
        cmocka_unit_test(without_memory_there_is_no_curve),
        cmocka_unit_test(many_pages_are_counted_as_the_machine_does),
        cmocka_unit_test(random_machines_are_counted_as_they_count_or_refused),
        cmocka_unit_test(plain_random_machines_are_counted_as_they_count),
        cmocka_unit_test(random_reference_strings_are_counted_as_the_machine_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
