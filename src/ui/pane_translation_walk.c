/* pane_translation_walk.c - what the walk has read, a word a line.
 *
 *     satp   00200000                          a tree: a level a line
 *     L1[32] 00200080 000fc401 V------- -> 00201000
 *    >L0[76] 00201130 00000000 -------- not valid
 *
 *     hash   (08048 xor 1) mod 8 = 1           an inverted table: the anchor, then
 *     anchor[1] 00200018 -> entry 3            entry after entry of the chain
 *    >entry[3]  00200088 0804c ASID 1 -> entry 5
 *
 * Nothing is shown before it was read. Columns drop out in the order of their
 * ranks; words of 64 bits go first, since their flags and what they lead to say more.
 */
#include "ui/pane_translation.h"

#include "hw/inverted.h"

/* The i-th read, when it was made. */
static const struct walk_read *read_of(const struct painter *p, unsigned i) {
    return i < p->reads ? &p->walk->read[i] : NULL;
}

/* clang-format off */
static const bool reads_pte[EV_COUNT] = {
    [EV_WALK_TABLE] = true, [EV_WALK_LEAF] = true, [EV_WALK_INVALID] = true, [EV_WALK_DENIED] = true,
    [EV_WALK_BAD] = true, [EV_WALK_CLEAR] = true, [EV_WALK_ANCHOR] = true, [EV_WALK_CHAIN] = true,
    [EV_REFILL_READ] = true, [EV_BITS_SET] = true, [EV_REFILL_BITS] = true, [EV_BITS_BY_OS] = true,
};
static const char *const stopped[HW_FAULTS] = {
    [HW_FAULT_NONE] = "", [HW_FAULT_NOT_VALID] = "not valid", [HW_FAULT_DENIED] = "not allowed",
    [HW_FAULT_MALFORMED] = "malformed", [HW_FAULT_RANGE] = "too high", [HW_FAULT_BUS] = "outside RAM",
    [HW_FAULT_BITS] = "A/D clear", [HW_FAULT_BOUNDS] = "beyond", [HW_FAULT_TLB_MISS] = "",
};
/* clang-format on */

static bool is_now(const struct painter *p, const struct walk_read *r) {
    return r && reads_pte[p->s.last->kind] && p->s.last->pte_addr == r->addr;
}

unsigned walk_line_now(const struct painter *p) {
    for (unsigned i = 0; i < p->reads; i++)
        if (is_now(p, &p->walk->read[i])) return i;
    return p->reads ? p->reads - 1 : 0;
}

/* What the word leads to: the end of the walk, or where it goes on. */
static void say_tree_result(const struct painter *p, unsigned i, char *buf, size_t size) {
    const struct walk *w = p->walk;
    const struct walk_read *r = &w->read[i];
    bool last = i + 1 == p->reads && w->done;
    if (last && w->fault) snprintf(buf, size, "%s", stopped[w->fault]);
    else if (last) snprintf(buf, size, "%s %llu", short_word(p->v, "PFN"), (unsigned long long)w->pfn);
    else
        snprintf(buf, size, "-> %0*llx", p->digits,
                 (unsigned long long)pfn_to_pa(paging_decode(p->s.f, r->word).pfn, p->s.f->page_shift));
}

static void draw_unread(const struct painter *p, const struct area *a, int y) {
    const struct flight *f = &p->s.flight;
    bool hit = f->translated && !f->walked;
    int x = 2 + p->c[LEVEL].width;
    if (!hit || !text_fits(a, x, y, ROLE_DIM, "not read")) text_fits(a, x, y, ROLE_DIM, "-");
}

/* Columns that a tree's entry and a chain's have in common. */
static void draw_word(const struct painter *p, const struct area *a, int y, const struct walk_read *r, enum role role) {
    char flags[PTE_FLAGS + 1];
    struct text t = text_in(flags, sizeof flags);
    format_pte_flags(&t, p->s.f, r->word);
    column_put(a, &p->c[ADDRESS], 1, y, role, "%0*llx", p->c[ADDRESS].width, (unsigned long long)r->addr);
    column_put(a, &p->c[WORD], 1, y, role, "%0*llx", pte_digits(p->s.f), (unsigned long long)r->word);
    column_put(a, &p->c[FLAGS], 1, y, role, "%s", flags);
}

