/* pane_address_space.c - the virtual address space of the process that runs,
 * the highest address on top, as the lecture note draws it.
 *
 *    ffffffff kernel               one line at least for each region, more for
 *    c0000000 --- top              large ones; at its left the lowest address
 *    bffff000 stack ##s            of the line, at its right the scale
 *             v                    (x16: a cell stands for 16 pages), '<' where
 *             :                    the access under way is, '*' where a page has
 *             ^                    just come or gone
 *    0804e000 --- brk
 *    0804c000 heap  @.
 *    00000000 (not mapped)
 *
 * In formats whose addresses must be canonical, the upper half's are written out
 * on lines of their own, and between the halves lies the hole:
 *
 *    ffffffc000000000 kernel
 *    canonical hole: these addresses cannot exist
 *    4000000000 --- top
 *
 * Entries that a scenario gives as words lie outside the regions: a line each.
 *
 * The lines themselves are made in pane_address_lines.c, once to count them and
 * once to draw; here it is chosen which kinds of lines take part, and how many a
 * region may have, so that they fill the height (make_plan).
 */
#include "ui/pane_address_space.h"

/* ---- choosing what fits ---- */

static int lines_of(struct painter *p) {
    const struct area *a = p->a;
    p->a = NULL;
    emit_all(p);
    p->a = a;
    return p->y;
}

/* Of the regions with cells; kernel space has none, and room for its name. */
static int longest_name(const struct process *proc) {
    int longest = 4;
    for (uint32_t i = 0; i < proc->vma_count; i++) {
        int length = proc->vma[i].kind == VMA_KERNEL ? 0 : (int)strlen(proc->vma[i].name);
        if (length > longest) longest = length;
    }
    return longest > 10 ? 10 : longest;
}

/* Cells of the largest region: a huge page is one. */
static vpn_t largest_region(const struct process *proc) {
    vpn_t largest = 1;
    for (uint32_t i = 0; i < proc->vma_count; i++) {
        const struct vma *r = &proc->vma[i];
        vpn_t cells = (r->end - r->first) >> r->order;
        if (r->kind != VMA_KERNEL && cells > largest) largest = cells;
    }
    return largest;
}

/* Hex digits of the addresses to be shown: in a wide space, only as many as the highest region of its
 * lower half needs. Those of an upper half are written out on lines of their own. */
static int address_digits(const struct sight *s) {
    int all = va_digits(s->f), digits = 8;
    for (uint32_t i = 0; i < s->p->vma_count; i++) {
        if (in_upper_half(s, s->p->vma[i].first)) continue;
        while (digits < all && vpn_to_va(s->p->vma[i].end, s->f->page_shift) >> (4 * digits)) digits++;
    }
    return all < digits ? all : digits;
}

/* Widths: addresses give way to page numbers, to shortened addresses and then to nothing, and at the very
 * last names are cut, before there are fewer than two cells. `note` columns at least stay free at the right. */
static void plan_columns(struct plan *plan, const struct sight *s, int width, int note) {
    const int full = address_digits(s), pages = full - (va_digits(s->f) - (int)format_vpn_digits(s->f)),
              shorter = full > SHORT_ADDRESS ? SHORT_ADDRESS : 0, name = longest_name(s->p);
    const struct {
        int addr, name, note;
        bool box;
        enum address_style style;
    } tries[] = {{full, name, 6, true, ADDRESS_WHOLE},   {full, name, 4, false, ADDRESS_WHOLE}, {full, name, 1, false, ADDRESS_WHOLE},
                 {pages, name, 1, false, ADDRESS_PAGE},  {shorter, name, 1, false, ADDRESS_SHORT}, {0, name, 1, false, ADDRESS_WHOLE},
                 {0, 5, 1, false, ADDRESS_WHOLE},        {0, 4, 0, false, ADDRESS_WHOLE}};
    enum { TRIES = sizeof tries / sizeof tries[0], ADDRESSES = 3 };
    int wish = largest_region(s->p) < 6 ? (int)largest_region(s->p) : 6;
    for (int round = 0; round < ADDRESSES + TRIES; round++) {
        int i = round < ADDRESSES ? round : round - ADDRESSES; /* at first a line for each small region */
        plan->addr = tries[i].addr;
        plan->name = tries[i].name < name ? tries[i].name : name;
        plan->note = tries[i].note > note ? tries[i].note : note;
        plan->boxed = tries[i].box;
        plan->style = tries[i].style;
        plan->cells =
            width - ((plan->addr ? plan->addr + 1 : 0) + plan->name + 1 + plan->note + (plan->boxed ? 4 : 0));
        if (plan->cells >= (round < ADDRESSES || plan->boxed ? wish : 2)) break;
    }
    if (plan->cells < 1) plan->cells = 1;
    if (plan->cells > 64) plan->cells = 64;
}

