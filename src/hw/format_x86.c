/* format_x86.c - the page tables of x86: two levels (32-bit), four levels and
 * five levels (64-bit, LA57).
 *
 * Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3A,
 * chapter "Paging"; chapter "Interrupt and Exception Handling" for #PF and #GP.
 * Where the manual leaves a choice, QEMU's is taken.
 *
 * x86-64 virtual address (LA57 has a PML5 index in bits 56 to 48 as well; bits
 * above the topmost index must all equal its topmost bit: canonical)
 *
 *   63     48 47     39 38     30 29     21 20     12 11         0
 *  +---------+---------+---------+---------+---------+------------+
 *  | = bit 47|  PML4   |  PDPT   |   PD    |   PT    |   offset   |
 *  +---------+---------+---------+---------+---------+------------+
 *
 * x86-64 page-table entry; M is MAXPHYADDR, the processor's address width
 *
 *   63 62   52 51      M M-1           12 11  9 8  7  6 5  4   3   2   1  0
 *  +--+-------+---------+----------------+----+-+---+-+-+---+---+---+---+-+
 *  |XD|ignored|reserved | frame or table | AVL|G|PAT|D|A|PCD|PWT|U/S|R/W|P|
 *  +--+-------+---------+----------------+----+-+---+-+-+---+---+---+---+-+
 *
 * In PD and PDPT entries bit 7 is PS: 1 makes a leaf of 2 MiB or 1 GiB, whose
 * address bits below its size are reserved (but for bit 12, PAT).
 *
 * x86-32 PD entry with PS = 1, a page of 4 MiB. PSE-36 gives it physical
 * addresses of up to 40 bits; those of bits 20 to 13 beyond M are reserved
 *
 *   31         22 21 20      13 12  11  9 8 7 6 5  4   3   2   1  0
 *  +-------------+--+----------+---+----+-+-+-+-+---+---+---+---+-+
 *  | PA 31 to 22 | 0| PA 39-32 |PAT| AVL|G|1|D|A|PCD|PWT|U/S|R/W|P|
 *  +-------------+--+----------+---+----+-+-+-+-+---+---+---+---+-+
 *
 * U/S, R/W and XD forbid when any level forbids. A is set in every entry that
 * was used, D in the leaf that a write went through.
 *
 * What the control registers change is in the format, as paging_x86_adjust
 * makes it: CR4.PSE = 0: no leaf above level 0; EFER.NXE = 0: bit 63 is
 * reserved and no flag; MAXPHYADDR: the width of the address field. */
#include "hw/formats.h"

#define BIT(n) ((uint64_t)1 << (n))

#define PS_BIT       7
#define XD_BIT       63
#define ADDRESS_BITS 52 /* the widest physical address that an entry can hold */
#define PSE36_BITS   40 /* and the PD entry of a 4 MiB page */

/* Bits high..low. */
static uint64_t bits(unsigned high, unsigned low) { return low_bits(high + 1) & ~low_bits(low); }

/* What a huge leaf's address brings itself. */
static uint64_t within(const struct paging_format *f, unsigned level) {
    return low_bits(paging_index_shift(f, level));
}

/* ---- words ---- */

static bool is_leaf(const struct paging_format *f, uint64_t word, unsigned level) {
    return (f->leaf_levels >> level & 1) && (word >> PS_BIT & 1);
}

static uint64_t leaf_marks(const struct paging_format *f, unsigned level) {
    (void)f;
    return level > 0 ? BIT(PS_BIT) : 0;
}

/* A pointer permits everything; its leaves decide. */
static uint64_t pointer_marks(const struct paging_format *f) {
    return BIT(f->flag_bit[PTE_V]) | BIT(f->flag_bit[PTE_W]) | BIT(f->flag_bit[PTE_U]);
}

static paddr_t leaf_base64(const struct paging_format *f, uint64_t word, unsigned level) {
    return word & bits(paging_pa_bits(f) - 1, f->page_shift) & ~within(f, level);
}

static paddr_t leaf_base32(const struct paging_format *f, uint64_t word, unsigned level) {
    (void)f;
    if (level == 0) return word & bits(31, 12);
    return (word & bits(31, 22)) | ((word & bits(20, 13)) << (32 - 13));
}

/* ---- checks of any entry ---- */

static bool beyond_maxphyaddr(const struct walk *w, const struct paging_format *f) {
    return (w->word & low_bits(ADDRESS_BITS) & ~low_bits(paging_pa_bits(f))) != 0;
}

static bool xd_without_nxe(const struct walk *w, const struct paging_format *f) {
    return !paging_has(f, PTE_X) && (w->word >> XD_BIT & 1);
}

