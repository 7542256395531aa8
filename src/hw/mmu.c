/* mmu.c - the page walk.
 *
 * Order of the checks at each PTE, as in the RISC-V privileged manual
 * ("Virtual Address Translation Process"), which the simpler formats follow
 * as far as they have the bits:
 *
 *   1 the PTE lies in RAM             else bus fault
 *   2 V = 1                           else page fault
 *   3 not (W without R)               else malformed
 *   4 pointer: go one level down; at level 0 a pointer is malformed
 *   5 leaf: R, W, X, U permit         else denied
 *   6 superpage: low PFN bits are 0   else malformed
 *   7 the frame lies in RAM           else bus fault
 *   8 A and D follow (walk_bits_due)
 *
 * G in a pointer makes everything below it global.
 */
#include "vmscope/hw/mmu.h"

const char *hw_fault_name(enum hw_fault f) {
    static const char *const name[] = {
        [HW_FAULT_NONE] = "no fault",
        [HW_FAULT_NOT_VALID] = "page fault (not valid)",
        [HW_FAULT_DENIED] = "protection fault",
        [HW_FAULT_MALFORMED] = "page fault (malformed entry)",
        [HW_FAULT_RANGE] = "page fault (address out of range)",
        [HW_FAULT_BUS] = "access fault (outside RAM)"};
    return name[f];
}

static void stop(struct walk *w, enum hw_fault fault) {
    w->fault = (uint8_t)fault;
    w->done = true;
}

void walk_begin(struct walk *w, const struct paging_format *f, paddr_t root, vaddr_t va,
                enum access_kind op, bool user) {
    *w = (struct walk){.va = va, .table = root, .op = (uint8_t)op, .level = (uint8_t)(f->levels - 1), .user = user};
    if (va > low_bits(paging_va_bits(f))) stop(w, HW_FAULT_RANGE);
}

/* Low PFN bits that a leaf at `level` must leave 0, since the VA brings them. */
static uint64_t superpage_mask(const struct paging_format *f, unsigned level) {
    return low_bits(paging_index_shift(f, level) - f->page_shift);
}

static void finish_leaf(struct walk *w, const struct paging_format *f, const struct ram *ram, struct pte pte) {
    unsigned need = access_needs((enum access_kind)w->op) | (w->user ? PERM_U : 0);
    uint64_t low = superpage_mask(f, w->level);
    w->perms = (uint8_t)paging_perms(f, pte);
    if ((w->perms & need) != need) {
        stop(w, HW_FAULT_DENIED);
        return;
    }
    if (pte.pfn & low) {
        stop(w, HW_FAULT_MALFORMED);
        return;
    }
    w->pfn = pte.pfn | (va_to_vpn(w->va, f->page_shift) & low);
    stop(w, w->pfn < ram_pages(ram) ? HW_FAULT_NONE : HW_FAULT_BUS);
}

/* W without R, or a pointer where there is no level below. */
static bool malformed(const struct walk *w, const struct paging_format *f, struct pte pte) {
    bool w_without_r = (pte.flags & PTE_BIT(PTE_W)) && !(pte.flags & PTE_BIT(PTE_R));
    if (f->write_needs_read && w_without_r) return true;
    return w->level == 0 && f->superpages && !(pte.flags & (PTE_BIT(PTE_R) | PTE_BIT(PTE_X)));
}

void walk_level(struct walk *w, const struct paging_format *f, const struct ram *ram) {
    if (w->done) return;
    uint32_t index = paging_index(f, w->va, w->level);
    w->pte_addr = w->table + (uint64_t)index * f->pte_bytes;
    if (!ram_holds(ram, w->pte_addr, f->pte_bytes)) {
        stop(w, HW_FAULT_BUS);
        return;
    }
    w->word = ram_read(ram, w->pte_addr, f->pte_bytes);
    w->read[w->reads++] = (struct walk_read){w->table, w->pte_addr, w->word, index, w->level};
    struct pte pte = paging_decode(f, w->word);
    w->global |= (pte.flags & PTE_BIT(PTE_G)) != 0;
    if (!(pte.flags & PTE_BIT(PTE_V))) {
        stop(w, HW_FAULT_NOT_VALID);
    } else if (malformed(w, f, pte)) {
        stop(w, HW_FAULT_MALFORMED);
    } else if (paging_is_leaf(f, pte, w->level)) {
        finish_leaf(w, f, ram, pte);
    } else {
        w->table = pfn_to_pa(pte.pfn, f->page_shift);
        w->level--;
    }
}

unsigned walk_bits_due(const struct walk *w, const struct paging_format *f) {
    unsigned flags = paging_decode(f, w->word).flags, due = PTE_BIT(PTE_A);
    if (w->op == ACCESS_WRITE) due |= PTE_BIT(PTE_D);
    return due & paging_flags(f) & ~flags;
}

enum vs_status walk_set_bits(struct walk *w, const struct paging_format *f, struct ram *ram, unsigned bits) {
    struct pte pte = paging_decode(f, w->word);
    uint64_t before = paging_encode(f, pte);
    pte.flags |= bits;
    uint64_t word = w->word | (paging_encode(f, pte) & ~before);
    enum vs_status s = ram_write(ram, w->pte_addr, f->pte_bytes, word);
    if (s == VS_OK) w->word = word;
    return s;
}
