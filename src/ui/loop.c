/* loop.c - poll over the keyboard and a pipe that signals write into.
 *
 * Why so: a blocking getch loses resizes, and a flag tested before the wait loses
 * the signal that comes in between. A byte in a pipe cannot be lost (ppoll would
 * serve as well, but is not in POSIX.1-2008).
 *
 * Invariant: nothing is done in a handler but noting which signal came; a
 * terminal that has vanished always shows as WAKE_GONE and never as a key,
 * so the program cannot spin on it.
 */
#include "ui/loop.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const struct {
    int signal;
    unsigned wake;
} caught[] = {
    {SIGWINCH, WAKE_RESIZE}, {SIGTSTP, WAKE_SUSPEND}, {SIGINT, WAKE_QUIT}, {SIGTERM, WAKE_QUIT}, {SIGHUP, WAKE_GONE},
};
#define CAUGHT (sizeof caught / sizeof caught[0])

static int signal_pipe[2] = {-1, -1}; /* a handler has no argument of its own */
static struct sigaction before[CAUGHT];

static void on_signal(int signal) {
    int saved = errno;
    unsigned char byte = (unsigned char)signal;
    ssize_t written = write(signal_pipe[1], &byte, 1);
    (void)written; /* full: as many signals wait already */
    errno = saved;
}

static bool prepare_pipe_end(int fd) {
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

bool loop_start(void) {
    if (pipe(signal_pipe) != 0) return false;
    if (!prepare_pipe_end(signal_pipe[0]) || !prepare_pipe_end(signal_pipe[1])) return false;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CAUGHT; i++) sigaction(caught[i].signal, &action, &before[i]);
    return true;
}

void loop_stop(void) {
    for (size_t i = 0; i < CAUGHT; i++) sigaction(caught[i].signal, &before[i], NULL);
    close(signal_pipe[0]);
    close(signal_pipe[1]);
    signal_pipe[0] = signal_pipe[1] = -1;
}

static unsigned read_signals(void) {
    unsigned char byte[64];
    unsigned wake = 0;
    ssize_t n = read(signal_pipe[0], byte, sizeof byte);
    for (ssize_t k = 0; k < n; k++)
        for (size_t i = 0; i < CAUGHT; i++)
            if (caught[i].signal == byte[k]) wake |= caught[i].wake;
    return wake;
}

unsigned loop_wait(int fd, int64_t nanoseconds) {
    struct pollfd set[2] = {{.fd = fd, .events = POLLIN}, {.fd = signal_pipe[0], .events = POLLIN}};
    int64_t ms = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
    int ready = poll(set, 2, ms > 60000 ? 60000 : (int)ms);
    if (ready < 0 && errno != EINTR) return WAKE_GONE;
    if (ready <= 0) return 0;
    unsigned wake = set[1].revents ? read_signals() : 0;
    if (set[0].revents & (POLLHUP | POLLERR | POLLNVAL)) return wake | WAKE_GONE;
    return set[0].revents & POLLIN ? wake | WAKE_KEY : wake;
}

bool loop_is_gone(int fd) {
    int waiting = 0;
    struct pollfd now = {.fd = fd, .events = POLLIN};
    if (poll(&now, 1, 0) <= 0) return false; /* the key was eaten, all is well */
    return ioctl(fd, FIONREAD, &waiting) != 0 || waiting == 0;
}

int64_t loop_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
