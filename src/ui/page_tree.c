/* page_tree.c - see page_tree.h.
 *
 *    satp 00200000                 TREE_ROOT
 *    - L1[32] -> 00201000          TREE_POINTER, open
 *        0-71 empty                TREE_EMPTY
 *        L0[72] frame 0            TREE_LEAF
 *      > L0[76] not valid          TREE_INVALID: empty too, but under access
 *        77-1023 empty
 *
 * A table is open when the access under way (or the page that the last event took
 * away) passes through it, or when the reader said so; what the reader said last
 * wins. The entries are read from RAM at each drawing; tables of zeros that nobody
 * has written are passed over page by page.
 */
#include "ui/page_tree.h"
#include "ui/pane_page_table.h"

#include "vmscope/base/memory.h"

#define TREE_LINES_MAX (1 << 20)

/* Addresses whose way is kept in sight. */
struct focus {
    vaddr_t va[2];
    int count;
};

struct builder {
    struct tree *t;
    const struct tree_state *state;
    const struct sight *s;
    struct focus focus;
};

static struct focus focus_of(const struct sight *s) {
    struct focus f = {.count = 0};
    if (s->flight.active && s->flight.proc == s->proc) f.va[f.count++] = s->flight.va;
    if (touches(s, TOUCH_OLD_PAGE) && s->last->old_proc == s->proc)
        f.va[f.count++] = vpn_to_va(s->last->old_vpn, s->f->page_shift);
    return f;
}

static struct tree_line *add_line(struct builder *b, enum tree_kind kind, unsigned level) {
    struct tree *t = b->t;
    if (t->count >= TREE_LINES_MAX || !mem_grow((void **)&t->line, &t->cap, (size_t)t->count + 1, sizeof *t->line)) return NULL;
    struct tree_line *line = &t->line[t->count++];
    *line = (struct tree_line){.kind = kind, .level = (uint8_t)level};
    return line;
}

/* Does the entry at `level` that begins at va translate this address? */
static bool covers(const struct sight *s, vaddr_t va, unsigned level, vaddr_t address) {
    unsigned shift = paging_index_shift(s->f, level);
    return va >> shift == address >> shift;
}

static bool in_focus(const struct builder *b, vaddr_t va, unsigned level) {
    for (int i = 0; i < b->focus.count; i++)
        if (covers(b->s, va, level, b->focus.va[i])) return true;
    return false;
}

static bool is_open(const struct builder *b, const struct tree_line *line) {
    const struct tree_state *st = b->state;
    for (unsigned i = st ? st->count : 0; i-- > 0;)
        if (st->choice[i].addr == line->addr) return st->choice[i].open;
    return in_focus(b, line->va, line->level);
}

/* First address of entry `index` in the table that begins at `va`: canonical in formats that extend the sign. */
static vaddr_t va_of_entry(const struct paging_format *f, vaddr_t va, unsigned level, uint64_t index) {
    vaddr_t first = va | index << paging_index_shift(f, level);
    unsigned bits = paging_va_bits(f);
    bool upper = f->sign_extended && bits < 64 && first >> (bits - 1) & 1;
    return upper ? first | ~low_bits(bits) : first;
}

/* ---- entries ---- */

static uint64_t entries_of(const struct paging_format *f, unsigned level) { return (uint64_t)1 << f->index_bits[level]; }

/* Is the whole RAM page that holds `addr` zeros that nobody has written? So is what lies beyond RAM. */
static bool page_is_blank(const struct ram *ram, paddr_t addr) {
    if (!ram_holds(ram, addr, 1)) return true;
    struct content c = ram_take(ram, pa_to_pfn(addr, ram_page_shift(ram)));
    bool blank = !c.made && !c.seed;
    content_drop(&c);
    return blank;
}

static uint64_t word_at(const struct sight *s, paddr_t addr) { return ram_read(s->hw->ram, addr, s->f->pte_bytes); }
static bool is_valid(const struct sight *s, uint64_t word) { return paging_decode(s->f, word).flags & PTE_BIT(PTE_V); }

