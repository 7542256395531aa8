/* format_segments.c - the machines before paging: memory in pieces of any length.
 *
 * base-bounds (OSTEP, chapter 15): one piece, the whole address space. It lies
 * anywhere in RAM; an address below the bounds is added to the base, any other
 * is refused. The machine has no permission bits.
 *
 * segments (OSTEP, chapter 16): the top two bits of the VA choose one of up to
 * four pieces, each with a base, bounds and permissions of its own, as on the
 * VAX. One may grow down: its offsets are counted back from the segment's end.
 *
 *    13 12 11                     0       00  code
 *   +-----+-----------------------+       01  heap
 *   | seg |        offset         |       10  not used
 *   +-----+-----------------------+       11  stack, growing down
 *
 *   a descriptor: two words, the one of segment s at root + 16 s
 *    63                                                     0
 *   +--------------------------------------------------------+
 *   |            base: a physical address, of a byte         |
 *   +------------------+----------------------+---+-+-+-+-+-+-+
 *   |        0         |     size in bytes    | 0 |N|U|X|W|R|V|   N: grows down
 *   +------------------+----------------------+---+-+-+-+-+-+-+
 *    63              40 39                   8 7 6 5 4 3 2 1 0
 *
 * In real machines these are registers of the MMU, which the operating system
 * saves in the process control block and loads at a context switch. Here they
 * are words in RAM, so that a dump of RAM can be walked, and `root` says whose
 * are loaded.
 */
#include "hw/segments.h"

#include "hw/formats.h"

#define SELECTOR_BITS 2u
#define DOWN_BIT      5u
#define SIZE_BIT      8u
#define SIZE_BITS     32u

static const struct paging_arch bounds_arch, segments_arch;

/* ---- addresses and descriptors ---- */

unsigned segment_selector_bits(const struct paging_format *f) { return f->arch == &segments_arch ? SELECTOR_BITS : 0; }

unsigned segment_offset_bits(const struct paging_format *f) { return paging_va_bits(f) - segment_selector_bits(f); }

uint32_t segment_of(const struct paging_format *f, vaddr_t va) { return (uint32_t)(va >> segment_offset_bits(f)); }

uint64_t segment_bounds_word(const struct paging_format *f, unsigned flags, uint64_t size, bool down) {
    return paging_encode(f, (struct pte){.flags = flags}) | (size & low_bits(SIZE_BITS)) << SIZE_BIT |
           (uint64_t)down << DOWN_BIT;
}

static bool grows_down(uint64_t bounds) { return bounds >> DOWN_BIT & 1; }

/* How far va lies from the base: up from it, or down, where the topmost offset is base - 1.
 *
 *   OSTEP 16.3: VA 15K is offset 3K of a segment that ends at 4K: 3K - 4K = -1K from the base */
static uint64_t distance(const struct paging_format *f, uint64_t bounds, vaddr_t va) {
    uint64_t offset = va & low_bits(segment_offset_bits(f)), end = low_bits(segment_offset_bits(f)) + 1;
    return grows_down(bounds) ? end - offset : offset;
}

bool segment_holds(const struct paging_format *f, uint64_t bounds, vaddr_t va) {
    uint64_t size = bounds >> SIZE_BIT & low_bits(SIZE_BITS), far = distance(f, bounds, va);
    return grows_down(bounds) ? far <= size : far < size;
}

paddr_t segment_pa(const struct paging_format *f, paddr_t base, uint64_t bounds, vaddr_t va) {
    uint64_t far = distance(f, bounds, va);
    return grows_down(bounds) ? base - far : base + far;
}

/* ---- the walk: one descriptor ---- */

static void step(struct walk *w, const struct paging_format *f, const struct ram *ram) {
    uint32_t index = segment_of(f, w->va);
    paddr_t at = w->table + (uint64_t)index * DESCRIPTOR_BYTES;
    w->level = SEGMENT_LEVEL_BASE;
    if (!walk_fetch(w, f, ram, w->table, at, index)) return;
    paddr_t base = w->word;
    w->level = SEGMENT_LEVEL_BOUNDS;
    if (!walk_fetch(w, f, ram, w->table, at + DESCRIPTOR_WORD, index) || !walk_checks(w, f, STAGE_ENTRY)) return;
    w->perms = (uint8_t)paging_perms(f, w->pte.flags);
    if (!walk_checks(w, f, STAGE_LEAF)) return;
    walk_finish(w, f, ram, segment_pa(f, base, w->word, w->va));
}

static bool out_of_bounds(const struct walk *w, const struct paging_format *f) { return !segment_holds(f, w->word, w->va); }

