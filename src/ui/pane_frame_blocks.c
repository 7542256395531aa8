/* pane_frame_blocks.c - frames where huge pages are mapped: a line for each block.
 *
 *        0      A 0000010 R- text
 *        1-511  free
 *    * 512-1023 A 0000200 RD 2M heap           one huge page, its frames side by side
 *     1024-1099 free
 *
 * A block is a huge page, a run of free frames, or one frame by itself; the pane's
 * items are then the blocks.
 */
#include "ui/pane_frames.h"

struct block {
    frame_t first;
    uint32_t count;
};

static bool is_free(const struct sight *s, frame_t f) { return !(s->k->frame[f].flags & FRAME_USED); }

/* Do regions ask for huge pages at all? Nearly always not, and then no frame need be looked at. */
static bool huge_wanted_anywhere(const struct kernel *k) {
    for (uint32_t p = 0; p < k->process_count; p++)
        for (uint32_t i = 0; i < k->process[p].vma_count; i++)
            if (k->process[p].vma[i].order > 0) return true;
    return false;
}

bool frames_have_blocks(const struct sight *s) {
    if (!huge_wanted_anywhere(s->k)) return false;
    for (frame_t f = 0; f < s->k->config->frames; f++)
        if (s->k->frame[f].shares > 0 && s->k->frame[f].owner.order > 0) return true;
    return kernel_busy(s->k) && s->k->latch.order > 0;
}

/* The order of the huge page that begins here, mapped or on its way in; 0: none does. */
static unsigned order_at(const struct sight *s, frame_t f) {
    const struct os_latch *l = &s->k->latch;
    bool coming = kernel_busy(s->k) && l->order > 0 && l->frame == f && s->k->frame[f].shares == 0;
    unsigned order = coming ? l->order : s->k->frame[f].shares > 0 ? s->k->frame[f].owner.order : 0;
    return f % ((frame_t)1 << order) == 0 ? order : 0;
}

static struct block block_at(const struct sight *s, frame_t f) {
    uint32_t n = s->k->config->frames, count = 1;
    unsigned order = order_at(s, f);
    if (order) count = (uint32_t)1 << order;
    while (!order && is_free(s, f) && f + count < n && is_free(s, f + count) && !order_at(s, f + count)) count++;
    return (struct block){f, n - f < count ? n - f : count};
}

static bool holds(const struct block *b, uint32_t f) { return f >= b->first && f - b->first < b->count; }

/* How many blocks there are, and the number of the one that holds frame `f`. */
static int count_blocks(const struct sight *s, uint32_t f, int *at) {
    int n = 0;
    *at = -1;
    for (frame_t first = 0; first < s->k->config->frames; n++) {
        struct block b = block_at(s, first);
        if (holds(&b, f)) *at = n;
        first = b.first + b.count;
    }
    return n;
}

int block_items(const struct sight *s) {
    int at;
    return count_blocks(s, UINT32_MAX, &at);
}

int block_of_frame(const struct sight *s, int f) {
    int at;
    count_blocks(s, f < 0 ? UINT32_MAX : (uint32_t)f, &at);
    return at;
}

frame_t frame_of_block(const struct sight *s, int item) {
    frame_t first = 0;
    for (int i = 0; first < s->k->config->frames; i++) {
        struct block b = block_at(s, first);
        if (i == item) return first;
        first = b.first + b.count;
    }
    return FRAME_NONE;
}

static void draw_block(const struct sight *s, const struct policy_view *p, const struct area *a, int y, const struct block *b) {
    struct tenant t = tenant_of(s, b->first);
    enum role role;
    char mark = frame_mark(s, b->first, &t, &role), size[16] = "";
    int digits = decimal_digits(s->k->config->frames - 1), x = 2;
    bool hand = p->picture.hand != FRAME_NONE && holds(b, p->picture.hand);
    if (touches(s, TOUCH_FRAME) && holds(b, s->last->frame) && mark == ' ') mark = touch_mark(s), role = ROLE_NOW;
    if (role == ROLE_NOW || role == ROLE_MAJOR) area_role(a, 0, y, a->width, 1, role);
    if (hand) area_text(a, 0, y, ROLE_CURRENT, ">");
    area_printf(a, 1, y, role, "%c", mark);
    area_printf(a, x, y, role, b->count > 1 ? "%*u-%u" : "%*u", digits, b->first, b->first + b->count - 1);
    x += 2 * digits + 2;
    if (t.is == FRAME_IS_FREE) {
        area_printf(a, x, y, role, "free");
        return;
    }
    if (order_at(s, b->first)) short_page_size(s->f, order_at(s, b->first), size);
    x = area_printf(a, x, y, role, "%s %s", t.owner, t.page) + 1;
    if (t.is == FRAME_IS_FILLING) x = area_text(a, x, y, role, "in") + 1;
    else x = area_printf(a, x, y, role, "%c%c", t.referenced ? 'R' : '-', t.dirty ? 'D' : '-') + 1;
    if (size[0] && text_fits(a, x, y, role, size)) x += (int)strlen(size) + 1;
    text_fits(a, x, y, role, t.region);
}

void draw_frame_blocks(const struct sight *s, const struct policy_view *p, const struct area *a, struct pane_state *st,
                       bool focused) {
    int n = block_items(s);
    struct list l = list_place(st, n, block_of_frame(s, hot_frame(s)), a->height);
    frame_t first = 0;
    for (int i = 0; i < n; i++) {
        struct block b = block_at(s, first);
        first = b.first + b.count;
        if (i < l.first || i >= l.first + l.rows) continue;
        draw_block(s, p, a, i - l.first, &b);
        if (focused && i == st->cursor) row_select(a, 0, i - l.first, a->width);
    }
    list_marks(a, &l, 0);
}
