/* tlbs.c - the processor's TLBs together: what must happen to all of them, and inclusion.
 *
 * Invariant: every unit has a handle, with 0 ways where the machine lacks it.
 */
#include "vmscope/hw/tlbs.h"

#include "hw/tlb_state.h"

const char *const tlb_unit_name[TLB_UNITS] = {"TLB", "instruction TLB", "second-level TLB"};

void tlbs_free(struct tlbs *t) {
    for (unsigned u = 0; u < TLB_UNITS; u++) tlb_free(t->unit[u]);
    *t = (struct tlbs){0};
}

/* VS_OK when every unit is there; else frees those that are. */
static enum vs_status complete(struct tlbs *t) {
    for (unsigned u = 0; u < TLB_UNITS; u++)
        if (!t->unit[u]) {
            tlbs_free(t);
            return VS_NOMEM;
        }
    return VS_OK;
}

enum vs_status tlbs_create(struct tlbs *t, const struct tlbs_config *c) {
    *t = (struct tlbs){.inclusive = c->inclusive};
    for (unsigned u = 0; u < TLB_UNITS; u++) t->unit[u] = tlb_create(&c->unit[u]);
    return complete(t);
}

enum vs_status tlbs_clone(struct tlbs *to, const struct tlbs *from) {
    *to = (struct tlbs){.inclusive = from->inclusive};
    for (unsigned u = 0; u < TLB_UNITS; u++) to->unit[u] = tlb_clone(from->unit[u]);
    return complete(to);
}

bool tlbs_equal(const struct tlbs *a, const struct tlbs *b) {
    for (unsigned u = 0; u < TLB_UNITS; u++)
        if (!tlb_equal(a->unit[u], b->unit[u])) return false;
    return a->inclusive == b->inclusive;
}

struct tlb_place tlbs_insert(struct tlbs *t, enum tlb_unit u, const struct tlb_entry *e,
                             struct tlb_entry *old, uint32_t *dropped) {
    struct tlb_entry gone = {.valid = false};
    uint32_t copies = 0;
    bool takes_along = u == TLB_SECOND && t->inclusive;
    struct tlb_place place = tlb_insert(t->unit[u], e, takes_along || old ? &gone : NULL);
    if (takes_along && gone.valid)
        copies = tlb_drop_copies(t->unit[TLB_DATA], &gone) + tlb_drop_copies(t->unit[TLB_FETCH], &gone);
    if (old) *old = gone;
    if (dropped) *dropped = copies;
    return place;
}

/* ---- over all units ---- */

uint32_t tlbs_flush(struct tlbs *t, bool globals_too) {
    uint32_t n = 0;
    for (unsigned u = 0; u < TLB_UNITS; u++) n += tlb_flush(t->unit[u], globals_too);
    return n;
}

uint32_t tlbs_flush_asid(struct tlbs *t, asid_t asid) {
    uint32_t n = 0;
    for (unsigned u = 0; u < TLB_UNITS; u++) n += tlb_flush_asid(t->unit[u], asid);
    return n;
}

uint32_t tlbs_flush_page(struct tlbs *t, vpn_t vpn, asid_t asid) {
    uint32_t n = 0;
    for (unsigned u = 0; u < TLB_UNITS; u++)
        if (tlb_may_hold(t->unit[u], vpn)) n += tlb_flush_page(t->unit[u], vpn, asid);
    return n;
}

uint32_t tlbs_used(const struct tlbs *t) {
    uint32_t n = 0;
    for (unsigned u = 0; u < TLB_UNITS; u++) n += tlb_used(t->unit[u]);
    return n;
}
