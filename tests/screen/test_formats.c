/* test_formats.c - panes of machines with other paging formats than the stage's.
 *
 * Numbers come from the manuals, which the comments name, and from addresses that
 * the scenarios give.
 */
#include "stage.h"
#include "ui/page_tree.h"
#include "ui/pane_registers.h"
#include "ui/pte_detail.h"
#include "ui/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One process, its regions at addresses of which the indices can be worked out by hand. */
#define PROCESS                                                                                                   \
    "processes:\n  - name: A\n    layout:\n      text: {at: 0x10000, size: 8KiB}\n      heap: {at: 0x13000, size: 16KiB}\n" \
    "steps:\n  - {fetch: text}\n  - {write: heap+8, value: 42}\n  - {read: heap+16}\n"

static struct stage *open_yaml(const char *machine, const char *rest) {
    char yaml[2048];
    struct stage *t = calloc(1, sizeof *t);
    assert_non_null(t);
    snprintf(yaml, sizeof yaml, "version: 1\ntitle: T\nmachine: %s\n%s", machine, rest);
    stage_open(t, yaml);
    t->ascii = true;
    return t;
}

/* Without paging everything is in memory from the start, in 16 KiB of addresses. */
#define SMALL_PROCESS                                                                                             \
    "processes:\n  - name: A\n    layout: {text: {size: 2KiB}, heap: {size: 2KiB}, stack: {size: 1KiB}}\n"         \
    "steps:\n  - {fetch: text}\n  - {write: heap+8, value: 42}\n  - {read: 0x3ff0}\n  - {read: heap+0x900}\n"

static struct stage *open_format(const char *paging) {
    char machine[256];
    bool small = paging_by_name(paging)->shape == SHAPE_SEGMENTS;
    snprintf(machine, sizeof machine, "{paging: %s, frames: %d, tlb: {entries: %d, ways: 4}}", paging, small ? 24 : 8, small ? 0 : 4);
    return open_yaml(machine, small ? SMALL_PROCESS : PROCESS);
}

static void close_stage(struct stage *t) {
    stage_close(t);
    free(t);
}

/* ---- the tree ---- */

/* Sv39: 9 bits an index. 0x10000 is L2[0], L1[0], L0[16]; 0x13000 L0[19]. */
static void tree_follows_the_walk_and_folds_what_is_empty(void **state) {
    static const struct tree_state laid_out = {.shown = true};
    (void)state;
    struct stage *t = open_format("sv39");
    t->v.tree = &laid_out;
    stage_until(t, EV_MEM_WRITE);
    const char *p = stage_pane(t, &pane_page_table, 60, 14);
    assert_shows(p, "> - L2[0]");
    assert_shows(p, ">   - L1[0]");
    assert_shows(p, "[0-15] 16 empty");
    assert_shows(p, "L0[16] frame 0");
    assert_shows(p, "[17-18] 2 empty");
    assert_shows(p, "L0[19] frame 1");
    assert_shows(p, "[20-511] 492 empty");
    close_stage(t);
}

static void tree_shows_the_empty_entry_that_is_under_access(void **state) {
    static const struct tree_state laid_out = {.shown = true};
    (void)state;
    struct stage *t = open_format("sv39");
    t->v.tree = &laid_out;
    stage_until(t, EV_WALK_INVALID);
    assert_shows(stage_pane(t, &pane_page_table, 60, 14), ">   L2[0]   not valid");
    stage_until(t, EV_WALK_INVALID);
    assert_shows(stage_pane(t, &pane_page_table, 60, 14), "L0[19] not valid");
    close_stage(t);
}

static void a_table_that_the_reader_folds_stays_folded(void **state) {
    struct tree_state st = {.shown = true};
    struct tree tree;
    (void)state;
    struct stage *t = open_format("sv39");
    t->v.tree = &st;
    stage_until(t, EV_MEM_WRITE);
    const struct sight s = sight_of(&t->v);
    tree_build(&tree, &t->v, &s);
    assert_int_equal(tree.line[1].kind, TREE_POINTER); /* after the root: L2[0] */
    tree_choose(&st, tree.line[1].addr, false);
    tree_free(&tree);
    const char *p = stage_pane(t, &pane_page_table, 60, 14);
    assert_shows(p, "+ L2[0]");
    assert_hides(p, "L1[0]");
    close_stage(t);
}

