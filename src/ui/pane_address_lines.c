/* pane_address_lines.c - the lines of the address space, from the top down.
 *
 * Regions, gaps and borders are emitted in order; a line that is out of sight
 * (or all of them, when only counting) just moves p->y on. So counting and
 * drawing can never disagree.
 */
#include "ui/pane_address_space.h"

/* ---- regions in cells ---- */

struct shape shape_of(const struct vma *r, const struct plan *plan) {
    vpn_t pages = r->end - r->first, cells = (vpn_t)(plan->cells > 0 ? plan->cells : 1);
    struct shape s = {1, (vpn_t)1 << r->order}; /* a huge page is a cell, not hundreds */
    if (r->kind == VMA_KERNEL) return (struct shape){1, 1};
    while (s.scale * cells * (vpn_t)plan->region_rows < pages) s.scale *= 2;
    s.rows = (int)((pages + s.scale * cells - 1) / (s.scale * cells));
    return s;
}

bool access_in(const struct sight *s, vpn_t first, vpn_t end) {
    const struct flight *f = &s->flight;
    return f->active && f->proc == s->proc && f->vpn >= first && f->vpn < end;
}

bool in_upper_half(const struct sight *s, vpn_t vpn) {
    unsigned bits = paging_va_bits(s->f);
    return s->f->sign_extended && bits < 64 && vpn >> (bits - 1 - s->f->page_shift) != 0;
}

/* ---- cells ---- */

/* Kinds of cells: a cell that stands for several pages shows the first kind that one of them is of. */
enum cell_kind { CELL_SHARED, CELL_RESIDENT, CELL_ZEROS, CELL_SWAPPED, CELL_IN_FILE, CELL_UNTOUCHED, CELLS };
static const struct {
    enum glyph glyph;
    enum role role;
} cell_look[CELLS] = {[CELL_SHARED] = {GLYPH_SHARED, ROLE_COW},      [CELL_RESIDENT] = {GLYPH_RESIDENT, ROLE_HIT},
                      [CELL_ZEROS] = {GLYPH_ZEROS, ROLE_MINOR},      [CELL_SWAPPED] = {GLYPH_SWAPPED, ROLE_MAJOR},
                      [CELL_IN_FILE] = {GLYPH_IN_FILE, ROLE_MAJOR},  [CELL_UNTOUCHED] = {GLYPH_UNTOUCHED, ROLE_MINOR}};

/* Side by side with another process, what both map is what counts. */
static bool is_shared(const struct painter *p, frame_t f) {
    if (f >= p->s.k->config->frames) return false;
    return p->beside == PROC_NONE ? p->s.k->frame[f].shares > 1 : frame_maps(p->s.k, f, p->beside, NULL);
}

static enum cell_kind kind_of_page(const struct painter *p, const struct vma *r, vpn_t vpn) {
    enum page_state state = vma_page_state(r, vpn);
    if (state == PAGE_RESIDENT) return is_shared(p, vma_page_where(r, vpn)) ? CELL_SHARED : CELL_RESIDENT;
    if (state == PAGE_ZERO) return CELL_ZEROS;
    if (state == PAGE_SWAPPED) return CELL_SWAPPED;
    return r->backing == BACKING_FILE ? CELL_IN_FILE : CELL_UNTOUCHED;
}

static enum cell_kind kind_of_pages(const struct painter *p, const struct vma *r, vpn_t first, vpn_t end) {
    enum cell_kind kind = CELL_UNTOUCHED;
    for (vpn_t vpn = first; vpn < end && kind > CELL_SHARED; vpn++) {
        enum cell_kind k = kind_of_page(p, r, vpn);
        if (k < kind) kind = k;
    }
    return kind;
}

static void draw_cells(const struct painter *p, const struct area *a, int x, int y, const struct vma *r,
                       vpn_t first, vpn_t end, vpn_t scale) {
    for (; first < end; first += scale, x++) {
        vpn_t last = end - first < scale ? end : first + scale;
        enum cell_kind kind = kind_of_pages(p, r, first, last);
        enum role role = cell_look[kind].role;
        enum glyph g = cell_look[kind].glyph;
        if (access_in(&p->s, first, last)) {
            g = GLYPH_THIS;
            role = ROLE_ADDRESS;
        }
        if (pages_changed(&p->s, first, last)) role = ROLE_NOW;
        if (is_hole(&p->s, r->name) && role == ROLE_HIT) { /* in a frame, and of no use */
            area_text(a, x, y, ROLE_DIM, "/");
            continue;
        }
        area_glyph(a, x, y, role, g);
    }
}

