/* pane_page_tree.c - the page table as a tree of tables.
 *
 *    satp 00200000
 *    - L1[32]  -> 00201000  V-------      '-' open, '+' folded
 *        0-71 empty
 *        L0[72] frame 0     Vr-xu-a- text
 *     >  L0[76] not valid                 '>' on the way of the access
 *    + L1[767] -> 00202000  V-------
 *
 * page_tree.c finds the lines; here they are drawn. Indents shrink and columns drop
 * out where it is narrow; a huge page's leaf says its size.
 */
#include "ui/page_tree.h"
#include "ui/pane_page_table.h"

enum { MARK, NAME, TARGET, FLAGS, REGION, VA, WORD, COLUMNS };

struct look {
    struct column c[COLUMNS];
    int indent; /* columns a level */
};

static unsigned depth_of(const struct sight *s, const struct tree_line *line) {
    return line->kind == TREE_ROOT ? 0 : s->f->levels - 1 - line->level;
}

/* ---- words ---- */

static void say_name(const struct sight *s, const struct tree_line *line, char *buf, size_t size) {
    const char *name = paging_level_name(s->f, line->level);
    if (line->kind == TREE_ROOT) snprintf(buf, size, "%s", s->f->root ? s->f->root : "root");
    else if (line->kind != TREE_EMPTY) snprintf(buf, size, "%s[%u]", name, line->index);
    else if (line->count == 1) snprintf(buf, size, "[%u] empty", line->index);
    else snprintf(buf, size, "[%u-%u] %u empty", line->index, line->index + line->count - 1, line->count);
}

/* Where it leads: a table, a frame, nothing. */
static void say_target(const struct sight *s, const struct tree_line *line, char *buf, size_t size) {
    struct text t = text_in(buf, size);
    int digits = ram_digits(s);
    if (line->kind == TREE_ROOT) text_addf(&t, "-> %0*llx", digits, (unsigned long long)line->addr);
    if (line->kind == TREE_POINTER)
        text_addf(&t, "-> %0*llx", digits, (unsigned long long)pfn_to_pa(paging_decode(s->f, line->word).pfn, s->f->page_shift));
    if (line->kind == TREE_INVALID) text_add(&t, "not valid");
    if (line->kind != TREE_LEAF) return;
    pfn_t pfn = pa_to_pfn(paging_leaf_base(s->f, line->word, line->level), s->f->page_shift);
    text_addf(&t, "%s %llu", pfn < s->k->config->frames ? "frame" : "PFN", (unsigned long long)pfn);
    if (line->level == 0) return;
    text_add(&t, ", ");
    say_page_size(&t, s->f, paging_leaf_order(s->f, line->level));
}

/* ---- columns ---- */

static int name_width(const struct sight *s, const struct tree_line *line, int indent) {
    char name[40];
    if (line->kind == TREE_EMPTY) return 0; /* may run on: nothing stands beside it */
    say_name(s, line, name, sizeof name);
    return (int)depth_of(s, line) * indent + 2 + (int)strlen(name);
}

static int target_width(const struct sight *s, const struct tree_line *line) {
    char target[48];
    say_target(s, line, target, sizeof target);
    return (int)strlen(target);
}

static void choose_columns(const struct sight *s, const struct tree *t, const struct list *l, struct look *k, int width) {
    int name = 8, target = 9, flags = 0;
    for (unsigned f = paging_flags(s->f); f; f &= f - 1) flags++;
    k->indent = width >= 48 ? 2 : 1;
    for (int i = l->first; i < t->count && i < l->first + l->rows; i++) {
        name = column_width("", name > name_width(s, &t->line[i], k->indent) ? name : name_width(s, &t->line[i], k->indent));
        target = target > target_width(s, &t->line[i]) ? target : target_width(s, &t->line[i]);
    }
    const struct column all[COLUMNS] = {
        [MARK] = {.head = "", .width = 1, .rank = 0},
        [NAME] = {.head = "entry", .width = name, .rank = 0},
        [TARGET] = {.head = "leads to", .width = target, .rank = 1},
        [FLAGS] = {.head = "flags", .width = flags, .rank = 2},
        [REGION] = {.head = "region", .width = 6, .rank = 3},
        [VA] = {.head = "translates from", .width = column_width("translates from", 2 + 16), .rank = 5},
        [WORD] = {.head = "word", .width = pte_digits(s->f), .rank = 4},
    };
    memcpy(k->c, all, sizeof all);
    columns_fit(k->c, COLUMNS, width);
}

/* ---- rows ---- */

static char mark_of(const struct sight *s, const struct tree_line *line, enum role *role) {
    bool entry = line->kind != TREE_EMPTY && line->kind != TREE_ROOT;
    *role = line->kind == TREE_EMPTY ? ROLE_DIM : ROLE_NORMAL;
    if (entry && entry_changed(s, line->addr)) return *role = ROLE_NOW, '*';
    if (entry && entry_read(s, line->addr)) return *role = ROLE_CURRENT, '>';
    if (line->in_use) return *role = ROLE_ADDRESS, '>';
    return ' ';
}

static void draw_region(const struct sight *s, const struct area *a, const struct column *c, int y,
                        const struct tree_line *line, enum role role) {
    const struct vma *r = line->kind == TREE_LEAF || line->kind == TREE_INVALID
                              ? vma_find(s->p, va_to_vpn(line->kind == TREE_LEAF ? line->va : s->flight.va, s->f->page_shift))
                              : NULL;
    if (r) column_put(a, c, 0, y, role == ROLE_NORMAL ? region_role(r->kind) : role, "%s", r->name);
}

