/* pane_page_segments.c - the machines before paging: the descriptors of the process
 * that runs, a segment a line.
 *
 *      seg from  base     size    VRWXU    holds
 *    > 0   0000  00008000 2 KiB   VR-XU    text
 *      1   1000  00009000 3 KiB   VRW-U    heap
 *      3   3fff  00007000 2 KiB   VRW-U v  stack        v: grows down
 */
#include "ui/pane_page_table.h"

#include "hw/segments.h"

enum { MARK, SEGMENT, FROM, BASE, SIZE, FLAGS, HOLDS, COLUMNS };

struct descriptor {
    paddr_t addr; /* of its second word */
    uint64_t base, bounds, size;
    bool valid, down;
    vaddr_t first, end; /* the addresses that it translates */
};

static int count_of(const struct sight *s) { return 1 << segment_selector_bits(s->f); }

static struct descriptor descriptor_of(const struct sight *s, int i) {
    paddr_t at = s->p->root + (uint64_t)i * DESCRIPTOR_BYTES;
    unsigned shift = segment_offset_bits(s->f);
    struct descriptor d = {.addr = at + DESCRIPTOR_WORD};
    d.base = ram_read(s->hw->ram, at, DESCRIPTOR_WORD);
    d.bounds = ram_read(s->hw->ram, d.addr, DESCRIPTOR_WORD);
    d.valid = paging_decode(s->f, d.bounds).flags & PTE_BIT(PTE_V);
    d.size = field_value(s->f, d.bounds, SEGMENT_LEVEL_BOUNDS, "size");
    d.down = field_value(s->f, d.bounds, SEGMENT_LEVEL_BOUNDS, "N") != 0;
    vaddr_t bottom = (vaddr_t)i << shift, top = bottom + ((vaddr_t)1 << shift);
    d.first = d.down ? top - d.size : bottom;
    d.end = d.down ? top : bottom + d.size;
    return d;
}

static int items(const struct view *v, const struct sight *s) {
    (void)v;
    return count_of(s);
}

static int hot(const struct view *v, const struct sight *s) {
    (void)v;
    bool ours = s->flight.active && s->flight.proc == s->proc;
    uint32_t i = segment_of(s->f, s->flight.va);
    return ours && i < (uint32_t)count_of(s) ? (int)i : -1;
}

/* The regions inside, by name; "unused" is room that nothing needs. */
static void say_regions(const struct sight *s, const struct descriptor *d, struct text *out) {
    unsigned shift = s->f->page_shift;
    for (uint32_t i = 0; d->valid && i < s->p->vma_count; i++) {
        const struct vma *r = &s->p->vma[i];
        bool inside = vpn_to_va(r->first, shift) < d->end && vpn_to_va(r->end, shift) > d->first;
        if (inside) text_addf(out, "%s%s", out->len ? " " : "", r->name);
    }
}

static void choose_columns(const struct sight *s, struct column *c, int width) {
    int flags = 0;
    for (unsigned f = paging_flags(s->f); f; f &= f - 1) flags++;
    const struct column all[COLUMNS] = {
        [MARK] = {.head = "", .width = 1, .rank = 0},
        [SEGMENT] = {.head = "seg", .width = count_of(s) > 1 ? 3 : 0, .rank = 0},
        [FROM] = {.head = "first", .width = column_width("first", va_digits(s->f)), .rank = 3},
        [BASE] = {.head = "base", .width = column_width("base", ram_digits(s)), .rank = 1},
        [SIZE] = {.head = "bounds", .width = 10, .rank = 1},
        [FLAGS] = {.head = "flags", .width = column_width("flags", flags + 2), .rank = 2},
        [HOLDS] = {.head = "holds", .width = width > 44 ? width - 40 : 5, .rank = 4},
    };
    memcpy(c, all, sizeof all);
    columns_fit(c, COLUMNS, width);
}

