/* test_app.c - the interactive session without a terminal: keys in, canvases out. */
#include "app_keys.h"
#include "vmscope/base/rng.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

static const char lesson[] =
    "version: 1\n"
    "title: Test\n"
    "machine: {paging: sv32, frames: 2, swap: 4, replacement: {policy: fifo}, tlb: {entries: 4, ways: 4}}\n"
    "processes:\n"
    "  - name: A\n"
    "    layout: {heap: {size: 16KiB}}\n"
    "  - name: B\n"
    "    layout: {heap: {size: 16KiB}}\n"
    "steps:\n"
    "  - {write: heap, value: 42}\n"
    "  - {read: heap}\n"
    "  - {write: heap+0x1000, value: 43}\n"
    "  - {read: heap+0x2000}\n"
    "  - {read: heap}\n";

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
    if (scenario_load_memory(lesson, sizeof lesson - 1, "test.yaml", NULL, &load, &scenario, &errors) != VS_OK) {
        print_message("%u:%u: %s\n", errors.item[0].line, errors.item[0].col, errors.item[0].text);
        return -1;
    }
    if (!keymap_default(&app.keymap, &why) || !canvas_resize(&app.canvas, 80, 24)) return -1;
    screen_init(&app.screen, &app.keymap);
    return app_open(&app, scenario, &why) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    if (app.in_session) app_close(&app);
    canvas_free(&app.canvas);
    menu_free(&app.menu);
    scenario_free(scenario);
    return 0;
}

static unsigned press(const char *key) { return app_press(&app, key); }

static void type(const char *text) {
    for (; *text; text++) app_key(&app, (struct input){*text, 0, 0});
}

static void command(const char *words) {
    press(":");
    type(words);
    press("Enter");
}

static struct position position(void) { return history_position(app.session.history); }

static bool screen_holds(const char *words) { return app_shows(&app, words); }

static void space_takes_a_micro_step_and_u_takes_it_back(void **state) {
    (void)state;
    press("Space");
    press("Space");
    assert_int_equal(position().micro, 2);
    press("u");
    assert_int_equal(position().micro, 1);
    assert_int_equal(position().step, 0);
}

static void the_screen_is_the_same_after_there_and_back(void **state) {
    struct canvas before = {0};
    (void)state;
    press("G"); /* the timeline shows what time has seen: so see all of it first */
    press("g");
    press("s");
    press("Space");
    app_draw(&app);
    assert_true(canvas_resize(&before, 80, 24));
    memcpy(before.cell, app.canvas.cell, 80 * 24 * sizeof *before.cell);
    for (int i = 0; i < 30; i++) press("Space");
    for (int i = 0; i < 30; i++) press("u");
    app_draw(&app);
    assert_true(canvas_equal(&before, &app.canvas));
    canvas_free(&before);
}

static void s_and_U_move_by_whole_steps(void **state) {
    (void)state;
    press("s");
    press("s");
    assert_int_equal(position().step, 2);
    press("U");
    assert_int_equal(position().step, 1);
}

static void f_stops_after_the_next_fault(void **state) {
    (void)state;
    press("f");
    assert_int_equal(position().step, 1);
    press("f"); /* the second step is a hit; the third faults */
    assert_int_equal(position().step, 3);
    press("F");
    assert_int_equal(position().step, 1);
}

static void the_end_is_told_and_does_no_harm(void **state) {
    (void)state;
    press("G");
    assert_int_equal(position().step, 5);
    press("Space");
    assert_non_null(strstr(app.screen.message, "end"));
    press("g");
    assert_int_equal(position().step, 0);
}

static void goto_puts_a_step_under_way(void **state) {
    (void)state;
    command("goto 4");
    assert_int_equal(position().step, 3);
    assert_int_equal(position().micro, 1);
    command("goto 99");
    assert_int_equal(app.screen.message_role, ROLE_ERROR);
    assert_int_equal(position().step, 3);
}

static void a_typed_access_branches_and_future_returns(void **state) {
    (void)state;
    press("s");
    command("write heap+0x3000 7");
    assert_int_equal(history_step_count(app.session.history), 6);
    assert_true(screen_holds("write 0x"));
    press("s");
    assert_int_equal(machine_translations(history_machine(app.session.history), &(unsigned){0})->value, 7);
    command("future");
    assert_int_equal(history_step_count(app.session.history), 5);
    assert_int_equal(position().step, 1);
    assert_int_equal(position().micro, 0);
}

