/* x86_pages.c - x86 entries, and the memory of the `pc` machine.
 *
 *   63 62   52 51      40 39        12 11  9 8  7  6 5  4   3   2   1  0
 *  +--+-------+----------+------------+----+-+---+-+-+---+---+---+---+-+
 *  |XD|ignored| reserved |  address   | AVL|G|PS |D|A|PCD|PWT|U/S|R/W|P|   (32-bit paging: 31..0)
 *  +--+-------+----------+------------+----+-+---+-+-+---+---+---+---+-+
 *
 * QEMU's processors have physical addresses of 40 bits.
 */
#include "machine.h"
#include "x86_probe.h"

#define BIT(n) (UINT64_C(1) << (n))

enum { P = 1, RW = 2, US = 4, PWT = 8, PCD = 16, A = 32, D = 64, PS = 128, PAT = 128, G = 256, AVL = 0xe00 };
#define PAT_HUGE BIT(12)
#define XD BIT(63)
#define IGNORED (BIT(63) - BIT(52))

#define LOW_TARGETS (TARGETS - X86_BANKS) /* these lie below 4 GiB */

/* Not by the format's leaf_levels alone, which are to be tested. */
static bool may_be_leaf(const struct paging_format *f, unsigned level) {
    return f->pte_bytes == 8 ? level <= 2 : level == 0 || f->leaf_levels != 1;
}

static bool is_pointer(const struct paging_format *f, uint64_t word, unsigned level) {
    return level > 0 && (word & P) && !(may_be_leaf(f, level) && (word & PS));
}

/* PSE-36: bits 20 to 13 of a 4 MiB page's entry are bits 39 to 32 of its address. */
static paddr_t address(const struct paging_format *f, uint64_t word, unsigned level) {
    bool pse36 = f->pte_bytes == 4 && level > 0 && !is_pointer(f, word, level);
    if (pse36) return (word & 0xffc00000) | (word & 0x1fe000) << (32 - 13);
    return word & (BIT(X86_PHYSICAL_BITS) - BIT(PAGE_SHIFT));
}

/* ---- entries ---- */

/* Bits without any effect; XD with a chance of one in `one_in`, far rarer where it is reserved. */
static uint64_t other_bits(struct plan *p, const struct place *at, unsigned one_in) {
    uint64_t word = plan_any_of(p, PWT | PCD | A | D | G | AVL);
    if (at->tree->format->pte_bytes == 4) return word;
    bool xd = plan_below(p, paging_has(at->tree->format, PTE_X) ? one_in : 8 * one_in) == 0;
    return word | plan_any_of(p, IGNORED) | (xd ? XD : 0);
}

/* A pointer that permits all, without other bits; behind level 0 there is no table. */
static uint64_t bare_pointer(struct plan *p, const struct place *at) {
    return plan_table(p, at->tree, at->level - 1) | P | RW | US;
}

static paddr_t low_target(struct plan *p) { return p->target[plan_below(p, LOW_TARGETS)]; }

/* Half of them in the banks, for the sake of PSE-36. */
static uint64_t bare_leaf_4m(struct plan *p) {
    paddr_t pa = plan_below(p, 2) ? low_target(p) : p->target[LOW_TARGETS + plan_below(p, X86_BANKS)];
    return (pa & 0xffc00000) | (pa >> (32 - 13) & 0x1fe000) | P | PS | plan_any_of(p, PAT_HUGE);
}

/* A leaf, without permissions. Where a level has none, PS is reserved (64-bit), in a pointer or
 * in what would be a larger leaf, or ignored (CR4.PSE=0). 4 KiB pages of 32-bit paging lie below
 * 4 GiB. */
static uint64_t bare_leaf(struct plan *p, const struct place *at) {
    const struct paging_format *f = at->tree->format;
    bool larger = f->pte_bytes == 8 && plan_below(p, 2);
    if (!may_be_leaf(f, at->level) && !larger) return bare_pointer(p, at) | PS;
    if (f->pte_bytes == 4) return at->level ? bare_leaf_4m(p) : low_target(p) | P | plan_any_of(p, PAT);
    paddr_t base = at->target & ~plan_within(f, at->level);
    return base | P | (at->level ? PS | plan_any_of(p, PAT_HUGE) : plan_any_of(p, PAT));
}

static uint64_t open_leaf(struct plan *p, const struct place *at) {
    return bare_leaf(p, at) | RW | US | other_bits(p, at, 16);
}

