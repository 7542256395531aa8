/* naive_clock_pro.c - CLOCK-Pro, LINUX and MGLRU for the second machine: arrays in the order of the
 * clock or of the list, and loops. */
#include "naive_lists.h"

/* ---- CLOCK-Pro: an array in the hands' direction; a hand is an index, the head is before HAND_hot ---- */

enum { IS_COLD, IS_TEST, IS_HOT };
enum { H_HOT, H_COLD, H_TEST };

static void put_at(struct nv_clock *k, unsigned at, struct nv_clock_page page) {
    if (k->count == NV_CLOCK) abort();
    for (unsigned i = k->count; i > at; i--) k->page[i] = k->page[i - 1];
    k->page[at] = page;
    for (unsigned h = 0; h < 3 && k->count > 0; h++) k->hand[h] += k->hand[h] >= at;
    k->count++;
}

static void remove_at(struct nv_clock *k, unsigned at) {
    k->count--;
    for (unsigned i = at; i < k->count; i++) k->page[i] = k->page[i + 1];
    for (unsigned h = 0; h < 3; h++) {
        if (k->hand[h] > at) k->hand[h]--;
        if (k->hand[h] >= k->count) k->hand[h] = 0;
    }
}

/* At the head. */
static void put_new(struct nv_clock *k, struct nv_clock_page page) { put_at(k, k->count ? k->hand[H_HOT] : 0, page); }

static unsigned step(struct nv_clock *k, unsigned hand) {
    unsigned at = k->hand[hand];
    k->hand[hand] = (at + 1) % k->count;
    return at;
}

static uint32_t hot_pages(const struct nv_clock *k) {
    uint32_t hot = 0;
    for (unsigned i = 0; i < k->count; i++) hot += k->page[i].state == IS_HOT;
    return hot;
}

static uint32_t gone_pages(const struct nv_clock *k) {
    uint32_t gone = 0;
    for (unsigned i = 0; i < k->count; i++) gone += k->page[i].frame == FRAME_NONE;
    return gone;
}

static void grow(struct nv_clock *k, uint32_t c) { k->mc += k->mc + 1 < c; }

/* True: it was a page that had left, and is off the clock. */
static bool test_ends(struct nv_clock *k, unsigned at) {
    k->mc -= k->mc > 1;
    k->page[at].state = IS_COLD;
    if (k->page[at].frame != FRAME_NONE) return false;
    remove_at(k, at);
    return true;
}

void nv_clock_pro_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    struct nv_clock *k = &o->clock;
    struct nv_clock_page page = {.frame = f, .state = IS_TEST};
    struct nv_key key = nv_key_of(n, f);
    if (k->mc == 0) k->mc = c < 200 ? 1 : c / 100;
    for (unsigned i = 0; i < k->count; i++) {
        if (k->page[i].frame != FRAME_NONE || !nv_same_key(&k->page[i].key, &key)) continue;
        remove_at(k, i);
        grow(k, c);
        page.state = IS_HOT;
        break;
    }
    put_new(k, page);
}

void nv_clock_pro_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    struct nv_clock *k = &o->clock;
    unsigned at = 0;
    while (k->page[at].frame != f) at++;
    if (k->page[at].state == IS_TEST) k->page[at] = (struct nv_clock_page){FRAME_NONE, IS_TEST, nv_key_of(n, f)};
    else remove_at(k, at);
    while (gone_pages(k) > c) {
        unsigned i = step(k, H_TEST);
        if (k->page[i].state == IS_TEST) test_ends(k, i);
    }
}

/* As far as the next hot page. */
static void hot_hand(struct naive *n, struct nv_clock *k) {
    for (;;) {
        unsigned at = step(k, H_HOT);
        struct nv_clock_page *g = &k->page[at];
        if (g->state == IS_TEST) test_ends(k, at);
        else if (g->state == IS_HOT) {
            if (!nv_is_referenced(n, g->frame)) g->state = IS_COLD;
            else nv_clear_referenced(n, g->frame);
            return;
        }
    }
}

