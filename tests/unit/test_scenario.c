/* Every documented key of a scenario, from YAML to machine and steps. */
#include "test_scenario.h"

static const struct region_config *region(const struct scenario *s, size_t process, const char *name) {
    const struct process_config *p = &s->config.processes[process];
    for (size_t i = 0; i < p->region_count; i++)
        if (strcmp(p->regions[i].name, name) == 0) return &p->regions[i];
    fail_msg("%s has no region %s", p->name, name);
    return NULL;
}

/* ---- the head ---- */

static void three_keys_are_enough(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps: [{read: heap}]\n");
    assert_string_equal(s->title, "T");
    assert_null(s->summary);
    assert_string_equal(s->config.format.name, "sv32");
    assert_int_equal(s->config.frames, 8);
    assert_true(s->config.swap_slots == SWAP_UNLIMITED);
    assert_int_equal(s->config.process_count, 1);
    assert_string_equal(s->config.processes[0].name, "A");
    scenario_free(s);
}

static void the_head_is_kept_for_the_title_card(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD
        "summary: Short\nabout: |\n  Two\n  \"lines\" \\ here\nlevel: beginner\n"
        "topics: [demand paging, zero fill]\nsource: A book\nterminology: ostep\nsteps: [{read: heap}]\n");
    assert_string_equal(s->summary, "Short");
    assert_string_equal(s->about, "Two\n\"lines\" \\ here\n");
    assert_string_equal(s->level, "beginner");
    assert_int_equal(s->topic_count, 2);
    assert_string_equal(s->topics[1], "zero fill");
    assert_string_equal(s->source, "A book");
    assert_int_equal(s->terminology, TERM_OSTEP);
    scenario_free(s);
}

static void entries_count_the_list_and_not_what_it_expands_to(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps:\n  - {pages: 1 2 3}\n  - {repeat: 2, steps: 1}\n");
    assert_int_equal(s->entries, 2);
    assert_int_equal(s->steps->count, 9);
    scenario_free(s);
}

/* ---- the machine ---- */

static void the_machine_is_as_its_keys_say(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD
        "machine:\n  frames: 0x10\n  swap: 16\n  tlb: {entries: 8, ways: 2, replacement: fifo, asid: false, "
        "refill: hardware}\n"
        "  replacement: {policy: clock, scope: local, load_referenced: false, tick: 4, bits: 6, tau: 5, k: 3}\n"
        "  page_tables: reserved\n  kernel: {profile: textbook, lazy_clear: true}\n"
        "  timing: {tlb: 2ns, memory: 50ns, trap: 3us, disk_read: 4ms, disk_write: 5s}\n  seed: 99\nsteps: "
        "[{read: heap}]\n");
    const struct machine_config *c = &s->config;
    assert_int_equal(c->frames, 16);
    assert_int_equal(c->swap_slots, 16);
    assert_int_equal(c->tlb.entries, 8);
    assert_int_equal(c->tlb.ways, 2);
    assert_int_equal(c->tlb.replacement, TLB_FIFO);
    assert_false(c->tlb.asid);
    assert_string_equal(c->policy.name, "clock");
    assert_int_equal(c->scope, SCOPE_LOCAL);
    assert_false(c->policy.load_referenced);
    assert_int_equal(c->policy.tick, 4);
    assert_int_equal(c->policy.bits, 6);
    assert_int_equal(c->policy.tau, 5);
    assert_int_equal(c->policy.k, 3);
    assert_true(c->lazy_clear);
    assert_int_equal(c->timing.trap, 3000);
    assert_true(c->timing.disk_write == UINT64_C(5000000000));
    assert_int_equal(c->seed, 99);
    assert_int_equal(c->policy.frames, 16);
    scenario_free(s);
}

static void a_tlb_without_ways_is_fully_associative(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "machine: {tlb: {entries: 16}}\nsteps: [{read: heap}]\n");
    assert_int_equal(s->config.tlb.ways, 16);
    scenario_free(s);
    s = load(HEAD "machine: {tlb: {entries: 16, sets: 4}}\nsteps: [{read: heap}]\n");
    assert_int_equal(s->config.tlb.ways, 4);
    scenario_free(s);
    s = load(HEAD "machine: {tlb: {sets: 4, ways: 4}}\nsteps: [{read: heap}]\n");
    assert_int_equal(s->config.tlb.entries, 16);
    scenario_free(s);
}

