/* The inverted page table. The hardware's side by hand: every word is placed as the head of
 * src/hw/format_inverted.c draws it, with four anchors and four entries, so that hash = (VPN xor ASID)
 * mod 4 can be reckoned in one's head. Then the kernel's side: tables that it built are walked. */
#include "os/internal.h"
#include "rig.h"
#include "vmscope/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define V 0x01u
#define R 0x02u
#define W 0x04u
#define X 0x08u
#define U 0x10u
#define A 0x40u
#define D 0x80u

#define ROOT    0x1000 /* number of anchors, number of entries */
#define ANCHORS 0x1010
#define ENTRIES 0x1030
#define PAGES   16     /* of RAM */

static const struct paging_format *format;
static struct ram *ram;

static void put(paddr_t pa, uint64_t word) { assert_int_equal(ram_write(ram, pa, 8, word), VS_OK); }

static int fresh_ram(void **state) {
    (void)state;
    format = paging_by_name("inverted");
    ram = ram_create(12, PAGES);
    if (!ram) return -1;
    put(ROOT, 4);
    put(ROOT + 8, 4);
    return 0;
}

static int drop_ram(void **state) {
    (void)state;
    ram_free(ram);
    return 0;
}

static void set_anchor(unsigned anchor, uint64_t link) { put(ANCHORS + anchor * 8, link); }

/* VPN in bits 63-24, ASID in 23-8, flags in 7-0; the next link in the word behind. */
static void set_entry(unsigned entry, vpn_t vpn, asid_t asid, unsigned flags, uint64_t next) {
    put(ENTRIES + entry * 16, vpn << 24 | (uint64_t)asid << 8 | flags);
    put(ENTRIES + entry * 16 + 8, next);
}

static struct walk walk_as(asid_t asid, vaddr_t va, enum access_kind op, bool user) {
    struct mmu_regs regs = {.root = ROOT, .asid = asid};
    struct walk w;
    walk_begin(&w, format, &regs, va, op, user);
    for (unsigned i = 0; !w.done && i < 100; i++) walk_level(&w, format, ram);
    assert_true(w.done);
    return w;
}

static struct walk walk(vaddr_t va) { return walk_as(1, va, ACCESS_READ, true); }

/* ---- the way ---- */

static void a_walk_reads_the_anchor_and_then_the_entry(void **state) {
    (void)state;
    set_anchor(3, 2 + 1); /* VPN 2 xor ASID 1 = 3 */
    set_entry(2, 2, 1, V | R | U, 0);
    struct mmu_regs regs = {.root = ROOT, .asid = 1};
    struct walk w;
    walk_begin(&w, format, &regs, 0x2abc, ACCESS_READ, true);
    walk_level(&w, format, ram);
    assert_false(w.done);
    assert_int_equal(w.index, 2);
    assert_int_equal(w.table, ENTRIES);
    walk_level(&w, format, ram);
    assert_true(w.done);
    assert_int_equal(w.fault, HW_FAULT_NONE);
    assert_int_equal(w.pfn, 2); /* the entry's own index */
    assert_int_equal(w.pa, 0x2abc);
    assert_int_equal(w.perms, PERM_R | PERM_U);
}

static void a_walk_remembers_anchor_and_entries(void **state) {
    (void)state;
    set_anchor(3, 2 + 1);
    set_entry(2, 2, 1, V | R | U, 0);
    struct walk w = walk(0x2000);
    assert_int_equal(w.reads, 2);
    assert_int_equal(w.read[0].level, 1);
    assert_int_equal(w.read[0].index, 3);
    assert_int_equal(w.read[0].table, ANCHORS);
    assert_int_equal(w.read[0].addr, ANCHORS + 24);
    assert_int_equal(w.read[0].word, 3);
    assert_int_equal(w.read[1].level, 0);
    assert_int_equal(w.read[1].index, 2);
    assert_int_equal(w.read[1].table, ENTRIES);
    assert_int_equal(w.read[1].addr, ENTRIES + 32);
    assert_int_equal(w.read[1].word, 2 << 24 | 1 << 8 | V | R | U);
}