/* The next cold page that may leave; false: there is none. *victim: the frame, if it does. */
static bool cold_hand(struct naive *n, struct nv_clock *k, proc_t p, uint32_t c, frame_t *victim) {
    for (unsigned i = k->count; i > 0; i--) {
        unsigned at = step(k, H_COLD);
        struct nv_clock_page g = k->page[at];
        if (g.frame == FRAME_NONE || g.state == IS_HOT || !nv_may_leave(n, g.frame, p)) continue;
        if (!nv_is_referenced(n, g.frame)) {
            *victim = g.frame;
            return true;
        }
        nv_clear_referenced(n, g.frame);
        if (g.state == IS_TEST) grow(k, c);
        g.state = g.state == IS_TEST ? IS_HOT : IS_TEST;
        remove_at(k, at);
        put_new(k, g);
        return true;
    }
    return false;
}

frame_t nv_clock_pro_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c) {
    for (frame_t victim = FRAME_NONE;;) {
        if (hot_pages(&o->clock) > c - o->clock.mc || !cold_hand(n, &o->clock, p, c, &victim)) hot_hand(n, &o->clock);
        if (victim != FRAME_NONE) return victim;
    }
}

/* ---- LINUX: list 0 is inactive, list 1 active ---- */

void nv_linux_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    struct nv_key key = nv_key_of(n, f);
    int at = nv_ghost_place(o, 0, key);
    bool active = at >= 0 && o->age - o->ghost[0][at].value <= o->count[1];
    (void)c;
    nv_ghost_take(o, 0, key);
    n->frame[f].freq = 0;
    o->age += active;
    nv_append(o, active, f);
}

void nv_linux_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    struct nv_key key = nv_key_of(n, f);
    key.value = o->age++;
    nv_ghost_add(o, 0, key, c);
    if (!nv_take_out(o, 0, f)) nv_take_out(o, 1, f);
}

frame_t nv_linux_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c) {
    (void)c;
    for (;;) {
        frame_t in = nv_oldest(n, o, 0, p), act = nv_oldest(n, o, 1, p);
        if (act != FRAME_NONE && (in == FRAME_NONE || o->count[0] < o->count[1])) {
            if (nv_is_referenced(n, act)) nv_clear_referenced(n, act);
            nv_take_out(o, 1, act);
            nv_append(o, 0, act);
            continue;
        }
        if (!nv_is_referenced(n, in)) return in;
        nv_clear_referenced(n, in);
        nv_take_out(o, 0, in);
        nv_append(o, n->frame[in].freq ? 1 : 0, in);
        o->age += n->frame[in].freq;
        n->frame[in].freq = 1;
    }
}

/* ---- MGLRU: `freq` is the number of the generation, list 0 the order of joining it ---- */

static void join_youngest(struct naive *n, struct nv_order *o, frame_t f) {
    n->frame[f].freq = 3 + o->age;
    nv_take_out(o, 0, f);
    nv_append(o, 0, f);
}

void nv_mglru_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    (void)c;
    join_youngest(n, o, f);
}

void nv_mglru_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c) {
    (void)n;
    (void)c;
    nv_take_out(o, 0, f);
}

static uint64_t in_generation(const struct naive *n, const struct nv_order *o, uint64_t generation) {
    uint64_t pages = 0;
    for (unsigned i = 0; i < o->count[0]; i++) pages += n->frame[o->frame[0][i]].freq == generation;
    return pages;
}

static bool mglru_must_age(const struct naive *n, const struct nv_order *o, frame_t f) {
    uint64_t youngest = 3 + o->age, oldest = n->frame[f].freq, generations = youngest - oldest + 1;
    if (generations < 3) return true;
    if (generations > 3) return false;
    return 2 * in_generation(n, o, youngest) > o->count[0] || 4 * in_generation(n, o, oldest) < o->count[0];
}

frame_t nv_mglru_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c) {
    (void)c;
    for (;;) {
        frame_t f = nv_oldest(n, o, 0, p);
        if (mglru_must_age(n, o, f)) {
            for (frame_t i = 0; i < n->config->frames; i++) {
                if (nv_place_of(o, 0, i) < 0 || !nv_is_referenced(n, i)) continue;
                nv_clear_referenced(n, i);
                join_youngest(n, o, i);
            }
            o->age++;
        } else if (nv_is_referenced(n, f)) {
            nv_clear_referenced(n, f);
            join_youngest(n, o, f);
        } else {
            return f;
        }
    }
}
