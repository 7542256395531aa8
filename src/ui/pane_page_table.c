/* pane_page_table.c - the page table: chooses the way of looking at it, by the
 * machine's shape of paging and the reader's wish (see pane_page_table.h). */
#include "ui/pane_page_table.h"

#include <ctype.h>

static const struct table_way *way_of(const struct view *v, const struct sight *s) {
    bool laid_out = v->tree && v->tree->shown;
    if (s->f->shape == SHAPE_SEGMENTS) return &way_segments;
    if (!laid_out) return &way_list;
    return s->f->shape == SHAPE_HASHED ? &way_hashed : &way_tree;
}

/* ---- what the ways share ---- */

void flag_letters(const struct paging_format *f, unsigned flags, char out[PTE_FLAGS + 1]) {
    static const enum pte_flag order[] = {PTE_R, PTE_W, PTE_X, PTE_U, PTE_A, PTE_D};
    size_t n = 0;
    if (paging_has(f, PTE_V) && !(flags & PTE_BIT(PTE_V))) flags = 0; /* the others mean nothing then */
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (paging_has(f, order[i]))
            out[n++] = flags & PTE_BIT(order[i]) ? (char)tolower((unsigned char)pte_letter[order[i]]) : '-';
    out[n] = '\0';
}

/* clang-format off */
enum { WRITES = 1, READS = 2 };
static const unsigned char does_to_entry[EV_COUNT] = {
    [EV_WALK_TABLE] = READS, [EV_WALK_LEAF] = READS, [EV_WALK_INVALID] = READS, [EV_WALK_DENIED] = READS,
    [EV_WALK_BAD] = READS, [EV_WALK_CLEAR] = READS, [EV_WALK_ANCHOR] = READS, [EV_WALK_CHAIN] = READS,
    [EV_WALK_SEGMENT] = READS, [EV_WALK_BOUNDS] = READS, [EV_REFILL_READ] = READS,
    [EV_BITS_SET] = WRITES, [EV_REFILL_BITS] = WRITES, [EV_BITS_BY_OS] = WRITES, [EV_PTE_WRITE] = WRITES,
    [EV_TABLE_NEW] = WRITES, [EV_UNMAP] = WRITES, [EV_HUGE_SPLIT] = WRITES, [EV_REF_CLEAR] = WRITES,
    [EV_POLICY_PASS] = WRITES,
};
/* clang-format on */

bool entry_changed(const struct sight *s, paddr_t addr) {
    return does_to_entry[s->last->kind] == WRITES && s->last->pte_addr == addr && addr != 0;
}

bool entry_read(const struct sight *s, paddr_t addr) {
    return does_to_entry[s->last->kind] == READS && s->last->pte_addr == addr && addr != 0;
}

/* ---- the pane ---- */

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    const struct sight s = sight_shown(v);
    way_of(v, &s)->draw(v, &s, a, st, focused);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_shown(v);
    text_addf(out, "%s  %s%s", s.p->name, s.f->name ? s.f->name : "", way_of(v, &s)->name);
}

static int items(const struct view *v) {
    const struct sight s = sight_shown(v);
    return way_of(v, &s)->items(v, &s);
}

static int hot_item(const struct view *v) {
    const struct sight s = sight_shown(v);
    return way_of(v, &s)->hot(v, &s);
}

static void detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_shown(v);
    struct page_writer w = {a, 0};
    way_of(v, &s)->detail(v, &s, item, &w);
}

static bool matches(const struct view *v, int item, const char *needle) {
    const struct sight s = sight_shown(v);
    return way_of(v, &s)->matches(v, &s, item, needle);
}

const struct pane pane_page_table = {
    .name = "page-table",
    .title = "Page table",
    .digit = '3',
    .min_width = 16,
    .min_height = 3,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
