/* test_panes.c - what each pane shows at the moments that matter.
 *
 * The addresses are those of the stage's layout (see stage.c): the heap's first
 * page is 0x0804c000, so its VPN is 0804c and sv32 cuts 0x0804c010 into
 * 0x0804c010 >> 22 = 32, (0x0804c010 >> 12) & 1023 = 76 and offset 0x010.
 */
#include "stage.h"
#include "ui/pane_util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int begin(void **state) {
    static struct stage stage;
    stage_open(&stage, stage_yaml);
    *state = &stage;
    return 0;
}

static int end(void **state) {
    stage_close(*state);
    return 0;
}

/* ---- address space ---- */

static void address_space_has_the_highest_address_on_top(void **state) {
    const char *p = stage_pane(*state, &pane_address_space, 40, 20);
    const char *names[] = {"kernel", "stack", "brk", "heap", "bss", "data", "text", "(not mapped)"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_shows(p, names[i]);
        p = strstr(p, names[i]);
    }
}

static void address_space_shows_the_start_of_each_region(void **state) {
    const char *p = stage_pane(*state, &pane_address_space, 18, 13);
    assert_shows(p, "0804c000 heap");
    assert_shows(p, "0804e000 \u2500\u2500\u2500 brk"); /* two pages of heap */
    assert_shows(p, "08048000 text");
    assert_shows(p, "bfffe000 stack");
}

static void address_space_tells_resident_from_untouched_from_in_file(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_PTE_WRITE); /* the text's first page */
    stage_until(t, EV_PTE_WRITE); /* the heap's first page, under access */
    const char *p = stage_pane(t, &pane_address_space, 18, 13);
    assert_shows(p, "text  \u2593\u2592");
    assert_shows(p, "heap  \u25c6\u00b7");
    assert_shows(p, "2/8 in RAM");
}

static void address_space_marks_an_address_that_nothing_maps(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_VMA_NONE);
    assert_shows(stage_pane(t, &pane_address_space, 40, 20), "00000010 \u25c6 nothing is mapped here");
}

static void address_space_shows_pages_in_swap(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_SWAP_WRITE);
    vpn_t victim = t->v.last->old_vpn;
    assert_int_equal(victim, 0x804c);
    assert_shows(stage_pane(t, &pane_address_space, 18, 13), "heap  \u2591\u00b7");
}

/* ---- translation ---- */

static void translation_cuts_the_address_into_its_fields(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_ACCESS);
    stage_until(t, EV_ACCESS);
    const char *p = stage_pane(t, &pane_translation, 46, 12);
    assert_shows(p, "VA 0x0804c010");
    assert_shows(p, " VPN[1]     VPN[0]     offset\n");
    assert_shows(p, " 31      22 21      12 11         0\n");
    assert_shows(p, " 0000100000 0001001100 000000010000\n");
    assert_shows(p, " 32         76         0x010\n");
}

static void translation_turns_to_hex_when_it_is_narrow(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_ACCESS);
    stage_until(t, EV_ACCESS);
    assert_shows(stage_pane(t, &pane_translation, 24, 8), " 020    04c    010\n");
}

static void translation_shows_nothing_before_it_is_read(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_TLB_MISS);
    const char *p = stage_pane(t, &pane_translation, 46, 12);
    assert_shows(p, " L1[32] -\n");
    assert_shows(p, " L0[72] -\n");
    assert_shows(p, " PA  -\n");
}

static void translation_marks_the_level_being_read(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_WALK_TABLE);
    const char *p = stage_pane(t, &pane_translation, 60, 12);
    assert_shows(p, ">L1[32]");
    assert_hides(p, ">L0");
    stage_until(t, EV_WALK_LEAF);
    p = stage_pane(t, &pane_translation, 60, 12);
    assert_shows(p, ">L0[72]");
    assert_shows(p, "PFN 0");
}

static void translation_puts_the_physical_address_together(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_MEM_WRITE); /* 0x0804c010 is in frame 1: 1 x 0x1000 + 0x010 */
    assert_shows(stage_pane(t, &pane_translation, 60, 12), ">PA 0x00001010 = PFN 1, offset 0x10");
}

static void translation_by_the_tlb_reads_no_table(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_TLB_HIT);
    stage_until(t, EV_MEM_READ);
    const char *p = stage_pane(t, &pane_translation, 60, 12);
    assert_shows(p, "HIT, PFN 1");
    assert_shows(p, "L0[76] not read");
}

