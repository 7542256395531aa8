/* layout.c - the address space of a process, when the scenario gives only sizes.
 *
 *   | text rodata data bss heap ->        <- mmap   gap   <- stack |  kernel  |
 *   text                                                     user_end        end
 *
 * The landmarks are those of layout_space.c. A region of huge pages begins at a
 * multiple of them. Where a machine maps segments instead of pages, each region
 * must lie in its segment, and nothing can grow. */
#include "scenario/layout.h"

#include "scenario/layout_space.h"
#include "vmscope/base/text.h"
#include <stdlib.h>

#define GUARD_PAGES       1  /* between a stack at its limit and what lies below */
#define MMAP_GAP_PAGES    16 /* between the stack's limit and the mmap region */
#define STACK_LIMIT_PAGES 16 /* 64 KiB in pages of 4 KiB */

static uint64_t pages_for(uint64_t bytes, unsigned shift) {
    return (bytes >> shift) + ((bytes & low_bits(shift)) != 0);
}

/* ---- one region ---- */

static const struct {
    unsigned perms;
    enum backing backing;
} usual[VMA_KINDS] = {
    [VMA_TEXT] = {PERM_RX, BACKING_FILE},  [VMA_RODATA] = {PERM_R, BACKING_FILE},
    [VMA_DATA] = {PERM_RW, BACKING_FILE},  [VMA_BSS] = {PERM_RW, BACKING_ANON},
    [VMA_HEAP] = {PERM_RW, BACKING_ANON},  [VMA_MMAP] = {PERM_RW, BACKING_ANON},
    [VMA_STACK] = {PERM_RW, BACKING_ANON}, [VMA_KERNEL] = {PERM_RW | PERM_X, BACKING_ANON},
};

/* State of one layout being made. */
struct plan {
    const struct paging_format *format;
    struct space space;
    unsigned shift;
    const struct layout_wish *wish;
    struct region_config *out;
    size_t count;
    uint32_t file_pages; /* of the program's file, so far */
    struct layout_problem *why;
};

static bool problem(struct plan *p, enum vma_kind kind, const char *text) {
    struct text t = text_in(p->why->text, sizeof p->why->text);
    text_addf(&t, "%s %s", vma_kind_name[kind], text);
    p->why->kind = kind;
    return false;
}

static uint64_t wish_pages(const struct plan *p, enum vma_kind kind) {
    return p->wish[kind].given ? pages_for(p->wish[kind].bytes, p->shift) : 0;
}

static vpn_t align_up(vpn_t at, unsigned order) {
    vpn_t mask = low_bits(order);
    return at > UINT64_MAX - mask ? UINT64_MAX & ~mask : (at + mask) & ~mask;
}

static vpn_t align_down(vpn_t at, unsigned order) { return at & ~low_bits(order); }

/* Where the wish says, in whole pages of its size. */
static bool place_as_wished(struct plan *p, enum vma_kind kind, vpn_t *first) {
    const struct layout_wish *w = &p->wish[kind];
    if (w->at & low_bits(p->shift))
        return problem(p, kind, "must begin at a page: its address is not a multiple of the page size");
    *first = w->at >> p->shift;
    if (*first & low_bits(w->order))
        return problem(p, kind,
                       "must begin at one of its huge pages: its address is not a multiple of their size");
    return true;
}

static bool no_room(struct plan *p, enum vma_kind kind) {
    const struct space *s = &p->space;
    char text[150];
    struct text t = text_in(text, sizeof text);
    text_add(&t, "does not fit into the virtual address space");
    if (s->high != s->end)
        text_addf(&t, ": no address from 0x%llx to 0x%llx is canonical",
                  (unsigned long long)vpn_to_va(s->low_end, p->shift),
                  (unsigned long long)vpn_to_va(s->high, p->shift) - 1);
    return problem(p, kind, text);
}

/* In a machine with segments: does the region lie in its own? */
static bool check_segment(struct plan *p, enum vma_kind kind, vpn_t first, uint64_t pages) {
    vpn_t size = p->space.segment, from = space_segment_of(kind) * size;
    if (size == 0 || (first >= from && first - from < size && pages <= size - (first - from))) return true;
    char text[150];
    struct text t = text_in(text, sizeof text);
    text_addf(&t, "must lie in segment %u, 0x%llx-0x%llx: make it smaller, or give it another place",
              space_segment_of(kind), (unsigned long long)vpn_to_va(from, p->shift),
              (unsigned long long)vpn_to_va(from + size, p->shift) - 1);
    return problem(p, kind, text);
}

static struct region_config region_of(struct plan *p, enum vma_kind kind) {
    const struct layout_wish *w = &p->wish[kind];
    struct region_config r = {.kind = kind, .backing = usual[kind].backing, .order = (uint8_t)w->order};
    r.perms = w->given && w->perms ? w->perms : usual[kind].perms;
    struct text name = text_in(r.name, sizeof r.name);
    text_add(&name, vma_kind_name[kind]);
    return r;
}

