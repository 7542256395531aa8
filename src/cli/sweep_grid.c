/* sweep_grid.c - from the lists of the command line to cells that can be run. */
#include "cli/cli.h"
#include "cli/progress.h"
#include "vmscope/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define FEW_PAGES 64   /* up to so many pages, every number of frames is looked at */
#define CHECK_ALL 4096 /* of more numbers of frames, only the first and last are tried before any is run */

/* ---- the machine of a cell ---- */

static struct sweep_shape shape_of(const struct machine_config *c) {
    if (c->tlb_fetch.entries || c->tlb_second.entries) return (struct sweep_shape){SHAPE_OWN, 0};
    if (!c->tlb.entries) return (struct sweep_shape){0, 0};
    return (struct sweep_shape){c->tlb.entries / c->tlb.ways, c->tlb.ways};
}

/* One TLB of that shape in place of all that the file has. */
static void set_shape(struct machine_config *c, struct sweep_shape shape) {
    c->tlb.ways = shape.ways ? shape.ways : 1;
    c->tlb.entries = shape.sets * shape.ways;
    c->tlb_fetch.entries = c->tlb_second.entries = 0;
    c->tlb_inclusive = false;
    if (!c->tlb.entries) c->software_refill = false;
}

struct machine_config sweep_config(const struct scenario *from, const struct sweep_cell *cell) {
    struct machine_config c = from->config;
    struct sweep_shape own = shape_of(&c);
    c.frames = c.policy.frames = cell->frames;
    c.policy.name = policy_table[cell->policy]->name;
    c.seed = c.tlb.seed = c.tlb_fetch.seed = c.tlb_second.seed = c.policy.seed = cell->seed;
    if (own.sets != cell->tlb.sets || own.ways != cell->tlb.ways) set_shape(&c, cell->tlb);
    return c;
}

/* ---- which numbers of frames? ---- */

/* Pages that accesses name: what more frames than that cannot help. Addresses that depend on calls are left out.
 * After Ctrl-C there will be no run that asks for more of them. */
static uint64_t count_pages(const struct scenario *from) {
    struct step *buffer = mem_zalloc(STEP_SPAN, sizeof *buffer);
    struct map64 seen = {0};
    unsigned shift = from->config.format.page_shift;
    proc_t running = 0;
    vpn_t last = UINT64_MAX;
    size_t count = 0;
    bool good = buffer;
    progress_begin("counting pages");
    for (uint64_t at = 0; good && at < from->steps->count && progress_tell(at, from->steps->count); at += count) {
        const struct step *span = step_span(from->steps, at, buffer, &count);
        for (size_t i = 0; span && good && i < count; i++) {
            if (span[i].proc != PROC_NONE && span[i].proc != running) running = span[i].proc, last = UINT64_MAX;
            vpn_t vpn = va_to_vpn(span[i].va, shift);
            if (span[i].kind != STEP_ACCESS || vpn == last) continue;
            last = vpn;
            good = map64_put(&seen, (vpn ^ (uint64_t)running << 52) & (UINT64_MAX >> 1), 1);
        }
        if (!span) break;
    }
    progress_end();
    uint64_t pages = seen.used;
    map64_free(&seen);
    free(buffer);
    return pages > UINT32_MAX / 4 ? UINT32_MAX / 4 : pages ? pages : 1;
}

/* All of a few; else 1, 2, 4... up to a power of two that holds all pages. */
static void default_frames(const struct scenario *from, double sample, struct sweep_list *out) {
    uint64_t pages = count_pages(from), n = 1;
    *out = (struct sweep_list){.count = 0};
    if (pages <= FEW_PAGES && sample == 0) {
        out->range[out->count++] = (struct sweep_range){1, pages};
        return;
    }
    while (sample > 0 && (double)n * sample < 8) n *= 2; /* smaller machines would be too coarse */
    do out->range[out->count++] = (struct sweep_range){n, n};
    while (n < pages && (n *= 2) != 0);
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The numbers of a list, ascending, each once. *count of them, or NULL: no memory. */
static uint64_t *numbers(const struct sweep_list *list, size_t *count) {
    void *all = NULL;
    size_t cap = 0, n = 0;
    for (size_t r = 0; r < list->count; r++) {
        uint64_t many = list->range[r].last - list->range[r].first + 1;
        if (!mem_grow(&all, &cap, n + many, sizeof(uint64_t))) {
            free(all);
            return NULL;
        }
        for (uint64_t i = 0; i < many; i++) ((uint64_t *)all)[n++] = list->range[r].first + i;
    }
    uint64_t *sorted = all;
    *count = 0;
    if (!sorted) return mem_zalloc(0, 1);
    qsort(sorted, n, sizeof *sorted, by_value);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || sorted[i] != sorted[*count - 1]) sorted[(*count)++] = sorted[i];
    return sorted;
}

/* ---- cells ---- */

/* What the axes are for this scenario. */
struct axes {
    uint64_t *frames, *seeds;
    size_t frames_count, seeds_count, policies;
    struct sweep_shape tlb[SWEEP_TLBS_MAX];
    size_t tlbs;
    uint32_t first_shard, last_shard; /* 0, 0: none */
    bool frames_given;
};

static bool chosen(const struct sweep_options *o, size_t policy) {
    for (size_t i = 0; i < SWEEP_POLICIES_MAX; i++)
        if (o->policy[i]) return o->policy[policy];
    return true; /* none was named: all */
}

