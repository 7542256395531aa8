/* pane_frames.c - physical memory: the frames that user pages compete for.
 *
 *     0 A 0804a data RD      '>' the policy's hand    'x' victim
 *    >1 A 08049 text R       '*' taken or filled      '~' passed over, R cleared
 *    x2 A bffff stck RD      '<' used by the access
 *     3 free
 *
 * Who is there comes from the kernel's frame table, R and D from the PTEs that
 * map it, the order or counter at the right from the policy's describe(). With
 * much room the frames are boxes; with little they stand in several columns.
 */
#include "ui/pane_frames.h"

#include "vmscope/base/memory.h"
#include <limits.h>

#define RANKED_FRAMES_MAX 4096u /* a policy with more is not asked to describe them all at each draw */

/* ---- the policy's state ---- */

/* Which of the policy's lists it is in; "": there is one order for all. */
static const char *list_name(const struct policy_view *p, frame_t f) {
    return p->picture.list_name && p->list ? p->picture.list_name[p->list[f]] : "";
}

static void measure_ranks(struct policy_view *p, const struct sight *s) {
    uint64_t largest = 0;
    bool never = false;
    p->rank_width = 0;
    if (!p->picture.rank_name || !p->rank) return;
    for (frame_t f = 0; f < s->k->config->frames; f++) {
        if (s->k->frame[f].shares == 0) continue;
        never |= p->rank[f] >= NEXT_NEVER && !p->picture.rank_digits;
        if (p->rank[f] < NEXT_NEVER && p->rank[f] > largest) largest = p->rank[f];
    }
    p->rank_width = p->picture.rank_digits ? p->picture.rank_digits : decimal_digits(largest);
    if (never && p->rank_width < 5) p->rank_width = 5; /* "never" */
    int names = 0;
    for (frame_t f = 0; p->picture.list_name && f < s->k->config->frames; f++)
        if ((int)strlen(list_name(p, f)) > names) names = (int)strlen(list_name(p, f));
    if (names) p->rank_width += names + 1;
}

struct policy_view policy_view_of(const struct sight *s) {
    const struct policy *policy = kernel_policy(s->k);
    struct policy_view p = {.picture = {.hand = FRAME_NONE}, .ops = policy_ops(policy)};
    uint32_t n = s->k->config->frames;
    if (n <= RANKED_FRAMES_MAX) p.rank = mem_zalloc(n, sizeof *p.rank);
    if (p.rank) p.list = mem_zalloc(n, sizeof *p.list);
    p.picture.rank = p.rank;
    p.picture.list = p.list;
    if (p.rank) p.ops->describe(policy, &p.picture);
    measure_ranks(&p, s);
    return p;
}

void policy_view_free(struct policy_view *p) {
    free(p->rank);
    free(p->list);
}

/* The lowest `digits` bits, the highest of them first. */
static void say_bits(uint64_t value, unsigned digits, char *buf, size_t size) {
    size_t n = 0;
    while (digits-- > 0 && n + 1 < size) buf[n++] = value >> digits & 1 ? '1' : '0';
    buf[n] = '\0';
}

void say_rank(const struct policy_view *p, frame_t f, bool used, char *buf, size_t size) {
    buf[0] = '\0';
    if (!used || !p->rank || !p->picture.rank_name) return;
    if (p->picture.rank_digits)
        say_bits(p->rank[f], p->picture.rank_digits, buf, size);
    else if (p->rank[f] >= NEXT_NEVER)
        snprintf(buf, size, "never");
    else
        snprintf(buf, size, "%s%s%llu", list_name(p, f), *list_name(p, f) ? " " : "", (unsigned long long)p->rank[f]);
}

/* ---- marks ---- */

char frame_mark(const struct sight *s, frame_t f, const struct tenant *t, enum role *role) {
    const struct flight *fl = &s->flight;
    *role = t->is == FRAME_IS_FREE ? ROLE_DIM : ROLE_NORMAL;
    if (touches_frame(s, f)) {
        *role = touch_mark(s) == 'x' ? ROLE_MAJOR : ROLE_NOW;
        return touch_mark(s);
    }
    if (touches(s, TOUCH_FROM) && s->last->pfn == f) {
        *role = ROLE_COW;
        return '<';
    }
    if (t->is == FRAME_IS_CACHED || t->is == FRAME_IS_TABLE) *role = ROLE_KERNEL;
    if (t->is == FRAME_IS_LEAVING || t->is == FRAME_IS_FILLING) return t->is == FRAME_IS_LEAVING ? 'x' : '*';
    if (fl->active && fl->translated && fl->pfn == f) *role = ROLE_ADDRESS;
    return ' ';
}

