/* trace_regions.c - what memory looked like, guessed from the addresses that a program used.
 *
 * A trace tells which pages were used and how, not what was mapped. The guess:
 *
 * 1. Every page that a reference touches (both, where it crosses) is code
 *    (fetched from), changed code (stored to as well) or data. Pages between
 *    two code pages that were only read are constants among the code: code too.
 * 2. Pages of one sort with fewer than HOLE_PAGES others between them are one
 *    region; the hole belongs to it. Where the sort changes, a region ends.
 * 3. Names. Code: text, text2... The highest data region, where it lies in an
 *    area in which systems put stacks: stack. Of the others the one with the
 *    most pages stored to, if these are HEAP_PAGES at least and a third of all
 *    such pages: heap. The rest: data, data2...
 *
 * Libraries are mapped far from each other, and their code has holes of some 30
 * pages at the most that a short run leaves unused: HOLE_PAGES lies between.
 */
#include "scenario/trace_file.h"
#include "scenario/trace_pages.h"
#include "scenario/trace_stream.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"

#define HOLE_PAGES 64
#define HEAP_PAGES 8
#define NO_REGION  SIZE_MAX

struct page {
    vpn_t vpn;
    unsigned use;
};

/* Growing; cap is for mem_grow. */
struct regions {
    struct region_config *region;
    size_t count, cap;
    size_t *written; /* pages stored to, of each */
    size_t written_cap;
};

/* Where the stack of a program's first thread stands. */
static const struct {
    vaddr_t first, last;
} stack_areas[] = {
    {UINT64_C(0x7ff000000000), UINT64_C(0x7fffffffffff)}, /* Linux, x86-64 */
    {UINT64_C(0x1ff0000000), UINT64_C(0x1fffffffff)},     /* under Valgrind, 64 bits */
    {UINT64_C(0xffff00000000), UINT64_C(0xffffffffffff)}, /* Linux, arm64 with 48 bits */
    {UINT64_C(0x3ff0000000), UINT64_C(0x3fffffffff)},     /* Linux, RISC-V Sv39 */
    {UINT64_C(0xbf000000), UINT64_C(0xbfffffff)},         /* Linux, 32 bits */
    {UINT64_C(0xfe000000), UINT64_C(0xffffffff)},         /* 32 bits on a 64-bit kernel; under Valgrind */
};

/* ---- pages ---- */

static void note_facts(struct trace_facts *f, const struct step_ref *ref, size_t n) {
    for (size_t i = 0; i < n; i++) {
        vaddr_t last = ref[i].va + (ref[i].size - 1u);
        f->by_kind[ref[i].op]++;
        if (ref[i].va < f->lowest) f->lowest = ref[i].va;
        if (last < ref[i].va) last = UINT64_MAX; /* around the end of the address space */
        if (last > f->highest) f->highest = last;
    }
}

/* What follows from each reference by itself. */
static bool find_facts(const struct trace *t, struct trace_facts *f) {
    struct step_ref *ref = mem_zalloc(STEP_SPAN, sizeof *ref);
    size_t n;
    for (uint64_t i = 0; ref && (n = trace_block_refs(t, i, ref)) > 0; i++) note_facts(f, ref, n);
    free(ref);
    return ref != NULL;
}

static int by_vpn(const void *a, const void *b) {
    vpn_t x = ((const struct page *)a)->vpn, y = ((const struct page *)b)->vpn;
    return (x > y) - (x < y);
}

/* The map's pages, ascending; NULL: no memory. */
static struct page *sorted_pages(const struct map64 *map) {
    struct page *page = mem_zalloc(map->used, sizeof *page);
    if (!page) return NULL;
    size_t n = 0;
    for (size_t i = 0; i < map->cap; i++)
        if (map->key[i] != UINT64_MAX) page[n++] = (struct page){map->key[i], map->value[i]};
    qsort(page, n, sizeof *page, by_vpn);
    return page;
}

static bool near(const struct page *a, const struct page *b) { return b->vpn - a->vpn <= HOLE_PAGES; }

/* Rule 1's second half: pages only read, with code near on both sides, count as fetched from. */
static void adopt_constants(struct page *page, size_t n) {
    for (size_t i = 1; i < n; i++) {
        if (!(page[i - 1].use & USED_FETCH)) continue;
        size_t j = i;
        while (j < n && page[j].use == USED_READ && near(&page[j - 1], &page[j])) j++;
        if (j == n || !(page[j].use & USED_FETCH) || !near(&page[j - 1], &page[j])) continue;
        for (; i < j; i++) page[i].use |= USED_FETCH;
    }
}

/* ---- regions ---- */

/* Data, code, or code that changes: the permissions that a page's region needs. */
static unsigned page_perms(const struct page *p) {
    if (!(p->use & USED_FETCH)) return PERM_RW;
    return p->use & USED_WRITE ? PERM_RW | PERM_X : PERM_RX;
}

