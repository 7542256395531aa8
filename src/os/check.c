/* check.c - the invariants of the whole memory system, checked by brute force.
 *
 *   - a frame is free, or has as many mappings as it says, each by a PTE that
 *     points to it and a region page that says it is resident there
 *   - a slot is free, or belongs to one page (in a frame or out of it)
 *   - a valid TLB entry says what the page table says (preloaded entries and
 *     lazy_clear machines excepted)
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"

static const char *check_mapping(const struct kernel *k, frame_t f, const struct rmap *r) {
    const struct vma *v = vma_find(&k->process[r->proc], r->vpn);
    if (!v || vma_page_state(v, r->vpn) != PAGE_RESIDENT || vma_page_where(v, r->vpn) != f)
        return "a frame's owner does not say that the page is there";
    if (k->latch.phase == OS_RETURN || k->latch.phase == OS_IDLE || k->latch.frame != f) {
        struct pte_at at = pagetable_at(k, r->proc, r->vpn);
        if (!at.found) return "a mapped frame has no PTE";
        if (!at.valid || at.pfn != f) return "a PTE does not point to the frame that it maps";
        if (at.addr != r->pte_addr) return "a frame's reverse map names another PTE";
    }
    return NULL;
}

/* A frame that nobody maps is one that a cache knows. */
static const char *check_idle(const struct kernel *k, frame_t f) {
    const struct frame *frame = &k->frame[f];
    if (frame->shares) return "an idle frame is mapped";
    return frame->flags & FRAME_FILE || frame->slot != SLOT_NONE ? NULL : "an idle frame is in no cache";
}

/* The page cache and its frames name each other; so do the swap cache and its. */
static const char *check_caches(const struct kernel *k) {
    uint32_t cached = 0, in_files = 0, idle = 0;
    for (frame_t f = 0; f < k->config->frames; f++) {
        const struct frame *frame = &k->frame[f];
        bool file = frame->flags & FRAME_FILE;
        cached += file;
        idle += (frame->flags & FRAME_IDLE) != 0;
        if (file && k->file[frame->file].cache[frame->file_page] != f) return "the page cache does not know a frame of its own";
        if (frame->slot != SLOT_NONE && k->slot[frame->slot].frame != f) return "the swap cache does not know a frame of its own";
    }
    for (uint32_t i = 0; i < k->file_count; i++)
        for (uint32_t page = 0; page < k->file[i].pages; page++) in_files += k->file[i].cache[page] != FRAME_NONE;
    if (cached != in_files) return "the page cache names a frame that is not its own";
    return idle == k->idle_frames ? NULL : "the number of idle frames is wrong";
}

static const char *check_frame(const struct kernel *k, frame_t f) {
    const struct frame *frame = &k->frame[f];
    if (!(frame->flags & FRAME_USED)) return frame->shares ? "a free frame is mapped" : NULL;
    bool taken = k->latch.phase != OS_IDLE && f - k->latch.frame < 1u << k->latch.order; /* for the page under way */
    if (frame->flags & FRAME_IDLE) return check_idle(k, f);
    if (frame->flags & FRAME_TABLE) return frame->shares ? "a page table's frame is mapped" : NULL;
    if (frame->shares == 0) return taken || f == k->latch.cow_from ? NULL : "a used frame has no owner";
    uint32_t seen = 0;
    for (const struct rmap *r = &frame->owner;; r = &k->rmap_pool[r->next]) {
        const char *wrong = check_mapping(k, f, r);
        if (wrong) return wrong;
        seen++;
        if (r->next == RMAP_END) break;
    }
    return seen == frame->shares ? NULL : "a frame's share count is not its number of mappings";
}

static const char *check_frames(const struct kernel *k) {
    uint32_t free_frames = 0;
    for (frame_t f = 0; f < k->config->frames; f++) {
        const char *wrong = check_frame(k, f);
        if (wrong) return wrong;
        free_frames += !(k->frame[f].flags & FRAME_USED);
    }
    return free_frames == k->frames_free ? NULL : "the number of free frames is wrong";
}

