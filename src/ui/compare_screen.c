/* compare_screen.c - a comparison drawn as books draw it: references from left to right, and below
 * them, for each machine, the pages that its frames hold after each one.
 *
 *              7  0  1  2  0  3  0  4  2≠            the references; ≠ where the machines differ
 *    FIFO, 3 frames: 7 faults, 4 evictions
 *    frame 0   7* 7  7  2* 2  2  2  4* 4             * a fault brought it there
 *    frame 1      0* 0  0  0  3* 3  3  2*
 *    frame 2         1* 1  1  1  0* 0  0
 *              No frame is free. FIFO picks...       why, for the step under the cursor
 *
 * Only the past is shown. Where a machine has more frames than there are rows, a row says how each
 * reference came out, and one who had to leave.
 */
#include "ui/compare.h"

#include "ui/glyph.h"
#include "ui/pane_util.h"

enum { LABEL = 10, LANE_LINES = 2 }; /* columns of the labels; rows of a lane besides its frames */

struct sheet_of {
    struct compare *c;
    const struct view *v;
    bool owners;            /* pages are named with their process */
    uint64_t first;         /* step in the first column */
    int columns, width;     /* how many, and how wide */
};

/* ---- names of pages ---- */

static void say_page(const struct sheet_of *s, struct lane_page page, char *buf, size_t size) {
    struct text t = text_in(buf, size);
    lockstep_say_page(s->c->lanes, page, &t);
}

static void say_reference(const struct sheet_of *s, uint64_t i, char *buf, size_t size) {
    struct text t = text_in(buf, size);
    lockstep_say_reference(s->c->lanes, i, i < s->c->at, &t);
}

/* Columns wide enough for the pages in sight, as far as they are like the last ones. */
static int label_width(const struct sheet_of *s, uint64_t until) {
    int widest = 1;
    for (uint64_t i = until > 64 ? until - 64 : 0; i < until + 64 && i < lockstep_count(s->c->lanes); i++) {
        char buf[24];
        say_reference(s, i, buf, sizeof buf);
        if ((int)strlen(buf) > widest) widest = (int)strlen(buf);
    }
    return widest;
}

static struct sheet_of sheet_for(struct compare *c, const struct view *v, int width) {
    struct sheet_of s = {.c = c, .v = v};
    const struct machine_config *config = lockstep_config(c->lanes, 0);
    s.owners = config->process_count + config->fork_count > 1;
    s.width = label_width(&s, c->at) + 2 + (s.owners && c->at == 0); /* the name that will stand before it */
    s.columns = (width - LABEL - 1) / s.width;
    if (s.columns < 1) s.columns = 1;
    uint64_t lead = (uint64_t)s.columns * 3 / 4; /* the cursor stays in the left three quarters */
    s.first = c->at > lead ? c->at - lead : 0;
    return s;
}

/* ---- rows ---- */

static int column_x(const struct sheet_of *s, uint64_t step) { return LABEL + (int)(step - s->first) * s->width; }

static bool is_shown(const struct sheet_of *s, uint64_t step) {
    return step >= s->first && step - s->first < (uint64_t)s->columns && step < lockstep_count(s->c->lanes);
}

static bool lanes_differ(const struct sheet_of *s, uint64_t step) {
    const struct lane_cell *first = lockstep_cell(s->c->lanes, 0, step);
    bool faulted = first && first->faulted;
    for (unsigned i = 1; i < lockstep_lanes(s->c->lanes); i++) {
        const struct lane_cell *cell = lockstep_cell(s->c->lanes, i, step);
        if (cell && cell->faulted != faulted) return true;
    }
    return false;
}

static void draw_references(const struct sheet_of *s, const struct area *a, int y) {
    area_text(a, 1, y, ROLE_HEADING, "page");
    for (uint64_t step = s->first; is_shown(s, step); step++) {
        char buf[24];
        bool past = step < s->c->at, now = step + 1 == s->c->at;
        say_reference(s, step, buf, sizeof buf);
        int end = area_text(a, column_x(s, step), y, now ? ROLE_CURRENT : past ? ROLE_HEADING : ROLE_DIM, buf);
        if (past && lanes_differ(s, step)) area_glyph(a, end, y, ROLE_MAJOR, GLYPH_DIFFERS);
    }
}

