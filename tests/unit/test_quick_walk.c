/* The quick walk against the walk level by level: on tables and words drawn at random, in every format, it
 * claims nothing that the other does not find, and it is not always silent. */
#include "hw/quick_walk.h"
#include "vmscope/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WORDS  20000
#define FRAMES 48u /* of RAM_PAGES: a page beyond them is not the quick walk's */
#define RAM_PAGES 96u

struct rig {
    struct paging_format format;
    struct hw hw;
    struct rng rng;
    vaddr_t va;
    paddr_t leaf; /* where its PTE stands */
    struct quick_walk quick;
    unsigned fine, absent, unknown;
};

static uint64_t width_mask(const struct paging_format *f) { return low_bits(8 * f->pte_bytes); }

/* A pointer as the kernel writes it; now and then one that restricts, is global, or lacks A. */
static uint64_t draw_pointer(struct rig *r, pfn_t table) {
    uint64_t word = paging_encode_pointer(&r->format, table);
    unsigned flags = 0;
    if (r->format.arch->pointers_accessed && rng_below(&r->rng, 8)) flags |= PTE_BIT(PTE_A);
    if (rng_below(&r->rng, 20) == 0) flags |= PTE_BIT(rng_below(&r->rng, PTE_FLAGS));
    return paging_with_flags(&r->format, word, flags & paging_flags(&r->format), 0);
}

/* Tables for a VA, each on pages of its own above the frames; the last one is left empty. */
static void draw_tables(struct rig *r) {
    const struct paging_format *f = &r->format;
    paddr_t table = pfn_to_pa(FRAMES, f->page_shift);
    r->va = rng_next(&r->rng) & low_bits(paging_va_bits(f) - f->sign_extended);
    r->hw.regs.root = table;
    for (unsigned level = f->levels - 1;; level--) {
        paddr_t entry = table + (uint64_t)paging_index(f, r->va, level) * f->pte_bytes;
        if (level == 0) {
            r->leaf = entry;
            return;
        }
        table = (table + paging_table_bytes(f, level) + low_bits(f->page_shift)) & ~low_bits(f->page_shift);
        ram_write(r->hw.ram, entry, f->pte_bytes, draw_pointer(r, pa_to_pfn(table, f->page_shift)));
    }
}

/* What the kernel would write, one bit of it turned, or anything. */
static uint64_t draw_leaf(struct rig *r) {
    const struct paging_format *f = &r->format;
    unsigned flags = PTE_BIT(PTE_V) | PTE_BIT(PTE_U) | (unsigned)rng_below(&r->rng, 1u << PTE_FLAGS);
    uint64_t word = paging_encode(f, (struct pte){flags & paging_flags(f), rng_below(&r->rng, RAM_PAGES + 8)});
    unsigned what = rng_below(&r->rng, 8);
    if (what == 0) return rng_next(&r->rng) & width_mask(f);
    if (what < 4) word ^= (uint64_t)1 << rng_below(&r->rng, 8 * f->pte_bytes);
    return word & width_mask(f);
}

static struct walk walk(const struct rig *r, enum access_kind op) {
    struct walk w;
    walk_begin(&w, &r->format, &r->hw.regs, r->va, op, true);
    while (!w.done) walk_level(&w, &r->format, r->hw.ram);
    return w;
}

/* It says that the page is there: so says the walk, with the same words read and written. */
static void check_fine(struct rig *r, struct walk *w, const struct quick_leaf *leaf) {
    struct walk_write due;
    unsigned writes = 0;
    assert_int_equal(w->fault, HW_FAULT_NONE);
    while (walk_next_write(w, &r->format, &due)) {
        assert_int_equal(walk_write(w, &r->format, r->hw.ram, &due), VS_OK);
        assert_int_equal(due.addr, leaf->addr);
        writes++;
    }
    assert_int_equal(writes, leaf->changes);
    assert_int_equal(w->word, leaf->word);
    assert_int_equal(w->pfn, quick_pfn(&r->quick, leaf->word));
    struct tlb_entry a = walk_tlb_entry(w, &r->format),
                     b = quick_entry(&r->quick, leaf->word, va_to_vpn(r->va, r->format.page_shift), w->asid);
    assert_true(a.valid == b.valid && a.global == b.global && a.dirty == b.dirty && a.perms == b.perms &&
                a.order == b.order && a.asid == b.asid && a.vpn == b.vpn && a.pfn == b.pfn);
}

static void check_word(struct rig *r, uint64_t word) {
    enum access_kind op = (enum access_kind)rng_below(&r->rng, ACCESS_KINDS);
    struct quick_leaf leaf;
    ram_write(r->hw.ram, r->leaf, r->format.pte_bytes, word);
    struct walk w = walk(r, op);
    quick_walk_learn(&r->quick, &r->format, &w);
    enum quick_result found = quick_walk(&r->quick, r->hw.ram, r->va, op, &leaf);
    r->unknown += found == QUICK_UNKNOWN;
    if (found == QUICK_UNKNOWN) return;
    assert_int_equal(w.reads, r->quick.levels);
    assert_int_equal(w.pte_addr, leaf.addr);
    assert_int_equal(leaf.addr, walk_last_entry(&w, &r->format));
    r->absent += found == QUICK_ABSENT;
    r->fine += found == QUICK_FINE;
    if (found == QUICK_ABSENT) assert_int_equal(w.fault, HW_FAULT_NOT_VALID);
    else check_fine(r, &w, &leaf);
}