static void draw_row(const struct sight *s, const struct area *a, const struct column *c, int y, int i, bool in_use) {
    struct descriptor d = descriptor_of(s, i);
    bool read = entry_read(s, d.addr);
    enum role role = read ? ROLE_CURRENT : in_use ? ROLE_ADDRESS : d.valid ? ROLE_NORMAL : ROLE_DIM;
    char size[24], flags[PTE_FLAGS + 3], holds[96];
    struct text t = text_in(size, sizeof size), f = text_in(flags, sizeof flags), h = text_in(holds, sizeof holds);
    if (read) area_role(a, 0, y, a->width, 1, role);
    column_put(a, &c[MARK], 0, y, role, "%c", in_use ? '>' : ' ');
    column_put(a, &c[SEGMENT], 0, y, role, "%d", i);
    if (!d.valid) {
        column_put(a, &c[BASE], 0, y, role, "%s", "none");
        return;
    }
    format_size(&t, d.size);
    format_pte_flags(&f, s->f, d.bounds);
    if (d.down) text_add(&f, " v");
    say_regions(s, &d, &h);
    column_put(a, &c[FROM], 0, y, role, "%0*llx", va_digits(s->f), (unsigned long long)d.first);
    column_put(a, &c[BASE], 0, y, role, "%0*llx", ram_digits(s), (unsigned long long)d.base);
    column_put(a, &c[SIZE], 0, y, role, "%s", size);
    column_put(a, &c[FLAGS], 0, y, role, "%s", flags);
    column_put(a, &c[HOLDS], 0, y, role, "%s", holds);
}

static void draw(const struct view *v, const struct sight *s, const struct area *a, struct pane_state *st, bool focused) {
    struct column c[COLUMNS];
    int n = count_of(s), head = a->height > 1 ? 1 : 0, rows = a->height - head, used = hot(v, s);
    struct list l = list_place(st, n, used, rows);
    choose_columns(s, c, a->width - (n > rows ? 2 : 0));
    if (head) columns_head(a, c, COLUMNS, 0, 0);
    for (int i = 0; i < rows && l.first + i < n; i++) {
        draw_row(s, a, c, head + i, l.first + i, l.first + i == used);
        if (focused && l.first + i == st->cursor) row_select(a, 0, head + i, a->width);
    }
    list_marks(a, &l, head);
    if (a->height > head + n + 1)
        text_fits(a, 0, a->height - 1, ROLE_DIM, "There are no pages: what lies within the bounds is in memory, whole.");
}

static void detail(const struct view *v, const struct sight *s, int item, struct page_writer *w) {
    char holds[160], first[24], last[24];
    struct text h = text_in(holds, sizeof holds);
    if (item < 0 || item >= items(v, s)) return;
    struct descriptor d = descriptor_of(s, item);
    say_regions(s, &d, &h);
    if (count_of(s) > 1) write_line(w, ROLE_HEADING, "Segment %d of %s", item, s->p->name);
    else write_line(w, ROLE_HEADING, "Base and bounds of %s", s->p->name);
    if (!d.valid) {
        write_line(w, ROLE_NORMAL, "not in use: an address in it is refused");
        return;
    }
    write_line(w, ROLE_NORMAL, "addresses %s-%s", va_text(s->f, d.first, first), va_text(s->f, d.end - 1, last));
    write_line(w, ROLE_NORMAL, "holds     %s", holds);
    write_line(w, ROLE_NORMAL, "base      0x%llx: %s", (unsigned long long)d.base,
               d.down ? "what lies just below it is the segment's last byte" : "where its first byte lies in memory");
    w->y++;
    write_entry(w, s, d.addr, d.bounds, SEGMENT_LEVEL_BOUNDS, (uint32_t)item);
}

static bool matches(const struct view *v, const struct sight *s, int item, const char *needle) {
    char holds[160];
    struct text h = text_in(holds, sizeof holds);
    if (item < 0 || item >= items(v, s)) return false;
    struct descriptor d = descriptor_of(s, item);
    say_regions(s, &d, &h);
    return holds_word(holds, needle);
}

const struct table_way way_segments = {"", items, hot, draw, detail, matches};
