/* meaning_kernel.c - the `kernel` mapping of a machine: whose counts it gives, what
 * it keeps free, and how it watches over memory. */
#include "scenario/meaning.h"

#define WINDOW_MAX 1000000u /* references that a working set looks back, at most */
#define LINUX_GUARD_PAGES 256u /* Linux's stack_guard_gap */

static void read_watermarks(struct load *l, const struct tree_watermarks *t, struct machine_config *c) {
    if (!t) return;
    struct value at = value_of(t->low);
    c->free_low = (uint32_t)read_number(l, t->low, "low", 1, UINT32_MAX - 1, 1);
    c->free_high = (uint32_t)read_number(l, t->high, "high", 1, UINT32_MAX - 1, 1);
    if (c->free_low > c->free_high)
        load_error(l, at, "watermarks: low is above high: kswapd wakes below low and works until high are free");
    else if (c->free_high >= c->frames)
        load_error(l, value_of(t->high), "watermarks: high is %u, but the machine has only %u frames", c->free_high, c->frames);
    else if (c->scope == SCOPE_LOCAL)
        load_error(l, at, "watermarks: kswapd takes frames from every process, so they need replacement: {scope: global}");
}

static void read_load_control(struct load *l, const struct tree_kernel *t, struct machine_config *c) {
    c->working_set_window = (uint32_t)read_number(l, t->working_set, "working_set", 1, WINDOW_MAX, 0);
    c->load_control = read_bool(t->load_control, false);
    if (c->load_control && !c->working_set_window)
        load_error(l, value_of(t->load_control), "load_control: it goes by working sets: say how many references they look back, as in working_set: 100");
}

void read_kernel(struct load *l, const struct tree_machine *m, struct machine_config *c) {
    const struct tree_kernel *t = m->kernel;
    c->tables_in_frames = read_choice(RULE_PAGE_TABLES, m->page_tables, 0) == 1;
    if (!t) return;
    c->profile = (enum profile)read_choice(RULE_PROFILE, t->profile, PROFILE_TEXTBOOK);
    c->lazy_clear = read_bool(t->lazy_clear, false);
    c->never_invalidates = !read_bool(t->invalidate, true);
    c->regions_max = (uint32_t)read_number(l, t->max_regions, "max_regions", 1, REGIONS_MAX, REGIONS_MAX);
    read_load_control(l, t, c);
}

/* What needs to know the paging format, or what replacement says. */
void settle_kernel(struct load *l) {
    struct machine_config *c = &l->s->config;
    const struct tree_kernel *t = l->tree->machine ? l->tree->machine->kernel : NULL;
    const struct paging_format *f = &c->format;
    uint64_t most = low_bits(paging_va_bits(f) - f->page_shift) / 64 + 1; /* a small space has little to spare */
    c->guard_pages = c->profile == PROFILE_LINUX ? LINUX_GUARD_PAGES : 1;
    if (c->guard_pages > most) c->guard_pages = (uint32_t)most;
    if (!t) return;
    read_watermarks(l, t->watermarks, c);
    if (!t->guard) return;
    uint64_t bytes = read_size(l, t->guard, 0), page = low_bits(f->page_shift);
    if (bytes & page)
        load_error(l, value_of(t->guard), "guard: %llu is not a multiple of the page size, %llu", (unsigned long long)bytes,
                   (unsigned long long)page + 1);
    else if (bytes >> f->page_shift > UINT32_MAX)
        load_error(l, value_of(t->guard), "guard: %s is larger than any space between regions", value_of(t->guard).text);
    else
        c->guard_pages = (uint32_t)(bytes >> f->page_shift);
}