static void a_typed_step_waits_until_the_step_under_way_is_over(void **state) {
    (void)state;
    press("Space");
    press("Space");
    command("switch B");
    assert_int_equal(position().step, 1);
    press("s");
    assert_string_equal(process_name(history_machine(app.session.history),
                                     machine_kernel(history_machine(app.session.history))->running), "B");
}

static void a_policy_can_be_changed_and_unknown_ones_are_named(void **state) {
    (void)state;
    command("policy lru");
    press("s");
    assert_string_equal(policy_ops(kernel_policy(machine_kernel(history_machine(app.session.history))))->name, "lru");
    command("policy best");
    assert_int_equal(app.screen.message_role, ROLE_ERROR);
}

static void wrong_commands_say_what_was_meant(void **state) {
    (void)state;
    command("raed heap");
    assert_non_null(strstr(app.screen.message, "did you mean 'read'"));
    command("write");
    assert_non_null(strstr(app.screen.message, "write ADDRESS"));
    command("read nowhere");
    assert_int_equal(app.screen.message_role, ROLE_ERROR);
    command("read 0x100000000");
    assert_int_equal(app.screen.message_role, ROLE_ERROR);
    command("fork");
    assert_non_null(strstr(app.screen.message, "fork NAME"));
    assert_int_equal(history_step_count(app.session.history), 5);
}

static void a_process_can_be_forked_and_ended_by_typing(void **state) {
    (void)state;
    command("fork Child");
    press("s");
    const struct kernel *k = machine_kernel(history_machine(app.session.history));
    assert_string_equal(k->process[k->process_count - 1].name, "Child");
    assert_true(k->process[k->process_count - 1].alive);
    assert_null(kernel_inconsistency(k));
    command("switch Child");
    press("s");
    command("exit");
    press("s");
    k = machine_kernel(history_machine(app.session.history));
    assert_false(k->process[k->process_count - 1].alive);
}

static void the_break_is_moved_by_typing(void **state) {
    (void)state;
    press("s");
    command("sbrk 4KiB");
    assert_true(screen_holds("sbrk: it moves the break: write + or - and a size"));
    command("sbrk +4KiB");
    assert_true(screen_holds("[brk]"));
}

static void tab_completes_commands_and_what_follows_them(void **state) {
    (void)state;
    press(":");
    type("pol");
    press("Tab");
    assert_string_equal(app.screen.line.text, "policy ");
    type("sec");
    press("Tab");
    assert_string_equal(app.screen.line.text, "policy second_chance ");
    press("^U");
    type("read h");
    press("Tab");
    assert_string_equal(app.screen.line.text, "read heap ");
    press("Esc");
    assert_false(app.screen.line.active);
}

static void lines_typed_before_come_back(void **state) {
    (void)state;
    command("goto 2");
    command("goto 3");
    press(":");
    press("Up");
    press("Up");
    assert_string_equal(app.screen.line.text, "goto 2");
    press("Down");
    assert_string_equal(app.screen.line.text, "goto 3");
}

static void the_line_is_edited_in_place(void **state) {
    (void)state;
    press(":");
    type("gxto 2");
    press("Home");
    press("Right");
    press("Delete");
    type("o");
    assert_string_equal(app.screen.line.text, "goto 2");
    press("End");
    press("^W");
    assert_string_equal(app.screen.line.text, "goto ");
    press("^A");
    press("^K");
    assert_string_equal(app.screen.line.text, "");
    press("Backspace"); /* of an empty line: leave it */
    assert_false(app.screen.line.active);
}

static void predict_asks_before_an_access_and_keeps_the_score(void **state) {
    (void)state;
    press("p");
    press("Space");
    assert_int_equal(app.screen.overlay, OVERLAY_QUESTION);
    assert_int_equal(position().micro, 0);
    press("m"); /* a first touch: a minor fault */
    assert_int_equal(position().micro, 1);
    press("s");
    assert_int_equal(app.session.predict.right, 1);
    assert_non_null(strstr(app.screen.message, "Right"));
    press("s");
    press("M"); /* it is a hit */
    assert_int_equal(app.session.predict.asked, 2);
    assert_int_equal(app.session.predict.right, 1);
}

static void a_question_can_be_skipped(void **state) {
    (void)state;
    press("p");
    press("Space");
    press("Space");
    assert_int_equal(app.screen.overlay, OVERLAY_NONE);
    assert_int_equal(position().micro, 1);
    assert_int_equal(app.session.predict.asked, 0);
}