/* What the cells mean, in long and short words. */
/* clang-format off */
enum { LEGEND_ITEMS = 4, WORDINGS = 3 };
struct legend_item {
    enum glyph glyph;
    const char *words[WORDINGS]; /* ever shorter */
};
static const struct legend_item legend[2][LEGEND_ITEMS] = {
    {{GLYPH_RESIDENT, {" resident", "RAM", "RAM"}}, {GLYPH_SWAPPED, {" in swap", "swap", "swap"}}, {GLYPH_THIS, {" this access", "this", "this"}}},
    {{GLYPH_IN_FILE, {" in file", "file", "file"}}, {GLYPH_UNTOUCHED, {" untouched", "untouched", "new"}}}};
/* The second row where frames are shared, and where there is a page of zeros. */
static const struct legend_item legend_shared[LEGEND_ITEMS] = {
    {GLYPH_SHARED, {" shared", "shared", "shared"}}, {GLYPH_IN_FILE, {" in file", "file", "file"}}, {GLYPH_UNTOUCHED, {" untouched", "untouched", "new"}}};
static const struct legend_item legend_zeros[LEGEND_ITEMS] = {
    {GLYPH_ZEROS, {" zero page", "zero page", "zeros"}}, {GLYPH_SHARED, {" shared", "shared", "shared"}}, {GLYPH_UNTOUCHED, {" untouched", "untouched", "new"}}};
/* clang-format on */

/* Rows below the regions: legend and summary. */
static int footer_rows(const struct painter *p) {
    return has(p, X_SUMMARY) + has(p, X_LEGEND) + has(p, X_LEGEND_2);
}

static bool fits(struct painter *p) { return lines_of(p) + footer_rows(p) <= p->a->height; }

/* More lines for the regions, as far as they fit. */
static void grow_regions(struct painter *p, int most) {
    while (p->plan.region_rows < most) {
        p->plan.region_rows++;
        if (fits(p)) continue;
        p->plan.region_rows--;
        return;
    }
}

static void plan_lines(struct painter *p) {
    p->plan.region_rows = 1;
    p->plan.gap_rows = 0;
    p->plan.extras = 0;
    for (int x = 0; x < EXTRAS; x++) {
        if (x == X_LEGEND) grow_regions(p, 4);
        p->plan.extras |= 1u << x;
        if (!fits(p)) p->plan.extras &= ~(1u << x);
    }
    grow_regions(p, p->a->height);
    for (p->plan.gap_rows = 0; p->plan.gap_rows < 8; p->plan.gap_rows++)
        if (!fits(p)) break;
    if (!fits(p)) p->plan.gap_rows--;
}

/* Columns that the longest scale takes, with a blank before and the mark behind it: 1 where there is none. */
static int scale_width(const struct painter *p, bool *usual) {
    int widest = 1;
    *usual = false;
    for (uint32_t i = 0; i < p->s.p->vma_count; i++) {
        char scale[40];
        say_scale(p, &p->s.p->vma[i], shape_of(&p->s.p->vma[i], &p->plan).scale, scale, sizeof scale);
        int width = scale[0] ? (int)strlen(scale) + 2 : 1;
        *usual |= width > 1 && p->s.p->vma[i].order == 0;
        if (width > widest) widest = width;
    }
    return widest;
}

/* The scale must be said where there is one, which takes columns from the cells: so twice. The size of
 * huge pages, which other panes say too, is not worth the addresses. */
static void make_plan(struct painter *p) {
    int note = 1;
    bool usual;
    p->plan.full_width = p->a->width;
    for (int i = 0; i < 3; i++) {
        plan_columns(&p->plan, &p->s, p->a->width, note);
        plan_lines(p);
        int need = scale_width(p, &usual);
        if (p->plan.addr == 0 && note > 1 && !usual) {
            plan_columns(&p->plan, &p->s, p->a->width, 1);
            plan_lines(p);
            return;
        }
        if (need <= p->plan.note) return;
        note = need;
    }
}

/* ---- drawing ---- */

static vpn_t pages_mapped(const struct process *proc) {
    vpn_t n = 0;
    for (uint32_t i = 0; i < proc->vma_count; i++)
        if (proc->vma[i].kind != VMA_KERNEL) n += proc->vma[i].end - proc->vma[i].first;
    return n;
}

/* The row of the legend that says what this machine can show. */
static const struct legend_item *legend_row(const struct painter *p, int which) {
    const struct machine_config *c = p->s.k->config;
    if (which == 1 && c->profile == PROFILE_LINUX) return legend_zeros;
    return which == 1 && c->process_count + c->fork_count > 1 ? legend_shared : legend[which];
}

static int legend_width(const struct legend_item *item, int wording) {
    int width = -1;
    for (int i = 0; i < LEGEND_ITEMS && item[i].words[wording]; i++) width += 2 + (int)strlen(item[i].words[wording]);
    return width;
}

