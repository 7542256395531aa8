/* pane_narration.c - what happens, one numbered line a micro-step.
 *
 *    step 3, line 24: write 0x0804c010 <- 42
 *      The first write to the heap.               the step's own note
 *     4 HW  L0: index 76, PTE at 003f1130 is 0: not valid.
 *    >5 OS  0x0804c010 lies in the heap: a good address that nobody has
 *           touched yet.
 *
 * Each line is led by who did it, the hardware or the operating system. The
 * items are the step itself and its micro-steps so far; the last one is bright
 * and always in sight while the list follows.
 */
#include "ui/pane_util.h"

#define TEXT_SIZE 640

struct teller {
    const struct view *v;
    const struct area *a;
    int indent; /* of the sentences */
    int digits;
};

static int items(const struct view *v) { return v->events ? (int)v->events_done + 1 : 1; }
static int hot_item(const struct view *v) { return items(v) - 1; }

/* ---- item 0: the step ---- */

static const struct step_extra *extra_of(const struct view *v, struct step *step) {
    return machine_step_now(v->machine, step) && v->scenario ? scenario_extra(v->scenario, step) : NULL;
}

static void say_step(const struct view *v, char *buf, size_t size) {
    struct text t = text_in(buf, size);
    struct step step;
    if (!machine_step_now(v->machine, &step)) {
        text_add(&t, v->scenario && v->scenario->title ? v->scenario->title : "At the start");
        return;
    }
    text_addf(&t, "Step %llu", (unsigned long long)machine_step_index(v->machine) + 1);
    if (step.line) text_addf(&t, " (line %u)", step.line);
    text_add(&t, ": ");
    narrate_step(&t, v->machine, &step);
}

static const char *note_of(const struct view *v) {
    struct step step;
    const struct step_extra *extra = extra_of(v, &step);
    if (extra) return extra->note;
    return machine_step_index(v->machine) == UINT64_MAX && v->scenario ? v->scenario->summary : NULL;
}

/* Draw the step and its note from row y on; returns the rows it takes. */
static int tell_step(const struct teller *t, int y) {
    char buf[TEXT_SIZE];
    const char *note = note_of(t->v);
    say_step(t->v, buf, sizeof buf);
    int rows = wrap_at(t->a, 0, y, t->a->width, ROLE_HEADING, buf);
    if (note) rows += wrap_at(t->a, 2, y + rows, t->a->width - 2, ROLE_MESSAGE, note);
    if (machine_step_index(t->v->machine) == UINT64_MAX)
        rows += wrap_at(t->a, 2, y + rows, t->a->width - 2, ROLE_DIM,
                        "Nothing has happened yet. Space does the first micro-step.");
    return rows;
}

/* ---- the others: micro-steps ---- */

static int tell_event(const struct teller *t, int y, int i) {
    const struct event *e = &t->v->events[i];
    bool now = i + 1 == (int)t->v->events_done;
    enum actor actor = event_actor(e);
    char buf[TEXT_SIZE];
    struct text sentence = text_in(buf, sizeof buf);
    narrate_event(&sentence, t->v->machine, e, t->v->terminology);
    if (now) area_text(t->a, 0, y, ROLE_CURRENT, ">");
    if (t->indent > 4) {
        area_printf(t->a, 1, y, now ? ROLE_CURRENT : ROLE_DIM, "%*d", t->digits, i + 1);
        area_text(t->a, t->digits + 2, y, actor == ACTOR_HW ? ROLE_HW : ROLE_OS, actor_name(actor));
    } else {
        area_text(t->a, 1, y, actor == ACTOR_HW ? ROLE_HW : ROLE_OS, actor_name(actor));
    }
    return wrap_at(t->a, t->indent, y, t->a->width - t->indent, now ? ROLE_CURRENT : ROLE_NORMAL, buf);
}

static int tell(const struct teller *t, int y, int item) {
    return item == 0 ? tell_step(t, y) : tell_event(t, y, item - 1);
}

/* Rows that an item takes: told into a place that is never shown. */
static int rows_of(const struct teller *t, int item) {
    struct teller count = *t;
    struct area nowhere = area_sub(t->a, 0, 0, t->a->width, 0);
    count.a = &nowhere;
    return tell(&count, 0, item);
}

/* The pages of a long step begin at every PAGE_ITEMS-th item at the latest, so that
 * no more than these are ever measured. */
#define PAGE_ITEMS 64

