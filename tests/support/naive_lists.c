/* naive_lists.c - policies that keep lists of pages and remember some that left, as their papers'
 * pseudo-code says it: arrays, the oldest first, and searches through them. */
#include "naive_lists.h"

/* ---- arrays ---- */

static struct nv_order *order_of(struct naive *n, proc_t p) { return &n->order[nv_local(n) ? p : 0]; }

static uint32_t share_of(const struct naive *n, proc_t p) {
    return nv_local(n) && n->process[p].quota < n->config->frames ? n->process[p].quota : n->config->frames;
}

int nv_place_of(const struct nv_order *o, unsigned list, frame_t f) {
    for (unsigned i = 0; i < o->count[list]; i++)
        if (o->frame[list][i] == f) return (int)i;
    return -1;
}

bool nv_take_out(struct nv_order *o, unsigned list, frame_t f) {
    int at = nv_place_of(o, list, f);
    if (at < 0) return false;
    o->count[list]--;
    for (unsigned i = (unsigned)at; i < o->count[list]; i++) o->frame[list][i] = o->frame[list][i + 1];
    return true;
}

void nv_append(struct nv_order *o, unsigned list, frame_t f) {
    if (o->count[list] == NV_FRAMES) abort();
    o->frame[list][o->count[list]++] = f;
}

bool nv_same_key(const struct nv_key *a, const struct nv_key *b) {
    if (a->program && b->program) return a->page == b->page && !strcmp(a->program, b->program);
    return !a->program && !b->program && a->page == b->page && a->proc == b->proc;
}

/* Which page is in frame f: of a process, or of a program's text that processes share. */
struct nv_key nv_key(const struct naive *n, proc_t p, vpn_t vpn) {
    const struct region *r = nv_find_region(n, p, vpn);
    if (!nv_is_shared(n, r)) return (struct nv_key){.proc = p, .page = vpn};
    return (struct nv_key){.program = n->process[p].program, .page = nv_file_page_of(r, vpn)};
}

struct nv_key nv_key_of(const struct naive *n, frame_t f) {
    const struct page *g = nv_first_mapping(n, f);
    return nv_key(n, g->proc, g->vpn);
}

static void ghost_drop(struct nv_order *o, unsigned list, unsigned at) {
    o->ghosts[list]--;
    for (unsigned i = at; i < o->ghosts[list]; i++) o->ghost[list][i] = o->ghost[list][i + 1];
}

int nv_ghost_place(const struct nv_order *o, unsigned list, struct nv_key key) {
    for (unsigned i = 0; i < o->ghosts[list]; i++)
        if (nv_same_key(&o->ghost[list][i], &key)) return (int)i;
    return -1;
}

/* A page becomes the newest ghost; there are at most `room`. */
void nv_ghost_add(struct nv_order *o, unsigned list, struct nv_key key, uint32_t room) {
    int at = nv_ghost_place(o, list, key);
    if (at >= 0) ghost_drop(o, list, (unsigned)at);
    if (o->ghosts[list] == 2 * NV_FRAMES) abort();
    o->ghost[list][o->ghosts[list]++] = key;
    while (o->ghosts[list] > room) ghost_drop(o, list, 0);
}

bool nv_ghost_take(struct nv_order *o, unsigned list, struct nv_key key) {
    int at = nv_ghost_place(o, list, key);
    if (at >= 0) ghost_drop(o, list, (unsigned)at);
    return at >= 0;
}

/* The oldest of a list that may leave. */
frame_t nv_oldest(const struct naive *n, const struct nv_order *o, unsigned list, proc_t p) {
    for (unsigned i = 0; i < o->count[list]; i++)
        if (nv_may_leave(n, o->frame[list][i], p)) return o->frame[list][i];
    return FRAME_NONE;
}

static frame_t oldest_of_either(const struct naive *n, const struct nv_order *o, unsigned list, proc_t p) {
    frame_t f = nv_oldest(n, o, list, p);
    return f != FRAME_NONE ? f : nv_oldest(n, o, !list, p);
}

/* ---- S3-FIFO: list 0 is S, list 1 is M ---- */

static uint32_t s_size(uint32_t c) { return c < 20 ? 1 : c / 10; }

static void s3_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    (void)c;
    nv_append(o, nv_ghost_take(o, 0, nv_key_of(n, f)) ? 1 : 0, f);
    n->frame[f].freq = 0;
}

static void s3_used(struct naive *n, struct nv_order *o, frame_t f) {
    (void)o;
    if (n->frame[f].freq < 3) n->frame[f].freq++;
}

