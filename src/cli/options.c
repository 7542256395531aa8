/* options.c - the table of options, and how the command line is read by it.
 *
 * Options may stand anywhere; `--` ends them; `--name=value` and `--name value`
 * are equal. The command is the first word that is no option, if it is one of
 * command_table; else the whole line belongs to `open`.
 */
#include "cli/cli.h"
#include "cli/run.h"
#include "vmscope/base/memory.h"

#include <string.h>

/* ---- setters: each keeps one option's value ---- */

static bool set_help(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->help = true;
}

static bool set_version(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->version = true;
}

static bool set_allow_path(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->load.any_path = true;
}

static bool set_split(struct cli *c, const char *value, struct text *why) {
    c->load.no_split = strcmp(value, "false") == 0;
    if (c->load.no_split || strcmp(value, "true") == 0) return true;
    text_add(why, "write true or false");
    return false;
}

bool cli_none_of(struct text *why, const char *value, const char *const *names) {
    text_add(why, "it is one of ");
    for (size_t i = 0; names[i]; i++) {
        if (i) text_add(why, names[i + 1] ? ", " : " or ");
        text_add(why, names[i]);
    }
    const char *near = suggest(value, names);
    if (near) text_addf(why, " (did you mean '%s'?)", near);
    return false;
}

static bool set_trace_format(struct cli *c, const char *value, struct text *why) {
    const char *names[32] = {NULL};
    for (size_t i = 0; i < 31 && trace_format_table[i].name; i++) names[i] = trace_format_table[i].name;
    c->load.trace_format = trace_format_by_name(value);
    return c->load.trace_format ? true : cli_none_of(why, value, names);
}

static bool set_output(struct cli *c, const char *value, struct text *why) {
    (void)why;
    c->output = value;
    return true;
}

static bool set_policy(struct cli *c, const char *value, struct text *why) {
    const char *names[64] = {NULL};
    for (size_t i = 0; i < 63 && policy_table[i]; i++) names[i] = policy_table[i]->name;
    c->load.policy = value;
    return policy_by_name(value) ? true : cli_none_of(why, value, names);
}

static bool number_in(const char *value, uint64_t min, uint64_t max, uint64_t *out, struct text *why) {
    const char *phrase = NULL;
    if (!parse_number(value, out, &phrase)) {
        text_addf(why, "a number is needed: %s", phrase);
        return false;
    }
    if (*out >= min && *out <= max) return true;
    text_addf(why, "it must be %llu to %llu", (unsigned long long)min, (unsigned long long)max);
    return false;
}

/* A number or a list of them depends on the command, which is not known yet: see frames_suit. */
static bool set_frames(struct cli *c, const char *value, struct text *why) {
    (void)why;
    c->frames_text = value;
    return true;
}

static bool set_limit(struct cli *c, const char *value, struct text *why) {
    return number_in(value, 1, UINT64_MAX - 1, &c->limit, why);
}

static bool set_terminology(struct cli *c, const char *value, struct text *why) {
    c->renamed = true;
    for (int t = 0; t < TERMINOLOGIES; t++) {
        if (strcmp(terminology_name[t], value) != 0) continue;
        c->terminology = (enum terminology)t;
        return true;
    }
    return cli_none_of(why, value, terminology_name);
}

/* Which formats there are depends on the command, which is not known yet: see format_suits. */
static bool set_format(struct cli *c, const char *value, struct text *why) {
    (void)why;
    c->format_name = value;
    return true;
}

static bool set_frames_after(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->frames_after = true;
}

static bool set_plain(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->plain = true;
}

static bool set_ascii(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->ui.ascii = true;
}

static bool set_no_mouse(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->ui.no_mouse = true;
}

static bool set_theme(struct cli *c, const char *value, struct text *why) {
    enum theme theme;
    c->ui.theme = value;
    return theme_by_name(value, &theme) ? true : cli_none_of(why, value, theme_name);
}

static bool set_start(struct cli *c, const char *value, struct text *why) {
    return number_in(value, 0, UINT64_MAX - 1, &c->ui.start, why);
}

