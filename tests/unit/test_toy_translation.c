/* Published toy machines: OSTEP's linear and two-level page tables, the TLB examples of OSTEP, CS:APP
 * and Patterson & Hennessy. Every number expected here stands in tests/data/toy_translation.jsonl,
 * each record with its source. */
#include "json.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

static struct json_file *records;

static int load(void **state) {
    (void)state;
    records = json_load(TEST_DATA "/toy_translation.jsonl");
    return records ? 0 : -1;
}

static int unload(void **state) {
    (void)state;
    json_free(records);
    return 0;
}

/* Call `check` on every record of a kind; there must be some. */
static void each(const char *kind, void (*check)(struct json record)) {
    unsigned found = 0;
    for (size_t i = 0; i < json_count(records); i++) {
        struct json record = json_record(records, i);
        if (!json_is(json_get(record, "kind"), kind)) continue;
        check(record);
        found++;
    }
    assert_true(found > 0);
}

static struct json by_id(const char *id) {
    for (size_t i = 0; i < json_count(records); i++)
        if (json_is(json_get(json_record(records, i), "id"), id)) return json_record(records, i);
    fail_msg("no record %s", id);
    return (struct json){0};
}

static uint64_t number(struct json object, const char *key) {
    struct json v = json_get(object, key);
    if (json_kind(v) != JSON_WORD && json_kind(v) != JSON_STRING) fail_msg("no number %s", key);
    return json_number(v, UINT64_MAX);
}

static bool truth(struct json object, const char *key) { return json_is(json_get(object, key), "true"); }

static unsigned log2_of(uint64_t n) {
    unsigned bits = 0;
    while (n > (uint64_t)1 << bits) bits++;
    return bits;
}

/* A format that has a valid bit and a PFN and nothing else. */
static struct paging_format bare_format(unsigned levels, unsigned bits, uint64_t page, unsigned pte_bytes,
                                        unsigned valid_bit) {
    static struct rig r;
    unsigned index_bits[PAGING_LEVELS_MAX] = {bits, bits, bits, bits, bits};
    rig_format(&r, levels, index_bits, log2_of(page), pte_bytes, valid_bit, valid_bit);
    assert_int_equal(paging_check(&r.config.format, NULL), VS_OK);
    return r.config.format;
}

static struct walk walk_all(const struct paging_format *f, const struct ram *ram, paddr_t root, vaddr_t va) {
    struct walk w;
    walk_begin(&w, f, &(struct mmu_regs){.root = root}, va, ACCESS_READ, true);
    while (!w.done) walk_level(&w, f, ram);
    return w;
}

static paddr_t pa_of(const struct walk *w, const struct paging_format *f) {
    return pfn_to_pa(w->pfn, f->page_shift) | (w->va & low_bits(f->page_shift));
}

/* ---- OSTEP, paging-linear-translate.py ---- */

static void check_linear(struct json record) {
    uint64_t page = number(record, "page_size"), space = number(record, "va_space"),
             memory = number(record, "phys_mem");
    struct json table = json_get(record, "page_table_hex"), accesses = json_get(record, "accesses");
    struct paging_format f =
        bare_format(1, log2_of(space / page), page, 4, (unsigned)number(record, "pt_valid_bit"));
    struct ram *ram =
        ram_create(f.page_shift, memory / page + 1); /* the table lies above the physical memory */
    assert_int_equal(json_length(table), space / page);
    for (size_t i = 0; i < json_length(table); i++)
        assert_int_equal(ram_write(ram, memory + 4 * i, 4, json_number(json_at(table, i), 0)), VS_OK);
    for (size_t i = 0; i < json_length(accesses); i++) {
        struct json a = json_at(accesses, i);
        struct walk w = walk_all(&f, ram, memory, number(a, "va"));
        assert_int_equal(w.reads, 1);
        assert_int_equal(w.read[0].index, number(a, "vpn"));
        bool ok = json_is(json_get(a, "result"), "ok");
        assert_int_equal(w.fault, ok ? HW_FAULT_NONE : HW_FAULT_NOT_VALID);
        if (ok) assert_int_equal(pa_of(&w, &f), number(a, "pa"));
    }
    ram_free(ram);
}

static void ostep_linear_tables_translate_as_the_homework_prints(void **state) {
    (void)state;
    each("linear_translate", check_linear);
}

/* ---- OSTEP, paging-multilevel-translate.py ---- */

static unsigned hex_digit(char c) { return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10); }

static struct ram *ram_from_hex(const char *hex, unsigned page_shift) {
    size_t bytes = strlen(hex) / 2;
    struct ram *ram = ram_create(page_shift, bytes >> page_shift);
    assert_non_null(ram);
    for (size_t i = 0; i < bytes; i++)
        assert_int_equal(ram_write(ram, i, 1, hex_digit(hex[2 * i]) * 16 + hex_digit(hex[2 * i + 1])), VS_OK);
    return ram;
}

