/* lines.c - the two lines on top of the screen: where we are, and the path of
 * the instruction under way.
 *
 *    vmscope  First touch     A pid 1 asid 1   step 3/24  micro 5/9   1.204 ms
 *    write 0x0804c010 <- 42   TLB miss - L1 ok - L0 not valid - [TRAP] - region ok
 *
 * The title gives up whole words in the order of their importance. The path
 * keeps the present stage in sight: it is bright and in brackets, those behind
 * are plain, those ahead are dim (or absent while the reader predicts).
 */
#include "ui/pane_registers.h"

/* ---- the title ---- */

enum { STEP, MICRO, PROCESS, RUN, POLICY, TIME, PRIVILEGE, PIECES };
struct piece {
    char text[64];
    int rank; /* larger: given up earlier */
    bool kept;
};

static void say_pieces(const struct view *v, const struct sight *s, struct piece *p) {
    uint64_t index = machine_step_index(s->m), count = v->history ? history_step_count(v->history) : 0;
    struct text time = text_in(p[TIME].text, sizeof p[TIME].text);
    snprintf(p[PROCESS].text, sizeof p[PROCESS].text, "%s pid %u", s->p->name, s->proc + 1u);
    if (s->k->config->tlb.asid && tlbs_has(&s->hw->tlbs, TLB_DATA)) {
        size_t n = strlen(p[PROCESS].text);
        snprintf(p[PROCESS].text + n, sizeof p[PROCESS].text - n, " asid %u", s->hw->regs.asid);
    }
    snprintf(p[STEP].text, sizeof p[STEP].text, "step %llu/%llu", (unsigned long long)index + 1,
             (unsigned long long)count);
    snprintf(p[MICRO].text, sizeof p[MICRO].text, "micro %zu/%zu", v->events_done, v->events_total);
    if (v->predict) snprintf(p[MICRO].text, sizeof p[MICRO].text, "micro %zu/?", v->events_done);
    snprintf(p[RUN].text, sizeof p[RUN].text, "%s", v->running ? "running" : "paused");
    snprintf(p[POLICY].text, sizeof p[POLICY].text, "%s", policy_ops(kernel_policy(s->k))->title);
    snprintf(p[PRIVILEGE].text, sizeof p[PRIVILEGE].text, "%s", privilege_name(s));
    format_duration(&time, machine_counters(s->m)->time_ns);
}

/* Keep pieces in the order of their ranks while they fit. */
static int keep_pieces(struct piece *p, int width) {
    int used = 0;
    for (int rank = 0; rank < PIECES; rank++)
        for (int i = 0; i < PIECES; i++) {
            int need = (int)strlen(p[i].text) + 2;
            if (p[i].rank != rank || !p[i].text[0] || used + need > width) continue;
            p[i].kept = true;
            used += need;
        }
    return used;
}

void draw_title(const struct view *v, const struct area *a) {
    static const int order[] = {PRIVILEGE, PROCESS, STEP, MICRO, TIME, POLICY, RUN};
    struct sight s = sight_of(v);
    struct piece p[PIECES] = {[STEP] = {.rank = 0}, [MICRO] = {.rank = 1},  [PROCESS] = {.rank = 2},
                              [RUN] = {.rank = 3},  [TIME] = {.rank = 4},  [POLICY] = {.rank = 5},
                              [PRIVILEGE] = {.rank = 6}};
    const char *title = v->scenario && v->scenario->title ? v->scenario->title : "";
    area_fill(a, 0, 0, a->width, 1, ROLE_TITLE, ' ');
    say_pieces(v, &s, p);
    int title_width = (int)strlen(title) + 1, least = title_width < 16 ? title_width : 16;
    int used = keep_pieces(p, a->width - least - 3), x = a->width - used;
    bool name = x >= 11 + title_width;
    struct area left = area_sub(a, 0, 0, x - 2, 1);
    int at = name ? area_text(&left, 1, 0, ROLE_TITLE, "vmscope") + 1 : 0;
    if (area_text(&left, at + 1, 0, ROLE_TITLE, title) > left.width)
        area_text(&left, left.width - 2, 0, ROLE_TITLE, "..");
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (p[order[i]].kept) x = area_text(a, x, 0, ROLE_TITLE, p[order[i]].text) + 2;
}