static enum role begin_line(const struct painter *p, const struct area *a, int y, const struct walk_read *r) {
    enum role role = is_now(p, r) ? ROLE_CURRENT : r ? ROLE_NORMAL : ROLE_DIM;
    if (role != ROLE_CURRENT) return role;
    area_role(a, 0, y, a->width, 1, role);
    area_text(a, 0, y, role, ">");
    return role;
}

void draw_level(const struct painter *p, const struct area *a, int y, unsigned i) {
    unsigned level = p->s.f->levels - 1 - i;
    const struct walk_read *r = read_of(p, i);
    enum role role = begin_line(p, a, y, r);
    char result[32];
    column_put(a, &p->c[LEVEL], 1, y, role, "%s[%u]", paging_level_name(p->s.f, level),
               paging_index(p->s.f, p->s.flight.va, level));
    if (!r) {
        draw_unread(p, a, y);
        return;
    }
    draw_word(p, a, y, r, role);
    say_tree_result(p, i, result, sizeof result);
    column_put(a, &p->c[RESULT], 1, y, role, "%s", result);
    bool huge = r->level > 0 && i + 1 == p->reads && p->walk->done && !p->walk->fault;
    int end = 1 + p->c[RESULT].x + (int)strlen(result) + 1;
    char size[24];
    struct text t = text_in(size, sizeof size);
    say_page_size(&t, p->s.f, paging_leaf_order(p->s.f, r->level));
    if (huge && p->c[RESULT].x >= 0) text_fits(a, end, y, role, size);
}

/* How the PTE's address comes about. */
void draw_level_sum(const struct painter *p, const struct area *a, int y, unsigned i) {
    const struct walk_read *r = read_of(p, i);
    int digits = p->digits;
    char sum[96];
    if (!r) return;
    snprintf(sum, sizeof sum, "table %0*llx + %u x %u = %0*llx", digits, (unsigned long long)r->table,
             r->index, p->s.f->pte_bytes, digits, (unsigned long long)r->addr);
    text_fits(a, 3, y, ROLE_DIM, sum);
}

/* ---- the chain of an inverted table ---- */

unsigned chain_lines(const struct painter *p) {
    bool more = !p->reads || !p->walk->done;
    return p->reads + (more ? 1 : 0);
}

/* Where the search begins: the page's number and the ASID, mixed. */
void draw_hash(const struct painter *p, const struct area *a, int y, unsigned arg) {
    struct inverted t;
    char sum[80];
    (void)arg;
    if (!inverted_open(p->s.hw->ram, p->s.hw->regs.root, &t)) return;
    vpn_t vpn = p->s.flight.vpn;
    asid_t asid = p->s.hw->regs.asid;
    snprintf(sum, sizeof sum, "hash (%0*llx xor %u) mod %llu = %u", vpn_digits(&p->s), (unsigned long long)vpn, asid,
             (unsigned long long)t.anchors, inverted_hash(&t, vpn, asid));
    text_fits(a, 1, y, ROLE_NORMAL, sum);
}

static void say_chain_result(const struct painter *p, unsigned i, char *buf, size_t size) {
    const struct walk *w = p->walk;
    bool last = i + 1 == p->reads;
    if (last && w->done && w->fault) snprintf(buf, size, "%s", w->fault == HW_FAULT_NOT_VALID ? (i ? "chain ends" : "no chain") : stopped[w->fault]);
    else if (last && w->done) snprintf(buf, size, "found: %s %llu", short_word(p->v, "PFN"), (unsigned long long)w->pfn);
    else snprintf(buf, size, "-> entry %u", last ? w->index : w->read[i + 1].index);
}

static uint64_t tag_part(const struct painter *p, const struct walk_read *r, const char *name) {
    return field_value(p->s.f, r->word, r->level, name);
}

