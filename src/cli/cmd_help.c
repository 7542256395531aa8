/* cmd_help.c - vmscope help [WORD]: what the tables say.
 *
 * Every table that a reader meets has its explanation in it already; this
 * file only looks a word up and prints that line.
 */
#include "cli/cli.h"
#include "cli/run.h"

#include <stdio.h>
#include <string.h>

#define LINE_WIDTH 80

/* `left` in a column of its own, and beside it `words`, wrapped. */
static void print_pair(const char *left, int column, const char *words) {
    int start = printf("  %-*s", column, left), at = start;
    while (*words) {
        int n = (int)strcspn(words, " ");
        if (at + 1 + n > LINE_WIDTH) at = printf("\n%*s", start, "") - 1;
        at += printf(" %.*s", n, words);
        words += n + (words[n] != '\0');
    }
    printf("\n");
}

/* ---- the help of the program and of its commands ---- */

static void print_option(const struct option_info *o) {
    char words[64];
    struct text left = text_in(words, sizeof words);
    if (o->letter) text_addf(&left, "-%c, ", o->letter);
    else text_add(&left, "    ");
    text_addf(&left, "--%s", o->name);
    if (o->arg) text_addf(&left, "%s%s", o->arg[0] == '[' ? "" : "=", o->arg);
    print_pair(words, 24, o->help);
}

static void print_options(unsigned groups) {
    for (const struct option_info *o = option_table; o->name; o++)
        if (o->groups & groups) print_option(o);
}

static void print_commands(bool later) {
    char words[64];
    for (const struct command *c = command_table; c->name; c++) {
        struct text left = text_in(words, sizeof words);
        if ((c->run == NULL) != later) continue;
        text_addf(&left, "%s %s", c->name, c->args);
        print_pair(words, 18, c->help);
    }
}

static void print_command(const struct command *c) {
    printf("vmscope %s%s%s: %s.\n", c->name, *c->args ? " " : "", c->args, c->help);
    if (!c->run) {
        printf("It comes with a later version.\n");
        return;
    }
    printf("\nOptions:\n");
    print_options(c->groups);
    if (c->groups & GROUP_FORMAT) printf("\nFormats:\n");
    for (size_t i = 0; (c->groups & GROUP_RUN) && run_format_table[i]; i++)
        print_pair(run_format_table[i]->name, 24, run_format_table[i]->help);
    for (size_t i = 0; (c->groups & GROUP_SWEEP) && sweep_format_table[i]; i++)
        print_pair(sweep_format_table[i]->name, 24, sweep_format_table[i]->help);
    for (size_t i = 0; (c->groups & GROUP_WALK) && walk_format_table[i]; i++)
        print_pair(walk_format_table[i]->name, 24, walk_format_table[i]->help);
    if (c->groups & GROUP_INFO) {
        print_pair("text", 24, "lines for people");
        print_pair("json", 24, "the same as one JSON object");
    }
    if (c->groups & GROUP_TRACE) printf("\nFormats of traces:\n");
    for (const struct trace_format *f = trace_format_table; (c->groups & GROUP_TRACE) && f->name; f++)
        print_pair(f->name, 24, f->help);
}

static void print_all(void) {
    puts("vmscope - see virtual memory happening.\n\n"
         "Usage: vmscope [OPTION...]            a menu of the lessons\n"
         "       vmscope [OPTION...] FILE       step through a scenario, trace or lesson\n"
         "       vmscope COMMAND [OPTION...] [WORD...]\n\n"
         "FILE is a scenario (YAML), a trace (Valgrind lackey...; also .zst), the\n"
         "name of a lesson, or - for standard input.\n\nCommands:");
    print_commands(false);
    puts("\nWith a later version:");
    print_commands(true);
    puts("\nOptions (vmscope help COMMAND says which belong to it):");
    print_options(~(unsigned)(GROUP_WALK | GROUP_SWEEP));
    puts("\nOptions of sweep:");
    print_options(GROUP_SWEEP);
    puts("\nOptions of walk:");
    print_options(GROUP_WALK);
    puts("\nExit status: 0 good, 1 an expectation failed, 2 the command line is wrong,\n"
         "3 a file cannot be read or is wrong. Manuals: vmscope(1), vmscope-scenario(5).");
}

void help_print(const struct command *command) {
    if (command) print_command(command);
    else print_all();
}

