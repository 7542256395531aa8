/* layout.c - the address space of a process, as architectures' ABIs lay it out.
 *
 *   32 bits                 fewer bits             more bits (48)
 *   ffffffff +--------+     top     +--------+
 *            | kernel |     3/4 top | kernel |     7fff ffff f000
 *   c0000000 +--------+             +--------+     +--------+
 *            | stack  |             | stack  |     | stack  |
 *            |   v    |             |   v    |     |   v    |
 *            |  mmap  |             |  mmap  |     |  mmap  |
 *            |   ^    |             |   ^    |     |   ^    |
 *            |  heap  |             |  heap  |     |  heap  |
 *            |  bss   |             |  bss   |     |  bss   |
 *            |  data  |             |  data  |     |  data  |
 *            |  text  |             |  text  |     |  text  |
 *   08048000 +--------+      page 1 +--------+     +--------+ 400000
 *
 * (System V ABI, Intel386 supplement: text at 0x08048000, kernel above
 * 0xc0000000; x86-64 supplement: text at 0x400000.) Page 0 stays unmapped, so
 * that a null pointer faults. Small toy spaces have no kernel part. */
#include "scenario/layout.h"

#include "vmscope/base/text.h"
#include <stdlib.h>

#define GUARD_PAGES       1  /* between a stack at its limit and what lies below */
#define MMAP_GAP_PAGES    16 /* between the stack's limit and the mmap region */
#define STACK_LIMIT_PAGES 16 /* 64 KiB in pages of 4 KiB */

/* The landmarks of an address space, in pages. */
struct space {
    uint64_t pages;
    vpn_t text;     /* where text begins */
    vpn_t user_end; /* the stack's top */
    bool kernel;    /* kernel space from user_end to the top */
    bool wide;      /* more than 32 bits: user space is the lower half at most */
};

static struct space space_of(const struct paging_format *f) {
    unsigned bits = paging_va_bits(f), shift = f->page_shift;
    struct space s = {.pages = (uint64_t)1 << (bits - shift), .text = 1};
    s.user_end = s.pages;
    if (bits > 32) {
        uint64_t top =
            low_bits(bits - 1) < UINT64_C(0x7ffffffff000) ? low_bits(bits - 1) : UINT64_C(0x7ffffffff000);
        s.text = shift < 22 ? (vpn_t)0x400000 >> shift : 1;
        s.user_end = top >> shift;
        s.wide = true;
    } else if (bits == 32 && shift <= 16) {
        s.text = ((vpn_t)0x08048000 + low_bits(shift)) >> shift;
        s.user_end = (vpn_t)0xc0000000 >> shift;
        s.kernel = true;
    } else if (bits >= 20 && s.pages >= 64) {
        s.user_end = s.pages / 4 * 3;
        s.kernel = true;
    }
    return s;
}

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

/* Put a region at page `first`, or where the wish says. *end is the page behind it. */
static bool put(struct plan *p, enum vma_kind kind, vpn_t first, uint64_t pages, uint64_t limit, vpn_t *end) {
    const struct layout_wish *w = &p->wish[kind];
    if (w->given && w->placed) {
        if (w->at & low_bits(p->shift))
            return problem(p, kind, "must begin at a page: its address is not a multiple of the page size");
        first = w->at >> p->shift;
    }
    if (pages == 0) return problem(p, kind, "has size 0: leave it out, or give it a size");
    if (first >= p->space.pages || pages > p->space.pages - first)
        return problem(p, kind, "does not fit into the virtual address space");
    struct region_config *r = &p->out[p->count++];
    *r = (struct region_config){
        .kind = kind, .backing = usual[kind].backing, .first = first, .pages = pages, .limit = limit};
    r->perms = w->given && w->perms ? w->perms : usual[kind].perms;
    struct text name = text_in(r->name, sizeof r->name);
    text_add(&name, vma_kind_name[kind]);
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
        if (p->wish[kind].given && !put(p, kind, *end, pages, pages, end)) return false;
    }
    return true;
}

/* Pages that the stack may have: as wished, else 16 as far as there is room. */
static bool stack_limit(struct plan *p, vpn_t top, vpn_t below, uint64_t *limit) {
    const struct layout_wish *w = &p->wish[VMA_STACK];
    uint64_t pages = wish_pages(p, VMA_STACK);
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
        vpn_t top = stack->placed ? (stack->at >> p->shift) + pages : p->space.user_end;
        if (pages > top) return problem(p, VMA_STACK, "does not fit into the virtual address space");
        if (!stack_limit(p, top, program_end + mapped, &limit)) return false;
        if (limit > top) return problem(p, VMA_STACK, "has a limit that reaches below address 0");
        if (!put(p, VMA_STACK, top - pages, pages, limit, &end)) return false;
        floor = top - limit;
    }
    if (!p->wish[VMA_MMAP].given) return true;
    vpn_t below = floor >= program_end + mapped + MMAP_GAP_PAGES ? floor - MMAP_GAP_PAGES : floor;
    if (mapped > below) return problem(p, VMA_MMAP, "does not fit below the stack");
    return put(p, VMA_MMAP, below - mapped, mapped, mapped, &end);
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

/* Kernel space reaches from the user space's end to the top. */
static bool put_kernel(struct plan *p) {
    uint64_t pages =
        p->wish[VMA_KERNEL].given ? wish_pages(p, VMA_KERNEL) : p->space.pages - p->space.user_end;
    vpn_t end;
    return !p->space.kernel || put(p, VMA_KERNEL, p->space.pages - pages, pages, pages, &end);
}

/* A kernel of a given size moves the border between user and kernel space. */
static bool settle_border(struct plan *p) {
    const struct layout_wish *w = &p->wish[VMA_KERNEL];
    uint64_t pages = wish_pages(p, VMA_KERNEL);
    if (!w->given) return true;
    if (pages >= p->space.pages) return problem(p, VMA_KERNEL, "leaves no room for the process");
    p->space.kernel = pages > 0;
    vpn_t border = w->placed ? w->at >> p->shift : p->space.pages - pages;
    if (!p->space.wide || border < p->space.user_end) p->space.user_end = border;
    return true;
}

bool layout_place(const struct paging_format *f, const struct layout_wish wish[VMA_KINDS],
                  struct region_config out[VMA_KINDS], size_t *count, struct layout_problem *why) {
    struct plan p = {.space = space_of(f), .shift = f->page_shift, .wish = wish, .out = out, .why = why};
    vpn_t end;
    bool any = false;
    for (int kind = 0; kind < VMA_KINDS; kind++) any = any || wish[kind].given;
    *count = 0;
    if (!any) return true;
    if (!settle_border(&p) || !put_program(&p, &end) || !put_stack_and_mmap(&p, end) || !put_kernel(&p))
        return false;
    *count = p.count;
    return check_overlap(&p);
}

void layout_default(unsigned page_shift, struct layout_wish wish[VMA_KINDS]) {
    static const unsigned pages[VMA_KINDS] = {
        [VMA_TEXT] = 2, [VMA_DATA] = 1, [VMA_BSS] = 1, [VMA_HEAP] = 4, [VMA_STACK] = 2};
    for (int kind = 0; kind < VMA_KINDS; kind++)
        wish[kind] =
            (struct layout_wish){.given = pages[kind] > 0, .bytes = (uint64_t)pages[kind] << page_shift};
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
