/* story.c - see story.h. */
#include "story.h"

#include "random_scenario.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *name_of(enum event_kind kind) {
    return kind == EV_NONE ? "the end" : event_table[kind].name;
}

static void tell(struct rig *r, struct story *s) {
    *s = (struct story){.count = 0};
    do {
        if (s->count == STORY_EVENTS) fail_msg("the step has more than %d events", STORY_EVENTS);
        assert_true(machine_micro_step(r->m, &s->event[s->count++]));
        const char *trouble = machine_trouble(r->m);
        if (trouble)
            fail_msg("after event %u (%s): %s", s->count,
                     name_of((enum event_kind)s->event[s->count - 1].kind), trouble);
    } while (!machine_between_steps(r->m));
}

const struct story *story_of(struct rig *r, const enum event_kind *want) {
    static struct story s;
    tell(r, &s);
    for (unsigned i = 0;; i++) {
        enum event_kind is = i < s.count ? (enum event_kind)s.event[i].kind : EV_NONE;
        if (is != want[i])
            fail_msg("event %u of the step: must be %s, is %s", i + 1, name_of(want[i]), name_of(is));
        if (want[i] == EV_NONE) return &s;
    }
}

const struct event *story_event(const struct story *s, enum event_kind kind, unsigned n) {
    for (unsigned i = 0; i < s->count; i++)
        if (s->event[i].kind == kind && n-- == 0) return &s->event[i];
    fail_msg("the step has not so many events %s", name_of(kind));
    return &s->event[0];
}
