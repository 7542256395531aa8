/* machine.h - a plan, carried out by QEMU.
 *
 * What is the same for every architecture: a memory image with a probe program, the tables
 * and a list of requests goes in; a line an access comes out. What differs is a struct arch.
 */
#ifndef VMSCOPE_TESTS_QEMU_MACHINE_H
#define VMSCOPE_TESTS_QEMU_MACHINE_H

#include "pages.h"

#include <stdio.h>

struct arch;

/* A kind of virtual machine, and the formats that it can run. */
struct machine {
    const struct arch *arch;
    const char *program; /* "qemu-system-riscv64" */
    const char *cpu;
    bool wide;           /* has registers of 64 bits */
    const char *const formats[TREES_MAX + 1];
    uint64_t seed;
};

/* A 32-bit word of memory that is not what it was before the access. */
struct change {
    paddr_t pa;
    uint32_t word;
};
#define MACHINE_SECONDS "60" /* one that hangs is ended after so many */
#define CHANGES_MAX 12 /* LA57: A in five entries; and a store */

/* What an access did. */
struct outcome {
    uint64_t cause; /* the trap's number, or the probe's for none */
    uint64_t tval;  /* its address: mtval, CR2 */
    uint32_t value; /* of a load; x86: EAX, whatever the access */
    struct change change[CHANGES_MAX];
    size_t changes; /* more than CHANGES_MAX are counted, not kept */
};

/* Memory from arch->base on. */
struct image {
    uint8_t byte[0x400000];
};
void image_put(struct image *image, const struct arch *arch, paddr_t at, const void *bytes, size_t count);

/* What a probe program's list of watched pages consists of. */
struct watched {
    uint64_t page, shadow;
};

struct mode_name {
    unsigned mode; /* enum mmu_mode */
    const char *name;
};

struct arch {
    const char *package; /* Debian's, of its machines */
    const struct entries *entries;
    const struct paging_format *(*format)(const char *name);
    paddr_t base, watched, shadows; /* where the image, the watched pages and their shadows lie */
    /* Program, header and requests; the watched pages of tree t are numbers first[t]..first[t + 1]-1. */
    bool (*fill)(struct image *image, const struct machine *m, const struct plan *p,
                 const size_t first[TREES_MAX + 1]);
    void (*command)(const struct machine *m, const char *image_path, char *out, size_t room);
    int status;                       /* of QEMU when the program has come to its end */
    uint64_t (*probe_address)(paddr_t pa); /* by which the program reaches it; NULL: the same */
    paddr_t (*physical)(uint64_t probe_address);
    /* The outcome of an access that goes through, where this word is; and of one that does not. */
    void (*done)(const struct access *a, uint32_t word, struct outcome *o);
    void (*trapped)(const struct access *a, const struct walk *w, const struct paging_format *f, struct outcome *o);
    uint32_t accessed;                /* bit that a walk that ends in a fault may set in a PTE; 0: none */
    const struct mode_name *modes;    /* {0} ends */
};
extern const struct arch riscv_arch, x86_arch;
extern const struct entries riscv_entries, x86_entries;

bool machine_there(const struct machine *m);
/* Start QEMU with the plan; the lines of outcomes come out of the stream (machine_next). NULL:
 * could not be started, and a message says why. machine_end returns whether it ended well. */
FILE *machine_start(const struct machine *m, const struct plan *p);
bool machine_next(const struct machine *m, FILE *qemu, struct outcome *out);
bool machine_end(const struct machine *m, FILE *qemu);

#endif
