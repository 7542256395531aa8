/* pane_translation.c - from a virtual address to a physical one.
 *
 *    VPN[1]     VPN[0]     offset            the VA in binary, cut into fields,
 *    0000100000 0001001100 000000010000      names above, values below
 *    32         76         0x010
 *    satp 003f0000
 *    L1[32] 003f0080 000fc401 V-------       the walk, a level a line
 *   >L0[76] 003f1130 00000000 --------
 *    PA  -                                   put together at the end
 *
 * Nothing is shown before the hardware has it: what was not read yet is '-'.
 * Lines drop out in the order of their ranks when the pane is low; the binary
 * form gives way to hex fields when it is narrow.
 */
#include "ui/pane_util.h"

#define FIELDS_MAX (PAGING_LEVELS_MAX + 1)
#define LINES_MAX  (11 + 2 * PAGING_LEVELS_MAX)

/* ---- the fields of the virtual address ---- */

struct field {
    char name[20], value[24];
    unsigned bits, low; /* how many, and the lowest of them */
    uint64_t number;
    int width, x;
};
struct fields {
    struct field field[FIELDS_MAX]; /* from the left: the root's index first, the offset last */
    int count;
    bool binary, fits;
};

static void name_index(const struct view *v, const struct sight *s, struct field *f, unsigned level) {
    const char *vpn = short_word(v, "VPN");
    if (s->f->levels == 1)
        snprintf(f->name, sizeof f->name, "%s", vpn);
    else
        snprintf(f->name, sizeof f->name, "%s[%u]", vpn, level);
    f->bits = s->f->index_bits[level];
    f->low = paging_index_shift(s->f, level);
    f->number = paging_index(s->f, s->flight.va, level);
    snprintf(f->value, sizeof f->value, "%llu", (unsigned long long)f->number);
}

static void name_offset(const struct view *v, const struct sight *s, struct field *f) {
    snprintf(f->name, sizeof f->name, "%s", short_word(v, "offset"));
    f->bits = s->f->page_shift;
    f->number = s->flight.va & low_bits(s->f->page_shift);
    int digits = (int)(f->bits + 3) / 4;
    snprintf(f->value, sizeof f->value, "0x%0*llx", digits, (unsigned long long)f->number);
}

static int field_width(const struct field *f, bool binary) {
    int width = binary ? (int)f->bits : (int)(f->bits + 3) / 4;
    return column_width(f->name, column_width(f->value, width));
}

/* Give the fields their places; false: they don't fit. The offset, which is not
 * translated, may lose its high bits on the screen (its value is shown in full). */
static bool place_fields(struct fields *f, bool binary, int width) {
    int x = 1;
    f->binary = binary;
    for (int i = 0; i < f->count; i++) {
        f->field[i].width = field_width(&f->field[i], binary);
        f->field[i].x = x;
        x += f->field[i].width + 1;
    }
    struct field *offset = &f->field[f->count - 1];
    int missing = x - 1 - width, least = column_width(offset->name, column_width(offset->value, 6));
    if (missing <= 0) return true;
    if (!binary || offset->width - missing < least) return false;
    offset->width -= missing;
    return true;
}

/* Short names: the levels as the walk's lines call them. */
static void shorten_names(struct fields *f) {
    for (int i = 0; i + 1 < f->count; i++)
        snprintf(f->field[i].name, sizeof f->field[i].name, "L%d", f->count - 2 - i);
}

static struct fields cut_address(const struct view *v, const struct sight *s, int width) {
    struct fields f = {.count = (int)s->f->levels + 1};
    for (unsigned i = 0; i < s->f->levels; i++) name_index(v, s, &f.field[i], s->f->levels - 1 - i);
    name_offset(v, s, &f.field[s->f->levels]);
    f.fits = place_fields(&f, true, width) || place_fields(&f, false, width);
    if (f.fits) return f;
    shorten_names(&f);
    f.fits = place_fields(&f, true, width) || place_fields(&f, false, width);
    return f;
}

/* ---- lines: what each shows, and in which order they are given up ---- */

struct painter {
    const struct view *v;
    struct sight s;
    struct fields fields;
    struct column c[6];
    int digits; /* of a physical address, everywhere in the pane */
};
struct line {
    void (*draw)(const struct painter *p, const struct area *a, int y, unsigned arg);
    unsigned arg;
    int rank; /* larger: given up earlier; 0: never */
    bool kept;
};

static void draw_va(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    char va[40];
    snprintf(va, sizeof va, "VA 0x%0*llx", va_digits(p->s.f), (unsigned long long)p->s.flight.va);
    if (text_fits(a, 1, y, ROLE_ADDRESS, va))
        text_fits(a, 3 + (int)strlen(va), y, ROLE_NORMAL, access_name(p->s.flight.op));
}