/* ---- page table ---- */

static void page_table_shows_where_pages_are(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_MEM_WRITE);
    const char *p = stage_pane(t, &pane_page_table, 40, 12);
    assert_shows(p, "  08048 1 r-xua- frame 0 text");
    assert_shows(p, "  08049 0 ------ file    text");
    assert_shows(p, "  0804b 0 ------ zero    bss");
    assert_shows(p, "> 0804c 1 rw-uad frame 1 heap");
}

static void page_table_marks_what_just_changed(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_PTE_WRITE);
    stage_until(t, EV_PTE_WRITE);
    assert_shows(stage_pane(t, &pane_page_table, 40, 12), "* 0804c 1 rw-u-- frame 1 heap");
}

static void page_table_detail_names_every_bit(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_MEM_WRITE);
    const struct sight s = sight_of(&t->v);
    struct area a;
    canvas_resize(&t->c, 76, 30);
    a = area_of(&t->c);
    pane_page_table.detail(&t->v, item_of_page(&s, 0x804c), &a);
    const char *p = stage_canvas(t);
    assert_shows(p, " k 0       V       1  ");
    assert_shows(p, " d 7       D       1  ");
    assert_shows(p, " b 19..10  PPN[0]  1  "); /* the manual's fields: PPN[1] is 31 to 20, PPN[0] 19 to 10 */
    /* PFN 1 << 10 | D A U W R V = 0x4d7, the flag bits of Sv32 being 7 6 4 2 1 0 */
    assert_shows(p, "000004d7");
    assert_shows(p, "0000 0000 0000 0000 0000 0100 1101 0111");
}

/* Words as the RISC-V manual draws them: PPN << 10 | D A U W R V. At 0x40000000 a page of 2 MiB at PPN 0,
 * at 0x2000 a page of 4 KiB in frame 13, without U. */
static void entries_given_as_words_are_shown_although_no_region_holds_them(void **state) {
    (void)state;
    struct stage *t = calloc(1, sizeof *t);
    stage_open(t, "version: 1\ntitle: T\nmachine: {paging: sv39, frames: 16, tlb: {entries: 4}}\n"
                  "processes: [{name: A, map: [{vpn: 0x40000, pte: 0xd7, level: 1}, {vpn: 0x2, pte: 0x34c7, level: 0}]}]\n"
                  "steps:\n  - {read: 0x40003010}\n");
    stage_until(t, EV_MEM_READ);
    const char *p = stage_pane(t, &pane_page_table, 60, 8);
    assert_shows(p, "  0000002 1 rw--ad frame 13 - ");
    assert_shows(p, "> 0040000 1 rw-uad frame 0  -      2M");
    p = stage_pane(t, &pane_address_space, 30, 14);
    assert_shows(p, "40000000 \u2502 PTE \u25c6 2M");
    assert_shows(p, "00002000 \u2502 PTE \u2593");
    assert_hides(p, "nothing");
    assert_shows(stage_pane(t, &pane_frames, 30, 18), "< 3 A 0040003 RD PTE");
    stage_close(t);
    free(t);
}

/* ---- TLB ---- */

static void tlb_marks_the_set_that_was_searched_in_vain(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_TLB_MISS);
    const char *p = stage_pane(t, &pane_tlb, 36, 8);
    assert_shows(p, "? 0");
    assert_shows(p, "? 3");
    assert_shows(p, "VPN 08048 -> set 0: MISS");
}

static void tlb_marks_the_way_that_was_filled_and_hit(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_TLB_FILL);
    assert_shows(stage_pane(t, &pane_tlb, 36, 8), "* 0    1 08048   0 r-xu-");
    stage_until(t, EV_TLB_HIT);
    const char *p = stage_pane(t, &pane_tlb, 36, 8);
    assert_shows(p, "> 1    1 0804c   1 rw-ud");
    assert_shows(p, "VPN 0804c -> set 0: HIT");
}

