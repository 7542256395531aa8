/* The walks of Sv32, Sv39, Sv48 and Sv57 against Spike, the reference simulator of RISC-V: translations
 * that were executed there, with hardware that sets A and D (Svadu) and with software that does (Svade).
 * tests/data/riscv.jsonl names the source of each. Then the cases of tests/support/walk_manual.c. */
#include "walk_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

static struct json_file *records;

static int load(void **state) {
    (void)state;
    records = json_load(TEST_DATA "/riscv.jsonl");
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

static void check_all(bool hardware_ad) {
    assert_int_equal(json_count(records), 202);
    for (size_t i = 0; i < json_count(records); i++) {
        struct walk_case c;
        walk_case_from_riscv(&c, json_record(records, i), hardware_ad);
        walk_case_check(&c);
        walk_case_free(&c);
    }
}

static void walks_agree_with_spike_where_hardware_sets_a_and_d(void **state) {
    (void)state;
    check_all(true);
}

static void walks_agree_with_spike_where_software_sets_a_and_d(void **state) {
    (void)state;
    check_all(false);
}

static void check_reads(const struct walk_case *c, struct json expected) {
    struct walk w = walk_case_run(c, NULL).walk;
    size_t count = json_length(expected);
    while (count > 0 && json_kind(json_get(json_at(expected, count - 1), "pte")) == JSON_NULL)
        count--; /* a PTE outside memory is not read */
    if (w.reads != count) fail_msg("%s: %zu PTEs are read, got %u", c->name, count, w.reads);
    for (size_t i = 0; i < count; i++) {
        struct json e = json_at(expected, i);
        if (w.read[i].level != number(e, "level") || w.read[i].addr != number(e, "pte_addr") ||
            w.read[i].word != number(e, "pte"))
            fail_msg("%s: read %zu is another one", c->name, i);
    }
}

static void walks_read_the_ptes_that_spike_reads(void **state) {
    (void)state;
    for (size_t i = 0; i < json_count(records); i++) {
        struct walk_case c;
        walk_case_from_riscv(&c, json_record(records, i), false);
        check_reads(&c, json_get(json_record(records, i), "walk_svade"));
        walk_case_free(&c);
    }
}

static void walks_agree_with_the_manual(void **state) {
    (void)state;
    struct walk_case c;
    size_t seen = 0;
    for (size_t i = 0; i < walk_manual_count(); i++)
        for (size_t n = 0; walk_manual_case(&c, i, n); n++) {
            if (strncmp(c.format.name, "sv", 2) == 0) {
                walk_case_check(&c);
                seen++;
            }
            walk_case_free(&c);
        }
    assert_true(seen > 100);
}

/* Volume II, section Sv32: "Sv32 ... 34-bit physical addresses". */
static void sv32_reaches_physical_addresses_of_34_bits(void **state) {
    (void)state;
    assert_int_equal(paging_pa_bits(paging_by_name("sv32")), 34);
    assert_int_equal(paging_pa_bits(paging_by_name("sv39")), 56);
}

static void a_tlb_hit_asks_what_the_walk_asks(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("sv39");
    unsigned user = PERM_R | PERM_W | PERM_X | PERM_U;
    assert_false(mmu_permits(f, 0, user, ACCESS_READ, false));
    assert_true(mmu_permits(f, MODE_SUM, user, ACCESS_WRITE, false));
    assert_false(mmu_permits(f, MODE_SUM, user, ACCESS_FETCH, false));
    assert_true(mmu_permits(f, MODE_MXR, PERM_X | PERM_U, ACCESS_READ, true));
    assert_false(mmu_permits(f, 0, PERM_X, ACCESS_READ, false));
    assert_true(mmu_permits(f, 0, PERM_X, ACCESS_FETCH, false));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(walks_agree_with_spike_where_hardware_sets_a_and_d),
                                       cmocka_unit_test(walks_agree_with_spike_where_software_sets_a_and_d),
                                       cmocka_unit_test(walks_read_the_ptes_that_spike_reads),
                                       cmocka_unit_test(walks_agree_with_the_manual),
                                       cmocka_unit_test(sv32_reaches_physical_addresses_of_34_bits),
                                       cmocka_unit_test(a_tlb_hit_asks_what_the_walk_asks)};
    return cmocka_run_group_tests(tests, load, unload);
}
