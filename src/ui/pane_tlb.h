/* pane_tlb.h - which entry of which TLB stands where, for the files that draw them:
 * pane_tlb.c the pane, pane_tlb_detail.c one entry in full. */
#ifndef VMSCOPE_UI_PANE_TLB_H
#define VMSCOPE_UI_PANE_TLB_H

#include "ui/pane_util.h"

/* An item of the pane: one entry. */
struct tlb_item {
    enum tlb_unit unit;
    const struct tlb *tlb;
    uint32_t set, way;
};

extern const enum tlb_unit unit_order[TLB_UNITS];              /* of the pane */
const struct tlb_config *unit_config(const struct sight *s, enum tlb_unit u);
char unit_letter(const struct sight *s, enum tlb_unit u);      /* 'i', 'd', '2'; '1' where the first level is one */
int unit_entries(const struct sight *s, enum tlb_unit u);      /* 0: the machine has no such TLB */
int unit_count(const struct sight *s);
int tlb_items(const struct sight *s);                          /* entries of all */
struct tlb_item tlb_place_of(const struct sight *s, int item); /* item must be in range */
int unit_item(const struct sight *s, enum tlb_unit unit, uint32_t set, uint32_t way); /* -1: no such TLB */

/* Rows: the entries, and with `names` the name of each TLB above its own, where there are several. */
int unit_names(const struct sight *s, bool names); /* how many rows of names */
int tlb_row_of(const struct sight *s, int item, bool names);
/* The entry in a row; or -1, and the TLB that is named there. */
int tlb_item_of_row(const struct sight *s, int row, bool names, enum tlb_unit *unit);

/* Are all ways of the entry's set taken? Else a free one is filled first, whatever the rule says. */
bool tlb_set_full(const struct tlb_item *p);
/* "rwxudg", '-' for what is clear; into buf, which is returned. */
const char *tlb_flags_of(const struct tlb_entry *e, char buf[7]);

void tlb_detail(const struct view *v, int item, const struct area *a);

#endif
