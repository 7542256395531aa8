/* fault.c - the page-fault handler.
 *
 *   trap --> find the region --> classify --> a frame --> its bytes --> tables
 *        --> PTE --> return: the hardware restarts the access
 *
 * Nothing is fetched before the first touch: that is demand paging. An address
 * that no region holds, or that its region does not permit, ends in SIGSEGV.
 */
#include "os/internal.h"

#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"

/* ---- finding and classifying ---- */

void fault_tell_region(const struct kernel *k, struct event *e, enum event_kind kind, const struct vma *v) {
    os_event(k, e, kind);
    e->first = v->first;
    e->last = v->end - 1;
    e->perms = (uint8_t)v->perms;
    memcpy(e->region, v->name, sizeof e->region);
}

/* A page of a program's file that all its processes may share: one that the
 * hardware lets nobody write. */
static bool is_shareable(const struct kernel *k, const struct vma *v) {
    return v->backing == BACKING_FILE && !(v->perms & PERM_W) && paging_has(k->hw->format, PTE_W) && table_shape(k)->shares;
}

static uint32_t file_page(const struct vma *v, vpn_t vpn) { return v->file_page + (uint32_t)(vpn - v->first); }

static frame_t *cache_entry(struct kernel *k, proc_t p, const struct vma *v, vpn_t vpn) {
    return &k->program[k->process[p].program].cache[file_page(v, vpn)];
}

frame_t kernel_frame_of(const struct kernel *k, proc_t p, vpn_t vpn) {
    const struct vma *v = vma_find(&k->process[p], vpn);
    if (!v || v->kind == VMA_KERNEL) return FRAME_NONE;
    if (vma_page_state(v, vpn) == PAGE_RESIDENT) return vma_page_where(v, vpn);
    return is_shareable(k, v) ? k->program[k->process[p].program].cache[file_page(v, vpn)] : FRAME_NONE;
}

static enum fault_class classify(struct kernel *k, const struct vma *v) {
    const struct os_latch *l = &k->latch;
    if (vma_page_state(v, l->vpn) == PAGE_SWAPPED) return FAULT_MAJOR_SWAP;
    if (v->backing == BACKING_ANON) return FAULT_MINOR_ZERO;
    if (is_shareable(k, v) && *cache_entry(k, l->proc, v, l->vpn) != FRAME_NONE) return FAULT_MINOR_MAP;
    return FAULT_MAJOR_FILE;
}

static enum vs_status refuse(struct kernel *k, struct event *e, enum fault_class fault, const struct vma *v) {
    k->latch.fault = fault;
    if (v) fault_tell_region(k, e, EV_VMA_DENIED, v);
    else os_event(k, e, EV_VMA_NONE);
    k->latch.phase = OS_SIGNAL;
    return VS_OK;
}

static enum vs_status accept(struct kernel *k, struct event *e, enum fault_class fault, enum event_kind kind,
                             const struct vma *v) {
    k->latch.fault = fault;
    fault_tell_region(k, e, kind, v);
    k->latch.phase = fault == FAULT_MINOR_MAP ? OS_FILL : OS_FIND_FRAME;
    return VS_OK;
}

/* The page is there and may be used; only A or D is missing, and no hardware sets it. */
static enum vs_status accept_bits(struct kernel *k, struct event *e, const struct vma *v) {
    k->latch.fault = FAULT_MINOR_BIT;
    k->latch.frame = vma_page_where(v, k->latch.vpn);
    fault_tell_region(k, e, EV_VMA_FOUND, v);
    k->latch.phase = OS_SET_BITS;
    return VS_OK;
}

/* A write that the region permits to a page whose PTE lost its W in a fork. */
static bool writes_shared(const struct kernel *k, const struct vma *v) {
    const struct os_latch *l = &k->latch;
    if (l->cause != HW_FAULT_DENIED || l->op != ACCESS_WRITE || v->kind == VMA_KERNEL || !(v->perms & PERM_W)) return false;
    struct pte_at at = pagetable_at(k, l->proc, l->vpn);
    return at.valid && vma_page_state(v, l->vpn) == PAGE_RESIDENT && !(paging_decode(k->hw->format, at.word).flags & PTE_BIT(PTE_W));
}

