/* test_policy_machine.c - policies inside a whole machine: what they ask the kernel to do, whom their
 * ghosts are, what the frames pane shows of them, and a policy changed in mid-run. */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A machine with that policy; a heap of 16 pages at 0x10000; steps by the caller. */
static void open_with(struct stage *t, const char *policy, unsigned frames, const char *steps) {
    static char yaml[20000];
    snprintf(yaml, sizeof yaml,
             "version: 1\ntitle: T\nmachine:\n  paging: sv32\n  frames: %u\n  tlb: {entries: 4, ways: 4}\n  replacement: %s\n"
             "processes:\n  - {name: A, layout: {heap: {size: 64KiB, at: 0x10000}}}\n"
             "  - {name: B, layout: {heap: {size: 64KiB, at: 0x10000}}}\nsteps:\n%s",
             frames, policy, steps);
    stage_open(t, yaml);
}

static const struct kernel *kernel_of(const struct stage *t) { return machine_kernel(t->v.machine); }

static const char *note_of(const struct stage *t) {
    static struct policy_picture picture;
    uint64_t rank[16] = {0};
    uint8_t list[16] = {0};
    const struct policy *p = kernel_policy(kernel_of(t));
    picture = (struct policy_picture){.rank = rank, .list = list};
    policy_ops(p)->describe(p, &picture);
    return picture.note;
}

static void to_the_end(struct stage *t) {
    while (stage_micro(t)) assert_null(kernel_inconsistency(kernel_of(t)));
}

/* ---- pages written ahead ---- */

/* With tau 1, pages 0 (written) and 1 are old by the third fault: 0 is written ahead, and is a clean victim of
 * the fourth. Each of the two evictions and the write ahead are counted as what they are. */
static void a_page_written_ahead_is_clean_in_its_frame_and_its_slot(void **state) {
    struct stage t;
    (void)state;
    open_with(&t, "{policy: wsclock, tau: 1}", 2,
              "  - {write: heap, value: 42, size: 1}\n  - {read: heap+0x1000}\n  - {read: heap+0x1000}\n  - {read: heap+0x2000}\n"
              "  - {read: heap+0x2000}\n  - {read: heap+0x2000}\n  - {read: heap+0x3000}\n  - {read: heap, size: 1}\n");
    stage_until(&t, EV_WRITE_AHEAD);
    const struct event *e = t.v.last;
    assert_int_equal(e->old_vpn, 0x10);
    assert_false(frame_dirty(kernel_of(&t), e->frame));
    assert_int_equal(kernel_of(&t)->frame[e->frame].slot, e->slot);
    assert_int_equal(content_byte(&kernel_of(&t)->slot[e->slot].content, 0), 42);
    assert_shows(stage_pane(&t, &pane_frames, 40, 8), "written ahead");
    to_the_end(&t);
    assert_int_equal(machine_counters(t.v.machine)->swap_writes, 1);
    unsigned count;
    const struct translation *last = machine_translations(t.v.machine, &count);
    assert_int_equal(last[0].value, 42);
    assert_int_equal(last[0].fault, FAULT_MAJOR_SWAP);
    stage_close(&t);
}

/* A page of a file that is shared goes back to its file. */
static void a_shared_page_of_a_file_is_written_ahead_to_its_file(void **state) {
    struct stage t;
    (void)state;
    open_with(&t, "{policy: wsclock, tau: 1}", 2,
              "  - {mmap: m, size: 4KiB, backing: file, file: f, shared: true}\n  - {write: m, value: 7}\n  - {read: heap}\n"
              "  - {read: heap}\n  - {read: heap+0x1000}\n  - {read: heap+0x1000}\n  - {read: heap+0x1000}\n  - {read: heap+0x2000}\n");
    stage_until(&t, EV_WRITE_AHEAD);
    assert_int_equal(t.v.last->slot, SLOT_NONE);
    assert_string_equal(t.v.last->region, "f");
    to_the_end(&t);
    assert_int_equal(machine_counters(t.v.machine)->file_writes, 1);
    assert_int_equal(machine_counters(t.v.machine)->swap_writes, 0);
    stage_close(&t);
}

/* ---- ghosts ---- */

