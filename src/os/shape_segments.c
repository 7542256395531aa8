/* shape_segments.c - the kernel's side of base-bounds and of segments: each segment
 * of a process lies in one run of frames, whole, from before its first step until
 * its end. Nothing is fetched on demand and nothing leaves.
 *
 *   base-bounds: one segment               segments: one for each quarter in use
 *   +-------+------+ unused +-------+      +-------+------+    +------+    +-------+
 *   | text  | heap |::::::::| stack |      | text  | data |    | heap |    | stack |
 *   +-------+------+--------+-------+      +-------+------+    +------+    +-------+
 *
 * What lies between two regions of one segment takes frames too: it becomes a
 * region called "unused", so that the waste (internal fragmentation) can be seen.
 * A stack has its pages and does not grow: there is no room left beside it.
 */
#include "os/internal.h"

#include "hw/segments.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"

/* The pages that a segment covers, and what its regions permit. */
struct span {
    vpn_t first, end; /* equal: there is no such segment */
    unsigned perms;
    bool down;        /* it holds a stack, and the machine knows segments that grow down */
};

static uint32_t segment_count(const struct paging_format *f) { return 1u << segment_selector_bits(f); }

/* Pages that one segment can cover at most: its offsets' worth. */
static vpn_t segment_pages(const struct paging_format *f) { return (vpn_t)1 << (segment_offset_bits(f) - f->page_shift); }

/* Segment s of process c: from offset 0 to the highest region's end; one that grows down from the
 * lowest region to the last offset. */
static struct span span_of(const struct paging_format *f, const struct process_config *c, uint32_t s) {
    vpn_t bottom = s * segment_pages(f), top = bottom + segment_pages(f), low = top, high = bottom;
    struct span span = {.first = bottom, .end = bottom};
    for (size_t i = 0; i < c->region_count; i++) {
        const struct region_config *r = &c->regions[i];
        vpn_t first = r->first > bottom ? r->first : bottom, end = r->first + r->pages < top ? r->first + r->pages : top;
        if (first >= end) continue;
        if (first < low) low = first;
        if (end > high) high = end;
        span.perms |= r->perms;
        span.down |= r->kind == VMA_STACK && segment_selector_bits(f) > 0;
    }
    if (low == top) return span;
    if (span.down) span.first = low;
    span.end = span.down ? top : high;
    return span;
}

/* ---- is there room? ---- */

static uint64_t frames_of(const struct paging_format *f, const struct process_config *c) {
    uint64_t frames = 0;
    for (uint32_t s = 0; s < segment_count(f); s++) {
        struct span span = span_of(f, c, s);
        frames += span.end - span.first;
    }
    return frames;
}

static bool has_kernel_space(const struct process_config *c) {
    for (size_t i = 0; i < c->region_count; i++)
        if (c->regions[i].kind == VMA_KERNEL) return true;
    return false;
}

bool segments_possible(const struct machine_config *c, struct diag *why) {
    const struct paging_format *f = &c->format;
    uint64_t frames = 0;
    if (segment_offset_bits(f) < f->page_shift) {
        diag_set(why, NULL, 0, 0, "%s: %u address bits leave no page of 2^%u bytes to each of %u segments", f->name,
                 paging_va_bits(f), f->page_shift, segment_count(f));
        return false;
    }
    for (size_t p = 0; p < c->process_count; p++) {
        if (has_kernel_space(&c->processes[p])) {
            diag_set(why, NULL, 0, 0, "process '%s': with %s, kernel space is no part of an address space",
                     c->processes[p].name, f->name);
            return false;
        }
        frames += frames_of(f, &c->processes[p]);
    }
    if (frames <= c->frames) return true;
    diag_set(why, NULL, 0, 0, "frames: with %s everything is in memory from the start: that takes %llu frames, not %u",
             f->name, (unsigned long long)frames, c->frames);
    return false;
}

/* ---- regions for what is wasted ---- */

static bool add_unused(struct process *p, uint32_t at, vpn_t first, vpn_t end) {
    struct vma v = {.first = first, .end = end, .floor = first, .kind = VMA_MMAP, .backing = BACKING_ANON, .file = FILE_NONE};
    struct text name = text_in(v.name, sizeof v.name);
    text_add(&name, "unused");
    return region_insert(p, at, &v) == VS_OK;
}

/* Every page of the span that no region holds gets into one. */
static enum vs_status name_holes(struct process *p, const struct span *span) {
    vpn_t at = span->first;
    for (uint32_t i = 0; at < span->end; i++) {
        vpn_t next = i < p->vma_count && p->vma[i].first < span->end ? p->vma[i].first : span->end;
        if (next > at && !add_unused(p, i, at, next)) return VS_NOMEM;
        if (i < p->vma_count && p->vma[i].end > at) at = p->vma[i].end;
    }
    return VS_OK;
}

/* ---- into memory ---- */