/* ---- the word in each table: true when it was there ---- */

static bool is_command(const char *word) {
    const struct command *c = command_by_name(word);
    if (c) print_command(c);
    return c != NULL;
}

static bool is_option(const char *word) {
    while (*word == '-') word++;
    for (const struct option_info *o = option_table; o->name; o++) {
        if (strcmp(o->name, word) != 0) continue;
        print_option(o);
        return true;
    }
    return false;
}

static bool is_format(const char *word) {
    bool found = false;
    for (size_t i = 0; run_format_table[i]; i++)
        if (strcmp(run_format_table[i]->name, word) == 0) found = printf("--format=%s: %s.\n", word, run_format_table[i]->help);
    for (size_t i = 0; sweep_format_table[i]; i++)
        if (strcmp(sweep_format_table[i]->name, word) == 0) found = printf("sweep --format=%s: %s.\n", word, sweep_format_table[i]->help);
    for (size_t i = 0; walk_format_table[i]; i++)
        if (strcmp(walk_format_table[i]->name, word) == 0) found = printf("walk --format=%s: %s.\n", word, walk_format_table[i]->help);
    return found;
}

static bool is_trace_format(const char *word) {
    const struct trace_format *f = trace_format_by_name(word);
    if (f) printf("--trace-format=%s: %s. A line of it is %s.\n", word, f->help, f->line);
    return f != NULL;
}

static bool is_keys(const char *word) {
    char lines[8192];
    struct text keys = text_in(lines, sizeof lines);
    if (strcmp(word, "keys") != 0) return false;
    ui_keys_text(&keys);
    fputs(lines, stdout);
    return true;
}

static bool is_counter(const char *word) {
    const struct counter_info *i = counter_by_name(word);
    if (i) printf("%s (a counter): %s.\n", i->name, i->what);
    return i != NULL;
}

/* The counter of a fault class has its name, with _ for -, and the explanation. */
static bool is_fault(const char *word) {
    char name[64];
    struct text underscored = text_in(name, sizeof name);
    enum fault_class f = fault_by_name(word);
    if (f == FAULT_COUNT || f == FAULT_NONE) return false;
    for (const char *p = word; *p; p++) text_addc(&underscored, *p == '-' ? '_' : *p);
    const struct counter_info *i = counter_by_name(name);
    const char *group = fault_is_minor(f)   ? "a minor page fault"
                        : fault_is_major(f) ? "a major page fault"
                                            : "an invalid access";
    printf("%s (%s): %s.\n", word, group, i ? i->what : "");
    return true;
}

static bool is_policy(const char *word) {
    const struct policy_ops *p = policy_by_name(word);
    if (p)
        printf("%s (a replacement policy, policy: %s). The victim: %s\nSource: %s\n", p->title, p->name,
               p->rule, p->source);
    return p != NULL;
}

static bool is_paging(const char *word) {
    const struct paging_format *f = paging_by_name(word);
    if (f)
        printf("%s (a paging format, paging: %s): %u level(s), %u-bit virtual addresses, pages of %llu "
               "bytes, PTEs of %u bytes.\nSource: %s\n",
               f->title, f->name, f->levels, paging_va_bits(f), 1ull << f->page_shift, f->pte_bytes,
               f->source);
    return f != NULL;
}

static bool is_event(const char *word) {
    for (int k = EV_NONE + 1; k < EV_COUNT; k++) {
        if (strcmp(event_table[k].name, word) != 0) continue;
        printf("%s (an event, told by the %s): %s\nIts numbers: %s\n", word, actor_name(event_table[k].actor),
               event_table[k].text, *event_table[k].fields ? event_table[k].fields : "none");
        return true;
    }
    return false;
}

int cmd_help(const struct cli *c) {
    static bool (*const tables[])(const char *) = {is_command, is_option, is_keys,  is_format, is_trace_format, is_counter,
                                                   is_fault,   is_policy, is_paging, is_event};
    bool found = false;
    if (!c->words) {
        help_print(NULL);
        return EXIT_GOOD;
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) found |= tables[i](c->word[0]);
    if (found) return EXIT_GOOD;
    complain("help knows no '%s'. It knows 'keys', commands, options, formats, counters, faults, "
             "policies, paging formats and events; 'vmscope --help' is the start.", c->word[0]);
    return EXIT_USAGE;
}
