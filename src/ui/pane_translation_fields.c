/* pane_translation_fields.c - the virtual address cut into its fields.
 *
 *    63..39   VPN[2]    VPN[1]    VPN[0]    offset          a tree of tables
 *    0..0     000000000 000000010 000000001 000000010000
 *    all 0    0         2         1         0x010
 *
 *    seg offset                 segments        VPN   offset        an inverted table
 *    01  0000 0110 1000                         08048 010
 *
 * Bits above the translated ones, in formats that extend the sign, are one field:
 * they must all be equal. A huge page leaves fewer indices and a wider offset. The
 * binary form gives way to hex where it is narrow, then the sign extension (if it is
 * as it must be) goes, then names are shortened.
 */
#include "ui/pane_translation.h"

#include "hw/segments.h"

/* The order of the page found, as a level of the tables. */
unsigned leaf_level(const struct sight *s) {
    unsigned level = 0, order = s->flight.translated ? s->flight.order : 0;
    while (order && level + 1 < s->f->levels && paging_leaf_order(s->f, level) < order) level++;
    return level;
}

static struct field *add_field(struct fields *f, const char *name, unsigned low, unsigned bits, vaddr_t va) {
    struct field *field = &f->field[f->count++];
    *field = (struct field){.low = low, .bits = bits, .number = va >> low & low_bits(bits)};
    snprintf(field->name, sizeof field->name, "%s", name);
    snprintf(field->value, sizeof field->value, "%llu", (unsigned long long)field->number);
    return field;
}

static void add_sign(struct fields *f, const struct sight *s) {
    unsigned low = paging_va_bits(s->f), bits = 64 - low;
    char name[20];
    snprintf(name, sizeof name, "63..%u", low);
    struct field *field = add_field(f, name, low, bits, s->flight.va);
    bool exists = paging_va_exists(s->f, s->flight.va);
    field->sign = true;
    snprintf(field->value, sizeof field->value, "%s", !exists ? "differ" : field->number ? "all 1" : "all 0");
}

static void add_offset(struct fields *f, const struct view *v, const struct sight *s, unsigned bits) {
    struct field *field = add_field(f, short_word(v, "offset"), 0, bits, s->flight.va);
    snprintf(field->value, sizeof field->value, "0x%0*llx", (int)(bits + 3) / 4, (unsigned long long)field->number);
}

/* What an index is called: by the table that it is for, or as a part of the VPN. */
static void name_index(const struct view *v, const struct paging_format *f, unsigned level, char *name, size_t size) {
    const char *vpn = short_word(v, "VPN");
    if (f->level_name[level] && f->shape == SHAPE_TREE) snprintf(name, size, "%s", f->level_name[level]);
    else if (f->levels == 1) snprintf(name, size, "%s", vpn);
    else snprintf(name, size, "%s[%u]", vpn, level);
}

static void cut_by_levels(struct fields *f, const struct view *v, const struct sight *s) {
    unsigned leaf = leaf_level(s);
    char name[20];
    for (unsigned level = s->f->levels; level-- > leaf;) {
        name_index(v, s->f, level, name, sizeof name);
        add_field(f, name, paging_index_shift(s->f, level), s->f->index_bits[level], s->flight.va);
    }
    add_offset(f, v, s, paging_index_shift(s->f, leaf));
}

static void cut_by_segment(struct fields *f, const struct view *v, const struct sight *s) {
    unsigned selector = segment_selector_bits(s->f), offset = segment_offset_bits(s->f);
    if (selector) add_field(f, "seg", offset, selector, s->flight.va);
    add_offset(f, v, s, offset);
}

/* ---- room ---- */

static int field_width(const struct field *f, bool binary) {
    int width = f->sign ? 5 : binary ? (int)f->bits : (int)(f->bits + 3) / 4;
    return column_width(f->name, column_width(f->value, width));
}

/* Give the fields their places; false: they don't fit. The offset, which is not
 * translated, may lose its high bits on the screen (its value is shown in full). */
static bool place_fields(struct fields *f, bool binary, int width) {
    int x = 1;
    f->binary = binary;
    for (int i = 0; i < f->count; i++) {
        f->field[i].width = field_width(&f->field[i], binary);
        f->field[i].x = x;
        x += f->field[i].width + 1;
    }
    struct field *offset = &f->field[f->count - 1];
    int missing = x - 1 - width, least = column_width(offset->name, column_width(offset->value, 6));
    if (missing <= 0) return true;
    if (!binary || offset->width - missing < least) return false;
    offset->width -= missing;
    return true;
}

