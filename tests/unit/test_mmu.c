/* The page walk, check by check. Each check of the walk has a test in which it alone decides:
 * RISC-V Privileged Architecture, "Virtual Address Translation Process", steps 1 to 8. */
#include "vmscope/hw/mmu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define V PTE_BIT(PTE_V)
#define R PTE_BIT(PTE_R)
#define W PTE_BIT(PTE_W)
#define X PTE_BIT(PTE_X)
#define U PTE_BIT(PTE_U)
#define G PTE_BIT(PTE_G)
#define A PTE_BIT(PTE_A)
#define D PTE_BIT(PTE_D)

#define ROOT 0x1000     /* the L1 table; the L0 table is at 0x2000; data in page 5 */
#define VA   0x00403abc /* VPN[1] = 1, VPN[0] = 3, offset 0xabc */

static const struct paging_format *sv32;
static struct ram *ram;

static int fresh_ram(void **state) {
    (void)state;
    sv32 = paging_by_name("sv32");
    ram = ram_create(12, 2048);
    return ram ? 0 : -1;
}

static int drop_ram(void **state) {
    (void)state;
    ram_free(ram);
    return 0;
}

static void set_pte(paddr_t pa, unsigned flags, pfn_t pfn) {
    assert_int_equal(ram_write(ram, pa, 4, paging_encode(sv32, (struct pte){flags, pfn})), VS_OK);
}

/* L1[1] -> the table at 0x2000; L0[3] = the leaf. */
static void set_leaf(unsigned flags, pfn_t pfn) {
    set_pte(ROOT + 4, V, 2);
    set_pte(0x2000 + 12, flags, pfn);
}

static struct walk walk(vaddr_t va, enum access_kind op, bool user) {
    struct walk w;
    walk_begin(&w, sv32, &(struct mmu_regs){.root = ROOT}, va, op, user);
    for (unsigned i = 0; !w.done && i < 10; i++) walk_level(&w, sv32, ram);
    assert_true(w.done);
    return w;
}

static void a_walk_goes_down_level_by_level_to_the_leaf(void **state) {
    (void)state;
    set_leaf(V | R | W | U | A | D, 5);
    struct walk w;
    walk_begin(&w, sv32, &(struct mmu_regs){.root = ROOT}, VA, ACCESS_READ, true);
    assert_false(w.done);
    assert_int_equal(w.level, 1);
    assert_int_equal(w.table, ROOT);
    walk_level(&w, sv32, ram);
    assert_false(w.done);
    assert_int_equal(w.level, 0);
    assert_int_equal(w.table, 0x2000);
    walk_level(&w, sv32, ram);
    assert_true(w.done);
    assert_int_equal(w.fault, HW_FAULT_NONE);
    assert_int_equal(w.pfn, 5);
    assert_int_equal(w.pte_addr, 0x200c);
    assert_int_equal(w.perms, PERM_RW | PERM_U);
    assert_false(w.global);
}

static void a_walk_remembers_every_pte_it_read(void **state) {
    (void)state;
    set_leaf(V | R | U, 5);
    struct walk w = walk(VA, ACCESS_READ, true);
    assert_int_equal(w.reads, 2);
    assert_int_equal(w.read[0].level, 1);
    assert_int_equal(w.read[0].index, 1);
    assert_int_equal(w.read[0].table, ROOT);
    assert_int_equal(w.read[0].addr, ROOT + 4);
    assert_int_equal(w.read[0].word, (2 << 10) | V);
    assert_int_equal(w.read[1].level, 0);
    assert_int_equal(w.read[1].index, 3);
    assert_int_equal(w.read[1].table, 0x2000);
    assert_int_equal(w.read[1].addr, 0x200c);
    assert_int_equal(w.read[1].word, w.word);
}

static void must_fault(enum access_kind op, bool user, enum hw_fault fault, unsigned level) {
    struct walk w = walk(VA, op, user);
    assert_int_equal(w.fault, fault);
    assert_int_equal(w.level, level);
}

