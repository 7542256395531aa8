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
 * Lines drop out in the order of their ranks when the pane is low; of a walk that is
 * longer than the pane, those around the word being read stay.
 */
#include "ui/process_sheet.h"
#include "ui/pane_translation.h"
#include "ui/pte_detail.h"

#define LINES_MAX 32
enum { RANKS = 24 };

struct line {
    line_function *draw;
    unsigned arg;
    int rank; /* larger: given up earlier; 0: never; NEVER: not here */
    bool kept;
};
enum { NEVER = 1000 };
struct lines {
    struct line line[LINES_MAX];
    int count;
};

/* ---- the lines above the walk ---- */

static void draw_va(const struct painter *p, const struct area *a, int y, unsigned arg) {
    const struct flight *f = &p->s.flight;
    char va[24], line[32], who[32];
    (void)arg;
    snprintf(line, sizeof line, "VA %s", va_text(p->s.f, f->va, va));
    snprintf(who, sizeof who, "%s%s", access_name(f->op), f->kernel ? " by the kernel" : "");
    if (!text_fits(a, 1, y, ROLE_ADDRESS, line)) return;
    if (!text_fits(a, 3 + (int)strlen(line), y, ROLE_NORMAL, who))
        text_fits(a, 3 + (int)strlen(line), y, ROLE_NORMAL, access_name(f->op));
}

/* One level's answer: "set 3: miss". */
static void say_look(const struct painter *p, enum tlb_unit unit, char *buf, size_t size) {
    static const char *const next[] = {"walk", "ask L2", "trap"};
    const struct flight *f = &p->s.flight;
    const struct tlb_look *look = &f->look[unit];
    bool second = unit != TLB_SECOND && tlbs_has(&p->s.hw->tlbs, TLB_SECOND);
    int then = second ? 1 : p->s.k->config->software_refill ? 2 : 0;
    if (look->out == TLB_OUT_NONE) snprintf(buf, size, "-");
    else if (f->denied && look->out == TLB_OUT_HIT) snprintf(buf, size, "set %u: not allowed", look->set);
    else if (look->out == TLB_OUT_MISS) snprintf(buf, size, "set %u: miss, %s", look->set, next[then]);
    else snprintf(buf, size, "set %u: HIT, %s %llu", look->set, short_word(p->v, "PFN"), (unsigned long long)f->pfn);
}

/* The TLBs in the order in which they are asked: arg 0 the first level, 1 the second. */
static void draw_tlb(const struct painter *p, const struct area *a, int y, unsigned arg) {
    enum tlb_unit unit = arg ? TLB_SECOND : p->s.flight.unit;
    bool split = tlbs_has(&p->s.hw->tlbs, TLB_FETCH), none = !tlbs_has(&p->s.hw->tlbs, TLB_DATA);
    bool now = touches_unit(&p->s, TOUCH_SET, unit) || touches_unit(&p->s, TOUCH_WAY, unit);
    const char *name = arg ? "L2" : !split ? "TLB" : unit == TLB_FETCH ? "iTLB" : "dTLB";
    char words[64], line[80];
    say_look(p, unit, words, sizeof words);
    snprintf(line, sizeof line, "%-4s %s", name, none ? "none" : words);
    if (now) area_text(a, 0, y, ROLE_CURRENT, ">");
    text_fits(a, 1, y, now ? ROLE_CURRENT : p->s.flight.look[unit].out == TLB_OUT_NONE ? ROLE_DIM : ROLE_NORMAL, line);
}