static void pages_that_hash_alike_are_told_apart_along_the_chain(void **state) {
    (void)state;
    set_anchor(3, 0 + 1); /* VPNs 2, 6 and 10 with ASID 1: anchor 3 each */
    set_entry(0, 2, 1, V | R | U, 3 + 1);
    set_entry(3, 6, 1, V | R | U, 1 + 1);
    set_entry(1, 10, 1, V | R | U, 0);
    assert_int_equal(walk(0x2000).pfn, 0);
    assert_int_equal(walk(0x6000).pfn, 3);
    assert_int_equal(walk(0xa000).pfn, 1);
    assert_int_equal(walk(0xa000).reads, 4);
}

static void one_page_number_of_two_processes_is_in_two_frames(void **state) {
    (void)state;
    set_anchor(3, 0 + 1); /* 2 xor 1 */
    set_anchor(0, 1 + 1); /* 2 xor 2 */
    set_entry(0, 2, 1, V | R | U, 0);
    set_entry(1, 2, 2, V | R | U, 0);
    assert_int_equal(walk_as(1, 0x2000, ACCESS_READ, true).pfn, 0);
    assert_int_equal(walk_as(2, 0x2000, ACCESS_READ, true).pfn, 1);
}

static void an_entry_of_another_asid_is_passed_by(void **state) {
    (void)state;
    set_anchor(3, 0 + 1); /* VPN 2 with ASID 1, and with ASID 5 */
    set_entry(0, 2, 5, V | R | U, 1 + 1);
    set_entry(1, 2, 1, V | R | U, 0);
    assert_int_equal(walk_as(1, 0x2000, ACCESS_READ, true).pfn, 1);
    assert_int_equal(walk_as(5, 0x2000, ACCESS_READ, true).pfn, 0);
}

static void the_asid_is_sixteen_bits_of_the_tag(void **state) {
    (void)state;
    set_anchor(1, 0 + 1);
    set_entry(0, 2, 0xffff, V | R | U, 0); /* 2 xor 0xffff = 0xfffd: anchor 1 */
    assert_int_equal(walk_as(0xffff, 0x2000, ACCESS_READ, true).pfn, 0);
    assert_int_equal(walk_as(0x7fff, 0x2000, ACCESS_READ, true).fault, HW_FAULT_NOT_VALID);
}

/* ---- where it ends ---- */

static void an_anchor_without_a_chain_is_a_page_fault(void **state) {
    (void)state;
    struct walk w = walk(0x2000);
    assert_int_equal(w.fault, HW_FAULT_NOT_VALID);
    assert_int_equal(w.level, 1);
    assert_int_equal(w.reads, 1);
    assert_false(w.leaf);
    assert_non_null(w.failed);
}

static void the_end_of_the_chain_is_a_page_fault(void **state) {
    (void)state;
    set_anchor(3, 0 + 1);
    set_entry(0, 6, 1, V | R | U, 0);
    struct walk w = walk(0x2000);
    assert_int_equal(w.fault, HW_FAULT_NOT_VALID);
    assert_int_equal(w.level, 0);
    assert_int_equal(w.reads, 2);
    assert_int_equal(w.pte_addr, ENTRIES);
}

static void an_entry_that_is_not_valid_is_a_page_fault(void **state) {
    (void)state;
    set_anchor(3, 0 + 1);
    set_entry(0, 2, 1, R | W | X | U, 0);
    assert_int_equal(walk(0x2000).fault, HW_FAULT_NOT_VALID);
}

static void a_chain_through_every_entry_is_followed(void **state) {
    (void)state;
    set_anchor(3, 0 + 1);
    for (unsigned i = 0; i < 4; i++) set_entry(i, 6 + 4 * i, 1, V | R | U, i < 3 ? i + 2 : 0);
    assert_int_equal(walk(0x12000).pfn, 3);
    assert_int_equal(walk(0x2000).fault, HW_FAULT_NOT_VALID);
    assert_int_equal(walk(0x2000).reads, 5);
}

