/* address.h - address expressions, before a process is known. */
#ifndef VMSCOPE_SCENARIO_ADDRESS_H
#define VMSCOPE_SCENARIO_ADDRESS_H

#include "vmscope/os/config.h"

/* The value of an expression that names no region ("0x1000", "page(5)+8"); false: it names
 * one, or cannot be read. */
bool address_plain(const char *s, unsigned page_shift, vaddr_t *out);

/* "heap+0x10": the kind of region and how far behind its start; false: it says something else. */
bool address_behind(const char *s, enum vma_kind *kind, uint64_t *offset);

#endif
