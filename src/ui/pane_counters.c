/* pane_counters.c - the counts so far, the effective access time with its
 * formula, what page tables cost, and how often the latest steps faulted.
 *
 *    EAT = h (t + m) + (1 - h) (t + m + L m) + what faults add
 *
 *    h  TLB hit rate      t  TLB look-up      m  memory access
 *    L  PTEs that a walk reads: the levels of the page table
 *
 * Faults add, per access, the traps and the disk reads and writes that were
 * really made (Silberschatz, 10.2.3, and 9.3.2.1 for the TLB part). A second-level
 * TLB takes a look-up more and has a hit rate of its own, g:
 *
 *    EAT = h (t + m) + (1 - h) g (2t + m) + (1 - h) (1 - g) (2t + m + L m) + ...
 *
 * Where software refills the TLB, a miss costs a trap and a second look-up besides.
 */
#include "ui/pane_util.h"

/* ---- the formula ---- */

/* PTEs a walk: the levels (a huge page's walk is shorter, which the formula leaves out); of chains and
 * descriptors, whose number follows from the addresses, what it was on average: a walk for each
 * miss and, once more, for each restart after a fault. */
static double reads_a_walk(const struct machine *m) {
    const struct counters *c = machine_counters(m);
    const struct paging_format *f = &machine_config(m)->format;
    uint64_t walks = c->translations - c->tlb_hits - c->tlb2_hits + c->page_faults;
    return f->shape != SHAPE_TREE && walks ? (double)c->walk_reads / (double)walks : (double)f->levels;
}

static double rate(uint64_t hits, uint64_t misses) {
    return hits + misses ? (double)hits / (double)(hits + misses) : 0.0;
}

struct eat effective_access_time(const struct machine *m) {
    const struct counters *c = machine_counters(m);
    const struct timing_config *t = &machine_config(m)->timing;
    const struct tlbs *tlbs = &machine_hw(m)->tlbs;
    struct eat e = {.known = c->accesses > 0, .second = tlbs_has(tlbs, TLB_SECOND)};
    double look = tlbs_has(tlbs, TLB_DATA) ? (double)t->tlb : 0.0, memory = (double)t->memory;
    if (!e.known) return e;
    e.reads = reads_a_walk(m);
    e.hit_rate = rate(c->tlb_hits, c->tlb_misses);
    e.hit2_rate = rate(c->tlb2_hits, c->tlb2_misses);
    e.hit_ns = look + memory;
    e.hit2_ns = e.hit_ns + (e.second ? look : 0.0);
    e.miss_ns = e.hit2_ns + e.reads * memory;
    if (machine_config(m)->software_refill) e.miss_ns += (double)t->trap + look;
    double traps = (double)(c->page_faults + c->invalid) * (double)t->trap;
    double disk = (double)(c->swap_reads + c->file_reads) * (double)t->disk_read +
                  (double)c->swap_writes * (double)t->disk_write;
    e.fault_ns = (traps + disk) / (double)c->accesses;
    double behind = e.second ? e.hit2_rate * e.hit2_ns + (1.0 - e.hit2_rate) * e.miss_ns : e.miss_ns;
    e.total_ns = e.hit_rate * e.hit_ns + (1.0 - e.hit_rate) * behind + e.fault_ns;
    return e;
}

/* "158.9 ns", "4.13 us": few digits, one unit. */
static void say_ns(char *buf, size_t size, double ns) {
    static const struct {
        double one;
        const char *unit;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1.0, "ns"}};
    int i = 0;
    while (i < 3 && ns < units[i].one) i++;
    snprintf(buf, size, "%.4g %s", ns / units[i].one, units[i].unit);
}