#define BOUNDS_CHECKS                                                                                        \
    {STAGE_ADDRESS, HW_FAULT_RANGE, check_va_missing, "the address has more bits than are translated"},      \
    {STAGE_ENTRY, HW_FAULT_NOT_VALID, check_not_valid, "V=0: there is no such segment"},                     \
    {STAGE_ENTRY, HW_FAULT_BOUNDS, out_of_bounds, "the offset lies beyond the segment's size"}

/* Base and bounds know no permissions. */
static const struct walk_check bounds_checks[] = {BOUNDS_CHECKS, {.fails = NULL}};
static const struct walk_check segment_checks[] = {
    BOUNDS_CHECKS, {STAGE_LEAF, HW_FAULT_DENIED, check_not_permitted, NULL}, {.fails = NULL}};

/* Where there are no pages there is no page fault. */
static struct hw_report report(const struct paging_format *f, const struct walk *w) {
    bool nowhere = w->fault == HW_FAULT_NOT_VALID || w->fault == HW_FAULT_RANGE;
    const char *usual = hw_fault_name((enum hw_fault)w->fault);
    (void)f;
    return (struct hw_report){.class = nowhere ? "segmentation fault (no such segment)" : usual};
}

/* ---- fields ---- */

#define BASE_FIELD {63, 0, "base", "physical address that offset 0 lies at; growing down: the one behind the last byte"}
#define SIZE_FIELD {SIZE_BIT + SIZE_BITS - 1, SIZE_BIT, "size", "bytes of the segment: its bounds"}
#define VALID_FIELD {0, 0, "V", "valid: there is such a segment"}

/* The base is one field; the second word's are the machine's. */
static unsigned give_fields(const struct pte_field *field, unsigned n, unsigned level, struct pte_field out[PTE_FIELDS_MAX]) {
    static const struct pte_field base = BASE_FIELD;
    bool is_base = level == SEGMENT_LEVEL_BASE;
    memcpy(out, is_base ? &base : field, (is_base ? 1 : n) * sizeof *out);
    return is_base ? 1 : n;
}

static unsigned bounds_fields(const struct paging_format *f, uint64_t word, unsigned level,
                              struct pte_field out[PTE_FIELDS_MAX]) {
    static const struct pte_field field[] = {SIZE_FIELD, VALID_FIELD};
    (void)f;
    (void)word;
    return give_fields(field, sizeof field / sizeof field[0], level, out);
}

static unsigned segment_fields(const struct paging_format *f, uint64_t word, unsigned level,
                               struct pte_field out[PTE_FIELDS_MAX]) {
    static const struct pte_field field[] = {
        SIZE_FIELD,
        {DOWN_BIT, DOWN_BIT, "N", "negative: the segment grows down"},
        {4, 4, "U", "user programs may use the segment"},
        {3, 3, "X", "fetching instructions is allowed"},
        {2, 2, "W", "writing is allowed"},
        {1, 1, "R", "reading is allowed"},
        VALID_FIELD};
    (void)f;
    (void)word;
    return give_fields(field, sizeof field / sizeof field[0], level, out);
}

static const struct paging_arch bounds_arch = {
    .checks = bounds_checks, .step = step, .report = report, .fields = bounds_fields};
static const struct paging_arch segments_arch = {
    .checks = segment_checks, .step = step, .report = report, .fields = segment_fields};

/* OSTEP's address space of 16 KiB. There are no pages: page_shift is the granule in which the kernel
 * gives out frames, and index_bits[0] only makes up the VA's width. No word holds a PFN: pfn_bits
 * says how far physical addresses reach, pfn_bit points into the size. */
#define SEGMENTED                                                                                  \
    .shape = SHAPE_SEGMENTS, .levels = 1, .page_shift = 10, .pte_bytes = DESCRIPTOR_WORD,          \
    .pfn_bit = SIZE_BIT, .pfn_bits = 22, .index_bits = {4}, .leaf_levels = 1

const struct paging_format format_base_bounds = {
    .name = "base-bounds", .title = "base and bounds", .source = "OSTEP, chapter 15: dynamic relocation",
    .root = "base, bounds", .arch = &bounds_arch, SEGMENTED,
    .flag_bit = {[PTE_V] = 0, -1, -1, -1, -1, -1, -1, -1},
    .level_name = {[SEGMENT_LEVEL_BOUNDS] = "base/bounds", [SEGMENT_LEVEL_BASE] = "base"}};

const struct paging_format format_segments = {
    .name = "segments", .title = "segments", .source = "OSTEP, chapter 16: segmentation", .root = "segment registers",
    .arch = &segments_arch, SEGMENTED,
    .flag_bit = {[PTE_V] = 0, [PTE_R] = 1, [PTE_W] = 2, [PTE_X] = 3, [PTE_U] = 4, [PTE_G] = -1, [PTE_A] = -1, [PTE_D] = -1},
    .level_name = {[SEGMENT_LEVEL_BOUNDS] = "segment", [SEGMENT_LEVEL_BASE] = "base"}};