static void a_huge_leaf_says_its_size(void **state) {
    static const struct tree_state laid_out = {.shown = true};
    (void)state;
    struct stage *t = open_yaml("{paging: sv39, frames: 1100}",
                                "processes:\n  - name: A\n    layout:\n      heap: {at: 0x200000, size: 4MiB, page_size: 2MiB}\n"
                                "steps:\n  - {write: heap+0x12345}\n");
    t->v.tree = &laid_out;
    stage_until(t, EV_MEM_TOUCH);
    assert_shows(stage_pane(t, &pane_page_table, 60, 10), "L1[1] frame 0, 2 MiB");
    const char *p = stage_pane(t, &pane_translation, 60, 14);
    assert_shows(p, "VPN[1]"); /* 0x212345: index 1, and the 21 bits below it are the offset */
    assert_hides(p, "VPN[0]");
    assert_shows(p, "0x012345");
    assert_shows(p, "= 0x00000000 + 0x12345");
    assert_shows(stage_pane(t, &pane_tlb, 60, 8), "2M");
    assert_shows(stage_pane(t, &pane_frames, 60, 6), "0-511");
    t->v.tree = NULL;
    assert_shows(stage_pane(t, &pane_page_table, 60, 10), "heap   2M");
    close_stage(t);
}

/* ---- a word, bit by bit ---- */

static const char *show_word(struct stage *t, const char *format, uint64_t word, unsigned level, int width) {
    assert_true(canvas_resize(&t->c, width, 60));
    canvas_clear(&t->c);
    struct area a = area_of(&t->c);
    struct page_writer w = {&a, 0};
    write_word(&w, paging_by_name(format), word, level);
    return stage_canvas(t);
}

/* RISC-V Privileged Architecture, Sv39 page table entry: reserved 63-54, PPN[2] 53-28, PPN[1] 27-19,
 * PPN[0] 18-10, RSW 9-8, D 7, A 6, G 5, U 4, X 3, W 2, R 1, V 0. */
static void the_ruler_of_sv39_has_the_manuals_fields(void **state) {
    (void)state;
    struct stage *t = open_format("sv39");
    uint64_t word = UINT64_C(3) << 28 | UINT64_C(5) << 19 | UINT64_C(7) << 10 | 0xd7; /* D A U W R V */
    const char *p = show_word(t, "sv39", word, 0, 76);
    assert_shows(p, " 63   59   55   51   47   43   39   35\n");
    assert_shows(p, " 31   27   23   19   15   11   7    3\n");
    assert_shows(p, " 0011 0000 0010 1000 0001 1100 1101 0111\n");
    assert_shows(p, " 53..28  PPN[2]");
    assert_shows(p, " 27..19  PPN[1]");
    assert_shows(p, " 18..10  PPN[0]");
    assert_shows(p, " 7       D");
    assert_shows(p, " 6       A");
    assert_shows(p, " 4       U");
    assert_shows(p, " 3       X");
    assert_shows(p, " 0       V");
    close_stage(t);
}

/* Intel SDM volume 3A, figure 4-11: a PD entry that maps a 2 MiB page has PS (bit 7) 1, and XD is bit 63. */
static void the_ruler_of_x86_64_knows_ps_and_xd(void **state) {
    (void)state;
    struct stage *t = open_format("x86-64");
    const char *p = show_word(t, "x86-64", UINT64_C(1) << 63 | 0x200087, 1, 76);
    assert_shows(p, " 63      XD");
    assert_shows(p, " 7       PS");
    assert_shows(p, " 1000 0000");
    close_stage(t);
}

static void the_ruler_fits_a_narrow_screen(void **state) {
    (void)state;
    struct stage *t = open_format("sv39");
    const char *p = show_word(t, "sv39", 0xd7, 0, 34);
    assert_shows(p, " 63   59   55   51\n"); /* sixteen bits a row */
    assert_shows(p, " 15   11   7    3\n");
    close_stage(t);
}

