/* ram.c - physical memory, made page by page when first written.
 *
 * Two levels: RAM points to chunks of 256 slots, a slot holds the contents of
 * one page. Chunks and pages count their owners; a clone shares every chunk,
 * and a write first makes whatever it changes its own (copy on write).
 * Invariant: a NULL chunk, or a slot without bytes and with seed 0, reads as
 * zeros.
 *
 * A sparse RAM has no chunks but a map from page numbers to the pages written,
 * for address spaces too wide for a table of slots. Its `pages` is 0: every
 * look-up of the dense kind fails there first, so that the dense RAM of the
 * machine pays nothing for the other kind.
 */
#include "hw/ram_state.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

struct sparse {
    paddr_t low, high;    /* first and last address */
    struct map64 place;   /* page number -> index in slot[] */
    struct content *slot; /* [used], of pages written */
    size_t used, cap;
};

/* ---- contents ---- */

struct content content_ref(struct content c) {
    if (c.made) c.made->owners++;
    return c;
}

void content_drop(struct content *c) {
    if (c->made && --c->made->owners == 0) free(c->made);
    *c = (struct content){0};
}

/* Eight bytes of a page that follow from its seed. */
static uint64_t seeded_word(uint64_t seed, unsigned index) {
    return seed ? rng_mix(seed + index * UINT64_C(0x9e3779b97f4a7c15)) : 0;
}

uint8_t content_byte(const struct content *c, unsigned offset) {
    if (c->made) return offset < c->made->bytes ? c->made->byte[offset] : 0;
    return (uint8_t)(seeded_word(c->seed, offset / 8) >> (offset % 8 * 8));
}

bool content_equal(const struct content *a, const struct content *b, unsigned page_bytes) {
    if (a->made == b->made && (a->made || a->seed == b->seed)) return true;
    for (unsigned i = 0; i < page_bytes; i++)
        if (content_byte(a, i) != content_byte(b, i)) return false;
    return true;
}

/* Bytes of one's own for a content: a page that only this owner has. */
static struct ram_page *content_own(struct content *c, unsigned page_bytes) {
    if (c->made && c->made->owners == 1) return c->made;
    struct ram_page *p = mem_zalloc(1, sizeof *p + page_bytes);
    if (!p) return NULL;
    p->owners = 1;
    p->bytes = page_bytes;
    if (c->made) memcpy(p->byte, c->made->byte, page_bytes);
    else if (c->seed)
        for (unsigned i = 0; i < page_bytes; i++) p->byte[i] = content_byte(c, i);
    content_drop(c);
    *c = (struct content){.made = p};
    return p;
}

/* ---- life ---- */

struct ram *ram_create(unsigned page_shift, uint64_t pages) {
    if (pages > UINT64_MAX >> page_shift) return NULL; /* more than 64 address bits */
    struct ram *ram = mem_zalloc(1, sizeof *ram);
    if (!ram) return NULL;
    ram->page_shift = page_shift;
    ram->offset_mask = low_bits(page_shift);
    ram->pages = pages;
    ram->chunks = (pages + RAM_CHUNK_PAGES - 1) >> RAM_CHUNK_SHIFT;
    ram->chunk = mem_zalloc(ram->chunks, sizeof *ram->chunk);
    if (ram->chunk) return ram;
    free(ram);
    return NULL;
}

struct ram *ram_create_sparse(unsigned page_shift, paddr_t low, paddr_t high) {
    struct ram *ram = mem_zalloc(1, sizeof *ram);
    struct sparse *sparse = mem_zalloc(1, sizeof *sparse);
    if (!ram || !sparse) {
        free(ram);
        free(sparse);
        return NULL;
    }
    *sparse = (struct sparse){.low = low, .high = high};
    *ram = (struct ram){.page_shift = page_shift, .offset_mask = low_bits(page_shift), .sparse = sparse};
    return ram;
}

static void sparse_free(struct sparse *s) {
    if (!s) return;
    for (size_t i = 0; s->slot && i < s->used; i++) content_drop(&s->slot[i]);
    map64_free(&s->place);
    free(s->slot);
    free(s);
}

