/* kernel.c - the operating system's life, and its one-micro-step-at-a-time engine.
 *
 * kernel_step looks up what the latched phase does in one table; each action
 * does one thing, tells one event and latches the next phase.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"

/* ---- building ---- */

/* The file of each program, as long as its layouts need it. */
static enum vs_status build_files(struct kernel *k) {
    enum vs_status s = VS_OK;
    for (size_t i = 0; s == VS_OK && i < machine_image_count(k->config); i++) {
        const struct process_config *c = machine_image(k->config, i);
        const char *name = c->program[0] ? c->program : c->name;
        uint16_t file = file_find(k, name);
        if (file == FILE_NONE) s = file_make(k, name, false, &file);
        for (size_t r = 0; s == VS_OK && r < c->region_count; r++)
            if (c->regions[r].backing == BACKING_FILE) s = file_reach(k, file, c->regions[r].file_page + c->regions[r].pages);
    }
    return s;
}

/* The page of zeros lies in the kernel's own memory. */
static void build_zero_page(struct kernel *k) {
    if (k->config->profile == PROFILE_LINUX) k->zero_page = k->table_next++;
}

static enum vs_status build_policies(struct kernel *k, const struct policy_ops *ops) {
    for (uint32_t i = 0; i < k->policy_count; i++) {
        struct policy_config c = k->config->policy;
        c.name = ops->name;
        c.frames = k->config->frames;
        c.seed += i;
        if (k->config->scope == SCOPE_LOCAL) c.share = k->process[i].quota;
        k->policy[i] = ops->create(&c);
        if (!k->policy[i]) return VS_NOMEM;
    }
    return VS_OK;
}

static enum vs_status build_tables(struct kernel *k) {
    const struct shape_ops *shape = table_shape(k);
    enum vs_status s = shape->begin ? shape->begin(k) : VS_OK;
    for (uint32_t i = 0; s == VS_OK && i < k->process_count; i++) s = shape->create(k, (proc_t)i);
    return s;
}

/* A PTE given bit by bit: the kernel writes it and knows nothing of what it maps. */
static enum vs_status map_raw(struct kernel *k, proc_t p, const struct map_config *m) {
    const struct shape_ops *shape = table_shape(k);
    enum vs_status s = VS_OK;
    while (s == VS_OK && shape->missing(k, p, m->vpn, m->level)) s = shape->make_next(k, p, m->vpn, NULL);
    if (s == VS_OK && pagetable_at(k, p, m->vpn).valid) s = VS_LIMIT; /* mapped already */
    k->process[p].raw = true;
    return s == VS_OK ? pte_store(k, shape->leaf_addr(k, p, m->vpn, 0, m->level), m->word) : s;
}

/* A page-table entry that the scenario puts there before the first step. */
static enum vs_status map_at_start(struct kernel *k, proc_t p, const struct map_config *m) {
    if (m->raw) return map_raw(k, p, m);
    struct vma *v = process_find(&k->process[p], m->vpn);
    frame_t f = (frame_t)m->pfn;
    const struct shape_ops *shape = table_shape(k);
    enum vs_status s = v ? VS_OK : process_map_page(&k->process[p], m->vpn, "map", &v);
    while (s == VS_OK && shape->missing(k, p, m->vpn, 0)) s = shape->make_next(k, p, m->vpn, NULL);
    if (s == VS_OK && (v->kind == VMA_KERNEL || vma_page_state(v, m->vpn) == PAGE_RESIDENT)) s = VS_LIMIT; /* mapped already */
    if (s != VS_OK) return s;
    bool first = k->frame[f].shares == 0;
    if (!first && !shape->shares) return VS_LIMIT; /* one entry a frame: nothing can be shared */
    if (first) frame_take(k, f);
    paddr_t addr = shape->leaf_addr(k, p, m->vpn, f, 0);
    s = frame_add_owner(k, f, p, m->vpn, addr, 0);
    if (s != VS_OK) return s;
    vma_set(v, m->vpn, PAGE_RESIDENT, f);
    k->process[p].resident++;
    if (first) frame_loaded(k, f);
    return shape->install(k, p, m->vpn, addr, pte_for(k, v, f, 0, 0));
}

static enum vs_status map_all_at_start(struct kernel *k) {
    enum vs_status s = VS_OK;
    for (uint32_t p = 0; p < k->process_count; p++)
        for (size_t i = 0; s == VS_OK && i < k->config->processes[p].map_count; i++)
            s = map_at_start(k, (proc_t)p, &k->config->processes[p].maps[i]);
    return s;
}

