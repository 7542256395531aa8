/* app.c - the loop: wait, do what the key means, draw what changed.
 *
 * Invariant: a frame is drawn only when something changed, and at most 60 a second
 * while the machine runs by itself; the terminal is given back on every way out.
 */
#include "ui/app_state.h"
#include "ui/loop.h"
#include "vmscope/base/memory.h"
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#define FRAME_NS 16700000 /* 60 a second */

void ui_options_default(struct ui_options *o) { *o = (struct ui_options){.theme = "default", .color = "auto"}; }

/* ---- keys ---- */

unsigned app_contexts(const struct app *a) {
    if (a->screen.line.active) return CTX_LINE;
    if (a->screen.overlay == OVERLAY_QUESTION) return CTX_QUESTION;
    if (a->screen.overlay != OVERLAY_NONE) return CTX_TEXT;
    if (!a->in_session) return CTX_MENU;
    if (a->compare.lanes) return CTX_COMPARE;
    bool table = a->screen.focus == PANE_PAGE_TABLE, found = a->needle[0];
    const struct machine_config *c = machine_config(history_machine(a->session.history));
    bool several = c->process_count + c->fork_count > 1, processes = a->screen.focus == PANE_PROCESSES;
    bool tree = table && a->session.tree.shown && session_shape(&a->session) == SHAPE_TREE;
    return CTX_PANES | (found ? CTX_FOUND : 0u) | (table ? CTX_TABLE : 0u) | (tree ? CTX_TREE : 0u) |
           (a->screen.focus == PANE_TIMELINE ? CTX_TIMELINE : 0u) | (processes ? CTX_PROCESSES : 0u) | (several ? CTX_SEVERAL : 0u);
}

/* What a key does here. One that means nothing to the title card puts it away and does what it does without it. */
static const struct action *meaning_of(struct app *a, int key) {
    const struct action *action = keymap_find(&a->keymap, app_contexts(a), key);
    if (action || a->screen.overlay != OVERLAY_CARD) return action;
    action = keymap_find(&a->keymap, CTX_PANES, key);
    if (action) app_overlay(a, OVERLAY_NONE);
    return action;
}

unsigned app_key(struct app *a, struct input in) {
    const struct action *action = meaning_of(a, in.key);
    unsigned reaction = a->screen.message[0] ? REACT_DRAW : REACT_NONE; /* a key takes the message away */
    a->screen.message[0] = '\0';
    a->input = in;
    if (action && action->run != action_close) a->leave_asked = false;
    if (action) reaction |= action->run(a, in.key);
    else if (a->screen.line.active && line_insert(&a->screen.line, in.key)) reaction |= REACT_DRAW;
    return reaction;
}

unsigned app_say(struct app *a, enum role role, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(a->screen.message, sizeof a->screen.message, fmt, ap);
    va_end(ap);
    a->screen.message_role = role;
    return REACT_DRAW;
}

unsigned app_overlay(struct app *a, enum overlay overlay) {
    a->screen.overlay = overlay;
    a->screen.scroll = 0;
    return REACT_DRAW;
}

/* ---- sessions ---- */

bool app_open(struct app *a, struct scenario *scenario, struct diag *why) {
    if (!session_open(&a->session, scenario, why)) return false;
    enum theme theme = a->screen.theme;
    screen_init(&a->screen, &a->keymap);
    a->screen.theme = theme;
    a->needle[0] = '\0';
    a->in_session = true;
    if (a->options->start > 0) app_go(a, (struct position){a->options->start, 0});
    else if (scenario->about) app_overlay(a, OVERLAY_CARD);
    return true;
}

void app_close(struct app *a) {
    compare_close(&a->compare);
    struct scenario *scenario = a->session.scenario;
    session_close(&a->session);
    a->in_session = false;
    a->leave_asked = false;
    a->needle[0] = '\0';
    a->screen.overlay = OVERLAY_NONE;
    a->screen.zoom = -1;
    if (a->menu.item) scenario_free(scenario); /* the menu opened it */
}

/* At the end for the first time: did all come out as the scenario expects? */
static void tell_end(struct app *a) {
    struct session *s = &a->session;
    struct diag_list errors = {0};
    bool expects = s->scenario->expect_count + s->scenario->expect_frames_count > 0 && s->branch_count == 0 && !s->reshaped;
    s->ended_said = true;
    if (!expects) app_say(a, ROLE_MESSAGE, "The end. u goes back, g to the start, : adds steps.");
    else if (scenario_check_end(s->scenario, history_machine(s->history), &errors))
        app_say(a, ROLE_MESSAGE, "The end: all numbers came out as this lesson expects. u goes back, : adds steps.");
    else app_say(a, ROLE_ERROR, "The end, but: %s", errors.item[0].text);
}