static bool set_color(struct cli *c, const char *value, struct text *why) {
    static const char *const names[] = {"auto", "always", "never", NULL};
    c->ui.color = value;
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], value) == 0) return true;
    return cli_none_of(why, value, names);
}

const struct option_info option_table[] = {
    {'h', "help", NULL, GROUP_ALL, "print help, of the command if one is named", set_help},
    {'V', "version", NULL, GROUP_ALL, "print the version", set_version},
    {0, "allow-path", NULL, GROUP_LOAD, "let a scenario name traces outside its own folder", set_allow_path},
    {0, "split", "BOOL", GROUP_LOAD,
     "false: an access that crosses a page touches only its first byte's page (a trace opened directly)",
     set_split},
    {0, "trace-format", "NAME", GROUP_TRACE,
     "FILE is a trace: lackey, din, moss, pages, addresses, hex, decimal or vmscope (else told by content)",
     set_trace_format},
    {'o', "output", "FILE", GROUP_OUTPUT, "write there (- is standard output), not beside the first FILE; packed if it ends in .zst",
     set_output},
    {0, "policy", "NAME", GROUP_MACHINE, "another replacement policy than the file says", set_policy},
    {0, "frames", "N", GROUP_MACHINE | GROUP_LANES,
     "another number of frames than the file says; of sweep and compare: all of a list, such as 1-64,128", set_frames},
    {0, "policies", "LIST", GROUP_LANES, "replacement policies: fifo,lru,opt; or, of a sweep, all (the default)",
     sweep_set_policies},
    {0, "tlb", "LIST", GROUP_LANES, "TLBs in place of the file's: 16x4 (sets x ways), none",
     sweep_set_tlb},
    {0, "seeds", "LIST", GROUP_SWEEP, "seeds for what goes by chance: 1-8", sweep_set_seeds},
    {0, "metric", "NAME", GROUP_SWEEP, "the counter that table and chart show (default page_faults)",
     sweep_set_metric},
    {0, "sample", "PART", GROUP_SWEEP, "estimate it from a part of the pages, such as 0.01",
     sweep_set_sample},
    {0, "shards", "N", GROUP_SWEEP, "cut the steps into N shards, run each alone and add up what they count",
     sweep_set_shards},
    {0, "shard", "I/N", GROUP_SWEEP, "run the I-th of N shards alone; --merge adds them up", sweep_set_shard},
    {0, "warmup", "STEPS", GROUP_SWEEP, "run so many steps before each shard, uncounted: a number, or all (which is exact)",
     sweep_set_warmup},
    {0, "jobs", "N", GROUP_SWEEP, "threads (default: as many as there are processors)", sweep_set_jobs},
    {0, "plan", NULL, GROUP_SWEEP, "run nothing: print commands, one a line, that do it in parts",
     sweep_set_plan},
    {0, "merge", NULL, GROUP_SWEEP, "FILE... are CSV that such commands printed: put them together",
     sweep_set_merge},
    {0, "format", "FORMAT", GROUP_FORMAT,
     "text (the default), jsonl, csv or summary; of walk and trace: text or json; of sweep: table (the "
     "default), chart, csv or json; of compare: table (the default), csv or json", set_format},
    {0, "frames-after", NULL, GROUP_RUN, "add the page that each frame holds after each step",
     set_frames_after},
    {0, "limit", "N", GROUP_RUN | GROUP_LIMIT, "stop after N steps", set_limit},
    {0, "terminology", "NAME", GROUP_RUN | GROUP_SCREEN,
     "the words of a book: default, ostep, csapp, silberschatz, riscv or x86", set_terminology},
    {0, "start", "N", GROUP_SCREEN, "begin after N steps", set_start},
    {0, "theme", "NAME", GROUP_SCREEN, "colours: default, light, contrast, okabe-ito or mono", set_theme},
    {0, "color", "WHEN", GROUP_SCREEN, "auto (the default), always or never", set_color},
    {0, "ascii", NULL, GROUP_SCREEN, "draw with ASCII characters only", set_ascii},
    {0, "no-mouse", NULL, GROUP_SCREEN, "leave the mouse to the terminal", set_no_mouse},
    {0, "plain", NULL, GROUP_SCREEN, "no screen: tell everything in lines of text", set_plain},
    {0, "paging", "NAME", GROUP_WALK, "the paging format: sv39, x86-64, custom...", walk_set_paging},
    {0, "root", "ADDRESS", GROUP_WALK, "physical address of the root page table", walk_set_root},
    {0, "satp", "VALUE", GROUP_WALK, "RISC-V: the root as the whole register satp", walk_set_satp},
    {0, "cr3", "VALUE", GROUP_WALK, "x86: the root as the whole register CR3", walk_set_cr3},
    {0, "memory", "FILE", GROUP_WALK, "the tables' words: lines of ADDRESS: WORD, in hex", walk_set_memory},
    {0, "ram", "LO-HI", GROUP_WALK, "where there is RAM: from LO to before HI (default: everywhere)",
     walk_set_ram},
    {0, "access", "KIND", GROUP_WALK, "load (the default), store or fetch", walk_set_access},
    {0, "priv", "MODE", GROUP_WALK, "u (user, the default) or s (supervisor)", walk_set_priv},
    {0, "asid", "N", GROUP_WALK, "the address space's number, where a format looks at it", walk_set_asid},
    {0, "sum", "[=BOOL]", GROUP_WALK, "RISC-V: the supervisor may use user pages", walk_set_sum},
    {0, "mxr", "[=BOOL]", GROUP_WALK, "RISC-V: executable pages may be read", walk_set_mxr},
    {0, "ad", "WAY", GROUP_WALK, "RISC-V: svadu (the default) or svade: hardware or software sets A and D",
     walk_set_ad},
    {0, "cpl", "RING", GROUP_WALK, "x86: privilege level: 3 (the default) is user, 0 supervisor",
     walk_set_cpl},
    {0, "wp", "[=BOOL]", GROUP_WALK, "x86: CR0.WP, the supervisor obeys read-only", walk_set_wp},
    {0, "nxe", "[=BOOL]", GROUP_WALK, "x86: EFER.NXE, XD forbids fetches", walk_set_nxe},
    {0, "pse", "[=BOOL]", GROUP_WALK, "x86: CR4.PSE, pages of 4 MiB in 32-bit paging", walk_set_pse},
    {0, "smep", "[=BOOL]", GROUP_WALK, "x86: CR4.SMEP, no supervisor fetch from user pages",
     walk_set_smep},
    {0, "smap", "[=BOOL]", GROUP_WALK, "x86: CR4.SMAP, no supervisor access to user pages", walk_set_smap},
    {0, "ac", "[=BOOL]", GROUP_WALK, "x86: EFLAGS.AC, lifts SMAP", walk_set_ac},
    {0, "maxphyaddr", "N", GROUP_WALK, "x86: bits of a physical address (default 52, of x86-32 40)",
     walk_set_maxphyaddr},
    {0, "levels", "BITS", GROUP_WALK, "custom: bits of each level's index, the root's first: 5,5",
     walk_set_levels},
    {0, "page", "SIZE", GROUP_WALK, "custom, linear: bytes of a page", walk_set_page},
    {0, "pte-bytes", "N", GROUP_WALK, "custom, linear: bytes of a PTE: 1, 2, 4 or 8", walk_set_pte_bytes},
    {0, "valid-bit", "BIT", GROUP_WALK, "custom, linear: the PTE's valid bit", walk_set_valid_bit},
    {0, "pfn-bits", "BITS", GROUP_WALK, "custom, linear: the PTE's bits that hold the PFN: 0-6",
     walk_set_pfn_bits},
    {0, NULL, NULL, 0, NULL, NULL},
};

