/* lru_curve.c - see lru_curve.h.
 *
 *   at[0] at[1] ... at[15]         the pages of the running process used last, by hand: nearly every
 *      front                       reference of a real program ends here (98 %, BENCH)
 *   recency: c > b > a ...         all others, of all processes
 *
 * A page that is used comes to at[0]; whoever is pushed out of the front goes to the head of the rest. When
 * another process runs, all go there, so that page numbers in the front are of one process.
 *
 * The TLB: a set's last `ways` pages are in it, as far as they are in memory (lru_exact.c says why). Those in the
 * front are counted there; of the others each set keeps a list of its last `ways`, oldest first.
 *
 * Dirty: a page is dirty on the machines with at least `dirty` frames, and clean on all smaller ones, because it
 * had to leave them after its last write. A use at distance d finds it gone where there are fewer than d frames:
 * those of them that had it dirty have written it. 0: clean everywhere. */
#include "vmscope/sim/lru_curve.h"

#include "sim/lru_exact.h"
#include "sim/recency.h"
#include "sim/state.h"

#include <stdlib.h>
#include <string.h>

#define FRONT      16u
#define PERM_BITS  3u
#define PAGES_MAX  (UINT32_MAX >> PERM_BITS)
#define NO_VPN     UINT64_MAX

struct used {
    vpn_t vpn;
    uint32_t page;  /* its number << PERM_BITS | what may be done to it */
    uint32_t dirty; /* fewest frames with which it is dirty; 0: none */
};

struct tlb_list {
    uint32_t count, epoch; /* from another epoch: empty, because the TLB was flushed */
};

/* Of references with distance d, d from 1; after the last step all become sums. */
struct bin {
    uint64_t in_tlb; /* the TLB would hold the page, if memory does */
    uint64_t others;
    uint64_t writes; /* pages written with d frames, less those with d - 1 frames (modulo 2^64) */
};

struct lru_curve {
    const struct machine_config *config;
    const struct step_source *source;
    struct lru_exact exact;
    const char *why;
    struct window window;
    uint64_t done;
    proc_t running;
    unsigned page_shift;
    uint32_t sets, ways; /* of the TLB; ways 0: there is none */
    bool by_mask;        /* sets is a power of two */

    struct used at[FRONT];
    uint32_t front; /* how many of them */
    struct recency rest;
    struct map64 *number;              /* [process_count] VPN -> page */
    uint32_t *slot, *page, *dirty;     /* [page_cap] where in `rest`, struct used's page and dirty while there */
    size_t slot_cap, page_cap, dirty_cap, bin_cap;
    uint32_t pages;

    struct tlb_list *list; /* [sets] */
    uint32_t *listed;      /* [sets * ways] pages */
    uint32_t epoch;

    struct bin *bin; /* [pages + 2] */
    uint64_t accesses, translations;
};

/* ---- life ---- */

static bool make_tlb(struct lru_curve *c) {
    const struct tlb_config *t = &c->config->tlb;
    if (!t->entries) return true;
    c->ways = t->ways;
    c->sets = t->entries / t->ways;
    c->by_mask = (c->sets & (c->sets - 1)) == 0;
    c->list = mem_zalloc(c->sets, sizeof *c->list);
    c->listed = mem_zalloc(t->entries, sizeof *c->listed);
    return c->list && c->listed;
}

static bool make_bins(struct lru_curve *c, size_t count) { return mem_grow((void **)&c->bin, &c->bin_cap, count, sizeof *c->bin); }

struct lru_curve *lru_curve_create(const struct machine_config *config, const struct step_source *source,
                                   uint32_t max_frames) {
    struct lru_curve *c = mem_zalloc(1, sizeof *c);
    if (!c) return NULL;
    c->config = config;
    c->source = source;
    c->page_shift = config->format.page_shift;
    c->why = lru_exact_machine(config);
    c->number = mem_zalloc(config->process_count, sizeof *c->number);
    c->at[0].vpn = NO_VPN;
    bool exact = c->why || lru_exact_begin(&c->exact, config, max_frames);
    if (window_begin(&c->window) && c->number && exact && (c->why || make_tlb(c)) && make_bins(c, FRONT + 2)) return c;
    lru_curve_free(c);
    return NULL;
}

