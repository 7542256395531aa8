/* test_pane_processes.c - several processes on the screen: the list, anybody's address space, two side
 * by side, a page's twins, VMAs, graphs. What must be seen follows from copy-on-write as Bach describes it
 * (The Design of the UNIX Operating System, 9.2.1): after a fork one frame for two, after a write two. */
#include "stage.h"
#include "ui/pane_address_space.h"
#include "ui/pane_frames.h"
#include "ui/process_sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char fork_yaml[] = "version: 1\n"
                                "title: Fork\n"
                                "machine: {frames: 8, tlb: {entries: 4, ways: 4}, kernel: {working_set: 4}}\n"
                                "processes:\n"
                                "  - name: A\n"
                                "    layout: {heap: {size: 16KiB}}\n"
                                "steps:\n"
                                "  - {write: heap, value: 11}\n"
                                "  - {write: heap+0x1000, value: 12}\n"
                                "  - {fork: B}\n"
                                "  - {write: heap, value: 21}\n"
                                "  - {switch: B}\n"
                                "  - {read: heap}\n"
                                "  - {exit: B}\n";

static struct looking looking;

static int begin(void **state) {
    static struct stage stage;
    stage_open(&stage, fork_yaml);
    looking = (struct looking){PROC_NONE, PROC_NONE};
    *state = &stage;
    return 0;
}

static int end(void **state) {
    stage_close(*state);
    return 0;
}

/* As the reader chose; history moves make a new view, so it is set before each look. */
static const char *look_at(struct stage *t, const struct pane *p, proc_t shown, proc_t beside, int width, int height) {
    looking = (struct looking){shown, beside};
    t->v.looking = &looking;
    return stage_pane(t, p, width, height);
}

static const char *detail_of(struct stage *t, const struct pane *p, int item, int width) {
    struct area a;
    assert_true(canvas_resize(&t->c, width, 60));
    a = area_of(&t->c);
    p->detail(&t->v, item, &a);
    return stage_canvas(t);
}

/* ---- the list ---- */

static void the_list_says_who_runs_and_who_waits(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FORK_DONE);
    const char *p = stage_pane(t, &pane_processes, 60, 6);
    assert_shows(p, ">   1 A runs        2      2     0   2"); /* pid, in RAM, faults, major, working set */
    assert_shows(p, "*   2 B ready       2      0     0   0");
    stage_until(t, EV_SWITCH);
    p = stage_pane(t, &pane_processes, 60, 6);
    assert_shows(p, "    1 A ready");
    assert_shows(p, ">   2 B runs");
}

static void a_process_that_is_still_to_be_forked_is_not_listed(void **state) {
    assert_hides(stage_pane(*state, &pane_processes, 60, 6), " B ");
}

static void a_process_that_has_ended_stays_in_the_list(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FRAMES_FREED);
    assert_shows(stage_pane(t, &pane_processes, 60, 6), "2 B ended");
}

static void with_room_the_vmas_and_graphs_stand_below(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FORK_DONE);
    const char *p = stage_pane(t, &pane_processes, 78, 16);
    assert_shows(p, "A: its VMAs");
    assert_shows(p, "08048000-0804bfff rw-p       4     2     0 heap     zeros");
    assert_shows(p, "faults    \u2588\u2588");
    assert_shows(p, "2 pages, most: 2");
}

static void a_list_for_one_process_is_not_needed(void **state) {
    struct stage *t = *state, other;
    assert_true(pane_processes.rows(&t->v) > 0);
    stage_open(&other, "version: 1\ntitle: One\nsteps: [{pages: 1 2}]\n");
    assert_int_equal(pane_processes.rows(&other.v), PANE_NOT_NEEDED);
    stage_close(&other);
}

/* ---- anybody's address space ---- */

static void the_address_space_of_who_does_not_run_can_be_shown(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_COW_COPY);
    stage_until(t, EV_MEM_WRITE); /* A has its copy now */
    assert_shows(look_at(t, &pane_page_table, 0, PROC_NONE, 60, 8), "08048 1 rw-uad frame 2 heap");
    assert_shows(look_at(t, &pane_page_table, 1, PROC_NONE, 60, 8), "08048 1 r--uad frame 0 heap");
}

