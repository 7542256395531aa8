/* equal.c - do two kernels stand in the same place? For tests and for history.
 *
 * Everything that can change what happens next is compared. Left out are hints that only save a search
 * (free_hint, slot_hint...), and the places of unused entries in the pool of the reverse map.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"

/* ---- records, field by field (memcmp would compare the padding too) ---- */

struct member {
    size_t at, size;
};

static bool members_equal(const void *a, const void *b, const struct member *m, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (memcmp((const char *)a + m[i].at, (const char *)b + m[i].at, m[i].size) != 0) return false;
    return true;
}

#define OF(type, member) {offsetof(struct type, member), sizeof((struct type *)0)->member}
#define SAME(a, b, members) members_equal(a, b, members, sizeof(members) / sizeof *(members))

static const struct member latch_members[] = {
#define M(member) OF(os_latch, member)
    M(phase), M(fault), M(op), M(va), M(vpn), M(proc), M(automap), M(resumed), M(frame), M(gives), M(victim_proc),
    M(victim_vpn), M(victim_dirty), M(evicted), M(written), M(rest_chosen), M(cow_from), M(keep), M(was_full),
    M(switch_to), M(slot), M(drop), M(passes), M(cause), M(kernel_mode), M(order), M(no_huge), M(scope), M(child),
    M(region), M(by_call), M(populate), M(zero_page), M(idle), M(reclaim), M(suspend), M(looked), M(started), M(for_table),
    M(freed), M(back), M(pte_addr), M(leaving), M(asked)
#undef M
};

static const struct member walk_members[] = {
#define M(member) OF(walk, member)
    M(va), M(table), M(word), M(pfn), M(reads), M(index), M(level), M(perms), M(fault), M(done)
#undef M
};

static const struct member call_members[] = {
#define M(member) OF(os_call, member)
    M(config), M(proc), M(stage), M(moved), M(va), M(first), M(end), M(next), M(resized), M(from), M(to), M(old),
    M(grown), M(fill_end), M(count)
#undef M
};

static const struct member frame_members[] = {
#define M(member) OF(frame, member)
    M(owner.vpn), M(owner.pte_addr), M(owner.proc), M(owner.order), M(slot), M(shares), M(flags)
#undef M
};

static const struct member rmap_members[] = {
#define M(member) OF(rmap, member)
    M(vpn), M(pte_addr), M(proc), M(order)
#undef M
};

static const struct member slot_members[] = {
#define M(member) OF(swap_slot, member)
    M(vpn), M(proc), M(refs), M(frame)
#undef M
};

static const struct member kernel_members[] = {
#define M(member) OF(kernel, member)
    M(process_count), M(running), M(suspended), M(frames_free), M(slots_used), M(slot_high), M(file_count), M(idle_frames), M(pinned_frames),
    M(reclaim_hopeless), M(zero_page), M(policy_count), M(table_next), M(table_words), M(tables), M(image_first),
    M(image_entry), M(now), M(ticks), M(status)
#undef M
};

static const struct member vma_members[] = {
#define M(member) OF(vma, member)
    M(first), M(end), M(floor), M(kind), M(backing), M(perms), M(file_page), M(order), M(shared), M(locked), M(own_pages),
    M(file), M(name)
#undef M
};

static const struct member symbol_members[] = {
#define M(member) OF(symbol, member)
    M(name), M(first), M(pages)
#undef M
};

static const struct member process_members[] = {
#define M(member) OF(process, member)
    M(name), M(alive), M(born), M(suspended), M(raw), M(program), M(image), M(brk), M(symbol_count), M(asid), M(root),
    M(table_bytes), M(vma_count), M(resident), M(held), M(quota), M(faults), M(minor), M(major)
#undef M
};

/* ---- lists ---- */

static bool vma_equal(const struct vma *a, const struct vma *b) {
    return SAME(a, b, vma_members) && memcmp(a->where, b->where, vma_pages(a) * sizeof *a->where) == 0 &&
           memcmp(a->state, b->state, vma_pages(a)) == 0;
}

static bool process_equal(const struct process *p, const struct process *q) {
    if (!SAME(p, q, process_members)) return false;
    for (uint32_t i = 0; i < p->symbol_count; i++)
        if (!SAME(&p->symbol[i], &q->symbol[i], symbol_members)) return false;
    for (uint32_t i = 0; i < p->vma_count; i++)
        if (!vma_equal(&p->vma[i], &q->vma[i])) return false;
    return true;
}

static bool processes_equal(const struct kernel *a, const struct kernel *b) {
    for (uint32_t i = 0; i < a->process_count; i++)
        if (!process_equal(&a->process[i], &b->process[i])) return false;
    return true;
}

static bool frame_equal(const struct kernel *a, const struct kernel *b, frame_t f) {
    const struct frame *p = &a->frame[f], *q = &b->frame[f];
    if (!SAME(p, q, frame_members)) return false;
    if ((p->flags & FRAME_FILE) && (p->file != q->file || p->file_page != q->file_page)) return false;
    uint32_t i = p->owner.next, j = q->owner.next;
    for (; i != RMAP_END && j != RMAP_END; i = a->rmap_pool[i].next, j = b->rmap_pool[j].next)
        if (!SAME(&a->rmap_pool[i], &b->rmap_pool[j], rmap_members)) return false;
    return i == j;
}

static bool frames_equal(const struct kernel *a, const struct kernel *b) {
    for (frame_t f = 0; f < a->config->frames; f++)
        if (!frame_equal(a, b, f)) return false;
    return true;
}

static bool slots_equal(const struct kernel *a, const struct kernel *b) {
    for (slot_t s = 0; s < a->slot_high; s++) {
        const struct swap_slot *p = &a->slot[s], *q = &b->slot[s];
        if (p->proc != q->proc) return false;
        if (p->proc == PROC_NONE) continue; /* nothing is in it */
        if (!SAME(p, q, slot_members) || !content_equal(&p->content, &q->content, 1u << a->hw->format->page_shift)) return false;
    }
    return true;
}

static bool policies_equal(const struct kernel *a, const struct kernel *b) {
    for (uint32_t i = 0; i < a->policy_count; i++) {
        const struct policy_ops *ops = policy_ops(a->policy[i]);
        if (ops != policy_ops(b->policy[i]) || !ops->equal(a->policy[i], b->policy[i])) return false;
    }
    return true;
}

/* What is latched counts while the kernel is at work. */
static bool work_equal(const struct kernel *a, const struct kernel *b) {
    if (!kernel_busy(a) && !kernel_busy(b)) return true;
    bool refills = a->latch.phase == OS_REFILL_WALK || a->latch.phase == OS_REFILL_BITS || a->latch.phase == OS_REFILL_TLB;
    return SAME(&a->latch, &b->latch, latch_members) && SAME(&a->call, &b->call, call_members) &&
           (!refills || SAME(&a->latch.walk, &b->latch.walk, walk_members));
}

bool kernel_equal(const struct kernel *a, const struct kernel *b) {
    return SAME(a, b, kernel_members) && work_equal(a, b) && processes_equal(a, b) &&
           memcmp(a->table_free, b->table_free, a->table_words * sizeof *a->table_free) == 0 && frames_equal(a, b) &&
           slots_equal(a, b) && files_equal(a, b) && policies_equal(a, b);
}