int hot_frame(const struct sight *s) {
    uint32_t f = FRAME_NONE, n = s->k->config->frames;
    if (touches(s, TOUCH_FRAME))
        f = s->last->frame;
    else if (kernel_busy(s->k) && s->k->latch.frame < n)
        f = s->k->latch.frame;
    else if (s->flight.active && s->flight.translated && s->flight.pfn < n)
        f = (uint32_t)s->flight.pfn;
    return f < n && f <= INT_MAX ? (int)f : -1;
}

/* ---- in words ---- */

/* clang-format off */
static const struct {
    enum event_kind kind;
    const char *words;
} happenings[] = {
    {EV_FRAME_FREE, "* frame %u: was free"},       {EV_POLICY_PASS, "~ frame %u: R=1, passed"},
    {EV_VICTIM, "x frame %u: the victim"},         {EV_UNMAP, "x frame %u: unmapped"},
    {EV_SWAP_WRITE, "x frame %u: to swap"},        {EV_VICTIM_DROP, "x frame %u: dropped"},
    {EV_ZERO_FILL, "* frame %u: zero-filled"},     {EV_SWAP_READ, "* frame %u: from swap"},
    {EV_FILE_READ, "* frame %u: from the file"},   {EV_SHARE, "* frame %u: shared"},
    {EV_PTE_WRITE, "* frame %u: mapped"},          {EV_MEM_READ, "< frame %u: read"},
    {EV_MEM_WRITE, "< frame %u: written"},         {EV_MEM_TOUCH, "< frame %u: written"},
    {EV_MEM_FETCH, "< frame %u: fetched"},         {EV_REF_CLEAR, "~ frame %u: R cleared"},
    {EV_FRAMES_RUN, "* frame %u on: side by side"}, {EV_HUGE_SPLIT, "~ frame %u: huge page split"},
    {EV_BITS_BY_OS, "* frame %u: bits set"},       {EV_COW_COPY, "* frame %u: a copy"},
    {EV_COW_REUSE, "* frame %u: writable again"},  {EV_ZERO_COPY, "* frame %u: zero-filled"},
    {EV_SHARE_SWAP, "* frame %u: swap cache"},     {EV_IDLE_VICTIM, "x frame %u: nobody maps it"},
    {EV_POLICY_MOVE, "~ frame %u: moves"},
    {EV_POLICY_LEAVE, "x frame %u: let go"},
    {EV_FILE_WRITE, "x frame %u: to its file"},    {EV_WRITE_AHEAD, "~ frame %u: written ahead"},
};
/* clang-format on */

static bool kswapd_works(const struct kernel *k) { return k->latch.reclaim && !k->latch.suspend && kernel_busy(k); }

/* What kswapd does, where it is there. */
static const char *kswapd_state(const struct kernel *k) {
    if (kswapd_works(k)) return "works";
    return k->reclaim_hopeless ? "gave up" : "sleeps";
}

/* In long and in shorter words. */
static void kernel_words(const struct sight *s, int length, char *buf, size_t size) {
    const struct machine_config *c = s->k->config;
    struct text t = text_in(buf, size);
    text_addf(&t, "%u free", s->k->frames_free);
    if (c->free_low && length == 0) text_addf(&t, ", low %u high %u: kswapd %s", c->free_low, c->free_high, kswapd_state(s->k));
    if (c->free_low && length == 1) text_addf(&t, " (%u-%u) kswapd %s", c->free_low, c->free_high, kswapd_state(s->k));
    if (c->free_low) return;
    if (s->k->idle_frames && length < 2) text_addf(&t, ", %u cached", s->k->idle_frames);
    if (length == 0 && !c->tables_in_frames)
        text_addf(&t, "; kernel above: %u table page%s", s->k->tables, s->k->tables == 1 ? "" : "s");
    if (length < 2 && c->tables_in_frames) text_addf(&t, ", %u table%s", s->k->tables, s->k->tables == 1 ? "" : "s");
}

