/* trace_index.c - what a trace's groups of references come to (see step.h), found once for a size of page.
 *
 * A group's pages are in use[] in the order of their first reference while it is read;
 * a reference finds its page by the low bits of the page's number, where most
 * pages of a group have a place of their own.
 */
#include "scenario/trace_index.h"

#include "vmscope/base/memory.h"

#define PLACES 64 /* for a page's low bits */

/* Counters of each page: neighbours in time add to different ones, so that none waits for the other. */
#define LANES 4

/* A group being read. Counters hold a byte for each kind. */
struct grouping {
    vpn_t vpn[STEP_GROUP_PAGES];
    uint8_t last[STEP_GROUP_PAGES], turn[STEP_GROUP_PAGES]; /* as in struct step_use */
    uint32_t count[LANES][STEP_GROUP_PAGES];
    unsigned pages, turns;
    uint8_t place[PLACES]; /* which page it may be */
    bool crosses;
};

#define NO_PAGE STEP_GROUP_PAGES

/* The page is not in its place: seek it, or add it. NO_PAGE: it is one too many. */
static unsigned seek_page(struct grouping *g, vpn_t vpn) {
    unsigned i = 0;
    while (i < g->pages && g->vpn[i] != vpn) i++;
    if (i == STEP_GROUP_PAGES) return NO_PAGE;
    if (i == g->pages) g->vpn[g->pages++] = vpn;
    g->place[vpn % PLACES] = (uint8_t)i;
    return i;
}

static inline unsigned find_page(struct grouping *g, vpn_t vpn) {
    unsigned i = g->place[vpn % PLACES];
    return i < g->pages && g->vpn[i] == vpn ? i : seek_page(g, vpn);
}

/* False: it has too many pages. */
static inline bool read_group(struct grouping *g, const struct step_ref *ref, size_t n, unsigned shift) {
    const uint64_t in_page = low_bits(shift);
    uint64_t beyond = 0; /* of any reference's last byte: how far it is from its page's begin, without the
                            bits in the page */
    unsigned turns = 0;
    vpn_t before = ~(ref[0].va >> shift);
    memset(g->count, 0, sizeof g->count);
    g->pages = 0;
    for (size_t i = 0; i < n; i++) {
        vpn_t vpn = ref[i].va >> shift;
        unsigned page = find_page(g, vpn);
        if (page == NO_PAGE) return false;
        turns += vpn != before;
        before = vpn;
        g->last[page] = (uint8_t)i;
        g->turn[page] = (uint8_t)turns;
        g->count[i % LANES][page] += (uint32_t)1 << 8 * ref[i].op;
        beyond |= ((ref[i].va & in_page) + ref[i].size - 1) & ~in_page;
    }
    g->turns = turns;
    g->crosses = beyond != 0;
    return true;
}

static struct step_use use_of(const struct grouping *g, unsigned i, uint8_t by_kind[ACCESS_KINDS]) {
    struct step_use use = {.vpn = g->vpn[i], .last = g->last[i], .turn = g->turn[i]};
    uint32_t count = g->count[0][i] + g->count[1][i] + g->count[2][i] + g->count[3][i];
    for (unsigned op = 0; op < ACCESS_KINDS; op++) {
        uint8_t times = (uint8_t)(count >> 8 * op);
        by_kind[op] = (uint8_t)(by_kind[op] + times);
        use.times = (uint8_t)(use.times + times);
        use.ops |= (uint8_t)((times > 0) << op);
    }
    return use;
}

/* The group's pages by last use to `to`, and what it comes to. */
static void write_group(const struct grouping *g, struct step_use *to, struct step_group *out) {
    uint8_t who[STEP_GROUP];
    uint64_t lasts = 0; /* bit i: reference i is a page's last one */
    for (unsigned i = 0; i < g->pages; i++) {
        who[g->last[i]] = (uint8_t)i;
        lasts |= (uint64_t)1 << g->last[i];
    }
    for (; lasts; lasts &= lasts - 1) {
        unsigned i = who[__builtin_ctzll(lasts)];
        if (i == 0) out->opens = out->pages;
        to[out->pages++] = use_of(g, i, out->by_kind);
    }
    out->turns = (uint8_t)g->turns;
    out->crosses = g->crosses;
}

