/* pane_translation_sum.c - base and bounds, and the physical address put together.
 *
 *     base    00004000                    the machines before paging
 *     bounds  2 KiB
 *     offset  0x068 < 0x800: within
 *    >PA 0x00004068 = base 0x4000 + offset 0x68
 *
 *    >PA 0x00001010 = PFN 1, offset 0x10              pages
 *    >PA 0x00212345 = 0x00200000 + offset 0x12345     a huge page
 */
#include "ui/pane_translation.h"

#include "hw/segments.h"

/* ---- base and bounds ---- */

static uint64_t size_of(const struct painter *p, uint64_t bounds) {
    return field_value(p->s.f, bounds, SEGMENT_LEVEL_BOUNDS, "size");
}

static bool goes_down(const struct painter *p, uint64_t bounds) {
    return field_value(p->s.f, bounds, SEGMENT_LEVEL_BOUNDS, "N") != 0;
}

/* How far the address lies from the base, up or down. */
static uint64_t distance_of(const struct painter *p, uint64_t base, uint64_t bounds) {
    paddr_t pa = segment_pa(p->s.f, base, bounds, p->s.flight.va);
    return goes_down(p, bounds) ? base - pa : pa - base;
}

bool descriptor_read(const struct painter *p, uint64_t *base, uint64_t *bounds) {
    if (p->reads < 2) return false;
    *base = p->walk->read[0].word;
    *bounds = p->walk->read[1].word;
    return true;
}

static bool descriptor_is_new(const struct painter *p) {
    enum event_kind kind = (enum event_kind)p->s.last->kind;
    return p->reads >= 2 && (kind == EV_WALK_SEGMENT || kind == EV_WALK_BOUNDS || kind == EV_WALK_INVALID || kind == EV_WALK_DENIED);
}

static void draw_named(const struct painter *p, const struct area *a, int y, const char *name, const char *value) {
    bool now = descriptor_is_new(p);
    enum role role = now ? ROLE_CURRENT : p->reads >= 2 ? ROLE_NORMAL : ROLE_DIM;
    if (now) area_text(a, 0, y, role, ">");
    area_printf(a, 1, y, role, "%-7s", name);
    text_fits(a, 9, y, role, value);
}

void draw_base(const struct painter *p, const struct area *a, int y, unsigned arg) {
    uint64_t base, bounds;
    char value[64] = "-";
    (void)arg;
    if (descriptor_read(p, &base, &bounds)) snprintf(value, sizeof value, "%0*llx", p->digits, (unsigned long long)base);
    draw_named(p, a, y, "base", value);
}

static void add_flags(const struct painter *p, uint64_t bounds, struct text *t) {
    text_addc(t, ' ');
    format_pte_flags(t, p->s.f, bounds);
    if (goes_down(p, bounds)) text_add(t, " down");
}

void draw_bounds(const struct painter *p, const struct area *a, int y, unsigned arg) {
    uint64_t base, bounds;
    char value[64] = "-";
    (void)arg;
    if (descriptor_read(p, &base, &bounds)) {
        struct text t = text_in(value, sizeof value);
        format_size(&t, size_of(p, bounds));
        add_flags(p, bounds, &t);
    }
    draw_named(p, a, y, "bounds", value);
}

/* How far the address reaches into its segment, against the bounds. */
void draw_compare(const struct painter *p, const struct area *a, int y, unsigned arg) {
    uint64_t base, bounds;
    char value[64] = "-";
    (void)arg;
    if (descriptor_read(p, &base, &bounds)) {
        bool down = goes_down(p, bounds), holds = segment_holds(p->s.f, bounds, p->s.flight.va);
        snprintf(value, sizeof value, "0x%llx %s 0x%llx: %s", (unsigned long long)distance_of(p, base, bounds),
                 down ? (holds ? "<=" : ">") : (holds ? "<" : ">="), (unsigned long long)size_of(p, bounds),
                 holds ? "within" : "beyond");
    }
    draw_named(p, a, y, "reaches", value);
}

/* ---- the result ---- */

/* What stands in the way of a physical address. */
static void draw_no_pa(const struct painter *p, const struct area *a, int y) {
    const struct sight *s = &p->s;
    bool exists = paging_va_exists(s->f, s->flight.va);
    if (!exists && s->f->sign_extended && text_fits(a, 1, y, ROLE_INVALID, "PA  none: not canonical")) return;
    if (s->flight.refused && text_fits(a, 1, y, ROLE_INVALID, "PA  none: not allowed")) return;
    if (s->flight.trapped && !s->flight.refused && text_fits(a, 1, y, ROLE_OS, "PA  - the OS is at work")) return;
    text_fits(a, 1, y, ROLE_DIM, "PA  -");
}

static paddr_t physical(const struct painter *p) {
    const struct sight *s = &p->s;
    uint64_t base, bounds;
    if (s->f->shape == SHAPE_SEGMENTS && descriptor_read(p, &base, &bounds)) return segment_pa(s->f, base, bounds, s->flight.va);
    return pfn_to_pa(s->flight.pfn, s->f->page_shift) | (s->flight.va & low_bits(s->f->page_shift));
}

static void say_sum(const struct painter *p, paddr_t pa, char *buf, size_t size) {
    const struct sight *s = &p->s;
    const char *offset = short_word(p->v, "offset");
    uint64_t base, bounds, within = s->flight.va & low_bits(s->f->page_shift + s->flight.order);
    if (s->f->shape == SHAPE_SEGMENTS && descriptor_read(p, &base, &bounds))
        snprintf(buf, size, " = base %c 0x%llx", goes_down(p, bounds) ? '-' : '+',
                 (unsigned long long)distance_of(p, base, bounds));
    else if (s->flight.order)
        snprintf(buf, size, " = 0x%0*llx + 0x%llx", p->digits, (unsigned long long)(pa - within), (unsigned long long)within);
    else
        snprintf(buf, size, " = %s %llu, %s 0x%llx", short_word(p->v, "PFN"), (unsigned long long)s->flight.pfn, offset,
                 (unsigned long long)within);
}

void draw_pa(const struct painter *p, const struct area *a, int y, unsigned arg) {
    const struct sight *s = &p->s;
    bool now = (s->last->kind >= EV_MEM_READ && s->last->kind <= EV_MEM_FETCH) || s->last->kind == EV_WALK_SEGMENT;
    enum role role = now ? ROLE_CURRENT : ROLE_ADDRESS;
    char text[32], sum[64];
    (void)arg;
    if (!s->flight.translated) {
        draw_no_pa(p, a, y);
        return;
    }
    paddr_t pa = physical(p);
    snprintf(text, sizeof text, "PA 0x%0*llx", p->digits, (unsigned long long)pa);
    say_sum(p, pa, sum, sizeof sum);
    if (now) area_text(a, 0, y, role, ">");
    if (text_fits(a, 1, y, role, text)) text_fits(a, 1 + (int)strlen(text), y, ROLE_NORMAL, sum);
}
