/* pages.c - random page tables: planted paths, each ending in an entry of some kind.
 *
 * Words are made here by hand, not by the library's encoders, so that these are tested too.
 *
 *   63      54 53                     10 9 8 7 6 5 4 3 2 1 0
 *  +----------+-------------------------+---+-+-+-+-+-+-+-+-+
 *  | reserved |          PPN            |RSW|D|A|G|U|X|W|R|V|   (Sv32: PPN in 31..10)
 *  +----------+-------------------------+---+-+-+-+-+-+-+-+-+
 */
#include "pages.h"
#include "probe.h"

#include <string.h>

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128, RSW = 0x300 };

#define PAGE_SHIFT 12
#define PATHS 150     /* planted in each tree */
#define ROUNDS 4      /* accesses to each, spread over the run */
#define NOT_CANONICAL 40
#define ROOTS_OUTSIDE 6

/* No RAM and no device of the `virt` machine is here. Below 4 GiB, although an Sv32 address has
 * 34 bits: QEMU 7.2's RV32 machine cuts physical addresses of pages to 32 bits (it masks them
 * with a number as wide as a register), and would reach into RAM. */
#define OUTSIDE UINT64_C(0xc0000000)

static uint32_t below(struct plan *p, size_t n) { return rng_below(&p->rng, (uint32_t)n); }
static uint64_t any_of(struct plan *p, uint64_t bits) { return rng_next(&p->rng) & bits; }
static uint64_t ppn_field(paddr_t pa) { return pa >> PAGE_SHIFT << 10; }
static paddr_t field_pa(const struct paging_format *f, uint64_t word) {
    return (word >> 10 & low_bits(f->pfn_bits)) << PAGE_SHIFT;
}

/* The VA bits that a leaf at `level` passes on to the physical address. */
static uint64_t within(const struct paging_format *f, unsigned level) {
    return low_bits(paging_index_shift(f, level));
}

/* ---- tables ---- */

/* Each level but the root's has an equal share of the tables; when it is used up, one of the
 * level is shared. So a tree is a graph here, as kernels that share tables have it. */
static paddr_t table_of_level(struct plan *p, struct tree *t, unsigned level) {
    size_t share = (TREE_TABLES - 1) / (t->format->levels - 1), have = 0;
    paddr_t of_level[TREE_TABLES] = {0};
    for (size_t i = 0; i < t->tables; i++)
        if (t->table[i].level == level) of_level[have++] = t->table[i].at;
    if (have == share) return of_level[below(p, have)];
    size_t number = (size_t)(t - p->tree) * TREE_TABLES + t->tables;
    paddr_t at = PROBE_BASE + PROBE_TABLES + ((paddr_t)number << PAGE_SHIFT);
    t->table[t->tables++] = (struct table){at, level};
    return at;
}

/* ---- entries ---- */

struct place {
    struct tree *tree;
    unsigned level;
    paddr_t target;
};

static uint64_t good_leaf(struct plan *p, const struct place *at) {
    static const unsigned legal[] = {R, R | W, X, R | X, R | W | X};
    paddr_t base = at->target & ~within(at->tree->format, at->level);
    return ppn_field(base) | V | legal[below(p, 5)] | any_of(p, RSW | D | A | G | U);
}

static uint64_t open_leaf(struct plan *p, const struct place *at) {
    paddr_t base = at->target & ~within(at->tree->format, at->level);
    return ppn_field(base) | V | R | W | X | any_of(p, D | A | U);
}

static uint64_t any_flags(struct plan *p, const struct place *at) {
    return (good_leaf(p, at) & ~(uint64_t)0xff) | any_of(p, 0xfe) | V;
}

static uint64_t not_valid(struct plan *p, const struct place *at) {
    return (good_leaf(p, at) & ~(uint64_t)V) | any_of(p, R | W | X);
}

static uint64_t misaligned(struct plan *p, const struct place *at) {
    unsigned bits = paging_index_shift(at->tree->format, at->level) - PAGE_SHIFT;
    uint64_t word = open_leaf(p, at);
    return bits ? word | (uint64_t)1 << (10 + below(p, bits)) : word;
}

/* A bit of 63..54; Sv32 has none. */
static uint64_t reserved_bit(struct plan *p, const struct place *at) {
    uint64_t bit = (uint64_t)1 << (54 + below(p, 10));
    return at->tree->format->pte_bytes == 8 ? bit : 0;
}