/* Shared: the writer gets a copy. Alone by now: it may simply write again. */
static enum vs_status accept_cow(struct kernel *k, struct event *e, const struct vma *v) {
    struct os_latch *l = &k->latch;
    frame_t f = vma_page_where(v, l->vpn);
    bool shared = k->frame[f].shares > 1;
    l->fault = FAULT_MINOR_COW;
    l->frame = f;
    l->cow_from = shared ? f : FRAME_NONE;
    fault_tell_region(k, e, EV_VMA_FOUND, v);
    l->phase = shared ? OS_FIND_FRAME : OS_COW_REUSE;
    return VS_OK;
}

/* No region holds the page: the stack may grow, or a reference string maps it. */
static enum vs_status no_region(struct kernel *k, struct event *e) {
    struct process *p = &k->process[k->latch.proc];
    struct vma *v = process_growable(p, k->latch.vpn);
    if (v) {
        if (!(v->perms & access_needs(k->latch.op))) return refuse(k, e, FAULT_SEGV_ACCESS, v);
        v->first = k->latch.vpn;
        return accept(k, e, FAULT_MINOR_GROWTH, EV_VMA_GROW, v);
    }
    bool exists = paging_va_exists(k->hw->format, k->latch.va);
    if (!exists && k->hw->format->sign_extended) return refuse(k, e, FAULT_SEGV_NONCANONICAL, NULL);
    if (!k->latch.automap || !exists || table_shape(k)->eager) return refuse(k, e, FAULT_SEGV_MAP, NULL);
    enum vs_status s = process_map_page(p, k->latch.vpn, "pages", &v);
    return s == VS_OK ? accept(k, e, FAULT_MINOR_ZERO, EV_VMA_MAPPED, v) : s;
}

enum vs_status fault_find_region(struct kernel *k, struct event *e) {
    struct process *p = &k->process[k->latch.proc];
    struct vma *v = process_find(p, k->latch.vpn);
    k->latch.was_full = k->frames_free == 0;
    if (!v) return no_region(k, e);
    if (writes_shared(k, v)) return accept_cow(k, e, v);
    bool permitted = v->perms & access_needs(k->latch.op), resident = vma_page_state(v, k->latch.vpn) == PAGE_RESIDENT;
    if (v->kind == VMA_KERNEL || !permitted || (resident && k->latch.cause != HW_FAULT_BITS))
        return refuse(k, e, FAULT_SEGV_ACCESS, v);
    if (resident) return accept_bits(k, e, v);
    return accept(k, e, classify(k, v), EV_VMA_FOUND, v);
}

enum vs_status fault_signal(struct kernel *k, struct event *e) {
    os_event(k, e, EV_SIGSEGV);
    k->latch.phase = OS_IDLE;
    return VS_OK;
}

/* ---- filling ---- */

static enum vs_status fill_zero(struct kernel *k, struct event *e, struct vma *v) {
    (void)v;
    enum vs_status s = VS_OK;
    os_event(k, e, EV_ZERO_FILL);
    for (uint32_t i = 0; s == VS_OK && i < 1u << k->latch.order; i++)
        s = ram_put(k->hw->ram, k->latch.frame + i, (struct content){0});
    return s;
}

static enum vs_status fill_from_swap(struct kernel *k, struct event *e, struct vma *v) {
    slot_t s = vma_page_where(v, k->latch.vpn);
    os_event(k, e, EV_SWAP_READ);
    e->slot = s;
    k->frame[k->latch.frame].slot = s; /* valid until the page is dirtied */
    swap_ref(k, s);
    return ram_put(k->hw->ram, k->latch.frame, content_ref(k->slot[s].content));
}

struct content page_first_content(const struct kernel *k, proc_t p, const struct vma *v, vpn_t vpn) {
    if (v->backing != BACKING_FILE) return (struct content){0};
    return (struct content){.seed = rng_mix(k->program[k->process[p].program].seed + file_page(v, vpn)) | 1};
}

static enum vs_status fill_from_file(struct kernel *k, struct event *e, struct vma *v) {
    const struct os_latch *l = &k->latch;
    uint32_t page = file_page(v, l->vpn);
    os_event(k, e, EV_FILE_READ);
    e->count = page;
    memcpy(e->region, v->name, sizeof e->region);
    if (is_shareable(k, v)) {
        *cache_entry(k, l->proc, v, l->vpn) = l->frame;
        k->frame[l->frame].flags |= FRAME_FILE;
    }
    return ram_put(k->hw->ram, l->frame, page_first_content(k, l->proc, v, l->vpn));
}