/* Where the walk begins; its number stands in the column of the PTEs' addresses. */
static void draw_root(const struct painter *p, const struct area *a, int y, unsigned arg) {
    char root[48], more[24], bit[16];
    const char *name = p->s.f->root ? p->s.f->root : "root", *asid = asid_name(&p->s);
    int pad = p->c[LEVEL].width > (int)strlen(name) ? p->c[LEVEL].width : (int)strlen(name);
    (void)arg;
    snprintf(root, sizeof root, "%-*s %0*llx", pad, name, p->digits, (unsigned long long)p->s.hw->regs.root);
    if (!text_fits(a, 1, y, ROLE_NORMAL, root)) return;
    int x = 2 + (int)strlen(root);
    snprintf(more, sizeof more, "%s %u", asid ? asid : "", p->s.hw->regs.asid);
    bool bits_first = p->s.flight.kernel && a->width < 40; /* what may the kernel do? */
    if (asid && !bits_first && text_fits(a, x, y, ROLE_NORMAL, more)) x += (int)strlen(more) + 2;
    if (!text_fits(a, x, y, in_kernel_mode(&p->s) ? ROLE_KERNEL : ROLE_NORMAL, privilege_name(&p->s))) return;
    x += (int)strlen(privilege_name(&p->s)) + 2;
    struct text t = text_in(bit, sizeof bit);
    for (int i = 0; say_control_bit(&p->s, i, &t); i++, t = text_in(bit, sizeof bit)) /* "WP SMEP" */
        if (text_fits(a, x, y, ROLE_DIM, bit)) x += (int)strlen(bit) + 1;
}

/* The register as the architecture encodes it. */
static void draw_register(const struct painter *p, const struct area *a, int y, unsigned arg) {
    char line[160], fields[80];
    struct text f = text_in(fields, sizeof fields);
    int digits;
    uint64_t value = root_value(&p->s, &digits);
    (void)arg;
    say_root_fields(&p->s, &f);
    snprintf(line, sizeof line, "%s = %0*llx: %s", p->s.f->root, digits, (unsigned long long)value, fields);
    if (f.len) text_fits(a, 1, y, ROLE_DIM, line);
}

static void draw_blank(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)p, (void)a, (void)y, (void)arg;
}

/* ---- all together ---- */

static void add(struct lines *l, line_function *draw, unsigned arg, int rank) {
    if (l->count < LINES_MAX) l->line[l->count++] = (struct line){draw, arg, rank, false};
}

/* The address and its fields. With a walk of many levels the fields' values, which stand in its lines
 * as well, are given up before their names. */
static void list_address(const struct painter *p, struct lines *l, int many) {
    int fits = p->fields.fits ? 0 : NEVER;
    add(l, draw_va, 0, fits ? 0 : many ? 3 : 5);
    add(l, draw_field_names, 0, 2 + fits);
    add(l, draw_field_ruler, 0, p->fields.binary ? 6 + fits : NEVER);
    add(l, draw_field_bits, 0, 1 + fits);
    add(l, draw_field_values, 0, (many ? 5 : 1) + fits);
    add(l, draw_blank, 0, 7);
    add(l, draw_tlb, 0, 4);
    if (tlbs_has(&p->s.hw->tlbs, TLB_SECOND)) add(l, draw_tlb, 1, 4);
}

/* A line of a walk of `count`: the one being read stays longest, then its neighbours. */
static int walk_rank(const struct painter *p, unsigned i, unsigned count, int rows) {
    unsigned now = walk_line_now(p), far = i > now ? 2 * (i - now) : 2 * (now - i) + 1;
    return (int)count + 1 <= rows ? 0 : (int)far;
}

static void list_tree(const struct painter *p, struct lines *l, int rows) {
    unsigned count = p->s.f->levels - leaf_level(&p->s);
    add(l, draw_root, 0, 3);
    add(l, draw_register, 0, 9);
    add(l, draw_heads, 0, 6);
    for (unsigned i = 0; i < count; i++) {
        add(l, draw_level, i, walk_rank(p, i, count, rows));
        add(l, draw_level_sum, i, 10);
    }
}

static void list_chain(const struct painter *p, struct lines *l, int rows) {
    unsigned count = chain_lines(p);
    add(l, draw_root, 0, 5);
    add(l, draw_hash, 0, 3);
    add(l, draw_heads, 0, 6);
    for (unsigned i = 0; i < count; i++) add(l, draw_link, i, walk_rank(p, i, count, rows));
}

static void list_segment(const struct painter *p, struct lines *l, int rows) {
    (void)p, (void)rows;
    add(l, draw_base, 0, 0);
    add(l, draw_bounds, 0, 0);
    add(l, draw_compare, 0, 1);
}