static void drop_sign(struct fields *f) {
    f->count--;
    memmove(f->field, f->field + 1, (size_t)f->count * sizeof f->field[0]);
}

/* In binary, or in hex; without the sign extension where nothing is wrong with it. */
static bool find_places(struct fields *f, int width, bool may_drop) {
    if (place_fields(f, true, width)) return true;
    struct fields less = *f;
    bool droppable = may_drop && f->field[0].sign;
    if (droppable) drop_sign(&less);
    if (droppable && place_fields(&less, true, width)) return *f = less, true;
    if (place_fields(f, false, width)) return true;
    if (droppable && place_fields(&less, false, width)) return *f = less, true;
    return false;
}

/* Short names: the levels as the walk's lines call them. */
static void shorten_names(struct fields *f, const struct sight *s) {
    int first = f->field[0].sign ? 1 : 0;
    for (int i = first; s->f->shape == SHAPE_TREE && i + 1 < f->count; i++)
        snprintf(f->field[i].name, sizeof f->field[i].name, "%s",
                 paging_level_name(s->f, s->f->levels - 1 - (unsigned)(i - first)));
    snprintf(f->field[f->count - 1].name, sizeof f->field[0].name, "%s", "offset");
}

struct fields cut_address(const struct view *v, const struct sight *s, int width) {
    struct fields f = {.count = 0};
    bool exists = paging_va_exists(s->f, s->flight.va);
    if (s->f->sign_extended && paging_va_bits(s->f) < 64) add_sign(&f, s);
    if (s->f->shape == SHAPE_SEGMENTS) cut_by_segment(&f, v, s);
    else cut_by_levels(&f, v, s);
    f.fits = find_places(&f, width, exists);
    if (f.fits) return f;
    shorten_names(&f, s);
    f.fits = find_places(&f, width, exists);
    return f;
}

/* ---- drawing ---- */

void draw_field_names(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    for (int i = 0; i < p->fields.count; i++)
        area_text(a, p->fields.field[i].x, y, ROLE_HEADING, p->fields.field[i].name);
}

/* Numbers of each field's highest and lowest bit, where they have room. */
void draw_field_ruler(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    for (int i = 0; i < p->fields.count; i++) {
        const struct field *f = &p->fields.field[i];
        unsigned high = f->low + f->bits - 1;
        int bits = f->width < (int)f->bits ? f->width : (int)f->bits, left = decimal_digits(high),
            right = decimal_digits(f->low);
        if (f->sign) continue; /* its name says it */
        if (left <= bits) area_printf(a, f->x, y, ROLE_DIM, "%u", high);
        if (left + 1 + right <= bits) area_printf(a, f->x + bits - right, y, ROLE_DIM, "%u", f->low);
    }
}

static bool is_wrong(const struct field *f) { return f->sign && strcmp(f->value, "differ") == 0; }

/* "0..0", "1..1" or "0..1"; a mark where they are not all equal to the bit below. */
static void draw_sign(const struct field *f, const struct area *a, int y) {
    bool all = f->number == low_bits(f->bits), none = f->number == 0;
    const char *bits = all ? "1..1" : none ? "0..0" : "0..1";
    int end = area_text(a, f->x, y, is_wrong(f) ? ROLE_INVALID : ROLE_ADDRESS, bits);
    if (is_wrong(f)) area_text(a, end, y, ROLE_INVALID, "!");
}

static void draw_binary(const struct field *f, const struct area *a, int y) {
    int cut = f->width < (int)f->bits ? (int)f->bits - f->width : 0;
    for (int b = cut; b < (int)f->bits; b++)
        area_text(a, f->x + b - cut, y, ROLE_ADDRESS, f->number >> ((int)f->bits - 1 - b) & 1 ? "1" : "0");
    if (cut) area_text(a, f->x, y, ROLE_DIM, "..");
}

void draw_field_bits(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    for (int i = 0; i < p->fields.count; i++) {
        const struct field *f = &p->fields.field[i];
        if (f->sign) draw_sign(f, a, y);
        else if (p->fields.binary) draw_binary(f, a, y);
        else area_printf(a, f->x, y, ROLE_ADDRESS, "%0*llx", (int)(f->bits + 3) / 4, (unsigned long long)f->number);
    }
}

void draw_field_values(const struct painter *p, const struct area *a, int y, unsigned arg) {
    (void)arg;
    for (int i = 0; i < p->fields.count; i++) {
        const struct field *f = &p->fields.field[i];
        area_text(a, f->x, y, is_wrong(f) ? ROLE_INVALID : ROLE_NORMAL, f->value);
    }
}