static enum vs_status fill_copy(struct kernel *k, struct event *e, struct vma *v) {
    const struct os_latch *l = &k->latch;
    (void)v;
    os_event(k, e, EV_COW_COPY);
    e->pfn = l->cow_from;
    e->count = k->frame[l->cow_from].shares;
    k->frame[l->frame].flags |= k->frame[l->cow_from].flags & FRAME_D; /* formats that keep D with the frame */
    return ram_put(k->hw->ram, l->frame, ram_take(k->hw->ram, l->cow_from));
}

static enum vs_status fill_shared(struct kernel *k, struct event *e, struct vma *v) {
    k->latch.frame = *cache_entry(k, k->latch.proc, v, k->latch.vpn);
    os_event(k, e, EV_SHARE);
    e->count = k->frame[k->latch.frame].shares + 1;
    return VS_OK;
}

static unsigned leaf_level(const struct kernel *k) { return level_of_order(k->hw->format, k->latch.order); }

static bool tables_missing(const struct kernel *k) {
    return table_shape(k)->missing(k, k->latch.proc, k->latch.vpn, leaf_level(k));
}

enum vs_status fault_fill(struct kernel *k, struct event *e) {
    typedef enum vs_status filler(struct kernel *, struct event *, struct vma *);
    static filler *const fill[FAULT_COUNT] = {
        [FAULT_MINOR_ZERO] = fill_zero,       [FAULT_MINOR_GROWTH] = fill_zero, [FAULT_MINOR_MAP] = fill_shared,
        [FAULT_MINOR_COW] = fill_copy,
        [FAULT_MAJOR_SWAP] = fill_from_swap, [FAULT_MAJOR_FILE] = fill_from_file};
    struct os_latch *l = &k->latch;
    enum vs_status s = fill[l->fault](k, e, process_find(&k->process[l->proc], l->vpn));
    l->phase = tables_missing(k) ? OS_TABLES : OS_WRITE_PTE;
    return s;
}

/* ---- mapping ---- */

/* Page tables ran out of RAM: give the frame back, end the process. */
static enum vs_status no_table(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    if (k->frame[l->frame].shares == 0) {
        struct vma *v = process_find(&k->process[l->proc], l->vpn);
        if (k->frame[l->frame].flags & FRAME_FILE) *cache_entry(k, l->proc, v, l->vpn) = FRAME_NONE;
        if (k->frame[l->frame].slot != SLOT_NONE) swap_drop(k, k->frame[l->frame].slot);
        for (uint32_t i = 0; i < 1u << l->order; i++) {
            ram_put(k->hw->ram, l->frame + i, (struct content){0});
            frame_release(k, l->frame + i);
        }
    }
    l->fault = FAULT_OOM;
    os_event(k, e, EV_OOM);
    l->phase = OS_END_PROCESS;
    return VS_OK;
}

enum vs_status fault_tables(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    os_event(k, e, EV_TABLE_NEW);
    enum vs_status s = table_shape(k)->make_next(k, l->proc, l->vpn, e);
    if (s == VS_LIMIT) return no_table(k, e);
    if (!tables_missing(k)) l->phase = OS_WRITE_PTE;
    return s;
}

/* The page that was shared has its own frame now: it leaves the other. */
static void leave_shared(struct kernel *k) {
    struct os_latch *l = &k->latch;
    if (l->cow_from == FRAME_NONE) return;
    frame_remove_owner(k, l->cow_from, l->proc, l->vpn);
    k->process[l->proc].resident--;
    tlb_forget(k, l->proc, l->vpn);
    l->cow_from = FRAME_NONE;
}

/* Page vpn is in frame f from now on, by the PTE at addr. */
static enum vs_status own_frame(struct kernel *k, struct vma *v, vpn_t vpn, frame_t f, paddr_t addr) {
    const struct os_latch *l = &k->latch;
    bool first_mapping = k->frame[f].shares == 0;
    enum vs_status s = frame_add_owner(k, f, l->proc, vpn, addr, l->order);
    if (s != VS_OK) return s;
    if (vma_page_state(v, vpn) == PAGE_SWAPPED) swap_drop(k, vma_page_where(v, vpn));
    vma_set(v, vpn, PAGE_RESIDENT, f);
    k->process[l->proc].resident++;
    struct policy *policy = policy_of(k, l->proc);
    if (first_mapping) policy_ops(policy)->on_load(policy, f, k->now);
    return VS_OK;
}