static void say_formula(const struct machine *m, char *buf, size_t size) {
    struct eat e = effective_access_time(m);
    struct text out = text_in(buf, size);
    char faults[32], total[32];
    int digits = (e.hit_rate > 0.99 && e.hit_rate < 1.0) || e.second ? 4 : 2;
    double missed = 1.0 - e.hit_rate;
    say_ns(faults, sizeof faults, e.fault_ns);
    say_ns(total, sizeof total, e.total_ns);
    text_add(&out, "EAT ");
    if (!e.known) {
        text_add(&out, "-");
        return;
    }
    if (!tlbs_has(&machine_hw(m)->tlbs, TLB_DATA)) text_addf(&out, "%.0f", e.miss_ns);
    else if (e.second)
        text_addf(&out, "%.*fx%.0f + %.*fx%.0f + %.*fx%.0f", digits, e.hit_rate, e.hit_ns, digits, missed * e.hit2_rate,
                  e.hit2_ns, digits, missed * (1.0 - e.hit2_rate), e.miss_ns);
    else text_addf(&out, "%.*fx%.0f + %.*fx%.0f", digits, e.hit_rate, e.hit_ns, digits, missed, e.miss_ns);
    text_addf(&out, " + faults %s = %s", faults, total);
}

static void say_total(const struct machine *m, char *buf, size_t size) {
    struct eat e = effective_access_time(m);
    char total[32];
    say_ns(total, sizeof total, e.total_ns);
    snprintf(buf, size, "EAT %s", e.known ? total : "-");
}

/* ---- how often it faulted of late ---- */

/* Bars for groups of steps up to the present, the newest at the right. */
static void draw_bars(const struct view *v, const struct area *a, int x, int y, int width) {
    uint64_t steps = machine_steps_done(v->machine);
    if (!v->history || steps == 0 || width < 1) return;
    uint64_t group = (steps + (uint64_t)width - 1) / (uint64_t)width;
    if (group > 16) group = 16;
    uint64_t bars = (steps + group - 1) / group;
    if (bars > (uint64_t)width) bars = (uint64_t)width;
    for (uint64_t i = 0; i < bars; i++) {
        uint64_t end = steps - (bars - 1 - i) * group, first = end > group ? end - group : 0;
        uint64_t faults = history_sums(v->history, first, end).faults, size = end - first;
        unsigned level = size ? (unsigned)((faults * 7 + size - 1) / size) : 0;
        area_glyph(a, x + (int)i, y, faults ? ROLE_MAJOR : ROLE_HIT,
                   (enum glyph)(GLYPH_BAR_1 + (level > 7 ? 7 : level)));
    }
}

/* ---- the counts ---- */

static bool has_second(const struct machine *m) { return tlbs_has(&machine_hw(m)->tlbs, TLB_SECOND); }
static bool refills(const struct machine *m) { return machine_config(m)->software_refill; }
static bool maps_huge(const struct machine *m) { return machine_counters(m)->huge_pages > 0; }
static bool sets_bits(const struct machine *m) { return machine_counters(m)->minor_bit > 0; }
static bool extends_sign(const struct machine *m) { return machine_config(m)->format.sign_extended; }