/* How each shape translates, between the address and the result. */
static void (*const list_shape[])(const struct painter *p, struct lines *l, int rows) = {
    [SHAPE_TREE] = list_tree, [SHAPE_HASHED] = list_chain, [SHAPE_SEGMENTS] = list_segment};

static void list_lines(const struct painter *p, struct lines *l, int rows) {
    bool many = p->s.f->shape == SHAPE_HASHED || p->s.f->levels > 3;
    list_address(p, l, many);
    list_shape[p->s.f->shape](p, l, rows);
    add(l, draw_blank, 0, 8);
    add(l, draw_pa, 0, rows > 2 ? 0 : 1);
}

/* Keep lines in the order of their ranks until the rows are full. */
static void keep_lines(struct lines *l, int rows) {
    for (int rank = 0; rank < RANKS; rank++)
        for (int i = 0; i < l->count && rows > 0; i++)
            if (l->line[i].rank == rank) {
                l->line[i].kept = true;
                rows--;
            }
}

/* Words that the walk has read; none before it began, or when the TLB had the answer. */
static unsigned kept_reads(const struct painter *p) {
    if (!p->s.flight.walked) return 0;
    return p->walk->reads < WALK_READS_MAX ? p->walk->reads : WALK_READS_MAX;
}

/* Nothing is translated while a process asks the kernel for something: what it works on are
 * the VMAs of the process that the last event is about. */
static void draw_call(const struct view *v, const struct sight *s, const struct area *a) {
    struct page_writer w = {a, 0};
    struct step step;
    proc_t p = process_seen(s->k, s->last->proc) ? s->last->proc : s->k->running;
    bool access = !machine_step_now(v->machine, &step) || step.kind == STEP_ACCESS;
    write_line(&w, ROLE_DIM, "no address is being translated");
    if (access || !s->k->process[p].alive || a->height < 3) return;
    if (a->height > 8) w.y++;
    write_line(&w, ROLE_HEADING, "VMAs of %s", s->k->process[p].name);
    write_vmas(&w, v, p);
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    struct painter p = {.v = v, .s = sight_of(v)};
    struct lines lines = {.count = 0};
    int y = 0;
    st->cursor = st->scroll = 0;
    if (!p.s.flight.active) {
        draw_call(v, &p.s, a);
        return;
    }
    p.walk = walk_of(&p.s);
    p.reads = kept_reads(&p);
    p.fields = cut_address(v, &p.s, a->width);
    choose_walk_columns(&p, a->width);
    list_lines(&p, &lines, a->height);
    keep_lines(&lines, a->height);
    for (int i = 0; i < lines.count; i++)
        if (lines.line[i].kept) lines.line[i].draw(&p, a, y++, lines.line[i].arg);
    if (focused) area_cursor(a, 0, 0);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    text_add(out, s.f->name ? s.f->name : "");
    if (s.flight.active && s.flight.by_handler) text_add(out, "  by the OS");
}

/* Names and bits of the fields, a long walk, and the PA. */
static int rows(const struct view *v) {
    const struct paging_format *f = machine_hw(v->machine)->format;
    return f->shape == SHAPE_TREE && f->levels > 3 ? (int)f->levels + 3 : 0;
}

static int items(const struct view *v) { return sight_of(v).flight.active ? 1 : 0; }
static int hot_item(const struct view *v) { return items(v) - 1; }

/* The registers, and every word that the walk has read, bit by bit. */
static void detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_of(v);
    struct page_writer w = {a, 0};
    char va[24];
    (void)item;
    if (!s.flight.active) return;
    write_line(&w, ROLE_HEADING, "%s  %s %s", s.f->title ? s.f->title : s.f->name, access_name(s.flight.op),
               va_text(s.f, s.flight.va, va));
    write_registers(&w, &s);
    write_walk(&w, &s);
}

const struct pane pane_translation = {
    .name = "translation",
    .title = "Translation",
    .digit = '2',
    .min_width = 16,
    .min_height = 3,
    .rows = rows,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
};
