/* pane_tlb.c - the translation look-aside buffers, an entry a line.
 *
 *    set way  ASID VPN   PFN rwxud age
 *     0   0    1  08048   3  r-xu-  2     '?' compared, no match   '>' hit
 *     0 > 1    1  bffff   2  rw-ud  1     '*' filled or changed    '!' not permitted
 *
 *    instruction TLB  1 x 4  reach 8 KiB  a machine with several has a line above
 *     ...                                 each, or where rows are few a letter before
 *    i  0   1  08048 ...                  each entry (i, d, 2: the second level);
 *                                         "next" marks the way that will go
 *
 * The items are the entries, TLB by TLB and set by set; the list stays around the
 * set that is being searched. Pages of several sizes have a column for them.
 */
#include "ui/pane_tlb.h"

/* ---- columns ---- */

/* What the columns must hold, over all TLBs. */
struct needs {
    uint32_t sets, ways;
    int vpn, pfn;
    bool sizes, ages, victims, asid, globals;
};

static void need_entries(const struct sight *s, enum tlb_unit u, struct needs *n) {
    const struct tlb *t = s->hw->tlbs.unit[u];
    const struct tlb_config *c = unit_config(s, u);
    if (tlb_sets(t) > n->sets) n->sets = tlb_sets(t);
    if (tlb_ways(t) > n->ways) n->ways = tlb_ways(t);
    n->asid |= c->asid;
    n->ages |= tlb_ways(t) > 1 && (c->replacement == TLB_LRU || c->replacement == TLB_FIFO);
    n->victims |= tlb_ways(t) > 1 && c->replacement == TLB_PLRU;
    for (uint32_t i = 0; i < tlb_sets(t) * tlb_ways(t); i++) {
        const struct tlb_entry *e = tlb_at(t, i / tlb_ways(t), i % tlb_ways(t));
        if (!e->valid) continue;
        n->sizes |= e->order > 0;
        n->globals |= e->global;
        if (decimal_digits(e->pfn) > n->pfn) n->pfn = decimal_digits(e->pfn);
    }
}

static struct needs needs_of(const struct sight *s) {
    struct needs n = {.vpn = vpn_digits(s), .pfn = decimal_digits(s->k->config->frames)};
    for (uint32_t i = 0; i < s->p->vma_count; i++) n.sizes |= s->p->vma[i].order > 0;
    for (int i = 0; i < TLB_UNITS; i++)
        if (unit_entries(s, unit_order[i])) need_entries(s, unit_order[i], &n);
    return n;
}

enum { UNIT, SET, WAY, ASID, TAG, VPN, SIZE, PFN, FLAGS, AGE, NEXT, GLOBAL, COLUMNS };

static void choose_columns(const struct view *v, const struct sight *s, struct column *c, int width, bool letters) {
    struct needs n = needs_of(s);
    /* the mark stands at the left of the way, or of the set where there is one way */
    const char *vpn_word = short_word(v, "VPN"), *pfn_word = short_word(v, "PFN");
    int set = decimal_digits(n.sets - 1) < 2 ? 2 : decimal_digits(n.sets - 1),
        way = n.ways > 100 ? 3 : 2; /* and the mark */
    const struct column all[COLUMNS] = {
        [UNIT] = {.head = "", .width = letters ? 1 : 0, .rank = 1},
        [SET] = {.head = "set", .width = n.sets > 1 ? 1 + set : 0, .rank = 1, .right = true},
        [WAY] = {.head = "way", .width = n.ways > 1 || n.sets == 1 ? 1 + way : 0, .rank = 2, .right = true},
        [ASID] = {.head = "ASID", .width = n.asid ? 4 : 0, .rank = s->k->process_count > 1 ? 4 : 6, .right = true},
        [TAG] = {.head = "tag", .width = n.sets > 1 ? column_width("tag", n.vpn) : 0, .rank = 8},
        [VPN] = {.head = vpn_word, .width = column_width(vpn_word, n.vpn), .rank = 0},
        [SIZE] = {.head = "size", .width = n.sizes ? 4 : 0, .rank = 2, .right = true},
        [PFN] = {.head = pfn_word, .width = column_width(pfn_word, n.pfn), .rank = 1, .right = true},
        [FLAGS] = {.head = "rwxud", .width = 5, .rank = 3},
        [AGE] = {.head = "age", .width = n.ages ? 3 : 0, .rank = 5, .right = true},
        [NEXT] = {.head = "goes", .width = n.victims ? 4 : 0, .rank = 3},
        [GLOBAL] = {.head = "", .width = 6, .rank = 7},
    };
    memcpy(c, all, sizeof all);
    columns_fit(c, COLUMNS, width);
    if (!n.globals || c[GLOBAL].x >= 0) return;
    memcpy(c, all, sizeof all); /* no room for the word: a letter */
    c[FLAGS] = (struct column){.head = "rwxudg", .width = 6, .rank = 3};
    c[GLOBAL].width = 0;
    columns_fit(c, COLUMNS, width);
}

