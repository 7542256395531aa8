/* ram_state.h - RAM's state, and the word that is read or written on a page that was made.
 *
 *   chunk[pfn / 256] --> slot[pfn % 256] --> made --> bytes
 *
 * For ram.c, and for whoever reads page-table words all the time and cannot afford a call.
 */
#ifndef VMSCOPE_HW_RAM_STATE_H
#define VMSCOPE_HW_RAM_STATE_H

#include "vmscope/hw/ram.h"

#include <string.h>

#define RAM_CHUNK_SHIFT 8
#define RAM_CHUNK_PAGES ((uint64_t)1 << RAM_CHUNK_SHIFT)

struct ram_page {
    uint32_t owners;
    uint32_t bytes;
    uint8_t byte[];
};

struct ram_chunk {
    uint32_t owners;
    struct content slot[RAM_CHUNK_PAGES];
};

struct sparse;

struct ram {
    unsigned page_shift;
    uint64_t offset_mask;
    uint64_t pages, chunks; /* sparse: 0 */
    struct ram_chunk **chunk; /* [chunks] */
    struct sparse *sparse;  /* NULL: dense */
    uint64_t written;       /* bytes taken so far */
};

/* Words stand in RAM with the lowest byte first. Where the host has it so as well, the usual widths are one load or store
 * (compilers do not make one of the loop). */
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST_LITTLE_ENDIAN 1
#else
#define HOST_LITTLE_ENDIAN 0
#endif

static inline uint64_t ram_load(const uint8_t *p, unsigned bytes) {
    uint64_t v = 0;
    uint32_t half = 0;
    if (HOST_LITTLE_ENDIAN && bytes == sizeof v) {
        memcpy(&v, p, sizeof v);
    } else if (HOST_LITTLE_ENDIAN && bytes == sizeof half) {
        memcpy(&half, p, sizeof half);
        v = half;
    } else {
        for (unsigned i = 0; i < bytes; i++) v |= (uint64_t)p[i] << (8 * i);
    }
    return v;
}

static inline void ram_store(uint8_t *p, unsigned bytes, uint64_t v) {
    if (HOST_LITTLE_ENDIAN && bytes == sizeof v) memcpy(p, &v, sizeof v);
    else for (unsigned i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> (8 * i));
}

/* Where a word of that page of the dense kind would be; NULL: elsewhere, or it crosses the page's end. */
static inline struct ram_chunk *ram_chunk_at(const struct ram *ram, paddr_t pa, unsigned bytes) {
    pfn_t pfn = pa >> ram->page_shift;
    bool there = pfn < ram->pages && (pa & ram->offset_mask) + bytes <= ram->offset_mask + 1;
    return there ? ram->chunk[pfn >> RAM_CHUNK_SHIFT] : NULL;
}

static inline struct ram_page *ram_page_at(const struct ram *ram, const struct ram_chunk *c, paddr_t pa) {
    return c->slot[pa >> ram->page_shift & (RAM_CHUNK_PAGES - 1)].made;
}

/* ram_read and ram_write. */
static inline uint64_t ram_word(const struct ram *ram, paddr_t pa, unsigned bytes) {
    const struct ram_chunk *c = ram_chunk_at(ram, pa, bytes);
    const struct ram_page *p = c ? ram_page_at(ram, c, pa) : NULL;
    return p ? ram_load(&p->byte[pa & ram->offset_mask], bytes) : ram_read(ram, pa, bytes);
}

static inline enum vs_status ram_set_word(struct ram *ram, paddr_t pa, unsigned bytes, uint64_t value) {
    struct ram_chunk *c = ram_chunk_at(ram, pa, bytes);
    struct ram_page *p = c && c->owners == 1 ? ram_page_at(ram, c, pa) : NULL;
    if (!p || p->owners != 1) return ram_write(ram, pa, bytes, value);
    ram_store(&p->byte[pa & ram->offset_mask], bytes, value);
    return VS_OK;
}

/* Does the page, of the dense kind, hold zeros that nobody has written? */
static inline bool ram_untouched(const struct ram *ram, pfn_t pfn) {
    if (pfn >= ram->pages) return false;
    const struct ram_chunk *c = ram->chunk[pfn >> RAM_CHUNK_SHIFT];
    return !c || (!c->slot[pfn & (RAM_CHUNK_PAGES - 1)].made && !c->slot[pfn & (RAM_CHUNK_PAGES - 1)].seed);
}

/* ram_put of what another owner keeps as well; of zeros. */
static inline enum vs_status ram_share(struct ram *ram, pfn_t pfn, const struct content *c) {
    if (!c->made && !c->seed && ram_untouched(ram, pfn)) return VS_OK;
    return ram_put(ram, pfn, content_ref(*c));
}
static inline enum vs_status ram_clear(struct ram *ram, pfn_t pfn) {
    return ram_untouched(ram, pfn) ? VS_OK : ram_put(ram, pfn, (struct content){0});
}

#endif
