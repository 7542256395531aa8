/* format_riscv.c - Sv32, Sv39, Sv48 and Sv57, the page tables of RISC-V.
 *
 * The RISC-V Instruction Set Manual, Volume II: Privileged Architecture,
 * chapter "Supervisor-Level ISA", sections Sv32 to Sv57 and "Virtual Address
 * Translation Process", whose order the tables of checks keep.
 *
 * Sv39 virtual address (Sv48 and Sv57 have one and two indices more, Sv32 two
 * of 10 bits; bits above the topmost index must all equal its topmost bit)
 *
 *   63        39 38        30 29        21 20        12 11         0
 *  +------------+------------+------------+------------+------------+
 *  | = bit 38   |   VPN[2]   |   VPN[1]   |   VPN[0]   |   offset   |
 *  +------------+------------+------------+------------+------------+
 *
 * Sv39 page-table entry
 *
 *   63      54 53        28 27      19 18      10 9 8 7 6 5 4 3 2 1 0
 *  +----------+------------+----------+----------+---+-+-+-+-+-+-+-+-+
 *  | reserved |   PPN[2]   |  PPN[1]  |  PPN[0]  |RSW|D|A|G|U|X|W|R|V|
 *  +----------+------------+----------+----------+---+-+-+-+-+-+-+-+-+
 *
 * Sv32 page-table entry: physical addresses of 34 bits
 *
 *   31        20 19        10 9 8 7 6 5 4 3 2 1 0
 *  +------------+------------+---+-+-+-+-+-+-+-+-+
 *  |   PPN[1]   |   PPN[0]   |RSW|D|A|G|U|X|W|R|V|
 *  +------------+------------+---+-+-+-+-+-+-+-+-+
 *
 * R = W = X = 0 makes an entry a pointer to the next table; anything else makes
 * it a leaf, at any level: a leaf above level 0 is a superpage. The extensions
 * Svnapot and Svpbmt, which give bits 63 to 61 a meaning, are not there.
 *
 * Two ways of keeping A and D: with Svadu the hardware sets them (the default
 * here, hardware_ad), with Svade it raises a page fault and software does. */
#include "hw/formats.h"

static bool has(const struct walk *w, enum pte_flag flag) { return (w->pte.flags & PTE_BIT(flag)) != 0; }

/* ---- checks of any entry ---- */

static bool write_without_read(const struct walk *w, const struct paging_format *f) {
    return f->write_needs_read && has(w, PTE_W) && !has(w, PTE_R);
}

static bool reserved_bits(const struct walk *w, const struct paging_format *f) {
    return (w->word >> (f->pfn_bit + f->pfn_bits)) != 0;
}

static bool pointer_at_last_level(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->level == 0 && !has(w, PTE_R) && !has(w, PTE_X);
}

static bool pointer_with_flags(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return has(w, PTE_A) || has(w, PTE_D) || has(w, PTE_U);
}

/* ---- checks of a leaf ---- */

static bool misaligned(const struct walk *w, const struct paging_format *f) {
    return (w->pte.pfn & low_bits(paging_index_shift(f, w->level) - f->page_shift)) != 0;
}

static bool user_on_supervisor_page(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->user && !has(w, PTE_U);
}

static bool supervisor_fetches_user_page(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return !w->user && has(w, PTE_U) && w->op == ACCESS_FETCH;
}

static bool supervisor_without_sum(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return !w->user && has(w, PTE_U) && w->op != ACCESS_FETCH && !(w->mode & MODE_SUM);
}

static bool not_readable(const struct walk *w, const struct paging_format *f) {
    (void)f;
    bool by_mxr = (w->mode & MODE_MXR) && has(w, PTE_X);
    return w->op == ACCESS_READ && !has(w, PTE_R) && !by_mxr;
}

static bool not_writable(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->op == ACCESS_WRITE && !has(w, PTE_W);
}

static bool not_executable(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->op == ACCESS_FETCH && !has(w, PTE_X);
}

static bool accessed_clear(const struct walk *w, const struct paging_format *f) {
    return !f->hardware_ad && !has(w, PTE_A);
}

static bool dirty_clear(const struct walk *w, const struct paging_format *f) {
    return !f->hardware_ad && w->op == ACCESS_WRITE && !has(w, PTE_D);
}