static void draw_words(const struct sight *s, const struct policy_view *p, const struct area *a, int y) {
    char buf[80] = "";
    for (size_t i = 0; i < sizeof happenings / sizeof happenings[0]; i++)
        if (s->last->kind == happenings[i].kind && s->last->frame != FRAME_NONE) {
            int n = snprintf(buf, sizeof buf, "%.*s", (int)strcspn(happenings[i].words, "%"),
                             happenings[i].words);
            snprintf(buf + n, sizeof buf - (size_t)n, "%u%s", s->last->frame,
                     strstr(happenings[i].words, "%u") + 2);
            text_fits(a, 0, y, ROLE_CURRENT, buf);
            return;
        }
    for (int length = 0; length < 3; length++) {
        kernel_words(s, length, buf, sizeof buf);
        if ((int)strlen(buf) <= a->width) break;
    }
    text_fits(a, 0, y, ROLE_DIM, buf);
    if (p->picture.hand != FRAME_NONE) text_fits(a, (int)strlen(buf) + 2, y, ROLE_DIM, "> hand");
}

/* ---- the pane ---- */

static void draw(const struct view *v, const struct area *a, struct pane_state *st, bool focused) {
    struct sight s = sight_of(v);
    struct policy_view p = policy_view_of(&s);
    struct area body = *a;
    if (a->height >= 4 && (int)s.k->config->frames < a->height) body.height--; /* the last row is for words */
    bool blocks = frames_have_blocks(&s);
    if (!blocks) cursor_place(st, (int)s.k->config->frames, hot_frame(&s));
    if (blocks)
        draw_frame_blocks(&s, &p, &body, st, focused);
    else if (frames_are_many(&s, &p, &body))
        draw_frame_overview(&s, &p, &body, st, focused);
    else if (draw_frame_boxes(&s, &p, &body, focused ? st->cursor : -1))
        st->scroll = 0;
    else
        draw_frame_list(&s, &p, &body, st, focused);
    if (a->height > body.height) draw_words(&s, &p, a, body.height);
    policy_view_free(&p);
}

static void heading(const struct view *v, struct text *out) {
    const struct sight s = sight_of(v);
    struct policy_view p = policy_view_of(&s);
    const struct machine_config *c = s.k->config;
    if (c->free_low && kswapd_works(s.k)) text_add(out, "kswapd works  ");
    else if (c->free_low) text_addf(out, "free %u (%u-%u)  ", s.k->frames_free, c->free_low, c->free_high);
    text_add(out, p.ops->title);
    if (p.picture.rank_name) text_addf(out, "  %s", p.picture.rank_name);
    if (p.picture.note[0]) text_addf(out, "  %s", p.picture.note);
    policy_view_free(&p);
    if (s.k->policy_count > 1) text_add(out, "  local");
}

/* Where several processes have frames, whose they are must be seen: that needs long lines, so more of them. */
static int rows(const struct view *v) {
    const struct sight s = sight_of(v);
    uint32_t n = s.k->config->frames;
    return !has_processes(&s) ? 0 : n < 6 ? (int)n : 6;
}

/* Frames, or blocks of them where huge pages are mapped. */
static int items(const struct view *v) {
    const struct sight s = sight_of(v);
    return frames_have_blocks(&s) ? block_items(&s) : (int)s.k->config->frames;
}

static int hot_item(const struct view *v) {
    const struct sight s = sight_of(v);
    return frames_have_blocks(&s) ? block_of_frame(&s, hot_frame(&s)) : hot_frame(&s);
}

/* The (first) frame of an item; FRAME_NONE: no such item. */
static frame_t frame_of_item(const struct sight *s, int item) {
    if (item < 0) return FRAME_NONE;
    if (frames_have_blocks(s)) return frame_of_block(s, item);
    return (uint32_t)item < s->k->config->frames ? (frame_t)item : FRAME_NONE;
}

/* ---- one frame in full ---- */

/* One PTE that points here. */
static void write_mapping(struct page_writer *w, const struct sight *s, const struct rmap *r, const struct vma *region) {
    uint64_t word = ram_read(s->hw->ram, r->pte_addr, s->f->pte_bytes);
    char flags[PTE_FLAGS + 8] = "";
    struct text t = text_in(flags, sizeof flags);
    format_pte_flags(&t, s->f, word);
    write_line(w, ROLE_NORMAL, "mapped by %s, VPN %0*llx (%s): PTE %0*llx at %llx, %s", s->k->process[r->proc].name, vpn_digits(s),
               (unsigned long long)format_vpn_bits(s->f, r->vpn), region ? region->name : "no region", pte_digits(s->f),
               (unsigned long long)word, (unsigned long long)r->pte_addr, flags);
}

static void write_owners(struct page_writer *w, const struct sight *s, const struct frame *frame) {
    const struct rmap *r = &frame->owner;
    for (uint32_t i = 0; i < frame->shares; i++) {
        const struct vma *region = vma_find(&s->k->process[r->proc], r->vpn);
        if (r->order) write_line(w, ROLE_NORMAL, "part of a huge page of %llu frames", 1ull << r->order);
        write_mapping(w, s, r, region);
        if (r->next == UINT32_MAX) break;
        r = &s->k->rmap_pool[r->next];
    }
}

