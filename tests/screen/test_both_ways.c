/* test_both_ways.c - time runs both ways on the screen too.
 *
 * On every lesson: 500 random micro-steps forward and back. Wherever time has
 * been before, the machine is equal to the one that was there, bit for bit,
 * and the whole screen is the same, cell for cell.
 */
#include "stage.h"
#include "ui/screen.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MOVES  500
#define WIDTH  80
#define HEIGHT 24
#define CELLS  (WIDTH * HEIGHT)

/* What was met at a place in time: the n-th micro-step from the start. */
struct place {
    struct machine *machine; /* NULL: not there yet */
    struct cell *picture;
};

struct trip {
    struct stage stage;
    struct place place[MOVES + 2];
    struct keymap keys;
    struct rng rng;
    size_t at;
};

static void look(struct stage *t) {
    t->v.machine = history_machine(t->h);
    t->v.events = history_events(t->h, &t->v.events_done, &t->v.events_total);
    t->v.last = machine_last_event(t->v.machine);
}

/* Draw the whole screen; its cells, to be freed. */
static struct cell *picture(struct stage *t, const struct keymap *keys, size_t at) {
    static const struct tree_state laid_out = {.shown = true};
    struct screen_state st;
    look(t);
    t->v.tree = at % 2 ? &laid_out : NULL; /* the page table as a list and as a tree in turn */
    screen_init(&st, keys);
    canvas_clear(&t->c);
    screen_draw(&t->c, &t->v, &st);
    struct cell *copy = mem_copy(t->c.cell, CELLS, sizeof *copy);
    assert_non_null(copy);
    return copy;
}

static bool same(const struct cell *a, const struct cell *b) {
    for (int i = 0; i < CELLS; i++)
        if (a[i].ch != b[i].ch || a[i].role != b[i].role) return false;
    return true;
}

/* Fail, and say in which rows. */
static void differ(struct stage *t, const struct cell *before) {
    for (int y = 0; y < HEIGHT; y++) {
        if (memcmp(&t->c.cell[y * WIDTH], &before[y * WIDTH], WIDTH * sizeof *before) == 0) continue;
        char row[1024];
        struct text now = text_in(row, sizeof row);
        canvas_row_text(&t->c, y, &now);
        print_error("row %d is now: %s\n", y, row);
    }
    fail_msg("the screen is not the one that was here before");
}

/* Keep what is here, or compare it with what was here before. */
static void visit(struct trip *t) {
    struct place *p = &t->place[t->at];
    struct cell *now = picture(&t->stage, &t->keys, t->at);
    if (!p->machine) {
        p->machine = machine_clone(history_machine(t->stage.h));
        p->picture = now;
        assert_non_null(p->machine);
        return;
    }
    assert_true(machine_equal(p->machine, history_machine(t->stage.h)));
    if (!same(p->picture, now)) differ(&t->stage, p->picture);
    free(now);
}

static void move(struct trip *t, bool forward) {
    bool moved = forward ? history_micro_forward(t->stage.h) : history_micro_back(t->stage.h);
    if (!moved) return;
    t->at = forward ? t->at + 1 : t->at - 1;
    visit(t);
}

static void travel(struct trip *t) {
    visit(t);
    for (int i = 0; i < MOVES; i++) move(t, rng_below(&t->rng, 16) < 9); /* a little more often forward */
    while (t->at > 0) move(t, false);
    for (size_t i = 0; i < MOVES + 2; i++) {
        machine_free(t->place[i].machine);
        free(t->place[i].picture);
    }
}

static void stepping_forward_and_back_meets_the_same_machine_and_screen_on_every_lesson(void **state) {
    (void)state;
    for (const struct lesson *l = lesson_table; l->name; l++) {
        struct diag_list errors = {.count = 0};
        struct scenario *s = NULL;
        struct trip *t = mem_zalloc(1, sizeof *t);
        assert_non_null(t);
        assert_int_equal(lesson_load(l, NULL, &s, &errors), VS_OK);
        stage_take(&t->stage, s);
        assert_true(canvas_resize(&t->stage.c, WIDTH, HEIGHT));
        assert_true(keymap_default(&t->keys, NULL));
        t->rng.state = 2026;
        travel(t);
        stage_close(&t->stage);
        free(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stepping_forward_and_back_meets_the_same_machine_and_screen_on_every_lesson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