/* ---- lines ---- */

static int name_x(const struct plan *plan) { return plan->addr ? plan->addr + 1 + (plan->boxed ? 2 : 0) : 0; }
static int cells_x(const struct plan *plan) { return name_x(plan) + plan->name + 1; }
static int box_right(const struct plan *plan) { return cells_x(plan) + plan->cells + 1; }
static int note_x(const struct plan *plan) {
    return plan->boxed ? box_right(plan) + 2 : cells_x(plan) + plan->cells;
}

/* Is the line at y in sight? Then *row is its row in the area. */
static bool in_sight(const struct painter *p, int *row) {
    *row = p->y - p->scroll;
    return p->a && *row >= 0 && *row < p->a->height;
}

static void draw_address(const struct painter *p, int row, vaddr_t va, enum role role) {
    const struct plan *plan = &p->plan;
    char whole[24];
    if (plan->style == ADDRESS_PAGE) va >>= p->s.f->page_shift;
    if (plan->style == ADDRESS_SHORT && va >> (4 * SHORT_ADDRESS)) { /* "7f..e000" */
        int n = snprintf(whole, sizeof whole, "%llx", (unsigned long long)va);
        area_printf(p->a, 0, row, role, "%.2s..%s", whole, whole + n - (SHORT_ADDRESS - 4));
    } else if (plan->addr) area_printf(p->a, 0, row, role, "%0*llx", plan->addr, (unsigned long long)va);
}

static void draw_sides(const struct painter *p, int row) {
    if (!p->plan.boxed) return;
    area_glyph(p->a, p->plan.addr + 1, row, ROLE_BORDER, GLYPH_VLINE);
    area_glyph(p->a, box_right(&p->plan), row, ROLE_BORDER, GLYPH_VLINE);
}

/* "x16": pages to a cell; of huge pages their size, or how many of them: "2M", "x4 2M"; of single pages nothing. */
void say_scale(const struct painter *p, const struct vma *r, vpn_t scale, char *buf, size_t size) {
    char page[16];
    unsigned long long pages = scale >> r->order;
    buf[0] = '\0';
    if (r->kind == VMA_KERNEL || scale == 1) return;
    if (r->order == 0) snprintf(buf, size, "x%llu", pages);
    else if (pages == 1) snprintf(buf, size, "%s", short_page_size(p->s.f, r->order, page));
    else snprintf(buf, size, "x%llu %s", pages, short_page_size(p->s.f, r->order, page));
}

static void draw_scale(const struct painter *p, int row, const struct vma *r, vpn_t scale) {
    char note[40];
    say_scale(p, r, scale, note, sizeof note);
    if ((int)strlen(note) < p->plan.note) area_text(p->a, note_x(&p->plan) + 1, row, ROLE_DIM, note);
}

static void region_line(struct painter *p, const struct vma *r, int line, struct shape shape,
                        bool label_top) {
    const struct plan *plan = &p->plan;
    vpn_t per_line = shape.scale * (vpn_t)plan->cells,
          first = r->first + (vpn_t)(shape.rows - 1 - line) * per_line;
    vpn_t end = r->end - first < per_line || r->kind == VMA_KERNEL ? r->end : first + per_line;
    bool bottom = line == shape.rows - 1, here = access_in(&p->s, first, end);
    int row;
    if (here) p->hot_y = p->y;
    if (in_sight(p, &row)) {
        vaddr_t va = vpn_to_va(first, p->s.f->page_shift), top = vpn_to_va(r->end - 1, p->s.f->page_shift);
        draw_address(p, row, label_top ? top | low_bits(p->s.f->page_shift) : va,
                     here     ? ROLE_ADDRESS
                     : bottom ? ROLE_NORMAL
                              : ROLE_DIM);
        draw_sides(p, row);
        int name = r->kind == VMA_KERNEL ? plan->name + 1 + plan->cells : plan->name;
        if (bottom) area_printf(p->a, name_x(plan), row, region_role(r->kind), "%.*s", name, r->name);
        if (r->kind != VMA_KERNEL)
            draw_cells(p, p->a, cells_x(plan), row, r, first, end, shape.scale);
        else if (plan->cells >= 6 && plan->name >= 6)
            area_text(p->a, cells_x(plan), row, ROLE_KERNEL, "global");
        if (bottom) draw_scale(p, row, r, shape.scale);
        if (pages_changed(&p->s, first, end))
            area_text(p->a, p->a->width - 1, row, ROLE_NOW, "*");
        else if (here)
            area_glyph(p->a, p->a->width - 1, row, ROLE_ADDRESS, GLYPH_LEFT);
    }
    p->y++;
}