static void no_entries_is_a_machine_without_a_tlb(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "machine: {tlb: {entries: 0}}\nsteps:\n  - {read: heap, expect: minor-zero}\n"
                  "  - {read: heap, expect: hit}\nexpect: {tlb_misses: 0, tlb_hits: 0}\n");
    run_and_check(s);
    scenario_free(s);
}

static void policy_names_disregard_case_and_hyphens(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "machine: {replacement: {policy: Second-Chance}}\nsteps: [{read: heap}]\n");
    assert_string_equal(s->config.policy.name, "second_chance");
    scenario_free(s);
}

static void the_command_line_overrides_policy_and_frames(void **state) {
    (void)state;
    struct scenario *s = NULL;
    struct scenario_options o = {.policy = "opt", .frames = 3};
    struct said said = load_with(
        HEAD "machine: {frames: 8}\nsteps: [{pages: 1 2 3}]\nexpect: {frames: [1, 2, 3, free]}\n", &o, &s);
    assert_string_equal(said.first, "");
    assert_string_equal(s->config.policy.name, "opt");
    assert_int_equal(s->config.frames, 3);
    scenario_free(s);
    o.policy = "nobody";
    said = load_with(HEAD "steps: [{pages: 1}]\n", &o, &s);
    assert_int_equal(said.status, VS_BAD_INPUT);
    assert_string_equal(said.first, "0:0 there is no policy 'nobody'");
}

/* ---- paging ---- */

/* OSTEP chapter 20's toy: 32-byte pages, two levels of 5 bits, PTE = valid bit and 7 bits of PFN. */
static void a_toy_pte_has_its_valid_bit_on_top(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD
        "machine: {paging: {custom: {levels: [5, 5], page_size: 32, pte_bytes: 1}}}\nsteps: [{pages: 1}]\n");
    const struct paging_format *f = &s->config.format;
    assert_int_equal(f->levels, 2);
    assert_int_equal(f->page_shift, 5);
    assert_int_equal(f->flag_bit[PTE_V], 7);
    assert_int_equal(f->pfn_bit, 0);
    assert_int_equal(f->pfn_bits, 7);
    assert_int_equal(f->flag_bit[PTE_R], -1);
    scenario_free(s);
}

static void given_positions_are_the_only_fields(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD "machine: {paging: custom, custom: {levels: [4, 6], page_size: 64, pte_bytes: 2, valid_bit: 0,"
             " dirty_bit: 1, pfn_bits: \"4-12\"}}\nsteps: [{pages: 1}]\n");
    const struct paging_format *f = &s->config.format;
    assert_int_equal(f->index_bits[1], 4); /* the root's index comes first in the file */
    assert_int_equal(f->index_bits[0], 6);
    assert_int_equal(f->flag_bit[PTE_V], 0);
    assert_int_equal(f->flag_bit[PTE_D], 1);
    assert_int_equal(f->flag_bit[PTE_A], -1);
    assert_int_equal(f->pfn_bit, 4);
    assert_int_equal(f->pfn_bits, 9);
    scenario_free(s);
}

static void wide_ptes_without_positions_are_like_riscv(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "machine: {custom: {levels: [9, 9, 9, 9]}}\nsteps: [{pages: 1}]\n");
    assert_int_equal(s->config.format.pte_bytes,
                     8); /* addresses of 48 bits want a PFN that 4 bytes cannot hold */
    assert_int_equal(s->config.format.flag_bit[PTE_D], 7);
    assert_int_equal(s->config.format.pfn_bit, 10);
    assert_int_equal(s->config.format.pfn_bits, 44);
    scenario_free(s);
}