static void s3_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    if (nv_take_out(o, 0, f)) nv_ghost_add(o, 0, nv_key_of(n, f), c - s_size(c));
    nv_take_out(o, 1, f);
}

static frame_t s3_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c) {
    for (;;) {
        frame_t s = nv_oldest(n, o, 0, p), m = nv_oldest(n, o, 1, p);
        if (s != FRAME_NONE && (o->count[0] >= s_size(c) || m == FRAME_NONE)) {
            if (n->frame[s].freq <= 1) return s;
            nv_take_out(o, 0, s);
            nv_append(o, 1, s);
            n->frame[s].freq = 0;
        } else {
            if (n->frame[m].freq == 0) return m;
            nv_take_out(o, 1, m);
            nv_append(o, 1, m);
            n->frame[m].freq--;
        }
    }
}

/* ---- 2Q: list 0 is A1in, list 1 is Am ---- */

static void q2_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    (void)c;
    bool known = nv_ghost_take(o, 0, nv_key_of(n, f)) || o->known;
    nv_append(o, known ? 1 : 0, f);
    o->known = false;
}

static void q2_used(struct naive *n, struct nv_order *o, frame_t f) {
    (void)n;
    if (nv_take_out(o, 1, f)) nv_append(o, 1, f);
}

static void q2_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    if (nv_take_out(o, 0, f)) nv_ghost_add(o, 0, nv_key_of(n, f), c < 4 ? 1 : c / 2);
    nv_take_out(o, 1, f);
}

static frame_t q2_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c) {
    o->known = nv_ghost_place(o, 0, n->wanted) >= 0;
    return oldest_of_either(n, o, o->count[0] > (c < 8 ? 1 : c / 4) ? 0 : 1, p);
}

/* ---- LRU-K: every page's whole list of times is kept while it is in memory or a ghost ---- */

static void lk_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    struct nv_key key = nv_key_of(n, f);
    int at = nv_ghost_place(o, 0, key);
    (void)c;
    for (unsigned i = 0; i < POLICY_K_MAX; i++) n->frame[f].hist[i] = at < 0 ? 0 : o->ghost[0][at].hist[i];
    nv_ghost_take(o, 0, key);
    nv_append(o, 0, f);
}

static void lk_used(struct naive *n, struct nv_order *o, frame_t f) {
    (void)o;
    for (unsigned i = POLICY_K_MAX - 1; i > 0; i--) n->frame[f].hist[i] = n->frame[f].hist[i - 1];
    n->frame[f].hist[0] = n->ref_now + 1;
}

static void lk_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    struct nv_key key = nv_key_of(n, f);
    for (unsigned i = 0; i < POLICY_K_MAX; i++) key.hist[i] = n->frame[f].hist[i];
    nv_ghost_add(o, 0, key, c);
    nv_take_out(o, 0, f);
}

static frame_t lk_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c) {
    unsigned k = n->config->policy.k ? n->config->policy.k : 2;
    frame_t best = FRAME_NONE;
    (void)o;
    (void)c;
    for (frame_t f = 0; f < n->config->frames; f++) {
        if (!nv_may_leave(n, f, p)) continue;
        const uint64_t *a = n->frame[f].hist, *b = best == FRAME_NONE ? NULL : n->frame[best].hist;
        if (!b || a[k - 1] < b[k - 1] || (a[k - 1] == b[k - 1] && a[0] < b[0])) best = f;
    }
    return best;
}

/* ---- ARC: list 0 is T1 with B1, list 1 is T2 with B2 ---- */

static void set_target(struct nv_order *o, bool in_b1, uint32_t c) {
    int b1 = (int)o->ghosts[0], b2 = (int)o->ghosts[1], p = (int)o->p;
    int step = in_b1 ? (b1 >= b2 ? 1 : b2 / b1) : (b2 >= b1 ? 1 : b1 / b2);
    p = in_b1 ? p + step : p - step;
    o->p = p < 0 ? 0 : p > (int)c ? c : (uint32_t)p;
}

/* Case IV's trimming, of a page that is nowhere known and comes into T1. */
static void make_room_in_directory(struct nv_order *o, uint32_t c) {
    while (o->ghosts[0] && o->count[0] + o->ghosts[0] >= c) ghost_drop(o, 0, 0);
    while (o->ghosts[1] && o->count[0] + o->count[1] + o->ghosts[0] + o->ghosts[1] >= 2 * c) ghost_drop(o, 1, 0);
}

static void arc_ask(struct naive *n, struct nv_order *o, struct nv_key key, uint32_t c) {
    bool in_b1 = nv_ghost_place(o, 0, key) >= 0, in_b2 = nv_ghost_place(o, 1, key) >= 0;
    (void)n;
    if (in_b1 || in_b2) set_target(o, in_b1, c);
    o->known = in_b1 || in_b2;
}

