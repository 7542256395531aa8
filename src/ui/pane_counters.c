/* pane_counters.c - the counts so far, the effective access time with its
 * formula, and how often the latest steps faulted.
 *
 *    EAT = h (t + m) + (1 - h) (t + m + L m) + what faults add
 *
 *    h  TLB hit rate      t  TLB look-up      m  memory access
 *    L  levels of the page table: a miss reads one PTE each
 *
 * Faults add, per access, the traps and the disk reads and writes that were
 * really made (Silberschatz, 10.2.3, and 9.3.2.1 for the TLB part).
 */
#include "ui/pane_util.h"

/* ---- the formula ---- */

struct eat effective_access_time(const struct machine *m) {
    const struct counters *c = machine_counters(m);
    const struct timing_config *t = &machine_config(m)->timing;
    uint64_t looked = c->tlb_hits + c->tlb_misses;
    struct eat e = {.levels = machine_config(m)->format.levels, .known = c->accesses > 0};
    bool tlb = tlb_ways(machine_hw(m)->tlb) > 0;
    if (!e.known) return e;
    e.hit_rate = looked ? (double)c->tlb_hits / (double)looked : 0.0;
    e.hit_ns = (double)((tlb ? t->tlb : 0) + t->memory);
    e.miss_ns = e.hit_ns + (double)e.levels * (double)t->memory;
    double traps = (double)(c->page_faults + c->invalid) * (double)t->trap;
    double disk = (double)(c->swap_reads + c->file_reads) * (double)t->disk_read +
                  (double)c->swap_writes * (double)t->disk_write;
    e.fault_ns = (traps + disk) / (double)c->accesses;
    e.total_ns = e.hit_rate * e.hit_ns + (1.0 - e.hit_rate) * e.miss_ns + e.fault_ns;
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
    char faults[32], total[32];
    say_ns(faults, sizeof faults, e.fault_ns);
    say_ns(total, sizeof total, e.total_ns);
    if (!e.known)
        snprintf(buf, size, "EAT -");
    else if (tlb_ways(machine_hw(m)->tlb) == 0)
        snprintf(buf, size, "EAT %.0f + faults %s = %s", e.miss_ns, faults, total);
    else {
        int digits = e.hit_rate > 0.99 && e.hit_rate < 1.0 ? 4 : 2;
        snprintf(buf, size, "EAT %.*fx%.0f + %.*fx%.0f + faults %s = %s", digits, e.hit_rate, e.hit_ns,
                 digits, 1.0 - e.hit_rate, e.miss_ns, faults, total);
    }
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
        uint64_t faults = history_faults_between(v->history, first, end), size = end - first;
        unsigned level = size ? (unsigned)((faults * 7 + size - 1) / size) : 0;
        area_glyph(a, x + (int)i, y, faults ? ROLE_MAJOR : ROLE_HIT,
                   (enum glyph)(GLYPH_BAR_1 + (level > 7 ? 7 : level)));
    }
}

/* ---- the counts ---- */

#define AT(member) offsetof(struct counters, member)
/* What is worth a line, in the order of importance, with an indent for parts of the line above. */
/* clang-format off */
static const struct shown {
    size_t offset; /* in struct counters */
    const char *label;
    int indent;
} shown[] = {
    {AT(accesses), "accesses", 0},          {AT(tlb_hits), "TLB hits", 0},         {AT(tlb_misses), "TLB misses", 0},
    {AT(page_faults), "page faults", 0},    {AT(minor_faults), "minor", 1},        {AT(major_faults), "major", 1},
    {AT(page_faults_after_full), "when full", 1}, {AT(invalid), "invalid", 0},     {AT(evictions), "evictions", 0},
    {AT(evictions_clean), "clean", 1},      {AT(swap_writes), "swap writes", 0},   {AT(swap_reads), "swap reads", 0},
    {AT(file_reads), "file reads", 0},      {AT(zero_fills), "zero fills", 0},     {AT(walk_reads), "PTEs read", 0},
    {AT(reads), "reads", 1},                {AT(writes), "writes", 1},             {AT(fetches), "fetches", 1},
    {AT(minor_zero), "minor-zero", 1},      {AT(minor_map), "minor-map", 1},       {AT(minor_growth), "minor-growth", 1},
    {AT(minor_cow), "minor-cow", 1},        {AT(major_swap), "major-swap", 1},     {AT(major_file), "major-file", 1},
    {AT(segv_map), "segv-map", 1},          {AT(segv_access), "segv-access", 1},   {AT(context_switches), "switches", 0},
    {AT(tlb_flushes), "TLB flushes", 0},
};
/* clang-format on */
enum { SHOWN = sizeof shown / sizeof shown[0], LABEL_WIDTH = 13 };

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
    area_printf(a, x + shown[i].indent, y, role, "%s", shown[i].label);
    area_printf(a, x + LABEL_WIDTH, y, role, "%*llu", width, (unsigned long long)n);
}

