/* shape_tree.c - tables of tables: a root a process, made as far as it is needed.
 *
 *   root --> table --> table --> leaf PTE
 *
 * Invariant: a pointer in a table of level n leads to a table of level n-1 that
 * belongs to this process alone, or to kernel space that all share.
 */
#include "os/internal.h"

/* The lowest entry on the way to vpn that exists, at level `lowest` or above. */
static struct pte_at tree_down(const struct kernel *k, proc_t p, vpn_t vpn, unsigned lowest) {
    const struct paging_format *f = k->hw->format;
    vaddr_t va = vpn_to_va(vpn, f->page_shift);
    paddr_t table = k->process[p].root;
    struct pte_at at = {.level = f->levels - 1};
    for (;; at.level--) {
        at.addr = table + (uint64_t)paging_index(f, va, at.level) * f->pte_bytes;
        at.word = pte_load(k, at.addr);
        struct pte pte = paging_decode(f, at.word);
        at.valid = pte.flags & PTE_BIT(PTE_V);
        if (at.level == lowest || !at.valid || paging_is_leaf(f, at.word, at.level)) break;
        table = pfn_to_pa(pte.pfn, f->page_shift);
    }
    at.found = at.level == lowest || at.valid;
    uint64_t within = low_bits(paging_leaf_order(f, at.level));
    if (at.valid) at.pfn = pa_to_pfn(paging_leaf_base(f, at.word, at.level), f->page_shift) | (vpn & within);
    return at;
}

static struct pte_at tree_at(const struct kernel *k, proc_t p, vpn_t vpn) { return tree_down(k, p, vpn, 0); }

static bool tree_missing(const struct kernel *k, proc_t p, vpn_t vpn, unsigned level) {
    struct pte_at at = tree_at(k, p, vpn);
    return !at.valid && at.level > level;
}

static enum vs_status table_create(struct kernel *k, proc_t p, unsigned level, paddr_t *out) {
    uint64_t bytes = paging_table_bytes(k->hw->format, level);
    enum vs_status s = table_take(k, bytes, out);
    if (s != VS_OK) return s;
    k->process[p].table_bytes += bytes;
    if (!k->config->tables_in_frames) return s;
    struct frame *frame = &k->frame[pa_to_pfn(*out, k->hw->format->page_shift)];
    frame->owner.proc = p;
    frame->owner.vpn = level;
    return s;
}

static enum vs_status tree_make_next(struct kernel *k, proc_t p, vpn_t vpn, struct event *e) {
    const struct paging_format *f = k->hw->format;
    struct pte_at at = tree_at(k, p, vpn);
    paddr_t made;
    enum vs_status s = table_create(k, p, at.level - 1, &made);
    if (s != VS_OK) return s;
    uint64_t word = paging_encode_pointer(f, pa_to_pfn(made, f->page_shift));
    if (e) {
        e->level = (uint8_t)(at.level - 1);
        e->table = made;
        e->pte_addr = at.addr;
        e->pte = word;
    }
    return pte_store(k, at.addr, word);
}

static paddr_t tree_leaf_addr(const struct kernel *k, proc_t p, vpn_t vpn, frame_t f, unsigned level) {
    (void)f, (void)level;
    return tree_at(k, p, vpn).addr;
}

static enum vs_status tree_install(struct kernel *k, proc_t p, vpn_t vpn, paddr_t addr, uint64_t word) {
    (void)p, (void)vpn;
    return pte_store(k, addr, word);
}

static enum vs_status tree_remove(struct kernel *k, proc_t p, vpn_t vpn, paddr_t addr) {
    (void)p, (void)vpn;
    return pte_store(k, addr, 0);
}

/* ---- kernel space ---- */

/* The kernel's image, global, not for the user. The first process makes the
 * tables, which stay when it ends; the others share them through their root entries, where such an entry
 * covers nothing but kernel space. */
static enum vs_status map_image(struct kernel *k, proc_t p, const struct vma *v) {
    enum vs_status s = VS_OK;
    for (uint32_t i = 0; s == VS_OK && i < KERNEL_IMAGE_PAGES && v->first + i < v->end; i++) {
        while (s == VS_OK && tree_missing(k, p, v->first + i, 0)) s = tree_make_next(k, p, v->first + i, NULL);
        struct pte pte = {.flags = PTE_BIT(PTE_V) | PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_X) | PTE_BIT(PTE_G) |
                                   PTE_BIT(PTE_A) | PTE_BIT(PTE_D),
                          .pfn = kernel_base_pfn(k->config) + i};
        if (s == VS_OK) s = pte_store(k, tree_at(k, p, v->first + i).addr, paging_encode(k->hw->format, pte));
    }
    return s;
}