static void shared_pages_look_different_from_those_of_one_owner(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FORK_DONE);
    assert_shows(look_at(t, &pane_address_space, 1, PROC_NONE, 40, 14), "heap \u2261\u2261\u00b7\u00b7");
    stage_until(t, EV_SWITCH);
    assert_shows(look_at(t, &pane_address_space, 1, PROC_NONE, 40, 14), "heap \u2593\u2261\u00b7\u00b7");
}

/* ---- two side by side ---- */

static void two_address_spaces_tell_one_frame_from_two(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FORK_DONE);
    const char *p = look_at(t, &pane_address_space, 0, 1, 78, 20);
    assert_shows(p, "A  pid 1  runs");
    assert_shows(p, "B  pid 2");
    assert_shows(p, "  08048 frame 0 r--uad frame 0 r--uad one frame x2: copied when written");
    stage_until(t, EV_COW_COPY);
    assert_shows(look_at(t, &pane_address_space, 0, 1, 78, 20), "* 08048 frame 0 r--uad frame 0 r--uad frame 0 is copied to frame 2");
    stage_until(t, EV_MEM_WRITE);
    p = look_at(t, &pane_address_space, 0, 1, 78, 20);
    assert_shows(p, "> 08048 frame 2 rw-uad frame 0 r--uad each has its own");
    assert_shows(p, "  08049 frame 1 r--uad frame 1 r--uad one frame x2: copied when written");
}

static void in_little_room_one_address_space_is_shown(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FORK_DONE);
    assert_hides(look_at(t, &pane_address_space, 0, 1, TWO_SPACES_WIDTH - 1, 20), "pid 2");
}

static void before_the_fork_there_is_no_second_one(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_MEM_WRITE);
    assert_hides(look_at(t, &pane_address_space, 0, 1, 78, 20), "pid 2");
}

/* ---- a page and its twin ---- */

static void a_page_shows_what_the_other_process_has_there(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FORK_DONE);
    const char *p = detail_of(t, &pane_page_table, 0, 76);
    assert_shows(p, "B         frame 0   PTE 000000d3 VR--U-AD  the same frame");
    stage_until(t, EV_MEM_WRITE);
    p = detail_of(t, &pane_page_table, 0, 76); /* A's 21 is 0x15, B's 11 is 0x0b */
    assert_shows(p, "B         frame 0   PTE 000000d3 VR--U-AD  bytes of its own");
    assert_shows(p, "0000      15 00 00 00 00 00 00 00   0b 00 00 00 00 00 00 00");
}

static void a_frame_shows_every_pte_that_maps_it(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FORK_DONE);
    const char *p = detail_of(t, &pane_frames, 0, 100);
    assert_shows(p, "mapped by A, VPN 08048 (heap): PTE 000000d3");
    assert_shows(p, "mapped by B, VPN 08048 (heap): PTE 000000d3");
    assert_shows(stage_pane(t, &pane_frames, 40, 9), "0 A+B 08048 RD heap  x2");
}

static void the_frame_that_is_copied_is_marked_too(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_COW_COPY);
    const char *p = stage_pane(t, &pane_frames, 40, 9);
    assert_shows(p, "<0 A+B 08048");
    assert_shows(p, "*2 A   08048 in");
    assert_shows(p, "* frame 2: a copy");
}

/* ---- calls ---- */

static void while_the_kernel_is_called_its_vmas_are_shown(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FORK);
    const char *p = stage_pane(t, &pane_translation, 40, 8);
    assert_shows(p, "no address is being translated");
    assert_shows(p, "VMAs of B");
    assert_shows(p, "08048000-0804bfff rw-p       4 heap");
    stage_until(t, EV_ACCESS);
    assert_hides(stage_pane(t, &pane_translation, 40, 8), "VMAs");
}

static void the_path_names_a_call_in_a_word(void **state) {
    struct stage t;
    (void)state;
    stage_open(&t, "version: 1\ntitle: Break\nprocesses: [{name: A, layout: {heap: {size: 4KiB}}}]\nsteps: [{brk: +8KiB}]\n");
    stage_until(&t, EV_CALL);
    assert_shows(stage_line(&t, draw_path, 80, 1), "[brk]");
    stage_close(&t);
}

