/* meaning_calls.c - steps in which a process asks the operating system.
 *
 * A forked process has a number from the moment that the file names it: those
 * of `processes` first, then the forked ones in the order of their names. So a
 * later step can name it. Which process runs after an `exit` is known too: the
 * next one that lives. */
#include "scenario/meaning_steps.h"

#include "vmscope/base/memory.h"

static size_t process_total(const struct machine_config *c) { return c->process_count + c->fork_count; }

static bool *ended_flag(struct stepper *st, proc_t p) {
    size_t need = process_total(&st->l->s->config);
    if (st->ended_count < need && !mem_grow((void **)&st->ended, &st->ended_cap, need, sizeof *st->ended)) {
        load_nomem(st->l);
        return NULL;
    }
    while (st->ended_count < need) st->ended[st->ended_count++] = false;
    return &st->ended[p];
}

/* ---- fork ---- */

static proc_t find_fork(const struct machine_config *c, const char *name) {
    for (size_t i = 0; i < c->fork_count; i++)
        if (strcmp(c->forks[i].name, name) == 0) return (proc_t)(c->process_count + i);
    return PROC_NONE;
}

static bool is_declared(const struct machine_config *c, const char *name) {
    for (size_t p = 0; p < c->process_count; p++)
        if (strcmp(c->processes[p].name, name) == 0) return true;
    return false;
}

/* Why a process of that name cannot be forked here; NULL: it can. */
static const char *refusal(const struct machine_config *c, const char *name) {
    const struct paging_format *f = &c->format;
    if (f->shape != SHAPE_TREE || !paging_has(f, PTE_W))
        return "this paging format cannot share pages read-only, so there is no copy-on-write: choose sv32, sv39, x86-64...";
    if (is_declared(c, name)) return "there is a process of that name already: give the new one another";
    return process_total(c) >= PROCESSES_MAX ? "there are as many processes as can be" : NULL;
}

proc_t scenario_fork_number(struct scenario *s, const char *name, proc_t parent, const char **why) {
    struct machine_config *c = &s->config;
    void *forks = c->forks;
    size_t cap = c->fork_count;
    proc_t known = find_fork(c, name);
    if (known != PROC_NONE) return known;
    *why = refusal(c, name);
    if (*why) return PROC_NONE;
    *why = "there is no memory for it";
    if (!mem_grow(&forks, &cap, c->fork_count + 1, sizeof *c->forks)) return PROC_NONE;
    c->forks = forks;
    struct fork_config *f = &c->forks[c->fork_count++];
    *f = (struct fork_config){.origin = parent < c->process_count ? parent : c->forks[parent - c->process_count].origin};
    set_name(f->name, name);
    return (proc_t)(process_total(c) - 1);
}

void op_fork(struct stepper *st, const struct tree_step *t) {
    struct value at = value_of(t->fork);
    struct step step = {.line = at.line, .kind = STEP_FORK, .proc = step_process(st, t)};
    const char *why = NULL;
    proc_t child = scenario_fork_number(st->l->s, at.text, st->running, &why);
    if (child == PROC_NONE) load_error(st->l, at, "fork: %s", why);
    bool *ended = child != PROC_NONE ? ended_flag(st, child) : NULL;
    if (!ended) return;
    *ended = false;
    step.value = child;
    step.extra = add_extra(st, t, true);
    add_step(st, &step, at);
}

/* ---- exit ---- */

/* As the kernel chooses: the next process that lives. */
static void run_next(struct stepper *st) {
    size_t total = process_total(&st->l->s->config);
    for (size_t i = 1; i < total; i++) {
        proc_t next = (proc_t)((st->running + i) % total);
        if (st->ended[next]) continue;
        st->running = next;
        return;
    }
}

void op_exit(struct stepper *st, const struct tree_step *t) {
    struct value at = value_of(t->exit);
    struct step step = {.line = at.line, .kind = STEP_EXIT, .proc = named_process(st, t->exit)};
    if (step.proc == PROC_NONE) return;
    bool *ended = ended_flag(st, step.proc);
    if (!ended) return;
    if (*ended) {
        load_error(st->l, at, "exit: %s has ended before", at.text);
        return;
    }
    *ended = true;
    st->running = step.proc;
    run_next(st);
    step.extra = add_extra(st, t, true);
    add_step(st, &step, at);
}

/* ---- repeating ---- */

/* What ends or begins a process happens once. */
bool calls_repeatable(struct stepper *st, size_t from, size_t to, struct value at) {
    for (size_t i = from; i < to; i++) {
        const struct tree_step *t = &st->l->tree->steps[i];
        if (!t->fork && !t->exit) continue;
        load_error(st->l, at, "repeat: line %u has a %s, which can be done only once", value_of(t->fork ? t->fork : t->exit).line,
                   t->fork ? "fork" : "exit");
        return false;
    }
    return true;
}
