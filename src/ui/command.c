/* command.c - the `:` line: one table of commands, and their completion.
 *
 * What is typed as an access, a switch or a policy becomes a step of the machine
 * like those of the scenario: history branches there, and `future` returns.
 */
#include "ui/command.h"
#include <strings.h>

const struct machine *command_machine(const struct app *a) { return history_machine(a->session.history); }
static const struct machine *now(const struct app *a) { return command_machine(a); }

unsigned command_usage(struct app *a, const struct command *c) {
    return app_say(a, ROLE_ERROR, "Write: %s %s", c->name, c->args);
}

const char *command_word(const char *s, char *word, size_t size) {
    struct text t = text_in(word, size);
    size_t n = strcspn(s, " ");
    text_addn(&t, s, n);
    return s + n + strspn(s + n, " ");
}

/* ---- steps ---- */

unsigned command_insert(struct app *a, const struct step *step) {
    enum vs_status status = session_insert(&a->session, step);
    if (status == VS_LIMIT)
        return app_say(a, ROLE_ERROR, "That are %d typed steps: `:save` them, or `:future` drops them.", BRANCHES_MAX);
    if (status != VS_OK) return app_say(a, ROLE_ERROR, "The step cannot be added: %s.", status_name(status));
    a->leave_asked = false;
    history_micro_forward(a->session.history);
    return app_moved(a) | app_say(a, ROLE_MESSAGE, "Added before the next step. Space goes on, `:future` drops it.");
}

static bool read_address(struct app *a, const char *word, struct step *step) {
    const struct machine_config *c = machine_config(now(a));
    const struct kernel *k = machine_kernel(now(a));
    char why[320] = "";
    struct address at;
    if (address_parse(word, c, k->process[k->running].image, &at, why, sizeof why)) {
        step->va = at.va;
        step->name = at.name;
        if (at.name || c->format.sign_extended || paging_va_exists(&c->format, at.va)) return true; /* one that is not canonical is a lesson */
        app_say(a, ROLE_ERROR, "%s: virtual addresses of this machine have %u bits.", word, paging_va_bits(&c->format));
    } else app_say(a, ROLE_ERROR, "%s", why);
    return false;
}

/* A byte where pages are tiny, else a word of 4 bytes, or 8 where the value needs it. */
static uint8_t access_size(const struct app *a, uint64_t value) {
    if (value > UINT32_MAX) return 8;
    if (machine_config(now(a))->format.page_shift >= 8) return 4;
    return value > UINT16_MAX ? 4 : value > UINT8_MAX ? 2 : 1;
}

static unsigned run_access(struct app *a, const struct command *c, const char *rest) {
    static const char names[] = "rwf"; /* read, write, fetch: the order of enum access_kind */
    char word[LINE_SIZE];
    const char *why = NULL, *value = command_word(rest, word, sizeof word);
    struct step step = {.kind = STEP_ACCESS, .proc = PROC_NONE};
    step.op = (uint8_t)(strchr(names, c->name[0]) - names);
    if (!word[0] || (value[0] && step.op != ACCESS_WRITE)) return command_usage(a, c);
    if (!read_address(a, word, &step)) return REACT_DRAW;
    if (value[0]) {
        if (!parse_number(value, &step.value, &why)) return app_say(a, ROLE_ERROR, "%s: %s", value, why);
        step.flags = STEP_HAS_VALUE;
    }
    step.size = access_size(a, step.value);
    return command_insert(a, &step);
}

proc_t command_process(struct app *a, const char *name) {
    const struct kernel *k = machine_kernel(now(a));
    for (uint32_t p = 0; p < k->process_count; p++)
        if (k->process[p].born && strcmp(k->process[p].name, name) == 0) return (proc_t)p;
    app_say(a, ROLE_ERROR, "There is no process '%s'.", name);
    return PROC_NONE;
}

static unsigned run_switch(struct app *a, const struct command *c, const char *rest) {
    struct step step = {.kind = STEP_SWITCH};
    if (!rest[0]) return command_usage(a, c);
    step.proc = command_process(a, rest);
    return step.proc == PROC_NONE ? REACT_DRAW : command_insert(a, &step);
}

/* Everything, what the running process has there, or the page of one address. */
static unsigned run_flush(struct app *a, const struct command *c, const char *rest) {
    struct step step = {.kind = STEP_TLB_FLUSH, .proc = PROC_NONE, .value = FLUSH_EVERYTHING};
    (void)c;
    if (strcmp(rest, "asid") == 0) step.value = FLUSH_ADDRESS_SPACE;
    else if (rest[0] && strcmp(rest, "all") != 0) {
        step.value = FLUSH_ONE_PAGE;
        if (!read_address(a, rest, &step)) return REACT_DRAW;
    }
    return command_insert(a, &step);
}