static void every_state_of_a_page_is_counted(void **state) {
    struct stage t;
    (void)state;
    stage_open(&t, "version: 1\ntitle: Zeros\nmachine: {paging: sv39, frames: 4, kernel: {profile: linux}}\n"
                   "processes: [{name: A, layout: {heap: {size: 8KiB}}}]\nsteps: [{read: heap}, {write: heap+0x1000, value: 1}]\n");
    stage_until(&t, EV_MEM_WRITE);
    const char *p = stage_pane(&t, &pane_address_space, 40, 14);
    assert_shows(p, "heap 0\u25c6");
    int heap = 0;
    while (!strstr(detail_of(&t, &pane_address_space, heap, 76), "Region heap")) heap++;
    p = detail_of(&t, &pane_address_space, heap, 76);
    assert_shows(p, "zero page 1\n");
    assert_shows(p, "resident  1\n");
    assert_shows(stage_pane(&t, &pane_page_table, 60, 8), "zero pg");
    stage_close(&t);
}

static void a_file_page_that_nobody_maps_is_cached(void **state) {
    struct stage t;
    (void)state;
    stage_open(&t, "version: 1\ntitle: Cache\nmachine: {paging: sv39, frames: 6, kernel: {profile: linux}}\n"
                   "processes: [{name: A}]\n"
                   "steps: [{mmap: log, size: 4KiB, backing: file, file: log, shared: true}, {read: log}, {munmap: log}, {mmap: log, size: "
                   "4KiB, backing: file, file: log, shared: true}]\n");
    stage_until(&t, EV_UNMAPPED);
    assert_shows(stage_pane(&t, &pane_frames, 40, 8), "0 - file");
    assert_shows(stage_pane(&t, &pane_frames, 40, 8), "log 0");
    stage_until(&t, EV_MAPPED);
    assert_shows(stage_pane(&t, &pane_page_table, 60, 30), "cache 0");
    stage_close(&t);
}

static void tables_and_locked_pages_are_told_from_others(void **state) {
    struct stage t;
    (void)state;
    stage_open(&t, "version: 1\ntitle: Tables\nmachine: {paging: sv32, frames: 8, page_tables: in_frames}\n"
                   "processes: [{name: A, layout: {heap: {size: 8KiB}}}]\n"
                   "steps: [{write: heap, value: 1}, {mlock: heap, size: 4KiB}, {write: heap+0x1000, value: 2}]\n");
    stage_until(&t, EV_LOCKED);
    const char *p = stage_pane(&t, &pane_frames, 40, 10);
    assert_shows(p, "A L1        table");
    assert_shows(p, "A L0        table");
    assert_shows(p, "RDL heap");
    stage_close(&t);
}

static void kswapd_is_shown_at_its_work(void **state) {
    struct stage t;
    (void)state;
    stage_open(&t, "version: 1\ntitle: Kswapd\nmachine: {frames: 4, kernel: {watermarks: {low: 1, high: 2}}}\n"
                   "steps: [{pages: 1w 2w 3w 4w 5w}]\n");
    assert_shows(stage_pane(&t, &pane_frames, 60, 7), "4 free, low 1 high 2: kswapd sleeps");
    stage_until(&t, EV_KSWAPD_WAKES);
    assert_shows(stage_pane(&t, &pane_frames, 60, 7), "0 free, low 1 high 2: kswapd works");
    stage_close(&t);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(the_list_says_who_runs_and_who_waits),
        T(a_process_that_is_still_to_be_forked_is_not_listed),
        T(a_process_that_has_ended_stays_in_the_list),
        T(with_room_the_vmas_and_graphs_stand_below),
        T(a_list_for_one_process_is_not_needed),
        T(the_address_space_of_who_does_not_run_can_be_shown),
        T(shared_pages_look_different_from_those_of_one_owner),
        T(two_address_spaces_tell_one_frame_from_two),
        T(in_little_room_one_address_space_is_shown),
        T(before_the_fork_there_is_no_second_one),
        T(a_page_shows_what_the_other_process_has_there),
        T(a_frame_shows_every_pte_that_maps_it),
        T(the_frame_that_is_copied_is_marked_too),
        T(while_the_kernel_is_called_its_vmas_are_shown),
        cmocka_unit_test(the_path_names_a_call_in_a_word),
        cmocka_unit_test(every_state_of_a_page_is_counted),
        cmocka_unit_test(a_file_page_that_nobody_maps_is_cached),
        cmocka_unit_test(tables_and_locked_pages_are_told_from_others),
        cmocka_unit_test(kswapd_is_shown_at_its_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
