/* walk_text.c - vmscope walk in words, for whoever looks at their own page tables.
 *
 *   VA 0x30003080
 *     level  index  PTE at      PTE         leads to
 *     L1       192  0x80300300  0x200c0401  table at 0x80301000
 *                   valid
 *     L0         3  0x8030100c  0x201000d7  page at 0x80400000
 *                   valid, readable, writable, user, accessed, dirty
 *     PA 0x80400080 = page at 0x80400000 + offset 0x80
 *
 * The columns are as wide as the format's words, so that addresses stand in line.
 */
#include "cli/walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_WIDTH    80
#define RESULT_INDENT 8

/* ---- widths ---- */

static int level_width(const struct paging_format *f, const struct walked *k) {
    size_t widest = strlen("level");
    for (size_t i = 0; i < k->reads; i++) {
        size_t n = strlen(paging_level_name(f, k->read[i].level));
        if (n > widest) widest = n;
    }
    return (int)widest;
}

static int hex_width(uint64_t v) { return snprintf(NULL, 0, "0x%" PRIx64, v); }

static int address_width(const struct walked *k) {
    int widest = (int)strlen("PTE at");
    for (size_t i = 0; i < k->reads; i++)
        if (hex_width(k->read[i].addr) > widest) widest = hex_width(k->read[i].addr);
    return widest;
}

/* Words after `indent` blanks, broken where the line would be too long. */
static void print_lines(int indent, const char *words) {
    int at = printf("%*s", indent, "");
    while (*words) {
        int n = (int)strcspn(words, " ");
        if (at > indent && at + 1 + n > LINE_WIDTH) at = printf("\n%*s", indent, "") - 1;
        at += printf("%s%.*s", at > indent ? " " : "", n, words);
        words += n + (words[n] != '\0');
    }
    printf("\n");
}

/* ---- what is in force ---- */

static const char *access_word(enum access_kind op) {
    static const char *const name[ACCESS_KINDS] = {
        [ACCESS_READ] = "load", [ACCESS_WRITE] = "store", [ACCESS_FETCH] = "fetch"};
    return name[op];
}

static void riscv_begin(const struct walk_setup *s) {
    printf("%s from %s mode, SUM=%d, MXR=%d; A and D are set by %s\n", access_word(s->access),
           s->user ? "user" : "supervisor", (s->regs.mode & MODE_SUM) != 0, (s->regs.mode & MODE_MXR) != 0,
           s->format.hardware_ad ? "the hardware (Svadu)" : "software (Svade)");
}

static void x86_begin(const struct walk_setup *s) {
    static const struct {
        const char *name;
        unsigned bit;
    } bits[] = {{"WP", MODE_WP}, {"SMEP", MODE_SMEP}, {"SMAP", MODE_SMAP}, {"AC", MODE_AC}};
    printf("%s at CPL %d", access_word(s->access), s->user ? 3 : 0);
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        printf(", %s=%d", bits[i].name, (s->regs.mode & bits[i].bit) != 0);
    printf(", PSE=%d, NXE=%d, MAXPHYADDR=%u\n", s->pse, s->nxe, s->maxphyaddr);
}

static void text_begin(const struct walk_setup *s) {
    printf("%s (%s): walks from 0x%" PRIx64 " (%s)\n", s->format.title, s->format.name, s->regs.root,
           s->format.root);
    if (s->maxphyaddr)
        x86_begin(s);
    else if (strcmp(s->format.root, "satp") == 0)
        riscv_begin(s);
    else
        printf("%s from %s mode\n", access_word(s->access), s->user ? "user" : "supervisor");
    if (s->ram_low != 0 || s->ram_high != UINT64_MAX)
        printf("RAM from 0x%" PRIx64 " to 0x%" PRIx64 "\n", s->ram_low, s->ram_high);
}

/* ---- one word of a table ---- */

/* Is this field one of the flags that the flags' own names tell already? */
static bool is_flag(const struct paging_format *f, const struct pte_field *field) {
    for (int flag = 0; flag < PTE_FLAGS; flag++)
        if (field->high == field->low && f->flag_bit[flag] == (int)field->low &&
            !(f->inverted & PTE_BIT(flag)))
            return true;
    return false;
}

static uint64_t field_value(const struct pte_field *field, uint64_t word) {
    return word >> field->low & low_bits(field->high - field->low + 1u);
}