/* A page number field that holds the numbers drawn, and tables that fit the RAM. */
static bool fits(const struct paging_format *f) {
    uint64_t pages = 0;
    for (unsigned level = 0; level < f->levels; level++) pages += 1 + (paging_table_bytes(f, level) >> f->page_shift);
    return f->shape == SHAPE_TREE && pages < RAM_PAGES - FRAMES;
}

static void check_format(struct rig *r, uint64_t seed) {
    r->rng.state = seed;
    r->hw.format = &r->format;
    for (unsigned i = 0; i < WORDS; i++) {
        if (i % 50 == 0) {
            if (i) ram_free(r->hw.ram);
            r->hw.ram = ram_create(r->format.page_shift, RAM_PAGES);
            r->hw.regs.asid = (asid_t)rng_below(&r->rng, 4);
            draw_tables(r);
            quick_walk_begin(&r->quick, &r->hw, FRAMES);
        }
        check_word(r, draw_leaf(r));
    }
    ram_free(r->hw.ram);
}

static void the_quick_walk_finds_what_the_walk_finds(void **state) {
    unsigned formats = 0;
    (void)state;
    for (unsigned i = 0; paging_formats[i]; i++)
        for (unsigned software = 0; software < 2; software++) {
            struct rig r = {.format = *paging_formats[i]};
            r.format.hardware_ad = !software;
            if (!fits(&r.format)) continue;
            check_format(&r, 100 * i + software);
            if (!r.quick.works) continue;
            formats++;
            if (!r.fine || !r.absent || !r.unknown)
                fail_msg("%s: %u fine, %u absent, %u unknown", r.format.name, r.fine, r.absent, r.unknown);
        }
    assert_in_range(formats, 16, 32); /* custom, four of RISC-V, three of x86, with both ways to set A and D */
}

/* Where flags stand elsewhere, or upside down: a format of one's own. */
static void flags_may_stand_anywhere(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct rig r = {.format = *paging_by_name("custom"), .rng = {seed}};
        struct paging_format *f = &r.format;
        unsigned bit = 32;
        f->pte_bytes = 8;
        f->pfn_bit = 0;
        f->pfn_bits = 20;
        for (unsigned i = 0; i < PTE_FLAGS; i++) {
            bool has = i == PTE_V || rng_below(&r.rng, 4) > 0;
            bit += 1 + rng_below(&r.rng, 3);
            f->flag_bit[i] = (int8_t)(has ? (int)bit : -1);
            if (i != PTE_V && i != PTE_A && i != PTE_D && rng_below(&r.rng, 3) == 0) f->inverted |= (uint16_t)PTE_BIT(i);
        }
        check_format(&r, seed);
        assert_true(r.quick.works && r.fine && r.absent);
    }
}

/* Those that a mask cannot tell are left alone. */
static void some_machines_have_no_quick_walk(void **state) {
    (void)state;
    struct hw hw = {.format = paging_by_name("aarch64")};
    struct quick_walk q;
    quick_walk_begin(&q, &hw, FRAMES);
    assert_false(q.works);
    hw.format = paging_by_name("inverted");
    quick_walk_begin(&q, &hw, FRAMES);
    assert_false(q.works);
    hw.format = paging_by_name("sv39");
    quick_walk_begin(&q, &hw, FRAMES);
    assert_true(q.works);
    hw.regs.mode = MODE_MXR; /* what a read needs depends on two bits */
    quick_walk_begin(&q, &hw, FRAMES);
    assert_false(q.works);
}

static void what_is_forgotten_is_not_found(void **state) {
    struct rig r = {.format = *paging_by_name("sv39"), .rng = {5}};
    struct quick_leaf leaf;
    (void)state;
    r.hw.format = &r.format;
    r.hw.ram = ram_create(r.format.page_shift, RAM_PAGES);
    quick_walk_begin(&r.quick, &r.hw, FRAMES);
    draw_tables(&r);
    assert_int_equal(quick_walk(&r.quick, r.hw.ram, r.va, ACCESS_READ, &leaf), QUICK_UNKNOWN);
    struct walk w = walk(&r, ACCESS_READ);
    quick_walk_learn(&r.quick, &r.format, &w);
    ram_write(r.hw.ram, r.leaf, r.format.pte_bytes, 0);
    assert_int_equal(quick_walk(&r.quick, r.hw.ram, r.va, ACCESS_READ, &leaf), QUICK_ABSENT);
    quick_walk_forget(&r.quick);
    assert_int_equal(quick_walk(&r.quick, r.hw.ram, r.va, ACCESS_READ, &leaf), QUICK_UNKNOWN);
    ram_free(r.hw.ram);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quick_walk_finds_what_the_walk_finds),
        cmocka_unit_test(flags_may_stand_anywhere),
        cmocka_unit_test(some_machines_have_no_quick_walk),
        cmocka_unit_test(what_is_forgotten_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
