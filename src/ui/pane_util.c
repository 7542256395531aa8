/* pane_util.c - see pane_util.h. */
#include "ui/pane_util.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>

/* ---- the access under way ---- */

static void begin_flight(struct flight *f, const struct event *e, unsigned page_shift) {
    *f = (struct flight){.active = true,
                         .proc = e->proc,
                         .op = (enum access_kind)e->op,
                         .va = e->va,
                         .vpn = va_to_vpn(e->va, page_shift),
                         .way = TLB_NO_WAY};
}

static void restart_flight(struct flight *f) {
    f->walked = f->translated = f->trapped = f->denied = false;
    f->tlb = TLB_OUT_NONE;
    f->way = TLB_NO_WAY;
}

static void note_tlb(struct flight *f, const struct event *e, enum tlb_outcome outcome) {
    f->tlb = outcome;
    f->set = e->set;
    f->way = outcome == TLB_OUT_HIT ? e->way : TLB_NO_WAY;
}

static void note_pfn(struct flight *f, const struct event *e) {
    f->translated = true;
    f->pfn = e->pfn;
}

/* Fold one event into what is known of the access. */
static void follow_event(struct flight *f, const struct event *e, unsigned page_shift) {
    switch (e->kind) {
    case EV_ACCESS:
    case EV_SPLIT: begin_flight(f, e, page_shift); break;
    case EV_RETRY: restart_flight(f); break;
    case EV_TLB_HIT:
        note_tlb(f, e, TLB_OUT_HIT);
        note_pfn(f, e);
        break;
    case EV_TLB_DENIED:
        note_tlb(f, e, TLB_OUT_HIT);
        f->denied = true;
        break;
    case EV_TLB_MISS: note_tlb(f, e, TLB_OUT_MISS); break;
    case EV_TLB_FILL:
    case EV_TLB_REPLACE: f->way = e->way; break;
    case EV_WALK_LEAF:
        note_pfn(f, e);
        f->walked = true;
        break;
    case EV_WALK_TABLE:
    case EV_WALK_INVALID:
    case EV_WALK_DENIED:
    case EV_WALK_BAD: f->walked = true; break;
    case EV_TRAP: f->trapped = true; break;
    case EV_SIGSEGV:
    case EV_OOM: f->refused = true; break;
    default: break;
    }
}

/* Without the step's events (a run at full speed) the machine's latch has to do. */
static void flight_from_latch(struct flight *f, const struct sight *s) {
    const struct access_latch *a = machine_access(s->m);
    struct step step;
    if (!machine_step_now(s->m, &step) || step.kind != STEP_ACCESS) return;
    *f = (struct flight){.active = true,
                         .proc = s->running,
                         .op = (enum access_kind)a->op,
                         .va = a->va,
                         .vpn = a->vpn,
                         .way = TLB_NO_WAY};
}

struct sight sight_of(const struct view *v) {
    static const struct event nothing;
    struct sight s = {.m = v->machine, .hw = machine_hw(v->machine), .k = machine_kernel(v->machine)};
    s.f = s.hw->format;
    s.running = s.k->running;
    s.p = &s.k->process[s.running];
    s.last = v->last ? v->last : &nothing;
    for (size_t i = 0; v->events && i < v->events_done; i++)
        follow_event(&s.flight, &v->events[i], s.f->page_shift);
    if (!v->events || v->events_done == 0) flight_from_latch(&s.flight, &s);
    return s;
}

/* ---- what an event touches ---- */

/* clang-format off */
static const struct {
    unsigned what;
    char mark;
} touch_table[EV_COUNT] = {
    [EV_TLB_HIT] = {TOUCH_WAY, '>'},
    [EV_TLB_MISS] = {TOUCH_SET, '?'},
    [EV_TLB_DENIED] = {TOUCH_WAY, '!'},
    [EV_TLB_CLEAN] = {TOUCH_WAY, '>'},
    [EV_BITS_SET] = {TOUCH_PAGE, '*'},
    [EV_TLB_FILL] = {TOUCH_WAY, '*'},
    [EV_TLB_REPLACE] = {TOUCH_WAY, '*'},
    [EV_TLB_DIRTY] = {TOUCH_WAY, '*'},
    [EV_MEM_READ] = {TOUCH_FRAME, '<'},
    [EV_MEM_WRITE] = {TOUCH_FRAME, '<'},
    [EV_MEM_TOUCH] = {TOUCH_FRAME, '<'},
    [EV_MEM_FETCH] = {TOUCH_FRAME, '<'},
    [EV_FRAME_FREE] = {TOUCH_FRAME, '*'},
    [EV_POLICY_PASS] = {TOUCH_FRAME, '~'},
    [EV_VICTIM] = {TOUCH_FRAME, 'x'},
    [EV_UNMAP] = {TOUCH_FRAME | TOUCH_OLD_PAGE, 'x'},
    [EV_SWAP_WRITE] = {TOUCH_FRAME | TOUCH_SLOT, 'x'},
    [EV_VICTIM_DROP] = {TOUCH_FRAME, 'x'},
    [EV_ZERO_FILL] = {TOUCH_FRAME, '*'},
    [EV_SWAP_READ] = {TOUCH_FRAME | TOUCH_SLOT, '*'},
    [EV_FILE_READ] = {TOUCH_FRAME, '*'},
    [EV_SHARE] = {TOUCH_FRAME, '*'},
    [EV_PTE_WRITE] = {TOUCH_FRAME | TOUCH_PAGE, '*'},
    [EV_REF_CLEAR] = {TOUCH_FRAME | TOUCH_PAGE, '~'},
};
/* clang-format on */

