/* play.h - a scenario in YAML played to its end, for tests of what a whole story does.
 *
 * After every micro-step the kernel's accounts must hold, and what its steps and its last
 * `expect` ask for must come out; else the running test fails with the line.
 *
 *   struct play p;
 *   play_begin(&p, yaml);
 *   play_to_end(&p);
 *   assert_int_equal(p.count[EV_OOM], 1);
 *   play_end(&p);
 */
#ifndef VMSCOPE_TESTS_PLAY_H
#define VMSCOPE_TESTS_PLAY_H

#include "vmscope/scenario/scenario.h"

struct play {
    struct scenario *s;
    struct machine *m;
    unsigned count[EV_COUNT];    /* events of each kind so far */
    struct event last[EV_COUNT]; /* and the last one */
};

void play_begin(struct play *p, const char *yaml);
bool play_micro(struct play *p); /* one micro-step; false: the end */
bool play_step(struct play *p);  /* to the end of the step */
void play_to_end(struct play *p);
void play_end(struct play *p);

/* A call failed last, and for this reason. */
void assert_refused(const struct play *p, const char *why);

#endif
