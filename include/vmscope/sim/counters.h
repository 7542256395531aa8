/* counters.h - what is counted. One table: struct, names, summary, `expect`, JSON. */
#ifndef VMSCOPE_SIM_COUNTERS_H
#define VMSCOPE_SIM_COUNTERS_H

#include "vmscope/base/event.h"

/* X(member = name, what it counts) */
#define COUNTERS(X) \
    X(steps, "steps of the scenario that were done") \
    X(accesses, "reads, writes and fetches; restarts are not counted again") \
    X(reads, "accesses that read") \
    X(writes, "accesses that write") \
    X(fetches, "accesses that fetch an instruction") \
    X(translations, "accesses, and once more for each that crosses a page") \
    X(tlb_hits, "translations found in the TLB") \
    X(tlb_misses, "translations not found there; restarts are not counted again") \
    X(tlb2_hits, "of these misses, found in the second-level TLB") \
    X(tlb2_misses, "of these misses, not found there either") \
    X(tlb_refills, "TLB entries written by the operating system's refill handler") \
    X(walk_reads, "PTEs that the page walker read") \
    X(page_faults, "minor and major faults, first touches included") \
    X(page_faults_after_full, "those taken when no frame was free") \
    X(minor_faults, "faults served without the disk") \
    X(major_faults, "faults that read from swap or a file") \
    X(minor_zero, "first touches of anonymous memory") \
    X(minor_cow, "writes to a page shared copy-on-write") \
    X(minor_map, "faults on a page that was in memory already") \
    X(minor_growth, "faults that made the stack grow") \
    X(minor_bit, "faults to set a referenced or dirty bit") \
    X(major_swap, "pages read back from swap") \
    X(major_file, "pages read from a file") \
    X(invalid, "accesses that ended in SIGSEGV or out of memory") \
    X(segv_map, "accesses to addresses that nothing maps") \
    X(segv_access, "accesses that the region does not permit") \
    X(segv_noncanonical, "accesses to addresses that cannot exist") \
    X(oom, "processes ended because memory ran out") \
    X(evictions, "pages that had to leave their frame") \
    X(evictions_clean, "of these, dropped without a write") \
    X(swap_reads, "pages read from swap") \
    X(swap_writes, "pages written to swap") \
    X(file_reads, "pages read from a file") \
    X(file_writes, "pages written back to their files") \
    X(zero_fills, "frames filled with zeros") \
    X(calls, "requests of processes to the operating system: fork, exit, mmap...") \
    X(cow_copies, "pages copied because a sharer wrote") \
    X(context_switches, "changes of the running process") \
    X(tlb_flushes, "flushes of the whole TLB") \
    X(huge_pages, "huge pages mapped") \
    X(page_table_bytes, "bytes of page tables, of all processes that live") \
    X(page_table_bytes_linear, "what one linear table a process would take") \
    X(page_table_bytes_multilevel, "what multi-level tables take for the same mappings") \
    X(page_table_bytes_inverted, "what one inverted table takes for this machine's frames") \
    X(time_ns, "simulated time in nanoseconds")

struct counters {
#define X(name, what) uint64_t name;
    COUNTERS(X)
#undef X
};

struct counter_info {
    const char *name, *what;
    size_t offset; /* in struct counters */
};
extern const struct counter_info counter_table[]; /* name NULL ends */
uint64_t counter_value(const struct counters *c, const struct counter_info *i);
const struct counter_info *counter_by_name(const char *name); /* "page_faults"; NULL: none */

#endif
