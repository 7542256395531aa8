/* meaning_calls.c - steps in which a process asks the operating system.
 *
 * A forked process has a number from the moment that the file names it: those
 * of `processes` first, then the forked ones in the order of their names. So a
 * later step can name it. Which process runs after an `exit` is known too: the
 * next one that lives. */
#include "scenario/meaning_steps.h"

#include "vmscope/scenario/call_words.h"

#include "vmscope/base/memory.h"

static size_t process_total(const struct machine_config *c) { return c->process_count + c->fork_count; }

/* What is known of process p after the entries read so far; NULL: no memory. */
static struct stepped *known(struct stepper *st, proc_t p) {
    const struct machine_config *c = &st->l->s->config;
    size_t need = process_total(c);
    if (st->known_count < need && !mem_grow((void **)&st->known, &st->known_cap, need, sizeof *st->known)) {
        load_nomem(st->l);
        return NULL;
    }
    for (; st->known_count < need; st->known_count++) {
        size_t p_new = st->known_count, fork = p_new - c->process_count;
        st->known[p_new] = (struct stepped){.image = p_new < c->process_count ? (uint16_t)p_new : c->forks[fork].origin};
    }
    return &st->known[p];
}

size_t stepper_image(struct stepper *st, proc_t p) {
    const struct stepped *k = known(st, p);
    return k ? k->image : 0;
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

proc_t scenario_fork_number(struct scenario *s, const char *name, size_t image, const char **why) {
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
    *f = (struct fork_config){.origin = (uint16_t)image};
    set_name(f->name, name);
    return (proc_t)(process_total(c) - 1);
}

void op_fork(struct stepper *st, const struct tree_step *t) {
    struct value at = value_of(t->fork);
    struct step step = {.line = at.line, .kind = STEP_FORK, .proc = step_process(st, t)};
    const char *why = NULL;
    proc_t child = scenario_fork_number(st->l->s, at.text, stepper_image(st, st->running), &why);
    if (child == PROC_NONE) load_error(st->l, at, "fork: %s", why);
    struct stepped *born = child != PROC_NONE ? known(st, child) : NULL;
    if (!born) return;
    *born = (struct stepped){.image = (uint16_t)stepper_image(st, st->running)};
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
        if (!known(st, next) || st->known[next].ended || st->known[next].suspended) continue;
        st->running = next;
        return;
    }
}

void op_exit(struct stepper *st, const struct tree_step *t) {
    struct value at = value_of(t->exit);
    struct step step = {.line = at.line, .kind = STEP_EXIT, .proc = named_process(st, t->exit)};
    if (step.proc == PROC_NONE) return;
    struct stepped *process = known(st, step.proc);
    if (!process) return;
    if (process->ended) {
        load_error(st->l, at, "exit: %s has ended before", at.text);
        return;
    }
    process->ended = true;
    st->running = step.proc;
    run_next(st);
    step.extra = add_extra(st, t, true);
    add_step(st, &step, at);
}

/* ---- the others ---- */

/* The place of an operation that takes one, for each kind of call. */
static const struct {
    enum call_kind kind;
    size_t place; /* in struct tree_step */
    bool relative;
} call_key[] = {
    {CALL_MMAP, offsetof(struct tree_step, mmap), false},       {CALL_MUNMAP, offsetof(struct tree_step, munmap), false},
    {CALL_MPROTECT, offsetof(struct tree_step, mprotect), false}, {CALL_MADVISE, offsetof(struct tree_step, madvise), false},
    {CALL_MREMAP, offsetof(struct tree_step, mremap), false},   {CALL_MLOCK, offsetof(struct tree_step, mlock), false},
    {CALL_MUNLOCK, offsetof(struct tree_step, munlock), false}, {CALL_BRK, offsetof(struct tree_step, brk), false},
    {CALL_BRK, offsetof(struct tree_step, sbrk), true},         {CALL_EXEC, offsetof(struct tree_step, exec), false}};

static const char *word_at(const struct tree_step *t, size_t offset) {
    const char *word;
    memcpy(&word, (const char *)t + offset, sizeof word);
    return word;
}

/* Which call the step makes, and what its own key says; NULL: none. */
static const char *find_call(const struct tree_step *t, struct call_words *w) {
    for (size_t i = 0; i < sizeof call_key / sizeof call_key[0]; i++) {
        const char *raw = word_at(t, call_key[i].place);
        if (!raw) continue;
        *w = (struct call_words){.kind = call_key[i].kind, .relative = call_key[i].relative};
        return raw;
    }
    return NULL;
}

bool op_call(struct stepper *st, const struct tree_step *t) {
    struct call_words w;
    char buf[400] = "";
    struct text why = text_in(buf, sizeof buf);
    struct step step;
    const char *wrong = NULL, *raw = find_call(t, &w);
    if (!raw) return false;
    const char *raws[] = {raw, t->size, t->perms, t->backing, t->shared, t->file, t->offset, t->at, t->populate, t->cached, t->advice};
    const char **words[] = {&w.place, &w.size, &w.perms, &w.backing, &w.shared, &w.file, &w.offset, &w.at, &w.populate, &w.cached, &w.advice};
    for (size_t i = 0; i < sizeof raws / sizeof raws[0]; i++) *words[i] = raws[i] ? value_of(raws[i]).text : NULL;
    proc_t who = step_process(st, t);
    struct value at = value_of(raw);
    if (!call_from_words(st->l->s, stepper_image(st, st->running), &w, &step, &wrong, &why)) {
        for (size_t i = 0; i < sizeof raws / sizeof raws[0]; i++)
            if (raws[i] && wrong == *words[i]) at = value_of(raws[i]);
        load_error(st->l, at, "%s: %s", w.relative ? "sbrk" : call_name[w.kind], buf);
        return true;
    }
    step.proc = who;
    step.line = at.line;
    step.extra = add_extra(st, t, true);
    if (w.kind == CALL_EXEC) known(st, st->running)->image = st->l->s->config.calls[step.value].image;
    add_step(st, &step, at);
    return true;
}

/* ---- load control by hand ---- */

void op_suspend(struct stepper *st, const struct tree_step *t) {
    bool suspend = t->suspend != NULL;
    struct value at = value_of(suspend ? t->suspend : t->resume);
    struct step step = {.line = at.line, .kind = suspend ? STEP_SUSPEND : STEP_RESUME,
                        .proc = named_process(st, suspend ? t->suspend : t->resume)};
    struct stepped *process = step.proc != PROC_NONE ? known(st, step.proc) : NULL;
    if (!process) return;
    process->suspended = suspend;
    if (suspend && step.proc == st->running) run_next(st);
    step.extra = add_extra(st, t, true);
    add_step(st, &step, at);
}

/* ---- repeating ---- */

/* What ends or begins a process happens once. */
bool calls_repeatable(struct stepper *st, size_t from, size_t to, struct value at) {
    for (size_t i = from; i < to; i++) {
        const struct tree_step *t = &st->l->tree->steps[i];
        if (!t->fork && !t->exit && !t->exec) continue;
        load_error(st->l, at, "repeat: line %u has a%s, which can be done only once",
                   value_of(t->fork ? t->fork : t->exit ? t->exit : t->exec).line, t->fork ? " fork" : t->exit ? "n exit" : "n exec");
        return false;
    }
    return true;
}
