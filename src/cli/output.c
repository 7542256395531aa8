/* output.c - standard output for results: buffered, checked, interruptible.
 *
 * A result that was cut short must not look like a whole one: every write is
 * checked by stdio's error flag, which is read as the work goes on and at the
 * end, and a full disk or closed pipe becomes a message and a status.
 */
#include "cli/output.h"
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define BUFFER_BYTES (1u << 18)

static volatile sig_atomic_t interrupted; /* by which signal; set by the handler alone */

static void on_interrupt(int sig) {
    interrupted = sig;
}

void output_begin(void) {
    setvbuf(stdout, NULL, _IOFBF, BUFFER_BYTES);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* a file at its limit (ulimit -f) is a write that fails */
    /* A second Ctrl-C kills, should the first one be taken too slowly. A write under way
     * goes on: it must not look like one that failed. */
    struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigaction(SIGINT, &once, NULL);
}

void output_catch_end(void) {
    struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    static const int signals[] = {SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction now;
        bool ignored = sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN; /* nohup */
        if (!ignored) sigaction(signals[i], &once, NULL);
    }
}

bool output_stopped(void) { return interrupted || ferror(stdout); }

int output_end(int status) {
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("cannot write the result: %s", errno ? strerror(errno) : "an earlier write failed");
        return EXIT_INPUT;
    }
    if (interrupted) {
        complain("interrupted");
        return EXIT_SIGNAL + interrupted;
    }
    return status;
}

char *put_text(char *to, const char *s) {
    size_t n = strlen(s);
    memcpy(to, s, n);
    return to + n;
}

char *put_decimal(char *to, uint64_t value) {
    char digit[20];
    size_t n = 0;
    do digit[n++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (n) *to++ = digit[--n];
    return to;
}

char *put_hex(char *to, uint64_t value, unsigned digits) {
    *to++ = '0';
    *to++ = 'x';
    while (digits < 16 && value >> (4 * digits)) digits++;
    while (digits) *to++ = "0123456789abcdef"[value >> (4 * --digits) & 15];
    return to;
}