/* Has this very word the flag? A pointer lacks some of a leaf's: x86 ignores its D and G, and
 * Arm's tables have only their own bits. */
static bool has_flag(const struct paging_format *f, const struct walk_read *r, unsigned flag,
                     const struct pte_field *field, unsigned fields) {
    bool leaf = paging_is_leaf(f, r->word, r->level);
    for (unsigned i = 0; i < fields; i++)
        if (f->flag_bit[flag] >= field[i].low && f->flag_bit[flag] <= field[i].high)
            return strcmp(field[i].name, "ignored") != 0 && (leaf || !f->arch->flags_of || flag == PTE_V);
    return leaf || flag == PTE_V;
}

/* "valid, readable, user": a word's flags by their names; then single bits that only this
 * format has, by its own name for them. */
static void spell_flags(struct text *t, const struct paging_format *f, const struct walk_read *r) {
    struct pte_field field[PTE_FIELDS_MAX];
    unsigned flags = paging_decode(f, r->word).flags, n = paging_fields(f, r->word, r->level, field);
    for (unsigned flag = 0; flag < PTE_FLAGS; flag++)
        if ((flags & PTE_BIT(flag)) && has_flag(f, r, flag, field, n))
            text_addf(t, "%s%s", t->len ? ", " : "", pte_flag_name[flag]);
    for (unsigned i = 0; i < n; i++)
        if (field[i].high == field[i].low && field_value(&field[i], r->word) && !is_flag(f, &field[i]))
            text_addf(t, "%s%s", t->len ? ", " : "", field[i].name);
}

/* Words that are no plain PTEs (descriptors, entries of an inverted table): fields with their
 * values, and the single bits that are set. */
static void spell_fields(struct text *t, const struct paging_format *f, const struct walk_read *r) {
    struct pte_field field[PTE_FIELDS_MAX];
    unsigned n = paging_fields(f, r->word, r->level, field);
    for (unsigned i = 0; i < n; i++) {
        bool single = field[i].high == field[i].low;
        uint64_t value = field_value(&field[i], r->word);
        if (single && !value) continue;
        text_addf(t, "%s%s", t->len ? ", " : "", field[i].name);
        if (!single) text_addf(t, "=0x%" PRIx64, value);
    }
}

static void spell(struct text *t, const struct paging_format *f, const struct walk_read *r) {
    bool valid = !paging_has(f, PTE_V) || (paging_decode(f, r->word).flags & PTE_BIT(PTE_V));
    if (f->shape != SHAPE_TREE)
        spell_fields(t, f, r);
    else if (valid)
        spell_flags(t, f, r);
    else
        text_add(t, "not valid");
}

/* Was the last word a leaf that maps a page, whether or not this access may use it? */
static bool maps_page(const struct walk_setup *s, const struct walk *w) {
    bool refused = w->fault == HW_FAULT_DENIED || w->fault == HW_FAULT_BITS;
    return w->leaf || (refused && paging_is_leaf(&s->format, w->word, w->level));
}

/* Where the i-th word leads. */
static void print_target(const struct walk_setup *s, const struct walked *k, size_t i) {
    const struct walk_read *r = &k->read[i];
    if (s->format.shape != SHAPE_TREE) return;
    if (i + 1 < k->reads)
        printf("  table at 0x%" PRIx64, k->read[i + 1].table);
    else if (k->w.pte_addr != r->addr)
        printf("  table at 0x%" PRIx64, k->w.table);
    else if (maps_page(s, &k->w))
        printf("  page at 0x%" PRIx64, paging_leaf_base(&s->format, r->word, r->level));
    else
        printf("  nothing");
}

static void print_words(const struct walk_setup *s, const struct walked *k) {
    const struct paging_format *f = &s->format;
    int level = level_width(f, k), digits = (int)f->pte_bytes * 2, addr = address_width(k);
    char flags[400];
    if (k->reads && f->shape == SHAPE_TREE)
        printf("  %-*s  index  %-*s  %-*s  leads to\n", level, "level", addr, "PTE at", digits + 2, "PTE");
    else if (k->reads)
        printf("  %-*s  index  %-*s  word\n", level, "level", addr, "at");
    for (size_t i = 0; i < k->reads; i++) {
        const struct walk_read *r = &k->read[i];
        struct text t = text_in(flags, sizeof flags);
        spell(&t, f, r);
        printf("  %-*s  %5" PRIu32 "  0x%-*" PRIx64 "  0x%0*" PRIx64, level, paging_level_name(f, r->level),
               r->index, addr - 2, r->addr, digits, r->word);
        print_target(s, k, i);
        printf("\n");
        print_lines(level + 11, flags);
    }
}

