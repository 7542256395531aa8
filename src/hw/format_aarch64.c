/* format_aarch64.c - the page tables of Arm's 64-bit architecture: stage 1,
 * granule of 4 KiB, 48-bit virtual and physical addresses.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), chapter D8 "The
 * AArch64 Virtual Memory System Architecture": "VMSAv8-64 translation using the
 * 4KB granule", "VMSAv8-64 descriptor formats", "Memory access control".
 *
 * Virtual address. Bits 63 to 48 all 0 go through TTBR0, all 1 through TTBR1;
 * here one root stands for both.
 *
 *   63     48 47     39 38     30 29     21 20     12 11         0
 *  +---------+---------+---------+---------+---------+------------+
 *  | all 0/1 |  lvl0   |  lvl1   |  lvl2   |  lvl3   |   offset   |
 *  +---------+---------+---------+---------+---------+------------+
 *
 * Arm numbers the levels from the root (lvl0) down; in this program level 0 is
 * the last one. The names shown are Arm's.
 *
 * Page (lvl3, bits 1:0 = 11) or block (lvl1: 1 GiB, lvl2: 2 MiB; 01)
 *
 *   63  59 58 55 54  53  52 51  50 48 47            12 11 10 9 8 7   6 5   2 1 0
 *  +------+-----+---+---+--+---+-----+----------------+--+--+---+-----+-----+---+
 *  |  -   | sw  |UXN|PXN| C|DBM|  0  |     frame      |nG|AF|SH |AP2:1|other|1 1|
 *  +------+-----+---+---+--+---+-----+----------------+--+--+---+-----+-----+---+
 *
 * Table (bits 1:0 = 11 above lvl3); its upper bits limit all that lies below
 *
 *   63  62  61    60     59   58         48 47            12 11         2 1 0
 *  +--+-------+-------+-------+------------+----------------+------------+---+
 *  |NS|APTable|UXNTabl|PXNTabl|  ignored   |     table      |  ignored   |1 1|
 *  +--+-------+-------+-------+------------+----------------+------------+---+
 *
 * AP[1] = 1 lets EL0 (user mode) in; AP[2] = 1 makes a page read-only. AF is
 * the accessed bit. There is no dirty bit: a page that may be written but was
 * not yet is read-only (AP[2] = 1) with DBM = 1, and its first write clears
 * AP[2]. With FEAT_HAFDBS (hardware_ad) the walker does both; without it, as in
 * Armv8.0 and by default here, each is a fault and software does it.
 *
 * Where a page was dirty and became read-only for good, DBM is 0 and the
 * software bit 55 remembers the dirt, as Linux does it.
 *
 * A page that the kernel makes is executable for one of both modes: a user page
 * has PXN = 1, a page of its own UXN = 1. The walk obeys any other pair; a TLB
 * entry, with one X, keeps of it what the page's owner may. */
#include "hw/formats.h"

#define BIT(n) ((uint64_t)1 << (n))

enum { /* bits of a page or block */
    TABLE_BIT = 1, /* of bits 1:0; 0: a block */
    AP1_BIT = 6,
    AP2_BIT = 7,
    AF_BIT = 10,
    NG_BIT = 11,
    DBM_BIT = 51,
    PXN_BIT = 53,
    UXN_BIT = 54,
    DIRTY_BIT = 55 /* software's */
};
enum { /* of a table */
    PXN_TABLE_BIT = 59,
    UXN_TABLE_BIT = 60,
    AP_TABLE0_BIT = 61, /* 1: nothing below is for EL0 */
    AP_TABLE1_BIT = 62  /* 1: all below is read-only */
};
#define OUTPUT_BITS 48 /* addresses that an entry can hold */
#define ROOT_LEVEL  3

static bool bit(uint64_t word, unsigned n) { return word >> n & 1; }

/* ---- words ---- */

static bool is_leaf(const struct paging_format *f, uint64_t word, unsigned level) {
    return (f->leaf_levels >> level & 1) && !bit(word, TABLE_BIT);
}

static paddr_t leaf_base(const struct paging_format *f, uint64_t word, unsigned level) {
    return word & low_bits(OUTPUT_BITS) & ~low_bits(paging_index_shift(f, level));
}

static unsigned flags_of(const struct paging_format *f, uint64_t word) {
    (void)f;
    bool user = bit(word, AP1_BIT), read_only = bit(word, AP2_BIT), dbm = bit(word, DBM_BIT);
    unsigned flags = 0;
    if (bit(word, 0)) flags |= PTE_BIT(PTE_V);
    if (!read_only || dbm) flags |= PTE_BIT(PTE_W);
    if (!read_only || (!dbm && bit(word, DIRTY_BIT))) flags |= PTE_BIT(PTE_D);
    if (!bit(word, user ? UXN_BIT : PXN_BIT)) flags |= PTE_BIT(PTE_X);
    if (user) flags |= PTE_BIT(PTE_U);
    if (!bit(word, NG_BIT)) flags |= PTE_BIT(PTE_G);
    if (bit(word, AF_BIT)) flags |= PTE_BIT(PTE_A);
    return flags;
}

