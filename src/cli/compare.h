/* compare.h - vmscope compare: two to four machines on the same steps, and the formats that tell of it. */
#ifndef VMSCOPE_CLI_COMPARE_H
#define VMSCOPE_CLI_COMPARE_H

#include "vmscope/scenario/scenario.h"
#include "vmscope/sim/lockstep.h"

struct comparison {
    const struct scenario *scenario;
    struct lockstep *lanes;
    uint64_t end; /* steps that are looked at */
};

struct compare_format {
    const char *name, *help;
    void (*print)(const struct comparison *c);
};
#define COMPARE_FORMATS 3
extern const struct compare_format *const compare_format_table[COMPARE_FORMATS + 1]; /* the first is the default */
extern const struct compare_format compare_table, compare_csv, compare_json;

#endif
