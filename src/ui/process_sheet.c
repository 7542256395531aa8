/* process_sheet.c - see process_sheet.h.
 *
 *    addresses          perms pages  RAM swap  name    what is behind it
 *    bfffe000-bfffffff  rw-p      2    1    0  stack   zeros; grows to 16 pages
 *    0804c000-0804ffff  rw-p      4    4    0  heap    zeros
 *
 *    faults    ###.#..     most 3 in 4 references
 *    in RAM    ..++++#     4 pages now
 *
 * perms end in p (private) or s (shared), as in Linux's /proc/PID/maps.
 */
#include "ui/process_sheet.h"

#define COUNTED_PAGES_MAX 65536u /* of a larger region the pages are not counted at each draw */

/* ---- in a word ---- */

static const struct {
    const char *word;
    enum role role;
} states[] = {{"ended", ROLE_DIM}, {"suspended", ROLE_MAJOR}, {"runs", ROLE_CURRENT}, {"ready", ROLE_NORMAL}};
enum { ENDED, SUSPENDED, RUNS, READY };

static int state_of(const struct kernel *k, proc_t p) {
    const struct process *process = &k->process[p];
    if (!process->alive) return ENDED;
    if (process->suspended) return SUSPENDED;
    return p == k->running ? RUNS : READY;
}

const char *process_state(const struct kernel *k, proc_t p) { return states[state_of(k, p)].word; }
enum role process_role(const struct kernel *k, proc_t p) { return states[state_of(k, p)].role; }

/* ---- its numbers ---- */

static void write_memory(struct page_writer *w, const struct sight *s) {
    char bytes[24];
    struct text t = text_in(bytes, sizeof bytes);
    format_size(&t, s->p->table_bytes);
    write_line(w, ROLE_NORMAL, "memory    %u pages in frames; %s of page tables, the root at %llx", s->p->resident, bytes,
               (unsigned long long)s->p->root);
    if (s->p->quota != UINT32_MAX)
        write_line(w, ROLE_NORMAL, "share     %u of the %u frames that it may hold (local replacement)", s->p->held, s->p->quota);
    if (s->p->brk) write_line(w, ROLE_NORMAL, "break     %llx", (unsigned long long)s->p->brk);
}

static void write_set(struct page_writer *w, const struct sight *s) {
    const struct machine_config *c = s->k->config;
    if (!c->working_set_window) return;
    write_line(w, ROLE_NORMAL, "set       %u pages in its last %u references (working set); all together %llu, frames %u",
               machine_working_set(s->m, s->proc), c->working_set_window, (unsigned long long)machine_demand(s->m), c->frames);
}

void write_process(struct page_writer *w, const struct view *v, proc_t p) {
    const struct sight s = sight_at(v, p);
    write_line(w, ROLE_HEADING, "Process %s  pid %u  asid %u  %s", s.p->name, p + 1u, s.p->asid, process_state(s.k, p));
    write_memory(w, &s);
    write_line(w, ROLE_NORMAL, "faults    %llu: %llu minor, %llu major", (unsigned long long)s.p->faults,
               (unsigned long long)s.p->minor, (unsigned long long)s.p->major);
    write_set(w, &s);
}

/* ---- its VMAs ---- */

enum { ADDRESSES, PERMS, PAGES, IN_RAM, IN_SWAP, NAME, BACKING, COLUMNS };

static void choose_columns(const struct sight *s, struct column *c, int width) {
    int digits = va_digits(s->f);
    const struct column all[COLUMNS] = {
        [ADDRESSES] = {.head = "addresses", .width = digits < 8 ? 17 : 2 * digits + 1, .rank = 1},
        [PERMS] = {.head = "perms", .width = 5, .rank = 2},
        [PAGES] = {.head = "pages", .width = 6, .rank = 3, .right = true},
        [IN_RAM] = {.head = "RAM", .width = 5, .rank = 4, .right = true},
        [IN_SWAP] = {.head = "swap", .width = 5, .rank = 5, .right = true},
        [NAME] = {.head = "name", .width = 8, .rank = 0},
        [BACKING] = {.head = "behind it", .width = 26, .rank = 6},
    };
    memcpy(c, all, sizeof all);
    if (columns_fit(c, COLUMNS, width) && c[BACKING].x < 0) { /* a narrower one is better than none */
        c[BACKING].width = 12;
        columns_fit(c, COLUMNS, width);
    }
}

static void say_backing(const struct sight *s, const struct vma *r, struct text *out) {
    const struct file *file = r->file == FILE_NONE ? NULL : &s->k->file[r->file];
    if (r->kind == VMA_KERNEL) text_add(out, "the kernel's");
    else if (file && file->memory) text_add(out, "shared memory");
    else if (file) text_addf(out, "file %s, page %u", file->name, r->file_page);
    else text_add(out, "zeros");
    if (r->floor < r->first) text_addf(out, "; grows to %llu", (unsigned long long)(r->end - r->floor));
    if (r->locked) text_add(out, "; locked");
    if (r->order) text_add(out, "; huge pages");
}

