/* The walks of x86 against QEMU: translations that were executed there, with error codes and A/D
 * write-backs; tests/data/x86.jsonl names the source of each. Then the cases of
 * tests/support/walk_manual.c, which have what no record has: LA57, SMAP with AC, PSE-36... */
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
    records = json_load(TEST_DATA "/x86.jsonl");
    return records ? 0 : -1;
}

static int unload(void **state) {
    (void)state;
    json_free(records);
    return 0;
}

static void walks_agree_with_qemu(void **state) {
    (void)state;
    assert_int_equal(json_count(records), 168);
    for (size_t i = 0; i < json_count(records); i++) {
        struct walk_case c;
        walk_case_from_x86(&c, json_record(records, i));
        walk_case_check(&c);
        walk_case_free(&c);
    }
}

static void check_reads(const struct walk_case *c, struct json expected) {
    struct walk w = walk_case_run(c, NULL).walk;
    assert_int_equal(w.reads, json_length(expected));
    for (size_t i = 0; i < w.reads; i++) {
        struct json e = json_at(expected, i);
        if (w.read[i].level != json_number(json_get(e, "level"), 99) ||
            w.read[i].addr != json_number(json_get(e, "entry_addr"), 0) ||
            w.read[i].word != json_number(json_get(e, "entry"), 0))
            fail_msg("%s: read %zu is another one", c->name, i);
    }
}

static void walks_read_the_entries_that_qemu_reads(void **state) {
    (void)state;
    for (size_t i = 0; i < json_count(records); i++) {
        struct walk_case c;
        walk_case_from_x86(&c, json_record(records, i));
        check_reads(&c, json_get(json_record(records, i), "walk"));
        walk_case_free(&c);
    }
}

static void walks_agree_with_the_manual(void **state) {
    (void)state;
    struct walk_case c;
    size_t seen = 0;
    for (size_t i = 0; i < walk_manual_count(); i++)
        for (size_t n = 0; walk_manual_case(&c, i, n); n++) {
            if (strncmp(c.format.name, "x86", 3) == 0) {
                walk_case_check(&c);
                seen++;
            }
            walk_case_free(&c);
        }
    assert_true(seen > 80);
}

/* SDM 3A, "Accessed and Dirty Flags": A in every entry used, D only in the one that maps the page. */
static void a_write_sets_a_in_every_entry_and_d_in_the_leaf(void **state) {
    (void)state;
    struct paging_format f = *paging_by_name("x86-64-la57");
    struct mmu_regs regs = {.root = 0x1000};
    struct ram *ram = ram_create(12, 16);
    struct walk w;
    struct walk_write next;
    assert_non_null(ram);
    for (paddr_t table = 0x1000; table < 0x5000; table += 0x1000)
        assert_int_equal(ram_write(ram, table, 8, (table + 0x1000) | 7), VS_OK);
    assert_int_equal(ram_write(ram, 0x5000, 8, 0x7007), VS_OK);
    walk_begin(&w, &f, &regs, 0, ACCESS_WRITE, true);
    while (!w.done) walk_level(&w, &f, ram);
    while (walk_next_write(&w, &f, &next)) assert_int_equal(walk_write(&w, &f, ram, &next), VS_OK);
    for (paddr_t table = 0x1000; table < 0x5000; table += 0x1000)
        assert_int_equal(ram_read(ram, table, 8), (table + 0x1000) | 0x27);
    assert_int_equal(ram_read(ram, 0x5000, 8), 0x7067);
    ram_free(ram);
}

/* SDM 3A, "Global Pages": G counts in the entry that maps the page, and is ignored above. */
static void only_a_leaf_is_global(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("x86-32");
    struct mmu_regs regs = {.root = 0x1000};
    struct ram *ram = ram_create(12, 16);
    struct walk w;
    assert_non_null(ram);
    for (unsigned leaf = 0; leaf < 2; leaf++) {
        assert_int_equal(ram_write(ram, 0x1000, 4, 0x2007 | (leaf ? 0 : 0x100)), VS_OK);
        assert_int_equal(ram_write(ram, 0x2000, 4, 0x7007 | (leaf ? 0x100 : 0)), VS_OK);
        walk_begin(&w, f, &regs, 0, ACCESS_READ, true);
        while (!w.done) walk_level(&w, f, ram);
        assert_int_equal(w.fault, HW_FAULT_NONE);
        assert_int_equal(w.global, leaf == 1);
    }
    ram_free(ram);
}

static void a_tlb_hit_asks_what_the_walk_asks(void **state) {
    (void)state;
    const struct paging_format *f = paging_by_name("x86-64");
    unsigned user = PERM_R | PERM_X | PERM_U;
    assert_true(mmu_permits(f, 0, user, ACCESS_WRITE, false));
    assert_false(mmu_permits(f, MODE_WP, user, ACCESS_WRITE, false));
    assert_false(mmu_permits(f, 0, user, ACCESS_WRITE, true));
    assert_false(mmu_permits(f, MODE_SMEP, user, ACCESS_FETCH, false));
    assert_true(mmu_permits(f, MODE_SMEP, user, ACCESS_FETCH, true));
    assert_false(mmu_permits(f, MODE_SMAP, user, ACCESS_READ, false));
    assert_true(mmu_permits(f, MODE_SMAP | MODE_AC, user, ACCESS_READ, false));
    assert_false(mmu_permits(f, 0, PERM_R | PERM_U, ACCESS_FETCH, false));
    assert_true(mmu_permits(f, 0, PERM_R | PERM_X, ACCESS_FETCH, false));
}

/* SDM 3A, "Format of a Page-Table Entry that Maps a 4-KByte Page": bit 7 is PAT there. In a PDE it is PS. */
static void a_page_has_no_ps_and_a_huge_page_has(void **state) {
    (void)state;
    struct pte pte = {PTE_BIT(PTE_V) | PTE_BIT(PTE_W) | PTE_BIT(PTE_U), 0x400};
    const struct paging_format *f = paging_by_name("x86-64");
    assert_int_equal(paging_encode(f, pte), UINT64_C(1) << 63 | 0x400007);
    assert_int_equal(paging_encode_leaf(f, pte, 1), UINT64_C(1) << 63 | 0x400087);
    assert_int_equal(paging_encode_leaf(paging_by_name("x86-32"), pte, 1), 0x400087);
    assert_int_equal(paging_encode_pointer(f, 5), 0x5007);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(walks_agree_with_qemu),
                                       cmocka_unit_test(walks_read_the_entries_that_qemu_reads),
                                       cmocka_unit_test(walks_agree_with_the_manual),
                                       cmocka_unit_test(a_write_sets_a_in_every_entry_and_d_in_the_leaf),
                                       cmocka_unit_test(only_a_leaf_is_global),
                                       cmocka_unit_test(a_tlb_hit_asks_what_the_walk_asks),
                                       cmocka_unit_test(a_page_has_no_ps_and_a_huge_page_has)};
    return cmocka_run_group_tests(tests, load, unload);
}
