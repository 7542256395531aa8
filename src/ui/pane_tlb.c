/* pane_tlb.c - the translation look-aside buffer, an entry a line.
 *
 *    set way  ASID VPN   PFN rwxud age
 *     0   0    1  08048   3  r-xu-  2     '?' compared, no match   '>' hit
 *     0 > 1    1  bffff   2  rw-ud  1     '*' filled or changed    '!' not permitted
 *
 * The items are the entries, set by set; the list stays around the set that is
 * being searched.
 */
#include "ui/pane_util.h"

static int entries(const struct sight *s) { return (int)(tlb_sets(s->hw->tlb) * tlb_ways(s->hw->tlb)); }

/* "rwxud", '-' for what is clear. */
static const char *flags_of(const struct tlb_entry *e, char buf[6]) {
    static const struct {
        unsigned perm;
        char letter;
    } map[] = {{PERM_R, 'r'}, {PERM_W, 'w'}, {PERM_X, 'x'}, {PERM_U, 'u'}};
    for (size_t i = 0; i < 4; i++) buf[i] = e->perms & map[i].perm ? map[i].letter : '-';
    buf[4] = e->dirty ? 'd' : '-';
    buf[5] = '\0';
    return buf;
}

enum { SET, WAY, ASID, TAG, VPN, PFN, FLAGS, AGE, GLOBAL, COLUMNS };

static void choose_columns(const struct view *v, const struct sight *s, struct column *c, int width) {
    uint32_t sets = tlb_sets(s->hw->tlb), ways = tlb_ways(s->hw->tlb);
    /* the mark stands at the left of the way, or of the set where there is one way */
    const char *vpn_word = short_word(v, "VPN"), *pfn_word = short_word(v, "PFN");
    int vpn = vpn_digits(s->f), pfn = decimal_digits(s->k->config->frames);
    int set = decimal_digits(sets - 1) < 2 ? 2 : decimal_digits(sets - 1),
        way = ways > 100 ? 3 : 2; /* and the mark */
    bool order = s->k->config->tlb.replacement != TLB_RANDOM && ways > 1;
    const struct column all[COLUMNS] = {
        [SET] = {.head = "set", .width = sets > 1 ? 1 + set : 0, .rank = 1, .right = true},
        [WAY] = {.head = "way", .width = ways > 1 || sets == 1 ? 1 + way : 0, .rank = 2, .right = true},
        [ASID] = {.head = "ASID", .width = s->k->config->tlb.asid ? 4 : 0, .rank = 4, .right = true},
        [TAG] = {.head = "tag", .width = sets > 1 ? column_width("tag", vpn) : 0, .rank = 8},
        [VPN] = {.head = vpn_word, .width = column_width(vpn_word, vpn), .rank = 0},
        [PFN] = {.head = pfn_word, .width = column_width(pfn_word, pfn), .rank = 1, .right = true},
        [FLAGS] = {.head = "rwxud", .width = 5, .rank = 3},
        [AGE] = {.head = "age", .width = order ? 3 : 0, .rank = 5, .right = true},
        [GLOBAL] = {.head = "", .width = 6, .rank = 7},
    };
    memcpy(c, all, sizeof all);
    columns_fit(c, COLUMNS, width);
}

/* What the last events make of an entry: its mark and role. */
static char mark_of(const struct sight *s, uint32_t set, uint32_t way, enum role *role) {
    const struct flight *f = &s->flight;
    bool here = s->last->set == set;
    *role = ROLE_NORMAL;
    if (here && ((touches(s, TOUCH_WAY) && s->last->way == way) || touches(s, TOUCH_SET))) {
        *role = touches(s, TOUCH_SET) ? ROLE_MISS : s->last->kind == EV_TLB_DENIED ? ROLE_INVALID : ROLE_NOW;
        return touch_mark(s);
    }
    if (!f->active || f->tlb == TLB_OUT_NONE || f->set != set || f->way != way) return ' ';
    *role = ROLE_ADDRESS; /* the entry of the access under way */
    return '>';
}

