/* memory.h - allocation with overflow checks, and an open-addressing map. */
#ifndef VMSCOPE_BASE_MEMORY_H
#define VMSCOPE_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* count x size zeroed bytes; NULL when the product overflows or memory is out.
 * count 0 gives a valid pointer. */
void *mem_zalloc(size_t count, size_t size);
/* A copy of count x size bytes, or NULL. */
void *mem_copy(const void *p, size_t count, size_t size);
/* Make room for `need` elements in a growing array: *array and *cap are
 * updated, doubling (large ones grow slower); new elements are zero. False when memory is out (array as before). */
bool mem_grow(void **array, size_t *cap, size_t need, size_t size);
char *mem_strdup(const char *s);

/* Bytes this process can still allocate, as the kernel says (a guess of 1 GiB where it does not). */
uint64_t mem_available(void);

/* Tests make the n-th allocation from now fail (n >= 1); 0 turns it off. */
void mem_fail_at(unsigned long n);

/* 64-bit keys to 32-bit values; key UINT64_MAX is not allowed. */
struct map64 {
    uint64_t *key;
    uint32_t *value;
    size_t cap, used; /* cap is a power of two or 0 */
};
bool map64_put(struct map64 *m, uint64_t key, uint32_t value); /* false: no memory */
/* The value's place, or NULL. Valid until the next put. */
uint32_t *map64_get(const struct map64 *m, uint64_t key);
bool map64_copy(struct map64 *to, const struct map64 *from); /* `to` is empty; false: no memory, and still empty */
void map64_free(struct map64 *m);

/* FNV-1a over bytes, chained: start with HASH_START. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t hash_bytes(uint64_t h, const void *p, size_t n);
static inline uint64_t hash_u64(uint64_t h, uint64_t v) { return hash_bytes(h, &v, sizeof v); }

#endif