/* A line across at an address: the break, the stack's top, the ends of the space. */
static void border_line(struct painter *p, vaddr_t va, const char *what) {
    const struct plan *plan = &p->plan;
    int row;
    if (in_sight(p, &row)) {
        draw_address(p, row, va, ROLE_NORMAL);
        int x = plan->boxed ? plan->addr + 1 : name_x(plan), end = plan->boxed ? box_right(plan) + 1 : x + 3;
        for (int i = x; i < end; i++) area_glyph(p->a, i, row, ROLE_BORDER, GLYPH_HLINE);
        area_text(p->a, end + 1, row, ROLE_HEADING, what);
    }
    p->y++;
}

static void glyph_line(struct painter *p, enum role role, enum glyph g, const char *what) {
    const struct plan *plan = &p->plan;
    int row, x = name_x(plan) + (plan->boxed ? 0 : 1);
    if (in_sight(p, &row)) {
        draw_sides(p, row);
        area_glyph(p->a, x, row, role, g);
        int end = plan->boxed ? box_right(plan) : note_x(plan) + 1;
        if (x + 2 + (int)strlen(what) < end) area_text(p->a, x + 2, row, ROLE_DIM, what);
    }
    p->y++;
}

/* The address under access where nothing is mapped, or nothing can be. */
static void stray_line(struct painter *p) {
    static const char *const unmapped[] = {"nothing is mapped here", "nothing mapped", "not mapped", "no map", ""};
    static const char *const impossible[] = {"cannot exist: not canonical", "not canonical", "cannot be", ""};
    const char *const *words = paging_va_exists(p->s.f, p->s.flight.va) ? unmapped : impossible;
    char va[24];
    int row, digits;
    p->hot_y = p->y;
    if (in_sight(p, &row)) {
        va_text(p->s.f, p->s.flight.va, va);
        digits = (int)strlen(va + 2);
        if (!text_fits(p->a, 0, row, ROLE_INVALID, va + 2)) digits = -1;
        area_glyph(p->a, digits + 1, row, ROLE_INVALID, GLYPH_THIS);
        int room = p->a->width - digits - 3, i = 0;
        while ((int)strlen(words[i]) > room && words[i][0]) i++;
        area_text(p->a, digits + 3, row, ROLE_INVALID, words[i]);
    }
    p->y++;
}

/* ---- the upper half, and the hole below it ---- */

/* An address too long for the column of addresses, with what is there: side by side, or one below the other. */
static void long_lines(struct painter *p, vaddr_t va, enum role role, const char *what, bool here) {
    char address[24];
    int row, width = p->plan.full_width, length = (int)strlen(what);
    va_text(p->s.f, va, address);
    int wide = (int)strlen(address) - 2, x = 17 + length + 2 <= width ? 17 : wide + 1; /* in a column, if there is room */
    bool beside = x + length + 2 <= width;
    if (!beside) {
        if (in_sight(p, &row)) area_text(p->a, width > length + 2 ? width - length - 2 : 0, row, role, what);
        if (in_sight(p, &row) && here) area_glyph(p->a, p->a->width - 1, row, ROLE_ADDRESS, GLYPH_LEFT);
        p->y++;
    }
    if (in_sight(p, &row)) {
        area_text(p->a, 0, row, here ? ROLE_ADDRESS : ROLE_NORMAL, address + 2);
        if (beside) area_text(p->a, x, row, role, what);
        if (beside && here) area_glyph(p->a, p->a->width - 1, row, ROLE_ADDRESS, GLYPH_LEFT);
    }
    p->y++;
}

static void emit_upper_region(struct painter *p, const struct vma *r) {
    bool here = access_in(&p->s, r->first, r->end);
    char what[32];
    snprintf(what, sizeof what, "%s%s", r->name, p->plan.full_width >= 34 ? "  global" : "");
    if (here) p->hot_y = p->y;
    long_lines(p, vpn_to_va(r->first, p->s.f->page_shift), region_role(r->kind), what, here);
}

