/* stage.h - a scenario on a canvas, for tests of what the screen shows.
 *
 *   struct stage t;
 *   stage_open(&t, yaml);
 *   stage_until(&t, EV_VICTIM);
 *   assert_shows(stage_pane(&t, &pane_frames, 30, 8), "victim");
 *   stage_close(&t);
 */
#ifndef VMSCOPE_TESTS_STAGE_H
#define VMSCOPE_TESTS_STAGE_H

#include "ui/ui.h"

struct stage {
    struct scenario *s;
    struct history *h;
    struct view v;
    struct canvas c;
    struct pane_state st;
    bool ascii;
    char text[65536];
};

/* A machine of 3 frames (CLOCK, TLB of 4, sv32) and two processes that meets all there is to
 * see: first touches, files, a hit, victims clean and dirty, swap and back, growth, SIGSEGV, a switch. */
extern const char stage_yaml[];

void stage_open(struct stage *t, const char *yaml);   /* fails the running test when it cannot be loaded */
void stage_take(struct stage *t, struct scenario *s); /* owns s from here */
void stage_close(struct stage *t);
bool stage_micro(struct stage *t); /* one micro-step; false at the end */
void stage_until(struct stage *t,
                 enum event_kind kind); /* to the next event of this kind; fails the test without one */

/* The pane drawn alone, following the action: its rows, each ended by a newline. Valid until the next call.
 */
const char *stage_pane(struct stage *t, const struct pane *p, int width, int height);
/* Likewise a line outside panes. */
const char *stage_line(struct stage *t, void (*draw)(const struct view *, const struct area *), int width,
                       int height);
/* What is on the canvas now. */
const char *stage_canvas(struct stage *t);

void assert_shows(const char *picture, const char *wanted); /* prints the picture when it does not */
void assert_hides(const char *picture, const char *unwanted);

#endif
