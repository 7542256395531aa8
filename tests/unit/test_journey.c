/* test_journey.c - a long time: ways through it that are gone piece by piece, told, and stopped by a key; and the
 * timeline, from all of it to single steps. */
#include "app_keys.h"
#include "ui/strip.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define STEPS UINT64_C(40000000)
#define SECOND_FAULT UINT64_C(30000000) /* the step that touches another page, counted from 0 */

static const char lesson[] =
    "version: 1\n"
    "title: Far\n"
    "machine: {paging: sv32, frames: 2, tlb: {entries: 4, ways: 4}}\n"
    "processes:\n"
    "  - name: A\n"
    "    layout: {heap: {at: 0x10000, size: 16KiB}}\n"
    "steps:\n"
    "  - {read: heap}\n";

/* ---- many steps that take no memory: all read one page, but one ---- */

struct many {
    struct step_source base;
    struct step same[STEP_SPAN], other;
};

static const struct step *many_span(const struct step_source *s, uint64_t at, struct step *buf, size_t *count) {
    const struct many *m = (const struct many *)(const void *)s;
    (void)buf;
    if (at >= s->count) return NULL;
    if (at == SECOND_FAULT) {
        *count = 1;
        return &m->other;
    }
    uint64_t end = at < SECOND_FAULT ? SECOND_FAULT : s->count;
    *count = end - at < STEP_SPAN ? (size_t)(end - at) : STEP_SPAN;
    return m->same;
}

static const struct step_source_ops many_ops = {.span = many_span};
static struct many many;
static struct step_source *lessons_own;

static struct ui_options options;
static struct app app;
static struct scenario *scenario;

static int setup(void **state) {
    struct scenario_options load = {0};
    struct diag_list errors = {0};
    struct diag why = {0};
    (void)state;
    app = (struct app){.options = &options};
    ui_options_default(&options);
    if (scenario_load_memory(lesson, sizeof lesson - 1, "far.yaml", NULL, &load, &scenario, &errors) != VS_OK) return -1;
    const struct step read = {.va = 0x10000, .kind = STEP_ACCESS, .op = ACCESS_READ, .size = 4, .proc = PROC_NONE};
    many.base = (struct step_source){&many_ops, STEPS};
    for (size_t i = 0; i < STEP_SPAN; i++) many.same[i] = read;
    many.other = read;
    many.other.va = 0x11000;
    lessons_own = scenario->steps;
    scenario->steps = &many.base;
    if (!keymap_default(&app.keymap, &why) || !canvas_resize(&app.canvas, 80, 24)) return -1;
    screen_init(&app.screen, &app.keymap);
    return app_open(&app, scenario, &why) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    if (app.in_session) app_close(&app);
    canvas_free(&app.canvas);
    scenario->steps = lessons_own;
    scenario_free(scenario);
    return 0;
}

static unsigned press(const char *key) { return app_press(&app, key); }
static struct position position(void) { return history_position(app.session.history); }
static bool says(const char *words) { return strstr(app.screen.message, words) != NULL; }

static void a_long_way_is_told_while_it_lasts(void **state) {
    (void)state;
    press("G");
    assert_true(app.session.running);
    assert_true(position().step > 0 && position().step < STEPS);
    assert_true(says("On the way to step 40000000"));
    assert_true(says("Esc stops here"));
    app_finish(&app);
    assert_int_equal(position().step, STEPS);
    assert_false(app.session.running);
    assert_true(says("The end."));
}

static void escape_ends_it_where_it_is(void **state) {
    (void)state;
    press("G");
    press("Esc");
    uint64_t at = position().step;
    assert_false(app.session.running);
    assert_true(at > 0 && at < STEPS);
    app_finish(&app);
    assert_int_equal(position().step, at);
    press("g");
    assert_int_equal(position().step, 0);
}

static void the_search_for_a_fault_goes_on_until_there_is_one(void **state) {
    (void)state;
    press("f");
    assert_int_equal(position().step, 1);
    press("f");
    assert_true(says("Looking for the next fault"));
    app_finish(&app);
    assert_int_equal(position().step, SECOND_FAULT + 1);
    assert_int_equal(position().micro, 0);
    press("f");
    app_finish(&app);
    assert_int_equal(position().step, STEPS);
    assert_true(says("No further fault"));
    press("F");
    app_finish(&app);
    assert_int_equal(position().step, SECOND_FAULT + 1);
    press("F");
    app_finish(&app);
    assert_int_equal(position().step, 1);
    press("f"); /* what is known is not looked for again */
    app_finish(&app);
    assert_int_equal(position().step, SECOND_FAULT + 1);
}

static void a_search_that_was_stopped_goes_on_from_where_time_has_been(void **state) {
    (void)state;
    press("f");
    press("f");
    press("Esc");
    uint64_t stopped = position().step;
    press("g");
    app_finish(&app);
    press("s"); /* behind the first fault */
    press("f");
    app_finish(&app);
    assert_true(stopped < SECOND_FAULT);
    assert_int_equal(position().step, SECOND_FAULT + 1);
}

