/* pane_tlb_units.c - see pane_tlb.h.
 *
 * A machine has one TLB, or one for data and one for instructions, and perhaps a
 * second level: items and rows run through them in the order of unit_order.
 */
#include "ui/pane_tlb.h"

int unit_entries(const struct sight *s, enum tlb_unit u) {
    const struct tlb *t = s->hw->tlbs.unit[u];
    return tlbs_has(&s->hw->tlbs, u) ? (int)(tlb_sets(t) * tlb_ways(t)) : 0;
}

/* Instructions, data, second level. */
const enum tlb_unit unit_order[TLB_UNITS] = {TLB_FETCH, TLB_DATA, TLB_SECOND};

int tlb_items(const struct sight *s) {
    int n = 0;
    for (int i = 0; i < TLB_UNITS; i++) n += unit_entries(s, unit_order[i]);
    return n;
}

int unit_count(const struct sight *s) {
    int n = 0;
    for (int i = 0; i < TLB_UNITS; i++) n += unit_entries(s, unit_order[i]) > 0;
    return n;
}

/* Rows of names, where they are shown. */
int unit_names(const struct sight *s, bool names) { return names && unit_count(s) > 1 ? unit_count(s) : 0; }

char unit_letter(const struct sight *s, enum tlb_unit u) {
    static const char letter[TLB_UNITS] = {[TLB_DATA] = 'd', [TLB_FETCH] = 'i', [TLB_SECOND] = '2'};
    return u == TLB_DATA && !tlbs_has(&s->hw->tlbs, TLB_FETCH) ? '1' : letter[u];
}

static int unit_first(const struct sight *s, enum tlb_unit unit) {
    int n = 0;
    for (int i = 0; i < TLB_UNITS && unit_order[i] != unit; i++) n += unit_entries(s, unit_order[i]);
    return n;
}

/* The entry that is item `item`, which must be in range. */
struct tlb_item tlb_place_of(const struct sight *s, int item) {
    int i = 0;
    while (i + 1 < TLB_UNITS && item >= unit_entries(s, unit_order[i])) item -= unit_entries(s, unit_order[i++]);
    const struct tlb *t = s->hw->tlbs.unit[unit_order[i]];
    return (struct tlb_item){unit_order[i], t, (uint32_t)item / tlb_ways(t), (uint32_t)item % tlb_ways(t)};
}

const struct tlb_config *unit_config(const struct sight *s, enum tlb_unit u) {
    const struct machine_config *c = s->k->config;
    return u == TLB_SECOND ? &c->tlb_second : u == TLB_FETCH ? &c->tlb_fetch : &c->tlb;
}

int unit_item(const struct sight *s, enum tlb_unit unit, uint32_t set, uint32_t way) {
    return unit_entries(s, unit) ? unit_first(s, unit) + (int)(set * tlb_ways(s->hw->tlbs.unit[unit]) + way) : -1;
}

/* Rows: the entries, and above those of each TLB its name where there are several. */
int tlb_row_of(const struct sight *s, int item, bool names) {
    int row = item;
    for (int i = 0; unit_names(s, names) && i < TLB_UNITS; i++)
        row += unit_entries(s, unit_order[i]) > 0 && unit_first(s, unit_order[i]) <= item;
    return row;
}

/* What stands in a row: an entry, or -1 and the TLB that is named. */
int tlb_item_of_row(const struct sight *s, int row, bool names, enum tlb_unit *unit) {
    for (int i = 0; i < TLB_UNITS; i++) {
        int n = unit_entries(s, unit_order[i]), name = unit_names(s, names) > 0;
        *unit = unit_order[i];
        if (n == 0) continue;
        if (row < n + name) return row < name ? -1 : unit_first(s, *unit) + row - name;
        row -= n + name;
    }
    return -1;
}

/* Free ways are filled first, whatever the rule says. */
bool tlb_set_full(const struct tlb_item *p) {
    for (uint32_t way = 0; way < tlb_ways(p->tlb); way++)
        if (!tlb_at(p->tlb, p->set, way)->valid) return false;
    return true;
}

/* "rwxudg", '-' for what is clear. */
const char *tlb_flags_of(const struct tlb_entry *e, char buf[7]) {
    static const struct {
        unsigned perm;
        char letter;
    } map[] = {{PERM_R, 'r'}, {PERM_W, 'w'}, {PERM_X, 'x'}, {PERM_U, 'u'}};
    for (size_t i = 0; i < 4; i++) buf[i] = e->perms & map[i].perm ? map[i].letter : '-';
    buf[4] = e->dirty ? 'd' : '-';
    buf[5] = e->global ? 'g' : '-';
    buf[6] = '\0';
    return buf;
}
