/* page_tree.h - a multi-level page table as lines: what is in use, tables below the
 * entries that lead to them, runs of empty entries folded into one line. */
#ifndef VMSCOPE_UI_PAGE_TREE_H
#define VMSCOPE_UI_PAGE_TREE_H

#include "ui/pane_util.h"

enum tree_kind { TREE_ROOT, TREE_POINTER, TREE_LEAF, TREE_EMPTY, TREE_INVALID };
struct tree_line {
    enum tree_kind kind;
    uint8_t level;  /* of the table that it stands in */
    bool open;      /* POINTER: its table's lines follow */
    bool in_use;    /* on the way of the access under way */
    uint32_t index; /* of the entry, or of the first of the run */
    uint32_t count; /* EMPTY: entries; ROOT: entries in use */
    paddr_t addr;   /* of the entry; ROOT: of the table */
    uint64_t word;
    vaddr_t va;     /* first address that it translates */
};
struct tree {
    struct tree_line *line; /* owned */
    size_t cap;
    int count;
};

/* The tables of the process that runs. Without memory it ends early. */
void tree_build(struct tree *t, const struct view *v, const struct sight *s);
void tree_free(struct tree *t);
/* The line of the entry that was touched last, or else the lowest one on the way of the access; -1: none. */
int tree_hot(const struct tree *t, const struct sight *s);

/* The reader opens or folds the table that the entry at `addr` points to. */
void tree_choose(struct tree_state *st, paddr_t addr, bool open);

#endif