static void a_chain_that_runs_in_a_circle_is_malformed(void **state) {
    (void)state;
    set_anchor(3, 0 + 1);
    set_entry(0, 6, 1, V | R | U, 1 + 1);
    set_entry(1, 10, 1, V | R | U, 0 + 1);
    struct walk w = walk(0x2000);
    assert_int_equal(w.fault, HW_FAULT_MALFORMED);
    assert_int_equal(w.reads, 5); /* the anchor, and as many entries as there are */
}

static void a_link_beyond_the_table_is_malformed(void **state) {
    (void)state;
    set_anchor(3, 4 + 1);
    set_entry(4, 2, 1, V | R | U, 0); /* it would match, but is no entry */
    assert_int_equal(walk(0x2000).fault, HW_FAULT_MALFORMED);
    set_anchor(3, 0 + 1);
    set_entry(0, 6, 1, V | R | U, 4 + 1);
    assert_int_equal(walk(0x2000).fault, HW_FAULT_MALFORMED);
    set_anchor(3, UINT64_C(0x100000001)); /* entry 2^32, not entry 0 */
    assert_int_equal(walk(0x2000).fault, HW_FAULT_MALFORMED);
}

static void a_root_without_a_header_is_malformed(void **state) {
    (void)state;
    static const struct { uint64_t anchors, entries; } bad[] = {
        {0, 4}, {3, 4}, {1u << 21, 4}, {4, (1u << 20) + 1}}; /* a PFN has 20 bits */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        put(ROOT, bad[i].anchors);
        put(ROOT + 8, bad[i].entries);
        struct walk w = walk(0x2000);
        assert_int_equal(w.fault, HW_FAULT_MALFORMED);
        assert_int_equal(w.reads, 0);
        assert_int_equal(w.pte_addr, ROOT);
    }
}

static void a_root_between_two_words_is_malformed(void **state) {
    (void)state;
    struct mmu_regs regs = {.root = 0x2004};
    put(0x2000, UINT64_C(4) << 32);
    put(0x2008, UINT64_C(4) << 32);
    struct walk w;
    walk_begin(&w, format, &regs, 0x2000, ACCESS_READ, true);
    walk_level(&w, format, ram);
    assert_int_equal(w.fault, HW_FAULT_MALFORMED);
}

static struct walk walk_from(paddr_t root, vaddr_t va) {
    struct mmu_regs regs = {.root = root, .asid = 1};
    struct walk w;
    walk_begin(&w, format, &regs, va, ACCESS_READ, true);
    for (unsigned i = 0; !w.done && i < 10; i++) walk_level(&w, format, ram);
    assert_true(w.done);
    return w;
}

static void what_lies_outside_ram_is_a_bus_fault(void **state) {
    (void)state;
    assert_int_equal(walk_from(PAGES << 12, 0x2000).fault, HW_FAULT_BUS);       /* the header */
    assert_int_equal(walk_from((PAGES << 12) - 8, 0x2000).fault, HW_FAULT_BUS); /* half of it */
    assert_int_equal(walk_from(UINT64_MAX - 7, 0x2000).fault, HW_FAULT_BUS);    /* the other half */
    put((PAGES << 12) - 16, 4);
    put((PAGES << 12) - 8, 4);
    assert_int_equal(walk_from((PAGES << 12) - 16, 0x2000).fault, HW_FAULT_BUS); /* the anchors */
    put((PAGES << 12) - 32, 2); /* 2 anchors, and the entries lie behind RAM's end */
    put((PAGES << 12) - 24, 4);
    put((PAGES << 12) - 8, 1);
    assert_int_equal(walk_from((PAGES << 12) - 32, 0x2000).fault, HW_FAULT_BUS); /* 2 xor 1, mod 2: anchor 1 */
    put((PAGES << 12) - 40, 2);
    put((PAGES << 12) - 32, 4);
    put((PAGES << 12) - 16, 1);
    put((PAGES << 12) - 8, 0); /* entry 0 of another page, its link outside */
    assert_int_equal(walk_from((PAGES << 12) - 40, 0x2000).fault, HW_FAULT_BUS);
}

