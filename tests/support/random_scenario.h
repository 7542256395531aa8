/* random_scenario.h - machines and steps drawn from a seed.
 *
 * Every seed gives one machine that can be built: a paging format, regions, a
 * TLB, a policy, a swap area, and a list of steps with the habits of programs
 * (they come back to where they were). A seed that fails is a reproduction.
 */
#ifndef VMSCOPE_TESTS_RANDOM_SCENARIO_H
#define VMSCOPE_TESTS_RANDOM_SCENARIO_H

#include "vmscope/base/rng.h"
#include "vmscope/sim/machine.h"

#define RS_PROCESSES 3
#define RS_REGIONS   8
#define RS_STEPS_MAX 400

enum rs_flag {
    RS_WILD =
        1, /* also what design 3 leaves open: lazy clearing, set policy, addresses beyond the format... */
    RS_CALM = 2,      /* nothing invalid and swap without end: every policy serves every step */
    RS_REFERENCES = 4 /* one process, no regions: a reference string whose pages are mapped on the spot */
};

struct random_scenario {
    uint64_t seed;
    unsigned flags;
    struct machine_config config;
    struct process_config process[RS_PROCESSES];
    struct region_config region[RS_PROCESSES][RS_REGIONS];
    struct step step[RS_STEPS_MAX];
    size_t count;
    struct step_source *source;
    struct rng rng;
    vpn_t kernel_pages; /* of kernel space, the same in every process; 0: none */
};

/* Fill *s from a seed. policy NULL: drawn too. */
void random_scenario(struct random_scenario *s, uint64_t seed, unsigned flags, const char *policy);
void random_scenario_free(struct random_scenario *s);

/* The machine at its start; fails the running test when it cannot be built. */
struct machine *random_scenario_machine(const struct random_scenario *s);

/* The scenario in one line, for a failing test's message. */
const char *random_scenario_text(const struct random_scenario *s);

/* What must hold of any machine between any two micro-steps: kernel_inconsistency, and that every
 * TLB entry says what the page tables say. NULL when it does, else what is wrong. */
const char *machine_trouble(const struct machine *m);

#endif