void lru_curve_free(struct lru_curve *c) {
    if (!c) return;
    for (size_t p = 0; c->number && p < c->config->process_count; p++) map64_free(&c->number[p]);
    lru_exact_end(&c->exact);
    recency_free(&c->rest);
    free(c->number);
    window_free(&c->window);
    free(c->slot);
    free(c->page);
    free(c->dirty);
    free(c->list);
    free(c->listed);
    free(c->bin);
    free(c);
}

static void give_up(struct lru_curve *c, const char *why) {
    if (!c->why) c->why = why;
}

/* ---- the TLB's sets ---- */

static inline uint32_t set_of(const struct lru_curve *c, vpn_t vpn) {
    return c->by_mask ? (uint32_t)vpn & (c->sets - 1) : (uint32_t)(vpn % c->sets);
}

static uint32_t *list_of(struct lru_curve *c, uint32_t set, struct tlb_list **list) {
    *list = &c->list[set];
    if ((*list)->epoch != c->epoch) **list = (struct tlb_list){0, c->epoch};
    return c->listed + (size_t)set * c->ways;
}

static void list_remove(uint32_t *listed, struct tlb_list *list, uint32_t i) {
    memmove(listed + i, listed + i + 1, (--list->count - i) * sizeof *listed);
}

static void list_add(struct lru_curve *c, vpn_t vpn, uint32_t page) {
    struct tlb_list *list;
    if (!c->ways) return;
    uint32_t *listed = list_of(c, set_of(c, vpn), &list);
    if (list->count == c->ways) list_remove(listed, list, 0);
    listed[list->count++] = page;
}

/* Of the pages at[1..d], those in the set of vpn. */
static uint32_t front_in_set(const struct lru_curve *c, vpn_t vpn, uint32_t d) {
    uint32_t set = set_of(c, vpn), n = 0;
    for (uint32_t i = 1; i <= d; i++) n += set_of(c, c->at[i].vpn) == set;
    return n;
}

/* Would the TLB hold this page of the rest, with `more` of its set used since in the front? It leaves the list. */
static bool list_take(struct lru_curve *c, vpn_t vpn, uint32_t page, uint32_t more) {
    struct tlb_list *list;
    uint32_t *listed = list_of(c, set_of(c, vpn), &list);
    for (uint32_t i = list->count; i-- > 0;) {
        if (listed[i] != page) continue;
        uint32_t since = more + (list->count - 1 - i);
        list_remove(listed, list, i);
        return since < c->ways;
    }
    return false;
}

/* ---- dirty pages ---- */

static void used_at_distance(struct lru_curve *c, struct used *u, uint32_t distance) {
    if (!u->dirty || u->dirty >= distance) return;
    c->bin[u->dirty].writes++;
    c->bin[distance].writes--;
    u->dirty = distance;
}

/* ---- between the front and the rest ---- */

static void push_out(struct lru_curve *c, const struct used *u) {
    uint32_t page = u->page >> PERM_BITS;
    c->page[page] = u->page;
    c->dirty[page] = u->dirty;
    list_add(c, u->vpn, page);
    if (!recency_add(&c->rest, page, c->slot)) give_up(c, "memory is out");
}

static bool add_page(struct lru_curve *c, uint32_t number, vpn_t vpn) {
    return number < PAGES_MAX && mem_grow((void **)&c->slot, &c->slot_cap, number + 1, sizeof *c->slot) &&
           mem_grow((void **)&c->page, &c->page_cap, number + 1, sizeof *c->page) &&
           mem_grow((void **)&c->dirty, &c->dirty_cap, number + 1, sizeof *c->dirty) && make_bins(c, (size_t)number + 3) &&
           map64_put(&c->number[c->running], vpn, number);
}

/* A page that was never used before: a fault with any number of frames. */
static struct used first_use(struct lru_curve *c, vaddr_t va, enum access_kind op, unsigned flags) {
    const char *why = NULL;
    vpn_t vpn = va_to_vpn(va, c->page_shift);
    unsigned perms = lru_exact_page(&c->exact, c->running, va, op, flags, &why);
    if (!why && !add_page(c, c->pages, vpn)) why = "memory is out";
    if (why) give_up(c, why);
    return (struct used){.vpn = vpn, .page = c->pages++ << PERM_BITS | perms};
}