static void a_page_outside_ram_is_a_bus_fault(void **state) {
    (void)state;
    put(ROOT + 8, 64);
    set_anchor(3, PAGES + 1);
    set_entry(PAGES, 2, 1, V | R | U, 0);
    struct walk w = walk(0x2000);
    assert_int_equal(w.fault, HW_FAULT_BUS);
    assert_true(w.leaf);
}

static void an_address_of_more_than_32_bits_is_out_of_range(void **state) {
    (void)state;
    set_anchor(3, 0 + 1);
    set_entry(0, 0x100002, 1, V | R | U, 0);
    assert_int_equal(walk(UINT64_C(0x100002000)).fault, HW_FAULT_RANGE);
}

/* ---- what is permitted ---- */

static void each_access_needs_its_own_permission_and_the_users(void **state) {
    (void)state;
    static const struct { unsigned flags; enum access_kind op; bool user, good; } row[] = {
        {V | R | U, ACCESS_READ, true, true},      {V | W | X | U, ACCESS_READ, true, false},
        {V | R | W | U, ACCESS_WRITE, true, true}, {V | R | X | U, ACCESS_WRITE, true, false},
        {V | X | U, ACCESS_FETCH, true, true},     {V | R | W | U, ACCESS_FETCH, true, false},
        {V | R | W | X, ACCESS_READ, true, false}, {V | R | W | X, ACCESS_READ, false, true}};
    set_anchor(3, 0 + 1);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        set_entry(0, 2, 1, row[i].flags, 0);
        struct walk w = walk_as(1, 0x2000, row[i].op, row[i].user);
        assert_int_equal(w.fault, row[i].good ? HW_FAULT_NONE : HW_FAULT_DENIED);
        assert_int_equal(w.leaf, row[i].good);
    }
}

static void a_and_d_are_written_back_into_the_entry(void **state) {
    (void)state;
    struct walk_write due;
    set_anchor(3, 2 + 1);
    set_entry(2, 2, 1, V | R | W | U, 0);
    struct walk w = walk_as(1, 0x2000, ACCESS_WRITE, true);
    assert_true(walk_next_write(&w, format, &due));
    assert_int_equal(due.addr, ENTRIES + 32);
    assert_int_equal(due.word, 2 << 24 | 1 << 8 | V | R | W | U | A | D);
    assert_int_equal(walk_write(&w, format, ram, &due), VS_OK);
    assert_false(walk_next_write(&w, format, &due));
    assert_int_equal(walk(0x2000).fault, HW_FAULT_NONE);
}

static void software_sets_a_and_d_where_hardware_does_not(void **state) {
    (void)state;
    struct paging_format by_software = *format;
    by_software.hardware_ad = false;
    format = &by_software;
    set_anchor(3, 0 + 1);
    set_entry(0, 2, 1, V | R | W | U, 0);
    assert_int_equal(walk(0x2000).fault, HW_FAULT_BITS);
    set_entry(0, 2, 1, V | R | W | U | A, 0);
    assert_int_equal(walk(0x2000).fault, HW_FAULT_NONE);
    assert_int_equal(walk_as(1, 0x2000, ACCESS_WRITE, true).fault, HW_FAULT_BITS);
    set_entry(0, 2, 1, V | R | W | U | A | D, 0);
    assert_int_equal(walk_as(1, 0x2000, ACCESS_WRITE, true).fault, HW_FAULT_NONE);
    format = paging_by_name("inverted");
}

static void the_fields_of_an_entry_and_of_an_anchor_have_names(void **state) {
    (void)state;
    struct pte_field field[PTE_FIELDS_MAX];
    assert_int_equal(paging_fields(format, 0, 0, field), 9);
    assert_string_equal(field[0].name, "VPN");
    assert_string_equal(field[1].name, "ASID");
    assert_string_equal(field[8].name, "V");
    assert_int_equal(paging_fields(format, 0, 1, field), 1);
    assert_string_equal(paging_level_name(format, 1), "anchor");
    assert_string_equal(paging_level_name(format, 0), "entry");
}

static void the_description_is_possible(void **state) {
    (void)state;
    struct diag why;
    assert_int_equal(paging_check(format, &why), VS_OK);
    assert_int_equal(paging_va_bits(format), 32);
}

