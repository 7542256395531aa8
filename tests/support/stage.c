/* stage.c - see stage.h. */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Addresses are given, so that the tests' numbers can be worked out by hand. */
const char stage_yaml[] = "version: 1\n"
                          "title: A stage\n"
                          "summary: All there is to see.\n"
                          "machine:\n"
                          "  paging: sv32\n"
                          "  frames: 3\n"
                          "  swap: 4\n"
                          "  tlb: {entries: 4, ways: 4}\n"
                          "  replacement: {policy: clock}\n"
                          "processes:\n"
                          "  - name: A\n"
                          "    layout:\n"
                          "      text:  {size: 8KiB}\n"
                          "      data:  {size: 4KiB}\n"
                          "      bss:   {size: 4KiB}\n"
                          "      heap:  {size: 8KiB}\n"
                          "      stack: {size: 8KiB, limit: 64KiB}\n"
                          "  - name: B\n"
                          "    layout:\n"
                          "      text:  {size: 8KiB}\n"
                          "      heap:  {size: 8KiB}\n"
                          "steps:\n"
                          "  - {fetch: text}\n"
                          "  - {write: heap+0x10, value: 42, note: The first write to the heap.}\n"
                          "  - {read: heap+0x10}\n"
                          "  - {read: stack-8}\n"
                          "  - {write: data, value: 7}\n"
                          "  - {write: stack-12288, value: 1}\n"
                          "  - {write: bss, value: 1}\n"
                          "  - {read: heap+0x10}\n"
                          "  - {read: 0x10}\n"
                          "  - {switch: B}\n"
                          "  - {write: heap, value: 5}\n"
                          "  - {fetch: text}\n"
                          "  - {switch: A}\n"
                          "  - {read: data}\n";

static void look(struct stage *t) {
    t->v.machine = history_machine(t->h);
    t->v.events = history_events(t->h, &t->v.events_done, &t->v.events_total);
    t->v.last = machine_last_event(t->v.machine);
}

void stage_take(struct stage *t, struct scenario *s) {
    struct machine *m = NULL;
    struct diag why;
    *t = (struct stage){.s = s};
    assert_int_equal(scenario_machine(s, &m, &why), VS_OK);
    t->h = history_create(m, 0);
    assert_non_null(t->h);
    t->v = (struct view){.scenario = s, .history = t->h, .terminology = s->terminology};
    look(t);
}

void stage_open(struct stage *t, const char *yaml) {
    struct diag_list errors = {.count = 0};
    struct scenario *s = NULL;
    scenario_load_memory(yaml, strlen(yaml), "stage.yaml", NULL, NULL, &s, &errors);
    if (errors.count) print_error("stage.yaml:%u: %s\n", errors.item[0].line, errors.item[0].text);
    assert_non_null(s);
    stage_take(t, s);
}

void stage_close(struct stage *t) {
    canvas_free(&t->c);
    history_free(t->h);
    scenario_free(t->s);
}

bool stage_micro(struct stage *t) {
    bool moved = history_micro_forward(t->h);
    look(t);
    return moved;
}

void stage_until(struct stage *t, enum event_kind kind) {
    do {
        if (!stage_micro(t)) fail_msg("no event %s is left", event_table[kind].name);
    } while (t->v.last->kind != kind);
}

const char *stage_canvas(struct stage *t) {
    struct text out = text_in(t->text, sizeof t->text);
    for (int y = 0; y < t->c.height; y++) {
        canvas_row_text(&t->c, y, &out);
        text_addc(&out, '\n');
    }
    return t->text;
}

static struct area blank_area(struct stage *t, int width, int height) {
    t->c.ascii = t->ascii;
    assert_true(canvas_resize(&t->c, width, height));
    return area_of(&t->c);
}

const char *stage_pane(struct stage *t, const struct pane *p, int width, int height) {
    struct area a = blank_area(t, width, height);
    t->st = (struct pane_state){.follow = true};
    p->draw(&t->v, &a, &t->st, false);
    return stage_canvas(t);
}

const char *stage_line(struct stage *t, void (*draw)(const struct view *, const struct area *), int width,
                       int height) {
    struct area a = blank_area(t, width, height);
    draw(&t->v, &a);
    return stage_canvas(t);
}

void assert_shows(const char *picture, const char *wanted) {
    if (strstr(picture, wanted)) return;
    print_error("wanted: %s\nshown:\n%s\n", wanted, picture);
    fail();
}

void assert_hides(const char *picture, const char *unwanted) {
    if (!strstr(picture, unwanted)) return;
    print_error("not wanted: %s\nshown:\n%s\n", unwanted, picture);
    fail();
}