static void draw_row(const struct sight *s, const struct area *a, const struct look *k, int y, const struct tree_line *line) {
    enum role role;
    char mark = mark_of(s, line, &role), name[40], target[48], flags[PTE_FLAGS + 1], va[24];
    struct text t = text_in(flags, sizeof flags);
    int x = k->c[NAME].x + (int)depth_of(s, line) * k->indent;
    if (role == ROLE_NOW || role == ROLE_CURRENT) area_role(a, 0, y, a->width, 1, role);
    column_put(a, &k->c[MARK], 0, y, role, "%c", mark);
    say_name(s, line, name, sizeof name);
    if (line->kind == TREE_POINTER) area_text(a, x, y, role == ROLE_NORMAL ? ROLE_HEADING : role, line->open ? "-" : "+");
    area_text(a, x + 2, y, role, name);
    if (line->kind == TREE_EMPTY) return;
    say_target(s, line, target, sizeof target);
    column_put(a, &k->c[TARGET], 0, y, role, "%s", target);
    if (line->kind == TREE_ROOT) return;
    format_pte_flags(&t, s->f, line->word);
    column_put(a, &k->c[FLAGS], 0, y, role, "%s", flags);
    draw_region(s, a, &k->c[REGION], y, line, role);
    column_put(a, &k->c[VA], 0, y, role, "%s", va_text(s->f, line->va, va));
    column_put(a, &k->c[WORD], 0, y, role, "%0*llx", pte_digits(s->f), (unsigned long long)line->word);
}

static void draw(const struct view *v, const struct sight *s, const struct area *a, struct pane_state *st, bool focused) {
    struct tree t;
    struct look k;
    tree_build(&t, v, s);
    int head = a->height > 3 ? 1 : 0, rows = a->height - head;
    struct list l = list_place(st, t.count, tree_hot(&t, s), rows);
    choose_columns(s, &t, &l, &k, a->width - (t.count > rows ? 2 : 0));
    if (head) columns_head(a, k.c, COLUMNS, 0, 0);
    for (int i = 0; i < rows && l.first + i < t.count; i++) {
        draw_row(s, a, &k, head + i, &t.line[l.first + i]);
        if (focused && l.first + i == st->cursor) row_select(a, 0, head + i, a->width);
    }
    list_marks(a, &l, head);
    tree_free(&t);
}

/* ---- the rest of a way of looking ---- */

static int items(const struct view *v, const struct sight *s) {
    struct tree t;
    tree_build(&t, v, s);
    int n = t.count;
    tree_free(&t);
    return n;
}

static int hot(const struct view *v, const struct sight *s) {
    struct tree t;
    tree_build(&t, v, s);
    int item = tree_hot(&t, s);
    tree_free(&t);
    return item;
}

static void write_run(struct page_writer *w, const struct sight *s, const struct tree_line *line) {
    write_line(w, ROLE_HEADING, "%u empty entries of a %s table", line->count, paging_level_name(s->f, line->level));
    write_line(w, ROLE_NORMAL, "indices %u-%u: their words are not valid. A walk that comes here faults.", line->index,
               line->index + line->count - 1);
    char size[32];
    struct text t = text_in(size, sizeof size);
    say_page_size(&t, s->f, paging_leaf_order(s->f, line->level));
    write_line(w, ROLE_NORMAL, "Each could translate %s of addresses, and costs %u bytes although nothing is there.", size,
               s->f->pte_bytes);
}

static void write_root(struct page_writer *w, const struct sight *s, const struct tree_line *line) {
    char size[32];
    struct text t = text_in(size, sizeof size);
    unsigned top = s->f->levels - 1;
    format_size(&t, paging_table_bytes(s->f, top));
    write_line(w, ROLE_HEADING, "The root of %s's page table", s->p->name);
    write_line(w, ROLE_NORMAL, "%s table at 0x%llx: %llu entries of %u bytes, %s", paging_level_name(s->f, top),
               (unsigned long long)line->addr, 1ull << s->f->index_bits[top], s->f->pte_bytes, size);
}

static void detail(const struct view *v, const struct sight *s, int item, struct page_writer *w) {
    struct tree t;
    char va[24];
    tree_build(&t, v, s);
    const struct tree_line *line = item >= 0 && item < t.count ? &t.line[item] : NULL;
    if (line && line->kind == TREE_EMPTY) write_run(w, s, line);
    else if (line && line->kind == TREE_ROOT) write_root(w, s, line);
    else if (line) {
        write_entry(w, s, line->addr, line->word, line->level, line->index);
        write_line(w, ROLE_NORMAL, "translates addresses from %s on", va_text(s->f, line->va, va));
    }
    tree_free(&t);
}

static bool matches(const struct view *v, const struct sight *s, int item, const char *needle) {
    struct tree t;
    char buf[128] = "", name[40], va[24];
    tree_build(&t, v, s);
    if (item >= 0 && item < t.count && t.line[item].kind != TREE_EMPTY) {
        const struct tree_line *line = &t.line[item];
        const struct vma *r = line->kind == TREE_LEAF ? vma_find(s->p, va_to_vpn(line->va, s->f->page_shift)) : NULL;
        say_name(s, line, name, sizeof name);
        snprintf(buf, sizeof buf, "%s %s %s", name, va_text(s->f, line->va, va), r ? r->name : "");
    }
    tree_free(&t);
    return buf[0] && holds_word(buf, needle);
}

const struct table_way way_tree = {"  tree", items, hot, draw, detail, matches};
