/* cpu.h - the hardware that the operating system programs: RAM, TLBs and the
 * registers of address translation. */
#ifndef VMSCOPE_HW_CPU_H
#define VMSCOPE_HW_CPU_H

#include "vmscope/hw/mmu.h"
#include "vmscope/hw/tlbs.h"

struct hw {
    const struct paging_format *format; /* borrowed, constant */
    struct ram *ram;                    /* owned */
    struct tlbs tlbs;                   /* owned */
    struct mmu_regs regs;               /* root (satp, CR3...) and ASID of the process that runs, control bits */
};

#endif