/* Where process p's root entry for page i of the image stands. */
static paddr_t image_root_entry(const struct kernel *k, proc_t p, const struct vma *v, uint32_t i) {
    const struct paging_format *f = k->hw->format;
    return k->process[p].root + (uint64_t)paging_index(f, vpn_to_va(v->first + i, f->page_shift), f->levels - 1) * f->pte_bytes;
}

static enum vs_status share_image(struct kernel *k, proc_t p, const struct vma *v) {
    enum vs_status s = VS_OK;
    for (uint32_t i = 0; s == VS_OK && i < KERNEL_IMAGE_PAGES && v->first + i < v->end; i++)
        s = pte_store(k, image_root_entry(k, p, v, i), k->image_entry[i]);
    return s;
}

/* Do the root entries of the image cover pages of v alone, so that no user page needs their tables? */
static bool own_root_entries(const struct kernel *k, const struct vma *v) {
    vpn_t span = (vpn_t)1 << paging_leaf_order(k->hw->format, k->hw->format->levels - 1);
    vpn_t last = v->first + KERNEL_IMAGE_PAGES - 1;
    return v->first % span == 0 && (last | (span - 1)) < v->end;
}

static enum vs_status map_kernel(struct kernel *k, proc_t p, const struct vma *v) {
    if (!paging_has(k->hw->format, PTE_U)) return VS_OK; /* a format that cannot protect it: leave it out */
    bool own = own_root_entries(k, v);
    if (own && k->image_entry[0] && k->image_first == v->first) return share_image(k, p, v);
    enum vs_status s = map_image(k, p, v);
    if (s != VS_OK || !own || k->image_entry[0]) return s;
    k->image_first = v->first;
    for (uint32_t i = 0; i < KERNEL_IMAGE_PAGES && v->first + i < v->end; i++)
        k->image_entry[i] = ram_read(k->hw->ram, image_root_entry(k, p, v, i), k->hw->format->pte_bytes);
    return s;
}

static enum vs_status tree_create(struct kernel *k, proc_t p) {
    struct process *process = &k->process[p];
    enum vs_status s = table_create(k, p, k->hw->format->levels - 1, &process->root);
    for (uint32_t v = 0; s == VS_OK && v < process->vma_count; v++)
        if (process->vma[v].kind == VMA_KERNEL) s = map_kernel(k, p, &process->vma[v]);
    return s;
}

/* ---- the end ---- */

static void give_tables(struct kernel *k, proc_t p, paddr_t table, unsigned level) {
    const struct paging_format *f = k->hw->format;
    for (uint64_t i = 0; level > 0 && i < (uint64_t)1 << f->index_bits[level]; i++) {
        uint64_t word = ram_read(k->hw->ram, table + i * f->pte_bytes, f->pte_bytes);
        struct pte pte = paging_decode(f, word);
        if ((pte.flags & PTE_BIT(PTE_V)) && !paging_is_leaf(f, word, level))
            give_tables(k, p, pfn_to_pa(pte.pfn, f->page_shift), level - 1);
    }
    table_give(k, table, paging_table_bytes(f, level));
    k->process[p].table_bytes -= paging_table_bytes(f, level);
}

/* The root's entries for kernel space lead to tables that all processes share: they stay. */
static void forget_shared(struct kernel *k, proc_t p) {
    const struct process *process = &k->process[p];
    for (uint32_t i = 0; i < process->vma_count; i++) {
        const struct vma *v = &process->vma[i];
        if (v->kind != VMA_KERNEL || !own_root_entries(k, v) || k->image_first != v->first) continue;
        for (uint32_t page = 0; page < KERNEL_IMAGE_PAGES; page++) pte_store(k, image_root_entry(k, p, v, page), 0);
    }
}

/* What a PTE given bit by bit points to is no table of the kernel's: it must not be given back. */
static void forget_raw(struct kernel *k, proc_t p) {
    for (size_t i = 0; k->process[p].raw && i < k->config->processes[p].map_count; i++) {
        const struct map_config *m = &k->config->processes[p].maps[i];
        struct pte_at at = tree_down(k, p, m->vpn, m->level);
        if (m->raw && at.level == m->level) pte_store(k, at.addr, 0);
    }
}

static void tree_destroy(struct kernel *k, proc_t p) {
    if (k->process[p].table_bytes == 0) return; /* there was no RAM for its root */
    forget_shared(k, p);
    forget_raw(k, p);
    give_tables(k, p, k->process[p].root, k->hw->format->levels - 1);
}

static uint64_t tree_bytes(const struct kernel *k, proc_t p) { return k->process[p].table_bytes; }

const struct shape_ops shape_tree = {.create = tree_create, .at = tree_at, .missing = tree_missing,
                                     .make_next = tree_make_next, .leaf_addr = tree_leaf_addr,
                                     .install = tree_install, .remove = tree_remove, .destroy = tree_destroy,
                                     .table_bytes = tree_bytes,
                                     .shares = true};
