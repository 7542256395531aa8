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

#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"

#define HOLE_PAGES 64
#define HEAP_PAGES 8
#define NO_REGION  SIZE_MAX

enum use { USED_READ = 1, USED_WRITE = 2, USED_FETCH = 4 };
static const uint8_t use_of[ACCESS_KINDS] = {
    [ACCESS_READ] = USED_READ, [ACCESS_WRITE] = USED_WRITE, [ACCESS_FETCH] = USED_FETCH};

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

static bool note_page(struct map64 *pages, vpn_t vpn, unsigned use) {
    uint32_t *known = map64_get(pages, vpn);
    if (known) *known |= use;
    return known || map64_put(pages, vpn, use);
}

/* Pages that were noted already, by kind; a page's place is its number's low bits. */
#define KNOWN 64
struct known {
    vpn_t page[ACCESS_KINDS * KNOWN];
};

static bool note_ref(struct map64 *pages, struct known *known, const struct trace_ref *r, unsigned shift) {
    vaddr_t end = r->va + (r->size - 1u);
    vpn_t past = va_to_vpn(end < r->va ? UINT64_MAX : end, shift);
    for (vpn_t v = va_to_vpn(r->va, shift); v <= past; v++) {
        if (!note_page(pages, v, use_of[r->op])) return false;
        known->page[r->op * KNOWN + v % KNOWN] = v;
    }
    return true;
}

/* Most references touch a page that one of the last did in the same way: those are not looked up. */
static inline bool note_refs(struct map64 *pages, struct known *known, const struct trace_ref *ref, size_t n,
                             unsigned shift) {
    for (size_t i = 0; i < n; i++) {
        vpn_t first = ref[i].va >> shift, last = (ref[i].va + ref[i].size - 1) >> shift;
        vpn_t one = known->page[ref[i].op * KNOWN + first % KNOWN];
        if (((first ^ one) | (first ^ last)) != 0 && !note_ref(pages, known, &ref[i], shift)) return false;
    }
    return true;
}

static void note_facts(struct trace_facts *f, const struct trace_ref *ref, size_t n) {
    for (size_t i = 0; i < n; i++) {
        vaddr_t last = ref[i].va + (ref[i].size - 1u);
        f->by_kind[ref[i].op]++;
        if (ref[i].va < f->lowest) f->lowest = ref[i].va;
        if (last < ref[i].va) last = UINT64_MAX; /* around the end of the address space */
        if (last > f->highest) f->highest = last;
    }
}

/* All pages; and, unless it is NULL, the facts that follow from each reference. */
static bool find_pages(const struct trace *t, unsigned shift, struct map64 *pages, struct trace_facts *f) {
    struct trace_ref *ref = mem_zalloc(STEP_SPAN, sizeof *ref);
    struct known known;
    bool good = ref != NULL;
    size_t n;
    memset(&known, 0xff, sizeof known); /* no page has this number */
    for (uint64_t i = 0; good && (n = trace_block_refs(t, i, ref)) > 0; i++) {
        if (f) note_facts(f, ref, n);
        /* For pages of 4 KiB a loop of its own: a shift that is known takes less. */
        good = shift == 12 ? note_refs(pages, &known, ref, n, 12) : note_refs(pages, &known, ref, n, shift);
    }
    free(ref);
    return good;
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

enum vs_status trace_facts(const struct trace *t, unsigned page_shift, struct trace_facts *out) {
    if (page_shift < 1 || page_shift > 63) return VS_LIMIT;
    struct map64 map = {0};
    *out = (struct trace_facts){.format = t->format,
                                .packed = t->zstd,
                                .bad_lines = t->bad_lines,
                                .refs = t->count,
                                .lowest = UINT64_MAX,
                                .packed_bytes = trace_packed_size(t)};
    bool good = find_pages(t, page_shift, &map, out);
    out->pages = map.used;
    map64_free(&map);
    return good ? VS_OK : VS_NOMEM;
}

enum vs_status trace_regions(const struct trace *t, unsigned page_shift, struct region_config **out,
                             size_t *count) {
    if (page_shift < 1 || page_shift > 63) return VS_LIMIT;
    struct map64 map = {0};
    struct regions r = {0};
    struct page *page = find_pages(t, page_shift, &map, NULL) ? sorted_pages(&map) : NULL;
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
