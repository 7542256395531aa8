/* frame.c - frames: who owns each, and every mapping of it (the reverse map).
 *
 * The first mapping stands in the frame itself, further ones (shared text) in
 * a pool of list entries. Invariant: shares is the number of mappings; a frame
 * without FRAME_USED has none, and neither has one with FRAME_IDLE.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"

frame_t frame_lowest_free(struct kernel *k) {
    if (k->frames_free == 0) return FRAME_NONE;
    while (k->frame[k->free_hint].flags & FRAME_USED) k->free_hint++;
    return k->free_hint;
}

void frame_busy(struct kernel *k, frame_t f) {
    if (!(k->frame[f].flags & FRAME_IDLE)) return;
    k->frame[f].flags = (uint16_t)(k->frame[f].flags & ~FRAME_IDLE);
    k->idle_frames--;
}

static void set_pinned(struct kernel *k, frame_t f, bool pinned) {
    unsigned flags = k->frame[f].flags;
    k->pinned_frames += (unsigned)pinned - ((flags & FRAME_PINNED) != 0);
    k->frame[f].flags = (uint16_t)(pinned ? flags | FRAME_PINNED : flags & ~(unsigned)FRAME_PINNED);
}

void frame_idle(struct kernel *k, frame_t f) {
    set_pinned(k, f, false);
    k->frame[f].owner = (struct rmap){.proc = PROC_NONE, .next = RMAP_END};
    k->frame[f].flags |= FRAME_IDLE;
    k->idle_frames++;
    if (f < k->idle_hint) k->idle_hint = f;
}

void frame_release(struct kernel *k, frame_t f) {
    frame_busy(k, f);
    set_pinned(k, f, false);
    k->frame[f] = (struct frame){.owner = {.proc = PROC_NONE, .next = RMAP_END}, .slot = SLOT_NONE};
    k->frames_free++;
    if (f < k->free_hint) k->free_hint = f;
}

frame_t frame_lowest_run(const struct kernel *k, uint32_t count, uint32_t align) {
    for (uint64_t f = 0; f + count <= k->config->frames; f += align) {
        uint32_t n = 0;
        while (n < count && !(k->frame[f + n].flags & FRAME_USED)) n++;
        if (n == count) return (frame_t)f;
    }
    return FRAME_NONE;
}

/* ---- the reverse map ---- */

/* Make room in the pool and chain the new entries into its free list. */
static bool pool_grow(struct kernel *k) {
    size_t old = k->rmap_cap;
    if (!mem_grow((void **)&k->rmap_pool, &k->rmap_cap, old + 1, sizeof *k->rmap_pool)) return false;
    for (size_t i = k->rmap_cap; i-- > old;) {
        k->rmap_pool[i] = (struct rmap){.next = k->rmap_free};
        k->rmap_free = (uint32_t)i;
    }
    return true;
}

enum vs_status frame_add_owner(struct kernel *k, frame_t f, proc_t p, vpn_t vpn, paddr_t pte_addr, unsigned order) {
    struct frame *frame = &k->frame[f];
    frame_busy(k, f);
    if (frame->shares == 0) {
        frame->owner = (struct rmap){.vpn = vpn, .pte_addr = pte_addr, .proc = p, .order = (uint8_t)order, .next = RMAP_END};
        k->process[p].held++;
    } else {
        if (k->rmap_free == RMAP_END && !pool_grow(k)) return VS_NOMEM;
        uint32_t i = k->rmap_free;
        k->rmap_free = k->rmap_pool[i].next;
        k->rmap_pool[i] =
            (struct rmap){.vpn = vpn, .pte_addr = pte_addr, .proc = p, .order = (uint8_t)order, .next = frame->owner.next};
        frame->owner.next = i;
    }
    frame->shares++;
    return VS_OK;
}

static void pool_return(struct kernel *k, uint32_t i) {
    k->rmap_pool[i] = (struct rmap){.next = k->rmap_free};
    k->rmap_free = i;
}

/* The next mapping of a shared frame becomes its owner: it is charged from now
 * on, and under scope local its policy looks after the frame. */
static void pass_on(struct kernel *k, frame_t f, uint32_t second) {
    struct frame *frame = &k->frame[f];
    proc_t from = frame->owner.proc, to = k->rmap_pool[second].proc;
    frame->owner = k->rmap_pool[second];
    pool_return(k, second);
    k->process[to].held++;
    bool leaving = k->latch.phase == OS_UNMAP_VICTIM && f == k->latch.frame; /* its policy knows already */
    if (leaving || policy_of(k, from) == policy_of(k, to)) return;
    policy_ops(policy_of(k, from))->on_free(policy_of(k, from), f, NULL);
    frame_loaded(k, f);
}

void frame_remove_owner(struct kernel *k, frame_t f, proc_t p, vpn_t vpn) {
    struct frame *frame = &k->frame[f];
    uint32_t *link = &frame->owner.next;
    if (frame->owner.proc == p && frame->owner.vpn == vpn) {
        uint32_t second = frame->owner.next;
        k->process[p].held--;
        if (second == RMAP_END) frame->owner.proc = PROC_NONE;
        else pass_on(k, f, second);
        frame->shares--;
        return;
    }
    for (; *link != RMAP_END; link = &k->rmap_pool[*link].next) {
        const struct rmap *r = &k->rmap_pool[*link];
        if (r->proc != p || r->vpn != vpn) continue;
        uint32_t gone = *link;
        *link = r->next;
        pool_return(k, gone);
        frame->shares--;
        return;
    }
}

static struct rmap *find_mapping(struct kernel *k, frame_t f, proc_t p, vpn_t vpn) {
    for (struct rmap *r = &k->frame[f].owner;; r = &k->rmap_pool[r->next])
        if ((r->proc == p && r->vpn == vpn) || r->next == RMAP_END) return r;
}