/* AP[2], DBM and software's bit for W and D. */
static uint64_t write_bits(bool writable, bool dirty) {
    if (writable) return BIT(DBM_BIT) | (dirty ? 0 : BIT(AP2_BIT));
    return BIT(AP2_BIT) | (dirty ? BIT(DIRTY_BIT) : 0);
}

static uint64_t flags_to(const struct paging_format *f, unsigned flags) {
    (void)f;
    bool user = flags & PTE_BIT(PTE_U), executable = flags & PTE_BIT(PTE_X);
    uint64_t word = write_bits(flags & PTE_BIT(PTE_W), flags & PTE_BIT(PTE_D));
    if (flags & PTE_BIT(PTE_V)) word |= BIT(0);
    if (user) word |= BIT(AP1_BIT);
    if (!(user && executable)) word |= BIT(UXN_BIT);
    if (user || !executable) word |= BIT(PXN_BIT);
    if (!(flags & PTE_BIT(PTE_G))) word |= BIT(NG_BIT);
    if (flags & PTE_BIT(PTE_A)) word |= BIT(AF_BIT);
    return word;
}

static uint64_t leaf_marks(const struct paging_format *f, unsigned level) {
    (void)f;
    return level == 0 ? BIT(TABLE_BIT) : 0;
}

static uint64_t pointer_marks(const struct paging_format *f) {
    (void)f;
    return BIT(0) | BIT(TABLE_BIT);
}

/* ---- what the leaf and the tables above it permit ---- */

/* Bits of the tables that led here: one that is set anywhere counts. */
static uint64_t tables(const struct walk *w) {
    uint64_t all = 0;
    for (uint32_t i = 0; i + 1 < w->reads && i < WALK_READS_MAX; i++) all |= w->read[i].word;
    return all;
}

static bool el0_enters(const struct walk *w) {
    return bit(w->word, AP1_BIT) && !bit(tables(w), AP_TABLE0_BIT);
}

/* DBM counts as writable: a write that then meets AP[2] = 1 has the dirty state to settle. */
static bool writable(const struct walk *w) {
    return (!bit(w->word, AP2_BIT) || bit(w->word, DBM_BIT)) && !bit(tables(w), AP_TABLE1_BIT);
}

static bool executable(const struct walk *w, bool user) {
    if (user) return !bit(w->word, UXN_BIT) && !bit(tables(w), UXN_TABLE_BIT);
    return !bit(w->word, PXN_BIT) && !bit(tables(w), PXN_TABLE_BIT);
}

/* For the TLB. */
static unsigned perms_of(const struct walk *w) {
    bool user = el0_enters(w);
    return PERM_R | (writable(w) ? PERM_W : 0u) | (executable(w, user) ? PERM_X : 0u) | (user ? PERM_U : 0u);
}

/* ---- checks ---- */

static bool between_the_halves(const struct walk *w, const struct paging_format *f) {
    uint64_t top = w->va >> paging_va_bits(f);
    return top != 0 && top != 0xffff;
}

static bool reserved_page(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->level == 0 && !bit(w->word, TABLE_BIT);
}

static bool block_too_large(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->level == ROOT_LEVEL && !bit(w->word, TABLE_BIT);
}

static bool output_too_large(const struct walk *w, const struct paging_format *f) {
    return (w->word & low_bits(OUTPUT_BITS) & ~low_bits(paging_pa_bits(f))) != 0;
}

static bool access_flag_clear(const struct walk *w, const struct paging_format *f) {
    return !f->hardware_ad && !bit(w->word, AF_BIT);
}

static bool el0_kept_out(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->user && w->op != ACCESS_FETCH && !el0_enters(w);
}

static bool read_only(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->op == ACCESS_WRITE && !writable(w);
}

static bool user_execute_never(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->op == ACCESS_FETCH && w->user && !executable(w, true);
}

static bool privileged_execute_never(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->op == ACCESS_FETCH && !w->user && !executable(w, false);
}

static bool fetch_where_el0_writes(const struct walk *w, const struct paging_format *f) {
    (void)f;
    return w->op == ACCESS_FETCH && !w->user && el0_enters(w) && writable(w);
}

static bool dirty_state_clear(const struct walk *w, const struct paging_format *f) {
    return !f->hardware_ad && w->op == ACCESS_WRITE && bit(w->word, AP2_BIT);
}