static void draw_names(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    for (int i = 0; i < p->fields.count; i++)
        area_text(a, p->fields.field[i].x, y, ROLE_HEADING, p->fields.field[i].name);
}

/* Numbers of each field's highest and lowest bit, where they have room. */
static void draw_ruler(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    for (int i = 0; i < p->fields.count; i++) {
        const struct field *f = &p->fields.field[i];
        unsigned high = f->low + f->bits - 1;
        int bits = f->width < (int)f->bits ? f->width : (int)f->bits, left = decimal_digits(high),
            right = decimal_digits(f->low);
        if (left <= bits) area_printf(a, f->x, y, ROLE_DIM, "%u", high);
        if (left + 1 + right <= bits) area_printf(a, f->x + bits - right, y, ROLE_DIM, "%u", f->low);
    }
}

static void draw_bits(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    for (int i = 0; i < p->fields.count; i++) {
        const struct field *f = &p->fields.field[i];
        if (!p->fields.binary)
            area_printf(a, f->x, y, ROLE_ADDRESS, "%0*llx", (int)(f->bits + 3) / 4,
                        (unsigned long long)f->number);
        int cut = p->fields.binary && f->width < (int)f->bits ? (int)f->bits - f->width : 0;
        for (int b = cut; p->fields.binary && b < (int)f->bits; b++)
            area_text(a, f->x + b - cut, y, ROLE_ADDRESS,
                      f->number >> ((int)f->bits - 1 - b) & 1 ? "1" : "0");
        if (cut) area_text(a, f->x, y, ROLE_DIM, "..");
    }
}

static void draw_values(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    for (int i = 0; i < p->fields.count; i++)
        area_text(a, p->fields.field[i].x, y, ROLE_NORMAL, p->fields.field[i].value);
}

static void say_tlb(const struct painter *p, char *buf, size_t size) {
    const struct flight *f = &p->s.flight;
    if (tlb_ways(p->s.hw->tlb) == 0)
        snprintf(buf, size, "TLB  none");
    else if (f->tlb == TLB_OUT_NONE)
        snprintf(buf, size, "TLB  -");
    else if (f->denied)
        snprintf(buf, size, "TLB  set %u: not allowed", f->set);
    else if (f->tlb == TLB_OUT_MISS)
        snprintf(buf, size, "TLB  set %u: miss, walk", f->set);
    else
        snprintf(buf, size, "TLB  set %u: HIT, %s %llu", f->set, short_word(p->v, "PFN"),
                 (unsigned long long)f->pfn);
}

static void draw_tlb(const struct painter *p, const struct area *a, int y, unsigned arg) {
    bool now = touches(&p->s, TOUCH_SET) || touches(&p->s, TOUCH_WAY);
    char words[64];
    (void)arg;
    say_tlb(p, words, sizeof words);
    if (now) area_text(a, 0, y, ROLE_CURRENT, ">");
    text_fits(a, 1, y, now ? ROLE_CURRENT : p->s.flight.tlb == TLB_OUT_NONE ? ROLE_DIM : ROLE_NORMAL, words);
}

/* ---- the walk ---- */

enum { LEVEL, ADDRESS, WORD, FLAGS, RESULT, COLUMNS };

/* Where the walk begins; its number stands in the column of the PTEs' addresses. */
static void draw_root(const struct painter *p, const struct area *a, int y, unsigned arg) {
    char root[48], asid[24];
    const char *name = p->s.f->root ? p->s.f->root : "root";
    int pad = p->c[LEVEL].width > (int)strlen(name) ? p->c[LEVEL].width : (int)strlen(name);
    (void)arg;
    snprintf(root, sizeof root, "%-*s %0*llx", pad, name, p->digits, (unsigned long long)p->s.hw->root);
    snprintf(asid, sizeof asid, "ASID %u", p->s.hw->asid);
    bool asids = p->s.k->config->tlb.asid && tlb_ways(p->s.hw->tlb);
    if (text_fits(a, 1, y, ROLE_NORMAL, root) && asids)
        text_fits(a, 2 + (int)strlen(root), y, ROLE_NORMAL, asid);
}

static void draw_heads(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    columns_head(a, p->c, COLUMNS, 1, y);
}

/* The i-th read, when the hardware has made it. */
static const struct walk_read *read_of(const struct painter *p, unsigned i) {
    const struct walk *w = &machine_access(p->s.m)->walk;
    return p->s.flight.walked && i < w->reads ? &w->read[i] : NULL;
}

/* The word as it stands now: A and D may have been set in the leaf since it was read. */
static uint64_t word_of(const struct painter *p, const struct walk_read *r) {
    const struct walk *w = &machine_access(p->s.m)->walk;
    return r->addr == w->pte_addr ? w->word : r->word;
}

