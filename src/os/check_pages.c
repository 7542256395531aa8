/* check_pages.c - the invariants of what processes see, checked by brute force after any micro-step.
 *
 *   - a PTE is valid exactly while its page is in a frame (or is the page of zeros), and permits
 *     what its region does; no W where a write would be seen by others who must not
 *   - a valid TLB entry says what the page table says (preloaded entries, a kernel that never
 *     invalidates, and A under lazy_clear excepted)
 *   - a process that has ended has nothing
 */
#include "os/internal.h"

/* ---- pages of regions ---- */

static const char *check_zero(const struct kernel *k, const struct pte_at *at) {
    if (at->pfn != k->zero_page) return "a page of zeros is in another frame";
    return paging_decode(k->hw->format, at->word).flags & PTE_BIT(PTE_W) ? "the page of zeros may be written" : NULL;
}

/* What the PTE permits: all that the region does, but W may wait for a fault; and W for a private page only
 * where nobody else sees its frame. */
static const char *check_permissions(const struct kernel *k, const struct vma *v, const struct pte_at *at) {
    const unsigned all = PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_X) | PTE_BIT(PTE_U), w = PTE_BIT(PTE_W);
    const struct frame *frame = &k->frame[at->pfn];
    unsigned has = paging_decode(k->hw->format, at->word).flags & all & paging_flags(k->hw->format);
    unsigned may = pte_perm_flags(v->perms) & paging_flags(k->hw->format);
    if ((has | w) != (may | w) || (has & w & ~may)) return "a PTE permits other accesses than its region";
    if (!(has & w) || v->shared) return NULL;
    return frame->shares > 1 || (frame->flags & FRAME_FILE) ? "a process may write to a frame that others read" : NULL;
}

static const char *check_page(const struct kernel *k, proc_t p, const struct vma *v, vpn_t vpn) {
    enum page_state state = vma_page_state(v, vpn);
    struct pte_at at = pagetable_at(k, p, vpn);
    if (at.valid != (state == PAGE_RESIDENT || state == PAGE_ZERO)) return "a PTE and its region disagree about a page";
    if (state == PAGE_SWAPPED && vma_page_where(v, vpn) >= k->slot_high) return "a page is in a slot that does not exist";
    if (state == PAGE_SWAPPED && v->shared) return "a page of shared memory is in a slot of one process's";
    if (state == PAGE_ZERO) return check_zero(k, &at);
    if (state == PAGE_RESIDENT && k->hw->format->shape != SHAPE_SEGMENTS) return check_permissions(k, v, &at);
    return NULL;
}

static const char *check_region(const struct kernel *k, proc_t p, const struct vma *v, uint32_t *resident) {
    const char *wrong = NULL;
    for (vpn_t vpn = v->first; !wrong && v->kind != VMA_KERNEL && vpn < v->end; vpn++) {
        wrong = check_page(k, p, v, vpn);
        *resident += vma_page_state(v, vpn) == PAGE_RESIDENT;
    }
    return wrong;
}

/* ---- processes ---- */

/* Of the first process the tables of kernel space stay, which the others share. */
static const char *check_ended(const struct kernel *k, const struct process *p) {
    if (p->resident || p->held || p->suspended) return "a process that has ended counts for something";
    return p->table_bytes && !k->image_entry[0] ? "a process that has ended has page tables" : NULL;
}

static uint32_t held_by(const struct kernel *k, proc_t p) {
    uint32_t held = 0;
    for (frame_t f = 0; f < k->config->frames; f++) held += k->frame[f].shares > 0 && k->frame[f].owner.proc == p;
    return held;
}

static const char *check_process(const struct kernel *k, proc_t p) {
    const struct process *process = &k->process[p];
    uint32_t resident = 0;
    if (!process->alive) return check_ended(k, process);
    for (uint32_t i = 0; i < process->vma_count; i++) {
        const struct vma *v = &process->vma[i];
        if (v->floor > v->first || v->first >= v->end) return "a region is empty";
        if (i && process->vma[i - 1].end > v->first) return "two regions overlap";
        const char *wrong = check_region(k, p, v, &resident);
        if (wrong) return wrong;
    }
    if (resident != process->resident) return "a process's resident count is wrong";
    return held_by(k, p) == process->held ? NULL : "a process is charged for other frames than it owns";
}

