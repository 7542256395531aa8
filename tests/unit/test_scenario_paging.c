/* What a scenario says of real formats, TLBs and huge pages becomes the machine's configuration. */
#include "test_scenario.h"

#include "vmscope/base/memory.h"

#include <stdlib.h>

/* A scenario with this machine must load. */
static struct scenario *machine(const char *words) {
    char yaml[800];
    struct text t = text_in(yaml, sizeof yaml);
    text_addf(&t, HEAD "machine: {%s}\nsteps: [{read: heap}]\n", words);
    return load(yaml);
}

static uint8_t mode_of(const char *words) {
    struct scenario *s = machine(words);
    uint8_t mode = s->config.mode;
    scenario_free(s);
    return mode;
}

/* ---- formats ---- */

static void every_format_makes_a_machine(void **state) {
    (void)state;
    for (size_t i = 0; paging_formats[i]; i++) {
        char words[100];
        struct text t = text_in(words, sizeof words);
        struct diag why = {.text = ""};
        text_addf(&t, "paging: %s", paging_formats[i]->name);
        struct scenario *s = machine(words);
        assert_string_equal(s->config.format.name, paging_formats[i]->name);
        if (!machine_config_check(&s->config, &why)) fail_msg("%s: %s", words, why.text);
        scenario_free(s);
    }
}

/* The RISC-V manual's extensions: with Svadu the hardware sets A and D, with Svade it faults. */
static void ad_says_who_sets_the_bits(void **state) {
    (void)state;
    static const struct {
        const char *words;
        bool hardware;
    } row[] = {{"paging: {format: sv39, ad: svadu}", true},
               {"paging: {format: sv39, ad: svade}", false},
               {"paging: {format: sv39, ad: software}", false},
               {"paging: {format: sv39, ad: hardware}", true},
               {"paging: sv39", true},
               {"ad: svade", false},
               {"paging: x86-64, ad: hardware", true},
               {"paging: aarch64, ad: hardware", true},
               {"paging: inverted, ad: software", false}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct scenario *s = machine(row[i].words);
        assert_int_equal(s->config.format.hardware_ad, row[i].hardware);
        scenario_free(s);
    }
}

static void control_bits_are_as_the_file_says(void **state) {
    (void)state;
    assert_int_equal(mode_of("paging: sv39"), 0);
    assert_int_equal(mode_of("paging: {format: sv39, sum: true, mxr: true}"), MODE_SUM | MODE_MXR);
    assert_int_equal(mode_of("paging: x86-64"), MODE_WP | MODE_SMEP);
    assert_int_equal(mode_of("paging: {format: x86-32, wp: false, smap: true, ac: true}"),
                     MODE_SMEP | MODE_SMAP | MODE_AC);
    assert_int_equal(mode_of("paging: {smap: true, format: x86-64-la57, smep: false}"), MODE_WP | MODE_SMAP);
}

/* Intel, volume 3A: the PFN ends at MAXPHYADDR; without EFER.NXE there is no XD; without CR4.PSE no 4 MiB
 * pages. */
static void control_registers_change_the_format(void **state) {
    (void)state;
    struct scenario *s = machine("paging: {format: x86-64, maxphyaddr: 40}");
    assert_int_equal(paging_pa_bits(&s->config.format), 40);
    assert_true(paging_has(&s->config.format, PTE_X));
    scenario_free(s);
    s = machine("paging: {format: x86-64, nxe: false}");
    assert_false(paging_has(&s->config.format, PTE_X));
    assert_int_equal(paging_pa_bits(&s->config.format), 52);
    scenario_free(s);
    s = machine("paging: {format: x86-32, pse: false}");
    assert_int_equal(s->config.format.leaf_levels, 1);
    scenario_free(s);
}

