/* pty_session.h - the real program in a real terminal, for tests.
 *
 *   test <-> pseudo-terminal <-> supervisor (session leader, as a shell is) -> vmscope
 *
 * Bytes that the program writes go into a terminal emulator (libvterm), whose
 * screen the tests read. A test waits for something to become true, with a
 * deadline; it never sleeps. The supervisor is what Ctrl-Z needs: without a
 * job-control parent in its session, a process cannot be stopped.
 */
#ifndef VMSCOPE_TESTS_PTY_SESSION_H
#define VMSCOPE_TESTS_PTY_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

struct pty_options {
    int rows, cols;
    const char *term;        /* TERM; NULL: xterm-256color */
    const char *const *env;  /* further NAME=VALUE, NULL ends; may be NULL */
    const char *input_file;  /* standard input from this file instead of the terminal */
    bool ignore_hangup;      /* start with SIGHUP ignored, as nohup does */
};

struct pty;

/* The program under test: $VMSCOPE. */
const char *vmscope_path(void);

/* Run argv[0] (a path). Fails the test when that cannot be done. */
struct pty *pty_start(const char *const *argv, const struct pty_options *options);
void pty_free(struct pty *p); /* kills what still runs */

void pty_type(struct pty *p, const char *bytes);
void pty_resize(struct pty *p, int rows, int cols); /* SIGWINCH follows from the kernel */
void pty_signal(struct pty *p, int sig);            /* to the program */
void pty_continue(struct pty *p);                   /* what the shell's `fg` does */
void pty_hang_up(struct pty *p);                    /* the terminal vanishes */

/* Wait until it holds; false after the deadline (20 s; a passing test never waits that long). */
typedef bool (*pty_predicate)(struct pty *p, const void *arg);
bool pty_wait(struct pty *p, pty_predicate holds, const void *arg);
bool pty_wait_text(struct pty *p, const char *needle);    /* on the screen */
bool pty_wait_no_text(struct pty *p, const char *needle); /* not, or no longer */
/* Until the whole screen has been drawn: types ^L (the program clears and draws afresh,
 * from top to bottom), and waits for `last` on the bottom line of the new picture. */
bool pty_settle(struct pty *p, const char *last);
bool pty_wait_stopped(struct pty *p);
bool pty_wait_read(struct pty *p); /* until the program has read what was typed (or has ended) */
void pty_take_rest(struct pty *p); /* what the program has written by now, without waiting */
/* The program's wait status (WIFEXITED...), or -1 after the deadline. */
int pty_wait_end(struct pty *p);
long pty_cpu_milliseconds(const struct pty *p); /* that it used, once it has ended */

/* The screen as UTF-8, a line a row, trailing blanks cut. Valid until the next call. */
const char *pty_screen(struct pty *p);
bool pty_is_on_screen(struct pty *p, const char *needle);
bool pty_same_picture(struct pty *a, struct pty *b); /* every cell, with its colours */
bool pty_any_color(struct pty *p); /* a cell in another colour than the terminal's own */
bool pty_alternate_screen(const struct pty *p);
bool pty_cursor_visible(const struct pty *p);
bool pty_mouse_on(const struct pty *p);
/* Is the line discipline as it was before the program started? */
bool pty_line_as_before(const struct pty *p);

#endif
