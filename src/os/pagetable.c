/* pagetable.c - page tables, as the kernel sees them: words that it writes into
 * RAM, in the format that the hardware will read.
 *
 * Tables live in the kernel's own region above the user frames and are taken
 * from it in order. A table is always whole pages, so that a PTE's PFN can
 * point to it.
 */
#include "os/internal.h"

enum vs_status pte_store(struct kernel *k, paddr_t addr, uint64_t word) {
    enum vs_status s = ram_write(k->hw->ram, addr, k->hw->format->pte_bytes, word);
    if (s != VS_OK) k->status = s; /* also where the caller cannot say so: kernel_step reports it */
    return s;
}

enum vs_status table_create(struct kernel *k, unsigned level, paddr_t *out) {
    const struct paging_format *f = k->hw->format;
    uint64_t pages = (paging_table_bytes(f, level) + low_bits(f->page_shift)) >> f->page_shift;
    if (k->table_next + pages > ram_pages(k->hw->ram)) return VS_LIMIT;
    *out = pfn_to_pa(k->table_next, f->page_shift);
    k->table_next += pages;
    k->tables += (uint32_t)pages;
    return VS_OK;
}

paddr_t table_descend(const struct kernel *k, proc_t p, vpn_t vpn, unsigned *level, paddr_t *table) {
    const struct paging_format *f = k->hw->format;
    vaddr_t va = vpn_to_va(vpn, f->page_shift);
    *table = k->process[p].root;
    for (*level = f->levels - 1;; --*level) {
        paddr_t addr = *table + (uint64_t)paging_index(f, va, *level) * f->pte_bytes;
        if (*level == 0) return addr;
        struct pte pte = paging_decode(f, ram_read(k->hw->ram, addr, f->pte_bytes));
        if (!(pte.flags & PTE_BIT(PTE_V)) || paging_is_leaf(f, pte, *level)) return addr;
        *table = pfn_to_pa(pte.pfn, f->page_shift);
    }
}

bool pagetable_find(const struct kernel *k, proc_t p, vpn_t vpn, paddr_t *addr, uint64_t *word) {
    unsigned level;
    paddr_t table;
    *addr = table_descend(k, p, vpn, &level, &table);
    *word = ram_read(k->hw->ram, *addr, k->hw->format->pte_bytes);
    return level == 0 || (paging_decode(k->hw->format, *word).flags & PTE_BIT(PTE_V));
}

enum vs_status table_make_next(struct kernel *k, proc_t p, vpn_t vpn, struct event *e) {
    const struct paging_format *f = k->hw->format;
    unsigned level;
    paddr_t table, made;
    paddr_t addr = table_descend(k, p, vpn, &level, &table);
    enum vs_status s = table_create(k, level - 1, &made);
    if (s != VS_OK) return s;
    struct pte pointer = {.flags = PTE_BIT(PTE_V), .pfn = pa_to_pfn(made, f->page_shift)};
    uint64_t word = paging_encode(f, pointer);
    if (e) {
        e->level = (uint8_t)(level - 1);
        e->table = made;
        e->pte_addr = addr;
        e->pte = word;
    }
    return pte_store(k, addr, word);
}

/* A leaf for a page of region v in frame f: the region's permissions, for the
 * user; A and D are left to the hardware. */
uint64_t pte_for(const struct kernel *k, const struct vma *v, frame_t f) {
    static const struct { unsigned perm; enum pte_flag flag; } map[] = {{PERM_R, PTE_R}, {PERM_W, PTE_W}, {PERM_X, PTE_X}};
    struct pte pte = {.flags = PTE_BIT(PTE_V) | PTE_BIT(PTE_U), .pfn = f};
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (v->perms & map[i].perm) pte.flags |= PTE_BIT(map[i].flag);
    if (pte.flags & PTE_BIT(PTE_W)) pte.flags |= PTE_BIT(PTE_R); /* W without R is reserved */
    return paging_encode(k->hw->format, pte);
}

/* Kernel space: the kernel's image, global, not for the user. The first process
 * gets the tables; the others share them through their root entries, where such
 * an entry covers nothing but kernel space. */
static enum vs_status map_image(struct kernel *k, proc_t p, const struct vma *v) {
    const struct paging_format *f = k->hw->format;
    enum vs_status s = VS_OK;
    for (uint32_t i = 0; s == VS_OK && i < KERNEL_IMAGE_PAGES && v->first + i < v->end; i++) {
        unsigned level;
        paddr_t table, addr;
        while (addr = table_descend(k, p, v->first + i, &level, &table), s == VS_OK && level > 0)
            s = table_make_next(k, p, v->first + i, NULL);
        struct pte pte = {.flags = PTE_BIT(PTE_V) | PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_X) | PTE_BIT(PTE_G) |
                                   PTE_BIT(PTE_A) | PTE_BIT(PTE_D),
                          .pfn = kernel_base_pfn(k->config) + i};
        if (s == VS_OK) s = pte_store(k, addr, paging_encode(f, pte));
    }
    return s;
}

static enum vs_status share_image(struct kernel *k, proc_t p, const struct vma *v) {
    const struct paging_format *f = k->hw->format;
    enum vs_status s = VS_OK;
    for (uint32_t i = 0; s == VS_OK && i < KERNEL_IMAGE_PAGES && v->first + i < v->end; i++) {
        uint64_t at = (uint64_t)paging_index(f, vpn_to_va(v->first + i, f->page_shift), f->levels - 1) * f->pte_bytes;
        s = pte_store(k, k->process[p].root + at, ram_read(k->hw->ram, k->process[0].root + at, f->pte_bytes));
    }
    return s;
}

/* Do the root entries of the image cover pages of v alone, so that no user page needs their tables? */
static bool own_root_entries(const struct kernel *k, const struct vma *v) {
    const struct paging_format *f = k->hw->format;
    vpn_t span = (vpn_t)1 << (paging_index_shift(f, f->levels - 1) - f->page_shift);
    vpn_t last = v->first + KERNEL_IMAGE_PAGES - 1;
    return v->first % span == 0 && (last | (span - 1)) < v->end;
}

enum vs_status table_map_kernel(struct kernel *k, proc_t p, const struct vma *v) {
    if (!paging_has(k->hw->format, PTE_U)) return VS_OK; /* a format that cannot protect it: leave it out */
    const struct vma *first = vma_find(&k->process[0], v->first);
    bool shared = p > 0 && first && first->kind == VMA_KERNEL && first->first == v->first && own_root_entries(k, v);
    return shared ? share_image(k, p, v) : map_image(k, p, v);
}