static void preload_tlb(struct kernel *k) {
    const struct machine_config *c = k->config;
    struct tlb *tlb = k->hw->tlbs.unit[TLB_DATA];
    for (size_t i = 0; i < c->tlb_preload_count; i++) {
        const struct tlb_preload *t = &c->tlb_preload[i];
        struct tlb_entry e = {.valid = true, .perms = PERM_R | PERM_W | PERM_X | PERM_U, .asid = k->process[0].asid,
                              .vpn = t->tag * tlb_sets(tlb) + t->set, .pfn = t->pfn, .dirty = true};
        if (k->hw->tlbs.inclusive) tlbs_insert(&k->hw->tlbs, TLB_SECOND, &e, NULL, NULL);
        tlb_put(tlb, t->set, t->way, &e);
    }
}

static enum vs_status build(struct kernel *k) {
    const struct machine_config *c = k->config;
    k->frame = mem_zalloc(c->frames, sizeof *k->frame);
    k->process = mem_zalloc(c->process_count, sizeof *k->process);
    k->policy = mem_zalloc(k->policy_count, sizeof *k->policy);
    k->table_words = (uint32_t)((ram_pages(k->hw->ram) - kernel_base_pfn(c) + 63) / 64);
    k->table_free = mem_zalloc(k->table_words, sizeof *k->table_free);
    if (!k->frame || !k->process || !k->policy || !k->table_free) return VS_NOMEM;
    for (frame_t f = 0; f < c->frames; f++)
        k->frame[f] = (struct frame){.owner = {.proc = PROC_NONE, .next = RMAP_END}, .slot = SLOT_NONE};
    k->process_count = (uint32_t)c->process_count;
    enum vs_status s = build_files(k);
    for (uint32_t i = 0; s == VS_OK && i < k->process_count; i++) s = process_build(k, (proc_t)i);
    k->table_next = kernel_base_pfn(c) + (config_has_kernel(c) ? KERNEL_IMAGE_PAGES : 0);
    process_first_shares(k);
    build_zero_page(k);
    if (s == VS_OK) s = build_policies(k, policy_by_name(c->policy.name));
    if (s == VS_OK) s = build_tables(k);
    if (s == VS_OK) s = map_all_at_start(k);
    return s;
}

enum vs_status kernel_create(const struct machine_config *c, struct hw *hw, struct kernel **out) {
    struct kernel *k = mem_zalloc(1, sizeof *k);
    *out = NULL;
    if (!k) return VS_NOMEM;
    k->config = c;
    k->hw = hw;
    k->rmap_free = RMAP_END;
    k->frames_free = c->frames;
    k->policy_count = c->scope == SCOPE_LOCAL ? (uint32_t)c->process_count : 1;
    k->latch.frame = k->latch.cow_from = k->latch.keep = FRAME_NONE;
    enum vs_status s = build(k);
    if (s != VS_OK) {
        kernel_free(k);
        return s;
    }
    preload_tlb(k);
    hw->regs.root = k->process[0].root;
    hw->regs.asid = k->process[0].asid;
    *out = k;
    return VS_OK;
}

/* ---- copies ---- */

static bool copy_policies(struct kernel *to, const struct kernel *from) {
    to->policy = mem_zalloc(from->policy_count, sizeof *to->policy);
    if (!to->policy) return false;
    for (uint32_t i = 0; i < from->policy_count; i++) {
        to->policy[i] = policy_ops(from->policy[i])->clone(from->policy[i]);
        if (!to->policy[i]) return false;
    }
    return true;
}

static bool copy_slots(struct kernel *to, const struct kernel *from) {
    to->slot = mem_copy(from->slot, from->slot_cap, sizeof *to->slot);
    if (!to->slot) return false;
    for (uint32_t i = 0; i < from->slot_cap; i++) content_ref(to->slot[i].content);
    return true;
}

struct kernel *kernel_clone(const struct kernel *from, struct hw *hw) {
    struct kernel *k = mem_copy(from, 1, sizeof *from);
    if (!k) return NULL;
    k->hw = hw;
    k->process = NULL;
    k->frame = NULL;
    k->rmap_pool = NULL;
    k->slot = NULL;
    k->file = NULL;
    k->policy = NULL;
    k->table_free = mem_copy(from->table_free, from->table_words, sizeof *k->table_free);
    k->frame = mem_copy(from->frame, from->config->frames, sizeof *k->frame);
    k->rmap_pool = mem_copy(from->rmap_pool, from->rmap_cap, sizeof *k->rmap_pool);
    k->process = process_copy_all(from->process, from->process_count);
    bool lists = k->table_free && k->frame && k->rmap_pool && k->process;
    if (lists && copy_slots(k, from) && files_copy(k, from) && copy_policies(k, from)) return k;
    kernel_free(k);
    return NULL;
}