static void linear_without_widths_is_just_large_enough(void **state) {
    (void)state;
    static const struct {
        const char *steps;
        unsigned bits;
    } size[] = {
        {"{pages: 0}", 1}, {"{pages: 0 1}", 1}, {"{pages: 2}", 2}, {"{pages: 7}", 3}, {"{pages: 8}", 4}};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
        char yaml[200];
        struct text t = text_in(yaml, sizeof yaml);
        text_addf(&t, HEAD "machine: {paging: linear}\nsteps: [%s]\n", size[i].steps);
        struct scenario *s = load(yaml);
        assert_int_equal(s->config.format.index_bits[0], size[i].bits);
        assert_int_equal(s->config.format.page_shift, 12);
        scenario_free(s);
    }
}

static void linear_is_as_large_as(const char *rest, unsigned bits) {
    char yaml[400];
    struct text t = text_in(yaml, sizeof yaml);
    text_addf(&t, HEAD "machine: {paging: linear, tlb: {entries: 4, ways: 1}}\n%s\n", rest);
    struct scenario *s = load(yaml);
    assert_int_equal(s->config.format.index_bits[0], bits);
    scenario_free(s);
}

/* SCENARIOS: "a virtual space just large enough for the steps"; pages of 4 KiB. */
static void linear_holds_regions_that_say_where_they_are(void **state) {
    (void)state;
    linear_is_as_large_as("processes: [{name: A, layout: {heap: {size: 4KiB, at: 0x9000}}}]\n"
                          "steps: [{read: heap}]",
                          4); /* pages 0 to 9 */
    linear_is_as_large_as("processes: [{name: A, layout: {heap: {size: 4KiB, at: 0x9000}}}]\n"
                          "steps: [{read: heap+0x7000}]",
                          5); /* page 16 is spoken of */
    linear_is_as_large_as("processes: [{name: A, layout: {heap: {size: 4KiB, at: 0}}}]\n"
                          "steps: [{scan: heap, count: 8, stride: 4KiB}]",
                          3); /* pages 0 to 7 */
}

static void linear_holds_what_stands_in_the_tlb(void **state) {
    (void)state;
    /* tag 5 of set 1 of 4 sets is VPN 21 */
    linear_is_as_large_as("tlb: [{set: 1, way: 0, tag: 5, pfn: 0}]\nsteps: [{pages: 1}]", 5);
}

/* A space of 2^20 bytes or more has kernel space in its last quarter when it has regions:
 * page 0xc0 of 0x100 would be the kernel's, and no program's. */
static void linear_leaves_what_the_steps_need_to_the_process(void **state) {
    (void)state;
    linear_is_as_large_as("steps: [{pages: 0xff}]", 8); /* no regions, no kernel space */
    linear_is_as_large_as("processes: [{name: A, layout: {heap: {size: 256KiB, at: 0xc0000}}}]\n"
                          "steps: [{read: heap+0x3f000}]",
                          9);
}

/* An empty description is the format as it is without one. */
static void custom_may_be_empty(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "machine: {paging: {custom: {}}}\nsteps: [{pages: 1}]\n");
    assert_string_equal(s->config.format.name, "custom");
    assert_int_equal(s->config.format.levels, 2);
    scenario_free(s);
}

/* OSTEP paging-linear-translate.py, seed 0: 16 KiB of virtual and 64 KiB of physical
 * memory, 4 KiB pages, valid bit 31 (record ostep-linear-0000). */
static void ostep_linear_translations_come_out_as_published(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD "machine:\n  frames: 16\n  paging: {linear: {va_bits: 14, page_size: 4KiB, valid_bit: 31}}\n"
             "processes:\n  - name: P\n    map: [{vpn: 0, pfn: 0xc}, {vpn: 3, pfn: 6}]\n"
             "steps:\n  - {read: 12841, expect: {pa: 25129, frame: 6}}\n  - {read: 4969, expect: segv-map}\n"
             "  - {read: 7808, expect: segv-map}\n  - {read: 9558, expect: segv-map}\n  - {read: 14878, "
             "expect: {pa: 27166}}\n");
    run_and_check(s);
    scenario_free(s);
}

