/* test_scenario.h - loading scenarios from strings in tests. */
#ifndef VMSCOPE_TESTS_TEST_SCENARIO_H
#define VMSCOPE_TESTS_TEST_SCENARIO_H

#include "vmscope/scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "version: 1\ntitle: T\n"

/* What a load said first: "LINE:COL TEXT", or "" when it was good. */
struct said {
    enum vs_status status;
    char first[600];
    size_t count;
};

static inline struct said load_with(const char *yaml, const struct scenario_options *o,
                                    struct scenario **out) {
    struct diag_list errors = {.count = 0};
    struct said said = {.first = ""};
    struct text t = text_in(said.first, sizeof said.first);
    said.status = scenario_load_memory(yaml, strlen(yaml), "t.yaml", NULL, o, out, &errors);
    said.count = errors.count + errors.dropped;
    if (errors.count) text_addf(&t, "%u:%u %s", errors.item[0].line, errors.item[0].col, errors.item[0].text);
    return said;
}

/* A scenario that must load. */
static inline struct scenario *load(const char *yaml) {
    struct scenario *s = NULL;
    struct said said = load_with(yaml, NULL, &s);
    assert_string_equal(said.first, "");
    assert_int_equal(said.status, VS_OK);
    assert_non_null(s);
    return s;
}

/* A scenario that must not load; its first error begins with `wanted`. */
static inline void refused(const char *yaml, const char *wanted) {
    struct scenario *s = NULL;
    struct said said = load_with(yaml, NULL, &s);
    assert_int_equal(said.status, VS_BAD_INPUT);
    assert_null(s);
    said.first[strlen(wanted) < sizeof said.first ? strlen(wanted) : 0] = '\0';
    assert_string_equal(said.first, wanted);
}

/* Step number i of the source. */
static inline struct step step_at(const struct scenario *s, uint64_t i) {
    static struct step buf[STEP_SPAN];
    size_t count;
    const struct step *p = step_span(s->steps, i, buf, &count);
    assert_non_null(p);
    return *p;
}

/* Run to the end; every step's expectation and the last ones must hold. */
static inline struct counters run_and_check(const struct scenario *s) {
    struct machine *m = NULL;
    struct diag why = {.text = ""};
    struct diag_list errors = {.count = 0};
    assert_int_equal(scenario_machine(s, &m, &why), VS_OK);
    while (machine_step(m)) {
        if (!scenario_check_step(s, m, &why)) fail_msg("%u:%u %s", why.line, why.col, why.text);
    }
    assert_int_equal(machine_status(m), VS_OK);
    if (!scenario_check_end(s, m, &errors))
        fail_msg("%u:%u %s", errors.item[0].line, errors.item[0].col, errors.item[0].text);
    struct counters c = *machine_counters(m);
    machine_free(m);
    return c;
}

#endif