static void running_stops_at_a_breakpoint(void **state) {
    char buf[128] = "";
    struct text why = text_in(buf, sizeof buf);
    (void)state;
    command("break victim");
    app.session.speed = speed_count - 1;
    press("r");
    while (app.session.running) session_tick(&app.session, &why);
    assert_non_null(strstr(buf, "victim"));
    assert_int_equal(machine_last_event(history_machine(app.session.history))->kind, EV_VICTIM);
}

static void running_ends_at_the_end(void **state) {
    char buf[128] = "";
    struct text why = text_in(buf, sizeof buf);
    (void)state;
    for (int speed = 0; speed < speed_count; speed++) {
        press("g");
        app.session.speed = speed;
        press("r");
        while (app.session.running) session_tick(&app.session, &why);
        assert_int_equal(position().step, 5);
    }
}

static void breakpoints_read_classes_events_pages_and_processes(void **state) {
    static const char *const good[] = {"fault", "minor-zero", "tlb-miss", "page heap", "page 0x1000", "process B"};
    struct breakpoint b;
    char buf[256];
    struct text why = text_in(buf, sizeof buf);
    const struct machine *m = history_machine(app.session.history);
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) assert_true(breakpoint_parse(good[i], m, &b, &why));
    assert_false(breakpoint_parse("process Z", m, &b, &why));
    assert_false(breakpoint_parse("page nowhere", m, &b, &why));
    assert_false(breakpoint_parse("nonsense", m, &b, &why));
}

static void a_pane_out_of_sight_is_zoomed_by_its_digit_and_q_gives_back(void **state) {
    (void)state;
    press("8");
    assert_int_equal(app.screen.zoom, PANE_COUNTERS);
    assert_true(screen_holds("8 Counters"));
    assert_int_equal(press("q") & REACT_CLOSE, 0);
    assert_int_equal(app.screen.zoom, -1);
    assert_int_equal(press("q") & REACT_CLOSE, REACT_CLOSE);
}

static void leaving_asks_only_when_something_typed_would_be_lost(void **state) {
    (void)state;
    command("read heap");
    assert_int_equal(press("q") & REACT_CLOSE, 0);
    assert_int_equal(press("q") & REACT_CLOSE, REACT_CLOSE);
}

static void help_shows_every_action_and_finds_words(void **state) {
    (void)state;
    press("?");
    assert_true(screen_holds("Moving in time"));
    press("q");
    command("help ASID");
    assert_true(screen_holds("address-space identifier"));
}

/* ---- whose memory is shown: A runs, B only waits ---- */

static void o_goes_through_the_processes_and_back_to_who_runs(void **state) {
    (void)state;
    press("s");
    assert_true(screen_holds("Address space  A"));
    press("o");
    press("o");
    assert_true(screen_holds("Address space  B"));
    assert_true(screen_holds("Page table  B"));
    press("s");
    assert_true(screen_holds("Address space  B")); /* whatever A does */
    press("o");
    assert_int_equal(app.session.looking.shown, PROC_NONE);
    assert_true(screen_holds("Address space  A"));
}

static void w_shows_two_and_takes_the_screen_for_as_long(void **state) {
    (void)state;
    press("s");
    press("w");
    assert_int_equal(app.screen.zoom, PANE_ADDRESS_SPACE); /* 80 columns are too few else */
    assert_true(screen_holds("A  pid 1  runs"));
    assert_true(screen_holds("B  pid 2"));
    press("w");
    assert_int_equal(app.screen.zoom, -1);
    assert_false(screen_holds("B  pid 2"));
}

static void leaving_the_zoom_leaves_the_two(void **state) {
    (void)state;
    press("s");
    press("w");
    command("show B");
    assert_int_equal(app.screen.zoom, -1);
    assert_true(screen_holds("Address space B")); /* it has the keys: a blank less */
    press(".");
    assert_true(screen_holds("Address space A"));
}

static void the_list_of_processes_chooses_whose_memory_is_shown(void **state) {
    (void)state;
    press("s");
    press("0");
    assert_int_equal(app.screen.focus, PANE_PROCESSES);
    assert_true(screen_holds("0 Processes"));
    press("j");
    press("Enter");
    assert_int_equal(app.session.looking.shown, 1);
    assert_true(screen_holds("Page table  B"));
}

/* ---- comparing: FIFO, the lesson's own policy, beside OPT and LRU ---- */