/* Two levels, 1 x 2 before 1 x 8; the heap of sv32 lies at 0x08048000. */
static void several_tlbs_have_names_or_where_rows_are_few_letters(void **state) {
    (void)state;
    struct stage *t = calloc(1, sizeof *t);
    stage_open(t, "version: 1\ntitle: T\nmachine: {paging: sv32, frames: 8, tlb: {entries: 2, second: {entries: 8}}}\n"
                  "processes: [{name: A, layout: {heap: {size: 8KiB}}}]\nsteps:\n  - {read: heap}\n");
    stage_until(t, EV_TLB_FILL);
    const char *p = stage_pane(t, &pane_tlb, 40, 14);
    assert_shows(p, "first level 1 x 2");
    assert_shows(p, "second level 1 x 8");
    p = stage_pane(t, &pane_tlb, 24, 7);
    assert_shows(p, "1 * 0 08048");
    assert_shows(p, "2 > 0 08048");
    assert_hides(p, "level");
    stage_close(t);
    free(t);
}

static void a_machine_without_a_tlb_says_so(void **state) {
    (void)state;
    struct stage *t = calloc(1, sizeof *t);
    stage_open(t, "version: 1\ntitle: T\nmachine: {paging: linear, frames: 2, tlb: {entries: 0}}\nsteps:\n  "
                  "- {pages: 0 1 2}\n");
    assert_shows(stage_pane(t, &pane_tlb, 30, 5), "no TLB");
    stage_close(t);
    free(t);
}

/* ---- frames and swap ---- */

static void frames_show_who_is_where(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_MEM_WRITE);
    const char *p = stage_pane(t, &pane_frames, 24, 6);
    assert_shows(p, "0 A 08048 R- text");
    assert_shows(p, "<1 A 0804c RD heap");
    assert_shows(p, "2 free");
    assert_shows(p, "frame 1: written");
}

static void frames_mark_the_hand_and_the_victim(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_VICTIM); /* all three had R=1: the hand came round to frame 0, the text */
    const char *p = stage_pane(t, &pane_frames, 24, 6);
    assert_shows(p, "x0 A 08048 -- text");
    assert_shows(p, ">");
    assert_shows(p, "x frame 0: the victim");
}

static void frames_show_a_page_on_its_way_in(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_FRAME_FREE);
    assert_shows(stage_pane(t, &pane_frames, 24, 6), "*0 A 08048 in text");
}

static void frames_are_boxes_where_there_is_room(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_MEM_WRITE);
    const char *p = stage_pane(t, &pane_frames, 60, 12);
    assert_shows(p, "A text");
    assert_shows(p, "R D");
    assert_shows(p, "\u25b2hand");
}

static void frame_detail_shows_its_bytes(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_MEM_WRITE); /* 42 = 0x2a at offset 0x10 */
    canvas_resize(&t->c, 76, 12);
    struct area a = area_of(&t->c);
    pane_frames.detail(&t->v, 1, &a);
    const char *p = stage_canvas(t);
    assert_shows(p, "mapped by A, VPN 0804c (heap)");
    assert_shows(p, "0010 2a");
}

static void swap_shows_what_a_slot_holds(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_SWAP_WRITE);
    assert_shows(stage_pane(t, &pane_swap, 30, 4), "*0 A 0804c heap");
    stage_until(t, EV_RETRY);
    assert_shows(stage_pane(t, &pane_swap, 30, 4), " 0 A 0804c heap");
}

static void a_page_that_came_back_stands_in_both_places(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_SWAP_READ);
    frame_t f = t->v.last->frame;
    stage_until(t, EV_PTE_WRITE);
    char copy[32];
    snprintf(copy, sizeof copy, " 0 A 0804c heap  =%u", f);
    assert_shows(stage_pane(t, &pane_swap, 30, 4), copy);
}

/* ---- narration, counters, timeline ---- */

static void narration_says_who_did_what(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_ACCESS);
    stage_until(t, EV_ACCESS);
    stage_until(t, EV_VMA_FOUND);
    const char *p = stage_pane(t, &pane_narration, 78, 16);
    assert_shows(p, "Step 2 (line 24): write 0x0804c010 <- 42");
    assert_shows(p, "The first write to the heap.");
    assert_shows(p, "HW  TLB: no way of set 0 holds VPN 0804c");
    assert_shows(p, ">");
    assert_shows(p, "OS  0x0804c010 lies in region heap");
}

static void narration_keeps_the_present_in_sight(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_RETRY);
    for (int height = 2; height < 12; height++) {
        const char *p = stage_pane(t, &pane_narration, 78, height);
        assert_shows(p, ">");
        assert_shows(p, "returns from the trap");
    }
}

static void narration_starts_with_what_the_scenario_is_about(void **state) {
    assert_shows(stage_pane(*state, &pane_narration, 78, 5), "All there is to see.");
}