static void widths_that_a_format_leaves_open_are_taken(void **state) {
    (void)state;
    static const char *const words[] = {"paging: {format: inverted, va_bits: 20, page_size: 1KiB}",
                                        "paging: {format: base-bounds, va_bits: 20, page_size: 1KiB}",
                                        "paging: {format: segments, va_bits: 20}, page_size: 1KiB"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct scenario *s = machine(words[i]);
        assert_int_equal(paging_va_bits(&s->config.format), 20);
        assert_int_equal(s->config.format.page_shift, 10);
        scenario_free(s);
    }
}

static void superpages_are_leaves_at_every_level(void **state) {
    (void)state;
    struct scenario *s = machine("custom: {levels: [9, 9, 9], pte_bytes: 8, superpages: true}");
    assert_int_equal(s->config.format.leaf_levels, 7);
    scenario_free(s);
    s = machine("custom: {levels: [9, 9], valid_bit: 0, writable_bit: 1, pfn_bits: 12-31, superpages: true}");
    assert_int_equal(s->config.format.leaf_levels, 3);
    scenario_free(s);
    s = machine("custom: {levels: [9, 9, 9], superpages: false}");
    assert_int_equal(s->config.format.leaf_levels, 1);
    scenario_free(s);
}

static void a_format_can_be_written_out_and_read_again(void **state) {
    (void)state;
    static const char *const words[] = {
        "paging: {format: sv57, ad: svade, mxr: true}",
        "paging: {format: x86-64, nxe: false, smap: true, maxphyaddr: 36}",
        "paging: {format: x86-32, pse: false, wp: false}",
        "paging: {format: segments, va_bits: 16, page_size: 256}",
        "custom: {levels: [4, 5], pfn_bits: 6-13, valid_bit: 0, executable_bit: 1, superpages: true}",
        "linear: {va_bits: 14, page_size: 64, pte_bytes: 1, valid_bit: 7}",
        "paging: {format: inverted, ad: software}"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char paging[SCENARIO_PAGING_SIZE], again[SCENARIO_PAGING_SIZE + 20];
        struct scenario *s = machine(words[i]);
        struct text t = text_in(paging, sizeof paging), u = text_in(again, sizeof again);
        scenario_paging_text(&t, &s->config);
        text_addf(&u, "paging: %s", paging);
        struct scenario *r = machine(again);
        assert_false(t.cut);
        assert_int_equal(r->config.mode, s->config.mode);
        assert_memory_equal(r->config.format.index_bits, s->config.format.index_bits,
                            s->config.format.levels);
        assert_memory_equal(r->config.format.flag_bit, s->config.format.flag_bit, PTE_FLAGS);
        assert_int_equal(r->config.format.levels, s->config.format.levels);
        assert_int_equal(r->config.format.page_shift, s->config.format.page_shift);
        assert_int_equal(r->config.format.pfn_bit, s->config.format.pfn_bit);
        assert_int_equal(r->config.format.pfn_bits, s->config.format.pfn_bits);
        assert_int_equal(r->config.format.leaf_levels, s->config.format.leaf_levels);
        assert_int_equal(r->config.format.hardware_ad, s->config.format.hardware_ad);
        scenario_free(s);
        scenario_free(r);
    }
}

/* ---- TLBs ---- */

static void a_split_tlb_is_two_of_one_shape(void **state) {
    (void)state;
    struct scenario *s = machine("tlb: {entries: 16, ways: 4, replacement: plru, split: true}, seed: 7");
    const struct machine_config *c = &s->config;
    assert_int_equal(c->tlb_fetch.entries, 16);
    assert_int_equal(c->tlb_fetch.ways, 4);
    assert_int_equal(c->tlb_fetch.replacement, TLB_PLRU);
    assert_int_equal(c->tlb_fetch.seed, 7);
    assert_int_equal(c->tlb_second.entries, 0);
    scenario_free(s);
}

static void an_instruction_tlb_may_have_its_own_shape(void **state) {
    (void)state;
    struct scenario *s = machine(
        "tlb: {entries: 16, ways: 4, asid: false, instruction: {sets: 2, ways: 4, replacement: fifo}}");
    const struct machine_config *c = &s->config;
    assert_int_equal(c->tlb.entries, 16);
    assert_int_equal(c->tlb_fetch.entries, 8);
    assert_int_equal(c->tlb_fetch.ways, 4);
    assert_int_equal(c->tlb_fetch.replacement, TLB_FIFO);
    assert_false(c->tlb_fetch.asid);
    scenario_free(s);
}

