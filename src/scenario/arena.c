/* arena.c - chunks of memory, filled from the front, freed together.
 *
 * A scenario has thousands of short strings that live exactly as long as it
 * does; one arena spares their bookkeeping and makes freeing them one call. */
#include "scenario/arena.h"

#include "vmscope/base/memory.h"
#include <stdalign.h>

#define CHUNK_BYTES ((size_t)64 << 10)

struct arena_chunk {
    struct arena_chunk *older;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

static size_t round_up(size_t n) {
    const size_t unit = alignof(max_align_t);
    return (n + unit - 1) / unit * unit;
}

static struct arena_chunk *chunk_create(size_t size) {
    struct arena_chunk *c = mem_zalloc(1, sizeof *c + size);
    if (c) c->size = size;
    return c;
}

void *arena_alloc(struct arena *a, size_t size) {
    if (size > SIZE_MAX / 2) return NULL;
    size = round_up(size ? size : 1);
    struct arena_chunk *c = a->newest;
    if (!c || c->size - c->used < size) {
        c = chunk_create(size > CHUNK_BYTES ? size : CHUNK_BYTES);
        if (!c) return NULL;
        c->older = a->newest;
        a->newest = c;
    }
    void *p = c->bytes + c->used;
    c->used += size;
    return p;
}

char *arena_strdup(struct arena *a, const char *s) {
    size_t n = strlen(s) + 1;
    char *copy = arena_alloc(a, n);
    if (copy) memcpy(copy, s, n);
    return copy;
}

void arena_free(struct arena *a) {
    for (struct arena_chunk *c = a->newest, *older; c; c = older) {
        older = c->older;
        free(c);
    }
    a->newest = NULL;
}