/* A page of the rest; `front` pages have been used since in the front, `in_set` of them in its set of the TLB. */
static struct used use_of_rest(struct lru_curve *c, vpn_t vpn, uint32_t page, uint32_t front, uint32_t in_set) {
    struct used u = {.vpn = vpn, .page = c->page[page], .dirty = c->dirty[page]};
    uint32_t distance = front + recency_take(&c->rest, c->slot[page]) + 1;
    bool in_tlb = !c->ways || list_take(c, vpn, page, in_set);
    if (in_tlb) c->bin[distance].in_tlb++;
    else c->bin[distance].others++;
    used_at_distance(c, &u, distance);
    return u;
}

/* Not in the front, whose pages stand a place farther already; `last` had no place left there, if it was full. */
static __attribute__((noinline)) void use_below(struct lru_curve *c, vaddr_t va, enum access_kind op, unsigned flags,
                                                 struct used last) {
    vpn_t vpn = va_to_vpn(va, c->page_shift);
    uint32_t front = c->front, in_set = 0;
    bool full = front == FRONT;
    if (front > 0 && !full) c->at[front] = last;
    if (c->ways) in_set = front_in_set(c, vpn, full ? FRONT - 1 : front);
    if (c->ways && full) in_set += set_of(c, last.vpn) == set_of(c, vpn);
    const uint32_t *number = map64_get(&c->number[c->running], vpn);
    struct used u = number ? use_of_rest(c, vpn, *number, front, in_set) : first_use(c, va, op, flags);
    if (c->why) return;
    if (full) push_out(c, &last);
    else c->front++;
    c->at[0] = u;
}

/* ---- a translation ---- */

static const uint32_t need[ACCESS_KINDS] = {[ACCESS_READ] = PERM_R, [ACCESS_WRITE] = PERM_W, [ACCESS_FETCH] = PERM_X};

/* A page that is in the front, at place d (after it was moved to at[0], the ones before it stand at 1..d). */
static inline void use_of_front(struct lru_curve *c, vpn_t vpn, uint32_t d) {
    bool in_tlb = d < c->ways || c->ways == 0 || front_in_set(c, vpn, d) < c->ways;
    if (in_tlb) c->bin[d + 1].in_tlb++;
    else c->bin[d + 1].others++;
    used_at_distance(c, &c->at[0], d + 1);
}

/* Bring the page to at[0]; false: it is not in the front, and *last is who must leave it. */
static inline bool find_in_front(struct lru_curve *c, vpn_t vpn, struct used *last) {
    struct used moved = c->at[0];
    for (uint32_t d = 1; d < c->front; d++) {
        struct used here = c->at[d];
        c->at[d] = moved;
        if (here.vpn == vpn) {
            c->at[0] = here;
            use_of_front(c, vpn, d);
            return true;
        }
        moved = here;
    }
    *last = moved;
    return false;
}

/* `flags` are the step's. */
static inline void use(struct lru_curve *c, vaddr_t va, enum access_kind op, unsigned flags) {
    vpn_t vpn = va_to_vpn(va, c->page_shift);
    struct used last;
    c->translations++;
    if (c->at[0].vpn == vpn) c->bin[1].in_tlb++;
    else if (!find_in_front(c, vpn, &last)) use_below(c, va, op, flags, last);
    if (!(c->at[0].page & need[op])) give_up(c, "there are accesses that may be refused");
    if (op == ACCESS_WRITE) c->at[0].dirty = 1;
}

/* ---- steps ---- */

/* From now on process p runs. */
static void run_process(struct lru_curve *c, proc_t p) {
    if (p == PROC_NONE || p == c->running) return;
    while (c->front > 0) push_out(c, &c->at[--c->front]);
    c->at[0].vpn = NO_VPN;
    c->running = p;
    if (!c->config->tlb.asid) c->epoch++;
}

static void any_step(struct lru_curve *c, const struct step *s) {
    const char *why = lru_exact_step(c->config, s);
    if (why) {
        give_up(c, why);
        return;
    }
    run_process(c, s->proc);
    if (s->kind != STEP_ACCESS) return;
    c->accesses++;
    use(c, s->va, (enum access_kind)s->op, s->flags);
    if (step_crosses(s, c->page_shift) && !c->why) use(c, (s->va | low_bits(c->page_shift)) + 1, (enum access_kind)s->op, s->flags);
}

