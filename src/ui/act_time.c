/* act_time.c - actions that move in time, and those around predicting. */
#include "ui/app_state.h"

/* Faults are looked for this far; then the reader is asked to press again. */
#define SEARCH_LIMIT 20000000

unsigned app_stop(struct app *a) {
    if (!a->session.running) return REACT_NONE;
    a->session.running = false;
    return REACT_DRAW;
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
    struct history *h = a->session.history;
    app_stop(a);
    bool found = history_next_fault(h, SEARCH_LIMIT);
    unsigned moved = app_moved(a);
    if (found) return moved;
    if (history_position(h).step < history_step_count(h))
        return app_say(a, ROLE_MESSAGE, "No fault in the next %d steps; f looks on.", SEARCH_LIMIT);
    return app_say(a, ROLE_MESSAGE, "No further fault: this is the end.");
}

unsigned action_previous_fault(struct app *a, int key) {
    (void)key;
    app_stop(a);
    predict_forget(&a->session);
    bool found = history_previous_fault(a->session.history);
    unsigned moved = app_moved(a);
    return found ? moved : app_say(a, ROLE_MESSAGE, "No fault before this.");
}

unsigned action_first(struct app *a, int key) {
    (void)key;
    history_goto(a->session.history, (struct position){0, 0});
    return gone_back(a, true);
}

unsigned action_last(struct app *a, int key) {
    (void)key;
    app_stop(a);
    history_goto(a->session.history, (struct position){history_step_count(a->session.history), 0});
    return app_moved(a);
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

