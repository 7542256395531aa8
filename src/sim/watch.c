/* watch.c - watching over memory: working sets, thrashing, load control; and steps that wait.
 *
 *   sum of working sets > frames      thrashing: the processes take each other's pages
 *   load control                      one of them leaves memory until its set fits again
 *
 * Told after the step that tipped the scale. The steps of a suspended process are not lost: they
 * wait, and are taken first when it is resumed, or when nobody else has any. Invariant: the steps
 * taken and those that wait are all that come before `cursor` in the source.
 */
#include "sim/watch.h"

/* ---- working sets ---- */

static size_t processes_ever(const struct machine *m) { return m->config->process_count + m->config->fork_count; }

static bool watches(const struct machine *m) { return m->config->working_set_window > 0; }

/* The watch over process p, made when it is first needed (more may be forked than at the start). */
static struct watch *watch_of(struct machine *m, proc_t p) {
    size_t cap = m->watch_count, need = processes_ever(m);
    if (m->watch_count < need && !mem_grow((void **)&m->watch, &cap, need, sizeof *m->watch)) return NULL;
    if (m->watch_count < need) m->watch_count = need;
    struct watch *w = &m->watch[p];
    return w->set.recent || workset_begin(&w->set, m->config->working_set_window) ? w : NULL;
}

void watch_touch(struct machine *m, proc_t p, vpn_t vpn) {
    if (!watches(m)) return;
    struct watch *w = watch_of(m, p);
    if (!w || !workset_touch(&w->set, vpn)) {
        m->status = VS_NOMEM;
        return;
    }
    struct pace_bucket *b = machine_pace_bucket(m, p);
    if (b) b->set = w->set.size;
}

void watch_note(struct machine *m, proc_t p) {
    if (p >= m->watch_count) return;
    workset_end(&m->watch[p].set);
    m->watch[p].held = false;
}

uint32_t machine_working_set(const struct machine *m, proc_t p) { return p < m->watch_count ? m->watch[p].set.size : 0; }

/* Frames that all processes that run need now. */
uint64_t machine_demand(const struct machine *m) {
    uint64_t sum = 0;
    for (uint32_t p = 0; p < m->kernel->process_count; p++) {
        const struct process *process = &m->kernel->process[p];
        sum += process->alive && !process->suspended ? machine_working_set(m, (proc_t)p) : 0;
    }
    return sum;
}

/* ---- load control ---- */

/* Who should leave: not the one that runs just now; of the others the one with the smallest working
 * set without which the rest fits, else the one with the largest; of equals the last. PROC_NONE: nobody. */
static proc_t to_suspend(const struct machine *m) {
    uint64_t demand = machine_demand(m), frames = m->config->frames;
    proc_t enough = PROC_NONE, largest = PROC_NONE;
    if (!m->config->load_control || demand <= frames) return PROC_NONE;
    for (uint32_t i = 0; i < m->kernel->process_count; i++) {
        const struct process *process = &m->kernel->process[i];
        proc_t p = (proc_t)i;
        uint32_t size = machine_working_set(m, p);
        if (!process->alive || process->suspended || p == m->kernel->running || size == 0) continue;
        if (demand - size <= frames && (enough == PROC_NONE || size <= machine_working_set(m, enough))) enough = p;
        if (largest == PROC_NONE || size >= machine_working_set(m, largest)) largest = p;
    }
    return enough != PROC_NONE ? enough : largest;
}

/* Whose working set, as it was when load control suspended it, fits beside the others again. */
static proc_t to_resume(const struct machine *m) {
    uint64_t demand = machine_demand(m);
    for (uint32_t p = 0; p < m->kernel->process_count && p < m->watch_count; p++) {
        bool fits = demand + machine_working_set(m, (proc_t)p) <= m->config->frames;
        if (m->watch[p].held && m->kernel->process[p].suspended && fits) return (proc_t)p;
    }
    return PROC_NONE;
}

bool watch_wanted(const struct machine *m) {
    if (!watches(m)) return false;
    return m->thrashing != (machine_demand(m) > m->config->frames) || to_suspend(m) != PROC_NONE || to_resume(m) != PROC_NONE;
}

static void tell(struct machine *m, struct event *e, enum event_kind kind, proc_t p) {
    *e = phase_tell(m, kind);
    e->proc = p;
    e->count = (uint32_t)machine_demand(m);
    e->value = m->config->frames;
    e->index = p == PROC_NONE ? 0 : machine_working_set(m, p);
}

void phase_watch(struct machine *m, struct event *e) {
    bool thrashing = machine_demand(m) > m->config->frames;
    proc_t out = to_suspend(m), in = to_resume(m);
    m->purpose = FOR_CONTROL;
    m->phase = PH_OS;
    if (thrashing != m->thrashing) {
        tell(m, e, thrashing ? EV_THRASHING : EV_THRASHING_OVER, m->kernel->running);
        m->thrashing = thrashing;
        m->purpose = FOR_NOTHING;
        machine_finish_step(m);
    } else if (out != PROC_NONE) {
        tell(m, e, EV_CONTROL_OUT, out);
        m->watch[out].held = true;
        kernel_suspend_begin(m->kernel, out);
    } else {
        tell(m, e, EV_CONTROL_IN, in);
        m->watch[in].held = false;
        kernel_resume_begin(m->kernel, in);
    }
}