static void arc_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    struct nv_key key = nv_key_of(n, f);
    if (!o->chosen) arc_ask(n, o, key, c);
    o->chosen = false;
    nv_ghost_take(o, 0, key);
    nv_ghost_take(o, 1, key);
    if (!o->known) make_room_in_directory(o, c);
    nv_append(o, o->known ? 1 : 0, f);
}

static void arc_used(struct naive *n, struct nv_order *o, frame_t f) {
    (void)n;
    if (!nv_take_out(o, 0, f)) nv_take_out(o, 1, f);
    nv_append(o, 1, f);
}

static void arc_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    for (unsigned list = 0; list < 2; list++)
        if (nv_take_out(o, list, f)) nv_ghost_add(o, list, nv_key_of(n, f), 2 * c);
}

static frame_t arc_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c) {
    bool in_b2 = nv_ghost_place(o, 1, n->wanted) >= 0;
    arc_ask(n, o, n->wanted, c);
    o->chosen = true;
    bool from_t1 = o->count[0] >= 1 && (o->count[0] > o->p || (in_b2 && o->count[0] == o->p));
    return oldest_of_either(n, o, from_t1 ? 0 : 1, p);
}

/* ---- CAR ---- */

static void car_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    struct nv_key key = nv_key_of(n, f);
    bool in_b1 = nv_ghost_place(o, 0, key) >= 0, in_b2 = nv_ghost_place(o, 1, key) >= 0;
    if (in_b1 || in_b2) set_target(o, in_b1, c);
    else make_room_in_directory(o, c);
    nv_ghost_take(o, 0, key);
    nv_ghost_take(o, 1, key);
    nv_append(o, in_b1 || in_b2 ? 1 : 0, f);
}

static frame_t car_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c) {
    (void)c;
    for (;;) {
        frame_t f = oldest_of_either(n, o, o->count[0] >= (o->p > 1 ? o->p : 1) ? 0 : 1, p);
        if (!nv_is_referenced(n, f)) return f;
        nv_clear_referenced(n, f);
        arc_used(n, o, f);
    }
}

/* ---- the table ---- */

static const struct list_rules {
    const char *name;
    void (*loaded)(struct naive *n, struct nv_order *o, frame_t f, uint32_t c);
    void (*used)(struct naive *n, struct nv_order *o, frame_t f);
    void (*left)(struct naive *n, struct nv_order *o, frame_t f, uint32_t c);
    frame_t (*victim)(struct naive *n, struct nv_order *o, proc_t p, uint32_t c);
    bool first_too; /* `used` is for the loading reference too */
} rules[] = {
    {"s3_fifo", s3_loaded, s3_used, s3_left, s3_victim, false},
    {"lru_k", lk_loaded, lk_used, lk_left, lk_victim, true},
    {"arc", arc_loaded, arc_used, arc_left, arc_victim, false},
    {"car", car_loaded, NULL, arc_left, car_victim, false},
    {"clock_pro", nv_clock_pro_loaded, NULL, nv_clock_pro_left, nv_clock_pro_victim, false},
    {"linux", nv_linux_loaded, NULL, nv_linux_left, nv_linux_victim, false},
    {"mglru", nv_mglru_loaded, NULL, nv_mglru_left, nv_mglru_victim, false},
    {"two_q", q2_loaded, q2_used, q2_left, q2_victim, true},
};

static const struct list_rules *rules_of(const struct naive *n) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (nv_policy_is(n, rules[i].name)) return &rules[i];
    return NULL;
}

bool nv_has_lists(const struct naive *n) { return rules_of(n); }

void nv_lists_loaded(struct naive *n, frame_t f) {
    const struct list_rules *r = rules_of(n);
    proc_t p = nv_first_mapping(n, f)->proc;
    if (r) r->loaded(n, order_of(n, p), f, share_of(n, p));
}

void nv_lists_used(struct naive *n, frame_t f) {
    const struct list_rules *r = rules_of(n);
    if (r && r->used && (r->first_too || n->frame[f].count > 0)) r->used(n, order_of(n, nv_first_mapping(n, f)->proc), f);
}

void nv_lists_left(struct naive *n, frame_t f) {
    const struct list_rules *r = rules_of(n);
    proc_t p = nv_first_mapping(n, f)->proc;
    if (r) r->left(n, order_of(n, p), f, share_of(n, p));
}

frame_t nv_lists_victim(struct naive *n, proc_t p) {
    return rules_of(n)->victim(n, order_of(n, p), p, share_of(n, p));
}