static void must_pass(enum access_kind op, bool user) {
    assert_int_equal(walk(VA, op, user).fault, HW_FAULT_NONE);
}

static void an_entry_that_is_not_valid_faults_at_its_level(void **state) {
    (void)state;
    must_fault(ACCESS_READ, true, HW_FAULT_NOT_VALID, 1);
    set_leaf(R | W | X | U | A | D, 5); /* everything but V */
    must_fault(ACCESS_READ, true, HW_FAULT_NOT_VALID, 0);
    set_pte(ROOT + 4, R | W | X | U | A | D, 2);
    must_fault(ACCESS_READ, true, HW_FAULT_NOT_VALID, 1);
}

static void writable_but_not_readable_is_reserved(void **state) {
    (void)state;
    set_leaf(V | W | U | A | D, 5);
    must_fault(ACCESS_WRITE, true, HW_FAULT_MALFORMED, 0);
    set_leaf(V | W | X | U | A | D, 5);
    must_fault(ACCESS_FETCH, true, HW_FAULT_MALFORMED, 0);
    set_pte(ROOT + 4, V | W, 2);
    must_fault(ACCESS_READ, true, HW_FAULT_MALFORMED, 1);
}

static void a_pointer_at_the_last_level_is_malformed(void **state) {
    (void)state;
    set_leaf(V, 5);
    must_fault(ACCESS_READ, true, HW_FAULT_MALFORMED, 0);
    set_leaf(V | U | A | D, 5);
    must_fault(ACCESS_READ, true, HW_FAULT_MALFORMED, 0);
}

static void reading_needs_r(void **state) {
    (void)state;
    set_leaf(V | X | U | A | D, 5);
    must_fault(ACCESS_READ, true, HW_FAULT_DENIED, 0);
    must_pass(ACCESS_FETCH, true);
}

static void writing_needs_w(void **state) {
    (void)state;
    set_leaf(V | R | X | U | A | D, 5);
    must_fault(ACCESS_WRITE, true, HW_FAULT_DENIED, 0);
    must_pass(ACCESS_READ, true);
}

static void fetching_needs_x(void **state) {
    (void)state;
    set_leaf(V | R | W | U | A | D, 5);
    must_fault(ACCESS_FETCH, true, HW_FAULT_DENIED, 0);
    must_pass(ACCESS_WRITE, true);
}

static void user_mode_needs_u(void **state) {
    (void)state;
    set_leaf(V | R | W | X | A | D, 5);
    must_fault(ACCESS_READ, true, HW_FAULT_DENIED, 0);
    must_fault(ACCESS_WRITE, true, HW_FAULT_DENIED, 0);
    must_fault(ACCESS_FETCH, true, HW_FAULT_DENIED, 0);
    must_pass(ACCESS_READ, false);
}

static void a_superpage_gives_each_of_its_pages_a_frame(void **state) {
    (void)state;
    set_pte(ROOT + 4, V | R | U, 1024);
    struct walk w = walk(VA, ACCESS_READ, true);
    assert_int_equal(w.fault, HW_FAULT_NONE);
    assert_int_equal(w.reads, 1);
    assert_int_equal(w.level, 1);
    assert_int_equal(w.pfn, 1024 + 3);
    assert_int_equal(w.pte_addr, ROOT + 4);
}

static void a_misaligned_superpage_is_malformed(void **state) {
    (void)state;
    for (unsigned bit = 0; bit < 10; bit++) {
        set_pte(ROOT + 4, V | R | W | X | U | A | D, 1024 + (1u << bit));
        must_fault(ACCESS_READ, true, HW_FAULT_MALFORMED, 1);
    }
}

static void a_superpage_is_checked_for_permissions_too(void **state) {
    (void)state;
    set_pte(ROOT + 4, V | R | U, 1024);
    must_fault(ACCESS_WRITE, true, HW_FAULT_DENIED, 1);
    set_pte(ROOT + 4, V | R, 1024);
    must_fault(ACCESS_READ, true, HW_FAULT_DENIED, 1);
}