static void count_fault(struct kernel *k) {
    struct process *p = &k->process[k->latch.proc];
    p->faults++;
    if (fault_is_major(k->latch.fault)) p->major++;
    else p->minor++;
}

/* Bits for the access that waits: hardware will set them itself; where it does not, they come
 * with the PTE, which saves the second fault. */
static unsigned bits_for_access(const struct kernel *k) {
    unsigned bits = PTE_BIT(PTE_A) | (k->latch.op == ACCESS_WRITE ? PTE_BIT(PTE_D) : 0);
    return k->hw->format->hardware_ad ? 0 : bits & paging_flags(k->hw->format);
}

enum vs_status fault_write_pte(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    const struct shape_ops *shape = table_shape(k);
    struct vma *v = process_find(&k->process[l->proc], l->vpn);
    vpn_t first = l->vpn & ~low_bits(l->order);
    enum vs_status s = VS_OK;
    leave_shared(k);
    os_event(k, e, EV_PTE_WRITE);
    e->pte_addr = shape->leaf_addr(k, l->proc, l->vpn, l->frame, leaf_level(k));
    e->pte_old = ram_read(k->hw->ram, e->pte_addr, k->hw->format->pte_bytes);
    e->pte = pte_for(k, v, l->frame, leaf_level(k), bits_for_access(k));
    for (uint32_t i = 0; s == VS_OK && i < 1u << l->order; i++) s = own_frame(k, v, first + i, l->frame + i, e->pte_addr);
    count_fault(k);
    l->phase = OS_RETURN;
    if (s == VS_OK) s = shape->install(k, l->proc, l->vpn, e->pte_addr, e->pte);
    e->pte = ram_read(k->hw->ram, e->pte_addr, k->hw->format->pte_bytes); /* an inverted table adds its tag */
    return s;
}

enum vs_status fault_set_bits(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    const struct paging_format *f = k->hw->format;
    struct pte_at at = pagetable_at(k, l->proc, l->vpn);
    unsigned due = (PTE_BIT(PTE_A) | (l->op == ACCESS_WRITE ? PTE_BIT(PTE_D) : 0)) & paging_flags(f) &
                   ~paging_decode(f, at.word).flags;
    os_event(k, e, EV_BITS_BY_OS);
    e->bits = (uint8_t)due;
    e->pte_addr = at.addr;
    e->pte_old = at.word;
    e->pte = paging_with_flags(f, at.word, due, 0);
    count_fault(k);
    tlbs_flush_page(&k->hw->tlbs, l->vpn, k->process[l->proc].asid); /* whatever the kernel forgets otherwise: else it would trap again and again */
    l->phase = OS_RETURN;
    return pte_store(k, at.addr, e->pte);
}

/* The other sharers are gone: nobody needs the old bytes, and W may come back. */
enum vs_status fault_cow_reuse(struct kernel *k, struct event *e) {
    struct os_latch *l = &k->latch;
    struct pte_at at = pagetable_at(k, l->proc, l->vpn);
    os_event(k, e, EV_COW_REUSE);
    e->pte_addr = at.addr;
    e->pte_old = at.word;
    e->pte = paging_with_flags(k->hw->format, at.word, PTE_BIT(PTE_W) | bits_for_access(k), 0);
    count_fault(k);
    tlb_forget(k, l->proc, l->vpn);
    l->phase = OS_RETURN;
    return pte_store(k, at.addr, e->pte);
}

enum vs_status fault_return(struct kernel *k, struct event *e) {
    os_event(k, e, EV_RETRY);
    k->latch.resumed = true;
    k->latch.phase = OS_IDLE;
    return VS_OK;
}

enum vs_status fault_clear_reference(struct kernel *k, struct event *e) {
    os_event(k, e, EV_REF_CLEAR);
    frame_clear_referenced(k, k->latch.frame);
    e->pte_addr = k->frame[k->latch.frame].owner.pte_addr;
    e->pte = ram_read(k->hw->ram, e->pte_addr, k->hw->format->pte_bytes);
    k->latch.phase = OS_IDLE;
    return VS_OK;
}
