/* exec.c - a process becomes another program: its memory goes, a new layout comes.
 *
 * The process itself stays: its number, its name and its ASID. What the TLB
 * holds for that ASID would be wrong and is flushed.
 */
#include "os/call.h"

/* Why the program cannot be had; NULL: it can. */
static const char *cannot_exec(struct kernel *k) {
    const struct process_config *c = machine_image(k->config, call_now(k)->image);
    const struct process *p = call_process(k);
    uint64_t pages = region_pages(k);
    if (table_shape(k)->eager) return "segments stay as they were loaded";
    for (uint32_t i = 0; i < p->vma_count; i++) pages -= vma_pages(&p->vma[i]);
    for (size_t i = 0; i < c->region_count && pages <= REGION_PAGES_MAX; i++) {
        const struct region_config *r = &c->regions[i];
        if (r->kind != VMA_KERNEL) pages += r->limit > r->pages ? r->limit : r->pages;
    }
    return pages > REGION_PAGES_MAX ? LIST_TOO_LONG : NULL;
}

enum stage_result stage_leave(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    struct process *p = call_process(k);
    if (o->next != o->first) return STAGE_OVER;
    const char *why = cannot_exec(k);
    if (why) return call_fails(k, e, why);
    uint32_t freed = process_end(k, o->proc);
    process_forget(p);
    o->next = o->first + 1;
    os_event(k, e, EV_EXEC_LEAVE);
    e->proc = o->proc;
    e->count = freed;
    e->written = k->latch.written;
    k->latch.written = 0;
    return STAGE_TOLD;
}

/* No RAM for its root table: it cannot go on. */
static enum stage_result cannot_load(struct kernel *k, struct event *e) {
    k->latch.fault = FAULT_OOM;
    os_event(k, e, EV_OOM);
    e->why = WHY_TABLE;
    k->latch.phase = OS_END_PROCESS;
    return STAGE_TOLD;
}

enum stage_result stage_load(struct kernel *k, struct event *e) {
    struct os_call *o = &k->call;
    struct process *p = call_process(k);
    if (o->next != o->first) return STAGE_OVER;
    p->image = call_now(k)->image;
    p->alive = true;
    p->brk = 0;
    p->resident = p->held = 0;
    if (process_regions(k, o->proc) != VS_OK) return call_nomem(k, e);
    enum vs_status s = table_shape(k)->create(k, o->proc);
    if (s == VS_LIMIT) return cannot_load(k, e);
    if (s != VS_OK) return call_nomem(k, e);
    if (o->proc == k->running) k->hw->regs.root = p->root;
    if (k->config->scope == SCOPE_LOCAL && k->config->allocation == ALLOCATION_PROPORTIONAL) process_shares(k);
    o->next = o->first + 1;
    os_event(k, e, EV_EXEC);
    e->proc = o->proc;
    e->asid = p->asid;
    e->table = p->root;
    e->count = p->vma_count;
    memcpy(e->region, k->file[p->program].name, sizeof e->region);
    return STAGE_TOLD;
}