/* The first item of the page that `cursor` is on. Lines are added at the bottom, as
 * on paper; a full page is turned to one whose upper half repeats what came last.
 * This follows from the items alone, so going back shows the same pages. */
static int first_shown(const struct teller *t, int cursor) {
    int rows[PAGE_ITEMS], base = cursor - cursor % PAGE_ITEMS, first = base, used = 0;
    for (int i = base; i <= cursor; i++) {
        used += rows[i - base] = rows_of(t, i);
        if (used <= t->a->height) continue;
        while (first < i && used > (t->a->height + 1) / 2) used -= rows[first++ - base];
        if (first == i && i > base && used + rows[i - 1 - base] <= t->a->height) used += rows[--first - base];
    }
    return first;
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    int n = items(v), y = 0, i;
    struct area left = area_sub(a, 0, 0, a->width - 1, a->height); /* the last column is for the marks */
    struct teller t = {.v = v, .a = &left, .digits = n < 10 ? 2 : decimal_digits((uint64_t)n)};
    t.indent = a->width >= 30 ? t.digits + 6 : 4;
    cursor_place(st, n, hot_item(v));
    st->scroll = first_shown(&t, st->cursor);
    for (i = st->scroll; i < n && y < a->height; i++) {
        int rows = tell(&t, y, i);
        if (focused && i == st->cursor) row_select(&left, 0, y, i ? t.indent - 1 : left.width);
        y += rows;
    }
    struct list marks = {st->scroll, y > a->height ? i - 1 - st->scroll : i - st->scroll, n};
    list_marks(a, &marks, 0);
}

static void heading(const struct view *v, struct text *out) {
    if (v->events_total) text_addf(out, "%zu/%zu", v->events_done, v->events_total);
}

/* ---- an event's fields ---- */

/* A name and its value, which may stand in quotes. */
static void write_pair(struct page_writer *w, const char *name, const char *name_end, const char *value,
                       const char *end) {
    if (*value == '"') value++, end--;
    write_line(w, ROLE_NORMAL, "%-12.*s %.*s", (int)(name_end - name), name, (int)(end - value), value);
}

static void write_event(struct page_writer *w, const struct view *v, const struct event *e) {
    char json[1024];
    struct text t = text_in(json, sizeof json);
    narrate_json(&t, v->machine, e);
    /* {"key":value,...}: one pair a line, without the punctuation */
    for (char *s = json + 1; *s && *s != '}';) {
        bool quoted = false;
        char *end = s;
        while (*end && (quoted || (*end != ',' && *end != '}'))) quoted ^= *end++ == '"';
        char *colon = memchr(s, ':', (size_t)(end - s));
        if (colon && colon > s + 1) write_pair(w, s + 1, colon - 1, colon + 1, end);
        s = *end == ',' ? end + 1 : end;
    }
}

static void detail(const struct view *v, int item, const struct area *a) {
    struct page_writer w = {a, 0};
    char buf[TEXT_SIZE];
    if (item < 0 || item >= items(v)) return;
    if (item == 0) {
        say_step(v, buf, sizeof buf);
        write_line(&w, ROLE_HEADING, "%s", buf);
        if (note_of(v)) write_line(&w, ROLE_NORMAL, "%s", note_of(v));
        return;
    }
    const struct event *e = &v->events[item - 1];
    struct text t = text_in(buf, sizeof buf);
    narrate_event(&t, v->machine, e, v->terminology);
    static const char *const who[ACTORS] = {"the hardware", "the operating system", "kswapd, the operating system's reclaimer in the background"};
    enum actor actor = event_actor(e);
    write_line(&w, actor == ACTOR_HW ? ROLE_HW : ROLE_OS, "Micro-step %d, done by %s", item, who[actor]);
    write_line(&w, ROLE_NORMAL, "%s", buf);
    w.y++;
    write_event(&w, v, e);
}

static bool matches(const struct view *v, int item, const char *needle) {
    char buf[TEXT_SIZE] = "";
    struct text t = text_in(buf, sizeof buf);
    if (item < 0 || item >= items(v)) return false;
    if (item == 0)
        say_step(v, buf, sizeof buf);
    else
        narrate_event(&t, v->machine, &v->events[item - 1], v->terminology);
    return holds_word(buf, needle);
}

const struct pane pane_narration = {
    .name = "narration",
    .title = "What happens",
    .digit = '7',
    .min_width = 20,
    .min_height = 2,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