/* ---- the kernel's side ---- */

/* Three processes with the same page numbers, and too few frames for them. */
static void start_machine(struct rig *r, uint32_t frames, uint64_t seed) {
    struct rng rng = {seed};
    rig_begin(r, frames);
    r->config.format = *paging_by_name("inverted");
    rig_tlb(r, rng_below(&rng, 2) * 4, 4, rng_below(&rng, 2));
    r->config.seed = seed;
    r->config.policy.name = rng_below(&rng, 2) ? "random" : "fifo"; /* victims anywhere in a chain, and at its end */
    while (r->config.process_count < 3) rig_process(r, r->config.process_count == 1 ? "B" : "C", "");
    for (proc_t p = 0; p < 3; p++) {
        rig_region(r, p, VMA_TEXT, 0x10, 2, PERM_RX);
        rig_region(r, p, VMA_HEAP, 0x14, 6, PERM_RW);
    }
    for (unsigned i = 0; i < 300; i++) {
        if (rng_below(&rng, 10) == 0) rig_switch(r, (proc_t)rng_below(&rng, 3));
        vaddr_t va = (0x10 + rng_below(&rng, 11)) << 12 | (rng_below(&rng, 4000) & ~UINT64_C(3));
        if (rng_below(&rng, 2)) rig_write(r, va, i);
        else rig_read(r, va);
    }
    rig_start(r);
}

/* What the hardware finds for a page of a process in the table that the kernel built. */
static struct walk walk_of(const struct machine *m, proc_t p, vpn_t vpn) {
    const struct hw *hw = machine_hw(m);
    const struct process *process = &machine_kernel(m)->process[p];
    struct mmu_regs regs = {.root = process->root, .asid = process->asid};
    struct walk w;
    walk_begin(&w, hw->format, &regs, vpn << 12, ACCESS_READ, true);
    while (!w.done) walk_level(&w, hw->format, hw->ram);
    return w;
}

static void check_walks(const struct machine *m) {
    for (proc_t p = 0; p < 3; p++)
        for (vpn_t vpn = 0x10; vpn < 0x1b; vpn++) {
            frame_t f = kernel_frame_of(machine_kernel(m), p, vpn);
            struct walk w = walk_of(m, p, vpn);
            assert_int_equal(w.fault, f == FRAME_NONE ? HW_FAULT_NOT_VALID : HW_FAULT_NONE);
            if (f != FRAME_NONE) assert_int_equal(w.pfn, f);
        }
}

static void tables_that_the_kernel_built_are_walked_to_its_frames(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct rig r;
        start_machine(&r, 3 + (uint32_t)seed, seed);
        for (size_t i = 0; i < r.count; i++) {
            rig_do(&r); /* which checks the kernel's invariants after every micro-step */
            check_walks(r.m);
        }
        assert_true(rig_counters(&r)->evictions > 0);
        rig_end(&r);
    }
}

static void bytes_written_come_back_after_eviction(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, 2);
    r.config.format = *paging_by_name("inverted");
    rig_region(&r, 0, VMA_HEAP, 0x10, 8, PERM_RW);
    for (unsigned i = 0; i < 8; i++) rig_write(&r, (0x10 + i) << 12, 100 + i);
    for (unsigned i = 0; i < 8; i++) rig_read(&r, (0x10 + i) << 12);
    rig_start(&r);
    rig_run(&r, 8);
    for (unsigned i = 0; i < 8; i++) assert_int_equal(rig_do(&r).value, 100 + i);
    rig_end(&r);
}

static void an_ended_process_leaves_no_entry_behind(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, 2);
    r.config.format = *paging_by_name("inverted");
    r.config.swap_slots = 0; /* the third dirty page has nowhere to go: out of memory */
    rig_region(&r, 0, VMA_HEAP, 0x10, 5, PERM_RW);
    for (unsigned i = 0; i < 3; i++) rig_write(&r, (0x14 - 2 * i) << 12, i); /* one chain, the lowest page first */
    rig_start(&r);
    rig_run(&r, 2);
    assert_int_equal(rig_fault(&r), FAULT_OOM);
    for (vpn_t vpn = 0x10; vpn < 0x15; vpn++) assert_int_equal(walk_of(r.m, 0, vpn).level, 1);
    paddr_t root = machine_kernel(r.m)->process[0].root; /* a header of 16 bytes; 2 anchors, 2 entries */
    for (paddr_t at = 16; at < 64; at += 8) assert_int_equal(ram_read(machine_hw(r.m)->ram, root + at, 8), 0);
    rig_end(&r);
}