/* A frame of a RAM, as a source of bytes. */
struct frame_bytes {
    const struct ram *ram;
    paddr_t pa;
};

static uint8_t byte_of_frame(const void *of, unsigned offset) {
    const struct frame_bytes *b = of;
    return (uint8_t)ram_read(b->ram, b->pa + offset, 1);
}

static void write_frame(struct page_writer *w, const struct sight *s, frame_t f) {
    const struct frame_bytes bytes = {s->hw->ram, pfn_to_pa(f, s->f->page_shift)};
    bool here = s->flight.translated && s->flight.pfn == f;
    const struct dump d = {byte_of_frame, &bytes, 1u << s->f->page_shift,
                           here ? (unsigned)(s->flight.va & low_bits(s->f->page_shift)) : UINT_MAX};
    write_bytes(w, &d);
}

static void detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_of(v);
    struct page_writer w = {a, 0};
    frame_t f = frame_of_item(&s, item);
    if (f == FRAME_NONE) return;
    const struct frame *frame = &s.k->frame[f];
    struct tenant t = tenant_of(&s, f);
    struct policy_view p = policy_view_of(&s);
    char rank[72];
    paddr_t pa = pfn_to_pa(f, s.f->page_shift);
    write_line(&w, ROLE_HEADING, "Frame %u (PFN %u): physical addresses %0*llx-%0*llx", f, f, pa_digits(s.f),
               (unsigned long long)pa, pa_digits(s.f), (unsigned long long)(pa | low_bits(s.f->page_shift)));
    if (t.is == FRAME_IS_FREE) write_line(&w, ROLE_NORMAL, "free");
    if (t.is == FRAME_IS_BY_HAND)
        write_line(&w, ROLE_NORMAL, "mapped by %s, VPN %0*llx: a PTE given by the scenario. For the kernel the frame is free", t.owner,
                   vpn_digits(&s), (unsigned long long)format_vpn_bits(s.f, t.vpn));
    write_owners(&w, &s, frame);
    if (t.is == FRAME_IS_CACHED) write_line(&w, ROLE_NORMAL, "mapped by nobody: kept for the next one who needs %s %s", t.page, t.region);
    if (t.is == FRAME_IS_TABLE) write_line(&w, ROLE_NORMAL, "holds a page table of %s, %s: it never leaves", t.owner, t.page);
    if (frame->flags & FRAME_FILE)
        write_line(&w, ROLE_NORMAL, "page %u of %s %s: the page cache's, whoever maps it", frame->file_page,
                   s.k->file[frame->file].memory ? "shared memory" : "the file", s.k->file[frame->file].name);
    if (t.pinned) write_line(&w, ROLE_NORMAL, "locked: it cannot be a victim");
    if (t.is == FRAME_IS_HELD)
        write_line(&w, ROLE_NORMAL, "R %d (%s)   D %d (%s)", t.referenced, t.referenced ? "used" : "not used",
                   t.dirty, t.dirty ? "written" : "clean");
    if (frame->slot != SLOT_NONE)
        write_line(&w, ROLE_NORMAL, "swap slot %u holds the same bytes until it is written", frame->slot);
    say_rank(&p, f, t.is == FRAME_IS_HELD, rank, sizeof rank);
    if (rank[0]) write_line(&w, ROLE_NORMAL, "%s %s: %s", p.ops->title, p.picture.rank_name, rank);
    if (p.picture.hand == f) write_line(&w, ROLE_NORMAL, "the hand of %s stands here", p.ops->title);
    policy_view_free(&p);
    write_frame(&w, &s, f);
}

static bool matches(const struct view *v, int item, const char *needle) {
    const struct sight s = sight_of(v);
    char buf[96];
    frame_t f = frame_of_item(&s, item);
    if (f == FRAME_NONE) return false;
    struct tenant t = tenant_of(&s, f);
    if (t.is == FRAME_IS_FREE) return holds_word("free", needle);
    snprintf(buf, sizeof buf, "%s 0x%s %s", t.owner, t.page, t.region);
    return holds_word(buf, needle);
}

const struct pane pane_frames = {
    .name = "frames",
    .title = "Frames",
    .digit = '5',
    .min_width = 12,
    .min_height = 3,
    .rows = rows,
    .heading = heading,
    .draw = draw,
    .items = items,
    .hot_item = hot_item,
    .detail = detail,
    .matches = matches,
};