static void check_two_levels(const struct paging_format *f, const struct ram *ram, paddr_t root,
                             struct json a) {
    struct walk w = walk_all(f, ram, root, number(a, "va"));
    const char *result = json_text(json_get(a, "result"));
    assert_int_equal(w.read[0].level, 1);
    assert_int_equal(w.read[0].index, number(a, "pde_index"));
    assert_int_equal(w.read[0].word, number(a, "pde"));
    assert_int_equal(paging_decode(f, w.read[0].word).pfn, number(a, "pde_pfn"));
    assert_int_equal(paging_decode(f, w.read[0].word).flags & PTE_BIT(PTE_V), number(a, "pde_valid"));
    assert_int_equal(w.reads, strcmp(result, "fault_pde") == 0 ? 1 : 2);
    assert_int_equal(w.fault, strcmp(result, "ok") == 0 ? HW_FAULT_NONE : HW_FAULT_NOT_VALID);
    if (w.reads == 2) {
        assert_int_equal(w.read[1].table, number(a, "pde_pfn") << f->page_shift);
        assert_int_equal(w.read[1].index, number(a, "pte_index"));
        assert_int_equal(w.read[1].word, number(a, "pte"));
        assert_int_equal(paging_decode(f, w.read[1].word).pfn, number(a, "pte_pfn"));
    }
    if (w.fault == HW_FAULT_NONE) {
        assert_int_equal(pa_of(&w, f), number(a, "pa"));
        assert_int_equal(ram_read(ram, pa_of(&w, f), 1), number(a, "value"));
    }
}

static void check_multilevel(struct json record) {
    struct paging_format f =
        bare_format(2, 5, number(record, "page_size"), (unsigned)number(record, "pte_bytes"), 7);
    struct ram *ram = ram_from_hex(json_text(json_get(record, "memory_hex")), f.page_shift);
    struct json accesses = json_get(record, "accesses");
    assert_int_equal(paging_va_bits(&f), number(record, "va_bits"));
    for (size_t i = 0; i < json_length(accesses); i++)
        check_two_levels(&f, ram, number(record, "pdbr_page") << f.page_shift, json_at(accesses, i));
    ram_free(ram);
}

static void ostep_two_level_tables_translate_as_the_homework_prints(void **state) {
    (void)state;
    each("multilevel_translate", check_multilevel);
}

/* ---- traces of a TLB alone ---- */

static struct tlb *tlb_of(struct json record) {
    uint32_t sets = (uint32_t)number(record, "sets"), ways = (uint32_t)number(record, "ways");
    struct tlb_config c = {.entries = sets * ways, .ways = ways, .asid = true};
    assert_true(json_is(json_get(record, "policy"), "lru"));
    return tlb_create(&c);
}

static bool tlb_access(struct tlb *t, struct json step) {
    struct tlb_entry e = {.valid = true,
                          .vpn = number(step, "vpn"),
                          .asid = (asid_t)number(step, "asid"),
                          .global = truth(step, "g"),
                          .perms = PERM_R},
                     old = {0};
    struct tlb_place at = tlb_find(t, e.vpn, e.asid);
    bool hit = at.way != TLB_NO_WAY;
    if (hit)
        tlb_touch(t, at.set, at.way);
    else
        tlb_insert(t, &e, &old);
    struct json evicted = json_get(step, "evicted");
    assert_int_equal(old.valid, json_kind(evicted) == JSON_ARRAY);
    if (old.valid) { /* [asid, vpn] */
        assert_int_equal(old.asid, json_number(json_at(evicted, 0), UINT64_MAX));
        assert_int_equal(old.vpn, json_number(json_at(evicted, 1), UINT64_MAX));
    }
    assert_int_equal(hit, truth(step, "hit"));
    return hit;
}

static void check_tlb_trace(struct json record) {
    struct tlb *t = tlb_of(record);
    struct json steps = json_get(record, "steps");
    uint64_t hits = 0, misses = 0;
    for (size_t i = 0; i < json_length(steps); i++) {
        struct json step = json_at(steps, i);
        if (json_is(json_get(step, "op"), "flush")) {
            tlb_flush(t, true);
        } else if (json_is(json_get(step, "op"), "flush_asid")) {
            tlb_flush_asid(t, (asid_t)number(step, "asid"));
        } else {
            bool hit = tlb_access(t, step);
            hits += hit;
            misses += !hit;
        }
    }
    assert_int_equal(hits, json_number(json_get(record, "hits"), hits));
    assert_int_equal(misses, json_number(json_get(record, "misses"), misses));
    tlb_free(t);
}

