/* pane_page_hashed.c - an inverted page table: an entry a frame, for all processes.
 *
 *    frame ASID VPN   rwxuad next  in chain of
 *      0      1 08048 r-xua-    -  anchor 1
 *    > 1      1 0804c rw-uad    0  anchor 1       '>' read by the walk   '*' changed
 *      2-7  free
 *
 * The table's size follows from the memory: it has no entry for pages that are not
 * in a frame. Chains are found here by reading the links, as the walker does.
 */
#include "ui/pane_page_table.h"

#include "hw/inverted.h"

enum { MARK, FRAME, ASID, VPN, FLAGS, NEXT, ANCHOR, WORD, COLUMNS };

struct entry {
    paddr_t addr;
    uint64_t word, next; /* next: index plus 1, or 0 */
    bool valid;
    vpn_t vpn;
    asid_t asid;
};

static struct entry entry_of(const struct sight *s, const struct inverted *t, uint32_t i) {
    struct entry e = {.addr = inverted_entry_addr(t, i)};
    e.word = ram_read(s->hw->ram, e.addr, INVERTED_WORD);
    e.next = ram_read(s->hw->ram, e.addr + INVERTED_WORD, INVERTED_WORD);
    e.valid = paging_decode(s->f, e.word).flags & PTE_BIT(PTE_V);
    e.vpn = field_value(s->f, e.word, INVERTED_LEVEL_ENTRY, "VPN");
    e.asid = (asid_t)field_value(s->f, e.word, INVERTED_LEVEL_ENTRY, "ASID");
    return e;
}

static bool open_table(const struct sight *s, struct inverted *t) {
    return inverted_open(s->hw->ram, s->hw->regs.root, t) && t->entries <= INT32_MAX;
}

static int items(const struct view *v, const struct sight *s) {
    struct inverted t;
    (void)v;
    return open_table(s, &t) ? (int)t.entries : 0;
}

/* The entry being read or written; else that of the page in use. */
static int hot(const struct view *v, const struct sight *s) {
    struct inverted t;
    (void)v;
    if (!open_table(s, &t)) return -1;
    paddr_t addr = s->last->pte_addr;
    bool touched = entry_changed(s, addr) || entry_read(s, addr);
    if (touched && addr >= t.entries_at) return (int)((addr - t.entries_at) / (2 * INVERTED_WORD));
    struct pte_at at = pagetable_at(s->k, s->proc, s->flight.vpn);
    return s->flight.active && at.valid ? (int)at.pfn : -1;
}

/* Has the walk under way looked at this entry? */
static bool walked_over(const struct sight *s, paddr_t addr) {
    const struct walk *w = walk_of(s);
    for (unsigned i = 0; s->flight.walked && i < w->reads && i < WALK_READS_MAX; i++)
        if (w->read[i].addr == addr) return true;
    return false;
}

static void choose_columns(const struct view *v, const struct sight *s, struct column *c, char *flags, int width) {
    const char *vpn = short_word(v, "VPN");
    int frame = column_width("frame", decimal_digits(s->k->config->frames));
    flag_letters(s->f, UINT32_MAX, flags);
    const struct column all[COLUMNS] = {
        [MARK] = {.head = "", .width = 1, .rank = 0},
        [FRAME] = {.head = "frame", .width = frame, .rank = 0, .right = true},
        [ASID] = {.head = "ASID", .width = 4, .rank = 2, .right = true},
        [VPN] = {.head = vpn, .width = column_width(vpn, vpn_digits(s)), .rank = 1},
        [FLAGS] = {.head = flags, .width = (int)strlen(flags), .rank = 4},
        [NEXT] = {.head = "next", .width = column_width("next", decimal_digits(s->k->config->frames)), .rank = 3, .right = true},
        [ANCHOR] = {.head = "anchor", .width = 6, .rank = 5, .right = true},
        [WORD] = {.head = "entry", .width = pte_digits(s->f), .rank = 6},
    };
    memcpy(c, all, sizeof all);
    columns_fit(c, COLUMNS, width);
}