static void a_second_level_stands_behind(void **state) {
    (void)state;
    struct scenario *s = machine("tlb: {entries: 4, second: {entries: 64, ways: 8, inclusive: true}}");
    assert_int_equal(s->config.tlb_second.entries, 64);
    assert_int_equal(s->config.tlb_second.ways, 8);
    assert_true(s->config.tlb_inclusive);
    assert_int_equal(s->config.tlb_fetch.entries, 0);
    scenario_free(s);
    s = machine("tlb: {entries: 4, second: 64}");
    assert_int_equal(s->config.tlb_second.ways, 64);
    assert_false(s->config.tlb_inclusive);
    scenario_free(s);
}

static void software_may_refill_and_a_kernel_may_forget(void **state) {
    (void)state;
    struct scenario *s = machine("tlb: {refill: software}, kernel: {invalidate: false}");
    assert_true(s->config.software_refill);
    assert_true(s->config.never_invalidates);
    assert_int_equal(s->config.tlb.entries, 4);
    scenario_free(s);
    s = machine("tlb: {refill: hardware}, kernel: {invalidate: true}");
    assert_false(s->config.software_refill);
    assert_false(s->config.never_invalidates);
    scenario_free(s);
}

static void machines_of_segments_have_no_tlb(void **state) {
    (void)state;
    static const char *const words[] = {"paging: base-bounds", "paging: segments, tlb: 0"};
    for (size_t i = 0; i < 2; i++) {
        struct scenario *s = machine(words[i]);
        assert_int_equal(s->config.tlb.entries, 0);
        scenario_free(s);
    }
}

/* ---- regions and frames ---- */

static struct scenario *huge_heap(const char *paging, const char *frames, const char *size,
                                  const char *page) {
    char yaml[400];
    struct text t = text_in(yaml, sizeof yaml);
    text_addf(&t, HEAD "machine: {paging: %s%s}\n", paging, frames);
    text_addf(&t, "processes: [{name: A, layout: {text: 4KiB, heap: {size: %s, page_size: %s}}}]\n", size,
              page);
    text_add(&t, "steps: [{read: heap}]\n");
    return load(yaml);
}

static void a_region_may_have_huge_pages(void **state) {
    (void)state;
    static const struct {
        const char *paging, *size, *page;
        unsigned order;
    } row[] = {{"sv32", "8MiB", "4MiB", 10},     {"sv39", "4MiB", "2MiB", 9},
               {"sv39", "1GiB", "1GiB", 18},     {"x86-32", "4MiB", "4MiB", 10},
               {"x86-64", "2MiB", "2097152", 9}, {"x86-64", "8KiB", "4KiB", 0},
               {"aarch64", "64MiB", "2MiB", 9}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct scenario *s = huge_heap(row[i].paging, "", row[i].size, row[i].page);
        const struct region_config *heap = &s->config.processes[0].regions[1];
        assert_int_equal(heap->order, row[i].order);
        assert_int_equal(heap->first % ((vpn_t)1 << row[i].order), 0);
        scenario_free(s);
    }
}

/* 8 frames for the other pages; behind them, at a multiple of 512, those of one page of 2 MiB. */
static void frames_are_enough_for_a_huge_page_of_each_region(void **state) {
    (void)state;
    struct scenario *s = huge_heap("x86-64", "", "8MiB", "2MiB");
    assert_int_equal(s->config.frames, 1024);
    assert_int_equal(s->config.policy.frames, 1024);
    scenario_free(s);
    s = huge_heap("x86-64", ", frames: 600", "8MiB", "2MiB");
    assert_int_equal(s->config.frames, 600);
    scenario_free(s);
}

