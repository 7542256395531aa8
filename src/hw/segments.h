/* segments.h - descriptors of segments as words in RAM: what the walker reads and
 * the kernel writes. format_segments.c draws them. */
#ifndef VMSCOPE_HW_SEGMENTS_H
#define VMSCOPE_HW_SEGMENTS_H

#include "vmscope/hw/paging.h"

#define DESCRIPTOR_WORD   8u
#define DESCRIPTOR_BYTES  (2 * DESCRIPTOR_WORD)
#define SEGMENT_LEVEL_BOUNDS 0u /* levels as walk_read and the panes name them */
#define SEGMENT_LEVEL_BASE   1u

/* Topmost bits of the VA that choose the segment: 0 (base-bounds) or 2. The rest is the offset. */
unsigned segment_selector_bits(const struct paging_format *f);
unsigned segment_offset_bits(const struct paging_format *f);
uint32_t segment_of(const struct paging_format *f, vaddr_t va); /* its number */

/* The second word of a descriptor; flags are PTE_BITs, size is in bytes, below 2^32. */
uint64_t segment_bounds_word(const struct paging_format *f, unsigned flags, uint64_t size, bool down);
/* Is the offset of va within these bounds? */
bool segment_holds(const struct paging_format *f, uint64_t bounds, vaddr_t va);
paddr_t segment_pa(const struct paging_format *f, paddr_t base, uint64_t bounds, vaddr_t va);

#endif
