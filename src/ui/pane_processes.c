/* pane_processes.c - the processes: who runs, who waits, how much memory each has.
 *
 *      pid name  state      RAM  faults  major  set  faults over time
 *    >   1 A     runs         4       6      0    3  ##..#....
 *        2 B     suspended    0       4      2    4  .###
 *
 * '>' marks the one that runs, '*' those that the last event was about, '=' the one whose address
 * space is shown though it does not run. Where the pane is large, all about the process under
 * the cursor stands below: its VMAs and its graphs.
 */
#include "ui/process_sheet.h"

enum { MARK, PID, NAME, STATE, IN_RAM, FAULTS, MAJOR, SET, SHARE, GRAPH, COLUMNS };
enum { GRAPH_LEAST = 8, STATE_SHORT = 5 };

/* ---- which processes ---- */

/* Those that were born, in the order of their numbers: the item-th of them, or PROC_NONE. */
static proc_t process_of(const struct kernel *k, int item) {
    for (uint32_t p = 0; item >= 0 && p < k->process_count; p++)
        if (k->process[p].born && item-- == 0) return (proc_t)p;
    return PROC_NONE;
}

static int count_born(const struct kernel *k) {
    int n = 0;
    for (uint32_t p = 0; p < k->process_count; p++) n += k->process[p].born;
    return n;
}

static int item_of(const struct kernel *k, proc_t of) {
    int item = 0;
    for (uint32_t p = 0; p < of && p < k->process_count; p++) item += k->process[p].born;
    return item;
}

proc_t process_under_cursor(const struct view *v, const struct pane_state *st) { return process_of(machine_kernel(v->machine), st->cursor); }

/* ---- a line ---- */

static int name_width(const struct kernel *k) {
    size_t longest = 1;
    for (uint32_t p = 0; p < k->process_count && p < 64; p++)
        if (strlen(k->process[p].name) > longest) longest = strlen(k->process[p].name);
    return longest > 10 ? 10 : (int)longest;
}

static void choose_columns(const struct sight *s, struct column *c, int width) {
    const struct machine_config *m = s->k->config;
    int pages = decimal_digits(m->frames), faults = decimal_digits(machine_counters(s->m)->page_faults);
    const struct column all[COLUMNS] = {
        [MARK] = {.head = "", .width = 1, .rank = 0},
        [PID] = {.head = "pid", .width = 3, .rank = 7, .right = true},
        [NAME] = {.head = "", .width = name_width(s->k), .rank = 0},
        [STATE] = {.head = "state", .width = width >= 40 ? 9 : STATE_SHORT, .rank = 1},
        [IN_RAM] = {.head = "RAM", .width = column_width("RAM", pages), .rank = 2, .right = true},
        [FAULTS] = {.head = width >= 40 ? "faults" : "flts", .width = column_width(width >= 40 ? "faults" : "flts", faults), .rank = 3, .right = true},
        [MAJOR] = {.head = "major", .width = column_width("major", faults), .rank = 5, .right = true},
        [SET] = {.head = "set", .width = m->working_set_window ? column_width("set", pages) : 0, .rank = 4, .right = true},
        [SHARE] = {.head = "share", .width = m->scope == SCOPE_LOCAL ? column_width("share", 2 * pages + 1) : 0, .rank = 4, .right = true},
        [GRAPH] = {.head = "faults over time", .width = GRAPH_LEAST, .rank = 8},
    };
    memcpy(c, all, sizeof all);
    columns_fit(c, COLUMNS, width);
    if (c[GRAPH].x >= 0) c[GRAPH].width = width - c[GRAPH].x;
    if (c[GRAPH].width < (int)strlen(c[GRAPH].head)) c[GRAPH].head = "faults";
}

/* Is the last event about this process, so that its line is to be lit? */
static bool is_about(const struct sight *s, proc_t p) {
    static const bool about[EV_COUNT] = {
        [EV_FORK] = true, [EV_FORK_DONE] = true, [EV_SWITCH] = true, [EV_EXITED] = true, [EV_FRAMES_FREED] = true,
        [EV_EXEC_LEAVE] = true, [EV_EXEC] = true, [EV_SUSPEND] = true, [EV_SUSPENDED] = true, [EV_RESUME] = true,
        [EV_CONTROL_OUT] = true, [EV_CONTROL_IN] = true, [EV_PTE_WRITE] = true, [EV_SIGSEGV] = true, [EV_OOM] = true,
    };
    bool loses = touches(s, TOUCH_OLD_PAGE) && s->last->old_proc == p;
    return (about[s->last->kind] && s->last->proc == p) || loses;
}

static void put_share(const struct area *a, const struct column *c, int y, enum role role, const struct process *p) {
    if (p->quota != UINT32_MAX) column_put(a, c, 0, y, role, "%u/%u", p->held, p->quota);
}

/* The most faults in one bucket, of all processes: so that their graphs have one scale. */
static uint32_t most_faults(const struct sight *s) {
    uint32_t most = 0;
    for (uint32_t p = 0; p < s->k->process_count && p < PACE_PROCESSES; p++) {
        struct graph g = graph_of(s->m, (proc_t)p, GRAPH_FAULTS);
        if (g.most > most) most = g.most;
    }
    return most;
}