#define AT(member) offsetof(struct counters, member)
/* What is worth a line, in the order of importance, with an indent for parts of the line above. */
/* clang-format off */
static const struct shown {
    size_t offset; /* in struct counters */
    const char *label;
    int indent;
    bool (*where)(const struct machine *m); /* NULL: in every machine */
} shown[] = {
    {AT(accesses), "accesses", 0, NULL},          {AT(tlb_hits), "TLB hits", 0, NULL},      {AT(tlb_misses), "TLB misses", 0, NULL},
    {AT(tlb2_hits), "2nd level", 1, has_second},  {AT(tlb2_misses), "walks", 1, has_second}, {AT(tlb_refills), "refills", 1, refills},
    {AT(page_faults), "page faults", 0, NULL},    {AT(minor_faults), "minor", 1, NULL},     {AT(major_faults), "major", 1, NULL},
    {AT(page_faults_after_full), "when full", 1, NULL}, {AT(invalid), "invalid", 0, NULL},  {AT(evictions), "evictions", 0, NULL},
    {AT(evictions_clean), "clean", 1, NULL},      {AT(swap_writes), "swap writes", 0, NULL}, {AT(swap_reads), "swap reads", 0, NULL},
    {AT(file_reads), "file reads", 0, NULL},      {AT(zero_fills), "zero fills", 0, NULL},  {AT(huge_pages), "huge pages", 0, maps_huge},
    {AT(walk_reads), "PTEs read", 0, NULL},
    {AT(reads), "reads", 1, NULL},                {AT(writes), "writes", 1, NULL},          {AT(fetches), "fetches", 1, NULL},
    {AT(minor_zero), "minor-zero", 1, NULL},      {AT(minor_map), "minor-map", 1, NULL},    {AT(minor_growth), "minor-growth", 1, NULL},
    {AT(minor_bit), "minor-bit", 1, sets_bits},   {AT(minor_cow), "minor-cow", 1, NULL},    {AT(major_swap), "major-swap", 1, NULL},
    {AT(major_file), "major-file", 1, NULL},
    {AT(segv_map), "segv-map", 1, NULL},          {AT(segv_access), "segv-access", 1, NULL}, {AT(segv_noncanonical), "noncanonical", 1, extends_sign},
    {AT(context_switches), "switches", 0, NULL},
    {AT(tlb_flushes), "TLB flushes", 0, NULL},
};
/* clang-format on */
enum { SHOWN = sizeof shown / sizeof shown[0], LABEL_WIDTH = 13 };

static bool is_shown(const struct machine *m, int i) { return !shown[i].where || shown[i].where(m); }

static int count_shown(const struct machine *m) {
    int n = 0;
    for (int i = 0; i < SHOWN; i++) n += is_shown(m, i);
    return n;
}

/* The line of the table that is the n-th to be shown. */
static int nth_shown(const struct machine *m, int n) {
    int i = 0;
    while (!is_shown(m, i) || n-- > 0) i++;
    return i;
}

static const struct counter_info *info_of(int i) {
    const struct counter_info *info = counter_table;
    while (info->offset != shown[i].offset) info++;
    return info;
}

static uint64_t value_of(const struct view *v, int i) {
    return counter_value(machine_counters(v->machine), &(struct counter_info){.offset = shown[i].offset});
}

static int value_width(const struct view *v) {
    int width = 5;
    for (int i = 0; i < SHOWN; i++)
        if (decimal_digits(value_of(v, i)) > width) width = decimal_digits(value_of(v, i));
    return width;
}

static void draw_count(const struct view *v, const struct area *a, int x, int y, int i, int width) {
    uint64_t n = value_of(v, i);
    enum role role = n ? ROLE_NORMAL : ROLE_DIM;
    area_text(a, x + shown[i].indent, y, role, shown[i].label);
    area_printf(a, x + LABEL_WIDTH, y, role, "%*llu", width, (unsigned long long)n);
}

/* ---- what page tables cost ---- */

/* "tables of A 12 KiB; the same pages: linear 4 MiB, multi-level 12 KiB, inverted 192 bytes" */
static void say_tables(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    struct table_bytes b = kernel_table_bytes(s.k, s.proc);
    text_addf(out, "tables of %s: ", s.f->shape == SHAPE_HASHED ? "all processes" : s.p->name);
    format_size(out, b.actual);
    text_add(out, "; the same pages: linear ");
    format_size(out, b.linear);
    text_add(out, ", multi-level ");
    format_size(out, b.multilevel);
    text_add(out, ", inverted ");
    format_size(out, b.inverted);
}

static void write_table_row(struct page_writer *w, const char *name, const struct table_bytes *b) {
    char size[4][24];
    const uint64_t bytes[] = {b->actual, b->linear, b->multilevel, b->inverted};
    for (int i = 0; i < 4; i++) {
        struct text t = text_in(size[i], sizeof size[i]);
        format_size(&t, bytes[i]);
    }
    area_printf(w->a, 0, w->y++, ROLE_NORMAL, "%-9.9s %-11s %-11s %-11s %s", name, size[0], size[1], size[2], size[3]);
}