static bool page_too_large(const struct walk *w, const struct paging_format *f) {
    return w->level > 0 && !(f->leaf_levels >> w->level & 1) && (w->word >> PS_BIT & 1);
}

/* ---- checks of a leaf ---- */

static bool misaligned64(const struct walk *w, const struct paging_format *f) {
    return (w->word & within(f, w->level) & ~low_bits(13)) != 0;
}

/* Bits 21 to M-19: all that does not hold an address bit below M. */
static bool misaligned32(const struct walk *w, const struct paging_format *f) {
    return w->level > 0 && (w->word & bits(21, paging_pa_bits(f) - 32 + 13)) != 0;
}

static bool user_on_supervisor_page(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->user && !(w->perms & PERM_U);
}

static bool write_to_read_only(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->op == ACCESS_WRITE && !(w->perms & PERM_W) && (w->user || (w->mode & MODE_WP));
}

static bool smep(unsigned mode, unsigned perms, enum access_kind op) {
    return op == ACCESS_FETCH && (mode & MODE_SMEP) && (perms & PERM_U);
}

static bool smap(unsigned mode, unsigned perms, enum access_kind op) {
    return op != ACCESS_FETCH && (mode & MODE_SMAP) && !(mode & MODE_AC) && (perms & PERM_U);
}

static bool supervisor_fetches_user_page(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return !w->user && smep(w->mode, w->perms, (enum access_kind)w->op);
}

static bool supervisor_uses_user_page(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return !w->user && smap(w->mode, w->perms, (enum access_kind)w->op);
}

static bool execute_disabled(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->op == ACCESS_FETCH && !(w->perms & PERM_X);
}

/* Not present beats reserved, reserved beats forbidden; among the forbidden all codes are alike. */
#define NOT_PRESENT {STAGE_ENTRY, HW_FAULT_NOT_VALID, check_not_valid, "P=0: nothing is mapped here"}
#define PROTECTION                                                                                           \
    {STAGE_LEAF, HW_FAULT_DENIED, user_on_supervisor_page,                                                   \
     "U/S=0 at some level: the page is the supervisor's"},                                                   \
    {STAGE_LEAF, HW_FAULT_DENIED, write_to_read_only,                                                        \
     "R/W=0 at some level forbids writes (the supervisor's only with CR0.WP=1)"},                            \
    {STAGE_LEAF, HW_FAULT_DENIED, supervisor_fetches_user_page,                                              \
     "CR4.SMEP=1: the supervisor may not fetch from a user page"},                                           \
    {STAGE_LEAF, HW_FAULT_DENIED, supervisor_uses_user_page,                                                 \
     "CR4.SMAP=1 and EFLAGS.AC=0: the supervisor may not use a user page's data"}

static const struct walk_check checks32[] = {
    {STAGE_ADDRESS, HW_FAULT_RANGE, check_va_missing, "an address has 32 bits"},
    NOT_PRESENT,
    {STAGE_LEAF, HW_FAULT_MALFORMED, misaligned32,
     "bit 21 of a 4 MiB page's entry, and address bits beyond MAXPHYADDR, are reserved"},
    PROTECTION,
    {0}};

static const struct walk_check checks64[] = {
    {STAGE_ADDRESS, HW_FAULT_RANGE, check_va_missing,
     "not canonical: the address's upper bits do not repeat the topmost translated one"},
    NOT_PRESENT,
    {STAGE_ENTRY, HW_FAULT_MALFORMED, beyond_maxphyaddr, "address bits beyond MAXPHYADDR are reserved"},
    {STAGE_ENTRY, HW_FAULT_MALFORMED, xd_without_nxe, "XD (bit 63) is reserved while EFER.NXE=0"},
    {STAGE_ENTRY, HW_FAULT_MALFORMED, page_too_large, "PS (bit 7) is reserved here: no page is that large"},
    {STAGE_LEAF, HW_FAULT_MALFORMED, misaligned64,
     "the address bits below a huge page's size are reserved (but for bit 12, PAT)"},
    PROTECTION,
    {STAGE_LEAF, HW_FAULT_DENIED, execute_disabled, "XD=1 at some level forbids fetches"},
    {0}};

static bool supervisor_permits(uint8_t mode, unsigned perms, enum access_kind op) {
    if (smep(mode, perms, op) || smap(mode, perms, op)) return false;
    if (op == ACCESS_READ) return true;
    return op == ACCESS_FETCH ? (perms & PERM_X) != 0 : (perms & PERM_W) || !(mode & MODE_WP);
}

