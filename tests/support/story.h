/* story.h - the events of one step, told in order and compared with those that must come. */
#ifndef VMSCOPE_TESTS_STORY_H
#define VMSCOPE_TESTS_STORY_H

#include "rig.h"

#define STORY_EVENTS 64

struct story {
    struct event event[STORY_EVENTS];
    unsigned count;
};

/* Do the next step. Its events must be exactly these kinds (EV_NONE ends), and nothing may be inconsistent
 * after any of them. Returns what they told, until the next call. */
const struct story *story_of(struct rig *r, const enum event_kind *want);
#define STORY(r, ...) story_of(r, (const enum event_kind[]){__VA_ARGS__, EV_NONE})

/* The n-th (from 0) event of that kind; fails the running test when there are not so many. */
const struct event *story_event(const struct story *s, enum event_kind kind, unsigned n);

#endif
