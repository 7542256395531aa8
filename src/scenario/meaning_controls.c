/* meaning_controls.c - what a processor lets one set about paging.
 *
 *   paging: {format: sv39, ad: svade, sum: true}
 *   paging: {format: x86-64, smap: true, maxphyaddr: 40}
 *   paging: {format: inverted, va_bits: 20, page_size: 1KiB}
 *
 * Invariant: control_table says which formats have which key; one that the
 * format lacks is an error that names those it has. */
#include "scenario/meaning_paging.h"

#define SEGMENTS_VA_BITS_MAX 31 /* bounds are words of 32 bits */

/* ---- which formats have what ---- */

static bool has_root(const struct paging_format *f, const char *root) { return strcmp(f->root, root) == 0; }
static bool is_riscv(const struct paging_format *f) { return has_root(f, "satp"); }
static bool is_x86(const struct paging_format *f) { return has_root(f, "CR3"); }
static bool is_x86_32(const struct paging_format *f) { return is_x86(f) && f->pte_bytes == 4; }
static bool is_x86_64(const struct paging_format *f) { return is_x86(f) && f->pte_bytes == 8; }
static bool has_accessed(const struct paging_format *f) { return paging_has(f, PTE_A); }
static bool is_open(const struct paging_format *f) { return f->shape != SHAPE_TREE; }

/* What a format has now, as the file would say it. */
static const char *truth(bool b) { return b ? "true" : "false"; }
static void tell_ad(struct text *t, const struct paging_format *f) {
    text_add(t, f->hardware_ad ? "hardware" : "software");
}
static void tell_nxe(struct text *t, const struct paging_format *f) {
    text_add(t, truth(paging_has(f, PTE_X)));
}
static void tell_pse(struct text *t, const struct paging_format *f) {
    text_add(t, truth(f->leaf_levels != 1));
}
static void tell_maxphyaddr(struct text *t, const struct paging_format *f) {
    text_addf(t, "%u", paging_pa_bits(f));
}
static void tell_va_bits(struct text *t, const struct paging_format *f) {
    text_addf(t, "%u", paging_va_bits(f));
}
static void tell_page_size(struct text *t, const struct paging_format *f) {
    size_word(t, (uint64_t)1 << f->page_shift);
}

