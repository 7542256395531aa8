/* tlbs.h - the TLBs of a processor: one, or one for instructions and one for
 * data, and behind them perhaps a larger second level.
 *
 *   fetch ------> instruction TLB --+
 *                                   +--> second level --> page walk
 *   read/write -> data TLB ---------+
 *
 * First a look into the first level; what the second level holds moves up; what
 * a walk finds goes into both. With an inclusive second level, an entry that
 * leaves it leaves the first level too; without, each level replaces on its own.
 */
#ifndef VMSCOPE_HW_TLBS_H
#define VMSCOPE_HW_TLBS_H

#include "vmscope/hw/tlb.h"

enum tlb_unit { TLB_DATA, TLB_FETCH, TLB_SECOND, TLB_UNITS }; /* TLB_DATA is the only one where nothing is split */
extern const char *const tlb_unit_name[TLB_UNITS]; /* "TLB"... as panes and narration call them when there are several */

struct tlbs_config {
    struct tlb_config unit[TLB_UNITS]; /* entries 0: there is no such unit; [TLB_FETCH] none: unified */
    bool inclusive;                    /* the second level holds whatever the first holds */
};

struct tlbs {
    struct tlb *unit[TLB_UNITS]; /* owned; a unit that the machine lacks has 0 ways */
    bool inclusive;
};

enum vs_status tlbs_create(struct tlbs *t, const struct tlbs_config *c); /* on failure, frees all */
enum vs_status tlbs_clone(struct tlbs *to, const struct tlbs *from);
void tlbs_free(struct tlbs *t);
bool tlbs_equal(const struct tlbs *a, const struct tlbs *b);

static inline bool tlbs_has(const struct tlbs *t, enum tlb_unit u) { return t->unit[u] && tlb_ways(t->unit[u]) > 0; }
/* The first-level unit that this kind of access asks. */
static inline enum tlb_unit tlbs_first(const struct tlbs *t, enum access_kind op) {
    return op == ACCESS_FETCH && tlbs_has(t, TLB_FETCH) ? TLB_FETCH : TLB_DATA;
}
/* Put an entry into one unit, and keep inclusion: when an inclusive second level gives up an
 * entry, the first level's copies go (*dropped counts them; may be NULL). *old as in tlb_insert. */
struct tlb_place tlbs_insert(struct tlbs *t, enum tlb_unit u, const struct tlb_entry *e, struct tlb_entry *old,
                             uint32_t *dropped);
/* Over all units; return how many entries went. */
uint32_t tlbs_flush(struct tlbs *t, bool globals_too);
uint32_t tlbs_flush_asid(struct tlbs *t, asid_t asid);
uint32_t tlbs_flush_page(struct tlbs *t, vpn_t vpn, asid_t asid);
uint32_t tlbs_used(const struct tlbs *t);

#endif
