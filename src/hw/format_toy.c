/* format_toy.c - the page tables of textbooks: one table with an entry a page
 * (linear; OSTEP, chapter 18), and tables of tables (custom; OSTEP, chapter 20).
 *
 * A scenario may change every width and position. Where it does not, the words
 * borrow the flags of RISC-V, so that they can show protection:
 *
 *   31                    10 9 8 7 6 5 4 3 2 1 0
 *  +------------------------+---+-+-+-+-+-+-+-+-+
 *  |          PFN           |   |D|A|G|U|X|W|R|V|
 *  +------------------------+---+-+-+-+-+-+-+-+-+
 */
#include "hw/formats.h"

/* A huge page begins at a multiple of its own size. */
static bool misaligned(const struct walk *w, const struct paging_format *f) {
    return w->pte.pfn & low_bits(paging_leaf_order(f, w->level));
}

/* One table has no huge pages. */
static const struct walk_check linear_checks[] = {
    {STAGE_ADDRESS, HW_FAULT_RANGE, check_va_missing, "the address has more bits than are translated"},
    {STAGE_ENTRY, HW_FAULT_NOT_VALID, check_not_valid, "V=0: nothing is mapped here"},
    {STAGE_LEAF, HW_FAULT_DENIED, check_not_permitted, NULL},
    {STAGE_LEAF, HW_FAULT_BITS, check_bits_due, "A or D must be set first"},
    {.fails = NULL}};

static const struct walk_check custom_checks[] = {
    {STAGE_ADDRESS, HW_FAULT_RANGE, check_va_missing, "the address has more bits than are translated"},
    {STAGE_ENTRY, HW_FAULT_NOT_VALID, check_not_valid, "V=0: nothing is mapped here"},
    {STAGE_LEAF, HW_FAULT_DENIED, check_not_permitted, NULL},
    {STAGE_LEAF, HW_FAULT_MALFORMED, misaligned, "a huge page must begin at a multiple of its size"},
    {STAGE_LEAF, HW_FAULT_BITS, check_bits_due, "A or D must be set first"},
    {.fails = NULL}};

static const struct paging_arch linear_arch = {.checks = linear_checks}, custom_arch = {.checks = custom_checks};

#define RISCV_FLAGS {[PTE_V] = 0, [PTE_R] = 1, [PTE_W] = 2, [PTE_X] = 3, [PTE_U] = 4, [PTE_G] = 5, [PTE_A] = 6, [PTE_D] = 7}

const struct paging_format format_linear = {
    .name = "linear", .title = "linear page table", .source = "OSTEP, chapter 18: one table, one entry a page",
    .root = "PTBR", .arch = &linear_arch, .levels = 1, .page_shift = 12, .pte_bytes = 4, .pfn_bit = 10, .pfn_bits = 22,
    .index_bits = {20}, .flag_bit = RISCV_FLAGS, .leaf_levels = 1, .hardware_ad = true};

const struct paging_format format_custom = {
    .name = "custom", .title = "multi-level page table", .source = "OSTEP, chapter 20: tables of tables",
    .root = "PTBR", .arch = &custom_arch, .levels = 2, .page_shift = 12, .pte_bytes = 4, .pfn_bit = 10, .pfn_bits = 22,
    .index_bits = {10, 10}, .flag_bit = RISCV_FLAGS, .leaf_levels = 1, .hardware_ad = true};
