/* paging.c - the one table of paging formats, and cutting words by a format. */
#include "vmscope/hw/paging.h"

#include "vmscope/base/text.h"

const char pte_letter[PTE_FLAGS + 1] = "VRWXUGAD";
const char *const pte_flag_name[PTE_FLAGS] = {"valid",  "readable", "writable", "executable",
                                              "user",   "global",   "accessed", "dirty"};

/* Sv32 page-table entry
 *   31        20 19        10 9 8 7 6 5 4 3 2 1 0
 *  +------------+------------+---+-+-+-+-+-+-+-+-+
 *  |   PPN[1]   |   PPN[0]   |RSW|D|A|G|U|X|W|R|V|
 *  +------------+------------+---+-+-+-+-+-+-+-+-+
 * The toy formats below borrow the flags, so that they can show protection. */
#define RISCV_FLAGS {[PTE_V] = 0, [PTE_R] = 1, [PTE_W] = 2, [PTE_X] = 3, [PTE_U] = 4, [PTE_G] = 5, [PTE_A] = 6, [PTE_D] = 7}

const struct paging_format paging_formats[] = {
    {.name = "linear", .title = "linear page table", .source = "OSTEP, chapter 18: one table, one entry a page",
     .root = "PTBR", .levels = 1, .page_shift = 12, .pte_bytes = 4, .pfn_bit = 10, .pfn_bits = 22,
     .index_bits = {20}, .flag_bit = RISCV_FLAGS},
    {.name = "custom", .title = "multi-level page table", .source = "OSTEP, chapter 20: tables of tables",
     .root = "PTBR", .levels = 2, .page_shift = 12, .pte_bytes = 4, .pfn_bit = 10, .pfn_bits = 22,
     .index_bits = {10, 10}, .flag_bit = RISCV_FLAGS},
    {.name = "sv32", .title = "RISC-V Sv32",
     .source = "The RISC-V Instruction Set Manual, Volume II: Privileged Architecture, section Sv32",
     .root = "satp", .levels = 2, .page_shift = 12, .pte_bytes = 4, .pfn_bit = 10, .pfn_bits = 22,
     .index_bits = {10, 10}, .flag_bit = RISCV_FLAGS, .superpages = true, .write_needs_read = true},
    {.name = NULL}};

const struct paging_format *paging_by_name(const char *name) {
    for (const struct paging_format *f = paging_formats; f->name; f++)
        if (strcmp(f->name, name) == 0) return f;
    return NULL;
}

unsigned paging_va_bits(const struct paging_format *f) { return paging_index_shift(f, f->levels); }

unsigned paging_pa_bits(const struct paging_format *f) {
    unsigned bits = f->pfn_bits + f->page_shift;
    return bits > 64 ? 64 : bits;
}

unsigned paging_index_shift(const struct paging_format *f, unsigned level) {
    unsigned shift = f->page_shift;
    for (unsigned i = 0; i < level; i++) shift += f->index_bits[i];
    return shift;
}

uint32_t paging_index(const struct paging_format *f, vaddr_t va, unsigned level) {
    return (uint32_t)((va >> paging_index_shift(f, level)) & low_bits(f->index_bits[level]));
}

uint64_t paging_table_bytes(const struct paging_format *f, unsigned level) {
    return (uint64_t)f->pte_bytes << f->index_bits[level];
}

struct pte paging_decode(const struct paging_format *f, uint64_t word) {
    struct pte pte = {.pfn = (word >> f->pfn_bit) & low_bits(f->pfn_bits)};
    for (unsigned i = 0; i < PTE_FLAGS; i++)
        if (f->flag_bit[i] >= 0 && (word >> f->flag_bit[i] & 1)) pte.flags |= PTE_BIT(i);
    return pte;
}

uint64_t paging_encode(const struct paging_format *f, struct pte pte) {
    uint64_t word = (pte.pfn & low_bits(f->pfn_bits)) << f->pfn_bit;
    for (unsigned i = 0; i < PTE_FLAGS; i++)
        if (f->flag_bit[i] >= 0 && (pte.flags & PTE_BIT(i))) word |= (uint64_t)1 << f->flag_bit[i];
    return word;
}