static void draw_process(const struct view *v, const struct sight *s, const struct area *a, const struct column *c, int y, proc_t p) {
    const struct process *process = &s->k->process[p];
    bool shown = v->looking && (v->looking->shown == p || v->looking->beside == p), lit = is_about(s, p);
    enum role state = process_role(s->k, p), role = lit ? ROLE_NOW : process->alive ? ROLE_NORMAL : ROLE_DIM;
    if (lit) area_role(a, 0, y, a->width, 1, ROLE_NOW);
    column_put(a, &c[MARK], 0, y, lit ? ROLE_NOW : ROLE_CURRENT, "%s", p == s->k->running && process->alive ? ">" : lit ? "*" : shown ? "=" : "");
    column_put(a, &c[PID], 0, y, role, "%u", p + 1u);
    column_put(a, &c[NAME], 0, y, role, "%s", process->name);
    column_put(a, &c[STATE], 0, y, lit ? ROLE_NOW : state, "%s", process_state(s->k, p));
    column_put(a, &c[IN_RAM], 0, y, role, "%u", process->resident);
    column_put(a, &c[FAULTS], 0, y, role, "%llu", (unsigned long long)process->faults);
    column_put(a, &c[MAJOR], 0, y, role, "%llu", (unsigned long long)process->major);
    column_put(a, &c[SET], 0, y, role, "%u", machine_working_set(s->m, p));
    put_share(a, &c[SHARE], y, role, process);
    struct graph g = graph_of(s->m, p, GRAPH_FAULTS);
    if (c[GRAPH].x >= 0) graph_draw(&g, a, c[GRAPH].x, y, c[GRAPH].width, 1, ROLE_MAJOR, most_faults(s));
}

/* ---- below the list ---- */

enum { BELOW_LEAST = 6 };

/* All about the process under the cursor, where there is room for it. */
static void draw_below(const struct view *v, const struct area *a, proc_t p) {
    struct page_writer w = {a, 0};
    const struct kernel *k = machine_kernel(v->machine);
    if (p == PROC_NONE || a->height < BELOW_LEAST) return;
    write_line(&w, ROLE_HEADING, "%s: %s", k->process[p].name, k->process[p].alive ? "its VMAs" : "it has ended");
    write_vmas(&w, v, p);
    w.y++;
    int left = a->height - w.y, height = left >= 9 ? 3 : left >= 6 ? 2 : 1;
    if (left > 0) write_graphs(&w, v, p, height);
}

/* Is the sum of the working sets more than memory? In words; "" where sets are not kept. */
static void say_demand(const struct sight *s, struct text *out) {
    uint64_t demand = machine_demand(s->m);
    uint32_t frames = s->k->config->frames;
    if (!s->k->config->working_set_window) return;
    text_addf(out, "sets %llu %s %u frames%s", (unsigned long long)demand, demand > frames ? ">" : "of", frames,
              demand > frames ? "  THRASHING" : "");
}

static int hot_of(const struct kernel *k) { return item_of(k, k->running); }

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    const struct sight s = sight_of(v);
    struct column c[COLUMNS];
    int n = count_born(s.k), head = a->height > n || (a->height < n && a->height > 3) ? 1 : 0;
    int rows = a->height - head;
    bool below = rows - n - 1 >= BELOW_LEAST;
    if (below) rows = n;
    struct list l = list_place(st, n, hot_of(s.k), rows);
    choose_columns(&s, c, a->width - (n > rows ? 2 : 0));
    if (head) columns_head(a, c, COLUMNS, 0, 0);
    for (int i = 0; i < rows && l.first + i < n; i++) {
        draw_process(v, &s, a, c, head + i, process_of(s.k, l.first + i));
        if (focused && l.first + i == st->cursor) row_select(a, 0, head + i, a->width);
    }
    struct area rest = area_sub(a, 0, head + rows + 1, a->width, a->height - head - rows - 1);
    if (below) draw_below(v, &rest, process_of(s.k, st->cursor));
    list_marks(a, &l, head);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    if (s.k->suspended) text_addf(out, "%u suspended%s", s.k->suspended, s.k->config->working_set_window ? "  " : "");
    say_demand(&s, out);
}

/* A line each and one for the headings, where there can be several. */
static int rows(const struct view *v) {
    const struct machine_config *c = machine_config(v->machine);
    size_t n = c->process_count + c->fork_count;
    return n < 2 ? PANE_NOT_NEEDED : n > 4 ? 5 : (int)n + 1;
}

static int items(const struct view *v) { return count_born(machine_kernel(v->machine)); }
static int hot_item(const struct view *v) { return hot_of(machine_kernel(v->machine)); }

static void detail(const struct view *v, int item, const struct area *a) {
    struct page_writer w = {a, 0};
    proc_t p = process_of(machine_kernel(v->machine), item);
    if (p == PROC_NONE) return;
    write_process(&w, v, p);
    w.y++;
    write_vmas(&w, v, p);
    w.y++;
    write_graphs(&w, v, p, 2);
}

static bool matches(const struct view *v, int item, const char *needle) {
    const struct kernel *k = machine_kernel(v->machine);
    proc_t p = process_of(k, item);
    return p != PROC_NONE && (holds_word(k->process[p].name, needle) || holds_word(process_state(k, p), needle));
}

const struct pane pane_processes = {
    .name = "processes",
    .title = "Processes",
    .digit = '0',
    .min_width = 12,
    .min_height = 2,
    .heading = heading,
    .rows = rows,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