/* Many short ways say nothing of how many steps can be done while a key waits. */
static void short_ways_leave_long_ones_in_pieces(void **state) {
    (void)state;
    uint64_t before = app.session.burst;
    press("f"); /* the very first step is one */
    assert_int_equal(app.session.burst, before);
    command_run(&app, "compare fifo lru");
    for (unsigned i = 0; i < 100; i++) press("Space");
    assert_int_equal(app.compare.at, 101); /* it began where the session stood */
    press("G");
    assert_true(says("On the way to step 40000000"));
}

static void a_key_that_moves_ends_it_and_moves(void **state) {
    (void)state;
    press("G");
    uint64_t at = position().step;
    press("s");
    assert_false(app.session.running);
    assert_int_equal(position().step, at + 1);
}

static void there_and_back_is_the_same_place(void **state) {
    (void)state;
    command_run(&app, "goto 35000000");
    app_finish(&app);
    assert_int_equal(position().step, 34999999);
    assert_int_equal(position().micro, 1);
    struct machine *first = machine_clone(history_machine(app.session.history));
    press("G");
    app_finish(&app);
    command_run(&app, "goto 35000000");
    app_finish(&app);
    assert_true(machine_equal(first, history_machine(app.session.history)));
    machine_free(first);
}

static void a_comparison_goes_long_ways_piece_by_piece(void **state) {
    (void)state;
    command_run(&app, "compare fifo lru");
    press("G");
    assert_true(says("On the way to step 40000000"));
    press("Esc");
    assert_non_null(app.compare.lanes);
    assert_true(app.compare.at > 0 && app.compare.at < STEPS);
    press("g");
    press("f");
    app_finish(&app);
    assert_int_equal(app.compare.at, 1);
    press("f");
    app_finish(&app);
    assert_int_equal(app.compare.at, SECOND_FAULT + 1);
    press("F");
    assert_int_equal(app.compare.at, 1);
    press("d"); /* two pages in two frames: FIFO and LRU never differ */
    app_finish(&app);
    assert_int_equal(app.compare.at, 1);
    assert_true(says("There is no difference from here on."));
    press("Esc");
    assert_null(app.compare.lanes);
}

/* ---- the timeline ---- */

static bool screen_holds(const char *words) { return app_shows(&app, words); }

/* Whatever the width: each zoom looks closer than the one before, the closest at single steps, and always at the
 * step that is asked for. */
static void each_zoom_is_closer_and_shows_the_place(void **state) {
    (void)state;
    struct view v = session_view(&app.session);
    for (int cells = 1; cells < 250; cells += cells < 10 ? 1 : 13) {
        unsigned closest = strip_closest(&v, cells);
        uint64_t before = UINT64_MAX;
        for (unsigned zoom = 0; zoom <= closest; zoom++) {
            static const uint64_t places[] = {0, 1, 77, STEPS / 2, STEPS - 78, STEPS - 1};
            for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
                struct strip s = strip_of(&v, cells, zoom, places[i]);
                int cell = strip_cell(&s, places[i]);
                assert_true(s.scale < before);
                assert_in_range(cell, 0, cells - 1);
                assert_true(strip_first(&s, cell) <= places[i] && places[i] < strip_end(&s, cell));
            }
            before = strip_of(&v, cells, zoom, 0).scale;
        }
        assert_int_equal(before, 1);
    }
}

static void the_pane_shows_all_of_time_and_single_steps(void **state) {
    (void)state;
    canvas_resize(&app.canvas, 120, 36);
    command_run(&app, "goto 30000005"); /* shortly after the second fault */
    app_finish(&app);
    press("9");
    app_draw(&app);
    press("z");
    assert_true(screen_holds("500k steps a cell"));
    assert_true(screen_holds("1 step a cell"));
    assert_true(screen_holds("\u00b7m\u00b7")); /* that fault, among single steps */
    app_draw(&app);
    while (app_count_pages(&app)) {}
    assert_true(screen_holds("up to 2")); /* pages used */
    press(">");
    assert_true(screen_holds("looks closer"));
    assert_false(screen_holds("500k steps a cell"));
}

static void the_cursor_moves_by_cells_and_goes_there(void **state) {
    (void)state;
    press("f");
    canvas_resize(&app.canvas, 120, 36);
    press("9");
    app_draw(&app);
    press("j");
    press("j");
    app_draw(&app);
    int at = app.screen.pane[PANE_TIMELINE].cursor;
    assert_int_equal(at % 500000, 0); /* two cells from the start, where a cell is half a million steps */
    assert_int_equal(at, 1000000);
    press("Enter");
    app_finish(&app);
    assert_int_equal(position().step, 1000000);
    assert_true(app.screen.pane[PANE_TIMELINE].follow);
}

#define FAR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FAR(a_long_way_is_told_while_it_lasts),
        FAR(escape_ends_it_where_it_is),
        FAR(the_search_for_a_fault_goes_on_until_there_is_one),
        FAR(a_search_that_was_stopped_goes_on_from_where_time_has_been),
        FAR(short_ways_leave_long_ones_in_pieces),
        FAR(a_key_that_moves_ends_it_and_moves),
        FAR(there_and_back_is_the_same_place),
        FAR(a_comparison_goes_long_ways_piece_by_piece),
        FAR(each_zoom_is_closer_and_shows_the_place),
        FAR(the_pane_shows_all_of_time_and_single_steps),
        FAR(the_cursor_moves_by_cells_and_goes_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
