/* page_use.c - see page_use.h. Invariant: pages[c] counts the pages whose entry in `seen` was set to
 * c + 1 when it was something else. */
#include "vmscope/sim/page_use.h"

#define NO_PAGE UINT64_MAX

static void forget_last(struct page_use *u) { u->last[0] = u->last[1] = NO_PAGE; }

void page_use_begin(struct page_use *u, uint64_t from, uint64_t scale, unsigned cells) {
    page_use_end(u);
    *u = (struct page_use){.from = from, .scale = scale, .running = PROC_NONE};
    u->cells = cells < PAGE_USE_CELLS ? cells : PAGE_USE_CELLS;
    forget_last(u);
}

void page_use_end(struct page_use *u) {
    map64_free(&u->seen);
    free(u->buffer);
    *u = (struct page_use){0};
}

/* One number for a page of a process, or of a mapping that a program gave a name to. Page numbers of
 * user programs leave the upper 16 bits free, and those of kernels are all ones there. */
static uint64_t page_of(const struct page_use *u, const struct step *s, vaddr_t va, unsigned page_shift) {
    uint64_t owner = (uint64_t)(uint16_t)(u->running + 1) << 48 ^ (uint64_t)s->name << 32;
    return va_to_vpn(va, page_shift) ^ owner;
}

static bool use(struct page_use *u, uint64_t page, unsigned cell, unsigned kind) {
    if (page == u->last[kind]) return true;
    u->last[kind] = page;
    uint32_t *at = map64_get(&u->seen, page);
    if (at && *at == cell + 1) return true;
    u->pages[cell]++;
    if (!at) return map64_put(&u->seen, page, cell + 1);
    *at = cell + 1;
    return true;
}

static bool use_step(struct page_use *u, const struct step *s, unsigned cell, unsigned page_shift) {
    bool runs = s->kind == STEP_ACCESS || s->kind == STEP_SWITCH;
    if (runs && s->proc != PROC_NONE) u->running = s->proc;
    if (s->kind != STEP_ACCESS) return true;
    unsigned kind = s->op == ACCESS_FETCH;
    vaddr_t end = s->va + (s->flags & STEP_NO_SPLIT || s->size == 0 ? 0 : s->size - 1u);
    uint64_t first = page_of(u, s, s->va, page_shift), last = page_of(u, s, end, page_shift);
    return use(u, first, cell, kind) && (last == first || use(u, last, cell, kind));
}

/* Steps of one span and one cell. */
static bool use_steps(struct page_use *u, const struct step *s, size_t n, unsigned cell, unsigned page_shift) {
    bool good = true;
    for (size_t i = 0; good && i < n; i++) good = use_step(u, &s[i], cell, page_shift);
    u->done += n;
    return good;
}

bool page_use_more(struct page_use *u, const struct step_source *steps, unsigned page_shift, uint64_t end, uint64_t most) {
    uint64_t last = u->from + u->scale * u->cells, at = page_use_counted(u);
    if (end > last) end = last;
    if (end > steps->count) end = steps->count;
    if (end > at && end - at > most) end = at + most;
    if (at < end && !u->buffer) u->buffer = mem_zalloc(STEP_SPAN, sizeof *u->buffer);
    bool good = at >= end || u->buffer;
    while (good && (at = page_use_counted(u)) < end) {
        size_t count = 0;
        const struct step *s = step_span(steps, at, u->buffer, &count);
        uint64_t in_cell = u->scale - u->done % u->scale, n = end - at;
        if (n > in_cell) n = in_cell;
        if (n > count) n = count;
        if (u->done % u->scale == 0) forget_last(u);
        good = s && use_steps(u, s, (size_t)n, (unsigned)(u->done / u->scale), page_shift);
    }
    return good;
}
