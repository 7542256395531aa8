/* play.c - see play.h. */
#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

void play_begin(struct play *p, const char *yaml) {
    const struct scenario_options options = {.policy = NULL};
    struct diag_list errors = {.count = 0};
    struct diag why = {0};
    *p = (struct play){0};
    if (scenario_load_memory(yaml, strlen(yaml), "story", NULL, &options, &p->s, &errors) != VS_OK)
        fail_msg("line %u: %s", errors.item[0].line, errors.item[0].text);
    if (scenario_machine(p->s, &p->m, &why) != VS_OK) fail_msg("the machine cannot be built: %s", why.text);
}

static void check_step(const struct play *p) {
    struct diag d = {0};
    if (machine_between_steps(p->m) && !scenario_check_step(p->s, p->m, &d)) fail_msg("line %u: %s", d.line, d.text);
}

bool play_micro(struct play *p) {
    struct event e;
    if (!machine_micro_step(p->m, &e)) return false;
    const char *wrong = kernel_inconsistency(machine_kernel(p->m));
    if (wrong)
        fail_msg("step %llu, micro-step %u (%s): %s", (unsigned long long)e.step + 1, e.micro + 1, event_table[e.kind].name, wrong);
    p->count[e.kind]++;
    p->last[e.kind] = e;
    check_step(p);
    return true;
}

bool play_step(struct play *p) {
    if (!play_micro(p)) return false;
    while (!machine_between_steps(p->m))
        if (!play_micro(p)) return false;
    return true;
}

void play_to_end(struct play *p) {
    struct diag_list errors = {.count = 0};
    while (play_micro(p)) continue;
    assert_int_equal(machine_status(p->m), VS_OK);
    if (!scenario_check_end(p->s, p->m, &errors)) fail_msg("line %u: %s", errors.item[0].line, errors.item[0].text);
}

void play_end(struct play *p) {
    machine_free(p->m);
    scenario_free(p->s);
}

void assert_refused(const struct play *p, const char *why) {
    assert_true(p->count[EV_CALL_FAILED] > 0);
    if (!p->last[EV_CALL_FAILED].rule || !strstr(p->last[EV_CALL_FAILED].rule, why))
        fail_msg("the call failed with '%s', not with '%s'", p->last[EV_CALL_FAILED].rule, why);
}