/* ---- the path ---- */

#define STAGES_MAX 256
#define LABEL_SIZE 40

struct stages {
    char label[STAGES_MAX][LABEL_SIZE];
    int count, now; /* now: index of the present, -1 before the first */
};

/* The access itself stands at the head of the line already: its event is no stage. */
static bool is_stage(const struct event *e) { return e->kind != EV_ACCESS && e->kind != EV_NONE; }

static void collect(const struct view *v, struct stages *st) {
    size_t known = v->predict ? v->events_done : v->events_total;
    st->count = 0;
    st->now = -1;
    for (size_t i = 0; v->events && i < known && st->count < STAGES_MAX; i++) {
        if (!is_stage(&v->events[i])) continue;
        struct text t = text_in(st->label[st->count], LABEL_SIZE);
        narrate_label(&t, v->machine, &v->events[i]);
        if (i < v->events_done) st->now = st->count;
        st->count++;
    }
}

enum { JOINER = 3 };
static int stage_width(const struct stages *st, int i) { return (int)strlen(st->label[i]); }

/* The first stage to draw, so that the present one and the next are in sight. The row
 * is filled from the left; when it is full it begins anew with what came last, in half
 * of the room. So most steps move the brackets only, and the eye need not search. */
static int first_stage(const struct stages *st, int width) {
    int first = 0, used = st->count > 0 ? stage_width(st, 0) + JOINER : 0;
    for (int i = 1; i <= st->now + 1 && i < st->count; i++) {
        used += stage_width(st, i) + JOINER;
        if (used <= width) continue;
        while (first < i - 1 && used > width / 2) used -= stage_width(st, first++) + JOINER;
        int before = i >= 2 && first == i - 1 ? stage_width(st, i - 2) + JOINER : width;
        if (used + before <= width) used += before, first--;
    }
    return first;
}

/* Stages from `i` on into row y from column x; returns the first that did not fit.
 * The brackets stand in the blanks beside a stage, so that moving them moves no other. */
static int draw_stages(const struct stages *st, const struct area *a, int x, int y, int i) {
    for (; i < st->count && x + stage_width(st, i) < a->width; i++) {
        bool now = i == st->now;
        enum role role = now ? ROLE_CURRENT : i < st->now ? ROLE_NORMAL : ROLE_DIM;
        int end = area_text(a, x, y, role, st->label[i]);
        if (now) {
            area_text(a, x - 1, y, role, "[");
            area_text(a, end, y, role, "]");
        }
        x = end + JOINER;
        if (i + 1 < st->count && x + stage_width(st, i + 1) < a->width)
            area_glyph(a, x - 2, y, ROLE_DIM, GLYPH_HLINE);
    }
    return i;
}

static int say_instruction(const struct view *v, const struct area *a) {
    struct step step;
    char buf[96];
    struct text t = text_in(buf, sizeof buf);
    if (!machine_step_now(v->machine, &step))
        return area_text(a, 1, 0, ROLE_DIM, "at the start: Space begins");
    narrate_step(&t, v->machine, &step);
    bool now = v->events_done > 0 && v->events && v->events[v->events_done - 1].kind == EV_ACCESS;
    return area_text(a, 1, 0, now ? ROLE_CURRENT : ROLE_ADDRESS, buf);
}

void draw_path(const struct view *v, const struct area *a) {
    struct stages st;
    int x = say_instruction(v, a) + 2;
    collect(v, &st);
    if (st.count == 0) return;
    int room = (a->width - x) + (a->height > 1 ? a->width - 3 : 0), first = first_stage(&st, room - 4);
    if (a->height > 1 && x + stage_width(&st, first) >= a->width) x = a->width;
    if (first > 0 && x < a->width) x = area_text(a, x, 0, ROLE_DIM, "..") + 2;
    int next = draw_stages(&st, a, x, 0, first);
    if (a->height > 1) next = draw_stages(&st, a, 3, 1, next);
    if (next < st.count && a->height == 1) area_text(a, a->width - 1, 0, ROLE_DIM, ">");
}
