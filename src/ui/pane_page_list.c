/* pane_page_list.c - page-table entries of the process that runs, as they stand in
 * RAM, and where each page is.
 *
 *      VPN   V rwxuad where    region
 *      08049 1 r-xua- frame 1  text
 *    > 0804c 0 ------ zero     heap       '>' in use   '*' changed just now
 *      00200 1 rw-uad frame 512 heap 2M   a huge page: one entry maps all its pages
 *
 *      40000 1 rw-uad frame 0  -         an entry outside the regions: the kernel knows no more
 *
 * The items are the pages of all regions, ascending; gaps are passed over. Each
 * entry is found the way the hardware finds it, from the root down.
 */
#include "ui/page_twins.h"
#include "ui/pane_page_table.h"

enum { MARK, VPN, VALID, FLAGS, PLACE, REGION, HUGE, WORD, ADDRESS, COLUMNS };
struct table {
    struct column c[COLUMNS];
    char flags_head[PTE_FLAGS + 1];
};

/* Are there huge pages in the process's regions, or outside? */
static bool has_huge(const struct sight *s) {
    struct by_hand entry[BY_HAND_MAX];
    for (uint32_t i = 0; i < s->p->vma_count; i++)
        if (s->p->vma[i].order) return true;
    for (size_t i = 0, n = pages_by_hand(s, entry); i < n; i++)
        if (entry[i].pages > 1) return true;
    return false;
}

static void choose_columns(const struct view *v, const struct sight *s, struct table *t, int width) {
    const char *vpn = short_word(v, "VPN");
    int place = 6 + decimal_digits(s->k->config->frames);
    flag_letters(s->f, UINT32_MAX, t->flags_head);
    int flags = (int)strlen(t->flags_head);
    const struct column all[COLUMNS] = {
        [MARK] = {.head = "", .width = 1, .rank = 1},
        [VPN] = {.head = vpn, .width = column_width(vpn, vpn_digits(s)), .rank = 0},
        [VALID] = {.head = "V", .width = 1, .rank = 2},
        [FLAGS] = {.head = t->flags_head, .width = flags, .rank = 4},
        [PLACE] = {.head = "where", .width = place, .rank = 3},
        [REGION] = {.head = "region", .width = 6, .rank = 5},
        [HUGE] = {.head = "page", .width = has_huge(s) ? 5 : 0, .rank = 5},
        [WORD] = {.head = "PTE", .width = column_width("no table", pte_digits(s->f)), .rank = 6},
        [ADDRESS] = {.head = "at", .width = pa_digits(s->f), .rank = 7},
    };
    memcpy(t->c, all, sizeof all);
    columns_fit(t->c, COLUMNS, width);
}

static enum role role_of(const struct sight *s, const struct page_item *i, char *mark) {
    vpn_t vpn = i->vpn, used = s->flight.vpn >= vpn && s->flight.vpn - vpn < i->pages ? s->flight.vpn : vpn;
    *mark = page_changed(s, vpn) || page_changed(s, used) ? '*' : page_in_use(s, used) ? '>' : ' ';
    if (*mark == '*') return ROLE_NOW;
    if (*mark == '>') return ROLE_ADDRESS;
    return !i->region || vma_page_state(i->region, vpn) == PAGE_RESIDENT ? ROLE_NORMAL : ROLE_DIM;
}

/* Where the page is: the kernel says it of its regions, the entry itself of others. */
static void say_place(const struct view *v, const struct sight *s, const struct page_item *i, const struct pte *pte, struct text *out) {
    if (i->region) place_of_page(out, s, i->region, i->vpn);
    else if (!(pte->flags & PTE_BIT(PTE_V))) text_add(out, "nowhere");
    else if (pte->pfn < s->k->config->frames) text_addf(out, "frame %llu", (unsigned long long)pte->pfn);
    else text_addf(out, "%s %llx", short_word(v, "PFN"), (unsigned long long)pte->pfn);
}

/* "2M": the size of a huge page. */
static void put_size(const struct sight *s, const struct area *a, const struct column *c, int y, enum role role, vpn_t pages) {
    char size[16];
    unsigned order = 0;
    while (pages >> (order + 1)) order++;
    if (order) column_put(a, c, 0, y, role, "%s", short_page_size(s->f, order, size));
}

static void draw_row(const struct view *v, const struct sight *s, const struct area *a, const struct table *t, int y, int item) {
    const struct column *c = t->c;
    struct page_item i;
    if (!page_of_item(s, item, &i)) return;
    struct pte_at at = pagetable_at(s->k, s->proc, i.vpn);
    struct pte pte = paging_decode(s->f, at.found ? at.word : 0);
    char mark, flags[PTE_FLAGS + 1], place[32];
    struct text where = text_in(place, sizeof place);
    enum role role = role_of(s, &i, &mark);
    say_place(v, s, &i, &pte, &where);
    flag_letters(s->f, pte.flags, flags);
    if (role == ROLE_NOW) area_role(a, 0, y, a->width, 1, role);
    column_put(a, &c[MARK], 0, y, role, "%c", mark);
    vpn_put(s, a, &c[VPN], 0, y, role, i.vpn);
    column_put(a, &c[VALID], 0, y, role, "%d", (pte.flags & PTE_BIT(PTE_V)) != 0);
    column_put(a, &c[FLAGS], 0, y, role, "%s", flags);
    column_put(a, &c[PLACE], 0, y, role, "%s", place);
    column_put(a, &c[REGION], 0, y, i.region && role == ROLE_NORMAL ? region_role(i.region->kind) : role, "%s",
               i.region ? i.region->name : "-");
    put_size(s, a, &c[HUGE], y, role, i.pages);
    if (at.found)
        column_put(a, &c[WORD], 0, y, role, "%0*llx", pte_digits(s->f), (unsigned long long)at.word);
    else
        column_put(a, &c[WORD], 0, y, role, "%s", s->f->shape == SHAPE_TREE ? "no table" : "no entry");
    if (at.found) column_put(a, &c[ADDRESS], 0, y, role, "%0*llx", pa_digits(s->f), (unsigned long long)at.addr);
}

