/* layout.h - where a process's regions go when the scenario gives only sizes. */
#ifndef VMSCOPE_SCENARIO_LAYOUT_H
#define VMSCOPE_SCENARIO_LAYOUT_H

#include "vmscope/os/config.h"

/* What a process asks of one kind of region. */
struct layout_wish {
    bool given;
    uint64_t bytes; /* rounded up to whole pages; 0 only for the kernel: none */
    uint64_t limit; /* bytes that a stack may grow to; 0: as the layout chooses */
    bool placed;    /* `at` was given: its lowest address */
    vaddr_t at;
    unsigned perms; /* 0: as usual for its kind */
    unsigned order; /* huge pages of 2^order pages: it begins at a multiple of them; 0: the usual ones */
};

struct layout_problem {
    enum vma_kind kind; /* whose wish cannot be met */
    char text[200];
};

/* Choose addresses: out[0..*count-1], ascending (at most VMA_KINDS). False with *why when regions
 * overlap, lie outside the address space or do not fit. */
bool layout_place(const struct paging_format *f, const struct layout_wish wish[VMA_KINDS],
                  struct region_config out[VMA_KINDS], size_t *count, struct layout_problem *why);

/* The program that runs when a scenario describes none: text 8 KiB, data and bss
 * 4 KiB, heap 16 KiB, stack 8 KiB that may grow to 64 KiB, in pages of 4 KiB or
 * as many pages of another size; one of text, heap and stack where there is no more room. */
void layout_default(const struct paging_format *f, struct layout_wish wish[VMA_KINDS]);

/* Pages of a space that holds these wishes: up to the end of those that say where they
 * begin, and behind it what the others need, with a page below and a gap. */
uint64_t layout_pages(unsigned page_shift, const struct layout_wish wish[VMA_KINDS]);

/* Pages of RAM that a process takes where segments, not pages, are mapped: each segment in one piece. */
uint64_t layout_segment_pages(const struct paging_format *f, const struct region_config *region,
                              size_t count);

/* The page behind a process's own part of the space, where nothing is wished of the kernel. */
vpn_t layout_user_end(const struct paging_format *f);

#endif
