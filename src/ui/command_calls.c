/* command_calls.c - calls of the running process, typed on the `:` line.
 *
 * The words are those of a scenario's step, so that what was typed can be saved.
 * Which of them is the size, which the permissions, is seen from their form.
 */
#include "ui/command.h"

#include "vmscope/scenario/call_words.h"

#define WORDS_MAX 12

/* ---- words ---- */

/* "file=log": the value of that key; NULL: the word says something else. */
static const char *value_after(const char *word, const char *key) {
    size_t n = strlen(key);
    return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static bool take_pair(struct call_words *w, const char *word) {
    const struct {
        const char *key;
        const char **member;
    } pair[] = {{"file", &w->file}, {"offset", &w->offset}, {"at", &w->at}, {"perms", &w->perms}, {"size", &w->size}};
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        const char *value = value_after(word, pair[i].key);
        if (value) return *pair[i].member = value, true;
    }
    return false;
}

static bool take_flag(struct call_words *w, const char *word) {
    const struct {
        const char *word;
        const char **member;
    } flag[] = {{"shared", &w->shared}, {"populate", &w->populate}, {"cached", &w->cached}};
    for (size_t i = 0; i < sizeof flag / sizeof flag[0]; i++)
        if (strcmp(word, flag[i].word) == 0) return *flag[i].member = "true", true;
    return false;
}

static bool is_perms(const char *word) { return strcmp(word, "none") == 0 || strspn(word, "rwx-") == strlen(word); }

static bool is_advice(const char *word) {
    for (const char *const *advice = advice_name; *advice; advice++)
        if (strcmp(*advice, word) == 0) return true;
    return false;
}

/* The place comes first; false: the word can be nothing here. */
static bool take(struct call_words *w, const char *word) {
    if (!w->place) return w->place = word, true;
    if (take_pair(w, word) || take_flag(w, word)) return true;
    const char **member = is_advice(word) ? &w->advice : is_perms(word) ? &w->perms : &w->size;
    if (*member) return false;
    *member = word;
    return true;
}

/* sbrk is a brk that must say by how much. */
static bool is_relative(const char *name) { return strcmp(name, "sbrk") == 0; }

static enum call_kind kind_of(const char *name) {
    unsigned kind = 0;
    if (is_relative(name)) return CALL_BRK;
    while (strcmp(call_name[kind], name) != 0) kind++;
    return (enum call_kind)kind;
}

unsigned run_call(struct app *a, const struct command *c, const char *rest) {
    const struct kernel *k = machine_kernel(command_machine(a));
    char word[WORDS_MAX][LINE_SIZE], buf[400] = "";
    struct call_words w = {.kind = kind_of(c->name), .relative = is_relative(c->name)};
    struct text why = text_in(buf, sizeof buf);
    struct step step;
    const char *wrong;
    if (!rest[0]) return command_usage(a, c);
    for (size_t i = 0; rest[0]; i++) {
        if (i == WORDS_MAX) return command_usage(a, c);
        rest = command_word(rest, word[i], sizeof word[i]);
        if (!take(&w, word[i])) return command_usage(a, c);
    }
    if (!call_from_words(a->session.scenario, k->process[k->running].image, &w, &step, &wrong, &why))
        return app_say(a, ROLE_ERROR, "%s: %s.", c->name, buf);
    return command_insert(a, &step);
}

/* ---- processes ---- */

unsigned run_fork(struct app *a, const struct command *c, const char *rest) {
    const struct kernel *k = machine_kernel(command_machine(a));
    struct step step = {.kind = STEP_FORK, .proc = PROC_NONE};
    const char *why = NULL;
    if (!rest[0] || strchr(rest, ' ') || strlen(rest) >= NAME_SIZE) return command_usage(a, c);
    proc_t child = scenario_fork_number(a->session.scenario, rest, k->process[k->running].image, &why);
    if (child == PROC_NONE) return app_say(a, ROLE_ERROR, "fork: %s.", why);
    step.value = child;
    return command_insert(a, &step);
}

unsigned run_exit(struct app *a, const struct command *c, const char *rest) {
    (void)c, (void)rest;
    return command_insert(a, &(struct step){.kind = STEP_EXIT, .proc = machine_kernel(command_machine(a))->running});
}

unsigned run_suspend(struct app *a, const struct command *c, const char *rest) {
    bool suspend = strcmp(c->name, "suspend") == 0;
    if (!rest[0]) return command_usage(a, c);
    struct step step = {.kind = suspend ? STEP_SUSPEND : STEP_RESUME, .proc = command_process(a, rest)};
    return step.proc == PROC_NONE ? REACT_DRAW : command_insert(a, &step);
}