static int hot(const struct view *v, const struct sight *s) {
    const struct event *e = s->last;
    (void)v;
    if (touches(s, TOUCH_OLD_PAGE) && e->old_proc == s->proc) return item_of_page(s, e->old_vpn);
    return s->flight.active && s->flight.proc == s->proc ? item_of_page(s, s->flight.vpn) : -1;
}

static int items(const struct view *v, const struct sight *s) {
    (void)v;
    return page_items(s);
}

static void draw(const struct view *v, const struct sight *s, const struct area *a, struct pane_state *st, bool focused) {
    struct table t;
    int n = page_items(s), head = a->height > 2 ? 1 : 0, rows = a->height - head;
    if (n == 0) area_text(a, 0, 0, ROLE_DIM, "(nothing mapped)");
    struct list l = list_place(st, n, hot(v, s), rows);
    choose_columns(v, s, &t, a->width - (n > rows ? 2 : 0));
    if (head && n > 0) columns_head(a, t.c, COLUMNS, 0, 0);
    for (int i = 0; i < rows && l.first + i < n; i++) {
        draw_row(v, s, a, &t, head + i, l.first + i);
        if (focused && l.first + i == st->cursor) row_select(a, 0, head + i, a->width);
    }
    list_marks(a, &l, head);
}

/* ---- one entry, bit by bit ---- */

static void say_no_entry(struct page_writer *w, const struct sight *s, vaddr_t va, const struct pte_at *at) {
    if (s->f->shape != SHAPE_TREE) {
        write_line(w, ROLE_NORMAL, "entry     none: the inverted table has entries for pages in frames only");
        return;
    }
    write_line(w, ROLE_NORMAL, "PTE       none: there is no table for this address yet. The way ends above it:");
    w->y++;
    write_entry(w, s, at->addr, at->word, at->level, paging_index(s->f, va, at->level));
}

static void write_page(struct page_writer *w, const struct view *v, const struct sight *s, const struct page_item *i, const struct pte *pte) {
    char place[32], first[24], last[24];
    struct text where = text_in(place, sizeof place);
    vaddr_t va = vpn_to_va(i->vpn, s->f->page_shift), end = va + (i->pages << s->f->page_shift);
    unsigned long long vpn = (unsigned long long)format_vpn_bits(s->f, i->vpn);
    say_place(v, s, i, pte, &where);
    if (i->region) write_line(w, ROLE_HEADING, "Page %0*llx of %s: page %llu of %s", vpn_digits(s), vpn, s->p->name,
                              (unsigned long long)(i->vpn - i->region->first), i->region->name);
    else write_line(w, ROLE_HEADING, "Page %0*llx of %s: in no region", vpn_digits(s), vpn, s->p->name);
    write_line(w, ROLE_NORMAL, "addresses %s-%s", va_text(s->f, va, first), va_text(s->f, end - 1, last));
    write_line(w, ROLE_NORMAL, "where     %s", place);
    if (!i->region)
        write_line(w, ROLE_NORMAL, "given     by the scenario, as a word: the hardware obeys it, the kernel knows nothing of it");
}

static void detail(const struct view *v, const struct sight *s, int item, struct page_writer *w) {
    struct page_item i;
    if (!page_of_item(s, item, &i)) return;
    struct pte_at at = pagetable_at(s->k, s->proc, i.vpn);
    struct pte pte = paging_decode(s->f, at.found ? at.word : 0);
    vaddr_t va = vpn_to_va(i.vpn, s->f->page_shift);
    write_page(w, v, s, &i, &pte);
    if (!at.found) {
        say_no_entry(w, s, va, &at);
        write_twins(w, s, i.region, i.vpn);
        return;
    }
    w->y++;
    uint32_t index = s->f->shape == SHAPE_TREE ? paging_index(s->f, va, at.level) : (uint32_t)at.pfn;
    write_entry(w, s, at.addr, at.word, at.level, index);
    write_twins(w, s, i.region, i.vpn);
}

static bool matches(const struct view *v, const struct sight *s, int item, const char *needle) {
    struct page_item i;
    char buf[64];
    (void)v;
    if (!page_of_item(s, item, &i)) return false;
    snprintf(buf, sizeof buf, "0x%0*llx %s", vpn_digits(s), (unsigned long long)format_vpn_bits(s->f, i.vpn),
             i.region ? i.region->name : "");
    return holds_word(buf, needle);
}

const struct table_way way_list = {"", items, hot, draw, detail, matches};