static void count_kinds(const struct step_ref *ref, size_t n, struct step_group *out) {
    for (size_t i = 0; i < n; i++) out->by_kind[ref[i].op]++;
}

uint32_t trace_sum_up(const struct step_ref *ref, size_t n, unsigned shift, struct step_use *use,
                      struct step_group *out) {
    struct grouping g;
    *out = (struct step_group){.first = out->first, .steps = (uint8_t)n};
    memset(g.place, 0, sizeof g.place);
    if (read_group(&g, ref, n, shift))
        write_group(&g, use, out);
    else
        count_kinds(ref, n, out);
    return out->pages;
}

/* A block's index, in *x, which has room for all uses; returns how many there are. */
static uint32_t read_block(const uint8_t *packed, size_t held, unsigned shift, struct trace_index *x) {
    struct step_ref ref[STEP_GROUP];
    struct trace_mark mark = {0, 0, 0, 0};
    uint32_t uses = 0;
    for (size_t i = 0; i * STEP_GROUP < held; i++) {
        size_t n = held - i * STEP_GROUP < STEP_GROUP ? held - i * STEP_GROUP : STEP_GROUP;
        x->mark[i] = mark;
        x->group[i].first = uses;
        trace_unpack_refs(packed, held, &mark, ref, n);
        uses += trace_sum_up(ref, n, shift, x->use + uses, &x->group[i]);
    }
    return uses;
}

static uint64_t blocks_of(const struct trace *t) { return (t->count + STEP_SPAN - 1) / STEP_SPAN; }

void trace_index_free(struct trace *t) {
    for (uint64_t i = 0; t->index && i < blocks_of(t); i++) free(t->index[i]);
    free(t->index);
    t->index = NULL;
    t->index_bytes = 0;
}

static enum vs_status make_index(struct trace *t, struct trace_index *room) {
    for (uint64_t i = 0; i < blocks_of(t); i++) {
        uint32_t uses = read_block(t->block[i], trace_block_held(t, i), t->index_shift, room);
        size_t size = sizeof *room + uses * sizeof *room->use;
        bool fits = t->bytes + t->index_bytes + size <= t->budget;
        t->index[i] = fits ? mem_copy(room, size, 1) : NULL;
        if (!t->index[i]) return VS_NOMEM;
        t->index_bytes += size;
    }
    return VS_OK;
}

enum vs_status trace_index(struct trace *t, unsigned page_shift) {
    if (page_shift < 1 || page_shift > 63) return VS_LIMIT;
    if (t->index && t->index_shift == page_shift) return VS_OK;
    struct trace_index *room =
        mem_zalloc(1, sizeof *room + (size_t)TRACE_GROUPS * STEP_GROUP_PAGES * sizeof *room->use);
    trace_index_free(t);
    t->index = mem_zalloc((size_t)blocks_of(t) + 1, sizeof *t->index);
    t->index_shift = page_shift;
    enum vs_status status = room && t->index ? make_index(t, room) : VS_NOMEM;
    if (status != VS_OK) trace_index_free(t);
    free(room);
    return status;
}

uint64_t trace_groups(const struct trace *t, uint64_t at, unsigned page_shift, struct step_groups *out) {
    if (!t->index || t->index_shift != page_shift || at >= t->count) return UINT64_MAX;
    size_t in_block = (size_t)(at % STEP_SPAN), in_group = in_block % STEP_GROUP;
    if (in_group) return STEP_GROUP - in_group;
    const struct trace_index *x = t->index[at / STEP_SPAN];
    out->group = &x->group[in_block / STEP_GROUP];
    out->use = x->use;
    out->count = (trace_block_held(t, at / STEP_SPAN) - in_block + STEP_GROUP - 1) / STEP_GROUP;
    return 0;
}
