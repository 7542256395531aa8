/* pane_registers.h - the processor's registers of address translation, as the
 * architecture calls and encodes them. */
#ifndef VMSCOPE_UI_PANE_REGISTERS_H
#define VMSCOPE_UI_PANE_REGISTERS_H

#include "ui/pane_util.h"

/* The root register's contents in one word of this many hex digits, fields as the architecture places them. */
uint64_t root_value(const struct sight *s, int *digits);
/* Its fields: "MODE 8 (sv39), ASID 1, PPN 200". Empty where it is the table's address and no more. */
void say_root_fields(const struct sight *s, struct text *out);
/* "U-mode", "CPL 0": who the processor works for now. */
const char *privilege_name(const struct sight *s);
/* The n-th control bit that is on, without its register: "SMEP"; and while the kernel works one that lets or
 * hinders it by being off: "WP=0". False: there is none. */
bool say_control_bit(const struct sight *s, int n, struct text *out);
/* Do addresses of this machine carry an ASID, and what is it called? NULL: none. */
const char *asid_name(const struct sight *s);

/* A line each, for details. */
void write_registers(struct page_writer *w, const struct sight *s);

#endif