/* Pages 0x10 and 0x11 of A go to B1. Page 0x10 of B is another page: no ghost. Page 0x10 of A is: p grows. */
static void a_page_of_another_process_at_the_same_address_is_no_ghost(void **state) {
    struct stage t;
    (void)state;
    open_with(&t, "arc", 3,
              "  - {read: heap}\n  - {read: heap+0x2000}\n  - {read: heap+0x2000}\n  - {read: heap+0x1000}\n  - {read: heap+0x3000}\n"
              "  - {switch: B}\n  - {read: heap}\n  - {switch: A}\n  - {read: heap}\n");
    while (t.v.machine && machine_steps_done(t.v.machine) < 7) stage_micro(&t);
    assert_null(strstr(note_of(&t), "B1 0"));
    assert_non_null(strstr(note_of(&t), "p=0"));
    to_the_end(&t);
    assert_non_null(strstr(note_of(&t), "p=0"));
    stage_close(&t);
}

static void a_page_that_comes_back_is_a_ghost_and_one_that_was_unmapped_is_not(void **state) {
    static const char *const again[] = {"", "  - {munmap: m}\n  - {mmap: m, size: 4KiB, at: 0x40000}\n"};
    static const char *const target[] = {"p=1", "p=0"};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct stage t;
        char steps[1024];
        snprintf(steps, sizeof steps,
                 "  - {mmap: m, size: 4KiB, at: 0x40000}\n  - {read: heap}\n  - {read: heap}\n  - {write: m}\n  - {read: heap+0x1000}\n"
                 "  - {read: heap+0x2000}\n%s  - {write: m}\n",
                 again[i]);
        open_with(&t, "arc", 3, steps);
        to_the_end(&t);
        assert_non_null(strstr(note_of(&t), target[i]));
        stage_close(&t);
    }
}

/* ---- on the screen ---- */

static void the_frames_pane_shows_lists_targets_and_bits(void **state) {
    static const char *const steps = "  - {read: heap}\n  - {read: heap+0x1000}\n  - {read: heap}\n  - {read: heap+0x2000}\n  - {read: heap+0x3000}\n";
    static const struct {
        const char *policy, *shown[3];
    } wanted[] = {{"arc", {"T1 1", "T2 1", "T1 2"}},
                  {"{policy: aging, tick: 2, bits: 4}", {"1100", "1000", "0000"}},
                  {"s3_fifo", {"S 1", "S 2", "S 3"}},
                  {"mglru", {"gen", "3", "5"}},
                  {"clock_pro", {"hot", "test", "hand"}}};
    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct stage t;
        open_with(&t, wanted[i].policy, 3, steps);
        to_the_end(&t);
        for (size_t k = 0; k < 3; k++) assert_shows(stage_pane(&t, &pane_frames, 60, 8), wanted[i].shown[k]);
        stage_close(&t);
    }
}

/* ---- another policy in mid-run ---- */

/* Every policy takes over from LRU with pages in all frames, and hands over to the next one. */
static void policies_follow_each_other_in_one_run_and_back(void **state) {
    static char steps[16000];
    struct stage t;
    size_t at = 0, n = 0;
    (void)state;
    for (; policy_table[n]; n++) {
        at += (size_t)snprintf(steps + at, sizeof steps - at, "  - {set: {policy: %s}}\n", policy_table[n]->name);
        for (unsigned i = 0; i < 9; i++)
            at += (size_t)snprintf(steps + at, sizeof steps - at, "  - {%s: heap+0x%x000}\n", i % 3 ? "read" : "write", (unsigned)(n + i * i) % 7);
    }
    open_with(&t, "lru", 4, steps);
    to_the_end(&t);
    assert_int_equal(machine_steps_done(t.v.machine), 10 * n);
    struct machine *end = machine_clone(history_machine(t.h));
    for (uint64_t to = 10 * n - 1; to > 0; to -= to < 17 ? to : 17) history_goto(t.h, (struct position){to, 1});
    history_run(t.h, 10 * n);
    assert_true(machine_equal(end, history_machine(t.h)));
    machine_free(end);
    stage_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_written_ahead_is_clean_in_its_frame_and_its_slot),
        cmocka_unit_test(a_shared_page_of_a_file_is_written_ahead_to_its_file),
        cmocka_unit_test(a_page_of_another_process_at_the_same_address_is_no_ghost),
        cmocka_unit_test(a_page_that_comes_back_is_a_ghost_and_one_that_was_unmapped_is_not),
        cmocka_unit_test(the_frames_pane_shows_lists_targets_and_bits),
        cmocka_unit_test(policies_follow_each_other_in_one_run_and_back),
    };
    return cmocka_run_group_tests_name("policies in the machine", tests, NULL, NULL);
}