/* ---- the fault, as the processor reports it ----
 *
 * Error code of a page fault (SDM 3A, "Page-Fault Exceptions")
 *
 *     4    3   2   1  0
 *   +---+----+---+---+-+   P   0: an entry was not present     U/S   made in user mode
 *   |I/D|RSVD|U/S|W/R|P|   W/R the access was a write          RSVD  a reserved bit was set
 *   +---+----+---+---+-+   I/D it was a fetch; told only where fetches can be forbidden */
static struct hw_report report(const struct paging_format *f, const struct walk *w) {
    if (w->fault == HW_FAULT_RANGE) return (struct hw_report){"#GP", "error_code", 0};
    if (w->fault == HW_FAULT_BUS) return (struct hw_report){.class = hw_fault_name(HW_FAULT_BUS)};
    bool tells_fetch = paging_has(f, PTE_X) || (w->mode & MODE_SMEP);
    uint32_t code = (w->fault != HW_FAULT_NOT_VALID ? 1u : 0u) | (w->op == ACCESS_WRITE ? 2u : 0u) |
                    (w->user ? 4u : 0u) | (w->fault == HW_FAULT_MALFORMED ? 8u : 0u) |
                    (w->op == ACCESS_FETCH && tells_fetch ? 16u : 0u);
    return (struct hw_report){"#PF", "error_code", code};
}

/* ---- the detail view ---- */

static unsigned add_address64(const struct paging_format *f, bool leaf, unsigned level, unsigned n,
                              struct pte_field out[PTE_FIELDS_MAX]) {
    unsigned width = paging_pa_bits(f);
    if (width < ADDRESS_BITS) n = field_add(out, n, 51, width, "reserved", "beyond MAXPHYADDR: must be 0");
    if (!leaf) return field_add(out, n, width - 1, 12, "table", "where the next table begins");
    n = field_add(out, n, width - 1, paging_index_shift(f, level), "frame", "where the page begins");
    if (level == 0) return n;
    unsigned below = paging_index_shift(f, level) - 1;
    n = field_add(out, n, below, 13, "reserved", "below the page's size: must be 0");
    return field_add(out, n, 12, 12, "PAT", "memory type, with PCD and PWT");
}

static unsigned add_address32(bool leaf, unsigned level, unsigned n, struct pte_field out[PTE_FIELDS_MAX]) {
    if (!leaf) return field_add(out, n, 31, 12, "table", "where the next table begins");
    if (level == 0) return field_add(out, n, 31, 12, "frame", "where the page begins");
    n = field_add(out, n, 31, 22, "frame", "where the page begins");
    n = field_add(out, n, 21, 21, "reserved", "must be 0");
    n = field_add(out, n, 20, 13, "PA 39-32", "PSE-36: the address's bits 39 to 32");
    return field_add(out, n, 12, 12, "PAT", "memory type, with PCD and PWT");
}

static const struct pte_field low_leaf[] = {
    {6, 6, "D", "dirty: written since D was last cleared"},
    {5, 5, "A", "accessed: used since A was last cleared"}};
static const struct pte_field low_pointer[] = {
    {6, 6, "ignored", "the hardware ignores it"},
    {5, 5, "A", "accessed: a walk went through since A was last cleared"}};
static const struct pte_field low_all[] = {
    {4, 4, "PCD", "page-level cache disable"},
    {3, 3, "PWT", "page-level write-through"},
    {2, 2, "U/S", "1 allows user mode; 0 at any level forbids it"},
    {1, 1, "R/W", "1 allows writes; 0 at any level forbids them"},
    {0, 0, "P", "present"}};

/* Bit 7 has a different sense nearly everywhere. */
static unsigned add_bit7(const struct paging_format *f, unsigned level, unsigned n,
                         struct pte_field out[PTE_FIELDS_MAX]) {
    static const struct pte_field pat = {7, 7, "PAT", "memory type, with PCD and PWT"},
                                  ps = {7, 7, "PS", "page size: 1 maps a huge page, 0 leads to a table"},
                                  too_large = {7, 7, "reserved", "must be 0: no page is that large"},
                                  no_pse = {7, 7, "PS (ignored)", "the hardware ignores it while CR4.PSE=0"};
    bool may_be_leaf = f->leaf_levels >> level & 1;
    const struct pte_field *other = f->pte_bytes == 8 ? &too_large : &no_pse;
    return fields_add(out, n, level == 0 ? &pat : may_be_leaf ? &ps : other, 1);
}