static void event_detail_lists_its_fields(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_WALK_TABLE);
    canvas_resize(&t->c, 60, 20);
    struct area a = area_of(&t->c);
    pane_narration.detail(&t->v, (int)t->v.events_done, &a);
    const char *p = stage_canvas(t);
    assert_shows(p, "hardware");
    assert_shows(p, "index        32");
}

static void counters_show_the_machines_counts(void **state) {
    struct stage *t = *state;
    while (stage_micro(t)) {
    }
    const struct counters *c = machine_counters(t->v.machine);
    char line[64];
    snprintf(line, sizeof line, "page faults  %5llu", (unsigned long long)c->page_faults);
    assert_shows(stage_pane(t, &pane_counters, 40, 20), line);
    snprintf(line, sizeof line, "faults %llu (", (unsigned long long)c->page_faults);
    assert_shows(stage_line(t, draw_counters, 80, 2), line);
}

/* Silberschatz, Galvin, Gagne: Operating System Concepts, 10th edition, 9.3.2.1: memory access 10 ns,
 * 80 % of the look-ups hit, one level: 0.80 x 10 + 0.20 x 20 = 12 ns. (The look-up itself takes no time.) */
static void effective_access_time_is_that_of_the_book(void **state) {
    (void)state;
    struct stage *t = calloc(1, sizeof *t);
    stage_open(t, "version: 1\ntitle: T\n"
                  "machine: {paging: linear, frames: 4, timing: {tlb: 0ns, memory: 10ns, trap: 0ns}}\n"
                  "steps:\n  - {pages: 0 0 0 0 0 1 1 1 1 1}\n");
    while (stage_micro(t)) {
    }
    struct eat e = effective_access_time(t->v.machine);
    assert_true(e.hit_rate > 0.7999 && e.hit_rate < 0.8001);
    assert_true(e.total_ns > 11.999 && e.total_ns < 12.001);
    assert_shows(stage_line(t, draw_counters, 100, 1), "EAT 0.80x10 + 0.20x20 + faults 0 ns = 12 ns");
    stage_close(t);
    free(t);
}

static void timeline_has_a_letter_for_each_step(void **state) {
    struct stage *t = *state;
    for (int i = 0; i < 3; i++) stage_until(t, EV_ACCESS);
    stage_until(t, EV_MEM_READ);
    /* text from the file: major; heap: minor; heap again: hit; the rest is to come */
    assert_shows(stage_line(t, draw_timeline, 80, 2), "Mm\u00b7\u2500\u2500");
    assert_shows(stage_pane(t, &pane_timeline, 40, 4), "Mm\u00b7\u2500\u2500");
}

static void timeline_marks_the_present(void **state) {
    struct stage *t = *state;
    for (int i = 0; i < 3; i++) stage_until(t, EV_ACCESS);
    const char *p = stage_pane(t, &pane_timeline, 40, 2);
    const char *ticks = strchr(p, '\n') + 1;
    assert_int_equal(strncmp(ticks, "1 \u2191", 5), 0); /* third step, third column */
}

static void timeline_cells_stand_for_several_steps_when_they_must(void **state) {
    (void)state;
    struct stage *t = calloc(1, sizeof *t);
    stage_open(t, "version: 1\ntitle: T\nmachine: {paging: linear, frames: 2}\n"
                  "steps:\n  - {pages: 0 0 0 0 0 0 0 0 0 1}\n  - {repeat: 9, steps: 1}\n");
    while (stage_micro(t)) {
    }
    /* 100 steps, 10 cells: the first ten hold the only two faults, the others none */
    assert_shows(stage_line(t, draw_timeline, 12, 1),
                 " m\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7");
    stage_close(t);
    free(t);
}

/* ---- lines ---- */

static void title_says_where_we_are(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_ACCESS);
    stage_until(t, EV_ACCESS);
    const char *p = stage_line(t, draw_title, 100, 1);
    assert_shows(p, "A stage");
    assert_shows(p, "A pid 1");
    assert_shows(p, "step 2/14");
    assert_shows(p, "micro 1/");
    assert_shows(p, "CLOCK");
    assert_shows(p, "paused");
}

/* Rows of a picture that begin alike. */
static int same_rows(const char *a, const char *b) {
    int rows = 0;
    for (; *a && *a == *b; a++, b++) rows += *a == '\n';
    return rows;
}