void kernel_free(struct kernel *k) {
    if (!k) return;
    for (uint32_t i = 0; k->slot && i < k->slot_cap; i++) content_drop(&k->slot[i].content);
    files_free(k);
    for (uint32_t i = 0; k->policy && i < k->policy_count; i++)
        if (k->policy[i]) policy_ops(k->policy[i])->free(k->policy[i]);
    process_free_all(k->process, k->process ? k->process_count : 0);
    free(k->frame);
    free(k->rmap_pool);
    free(k->slot);
    free(k->policy);
    free(k->table_free);
    free(k);
}

/* ---- requests ---- */

void os_latch_begin(struct kernel *k, enum os_phase phase, proc_t p, vaddr_t va) {
    static const struct os_latch fresh = {.frame = FRAME_NONE, .cow_from = FRAME_NONE, .keep = FRAME_NONE,
                                          .victim_proc = PROC_NONE, .slot = SLOT_NONE, .pte_addr = PTE_NOWHERE};
    struct os_latch *l = &k->latch;
    memcpy(l, &fresh, offsetof(struct os_latch, walk));
    l->phase = phase;
    l->va = va;
    l->vpn = va_to_vpn(va, k->hw->format->page_shift);
    l->proc = p;
}

void kernel_fault_begin(struct kernel *k, const struct fault_request *r) {
    bool refill = r->cause == HW_FAULT_TLB_MISS;
    os_latch_begin(k, refill ? OS_REFILL_WALK : OS_FIND_REGION, k->running, r->va);
    k->latch.op = r->op;
    k->latch.cause = (uint8_t)r->cause;
    k->latch.automap = r->automap;
    k->latch.kernel_mode = r->kernel_mode;
    k->latch.pte_addr = r->pte_addr;
    if (!refill) return;
    struct walk *w = &k->latch.walk;
    walk_begin(w, k->hw->format, &k->hw->regs, r->va, r->op, !r->kernel_mode);
    if (!paging_va_exists(k->hw->format, r->va)) walk_stop(w, HW_FAULT_RANGE, w->failed);
}

void kernel_switch_begin(struct kernel *k, proc_t to) {
    os_latch_begin(k, OS_SWITCH, k->running, 0);
    k->latch.switch_to = to;
}

void kernel_fork_begin(struct kernel *k, proc_t parent, proc_t child) {
    os_latch_begin(k, OS_FORK, parent, 0);
    k->latch.child = child;
}

void kernel_reclaim_begin(struct kernel *k) {
    os_latch_begin(k, OS_RECLAIM, k->running, 0);
    k->latch.reclaim = true;
}

void kernel_suspend_begin(struct kernel *k, proc_t p) {
    os_latch_begin(k, OS_SUSPEND, p, 0);
    k->latch.reclaim = k->latch.suspend = true;
}

void kernel_resume_begin(struct kernel *k, proc_t p) { os_latch_begin(k, OS_RESUME, p, 0); }

void kernel_exit_begin(struct kernel *k, proc_t p) {
    os_latch_begin(k, OS_END_PROCESS, p, 0);
    k->latch.by_call = true;
}

void kernel_policy_begin(struct kernel *k) {
    proc_t of = k->running;
    bool leaves = !unasked_tick_due(k) && unasked_leaver(k, &of);
    os_latch_begin(k, leaves ? OS_LEAVE : OS_TICK, of, 0);
}

void kernel_flush_begin(struct kernel *k, enum flush_scope scope, proc_t p, vaddr_t va) {
    os_latch_begin(k, OS_FLUSH, p, va);
    k->latch.scope = (uint8_t)scope;
}

void kernel_clear_reference_begin(struct kernel *k, frame_t f) {
    k->latch.phase = OS_CLEAR_REFERENCE;
    k->latch.frame = f;
}

enum vs_status kernel_set_policy(struct kernel *k, const struct policy_ops *ops) {
    struct policy **old = k->policy;
    k->policy = mem_zalloc(k->policy_count, sizeof *k->policy);
    enum vs_status s = k->policy ? build_policies(k, ops) : VS_NOMEM;
    struct policy **gone = s == VS_OK ? old : k->policy;
    if (s != VS_OK) k->policy = old;
    for (uint32_t i = 0; gone && i < k->policy_count; i++)
        if (gone[i]) policy_ops(gone[i])->free(gone[i]);
    free(gone);
    unasked_clock_set(k);
    for (frame_t f = 0; s == VS_OK && f < k->config->frames; f++)
        if (k->frame[f].shares) frame_loaded(k, f);
    return s;
}