static unsigned run_policy(struct app *a, const struct command *c, const char *rest) {
    const struct policy_ops *ops = policy_by_name(rest);
    struct step step = {.kind = STEP_SET_POLICY, .proc = PROC_NONE};
    if (!rest[0]) return command_usage(a, c);
    if (!ops) return app_say(a, ROLE_ERROR, "There is no policy '%s'; Tab after `policy ` lists them.", rest);
    while (policy_table[step.value] != ops) step.value++;
    return command_insert(a, &step);
}

static unsigned run_future(struct app *a, const struct command *c, const char *rest) {
    (void)c, (void)rest;
    if (!session_future(&a->session)) return app_say(a, ROLE_MESSAGE, "Nothing was typed: this is the scenario's own future.");
    return app_moved(a) | app_say(a, ROLE_MESSAGE, "Back on the scenario's own steps, where you left them.");
}

static unsigned run_goto(struct app *a, const struct command *c, const char *rest) {
    uint64_t n = 0, count = history_step_count(a->session.history);
    const char *why = NULL;
    if (!rest[0]) return command_usage(a, c);
    if (!parse_number(rest, &n, &why)) return app_say(a, ROLE_ERROR, "%s: %s", rest, why);
    if (n > count) return app_say(a, ROLE_ERROR, "There are %llu steps.", (unsigned long long)count);
    return app_go(a, n ? (struct position){n - 1, 1} : (struct position){0, 0});
}

/* ---- looking ---- */

static unsigned list_breaks(struct app *a) {
    char buf[200] = "";
    struct text t = text_in(buf, sizeof buf);
    for (size_t i = 0; i < a->session.break_count; i++)
        text_addf(&t, "%s%s", i ? ", " : "", a->session.breaks[i].text);
    if (!buf[0]) return app_say(a, ROLE_MESSAGE, "No breakpoints. `break fault`, `break victim`, `break page heap`, `break process B`.");
    return app_say(a, ROLE_MESSAGE, "Running stops at: %s. `break off` clears.", buf);
}

static unsigned run_break(struct app *a, const struct command *c, const char *rest) {
    struct session *s = &a->session;
    char buf[200] = "";
    struct text why = text_in(buf, sizeof buf);
    (void)c;
    if (strcmp(rest, "off") == 0) s->break_count = 0;
    else if (rest[0]) {
        if (s->break_count == BREAKS_MAX) return app_say(a, ROLE_ERROR, "There are %d breakpoints: `break off` clears.", BREAKS_MAX);
        if (!breakpoint_parse(rest, now(a), &s->breaks[s->break_count], &why)) return app_say(a, ROLE_ERROR, "%s", buf);
        s->break_count++;
    }
    return list_breaks(a);
}

static unsigned run_show(struct app *a, const struct command *c, const char *rest) {
    (void)c;
    proc_t p = rest[0] ? command_process(a, rest) : PROC_NONE;
    return rest[0] && p == PROC_NONE ? REACT_DRAW : app_show_process(a, p);
}

static unsigned run_compare(struct app *a, const struct command *c, const char *rest) {
    (void)c;
    return app_compare(a, rest);
}

static unsigned run_theme(struct app *a, const struct command *c, const char *rest) {
    (void)c;
    if (!rest[0]) return action_theme(a, 0);
    if (!theme_by_name(rest, &a->screen.theme)) return app_say(a, ROLE_ERROR, "There is no theme '%s'.", rest);
    if (a->terminal) terminal_set_theme(a->terminal, a->screen.theme);
    return app_say(a, ROLE_MESSAGE, "Theme %s: %s.", rest, theme_what[a->screen.theme]);
}

static unsigned run_zoom(struct app *a, const struct command *c, const char *rest) {
    (void)c;
    if (!rest[0]) return action_zoom(a, 0);
    int pane = pane_by_name(rest);
    if (pane < 0) return app_say(a, ROLE_ERROR, "There is no pane '%s'.", rest);
    a->screen.zoom = a->screen.focus = pane;
    return REACT_DRAW;
}

static unsigned run_save(struct app *a, const struct command *c, const char *rest) {
    char buf[300] = "";
    struct text why = text_in(buf, sizeof buf);
    if (!rest[0]) return command_usage(a, c);
    if (!save_scenario(&a->session, rest, &why)) return app_say(a, ROLE_ERROR, "%s", buf);
    a->leave_asked = true;
    return app_say(a, ROLE_MESSAGE, "Saved as %s: open it with `vmscope %s`.", rest, rest);
}