/* How many of the region's pages are in that state; -1: too many to count. */
static long count_state(const struct vma *r, enum page_state state) {
    long n = 0;
    if (r->end - r->first > COUNTED_PAGES_MAX) return -1;
    for (vpn_t vpn = r->first; vpn < r->end; vpn++) n += vma_page_state(r, vpn) == state;
    return n;
}

static void put_count(const struct area *a, const struct column *c, int y, long n) {
    if (n < 0) column_put(a, c, 0, y, ROLE_DIM, "-");
    else column_put(a, c, 0, y, n ? ROLE_NORMAL : ROLE_DIM, "%ld", n);
}

/* First and last address; of the upper half, whose addresses are longer, the first only. */
static void put_addresses(const struct area *a, const struct sight *s, const struct column *c, int y, enum role role, const struct vma *r) {
    vaddr_t first = vpn_to_va(r->first, s->f->page_shift), last = vpn_to_va(r->end, s->f->page_shift) - 1;
    int digits = va_digits(s->f);
    char text[24];
    va_text(s->f, first, text);
    if ((int)strlen(text) - 2 > digits) column_put(a, c, 0, y, role, "%s-", text + 2);
    else column_put(a, c, 0, y, role, "%0*llx-%0*llx", digits, (unsigned long long)first, digits, (unsigned long long)last);
}

static void write_vma(struct page_writer *w, const struct sight *s, const struct column *c, const struct vma *r) {
    char perms[8] = "", backing[80] = "";
    struct text t = text_in(perms, sizeof perms), b = text_in(backing, sizeof backing);
    bool here = s->flight.active && s->flight.proc == s->proc && s->flight.vpn >= r->first && s->flight.vpn < r->end;
    enum role role = pages_changed(s, r->first, r->end) ? ROLE_NOW : here ? ROLE_ADDRESS : ROLE_NORMAL;
    format_perms(&t, r->perms);
    if (r->kind != VMA_KERNEL) text_addc(&t, r->shared ? 's' : 'p');
    say_backing(s, r, &b);
    put_addresses(w->a, s, &c[ADDRESSES], w->y, role, r);
    column_put(w->a, &c[PERMS], 0, w->y, role, "%s", perms);
    column_put(w->a, &c[PAGES], 0, w->y, ROLE_NORMAL, "%llu", (unsigned long long)(r->end - r->first));
    if (r->kind != VMA_KERNEL) put_count(w->a, &c[IN_RAM], w->y, count_state(r, PAGE_RESIDENT));
    if (r->kind != VMA_KERNEL) put_count(w->a, &c[IN_SWAP], w->y, count_state(r, PAGE_SWAPPED));
    column_put(w->a, &c[NAME], 0, w->y, region_role(r->kind), "%s", r->name);
    column_put(w->a, &c[BACKING], 0, w->y, ROLE_NORMAL, "%s", backing);
    w->y++;
}

void write_vmas(struct page_writer *w, const struct view *v, proc_t p) {
    const struct sight s = sight_at(v, p);
    struct column c[COLUMNS];
    if (!s.p->alive) return;
    choose_columns(&s, c, w->a->width);
    columns_head(w->a, c, COLUMNS, 0, w->y++);
    for (uint32_t i = s.p->vma_count; i-- > 0 && w->y < w->a->height;) write_vma(w, &s, c, &s.p->vma[i]);
}

/* ---- its graphs ---- */

enum { LABEL = 10, WORDS = 30 };

/* clang-format off */
static const struct {
    const char *label;
    enum graph_of what;
    enum role role;
} graphs[] = {{"faults", GRAPH_FAULTS, ROLE_MAJOR}, {"in RAM", GRAPH_RESIDENT, ROLE_HIT}, {"set", GRAPH_SET, ROLE_MINOR}};
/* clang-format on */

static void say_graph(const struct graph *g, enum graph_of what, char *buf, size_t size) {
    uint32_t now = g->bar[g->count - 1];
    if (what == GRAPH_FAULTS && g->references == 1) snprintf(buf, size, "one bar a reference");
    else if (what == GRAPH_FAULTS) snprintf(buf, size, "most: %u in %llu references", g->most, (unsigned long long)g->references);
    else snprintf(buf, size, "%u pages, most: %u", now == GRAPH_UNKNOWN ? 0 : now, g->most);
}

void write_graphs(struct page_writer *w, const struct view *v, proc_t p, int height) {
    for (size_t i = 0; i < sizeof graphs / sizeof graphs[0]; i++) {
        struct graph g = graph_of(v->machine, p, graphs[i].what);
        char words[64];
        if (g.count == 0 || (g.most == 0 && graphs[i].what == GRAPH_SET)) continue;
        int room = w->a->width - LABEL - (w->a->width >= 70 ? WORDS : 0), bars = (int)g.count < room ? (int)g.count : room;
        area_text(w->a, 0, w->y + height - 1, ROLE_HEADING, graphs[i].label);
        graph_draw(&g, w->a, LABEL, w->y, room, height, graphs[i].role, g.most);
        say_graph(&g, graphs[i].what, words, sizeof words);
        text_fits(w->a, LABEL + bars + 2, w->y + height - 1, ROLE_DIM, words);
        w->y += height;
    }
}
