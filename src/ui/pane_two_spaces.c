/* pane_two_spaces.c - two address spaces side by side, and their pages in pairs.
 *
 *    A  pid 1  runs            | B  pid 2
 *    c0000000 kernel           | c0000000 kernel
 *    0804c000 heap  ===#       | 0804c000 heap  ===#
 *    --------------------------+--------------------------
 *     page  A                    B
 *    0804c  frame 0   r--ua-     frame 0   r--ua-     one frame, 2 PTEs: copied when written
 *   *0804d  frame 4   rw-uad     frame 1   r--ua-     each has its own
 *
 * Frames that both map are lit in both. A row of the pairs is a page of the left process and
 * the page of the right one that is in the same frame or, where there is none, has the same number.
 */
#include "ui/pane_address_space.h"
#include "ui/pane_page_table.h"

#define PAIRS_MAX 512 /* more are not looked through at each draw */
#define PAGES_MAX 65536u

bool two_spaces(const struct view *v) {
    const struct kernel *k = machine_kernel(v->machine);
    const struct looking *l = v->looking;
    return l && l->beside != PROC_NONE && process_seen(k, l->shown) && process_seen(k, l->beside);
}

/* ---- pairs ---- */

struct pair {
    const struct vma *region[2];
    vpn_t vpn[2];
    bool one_frame;
};
struct pairs {
    struct sight s[2];
    struct pair pair[PAIRS_MAX];
    int count;
};

static bool is_there(const struct vma *r, vpn_t vpn) {
    enum page_state state = r ? vma_page_state(r, vpn) : PAGE_UNTOUCHED;
    return state == PAGE_RESIDENT || state == PAGE_SWAPPED || state == PAGE_ZERO;
}

static const struct vma *user_region(const struct process *p, vpn_t vpn) {
    const struct vma *r = vma_find(p, vpn);
    return r && r->kind != VMA_KERNEL ? r : NULL;
}

/* The partner of a page of the left process; false: there is none, or nothing to tell of either. */
static bool find_partner(const struct pairs *all, const struct vma *r, vpn_t vpn, struct pair *out) {
    const struct sight *left = &all->s[0], *right = &all->s[1];
    *out = (struct pair){.region = {r, NULL}, .vpn = {vpn, vpn}};
    if (vma_page_state(r, vpn) == PAGE_RESIDENT)
        out->one_frame = frame_maps(left->k, vma_page_where(r, vpn), right->proc, &out->vpn[1]);
    if (out->one_frame) { /* it may be mapped there twice: better at the same number */
        const struct vma *same = user_region(right->p, vpn);
        bool also = same && vma_page_state(same, vpn) == PAGE_RESIDENT && vma_page_where(same, vpn) == vma_page_where(r, vpn);
        if (also) out->vpn[1] = vpn;
    }
    out->region[1] = user_region(right->p, out->vpn[1]);
    return out->region[1] && (is_there(r, vpn) || is_there(out->region[1], out->vpn[1]));
}

static void find_pairs(struct pairs *all) {
    const struct process *p = all->s[0].p;
    vpn_t looked = 0;
    for (uint32_t i = 0; i < p->vma_count; i++) {
        const struct vma *r = &p->vma[i];
        for (vpn_t vpn = r->first; r->kind != VMA_KERNEL && vpn < r->end; vpn++)
            if (all->count == PAIRS_MAX || looked++ == PAGES_MAX) return;
            else all->count += find_partner(all, r, vpn, &all->pair[all->count]);
    }
}

/* ---- a row ---- */

enum { MARK, PAGE, LEFT, LEFT_FLAGS, RIGHT_PAGE, RIGHT, RIGHT_FLAGS, RELATION, COLUMNS };