static enum vs_status load_page(struct kernel *k, proc_t p, vpn_t vpn, frame_t f, paddr_t descriptor) {
    struct vma *v = process_find(&k->process[p], vpn);
    frame_take(k, f);
    enum vs_status s = ram_put(k->hw->ram, f, page_first_content(k, v, vpn));
    if (s == VS_OK) s = frame_add_owner(k, f, p, vpn, descriptor, 0);
    if (s != VS_OK) return s;
    vma_set(v, vpn, PAGE_RESIDENT, f);
    k->process[p].resident++;
    frame_loaded(k, f);
    return VS_OK;
}

/* Flags of a segment: all that one of its regions permits, for the user. */
static unsigned flags_for(const struct span *span) {
    static const struct { unsigned perm; enum pte_flag flag; } map[] = {{PERM_R, PTE_R}, {PERM_W, PTE_W}, {PERM_X, PTE_X}};
    unsigned flags = PTE_BIT(PTE_V) | PTE_BIT(PTE_U);
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (span->perms & map[i].perm) flags |= PTE_BIT(map[i].flag);
    return flags;
}

static paddr_t bounds_addr(const struct kernel *k, proc_t p, uint32_t s) {
    return k->process[p].root + (uint64_t)s * DESCRIPTOR_BYTES + DESCRIPTOR_WORD;
}

static enum vs_status load_segment(struct kernel *k, proc_t p, uint32_t s, const struct span *span) {
    const struct paging_format *f = k->hw->format;
    uint32_t pages = (uint32_t)(span->end - span->first);
    frame_t run = frame_lowest_run(k, pages, 1);
    if (run == FRAME_NONE) return VS_LIMIT;
    enum vs_status status = name_holes(&k->process[p], span);
    for (uint32_t i = 0; status == VS_OK && i < pages; i++)
        status = load_page(k, p, span->first + i, run + i, bounds_addr(k, p, s));
    if (status != VS_OK) return status;
    paddr_t base = pfn_to_pa(span->down ? (pfn_t)run + pages : run, f->page_shift);
    uint64_t bounds = segment_bounds_word(f, flags_for(span), vpn_to_va(pages, f->page_shift), span->down);
    status = pte_store(k, bounds_addr(k, p, s) - DESCRIPTOR_WORD, base);
    return status == VS_OK ? pte_store(k, bounds_addr(k, p, s), bounds) : status;
}

static uint64_t segments_bytes(const struct kernel *k, proc_t p) {
    (void)p;
    return (uint64_t)segment_count(k->hw->format) * DESCRIPTOR_BYTES;
}

static enum vs_status segments_begin_process(struct kernel *k, proc_t p) {
    struct process *process = &k->process[p];
    enum vs_status status = table_take(k, segments_bytes(k, p), &process->root);
    for (uint32_t i = 0; i < process->vma_count; i++) process->vma[i].floor = process->vma[i].first;
    for (uint32_t s = 0; status == VS_OK && s < segment_count(k->hw->format); s++) {
        struct span span = span_of(k->hw->format, &k->config->processes[p], s);
        if (span.first < span.end) status = load_segment(k, p, s, &span);
    }
    return status;
}

/* ---- afterwards ---- */

static struct pte_at segments_at(const struct kernel *k, proc_t p, vpn_t vpn) {
    const struct paging_format *f = k->hw->format;
    vaddr_t va = vpn_to_va(vpn, f->page_shift);
    if (!paging_va_exists(f, va)) return (struct pte_at){0};
    struct pte_at at = {.addr = bounds_addr(k, p, segment_of(f, va))};
    at.word = ram_read(k->hw->ram, at.addr, DESCRIPTOR_WORD);
    at.found = segment_holds(f, at.word, va);
    at.valid = at.found && (paging_decode(f, at.word).flags & PTE_BIT(PTE_V));
    paddr_t base = ram_read(k->hw->ram, at.addr - DESCRIPTOR_WORD, DESCRIPTOR_WORD);
    if (at.valid) at.pfn = pa_to_pfn(segment_pa(f, base, at.word, va), f->page_shift);
    return at;
}

static bool segments_missing(const struct kernel *k, proc_t p, vpn_t vpn, unsigned level) {
    (void)k, (void)p, (void)vpn, (void)level;
    return false;
}

/* The process ends: with the first page that goes, its segment goes. */
static enum vs_status segments_remove(struct kernel *k, proc_t p, vpn_t vpn, paddr_t addr) {
    (void)p, (void)vpn;
    return pte_store(k, addr, 0);
}

static void segments_destroy(struct kernel *k, proc_t p) { table_give(k, k->process[p].root, segments_bytes(k, p)); }

/* No page is ever mapped alone: nothing makes tables, finds a leaf's place or installs one. */
const struct shape_ops shape_segments = {.create = segments_begin_process, .at = segments_at,
                                         .missing = segments_missing, .remove = segments_remove, .destroy = segments_destroy,
                                         .table_bytes = segments_bytes, .eager = true};
