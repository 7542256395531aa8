/* paging.c - cutting words and addresses by a format's description.
 *
 * The plain way of everything stands here; where an architecture does
 * otherwise its struct paging_arch has a function, and that one is asked.
 */
#include "vmscope/hw/paging.h"

#include "vmscope/base/text.h"
#include "vmscope/hw/mmu.h"

const char pte_letter[PTE_FLAGS + 1] = "VRWXUGAD";
const char *const pte_flag_name[PTE_FLAGS] = {"valid",  "readable", "writable", "executable",
                                              "user",   "global",   "accessed", "dirty"};

/* ---- addresses ---- */

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

const char *paging_level_name(const struct paging_format *f, unsigned level) {
    static const char *const plain[PAGING_LEVELS_MAX] = {"L0", "L1", "L2", "L3", "L4"};
    return f->level_name[level] ? f->level_name[level] : plain[level];
}

/* Canonical: all bits above the topmost translated one repeat it.
 *
 *    63        48 47 46                                             0
 *   +------------+--+------------------------------------------------+
 *   | all = 47   |47|                 translated                     |
 *   +------------+--+------------------------------------------------+ */
bool paging_va_exists(const struct paging_format *f, vaddr_t va) {
    unsigned bits = paging_va_bits(f);
    if (bits >= 64) return true;
    if (!f->sign_extended) return va <= low_bits(bits);
    uint64_t top = va >> (bits - 1);
    return top == 0 || top == low_bits(64 - bits + 1);
}

bool paging_vpn_exists(const struct paging_format *f, vpn_t vpn) {
    return vpn <= UINT64_MAX >> f->page_shift && paging_va_exists(f, vpn_to_va(vpn, f->page_shift));
}

vpn_t paging_last_vpn(const struct paging_format *f) {
    return (f->sign_extended ? UINT64_MAX : low_bits(paging_va_bits(f))) >> f->page_shift;
}

/* ---- words ---- */

unsigned paging_flags(const struct paging_format *f) {
    unsigned flags = 0;
    for (unsigned i = 0; i < PTE_FLAGS; i++)
        if (f->flag_bit[i] >= 0) flags |= PTE_BIT(i);
    return flags;
}

/* Do the flags stand in the lowest bits of the word, in their own order (RISC-V)? Then nothing needs moving. */
static inline bool flags_in_order(const struct paging_format *f) {
    static const int8_t in_order[PTE_FLAGS] = {0, 1, 2, 3, 4, 5, 6, 7};
    return memcmp(f->flag_bit, in_order, sizeof in_order) == 0;
}

static unsigned plain_flags_of(const struct paging_format *f, uint64_t word) {
    unsigned flags = 0;
    if (flags_in_order(f)) return (unsigned)((word ^ f->inverted) & low_bits(PTE_FLAGS));
    for (unsigned i = 0; i < PTE_FLAGS; i++)
        if (f->flag_bit[i] >= 0 && (word >> f->flag_bit[i] & 1)) flags |= PTE_BIT(i);
    return flags ^ (f->inverted & paging_flags(f));
}

static uint64_t plain_flags_to(const struct paging_format *f, unsigned flags) {
    uint64_t word = 0;
    flags ^= f->inverted;
    if (flags_in_order(f)) return flags & (unsigned)low_bits(PTE_FLAGS);
    for (unsigned i = 0; i < PTE_FLAGS; i++)
        if (f->flag_bit[i] >= 0 && (flags & PTE_BIT(i))) word |= (uint64_t)1 << f->flag_bit[i];
    return word;
}

static unsigned flags_of(const struct paging_format *f, uint64_t word) {
    return f->arch->flags_of ? f->arch->flags_of(f, word) : plain_flags_of(f, word);
}

static uint64_t flags_to(const struct paging_format *f, unsigned flags) {
    return f->arch->flags_to ? f->arch->flags_to(f, flags) : plain_flags_to(f, flags);
}

static uint64_t pfn_to(const struct paging_format *f, pfn_t pfn) { return (pfn & low_bits(f->pfn_bits)) << f->pfn_bit; }

struct pte paging_decode(const struct paging_format *f, uint64_t word) {
    return (struct pte){.flags = flags_of(f, word), .pfn = (word >> f->pfn_bit) & low_bits(f->pfn_bits)};
}

uint64_t paging_encode_leaf(const struct paging_format *f, struct pte pte, unsigned level) {
    uint64_t marks = f->arch->leaf_marks ? f->arch->leaf_marks(f, level) : 0;
    return flags_to(f, pte.flags) | pfn_to(f, pte.pfn) | marks;
}

uint64_t paging_encode(const struct paging_format *f, struct pte pte) { return paging_encode_leaf(f, pte, 0); }

uint64_t paging_encode_pointer(const struct paging_format *f, pfn_t pfn) {
    return f->arch->pointer_marks ? f->arch->pointer_marks(f) | pfn_to(f, pfn)
                                  : paging_encode(f, (struct pte){.flags = PTE_BIT(PTE_V), .pfn = pfn});
}

