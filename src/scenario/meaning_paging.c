/* meaning_paging.c - the paging format: a named one, or one of the scenario's own.
 *
 *   paging: sv32                            named
 *   paging: {custom: {levels: [5, 5], ...}} or `custom:` beside it
 *   paging: {linear: {va_bits: 14, ...}}    or `linear:` beside it
 *   paging: {format: sv39, ad: svade, ...}  with what the processor lets one set
 *
 * Its own descriptions are read in meaning_format.c, what processors let one
 * set in meaning_controls.c. */
#include "scenario/meaning_paging.h"

void wide_format(struct paging_format *f) {
    *f = *paging_by_name("custom");
    f->title = "4 levels of 9 bits";
    f->levels = 4;
    f->pte_bytes = 8;
    f->pfn_bits = 44;
    for (unsigned i = 0; i < f->levels; i++) f->index_bits[i] = 9;
}

/* ---- what was asked for ---- */

static struct choice_made choose(struct load *l) {
    static const struct tree_paging nothing;
    const struct tree_machine *m = l->tree->machine;
    const struct tree_paging *p = m && m->paging ? m->paging : &nothing;
    const struct tree_format *custom = p->custom ? p->custom : m ? m->custom : NULL;
    const struct tree_format *linear = p->linear ? p->linear : m ? m->linear : NULL;
    struct choice_made c = {.own = custom ? custom : linear, .at = value_of(p->format)};
    c.name = p->format ? c.at.text : custom ? "custom" : linear ? "linear" : NULL;
    if (c.own && !p->format) c.at = format_at(c.own);
    const char *owner = custom ? "custom" : "linear";
    if (custom && linear)
        load_error(l, c.at, "paging is described twice, as custom and as linear: one machine has one format");
    else if (c.own && strcmp(c.name, owner) != 0)
        load_error(l, c.at, "paging is %s, so '%s' has no use: write paging: %s, or leave it out", c.name,
                   owner, owner);
    return c;
}

/* ---- all of it ---- */

/* sv32 is the default, unless a trace has wider addresses. */
static void default_format(struct load *l, struct paging_format *f) {
    for (size_t i = 0; i < l->owned->trace_count; i++) {
        vpn_t last;
        if (trace_last_page(l, load_trace(l, i), f->page_shift, &last) && last >> 20) wide_format(f);
    }
}

/* `page_size` beside a format whose pages have one size. */
static void refuse_page_size(struct load *l, const char *raw, const struct paging_format *f) {
    char size[32];
    struct text t = text_in(size, sizeof size);
    size_word(&t, (uint64_t)1 << f->page_shift);
    if (raw && read_size(l, raw, 0) != (uint64_t)1 << f->page_shift)
        load_error(l, value_of(raw), "page_size: %s has pages of %s: choose linear or custom for others",
                   f->name, size);
}

void read_paging(struct load *l) {
    struct paging_format *f = &l->s->config.format;
    const struct tree_machine *m = l->tree->machine;
    struct choice_made c = choose(l);
    struct diag why;
    if (!load_ok(l)) return;
    if (!c.name)
        default_format(l, f);
    else
        *f = *paging_by_name(c.name);
    if (c.name && (strcmp(c.name, "linear") == 0 || strcmp(c.name, "custom") == 0))
        own_format(l, &c, f);
    else if (f->shape == SHAPE_TREE)
        refuse_page_size(l, m ? m->page_size : NULL, f);
    if (load_ok(l)) read_controls(l, f);
    if (load_ok(l) && paging_check(f, &why) != VS_OK) load_error(l, c.at, "paging: %s", why.text);
}
