/* format_inverted.c - the inverted page table: one for the whole machine, with an
 * entry a frame, so that its size follows from the memory and not from the
 * address spaces. It is searched by hashing.
 *
 * Silberschatz, Galvin, Gagne: Operating System Concepts, sections 9.4.2 and
 * 9.4.3; as built into the IBM 801 and the IBM RT PC: A. Chang, M. F. Mergen,
 * "801 Storage: Architecture and Programming", ACM TOCS 6(1), 1988 (the hash is
 * an exclusive or, an anchor table leads to the chains); J. Huck, J. Hays,
 * "Architectural Support for Translation Table Management in Large Address
 * Space Machines", ISCA 1993.
 *
 *   root -> +--------------------+
 *           | number of anchors  |  a power of two, at least as many as entries
 *           | number of entries  |
 *           +--------------------+
 *           | anchor 0           |  entry where the chain begins, plus 1; 0: no chain
 *           | ...                |<-- hash = (VPN xor ASID) mod anchors
 *           +--------------------+
 *           | entry 0: tag, next |  the page in frame 0
 *           | entry 1: tag, next |  the page in frame 1: there is no PFN to be read,
 *           | ...                |  it is the entry's own index
 *           +--------------------+
 *
 *   an entry's first word                           its second: next entry plus 1, or 0
 *    63              24 23        8 7 6 5 4 3 2 1 0
 *   +------------------+-----------+-+-+-+-+-+-+-+-+
 *   |       VPN        |   ASID    |D|A| |U|X|W|R|V|
 *   +------------------+-----------+-+-+-+-+-+-+-+-+
 *
 * Real processors keep address and sizes in a register; here the two words of the
 * header play that part, so that a dump of RAM can be walked. They are latched
 * when the root is loaded: reading them is no step of the walk.
 */
#include "hw/inverted.h"

#include "hw/formats.h"

#define HEADER_WORDS 2u
#define ENTRY_WORDS  2u
#define PFN_BITS     20u /* 2^20 frames of 4 KiB: physical addresses of 32 bits */
#define TABLE_MAX    ((uint64_t)1 << PFN_BITS) /* anchors, entries: a header that says more is none */
#define ASID_BIT     8u
#define VPN_BIT      24u

/* ---- the table in RAM ---- */

bool inverted_open(const struct ram *ram, paddr_t root, struct inverted *out) {
    uint64_t anchors = ram_read(ram, root, INVERTED_WORD), entries = ram_read(ram, root + INVERTED_WORD, INVERTED_WORD);
    *out = (struct inverted){.anchors = anchors, .entries = entries, .anchors_at = root + HEADER_WORDS * INVERTED_WORD};
    out->entries_at = out->anchors_at + anchors * INVERTED_WORD;
    bool power = anchors > 0 && (anchors & (anchors - 1)) == 0;
    return power && anchors <= TABLE_MAX && entries <= TABLE_MAX && root % INVERTED_WORD == 0;
}

uint64_t inverted_anchors(uint64_t entries) {
    uint64_t anchors = 1;
    while (anchors < entries) anchors *= 2;
    return anchors;
}

uint64_t inverted_bytes(uint64_t entries) {
    return (HEADER_WORDS + inverted_anchors(entries) + ENTRY_WORDS * entries) * INVERTED_WORD;
}

uint32_t inverted_hash(const struct inverted *t, vpn_t vpn, asid_t asid) {
    return (uint32_t)((vpn ^ asid) & (t->anchors - 1));
}

paddr_t inverted_anchor_addr(const struct inverted *t, uint32_t anchor) {
    return t->anchors_at + (uint64_t)anchor * INVERTED_WORD;
}

paddr_t inverted_entry_addr(const struct inverted *t, uint32_t entry) {
    return t->entries_at + (uint64_t)entry * ENTRY_WORDS * INVERTED_WORD;
}

uint64_t inverted_tag(vpn_t vpn, asid_t asid) { return vpn << VPN_BIT | (uint64_t)asid << ASID_BIT; }

uint64_t inverted_tag_of(uint64_t word) { return word & ~low_bits(ASID_BIT); }

/* ---- the walk: the anchor, then entry after entry ---- */

static const struct walk_check
    no_table = {STAGE_ADDRESS, HW_FAULT_MALFORMED, NULL, "no inverted page table begins at the root"},
    chain_ends = {STAGE_POINTER, HW_FAULT_NOT_VALID, NULL, "the chain ends, and no entry is this page's"},
    beyond = {STAGE_POINTER, HW_FAULT_MALFORMED, NULL, "the chain leads to an entry that the table does not have"},
    loops = {STAGE_POINTER, HW_FAULT_MALFORMED, NULL, "the chain has more links than the table has entries: it runs in a circle"};

/* Go on to the entry that `link` names: its index plus 1, or 0. */
static void follow(struct walk *w, const struct inverted *t, uint64_t link) {
    uint64_t entries_read = w->reads - 1;
    if (link == 0) {
        walk_stop(w, HW_FAULT_NOT_VALID, &chain_ends);
    } else if (link > t->entries) {
        walk_stop(w, HW_FAULT_MALFORMED, &beyond);
    } else if (entries_read >= t->entries) {
        walk_stop(w, HW_FAULT_MALFORMED, &loops);
    } else {
        w->index = (uint32_t)(link - 1);
        w->level = INVERTED_LEVEL_ENTRY;
        w->table = t->entries_at;
    }
}