static const char *check_processes(const struct kernel *k) {
    uint32_t suspended = 0;
    const char *wrong = NULL;
    for (uint32_t p = 0; !wrong && p < k->process_count; p++) {
        wrong = check_process(k, (proc_t)p);
        suspended += k->process[p].suspended;
    }
    if (wrong) return wrong;
    return suspended == k->suspended ? NULL : "the number of suspended processes is wrong";
}

/* ---- the TLB ---- */

static const char *compare_bits(const struct kernel *k, const struct tlb_entry *e, const struct pte *pte) {
    const struct paging_format *f = k->hw->format;
    unsigned perms = paging_perms(f, pte->flags);
    if ((k->hw->regs.mode & MODE_MXR) && (perms & PERM_X)) perms |= PERM_R; /* folded into the entry */
    if (e->perms & ~perms) return "a TLB entry allows more than its PTE";
    if (!k->config->lazy_clear && paging_has(f, PTE_A) && !(pte->flags & PTE_BIT(PTE_A))) return "a TLB entry's PTE has A clear";
    if (e->dirty && paging_has(f, PTE_D) && !(pte->flags & PTE_BIT(PTE_D))) return "a TLB entry says dirty, its PTE does not";
    return NULL;
}

static const char *compare_entry(const struct kernel *k, proc_t p, const struct tlb_entry *e) {
    struct pte_at at = pagetable_at(k, p, e->vpn);
    struct pte pte = paging_decode(k->hw->format, at.word);
    if (!at.found) return "a TLB entry has no PTE";
    if (!at.valid || at.pfn != e->pfn) return "a TLB entry disagrees with its PTE";
    if (e->order != paging_leaf_order(k->hw->format, at.level)) return "a TLB entry covers more or less than its PTE";
    return compare_bits(k, e, &pte);
}

/* Without ASIDs the TLB holds the running process alone; global entries may outlive whoever brought them. */
static const char *check_entry(const struct kernel *k, const struct tlb_entry *e) {
    bool known = e->global || !k->config->tlb.asid;
    for (uint32_t p = 0; p < k->process_count; p++) {
        if (!k->process[p].alive || k->process[p].asid != e->asid || (!k->config->tlb.asid && p != k->running)) continue;
        const char *wrong = compare_entry(k, (proc_t)p, e);
        if (wrong) return wrong;
        known = true;
    }
    return known ? NULL : "a TLB entry is of a process that has ended";
}

static const char *check_unit(const struct kernel *k, const struct tlb *t) {
    const char *wrong = NULL;
    for (uint32_t i = 0; !wrong && i < tlb_sets(t) * tlb_ways(t); i++) {
        const struct tlb_entry *e = tlb_at(t, i / tlb_ways(t), i % tlb_ways(t));
        if (e->valid) wrong = check_entry(k, e);
    }
    return wrong;
}

/* With an inclusive second level, whatever the first holds is there too. */
static const char *check_inclusion(const struct tlbs *t) {
    for (unsigned u = TLB_DATA; t->inclusive && u <= TLB_FETCH; u++)
        for (uint32_t i = 0; i < tlb_sets(t->unit[u]) * tlb_ways(t->unit[u]); i++) {
            const struct tlb_entry *e = tlb_at(t->unit[u], i / tlb_ways(t->unit[u]), i % tlb_ways(t->unit[u]));
            if (e->valid && tlb_find(t->unit[TLB_SECOND], e->vpn, e->asid).way == TLB_NO_WAY)
                return "the first-level TLB holds what the inclusive second level lacks";
        }
    return NULL;
}

static const char *check_tlb(const struct kernel *k) {
    const struct machine_config *c = k->config;
    const char *wrong = check_inclusion(&k->hw->tlbs);
    if (c->never_invalidates || c->tlb_preload_count) return wrong;
    if (k->latch.phase == OS_SWITCH_TLB && !c->tlb.asid) return wrong; /* they are the other process's; the flush comes next */
    for (unsigned u = 0; !wrong && u < TLB_UNITS; u++) wrong = check_unit(k, k->hw->tlbs.unit[u]);
    return wrong;
}

const char *check_pages(const struct kernel *k) {
    const char *wrong = check_processes(k);
    return wrong ? wrong : check_tlb(k);
}