static void a_table_outside_ram_is_a_bus_fault(void **state) {
    (void)state;
    set_pte(ROOT + 4, V, 2048);
    struct walk w = walk(VA, ACCESS_READ, true);
    assert_int_equal(w.fault, HW_FAULT_BUS);
    set_pte(ROOT + 4, V, 0x3fffff);
    assert_int_equal(walk(VA, ACCESS_READ, true).fault, HW_FAULT_BUS);
}

static void a_frame_outside_ram_is_a_bus_fault(void **state) {
    (void)state;
    set_leaf(V | R | U, 2047);
    must_pass(ACCESS_READ, true);
    set_leaf(V | R | U, 2048);
    assert_int_equal(walk(VA, ACCESS_READ, true).fault, HW_FAULT_BUS);
}

static void a_root_outside_ram_is_a_bus_fault(void **state) {
    (void)state;
    struct walk w;
    walk_begin(&w, sv32, &(struct mmu_regs){.root = (paddr_t)2048 << 12}, VA, ACCESS_READ, true);
    for (unsigned i = 0; !w.done && i < 10; i++) walk_level(&w, sv32, ram);
    assert_int_equal(w.fault, HW_FAULT_BUS);
}

static void an_address_with_too_many_bits_is_out_of_range(void **state) {
    (void)state;
    set_leaf(V | R | U, 5);
    struct walk w = walk(VA | UINT64_C(0x100000000), ACCESS_READ, true);
    assert_int_equal(w.fault, HW_FAULT_RANGE);
    assert_int_equal(w.reads, 0);
    assert_int_equal(walk(UINT64_MAX, ACCESS_READ, true).fault, HW_FAULT_RANGE);
}

static void a_global_leaf_says_so(void **state) {
    (void)state;
    set_leaf(V | R | U | G, 5);
    assert_true(walk(VA, ACCESS_READ, true).global);
}

/* "the global bit ... for non-leaf PTEs implies that all mappings in the subsequent levels are global" */
static void below_a_global_pointer_all_is_global(void **state) {
    (void)state;
    set_leaf(V | R | U, 5);
    set_pte(ROOT + 4, V | G, 2);
    assert_true(walk(VA, ACCESS_READ, true).global);
}

/* ---- A and D ---- */

static unsigned bits_due(const struct walk *w, const struct paging_format *f) {
    struct walk_write due;
    return walk_next_write(w, f, &due) ? due.bits : 0;
}

static unsigned due(unsigned flags, enum access_kind op) {
    set_leaf(flags, 5);
    struct walk w = walk(VA, op, true);
    return bits_due(&w, sv32);
}

static void a_read_owes_a_and_a_write_owes_a_and_d(void **state) {
    (void)state;
    assert_int_equal(due(V | R | W | X | U, ACCESS_READ), A);
    assert_int_equal(due(V | R | W | X | U, ACCESS_FETCH), A);
    assert_int_equal(due(V | R | W | X | U, ACCESS_WRITE), A | D);
}

static void what_is_set_already_is_not_owed(void **state) {
    (void)state;
    assert_int_equal(due(V | R | W | U | A, ACCESS_READ), 0);
    assert_int_equal(due(V | R | W | U | A, ACCESS_WRITE), D);
    assert_int_equal(due(V | R | W | U | A | D, ACCESS_WRITE), 0);
    assert_int_equal(due(V | R | W | U | D, ACCESS_READ), A);
}