static void read_anchor(struct walk *w, const struct paging_format *f, const struct ram *ram, const struct inverted *t) {
    uint32_t anchor = inverted_hash(t, va_to_vpn(w->va, f->page_shift), w->asid);
    w->level = INVERTED_LEVEL_ANCHOR;
    if (walk_fetch(w, f, ram, t->anchors_at, inverted_anchor_addr(t, anchor), anchor)) follow(w, t, w->word);
}

static void accept(struct walk *w, const struct paging_format *f, const struct ram *ram) {
    if (!walk_checks(w, f, STAGE_ENTRY)) return;
    w->perms = (uint8_t)paging_perms(f, w->pte.flags);
    if (!walk_checks(w, f, STAGE_LEAF)) return;
    walk_finish(w, f, ram, pfn_to_pa(w->pte.pfn, f->page_shift) | (w->va & low_bits(f->page_shift)));
}

static void read_entry(struct walk *w, const struct paging_format *f, const struct ram *ram, const struct inverted *t) {
    uint32_t entry = w->index;
    paddr_t at = inverted_entry_addr(t, entry);
    if (!walk_fetch(w, f, ram, t->entries_at, at, entry)) return;
    w->pte.pfn = entry;
    bool ours = inverted_tag_of(w->word) == inverted_tag(va_to_vpn(w->va, f->page_shift), w->asid);
    if (ours) accept(w, f, ram);
    else if (ram_holds(ram, at + INVERTED_WORD, INVERTED_WORD)) follow(w, t, ram_read(ram, at + INVERTED_WORD, INVERTED_WORD));
    else walk_stop(w, HW_FAULT_BUS, NULL);
}

/* The root stands in w->table until the anchor has been read: after that the walk knows where
 * the entries are, and the header lies in front of the anchor it came by. */
static void step(struct walk *w, const struct paging_format *f, const struct ram *ram) {
    struct inverted t;
    bool first = w->reads == 0;
    paddr_t root = first ? w->table : w->read[0].table - HEADER_WORDS * INVERTED_WORD;
    if (first) w->pte_addr = root;
    if (!ram_holds(ram, root, INVERTED_WORD) || !ram_holds(ram, root + INVERTED_WORD, INVERTED_WORD))
        walk_stop(w, HW_FAULT_BUS, NULL);
    else if (!inverted_open(ram, root, &t)) walk_stop(w, HW_FAULT_MALFORMED, &no_table);
    else if (first) read_anchor(w, f, ram, &t);
    else read_entry(w, f, ram, &t);
}

/* ---- checks and fields ---- */

static const struct walk_check checks[] = {
    {STAGE_ADDRESS, HW_FAULT_RANGE, check_va_missing, "the address has more bits than are translated"},
    {STAGE_ENTRY, HW_FAULT_NOT_VALID, check_not_valid, "V=0: nothing is mapped here"},
    {STAGE_LEAF, HW_FAULT_DENIED, check_not_permitted, NULL},
    {STAGE_LEAF, HW_FAULT_BITS, check_bits_due, "A or D must be set first"},
    {.fails = NULL}};

static unsigned fields(const struct paging_format *f, uint64_t word, unsigned level, struct pte_field out[PTE_FIELDS_MAX]) {
    static const struct pte_field
        anchor[] = {{31, 0, "first", "entry where the chain begins, plus 1; 0: no chain"}},
        entry[] = {{63, VPN_BIT, "VPN", "the virtual page in this frame: the tag to be found"},
                   {VPN_BIT - 1, ASID_BIT, "ASID", "whose address space it belongs to: the tag's other half"},
                   {7, 7, "D", "dirty: written since it was cleared"},
                   {6, 6, "A", "accessed: used since it was cleared"},
                   {4, 4, "U", "user programs may use the page"},
                   {3, 3, "X", "fetching instructions is allowed"},
                   {2, 2, "W", "writing is allowed"},
                   {1, 1, "R", "reading is allowed"},
                   {0, 0, "V", "valid: the frame holds this page"}};
    (void)f;
    (void)word;
    bool is_anchor = level == INVERTED_LEVEL_ANCHOR;
    unsigned n = is_anchor ? sizeof anchor / sizeof anchor[0] : sizeof entry / sizeof entry[0];
    memcpy(out, is_anchor ? anchor : entry, n * sizeof *out);
    return n;
}

static const struct paging_arch arch = {.checks = checks, .step = step, .fields = fields};

/* No word holds a PFN: pfn_bits says how far physical addresses reach, pfn_bit lies where a tree's
 * PTE would have it and the tag stands here. */
const struct paging_format format_inverted = {
    .name = "inverted", .title = "inverted page table",
    .source = "Silberschatz, Operating System Concepts, section 9.4.3; Chang and Mergen, 801 Storage (1988)",
    .root = "table base", .arch = &arch, .shape = SHAPE_HASHED, .levels = 1, .page_shift = 12,
    .pte_bytes = INVERTED_WORD, .pfn_bit = VPN_BIT, .pfn_bits = PFN_BITS, .index_bits = {20},
    .flag_bit = {[PTE_V] = 0, [PTE_R] = 1, [PTE_W] = 2, [PTE_X] = 3, [PTE_U] = 4, [PTE_G] = -1, [PTE_A] = 6, [PTE_D] = 7},
    .leaf_levels = 1, .hardware_ad = true,
    .level_name = {[INVERTED_LEVEL_ENTRY] = "entry", [INVERTED_LEVEL_ANCHOR] = "anchor"}};
