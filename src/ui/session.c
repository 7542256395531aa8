/* session.c - opening, viewing, running and branching.
 *
 * Invariant: each branch's source equals the one before it up to `at`, so the
 * recorded future can always be returned to: at the smallest `at`.
 */
#include "ui/session.h"
#include "ui/loop.h"
#include "vmscope/base/memory.h"

const struct speed speed_table[] = {
    {"1 micro-step a second", 1000000000, 0}, {"3 micro-steps a second", 333000000, 0},
    {"10 micro-steps a second", 100000000, 0}, {"30 micro-steps a second", 33000000, 0},
    {"10 steps a second", 100000000, 1},       {"100 steps a second", 50000000, 5},
    {"1,000 steps a second", 50000000, 50},    {"as fast as it can", 0, UINT64_MAX},
};
const int speed_count = (int)(sizeof speed_table / sizeof speed_table[0]);

bool session_open(struct session *s, struct scenario *scenario, struct diag *why) {
    struct machine *m = NULL;
    *s = (struct session){.scenario = scenario, .speed = 1, .burst = 1000, .looking = {PROC_NONE, PROC_NONE}};
    if (scenario_machine(scenario, &m, why) != VS_OK) return false;
    bool room = window_begin(&s->steps);
    s->history = room ? history_create(m, 0) : NULL;
    if (!room) machine_free(m); /* history_create owns it, also when it fails */
    if (s->history) return true;
    diag_set(why, scenario->file, 0, 0, "there is no memory for this machine");
    session_close(s);
    return false;
}

void session_close(struct session *s) {
    history_free(s->history);
    page_use_end(&s->use);
    while (s->branch_count > 0) step_source_free(s->branch[--s->branch_count].source);
    window_free(&s->steps);
    *s = (struct session){0};
}

struct view session_view(struct session *s) {
    static const struct event none;
    struct view v = {
        .scenario = s->scenario,
        .machine = history_machine(s->history),
        .history = s->history,
        .terminology = s->scenario->terminology,
        .running = s->running,
        .predict = s->predict.on,
        .tree = &s->tree,
        .looking = &s->looking,
        .steps = &s->steps,
        .zoom = s->zoom,
        .use = &s->use,
    };
    v.events = history_events(s->history, &v.events_done, &v.events_total);
    v.last = machine_last_event(v.machine);
    if (!v.last) v.last = &none;
    return v;
}

enum paging_shape session_shape(const struct session *s) {
    return machine_config(history_machine(s->history))->format.shape;
}

const struct step *session_next_step(struct session *s) {
    const struct machine *m = history_machine(s->history);
    return machine_between_steps(m) ? window_step(&s->steps, machine_source(m), machine_steps_done(m)) : NULL;
}

/* ---- another machine ---- */

#define SHAPE_ENTRIES_MAX 65536u

bool shape_word(const char *word, struct tlb_config *tlb) {
    char number[16];
    uint64_t sets, ways;
    const char *cross = strchr(word, 'x'), *why;
    if (!cross || cross == word || (size_t)(cross - word) >= sizeof number) return false;
    struct text t = text_in(number, sizeof number);
    text_addn(&t, word, (size_t)(cross - word));
    if (!parse_number(number, &sets, &why) || !parse_number(cross + 1, &ways, &why)) return false;
    if (sets == 0 || ways == 0 || sets > SHAPE_ENTRIES_MAX || ways > SHAPE_ENTRIES_MAX / sets) return false;
    tlb->entries = (uint32_t)(sets * ways);
    tlb->ways = (uint32_t)ways;
    return true;
}

/* A machine of the scenario as it is configured now, doing this session's steps. */
static struct history *begin_again(struct session *s, struct diag *why) {
    struct machine *m = NULL;
    if (machine_create(&s->scenario->config, session_source(s), &m, why) != VS_OK) return NULL;
    return history_create(m, 0);
}

/* The machines of the history look at the scenario's configuration, so they go before it changes. */
bool session_reshape(struct session *s, uint32_t frames, const struct tlb_config *tlb, struct diag *why) {
    struct machine_config *config = &s->scenario->config, before = *config, after = *config;
    struct position here = history_position(s->history);
    if (frames) after.frames = after.policy.frames = frames;
    if (tlb) after.tlb = *tlb;
    if (!machine_config_check(&after, why)) return false;
    history_free(s->history);
    *config = after;
    s->history = begin_again(s, why);
    bool made = s->history != NULL;
    if (!made) *config = before;
    if (!made) s->history = begin_again(s, why);
    if (s->history) history_goto(s->history, here);
    s->reshaped |= made;
    return made;
}