/* CS:APP 9.6.4: 14-bit addresses, 64-byte pages, TLB of 4 sets x 4 ways; 0x03d4 hits with PPN 0x0d. */
static void a_preloaded_tlb_answers_as_in_csapp(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "machine:\n  frames: 64\n  paging: {linear: {va_bits: 14, page_size: 64, valid_bit: 31}}\n"
                  "  tlb: {entries: 16, ways: 4}\n"
                  "processes:\n  - name: P\n    map: [{vpn: 0xf, pfn: 0x0d}, {vpn: 5, pfn: 0x16}]\n"
                  "tlb:\n  - {set: 3, way: 1, tag: 0x03, pfn: 0x0d}\n"
                  "steps:\n  - {read: 0x03d4, expect: {outcome: hit, pa: 0x354}}\n"
                  "  - {read: 0x03d7, expect: {outcome: hit, pa: 0x357}}\n"
                  "  - {read: 0x0175, expect: {outcome: tlb-miss, pa: 0x5b5}}\n");
    run_and_check(s);
    scenario_free(s);
}

/* ---- processes ---- */

/* System V ABI, Intel386: text at 0x08048000; kernel above 0xc0000000. */
static void regions_lie_where_the_abi_puts_them(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "processes:\n  - name: A\n    layout: {text: 8KiB, data: 4KiB, bss: 4KiB, "
                                   "heap: 16KiB, stack: {size: 8KiB, limit: 64KiB}}\n"
                                   "steps: [{read: heap}]\n");
    assert_int_equal(region(s, 0, "text")->first, 0x08048);
    assert_int_equal(region(s, 0, "data")->first, 0x0804a);
    assert_int_equal(region(s, 0, "bss")->first, 0x0804b);
    assert_int_equal(region(s, 0, "heap")->first, 0x0804c);
    assert_int_equal(region(s, 0, "stack")->first, 0xbfffe);
    assert_int_equal(region(s, 0, "stack")->limit, 16);
    assert_int_equal(region(s, 0, "kernel")->first, 0xc0000);
    assert_int_equal(region(s, 0, "kernel")->first + region(s, 0, "kernel")->pages, 0x100000);
    assert_int_equal(region(s, 0, "text")->perms, PERM_RX);
    assert_int_equal(region(s, 0, "text")->backing, BACKING_FILE);
    assert_int_equal(region(s, 0, "data")->file_page, 2);
    assert_int_equal(region(s, 0, "heap")->backing, BACKING_ANON);
    scenario_free(s);
}

static void addresses_and_permissions_can_be_given(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "processes: [{name: A, layout: {data: {size: 1, at: 0x10000, perms: r}}}]\nsteps:\n"
                  "  - {read: data, expect: major-file}\n  - {write: data, expect: segv-access}\n");
    assert_int_equal(region(s, 0, "data")->first, 0x10);
    assert_int_equal(region(s, 0, "data")->pages, 1);
    run_and_check(s);
    scenario_free(s);
}

static void processes_have_names_programs_and_quotas(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "processes:\n  - {name: A, frames: 3}\n  - {name: B, program: A}\nsteps: [{read: heap}]\n");
    assert_int_equal(s->config.process_count, 2);
    assert_int_equal(s->config.processes[0].frames, 3);
    assert_string_equal(s->config.processes[0].program, "A");
    assert_string_equal(s->config.processes[1].name, "B");
    assert_string_equal(s->config.processes[1].program, "A");
    scenario_free(s);
}

static void reference_strings_need_no_layout(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps: [{pages: 7 0 1}]\n");
    assert_int_equal(s->config.processes[0].region_count, 0);
    scenario_free(s);
}

static void mapped_pages_outside_the_layout_become_regions(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD "processes: [{name: A, map: [{vpn: 5, pfn: 1}, {vpn: 4, pfn: 0}, {vpn: 9, pfn: 2}]}]\n"
             "steps:\n  - {read: page(4), expect: {fault: none, frame: 0}}\n"
             "  - {read: page(9), expect: {fault: none, frame: 2}}\n  - {read: page(6), expect: segv-map}\n");
    assert_int_equal(s->config.processes[0].region_count, 2);
    assert_int_equal(s->config.processes[0].regions[0].pages, 2);
    run_and_check(s);
    scenario_free(s);
}

