/* format_csv.c - a run as a table, one row an access: for graders' scripts.
 *
 * A row a translation, to be exact: an access that crosses a page has two.
 * step counts from 1; pid is 1 for the first process; addresses are hex, page
 * numbers decimal; what does not apply is empty. Rows are built by hand, since
 * a trace has millions; names need no quotes (letters, digits, _ - . alone).
 */
#include "cli/output.h"
#include "cli/run.h"

#include <inttypes.h>
#include <stdio.h>

#define ROW_MAX 512

static void csv_begin(struct run *r) {
    fputs("step,pid,process,op,va,pa,tlb,fault,frame,victim_pid,victim_vpn,victim_dirty", stdout);
    puts(r->cli->frames_after ? ",frames" : "");
}

static char *put_comma(char *to) {
    *to++ = ',';
    return to;
}

/* As wide as format_va and format_pa make them. */
static unsigned va_digits(const struct paging_format *f) { return (paging_va_bits(f) + 3) / 4; }
static unsigned pa_digits(const struct paging_format *f) {
    return paging_pa_bits(f) > 32 ? 8 : (paging_pa_bits(f) + 3) / 4;
}

static char *put_place(char *to, const struct translation *t, const struct paging_format *f) {
    to = put_comma(put_hex(to, t->va, va_digits(f)));
    if (t->done) to = put_hex(to, t->pa, pa_digits(f));
    return put_comma(to);
}

/* A victim that no process mapped (the page cache's) has no pid and no page number. */
static char *put_victim(char *to, const struct translation *t) {
    if (!t->evicted) return put_text(to, ",,");
    bool mapped = t->victim_proc != PROC_NONE;
    to = put_comma(mapped ? put_decimal(to, t->victim_proc + UINT64_C(1)) : to);
    to = put_comma(mapped ? put_decimal(to, t->victim_vpn) : to);
    return put_text(to, t->victim_dirty ? "1" : "0");
}

static char *put_row(char *to, const struct machine *m, const struct translation *t) {
    static const char *const tlb_name[] = {
        [TLB_OUT_NONE] = "none", [TLB_OUT_HIT] = "hit", [TLB_OUT_MISS] = "miss"};
    to = put_comma(put_decimal(to, machine_step_index(m) + 1));
    to = put_comma(put_decimal(to, t->proc + UINT64_C(1)));
    to = put_comma(put_text(to, process_name(m, t->proc)));
    to = put_comma(put_text(to, access_name((enum access_kind)t->op)));
    to = put_place(to, t, &machine_config(m)->format);
    to = put_comma(put_text(to, tlb_name[t->tlb]));
    to = put_comma(put_text(to, fault_name((enum fault_class)t->fault)));
    if (t->done && t->frame != FRAME_NONE) to = put_decimal(to, t->frame);
    return put_victim(put_comma(to), t);
}

/* "7 0 -", or with several processes "1:7 2:0 -". */
static void print_frames(const struct machine *m) {
    const struct machine_config *c = machine_config(m);
    bool several = run_has_several(m);
    char cell[64];
    for (frame_t f = 0; f < c->frames; f++) {
        char *end = put_text(cell, f ? " " : ",");
        const struct rmap *page = frame_holder(m, f);
        if (page && several) end = put_text(put_decimal(end, page->proc + UINT64_C(1)), ":");
        end = page ? put_decimal(end, page->vpn) : put_text(end, "-");
        fwrite(cell, 1, (size_t)(end - cell), stdout);
    }
}

static void csv_step(struct run *r) {
    unsigned count = 0;
    const struct translation *t = machine_translations(r->machine, &count);
    char row[ROW_MAX];
    for (unsigned i = 0; i < count; i++) {
        char *end = put_row(row, r->machine, &t[i]);
        fwrite(row, 1, (size_t)(end - row), stdout);
        if (r->cli->frames_after) print_frames(r->machine);
        putchar('\n');
    }
}

const struct run_format run_format_csv = {
    .name = "csv",
    .help = "a table, one row an access",
    .begin = csv_begin,
    .step = csv_step,
    .can_show_frames = true,
};