/* At each level: translation, then address size, then access flag, then permission fault. */
static const struct walk_check checks[] = {
    {STAGE_ADDRESS, HW_FAULT_RANGE, between_the_halves,
     "bits 63 to 48 are neither all 0 (TTBR0) nor all 1 (TTBR1)"},
    {STAGE_ENTRY, HW_FAULT_NOT_VALID, check_not_valid, "bit 0 is 0: nothing is mapped here"},
    {STAGE_ENTRY, HW_FAULT_MALFORMED, reserved_page, "bits 1:0 = 01 are reserved at lvl3: a page has 11"},
    {STAGE_ENTRY, HW_FAULT_MALFORMED, block_too_large,
     "bits 1:0 = 01 are reserved at lvl0: no block is that large"},
    {STAGE_ENTRY, HW_FAULT_MALFORMED, output_too_large,
     "the output address is larger than the physical address size"},
    {STAGE_LEAF, HW_FAULT_BITS, access_flag_clear, "AF=0, and without FEAT_HAFDBS software sets it"},
    {STAGE_LEAF, HW_FAULT_DENIED, el0_kept_out, "AP[1]=0 or APTable[0]=1: not for EL0"},
    {STAGE_LEAF, HW_FAULT_DENIED, read_only, "AP[2]=1 or APTable[1]=1: read-only"},
    {STAGE_LEAF, HW_FAULT_DENIED, user_execute_never, "UXN=1 or UXNTable=1: EL0 never fetches from here"},
    {STAGE_LEAF, HW_FAULT_DENIED, privileged_execute_never,
     "PXN=1 or PXNTable=1: EL1 never fetches from here"},
    {STAGE_LEAF, HW_FAULT_DENIED, fetch_where_el0_writes, "EL1 never fetches from a page that EL0 may write"},
    {STAGE_LEAF, HW_FAULT_BITS, dirty_state_clear,
     "AP[2]=1 with DBM=1: not yet dirty, and software keeps track"},
    {0}};

/* Without U the page is EL1's own; with it, PXN forbids (see the head). */
static bool supervisor_permits(uint8_t mode, unsigned perms, enum access_kind op) {
    (void)mode;
    if (op == ACCESS_FETCH) return (perms & PERM_X) && !(perms & PERM_U);
    return op == ACCESS_READ || (perms & PERM_W);
}

/* One level. Not the plain way, because upper bits mean other things in tables than in leaves. */
static void step(struct walk *w, const struct paging_format *f, const struct ram *ram) {
    uint32_t index = paging_index(f, w->va, w->level);
    if (!walk_fetch(w, f, ram, w->table, w->table + (uint64_t)index * f->pte_bytes, index)) return;
    if (!walk_checks(w, f, STAGE_ENTRY)) return;
    if (!paging_is_leaf(f, w->word, w->level)) {
        if (!walk_checks(w, f, STAGE_POINTER)) return;
        w->table = pfn_to_pa(w->pte.pfn, f->page_shift);
        w->level--;
        return;
    }
    uint64_t within = low_bits(paging_index_shift(f, w->level));
    w->perms = (uint8_t)perms_of(w);
    w->global = !bit(w->word, NG_BIT);
    if (!walk_checks(w, f, STAGE_LEAF)) return;
    walk_finish(w, f, ram, leaf_base(f, w->word, w->level) | (w->va & within));
}

/* ---- the fault, as the processor reports it ----
 *
 * Fault status code (ESR_ELx, DFSC and IFSC): the kind in bits 5 to 2, Arm's level in bits 1 and 0. */
enum status { SIZE, TRANSLATION, ACCESS_FLAG, PERMISSION, EXTERNAL_WALK, EXTERNAL };

static enum status status_of(const struct walk *w) {
    if (w->fault == HW_FAULT_BUS) return w->leaf ? EXTERNAL : EXTERNAL_WALK;
    if (w->fault == HW_FAULT_DENIED) return PERMISSION;
    if (w->fault == HW_FAULT_BITS) return bit(w->word, AF_BIT) ? PERMISSION : ACCESS_FLAG;
    return w->failed && w->failed->fails == output_too_large ? SIZE : TRANSLATION;
}

static struct hw_report report(const struct paging_format *f, const struct walk *w) {
    static const struct {
        uint32_t code;
        const char *at[4];
    } status[] = {
#define AT(name) {name ", level 0", name ", level 1", name ", level 2", name ", level 3"}
        [SIZE] = {0x00, AT("address size fault")},
        [TRANSLATION] = {0x04, AT("translation fault")},
        [ACCESS_FLAG] = {0x08, AT("access flag fault")},
        [PERMISSION] = {0x0c, AT("permission fault")},
        [EXTERNAL_WALK] = {0x14, AT("external abort on the walk")},
#undef AT
        [EXTERNAL] = {0x10, {"external abort", "external abort", "external abort", "external abort"}}};
    enum status s = status_of(w);
    uint32_t level = f->levels - 1 - w->level;
    return (struct hw_report){status[s].at[level], "cause", status[s].code | (s == EXTERNAL ? 0 : level)};
}