static void say_result(const struct painter *p, const struct walk_read *r, bool last, char *buf,
                       size_t size) {
    static const char *const stopped[] = {[HW_FAULT_NONE] = "",
                                          [HW_FAULT_NOT_VALID] = "not valid",
                                          [HW_FAULT_DENIED] = "not allowed",
                                          [HW_FAULT_MALFORMED] = "malformed",
                                          [HW_FAULT_RANGE] = "too high",
                                          [HW_FAULT_BUS] = "outside RAM"};
    const struct walk *w = &machine_access(p->s.m)->walk;
    struct pte pte = paging_decode(p->s.f, r->word);
    if (last && w->done && w->fault)
        snprintf(buf, size, "%s", stopped[w->fault]);
    else if (last && w->done)
        snprintf(buf, size, "%s %llu", short_word(p->v, "PFN"), (unsigned long long)w->pfn);
    else
        snprintf(buf, size, "-> %0*llx", p->digits,
                 (unsigned long long)pfn_to_pa(pte.pfn, p->s.f->page_shift));
}

static bool is_read_now(const struct painter *p, unsigned level) {
    const struct event *e = p->s.last;
    bool walk = e->kind >= EV_WALK_TABLE && e->kind <= EV_WALK_BAD;
    return (walk && e->level == level) ||
           (e->kind == EV_BITS_SET && level == machine_access(p->s.m)->walk.level);
}

static void draw_level(const struct painter *p, const struct area *a, int y, unsigned i) {
    unsigned level = p->s.f->levels - 1 - i;
    const struct walk_read *r = read_of(p, i);
    bool now = r && is_read_now(p, level);
    enum role role = now ? ROLE_CURRENT : r ? ROLE_NORMAL : ROLE_DIM;
    const struct flight *f = &p->s.flight;
    char flags[PTE_FLAGS + 1], result[32];
    if (now) area_role(a, 0, y, a->width, 1, role), area_text(a, 0, y, role, ">");
    column_put(a, &p->c[LEVEL], 1, y, role, "L%u[%u]", level, paging_index(p->s.f, f->va, level));
    if (!r) {
        bool hit = f->tlb == TLB_OUT_HIT && !f->walked;
        if (!hit || !text_fits(a, 2 + p->c[LEVEL].width, y, role, "not read"))
            text_fits(a, 2 + p->c[LEVEL].width, y, role, "-");
        return;
    }
    struct text t = text_in(flags, sizeof flags);
    format_pte_flags(&t, p->s.f, word_of(p, r));
    say_result(p, r, i + 1 == machine_access(p->s.m)->walk.reads, result, sizeof result);
    column_put(a, &p->c[ADDRESS], 1, y, role, "%0*llx", p->c[ADDRESS].width, (unsigned long long)r->addr);
    column_put(a, &p->c[WORD], 1, y, role, "%0*llx", pte_digits(p->s.f), (unsigned long long)word_of(p, r));
    column_put(a, &p->c[FLAGS], 1, y, role, "%s", flags);
    column_put(a, &p->c[RESULT], 1, y, role, "%s", result);
}

/* How the PTE's address comes about. */
static void draw_sum(const struct painter *p, const struct area *a, int y, unsigned i) {
    const struct walk_read *r = read_of(p, i);
    int digits = p->digits;
    char sum[96];
    if (!r) return;
    snprintf(sum, sizeof sum, "table %0*llx + %u x %u = %0*llx", digits, (unsigned long long)r->table,
             r->index, p->s.f->pte_bytes, digits, (unsigned long long)r->addr);
    text_fits(a, 3, y, ROLE_DIM, sum);
}

static int level_width(const struct sight *s) {
    int widest = 0;
    for (unsigned l = 0; l < s->f->levels; l++) {
        int w = 3 + decimal_digits(l) + decimal_digits(paging_index(s->f, s->flight.va, l));
        if (w > widest) widest = w;
    }
    return widest;
}

static int flag_count(const struct paging_format *f) {
    int n = 0;
    for (unsigned flags = paging_flags(f); flags; flags &= flags - 1) n++;
    return n;
}

/* Addresses as wide as the narration writes them, or as this RAM needs, or none. */
static void choose_columns(struct painter *p, int width) {
    const int digits[] = {pa_digits(p->s.f), ram_digits(&p->s)};
    for (int i = 0; i < 2; i++) {
        const struct column all[COLUMNS] = {
            [LEVEL] = {.head = "level", .width = level_width(&p->s), .rank = 0},
            [ADDRESS] = {.head = "PTE at", .width = digits[i], .rank = 3},
            [WORD] = {.head = "PTE", .width = pte_digits(p->s.f), .rank = 2},
            [FLAGS] = {.head = "flags", .width = flag_count(p->s.f), .rank = 1},
            [RESULT] = {.head = "leads to", .width = 3 + (digits[i] > 9 ? digits[i] : 9), .rank = 4}};
        memcpy(p->c, all, sizeof all);
        columns_fit(p->c, COLUMNS, width - 1);
        p->digits = digits[i];
        if (p->c[ADDRESS].x >= 0) break;
    }
}