/* Accesses by whoever runs? */
static bool are_plain(const struct lru_curve *c, const struct step *like) {
    return !(like->flags & STEP_KERNEL) && (like->proc == PROC_NONE || like->proc == c->running);
}

/* The page at at[0] once more, if it permits that: nothing but counts and D changes. */
static inline bool is_again(const struct lru_curve *c, const struct step_ref *r, vpn_t vpn) {
    return c->at[0].vpn == vpn && (c->at[0].page & need[r->op]);
}

/* References from r's first on, up to one that crosses into another page; returns how many. */
static size_t run_refs(struct lru_curve *c, const struct step_refs *r) {
    const uint64_t in_page = r->like.flags & STEP_NO_SPLIT ? UINT64_MAX : low_bits(c->page_shift);
    size_t i = 0;
    uint64_t again = 0; /* counted here, in a register */
    for (; i < r->count && !c->why; i++) {
        const struct step_ref *ref = &r->ref[i];
        if ((ref->va & in_page) + ref->size - 1 > in_page) break;
        if (is_again(c, ref, va_to_vpn(ref->va, c->page_shift))) {
            again++;
            if (ref->op == ACCESS_WRITE) c->at[0].dirty = 1;
        } else {
            use(c, ref->va, (enum access_kind)ref->op, r->like.flags);
        }
    }
    c->accesses += i;
    c->translations += again;
    c->bin[1].in_tlb += again;
    return i;
}

/* ---- the end ---- */

/* Pages that are not in memory any more at the end were written on their way out, too. */
static void leave_at_end(struct lru_curve *c) {
    uint32_t distance = 1;
    for (uint32_t d = 0; d < c->front; d++) used_at_distance(c, &c->at[d], distance++);
    for (uint32_t s = c->rest.next; s-- > 0;) {
        if (!(c->rest.bit[s / 64] >> s % 64 & 1)) continue;
        struct used u = {.dirty = c->dirty[c->rest.page[s]]};
        used_at_distance(c, &u, distance++);
    }
}

static void finish(struct lru_curve *c) {
    leave_at_end(c);
    for (size_t d = 1; d <= c->pages; d++) {
        c->bin[d].in_tlb += c->bin[d - 1].in_tlb;
        c->bin[d].others += c->bin[d - 1].others;
        c->bin[d].writes += c->bin[d - 1].writes;
    }
}

/* The next steps, at most n, in one go or a single one; 0: the source has none. */
static uint64_t run_some(struct lru_curve *c, uint64_t n) {
    struct step_refs refs;
    if (window_refs(&c->window, c->source, c->done, n, &refs) && are_plain(c, &refs.like)) {
        size_t ran = run_refs(c, &refs);
        if (ran > 0) return ran;
    }
    const struct step *s = window_step(&c->window, c->source, c->done);
    if (!s) return 0;
    any_step(c, s);
    return 1;
}

uint64_t lru_curve_run(struct lru_curve *c, uint64_t n) {
    uint64_t before = c->done, end = c->source->count - before > n ? before + n : c->source->count;
    if (before == c->source->count) return 0;
    for (uint64_t ran = 1; c->done < end && !c->why && ran > 0; c->done += ran) ran = run_some(c, end - c->done);
    if (c->done == c->source->count && !c->why) finish(c);
    return c->done - before;
}

const char *lru_curve_obstacle(const struct machine_config *config) { return lru_exact_machine(config); }
const char *lru_curve_why(const struct lru_curve *c) { return c->why; }
uint64_t lru_curve_pages(const struct lru_curve *c) { return c->pages; }

void lru_curve_at(const struct lru_curve *c, uint32_t frames, struct counters *out) {
    uint64_t used = frames < c->pages ? frames : c->pages; /* frames that were ever taken */
    const struct bin *b = &c->bin[used];
    out->accesses = c->accesses;
    out->translations = c->translations;
    out->page_faults = c->translations - b->in_tlb - b->others;
    out->page_faults_after_full = out->evictions = out->page_faults - used;
    out->swap_writes = b->writes;
    out->tlb_misses = c->ways ? c->translations - b->in_tlb : 0;
}
