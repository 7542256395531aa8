/* commands.c - the table of commands. */
#include "cli/cli.h"

#include <string.h>

#define ANY_WORDS SIZE_MAX
#define LATER GROUP_ALL | GROUP_LOAD | GROUP_MACHINE | GROUP_RUN | GROUP_FORMAT | GROUP_SCREEN, 0, ANY_WORDS, NULL

const struct command command_table[] = {
    {"open", "[FILE]", "step through a scenario or trace on the screen; without FILE: a menu of the lessons",
     GROUP_ALL | GROUP_LOAD | GROUP_TRACE | GROUP_MACHINE | GROUP_SCREEN, 0, 1, cmd_open},
    {"run", "FILE", "run it to its end and print what happens, or its numbers",
     GROUP_ALL | GROUP_LOAD | GROUP_TRACE | GROUP_MACHINE | GROUP_RUN | GROUP_FORMAT, 1, 1, cmd_run},
    {"check", "FILE...", "run each and say whether its expectations hold", GROUP_ALL | GROUP_LOAD, 1,
     ANY_WORDS, cmd_check},
    {"walk", "VA...", "translate virtual addresses through page tables that you give",
     GROUP_ALL | GROUP_FORMAT | GROUP_WALK, 1, ANY_WORDS, cmd_walk},
    {"sweep", "FILE", "page faults over policies and numbers of frames; with --merge: of its own CSV files",
     GROUP_ALL | GROUP_LOAD | GROUP_TRACE | GROUP_FORMAT | GROUP_SWEEP | GROUP_LANES, 1, ANY_WORDS, cmd_sweep},
    {"import", "FILE...", "turn traces of other programs into one of ours: small, quick to read, checksummed",
     GROUP_ALL | GROUP_TRACE | GROUP_OUTPUT, 1, ANY_WORDS, cmd_import},
    {"trace", "info FILE", "what is in a trace: format, references by kind, pages, regions",
     GROUP_ALL | GROUP_TRACE | GROUP_FORMAT | GROUP_INFO, 2, 2, cmd_trace},
    {"list", "", "the lessons that are built in", GROUP_ALL, 0, 0, cmd_list},
    {"help", "[WORD]",
     "this help; the keys of the screen (help keys); or what a word means: a command, option, counter, "
     "fault, policy...",
     GROUP_ALL, 0, 1, cmd_help},
    {"compare", "FILE", "two to four machines (policies, frames, TLBs) on the same steps, side by side",
     GROUP_ALL | GROUP_LOAD | GROUP_TRACE | GROUP_FORMAT | GROUP_LANES | GROUP_LIMIT, 1, 1, cmd_compare},
    {"record", "COMMAND...", "trace a command", LATER},
    {"live", "PID", "the memory map of a living process", LATER},
    {NULL, NULL, NULL, 0, 0, 0, NULL},
};

const struct command *command_by_name(const char *name) {
    for (const struct command *c = command_table; c->name; c++)
        if (strcmp(c->name, name) == 0) return c;
    return NULL;
}