/* Bits 11 to 0. */
static unsigned add_low(const struct paging_format *f, bool leaf, unsigned level, unsigned n,
                        struct pte_field out[PTE_FIELDS_MAX]) {
    static const struct pte_field global = {8, 8, "G", "global: in every address space"},
                                  ignored = {8, 8, "ignored", "the hardware ignores it"};
    n = field_add(out, n, 11, 9, "AVL", "for software: the hardware ignores it");
    n = fields_add(out, n, leaf ? &global : &ignored, 1);
    n = add_bit7(f, level, n, out);
    n = fields_add(out, n, leaf ? low_leaf : low_pointer, 2);
    return fields_add(out, n, low_all, sizeof low_all / sizeof low_all[0]);
}

static unsigned fields(const struct paging_format *f, uint64_t word, unsigned level,
                       struct pte_field out[PTE_FIELDS_MAX]) {
    static const struct pte_field xd = {63, 63, "XD", "execute disable: 1 at any level forbids fetches"},
                                  no_nxe = {63, 63, "reserved", "must be 0 while EFER.NXE=0"};
    if (!(word & 1)) return fields_not_valid(f, "P", out);
    bool leaf = paging_is_leaf(f, word, level);
    unsigned n = 0;
    if (f->pte_bytes == 4) {
        n = add_address32(leaf, level, n, out);
    } else {
        n = fields_add(out, n, paging_has(f, PTE_X) ? &xd : &no_nxe, 1);
        n = field_add(out, n, 62, 52, "ignored", "the hardware ignores these bits");
        n = add_address64(f, leaf, level, n, out);
    }
    return add_low(f, leaf, level, n, out);
}

/* ---- the formats ---- */

#define PLAIN_ARCH                                                                                           \
    .is_leaf = is_leaf, .leaf_marks = leaf_marks, .pointer_marks = pointer_marks, .report = report,          \
    .fields = fields, .supervisor_permits = supervisor_permits, .pointers_restrict = true,                   \
    .pointers_accessed = true

static const struct paging_arch arch32 = {.checks = checks32, .leaf_base = leaf_base32, PLAIN_ARCH};
static const struct paging_arch arch64 = {.checks = checks64, .leaf_base = leaf_base64, PLAIN_ARCH};

#define MANUAL "Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3A, chapter \"Paging\", "
#define COMMON .root = "CR3", .asids = 4095, .shape = SHAPE_TREE, .page_shift = 12, .pfn_bit = 12, .hardware_ad = true
#define COMMON64                                                                                             \
    COMMON, .arch = &arch64, .pte_bytes = 8, .pfn_bits = 40, .leaf_levels = 0x7, .sign_extended = true,      \
    .inverted = PTE_BIT(PTE_X),                                                                              \
    .flag_bit = {[PTE_V] = 0, [PTE_R] = -1, [PTE_W] = 1, [PTE_X] = XD_BIT,                                   \
                 [PTE_U] = 2, [PTE_G] = 8, [PTE_A] = 5, [PTE_D] = 6}

const struct paging_format format_x86_32 = {
    .name = "x86-32", .title = "x86, 32-bit paging", .source = MANUAL "32-bit paging",
    COMMON, .arch = &arch32, .levels = 2, .pte_bytes = 4, .pfn_bits = 20, .index_bits = {10, 10},
    .leaf_levels = 0x3,
    .flag_bit = {[PTE_V] = 0, [PTE_R] = -1, [PTE_W] = 1, [PTE_X] = -1,
                 [PTE_U] = 2, [PTE_G] = 8, [PTE_A] = 5, [PTE_D] = 6},
    .level_name = {"PT", "PD"}};

const struct paging_format format_x86_64 = {
    .name = "x86-64", .title = "x86-64, 4-level paging", .source = MANUAL "4-level paging",
    COMMON64, .levels = 4, .index_bits = {9, 9, 9, 9}, .level_name = {"PT", "PD", "PDPT", "PML4"}};

const struct paging_format format_x86_64_la57 = {
    .name = "x86-64-la57", .title = "x86-64, 5-level paging (LA57)", .source = MANUAL "5-level paging",
    COMMON64, .levels = 5, .index_bits = {9, 9, 9, 9, 9}, .level_name = {"PT", "PD", "PDPT", "PML4", "PML5"}};

void paging_x86_adjust(struct paging_format *f, bool pse, bool nxe, unsigned maxphyaddr) {
    if (f->pte_bytes == 8) {
        f->flag_bit[PTE_X] = nxe ? XD_BIT : -1;
    } else {
        f->leaf_levels = pse ? 0x3 : 0x1;
        if (maxphyaddr > PSE36_BITS) maxphyaddr = PSE36_BITS;
    }
    f->pfn_bits = maxphyaddr - f->page_shift;
}