static void write_tables(struct page_writer *w, const struct kernel *k) {
    struct table_bytes all = kernel_table_bytes_all(k);
    w->y++;
    write_line(w, ROLE_HEADING, "Bytes of page tables for the pages that are mapped now");
    area_printf(w->a, 0, w->y++, ROLE_HEADING, "%-9s %-11s %-11s %-11s %s", "", "here", "linear", "multi-level", "inverted");
    for (uint32_t p = 0; p < k->process_count; p++) {
        struct table_bytes b = kernel_table_bytes(k, (proc_t)p);
        if (k->process[p].alive) write_table_row(w, k->process[p].name, &b);
    }
    if (k->process_count > 1) write_table_row(w, "all", &all);
    write_line(w, ROLE_DIM, "here: as this machine keeps them. linear: an entry for every page of the address space. multi-level: "
                            "tables of one page each, only where something is mapped. inverted: an entry a frame, once for all processes.");
}

/* The bars, the formula and, where there is room, the page tables; returns the rows taken at the bottom. */
static int draw_rates(const struct view *v, const struct area *a) {
    char formula[160], tables[160];
    struct text t = text_in(tables, sizeof tables);
    int rows, y;
    if (a->height < 4) return 0;
    say_formula(v->machine, formula, sizeof formula);
    rows = wrap_rows(a, a->width, formula) + 1;
    y = a->height - rows;
    if (rows > a->height / 2) return 0;
    wrap_at(a, 0, y, a->width, ROLE_HEADING, formula);
    say_tables(v, &t);
    int more = wrap_rows(a, a->width, tables);
    if (rows + more <= a->height / 3) {
        wrap_at(a, 0, y - more, a->width, ROLE_NORMAL, tables);
        rows += more;
    }
    int x = area_text(a, 0, a->height - 1, ROLE_HEADING, a->width >= 30 ? "faults per step " : "faults ");
    draw_bars(v, a, x, a->height - 1, a->width - x);
    return rows;
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    int rows = a->height - draw_rates(v, a), width = value_width(v), group = LABEL_WIDTH + width + 2;
    int groups = (a->width + 2) / group, n = count_shown(v->machine);
    if (groups < 1) groups = 1;
    struct list l = list_pages(st, n, -1, rows * groups);
    struct area body = area_sub(a, 0, 0, a->width, rows);
    for (int i = 0; i < l.rows && l.first + i < n && rows > 0; i++) {
        int x = i / rows * group, y = i % rows, line = nth_shown(v->machine, l.first + i);
        if (x + LABEL_WIDTH + width <= a->width)
            draw_count(v, &body, x, y, line, width);
        else
            area_printf(&body, x, y, ROLE_NORMAL, "%llu", (unsigned long long)value_of(v, line));
        if (focused && l.first + i == st->cursor) row_select(&body, x, y, group - 2);
    }
    list_marks(&body, &l, 0);
}

static int items(const struct view *v) { return count_shown(v->machine); }

static int hot_item(const struct view *v) {
    (void)v;
    return -1;
}