/* Every page of a region is where it says, and says it truly. */
static const char *check_region(const struct kernel *k, proc_t p, const struct vma *v, uint32_t *resident) {
    for (vpn_t vpn = v->first; v->kind != VMA_KERNEL && vpn < v->end; vpn++) {
        uint32_t where = vma_page_where(v, vpn);
        bool valid = pagetable_at(k, p, vpn).valid;
        bool mapping = k->latch.proc == p && k->latch.vpn >> k->latch.order == vpn >> k->latch.order && k->latch.phase != OS_IDLE;
        enum page_state state = vma_page_state(v, vpn);
        if (!mapping && valid != (state == PAGE_RESIDENT || state == PAGE_ZERO)) return "a PTE and its region disagree about a page";
        *resident += state == PAGE_RESIDENT;
        if (state == PAGE_SWAPPED && where >= k->slot_high) return "a page is in a slot that does not exist";
    }
    return NULL;
}

static const char *check_processes(const struct kernel *k) {
    for (uint32_t p = 0; p < k->process_count; p++) {
        uint32_t resident = 0;
        for (uint32_t i = 0; i < k->process[p].vma_count; i++) {
            const char *wrong = check_region(k, (proc_t)p, &k->process[p].vma[i], &resident);
            if (wrong) return wrong;
        }
        if (resident != k->process[p].resident) return "a process's resident count is wrong";
    }
    return NULL;
}

/* ---- slots: each has as many users as it counts ---- */

static void count_region(const struct vma *v, uint32_t *users) {
    for (vpn_t vpn = v->first; v->kind != VMA_KERNEL && vpn < v->end; vpn++)
        if (vma_page_state(v, vpn) == PAGE_SWAPPED) users[vma_page_where(v, vpn)]++;
}

static const char *compare_users(const struct kernel *k, const uint32_t *users) {
    uint32_t used = 0;
    for (slot_t s = 0; s < k->slot_high; s++) {
        const struct swap_slot *slot = &k->slot[s];
        bool under_way = k->latch.phase != OS_IDLE && k->latch.slot == s; /* between two places */
        used += slot->proc != PROC_NONE;
        if (slot->proc == PROC_NONE && users[s]) return "a page is in a free slot";
        if (slot->proc != PROC_NONE && !under_way && (users[s] == 0 || users[s] != slot->refs))
            return "a slot has other users than it counts";
    }
    return used == k->slots_used ? NULL : "the number of used slots is wrong";
}

static const char *check_slots(const struct kernel *k) {
    uint32_t *users = mem_zalloc(k->slot_high + 1, sizeof *users);
    if (!users) return "no memory to count the slots' users";
    for (uint32_t p = 0; p < k->process_count; p++)
        for (uint32_t i = 0; i < k->process[p].vma_count; i++) count_region(&k->process[p].vma[i], users);
    for (frame_t f = 0; f < k->config->frames; f++)
        if (k->frame[f].slot != SLOT_NONE) users[k->frame[f].slot]++;
    for (uint32_t i = 0; i < k->file_count; i++)
        for (uint32_t page = 0; k->file[i].slot && page < k->file[i].pages; page++)
            if (k->file[i].slot[page] != SLOT_NONE) users[k->file[i].slot[page]]++;
    const char *wrong = compare_users(k, users);
    free(users);
    return wrong;
}

static const char *check_tlb_entry(const struct kernel *k, const struct tlb_entry *e) {
    for (uint32_t p = 0; p < k->process_count; p++) {
        if (!k->process[p].alive || k->process[p].asid != e->asid || (!k->config->tlb.asid && p != k->running)) continue;
        struct pte_at at = pagetable_at(k, (proc_t)p, e->vpn);
        struct pte pte = paging_decode(k->hw->format, at.word);
        if (!at.found) return "a TLB entry has no PTE";
        if (!at.valid || at.pfn != e->pfn) return "a TLB entry disagrees with its PTE";
        if ((e->perms & PERM_W) && paging_has(k->hw->format, PTE_W) && !(pte.flags & PTE_BIT(PTE_W)))
            return "a TLB entry allows writes, its PTE does not";
        if (e->order != paging_leaf_order(k->hw->format, at.level)) return "a TLB entry covers more or less than its PTE";
        if (paging_has(k->hw->format, PTE_A) && !(pte.flags & PTE_BIT(PTE_A))) return "a TLB entry's PTE has A clear";
        if (e->dirty && paging_has(k->hw->format, PTE_D) && !(pte.flags & PTE_BIT(PTE_D)))
            return "a TLB entry says dirty, its PTE does not";
    }
    return NULL;
}