static void segments_get_as_many_frames_as_all_processes_take(void **state) {
    (void)state;
    static const char two[] = "processes: [{name: A, layout: {text: 2KiB, heap: 3KiB, stack: 2KiB}}, {name: "
                              "B, layout: {text: 1KiB, heap: 1KiB}}]\n"
                              "steps: [{read: heap}]\n";
    char yaml[400];
    struct text t = text_in(yaml, sizeof yaml);
    text_addf(&t, HEAD "machine: {paging: segments}\n%s", two);
    struct scenario *s = load(yaml);
    assert_int_equal(s->config.frames, 7 + 2);
    scenario_free(s);
    t = text_in(yaml, sizeof yaml);
    text_addf(&t, HEAD "machine: {paging: base-bounds}\n%s", two);
    s = load(yaml);
    assert_int_equal(s->config.frames, 16 + 2); /* A's stack ends at 16 KiB, B's heap at 2 KiB */
    scenario_free(s);
}

/* A PTE given bit by bit. RISC-V, Sv39: a superpage of 2 MiB whose PPN[0] is not 0 is misaligned. */
static void an_entry_may_be_a_word(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD
        "machine: {paging: sv39}\nprocesses: [{name: A, layout: {heap: 4KiB}, map: [{vpn: 0x80200, level: 1, "
        "pte: "
        "0x4df}, {vpn: 0x5, pfn: 0x2}]}]\nsteps: [{read: 0x80200000, expect: segv-map}, {read: 0x5000}]\n");
    const struct process_config *p = &s->config.processes[0];
    assert_true(p->maps[0].raw);
    assert_int_equal(p->maps[0].level, 1);
    assert_int_equal(p->maps[0].word, 0x4df);
    assert_false(p->maps[1].raw);
    assert_int_equal(p->region_count, 3); /* one for page 5, heap, kernel: none for the word */
    run_and_check(s);
    scenario_free(s);
}

/* ---- steps ---- */

static void the_tlb_is_flushed_in_three_ways(void **state) {
    (void)state;
    struct scenario *s = load(
        HEAD
        "processes: [{name: A, layout: {heap: 4KiB}}, {name: B, layout: {heap: {size: 4KiB, at: 0x10000}}}]\n"
        "steps:\n  - {tlb_flush: all, note: Now.}\n  - {tlb_flush: asid}\n"
        "  - {tlb_flush: asid, as: B}\n  - {tlb_flush: heap+0x10, as: B}\n  - {read: heap}\n");
    static const struct {
        enum flush_scope scope;
        proc_t proc;
        vaddr_t va;
    } row[] = {{FLUSH_EVERYTHING, PROC_NONE, 0},
               {FLUSH_ADDRESS_SPACE, PROC_NONE, 0},
               {FLUSH_ADDRESS_SPACE, 1, 0},
               {FLUSH_ONE_PAGE, 1, 0x10010}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct step step = step_at(s, i);
        assert_int_equal(step.kind, STEP_TLB_FLUSH);
        assert_int_equal(step.value, row[i].scope);
        assert_int_equal(step.proc, row[i].proc);
        assert_int_equal(step.va, row[i].va);
    }
    assert_string_equal(s->extra[step_at(s, 0).extra].note, "Now.");
    assert_true(step_at(s, 4).va != 0x10000); /* A still runs */
    scenario_free(s);
}

static void an_access_may_be_the_kernels_own(void **state) {
    (void)state;
    struct scenario *s = load(HEAD "steps: [{read: heap, mode: kernel}, {write: heap, value: 1, mode: "
                                   "kernel}, {fetch: text, mode: user}]\n");
    assert_int_equal(step_at(s, 0).flags, STEP_KERNEL);
    assert_int_equal(step_at(s, 1).flags, STEP_KERNEL | STEP_HAS_VALUE);
    assert_int_equal(step_at(s, 2).flags, 0);
    scenario_free(s);
}

