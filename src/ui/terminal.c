/* terminal.c - curses, and nothing but curses.
 *
 * Invariants: only this file knows of curses; only cells that differ from the last
 * canvas shown go out, run by run (one call for a run of cells is ten times faster
 * than one for each); whatever ends the program, the terminal is put back: after a
 * fatal signal with write and tcsetattr alone, which are safe in a handler.
 */
#include "ui/terminal.h"
#include "vmscope/base/memory.h"
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

struct terminal {
    SCREEN *screen;
    int in, out;
    bool ascii, mouse;
    int colors;
    enum theme theme;
    struct canvas drawn; /* what the last show was given; width 0: nothing */
    struct canvas shown; /* and how its cells went out */
    struct cell *next;   /* one row as it shall be shown */
    cchar_t *row;        /* the same on its way to curses */
    short pair[ROLE_COUNT];
    attr_t attr[ROLE_COUNT];
    int16_t back[ROLE_COUNT]; /* background colour */
    uint8_t alike[ROLE_COUNT]; /* the first role that looks the same: it stands for all of them */
};

/* ---- the way back after a fatal signal ---- */

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGTRAP, SIGSYS};
#define FATALS (sizeof fatal_signals / sizeof fatal_signals[0])

/* All that the handler needs, made ready beforehand. A handler has no argument of
 * its own, so this is the one place of the program with variables of a whole file. */
static struct {
    volatile sig_atomic_t active;
    int in, out;
    struct termios before;
    char sequence[256]; /* what puts the screen back */
    size_t length;
    struct sigaction old[FATALS];
    char stack[65536]; /* the handler's: the program's own may be full */
} rescue;

static void on_fatal(int signal) {
    if (rescue.active) {
        rescue.active = 0;
        if (write(rescue.out, rescue.sequence, rescue.length) < 0) signal += 0; /* nothing left to try */
        tcsetattr(rescue.in, TCSANOW, &rescue.before);
    }
    for (size_t i = 0; i < FATALS; i++)
        if (fatal_signals[i] == signal) sigaction(signal, &rescue.old[i], NULL);
    raise(signal);
}

/* Add a terminfo string without its padding ("$<5>") to what puts the screen back. */
static void rescue_add(const char *capability) {
    if (!capability || capability == (char *)-1) return;
    for (const char *s = capability; *s && rescue.length < sizeof rescue.sequence; s++) {
        if (s[0] == '$' && s[1] == '<') s += strcspn(s, ">");
        else rescue.sequence[rescue.length++] = *s;
        if (!*s) return;
    }
}

static void rescue_ready(const struct terminal *t) {
    static const char *const names[] = {"sgr0", "rmacs", "cnorm", "rmkx", "rmcup"};
    rescue.in = t->in;
    rescue.out = t->out;
    rescue.length = 0;
    if (t->mouse) rescue_add("\033[?1000l\033[?1006l");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) rescue_add(tigetstr(names[i]));
    rescue_add("\r\n");
    stack_t stack = {.ss_sp = rescue.stack, .ss_size = sizeof rescue.stack};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FATALS; i++) sigaction(fatal_signals[i], &action, &rescue.old[i]);
    rescue.active = 1;
}

static void rescue_done(void) {
    rescue.active = 0;
    for (size_t i = 0; i < FATALS; i++) sigaction(fatal_signals[i], &rescue.old[i], NULL);
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
}

/* ---- start and stop ---- */

