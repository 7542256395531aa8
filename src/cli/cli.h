/* cli.h - what the command line said, and the two tables that read it.
 *
 *   argv -> option_table (options.c) -> struct cli -> command_table (commands.c) -> exit status
 *
 * One command, one file. Help, "did you mean" and the check that an option
 * suits its command all follow from the tables. Only main ends the process:
 * a command returns its exit status.
 */
#ifndef VMSCOPE_CLI_CLI_H
#define VMSCOPE_CLI_CLI_H

#include "cli/compare.h"
#include "cli/sweep.h"
#include "cli/walk.h"
#include "ui/app.h"
#include "vmscope/scenario/scenario.h"

enum exit_status {
    EXIT_GOOD = 0,
    EXIT_EXPECTATION = 1, /* an expectation failed */
    EXIT_USAGE = 2,       /* the command line cannot be understood */
    EXIT_INPUT = 3,       /* a file cannot be read, is wrong, or could not be written */
    EXIT_SIGNAL = 128     /* plus the number of the signal that ended it, as shells count: Ctrl-C is 130 */
};

/* Options come in groups; a command takes some of them. */
enum option_group {
    GROUP_ALL = 1,      /* --help, --version */
    GROUP_LOAD = 2,     /* how files are read */
    GROUP_MACHINE = 4,  /* what is changed in the machine */
    GROUP_RUN = 8,      /* what a run prints */
    GROUP_SCREEN = 16,  /* how the screen looks */
    GROUP_FORMAT = 32,  /* --format: what a run or a walk prints */
    GROUP_WALK = 64,    /* the page tables that are walked */
    GROUP_TRACE = 128,  /* how traces are read */
    GROUP_OUTPUT = 256, /* --output: a file to write */
    GROUP_INFO = 512,   /* --format is text or json */
    GROUP_SWEEP = 1024, /* what a sweep goes over, and how */
    GROUP_LIMIT = 4096, /* --limit */
    GROUP_LANES = 2048  /* lists of policies, frames and TLBs: of a sweep, of a comparison */
};

struct run_format;
struct command;

struct cli {
    const char *program; /* as it was started: argv[0] */
    const struct command *command;
    const char **word;  /* what is no option, without the command's name */
    size_t words;
    uint64_t given;     /* bit i: option_table[i] was given */
    bool help, version;
    struct scenario_options load;
    const char *format_name;          /* as --format said it; NULL: it did not */
    const struct run_format *format;
    const struct walk_format *walk_format;
    struct walk_options walk;
    const struct sweep_format *sweep_format;
    const struct compare_format *compare_format;
    struct sweep_options sweep;
    const char *frames_text;          /* as --frames said it: a number, or of a sweep a list */
    bool json;          /* GROUP_INFO: --format=json */
    const char *output; /* NULL: not given */
    bool frames_after;
    uint64_t limit;     /* steps; UINT64_MAX: all */
    bool renamed;       /* --terminology was given: */
    enum terminology terminology;
    bool plain;
    struct ui_options ui;
};

struct option_info {
    char letter;      /* 'h' for -h; 0: none */
    const char *name; /* "format" */
    const char *arg;  /* "FORMAT"; NULL: it takes no value; "[=BOOL]": it may have one */
    unsigned groups;  /* commands with one of these groups take it */
    const char *help; /* one sentence without its stop */
    /* Keep the value (NULL where there is none); false with a phrase in `why` when it is no good. */
    bool (*set)(struct cli *c, const char *value, struct text *why);
};
extern const struct option_info option_table[]; /* name NULL ends */

struct command {
    const char *name, *args, *help;
    unsigned groups;                   /* of the options that it takes */
    size_t min_words, max_words;
    int (*run)(const struct cli *c);   /* NULL: comes with a later version */
};
extern const struct command command_table[]; /* name NULL ends; the first is the one without a name */
const struct command *command_by_name(const char *name); /* NULL: none */

/* Fill *c from argv. False after a message on standard error. The words live in
 * c->word, which cli_free releases. */
bool cli_parse(struct cli *c, int argc, char **argv);
void cli_free(struct cli *c);
/* Was option_table's `name` given? */
bool cli_given(const struct cli *c, const char *name);

/* The commands. */
int cmd_open(const struct cli *c);
int cmd_run(const struct cli *c);
int cmd_check(const struct cli *c);
int cmd_walk(const struct cli *c);
int cmd_sweep(const struct cli *c);
int cmd_compare(const struct cli *c);
int cmd_import(const struct cli *c);
int cmd_trace(const struct cli *c);
int cmd_list(const struct cli *c);
int cmd_help(const struct cli *c);

/* What --help prints: of one command, or (NULL) of all. */
void help_print(const struct command *command);

/* Add "it is one of a, b or c (did you mean 'b'?)" to why, of names that NULL ends; returns false. */
bool cli_none_of(struct text *why, const char *value, const char *const *names);

/* Load what the user named: a file, "-", or a built-in lesson. EXIT_GOOD with *out,
 * or another status after its messages. */
int load_named(const struct cli *c, const char *name, struct scenario **out);
/* If `word` is no file and no lesson but looks like one, or like a command, say so; else false. */
bool explain_word(const char *word);

/* Messages on standard error. */
void complain(const char *fmt, ...) VS_PRINTF(1, 2); /* "vmscope: ..." */
void complain_diag(const struct diag *d);            /* "file:line:col: error: ..." */
void complain_list(const struct diag_list *list);
void complain_skipped(const struct diag_list *list); /* damaged lines, "file:line: warning: ...", and their sum */

#endif
