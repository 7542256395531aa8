/* pages.h - random page tables, and accesses through them, from a seed.
 *
 * A plan is what one virtual machine gets: some target pages, one tree of tables a
 * format, and a list of accesses. Everything lies in `ram`, the simulated memory that
 * vmscope walks. What the entries of an architecture can be is its struct entries.
 *
 * Invariant: wherever a walk ends, right or wrong, the address has the low bits of a
 * target page. So a machine that forgets a check still touches nothing but targets.
 */
#ifndef VMSCOPE_TESTS_QEMU_PAGES_H
#define VMSCOPE_TESTS_QEMU_PAGES_H

#include "vmscope/base/rng.h"
#include "vmscope/hw/mmu.h"

#define PAGE_SHIFT 12
#define TARGETS 24
#define TREES_MAX 3
#define TREE_TABLES 48
#define ACCESSES_MAX 2000

struct plan;

struct table {
    paddr_t at;
    unsigned level;
};

struct tree {
    const struct paging_format *format;
    struct table table[TREE_TABLES]; /* the root first */
    size_t tables;
};

struct access {
    const struct tree *tree;
    paddr_t root;
    vaddr_t va;
    enum access_kind op;
    bool user;
    uint8_t mode; /* enum mmu_mode */
    uint32_t value; /* what a write stores */
};

/* Where an entry is to stand, and the target page that it should lead to. */
struct place {
    struct tree *tree;
    unsigned level;
    paddr_t target;
};

/* A kind of entry that ends a path, and how often. */
struct recipe {
    unsigned percent;
    uint64_t (*word)(struct plan *p, const struct place *at);
};

/* The entries of an architecture, and where its virtual machine has memory. Words are made by
 * hand, not by the library's encoders, so that these are tested too. */
struct entries {
    const struct recipe *recipes; /* 100 percent in all */
    uint64_t (*pointer)(struct plan *p, const struct place *at); /* for the way to the end of a path */
    bool (*is_pointer)(const struct paging_format *f, uint64_t word, unsigned level);
    /* The physical address in the word: of the next table, or of a page, then perhaps with
     * bits below its size. */
    paddr_t (*address)(const struct paging_format *f, uint64_t word, unsigned level);
    struct ram *(*ram)(void);
    paddr_t (*target)(struct plan *p, uint32_t i);  /* where target page i lies */
    uint32_t (*word)(uint32_t i, paddr_t pa);       /* what its bytes at pa are, 4 of them */
    uint32_t (*stored_value)(size_t i);             /* what access number i stores */
    paddr_t tables;          /* where the page tables begin */
    paddr_t outside;         /* an address without memory, for roots; 0: none */
    uint64_t offsets;        /* mask of the places in a page where accesses are made */
    uint32_t first_index;    /* in the root: those below belong to the probe */
    vaddr_t avoid;           /* no access is made to the page with this address */
    unsigned modes;          /* MODE_ bits that count */
};

struct plan {
    const struct entries *entries;
    struct ram *ram; /* owned */
    struct rng rng;
    paddr_t target[TARGETS];
    struct tree tree[TREES_MAX];
    size_t trees;
    struct access access[ACCESSES_MAX];
    size_t accesses;
};

/* A plan for these formats (NULL ends). False: no memory. */
bool plan_make(struct plan *p, const struct entries *e, const struct paging_format *const *formats, uint64_t seed);
void plan_free(struct plan *p);

/* ---- for recipes ---- */

static inline uint32_t plan_below(struct plan *p, size_t n) { return rng_below(&p->rng, (uint32_t)n); }
static inline uint64_t plan_any_of(struct plan *p, uint64_t bits) { return rng_next(&p->rng) & bits; }
/* The VA bits that a leaf at `level` passes on to the physical address. */
static inline uint64_t plan_within(const struct paging_format *f, unsigned level) {
    return low_bits(paging_index_shift(f, level));
}
/* A table of this tree for that level, new while there are some. */
paddr_t plan_table(struct plan *p, struct tree *t, unsigned level);

#endif
