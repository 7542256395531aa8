/* layout_space.h - the landmarks of an address space, as each format's ABI sets them. */
#ifndef VMSCOPE_SCENARIO_LAYOUT_SPACE_H
#define VMSCOPE_SCENARIO_LAYOUT_SPACE_H

#include "vmscope/os/config.h"

/* All in pages. Pages 0..low_end-1 and high..end-1 exist. */
struct space {
    vpn_t text;     /* where text begins */
    vpn_t user_end; /* the stack's top */
    vpn_t low_end;
    vpn_t high; /* behind the hole of addresses that are not canonical; no hole: = end */
    vpn_t end;
    vpn_t kernel;  /* kernel space: from here to the end; = end: none */
    vpn_t segment; /* pages of a segment, where code, heap and stack have their own; 0: they have not */
    bool wide;     /* more than 32 bits: user space is the lower half at most */
    bool fixed;    /* no pages, all is mapped at the start: no kernel space, no mmap, no growth */
};

struct space space_of(const struct paging_format *f);
/* Do all these pages exist, on one side of the hole? */
bool space_holds(const struct space *s, vpn_t first, uint64_t pages);
/* The segment that a kind of region belongs to (OSTEP, chapter 16): code 0, heap 1, stack 3. */
unsigned space_segment_of(enum vma_kind kind);

#endif
