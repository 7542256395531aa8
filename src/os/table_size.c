/* table_size.c - what page tables cost: bytes in RAM as they are, and as other
 * kinds of table would need them for the same mappings.
 *
 *   linear       an entry for every page of the virtual address space, used or not:
 *                32 bits, 4 KiB pages, 4-byte PTEs: 2^20 x 4 bytes = 4 MiB
 *   multi-level  tables of one page each, only where something is mapped
 *   inverted     an entry a frame and its anchors, once for the whole machine
 */
#include "hw/inverted.h"
#include "os/internal.h"

static unsigned pte_bytes(const struct kernel *k) {
    /* Descriptors and hashed entries are no PTEs: reckon with those of 32- or 64-bit machines. */
    const struct paging_format *f = k->hw->format;
    return f->shape == SHAPE_TREE ? f->pte_bytes : paging_va_bits(f) > 32 ? 8 : 4;
}

static uint64_t linear_bytes(const struct kernel *k) {
    const struct paging_format *f = k->hw->format;
    return (uint64_t)pte_bytes(k) << (paging_va_bits(f) - f->page_shift);
}

/* Index bits of a table that fills one page, at least 1. */
static unsigned bits_a_level(const struct kernel *k) {
    unsigned bits = 0;
    while ((uint64_t)pte_bytes(k) << (bits + 1) <= (uint64_t)1 << k->hw->format->page_shift) bits++;
    return bits ? bits : 1;
}

/* Tables whose entries cover `1 << shift` pages each that v's mapped pages need, beyond the table
 * that page *last fell into (pages come in ascending order). */
static uint64_t tables_for(const struct vma *v, unsigned shift, vpn_t *last) {
    uint64_t tables = 0;
    for (vpn_t vpn = v->first; v->kind != VMA_KERNEL && vpn < v->end; vpn++) {
        if (vma_page_state(v, vpn) != PAGE_RESIDENT || vpn >> shift == *last) continue;
        *last = vpn >> shift;
        tables++;
    }
    return tables;
}

/* As many levels as cover the address space; the root is always there. */
static uint64_t multilevel_bytes(const struct kernel *k, proc_t p) {
    const struct paging_format *f = k->hw->format;
    const struct process *process = &k->process[p];
    unsigned bits = bits_a_level(k), vpn_bits = paging_va_bits(f) - f->page_shift;
    uint64_t bytes = (uint64_t)pte_bytes(k) << (vpn_bits % bits ? vpn_bits % bits : bits);
    for (unsigned shift = bits; shift < vpn_bits; shift += bits) {
        vpn_t last = UINT64_MAX;
        for (uint32_t i = 0; i < process->vma_count; i++)
            bytes += tables_for(&process->vma[i], shift, &last) * ((uint64_t)pte_bytes(k) << bits);
    }
    return bytes;
}

struct table_bytes kernel_table_bytes(const struct kernel *k, proc_t p) {
    bool tree = k->hw->format->shape == SHAPE_TREE && k->hw->format->levels > 1;
    struct table_bytes b = {.actual = table_shape(k)->table_bytes(k, p), .linear = linear_bytes(k),
                            .inverted = inverted_bytes(k->config->frames)};
    b.multilevel = tree ? b.actual : multilevel_bytes(k, p);
    return b;
}

struct table_bytes kernel_table_bytes_all(const struct kernel *k) {
    struct table_bytes all = {.inverted = inverted_bytes(k->config->frames)};
    for (uint32_t p = 0; p < k->process_count; p++) {
        if (!k->process[p].alive) continue;
        struct table_bytes b = kernel_table_bytes(k, (proc_t)p);
        all.actual = k->hw->format->shape == SHAPE_HASHED ? b.actual : all.actual + b.actual;
        all.linear += b.linear;
        all.multilevel += b.multilevel;
    }
    return all;
}
