/* pane_frame_list.c - the frames as a list, a line each; with little room in several
 * columns, and of very many one in full above a map of them all.
 *
 *     0 A 0804a RD data       the columns drop out in the order of their ranks: what
 *    >1 A 08049 R- text       the policy goes by (R and D, or its own number) stays
 *      2-7 free               free frames at the end share a line
 */
#include "ui/pane_frames.h"

enum { NUMBER, OWNER, VPN, BITS, REGION, SHARES, RANK, COLUMNS };

static int number_digits(const struct sight *s) { return decimal_digits(s->k->config->frames - 1); }

/* The widest columns that fit; as one of several groups without headings, page numbers are as wide as they are. */
static int choose_columns(const struct sight *s, const struct policy_view *p, struct column *c, int width, bool alone) {
    int vpn = vpn_digits(s), least = alone ? 4 : 1; /* "file", "swap" */
    bool bits_rule = p->ops->uses_reference_bit; /* what the policy goes by stays longest */
    const struct column all[COLUMNS] = {
        [NUMBER] = {.head = "PFN",
                    .width = 2 + number_digits(s),
                    .rank = 0}, /* the hand, the mark, the number */
        [OWNER] = {.head = "", .width = owner_width(s), .rank = has_processes(s) ? 2 : 5},
        [VPN] = {.head = "VPN", .width = vpn < least ? least : vpn, .rank = 0},
        [BITS] = {.head = "RD", .width = frames_are_locked(s) ? 3 : 2, .rank = bits_rule ? 1 : 4}, /* L: locked */
        [REGION] = {.head = "", .width = 5, .rank = 6},
        [SHARES] = {.head = "", .width = frames_are_shared(s) ? 3 : 0, .rank = 7}, /* the owner says it too */
        [RANK] = {.head = p->picture.rank_name ? p->picture.rank_name : "",
                  .width = p->rank_width,
                  .rank = bits_rule ? 3 : 1,
                  .right = true},
    };
    memcpy(c, all, sizeof all);
    return columns_fit(c, COLUMNS, width);
}

/* As few groups side by side as show all frames; more while they don't. */
static int choose_groups(const struct sight *s, const struct policy_view *p, struct column *c,
                         const struct area *a, int n, int *width) {
    int groups = 1;
    bool owners = has_processes(s);
    *width = choose_columns(s, p, c, a->width, true);
    for (int g = 2; groups * a->height < n && g <= 16; g++) {
        struct column narrow[COLUMNS];
        int w = choose_columns(s, p, narrow, (a->width - (g - 1)) / g, false);
        if (narrow[NUMBER].x < 0 || (owners && narrow[OWNER].x < 0) || narrow[VPN].x < 0 ||
            narrow[p->ops->uses_reference_bit || !p->rank_width ? BITS : RANK].x < 0)
            break;
        memcpy(c, narrow, sizeof narrow);
        *width = w;
        groups = g;
    }
    return groups;
}

static int columns_end(const struct column *c) {
    int end = 0;
    for (int i = 0; i < COLUMNS; i++)
        if (c[i].x >= 0) end = c[i].x + c[i].width;
    return end;
}

static void draw_frame(const struct sight *s, const struct policy_view *p, const struct area *a,
                       const struct column *c, int x, int y, frame_t f) {
    struct tenant t = tenant_of(s, f);
    enum role role;
    char mark = frame_mark(s, f, &t, &role), rank[24], shares[16];
    say_rank(p, f, t.is == FRAME_IS_HELD, rank, sizeof rank);
    if (role == ROLE_NOW || role == ROLE_MAJOR) area_role(a, x, y, columns_end(c), 1, role);
    column_put(a, &c[NUMBER], x, y, role, " %c%*u", mark, number_digits(s), f);
    if (p->picture.hand == f) area_text(a, x + c[NUMBER].x, y, ROLE_CURRENT, ">");
    if (t.is == FRAME_IS_FREE) {
        text_fits(a, x + c[NUMBER].width + 1, y, role, "free");
        return;
    }
    enum role calm = role == ROLE_NORMAL && t.is != FRAME_IS_HELD && t.is != FRAME_IS_BY_HAND ? ROLE_DIM : role;
    column_put(a, &c[OWNER], x, y, calm, "%s", t.owner);
    column_put(a, &c[VPN], x, y, calm, "%s", t.page);
    if (t.is == FRAME_IS_FILLING)
        column_put(a, &c[BITS], x, y, calm, "in");
    else if (t.is != FRAME_IS_TABLE)
        column_put(a, &c[BITS], x, y, calm, "%c%c%s", t.referenced ? 'R' : '-', t.dirty ? 'D' : '-', t.pinned ? "L" : "");
    column_put(a, &c[RANK], x, y, calm, "%s", rank);
    column_put(a, &c[REGION], x, y, calm, "%s", t.region);
    column_put(a, &c[SHARES], x, y, calm, "%s", share_text(&t, shares));
}

/* The first of the free frames at the end, which share a line; with one or none, behind the last. */
static int free_tail(const struct sight *s) {
    int n = (int)s->k->config->frames, f = n;
    while (f > 0 && tenant_of(s, (frame_t)(f - 1)).is == FRAME_IS_FREE) f--;
    return n - f > 1 ? f : n;
}

static void draw_free_tail(const struct sight *s, const struct policy_view *p, const struct area *a, int x, int y,
                           int first) {
    int end = area_printf(a, x + 2, y, ROLE_DIM, "%*d-%u", number_digits(s), first, s->k->config->frames - 1);
    area_text(a, end + 1, y, ROLE_DIM, "free");
    if (p->picture.hand != FRAME_NONE && p->picture.hand >= (frame_t)first) area_text(a, x, y, ROLE_CURRENT, ">");
}

void draw_frame_list(const struct sight *s, const struct policy_view *p, const struct area *a,
                     struct pane_state *st, bool focused) {
    struct column c[COLUMNS];
    int tail = free_tail(s), n = tail < (int)s->k->config->frames ? tail + 1 : tail, width;
    int head = a->height > 3 && n < a->height ? 1 : 0, cursor = st->cursor;
    struct area body = area_sub(a, 0, head, a->width, a->height - head);
    int groups = choose_groups(s, p, c, &body, n, &width), rows = body.height > 0 ? body.height : 1;
    struct list l = list_pages(st, n, -1, groups * rows);
    if (head && groups == 1) columns_head(a, c, COLUMNS, 0, 0);
    for (int i = 0; i < l.rows && l.first + i < n; i++) {
        int x = i / rows * (width + 1), y = i % rows, f = l.first + i;
        if (f == tail) draw_free_tail(s, p, &body, x, y, f);
        else draw_frame(s, p, &body, c, x, y, (frame_t)f);
        if (focused && f == st->cursor) row_select(&body, x, y, width);
    }
    st->cursor = cursor; /* may be on any of those that share the last line */
    list_marks(&body, &l, 0);
}

void draw_frame_overview(const struct sight *s, const struct policy_view *p, const struct area *a,
                      struct pane_state *st, bool focused) {
    struct column c[COLUMNS];
    struct area rest = area_sub(a, 0, 1, a->width, a->height - 1);
    choose_columns(s, p, c, a->width, true);
    draw_frame(s, p, a, c, 0, 0, (frame_t)st->cursor);
    draw_frame_map(s, p, &rest, st, focused);
}

bool frames_are_many(const struct sight *s, const struct policy_view *p, const struct area *a) {
    struct column c[COLUMNS];
    int width, n = (int)s->k->config->frames;
    return n > 16 && a->height >= 3 && choose_groups(s, p, c, a, n, &width) * a->height * 2 < n;
}