static void mapped_pages_inside_the_layout_stay_there(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x5000}}, map: [{vpn: 8, pfn: 1}, "
                  "{vpn: 4, pfn: 0}, {vpn: 6, pfn: 2}, {vpn: 5, pfn: 3}, {vpn: 10, pfn: 4}]}]\n"
                  "steps:\n  - {read: page(8), expect: {fault: none, frame: 1}}\n  - {read: page(9), expect: "
                  "segv-map}\n");
    assert_int_equal(s->config.processes[0].region_count, 4); /* 4, the heap 5-8, 10, the kernel */
    assert_int_equal(region(s, 0, "heap")->pages, 4);
    run_and_check(s);
    scenario_free(s);
}

/* ---- steps ---- */

static void an_access_carries_its_words(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps:\n  - {write: heap+0x10, value: 0x2a, size: 2}\n  - {fetch: "
                                   "text}\n  - read: stack-8\n    size: 8\n");
    struct step w = step_at(s, 0), f = step_at(s, 1), r = step_at(s, 2);
    assert_int_equal(w.kind, STEP_ACCESS);
    assert_int_equal(w.op, ACCESS_WRITE);
    assert_int_equal(w.va, 0x0804c010);
    assert_int_equal(w.value, 42);
    assert_int_equal(w.size, 2);
    assert_int_equal(w.flags, STEP_HAS_VALUE);
    assert_int_equal(w.line, 4);
    assert_int_equal(w.proc, PROC_NONE);
    assert_int_equal(f.op, ACCESS_FETCH);
    assert_int_equal(f.size, 4);
    assert_int_equal(r.va, 0xbffffff8);
    assert_int_equal(r.size, 8);
    assert_int_equal(r.line, 6);
    scenario_free(s);
}

static void a_write_without_a_value_only_touches(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps: [{write: heap}]\n");
    assert_int_equal(step_at(s, 0).flags, 0);
    scenario_free(s);
}

static void a_page_string_reads_and_writes_first_bytes(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps:\n  - {pages: 7 0 3w}\n");
    assert_int_equal(s->steps->count, 3);
    assert_int_equal(step_at(s, 0).va, 0x7000);
    assert_int_equal(step_at(s, 0).size, 1);
    assert_int_equal(step_at(s, 0).flags, STEP_AUTOMAP);
    assert_int_equal(step_at(s, 1).op, ACCESS_READ);
    assert_int_equal(step_at(s, 2).op, ACCESS_WRITE);
    assert_int_equal(step_at(s, 2).va, 0x3000);
    scenario_free(s);
}

static void a_scan_steps_by_its_stride(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD "steps:\n  - {scan: heap, count: 3, stride: 4KiB, access: write}\n  - {scan: heap, count: 2}\n");
    assert_int_equal(s->steps->count, 5);
    assert_int_equal(step_at(s, 2).va, 0x0804e000);
    assert_int_equal(step_at(s, 2).op, ACCESS_WRITE);
    assert_int_equal(step_at(s, 4).va, 0x0804c004); /* the stride is the size where none is given */
    scenario_free(s);
}

/* OSTEP chapter 19: ten integers from virtual address 100, pages of 16 bytes: 70 % TLB hits. */
static void the_array_of_ostep_hits_seven_times_in_ten(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "machine: {paging: linear, page_size: 16, tlb: {entries: 16}}\n"
                  "steps:\n  - {scan: 100, count: 10, stride: 4}\nexpect: {tlb_hits: 7, tlb_misses: 3}\n");
    run_and_check(s);
    scenario_free(s);
}

static void repeat_takes_the_entries_before_it_as_often_again(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps:\n  - {read: heap}\n  - {pages: 1 2}\n  - {repeat: 3, steps: 1}\n  "
                                   "- {read: stack-4}\n  - {repeat: 2, steps: 4}\n");
    /* heap, (1 2) x 4, stack: 10 steps; these again twice. */
    assert_int_equal(s->steps->count, 30);
    assert_int_equal(step_at(s, 7).va, 0x1000);
    assert_int_equal(step_at(s, 9).va, 0xbffffffc);
    assert_int_equal(step_at(s, 10).va, 0x0804c000);
    assert_int_equal(step_at(s, 29).va, 0xbffffffc);
    scenario_free(s);
}