/* The formula and the bars; returns the rows taken at the bottom. */
static int draw_rates(const struct view *v, const struct area *a) {
    char formula[160];
    int rows, y;
    if (a->height < 4) return 0;
    say_formula(v->machine, formula, sizeof formula);
    rows = wrap_rows(a, a->width, formula) + 1;
    y = a->height - rows;
    if (rows > a->height / 2) return 0;
    wrap_at(a, 0, y, a->width, ROLE_HEADING, formula);
    int x = area_text(a, 0, a->height - 1, ROLE_HEADING, a->width >= 30 ? "faults per step " : "faults ");
    draw_bars(v, a, x, a->height - 1, a->width - x);
    return rows;
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    int rows = a->height - draw_rates(v, a), width = value_width(v), group = LABEL_WIDTH + width + 2;
    int groups = (a->width + 2) / group;
    if (groups < 1) groups = 1;
    struct list l = list_pages(st, SHOWN, -1, rows * groups);
    struct area body = area_sub(a, 0, 0, a->width, rows);
    for (int i = 0; i < l.rows && l.first + i < SHOWN && rows > 0; i++) {
        int x = i / rows * group, y = i % rows;
        if (x + LABEL_WIDTH + width <= a->width)
            draw_count(v, &body, x, y, l.first + i, width);
        else
            area_printf(&body, x, y, ROLE_NORMAL, "%llu", (unsigned long long)value_of(v, l.first + i));
        if (focused && l.first + i == st->cursor) row_select(&body, x, y, group - 2);
    }
    list_marks(&body, &l, 0);
}

static int items(const struct view *v) {
    (void)v;
    return SHOWN;
}

static int hot_item(const struct view *v) {
    (void)v;
    return -1;
}

static void detail(const struct view *v, int item, const struct area *a) {
    struct page_writer w = {a, 0};
    char formula[160], time[32];
    if (item < 0 || item >= SHOWN) return;
    const struct counter_info *info = info_of(item);
    const struct counters *c = machine_counters(v->machine);
    const struct timing_config *t = &machine_config(v->machine)->timing;
    write_line(&w, ROLE_HEADING, "%s: %llu", info->name, (unsigned long long)counter_value(c, info));
    write_line(&w, ROLE_NORMAL, "%s", info->what);
    w.y++;
    say_formula(v->machine, formula, sizeof formula);
    write_line(&w, ROLE_HEADING, "Effective access time");
    write_line(&w, ROLE_NORMAL, "h (t + m) + (1 - h) (t + m + L m) + faults");
    write_line(&w, ROLE_NORMAL, "%s", formula);
    write_line(
        &w, ROLE_DIM,
        "TLB look-up %llu ns, memory %llu ns, %u level(s), trap %llu ns, disk read %llu ns, write %llu ns",
        (unsigned long long)t->tlb, (unsigned long long)t->memory, machine_config(v->machine)->format.levels,
        (unsigned long long)t->trap, (unsigned long long)t->disk_read, (unsigned long long)t->disk_write);
    if (!c->accesses) return;
    say_ns(time, sizeof time, (double)c->time_ns / (double)c->accesses);
    write_line(&w, ROLE_NORMAL, "measured: %s an access (also counts setting A and D, restarts and switches)",
               time);
}

static bool matches(const struct view *v, int item, const char *needle) {
    (void)v;
    return item >= 0 && item < SHOWN &&
           (holds_word(shown[item].label, needle) || holds_word(info_of(item)->name, needle));
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
