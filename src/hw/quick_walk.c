/* quick_walk.c - what the quick walk knows; see quick_walk.h. */
#include "hw/quick_walk.h"

/* The order of `enum perms`, and G. */
static const uint8_t flag_order[5] = {PTE_R, PTE_W, PTE_X, PTE_U, PTE_G};

static uint64_t bit_of(const struct paging_format *f, enum pte_flag flag) {
    return paging_has(f, flag) ? (uint64_t)1 << f->flag_bit[flag] : 0;
}

/* A word's flag is to be 1: the bits to look at, and their values. */
static void want(struct quick_walk *q, const struct paging_format *f, enum access_kind op, enum pte_flag flag) {
    q->looked[op] |= bit_of(f, flag);
    if (!(f->inverted & PTE_BIT(flag))) q->fine[op] |= bit_of(f, flag);
}

/* Every bit without a name must be 0: some of them are reserved. */
static uint64_t nameless(const struct paging_format *f) {
    uint64_t named = low_bits(f->pfn_bits) << f->pfn_bit;
    for (unsigned i = 0; i < PTE_FLAGS; i++) named |= bit_of(f, (enum pte_flag)i);
    return ~named;
}

static void begin_leaves(struct quick_walk *q, const struct paging_format *f) {
    static const enum pte_flag needs[ACCESS_KINDS] = {[ACCESS_READ] = PTE_R, [ACCESS_WRITE] = PTE_W, [ACCESS_FETCH] = PTE_X};
    for (unsigned op = 0; op < ACCESS_KINDS; op++) {
        q->looked[op] = nameless(f);
        want(q, f, (enum access_kind)op, PTE_V);
        want(q, f, (enum access_kind)op, PTE_U);
        want(q, f, (enum access_kind)op, needs[op]);
        if (f->write_needs_read) want(q, f, (enum access_kind)op, PTE_R);
        q->sets[op] = bit_of(f, PTE_A) | (op == ACCESS_WRITE ? bit_of(f, PTE_D) : 0);
    }
}

static void begin_flags(struct quick_walk *q, const struct paging_format *f) {
    for (unsigned i = 0; i < sizeof flag_order; i++) {
        enum pte_flag flag = (enum pte_flag)flag_order[i];
        bool has = paging_has(f, flag);
        q->flag_bits |= bit_of(f, flag);
        q->flag_shift[i] = has ? (uint8_t)f->flag_bit[flag] : 0;
        if (has) q->flags_has |= (uint8_t)(1u << i);
        else if (flag != PTE_G) q->flags_always |= (uint8_t)(1u << i);
        if (f->inverted & PTE_BIT(flag)) q->flags_flip |= (uint8_t)(1u << i);
    }
}

uint8_t quick_flags(const struct quick_walk *q, uint64_t word) {
    unsigned flags = 0;
    for (unsigned i = 0; i < sizeof flag_order; i++) flags |= (unsigned)(word >> q->flag_shift[i] & 1) << i;
    return (uint8_t)(((flags ^ q->flags_flip) & q->flags_has) | q->flags_always);
}

static void know_nothing(struct quick_walk *q) {
    for (size_t i = 0; i < QUICK_TABLES; i++) q->known[i].key = UINT64_MAX;
    q->learnt = false;
}

void quick_walk_forget(struct quick_walk *q) {
    if (q->learnt) know_nothing(q);
}

void quick_walk_begin(struct quick_walk *q, const struct hw *hw, uint64_t frames) {
    const struct paging_format *f = hw->format;
    bool straight = !(f->inverted & (PTE_BIT(PTE_V) | PTE_BIT(PTE_A) | PTE_BIT(PTE_D)));
    *q = (struct quick_walk){.levels = (uint8_t)f->levels, .pte_bytes = (uint8_t)f->pte_bytes,
                             .page_shift = (uint8_t)f->page_shift, .pfn_bit = (uint8_t)f->pfn_bit,
                             .table_shift = (uint8_t)paging_index_shift(f, 1), .index_mask = low_bits(f->index_bits[0]),
                             .pfn_mask = low_bits(f->pfn_bits), .frames = frames, .sets_bits = f->hardware_ad,
                             .valid = bit_of(f, PTE_V), .dirty = bit_of(f, PTE_D)};
    q->works = f->shape == SHAPE_TREE && !f->arch->step && !f->arch->flags_of && straight && !(hw->regs.mode & MODE_MXR);
    begin_leaves(q, f);
    begin_flags(q, f);
    q->seen_flags = quick_flags(q, 0);
    know_nothing(q);
}

/* A pointer on the way that changes nothing for those below it. */
static bool passes_all(const struct paging_format *f, uint64_t word) {
    unsigned flags = paging_decode(f, word).flags;
    if (f->arch->pointers_accessed && paging_has(f, PTE_A) && !(flags & PTE_BIT(PTE_A))) return false;
    if (f->arch->pointers_restrict) return paging_perms(f, flags) == (PERM_R | PERM_W | PERM_X | PERM_U);
    return !(flags & PTE_BIT(PTE_G));
}

void quick_walk_learn(struct quick_walk *q, const struct paging_format *f, const struct walk *w) {
    bool whole = w->level == 0 && w->reads == f->levels && (!w->fault || w->fault == HW_FAULT_NOT_VALID);
    if (!q->works || !whole) return;
    for (unsigned i = 0; i + 1 < f->levels; i++)
        if (!passes_all(f, w->read[i].word)) return;
    uint64_t key = w->va >> q->table_shift;
    size_t at = key & (QUICK_TABLES - 1);
    q->learnt = true;
    q->known[at].key = key;
    q->known[at].table = w->read[w->reads - 1].table;
}