/* One frame over time. */
static void draw_frame_row(const struct sheet_of *s, const struct area *a, int y, unsigned lane, frame_t f) {
    area_printf(a, 1, y, ROLE_DIM, "frame %u", f);
    for (uint64_t step = s->first; is_shown(s, step) && step < s->c->at; step++) {
        const struct lane_cell *cell = lockstep_cell(s->c->lanes, lane, step);
        char buf[24];
        if (!cell || cell->page[f].proc == PROC_NONE) continue;
        bool brought = cell->faulted && cell->frame == f, now = step + 1 == s->c->at;
        enum role role = brought && now ? ROLE_NOW : brought ? ROLE_MAJOR : now ? ROLE_ADDRESS : ROLE_NORMAL;
        say_page(s, cell->page[f], buf, sizeof buf);
        int end = area_text(a, column_x(s, step), y, role, buf);
        if (brought) area_text(a, end, y, role, "*");
    }
}

/* How each reference came out, in letters; and who had to leave. */
static void draw_outcomes(const struct sheet_of *s, const struct area *a, int y, unsigned lane, bool victims) {
    area_text(a, 1, y, ROLE_DIM, victims ? "victim" : "outcome");
    for (uint64_t step = s->first; is_shown(s, step) && step < s->c->at; step++) {
        const struct lane_cell *cell = lockstep_cell(s->c->lanes, lane, step);
        char buf[24];
        if (!cell) continue;
        if (!victims) area_printf(a, column_x(s, step), y, outcome_role(cell->outcome), "%c", outcome_letter[cell->outcome]);
        if (!victims || !cell->evicted) continue;
        say_page(s, cell->victim, buf, sizeof buf);
        area_text(a, column_x(s, step), y, ROLE_NORMAL, buf);
    }
}

/* ---- a lane ---- */

static const struct lane_cell *cell_now(const struct sheet_of *s, unsigned lane) {
    return s->c->at ? lockstep_cell(s->c->lanes, lane, s->c->at - 1) : NULL;
}

/* The fewest page faults of all so far. */
static uint64_t fewest_faults(const struct sheet_of *s) {
    uint64_t fewest = UINT64_MAX;
    for (unsigned i = 0; i < lockstep_lanes(s->c->lanes); i++) {
        const struct lane_cell *cell = cell_now(s, i);
        if (cell && cell->page_faults < fewest) fewest = cell->page_faults;
    }
    return fewest;
}

static void draw_lane_heading(const struct sheet_of *s, const struct area *a, int y, unsigned lane) {
    const struct lane_cell *cell = cell_now(s, lane);
    char name[64] = "";
    struct text t = text_in(name, sizeof name);
    lockstep_name(s->c->lanes, lane, &t);
    for (int x = 0; x < a->width; x++) area_glyph(a, x, y, ROLE_BORDER, GLYPH_HLINE);
    int x = area_printf(a, 1, y, ROLE_HEADING, " %s ", name);
    if (!cell) return;
    bool best = cell->page_faults == fewest_faults(s);
    x = area_printf(a, x + 1, y, best ? ROLE_HIT : ROLE_NORMAL, " %llu fault%s%s ", (unsigned long long)cell->page_faults,
                    cell->page_faults == 1 ? "" : "s", best ? ", fewest" : "");
    char more[64];
    snprintf(more, sizeof more, " evictions %llu  TLB misses %llu ", (unsigned long long)cell->evictions, (unsigned long long)cell->tlb_misses);
    text_fits(a, x + 1, y, ROLE_NORMAL, more);
}

/* Why the victim of the last step; made once. */
static const char *reason_of(const struct sheet_of *s, unsigned lane) {
    struct compare *c = s->c;
    if (c->at == 0) return "";
    if (c->reason[lane].of != c->at) {
        struct text t = text_in(c->reason[lane].text, REASON_SIZE);
        c->reason[lane].of = c->at;
        c->reason[lane].text[0] = '\0';
        lockstep_reason(c->lanes, lane, c->at - 1, &t);
    }
    return c->reason[lane].text;
}

static const char *without_victim(const struct lane_cell *cell) {
    if (!cell->faulted) return "no fault";
    return cell->outcome == OUT_INVALID ? "refused, or its process has ended" : "nobody had to leave";
}