/* ---- switch and end ---- */

static enum vs_status switch_process(struct kernel *k, struct event *e) {
    const struct process *to = &k->process[k->latch.switch_to];
    os_event(k, e, EV_SWITCH);
    e->old_proc = k->running;
    e->proc = k->latch.switch_to;
    e->asid = to->asid;
    e->table = to->root;
    k->running = k->latch.switch_to;
    k->latch.proc = k->running;
    k->hw->regs.root = to->root;
    k->hw->regs.asid = to->asid;
    k->latch.phase = tlbs_has(&k->hw->tlbs, TLB_DATA) ? OS_SWITCH_TLB : OS_IDLE;
    return VS_OK;
}

static enum vs_status switch_tlb(struct kernel *k, struct event *e) {
    bool keep = k->config->tlb.asid;
    os_event(k, e, keep ? EV_TLB_KEEP : EV_TLB_FLUSH);
    e->count = keep ? tlbs_used(&k->hw->tlbs) : tlbs_flush(&k->hw->tlbs, false);
    k->latch.phase = OS_IDLE;
    return VS_OK;
}

static enum vs_status flush_tlb(struct kernel *k, struct event *e) {
    static const enum event_kind kind[FLUSH_SCOPES] = {EV_FLUSH_ALL, EV_FLUSH_ASID, EV_FLUSH_PAGE};
    const struct os_latch *l = &k->latch;
    asid_t asid = k->process[l->proc].asid;
    bool present = k->config->tlb.asid || l->proc == k->running; /* without ASIDs the TLB holds nobody else's */
    os_event(k, e, kind[l->scope]);
    if (l->scope == FLUSH_EVERYTHING) e->count = tlbs_flush(&k->hw->tlbs, true);
    else if (!present) e->count = 0;
    else if (l->scope == FLUSH_ADDRESS_SPACE) e->count = tlbs_flush_asid(&k->hw->tlbs, asid);
    else e->count = tlbs_flush_page(&k->hw->tlbs, l->vpn, asid);
    k->latch.phase = OS_IDLE;
    return VS_OK;
}

/* ---- the engine ---- */

static os_action *const action[OS_PHASES] = {
    [OS_FIND_REGION] = fault_find_region, [OS_SIGNAL] = fault_signal,
    [OS_FIND_FRAME] = evict_find_frame,   [OS_UNMAP_VICTIM] = evict_unmap,
    [OS_SAVE_VICTIM] = evict_save,        [OS_FILL] = fault_fill,
    [OS_TABLES] = fault_tables,           [OS_WRITE_PTE] = fault_write_pte,
    [OS_RETURN] = fault_return,           [OS_CLEAR_REFERENCE] = fault_clear_reference,
    [OS_END_PROCESS] = exit_process,       [OS_SWITCH] = switch_process,
    [OS_SWITCH_TLB] = switch_tlb,         [OS_SET_BITS] = fault_set_bits,
    [OS_SPLIT] = huge_split,              [OS_REFILL_WALK] = refill_walk,
    [OS_REFILL_BITS] = refill_bits,       [OS_REFILL_TLB] = refill_tlb,
    [OS_FLUSH] = flush_tlb,               [OS_COW_REUSE] = fault_cow_reuse,
    [OS_FORK] = fork_process,             [OS_FORK_REGION] = fork_region,
    [OS_CALL] = call_step,                [OS_RECLAIM] = evict_reclaim,
    [OS_SUSPEND] = evict_suspend,         [OS_RESUME] = evict_resume,
    [OS_TICK] = unasked_tick,             [OS_WRITE_AHEAD] = unasked_write,
    [OS_LEAVE] = unasked_leave};

enum vs_status kernel_step(struct kernel *k, struct event *e) {
    enum vs_status s = k->latch.phase == OS_IDLE ? VS_OK : action[k->latch.phase](k, e);
    return s == VS_OK ? k->status : s;
}

enum vs_status kernel_serve(struct kernel *k, struct event *e, kernel_counter *count, void *whose, const bool counted[EV_COUNT]) {
    enum vs_status s = VS_OK;
    bool before = k->unheard;
    k->unheard = true;
    while (kernel_busy(k) && s == VS_OK) {
        s = action[k->latch.phase](k, e);
        if (counted[e->kind]) count(whose, e);
        if (s == VS_OK) s = k->status;
    }
    k->unheard = before;
    return s;
}