struct control {
    const char *key;
    size_t member; /* in struct tree_paging */
    bool (*has)(const struct paging_format *f);
    uint8_t mode; /* enum mmu_mode that it switches; 0: it changes the format */
    void (*tell)(struct text *t, const struct paging_format *f); /* mode 0 */
};
#define CONTROL(name, has, mode, tell)                                                                       \
    { #name, offsetof(struct tree_paging, name), has, mode, tell }
static const struct control control_table[] = {
    CONTROL(ad, has_accessed, 0, tell_ad),      CONTROL(sum, is_riscv, MODE_SUM, NULL),
    CONTROL(mxr, is_riscv, MODE_MXR, NULL),     CONTROL(wp, is_x86, MODE_WP, NULL),
    CONTROL(nxe, is_x86_64, 0, tell_nxe),       CONTROL(smep, is_x86, MODE_SMEP, NULL),
    CONTROL(smap, is_x86, MODE_SMAP, NULL),     CONTROL(ac, is_x86, MODE_AC, NULL),
    CONTROL(pse, is_x86_32, 0, tell_pse),       CONTROL(maxphyaddr, is_x86_64, 0, tell_maxphyaddr),
    CONTROL(va_bits, is_open, 0, tell_va_bits), CONTROL(page_size, is_open, 0, tell_page_size),
};
#define CONTROLS (sizeof control_table / sizeof control_table[0])

static const char *control_value(const struct control *c, const struct tree_paging *t) {
    return *(char *const *)((const char *)t + c->member);
}

/* "ad, sum and mxr": what this format takes. */
static void list_controls(struct text *t, const struct paging_format *f) {
    size_t left = 0;
    for (size_t i = 0; i < CONTROLS; i++) left += control_table[i].has(f);
    if (left == 0) text_add(t, "nothing besides its description");
    for (size_t i = 0, told = 0; i < CONTROLS; i++) {
        if (!control_table[i].has(f)) continue;
        text_addf(t, "%s%s", told == 0 ? "" : told + 1 == left ? " and " : ", ", control_table[i].key);
        told++;
    }
}

static bool is_described(const struct paging_format *f) {
    return strcmp(f->name, "linear") == 0 || strcmp(f->name, "custom") == 0;
}

static void refuse_control(struct load *l, const struct paging_format *f, const struct control *c,
                           struct value at) {
    char takes[160];
    struct text t = text_in(takes, sizeof takes);
    list_controls(&t, f);
    if (is_described(f) && c->has == is_open)
        load_error(l, at, "%s belongs to the description: write %s: {%s: %s}", c->key, f->name, c->key,
                   at.text);
    else
        load_error(l, at, "%s has no '%s': it takes %s", f->name, c->key, takes);
}

static void check_controls(struct load *l, const struct paging_format *f, const struct tree_paging *t) {
    for (size_t i = 0; i < CONTROLS; i++) {
        const char *raw = control_value(&control_table[i], t);
        if (raw && !control_table[i].has(f)) refuse_control(l, f, &control_table[i], value_of(raw));
    }
}

/* ---- who sets A and D ---- */

/* svadu and svade are RISC-V's names of its two ways (extensions Svadu and Svade). */
enum ad { AD_HARDWARE, AD_SOFTWARE, AD_SVADU, AD_SVADE };

static void read_ad(struct load *l, const char *raw, struct paging_format *f) {
    enum ad ad = (enum ad)read_choice(RULE_AD, raw, AD_HARDWARE);
    if (!raw) return;
    if (!has_accessed(f))
        load_error(l, value_of(raw), "ad: a PTE of %s has no A bit that could be set%s", f->name,
                   is_described(f) ? ": give it an accessed_bit" : "");
    else if (is_x86(f) && (ad == AD_SOFTWARE || ad == AD_SVADE))
        load_error(l, value_of(raw),
                   "ad: %s has no way to leave A and D to software: its hardware always sets them", f->name);
    else if ((ad == AD_SVADU || ad == AD_SVADE) && !is_riscv(f))
        load_error(l, value_of(raw), "ad: %s is RISC-V's word, and this is %s: write %s", value_of(raw).text,
                   f->name, ad == AD_SVADU ? "hardware" : "software");
    else
        f->hardware_ad = ad == AD_HARDWARE || ad == AD_SVADU;
}

/* `ad` stands in `paging`, or beside it in the machine. */
static void read_both_ad(struct load *l, const struct tree_paging *t, struct paging_format *f) {
    const struct tree_machine *m = l->tree->machine;
    if (t->ad && m && m->ad)
        load_error(l, value_of(m->ad), "ad: it stands in paging (line %u) already", value_of(t->ad).line);
    else
        read_ad(l, t->ad ? t->ad : m ? m->ad : NULL, f);
}

/* ---- control registers ---- */

static void read_mode(struct load *l, const struct tree_paging *t, const struct paging_format *f) {
    uint8_t mode = is_x86(f) ? MODE_WP | MODE_SMEP : 0; /* as today's kernels set them */
    for (size_t i = 0; i < CONTROLS; i++) {
        const struct control *c = &control_table[i];
        bool on = read_bool(control_value(c, t), mode & c->mode);
        mode = (uint8_t)(on ? mode | c->mode : mode & ~c->mode);
    }
    l->s->config.mode = mode;
}

static void read_x86(struct load *l, const struct tree_paging *t, struct paging_format *f) {
    if (!t->nxe && !t->pse && !t->maxphyaddr) return;
    unsigned bits = (unsigned)read_number(l, t->maxphyaddr, "maxphyaddr", 32, 52, paging_pa_bits(f));
    if (load_ok(l)) paging_x86_adjust(f, read_bool(t->pse, true), read_bool(t->nxe, true), bits);
}

/* ---- widths that a named format leaves open ---- */

static void read_widths(struct load *l, const struct tree_paging *t, struct paging_format *f) {
    const struct tree_machine *m = l->tree->machine;
    const char *page_size = t->page_size ? t->page_size : m ? m->page_size : NULL;
    unsigned bits = paging_va_bits(f);
    read_page_size(l, page_size, f);
    unsigned least = f->page_shift + 2, most = f->page_shift + INDEX_BITS_MAX;
    if (f->shape == SHAPE_SEGMENTS && most > SEGMENTS_VA_BITS_MAX) most = SEGMENTS_VA_BITS_MAX;
    bits = (unsigned)read_number(l, t->va_bits, "va_bits", least, most, bits);
    if (!load_ok(l)) return;
    if (bits < least || bits > most)
        load_error(l, value_of(page_size),
                   "page_size: addresses of %u bits do not fit such pages: give va_bits, %u to %u", bits,
                   least, most);
    else
        f->index_bits[0] = (uint8_t)(bits - f->page_shift);
}

void read_controls(struct load *l, struct paging_format *f) {
    static const struct tree_paging nothing;
    const struct tree_machine *m = l->tree->machine;
    const struct tree_paging *t = m && m->paging ? m->paging : &nothing;
    check_controls(l, f, t);
    if (!load_ok(l)) return;
    read_both_ad(l, t, f);
    read_mode(l, t, f);
    if (is_x86(f)) read_x86(l, t, f);
    if (is_open(f)) read_widths(l, t, f);
}

/* ---- and back: a format as a scenario says it ---- */

static void tell_description(struct text *t, const struct paging_format *f) {
    text_add(t, "custom: {levels: [");
    for (unsigned i = f->levels; i-- > 0;)
        text_addf(t, "%u%s", f->index_bits[i], i ? ", " : "], page_size: ");
    size_word(t, (uint64_t)1 << f->page_shift);
    text_addf(t, ", pte_bytes: %u, pfn_bits: %u-%u", f->pte_bytes, f->pfn_bit, f->pfn_bit + f->pfn_bits - 1);
    for (int flag = 0; flag < PTE_FLAGS; flag++)
        if (f->flag_bit[flag] >= 0) text_addf(t, ", %s_bit: %d", pte_flag_name[flag], f->flag_bit[flag]);
    text_add(t, f->leaf_levels != 1 ? ", superpages: true}" : "}");
}

void scenario_paging_text(struct text *t, const struct machine_config *c) {
    const struct paging_format *f = &c->format;
    text_add(t, "{");
    if (is_described(f))
        tell_description(t, f);
    else
        text_addf(t, "format: %s", f->name);
    for (size_t i = 0; i < CONTROLS; i++) {
        const struct control *k = &control_table[i];
        if (!k->has(f)) continue;
        text_addf(t, ", %s: ", k->key);
        if (k->mode)
            text_add(t, truth(c->mode & k->mode));
        else
            k->tell(t, f);
    }
    text_add(t, "}");
}