static void draw_lane(const struct sheet_of *s, const struct area *a, unsigned lane) {
    uint32_t frames = lockstep_config(s->c->lanes, lane)->frames;
    const struct lane_cell *cell = cell_now(s, lane);
    int rows = a->height - LANE_LINES, used;
    bool fits = (int)frames <= rows && frames <= LANE_FRAMES_MAX;
    draw_lane_heading(s, a, 0, lane);
    if (fits)
        for (frame_t f = 0; f < frames; f++) draw_frame_row(s, a, 1 + (int)f, lane, f);
    else {
        draw_outcomes(s, a, 1, lane, false);
        if (rows > 1) draw_outcomes(s, a, 2, lane, true);
    }
    used = 1 + (fits ? (int)frames : rows > 1 ? 2 : 1);
    struct area words = area_sub(a, 1, used, a->width - 2, a->height - used);
    if (cell && cell->evicted) area_wrap(&words, 0, ROLE_NORMAL, reason_of(s, lane));
    else if (cell) area_text(&words, 0, 0, ROLE_DIM, without_victim(cell));
}

/* Rows that a lane takes of at most so many: no more than it has to say, so that lanes stand close. */
static int lane_rows(const struct machine_config *config, int most) {
    bool fits = config->frames <= LANE_FRAMES_MAX && (int)config->frames + LANE_LINES <= most;
    int need = (fits ? (int)config->frames : 2) + LANE_LINES + 1;
    return need < most ? need : most;
}

/* ---- the whole screen ---- */

static void draw_head(const struct sheet_of *s, const struct area *a) {
    char words[128] = "";
    struct text t = text_in(words, sizeof words);
    const char *title = s->v->scenario && s->v->scenario->title ? s->v->scenario->title : "";
    area_fill(a, 0, 0, a->width, 1, ROLE_TITLE, ' ');
    int x = a->width - area_printf(&(struct area){a->canvas, 0, 0, 0, 0}, 0, 0, ROLE_TITLE, "step %llu/%llu ", (unsigned long long)s->c->at,
                                   (unsigned long long)lockstep_count(s->c->lanes));
    struct area left = area_sub(a, 0, 0, x - 1, 1);
    area_printf(&left, 1, 0, ROLE_TITLE, "Compare: %s", title);
    area_printf(a, x, 0, ROLE_TITLE, "step %llu/%llu", (unsigned long long)s->c->at, (unsigned long long)lockstep_count(s->c->lanes));
    if (s->c->at == 0) text_add(&t, "before the first step: Space begins");
    else lockstep_say_step(s->c->lanes, s->c->at - 1, &t);
    area_text(a, 1, 1, ROLE_ADDRESS, words);
}

static void draw_anomaly(const struct sheet_of *s, const struct area *a) {
    static const char *const words[] = {"Belady's anomaly: more frames, more faults", "Belady's anomaly", ""};
    unsigned fewer, more;
    int i = 0;
    if (!s->c->at || !lockstep_anomaly(s->c->lanes, s->c->at - 1, &fewer, &more)) return;
    while (words[i][0] && (int)strlen(words[i]) > a->width / 2) i++;
    area_text(a, a->width - (int)strlen(words[i]) - 1, 1, ROLE_NOW, words[i]);
}

void compare_draw(struct canvas *canvas, struct compare *c, const struct view *v, struct screen_state *st) {
    canvas_clear(canvas);
    if (canvas->width < SCREEN_MIN_WIDTH || canvas->height < SCREEN_MIN_HEIGHT) {
        screen_too_small(canvas);
        return;
    }
    struct area screen = area_of(canvas);
    struct sheet_of s = sheet_for(c, v, screen.width);
    unsigned lanes = lockstep_lanes(c->lanes);
    draw_head(&s, &screen);
    draw_anomaly(&s, &screen);
    draw_references(&s, &screen, 2);
    int y = 3, height = (screen.height - y - 1) / (int)lanes;
    for (unsigned i = 0; i < lanes; i++) {
        int rows = lane_rows(lockstep_config(c->lanes, i), height);
        struct area lane = area_sub(&screen, 0, y, screen.width, rows);
        draw_lane(&s, &lane, i);
        y += rows;
    }
    if (is_shown(&s, c->at ? c->at - 1 : 0)) area_cursor(&screen, column_x(&s, c->at ? c->at - 1 : 0), 2);
    if (st->overlay == OVERLAY_HELP) {
        struct area above = area_sub(&screen, 0, 0, screen.width, screen.height - 1);
        draw_help(&above, st);
    }
    struct area footer = area_sub(&screen, 0, screen.height - 2, screen.width, 2);
    draw_footer(&footer, st);
}