static unsigned run_help(struct app *a, const struct command *c, const char *rest) {
    (void)c;
    struct text t = text_in(a->find, sizeof a->find);
    text_add(&t, rest);
    app_overlay(a, OVERLAY_HELP);
    a->screen.find = rest[0] ? a->find : NULL;
    return REACT_DRAW;
}

static unsigned run_quit(struct app *a, const struct command *c, const char *rest) {
    (void)c, (void)rest;
    a->screen.zoom = -1;
    return action_close(a, 0);
}

/* ---- what can follow a command ---- */

static const char *each_region(const struct app *a, size_t i) {
    const struct kernel *k = machine_kernel(now(a));
    const struct process *p = &k->process[k->running];
    return i < p->vma_count ? p->vma[i].name : NULL;
}
static const char *each_process(const struct app *a, size_t i) {
    const struct kernel *k = machine_kernel(now(a));
    return i < k->process_count ? k->process[i].name : NULL;
}
static const char *each_policy(const struct app *a, size_t i) {
    (void)a;
    return policy_table[i] ? policy_table[i]->name : NULL;
}
static const char *each_theme(const struct app *a, size_t i) {
    (void)a;
    return theme_name[i];
}
static const char *each_pane(const struct app *a, size_t i) {
    (void)a;
    return pane_table[i] ? pane_table[i]->name : NULL;
}
static const char *each_break(const struct app *a, size_t i) {
    static const char *const words[] = {"fault", "page", "process", "off"};
    (void)a;
    if (i < 4) return words[i];
    i -= 4;
    if (i < FAULT_COUNT - 1) return fault_name((enum fault_class)(i + 1));
    i -= FAULT_COUNT - 1;
    return i < EV_COUNT - 1 ? event_table[i + 1].name : NULL;
}