_Static_assert(sizeof option_table / sizeof *option_table <= 65, "struct cli notes each option given in a bit of 64");

/* ---- reading argv ---- */

static bool unknown_option(const char *arg, const char *name) {
    const char *names[sizeof option_table / sizeof *option_table];
    for (size_t i = 0; i < sizeof option_table / sizeof *option_table; i++) names[i] = option_table[i].name;
    const char *near = suggest(name, names);
    if (near) complain("there is no option '%s'. Did you mean '--%s'?", arg, near);
    else complain("there is no option '%s'. See 'vmscope --help'.", arg);
    return false;
}

static const struct option_info *option_by_name(const char *name, size_t length) {
    for (const struct option_info *o = option_table; o->name; o++)
        if (strlen(o->name) == length && memcmp(o->name, name, length) == 0) return o;
    return NULL;
}

static const struct option_info *option_by_letter(const char *arg) {
    for (const struct option_info *o = option_table; o->name; o++)
        if (o->letter && arg[1] == o->letter && arg[2] == '\0') return o;
    return NULL;
}

static bool take_value(struct cli *c, const struct option_info *o, const char *value) {
    char phrase[400];
    struct text why = text_in(phrase, sizeof phrase);
    c->given |= UINT64_C(1) << (o - option_table);
    if (o->set(c, value, &why)) return true;
    complain("--%s=%s: %s.", o->name, value ? value : "", phrase);
    return false;
}

