/* pane_swap.c - swap slots and the pages whose bytes they hold.
 *
 *    0 A bfffd stack       '*' being read or written by the last micro-step
 *    2 A bfffe stack  =4   the same bytes are in frame 4 too: the copy is valid
 *
 * With room for it the slots stand in several columns, like a newspaper's.
 */
#include "ui/pane_frames.h"

#include <limits.h>

/* Slots worth a line: those ever used, and the next one. */
static int slots(const struct sight *s) {
    uint32_t n = s->k->config->swap_slots, used = s->k->slot_high;
    return (int)(used < n ? used + 1 : n);
}

static int slot_digits(const struct sight *s) { return decimal_digits((uint64_t)slots(s)); }

/* Free slots beyond those, which show where there is room. */
static int free_slots(const struct sight *s, int room) {
    uint32_t rest = s->k->config->swap_slots - (uint32_t)slots(s);
    return s->k->config->swap_slots == SWAP_UNLIMITED ? 0 : rest < (uint32_t)room ? (int)rest : room;
}

static const struct swap_slot *slot_at(const struct sight *s, int i) {
    if ((uint32_t)i >= s->k->slot_cap || s->k->slot[i].proc == PROC_NONE) return NULL;
    return &s->k->slot[i];
}

/* Pages that are in the slot, besides the frame that still equals it. */
static uint32_t users_of(const struct swap_slot *slot) { return slot->refs - (slot->frame != FRAME_NONE); }

enum { SLOT, OWNER, VPN, REGION, USERS, COPY, COLUMNS };

static int choose_columns(const struct sight *s, struct column *c, int width) {
    const struct column all[COLUMNS] = {
        [SLOT] = {.head = "", .width = 1 + slot_digits(s), .rank = 0},
        [OWNER] = {.head = "", .width = owner_width(s), .rank = 2},
        [VPN] = {.head = "", .width = vpn_digits(s), .rank = 1},
        [REGION] = {.head = "", .width = 5, .rank = 5},
        [USERS] = {.head = "", .width = frames_are_shared(s) ? 2 : 0, .rank = 3},
        [COPY] = {.head = "", .width = 1 + decimal_digits(s->k->config->frames), .rank = 4},
    };
    memcpy(c, all, sizeof all);
    return columns_fit(c, COLUMNS, width);
}

/* The widest slots that still all fit into the rows; returns how many stand side by side. */
static int choose_groups(const struct sight *s, struct column *c, const struct area *a, int n, int *width) {
    int groups = 1;
    *width = choose_columns(s, c, a->width);
    for (int g = 2; groups * a->height < n && g <= 8; g++) {
        struct column narrow[COLUMNS];
        int w = choose_columns(s, narrow, (a->width - 2 * (g - 1)) / g);
        if (narrow[SLOT].x < 0 || narrow[VPN].x < 0 || narrow[OWNER].x < 0) break;
        memcpy(c, narrow, sizeof narrow);
        *width = w;
        groups = g;
    }
    return groups;
}

static void draw_slot(const struct sight *s, const struct area *a, const struct column *c, int x, int y,
                      int i) {
    const struct swap_slot *slot = slot_at(s, i);
    bool now = touches(s, TOUCH_SLOT) && s->last->slot == (slot_t)i;
    enum role role = now ? ROLE_NOW : slot ? ROLE_NORMAL : ROLE_DIM;
    column_put(a, &c[SLOT], x, y, role, "%c%*d", now ? '*' : ' ', slot_digits(s), i);
    if (!slot) {
        column_put(a, &c[c[OWNER].x >= 0 ? OWNER : VPN], x, y, role, "-");
        return;
    }
    const struct vma *r = vma_find(&s->k->process[slot->proc], slot->vpn);
    column_put(a, &c[OWNER], x, y, role, "%s", s->k->process[slot->proc].name);
    column_put(a, &c[VPN], x, y, role, "%0*llx", vpn_digits(s), (unsigned long long)slot->vpn);
    column_put(a, &c[REGION], x, y, role, "%s", r ? r->name : "");
    if (users_of(slot) > 1) column_put(a, &c[USERS], x, y, role, "x%u", users_of(slot) > 9 ? 9 : users_of(slot));
    if (slot->frame != FRAME_NONE) column_put(a, &c[COPY], x, y, role, "=%u", slot->frame);
}