static void draw_row(const struct sight *s, const struct area *a, const struct column *c, const struct inverted *t, int y,
                     uint32_t i) {
    struct entry e = entry_of(s, t, i);
    bool changed = entry_changed(s, e.addr), read = entry_read(s, e.addr), passed = walked_over(s, e.addr);
    enum role role = changed ? ROLE_NOW : read ? ROLE_CURRENT : passed ? ROLE_ADDRESS : e.valid ? ROLE_NORMAL : ROLE_DIM;
    char flags[PTE_FLAGS + 1];
    flag_letters(s->f, paging_decode(s->f, e.word).flags, flags);
    if (changed || read) area_role(a, 0, y, a->width, 1, role);
    column_put(a, &c[MARK], 0, y, role, "%c", changed ? '*' : read || passed ? '>' : ' ');
    column_put(a, &c[FRAME], 0, y, role, "%u", i);
    column_put(a, &c[VPN], 0, y, role, "%s", e.valid ? "" : "free");
    if (!e.valid) return;
    column_put(a, &c[ASID], 0, y, role, "%u", e.asid);
    vpn_put(s, a, &c[VPN], 0, y, role, e.vpn);
    column_put(a, &c[FLAGS], 0, y, role, "%s", flags);
    if (e.next) column_put(a, &c[NEXT], 0, y, role, "%llu", (unsigned long long)(e.next - 1));
    else column_put(a, &c[NEXT], 0, y, role, "-");
    column_put(a, &c[ANCHOR], 0, y, role, "%u", inverted_hash(t, e.vpn, e.asid));
    column_put(a, &c[WORD], 0, y, role, "%0*llx", pte_digits(s->f), (unsigned long long)e.word);
}

static void draw(const struct view *v, const struct sight *s, const struct area *a, struct pane_state *st, bool focused) {
    struct inverted t;
    struct column c[COLUMNS];
    char flags[PTE_FLAGS + 1];
    int n = items(v, s), head = a->height > 2 ? 1 : 0, rows = a->height - head;
    struct list l = list_place(st, n, hot(v, s), rows);
    if (!open_table(s, &t)) {
        area_text(a, 0, 0, ROLE_DIM, "(no table)");
        return;
    }
    choose_columns(v, s, c, flags, a->width - (n > rows ? 2 : 0));
    if (head) columns_head(a, c, COLUMNS, 0, 0);
    for (int i = 0; i < rows && l.first + i < n; i++) {
        draw_row(s, a, c, &t, head + i, (uint32_t)(l.first + i));
        if (focused && l.first + i == st->cursor) row_select(a, 0, head + i, a->width);
    }
    list_marks(a, &l, head);
}

/* The chain that the entry is in, from its anchor on. */
static void write_chain(struct page_writer *w, const struct sight *s, const struct inverted *t, const struct entry *of) {
    char line[400];
    struct text out = text_in(line, sizeof line);
    uint32_t anchor = inverted_hash(t, of->vpn, of->asid);
    uint64_t next = ram_read(s->hw->ram, inverted_anchor_addr(t, anchor), INVERTED_WORD);
    text_addf(&out, "chain     anchor %u", anchor);
    for (uint64_t links = 0; next && next <= t->entries && links < 32; links++) {
        text_addf(&out, " -> entry %llu", (unsigned long long)(next - 1));
        next = entry_of(s, t, (uint32_t)(next - 1)).next;
    }
    write_line(w, ROLE_NORMAL, "%s%s", line, next ? " ..." : ", the last");
}

static void detail(const struct view *v, const struct sight *s, int item, struct page_writer *w) {
    struct inverted t;
    if (item < 0 || item >= items(v, s) || !open_table(s, &t)) return;
    struct entry e = entry_of(s, &t, (uint32_t)item);
    write_entry(w, s, e.addr, e.word, INVERTED_LEVEL_ENTRY, (uint32_t)item);
    write_line(w, ROLE_NORMAL, "Its index is the frame: frame %d %s.", item, e.valid ? "holds this page" : "is free");
    if (!e.valid) return;
    write_line(w, ROLE_NORMAL, "hash      (%llx xor %u) mod %llu = anchor %u", (unsigned long long)e.vpn, e.asid,
               (unsigned long long)t.anchors, inverted_hash(&t, e.vpn, e.asid));
    write_chain(w, s, &t, &e);
}

static bool matches(const struct view *v, const struct sight *s, int item, const char *needle) {
    struct inverted t;
    char buf[64];
    if (item < 0 || item >= items(v, s) || !open_table(s, &t)) return false;
    struct entry e = entry_of(s, &t, (uint32_t)item);
    if (!e.valid) return holds_word("free", needle);
    snprintf(buf, sizeof buf, "0x%0*llx", vpn_digits(s), (unsigned long long)e.vpn);
    return holds_word(buf, needle);
}

const struct table_way way_hashed = {"  all frames", items, hot, draw, detail, matches};