/* First page above and below the hole. */
static vpn_t hole_end(const struct sight *s) {
    return (UINT64_MAX << (paging_va_bits(s->f) - 1)) >> s->f->page_shift;
}
static vpn_t hole_start(const struct sight *s) { return (vpn_t)1 << (paging_va_bits(s->f) - 1 - s->f->page_shift); }

/* The hole between `below` and `above`, the pages that its neighbours end and begin with. Its borders
 * are given where a neighbour does not show them. */
static void hole_lines(struct painter *p, vpn_t below, vpn_t above) {
    static const char *const words[] = {"canonical hole: these addresses cannot exist", "canonical hole: cannot exist",
                                        "canonical hole", "hole", ""};
    int row, i = 0, width = p->plan.full_width;
    unsigned shift = p->s.f->page_shift;
    vpn_t end = hole_end(&p->s), start = hole_start(&p->s);
    if (has(p, X_HOLE_BORDERS) && above != end) long_lines(p, vpn_to_va(end, shift), ROLE_DIM, "upper half", false);
    while ((int)strlen(words[i]) > width && words[i][0]) i++;
    if (has(p, X_HOLE)) {
        if (in_sight(p, &row)) {
            for (int x = 0; x < width; x++) area_text(p->a, x, row, ROLE_BORDER, "~");
            int x = (width - (int)strlen(words[i])) / 2;
            if (words[i][0] && x > 1) area_text(p->a, x - 1, row, ROLE_DIM, " "), area_text(p->a, x + (int)strlen(words[i]), row, ROLE_DIM, " ");
            area_text(p->a, x, row, ROLE_HEADING, words[i]);
        }
        p->y++;
    }
    if (access_in(&p->s, start, end)) stray_line(p);
    if (has(p, X_HOLE_BORDERS) && below != start) long_lines(p, vpn_to_va(start, shift) - 1, ROLE_DIM, "lower half", false);
}

/* ---- entries outside the regions ---- */

/* An entry that the scenario gives as a word: one page, or one huge page. */
static void by_hand_line(struct painter *p, const struct by_hand *e) {
    unsigned shift = p->s.f->page_shift, order = 0;
    bool here = access_in(&p->s, e->first, e->first + e->pages);
    char va[24], size[16];
    int row;
    while (e->pages >> (order + 1)) order++;
    if (here) p->hot_y = p->y;
    if (in_sight(p, &row)) {
        va_text(p->s.f, vpn_to_va(e->first, shift), va);
        const char *digits = va + 2;
        while (*digits == '0' && (int)strlen(digits) > p->plan.addr && (int)strlen(digits) > SHORT_ADDRESS) digits++;
        int x = (int)strlen(digits) < p->plan.addr ? p->plan.addr : (int)strlen(digits);
        enum role role = pages_changed(&p->s, e->first, e->first + e->pages) ? ROLE_NOW : here ? ROLE_ADDRESS : ROLE_NORMAL;
        area_text(p->a, 0, row, role, digits);
        if (p->plan.boxed && x == p->plan.addr) draw_sides(p, row), x += 2;
        area_text(p->a, x + 1, row, role, "PTE");
        area_glyph(p->a, x + 5, row, here ? ROLE_ADDRESS : ROLE_HIT, here ? GLYPH_THIS : GLYPH_RESIDENT);
        if (order) text_fits(p->a, x + 7, row, ROLE_DIM, short_page_size(p->s.f, order, size));
        if (here) area_glyph(p->a, p->a->width - 1, row, ROLE_ADDRESS, GLYPH_LEFT);
    }
    p->y++;
}

static bool holds_entry(const struct painter *p, vpn_t first, vpn_t end) {
    for (size_t i = 0; i < p->entries; i++)
        if (p->entry[i].first >= first && p->entry[i].first < end) return true;
    return false;
}

/* What lies in first..end-1, where no region is, from the top down: the entries there, and the address under
 * access if nothing maps it. */
static void emit_unmapped(struct painter *p, vpn_t first, vpn_t end) {
    for (size_t i = p->entries; i-- > 0;) {
        const struct by_hand *e = &p->entry[i];
        if (e->first < first || e->first >= end) continue;
        if (access_in(&p->s, e->first + e->pages, end)) stray_line(p);
        by_hand_line(p, e);
        end = e->first;
    }
    if (first < end && access_in(&p->s, first, end)) stray_line(p);
}