static void choose_columns(const struct pairs *all, struct column *c, int width) {
    char flags[PTE_FLAGS + 1];
    const struct sight *s = &all->s[0];
    flag_letters(s->f, UINT32_MAX, flags);
    int place = 6 + decimal_digits(s->k->config->frames), flag = (int)strlen(flags);
    bool moved = false; /* is any of them at different numbers in the two? */
    for (int i = 0; i < all->count; i++) moved |= all->pair[i].vpn[0] != all->pair[i].vpn[1];
    const struct column columns[COLUMNS] = {
        [MARK] = {.head = "", .width = 1, .rank = 0},
        [PAGE] = {.head = "page", .width = column_width("page", vpn_digits(s)), .rank = 0},
        [LEFT] = {.head = all->s[0].p->name, .width = place, .rank = 1},
        [LEFT_FLAGS] = {.head = "", .width = flag, .rank = 2},
        [RIGHT_PAGE] = {.head = "", .width = moved ? vpn_digits(s) : 0, .rank = 4},
        [RIGHT] = {.head = all->s[1].p->name, .width = place, .rank = 1},
        [RIGHT_FLAGS] = {.head = "", .width = flag, .rank = 2},
        [RELATION] = {.head = "", .width = 10, .rank = 3},
    };
    memcpy(c, columns, sizeof columns);
    columns_fit(c, COLUMNS, width);
    if (c[RELATION].x >= 0) c[RELATION].width = width - c[RELATION].x;
}

static unsigned flags_of(const struct sight *s, vpn_t vpn) {
    struct pte_at at = pagetable_at(s->k, s->proc, vpn);
    return at.found ? paging_decode(s->f, at.word).flags : 0;
}

/* Is this page of one of the two being copied just now? */
static bool is_copied_now(const struct pairs *all, const struct pair *p) {
    const struct event *e = all->s[0].last;
    if (e->kind != EV_COW_COPY) return false;
    return (e->proc == all->s[0].proc && e->vpn == p->vpn[0]) || (e->proc == all->s[1].proc && e->vpn == p->vpn[1]);
}

/* What the two have to do with each other, in words that fit. */
static void say_relation(const struct pairs *all, const struct pair *p, int width, char *buf, size_t size) {
    const struct kernel *k = all->s[0].k;
    const struct vma *r = p->region[0];
    bool both = vma_page_state(r, p->vpn[0]) == PAGE_RESIDENT && vma_page_state(p->region[1], p->vpn[1]) == PAGE_RESIDENT;
    bool cow = p->one_frame && !r->shared && (r->perms & PERM_W);
    const struct event *e = all->s[0].last;
    if (is_copied_now(all, p)) {
        snprintf(buf, size, "frame %llu is copied to frame %u", (unsigned long long)e->pfn, e->frame);
        if ((int)strlen(buf) > width) snprintf(buf, size, "%llu > %u", (unsigned long long)e->pfn, e->frame);
        return;
    }
    const char *then = !p->one_frame ? "" : cow ? ": copied when written" : r->shared ? ": a write is seen by both" : ": read only";
    if (p->one_frame) snprintf(buf, size, "one frame x%u%s", k->frame[vma_page_where(r, p->vpn[0])].shares, then);
    else snprintf(buf, size, both ? "each has its own" : "");
    if ((int)strlen(buf) > width && p->one_frame) snprintf(buf, size, "x%u %s", k->frame[vma_page_where(r, p->vpn[0])].shares, cow ? "COW" : "");
    if ((int)strlen(buf) > width) snprintf(buf, size, "%s", both ? "own" : "");
}

static void draw_side(const struct pairs *all, const struct area *a, const struct column *c, int y, enum role role, const struct pair *p, int side) {
    const struct sight *s = &all->s[side];
    char place[32], flags[PTE_FLAGS + 1];
    struct text t = text_in(place, sizeof place);
    vpn_t vpn = p->vpn[side];
    bool lit = p->one_frame && role != ROLE_NOW;
    place_of_page(&t, s, p->region[side], vpn);
    flag_letters(s->f, flags_of(s, vpn), flags);
    column_put(a, &c[side ? RIGHT : LEFT], 0, y, lit ? ROLE_COW : role, "%s", place);
    column_put(a, &c[side ? RIGHT_FLAGS : LEFT_FLAGS], 0, y, role, "%s", flags);
}

static bool pair_changed(const struct pairs *all, const struct pair *p) {
    return is_copied_now(all, p) || page_changed(&all->s[0], p->vpn[0]) || page_changed(&all->s[1], p->vpn[1]);
}