/* Where each flag is a bit: those that change alone. */
static uint64_t plain_with_flags(const struct paging_format *f, uint64_t word, unsigned set, unsigned clear) {
    for (unsigned i = 0, left = set | clear; left; i++, left >>= 1) {
        if (!(left & 1) || f->flag_bit[i] < 0) continue;
        uint64_t bit = (uint64_t)1 << f->flag_bit[i];
        bool is_set = !(clear >> i & 1);
        word = is_set != (f->inverted >> i & 1) ? word | bit : word & ~bit;
    }
    return word;
}

uint64_t paging_with_flags(const struct paging_format *f, uint64_t word, unsigned set, unsigned clear) {
    if (!f->arch->flags_of) return plain_with_flags(f, word, set, clear);
    unsigned before = flags_of(f, word), after = (before | set) & ~clear;
    uint64_t old = flags_to(f, before), new = flags_to(f, after);
    return (word & ~(old & ~new)) | (new & ~old);
}

#define LEAF_FLAGS (PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_X))

bool paging_is_leaf(const struct paging_format *f, uint64_t word, unsigned level) {
    if (level == 0) return true;
    if (f->arch->is_leaf) return f->arch->is_leaf(f, word, level);
    return (f->leaf_levels >> level & 1) && (flags_of(f, word) & LEAF_FLAGS);
}

paddr_t paging_leaf_base(const struct paging_format *f, uint64_t word, unsigned level) {
    if (f->arch->leaf_base) return f->arch->leaf_base(f, word, level);
    return pfn_to_pa(paging_decode(f, word).pfn, f->page_shift);
}

unsigned paging_leaf_order(const struct paging_format *f, unsigned level) {
    return paging_index_shift(f, level) - f->page_shift;
}

unsigned paging_perms(const struct paging_format *f, unsigned flags) {
    static const struct { enum pte_flag flag; unsigned perm; } map[] = {
        {PTE_R, PERM_R}, {PTE_W, PERM_W}, {PTE_X, PERM_X}, {PTE_U, PERM_U}};
    unsigned perms = 0;
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (!paging_has(f, map[i].flag) || (flags & PTE_BIT(map[i].flag))) perms |= map[i].perm;
    return perms;
}

/* ---- fields, for the detail view ---- */

static unsigned plain_fields(const struct paging_format *f, struct pte_field out[PTE_FIELDS_MAX]) {
    static const char *const meaning[PTE_FLAGS] = {
        [PTE_V] = "valid: the entry may be used",          [PTE_R] = "reading is allowed",
        [PTE_W] = "writing is allowed",                    [PTE_X] = "fetching instructions is allowed",
        [PTE_U] = "user programs may use the page",        [PTE_G] = "global: the same in every address space",
        [PTE_A] = "accessed: used since it was cleared",   [PTE_D] = "dirty: written since it was cleared"};
    static const char *const letter[PTE_FLAGS] = {"V", "R", "W", "X", "U", "G", "A", "D"};
    unsigned n = 0;
    for (unsigned bit = f->pte_bytes * 8; bit-- > 0;) {
        if (bit == f->pfn_bit + f->pfn_bits - 1)
            out[n++] = (struct pte_field){(uint8_t)bit, (uint8_t)f->pfn_bit, "PFN", "page frame number"};
        for (unsigned i = 0; i < PTE_FLAGS; i++)
            if (f->flag_bit[i] == (int)bit) out[n++] = (struct pte_field){(uint8_t)bit, (uint8_t)bit, letter[i], meaning[i]};
    }
    return n;
}

unsigned paging_fields(const struct paging_format *f, uint64_t word, unsigned level,
                       struct pte_field out[PTE_FIELDS_MAX]) {
    return f->arch->fields ? f->arch->fields(f, word, level, out) : plain_fields(f, out);
}

/* ---- is a description possible? ---- */

static bool pte_bits_fit(const struct paging_format *f, struct diag *why) {
    unsigned width = f->pte_bytes * 8;
    bool spills = f->pfn_bit + f->pfn_bits > width && !f->arch->leaf_base; /* x86-32: PSE-36 keeps the high bits elsewhere */
    if (f->pfn_bits == 0 || spills) {
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
    if (f->page_shift < 2 || f->page_shift > 30) {
        diag_set(why, NULL, 0, 0, "a page has 4 bytes to 1 GiB, a power of two");
        return VS_LIMIT;
    }
    if (f->pte_bytes != 1 && f->pte_bytes != 2 && f->pte_bytes != 4 && f->pte_bytes != 8) {
        diag_set(why, NULL, 0, 0, "a PTE has 1, 2, 4 or 8 bytes, not %u", f->pte_bytes);
        return VS_LIMIT;
    }
    for (unsigned i = 0; i < f->levels; i++)
        if ((f->index_bits[i] < 1 && f->shape == SHAPE_TREE) || f->index_bits[i] > 26) {
            diag_set(why, NULL, 0, 0, "a level's index has 1 to 26 bits, not %u", f->index_bits[i]);
            return VS_LIMIT;
        }
    if (paging_va_bits(f) > 63) { /* a shift by them must be possible */
        diag_set(why, NULL, 0, 0, "virtual addresses of %u bits are too wide: at most 63", paging_va_bits(f));
        return VS_LIMIT;
    }
    if (f->flag_bit[PTE_V] < 0) {
        diag_set(why, NULL, 0, 0, "a PTE needs a valid bit");
        return VS_LIMIT;
    }
    return pte_bits_fit(f, why) ? VS_OK : VS_LIMIT;
}
