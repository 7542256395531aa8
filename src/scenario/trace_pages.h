/* trace_pages.h - which pages a trace's references touch, and how. */
#ifndef VMSCOPE_SCENARIO_TRACE_PAGES_H
#define VMSCOPE_SCENARIO_TRACE_PAGES_H

#include "scenario/trace_index.h"
#include "vmscope/base/memory.h"

enum use { USED_READ = 1 << ACCESS_READ, USED_WRITE = 1 << ACCESS_WRITE, USED_FETCH = 1 << ACCESS_FETCH };

/* Pages noted lately, and how they were used; a page's place is its number's low bits. */
#define KNOWN_PAGES 64
struct noting {
    struct map64 *pages; /* by number: enum use */
    unsigned page_shift;
    struct {
        vpn_t vpn;
        unsigned use;
    } known[KNOWN_PAGES];
};

void noting_begin(struct noting *n, struct map64 *pages, unsigned page_shift);
/* Both pages of a reference that crosses. False: no memory. */
bool noting_refs(struct noting *n, const struct step_ref *ref, size_t count);

/* All pages of a trace whose groups are known (trace_index). False: no memory. */
bool trace_pages(const struct trace *t, struct map64 *pages);

#endif