/* RISC-V, Sv39: bits 63-39 must equal bit 38. */
static void addresses_of_64_bits_may_be_asked_for(void **state) {
    (void)state;
    struct scenario *s =
        load(HEAD "machine: {paging: sv39}\n"
                  "steps:\n  - {read: 0xffffffff80000000}\n  - {read: kernel+8, mode: kernel}\n"
                  "  - {read: 0x4000000000, expect: segv-noncanonical}\n  - {read: stack-4}\n"
                  "  - {scan: 0x3ffffff000, count: 4, stride: 4KiB}\n");
    assert_true(step_at(s, 0).va == 0xffffffff80000000);
    assert_true(step_at(s, 1).va == 0xffffffc000000008);
    assert_true(step_at(s, 2).va == 0x4000000000);
    assert_true(step_at(s, 3).va == 0x3ffffffffc);
    scenario_free(s);
    refused(HEAD "machine: {paging: sv39}\nsteps:\n  - {read: 0xfffffffffffffffe, size: 4}\n",
            "5:12 the access ends beyond 0xffffffffffffffff");
    refused(HEAD "machine: {paging: inverted}\nsteps:\n  - {read: 0x100000000}\n",
            "5:12 0x100000000 lies outside the virtual addresses of inverted");
}

static void a_trace_alone_keeps_its_machine(void **state) {
    (void)state;
    static const char lackey[] = " L 1ffeffe7e0,8\nI  04000c30,3\n";
    struct scenario *s = NULL;
    struct diag_list errors = {.count = 0};
    assert_int_equal(scenario_load_memory(lackey, sizeof lackey - 1, "t.lackey", NULL, NULL, &s, &errors),
                     VS_OK);
    assert_string_equal(s->config.format.name, "custom");
    assert_int_equal(s->config.mode, 0);
    scenario_free(s);
}

/* Every allocation of a load with all the new words made to fail in turn. */
static void the_new_words_survive_every_failed_allocation(void **state) {
    (void)state;
    static const char yaml[] =
        HEAD "machine: {paging: {format: x86-64, smap: true}, tlb: {entries: 8, split: true, second: 16}}\n"
             "processes: [{name: A, layout: {text: 4KiB, heap: {size: 4MiB, page_size: 2MiB}}}]\n"
             "steps: [{read: heap, mode: kernel}, {tlb_flush: heap, note: n}]\n";
    enum vs_status status = VS_NOMEM;
    for (unsigned long n = 1; status == VS_NOMEM && n < 5000; n++) {
        struct scenario *s = NULL;
        mem_fail_at(n);
        status = load_with(yaml, NULL, &s).status;
        mem_fail_at(0);
        if (status == VS_OK) scenario_free(s);
        assert_true(status == VS_OK || status == VS_NOMEM);
    }
    assert_int_equal(status, VS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_makes_a_machine),
        cmocka_unit_test(ad_says_who_sets_the_bits),
        cmocka_unit_test(control_bits_are_as_the_file_says),
        cmocka_unit_test(control_registers_change_the_format),
        cmocka_unit_test(widths_that_a_format_leaves_open_are_taken),
        cmocka_unit_test(superpages_are_leaves_at_every_level),
        cmocka_unit_test(a_format_can_be_written_out_and_read_again),
        cmocka_unit_test(a_split_tlb_is_two_of_one_shape),
        cmocka_unit_test(an_instruction_tlb_may_have_its_own_shape),
        cmocka_unit_test(a_second_level_stands_behind),
        cmocka_unit_test(software_may_refill_and_a_kernel_may_forget),
        cmocka_unit_test(machines_of_segments_have_no_tlb),
        cmocka_unit_test(a_region_may_have_huge_pages),
        cmocka_unit_test(frames_are_enough_for_a_huge_page_of_each_region),
        cmocka_unit_test(segments_get_as_many_frames_as_all_processes_take),
        cmocka_unit_test(an_entry_may_be_a_word),
        cmocka_unit_test(the_tlb_is_flushed_in_three_ways),
        cmocka_unit_test(an_access_may_be_the_kernels_own),
        cmocka_unit_test(addresses_of_64_bits_may_be_asked_for),
        cmocka_unit_test(a_trace_alone_keeps_its_machine),
        cmocka_unit_test(the_new_words_survive_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
