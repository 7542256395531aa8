/* fork.c - a new process as a copy of another: nothing is copied but tables.
 *
 *   before            after fork                    after B's first write
 *   A --W--> frame    A --r--> frame <--r-- B       A --r--> frame   B --W--> copy
 *
 * Both processes' PTEs of writable private pages lose W, so that the first
 * write of either faults: copy on write (fault.c). Pages in swap are shared by
 * counting their slot's users. One region a micro-step. A process has the
 * number that config->forks gives it, whenever it is forked.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"

/* ---- the new process ---- */

/* A policy of its own for each process up to the child, under scope local. */
static enum vs_status grow_policies(struct kernel *k, size_t count) {
    size_t cap = k->policy_count;
    const struct policy_ops *ops = policy_ops(k->policy[0]);
    if (k->config->scope != SCOPE_LOCAL) return VS_OK;
    if (!mem_grow((void **)&k->policy, &cap, count, sizeof(struct policy *))) return VS_NOMEM;
    while (k->policy_count < count) {
        struct policy_config c = k->config->policy;
        c.name = ops->name;
        c.frames = k->config->frames;
        c.seed += k->policy_count;
        k->policy[k->policy_count] = ops->create(&c);
        if (!k->policy[k->policy_count]) return VS_NOMEM;
        k->policy_count++;
    }
    return VS_OK;
}

/* Entries up to the child's number: those between are still to be forked. */
static enum vs_status grow(struct kernel *k) {
    size_t cap = k->process_count, count = (size_t)k->latch.child + 1;
    if (count <= k->process_count) return VS_OK;
    if (!mem_grow((void **)&k->process, &cap, count, sizeof *k->process)) return VS_NOMEM;
    for (; k->process_count < count; k->process_count++) {
        struct process *p = &k->process[k->process_count];
        *p = (struct process){.quota = UINT32_MAX};
        memcpy(p->name, k->config->forks[k->process_count - k->config->process_count].name, sizeof p->name);
    }
    return grow_policies(k, count);
}

/* The lowest ASID that no living process has: one of the first process_count + 1. */
static asid_t free_asid(const struct kernel *k) {
    bool taken[PROCESSES_MAX + 2] = {false};
    asid_t a = 1;
    for (uint32_t p = 0; p < k->process_count; p++)
        if (k->process[p].alive && k->process[p].asid <= PROCESSES_MAX) taken[k->process[p].asid] = true;
    while (taken[a]) a++;
    return a;
}

static uint64_t pages_of(const struct process *p) {
    uint64_t pages = 0;
    for (uint32_t i = 0; i < p->vma_count; i++) pages += vma_pages(&p->vma[i]);
    return pages;
}

/* Why no process can be made now; NULL: one can. */
static const char *refusal(const struct kernel *k, const struct process *parent) {
    uint64_t promised = 0;
    if (k->process[k->latch.child].alive) return "a process of that name is running already";
    if (!table_shape(k)->shares || !paging_has(k->hw->format, PTE_W)) return "this paging format cannot share pages read-only";
    if (parent->asid && free_asid(k) > config_asids(k->config)) return "every ASID is taken";
    if (region_pages(k) + pages_of(parent) > REGION_PAGES_MAX) return "the kernel's lists of pages would become too long";
    if (k->config->scope != SCOPE_LOCAL || k->config->allocation == ALLOCATION_PROPORTIONAL) return NULL;
    for (uint32_t p = 0; p < k->process_count; p++) promised += k->process[p].alive ? k->process[p].quota : 0;
    return promised + parent->quota > k->config->frames ? "no frames are left to promise it" : NULL;
}

static enum vs_status fails(struct kernel *k, struct event *e, const char *why) {
    os_event(k, e, EV_CALL_FAILED);
    e->rule = why;
    k->latch.phase = OS_IDLE;
    return VS_OK;
}

enum vs_status fork_process(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    enum vs_status s = grow(k);
    if (s != VS_OK) return s;
    struct process *parent = &k->process[l->proc], *child = &k->process[l->child];
    const char *why = refusal(k, parent);
    if (why) return fails(k, e, why);
    asid_t asid = parent->asid ? free_asid(k) : 0;
    s = process_fork(child, parent);
    if (s != VS_OK) return s;
    child->asid = asid;
    if (k->config->scope == SCOPE_LOCAL && k->config->allocation == ALLOCATION_PROPORTIONAL) process_shares(k);
    s = table_shape(k)->create(k, l->child);
    if (s == VS_LIMIT) return fork_undo(k, e);
    os_event(k, e, EV_FORK);
    e->old_proc = l->proc;
    e->proc = l->child;
    e->asid = asid;
    e->table = child->root;
    l->phase = OS_FORK_REGION;
    return s;
}

/* ---- sharing ---- */

/* The page's PTE at its parent, without W where a write must be noticed. */
static uint64_t shared_word(struct kernel *k, const struct vma *v, const struct pte_at *at) {
    if (!(v->perms & PERM_W) || v->shared) return at->word; /* writes to shared memory are meant to be seen */
    return paging_with_flags(k->hw->format, at->word, 0, PTE_BIT(PTE_W));
}