/* ---- rows ---- */

/* What the last events make of an entry: its mark and role. */
static char mark_of(const struct sight *s, const struct tlb_item *p, enum role *role) {
    const struct flight *f = &s->flight;
    const struct tlb_look *look = &f->look[p->unit];
    bool way = touches_unit(s, TOUCH_WAY, p->unit), set = touches_unit(s, TOUCH_SET, p->unit);
    *role = ROLE_NORMAL;
    if (s->last->set == p->set && ((way && s->last->way == p->way) || set)) {
        *role = set ? ROLE_MISS : s->last->kind == EV_TLB_DENIED ? ROLE_INVALID : ROLE_NOW;
        return touch_mark(s);
    }
    if (!f->active || look->way == TLB_NO_WAY || look->set != p->set || look->way != p->way) return ' ';
    *role = ROLE_ADDRESS; /* the entry of the access under way */
    return '>';
}

static void put_valid(const struct sight *s, const struct area *a, const struct column *c, int y, const struct tlb_item *p,
                      enum role role) {
    const struct tlb_entry *e = tlb_at(p->tlb, p->set, p->way);
    enum tlb_replacement by = unit_config(s, p->unit)->replacement;
    char flags[7], size[16];
    short_page_size(s->f, e->order, size);
    column_put(a, &c[ASID], 0, y, role, "%u", e->asid);
    column_put(a, &c[TAG], 0, y, role, "%llx", (unsigned long long)((format_vpn_bits(s->f, e->vpn) >> e->order) / tlb_sets(p->tlb)));
    vpn_put(s, a, &c[VPN], 0, y, role, e->vpn);
    column_put(a, &c[SIZE], 0, y, role, "%s", size);
    column_put(a, &c[PFN], 0, y, role, "%llu", (unsigned long long)e->pfn);
    column_put(a, &c[FLAGS], 0, y, role, "%s", tlb_flags_of(e, flags));
    if (by == TLB_LRU || by == TLB_FIFO) column_put(a, &c[AGE], 0, y, role, "%u", tlb_rank(p->tlb, p->set, p->way));
    if (by == TLB_PLRU && tlb_set_full(p) && tlb_next_victim(p->tlb, p->set) == p->way) column_put(a, &c[NEXT], 0, y, role, "next");
    if (e->global) column_put(a, &c[GLOBAL], 0, y, role, "global");
}

static void draw_entry(const struct sight *s, const struct area *a, const struct column *c, int y, int item, bool top) {
    struct tlb_item p = tlb_place_of(s, item);
    enum role role;
    char mark = mark_of(s, &p, &role);
    bool valid = tlb_at(p.tlb, p.set, p.way)->valid;
    if (role == ROLE_NORMAL && !valid) role = ROLE_DIM;
    if (role == ROLE_NOW || role == ROLE_MISS) area_role(a, 0, y, a->width, 1, role);
    column_put(a, &c[UNIT], 0, y, role == ROLE_NORMAL ? ROLE_HEADING : role, "%c", unit_letter(s, p.unit));
    bool in_set = c[WAY].x < 0; /* where the mark goes */
    if (in_set)
        column_put(a, &c[SET], 0, y, role, "%c%*u", mark, c[SET].width - 1, p.set);
    else if (p.way == 0 || top)
        column_put(a, &c[SET], 0, y, role, "%u", p.set);
    column_put(a, &c[WAY], 0, y, role, "%c%*u", mark, c[WAY].width - 1, p.way);
    if (valid) put_valid(s, a, c, y, &p, role);
    else column_put(a, &c[VPN], 0, y, role, "-");
}