unsigned app_moved(struct app *a) {
    struct session *s = &a->session;
    char buf[200] = "";
    struct text said = text_in(buf, sizeof buf);
    bool right = false;
    const struct machine *m = history_machine(s->history);
    bool end = machine_between_steps(m) && machine_steps_done(m) >= history_step_count(s->history);
    if (predict_settle(s, &said, &right)) app_say(a, right ? ROLE_MESSAGE : ROLE_ERROR, "%s", buf);
    else if (end && !s->ended_said) tell_end(a);
    if (!end) s->ended_said = false;
    return REACT_DRAW;
}

/* ---- drawing ---- */

void app_draw(struct app *a) {
    a->screen.contexts = app_contexts(a);
    if (!a->in_session) {
        menu_draw(&a->canvas, &a->menu, &a->screen);
        return;
    }
    struct view v = session_view(&a->session);
    if (a->compare.lanes) compare_draw(&a->canvas, &a->compare, &v, &a->screen);
    else screen_draw(&a->canvas, &v, &a->screen);
}

static void show(struct app *a) {
    int width, height;
    terminal_size(a->terminal, &width, &height);
    bool resized = a->canvas.width != width || a->canvas.height != height;
    if (resized && !canvas_resize(&a->canvas, width, height)) return;
    if (resized && a->in_session) app_find_room(a);
    a->canvas.ascii = terminal_ascii(a->terminal);
    app_draw(a);
    terminal_show(a->terminal, &a->canvas, a->screen.line.active);
    a->counting = true; /* whether something is to be counted for this picture will be seen when no key waits */
}

/* ---- the loop ---- */

static unsigned take_keys(struct app *a) {
    unsigned reaction = 0;
    bool any = false;
    struct input in;
    while (!(reaction & (REACT_CLOSE | REACT_QUIT)) && (in = terminal_key(a->terminal)).key != K_NOTHING) {
        reaction |= app_key(a, in);
        any = true;
    }
    return !any && loop_is_gone(terminal_fd(a->terminal)) ? REACT_QUIT : reaction;
}

static unsigned wake(struct app *a, unsigned why) {
    unsigned reaction = 0;
    if (why & (WAKE_QUIT | WAKE_GONE)) return REACT_QUIT;
    if (why & WAKE_KEY) reaction |= take_keys(a);
    if (why & WAKE_SUSPEND) a->suspend = true;
    if (a->suspend) {
        a->suspend = false;
        terminal_suspend(a->terminal);
        reaction |= REACT_DRAW;
    }
    if (why & WAKE_RESIZE) {
        terminal_resized(a->terminal);
        reaction |= REACT_DRAW;
    }
    return reaction;
}

static unsigned compare_on(struct app *a) {
    enum compare_goal goal = a->compare.goal;
    compare_tick(&a->compare);
    a->screen.message[0] = '\0';
    return REACT_DRAW | app_compared(a, goal);
}

/* One tick of running by itself, when it is due. */
static unsigned tick(struct app *a) {
    struct session *s = &a->session;
    char buf[128] = "";
    struct text why = text_in(buf, sizeof buf);
    if (a->compare.goal != GOAL_NONE) return compare_on(a);
    if (!a->in_session || !s->running || loop_now() < s->next) return REACT_NONE;
    enum journey_kind journey = s->journey.kind;
    session_tick(s, &why);
    if (journey != JOURNEY_NONE) {
        a->screen.message[0] = '\0';
        return REACT_DRAW | app_travelled(a, journey);
    }
    app_moved(a);
    if (buf[0]) app_say(a, ROLE_MESSAGE, "%s", buf);
    return REACT_DRAW;
}

void app_finish(struct app *a) {
    while (a->in_session && (a->session.journey.kind != JOURNEY_NONE || a->compare.goal != GOAL_NONE)) tick(a);
}

/* How long nothing needs to be done. */
static int64_t idle_time(const struct app *a, bool dirty, int64_t next_frame) {
    bool busy = a->counting || a->compare.goal != GOAL_NONE;
    int64_t now = loop_now(), wait = busy ? 0 : -1;
    if (a->in_session && a->session.running && !busy) wait = a->session.next > now ? a->session.next - now : 0;
    if (dirty && (wait < 0 || next_frame - now < wait)) wait = next_frame > now ? next_frame - now : 0;
    return wait;
}

