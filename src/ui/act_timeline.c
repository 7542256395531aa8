/* act_timeline.c - actions on the timeline: looking closer, and going where its cursor stands.
 *
 * The strip below the panes and the timeline's pane share one zoom.
 */
#include "ui/app_state.h"
#include "ui/timeline.h"

/* Cells of the strip that the reader sees: the pane's if it has the keys, else that below the panes. */
static int strip_width(const struct app *a) {
    const struct layout *l = &a->screen.layout;
    bool pane = a->screen.focus == PANE_TIMELINE && l->pane[PANE_TIMELINE].width > 0;
    return pane ? l->pane[PANE_TIMELINE].width : l->timeline.width - 2;
}

static unsigned say_zoom(struct app *a) {
    char words[32];
    struct text t = text_in(words, sizeof words);
    struct view v = session_view(&a->session);
    struct strip s = strip_of(&v, strip_width(a), v.zoom, 0);
    say_steps(&t, s.scale);
    if (strip_closest(&v, strip_width(a)) == 0) return app_say(a, ROLE_MESSAGE, "Timeline: all steps are there, a cell each.");
    if (s.scale == 1) return app_say(a, ROLE_MESSAGE, "Timeline: every step a cell, around the present. < looks wider.");
    return app_say(a, ROLE_MESSAGE, "Timeline: %s steps a cell%s. > looks closer%s.", words, v.zoom ? "" : ", all of time",
                   v.zoom ? ", < wider" : "");
}

unsigned action_closer(struct app *a, int key) {
    (void)key;
    struct view v = session_view(&a->session);
    if (a->session.zoom < strip_closest(&v, strip_width(a))) a->session.zoom++;
    return say_zoom(a);
}

unsigned action_wider(struct app *a, int key) {
    (void)key;
    struct view v = session_view(&a->session);
    unsigned closest = strip_closest(&v, strip_width(a));
    if (a->session.zoom > closest) a->session.zoom = closest; /* the screen has grown since */
    if (a->session.zoom > 0) a->session.zoom--;
    return say_zoom(a);
}

unsigned action_go(struct app *a, int key) {
    (void)key;
    struct pane_state *st = &a->screen.pane[PANE_TIMELINE];
    uint64_t step = st->cursor < 0 ? 0 : (uint64_t)st->cursor;
    st->follow = true;
    return app_go(a, (struct position){step, 1});
}

bool app_count_pages(struct app *a) {
    const struct box *b = &a->screen.layout.pane[PANE_TIMELINE];
    struct strip s;
    if (!a->in_session || a->compare.lanes || b->width == 0) return false;
    struct view v = session_view(&a->session);
    if (!timeline_stretch(&v, &a->screen.pane[PANE_TIMELINE], b->width, b->height, &s)) return false;
    return session_count_pages(&a->session, s.from, s.scale, (unsigned)strip_used(&s));
}