static void setting_bits_changes_the_pte_in_ram_and_nothing_else_of_it(void **state) {
    (void)state;
    set_leaf(V | R | W | U, 5);
    struct walk w = walk(VA, ACCESS_WRITE, true);
    assert_int_equal(ram_read(ram, 0x200c, 4), (5 << 10) | V | R | W | U);
    struct walk_write write;
    assert_true(walk_next_write(&w, sv32, &write));
    assert_int_equal(write.addr, 0x200c);
    assert_int_equal(write.bits, A | D);
    assert_int_equal(walk_write(&w, sv32, ram, &write), VS_OK);
    assert_int_equal(ram_read(ram, 0x200c, 4), (5 << 10) | V | R | W | U | A | D);
    assert_int_equal(w.word, (5 << 10) | V | R | W | U | A | D);
    assert_false(walk_next_write(&w, sv32, &write));
    assert_int_equal(ram_read(ram, 0x2008, 4), 0);
    assert_int_equal(ram_read(ram, 0x2010, 4), 0);
}

static void a_walk_itself_writes_nothing(void **state) {
    (void)state;
    set_leaf(V | R | W | U, 5);
    struct ram *before = ram_clone(ram);
    walk(VA, ACCESS_WRITE, true);
    assert_true(ram_equal(before, ram));
    ram_free(before);
}

static void a_format_without_a_and_d_owes_nothing(void **state) {
    (void)state;
    struct paging_format f = *sv32;
    f.flag_bit[PTE_A] = f.flag_bit[PTE_D] = -1;
    set_leaf(V | R | W | U, 5);
    struct walk w;
    walk_begin(&w, &f, &(struct mmu_regs){.root = ROOT}, VA, ACCESS_WRITE, true);
    while (!w.done) walk_level(&w, &f, ram);
    assert_int_equal(w.fault, HW_FAULT_NONE);
    assert_int_equal(bits_due(&w, &f), 0);
}

static void every_fault_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int a = HW_FAULT_NOT_VALID; a < HW_FAULTS; a++)
        for (int b = HW_FAULT_NOT_VALID; b < a; b++)
            assert_string_not_equal(hw_fault_name((enum hw_fault)a), hw_fault_name((enum hw_fault)b));
}

#define ON_FRESH_RAM(f) cmocka_unit_test_setup_teardown(f, fresh_ram, drop_ram)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_FRESH_RAM(a_walk_goes_down_level_by_level_to_the_leaf),
        ON_FRESH_RAM(a_walk_remembers_every_pte_it_read),
        ON_FRESH_RAM(an_entry_that_is_not_valid_faults_at_its_level),
        ON_FRESH_RAM(writable_but_not_readable_is_reserved),
        ON_FRESH_RAM(a_pointer_at_the_last_level_is_malformed),
        ON_FRESH_RAM(reading_needs_r),
        ON_FRESH_RAM(writing_needs_w),
        ON_FRESH_RAM(fetching_needs_x),
        ON_FRESH_RAM(user_mode_needs_u),
        ON_FRESH_RAM(a_superpage_gives_each_of_its_pages_a_frame),
        ON_FRESH_RAM(a_misaligned_superpage_is_malformed),
        ON_FRESH_RAM(a_superpage_is_checked_for_permissions_too),
        ON_FRESH_RAM(a_table_outside_ram_is_a_bus_fault),
        ON_FRESH_RAM(a_frame_outside_ram_is_a_bus_fault),
        ON_FRESH_RAM(a_root_outside_ram_is_a_bus_fault),
        ON_FRESH_RAM(an_address_with_too_many_bits_is_out_of_range),
        ON_FRESH_RAM(a_global_leaf_says_so),
        ON_FRESH_RAM(below_a_global_pointer_all_is_global),
        ON_FRESH_RAM(a_read_owes_a_and_a_write_owes_a_and_d),
        ON_FRESH_RAM(what_is_set_already_is_not_owed),
        ON_FRESH_RAM(setting_bits_changes_the_pte_in_ram_and_nothing_else_of_it),
        ON_FRESH_RAM(a_walk_itself_writes_nothing),
        ON_FRESH_RAM(a_format_without_a_and_d_owes_nothing),
        ON_FRESH_RAM(every_fault_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
