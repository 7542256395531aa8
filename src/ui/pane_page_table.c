/* pane_page_table.c - page-table entries of the process that runs, as they
 * stand in RAM, and where each page is.
 *
 *      VPN   V rwxuad where    region
 *      08049 1 r-xua- frame 1  text
 *    > 0804c 0 ------ zero     heap       '>' in use   '*' changed just now
 *
 * The items are the pages of all regions, ascending; gaps are passed over. Each
 * entry is found the way the hardware finds it, from the root down.
 */
#include "ui/pane_util.h"

#include <ctype.h>

/* The letters of the format's flags, and of `flags` in them; V has a column of its own, G only the detail. */
static void flag_letters(const struct paging_format *f, unsigned flags, char out[PTE_FLAGS + 1]) {
    static const enum pte_flag order[] = {PTE_R, PTE_W, PTE_X, PTE_U, PTE_A, PTE_D};
    size_t n = 0;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (paging_has(f, order[i]))
            out[n++] = flags & PTE_BIT(order[i]) ? (char)tolower((unsigned char)pte_letter[order[i]]) : '-';
    out[n] = '\0';
}

enum { MARK, VPN, VALID, FLAGS, PLACE, REGION, WORD, ADDRESS, COLUMNS };
struct table {
    struct column c[COLUMNS];
    char flags_head[PTE_FLAGS + 1];
};

static void choose_columns(const struct view *v, const struct sight *s, struct table *t, int width) {
    const char *vpn = short_word(v, "VPN");
    int place = 6 + decimal_digits(s->k->config->frames);
    flag_letters(s->f, UINT32_MAX, t->flags_head);
    int flags = (int)strlen(t->flags_head);
    const struct column all[COLUMNS] = {
        [MARK] = {.head = "", .width = 1, .rank = 1},
        [VPN] = {.head = vpn, .width = column_width(vpn, vpn_digits(s->f)), .rank = 0},
        [VALID] = {.head = "V", .width = 1, .rank = 2},
        [FLAGS] = {.head = t->flags_head, .width = flags, .rank = 4},
        [PLACE] = {.head = "where", .width = place, .rank = 3},
        [REGION] = {.head = "region", .width = 6, .rank = 5},
        [WORD] = {.head = "PTE", .width = column_width("no table", pte_digits(s->f)), .rank = 6},
        [ADDRESS] = {.head = "at", .width = pa_digits(s->f), .rank = 7},
    };
    memcpy(t->c, all, sizeof all);
    columns_fit(t->c, COLUMNS, width);
}

static enum role role_of(const struct sight *s, const struct vma *r, vpn_t vpn, char *mark) {
    *mark = page_changed(s, vpn) ? '*' : page_in_use(s, vpn) ? '>' : ' ';
    if (*mark == '*') return ROLE_NOW;
    if (*mark == '>') return ROLE_ADDRESS;
    return vma_page_state(r, vpn) == PAGE_RESIDENT ? ROLE_NORMAL : ROLE_DIM;
}

static void draw_row(const struct sight *s, const struct area *a, const struct table *t, int y, int item) {
    const struct column *c = t->c;
    vpn_t vpn;
    paddr_t addr;
    uint64_t word;
    const struct vma *r = page_of_item(s->p, item, &vpn);
    if (!r) return;
    bool table = pagetable_find(s->k, s->running, vpn, &addr, &word);
    struct pte pte = paging_decode(s->f, table ? word : 0);
    char mark, flags[PTE_FLAGS + 1], place[32];
    struct text where = text_in(place, sizeof place);
    enum role role = role_of(s, r, vpn, &mark);
    place_of_page(&where, r, vpn);
    flag_letters(s->f, pte.flags, flags);
    if (role == ROLE_NOW) area_role(a, 0, y, a->width, 1, role);
    column_put(a, &c[MARK], 0, y, role, "%c", mark);
    column_put(a, &c[VPN], 0, y, role, "%0*llx", vpn_digits(s->f), (unsigned long long)vpn);
    column_put(a, &c[VALID], 0, y, role, "%d", (pte.flags & PTE_BIT(PTE_V)) != 0);
    column_put(a, &c[FLAGS], 0, y, role, "%s", flags);
    column_put(a, &c[PLACE], 0, y, role, "%s", place);
    column_put(a, &c[REGION], 0, y, role == ROLE_NORMAL ? region_role(r->kind) : role, "%s", r->name);
    if (table)
        column_put(a, &c[WORD], 0, y, role, "%0*llx", pte_digits(s->f), (unsigned long long)word);
    else
        column_put(a, &c[WORD], 0, y, role, "no table");
    if (table) column_put(a, &c[ADDRESS], 0, y, role, "%0*llx", pa_digits(s->f), (unsigned long long)addr);
}