/* argv[*i] is an option; *i moves on to its value when that stands apart. */
static bool take_option(struct cli *c, int argc, char **argv, int *i) {
    char *arg = argv[*i], *equals = strchr(arg, '=');
    bool is_long = arg[1] == '-';
    const struct option_info *o =
        is_long ? option_by_name(arg + 2, equals ? (size_t)(equals - arg) - 2 : strlen(arg + 2))
                : option_by_letter(arg);
    if (!o) {
        if (equals) *equals = '\0';
        return unknown_option(arg, is_long ? arg + 2 : arg + 1);
    }
    const char *value = is_long && equals ? equals + 1 : NULL;
    if (!o->arg && value) {
        complain("--%s takes no value.", o->name);
        return false;
    }
    if (o->arg && o->arg[0] != '[' && !value) {
        if (*i + 1 >= argc) {
            complain("--%s needs a value: --%s=%s.", o->name, o->name, o->arg);
            return false;
        }
        value = argv[++*i];
    }
    return take_value(c, o, value);
}

static bool take_all(struct cli *c, int argc, char **argv) {
    bool options = true;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (options && strcmp(arg, "--") == 0) options = false;
        else if (!options || arg[0] != '-' || arg[1] == '\0') c->word[c->words++] = arg;
        else if (!take_option(c, argc, argv, &i)) return false;
    }
    return true;
}

/* ---- does it make sense together? ---- */

static void find_command(struct cli *c) {
    c->command = c->words ? command_by_name(c->word[0]) : NULL;
    if (!c->command) {
        c->command = command_table;
        return;
    }
    for (size_t i = 1; i < c->words; i++) c->word[i - 1] = c->word[i];
    c->words--;
}

static bool options_suit(const struct cli *c) {
    for (size_t i = 0; option_table[i].name; i++) {
        if (!(c->given >> i & 1) || option_table[i].groups & c->command->groups) continue;
        complain("'%s' takes no option --%s. See 'vmscope help %s'.", c->command->name, option_table[i].name,
                 c->command->name);
        return false;
    }
    return true;
}

/* --format names a format of the command's own kind. */
static bool run_format_suits(struct cli *c, const char *names[RUN_FORMATS + 1]) {
    for (size_t i = 0; i < RUN_FORMATS; i++) {
        names[i] = run_format_table[i]->name;
        if (strcmp(names[i], c->format_name) == 0) c->format = run_format_table[i];
    }
    return strcmp(c->format->name, c->format_name) == 0;
}

static bool walk_format_suits(struct cli *c, const char *names[RUN_FORMATS + 1]) {
    for (size_t i = 0; i < RUN_FORMATS && walk_format_table[i]; i++) {
        names[i] = walk_format_table[i]->name;
        if (strcmp(names[i], c->format_name) == 0) c->walk_format = walk_format_table[i];
    }
    return strcmp(c->walk_format->name, c->format_name) == 0;
}