static void draw_entry(const struct sight *s, const struct area *a, const struct column *c, int y, int item,
                       bool top) {
    uint32_t ways = tlb_ways(s->hw->tlb), set = (uint32_t)item / ways, way = (uint32_t)item % ways;
    const struct tlb_entry *e = tlb_at(s->hw->tlb, set, way);
    enum role role;
    char mark = mark_of(s, set, way, &role), flags[6];
    if (role == ROLE_NORMAL && !e->valid) role = ROLE_DIM;
    if (role == ROLE_NOW || role == ROLE_MISS) area_role(a, 0, y, a->width, 1, role);
    bool in_set = c[WAY].x < 0; /* where the mark goes */
    if (in_set)
        column_put(a, &c[SET], 0, y, role, "%c%*u", mark, c[SET].width - 1, set);
    else if (way == 0 || top)
        column_put(a, &c[SET], 0, y, role, "%u", set);
    column_put(a, &c[WAY], 0, y, role, "%c%*u", mark, c[WAY].width - 1, way);
    if (!e->valid) {
        column_put(a, &c[VPN], 0, y, role, "-");
        return;
    }
    column_put(a, &c[ASID], 0, y, role, "%u", e->asid);
    column_put(a, &c[TAG], 0, y, role, "%llx", (unsigned long long)(e->vpn / tlb_sets(s->hw->tlb)));
    column_put(a, &c[VPN], 0, y, role, "%0*llx", vpn_digits(s->f), (unsigned long long)e->vpn);
    column_put(a, &c[PFN], 0, y, role, "%llu", (unsigned long long)e->pfn);
    column_put(a, &c[FLAGS], 0, y, role, "%s", flags_of(e, flags));
    column_put(a, &c[AGE], 0, y, role, "%u", tlb_rank(s->hw->tlb, set, way));
    if (e->global) column_put(a, &c[GLOBAL], 0, y, role, "global");
}

/* One sentence on what the TLB has just done, where there is room for it. */
static void draw_verdict(const struct view *v, const struct sight *s, const struct area *a, int y) {
    const struct flight *f = &s->flight;
    const char *vpn = short_word(v, "VPN");
    enum role role = touches(s, TOUCH_SET) || touches(s, TOUCH_WAY) ? ROLE_CURRENT : ROLE_HEADING;
    if (!f->active || f->tlb == TLB_OUT_NONE) return;
    const char *what = f->denied               ? "not allowed"
                       : f->tlb == TLB_OUT_HIT ? "HIT"
                       : f->way != TLB_NO_WAY  ? "MISS, then filled"
                                               : "MISS";
    char words[96];
    snprintf(words, sizeof words, "%s %0*llx -> set %u: %s", vpn, vpn_digits(s->f),
             (unsigned long long)f->vpn, f->set, what);
    if (!text_fits(a, 0, y, role, words)) text_fits(a, 0, y, role, what);
}

static int hot_of(const struct sight *s) {
    const struct flight *f = &s->flight;
    uint32_t ways = tlb_ways(s->hw->tlb);
    if (touches(s, TOUCH_WAY)) return (int)(s->last->set * ways + s->last->way);
    if (touches(s, TOUCH_SET)) return (int)(s->last->set * ways);
    if (!f->active || f->tlb == TLB_OUT_NONE) return -1;
    return (int)(f->set * ways + (f->way == TLB_NO_WAY ? 0 : f->way));
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    struct sight s = sight_of(v);
    struct column c[COLUMNS];
    int n = entries(&s), head = a->height > 2 ? 1 : 0;
    if (n == 0) {
        area_text(a, 0, 0, ROLE_DIM, "this machine has no TLB");
        return;
    }
    int verdict = a->height > n + head ? 1 : 0, rows = a->height - head - verdict;
    struct list l = list_place(st, n, hot_of(&s), rows);
    choose_columns(v, &s, c, a->width - (n > rows ? 1 : 0));
    if (head) columns_head(a, c, COLUMNS, 0, 0);
    for (int i = 0; i < rows && l.first + i < n; i++) {
        draw_entry(&s, a, c, head + i, l.first + i, i == 0);
        if (focused && l.first + i == st->cursor) row_select(a, 0, head + i, a->width);
    }
    list_marks(a, &l, head);
    if (verdict) draw_verdict(v, &s, a, head + n + (a->height > head + n + 1 ? 1 : 0));
}

