/* machine.h - a plan, carried out by QEMU. */
#ifndef VMSCOPE_TESTS_QEMU_MACHINE_H
#define VMSCOPE_TESTS_QEMU_MACHINE_H

#include "pages.h"

#include <stdio.h>

/* A kind of virtual machine, and the formats that it can run. */
struct machine {
    const char *program; /* "qemu-system-riscv64" */
    const char *cpu;
    bool rv64;
    const char *const formats[TREES_MAX + 1];
    uint64_t seed;
};

/* A 32-bit word of memory that is not what it was before the access. */
struct change {
    paddr_t pa;
    uint32_t word;
};
#define CHANGES_MAX 8

/* What an access did. */
struct outcome {
    uint64_t cause; /* mcause, or PROBE_NO_TRAP */
    uint64_t tval;  /* mtval */
    uint32_t value; /* of a load */
    struct change change[CHANGES_MAX];
    size_t changes; /* more than CHANGES_MAX are counted, not kept */
};

/* What access number i stores. */
uint32_t stored_value(size_t i);

bool machine_there(const struct machine *m);
/* Start QEMU with the plan; the lines of outcomes come out of the stream (machine_next). NULL:
 * could not be started, and a message says why. machine_end returns whether it ended well. */
FILE *machine_start(const struct machine *m, const struct plan *p);
bool machine_next(FILE *qemu, struct outcome *out);
bool machine_end(FILE *qemu);

#endif