/* ---- steps that wait ---- */

static bool is_suspended(const struct machine *m, proc_t p) {
    return p < m->kernel->process_count && m->kernel->process[p].alive && m->kernel->process[p].suspended;
}

/* Done by a process itself, so that it must run for it. */
static bool needs_process(const struct step *s) {
    static const bool needs[STEP_KINDS] = {
        [STEP_ACCESS] = true, [STEP_SWITCH] = true, [STEP_FORK] = true, [STEP_EXIT] = true, [STEP_CALL] = true};
    return needs[s->kind];
}

static bool put_off(struct machine *m, uint64_t index, proc_t p) {
    if (!mem_grow((void **)&m->waiting, &m->waiting_cap, m->waiting_count + 1, sizeof *m->waiting)) {
        m->status = VS_NOMEM;
        return false;
    }
    m->waiting[m->waiting_count++] = (struct waiting){index, p};
    return true;
}

/* The i-th waiting step is the one to do now. */
static bool take_waiting(struct machine *m, size_t i) {
    struct waiting w = m->waiting[i];
    const struct step *s = machine_fetch_step(m, w.index);
    if (!s) return false;
    m->step = *s;
    m->step.proc = w.proc;
    m->strayed = true;
    memmove(&m->waiting[i], &m->waiting[i + 1], (m->waiting_count - i - 1) * sizeof w);
    m->waiting_count--;
    return true;
}

/* Step s of the source is the next one: who does it? */
static proc_t doer(struct machine *m, const struct step *s) {
    if (m->intended >= m->kernel->process_count || !m->kernel->process[m->intended].alive) m->intended = m->kernel->running;
    if (needs_process(s) && s->proc != PROC_NONE) m->intended = s->proc;
    return s->proc == PROC_NONE ? m->intended : s->proc;
}

static void take(struct machine *m, const struct step *s, proc_t who) {
    m->step = *s;
    if (needs_process(s)) m->step.proc = who;
    m->strayed &= !needs_process(s);
}

/* The next step of the source whose process is not suspended. */
static bool take_from_source(struct machine *m) {
    const struct step *s;
    while ((s = machine_fetch_step(m, m->cursor)) != NULL) {
        proc_t who = doer(m, s);
        m->cursor++;
        if (!needs_process(s) || !is_suspended(m, who)) {
            take(m, s, who);
            return true;
        }
        if (!put_off(m, m->cursor - 1, who)) return false;
    }
    return false;
}

/* As the source has them, one after the other. */
static bool take_in_order(struct machine *m) {
    const struct step *s = machine_fetch_step(m, m->cursor);
    m->intended = m->kernel->running;
    if (!s) return false;
    m->step = *s;
    m->cursor++;
    return true;
}

bool watch_take_step(struct machine *m) {
    if (m->kernel->suspended == 0 && m->waiting_count == 0 && !m->strayed) return take_in_order(m);
    for (size_t i = 0; i < m->waiting_count; i++)
        if (!is_suspended(m, m->waiting[i].proc)) return take_waiting(m, i);
    if (take_from_source(m)) return true;
    return m->status == VS_OK && m->waiting_count > 0 && take_waiting(m, 0); /* only suspended ones have steps left */
}

/* ---- copies ---- */

bool watch_copy(struct machine *to, const struct machine *from) {
    to->watch = mem_zalloc(from->watch_count, sizeof *to->watch);
    to->waiting = mem_copy(from->waiting, from->waiting_count, sizeof *to->waiting);
    to->waiting_cap = from->waiting_count;
    if (!to->watch || !to->waiting) return false;
    for (size_t p = 0; p < from->watch_count; p++) {
        to->watch[p].held = from->watch[p].held;
        if (from->watch[p].set.recent && !workset_copy(&to->watch[p].set, &from->watch[p].set)) return false;
    }
    return true;
}

void watch_free(struct machine *m) {
    for (size_t p = 0; m->watch && p < m->watch_count; p++) workset_end(&m->watch[p].set);
    free(m->watch);
    free(m->waiting);
}

bool watch_equal(const struct machine *a, const struct machine *b) {
    bool matters = a->kernel->suspended || a->strayed; /* else the next step sets it anew */
    if (a->strayed != b->strayed || (matters && a->intended != b->intended)) return false;
    if (a->cursor != b->cursor || a->thrashing != b->thrashing) return false;
    if (a->waiting_count != b->waiting_count || a->watch_count != b->watch_count) return false;
    for (size_t i = 0; i < a->waiting_count; i++)
        if (a->waiting[i].index != b->waiting[i].index || a->waiting[i].proc != b->waiting[i].proc) return false;
    for (size_t p = 0; p < a->watch_count; p++)
        if (a->watch[p].held != b->watch[p].held || !workset_equal(&a->watch[p].set, &b->watch[p].set)) return false;
    return true;
}