static void a_huge_repeat_costs_no_memory(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps:\n  - {pages: 1 2 3}\n  - {repeat: 1000000000, steps: 1}\n");
    assert_true(s->steps->count == UINT64_C(3000000003));
    assert_int_equal(step_at(s, UINT64_C(3000000002)).va, 0x3000);
    scenario_free(s);
}

static void as_and_switch_choose_the_process(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "processes:\n  - {name: A, layout: {heap: {size: 4KiB, at: 0x10000}}}\n  "
                                   "- {name: B, layout: {heap: {size: 4KiB, at: 0x20000}}}\n"
                                   "steps:\n  - {read: heap}\n  - {read: heap, as: B}\n  - {read: heap}\n  - "
                                   "{switch: A}\n  - {read: heap}\n");
    assert_int_equal(step_at(s, 0).va, 0x10000);
    assert_int_equal(step_at(s, 1).proc, 1);
    assert_int_equal(step_at(s, 1).va, 0x20000);
    assert_int_equal(step_at(s, 2).proc, PROC_NONE);
    assert_int_equal(step_at(s, 2).va, 0x20000); /* B goes on running */
    assert_int_equal(step_at(s, 3).kind, STEP_SWITCH);
    assert_int_equal(step_at(s, 3).proc, 0);
    assert_int_equal(step_at(s, 4).va, 0x10000);
    run_and_check(s);
    scenario_free(s);
}

static void a_repeat_that_goes_on_elsewhere_is_refused(void **state) {
    (void)state;
    refused(HEAD "processes:\n  - {name: A, layout: {heap: {size: 4KiB, at: 0x10000}}}\n  - {name: B, "
                 "layout: {heap: {size: 4KiB, at: 0x20000}}}\n"
                 "steps:\n  - {read: heap}\n  - {switch: B}\n  - {repeat: 2, steps: 2}\n",
            "9:14 repeat: these steps began in A and would go on in B");
    struct scenario *s = load(HEAD "processes: [{name: A}, {name: B}]\nsteps:\n  - {read: heap}\n  - "
                                   "{switch: B}\n  - {repeat: 2, steps: 2}\n");
    assert_int_equal(s->steps->count, 6);
    scenario_free(s);
}

static void set_changes_the_policy(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps:\n  - {set: {policy: lru}}\n");
    struct step step = step_at(s, 0);
    assert_int_equal(step.kind, STEP_SET_POLICY);
    assert_string_equal(policy_table[step.value]->name, "lru");
    scenario_free(s);
}

static void tiny_pages_are_accessed_by_bytes(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "machine: {paging: linear, page_size: 32}\nsteps: [{read: heap}]\n");
    assert_int_equal(step_at(s, 0).size, 1);
    scenario_free(s);
}

/* ---- notes, questions ---- */

static void notes_and_questions_hang_on_the_first_step(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps:\n  - pages: 1 2\n    note: Look\n    ask: {question: Hit?, "
                                   "answer: no, choices: [yes, no]}\n  - {read: heap}\n");
    struct step first = step_at(s, 0), second = step_at(s, 1), third = step_at(s, 2);
    const struct step_extra *e = scenario_extra(s, &first);
    assert_non_null(e);
    assert_string_equal(e->note, "Look");
    assert_string_equal(e->ask.text, "Hit?");
    assert_string_equal(e->ask.answer, "no");
    assert_string_equal(e->ask.choices[0], "yes");
    assert_null(e->ask.choices[2]);
    assert_null(scenario_extra(s, &second));
    assert_null(scenario_extra(s, &third));
    scenario_free(s);
}

static void an_expectation_holds_for_each_step_of_an_entry(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps:\n  - {pages: 1 2 3, expect: minor-zero, note: All new.}\n");
    for (uint64_t i = 0; i < 3; i++) {
        struct step step = step_at(s, i);
        assert_int_equal(scenario_extra(s, &step)->expect.fault, FAULT_MINOR_ZERO);
        assert_true((scenario_extra(s, &step)->note != NULL) == (i == 0));
    }
    run_and_check(s);
    scenario_free(s);
}

