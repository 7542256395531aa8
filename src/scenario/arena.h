/* arena.h - memory that is freed all at once: the strings of a scenario. */
#ifndef VMSCOPE_SCENARIO_ARENA_H
#define VMSCOPE_SCENARIO_ARENA_H

#include <stddef.h>

struct arena_chunk;
struct arena {
    struct arena_chunk *newest;
};

/* `size` zeroed bytes, aligned for any type; NULL: no memory. Lives until arena_free. */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
void arena_free(struct arena *a);

#endif