/* Put a region at page `first`, or where the wish says. *end is the page behind it. */
static bool put(struct plan *p, enum vma_kind kind, vpn_t first, uint64_t pages, uint64_t limit, vpn_t *end) {
    const struct layout_wish *w = &p->wish[kind];
    if (w->given && w->placed && !place_as_wished(p, kind, &first)) return false;
    if (pages == 0) return problem(p, kind, "has size 0: leave it out, or give it a size");
    if (!space_holds(&p->space, first, pages)) return no_room(p, kind);
    if (!check_segment(p, kind, first, pages)) return false;
    struct region_config *r = &p->out[p->count++];
    *r = region_of(p, kind);
    r->first = first;
    r->pages = pages;
    r->limit = limit;
    if (r->backing == BACKING_FILE) {
        r->file_page = p->file_pages;
        p->file_pages += (uint32_t)pages;
    }
    *end = first + pages;
    return true;
}

/* ---- the whole ---- */

/* text to heap, one behind the other. */
static bool put_program(struct plan *p, vpn_t *end) {
    *end = p->space.text;
    for (enum vma_kind kind = VMA_TEXT; kind <= VMA_HEAP; kind++) {
        uint64_t pages = wish_pages(p, kind);
        vpn_t segment = space_segment_of(kind) * p->space.segment, from = *end > segment ? *end : segment;
        if (p->wish[kind].given && !put(p, kind, align_up(from, p->wish[kind].order), pages, pages, end))
            return false;
    }
    return true;
}

/* Pages that the stack may have: as wished, else 16 as far as there is room. */
static bool stack_limit(struct plan *p, vpn_t top, vpn_t below, uint64_t *limit) {
    const struct layout_wish *w = &p->wish[VMA_STACK];
    uint64_t pages = wish_pages(p, VMA_STACK);
    bool still = p->space.fixed || w->order; /* it cannot grow */
    if (still && w->limit && pages_for(w->limit, p->shift) != pages)
        return problem(p, VMA_STACK,
                       p->space.fixed
                           ? "cannot grow, because its bounds are set at the start: leave limit out"
                           : "of huge pages does not grow: leave limit out");
    if (still) {
        *limit = pages;
        return true;
    }
    if (w->limit) {
        *limit = pages_for(w->limit, p->shift);
        return *limit >= pages ||
               problem(p, VMA_STACK, "has a limit below its size: the limit is what it may grow to");
    }
    uint64_t room = top > below + GUARD_PAGES ? top - below - GUARD_PAGES : 0;
    *limit = room < STACK_LIMIT_PAGES ? room : STACK_LIMIT_PAGES;
    if (*limit < pages) *limit = pages;
    return true;
}

/* The stack below the user space's end; mmap below the stack's limit. */
static bool put_stack_and_mmap(struct plan *p, vpn_t program_end) {
    const struct layout_wish *stack = &p->wish[VMA_STACK];
    uint64_t mapped = wish_pages(p, VMA_MMAP), pages = wish_pages(p, VMA_STACK), limit;
    vpn_t floor = p->space.user_end, end;
    if (stack->given) {
        vpn_t top =
            stack->placed ? (stack->at >> p->shift) + pages : align_down(p->space.user_end, stack->order);
        if (pages > top) return no_room(p, VMA_STACK);
        if (!stack_limit(p, top, program_end + mapped, &limit)) return false;
        if (limit > top) return problem(p, VMA_STACK, "has a limit that reaches below address 0");
        if (!space_holds(&p->space, top - limit, limit)) return no_room(p, VMA_STACK);
        if (!put(p, VMA_STACK, top - pages, pages, limit, &end)) return false;
        floor = top - limit;
    }
    if (!p->wish[VMA_MMAP].given) return true;
    vpn_t below = floor >= program_end + mapped + MMAP_GAP_PAGES ? floor - MMAP_GAP_PAGES : floor;
    if (mapped > below) return problem(p, VMA_MMAP, "does not fit below the stack");
    return put(p, VMA_MMAP, align_down(below - mapped, p->wish[VMA_MMAP].order), mapped, mapped, &end);
}

static vpn_t region_floor(const struct region_config *r) {
    return r->first + r->pages - (r->limit > r->pages ? r->limit : r->pages);
}