/* Rounded down: 100% are all, and one miss is seen. */
static void say_rate(struct text *out, uint64_t hits, uint64_t all) {
    double percent = 100.0 * (double)hits / (double)all, tenths = (double)(uint64_t)(percent * 10.0) / 10.0;
    bool nearly = hits < all && percent > 99.0;
    text_addf(out, "  hits %.*f%%", nearly, nearly ? tenths : (double)(uint64_t)percent);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    const struct counters *c = machine_counters(s.m);
    if (entries(&s) == 0) return;
    text_addf(out, "%u x %u", tlb_sets(s.hw->tlb), tlb_ways(s.hw->tlb));
    if (c->tlb_hits + c->tlb_misses) say_rate(out, c->tlb_hits, c->tlb_hits + c->tlb_misses);
    if (tlb_ways(s.hw->tlb) > 1) text_addf(out, "  %s", tlb_replacement_name[s.k->config->tlb.replacement]);
}

static int items(const struct view *v) {
    const struct sight s = sight_of(v);
    return entries(&s);
}

static int hot_item(const struct view *v) {
    const struct sight s = sight_of(v);
    return entries(&s) ? hot_of(&s) : -1;
}

static void detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_of(v);
    if (item < 0 || item >= entries(&s)) return;
    uint32_t ways = tlb_ways(s.hw->tlb), sets = tlb_sets(s.hw->tlb), set = (uint32_t)item / ways,
             way = (uint32_t)item % ways;
    const struct tlb_entry *e = tlb_at(s.hw->tlb, set, way);
    struct page_writer w = {a, 0};
    char perms[6];
    write_line(&w, ROLE_HEADING, "TLB entry: set %u, way %u", set, way);
    if (!e->valid) {
        write_line(&w, ROLE_NORMAL,
                   "valid     0  free: the next page of this set goes to the lowest free way");
        return;
    }
    vaddr_t va = vpn_to_va(e->vpn, s.f->page_shift);
    write_line(&w, ROLE_NORMAL, "valid     1");
    write_line(&w, ROLE_NORMAL, "VPN       0x%llx = %llu: addresses 0x%llx-0x%llx",
               (unsigned long long)e->vpn, (unsigned long long)e->vpn, (unsigned long long)va,
               (unsigned long long)(va | low_bits(s.f->page_shift)));
    write_line(&w, ROLE_NORMAL, "set       VPN mod %u = %u", sets, tlb_set_of(s.hw->tlb, e->vpn));
    write_line(&w, ROLE_NORMAL, "tag       VPN div %u = 0x%llx", sets, (unsigned long long)(e->vpn / sets));
    if (s.k->config->tlb.asid)
        write_line(&w, ROLE_NORMAL, "ASID      %u: only this process may use it", e->asid);
    write_line(&w, ROLE_NORMAL, "global    %d  %s", e->global,
               e->global ? "for every process" : "for its own process");
    write_line(&w, ROLE_NORMAL, "PFN       %llu: frame at physical address 0x%llx",
               (unsigned long long)e->pfn, (unsigned long long)pfn_to_pa(e->pfn, s.f->page_shift));
    write_line(&w, ROLE_NORMAL, "permits   %s (read, write, execute, user)", flags_of(e, perms));
    write_line(&w, ROLE_NORMAL, "dirty     %d  %s", e->dirty,
               e->dirty ? "D is set in the PTE already"
                        : "the first write must set D in the PTE: one more walk");
    write_line(&w, ROLE_NORMAL, "age       %u (0 is the most recent of its set)",
               tlb_rank(s.hw->tlb, set, way));
}

static bool matches(const struct view *v, int item, const char *needle) {
    const struct sight s = sight_of(v);
    char buf[32];
    if (item < 0 || item >= entries(&s)) return false;
    uint32_t ways = tlb_ways(s.hw->tlb);
    const struct tlb_entry *e = tlb_at(s.hw->tlb, (uint32_t)item / ways, (uint32_t)item % ways);
    snprintf(buf, sizeof buf, "0x%0*llx", vpn_digits(s.f), (unsigned long long)e->vpn);
    return e->valid && holds_word(buf, needle);
}

const struct pane pane_tlb = {
    .name = "tlb",
    .title = "TLB",
    .digit = '4',
    .min_width = 14,
    .min_height = 3,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