/* The longest wording in which all rows fit. */
static int choose_wording(const struct painter *p, int width) {
    for (int wording = 0; wording < WORDINGS - 1; wording++)
        if (legend_width(legend_row(p, 0), wording) <= width && legend_width(legend_row(p, 1), wording) <= width) return wording;
    return WORDINGS - 1;
}

static void draw_legend(const struct area *a, int y, const struct legend_item *item, int wording) {
    int x = 0;
    for (int i = 0; i < LEGEND_ITEMS && item[i].words[wording]; i++) {
        int end = x + 1 + (int)strlen(item[i].words[wording]);
        if (end > a->width) return;
        area_glyph(a, x, y, ROLE_NORMAL, item[i].glyph);
        area_text(a, x + 1, y, ROLE_DIM, item[i].words[wording]);
        x = end + 1;
    }
}

static void draw_footer(const struct painter *p, const struct area *a) {
    int y = a->height - footer_rows(p), wording = choose_wording(p, a->width);
    vpn_t mapped = pages_mapped(p->s.p);
    char words[64];
    if (has(p, X_LEGEND)) draw_legend(a, y++, legend_row(p, 0), wording);
    if (has(p, X_LEGEND_2)) draw_legend(a, y++, legend_row(p, 1), wording);
    if (!has(p, X_SUMMARY)) return;
    snprintf(words, sizeof words, "resident %u of %llu pages", p->s.p->resident, (unsigned long long)mapped);
    if ((int)strlen(words) > a->width)
        snprintf(words, sizeof words, "%u/%llu in RAM", p->s.p->resident, (unsigned long long)mapped);
    if ((int)strlen(words) <= a->width) area_text(a, 0, y, ROLE_NORMAL, words);
}

static int hot_of(const struct sight *s) {
    for (uint32_t i = 0; i < s->p->vma_count; i++)
        if (access_in(s, s->p->vma[i].first, s->p->vma[i].end)) return (int)(s->p->vma_count - 1 - i);
    return -1;
}

/* Scroll so that the wanted line is in sight. */
static void scroll_to(struct painter *p, struct pane_state *st, int lines, int rows) {
    int want = st->follow && p->hot_y >= 0 ? p->hot_y : p->select_y;
    if (want >= 0 && want < st->scroll + 1) st->scroll = want - 1;
    if (want >= 0 && want > st->scroll + rows - 2) st->scroll = want - rows + 2;
    if (st->scroll > lines - rows) st->scroll = lines - rows;
    if (st->scroll < 0) st->scroll = 0;
    p->scroll = st->scroll;
}

void draw_space(const struct view *v, proc_t proc, proc_t beside, const struct area *a, struct pane_state *st, bool focused) {
    struct painter p = {.s = sight_at(v, proc), .a = a, .beside = beside};
    int n = (int)p.s.p->vma_count, hot = hot_of(&p.s);
    if (st->follow && hot >= 0) st->cursor = hot;
    if (st->cursor >= n) st->cursor = n - 1;
    if (st->cursor < 0) st->cursor = 0;
    p.cursor = st->cursor;
    p.entries = pages_by_hand(&p.s, p.entry);
    make_plan(&p);
    struct area body = *a;
    body.height -= footer_rows(&p);
    int lines = lines_of(&p);
    scroll_to(&p, st, lines, body.height);
    p.a = &body;
    emit_all(&p);
    draw_footer(&p, a);
    int selected = beside == PROC_NONE || !p.plan.addr ? body.width : p.plan.addr; /* shared frames stay lit */
    if (focused && p.select_y >= 0) row_select(&body, 0, p.select_y - p.scroll, selected);
    struct list l = {st->scroll, body.height, lines};
    list_marks(&body, &l, 0);
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    const struct sight s = sight_shown(v);
    if (two_spaces(v) && a->width >= TWO_SPACES_WIDTH) draw_two_spaces(v, a, st, focused);
    else draw_space(v, s.proc, PROC_NONE, a, st, focused);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_shown(v);
    const char *state = !s.p->alive ? "  ended" : s.p->suspended ? "  suspended" : s.proc != s.k->running ? "  does not run" : "";
    if (two_spaces(v)) text_addf(out, "%s and %s", s.p->name, s.k->process[v->looking->beside].name);
    else text_addf(out, "%s  pid %u%s", s.p->name, s.proc + 1u, state);
}

static int items(const struct view *v) { return (int)sight_shown(v).p->vma_count; }

static int hot_item(const struct view *v) {
    const struct sight s = sight_shown(v);
    return hot_of(&s);
}

static const struct vma *region_of(const struct sight *s, int item) {
    if (item < 0 || (uint32_t)item >= s->p->vma_count) return NULL;
    return &s->p->vma[s->p->vma_count - 1 - (uint32_t)item];
}