static int by_address(const void *a, const void *b) {
    const struct region_config *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static bool check_overlap(struct plan *p) {
    qsort(p->out, p->count, sizeof *p->out, by_address);
    for (size_t i = 1; i < p->count; i++) {
        const struct region_config *low = &p->out[i - 1], *high = &p->out[i];
        if (low->first + low->pages <= region_floor(high)) continue;
        char text[150];
        struct text t = text_in(text, sizeof text);
        unsigned long long from = vpn_to_va(region_floor(high), p->shift),
                           to = vpn_to_va(high->first + high->pages, p->shift);
        unsigned long long other = vpn_to_va(low->first, p->shift),
                           end = vpn_to_va(low->first + low->pages, p->shift);
        text_addf(
            &t,
            "(0x%llx-0x%llx%s) overlaps %s (0x%llx-0x%llx): give it another place with 'at', or another size",
            from, to - 1, high->limit > high->pages ? " with its limit" : "", low->name, other, end - 1);
        return problem(p, high->kind, text);
    }
    return true;
}

/* Kernel space reaches from the user space's end (or the hole's) to the top. */
static bool put_kernel(struct plan *p) {
    uint64_t pages = p->space.end - p->space.kernel;
    vpn_t end;
    return pages == 0 || put(p, VMA_KERNEL, p->space.kernel, pages, pages, &end);
}

/* A kernel of a given size moves the border between user and kernel space. */
static bool settle_border(struct plan *p) {
    const struct layout_wish *w = &p->wish[VMA_KERNEL];
    uint64_t pages = wish_pages(p, VMA_KERNEL);
    if (!w->given) return true;
    if (pages >= p->space.end) return problem(p, VMA_KERNEL, "leaves no room for the process");
    p->space.kernel = p->space.end - pages;
    vpn_t border = w->placed ? w->at >> p->shift : p->space.kernel;
    if (!p->space.wide || border < p->space.user_end) p->space.user_end = border;
    return true;
}

/* Regions that a machine without pages cannot have. */
static bool check_fixed(struct plan *p) {
    static const enum vma_kind absent[] = {VMA_MMAP, VMA_KERNEL};
    for (size_t i = 0; p->space.fixed && i < sizeof absent / sizeof absent[0]; i++) {
        char text[120];
        struct text t = text_in(text, sizeof text);
        text_addf(&t, "is not possible with %s, which has a place for code, heap and stack only",
                  p->format->name);
        if (p->wish[absent[i]].given && p->wish[absent[i]].bytes) return problem(p, absent[i], text);
    }
    return true;
}

bool layout_place(const struct paging_format *f, const struct layout_wish wish[VMA_KINDS],
                  struct region_config out[VMA_KINDS], size_t *count, struct layout_problem *why) {
    struct plan p = {
        .format = f, .space = space_of(f), .shift = f->page_shift, .wish = wish, .out = out, .why = why};
    vpn_t end;
    bool any = false;
    for (int kind = 0; kind < VMA_KINDS; kind++) any = any || wish[kind].given;
    *count = 0;
    if (!any) return true;
    if (!check_fixed(&p) || !settle_border(&p) || !put_program(&p, &end) || !put_stack_and_mmap(&p, end) ||
        !put_kernel(&p))
        return false;
    *count = p.count;
    return check_overlap(&p);
}

void layout_default(const struct paging_format *f, struct layout_wish wish[VMA_KINDS]) {
    static const unsigned usual_pages[VMA_KINDS] = {
        [VMA_TEXT] = 2, [VMA_DATA] = 1, [VMA_BSS] = 1, [VMA_HEAP] = 4, [VMA_STACK] = 2};
    static const unsigned few_pages[VMA_KINDS] = {[VMA_TEXT] = 1, [VMA_HEAP] = 1, [VMA_STACK] = 1};
    bool small = f->shape == SHAPE_SEGMENTS && paging_last_vpn(f) < 15;
    const unsigned *pages = small ? few_pages : usual_pages;
    for (int kind = 0; kind < VMA_KINDS; kind++)
        wish[kind] =
            (struct layout_wish){.given = pages[kind] > 0, .bytes = (uint64_t)pages[kind] << f->page_shift};
}

/* ---- RAM for segments ---- */

uint64_t layout_segment_pages(const struct paging_format *f, const struct region_config *region,
                              size_t count) {
    vpn_t size = space_of(f).segment, code = 0, heap = 0, stack = 0;
    for (size_t i = 0; i < count; i++) {
        vpn_t first = region[i].first, end = first + region[i].pages;
        if (size && region[i].kind == VMA_STACK)
            stack = 4 * size - first;
        else if (size && region[i].kind == VMA_HEAP)
            heap = end - size;
        else if (end > code)
            code = end;
    }
    return code + heap + stack;
}

uint64_t layout_pages(unsigned page_shift, const struct layout_wish wish[VMA_KINDS]) {
    uint64_t pages = 0, end = 0;
    for (int kind = 0; kind < VMA_KINDS; kind++) {
        const struct layout_wish *w = &wish[kind];
        uint64_t n = pages_for(w->bytes, page_shift), limit = pages_for(w->limit, page_shift);
        if (!w->given) continue;
        if (!w->placed)
            pages += limit > n ? limit : n;
        else if ((w->at >> page_shift) + n > end)
            end = (w->at >> page_shift) + n;
    }
    return pages || !end ? end + pages + 2 : end;
}

vpn_t layout_user_end(const struct paging_format *f) { return space_of(f).user_end; }