static void narration_adds_a_line_below_and_moves_no_other(void **state) {
    struct stage *t = *state;
    static char before[sizeof t->text];
    stage_until(t, EV_TLB_MISS);
    struct text keep = text_in(before, sizeof before);
    text_add(&keep, stage_pane(t, &pane_narration, 110, 10));
    stage_micro(t);
    /* step, access; then the miss, which is no longer the present one */
    assert_int_equal(same_rows(before, stage_pane(t, &pane_narration, 110, 10)), 2);
}

static void narration_keeps_its_last_column_for_the_marks(void **state) {
    struct stage *t = *state;
    t->ascii = true;
    for (int i = 0; i < 60 && stage_micro(t); i++) {
        stage_pane(t, &pane_narration, 40, 4);
        for (int y = 0; y < 4; y++) {
            uint32_t last = t->c.cell[y * 40 + 39].ch;
            assert_true(last == ' ' || last == '^' || last == 'v');
        }
    }
}

static void free_frames_at_the_end_share_a_line(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_MEM_FETCH); /* the first step takes frame 0 of 3 */
    const char *p = stage_pane(t, &pane_frames, 24, 3);
    assert_shows(p, "1-2 free");
}

static void path_brackets_the_present_stage(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_ACCESS);
    stage_until(t, EV_ACCESS);
    stage_until(t, EV_TRAP);
    const char *p = stage_line(t, draw_path, 100, 1);
    assert_shows(p, "write 0x0804c010 <- 42");
    assert_shows(p, "L0 not valid \u2500[TRAP]\u2500 region ok");
}

static void path_hides_what_lies_ahead_while_predicting(void **state) {
    struct stage *t = *state;
    stage_until(t, EV_TRAP);
    t->v.predict = true;
    const char *p = stage_line(t, draw_path, 100, 1);
    assert_shows(p, "[TRAP]");
    assert_hides(p, "region ok");
}

static void path_keeps_the_present_stage_in_sight(void **state) {
    struct stage *t = *state;
    while (stage_micro(t))
        for (int width = 60; width <= 160; width += 20)
            if (t->v.events_done > 1) assert_shows(stage_line(t, draw_path, width, 1), "[");
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(address_space_has_the_highest_address_on_top),
        T(address_space_shows_the_start_of_each_region),
        T(address_space_tells_resident_from_untouched_from_in_file),
        T(address_space_marks_an_address_that_nothing_maps),
        T(address_space_shows_pages_in_swap),
        T(translation_cuts_the_address_into_its_fields),
        T(translation_turns_to_hex_when_it_is_narrow),
        T(translation_shows_nothing_before_it_is_read),
        T(translation_marks_the_level_being_read),
        T(translation_puts_the_physical_address_together),
        T(translation_by_the_tlb_reads_no_table),
        T(page_table_shows_where_pages_are),
        T(page_table_marks_what_just_changed),
        T(page_table_detail_names_every_bit),
        T(tlb_marks_the_set_that_was_searched_in_vain),
        T(tlb_marks_the_way_that_was_filled_and_hit),
        cmocka_unit_test(a_machine_without_a_tlb_says_so),
        cmocka_unit_test(several_tlbs_have_names_or_where_rows_are_few_letters),
        cmocka_unit_test(entries_given_as_words_are_shown_although_no_region_holds_them),
        T(frames_show_who_is_where),
        T(frames_mark_the_hand_and_the_victim),
        T(frames_show_a_page_on_its_way_in),
        T(frames_are_boxes_where_there_is_room),
        T(frame_detail_shows_its_bytes),
        T(swap_shows_what_a_slot_holds),
        T(a_page_that_came_back_stands_in_both_places),
        T(narration_says_who_did_what),
        T(narration_keeps_the_present_in_sight),
        T(narration_starts_with_what_the_scenario_is_about),
        T(event_detail_lists_its_fields),
        T(counters_show_the_machines_counts),
        cmocka_unit_test(effective_access_time_is_that_of_the_book),
        T(timeline_has_a_letter_for_each_step),
        T(timeline_marks_the_present),
        cmocka_unit_test(timeline_cells_stand_for_several_steps_when_they_must),
        T(title_says_where_we_are),
        T(narration_adds_a_line_below_and_moves_no_other),
        T(narration_keeps_its_last_column_for_the_marks),
        T(free_frames_at_the_end_share_a_line),
        T(path_brackets_the_present_stage),
        T(path_hides_what_lies_ahead_while_predicting),
        T(path_keeps_the_present_stage_in_sight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
