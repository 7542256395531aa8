/* act_compare.c - the keys of a comparison: one cursor for all machines, whole steps. */
#include "ui/app_state.h"

unsigned app_compare(struct app *a, const char *words) {
    const struct machine *m = history_machine(a->session.history);
    char buf[400] = "";
    struct text why = text_in(buf, sizeof buf);
    app_stop(a);
    if (!compare_open(&a->compare, machine_config(m), session_source(&a->session), machine_steps_done(m), words, &why))
        return app_say(a, ROLE_ERROR, "compare: %s", buf);
    app_overlay(a, OVERLAY_NONE);
    return REACT_DRAW;
}

unsigned action_compare(struct app *a, int key) {
    (void)key;
    return app_compare(a, "");
}

static unsigned go(struct app *a, uint64_t at) {
    uint64_t count = lockstep_count(a->compare.lanes);
    a->compare.at = at > count ? count : at;
    return REACT_DRAW;
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

/* To the end of a step that was searched. */
static unsigned found(struct app *a, uint64_t step, const char *what, const char *where) {
    if (step == UINT64_MAX) return app_say(a, ROLE_MESSAGE, "There is no %s %s.", what, where);
    return go(a, step + 1);
}

unsigned action_difference(struct app *a, int key) {
    (void)key;
    return found(a, lockstep_next_difference(a->compare.lanes, a->compare.at), "difference", "from here on");
}

unsigned action_difference_back(struct app *a, int key) {
    (void)key;
    uint64_t before = a->compare.at ? a->compare.at - 1 : 0;
    return found(a, lockstep_previous_difference(a->compare.lanes, before), "difference", "before");
}

unsigned action_compare_fault(struct app *a, int key) {
    (void)key;
    return found(a, lockstep_next_fault(a->compare.lanes, a->compare.at), "fault", "from here on");
}

unsigned action_compare_fault_back(struct app *a, int key) {
    (void)key;
    uint64_t before = a->compare.at ? a->compare.at - 1 : 0;
    return found(a, lockstep_previous_fault(a->compare.lanes, before), "fault", "before");
}

/* The scenario's own machine goes where the comparison stands. */
unsigned action_compare_go(struct app *a, int key) {
    (void)key;
    uint64_t at = a->compare.at;
    compare_close(&a->compare);
    return app_go(a, (struct position){at, 0});
}

unsigned action_compare_close(struct app *a, int key) {
    (void)key;
    compare_close(&a->compare);
    return REACT_DRAW;
}