bool touches(const struct sight *s, enum touch what) { return touch_table[s->last->kind].what & what; }

char touch_mark(const struct sight *s) {
    char mark = touch_table[s->last->kind].mark;
    return mark ? mark : ' ';
}

bool page_in_use(const struct sight *s, vpn_t vpn) {
    return s->flight.active && s->flight.proc == s->running && s->flight.vpn == vpn;
}

bool page_changed(const struct sight *s, vpn_t vpn) {
    if (touches(s, TOUCH_PAGE) && page_in_use(s, vpn)) return true;
    return touches(s, TOUCH_OLD_PAGE) && s->last->old_proc == s->running && s->last->old_vpn == vpn;
}

/* ---- numbers ---- */

static int hex_digits(unsigned bits) { return bits ? (int)(bits + 3) / 4 : 1; }

int va_digits(const struct paging_format *f) { return hex_digits(paging_va_bits(f)); }
int vpn_digits(const struct paging_format *f) { return hex_digits(paging_va_bits(f) - f->page_shift); }
int pte_digits(const struct paging_format *f) { return (int)f->pte_bytes * 2; }

int pa_digits(const struct paging_format *f) {
    unsigned bits = paging_pa_bits(f);
    return hex_digits(bits > 32 ? 32 : bits);
}

int ram_digits(const struct sight *s) {
    uint64_t last = (ram_pages(s->hw->ram) << s->f->page_shift) - 1;
    int digits = 1;
    while (last >>= 4) digits++;
    return digits;
}

int decimal_digits(uint64_t n) {
    int digits = 1;
    while (n /= 10) digits++;
    return digits;
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

void place_of_page(struct text *out, const struct vma *r, vpn_t vpn) {
    if (r->kind == VMA_KERNEL) {
        text_add(out, "kernel");
        return;
    }
    switch (vma_page_state(r, vpn)) {
    case PAGE_RESIDENT: text_addf(out, "frame %u", vma_page_where(r, vpn)); break;
    case PAGE_SWAPPED: text_addf(out, "slot %u", vma_page_where(r, vpn)); break;
    default: text_add(out, r->backing == BACKING_FILE ? "file" : "zero"); break;
    }
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
    area_printf(a, x + c->x + pad, y, role, "%.*s", c->width, s);
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

/* ---- pages as items ---- */

vpn_t region_pages(const struct vma *r) {
    vpn_t n = 0;
    if (r->kind != VMA_KERNEL) return r->end - r->first;
    while (r->first + n < r->end && vma_page_state(r, r->first + n) == PAGE_RESIDENT) n++;
    return n;
}

int page_items(const struct process *p) {
    vpn_t n = 0;
    for (uint32_t i = 0; i < p->vma_count; i++) n += region_pages(&p->vma[i]);
    return n > INT_MAX ? INT_MAX : (int)n;
}

const struct vma *page_of_item(const struct process *p, int item, vpn_t *vpn) {
    vpn_t left = item < 0 ? 0 : (vpn_t)item;
    for (uint32_t i = 0; item >= 0 && i < p->vma_count; i++) {
        vpn_t n = region_pages(&p->vma[i]);
        if (left < n) {
            *vpn = p->vma[i].first + left;
            return &p->vma[i];
        }
        left -= n;
    }
    return NULL;
}

int item_of_page(const struct process *p, vpn_t vpn) {
    vpn_t before = 0;
    for (uint32_t i = 0; i < p->vma_count; i++) {
        const struct vma *r = &p->vma[i];
        vpn_t n = region_pages(r);
        if (vpn >= r->first && vpn - r->first < n && before + (vpn - r->first) <= INT_MAX)
            return (int)(before + (vpn - r->first));
        before += n;
    }
    return -1;
}