/* ---- the language ---- */

static void a_byte_order_mark_and_crlf_are_accepted(void **state) {
    (void)state;
    struct scenario *s = load("\xef\xbb\xbfversion: 1\r\ntitle: T\r\nsteps:\r\n  - {read: heap}\r\n");
    assert_int_equal(step_at(s, 0).line, 4);
    scenario_free(s);
}

static void json_is_a_scenario_too(void **state) {
    (void)state;
    struct scenario *s = load("{\"version\": 1, \"title\": \"T\", \"steps\": [{\"read\": \"heap\"}]}");
    scenario_free(s);
}

static void text_may_be_in_any_language(void **state) {
    (void)state;
    struct scenario *s =
        load("version: 1\ntitle: \"Erste Ber\xc3\xbchrung \xe2\x86\x92 Kachel\"\nsteps: [{read: heap}]\n");
    assert_string_equal(s->title, "Erste Ber\xc3\xbchrung \xe2\x86\x92 Kachel");
    scenario_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_keys_are_enough),
        cmocka_unit_test(the_head_is_kept_for_the_title_card),
        cmocka_unit_test(entries_count_the_list_and_not_what_it_expands_to),
        cmocka_unit_test(the_machine_is_as_its_keys_say),
        cmocka_unit_test(a_tlb_without_ways_is_fully_associative),
        cmocka_unit_test(no_entries_is_a_machine_without_a_tlb),
        cmocka_unit_test(policy_names_disregard_case_and_hyphens),
        cmocka_unit_test(the_command_line_overrides_policy_and_frames),
        cmocka_unit_test(a_toy_pte_has_its_valid_bit_on_top),
        cmocka_unit_test(given_positions_are_the_only_fields),
        cmocka_unit_test(wide_ptes_without_positions_are_like_riscv),
        cmocka_unit_test(linear_without_widths_is_just_large_enough),
        cmocka_unit_test(linear_holds_regions_that_say_where_they_are),
        cmocka_unit_test(linear_holds_what_stands_in_the_tlb),
        cmocka_unit_test(linear_leaves_what_the_steps_need_to_the_process),
        cmocka_unit_test(custom_may_be_empty),
        cmocka_unit_test(ostep_linear_translations_come_out_as_published),
        cmocka_unit_test(a_preloaded_tlb_answers_as_in_csapp),
        cmocka_unit_test(regions_lie_where_the_abi_puts_them),
        cmocka_unit_test(addresses_and_permissions_can_be_given),
        cmocka_unit_test(processes_have_names_programs_and_quotas),
        cmocka_unit_test(reference_strings_need_no_layout),
        cmocka_unit_test(mapped_pages_outside_the_layout_become_regions),
        cmocka_unit_test(mapped_pages_inside_the_layout_stay_there),
        cmocka_unit_test(an_access_carries_its_words),
        cmocka_unit_test(a_write_without_a_value_only_touches),
        cmocka_unit_test(a_page_string_reads_and_writes_first_bytes),
        cmocka_unit_test(a_scan_steps_by_its_stride),
        cmocka_unit_test(the_array_of_ostep_hits_seven_times_in_ten),
        cmocka_unit_test(repeat_takes_the_entries_before_it_as_often_again),
        cmocka_unit_test(a_huge_repeat_costs_no_memory),
        cmocka_unit_test(as_and_switch_choose_the_process),
        cmocka_unit_test(a_repeat_that_goes_on_elsewhere_is_refused),
        cmocka_unit_test(set_changes_the_policy),
        cmocka_unit_test(tiny_pages_are_accessed_by_bytes),
        cmocka_unit_test(notes_and_questions_hang_on_the_first_step),
        cmocka_unit_test(an_expectation_holds_for_each_step_of_an_entry),
        cmocka_unit_test(a_byte_order_mark_and_crlf_are_accepted),
        cmocka_unit_test(json_is_a_scenario_too),
        cmocka_unit_test(text_may_be_in_any_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
