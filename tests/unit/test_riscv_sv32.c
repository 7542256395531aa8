/* The Sv32 walk against Spike, the reference simulator of RISC-V: 34 translations that were executed
 * there (hardware that sets A and D: Svadu), with the PTEs read, the physical address or the cause of
 * the fault, and the PTEs written back. tests/data/riscv_sv32.jsonl names the source of each. Records
 * that turn on SUM or MXR are left out: this version has no such bits. */
#include "json.h"
#include "vmscope/hw/mmu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

static struct json_file *records;

static int load(void **state) {
    (void)state;
    records = json_load(TEST_DATA "/riscv_sv32.jsonl");
    return records ? 0 : -1;
}

static int unload(void **state) {
    (void)state;
    json_free(records);
    return 0;
}

static uint64_t number(struct json object, const char *key) {
    return json_number(json_get(object, key), UINT64_MAX);
}

static enum access_kind access_of(struct json record) {
    static const char *const name[] = {
        [ACCESS_READ] = "load", [ACCESS_WRITE] = "store", [ACCESS_FETCH] = "fetch"};
    for (int op = 0; op < ACCESS_KINDS; op++)
        if (json_is(json_get(record, "access"), name[op])) return (enum access_kind)op;
    fail_msg("what access?");
    return ACCESS_READ;
}

/* Memory up to where the record's ends, holding the words that it lists. */
static struct ram *memory_of(struct json record) {
    struct json words = json_get(record, "memory");
    struct ram *ram = ram_create(12, json_number(json_at(json_get(record, "ram"), 1), 0) >> 12);
    assert_non_null(ram);
    for (size_t i = 0; i < json_length(words); i++) {
        const char *address;
        uint64_t word = json_number(json_pair(words, i, &address), 0);
        assert_int_equal(ram_write(ram, strtoull(address, NULL, 16), 4, word), VS_OK);
    }
    return ram;
}

/* scause, RISC-V privileged, table "Supervisor cause register values after trap". */
static uint64_t cause_of(const struct walk *w) {
    static const uint64_t page_fault[] = {[ACCESS_READ] = 13, [ACCESS_WRITE] = 15, [ACCESS_FETCH] = 12};
    static const uint64_t access_fault[] = {[ACCESS_READ] = 5, [ACCESS_WRITE] = 7, [ACCESS_FETCH] = 1};
    return w->fault == HW_FAULT_BUS ? access_fault[w->op] : page_fault[w->op];
}

static void check_reads(const char *id, const struct walk *w, struct json expected) {
    size_t count = json_length(expected);
    while (count > 0 && json_kind(json_get(json_at(expected, count - 1), "pte")) == JSON_NULL)
        count--; /* a PTE outside memory is not read */
    if (w->reads != count) fail_msg("%s: %zu PTEs are read, got %u", id, count, w->reads);
    for (size_t i = 0; i < count; i++) {
        struct json e = json_at(expected, i);
        if (w->read[i].level != number(e, "level") || w->read[i].addr != number(e, "pte_addr") ||
            w->read[i].word != number(e, "pte"))
            fail_msg("%s: read %zu is another one", id, i);
    }
}

static void check_writes(const char *id, const struct ram *ram, const struct ram *before,
                         struct json writes) {
    struct ram *expected = ram_clone(before);
    for (size_t i = 0; i < json_length(writes); i++) {
        const char *address;
        uint64_t word = json_number(json_pair(writes, i, &address), 0);
        ram_write(expected, strtoull(address, NULL, 16), 4, word);
    }
    if (!ram_equal(ram, expected)) fail_msg("%s: other PTEs are written back", id);
    ram_free(expected);
}

static void check(struct json record) {
    const struct paging_format *f = paging_by_name("sv32");
    struct json expected = json_get(record, "expect_hw_ad");
    const char *id = json_text(json_get(record, "id"));
    struct ram *ram = memory_of(record), *before = ram_clone(ram);
    struct walk w;
    walk_begin(&w, f, number(record, "root_ppn") << 12, number(record, "va"), access_of(record),
               json_is(json_get(record, "priv"), "U"));
    while (!w.done) walk_level(&w, f, ram);
    bool ok = json_is(json_get(expected, "result"), "ok");
    if (ok != (w.fault == HW_FAULT_NONE))
        fail_msg("%s (%s): expected %s, got %s", id, json_text(json_get(record, "why_hw_ad")),
                 json_text(json_get(expected, "result")), hw_fault_name((enum hw_fault)w.fault));
    check_reads(id, &w, json_get(record, "walk_svade"));
    if (ok) {
        assert_int_equal(pfn_to_pa(w.pfn, 12) | (w.va & 0xfff), number(expected, "pa"));
        if (walk_bits_due(&w, f)) assert_int_equal(walk_set_bits(&w, f, ram, walk_bits_due(&w, f)), VS_OK);
    } else if (cause_of(&w) != number(expected, "cause")) {
        fail_msg("%s: expected cause %llu, got %llu", id, (unsigned long long)number(expected, "cause"),
                 (unsigned long long)cause_of(&w));
    }
    check_writes(id, ram, before, json_get(expected, "pte_writes"));
    ram_free(ram);
    ram_free(before);
}

static void the_sv32_walk_agrees_with_spike(void **state) {
    (void)state;
    assert_int_equal(json_count(records), 34);
    for (size_t i = 0; i < json_count(records); i++) check(json_record(records, i));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_sv32_walk_agrees_with_spike, load, unload)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