static int hot_of(const struct sight *s) {
    const struct event *e = s->last;
    if (touches(s, TOUCH_OLD_PAGE) && e->old_proc == s->running) return item_of_page(s->p, e->old_vpn);
    return s->flight.active && s->flight.proc == s->running ? item_of_page(s->p, s->flight.vpn) : -1;
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    struct sight s = sight_of(v);
    struct table t;
    int n = page_items(s.p), head = a->height > 2 ? 1 : 0, rows = a->height - head;
    if (n == 0) area_text(a, 0, 0, ROLE_DIM, "(nothing mapped)");
    struct list l = list_place(st, n, hot_of(&s), rows);
    choose_columns(v, &s, &t, a->width - (n > rows ? 2 : 0));
    if (head && n > 0) columns_head(a, t.c, COLUMNS, 0, 0);
    for (int i = 0; i < rows && l.first + i < n; i++) {
        draw_row(&s, a, &t, head + i, l.first + i);
        if (focused && l.first + i == st->cursor) row_select(a, 0, head + i, a->width);
    }
    list_marks(a, &l, head);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    text_addf(out, "%s  %s", s.p->name, s.f->name ? s.f->name : "");
}

static int items(const struct view *v) { return page_items(sight_of(v).p); }

static int hot_item(const struct view *v) {
    const struct sight s = sight_of(v);
    return hot_of(&s);
}

/* ---- one entry, bit by bit ---- */

/* clang-format off */
static const char *const flag_meaning[PTE_FLAGS][2] = {
    [PTE_V] = {"not valid: an access faults, the rest means nothing to the MMU", "valid: the MMU may use this entry"},
    [PTE_R] = {"not readable", "readable"},
    [PTE_W] = {"not writable: a store faults", "writable"},
    [PTE_X] = {"not executable: a fetch faults", "executable"},
    [PTE_U] = {"for the kernel only", "user mode may use it"},
    [PTE_G] = {"belongs to one address space", "global: mapped in every address space"},
    [PTE_A] = {"not used since the OS last cleared it (also called R)", "used: set by the MMU (also called R)"},
    [PTE_D] = {"clean: not written since it was loaded", "dirty: written, memory differs from the disk"},
};
/* clang-format on */

/* A ruler over the word's bits, and the bits in groups of four; 32 a line. */
static void write_bits(struct page_writer *w, const struct paging_format *f, uint64_t word) {
    int bits = (int)f->pte_bytes * 8, groups = (w->a->width - 2) / 5;
    int row = groups >= 16 ? 64 : groups >= 8 ? 32 : groups >= 4 ? 16 : 8;
    for (int high = bits - 1; high >= 0; high -= row) {
        for (int i = 0; i < row && high - i >= 0; i++) {
            int bit = high - i, x = 1 + i + i / 4;
            area_text(w->a, x, w->y + 1, ROLE_ADDRESS, word >> bit & 1 ? "1" : "0");
            if (i % 4 == 0) area_printf(w->a, x, w->y, ROLE_HEADING, "%d", bit);
        }
        w->y += 2;
    }
}

static void write_fields(struct page_writer *w, const struct paging_format *f, struct pte pte) {
    for (unsigned i = 0; i < PTE_FLAGS; i++) {
        if (f->flag_bit[i] < 0) continue;
        bool set = pte.flags & PTE_BIT(i);
        write_line(w, set ? ROLE_NORMAL : ROLE_DIM, " bit %2d    %c  %d  %s", f->flag_bit[i], pte_letter[i],
                   set, flag_meaning[i][set]);
    }
    bool valid = pte.flags & PTE_BIT(PTE_V);
    write_line(w, valid ? ROLE_NORMAL : ROLE_DIM, " bits %u-%u PFN  %llu%s", f->pfn_bit,
               f->pfn_bit + f->pfn_bits - 1, (unsigned long long)pte.pfn,
               valid ? ": the frame that holds the page" : " (means nothing while V=0)");
}

static void detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_of(v);
    struct page_writer w = {a, 0};
    vpn_t vpn;
    paddr_t addr;
    uint64_t word;
    char place[32];
    struct text where = text_in(place, sizeof place);
    const struct vma *r = page_of_item(s.p, item, &vpn);
    if (!r) return;
    place_of_page(&where, r, vpn);
    vaddr_t va = vpn_to_va(vpn, s.f->page_shift);
    write_line(&w, ROLE_HEADING, "Page %0*llx of %s: page %llu of %s", vpn_digits(s.f),
               (unsigned long long)vpn, s.p->name, (unsigned long long)(vpn - r->first), r->name);
    write_line(&w, ROLE_NORMAL, "addresses %0*llx-%0*llx", va_digits(s.f), (unsigned long long)va,
               va_digits(s.f), (unsigned long long)(va | low_bits(s.f->page_shift)));
    write_line(&w, ROLE_NORMAL, "where     %s", place);
    if (!pagetable_find(s.k, s.running, vpn, &addr, &word)) {
        write_line(
            &w, ROLE_NORMAL,
            "PTE       none: there is no table for this address yet (entry above it at 0x%llx is not valid)",
            (unsigned long long)addr);
        return;
    }
    write_line(&w, ROLE_NORMAL, "PTE       at 0x%llx: %0*llx", (unsigned long long)addr, pte_digits(s.f),
               (unsigned long long)word);
    write_bits(&w, s.f, word);
    write_fields(&w, s.f, paging_decode(s.f, word));
}

static bool matches(const struct view *v, int item, const char *needle) {
    const struct sight s = sight_of(v);
    vpn_t vpn;
    char buf[64];
    const struct vma *r = page_of_item(s.p, item, &vpn);
    if (!r) return false;
    snprintf(buf, sizeof buf, "0x%0*llx %s", vpn_digits(s.f), (unsigned long long)vpn, r->name);
    return holds_word(buf, needle);
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
