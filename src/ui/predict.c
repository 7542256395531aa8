/* predict.c - you say what will happen before you see it.
 *
 * Before an access in predict mode, its outcome is asked for; when its step has
 * ended, the answer is compared with what the machine did. A question that the
 * scenario brings (`ask`) is put in the same box, in predict mode or not.
 */
#include "ui/session.h"

/* The answers: a key each, as in the timeline's letters. */
static const struct {
    int key;
    enum outcome outcome;
    const char *text;
} answers[] = {
    {'h', OUT_HIT, "TLB hit"},         {'T', OUT_TLB_MISS, "TLB miss, page in memory"},
    {'m', OUT_MINOR, "minor fault"},   {'M', OUT_MAJOR, "major fault"},
    {'!', OUT_INVALID, "invalid access"},
};
#define ANSWERS (sizeof answers / sizeof answers[0])

static const struct question *own_question(const struct session *s, const struct step *step) {
    const struct step_extra *extra = scenario_extra(s->scenario, step);
    return extra && extra->ask.text ? &extra->ask : NULL;
}

static void write_own(const struct question *ask, struct question_box *q) {
    struct text text = text_in(q->text, sizeof q->text), choices = text_in(q->choices, sizeof q->choices);
    text_add(&text, ask->text);
    for (int i = 0; ask->choices && ask->choices[i] && i < 9; i++)
        text_addf(&choices, "%s%d  %s", i ? "\n " : " ", i + 1, ask->choices[i]);
    if (!ask->choices) text_add(&choices, "Think of your answer; Space shows the one of the book.");
}

static void write_prediction(const struct session *s, const struct step *step, struct question_box *q) {
    struct text text = text_in(q->text, sizeof q->text), choices = text_in(q->choices, sizeof q->choices);
    const struct machine *m = history_machine(s->history);
    text_addf(&text, "Step %llu: ", (unsigned long long)machine_steps_done(m) + 1);
    narrate_step(&text, m, step);
    text_add(&text, ". What will happen?");
    for (size_t i = 0; i < ANSWERS; i++) {
        if (answers[i].outcome == OUT_TLB_MISS && machine_config(m)->tlb.entries == 0) continue;
        text_addf(&choices, "%s%c  %s", i ? "\n " : " ", answers[i].key, answers[i].text);
    }
}

bool predict_ask(struct session *s, struct question_box *q) {
    const struct step *step = session_next_step(s);
    *q = (struct question_box){0};
    if (!step || s->predict.passed == machine_steps_done(history_machine(s->history)) + 1) return false;
    const struct question *ask = own_question(s, step);
    if (ask) write_own(ask, q);
    else if (s->predict.on && step->kind == STEP_ACCESS) write_prediction(s, step, q);
    return q->text[0] != '\0';
}

/* The step at hand needs no more asking. */
static void pass(struct session *s) { s->predict.passed = machine_steps_done(history_machine(s->history)) + 1; }

static void judge_own(struct session *s, const struct question *ask, const char *chosen, struct question_box *q) {
    struct text verdict = text_in(q->verdict, sizeof q->verdict);
    const char *answer = ask->answer ? ask->answer : "";
    if (chosen) {
        bool right = strcmp(chosen, answer) == 0;
        s->predict.asked++;
        s->predict.right += right;
        text_addf(&verdict, "%s ", right ? "Right." : "No.");
    }
    if (answer[0]) text_addf(&verdict, "Answer: %s", answer);
}

static bool answer_own(struct session *s, const struct question *ask, int key, struct question_box *q) {
    const char *chosen = NULL;
    int n = 0;
    while (ask->choices && ask->choices[n]) n++;
    if (key >= '1' && key < '1' + n) chosen = ask->choices[key - '1'];
    else if (n > 0 || key != ' ') return false;
    judge_own(s, ask, chosen, q);
    pass(s);
    return true;
}

bool predict_answer(struct session *s, int key, struct question_box *q) {
    const struct step *step = session_next_step(s);
    const struct question *ask = step ? own_question(s, step) : NULL;
    if (ask) return answer_own(s, ask, key, q);
    for (size_t i = 0; i < ANSWERS; i++) {
        if (answers[i].key != key) continue;
        s->predict.said = true;
        s->predict.answer = answers[i].outcome;
        s->predict.step = machine_steps_done(history_machine(s->history));
        pass(s);
        return true;
    }
    return false;
}

void predict_skip(struct session *s) { pass(s); }

void predict_forget(struct session *s) {
    s->predict.said = false;
    s->predict.passed = 0;
}

bool predict_settle(struct session *s, struct text *out, bool *right) {
    struct predict *p = &s->predict;
    const struct machine *m = history_machine(s->history);
    if (machine_steps_done(m) < p->step) p->said = false; /* time went back */
    if (!p->said || machine_steps_done(m) == p->step) return false;
    enum outcome came = history_outcome(s->history, p->step);
    *right = came == p->answer;
    p->said = false;
    p->asked++;
    p->right += *right;
    text_addf(out, "%s: %s. Your score: %u of %u.", *right ? "Right" : "No", outcome_text[came], p->right, p->asked);
    return true;
}
