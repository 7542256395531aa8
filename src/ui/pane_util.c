/* pane_util.c - see pane_util.h. */
#include "ui/pane_util.h"

#include <ctype.h>
#include <stdarg.h>

/* ---- numbers ---- */

static int hex_digits(unsigned bits) { return bits ? (int)(bits + 3) / 4 : 1; }

int va_digits(const struct paging_format *f) { return hex_digits(paging_va_bits(f)); }

/* All digits of the format; of formats with very long page numbers no more than the regions of user programs need. */
int vpn_digits(const struct sight *s) {
    enum { USUAL = 9 };
    int all = (int)format_vpn_digits(s->f), digits = all < USUAL ? all : USUAL;
    for (uint32_t p = 0; digits < all && p < s->k->process_count; p++) {
        const struct process *process = &s->k->process[p];
        for (uint32_t i = 0; i < process->vma_count; i++)
            while (process->vma[i].kind != VMA_KERNEL && digits < all && format_vpn_bits(s->f, process->vma[i].end - 1) >> (4 * digits)) digits++;
    }
    return digits;
}

int pte_digits(const struct paging_format *f) { return (int)f->pte_bytes * 2; }

int pa_digits(const struct paging_format *f) { return (int)format_pa_digits(f); }

const char *va_text(const struct paging_format *f, vaddr_t va, char buf[24]) {
    struct text t = text_in(buf, 24);
    format_va(&t, f, va);
    return buf;
}

void say_page_size(struct text *out, const struct paging_format *f, unsigned order) {
    unsigned shift = f->page_shift + order;
    if (shift < 64) format_size(out, (uint64_t)1 << shift);
}

const char *short_page_size(const struct paging_format *f, unsigned order, char buf[16]) {
    struct text t = text_in(buf, 16);
    say_page_size(&t, f, order);
    char *unit = strchr(buf, ' ');
    if (!unit) return buf;
    unit[0] = unit[1] == 'b' ? 'B' : unit[1];
    unit[1] = '\0';
    return buf;
}

int ram_digits(const struct sight *s) {
    uint64_t last = (ram_pages(s->hw->ram) << s->f->page_shift) - 1;
    int digits = 1;
    while (last >>= 4) digits++;
    return digits;
}

void vpn_put(const struct sight *s, const struct area *a, const struct column *c, int x, int y, enum role role, vpn_t vpn) {
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%0*llx", vpn_digits(s), (unsigned long long)format_vpn_bits(s->f, vpn));
    if (n > c->width && c->width > 2) column_put(a, c, x, y, role, "..%s", digits + n - c->width + 2);
    else column_put(a, c, x, y, role, "%s", digits);
}

int decimal_digits(uint64_t n) {
    int digits = 1;
    while (n /= 10) digits++;
    return digits;
}

uint64_t field_value(const struct paging_format *f, uint64_t word, unsigned level, const char *name) {
    struct pte_field field[PTE_FIELDS_MAX];
    unsigned n = paging_fields(f, word, level, field);
    for (unsigned i = 0; i < n; i++)
        if (strcmp(field[i].name, name) == 0) return word >> field[i].low & low_bits(field[i].high - field[i].low + 1u);
    return 0;
}

/* ---- words ---- */

enum role region_role(enum vma_kind kind) {
    static const enum role role[VMA_KINDS] = {
        [VMA_TEXT] = ROLE_TEXT_SEG,   [VMA_RODATA] = ROLE_TEXT_SEG, [VMA_DATA] = ROLE_DATA_SEG,
        [VMA_BSS] = ROLE_DATA_SEG,    [VMA_HEAP] = ROLE_HEAP_SEG,   [VMA_MMAP] = ROLE_HEAP_SEG,
        [VMA_STACK] = ROLE_STACK_SEG, [VMA_KERNEL] = ROLE_KERNEL};
    return role[kind];
}

enum role outcome_role(enum outcome o) {
    static const enum role role[OUT_COUNT] = {
        [OUT_UNKNOWN] = ROLE_DIM,     [OUT_HIT] = ROLE_HIT,     [OUT_TLB_MISS] = ROLE_MISS,
        [OUT_MINOR] = ROLE_MINOR,     [OUT_MAJOR] = ROLE_MAJOR, [OUT_COW] = ROLE_COW,
        [OUT_INVALID] = ROLE_INVALID, [OUT_OTHER] = ROLE_OS};
    return role[o];
}

/* A page that no PTE maps: what its next touch finds. */
static void place_of_unmapped(struct text *out, const struct sight *s, const struct vma *r, vpn_t vpn) {
    frame_t f = kernel_frame_of(s->k, s->proc, vpn);
    const struct file *file = r->file == FILE_NONE ? NULL : &s->k->file[r->file];
    slot_t slot = file && file->slot ? file->slot[r->file_page + (vpn - r->first)] : SLOT_NONE;
    if (f != FRAME_NONE) text_addf(out, "cache %u", f);
    else if (slot != SLOT_NONE) text_addf(out, "slot %u", slot);
    else text_add(out, r->backing == BACKING_FILE && !(file && file->memory) ? "file" : "zero");
}

void place_of_page(struct text *out, const struct sight *s, const struct vma *r, vpn_t vpn) {
    enum page_state state = r->kind == VMA_KERNEL ? PAGE_UNTOUCHED : vma_page_state(r, vpn);
    if (r->kind == VMA_KERNEL) text_add(out, "kernel");
    else if (state == PAGE_RESIDENT) text_addf(out, "frame %u", vma_page_where(r, vpn));
    else if (state == PAGE_SWAPPED) text_addf(out, "slot %u", vma_page_where(r, vpn));
    else if (state == PAGE_ZERO) text_add(out, "zero pg");
    else place_of_unmapped(out, s, r, vpn);
}