/* The manual's order. Sv32 has no reserved bits, so its table lacks that check. */
#define FIRST_CHECKS                                                                                         \
    {STAGE_ADDRESS, HW_FAULT_RANGE, check_va_missing,                                                        \
     "the address's upper bits do not repeat the topmost translated one"},                                   \
    {STAGE_ENTRY, HW_FAULT_NOT_VALID, check_not_valid, "V=0: nothing is mapped here"},                       \
    {STAGE_ENTRY, HW_FAULT_MALFORMED, write_without_read, "W=1 without R=1 is reserved"}
#define LATER_CHECKS                                                                                         \
    {STAGE_ENTRY, HW_FAULT_MALFORMED, pointer_at_last_level,                                                 \
     "R=W=X=0 makes it a pointer, but there is no table below the last level"},                              \
    {STAGE_POINTER, HW_FAULT_MALFORMED, pointer_with_flags, "D, A and U must be 0 in a pointer"},            \
    {STAGE_LEAF, HW_FAULT_MALFORMED, misaligned,                                                             \
     "a superpage must be aligned: the PPN fields that the address replaces must be 0"},                     \
    {STAGE_LEAF, HW_FAULT_DENIED, user_on_supervisor_page, "U=0: the page is the supervisor's"},             \
    {STAGE_LEAF, HW_FAULT_DENIED, supervisor_fetches_user_page,                                              \
     "U=1: the supervisor never fetches from a user page, whatever SUM says"},                               \
    {STAGE_LEAF, HW_FAULT_DENIED, supervisor_without_sum,                                                    \
     "U=1: the supervisor may use a user page only with SUM=1"},                                             \
    {STAGE_LEAF, HW_FAULT_DENIED, not_readable, "R=0 forbids reads (MXR=1 allows them where X=1)"},          \
    {STAGE_LEAF, HW_FAULT_DENIED, not_writable, "W=0 forbids writes"},                                       \
    {STAGE_LEAF, HW_FAULT_DENIED, not_executable, "X=0 forbids fetches"},                                    \
    {STAGE_LEAF, HW_FAULT_BITS, accessed_clear, "A=0, and with Svade software sets it"},                     \
    {STAGE_LEAF, HW_FAULT_BITS, dirty_clear, "D=0 on a write, and with Svade software sets it"},             \
    {0}

static const struct walk_check sv32_checks[] = {FIRST_CHECKS, LATER_CHECKS};
static const struct walk_check sv64_checks[] = {
    FIRST_CHECKS,
    {STAGE_ENTRY, HW_FAULT_MALFORMED, reserved_bits, "bits 63 to 54 are reserved and must be 0"},
    LATER_CHECKS};

/* For TLB hits: the same three rules about user pages. MXR is in perms already. */
static bool supervisor_permits(uint8_t mode, unsigned perms, enum access_kind op) {
    if ((perms & PERM_U) && (op == ACCESS_FETCH || !(mode & MODE_SUM))) return false;
    return (perms & access_needs(op)) != 0;
}

/* scause, table "Supervisor cause register values after trap": a fault has the type of the access
 * that began the walk, also when it was the page table that could not be read. */
static struct hw_report report(const struct paging_format *f, const struct walk *w) {
    static const struct hw_report page_fault[ACCESS_KINDS] = {
        [ACCESS_READ] = {"load page fault", "cause", 13},
        [ACCESS_WRITE] = {"store page fault", "cause", 15},
        [ACCESS_FETCH] = {"instruction page fault", "cause", 12}};
    static const struct hw_report access_fault[ACCESS_KINDS] = {
        [ACCESS_READ] = {"load access fault", "cause", 5},
        [ACCESS_WRITE] = {"store access fault", "cause", 7},
        [ACCESS_FETCH] = {"instruction access fault", "cause", 1}};
    (void)f;
    return w->fault == HW_FAULT_BUS ? access_fault[w->op] : page_fault[w->op];
}

/* ---- the detail view ---- */

/* PPN[i] has as many bits as VPN[i]; the topmost takes the rest. */
static unsigned add_ppn(const struct paging_format *f, bool leaf, unsigned level, unsigned n,
                        struct pte_field out[PTE_FIELDS_MAX]) {
    static const char *const name[PAGING_LEVELS_MAX] = {"PPN[0]", "PPN[1]", "PPN[2]", "PPN[3]", "PPN[4]"};
    unsigned high = f->pfn_bit + f->pfn_bits - 1;
    for (unsigned i = f->levels; i-- > 0;) {
        unsigned low = f->pfn_bit + paging_index_shift(f, i) - f->page_shift;
        const char *meaning = !leaf        ? "part of the next table's page number"
                              : i >= level ? "part of the page's number"
                                           : "must be 0 in a superpage: the address brings these bits";
        n = field_add(out, n, high, low, name[i], meaning);
        high = low - 1;
    }
    return n;
}

