/* event.c - the tables behind event.h: one X-macro each, so that an event and
 * its words cannot drift apart. */
#include "vmscope/base/event.h"
#include <string.h>

const struct event_info event_table[EV_COUNT] = {
#define X(id, name, actor, label, fields, text) [EV_##id] = {name, ACTOR_##actor, label, fields, text},
    EVENT_KINDS(X)
#undef X
};

static const char *const fault_names[FAULT_COUNT] = {
#define X(id, name, group) [FAULT_##id] = (name),
    FAULT_CLASSES(X)
#undef X
};

static const char *const actor_names[ACTORS] = {[ACTOR_HW] = "HW", [ACTOR_OS] = "OS", [ACTOR_KSWAPD] = "KS"};

const char *fault_name(enum fault_class f) { return (unsigned)f < FAULT_COUNT ? fault_names[f] : "?"; }

enum fault_class fault_by_name(const char *name) {
    unsigned f = 0;
    while (f < FAULT_COUNT && strcmp(fault_names[f], name) != 0) f++;
    return (enum fault_class)f;
}

enum actor event_actor(const struct event *e) { return e->kswapd ? ACTOR_KSWAPD : event_table[e->kind].actor; }

const char *actor_name(enum actor a) { return (unsigned)a < ACTORS ? actor_names[a] : "?"; }