/* How many pages the entries cover, in bytes. */
static void say_reach(const struct sight *s, const struct tlb *t, struct text *out) {
    uint64_t pages = tlb_reach(t);
    text_add(out, "reach ");
    if (pages >> (63 - s->f->page_shift)) text_add(out, "over 8 EiB");
    else format_size(out, pages << s->f->page_shift);
}

static void draw_unit(const struct sight *s, const struct area *a, int y, enum tlb_unit u) {
    static const char *const name[TLB_UNITS] = {[TLB_DATA] = "data", [TLB_FETCH] = "instructions", [TLB_SECOND] = "second level"};
    const struct tlb *t = s->hw->tlbs.unit[u];
    bool split = tlbs_has(&s->hw->tlbs, TLB_FETCH);
    char words[96];
    struct text w = text_in(words, sizeof words);
    int x = area_text(a, 0, y, ROLE_HEADING, u == TLB_DATA && !split ? "first level" : name[u]);
    text_addf(&w, "%u x %u ", tlb_sets(t), tlb_ways(t));
    if (text_fits(a, x + 1, y, ROLE_HEADING, words)) x += (int)w.len;
    w = text_in(words, sizeof words);
    say_reach(s, t, &w);
    if (text_fits(a, x + 1, y, ROLE_HEADING, words)) x += (int)w.len + 1;
    if (u == TLB_SECOND && s->hw->tlbs.inclusive) text_fits(a, x + 1, y, ROLE_HEADING, "inclusive");
}

/* ---- one sentence on what the TLB has just done ---- */

static void say_flush(const struct sight *s, char *buf, size_t size) {
    const struct event *e = s->last;
    bool kept = e->kind == EV_TLB_KEEP;
    bool flush = e->kind == EV_TLB_FLUSH || e->kind == EV_FLUSH_ALL || e->kind == EV_FLUSH_ASID || e->kind == EV_FLUSH_PAGE;
    buf[0] = '\0';
    if (kept) snprintf(buf, size, "kept: %u %s", e->count, e->count == 1 ? "entry" : "entries");
    if (flush) snprintf(buf, size, "flushed: %u %s dropped", e->count, e->count == 1 ? "entry" : "entries");
}

static void draw_verdict(const struct view *v, const struct sight *s, const struct area *a, int y) {
    const struct flight *f = &s->flight;
    const char *vpn = short_word(v, "VPN");
    enum role role = touches(s, TOUCH_SET) || touches(s, TOUCH_WAY) ? ROLE_CURRENT : ROLE_HEADING;
    char words[96];
    say_flush(s, words, sizeof words);
    if (words[0]) text_fits(a, 0, y, ROLE_CURRENT, words);
    if (words[0] || !f->active || f->tlb == TLB_OUT_NONE) return;
    const char *what = f->denied                                    ? "not allowed"
                       : f->tlb == TLB_OUT_HIT                      ? "HIT"
                       : f->look[TLB_SECOND].out == TLB_OUT_HIT     ? "MISS, HIT in the second level"
                       : f->way != TLB_NO_WAY                       ? "MISS, then filled"
                                                                    : "MISS";
    snprintf(words, sizeof words, "%s %0*llx -> set %u: %s", vpn, vpn_digits(s),
             (unsigned long long)format_vpn_bits(s->f, f->vpn), f->set, what);
    if (!text_fits(a, 0, y, role, words)) text_fits(a, 0, y, role, what);
}

/* ---- the pane ---- */

static int hot_of(const struct sight *s) {
    const struct flight *f = &s->flight;
    enum tlb_unit unit = (enum tlb_unit)s->last->unit;
    if (touches(s, TOUCH_WAY)) return unit_item(s, unit, s->last->set, s->last->way);
    if (touches(s, TOUCH_SET)) return unit_item(s, unit, s->last->set, 0);
    if (!f->active || f->tlb == TLB_OUT_NONE) return -1;
    return unit_item(s, f->unit, f->set, f->way == TLB_NO_WAY ? 0 : f->way);
}

