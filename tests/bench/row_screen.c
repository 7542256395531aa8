/* row_screen.c - the screen, from the other end of a pseudo-terminal: B12, B13.
 *
 * What a person waits for is bytes that arrive. A frame has arrived when no byte
 * has followed for QUIET_MS; the time counts to its last byte.
 */
#include "bench.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUIET_MS    60
#define PATIENCE_MS 3000
#define STEPS       9

struct screen {
    pid_t pid;
    int fd;
};

struct burst {
    double seconds; /* to its last byte; UNKNOWN: nothing came */
    double bytes;
};

static bool screen_start(struct screen *s, const struct bench *b) {
    struct winsize size = {.ws_row = 50, .ws_col = 200};
    s->pid = b->program ? forkpty(&s->fd, NULL, NULL, &size) : -1;
    if (s->pid != 0) return s->pid > 0;
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("NO_COLOR");
    execl(b->program, "vmscope", b->scenario_path, (char *)NULL);
    _exit(127);
}

static void screen_stop(struct screen *s) {
    kill(s->pid, SIGTERM);
    close(s->fd);
    waitpid(s->pid, NULL, 0);
}

/* What arrives from `start` until it is quiet. */
static struct burst screen_wait(struct screen *s, double start) {
    struct burst got = {UNKNOWN, 0};
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    char buf[65536];
    while (poll(&p, 1, got.bytes > 0 ? QUIET_MS : PATIENCE_MS) > 0) {
        ssize_t n = read(s->fd, buf, sizeof buf);
        if (n <= 0) break;
        got.bytes += (double)n;
        got.seconds = now_seconds() - start;
    }
    return got;
}

static struct burst screen_key(struct screen *s, char key) {
    double start = now_seconds();
    return write(s->fd, &key, 1) == 1 ? screen_wait(s, start) : (struct burst){UNKNOWN, 0};
}

double first_frame(struct bench *b) {
    struct screen s;
    double start = now_seconds();
    if (!screen_start(&s, b)) return UNKNOWN;
    struct burst got = screen_wait(&s, start);
    screen_stop(&s);
    return got.seconds * 1e3;
}

static int by_bytes(const void *a, const void *b) {
    double x = ((const struct burst *)a)->bytes, y = ((const struct burst *)b)->bytes;
    return (x > y) - (x < y);
}
static int by_time(const void *a, const void *b) {
    double x = ((const struct burst *)a)->seconds, y = ((const struct burst *)b)->seconds;
    return (x > y) - (x < y);
}

/* The median burst of STEPS presses of a key, in steps' order `by`. */
static struct burst press(struct bench *b, char key, int (*by)(const void *, const void *)) {
    struct screen s;
    struct burst got[STEPS];
    if (!screen_start(&s, b)) return (struct burst){UNKNOWN, UNKNOWN};
    screen_wait(&s, now_seconds());
    for (unsigned i = 0; i < 3; i++) screen_key(&s, ' '); /* off any title card, into the first steps */
    for (unsigned i = 0; i < STEPS; i++) got[i] = screen_key(&s, key);
    screen_stop(&s);
    qsort(got, STEPS, sizeof *got, by);
    return got[STEPS / 2];
}

#define CTRL_L '\x0c'

double step_bytes(struct bench *b) { return press(b, ' ', by_bytes).bytes; }
double step_time(struct bench *b) { return press(b, ' ', by_time).seconds * 1e6; }
double redraw_bytes(struct bench *b) { return press(b, CTRL_L, by_bytes).bytes; }
double redraw_time(struct bench *b) { return press(b, CTRL_L, by_time).seconds * 1e6; }
