/* lessons.h - files that the built-in lessons need besides their YAML. */
#ifndef VMSCOPE_SCENARIO_LESSONS_H
#define VMSCOPE_SCENARIO_LESSONS_H

#include "vmscope/scenario/scenario.h"

struct lesson_file {
    const char *name; /* as the lesson's `trace` step says it */
    const unsigned char *data;
    size_t size;
};
extern const struct lesson_file lesson_file_table[]; /* name NULL ends; written by embed.sh */

const struct lesson_file *lesson_file_by_name(const char *name); /* or NULL */

#endif
