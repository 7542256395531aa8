/* act_time.c - actions that move in time, and those around predicting. */
#include "ui/app_state.h"

unsigned app_stop(struct app *a) {
    if (!a->session.running) return REACT_NONE;
    session_stop(&a->session);
    return REACT_DRAW;
}

/* ---- journeys ---- */

unsigned app_travelled(struct app *a, enum journey_kind kind) {
    struct session *s = &a->session;
    char words[120];
    struct text t = text_in(words, sizeof words);
    unsigned moved = app_moved(a);
    if (history_status(s->history) != VS_OK)
        return app_say(a, ROLE_ERROR, "This cannot go on: %s.", status_name(history_status(s->history)));
    if (s->journey.kind != JOURNEY_NONE) {
        session_say_journey(s, &t);
        return app_say(a, ROLE_MESSAGE, "%s Esc stops here.", words);
    }
    if (kind == JOURNEY_FAULT && !s->journey.found) return app_say(a, ROLE_MESSAGE, "No further fault: this is the end.");
    return moved;
}

unsigned app_go(struct app *a, struct position to) {
    app_stop(a);
    predict_forget(&a->session);
    session_go(&a->session, to);
    return app_travelled(a, JOURNEY_TO);
}

/* Is a question to be put before this move? Then it waits. */
static bool held_up(struct app *a, unsigned (*move)(struct app *a)) {
    if (!predict_ask(&a->session, &a->screen.question)) return false;
    a->asked_for = move;
    app_overlay(a, OVERLAY_QUESTION);
    return true;
}

static unsigned at_end(struct app *a) {
    if (history_status(a->session.history) != VS_OK)
        return app_say(a, ROLE_ERROR, "This cannot go on: %s.", status_name(history_status(a->session.history)));
    return app_say(a, ROLE_MESSAGE, "This is the end: there are no more steps. u goes back, g to the start, : adds steps.");
}

static unsigned at_start(struct app *a) { return app_say(a, ROLE_MESSAGE, "This is the start."); }

static unsigned do_step(struct app *a) {
    return history_micro_forward(a->session.history) ? app_moved(a) : at_end(a);
}

static unsigned do_step_all(struct app *a) {
    return history_step_forward(a->session.history) ? app_moved(a) : at_end(a);
}

unsigned action_step(struct app *a, int key) {
    (void)key;
    app_stop(a);
    return held_up(a, do_step) ? REACT_DRAW : do_step(a);
}

unsigned action_step_all(struct app *a, int key) {
    (void)key;
    app_stop(a);
    return held_up(a, do_step_all) ? REACT_DRAW : do_step_all(a);
}

static unsigned gone_back(struct app *a, bool moved) {
    app_stop(a);
    predict_forget(&a->session);
    return moved ? app_moved(a) : at_start(a);
}

unsigned action_back(struct app *a, int key) {
    (void)key;
    return gone_back(a, history_micro_back(a->session.history));
}

unsigned action_back_all(struct app *a, int key) {
    (void)key;
    return gone_back(a, history_step_back(a->session.history));
}

unsigned action_next_fault(struct app *a, int key) {
    (void)key;
    app_stop(a);
    session_seek_fault(&a->session);
    return app_travelled(a, JOURNEY_FAULT);
}

unsigned action_previous_fault(struct app *a, int key) {
    (void)key;
    struct position p = history_position(a->session.history);
    uint64_t at, last = p.micro || p.step == 0 ? p.step : p.step - 1; /* the step under way or last done */
    app_stop(a);
    if (!history_fault_before(a->session.history, last, &at)) return app_say(a, ROLE_MESSAGE, "No fault before this.");
    return app_go(a, (struct position){at + 1, 0});
}

unsigned action_first(struct app *a, int key) {
    (void)key;
    return app_go(a, (struct position){0, 0});
}

unsigned action_last(struct app *a, int key) {
    (void)key;
    return app_go(a, (struct position){history_step_count(a->session.history), 0});
}

/* ---- running ---- */

unsigned action_run(struct app *a, int key) {
    (void)key;
    struct session *s = &a->session;
    if (s->running) return app_stop(a);
    const struct machine *m = history_machine(s->history);
    if (machine_between_steps(m) && machine_steps_done(m) >= history_step_count(s->history)) return at_end(a);
    s->running = true;
    s->next = 0;
    return app_say(a, ROLE_MESSAGE, "Running: %s. r pauses, + faster, - slower.", speed_table[s->speed].label);
}

static unsigned set_speed(struct app *a, int speed) {
    if (speed >= 0 && speed < speed_count) a->session.speed = speed;
    return app_say(a, ROLE_MESSAGE, "Speed %d of %d: %s.", a->session.speed + 1, speed_count,
                   speed_table[a->session.speed].label);
}

unsigned action_faster(struct app *a, int key) {
    (void)key;
    return set_speed(a, a->session.speed + 1);
}

unsigned action_slower(struct app *a, int key) {
    (void)key;
    return set_speed(a, a->session.speed - 1);
}

/* ---- predicting ---- */

unsigned action_predict(struct app *a, int key) {
    (void)key;
    struct predict *p = &a->session.predict;
    p->on = !p->on;
    predict_forget(&a->session);
    if (!p->on) return app_say(a, ROLE_MESSAGE, "Predict mode is off. Your score: %u of %u.", p->right, p->asked);
    return app_say(a, ROLE_MESSAGE, "Predict mode: before each access, you say how it will come out. Space begins.");
}

static unsigned go_on(struct app *a) {
    unsigned (*move)(struct app *) = a->asked_for;
    app_overlay(a, OVERLAY_NONE);
    a->asked_for = NULL;
    return REACT_DRAW | (move ? move(a) : REACT_NONE);
}

unsigned action_answer(struct app *a, int key) {
    struct question_box *q = &a->screen.question;
    if (q->verdict[0] || !predict_answer(&a->session, key, q)) return REACT_NONE;
    return q->verdict[0] ? REACT_DRAW : go_on(a);
}

unsigned action_skip(struct app *a, int key) {
    struct question_box *q = &a->screen.question;
    if (!q->verdict[0] && predict_answer(&a->session, key, q) && q->verdict[0]) return REACT_DRAW;
    predict_skip(&a->session);
    return go_on(a);
}

unsigned action_stop_asking(struct app *a, int key) {
    if (a->session.predict.on) action_predict(a, key);
    predict_skip(&a->session);
    app_overlay(a, OVERLAY_NONE);
    return REACT_DRAW;
}

