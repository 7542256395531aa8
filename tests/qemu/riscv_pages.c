/* riscv_pages.c - RISC-V entries, and the memory of the `virt` machines.
 *
 *   63      54 53                     10 9 8 7 6 5 4 3 2 1 0
 *  +----------+-------------------------+---+-+-+-+-+-+-+-+-+
 *  | reserved |          PPN            |RSW|D|A|G|U|X|W|R|V|   (Sv32: PPN in 31..10)
 *  +----------+-------------------------+---+-+-+-+-+-+-+-+-+
 */
#include "machine.h"
#include "riscv_probe.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128, RSW = 0x300 };

/* No RAM and no device of the `virt` machine is here. Below 4 GiB, although an Sv32 address has
 * 34 bits: QEMU 7.2's RV32 machine cuts physical addresses of pages to 32 bits (it masks them
 * with a number as wide as a register), and would reach into RAM. */
#define OUTSIDE UINT64_C(0xc0000000)

static uint64_t ppn_field(paddr_t pa) { return pa >> PAGE_SHIFT << 10; }

static paddr_t address(const struct paging_format *f, uint64_t word, unsigned level) {
    (void)level;
    return (word >> 10 & low_bits(f->pfn_bits)) << PAGE_SHIFT;
}

static bool is_pointer(const struct paging_format *f, uint64_t word, unsigned level) {
    (void)f;
    return level > 0 && (word & (V | R | W | X)) == V;
}

/* ---- entries ---- */

static uint64_t good_leaf(struct plan *p, const struct place *at) {
    static const unsigned legal[] = {R, R | W, X, R | X, R | W | X};
    paddr_t base = at->target & ~plan_within(at->tree->format, at->level);
    return ppn_field(base) | V | legal[plan_below(p, 5)] | plan_any_of(p, RSW | D | A | G | U);
}

static uint64_t open_leaf(struct plan *p, const struct place *at) {
    paddr_t base = at->target & ~plan_within(at->tree->format, at->level);
    return ppn_field(base) | V | R | W | X | plan_any_of(p, D | A | U);
}

static uint64_t any_flags(struct plan *p, const struct place *at) {
    return (good_leaf(p, at) & ~(uint64_t)0xff) | plan_any_of(p, 0xfe) | V;
}

static uint64_t not_valid(struct plan *p, const struct place *at) {
    return (good_leaf(p, at) & ~(uint64_t)V) | plan_any_of(p, R | W | X);
}

static uint64_t misaligned(struct plan *p, const struct place *at) {
    unsigned bits = paging_index_shift(at->tree->format, at->level) - PAGE_SHIFT;
    uint64_t word = open_leaf(p, at);
    return bits ? word | (uint64_t)1 << (10 + plan_below(p, bits)) : word;
}

/* A bit of 63..54; Sv32 has none. */
static uint64_t reserved_bit(struct plan *p, const struct place *at) {
    uint64_t bit = (uint64_t)1 << (54 + plan_below(p, 10));
    return at->tree->format->pte_bytes == 8 ? bit : 0;
}

static uint64_t reserved_leaf(struct plan *p, const struct place *at) {
    return open_leaf(p, at) | reserved_bit(p, at);
}

/* At level 0 a pointer is wrong whatever it points to. */
static uint64_t pointer(struct plan *p, const struct place *at) {
    unsigned level = at->level ? at->level - 1 : 0;
    return ppn_field(plan_table(p, at->tree, level)) | V | plan_any_of(p, RSW | G);
}

static uint64_t reserved_pointer(struct plan *p, const struct place *at) {
    return pointer(p, at) | reserved_bit(p, at);
}

static uint64_t pointer_with_flags(struct plan *p, const struct place *at) {
    return pointer(p, at) | plan_any_of(p, A | D | U);
}

static uint64_t page_outside(struct plan *p, const struct place *at) {
    paddr_t base = OUTSIDE & ~plan_within(at->tree->format, at->level);
    return base == OUTSIDE ? ppn_field(base) | V | R | W | X | plan_any_of(p, D | A | U) : good_leaf(p, at);
}

static uint64_t table_outside(struct plan *p, const struct place *at) {
    (void)at;
    return ppn_field(OUTSIDE) | ppn_field((paddr_t)plan_below(p, 64) << PAGE_SHIFT) | V;
}

static const struct recipe recipes[] = {
    {30, good_leaf}, {20, open_leaf},       {11, any_flags},         {4, not_valid},
    {7, misaligned}, {5, reserved_leaf},    {5, pointer},            {4, reserved_pointer},
    {7, pointer_with_flags}, {5, page_outside}, {2, table_outside}};

/* ---- memory ---- */

static struct ram *ram(void) { return ram_create(PAGE_SHIFT, (PROBE_BASE + PROBE_END) >> PAGE_SHIFT); }

/* Anywhere behind PROBE_PAGES, each in a stripe of its own. */
static paddr_t target(struct plan *p, uint32_t i) {
    uint32_t pages = (PROBE_END - PROBE_PAGES) >> PAGE_SHIFT, stripe = pages / TARGETS;
    return PROBE_BASE + PROBE_PAGES + ((paddr_t)(i * stripe + plan_below(p, stripe)) << PAGE_SHIFT);
}

static uint32_t word(uint32_t i, paddr_t pa) {
    (void)i;
    return probe_word(pa);
}

/* custom-1: as unknown as a target's words */
static uint32_t stored_value(size_t i) { return (uint32_t)i << 7 | 0x2b; }

/* QEMU 7.2 keeps what it knows of M mode's fetches and of M mode's loads and stores with
 * mstatus.MPRV in one TLB. So a VA that is the physical address of the running program would
 * not be translated. */
#define PROGRAM PROBE_BASE

const struct entries riscv_entries = {
    .recipes = recipes, .pointer = pointer, .is_pointer = is_pointer, .address = address, .ram = ram,
    .target = target, .word = word, .stored_value = stored_value, .tables = PROBE_BASE + PROBE_TABLES,
    .outside = OUTSIDE, .offsets = 0xffc, .avoid = PROGRAM, .modes = MODE_SUM | MODE_MXR};