/* ---- the detail view ---- */

static const struct pte_field table_high[] = {
    {63, 63, "NSTable", "security state of the tables below"},
    {62, 62, "APTable1", "1: all below is read-only"},
    {61, 61, "APTable0", "1: nothing below is for EL0"},
    {60, 60, "UXNTable", "1: EL0 never fetches from below"},
    {59, 59, "PXNTable", "1: EL1 never fetches from below"},
    {58, 51, "ignored", "the hardware ignores these bits"}};
static const struct pte_field leaf_high[] = {
    {63, 59, "ignored", "the hardware ignores these bits"},
    {58, 56, "software", "for the operating system"},
    {55, 55, "dirty", "software's: written before it became read-only"},
    {54, 54, "UXN", "user execute never: 1 forbids EL0's fetches"},
    {53, 53, "PXN", "privileged execute never: 1 forbids EL1's fetches"},
    {52, 52, "Contig", "one of a run of entries that a TLB may merge"},
    {51, 51, "DBM", "dirty bit modifier: 1 with AP[2]=1 is writable, not yet dirty"}};
static const struct pte_field leaf_low[] = {
    {11, 11, "nG", "not global: 0 is in every address space"},
    {10, 10, "AF", "access flag: used since AF was last cleared"},
    {9, 8, "SH", "shareability"},
    {7, 7, "AP[2]", "1: read-only; 0: writable"},
    {6, 6, "AP[1]", "1: EL0 (user mode) may use it"},
    {5, 5, "NS", "security state of the page"},
    {4, 2, "AttrIndx", "memory type: which field of MAIR"},
    {1, 1, "type", "1: a page (at lvl3); 0: a block"},
    {0, 0, "valid", "valid"}};
static const struct pte_field table_low[] = {
    {11, 2, "ignored", "the hardware ignores these bits"},
    {1, 1, "type", "1: a table"},
    {0, 0, "valid", "valid"}};

#define ADD(table, n, out) fields_add(out, n, table, sizeof table / sizeof table[0])

static unsigned fields(const struct paging_format *f, uint64_t word, unsigned level,
                       struct pte_field out[PTE_FIELDS_MAX]) {
    if (!bit(word, 0)) return fields_not_valid(f, "valid", out);
    bool leaf = paging_is_leaf(f, word, level);
    unsigned n = leaf ? ADD(leaf_high, 0, out) : ADD(table_high, 0, out);
    n = field_add(out, n, 50, OUTPUT_BITS, "0", "reserved: written as 0");
    if (!leaf) {
        n = field_add(out, n, 47, 12, "table", "where the next table begins");
        return ADD(table_low, n, out);
    }
    unsigned shift = paging_index_shift(f, level);
    n = field_add(out, n, 47, shift, "frame", "where the page begins");
    if (shift > 12) n = field_add(out, n, shift - 1, 12, "0", "below the block's size: written as 0");
    return ADD(leaf_low, n, out);
}

static const struct paging_arch arch = {
    .checks = checks,
    .is_leaf = is_leaf,
    .leaf_base = leaf_base,
    .flags_of = flags_of,
    .flags_to = flags_to,
    .leaf_marks = leaf_marks,
    .pointer_marks = pointer_marks,
    .supervisor_permits = supervisor_permits,
    .step = step,
    .report = report,
    .fields = fields};

const struct paging_format format_aarch64 = {
    .name = "aarch64", .title = "AArch64, 4 KiB granule",
    .source = "Arm Architecture Reference Manual for A-profile (DDI 0487), chapter D8, "
              "VMSAv8-64 translation using the 4KB granule",
    .root = "TTBR0", .arch = &arch, .shape = SHAPE_TREE, .levels = 4, .page_shift = 12, .pte_bytes = 8,
    .pfn_bit = 12, .pfn_bits = OUTPUT_BITS - 12, .index_bits = {9, 9, 9, 9},
    .flag_bit = {[PTE_V] = 0, [PTE_R] = -1, [PTE_W] = DBM_BIT, [PTE_X] = UXN_BIT,
                 [PTE_U] = AP1_BIT, [PTE_G] = NG_BIT, [PTE_A] = AF_BIT, [PTE_D] = AP2_BIT},
    .inverted = PTE_BIT(PTE_X) | PTE_BIT(PTE_G) | PTE_BIT(PTE_D),
    .leaf_levels = 0x7, .sign_extended = true, .hardware_ad = false,
    .level_name = {"lvl3", "lvl2", "lvl1", "lvl0"}};