/* The slot of page pfn, made if it is not there; NULL: no memory. */
static struct content *sparse_own(struct sparse *s, pfn_t pfn) {
    const uint32_t *at = map64_get(&s->place, pfn);
    if (at) return &s->slot[*at];
    void *slot = s->slot;
    bool room = s->used < UINT32_MAX && mem_grow(&slot, &s->cap, s->used + 1, sizeof *s->slot);
    s->slot = slot;
    if (!room || !map64_put(&s->place, pfn, (uint32_t)s->used)) return NULL;
    return &s->slot[s->used++];
}

static struct ram *clone_sparse(const struct ram *from) {
    const struct sparse *s = from->sparse;
    struct ram *ram = ram_create_sparse(from->page_shift, s->low, s->high);
    for (size_t i = 0; ram && i < s->place.cap; i++) {
        if (s->place.key[i] == UINT64_MAX) continue; /* an empty place of the map */
        struct content *slot = sparse_own(ram->sparse, s->place.key[i]);
        if (slot) {
            *slot = content_ref(s->slot[s->place.value[i]]);
            continue;
        }
        ram_free(ram);
        return NULL;
    }
    return ram;
}

struct ram *ram_clone(const struct ram *from) {
    if (from->sparse) return clone_sparse(from);
    struct ram *ram = mem_copy(from, 1, sizeof *from);
    if (!ram) return NULL;
    ram->chunk = mem_copy(from->chunk, from->chunks, sizeof *from->chunk);
    if (!ram->chunk) {
        free(ram);
        return NULL;
    }
    for (uint64_t i = 0; i < ram->chunks; i++)
        if (ram->chunk[i]) ram->chunk[i]->owners++;
    return ram;
}

static void chunk_drop(struct ram_chunk *c) {
    if (!c || --c->owners > 0) return;
    for (uint64_t i = 0; i < RAM_CHUNK_PAGES; i++) content_drop(&c->slot[i]);
    free(c);
}

void ram_free(struct ram *ram) {
    if (!ram) return;
    for (uint64_t i = 0; i < ram->chunks; i++) chunk_drop(ram->chunk[i]);
    free(ram->chunk);
    sparse_free(ram->sparse);
    free(ram);
}

/* ---- looking ---- */

unsigned ram_page_shift(const struct ram *ram) { return ram->page_shift; }

uint64_t ram_pages(const struct ram *ram) {
    return ram->sparse ? pa_to_pfn(ram->sparse->high, ram->page_shift) + 1 : ram->pages;
}

static inline const struct content *slot_at(const struct ram *ram, pfn_t pfn) {
    static const struct content zeros;
    const struct ram_chunk *c = pfn < ram->pages ? ram->chunk[pfn >> RAM_CHUNK_SHIFT] : NULL;
    if (c) return &c->slot[pfn & (RAM_CHUNK_PAGES - 1)];
    const uint32_t *at = ram->sparse ? map64_get(&ram->sparse->place, pfn) : NULL;
    return at ? &ram->sparse->slot[*at] : &zeros;
}

uint64_t ram_pages_made(const struct ram *ram) {
    uint64_t n = 0;
    for (size_t i = 0; ram->sparse && i < ram->sparse->used; i++) n += ram->sparse->slot[i].made != NULL;
    for (pfn_t p = 0; p < ram->pages; p++) n += slot_at(ram, p)->made != NULL;
    return n;
}

uint64_t ram_bytes_written(const struct ram *ram) { return ram->written; }

static bool sparse_holds(const struct sparse *s, paddr_t pa, unsigned bytes) {
    return pa >= s->low && pa <= s->high && s->high - pa >= bytes - 1;
}

static inline bool holds(const struct ram *ram, paddr_t pa, unsigned bytes) {
    uint64_t offset = pa & low_bits(ram->page_shift);
    bool there = pa_to_pfn(pa, ram->page_shift) < ram->pages ||
                 (ram->sparse && sparse_holds(ram->sparse, pa, bytes));
    return there && offset + bytes <= (uint64_t)1 << ram->page_shift;
}

bool ram_holds(const struct ram *ram, paddr_t pa, unsigned bytes) { return holds(ram, pa, bytes); }

uint64_t ram_read(const struct ram *ram, paddr_t pa, unsigned bytes) {
    if (!holds(ram, pa, bytes)) return 0;
    const struct content *c = slot_at(ram, pa_to_pfn(pa, ram->page_shift));
    unsigned offset = (unsigned)(pa & low_bits(ram->page_shift));
    if (c->made) return ram_load(&c->made->byte[offset], bytes);
    uint64_t v = 0;
    for (unsigned i = 0; c->seed && i < bytes; i++) v |= (uint64_t)content_byte(c, offset + i) << (8 * i);
    return v;
}

