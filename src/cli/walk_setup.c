/* walk_setup.c - do the options of vmscope walk fit together, and what do they make?
 *
 * An option that means nothing to the format is refused rather than passed
 * over: who gives --smep with Sv39 expects something that will not happen.
 */
#include "cli/cli.h"

#include <string.h>

/* ---- families of formats, and the options that only some of them know ---- */

enum family {
    FAMILY_RISCV = 1,
    FAMILY_X86 = 2,
    FAMILY_OWN = 4,
    FAMILY_HASHED = 8,
    FAMILY_SEGMENTS = 16,
    FAMILY_OTHER = 32
};
#define ADDRESS_SPACES (FAMILY_RISCV | FAMILY_HASHED | FAMILY_OTHER) /* those that may have ASIDs */

static enum family family_of(const struct paging_format *f) {
    if (strcmp(f->root, "satp") == 0) return FAMILY_RISCV;
    if (strcmp(f->root, "CR3") == 0) return FAMILY_X86;
    if (strcmp(f->name, "linear") == 0 || strcmp(f->name, "custom") == 0) return FAMILY_OWN;
    if (f->shape == SHAPE_SEGMENTS) return FAMILY_SEGMENTS;
    return f->shape == SHAPE_HASHED ? FAMILY_HASHED : FAMILY_OTHER;
}

static const struct {
    const char *option;
    unsigned families;
} special[] = {
    {"satp", FAMILY_RISCV},    {"sum", FAMILY_RISCV},      {"mxr", FAMILY_RISCV},   {"ad", FAMILY_RISCV},
    {"asid", ADDRESS_SPACES},  {"cr3", FAMILY_X86},        {"cpl", FAMILY_X86},     {"wp", FAMILY_X86},
    {"nxe", FAMILY_X86},       {"pse", FAMILY_X86},        {"smep", FAMILY_X86},    {"smap", FAMILY_X86},
    {"ac", FAMILY_X86},        {"maxphyaddr", FAMILY_X86}, {"levels", FAMILY_OWN},  {"page", FAMILY_OWN},
    {"pte-bytes", FAMILY_OWN}, {"valid-bit", FAMILY_OWN},  {"pfn-bits", FAMILY_OWN}};
#define SPECIALS (sizeof special / sizeof special[0])

static void list_options(struct text *t, unsigned family) {
    const char *between = "";
    for (size_t i = 0; i < SPECIALS; i++) {
        if (!(special[i].families & family)) continue;
        text_addf(t, "%s--%s", between, special[i].option);
        between = ", ";
    }
}

static void list_formats(struct text *t, unsigned families) {
    const char *between = "";
    for (size_t i = 0; paging_formats[i]; i++) {
        if (!(families & family_of(paging_formats[i]))) continue;
        text_addf(t, "%s%s", between, paging_formats[i]->name);
        between = ", ";
    }
}

static bool options_fit(const struct cli *c, const struct paging_format *f) {
    char owners[200], others[200];
    struct text by = text_in(owners, sizeof owners), mine = text_in(others, sizeof others);
    unsigned family = family_of(f);
    for (size_t i = 0; i < SPECIALS; i++) {
        if ((special[i].families & family) || !cli_given(c, special[i].option)) continue;
        list_formats(&by, special[i].families);
        list_options(&mine, family);
        complain("--%s means nothing to %s: it belongs to %s.%s%s", special[i].option, f->name, owners,
                 mine.len ? " Here go: " : "", others);
        return false;
    }
    return true;
}

/* ---- the root ---- */

/* satp
 *   Sv32    31   30    22 21                 0      MODE 1: Sv32
 *         +----+--------+--------------------+
 *         |MODE|  ASID  |        PPN         |
 *         +----+--------+--------------------+
 *   else  63  60 59    44 43                 0      MODE 8: Sv39, 9: Sv48, 10: Sv57
 *         +----+--------+--------------------+
 *         |MODE|  ASID  |        PPN         |
 *         +----+--------+--------------------+      MODE 0: no translation */
struct satp {
    const char *format;
    unsigned mode, mode_bit, asid_bit;
};
static const struct satp satp_table[] = {
    {"sv32", 1, 31, 22}, {"sv39", 8, 60, 44}, {"sv48", 9, 60, 44}, {"sv57", 10, 60, 44}};