/* The first row in sight, with the item of the cursor among the rows, and its TLB's name if that is near. */
static struct list place_rows(const struct sight *s, struct pane_state *st, int n, int rows, bool names) {
    cursor_place(st, n, hot_of(s));
    struct pane_state by_row = {.cursor = tlb_row_of(s, st->cursor, names), .scroll = st->scroll};
    struct list l = list_place(&by_row, n + unit_names(s, names), -1, rows);
    if (by_row.cursor == 1 && l.first == 1 && unit_names(s, names)) l.first = 0;
    st->scroll = l.first;
    return l;
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    struct sight s = sight_of(v);
    struct column c[COLUMNS];
    enum tlb_unit unit;
    int n = tlb_items(&s), head = a->height > 2 ? 1 : 0;
    bool names = a->height >= n + unit_names(&s, true) + head; /* else letters */
    int all = n + unit_names(&s, names);
    if (n == 0) {
        area_text(a, 0, 0, ROLE_DIM, "this machine has no TLB");
        st->cursor = st->scroll = 0;
        return;
    }
    int verdict = a->height > all + head ? 1 : 0, rows = a->height - head - verdict;
    struct list l = place_rows(&s, st, n, rows, names);
    choose_columns(v, &s, c, a->width - (all > rows ? 1 : 0), !names && unit_count(&s) > 1);
    if (head) columns_head(a, c, COLUMNS, 0, 0);
    for (int i = 0; i < rows && l.first + i < all; i++) {
        int item = tlb_item_of_row(&s, l.first + i, names, &unit);
        if (item < 0) draw_unit(&s, a, head + i, unit);
        else draw_entry(&s, a, c, head + i, item, i == 0);
        if (focused && item == st->cursor) row_select(a, 0, head + i, a->width);
    }
    list_marks(a, &l, head);
    if (verdict) draw_verdict(v, &s, a, head + all + (a->height > head + all + 1 ? 1 : 0));
}

/* Rounded down: 100% are all, and one miss is seen. */
static void say_rate(struct text *out, uint64_t hits, uint64_t all) {
    double percent = 100.0 * (double)hits / (double)all, tenths = (double)(uint64_t)(percent * 10.0) / 10.0;
    bool nearly = hits < all && percent > 99.0;
    text_addf(out, "%shits %.*f%%", out->len ? "  " : "", nearly, nearly ? tenths : (double)(uint64_t)percent);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    const struct counters *c = machine_counters(s.m);
    const struct tlb *t = s.hw->tlbs.unit[TLB_DATA];
    if (tlb_items(&s) == 0) return;
    if (unit_count(&s) == 1) text_addf(out, "%u x %u", tlb_sets(t), tlb_ways(t));
    if (c->tlb_hits + c->tlb_misses) say_rate(out, c->tlb_hits, c->tlb_hits + c->tlb_misses);
    const char *rule = tlb_replacement_name[s.k->config->tlb.replacement];
    bool ruled = tlb_ways(t) > 1, usual = s.k->config->tlb.replacement == TLB_LRU; /* the unusual one comes first */
    if (ruled && !usual) text_addf(out, "  %s", rule);
    if (unit_count(&s) == 1) {
        text_add(out, "  ");
        say_reach(&s, t, out);
    }
    if (ruled && usual) text_addf(out, "  %s", rule);
}

/* Several TLBs want rows for all their entries, and their names or the column heads. */
static int rows_wanted(const struct view *v) {
    const struct sight s = sight_of(v);
    int all = tlb_items(&s) + unit_names(&s, true) + 1;
    return unit_count(&s) < 2 ? 0 : all < 16 ? all : 16;
}

static int items(const struct view *v) {
    const struct sight s = sight_of(v);
    return tlb_items(&s);
}

static int hot_item(const struct view *v) {
    const struct sight s = sight_of(v);
    return tlb_items(&s) ? hot_of(&s) : -1;
}

static bool matches(const struct view *v, int item, const char *needle) {
    const struct sight s = sight_of(v);
    char buf[32];
    if (item < 0 || item >= tlb_items(&s)) return false;
    struct tlb_item p = tlb_place_of(&s, item);
    const struct tlb_entry *e = tlb_at(p.tlb, p.set, p.way);
    snprintf(buf, sizeof buf, "0x%0*llx", vpn_digits(&s), (unsigned long long)format_vpn_bits(s.f, e->vpn));
    return e->valid && holds_word(buf, needle);
}

const struct pane pane_tlb = {
    .name = "tlb",
    .title = "TLB",
    .digit = '4',
    .min_width = 14,
    .min_height = 3,
    .rows = rows_wanted,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = tlb_detail,
    .matches = matches,
};