/* ---- addresses ---- */

/* Sv39 (RISC-V Privileged Architecture): bits 63 to 39 equal bit 38, so the halves end at 0x3f_ffff_ffff and
 * begin at 0xffff_ffc0_0000_0000. */
static void the_canonical_hole_of_sv39_is_drawn_with_its_borders(void **state) {
    (void)state;
    struct stage *t = open_format("sv39");
    stage_until(t, EV_ACCESS);
    const char *p = stage_pane(t, &pane_address_space, 60, 30);
    assert_shows(p, "canonical hole: these addresses cannot exist");
    assert_shows(p, "ffffffc000000000");
    assert_shows(p, "3fffffffff       lower half");
    assert_shows(stage_pane(t, &pane_address_space, 18, 13), "canonical hole");
    close_stage(t);
}

/* x86-64: 0x0000_9000_0000_0000 has bit 47 set and bits 63 to 48 clear. */
static void an_address_in_the_hole_is_marked_there(void **state) {
    (void)state;
    struct stage *t = open_yaml("{paging: x86-64, frames: 4}",
                                "processes:\n  - name: A\n    layout: {heap: {size: 4KiB}}\nsteps:\n  - {read: 0x0000900000000000}\n");
    stage_until(t, EV_TRAP);
    assert_shows(stage_pane(t, &pane_address_space, 60, 30), "0000900000000000 @ cannot exist: not canonical");
    const char *p = stage_pane(t, &pane_translation, 80, 16);
    assert_shows(p, "VA 0x0000900000000000");
    assert_shows(p, "63..48");
    assert_shows(p, "0..0!");
    assert_shows(p, "PA  none: not canonical");
    close_stage(t);
}

static void addresses_of_the_upper_half_have_16_digits(void **state) {
    char buf[24];
    (void)state;
    const struct paging_format *f = paging_by_name("x86-64");
    assert_string_equal(va_text(f, UINT64_C(0x7fffffffe000), buf), "0x7fffffffe000");
    assert_string_equal(va_text(f, UINT64_C(0xffff800000000000), buf), "0xffff800000000000");
    assert_string_equal(va_text(f, UINT64_C(0x400000), buf), "0x000000400000");
}

/* ---- registers ---- */

/* satp of RV64: MODE in bits 63 to 60 (8: Sv39), ASID in 59 to 44, PPN in 43 to 0. */
static void satp_is_spelled_as_the_architecture_encodes_it(void **state) {
    int digits;
    char fields[80];
    struct text out = text_in(fields, sizeof fields);
    (void)state;
    struct stage *t = open_format("sv39");
    stage_until(t, EV_ACCESS);
    const struct sight s = sight_of(&t->v);
    uint64_t value = root_value(&s, &digits);
    assert_int_equal(digits, 16);
    assert_int_equal(value >> 60, 8);
    assert_int_equal(value >> 44 & 0xffff, 1);
    assert_int_equal((value & low_bits(44)) << 12, s.hw->regs.root);
    say_root_fields(&s, &out);
    assert_shows(fields, "MODE 8 (sv39), ASID 1, PPN ");
    assert_string_equal(privilege_name(&s), "U-mode");
    stage_until(t, EV_VMA_FOUND);
    const struct sight later = sight_of(&t->v);
    assert_string_equal(privilege_name(&later), "S-mode");
    close_stage(t);
}

/* ---- every format ---- */

static const char *const formats[] = {"sv32", "sv39", "sv48", "sv57", "x86-32", "x86-64", "x86-64-la57", "aarch64", "inverted", "linear", "base-bounds", "segments", NULL};