void frame_moved(struct kernel *k, frame_t f, proc_t p, vpn_t from, vpn_t to, paddr_t pte_addr) {
    struct rmap *r = find_mapping(k, f, p, from);
    r->vpn = to;
    r->pte_addr = pte_addr;
}

/* Without ASIDs the TLB holds the running process alone. */
uint32_t tlb_forget(struct kernel *k, proc_t p, vpn_t vpn) {
    bool holds = k->config->tlb.asid || p == k->running;
    if (k->config->never_invalidates || !holds) return 0;
    return tlbs_flush_page(&k->hw->tlbs, vpn, k->process[p].asid);
}

/* ---- reference and dirty bits: in the PTEs that map the frame, or kept with it ---- */

/* Has any PTE that maps frame f this flag? */
static bool mapped_with(const struct kernel *k, frame_t f, enum pte_flag flag) {
    const struct rmap *r = &k->frame[f].owner;
    if (k->frame[f].shares == 0) return false;
    while (!paging_word_has(k->hw->format, pte_load(k, r->pte_addr), flag)) {
        if (r->next == RMAP_END) return false;
        r = &k->rmap_pool[r->next];
    }
    return true;
}

bool frame_referenced(const struct kernel *k, frame_t f) {
    if (!paging_has(k->hw->format, PTE_A)) return k->frame[f].flags & FRAME_R;
    return mapped_with(k, f, PTE_A);
}

bool frame_dirty(const struct kernel *k, frame_t f) {
    if (k->frame[f].flags & FRAME_D) return true;
    return paging_has(k->hw->format, PTE_D) && mapped_with(k, f, PTE_D);
}

void frame_clear_referenced(struct kernel *k, frame_t f) {
    k->frame[f].flags = (uint16_t)(k->frame[f].flags & ~FRAME_R);
    if (!paging_has(k->hw->format, PTE_A) || k->frame[f].shares == 0) return;
    const struct paging_format *format = k->hw->format;
    for (const struct rmap *r = &k->frame[f].owner;; r = &k->rmap_pool[r->next]) {
        uint64_t word = pte_load(k, r->pte_addr);
        if (paging_word_has(format, word, PTE_A)) {
            pte_store(k, r->pte_addr, paging_with_flags(format, word, 0, PTE_BIT(PTE_A)));
            if (!k->config->lazy_clear) tlb_forget(k, r->proc, r->vpn);
        }
        if (r->next == RMAP_END) return;
    }
}

/* In all PTEs that map frame f: `take` away flags, and forget what the TLB says of them. Returns PTEs changed. */
static uint32_t change_flags(struct kernel *k, frame_t f, unsigned take) {
    const struct paging_format *format = k->hw->format;
    uint32_t changed = 0;
    if (k->frame[f].shares == 0) return 0;
    for (const struct rmap *r = &k->frame[f].owner;; r = &k->rmap_pool[r->next]) {
        uint64_t word = pte_load(k, r->pte_addr);
        if (paging_decode(format, word).flags & take) {
            pte_store(k, r->pte_addr, paging_with_flags(format, word, 0, take));
            tlb_forget(k, r->proc, r->vpn);
            changed++;
        }
        if (r->next == RMAP_END) return changed;
    }
}

void frame_write_protect(struct kernel *k, frame_t f) {
    if (paging_has(k->hw->format, PTE_W)) change_flags(k, f, PTE_BIT(PTE_W));
}

void frame_clear_dirty(struct kernel *k, frame_t f) {
    k->frame[f].flags = (uint16_t)(k->frame[f].flags & ~FRAME_D);
    if (paging_has(k->hw->format, PTE_D)) change_flags(k, f, PTE_BIT(PTE_D));
}

void frame_keep_slot(struct kernel *k, frame_t f, slot_t s) {
    if (k->slot[s].frame != FRAME_NONE) frame_forget_slot(k, k->slot[s].frame); /* it was written to since */
    k->frame[f].slot = s;
    k->slot[s].frame = f;
    swap_ref(k, s);
}

void frame_forget_slot(struct kernel *k, frame_t f) {
    slot_t s = k->frame[f].slot;
    if (s == SLOT_NONE) return;
    k->frame[f].slot = SLOT_NONE;
    k->slot[s].frame = FRAME_NONE;
    swap_drop(k, s);
}

/* A frame is pinned while any region that maps it is locked. */
void frame_pin(struct kernel *k, frame_t f) {
    bool pinned = false;
    if (k->frame[f].shares == 0) return;
    for (const struct rmap *r = &k->frame[f].owner;; r = &k->rmap_pool[r->next]) {
        const struct vma *v = vma_find(&k->process[r->proc], r->vpn);
        pinned |= v && v->locked;
        if (r->next == RMAP_END) break;
    }
    set_pinned(k, f, pinned);
}

struct page_id frame_page(const struct kernel *k, frame_t f) {
    const struct frame *frame = &k->frame[f];
    if (!(frame->flags & FRAME_FILE)) return page_of_process(frame->owner.proc, frame->owner.vpn);
    return (struct page_id){.page = frame->file_page, .space = PAGE_OF_FILE + frame->file};
}

void frame_loaded(struct kernel *k, frame_t f) {
    struct policy *p = policy_of(k, k->frame[f].owner.proc);
    policy_ops(p)->on_load(p, f, frame_page(k, f), k->now);
}

const struct policy *kernel_policy(const struct kernel *k) { return policy_of(k, k->running); }

void kernel_foresee(struct kernel *k, frame_t f, uint32_t next_use) {
    struct policy *p = policy_of(k, k->frame[f].owner.proc);
    if (policy_ops(p)->needs_future) policy_ops(p)->on_access(p, f, k->now, next_use);
}
