/* refill.c - the TLB-refill handler of machines whose hardware walks no page table.
 *
 * On a MIPS-like machine a TLB miss is a trap. A short handler reads the page
 * tables (the same words, the same checks as a hardware walker), sets A and D
 * itself, writes a TLB entry and returns; the hardware restarts the access. If
 * there is no translation, it goes on as a page fault.
 * Source: MIPS32 Architecture For Programmers, volume III, TLB refill exception.
 */
#include "os/internal.h"

static void tell_read(const struct kernel *k, struct event *e, enum event_kind kind) {
    const struct walk_read *r = walk_last_read(&k->latch.walk);
    os_event(k, e, kind);
    if (!r) return;
    e->level = r->level;
    e->index = r->index;
    e->table = r->table;
    e->pte_addr = r->addr;
    e->pte = r->word;
}

static enum os_phase after_walk(const struct kernel *k) {
    struct walk_write due;
    return walk_next_write(&k->latch.walk, k->hw->format, &due) ? OS_REFILL_BITS : OS_REFILL_TLB;
}

/* No translation: the handler of page faults takes over. */
static enum vs_status give_up(struct kernel *k, struct event *e) {
    k->latch.cause = k->latch.walk.fault;
    k->latch.phase = OS_FIND_REGION;
    os_event(k, e, EV_REFILL_FAULT);
    e->cause = k->latch.cause;
    return VS_OK;
}

enum vs_status refill_walk(struct kernel *k, struct event *e) {
    struct walk *w = &k->latch.walk;
    uint32_t before = w->reads;
    if (w->done) return give_up(k, e);
    walk_level(w, k->hw->format, k->hw->ram);
    if (w->reads == before) return give_up(k, e); /* outside RAM: nothing was read */
    tell_read(k, e, EV_REFILL_READ);
    if (w->done && !w->fault) k->latch.phase = after_walk(k);
    return VS_OK;
}

enum vs_status refill_bits(struct kernel *k, struct event *e) {
    struct walk *w = &k->latch.walk;
    struct walk_write due;
    enum vs_status s = VS_OK;
    os_event(k, e, EV_REFILL_BITS);
    if (walk_next_write(w, k->hw->format, &due)) {
        e->bits = (uint8_t)due.bits;
        e->level = due.level;
        e->pte_addr = due.addr;
        e->pte_old = due.old;
        e->pte = due.word;
        s = walk_write(w, k->hw->format, k->hw->ram, &due);
    }
    k->latch.phase = after_walk(k);
    return s;
}

enum vs_status refill_tlb(struct kernel *k, struct event *e) {
    const struct os_latch *l = &k->latch;
    struct tlb_entry entry = walk_tlb_entry(&l->walk, k->hw->format), old;
    enum tlb_unit unit = tlbs_first(&k->hw->tlbs, l->op);
    if (tlbs_has(&k->hw->tlbs, TLB_SECOND)) tlbs_insert(&k->hw->tlbs, TLB_SECOND, &entry, NULL, NULL);
    struct tlb_place at = tlbs_insert(&k->hw->tlbs, unit, &entry, &old, NULL);
    os_event(k, e, EV_REFILL_TLB);
    e->unit = (uint8_t)unit;
    e->set = (uint16_t)at.set;
    e->way = at.way;
    e->vpn = entry.vpn;
    e->pfn = entry.pfn;
    e->perms = entry.perms;
    e->order = entry.order;
    e->old_vpn = old.vpn;
    k->latch.resumed = true;
    k->latch.phase = OS_IDLE;
    return VS_OK;
}
