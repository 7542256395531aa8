/* pages.c - random page tables: planted paths, each ending in an entry of some kind. */
#include "pages.h"

#include <string.h>

#define PATHS 150     /* planted in each tree */
#define ROUNDS 4      /* accesses to each, spread over the run */
#define NOT_CANONICAL 40
#define ROOTS_OUTSIDE 6

/* ---- tables ---- */

/* Each level but the root's has an equal share of the tables; when it is used up, one of the
 * level is shared. So a tree is a graph here, as kernels that share tables have it. */
paddr_t plan_table(struct plan *p, struct tree *t, unsigned level) {
    size_t share = (TREE_TABLES - 1) / (t->format->levels - 1), have = 0;
    paddr_t of_level[TREE_TABLES] = {0};
    for (size_t i = 0; i < t->tables; i++)
        if (t->table[i].level == level) of_level[have++] = t->table[i].at;
    if (have == share) return of_level[plan_below(p, have)];
    size_t number = (size_t)(t - p->tree) * TREE_TABLES + t->tables;
    paddr_t at = p->entries->tables + ((paddr_t)number << PAGE_SHIFT);
    t->table[t->tables++] = (struct table){at, level};
    return at;
}

static uint64_t random_entry(struct plan *p, const struct place *at) {
    uint32_t dice = plan_below(p, 100);
    const struct recipe *r = p->entries->recipes;
    while (dice >= r->percent) dice -= r++->percent;
    return r->word(p, at);
}

/* ---- paths ---- */

/* The table that the word leads to; 0: it is no pointer, or leads elsewhere. */
static paddr_t next_table(const struct plan *p, const struct paging_format *f, uint64_t word, unsigned level) {
    const struct entries *e = p->entries;
    if (!e->is_pointer(f, word, level)) return 0;
    paddr_t pa = e->address(f, word, level);
    return pa - e->tables < (paddr_t)TREES_MAX * TREE_TABLES << PAGE_SHIFT ? pa : 0;
}

static paddr_t slot(const struct paging_format *f, paddr_t table, vaddr_t va, unsigned level) {
    return table + (paddr_t)paging_index(f, va, level) * f->pte_bytes;
}

/* The target page that a leaf with this word was made for, else any. */
static paddr_t home(struct plan *p, const struct paging_format *f, uint64_t word, unsigned level) {
    uint64_t low = plan_within(f, level);
    for (size_t i = 0; i < TARGETS; i++)
        if ((p->target[i] & ~low) == (p->entries->address(f, word, level) & ~low)) return p->target[i];
    return p->target[plan_below(p, TARGETS)];
}

/* `va` with its low bits such that a leaf met on its way leads to a target (the invariant).
 * The first entry that is no pointer decides; more than that this walk does not know. */
