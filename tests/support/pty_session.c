/* pty_session.c - the real program in a real terminal, for tests. */
#include "emulator.h"
#include "pty_session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#define DEADLINE_MS 20000
#define SCREEN_BYTES (400u * 400u * 4u)

struct report { /* what the supervisor saw its child do */
    int status;
    long cpu_ms;
};

struct pty {
    int master, slave;   /* slave is kept open to read the line discipline; -1 after a hang-up */
    int reports, orders; /* from and to the supervisor */
    pid_t supervisor, program;
    struct termios before;
    VTerm *vt;
    VTermScreen *screen;
    bool alternate, cursor, mouse;
    bool cleared;        /* the whole screen has been erased */
    bool stopped, ended;
    struct report last;
    char bytes[16384];   /* from the program; the first `held` of them wait for the rest of a sign */
    size_t held;
    char text[SCREEN_BYTES];
};

/* ---- the supervisor: a very small shell, with one job ---- */

static void apply_environment(const struct pty_options *o) {
    setenv("TERM", o->term ? o->term : "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1); /* nobody's own keys */
    unsetenv("NO_COLOR");
    unsetenv("LINES");
    unsetenv("COLUMNS");
    for (size_t i = 0; o->env && o->env[i]; i++) putenv((char *)(uintptr_t)o->env[i]);
}

static _Noreturn void become_program(const char *const *argv, const struct pty_options *o) {
    signal(SIGHUP, o->ignore_hangup ? SIG_IGN : SIG_DFL);
    signal(SIGTTOU, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    if (o->input_file) {
        int fd = open(o->input_file, O_RDONLY);
        if (fd < 0 || dup2(fd, STDIN_FILENO) < 0) _exit(126);
        close(fd);
    }
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void send_report(int fd, int status, const struct rusage *use) {
    struct report r = {.status = status};
    r.cpu_ms = (use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000L +
               (use->ru_utime.tv_usec + use->ru_stime.tv_usec) / 1000L;
    if (write(fd, &r, sizeof r) != (ssize_t)sizeof r) _exit(125);
}

static _Noreturn void supervise(const char *const *argv, const struct pty_options *o, int reports,
                                int orders) {
    signal(SIGTTOU, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* a ^C that comes when the program has just ended */
    pid_t program = fork();
    if (program < 0) _exit(125);
    if (program == 0) {
        setpgid(0, 0);
        tcsetpgrp(STDERR_FILENO, getpid());
        close(reports);
        close(orders);
        become_program(argv, o);
    }
    setpgid(program, program);
    tcsetpgrp(STDERR_FILENO, program);
    if (write(reports, &program, sizeof program) != (ssize_t)sizeof program) _exit(125);
    for (;;) {
        int status;
        struct rusage use;
        char order;
        if (wait4(program, &status, WUNTRACED, &use) < 0) _exit(125);
        tcsetpgrp(STDERR_FILENO, getpgrp());
        send_report(reports, status, &use);
        /* Wait also after the program's end: were the session's leader to exit, the
         * terminal would be hung up and could not be looked at any more. */
        if (read(orders, &order, 1) != 1 || !WIFSTOPPED(status)) _exit(0);
        tcsetpgrp(STDERR_FILENO, program);
        kill(-program, SIGCONT);
    }
}

/* ---- the emulator ---- */

static int on_property(VTermProp prop, VTermValue *value, void *user) {
    struct pty *p = user;
    if (prop == VTERM_PROP_ALTSCREEN) p->alternate = value->boolean;
    if (prop == VTERM_PROP_CURSORVISIBLE) p->cursor = value->boolean;
    if (prop == VTERM_PROP_MOUSE) p->mouse = value->number != VTERM_PROP_MOUSE_NONE;
    return 1;
}

static int on_damage(VTermRect rect, void *user) {
    struct pty *p = user;
    int rows, cols;
    vterm_get_size(p->vt, &rows, &cols);
    /* in one piece, or the first row by itself */
    if (rect.start_row <= 1 && rect.start_col == 0 && rect.end_row >= rows && rect.end_col >= cols)
        p->cleared = true;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.damage = on_damage, .settermprop = on_property};

static void make_emulator(struct pty *p, int rows, int cols) {
    p->vt = vterm_new(rows, cols);
    assert_non_null(p->vt);
    vterm_set_utf8(p->vt, 1);
    p->screen = vterm_obtain_screen(p->vt);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_set_callbacks(p->screen, &callbacks, p);
    vterm_screen_reset(p->screen, 1);
    p->cursor = true;
}

/* What the emulator answers to questions of the program ("who are you?"). */
static void send_answers(struct pty *p) {
    char answer[256];
    size_t n = vterm_output_read(p->vt, answer, sizeof answer);
    if (n && write(p->master, answer, n) < 0) return;
}

static void take_report(struct pty *p) {
    if (read(p->reports, &p->last, sizeof p->last) != (ssize_t)sizeof p->last) p->ended = true;
    else if (WIFSTOPPED(p->last.status)) p->stopped = true;
    else p->ended = true;
}

/* Bytes at the end that begin a sign of UTF-8 without ending it. */
static size_t unfinished(const char *bytes, size_t n) {
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = (unsigned char)bytes[n - back];
        size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        if (c < 0x80 || c >= 0xc0) return length > back ? back : 0;
    }
    return 0;
}

/* Hand what was read behind the held bytes to the emulator, in whole signs: it loses its
 * way where one is cut in two. */
static void feed(struct pty *p, size_t n) {
    n += p->held;
    p->held = unfinished(p->bytes, n);
    vterm_input_write(p->vt, p->bytes, n - p->held);
    memmove(p->bytes, p->bytes + n - p->held, p->held);
}

/* Take in what comes within `ms`. */
static void pump(struct pty *p, int ms) {
    struct pollfd fd[2] = {{.fd = p->master, .events = POLLIN},
                           {.fd = p->ended ? -1 : p->reports, .events = POLLIN}};
    if (poll(fd, 2, ms) <= 0) return;
    if (fd[0].revents & POLLIN) {
        ssize_t n = read(p->master, p->bytes + p->held, sizeof p->bytes - p->held);
        if (n > 0) feed(p, (size_t)n);
        send_answers(p);
    } else if (fd[1].revents) {
        take_report(p);
    }
}

/* ---- starting and ending ---- */

const char *vmscope_path(void) {
    const char *path = getenv("VMSCOPE");
    return path ? path : "build/vmscope";
}

static void read_program_id(struct pty *p) {
    assert_int_equal(read(p->reports, &p->program, sizeof p->program), (int)sizeof p->program);
}

struct pty *pty_start(const char *const *argv, const struct pty_options *o) {
    struct pty *p = calloc(1, sizeof *p);
    struct winsize size = {.ws_row = (unsigned short)o->rows, .ws_col = (unsigned short)o->cols};
    int reports[2], orders[2];
    assert_non_null(p);
    assert_int_equal(access(argv[0], X_OK), 0);
    assert_int_equal(pipe(reports) | pipe(orders), 0);
    assert_int_equal(openpty(&p->master, &p->slave, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(p->slave, &p->before), 0);
    p->supervisor = fork();
    assert_true(p->supervisor >= 0);
    if (p->supervisor == 0) {
        close(p->master);
        close(reports[0]);
        close(orders[1]);
        apply_environment(o);
        if (login_tty(p->slave) != 0) _exit(125);
        supervise(argv, o, reports[1], orders[0]);
    }
    close(reports[1]);
    close(orders[0]);
    p->reports = reports[0];
    p->orders = orders[1];
    make_emulator(p, o->rows, o->cols);
    read_program_id(p);
    return p;
}

void pty_free(struct pty *p) {
    if (!p->ended) {
        kill(p->program, SIGKILL);
        kill(p->program, SIGCONT);
    }
    kill(p->supervisor, SIGKILL);
    waitpid(p->supervisor, NULL, 0);
    if (p->master >= 0) close(p->master);
    if (p->slave >= 0) close(p->slave);
    close(p->reports);
    close(p->orders);
    vterm_free(p->vt);
    free(p);
}

/* ---- what a person and a kernel do ---- */

void pty_type(struct pty *p, const char *bytes) {
    size_t n = strlen(bytes);
    assert_int_equal(write(p->master, bytes, n), (int)n);
}

void pty_resize(struct pty *p, int rows, int cols) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    vterm_set_size(p->vt, rows, cols);
    assert_int_equal(ioctl(p->master, TIOCSWINSZ, &size), 0);
}

void pty_signal(struct pty *p, int sig) { assert_int_equal(kill(p->program, sig), 0); }

void pty_continue(struct pty *p) {
    p->stopped = false;
    assert_int_equal(write(p->orders, "c", 1), 1);
}

void pty_hang_up(struct pty *p) {
    close(p->slave);
    close(p->master);
    p->slave = p->master = -1;
}

/* ---- waiting ---- */

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

bool pty_wait(struct pty *p, pty_predicate holds, const void *arg) {
    long end = now_ms() + DEADLINE_MS;
    while (!holds(p, arg)) {
        long left = end - now_ms();
        if (left <= 0) {
            printf("# deadline; the screen was:\n%s\n", pty_screen(p)); /* too long for print_message */
            return false;
        }
        pump(p, left > 100 ? 100 : (int)left);
    }
    return true;
}

static bool shows(struct pty *p, const void *needle) { return pty_is_on_screen(p, needle); }
static bool shows_not(struct pty *p, const void *needle) { return !pty_is_on_screen(p, needle); }
static bool has_read(struct pty *p, const void *arg) {
    int waiting = 0;
    (void)arg;
    return p->ended || (ioctl(p->slave, FIONREAD, &waiting) == 0 && waiting == 0);
}
/* Its last words, the end of the alternate screen, may arrive after the news that it stopped. */
static bool has_stopped(struct pty *p, const void *arg) { return (void)arg, p->stopped && !p->alternate; }
static bool has_ended(struct pty *p, const void *arg) { return (void)arg, p->ended; }

bool pty_wait_text(struct pty *p, const char *needle) {
    bool found = pty_wait(p, shows, needle);
    if (!found) print_message("# waited for: %s\n", needle);
    return found;
}

bool pty_wait_no_text(struct pty *p, const char *needle) { return pty_wait(p, shows_not, needle); }
static bool is_drawn_afresh(struct pty *p, const void *last) {
    const char *text = pty_screen(p);
    const char *bottom = text + strlen(text) - 1; /* its line feed */
    while (bottom > text && bottom[-1] != '\n') bottom--;
    return p->cleared && strstr(bottom, last);
}

bool pty_settle(struct pty *p, const char *last) {
    p->cleared = false;
    pty_type(p, "\f");
    return pty_wait(p, is_drawn_afresh, last);
}

bool pty_wait_read(struct pty *p) { return pty_wait(p, has_read, NULL); }

void pty_take_rest(struct pty *p) {
    for (struct pollfd fd = {.fd = p->master, .events = POLLIN}; poll(&fd, 1, 0) > 0 && fd.revents & POLLIN;)
        pump(p, 0);
}
bool pty_wait_stopped(struct pty *p) { return pty_wait(p, has_stopped, NULL); }

int pty_wait_end(struct pty *p) {
    if (!pty_wait(p, has_ended, NULL)) return -1;
    pty_take_rest(p);
    return p->last.status;
}

long pty_cpu_milliseconds(const struct pty *p) { return p->last.cpu_ms; }

/* ---- looking at the screen ---- */

static char *put_utf8(char *to, uint32_t c) {
    if (c < 0x80) *to++ = (char)c;
    else if (c < 0x800) *to++ = (char)(0xc0 | c >> 6);
    else if (c < 0x10000) *to++ = (char)(0xe0 | c >> 12);
    else *to++ = (char)(0xf0 | c >> 18);
    if (c >= 0x10000) *to++ = (char)(0x80 | (c >> 12 & 0x3f));
    if (c >= 0x800) *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    if (c >= 0x80) *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

static char *put_row(struct pty *p, char *to, int row, int cols) {
    char *end = to; /* after the last cell that is not blank */
    for (int col = 0; col < cols; col++) {
        VTermScreenCell cell;
        vterm_screen_get_cell(p->screen, (VTermPos){.row = row, .col = col}, &cell);
        uint32_t c = cell.chars[0];
        if (c == UINT32_MAX) continue; /* right half of a wide character */
        to = put_utf8(to, c ? c : ' ');
        if (c && c != ' ') end = to;
    }
    *end++ = '\n';
    return end;
}

const char *pty_screen(struct pty *p) {
    int rows, cols;
    char *to = p->text;
    vterm_get_size(p->vt, &rows, &cols);
    for (int row = 0; row < rows; row++) to = put_row(p, to, row, cols);
    *to = '\0';
    return p->text;
}

bool pty_is_on_screen(struct pty *p, const char *needle) { return strstr(pty_screen(p), needle) != NULL; }

bool pty_same_picture(struct pty *a, struct pty *b) {
    int rows, cols;
    vterm_get_size(a->vt, &rows, &cols);
    for (int i = 0; i < rows * cols; i++) {
        struct seen one = seen_at(a->screen, i / cols, i % cols), other = seen_at(b->screen, i / cols, i % cols);
        if (!seen_same(&one, &other)) return false;
    }
    return true;
}

bool pty_any_color(struct pty *p) {
    int rows, cols;
    vterm_get_size(p->vt, &rows, &cols);
    for (int i = 0; i < rows * cols; i++) {
        VTermScreenCell cell;
        vterm_screen_get_cell(p->screen, (VTermPos){.row = i / cols, .col = i % cols}, &cell);
        if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg)) return true;
    }
    return false;
}

bool pty_alternate_screen(const struct pty *p) { return p->alternate; }
bool pty_cursor_visible(const struct pty *p) { return p->cursor; }
bool pty_mouse_on(const struct pty *p) { return p->mouse; }

bool pty_line_as_before(const struct pty *p) {
    struct termios now;
    if (tcgetattr(p->slave, &now) != 0) return false;
    return now.c_iflag == p->before.c_iflag && now.c_oflag == p->before.c_oflag &&
           now.c_lflag == p->before.c_lflag && now.c_cflag == p->before.c_cflag;
}
