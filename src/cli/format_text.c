/* format_text.c - a run as a narration: for reading, and for screens that are none.
 *
 *   step 3/24  A  write 0x0804c010 <- 42
 *      The first write to the heap.
 *     1 HW  The CPU runs: ...
 */
#include "cli/run.h"

#include <inttypes.h>
#include <stdio.h>

#define SENTENCE 1024

/* A text of the scenario, each of its lines led by `indent`. */
static void print_indented(const char *indent, const char *text) {
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, "\n");
        printf("%s%.*s\n", n ? indent : "", (int)n, at);
        at += n + (at[n] == '\n');
    }
}

static void text_begin(struct run *r) {
    const struct scenario *s = r->scenario;
    printf("%s\n", s->title);
    if (s->summary) printf("%s\n", s->summary);
    if (s->about) {
        printf("\n");
        print_indented("  ", s->about);
    }
    if (s->source) printf("\n  Source: %s\n", s->source);
}

static void print_question(const struct question *ask) {
    printf("     Question: %s\n", ask->text);
    for (size_t i = 0; ask->choices && ask->choices[i]; i++) printf("       - %s\n", ask->choices[i]);
}

static void print_heading(const struct run *r, const struct step *step) {
    char words[SENTENCE];
    struct text what = text_in(words, sizeof words);
    const struct machine *m = r->machine;
    narrate_step(&what, m, step);
    proc_t who =
        step->kind == STEP_ACCESS && step->proc != PROC_NONE ? step->proc : machine_kernel(m)->running;
    printf("\nstep %" PRIu64 "/%" PRIu64 "  %s  %s\n", machine_step_index(m) + 1, r->scenario->steps->count,
           process_name(m, who), words);
    const struct step_extra *extra = scenario_extra(r->scenario, step);
    if (extra && extra->note) print_indented("     ", extra->note);
    if (extra && extra->ask.text) print_question(&extra->ask);
}

static void text_micro(struct run *r, const struct event *e) {
    char words[SENTENCE];
    struct text sentence = text_in(words, sizeof words);
    struct step step;
    if (e->micro == 0 && machine_step_now(r->machine, &step)) print_heading(r, &step);
    narrate_event(&sentence, r->machine, e, r->terminology);
    printf("%5" PRIu32 " %s  %s\n", e->micro + 1, actor_name(event_actor(e)), words);
}

static void print_frames(const struct machine *m) {
    bool several = run_has_several(m);
    printf("     frames:");
    for (frame_t f = 0; f < machine_config(m)->frames; f++) {
        const struct rmap *page = frame_holder(m, f);
        if (!page) printf(" -");
        else if (several) printf(" %s:%" PRIu64, process_name(m, page->proc), page->vpn);
        else printf(" %" PRIu64, page->vpn);
    }
    printf("\n");
}

static void text_step(struct run *r) {
    struct step step;
    const struct step_extra *extra =
        machine_step_now(r->machine, &step) ? scenario_extra(r->scenario, &step) : NULL;
    if (extra && extra->ask.text && extra->ask.answer) printf("     Answer: %s\n", extra->ask.answer);
    if (r->cli->frames_after) print_frames(r->machine);
}

static void print_expectations(const struct run *r) {
    if (!r->checking)
        printf("\nThe machine was changed on the command line: expectations were not checked.\n");
    else if (r->checked && !r->failed) printf("\nAll %" PRIu64 " expectations hold.\n", r->checked);
    else if (r->failed) printf("\n%" PRIu64 " of %" PRIu64 " expectations failed.\n", r->failed, r->checked);
}

static void text_end(struct run *r) {
    const struct counters *c = machine_counters(r->machine);
    uint64_t done = machine_steps_done(r->machine);
    printf("\n%s %" PRIu64 " of %" PRIu64 " steps. What was counted (and is not 0):\n\n",
           done < r->scenario->steps->count ? "Stopped after" : "The end, after", done,
           r->scenario->steps->count);
    for (const struct counter_info *i = counter_table; i->name; i++)
        if (counter_value(c, i)) printf("  %-22s %10" PRIu64 "  %s\n", i->name, counter_value(c, i), i->what);
    print_expectations(r);
}

const struct run_format run_format_text = {
    .name = "text",
    .help = "a narration: every micro-step in a sentence, and who does it",
    .begin = text_begin,
    .micro = text_micro,
    .step = text_step,
    .end = text_end,
    .can_show_frames = true,
};