static void tlb_traces_hit_and_evict_as_published(void **state) {
    (void)state;
    each("tlb_trace", check_tlb_trace);
}

static void tlb_traces_with_asids_and_flushes_hit_as_published(void **state) {
    (void)state;
    each("tlb_trace_asid", check_tlb_trace);
}

/* ---- OSTEP 19: the array walk on the whole machine ---- */

static uint64_t hits_of_array_walk(struct json record) {
    static struct rig r;
    unsigned bits[] = {8};
    struct json va = json_get(record, "va");
    rig_begin(&r, 8);
    rig_format(&r, 1, bits, log2_of(number(record, "page_size")), 2, 15, 12);
    rig_region(&r, 0, VMA_HEAP, 0, 16, PERM_RW);
    rig_tlb(&r, 16, 16, true);
    for (size_t i = 0; i < json_length(va); i++)
        rig_access(&r, ACCESS_READ, json_number(json_at(va, i), 0), 4);
    rig_start(&r);
    rig_run(&r, (unsigned)r.count);
    uint64_t hits = rig_counters(&r)->tlb_hits;
    assert_int_equal(rig_counters(&r)->tlb_misses, number(record, "misses"));
    rig_end(&r);
    return hits;
}

static void the_array_of_ten_ints_hits_seven_times_of_ten(void **state) {
    (void)state;
    assert_int_equal(hits_of_array_walk(by_id("ostep-19-array")), 7);
    assert_int_equal(hits_of_array_walk(by_id("ostep-19-array-twice")), 17);
    assert_int_equal(hits_of_array_walk(by_id("ostep-19-array-32B")), 8);
}

/* ---- Patterson & Hennessy 5.11.1: TLB and page table ---- */

static void check_ways(const struct tlb *t, struct json after) {
    for (uint32_t way = 0; way < 4; way++) { /* [tag, ppn], in the order of the ways */
        const struct tlb_entry *e = tlb_at(t, 0, way);
        struct json row = json_at(after, way);
        assert_true(e->valid);
        assert_int_equal(e->vpn, json_number(json_at(row, 0), UINT64_MAX));
        assert_int_equal(e->pfn, json_number(json_at(row, 1), UINT64_MAX));
    }
}

static void patterson_5_11_1_fills_the_tlb_as_the_solution_shows(void **state) {
    (void)state;
    struct json record = by_id("patterson-5.11.1"), initial = json_get(record, "initial_tlb"),
                steps = json_get(record, "steps");
    uint64_t next_free = number(record, "next_free_ppn"), table[16];
    struct tlb *t = tlb_of(record);
    memset(table, 0xff, sizeof table);
    struct json pages = json_get(record, "initial_page_table");
    for (size_t i = 0; i < json_length(pages); i++) {
        const char *vpn;
        struct json ppn = json_pair(pages, i, &vpn);
        table[strtoul(vpn, NULL, 10)] = json_number(ppn, 0);
    }
    for (uint32_t way = 0; way < 3; way++) { /* rows listed oldest first; the fourth is invalid */
        struct json row = json_at(initial, way);
        struct tlb_entry e = {.valid = true,
                              .vpn = json_number(json_at(row, 0), 0),
                              .pfn = json_number(json_at(row, 1), 0)},
                         old;
        assert_int_equal(tlb_insert(t, &e, &old).way, way);
    }
    for (size_t i = 0; i < json_length(steps); i++) {
        struct json step = json_at(steps, i);
        vpn_t vpn = number(step, "va") >> 12;
        uint16_t way = tlb_find(t, vpn, 0).way;
        const char *outcome = json_text(json_get(step, "outcome"));
        assert_int_equal(vpn, number(step, "vpn"));
        assert_int_equal(way != TLB_NO_WAY, strcmp(outcome, "tlb hit") == 0);
        assert_int_equal(table[vpn] == UINT64_MAX, strcmp(outcome, "tlb miss, page fault") == 0);
        if (table[vpn] == UINT64_MAX) table[vpn] = next_free++;
        assert_int_equal(table[vpn], number(step, "ppn"));
        struct tlb_entry e = {.valid = true, .vpn = vpn, .pfn = table[vpn]}, old;
        if (way != TLB_NO_WAY)
            tlb_touch(t, 0, way);
        else
            tlb_insert(t, &e, &old);
        if (i > 0 || json_kind(json_at(json_get(step, "tlb_after"), 3)) == JSON_ARRAY)
            check_ways(t, json_get(step, "tlb_after"));
    }
    tlb_free(t);
}

/* ---- CS:APP 9.6.4: a whole small machine, its TLB and page table filled beforehand ---- */

