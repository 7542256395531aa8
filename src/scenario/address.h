/* address.h - address expressions, before a process is known. */
#ifndef VMSCOPE_SCENARIO_ADDRESS_H
#define VMSCOPE_SCENARIO_ADDRESS_H

#include "vmscope/base/types.h"

/* The value of an expression that names no region ("0x1000", "page(5)+8"); false: it names
 * one, or cannot be read. */
bool address_plain(const char *s, unsigned page_shift, vaddr_t *out);

#endif