static bool sweep_format_suits(struct cli *c, const char *names[RUN_FORMATS + 1]) {
    for (size_t i = 0; i < RUN_FORMATS && sweep_format_table[i]; i++) {
        names[i] = sweep_format_table[i]->name;
        if (strcmp(names[i], c->format_name) == 0) c->sweep_format = sweep_format_table[i];
    }
    return strcmp(c->sweep_format->name, c->format_name) == 0;
}

static bool compare_format_suits(struct cli *c, const char *names[RUN_FORMATS + 1]) {
    for (size_t i = 0; i < RUN_FORMATS && compare_format_table[i]; i++) {
        names[i] = compare_format_table[i]->name;
        if (strcmp(names[i], c->format_name) == 0) c->compare_format = compare_format_table[i];
    }
    return strcmp(c->compare_format->name, c->format_name) == 0;
}

static bool info_format_suits(struct cli *c, const char *names[RUN_FORMATS + 1]) {
    names[0] = "text", names[1] = "json";
    c->json = strcmp(c->format_name, "json") == 0;
    return c->json || strcmp(c->format_name, "text") == 0;
}

static bool format_suits(struct cli *c) {
    const char *names[RUN_FORMATS + 1] = {NULL};
    char phrase[200];
    struct text why = text_in(phrase, sizeof phrase);
    if (!c->format_name) return true;
    unsigned groups = c->command->groups;
    if (groups & GROUP_INFO    ? info_format_suits(c, names)
        : groups & GROUP_WALK  ? walk_format_suits(c, names)
        : groups & GROUP_SWEEP ? sweep_format_suits(c, names)
        : groups & GROUP_LANES ? compare_format_suits(c, names)
                               : run_format_suits(c, names))
        return true;
    cli_none_of(&why, c->format_name, names);
    complain("--format=%s: %s.", c->format_name, phrase);
    return false;
}

/* --frames: one number; for a sweep, a list. */
static bool frames_suit(struct cli *c) {
    char phrase[400];
    struct text why = text_in(phrase, sizeof phrase);
    uint64_t n = 0;
    if (!c->frames_text) return true;
    bool good = c->command->groups & GROUP_LANES ? sweep_read_list(c->frames_text, 1, UINT32_MAX - 1, &c->sweep.frames, &why)
                                                 : number_in(c->frames_text, 1, UINT32_MAX - 1, &n, &why);
    if (good) c->load.frames = (uint32_t)n;
    else complain("--frames=%s: %s.", c->frames_text, phrase);
    return good;
}

static bool words_suit(const struct cli *c) {
    const struct command *m = c->command;
    if (!m->run) {
        complain("'%s' (%s) comes with a later version.", m->name, m->help);
        return false;
    }
    if (c->words >= m->min_words && c->words <= m->max_words) return true;
    if (m == command_table && c->words > m->max_words && explain_word(c->word[0])) return false;
    if (c->words > m->max_words)
        complain("'%s' is one word too many. Usage: vmscope %s %s", c->word[m->max_words], m->name, m->args);
    else complain("%s is missing. Usage: vmscope %s %s",
                  m->groups & GROUP_WALK ? "a virtual address" : "a file", m->name, m->args);
    return false;
}

bool cli_parse(struct cli *c, int argc, char **argv) {
    *c = (struct cli){.command = command_table,
                      .format = run_format_table[0],
                      .walk_format = walk_format_table[0],
                      .sweep_format = sweep_format_table[0],
                      .compare_format = compare_format_table[0],
                      .limit = UINT64_MAX,
                      .program = argc > 0 ? argv[0] : "vmscope"};
    ui_options_default(&c->ui);
    walk_options_default(&c->walk);
    c->word = mem_zalloc((size_t)argc + 1, sizeof *c->word);
    if (!c->word) {
        complain("out of memory");
        return false;
    }
    if (!take_all(c, argc, argv)) return false;
    find_command(c);
    return c->help || c->version || (words_suit(c) && options_suit(c) && format_suits(c) && frames_suit(c));
}

void cli_free(struct cli *c) { free(c->word); }

bool cli_given(const struct cli *c, const char *name) {
    for (size_t i = 0; option_table[i].name; i++)
        if (strcmp(option_table[i].name, name) == 0) return c->given >> i & 1;
    return false;
}