static enum vs_status share_resident(struct kernel *k, struct vma *to, const struct vma *v, vpn_t vpn) {
    const struct os_latch *l = &k->latch;
    const struct shape_ops *shape = table_shape(k);
    enum vs_status s = VS_OK;
    while (s == VS_OK && pagetable_at(k, l->proc, vpn).level > 0) s = huge_split_page(k, l->proc, vpn, NULL);
    while (s == VS_OK && shape->missing(k, l->child, vpn, 0)) s = shape->make_next(k, l->child, vpn, NULL);
    if (s != VS_OK) return s;
    struct pte_at at = pagetable_at(k, l->proc, vpn);
    frame_t f = vma_page_where(v, vpn);
    paddr_t addr = shape->leaf_addr(k, l->child, vpn, f, 0);
    uint64_t word = shared_word(k, v, &at);
    s = frame_add_owner(k, f, l->child, vpn, addr, 0);
    if (k->config->profile == PROFILE_LINUX && !(k->frame[f].flags & FRAME_FILE)) k->frame[f].flags |= FRAME_FORKED;
    if (s == VS_OK && word != at.word) {
        s = pte_store(k, at.addr, word);
        k->latch.freed += tlb_forget(k, l->proc, vpn); /* it might still allow writes */
    }
    if (s == VS_OK) s = shape->install(k, l->child, vpn, addr, word);
    vma_set(to, vpn, PAGE_RESIDENT, f);
    k->process[l->child].resident++;
    return s;
}

/* Both map the page of zeros: the first write of either is a fault anyway. */
static enum vs_status share_zero(struct kernel *k, struct vma *to, vpn_t vpn) {
    const struct os_latch *l = &k->latch;
    const struct shape_ops *shape = table_shape(k);
    enum vs_status s = VS_OK;
    while (s == VS_OK && shape->missing(k, l->child, vpn, 0)) s = shape->make_next(k, l->child, vpn, NULL);
    if (s != VS_OK) return s;
    vma_set(to, vpn, PAGE_ZERO, 0);
    return shape->install(k, l->child, vpn, shape->leaf_addr(k, l->child, vpn, 0, 0), pagetable_at(k, l->proc, vpn).word);
}

/* Pages of a region that both have from now on. */
struct shared_pages {
    uint32_t resident, swapped;
};

static enum vs_status share_page(struct kernel *k, struct vma *to, const struct vma *v, vpn_t vpn, struct shared_pages *shared) {
    enum page_state state = vma_page_state(v, vpn);
    if (state == PAGE_RESIDENT) {
        shared->resident++;
        return share_resident(k, to, v, vpn);
    }
    if (state == PAGE_ZERO) return share_zero(k, to, vpn);
    shared->swapped += state == PAGE_SWAPPED;
    if (state == PAGE_SWAPPED) swap_ref(k, vma_page_where(v, vpn));
    vma_set(to, vpn, state, vma_page_where(v, vpn));
    return VS_OK;
}

/* The next region that the child must get; kernel space came with its tables. */
static const struct vma *next_region(struct kernel *k) {
    const struct process *parent = &k->process[k->latch.proc];
    while (k->latch.region < parent->vma_count && parent->vma[k->latch.region].kind == VMA_KERNEL) k->latch.region++;
    return k->latch.region < parent->vma_count ? &parent->vma[k->latch.region] : NULL;
}

/* Linux copies no PTEs that a fault would make again just so: those of shared memory, and of
 * files in regions that had no page of their own yet. (mm/memory.c, vma_needs_copy.) */
static bool copies_ptes(const struct kernel *k, const struct vma *v) {
    return k->config->profile != PROFILE_LINUX || v->file == FILE_NONE || v->own_pages;
}

enum vs_status fork_region(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    const struct vma *v = next_region(k);
    if (!v) return fork_tlb(k, e);
    struct vma *to = &k->process[l->child].vma[l->region++];
    struct shared_pages shared = {0, 0};
    enum vs_status s = VS_OK;
    for (vpn_t vpn = v->first; s == VS_OK && copies_ptes(k, v) && vpn < v->end; vpn++) s = share_page(k, to, v, vpn, &shared);
    if (s == VS_LIMIT) return fork_undo(k, e);
    fault_tell_region(k, e, EV_FORK_REGION, v);
    e->old_proc = l->proc;
    e->proc = l->child;
    e->count = shared.resident;
    e->value = shared.swapped;
    e->why = !copies_ptes(k, v) ? WHY_CACHED : v->shared ? WHY_SHARED : WHY_USUAL;
    return s;
}

/* Whatever else the TLB holds of the parent goes too. */
enum vs_status fork_tlb(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    asid_t asid = k->process[l->proc].asid;
    bool holds = k->config->tlb.asid || l->proc == k->running;
    os_event(k, e, EV_FORK_DONE);
    e->count = l->freed + (holds && !k->config->never_invalidates ? tlbs_flush_asid(&k->hw->tlbs, asid) : 0);
    e->old_proc = l->proc;
    e->proc = l->child;
    l->phase = OS_IDLE;
    return VS_OK;
}

/* No RAM is left for the child's tables: what was made of it goes. */
enum vs_status fork_undo(struct kernel *k, struct event *e) {
    process_end(k, k->latch.child);
    return fails(k, e, "no memory is left for its page tables");
}