void draw_link(const struct painter *p, const struct area *a, int y, unsigned i) {
    const struct walk_read *r = read_of(p, i);
    enum role role = begin_line(p, a, y, r);
    char result[32];
    if (!r) {
        if (i == 0) column_put(a, &p->c[LEVEL], 1, y, role, "%s", "anchor");
        else column_put(a, &p->c[LEVEL], 1, y, role, "%s[%u]", paging_level_name(p->s.f, INVERTED_LEVEL_ENTRY), p->walk->index);
        draw_unread(p, a, y);
        return;
    }
    column_put(a, &p->c[LEVEL], 1, y, role, "%s[%u]", paging_level_name(p->s.f, r->level), r->index);
    column_put(a, &p->c[ADDRESS], 1, y, role, "%0*llx", p->c[ADDRESS].width, (unsigned long long)r->addr);
    if (r->level == INVERTED_LEVEL_ENTRY) {
        draw_word(p, a, y, r, role);
        column_put(a, &p->c[TAG], 1, y, role, "%0*llx/%u", vpn_digits(&p->s), (unsigned long long)tag_part(p, r, "VPN"),
                   (unsigned)tag_part(p, r, "ASID"));
    }
    say_chain_result(p, i, result, sizeof result);
    column_put(a, &p->c[RESULT], 1, y, role, "%s", result);
}

/* ---- columns ---- */

void draw_heads(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    columns_head(a, p->c, WALK_COLUMNS, 1, y);
}

static int level_width(const struct painter *p) {
    const struct sight *s = &p->s;
    int widest = 0;
    unsigned leaf = leaf_level(s);
    for (unsigned l = leaf; s->f->shape == SHAPE_TREE && l < s->f->levels; l++) {
        int w = 2 + (int)strlen(paging_level_name(s->f, l)) + decimal_digits(paging_index(s->f, s->flight.va, l));
        if (w > widest) widest = w;
    }
    if (s->f->shape == SHAPE_HASHED) widest = 8 + decimal_digits(s->k->config->frames);
    return widest;
}

static int flag_count(const struct paging_format *f) {
    int n = 0;
    for (unsigned flags = paging_flags(f); flags; flags &= flags - 1) n++;
    return n;
}

/* What a word leads to, at its longest. */
static int result_width(const struct painter *p, int digits) {
    if (p->s.f->shape == SHAPE_HASHED) return 11 + decimal_digits(p->s.k->config->frames);
    return 3 + (digits > 9 ? digits : 9);
}

/* Addresses as wide as the narration writes them, or as this RAM needs, or none. */
void choose_walk_columns(struct painter *p, int width) {
    const int digits[] = {pa_digits(p->s.f), ram_digits(&p->s)};
    bool hashed = p->s.f->shape == SHAPE_HASHED, wide = p->s.f->pte_bytes == 8;
    int tag = hashed ? column_width("VPN/ASID", vpn_digits(&p->s) + 1 + decimal_digits(p->s.k->process_count)) : 0;
    for (int i = 0; i < 2; i++) {
        const struct column all[WALK_COLUMNS] = {
            [LEVEL] = {.head = hashed ? "" : "level", .width = level_width(p), .rank = 0},
            [ADDRESS] = {.head = hashed ? "at" : "PTE at", .width = digits[i], .rank = wide ? 4 : 3},
            [TAG] = {.head = "VPN/ASID", .width = tag, .rank = 2},
            [WORD] = {.head = hashed ? "entry" : "PTE", .width = pte_digits(p->s.f), .rank = wide ? 6 : 2},
            [FLAGS] = {.head = "flags", .width = flag_count(p->s.f), .rank = hashed ? 5 : 1},
            [RESULT] = {.head = "leads to", .width = result_width(p, digits[i]), .rank = wide ? 3 : 4}};
        memcpy(p->c, all, sizeof all);
        columns_fit(p->c, WALK_COLUMNS, width - 1);
        p->digits = digits[i];
        if (p->c[ADDRESS].x >= 0) break;
    }
}
