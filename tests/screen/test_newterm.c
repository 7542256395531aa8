/* test_newterm.c - whole screens through curses, on /dev/null: real pictures of a
 * session over sizes, themes and signs, with and without colours.
 *
 * What is drawn can be checked on the canvas (test_screens.c); here it is that
 * nothing of it hurts the way to the terminal, at no size and in no order.
 */
#include "stage.h"
#include "ui/screen.h"
#include "ui/terminal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const int sizes[][2] = {{40, 10}, {60, 20}, {80, 24}, {120, 36}, {200, 60}, {80, 24}, {30, 5}, {150, 24}};
enum { SIZES = sizeof sizes / sizeof *sizes };

struct door {
    struct stage stage;
    struct keymap keys;
    FILE *in, *out;
};

static int begin(void **state) {
    struct door *d = calloc(1, sizeof *d);
    if (!d) return -1;
    d->in = fopen("/dev/null", "r");
    d->out = fopen("/dev/null", "w");
    stage_open(&d->stage, stage_yaml);
    *state = d;
    return d->in && d->out && keymap_default(&d->keys, NULL) ? 0 : -1;
}

static int end(void **state) {
    struct door *d = *state;
    stage_close(&d->stage);
    fclose(d->in);
    fclose(d->out);
    free(d);
    return 0;
}

/* One picture at one size, with each pane zoomed in turn. */
static void show(struct door *d, struct terminal *t, int width, int height, int round) {
    struct screen_state st;
    screen_init(&st, &d->keys);
    st.zoom = round % (PANES + 1) - 1;
    terminal_set_size(t, width, height);
    d->stage.c.ascii = terminal_ascii(t);
    assert_true(canvas_resize(&d->stage.c, width, height));
    screen_draw(&d->stage.c, &d->stage.v, &st);
    terminal_show(t, &d->stage.c, false);
}

static void show_all(struct door *d, const char *term, enum theme theme, enum color_mode color, bool ascii) {
    struct terminal_options o = {
        .term = term, .in = d->in, .out = d->out, .theme = theme, .color = color, .ascii = ascii, .mouse = true};
    struct terminal *t = terminal_start(&o);
    if (!t) return; /* a terminal that this machine does not know */
    for (int i = 0; i < 3 * SIZES; i++) {
        for (int n = 0; n < 3; n++) stage_micro(&d->stage);
        show(d, t, sizes[i % SIZES][0], sizes[i % SIZES][1], i);
    }
    terminal_stop(t);
}

static void every_theme_shows_a_session_at_every_size_on_every_terminal(void **state) {
    static const char *const terms[] = {"xterm-256color", "xterm", "vt100", "screen", "linux"};
    for (size_t k = 0; k < sizeof terms / sizeof *terms; k++)
        for (int theme = 0; theme < THEMES; theme++)
            for (int ascii = 0; ascii <= 1; ascii++)
                show_all(*state, terms[k], (enum theme)theme, ascii ? COLOR_NEVER : COLOR_ALWAYS, ascii);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_theme_shows_a_session_at_every_size_on_every_terminal, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
