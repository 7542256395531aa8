/* rig.h - a machine built by hand, line by line, for tests of one behaviour.
 *
 *   struct rig r;
 *   rig_begin(&r, 4);                                   sv32, 4 frames, FIFO, TLB of 4, one process A
 *   rig_region(&r, 0, VMA_HEAP, 0x10, 4, PERM_RW);
 *   rig_write(&r, 0x10000, 42);
 *   rig_start(&r);                                      then machine_step(r.m)...
 *   rig_end(&r);
 */
#ifndef VMSCOPE_TESTS_RIG_H
#define VMSCOPE_TESTS_RIG_H

#include "vmscope/sim/machine.h"

#define RIG_PROCESSES 3
#define RIG_REGIONS   8
#define RIG_STEPS     2048

struct rig {
    struct machine_config config;
    struct process_config process[RIG_PROCESSES];
    struct region_config region[RIG_PROCESSES][RIG_REGIONS];
    struct map_config map[RIG_PROCESSES][64];
    struct tlb_preload preload[32];
    struct step step[RIG_STEPS];
    size_t count;
    struct step_source *source;
    struct machine *m;
};

void rig_begin(struct rig *r, uint32_t frames);
void rig_start(struct rig *r); /* fails the running test when it cannot be built */
void rig_end(struct rig *r);

void rig_process(struct rig *r, const char *name, const char *program); /* one more */
/* Anonymous; text, rodata and data: from the program's file, pages in the order of the calls. */
struct region_config *rig_region(struct rig *r, proc_t p, enum vma_kind kind, vpn_t first, vpn_t pages,
                                 unsigned perms);
void rig_map(struct rig *r, proc_t p, vpn_t vpn, pfn_t pfn);
/* levels[0] is the last level's index bits. */
void rig_format(struct rig *r, unsigned levels, const unsigned *bits, unsigned page_shift, unsigned pte_bytes,
                unsigned valid_bit, unsigned pfn_bits);
void rig_tlb(struct rig *r, uint32_t entries, uint32_t ways, bool asid);

struct step *rig_access(struct rig *r, enum access_kind op, vaddr_t va, unsigned size);
void rig_read(struct rig *r, vaddr_t va);
void rig_fetch(struct rig *r, vaddr_t va);
void rig_write(struct rig *r, vaddr_t va, uint64_t value); /* 4 bytes */
void rig_switch(struct rig *r, proc_t to);

/* Do one step, check nothing is inconsistent after each micro-step, and return its first translation. */
struct translation rig_do(struct rig *r);
enum fault_class rig_fault(struct rig *r); /* of the next step */
unsigned rig_events(struct rig *r,
                    enum event_kind kind); /* do the next step; how many of its events are of this kind */
void rig_run(struct rig *r, unsigned steps);
const struct counters *rig_counters(const struct rig *r);

#endif