/* ---- running ---- */

/* The breakpoint that the last micro-step hit, or NULL. */
static const struct breakpoint *stopped_at(const struct session *s) {
    const struct machine *m = history_machine(s->history);
    const struct event *e = machine_last_event(m);
    for (size_t i = 0; e && i < s->break_count; i++)
        if (breakpoint_hit(&s->breaks[i], m, e)) return &s->breaks[i];
    return NULL;
}

/* Micro-steps until `steps` steps are done, a breakpoint is hit, or time is up. */
static bool tick_micro(struct session *s, uint64_t steps, struct text *why) {
    int64_t until = loop_now() + TICK_NS;
    for (uint64_t done = 0; done < steps || steps == 0;) {
        if (!history_micro_forward(s->history)) return false;
        const struct breakpoint *b = stopped_at(s);
        if (b) {
            text_addf(why, "Stopped at breakpoint: %s.", b->text);
            return false;
        }
        done += machine_between_steps(history_machine(s->history));
        if (steps == 0 || loop_now() > until) break;
    }
    return true;
}

/* From fewer steps than a burst nothing is learned but that they were slow. */
uint64_t burst_learned(uint64_t burst, uint64_t steps, int64_t took) {
    if (steps >= burst && took < TICK_NS / 2 && burst < (UINT64_C(1) << 32)) return burst * 2;
    return took > TICK_NS && burst > 1 ? burst / 2 : burst;
}

/* Steps that fit into a tick, at most so many. False: there are no more. */
static bool tick_burst(struct session *s, uint64_t most) {
    int64_t start = loop_now();
    uint64_t n = most < s->burst ? most : s->burst, done = history_run(s->history, n);
    s->burst = burst_learned(s->burst, done, loop_now() - start);
    return done == n;
}

/* ---- journeys ---- */

static uint64_t here(const struct session *s) { return history_position(s->history).step; }

/* A piece of the way to a position; true: there, or no way to go on. */
static bool piece_of_way(struct session *s) {
    const struct position to = s->journey.to;
    uint64_t last = to.step - (to.micro == 0 && to.step > 0); /* the rest is history's: with the events of that step */
    if (here(s) < last && tick_burst(s, last - here(s)) && here(s) < last) return false;
    history_goto(s->history, to);
    return true;
}

/* A known fault needs no search, only a way; else the search begins where time has not been yet. */
static void bind_search(struct session *s) {
    struct journey *j = &s->journey;
    uint64_t at, known = history_known_steps(s->history);
    j->found = history_fault_from(s->history, here(s), &at);
    j->bound = j->found || here(s) < known;
    if (!j->bound) return;
    j->to = (struct position){j->found ? at + 1 : known, 0};
    history_approach(s->history, j->to.step - 1);
}

/* A piece of the search for a fault; true: it is over. */
static bool piece_of_search(struct session *s) {
    struct journey *j = &s->journey;
    struct history *h = s->history;
    if (!j->bound) bind_search(s);
    if (j->bound) {
        if (!piece_of_way(s)) return false;
        j->bound = false;
        if (j->found) return true;
    }
    int64_t start = loop_now();
    uint64_t from = here(s);
    j->found = history_next_fault(h, s->burst);
    s->burst = burst_learned(s->burst, here(s) - from, loop_now() - start);
    return j->found || here(s) >= history_step_count(h) || history_status(h) != VS_OK;
}

/* Pieces until it is over or a tick's time is up; the first steps in any case. */
static bool travel(struct session *s) {
    enum { AT_ONCE = 20000 }; /* steps that hardly anybody waits for */
    int64_t until = loop_now() + TICK_NS;
    uint64_t from = here(s);
    bool over = false;
    while (!over) {
        over = s->journey.kind == JOURNEY_TO ? piece_of_way(s) : piece_of_search(s);
        if (!over && loop_now() > until && here(s) - from > AT_ONCE) break;
    }
    if (over) session_stop(s);
    return over;
}

