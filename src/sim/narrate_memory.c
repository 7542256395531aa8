/* narrate_memory.c - parts of sentences about frames: why one must become free, who
 * gives it up, who shares it. Zero, one and many read differently.
 */
#include "sim/narrate_fields.h"

static const char *plural(uint32_t n) { return n == 1 ? "" : "s"; }

void say_frames_free(struct text *o, const struct context *c) {
    const uint32_t n = c->e->count;
    if (n == 0) text_add(o, "No frame is free");
    else text_addf(o, "%u frame%s free", n, n == 1 ? " is" : "s are");
}

void say_low(struct text *o, const struct context *c) { text_addf(o, "%u", machine_config(c->m)->free_low); }
void say_high(struct text *o, const struct context *c) { text_addf(o, "%u", machine_config(c->m)->free_high); }

void say_of_free(struct text *o, const struct context *c) {
    if (c->e->count == 1) text_add(o, "the last one");
    else text_addf(o, "the lowest of %u", c->e->count);
}

void say_goes_there(struct text *o, const struct context *c) {
    text_add(o, c->e->why == WHY_TABLE ? "a page table that is missing goes there" : "the page goes there");
}

/* ---- a frame must become free ---- */

static void share_is_full(struct text *o, const struct context *c) {
    const struct process *p = &machine_kernel(c->m)->process[c->e->proc];
    text_addf(o, "%s holds all %u frame%s of its share", p->name, p->quota, plural(p->quota));
}

/* Pages that no policy may pick. */
static void who_stays(struct text *o, const struct context *c) {
    const struct event *e = c->e;
    if (e->pinned) text_addf(o, "%u page%s %s pinned and cannot leave. ", e->pinned, plural(e->pinned), e->pinned == 1 ? "is" : "are");
    if (!e->swap_full) return;
    text_add(o, machine_config(c->m)->swap_slots ? "No swap slot is free for dirty pages. " : "Dirty pages have no swap area to go to. ");
}

void say_shortage(struct text *o, const struct context *c) {
    const enum reason why = (enum reason)c->e->why;
    if (why == WHY_SUSPENDED) return;
    if (why == WHY_QUOTA) share_is_full(o, c);
    else if (why == WHY_EXCESS) text_addf(o, "No frame is free, and %s has more than its share", process_name(c->m, c->e->old_proc));
    else if (why == WHY_WATERMARK) text_add(o, "More frames must be free");
    else text_add(o, why == WHY_TABLE ? "No frame is free for a page table that is missing" : "No frame is free");
    text_add(o, ". ");
    who_stays(o, c);
}

void say_picks(struct text *o, const struct context *c) {
    if (c->e->why == WHY_SUSPENDED) text_add(o, "It gives up");
    else text_addf(o, "%s picks", policy_ops(kernel_policy(machine_kernel(c->m)))->title);
}

void say_no_room(struct text *o, const struct context *c) {
    const enum reason why = (enum reason)c->e->why;
    if (why == WHY_TABLE) text_add(o, "No memory is left for a page table");
    else if (why == WHY_QUOTA) share_is_full(o, c), text_add(o, ", and no page of them can leave");
    else text_add(o, "No frame is free and no page can leave");
    if (c->e->rule) text_addf(o, " (%s)", c->e->rule);
}

/* ---- given up, and shared ---- */

void say_own_frames(struct text *o, const struct context *c) {
    if (c->e->count == 0) text_add(o, "no frame that it had alone");
    else text_addf(o, "%u frame%s that it had alone", c->e->count, plural(c->e->count));
}

void say_share_how(struct text *o, const struct context *c) {
    if (c->e->count == 1) text_add(o, "nobody else maps it");
    else text_addf(o, "it is shared (%u mappings)", c->e->count);
}

static void share_resident(struct text *o, const struct event *e) {
    const char *is = e->count == 1 ? "is" : "are";
    if (e->why == WHY_CACHED) text_add(o, "its PTEs are not copied: what the child needs of it, its own faults will find in memory.");
    else if (e->count == 0 && e->value) text_add(o, "none of its pages is in memory.");
    else if (e->count == 0) text_add(o, "none of its pages is in memory, so there is nothing to share.");
    else text_addf(o, "%u page%s in memory %s shared", e->count, plural(e->count), is);
    if (e->count == 0) return;
    if (e->why == WHY_SHARED) text_add(o, ", and stays so: what one writes, the other sees.");
    else text_add(o, e->perms & PERM_W ? " and read-only for both now: the first to write gets a copy." : ", which nobody may write anyway.");
}

/* What a fork does with a region. */
void say_fork_shared(struct text *o, const struct context *c) {
    const uint32_t swapped = (uint32_t)c->e->value;
    share_resident(o, c->e);
    if (swapped) text_addf(o, " %u in swap %s shared as well.", swapped, swapped == 1 ? "is" : "are");
}

/* A fork leaves nothing in the TLB that would let its parent write. */
void say_fork_tlb(struct text *o, const struct context *c) {
    const char *parent = process_name(c->m, c->e->old_proc);
    const uint32_t n = c->e->count;
    if (!tlbs_has(&machine_hw(c->m)->tlbs, TLB_DATA)) return;
    if (machine_config(c->m)->never_invalidates) text_addf(o, "This kernel forgets that the TLB may still let %s write. ", parent);
    else if (n == 0) text_addf(o, "The TLB holds no entry of %s. ", parent);
    else text_addf(o, "%u %s of %s %s the TLB, since %s might still allow a write. ", n, n == 1 ? "entry" : "entries", parent,
                   n == 1 ? "leaves" : "leave", n == 1 ? "it" : "they");
}

/* ---- load control ---- */

void say_set_pages(struct text *o, const struct context *c) { text_addf(o, "%u page%s", c->e->index, plural(c->e->index)); }

void say_leaving_pages(struct text *o, const struct context *c) {
    if (c->e->count == 0) text_add(o, "none of its pages is in memory");
    else if (c->e->count == 1) text_add(o, "its page in memory shall leave");
    else text_addf(o, "its %u pages in memory shall leave", c->e->count);
}

/* What a suspended process gave up, and what it could not. */
void say_given_frames(struct text *o, const struct context *c) {
    const uint32_t n = c->e->count, stay = (uint32_t)c->e->value;
    if (n == 0) text_add(o, "no frame");
    else text_addf(o, "%u frame%s", n, plural(n));
    if (stay) text_addf(o, "; %u page%s of it cannot leave memory: shared, pinned, or dirty without a swap slot", stay, plural(stay));
}
