/* act_compare.c - the keys of a comparison: one cursor for all machines, whole steps. */
#include "ui/app_state.h"

/* After a piece of a way: tell how far it is, or what came of it. */
unsigned app_compared(struct app *a, enum compare_goal goal) {
    const struct compare *c = &a->compare;
    char words[120];
    struct text t = text_in(words, sizeof words);
    if (c->goal != GOAL_NONE) {
        compare_say_way(c, &t);
        return app_say(a, ROLE_MESSAGE, "%s Esc stops here.", words);
    }
    if (c->found || goal == GOAL_STEP) return REACT_DRAW;
    return app_say(a, ROLE_MESSAGE, "There is no %s from here on.", goal == GOAL_FAULT ? "fault" : "difference");
}

unsigned app_compare(struct app *a, const char *words) {
    const struct machine *m = history_machine(a->session.history);
    char buf[400] = "";
    struct text why = text_in(buf, sizeof buf);
    app_stop(a);
    if (!compare_open(&a->compare, machine_config(m), session_source(&a->session), machine_steps_done(m), words, &why))
        return app_say(a, ROLE_ERROR, "compare: %s", buf);
    app_overlay(a, OVERLAY_NONE);
    return app_compared(a, GOAL_STEP);
}

unsigned action_compare(struct app *a, int key) {
    (void)key;
    return app_compare(a, "");
}

static unsigned go(struct app *a, uint64_t at) {
    compare_go(&a->compare, at);
    return app_compared(a, GOAL_STEP);
}

static unsigned seek(struct app *a, enum compare_goal goal) {
    compare_seek(&a->compare, goal);
    return app_compared(a, goal);
}

unsigned action_compare_step(struct app *a, int key) {
    (void)key;
    return go(a, a->compare.at + 1);
}

unsigned action_compare_back(struct app *a, int key) {
    (void)key;
    return a->compare.at ? go(a, a->compare.at - 1) : REACT_NONE;
}

unsigned action_compare_first(struct app *a, int key) {
    (void)key;
    return go(a, 0);
}

unsigned action_compare_last(struct app *a, int key) {
    (void)key;
    return go(a, UINT64_MAX);
}

unsigned action_difference(struct app *a, int key) {
    (void)key;
    return seek(a, GOAL_DIFFERENCE);
}

unsigned action_compare_fault(struct app *a, int key) {
    (void)key;
    return seek(a, GOAL_FAULT);
}

/* To the end of a step of the past. */
static unsigned back_to(struct app *a, uint64_t step, const char *what) {
    if (step == UINT64_MAX) return app_say(a, ROLE_MESSAGE, "There is no %s before.", what);
    return go(a, step + 1);
}

unsigned action_difference_back(struct app *a, int key) {
    (void)key;
    uint64_t before = a->compare.at ? a->compare.at - 1 : 0;
    return back_to(a, lockstep_previous_difference(a->compare.lanes, before), "difference");
}

unsigned action_compare_fault_back(struct app *a, int key) {
    (void)key;
    uint64_t before = a->compare.at ? a->compare.at - 1 : 0;
    return back_to(a, lockstep_previous_fault(a->compare.lanes, before), "fault");
}

unsigned action_compare_go(struct app *a, int key) {
    (void)key;
    uint64_t at = a->compare.at;
    compare_close(&a->compare);
    return app_go(a, (struct position){at, 0});
}

unsigned action_compare_close(struct app *a, int key) {
    if (key == K_ESCAPE && a->compare.goal != GOAL_NONE) {
        a->compare.at = lockstep_known(a->compare.lanes);
        a->compare.goal = GOAL_NONE;
    } else {
        compare_close(&a->compare);
    }
    return REACT_DRAW;
}