static void write_states(struct page_writer *w, const struct vma *r) {
    static const char *const names[] = {[PAGE_UNTOUCHED] = "untouched", [PAGE_RESIDENT] = "resident", [PAGE_SWAPPED] = "in swap",
                                        [PAGE_DROPPED] = "dropped",     [PAGE_ZERO] = "zero page"};
    enum { STATES = sizeof names / sizeof names[0] };
    vpn_t count[STATES] = {0};
    for (vpn_t vpn = r->first; vpn < r->end; vpn++) count[vma_page_state(r, vpn)]++;
    for (int i = 0; i < STATES; i++)
        if (count[i] || i != PAGE_ZERO) write_line(w, ROLE_NORMAL, "%-10s%llu", names[i], (unsigned long long)count[i]);
}

/* How many of its pages are parts of huge ones. */
static void write_huge(struct page_writer *w, const struct sight *s, const struct vma *r) {
    char size[24];
    struct text t = text_in(size, sizeof size);
    vpn_t huge = 0;
    for (vpn_t vpn = r->first; vpn < r->end; vpn++)
        huge += vma_page_state(r, vpn) == PAGE_RESIDENT && s->k->frame[vma_page_where(r, vpn)].owner.order > 0;
    say_page_size(&t, s->f, r->order);
    write_line(w, ROLE_NORMAL, "huge      pages of %s: %llu mapped so", size, (unsigned long long)(huge >> r->order));
}

static void write_backing(struct page_writer *w, const struct sight *s, const struct vma *r) {
    const struct file *file = r->file == FILE_NONE ? NULL : &s->k->file[r->file];
    if (!file) write_line(w, ROLE_NORMAL, "backing   none (anonymous): starts as zeros");
    else if (file->memory) write_line(w, ROLE_NORMAL, "backing   shared memory: starts as zeros, its home is swap");
    else write_line(w, ROLE_NORMAL, "backing   the file %s, from its page %u on", file->name, r->file_page);
    write_line(w, ROLE_NORMAL, "writes    %s", r->shared ? "are seen by all who map it (shared)" : "are its own (private)");
    if (r->locked) write_line(w, ROLE_NORMAL, "locked    its pages stay in memory");
    if (r->kind == VMA_HEAP && s->p->brk) write_line(w, ROLE_NORMAL, "break     %llx", (unsigned long long)s->p->brk);
}

static void detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_shown(v);
    const struct vma *r = region_of(&s, item);
    struct page_writer w = {a, 0};
    char perms[8];
    struct text t = text_in(perms, sizeof perms);
    if (!r) return;
    char first[24], last[24];
    format_perms(&t, r->perms);
    write_line(&w, ROLE_HEADING, "Region %s of %s", r->name, s.p->name);
    write_line(&w, ROLE_NORMAL, "kind      %s", vma_kind_name[r->kind]);
    write_line(&w, ROLE_NORMAL, "addresses %s-%s", va_text(s.f, vpn_to_va(r->first, s.f->page_shift), first),
               va_text(s.f, vpn_to_va(r->end, s.f->page_shift) - 1, last));
    write_line(&w, ROLE_NORMAL, "pages     %llu: VPN %llx-%llx", (unsigned long long)(r->end - r->first),
               (unsigned long long)r->first, (unsigned long long)r->end - 1);
    write_line(&w, ROLE_NORMAL, "permits   %s", perms);
    if (r->kind == VMA_KERNEL) {
        write_line(&w, ROLE_NORMAL,
                   "shared    the same pages in every process, and none of them for user programs");
        return;
    }
    if (is_hole(&s, r->name))
        write_line(&w, ROLE_NORMAL, "wasted    nothing needs it, but the segment is one piece: it takes frames (internal fragmentation)");
    write_backing(&w, &s, r);
    if (r->floor < r->first)
        write_line(&w, ROLE_NORMAL, "may grow  down to %s (%llu pages)",
                   va_text(s.f, vpn_to_va(r->floor, s.f->page_shift), first),
                   (unsigned long long)(r->first - r->floor));
    if (r->order) write_huge(&w, &s, r);
    write_states(&w, r);
}

static bool matches(const struct view *v, int item, const char *needle) {
    const struct sight s = sight_shown(v);
    const struct vma *r = region_of(&s, item);
    char buf[64];
    if (!r) return false;
    char va[24];
    snprintf(buf, sizeof buf, "%s %s", va_text(s.f, vpn_to_va(r->first, s.f->page_shift), va), r->name);
    return holds_word(buf, needle);
}

const struct pane pane_address_space = {
    .name = "address-space",
    .title = "Address space",
    .digit = '1',
    .min_width = 14,
    .min_height = 6,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
