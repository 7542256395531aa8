/* mmu.c - the page walk.
 *
 * What is the same everywhere: read the PTE that the index of this level picks,
 * go through the architecture's checks stage by stage, follow pointers, resolve
 * huge leaves. What differs stands in the format and in its table of checks.
 *
 *   VA:  | index 2 | index 1 | index 0 | offset |
 *             |         |         |
 *   root -> [PTE] --> [PTE] --> [PTE] --> page + offset = PA
 *
 * In RISC-V, G in a pointer makes everything below it global; in x86 only a leaf's G counts.
 */
#include "vmscope/hw/mmu.h"

#include "hw/ram_state.h"

const char *hw_fault_name(enum hw_fault f) {
    static const char *const name[HW_FAULTS] = {
        [HW_FAULT_NONE] = "no fault",
        [HW_FAULT_NOT_VALID] = "page fault (not valid)",
        [HW_FAULT_DENIED] = "protection fault",
        [HW_FAULT_MALFORMED] = "page fault (malformed entry)",
        [HW_FAULT_RANGE] = "page fault (address out of range)",
        [HW_FAULT_BUS] = "access fault (outside RAM)",
        [HW_FAULT_BITS] = "page fault (A or D not set)",
        [HW_FAULT_BOUNDS] = "segmentation fault (out of bounds)",
        [HW_FAULT_TLB_MISS] = "TLB miss (software refill)"};
    return name[f];
}

struct hw_report walk_report(const struct walk *w, const struct paging_format *f) {
    if (f->arch->report && w->fault != HW_FAULT_TLB_MISS) return f->arch->report(f, w);
    return (struct hw_report){.class = hw_fault_name((enum hw_fault)w->fault)};
}

bool mmu_permits(const struct paging_format *f, uint8_t mode, unsigned perms, enum access_kind op, bool user) {
    unsigned need = access_needs(op);
    if ((mode & MODE_MXR) && (perms & PERM_X)) perms |= PERM_R;
    if (user) return (perms & (need | PERM_U)) == (need | PERM_U);
    if (f->arch->supervisor_permits) return f->arch->supervisor_permits(mode, perms, op);
    return perms & need;
}

/* ---- stopping ---- */

void walk_stop(struct walk *w, enum hw_fault fault, const struct walk_check *failed) {
    w->fault = (uint8_t)fault;
    w->failed = failed;
    w->done = true;
}

bool walk_checks(struct walk *w, const struct paging_format *f, enum walk_stage stage) {
    for (const struct walk_check *c = f->arch->checks; c->fails && c->stage <= stage; c++) {
        if (c->stage < stage || !c->fails(w, f)) continue;
        walk_stop(w, c->fault, c);
        return false;
    }
    return true;
}

void walk_finish(struct walk *w, const struct paging_format *f, const struct ram *ram, paddr_t pa) {
    w->leaf = true;
    w->pa = pa;
    w->pfn = pa_to_pfn(pa, f->page_shift);
    walk_stop(w, ram_holds(ram, pa, 1) ? HW_FAULT_NONE : HW_FAULT_BUS, NULL);
}

/* ---- walking ---- */

void walk_begin(struct walk *w, const struct paging_format *f, const struct mmu_regs *r, vaddr_t va,
                enum access_kind op, bool user) {
    memset(w, 0, offsetof(struct walk, read));
    w->va = va;
    w->table = r->root;
    w->op = (uint8_t)op;
    w->level = (uint8_t)(f->levels - 1);
    w->user = user;
    w->mode = r->mode;
    w->asid = r->asid;
    w->perms = PERM_R | PERM_W | PERM_X | PERM_U;
    walk_checks(w, f, STAGE_ADDRESS);
}

bool walk_fetch(struct walk *w, const struct paging_format *f, const struct ram *ram, paddr_t table,
                paddr_t addr, uint32_t index) {
    w->pte_addr = addr;
    if (!ram_holds(ram, addr, f->pte_bytes)) {
        walk_stop(w, HW_FAULT_BUS, NULL);
        return false;
    }
    w->word = ram_word(ram, addr, f->pte_bytes);
    w->pte = paging_decode(f, w->word);
    unsigned slot = w->reads < WALK_READS_MAX ? w->reads : WALK_READS_MAX - 1;
    w->read[slot] = (struct walk_read){table, addr, w->word, index, w->level};
    w->reads++;
    return true;
}

const struct walk_read *walk_last_read(const struct walk *w) {
    uint32_t kept = w->reads < WALK_READS_MAX ? w->reads : WALK_READS_MAX;
    return kept ? &w->read[kept - 1] : NULL;
}