static void taking_away_what_is_not_mapped_changes_nothing(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, 2);
    r.config.format = *paging_by_name("inverted");
    rig_region(&r, 0, VMA_HEAP, 0x10, 1, PERM_RW);
    rig_write(&r, 0, 1); /* SIGSEGV: nothing comes of it */
    rig_write(&r, 0x10000, UINT64_C(0x12345678));
    rig_start(&r);
    rig_run(&r, 2);
    struct kernel *k = (struct kernel *)(uintptr_t)machine_kernel(r.m);
    struct pte_at at = pagetable_at(k, 0, 0x10);
    assert_true(at.valid);
    assert_int_equal(shape_hashed.remove(k, 0, 0x12, at.addr), VS_OK);
    assert_int_equal(walk_of(r.m, 0, 0x10).pfn, 0);
    assert_int_equal(ram_read(machine_hw(r.m)->ram, 0, 4), 0x12345678);
    rig_end(&r);
}

/* 8 frames: a header of 2 words, 8 anchors of 1, 8 entries of 2: 26 words of 8 bytes. */
static void the_table_follows_from_the_frames_not_from_the_processes(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, 8);
    r.config.format = *paging_by_name("inverted");
    rig_process(&r, "B", "");
    rig_start(&r);
    assert_int_equal(kernel_table_bytes_all(machine_kernel(r.m)).actual, 208);
    assert_int_equal(machine_kernel(r.m)->process[0].root, machine_kernel(r.m)->process[1].root);
    assert_int_not_equal(machine_kernel(r.m)->process[0].asid, machine_kernel(r.m)->process[1].asid);
    rig_end(&r);
}

#define HW(test) cmocka_unit_test_setup_teardown(test, fresh_ram, drop_ram)

int main(void) {
    const struct CMUnitTest tests[] = {
        HW(a_walk_reads_the_anchor_and_then_the_entry),
        HW(a_walk_remembers_anchor_and_entries),
        HW(pages_that_hash_alike_are_told_apart_along_the_chain),
        HW(one_page_number_of_two_processes_is_in_two_frames),
        HW(an_entry_of_another_asid_is_passed_by),
        HW(the_asid_is_sixteen_bits_of_the_tag),
        HW(an_anchor_without_a_chain_is_a_page_fault),
        HW(the_end_of_the_chain_is_a_page_fault),
        HW(an_entry_that_is_not_valid_is_a_page_fault),
        HW(a_chain_through_every_entry_is_followed),
        HW(a_chain_that_runs_in_a_circle_is_malformed),
        HW(a_link_beyond_the_table_is_malformed),
        HW(a_root_without_a_header_is_malformed),
        HW(a_root_between_two_words_is_malformed),
        HW(what_lies_outside_ram_is_a_bus_fault),
        HW(a_page_outside_ram_is_a_bus_fault),
        HW(an_address_of_more_than_32_bits_is_out_of_range),
        HW(each_access_needs_its_own_permission_and_the_users),
        HW(a_and_d_are_written_back_into_the_entry),
        HW(software_sets_a_and_d_where_hardware_does_not),
        HW(the_fields_of_an_entry_and_of_an_anchor_have_names),
        HW(the_description_is_possible),
        cmocka_unit_test(tables_that_the_kernel_built_are_walked_to_its_frames),
        cmocka_unit_test(bytes_written_come_back_after_eviction),
        cmocka_unit_test(an_ended_process_leaves_no_entry_behind),
        cmocka_unit_test(taking_away_what_is_not_mapped_changes_nothing),
        cmocka_unit_test(the_table_follows_from_the_frames_not_from_the_processes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