/* The layout that the register's own value speaks of, or NULL. */
static const struct satp *satp_of(uint64_t value) {
    const struct satp *found = NULL;
    for (size_t i = 0; i < sizeof satp_table / sizeof satp_table[0]; i++)
        if (value >> satp_table[i].mode_bit == satp_table[i].mode) found = &satp_table[i];
    return found;
}

static bool root_from_satp(struct walk_setup *s, uint64_t value) {
    const struct satp *at = satp_of(value);
    if (!at || strcmp(at->format, s->format.name) != 0) {
        complain("--satp=0x%llx: its MODE says %s, and --paging %s.", (unsigned long long)value,
                 at ? at->format : "that nothing is translated", s->format.name);
        return false;
    }
    s->regs.root = pfn_to_pa(value & low_bits(at->asid_bit), s->format.page_shift);
    s->regs.asid = (asid_t)(value >> at->asid_bit & low_bits(at->mode_bit - at->asid_bit));
    return true;
}

/* CR3: bits 11-0 are cache control or a PCID, no part of the address. */
static void root_from_cr3(struct walk_setup *s, uint64_t value) {
    s->regs.root = value & low_bits(52) & ~low_bits(s->format.page_shift);
}

static bool root_suits(const struct walk_setup *s) {
    const struct paging_format *f = &s->format;
    bool own = (family_of(f) & (FAMILY_RISCV | FAMILY_X86)) == 0;
    uint64_t unit = own ? f->pte_bytes : UINT64_C(1) << f->page_shift;
    if (s->regs.root % unit != 0) {
        complain("--root=0x%llx: it is an address and must be a multiple of %llu%s.",
                 (unsigned long long)s->regs.root, (unsigned long long)unit,
                 own ? ", the bytes of a PTE" : ", where page tables begin");
        return false;
    }
    return true;
}

static bool take_root(struct walk_setup *s, const struct cli *c) {
    bool satp = cli_given(c, "satp"), cr3 = cli_given(c, "cr3");
    if (satp + cr3 + cli_given(c, "root") != 1) {
        complain("%s: give the page-table root once, as --root=ADDRESS%s.",
                 satp || cr3 ? "there are two roots" : "the root is missing",
                 family_of(&s->format) == FAMILY_RISCV ? " or as --satp=VALUE"
                 : family_of(&s->format) == FAMILY_X86 ? " or as --cr3=VALUE"
                                                       : "");
        return false;
    }
    s->regs.root = c->walk.root;
    if (cr3) root_from_cr3(s, c->walk.cr3);
    if (satp) return root_from_satp(s, c->walk.satp);
    return root_suits(s);
}

/* ---- the format ---- */

/* Bytes that hold that bit. */
static unsigned bytes_for(unsigned highest) {
    unsigned bytes = 1;
    while (bytes * 8 <= highest) bytes *= 2;
    return bytes;
}

/* Flags and PFN where the options place them: a valid bit and a PFN, no more. What is left open
 * goes as in the textbooks: the valid bit on top, the PFN below it. */
static bool place_bits(struct paging_format *f, const struct cli *c) {
    const struct walk_options *o = &c->walk;
    bool valid = cli_given(c, "valid-bit"), pfn = cli_given(c, "pfn-bits");
    unsigned highest = valid ? (unsigned)o->valid_bit : 0;
    if (pfn && o->pfn_high > highest) highest = o->pfn_high;
    if (!cli_given(c, "pte-bytes")) f->pte_bytes = bytes_for(highest);
    unsigned top = f->pte_bytes * 8 - 1;
    unsigned v = valid ? (unsigned)o->valid_bit : top;
    if (!pfn && v != top && v != 0) {
        complain("--pfn-bits is missing: say which bits of a PTE hold the PFN, as in --pfn-bits=0-6.");
        return false;
    }
    for (int flag = 0; flag < PTE_FLAGS; flag++) f->flag_bit[flag] = -1;
    f->flag_bit[PTE_V] = (int8_t)v;
    f->pfn_bit = pfn ? o->pfn_low : v == 0 ? 1 : 0;
    f->pfn_bits = pfn ? o->pfn_high - o->pfn_low + 1 : top;
    f->leaf_levels = 1;
    return true;
}