static vaddr_t settle(struct plan *p, const struct tree *t, vaddr_t va) {
    const struct paging_format *f = t->format;
    paddr_t table = t->table[0].at;
    for (unsigned level = f->levels; level-- > 0;) {
        uint64_t word = ram_read(p->ram, slot(f, table, va, level), f->pte_bytes);
        paddr_t next = next_table(p, f, word, level);
        if (next) {
            table = next;
            continue;
        }
        uint64_t low = plan_within(f, level), offset = low_bits(PAGE_SHIFT);
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
    const uint64_t offsets = p->entries->offsets, edge[] = {0, offsets};
    vaddr_t va = plan_below(p, 3) ? plan_any_of(p, offsets) : edge[plan_below(p, 2)];
    for (unsigned level = 0; level < f->levels; level++) {
        uint32_t last = (1u << f->index_bits[level]) - 1;
        const uint32_t few[] = {0, 1, last / 2, last / 2 + 1, last};
        uint64_t index = level > leaf_level ? few[plan_below(p, 5)] : plan_below(p, (size_t)last + 1);
        if (level == f->levels - 1 && index < p->entries->first_index) index = last;
        va |= index << paging_index_shift(f, level);
    }
    return sign_extend(f, va);
}

/* Put a path into the tree, as far as what is there allows. Returns a VA that takes it. Where
 * the entry that ends it is some kind of pointer, it goes on: only behind a pointer that leads
 * to a good page does it show whether the pointer's own faults are noticed. */
static vaddr_t plant(struct plan *p, struct tree *t) {
    const struct paging_format *f = t->format;
    unsigned leaf_level = plan_below(p, 2) ? 0 : plan_below(p, f->levels);
    vaddr_t va = random_va(p, f, leaf_level);
    paddr_t table = t->table[0].at;
    for (unsigned level = f->levels; level-- > 0;) {
        paddr_t at = slot(f, table, va, level);
        uint64_t word = ram_read(p->ram, at, f->pte_bytes);
        struct place place = {t, level, p->target[plan_below(p, TARGETS)]};
        if (word == 0) {
            word = level > leaf_level ? p->entries->pointer(p, &place) : random_entry(p, &place);
            if (ram_write(p->ram, at, f->pte_bytes, word) != VS_OK) return va;
        }
        table = next_table(p, f, word, level);
        if (!table) break;
    }
    return va;
}

/* ---- accesses ---- */

static void add_access(struct plan *p, const struct tree *t, paddr_t root, vaddr_t va) {
    if (p->accesses == ACCESSES_MAX || va >> PAGE_SHIFT == p->entries->avoid >> PAGE_SHIFT) return;
    size_t number = p->accesses++;
    p->access[number] = (struct access){
        t, root, va, (enum access_kind)plan_below(p, ACCESS_KINDS), plan_below(p, 2) == 0,
        (uint8_t)plan_any_of(p, p->entries->modes), p->entries->stored_value(number)};
}

/* One bit of the topmost translated one and those above it, flipped. */
static vaddr_t not_canonical(struct plan *p, const struct paging_format *f, vaddr_t va) {
    unsigned lowest = paging_va_bits(f) - 1;
    return va ^ (uint64_t)1 << (lowest + plan_below(p, 64 - lowest));
}

static void add_tree(struct plan *p, struct tree *t) {
    vaddr_t va[PATHS];
    paddr_t root = plan_table(p, t, t->format->levels - 1);
    for (size_t i = 0; i < PATHS; i++) va[i] = plant(p, t);
    for (size_t i = 0; i < PATHS; i++) va[i] = settle(p, t, va[i]);
    for (size_t i = 0; i < ROUNDS * PATHS; i++) add_access(p, t, root, va[i % PATHS]);
    for (size_t i = 0; i < NOT_CANONICAL && t->format->sign_extended; i++)
        add_access(p, t, root, not_canonical(p, t->format, va[plan_below(p, PATHS)]));
    for (size_t i = 0; i < ROOTS_OUTSIDE && p->entries->outside; i++)
        add_access(p, t, p->entries->outside, va[plan_below(p, PATHS)]);
}

/* Each word of the target pages tells where it lies. */
static bool add_targets(struct plan *p) {
    for (uint32_t i = 0; i < TARGETS; i++) {
        paddr_t page = p->entries->target(p, i);
        p->target[i] = page;
        for (paddr_t pa = page; pa < page + 4096; pa += 4)
            if (ram_write(p->ram, pa, 4, p->entries->word(i, pa)) != VS_OK) return false;
    }
    return true;
}

bool plan_make(struct plan *p, const struct entries *e, const struct paging_format *const *formats, uint64_t seed) {
    memset(p, 0, sizeof *p);
    p->entries = e;
    p->rng.state = seed;
    p->ram = e->ram();
    if (!p->ram || !add_targets(p)) return false;
    for (; *formats && p->trees < TREES_MAX; formats++) {
        struct tree *t = &p->tree[p->trees++];
        t->format = *formats;
        add_tree(p, t);
    }
    return true;
}

void plan_free(struct plan *p) { ram_free(p->ram); }
