/* random_scenario_trouble.c - what must hold of any machine; see random_scenario.h.
 *
 * Said once more than in kernel_inconsistency, and in other words: by looking at each thing from the
 * outside, so that a mistake in the one is seen by the other.
 */
#include "random_scenario.h"

static const char *entry_trouble(const struct machine *m, const struct tlb_entry *e) {
    const struct kernel *k = machine_kernel(m);
    const struct paging_format *f = &machine_config(m)->format;
    proc_t p = machine_config(m)->tlb.asid && !e->global ? (proc_t)(e->asid - 1) : k->running;
    if (e->global && !k->process[p].alive) return NULL; /* kernel space outlives the process that used it */
    if (p >= k->process_count || !k->process[p].alive) return "a TLB entry of a process that is not there";
    struct pte_at at = pagetable_at(k, p, e->vpn);
    if (!at.found) return "a TLB entry without a page table behind it";
    struct pte pte = paging_decode(f, at.word);
    if (!at.valid) return "a TLB entry whose PTE is not valid";
    if (at.pfn != e->pfn) return "a TLB entry whose PFN is not the PTE's";
    unsigned perms = paging_perms(f, pte.flags);
    if ((machine_config(m)->mode & MODE_MXR) && (perms & PERM_X)) perms |= PERM_R; /* folded into the entry */
    if (perms != e->perms) return "a TLB entry whose permissions are not the PTE's";
    if (paging_has(f, PTE_D) && e->dirty && !(pte.flags & PTE_BIT(PTE_D)))
        return "a TLB entry that is dirty while its PTE is clean";
    if (paging_has(f, PTE_A) && !(pte.flags & PTE_BIT(PTE_A)) && !machine_config(m)->lazy_clear)
        return "a TLB entry whose PTE has A clear";
    return NULL;
}

/* A page's PTE is valid exactly while the page is in a frame, and names that frame. */
static const char *page_trouble(const struct machine *m, proc_t p, const struct vma *v, vpn_t vpn) {
    bool resident = vma_page_state(v, vpn) == PAGE_RESIDENT;
    struct pte_at at = pagetable_at(machine_kernel(m), p, vpn);
    if (at.valid != resident)
        return resident ? "a page in a frame whose PTE is not valid"
                        : "a page in no frame whose PTE is valid";
    return resident && at.pfn != vma_page_where(v, vpn) ? "a PTE that names another frame than the page's"
                                                        : NULL;
}

static const char *process_trouble(const struct machine *m, proc_t p) {
    const struct process *process = &machine_kernel(m)->process[p];
    const char *trouble = NULL;
    for (uint32_t i = 0; process->alive && i < process->vma_count; i++) {
        const struct vma *v = &process->vma[i];
        for (vpn_t vpn = v->first; !trouble && v->kind != VMA_KERNEL && vpn < v->end; vpn++)
            trouble = page_trouble(m, p, v, vpn);
    }
    return trouble;
}

static const char *slot_trouble(const struct kernel *k) {
    uint32_t used = 0;
    for (slot_t s = 0; s < k->slot_high; s++) used += k->slot[s].proc != PROC_NONE;
    return used == k->slots_used ? NULL : "slots in use are counted wrong";
}

/* A file's page that is noted as being in memory is in a frame that says so; no process's page table
 * lies among the frames of user pages. */
static const char *memory_trouble(const struct kernel *k) {
    for (uint32_t i = 0; i < k->file_count; i++)
        for (uint32_t page = 0; page < k->file[i].pages; page++) {
            frame_t f = k->file[i].cache[page];
            if (f != FRAME_NONE && (f >= k->config->frames || !(k->frame[f].flags & FRAME_FILE)))
                return "a file's page is noted in a frame that does not hold a file's page";
        }
    for (uint32_t p = 0; p < k->process_count; p++)
        if (pa_to_pfn(k->process[p].root, k->config->format.page_shift) < kernel_base_pfn(k->config))
            return "a page table among the user frames";
    return NULL;
}

static const char *unit_trouble(const struct machine *m, const struct tlb *t) {
    const char *trouble = NULL;
    for (uint32_t set = 0; !trouble && set < tlb_sets(t); set++)
        for (uint32_t way = 0; !trouble && way < tlb_ways(t); way++)
            if (tlb_at(t, set, way)->valid) trouble = entry_trouble(m, tlb_at(t, set, way));
    return trouble;
}

const char *machine_trouble(const struct machine *m) {
    const struct tlbs *tlbs = &machine_hw(m)->tlbs;
    const char *trouble = kernel_inconsistency(machine_kernel(m));
    if (!trouble) trouble = slot_trouble(machine_kernel(m));
    if (!trouble) trouble = memory_trouble(machine_kernel(m));
    for (proc_t p = 0; !trouble && p < machine_kernel(m)->process_count; p++) trouble = process_trouble(m, p);
    if (machine_kernel(m)->latch.phase == OS_SWITCH_TLB) /* its flush is the next micro-step */
        return trouble;
    if (machine_config(m)->never_invalidates) return trouble;
    for (unsigned u = 0; !trouble && u < TLB_UNITS; u++) trouble = unit_trouble(m, tlbs->unit[u]);
    return trouble;
}