/* What is in flight, in words. */
static void draw_words(const struct sight *s, const struct area *a, int y, int n) {
    const struct event *e = s->last;
    bool read = e->kind != EV_SWAP_WRITE;
    if (touches(s, TOUCH_SLOT) && e->slot != SLOT_NONE) {
        char words[64];
        snprintf(words, sizeof words, read ? "slot %u > frame %u" : "slot %u < frame %u", e->slot, e->frame);
        text_fits(a, 0, y, ROLE_CURRENT, words);
    } else if (s->k->config->swap_slots == SWAP_UNLIMITED && n == 1) {
        text_fits(a, 0, y, ROLE_DIM, "as many slots as needed");
    } else if (n > 1) {
        text_fits(a, 0, y, ROLE_DIM, "=N: also in frame N, clean");
    }
}

static int hot_of(const struct sight *s) {
    return touches(s, TOUCH_SLOT) && s->last->slot != SLOT_NONE ? (int)s->last->slot : -1;
}

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    struct sight s = sight_of(v);
    struct column c[COLUMNS];
    int n = slots(&s), width;
    if (n == 0) {
        area_text(a, 0, 0, ROLE_DIM, "this machine has no swap");
        return;
    }
    struct area body = *a;
    int groups = choose_groups(&s, c, a, n, &width);
    if (a->height >= 3 && groups * (a->height - 1) >= n) body.height--; /* the last row is for words */
    struct list l = list_pages(st, n, hot_of(&s), groups * body.height);
    int more = l.first + l.rows > n ? free_slots(&s, l.first + l.rows - n) : 0;
    for (int i = 0; i < l.rows && l.first + i < n + more; i++) {
        int x = i / body.height * (width + 2), y = i % body.height;
        draw_slot(&s, &body, c, x, y, l.first + i);
        if (focused && l.first + i == st->cursor) row_select(&body, x, y, width);
    }
    list_marks(&body, &l, 0);
    if (a->height > body.height) draw_words(&s, a, body.height, n);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    const struct counters *c = machine_counters(s.m);
    if (s.k->config->swap_slots == 0) return;
    if (s.k->config->swap_slots != SWAP_UNLIMITED)
        text_addf(out, "%u/%u  ", s.k->slots_used, s.k->config->swap_slots);
    text_addf(out, "in %llu  out %llu", (unsigned long long)c->swap_reads, (unsigned long long)c->swap_writes);
}

static int items(const struct view *v) {
    const struct sight s = sight_of(v);
    return slots(&s);
}

static int hot_item(const struct view *v) {
    const struct sight s = sight_of(v);
    return hot_of(&s);
}

static uint8_t byte_of_slot(const void *of, unsigned offset) { return content_byte(of, offset); }

static void detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_of(v);
    struct page_writer w = {a, 0};
    if (item < 0 || item >= slots(&s)) return;
    const struct swap_slot *slot = slot_at(&s, item);
    write_line(&w, ROLE_HEADING, "Swap slot %d", item);
    if (!slot) {
        write_line(&w, ROLE_NORMAL, "free: the lowest free slot takes the next dirty victim");
        return;
    }
    write_line(&w, ROLE_NORMAL, "holds     page %0*llx of %s", vpn_digits(&s), (unsigned long long)slot->vpn,
               s.k->process[slot->proc].name);
    if (users_of(slot) > 1)
        write_line(&w, ROLE_NORMAL, "shared    %u processes have their page here, since a fork", users_of(slot));
    if (slot->frame == FRAME_NONE)
        write_line(&w, ROLE_NORMAL, "memory    not there: these are the page's only bytes");
    else
        write_line(&w, ROLE_NORMAL, "memory    in frame %u too (swap cache); the slot stays valid until the page is written",
                   slot->frame);
    const struct dump d = {byte_of_slot, &slot->content, 1u << s.f->page_shift, UINT_MAX};
    write_bytes(&w, &d);
}

static bool matches(const struct view *v, int item, const char *needle) {
    const struct sight s = sight_of(v);
    const struct swap_slot *slot = item >= 0 && item < slots(&s) ? slot_at(&s, item) : NULL;
    char buf[48];
    if (!slot) return false;
    snprintf(buf, sizeof buf, "%s 0x%0*llx", s.k->process[slot->proc].name, vpn_digits(&s),
             (unsigned long long)slot->vpn);
    return holds_word(buf, needle);
}

const struct pane pane_swap = {
    .name = "swap",
    .title = "Swap",
    .digit = '6',
    .min_width = 10,
    .min_height = 2,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