/* ---- the result ---- */

/* What stands in the way of a physical address. */
static void draw_no_pa(const struct sight *s, const struct area *a, int y) {
    if (s->flight.refused && text_fits(a, 1, y, ROLE_INVALID, "PA  none: not allowed")) return;
    if (s->flight.trapped && !s->flight.refused && text_fits(a, 1, y, ROLE_OS, "PA  - the OS is at work"))
        return;
    text_fits(a, 1, y, ROLE_DIM, "PA  -");
}

static void draw_pa(const struct painter *p, const struct area *a, int y, unsigned arg) {
    const struct sight *s = &p->s;
    bool now = s->last->kind >= EV_MEM_READ && s->last->kind <= EV_MEM_FETCH;
    enum role role = now ? ROLE_CURRENT : ROLE_ADDRESS;
    uint64_t offset = s->flight.va & low_bits(s->f->page_shift);
    char pa[32], sum[64];
    (void)arg;
    if (!s->flight.translated) {
        draw_no_pa(s, a, y);
        return;
    }
    snprintf(pa, sizeof pa, "PA 0x%0*llx", p->digits,
             (unsigned long long)(pfn_to_pa(s->flight.pfn, s->f->page_shift) | offset));
    snprintf(sum, sizeof sum, " = %s %llu, %s 0x%llx", short_word(p->v, "PFN"),
             (unsigned long long)s->flight.pfn, short_word(p->v, "offset"), (unsigned long long)offset);
    if (now) area_text(a, 0, y, role, ">");
    if (text_fits(a, 1, y, role, pa)) text_fits(a, 1 + (int)strlen(pa), y, ROLE_NORMAL, sum);
}

static void draw_blank(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)p, (void)a, (void)y, (void)arg;
}

/* ---- all together ---- */

static int list_lines(const struct painter *p, struct line *l) {
    int n = 0, fits = p->fields.fits ? 0 : 1000;
    l[n++] = (struct line){draw_va, 0, fits ? 0 : 5, false};
    l[n++] = (struct line){draw_names, 0, 2 + fits, false};
    l[n++] = (struct line){draw_ruler, 0, p->fields.binary ? 6 + fits : 1000, false};
    l[n++] = (struct line){draw_bits, 0, 1 + fits, false};
    l[n++] = (struct line){draw_values, 0, 1 + fits, false};
    l[n++] = (struct line){draw_blank, 0, 7, false};
    l[n++] = (struct line){draw_tlb, 0, 4, false};
    l[n++] = (struct line){draw_root, 0, 3, false};
    l[n++] = (struct line){draw_heads, 0, 6, false};
    for (unsigned i = 0; i < p->s.f->levels; i++) {
        l[n++] = (struct line){draw_level, i, 0, false};
        l[n++] = (struct line){draw_sum, i, 9, false};
    }
    l[n++] = (struct line){draw_blank, 0, 8, false};
    l[n++] = (struct line){draw_pa, 0, 0, false};
    return n;
}

/* Keep lines in the order of their ranks until the rows are full. */
static void keep_lines(struct line *l, int n, int rows) {
    for (int rank = 0; rank < 10; rank++)
        for (int i = 0; i < n && rows > 0; i++)
            if (l[i].rank == rank) {
                l[i].kept = true;
                rows--;
            }
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    struct painter p = {.v = v, .s = sight_of(v)};
    struct line line[LINES_MAX];
    st->cursor = st->scroll = 0;
    if (!p.s.flight.active) {
        wrap_at(a, 0, 0, a->width, ROLE_DIM, "no address is being translated");
        return;
    }
    p.fields = cut_address(v, &p.s, a->width);
    choose_columns(&p, a->width);
    int n = list_lines(&p, line), y = 0;
    keep_lines(line, n, a->height);
    for (int i = 0; i < n; i++)
        if (line[i].kept) line[i].draw(&p, a, y++, line[i].arg);
    if (focused) area_cursor(a, 0, 0);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    text_add(out, s.f->name ? s.f->name : "");
}

static int items(const struct view *v) { return sight_of(v).flight.active ? 1 : 0; }
static int hot_item(const struct view *v) { return items(v) - 1; }

/* Its last PTE, bit by bit. */
static void detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_of(v);
    (void)item;
    if (s.flight.active) pane_page_table.detail(v, item_of_page(s.p, s.flight.vpn), a);
}

const struct pane pane_translation = {
    .name = "translation",
    .title = "Translation",
    .digit = '2',
    .min_width = 16,
    .min_height = 3,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
};