paddr_t walk_last_entry(const struct walk *w, const struct paging_format *f) {
    bool there = f->shape == SHAPE_TREE && w->done && w->level == 0 && w->reads == f->levels;
    return there ? w->pte_addr : PTE_NOWHERE;
}

/* A page of any size: the VA brings the bits below its size. */
static void finish_leaf(struct walk *w, const struct paging_format *f, const struct ram *ram) {
    if (!walk_checks(w, f, STAGE_LEAF)) return;
    uint64_t within = low_bits(paging_index_shift(f, w->level));
    walk_finish(w, f, ram, paging_leaf_base(f, w->word, w->level) | (w->va & within));
}

static void follow_pointer(struct walk *w, const struct paging_format *f) {
    if (!walk_checks(w, f, STAGE_POINTER)) return;
    w->table = pfn_to_pa(w->pte.pfn, f->page_shift);
    w->level--;
}

/* What the entry just read permits, together with those above it where they count. */
static void note_entry(struct walk *w, const struct paging_format *f, bool leaf) {
    if (leaf || !f->arch->pointers_restrict) w->global |= (w->pte.flags & PTE_BIT(PTE_G)) != 0;
    if (f->arch->pointers_restrict) w->perms &= (uint8_t)paging_perms(f, w->pte.flags);
    else if (leaf) w->perms = (uint8_t)paging_perms(f, w->pte.flags);
}

void walk_level(struct walk *w, const struct paging_format *f, const struct ram *ram) {
    if (w->done) return;
    if (f->arch->step) {
        f->arch->step(w, f, ram);
        return;
    }
    uint32_t index = paging_index(f, w->va, w->level);
    if (!walk_fetch(w, f, ram, w->table, w->table + (uint64_t)index * f->pte_bytes, index)) return;
    if (!walk_checks(w, f, STAGE_ENTRY)) return;
    bool leaf = paging_is_leaf(f, w->word, w->level);
    note_entry(w, f, leaf);
    if (leaf) finish_leaf(w, f, ram);
    else follow_pointer(w, f);
}

/* MXR is folded in: a TLB entry that may be fetched from may be read. */
struct tlb_entry walk_tlb_entry(const struct walk *w, const struct paging_format *f) {
    unsigned order = paging_leaf_order(f, w->level);
    vpn_t vpn = va_to_vpn(w->va, f->page_shift);
    bool dirty = !paging_has(f, PTE_D) || (w->pte.flags & PTE_BIT(PTE_D));
    bool readable = (w->mode & MODE_MXR) && (w->perms & PERM_X);
    uint8_t perms = readable ? w->perms | PERM_R : w->perms;
    return (struct tlb_entry){.valid = true, .global = w->global, .dirty = dirty, .perms = perms, .asid = w->asid,
                              .order = (uint8_t)order, .vpn = vpn & ~low_bits(order), .pfn = w->pfn & ~low_bits(order)};
}

/* ---- writing back ---- */

static unsigned bits_due(const struct walk *w, const struct paging_format *f, uint64_t word, bool leaf) {
    unsigned due = PTE_BIT(PTE_A);
    if (leaf && w->op == ACCESS_WRITE) due |= PTE_BIT(PTE_D);
    return due & paging_flags(f) & ~paging_decode(f, word).flags;
}

static bool due_in(const struct walk *w, const struct paging_format *f, const struct walk_read *r, bool leaf,
                   struct walk_write *out) {
    unsigned bits = bits_due(w, f, r->word, leaf);
    if (!bits) return false;
    *out = (struct walk_write){r->addr, r->word, paging_with_flags(f, r->word, bits, 0), bits, r->level};
    return true;
}

bool walk_next_write(const struct walk *w, const struct paging_format *f, struct walk_write *out) {
    for (uint32_t i = 0; f->arch->pointers_accessed && i + 1 < w->reads && i + 1 < WALK_READS_MAX; i++)
        if (due_in(w, f, &w->read[i], false, out)) return true;
    struct walk_read last = {.addr = w->pte_addr, .word = w->word, .level = w->level};
    return w->reads > 0 && due_in(w, f, &last, true, out);
}

enum vs_status walk_write(struct walk *w, const struct paging_format *f, struct ram *ram,
                          const struct walk_write *write) {
    enum vs_status s = ram_write(ram, write->addr, f->pte_bytes, write->word);
    if (s != VS_OK) return s;
    for (uint32_t i = 0; i < w->reads && i < WALK_READS_MAX; i++)
        if (w->read[i].addr == write->addr) w->read[i].word = write->word; /* a recursive mapping meets a PTE twice */
    if (w->pte_addr == write->addr) {
        w->word = write->word;
        w->pte = paging_decode(f, w->word);
    }
    return VS_OK;
}