/* A format of one's own; `linear` and `custom` are where it starts. */
static bool describe(struct paging_format *f, const struct cli *c) {
    const struct walk_options *o = &c->walk;
    struct diag why = {.text = ""};
    if (cli_given(c, "levels")) f->levels = o->levels;
    for (unsigned i = 0; cli_given(c, "levels") && i < o->levels; i++)
        f->index_bits[i] = o->index_bits[o->levels - 1 - i];
    if (cli_given(c, "page")) f->page_shift = o->page_shift;
    if (cli_given(c, "pte-bytes")) f->pte_bytes = (unsigned)o->pte_bytes;
    bool placed = cli_given(c, "valid-bit") || cli_given(c, "pfn-bits") || f->pte_bytes < 4;
    if (!placed && f->pte_bytes == 8) f->pfn_bits = 44; /* as RISC-V's words of 8 bytes */
    if (f->levels > 1 && strcmp(f->name, "linear") == 0)
        diag_set(&why, NULL, 0, 0, "linear has one level: write --paging=custom");
    else if (f->pte_bytes < 1 || f->pte_bytes > 8)
        diag_set(&why, NULL, 0, 0, "a PTE has 1, 2, 4 or 8 bytes");
    else if (placed && !place_bits(f, c))
        return false;
    else if (paging_check(f, &why) == VS_OK)
        return true;
    complain("--paging=%s: %s.", f->name, why.text);
    return false;
}

/* The format that was named, or that other options speak of. */
static const struct paging_format *named_format(const struct cli *c) {
    if (c->walk.paging) return paging_by_name(c->walk.paging);
    const struct satp *at = cli_given(c, "satp") ? satp_of(c->walk.satp) : NULL;
    if (at) return paging_by_name(at->format);
    if (cli_given(c, "levels")) return paging_by_name("custom");
    char names[200];
    struct text t = text_in(names, sizeof names);
    list_formats(&t, ~0u);
    complain("--paging is missing: which format have the page tables? It is one of %s.", names);
    return NULL;
}

/* 32-bit paging reaches 40 bits at most (PSE-36), the 64-bit kinds 52: Intel SDM, volume 3, chapter
 * "Paging", sections 5.3 and 5.1.4. */
static void adjust(struct walk_setup *s, const struct cli *c) {
    const struct walk_options *o = &c->walk;
    if (family_of(&s->format) == FAMILY_RISCV) s->format.hardware_ad = !o->svade;
    if (family_of(&s->format) != FAMILY_X86) return;
    s->maxphyaddr = cli_given(c, "maxphyaddr") ? (unsigned)o->maxphyaddr : s->format.pte_bytes == 4 ? 40 : 52;
    s->nxe = o->nxe;
    s->pse = o->pse;
    paging_x86_adjust(&s->format, o->pse, o->nxe, s->maxphyaddr);
}

static uint8_t mode_of(const struct walk_options *o) {
    return (uint8_t)((o->sum ? MODE_SUM : 0) | (o->mxr ? MODE_MXR : 0) | (o->wp ? MODE_WP : 0) |
                     (o->smep ? MODE_SMEP : 0) | (o->smap ? MODE_SMAP : 0) | (o->ac ? MODE_AC : 0));
}

bool walk_setup_from(struct walk_setup *s, const struct cli *c) {
    const struct walk_options *o = &c->walk;
    const struct paging_format *f = named_format(c);
    if (!f || !options_fit(c, f)) return false;
    *s = (struct walk_setup){.format = *f,
                             .ram_low = o->ram_low,
                             .ram_high = o->ram_high,
                             .access = o->access,
                             .user = !o->supervisor,
                             .regs = {.asid = (asid_t)o->asid, .mode = mode_of(o)}};
    if (family_of(f) == FAMILY_OWN && !describe(&s->format, c)) return false;
    adjust(s, c);
    if (!take_root(s, c)) return false;
    if (o->memory) return true;
    complain("--memory=FILE is missing: where are the words of the page tables? ADDRESS: WORD, a line each.");
    return false;
}