static uint64_t reserved_leaf(struct plan *p, const struct place *at) {
    return open_leaf(p, at) | reserved_bit(p, at);
}

/* At level 0 a pointer is wrong whatever it points to. */
static uint64_t pointer(struct plan *p, const struct place *at) {
    unsigned level = at->level ? at->level - 1 : 0;
    return ppn_field(table_of_level(p, at->tree, level)) | V | any_of(p, RSW | G);
}

static uint64_t reserved_pointer(struct plan *p, const struct place *at) {
    return pointer(p, at) | reserved_bit(p, at);
}

static uint64_t pointer_with_flags(struct plan *p, const struct place *at) {
    return pointer(p, at) | any_of(p, A | D | U);
}

static uint64_t page_outside(struct plan *p, const struct place *at) {
    paddr_t base = OUTSIDE & ~within(at->tree->format, at->level);
    return base == OUTSIDE ? ppn_field(base) | V | R | W | X | any_of(p, D | A | U) : good_leaf(p, at);
}

static uint64_t table_outside(struct plan *p, const struct place *at) {
    (void)at;
    return ppn_field(OUTSIDE) | ppn_field((paddr_t)below(p, 64) << PAGE_SHIFT) | V;
}

static const struct recipe {
    unsigned percent;
    uint64_t (*word)(struct plan *p, const struct place *at);
} recipes[] = {{30, good_leaf},     {20, open_leaf},     {11, any_flags},         {4, not_valid},
               {7, misaligned},     {5, reserved_leaf}, {5, pointer},           {4, reserved_pointer},
               {7, pointer_with_flags}, {5, page_outside}, {2, table_outside}};

static uint64_t random_entry(struct plan *p, const struct place *at) {
    uint32_t dice = below(p, 100);
    const struct recipe *r = recipes;
    while (dice >= r->percent) dice -= r++->percent;
    return r->word(p, at);
}

/* ---- paths ---- */

static bool is_pointer(uint64_t word) { return (word & (V | R | W | X)) == V; }

static bool lies_in_tables(paddr_t pa) { return pa - PROBE_BASE - PROBE_TABLES < PROBE_PAGES - PROBE_TABLES; }

static paddr_t slot(const struct paging_format *f, paddr_t table, vaddr_t va, unsigned level) {
    return table + (paddr_t)paging_index(f, va, level) * f->pte_bytes;
}

/* The target page that a leaf with this word was made for, else any. */
static paddr_t home(struct plan *p, const struct paging_format *f, uint64_t word, unsigned level) {
    uint64_t low = within(f, level);
    for (size_t i = 0; i < TARGETS; i++)
        if ((p->target[i] & ~low) == (field_pa(f, word) & ~low)) return p->target[i];
    return p->target[below(p, TARGETS)];
}

/* `va` with its low bits such that a leaf met on its way leads to a target (the invariant).
 * The first entry that is no pointer decides; more than that this walk does not know. */
static vaddr_t settle(struct plan *p, const struct tree *t, vaddr_t va) {
    const struct paging_format *f = t->format;
    paddr_t table = t->table[0].at;
    for (unsigned level = f->levels; level-- > 0;) {
        uint64_t word = ram_read(p->ram, slot(f, table, va, level), f->pte_bytes);
        if (level > 0 && is_pointer(word) && lies_in_tables(field_pa(f, word))) {
            table = field_pa(f, word);
            continue;
        }
        uint64_t low = within(f, level), offset = low_bits(PAGE_SHIFT);
        return (va & ~low) | (home(p, f, word, level) & low & ~offset) | (va & offset);
    }
    return va;
}

static vaddr_t sign_extend(const struct paging_format *f, vaddr_t va) {
    unsigned bits = paging_va_bits(f);
    bool high = f->sign_extended && (va >> (bits - 1) & 1);
    return high ? va | ~low_bits(bits) : va & low_bits(bits);
}

/* Indices above the leaf are few, so that paths share tables; the leaf's is any. A third of
 * the offsets are the first or the last word of a page. */
static vaddr_t random_va(struct plan *p, const struct paging_format *f, unsigned leaf_level) {
    static const uint64_t edge[] = {0, 0xffc};
    vaddr_t va = below(p, 3) ? any_of(p, 0xffc) : edge[below(p, 2)];
    for (unsigned level = 0; level < f->levels; level++) {
        uint32_t last = (1u << f->index_bits[level]) - 1;
        const uint32_t few[] = {0, 1, last / 2, last / 2 + 1, last};
        uint64_t index = level > leaf_level ? few[below(p, 5)] : below(p, (size_t)last + 1);
        va |= index << paging_index_shift(f, level);
    }
    return sign_extend(f, va);
}

