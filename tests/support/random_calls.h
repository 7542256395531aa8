/* random_calls.h - machines, and programs of calls and accesses by several processes, drawn from a seed.
 *
 * What kind of machine it is stands in `class`, a number a dimension: which policy, how much swap... The
 * table call_dimension names them, so that a test can see to it that all of them were met together.
 */
#ifndef VMSCOPE_TESTS_RANDOM_CALLS_H
#define VMSCOPE_TESTS_RANDOM_CALLS_H

#include "vmscope/base/rng.h"
#include "vmscope/sim/machine.h"

enum { CALL_STEPS = 64, CALL_NAMES = 4, CALL_PROCESSES = 6, CALL_CLASSES = 40 };

/* Dimensions of a machine, with the names of their classes; DIM_POLICY's are those of policy_table. Those from
 * DIM_SEEN on are of what happened when the program ran. */
#define CALL_DIMENSIONS(X) \
    X(POLICY, "policy", NULL) \
    X(SWAP, "swap", "no end", "few slots", "none") \
    X(PRESSURE, "frames", "very few", "few", "enough") \
    X(SCOPE, "scope", "global", "local equal", "local fixed", "local proportional") \
    X(MARKS, "watermarks", "no", "yes") \
    X(PROFILE, "profile", "textbook", "linux") \
    X(FORMAT, "format", "sv32", "sv39", "sv48", "sv57", "x86-32", "x86-64", "x86-64-la57", "aarch64", "toy", "toy without A and D", "inverted") \
    X(TABLES, "page_tables", "reserved", "in_frames") \
    X(TLB, "tlb", "with ASIDs", "without ASIDs", "none") \
    X(UNITS, "tlb units", "one", "split", "second level", "second level, inclusive") \
    X(REFILL, "refill", "hardware", "software") \
    X(BITS, "A and D by", "hardware", "software") \
    X(LAZY, "lazy_clear", "no", "yes") \
    X(LOAD_R, "load_referenced", "yes", "no") \
    X(HUGE, "huge pages", "no", "yes") \
    X(KERNEL, "kernel space", "no", "yes") \
    X(STARTERS, "processes at the start", "one", "two") \
    X(CONTROL, "load control", "no", "working sets", "yes") \
    X(REGIONS, "max_regions", "many", "few") \
    X(FORKED, "fork", "no", "yes") \
    X(LOCKED, "mlock", "no", "yes") \
    X(SHARED, "shared memory", "no", "yes") \
    X(FILED, "files", "no", "yes") \
    X(EVICTED, "victims", "no", "yes") \
    X(ENDED, "out of memory", "no", "yes")
#define X(id, ...) DIM_##id,
enum call_dim { CALL_DIMENSIONS(X) DIMS, DIM_SEEN = DIM_FORKED };
#undef X

struct call_dimension {
    const char *name;
    const char *class[CALL_CLASSES]; /* NULL ends */
};
extern const struct call_dimension call_dimension[DIMS];
const char *call_class_name(enum call_dim d, unsigned c); /* NULL: there is none */
/* Can a machine be both? (Some things exclude each other: swap and no swap is not meant, but huge pages and sv39,
 * whose huge pages are too large for a test that looks at every page after every micro-step.) */
bool call_classes_meet(enum call_dim d, unsigned c, enum call_dim other, unsigned o);

struct call_program {
    struct rng rng;
    uint8_t class[DIMS];
    struct machine_config config;
    struct region_config region[3][8];
    struct process_config process[2], image;
    struct fork_config fork[CALL_PROCESSES];
    char name[CALL_NAMES][NAME_SIZE];
    struct call_config call[CALL_STEPS];
    struct step step[CALL_STEPS];
    size_t count;
    unsigned shift; /* of a page */
    enum call_theme { THEME_MIXED, THEME_FIGHTS, THEME_SHARES } theme; /* what most of its steps are */
};

/* Fill *p from a seed. Pointers in it lead into *p: it must stay where it is. */
void call_program(struct call_program *p, uint64_t seed);

#endif
