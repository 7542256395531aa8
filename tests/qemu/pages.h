/* pages.h - random page tables, and accesses through them, from a seed.
 *
 * A plan is what one virtual machine gets: some target pages, one tree of tables a
 * format, and a list of accesses. Everything lies in `ram`, the simulated memory that
 * vmscope walks; its first PROBE_BASE bytes stay unused.
 *
 * Invariant: wherever a walk ends, right or wrong, the address has the low bits of a
 * target page. So a machine that forgets a check still touches nothing but targets.
 */
#ifndef VMSCOPE_TESTS_QEMU_PAGES_H
#define VMSCOPE_TESTS_QEMU_PAGES_H

#include "vmscope/base/rng.h"
#include "vmscope/hw/mmu.h"

#define TARGETS 24
#define TREES_MAX 3
#define TREE_TABLES 48
#define ACCESSES_MAX 2000

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
};

struct plan {
    struct ram *ram; /* owned */
    struct rng rng;
    paddr_t target[TARGETS];
    struct tree tree[TREES_MAX];
    size_t trees;
    struct access access[ACCESSES_MAX];
    size_t accesses;
};

/* A plan for these formats (NULL ends). False: no memory, or a format is not there. */
bool plan_make(struct plan *p, const char *const *formats, uint64_t seed);
void plan_free(struct plan *p);

#endif