/* Put a path into the tree, as far as what is there allows. Returns a VA that takes it. Where
 * the entry that ends it is some kind of pointer, it goes on: only behind a pointer that leads
 * to a good page does it show whether the pointer's own faults are noticed. */
static vaddr_t plant(struct plan *p, struct tree *t) {
    const struct paging_format *f = t->format;
    unsigned leaf_level = below(p, 2) ? 0 : below(p, f->levels);
    vaddr_t va = random_va(p, f, leaf_level);
    paddr_t table = t->table[0].at;
    for (unsigned level = f->levels; level-- > 0;) {
        paddr_t at = slot(f, table, va, level);
        uint64_t word = ram_read(p->ram, at, f->pte_bytes);
        struct place place = {t, level, p->target[below(p, TARGETS)]};
        if (word == 0) {
            word = level > leaf_level ? pointer(p, &place) : random_entry(p, &place);
            if (ram_write(p->ram, at, f->pte_bytes, word) != VS_OK) return va;
        }
        if (level == 0 || !is_pointer(word) || !lies_in_tables(field_pa(f, word))) break;
        table = field_pa(f, word);
    }
    return va;
}

/* ---- accesses ---- */

static void add_access(struct plan *p, const struct tree *t, paddr_t root, vaddr_t va) {
    if (p->accesses == ACCESSES_MAX) return;
    p->access[p->accesses++] = (struct access){
        t, root, va, (enum access_kind)below(p, ACCESS_KINDS), below(p, 2) == 0,
        (uint8_t)any_of(p, MODE_SUM | MODE_MXR)};
}

/* One bit of the topmost translated one and those above it, flipped. */
static vaddr_t not_canonical(struct plan *p, const struct paging_format *f, vaddr_t va) {
    unsigned lowest = paging_va_bits(f) - 1;
    return va ^ (uint64_t)1 << (lowest + below(p, 64 - lowest));
}

static void add_tree(struct plan *p, struct tree *t) {
    vaddr_t va[PATHS];
    paddr_t root = table_of_level(p, t, t->format->levels - 1);
    for (size_t i = 0; i < PATHS; i++) va[i] = plant(p, t);
    for (size_t i = 0; i < PATHS; i++) va[i] = settle(p, t, va[i]);
    for (size_t i = 0; i < ROUNDS * PATHS; i++) add_access(p, t, root, va[i % PATHS]);
    for (size_t i = 0; i < NOT_CANONICAL && t->format->sign_extended; i++)
        add_access(p, t, root, not_canonical(p, t->format, va[below(p, PATHS)]));
    for (size_t i = 0; i < ROOTS_OUTSIDE; i++) add_access(p, t, OUTSIDE, va[below(p, PATHS)]);
}

/* Distinct pages anywhere behind PROBE_PAGES, each word telling where it lies. */
static bool add_targets(struct plan *p) {
    uint32_t pages = (PROBE_END - PROBE_PAGES) >> PAGE_SHIFT, stripe = pages / TARGETS;
    for (uint32_t i = 0; i < TARGETS; i++) {
        paddr_t page = PROBE_BASE + PROBE_PAGES + ((paddr_t)(i * stripe + below(p, stripe)) << PAGE_SHIFT);
        p->target[i] = page;
        for (paddr_t pa = page; pa < page + 4096; pa += 4)
            if (ram_write(p->ram, pa, 4, probe_word(pa)) != VS_OK) return false;
    }
    return true;
}

bool plan_make(struct plan *p, const char *const *formats, uint64_t seed) {
    memset(p, 0, sizeof *p);
    p->rng.state = seed;
    p->ram = ram_create(PAGE_SHIFT, (PROBE_BASE + PROBE_END) >> PAGE_SHIFT);
    if (!p->ram || !add_targets(p)) return false;
    for (; *formats && p->trees < TREES_MAX; formats++) {
        struct tree *t = &p->tree[p->trees++];
        t->format = paging_by_name(*formats);
        if (!t->format) return false;
        add_tree(p, t);
    }
    return true;
}

void plan_free(struct plan *p) { ram_free(p->ram); }