static bool make_axes(struct axes *x, const struct sweep_options *o, const struct scenario *from) {
    struct sweep_list frames = o->frames, seeds = o->seeds;
    if (!frames.count) default_frames(from, o->sample, &frames);
    if (!seeds.count) seeds = (struct sweep_list){.range = {{from->config.seed, from->config.seed}}, .count = 1};
    *x = (struct axes){.tlb = {shape_of(&from->config)}, .tlbs = 1, .frames_given = o->frames.count > 0};
    x->first_shard = o->shards > 1 ? (o->shard ? o->shard : 1) : 0;
    x->last_shard = o->shards > 1 ? (o->shard ? o->shard : o->shards) : 0;
    if (o->tlbs) memcpy(x->tlb, o->tlb, sizeof x->tlb);
    if (o->tlbs) x->tlbs = o->tlbs;
    for (size_t p = 0; p < SWEEP_POLICIES_MAX && policy_table[p]; p++) x->policies += chosen(o, p);
    x->frames = numbers(&frames, &x->frames_count);
    x->seeds = numbers(&seeds, &x->seeds_count);
    return x->frames && x->seeds;
}

/* Can machines with so many frames be built, whatever their TLB? */
static bool can_be_built(const struct axes *x, const struct scenario *from, uint64_t frames, double sample, struct diag *why) {
    for (size_t t = 0; t < x->tlbs; t++) {
        struct sweep_cell cell = {.tlb = x->tlb[t], .frames = (uint32_t)frames};
        struct machine_config c = sweep_config(from, &cell);
        if (sample > 0) sweep_scale(&c, sample);
        if (machine_config_check(&c, why) == 0) return false;
    }
    return true;
}

/* What forbids a number of frames forbids all below it, or all above. Of default numbers those that cannot be built are left out; if all, the file's own is taken. */
static int check_machines(struct axes *x, const struct sweep *s, const struct scenario *from, double sample) {
    struct diag why = {.text = ""};
    size_t kept = 0;
    uint64_t bad = 0;
    for (size_t f = 0; f < x->frames_count; f++) {
        bool between = x->frames_count > CHECK_ALL && f > 0 && f + 1 < x->frames_count;
        if (between || can_be_built(x, from, x->frames[f], sample, &why)) x->frames[kept++] = x->frames[f];
        else bad = bad ? bad : x->frames[f];
        if (bad && x->frames_given) break;
    }
    if (kept == 0 && !x->frames_given) {
        bad = x->frames[kept++] = from->config.frames;
        if (can_be_built(x, from, bad, sample, &why)) bad = 0;
    } else if (!x->frames_given) {
        bad = 0;
    }
    x->frames_count = kept;
    if (bad) complain("%s: with %llu frames: %s", s->file, (unsigned long long)bad, why.text);
    return bad ? EXIT_INPUT : EXIT_GOOD;
}

/* All frames of what `like` says. */
static int add_series(struct sweep *s, const struct axes *x, struct sweep_cell like) {
    for (size_t f = 0; f < x->frames_count; f++) {
        struct sweep_cell *c = sweep_add(s);
        if (!c) {
            complain("out of memory");
            return EXIT_INPUT;
        }
        *c = like;
        c->frames = (uint32_t)x->frames[f];
    }
    return EXIT_GOOD;
}

static int add_policy(struct sweep *s, const struct axes *x, unsigned policy, struct sweep_shape tlb) {
    int status = EXIT_GOOD;
    for (size_t i = 0; i < x->seeds_count; i++)
        for (uint32_t shard = x->first_shard; status == EXIT_GOOD && shard <= x->last_shard; shard++)
            status = add_series(s, x, (struct sweep_cell){.policy = policy, .tlb = tlb, .seed = x->seeds[i], .shard = shard});
    return status;
}

static int add_all(struct sweep *s, const struct axes *x, const struct sweep_options *o) {
    double cells = (double)x->policies * (double)x->tlbs * (double)x->seeds_count * (double)x->frames_count *
                   (x->last_shard - x->first_shard + 1.0);
    int status = EXIT_GOOD;
    if (cells > SWEEP_CELLS_MAX) {
        complain("these are %.0f cells: at most %u fit one sweep.", cells, SWEEP_CELLS_MAX);
        return EXIT_USAGE;
    }
    for (unsigned p = 0; p < SWEEP_POLICIES_MAX && policy_table[p]; p++)
        for (size_t t = 0; status == EXIT_GOOD && chosen(o, p) && t < x->tlbs; t++) status = add_policy(s, x, p, x->tlb[t]);
    qsort(s->cell, s->count, sizeof *s->cell, sweep_compare);
    return status;
}

/* A shape that was named twice. */
static void drop_repeated(struct sweep *s) {
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++)
        if (i == 0 || sweep_compare(&s->cell[kept - 1], &s->cell[i]) != 0) s->cell[kept++] = s->cell[i];
    s->count = kept;
}

int sweep_grid(struct sweep *s, const struct cli *c, const struct scenario *from) {
    struct axes x;
    const struct sweep_options *o = &c->sweep;
    int status = EXIT_INPUT;
    s->with_seed = o->seeds.count > 0;
    s->shards = o->shards;
    s->warmup = o->warmup;
    s->in_shards = o->shards > 1;
    if (!make_axes(&x, o, from)) complain("out of memory");
    else status = check_machines(&x, s, from, o->sample);
    if (status == EXIT_GOOD) status = add_all(s, &x, o);
    free(x.frames);
    free(x.seeds);
    drop_repeated(s);
    return status;
}