static uint64_t any_leaf(struct plan *p, const struct place *at) {
    return bare_leaf(p, at) | plan_any_of(p, RW | US) | other_bits(p, at, 3);
}

/* Most permit all, since any on the way can forbid. */
static uint64_t pointer(struct plan *p, const struct place *at) {
    if (at->level == 0) return any_leaf(p, at);
    uint64_t forbidden = plan_below(p, 5) ? 0 : plan_any_of(p, RW | US);
    return (bare_pointer(p, at) & ~forbidden) | other_bits(p, at, 16);
}

static uint64_t strict_pointer(struct plan *p, const struct place *at) {
    return (pointer(p, at) & ~(uint64_t)(RW | US)) | plan_any_of(p, RW | US) | other_bits(p, at, 3);
}

/* Address bits beyond the processor's; bit 21 of a 4 MiB page. */
static uint64_t reserved_bit(struct plan *p, const struct place *at) {
    const struct paging_format *f = at->tree->format;
    if (f->pte_bytes == 8) return BIT(X86_PHYSICAL_BITS + plan_below(p, 52 - X86_PHYSICAL_BITS));
    return at->level > 0 && may_be_leaf(f, at->level) ? BIT(21) : 0;
}

static uint64_t reserved_leaf(struct plan *p, const struct place *at) {
    uint64_t bit = reserved_bit(p, at); /* before any_leaf may turn it into a pointer */
    return any_leaf(p, at) | bit;
}

/* 32-bit paging has no reserved bits in pointers. */
static uint64_t reserved_pointer(struct plan *p, const struct place *at) {
    return pointer(p, at) | (at->tree->format->pte_bytes == 8 ? reserved_bit(p, at) : 0);
}

/* An address bit below the size of a huge page, often the lowest or the highest; in 32-bit
 * paging those are PSE-36's. */
static uint64_t misaligned(struct plan *p, const struct place *at) {
    const struct paging_format *f = at->tree->format;
    uint64_t word = open_leaf(p, at);
    if (at->level == 0 || !may_be_leaf(f, at->level) || f->pte_bytes == 4) return word;
    const unsigned lowest = 13, count = paging_index_shift(f, at->level) - lowest;
    const unsigned bit[] = {0, count - 1, plan_below(p, count), plan_below(p, count)};
    return word | BIT(lowest + bit[plan_below(p, 4)]);
}

/* All else may be set; it does not count. */
static uint64_t not_present(struct plan *p, const struct place *at) {
    return (any_leaf(p, at) | plan_any_of(p, reserved_bit(p, at))) & ~(uint64_t)P;
}

static const struct recipe recipes[] = {
    {28, open_leaf}, {28, any_leaf}, {7, not_present},    {8, reserved_leaf},
    {8, misaligned}, {6, pointer},   {9, strict_pointer}, {6, reserved_pointer}};

/* ---- memory ---- */

/* All that an address reaches. QEMU reads zeros where it has no memory; nothing of this test does. */
static struct ram *ram(void) { return ram_create_sparse(PAGE_SHIFT, 0, BIT(X86_PHYSICAL_BITS) - 1); }

/* Below 4 GiB in stripes; then one in each bank. */
static paddr_t target(struct plan *p, uint32_t i) {
    uint32_t pages = (X86_MEMORY - X86_PAGES) >> PAGE_SHIFT, stripe = pages / LOW_TARGETS;
    if (i < LOW_TARGETS) return X86_PAGES + ((paddr_t)(i * stripe + plan_below(p, stripe)) << PAGE_SHIFT);
    return x86_bank(i - LOW_TARGETS) + ((paddr_t)plan_below(p, X86_BANK_BYTES >> PAGE_SHIFT) << PAGE_SHIFT);
}

static uint32_t word(uint32_t i, paddr_t pa) {
    uint32_t offset = pa & 0xfff;
    return offset & 4 ? X86_SECOND_WORD : x86_word(i * 512 + offset / 8);
}

static uint32_t stored_value(size_t i) { return x86_word(0x800000 | (uint32_t)i); } /* no target's */

const struct entries x86_entries = {
    .recipes = recipes, .pointer = pointer, .is_pointer = is_pointer, .address = address, .ram = ram,
    .target = target, .word = word, .stored_value = stored_value, .tables = X86_TABLES, .offsets = 0xff8,
    .first_index = 1, .modes = MODE_WP | MODE_SMEP | MODE_SMAP | MODE_AC};