unsigned paging_flags(const struct paging_format *f) {
    unsigned flags = 0;
    for (unsigned i = 0; i < PTE_FLAGS; i++)
        if (f->flag_bit[i] >= 0) flags |= PTE_BIT(i);
    return flags;
}

#define LEAF_FLAGS (PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_X))

bool paging_is_leaf(const struct paging_format *f, struct pte pte, unsigned level) {
    return level == 0 || (f->superpages && (pte.flags & LEAF_FLAGS));
}

unsigned paging_perms(const struct paging_format *f, struct pte pte) {
    static const struct { enum pte_flag flag; unsigned perm; } map[] = {
        {PTE_R, PERM_R}, {PTE_W, PERM_W}, {PTE_X, PERM_X}, {PTE_U, PERM_U}};
    unsigned perms = 0;
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (!paging_has(f, map[i].flag) || (pte.flags & PTE_BIT(map[i].flag))) perms |= map[i].perm;
    return perms;
}

/* ---- is a description possible? ---- */

static bool pte_bits_fit(const struct paging_format *f, struct diag *why) {
    unsigned width = f->pte_bytes * 8;
    if (f->pfn_bits == 0 || f->pfn_bit + f->pfn_bits > width) {
        diag_set(why, NULL, 0, 0, "the PFN field (bits %u-%u) does not fit a PTE of %u bits", f->pfn_bit,
                 f->pfn_bit + f->pfn_bits - 1, width);
        return false;
    }
    uint64_t used = low_bits(f->pfn_bits) << f->pfn_bit;
    for (unsigned i = 0; i < PTE_FLAGS; i++) {
        if (f->flag_bit[i] < 0) continue;
        uint64_t bit = (uint64_t)1 << (f->flag_bit[i] & 63);
        if ((unsigned)f->flag_bit[i] >= width || (used & bit)) {
            diag_set(why, NULL, 0, 0, "the %s bit (bit %d) %s", pte_flag_name[i], f->flag_bit[i],
                     (used & bit) ? "overlaps another field of the PTE" : "lies outside the PTE");
            return false;
        }
        used |= bit;
    }
    return true;
}

enum vs_status paging_check(const struct paging_format *f, struct diag *why) {
    if (f->levels < 1 || f->levels > PAGING_LEVELS_MAX) {
        diag_set(why, NULL, 0, 0, "a page table has 1 to %d levels, not %u", PAGING_LEVELS_MAX, f->levels);
        return VS_LIMIT;
    }
    if (f->page_shift < 3 || f->page_shift > 30) {
        diag_set(why, NULL, 0, 0, "a page has 8 bytes to 1 GiB, a power of two");
        return VS_LIMIT;
    }
    if (f->pte_bytes != 1 && f->pte_bytes != 2 && f->pte_bytes != 4 && f->pte_bytes != 8) {
        diag_set(why, NULL, 0, 0, "a PTE has 1, 2, 4 or 8 bytes, not %u", f->pte_bytes);
        return VS_LIMIT;
    }
    for (unsigned i = 0; i < f->levels; i++)
        if (f->index_bits[i] < 1 || f->index_bits[i] > 26) {
            diag_set(why, NULL, 0, 0, "a level's index has 1 to 26 bits, not %u", f->index_bits[i]);
            return VS_LIMIT;
        }
    if (paging_va_bits(f) > 63) {
        diag_set(why, NULL, 0, 0, "virtual addresses of %u bits are too wide: at most 63", paging_va_bits(f));
        return VS_LIMIT;
    }
    if (f->flag_bit[PTE_V] < 0) {
        diag_set(why, NULL, 0, 0, "a PTE needs a valid bit");
        return VS_LIMIT;
    }
    return pte_bits_fit(f, why) ? VS_OK : VS_LIMIT;
}