/* ---- changing ---- */

/* The chunk that holds pfn, made and owned by this RAM alone; NULL: no memory. */
static struct ram_chunk *own_chunk(struct ram *ram, pfn_t pfn) {
    struct ram_chunk **at = &ram->chunk[pfn >> RAM_CHUNK_SHIFT];
    if (*at && (*at)->owners == 1) return *at;
    struct ram_chunk *c = *at ? mem_copy(*at, 1, sizeof *c) : mem_zalloc(1, sizeof *c);
    if (!c) return NULL;
    c->owners = 1;
    ram->written += sizeof *c;
    if (*at)
        for (uint64_t i = 0; i < RAM_CHUNK_PAGES; i++) content_ref(c->slot[i]);
    chunk_drop(*at);
    return *at = c;
}

/* The slot of a page that this RAM holds, owned by it alone; NULL: no memory. */
static inline struct content *own_slot(struct ram *ram, pfn_t pfn) {
    if (pfn >= ram->pages) return sparse_own(ram->sparse, pfn);
    struct ram_chunk *c = own_chunk(ram, pfn);
    return c ? &c->slot[pfn & (RAM_CHUNK_PAGES - 1)] : NULL;
}

enum vs_status ram_write(struct ram *ram, paddr_t pa, unsigned bytes, uint64_t value) {
    if (!holds(ram, pa, bytes)) return VS_LIMIT;
    struct content *slot = own_slot(ram, pa_to_pfn(pa, ram->page_shift));
    const struct ram_page *had = slot ? slot->made : NULL;
    struct ram_page *p = slot ? content_own(slot, 1u << ram->page_shift) : NULL;
    if (!p) return VS_NOMEM;
    if (p != had) ram->written += sizeof *p + p->bytes;
    unsigned offset = (unsigned)(pa & low_bits(ram->page_shift));
    ram_store(&p->byte[offset], bytes, value);
    return VS_OK;
}

struct content ram_take(const struct ram *ram, pfn_t pfn) { return content_ref(*slot_at(ram, pfn)); }

/* Some of that page, at least. */
static bool holds_page(const struct ram *ram, pfn_t pfn) {
    const struct sparse *s = ram->sparse;
    return pfn < ram->pages || (s && pfn >= pa_to_pfn(s->low, ram->page_shift) &&
                                pfn <= pa_to_pfn(s->high, ram->page_shift));
}

enum vs_status ram_put(struct ram *ram, pfn_t pfn, struct content c) {
    bool held = holds_page(ram, pfn);
    if (!c.made && !c.seed && ram_untouched(ram, pfn)) return VS_OK;
    struct content *slot = held ? own_slot(ram, pfn) : NULL;
    if (!slot) {
        content_drop(&c);
        return held ? VS_NOMEM : VS_LIMIT;
    }
    content_drop(slot);
    *slot = c;
    return VS_OK;
}

static bool pages_equal(const struct ram *a, const struct ram *b, pfn_t pfn) {
    return content_equal(slot_at(a, pfn), slot_at(b, pfn), 1u << a->page_shift);
}

/* Is every page that `a` has written the same in b? */
static bool sparse_within(const struct ram *a, const struct ram *b) {
    const struct map64 *m = &a->sparse->place;
    for (size_t i = 0; i < m->cap; i++)
        if (m->key[i] != UINT64_MAX && !pages_equal(a, b, m->key[i])) return false;
    return true;
}

bool ram_equal(const struct ram *a, const struct ram *b) {
    if (a->page_shift != b->page_shift || a->pages != b->pages || !a->sparse != !b->sparse) return false;
    if (a->sparse)
        return a->sparse->low == b->sparse->low && a->sparse->high == b->sparse->high &&
               sparse_within(a, b) && sparse_within(b, a);
    for (uint64_t i = 0; i < a->chunks; i++) {
        if (a->chunk[i] == b->chunk[i]) continue;
        for (pfn_t p = i << RAM_CHUNK_SHIFT; p < (i + 1) << RAM_CHUNK_SHIFT && p < a->pages; p++)
            if (!pages_equal(a, b, p)) return false;
    }
    return true;
}