/* While nothing else is to be done: what graphs show is counted on. */
static unsigned count_on(struct app *a) {
    if (a->counting) a->counting = app_count_pages(a);
    return a->counting ? REACT_DRAW : REACT_NONE;
}

static void leave_session(struct app *a, unsigned *reaction) {
    bool menu = a->menu.item != NULL;
    if (!a->in_session || !menu) *reaction |= REACT_QUIT;
    if (a->in_session) app_close(a);
}

static void run(struct app *a) {
    unsigned reaction = REACT_DRAW;
    int64_t next_frame = 0;
    while (!(reaction & REACT_QUIT)) {
        bool dirty = reaction & REACT_DRAW;
        if (dirty && (loop_now() >= next_frame || !a->session.running)) {
            show(a);
            next_frame = loop_now() + FRAME_NS;
            dirty = false;
        }
        unsigned why = loop_wait(terminal_fd(a->terminal), idle_time(a, dirty, next_frame));
        reaction = (dirty ? REACT_DRAW : REACT_NONE) | wake(a, why) | tick(a) | count_on(a);
        if (reaction & REACT_CLOSE) leave_session(a, &reaction);
    }
}

/* ---- start and end ---- */

/* Keys come from standard input, or from the controlling terminal when a file comes that way. */
static FILE *key_source(void) {
    if (isatty(STDIN_FILENO)) return stdin;
    FILE *f = fopen("/dev/tty", "r");
    if (f) fcntl(fileno(f), F_SETFD, FD_CLOEXEC);
    return f;
}

bool ui_usable(void) {
    if (!isatty(STDOUT_FILENO)) return false;
    FILE *keys = key_source();
    if (keys && keys != stdin) fclose(keys);
    return keys && terminal_fits(NULL, STDOUT_FILENO);
}

static enum color_mode color_by_name(const char *name) {
    if (name && strcmp(name, "always") == 0) return COLOR_ALWAYS;
    return name && strcmp(name, "never") == 0 ? COLOR_NEVER : COLOR_AUTO;
}

static void start_keys(struct app *a) {
    struct diag_list errors = {0};
    char buf[900];
    struct diag why;
    keymap_default(&a->keymap, &why);
    if (!keymap_load(&a->keymap, &errors)) app_say(a, ROLE_ERROR, "%s", diag_format(&errors.item[0], buf, sizeof buf));
}

/* Take the terminal, run, give it back. The signals come first: curses leaves alone
 * what it finds handled, else it would ignore ^Z while it writes. */
static int on_terminal(struct app *a) {
    FILE *keys = key_source();
    struct terminal_options t = {
        .in = keys,
        .out = stdout,
        .theme = a->screen.theme,
        .color = color_by_name(a->options->color),
        .ascii = a->options->ascii,
        .mouse = !a->options->no_mouse,
    };
    bool caught = keys && loop_start();
    a->terminal = caught ? terminal_start(&t) : NULL;
    bool up = a->terminal != NULL;
    if (up) {
        start_keys(a);
        run(a);
    }
    terminal_stop(a->terminal);
    a->terminal = NULL;
    if (caught) loop_stop();
    if (keys && keys != stdin) fclose(keys);
    if (!up) fprintf(stderr, "vmscope: the terminal cannot show the screen\n");
    return up ? 0 : 3;
}

static struct app *app_create(const struct ui_options *o) {
    struct app *a = mem_zalloc(1, sizeof *a);
    if (!a) return NULL;
    a->options = o;
    screen_init(&a->screen, &a->keymap);
    theme_by_name(o->theme, &a->screen.theme);
    return a;
}

static void app_free(struct app *a) {
    if (a->in_session) app_close(a);
    menu_free(&a->menu);
    canvas_free(&a->canvas);
    free(a);
}

static int no_memory(void) {
    fprintf(stderr, "vmscope: there is no memory for the screen\n");
    return 3;
}

int ui_run(struct scenario *s, const struct ui_options *o) {
    struct app *a = app_create(o);
    struct diag why = {0};
    char buf[900];
    if (!a) return no_memory();
    int status = 3;
    if (app_open(a, s, &why)) status = on_terminal(a);
    else fprintf(stderr, "%s\n", diag_format(&why, buf, sizeof buf));
    app_free(a);
    return status;
}

int ui_menu(const struct ui_options *o) {
    struct app *a = app_create(o);
    if (!a) return no_memory();
    if (!menu_load(&a->menu)) {
        app_free(a);
        return no_memory();
    }
    int status = on_terminal(a);
    app_free(a);
    return status;
}