static void c_compares_and_q_comes_back_to_where_it_was(void **state) {
    (void)state;
    press("s");
    struct position before = position();
    press("c");
    assert_int_equal(app_contexts(&app), CTX_COMPARE);
    assert_true(screen_holds("FIFO, 2 frames"));
    assert_true(screen_holds("OPT, 2 frames"));
    assert_true(screen_holds("LRU, 2 frames"));
    press("G");
    assert_true(screen_holds("step 5/5"));
    press("q");
    assert_int_equal(position().step, before.step);
    assert_true(screen_holds("Address space"));
}

/* heap 0 0 1 2 0 in 2 frames: FIFO throws 0 out for 2 and faults at the last step; OPT throws 1 out. */
static void d_goes_to_the_step_where_they_differ_and_says_why(void **state) {
    (void)state;
    press("c");
    press("d");
    assert_int_equal(app.compare.at, 5);
    assert_true(screen_holds("FIFO picks frame 1"));
    assert_true(screen_holds("no fault"));
    press("d");
    assert_true(screen_holds("There is no difference from here on."));
    press("Enter");
    assert_int_equal(position().step, 5);
    assert_int_equal(app_contexts(&app) & CTX_PANES, CTX_PANES);
}

static void a_comparison_can_be_asked_for_in_words(void **state) {
    (void)state;
    command("compare lru 2 3");
    assert_true(screen_holds("LRU, 2 frames"));
    assert_true(screen_holds("LRU, 3 frames"));
    press("q");
    command("compare fifo lru 2x2 4x1");
    assert_true(screen_holds("FIFO, 2 frames, TLB 2x2"));
    press("q");
    command("compare lru");
    assert_true(screen_holds("Name two to compare"));
    command("compare fifo lru 1 2 3");
    assert_true(screen_holds("These are 6; at most 4"));
    command("compare fivo lru");
    assert_true(screen_holds("'fivo' is no policy"));
}

/* ---- another machine ---- heap pages 0 0 1 2 0 in 2 frames, FIFO: 4 faults; in 3 frames no eviction: 3 */

static void frames_makes_the_machine_anew_up_to_the_same_place(void **state) {
    (void)state;
    press("G");
    const struct machine *m = history_machine(app.session.history);
    assert_int_equal(machine_counters(m)->page_faults, 4);
    command("frames 3");
    assert_true(screen_holds("3 frames now, from the first step on."));
    m = history_machine(app.session.history);
    assert_int_equal(position().step, 5);
    assert_int_equal(machine_counters(m)->page_faults, 3);
    command("frames 0");
    assert_true(screen_holds("a machine has 1 to"));
    command("frames 4000000000");
    assert_int_equal(machine_config(history_machine(app.session.history))->frames, 3); /* refused: no memory for so many */
    command("tlb 2x1");
    assert_int_equal(machine_config(history_machine(app.session.history))->tlb.entries, 2);
    assert_int_equal(position().step, 5);
    command("tlb 70000x70000");
    assert_true(screen_holds("Write: tlb SETSxWAYS"));
}

static void a_snapshot_is_the_screen_as_text(void **state) {
    char path[] = "/tmp/vmscope-snapshot-XXXXXX", words[64], text[4096] = "";
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    press("s");
    struct text t = text_in(words, sizeof words);
    text_addf(&t, "snapshot %s", path);
    command(words);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    unlink(path);
    assert_non_null(strstr(text, "1 Address space"));
    assert_non_null(strstr(text, "step 1/5"));
    command("snapshot /nowhere/at/all");
    assert_true(screen_holds("/nowhere/at/all: No such file or directory"));
}

static void search_goes_to_what_matches(void **state) {
    (void)state;
    press("s");
    press("4");
    press("/");
    type("heap");
    press("Enter");
    assert_string_equal(app.needle, "heap");
    assert_int_equal(app_contexts(&app) & (CTX_PANES | CTX_FOUND), CTX_PANES | CTX_FOUND);
    press("Esc");
    assert_int_equal(app_contexts(&app) & (CTX_PANES | CTX_FOUND), CTX_PANES);
}