static void each_level_of_a_walk_is_in_sight_at_80x24(void **state) {
    static struct keymap keys;
    (void)state;
    for (size_t i = 0; formats[i]; i++) {
        struct stage *t = open_format(formats[i]);
        const struct paging_format *f = paging_by_name(formats[i]);
        struct screen_state st;
        screen_init(&st, &keys);
        if (f->shape == SHAPE_SEGMENTS) {
            close_stage(t);
            continue;
        }
        stage_until(t, EV_MEM_WRITE);
        assert_true(canvas_resize(&t->c, 80, 24));
        screen_draw(&t->c, &t->v, &st);
        const char *p = stage_canvas(t);
        for (unsigned level = 0; f->shape == SHAPE_TREE && level < f->levels; level++) {
            char name[24];
            snprintf(name, sizeof name, "%s[%u]", paging_level_name(f, level), paging_index(f, 0x13008, level));
            assert_shows(p, name);
        }
        assert_shows(p, "001008"); /* the second page taken: frame 1, offset 8 */
        close_stage(t);
    }
}

/* Draw with nothing but what is in the area, in ASCII, and the same once more. */
static void draw_pane(struct stage *t, const struct pane *p, int width, int height) {
    struct canvas c = {.ascii = false};
    assert_true(canvas_resize(&c, width + 4, height + 4));
    struct area all = area_of(&c);
    area_fill(&all, 0, 0, c.width, c.height, ROLE_NORMAL, 0xe000);
    c.ascii = true;
    struct area a = area_sub(&all, 2, 2, width, height);
    area_fill(&a, 0, 0, width, height, ROLE_NORMAL, ' ');
    struct pane_state st = {.follow = height % 2, .cursor = 3};
    p->draw(&t->v, &a, &st, width % 2);
    for (int y = 0; y < c.height; y++)
        for (int x = 0; x < c.width; x++) {
            bool inside = x >= 2 && x < 2 + width && y >= 2 && y < 2 + height;
            uint32_t ch = c.cell[y * c.width + x].ch;
            if (inside ? ch >= 0x80 : ch != 0xe000) fail_msg("%s at %d,%d of %dx%d: %x", p->name, x, y, width, height, ch);
        }
    canvas_free(&c);
}

static void every_pane_of_every_format_stays_inside_its_area(void **state) {
    static const struct tree_state ways[] = {{.shown = false}, {.shown = true}};
    (void)state;
    for (size_t i = 0; formats[i]; i++) {
        struct stage *t = open_format(formats[i]);
        for (int micro = 0; stage_micro(t); micro++) {
            if (micro % 5) continue;
            t->v.tree = &ways[micro / 5 % 2];
            for (const struct pane *const *p = pane_table; *p; p++)
                for (int width = 1; width <= 90; width += 11)
                    for (int height = 1; height <= 30; height += 7) draw_pane(t, *p, width, height);
        }
        close_stage(t);
    }
}

static void every_item_of_every_format_has_a_detail(void **state) {
    static const struct tree_state ways[] = {{.shown = false}, {.shown = true}};
    (void)state;
    for (size_t i = 0; formats[i]; i++) {
        struct stage *t = open_format(formats[i]);
        stage_until(t, EV_MEM_FETCH);
        assert_true(canvas_resize(&t->c, 50, 60));
        struct area a = area_of(&t->c);
        for (int way = 0; way < 2; way++) {
            t->v.tree = &ways[way];
            for (const struct pane *const *p = pane_table; *p; p++)
                for (int item = -1; item <= (*p)->items(&t->v); item++) {
                    if ((*p)->detail) (*p)->detail(&t->v, item, &a);
                    if ((*p)->matches) (*p)->matches(&t->v, item, "heap");
                }
        }
        close_stage(t);
    }
}

/* ---- other machines ---- */

/* Chang and Mergen's hash: VPN xor ASID, modulo the anchors; 8 frames have 8 anchors: 0x13 xor 1 = 0x12, mod 8 = 2. */
static void an_inverted_table_shows_hash_anchor_and_chain(void **state) {
    static const struct tree_state laid_out = {.shown = true};
    (void)state;
    struct stage *t = open_format("inverted");
    stage_until(t, EV_MEM_WRITE);
    const char *p = stage_pane(t, &pane_translation, 60, 14);
    assert_shows(p, "xor 1) mod 8 = 2");
    assert_shows(p, "anchor[2]");
    assert_shows(p, "-> entry 1");
    assert_shows(p, "entry[1]");
    assert_shows(p, "found: PFN 1");
    t->v.tree = &laid_out;
    assert_shows(stage_pane(t, &pane_page_table, 60, 12), ">     1    1 00013 rw-uad    -");
    close_stage(t);
}