static bool locale_is_utf8(void) {
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool color_wanted(enum color_mode mode) {
    const char *no = getenv("NO_COLOR");
    return mode == COLOR_ALWAYS || (mode == COLOR_AUTO && (!no || !no[0]));
}

static void start_colors(struct terminal *t, enum color_mode mode) {
    t->colors = 0;
    if (!color_wanted(mode) || !has_colors()) return;
    start_color();
    use_default_colors();
    t->colors = COLOR_PAIRS > ROLE_COUNT ? COLORS : 0;
}

static bool same_look(struct look a, struct look b) { return a.fg == b.fg && a.bg == b.bg && a.attr == b.attr; }

/* Rows come out with these: a pair a role, attributes beside it. */
static void set_roles(struct terminal *t) {
    for (int r = 0; r < ROLE_COUNT; r++) {
        struct look look = theme_look(t->theme, (enum role)r, t->colors);
        t->alike[r] = 0;
        while (!same_look(theme_look(t->theme, (enum role)t->alike[r], t->colors), look)) t->alike[r]++;
        t->pair[r] = 0;
        t->back[r] = look.bg;
        if (t->colors >= 8) {
            init_pair((short)(r + 1), look.fg, look.bg);
            t->pair[r] = (short)(r + 1);
        }
        t->attr[r] = (look.attr & LOOK_BOLD ? A_BOLD : 0) | (look.attr & LOOK_UNDERLINE ? A_UNDERLINE : 0) |
                     (look.attr & LOOK_REVERSE ? A_REVERSE : 0);
    }
    cchar_t blank;
    setcchar(&blank, L" ", t->attr[ROLE_NORMAL], t->pair[ROLE_NORMAL], NULL);
    bkgrndset(&blank);
}

static void start_input(struct terminal *t) {
    cbreak(); /* signals stay on: ^C and ^Z work even while the program is busy */
    noecho();
    nonl();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    set_escdelay(25);
    intrflush(stdscr, FALSE);
    curs_set(0);
    if (!t->mouse) return;
    mouseinterval(0); /* presses at once, no waiting for double clicks */
    mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
}

struct terminal *terminal_start(const struct terminal_options *o) {
    struct terminal *t = terminal_fits(o->term, fileno(o->out)) ? mem_zalloc(1, sizeof *t) : NULL;
    if (!t) return NULL;
    t->in = fileno(o->in);
    t->out = fileno(o->out);
    t->ascii = !locale_is_utf8() || o->ascii;
    t->mouse = o->mouse;
    t->theme = o->theme;
    tcgetattr(t->in, &rescue.before);
    t->screen = newterm(o->term, o->out, o->in);
    if (!t->screen) return free(t), NULL;
    set_term(t->screen);
    start_input(t);
    start_colors(t, o->color);
    set_roles(t);
    rescue_ready(t);
    terminal_redraw(t);
    return t;
}

void terminal_stop(struct terminal *t) {
    if (!t) return;
    set_term(t->screen);
    if (t->mouse) mousemask(0, NULL);
    endwin();
    rescue_done();
    delscreen(t->screen);
    canvas_free(&t->drawn);
    canvas_free(&t->shown);
    free(t->row);
    free(t->next);
    free(t);
}

bool terminal_fits(const char *term, int fd) {
    const char *name = term ? term : getenv("TERM");
    if (!name || !name[0] || strcmp(name, "dumb") == 0 || strcmp(name, "unknown") == 0) return false;
    int error = 0;
    if (setupterm(name, fd, &error) != OK) return false;
    const char *move = tigetstr("cup");
    bool fits = move && move != (char *)-1 && tigetflag("gn") <= 0 && tigetflag("hc") <= 0;
    del_curterm(cur_term);
    return fits;
}

/* ---- size, theme ---- */

void terminal_size(const struct terminal *t, int *width, int *height) {
    (void)t;
    *width = COLS;
    *height = LINES;
}

bool terminal_ascii(const struct terminal *t) { return t->ascii; }

int terminal_fd(const struct terminal *t) { return t->in; }

void terminal_redraw(struct terminal *t) {
    canvas_free(&t->shown);
    clearok(curscr, TRUE);
}

void terminal_set_size(struct terminal *t, int width, int height) {
    if (width < 1 || height < 1 || (width == COLS && height == LINES)) return;
    resizeterm(height, width);
    terminal_redraw(t);
}

/* The size may be the one that was there before, after others that came and went
 * unseen; the terminal may have lost its picture to them all the same. */
void terminal_resized(struct terminal *t) {
    struct winsize size;
    if (ioctl(t->out, TIOCGWINSZ, &size) == 0) terminal_set_size(t, size.ws_col, size.ws_row);
    terminal_redraw(t);
}

void terminal_set_theme(struct terminal *t, enum theme theme) {
    t->theme = theme;
    set_roles(t);
    terminal_redraw(t);
}

/* ---- out ---- */

/* Does a blank look the same in both roles? */
static bool same_blank(const struct terminal *t, int a, int b) {
    attr_t shows = A_UNDERLINE | A_REVERSE;
    return t->back[a] == t->back[b] && !((t->attr[a] | t->attr[b]) & shows);
}

/* The role for the blanks between two signs (-1: the row's edge). Where nobody can
 * see a difference they keep the look of the left one, which saves switching there
 * and back; beside plain text or the edge they are plain, which changes least often. */
static int gap_role(const struct terminal *t, int blank, int left, int right) {
    int role = left >= 0 && right >= 0 && right != ROLE_NORMAL ? left : ROLE_NORMAL;
    return same_blank(t, blank, role) ? role : blank;
}

/* The row as it goes out: blanks with the role that is cheapest to send. */
static void settle_row(struct terminal *t, const struct cell *cell, int width) {
    int left = -1;
    for (int x = 0; x < width;) {
        if (cell[x].ch != ' ') {
            left = t->alike[cell[x].role];
            t->next[x] = (struct cell){cell[x].ch, (uint8_t)left};
            x++;
            continue;
        }
        int end = x;
        while (end < width && cell[end].ch == ' ') end++;
        int right = end < width ? t->alike[cell[end].role] : -1;
        for (; x < end; x++) t->next[x] = (struct cell){' ', (uint8_t)gap_role(t, cell[x].role, left, right)};
    }
}

static bool same_cell(const struct cell *a, const struct cell *b) { return a->ch == b->ch && a->role == b->role; }

/* Cells x..end-1 of the settled row go to curses. */
static void send_run(struct terminal *t, int y, int x, int end) {
    for (int i = x; i < end; i++) {
        wchar_t sign[2] = {(wchar_t)t->next[i].ch, L'\0'};
        int role = t->next[i].role;
        setcchar(&t->row[i], sign, t->attr[role], t->pair[role], NULL);
    }
    mvadd_wchnstr(y, x, t->row + x, end - x);
}

/* Send what differs from the row that is shown. */
static void show_row(struct terminal *t, const struct canvas *c, int y) {
    size_t at = (size_t)y * (size_t)c->width, bytes = (size_t)c->width * sizeof *c->cell;
    struct cell *shown = t->shown.cell + at;
    if (memcmp(t->drawn.cell + at, c->cell + at, bytes) == 0) return; /* most rows, most often */
    memcpy(t->drawn.cell + at, c->cell + at, bytes);
    settle_row(t, c->cell + at, c->width);
    for (int x = 0; x < c->width; x++) {
        int end = x;
        while (end < c->width && !same_cell(&shown[end], &t->next[end])) end++;
        if (end > x) send_run(t, y, x, end);
        x = end;
    }
    memcpy(shown, t->next, bytes);
}

/* Make `shown` and the rows as large as the canvas; false when memory is out. */
static bool make_room(struct terminal *t, const struct canvas *c) {
    if (t->shown.width == c->width && t->shown.height == c->height) return true;
    cchar_t *row = mem_zalloc((size_t)c->width, sizeof *row);
    struct cell *next = mem_zalloc((size_t)c->width, sizeof *next);
    bool room = canvas_resize(&t->drawn, c->width, c->height) && canvas_resize(&t->shown, c->width, c->height);
    if (!row || !next || !room) return canvas_free(&t->shown), free(row), free(next), false;
    free(t->row);
    free(t->next);
    t->row = row;
    t->next = next;
    for (int i = 0; i < c->width * c->height; i++) t->drawn.cell[i].ch = t->shown.cell[i].ch = 0; /* like nothing that is drawn */
    return true;
}

void terminal_show(struct terminal *t, const struct canvas *c, bool cursor) {
    if (!make_room(t, c)) return;
    for (int y = 0; y < c->height; y++) show_row(t, c, y);
    curs_set(cursor ? 1 : 0);
    if (c->cursor_x >= 0) move(c->cursor_y, c->cursor_x);
    refresh();
}

/* ---- in ---- */

static const struct {
    int curses, key;
} curses_keys[] = {
    {KEY_UP, K_UP},       {KEY_DOWN, K_DOWN},         {KEY_LEFT, K_LEFT},       {KEY_RIGHT, K_RIGHT},
    {KEY_HOME, K_HOME},   {KEY_END, K_END},           {KEY_PPAGE, K_PAGE_UP},   {KEY_NPAGE, K_PAGE_DOWN},
    {KEY_BTAB, K_BACK_TAB}, {KEY_DC, K_DELETE},       {KEY_IC, K_INSERT},       {KEY_ENTER, K_RETURN},
    {KEY_BACKSPACE, K_BACKSPACE}, {KEY_A1, K_HOME},   {KEY_C1, K_END},          {KEY_A3, K_PAGE_UP},
    {KEY_C3, K_PAGE_DOWN},
};

static int special_key(int code) {
    for (size_t i = 0; i < sizeof curses_keys / sizeof curses_keys[0]; i++)
        if (curses_keys[i].curses == code) return curses_keys[i].key;
    if (code >= KEY_F(1) && code <= KEY_F(12)) return K_FUNCTION + code - KEY_F(1);
    return K_LAST; /* a key without a meaning here */
}

static int plain_key(wint_t ch) {
    if (ch == '\n') return K_RETURN;
    if (ch == '\b') return K_BACKSPACE;
    return (int)ch;
}

static struct input mouse_input(void) {
    MEVENT e;
    if (getmouse(&e) != OK) return (struct input){K_LAST, 0, 0};
    int key = e.bstate & BUTTON4_PRESSED ? K_WHEEL_UP : e.bstate & BUTTON5_PRESSED ? K_WHEEL_DOWN : K_CLICK;
    return (struct input){key, e.x, e.y};
}

struct input terminal_key(struct terminal *t) {
    (void)t;
    wint_t ch = 0;
    int kind = get_wch(&ch);
    if (kind == ERR) return (struct input){K_NOTHING, 0, 0};
    if (kind != KEY_CODE_YES) return (struct input){plain_key(ch), 0, 0};
    return ch == KEY_MOUSE ? mouse_input() : (struct input){special_key((int)ch), 0, 0};
}

void terminal_suspend(struct terminal *t) {
    struct sigaction now, usual = {.sa_handler = SIG_DFL};
    sigset_t only, before;
    endwin();
    sigemptyset(&usual.sa_mask);
    sigaction(SIGTSTP, &usual, &now);
    sigemptyset(&only);
    sigaddset(&only, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &only, &before);
    kill(0, SIGTSTP); /* the whole job, as the terminal's ^Z does: the shell must see it stop */
    sigprocmask(SIG_SETMASK, &before, NULL);
    sigaction(SIGTSTP, &now, NULL);
    terminal_resized(t);
    terminal_redraw(t);
}