/* ---- what came of it ---- */

static void print_page(const struct walk_setup *s, const struct walked *k) {
    const struct walk *w = &k->w;
    printf("  PA 0x%" PRIx64, w->pa);
    if (s->format.shape == SHAPE_TREE && k->reads) {
        uint64_t within = low_bits(paging_index_shift(&s->format, w->level));
        char size[32];
        struct text t = text_in(size, sizeof size);
        format_size(&t, within + 1);
        printf(" = page at 0x%" PRIx64 " + offset 0x%" PRIx64 ", a page of %s", w->pa & ~within,
               w->pa & within, size);
    }
    printf("\n");
}

/* The error code that comes with #PF, bit by bit: Intel SDM, volume 3, "Page-Fault Exceptions". */
static void print_error_code(uint32_t code) {
    static const char *const set[] = {"P=1: protection", "W/R=1: write", "U/S=1: user",
                                      "RSVD=1: reserved bit", "I/D=1: fetch"};
    char phrase[200];
    struct text t = text_in(phrase, sizeof phrase);
    if (!(code & 1)) text_addf(&t, "P=0: not present%s", code ? ", " : "");
    for (unsigned i = 0; i < sizeof set / sizeof set[0]; i++)
        if (code >> i & 1) text_addf(&t, "%s%s", set[i], code >> (i + 1) ? ", " : "");
    print_lines(RESULT_INDENT, phrase);
}

static void print_why(const struct walk_setup *s, const struct walked *k) {
    const struct walk *w = &k->w;
    const char *level = paging_level_name(&s->format, w->level);
    char phrase[400];
    struct text t = text_in(phrase, sizeof phrase);
    if (w->fault == HW_FAULT_BUS && w->leaf)
        text_addf(&t, "the page was found, but PA 0x%" PRIx64 " lies outside RAM", w->pa);
    else if (w->fault == HW_FAULT_BUS)
        text_addf(&t, "the PTE of %s at 0x%" PRIx64 " lies outside RAM", level, w->pte_addr);
    else
        text_addf(&t, "%s%s%s%s", k->reads ? "at " : "", k->reads ? level : "", k->reads ? ": " : "",
                  w->failed && w->failed->why ? w->failed->why : hw_fault_name((enum hw_fault)w->fault));
    print_lines(RESULT_INDENT, phrase);
}

static void print_fault(const struct walk_setup *s, const struct walked *k) {
    struct hw_report report = walk_report(&k->w, &s->format);
    printf("  FAULT %s", report.class);
    if (report.code_name)
        printf(", %s %" PRIu32, strcmp(report.code_name, "error_code") == 0 ? "error code" : report.code_name,
               report.code);
    printf("\n");
    print_why(s, k);
    if (strcmp(report.class, "#PF") == 0) print_error_code(report.code);
}

static void print_write(const struct walk_setup *s, const struct walk_write *write) {
    int digits = (int)s->format.pte_bytes * 2;
    const char *between = "";
    printf("  written back at 0x%" PRIx64 ": ", write->addr);
    for (unsigned flag = 0; flag < PTE_FLAGS; flag++) {
        if (!(write->bits & PTE_BIT(flag))) continue;
        printf("%s%s", between, pte_flag_name[flag]);
        between = " and ";
    }
    printf(" set\n%*s0x%0*" PRIx64 " -> 0x%0*" PRIx64 "\n", RESULT_INDENT, "", digits, write->old, digits,
           write->word);
}

static void text_one(const struct walk_setup *s, const struct walked *k, size_t number) {
    (void)number;
    printf("\nVA 0x%" PRIx64 "\n", k->w.va);
    print_words(s, k);
    if (k->w.fault == HW_FAULT_NONE)
        print_page(s, k);
    else
        print_fault(s, k);
    for (size_t i = 0; i < k->writes; i++) print_write(s, &k->write[i]);
}

static void text_end(void) {}

const struct walk_format walk_text = {"text", "level by level, in words (the default)", text_begin, text_one,
                                      text_end};
