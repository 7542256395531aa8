/* address.c - address expressions: "heap+0x10", "stack-8", "page(5)+0x10", "0x1000".
 *
 *   expression = base [ ("+" | "-") size ]
 *   base       = number | "page(" number ")" | region
 *
 * A region's name is its lowest address; the stack's is its top, just above its
 * highest byte, because a stack grows down from there. */
#include "scenario/address.h"

#include "scenario/value_rule.h"
#include "vmscope/scenario/scenario.h"

#define WORD_SIZE 64

struct expression {
    char base[WORD_SIZE]; /* a number or a region's name */
    bool page;            /* base is a page number */
    bool minus;
    uint64_t offset;
};

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static const char *blanks(const char *s) {
    while (*s == ' ') s++;
    return s;
}

/* A word of name characters into `word`; returns what follows it. */
static const char *take_word(const char *s, char word[WORD_SIZE]) {
    size_t n = 0;
    for (; is_name_char(*s); s++)
        if (n + 1 < WORD_SIZE) word[n++] = *s;
    word[n] = '\0';
    return s;
}

static bool take_offset(const char *s, struct expression *e, struct text *why) {
    char word[WORD_SIZE];
    const char *reason;
    e->minus = *s == '-';
    const char *end = blanks(take_word(blanks(s + 1), word));
    if (*end) {
        text_addf(
            why, "after '%s' nothing more is expected: an address is a place and one offset, as in heap+0x10",
            word);
        return false;
    }
    if (parse_size(word, &e->offset, &reason)) return true;
    text_addf(why, "the offset '%s' is not a number: %s", word,
              word[0] ? reason : "write it as in heap+0x10");
    return false;
}

static bool take_expression(const char *s, struct expression *e, struct text *why) {
    *e = (struct expression){.page = false};
    const char *at = blanks(take_word(blanks(s), e->base));
    if (*at == '(' && strcmp(e->base, "page") == 0) {
        e->page = true;
        at = blanks(take_word(blanks(at + 1), e->base));
        if (*at++ != ')') {
            text_add(why, "page( needs a page number and a closing ')', as in page(5)");
            return false;
        }
        at = blanks(at);
    }
    bool based = e->page || e->base[0];
    if (based && (*at == '+' || *at == '-')) return take_offset(at, e, why);
    if (based && !*at) return true;
    quote(why, s);
    text_addf(why, " is not an address: write it as %s", rule_example(RULE_ADDRESS));
    return false;
}

static bool add_offset(const struct expression *e, vaddr_t base, vaddr_t *out, struct text *why) {
    bool fits = e->minus ? e->offset <= base : e->offset <= UINT64_MAX - base;
    *out = e->minus ? base - e->offset : base + e->offset;
    if (!fits) text_add(why, e->minus ? "the address lies below 0" : "the address does not fit 64 bits");
    return fits;
}

/* The value of a base that is a number or a page. */
static bool number_base(const struct expression *e, unsigned page_shift, vaddr_t *out, struct text *why) {
    const char *reason;
    if (!parse_number(e->base, out, &reason)) {
        text_addf(why, "'%s' is not a number: %s", e->base, reason);
        return false;
    }
    if (!e->page) return true;
    if (*out > UINT64_MAX >> page_shift) {
        text_addf(why, "there is no page %s", e->base);
        return false;
    }
    *out = vpn_to_va(*out, page_shift);
    return true;
}

static bool has_number(const struct expression *e) {
    return e->page || (e->base[0] >= '0' && e->base[0] <= '9');
}

bool address_plain(const char *s, unsigned page_shift, vaddr_t *out) {
    char buf[200];
    struct text why = text_in(buf, sizeof buf);
    struct expression e;
    return take_expression(s, &e, &why) && has_number(&e) && number_base(&e, page_shift, out, &why) &&
           add_offset(&e, *out, out, &why);
}

bool address_behind(const char *s, enum vma_kind *kind, uint64_t *offset) {
    char buf[200];
    struct text why = text_in(buf, sizeof buf);
    struct expression e;
    if (!take_expression(s, &e, &why) || has_number(&e) || e.minus) return false;
    for (*kind = 0; *kind < VMA_KINDS && strcmp(vma_kind_name[*kind], e.base) != 0;) (*kind)++;
    *offset = e.offset;
    return *kind < VMA_KINDS && *kind != VMA_STACK;
}

/* ---- regions ---- */

#define REGIONS_LISTED 32

/* Its regions, and what any program calls its mappings. */
static void list_names(const struct machine_config *c, const struct process_config *p, const char *names[REGIONS_LISTED + 1]) {
    size_t n = 0;
    for (size_t i = 0; i < p->region_count && n < REGIONS_LISTED; i++) names[n++] = p->regions[i].name;
    for (size_t i = 0; i < c->name_count && n < REGIONS_LISTED; i++) names[n++] = c->names[i];
}

static bool no_region(const struct machine_config *c, const struct process_config *p, const char *name, struct text *why) {
    const char *names[REGIONS_LISTED + 1] = {NULL};
    list_names(c, p, names);
    const char *near = suggest(name, names);
    text_addf(why, "%s has no region '%s'", p->name, name);
    if (near) {
        text_addf(why, ": did you mean '%s'?", near);
        return false;
    }
    text_add(why, names[0] ? ": it has " : ": it has no regions at all");
    for (size_t i = 0; names[i]; i++) text_addf(why, "%s%s", i ? ", " : "", names[i]);
    return false;
}

static bool region_base(const struct machine_config *c, const struct process_config *p, const char *name, unsigned page_shift, vaddr_t *out,
                        struct text *why) {
    for (size_t i = 0; i < p->region_count; i++) {
        const struct region_config *r = &p->regions[i];
        if (strcmp(r->name, name) != 0) continue;
        *out = vpn_to_va(r->kind == VMA_STACK ? r->first + r->pages : r->first, page_shift);
        return true;
    }
    return no_region(c, p, name, why);
}

/* A mapping's name is as a pointer of the program: where it leads is known when the program runs. */
static bool mapping_base(const struct machine_config *c, const struct expression *e, struct address *out) {
    for (size_t i = 0; i < c->name_count; i++) {
        if (strcmp(c->names[i], e->base) != 0) continue;
        *out = (struct address){.va = e->minus ? 0 - e->offset : e->offset, .name = (uint16_t)(i + 1)};
        return true;
    }
    return false;
}

static bool in_space(const struct machine_config *c, vaddr_t va, struct text *why) {
    unsigned bits = paging_va_bits(&c->format);
    if (c->format.sign_extended || va <= low_bits(bits)) return true; /* a hole in between may be asked for */
    text_addf(why, "0x%llx lies outside the virtual addresses of %s, which have %u bits: 0 to 0x%llx",
              (unsigned long long)va, c->format.name, bits, (unsigned long long)low_bits(bits));
    return false;
}

bool address_parse(const char *s, const struct machine_config *c, size_t image, struct address *out, char *why,
                   size_t why_size) {
    struct text t = text_in(why, why_size);
    struct expression e;
    unsigned shift = c->format.page_shift;
    vaddr_t base = 0;
    const struct process_config *p = machine_image(c, image) ? machine_image(c, image) : &c->processes[0];
    *out = (struct address){0};
    if (!take_expression(s, &e, &t)) return false;
    if (!has_number(&e) && mapping_base(c, &e, out)) return true;
    bool found = has_number(&e) ? number_base(&e, shift, &base, &t) : region_base(c, p, e.base, shift, &base, &t);
    return found && add_offset(&e, base, &out->va, &t) && in_space(c, out->va, &t);
}
