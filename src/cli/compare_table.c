/* compare_table.c - a comparison as books print it, in blocks as wide as the terminal.
 *
 *    page      7  0  1  2  0  3  0# 4  2#       # here the machines differ
 *    FIFO, 3 frames
 *      0       7* 7  7  2* 2  2  2  4* 4        * a fault brought it there
 *      1          0* 0  0  0  3* 3  3  2*
 *      2             1* 1  1  1  0* 0  0
 *
 * Of a long run the part around the first difference; at the end the sums, and why each chose as it
 * did where they first differ. */
#include "cli/cli.h"
#include "cli/output.h"

#include <stdio.h>

enum { LABEL = 10, SHOWN_STEPS = 120, SHOWN_FRAMES = 16, GAP = 2, PART_STEPS = 40, PART_LEAD = 10, ROW_SIZE = 4096 };

/* Steps first..end-1 are shown, in columns so wide. */
struct part {
    const struct comparison *c;
    uint64_t first, end;
    int column;
};

static int width_of(struct lockstep *l, uint64_t step) {
    char buf[24] = "";
    struct text t = text_in(buf, sizeof buf);
    lockstep_say_reference(l, step, true, &t);
    return (int)t.len;
}

static bool differs(struct lockstep *l, uint64_t step) {
    bool first = lockstep_cell(l, 0, step)->faulted;
    for (unsigned i = 1; i < lockstep_lanes(l); i++)
        if (lockstep_cell(l, i, step)->faulted != first) return true;
    return false;
}

/* A line under construction; blanks at its end are never printed. */
struct row {
    char buf[ROW_SIZE];
    struct text t;
};

static void begin_row(struct row *r, const char *label) {
    r->buf[0] = '\0';
    r->t = text_in(r->buf, sizeof r->buf);
    text_addf(&r->t, "%-*s", LABEL, label);
}

static void add_cell(struct row *r, const struct part *p, const char *text, char mark) {
    size_t end = r->t.len + (size_t)p->column;
    text_addf(&r->t, "%s%c", text, mark);
    while (r->t.len < end && !r->t.cut) text_addc(&r->t, ' ');
}

static void end_row(struct row *r) {
    size_t n = r->t.len;
    while (n > 0 && r->buf[n - 1] == ' ') n--;
    printf("%.*s\n", (int)n, r->buf);
}

static void put_references(const struct part *p) {
    struct lockstep *l = p->c->lanes;
    struct row row;
    begin_row(&row, "page");
    for (uint64_t step = p->first; step < p->end; step++) {
        char buf[24] = "";
        struct text t = text_in(buf, sizeof buf);
        lockstep_say_reference(l, step, true, &t);
        add_cell(&row, p, buf, differs(l, step) ? '#' : ' ');
    }
    end_row(&row);
}

static void put_frame(const struct part *p, unsigned lane, frame_t f) {
    char label[16];
    struct row row;
    snprintf(label, sizeof label, "  %u", f);
    begin_row(&row, label);
    for (uint64_t step = p->first; step < p->end; step++) {
        const struct lane_cell *cell = lockstep_cell(p->c->lanes, lane, step);
        char buf[24] = "";
        struct text t = text_in(buf, sizeof buf);
        if (cell->page[f].proc != PROC_NONE) lockstep_say_page(p->c->lanes, cell->page[f], &t);
        add_cell(&row, p, buf, cell->faulted && cell->frame == f ? '*' : ' ');
    }
    end_row(&row);
}

/* Of a machine with many frames: how each step came out, and who left. */
static void put_outcomes(const struct part *p, unsigned lane) {
    struct row outcomes, victims;
    begin_row(&outcomes, "  outcome");
    begin_row(&victims, "  victim");
    for (uint64_t step = p->first; step < p->end; step++) {
        const struct lane_cell *cell = lockstep_cell(p->c->lanes, lane, step);
        char letter[2] = {outcome_letter[cell->outcome], '\0'}, buf[24] = "";
        struct text t = text_in(buf, sizeof buf);
        if (cell->evicted) lockstep_say_page(p->c->lanes, cell->victim, &t);
        add_cell(&outcomes, p, letter, ' ');
        add_cell(&victims, p, buf, ' ');
    }
    end_row(&outcomes);
    end_row(&victims);
}