static const struct pte_field low_leaf[] = {
    {9, 8, "RSW", "for software: the hardware ignores it"},
    {7, 7, "D", "dirty: written since D was last cleared"},
    {6, 6, "A", "accessed: used since A was last cleared"},
    {5, 5, "G", "global: in every address space"},
    {4, 4, "U", "user: 1 for user mode's pages"},
    {3, 3, "X", "executable: 1 allows fetches"},
    {2, 2, "W", "writable: 1 allows writes"},
    {1, 1, "R", "readable: 1 allows reads"},
    {0, 0, "V", "valid"}};
static const struct pte_field low_pointer[] = {
    {9, 8, "RSW", "for software: the hardware ignores it"},
    {7, 7, "D", "must be 0 in a pointer"},
    {6, 6, "A", "must be 0 in a pointer"},
    {5, 5, "G", "global: all that lies below is in every address space"},
    {4, 4, "U", "must be 0 in a pointer"},
    {3, 3, "X", "0 in a pointer"},
    {2, 2, "W", "0 in a pointer"},
    {1, 1, "R", "0 in a pointer"},
    {0, 0, "V", "valid"}};

static unsigned fields(const struct paging_format *f, uint64_t word, unsigned level,
                       struct pte_field out[PTE_FIELDS_MAX]) {
    if (!(word & 1)) return fields_not_valid(f, "V", out);
    bool leaf = paging_is_leaf(f, word, level);
    unsigned n = 0, top = f->pfn_bit + f->pfn_bits;
    if (top < f->pte_bytes * 8) n = field_add(out, n, f->pte_bytes * 8 - 1, top, "reserved", "must be 0");
    n = add_ppn(f, leaf, level, n, out);
    return fields_add(out, n, leaf ? low_leaf : low_pointer, sizeof low_leaf / sizeof low_leaf[0]);
}

/* ---- the formats ---- */

#define PLAIN_ARCH .supervisor_permits = supervisor_permits, .report = report, .fields = fields
static const struct paging_arch sv32_arch = {.checks = sv32_checks, PLAIN_ARCH};
static const struct paging_arch sv64_arch = {.checks = sv64_checks, PLAIN_ARCH};

#define MANUAL "The RISC-V Instruction Set Manual, Volume II: Privileged Architecture, section "
#define COMMON                                                                                               \
    .root = "satp", .shape = SHAPE_TREE, .page_shift = 12, .pfn_bit = 10, .write_needs_read = true,          \
    .hardware_ad = true,                                                                                     \
    .flag_bit = {[PTE_V] = 0, [PTE_R] = 1, [PTE_W] = 2, [PTE_X] = 3,                                         \
                 [PTE_U] = 4, [PTE_G] = 5, [PTE_A] = 6, [PTE_D] = 7}
#define COMMON64 COMMON, .arch = &sv64_arch, .pte_bytes = 8, .pfn_bits = 44, .sign_extended = true

const struct paging_format format_sv32 = {
    .name = "sv32", .title = "RISC-V Sv32", .source = MANUAL "Sv32", COMMON, .arch = &sv32_arch,
    .levels = 2, .asids = 511, .pte_bytes = 4, .pfn_bits = 22, .index_bits = {10, 10}, .leaf_levels = 0x3};

const struct paging_format format_sv39 = {
    .name = "sv39", .title = "RISC-V Sv39", .source = MANUAL "Sv39", COMMON64,
    .levels = 3, .index_bits = {9, 9, 9}, .leaf_levels = 0x7};

const struct paging_format format_sv48 = {
    .name = "sv48", .title = "RISC-V Sv48", .source = MANUAL "Sv48", COMMON64,
    .levels = 4, .index_bits = {9, 9, 9, 9}, .leaf_levels = 0xf};

const struct paging_format format_sv57 = {
    .name = "sv57", .title = "RISC-V Sv57", .source = MANUAL "Sv57", COMMON64,
    .levels = 5, .index_bits = {9, 9, 9, 9, 9}, .leaf_levels = 0x1f};