static const char *check_unit(const struct kernel *k, const struct tlb *t) {
    for (uint32_t set = 0; set < tlb_sets(t); set++)
        for (uint32_t way = 0; way < tlb_ways(t); way++) {
            const struct tlb_entry *e = tlb_at(t, set, way);
            const char *wrong = e->valid ? check_tlb_entry(k, e) : NULL;
            if (wrong) return wrong;
        }
    return NULL;
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
    if (c->lazy_clear || c->never_invalidates || c->tlb_preload_count || k->latch.phase == OS_SWITCH_TLB) return wrong;
    for (unsigned u = 0; !wrong && u < TLB_UNITS; u++) wrong = check_unit(k, k->hw->tlbs.unit[u]);
    return wrong;
}

const char *kernel_inconsistency(const struct kernel *k) {
    const char *wrong = check_frames(k);
    if (!wrong) wrong = check_caches(k);
    if (!wrong) wrong = check_processes(k);
    if (!wrong) wrong = check_slots(k);
    if (!wrong) wrong = check_tlb(k);
    return wrong;
}

/* ---- equality, for tests ---- */

static bool frames_equal(const struct kernel *a, const struct kernel *b) {
    for (frame_t f = 0; f < a->config->frames; f++) {
        const struct frame *p = &a->frame[f], *q = &b->frame[f];
        if (p->slot != q->slot || p->shares != q->shares || p->flags != q->flags) return false;
        if (p->shares && (p->owner.proc != q->owner.proc || p->owner.vpn != q->owner.vpn)) return false;
    }
    return true;
}

static bool slots_equal(const struct kernel *a, const struct kernel *b) {
    if (a->slots_used != b->slots_used || a->slot_high != b->slot_high) return false;
    for (slot_t s = 0; s < a->slot_high; s++)
        if (a->slot[s].proc != b->slot[s].proc || a->slot[s].vpn != b->slot[s].vpn ||
            !content_equal(&a->slot[s].content, &b->slot[s].content, 1u << a->hw->format->page_shift))
            return false;
    return true;
}

static bool latches_equal(const struct os_latch *a, const struct os_latch *b) {
    return a->phase == b->phase && a->fault == b->fault && a->op == b->op && a->va == b->va && a->proc == b->proc &&
           a->automap == b->automap && a->resumed == b->resumed && a->frame == b->frame &&
           a->victim_proc == b->victim_proc && a->victim_vpn == b->victim_vpn && a->victim_dirty == b->victim_dirty &&
           a->evicted == b->evicted && a->was_full == b->was_full && a->populate == b->populate && a->zero_page == b->zero_page && a->idle == b->idle && a->cow_from == b->cow_from && a->keep == b->keep && a->for_table == b->for_table && a->reclaim == b->reclaim && a->started == b->started && a->freed == b->freed && a->order == b->order && a->cause == b->cause && a->slot == b->slot && a->passes == b->passes &&
           a->leaving == b->leaving && a->asked == b->asked;
}

/* What a call under way remembers between its micro-steps. */
static bool calls_equal(const struct kernel *k, const struct kernel *other) {
    const struct os_call *a = &k->call, *b = &other->call;
    if (!kernel_busy(k)) return true;
    return a->config == b->config && a->proc == b->proc && a->stage == b->stage && a->moved == b->moved && a->resized == b->resized &&
           a->va == b->va && a->first == b->first && a->end == b->end && a->next == b->next && a->from == b->from &&
           a->to == b->to && a->old == b->old && a->grown == b->grown && a->count == b->count;
}

static bool policies_equal(const struct kernel *a, const struct kernel *b) {
    for (uint32_t i = 0; i < a->policy_count; i++) {
        const struct policy_ops *ops = policy_ops(a->policy[i]);
        if (ops != policy_ops(b->policy[i]) || !ops->equal(a->policy[i], b->policy[i])) return false;
    }
    return true;
}

bool kernel_equal(const struct kernel *a, const struct kernel *b) {
    return a->running == b->running && a->now == b->now && a->ticks == b->ticks && a->frames_free == b->frames_free &&
           a->table_next == b->table_next && a->tables == b->tables &&
           memcmp(a->table_free, b->table_free, a->table_words * sizeof *a->table_free) == 0 && latches_equal(&a->latch, &b->latch) && processes_equal(a, b) &&
           frames_equal(a, b) && slots_equal(a, b) && files_equal(a, b) && calls_equal(a, b) && policies_equal(a, b);
}