static void write_formula(struct page_writer *w, const struct machine *m) {
    const struct counters *c = machine_counters(m);
    const struct timing_config *t = &machine_config(m)->timing;
    struct eat e = effective_access_time(m);
    char formula[160], time[32];
    say_formula(m, formula, sizeof formula);
    write_line(w, ROLE_HEADING, "Effective access time");
    write_line(w, ROLE_NORMAL, "%s", e.second ? "h (t + m) + (1 - h) g (2t + m) + (1 - h) (1 - g) (2t + m + L m) + faults"
                                              : "h (t + m) + (1 - h) (t + m + L m) + faults");
    write_line(w, ROLE_NORMAL, "%s", formula);
    write_line(w, ROLE_DIM,
               "h TLB hit rate %.4g, %st TLB look-up %llu ns, m memory %llu ns, L %.3g PTEs a walk; trap %llu ns, disk read %llu ns, "
               "write %llu ns", e.hit_rate, e.second ? "g that of the second level, " : "", (unsigned long long)t->tlb,
               (unsigned long long)t->memory, e.reads, (unsigned long long)t->trap, (unsigned long long)t->disk_read,
               (unsigned long long)t->disk_write);
    if (c->huge_pages) write_line(w, ROLE_DIM, "Left out: a huge page's walk is shorter than L.");
    if (machine_config(m)->software_refill)
        write_line(w, ROLE_DIM, "Software refills the TLB: a miss costs a trap and a second look-up besides.");
    if (!c->accesses) return;
    say_ns(time, sizeof time, (double)c->time_ns / (double)c->accesses);
    write_line(w, ROLE_NORMAL, "measured: %s an access (also counts setting A and D, restarts and switches)", time);
}

static void detail(const struct view *v, int item, const struct area *a) {
    struct page_writer w = {a, 0};
    if (item < 0 || item >= items(v)) return;
    const struct counter_info *info = info_of(nth_shown(v->machine, item));
    write_line(&w, ROLE_HEADING, "%s: %llu", info->name,
               (unsigned long long)counter_value(machine_counters(v->machine), info));
    write_line(&w, ROLE_NORMAL, "%s", info->what);
    w.y++;
    write_formula(&w, v->machine);
    write_tables(&w, machine_kernel(v->machine));
}

static bool matches(const struct view *v, int item, const char *needle) {
    if (item < 0 || item >= items(v)) return false;
    int line = nth_shown(v->machine, item);
    return holds_word(shown[line].label, needle) || holds_word(info_of(line)->name, needle);
}

/* ---- the same in a line or two ---- */

/* Add a piece where it fits whole; returns where the next begins. */
static int add_piece(const struct area *a, int x, int y, enum role role, const char *s) {
    int gap = x ? 2 : 1;
    if (x + gap + (int)strlen(s) > a->width) return x;
    return area_text(a, x + gap, y, role, s);
}

void draw_counters(const struct view *v, const struct area *a) {
    const struct counters *c = machine_counters(v->machine);
    char buf[160];
    snprintf(buf, sizeof buf, "faults %llu (minor %llu major %llu)", (unsigned long long)c->page_faults,
             (unsigned long long)c->minor_faults, (unsigned long long)c->major_faults);
    if (a->width < (int)strlen(buf) + 30) /* room for the others as well */
        snprintf(buf, sizeof buf, "faults %llu", (unsigned long long)c->page_faults);
    int x = add_piece(a, 0, 0, ROLE_NORMAL, buf);
    snprintf(buf, sizeof buf, "invalid %llu", (unsigned long long)c->invalid);
    if (c->invalid) x = add_piece(a, x, 0, ROLE_NORMAL, buf);
    snprintf(buf, sizeof buf, "evictions %llu", (unsigned long long)c->evictions);
    x = add_piece(a, x, 0, ROLE_NORMAL, buf);
    if (c->tlb_hits + c->tlb_misses) {
        snprintf(buf, sizeof buf, "TLB hits %llu/%llu", (unsigned long long)c->tlb_hits,
                 (unsigned long long)c->tlb_hits + c->tlb_misses);
        x = add_piece(a, x, 0, ROLE_NORMAL, buf);
    }
    int y = a->height > 1 ? 1 : 0;
    x = y ? 0 : x;
    say_formula(v->machine, buf, sizeof buf);
    if (add_piece(a, x, y, ROLE_NORMAL, buf) > x) return;
    say_total(v->machine, buf, sizeof buf);
    add_piece(a, x, y, ROLE_NORMAL, buf);
}

const struct pane pane_counters = {
    .name = "counters",
    .title = "Counters",
    .digit = '8',
    .min_width = 18,
    .min_height = 3,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
