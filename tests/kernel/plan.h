/* plan.h - one program of calls and accesses, done by vmscope and by the kernel that runs this test.
 *
 *   steps --> vmscope (simulate.c) --> plan: who, where, and what it came out as
 *                                        |
 *                                        v
 *                    processes of the real kernel (real.c, real_calls.c) --> told
 *
 * vmscope goes first, since it chooses addresses; the real processes map at the same ones. */
#ifndef VMSCOPE_TESTS_KERNEL_PLAN_H
#define VMSCOPE_TESTS_KERNEL_PLAN_H

#include "vmscope/sim/machine.h"

enum { PLAN_STEPS = 16384, PLAN_PROCESSES = 8, PLAN_FILES = 2, PLAN_FILE_PAGES = 1024, PLAN_SHIFT = 12 };

struct planned {
    struct step step;
    proc_t proc;
    vaddr_t va;          /* of the access; brk: the new break */
    vpn_t first, pages;  /* of the call: its range (mremap: the old one) */
    vpn_t to;            /* mmap, mremap: first page of what it made */
    bool skipped;        /* no process did anything: it is dead, or the call was refused */
    bool refused;        /* SIGSEGV */
    uint64_t faults, value;
};

struct told { /* by the real kernel */
    uint64_t faults, value;
    bool refused;
    int error; /* errno of the call; 0: it succeeded */
};

struct plan {
    const struct machine_config *config;
    struct planned at[PLAN_STEPS];
    struct told told[PLAN_STEPS];
    size_t count;
};

/* Do the steps in vmscope. False: the machine stopped, or there are too many steps. */
bool plan_simulate(struct plan *p, const struct machine_config *c, const struct step_source *steps);

/* Files and pipes, once; NULL, or why the real kernel cannot be asked. Before anything is measured. */
const char *real_begin(void);
bool real_has_disk(void); /* do its files lie on a disk, whose pages the kernel must watch for writes? */
/* Do the plan in real processes. False, with a message: it could not be done to its end. */
bool real_run(struct plan *p);
/* The first word of page `page` of file `file`, which no program writes. */
uint64_t real_file_word(unsigned file, uint64_t page);
bool real_is_file_word(uint64_t word);

/* A random program. It is valid until the next call. */
const struct machine_config *random_program(uint64_t seed, struct step_source **steps);

#endif