static void put_name(const struct comparison *c, unsigned lane) {
    char name[64] = "";
    struct text t = text_in(name, sizeof name);
    lockstep_name(c->lanes, lane, &t);
    printf("%s", name);
}

static void put_part(const struct part *p) {
    put_references(p);
    for (unsigned lane = 0; lane < lockstep_lanes(p->c->lanes); lane++) {
        uint32_t frames = lockstep_config(p->c->lanes, lane)->frames;
        put_name(p->c, lane);
        putchar('\n');
        if (frames > SHOWN_FRAMES) put_outcomes(p, lane);
        for (frame_t f = 0; frames <= SHOWN_FRAMES && f < frames; f++) put_frame(p, lane, f);
    }
    putchar('\n');
}

/* Steps first..end-1, in as many blocks as it takes. */
static void put_parts(const struct comparison *c, uint64_t first, uint64_t end) {
    int widest = 1, width = (int)sweep_width();
    for (uint64_t step = first; step < end; step++)
        if (width_of(c->lanes, step) > widest) widest = width_of(c->lanes, step);
    int column = widest + GAP, columns = (width - LABEL) / column;
    if (columns < 1) columns = 1;
    for (uint64_t at = first; at < end && !output_stopped(); at += (uint64_t)columns) {
        uint64_t until = end - at < (uint64_t)columns ? end : at + (uint64_t)columns;
        put_part(&(struct part){c, at, until, column});
    }
}

/* ---- the sums ---- */

static void put_count(const char *before, uint64_t n, const char *what, const char *plural) {
    printf("%s%llu %s%s", before, (unsigned long long)n, what, n == 1 ? "" : plural);
}

static void put_sums(const struct comparison *c) {
    unsigned fewer, more;
    for (unsigned lane = 0; lane < lockstep_lanes(c->lanes); lane++) {
        const struct lane_cell *last = lockstep_cell(c->lanes, lane, c->end - 1);
        put_name(c, lane);
        put_count(": ", last->page_faults, "page fault", "s");
        put_count(", ", last->evictions, "eviction", "s");
        put_count(", ", last->tlb_misses, "TLB miss", "es");
        putchar('\n');
    }
    if (lockstep_anomaly(c->lanes, c->end - 1, &fewer, &more)) printf("Belady's anomaly: more frames, more faults.\n");
}

static void put_difference(const struct comparison *c, uint64_t step) {
    char words[128] = "";
    struct text t = text_in(words, sizeof words);
    if (step >= c->end) {
        printf("They fault at the same steps.\n");
        return;
    }
    lockstep_say_step(c->lanes, step, &t);
    printf("First difference: step %llu, %s\n", (unsigned long long)step + 1, words);
    for (unsigned lane = 0; lane < lockstep_lanes(c->lanes); lane++) {
        char reason[400] = "";
        struct text why = text_in(reason, sizeof reason);
        printf("  ");
        put_name(c, lane);
        const struct lane_cell *cell = lockstep_cell(c->lanes, lane, step);
        if (!cell->faulted) printf(": no fault.\n");
        else if (cell->outcome == OUT_INVALID) printf(": it is refused, or its process has ended.\n");
        else if (lockstep_reason(c->lanes, lane, step, &why)) printf(": %s\n", reason);
        else printf(": a fault; nobody had to leave.\n");
    }
}

static void print(const struct comparison *c) {
    uint64_t difference = lockstep_next_difference(c->lanes, 0, c->end), first = 0, end = c->end;
    if (c->end == 0) {
        printf("There are no steps to compare.\n");
        return;
    }
    if (end > SHOWN_STEPS) {
        if (difference < c->end && difference > PART_LEAD) first = difference - PART_LEAD;
        end = c->end - first < PART_STEPS ? c->end : first + PART_STEPS;
        printf("Steps %llu to %llu of %llu:\n", (unsigned long long)first + 1, (unsigned long long)end, (unsigned long long)c->end);
    }
    put_parts(c, first, end);
    put_sums(c);
    put_difference(c, difference);
}

const struct compare_format compare_table = {"table", "as books print it", print};
