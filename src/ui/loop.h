/* loop.h - waiting: for a key, a signal or the clock, whichever comes first. */
#ifndef VMSCOPE_UI_LOOP_H
#define VMSCOPE_UI_LOOP_H

#include <stdbool.h>
#include <stdint.h>

enum wake { /* why the wait ended; bits */
    WAKE_KEY = 1,
    WAKE_RESIZE = 2,
    WAKE_SUSPEND = 4, /* ^Z */
    WAKE_QUIT = 8,    /* ^C, SIGTERM: leave in order */
    WAKE_GONE = 16    /* SIGHUP, or the terminal has vanished: leave at once */
};

/* Catch SIGWINCH, SIGTSTP, SIGINT, SIGTERM and SIGHUP from now on. False: no pipe to be had. */
bool loop_start(void);
void loop_stop(void);
/* Wait until something happens, at most `nanoseconds` (negative: no limit; 0: only look). */
unsigned loop_wait(int fd, int64_t nanoseconds);
/* A key was announced but none came: has the terminal vanished? */
bool loop_is_gone(int fd);

int64_t loop_now(void); /* monotonic nanoseconds */

#endif