bool is_hole(const struct sight *s, const char *region) {
    return s->f->shape == SHAPE_SEGMENTS && strcmp(region, "unused") == 0;
}

const char *short_word(const struct view *v, const char *word) {
    const char *full = term_word(v->terminology, word), *last = strrchr(full, ' ');
    return last ? last + 1 : full;
}

bool holds_word(const char *text, const char *word) {
    size_t n = strlen(word);
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && text[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)word[i])) i++;
        if (i == n) return true;
    }
    return n == 0;
}

/* ---- columns ---- */

int column_width(const char *head, int digits) {
    int length = (int)strlen(head);
    return length > digits ? length : digits;
}

static int width_kept(const struct column *c, int n) {
    int total = -1;
    for (int i = 0; i < n; i++)
        if (c[i].x >= 0) total += c[i].width + 1;
    return total < 0 ? 0 : total;
}

static int least_important(const struct column *c, int n) {
    int worst = -1;
    for (int i = 0; i < n; i++)
        if (c[i].x >= 0 && (worst < 0 || c[i].rank >= c[worst].rank)) worst = i;
    return worst;
}

int columns_fit(struct column *c, int n, int width) {
    int x = 0;
    for (int i = 0; i < n; i++) c[i].x = c[i].width > 0 ? 0 : -1;
    while (width_kept(c, n) > (width > 0 ? width : 0)) c[least_important(c, n)].x = -1;
    for (int i = 0; i < n; i++) {
        if (c[i].x < 0) continue;
        c[i].x = x;
        x += c[i].width + 1;
    }
    return width_kept(c, n);
}

/* Text into a column; words too long are cut, numbers never are since columns are as wide as they can get. */
static void put_aligned(const struct area *a, const struct column *c, int x, int y, enum role role,
                        const char *s) {
    int length = (int)strlen(s), pad = c->right && length < c->width ? c->width - length : 0;
    if (length <= c->width) area_text(a, x + c->x + pad, y, role, s);
    else area_printf(a, x + c->x, y, role, "%.*s", c->width, s);
}

void columns_head(const struct area *a, const struct column *c, int n, int x, int y) {
    for (int i = 0; i < n; i++)
        if (c[i].x >= 0 && (int)strlen(c[i].head) <= c[i].width) put_aligned(a, &c[i], x, y, ROLE_HEADING, c[i].head);
}

void column_put(const struct area *a, const struct column *c, int x, int y, enum role role, const char *fmt,
                ...) {
    char buf[128];
    va_list args;
    if (c->x < 0) return;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    put_aligned(a, c, x, y, role, buf);
}

/* ---- lists ---- */

static int clamp(int n, int low, int high) {
    return n > high ? (high < low ? low : high) : n < low ? low : n;
}

void cursor_place(struct pane_state *st, int items, int hot) {
    if (st->follow && hot >= 0) st->cursor = hot;
    st->cursor = clamp(st->cursor, 0, items - 1);
}

struct list list_place(struct pane_state *st, int items, int hot, int rows) {
    if (rows < 1) rows = 1;
    cursor_place(st, items, hot);
    int margin = rows > 4 ? 1 : 0; /* some context beyond the cursor */
    if (st->scroll > st->cursor - margin) st->scroll = st->cursor - margin;
    if (st->scroll < st->cursor + margin - rows + 1) st->scroll = st->cursor + margin - rows + 1;
    st->scroll = clamp(st->scroll, 0, items - rows);
    return (struct list){st->scroll, rows, items};
}

struct list list_pages(struct pane_state *st, int items, int hot, int capacity) {
    if (capacity < 1) capacity = 1;
    cursor_place(st, items, hot);
    st->scroll = st->cursor / capacity * capacity;
    return (struct list){st->scroll, capacity, items};
}

void list_marks(const struct area *a, const struct list *l, int y) {
    if (l->first > 0) area_glyph(a, a->width - 1, y, ROLE_HEADING, GLYPH_UP);
    if (l->first + l->rows < l->items) area_glyph(a, a->width - 1, a->height - 1, ROLE_HEADING, GLYPH_DOWN);
}

void row_select(const struct area *a, int x, int y, int width) {
    area_role(a, x, y, width, 1, ROLE_SELECT);
    area_cursor(a, x, y);
}

/* ---- text ---- */

int wrap_at(const struct area *a, int x, int y, int width, enum role role, const char *s) {
    struct area part = area_sub(a, x, 0, width, a->height);
    int end = area_wrap(&part, y, role, s);
    return end > y ? end - y : 1;
}

int wrap_rows(const struct area *a, int width, const char *s) {
    struct area nothing = area_sub(a, 0, 0, width, 0);
    int rows = area_wrap(&nothing, 0, ROLE_NORMAL, s);
    return rows > 0 ? rows : 1;
}

bool text_fits(const struct area *a, int x, int y, enum role role, const char *s) {
    if (x + (int)strlen(s) > a->width) return false;
    area_text(a, x, y, role, s);
    return true;
}

void write_line(struct page_writer *w, enum role role, const char *fmt, ...) {
    char buf[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    w->y += wrap_at(w->a, 0, w->y, w->a->width, role, buf);
}
