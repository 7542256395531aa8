/* row_screen.c - the screen, from the other end of a pseudo-terminal: B12, B13.
 *
 * What a person waits for is bytes that arrive. A frame has arrived when no byte
 * has followed for a while; the time counts to its last byte. How much of it is the
 * program's own tells the clock of the processor time that it has used.
 */
#include "bench.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_QUIET_MS 60
#define QUIET_MS       20
#define PATIENCE_MS    3000
#define STEPS          60 /* micro-steps, of the first steps: hits, misses and faults */
#define REDRAWS        9

struct screen {
    pid_t pid;
    int fd;
};

struct burst {
    double seconds; /* to its last byte; UNKNOWN: nothing came */
    double own;     /* processor time that the program has used for it */
    double bytes;
};

struct shape {
    unsigned short cols, rows;
};
static const struct shape usual = {80, 24}, large = {200, 50};

static bool screen_start(struct screen *s, const struct bench *b, struct shape shape) {
    struct winsize size = {.ws_row = shape.rows, .ws_col = shape.cols};
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

/* What arrives from `start` until it is quiet for so long. */
static struct burst screen_wait(struct screen *s, double start, int quiet_ms) {
    struct burst got = {UNKNOWN, UNKNOWN, 0};
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    char buf[65536];
    while (poll(&p, 1, got.bytes > 0 ? quiet_ms : PATIENCE_MS) > 0) {
        ssize_t n = read(s->fd, buf, sizeof buf);
        if (n <= 0) break;
        got.bytes += (double)n;
        got.seconds = now_seconds() - start;
    }
    return got;
}

/* Processor time of the program so far, what the system does for it included. */
static double own_seconds(const struct screen *s) {
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(s->pid, &clock) != 0 || clock_gettime(clock, &t) != 0) return UNKNOWN;
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct burst screen_key(struct screen *s, char key) {
    double before = own_seconds(s), start = now_seconds();
    if (write(s->fd, &key, 1) != 1) return (struct burst){UNKNOWN, UNKNOWN, UNKNOWN};
    struct burst got = screen_wait(s, start, QUIET_MS);
    got.own = own_seconds(s) - before; /* it waits for the next key by now */
    return got;
}

double first_frame(struct bench *b) {
    struct screen s;
    double start = now_seconds();
    if (!screen_start(&s, b, large)) return UNKNOWN;
    struct burst got = screen_wait(&s, start, START_QUIET_MS);
    screen_stop(&s);
    return got.seconds * 1e3;
}

static double bytes_of(const struct burst *b) { return b->bytes; }
static double wall_of(const struct burst *b) { return b->seconds * 1e6; }
static double own_of(const struct burst *b) { return b->own * 1e6; }

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median over so many presses of a key. */
static double press(struct bench *b, struct shape shape, char key, unsigned times, double (*what)(const struct burst *)) {
    struct screen s;
    double got[STEPS];
    if (!screen_start(&s, b, shape)) return UNKNOWN;
    screen_wait(&s, now_seconds(), START_QUIET_MS);
    for (unsigned i = 0; i < 3; i++) screen_key(&s, ' '); /* off any title card, into the first steps */
    for (unsigned i = 0; i < times; i++) {
        struct burst burst = screen_key(&s, key);
        got[i] = what(&burst);
    }
    screen_stop(&s);
    qsort(got, times, sizeof *got, by_value);
    return got[times / 2];
}

#define CTRL_L '\x0c'

double step_own_usual(struct bench *b) { return press(b, usual, ' ', STEPS, own_of); }
double step_wall_usual(struct bench *b) { return press(b, usual, ' ', STEPS, wall_of); }
double step_bytes_usual(struct bench *b) { return press(b, usual, ' ', STEPS, bytes_of); }
double step_own(struct bench *b) { return press(b, large, ' ', STEPS, own_of); }
double step_wall(struct bench *b) { return press(b, large, ' ', STEPS, wall_of); }
double step_bytes(struct bench *b) { return press(b, large, ' ', STEPS, bytes_of); }
double redraw_own(struct bench *b) { return press(b, large, CTRL_L, REDRAWS, own_of); }
double redraw_wall(struct bench *b) { return press(b, large, CTRL_L, REDRAWS, wall_of); }
double redraw_bytes(struct bench *b) { return press(b, large, CTRL_L, REDRAWS, bytes_of); }