static void csapp_machine(struct rig *r, struct json record) {
    static const unsigned bits[] = {8};
    struct json sets = json_get(json_get(record, "tlb"), "entries"),
                pages = json_get(record, "page_table_first16");
    rig_begin(r, 53); /* the highest PPN that the book uses is 0x34 */
    rig_format(r, 1, bits, 6, 1, 7, 6);
    rig_tlb(r, 16, 4, false);
    for (size_t i = 0; i < json_length(pages); i++) {
        struct json page = json_at(pages, i);
        if (number(page, "valid")) rig_map(r, 0, number(page, "vpn"), number(page, "ppn"));
    }
    size_t n = 0;
    for (uint32_t set = 0; set < 4; set++)
        for (uint32_t way = 0; way < 4; way++) {
            struct json e = json_at(json_at(sets, set), way);
            if (number(e, "valid"))
                r->preload[n++] = (struct tlb_preload){
                    .set = set, .way = way, .tag = number(e, "tag"), .pfn = number(e, "ppn")};
        }
    r->config.tlb_preload = r->preload;
    r->config.tlb_preload_count = n;
}

/* Each access is judged against the contents that the book prints, so each gets a machine of its own. */
static void check_csapp_access(struct json record, struct json a) {
    static struct rig r;
    unsigned count;
    csapp_machine(&r, record);
    rig_access(&r, ACCESS_READ, number(a, "va"), 1);
    rig_start(&r);
    const struct tlb *t = machine_hw(r.m)->tlbs.unit[TLB_DATA];
    vpn_t vpn = number(a, "vpn");
    assert_int_equal(tlb_set_of(t, vpn, 0), number(a, "tlbi"));
    assert_int_equal(vpn / tlb_sets(t), number(a, "tlbt"));
    assert_true(machine_step(r.m));
    const struct translation *got = machine_translations(r.m, &count);
    assert_int_equal(count, 1);
    assert_int_equal(got->tlb == TLB_OUT_HIT, truth(a, "tlb_hit"));
    if (json_kind(json_get(a, "page_fault")) != JSON_NULL)
        assert_int_equal(got->fault != FAULT_NONE, truth(a, "page_fault"));
    if (json_kind(json_get(a, "pa")) != JSON_NULL) {
        assert_true(got->done);
        assert_int_equal(got->pa, number(a, "pa"));
        assert_int_equal(got->frame, number(a, "ppn"));
    }
    rig_end(&r);
}

static void csapp_9_6_4_hits_misses_and_faults_as_the_book_says(void **state) {
    (void)state;
    struct json record = by_id("csapp-9.6.4"), accesses = json_get(record, "accesses");
    assert_true(json_length(accesses) >= 9);
    for (size_t i = 0; i < json_length(accesses); i++) check_csapp_access(record, json_at(accesses, i));
}

/* All of them in a row, stepped by micro-steps and in one run: the preloaded entries name frames that
 * no page table knows, and must do no harm. */
static void csapp_9_6_4_in_a_row_runs_to_its_end(void **state) {
    (void)state;
    static struct rig r;
    struct json record = by_id("csapp-9.6.4"), accesses = json_get(record, "accesses");
    csapp_machine(&r, record);
    for (size_t i = 0; i < json_length(accesses); i++) {
        rig_access(&r, ACCESS_WRITE, number(json_at(accesses, i), "va"), 1);
        rig_access(&r, ACCESS_READ, number(json_at(accesses, i), "va"), 1);
    }
    rig_start(&r);
    struct machine *fast = machine_clone(r.m);
    while (machine_micro_step(r.m, NULL))
        ;
    assert_int_equal(machine_status(r.m), VS_OK);
    assert_int_equal(machine_steps_done(r.m), r.count);
    assert_int_equal(machine_run(fast, r.count, NULL), r.count);
    assert_true(machine_equal(fast, r.m));
    machine_free(fast);
    rig_end(&r);
}

#define WITH_RECORDS(f) cmocka_unit_test_setup_teardown(f, load, unload)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_RECORDS(ostep_linear_tables_translate_as_the_homework_prints),
        WITH_RECORDS(ostep_two_level_tables_translate_as_the_homework_prints),
        WITH_RECORDS(tlb_traces_hit_and_evict_as_published),
        WITH_RECORDS(tlb_traces_with_asids_and_flushes_hit_as_published),
        WITH_RECORDS(the_array_of_ten_ints_hits_seven_times_of_ten),
        WITH_RECORDS(patterson_5_11_1_fills_the_tlb_as_the_solution_shows),
        WITH_RECORDS(csapp_9_6_4_hits_misses_and_faults_as_the_book_says),
        WITH_RECORDS(csapp_9_6_4_in_a_row_runs_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
