/* cpu.h - the hardware that the operating system programs: RAM, TLB and the
 * registers of address translation. */
#ifndef VMSCOPE_HW_CPU_H
#define VMSCOPE_HW_CPU_H

#include "vmscope/hw/mmu.h"
#include "vmscope/hw/tlb.h"

struct hw {
    const struct paging_format *format; /* borrowed, constant */
    struct ram *ram;                    /* owned */
    struct tlb *tlb;                    /* owned */
    paddr_t root;                       /* page-table root (satp, CR3...) of the process that runs */
    asid_t asid;                        /* its ASID; 0 when the TLB has none */
};

#endif