/* ---- from the top down ---- */

/* First page above all that can be mapped. */
static vpn_t end_of_space(const struct sight *s) { return paging_last_vpn(s->f) + 1; }

/* Is the hole among these pages? */
static bool hole_in(const struct sight *s, vpn_t first, vpn_t end) {
    bool has_hole = s->f->sign_extended && paging_va_bits(s->f) < 64;
    return has_hole && first <= hole_start(s) && end >= hole_end(s);
}

/* The unmapped part of the upper half, and the hole; returns where the lower half ends. `end` may be a region's. */
static vpn_t emit_hole(struct painter *p, vpn_t first, vpn_t end, bool region_above) {
    emit_unmapped(p, hole_end(&p->s), end);
    hole_lines(p, first, region_above ? end : 0);
    return hole_start(&p->s);
}

/* The gap above region i: below the next one, or the top of the space. */
static void emit_gap(struct painter *p, uint32_t i) {
    const struct vma *below = &p->s.p->vma[i], *above = i + 1 < p->s.p->vma_count ? below + 1 : NULL;
    vpn_t first = below->end, end = above ? above->first : end_of_space(&p->s);
    if (first >= end) return;
    bool grows = above && above->kind == VMA_STACK && above->floor < above->first;
    if (grows && has(p, X_ARROWS)) glyph_line(p, ROLE_STACK_SEG, GLYPH_DOWN, "grows");
    if (hole_in(&p->s, first, end)) {
        end = emit_hole(p, first, end, above != NULL);
        above = NULL;
    }
    if (holds_entry(p, first, end)) above = NULL; /* so not nothing */
    if (above && has(p, X_GAP)) glyph_line(p, ROLE_DIM, GLYPH_GAP, "(nothing)");
    for (int row = 0; above && row < p->plan.gap_rows; row++) glyph_line(p, ROLE_DIM, GLYPH_GAP, "");
    emit_unmapped(p, first, end);
    if (below->kind != VMA_HEAP) return;
    if (has(p, X_ARROWS)) glyph_line(p, ROLE_HEAP_SEG, GLYPH_UP, "grows");
    if (has(p, X_BREAK)) border_line(p, vpn_to_va(below->end, p->s.f->page_shift), "brk");
}

/* From the lowest region (NULL: there is none) down to address 0. */
static void emit_bottom(struct painter *p, const struct vma *lowest) {
    vpn_t end = lowest ? lowest->first : end_of_space(&p->s);
    int row, x = name_x(&p->plan);
    if (end == 0) return;
    if (hole_in(&p->s, 0, end)) end = emit_hole(p, 0, end, false);
    emit_unmapped(p, 0, end);
    if (!has(p, X_BOTTOM) || (p->entries && p->entry[0].first == 0)) return;
    if (in_sight(p, &row)) {
        draw_address(p, row, 0, ROLE_DIM);
        if (!text_fits(p->a, x, row, ROLE_DIM, "(not mapped)")) text_fits(p->a, x, row, ROLE_DIM, "(no map)");
    }
    p->y++;
}

static void emit_region(struct painter *p, const struct vma *r, bool label_top) {
    if (in_upper_half(&p->s, r->first)) {
        emit_upper_region(p, r);
        return;
    }
    struct shape shape = shape_of(r, &p->plan);
    for (int line = 0; line < shape.rows; line++) region_line(p, r, line, shape, label_top);
}

void emit_all(struct painter *p) {
    const struct process *proc = p->s.p;
    p->y = 0;
    p->hot_y = p->select_y = -1;
    for (uint32_t i = proc->vma_count; i-- > 0;) {
        const struct vma *r = &proc->vma[i];
        bool on_stack = i > 0 && proc->vma[i - 1].kind == VMA_STACK && proc->vma[i - 1].end == r->first;
        emit_gap(p, i);
        if (r->kind == VMA_STACK && has(p, X_TOP))
            border_line(p, vpn_to_va(r->end, p->s.f->page_shift), "top");
        if (p->cursor == (int)(proc->vma_count - 1 - i)) p->select_y = p->y;
        emit_region(p, r, on_stack && r->kind == VMA_KERNEL && has(p, X_TOP));
    }
    emit_bottom(p, proc->vma_count ? &proc->vma[0] : NULL);
}