static bool add_region(struct regions *r, const struct page *p) {
    if (!mem_grow((void **)&r->region, &r->cap, r->count + 1, sizeof *r->region)) return false;
    if (!mem_grow((void **)&r->written, &r->written_cap, r->count + 1, sizeof *r->written)) return false;
    r->written[r->count] = 0;
    r->region[r->count++] = (struct region_config){.kind = VMA_DATA, .first = p->vpn, .perms = page_perms(p)};
    return true;
}

/* Rule 2. */
static bool join_pages(struct regions *r, const struct page *page, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool fresh =
            i == 0 || !near(&page[i - 1], &page[i]) || page_perms(&page[i - 1]) != page_perms(&page[i]);
        if (fresh && !add_region(r, &page[i])) return false;
        struct region_config *last = &r->region[r->count - 1];
        last->limit = last->pages = page[i].vpn - last->first + 1;
        r->written[r->count - 1] += (page[i].use & USED_WRITE) != 0;
    }
    return true;
}

/* ---- names (rule 3) ---- */

static bool is_data(const struct region_config *c) { return !(c->perms & PERM_X); }

static size_t find_stack(const struct regions *r, unsigned shift) {
    size_t i = r->count;
    while (i > 0 && !is_data(&r->region[i - 1])) i--;
    if (i-- == 0) return NO_REGION;
    vaddr_t va = vpn_to_va(r->region[i].first, shift);
    for (size_t a = 0; a < sizeof stack_areas / sizeof *stack_areas; a++)
        if (va >= stack_areas[a].first && va <= stack_areas[a].last) return i;
    return NO_REGION;
}

static size_t find_heap(const struct regions *r, size_t stack) {
    size_t all = 0, most = NO_REGION;
    for (size_t i = 0; i < r->count; i++) {
        if (i == stack || !is_data(&r->region[i])) continue;
        all += r->written[i];
        if (most == NO_REGION || r->written[i] > r->written[most]) most = i;
    }
    return most != NO_REGION && r->written[most] >= HEAP_PAGES && r->written[most] * 3 >= all ? most
                                                                                              : NO_REGION;
}

static void set_name(struct region_config *c, enum vma_kind kind, const char *name, unsigned number) {
    struct text t = text_in(c->name, sizeof c->name);
    text_add(&t, name);
    if (number > 1) text_addf(&t, "%u", number);
    c->kind = kind;
}

static void name_regions(struct regions *r, unsigned shift) {
    size_t stack = find_stack(r, shift), heap = find_heap(r, stack);
    unsigned texts = 0, datas = 0;
    uint64_t file_page = 0;
    for (size_t i = 0; i < r->count; i++) {
        struct region_config *c = &r->region[i];
        if (!is_data(c)) {
            set_name(c, VMA_TEXT, "text", ++texts);
            c->backing = BACKING_FILE;
            c->file_page = (uint32_t)file_page;
            file_page += c->pages;
        } else if (i == stack) {
            set_name(c, VMA_STACK, "stack", 1);
        } else if (i == heap) {
            set_name(c, VMA_HEAP, "heap", 1);
        } else {
            set_name(c, VMA_DATA, "data", ++datas);
        }
    }
}

/* ---- what else there is to say ---- */

enum vs_status trace_facts(struct trace *t, unsigned page_shift, struct trace_facts *out) {
    enum vs_status status = trace_index(t, page_shift);
    if (status != VS_OK) return status;
    struct map64 map = {0};
    *out = (struct trace_facts){.format = t->format,
                                .packed = t->zstd,
                                .bad_lines = t->bad_lines,
                                .refs = t->count,
                                .lowest = UINT64_MAX,
                                .packed_bytes = trace_packed_size(t)};
    bool good = trace_pages(t, &map) && find_facts(t, out);
    out->pages = map.used;
    map64_free(&map);
    return good ? VS_OK : VS_NOMEM;
}

/* All pages; VS_LIMIT, VS_NOMEM. */
static enum vs_status pages_of(struct trace *t, unsigned page_shift, struct map64 *pages) {
    if (t->stream) return trace_stream_pages(t->stream, page_shift, pages);
    enum vs_status status = trace_index(t, page_shift);
    if (status != VS_OK || trace_pages(t, pages)) return status;
    map64_free(pages);
    return VS_NOMEM;
}

enum vs_status trace_regions(struct trace *t, unsigned page_shift, struct region_config **out,
                             size_t *count) {
    struct map64 map = {0};
    struct regions r = {0};
    enum vs_status status = pages_of(t, page_shift, &map);
    if (status != VS_OK) return status;
    struct page *page = sorted_pages(&map);
    if (page) adopt_constants(page, map.used);
    bool good = page && join_pages(&r, page, map.used);
    if (good) name_regions(&r, page_shift);
    free(page);
    map64_free(&map);
    free(r.written);
    if (!good) {
        free(r.region);
        return VS_NOMEM;
    }
    *out = r.region;
    *count = r.count;
    return VS_OK;
}
