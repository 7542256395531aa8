/* memory.c - every allocation of the library goes through here.
 *
 * So that sizes are multiplied with an overflow check in one place, and so that
 * tests can make any single allocation fail (mem_fail_at) and see that its
 * caller stays whole. The countdown is the library's only changing global; it
 * is touched by tests alone.
 */
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static unsigned long fail_in; /* allocations until one fails; 0: never */

void mem_fail_at(unsigned long n) { fail_in = n; }

static bool must_fail(void) { return fail_in > 0 && --fail_in == 0; }

void *mem_zalloc(size_t count, size_t size) {
    if (must_fail() || (size && count > PTRDIFF_MAX / size)) return NULL; /* no object is larger */
    return count && size ? calloc(count, size) : calloc(1, 1);
}

void *mem_copy(const void *p, size_t count, size_t size) {
    void *copy = mem_zalloc(count, size);
    if (copy && count && size) memcpy(copy, p, count * size);
    return copy;
}

char *mem_strdup(const char *s) { return mem_copy(s, strlen(s) + 1, 1); }

/* New elements are zero. Large arrays grow by an eighth: doubling would waste what they do not need,
 * and the system moves their pages without copying them. */
#define LARGE ((size_t)1 << 20)
bool mem_grow(void **array, size_t *cap, size_t need, size_t size) {
    if (need <= *cap) return true;
    if (size == 0 || need > PTRDIFF_MAX / size / 2 || must_fail()) return false;
    size_t to = *cap ? *cap : 8;
    while (to < need) to += to * size < LARGE ? to : to / 8;
    char *grown = realloc(*array, to * size);
    if (!grown) return false;
    memset(grown + *cap * size, 0, (to - *cap) * size);
    *array = grown;
    *cap = to;
    return true;
}

/* ---- how much is left ---- */

/* The number after `key` in a file of /proc, or `otherwise`. */
static uint64_t proc_number(const char *path, const char *key, uint64_t otherwise) {
    FILE *f = fopen(path, "r");
    if (!f) return otherwise;
    char line[256];
    uint64_t value = otherwise;
    size_t len = strlen(key);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, key, len) == 0) {
            value = strtoull(line + len, NULL, 10);
            break;
        }
    fclose(f);
    return value;
}

uint64_t mem_available(void) {
    uint64_t left = proc_number("/proc/meminfo", "MemAvailable:", UINT64_C(1) << 20) * 1024;
    struct rlimit limit; /* `ulimit -v` counts address space; the process has used some of it */
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        uint64_t used = proc_number("/proc/self/status", "VmSize:", 0) * 1024;
        uint64_t allowed = limit.rlim_cur > used ? (uint64_t)limit.rlim_cur - used : 0;
        if (allowed < left) left = allowed;
    }
    return left;
}

/* ---- map64: linear probing, at most three quarters full ---- */

#define EMPTY UINT64_MAX

/* The place of `key`, or the empty one where it would go. cap > 0. */
static size_t probe(const struct map64 *m, uint64_t key) {
    size_t i = (size_t)rng_mix(key) & (m->cap - 1);
    while (m->key[i] != key && m->key[i] != EMPTY) i = (i + 1) & (m->cap - 1);
    return i;
}

static bool rehash(struct map64 *m, size_t cap) {
    struct map64 old = *m;
    uint64_t *key = mem_zalloc(cap, sizeof *key);
    uint32_t *value = mem_zalloc(cap, sizeof *value);
    if (!key || !value) {
        free(key);
        free(value);
        return false;
    }
    memset(key, 0xff, cap * sizeof *key); /* EMPTY everywhere */
    *m = (struct map64){key, value, cap, old.used};
    for (size_t i = 0; i < old.cap; i++) {
        if (old.key[i] == EMPTY) continue;
        size_t to = probe(m, old.key[i]);
        key[to] = old.key[i];
        value[to] = old.value[i];
    }
    map64_free(&old);
    return true;
}

bool map64_put(struct map64 *m, uint64_t key, uint32_t value) {
    if (key == EMPTY) return false;
    uint32_t *there = map64_get(m, key);
    if (there) {
        *there = value;
        return true;
    }
    if (m->used + 1 > m->cap / 4 * 3 && !rehash(m, m->cap ? m->cap * 2 : 16)) return false;
    size_t i = probe(m, key);
    assert(m->key && m->value); /* cap is not 0 now */
    m->key[i] = key;
    m->value[i] = value;
    m->used++;
    return true;
}

uint32_t *map64_get(const struct map64 *m, uint64_t key) {
    if (m->cap == 0 || key == EMPTY) return NULL;
    size_t i = probe(m, key);
    return m->key[i] == key ? &m->value[i] : NULL;
}

bool map64_copy(struct map64 *to, const struct map64 *from) {
    *to = *from;
    if (from->cap == 0) return true;
    to->key = mem_copy(from->key, from->cap, sizeof *to->key);
    to->value = mem_copy(from->value, from->cap, sizeof *to->value);
    if (to->key && to->value) return true;
    map64_free(to);
    return false;
}

void map64_free(struct map64 *m) {
    free(m->key);
    free(m->value);
    *m = (struct map64){0};
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv). */
uint64_t hash_bytes(uint64_t h, const void *p, size_t n) {
    const unsigned char *byte = p;
    for (size_t i = 0; i < n; i++) h = (h ^ byte[i]) * UINT64_C(0x100000001b3);
    return h;
}