static const struct command commands[] = {
    {"read", "ADDRESS", "read there now: `read heap+0x10`", run_access, each_region},
    {"write", "ADDRESS [VALUE]", "write there now: `write 0x1000 42`", run_access, each_region},
    {"fetch", "ADDRESS", "fetch an instruction there now", run_access, each_region},
    {"switch", "PROCESS", "let another process run", run_switch, each_process},
    {"fork", "NAME", "the process that runs makes a copy of itself", run_fork, NULL},
    {"exit", "", "the process that runs ends", run_exit, NULL},
    {"mmap", "NAME SIZE [rwx] [shared] [populate] [file=F] [offset=N] [at=A]", "a new region for the process that runs: `mmap buf 64KiB`", run_call, NULL},
    {"munmap", "ADDRESS [SIZE]", "a region, or a part of it, goes", run_call, each_region},
    {"mprotect", "ADDRESS [SIZE] rwx|none", "other permissions", run_call, each_region},
    {"madvise", "ADDRESS [SIZE] ADVICE", "dontneed, free, willneed, populate_read or populate_write", run_call, each_region},
    {"mremap", "ADDRESS SIZE", "a region gets another size", run_call, each_region},
    {"mlock", "ADDRESS [SIZE]", "its pages stay in memory", run_call, each_region},
    {"munlock", "ADDRESS [SIZE]", "its pages may leave memory again", run_call, each_region},
    {"brk", "+SIZE | -SIZE | ADDRESS", "the heap's end moves: `brk +8KiB`", run_call, NULL},
    {"sbrk", "+SIZE | -SIZE", "the heap's end moves by so much: `sbrk +4KiB`", run_call, NULL},
    {"exec", "PROGRAM", "the process that runs becomes another program", run_call, NULL},
    {"suspend", "PROCESS", "it does not run, and its pages leave memory", run_suspend, each_process},
    {"resume", "PROCESS", "it may run again", run_suspend, each_process},
    {"flush", "[all | asid | ADDRESS]", "the kernel flushes the TLB, or part of it", run_flush, each_region},
    {"policy", "NAME", "change the replacement policy", run_policy, each_policy},
    {"frames", "N", "the same steps with so many frames, up to here", run_frames, NULL},
    {"tlb", "SETSxWAYS", "the same steps with another TLB, up to here: `tlb 8x2`", run_tlb, NULL},
    {"future", "", "drop what was typed; back to the scenario's own steps", run_future, NULL},
    {"goto", "STEP", "go to a step by its number; 0 is the start", run_goto, NULL},
    {"break", "[fault | CLASS | EVENT | page A | process P | off]", "where running stops", run_break, each_break},
    {"show", "[PROCESS]", "its address space and page table, though another runs", run_show, each_process},
    {"compare", "[POLICY...] [FRAMES...] [SETSxWAYS...]", "several machines on the same steps: `compare fifo lru`, `compare 3 4`", run_compare, each_policy},
    {"theme", "[NAME]", "colours", run_theme, each_theme},
    {"zoom", "[PANE]", "give a pane the whole screen", run_zoom, each_pane},
    {"save", "FILE", "save the machine and all steps up to here as a scenario", run_save, NULL},
    {"snapshot", "FILE", "save the screen as text", run_snapshot, NULL},
    {"help", "[WORD]", "help, at a word", run_help, NULL},
    {"quit", "", "leave", run_quit, NULL},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

bool command_info(size_t i, struct command_info *out) {
    if (i >= COMMANDS) return false;
    *out = (struct command_info){commands[i].name, commands[i].args, commands[i].help};
    return true;
}

static const struct command *command_by_name(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

/* The i-th word that can begin a line: commands, then the actions of a session. */
static const char *each_first(const struct app *a, size_t i) {
    (void)a;
    if (i < COMMANDS) return commands[i].name;
    const struct action *action = action_table;
    for (i -= COMMANDS; action->name; action++)
        if (action->where & CTX_PANES && !command_by_name(action->name) && i-- == 0) return action->name;
    return NULL;
}

static unsigned unknown(struct app *a, const char *name) {
    const char *names[COMMANDS + 128];
    size_t n = 0;
    for (const char *word; n < COMMANDS + 127 && (word = each_first(a, n)) != NULL;) names[n++] = word;
    names[n] = NULL;
    const char *near = suggest(name, names);
    if (near) return app_say(a, ROLE_ERROR, "There is no command '%s': did you mean '%s'?", name, near);
    return app_say(a, ROLE_ERROR, "There is no command '%s'; Tab lists them, ? explains them.", name);
}

unsigned command_run(struct app *a, const char *words) {
    char name[LINE_SIZE];
    words += strspn(words, " ");
    const char *rest = command_word(words, name, sizeof name);
    if (!name[0]) return REACT_DRAW;
    char trimmed[LINE_SIZE];
    struct text t = text_in(trimmed, sizeof trimmed);
    text_add(&t, rest);
    while (t.len > 0 && trimmed[t.len - 1] == ' ') trimmed[--t.len] = '\0';
    const struct command *c = command_by_name(name);
    if (c) return c->run(a, c, trimmed);
    const struct action *action = action_by_name(name);
    if (action && action->where & CTX_PANES) return action->run(a, K_NOTHING);
    return unknown(a, name);
}

/* ---- completion ---- */

/* Where the word before the cursor begins. */
static size_t word_start(const struct line *l) {
    size_t at = l->at;
    while (at > 0 && l->text[at - 1] != ' ') at--;
    return at;
}

/* Insert what all candidates share; name them while there are several. */
static void complete_from(struct app *a, const char *(*candidate)(const struct app *a, size_t i)) {
    struct line *l = &a->screen.line;
    char shared[64] = "", list[200] = "";
    struct text names = text_in(list, sizeof list);
    size_t from = word_start(l), typed = l->at - from, found = 0, same = 0;
    const char *word;
    for (size_t i = 0; (word = candidate(a, i)) != NULL; i++) {
        if (strncasecmp(word, l->text + from, typed) != 0) continue;
        if (found == 0) {
            struct text t = text_in(shared, sizeof shared);
            text_add(&t, word);
            same = t.len;
        } else
            for (size_t n = 0; n < same; n++)
                if (shared[n] != word[n]) same = n;
        text_addf(&names, "%s%s", found ? " " : "", word);
        found++;
    }
    for (size_t n = typed; found && n < same; n++) line_insert(l, (unsigned char)shared[n]);
    if (found == 1) line_insert(l, ' ');
    else app_say(a, ROLE_MESSAGE, "%s", found ? list : "Nothing can stand here.");
}

/* A command that is complete: what follows it, and what it does. */
static void explain(struct app *a) {
    char name[LINE_SIZE];
    command_word(a->screen.line.text, name, sizeof name);
    const struct command *c = command_by_name(name);
    if (!c || a->screen.message[0]) return;
    app_say(a, ROLE_MESSAGE, "%s%s%s: %s", c->name, c->args[0] ? " " : "", c->args, c->help);
}

void command_complete(struct app *a) {
    const struct line *l = &a->screen.line;
    char name[LINE_SIZE];
    command_word(l->text, name, sizeof name);
    if (word_start(l) == 0) {
        complete_from(a, each_first);
        explain(a);
        return;
    }
    const struct command *c = command_by_name(name);
    if (c && c->candidate) complete_from(a, c->candidate);
}