static bool pair_in_use(const struct pairs *all, const struct pair *p) {
    return page_in_use(&all->s[0], p->vpn[0]) || page_in_use(&all->s[1], p->vpn[1]);
}

static void draw_pair(const struct pairs *all, const struct area *a, const struct column *c, int y, const struct pair *p) {
    bool changed = pair_changed(all, p), used = pair_in_use(all, p);
    enum role role = changed ? ROLE_NOW : used ? ROLE_ADDRESS : ROLE_NORMAL;
    char words[64];
    if (changed) area_role(a, 0, y, a->width, 1, role);
    column_put(a, &c[MARK], 0, y, role, "%s", changed ? "*" : used ? ">" : "");
    vpn_put(&all->s[0], a, &c[PAGE], 0, y, role, p->vpn[0]);
    draw_side(all, a, c, y, role, p, 0);
    if (p->vpn[1] != p->vpn[0]) vpn_put(&all->s[1], a, &c[RIGHT_PAGE], 0, y, role, p->vpn[1]);
    draw_side(all, a, c, y, role, p, 1);
    if (c[RELATION].x < 0) return;
    say_relation(all, p, c[RELATION].width, words, sizeof words);
    column_put(a, &c[RELATION], 0, y, role, "%s", words);
}

/* The pairs, so that the one that is changed or in use is in sight. */
static void draw_pairs(const struct pairs *all, const struct area *a) {
    struct column c[COLUMNS];
    int hot = 0, rows = a->height - 1;
    for (int i = 0; i < all->count; i++)
        if (pair_changed(all, &all->pair[i]) || pair_in_use(all, &all->pair[i])) hot = i;
    int first = hot < rows ? 0 : hot - rows + 1;
    choose_columns(all, c, a->width - (all->count > rows ? 2 : 0));
    columns_head(a, c, COLUMNS, 0, 0);
    if (all->count == 0) area_text(a, 0, 1, ROLE_DIM, "(no page that both have is anywhere yet)");
    for (int i = 0; i < rows && first + i < all->count; i++) draw_pair(all, a, c, 1 + i, &all->pair[first + i]);
    struct list l = {first, rows, all->count};
    list_marks(a, &l, 1);
}

/* ---- both ---- */

static void draw_half(const struct view *v, const struct area *a, proc_t p, proc_t beside, struct pane_state *st, bool focused) {
    const struct sight s = sight_at(v, p);
    struct area rest = area_sub(a, 0, 1, a->width, a->height - 1);
    bool runs = s.proc == s.k->running && s.p->alive;
    const char *state = !s.p->alive ? "  ended" : s.p->suspended ? "  suspended" : runs ? "  runs" : "";
    area_printf(a, 0, 0, runs ? ROLE_CURRENT : ROLE_HEADING, "%s  pid %u%s", s.p->name, p + 1u, state);
    draw_space(v, p, beside, &rest, st, focused);
}

void draw_two_spaces(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    static const struct pane_state follows = {.follow = true};
    const struct looking *l = v->looking;
    struct pairs *all = calloc(1, sizeof *all);
    if (!all) return;
    all->s[0] = sight_at(v, l->shown);
    all->s[1] = sight_at(v, l->beside);
    find_pairs(all);
    int below = a->height / 3 > all->count + 1 ? all->count + 1 : a->height / 3, half = (a->width - 1) / 2;
    if (below < 3) below = a->height >= 12 ? 3 : 0;
    int height = a->height - (below ? below + 1 : 0);
    struct area left = area_sub(a, 0, 0, half, height), right = area_sub(a, half + 1, 0, a->width - half - 1, height);
    struct pane_state other = follows;
    draw_half(v, &left, l->shown, l->beside, st, focused);
    draw_half(v, &right, l->beside, l->shown, &other, false);
    for (int y = 0; y < height; y++) area_glyph(a, half, y, ROLE_BORDER, GLYPH_VLINE);
    for (int x = 0; below && x < a->width; x++) area_glyph(a, x, height, ROLE_BORDER, x == half ? GLYPH_TEE_UP : GLYPH_HLINE);
    struct area pairs = area_sub(a, 0, height + 1, a->width, below);
    if (below) draw_pairs(all, &pairs);
    free(all);
}