static bool set_out(struct session *s, struct journey j) {
    session_stop(s);
    s->journey = j;
    s->journey.began = loop_now();
    s->running = true;
    s->next = 0;
    return travel(s);
}

bool session_go(struct session *s, struct position to) {
    uint64_t count = history_step_count(s->history);
    if (to.step >= count) to = (struct position){count, 0};
    uint64_t known = history_known_steps(s->history);
    history_approach(s->history, to.step < known ? to.step - (to.micro == 0 && to.step > 0) : known);
    return set_out(s, (struct journey){.kind = JOURNEY_TO, .to = to, .from = here(s)});
}

bool session_seek_fault(struct session *s) {
    return set_out(s, (struct journey){.kind = JOURNEY_FAULT, .from = here(s)});
}

void session_say_journey(const struct session *s, struct text *out) {
    const struct journey *j = &s->journey;
    unsigned long long at = here(s), to = j->to.step;
    if (j->kind == JOURNEY_FAULT) {
        text_addf(out, "Looking for the next fault: step %llu, and none so far.", at);
        return;
    }
    double part = j->to.step > j->from ? (double)(at - j->from) / (double)(j->to.step - j->from) : 1;
    text_addf(out, "On the way to step %llu: %.0f %%", to, part * 100);
    double left = part > 0.02 ? (double)(loop_now() - j->began) * 1e-9 * (1 / part - 1) : 0;
    if (left >= 1) text_addf(out, ", %.0f s left", left);
    text_add(out, ".");
}

void session_stop(struct session *s) {
    s->running = false;
    s->journey.kind = JOURNEY_NONE;
}

bool session_tick(struct session *s, struct text *why) {
    const struct speed *speed = &speed_table[s->speed];
    if (s->journey.kind != JOURNEY_NONE) {
        s->next = 0;
        return !travel(s);
    }
    s->next = loop_now() + speed->period;
    bool more = s->break_count == 0 && speed->steps == UINT64_MAX ? tick_burst(s, UINT64_MAX) : tick_micro(s, speed->steps, why);
    s->running = more && s->running;
    return more;
}

/* ---- pages over time ---- */

bool session_count_pages(struct session *s, uint64_t from, uint64_t scale, unsigned cells) {
    enum { PIECE = 500000 };
    const struct machine *m = history_machine(s->history);
    struct page_use *u = &s->use;
    if (u->from != from || u->scale != scale || u->cells != cells) page_use_begin(u, from, scale, cells);
    uint64_t before = page_use_counted(u);
    bool good = page_use_more(u, machine_source(m), machine_config(m)->format.page_shift, machine_steps_done(m), PIECE);
    return good && page_use_counted(u) > before;
}

/* ---- branches ---- */

const struct step_source *session_source(const struct session *s) {
    return s->branch_count ? s->branch[s->branch_count - 1].source : s->scenario->steps;
}

enum vs_status session_insert(struct session *s, const struct step *step) {
    if (s->branch_count == BRANCHES_MAX) return VS_LIMIT;
    if (!machine_between_steps(history_machine(s->history))) history_step_forward(s->history);
    uint64_t at = machine_steps_done(history_machine(s->history));
    uint64_t before = machine_cursor(history_machine(s->history)); /* steps of a suspended process may wait */
    struct step_source *source = step_source_branch(session_source(s), before, step, 1);
    if (!source) return VS_NOMEM;
    enum vs_status status = history_branch(s->history, source);
    if (status != VS_OK) {
        step_source_free(source);
        return status;
    }
    s->branch[s->branch_count++] = (struct branch){source, at};
    page_use_end(&s->use); /* other steps come now */
    window_forget(&s->steps);
    predict_forget(s);
    return VS_OK;
}

bool session_future(struct session *s) {
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < s->branch_count; i++)
        if (s->branch[i].at < first) first = s->branch[i].at;
    if (s->branch_count == 0) return false;
    if (history_position(s->history).step > first ||
        (history_position(s->history).step == first && history_position(s->history).micro > 0))
        history_goto(s->history, (struct position){first, 0});
    else if (history_position(s->history).micro > 0) history_step_forward(s->history);
    if (history_branch(s->history, s->scenario->steps) != VS_OK) return false;
    page_use_end(&s->use);
    window_forget(&s->steps);
    while (s->branch_count > 0) step_source_free(s->branch[--s->branch_count].source);
    predict_forget(s);
    return true;
}