/* The first entry from `index` on that is in use, or in the focus; or their count. */
static uint64_t next_shown(const struct builder *b, paddr_t table, vaddr_t va, unsigned level, uint64_t index) {
    const struct sight *s = b->s;
    uint64_t n = entries_of(s->f, level), in_page = ((uint64_t)1 << s->f->page_shift) / s->f->pte_bytes;
    while (index < n) {
        paddr_t addr = table + index * s->f->pte_bytes;
        bool whole = index % in_page == 0 && page_is_blank(s->hw->ram, addr);
        if (in_focus(b, va_of_entry(s->f, va, level, index), level) || (!whole && is_valid(s, word_at(s, addr)))) break;
        uint64_t step = 1;
        while (whole && step < in_page && index + step < n && !in_focus(b, va_of_entry(s->f, va, level, index + step), level)) step++;
        index += step;
    }
    return index;
}

static bool add_empty(struct builder *b, paddr_t table, unsigned level, uint64_t from, uint64_t to) {
    if (from == to) return true;
    struct tree_line *line = add_line(b, TREE_EMPTY, level);
    if (!line) return false;
    line->index = (uint32_t)from;
    line->count = (uint32_t)(to - from);
    line->addr = table + from * b->s->f->pte_bytes;
    return true;
}

/* An entry, by itself. */
static struct tree_line *add_entry(struct builder *b, paddr_t table, vaddr_t va, unsigned level, uint64_t index) {
    const struct sight *s = b->s;
    paddr_t addr = table + index * s->f->pte_bytes;
    uint64_t word = word_at(s, addr);
    enum tree_kind kind = !is_valid(s, word) ? TREE_INVALID : paging_is_leaf(s->f, word, level) ? TREE_LEAF : TREE_POINTER;
    struct tree_line *line = add_line(b, kind, level);
    if (!line) return NULL;
    line->index = (uint32_t)index;
    line->addr = addr;
    line->word = word;
    line->va = va_of_entry(s->f, va, level, index);
    line->in_use = s->flight.active && s->flight.proc == s->proc && covers(s, line->va, level, s->flight.va);
    line->open = kind == TREE_POINTER && is_open(b, line);
    return line;
}

/* The lines of a table whose first address is va, and of the open ones below it: their depth is at most
 * the format's levels. */
static bool add_table(struct builder *b, paddr_t table, vaddr_t va, unsigned level) {
    const struct sight *s = b->s;
    uint64_t n = entries_of(s->f, level), index = 0;
    if (!ram_holds(s->hw->ram, table, s->f->pte_bytes)) return true;
    while (index < n) {
        uint64_t next = next_shown(b, table, va, level, index);
        if (!add_empty(b, table, level, index, next)) return false;
        if (next == n) return true;
        const struct tree_line *line = add_entry(b, table, va, level, next);
        if (!line) return false;
        bool below = line->open && level > 0;
        vaddr_t first = line->va;
        paddr_t to = pfn_to_pa(paging_decode(s->f, line->word).pfn, s->f->page_shift);
        if (below && !add_table(b, to, first, level - 1)) return false;
        index = next + 1;
    }
    return true;
}

void tree_build(struct tree *t, const struct view *v, const struct sight *s) {
    struct builder b = {t, v->tree, s, focus_of(s)};
    *t = (struct tree){NULL, 0, 0};
    struct tree_line *root = add_line(&b, TREE_ROOT, s->f->levels - 1);
    if (!root) return;
    root->addr = s->p->root;
    if (s->p->alive) add_table(&b, s->p->root, 0, s->f->levels - 1);
}

void tree_free(struct tree *t) { free(t->line); }

int tree_hot(const struct tree *t, const struct sight *s) {
    int hot = -1;
    for (int i = 0; i < t->count; i++) {
        const struct tree_line *line = &t->line[i];
        if (line->kind == TREE_EMPTY || line->kind == TREE_ROOT) continue;
        if (entry_changed(s, line->addr) || entry_read(s, line->addr)) return i;
        if (line->in_use) hot = i;
    }
    return hot;
}

/* The oldest choice goes when there is no room: its table follows the access again. */
void tree_choose(struct tree_state *st, paddr_t addr, bool open) {
    unsigned kept = 0;
    for (unsigned i = 0; i < st->count; i++)
        if (st->choice[i].addr != addr) st->choice[kept++] = st->choice[i];
    st->count = kept;
    if (st->count == TREE_CHOICES_MAX) {
        st->count--;
        memmove(st->choice, st->choice + 1, st->count * sizeof st->choice[0]);
    }
    st->choice[st->count].addr = addr;
    st->choice[st->count++].open = open;
}
