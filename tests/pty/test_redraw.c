/* test_redraw.c - what has grown step by step on the terminal is what ^L draws afresh.
 *
 * Two programs get the same random keys: one is told to draw all anew after the
 * last of them; the other has drawn only what changed, frame by frame, and must
 * come to the same screen, cell for cell with colours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pty_session.h"
#include "vmscope/base/rng.h"

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define KEYS 40
#define LAST_KEY "2" /* takes a message away, and changes nothing else that ^L would not */

/* Keys that neither leave the session nor run it by itself nor clear the screen, and mean
 * the same whether what the ones before did has been drawn or not. */
static void choose_keys(char *keys, uint64_t seed) {
    static const char may[] = "      ssuUfFgGz\t\t123456789";
    struct rng rng = {seed};
    for (size_t i = 0; i < KEYS; i++) keys[i] = may[rng_below(&rng, sizeof may - 1)];
    memcpy(keys + KEYS, LAST_KEY, sizeof LAST_KEY);
}

static struct pty *open_session(const struct pty_options *o, const char *theme) {
    const char *argv[] = {vmscope_path(), theme, "tests/data/session.yaml", NULL};
    struct pty *p = pty_start(argv, o);
    assert_true(pty_wait_text(p, "This card"));
    return p;
}

/* One frame a key. */
static void type_slowly(struct pty *p, const char *keys) {
    for (; *keys; keys++) {
        pty_type(p, (char[]){*keys, '\0'});
        assert_true(pty_wait_read(p));
    }
}

/* The other's last cells may still be on their way. */
static bool looks_like(struct pty *p, const void *other) {
    struct pty *afresh = *(struct pty *const *)other;
    pty_take_rest(afresh);
    return pty_same_picture(p, afresh);
}

static void compare(const char *term, const char *theme, int rows, int cols, uint64_t seed) {
    const struct pty_options o = {.rows = rows, .cols = cols, .term = term};
    char keys[KEYS + sizeof LAST_KEY];
    choose_keys(keys, seed);
    struct pty *afresh = open_session(&o, theme), *grown = open_session(&o, theme);
    type_slowly(afresh, keys);
    assert_true(pty_settle(afresh, "? help"));
    type_slowly(grown, keys);
    if (!pty_wait(grown, looks_like, &afresh)) {
        printf("# drawn afresh it is:\n%s\n", pty_screen(afresh));
        fail_msg("%s, %s, %dx%d: not the same after %s", term, theme, cols, rows, keys);
    }
    pty_free(afresh);
    pty_free(grown);
}

static void a_grown_screen_is_the_one_drawn_afresh(void **state) {
    static const char *const terms[] = {"xterm-256color", "vt100", "screen", "xterm", "linux"};
    static const int sizes[][2] = {{24, 80}, {20, 60}, {36, 120}, {60, 200}};
    static const char *const themes[] = {"--theme=default", "--theme=light", "--theme=contrast", "--theme=okabe-ito", "--theme=mono"};
    (void)state;
    for (unsigned i = 0; i < 36; i++)
        compare(terms[i % 5], themes[i / 5 % 5], sizes[i % 4][0], sizes[i % 4][1], 1 + i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grown_screen_is_the_one_drawn_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