/* OSTEP, chapter 16: the top two bits choose the segment; a stack grows down from its base. */
static void segments_show_base_bounds_and_the_sum(void **state) {
    (void)state;
    struct stage *t = open_yaml("{paging: segments, frames: 24, tlb: {entries: 0}}",
                                "processes:\n  - name: A\n    layout:\n      text: {size: 2KiB}\n      heap: {size: 2KiB}\n      stack: {size: 1KiB}\n"
                                "steps:\n  - {write: 0x3ff0}\n");
    stage_until(t, EV_MEM_TOUCH);
    const char *p = stage_pane(t, &pane_translation, 60, 14);
    assert_shows(p, "seg offset");
    assert_shows(p, "11  111111110000");
    assert_shows(p, "bounds  1 KiB");
    assert_shows(p, "reaches 0x10 <= 0x400: within");
    assert_shows(p, " = base - 0x10");
    assert_shows(stage_pane(t, &pane_page_table, 60, 8), "> 3");
    close_stage(t);
}

static void several_tlbs_have_a_line_each_and_plru_names_the_next(void **state) {
    (void)state;
    struct stage *t = open_yaml("{paging: sv39, frames: 8, tlb: {entries: 2, ways: 2, split: true, second: {entries: 8, ways: 2}, replacement: plru}}",
                                "processes:\n  - name: A\n    layout: {text: {size: 4KiB}, heap: {size: 16KiB}}\n"
                                "steps:\n  - {read: heap}\n  - {read: heap+0x1000}\n  - {fetch: text}\n");
    stage_until(t, EV_MEM_FETCH);
    const char *p = stage_pane(t, &pane_tlb, 60, 20);
    assert_shows(p, "instructions 1 x 2");
    assert_shows(p, "data 1 x 2");
    assert_shows(p, "second level 4 x 2 reach 12 KiB"); /* three pages */
    assert_shows(p, "next");
    close_stage(t);
}

static void software_refill_shows_the_handlers_walk(void **state) {
    (void)state;
    struct stage *t = open_yaml("{paging: sv39, frames: 8, tlb: {entries: 4, ways: 4, refill: software}}", PROCESS);
    stage_until(t, EV_REFILL_TLB);
    const char *p = stage_pane(t, &pane_translation, 60, 14);
    assert_shows(p, "miss, trap");
    assert_shows(p, "L0[16]");
    assert_shows(p, "PFN 0");
    assert_shows(stage_line(t, draw_path, 120, 1), "[write TLB]");
    close_stage(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_follows_the_walk_and_folds_what_is_empty),
        cmocka_unit_test(tree_shows_the_empty_entry_that_is_under_access),
        cmocka_unit_test(a_table_that_the_reader_folds_stays_folded),
        cmocka_unit_test(a_huge_leaf_says_its_size),
        cmocka_unit_test(the_ruler_of_sv39_has_the_manuals_fields),
        cmocka_unit_test(the_ruler_of_x86_64_knows_ps_and_xd),
        cmocka_unit_test(the_ruler_fits_a_narrow_screen),
        cmocka_unit_test(the_canonical_hole_of_sv39_is_drawn_with_its_borders),
        cmocka_unit_test(an_address_in_the_hole_is_marked_there),
        cmocka_unit_test(addresses_of_the_upper_half_have_16_digits),
        cmocka_unit_test(satp_is_spelled_as_the_architecture_encodes_it),
        cmocka_unit_test(each_level_of_a_walk_is_in_sight_at_80x24),
        cmocka_unit_test(every_pane_of_every_format_stays_inside_its_area),
        cmocka_unit_test(every_item_of_every_format_has_a_detail),
        cmocka_unit_test(an_inverted_table_shows_hash_anchor_and_chain),
        cmocka_unit_test(segments_show_base_bounds_and_the_sum),
        cmocka_unit_test(several_tlbs_have_a_line_each_and_plru_names_the_next),
        cmocka_unit_test(software_refill_shows_the_handlers_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
