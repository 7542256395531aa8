/* run.c - running a scenario to its end, checking expectations on the way.
 *
 * With nobody listening the machine runs in long stretches (machine_run) and
 * stops only where a step carries an expectation, so that checking costs a
 * trace of millions of references nothing.
 */
#include "cli/run.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "vmscope/base/memory.h"

#include <stdlib.h>

#define STRETCH (UINT64_C(1) << 20) /* steps between two looks at Ctrl-C */

const struct run_format *const run_format_table[RUN_FORMATS + 1] = {
    &run_format_text, &run_format_jsonl, &run_format_csv, &run_format_summary, NULL,
};

int run_begin(struct run *r, const struct cli *c, const struct scenario *s) {
    *r = (struct run){.cli = c, .scenario = s, .terminology = c->renamed ? c->terminology : s->terminology};
    r->end = c->limit < s->steps->count ? c->limit : s->steps->count;
    r->checking = !c->load.policy && !c->load.frames;
    struct diag why = {.file = ""};
    r->span = mem_zalloc(STEP_SPAN, sizeof *r->span);
    enum vs_status status = r->span ? scenario_machine(s, &r->machine, &why) : VS_NOMEM;
    if (status == VS_OK) return EXIT_GOOD;
    if (why.text[0]) complain_diag(&why);
    else complain("%s: %s", s->file, status_name(status));
    return EXIT_INPUT;
}

void run_free(struct run *r) {
    machine_free(r->machine);
    free(r->span);
}

/* ---- expectations ---- */

static void check_step(struct run *r) {
    struct step step;
    if (!r->checking || !machine_step_now(r->machine, &step)) return;
    const struct step_extra *extra = scenario_extra(r->scenario, &step);
    if (!extra || !extra->expect.flags) return;
    struct diag d;
    r->checked++;
    if (scenario_check_step(r->scenario, r->machine, &d)) return;
    r->failed++;
    diag_add(&r->failures, d.file, d.line, d.col, "%s", d.text);
}

static void check_end(struct run *r) {
    const struct scenario *s = r->scenario;
    if (!r->checking || machine_steps_done(r->machine) < s->steps->count) return;
    r->checked += s->expect_count + (s->expect_frames_count ? 1 : 0);
    r->failed += scenario_check_counters(s, r->machine, &r->failures);
    r->failed += !scenario_check_frames(s, r->machine, &r->failures); /* one, however many frames differ */
}

static bool any_step_expects(const struct scenario *s) {
    for (size_t i = 0; i < s->extra_count; i++)
        if (s->extra[i].expect.flags) return true;
    return false;
}

/* How many steps from `at` on carry nothing to check (at most `max`). A process that is suspended leaves the order. */
static uint64_t silent_steps(const struct run *r, uint64_t at, uint64_t max) {
    size_t count = 0;
    const struct step *span = step_span(r->scenario->steps, at, r->span, &count);
    uint64_t n = 0;
    while (span && n < count && n < max && !span[n].extra && span[n].kind != STEP_SUSPEND) n++;
    return n;
}

/* ---- the loops, one for each grain ---- */

static bool at_end(const struct run *r) {
    return machine_steps_done(r->machine) >= r->end || output_stopped();
}

static void run_fast(struct run *r) {
    bool expecting = r->checking && any_step_expects(r->scenario);
    bool in_order = !machine_config(r->machine)->load_control; /* no step waits for its process */
    struct step step;
    while (!at_end(r) && machine_status(r->machine) == VS_OK) {
        uint64_t done = machine_steps_done(r->machine), left = r->end - done;
        progress_tell(done, r->end);
        uint64_t n = left < STRETCH ? left : STRETCH;
        if (expecting) n = in_order ? silent_steps(r, done, n) : 0;
        if (n && machine_run(r->machine, n, NULL) == 0) return;
        if (n) continue;
        if (!machine_step(r->machine)) return;
        if (machine_step_now(r->machine, &step) && step.kind == STEP_SUSPEND) in_order = false;
        check_step(r);
    }
}

static void run_steps(struct run *r, const struct run_format *f) {
    while (!at_end(r) && machine_step(r->machine)) {
        f->step(r);
        check_step(r);
    }
}

static void run_micro_steps(struct run *r, const struct run_format *f) {
    struct event e;
    while (!at_end(r) && machine_micro_step(r->machine, &e)) {
        f->micro(r, &e);
        if (!machine_between_steps(r->machine)) continue;
        if (f->step) f->step(r);
        check_step(r);
    }
}

int run_all(struct run *r, const struct run_format *f) {
    if (f && f->begin) f->begin(r);
    if (f && f->micro) run_micro_steps(r, f);
    else if (f && f->step) run_steps(r, f);
    else {
        progress_begin("running");
        run_fast(r);
        progress_end();
    }
    if (machine_status(r->machine) != VS_OK && scenario_trouble(r->scenario)) {
        complain_diag(scenario_trouble(r->scenario));
        return EXIT_INPUT;
    }
    if (machine_status(r->machine) != VS_OK) {
        complain("%s: after step %llu: %s", r->scenario->file,
                 (unsigned long long)machine_steps_done(r->machine), status_name(machine_status(r->machine)));
        return EXIT_INPUT;
    }
    check_end(r);
    if (f && f->end) f->end(r);
    return r->failed ? EXIT_EXPECTATION : EXIT_GOOD;
}

const struct rmap *frame_holder(const struct machine *m, frame_t f) {
    const struct frame *frame = &machine_kernel(m)->frame[f];
    return frame->shares ? &frame->owner : NULL;
}

bool run_has_several(const struct machine *m) { return machine_config(m)->process_count + machine_config(m)->fork_count > 1; }