static void what_was_typed_is_saved_as_a_scenario_that_runs_alike(void **state) {
    struct scenario_options load = {0};
    struct diag_list errors = {0};
    struct scenario *saved = NULL;
    struct machine *m = NULL;
    char path[] = "/tmp/vmscope-save-XXXXXX", words[64];
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    press("s");
    command("write heap+0x3000 7");
    command("switch B");
    press("s");
    struct text t = text_in(words, sizeof words);
    text_addf(&t, "save %s", path);
    command(words);
    if (app.screen.message_role == ROLE_ERROR) fail_msg("%s", app.screen.message);
    if (scenario_load_file(path, &load, &saved, &errors) != VS_OK)
        fail_msg("%u:%u: %s", errors.item[0].line, errors.item[0].col, errors.item[0].text);
    assert_int_equal(saved->steps->count, 3);
    assert_int_equal(scenario_machine(saved, &m, NULL), VS_OK);
    machine_run(m, 3, NULL);
    const struct counters *now = machine_counters(history_machine(app.session.history)), *then = machine_counters(m);
    assert_memory_equal(now, then, sizeof *now);
    machine_free(m);
    scenario_free(saved);
    unlink(path);
}

static void nothing_is_saved_where_it_cannot_be(void **state) {
    (void)state;
    press("s");
    command("save /nonexistent/folder/x.yaml");
    assert_int_equal(app.screen.message_role, ROLE_ERROR);
}

/* Every key, many times, at many sizes: nothing breaks, and the start can be returned to. */
static void random_keys_do_no_harm(void **state) {
    static const int sizes[][2] = {{80, 24}, {40, 10}, {39, 9}, {60, 20}, {120, 36}, {200, 60}, {48, 22}};
    struct rng rng = {1};
    (void)state;
    for (int i = 0; i < 4000; i++) {
        const int *size = sizes[rng_below(&rng, 7)];
        int key = rng_below(&rng, 4) ? (int)rng_below(&rng, 128) : K_SPECIAL + (int)rng_below(&rng, K_LAST - K_SPECIAL + 1);
        if (key == K_NOTHING || key == 'q') continue;
        if (i % 50 == 0) assert_true(canvas_resize(&app.canvas, size[0], size[1]));
        app_key(&app, (struct input){key, (int)rng_below(&rng, 80), (int)rng_below(&rng, 24)});
        if (app.screen.line.active && app.screen.line.length > 20) press("Esc");
        app.suspend = false;
        if (i % 7 == 0) app_draw(&app);
    }
    assert_null(kernel_inconsistency(machine_kernel(history_machine(app.session.history))));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(space_takes_a_micro_step_and_u_takes_it_back),
        TEST(the_screen_is_the_same_after_there_and_back),
        TEST(s_and_U_move_by_whole_steps),
        TEST(f_stops_after_the_next_fault),
        TEST(the_end_is_told_and_does_no_harm),
        TEST(goto_puts_a_step_under_way),
        TEST(a_typed_access_branches_and_future_returns),
        TEST(a_typed_step_waits_until_the_step_under_way_is_over),
        TEST(a_policy_can_be_changed_and_unknown_ones_are_named),
        TEST(wrong_commands_say_what_was_meant),
        TEST(a_process_can_be_forked_and_ended_by_typing),
        TEST(the_break_is_moved_by_typing),
        TEST(tab_completes_commands_and_what_follows_them),
        TEST(lines_typed_before_come_back),
        TEST(the_line_is_edited_in_place),
        TEST(predict_asks_before_an_access_and_keeps_the_score),
        TEST(a_question_can_be_skipped),
        TEST(running_stops_at_a_breakpoint),
        TEST(running_ends_at_the_end),
        TEST(breakpoints_read_classes_events_pages_and_processes),
        TEST(a_pane_out_of_sight_is_zoomed_by_its_digit_and_q_gives_back),
        TEST(leaving_asks_only_when_something_typed_would_be_lost),
        TEST(help_shows_every_action_and_finds_words),
        TEST(o_goes_through_the_processes_and_back_to_who_runs),
        TEST(w_shows_two_and_takes_the_screen_for_as_long),
        TEST(leaving_the_zoom_leaves_the_two),
        TEST(the_list_of_processes_chooses_whose_memory_is_shown),
        TEST(c_compares_and_q_comes_back_to_where_it_was),
        TEST(d_goes_to_the_step_where_they_differ_and_says_why),
        TEST(a_comparison_can_be_asked_for_in_words),
        TEST(frames_makes_the_machine_anew_up_to_the_same_place),
        TEST(a_snapshot_is_the_screen_as_text),
        TEST(search_goes_to_what_matches),
        TEST(what_was_typed_is_saved_as_a_scenario_that_runs_alike),
        TEST(nothing_is_saved_where_it_cannot_be),
        TEST(random_keys_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
